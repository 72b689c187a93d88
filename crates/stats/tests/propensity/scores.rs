//! Weights, balance and matched sets.

use restudy_stats::logistic::LogisticModel;
use restudy_stats::propensity::{
    NearestNeighbor, Weighting, balance_of_indicator, balance_of_numbers, c_statistic,
    effective_sample_size, propensity_weights, truncate_weights,
};
use restudy_stats::standardized_difference::Denominator;
use serde_json::Value;

use super::{complete, indicator};
use crate::reference::{
    Cases, assert_all_close, assert_close, cases, counts, covariates_of, numbers, text, texts,
};

/// The scores are iterated on both sides.
const TOLERANCE: f64 = 1e-8;

fn known(value: &Value) -> Vec<f64> {
    numbers(value).into_iter().flatten().collect()
}

fn of_kind(kind: &str) -> Cases {
    cases("propensity").only(|case| text(case, "kind") == Some(kind))
}

#[test]
fn weights_and_balance_agree() {
    for case in of_kind("weights") {
        let call = text(&case, "call").unwrap();
        let table = complete(&case);
        let treated = indicator(&case, &table, "treatment");
        let columns = texts(&case["columns"]);
        let covariates = table.matrix(&columns);
        let model =
            LogisticModel::new(&treated, covariates_of(&covariates, columns.len())).unwrap();
        let scores = model.fit().unwrap().probabilities;
        let c = c_statistic(&scores, &treated).unwrap();
        assert_close(call, Some(c), case["c_statistic"].as_f64(), 1e-12);
        for (name, weighting) in [
            ("inverse_probability", Weighting::InverseProbability),
            ("stabilized", Weighting::Stabilized),
            ("overlap", Weighting::Overlap),
            ("treated", Weighting::Treated),
        ] {
            let expected = &case["kinds"][name];
            let what = format!("{call}, {name}");
            let weights = propensity_weights(&scores, &treated, weighting).unwrap();
            // R's values were written for ten subjects.
            assert_all_close(&what, &weights[..10], &known(&expected["weights"]), TOLERANCE);
            let cut = truncate_weights(&weights, 0.01, 0.99).unwrap();
            assert_all_close(
                &what,
                &[cut.lower, cut.upper],
                &known(&expected["bounds"]),
                TOLERANCE,
            );
            let total: f64 = cut.weights.iter().sum();
            assert_close(&what, Some(total), expected["truncated"].as_f64(), TOLERANCE);
            let of = |wanted: bool| {
                let group = weights.iter().zip(&treated).filter(|(_, one)| **one == wanted);
                effective_sample_size(&group.map(|(weight, _)| *weight).collect::<Vec<_>>())
            };
            let effective = known(&expected["effective"]);
            assert_all_close(&what, &[of(false), of(true)], &effective, TOLERANCE);
            for column in &columns {
                let balance = &expected["balance"][column];
                check_balance(
                    &what,
                    &case,
                    &table.column(column),
                    column,
                    &treated,
                    &weights,
                    balance,
                );
            }
        }
    }
}

fn check_balance(
    what: &str,
    case: &Value,
    values: &[f64],
    column: &String,
    treated: &[bool],
    weights: &[f64],
    expected: &Value,
) {
    // The indicator is that of the larger of two values.
    let largest = values.iter().fold(f64::MIN, |most, value| most.max(*value));
    for (name, denominator) in [("pooled", Denominator::Pooled), ("treated", Denominator::Treated)]
    {
        let found = if texts(&case["binary"]).contains(column) {
            let has: Vec<bool> = values.iter().map(|value| *value == largest).collect();
            balance_of_indicator(&has, treated, weights, denominator).unwrap()
        } else {
            balance_of_numbers(values, treated, weights, denominator).unwrap()
        };
        let numbers = [Some(found.treated), Some(found.control), found.difference.ok()];
        let expected = known(&expected[name]);
        // A difference near zero is what is left of two means.
        assert_all_close(
            what,
            &numbers[..2].iter().flatten().copied().collect::<Vec<_>>(),
            &expected[..2],
            TOLERANCE,
        );
        assert!((numbers[2].unwrap() - expected[2]).abs() < TOLERANCE, "{what} {column}");
        assert_close(what, found.variance_ratio, expected.get(3).copied(), TOLERANCE);
    }
}

#[test]
fn matched_sets_are_those_of_matchit() {
    for case in of_kind("matching") {
        let call = text(&case, "call").unwrap();
        let table = complete(&case);
        let treated = indicator(&case, &table, "treatment");
        let logits = known(&case["logits"]);
        let exact = text(&case, "exact").map(|column| table.codes(column));
        let mut matching = NearestNeighbor::new(&logits, &treated).unwrap();
        matching = matching.ratio(case["ratio"].as_u64().unwrap() as usize).unwrap();
        if let Some(caliper) = case["caliper"].as_f64() {
            matching = matching.caliper(caliper).unwrap();
        }
        if let Some(exact) = &exact {
            matching = matching.exact(exact).unwrap();
        }
        let found = matching.matched();
        assert_close(call, found.caliper, case["width"].as_f64(), 1e-12);
        let sets: Vec<Vec<usize>> = found
            .sets
            .iter()
            .map(|set| std::iter::once(set.treated).chain(set.controls.iter().copied()).collect())
            .collect();
        let expected: Vec<Vec<usize>> =
            case["sets"].as_array().unwrap().iter().map(counts).collect();
        assert_eq!(sets.len(), expected.len(), "{call}");
        // Where scores are tied the order of subjects decides, which `MatchIt` need
        // not share.
        if case["tied"].as_bool().unwrap() {
            continue;
        }
        let same = sets.iter().filter(|set| expected.contains(set)).count();
        assert_eq!(same, expected.len(), "{call}");
        assert_all_close(call, &found.weights, &known(&case["weights"]), 1e-12);
    }
}
