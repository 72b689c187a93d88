//! The log pseudo-likelihood, its derivatives, and the baseline.

use nalgebra::DMatrix;

use super::weights::Weighted;
use super::{BaselineStep, RANK_TOLERANCE};
use crate::newton::Objective;
use crate::symmetric::unpack;
use crate::symmetric::{Factors, clear, diagonal, without_information};

/// Sums of risk, of risk times covariates, and of risk times their products.
#[derive(Debug, Clone)]
pub(super) struct Moments {
    pub(super) total: f64,
    pub(super) first: Vec<f64>,
    /// Lower triangle by rows; empty if not asked for.
    second: Vec<f64>,
}

impl Moments {
    fn new(n_columns: usize, with_second: bool) -> Self {
        let triangle = if with_second { n_columns * (n_columns + 1) / 2 } else { 0 };
        Self { total: 0.0, first: vec![0.0; n_columns], second: vec![0.0; triangle] }
    }

    fn add_row(&mut self, risk: f64, x: &[f64]) {
        self.total += risk;
        // The second moments are skipped by an empty iterator where only the
        // baseline is wanted.
        let mut cell = self.second.iter_mut();
        for (i, value) in x.iter().enumerate() {
            self.first[i] += risk * value;
            for other in &x[..=i] {
                if let Some(cell) = cell.next() {
                    *cell += risk * value * other;
                }
            }
        }
    }

    fn add(&mut self, factor: f64, other: &Self) {
        self.total += factor * other.total;
        let pairs = self.first.iter_mut().chain(&mut self.second);
        for (value, more) in pairs.zip(other.first.iter().chain(&other.second)) {
            *value += factor * more;
        }
    }
}

/// One factor of the denominator: an event time, or under Efron's
/// approximation one event of it.
pub(super) struct Step<'a> {
    /// Which event time.
    pub(super) time: usize,
    /// Weight of the events it stands for.
    pub(super) count: f64,
    /// The share by which the events' own risk is reduced.
    pub(super) reduction: f64,
    /// The reduced risk set.
    pub(super) moments: &'a Moments,
}

