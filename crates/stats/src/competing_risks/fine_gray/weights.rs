//! Who is in which risk set of the subdistribution, and with what weight.

use super::{FineGrayEstimator, FineGrayModel};
use crate::scaling::Scaling;

/// A subject in the order of time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// Event times not after its own: it is in their risk sets in full.
    pub(super) reach: usize,
    /// After a competing event, one over G just before it: in the risk sets
    /// from `reach` on, the weight is G of the event time times this.
    pub(super) inverse: Option<f64>,
    /// Whether it has an event of the cause, at the event time `reach - 1`.
    pub(super) is_event: bool,
    /// Place among the censoring times, of the last not after its own time,
    /// plus one.
    pub(super) censorings: usize,
    /// Whether it is censored, at the censoring time `censorings - 1`.
    pub(super) is_censored: bool,
    /// Its case weight.
    pub(super) weight: f64,
    /// Whom it depends on: those of the same code.
    pub(super) cluster: usize,
}

/// One time at which subjects are censored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Censoring {
    /// At risk.
    pub(super) n: f64,
    /// Censored.
    pub(super) count: f64,
    /// Event times before it.
    pub(super) before: usize,
}

/// The subjects of one stratum by ascending time, centred and scaled
/// covariates, and the weights of its risk sets.
pub(super) struct Weighted {
    pub(super) rows: Vec<Row>,
    /// Covariates, row-major: (x - center) * scale.
    pub(super) covariates: Vec<f64>,
    pub(super) scalings: Vec<Scaling>,
    /// The distinct event times of the cause.
    pub(super) times: Vec<f64>,
    /// G just before each event time.
    pub(super) censoring_survival: Vec<f64>,
    pub(super) censorings: Vec<Censoring>,
    pub(super) is_efron: bool,
}

/// A model's strata by ascending code; one without strata.
pub(super) fn strata(model: &FineGrayModel<'_>) -> Vec<Weighted> {
    let columns = model.covariates.columns();
    // Centre and scale are of the whole column, not of a stratum: coefficients must
    // mean the same in all strata.
    let scalings: Vec<Scaling> = columns.map(Scaling::of).collect();
    let orders = model.data.any.order_by_stratum(model.strata);
    orders.iter().map(|order| Weighted::new(model, order, &scalings)).collect()
}

impl Weighted {
    fn new(model: &FineGrayModel<'_>, order: &[usize], scalings: &[Scaling]) -> Self {
        let is_efron = model.estimator == FineGrayEstimator::WeightedEfron;
        let mut out = Self {
            rows: Vec::with_capacity(order.len()),
            covariates: Vec::with_capacity(order.len() * model.covariates.n_columns()),
            scalings: scalings.to_vec(),
            times: Vec::new(),
            censoring_survival: Vec::new(),
            censorings: Vec::new(),
            is_efron,
        };
        out.set_rows(model, order);
        for subject in order {
            let columns = scalings.iter().zip(model.covariates.columns());
            out.covariates.extend(columns.map(|(scaling, column)| scaling.apply(column[*subject])));
        }
        out
    }

    pub(super) fn n_columns(&self) -> usize {
        self.scalings.len()
    }

    pub(super) fn n_events(&self) -> usize {
        self.rows.iter().filter(|row| row.is_event).count()
    }

    /// Covariates of a row.
    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.covariates[row * self.n_columns()..(row + 1) * self.n_columns()]
    }

    /// The case weight times exp(beta'x) of every row.
    pub(super) fn risks(&self, beta: &[f64]) -> Vec<f64> {
        let eta = |row: usize| self.row(row).iter().zip(beta).map(|(x, b)| x * b).sum();
        (self.rows.iter().enumerate())
            .map(|(row, about)| about.weight * libm::exp(eta(row)))
            .collect()
    }

    fn set_rows(&mut self, model: &FineGrayModel<'_>, order: &[usize]) {
        let (data, cause) = (model.data, model.cause);
        let mut n = order.len() as f64;
        // G(t-): multiplied only after the rows of a time have read it.
        let mut survival = 1.0;
        for tied in data.any.tied_runs(order) {
            let before = self.times.len();
            let of = |kind: fn(usize, usize) -> bool| {
                tied.iter().filter(|subject| kind(data.causes[**subject], cause)).count()
            };
            let n_events = of(|code, cause| code == cause);
            let n_censored = of(|code, _| code == 0);
            if n_events > 0 {
                // Before the censorings of this time: the weight of the paper is G
                // just before the event.
                self.times.push(data.time(tied[0]));
                self.censoring_survival.push(survival);
            }
            let reach = self.times.len();
            if n_censored > 0 {
                let count = n_censored as f64;
                self.censorings.push(Censoring { n, count, before });
            }
            for subject in tied {
                let code = data.causes[*subject];
                self.rows.push(Row {
                    reach,
                    // After a competing event. G before it cannot be zero: the subject
                    // was still under observation then.
                    inverse: (code != 0 && code != cause).then(|| 1.0 / survival),
                    is_event: code == cause,
                    censorings: self.censorings.len(),
                    is_censored: code == 0,
                    weight: model.weights.map_or(1.0, |weights| weights[*subject]),
                    cluster: model.clusters.map_or(*subject, |clusters| clusters[*subject]),
                });
            }
            let dead = (tied.len() - n_censored) as f64;
            // Under Efron's variant the events of this time have left before its
            // censorings, as R's `finegray` orders them; Fine and Gray's has all at
            // risk of censoring.
            let at_risk = if self.is_efron { n - dead } else { n };
            if n_censored > 0 {
                survival *= 1.0 - n_censored as f64 / at_risk;
            }
            n -= tied.len() as f64;
        }
    }
}
