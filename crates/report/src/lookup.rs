//! Finding findings by what they speak of: their statistic, their role and the
//! parts of their address.

use study::{Finding, Part, Quantity, Role, Table, Warning};

/// The group that a finding speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom<'a> {
    /// The patients of a level of the grouping column.
    Group(&'a str),
    /// Everybody, beside the groups.
    Everybody,
}

impl<'a> Whom<'a> {
    /// Whom a finding speaks of, where it says so.
    #[must_use]
    pub fn of(finding: &'a Finding) -> Option<Self> {
        let parts = &finding.address.parts;
        let is_of_group = parts.iter().any(|part| matches!(part, Part::Group { .. }));
        // The address is asked before the text, since a level may be called `all`.
        if !is_of_group && parts.contains(&Part::Everybody) {
            return Some(Self::Everybody);
        }
        finding.group.as_deref().map(Self::Group)
    }

    /// As a part of the name of a column of a file.
    #[must_use]
    pub fn key(self) -> String {
        match self {
            Self::Group(level) => study::slug(level),
            Self::Everybody => "all".to_owned(),
        }
    }
}

/// What a finding speaks of beside its statistic: nothing where it speaks of
/// none.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct About<'a> {
    /// The model or reading.
    pub model: Option<&'a str>,
    /// What was counted.
    pub outcome: Option<&'a str>,
    /// The test that the statistic is of.
    pub test: Option<&'a str>,
    /// The method, where several stand side by side.
    pub method: Option<&'a str>,
    /// The column.
    pub variable: Option<&'a str>,
    /// Its level.
    pub level: Option<&'a str>,
    /// The group.
    pub whom: Option<Whom<'a>>,
    /// The times as declared.
    pub times: &'a [&'a Part],
}

impl<'a> About<'a> {
    /// A finding of the whole entry.
    pub const WHOLE: Self = Self {
        model: None,
        outcome: None,
        test: None,
        method: None,
        variable: None,
        level: None,
        whom: None,
        times: &[],
    };

    /// Of a group.
    #[must_use]
    pub fn whom(whom: Whom<'a>) -> Self {
        Self { whom: Some(whom), ..Self::WHOLE }
    }

    /// Of a column.
    #[must_use]
    pub fn variable(variable: &'a str) -> Self {
        Self { variable: Some(variable), ..Self::WHOLE }
    }

    /// Whether a finding speaks of this and of nothing else.
    #[must_use]
    pub fn fits(&self, finding: &Finding) -> bool {
        let address = &finding.address;
        address.model() == self.model
            && address.outcome() == self.outcome
            && address.test() == self.test
            && address.method() == self.method
            && finding.variable.as_deref() == self.variable
            && finding.level.as_deref() == self.level
            && Whom::of(finding) == self.whom
            && address.times().eq(self.times.iter().copied())
    }
}

/// The findings of a stage, to be asked.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a>(pub &'a [Finding]);

impl<'a> Findings<'a> {
    /// All findings of a statistic.
    pub fn of(self, statistic: &str) -> impl Iterator<Item = &'a Finding> {
        self.0.iter().filter(move |finding| finding.statistic == statistic)
    }

    /// The finding of a statistic that speaks of this and of nothing else.
    #[must_use]
    pub fn find(self, statistic: &str, about: &About<'_>) -> Option<&'a Finding> {
        self.of(statistic).find(|finding| about.fits(finding))
    }

    /// The statistic of a group.
    #[must_use]
    pub fn in_group(self, statistic: &str, whom: Whom<'_>) -> Option<&'a Finding> {
        self.of(statistic).find(|finding| {
            Whom::of(finding) == Some(whom)
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

    /// The p-value of an estimate: of the same address with `p` in place of its
    /// statistic, or of the statistic itself, where the id names it behind `p`.
    #[must_use]
    pub fn p_value_of(self, estimate: &Finding) -> Option<&'a Finding> {
        // a number of one group is no comparison, whatever its address has in common with one
        let is_of_one = matches!(
            estimate.quantity,
            Quantity::Days | Quantity::Survival | Quantity::Proportion | Quantity::Count
        ) && estimate.reference.is_none();
        // of a test the p-value stands beside its statistic
        let is_no_estimate =
            matches!(estimate.quantity, Quantity::PValue | Quantity::DegreesOfFreedom);
        if is_no_estimate || is_of_one {
            return None;
        }
        let own: Vec<&Part> = without_statistic(estimate, None);
        self.of("p_value").find(|test| {
            test.address.statistic() == Some("p")
                && (without_statistic(test, None) == own
                    || without_statistic(test, estimate.address.statistic()) == own)
        })
    }
}

/// The parts of an address beside its statistic, and beside the name of
/// `another`.
fn without_statistic<'f>(finding: &'f Finding, another: Option<&str>) -> Vec<&'f Part> {
    let own = finding.address.statistic();
    // By the printed form: what an id says counts, whatever sort of part says it.
    let names = |part: &&Part| {
        let printed = part.printed();
        own.is_some_and(|own| printed == study::slug(own))
            || another.is_some_and(|another| printed == study::slug(another))
    };
    let is_content = |part: &&Part| {
        matches!(
            part,
            Part::Variable(_)
                | Part::Level { .. }
                | Part::Group { .. }
                | Part::Time(_)
                | Part::Period(_)
        )
    };
    finding.address.parts.iter().filter(|part| is_content(part) || !names(part)).collect()
}

/// Whether it is the row of a reference level.
#[must_use]
pub fn is_reference(finding: &Finding) -> bool {
    finding.role == Role::Reference
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
        // Answers need no declared levels. Any other text may be a code and stays as it is.
        None if level == "yes" || level == "no" => study::capitalised(level),
        None => level.to_owned(),
    }
}

