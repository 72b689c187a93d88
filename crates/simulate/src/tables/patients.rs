//! patients: who was screened.

use crate::calendar::{completed_years, days_between, plus_days};
use crate::patients::{Exclusion, Patient};
use crate::random::Random;
use crate::table::Table;

use super::{decimal, iso, or_missing, whole};

pub(super) fn fill(table: &mut Table, patient: &Patient, random: &mut Random) {
    let male = random.chance(0.8);
    let (height, spread) = if male { (170.0, 6.0) } else { (159.0, 5.5) };
    let height = height + spread * random.normal();
    // patients at a high risk are leaner
    let mass_index = 22.0 + 3.0 * random.normal() - 0.7 * patient.risk;
    let weight = mass_index.clamp(15.5, 36.0) * height * height / 10_000.0;
    let (smoking, pack_years) = smoking(patient, male, random);
    let alcohol = random.weighted(&[("none", 0.35), ("moderate", 0.4), ("heavy", 0.25)]);
    // the other reasons follow from the tumour, the treatment or the scans and are not
    // noted
    let exclusion = match patient.exclusion {
        Some(Exclusion::ConsentWithdrawn) => "consent_withdrawn",
        Some(Exclusion::SecondCancer) => "second_active_cancer",
        _ => "",
    };
    let screened_on = plus_days(patient.start, -(random.integer(3, 24) as i32));
    table.push(&[
        ("record_id", patient.record_id.clone()),
        // ten hexadecimal digits of 40 bits: two patients have the same one practically
        // never
        ("mrn_hash", format!("{:010x}", random.integer(0, (1 << 40) - 1))),
        ("screened_on", iso(screened_on)),
        ("date_of_birth", iso(date_of_birth(patient, random))),
        ("sex", if male { "male" } else { "female" }.to_owned()),
        ("height_cm", whole(height)),
        ("weight_kg", decimal(weight, 1)),
        ("smoking_status", smoking.to_owned()),
        ("smoking_pack_years", or_missing(pack_years.to_string(), 0.04, random)),
        ("alcohol", or_missing(alcohol.to_owned(), 0.05, random)),
        ("exclusion", exclusion.to_owned()),
    ]);
}

/// A birth date on which completed years and days / 365.25 agree at the first dose.
fn date_of_birth(patient: &Patient, random: &mut Random) -> jiff::civil::Date {
    loop {
        let age = (60.0 + 9.0 * random.normal()).clamp(27.0, 88.0);
        let birth = plus_days(patient.start, -(age * 365.25) as i32);
        let by_days = (f64::from(days_between(birth, patient.start)) / 365.25) as i32;
        let years = completed_years(birth, patient.start);
        // nor within three days of it, so no rounding decides an age
        let near = [-3, 3].map(|step| completed_years(birth, plus_days(patient.start, step)));
        if by_days == years && near == [years; 2] {
            return birth;
        }
    }
}

fn smoking(patient: &Patient, male: bool, random: &mut Random) -> (&'static str, i64) {
    let never = match (patient.p16 == "positive", male) {
        (true, _) => 0.5,
        (false, true) => 0.15,
        (false, false) => 0.6,
    };
    // p16-positive cancers are less often due to smoking
    if random.chance(never) {
        return ("never", 0);
    }
    let status = random.weighted(&[("former", 0.6), ("current", 0.4)]);
    let pack_years = 32.0 + 14.0 * random.normal() + 4.0 * patient.risk;
    (status, libm::round(pack_years.clamp(2.0, 95.0)) as i64)
}
