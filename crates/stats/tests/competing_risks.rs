//! Competing risks against R, by hand, by property and at the edges.

#[path = "support/reference.rs"]
mod reference;

use proptest::prelude::*;
use reference::{
    Cases, assert_all_close, assert_close, cases, counts, covariates_of, matrix, numbers, table,
    text, texts, weights_of,
};
use restudy_stats::Error;
use restudy_stats::clusters::Clusters;
use restudy_stats::competing_risks::{
    CompetingData, CumulativeIncidence, FineGrayEstimator, FineGrayFit, FineGrayModel,
    IncidenceOptions, IncidenceVariance, cumulative_incidence, cumulative_incidence_by_group,
    gray_test,
};
use restudy_stats::cox::{CoxModel, Ties};
use restudy_stats::groups::Groups;
use restudy_stats::survival_curve::{ConfidenceType, SurvivalCurveModel};
use serde_json::Value;

/// Closed forms: only rounding may differ.
const TOLERANCE: f64 = 1e-9;
/// Iterated fits: those of R end at the same maximum to this.
const ITERATED: f64 = 1e-7;

fn known(value: &Value) -> Vec<f64> {
    numbers(value).into_iter().flatten().collect()
}

fn of_kind(kind: &str) -> Cases {
    let cases = cases("competing_risks").only(|case| text(case, "kind") == Some(kind));
    // A kind whose cases were lost would pass unseen.
    assert!(cases.len() > 2, "{kind}");
    cases
}

fn data_of(case: &Value, complete: &[String]) -> (reference::Table, CompetingData) {
    let names: Vec<&str> = complete.iter().map(String::as_str).collect();
    let table = table(text(case, "data").expect("data")).complete(&names);
    let data = CompetingData::new(&table.column("time"), &table.codes("cause"), 2).unwrap();
    (table, data)
}

#[test]
fn incidence_equals_that_of_r() {
    for case in of_kind("incidence") {
        let (table, data) = data_of(&case, &[]);
        let confidence_type = match text(&case, "confidence_type") {
            Some("plain") => ConfidenceType::Plain,
            Some("log-log") => ConfidenceType::LogLog,
            _ => ConfidenceType::Log,
        };
        // Without groups in the case everybody is of group 0.
        let groups = text(&case, "group").map_or(vec![0; data.n()], |group| table.codes(group));
        let n_groups = groups.iter().max().unwrap() + 1;
        let curves = |variance| {
            let options = IncidenceOptions { confidence_type, variance, ..Default::default() };
            cumulative_incidence_by_group(
                &data,
                &Groups::new(&groups[..], n_groups).unwrap(),
                &options,
            )
            .unwrap()
        };
        let jackknife = curves(IncidenceVariance::InfinitesimalJackknife);
        let aalen = curves(IncidenceVariance::Aalen);
        for expected in case["curves"].as_array().expect("curves") {
            let place = |key: &str| expected[key].as_u64().expect("a code") as usize;
            let (group, cause) = (place("group"), place("cause") - 1);
            let call = text(&case, "call").expect("a call");
            // The same incidences have two variances: R's `survfit` gives one,
            // `cmprsk` the other.
            compare_incidence(call, &jackknife[group][cause], expected, "standard_error");
            compare_incidence(call, &aalen[group][cause], expected, "aalen_standard_error");
        }
    }
}

fn compare_incidence(call: &str, curve: &CumulativeIncidence, expected: &Value, error: &str) {
    let column = |key: &str| numbers(&expected[key]);
    assert_eq!(curve.rows.len(), column("time").len(), "{call}");
    for (index, row) in curve.rows.iter().enumerate() {
        let what = format!("{call}: {error} of cause {} at {}", curve.cause, row.time);
        assert_eq!(Some(row.time), column("time")[index], "{what}");
        assert_close(&what, Some(row.incidence), column("incidence")[index], TOLERANCE);
        assert_close(&what, Some(row.standard_error), column(error)[index], TOLERANCE);
        // Limits are `survfit`'s; at F = 0 it has none to compare.
        if error == "standard_error" && row.incidence > 0.0 {
            assert_close(&what, row.lower, column("lower")[index], TOLERANCE);
            assert_close(&what, row.upper, column("upper")[index], TOLERANCE);
        }
    }
}

