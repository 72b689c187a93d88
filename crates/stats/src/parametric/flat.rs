//! Directions along which the likelihood of an accelerated failure time model
//! rises without end, so that coefficients go to infinity.

use nalgebra::{DMatrix, DVector};

use super::RANK_TOLERANCE;
use super::likelihood::{Design, Likelihood};
use crate::newton::Maximum;
use crate::symmetric::Factors;

/// A next step of this many sigma, in the units of the design, was not the
/// end: steps towards a maximum get smaller by squares, those towards
/// infinity do not.
const LARGE_STEP: f64 = 1e-3;
/// A part of a direction below this share of its largest is rounding.
pub(super) const ROUNDING: f64 = 1e-5;

/// What the likelihood tells at the end of the search.
pub(super) struct Identified {
    /// Of the information, without columns that go to infinity.
    pub(super) factors: Factors,
    /// One direction for each column left out so, over the intercept, the
    /// columns and log sigma of the design.
    pub(super) flat: Vec<Vec<f64>>,
}

impl Identified {
    pub(super) fn new(design: &Design<'_>, maximum: &Maximum<Likelihood>) -> Self {
        let mut information = maximum.likelihood.information.clone();
        let mut factors = Factors::new(&information, RANK_TOLERANCE);
        // A search that did not end tells nothing of directions: every coefficient
        // still moves.
        if !maximum.has_converged {
            return Self { factors, flat: Vec::new() };
        }
        let last = information.nrows() - 1;
        // One after the other, the fastest first: once it is held the others may
        // rest.
        while let Some(column) = moving(&factors, maximum) {
            information.row_mut(column).fill(0.0);
            information.column_mut(column).fill(0.0);
            factors = Factors::new(&information, RANK_TOLERANCE);
        }
        let lost = (1..last).filter(|column| design.is_kept(*column) && !factors.is_kept(*column));
        let flat = lost.map(|column| along(&factors, maximum, column)).collect();
        Self { factors, flat }
    }
}

/// The column whose coefficient would move most, if it still moves.
fn moving(factors: &Factors, maximum: &Maximum<Likelihood>) -> Option<usize> {
    let last = maximum.beta.len() - 1;
    let step = factors.solve(&maximum.likelihood.gradient);
    // In units of sigma: steps of covariates are on the scale of log time.
    let least = LARGE_STEP * libm::exp(maximum.beta[last]);
    let moved = (1..last).filter(|column| step[*column].abs() > least);
    moved.max_by(|a, b| step[*a].abs().total_cmp(&step[*b].abs()))
}

/// How the others go with a column that the information does not hold.
fn along(factors: &Factors, maximum: &Maximum<Likelihood>, column: usize) -> Vec<f64> {
    let information = &maximum.likelihood.information;
    let others = factors.solve(information.column(column).as_slice());
    // With the lost column moving by 1 the others move by -I^-1 times its column,
    // to keep the score.
    let mut along: Vec<f64> = others.into_iter().map(|part| -part).collect();
    along[column] = 1.0;
    along
}

/// A direction of the design in the units of the covariates, without what is
/// rounding.
pub(super) fn in_units(transform: &DMatrix<f64>, along: &[f64]) -> Vec<f64> {
    let largest = along.iter().fold(0.0_f64, |most, part| most.max(part.abs()));
    let is_part = |part: &&f64| part.abs() > ROUNDING * largest;
    let kept: Vec<f64> =
        along.iter().map(|part| Some(part).filter(is_part).map_or(0.0, |it| *it)).collect();
    let mut moved = (transform * DVector::from_column_slice(&kept)).as_slice().to_vec();
    // The intercept of the covariates is the design's less their centres.
    let terms = kept.iter().enumerate().map(|(j, part)| (part * transform[(0, j)]).abs());
    // The intercept's terms cancel where the direction does not touch it; what is
    // left is rounding.
    if moved[0].abs() <= ROUNDING * terms.fold(largest, f64::max) {
        moved[0] = 0.0;
    }
    moved
}
