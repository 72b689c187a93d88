//! labs: blood samples before and during treatment.

use crate::patients::Patient;
use crate::random::Random;
use crate::table::Table;

use super::{decimal, iso, latent, or_missing, whole};

pub(super) fn fill(table: &mut Table, patient: &Patient, random: &mut Random) {
    let level = Levels::draw(patient, random);
    for (index, day) in days(patient, random).into_iter().enumerate() {
        let date = iso(patient.on(day));
        table.push(&[("record_id", patient.record_id.clone()), ("lab_date", date)]);
        let values = level.sample(index + 1, random);
        // the values have no code lists, so they are the same in the export and after
        // cleaning
        let row = table.rows.len() - 1;
        for (column, value) in values {
            let index = table.index(column);
            let cell = &mut table.rows[row].cells[index];
            (cell.raw, cell.clean) = (value.clone(), value);
        }
    }
}

/// A patient's own levels, about which the samples vary.
struct Levels {
    neutrophils: f64,
    lymphocytes: f64,
    hemoglobin: f64,
    platelets: f64,
    albumin: f64,
    ldh: f64,
    crp: f64,
    upper_limit: i32,
}

impl Levels {
    fn draw(patient: &Patient, random: &mut Random) -> Self {
        // one latent value moves all of them, so that neutrophils, albumin and CRP go
        // together as in patients
        let inflamed = latent(patient, 0.5, random);
        let mut about = |centre: f64, by_inflammation: f64, own: f64| {
            // on the scale of logarithms, as laboratory values are skew and never negative
            centre * libm::exp(by_inflammation * inflamed + own * random.normal())
        };
        Self {
            neutrophils: about(4.7, 0.22, 0.22).clamp(1.2, 18.0),
            lymphocytes: about(1.15, -0.2, 0.3).clamp(0.2, 4.0),
            hemoglobin: about(122.0, -0.06, 0.08).clamp(72.0, 168.0),
            platelets: about(240.0, 0.08, 0.25).clamp(60.0, 620.0),
            albumin: about(38.5, -0.075, 0.05).clamp(22.0, 50.0),
            ldh: about(222.0, 0.14, 0.22).clamp(95.0, 1200.0),
            crp: about(9.0, 0.6, 0.7).clamp(0.3, 200.0),
            // two assays, so that only the ratio to the limit can be compared
            upper_limit: random.weighted(&[(250, 0.75), (225, 0.25)]),
        }
    }

    fn sample(&self, instance: usize, random: &mut Random) -> Vec<(&'static str, String)> {
        let mut near = |level: f64, spread: f64| level * libm::exp(spread * random.normal());
        let drawn = [
            ("anc", decimal(near(self.neutrophils, 0.1), 2)),
            ("alc", decimal(near(self.lymphocytes, 0.1), 2)),
            ("hemoglobin", whole(near(self.hemoglobin, 0.03))),
            ("platelets", whole(near(self.platelets, 0.08))),
            ("albumin", decimal(near(self.albumin, 0.03), 1)),
            ("ldh", whole(near(self.ldh, 0.08))),
            ("crp", decimal(near(self.crp, 0.3), 1)),
            ("tsh", decimal(near(2.1, 0.5), 2)),
        ];
        let mut values: Vec<(&'static str, String)> = drawn
            .into_iter()
            .map(|(column, value)| {
                let probability = match column {
                    "ldh" => 0.06,
                    "crp" => 0.2,
                    "tsh" => 0.25,
                    _ => 0.02,
                };
                (column, or_missing(value, probability, random))
            })
            .collect();
        values.push(("instance", instance.to_string()));
        values.push(("ldh_upper_limit", self.upper_limit.to_string()));
        values.push(("alc_unit", "10^9/L".to_owned()));
        values.push(("albumin_unit", "g/L".to_owned()));
        values
    }
}

/// Sometimes weeks before, nearly always within the last two weeks, then on treatment.
fn days(patient: &Patient, random: &mut Random) -> Vec<i32> {
    let mut days = Vec::new();
    if random.chance(0.4) {
        // an older sample too, so that the latest one before the first dose must be chosen
        days.push(-(random.integer(17, 40) as i32));
    }
    // some patients have no sample in the last two weeks
    if random.chance(0.97) {
        days.push(-(random.integer(0, 13) as i32));
    }
    let (last, _) = patient.outcome.overall_survival();
    let later = [random.integer(19, 25), random.integer(60, 70)].map(|day| day as i32);
    days.extend(later.into_iter().filter(|day| *day < last));
    days
}
