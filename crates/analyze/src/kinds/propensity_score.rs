//! Propensity scores, and the weights or matched sets made of them. Analyses
//! that take them name this entry under `weights`.

mod balance;
mod parameters;
mod record;
mod sample;
#[cfg(test)]
mod tests;
mod weighting;

use engine::{Mistakes, Named};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Account, Groups, Practice};

pub use parameters::{ScoreModel, ScoreWeights};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::covariates::accounted;
use crate::guard::ImmortalTime;
use crate::rehearsal::Rehearsal;
use crate::weights::say_weighting;
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

impl Analysis for PropensityScore {
    const NAME: &'static str = "propensity_score";
    const MAKES_TABLE: bool = true;

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref())
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        rehearsal.category(&self.treatment, &["treatment"]);
        rehearsal.printed(&self.treatment, &["treatment"]);
        // Treatment itself must be known at time zero: a score explains it by what came before.
        rehearsal.guarded(&self.treatment, self.immortal_time, &["treatment"]);
        self.check_levels(rehearsal);
        rehearsal.list("terms", &self.terms, false);
        for (place, term) in self.terms.iter().enumerate() {
            self.check_term(rehearsal, term, &["terms", &place.to_string()]);
        }
        let terms: Vec<&str> = self.terms.iter().map(String::as_str).collect();
        rehearsal.references(&self.references, &terms, &[]);
        rehearsal.list("exact", &self.exact, true);
        for (place, column) in self.exact.iter().enumerate() {
            let at = ["exact", &place.to_string()];
            rehearsal.category(column, &at);
            rehearsal.printed(column, &at);
            // Partners must have been alike at time zero, not later on.
            rehearsal.guarded(column, self.immortal_time, &at);
        }
        self.check_numbers(rehearsal);
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let population = checked.population();
        let sample = Sample::new(population, self)?;
        let made = checked.unless_rehearsed(|| {
            let fitted = sample.fit(self)?;
            let weighted = Weighted::new(checked, (self, &sample, &fitted))?;
            Ok::<_, Mistakes>((fitted, weighted))
        })?;
        let made = made.as_ref().map(|(fitted, weighted)| (fitted, weighted));
        let (fit, weighted) = made.unzip();
        let mut book = checked.book();
        Record { declared: self, sample: &sample, fit, weighted }.all(&mut book)?;
        balance::record(&mut book, self, &sample, weighted)?;
        let patients = sample.included.iter();
        let patients = patients.map(|place| population.patient(*place).to_owned()).collect();
        let table = weighting::table(&checked.study.patient, self.weights, patients, made);
        let mut table = checked.made_from(table, &self.columns());
        say_weighting(&mut table, self.weights.as_value());
        let label = population.table.about(&self.treatment).label;
        let drawn = weighting::histogram((label, book.warnings()), &sample, made);
        let analysed = Analysed::new(book, self.methods(&sample), &sample.included);
        Ok(analysed.with_table(table).with_figures(drawn))
    }
}

impl PropensityScore {
    /// The columns that the scores and weights are computed from.
    fn columns(&self) -> Vec<String> {
        // What the weights come of: their lineage decides whether an analysis may use them.
        self.terms.iter().chain(&self.exact).chain([&self.treatment]).cloned().collect()
    }

    fn methods(&self, sample: &Sample) -> Account {
        let levels = &sample.treatment.levels;
        let others = levels.iter().enumerate().find(|(code, _)| *code != sample.treated_level);
        let practice = Practice::PropensityScore {
            treated: levels[sample.treated_level].value.clone(),
            weighting: self.weighting(),
        };
        Account::of(practice, self.regression())
            .by(Groups::of(&self.treatment, others.map(|(_, level)| level.value.as_str())))
            .on(accounted(&sample.terms))
    }
}
