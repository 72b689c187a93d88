//! Cox regression on an exposure that begins during follow-up.

use std::collections::BTreeMap;

use engine::{Call, Kind, Mistakes, Named, Read, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::cox::{CoxFit, CoxModel};
use stats::switching::SwitchingData;
use study::{Output, Quantity, StudySettings, in_sentence};

use crate::book::{Book, Told, check_clusters, refused};
use crate::covariates::{Covariate, DeclaredTerms, covariates, in_words};
use crate::effect::{Effect, coefficient, suspicion};
use crate::endpoint::Endpoint;
use crate::exposure::{DeclaredExposure, ExposedFollowUp, Exposure};
use crate::guard::ImmortalTime;
use crate::model::TiesName;
use crate::population::Population;
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
    /// Column of two levels that tells who was exposed; its `known_from` names the date of the start.
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

impl Kind for TimeDependentCox {
    const NAME: &'static str = "time_dependent_cox";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        Wiring { reads: vec![Read::table(&study.analysis_table, &[])], ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.check(call).map(|_| Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut warnings = self.check(call)?;
        let population = Population::new(call, self.condition.as_deref())?;
        let endpoint = Endpoint::new(&population, &self.endpoint)?;
        let exposure = Exposure::new(call, &population, &self.exposure())?;
        let terms = self.terms().read(&population)?;
        let strata = Strata::new(&population, &self.strata)?;
        let cluster: Vec<String> = self.cluster.iter().cloned().collect();
        let clusters = Strata::new(&population, &cluster)?;
        let known = |patient: usize| {
            strata.is_known(patient)
                && clusters.is_known(patient)
                && terms.iter().all(|term| term.is_known(patient))
        };
        let followed = ExposedFollowUp::new(&population, &endpoint, &exposure, known)?;
        followed.check_exposed(&self.exposure)?;
        warnings.extend(followed.warnings());
        let columns = covariates(&terms, &followed.included)?;
        let split = SwitchingData::new(&followed.data, &followed.starts)
            .map_err(|error| refused(&error))?;
        let codes = strata.codes(&followed.included);
        let clusters = clusters.codes(&followed.included);
        check_clusters(clusters.as_deref(), "cluster")?;
        let fit = self.fit(&split, &columns, codes.as_deref(), clusters.as_deref());
        let fit = fit.map_err(|error| refused(&error))?;
        let mut book = Book::new(call, Self::NAME, &population.name, warnings);
        book.set_endpoint(&self.endpoint);
        followed.record(&mut book);
        let states = States { exposure: &exposure, split: &split, missing: followed.missing };
        states.record(&mut book);
        self.record_fit(&mut book, &states, &fit, &columns);
        states
            .record_test(
                &mut book,
                codes.as_deref(),
                &self.with_strata("the test of Mantel and Byar"),
                &self.trusting(),
            )
            .map_err(|error| refused(&error))?;
        let methods = self.methods(&endpoint, &exposure, &in_words(&terms));
        Ok(Output {
            methods: book.methods(methods),
            findings: book.findings()?,
            patients: BTreeMap::from([(population.name.clone(), followed.patients(&population))]),
            ..Output::default()
        })
    }
}

