//! A Cox model fitted to each of several imputed data sets, and pooled.
//! Imputing is left to `multiple_imputation`.

mod completed;
mod pooling;
mod recorded;
#[cfg(test)]
mod tests;

use engine::{Call, Mistake, Mistakes, Named, Read};
use study::{Account, Detail, Practice, Table};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::model::Model;
use crate::model::parameters::weighted_cox_kind;
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
        /// Words for derived columns: for a number what one more of it is, as in
        /// `age_10_years: Age per 10 years`. A condition without words is told as it is written.
        #[serde(default, skip_serializing_if = "Named::is_empty")]
        pub labels: Named<String>,
    }
}

impl Analysis for PooledCoxModel {
    const NAME: &'static str = "pooled_cox_model";

    fn scope(&self) -> Scope<'_> {
        let imputations = Read::table(&self.imputations, &["imputations"]);
        self.weighted().scope().beside([imputations])
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        if let Err(mistake) = completed::check(rehearsal.call, &self.imputations) {
            // Without imputations there are no data sets whose columns could be checked.
            return rehearsal.push(mistake);
        }
        for name in self.labels.names().filter(|name| self.derived.get(name).is_none()) {
            let mistake = Mistake::at(&["labels", name], format!("`{name}` is not derived here"));
            rehearsal.push(mistake.hint_nearest(name, self.derived.names()));
        }
        match completed::without_rows(rehearsal.call, &self.imputations, &self.derived) {
            Ok(table) => {
                // Checked as a model of one data set, in which
                // the imputed and derived columns stand.
                let call = call_of(rehearsal.call, table);
                let mut of_one = Rehearsal::of(&call);
                self.weighted().check(&mut of_one);
                rehearsal.join(of_one);
            }
            Err(mistakes) => rehearsal.mistakes.0.extend(mistakes.0),
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let (call, population) = (checked.call, checked.population());
        let completed = match checked.is_rehearsed() {
            true => Completed::rehearsed(call, &self.imputations, &self.derived)?,
            false => Completed::new(call, population, &self.imputations, &self.derived)?,
        };
        let calls: Vec<Call<'_>> =
            completed.tables.iter().map(|table| call_of(call, table.clone())).collect();
        let data_sets: Vec<Checked<'_>> =
            // The patients of the entry were chosen already: all of a data set are analysed.
            calls.iter().map(|call| checked.of_data_set(call)).collect::<Result<_, _>>()?;
        let fit = |data_set| {
            let model = Model::new(data_set, self.weighted())?;
            let fitted = model.fit(&model.places())?;
            Ok((model, fitted))
        };
        let pooled = data_sets.iter().map(fit).collect::<Result<Vec<_>, Mistakes>>()?;
        let alone = call_of(call, completed.observed.clone());
        let alone = checked.of_data_set(&alone)?;
        // Complete cases may not allow the model: that
        // is told of them, and the pooled one stands.
        let complete_cases = fit(&alone);
        let pooling = Pooling::new(&pooled, completed.left_out, checked.study);
        // Before anything is written down: a pooled coefficient
        // of differing columns would have no meaning.
        pooling.check_splines()?;
        let mut book = checked.book_on(&self.endpoint);
        pooling.record(&mut book);
        recorded::record_complete_cases(&mut book, complete_cases.as_ref());
        // The first stands for all in what does not differ: terms, patients and ids.
        let (model, fitted) = &pooled[0];
        let methods = self.methods(model, pooled.len());
        let included = completed.places(&fitted.cases.included);
        Ok(Analysed::new(book, methods, &included))
    }
}

impl PooledCoxModel {
    /// A derived column with its words.
    fn labelled(&self, model: &Model<'_>, name: &str, sql: &str) -> (String, String) {
        let table = model.population.table;
        let label = self.labels.get(name).cloned().or_else(|| table.condition_in_words(sql));
        (name.to_owned(), label.unwrap_or_else(|| name.to_owned()))
    }

    fn methods(&self, model: &Model<'_>, data_sets: usize) -> Account {
        let practice = Practice::PooledCox {
            imputation: self.imputations.clone(),
            data_sets,
            derived: self
                .derived
                .iter()
                .map(|(name, sql)| self.labelled(model, name, sql))
                .collect(),
        };
        let method = model.method().with(Detail::Pooled { imputations: Some(data_sets) });
        model.account_by(practice, method)
    }
}

/// A mistake in an expression of `derived`.
fn at_derived(name: &str, error: &study::SqlError, table: &Table) -> Mistake {
    let place = |row: usize| format!("row {}", row + 1);
    Mistake::of_sql(error, table, place, &["derived", name])
}
