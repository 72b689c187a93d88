//! Fine and Gray's regression of the subdistribution hazard of one cause.

use engine::{Mistake, Mistakes, Named};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::competing_risks::{FineGrayEstimator, FineGrayFit, FineGrayModel};
use study::{
    Account, Clusters, Detail, Errors, FineGrayVariant, Method, Part, Practice, Procedure,
    Quantity, Test, Tested, Warning,
};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::{Book, Told, refused};
use crate::causes::{Causes, DeclaredCauses};
use crate::effects::{Effects, term_of};
use crate::estimate::{Estimate, dependent, separating};
use crate::guard::ImmortalTime;
use crate::model::coefficients::Place;
use crate::model::{Cases, Declared, Extras, Model};
use crate::outcome::Explained;
use crate::rehearsal::Rehearsal;

/// Fine and Gray's regression: hazard ratios of the subdistribution of one cause, which say how terms
/// act on its cumulative incidence in the presence of the other causes, with robust standard errors.
/// A patient without a value of a term is left out and counted.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FineGray {
    /// The endpoint of the first event of any cause: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Column of the cause of each event, a category; a patient without the event has none.
    pub cause: String,
    /// Level of that column that stands for no event, where it has one.
    #[serde(default)]
    pub censoring: Option<String>,
    /// The cause whose incidence is modelled.
    pub event: String,
    /// Columns of the model, as in `cox_model`.
    pub terms: Vec<String>,
    /// Reference levels by column; the first declared level unless named here.
    #[serde(default)]
    pub references: Named<String>,
    /// Columns for whose levels the baseline, and the censoring, may differ.
    #[serde(default)]
    pub strata: Vec<String>,
    /// Which of two estimators, that differ by ties, by the censoring curve and by the variance.
    #[serde(default)]
    pub variant: VariantName,
    /// Column whose values group dependent patients, such as hospitals.
    #[serde(default)]
    pub cluster: Option<String>,
    /// An entry that makes weights of patients, such as a `propensity_score`; they are taken as known,
    /// and its clusters, such as matched sets, are taken where none are declared.
    #[serde(default)]
    pub weights: Option<String>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where a term or stratum is known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

/// Estimator of a subdistribution hazard ratio.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VariantName {
    /// Weighted risk sets with Efron's approximation for ties and the sandwich of known weights, as
    /// `finegray` and `coxph` of R's survival give.
    #[default]
    WeightedEfron,
    /// Breslow's approximation and the variance that allows for the estimated censoring curve, as
    /// `crr` of R's cmprsk gives.
    FineGrayBreslow,
}

impl VariantName {
    fn value(self) -> FineGrayVariant {
        match self {
            Self::WeightedEfron => FineGrayVariant::WeightedEfron,
            Self::FineGrayBreslow => FineGrayVariant::FineGrayBreslow,
        }
    }

    fn estimator(self) -> FineGrayEstimator {
        match self {
            Self::WeightedEfron => FineGrayEstimator::WeightedEfron,
            Self::FineGrayBreslow => FineGrayEstimator::FineGrayBreslow,
        }
    }
}

impl Analysis for FineGray {
    const NAME: &'static str = "fine_gray";

    fn scope(&self) -> Scope<'_> {
        self.declared().scope()
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        self.declared().check(rehearsal);
        self.causes().check_event(rehearsal, &self.event);
        // The variance of `crr` allows for the estimated
        // censoring curve, for which no weighted form is known.
        if self.weights.is_some() && self.variant == VariantName::FineGrayBreslow {
            let message = "the variance of `fine_gray_breslow` is not known to hold with weights";
            let mistake = Mistake::at(&["variant"], message);
            rehearsal.push(mistake.hint("choose `weighted_efron`, or leave `weights` out"));
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let mut model = Model::new(checked, self.declared())?;
        let causes = Causes::new(model.population, self.causes())?;
        let code = causes.code(&self.event)?;
        // Causes were checked against events of any cause;
        // from here on only this one counts as an event.
        model.endpoint = causes.of_cause(code);
        let cases = model.complete_cases(&model.places())?;
        let clusters = model.clusters_of(&cases.included)?;
        let fit = match cases.is_rehearsed() {
            true => FineGrayFit::of_nobody(self.variant.estimator(), cases.design.n_covariates()),
            false => {
                let fit = self.fit(&model, &causes, (&cases, clusters.as_ref()), code);
                fit.map_err(|error| refused(&error))?
            }
        };
        let mut book = checked.book_on(&self.endpoint);
        // In a rehearsal there is nobody, whose data are refused: zero events of any cause.
        let any = causes.data(&cases.included).map_or(0, |data| data.any_cause().n_events());
        self.record(&mut book, &model, any, &cases, &fit);
        Ok(Analysed::new(book, self.methods(&model, &causes), &cases.included))
    }
}

