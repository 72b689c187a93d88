//! Spline bases.

use restudy_stats::cox::CoxModel;
use restudy_stats::spline::{NaturalSpline, RestrictedSpline, harrell_knots};

use super::penalty::{coefficients, known};
use crate::reference::{assert_all_close, assert_close, cases, covariates_of, matrix, table, text};

/// Closed forms: only rounding may differ.
const TOLERANCE: f64 = 1e-12;

#[test]
fn bases_equal_those_of_r() {
    for case in cases("spline").iter().filter(|case| text(case, "kind") != Some("model")) {
        let (call, knots) = (text(case, "call").unwrap(), known(case, "knots"));
        let columns = if text(case, "kind") == Some("natural") {
            let boundary = known(case, "boundary");
            let spline = NaturalSpline::new(&knots, boundary[0], boundary[1]).unwrap();
            spline.columns(&known(case, "x")).unwrap()
        } else {
            RestrictedSpline::new(&knots).unwrap().columns(&known(case, "x")).unwrap()
        };
        assert_all_close(call, &columns, &matrix(&case["columns"]), TOLERANCE);
    }
}

/// With columns equal to rounding, fits end where those of R do.
#[test]
fn models_equal_those_of_r() {
    let models = cases("spline").only(|case| text(case, "kind") == Some("model"));
    // All five are models: none of them may be lost with the list.
    assert_eq!(models.len(), 5);
    for case in models {
        let (call, knots) = (text(&case, "call").unwrap(), known(&case, "knots"));
        let table = table(text(&case, "data").unwrap());
        let x = table.column(text(&case, "column").unwrap());
        let mut columns = if text(&case, "form") == Some("natural") {
            let boundary = known(&case, "boundary");
            let spline = NaturalSpline::new(&knots, boundary[0], boundary[1]).unwrap();
            spline.columns(&x).unwrap()
        } else {
            RestrictedSpline::new(&knots).unwrap().columns(&x).unwrap()
        };
        let n_spline = columns.len() / x.len();
        columns.extend(table.column(text(&case, "other").unwrap()));
        let data = table.survival();
        let fit =
            CoxModel::new(&data, covariates_of(&columns, n_spline + 1)).unwrap().fit().unwrap();
        assert!(fit.warnings.is_empty(), "{call}");
        assert_all_close(call, &coefficients(&fit), &known(&case, "coefficients"), 1e-9);
        assert_all_close(call, fit.covariance.as_slice(), &matrix(&case["covariance"]), 1e-9);
        let likelihoods = [fit.log_likelihood_null, fit.log_likelihood];
        assert_all_close(call, &likelihoods, &known(&case, "log_likelihood"), 1e-12);
        let wald = fit.wald_test_of(&(0..n_spline).collect::<Vec<usize>>()).unwrap();
        assert_close(call, Some(wald.statistic), case["wald"].as_f64(), 1e-8);
    }
}

/// Both bases span the same functions, so that they give one likelihood.
#[test]
fn both_forms_give_one_model() {
    let table = table("lung_complete");
    let (data, age) = (table.survival(), table.column("age"));
    let knots = harrell_knots(&age, 4).unwrap();
    let restricted = RestrictedSpline::new(&knots).unwrap().columns(&age).unwrap();
    // R's natural spline takes the outer knots as boundaries.
    let natural = NaturalSpline::new(&knots[1..3], knots[0], knots[3]).unwrap();
    let natural = natural.columns(&age).unwrap();
    let fit =
        |columns: &[f64]| CoxModel::new(&data, covariates_of(columns, 3)).unwrap().fit().unwrap();
    let (one, other) = (fit(&restricted), fit(&natural));
    assert!(one.warnings.is_empty() && other.warnings.is_empty());
    assert_close("log-likelihood", Some(one.log_likelihood), Some(other.log_likelihood), 1e-9);
}
