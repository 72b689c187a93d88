//! An abstract as R reads it, what findings say of claims, and what cannot be examined.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Call, Kind};
use serde_json::{Value, json};
use study::{Check, Claim, Examined, Finding, Output, Quantity, Standing};

use super::ClaimForensics;
use crate::analysis::Entry;
use crate::testing::{read_reference, settings, value};

fn claims(all: &Value) -> Vec<(String, Claim)> {
    let all = all.as_object().expect("claims by name");
    let read = all.iter().map(|(name, claim)| {
        let mut whole = json!({ "label": name, "quote": "x", "place": "abstract" });
        for (key, value) in claim.as_object().expect("a claim") {
            whole[key] = value.clone();
        }
        (name.clone(), serde_json::from_value(whole).expect("a claim"))
    });
    read.collect()
}

/// The entry on claims, and on the findings of an entry that they name.
fn run_beside(all: &Value, beside: Vec<Finding>) -> Output {
    let (study, claims) = (settings(), claims(all));
    let kind: Entry<ClaimForensics> = serde_json::from_value(json!({})).expect("no parameters");
    let call = |findings: Vec<Finding>| {
        let output = Output { findings, ..Output::default() };
        Call {
            name: "stage",
            study: &study,
            claims: &claims,
            provenance: None,
            seed: 0,
            tables: BTreeMap::new(),
            stages: vec![("beside".to_owned(), engine::Section::Analyze, Arc::new(output))],
            files: BTreeMap::new(),
            unknowns: engine::Unknowns::default(),
        }
    };
    let announced: Vec<Finding> = beside.iter().cloned().map(Finding::announced).collect();
    let announced = kind.rehearse(&call(announced)).expect("a rehearsal").findings;
    let output = kind.run(&call(beside)).expect("a run");
    for found in &output.findings {
        // A rehearsal sees the same claims, so that
        // everything must have been announced with its id.
        assert!(announced.iter().any(|one| one.announces(found)), "{} is new", found.id());
    }
    let ids: Vec<String> = output.findings.iter().map(Finding::id).collect();
    let mut once = ids.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "ids stand twice: {ids:?}");
    output
}

fn run(all: &Value) -> Output {
    run_beside(all, Vec::new())
}

fn examined(output: &Output) -> Vec<Examined> {
    output.figures.get::<study::Examination>().expect("an examination").0.clone()
}

/// The standing of a check of the claim that it is about first.
fn standing(output: &Output, check: Check, claim: &str) -> Option<Standing> {
    // Several checks of a kind may be of one claim; the worst of them is what a reader sees.
    let all = examined(output);
    let own = all.iter().filter(|one| one.check == check && one.claims[0] == claim);
    own.map(|one| one.standing).max()
}

fn published() -> Value {
    let share = |value: f64, of: &str, group: &str| {
        let part_of = (of == "response").then_some("control");
        json!({ "value": value, "decimals": 1, "unit": "percent",
            "about": { "statistic": "proportion", "of": of, "group": group, "part_of": part_of } })
    };
    let p = |value: f64, decimals: u8, of: &str| json!({ "value": value, "decimals": decimals, "about": { "statistic": "p_value", "of": of } });
    let median = |value: f64, of: &str, group: &str| {
        json!({ "value": value, "decimals": 1, "unit": "months",
            "about": { "statistic": "median", "of": of, "group": group } })
    };
    // The numbers of the published abstract, as they were printed.
    json!({
        "patients": { "value": 113, "about": { "statistic": "patients" } },
        "patients_rt": { "value": 37, "about": { "statistic": "patients", "group": "rt" } },
        "patients_no_rt": { "value": 76, "about": { "statistic": "patients", "group": "no_rt" } },
        "orr_rt": share(67.6, "response", "rt"),
        "orr_no_rt": share(39.5, "response", "no_rt"),
        "orr_p": p(0.009, 3, "response"),
        "dcr_rt": share(94.6, "control", "rt"),
        "dcr_no_rt": share(61.8, "control", "no_rt"),
        "dcr_p": p(0.001, 3, "control"),
        "pfs_rt": median(20.0, "pfs", "rt"),
        "pfs_no_rt": median(4.0, "pfs", "no_rt"),
        "pfs_p": p(0.00098, 5, "pfs"),
        "os_rt": { "not_reached": true, "about": { "statistic": "median", "of": "os", "group": "rt" } },
        "os_no_rt": median(26.0, "os", "no_rt"),
        "os_p": p(0.006, 3, "os"),
    })
}

#[test]
fn an_abstract_alone_agrees_with_r() {
    let output = run(&published());
    let reference: Value =
        serde_json::from_str(&read_reference("claim_forensics/values.json")).expect("JSON");
    let values = reference["values"].as_object().expect("values");
    // A file cut short would agree with anything.
    assert!(values.len() > 15);
    for (id, expected) in values {
        let (found, expected) = (value(&output, id), expected.as_f64().expect("a number"));
        assert!((found - expected).abs() <= 1e-9 * expected, "{id}: {found}, R {expected}");
    }
    for claim in ["orr_rt", "orr_no_rt", "dcr_rt", "dcr_no_rt"] {
        assert_eq!(value(&output, &format!("counts_that_fit.{claim}.counts_that_fit")), 1.0);
        assert_eq!(standing(&output, Check::CountsThatFit, claim), Some(Standing::Consistent));
    }
    // Yates' chi-square is the only test that prints both p-values
    let all = examined(&output);
    let one = all.iter().find(|one| one.check == Check::OneTestForAll).expect("two p-values");
    let tests: Vec<&str> = one.clues.iter().map(|clue| clue.name.as_str()).collect();
    assert_eq!(tests, ["tests_that_print_all", "yates"]);
    // nobody is missing in any percentage, and the medians are no exponential ones
    for (check, claim) in [(Check::Denominators, "orr_rt"), (Check::MediansAndP, "pfs_p")] {
        assert_eq!(standing(&output, check, claim), Some(Standing::Unusual), "{check:?}");
    }
    assert_eq!(value(&output, "contradiction"), 0.0);
    // medians of overall survival, one of them not reached, with nothing beside them
    assert_eq!(value(&output, "not_checkable"), 2.0);
}

