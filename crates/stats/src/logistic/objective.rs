//! What the search maximises, with its derivatives.

use crate::newton::Likelihood;

use super::design::Design;
use super::{LogisticModel, Penalty};
use crate::symmetric::{Factors, quadratic_form};
use crate::symmetric::{add_scaled, rank_tolerance};

/// A model's objective, in coefficients of the design.
#[derive(Debug)]
pub(super) struct Objective<'a> {
    pub(super) model: &'a LogisticModel<'a>,
    pub(super) design: &'a Design,
}

/// One subject at some coefficients.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject {
    /// Log-likelihood.
    value: f64,
    /// y - p.
    pub(super) residual: f64,
    /// p (1 - p).
    variance: f64,
    /// 1/2 - p.
    lean: f64,
}

impl Subject {
    fn new(eta: f64, outcome: bool) -> Self {
        // Everything from exp(-|eta|), which loses no digits in the tails.
        let small = libm::exp(-eta.abs());
        let (near, far) = (1.0 / (1.0 + small), small / (1.0 + small));
        let (p, q) = if eta > 0.0 { (near, far) } else { (far, near) };
        let signed = if outcome { eta } else { -eta };
        // log p = min(eta, 0) - log(1 + exp(-|eta|)), with eta turned for no
        // outcome: exact in both tails.
        let value = signed.min(0.0) - libm::log1p(small);
        let residual = if outcome { q } else { -p };
        // 1/2 - p as half of q - p: no digits are lost near p = 1/2.
        Self { value, residual, variance: p * q, lean: 0.5 * (q - p) }
    }
}

/// 1 / (1 + exp(-eta)).
pub(crate) fn probability(eta: f64) -> f64 {
    let small = libm::exp(-eta.abs());
    if eta > 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) }
}

impl Objective<'_> {
    /// Each subject's eta.
    pub(super) fn predictors(&self, beta: &[f64]) -> Vec<f64> {
        let offset = |subject: usize| self.model.offsets.map_or(0.0, |offsets| offsets[subject]);
        let predictor = |(subject, row): (usize, &[f64])| {
            offset(subject) + row.iter().zip(beta).map(|(x, b)| x * b).sum::<f64>()
        };
        self.design.rows().enumerate().map(predictor).collect()
    }

    /// Each subject's part.
    pub(super) fn subjects(&self, beta: &[f64]) -> Vec<Subject> {
        let outcomes = self.model.outcomes;
        let predictors = self.predictors(beta);
        predictors.iter().zip(outcomes).map(|(eta, y)| Subject::new(*eta, *y)).collect()
    }

    /// Evaluates at `beta`.
    pub(super) fn at(&self, beta: &[f64]) -> Likelihood {
        let subjects = self.subjects(beta);
        let weight = |subject: usize| self.model.weight(subject);
        let mut gradient = vec![0.0; beta.len()];
        let mut plain = 0.0;
        for ((place, one), row) in subjects.iter().enumerate().zip(self.design.rows()) {
            plain += weight(place) * one.value;
            add_scaled(&mut gradient, weight(place) * one.residual, row);
        }
        let information = self.design.gram(|place| weight(place) * subjects[place].variance);
        let mut out = Likelihood {
            plain,
            value: plain,
            gradient,
            curvature: information.clone(),
            information,
        };
        match self.model.penalty {
            Penalty::None => {}
            Penalty::Ridge(lambda) => add_ridge(&mut out, lambda, beta),
            Penalty::Firth => self.add_firth(&mut out, &subjects),
        }
        out
    }

    /// Adds log |I| / 2. With h the subject's leverage, its gradient sums
    /// h (1/2 - p) x; the metric takes each subject with the weight w + h, as
    /// if a part h / 2 of it had the outcome and as much had not.
    fn add_firth(&self, out: &mut Likelihood, subjects: &[Subject]) {
        let factors = Factors::new(&out.information, rank_tolerance());
        out.value += 0.5 * factors.log_determinant();
        let inverse = factors.inverse();
        let weight = |subject: usize| self.model.weight(subject);
        let leverages: Vec<f64> = (self.design.rows().zip(subjects).enumerate())
            // h = w p (1 - p) x' I^-1 x.
            .map(|(place, (row, one))| weight(place) * one.variance * quadratic_form(&inverse, row))
            .collect();
        for ((row, one), leverage) in self.design.rows().zip(subjects).zip(&leverages) {
            add_scaled(&mut out.gradient, leverage * one.lean, row);
        }
        // The metric of the augmented data: near the true second derivative, and
        // always positive.
        out.curvature = (self.design)
            .gram(|place| (weight(place) + leverages[place]) * subjects[place].variance);
    }
}

fn add_ridge(out: &mut Likelihood, lambda: f64, beta: &[f64]) {
    // The intercept, which is the share of outcomes, is not shrunk.
    for (j, value) in beta.iter().enumerate().skip(1) {
        out.value -= 0.5 * lambda * value * value;
        out.gradient[j] -= lambda * value;
        out.curvature[(j, j)] += lambda;
    }
}
