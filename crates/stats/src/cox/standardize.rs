//! Covariates centred, scaled and brought into the order of the risk sets.

use rayon::prelude::*;

use super::gram::products;

/// Rows from which on two threads are faster than one at work that visits each
/// row once or twice: below it, waiting for the other thread takes longer.
pub(super) const MANY: usize = 1 << 15;

/// Rows that are brought into order at a time: their positions (128 KB) stay in
/// the second cache while one column after the other is fetched by them.
const GATHERED: usize = 1 << 14;

/// (x - center) * scale of the subjects, column after column, and the sum of
/// each column times the weights of the deaths among them.
pub(super) fn gather(
    columns: &[&[f64]],
    scalings: &[(f64, f64)],
    subjects: &[usize],
    death_weights: &[f64],
) -> (Vec<f64>, Vec<f64>) {
    let n = subjects.len();
    let mut out = vec![0.0; n * columns.len()];
    let fill = |out: &mut [f64], subjects: &[usize], weights: &[f64], column: usize| {
        let (values, (center, scale)) = (columns[column], scalings[column]);
        for (value, subject) in out.iter_mut().zip(subjects) {
            *value = (values[*subject] - center) * scale;
        }
        // The sum over the deaths while the values are at hand: it is the constant
        // part of the gradient.
        products([weights], [out])[0][0]
    };
    if n < MANY {
        let outs = out.chunks_mut(n).enumerate();
        let sums = outs.map(|(column, out)| fill(out, subjects, death_weights, column)).collect();
        return (out, sums);
    }
    let sums = out.par_chunks_mut(n).enumerate().map(|(column, out)| {
        // Chunks of fixed size, summed in order: the bits do not depend on threads.
        let subjects = subjects.par_chunks(GATHERED).zip(death_weights.par_chunks(GATHERED));
        let parts = out.par_chunks_mut(GATHERED).zip(subjects);
        let sums = parts.map(|(out, (subjects, weights))| fill(out, subjects, weights, column));
        sums.collect::<Vec<f64>>().into_iter().sum()
    });
    let sums = sums.collect();
    (out, sums)
}

/// Weighted mean and inverse mean absolute deviation of a column; nothing to
/// do for one of -1, 0, 1 alone, and scale 0 for a constant.
pub(super) fn center_and_scale(values: &[f64], weights: Option<&[f64]>) -> (f64, f64) {
    let is_constant = values.iter().all(|value| *value == values[0]);
    if is_constant {
        return (values[0], 0.0);
    }
    // Indicators stay as they are, as in R's `coxph`: their sums are whole numbers,
    // and means cost digits for nothing.
    if values.iter().all(|value| [-1.0, 0.0, 1.0].contains(value)) {
        return (0.0, 1.0);
    }
    let total = weights.map_or(values.len() as f64, |weights| weights.iter().sum());
    let mean = weighted_sum(values, weights, |value| value) / total;
    // Over the mean absolute deviation, as in R's `coxfit6`.
    (mean, total / weighted_sum(values, weights, |value| (value - mean).abs()))
}

/// The sum of a function of the values times their weights, in as many
/// independent sums as the compiler forms side by side.
fn weighted_sum(values: &[f64], weights: Option<&[f64]>, of: impl Fn(f64) -> f64) -> f64 {
    const LANES: usize = 8;
    let weighted = |value: f64, weight: f64| of(value) * weight;
    let (blocks, rest) = values.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    let rest_start = values.len() - rest.len();
    let Some(weights) = weights else {
        for block in blocks {
            for (sum, value) in sums.iter_mut().zip(block) {
                *sum += of(*value);
            }
        }
        return rest.iter().fold(sums.iter().sum(), |sum, value| sum + of(*value));
    };
    for (block, weights) in blocks.iter().zip(weights.as_chunks::<LANES>().0) {
        for (sum, (value, weight)) in sums.iter_mut().zip(block.iter().zip(weights)) {
            *sum += weighted(*value, *weight);
        }
    }
    // The rest after the lanes, in order, from the sum of the lanes.
    let rest = rest.iter().zip(&weights[rest_start..]);
    rest.fold(sums.iter().sum(), |sum, (value, weight)| sum + weighted(*value, *weight))
}
