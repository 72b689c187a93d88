//! What does not trust the model: the sandwich covariance of Lin and Wei, and
//! the score test with it. The residuals are those of `residuals`.

use std::collections::BTreeMap;

use nalgebra::DMatrix;

use super::CoxModel;
use super::maximize::Maximum;
use super::residuals::residuals;
use super::risk_sets::RiskSets;
use crate::inference::Test;
use crate::newton::Likelihood;
use crate::symmetric::Factors;
use crate::symmetric::{add_scaled, rank_tolerance};

/// The covariance of the scaled coefficients: H^-1 M H^-1, H being the
/// curvature at the maximum and M the sum over clusters of rr', r being the
/// cluster's weighted score there.
pub(super) fn covariance(model: &CoxModel<'_>, sets: &RiskSets, maximum: &Maximum) -> DMatrix<f64> {
    let bread = maximum.factors.inverse();
    &bread * Scores::new(model, sets, &maximum.beta).products() * &bread
}

/// The robust score test at `start`, where the likelihood is `null`:
/// U' M^-1 U, U being the sum of the clusters' weighted scores and M that of
/// their products.
///
/// With the scores as the rows of R, U = R'1 and M = R'R, so that the
/// statistic is the squared length of the projection of 1 on the columns of R.
/// It is formed so: M, in which the share of a nearly dependent column is the
/// square of what it is in R, is not needed.
///
/// A column counts if the information at the start, of the model alone, keeps
/// it, and if its part orthogonal to those before it is more than rounding
/// ([`Scores::natural_square`]). The information is not enough: where all
/// at risk die at once, Breslow's leaves information without a score. Nor is
/// the information at the maximum, which vanishes where a coefficient is
/// infinite. Without rounding neither choice would matter to the statistic, as
/// U has no part in a direction in which M is zero. The degrees of freedom are
/// the columns that count: the rank of M.
pub(super) fn score_test(
    model: &CoxModel<'_>,
    sets: &RiskSets,
    null: &Likelihood,
    start: &[f64],
) -> Test {
    let scores = Scores::new(model, sets, start);
    let factors = Factors::new(&null.information, rank_tolerance());
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let mut ones = vec![1.0; scores.sizes.len()];
    let mut statistic = 0.0;
    for j in (0..scores.n_columns).filter(|column| factors.is_kept(*column)) {
        let mut column: Vec<f64> =
            scores.rows.iter().skip(j).step_by(scores.n_columns).copied().collect();
        for unit in &basis {
            let along = dot(unit, &column);
            // Gram-Schmidt, column by column: what earlier columns explain is taken
            // off.
            add_scaled(&mut column, -along, unit);
        }
        let square = dot(&column, &column);
        // A column without a rest of its own is rounding: it would add a degree of
        // freedom by chance.
        if square <= rank_tolerance() * scores.natural_square(null.information[(j, j)]) {
            continue;
        }
        let length = square.sqrt();
        column.iter_mut().for_each(|value| *value /= length);
        let along = dot(&column, &ones);
        // `ones` loses what is explained, so that later columns add only what they
        // alone explain.
        add_scaled(&mut ones, -along, &column);
        statistic += along * along;
        basis.push(column);
    }
    Test::new(statistic, basis.len())
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

/// The weighted scores of the clusters.
struct Scores {
    n_columns: usize,
    /// A row for each cluster, row-major.
    rows: Vec<f64>,
    /// Weighted events, observed and expected together, of each cluster.
    sizes: Vec<f64>,
    /// Weight of all events.
    events: f64,
}

impl Scores {
    /// At the scaled coefficients `beta`; clusters by ascending code.
    fn new(model: &CoxModel<'_>, sets: &RiskSets, beta: &[f64]) -> Self {
        let (n, n_columns) = (model.follow_up.n(), model.covariates.n_columns());
        let residuals = residuals(sets, beta);
        let clusters = positions(model);
        let n_clusters = clusters.iter().max().map_or(0, |last| last + 1);
        let mut out = Self {
            n_columns,
            rows: vec![0.0; n_clusters * n_columns],
            sizes: vec![0.0; n_clusters],
            events: 0.0,
        };
        for row in 0..n {
            let weight = model.weights.map_or(1.0, |weights| weights[row]);
            let event = f64::from(u8::from(model.follow_up.events()[row]));
            let first = clusters[row] * n_columns;
            let score = &residuals.score[row * n_columns..(row + 1) * n_columns];
            add_scaled(&mut out.rows[first..first + n_columns], weight, score);
            // Observed plus expected: event + (event - martingale), as expected =
            // event - martingale.
            out.sizes[clusters[row]] += weight * (2.0 * event - residuals.martingale[row]);
            out.events += weight * event;
        }
        out
    }

    /// The sum over clusters of rr'.
    fn products(&self) -> DMatrix<f64> {
        let mut products = DMatrix::zeros(self.n_columns, self.n_columns);
        for scores in self.rows.chunks(self.n_columns) {
            for (i, left) in scores.iter().enumerate() {
                for (j, right) in scores.iter().enumerate() {
                    products[(i, j)] += left * right;
                }
            }
        }
        products
    }

    /// The sum of squares that a column of `information` would have if it
    /// were as far from the mean of its risk sets for each cluster as it is on
    /// average: the square of that distance is the information of an event.
    /// It scales as M does with the units of covariates and of weights.
    fn natural_square(&self, information: f64) -> f64 {
        dot(&self.sizes, &self.sizes) * information / self.events
    }
}

/// The position of each row's cluster: those the model declares, else its
/// subjects, else each row its own.
fn positions(model: &CoxModel<'_>) -> Vec<usize> {
    // Without clusters and subjects every row is independent of the others.
    let Some(codes) = model.clusters.or(model.follow_up.subjects()) else {
        return (0..model.follow_up.n()).collect();
    };
    // By ascending code: clusters are summed in one order, whatever that of the rows.
    let mut known: BTreeMap<usize, usize> = codes.iter().map(|code| (*code, 0)).collect();
    for (place, position) in known.values_mut().enumerate() {
        *position = place;
    }
    codes.iter().map(|code| known[code]).collect()
}
