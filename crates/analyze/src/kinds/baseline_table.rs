//! The table of patient characteristics: what each variable is like in each
//! group. How groups differ in it is in `comparison`.

pub(super) mod comparison;

use engine::{Mistake, Mistakes, Named};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::quantile::summarize;
use study::{Account, Finding, Part, Practice, Procedure, Quantity, Role, Table, Warning};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::arms::{Arm, Arms, OfArm};
use crate::book::{Basis, Book, Told};
use crate::by::By;
use crate::category::Category;
use crate::guard::ImmortalTime;
use crate::model::is_number;
use crate::population::Population;
use crate::rehearsal::Rehearsal;

/// Patient characteristics by group and in all: means, standard deviations, quartiles and ranges of
/// numbers, counts and shares of categories, missing values, tests, and standardised mean
/// differences against the reference group (pooled denominator).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BaselineTable {
    /// Columns of the table, in order. Numbers are summarised; text, yes/no and columns with declared
    /// levels are counted.
    pub variables: Vec<String>,
    /// Column whose levels make the groups; all patients together without it.
    #[serde(default)]
    pub by: Option<By>,
    /// Group that the others are compared with; the first declared level unless named.
    #[serde(default)]
    pub reference: Option<String>,
    /// How a number is shown and tested; `median_iqr` unless named here.
    #[serde(default)]
    pub summaries: Named<SummaryName>,
    /// Whether groups are compared by tests.
    #[serde(default = "yes")]
    pub tests: bool,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where the groups are known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

/// How a number is summarised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SummaryName {
    /// Median with quartiles; groups are compared by ranks.
    #[default]
    MedianIqr,
    /// Mean with standard deviation; groups are compared by Welch's test.
    MeanSd,
}

fn yes() -> bool {
    true
}

impl Analysis for BaselineTable {
    const NAME: &'static str = "baseline_table";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref())
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        let table = rehearsal.table();
        rehearsal.variables(&self.variables, None);
        for name in self.summaries.names() {
            let at = ["summaries", name];
            if self.variables.iter().all(|variable| variable != name) {
                let mistake = Mistake::at(&at, format!("`{name}` is not a variable of this table"));
                let names = self.variables.iter().map(String::as_str);
                rehearsal.push(mistake.hint_nearest(name, names));
            } else if !is_number(table, name) {
                let message = format!("`{name}` is a category: it has no mean or median");
                rehearsal.push(Mistake::at(&at, message).hint("leave it out of `summaries`"));
            }
        }
        rehearsal.groups(self.by.as_ref(), self.reference.as_ref(), self.immortal_time);
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let population = checked.population();
        // Everybody is in the table: whoever lacks a
        // value is counted as missing in that row alone.
        let arms =
            Arms::new(population, self.by.as_ref(), (0..population.n()).collect())?.beside_all()?;
        let reference = match &arms.category {
            Some(category) => category.reference(self.reference.as_deref(), &["reference"])?,
            None => 0,
        };
        let mut book = checked.book();
        for (_, arm) in arms.each() {
            let finding = book.count(&[Part::statistic("n")], "n", arm.n).in_arm(arm);
            book.push(finding.from(arm.basis(None)).by_method(Procedure::Count));
        }
        let mut mistakes = Mistakes::default();
        for (place, name) in self.variables.iter().enumerate() {
            let summary = self.summaries.get(name).copied().unwrap_or_default();
            let variable = Variable::new(population, name, summary).map_err(|mut mistake| {
                mistake.at = vec!["variables".to_owned(), place.to_string()];
                // All rows are read before any mistake is
                // handed back, so that they are told together.
                mistake
            });
            let Some(variable) = mistakes.note(variable) else { continue };
            variable.record(&mut book, &arms);
            if !arms.groups.is_empty() {
                if self.tests {
                    comparison::record(&mut book, &variable, &arms);
                }
                comparison::record_differences(&mut book, &variable, &arms, reference);
            }
        }
        mistakes.or(())?;
        let methods = self.methods(population.table, &arms, reference);
        Ok(Analysed::new(book, methods, &arms.included))
    }

    fn narrowed(&self, finding: &Finding) -> Option<Self> {
        // A row depends on its own column and on the groups, which stay.
        let variable = self.variables.iter().find(|own| Some(*own) == finding.variable.as_ref())?;
        let summaries = self.summaries.of(&[variable]);
        Some(Self { variables: vec![variable.clone()], summaries, ..self.clone() })
    }
}

impl BaselineTable {
    fn methods(&self, table: &Table, arms: &Arms, reference: usize) -> Account {
        let (numbers, levels): (Vec<&String>, Vec<&String>) =
            self.variables.iter().partition(|name| is_number(table, name));
        let summary = |name: &&String| self.summaries.get(name).copied().unwrap_or_default();
        let of = |wanted: SummaryName| numbers.iter().any(|name| summary(name) == wanted);
        let (medians, means) = (of(SummaryName::MedianIqr), of(SummaryName::MeanSd));
        let (rank, welch) = match arms.groups.len() {
            2 => (Procedure::RankSum, Procedure::WelchT),
            _ => (Procedure::KruskalWallis, Procedure::WelchAnova),
        };
        let has_levels = !levels.is_empty();
        let summaries = [
            medians.then_some(Procedure::Median),
            means.then_some(Procedure::Mean),
            has_levels.then_some(Procedure::ShareOfKnown),
        ];
        let tests = [
            medians.then_some(rank),
            means.then_some(welch),
            has_levels.then_some(Procedure::PearsonChiSquare),
            has_levels.then_some(Procedure::Fisher),
        ];
        let practice = Practice::Characteristics {
            summaries: summaries.into_iter().flatten().collect(),
            tests: tests.into_iter().flatten().filter(|_| self.tests).collect(),
        };
        let reference = arms.groups.get(reference).map(Arm::value);
        // Every row has a method of its own; the account names them all.
        Account::of(practice, Procedure::Unsaid).by(self.by.as_ref().map(|by| by.groups(reference)))
    }
}