impl TimeDependentCox {
    fn exposure(&self) -> DeclaredExposure<'_> {
        let reference = self.reference.as_deref();
        DeclaredExposure { column: &self.exposure, reference, needs_start: true }
    }

    fn terms(&self) -> DeclaredTerms<'_> {
        DeclaredTerms {
            endpoint: &self.endpoint,
            exposure: &self.exposure,
            terms: &self.terms,
            references: &self.references,
        }
    }

    fn check(&self, call: &Call<'_>) -> Result<Vec<String>, Mistakes> {
        let mut rehearsal = Rehearsal::new(call, self.condition.as_deref());
        rehearsal.endpoint(&self.endpoint);
        self.exposure().check(&mut rehearsal, call);
        self.terms().check(&mut rehearsal, call);
        rehearsal.strata(&self.strata, ImmortalTime::Refuse);
        if let Some(cluster) = &self.cluster {
            rehearsal.category(cluster, &["cluster"]);
        }
        rehearsal.done()
    }

    fn fit(
        &self,
        split: &SwitchingData,
        columns: &[Covariate],
        strata: Option<&[usize]>,
        clusters: Option<&[usize]>,
    ) -> Result<CoxFit, stats::Error> {
        let subjects = split.intervals().subjects();
        let mut matrix: Vec<f64> = split.groups().iter().map(|group| *group as f64).collect();
        for column in columns {
            matrix.extend(subjects.iter().map(|subject| column.values[*subject]));
        }
        let of_intervals = |codes: Option<&[usize]>| -> Option<Vec<usize>> {
            codes.map(|codes| subjects.iter().map(|subject| codes[*subject]).collect())
        };
        let (strata, clusters) = (of_intervals(strata), of_intervals(clusters));
        let model = CoxModel::counting(split.intervals(), &matrix, 1 + columns.len())?;
        let mut model = model.ties(self.ties.ties());
        if let Some(strata) = &strata {
            model = model.strata(strata)?;
        }
        if let Some(clusters) = &clusters {
            model = model.clusters(clusters)?;
        }
        if self.robust { model.robust().fit() } else { model.fit() }
    }

    fn record_fit(
        &self,
        book: &mut Book,
        states: &States<'_>,
        fit: &CoxFit,
        columns: &[Covariate],
    ) {
        let (method, warnings) = (self.method(), suspicion(fit));
        let of_exposure = Effect::of_exposure(states.exposure, states.basis_of(1), &method);
        of_exposure.record(book, &coefficient(fit, 0, &self.exposure), &warnings);
        let of_all = Effect { basis: states.basis(), ..of_exposure };
        for (place, column) in columns.iter().enumerate() {
            let known = coefficient(fit, 1 + place, &column.variable);
            of_all.of_covariate(column).record(book, &known, &warnings);
        }
        let test = &fit.likelihood_ratio_test;
        let numbers = [
            ("chi_square", Quantity::Statistic, test.statistic),
            ("degrees_of_freedom", Quantity::DegreesOfFreedom, test.degrees_of_freedom as f64),
            ("p", Quantity::PValue, test.p_value),
        ];
        for (part, quantity, value) in numbers {
            let name = if part == "p" { "p_value" } else { part };
            let mut finding = book.draft(&["likelihood_ratio", part], name, quantity, value);
            finding.warnings.extend(warnings.iter().cloned().chain(self.trusting()));
            let method = format!("likelihood-ratio test, {method}");
            book.push(finding.from(states.basis()).by_method(method));
        }
        let likelihoods = [
            ("log_likelihood", fit.log_likelihood),
            ("log_likelihood_null", fit.log_likelihood_null),
        ];
        for (name, value) in likelihoods {
            let mut finding = book.draft(&[name], name, Quantity::Statistic, value);
            finding.warnings.extend(warnings.iter().cloned());
            book.push(finding.from(states.basis()).by_method(&method));
        }
    }

    fn method(&self) -> String {
        let errors = match &self.cluster {
            Some(cluster) => format!(", robust errors clustered by {cluster}"),
            None if self.robust => ", robust errors".to_owned(),
            None => String::new(),
        };
        let method = format!(
            "time-dependent Cox regression (unexposed until exposure begins), {} ties{errors}",
            self.ties.words()
        );
        self.with_strata(&method)
    }

    /// What tests that trust the likelihood take for granted.
    fn trusting(&self) -> Vec<String> {
        let told = |cluster| format!("it takes patients of one `{cluster}` as independent");
        self.cluster.iter().map(told).collect()
    }

    fn with_strata(&self, method: &str) -> String {
        match self.strata.as_slice() {
            [] => method.to_owned(),
            columns => format!("{method}, stratified by {}", columns.join(", ")),
        }
    }

    fn methods(&self, endpoint: &Endpoint, exposure: &Exposure, terms: &str) -> String {
        let adjusted =
            if terms.is_empty() { String::new() } else { format!(", adjusted for {terms}") };
        format!(
            "The hazard ratio of {} for {} comes from a {}{adjusted}: a patient's follow-up before the start counts as unexposed. The states were compared by {}.",
            exposure.words(),
            in_sentence(&endpoint.label),
            self.method(),
            self.with_strata("the test of Mantel and Byar")
        )
    }
}
