//! Cox models against R, by hand, by property and at the edges.

#[path = "support/reference.rs"]
mod reference;

use proptest::prelude::*;
use reference::{
    assert_all_close, assert_close, cases, covariates_of, matrix, numbers, table, text, texts,
    weights_of,
};
use restudy_stats::Error;
use restudy_stats::clusters::Clusters;
use restudy_stats::cox::{CoxFit, CoxModel, CoxWarning, Ties};
use restudy_stats::groups::Groups;
use restudy_stats::survival_data::SurvivalData;
use serde_json::Value;

/// The iterations are R's, so that rounding alone may differ.
const TOLERANCE: f64 = 1e-9;

/// The fit of a case and the residuals R was asked for.
fn check_case(case: &Value, check: impl Fn(&str, &Value, &CoxModel<'_>, &CoxFit)) {
    let table = table(text(case, "data").expect("data"));
    let columns = texts(&case["columns"]);
    let (data, covariates) = (table.survival(), table.matrix(&columns));
    let strata = text(case, "stratum").map(|name| table.strata(name));
    let weights = text(case, "weight").map(|name| table.column(name));
    let clusters = text(case, "cluster").map(|name| Clusters::new(table.codes(name)).unwrap());
    let mut model = CoxModel::new(&data, covariates_of(&covariates, columns.len())).unwrap();
    model = model.ties(match text(case, "ties") {
        Some("breslow") => Ties::Breslow,
        _ => Ties::Efron,
    });
    if let Some(strata) = &strata {
        model = model.strata(strata).unwrap();
    }
    if let Some(weights) = &weights {
        model = model.weights(weights_of(weights)).unwrap();
    }
    if let Some(clusters) = &clusters {
        model = model.clusters(clusters).unwrap();
    }
    if case["robust"].as_bool() == Some(true) {
        model = model.robust();
    }
    check(text(case, "call").expect("a call"), case, &model, &model.fit().unwrap());
}

#[test]
fn estimates_equal_those_of_r() {
    for case in cases("cox").iter().filter(|case| text(case, "warning").is_none()) {
        // Cases in which R warns are compared apart: their coefficients are where a
        // search was stopped.
        check_case(case, |call, case, _, fit| {
            for (found, expected) in fit.coefficients.iter().zip(numbers(&case["coefficients"])) {
                assert_close(call, found.map(|known| known.estimate), expected, TOLERANCE);
            }
            let covariances = [
                (&fit.covariance, &case["covariance"]),
                (&fit.naive_covariance, &case["naive_covariance"]),
            ];
            for (found, expected) in covariances {
                assert_all_close(call, found.as_slice(), &matrix(expected), TOLERANCE);
            }
            // R's own rule of convergence: the same steps, not only the same end.
            assert_eq!(fit.iterations as u64, case["iterations"].as_u64().unwrap(), "{call}");
            assert_eq!(fit.n as u64, case["n"].as_u64().unwrap(), "{call}");
            assert_eq!(fit.n_events as u64, case["n_events"].as_u64().unwrap(), "{call}");
        });
    }
}

#[test]
fn likelihoods_and_tests_equal_those_of_r() {
    for case in cases("cox").iter().filter(|case| text(case, "warning").is_none()) {
        check_case(case, |call, case, _, fit| {
            let likelihood = numbers(&case["log_likelihood"]);
            let robust_score = fit.robust_score_test.map(|test| test.statistic);
            let pairs = [
                ("null", Some(fit.log_likelihood_null), likelihood[0]),
                ("maximum", Some(fit.log_likelihood), likelihood[1]),
                (
                    "LRT",
                    Some(fit.likelihood_ratio_test.statistic),
                    case["likelihood_ratio"].as_f64(),
                ),
                ("Wald", Some(fit.wald_test.statistic), case["wald"].as_f64()),
                ("score", Some(fit.score_test.statistic), case["score"].as_f64()),
                ("robust score", robust_score, case["robust_score"].as_f64()),
            ];
            for (what, found, expected) in pairs {
                assert_close(&format!("{call}: {what}"), found, expected, TOLERANCE);
            }
        });
    }
}

#[test]
fn residuals_equal_those_of_r() {
    for case in cases("cox").iter().filter(|case| case.get("martingale").is_some()) {
        check_case(case, |call, case, model, fit| {
            let known = |key: &str| numbers(&case[key]).into_iter().flatten().collect::<Vec<_>>();
            let martingale = model.martingale_residuals(fit);
            assert_all_close(call, &martingale, &known("martingale"), TOLERANCE);
            // The square root of a rounding error where the residual is near 0.
            assert_all_close(call, &model.deviance_residuals(fit), &known("deviance"), 1e-7);
            let schoenfeld = model.schoenfeld_residuals(fit).into_iter();
            let schoenfeld: Vec<f64> = schoenfeld.flat_map(|row| row.residuals).collect();
            assert_all_close(call, &schoenfeld, &matrix(&case["schoenfeld"]), TOLERANCE);
            assert_all_close(call, &fit.linear_predictors, &known("linear_predictors"), TOLERANCE);
            assert_all_close(call, &fit.centers, &known("centers"), TOLERANCE);
            // Transposed, as R's rows were written one after the other.
            let score = model.score_residuals(fit).transpose();
            assert_all_close(call, score.as_slice(), &matrix(&case["score_residuals"]), TOLERANCE);
            let dfbeta = model.dfbeta(fit).transpose();
            assert_all_close(call, dfbeta.as_slice(), &matrix(&case["dfbeta"]), TOLERANCE);
        });
    }
}

#[test]
fn separation_is_reported_as_r_warns() {
    let warned = cases("cox").only(|case| text(case, "warning").is_some());
    assert_eq!(warned.len(), 2);
    check_case(&warned[0], |_, case, _, fit| {
        assert_eq!(fit.warnings, [CoxWarning::MayBeInfinite { column: 0 }]);
        assert_eq!(fit.iterations as u64, case["iterations"].as_u64().unwrap());
        let found = fit.coefficients[0].map(|known| known.estimate);
        // Where a coefficient runs away the last step is only as good as the rule
        // that ended it.
        assert_close("beta", found, numbers(&case["coefficients"])[0], 1e-6);
    });
    check_case(&warned[1], |_, case, _, fit| {
        let lost = CoxWarning::NotConverged { iterations: 20 };
        assert_eq!(fit.warnings, [CoxWarning::MayBeInfinite { column: 0 }, lost]);
        let found = fit.coefficients[1].map(|known| known.estimate);
        assert_close("the finite one", found, numbers(&case["coefficients"])[1], 1e-6);
    });
}

#[test]
fn collinear_columns_are_dropped_and_reported() {
    let cases = cases("cox");
    let case = cases.iter().find(|case| text(case, "data") == Some("collinear")).unwrap();
    check_case(case, |_, _, _, fit| {
        let dropped = [1, 2].map(|column| CoxWarning::Collinear { column });
        assert_eq!(fit.warnings, dropped);
        // Four columns less the two that were dropped.
        assert_eq!(fit.wald_test.degrees_of_freedom, 2);
    });
}

/// The numbers of R that are published beside this program.
#[test]
fn lung_gives_the_known_numbers() {
    let fit = fit_of("lung_complete", &["age", "sex", "ph_ecog"]);
    let known = [0.0110667645600735, -0.552612395703631, 0.463728475370428];
    for (found, expected) in fit.coefficients.iter().zip(known) {
        assert_close("beta", found.map(|known| known.estimate), Some(expected), 1e-12);
    }
    assert_close("log-likelihood", Some(fit.log_likelihood), Some(-729.230121374862), 1e-14);
    assert!(fit.warnings.is_empty());
}

/// The fit of all these columns of a data set.
fn fit_of(name: &str, columns: &[&str]) -> CoxFit {
    let table = table(name);
    let columns: Vec<String> = columns.iter().map(|column| (*column).to_string()).collect();
    let (data, covariates) = (table.survival(), table.matrix(&columns));
    CoxModel::new(&data, covariates_of(&covariates, columns.len())).unwrap().fit().unwrap()
}

#[test]
fn published_hazard_ratios() {
    for (name, columns, expected) in [
        ("lung", &["sex"][..], ["0.588", "0.424", "0.816"]),
        ("gbsg", &["hormon"], ["0.695", "0.544", "0.888"]),
        ("colon_death", &["lev", "lev_5fu"], ["0.690", "0.546", "0.870"]),
        ("colon_recurrence", &["lev", "lev_5fu"], ["0.599", "0.475", "0.756"]),
        // Naive: transplantation counted as if it were known at entry.
        ("jasa", &["transplant"], ["0.266", "0.165", "0.429"]),
    ] {
        let last = fit_of(name, columns).coefficients.pop().flatten().unwrap();
        let ratio = last.ratio(0.95).unwrap();
        let found = [ratio.estimate, ratio.lower, ratio.upper].map(|value| format!("{value:.3}"));
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn published_coefficients() {
    let columns = ["trt", "smallcell", "adeno", "large", "karno", "diagtime", "age", "prior"];
    let veteran = fit_of("veteran", &columns);
    let karno = veteran.coefficients[4].unwrap();
    assert_eq!(format!("{:.5}", karno.estimate), "-0.03282");
    assert_eq!(format!("{:.5}", karno.standard_error), "0.00551");
    assert_eq!(format!("{:.2}", veteran.likelihood_ratio_test.statistic), "62.10");
    assert_eq!(veteran.likelihood_ratio_test.degrees_of_freedom, 8);
    let pbc = fit_of("pbc", &["age", "edema", "log_bili", "log_protime", "log_albumin"]);
    assert_eq!(format!("{:.5}", pbc.coefficients[2].unwrap().estimate), "0.86355");
}

/// R's `coxph` drops the smallest variances from the whole model's test here, and
/// keeps its degrees of freedom: 26.27 for the 29.93 of years.
#[test]
fn the_unit_of_a_covariate_does_not_change_the_wald_test() {
    let table = table("lung_complete");
    let columns = ["age", "sex", "ph_ecog"].map(str::to_owned);
    let (data, years) = (table.survival(), table.matrix(&columns));
    let wald = |unit: f64| {
        let mut covariates = years.clone();
        let n = data.n();
        covariates[..n].iter_mut().for_each(|age| *age *= unit);
        CoxModel::new(&data, covariates_of(&covariates, 3)).unwrap().fit().unwrap().wald_test
    };
    let plain = wald(1.0);
    assert_eq!(plain.degrees_of_freedom, 3);
    for unit in [1e7, 1e11, 1e-9] {
        let other = wald(unit);
        assert_close("Wald", Some(other.statistic), Some(plain.statistic), 1e-9);
        assert_eq!(other.degrees_of_freedom, 3);
    }
}

/// Two events, x = 1 before x = 0: the likelihood is r / (r + 1) with r the
/// hazard ratio, so that at beta = 0 the score is 1/2 and the information 1/4.
#[test]
fn two_subjects_by_hand() {
    let data = SurvivalData::new(&[1.0, 2.0], &[true, true]).unwrap();
    let fit = CoxModel::new(&data, covariates_of(&[1.0, 0.0], 1)).unwrap().fit().unwrap();
    assert_close("null", Some(fit.log_likelihood_null), Some(-std::f64::consts::LN_2), 1e-15);
    assert_close("score", Some(fit.score_test.statistic), Some(1.0), 1e-15);
    assert!(fit.warnings.contains(&CoxWarning::MayBeInfinite { column: 0 }));
}

/// Deaths with x = 1, 0, 1, 0 in time: U(r) = 0 has a closed form in r.
#[test]
fn four_subjects_by_hand() {
    let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4]).unwrap();
    let fit = CoxModel::new(&data, covariates_of(&[1.0, 0.0, 1.0, 0.0], 1)).unwrap().fit().unwrap();
    let ratio = fit.coefficients[0].unwrap().ratio(0.95).unwrap().estimate;
    // Risk sets of 2r + 2, r + 2, r + 1 and 1; two of the deaths have x = 1:
    // U = 2 - 2r / (2r + 2) - r / (r + 2) - r / (r + 1)
    let score = 2.0 - 2.0 * ratio / (ratio + 1.0) - ratio / (ratio + 2.0);
    assert!(score.abs() < 1e-9, "{score}");
}

#[test]
fn a_single_subject_tells_nothing_and_says_so() {
    let data = SurvivalData::new(&[1.0], &[true]).unwrap();
    let fit = CoxModel::new(&data, covariates_of(&[2.0], 1)).unwrap().fit().unwrap();
    assert_eq!(fit.coefficients, [None]);
    assert_eq!(fit.warnings, [CoxWarning::Collinear { column: 0 }]);
    assert_eq!(fit.wald_test.p_value, 1.0);
}

#[test]
fn mistakes_are_named() {
    let data = SurvivalData::new(&[1.0, 2.0], &[true, true]).unwrap();
    let wrong = |covariates: &[f64], n_covariates| {
        CoxModel::new(&data, covariates_of(covariates, n_covariates)).unwrap_err().to_string()
    };
    assert_eq!(wrong(&[], 0), "`n_covariates` is 0, outside 1 or more");
    assert_eq!(wrong(&[1.0], 1), "`covariates` has 1 values where 2 are needed");
    let model = CoxModel::new(&data, covariates_of(&[1.0, 0.0], 1)).unwrap();
    // The sum of two weights of 1e308 is beyond a double.
    let overflow = model.clone().weights(weights_of(&[1e308, 1e308])).unwrap().fit();
    assert_eq!(overflow, Err(Error::Overflow));
    assert!(
        model.clone().strata(&Groups::new([0], 1).unwrap()).is_err()
            && model.clone().clusters(&Clusters::new([0, 1, 2]).unwrap()).is_err()
    );
    let one = Clusters::new([4, 4]).unwrap_err().to_string();
    assert_eq!(one, "`number of clusters` is 1, outside 2 or more");
    let censored = SurvivalData::new(&[1.0, 2.0], &[false, false]).unwrap();
    assert_eq!(
        CoxModel::new(&censored, covariates_of(&[1.0, 0.0], 1)).unwrap_err(),
        Error::NoEvents { n: 2 }
    );
}

/// Follow-up on a coarse grid with two covariates.
fn subjects() -> impl Strategy<Value = Vec<(u8, bool, i8, i8)>> {
    prop::collection::vec((1_u8..15, any::<bool>(), -5_i8..5, -3_i8..3), 20..40)
}

/// The fit with time, the first covariate and every weight scaled.
fn fit(subjects: &[(u8, bool, i8, i8)], ties: Ties, time: f64, x: f64) -> Option<CoxFit> {
    let times: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0) * time).collect();
    let events: Vec<bool> = subjects.iter().map(|subject| subject.1).collect();
    let first = subjects.iter().map(|subject| f64::from(subject.2) * x);
    let covariates: Vec<f64> =
        first.chain(subjects.iter().map(|subject| f64::from(subject.3))).collect();
    let data = SurvivalData::new(&times, &events).ok()?;
    let fit = CoxModel::new(&data, covariates_of(&covariates, 2)).ok()?.ties(ties).fit().ok()?;
    fit.warnings.is_empty().then_some(fit)
}

