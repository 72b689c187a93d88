//! How often the printed range held the truth where the truth was known.

/// The study of it, summed up: group, how often, and of how many numbers. The
/// test `honesty` compares it with the study itself.
const STUDY: &str = include_str!("coverage.csv");

/// How often ranges of a group of trials or data sets held the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// Public data, or the mechanism of simulated trials.
    pub group: &'static str,
    /// Numbers that lay within their range, sampled and searched together.
    pub holds: u32,
    /// Numbers that were looked for.
    pub of: u32,
}

/// How often a range held the truth, where cohorts were constructed from a
/// summary as abstracts print it (numbers of patients, medians, log-rank p,
/// follow-up) under the wide assumptions: on public data, and on simulated
/// trials by their mechanism. Six numbers each: hazard ratio, early and late,
/// the difference of restricted means, and survival of both arms.
pub fn coverage() -> Vec<Coverage> {
    // The file is part of the program: it cannot be missing when this runs.
    let rows = STUDY.lines().skip(1).map(|line| {
        let cells: Vec<&'static str> = line.split(',').collect();
        let number = |place: usize| cells[place].parse().expect("invariant: the file has numbers");
        Coverage { group: cells[0], holds: number(1), of: number(2) }
    });
    rows.collect()
}
