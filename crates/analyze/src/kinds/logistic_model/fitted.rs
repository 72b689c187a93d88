//! A logistic model fitted to the patients of a declared model.

use engine::Mistake;
use stats::clusters::Clusters;
use stats::logistic::{LogisticFit, LogisticModel, Penalty};
use study::Warning;

use crate::book::refused;
use crate::effects::term_of;
use crate::estimate::{Estimate, dependent};
use crate::model::interaction::{TestResult, fall, without};
use crate::model::{Cases, Model, PenaltyName};
use crate::refusal::refusal;

/// A fitted model.
pub(super) struct Fitted {
    /// The patients it was fitted to.
    pub(super) cases: Cases,
    /// The fit.
    pub(super) fit: LogisticFit,
    clusters: Option<Clusters>,
}

impl Fitted {
    /// Fits the model of the terms at `places`, with the interactions between
    /// them, to the patients who have a value of each of them.
    pub(super) fn new(model: &Model<'_>, places: &[usize]) -> Result<Self, Mistake> {
        Self::of(model, model.complete_cases(places)?)
    }

    /// Maximises the likelihood of some patients; of nobody there is none.
    fn of(model: &Model<'_>, cases: Cases) -> Result<Self, Mistake> {
        let clusters = model.clusters_of(&cases.included)?;
        if cases.is_rehearsed() {
            let fit = LogisticFit::of_nobody(cases.design.n_covariates());
            return Ok(Self { cases, fit, clusters });
        }
        let prepared = prepare(model, &cases, clusters.as_ref());
        let fit = prepared.and_then(|prepared| prepared.fit()).map_err(|error| refused(&error))?;
        Ok(Self { cases, fit, clusters })
    }

    /// The clusters of its patients.
    pub(super) fn clusters(&self) -> Option<&[usize]> {
        self.clusters.as_ref().map(Clusters::codes)
    }

    /// The coefficient of a covariate with its limits, or why it has none.
    pub(super) fn estimate(
        &self,
        model: &Model<'_>,
        position: usize,
        is_profiled: bool,
        level: f64,
    ) -> Result<Estimate, Warning> {
        let term = || term_of(model, &self.cases, position);
        let known = self.fit.coefficients[position].ok_or_else(|| dependent(&term()))?;
        // Named by what separates, because the mend is another term or Firth's penalty.
        if known.may_be_infinite {
            return Err(Warning::Separates { term: term() });
        }
        let wald = Estimate::of_wald(&known, level);
        if !is_profiled {
            return Ok(wald);
        }
        let test = match model.declared.extras.penalty {
            // Under the penalty it is the penalised likelihood
            // whose profile is taken, and the test is named so.
            PenaltyName::Firth => study::Test::PenalizedLikelihoodRatio,
            _ => study::Test::LikelihoodRatio,
        };
        if self.cases.is_rehearsed() {
            return Ok(wald.profiled([None, None], f64::NAN, test));
        }
        let prepared = prepare(model, &self.cases, self.clusters.as_ref());
        let found = prepared
            .and_then(|prepared| prepared.profile_limits(&self.fit, position, level))
            .map_err(|error| refusal(&error))?;
        let limits = found.ratio_limits();
        Ok(wald.profiled(limits, found.test.p_value, test))
    }

    /// Twice the fall of the likelihood without the interaction at `place`.
    pub(super) fn test_of_interaction(&self, model: &Model<'_>, place: usize) -> TestResult {
        // The smaller model must be of the very same patients. Positions
        // ascend, because they are filtered from those of the population.
        let keeps = |patient: usize| self.cases.included.binary_search(&patient).is_ok();
        let cases = model.cases_of(&without(&self.cases, place, &keeps));
        let smaller = cases.and_then(|cases| Self::of(model, cases));
        let smaller = smaller.map_err(|mistake| Warning::NoFit { mistake: mistake.message })?;
        fall(
            [self, &smaller].map(|one| {
                (one.fit.log_likelihood, one.fit.likelihood_ratio_test.degrees_of_freedom)
            }),
        )
    }
}

/// The model as the estimator takes it.
fn prepare<'c>(
    model: &Model<'_>,
    cases: &'c Cases,
    clusters: Option<&'c Clusters>,
) -> Result<LogisticModel<'c>, stats::Error> {
    let mut prepared = LogisticModel::new(cases.follow_up().events(), cases.covariates()?)?;
    if let Some(weights) = cases.case_weights()? {
        prepared = prepared.weights(weights)?;
    }
    if let Some(clusters) = clusters {
        prepared = prepared.clusters(clusters)?;
    }
    let extras = &model.declared.extras;
    prepared = match (extras.penalty, extras.ridge) {
        (PenaltyName::Ridge, Some(size)) => prepared.penalty(Penalty::Ridge(size))?,
        (PenaltyName::Firth, _) => prepared.penalty(Penalty::Firth)?,
        _ => prepared,
    };
    Ok(if model.declared.is_robust() { prepared.robust() } else { prepared })
}
