//! A simulated hospital export, calibrated to the numbers a published abstract reports.
//!
//! Nothing here is patient data: a seeded search finds 113 courses of disease whose summary prints as
//! published, then dates, scans, treatments and laboratory values are filled in around them, and last
//! the dirt of real exports is injected, each cell of it recorded.

pub mod calendar;
pub mod calibrate;
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
/// When no seed of a row can be calibrated.
pub fn simulate(seed: u64) -> Result<Simulation, SimulateError> {
    let calibrated = calibrate::calibrate(seed)?;
    let screened = patients::screen(&calibrated.outcomes, calibrated.seed);
    let tables = tables::build(&screened, calibrated.seed);
    let mut raw: Files = tables
        .iter()
        .map(|table| (format!("{}.csv", table.schema.name), write::raw_file(table)))
        .collect();
    raw.insert("dictionary.csv".to_owned(), write::dictionary());
    raw.insert("code_lists.csv".to_owned(), write::code_lists());
    Ok(Simulation { raw, truth: Files::new() })
}
