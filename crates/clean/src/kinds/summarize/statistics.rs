//! The statistics of the rows of a group: the row that has it, or a number
//! computed from all of them.

use polars::prelude::Series;
use study::Table;

use super::Statistic;
use crate::cells::{numbers, real_series, whole_series};
use crate::keys::Groups;

/// The row with the statistic's value.
pub(super) fn pick(statistic: Statistic, rows: &[usize], ranks: &[Option<f64>]) -> Option<usize> {
    // NaN stands behind all numbers; rows without a value were left out before.
    let rank = |row: &usize| ranks[*row].unwrap_or(f64::NAN);
    let mut rows = rows.iter().copied();
    match statistic {
        Statistic::Last => rows.next_back(),
        Statistic::Min => rows.min_by(|a, b| rank(a).total_cmp(&rank(b))),
        // Of equals `max_by` gives the last and `min_by` the first; their values are the
        // same.
        Statistic::Max => rows.max_by(|a, b| rank(a).total_cmp(&rank(b))),
        _ => rows.next(),
    }
}

/// The sum of each group; missing where a term is, or where there is none.
pub(super) fn sums(table: &Table, column: &str, name: &str, groups: &Groups) -> Series {
    let values = numbers(table, column);
    let sum = |rows: &[usize]| {
        let terms: Option<Vec<f64>> = rows.iter().map(|row| values[*row]).collect();
        // A sum of nothing is unknown and not 0: nobody was asked.
        terms.filter(|terms| !terms.is_empty()).map(|terms| terms.iter().sum())
    };
    real_series(name, groups.iter().map(sum).collect())
}

/// The same of whole numbers, to the last digit.
pub(super) fn whole_sums(
    table: &Table,
    column: &str,
    name: &str,
    groups: &Groups,
) -> Result<Series, Vec<usize>> {
    let found = table.series(column).expect("invariant: checked");
    let values: Vec<Option<i64>> = found.i64().expect("invariant: whole numbers").iter().collect();
    // no sum of as many as there are rows leaves 128 bits
    let sum = |rows: &[usize]| -> Option<i128> {
        let terms: Option<Vec<i128>> =
            rows.iter().map(|row| values[*row].map(i128::from)).collect();
        terms.filter(|terms| !terms.is_empty()).map(|terms| terms.iter().sum())
    };
    let sums: Vec<Option<i128>> = groups.iter().map(sum).collect();
    let fits = |sum: &i128| i64::try_from(*sum).is_ok();
    let too_large =
        sums.iter().enumerate().filter(|(_, sum)| sum.as_ref().is_some_and(|sum| !fits(sum)));
    let too_large: Vec<usize> = too_large.map(|(group, _)| group).collect();
    if !too_large.is_empty() {
        return Err(too_large);
    }
    let sums = sums.into_iter().map(|sum| i64::try_from(sum?).ok());
    Ok(whole_series(name, sums.collect()))
}

/// A middle of the numbers of each group; missing where there is none.
pub(super) fn middles(
    table: &Table,
    column: &str,
    name: &str,
    groups: &Groups,
    middle: fn(Vec<f64>) -> f64,
) -> Series {
    let values = numbers(table, column);
    let of_group = |rows: &[usize]| {
        let present: Vec<f64> = rows.iter().filter_map(|row| values[*row]).collect();
        (!present.is_empty()).then(|| middle(present))
    };
    real_series(name, groups.iter().map(of_group).collect())
}

/// In ascending order first, so that no order of the rows changes a bit of it.
#[expect(clippy::cast_precision_loss, reason = "rows of a patient are far below 2^53")]
pub(super) fn mean(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.iter().sum::<f64>() / values.len() as f64
}

pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len().is_multiple_of(2) {
        // Without the sum of the two, which could overflow.
        f64::midpoint(values[half - 1], values[half])
    } else {
        values[half]
    }
}
