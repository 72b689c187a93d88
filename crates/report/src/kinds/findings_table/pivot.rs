//! Which row and which column of the table a finding stands in.

use std::collections::BTreeSet;

use study::{Finding, Part, Quantity};

use crate::lookup::Findings;

/// What a number is about, piece by piece, in the order in which a row says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Piece {
    /// The statistic, where it stands in rows.
    Statistic,
    /// A named analysis.
    Analysis,
    /// The endpoint, where a heading has several.
    Endpoint,
    /// The test, of a p-value without an estimate.
    Test,
    /// A column.
    Variable,
    /// A level of it.
    Level,
    /// A group, or what is compared.
    Group,
    /// A time or a part of follow-up.
    Time,
    /// What else sets it apart.
    Rest,
}

/// A piece with its words.
pub(super) type Pieces = Vec<(Piece, String)>;

/// A finding with what its row and its column say.
#[derive(Debug, Clone)]
pub(super) struct Placed<'a> {
    pub(super) heading: &'a str,
    pub(super) finding: &'a Finding,
    /// The statistic that it, or its p-value, stands under.
    pub(super) statistic: String,
    pub(super) is_p: bool,
    /// What it is about.
    pub(super) pieces: Pieces,
}

/// A column: a statistic, or its p-values, and what stands across.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ColumnKey {
    pub(super) statistic: String,
    pub(super) is_p: bool,
    pub(super) across: Pieces,
}

/// A row: its heading, what it is about, and the findings in its columns.
#[derive(Debug, Clone)]
pub(super) struct PivotRow<'a> {
    pub(super) heading: &'a str,
    pub(super) pieces: Pieces,
    pub(super) cells: Vec<(usize, &'a Finding)>,
}

/// The table before it is set.
#[derive(Debug, Clone, Default)]
pub(super) struct Pivot<'a> {
    pub(super) columns: Vec<ColumnKey>,
    pub(super) rows: Vec<PivotRow<'a>>,
}

impl<'a> Placed<'a> {
    fn reads_as(&self, other: &Self) -> bool {
        self.heading == other.heading
            && (&self.statistic, self.is_p, &self.pieces)
                == (&other.statistic, other.is_p, &other.pieces)
    }
}

/// Says of findings that read alike what sets them apart.
pub(super) fn tell_apart(placed: &mut [Placed<'_>]) {
    let apart = |one: &Placed<'_>| {
        let others = placed
            .iter()
            .filter(|other| other.reads_as(one) && other.finding.address != one.finding.address);
        // A set: each other finding may be set apart by the same word.
        let words: BTreeSet<String> =
            others.filter_map(|other| part_apart(one.finding, other.finding)).collect();
        words.into_iter().collect::<Vec<_>>().join(", ")
    };
    let words: Vec<String> = placed.iter().map(apart).collect();
    for (one, words) in placed.iter_mut().zip(words).filter(|(_, words)| !words.is_empty()) {
        one.pieces.push((Piece::Rest, words));
    }
}

/// The first part of a finding's address that another one has not at its
/// place; its analysis, where only that differs. An address that goes on where
/// this one ends has more to say.
fn part_apart(finding: &Finding, other: &Finding) -> Option<String> {
    let (own, others) = (&finding.address.parts, &other.address.parts);
    let pairs = own.iter().map(Part::printed).zip(others.iter().map(Part::printed));
    let differing = pairs.clone().find(|(own, other)| own != other).map(|(own, _)| own);
    let more = own.get(others.len()).map(Part::printed);
    let is_shorter = own.len() < others.len() && differing.is_none();
    let words = differing.or(more).or_else(|| (!is_shorter).then(|| finding.stage().to_owned()));
    let words = words?.replace('_', " ");
    // `harrell` of an id is Harrell in the words of the method
    let name = crate::words::name(&finding.method);
    let cased = name.get(..words.len()).filter(|start| start.eq_ignore_ascii_case(&words));
    Some(cased.map_or(words.clone(), str::to_owned))
}