/// Visits every step by ascending time at the scaled coefficients `beta`.
pub(super) fn walk(
    weighted: &Weighted,
    risks: &[f64],
    with_second: bool,
    mut visit: impl FnMut(&Step<'_>),
) {
    let n_times = weighted.times.len();
    let empty = Moments::new(weighted.n_columns(), with_second);
    // Three sums by reach: those in full (follow-up not over), those gone with a
    // competing event, and the events themselves for Efron's reduction.
    let mut full = vec![empty.clone(); n_times + 1];
    let mut competing = vec![empty.clone(); n_times + 1];
    let mut events = vec![empty.clone(); n_times];
    let mut counts = vec![0.0_f64; n_times];
    let mut weights = vec![0.0_f64; n_times];
    for (index, row) in weighted.rows.iter().enumerate() {
        let (risk, x) = (risks[index], weighted.row(index));
        // `reach` 0 is at risk at no event time: its sums are never read.
        full[row.reach].add_row(risk, x);
        if let Some(inverse) = row.inverse {
            competing[row.reach].add_row(risk * inverse, x);
        }
        if row.is_event {
            events[row.reach - 1].add_row(risk, x);
            counts[row.reach - 1] += 1.0;
            weights[row.reach - 1] += row.weight;
        }
    }
    // Those with a later reach are in the earlier risk sets as well: sums from the
    // last time backwards. Position 0 is left alone.
    for time in (1..n_times).rev() {
        let (earlier, later) = full.split_at_mut(time + 1);
        earlier[time].add(1.0, &later[0]);
    }
    // Those gone by a competing event are in all later risk sets. G(t) is common to
    // them, so that it multiplies the sum rather than each member.
    let mut gone = empty;
    for time in 0..n_times {
        gone.add(1.0, &competing[time]);
        let mut set = full[time + 1].clone();
        set.add(weighted.censoring_survival[time], &gone);
        if !weighted.is_efron {
            visit(&Step { time, count: weights[time], reduction: 0.0, moments: &set });
            continue;
        }
        // Efron: each of the d tied events stands for the mean weight of the
        // events, with l / d of the events' own risk taken off (l = 0..d - 1).
        let count = weights[time] / counts[time];
        for done in 0..counts[time] as usize {
            let reduction = done as f64 / counts[time];
            let mut rest = set.clone();
            rest.add(-reduction, &events[time]);
            visit(&Step { time, count, reduction, moments: &rest });
        }
    }
}

/// The log pseudo-likelihood and its derivatives.
#[derive(Debug, Clone)]
pub(super) struct Likelihood {
    pub(super) value: f64,
    pub(super) gradient: Vec<f64>,
    pub(super) information: DMatrix<f64>,
}

impl Likelihood {
    /// Evaluates at zero; tells too which columns have no information, all at
    /// risk having the same value at each event.
    pub(super) fn null(strata: &[Weighted], n_columns: usize) -> (Self, Vec<bool>) {
        let sums = Sums::at(strata, &vec![0.0; n_columns]);
        let is_blind = without_information(&sums.triangle, &sums.squares);
        (sums.likelihood(&is_blind), is_blind)
    }

    /// Evaluates at the scaled coefficients `beta`. That a column is blind is
    /// not judged here: where a coefficient goes to infinity, its information
    /// goes to zero.
    pub(super) fn at(strata: &[Weighted], beta: &[f64], is_blind: &[bool]) -> Self {
        Sums::at(strata, beta).likelihood(is_blind)
    }

    /// The factors of the information.
    pub(super) fn factors(&self) -> Factors {
        Factors::new(&self.information, RANK_TOLERANCE)
    }
}

impl Objective for Likelihood {
    fn value(&self) -> f64 {
        self.value
    }

    fn is_finite(&self) -> bool {
        self.value.is_finite()
            && self.gradient.iter().all(|value| value.is_finite())
            && self.information.iter().all(|value| value.is_finite())
    }

    fn step(&self) -> Vec<f64> {
        self.factors().solve(&self.gradient)
    }
}

/// The sums that a likelihood is made of.
struct Sums {
    value: f64,
    gradient: Vec<f64>,
    /// Information: the lower triangle by rows.
    triangle: Vec<f64>,
    /// What is left of these is the diagonal of the information.
    squares: Vec<f64>,
}

impl Sums {
    /// Those over the strata at the scaled coefficients `beta`.
    fn at(strata: &[Weighted], beta: &[f64]) -> Self {
        let n_columns = beta.len();
        let mut sums = Self {
            value: 0.0,
            gradient: vec![0.0; n_columns],
            triangle: vec![0.0; n_columns * (n_columns + 1) / 2],
            squares: vec![0.0; n_columns],
        };
        for weighted in strata {
            sums.add(weighted, beta);
        }
        sums
    }

    fn likelihood(mut self, is_blind: &[bool]) -> Likelihood {
        clear(&mut self.triangle, is_blind);
        let information = unpack(&self.triangle, is_blind.len());
        Likelihood { value: self.value, gradient: self.gradient, information }
    }

    fn add(&mut self, weighted: &Weighted, beta: &[f64]) {
        let Self { value, gradient, triangle, squares } = self;
        for (index, row) in weighted.rows.iter().enumerate().filter(|(_, row)| row.is_event) {
            debug_assert!(row.reach > 0, "an event is at risk at its own time");
            // The numerator's part of log-likelihood and score: the events' own
            // beta'x.
            for (j, x) in weighted.row(index).iter().enumerate() {
                *value += row.weight * x * beta[j];
                gradient[j] += row.weight * x;
            }
        }
        walk(weighted, &weighted.risks(beta), true, |step| {
            let Moments { total, first, second } = step.moments;
            *value -= step.count * libm::log(*total);
            let mut cells = triangle.iter_mut().zip(second);
            for (i, sum) in first.iter().enumerate() {
                // Score and information of a weighted mean: x-bar, and the second
                // moment less x-bar x-bar'.
                let mean = sum / total;
                gradient[i] -= step.count * mean;
                // Kept beside the information, so that what is left of it by
                // cancellation can be told from rounding.
                squares[i] += step.count * second[diagonal(i)] / total;
                for (other, (cell, product)) in first[..=i].iter().zip(&mut cells) {
                    *cell += step.count * (product / total - mean * other / total);
                }
            }
        });
    }
}

/// The cumulative subdistribution hazard at unscaled covariates of zero.
pub(super) fn baseline(weighted: &Weighted, beta: &[f64]) -> Vec<BaselineStep> {
    // Covariates are centred; a subject at zero has the risk exp(-beta' center)
    // relative to the centre.
    let shift = weighted.scalings.iter().zip(beta);
    let at_zero = libm::exp(-shift.map(|(one, b)| one.center * one.scale * b).sum::<f64>());
    let mut steps: Vec<BaselineStep> = Vec::new();
    let mut hazard = 0.0;
    walk(weighted, &weighted.risks(beta), false, |step| {
        hazard += at_zero * step.count / step.moments.total;
        let time = weighted.times[step.time];
        // Under Efron several steps share a time: the row shows the hazard after
        // all of them.
        if steps.last().is_none_or(|last| last.time < time) {
            steps.push(BaselineStep { time, cumulative_hazard: hazard });
        }
        if let Some(last) = steps.last_mut() {
            last.cumulative_hazard = hazard;
        }
    });
    steps
}
