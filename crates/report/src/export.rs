//! Findings in the formats that other programs load: analysis results data of
//! pharmaverse's `cards`, and CDISC's Analysis Results Standard. All of it goes
//! through the one door, so that nothing is exported that no report may print.

mod ard;
mod ars;
mod dataset;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use study::{Finding, State, StudySettings};

pub use ard::{ard_csv, ard_json};
pub use ars::ars_json;

use crate::evidence::handed;

/// What is exported: the findings of all analyses, in the order of the file.
#[derive(Debug, Clone)]
pub struct Results<'a> {
    /// The study.
    pub study: &'a StudySettings,
    /// The column by which an analysis forms groups, by the analysis' name.
    pub groupings: BTreeMap<&'a str, &'a str>,
    /// The day of release as declared, `YYYY-MM-DD`: a date in an export is never that of a clock.
    pub released: Option<String>,
    findings: Vec<Vec<Finding>>,
}

impl<'a> Results<'a> {
    /// The findings of a run, after the study's privacy rule.
    #[must_use]
    pub fn new(analyses: &[Vec<Finding>], study: &'a StudySettings) -> Self {
        // An export is read by programs, but it leaves the house all the same: the rule of privacy
        // is that of the page.
        let findings = analyses.iter().map(|findings| handed(findings, study)).collect();
        Self { study, groupings: BTreeMap::new(), released: None, findings }
    }

    /// How many findings no run has computed yet, so that they cannot be exported.
    #[must_use]
    pub fn not_computed(&self) -> usize {
        let all = self.findings.iter().flatten();
        all.filter(|finding| finding.state == State::Announced).count()
    }
}
