//! The findings of one analysis, asked by what they speak of, and the words of
//! variables and levels.

use std::sync::Arc;

use engine::{Call, Section};
use study::{Account, Column, Figures, Finding, Output, Practice, StudySettings, Table, Withheld};

use crate::lookup::{About, Findings, Whom, level_label};

/// The findings of one analysis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Analysis<'a> {
    /// The name of its entry.
    pub(crate) name: &'a str,
    /// Everything it found, in its own order.
    pub(crate) findings: &'a [Finding],
    /// What it handed on to be drawn.
    pub(crate) figures: &'a Figures,
    /// What it did.
    pub(crate) methods: Option<&'a Account>,
}

impl<'a> Analysis<'a> {
    /// The kind of its entry, where it found anything.
    pub(crate) fn kind(&self) -> Option<&'a str> {
        self.findings.first().map(|finding| finding.kind.as_str())
    }

    /// The finding of a statistic that speaks of this and of nothing else.
    pub(crate) fn get(&self, statistic: &str, about: &About<'_>) -> Option<&'a Finding> {
        Findings(self.findings).find(statistic, about)
    }

    /// The finding of a statistic of a group.
    pub(crate) fn of_group(&self, statistic: &str, whom: Whom<'_>) -> Option<&'a Finding> {
        self.get(statistic, &About::whom(whom))
    }

    /// The findings of a statistic, in order.
    pub(crate) fn of_statistic(&self, statistic: &'a str) -> impl Iterator<Item = &'a Finding> {
        Findings(self.findings).of(statistic)
    }

    /// The groups in declared order, everybody behind them.
    pub(crate) fn groups(&self) -> Vec<Whom<'a>> {
        // Every analysis in groups counts them in their declared order. A count with a variable is
        // of a column or a level, where groups may come in another one.
        let counts = self.of_statistic("n").filter(|finding| finding.variable.is_none());
        ordered(counts.filter_map(Whom::of))
    }

    /// Patients of a group.
    pub(crate) fn group_size(&self, whom: Whom<'_>) -> Option<&'a Finding> {
        self.of_group("n", whom)
    }

    /// The endpoint's name.
    pub(crate) fn endpoint(&self) -> Option<&'a str> {
        self.findings.iter().find_map(|finding| finding.endpoint.as_deref())
    }
}

/// Each group once, everybody behind the others.
pub(crate) fn ordered<'a>(groups: impl Iterator<Item = Whom<'a>>) -> Vec<Whom<'a>> {
    let mut kept: Vec<Whom<'a>> = Vec::new();
    for group in groups {
        if !kept.contains(&group) {
            kept.push(group);
        }
    }
    // The sort is stable: groups keep the order in which the study declares their levels.
    kept.sort_by_key(|group| *group == Whom::Everybody);
    kept
}

/// Each text once, in order of first appearance.
pub(crate) fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut kept = Vec::new();
    for text in texts {
        if !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept
}

/// Patients and events that a number comes from: those of its analysis, at its
/// time where the analysis counts them there, as a number about a level counts
/// those of the level; those of its group, where it speaks of one.
pub(crate) fn whole_counts(
    around: Findings<'_>,
    number: &Finding,
    study: &StudySettings,
) -> [Option<String>; 2] {
    match counted_by(around, number) {
        Some(counts) => counts.map(|count| Some(crate::format::value(count, study))),
        None => [Withheld::N, Withheld::Events]
            .map(|which| crate::format::counted(number, which, study)),
    }
}

/// The findings that count the patients and events that a number comes from; none
/// where it counts its own.
pub(crate) fn counted_by<'a>(around: Findings<'a>, number: &Finding) -> Option<[&'a Finding; 2]> {
    let whole = |statistic| {
        // A landmark or a restricted analysis counts those still followed at that time. Where
        // nothing is counted there, the number comes from all of the analysis.
        let here = around.overall_at(statistic, number.time_days);
        here.or_else(|| around.overall(statistic))
    };
    // What is said of a level in the model of everybody carries the counts of that level. A number
    // of a group carries the group's own counts, which are those that it comes from.
    let is_of_level = number.level.is_some() && number.group.is_none();
    is_of_level.then(|| Some([whole("n")?, whole("events")?])).flatten()
}

/// The words for the columns of the analysis table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'a> {
    table: &'a Table,
    /// What analyses did, who may have made columns of their own.
    stages: &'a [(String, Section, Arc<Output>)],
    by: Option<&'a str>,
}

