//! How the share of patients with something differs between two groups: risk
//! difference, odds ratios and relative risk.

use stats::contingency::{TwoByTwo, conditional_odds_ratio, odds_ratio, relative_risk};
use stats::proportion::{ConfidenceInterval, newcombe_difference};
use study::{Finding, Quantity};

use crate::book::{Basis, Book, Told, level_words};

/// A group's counts and the reference's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TwoGroups {
    pub(crate) events: u64,
    pub(crate) n: u64,
    pub(crate) reference_events: u64,
    pub(crate) reference_n: u64,
    pub(crate) missing: usize,
}

/// Where contrasts stand: ids are `stage`, `before`, the statistic, the
/// variable and the group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ContrastPlace<'a> {
    pub(crate) before: Option<&'a str>,
    pub(crate) variable: Option<&'a str>,
    pub(crate) group: &'a str,
}

impl TwoGroups {
    fn basis(&self) -> Basis {
        Basis {
            n: (self.n + self.reference_n) as usize,
            events: Some((self.events + self.reference_events) as usize),
            missing: self.missing,
        }
    }

    /// Risk difference, odds ratios and relative risk of the group.
    pub(crate) fn contrasts(
        &self,
        book: &Book,
        place: ContrastPlace<'_>,
    ) -> Result<Vec<Finding>, stats::Error> {
        let Self { events, n, reference_events, reference_n, .. } = *self;
        let level = book.level;
        let table = TwoByTwo::from_events(events, n, reference_events, reference_n)?;
        let tell = |finding: Finding, interval: Option<ConfidenceInterval>, method: &str| {
            let finding = match interval {
                Some(limits) => finding.limits(Some(limits.lower), Some(limits.upper), level),
                None => finding.warn("no confidence limits, as a cell is empty"),
            };
            let finding = match place.variable {
                Some(variable) => finding.of_variable(variable),
                None => finding,
            };
            let method = format!("{method} {} CI", level_words(level));
            finding.in_group(place.group).from(self.basis()).by_method(method)
        };
        let draft = |name: &str, quantity, value: Result<f64, stats::Error>| {
            let parts: Vec<&str> = place.before.into_iter().chain([name]).collect();
            book.attempt(&parts, name, quantity, value)
        };
        let difference = newcombe_difference(events, n, reference_events, reference_n, level)?;
        let finding =
            draft("risk_difference", Quantity::ProportionDifference, Ok(difference.estimate));
        let mut findings =
            vec![tell(finding, Some(difference.interval), "risk difference, Newcombe")];
        let woolf = odds_ratio(&table, level);
        let limits = woolf.as_ref().ok().and_then(|found| found.interval);
        let error = woolf.as_ref().ok().and_then(|found| found.standard_error_of_log);
        let finding = draft("odds_ratio", Quantity::Ratio, woolf.map(|found| found.estimate));
        findings.push(tell(finding.with_error(error), limits, "odds ratio, Woolf"));
        let conditional = conditional_odds_ratio(&table, level);
        let limits = conditional.as_ref().ok().map(|found| found.interval);
        let finding = draft("odds_ratio", Quantity::Ratio, conditional.map(|found| found.estimate));
        let method = "odds ratio, conditional maximum likelihood, exact";
        findings.push(
            tell(finding, limits, method).part(study::Part::Words(("conditional").to_string())),
        );
        let risk = relative_risk(&table, level);
        let limits = risk.as_ref().ok().and_then(|found| found.interval);
        let error = risk.as_ref().ok().and_then(|found| found.standard_error_of_log);
        let finding = draft("relative_risk", Quantity::Ratio, risk.map(|found| found.estimate));
        findings.push(tell(finding.with_error(error), limits, "relative risk, log-normal"));
        Ok(findings)
    }
}
