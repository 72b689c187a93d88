//! followup: the last that is known of each patient.

use crate::outcome::Ending;
use crate::patients::{DeathRecord, Patient};
use crate::random::Random;
use crate::table::Table;

use super::iso;

pub(super) fn fill(table: &mut Table, patient: &Patient, random: &mut Random) {
    let (days, died) = patient.outcome.overall_survival();
    let ending = patient.outcome.progression_free_survival().1;
    let latest_scan = patient.scans.last().map_or(0, |scan| scan.day).max(1);
    let contact = match patient.death_record {
        // the last contact ends the follow-up of the living
        _ if !died => days,
        // known alive on the day of death, which is later than the 15th
        DeathRecord::MonthAfterContact => days,
        // not before the last scan, on which the patient was seen
        _ => (days - random.integer(1, 12) as i32).max(latest_scan).min(days),
    };
    let status = match died {
        true => "dead",
        false if random.chance(0.08) => "lost_to_follow_up",
        false => "alive",
    };
    let causes = [("cancer", 0.84), ("treatment_toxicity", 0.05), ("other", 0.11)];
    let cause = if died { random.weighted(&causes) } else { "" };
    // without a scan after the first dose nothing shows progression
    let progressed = ending == Ending::Progression && patient.scans.len() > 1;
    let progression = patient.outcome.progression;
    let next = ["paclitaxel, cetuximab", "docetaxel", "best supportive care", "clinical trial"];
    let when = |condition: bool, text: String| if condition { text } else { String::new() };
    table.push(&[
        ("record_id", patient.record_id.clone()),
        ("status", status.to_owned()),
        ("last_contact", iso(patient.on(contact))),
        ("death_date", when(died, iso(patient.on(days)))),
        ("cause_of_death", cause.to_owned()),
        ("progression_date", when(progressed, iso(patient.on(progression)))),
        ("progression_type", when(progressed, patient.disease.progression_type.to_owned())),
        // drawn for everybody, used where it applies
        ("next_line", when(progressed, random.choose(&next).to_owned())),
    ]);
}
