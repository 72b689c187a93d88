//! Logistic regression.

use proptest::prelude::*;
use restudy_stats::Error;
use restudy_stats::clusters::Clusters;
use restudy_stats::logistic::{LogisticFit, LogisticModel, LogisticWarning, Penalty};
use serde_json::Value;

use super::{complete, indicator};
use crate::reference::{
    Table, assert_all_close, assert_close, cases, covariates_of, matrix, numbers, table, text,
    texts, weights_of,
};

/// R's `glm` ends where the deviance changes by 1e-11 of itself.
const PLAIN: f64 = 1e-8;
/// `brglm2` and the profiles search to about this.
const FIRTH: f64 = 1e-7;

struct Case {
    value: Value,
    table: Table,
    outcomes: Vec<bool>,
    covariates: Vec<f64>,
    weights: Option<Vec<f64>>,
    offsets: Option<Vec<f64>>,
    clusters: Option<Clusters>,
}

fn all(kind: &str) -> impl Iterator<Item = Case> {
    let listed = cases("logistic").only(|case| text(case, "kind") == Some(kind)).into_iter();
    let read = |value: Value| {
        let table = complete(&value);
        let column = |key: &str| text(&value, key).map(|name| table.column(name));
        Case {
            outcomes: indicator(&value, &table, "outcome"),
            covariates: table.matrix(&texts(&value["columns"])),
            weights: column("weight"),
            offsets: column("offset"),
            clusters: text(&value, "cluster").map(|name| Clusters::new(table.codes(name)).unwrap()),
            value,
            table,
        }
    };
    listed.map(read)
}

impl Case {
    fn model(&self) -> LogisticModel<'_> {
        let n_covariates = self.covariates.len() / self.outcomes.len();
        let mut model =
            LogisticModel::new(&self.outcomes, covariates_of(&self.covariates, n_covariates))
                .unwrap();
        if let Some(weights) = &self.weights {
            model = model.weights(weights_of(weights)).unwrap();
        }
        if let Some(offsets) = &self.offsets {
            model = model.offsets(offsets).unwrap();
        }
        if let Some(clusters) = &self.clusters {
            model = model.clusters(clusters).unwrap();
        }
        if self.value["robust"].as_bool() == Some(true) {
            model = model.robust();
        }
        model
    }

    fn call(&self) -> &str {
        text(&self.value, "call").unwrap()
    }

    fn known(&self, key: &str) -> Vec<f64> {
        numbers(&self.value[key]).into_iter().flatten().collect()
    }

    #[track_caller]
    fn check(&self, found: &[(f64, &str)], tolerance: f64) {
        for (found, key) in found {
            let what = format!("{}: {key}", self.call());
            assert_close(&what, Some(*found), self.value[*key].as_f64(), tolerance);
        }
    }
}

/// Intercept and slopes, those dropped left out.
fn coefficients(fit: &LogisticFit) -> Vec<f64> {
    let slopes = fit.coefficients.iter().flatten();
    std::iter::once(&fit.intercept).chain(slopes).map(|known| known.estimate).collect()
}

fn check_estimates(case: &Case, fit: &LogisticFit, tolerance: f64) {
    let expected = case.known("coefficients");
    for (found, expected) in coefficients(fit).iter().zip(&expected) {
        assert_close(case.call(), Some(*found), Some(*expected), tolerance);
    }
    assert_eq!(coefficients(fit).len(), expected.len());
    let (found, expected) = (fit.covariance.as_slice(), matrix(&case.value["covariance"]));
    for (found, expected) in found.iter().zip(&expected) {
        // A covariance is the inverse of an information that is itself rounded.
        assert_close(case.call(), Some(*found), Some(*expected), 10.0 * tolerance);
    }
}

#[test]
fn plain_models_agree_with_glm() {
    for case in all("plain") {
        let fit = case.model().fit().unwrap();
        check_estimates(&case, &fit, PLAIN);
        case.check(
            &[
                (fit.log_likelihood, "log_likelihood"),
                (fit.log_likelihood_null, "log_likelihood_null"),
            ],
            1e-10,
        );
        case.check(&[(fit.wald_test.statistic, "wald")], PLAIN);
        // R's values were written for five subjects.
        let first = |values: &[f64]| values[..5].to_vec();
        let expected = case.known("probabilities");
        assert_all_close(case.call(), &first(&fit.probabilities), &expected, 1e-9);
        let expected = case.known("linear_predictors");
        assert_all_close(case.call(), &first(&fit.linear_predictors), &expected, 1e-9);
        // `predict` takes no offsets.
        if case.offsets.is_none() {
            let again = fit
                .predict(covariates_of(&case.covariates, fit.coefficients.len()), fit.n)
                .unwrap();
            assert_all_close(case.call(), &again, &fit.probabilities, 1e-11);
        }
    }
}