/// Takes out of rows what holds for each of them: it is told once. A comparison
/// is also told once where some rows make none.
pub(super) fn take_shared(placed: &mut [Placed<'_>]) -> Pieces {
    let mut shared = Pieces::new();
    // In the order in which the note under the table reads: which analysis, of what, of whom, when.
    for piece in [Piece::Analysis, Piece::Endpoint, Piece::Group, Piece::Time, Piece::Level] {
        let words_of = |one: &Placed<'_>| {
            one.pieces.iter().find(|(own, _)| *own == piece).map(|(_, words)| words.clone())
        };
        let words: Vec<String> = placed.iter().filter_map(words_of).collect();
        let is_one = words.windows(2).all(|pair| pair[0] == pair[1]);
        let in_all = words.len() == placed.len() && placed.iter().all(|one| one.pieces.len() > 1);
        // A row that would be left without a word keeps what all share.
        if words.len() > 1 && is_one && (piece == Piece::Group || in_all) {
            shared.push((piece, words[0].clone()));
            placed.iter_mut().for_each(|one| one.pieces.retain(|(own, _)| *own != piece));
        }
    }
    shared
}

/// Takes out of rows the statistic that all rows under their heading are of.
pub(super) fn take_statistic_of_heading(
    placed: &mut [Placed<'_>],
    is_across: impl Fn(Piece) -> bool,
) {
    let statistics = |heading: &str| {
        let own = placed.iter().filter(|one| one.heading == heading);
        let in_row =
            |one: &Placed<'_>| one.pieces.iter().filter(|(own, _)| !is_across(*own)).count();
        own.map(|one| (one.pieces.first().cloned(), in_row(one) > 1)).collect::<Vec<_>>()
    };
    let is_said = |heading: &str| {
        let own = statistics(heading);
        matches!(own.first(), Some((Some((Piece::Statistic, _)), _)))
            && own.iter().all(|(first, has_more)| *has_more && *first == own[0].0)
    };
    let headings: BTreeSet<&str> = placed.iter().map(|one| one.heading).collect();
    let said: BTreeSet<&str> = headings.into_iter().filter(|heading| is_said(heading)).collect();
    let said: Vec<String> = said.into_iter().map(str::to_owned).collect();
    for one in placed.iter_mut().filter(|one| said.iter().any(|heading| heading == one.heading)) {
        one.pieces.retain(|(piece, _)| *piece != Piece::Statistic);
    }
}

/// Of pieces that stand in columns where each heading is a row, those that tell
/// findings of one heading and statistic apart.
pub(super) fn keep_what_differs(placed: &mut [Placed<'_>]) {
    let differs = |one: &Placed<'_>, piece: Piece| {
        let words_of = |other: &Placed<'_>| {
            other.pieces.iter().find(|(own, _)| *own == piece).map(|(_, words)| words.clone())
        };
        let same = placed
            .iter()
            .filter(|other| (&other.statistic, other.is_p) == (&one.statistic, one.is_p));
        let mut by_heading: Vec<(&str, BTreeSet<Option<String>>)> = Vec::new();
        for other in same {
            match by_heading.iter_mut().find(|(heading, _)| *heading == other.heading) {
                Some((_, words)) => drop(words.insert(words_of(other))),
                None => by_heading.push((other.heading, BTreeSet::from([words_of(other)]))),
            }
        }
        by_heading.iter().any(|(_, words)| words.len() > 1)
    };
    let kept: Vec<Pieces> = placed
        .iter()
        .map(|one| one.pieces.iter().filter(|(piece, _)| differs(one, *piece)).cloned().collect())
        .collect();
    for (one, pieces) in placed.iter_mut().zip(kept) {
        one.pieces = pieces;
    }
}

