//! Cox models of intervals.

use proptest::prelude::*;
use restudy_stats::Error;
use restudy_stats::counting_data::CountingData;
use restudy_stats::cox::{CoxFit, CoxModel, Ties};
use restudy_stats::proportional_hazards::{TimeTransform, proportional_hazards};
use restudy_stats::survival_data::SurvivalData;
use serde_json::Value;

use crate::reference::{
    Table, assert_all_close, assert_close, cases, covariates_of, matrix, numbers, table, text,
    texts, weights_of,
};

/// The iterations are R's, so that rounding alone may differ.
const TOLERANCE: f64 = 1e-9;

fn intervals(table: &Table) -> CountingData {
    let events: Vec<bool> = table.column("event").iter().map(|event| *event == 1.0).collect();
    let subjects = table.codes("subject");
    CountingData::new(&table.column("start"), &table.column("stop"), &events, &subjects).unwrap()
}

fn check_cases(check: impl Fn(&str, &Value, &CoxModel<'_>, &CoxFit)) {
    for case in cases("cox_counting") {
        let table = table(text(&case, "data").unwrap());
        let columns = texts(&case["columns"]);
        let (data, covariates) = (intervals(&table), table.matrix(&columns));
        let strata = text(&case, "stratum").map(|name| table.strata(name));
        let weights = text(&case, "weight").map(|name| table.column(name));
        let mut model =
            CoxModel::counting(&data, covariates_of(&covariates, columns.len())).unwrap();
        if text(&case, "ties") == Some("breslow") {
            model = model.ties(Ties::Breslow);
        }
        if let Some(strata) = &strata {
            model = model.strata(strata).unwrap();
        }
        if let Some(weights) = &weights {
            model = model.weights(weights_of(weights)).unwrap();
        }
        if case["robust"].as_bool() == Some(true) {
            model = model.robust();
        }
        check(text(&case, "call").unwrap(), &case, &model, &model.fit().unwrap());
    }
}

fn known(case: &Value, key: &str) -> Vec<f64> {
    numbers(&case[key]).into_iter().flatten().collect()
}

#[test]
fn estimates_equal_those_of_r() {
    check_cases(|call, case, _, fit| {
        let found: Vec<f64> =
            fit.coefficients.iter().map(|known| known.unwrap().estimate).collect();
        assert_all_close(call, &found, &known(case, "coefficients"), TOLERANCE);
        for (found, key) in
            [(&fit.covariance, "covariance"), (&fit.naive_covariance, "naive_covariance")]
        {
            assert_all_close(call, found.as_slice(), &matrix(&case[key]), TOLERANCE);
        }
        let likelihoods = [fit.log_likelihood_null, fit.log_likelihood];
        assert_all_close(call, &likelihoods, &known(case, "log_likelihood"), TOLERANCE);
        let robust_score = fit.robust_score_test.map(|test| test.statistic);
        for (found, key) in [
            (Some(fit.wald_test.statistic), "wald"),
            (Some(fit.score_test.statistic), "score"),
            (robust_score, "robust_score"),
        ] {
            assert_close(&format!("{call}: {key}"), found, case[key].as_f64(), TOLERANCE);
        }
        assert_eq!(Some(fit.iterations as u64), case["iterations"].as_u64(), "{call}");
        assert_eq!(Some(fit.n as u64), case["n"].as_u64(), "{call}");
    });
}

#[test]
fn residuals_equal_those_of_r() {
    check_cases(|call, case, model, fit| {
        let martingale = model.martingale_residuals(fit);
        assert_all_close(call, &martingale, &known(case, "martingale"), TOLERANCE);
        // The square root of a rounding error where the residual is near 0.
        assert_all_close(call, &model.deviance_residuals(fit), &known(case, "deviance"), 1e-7);
        // Transposed, as R's rows were written one after the other.
        let score = model.score_residuals(fit).transpose();
        assert_all_close(call, score.as_slice(), &matrix(&case["score_residuals"]), TOLERANCE);
        let dfbeta = model.dfbeta(fit).transpose();
        assert_all_close(call, dfbeta.as_slice(), &matrix(&case["dfbeta"]), TOLERANCE);
        let schoenfeld: Vec<f64> =
            model.schoenfeld_residuals(fit).into_iter().flat_map(|row| row.residuals).collect();
        assert_all_close(call, &schoenfeld, &matrix(&case["schoenfeld"]), TOLERANCE);
    });
}

#[test]
fn tests_of_proportional_hazards_equal_those_of_r() {
    check_cases(|call, case, model, fit| {
        let terms: Vec<Vec<usize>> = (0..fit.coefficients.len()).map(|j| vec![j]).collect();
        for expected in case["tests"].as_array().unwrap() {
            let transform = match text(expected, "transform") {
                Some("km") => TimeTransform::KaplanMeier,
                Some("rank") => TimeTransform::Rank,
                _ => TimeTransform::Identity,
            };
            let found = proportional_hazards(model, fit, &terms, transform).unwrap();
            let tests = found.terms.iter().chain([&found.global]);
            let statistics: Vec<f64> = tests.map(|test| test.unwrap().statistic).collect();
            assert_all_close(call, &statistics, &known(expected, "statistics"), 1e-7);
            let residuals = found.residuals.iter().flat_map(|row| &row.scaled_residuals);
            let residuals: Vec<f64> = residuals.map(|value| value.unwrap()).collect();
            assert_all_close(call, &residuals, &matrix(&case["scaled_schoenfeld"]), TOLERANCE);
        }
    });
}

/// Transplantation as it happened, against the naive 0.266 of the same study.
#[test]
fn published_hazard_ratio_of_transplantation() {
    let table = table("jasa1");
    let (data, covariate) = (intervals(&table), table.column("transplant"));
    let fit = CoxModel::counting(&data, covariates_of(&covariate, 1)).unwrap().fit().unwrap();
    let ratio = fit.coefficients[0].unwrap().ratio(0.95).unwrap();
    let found = [ratio.estimate, ratio.lower, ratio.upper].map(|value| format!("{value:.3}"));
    assert_eq!(found, ["1.133", "0.629", "2.044"]);
    assert_eq!((data.n(), data.n_subjects(), data.n_events()), (170, 103, 75));
}

/// At the event time 2 only the first two are at risk: the third enters at 2.
/// With x = 1, 0, 5 the score at zero is 1 - 1/2, the information 1/4.
#[test]
fn who_enters_at_an_event_time_is_not_yet_at_risk() {
    let data =
        CountingData::new(&[0.0, 0.0, 2.0], &[2.0, 3.0, 4.0], &[true, false, false], &[0, 1, 2])
            .unwrap();
    let fit = CoxModel::counting(&data, covariates_of(&[1.0, 0.0, 5.0], 1)).unwrap().fit().unwrap();
    // Two at risk with equal chances.
    assert_close("null", Some(fit.log_likelihood_null), Some(-std::f64::consts::LN_2), 1e-15);
    assert_close("score", Some(fit.score_test.statistic), Some(1.0), 1e-12);
}

#[test]
fn intervals_without_an_event_are_refused() {
    let data = CountingData::new(&[0.0], &[1.0], &[false], &[0]).unwrap();
    assert_eq!(
        CoxModel::counting(&data, covariates_of(&[1.0], 1)).unwrap_err(),
        Error::NoEvents { n: 1 }
    );
}

/// At each event all at risk have the same x: the model knows nothing of it.
#[test]
fn a_covariate_that_tells_nobody_apart_at_an_event_is_dropped() {
    let stops = [3.0, 4.0, 5.0, 1.0, 4.0, 4.0, 5.0];
    let events = [false, false, true, false, false, true, true];
    let starts = [0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 2.0];
    let data = CountingData::new(&starts, &stops, &events, &[0, 1, 2, 3, 4, 5, 6]).unwrap();
    let right = SurvivalData::new(&stops, &events).unwrap();
    // A unit that is no power of two lets rounding leave some information.
    for unit in [0.1, 1.0, 3.0] {
        let x = [0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0].map(|one| unit * one);
        let dropped = |model: CoxModel<'_>| {
            assert_eq!(model.fit().unwrap().coefficients, [None], "{unit} {model:?}");
        };
        for ties in [Ties::Efron, Ties::Breslow] {
            dropped(CoxModel::counting(&data, covariates_of(&x, 1)).unwrap().ties(ties));
            dropped(CoxModel::new(&right, covariates_of(&x, 1)).unwrap().ties(ties));
        }
        dropped(CoxModel::new(&right, covariates_of(&x, 1)).unwrap().ties(Ties::Exact));
    }
}

