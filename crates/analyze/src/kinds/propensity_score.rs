//! Propensity scores, and the weights or matched sets made of them. Analyses
//! that take them name this entry under `weights`.

mod balance;
mod parameters;
mod record;
mod sample;
#[cfg(test)]
mod tests;
mod weighting;

use std::collections::BTreeMap;

use engine::{Call, Kind, Mistakes, Named, Read, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::logistic::LogisticFit;
use study::{Output, StudySettings, Warning, in_sentence};

pub use parameters::{ScoreModel, ScoreWeights};

use crate::book::Book;
use crate::columns::made_from;
use crate::guard::ImmortalTime;
use crate::population::Population;
use record::Record;
use sample::Sample;
use weighting::Weighted;

/// The probability of treatment given what was known before it, by logistic regression, and weights
/// or matched sets that balance the groups. It makes a table named as the entry, of the patient,
/// `propensity`, `weight` and, for matching, `cluster` (the matched set), which other analyses read
/// by `weights: <this entry>`. A patient without a value of a term is left out and counted.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PropensityScore {
    /// Column of two levels: who was treated.
    pub treatment: String,
    /// Its level that means treated; the second declared level unless named here.
    #[serde(default)]
    pub treated: Option<String>,
    /// Columns that explain treatment. A number stays a number; a category or yes/no column becomes
    /// an indicator of each level but the reference.
    pub terms: Vec<String>,
    /// Reference levels by column; the first declared level unless named here.
    #[serde(default)]
    pub references: Named<String>,
    /// How the regression is fitted.
    #[serde(default)]
    pub model: ScoreModel,
    /// Penalty of `model: ridge`: less this over 2 times the sum of squared coefficients of the
    /// standardised terms.
    #[serde(default = "one")]
    #[schemars(range(min = 0.0))]
    pub ridge: f64,
    /// What is made of the scores.
    #[serde(default)]
    pub weights: ScoreWeights,
    /// Two percentiles of all weights, such as `[0.01, 0.99]`: weights outside are set to them.
    #[serde(default)]
    pub truncate: Option<Vec<f64>>,
    /// Widest distance of matched patients, in standard deviations of the logit of the score over
    /// all patients, such as 0.2; any distance unless given.
    #[serde(default)]
    pub caliper: Option<f64>,
    /// Controls matched to each treated patient; 1 unless given.
    #[serde(default)]
    #[schemars(range(max = 100))]
    pub ratio: Option<u32>,
    /// Columns in which matched patients must be the same.
    #[serde(default)]
    pub exact: Vec<String>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where treatment or a term is known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

fn one() -> f64 {
    1.0
}

impl Kind for PropensityScore {
    const NAME: &'static str = "propensity_score";

    fn wiring(&self, name: &str, study: &StudySettings) -> Wiring {
        Wiring {
            reads: vec![Read::table(&study.analysis_table, &[])],
            writes: vec![name.to_owned()],
            ..Wiring::default()
        }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let warnings = self.check(call)?;
        let population = Population::rehearsed(call, self.condition.as_deref());
        let sample = Sample::new(&population, self)?;
        let book = self.book(call, &population, warnings, (&sample, None))?;
        let table = weighting::table_of_none(call, self.weights);
        let table = made_from(table, call, &self.columns());
        Ok(Output { findings: book.findings()?, ..Output::of_table(call.name, table) })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let warnings = self.check(call)?;
        let population = Population::new(call, self.condition.as_deref())?;
        let sample = Sample::new(&population, self)?;
        let fitted = sample.fit(self)?;
        let weighted = Weighted::new(call, &population, (self, &sample, &fitted))?;
        let made = Some((&fitted, &weighted));
        let book = self.book(call, &population, warnings, (&sample, made))?;
        let patients: Vec<String> =
            sample.included.iter().map(|place| population.patients[*place].clone()).collect();
        Ok(Output {
            tables: BTreeMap::from([(
                call.name.to_owned(),
                made_from(
                    weighting::table(call, &patients, &fitted, &weighted),
                    call,
                    &self.columns(),
                ),
            )]),
            methods: book.methods(self.methods(&sample)),
            findings: book.findings()?,
            patients: BTreeMap::from([(population.name.clone(), patients)]),
            ..Output::default()
        })
    }
}

impl PropensityScore {
    /// The columns that the scores and weights are computed from.
    fn columns(&self) -> Vec<String> {
        self.terms.iter().chain(&self.exact).chain([&self.treatment]).cloned().collect()
    }

    /// The findings on a sample; without what was made of it they are announced.
    fn book(
        &self,
        call: &Call<'_>,
        population: &Population<'_>,
        warnings: Vec<Warning>,
        (sample, made): (&Sample, Option<(&LogisticFit, &Weighted)>),
    ) -> Result<Book, Mistakes> {
        let mut book = Book::of(call, Self::NAME, population, warnings);
        let (fit, weighted) = made.unzip();
        Record { declared: self, sample, fit, weighted }.all(&mut book)?;
        balance::record(&mut book, self, sample, weighted)?;
        Ok(book)
    }

    fn methods(&self, sample: &Sample) -> String {
        let terms: Vec<String> = sample.terms.iter().map(|term| in_sentence(&term.label)).collect();
        format!(
            "The probability of being treated ({} `{}`) given {} was estimated by {}. {}",
            in_sentence(&sample.treatment.label),
            sample.treatment.levels[sample.treated_level].value,
            terms.join(", "),
            self.estimator(),
            self.weighting_in_words()
        )
    }
}
