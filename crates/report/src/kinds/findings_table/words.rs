//! The words of rows and columns.

use study::{Finding, MissingPatterns, Quantity, StudySettings, in_sentence};

use super::pivot::{Piece, Pieces, Placed};
use super::{Across, FindingsTable, Statistics};
use crate::analysis::Words;
use crate::evidence::Evidence;
use crate::format;
use crate::lookup::{Whom, is_reference};
use study::capitalised;

/// A test whose name is longer is called by its part of the id at the head of a column.
const LONGEST_TEST: usize = 24;
/// What a column of several statistics is called.
pub(super) const ESTIMATE: &str = "Estimate";

/// What the table is made from.
pub(super) struct Page<'a> {
    pub(super) words: Words<'a>,
    pub(super) study: &'a StudySettings,
    pub(super) kind: &'a FindingsTable,
    pub(super) evidence: &'a Evidence,
}

impl FindingsTable {
    /// Whether a piece stands in columns.
    pub(super) fn is_across(&self, piece: Piece) -> bool {
        let has = |across| self.across.contains(&across);
        has(Across::All)
            || match piece {
                Piece::Analysis => has(Across::Analyses),
                Piece::Group => has(Across::Groups),
                Piece::Time => has(Across::Times),
                _ => false,
            }
    }

    /// The name of an analysis, or of one of its models by `analysis.model`.
    fn name_of(&self, finding: &Finding) -> Option<String> {
        let model = finding.address.model();
        let of_model = model
            .and_then(|model| self.names.get(&format!("{}.{model}", finding.stage())).cloned());
        let own = self.names.get(finding.stage());
        // The longer name goes first: an analysis and one of its models may both be named.
        of_model.or_else(|| match model {
            Some(model) => own.map(|own| format!("{own}, {}", model.replace('_', " "))),
            None => own.cloned(),
        })
    }

    /// The group that a finding is of or compares: a level of the grouping
    /// column is one too.
    fn group_of<'f>(&self, finding: &'f Finding) -> Option<Whom<'f>> {
        let is_by = finding.variable.is_none() || finding.variable == self.by;
        match &finding.level {
            Some(level) if is_by && self.by.is_some() => Some(Whom::Group(level)),
            _ => Whom::of(finding),
        }
    }
}

impl<'a> Page<'a> {
    /// A finding with the words of its row and its column; a p-value with those
    /// of the estimate that it belongs to.
    pub(super) fn placed(
        &self,
        heading: &'a str,
        (finding, estimate): (&'a Finding, Option<&Finding>),
        has_endpoints: bool,
    ) -> Placed<'a> {
        let is_p = finding.quantity == Quantity::PValue;
        let in_rows = self.kind.statistics == Statistics::Rows;
        let statistic = match estimate {
            None if is_p => test_column(finding),
            _ if in_rows => ESTIMATE.to_owned(),
            estimate => self.statistic(estimate.unwrap_or(finding)),
        };
        let pieces = self.pieces(estimate.unwrap_or(finding), has_endpoints);
        Placed { heading, finding, statistic, is_p, pieces }
    }

    /// A statistic in words with its unit.
    fn statistic(&self, finding: &Finding) -> String {
        crate::words::statistic(finding, self.study)
    }

    fn pieces(&self, finding: &Finding, has_endpoints: bool) -> Pieces {
        let name = self.kind.name_of(finding);
        // A name that a study gives to an analysis says its endpoint, if anything does.
        let endpoint = finding.endpoint.as_ref().filter(|_| has_endpoints && name.is_none());
        let group = self.kind.group_of(finding);
        let is_test = finding.quantity == Quantity::PValue && finding.variable.is_none();
        let test = crate::words::name(&finding.method).replace('`', "");
        // Names of tests are made for sentences. A row begins without an article.
        let test = capitalised(test.strip_prefix("the ").unwrap_or(&test));
        let in_rows = self.kind.statistics == Statistics::Rows;
        let statistic =
            (in_rows && finding.quantity != Quantity::PValue).then(|| self.statistic(finding));
        let is_of_group = finding.level.is_some() && finding.variable == self.kind.by;
        let variable = finding.variable.as_deref().filter(|_| !is_of_group);
        let pattern = self.pattern(finding);
        let variable = variable.filter(|_| pattern.is_none());
        let level = finding
            .level
            .as_deref()
            .zip(variable)
            .map(|(level, name)| self.words.level(name, level));
        let pieces = [
            (Piece::Statistic, statistic),
            (Piece::Analysis, name),
            (Piece::Endpoint, endpoint.map(|name| self.words.endpoint(name))),
            (Piece::Test, (is_test && !test.is_empty()).then_some(test)),
            (Piece::Variable, pattern.or(variable.map(|name| self.variable(name, finding)))),
            (Piece::Level, level),
            (Piece::Group, group.map(|whom| self.group(finding, whom))),
            (Piece::Time, self.time(finding)),
        ];
        pieces.into_iter().filter_map(|(piece, words)| Some((piece, words?))).collect()
    }

