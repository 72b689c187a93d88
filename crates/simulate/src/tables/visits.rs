//! visits: performance status and weight in clinic.

use crate::patients::Patient;
use crate::random::Random;
use crate::table::Table;

use super::{decimal, iso, latent};

pub(super) fn fill(table: &mut Table, patient: &Patient, random: &mut Random) {
    // about 36%, 52% and 12% have a status of 0, 1 and 2
    let frailty = latent(patient, 0.4, random);
    let baseline = if frailty < -0.35 {
        0
    } else if frailty < 1.2 {
        1
    } else {
        2
    };
    let mut weight = (66.0 + 10.0 * random.normal() - 2.0 * patient.risk).clamp(38.0, 110.0);
    let (last, died) = patient.outcome.overall_survival();
    let days = [-(random.integer(0, 9) as i32), 21, 42, 84, 168, 252];
    for (index, day) in days.into_iter().filter(|day| *day < last).enumerate() {
        // in the last two months of life the status falls
        let worse = i32::from(died && last - day < 60 || random.chance(0.12));
        // 5 would be death
        let ecog = if index == 0 { baseline } else { (baseline + worse).min(4) };
        table.push(&[
            ("record_id", patient.record_id.clone()),
            ("instance", (index + 1).to_string()),
            ("visit_date", iso(patient.on(day))),
            ("ecog", ecog.to_string()),
            ("weight_kg", decimal(weight, 1)),
        ]);
        weight *= libm::exp(0.02 * random.normal() - 0.004);
    }
}
