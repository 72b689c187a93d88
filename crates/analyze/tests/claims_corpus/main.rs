//! Two hundred synthetic abstracts, half of them with an error in print: how many
//! errors are found, and how often nothing is found where nothing is wrong.
//!
//! Patients are simulated, their summaries computed by the estimators that are
//! checked against R, and printed; then one number is changed. Nothing of the
//! examinations is used.

mod draw;
mod errors;
mod patients;
mod printed;

use std::collections::BTreeMap;

use restudy_analyze::claims::examine;
use serde_json::json;
use study::{Claim, Examined, Standing, StudySettings};

use draw::Draw;
use errors::CLASSES;
use printed::Abstract;

fn settings() -> StudySettings {
    let settings = json!({
        "title": "A trial", "data_status": "simulated", "patient": "patient",
        "analysis_table": "analysis", "days_per_month": patients::DAYS_PER_MONTH,
    });
    serde_json::from_value(settings).expect("settings")
}

fn contradictions(printed: &Abstract) -> Vec<Examined> {
    let claims: Vec<(String, Claim)> = (printed.0.iter())
        .map(|(name, claim)| {
            (name.clone(), serde_json::from_value(claim.clone()).expect("a claim"))
        })
        .collect();
    let examination = examine(&claims, &[], &settings());
    examination.0.into_iter().filter(|one| one.standing == Standing::Contradiction).collect()
}

fn simulated(seed: u64) -> (Abstract, Draw) {
    let mut draw = Draw::seeded(seed);
    let patients = patients::simulate(&mut draw);
    // abstracts with their tables, and abstracts alone
    // Every second one, so that both are as many.
    let is_full = seed.is_multiple_of(2);
    (printed::print(&patients, is_full, &mut draw), draw)
}

/// An abstract with an error of a class that it has room for, and the changed claim.
fn mistaken(seed: u64) -> (Abstract, String, &'static str) {
    let (mut printed, mut draw) = simulated(seed);
    // From a class that goes with the seed on, until one has room.
    for turn in 0.. {
        let (class, plant) = CLASSES[(seed as usize + turn) % CLASSES.len()];
        if let Some(name) = plant(&mut printed, &mut draw) {
            return (printed, name, class);
        }
    }
    unreachable!("some class has room")
}

#[test]
fn errors_are_found_and_nothing_else() {
    // Other seeds than below, so that no study is both clean and mistaken.
    let clean = 1..=100u64;
    let false_alarms: Vec<String> = clean
        .filter_map(|seed| {
            let found = contradictions(&simulated(seed).0);
            (!found.is_empty()).then(|| format!("{seed}: {found:?}"))
        })
        .collect();
    let mut by_class: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let mut missed = Vec::new();
    for seed in 1001..=1100u64 {
        let (printed, claim, class) = mistaken(seed);
        // Found means that the changed claim is among those that contradict.
        let is_found = contradictions(&printed).iter().any(|one| one.claims.contains(&claim));
        let (found, all) = by_class.entry(class).or_default();
        *found += u32::from(is_found);
        *all += 1;
        if !is_found {
            missed.push(format!("{seed}: {class}, {claim}: {}", printed.0[&claim]));
        }
    }
    // Rounding may make two numbers contradict by bad luck; more often would be a fault.
    assert!(false_alarms.len() <= 2, "{} false alarms: {false_alarms:#?}", false_alarms.len());
    assert!(missed.len() <= 5, "missed {}: {missed:#?}\n{by_class:#?}", missed.len());
    // A class that is never planted would go untested.
    assert!(by_class.len() >= 12, "{by_class:#?}");
}
