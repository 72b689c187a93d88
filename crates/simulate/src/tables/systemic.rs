//! systemic: lines of palliative treatment, immunotherapy among them.

use crate::patients::{Exclusion, Patient};
use crate::random::Random;
use crate::table::Table;

use super::{iso, or_missing, yes_no};

/// Drug, usual dose in mg, days between doses, weight.
const DRUGS: [((&str, i32, i32), f64); 6] = [
    (("pembrolizumab", 200, 21), 0.38),
    (("nivolumab", 240, 14), 0.14),
    (("camrelizumab", 200, 21), 0.14),
    (("toripalimab", 240, 21), 0.14),
    (("tislelizumab", 200, 21), 0.12),
    (("sintilimab", 200, 21), 0.08),
];

pub(super) fn fill(table: &mut Table, patient: &Patient, random: &mut Random) {
    let line = patient.line;
    for earlier in 1..line {
        // the distance of lines that the day of recurrence left room for
        let start = patient.recurrence + 170 * (earlier - 1) + random.integer(10, 20) as i32;
        chemotherapy(table, patient, earlier, (start, start + random.integer(60, 110) as i32));
    }
    let (days, _) = patient.outcome.overall_survival();
    if patient.exclusion == Some(Exclusion::NoImmunotherapy) {
        // treated in this line too, but without a dose of immunotherapy
        chemotherapy(table, patient, line, (0, (random.integer(40, 120) as i32).min(days - 1)));
        return;
    }
    immunotherapy(table, patient, line, random);
    if let Some(stop) = patient.treatment_stop.filter(|stop| stop + 80 < days) {
        if random.chance(0.45) {
            let start = stop + random.integer(14, 45) as i32;
            chemotherapy(table, patient, line + 1, (start, start + random.integer(20, 30) as i32));
        } else if patient.exclusion.is_none() && random.chance(0.12) {
            rechallenge(table, patient, line + 1, stop + random.integer(30, 60) as i32);
        }
    }
}

fn immunotherapy(table: &mut Table, patient: &Patient, line: i32, random: &mut Random) {
    let (drug, dose, interval) = random.weighted(&DRUGS);
    let (days, died) = patient.outcome.overall_survival();
    let stop = patient.treatment_stop;
    let reason = match stop {
        None => "",
        // two years are 104 weeks
        Some(stop) if stop >= 728 => "completed",
        Some(stop) if stop >= patient.outcome.progression => "progression",
        Some(stop) if died && stop + 31 > days => "death",
        Some(_) => "toxicity",
    };
    let setting = match patient.exclusion {
        Some(Exclusion::CurativeSetting) => random.choose(&["neoadjuvant", "curative"]),
        _ => "palliative",
    };
    // one dose on the first day and one after each interval, up to what the dictionary
    // allows
    let doses = (stop.unwrap_or(days) / interval + 1).min(60);
    table.push(&[
        ("record_id", patient.record_id.clone()),
        ("instance", line.to_string()),
        ("line", line.to_string()),
        ("setting", setting.to_owned()),
        ("ici_drug", drug.to_owned()),
        ("dose_mg", dose.to_string()),
        ("concurrent_chemotherapy", yes_no(random.chance(if line == 1 { 0.5 } else { 0.3 }))),
        ("concurrent_anti_egfr", yes_no(random.chance(0.14))),
        ("start_date", iso(patient.start)),
        ("stop_date", stop.map_or_else(String::new, |stop| iso(patient.on(stop)))),
        ("cycles", or_missing(doses.to_string(), 0.02, random)),
        ("stop_reason", reason.to_owned()),
    ]);
}

fn chemotherapy(table: &mut Table, patient: &Patient, line: i32, (start, stop): (i32, i32)) {
    table.push(&[
        ("record_id", patient.record_id.clone()),
        ("instance", line.to_string()),
        ("line", line.to_string()),
        ("setting", "palliative".to_owned()),
        ("concurrent_chemotherapy", "yes".to_owned()),
        ("concurrent_anti_egfr", "no".to_owned()),
        ("start_date", iso(patient.on(start))),
        ("stop_date", iso(patient.on(stop))),
        ("cycles", ((stop - start) / 21 + 1).to_string()),
        ("stop_reason", "progression".to_owned()),
    ]);
}

/// A second immunotherapy later on: the first one stays the index.
fn rechallenge(table: &mut Table, patient: &Patient, line: i32, start: i32) {
    table.push(&[
        ("record_id", patient.record_id.clone()),
        ("instance", line.to_string()),
        ("line", line.to_string()),
        ("setting", "palliative".to_owned()),
        ("ici_drug", "nivolumab".to_owned()),
        ("dose_mg", "240".to_owned()),
        ("concurrent_chemotherapy", "no".to_owned()),
        ("concurrent_anti_egfr", "no".to_owned()),
        ("start_date", iso(patient.on(start))),
        ("cycles", "1".to_owned()),
    ]);
}
