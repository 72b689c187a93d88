//! The rows of a model table: a row for each ratio, in columns for each way in
//! which the entry fits its terms.

use study::{Finding, Withheld};

use super::{Entry, Page};
use crate::exhibit::sentence;
use crate::format;
use crate::lookup::{Findings, is_reference};
use crate::ratios::{self, Fit, Ratios};
use crate::table::{Cell, FindingCell, PrintedTable, Row, Tone};

/// The fit of a heading in each column.
type Fits<'f, 'a> = Vec<Option<&'f Fit<'a>>>;

impl Page<'_> {
    /// The rows of an entry.
    pub(super) fn rows(&self, table: &mut PrintedTable, entry: &Entry<'_>) {
        let mut headings: Vec<&str> = Vec::new();
        for fit in entry.columns.iter().flat_map(|column| &column.fits) {
            if !headings.contains(&fit.heading.as_str()) {
                headings.push(&fit.heading);
            }
        }
        for heading in headings {
            if !heading.is_empty() {
                table.rows.push(Row::values(vec![Cell::text(heading).toned(Tone::Quiet)]));
            }
            let of_heading =
                |column: &'_ Ratios<'_>| column.fits.iter().position(|fit| fit.heading == heading);
            let fits: Fits<'_, '_> = entry
                .columns
                .iter()
                .map(|column| of_heading(column).map(|place| &column.fits[place]))
                .collect();
            self.fit_rows(table, entry, &fits);
        }
    }

    fn fit_rows(&self, table: &mut PrintedTable, entry: &Entry<'_>, fits: &Fits<'_, '_>) {
        let mut terms: Vec<Option<&str>> = Vec::new();
        for term in fits.iter().flatten().flat_map(|fit| fit.terms()) {
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
        for term in terms {
            let has_heading = fits.iter().flatten().any(|fit| ratios::has_heading(fit, term));
            if has_heading {
                let heading = self.term_heading(table, entry, fits, term);
                table.rows.push(heading);
            }
            for first in rows_of(fits, term) {
                let label = match has_heading {
                    true => ratios::row_label(&self.words, first),
                    false => ratios::term_label(&self.words, term),
                };
                let cells = self.cells(table, entry, fits, (label, first));
                let row = if has_heading { Row::below(cells) } else { Row::values(cells) };
                table.rows.push(row);
            }
        }
    }

    /// The row over the levels of a term, with the test of all of them at once;
    /// over subgroups with that of the interaction.
    fn term_heading(
        &self,
        table: &mut PrintedTable,
        entry: &Entry<'_>,
        fits: &Fits<'_, '_>,
        term: Option<&str>,
    ) -> Row {
        let mut cells = vec![Cell::text(ratios::term_label(&self.words, term))];
        for (place, (fit, column)) in fits.iter().zip(&entry.columns).enumerate() {
            // Patients, events and the ratio come before the p-value in the first way, the ratio
            // alone in later ones.
            let gap = if place == 0 { 3 } else { 1 };
            cells.extend((0..gap).map(|_| Cell::default()));
            let first = fit.and_then(|fit| {
                fit.ratios.iter().copied().find(|one| one.variable.as_deref() == term)
            });
            let test = first.and_then(|first| match (column.is_by_subgroup(), term) {
                (true, Some(term)) => ratios::test_of_interaction(&entry.analysis, term),
                // The ratio in all patients stands beside those of subgroups, and has no
                // interaction.
                (true, None) => None,
                (false, _) => ratios::test_of_term(&entry.analysis, first),
            });
            let cell = Cell::value(test, self.study);
            cells.push(match test {
                Some(test) => cell.noted(table.footnotes.place(&told(test, first, column))),
                None => cell,
            });
        }
        Row::values(cells)
    }

    fn cells(
        &self,
        table: &mut PrintedTable,
        entry: &Entry<'_>,
        fits: &Fits<'_, '_>,
        (label, row): (String, &Finding),
    ) -> Vec<Cell> {
        let mut cells = vec![Cell::text(label)];
        for (place, fit) in fits.iter().enumerate() {
            let ratio =
                fit.and_then(|fit| fit.ratios.iter().copied().find(|one| is_same_row(one, row)));
            if place == 0 {
                for which in [Withheld::N, Withheld::Events] {
                    cells.push(Cell::of(ratio, |one| {
                        format::counted(one, which, self.study).unwrap_or_default()
                    }));
                }
            }
            cells.push(self.ratio(table, ratio));
            let p = ratio.and_then(|ratio| Findings(entry.analysis.findings).p_value_of(ratio));
            cells.push(Cell::value(p, self.study));
        }
        cells
    }

    fn ratio(&self, table: &mut PrintedTable, ratio: Option<&Finding>) -> Cell {
        match ratio {
            Some(finding) if is_reference(finding) => {
                Cell::of(ratio, |_| "1 (reference)".to_owned()).toned(Tone::Quiet)
            }
            Some(finding) if finding.value.is_none() => {
                let reason = finding
                    .warnings
                    // The last warning is the reason: analyses add it where they give up the
                    // number.
                    .last()
                    .map_or_else(|| "not defined".to_owned(), crate::words::warning);
                let footnote = table.footnotes.place(&sentence(&reason));
                Cell::estimate(ratio, self.study).noted(footnote)
            }
            _ => Cell::estimate(ratio, self.study),
        }
    }
}

/// What the p-value beside the name of a term tests.
fn told(test: &Finding, first: Option<&Finding>, column: &Ratios<'_>) -> String {
    let is_of_product = first.is_some_and(ratios::is_product) || column.is_by_subgroup();
    match is_of_product {
        true => sentence(&format!("interaction: {}", crate::words::method(&test.method))),
        false => "All levels at once, Wald test.".to_owned(),
    }
}

/// The ratios of a term that have a row, the first of each; levels that nobody
/// has are left out, and a note says so.
fn rows_of<'a>(fits: &Fits<'_, 'a>, term: Option<&str>) -> Vec<&'a Finding> {
    let mut rows: Vec<&Finding> = Vec::new();
    let ratios = fits.iter().flatten().flat_map(|fit| fit.ratios.iter().copied());
    for ratio in ratios.filter(|ratio| ratio.variable.as_deref() == term && ratio.n != Some(0)) {
        if !rows.iter().any(|known| is_same_row(known, ratio)) {
            rows.push(ratio);
        }
    }
    rows
}

/// Whether two fits have the same thing to say in a row.
fn is_same_row(one: &Finding, other: &Finding) -> bool {
    let place = |finding: &Finding| {
        let parts = finding.address.parts.iter();
        parts.filter(|part| matches!(part, study::Part::Place(_))).cloned().collect::<Vec<_>>()
    };
    one.variable == other.variable
        && one.level == other.level
        && one.group == other.group
        && one.statistic == other.statistic
        // Ratios at several values of a number differ by their place alone.
        && place(one) == place(other)
}
