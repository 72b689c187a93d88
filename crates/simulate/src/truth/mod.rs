//! What cleaning must arrive at: the analysis table and the flow, derived from the clean cells alone.
//!
//! The rules here are those of data/README.md, written a second time and without the raw text, so that a
//! cleaning pipeline can be held against them.

mod files;
mod view;

use std::collections::BTreeMap;

use crate::dirt::DirtRecord;
use crate::error::SimulateError;
use crate::outcome::Ending;
use crate::patients::Patient;
use crate::table::Table;
use view::View;

pub use files::{ANALYSIS_COLUMNS, files};

/// The exclusions in order: the step's name and how it reads in the flow.
pub const FLOW_STEPS: [(&str, &str); 7] = [
    ("consent_withdrawn", "consent to data use withdrawn"),
    ("nasopharynx", "primary in the nasopharynx"),
    ("not_squamous", "not squamous cell carcinoma"),
    ("second_active_cancer", "second active cancer"),
    ("no_immunotherapy", "no dose of immunotherapy"),
    ("curative_setting", "immunotherapy in a neoadjuvant or curative setting only"),
    ("no_follow_up_scan", "no scan after the first dose"),
];

/// The truth in full.
#[derive(Clone, Debug)]
pub struct Truth {
    /// Rows of `analysis.csv` by column, in order of the record number.
    pub analysis: Vec<BTreeMap<&'static str, String>>,
    /// How many patients each step of [`FLOW_STEPS`] excludes.
    pub excluded: [usize; 7],
    /// How many were screened.
    pub screened: usize,
}

/// Derives the truth from the clean cells of the rows that stay.
#[must_use]
pub fn derive(tables: &[Table], dirt: &[DirtRecord]) -> Truth {
    // the clean cells hold a full date of death, so only the dirt tells whose day is
    // imputed
    let partial = dirt.iter().filter(|record| record.class == "date_partial_death");
    let imputed_deaths = partial.map(|record| record.record_id.as_str()).collect();
    let view = View { tables, imputed_deaths };
    let patients = view.table("patients");
    let mut truth = Truth { analysis: Vec::new(), excluded: [0; 7], screened: 0 };
    for row in patients.kept() {
        truth.screened += 1;
        let record_id = patients.clean(row, "record_id");
        // one reason each, the first that holds, so that the steps add up
        match view.exclusion(record_id, row) {
            Some(step) => truth.excluded[step] += 1,
            None => truth.analysis.push(view.analysed(record_id, row)),
        }
    }
    truth.analysis.sort_by(|left, right| left["record_id"].cmp(&right["record_id"]));
    truth
}

/// Holds the derived truth against the calibrated courses.
///
/// # Errors
/// When dirt and its cleaning changed an endpoint, the exposure or who is analysed.
pub fn verify(truth: &Truth, screened: &[Patient]) -> Result<(), SimulateError> {
    for patient in screened.iter().filter(|patient| patient.exclusion.is_none()) {
        let found = truth.analysis.iter().find(|row| row["record_id"] == patient.record_id);
        for (field, calibrated) in expected(patient) {
            // a patient who is not in the analysis at all fails at the first field
            let found = found.map_or("", |row| row[field].as_str());
            if found != calibrated {
                let (record_id, found) = (patient.record_id.clone(), found.to_owned());
                return Err(SimulateError::EndpointChanged { record_id, field, found, calibrated });
            }
        }
    }
    Ok(())
}

fn expected(patient: &Patient) -> [(&'static str, String); 8] {
    let (pfs_days, ending) = patient.outcome.progression_free_survival();
    let (os_days, died) = patient.outcome.overall_survival();
    let first_fraction = patient.radiation.as_ref().map(|course| patient.on(course.start));
    [
        ("ici_start", patient.start.to_string()),
        ("best_response", patient.outcome.response.code().to_owned()),
        ("pfs_days", pfs_days.to_string()),
        ("pfs_event", flag(ending != Ending::Censored)),
        ("os_days", os_days.to_string()),
        ("os_event", flag(died)),
        ("radiotherapy", flag(patient.outcome.radiotherapy)),
        ("rt_start", first_fraction.map_or_else(String::new, |day| day.to_string())),
    ]
}

fn flag(value: bool) -> String {
    if value { "1" } else { "0" }.to_owned()
}
