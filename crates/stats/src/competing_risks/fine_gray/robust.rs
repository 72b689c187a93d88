//! The middle of the sandwich: the subjects' shares of the score.

use std::collections::BTreeMap;

use nalgebra::DMatrix;

use super::FineGrayEstimator;
use super::likelihood::walk;
use super::weights::{Row, Weighted};
use crate::symmetric::sum_of_squares;

/// A sum of hazards, and of hazards times mean covariates.
#[derive(Debug, Clone)]
struct Hazard {
    total: f64,
    times_mean: Vec<f64>,
}

impl Hazard {
    fn zero(n_columns: usize) -> Self {
        Self { total: 0.0, times_mean: vec![0.0; n_columns] }
    }

    /// Adds `factor` times a hazard with the mean covariates `first / total`.
    fn add_step(&mut self, hazard: f64, first: &[f64], total: f64) {
        self.total += hazard;
        for (sum, value) in self.times_mean.iter_mut().zip(first) {
            *sum += hazard * value / total;
        }
    }

    fn add(&mut self, factor: f64, other: &Self) {
        self.total += factor * other.total;
        for (sum, value) in self.times_mean.iter_mut().zip(&other.times_mean) {
            *sum += factor * value;
        }
    }

    /// Subtracts from `score` what `risk` at covariates `x` is charged.
    fn charge(&self, score: &mut [f64], risk: f64, x: &[f64]) {
        // The martingale part of the score: risk times the integral of (x - mean)
        // over the hazard.
        for ((score, x), mean) in score.iter_mut().zip(x).zip(&self.times_mean) {
            *score -= risk * (x * self.total - mean);
        }
    }
}

/// Hazards by event time.
struct Hazards {
    /// Up to each event time, exclusive: one more than there are times.
    before: Vec<Hazard>,
    /// From each event time on, times G just before the times.
    weighted_from: Vec<Hazard>,
    /// What an event at each time is not charged, under Efron.
    relief: Vec<Hazard>,
    /// Mean covariates at each time.
    mean: Vec<Vec<f64>>,
}

impl Hazards {
    fn new(weighted: &Weighted, risks: &[f64]) -> Self {
        let (n_times, n_columns) = (weighted.times.len(), weighted.n_columns());
        let zero = Hazard::zero(n_columns);
        let mut at = vec![zero.clone(); n_times];
        let mut relief = vec![zero.clone(); n_times];
        let mut mean = vec![vec![0.0; n_columns]; n_times];
        let mut counts = vec![0.0; n_times];
        walk(weighted, risks, false, |step| {
            let (total, first) = (step.moments.total, &step.moments.first);
            let hazard = step.count / total;
            at[step.time].add_step(hazard, first, total);
            // Under Efron an event is charged only 1 - l / d of its own risk at its
            // time; this is what was charged too much.
            relief[step.time].add_step(hazard * step.reduction, first, total);
            counts[step.time] += step.count;
            for (mean, value) in mean[step.time].iter_mut().zip(first) {
                *mean += step.count * value / total;
            }
        });
        // Under Efron the mean over the steps of a time, each counted by the weight
        // it stands for.
        for (mean, count) in mean.iter_mut().zip(&counts) {
            mean.iter_mut().for_each(|value| *value /= count);
        }
        // Prefix sums: a subject at risk from zero to `reach` is charged their
        // difference in one look-up.
        let mut before = vec![zero.clone(); n_times + 1];
        let mut weighted_from = vec![zero; n_times + 1];
        for time in 0..n_times {
            before[time + 1] = before[time].clone();
            before[time + 1].add(1.0, &at[time]);
        }
        // After a competing event the weight is G(t) / G(X-): with G(t) inside the
        // sum, one factor of the subject is left outside.
        for time in (0..n_times).rev() {
            weighted_from[time] = weighted_from[time + 1].clone();
            weighted_from[time].add(weighted.censoring_survival[time], &at[time]);
        }
        Self { before, weighted_from, relief, mean }
    }