fn estimates(fit: &CoxFit) -> Vec<f64> {
    fit.coefficients.iter().flatten().map(|known| known.estimate).collect()
}

fn are_close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-6 * (1.0 + one.abs())
}

proptest! {
    #[test]
    fn neither_order_nor_unit_of_time_matters(subjects in subjects()) {
        // Cases with a warning have no maximum to compare.
        let Some(one) = fit(&subjects, Ties::Efron, 1.0, 1.0) else { return Ok(()) };
        let mut reversed = subjects.clone();
        reversed.reverse();
        // A half is exact in binary: times keep their ties.
        let other = fit(&reversed, Ties::Efron, 0.5, 1.0).expect("the same fit");
        for (one, other) in estimates(&one).into_iter().zip(estimates(&other)) {
            prop_assert!((one - other).abs() <= 1e-10 * (1.0 + one.abs()));
        }
    }

    #[test]
    fn scaling_a_covariate_scales_its_coefficient(subjects in subjects()) {
        let Some(one) = fit(&subjects, Ties::Breslow, 1.0, 1.0) else { return Ok(()) };
        let Some(other) = fit(&subjects, Ties::Breslow, 1.0, 100.0) else { return Ok(()) };
        prop_assert!(are_close(estimates(&one)[0], 100.0 * estimates(&other)[0]));
        prop_assert!(are_close(one.wald_test.statistic, other.wald_test.statistic));
    }

    #[test]
    fn martingale_residuals_sum_to_zero(subjects in subjects()) {
        let times: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0)).collect();
        let events: Vec<bool> = subjects.iter().map(|subject| subject.1).collect();
        prop_assume!(events.contains(&true));
        let x: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.2)).collect();
        let data = SurvivalData::new(&times, &events).unwrap();
        for ties in [Ties::Efron, Ties::Breslow] {
            let model = CoxModel::new(&data, covariates_of(&x, 1)).unwrap().ties(ties);
            let sum: f64 = model.martingale_residuals(&model.fit().unwrap()).iter().sum();
            prop_assert!(sum.abs() < 1e-9, "{}", sum);
        }
    }
}

/// An infinite coefficient has no information where the search ends: whether
/// rounding leaves some there must not decide what is said of it.
#[test]
fn the_unit_of_the_weights_does_not_make_an_infinite_coefficient_collinear() {
    let times = [7.0, 1.0, 7.0, 7.0, 7.0, 1.0];
    let data = SurvivalData::new(&times, &[false, false, false, false, false, true]).unwrap();
    let weights = [5.0, 1.0, 1.0, 4.0, 3.0, 1.0];
    for unit in [0.1, 1.0, 3.0] {
        let scaled = weights.map(|weight| unit * weight);
        let model =
            CoxModel::new(&data, covariates_of(&[0.0, 0.0, 0.0, 0.0, 0.0, 1.0], 1)).unwrap();
        let fit = model.ties(Ties::Breslow).weights(weights_of(&scaled)).unwrap().fit().unwrap();
        // The likelihood goes to one: by rounding its logarithm may rest or not.
        assert_eq!(fit.warnings[0], CoxWarning::MayBeInfinite { column: 0 }, "{unit}");
    }
}
