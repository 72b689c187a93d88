//! Covariates centred, scaled and brought into the order of the risk sets.

use rayon::prelude::*;

/// Rows that are brought into order at a time.
const GATHERED: usize = 1 << 14;

/// (x - center) * scale of the subjects, column after column.
///
/// Rows of a few columns are formed first, in the caller's order, as to fetch
/// a subject's row takes no longer than to fetch one of its values.
pub(super) fn gather(
    columns: &[&[f64]],
    subjects: &[usize],
    centers: &[f64],
    scales: &[f64],
) -> Vec<f64> {
    let n = subjects.len();
    let mut out = vec![0.0; n * columns.len()];
    let mut first = 0;
    while first < columns.len() {
        let standard =
            |j: usize| Standard { column: columns[j], center: centers[j], scale: scales[j] };
        let out = &mut out[first * n..];
        first += match columns.len() - first {
            1 => gather_some([standard(first)], subjects, out),
            2 | 3 => {
                gather_some(std::array::from_fn::<_, 2, _>(|k| standard(first + k)), subjects, out)
            }
            _ => {
                gather_some(std::array::from_fn::<_, 4, _>(|k| standard(first + k)), subjects, out)
            }
        };
    }
    out
}

/// A column, and how it is centred and scaled.
#[derive(Clone, Copy)]
struct Standard<'a> {
    column: &'a [f64],
    center: f64,
    scale: f64,
}

/// Brings `N` columns into order, and gives `N`.
fn gather_some<const N: usize>(
    columns: [Standard<'_>; N],
    subjects: &[usize],
    out: &mut [f64],
) -> usize {
    let n = subjects.len();
    let mut rows = vec![[0.0; N]; n];
    rows.par_chunks_mut(GATHERED).enumerate().for_each(|(block, rows)| {
        for (j, Standard { column, center, scale }) in columns.iter().enumerate() {
            for (row, value) in rows.iter_mut().zip(&column[block * GATHERED..]) {
                row[j] = (value - center) * scale;
            }
        }
    });
    let mut parts: Vec<Vec<&mut [f64]>> = Vec::new();
    parts.resize_with(n.div_ceil(GATHERED), Vec::new);
    for column in out.chunks_mut(n).take(N) {
        parts
            .iter_mut()
            .zip(column.chunks_mut(GATHERED))
            .for_each(|(part, values)| part.push(values));
    }
    parts.into_par_iter().zip(subjects.par_chunks(GATHERED)).for_each(|(mut part, subjects)| {
        for (place, subject) in subjects.iter().enumerate() {
            for (values, value) in part.iter_mut().zip(rows[*subject]) {
                values[place] = value;
            }
        }
    });
    N
}

/// Weighted mean and inverse mean absolute deviation of a column; nothing to
/// do for one of -1, 0, 1 alone, and scale 0 for a constant.
pub(super) fn center_and_scale(values: &[f64], weights: Option<&[f64]>) -> (f64, f64) {
    let is_constant = values.iter().all(|value| *value == values[0]);
    if is_constant {
        return (values[0], 0.0);
    }
    if values.iter().all(|value| [-1.0, 0.0, 1.0].contains(value)) {
        return (0.0, 1.0);
    }
    let total = weights.map_or(values.len() as f64, |weights| weights.iter().sum());
    let mean = weighted_sum(values, weights, |value| value) / total;
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
    let rest = rest.iter().zip(&weights[rest_start..]);
    rest.fold(sums.iter().sum(), |sum, (value, weight)| sum + weighted(*value, *weight))
}