    /// A subject's share of the score, its weights taken as known.
    fn score(&self, row: &Row, risk: f64, x: &[f64]) -> Vec<f64> {
        let mut score = vec![0.0; x.len()];
        self.before[row.reach].charge(&mut score, risk, x);
        if let Some(inverse) = row.inverse {
            self.weighted_from[row.reach].charge(&mut score, risk * inverse, x);
        }
        if row.is_event {
            let time = row.reach - 1;
            // A negative risk gives back what the charge above took too much.
            self.relief[time].charge(&mut score, -risk, x);
            for ((score, x), mean) in score.iter_mut().zip(x).zip(&self.mean[time]) {
                *score += row.weight * (x - mean);
            }
        }
        score
    }
}

/// The sum over clusters of the products of their shares of the score; a
/// subject is its own cluster unless told.
pub(super) fn meat(
    strata: &[Weighted],
    beta: &[f64],
    estimator: FineGrayEstimator,
) -> DMatrix<f64> {
    // An ordered map: the outer products are summed in the order of the codes,
    // whatever the order of subjects.
    let mut shares: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for weighted in strata {
        add_stratum(&mut shares, weighted, beta, estimator);
    }
    sum_of_squares(shares.values(), beta.len())
}

fn add_stratum(
    shares: &mut BTreeMap<usize, Vec<f64>>,
    weighted: &Weighted,
    beta: &[f64],
    estimator: FineGrayEstimator,
) {
    let risks = weighted.risks(beta);
    let hazards = Hazards::new(weighted, &risks);
    // Only Fine and Gray's own variance allows for G being estimated; R's
    // `finegray` takes the weights as known.
    let censoring = (estimator == FineGrayEstimator::FineGrayBreslow)
        .then(|| Censored::new(weighted, &risks, &hazards));
    for (index, row) in weighted.rows.iter().enumerate() {
        let mut score = hazards.score(row, risks[index], weighted.row(index));
        if let Some(censoring) = &censoring {
            censoring.add_to(&mut score, row);
        }
        let share = shares.entry(row.cluster).or_insert_with(|| vec![0.0; beta.len()]);
        for (sum, value) in share.iter_mut().zip(&score) {
            *sum += value;
        }
    }
}

/// The score's dependence on the estimate of G: q(u) / n(u) at each censoring
/// time, and the sum of q d / n^2 up to it (Fine and Gray 1999, eq. 8).
struct Censored {
    at: Vec<Vec<f64>>,
    up_to: Vec<Vec<f64>>,
}

impl Censored {
    fn new(weighted: &Weighted, risks: &[f64], hazards: &Hazards) -> Self {
        let n_columns = weighted.n_columns();
        let mut at = Vec::new();
        // Before the first censoring time the sum is empty.
        let mut up_to = vec![vec![0.0; n_columns]];
        // Risk, and risk times covariates, of those with a competing event
        // before the censoring time, over G.
        let mut gone = 0.0;
        let mut gone_times_x = vec![0.0; n_columns];
        let mut next = 0;
        for (place, censoring) in weighted.censorings.iter().enumerate() {
            // Rows and censorings both go by time: each row enters once. Its count
            // of censoring times up to its own tells whether it ended before this
            // one.
            while weighted.rows.get(next).is_some_and(|row| row.censorings <= place) {
                if let Some(inverse) = weighted.rows[next].inverse {
                    let risk = risks[next] * inverse;
                    gone += risk;
                    for (sum, x) in gone_times_x.iter_mut().zip(weighted.row(next)) {
                        *sum += risk * x;
                    }
                }
                next += 1;
            }
            let later = &hazards.weighted_from[censoring.before];
            let q = gone_times_x.iter().zip(&later.times_mean);
            let share: Vec<f64> =
                // q(u): those gone before u with their weights, times the
                // deviations from the mean that are still to come.
                q.map(|(x, mean)| (x * later.total - gone * mean) / censoring.n).collect();
            let mut sum = up_to[place].clone();
            for (sum, value) in sum.iter_mut().zip(&share) {
                *sum += value * censoring.count / censoring.n;
            }
            up_to.push(sum);
            at.push(share);
        }
        Self { at, up_to }
    }

    fn add_to(&self, score: &mut [f64], row: &Row) {
        // The compensator: the integral of q / n over the hazard of censoring up to
        // the subject's own time.
        for (score, sum) in score.iter_mut().zip(&self.up_to[row.censorings]) {
            *score -= sum;
        }
        // And the jump, for who is censored.
        if row.is_censored {
            for (score, value) in score.iter_mut().zip(&self.at[row.censorings - 1]) {
                *score += value;
            }
        }
    }
}
