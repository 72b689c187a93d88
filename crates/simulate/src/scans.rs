//! Lays out scans and target lesions that show a given course by RECIST 1.1.

use crate::outcome::{Ending, Outcome, Response};
use crate::random::Random;
use crate::recist::{Reading, classify};

/// A target lesion.
#[derive(Clone, Debug)]
pub struct Lesion {
    /// Organ, as the level name.
    pub organ: &'static str,
    /// Whether a radiation field given during immunotherapy covers it.
    pub irradiated: bool,
}

impl Lesion {
    /// Whether it is measured by its short axis.
    #[must_use]
    pub fn is_nodal(&self) -> bool {
        self.organ == "lymph_nodes"
    }
}

/// One scan.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Day from the first dose; the baseline's is not positive.
    pub day: i32,
    /// What it shows.
    pub reading: Reading,
    /// Organ of a new lesion.
    pub new_site: &'static str,
    /// The response, empty at baseline.
    pub response: &'static str,
}

/// What the layout needs to know of the disease.
#[derive(Clone, Debug)]
pub struct Disease {
    /// Target lesions, at least one.
    pub lesions: Vec<Lesion>,
    /// Whether there is disease beyond the target lesions.
    pub nontarget: bool,
    /// How the first progression shows, as the level name.
    pub progression_type: &'static str,
}

/// The baseline scan and every scan after it.
///
/// # Panics
/// When no sizes show the course, which a possible outcome excludes.
#[must_use]
pub fn lay_out(outcome: &Outcome, disease: &Disease, random: &mut Random) -> Vec<Scan> {
    let baseline = baseline(outcome, disease, random);
    let days = scan_days(outcome, random);
    let wanted = wanted_responses(outcome, days.len(), random);
    let mut scans = vec![baseline];
    for (day, response) in days.into_iter().zip(wanted) {
        // sizes are drawn until they show the wanted response, so the rule of responses is
        // written once
        let next = (0..4000).find_map(|_| attempt(&scans, day, response, outcome, disease, random));
        scans.push(next.expect("invariant: sizes exist for every wanted response"));
    }
    scans.extend(confirming_scan(&scans, outcome, random));
    scans
}

fn baseline(outcome: &Outcome, disease: &Disease, random: &mut Random) -> Scan {
    let size = |lesion: &Lesion, random: &mut Random| {
        // from 16 mm on, so that nodes are measurable by RECIST, which asks for 15 mm
        let largest = if lesion.is_nodal() { 42 } else { 58 };
        (lesion.is_nodal(), random.integer(16, largest) as i32)
    };
    let lesions = disease.lesions.iter().map(|lesion| size(lesion, random)).collect();
    let nontarget = if disease.nontarget { "non_cr_non_pd" } else { "none" };
    let earliest = if outcome.response == Response::Progressive { 21 } else { 26 };
    Scan {
        day: -(random.integer(1, earliest) as i32),
        reading: Reading { lesions, nontarget, new_lesion: false },
        new_site: "",
        response: "",
    }
}

/// Days of the scans after baseline, up to the one that ends progression-free survival.
fn scan_days(outcome: &Outcome, random: &mut Random) -> Vec<i32> {
    let (end, ending) = outcome.progression_free_survival();
    if outcome.response == Response::Progressive {
        // the first scan is the one that shows progression
        return vec![end];
    }
    let last = if ending == Ending::Death { outcome.last_scan().min(end - 1) } else { end };
    let gap = if ending == Ending::Progression { 14 } else { 28 };
    // six to eight weeks after the first dose where the course allows it
    let first = random.integer(42, i64::from((last - gap).clamp(43, 56))) as i32;
    let mut days = vec![first];
    loop {
        let latest = days[days.len() - 1];
        // every six to nine weeks in the first year, every eleven to fourteen weeks later
        let step = if latest > 365 { random.integer(77, 98) } else { random.integer(44, 63) };
        if latest + step as i32 > last - gap {
            break;
        }
        days.push(latest + step as i32);
    }
    // the response must be seen on a scan before the one with progression
    if outcome.response.is_objective() && ending == Ending::Progression && days.len() == 1 {
        days.push(random.integer(i64::from(first) + 28, i64::from(last) - 7) as i32);
    }
    // the course asks for a scan on its last day
    if last > days[days.len() - 1] {
        days.push(last);
    }
    days
}

fn wanted_responses(outcome: &Outcome, count: usize, random: &mut Random) -> Vec<&'static str> {
    let ends_in_progression = outcome.progression_free_survival().1 == Ending::Progression;
    let free = count - usize::from(ends_in_progression);
    // some responses come only at the second scan
    let lead = if free > 2 && random.chance(0.35) { 1 } else { 0 };
    let (before, best) = match outcome.response {
        Response::Complete => ("PR", "CR"),
        Response::Partial => ("SD", "PR"),
        Response::Stable => ("SD", "SD"),
        Response::Progressive => ("PD", "PD"),
    };
    let mut wanted: Vec<&'static str> =
        (0..free).map(|index| if index < lead { before } else { best }).collect();
    if ends_in_progression {
        wanted.push("PD");
    }
    wanted
}

/// One draw of a scan's sizes; none when they do not show the wanted response.
fn attempt(
    scans: &[Scan],
    day: i32,
    wanted: &'static str,
    outcome: &Outcome,
    disease: &Disease,
    random: &mut Random,
) -> Option<Scan> {
    let reading = match wanted {
        "PD" => progressing(scans, disease, random),
        _ => controlled(scans, wanted, outcome, disease, random),
    };
    let mut readings: Vec<Reading> = scans.iter().map(|scan| scan.reading.clone()).collect();
    let new_site = if reading.new_lesion { new_site(disease, random) } else { "" };
    readings.push(reading.clone());
    let response = *classify(&readings).last()?;
    (response == wanted).then_some(Scan { day, reading, new_site, response })
}