#[test]
fn firth_models_agree_with_brglm2_and_their_profiles() {
    for case in all("firth") {
        let model = case.model().penalty(Penalty::Firth).unwrap();
        let fit = model.fit().unwrap();
        assert_eq!(fit.warnings, [], "{}", case.call());
        check_estimates(&case, &fit, FIRTH);
        let tests = [
            (fit.penalized_log_likelihood, "penalized"),
            (fit.likelihood_ratio_test.statistic, "likelihood_ratio"),
        ];
        case.check(&tests, 1e-9);
        for (column, expected) in case.value["limits"].as_array().unwrap().iter().enumerate() {
            let found = model.profile_limits(&fit, column, 0.95).unwrap();
            let expected = numbers(expected);
            assert_close(case.call(), found.lower, expected[0], FIRTH);
            assert_close(case.call(), found.upper, expected[1], FIRTH);
            assert_close(case.call(), Some(found.test.statistic), expected[2], FIRTH);
        }
    }
}

#[test]
fn ridges_agree_with_their_definition() {
    for case in all("ridge") {
        let lambda = case.value["lambda"].as_f64().unwrap();
        let fit = case.model().penalty(Penalty::Ridge(lambda)).unwrap().fit().unwrap();
        check_estimates(&case, &fit, 1e-9);
        let numbers = [
            (fit.log_likelihood, "log_likelihood"),
            (fit.penalized_log_likelihood, "penalized"),
            (fit.effective_degrees_of_freedom, "degrees_of_freedom"),
        ];
        case.check(&numbers, 1e-9);
    }
}

#[test]
fn separation_is_told() {
    let table = table("separated");
    // Ten subjects: the first ten values are the column x.
    let outcomes: Vec<bool> = table.column("event").iter().map(|event| *event == 1.0).collect();
    let covariates = table.matrix(&["x".to_string(), "z".to_string()]);
    let fit =
        LogisticModel::new(&outcomes, covariates_of(&covariates[..10], 1)).unwrap().fit().unwrap();
    assert_eq!(fit.warnings, [LogisticWarning::MayBeInfinite { column: 0 }]);
    let fit = LogisticModel::new(&outcomes, covariates_of(&covariates, 2)).unwrap().fit().unwrap();
    assert!(fit.warnings.contains(&LogisticWarning::MayBeInfinite { column: 0 }));
    // Quasi-separation: one without x has the outcome too, and z stays finite.
    let mut mixed = outcomes.clone();
    mixed[7] = true;
    let fit = LogisticModel::new(&mixed, covariates_of(&covariates, 2)).unwrap().fit().unwrap();
    assert_eq!(fit.warnings, [LogisticWarning::MayBeInfinite { column: 0 }]);
    assert!(!fit.coefficients[1].unwrap().may_be_infinite);
}

#[test]
fn collinear_columns_have_no_coefficient() {
    let case = all("plain").find(|case| text(&case.value, "data") == Some("collinear"));
    let case = case.unwrap();
    let fit = case.model().fit().unwrap();
    let dropped = [0, 2].map(|column| LogisticWarning::Collinear { column });
    assert_eq!(fit.warnings, dropped);
    assert_eq!(fit.likelihood_ratio_test.degrees_of_freedom, 2);
    let of_all = fit.wald_test_of(&[0, 1, 2, 3]).unwrap();
    assert_eq!(of_all, fit.wald_test);
    let refused = case.model().profile_limits(&fit, 2, 0.95).unwrap_err();
    assert_eq!(refused, Error::Collinear { column: 2 });
    assert_eq!(case.table.column("z").len(), fit.n);
}

