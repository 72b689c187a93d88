//! The table as it is set: columns, rows, and what is said once under it.

use study::{Detail, Finding, Procedure, Quantity, in_sentence, slug};

use super::pivot::{
    ColumnKey, Piece, Pivot, PivotRow, Placed, estimate_of, keep_what_differs, take_shared,
    take_statistic_of_heading, tell_apart,
};
use super::words::{ESTIMATE, Page, joined};
use crate::analysis::{counted_by, distinct, whole_counts};
use crate::exhibit::sentence;
use crate::format;
use crate::lookup::{Findings, is_reference};
use crate::table::{Cell, Column, PrintedTable, Row};

/// What the columns of patients and events count.
const WHOSE_COUNTS: &str = "Patients and events are those of the analysis that the numbers of a row \
    come from; of a number about one group or subgroup, those of the group; where a cause is named, \
    the events of that cause.";

/// Patients and events of a row.
type Counts = [Option<String>; 2];

impl<'a> Page<'a> {
    /// The table of what stands under each heading.
    pub(super) fn table(&self, chosen: &[(&'a str, Vec<&'a Finding>)]) -> PrintedTable {
        let by_heading = self.kind.is_across(Piece::Rest);
        let mut placed = self.all_placed(chosen, by_heading);
        // Before pieces are taken out of rows: what sets two apart must not be among what all
        // share.
        tell_apart(&mut placed);
        let shared = match by_heading || self.kind.is_across(Piece::Group) {
            // Where groups stand across, what all rows share may be what their columns are named
            // by.
            true => Vec::new(),
            false => take_shared(&mut placed),
        };
        if by_heading {
            keep_what_differs(&mut placed);
        }
        take_statistic_of_heading(&mut placed, |piece| self.kind.is_across(piece));
        let pivot = Pivot::of(placed, |piece| self.kind.is_across(piece));
        let counts: Vec<Counts> = pivot.rows.iter().map(|row| self.counts(row)).collect();
        let known: Vec<&Counts> =
            counts.iter().filter(|[patients, _]| patients.is_some()).collect();
        // The same patients in every row are told once, and two columns of equal numbers are
        // spared.
        let once = known.first().filter(|first| known.iter().all(|other| other == *first));
        // a row of several groups or analyses has no one number of patients
        let tells_counts = !known.is_empty() && self.kind.across.is_empty();
        let has_counts = tells_counts && once.is_none();
        let mut table = PrintedTable::of(self.columns(&pivot, has_counts));
        self.rows(&mut table, &pivot, (&counts, has_counts));
        self.note_methods(&mut table, &pivot);
        let said_once = once.filter(|_| tells_counts).map(|counts| counts_in_words(counts));
        let all: Vec<String> =
            shared.into_iter().map(|(_, words)| words).chain(said_once).collect();
        if !all.is_empty() {
            table.note(format!("All rows: {}.", in_sentence(&all.join("; "))));
        }
        if has_counts {
            table.note(WHOSE_COUNTS);
        }
        table
    }

