//! Parametric accelerated failure time models, compared by their fit. What is
//! written down of each is in `fitted`.

mod fitted;

use engine::{Mistake, Mistakes, Named};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::parametric::{AcceleratedDistribution, AcceleratedFit, AcceleratedModel};
use study::{Account, Distribution, Method, Part, Practice, Procedure, Quantity};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::{Book, Told};
use crate::effects::refused_for;
use crate::guard::ImmortalTime;
use crate::model::{Cases, Declared, Model};
use crate::outcome::Explained;
use crate::rehearsal::Rehearsal;
use fitted::OneFit;

/// Parametric survival regression: accelerated failure time models with one or several distributions,
/// giving time ratios (how terms stretch or shrink the time to the event), hazard ratios where they are
/// constant, predicted medians, and Akaike's criterion to compare the distributions.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParametricModel {
    /// The endpoint: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Columns of the model, as in `cox_model`; without any the distribution alone is fitted.
    #[serde(default)]
    pub terms: Vec<String>,
    /// Reference levels by column; the first declared level unless named here.
    #[serde(default)]
    pub references: Named<String>,
    /// Distributions to fit; the first one is the model, the others are compared with it.
    #[serde(default = "weibull")]
    pub distributions: Vec<DistributionName>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where a term is known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

/// Distribution of a survival time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DistributionName {
    /// A constant hazard.
    Exponential,
    /// A hazard that rises or falls as a power of time.
    Weibull,
    /// The logarithm of time is normal.
    LogNormal,
    /// The logarithm of time is logistic.
    LogLogistic,
}

impl DistributionName {
    fn id(self) -> &'static str {
        match self {
            Self::Exponential => "exponential",
            Self::Weibull => "weibull",
            Self::LogNormal => "log_normal",
            Self::LogLogistic => "log_logistic",
        }
    }

    fn value(self) -> Distribution {
        match self {
            Self::Exponential => Distribution::Exponential,
            Self::Weibull => Distribution::Weibull,
            Self::LogNormal => Distribution::LogNormal,
            Self::LogLogistic => Distribution::LogLogistic,
        }
    }

    fn distribution(self) -> AcceleratedDistribution {
        match self {
            Self::Exponential => AcceleratedDistribution::Exponential,
            Self::Weibull => AcceleratedDistribution::Weibull,
            Self::LogNormal => AcceleratedDistribution::LogNormal,
            Self::LogLogistic => AcceleratedDistribution::LogLogistic,
        }
    }
}

fn weibull() -> Vec<DistributionName> {
    vec![DistributionName::Weibull]
}

impl Analysis for ParametricModel {
    const NAME: &'static str = "parametric_model";

    fn scope(&self) -> Scope<'_> {
        self.declared().scope()
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        // The checks that all models share refuse an
        // empty list of terms, which has a meaning here.
        if self.terms.is_empty() {
            rehearsal.endpoint(&self.endpoint);
            for term in self.references.names() {
                let message = format!("`{term}` is not a term of this model");
                let mistake = Mistake::at(&["references", term], message);
                rehearsal.push(mistake.hint("the model has no terms: list it under `terms`"));
            }
        } else {
            self.declared().check(rehearsal);
        }
        if self.distributions.is_empty() {
            let mistake = Mistake::at(&["distributions"], "`distributions` is empty");
            rehearsal.push(
                mistake.hint("there are: `exponential`, `weibull`, `log_normal`, `log_logistic`"),
            );
        }
        let names: Vec<String> =
            self.distributions.iter().map(|name| name.id().to_owned()).collect();
        rehearsal.list("distributions", &names, true);
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let model = Model::new(checked, self.declared())?;
        let cases = model.complete_cases(&model.places())?;
        let mut fits = Vec::new();
        for name in &self.distributions {
            // A follow-up of zero days has no logarithm: the patient is named.
            let fit = fit(*name, &cases).map_err(|error| refused_for(&error, &model, &cases))?;
            fits.push(fit);
        }
        let mut book = checked.book_on(&self.endpoint);
        self.record(&mut book, &model, &cases, &fits);
        Ok(Analysed::new(book, self.methods(&model), &cases.included))
    }
}

/// The fit of a distribution; of nobody in a rehearsal.
fn fit(name: DistributionName, cases: &Cases) -> Result<AcceleratedFit, stats::Error> {
    // Follow-up that stands in for nobody's must not be fitted.
    let distribution = name.distribution();
    if cases.is_rehearsed() {
        return Ok(AcceleratedFit::of_nobody(distribution, cases.design.n_covariates()));
    }
    Ok(AcceleratedModel::new(cases.follow_up(), cases.covariates()?, distribution)?.fit())
}

impl ParametricModel {
    fn declared(&self) -> Declared<'_> {
        let endpoint = Explained::Endpoint(&self.endpoint);
        Declared {
            condition: self.condition.as_deref(),
            immortal_time: self.immortal_time,
            ..Declared::of(endpoint, &self.terms, &self.references)
        }
    }

    fn record(&self, book: &mut Book, model: &Model<'_>, cases: &Cases, fits: &[AcceleratedFit]) {
        let basis = cases.basis();
        book.record_counts(&[], basis);
        // Over all that were fitted: a difference of zero marks the best of them.
        let best = fits.iter().map(AcceleratedFit::akaike).fold(f64::INFINITY, f64::min);
        for (place, (name, fit)) in self.distributions.iter().zip(fits).enumerate() {
            let one = OneFit { name: *name, is_first: place == 0, fit, model, cases };
            one.record(book);
            let statistic = "akaike_difference";
            let difference = fit.akaike() - best;
            let parts = [Part::statistic("aic_difference"), Part::method(name.id())];
            let finding = book.draft(&parts, statistic, Quantity::Statistic, difference);
            book.push(finding.from(basis).by_method(Procedure::AkaikeDifference));
        }
    }

    fn methods(&self, model: &Model<'_>) -> Account {
        let mut names = self.distributions.iter().map(|name| name.value());
        let first = names.next().unwrap_or(Distribution::Weibull);
        let method = Method::of(Procedure::AcceleratedFailureTime(first));
        let others = names.collect();
        model.account_by(Practice::Parametric { others }, model.method_of(method))
    }
}