#[test]
fn gray_tests_equal_those_of_cmprsk() {
    for case in of_kind("gray") {
        let (table, data) = data_of(&case, &[]);
        let groups = table.codes(text(&case, "group").expect("a group"));
        let n_groups = groups.iter().max().unwrap() + 1;
        let strata = text(&case, "stratum").map(|stratum| table.strata(stratum));
        let rho = case["rho"].as_f64().expect("rho");
        for cause in 1..=2 {
            let test = gray_test(
                &data,
                cause,
                &Groups::new(&groups[..], n_groups).unwrap(),
                strata.as_ref(),
                rho,
            )
            .unwrap();
            let call = format!("{} for cause {cause}", text(&case, "call").expect("a call"));
            let expected = |key: &str| numbers(&case[key])[cause - 1];
            assert_close(&call, Some(test.test.statistic), expected("chi_square"), TOLERANCE);
            assert_close(&call, Some(test.test.p_value), expected("p_value"), TOLERANCE);
        }
    }
}

/// The published numbers of mgus2: death by sex 11.651, p .00064.
#[test]
fn gray_by_sex_of_mgus2_is_the_known_number() {
    let table = table("mgus2");
    let data = CompetingData::new(&table.column("time"), &table.codes("cause"), 2).unwrap();
    let test =
        gray_test(&data, 2, &Groups::new(table.codes("group"), 2).unwrap(), None, 0.0).unwrap();
    assert!(
        (test.test.statistic - 11.651).abs() < 5e-4 && (test.test.p_value - 0.00064).abs() < 5e-6
    );
}

fn log_ratios(fit: &FineGrayFit) -> Vec<f64> {
    fit.coefficients.iter().map(|known| known.unwrap().estimate).collect()
}

#[test]
fn regressions_equal_those_of_r() {
    for case in of_kind("fine_gray") {
        let call = text(&case, "call").expect("a call");
        let names = texts(&case["covariates"]);
        let (table, data) = data_of(&case, &names);
        let covariates = table.matrix(&names);
        let cause = case["cause"].as_u64().expect("a cause") as usize;
        let model =
            FineGrayModel::new(&data, cause, covariates_of(&covariates, names.len())).unwrap();
        for (key, estimator) in [
            ("efron", FineGrayEstimator::WeightedEfron),
            ("breslow", FineGrayEstimator::FineGrayBreslow),
        ] {
            let fit = model.clone().estimator(estimator).fit().unwrap();
            let part = |name: &str| &case[format!("{key}{name}").as_str()];
            let what = format!("{key} of {call}");
            assert!(fit.has_converged, "{what}");
            assert_all_close(&what, &log_ratios(&fit), &known(part("")), ITERATED);
            let naive = fit.naive_covariance.as_slice();
            assert_all_close(&what, naive, &matrix(part("_naive")), ITERATED);
            let variance = fit.covariance.as_slice();
            assert_all_close(&what, variance, &matrix(part("_variance")), ITERATED);
            let likelihood = [fit.log_likelihood_null, fit.log_likelihood];
            assert_all_close(&what, &likelihood, &known(part("_log_likelihood")), 1e-9);
            // `cmprsk::crr` gives a hazard for its own estimator alone.
            if estimator == FineGrayEstimator::FineGrayBreslow {
                let hazard: Vec<f64> =
                    fit.baseline[0].steps.iter().map(|step| step.cumulative_hazard).collect();
                assert_all_close(&what, &hazard, &known(&case["hazard"]), ITERATED);
                let times: Vec<f64> = fit.baseline[0].steps.iter().map(|step| step.time).collect();
                assert_all_close(&what, &times, &known(&case["times"]), 1e-12);
            }
        }
    }
}

#[test]
fn time_lost_equals_that_of_r() {
    for case in of_kind("time_lost") {
        let (table, data) = data_of(&case, &[]);
        let groups = text(&case, "group").map_or(vec![0; data.n()], |group| table.codes(group));
        let n_groups = groups.iter().max().unwrap() + 1;
        let options = IncidenceOptions::default();
        let curves = cumulative_incidence_by_group(
            &data,
            &Groups::new(&groups[..], n_groups).unwrap(),
            &options,
        )
        .unwrap();
        let tau = case["tau"].as_f64().expect("tau");
        for expected in case["rows"].as_array().expect("rows") {
            let place = |key: &str| expected[key].as_u64().expect("a code") as usize;
            let found = curves[place("group")][place("cause") - 1].time_lost(tau).unwrap();
            let call = text(&case, "call").expect("a call");
            assert_close(call, Some(found.estimate), expected["estimate"].as_f64(), TOLERANCE);
            let error = expected["standard_error"].as_f64();
            assert_close(call, Some(found.standard_error), error, TOLERANCE);
        }
    }
}