    fn all_placed(
        &self,
        chosen: &[(&'a str, Vec<&'a Finding>)],
        by_heading: bool,
    ) -> Vec<Placed<'a>> {
        let findings_of = |one: &Finding| self.evidence.around(one).findings;
        let mut placed = Vec::new();
        for (heading, own) in chosen {
            let endpoints = distinct(own.iter().filter_map(|one| one.endpoint.as_deref()));
            // One endpoint under a heading is what the heading says.
            let has_endpoints = endpoints.len() > 1 || by_heading;
            for finding in own {
                let estimate = match finding.quantity {
                    Quantity::PValue => estimate_of(finding, own, findings_of),
                    _ => None,
                };
                // It comes with its estimate below, and would come twice.
                if estimate.is_some() {
                    continue;
                }
                placed.push(self.placed(heading, (finding, None), has_endpoints));
                // the p-value of an estimate stands beside it, whether it was asked for or not
                if let Some(p) = Findings(findings_of(finding)).p_value_of(finding) {
                    placed.push(self.placed(heading, (p, Some(finding)), has_endpoints));
                }
            }
        }
        join_lone_tests(&mut placed);
        placed
    }

    fn rows(
        &self,
        table: &mut PrintedTable,
        pivot: &Pivot<'_>,
        (counts, has_counts): (&[Counts], bool),
    ) {
        let by_heading = self.kind.is_across(Piece::Rest);
        let mut former: Option<&PivotRow<'_>> = None;
        for (row, counts) in pivot.rows.iter().zip(counts) {
            if former.is_none_or(|former| former.heading != row.heading) && !by_heading {
                table.rows.push(Row::section(row.heading));
            }
            let upto = |row: &PivotRow<'_>| {
                let pieces = row.pieces.iter().take_while(|(piece, _)| *piece <= Piece::Variable);
                pieces.cloned().collect::<Vec<_>>()
            };
            let (own, is_level) = (upto(row), row.has(Piece::Level));
            let is_new =
                former.is_none_or(|former| former.heading != row.heading || upto(former) != own);
            let siblings = pivot
                .rows
                .iter()
                .filter(|other| other.heading == row.heading && upto(other) == own);
            // A level alone is said in one row, `Sex: female`. Several stand under a row that names
            // the column.
            let is_below = is_level && siblings.count() > 1;
            if is_below && is_new {
                table.rows.push(Row::values(vec![Cell::text(joined(&own))]));
            }
            former = Some(row);
            let label = match is_below {
                true => joined(&row.pieces[own.len()..].to_vec()),
                false => joined(&row.pieces),
            };
            let label = match (label.is_empty(), by_heading) {
                (true, true) => row.heading.to_owned(),
                (true, false) => "All patients".to_owned(),
                (false, _) => label,
            };
            let mut cells = vec![Cell::text(label)];
            let counts = counts.iter().zip(self.counted_by(row)).filter(|_| has_counts);
            cells.extend(counts.map(|(count, of)| {
                Cell::of(of.filter(|_| count.is_some()), |_| count.clone().unwrap_or_default())
            }));
            cells.extend(self.cells(pivot, row));
            table.rows.push(if is_below { Row::below(cells) } else { Row::values(cells) });
        }
    }

    fn columns(&self, pivot: &Pivot<'_>, has_counts: bool) -> Vec<Column> {
        let mut columns = vec![Column::words("what", "")];
        for label in ["Patients", "Events"].into_iter().filter(|_| has_counts) {
            columns.push(Column::numbers(&label.to_lowercase(), label));
        }
        // one statistic of all columns is told under the table, the columns by what is across
        let is_alone = self.one_statistic(pivot).is_some();
        for (place, key) in pivot.columns.iter().enumerate() {
            let mut words = key.across.clone();
            let is_said = words.is_empty() || (!is_alone && key.statistic != ESTIMATE);
            if is_said && !key.statistic.is_empty() {
                words.insert(0, (Piece::Statistic, key.statistic.clone()));
            }
            let own = joined(&words);
            let follows = place.checked_sub(1).is_some_and(|before| {
                let before = &pivot.columns[before];
                !before.is_p && before.statistic == key.statistic && before.across == key.across
            });
            let label = match (key.is_p, follows || own.is_empty()) {
                // Right behind its estimate a p-value needs no further words.
                (true, true) => "p".to_owned(),
                (true, false) => format!("p, {}", in_sentence(&own)),
                (false, _) => own.clone() + &self.interval(pivot, place),
            };
            let key = match (key.is_p, slug(&own)) {
                (true, own) if own.is_empty() => "p".to_owned(),
                (true, own) => format!("{own}_p"),
                (false, own) => own,
            };
            columns.push(Column::numbers(&key, &label));
        }
        columns
    }

    /// The statistic that all columns are of, where there are several.
    fn one_statistic<'p>(&self, pivot: &'p Pivot<'_>) -> Option<&'p str> {
        let (first, others) = pivot.columns.split_first()?;
        let is_same = |other: &ColumnKey| other.statistic == first.statistic && !other.is_p;
        (!others.is_empty() && others.iter().all(is_same)).then_some(first.statistic.as_str())
    }

    /// The name of the intervals of a column, in brackets.
    fn interval(&self, pivot: &Pivot<'_>, column: usize) -> String {
        let levels = in_column(pivot, column).filter(|one| !is_reference(one) && has_limits(one));
        let level = levels.filter_map(|one| one.confidence_level).next();
        level.map_or_else(String::new, |level| format!(" ({})", format::interval_name(level)))
    }

    fn counts(&self, row: &PivotRow<'_>) -> Counts {
        counted(row).map(|one| self.counts_of(one)).unwrap_or_default()
    }

    /// The findings that say the patients and the events of a row.
    fn counted_by<'f>(&'f self, row: &PivotRow<'f>) -> [Option<&'f Finding>; 2] {
        let Some(number) = counted(row) else { return [None; 2] };
        let around = Findings(self.evidence.around(number).findings);
        counted_by(around, number).map_or([Some(number); 2], |counts| counts.map(Some))
    }

    fn counts_of(&self, finding: &Finding) -> Counts {
        whole_counts(Findings(self.evidence.around(finding).findings), finding, self.study)
    }

    fn cells(&self, pivot: &Pivot<'_>, row: &PivotRow<'_>) -> Vec<Cell> {
        let mut cells = Vec::new();
        for column in 0..pivot.columns.len() {
            let found = row.cells.iter().find(|(place, _)| *place == column);
            let found = found.map(|(_, finding)| *finding);
            cells.push(Cell::of(found, |finding| match is_reference(finding) {
                true => "1 (reference)".to_owned(),
                false if finding.quantity == Quantity::PValue => format::value(finding, self.study),
                false => format::value_with_limits(finding, self.study),
            }));
        }
        cells
    }

    /// The methods of each column: that of most cells under the table, others as
    /// footnotes at theirs. What a row is named by is not said again.
    fn note_methods(&self, table: &mut PrintedTable, pivot: &Pivot<'_>) {
        if let Some(statistic) = self.one_statistic(pivot).filter(|one| *one != ESTIMATE) {
            table.note(sentence(&format!("All numbers: {}", in_sentence(statistic))));
        }
        let found: Vec<_> = (0..pivot.columns.len()).map(|place| methods(pivot, place)).collect();
        let mut told: Vec<(String, Vec<String>)> = Vec::new();
        for (place, (key, (most, others))) in pivot.columns.iter().zip(&found).enumerate() {
            if self.kind.is_across(Piece::Rest) && most.is_none() {
                // where headings are rows and each has a method of its own, the row has the letter
                footnotes(table, pivot, place, &others[..], true);
                continue;
            }
            if let (None, [only]) = (most, others.as_slice()) {
                // the method of all numbers of a column stands at its head
                let footnote = table.footnotes.place(&sentence(only));
                let ahead = table.columns.len() - pivot.columns.len();
                table.columns[ahead + place].footnotes.push(footnote);
                continue;
            }
            footnotes(table, pivot, place, others, false);
            // a number of several statistics is told at its cell, a lone test by its row
            let is_lone = key.is_p && key.statistic.is_empty();
            let Some(most) = most.as_ref().filter(|_| !is_lone) else { continue };
            let same =
                |other: &ColumnKey| (&other.statistic, other.is_p) == (&key.statistic, key.is_p);
            let mut siblings = pivot.columns.iter().zip(&found).filter(|(other, _)| same(other));
            let statistic = key.statistic.split(',').next().unwrap_or_default().to_owned();
            let mut pieces = vec![(Piece::Statistic, statistic)];
            // What stands across is named only where columns of one statistic differ in their
            // method.
            if !siblings.all(|(_, (other, _))| other.as_ref() == Some(most)) {
                pieces.extend(key.across.iter().cloned());
            }
            let label = match key.is_p {
                true => format!("p, {}", in_sentence(&joined(&pieces))),
                false => joined(&pieces),
            };
            // One method of several columns is one note with all their names.
            match told.iter_mut().find(|(known, _)| known == most) {
                Some((_, labels)) if labels.contains(&label) => {}
                Some((_, labels)) => labels.push(label),
                None => told.push((most.clone(), vec![label])),
            }
        }
        for (method, labels) in told {
            let labels: Vec<String> = labels.iter().map(|label| in_sentence(label)).collect();
            table.note(sentence(&format!("{}: {method}", labels.join("; "))));
        }
    }
}