proptest! {
    /// Cutting follow-up in two changes nothing.
    #[test]
    fn follow_up_in_pieces_gives_the_same_fit(
        subjects in prop::collection::vec((2_u8..15, any::<bool>(), -5_i8..5, 1_u8..14), 20..40)
    ) {
        let times: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0)).collect();
        let events: Vec<bool> = subjects.iter().map(|subject| subject.1).collect();
        let x: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.2)).collect();
        prop_assume!(events.contains(&true));
        let mut rows = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (subject, (time, event, x, cut)) in subjects.iter().enumerate() {
            let (time, cut) = (f64::from(*time), f64::from(*cut));
            let pieces = if cut < time {
                vec![(0.0, cut, false), (cut, time, *event)]
            } else {
                vec![(0.0, time, *event)]
            };
            for (start, stop, event) in pieces {
                rows.0.push(start);
                rows.1.push(stop);
                rows.2.push(event);
                rows.3.push(subject);
                rows.4.push(f64::from(*x));
            }
        }
        let whole = SurvivalData::new(&times, &events).unwrap();
        let pieces = CountingData::new(&rows.0, &rows.1, &rows.2, &rows.3).unwrap();
        for ties in [Ties::Efron, Ties::Breslow] {
            let one = CoxModel::new(&whole, covariates_of(&x, 1)).unwrap().ties(ties).robust().fit().unwrap();
            let model = CoxModel::counting(&pieces, covariates_of(&rows.4, 1)).unwrap().ties(ties).robust();
            let other = model.fit().unwrap();
            if !one.warnings.is_empty() {
                // Where x separates, both searches stop on their way, at different
                // places.
                continue;
            }
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-7 * (1.0 + a.abs());
            let (a, b) = (one.coefficients[0].unwrap(), other.coefficients[0].unwrap());
            prop_assert!(close(a.estimate, b.estimate));
            prop_assert!(close(a.standard_error, b.standard_error));
            prop_assert!(close(one.log_likelihood, other.log_likelihood));
            let sum: f64 = model.martingale_residuals(&other).iter().sum();
            prop_assert!(sum.abs() < 1e-9, "{}", sum);
        }
    }
}