#[test]
fn strata_and_weights_equal_those_of_r() {
    for case in of_kind("stratified") {
        let call = text(&case, "call").expect("a call");
        let names = texts(&case["covariates"]);
        let (table, data) = data_of(&case, &names);
        let covariates = table.matrix(&names);
        let cause = case["cause"].as_u64().expect("a cause") as usize;
        let strata = text(&case, "stratum").map(|stratum| table.strata(stratum));
        let weights = known(&case["case_weights"]);
        let mut model =
            FineGrayModel::new(&data, cause, covariates_of(&covariates, names.len())).unwrap();
        if let Some(strata) = &strata {
            model = model.strata(strata).unwrap();
        }
        if case["weights"] == true {
            model = model.weights(weights_of(&weights)).unwrap();
        }
        let clusters = Clusters::new(counts(&case["clusters"])).unwrap();
        let fit = model.clusters(&clusters).unwrap().fit().unwrap();
        assert_all_close(call, &log_ratios(&fit), &known(&case["efron"]), ITERATED);
        let naive = fit.naive_covariance.as_slice();
        assert_all_close(call, naive, &matrix(&case["efron_naive"]), ITERATED);
        assert_all_close(
            call,
            fit.covariance.as_slice(),
            &matrix(&case["efron_variance"]),
            ITERATED,
        );
        let likelihood = [fit.log_likelihood_null, fit.log_likelihood];
        assert_all_close(call, &likelihood, &known(&case["efron_log_likelihood"]), 1e-9);
        // The case with strata has two of them.
        assert_eq!(fit.baseline.len(), strata.map_or(1, |_| 2), "{call}");
    }
}

#[test]
fn cause_specific_models_equal_those_of_r() {
    for case in of_kind("cause_specific") {
        let call = text(&case, "call").expect("a call");
        let names = texts(&case["covariates"]);
        let (table, data) = data_of(&case, &names);
        let covariates = table.matrix(&names);
        let cause = case["cause"].as_u64().expect("a cause") as usize;
        let specific = data.cause_specific(cause).unwrap();
        let is_breslow = text(&case, "ties") == Some("breslow");
        let model = CoxModel::new(&specific, covariates_of(&covariates, names.len())).unwrap();
        let model = model.ties(if is_breslow { Ties::Breslow } else { Ties::Efron });
        let fit = model.robust().fit().unwrap();
        let found = fit.coefficients.iter().map(|known| known.unwrap().estimate);
        let found: Vec<f64> = found.collect();
        assert_all_close(call, &found, &known(&case["coefficients"]), TOLERANCE);
        for (found, key) in
            [(&fit.covariance, "covariance"), (&fit.naive_covariance, "naive_covariance")]
        {
            assert_all_close(call, found.as_slice(), &matrix(&case[key]), TOLERANCE);
        }
        let likelihoods = [fit.log_likelihood_null, fit.log_likelihood];
        assert_all_close(call, &likelihoods, &known(&case["log_likelihood"]), TOLERANCE);
    }
}

/// Two copies of the data as strata: the same coefficients, half the variance.
#[test]
fn strata_of_two_copies_halve_the_variance() {
    let table = table("veteran_causes");
    let (time, cause) = (table.column("time"), table.codes("cause"));
    let karno = table.column("karno");
    let once = CompetingData::new(&time, &cause, 2).unwrap();
    // Twice the subjects: the information doubles, and the variance is half.
    let twice = CompetingData::new(&time.repeat(2), &cause.repeat(2), 2).unwrap();
    // Codes 4 and 9 with empty ones between: a stratum is told by its code, not its
    // place.
    let strata = Groups::new([vec![4; time.len()], vec![9; time.len()]].concat(), 10).unwrap();
    let doubled = karno.repeat(2);
    for estimator in [FineGrayEstimator::WeightedEfron, FineGrayEstimator::FineGrayBreslow] {
        let one =
            FineGrayModel::new(&once, 1, covariates_of(&karno, 1)).unwrap().estimator(estimator);
        let two =
            FineGrayModel::new(&twice, 1, covariates_of(&doubled, 1)).unwrap().estimator(estimator);
        let (one, two) = (one.fit().unwrap(), two.strata(&strata).unwrap().fit().unwrap());
        assert_all_close("strata", &log_ratios(&two), &log_ratios(&one), 1e-10);
        let half = one.covariance[(0, 0)] / 2.0;
        assert!((two.covariance[(0, 0)] / half - 1.0).abs() < 1e-10);
        assert_eq!(two.baseline[1].stratum, Some(9));
        // A stratum that nobody is in has no baseline.
        assert!(two.incidence(&[60.0], Some(5)).is_err());
        let incidence = two.incidence(&[60.0], Some(4)).unwrap();
        assert_eq!(incidence, two.incidence(&[60.0], Some(9)).unwrap());
    }
    let weights = vec![1.0; time.len()];
    let weighted = FineGrayModel::new(&once, 1, covariates_of(&karno, 1))
        .unwrap()
        .weights(weights_of(&weights))
        .unwrap();
    let error = weighted.estimator(FineGrayEstimator::FineGrayBreslow).fit().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the variance of Fine and Gray cannot be combined with case weights"
    );
}

