//! Tests of whether groups differ in location: by ranks, and by means.

mod means;
mod ranks;
mod shift;

pub use means::{WelchAnova, WelchTTest, welch_anova, welch_t_test};
pub use ranks::{
    KruskalWallisTest, RankSumTest, kruskal_wallis, rank_sum, rank_sum_exact, rank_sum_normal,
};
pub use shift::{ShiftEstimate, hodges_lehmann};

use crate::Error;
use crate::checks::check_length;
use crate::quantile::check_sample;

/// Splits values into the groups that have any, in the order of their codes.
fn by_group(values: &[f64], groups: &[usize], limit: usize) -> Result<Vec<Vec<f64>>, Error> {
    check_length("groups", groups.len(), values.len())?;
    check_sample("values", values)?;
    let mut samples = vec![Vec::new(); limit];
    for (index, (&value, &group)) in values.iter().zip(groups).enumerate() {
        let sample = samples.get_mut(group);
        sample.ok_or(Error::OutOfRange { what: "groups", index, value: group, limit })?.push(value);
    }
    samples.retain(|sample| !sample.is_empty());
    match samples.len() {
        found @ 0..2 => Err(Error::OneGroup { found }),
        _ => Ok(samples),
    }
}
