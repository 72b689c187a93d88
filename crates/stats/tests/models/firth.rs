//! Firth's penalty and profile-likelihood limits.

use proptest::prelude::*;
use restudy_stats::cox::{CoxModel, Penalty};
use restudy_stats::survival_data::SurvivalData;

use super::penalty::{FollowUp, coefficients, known};
use crate::reference::{
    assert_all_close, assert_close, cases, covariates_of, matrix, numbers, table, text, texts,
};

/// Both sides search until the coefficients rest.
const TOLERANCE: f64 = 1e-8;

#[test]
fn estimates_and_limits_equal_those_of_the_definition() {
    for case in cases("cox_penalty").iter().filter(|case| text(case, "kind") == Some("firth")) {
        let call = text(case, "call").unwrap();
        let table = table(text(case, "data").unwrap());
        let columns = texts(&case["columns"]);
        let (data, covariates) = (FollowUp::of(case, &table), table.matrix(&columns));
        let strata = text(case, "stratum").map(|name| table.strata(name));
        let mut model = data.model(case, &covariates, columns.len());
        if let Some(strata) = &strata {
            model = model.strata(strata).unwrap();
        }
        let model = model.penalty(Penalty::Firth).unwrap();
        let fit = model.fit().unwrap();
        assert_eq!(fit.warnings, [], "{call}");
        assert_all_close(call, &coefficients(&fit), &known(case, "coefficients"), TOLERANCE);
        assert_all_close(call, fit.covariance.as_slice(), &matrix(&case["covariance"]), TOLERANCE);
        for (found, key) in [
            (fit.log_likelihood, "partial"),
            (fit.penalized_log_likelihood, "penalized"),
            (fit.likelihood_ratio_test.statistic, "likelihood_ratio"),
        ] {
            assert_close(&format!("{call}: {key}"), Some(found), case[key].as_f64(), TOLERANCE);
        }
        for (column, expected) in case["limits"].as_array().unwrap().iter().enumerate() {
            let found = model.profile_limits(&fit, column, 0.95).unwrap();
            let expected = numbers(expected);
            assert_close(call, found.lower, expected[0], 1e-7);
            assert_close(call, found.upper, expected[1], 1e-7);
            assert_close(call, Some(found.test.statistic), expected[2], 1e-7);
        }
    }
}

/// Deaths with x = 1, 0 in time: l = log(r / (r + 1)) and I = r / (r + 1)^2,
/// so that l + log(I) / 2 is largest where 1 / (r + 1) + (1 - r) / (2 (r + 1))
/// is zero: r = 3.
#[test]
fn two_subjects_by_hand() {
    let data = SurvivalData::new(&[1.0, 2.0], &[true, true]).unwrap();
    let model = CoxModel::new(&data, covariates_of(&[1.0, 0.0], 1))
        .unwrap()
        .penalty(Penalty::Firth)
        .unwrap();
    let fit = model.fit().unwrap();
    assert_close("beta", Some(coefficients(&fit)[0]), Some(libm::log(3.0)), 1e-9);
    // l + log(I) / 2 at r = 3: log(3/4) + log(3/16) / 2.
    let value = 1.5 * libm::log(0.75) + 0.5 * libm::log(0.25);
    assert_close("maximum", Some(fit.penalized_log_likelihood), Some(value), 1e-12);
}

/// Without a penalty the profile of one coefficient is the likelihood itself.
#[test]
fn profile_limits_of_a_plain_model() {
    let table = table("lung_complete");
    let (data, x) = (table.survival(), table.column("sex"));
    let model = CoxModel::new(&data, covariates_of(&x, 1)).unwrap();
    let fit = model.fit().unwrap();
    let limits = model.profile_limits(&fit, 0, 0.95).unwrap();
    assert_close(
        "test",
        Some(limits.test.statistic),
        Some(fit.likelihood_ratio_test.statistic),
        1e-9,
    );
    for limit in [limits.lower.unwrap(), limits.upper.unwrap()] {
        let start = [limit];
        let there = model.clone().initial(&start).unwrap().fit().unwrap();
        let drop = 2.0 * (fit.log_likelihood - there.log_likelihood_null);
        // The quantile of chi-square with one degree of freedom at 95%.
        assert_close("drop", Some(drop), Some(3.841458820694124), 1e-8);
    }
}

/// Separated, the plain likelihood never falls to one side.
#[test]
fn an_infinite_limit_is_none() {
    let table = table("separated");
    let (data, x) = (table.survival(), table.column("x"));
    let model = CoxModel::new(&data, covariates_of(&x, 1)).unwrap();
    // The likelihood rises to its limit on that side and never falls.
    let limits = model.profile_limits(&model.fit().unwrap(), 0, 0.95).unwrap();
    assert!(limits.lower.is_some_and(|lower| lower > 0.0));
    assert_eq!(limits.upper, None);
}

proptest! {
    #[test]
    fn scaling_a_covariate_scales_its_limits(
        subjects in prop::collection::vec((1_u8..15, any::<bool>(), -5_i8..5), 10..20)
    ) {
        let times: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0)).collect();
        let mut events: Vec<bool> = subjects.iter().map(|subject| subject.1).collect();
        events[0] = true;
        let x: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.2)).collect();
        let wide: Vec<f64> = x.iter().map(|value| 8.0 * value + 3.0).collect();
        let data = SurvivalData::new(&times, &events).unwrap();
        let limits = |x: &[f64]| {
            let model = CoxModel::new(&data, covariates_of(x, 1)).unwrap().penalty(Penalty::Firth).unwrap();
            let fit = model.fit().unwrap();
            fit.warnings.is_empty().then(|| model.profile_limits(&fit, 0, 0.9))
        };
        if let (Some(Ok(one)), Some(Ok(other))) = (limits(&x), limits(&wide)) {
            let are_close = |a: Option<f64>, b: Option<f64>| match (a, b) {
                // The limits of 8 x + 3 are those of x over 8; the shift has no
                // part.
                (Some(a), Some(b)) => (a - 8.0 * b).abs() <= 1e-6 * (1.0 + a.abs()),
                (a, b) => a.is_none() && b.is_none(),
            };
            prop_assert!(are_close(one.lower, other.lower), "{:?} {:?}", one, other);
            prop_assert!(are_close(one.upper, other.upper), "{:?} {:?}", one, other);
        }
    }
}
