//! The tests of a variable between groups.

use engine::Mistake;
use stats::contingency::{
    ContinuityCorrection, Table, TwoByTwo, chi_square, fisher_exact, fisher_simulated, mid_p,
};
use stats::groups::Groups;
use stats::location::{
    RankSumTest, kruskal_wallis, rank_sum, rank_sum_exact, rank_sum_normal, welch_anova,
    welch_t_test,
};

use study::{Procedure, RankSumForm, Warning};

use super::{CategoryTest, NumberTest};
use crate::arms::Arms;
use crate::kinds::baseline_table::Variable;
use crate::kinds::baseline_table::comparison::{Test, numbers, rank_sum_method, samples};

/// The tests of numbers that a run will make, as far as the groups are known.
pub(super) fn announced_of_numbers(arms: &Arms, choice: NumberTest) -> Vec<Test> {
    let by_rank = choice == NumberTest::Rank;
    let (of_two, of_more) = (arms.may_be(2), arms.is_open() || !arms.may_be(2));
    let welch = match (of_two, of_more) {
        // How many groups there are is known from the data alone: then neither is promised.
        (true, true) => Procedure::Unsaid,
        (true, false) => Procedure::WelchT,
        _ => Procedure::WelchAnova,
    };
    let mut tests = Vec::new();
    // Where only the data know the groups, the tests of two and
    // those of more are announced; a run makes those that fit.
    if of_two {
        // R's rule, on the sizes and ties of the samples, chooses one of the first two.
        let ids = ["wilcoxon_exact", "wilcoxon_corrected", "wilcoxon_uncorrected"];
        tests.extend(ids.map(|id| {
            let is_chosen = by_rank && id != "wilcoxon_uncorrected";
            Test::announced(id, Procedure::RankSum).with_statistic().chosen_if(is_chosen)
        }));
    }
    let with_both = |test: Test| test.with_statistic().with_degrees_of_freedom();
    if of_more {
        let kruskal = Test::announced("kruskal_wallis", Procedure::KruskalWallis);
        tests.push(with_both(kruskal).chosen_if(by_rank));
    }
    tests.push(with_both(Test::announced("welch", welch)).chosen_if(!by_rank));
    tests
}

/// The tests of categories that a run will make. Those of two by two are among
/// them whatever the levels are: levels and groups that nobody has are left out.
pub(super) fn announced_of_levels(choice: CategoryTest, replicates: Option<usize>) -> Vec<Test> {
    let fisher = matches!(choice, CategoryTest::Automatic | CategoryTest::Fisher);
    let pearson = matches!(choice, CategoryTest::Automatic | CategoryTest::Pearson);
    let with_both = |test: Test| test.with_statistic().with_degrees_of_freedom();
    let monte_carlo = replicates.map(|tables| {
        let procedure = Procedure::FisherMonteCarlo { tables: tables as u64 };
        let test = Test::announced("fisher_monte_carlo", procedure).chosen_if(fisher);
        // An error that is not a number says that there will be one.
        Test { standard_error: Some(f64::NAN), ..test }
    });
    let tests = [
        with_both(Test::announced("pearson", Procedure::PearsonChiSquare)).chosen_if(pearson),
        with_both(Test::announced("yates", Procedure::YatesChiSquare))
            .chosen_if(choice == CategoryTest::Yates),
        Test::announced("mid_p", Procedure::FisherMidP).chosen_if(choice == CategoryTest::MidP),
        Test::announced("fisher", Procedure::Fisher).chosen_if(fisher),
    ];
    tests.into_iter().chain(monte_carlo).collect()
}

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
    let read = |found: &RankSumTest| (found.p_value, found.statistic, None);
    let mut tests = Vec::new();
    // With ties there is no exact distribution here, as in R.
    if !has_ties {
        let method = rank_sum_method(RankSumForm::Exact);
        let test = numbers(method, rank_sum_exact(first, second), read);
        tests.push(Test { id: "wilcoxon_exact", is_chosen: by_rank && use_exact, ..test });
    }
    let method = rank_sum_method(RankSumForm::Corrected);
    let test = numbers(method, rank_sum_normal(first, second, true), read);
    // R corrects for continuity unless told otherwise;
    // the uncorrected form is never the chosen one.
    tests.push(Test { id: "wilcoxon_corrected", is_chosen: by_rank && !use_exact, ..test });
    let method = rank_sum_method(RankSumForm::Uncorrected);
    let test = numbers(method, rank_sum_normal(first, second, false), read);
    tests.push(Test { id: "wilcoxon_uncorrected", ..test });
    // The level of the interval does not enter the test.
    let test = numbers(Procedure::WelchT, welch_t_test(second, first, 0.95), |t| {
        (t.p_value, t.statistic, Some(t.degrees_of_freedom))
    });
    tests.push(Test { id: "welch", is_chosen: !by_rank, ..test });
    tests
}

