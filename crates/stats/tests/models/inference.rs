//! What is made of a fitted model: tests of several coefficients, sums of
//! them, variance inflation, fits without each row, predicted quantiles.

use restudy_stats::Error;
use restudy_stats::clusters::Clusters;
use restudy_stats::counting_data::CountingData;
use restudy_stats::cox::{CoxFit, CoxModel, Ties};
use restudy_stats::survival_curve::ConfidenceType;
use restudy_stats::survival_data::SurvivalData;
use serde_json::Value;

use super::penalty::known;
use crate::reference::{
    assert_all_close, assert_close, cases, counts, covariates_of, numbers, table, text, texts,
    weights_of,
};

/// The iterations stop at the same change of the likelihood as R's.
const TOLERANCE: f64 = 1e-8;

fn each(check: impl Fn(&str, &Value, &CoxModel<'_>, &CoxFit)) {
    for case in cases("cox_inference") {
        let table = table(text(&case, "data").unwrap());
        let columns = texts(&case["columns"]);
        let covariates = table.matrix(&columns);
        let codes = |key: &str| text(&case, key).map(|name| table.codes(name));
        let strata = text(&case, "stratum").map(|name| table.strata(name));
        let clusters = codes("cluster").map(|codes| Clusters::new(codes).unwrap());
        let weights = text(&case, "weight").map(|name| table.column(name));
        let (whole, intervals);
        let mut model = if case["interval"].as_bool() == Some(true) {
            let events: Vec<bool> = table.column("event").iter().map(|e| *e == 1.0).collect();
            let (starts, stops) = (table.column("start"), table.column("stop"));
            intervals =
                CountingData::new(&starts, &stops, &events, &table.codes("subject")).unwrap();
            CoxModel::counting(&intervals, covariates_of(&covariates, columns.len())).unwrap()
        } else {
            whole = table.survival();
            CoxModel::new(&whole, covariates_of(&covariates, columns.len())).unwrap()
        };
        if text(&case, "ties") == Some("breslow") {
            model = model.ties(Ties::Breslow);
        }
        if let Some(strata) = &strata {
            model = model.strata(strata).unwrap();
        }
        if let Some(weights) = &weights {
            model = model.weights(weights_of(weights)).unwrap();
        }
        if let Some(clusters) = &clusters {
            model = model.clusters(clusters).unwrap();
        }
        check(text(&case, "call").unwrap(), &case, &model, &model.fit().unwrap());
    }
}

#[test]
fn tests_of_several_coefficients_equal_those_of_r() {
    each(|call, case, _, fit| {
        let set = counts(&case["set"]);
        let test = fit.wald_test_of(&set).unwrap();
        assert_close(call, Some(test.statistic), case["wald"].as_f64(), TOLERANCE);
        assert_eq!(test.degrees_of_freedom, set.len());
        let combinations: Vec<Vec<f64>> = case["combinations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|weights| numbers(weights).into_iter().flatten().collect())
            .collect();
        let sums: Vec<_> = combinations.iter().map(|w| fit.combination(w).unwrap()).collect();
        let estimates: Vec<f64> = sums.iter().map(|sum| sum.estimate).collect();
        let errors: Vec<f64> = sums.iter().map(|sum| sum.standard_error).collect();
        assert_all_close(call, &estimates, &known(case, "sums"), TOLERANCE);
        assert_all_close(call, &errors, &known(case, "errors"), TOLERANCE);
        let joint = fit.wald_test_of_combinations(&combinations).unwrap();
        assert_close(call, Some(joint.statistic), case["joint"].as_f64(), TOLERANCE);
        assert_eq!(joint.degrees_of_freedom, combinations.len());
    });
}

#[test]
fn variance_inflation_equals_that_of_r() {
    each(|call, case, _, fit| {
        let found = fit.variance_inflation(&counts(&case["set"])).unwrap();
        assert_close(call, Some(found.factor), case["inflation"].as_f64(), TOLERANCE);
        for (column, expected) in known(case, "single_inflation").into_iter().enumerate() {
            let found = fit.variance_inflation(&[column]).unwrap();
            assert_close(call, Some(found.factor), Some(expected), TOLERANCE);
            assert_close(call, Some(found.per_coefficient), Some(expected.sqrt()), TOLERANCE);
        }
    });
}

#[test]
fn fits_without_each_row_equal_those_of_r() {
    each(|call, case, model, _| {
        let found: Vec<Vec<f64>> = model
            .leave_one_out()
            .coefficients
            .into_iter()
            .map(|row| row.expect("a fit").into_iter().flatten().collect())
            .collect();
        let expected = case["without"].as_array().unwrap();
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            let expected: Vec<f64> = numbers(expected).into_iter().flatten().collect();
            assert_all_close(call, found, &expected, TOLERANCE);
        }
    });
}

#[test]
fn predicted_quantiles_equal_those_of_r() {
    each(|call, case, model, fit| {
        let Some(expected) = case["quantiles"].as_array() else { return };
        let baseline = model.baseline_hazard(fit);
        let covariates = known(case, "covariates");
        let curve = baseline.curve(&covariates, None, 0.95, ConfidenceType::LogLog).unwrap();
        for (place, probability) in [0.25, 0.5, 0.75].into_iter().enumerate() {
            let found = curve.quantile(probability).unwrap();
            let [estimate, lower, upper] = [0, 1, 2].map(|row| numbers(&expected[row])[place]);
            assert_close(call, found.estimate, estimate, 1e-12);
            assert_close(call, found.lower, lower, 1e-12);
            assert_close(call, found.upper, upper, 1e-12);
        }
    });
}

#[test]
fn one_weight_is_the_coefficient_and_unrelated_columns_inflate_nothing() {
    each(|call, _, _, fit| {
        for (column, known) in fit.coefficients.iter().enumerate() {
            let mut weights = vec![0.0; fit.coefficients.len()];
            weights[column] = 1.0;
            let (found, known) = (fit.combination(&weights).unwrap(), known.unwrap());
            assert_eq!(found.estimate, known.estimate, "{call}");
            let (found, known) = (found.standard_error, known.standard_error);
            assert_close(call, Some(found), Some(known), 1e-14);
        }
        let all: Vec<usize> = (0..fit.coefficients.len()).collect();
        // Without other columns nothing inflates.
        let alone = fit.variance_inflation(&all).unwrap().factor;
        assert_close(call, Some(alone), Some(1.0), 1e-12);
    });
}

#[test]
fn mistakes_are_named() {
    let collinear = table("collinear");
    let names: Vec<String> = ["x", "double"].map(String::from).to_vec();
    let (data, x) = (collinear.survival(), collinear.matrix(&names[..1]));
    let twice = [&x[..], &x.iter().map(|x| 2.0 * x).collect::<Vec<f64>>()].concat();
    let fit = CoxModel::new(&data, covariates_of(&twice, 2)).unwrap().fit().unwrap();
    // The doubled column was dropped: one degree of freedom.
    assert_eq!(fit.wald_test_of(&[0, 1]).unwrap().degrees_of_freedom, 1);
    assert_eq!(fit.wald_test_of(&[1]).unwrap().p_value, 1.0);
    assert_eq!(fit.combination(&[1.0, 1.0]).unwrap_err(), Error::Collinear { column: 1 });
    assert_eq!(fit.variance_inflation(&[1]).unwrap_err(), Error::Collinear { column: 1 });
    assert_eq!(
        fit.wald_test_of(&[2]).unwrap_err(),
        Error::NoSuchColumn { column: 2, n_columns: 2 }
    );
    assert!(fit.combination(&[1.0]).is_err());
    let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true, true, false, false]).unwrap();
    let model = CoxModel::new(&data, covariates_of(&[1.0, 1.0, 0.0, 0.0], 1)).unwrap();
    let fit = model.fit().unwrap();
    let error = fit.wald_test_of(&[0]).unwrap_err();
    assert_eq!(error.to_string(), "the coefficient of covariate 0 may be infinite");
    assert_eq!(fit.combination(&[1.0]).unwrap_err(), Error::Infinite { column: 0 });
    assert_eq!(model.leave_one_out().hazard_ratios(0), None);
    // Without either event the other still separates; nobody is left to fit.
    assert!(model.leave_one_out().coefficients.iter().all(Option::is_none));
}
