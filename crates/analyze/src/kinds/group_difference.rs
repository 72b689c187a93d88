//! How groups differ in single variables: every common test and measure of a
//! difference. The tests are in `tests_of`, the measures in `contrasts`.

mod contrasts;
mod tests_of;

use engine::{Call, Mistake, Mistakes, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::adjust::{benjamini_hochberg, holm};
use study::{
    Account, Adjustment, Detail, Finding, Method, Part, Practice, Procedure, Quantity, Role, Table,
};

use super::baseline_table::comparison::{Pairs, Test, record_differences, record_tests};
use super::baseline_table::{SummaryName, Variable, VariableValues};
use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::arms::Arms;
use crate::book::{Basis, Book, Told, refused};
use crate::by::By;
use crate::guard::ImmortalTime;
use crate::model::is_number;
use crate::rehearsal::Rehearsal;

/// Differences between groups in single variables. Of a category: chi-square tests with and without
/// correction, Fisher's exact test, mid-p, and with two levels risk difference, odds ratios and relative
/// risk of the second level. Of a number: rank tests (exact, normal with and without correction), Welch's
/// tests, the difference of means and Hodges and Lehmann's shift. P-values of several variables are also
/// given adjusted (Holm; Benjamini and Hochberg).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupDifference {
    /// Columns to compare. Numbers are compared by location; text, yes/no and columns with declared
    /// levels by their shares.
    pub variables: Vec<String>,
    /// Column whose levels make the groups.
    pub by: By,
    /// Group that the others are compared with; the first declared level unless named.
    #[serde(default)]
    pub reference: Option<String>,
    /// The test of numbers whose p-value stands for the comparison.
    #[serde(default)]
    pub number_test: NumberTest,
    /// The test of categories whose p-value stands for the comparison.
    #[serde(default)]
    pub category_test: CategoryTest,
    /// Random tables for a Monte-Carlo p-value of Fisher's test of tables larger than two by two, which
    /// stands in where the exact one would take too long; none unless declared.
    #[serde(default)]
    #[schemars(range(max = 10_000_000))]
    pub fisher_replicates: Option<usize>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where the groups are known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

/// Test of a difference between numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NumberTest {
    /// Wilcoxon's rank-sum test (exact for samples below 50 without ties, else normal with continuity
    /// correction: R's rule), or Kruskal and Wallis' test of more than two groups.
    #[default]
    Rank,
    /// Welch's t test, or Welch's analysis of variance of more than two groups.
    Welch,
}

/// Test of a difference between shares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CategoryTest {
    /// Pearson's chi-square test, or Fisher's exact test where an expected count is below 5.
    #[default]
    Automatic,
    /// Pearson's chi-square test without correction.
    Pearson,
    /// The chi-square test with Yates' continuity correction; two groups and two levels only.
    Yates,
    /// Fisher's exact test.
    Fisher,
    /// Fisher's test with half the probability of what was observed; two groups and two levels only.
    MidP,
}

/// More random tables than this take minutes.
const MOST_REPLICATES: usize = 10_000_000;

impl Analysis for GroupDifference {
    const NAME: &'static str = "group_difference";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref())
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        // A column cannot be compared in the groups that it makes.
        rehearsal.variables(&self.variables, Some(self.by.column()));
        rehearsal.groups(Some(&self.by), self.reference.as_ref(), self.immortal_time);
        let is_wrong = |replicates: &usize| !(100..=MOST_REPLICATES).contains(replicates);
        if let Some(replicates) = self.fisher_replicates.filter(is_wrong) {
            let message = format!("{replicates} random tables are too few or too many");
            let mistake = Mistake::at(&["fisher_replicates"], message);
            rehearsal.push(mistake.hint("from 100 to 10000000, such as 10000"));
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let population = checked.population();
        let arms =
            // Everybody is in the groups: whoever lacks
            // a value is missing in that variable alone.
            Arms::new(population, Some(&self.by), (0..population.n()).collect())?.beside_all()?;
        let reference = match &arms.category {
            Some(category) => category.reference(self.reference.as_deref(), &["reference"])?,
            None => 0,
        };
        let mut book = checked.book();
        let mut mistakes = Mistakes::default();
        let mut chosen = Vec::new();
        for (place, name) in self.variables.iter().enumerate() {
            let variable = Variable::new(population, name, self.summary()).and_then(|variable| {
                let tests = match checked.is_rehearsed() {
                    true => self.announced_tests(&variable, &arms),
                    // Each variable draws random tables of its own.
                    false => self.tests(&variable, &arms, checked.call.seed ^ place as u64)?,
                };
                Ok((variable, tests))
            });
            // Reading a column does not know where it is
            // listed; a test says which parameter is wrong.
            let variable = variable.map_err(|mut mistake| {
                if mistake.at.is_empty() {
                    mistake.at = vec!["variables".to_owned(), place.to_string()];
                }
                mistake
            });
            let Some((variable, tests)) = mistakes.note(variable) else { continue };
            variable.record(&mut book, &arms);
            // The limits of each share stand beside the
            // differences, so that a table can print either.
            contrasts::record_limits(&mut book, &variable, &arms).map_err(|e| refused(&e))?;
            let basis = Pairs::new(&variable, &arms).basis(&arms);
            record_tests(&mut book, name, basis, &tests);
            contrasts::record(&mut book, &variable, &arms, reference).map_err(|e| refused(&e))?;
            record_differences(&mut book, &variable, &arms, reference);
            // A test that was refused has no p-value, and there is nothing to adjust.
            let p = tests.iter().find(|test| test.is_chosen).and_then(|test| test.p.clone().ok());
            chosen.extend(p.map(|p| (name.as_str(), basis, p)));
        }
        mistakes.or(())?;
        record_adjusted(&mut book, &chosen, checked.is_rehearsed())
            .map_err(|error| refused(&error))?;
        let methods = self.methods(population.table, &arms);
        Ok(Analysed::new(book, methods, &arms.included))
    }