#[test]
fn misuse_is_refused() {
    let outcomes = [true, false, true];
    let x = [1.0, 2.0, 4.0];
    let told = |result: Result<LogisticFit, Error>| result.unwrap_err().to_string();
    let model = LogisticModel::new(&outcomes, covariates_of(&x, 1)).unwrap();
    let robust = model.clone().penalty(Penalty::Firth).unwrap().robust();
    assert_eq!(told(robust.fit()), "a sandwich covariance cannot be combined with a penalty");
    let negative = model.clone().penalty(Penalty::Ridge(-1.0)).unwrap_err().to_string();
    assert_eq!(negative, "`lambda` is -1, outside [0, infinity)");
    let same = LogisticModel::new(&[true; 3], covariates_of(&x, 1)).unwrap_err().to_string();
    assert_eq!(same, "`outcomes` does not vary");
    let huge =
        LogisticModel::new(&outcomes, covariates_of(&[1e200, -1e200, 3.0], 1)).unwrap().fit();
    assert_eq!(huge, Err(Error::Overflow));
    let ridge = model.penalty(Penalty::Ridge(1.0)).unwrap();
    let limits = ridge.profile_limits(&ridge.fit().unwrap(), 0, 0.95).unwrap_err().to_string();
    assert_eq!(limits, "a profile likelihood cannot be combined with a ridge penalty");
    let intercept = LogisticModel::new(&outcomes, covariates_of(&[], 0)).unwrap().fit().unwrap();
    assert!((intercept.intercept.estimate - core::f64::consts::LN_2).abs() < 1e-12);
    assert_eq!(intercept.likelihood_ratio_test.p_value, 1.0);
}

#[test]
fn whole_weights_count_subjects() {
    let case = all("plain").find(|c| text(&c.value, "data") == Some("veteran")).unwrap();
    let n = case.outcomes.len();
    let weights: Vec<f64> = (0..n).map(|i| (1 + i % 3) as f64).collect();
    // Each subject as often as its weight says.
    let copies: Vec<usize> = (0..n).flat_map(|i| std::iter::repeat_n(i, 1 + i % 3)).collect();
    let outcomes: Vec<bool> = copies.iter().map(|i| case.outcomes[*i]).collect();
    let columns = case.covariates.chunks(n);
    let covariates: Vec<f64> =
        columns.flat_map(|column| copies.iter().map(|i| column[*i]).collect::<Vec<_>>()).collect();
    for penalty in [Penalty::None, Penalty::Ridge(2.0)] {
        let one = LogisticModel::new(&case.outcomes, covariates_of(&case.covariates, 7)).unwrap();
        let one =
            one.weights(weights_of(&weights)).unwrap().penalty(penalty).unwrap().fit().unwrap();
        let other = LogisticModel::new(&outcomes, covariates_of(&covariates, 7)).unwrap();
        let other = other.penalty(penalty).unwrap().fit().unwrap();
        assert_all_close("weights", &coefficients(&one), &coefficients(&other), 1e-9);
    }
}

proptest! {
    #[test]
    fn scale_and_order_do_not_matter(
        subjects in proptest::collection::vec((any::<bool>(), -20..20_i32, 0..5_i32), 12..40),
        scale in 0.01..100_f64,
    ) {
        let outcomes: Vec<bool> = subjects.iter().map(|one| one.0).collect();
        let first: Vec<f64> = subjects.iter().map(|one| f64::from(one.1)).collect();
        let second: Vec<f64> = subjects.iter().map(|one| f64::from(one.2)).collect();
        prop_assume!(outcomes.iter().any(|one| *one) && outcomes.iter().any(|one| !*one));
        let fit = |outcomes: &[bool], first: &[f64], second: &[f64]| {
            let covariates = [first, second].concat();
            let model = LogisticModel::new(outcomes, covariates_of(&covariates, 2)).unwrap();
            model.penalty(Penalty::Firth).unwrap().fit().unwrap()
        };
        let turned = |values: &[f64]| values.iter().rev().map(|x| scale * x).collect::<Vec<_>>();
        let backwards: Vec<bool> = outcomes.iter().rev().copied().collect();
        let one = fit(&outcomes, &first, &second);
        let other = fit(&backwards, &turned(&first), &turned(&second));
        for (one, other) in one.coefficients.iter().zip(&other.coefficients) {
            // Reversal and scale may not decide which column is dropped.
            prop_assert_eq!(one.is_some(), other.is_some());
            let (Some(one), Some(other)) = (one, other) else { continue };
            let close = (one.estimate - scale * other.estimate).abs();
            prop_assert!(close < 1e-7 * (1.0 + one.estimate.abs()), "{one:?} {other:?}");
        }
    }
}