/// What everybody and one group leave is the other group.
#[test]
fn the_last_group_is_what_the_others_leave() {
    let mut all = published();
    all.as_object_mut().expect("claims").remove("patients_no_rt");
    let output = run(&all);
    assert_eq!(value(&output, "counts_that_fit.orr_no_rt.n"), 76.0);
    let all = examined(&output);
    let fit =
        all.iter().find(|one| one.check == Check::CountsThatFit && one.claims[0] == "orr_no_rt");
    assert_eq!(fit.expect("examined").claims, ["orr_no_rt", "patients", "patients_rt"]);
    assert!(all.iter().any(|one| one.check == Check::PFromCounts));
}

/// The findings that claims name say what the numbers are of.
#[test]
fn findings_say_what_claims_are_of() {
    let finding = |statistic: &str, quantity, group: Option<&str>| {
        let mut finding = Finding::new("beside", "x", statistic, quantity, 1.0);
        finding.endpoint = (statistic != "n").then(|| "orr".to_owned());
        finding.method = match quantity {
            Quantity::Proportion => study::Procedure::Proportion.into(),
            _ => study::Method::default(),
        };
        match group {
            Some(group) => finding.in_group(group),
            None => finding,
        }
    };
    let beside = vec![
        finding("n", Quantity::Count, Some("a")),
        finding("n", Quantity::Count, Some("b")),
        finding("rate", Quantity::Proportion, Some("a")),
        finding("rate", Quantity::Proportion, Some("b")),
        finding("p_value", Quantity::PValue, None),
    ];
    let percent = |value: f64, id: &str| json!({ "value": value, "decimals": 1, "unit": "percent", "finding": id });
    let all = json!({
        "n_a": { "value": 37, "finding": "beside.n.a" },
        "n_b": { "value": 76, "finding": "beside.n.b" },
        "share_a": percent(67.6, "beside.rate.a"),
        "share_b": percent(39.6, "beside.rate.b"),
        "p": { "value": 0.009, "decimals": 3, "finding": "beside.p_value" },
    });
    let output = run_beside(&all, beside);
    assert_eq!(standing(&output, Check::CountsThatFit, "share_a"), Some(Standing::Consistent));
    // no count of 76 is 39.6%
    assert_eq!(standing(&output, Check::CountsThatFit, "share_b"), Some(Standing::Contradiction));
}

/// No concordance is a share of patients, and the ratios of two terms of a model are
/// not each other's.
#[test]
fn findings_that_are_of_something_else_are_told_apart() {
    let finding = |statistic: &str, quantity, variable: Option<&str>| {
        let mut finding = Finding::new("beside", "cox_model", statistic, quantity, 0.7);
        finding.endpoint = Some("os".to_owned());
        finding.method = study::Procedure::Cox.into();
        match variable {
            Some(variable) => {
                finding.reference = Some(format!("no_{variable}"));
                finding.of_variable(variable).at_level(variable)
            }
            None => finding,
        }
    };
    let beside = vec![
        finding("concordance", Quantity::Proportion, None),
        finding("hazard_ratio", Quantity::Ratio, Some("sex")),
        finding("hazard_ratio", Quantity::Ratio, Some("site")),
        finding("p_value", Quantity::PValue, Some("site")),
    ];
    let ratio = |id: &str, value: f64, lower: f64, upper: f64| json!({ "value": value, "lower": lower, "upper": upper, "decimals": 2, "finding": id });
    let all = json!({
        "n": { "value": 37, "about": { "statistic": "patients" } },
        "c": { "value": 0.71, "decimals": 2, "finding": "beside.concordance" },
        "sex": ratio("beside.hazard_ratio.sex.sex", 0.95, 0.70, 1.29),
        "site": ratio("beside.hazard_ratio.site.site", 0.50, 0.30, 0.83),
        "p": { "value": 0.008, "decimals": 3, "finding": "beside.p_value.site.site" },
    });
    let output = run_beside(&all, beside);
    assert_eq!(value(&output, "contradiction"), 0.0);
    let examined = examined(&output);
    let with_p: Vec<&str> = (examined.iter())
        .filter(|one| one.check == Check::LimitsAndP)
        .map(|one| one.claims[0].as_str())
        .collect();
    assert_eq!(with_p, ["site"]);
    assert!(examined.iter().all(|one| one.check != Check::CountsThatFit));
}

#[test]
fn what_cannot_be_examined_says_why() {
    let output = run(&json!({
        "unknown": { "value": 3 },
        "words": { "about": { "statistic": "hazard_ratio" } },
        "alone": { "value": 0.5, "decimals": 2, "about": { "statistic": "hazard_ratio", "of": "os" } },
        "adjusted": { "value": 0.05, "decimals": 2,
            "about": { "statistic": "p_value", "of": "os", "adjusted": true } },
    }));
    let lacks: Vec<String> =
        examined(&output).iter().map(|one| format!("{}: {:?}", one.claims[0], one.lack)).collect();
    assert_eq!(
        lacks,
        [
            "unknown: Some(Meaning)",
            "words: Some(Number)",
            "alone: Some(Counterpart)",
            "adjusted: Some(Adjusted)"
        ]
    );
}