    fn work(&self, call: &Call<'_>) -> Work {
        Work::of(call.patients(), 20.0)
            .times("variables", self.variables.len())
            .times("fisher_replicates", self.fisher_replicates.unwrap_or(0))
    }

    fn narrowed(&self, finding: &Finding) -> Option<Self> {
        let variable = self.variables.iter().find(|own| Some(*own) == finding.variable.as_ref())?;
        Some(Self { variables: vec![variable.clone()], ..self.clone() })
    }
}

/// The chosen p-values of all variables, adjusted for their number.
fn record_adjusted(
    book: &mut Book,
    chosen: &[(&str, Basis, f64)],
    is_rehearsed: bool,
) -> Result<(), stats::Error> {
    // A single p-value is not one of several.
    if chosen.len() < 2 {
        return Ok(());
    }
    let p_values: Vec<f64> = chosen.iter().map(|(_, _, p)| *p).collect();
    let n = chosen.len() as u64;
    // In a rehearsal the values stand in for themselves: only their ids are announced.
    let adjusted = match is_rehearsed {
        true => [p_values.clone(), p_values],
        false => [holm(&p_values)?, benjamini_hochberg(&p_values)?],
    };
    let named = [("holm", Adjustment::Holm), ("benjamini_hochberg", Adjustment::BenjaminiHochberg)];
    for (place, (variable, basis, _)) in chosen.iter().enumerate() {
        for ((id, adjustment), values) in named.into_iter().zip(&adjusted) {
            let (parts, statistic) = ([Part::statistic("adjusted_p")], "adjusted_p_value");
            let finding = book.draft(&parts, statistic, Quantity::PValue, values[place]);
            let finding = finding.of_variable(variable).part(Part::method(id));
            let method = Method::of(Procedure::AdjustedP(adjustment)).with(Detail::OfPValues(n));
            book.push(finding.in_role(Role::Alternative).from(*basis).by_method(method));
        }
    }
    Ok(())
}

impl GroupDifference {
    /// How numbers are shown follows how they are tested.
    fn summary(&self) -> SummaryName {
        match self.number_test {
            NumberTest::Rank => SummaryName::MedianIqr,
            NumberTest::Welch => SummaryName::MeanSd,
        }
    }

    fn tests(&self, variable: &Variable, arms: &Arms, seed: u64) -> Result<Vec<Test>, Mistake> {
        let n_groups = arms.groups.len();
        match Pairs::new(variable, arms) {
            Pairs::Numbers(pairs) => Ok(tests_of::numbers_of(&pairs, n_groups, self.number_test)),
            Pairs::Levels(pairs) => {
                let choice = (self.category_test, self.fisher_replicates);
                tests_of::categories(variable, &pairs, n_groups, choice, seed)
            }
        }
    }

    /// The tests that a run will make of a variable.
    fn announced_tests(&self, variable: &Variable, arms: &Arms) -> Vec<Test> {
        match variable.values {
            VariableValues::Numbers(_) => tests_of::announced_of_numbers(arms, self.number_test),
            VariableValues::Levels(_) => {
                tests_of::announced_of_levels(self.category_test, self.fisher_replicates)
            }
        }
    }

    fn methods(&self, table: &Table, arms: &Arms) -> Account {
        let has_numbers = self.variables.iter().any(|name| is_number(table, name));
        let has_levels = self.variables.iter().any(|name| !is_number(table, name));
        let of_numbers = match (self.number_test, arms.groups.len()) {
            (NumberTest::Rank, 2) => Procedure::RankSum,
            (NumberTest::Rank, _) => Procedure::KruskalWallis,
            (NumberTest::Welch, 2) => Procedure::WelchT,
            (NumberTest::Welch, _) => Procedure::WelchAnova,
        };
        let of_levels = match self.category_test {
            CategoryTest::Automatic => vec![Procedure::PearsonChiSquare, Procedure::Fisher],
            CategoryTest::Pearson => vec![Procedure::PearsonChiSquare],
            CategoryTest::Yates => vec![Procedure::YatesChiSquare],
            CategoryTest::Fisher => vec![Procedure::Fisher],
            CategoryTest::MidP => vec![Procedure::FisherMidP],
        };
        let practice = Practice::GroupDifference {
            of_numbers: if has_numbers { vec![of_numbers] } else { Vec::new() },
            of_levels: if has_levels { of_levels } else { Vec::new() },
            random_tables: self.fisher_replicates.map(|tables| tables as u64),
            // The number that was asked for, whether or not each could be tested.
            adjusted: self.variables.len(),
        };
        let reference = arms.reference(self.reference.as_deref());
        Account::of(practice, Procedure::Unsaid).by(self.by.groups(reference))
    }
}
