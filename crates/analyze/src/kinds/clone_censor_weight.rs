//! Two strategies of starting an exposure, by clones that are censored when
//! they deviate and weighted for it.

mod record;

use engine::{Call, Mistake, Mistakes, Named, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::clone_censor_weight::{CensoringModel, CloneCensorWeight as Clones};
use stats::covariates::Covariates;
use study::{CensoringWeights, Detail, Method, Practice, Procedure, Span, StudySettings, Warning};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::refused;
use crate::covariates::{DeclaredTerms, covariates, matrix};
use crate::exposure::{DeclaredExposure, ExposedFollowUp};
use crate::horizon::{Horizon, horizons};
use crate::late_exposure::{DeclaredDesign, Design};
use crate::model::TiesName;
use crate::monte_carlo::draws_of;
use crate::rehearsal::Rehearsal;
use record::Recorder;

/// Starting an exposure within a grace period compared with not starting within it, as if each had
/// been assigned at time zero (Hernan 2018; Maringe and others 2020). Every patient has a clone in both
/// strategies, which is censored when the patient deviates from it; weights from a model of that
/// censoring by `terms` stand for those who were censored. Gives weighted survival, its difference, the
/// difference of restricted means and the hazard ratio, with percentile limits from resampling
/// patients, the weights estimated anew each time.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloneCensorWeight {
    /// The endpoint: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Column of two levels that tells who was exposed; the one date from which it is known is the start.
    pub exposure: String,
    /// Level of the unexposed; the first declared level, or `no`, unless named here.
    #[serde(default)]
    pub reference: Option<String>,
    /// Length of the grace period.
    pub grace: Span,
    /// Columns, all known at time zero, on which starting the exposure depends: the model of the
    /// weights. Who has no value of one is left out.
    #[serde(default)]
    pub terms: Vec<String>,
    /// Reference levels of terms by column; the first declared level unless named here.
    #[serde(default)]
    pub references: Named<String>,
    /// The model of artificial censoring.
    #[serde(default)]
    pub weights: WeightModel,
    /// Length of the intervals of `pooled_logistic`.
    #[serde(default = "thirty_days")]
    pub interval: Span,
    /// Weights above this one (at least 1) are cut to it.
    #[serde(default)]
    pub largest_weight: Option<f64>,
    /// Horizons of survival, restricted means and hazard ratios.
    #[serde(default)]
    pub at: Vec<Span>,
    /// How tied event times are taken in the hazard ratio.
    #[serde(default)]
    pub ties: TiesName,
    /// Bootstrap samples of patients; 0 gives no limits.
    #[serde(default = "five_hundred")]
    #[schemars(range(max = 100_000))]
    pub replicates: usize,
    /// Another entry whose random numbers this one uses, to be compared with it: both draw the same
    /// patients then. It must not use those of a third.
    #[serde(default)]
    pub draws: Option<String>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
}

/// How the weights are estimated, in each strategy by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WeightModel {
    /// Cox regression of the time to artificial censoring.
    #[default]
    Cox,
    /// Logistic regression of being censored in an interval of the grace period.
    PooledLogistic,
    /// No weights: selection by the terms stays.
    None,
}

fn thirty_days() -> Span {
    Span::of_days(30.0)
}

fn five_hundred() -> usize {
    500
}

