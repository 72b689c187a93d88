//! Cox regression on an exposure that begins during follow-up.

use engine::{Mistakes, Named};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::covariates::Covariates;
use stats::cox::{CoxFit, CoxModel};
use stats::groups::Groups;
use stats::switching::SwitchingData;
use study::{
    Clusters, Detail, Errors, ExposureTime, Method, Part, Practice, Procedure, Quantity, Test,
    Warning,
};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::{Book, Told, clusters, refused};
use crate::covariates::{Covariate, DeclaredTerms, covariates};
use crate::effect::Effect;
use crate::estimate::{coefficient, convergence};
use crate::exposure::DeclaredExposure;
use crate::guard::ImmortalTime;
use crate::late_exposure::{DeclaredDesign, Design};
use crate::model::TiesName;
use crate::model::coefficients::record_test;
use crate::rehearsal::Rehearsal;
use crate::states::States;
use crate::strata::Strata;

/// Cox's regression on an exposure that begins after time zero: each patient's follow-up is split at
/// the start of exposure, and the time before it counts as unexposed. With the test of Mantel and
/// Byar, and the events and the time in either state. Such an exposure may not be a term of
/// `cox_model`; here it is, as it credits nobody with time in which they had to live.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeDependentCox {
    /// The endpoint: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Column of two levels that tells who was exposed; the one date from which it is known is the start.
    pub exposure: String,
    /// Level of the unexposed; the first declared level, or `no`, unless named here.
    #[serde(default)]
    pub reference: Option<String>,
    /// Further columns of the model, all known at time zero. A number stays a number; a category or
    /// yes/no column becomes an indicator of each level but the reference.
    #[serde(default)]
    pub terms: Vec<String>,
    /// Reference levels of terms by column; the first declared level unless named here.
    #[serde(default)]
    pub references: Named<String>,
    /// Columns for whose levels the baseline hazard may differ.
    #[serde(default)]
    pub strata: Vec<String>,
    /// How tied event times are taken.
    #[serde(default)]
    pub ties: TiesName,
    /// Standard errors that do not trust the model (Lin and Wei), each patient's intervals together.
    #[serde(default)]
    pub robust: bool,
    /// Column whose values group dependent patients, such as hospitals; standard errors are robust then.
    #[serde(default)]
    pub cluster: Option<String>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
}

impl Analysis for TimeDependentCox {
    const NAME: &'static str = "time_dependent_cox";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref())
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        self.declared().check(rehearsal);
        // Without a choice: the kind exists so that
        // nothing later than time zero is taken as known.
        rehearsal.strata(&self.strata, ImmortalTime::Refuse);
        if let Some(cluster) = &self.cluster {
            rehearsal.category(cluster, &["cluster"]);
            rehearsal.guarded(cluster, ImmortalTime::Refuse, &["cluster"]);
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let design = self.declared().read(checked)?;
        let Design { population, exposure, terms, .. } = &design;
        let strata = Strata::new(population, &self.strata)?;
        let cluster: Vec<String> = self.cluster.iter().cloned().collect();
        let by_cluster = Strata::new(population, &cluster)?;
        let followed = design.follow(|patient| {
            // One set of patients for model and test, so that both are of the same.
            strata.is_known(patient) && by_cluster.is_known(patient) && design.has_terms(patient)
        })?;
        followed.check_exposed(&self.exposure)?;
        // In a rehearsal the follow-up stands in for
        // nobody's, who has no stratum and no cluster.
        let patients = (!checked.is_rehearsed()).then_some(followed.included.as_slice());
        let strata = patients.and_then(|patients| strata.groups(patients));
        let strata = strata.as_ref();
        let codes = patients.and_then(|patients| by_cluster.codes(patients));
        let clusters = codes.map(|codes| clusters(codes, "cluster")).transpose()?;
        let columns = covariates(terms, &followed.included)?;
        let split = SwitchingData::new(&followed.data, &followed.starts)
            .map_err(|error| refused(&error))?;
        let fit = match checked.is_rehearsed() {
            // The exposure, and a covariate for each column.
            true => CoxFit::of_nobody(1 + columns.len(), self.robust),
            false => {
                let fit = self.fit(&split, &columns, strata, clusters.as_ref());
                fit.map_err(|error| refused(&error))?
            }
        };
        let mut book = checked.book_on(&self.endpoint);
        book.warn(followed.warnings());
        followed.record(&mut book);
        let states = States { exposure, split: &split, missing: followed.missing };
        states.record(&mut book);
        self.record_fit(&mut book, &states, &fit, (&columns, followed.data.events()));
        let test = self.with_strata(Method::of(Procedure::MantelByar));
        states
            .record_test(&mut book, strata, &test, &self.trusting())
            .map_err(|error| refused(&error))?;
        let methods = design.account(Practice::TimeDependentCox, self.method());
        Ok(Analysed::new(book, methods, &followed.included))
    }
}

