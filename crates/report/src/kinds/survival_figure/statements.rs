//! The lines beside the curves: ratios, the test, and what else is asked for.

use study::{Finding, GroupCurve, Quantity, StudySettings, SurvivalCurves, in_sentence};

use super::found::Found;
use super::{SurvivalFigure, group_label, is_yes_or_no, words};
use crate::format;

impl SurvivalFigure {
    /// The lines of ratios, of the test and of what else is asked for. The ratio
    /// has the p-value that belongs to its interval, by the name of its test: the
    /// other test need not agree with it.
    pub(super) fn statements(&self, found: &Found<'_>, study: &StudySettings) -> Vec<String> {
        let ratios = found.ratios.iter().zip(&found.ratio_tests).map(|(ratio, test)| {
            let test = test.map(|test| format!("; {}", self.tested(test, "")));
            ratio_statement(ratio, found, study) + &test.unwrap_or_default()
        });
        // Beside an adjusted ratio a plain log-rank test answers another question, and says so.
        let remark = if found.adjusted_for.is_empty() { "" } else { ", not adjusted" };
        let test = found.test.map(|test| self.tested(test, remark));
        let also = found.also.iter().map(|(label, finding)| match finding.quantity {
            Quantity::PValue => format!("{label}: {}", self.p(finding)),
            Quantity::Days => {
                let unit = study.time_unit.word();
                format!("{label}: {} {unit}", format::value_with_limits(finding, study))
            }
            _ => format!("{label}: {}", format::value_with_limits(finding, study)),
        });
        ratios.chain(test).chain(also).collect()
    }

    /// A test with its p-value, such as `Log-rank test: p = 0.03`.
    fn tested(&self, test: &Finding, remark: &str) -> String {
        match words::test_name(test) {
            name if name.is_empty() => self.p(test),
            name => format!("{name}{remark}: {}", self.p(test)),
        }
    }

    fn p(&self, test: &Finding) -> String {
        let style = if self.p_two_significant_digits {
            format::PValueStyle::TwoSignificantDigits
        } else {
            format::PValueStyle::Rounded
        };
        format::p_statement(test.value.unwrap_or(f64::NAN), style)
    }
}

/// `Hazard ratio (95% CI), RT v no RT: 0.39 (0.24–0.63)`.
fn ratio_statement(ratio: &Finding, found: &Found<'_>, study: &StudySettings) -> String {
    let curves = &found.curves;
    let level = ratio.confidence_level.unwrap_or(study.confidence_level);
    let what = if found.adjusted_for.is_empty() { "Hazard ratio" } else { "Adjusted hazard ratio" };
    let name = format!("{what} ({})", format::interval_name(level));
    let value = format::value_with_limits(ratio, study);
    let group = |level: &Option<String>| {
        curves.groups.iter().find(|group| level.as_ref() == Some(&group.level))
    };
    // The groups as the curves name them. A ratio of something else, such as a number, has no two
    // groups.
    match group(&ratio.level).zip(group(&ratio.reference)) {
        Some((group, reference)) => {
            format!("{name}, {}: {value}", contrast(curves, group, reference))
        }
        None => format!("{name}: {value}"),
    }
}

/// `treatment v control`, or `treatment, yes v no`.
fn contrast(curves: &SurvivalCurves, group: &GroupCurve, reference: &GroupCurve) -> String {
    match &curves.by_label {
        Some(by) if is_yes_or_no(&group.label) && is_yes_or_no(&reference.label) => format!(
            "{}, {} v {}",
            in_sentence(by),
            group.label.to_lowercase(),
            reference.label.to_lowercase()
        ),
        _ => format!(
            "{} v {}",
            in_sentence(&group_label(curves, group)),
            in_sentence(&group_label(curves, reference))
        ),
    }
}
