//! Intervals of proportions and their difference.

use restudy_stats::inference::Interval;
use restudy_stats::proportion::{clopper_pearson, newcombe_difference, wilson};

#[test]
fn agrees_with_r() {
    super::compare("proportion", 50, |name, arguments| {
        let (events, n) = (arguments.count("events"), arguments.count("n"));
        let level = arguments.number("level");
        let limits = |it: Interval| vec![it.lower, it.upper];
        let found = match name {
            "wilson" => limits(wilson(events, n, level).expect("counts")),
            "clopper_pearson" => limits(clopper_pearson(events, n, level).expect("counts")),
            "newcombe_difference" => {
                let (others, total) =
                    (arguments.count("reference_events"), arguments.count("reference_n"));
                let it = newcombe_difference(events, n, others, total, level).expect("counts");
                vec![it.estimate, it.lower, it.upper]
            }
            other => panic!("no function {other}"),
        };
        (found, 1e-10)
    });
}

#[test]
fn agrees_with_the_examples_in_the_papers() {
    // Newcombe 1998, Stat Med 17: 873-890, table II, method 10: 56/70 against 48/80
    let difference = newcombe_difference(56, 70, 48, 80, 0.95).expect("counts");
    // The paper prints four digits.
    let digits = |x: f64| format!("{x:.4}");
    assert_eq!(digits(difference.lower), "0.0524");
    assert_eq!(digits(difference.upper), "0.3339");
}
