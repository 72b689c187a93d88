//! A simulated hospital export, calibrated to the numbers a published abstract reports.
//!
//! Nothing here is patient data: a seeded search finds 113 courses of disease whose summary prints as
//! published, then dates, scans, treatments and laboratory values are filled in around them, and last
//! the dirt of real exports is injected, each cell of it recorded.

pub mod calendar;
pub mod calibrate;
pub mod dirt;
pub mod doubts;
pub mod error;
pub mod outcome;
pub mod patients;
pub mod random;
pub mod recist;
pub mod risk;
pub mod scans;
pub mod schema;
pub mod survival;
pub mod table;
pub mod tables;
pub mod therapy;
pub mod truth;
pub mod write;

use error::SimulateError;
use write::Files;

/// Everything a seed makes.
#[derive(Debug)]
pub struct Simulation {
    /// The raw export, by file name.
    pub raw: Files,
    /// What cleaning must recover, by file name.
    pub truth: Files,
}

/// Makes the export and its truth from a seed.
///
/// # Errors
/// When no seed of a row can be calibrated, or cleaning could not recover a calibrated course.
pub fn simulate(seed: u64) -> Result<Simulation, SimulateError> {
    let calibrated = calibrate::calibrate(seed)?;
    // the seed that could be calibrated, which may be a later one than was asked for
    let screened = patients::screen(&calibrated.outcomes, calibrated.seed);
    let mut tables = tables::build(&screened, calibrated.seed);
    let (dirt, answers) = dirt::inject(&mut tables, &screened, calibrated.seed);
    // after the dirt, so that all draws before stay what they were
    doubts::unconfirm(&mut tables, &screened);
    doubts::add_scans_not_evaluable(&mut tables, &screened, calibrated.seed);
    // from the clean cells as they are now, doubts included
    let truth = truth::derive(&tables, &dirt);
    // an export whose truth is not the calibrated course is never written
    truth::verify(&truth, &screened)?;
    let mut raw: Files = tables
        .iter()
        .map(|table| (format!("{}.csv", table.schema.name), write::raw_file(table)))
        .collect();
    raw.insert("dictionary.csv".to_owned(), write::dictionary());
    raw.insert("code_lists.csv".to_owned(), write::code_lists());
    raw.insert("query_answers.csv".to_owned(), write::query_answers(&answers));
    Ok(Simulation { raw, truth: truth::files(&truth, &dirt) })
}
