//! How groups differ in a variable: tests, and standardised mean differences
//! against the reference group.

use stats::contingency::{ContinuityCorrection, Table, chi_square, fisher_exact};
use stats::location::{kruskal_wallis, rank_sum, welch_anova, welch_t_test};
use stats::standardized_difference::{Denominator, of_categories, of_means, of_proportions};
use study::{Finding, Quantity};

use super::{SummaryName, Variable, VariableValues};
use crate::arms::Arms;
use crate::book::{Basis, Book, Told};
use crate::category::Category;

/// A test's name in ids, its words and its numbers.
pub(in crate::kinds) struct Test {
    pub(in crate::kinds) id: &'static str,
    pub(in crate::kinds) words: String,
    /// P-value.
    pub(in crate::kinds) p: Result<f64, stats::Error>,
    /// Monte-Carlo standard error of the p-value, where it has one.
    pub(in crate::kinds) standard_error: Option<f64>,
    /// Statistic, where the test has one.
    pub(in crate::kinds) statistic: Option<f64>,
    /// Degrees of freedom, where the test has some.
    pub(in crate::kinds) degrees_of_freedom: Option<f64>,
    /// It is the one that the settings choose.
    pub(in crate::kinds) is_chosen: bool,
    pub(in crate::kinds) warning: Option<&'static str>,
}

/// The values of a variable with the groups of those who have one.
pub(in crate::kinds) enum Pairs {
    /// Numbers and groups.
    Numbers(Vec<(f64, usize)>),
    /// Groups and levels.
    Levels(Vec<(usize, usize)>),
}

impl Pairs {
    pub(in crate::kinds) fn new(variable: &Variable, arms: &Arms) -> Self {
        let patients = arms.included.iter().copied().zip(arms.codes.iter().copied());
        match &variable.values {
            VariableValues::Numbers(values) => Self::Numbers(
                patients.filter_map(|(patient, group)| Some((values[patient]?, group))).collect(),
            ),
            VariableValues::Levels(category) => Self::Levels(
                patients
                    .filter_map(|(patient, group)| Some((group, category.codes[patient]?)))
                    .collect(),
            ),
        }
    }

    /// What findings of all of them are computed from.
    pub(in crate::kinds) fn basis(&self, arms: &Arms) -> Basis {
        let known = match self {
            Self::Numbers(pairs) => pairs.len(),
            Self::Levels(pairs) => pairs.len(),
        };
        Basis { n: known, events: None, missing: arms.included.len() - known }
    }
}

/// The numbers of each group.
pub(in crate::kinds) fn samples(pairs: &[(f64, usize)], n_groups: usize) -> Vec<Vec<f64>> {
    let of = |group| pairs.iter().filter(|pair| pair.1 == group).map(|pair| pair.0).collect();
    (0..n_groups).map(of).collect()
}

/// Writes down the tests of a variable between the groups.
pub(super) fn record(book: &mut Book, variable: &Variable, arms: &Arms) {
    let (pairs, n_groups) = (Pairs::new(variable, arms), arms.groups.len());
    let tests = match (&variable.values, &pairs) {
        (VariableValues::Levels(category), Pairs::Levels(pairs)) => {
            category_tests(category, pairs, n_groups)
        }
        (_, Pairs::Numbers(pairs)) => number_tests(variable, pairs, &samples(pairs, n_groups)),
        (VariableValues::Numbers(_), Pairs::Levels(_)) => return,
    };
    record_tests(book, &variable.name, pairs.basis(arms), &tests);
}

/// Writes down the standardised differences of each group from the reference.
pub(in crate::kinds) fn record_differences(
    book: &mut Book,
    variable: &Variable,
    arms: &Arms,
    reference: usize,
) {
    let (pairs, n_groups) = (Pairs::new(variable, arms), arms.groups.len());
    let basis = pairs.basis(arms);
    match (&variable.values, &pairs) {
        (VariableValues::Levels(category), Pairs::Levels(pairs)) => {
            let shares: Vec<Vec<f64>> =
                (0..n_groups).map(|group| shares(category, pairs, group)).collect();
            let (words, is_binary) = match category.n_levels() {
                2 => ("of the proportions of the second level", true),
                _ => ("of proportions (Mahalanobis distance, without sign)", false),
            };
            let smd = |group: usize| match is_binary {
                true => of_proportions(shares[group][1], shares[reference][1], Denominator::Pooled),
                false => of_categories(&shares[group], &shares[reference], Denominator::Pooled),
            };
            record_smd(book, variable, arms, reference, basis, words, smd);
        }
        (_, Pairs::Numbers(pairs)) => {
            let samples = samples(pairs, n_groups);
            let smd =
                |group: usize| of_means(&samples[group], &samples[reference], Denominator::Pooled);
            record_smd(book, variable, arms, reference, basis, "of means", smd);
        }
        (VariableValues::Numbers(_), Pairs::Levels(_)) => {}
    }
}

/// The share of each level in a group; not a number where nobody has a value.
fn shares(category: &Category, pairs: &[(usize, usize)], group: usize) -> Vec<f64> {
    let of_group: Vec<usize> = pairs.iter().filter(|p| p.0 == group).map(|p| p.1).collect();
    let count = |level: usize| of_group.iter().filter(|own| **own == level).count() as f64;
    (0..category.n_levels()).map(|level| count(level) / of_group.len() as f64).collect()
}

