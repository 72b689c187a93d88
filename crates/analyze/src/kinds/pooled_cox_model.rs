//! A Cox model fitted to each of several imputed data sets, and pooled.
//! Imputing is left to `multiple_imputation`.

mod completed;
mod recorded;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Output, StudySettings, in_sentence};

use crate::book::{Book, level_words};
use crate::guard::ImmortalTime;
use crate::model::{Declared, Extras, Fitted, Model, TiesName};
use crate::population::Population;
use crate::rehearsal::Rehearsal;
use completed::{Completed, call_of};

/// Cox's regression in each data set that a `multiple_imputation` completed, pooled by Rubin's rules
/// with Barnard and Rubin's degrees of freedom, and the same model of the complete cases beside it.
/// Columns that were not imputed are those of the analysis table; a patient without a value of one
/// is left out and counted.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PooledCoxModel {
    /// The entry whose completed data sets are analysed, a `multiple_imputation`.
    pub imputations: String,
    /// The endpoint: `pfs` reads the columns `pfs_days` and `pfs_event`.
    pub endpoint: String,
    /// Columns of the model: imputed, derived, or of the analysis table.
    pub terms: Vec<String>,
    /// Columns derived by SQL in each completed data set, such as a category of an imputed number.
    #[serde(default)]
    pub derived: Named<String>,
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
    /// SQL condition on the analysis table as it was before imputation; only patients for whom it
    /// holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where a term or stratum is known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

impl Kind for PooledCoxModel {
    const NAME: &'static str = "pooled_cox_model";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        Wiring {
            reads: vec![
                Read::table(&study.analysis_table, &[]),
                Read::table(&self.imputations, &["imputations"]),
            ],
            ..Wiring::default()
        }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.check(call).map(|_| Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let warnings = self.check(call)?;
        let population = Population::new(call, self.condition.as_deref())?;
        let completed = Completed::new(call, &population, &self.imputations, &self.derived)?;
        let calls: Vec<Call<'_>> =
            completed.tables.iter().map(|table| call_of(call, table.clone())).collect();
        let pooled = calls.iter().map(|call| self.fit(call)).collect::<Result<Vec<_>, _>>()?;
        let alone = call_of(call, completed.observed.clone());
        let complete_cases = self.fit(&alone);
        let mut book = Book::new(call, Self::NAME, &population.name, warnings);
        book.set_endpoint(&self.endpoint);
        recorded::record(&mut book, &pooled, completed.left_out);
        recorded::record_complete_cases(&mut book, complete_cases.as_ref());
        let (model, fitted) = &pooled[0];
        let included = fitted.cases.included.iter();
        let patients = included.map(|place| model.population.patients[*place].clone()).collect();
        Ok(Output {
            methods: book.methods(self.methods(call, model, pooled.len())),
            findings: book.findings()?,
            patients: BTreeMap::from([(population.name.clone(), patients)]),
            ..Output::default()
        })
    }
}

impl PooledCoxModel {
    fn fit<'c>(&'c self, call: &'c Call<'_>) -> Result<(Model<'c>, Fitted), Mistakes> {
        let model = Model::new(call, self.declared())?;
        let fitted = model.fit(&model.places())?;
        Ok((model, fitted))
    }

    /// The model in a completed data set, which has no other patients.
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
            condition: None,
            immortal_time: self.immortal_time,
            extras: Extras::default(),
        }
    }

    /// Checks the parameters on tables without rows: those at hand with their
    /// rows cut off.
    fn check(&self, call: &Call<'_>) -> Result<Vec<String>, Mistakes> {
        let mut mistakes = Mistakes::default();
        if let Err(found) = Rehearsal::new(call, self.condition.as_deref()).done() {
            found.0.into_iter().for_each(|mistake| mistakes.push(mistake));
        }
        if let Err(mistake) = completed::check(call, &self.imputations) {
            mistakes.push(mistake);
            return mistakes.or(Vec::new());
        }
        match completed::without_rows(call, &self.imputations, &self.derived) {
            Err(found) => found.0.into_iter().for_each(|mistake| mistakes.push(mistake)),
            Ok(table) => match self.declared().check(&call_of(call, table)) {
                Err(found) => found.0.into_iter().for_each(|mistake| mistakes.push(mistake)),
                Ok(warnings) => return mistakes.or(warnings),
            },
        }
        mistakes.or(Vec::new())
    }

    fn methods(&self, call: &Call<'_>, model: &Model<'_>, m: usize) -> String {
        let derived = match self.derived.is_empty() {
            true => String::new(),
            false => {
                let columns: Vec<&str> = self.derived.names().collect();
                format!(", in which {} were derived anew", columns.join(", "))
            }
        };
        format!(
            "Hazard ratios for {} come from one regression ({}) on {} in each of {m} imputed data sets{derived}, pooled by Rubin's rules with {} limits by Student's t and the degrees of freedom of Barnard and Rubin. The model of the complete cases is given beside it.",
            in_sentence(&model.endpoint.label),
            model.method(),
            model.terms_in_words(),
            level_words(call.study.confidence_level)
        )
    }
}

/// A mistake in an expression of `derived`.
fn at_derived(name: &str, error: &study::SqlError) -> Mistake {
    Mistake::at(&["derived", name], error.to_string())
}
