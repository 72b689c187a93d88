//! E-values against the formulas of the paper, and its example.

use restudy_stats::contingency::{TwoByTwo, relative_risk};
use restudy_stats::e_value::{Association, e_value};

use crate::reference::{assert_all_close, cases, numbers};

#[test]
fn agrees_with_the_formulas() {
    for case in cases("e_value") {
        let association = match case["name"].as_str().unwrap() {
            "risk_ratio" => Association::RiskRatio,
            "odds_ratio_rare" => Association::OddsRatio { common: false },
            "odds_ratio_common" => Association::OddsRatio { common: true },
            "hazard_ratio_rare" => Association::HazardRatio { common: false },
            "hazard_ratio_common" => Association::HazardRatio { common: true },
            other => panic!("no association {other}"),
        };
        let given = |name: &str| case["arguments"][name].as_f64().unwrap();
        let limits = Some((given("lower"), given("upper")));
        let found = e_value(association, given("ratio"), limits).unwrap();
        let found = [found.risk_ratio, found.estimate, found.limit.unwrap()];
        let expected: Vec<f64> = numbers(&case["value"]).into_iter().flatten().collect();
        assert_all_close(&case.to_string(), &found, &expected, 1e-12);
    }
}

#[test]
fn a_published_response_rate_gives_its_published_e_value() {
    // 25 of 37 against 30 of 76: 2.82, and 1.69 for the limit.
    let table = TwoByTwo::from_events(25, 37, 30, 76).unwrap();
    let found = relative_risk(&table, 0.95).unwrap();
    let interval = found.interval.unwrap();
    let limits = (interval.lower, interval.upper);
    let found = e_value(Association::RiskRatio, found.estimate, Some(limits)).unwrap();
    // Printed with two decimals in the source.
    assert_eq!((found.estimate * 100.0).round(), 282.0);
    assert_eq!((found.limit.unwrap() * 100.0).round(), 169.0);
}