impl FineGray {
    fn causes(&self) -> DeclaredCauses<'_> {
        let censoring = self.censoring.as_deref();
        DeclaredCauses { endpoint: &self.endpoint, cause: &self.cause, censoring }
    }

    fn declared(&self) -> Declared<'_> {
        let endpoint = Explained::Endpoint(&self.endpoint);
        Declared {
            strata: &self.strata,
            // The likelihood is weighted within its risk sets:
            // its information alone gives no valid error.
            robust: true,
            cluster: self.cluster.as_deref(),
            condition: self.condition.as_deref(),
            immortal_time: self.immortal_time,
            extras: Extras { weights: self.weights.as_deref(), ..Extras::default() },
            ..Declared::of(endpoint, &self.terms, &self.references)
        }
    }

    fn fit(
        &self,
        model: &Model<'_>,
        causes: &Causes,
        (cases, clusters): (&Cases, Option<&stats::clusters::Clusters>),
        code: usize,
    ) -> Result<FineGrayFit, stats::Error> {
        let data = causes.data(&cases.included)?;
        let strata = model.strata_of(&cases.included);
        let mut prepared = FineGrayModel::new(&data, code, cases.covariates()?)?
            .estimator(self.variant.estimator());
        if let Some(strata) = &strata {
            prepared = prepared.strata(strata)?;
        }
        if let Some(weights) = cases.case_weights()? {
            prepared = prepared.weights(weights)?;
        }
        // Declared ones, or those that the weights came with.
        if let Some(clusters) = clusters {
            prepared = prepared.clusters(clusters)?;
        }
        prepared.fit()
    }

    fn record(
        &self,
        book: &mut Book,
        model: &Model<'_>,
        n_any_cause: usize,
        cases: &Cases,
        fit: &FineGrayFit,
    ) {
        let basis = cases.basis();
        let counts = [
            ("n", fit.n),
            ("events", fit.n_events),
            // Events of the other causes among the very same patients.
            ("competing_events", n_any_cause - fit.n_events),
            ("missing", basis.missing),
        ];
        for (name, count) in counts {
            let finding = book.count(&[Part::statistic(name)], name, count).from(basis);
            book.push(finding.by_method(Procedure::CompleteCases));
        }
        let effects = self.effects(model, cases, fit, book.level);
        effects.record_burden(book, basis);
        let likelihoods = [
            ("log_likelihood", fit.log_likelihood),
            ("log_likelihood_null", fit.log_likelihood_null),
        ];
        for (name, value) in likelihoods {
            let parts = [Part::statistic(name)];
            let finding = book.draft(&parts, name, Quantity::Statistic, value).from(basis);
            // Weighted risk sets give no likelihood of the patients:
            // its rise is no chi-square, and stands without a test.
            let method = self.method().led_by([Detail::PseudoLikelihood]);
            effects.push(book, finding.by_method(method));
        }
        let method = self.method().tested_of(Test::Wald, Tested::AllTerms);
        // A test of all terms would be of those only that have a coefficient.
        let is_lost = effects.estimates.iter().any(Result::is_err);
        let all = match is_lost {
            true => Err(Warning::SomeNotEstimable),
            false => Ok(fit.wald_test),
        };
        effects.record_test(book, &all, &[Part::test("wald")], None, basis, &method);
        effects.record(book, model, cases);
    }

    fn effects<'a>(
        &self,
        model: &Model<'_>,
        cases: &Cases,
        fit: &'a FineGrayFit,
        level: f64,
    ) -> Effects<'a> {
        let estimate = |position: usize| match fit.coefficients[position] {
            None => Err(dependent(&term_of(model, cases, position))),
            Some(known) if known.may_be_infinite => {
                Err(separating(&term_of(model, cases, position)))
            }
            Some(known) => Ok(Estimate::of_wald(&known, level)),
        };
        let lost = Warning::NotConverged { iterations: fit.iterations };
        Effects {
            ratio: "hazard_ratio",
            method: self.method(),
            names: vec![None],
            // One estimator, so that there is no choice among several to tell.
            is_choice: false,
            warnings: (!fit.has_converged).then_some(lost).into_iter().collect(),
            estimates: (0..fit.coefficients.len()).map(estimate).collect(),
            test: Box::new(|positions| fit.test_of(positions)),
            place: Place::default(),
            ratio_test: None,
        }
    }

    fn method(&self) -> Method {
        let strata = (!self.strata.is_empty()).then(|| self.strata.clone());
        let clusters = self.cluster.clone().map(Clusters::By);
        Method::of(Procedure::FineGray(self.variant.value()))
            .and(strata.map(Detail::StratifiedBy))
            .and(clusters.map(|clusters| Detail::Errors(Errors::ClustersAlone(clusters))))
            .and(self.weights.clone().map(Detail::WeightedBy))
    }

    fn methods(&self, model: &Model<'_>, causes: &Causes) -> Account {
        model.account_by(Practice::FineGray(causes.named(&self.event)), self.method())
    }
}
