//! The exact partial likelihood of discrete times.
//!
//! With d deaths among those at risk, a time's term is the product of the
//! deaths' risks exp(eta) over the sum of such products over all sets of d at
//! risk. That sum is the elementary symmetric polynomial e_d of the risks;
//! adding a subject of risk r makes e_k + r e_(k-1) of e_k (Gail, Lubin and
//! Rubinstein 1981), and likewise for its derivatives.

use super::arrangement::Run;
use super::moments::subtract_square;
use super::partial::{Partial, add_squares};
use super::risk_sets::RiskSets;
use crate::symmetric::add_scaled;

/// Evaluates at the scaled coefficients `beta`: O(n m p^2) with at most m
/// deaths at a time.
pub(super) fn partial_likelihood(sets: &RiskSets, beta: &[f64]) -> Partial {
    let n_columns = sets.n_columns();
    let mut out = Partial::new(n_columns);
    // Each stratum by itself: nobody is at risk in another.
    for stratum in sets.runs.chunk_by(|_, next| !next.opens_stratum) {
        let most = stratum.iter().map(|run| run.deaths().len()).max().unwrap_or(0);
        // Polynomials up to the largest number of deaths of the stratum serve all
        // its times.
        let mut sums = Polynomials::new(most, n_columns, unit(sets, beta, stratum, most));
        for run in stratum {
            for row in run.rows() {
                let risk = libm::exp(sets.predictor(row, beta)) / sums.unit;
                sums.add(risk, &sets.row(row));
            }
            if !run.deaths().is_empty() {
                // Those tied at the time are at risk at it: all are added before
                // the term is formed.
                let (covariance, mean) = add_time(&mut out, sets, beta, run, &sums);
                add_squares(&mut out.squares, 1.0, &covariance, &mean);
            }
        }
    }
    out
}

/// A unit of risk in which no polynomial of the stratum overflows early.
fn unit(sets: &RiskSets, beta: &[f64], stratum: &[Run], most: usize) -> f64 {
    let rows = stratum.iter().flat_map(Run::rows);
    // e_d is about total^d / d!: risks counted in this unit leave it of moderate
    // size. It is added back as d log(unit).
    let total: f64 = rows.map(|row| libm::exp(sets.predictor(row, beta))).sum();
    total / most.max(1) as f64
}

/// Adds the term of one time with deaths; gives the covariance that it adds
/// and the mean that it is about.
fn add_time(
    out: &mut Partial,
    sets: &RiskSets,
    beta: &[f64],
    run: &Run,
    sums: &Polynomials,
) -> (Vec<f64>, Vec<f64>) {
    let n_deaths = run.deaths().len();
    for row in run.deaths() {
        out.value += sets.predictor(row, beta);
        add_scaled(&mut out.gradient, 1.0, &sets.row(row));
    }
    let (total, first, second) = sums.of_degree(n_deaths);
    // The deaths' product over e_d, on the logarithm; d units were taken out of
    // e_d.
    out.value -= libm::log(total) + n_deaths as f64 * libm::log(sums.unit);
    let mean: Vec<f64> = first.iter().map(|sum| sum / total).collect();
    let mut covariance: Vec<f64> = second.iter().map(|sum| sum / total).collect();
    // The covariance of the sum of x over a random set of d: e_d'' / e_d less the
    // square of e_d' / e_d.
    subtract_square(&mut covariance, &mean);
    add_scaled(&mut out.gradient, -1.0, &mean);
    add_scaled(&mut out.triangle, 1.0, &covariance);
    (covariance, mean)
}

/// The elementary symmetric polynomials of degree 0, 1, ... and their
/// derivatives by the coefficients.
struct Polynomials {
    unit: f64,
    totals: Vec<f64>,
    first: Vec<Vec<f64>>,
    /// Lower triangles by rows.
    second: Vec<Vec<f64>>,
    count: usize,
}

impl Polynomials {
    fn new(degree: usize, n_columns: usize, unit: f64) -> Self {
        let mut totals = vec![0.0; degree + 1];
        totals[0] = 1.0;
        let first = vec![vec![0.0; n_columns]; degree + 1];
        let second = vec![vec![0.0; n_columns * (n_columns + 1) / 2]; degree + 1];
        Self { unit, totals, first, second, count: 0 }
    }

    fn of_degree(&self, degree: usize) -> (f64, &[f64], &[f64]) {
        (self.totals[degree], &self.first[degree], &self.second[degree])
    }

    /// Adds a subject; the highest degree first, as each needs the one below
    /// without the subject.
    fn add(&mut self, risk: f64, x: &[f64]) {
        self.count += 1;
        // Beyond the subjects added so far the polynomials are zero.
        for degree in (1..self.totals.len().min(self.count + 1)).rev() {
            let total = self.totals[degree - 1];
            self.totals[degree] += risk * total;
            let (lower, upper) = self.second.split_at_mut(degree);
            let (below, rest) = self.first.split_at_mut(degree);
            // `own` still lacks the subject, `below` too, as degrees descend.
            let (below, own) = (&below[degree - 1], &mut rest[0]);
            // Second derivatives before the first are changed: they need these
            // without the subject.
            add_second(&mut upper[0], &lower[degree - 1], risk, total, below, x);
            add_scaled(own, risk, below);
            add_scaled(own, risk * total, x);
        }
    }
}

/// Adds r (D2 + x D' + D x' + e x x') of the degree below.
fn add_second(out: &mut [f64], below: &[f64], risk: f64, total: f64, first: &[f64], x: &[f64]) {
    add_scaled(out, risk, below);
    let mut rest = out;
    for (j, value) in x.iter().enumerate() {
        let (line, after) = rest.split_at_mut(j + 1);
        add_scaled(line, risk * value, first);
        add_scaled(line, risk * (first[j] + total * value), x);
        rest = after;
    }
}
