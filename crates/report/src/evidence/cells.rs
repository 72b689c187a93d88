//! Small cells of baseline tables: which counts of patients with a characteristic
//! may not be shown, so that none can be had from the others and the totals either.

use std::collections::BTreeMap;

use study::{Finding, Part, Quantity};

use crate::analysis::distinct;

/// How a count is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// As it is.
    Count,
    /// As `<5`.
    Small,
    /// Not at all, because a small one could be had from it.
    Hidden,
}

/// Variable, level and group of a count.
type Place = (String, String, String);

/// How the counts of one baseline table are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Suppression {
    smallest: u64,
    shown: BTreeMap<Place, Shown>,
}

impl Suppression {
    /// The suppression of one analysis, where counts below `smallest` are hidden.
    pub(super) fn of(findings: &[Finding], smallest: u64) -> Self {
        let mut suppression = Self { smallest, ..Self::default() };
        let counts = findings.iter().filter(|finding| is_count(finding));
        let counts: Vec<(Place, &Finding)> =
            counts.filter_map(|finding| Some((place(finding)?, finding))).collect();
        for variable in distinct(counts.iter().map(|(place, _)| place.0.as_str())) {
            let block = counts.iter().filter(|(place, _)| place.0 == variable);
            suppression.add_block(&block.cloned().collect::<Vec<_>>());
        }
        suppression
    }

    /// How the count or proportion of a finding is shown.
    pub(super) fn shown(&self, finding: &Finding) -> Shown {
        let shown = place(finding).and_then(|place| self.shown.get(&place)).copied();
        shown.unwrap_or(Shown::Count)
    }

    fn add_block(&mut self, counts: &[(Place, &Finding)]) {
        let levels = distinct(counts.iter().map(|(place, _)| place.1.as_str()));
        let groups = distinct(counts.iter().map(|(place, _)| place.2.as_str()));
        let at = |level: &str, group: &str| {
            let found = counts.iter().find(|(place, _)| place.1 == level && place.2 == group);
            let value = found.and_then(|(_, finding)| finding.value);
            // A level that nobody of a group has may have no finding, and counts as none. It is
            // never small then.
            value.map_or(0, |value| value.round().max(0.0) as u64)
        };
        let cells: Vec<Vec<u64>> = levels
            .iter()
            .map(|level| groups.iter().map(|group| at(level, group)).collect())
            .collect();
        // Only with a column of everybody do the groups sum to something that is printed.
        let all = groups.iter().position(|group| *group == "all");
        let shown = suppress(&cells, all, self.smallest);
        for (place, _) in counts {
            let row = levels.iter().position(|level| *level == place.1);
            let column = groups.iter().position(|group| *group == place.2);
            if let (Some(row), Some(column)) = (row, column) {
                self.shown.insert(place.clone(), shown[row][column]);
            }
        }
    }
}

/// Levels of a variable in groups, and what is counted in groups alone: of
/// whatever kind the table is.
fn is_count(finding: &Finding) -> bool {
    let counts = ["count", "patients_with", "number_of_events", "worst_grade"];
    finding.quantity == Quantity::Count && counts.contains(&finding.statistic.as_str())
}

/// Where a count stands; a share and a rate stand where the count does that
/// they are made of.
fn place(finding: &Finding) -> Option<Place> {
    let group = finding.group.clone()?;
    let counted = match finding.statistic.as_str() {
        "count" | "proportion" => {
            return Some((finding.variable.clone()?, finding.level.clone()?, group));
        }
        "patients_with" | "share_with" => "patients_with",
        "number_of_events" | "event_rate" => "number_of_events",
        "worst_grade" => "worst_grade",
        _ => return None,
    };
    // each is a row of its own, whose groups sum to all
    let is_about =
        |part: &&Part| !matches!(part, Part::Group { .. } | Part::Everybody | Part::Statistic(_));
    let about: Vec<String> =
        finding.address.parts.iter().filter(is_about).map(Part::printed).collect();
    Some((format!("{counted} {}", about.join(" ")), String::new(), group))
}

/// One equation that a reader knows: the signed cells sum to a known number.
type Equation = Vec<(usize, usize, i64)>;

/// How each count of a block (levels by groups) is shown. A reader knows the
/// sum of each group over its levels, and that the groups sum to `all`.
fn suppress(cells: &[Vec<u64>], all: Option<usize>, smallest: u64) -> Vec<Vec<Shown>> {
    let mut shown: Vec<Vec<Shown>> = cells
        .iter()
        .map(|row| row.iter().map(|count| first_look(*count, smallest)).collect())
        .collect();
    let equations = equations(cells, all);
    // Hiding a count closes one equation and may open another; each round hides one
    // more, so that it ends.
    loop {
        let gap = equations.iter().find_map(|equation| {
            let gives_away = gives_away(equation, cells, &shown, smallest);
            gives_away.then(|| next_to_hide(equation, cells, &shown)).flatten()
        });
        match gap {
            Some((row, column)) => shown[row][column] = Shown::Hidden,
            None => return shown,
        }
    }
}

fn first_look(count: u64, smallest: u64) -> Shown {
    // Nobody is no small count: that no patient has a level tells of none.
    if count > 0 && count < smallest { Shown::Small } else { Shown::Count }
}

