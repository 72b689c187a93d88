//! Findings on a screen and as JSON, for whoever looks for an id or computes
//! on: after the same privacy rule as in every report.

mod grammar;
mod reading;
mod second;

use study::{Finding, State, StudySettings};

use crate::evidence::handed;
use crate::lookup::Whom;
use crate::{format, kinds};

pub use grammar::grammar;
pub(crate) use reading::reading;
pub use reading::{NotResults, printed, read, readings};
pub(crate) use second::farthest;
pub use second::{Beside, Both, Pair, Second, TOLERANCE, beside, read_second};

/// A finding as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id; `*` stands for what only the data know.
    pub id: String,
    /// Its number with its limits; none before a run.
    pub value: Option<String>,
    /// What it is, of what, and by which method.
    pub words: String,
}

/// The findings of analyses as lines, in their order.
#[must_use]
pub fn listed(analyses: &[Vec<Finding>], study: &StudySettings) -> Vec<Listed> {
    let findings = analyses.iter().flat_map(|findings| handed(findings, study));
    findings.map(|finding| line(&finding, study)).collect()
}

/// The findings of analyses as JSON.
#[must_use]
pub fn json(analyses: &[Vec<Finding>], study: &StudySettings) -> String {
    let findings: Vec<Finding> =
        analyses.iter().flat_map(|findings| handed(findings, study)).collect();
    kinds::json_of(&findings, study)
}

/// A finding as one mapping, for a screen and for a program.
#[must_use]
pub fn described(finding: &Finding, study: &StudySettings) -> serde_json::Value {
    kinds::described(finding, study)
}

fn line(finding: &Finding, study: &StudySettings) -> Listed {
    let announced = finding.state == State::Announced;
    Listed {
        id: finding.id(),
        // None, and not a dash, which would say that it cannot be estimated.
        value: (!announced).then(|| format::value_with_limits(finding, study)),
        words: words(finding),
    }
}

fn words(finding: &Finding) -> String {
    let mut words = finding.statistic.replace('_', " ");
    if let Some(variable) = &finding.variable {
        words += &format!(" of {variable}");
        if let Some(level) = &finding.level {
            words += &format!(" = {level}");
        }
    }
    match Whom::of(finding) {
        Some(Whom::Group(group)) => words += &format!(", group {group}"),
        Some(Whom::Everybody) => words += ", everybody",
        None => {}
    }
    for time in finding.address.times().filter_map(study::Part::time_words) {
        words += &format!(", {time}");
    }
    // The name alone: a line on a screen has no room for how.
    let method = crate::words::name(&finding.method);
    if method.is_empty() { words } else { format!("{words}; {method}") }
}

#[cfg(test)]
mod tests {
    use study::{Method, Part, Procedure, Quantity};

    use super::*;
    use crate::sample;

    #[test]
    fn a_line_says_what_the_finding_is_before_and_after_a_run() {
        let study = sample::study();
        let finding = Finding::new("pfs", "kaplan_meier", "median", Quantity::Days, 608.75)
            .limits(Some(400.0), None, 0.95)
            .by_method(Method::of(Procedure::KaplanMeier));
        let mut announced = finding.clone().without_value(State::Announced).part(Part::AnyLevel);
        announced.lower = None;
        let found = vec![finding.in_group("RT")];
        let lines = listed(&[found, vec![announced]], &study);
        assert_eq!(lines[0].id, "pfs.median.rt");
        assert_eq!(lines[0].value.as_deref(), Some("20.0 (13.1–NR)"));
        assert_eq!(lines[0].words, "median, group RT; Kaplan-Meier");
        assert_eq!((lines[1].id.as_str(), &lines[1].value), ("pfs.median.*", &None));
    }
}
