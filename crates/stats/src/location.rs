//! Tests of whether groups differ in location: by ranks, and by means.

mod means;
mod ranks;
mod shift;

pub use means::{WelchAnova, WelchTTest, welch_anova, welch_t_test};
pub use ranks::{RankSumTest, kruskal_wallis, rank_sum, rank_sum_exact, rank_sum_normal};
pub use shift::{ShiftEstimate, hodges_lehmann};

use crate::Error;
use crate::groups::Groups;
use crate::quantile::check_sample;

/// Splits values into the groups that have any, in the order of their codes.
fn by_group(values: &[f64], groups: &Groups) -> Result<Vec<Vec<f64>>, Error> {
    groups.check_length(values.len())?;
    check_sample("values", values)?;
    groups.check_comparable(values.len())?;
    // By code, so that sums over groups have one order.
    let mut samples = groups.members(0..values.len());
    samples.retain(|sample| !sample.is_empty());
    Ok(samples.iter().map(|sample| sample.iter().map(|place| values[*place]).collect()).collect())
}