fn controlled(
    scans: &[Scan],
    wanted: &str,
    outcome: &Outcome,
    disease: &Disease,
    random: &mut Random,
) -> Reading {
    // shares of the baseline: up to 70% is partial, and stable disease stays short of
    // progression
    let goal = match wanted {
        "CR" => 0.0,
        "PR" => random.between(0.12, 0.68),
        _ => random.between(0.74, 1.1),
    };
    let latest = &scans[scans.len() - 1];
    // once reached, a response only wavers
    let settled = scans.len() > 2 && latest.response == wanted;
    let mut lesions = Vec::new();
    for (index, lesion) in disease.lesions.iter().enumerate() {
        let start = f64::from(scans[0].reading.lesions[index].1);
        let before = f64::from(latest.reading.lesions[index].1);
        // lesions in a field shrink more
        let local = if lesion.irradiated && outcome.radiotherapy { 0.85 } else { 1.0 };
        let size = if wanted == "CR" {
            // rounded, these stay below the 10 mm of a normal node
            if lesion.is_nodal() { random.between(4.0, 9.4).min(before) } else { 0.0 }
        } else if settled {
            before * random.between(0.92, 1.06)
        } else {
            start * goal * local * random.between(0.9, 1.1)
        };
        lesions.push((lesion.is_nodal(), whole(size)));
    }
    let nontarget = match (disease.nontarget, wanted) {
        (false, _) => "none",
        (true, "CR") => "complete_response",
        (true, _) => "non_cr_non_pd",
    };
    Reading { lesions, nontarget, new_lesion: false }
}

fn progressing(scans: &[Scan], disease: &Disease, random: &mut Random) -> Reading {
    let latest = &scans[scans.len() - 1];
    let spreads = disease.progression_type != "locoregional";
    let new_lesion = random.chance(if spreads { 0.8 } else { 0.35 });
    // a new lesion is progression by itself, without growth of the others
    let growth = if new_lesion && random.chance(0.5) { 1.05 } else { random.between(1.25, 1.8) };
    let mut lesions = Vec::new();
    for (index, lesion) in disease.lesions.iter().enumerate() {
        let before = f64::from(latest.reading.lesions[index].1);
        // lesions in a field grow less, so relapse is more often elsewhere
        let kept = if lesion.irradiated { 1.0 + (growth - 1.0) * 0.4 } else { growth };
        // small lesions could grow by a fifth and still miss the 5 mm
        let added = if growth > 1.2 && index == 0 { 5.0 } else { 0.0 };
        lesions.push((lesion.is_nodal(), whole(before * kept + added)));
    }
    let nontarget = match latest.reading.nontarget {
        "none" => "none",
        _ if random.chance(0.25) => "progression",
        same => same,
    };
    Reading { lesions, nontarget, new_lesion }
}

fn new_site(disease: &Disease, random: &mut Random) -> &'static str {
    if disease.progression_type == "locoregional" {
        random.choose(&["primary", "lymph_nodes"])
    } else {
        // twice as often as each of the others
        random.choose(&["lung", "lung", "liver", "bone", "other"])
    }
}

/// Some patients are scanned once more after progression, which cannot change it.
fn confirming_scan(scans: &[Scan], outcome: &Outcome, random: &mut Random) -> Option<Scan> {
    let last = scans.last().filter(|scan| scan.response == "PD")?;
    let day = last.day + random.integer(28, 56) as i32;
    // no scan on the day of death or after the last one known
    let lived = outcome.last_scan().min(outcome.death - 1);
    if day > lived || !random.chance(0.4) {
        return None;
    }
    // grown on from the scan before, so it is progression again
    let mut scan = Scan { day, ..last.clone() };
    for (_, size) in &mut scan.reading.lesions {
        *size += random.integer(1, 6) as i32;
    }
    let mut readings: Vec<Reading> = scans.iter().map(|scan| scan.reading.clone()).collect();
    readings.push(scan.reading.clone());
    scan.response = classify(&readings).last().copied().unwrap_or_default();
    Some(scan)
}

fn whole(size: f64) -> i32 {
    libm::round(size) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::first_draw;
    use crate::recist::best_response;

    #[test]
    fn every_course_is_shown_by_its_scans() {
        let mut random = Random::new(11, "scans");
        let responses =
            [Response::Complete, Response::Partial, Response::Stable, Response::Progressive];
        for round in 0..200 {
            let outcome = first_draw(round % 3 == 0, responses[round % 4], &mut random);
            let lesion = |organ| Lesion { organ, irradiated: round % 2 == 0 };
            let disease = Disease {
                lesions: vec![lesion("primary"), lesion("lymph_nodes")],
                nontarget: round % 5 == 0,
                progression_type: "locoregional",
            };
            let scans = lay_out(&outcome, &disease, &mut random);
            let shown: Vec<&'static str> = scans[1..].iter().map(|scan| scan.response).collect();
            assert_eq!(best_response(&shown), Some(outcome.response.code()), "{outcome:?}");
            let progression = scans.iter().find(|scan| scan.response == "PD").map(|scan| scan.day);
            let (days, ending) = outcome.progression_free_survival();
            assert_eq!(progression, (ending == Ending::Progression).then_some(days));
            assert!(scans.is_sorted_by_key(|scan| scan.day));
        }
    }
}