impl<'a> Words<'a> {
    /// The words of the analysis table; `by` is the column that makes the groups.
    pub(crate) fn of(call: &'a Call<'_>, by: Option<&'a str>) -> Self {
        Self { table: call.table(&call.study.analysis_table), stages: &call.stages, by }
    }

    /// The words of a table.
    pub(crate) fn on(table: &'a Table) -> Self {
        Self { table, stages: &[], by: None }
    }

    /// What is known of a column of the table, or of one that an analysis derived.
    fn about(&self, name: &str) -> Column {
        let about = self.table.about(name);
        if self.is_of_table(name) {
            return about;
        }
        // A model over completed data sets may derive columns there that the analysis table never
        // has. Only its account has words for them.
        let accounts = self.stages.iter().filter_map(|(_, _, output)| output.methods.as_ref());
        let derived = accounts.filter_map(|account| match &account.practice {
            Practice::PooledCox { derived, .. } => Some(derived),
            _ => None,
        });
        let own = derived.flatten().find(|(own, _)| own == name);
        match own {
            Some((_, label)) => Column { label: label.clone(), ..about },
            None => about,
        }
    }

    /// Whether a column is one of the table, and not of an analysis alone.
    pub(crate) fn is_of_table(&self, name: &str) -> bool {
        self.table.columns.get(name).is_some()
    }

    /// A variable in words.
    pub(crate) fn variable(&self, name: &str) -> String {
        self.about(name).label
    }

    /// The unit of a variable.
    pub(crate) fn unit(&self, name: &str) -> Option<String> {
        self.about(name).unit
    }

    /// A variable in words with its unit.
    pub(crate) fn with_unit(&self, name: &str) -> String {
        let about = self.about(name);
        match about.unit {
            // A comma and no brackets: a row such as `Age, years, median (IQR)` has brackets
            // already.
            Some(unit) => format!("{}, {unit}", about.label),
            None => about.label,
        }
    }

    /// A variable with the step that a ratio of it is for: `Age, per 10 years`.
    pub(crate) fn per_unit(&self, name: &str) -> String {
        let about = self.about(name);
        match about.unit {
            Some(unit) => {
                // A unit that begins with a number is a step already. `per 1 10 years` would be a
                // step of nothing.
                let is_counted = unit.starts_with(|first: char| first.is_ascii_digit());
                let unit = if is_counted { unit.as_str() } else { study::unit_of("1", &unit) };
                format!("{}, per {unit}", about.label)
            }
            None => about.label,
        }
    }

    /// A level in words.
    pub(crate) fn level(&self, variable: &str, level: &str) -> String {
        level_label(self.table, variable, level)
    }

    /// What holds of those whom a condition keeps, as a clause; one that is not simple as the
    /// study wrote it.
    pub(crate) fn condition(&self, sql: &str) -> String {
        let words = self.table.condition_in_words(sql);
        words.unwrap_or_else(|| format!("“{sql}” holds"))
    }

    /// A group in words.
    pub(crate) fn group(&self, whom: Whom<'_>) -> String {
        let Whom::Group(group) = whom else { return "All".to_owned() };
        match self.by {
            // `yes` alone over a column or at a curve does not say what of.
            Some(by) if ["yes", "no"].contains(&group) && self.has_no_levels(by) => {
                format!("{}: {group}", self.variable(by))
            }
            // A range such as `≥ 65 years` needs the name of what was cut. A declared level that
            // only looks like a range has a label of its own.
            Some(by) if self.has_no_levels(by) && group.parse::<study::ValueRange>().is_ok() => {
                format!("{} {group}", self.variable(by))
            }
            Some(by) => self.level(by, group),
            None => group.to_owned(),
        }
    }

    /// The columns of a product such as `age:sex`; none where it is one column.
    pub(crate) fn product_of(&self, term: &str) -> Option<[String; 2]> {
        // Columns are asked for rather than the text cut at its colon: the name of a column may
        // hold one.
        let mut names = self.table.names();
        names.extend(self.table.columns.keys().cloned());
        if names.iter().any(|name| name == term) {
            return None;
        }
        let pairs = names.iter().flat_map(|first| names.iter().map(move |second| (first, second)));
        let product = |(first, second): &(&String, &String)| format!("{first}:{second}") == term;
        pairs.into_iter().find(product).map(|(first, second)| [first.clone(), second.clone()])
    }

