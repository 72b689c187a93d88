//! Tables of counts.

use super::Arguments;
use restudy_stats::contingency::{
    ContinuityCorrection, Ratio, Table, TwoByTwo, chi_square, conditional_odds_ratio, fisher_exact,
    mid_p, odds_ratio, relative_risk,
};
use restudy_stats::inference::Interval;

#[test]
fn agrees_with_r() {
    super::compare("contingency", 100, |name, arguments| match name {
        "chi_square" => (test(arguments, ContinuityCorrection::None), 1e-11),
        "chi_square_yates" => (test(arguments, ContinuityCorrection::Yates), 1e-11),
        "fisher_exact" => (vec![fisher_exact(&table(arguments)).expect("a table")], 1e-10),
        // FEXACT adds up rounded paths; the unrounded sum is compared above.
        "fisher_exact_rounded" => (vec![fisher_exact(&table(arguments)).expect("a table")], 1e-6),
        "mid_p" => (vec![mid_p(&two_by_two(arguments)).expect("a table")], 1e-10),
        "conditional_odds_ratio" => (conditional(arguments), 1e-10),
        // fisher.test stops uniroot at 1.2e-4 on the odds ratio or its inverse, 1%
        // of the limits here; the same equations solved closely are compared above.
        "conditional_odds_ratio_rounded" => (conditional(arguments), 1e-2),
        "odds_ratio" => (ratio(odds_ratio, arguments), 1e-12),
        "relative_risk" => (ratio(relative_risk, arguments), 1e-12),
        other => panic!("no function {other}"),
    });
}

/// p of one table by Pearson, Yates, Fisher and mid-p, to five places.
fn four_p_values(table: &TwoByTwo) -> [String; 4] {
    let chi_square =
        |correction| chi_square(&table.table(), correction).expect("a table").test.p_value;
    let fisher = fisher_exact(&table.table()).expect("a table");
    let values = [
        chi_square(ContinuityCorrection::None),
        chi_square(ContinuityCorrection::Yates),
        fisher,
        mid_p(table).expect("a table"),
    ];
    values.map(|p| format!("{p:.5}"))
}

#[test]
fn only_yates_prints_both_published_p_values() {
    // response and disease control of 37 against 76 patients; published .009 and .001
    let response = TwoByTwo::from_events(25, 37, 30, 76).expect("counts");
    let control = TwoByTwo::from_events(35, 37, 47, 76).expect("counts");
    assert_eq!(four_p_values(&response), ["0.00505", "0.00923", "0.00867", "0.00707"]);
    assert_eq!(four_p_values(&control), ["0.00025", "0.00059", "0.00022", "0.00017"]);
}

fn table(arguments: &Arguments) -> Table {
    // Rows of counts, as R's matrix was written row by row.
    let rows = arguments.0["m"].as_array().expect("a matrix").len();
    let counts: Vec<u64> = arguments.numbers("m").iter().map(|&count| count as u64).collect();
    Table::new(rows, counts.len() / rows, &counts).expect("a full matrix")
}

fn two_by_two(arguments: &Arguments) -> TwoByTwo {
    let table = table(arguments);
    let [a, b, c, d] = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(i, j)| table.count(i, j));
    TwoByTwo::from_events(a, a + b, c, c + d).expect("counts")
}

fn test(arguments: &Arguments, correction: ContinuityCorrection) -> Vec<f64> {
    let it = chi_square(&table(arguments), correction).expect("a table");
    vec![
        it.test.statistic,
        it.test.degrees_of_freedom as f64,
        it.test.p_value,
        it.smallest_expected,
    ]
}

fn conditional(arguments: &Arguments) -> Vec<f64> {
    let level = arguments.number("level");
    with_limits(conditional_odds_ratio(&two_by_two(arguments), level).expect("a table"))
}

fn ratio(
    method: fn(&TwoByTwo, f64) -> Result<Ratio, restudy_stats::Error>,
    arguments: &Arguments,
) -> Vec<f64> {
    let it = method(&two_by_two(arguments), arguments.number("level")).expect("a table");
    // The cases have no empty cell: an interval is always there.
    with_limits(it.interval.expect("no empty cell"))
}

fn with_limits(interval: Interval) -> Vec<f64> {
    vec![interval.estimate, interval.lower, interval.upper]
}
