//! The tests of a variable between groups.

use engine::Mistake;
use stats::contingency::{
    ContinuityCorrection, Table, TwoByTwo, chi_square, fisher_exact, fisher_simulated, mid_p,
};
use stats::location::{
    RankSumTest, kruskal_wallis, rank_sum, rank_sum_exact, rank_sum_normal, welch_anova,
    welch_t_test,
};

use super::{CategoryTest, NumberTest};
use crate::kinds::baseline_table::Variable;
use crate::kinds::baseline_table::comparison::{Test, numbers, samples};

/// The tests of numbers, groups in their order.
pub(super) fn numbers_of(pairs: &[(f64, usize)], n_groups: usize, choice: NumberTest) -> Vec<Test> {
    let samples = samples(pairs, n_groups);
    match samples.as_slice() {
        [first, second] => two_samples(first, second, choice),
        _ => several_samples(pairs, n_groups, choice),
    }
}

fn two_samples(first: &[f64], second: &[f64], choice: NumberTest) -> Vec<Test> {
    // R's rule says which of the rank tests stands for them.
    let rule = rank_sum(first, second);
    let use_exact = rule.as_ref().is_ok_and(|found| found.exact);
    let has_ties = rule.as_ref().is_ok_and(|found| found.ties);
    let by_rank = choice == NumberTest::Rank;
    let read = |found: &RankSumTest| (found.p, found.statistic, None);
    let mut tests = Vec::new();
    if !has_ties {
        let words = "Wilcoxon's rank-sum test, exact";
        let test = numbers(words, rank_sum_exact(first, second), read);
        tests.push(Test { id: "wilcoxon_exact", is_chosen: by_rank && use_exact, ..test });
    }
    let words = "Wilcoxon's rank-sum test, normal approximation with continuity correction";
    let test = numbers(words, rank_sum_normal(first, second, true), read);
    tests.push(Test { id: "wilcoxon_corrected", is_chosen: by_rank && !use_exact, ..test });
    let words = "Wilcoxon's rank-sum test, normal approximation without continuity correction";
    let test = numbers(words, rank_sum_normal(first, second, false), read);
    tests.push(Test { id: "wilcoxon_uncorrected", ..test });
    // The level of the interval does not enter the test.
    let test = numbers("Welch's t test", welch_t_test(second, first, 0.95), |t| {
        (t.p, t.statistic, Some(t.degrees_of_freedom))
    });
    tests.push(Test { id: "welch", is_chosen: !by_rank, ..test });
    tests
}

fn several_samples(pairs: &[(f64, usize)], n_groups: usize, choice: NumberTest) -> Vec<Test> {
    let (values, groups): (Vec<f64>, Vec<usize>) = pairs.iter().copied().unzip();
    let kruskal = kruskal_wallis(&values, &groups, n_groups);
    let kruskal = numbers("Kruskal-Wallis test", kruskal, |found| {
        (found.p, found.statistic, Some(found.degrees_of_freedom as f64))
    });
    let anova = welch_anova(&values, &groups, n_groups);
    let anova = numbers("Welch's analysis of variance", anova, |found| {
        (found.p, found.statistic, Some(found.numerator_degrees_of_freedom as f64))
    });
    let by_rank = choice == NumberTest::Rank;
    vec![
        Test { id: "kruskal_wallis", is_chosen: by_rank, ..kruskal },
        Test { id: "welch", is_chosen: !by_rank, ..anova },
    ]
}

/// The tests of a category, as groups and levels of those with a value.
pub(super) fn categories(
    variable: &Variable,
    pairs: &[(usize, usize)],
    n_groups: usize,
    (choice, replicates): (CategoryTest, Option<usize>),
    seed: u64,
) -> Result<Vec<Test>, Mistake> {
    let (groups, levels): (Vec<usize>, Vec<usize>) = pairs.iter().copied().unzip();
    let n_levels = levels.iter().max().map_or(1, |most| most + 1);
    let table = Table::from_codes(&groups, &levels, n_groups, n_levels)
        .and_then(|table| table.without_empty_margins());
    let two = table.as_ref().ok().and_then(two_by_two);
    if matches!(choice, CategoryTest::Yates | CategoryTest::MidP) && two.is_none() {
        let message = format!(
            "`{}` is no table of two groups and two levels, which `yates` and `mid_p` need",
            variable.name
        );
        let hint = "there are: `automatic`, `pearson`, `fisher`";
        return Err(Mistake::at(&["category_test"], message).hint(hint));
    }
    let on = |test: fn(&Table) -> Result<f64, stats::Error>| {
        table.clone().and_then(|table| test(&table))
    };
    let chi = |correction| table.clone().and_then(|table| chi_square(&table, correction));
    let pearson = chi(ContinuityCorrection::None);
    let few_expected = pearson.as_ref().is_ok_and(|found| found.smallest_expected < 5.0);
    let warning = few_expected.then_some("an expected count is below 5");
    let chi_numbers = |words: &str, found| {
        let read = |found: &stats::contingency::ChiSquareTest| {
            (found.p, found.statistic, Some(found.degrees_of_freedom as f64))
        };
        Test { warning, ..numbers(words, found, read) }
    };
    let mut tests =
        vec![Test { id: "pearson", ..chi_numbers("Pearson's chi-square test", pearson) }];
    let plain = |id, words: String, p| Test {
        id,
        statistic: None,
        ..numbers(words, p, |p: &f64| (*p, f64::NAN, None))
    };
    if let Some(two) = &two {
        let yates = chi(ContinuityCorrection::Yates);
        let words = "chi-square test with Yates' correction";
        tests.push(Test { id: "yates", ..chi_numbers(words, yates) });
        tests.push(plain("mid_p", "Fisher's exact test, mid-p".to_owned(), mid_p(two)));
    }
    let exact = on(fisher_exact);
    let exact_failed = exact.is_err();
    tests.push(plain("fisher", "Fisher's exact test".to_owned(), exact));
    let simulated = replicates.filter(|_| two.is_none());
    if let Some(replicates) = simulated {
        let found = table.clone().and_then(|table| fisher_simulated(&table, replicates, seed));
        let standard_error = found.as_ref().ok().map(|found| found.standard_error);
        let words = format!("Fisher's exact test by Monte Carlo, {replicates} random tables");
        let test = plain("fisher_monte_carlo", words, found.map(|found| found.p));
        tests.push(Test { standard_error, ..test });
    }
    let fisher = match (exact_failed, simulated) {
        (true, Some(_)) => "fisher_monte_carlo",
        _ => "fisher",
    };
    let chosen = match choice {
        CategoryTest::Automatic if few_expected && (!exact_failed || simulated.is_some()) => fisher,
        CategoryTest::Automatic | CategoryTest::Pearson => "pearson",
        CategoryTest::Yates => "yates",
        CategoryTest::Fisher => fisher,
        CategoryTest::MidP => "mid_p",
    };
    for test in &mut tests {
        test.is_chosen = test.id == chosen;
    }
    Ok(tests)
}

fn two_by_two(table: &Table) -> Option<TwoByTwo> {
    (table.rows() == 2 && table.columns() == 2).then(|| TwoByTwo {
        group_events: table.count(1, 1),
        group_without: table.count(1, 0),
        reference_events: table.count(0, 1),
        reference_without: table.count(0, 0),
    })
}
