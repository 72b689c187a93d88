//! A printed table in the making: footnotes, notes and warnings gather beside
//! its rows until it is finished.

use std::collections::BTreeSet;

use study::printed::{Cell, Column, Row, Span, Table};
use study::{Finding, Paragraph, ParagraphRole, StudySettings, Warning};

use crate::analysis::Words;
use crate::exhibit::{population, sentence};
use crate::{format, lookup};

/// A table as it is printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrintedTable {
    /// The columns; the first holds the rows' own headings.
    pub columns: Vec<Column>,
    /// Groups of columns above them; together as wide as the table, or empty.
    pub spans: Vec<Span>,
    /// The rows from top to bottom.
    pub rows: Vec<Row>,
    /// Lettered remarks in the order of their letters.
    pub footnotes: Footnotes,
    /// Remarks on the table as a whole: methods, abbreviations, conventions.
    pub notes: Vec<String>,
    /// What a reader must know before using the table.
    pub warnings: Vec<String>,
}

/// Footnotes, each text once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Footnotes(pub Vec<String>);

impl Footnotes {
    /// The place of a footnote, which it gets where it is new.
    pub fn place(&mut self, text: &str) -> usize {
        self.0.iter().position(|known| known == text).unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        })
    }
}

/// Cells that print a finding.
pub(crate) trait FindingCell {
    /// A finding's value; empty where there is none.
    fn value(finding: Option<&Finding>, study: &StudySettings) -> Self;
    /// A finding's value with its interval; empty where there is none.
    fn estimate(finding: Option<&Finding>, study: &StudySettings) -> Self;
}

impl FindingCell for Cell {
    fn value(finding: Option<&Finding>, study: &StudySettings) -> Self {
        Self::of(finding, |finding| format::value(finding, study))
    }

    fn estimate(finding: Option<&Finding>, study: &StudySettings) -> Self {
        Self::of(finding, |finding| format::value_with_limits(finding, study))
    }
}

impl PrintedTable {
    /// A table of columns, without rows yet.
    #[must_use]
    pub fn of(columns: Vec<Column>) -> Self {
        Self { columns, ..Self::default() }
    }

    /// Notes a remark on the whole table, once.
    pub fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        // Each analysis of a table tells its conventions, and they are mostly the same.
        if !note.is_empty() && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Notes the warnings of findings, each once. What holds for fewer than half
    /// of the cells that print one stands as a footnote at those cells; what makes
    /// groups naive holds for the table.
    pub fn warn<'a>(&mut self, findings: impl IntoIterator<Item = &'a Finding>) {
        let findings: Vec<&Finding> = findings.into_iter().collect();
        for warning in lookup::distinct_warnings(findings.iter().copied()) {
            let about: BTreeSet<String> = findings
                .iter()
                .filter(|finding| finding.warnings.contains(warning))
                .map(|finding| finding.id())
                .collect();
            self.warn_of(warning, &about);
        }
    }

    /// Notes one warning of the findings of these ids.
    pub(crate) fn warn_of(&mut self, warning: &Warning, about: &BTreeSet<String>) {
        let text = crate::words::warning(warning);
        let is_warned =
            |cell: &&mut Cell| cell.finding.as_deref().is_some_and(|id| about.contains(id));
        let cells = self.rows.iter().flat_map(|row| &row.cells);
        let printed = cells.filter(|cell| cell.finding.is_some()).count();
        let warned: Vec<&mut Cell> =
            self.rows.iter_mut().flat_map(|row| &mut row.cells).filter(is_warned).collect();
        // A letter at most cells would hide those that differ. That groups look ahead touches every
        // comparison of the table.
        if warned.is_empty() || 2 * warned.len() >= printed || crate::words::is_naive(warning) {
            return self.warnings.push(text);
        }
        let place = self.footnotes.place(&sentence(&text));
        warned.into_iter().for_each(|cell| cell.footnotes.push(place));
    }

    /// Tells whom the analyses left out: a note where it holds for all findings,
    /// else a footnote at the cells that print one of which it does.
    pub(crate) fn tell_populations<'a>(
        &mut self,
        words: &Words<'_>,
        findings: impl IntoIterator<Item = &'a Finding>,
    ) {
        let findings: Vec<&Finding> = findings.into_iter().collect();
        let mut told: Vec<String> = Vec::new();
        for finding in &findings {
            let Some(text) = population(words, [*finding]).filter(|text| !told.contains(text))
            else {
                continue;
            };
            let own: BTreeSet<String> = findings
                .iter()
                .filter(|other| other.population == finding.population)
                .map(|other| other.id())
                .collect();
            if findings.iter().all(|other| other.population == finding.population) {
                self.note(text.clone());
            } else {
                let place = self.footnotes.place(&text);
                let cells = self.rows.iter_mut().flat_map(|row| &mut row.cells);
                let is_own =
                    |cell: &&mut Cell| cell.finding.as_deref().is_some_and(|id| own.contains(id));
                cells.filter(is_own).for_each(|cell| cell.footnotes.push(place));
            }
            told.push(text);
        }
    }

    /// The table without its remarks.
    pub(crate) fn printed(self) -> Table {
        Table { columns: self.columns, spans: self.spans, rows: self.rows }
    }

    /// Footnotes, notes and warnings, as they stand under the table.
    pub(crate) fn remarks(&self) -> Vec<Paragraph> {
        let footnotes = self.footnotes.0.iter().enumerate();
        let footnotes = footnotes
            .map(|(place, text)| Paragraph::new(ParagraphRole::Footnote(place), text.as_str()));
        let note = (!self.notes.is_empty())
            .then(|| Paragraph::new(ParagraphRole::Note, self.notes.join(" ")));
        let warnings = self.warnings.iter();
        let warnings =
            warnings.map(|warning| Paragraph::new(ParagraphRole::Warning, sentence(warning)));
        // Warnings last, where they stand apart in the layout.
        footnotes.chain(note).chain(warnings).collect()
    }

    /// Whether any cell prints a text and nothing else.
    #[must_use]
    pub fn prints_alone(&self, text: &str) -> bool {
        self.rows.iter().flat_map(|row| &row.cells).any(|cell| cell.text == text)
    }

    /// Whether any cell prints a text.
    #[must_use]
    pub fn prints(&self, text: &str) -> bool {
        self.rows.iter().flat_map(|row| &row.cells).any(|cell| cell.text.contains(text))
    }
}

