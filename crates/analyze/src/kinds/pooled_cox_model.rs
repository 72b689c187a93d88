//! A Cox model fitted to each of several imputed data sets, and pooled.
//! Imputing is left to `multiple_imputation`.

mod completed;
mod pooling;
mod recorded;
#[cfg(test)]
mod tests;

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Wiring};
use study::{Output, StudySettings, Table, Warning, in_sentence};

use crate::book::{Book, level_words};
use crate::model::parameters::weighted_cox_kind;
use crate::model::{Declared, Fitted, Model};
use crate::population::Population;
use crate::rehearsal::Rehearsal;
use completed::{Completed, call_of};
use pooling::Pooling;

weighted_cox_kind! {
    /// Cox's regression in each data set that a `multiple_imputation` completed, pooled by Rubin's rules
    /// with Barnard and Rubin's degrees of freedom, and the same model of the complete cases beside it.
    /// Terms may be imputed, derived, or of the analysis table; a patient without a value of one that was
    /// not imputed is left out and counted. The knots of a spline must be the same in all data sets:
    /// where its column was imputed, declare `knots`, `reference` and `at`. `where` reads the analysis
    /// table as it was before imputation.
    pub struct PooledCoxModel {
        /// The entry whose completed data sets are analysed, a `multiple_imputation`.
        pub imputations: String,
        /// Columns derived by SQL in each completed data set, such as a category of an imputed number.
        #[serde(default)]
        pub derived: Named<String>,
    }
}

impl Kind for PooledCoxModel {
    const NAME: &'static str = "pooled_cox_model";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let mut reads = self.tables(study);
        reads.push(Read::table(&self.imputations, &["imputations"]));
        Wiring { reads, ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let warnings = self.check(call)?;
        let population = Population::rehearsed(call, self.condition.as_deref());
        let table = completed::without_rows(call, &self.imputations, &self.derived)?;
        let call_of_one = call_of(call, table);
        let model = Model::rehearsed(&call_of_one, self.declared())?;
        let fitted = model.fit(&model.places())?;
        let pooled = vec![(model, fitted)];
        let pooling = Pooling::new(&pooled, 0, call.study);
        let mut book = Book::of(call, Self::NAME, &population, warnings);
        book.set_endpoint(&self.endpoint);
        pooling.record(&mut book);
        recorded::record_complete_cases(&mut book, Ok(&pooled[0]));
        Ok(Output { findings: book.findings()?, ..Output::default() })
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
        let pooling = Pooling::new(&pooled, completed.left_out, call.study);
        pooling.check_splines()?;
        let mut book = Book::of(call, Self::NAME, &population, warnings);
        book.set_endpoint(&self.endpoint);
        pooling.record(&mut book);
        recorded::record_complete_cases(&mut book, complete_cases.as_ref());
        let (model, fitted) = &pooled[0];
        let analysed = model.population.analysed(&fitted.cases.included).into_values();
        Ok(Output {
            methods: book.methods(self.methods(call, model, pooled.len())),
            findings: book.findings()?,
            patients: analysed.map(|patients| (population.name.clone(), patients)).collect(),
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
        Declared { condition: None, ..self.weighted() }
    }

    /// Checks the parameters on tables without rows: those at hand with their
    /// rows cut off.
    fn check(&self, call: &Call<'_>) -> Result<Vec<Warning>, Mistakes> {
        let mut rehearsal = Rehearsal::new(call, self.condition.as_deref());
        if let Err(mistake) = completed::check(call, &self.imputations) {
            rehearsal.push(mistake);
            return rehearsal.done();
        }
        let table = completed::without_rows(call, &self.imputations, &self.derived);
        let model = table.and_then(|table| self.declared().check(&call_of(call, table)));
        match (rehearsal.done(), model) {
            (Ok(warnings), Ok(of_model)) => Ok(warnings.into_iter().chain(of_model).collect()),
            (own, model) => {
                let mut mistakes = own.err().unwrap_or_default();
                mistakes.0.extend(model.err().unwrap_or_default().0);
                Err(mistakes)
            }
        }
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
            model.in_words(),
            model.terms_in_words(),
            level_words(call.study.confidence_level)
        )
    }
}

/// A mistake in an expression of `derived`.
fn at_derived(name: &str, error: &study::SqlError, table: &Table) -> Mistake {
    let place = |row: usize| format!("row {}", row + 1);
    Mistake::of_sql(error, table, place, &["derived", name])
}