fn number_tests(variable: &Variable, pairs: &[(f64, usize)], samples: &[Vec<f64>]) -> [Test; 2] {
    let (values, groups): (Vec<f64>, Vec<usize>) = pairs.iter().copied().unzip();
    // The level of the interval does not enter the test.
    let (welch, rank) = match samples {
        [first, second] => {
            let (welch, rank) = (welch_t_test(second, first, 0.95), rank_sum(first, second));
            let exact = rank.as_ref().is_ok_and(|found| found.exact);
            let rank_words = match exact {
                true => "Wilcoxon's rank-sum test, exact",
                false => {
                    "Wilcoxon's rank-sum test, normal approximation with continuity correction"
                }
            };
            (
                numbers("Welch's t test", welch, |t| {
                    (t.p, t.statistic, Some(t.degrees_of_freedom))
                }),
                numbers(rank_words, rank, |found| (found.p, found.statistic, None)),
            )
        }
        _ => {
            let anova = welch_anova(&values, &groups, samples.len());
            let kruskal = kruskal_wallis(&values, &groups, samples.len());
            (
                numbers("Welch's analysis of variance", anova, |found| {
                    (found.p, found.statistic, Some(found.numerator_degrees_of_freedom as f64))
                }),
                numbers("Kruskal-Wallis test", kruskal, |found| {
                    (found.p, found.statistic, Some(found.degrees_of_freedom as f64))
                }),
            )
        }
    };
    let is_mean = variable.summary == SummaryName::MeanSd;
    [
        Test { id: "welch", is_chosen: is_mean, ..welch },
        Test { id: "rank", is_chosen: !is_mean, ..rank },
    ]
}

/// The numbers of a test that may have been refused.
pub(in crate::kinds) fn numbers<T>(
    words: impl Into<String>,
    found: Result<T, stats::Error>,
    read: impl Fn(&T) -> (f64, f64, Option<f64>),
) -> Test {
    let numbers = found.map(|found| read(&found));
    let known = numbers.as_ref().ok();
    Test {
        id: "",
        words: words.into(),
        standard_error: None,
        statistic: known.map(|known| known.1),
        degrees_of_freedom: known.and_then(|known| known.2),
        p: numbers.map(|known| known.0),
        is_chosen: false,
        warning: None,
    }
}

fn category_tests(category: &Category, pairs: &[(usize, usize)], n_groups: usize) -> [Test; 2] {
    let (groups, levels): (Vec<usize>, Vec<usize>) = pairs.iter().copied().unzip();
    let table = Table::from_codes(&groups, &levels, n_groups, category.n_levels())
        .and_then(|table| table.without_empty_margins());
    let chi_square = table.clone().and_then(|table| chi_square(&table, ContinuityCorrection::None));
    let few_expected = chi_square.as_ref().is_ok_and(|found| found.smallest_expected < 5.0);
    let fisher = table.and_then(|table| fisher_exact(&table));
    let use_fisher = few_expected && fisher.is_ok();
    let pearson = numbers("Pearson's chi-square test", chi_square, |found| {
        (found.p, found.statistic, Some(found.degrees_of_freedom as f64))
    });
    let exact = Test {
        id: "fisher",
        statistic: None,
        is_chosen: use_fisher,
        ..numbers("Fisher's exact test", fisher, |p| (*p, f64::NAN, None))
    };
    let warning = few_expected.then_some("an expected count is below 5");
    [Test { id: "pearson", is_chosen: !use_fisher, warning, ..pearson }, exact]
}

/// The chosen p-value, then every test under its own name.
pub(in crate::kinds) fn record_tests(
    book: &mut Book,
    variable: &str,
    basis: Basis,
    tests: &[Test],
) {
    let tell = |finding: Finding, test: &Test| {
        let mut finding = finding.of_variable(variable).from(basis).by_method(&test.words);
        finding.warnings.extend(test.warning.map(study::Warning::from));
        finding
    };
    let p = |book: &Book, test: &Test| {
        let finding = book.attempt(&["p"], "p_value", Quantity::PValue, test.p.clone());
        tell(finding.with_error(test.standard_error), test)
    };
    for test in tests.iter().filter(|test| test.is_chosen) {
        book.push(p(book, test));
    }
    for test in tests {
        book.push(p(book, test).part(study::Part::Words((test.id).to_string())));
        let others = [
            ("statistic", Quantity::Statistic, test.statistic),
            ("degrees_of_freedom", Quantity::DegreesOfFreedom, test.degrees_of_freedom),
        ];
        for (name, quantity, value) in others {
            let Some(value) = value else { continue };
            let finding = book.draft(&[name], name, quantity, value);
            book.push(tell(finding, test).part(study::Part::Words((test.id).to_string())));
        }
    }
}

fn record_smd(
    book: &mut Book,
    variable: &Variable,
    arms: &Arms,
    reference: usize,
    basis: Basis,
    words: &str,
    smd: impl Fn(usize) -> Result<f64, stats::Error>,
) {
    let name = "standardized_mean_difference";
    for (group, arm) in arms.groups.iter().enumerate().filter(|(group, _)| *group != reference) {
        let finding = book
            .attempt(&["smd"], name, Quantity::StandardizedDifference, smd(group))
            .of_variable(&variable.name)
            .in_group(&arm.level)
            .against(&arms.groups[reference].level)
            .from(basis)
            .by_method(format!("standardised difference {words}, pooled denominator"));
        book.push(finding);
    }
}