impl Analysis for CloneCensorWeight {
    const NAME: &'static str = "clone_censor_weight";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref()).beside(draws_of(self.draws.as_deref()))
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        self.declared().check(rehearsal);
        // Without terms everybody has the same weight, and selection
        // by what makes patients start stays: that must be declared.
        if self.terms.is_empty() && self.weights != WeightModel::None {
            rehearsal.push(
                Mistake::at(&["terms"], "weights need the terms on which starting depends")
                    .hint("name them under `terms`, or declare `weights: none`"),
            );
        }
        for (parameter, length) in [("grace", self.grace), ("interval", self.interval)] {
            if !(length.value().is_finite() && length.value() > 0.0) {
                let message = format!("{length} is no length of time");
                rehearsal.push(Mistake::at(&[parameter], message).hint("a length above 0"));
            }
        }
        if let Some(weight) = self.largest_weight
            && !(weight.is_finite() && weight >= 1.0)
        // Inverse probabilities are never below 1.
        {
            let message = format!("{weight} is no largest weight");
            rehearsal.push(Mistake::at(&["largest_weight"], message).hint("weights are 1 or more"));
        }
        rehearsal.times("at", &self.at, false);
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let design = self.declared().read(checked)?;
        let followed = design.follow(|patient| design.has_terms(patient))?;
        let Design { endpoint, exposure, terms, .. } = &design;
        let columns = covariates(terms, &followed.included)?;
        let values = matrix(&columns);
        let clones = self.clones(checked.study, &followed, &values, columns.len())?;
        let times: Vec<Horizon> = horizons(checked.study, &self.at);
        let days: Vec<f64> = times.iter().map(|horizon| horizon.days).collect();
        let found = clones.estimate(&days).map_err(|error| refused(&error))?;
        // Entries that are compared draw the same patients,
        // so that their difference is not one of luck.
        let seed = checked.call.seed_for(self.draws.as_deref());
        // There is nobody to draw from in a rehearsal; how many
        // samples there will be is known from the parameters.
        let resampled = (self.replicates > 0 && !checked.is_rehearsed())
            .then(|| clones.resampled(&days, self.replicates, seed))
            .transpose()
            .map_err(|error| refused(&error))?;
        let mut book = checked.book_on(&self.endpoint);
        book.warn(followed.warnings());
        followed.record(&mut book);
        let recorder = Recorder {
            kind: self,
            exposure,
            followed: &followed,
            found: &found,
            resampled: resampled.as_ref(),
            horizons: &times,
            study: checked.study,
        };
        recorder.record(&mut book).map_err(|error| refused(&error))?;
        let mut curves =
            book.curves(endpoint.label.clone(), study::IntervalKind::Log, recorder.drawn());
        curves.by_label = Some(exposure.category.label.clone());
        // Every patient has a clone in both curves, so
        // that numbers at risk do not add up to patients.
        curves.warnings.push(Warning::CountsOfClones);
        let practice = Practice::CloneCensorWeight { samples: self.replicates };
        let method = self.method(checked.study).with(Detail::Ties(self.ties.value()));
        let methods = design.account(practice, method);
        Ok(Analysed::new(book, methods, &followed.included).with_figures(curves))
    }

    fn work(&self, call: &Call<'_>) -> Work {
        Work::of(call.patients(), 5e4).times("replicates", self.replicates)
    }
}

impl CloneCensorWeight {
    fn declared(&self) -> DeclaredDesign<'_> {
        let (column, reference) = (self.exposure.as_str(), self.reference.as_deref());
        DeclaredDesign {
            endpoint: &self.endpoint,
            exposure: DeclaredExposure { column, reference, needs_start: true },
            terms: Some(DeclaredTerms { terms: &self.terms, references: &self.references }),
        }
    }

    fn clones<'a>(
        &self,
        study: &StudySettings,
        followed: &'a ExposedFollowUp,
        values: &'a [f64],
        n_columns: usize,
    ) -> Result<Clones<'a>, Mistake> {
        let grace = self.grace.days(study);
        let clones = Clones::new(&followed.data, &followed.starts, grace).map_err(|error| {
            // The estimator knows no names: these two are
            // mended in the pipeline, so that they say how.
            let (message, hint) = match error {
                stats::Error::Empty => ("nobody is", "choose a shorter grace period"),
                stats::Error::OneGroup { .. } => (
                    "all have started, or none has, among those",
                    "choose another grace period, or widen `where`",
                ),
                other => return refused(&other),
            };
            let grace = self.grace.resolved(study);
            let message = format!("{message} followed beyond the grace period of {grace}");
            Mistake::at(&["grace"], message).hint(hint)
        })?;
        let model = match self.weights {
            WeightModel::Cox => CensoringModel::Cox,
            WeightModel::PooledLogistic => {
                CensoringModel::PooledLogistic { interval: self.interval.days(study) }
            }
            WeightModel::None => CensoringModel::Unweighted,
        };
        // The follow-up that stands in for nobody's has no terms.
        if followed.is_rehearsed() {
            let clones = clones.model(CensoringModel::Unweighted);
            return clones.map_err(|error| refused(&error));
        }
        let made = Covariates::new(values, n_columns)
            .and_then(|covariates| clones.covariates(covariates))
            .and_then(|clones| clones.model(model))
            // Cut after the model has made them.
            .and_then(|clones| match self.largest_weight {
                Some(weight) => clones.largest_weight(weight),
                None => Ok(clones),
            });
        Ok(made.map_err(|error| refused(&error))?.ties(self.ties.ties()))
    }

    /// The design.
    fn method(&self, study: &StudySettings) -> Method {
        let weights = match self.weights {
            WeightModel::Cox => CensoringWeights::Cox,
            WeightModel::PooledLogistic => {
                CensoringWeights::PooledLogistic { interval: self.interval.resolved(study) }
            }
            WeightModel::None => CensoringWeights::Unweighted,
        };
        Method::of(Procedure::CloneCensorWeight { grace: self.grace.resolved(study) })
            .with(Detail::CensoringWeights(weights))
            .and(self.largest_weight.map(Detail::CutAt))
    }
}