fn several_samples(pairs: &[(f64, usize)], n_groups: usize, choice: NumberTest) -> Vec<Test> {
    let (values, groups): (Vec<f64>, Vec<usize>) = pairs.iter().copied().unzip();
    let groups = Groups::new(groups, n_groups).expect("invariant: a code is that of a group");
    let kruskal = kruskal_wallis(&values, &groups);
    let kruskal = numbers(Procedure::KruskalWallis, kruskal, |found| {
        (found.p_value, found.statistic, Some(found.degrees_of_freedom as f64))
    });
    let anova = welch_anova(&values, &groups);
    let anova = numbers(Procedure::WelchAnova, anova, |found| {
        (found.p_value, found.statistic, Some(found.numerator_degrees_of_freedom as f64))
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
    // Levels beyond the last that anybody has would
    // be empty columns, which are left out anyway.
    let n_levels = levels.iter().max().map_or(1, |most| most + 1);
    let table = Table::from_codes(&groups, &levels, n_groups, n_levels)
        // Groups and levels without patients would make cells in which nothing is expected.
        .and_then(|table| table.without_empty_margins());
    let two = table.as_ref().ok().and_then(two_by_two);
    // Asked of the data: which groups and levels have patients is not known before.
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
    // The usual rule: below five expected in some cell the chi-square distribution is doubtful.
    let few_expected = pearson.as_ref().is_ok_and(|found| found.smallest_expected < 5.0);
    let warning = few_expected.then_some(Warning::FewExpected);
    let chi_numbers = |procedure: Procedure, found| {
        let read = |found: &stats::contingency::ChiSquareTest| {
            let test = found.test;
            (test.p_value, test.statistic, Some(test.degrees_of_freedom as f64))
        };
        Test { warning: warning.clone(), ..numbers(procedure, found, read) }
    };
    let mut tests =
        vec![Test { id: "pearson", ..chi_numbers(Procedure::PearsonChiSquare, pearson) }];
    // Tests by enumeration have a p-value and no statistic.
    let plain = |id, procedure: Procedure, p| Test {
        id,
        statistic: None,
        ..numbers(procedure, p, |p: &f64| (*p, f64::NAN, None))
    };
    if let Some(two) = &two {
        let yates = chi(ContinuityCorrection::Yates);
        tests.push(Test { id: "yates", ..chi_numbers(Procedure::YatesChiSquare, yates) });
        tests.push(plain("mid_p", Procedure::FisherMidP, mid_p(two)));
    }
    let exact = on(fisher_exact);
    let exact_failed = exact.is_err();
    tests.push(plain("fisher", Procedure::Fisher, exact));
    // Two by two is enumerated at once, and needs no random tables.
    let simulated = replicates.filter(|_| two.is_none());
    if let Some(replicates) = simulated {
        let found = table.clone().and_then(|table| fisher_simulated(&table, replicates, seed));
        let standard_error = found.as_ref().ok().map(|found| found.standard_error);
        let procedure = Procedure::FisherMonteCarlo { tables: replicates as u64 };
        let test = plain("fisher_monte_carlo", procedure, found.map(|found| found.p_value));
        tests.push(Test { standard_error, ..test });
    }
    // Enumeration may be given up on large tables: then the
    // random tables stand in, where they were asked for.
    let fisher = match (exact_failed, simulated) {
        (true, Some(_)) => "fisher_monte_carlo",
        _ => "fisher",
    };
    let chosen = match choice {
        // Where Fisher's test cannot be had, Pearson's stays with its warning.
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
    // The second group and the second level, counted from the first.
    (table.rows() == 2 && table.columns() == 2).then(|| TwoByTwo {
        group_events: table.count(1, 1),
        group_without: table.count(1, 0),
        reference_events: table.count(0, 1),
        reference_without: table.count(0, 0),
    })
}
