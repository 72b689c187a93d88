//! Cox regression of the hazard of one cause, the other causes censored. The
//! model is that of `cox_model`.

use std::collections::BTreeMap;

use engine::{Call, Kind, Mistakes, Named, Read, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Output, StudySettings, in_sentence};

use super::cox_model::record_model;
use crate::book::Book;
use crate::causes::{Causes, DeclaredCauses};
use crate::guard::ImmortalTime;
use crate::model::coefficients::{self, Place};
use crate::model::{Declared, Extras, Model, TiesName};
use crate::rehearsal::Rehearsal;

/// Cox's regression of the cause-specific hazard: hazard ratios for events of one cause among those
/// still free of any, with follow-up censored where another cause ends it. It says how a term acts on
/// the rate of the cause; its share of patients depends on the other causes too (`fine_gray`).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CauseSpecificCox {
    /// The endpoint of the first event of any cause: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Column of the cause of each event, a category; a patient without the event has none.
    pub cause: String,
    /// Level of that column that stands for no event, where it has one.
    #[serde(default)]
    pub censoring: Option<String>,
    /// The cause whose hazard is modelled.
    pub event: String,
    /// Columns of the model, as in `cox_model`.
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
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where a term or stratum is known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

impl Kind for CauseSpecificCox {
    const NAME: &'static str = "cause_specific_cox";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        Wiring { reads: vec![Read::table(&study.analysis_table, &[])], ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.check(call).map(|_| Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let warnings = self.check(call)?;
        let mut model = Model::new(call, self.declared())?;
        let causes = Causes::new(&model.population, self.causes())?;
        causes.check_events(&causes.endpoint.known(), &self.event)?;
        model.endpoint = causes.of_cause(causes.code(&self.event)?);
        let fitted = model.fit(&model.places())?;
        let mut book = Book::new(call, Self::NAME, &model.population.name, warnings);
        book.set_endpoint(&self.endpoint);
        record_model(&mut book, &model, &fitted);
        coefficients::record(&mut book, &model, &fitted, Place::default());
        let included = fitted.cases.included.iter();
        let patients = included.map(|place| model.population.patients[*place].clone()).collect();
        let methods = book.methods(self.methods(&model, &causes));
        let mut findings = book.findings()?;
        // A reference has no method beside its name, which reports look for.
        for finding in findings.iter_mut().filter(|finding| finding.method != "reference") {
            finding.method.push_str(&format!(", other causes than `{}` censored", self.event));
        }
        Ok(Output {
            methods,
            findings,
            patients: BTreeMap::from([(model.population.name.clone(), patients)]),
            ..Output::default()
        })
    }
}

impl CauseSpecificCox {
    fn causes(&self) -> DeclaredCauses<'_> {
        let censoring = self.censoring.as_deref();
        DeclaredCauses { endpoint: &self.endpoint, cause: &self.cause, censoring }
    }

    fn declared(&self) -> Declared<'_> {
        Declared {
            endpoint: &self.endpoint,
            terms: &self.terms,
            alone: &[],
            references: &self.references,
            strata: &self.strata,
            ties: self.ties,
            robust: self.robust,
            cluster: self.cluster.as_deref(),
            condition: self.condition.as_deref(),
            immortal_time: self.immortal_time,
            extras: Extras::default(),
        }
    }

    fn check(&self, call: &Call<'_>) -> Result<Vec<String>, Mistakes> {
        let mut rehearsal = Rehearsal::new(call, None);
        self.causes().check_event(&mut rehearsal, &self.event);
        let model = self.declared().check(call);
        match (model, rehearsal.done()) {
            (Ok(warnings), Ok(_)) => Ok(warnings),
            (model, causes) => {
                let mut mistakes = model.err().unwrap_or_default();
                mistakes.0.extend(causes.err().unwrap_or_default().0);
                Err(mistakes)
            }
        }
    }

    fn methods(&self, model: &Model<'_>, causes: &Causes) -> String {
        let others: Vec<String> = (causes.causes.iter())
            .filter(|cause| cause.value != self.event)
            .map(|cause| in_sentence(&cause.label))
            .collect();
        let censored = match others.is_empty() {
            true => String::new(),
            false => format!(", follow-up being censored at {}", others.join(" or ")),
        };
        format!(
            "Cause-specific hazard ratios for `{}` ({}) come from one regression ({}) on {}, with Wald confidence limits, on the patients with a value of every term{censored}.",
            self.event,
            in_sentence(&causes.label),
            model.method(),
            model.terms_in_words()
        )
    }
}