impl TimeDependentCox {
    fn declared(&self) -> DeclaredDesign<'_> {
        let (column, reference) = (self.exposure.as_str(), self.reference.as_deref());
        DeclaredDesign {
            endpoint: &self.endpoint,
            exposure: DeclaredExposure { column, reference, needs_start: true },
            terms: Some(DeclaredTerms { terms: &self.terms, references: &self.references }),
        }
    }

    fn fit(
        &self,
        split: &SwitchingData,
        columns: &[Covariate],
        strata: Option<&Groups>,
        clusters: Option<&stats::clusters::Clusters>,
    ) -> Result<CoxFit, stats::Error> {
        let subjects = split.intervals().subjects();
        // The exposure first, so that its coefficient is at position 0.
        let mut matrix: Vec<f64> =
            split.groups().codes().iter().map(|group| *group as f64).collect();
        for column in columns {
            // A patient has an interval in each state; what
            // was known at time zero is the same in both.
            matrix.extend(subjects.iter().map(|subject| column.values[*subject]));
        }
        let strata = strata.map(|strata| strata.at(subjects.iter().copied()));
        // All intervals of a patient are of one cluster.
        let codes = clusters.map(|clusters| {
            let own = subjects.iter().map(|subject| clusters.codes()[*subject]);
            own.collect::<Vec<usize>>()
        });
        let clusters = codes.map(stats::clusters::Clusters::new).transpose()?;
        let covariates = Covariates::new(&matrix, 1 + columns.len())?;
        let model = CoxModel::counting(split.intervals(), covariates)?;
        let mut model = model.ties(self.ties.ties());
        if let Some(strata) = &strata {
            model = model.strata(strata)?;
        }
        if let Some(clusters) = &clusters {
            model = model.clusters(clusters)?;
        }
        // Clusters make errors robust by themselves.
        if self.robust { model.robust().fit() } else { model.fit() }
    }

    fn record_fit(
        &self,
        book: &mut Book,
        states: &States<'_>,
        fit: &CoxFit,
        (columns, events): (&[Covariate], &[bool]),
    ) {
        let (method, warnings) = (self.method(), convergence(fit));
        let of_exposure = Effect::of_exposure(states.exposure, states.basis_of(1), &method);
        of_exposure.record(book, &coefficient(fit, 0, &self.exposure), &warnings);
        for (place, column) in columns.iter().enumerate() {
            let known = coefficient(fit, 1 + place, &column.variable);
            let basis = column.basis(events, states.missing);
            of_exposure.of_covariate(column, basis).record(book, &known, &warnings);
        }
        let tested = method.clone().tested(Test::LikelihoodRatio);
        let parts = [Part::test("likelihood_ratio")];
        let (test, basis) = (Some(&fit.likelihood_ratio_test), states.basis());
        // The likelihood takes patients of a cluster as strangers.
        let told: Vec<Warning> = warnings.iter().cloned().chain(self.trusting()).collect();
        record_test(book, test, &parts, None, basis, &tested, &told);
        let likelihoods = [
            ("log_likelihood", fit.log_likelihood),
            ("log_likelihood_null", fit.log_likelihood_null),
        ];
        for (name, value) in likelihoods {
            let parts = [Part::statistic(name)];
            let mut finding = book.draft(&parts, name, Quantity::Statistic, value);
            finding.warnings.extend_from_slice(&warnings);
            book.push(finding.from(states.basis()).by_method(&method));
        }
    }

    fn method(&self) -> Method {
        let errors = match &self.cluster {
            Some(cluster) => Some(Errors::Clustered(Clusters::By(cluster.clone()))),
            None => self.robust.then_some(Errors::Robust),
        };
        let method = Method::of(Procedure::TimeDependentCox(ExposureTime::Recorded))
            .with(Detail::Ties(self.ties.value()))
            .and(errors.map(Detail::Errors));
        self.with_strata(method)
    }

    /// What tests that trust the likelihood take for granted.
    fn trusting(&self) -> Vec<Warning> {
        let told = |cluster: &String| Warning::ClustersAsIndependent { cluster: cluster.clone() };
        self.cluster.iter().map(told).collect()
    }

    fn with_strata(&self, method: Method) -> Method {
        let strata = (!self.strata.is_empty()).then(|| self.strata.clone());
        method.and(strata.map(Detail::StratifiedBy))
    }
}
