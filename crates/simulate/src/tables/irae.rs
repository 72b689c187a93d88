//! irae: immune-related adverse events.

use crate::patients::{Exclusion, Patient};
use crate::random::Random;
use crate::table::Table;

use super::{iso, yes_no};

const TERMS: [(&str, f64); 8] = [
    ("Hypothyroidism", 0.3),
    ("Rash maculo-papular", 0.24),
    ("Pneumonitis", 0.14),
    ("Diarrhea", 0.1),
    ("Hepatitis, immune-mediated", 0.08),
    ("Arthritis", 0.06),
    ("Adrenal insufficiency", 0.05),
    ("Myocarditis", 0.03),
];

pub(super) fn fill(table: &mut Table, patient: &Patient, random: &mut Random) {
    let (last, _) = patient.outcome.overall_survival();
    // without the treatment it has no adverse events, and a short life leaves no room
    // for their dates
    if patient.exclusion == Some(Exclusion::NoImmunotherapy) || last < 60 {
        return;
    }
    let count = random.weighted(&[(0, 0.66), (1, 0.25), (2, 0.09)]);
    let mut onset = 14;
    for instance in 1..=count {
        // 20 days before the end at the latest, as an event lasts up to 18
        onset = (onset + random.exponential(70.0) as i32).min(last - 20);
        let grade = random.weighted(&[(1, 0.42), (2, 0.38), (3, 0.16), (4, 0.04)]);
        let resolution = random.weighted(&[
            ("resolved", 0.6),
            ("ongoing", 0.3),
            ("resolved_with_sequelae", 0.1),
        ]);
        let ended = onset + random.integer(7, 18) as i32;
        let ended = if resolution == "ongoing" { String::new() } else { iso(patient.on(ended)) };
        table.push(&[
            ("record_id", patient.record_id.clone()),
            ("instance", instance.to_string()),
            ("term", random.weighted(&TERMS).to_owned()),
            ("ctcae_grade", grade.to_string()),
            ("onset_date", iso(patient.on(onset))),
            // from grade 3 on steroids are the rule
            ("steroid", yes_no(grade >= 3 || grade == 2 && random.chance(0.4))),
            ("resolution", resolution.to_owned()),
            ("resolved_date", ended),
        ]);
    }
}
