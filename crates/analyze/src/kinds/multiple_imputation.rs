//! Multiple imputation of missing values: a table of completed values, and
//! what they are like. The models that use it are other kinds.

mod incomplete;
mod recorded;
#[cfg(test)]
mod tests;

use engine::{Call, Mistake, Mistakes, Named, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::imputation::{Imputation, nelson_aalen};
use study::{Account, Practice, Procedure};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::refused;
use crate::category::declared_levels;
use crate::columns::ColumnType;
use crate::endpoint::{Endpoint, days_column, event_column};
use crate::model::is_number;
use crate::monte_carlo::draws_of;
use crate::rehearsal::Rehearsal;
use incomplete::{Incoming, Incomings, Incomplete};

/// The column that numbers the imputations.
pub(crate) const IMPUTATION: &str = "_imputation";

/// Multiple imputation of missing values by chained equations: numbers by predictive mean matching,
/// yes/no columns and categories by logistic regression, each from all the others. It writes a table
/// of its own name with a row for each patient and imputation, which `pooled_cox_model` reads. The
/// values are those of the study's seed and the entry's name, whatever the number of threads.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MultipleImputation {
    /// The endpoint that will be analysed: whether the event happened, and the Nelson-Aalen
    /// cumulative hazard at each patient's own time, enter the models (White and Royston). Patients
    /// without follow-up are left out.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// Columns whose missing values are imputed. Name all columns of the later model, here or under
    /// `auxiliary`; one left out would have its association weakened.
    pub variables: Vec<String>,
    /// Further columns that help to impute, and are not written. Their own missing values are
    /// imputed on the way.
    #[serde(default)]
    pub auxiliary: Vec<String>,
    /// How many completed data sets to make; two or more.
    #[serde(default = "fifty")]
    #[schemars(range(max = 10_000))]
    pub imputations: usize,
    /// How often each variable has its turn in each chain.
    #[serde(default = "ten")]
    #[schemars(range(max = 1_000))]
    pub iterations: usize,
    /// How many patients with a similar expected value a missing number may be taken from.
    #[serde(default = "five")]
    #[schemars(range(max = 1_000))]
    pub donors: usize,
    /// Departures from values missing at random, by variable: added to each imputed number, in its
    /// unit, or to the log odds of the second level of a category of two.
    #[serde(default)]
    pub delta: Named<f64>,
    /// Another entry whose random numbers this one uses, to be compared with it: what differs is then
    /// the `delta`, not the draw. It must not use those of a third.
    #[serde(default)]
    pub draws: Option<String>,
    /// SQL condition on the analysis table; only patients for whom it holds are imputed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
}

fn fifty() -> usize {
    50
}

fn ten() -> usize {
    10
}

fn five() -> usize {
    5
}

impl Analysis for MultipleImputation {
    const NAME: &'static str = "multiple_imputation";
    const MAKES_TABLE: bool = true;

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref()).beside(draws_of(self.draws.as_deref()))
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        if let Some(endpoint) = &self.endpoint {
            rehearsal.endpoint(endpoint);
        }
        rehearsal.list("variables", &self.variables, false);
        rehearsal.list("auxiliary", &self.auxiliary, true);
        for (column, at) in self.columns() {
            self.check_column(rehearsal, column, &[&at[0], &at[1]]);
        }
        for (column, shift) in self.delta.iter() {
            self.check_delta(rehearsal, column, *shift);
        }
        // A single data set has no variance between data sets, and cannot be pooled.
        let counts = [
            ("imputations", self.imputations, 2),
            ("iterations", self.iterations, 1),
            ("donors", self.donors, 1),
        ];
        for (parameter, count, least) in counts {
            if count < least {
                let message = format!("`{parameter}` is {count}, but must be at least {least}");
                rehearsal.push(Mistake::at(&[parameter], message));
            }
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let population = checked.population();
        let endpoint = self.endpoint.as_ref().map(|name| Endpoint::new(population, name));
        let endpoint = endpoint.transpose()?;
        // The outcome enters every model, so that whoever has none cannot be imputed by it.
        let included = match &endpoint {
            Some(endpoint) => endpoint.known(),
            None => (0..population.n()).collect(),
        };
        let incomplete = Incomplete::new(self, population, &included)?;
        let imputed = checked.unless_rehearsed(|| {
            let complete = match &endpoint {
                Some(endpoint) => outcome(endpoint, &included)?,
                None => Vec::new(),
            };
            // Columns of the outcome: the event and the hazard, or none.
            let n_complete = complete.len() / included.len();
            Imputation::new(incomplete.variables(&self.delta), &complete, n_complete)
                .map(|model| model.imputations(self.imputations).iterations(self.iterations))
                .and_then(|model| {
                    // Entries that are compared draw the same
                    // numbers, so that only their `delta` differs.
                    let seed = checked.call.seed_for(self.draws.as_deref());
                    model.donors(self.donors).impute(seed)
                })
                .map_err(|error| incomplete.named(&error))
        })?;
        let mut book = checked.book();
        if let Some(endpoint) = &self.endpoint {
            book.set_endpoint(endpoint);
        }
        let missing = population.n() - included.len();
        recorded::record(&mut book, self, &incomplete, imputed.as_ref(), missing);
        let patient = &checked.study.patient;
        let table = match &imputed {
            Some(imputed) => incomplete.table(patient, population, &included, imputed),
            // Later entries are rehearsed on the shape of the table.
            None => incomplete::empty(population.table, patient, self),
        };
        let methods = self.methods(&incomplete);
        Ok(Analysed::new(book, methods, &included).with_table(table))
    }

    fn work(&self, call: &Call<'_>) -> Work {
        let variables = self.variables.len() + self.auxiliary.len();
        // Each regression takes all the others in, so that
        // the work grows with the square of the columns.
        Work::of(call.patients(), 60.0 * variables as f64)
            .times("variables", variables)
            .times("iterations", self.iterations)
            .times("imputations", self.imputations)
    }
}

