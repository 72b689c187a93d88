//! Findings of one stage by the parts of their id, and the words of variables
//! and levels.

use engine::{Call, Mistake, Section};
use study::{Finding, StudySettings, SurvivalCurves, Table, slug};

use crate::lookup::level_label;

/// The findings of one analysis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Analysis<'a> {
    /// The name of its entry.
    pub(crate) name: &'a str,
    /// Everything it found, in its own order.
    pub(crate) findings: &'a [Finding],
    /// Its curves, where it has any.
    pub(crate) curves: Option<&'a SurvivalCurves>,
}

impl<'a> Analysis<'a> {
    /// The analysis that a parameter names, which must be of a kind.
    ///
    /// # Errors
    /// If it is of another kind.
    pub(crate) fn of_kind(
        call: &'a Call<'_>,
        name: &'a str,
        kind: &str,
        at: &[&str],
    ) -> Result<Self, Mistake> {
        let output = call.stage(name);
        let (findings, curves) = (output.findings.as_slice(), output.curves.as_ref());
        match findings.iter().find(|finding| finding.kind != kind) {
            Some(other) => {
                let message = format!("`{name}` is a `{}`, not a `{kind}`", other.kind);
                Err(Mistake::at(at, message).hint(format!("name an entry of kind `{kind}`")))
            }
            None => Ok(Self { name, findings, curves }),
        }
    }

    /// The finding whose id is the stage's name and these parts, as slugs.
    pub(crate) fn get(&self, parts: &[&str]) -> Option<&'a Finding> {
        let mut id = self.name.to_owned();
        for part in parts {
            id.push('.');
            id += &slug(part);
        }
        self.findings.iter().find(|finding| finding.id() == id)
    }

    /// The findings of a statistic, in order.
    pub(crate) fn of_statistic(&self, statistic: &'a str) -> impl Iterator<Item = &'a Finding> {
        self.findings.iter().filter(move |finding| finding.statistic == statistic)
    }

    /// The groups in declared order, `all` behind them.
    pub(crate) fn groups(&self) -> Vec<&'a str> {
        let counts = self.of_statistic("n").filter(|finding| finding.variable.is_none());
        let mut groups = distinct(counts.filter_map(|finding| finding.group.as_deref()));
        groups.sort_by_key(|group| *group == "all");
        groups
    }

    /// Patients of a group.
    pub(crate) fn group_size(&self, group: &str) -> Option<&'a Finding> {
        self.get(&["n", group])
    }

    /// The endpoint's name.
    pub(crate) fn endpoint(&self) -> Option<&'a str> {
        self.findings.iter().find_map(|finding| finding.endpoint.as_deref())
    }
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

/// The words for the columns of the analysis table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'a> {
    table: &'a Table,
    by: Option<&'a str>,
}

impl<'a> Words<'a> {
    /// The words of the analysis table; `by` is the column that makes the groups.
    pub(crate) fn of(call: &'a Call<'_>, by: Option<&'a str>) -> Self {
        Self { table: call.table(&call.study.analysis_table), by }
    }

    /// A variable in words.
    pub(crate) fn variable(&self, name: &str) -> String {
        self.table.about(name).label
    }

    /// A variable in words with its unit.
    pub(crate) fn with_unit(&self, name: &str) -> String {
        let about = self.table.about(name);
        match about.unit {
            Some(unit) => format!("{}, {unit}", about.label),
            None => about.label,
        }
    }

    /// A level in words.
    pub(crate) fn level(&self, variable: &str, level: &str) -> String {
        level_label(self.table, variable, level)
    }

    /// A group in words.
    pub(crate) fn group(&self, group: &str) -> String {
        match self.by {
            _ if group == "all" => "All".to_owned(),
            Some(by) if ["yes", "no"].contains(&group) && self.has_no_levels(by) => {
                format!("{}: {group}", self.variable(by))
            }
            Some(by) => self.level(by, group),
            None => group.to_owned(),
        }
    }

    fn has_no_levels(&self, variable: &str) -> bool {
        self.table.about(variable).levels.is_empty()
    }

    /// What an analysis is about: its endpoint in words, or its own name.
    pub(crate) fn subject(&self, analysis: &Analysis<'_>) -> String {
        let endpoint = analysis.endpoint().map(|name| self.endpoint(name));
        endpoint.unwrap_or_else(|| analysis.name.to_owned())
    }

    /// An endpoint in words: the label of its column of times.
    pub(crate) fn endpoint(&self, endpoint: &str) -> String {
        match self.table.columns.get(&format!("{endpoint}_days")) {
            Some(about) if !about.label.is_empty() => about.label.clone(),
            _ => endpoint.to_uppercase(),
        }
    }
}

/// A group's heading with its size, such as `RT (n = 37)`.
pub(crate) fn group_heading(
    analysis: &Analysis<'_>,
    words: &Words<'_>,
    group: &str,
    study: &StudySettings,
) -> String {
    let label = words.group(group);
    match analysis.group_size(group) {
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
