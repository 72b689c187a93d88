//! The maximum of a multinomial likelihood.

use nalgebra::DMatrix;

use crate::newton::take;
use crate::symmetric::Factors;

/// The change of every coefficient, relative to 1 + its size, below which
/// they rest: the steps get smaller by squares, so that what is left is
/// rounding.
const AT_REST: f64 = 1e-10;
/// The rise of the log-likelihood, relative, below which a search ends whose
/// coefficients do not rest.
const NO_RISE: f64 = 1e-12;
/// What rounding may take from a log-likelihood, relative: without it a search
/// that stands at its maximum would halve its step sixty times.
const ROUNDING: f64 = 1e-13;
/// The change of a standardised coefficient by which it counts as moving: on
/// the way to a maximum a step of 1e-3 is followed by 1e-6 and 1e-12, on the
/// way to infinity each is about 1.
const MOVING: f64 = 1e-3;
/// Pivots below this share of the largest count as zero. Columns that depend on
/// one another were left out before: these are of coefficients on their way to
/// infinity.
const RANK_TOLERANCE: f64 = 1e-12;
/// A search that separates moves by about 1 an iteration, and its likelihood
/// rests long before this.
const MAXIMUM_ITERATIONS: usize = 100;

/// What to maximise: independent columns by rows, the constant among them.
pub(crate) struct Search<'a> {
    pub(crate) rows: &'a [f64],
    pub(crate) n_columns: usize,
    pub(crate) codes: &'a [usize],
    pub(crate) n_levels: usize,
    pub(crate) weights: &'a [f64],
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The coefficients rest.
    AtRest,
    /// The likelihood rests, but the coefficients move on.
    Separated,
    /// Neither.
    GivenUp,
}

/// Where a search ended.
pub(crate) struct Maximum {
    /// Level by level, without the first.
    pub(crate) beta: Vec<f64>,
    /// Of the information.
    pub(crate) factors: Factors,
    pub(crate) log_likelihood: f64,
    pub(crate) iterations: usize,
    pub(crate) ending: Ending,
    /// Which coefficients still move.
    pub(crate) moves: Vec<bool>,
}

/// The probability of each level from the predictors of all but the first,
/// whose own is 0.
pub(crate) fn probabilities(predictors: &[f64]) -> Vec<f64> {
    // At least 0, the first level's own predictor: the largest exponent is then 0,
    // and nothing overflows.
    let largest = predictors.iter().fold(0.0_f64, |most, value| most.max(*value));
    let mut odds = vec![libm::exp(-largest)];
    odds.extend(predictors.iter().map(|value| libm::exp(value - largest)));
    let sum: f64 = odds.iter().sum();
    odds.into_iter().map(|odds| odds / sum).collect()
}

impl Search<'_> {
    /// Newton-Raphson from zero.
    pub(crate) fn maximize(&self) -> Maximum {
        let size = self.n_columns * (self.n_levels - 1);
        let mut beta = vec![0.0; size];
        let mut value = self.log_likelihood(&beta);
        let mut moves = vec![false; size];
        let mut ending = Ending::GivenUp;
        let mut iterations = 0;
        while iterations < MAXIMUM_ITERATIONS && value.is_finite() {
            iterations += 1;
            let (score, information) = self.derivatives(&beta);
            let step = Factors::new(&information, RANK_TOLERANCE).solve(&score);
            // Rounding may lower the value at the maximum.
            let floor = value - ROUNDING * (1.0 + value.abs());
            let look =
                |beta: &[f64]| Some(self.log_likelihood(beta)).filter(|reached| *reached >= floor);
            let taken = take(&beta, step, look).map(|taken| (taken.beta, taken.found));
            // A step that leads nowhere leaves the coefficients: they are at rest
            // then.
            let (next, reached) = taken.unwrap_or_else(|| (beta.clone(), value));
            let rests = |(old, new): (&f64, &f64)| (new - old).abs() <= AT_REST * (1.0 + old.abs());
            let at_rest = beta.iter().zip(&next).all(rests);
            let rise = reached - value;
            moves = beta.iter().zip(&next).map(|(old, new)| (new - old).abs() > MOVING).collect();
            (beta, value) = (next, reached);
            if at_rest {
                ending = Ending::AtRest;
                break;
            }
            // Without a move above MOVING the search goes on until it rests.
            if rise <= NO_RISE * (1.0 + value.abs()) && moves.contains(&true) {
                ending = Ending::Separated;
                break;
            }
        }
        if ending == Ending::AtRest {
            // At rest nothing moves, whatever the last step was.
            moves.fill(false);
        }
        let factors = Factors::new(&self.derivatives(&beta).1, RANK_TOLERANCE);
        Maximum { beta, factors, log_likelihood: value, iterations, ending, moves }
    }

    fn predictors(&self, row: &[f64], beta: &[f64]) -> Vec<f64> {
        let product = |beta: &[f64]| row.iter().zip(beta).map(|(x, b)| x * b).sum();
        beta.chunks_exact(self.n_columns).map(product).collect()
    }

    fn log_likelihood(&self, beta: &[f64]) -> f64 {
        let mut sum = 0.0;
        for ((row, code), weight) in self.each() {
            let predictors = self.predictors(row, beta);
            let largest = predictors.iter().fold(0.0_f64, |most, value| most.max(*value));
            let others: f64 = predictors.iter().map(|value| libm::exp(value - largest)).sum();
            let own = if code == 0 { 0.0 } else { predictors[code - 1] };
            sum += weight * (own - largest - libm::log(libm::exp(-largest) + others));
        }
        sum
    }

    fn each(&self) -> impl Iterator<Item = ((&[f64], usize), f64)> {
        let rows = self.rows.chunks_exact(self.n_columns);
        rows.zip(self.codes.iter().copied()).zip(self.weights.iter().copied())
    }

    /// The score and the information.
    fn derivatives(&self, beta: &[f64]) -> (Vec<f64>, DMatrix<f64>) {
        let (q, others) = (self.n_columns, self.n_levels - 1);
        let mut score = vec![0.0; q * others];
        // One block of q x q for each pair of levels, the lower ones first.
        let mut blocks = vec![0.0; q * q * others * (others + 1) / 2];
        for ((row, code), weight) in self.each() {
            let shares = probabilities(&self.predictors(row, beta));
            let mut rest = blocks.as_mut_slice();
            for level in 0..others {
                // Observed less expected, for each level but the first.
                let observed = f64::from(code == level + 1);
                let residual = weight * (observed - shares[level + 1]);
                for (sum, x) in score[level * q..].iter_mut().zip(row) {
                    *sum += residual * x;
                }
                // Only the lower levels: the information is symmetric.
                for other in 0..=level {
                    let same = f64::from(other == level);
                    // p_k (delta - p_l): the covariance of the levels' indicators.
                    let factor = weight * shares[level + 1] * (same - shares[other + 1]);
                    let (block, later) = rest.split_at_mut(q * q);
                    for (sums, x) in block.chunks_exact_mut(q).zip(row) {
                        let scaled = factor * x;
                        for (sum, x) in sums.iter_mut().zip(row) {
                            *sum += scaled * x;
                        }
                    }
                    rest = later;
                }
            }
        }
        let information = DMatrix::from_fn(q * others, q * others, |i, j| {
            let (i, j) = (i.max(j), i.min(j));
            let (level, other) = (i / q, j / q);
            blocks[(level * (level + 1) / 2 + other) * q * q + i % q * q + j % q]
        });
        (score, information)
    }
}