/// The event indicator and the cumulative hazard at each patient's own time.
fn outcome(endpoint: &Endpoint, included: &[usize]) -> Result<Vec<f64>, Mistake> {
    // White and Royston (2009): the cumulative hazard rather than the time, to which
    // a covariate of a Cox model is nearly linear.
    let data = endpoint.data(included).map_err(|error| refused(&error))?;
    let events = data.events().iter().map(|event| f64::from(*event));
    Ok(events.chain(nelson_aalen(&data)).collect())
}

impl MultipleImputation {
    /// The columns of the models: those that are written first.
    fn columns(&self) -> impl Iterator<Item = (&str, [String; 2])> {
        let named = |parameter: &str, columns: &[String]| -> Vec<[String; 2]> {
            (0..columns.len()).map(|place| [parameter.to_owned(), place.to_string()]).collect()
        };
        let places = named("variables", &self.variables).into_iter();
        let places = places.chain(named("auxiliary", &self.auxiliary));
        self.variables.iter().chain(&self.auxiliary).map(String::as_str).zip(places)
    }

    fn check_column(&self, rehearsal: &mut Rehearsal<'_>, column: &str, at: &[&str]) {
        // Imputed values are written into a table that reports may print.
        rehearsal.printed(column, at);
        if rehearsal.column(column, at) == Some(ColumnType::Date) {
            let message = format!("`{column}` holds dates, which are not imputed");
            rehearsal.push(Mistake::at(at, message).hint("derive a number from it"));
        }
        // Each patient has another one, so that nothing can be predicted by it.
        if column == rehearsal.call.study.patient {
            let message = format!("`{column}` identifies patients and predicts nothing");
            rehearsal.push(Mistake::at(at, message).hint("leave it out"));
        }
        let outcome = self.endpoint.iter().flat_map(|own| [days_column(own), event_column(own)]);
        if outcome.into_iter().any(|own| own == column) {
            let message = format!("`{column}` is the endpoint itself");
            let hint =
                "leave it out: the event and the cumulative hazard are in the models already";
            rehearsal.push(Mistake::at(at, message).hint(hint));
        }
        if at[0] == "auxiliary" && self.variables.iter().any(|variable| variable == column) {
            let message = format!("`{column}` is listed under `variables` too");
            rehearsal.push(Mistake::at(at, message).hint("leave it out here"));
        }
    }

    fn check_delta(&self, rehearsal: &mut Rehearsal<'_>, column: &str, shift: f64) {
        let at = ["delta", column];
        if self.columns().all(|(known, _)| known != column) {
            let mistake = Mistake::at(&at, format!("`{column}` is not imputed by this entry"));
            let columns = self.columns().map(|(known, _)| known);
            return rehearsal.push(mistake.hint_nearest(column, columns));
        }
        if !shift.is_finite() {
            rehearsal.push(Mistake::at(&at, "a delta must be a finite number"));
        }
        let table = rehearsal.table();
        // Levels that are not declared may turn out to be two.
        let levels = declared_levels(table, column).map_or(2, |levels| levels.len());
        if !is_number(table, column) && levels != 2 {
            let message =
                format!("`{column}` has {levels} levels, whose odds one delta cannot shift");
            let hint = "a delta is for a number or a category of two levels";
            rehearsal.push(Mistake::at(&at, message).hint(hint));
        }
    }

    fn methods(&self, incomplete: &Incomplete) -> Account {
        let is_number = |column: &Incoming| matches!(column.values, Incomings::Numbers(_));
        let imputed = || incomplete.columns.iter().filter(|column| column.is_incomplete());
        let odds = incomplete.columns.iter().filter(|column| !is_number(column));
        // Shifts of categories are told as of odds,
        // which a reader must know to read the number.
        let odds = odds.filter(|column| self.delta.get(&column.name).is_some());
        let shifts = self.delta.iter().map(|(column, shift)| (column.to_owned(), *shift));
        let practice = Practice::Imputation {
            variables: self.variables.clone(),
            auxiliary: self.auxiliary.clone(),
            data_sets: self.imputations,
            iterations: self.iterations,
            donors: imputed().any(is_number).then_some(self.donors),
            categories: imputed().any(|column| !is_number(column)),
            shifts: shifts.collect(),
            of_odds: odds.map(|column| column.name.clone()).collect(),
        };
        let account = Account::of(practice, Procedure::Unsaid);
        match &self.endpoint {
            Some(endpoint) => account.about(endpoint),
            None => account,
        }
    }
}
