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
struct Test {
    id: &'static str,
    words: &'static str,
    /// P-value.
    p: Result<f64, stats::Error>,
    /// Statistic, where the test has one.
    statistic: Option<f64>,
    /// Degrees of freedom, where the test has some.
    degrees_of_freedom: Option<f64>,
    /// It is the one that the settings choose.
    is_chosen: bool,
    warning: Option<&'static str>,
}

/// Writes down the differences of a variable between the groups.
pub(super) fn record(
    book: &mut Book,
    variable: &Variable,
    arms: &Arms,
    reference: usize,
    tests: bool,
) {
    let patients: Vec<(usize, usize)> =
        arms.included.iter().copied().zip(arms.codes.iter().copied()).collect();
    match &variable.values {
        VariableValues::Numbers(values) => {
            let pairs: Vec<(f64, usize)> = patients
                .iter()
                .filter_map(|(patient, group)| Some((values[*patient]?, *group)))
                .collect();
            let samples: Vec<Vec<f64>> = (0..arms.groups.len())
                .map(|group| pairs.iter().filter(|pair| pair.1 == group).map(|p| p.0).collect())
                .collect();
            let basis = basis(pairs.len(), patients.len());
            if tests {
                record_tests(book, variable, basis, &number_tests(variable, &pairs, &samples));
            }
            let smd =
                |group: usize| of_means(&samples[group], &samples[reference], Denominator::Pooled);
            record_differences(book, variable, arms, reference, basis, "of means", smd);
        }
        VariableValues::Levels(category) => {
            let pairs: Vec<(usize, usize)> = patients
                .iter()
                .filter_map(|(patient, group)| Some((*group, category.codes[*patient]?)))
                .collect();
            let basis = basis(pairs.len(), patients.len());
            if tests {
                let n_groups = arms.groups.len();
                record_tests(book, variable, basis, &category_tests(category, &pairs, n_groups));
            }
            let shares: Vec<Vec<f64>> =
                (0..arms.groups.len()).map(|group| shares(category, &pairs, group)).collect();
            let (words, is_binary) = match category.n_levels() {
                2 => ("of the proportions of the second level", true),
                _ => ("of proportions (Mahalanobis distance, without sign)", false),
            };
            let smd = |group: usize| match is_binary {
                true => of_proportions(shares[group][1], shares[reference][1], Denominator::Pooled),
                false => of_categories(&shares[group], &shares[reference], Denominator::Pooled),
            };
            record_differences(book, variable, arms, reference, basis, words, smd);
        }
    }
}

fn basis(known: usize, total: usize) -> Basis {
    Basis { n: known, events: None, missing: total - known }
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
fn numbers<T>(
    words: &'static str,
    found: Result<T, stats::Error>,
    read: impl Fn(&T) -> (f64, f64, Option<f64>),
) -> Test {
    let numbers = found.map(|found| read(&found));
    let known = numbers.as_ref().ok();
    Test {
        id: "",
        words,
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
fn record_tests(book: &mut Book, variable: &Variable, basis: Basis, tests: &[Test; 2]) {
    let tell = |finding: Finding, test: &Test| {
        let mut finding = finding.of_variable(&variable.name).from(basis).by_method(test.words);
        finding.warnings.extend(test.warning.map(str::to_owned));
        finding
    };
    let p = |book: &Book, test: &Test| {
        tell(book.attempt(&["p"], "p_value", Quantity::PValue, test.p.clone()), test)
    };
    for test in tests.iter().filter(|test| test.is_chosen) {
        book.push(p(book, test));
    }
    for test in tests {
        book.push(p(book, test).id_part(test.id));
        let others = [
            ("statistic", Quantity::Statistic, test.statistic),
            ("degrees_of_freedom", Quantity::DegreesOfFreedom, test.degrees_of_freedom),
        ];
        for (name, quantity, value) in others {
            let Some(value) = value else { continue };
            let finding = book.draft(&[name], name, quantity, value);
            book.push(tell(finding, test).id_part(test.id));
        }
    }
}

fn record_differences(
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