#[cfg(test)]
mod tests {
    use study::Warning;

    use super::*;

    #[test]
    fn a_warning_of_few_cells_stands_at_them() {
        let finding = |statistic: &str, warnings: &[&Warning]| Finding {
            warnings: warnings.iter().map(|warning| (*warning).clone()).collect(),
            ..Finding::new("model", "cox_model", statistic, study::Quantity::Count, 1.0)
        };
        let naive = Warning::NaiveGroup { label: "Arm".to_owned(), date_label: "start".to_owned() };
        let (few, all) = (Warning::NoEvents, Warning::NotDefined);
        let shown =
            // Of three cells one has a warning of its own, one that all have, and one of how groups
            // are made.
            [finding("a", &[&naive, &few, &all]), finding("b", &[&all]), finding("c", &[&all])];
        let mut table = PrintedTable::of(vec![Column::words("what", "")]);
        for one in &shown {
            table.rows.push(Row::values(vec![Cell::of(Some(one), |_| "1".to_owned())]));
        }
        table.warn(&shown);
        assert_eq!(table.warnings, [&naive, &all].map(crate::words::warning));
        assert_eq!(table.footnotes.0, [sentence(&crate::words::warning(&few))]);
        let places: Vec<&[usize]> =
            table.rows.iter().map(|row| row.cells[0].footnotes.as_slice()).collect();
        assert_eq!(places, [&[0][..], &[], &[]]);
    }

    #[test]
    fn whom_an_analysis_leaves_out_stands_at_its_cells() {
        let finding = |statistic: &str, population: &str| Finding {
            population: population.to_owned(),
            ..Finding::new("model", "cox_model", statistic, study::Quantity::Count, 1.0)
        };
        let printed = |shown: &[Finding]| {
            let mut table = PrintedTable::of(vec![Column::words("what", "")]);
            for one in shown {
                table.rows.push(Row::values(vec![Cell::of(Some(one), |_| "1".to_owned())]));
            }
            table.tell_populations(&Words::on(&crate::sample::table()), shown);
            table
        };
        let mixed = printed(&[finding("a", "all"), finding("b", "age > 65")]);
        assert_eq!(mixed.footnotes.0, ["Only patients for whom age is above 65 were analysed."]);
        assert_eq!(mixed.rows.iter().map(|row| row.cells[0].footnotes.len()).sum::<usize>(), 1);
        assert!(mixed.notes.is_empty());
        let same = printed(&[finding("a", "age > 65"), finding("b", "age > 65")]);
        assert_eq!(same.notes, ["Only patients for whom age is above 65 were analysed."]);
        assert!(same.footnotes.0.is_empty());
    }

    #[test]
    fn a_footnote_has_one_letter() {
        let mut footnotes = Footnotes::default();
        let places = ["Wald test", "Fisher", "Wald test"].map(|text| footnotes.place(text));
        assert_eq!(places, [0, 1, 0]);
    }
}