/// Lets p-values without an estimate stand in the column of those with one,
/// where there is one such column: their rows name the tests.
fn join_lone_tests(placed: &mut [Placed<'_>]) {
    let beside = placed.iter().filter(|one| one.is_p && !one.statistic.is_empty());
    let statistics = distinct(beside.map(|one| one.statistic.as_str()));
    // With several columns of p-values nothing says which one a lone test belongs to.
    let [only] = statistics.as_slice() else { return };
    let has_estimates = placed.iter().any(|one| !one.is_p && one.statistic == *only);
    let only = (*only).to_owned();
    for one in placed.iter_mut().filter(|one| has_estimates && one.is_p && one.statistic.is_empty())
    {
        one.statistic.clone_from(&only);
    }
}

fn has_limits(finding: &Finding) -> bool {
    finding.lower.is_some() || finding.upper.is_some()
}

fn in_column<'p>(pivot: &'p Pivot<'_>, column: usize) -> impl Iterator<Item = &'p Finding> {
    let cells = pivot.rows.iter().flat_map(|row| &row.cells);
    cells.filter(move |(place, _)| *place == column).map(|(_, finding)| *finding)
}

/// A method in words; of a p-value the test by its name, where it has one.
fn words_of(finding: &Finding) -> Option<String> {
    let is_test = |detail: &Detail| matches!(detail, Detail::Test { .. });
    let words = match finding.quantity {
        Quantity::PValue if finding.method.details.iter().any(is_test) => {
            crate::words::name(&finding.method)
        }
        Quantity::PValue if finding.variable.is_none() => return None,
        Quantity::PValue => crate::words::name(&finding.method),
        _ => {
            // which finding an E-value is of is told by its row, and that a number is the largest
            let mut method = finding.method.clone();
            method.details.retain(|detail| !matches!(detail, Detail::OfFinding(_)));
            if let Procedure::LargestBalanceDifference(when, spread) = method.procedure {
                method.procedure = Procedure::BalanceDifference(when, spread);
            }
            crate::words::method(&method)
        }
    };
    let words = words.replace('`', "");
    (finding.method.procedure != Procedure::Reference && !words.is_empty()).then_some(words)
}

/// The method of more than half of a column's cells, and the others. A test
/// that names its row is not among them.
fn methods(pivot: &Pivot<'_>, column: usize) -> (Option<String>, Vec<String>) {
    let mut counted: Vec<(String, usize)> = Vec::new();
    let rows = pivot.rows.iter().filter(|row| !row.has(Piece::Test));
    let cells = rows.flat_map(|row| &row.cells).filter(|(place, _)| *place == column);
    for words in cells.filter_map(|(_, finding)| words_of(finding)) {
        match counted.iter_mut().find(|(known, _)| *known == words) {
            Some((_, count)) => *count += 1,
            None => counted.push((words, 1)),
        }
    }
    let all: usize = counted.iter().map(|(_, count)| count).sum();
    let is_of_rows = pivot.columns[column].statistic == ESTIMATE;
    // More than half, so that there is at most one, and footnotes stay the exception.
    let most = counted.iter().find(|(_, count)| 2 * count > all && !is_of_rows);
    let most = most.map(|(words, _)| words.clone());
    let others = counted.into_iter().map(|(words, _)| words);
    (most.clone(), others.filter(|words| Some(words) != most.as_ref()).collect())
}

/// Several methods of a column, at the cells, or at the first cells of their
/// rows where these have no letter yet.
fn footnotes(
    table: &mut PrintedTable,
    pivot: &Pivot<'_>,
    column: usize,
    methods: &[String],
    at_rows: bool,
) {
    for method in methods {
        let of_method =
            in_column(pivot, column).filter(|one| words_of(one).as_ref() == Some(method));
        let ids: Vec<String> = of_method.map(Finding::id).collect();
        let own = |cell: &Cell| cell.finding.as_ref().is_some_and(|id| ids.contains(id));
        let rows = table.rows.iter_mut().filter(|row| row.cells.iter().any(own));
        let cells: Vec<&mut Cell> = match at_rows {
            true => rows.filter_map(|row| row.cells.first_mut()).collect(),
            false => rows.flat_map(|row| &mut row.cells).filter(|cell| own(cell)).collect(),
        };
        let free = |cell: &&mut Cell| !at_rows || cell.footnotes.is_empty();
        let cells: Vec<&mut Cell> = cells.into_iter().filter(free).collect();
        if !cells.is_empty() {
            let place = table.footnotes.place(&sentence(method));
            cells.into_iter().for_each(|cell| cell.footnotes.push(place));
        }
    }
}

/// The number of a row whose patients and events are told.
fn counted<'f>(row: &PivotRow<'f>) -> Option<&'f Finding> {
    // A count is a number of patients itself.
    row.cells.iter().map(|(_, finding)| *finding).find(|one| one.quantity != Quantity::Count)
}

/// Patients with their events.
fn counts_in_words([patients, events]: &Counts) -> String {
    let of = |number: &Option<String>, what| number.as_ref().map(|n| study::numbered(n, what));
    let both = [of(patients, "patients"), of(events, "events")];
    both.into_iter().flatten().collect::<Vec<_>>().join(" with ")
}
