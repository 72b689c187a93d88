//! Small cells: which counts of patients with a characteristic may not be
//! shown, so that none can be had from the others and the totals either.

use std::collections::BTreeMap;

use study::{Finding, PrivacyTier, Quantity, StudySettings};

use crate::analysis::distinct;

/// What stands in place of a count that would give a small one away.
pub(crate) const CONFIDENTIAL: &str = "[c]";

/// How a count is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// As it is.
    Count,
    /// As `<5`.
    Small,
    /// Not at all, because a small one could be had from it.
    Hidden,
}

/// Variable, level and group of a count.
type Place = (String, String, String);

/// How the counts of baseline tables are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Suppression {
    smallest: u64,
    shown: BTreeMap<(String, Place), Shown>,
}

impl Suppression {
    /// The suppression that the study's privacy asks for.
    pub(crate) fn of<'a>(
        findings: impl Iterator<Item = &'a Finding> + Clone,
        study: &StudySettings,
    ) -> Self {
        let smallest = study.privacy.smallest_cell;
        let mut suppression = Self { smallest, ..Self::default() };
        if study.privacy.tier != PrivacyTier::Aggregate || smallest < 2 {
            return suppression;
        }
        let counts = findings.filter(|finding| is_count(finding));
        let blocks = distinct(counts.clone().map(|finding| finding.stage()));
        for stage in blocks {
            let of_stage = counts.clone().filter(|finding| finding.stage() == stage);
            for variable in distinct(of_stage.clone().filter_map(|f| f.variable.as_deref())) {
                let block = of_stage.clone().filter(|f| f.variable.as_deref() == Some(variable));
                suppression.add_block(&block.collect::<Vec<_>>());
            }
        }
        suppression
    }

    /// How the count or proportion of a finding is shown.
    pub(crate) fn shown(&self, finding: &Finding) -> Shown {
        let place = place(finding).map(|place| (finding.stage().to_owned(), place));
        place.and_then(|place| self.shown.get(&place)).copied().unwrap_or(Shown::Count)
    }

    /// What is printed instead of the count; none where it is shown.
    pub(crate) fn instead(&self, finding: &Finding) -> Option<String> {
        match self.shown(finding) {
            Shown::Count => None,
            Shown::Small => Some(format!("<{}", self.smallest)),
            Shown::Hidden => Some(CONFIDENTIAL.to_owned()),
        }
    }

    fn add_block(&mut self, counts: &[&Finding]) {
        let levels = distinct(counts.iter().filter_map(|finding| finding.level.as_deref()));
        let groups = distinct(counts.iter().filter_map(|finding| finding.group.as_deref()));
        let at = |level: &str, group: &str| {
            let found = counts.iter().find(|finding| {
                finding.level.as_deref() == Some(level) && finding.group.as_deref() == Some(group)
            });
            found.and_then(|finding| finding.value).map_or(0, |value| value.round().max(0.0) as u64)
        };
        let cells: Vec<Vec<u64>> = levels
            .iter()
            .map(|level| groups.iter().map(|group| at(level, group)).collect())
            .collect();
        let all = groups.iter().position(|group| *group == "all");
        let shown = suppress(&cells, all, self.smallest);
        for finding in counts {
            let Some(place) = place(finding) else { continue };
            let row = levels.iter().position(|level| *level == place.1);
            let column = groups.iter().position(|group| *group == place.2);
            if let (Some(row), Some(column)) = (row, column) {
                self.shown.insert((finding.stage().to_owned(), place), shown[row][column]);
            }
        }
    }
}

fn is_count(finding: &Finding) -> bool {
    finding.kind == "baseline_table" && finding.statistic == "count" && place(finding).is_some()
}

fn place(finding: &Finding) -> Option<Place> {
    let counted = matches!(finding.quantity, Quantity::Count | Quantity::Proportion);
    if !counted || finding.kind != "baseline_table" {
        return None;
    }
    Some((finding.variable.clone()?, finding.level.clone()?, finding.group.clone()?))
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
    if count > 0 && count < smallest { Shown::Small } else { Shown::Count }
}

fn equations(cells: &[Vec<u64>], all: Option<usize>) -> Vec<Equation> {
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
        Shown::Small => (1, smallest as i64 - 1),
        _ => (smallest as i64, i64::from(u32::MAX)),
    };
    hidden.iter().any(|cell| {
        let (mut least, mut most) = (known, known);
        for other in hidden.iter().filter(|other| (other.0, other.1) != (cell.0, cell.1)) {
            let (low, high) = bounds(other);
            let (low, high) = if other.2 > 0 { (low, high) } else { (-high, -low) };
            (least, most) = (least - high, most - low);
        }
        let (least, most) = if cell.2 > 0 { (least, most) } else { (-most, -least) };
        let (low, high) = bounds(cell);
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

    #[test]
    fn noughts_stay() {
        assert_eq!(look(&[vec![0, 8], vec![37, 68]], None), ["..", ".."]);
    }
}