    /// Whether a column has a level.
    pub(crate) fn has_level(&self, column: &str, value: &str) -> bool {
        let levels = self.table.about(column).levels;
        let yes_or_no = levels.is_empty() && ["yes", "no"].contains(&value);
        yes_or_no || levels.iter().any(|level| level.value == value)
    }

    fn has_no_levels(&self, variable: &str) -> bool {
        self.table.about(variable).levels.is_empty()
    }

    /// What an analysis is about: its endpoint in words, or its own name.
    pub(crate) fn subject(&self, analysis: &Analysis<'_>) -> String {
        let endpoint = analysis.endpoint().map(|name| self.endpoint(name));
        endpoint.unwrap_or_else(|| analysis.name.to_owned())
    }

    /// An endpoint in words: the label of its column of times, or of the column
    /// of an outcome that nobody is followed for.
    pub(crate) fn endpoint(&self, endpoint: &str) -> String {
        // The column of times has the label that readers know, such as `Overall survival`. A binary
        // outcome has no times, and its own column is named after it.
        let times = format!("{endpoint}_days");
        let columns = [times.as_str(), endpoint].into_iter();
        let labels = columns.filter_map(|column| self.table.columns.get(column));
        let label = labels.map(|about| about.label.clone()).find(|label| !label.is_empty());
        // Names of endpoints are mostly their abbreviations: `pfs`, `os`.
        label.unwrap_or_else(|| endpoint.to_uppercase())
    }
}

/// A group's heading with its size, such as `RT (n = 37)`.
pub(crate) fn group_heading(
    analysis: &Analysis<'_>,
    words: &Words<'_>,
    whom: Whom<'_>,
    study: &StudySettings,
) -> String {
    let label = words.group(whom);
    match analysis.group_size(whom) {
        // Spaces that do not break keep `n = 37` on one line in a narrow heading.
        Some(size) => format!("{label} (n\u{a0}=\u{a0}{})", crate::format::value(size, study)),
        None => label,
    }
}

/// The reads of a table on analyses: the named entries and the labels of the
/// analysis table.
pub(crate) fn reads(study: &StudySettings, entries: &[(&str, Vec<&str>)]) -> Vec<engine::Read> {
    let labels = engine::Read::table(&study.analysis_table, &[]);
    let stages = entries.iter().map(|(name, at)| engine::Read::stage(name, Section::Analyze, at));
    stages.chain([labels]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_a_number_is_cut_in_has_the_words_of_its_column() {
        let mut table = crate::sample::table();
        let age =
            Column { label: "Age".to_owned(), unit: Some("years".to_owned()), ..Column::default() };
        let (cuts, levels) = ([65.0], |value: &str| vec![study::Level::new(value, "Low risk")]);
        // The levels are made as an analysis makes them, so that a change of their form shows here.
        let of_age: Vec<String> = study::ValueRange::between(&cuts)
            .into_iter()
            .map(|range| range.level(&age).value)
            .collect();
        // A column whose declared level has the form of a range.
        let score =
            Column { label: "Score".to_owned(), levels: levels("<1"), ..Default::default() };
        table.columns =
            std::collections::BTreeMap::from([("a".to_owned(), age), ("s".to_owned(), score)])
                .into();
        let said = |by: Option<&str>, group: &str| {
            Words { table: &table, stages: &[], by }.group(Whom::Group(group))
        };
        let groups = of_age.iter().map(|group| said(Some("a"), group)).collect::<Vec<_>>();
        assert_eq!(groups, ["Age < 65 years", "Age ≥ 65 years"]);
        assert_eq!(said(None, &of_age[1]), "≥ 65 years");
        assert_eq!(said(Some("s"), "<1"), "Low risk", "a declared level has words of its own");
    }

    #[test]
    fn a_ratio_of_a_number_says_its_step() {
        let mut table = crate::sample::table();
        let column = |unit: Option<&str>| Column {
            label: "Age".to_owned(),
            unit: unit.map(str::to_owned),
            ..Column::default()
        };
        let units =
            // A step, a unit in the plural, a unit that has none, and no unit.
            [("a", Some("10 years")), ("b", Some("years")), ("c", Some("g/L")), ("d", None)];
        let columns = units.map(|(name, unit)| (name.to_owned(), column(unit)));
        table.columns = std::collections::BTreeMap::from(columns).into();
        let words = Words::on(&table);
        let said = units.map(|(name, _)| words.per_unit(name));
        assert_eq!(said, ["Age, per 10 years", "Age, per year", "Age, per g/L", "Age"]);
    }
}
