//! Imputation of a category by logistic regression.

use super::predictors::Design;
use super::random::Random;
use crate::multinomial::{Search, independent, probabilities, select};

/// Standard deviations by which augmented records lie off the mean: White,
/// Daniel and Royston's choice, and that of R's `mice`.
const DEPARTURE: f64 = 0.5;

/// Levels for the subjects whose own is missing, and the columns that the
/// model kept.
pub(super) fn draw(
    design: &Design,
    known: &[usize],
    n_levels: usize,
    shift: f64,
    random: &mut Random,
) -> (Vec<usize>, Vec<usize>) {
    // A level that nobody is known to have cannot be fitted: the others are
    // numbered without it.
    let present: Vec<usize> = (0..n_levels).filter(|level| known.contains(level)).collect();
    let place = |code: &usize| present.iter().position(|level| level == code);
    let mut codes: Vec<usize> = known.iter().filter_map(place).collect();
    // Judged before the augmented records are added: these would make a constant
    // column vary.
    let kept = independent(&design.known, design.n_columns, known.len());
    let mut rows = select(&design.known, design.n_columns, &kept);
    let mut weights = vec![1.0; codes.len()];
    augment(&mut rows, &mut codes, &mut weights, kept.len(), present.len());
    let search = Search {
        rows: &rows,
        n_columns: kept.len(),
        codes: &codes,
        n_levels: present.len(),
        weights: &weights,
    };
    let maximum = search.maximize();
    // beta* from the normal distribution about the maximum, L'^-1 D^-1/2 z having
    // the inverse information as covariance.
    let root = maximum.factors.root_of_inverse(&random.normals(maximum.beta.len()));
    let beta: Vec<f64> = maximum.beta.iter().zip(root).map(|(beta, root)| beta + root).collect();
    let missing = select(&design.missing, design.n_columns, &kept);
    let one = |row: &[f64]| {
        // The shift is 0 for more than two levels: it was refused before.
        let product = |beta: &[f64]| row.iter().zip(beta).map(|(x, b)| x * b).sum::<f64>() + shift;
        let predictors: Vec<f64> = beta.chunks_exact(kept.len()).map(product).collect();
        present[choose(&probabilities(&predictors), random.unit())]
    };
    (missing.chunks_exact(kept.len()).map(one).collect(), kept)
}

/// The first level by which the cumulative probability exceeds `unit`.
fn choose(probabilities: &[f64], unit: f64) -> usize {
    let mut sum = 0.0;
    let exceeds = |probability: &f64| {
        sum += probability;
        unit < sum
    };
    // Rounding may leave the sum just below 1: the last level takes what is left.
    probabilities.iter().position(exceeds).unwrap_or(probabilities.len() - 1)
}

/// Adds the records that keep the maximum finite: see
/// [`Imputation`](super::Imputation).
fn augment(
    rows: &mut Vec<f64>,
    codes: &mut Vec<usize>,
    weights: &mut Vec<f64>,
    n_columns: usize,
    n_levels: usize,
) {
    let n = codes.len() as f64;
    let n_predictors = n_columns - 1;
    // All added records together weigh as much as a level has coefficients.
    let weight = n_columns as f64 / (2 * n_predictors * n_levels).max(1) as f64;
    let column =
        |rows: &[f64], j: usize| rows.iter().skip(j).step_by(n_columns).copied().sum::<f64>();
    let means: Vec<f64> = (0..n_columns).map(|j| column(rows, j) / n).collect();
    let departure = |rows: &[f64], j: usize| {
        let squares =
            rows.iter().skip(j).step_by(n_columns).map(|x| (x - means[j]) * (x - means[j]));
        DEPARTURE * (squares.sum::<f64>() / n).sqrt()
    };
    let departures: Vec<f64> = (0..n_columns).map(|j| departure(rows, j)).collect();
    // The constant, at place 0, needs no records.
    for j in 1..n_columns {
        for level in 0..n_levels {
            for side in [1.0, -1.0] {
                let start = rows.len();
                rows.extend(&means);
                rows[start + j] += side * departures[j];
                codes.push(level);
                weights.push(weight);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::multinomial::Ending;

    /// One predictor separates two levels; the augmented maximum is finite,
    /// and the added records weigh two, one for each coefficient.
    #[test]
    fn augmented_data_have_a_maximum() {
        let mut rows: Vec<f64> = (0..20).flat_map(|i| [1.0, f64::from(i) - 9.5]).collect();
        let mut codes: Vec<usize> = (0..20).map(|i| usize::from(i >= 10)).collect();
        let mut weights = vec![1.0; 20];
        let maximum = |rows: &[f64], codes: &[usize], weights: &[f64]| {
            Search { rows, n_columns: 2, codes, n_levels: 2, weights }.maximize()
        };
        assert_eq!(maximum(&rows, &codes, &weights).ending, Ending::Separated);
        augment(&mut rows, &mut codes, &mut weights, 2, 2);
        assert!((weights.iter().sum::<f64>() - 22.0).abs() < 1e-12);
        let found = maximum(&rows, &codes, &weights);
        assert_eq!(found.ending, Ending::AtRest);
        assert!(found.beta[1] > 0.2 && found.beta[1] < 5.0, "{:?}", found.beta);
    }

    #[test]
    fn the_unit_interval_is_shared_out() {
        let shares = [0.25, 0.5, 0.25];
        assert_eq!([0.1, 0.25, 0.74, 0.76, 1.0].map(|unit| choose(&shares, unit)), [0, 1, 1, 2, 2]);
    }
}
