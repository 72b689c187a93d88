//! The raw tables, each built from the patients before any dirt.

mod assessments;
mod diagnosis;
mod followup;
mod irae;
mod labs;
mod patients;
mod prior_therapy;
mod rt_courses;
mod systemic;
mod visits;

use jiff::civil::Date;

use crate::patients::Patient;
use crate::random::Random;
use crate::schema::TABLES;
use crate::table::Table;

/// Every table, clean, in the order of the schema.
#[must_use]
pub fn build(screened: &[Patient], seed: u64) -> Vec<Table> {
    TABLES
        .iter()
        .map(|schema| {
            let mut table = Table::new(schema);
            // a stream for each table: what is drawn for one changes no other
            let mut random = Random::new(seed, schema.name);
            let fill = filler(schema.name);
            for patient in screened {
                fill(&mut table, patient, &mut random);
            }
            table
        })
        .collect()
}

fn filler(name: &str) -> fn(&mut Table, &Patient, &mut Random) {
    match name {
        "patients" => patients::fill,
        "diagnosis" => diagnosis::fill,
        "prior_therapy" => prior_therapy::fill,
        "systemic" => systemic::fill,
        "rt_courses" => rt_courses::fill,
        "assessments" => assessments::fill,
        "lesions" => assessments::fill_lesions,
        "labs" => labs::fill,
        "visits" => visits::fill,
        "irae" => irae::fill,
        "followup" => followup::fill,
        other => unreachable!("invariant: the schema has no table `{other}` without a filler"),
    }
}

fn iso(day: Date) -> String {
    day.to_string()
}

fn yes_no(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

/// A covariate's latent value: correlated with the patient's risk, standard normal over the cohort.
fn latent(patient: &Patient, correlation: f64, random: &mut Random) -> f64 {
    // both parts are standardised, so the sum has a variance of 1
    correlation * patient.risk + (1.0 - correlation * correlation).sqrt() * random.normal()
}

/// `value` rounded to `places` decimals (1 or 2), as text.
fn decimal(value: f64, places: usize) -> String {
    format!("{value:.places$}")
}

fn whole(value: f64) -> String {
    format!("{}", libm::round(value) as i64)
}

/// The value, or missing with the given probability.
fn or_missing(value: String, probability: f64, random: &mut Random) -> String {
    if random.chance(probability) { String::new() } else { value }
}