/// All had cause 1 in the end: without censoring the variance is F (1 - F) / n.
#[test]
fn an_incidence_of_one_has_no_error() {
    for n in 2..40 {
        // Whole halves, so that times are tied.
        let times: Vec<f64> = (0..n).map(|subject| f64::from(subject * 7 % n / 2)).collect();
        let data = CompetingData::new(&times, &vec![1; times.len()], 1).unwrap();
        let curve = &cumulative_incidence(&data, &IncidenceOptions::default()).unwrap()[0];
        let last = curve.rows.last().unwrap();
        assert!((last.incidence - 1.0).abs() < 1e-14);
        assert_eq!(last.standard_error, 0.0, "{n}");
    }
}

/// Five subjects by hand: cause 1 at 1 and 3, cause 2 at 2, censored at 4 and
/// 5. F1 is 1/5, then 1/5 + 3/5 * 1/3.
#[test]
fn five_subjects_by_hand() {
    let data = CompetingData::new(&[1.0, 2.0, 3.0, 4.0, 5.0], &[1, 2, 1, 0, 0], 2).unwrap();
    let curves = cumulative_incidence(&data, &IncidenceOptions::default()).unwrap();
    let incidence: Vec<f64> = curves[0].rows.iter().map(|row| row.incidence).collect();
    for (found, expected) in incidence.iter().zip([0.2, 0.2, 0.4, 0.4, 0.4]) {
        assert!((found - expected).abs() < 1e-15);
    }
    // Without censoring before it the variance is the binomial's.
    assert!((curves[0].rows[2].standard_error - (0.4_f64 * 0.6 / 5.0).sqrt()).abs() < 1e-15);
    assert_eq!(curves[0].at(0.5), None);
    assert_eq!(curves[0].at(6.0), None);
    assert!((curves[1].at(2.5).unwrap().incidence - 0.2).abs() < 1e-15);
    assert_eq!(curves[1].rows[0].lower, None);
    assert_eq!(counts(&Value::from(vec![curves[0].rows[1].n_competing])), [1]);
}

#[test]
fn mistakes_and_empty_causes_are_named() {
    let message = |error: Error| error.to_string();
    assert_eq!(message(CompetingData::new(&[], &[], 2).unwrap_err()), "no observations");
    assert_eq!(
        message(CompetingData::new(&[1.0], &[3], 2).unwrap_err()),
        "`causes` is 3 at position 0, but there are 3 groups"
    );
    assert!(CompetingData::new(&[1.0], &[], 2).is_err());
    assert!(CompetingData::new(&[1.0], &[0], 0).is_err());
    let data = CompetingData::new(&[1.0, 2.0], &[1, 0], 2).unwrap();
    assert_eq!(
        gray_test(&data, 2, &Groups::new([0, 1], 2).unwrap(), None, 0.0),
        Err(Error::NoEvents { n: 2 })
    );
    assert_eq!(
        gray_test(&data, 1, &Groups::new([0, 0], 2).unwrap(), None, 0.0),
        Err(Error::OneGroup { found: 1 })
    );
    assert!(gray_test(&data, 3, &Groups::new([0, 1], 2).unwrap(), None, 0.0).is_err());
    assert!(gray_test(&data, 1, &Groups::new([0, 1], 2).unwrap(), None, -1.0).is_err());
    assert!(
        gray_test(
            &data,
            1,
            &Groups::new([0, 1], 2).unwrap(),
            Some(&Groups::new([0], 1).unwrap()),
            0.0
        )
        .is_err()
    );
    assert!(FineGrayModel::new(&data, 2, covariates_of(&[0.0, 1.0], 1)).is_err());
    assert!(FineGrayModel::new(&data, 1, covariates_of(&[0.0], 1)).is_err());
    assert!(FineGrayModel::new(&data, 1, covariates_of(&[], 0)).is_err());
    assert!(data.cause_specific(0).is_err());
}