/// Warnings of several findings in words, each once, in order.
#[must_use]
pub fn warnings<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<String> {
    distinct_warnings(findings).into_iter().map(crate::words::warning).collect()
}

/// Warnings of several findings, each once, in order.
#[must_use]
pub fn distinct_warnings<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<&'a Warning> {
    let mut warnings: Vec<&Warning> = Vec::new();
    for warning in findings.into_iter().flat_map(|finding| &finding.warnings) {
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{group, named, outcome, time, variable};

    fn finding(statistic: &str, quantity: Quantity, parts: Vec<Part>) -> Finding {
        let mut finding = Finding::new("a", "k", statistic, quantity, 0.5);
        finding.address.parts = parts;
        finding
    }

    /// A group may be called what everybody is called.
    #[test]
    fn a_group_called_all_is_not_everybody() {
        let of = |part: Part| {
            let mut one = finding("n", Quantity::Count, vec![named("n"), part]);
            one.group = Some("all".to_owned());
            one
        };
        let all = [of(Part::Everybody), of(group("all"))];
        assert_eq!(Whom::of(&all[0]), Some(Whom::Everybody));
        assert_eq!(Whom::of(&all[1]), Some(Whom::Group("all")));
        // Both have the text `all`, and only their addresses differ.
        let found = Findings(&all).in_group("n", Whom::Group("all"));
        assert_eq!(found, Some(&all[1]));
    }

    #[test]
    fn a_p_value_stands_in_place_of_its_statistic_or_before_it() {
        let at = || time("12_months");
        let all = [
            finding("p_value", Quantity::PValue, vec![named("p"), variable("p")]),
            finding("p_value", Quantity::PValue, vec![named("p"), named("difference"), at()]),
            finding("p_value", Quantity::PValue, vec![outcome("orr"), named("p")]),
        ];
        let p_of = |statistic: &str, parts: Vec<Part>| {
            Findings(&all).p_value_of(&finding(statistic, Quantity::Ratio, parts))
        };
        // The column is called `p` and so is the statistic.
        assert_eq!(p_of("hazard_ratio", vec![named("hazard_ratio"), variable("p")]), Some(&all[0]));
        assert_eq!(p_of("difference", vec![named("difference"), at()]), Some(&all[1]));
        assert_eq!(p_of("difference", vec![named("difference"), time("6_months")]), None);
        assert_eq!(p_of("hazard_ratio", vec![named("hazard_ratio"), variable("age")]), None);
        let median = finding("median", Quantity::Days, vec![named("median"), variable("p")]);
        assert_eq!(Findings(&all).p_value_of(&median), None, "a median is compared with nothing");
        let degrees = vec![named("degrees_of_freedom"), variable("p")];
        let degrees = finding("degrees_of_freedom", Quantity::DegreesOfFreedom, degrees);
        assert_eq!(Findings(&all).p_value_of(&degrees), None, "they stand beside a statistic");
    }
}
