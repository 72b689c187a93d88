//! The probability that a clone has not been artificially censored.

use super::clones::Copied;
use super::pooled_logistic::PooledRows;
use super::{CensoringModel, CloneCensorWeight};
use crate::Error;
use crate::cox::CoxModel;
use crate::survival_data::SurvivalData;

/// The probability of each clone of a strategy after each time at which it
/// falls.
#[derive(Debug, Clone, Default)]
pub(super) struct Uncensored {
    /// Those times, ascending; none before time zero.
    pub(super) times: Vec<f64>,
    /// By time, then by subject.
    probabilities: Vec<Vec<f64>>,
    /// Whether the model has a coefficient without bound: a covariate tells
    /// exactly who deviates.
    pub(super) is_separated: bool,
}

impl Uncensored {
    /// Fits the model of a strategy to its clones.
    pub(super) fn new(
        design: &CloneCensorWeight<'_>,
        clones: &[Copied],
        strategy: usize,
    ) -> Result<Self, Error> {
        // Where nobody deviates G is 1 throughout: without events no model could be
        // fitted.
        let anybody = clones.iter().any(|clone| clone.deviates);
        match design.model {
            CensoringModel::Cox if anybody => by_cox(design, clones),
            CensoringModel::PooledLogistic { interval } if anybody => {
                by_logistic(design, clones, &ends(design.grace, interval, strategy))
            }
            _ => Ok(Self::default()),
        }
    }

    /// After the time at position `step`.
    pub(super) fn probability(&self, subject: usize, step: usize) -> f64 {
        self.probabilities[step][subject]
    }
}

fn by_cox(design: &CloneCensorWeight<'_>, clones: &[Copied]) -> Result<Uncensored, Error> {
    let times: Vec<f64> = clones.iter().map(|clone| clone.end).collect();
    let deviates: Vec<bool> = clones.iter().map(|clone| clone.deviates).collect();
    let data = SurvivalData::new(&times, &deviates)?;
    // A clone's event ends the time to deviating like any other censoring: it says
    // nothing about deviating later.
    let model = CoxModel::new(&data, design.covariates)?;
    let fit = model.fit()?;
    let baseline = model.baseline_hazard(&fit);
    let hazard = baseline.stratum(None)?;
    // S = exp(-H0(t) exp(beta'x)), from the hazard rather than from the product
    // limit, as in the formula of Maringe et al.
    let at = |cumulative: &f64| {
        let of = |predictor: &f64| libm::exp(-cumulative * libm::exp(*predictor));
        fit.linear_predictors.iter().map(of).collect()
    };
    Ok(Uncensored {
        times: hazard.times.clone(),
        probabilities: hazard.cumulative_hazard.iter().map(at).collect(),
        is_separated: fit.coefficients.iter().flatten().any(|known| known.may_be_infinite),
    })
}

/// The ends of the intervals. Under strategy 1 clones deviate at the end of
/// the grace period only, so there is one interval.
fn ends(grace: f64, interval: f64, strategy: usize) -> Vec<f64> {
    if strategy == 1 {
        return vec![grace];
    }
    // Multiples rather than repeated addition, which would drift. The last interval
    // is cut at the end of the grace period.
    let whole = (1..).map(|count| f64::from(count) * interval);
    whole.take_while(|end| *end < grace).chain([grace]).collect()
}

fn by_logistic(
    design: &CloneCensorWeight<'_>,
    clones: &[Copied],
    ends: &[f64],
) -> Result<Uncensored, Error> {
    let is_single = ends.len() == 1;
    let mut rows = PooledRows::new(design.covariates, clones.len());
    let mut times = Vec::new();
    for (place, end) in ends.iter().enumerate() {
        // The first interval has no beginning: everybody is at risk at time zero.
        let begin = place.checked_sub(1).map(|before| ends[before]);
        let deviates = |clone: &Copied| clone.deviates && clone.end <= *end;
        // Only who is followed beyond the grace period can deviate at its end.
        let is_at_risk = |clone: &Copied| match begin {
            Some(begin) => clone.end > begin,
            None => !is_single || clone.deviates || clone.end > *end,
        };
        let at_risk: Vec<(usize, bool)> = (clones.iter().enumerate())
            .filter(|(_, clone)| is_at_risk(clone))
            .map(|(subject, clone)| (subject, deviates(clone)))
            .collect();
        // An interval in which nobody deviates leaves G as it is, and its intercept
        // would go to minus infinity.
        if at_risk.iter().any(|(_, deviates)| *deviates) {
            rows.add_interval(&at_risk);
            times.push(*end);
        }
    }
    let model = rows.fit()?;
    let mut probabilities: Vec<Vec<f64>> = Vec::new();
    // G is a product over the intervals that ended, so that each adds one factor
    // for every subject, at risk or not: those at risk read their own entry later.
    let mut so_far = vec![1.0; clones.len()];
    for interval in 0..times.len() {
        let complements = model.complements(interval)?;
        so_far.iter_mut().zip(complements).for_each(|(share, stays)| *share *= stays);
        probabilities.push(so_far.clone());
    }
    Ok(Uncensored { times, probabilities, is_separated: model.is_separated })
}
