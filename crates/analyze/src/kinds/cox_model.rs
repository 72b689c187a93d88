//! Cox regression, multivariable and one term at a time. The test of its
//! assumption is left to `proportional_hazards`.

use std::collections::BTreeMap;

use engine::{Call, Kind, Mistakes, Named, Read, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::concordance::concordance;
use study::{Output, Quantity, StudySettings, in_sentence};

use crate::book::{Book, Told};
use crate::guard::ImmortalTime;
use crate::model::coefficients::{self, Place, convergence, record_test, suspicion, warned};
use crate::model::{Declared, Fitted, Model, TiesName};

/// Cox's proportional hazards regression: hazard ratios of all terms together and, on request, of
/// each term alone, with tests of terms and of the model. A patient without a value of a term is
/// left out and counted.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoxModel {
    /// The endpoint: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Columns of the model. A number stays a number; a category or yes/no column becomes an
    /// indicator of each level but the reference.
    pub terms: Vec<String>,
    /// Reference levels by column; the first declared level unless named here.
    #[serde(default)]
    pub references: Named<String>,
    /// Columns for whose levels the baseline hazard may differ.
    #[serde(default)]
    pub strata: Vec<String>,
    /// How tied event times are taken.
    #[serde(default)]
    pub ties: TiesName,
    /// Standard errors that do not trust the model (Lin and Wei).
    #[serde(default)]
    pub robust: bool,
    /// Column whose values group dependent patients, such as hospitals; standard errors are robust then.
    #[serde(default)]
    pub cluster: Option<String>,
    /// Fits each term alone as well, on the patients who have a value of it.
    #[serde(default)]
    pub also_univariable: bool,
    /// Further columns, each fitted alone and left out of the model of all terms.
    #[serde(default)]
    pub univariable: Vec<String>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where a term or stratum is known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

impl Kind for CoxModel {
    const NAME: &'static str = "cox_model";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        Wiring { reads: vec![Read::table(&study.analysis_table, &[])], ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.declared().check(call).map(|_| Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let warnings = self.declared().check(call)?;
        let model = Model::new(call, self.declared())?;
        let fitted = model.fit(&model.places())?;
        let mut book = Book::new(call, Self::NAME, &model.population.name, warnings);
        book.set_endpoint(&self.endpoint);
        record_model(&mut book, &model, &fitted);
        coefficients::record(&mut book, &model, &fitted, Place::default());
        let alone = if self.also_univariable { model.places() } else { Vec::new() };
        for place in alone.into_iter().chain(model.places_alone()) {
            record_univariable(&mut book, &model, &model.fit(&[place])?, place);
        }
        let included = fitted.cases.included.iter();
        let patients = included.map(|place| model.population.patients[*place].clone()).collect();
        Ok(Output {
            methods: book.methods(self.methods(&model)),
            findings: book.findings()?,
            patients: BTreeMap::from([(model.population.name.clone(), patients)]),
            ..Output::default()
        })
    }
}

impl CoxModel {
    fn declared(&self) -> Declared<'_> {
        Declared {
            endpoint: &self.endpoint,
            terms: &self.terms,
            alone: &self.univariable,
            references: &self.references,
            strata: &self.strata,
            ties: self.ties,
            robust: self.robust,
            cluster: self.cluster.as_deref(),
            condition: self.condition.as_deref(),
            immortal_time: self.immortal_time,
        }
    }

    fn methods(&self, model: &Model<'_>) -> String {
        let univariable = match (self.also_univariable, self.univariable.is_empty()) {
            (true, true) => " Each term was also fitted alone, on the patients with a value of it.",
            (true, false) => {
                " Each term, and each further factor, was also fitted alone, on the patients with a value of it."
            }
            (false, false) => {
                " Further factors were fitted alone, each on the patients with a value of it."
            }
            (false, true) => "",
        };
        format!(
            "Hazard ratios for {} come from one regression ({}) on {}, with Wald confidence limits, on the patients with a value of every term.{univariable}",
            in_sentence(&model.endpoint.label),
            model.method(),
            model.terms_in_words()
        )
    }
}

