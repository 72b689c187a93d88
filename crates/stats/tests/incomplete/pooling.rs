//! Rubin's rules against `mice` and `mitml`.

use nalgebra::DMatrix;
use proptest::prelude::*;
use restudy_stats::pooling::{pool, pool_wald};

use crate::reference::{assert_close, cases, matrix, numbers};

/// Closed forms.
const TOLERANCE: f64 = 1e-9;

fn known(value: &serde_json::Value) -> Vec<f64> {
    numbers(value).into_iter().map(|number| number.expect("a number")).collect()
}

#[test]
fn scalars_pool_as_in_mice() {
    let scalars = cases("pooling").only(|case| case.get("pooled").is_some());
    assert_eq!(scalars.len(), 5);
    for case in scalars {
        let (estimates, variances) = (known(&case["estimates"]), known(&case["variances"]));
        let pooled = pool(&estimates, &variances, case["complete"].as_f64()).unwrap();
        let found = [
            pooled.estimate,
            pooled.within,
            pooled.between,
            pooled.total,
            pooled.relative_increase,
            pooled.fraction_missing_information,
            pooled.degrees_of_freedom,
        ];
        for (found, expected) in found.into_iter().zip(numbers(&case["pooled"])) {
            assert_close("pool.scalar", Some(found), expected, TOLERANCE);
        }
        let limits = pooled.interval(case["level"].as_f64().unwrap()).unwrap();
        let expected = numbers(&case["limits"]);
        assert_close("lower", Some(limits.lower), expected[0], TOLERANCE);
        assert_close("upper", Some(limits.upper), expected[1], TOLERANCE);
        assert_close("p", Some(pooled.p_value(0.0)), case["p"].as_f64(), TOLERANCE);
    }
}

#[test]
fn tests_pool_as_in_mitml() {
    let tests = cases("pooling").only(|case| case.get("test").is_some());
    assert_eq!(tests.len(), 5);
    for case in tests {
        let rows = case["estimates"].as_array().unwrap();
        let estimates: Vec<Vec<f64>> = rows.iter().map(known).collect();
        let k = estimates[0].len();
        let covariances: Vec<DMatrix<f64>> = (case["covariances"].as_array().unwrap().iter())
            .map(|one| DMatrix::from_row_slice(k, k, &matrix(one)))
            .collect();
        let test = pool_wald(&estimates, &covariances, case["complete"].as_f64()).unwrap();
        let found = [
            test.statistic,
            test.numerator_degrees_of_freedom as f64,
            test.denominator_degrees_of_freedom,
            test.relative_increase,
            test.p_value,
        ];
        for (found, expected) in found.into_iter().zip(numbers(&case["test"])) {
            assert_close("D1", Some(found), expected, TOLERANCE);
        }
    }
}

proptest! {
    /// The test of one quantity has the square of its t as statistic, and a
    /// change of unit passes through.
    #[test]
    fn one_quantity_is_tested_alike(
        fits in prop::collection::vec((-2.0..2.0_f64, 0.01..2.0_f64), 2..12),
    ) {
        let estimates: Vec<f64> = fits.iter().map(|fit| fit.0).collect();
        let variances: Vec<f64> = fits.iter().map(|fit| fit.1).collect();
        let pooled = pool(&estimates, &variances, Some(50.0)).unwrap();
        let vectors: Vec<Vec<f64>> = estimates.iter().map(|estimate| vec![*estimate]).collect();
        let matrices: Vec<_> =
            variances.iter().map(|v| DMatrix::from_element(1, 1, *v)).collect();
        let test = pool_wald(&vectors, &matrices, Some(50.0)).unwrap();
        let t = pooled.estimate / pooled.standard_error();
        prop_assert!((test.statistic - t * t).abs() <= 1e-9 * (1.0 + t * t));
        let tens: Vec<f64> = estimates.iter().map(|estimate| 10.0 * estimate).collect();
        let hundreds: Vec<f64> = variances.iter().map(|variance| 100.0 * variance).collect();
        // Estimates in tens, variances in hundreds: the same t.
        let scaled = pool(&tens, &hundreds, Some(50.0)).unwrap();
        prop_assert!((scaled.p_value(0.0) - pooled.p_value(0.0)).abs() < 1e-9);
    }
}

#[test]
fn a_singular_covariance_is_refused() {
    // Two quantities that are one: correlation 1.
    let covariance = DMatrix::from_element(2, 2, 1.0);
    let error =
        pool_wald(&[vec![1.0, 2.0], vec![2.0, 1.0]], &[covariance.clone(), covariance], None);
    assert_eq!(
        error.unwrap_err().to_string(),
        "covariate 1 is a combination of the covariates before it"
    );
}

#[test]
fn the_unit_of_a_quantity_does_not_change_the_test() {
    let test = |unit: f64| {
        let estimate = |first: f64, second: f64| vec![first * unit, second];
        let covariance =
            DMatrix::from_row_slice(2, 2, &[0.04 * unit * unit, 0.01 * unit, 0.01 * unit, 0.09]);
        let estimates = [estimate(0.3, -0.5), estimate(0.4, -0.3), estimate(0.2, -0.4)];
        pool_wald(&estimates, &[covariance.clone(), covariance.clone(), covariance], None).unwrap()
    };
    // Counted by thousands of millions, as platelets may be.
    let (plain, other) = (test(1.0), test(1e-9));
    assert_eq!(other.numerator_degrees_of_freedom, 2);
    assert_close("D1", Some(other.statistic), Some(plain.statistic), TOLERANCE);
    assert_close("p", Some(other.p_value), Some(plain.p_value), TOLERANCE);
}