impl<'a> Pivot<'a> {
    /// Rows and columns in the order in which the findings first need them.
    pub(super) fn of(placed: Vec<Placed<'a>>, is_across: impl Fn(Piece) -> bool) -> Self {
        let mut pivot = Self::default();
        for one in placed {
            let (across, pieces) = one.pieces.into_iter().partition(|(piece, _)| is_across(*piece));
            let key = ColumnKey { statistic: one.statistic, is_p: one.is_p, across };
            let column =
                pivot.columns.iter().position(|known| *known == key).unwrap_or_else(|| {
                    pivot.columns.push(key);
                    pivot.columns.len() - 1
                });
            let (heading, finding) = (one.heading, one.finding);
            let same = |row: &&mut PivotRow<'_>| row.heading == heading && row.pieces == pieces;
            match pivot.rows.iter_mut().find(same) {
                // The place is taken: the same finding was asked for twice.
                Some(row) if row.cells.iter().any(|(place, _)| *place == column) => {}
                Some(row) => row.cells.push((column, finding)),
                None => {
                    pivot.rows.push(PivotRow { heading, pieces, cells: vec![(column, finding)] });
                }
            }
        }
        pivot.order_columns();
        pivot.gather();
        pivot
    }

    /// Puts p-values right behind the estimates that they belong to, and those
    /// that belong to none at the end.
    fn order_columns(&mut self) {
        let of_estimate = |key: &ColumnKey| {
            let same = |other: &ColumnKey| {
                !other.is_p && (&other.statistic, &other.across) == (&key.statistic, &key.across)
            };
            self.columns.iter().position(same).unwrap_or(usize::MAX)
        };
        let mut order: Vec<usize> = (0..self.columns.len()).collect();
        order.sort_by_key(|place| (of_estimate(&self.columns[*place]), self.columns[*place].is_p));
        self.columns = order.iter().map(|place| self.columns[*place].clone()).collect();
        for (place, _) in self.rows.iter_mut().flat_map(|row| &mut row.cells) {
            let moved = order.iter().position(|former| former == place);
            *place = moved.expect("invariant: every column has a new place");
        }
    }

    /// Puts rows of one column of the analysis under one heading together, the
    /// row of the column itself before those of its levels.
    fn gather(&mut self) {
        // All pieces up to the column itself; levels and times come behind it.
        let before = |row: &PivotRow<'_>| {
            row.pieces.iter().take_while(|(piece, _)| *piece <= Piece::Variable).cloned().collect()
        };
        let mut blocks: Vec<(&str, Pieces, Vec<PivotRow<'a>>)> = Vec::new();
        for row in std::mem::take(&mut self.rows) {
            let own: Pieces = before(&row);
            let has_variable = own.last().is_some_and(|(piece, _)| *piece == Piece::Variable);
            let block = blocks.iter_mut().find(|(heading, known, _)| {
                has_variable && *heading == row.heading && *known == own
            });
            match block {
                Some((_, _, rows)) => rows.push(row),
                None => blocks.push((row.heading, own, vec![row])),
            }
        }
        for (_, _, mut rows) in blocks {
            // Stable: levels keep their declared order.
            rows.sort_by_key(|row| row.has(Piece::Level));
            self.rows.extend(rows);
        }
    }
}

impl PivotRow<'_> {
    /// Whether it says a piece.
    pub(super) fn has(&self, piece: Piece) -> bool {
        self.pieces.iter().any(|(own, _)| *own == piece)
    }
}