/// A row of the table.
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) unit: Option<String>,
    pub(super) summary: SummaryName,
    pub(super) values: VariableValues,
}

pub(super) enum VariableValues {
    Numbers(Vec<Option<f64>>),
    Levels(Category),
}

impl Variable {
    pub(super) fn new(
        population: &Population<'_>,
        name: &str,
        summary: SummaryName,
    ) -> Result<Self, Mistake> {
        let values = match is_number(population.table, name) {
            true => VariableValues::Numbers(population.numbers(name)?),
            false => VariableValues::Levels(population.category(name)?),
        };
        let unit = population.table.about(name).unit;
        Ok(Self { name: name.to_owned(), unit, summary, values })
    }

    /// What the variable is like in each group and in all.
    pub(super) fn record(&self, book: &mut Book, arms: &Arms) {
        for (code, arm) in arms.each() {
            let members: Vec<usize> =
                arms.members(code).into_iter().map(|place| arms.included[place]).collect();
            match &self.values {
                VariableValues::Numbers(values) => {
                    let known: Vec<f64> =
                        members.iter().filter_map(|patient| values[*patient]).collect();
                    let basis = self.record_missing(book, arm, known.len());
                    self.record_summary(book, arm, &known, basis);
                }
                VariableValues::Levels(category) => {
                    let counts = category.counts(&members);
                    let basis = self.record_missing(book, arm, counts.iter().sum());
                    self.record_counts(book, arm, category, &counts, basis);
                }
            }
        }
    }

    fn record_missing(&self, book: &mut Book, arm: &Arm, known: usize) -> Basis {
        let basis = Basis { n: known, events: None, missing: arm.n - known };
        for (name, count) in [("n", known), ("missing", basis.missing)] {
            let finding = book.count(&[Part::statistic(name)], name, count);
            let finding = finding.of_variable(&self.name).in_arm(arm);
            book.push(finding.from(basis).by_method(Procedure::Count));
        }
        basis
    }

    fn record_summary(&self, book: &mut Book, arm: &Arm, known: &[f64], basis: Basis) {
        let found = summarize(known);
        let number = |value: fn(&stats::quantile::Summary) -> f64| {
            found.as_ref().map(value).map_err(Clone::clone)
        };
        let role = |summary: SummaryName| match summary == self.summary {
            true => Role::Chosen,
            false => Role::Alternative,
        };
        // Both summaries are written down, so that a table can be changed
        // without computing anything; the settings choose which one it shows.
        let (mean, median) = (role(SummaryName::MeanSd), role(SummaryName::MedianIqr));
        // One value alone has no spread.
        let deviation = number(|found| found.standard_deviation.unwrap_or(f64::NAN));
        let lower = number(|found| found.lower_quartile);
        let upper = number(|found| found.upper_quartile);
        let numbers = [
            ("mean", number(|found| found.mean), Procedure::Mean, mean),
            ("standard_deviation", deviation, Procedure::StandardDeviation, mean),
            ("median", number(|found| found.median), Procedure::Median, median),
            ("lower_quartile", lower, Procedure::Quartile, median),
            ("upper_quartile", upper, Procedure::Quartile, median),
            ("minimum", number(|found| found.minimum), Procedure::Smallest, Role::Estimate),
            ("maximum", number(|found| found.maximum), Procedure::Largest, Role::Estimate),
        ];
        for (name, value, procedure, role) in numbers {
            let parts = [Part::statistic(name)];
            let mut finding = book.attempt(&parts, name, Quantity::Measured, value);
            finding.unit.clone_from(&self.unit);
            let finding = finding.of_variable(&self.name).in_arm(arm).in_role(role);
            book.push(finding.from(basis).by_method(procedure));
        }
    }

    fn record_counts(
        &self,
        book: &mut Book,
        arm: &Arm,
        category: &Category,
        counts: &[usize],
        basis: Basis,
    ) {
        for (level, count) in category.levels.iter().zip(counts) {
            let basis = Basis { events: Some(*count), ..basis };
            let tell = |finding: Finding, method: Procedure| {
                let finding = finding.of_variable(&self.name).of_level(level);
                finding.in_arm(arm).from(basis).by_method(method)
            };
            let finding = book.count(&[Part::statistic("count")], "count", *count);
            book.push(tell(finding, Procedure::Count));
            // Of those who have a value, so that shares add up
            // to 1. Of nobody the division gives no number.
            let share = *count as f64 / basis.n as f64;
            let (parts, name) = ([Part::statistic("proportion")], "proportion");
            let mut finding = book.draft(&parts, name, Quantity::Proportion, share);
            if basis.n == 0 {
                finding = finding.warn(Warning::NoValues);
            }
            book.push(tell(finding, Procedure::ShareOfKnown));
        }
    }
}