fn equations(cells: &[Vec<u64>], all: Option<usize>) -> Vec<Equation> {
    // Down: levels of a group sum to its size, which stands in the heading. Across: groups sum to
    // all.
    let columns = cells.first().map_or(0, Vec::len);
    let down = (0..columns).map(|column| (0..cells.len()).map(|row| (row, column, 1)).collect());
    let across = (0..cells.len()).filter_map(|row| {
        let all = all?;
        Some((0..columns).map(|column| (row, column, if column == all { -1 } else { 1 })).collect())
    });
    down.chain(across).collect()
}

/// Whether a suppressed cell of the equation has only one possible value.
fn gives_away(
    equation: &Equation,
    cells: &[Vec<u64>],
    shown: &[Vec<Shown>],
    smallest: u64,
) -> bool {
    let hidden = equation.iter().filter(|(row, column, _)| shown[*row][*column] != Shown::Count);
    let hidden: Vec<_> = hidden.copied().collect();
    let known: i64 =
        hidden.iter().map(|(row, column, sign)| sign * cells[*row][*column] as i64).sum();
    let bounds = |(row, column, _): &(usize, usize, i64)| match shown[*row][*column] {
        // A reader knows of `<5` that it is 1 to 4.
        Shown::Small => (1, smallest as i64 - 1),
        // As good as no bound, and sums of it fit.
        _ => (smallest as i64, i64::from(u32::MAX)),
    };
    hidden.iter().any(|cell| {
        // What the others can be at most and at least bounds this one, as the sum of all that are
        // hidden is known.
        let (mut least, mut most) = (known, known);
        for other in hidden.iter().filter(|other| (other.0, other.1) != (cell.0, cell.1)) {
            let (low, high) = bounds(other);
            let (low, high) = if other.2 > 0 { (low, high) } else { (-high, -low) };
            (least, most) = (least - high, most - low);
        }
        let (least, most) = if cell.2 > 0 { (least, most) } else { (-most, -least) };
        let (low, high) = bounds(cell);
        // No number, or one alone, is left. A range of two is enough for a cell to stay as it is.
        least.max(low) >= most.min(high)
    })
}

/// The smallest count that is still shown; where only noughts are, none.
fn next_to_hide(
    equation: &Equation,
    cells: &[Vec<u64>],
    shown: &[Vec<Shown>],
) -> Option<(usize, usize)> {
    equation
        .iter()
        .map(|(row, column, _)| (*row, *column))
        .filter(|(row, column)| shown[*row][*column] == Shown::Count && cells[*row][*column] > 0)
        // The smallest costs readers least. Noughts are not hidden: a `[c]` in place of one could
        // only suggest that there is somebody.
        .min_by_key(|(row, column)| cells[*row][*column])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `<` for a small count, `c` for one hidden for its sake, `.` for one shown.
    fn look(cells: &[Vec<u64>], all: Option<usize>) -> Vec<String> {
        let shown = suppress(cells, all, 5);
        let letter = |shown: &Shown| match shown {
            Shown::Count => '.',
            Shown::Small => '<',
            Shown::Hidden => 'c',
        };
        shown.iter().map(|row| row.iter().map(letter).collect()).collect()
    }

    #[test]
    fn no_small_count_can_be_had_from_the_rest() {
        type Case = (&'static str, Vec<Vec<u64>>, Option<usize>, &'static [&'static str]);
        let cases: [Case; 5] = [
            ("nothing small", vec![vec![10, 20], vec![27, 56]], None, &["..", ".."]),
            ("one small of two levels", vec![vec![3, 20], vec![34, 56]], None, &["<.", "c."]),
            (
                "the next smallest is hidden",
                vec![vec![3], vec![9], vec![25]],
                None,
                &["<", "c", "."],
            ),
            (
                "a total over groups gives the small one away",
                vec![vec![3, 20, 23], vec![34, 56, 90]],
                Some(2),
                &["<c.", "cc."],
            ),
            (
                "two ones of two give each other away",
                vec![vec![1], vec![1], vec![9]],
                None,
                &["<", "<", "c"],
            ),
        ];
        for (about, cells, all, expected) in cases {
            assert_eq!(look(&cells, all), expected, "{about}");
        }
    }

    /// Five events of grade 3 in one group and seven in all would tell the two of
    /// the other group, by their count, share and rate.
    #[test]
    fn what_is_counted_in_groups_alone_cannot_be_had_from_all() {
        let of = |statistic: &str, quantity, value: f64, group: &str| {
            let finding = Finding::new("events", "event_rates", statistic, quantity, value);
            finding.part(Part::outcome("any_grade")).in_group(group)
        };
        let counts = [("a", 5.0), ("b", 2.0), ("all", 7.0)];
        let findings: Vec<Finding> = (counts.iter())
            .flat_map(|(group, count)| {
                [
                    of("number_of_events", Quantity::Count, *count, group),
                    of("event_rate", Quantity::Measured, *count / 10.0, group),
                ]
            })
            .collect();
        let cells = Suppression::of(&findings, 5);
        let shown: Vec<Shown> = findings.iter().map(|finding| cells.shown(finding)).collect();
        assert_eq!(shown[2..4], [Shown::Small; 2], "two events and their rate");
        assert_eq!(shown[0..2], [Shown::Hidden; 2], "the smaller of those shown is hidden, too");
        assert_eq!(shown[4..6], [Shown::Count; 2]);
    }

    #[test]
    fn noughts_stay() {
        assert_eq!(look(&[vec![0, 8], vec![37, 68]], None), ["..", ".."]);
    }
}