/// The estimate that a p-value belongs to, among the findings of its heading.
pub(super) fn estimate_of<'a>(
    p: &Finding,
    own: &[&'a Finding],
    findings_of: impl Fn(&Finding) -> &'a [Finding],
) -> Option<&'a Finding> {
    let is_estimate =
        |one: &&&Finding| one.quantity != Quantity::PValue && one.stage() == p.stage();
    let belongs = |one: &&Finding| {
        Findings(findings_of(one)).p_value_of(one).is_some_and(|test| test.address == p.address)
    };
    own.iter().filter(is_estimate).copied().find(belongs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smd(stage: &str, time: &str) -> Finding {
        Finding::new(stage, "propensity_score", "smd", Quantity::StandardizedDifference, 0.1)
            .part(crate::sample::time(time))
    }

    fn placed<'a>(heading: &'a str, finding: &'a Finding, pieces: &[(Piece, &str)]) -> Placed<'a> {
        let pieces = pieces.iter().map(|(piece, words)| (*piece, (*words).to_owned())).collect();
        Placed { heading, finding, statistic: "SMD".into(), is_p: false, pieces }
    }

    fn words(placed: &[Placed<'_>]) -> Vec<String> {
        let join = |one: &Placed<'_>| {
            one.pieces.iter().map(|(_, words)| words.as_str()).collect::<Vec<_>>().join("; ")
        };
        placed.iter().map(join).collect()
    }

    #[test]
    fn findings_that_read_alike_say_what_sets_them_apart() {
        // The first differs from both by its time, the other two by their analysis alone.
        let found = [smd("overlap", "before"), smd("overlap", "after"), smd("matched", "after")];
        let mut all: Vec<Placed<'_>> = found.iter().map(|one| placed("A", one, &[])).collect();
        tell_apart(&mut all);
        assert_eq!(words(&all), ["before", "after, overlap", "after, matched"]);
        let longer = found[0].clone().part(Part::method("permutation"));
        let mut both = vec![placed("A", &found[0], &[]), placed("A", &longer, &[])];
        tell_apart(&mut both);
        assert_eq!(words(&both), ["", "permutation"]);
        let mut once = vec![placed("A", &found[0], &[]), placed("B", &found[1], &[])];
        tell_apart(&mut once);
        assert_eq!(words(&once), ["", ""], "under headings of their own they are apart");
    }

    #[test]
    fn what_all_rows_share_is_taken_out_and_told_once() {
        let finding = smd("overlap", "before");
        let row = |pieces: &[(Piece, &str)]| placed("A", &finding, pieces);
        let rt = (Piece::Group, "RT v no RT");
        let mut all = vec![
            row(&[rt, (Piece::Time, "6 months")]),
            row(&[rt, (Piece::Time, "12 months")]),
            row(&[(Piece::Test, "Log-rank test")]),
        ];
        assert_eq!(take_shared(&mut all), [(Piece::Group, "RT v no RT".to_owned())]);
        assert_eq!(words(&all), ["6 months", "12 months", "Log-rank test"]);
        assert!(take_shared(&mut all).is_empty());
        let mut alone = vec![row(&[rt, (Piece::Time, "6 months")])];
        assert!(take_shared(&mut alone).is_empty(), "a single row says what it is about");
    }

    #[test]
    fn where_headings_are_rows_a_column_says_what_it_must() {
        let finding = smd("overlap", "before");
        let at = |heading, group, time| {
            placed(heading, &finding, &[(Piece::Group, group), (Piece::Time, time)])
        };
        let mut all = vec![at("A", "RT", "6"), at("A", "No RT", "6"), at("B", "RT", "12")];
        keep_what_differs(&mut all);
        assert_eq!(words(&all), ["RT", "No RT", "RT"]);
    }

    /// The row of a column stands over those of its levels, wherever it was found.
    #[test]
    fn levels_stand_under_their_column() {
        let found = [smd("a", "before"), smd("b", "before"), smd("c", "before"), smd("d", "after")];
        let sex = (Piece::Variable, "Sex");
        let level = |finding, level| placed("A", finding, &[sex, (Piece::Level, level)]);
        let all = vec![
            // Found in the order a, b, c, d: a level, another column, a level, and the column of
            // the levels last.
            level(&found[0], "Female"),
            placed("A", &found[1], &[(Piece::Variable, "Age")]),
            level(&found[2], "Male"),
            placed("A", &found[3], &[sex]),
        ];
        let pivot = Pivot::of(all, |_| false);
        let stages: Vec<&str> = pivot.rows.iter().map(|row| row.cells[0].1.stage()).collect();
        assert_eq!(stages, ["d", "a", "c", "b"]);
    }
}
