//! What the search maximises: the log partial likelihood, less a ridge
//! penalty or with Firth's.

use std::cell::{OnceCell, RefCell};

use nalgebra::DMatrix;

use super::evaluate::Blocks;
use super::partial::Partial;
use super::risk_sets::RiskSets;
use super::{CoxModel, Penalty, Ties, exact};
use crate::newton::Likelihood;
use crate::symmetric::{Factors, clear, quadratic_form, without_information};
use crate::symmetric::{add_scaled, rank_tolerance, unpack};

/// Half the width of a central difference, in scaled coefficients: near the
/// cube root of 2^-52, where rounding (2^-52 over the width) and curvature (its
/// square) err about as much.
const DIFFERENCE: f64 = 1e-5;

/// A model's objective, in scaled coefficients.
#[derive(Debug)]
pub(super) struct Objective<'a> {
    pub(super) sets: &'a RiskSets,
    ties: Ties,
    /// Ridge penalty of each scaled coefficient; empty without one.
    ridge: Vec<f64>,
    pub(super) is_firth: bool,
    /// Of data without late entry.
    blocks: Option<RefCell<Blocks>>,
    /// Which columns have no information, all at risk having the same value at
    /// each event. It is judged where the search begins: where a coefficient
    /// goes to infinity, its information goes to zero.
    is_blind: OnceCell<Vec<bool>>,
}

impl<'a> Objective<'a> {
    pub(super) fn new(model: &CoxModel<'_>, sets: &'a RiskSets) -> Self {
        let ridge = match model.penalty {
            Penalty::Ridge(penalties) => {
                // beta = scaled * scale: penalty * beta^2 is penalty * scale^2 of
                // the scaled one.
                penalties.iter().zip(&sets.scales).map(|(p, scale)| p * scale * scale).collect()
            }
            Penalty::None | Penalty::Firth => Vec::new(),
        };
        // Late entry takes rows out of the sums again, which blocks do not; the
        // exact likelihood has other sums.
        let is_blocked = model.ties != Ties::Exact && sets.entries.is_empty();
        let blocks = is_blocked.then(|| RefCell::new(Blocks::new(sets)));
        let is_firth = model.penalty == Penalty::Firth;
        Self { sets, ties: model.ties, ridge, is_firth, blocks, is_blind: OnceCell::new() }
    }

    /// Whether anything is added to the partial likelihood.
    pub(super) fn is_penalized(&self) -> bool {
        self.is_firth || !self.ridge.is_empty()
    }

    /// Evaluates at the scaled coefficients `beta`.
    pub(super) fn at(&self, beta: &[f64]) -> Likelihood {
        let mut partial = match self.ties {
            Ties::Exact => exact::partial_likelihood(self.sets, beta),
            Ties::Efron | Ties::Breslow => match &self.blocks {
                Some(blocks) => blocks.borrow_mut().partial_likelihood(self.sets, beta),
                None => Partial::by_walk(self.sets, beta),
            },
        };
        // Judged once, where the search begins: a column must not come and go in it.
        // A column that is the same for all at risk at each event has a rest of
        // rounding in its diagonal; it is told from `squares`.
        let judge = || without_information(&partial.triangle, &partial.squares);
        let is_blind = self.is_blind.get_or_init(judge);
        clear(&mut partial.triangle, is_blind);
        let information = unpack(&partial.triangle, beta.len());
        let mut out = Likelihood {
            plain: partial.value,
            value: partial.value,
            gradient: partial.gradient,
            curvature: information.clone(),
            information,
        };
        // The ridge goes into the curvature but not into the information, which the
        // effective degrees of freedom compare.
        for (j, penalty) in self.ridge.iter().enumerate() {
            out.value -= 0.5 * penalty * beta[j] * beta[j];
            out.gradient[j] -= penalty * beta[j];
            out.curvature[(j, j)] += penalty;
        }
        // The determinant of what is not finite means nothing; the search halves
        // the step.
        if self.is_firth && out.is_finite() {
            add_firth(&mut out, self.sets, beta);
        }
        out
    }
}

impl Objective<'_> {
    /// Minus the second derivative, by central differences of the gradient:
    /// it only guides the search, whose end the gradient decides.
    pub(super) fn second_derivative(&self, beta: &[f64]) -> DMatrix<f64> {
        let gradient = |column: usize, step: f64| {
            let mut there = beta.to_vec();
            there[column] += step;
            self.at(&there).gradient
        };
        let columns = (0..beta.len()).map(|column| {
            let (above, below) = (gradient(column, DIFFERENCE), gradient(column, -DIFFERENCE));
            let change = below.iter().zip(above).map(|(below, above)| below - above);
            change.map(|change| 0.5 * change / DIFFERENCE).collect::<Vec<f64>>()
        });
        let entries: Vec<f64> = columns.flatten().collect();
        let matrix = DMatrix::from_vec(beta.len(), beta.len(), entries);
        // The differences err a little apart on either side of the diagonal: the
        // mean is symmetric, as the factors need.
        (&matrix + matrix.transpose()) * 0.5
    }
}

/// Adds log |I| / 2 and its gradient.
///
/// With A the inverse information and s = x'Ax, the derivative of log |I| by
/// the j-th coefficient sums W (cov(x_j, s) - 2 cov(x_j, x) A m) over the
/// steps: tr(A dI) with the third central moments contracted before they are
/// summed, so that the cost stays O(n p^2).
fn add_firth(out: &mut Likelihood, sets: &RiskSets, beta: &[f64]) {
    let factors = Factors::new(&out.information, rank_tolerance());
    out.value += 0.5 * factors.log_determinant();
    let size = beta.len();
    let inverse = factors.inverse();
    let forms: Vec<f64> =
        (0..sets.subjects.len()).map(|row| quadratic_form(&inverse, &sets.row(row))).collect();
    let gradient = &mut out.gradient;
    // With x'V^-1 x as one more column, the walk's covariances are the third moments
    // that the determinant's gradient needs.
    sets.with_column(&forms).walk(beta, |step| {
        let last = size * (size + 1) / 2;
        add_scaled(gradient, 0.5 * step.weight, &step.covariance[last..last + size]);
        let covariance = unpack(&step.covariance[..last], size);
        let mean = DMatrix::from_column_slice(size, 1, &step.mean[..size]);
        add_scaled(gradient, -step.weight, (covariance * &inverse * mean).as_slice());
    });
}