/// What holds for the model as a whole.
pub(super) fn record_model(book: &mut Book, model: &Model<'_>, fitted: &Fitted) {
    let (fit, basis, method) = (&fitted.fit, fitted.basis(), model.method());
    let counts = [("n", fit.n), ("events", fit.n_events), ("missing", basis.missing)];
    for (name, count) in counts {
        let finding = book.count(&[name], name, count);
        book.push(finding.from(basis).by_method("count of complete cases"));
    }
    record_burden(book, fitted);
    let independent = match model.declared.cluster {
        Some(cluster) => vec![format!("it takes patients of one `{cluster}` as independent")],
        None => Vec::new(),
    };
    let tests = [
        ("likelihood_ratio", "likelihood-ratio test", Some(&fit.likelihood_ratio_test), true),
        ("wald", "Wald test", Some(&fit.wald_test), false),
        ("score", "score test", Some(&fit.score_test), true),
        ("robust_score", "robust score test", fit.robust_score_test.as_ref(), false),
    ];
    for (name, words, test, trusts_the_model) in tests {
        let Some(test) = test else { continue };
        let mut warnings = if name == "wald" { suspicion(fitted) } else { convergence(fitted) };
        if trusts_the_model {
            warnings.extend(independent.iter().cloned());
        }
        let words = format!("{words}, {method}");
        record_test(book, Some(test), &[name], None, basis, &words, &warnings);
    }
    let likelihoods =
        [("log_likelihood", fit.log_likelihood), ("log_likelihood_null", fit.log_likelihood_null)];
    for (name, value) in likelihoods {
        let finding = book.draft(&[name], name, Quantity::Statistic, value);
        book.push(warned(finding, fitted).from(basis).by_method(&method));
    }
    let agreement = concordance(fitted.data(), &fit.linear_predictors, fitted.strata());
    let error = agreement.as_ref().ok().map(|found| found.standard_error);
    let value = agreement.map(|found| found.estimate);
    let finding = book.attempt(&["concordance"], "concordance", Quantity::Proportion, value);
    let finding = finding.with_error(error).from(basis).by_method("Harrell's concordance");
    let finding = independent
        .into_iter()
        .fold(warned(finding, fitted), |finding, warning| finding.warn(warning));
    book.push(finding);
}

/// Events per coefficient, with a warning where they are few.
fn record_burden(book: &mut Book, fitted: &Fitted) {
    let estimated = fitted.fit.likelihood_ratio_test.degrees_of_freedom;
    let share = fitted.fit.n_events as f64 / estimated as f64;
    let name = "events_per_coefficient";
    let mut finding = book.draft(&[name], name, Quantity::Statistic, share);
    if share < 10.0 {
        finding = finding.warn("fewer than 10 events per coefficient: estimates may be unstable");
    }
    book.push(finding.from(fitted.basis()).by_method("events over estimated coefficients"));
}

/// The model of one term.
fn record_univariable(book: &mut Book, model: &Model<'_>, fitted: &Fitted, place: usize) {
    let (basis, column) = (fitted.basis(), &model.terms[place].column);
    let before = Some("univariable");
    let counts = [("n", fitted.fit.n), ("events", fitted.fit.n_events), ("missing", basis.missing)];
    for (name, count) in counts {
        let finding = book.count(&["univariable", name], name, count).of_variable(column);
        book.push(finding.from(basis).by_method("count of complete cases"));
    }
    coefficients::record(book, model, fitted, Place { before, after: None });
    record_test(
        book,
        Some(&fitted.fit.likelihood_ratio_test),
        &["univariable", "likelihood_ratio"],
        Some(column),
        basis,
        &format!("likelihood-ratio test, {}", model.method()),
        &convergence(fitted),
    );
}
