//! Finding findings: by what they speak of, not by taking ids apart.

use engine::Call;
use study::{Finding, Quantity, Table};

/// The findings of a stage, to be asked.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a>(pub &'a [Finding]);

impl<'a> Findings<'a> {
    /// All findings of a statistic.
    pub fn of(self, statistic: &str) -> impl Iterator<Item = &'a Finding> {
        self.0.iter().filter(move |finding| finding.statistic == statistic)
    }

    /// The statistic of a group.
    #[must_use]
    pub fn in_group(self, statistic: &str, group: &str) -> Option<&'a Finding> {
        self.of(statistic).find(|finding| {
            finding.group.as_deref() == Some(group)
                && finding.variable.is_none()
                && finding.time_days.is_none()
        })
    }

    /// The only finding of a statistic that speaks of no group, variable or level.
    #[must_use]
    pub fn overall(self, statistic: &str) -> Option<&'a Finding> {
        self.of(statistic).find(|finding| finding.group.is_none() && finding.variable.is_none())
    }

    /// The same at a time, or at none.
    #[must_use]
    pub fn overall_at(self, statistic: &str, days: Option<f64>) -> Option<&'a Finding> {
        self.of(statistic).find(|finding| {
            finding.group.is_none() && finding.variable.is_none() && finding.time_days == days
        })
    }

    /// A statistic of a variable or of one of its levels, from the model of all
    /// terms or from the models of one term each.
    #[must_use]
    pub fn of_term(
        self,
        statistic: &str,
        variable: &str,
        level: Option<&str>,
        univariable: bool,
    ) -> Option<&'a Finding> {
        self.of(statistic).find(|finding| {
            finding.variable.as_deref() == Some(variable)
                && finding.level.as_deref() == level
                && is_univariable(finding) == univariable
        })
    }
}

/// Whether a finding is from a model of one term alone: such findings differ
/// from those of the whole model only by the prefix that docs/findings.md names.
#[must_use]
pub fn is_univariable(finding: &Finding) -> bool {
    finding.id().strip_prefix(finding.stage()).is_some_and(|rest| rest.starts_with(".univariable."))
}

/// Whether it is the row of a reference level.
#[must_use]
pub fn is_reference(finding: &Finding) -> bool {
    finding.role == study::Role::Reference
}

/// A column's label, with its unit where it has one.
#[must_use]
pub fn column_label(table: &Table, column: &str) -> String {
    let about = table.about(column);
    match about.unit {
        Some(unit) => format!("{} ({unit})", about.label),
        None => about.label,
    }
}

/// A level in words.
#[must_use]
pub fn level_label(table: &Table, column: &str, level: &str) -> String {
    let levels = table.about(column).levels;
    match levels.into_iter().find(|known| known.value == level) {
        Some(known) => known.label,
        None if level == "yes" || level == "no" => crate::exhibit::capitalised(level),
        None => level.to_owned(),
    }
}

/// Warnings of several findings, each once, in order.
#[must_use]
pub fn warnings<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<String> {
    let mut warnings: Vec<String> = Vec::new();
    for warning in findings.into_iter().flat_map(|finding| &finding.warnings) {
        let warning = crate::words::warning(warning);
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    warnings
}

/// The analysis that an id, a pattern of ids, or `stage.term` begins with.
#[must_use]
pub fn stage_of(reference: &str) -> &str {
    reference.split('.').next().unwrap_or_default()
}

/// The name of a method, without its particulars.
#[must_use]
pub fn first_clause(method: &str) -> &str {
    method.split([',', ';', '(']).next().unwrap_or_default().trim()
}

/// The p-value of an estimate: the finding with `p` in place of the statistic,
/// or in front of it.
#[must_use]
pub fn p_value_of<'a>(call: &'a Call<'_>, finding: &Finding) -> Option<&'a Finding> {
    if finding.quantity == Quantity::PValue {
        return None;
    }
    let own = |part| if part == finding.statistic { "p" } else { part };
    let instead = finding.id().split('.').map(own).collect::<Vec<&str>>().join(".");
    let in_front = finding.id().replacen('.', ".p.", 1);
    let mut of_stage = call.stage(finding.stage()).findings.iter();
    of_stage.find(|other| {
        (other.id() == instead || other.id() == in_front) && other.quantity == Quantity::PValue
    })
}