#[test]
fn collinear_columns_are_dropped() {
    let data = CompetingData::new(&[1.0, 2.0, 3.0, 4.0, 5.0], &[1, 2, 1, 1, 0], 2).unwrap();
    // The second column is the first one again, the third constant.
    let x = [0.0, 1.0, 1.0, 0.0, 1.0];
    let covariates: Vec<f64> = x.iter().chain(&x).copied().chain([7.0; 5]).collect();
    let fit = FineGrayModel::new(&data, 1, covariates_of(&covariates, 3)).unwrap().fit().unwrap();
    let kept: Vec<bool> = fit.coefficients.iter().map(Option::is_some).collect();
    assert_eq!(kept, [true, false, false]);
    let curve = fit.incidence(&[1.0, 1.0, 7.0], None).unwrap();
    assert!(curve.windows(2).all(|pair| pair[0].1 < pair[1].1));
    assert!(fit.incidence(&[1.0], None).is_err());
    assert!(fit.incidence(&[1.0, 1.0, 7.0], Some(0)).is_err());
}

/// Who has x = 0 is gone before the first event.
#[test]
fn a_column_that_varies_in_no_risk_set_is_dropped() {
    let times = [0.0, 8.0, 0.0, 5.0, 0.0, 1.0];
    let data = CompetingData::new(&times, &[0, 0, 0, 1, 0, 1], 2).unwrap();
    let x = [1.0, 1.0, 1.0, 1.0, 0.0, 1.0];
    for estimator in [FineGrayEstimator::WeightedEfron, FineGrayEstimator::FineGrayBreslow] {
        let model =
            FineGrayModel::new(&data, 1, covariates_of(&x, 1)).unwrap().estimator(estimator);
        let fit = model.fit().unwrap();
        assert_eq!((fit.coefficients[0], fit.wald_test.degrees_of_freedom), (None, 0));
        // There are no competing events, so that no weight enters. One of three at
        // 1, one of two at 5, whatever x.
        let curve = fit.incidence(&[7.0], None).unwrap();
        let expected = 1.0 - libm::exp(-1.0 / 3.0 - 1.0 / 2.0);
        assert!((curve[1].1 - expected).abs() < 1e-14, "{curve:?}");
    }
}

/// Follow-up on a coarse grid with two causes in two groups.
fn follow_up() -> impl Strategy<Value = Vec<(u8, usize, usize)>> {
    prop::collection::vec((0_u8..9, 0_usize..3, 0_usize..2), 4..30)
}

fn split(subjects: &[(u8, usize, usize)], scale: f64) -> (CompetingData, Vec<usize>) {
    let times: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0) * scale).collect();
    let causes: Vec<usize> = subjects.iter().map(|subject| subject.1).collect();
    let groups = subjects.iter().map(|subject| subject.2).collect();
    (CompetingData::new(&times, &causes, 2).unwrap(), groups)
}

#[test]
fn a_pooled_incidence_of_one_adds_nothing() {
    // both of one group at once, then the others one by one: the pooled incidence reaches 1 before the end
    let (data, groups) = split(&[(0, 1, 0), (5, 1, 1), (0, 1, 0), (1, 1, 1)], 1.0);
    let test = gray_test(&data, 1, &Groups::new(&groups[..], 2).unwrap(), None, 0.0).unwrap();
    assert!(test.variance.iter().all(|value| value.is_finite()), "{test:?}");
    assert!(test.test.p_value < 1.0 && test.test.degrees_of_freedom == 1, "{test:?}");
}

/// At each event all at risk have x = 1: the model knows nothing of x.
#[test]
fn a_covariate_that_tells_nobody_apart_at_an_event_is_dropped() {
    let subjects = [(3, 0, 0), (4, 0, 1), (5, 1, 1), (0, 0, 0), (4, 0, 1), (4, 1, 1), (5, 1, 1)];
    let (data, groups) = split(&subjects, 1.0);
    let x: Vec<f64> = groups.iter().map(|group| *group as f64).collect();
    for estimator in [FineGrayEstimator::WeightedEfron, FineGrayEstimator::FineGrayBreslow] {
        let fit = FineGrayModel::new(&data, 1, covariates_of(&x, 1))
            .unwrap()
            .estimator(estimator)
            .fit()
            .unwrap();
        assert_eq!(fit.coefficients, [None], "{estimator:?}");
        assert_eq!(fit.wald_test.degrees_of_freedom, 0);
    }
}