    /// What is missing together in those whom a number counts, where it counts a pattern
    /// of missing values.
    fn pattern(&self, finding: &Finding) -> Option<String> {
        let analysis = self.evidence.around(finding);
        let drawn: &MissingPatterns = analysis.figures.get()?;
        // the columns themselves have levels too
        let is_of_column = |column: &study::Level| finding.variable.as_ref() == Some(&column.value);
        if drawn.variables.iter().any(is_of_column) {
            return None;
        }
        let level = finding.level.as_ref()?;
        let pattern = drawn.patterns.iter().find(|pattern| pattern.level == *level)?;
        if pattern.missing.is_empty() {
            // Rare patterns stand together and have no columns of their own.
            return Some(format!("{} other patterns", pattern.together));
        }
        let missing = drawn.variables.iter().zip(&pattern.missing).filter(|(_, is)| **is);
        let missing: Vec<String> = missing.map(|(column, _)| column.label.clone()).collect();
        Some(match missing.as_slice() {
            [] => "Nothing is missing".to_owned(),
            several => several.join(" + "),
        })
    }

    /// A column in words; of a ratio or a coefficient with the step it is for.
    fn variable(&self, name: &str, finding: &Finding) -> String {
        let is_per_unit = matches!(finding.quantity, Quantity::Ratio | Quantity::Coefficient);
        match self.kind.names.get(name) {
            Some(own) => own.clone(),
            None if is_per_unit && finding.level.is_none() => {
                crate::ratios::term_label(&self.words, Some(name))
            }
            None if finding.quantity == Quantity::Measured => self.words.with_unit(name),
            None => self.words.variable(name),
        }
    }

    /// A group, or the group that is compared with another.
    fn group(&self, finding: &Finding, whom: Whom<'_>) -> String {
        let own = self.words.group(whom);
        match &finding.reference {
            Some(other) if !is_reference(finding) && Whom::Group(other) != whom => {
                format!("{own} v {}", in_sentence(&self.words.group(Whom::Group(other))))
            }
            _ => own,
        }
    }

    /// The time a finding speaks of: as declared, else in the study's unit.
    fn time(&self, finding: &Finding) -> Option<String> {
        let declared: Vec<String> =
            finding.address.times().filter_map(study::Part::time_words).collect();
        if !declared.is_empty() {
            return Some(declared.join(", "));
        }
        Some(format::time(finding.time_days?, self.study))
    }
}

/// Pieces in words, such as `Sex: female, 12 months`.
pub(super) fn joined(pieces: &Pieces) -> String {
    let mut text = String::new();
    for (piece, words) in pieces {
        match (text.is_empty(), piece) {
            (true, _) => text = capitalised(words),
            (false, Piece::Rest) => text += &format!(", {words}"),
            (false, Piece::Level) => text += &format!(": {}", in_sentence(words)),
            (false, _) => text += &format!(", {}", in_sentence(words)),
        }
    }
    text
}

/// What a column of p-values without estimates is called: its test, where rows
/// are named by something else.
fn test_column(p: &Finding) -> String {
    let test = p.variable.as_ref().and(p.address.test()).map(|part| {
        let name = crate::words::name(&p.method).replace('`', "");
        if name.is_empty() || name.len() > LONGEST_TEST { part.replace('_', " ") } else { name }
    });
    let adjusted = p.address.statistic().and_then(|name| name.strip_prefix("p_"));
    let adjusted = adjusted.map(|method| capitalised(&method.replace('_', " ")));
    test.into_iter().chain(adjusted).collect::<Vec<_>>().join(", ")
}
