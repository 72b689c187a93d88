//! rt_courses: radiotherapy before, during and after immunotherapy; only the second counts as exposure.

use crate::patients::Patient;
use crate::random::Random;
use crate::table::Table;
use crate::therapy::{Radiation, course};

use super::{decimal, iso, yes_no};

pub(super) fn fill(table: &mut Table, patient: &Patient, random: &mut Random) {
    let mut courses = Vec::new();
    if random.chance(0.1) {
        let before = course(patient.recurrence + 5, random);
        // it must be over before the first dose, or it would count as exposure
        courses.extend((before.stop() < 0).then_some(before));
    }
    courses.extend(patient.radiation.clone());
    let (days, _) = patient.outcome.overall_survival();
    // after the last dose a course is no exposure either: rules that do not look at
    // dates are caught
    if let Some(stop) = patient.treatment_stop.filter(|stop| stop + 100 < days)
        && random.chance(0.3)
    {
        courses.push(course(stop + random.integer(8, 40) as i32, random));
    }
    for (index, radiation) in courses.iter().enumerate() {
        push(table, patient, index + 1, radiation, random);
    }
}

fn push(
    table: &mut Table,
    patient: &Patient,
    instance: usize,
    radiation: &Radiation,
    random: &mut Random,
) {
    // tenths are whole numbers, so dose and fractions fit exactly
    let gray = |decigray: i32| decimal(f64::from(decigray) / 10.0, 1);
    let local = matches!(radiation.site, "primary" | "lymph_nodes");
    table.push(&[
        ("record_id", patient.record_id.clone()),
        ("instance", instance.to_string()),
        ("site", radiation.site.to_owned()),
        ("intent", radiation.intent.to_owned()),
        ("technique", radiation.technique.to_owned()),
        ("dose", gray(radiation.dose_decigray())),
        ("dose_unit", "Gy".to_owned()),
        ("fractions", radiation.fractions.to_string()),
        ("dose_per_fraction_gy", gray(radiation.fraction_decigray)),
        ("start_date", iso(patient.on(radiation.start))),
        ("stop_date", iso(patient.on(radiation.stop()))),
        ("overlaps_prior_field", yes_no(local && random.chance(0.4))),
    ]);
}