proptest! {
    #[test]
    fn incidences_and_survival_sum_to_one(subjects in follow_up()) {
        let (data, _) = split(&subjects, 1.0);
        let curves = cumulative_incidence(&data, &IncidenceOptions::default()).unwrap();
        let any = SurvivalCurveModel::new(data.any_cause()).estimate();
        for (index, row) in any.rows.iter().enumerate() {
            let sum = curves[0].rows[index].incidence + curves[1].rows[index].incidence;
            prop_assert!((sum + row.survival - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn time_lost_far_out_is_the_last_incidence(subjects in follow_up()) {
        let (data, _) = split(&subjects, 1.0);
        for variance in [IncidenceVariance::InfinitesimalJackknife, IncidenceVariance::Aalen] {
            let options = IncidenceOptions { variance, ..Default::default() };
            let curves = cumulative_incidence(&data, &options).unwrap();
            let lost = |tau| curves.iter().map(|c| c.time_lost(tau).unwrap().estimate).sum::<f64>();
            let any = SurvivalCurveModel::new(data.any_cause()).estimate();
            prop_assert!((lost(7.5) + any.restricted_mean(7.5).unwrap().unwrap().estimate - 7.5).abs() < 1e-12);
            for curve in &curves {
                let (far, last) = (curve.time_lost(1e9).unwrap(), curve.rows.last().unwrap());
                prop_assert!((far.estimate / 1e9 - last.incidence).abs() < 1e-7);
                prop_assert!((far.standard_error / 1e9 - last.standard_error).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn one_cause_alone_is_kaplan_meier(subjects in follow_up()) {
        let alone: Vec<_> = subjects.iter().map(|s| (s.0, s.1.min(1), s.2)).collect();
        let (data, _) = split(&alone, 1.0);
        let curve = &cumulative_incidence(&data, &IncidenceOptions::default()).unwrap()[0];
        let any = SurvivalCurveModel::new(data.any_cause()).estimate();
        for (row, plain) in curve.rows.iter().zip(&any.rows) {
            let Some(error) = plain.standard_error() else { continue };
            prop_assert!((row.standard_error - error).abs() < 1e-7);
        }
    }

    #[test]
    fn without_competing_events_the_regression_is_cox(subjects in follow_up()) {
        let alone: Vec<_> = subjects.iter().map(|s| (s.0, s.1.min(1), s.2)).collect();
        let (data, groups) = split(&alone, 1.0);
        let x: Vec<f64> = groups.iter().map(|group| *group as f64).collect();
        let Ok(model) = FineGrayModel::new(&data, 1, covariates_of(&x, 1)) else { return Ok(()) };
        let cause = data.cause_specific(1).unwrap();
        for (estimator, ties) in [
            (FineGrayEstimator::WeightedEfron, Ties::Efron),
            (FineGrayEstimator::FineGrayBreslow, Ties::Breslow),
        ] {
            let cox = CoxModel::new(&cause, covariates_of(&x, 1)).unwrap().ties(ties).robust().fit().unwrap();
            let fit = model.clone().estimator(estimator).fit().unwrap();
            let (Some(one), Some(other)) = (fit.coefficients[0], cox.coefficients[0]) else {
                prop_assert_eq!(fit.coefficients[0].is_none(), cox.coefficients[0].is_none());
                continue;
            };
            if one.may_be_infinite || other.may_be_infinite || one.estimate.abs() > 5.0 {
                continue;
            }
            prop_assert!((one.estimate - other.estimate).abs() < 1e-5);
            prop_assert!((one.standard_error - other.standard_error).abs() < 1e-5);
        }
    }

    #[test]
    fn neither_order_nor_unit_of_time_matters(subjects in follow_up()) {
        let mut turned = subjects.clone();
        turned.reverse();
        let gray = |subjects: &[(u8, usize, usize)], scale| {
            let (data, groups) = split(subjects, scale);
            gray_test(&data, 1, &Groups::new(&groups[..], 2).unwrap(), None, 0.0)
        };
        prop_assert_eq!(gray(&subjects, 1.0), gray(&turned, 0.25));
    }
}
