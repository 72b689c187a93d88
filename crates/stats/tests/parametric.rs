//! Accelerated failure time models against R, by hand, by property and at
//! the edges.

#[path = "support/reference.rs"]
mod reference;

use proptest::prelude::*;
use reference::{
    assert_all_close, assert_close, cases, covariates_of, matrix, numbers, table, text, texts,
    weights_of,
};
use restudy_stats::Error;
use restudy_stats::parametric::{AcceleratedDistribution, AcceleratedFit, AcceleratedModel};
use restudy_stats::survival_data::SurvivalData;
use serde_json::Value;

/// Iterated fits, which R ends at 1e-14 of the log-likelihood.
const TOLERANCE: f64 = 1e-7;

const ALL: [(&str, AcceleratedDistribution); 4] = [
    ("exponential", AcceleratedDistribution::Exponential),
    ("weibull", AcceleratedDistribution::Weibull),
    ("lognormal", AcceleratedDistribution::LogNormal),
    ("loglogistic", AcceleratedDistribution::LogLogistic),
];

fn known(value: &Value) -> Vec<f64> {
    numbers(value).into_iter().flatten().collect()
}

/// The case's model of the case's data.
fn fit(case: &Value) -> (AcceleratedFit, Vec<f64>) {
    let names = texts(&case["covariates"]);
    let columns: Vec<&str> = names.iter().map(String::as_str).collect();
    let table = table(text(case, "data").expect("data")).complete(&columns);
    let (data, covariates) = (table.survival(), table.matrix(&names));
    let distribution = ALL.iter().find(|(name, _)| Some(*name) == text(case, "distribution"));
    let (_, distribution) = distribution.expect("a known distribution");
    let weights = (case["weight"] == true).then(|| table.column("weight"));
    let mut model =
        AcceleratedModel::new(&data, covariates_of(&covariates, names.len()), *distribution)
            .unwrap();
    if let Some(weights) = &weights {
        model = model.weights(weights_of(weights)).unwrap();
    }
    let fit = model.fit();
    assert!(fit.has_converged, "{case}");
    // The covariates of the first subject, for which R predicts.
    (fit, covariates.chunks(data.n()).map(|column| column[0]).collect())
}

#[test]
fn fits_equal_those_of_r() {
    for case in cases("parametric").iter().filter(|case| text(case, "kind").is_none()) {
        let call = text(case, "call").expect("a call");
        let (fit, first) = fit(case);
        let mut coefficients = vec![Some(fit.intercept.estimate)];
        coefficients.extend(fit.coefficients.iter().map(|known| known.map(|it| it.estimate)));
        for (found, expected) in coefficients.iter().zip(numbers(&case["coefficients"])) {
            assert_close(call, *found, expected, TOLERANCE);
        }
        if let Some(log_scale) = fit.log_scale {
            assert_close(call, Some(log_scale.estimate), case["log_scale"].as_f64(), TOLERANCE);
        }
        // The exponential has no row of log sigma in R.
        let estimated = fit.coefficients.len() + 1 + usize::from(fit.log_scale.is_some());
        let variance = fit.covariance.view((0, 0), (estimated, estimated)).into_owned();
        assert_all_close(call, variance.as_slice(), &matrix(&case["variance"]), TOLERANCE);
        let likelihoods = [fit.log_likelihood_null, fit.log_likelihood];
        assert_all_close(call, &likelihoods, &known(&case["log_likelihood"]), 1e-10);
        let quantiles = [0.25, 0.5].map(|p| fit.quantile(&first, p).unwrap());
        let there = fit.survival(&first, quantiles[0]).unwrap();
        // S at the time by which a quarter had the event.
        assert!((there - 0.75).abs() < 1e-12, "{call}");
        // With a collinear column R predicts nothing.
        if case.get("limits").is_some() {
            assert_all_close(call, &quantiles, &known(&case["quantiles"]), TOLERANCE);
            compare_inference(case, &fit, &first);
        }
    }
}

/// Wald limits, tests, criterion, the median's error and hazard ratios.
fn compare_inference(case: &Value, fit: &AcceleratedFit, first: &[f64]) {
    let call = text(case, "call").expect("a call");
    let estimates =
        std::iter::once(fit.intercept).chain(fit.coefficients.iter().flatten().copied());
    for (estimate, expected) in estimates.zip(case["limits"].as_array().expect("limits")) {
        let limits = estimate.interval(0.9).unwrap();
        assert_all_close(call, &[limits.lower, limits.upper], &known(expected), TOLERANCE);
    }
    let columns: Vec<usize> = (0..fit.coefficients.len()).collect();
    let wald = fit.test_of(&columns).unwrap().statistic;
    assert_close(call, Some(wald), case["wald"].as_f64(), TOLERANCE);
    let ratio = fit.likelihood_ratio_test.statistic;
    assert_close(call, Some(ratio), case["likelihood_ratio"].as_f64(), TOLERANCE);
    assert_close(call, Some(fit.akaike()), case["akaike"].as_f64(), 1e-9);
    compare_median(case, fit, first);
    for (column, expected) in case["log_hazard_ratio"].as_array().into_iter().flatten().enumerate()
    {
        let found = fit.log_hazard_ratio(column).unwrap().expect("proportional hazards");
        let found = [found.estimate, found.standard_error];
        assert_all_close(call, &found, &known(expected), TOLERANCE);
    }
}

fn compare_median(case: &Value, fit: &AcceleratedFit, covariates: &[f64]) {
    let median = fit.log_quantile(covariates, 0.5).unwrap();
    let found = [median.estimate, median.standard_error];
    let call = text(case, "call").expect("a call");
    for (found, expected) in found.into_iter().zip(numbers(&case["log_median"])) {
        assert_close(call, Some(found), expected, TOLERANCE);
    }
}

/// Groups without events: what has a limit equals R's fit of the others, and
/// the rest says that it may be infinite.
#[test]
fn infinite_coefficients_are_told_from_the_others() {
    let mut seen = 0;
    for case in cases("parametric").iter().filter(|case| text(case, "kind") == Some("infinite")) {
        let call = text(case, "call").expect("a call");
        let (fit, _) = fit(case);
        let names = texts(&case["covariates"]);
        let finite = texts(&case["finite"]);
        let expected =
            numbers(&case["coefficients"]).into_iter().zip(numbers(&case["standard_errors"]));
        let expected: Vec<_> = expected.collect();
        for (name, found) in names.iter().zip(&fit.coefficients) {
            let found = found.unwrap_or_else(|| panic!("{call}: {name} is not collinear"));
            let place = finite.iter().position(|other| other == name);
            assert_eq!(found.may_be_infinite, place.is_none(), "{call}: {name} {found:?}");
            let Some((estimate, error)) = place.map(|place| expected[place]) else {
                // Without an estimate there is no evidence: p is 1.
                assert_eq!((found.z, found.p_value), (0.0, 1.0));
                continue;
            };
            assert_close(call, Some(found.estimate), estimate, TOLERANCE);
            assert_close(call, Some(found.standard_error), error, TOLERANCE);
        }
        let is_finite = !fit.intercept.may_be_infinite;
        assert_eq!(Some(is_finite), case["intercept_is_finite"].as_bool(), "{call}");
        let likelihoods = [fit.log_likelihood_null, fit.log_likelihood];
        assert_all_close(call, &likelihoods, &known(&case["log_likelihood"]), 1e-10);
        assert_close(call, Some(libm::log(fit.scale())), case["log_scale"].as_f64(), TOLERANCE);
        // The tests and criteria still count the column.
        assert_eq!(fit.likelihood_ratio_test.degrees_of_freedom, names.len());
        let infinite = names.iter().position(|name| !finite.contains(name)).unwrap();
        assert_eq!(fit.test_of(&[infinite]), Err(Error::Infinite { column: infinite }));
        let ratio = fit.log_hazard_ratio(infinite).unwrap();
        assert!(ratio.is_none_or(|ratio| ratio.may_be_infinite));
        // A group with events has a median, the one without has none.
        let row = known(&case["row"]);
        compare_median(case, &fit, &row);
        let mut quiet = vec![0.0; names.len()];
        // The last column is the group without events; an intercept without limit
        // means the reference.
        quiet[names.len() - 1] = if is_finite { 1.0 } else { 0.0 };
        assert!(fit.log_quantile(&quiet, 0.5).unwrap().may_be_infinite, "{call}");
        seen += 1;
    }
    assert_eq!(seen, 20);
}

/// Exponential times: the rate is events over time, its log has variance one
/// over events.
#[test]
fn an_exponential_rate_by_hand() {
    let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true, false, true, true]).unwrap();
    let fit =
        AcceleratedModel::new(&data, covariates_of(&[], 0), AcceleratedDistribution::Exponential)
            .unwrap()
            .fit();
    // Three events in ten units of time.
    assert!((fit.intercept.estimate - libm::log(10.0 / 3.0)).abs() < 1e-12);
    assert!((fit.intercept.standard_error - (1.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    let mean = fit.intercept.ratio(0.95).unwrap();
    assert!((mean.estimate - 10.0 / 3.0).abs() < 1e-11 && mean.lower < mean.estimate);
    assert_eq!((fit.log_scale, fit.scale()), (None, 1.0));
}

#[test]
fn what_cannot_be_fitted_is_named() {
    let weibull = AcceleratedDistribution::Weibull;
    let data = SurvivalData::new(&[1.0, 0.0], &[true, true]).unwrap();
    let error = AcceleratedModel::new(&data, covariates_of(&[], 0), weibull).unwrap_err();
    assert_eq!(error.to_string(), "`times` is not above zero at position 1: 0");
    let data = SurvivalData::new(&[1.0, 2.0], &[false, false]).unwrap();
    let error = AcceleratedModel::new(&data, covariates_of(&[], 0), weibull).unwrap_err();
    assert_eq!(error, Error::NoEvents { n: 2 });
    let data = SurvivalData::new(&[1.0, 2.0, 5.0], &[true, true, false]).unwrap();
    assert!(AcceleratedModel::new(&data, covariates_of(&[1.0], 1), weibull).is_err());
    assert!(
        AcceleratedModel::new(&data, covariates_of(&[], 0), weibull)
            .unwrap()
            .weights(weights_of(&[1.0]))
            .is_err()
    );
    let fit = AcceleratedModel::new(&data, covariates_of(&[], 0), weibull).unwrap().fit();
    assert!(fit.survival(&[], 0.0).is_err() && fit.quantile(&[], 1.0).is_err());
    assert!(fit.quantile(&[1.0], 0.5).is_err() && fit.intercept.interval(2.0).is_err());
}

#[test]
fn what_cannot_be_summed_is_refused() {
    let data = SurvivalData::new(&[1.0, 2.0, 5.0], &[true, true, false]).unwrap();
    // Sums of these leave the range of numbers.
    // The sum of the first two is zero: absolute values are what overflows.
    let huge = [1e308, -1e308, 1.7e308];
    let error = AcceleratedModel::new(&data, covariates_of(&huge, 1), ALL[1].1).unwrap_err();
    assert_eq!(error, Error::Overflow);
    let model = AcceleratedModel::new(&data, covariates_of(&[], 0), ALL[1].1).unwrap();
    assert_eq!(model.weights(weights_of(&[1e308; 3])).unwrap_err(), Error::Overflow);
}

/// Two groups of four without events, and covariates in any unit.
#[test]
fn each_of_several_infinite_coefficients_is_told_in_any_unit() {
    let times: Vec<f64> = (1..=16).map(f64::from).collect();
    let groups: Vec<usize> = (0..16).map(|index| index % 4).collect();
    let events: Vec<bool> = groups.iter().map(|group| *group < 2).collect();
    let data = SurvivalData::new(&times, &events).unwrap();
    for (_, distribution) in ALL {
        for unit in [1e-6, 1.0, 1e6] {
            let indicator = |wanted: usize| {
                groups.iter().map(move |group| if *group == wanted { unit } else { 0.0 })
            };
            let covariates: Vec<f64> = (1..4).flat_map(indicator).collect();
            let model =
                AcceleratedModel::new(&data, covariates_of(&covariates, 3), distribution).unwrap();
            let fit = model.fit();
            let flags: Vec<bool> =
                fit.coefficients.iter().map(|known| known.unwrap().may_be_infinite).collect();
            // Groups 2 and 3 have no events.
            assert_eq!(flags, [false, true, true], "{distribution:?} {unit}");
            assert!(!fit.intercept.may_be_infinite && fit.has_converged);
            assert!(!fit.log_quantile(&[unit, 0.0, 0.0], 0.5).unwrap().may_be_infinite);
            assert!(fit.log_quantile(&[0.0, 0.0, unit], 0.5).unwrap().may_be_infinite);
        }
    }
}

#[test]
fn columns_without_information_are_dropped_and_lost_scales_are_told() {
    let data = SurvivalData::new(&[1.0, 2.0, 5.0, 7.0], &[true, true, false, true]).unwrap();
    // An indicator, a constant, and twice the indicator.
    let covariates = [0.0, 1.0, 0.0, 1.0, 3.0, 3.0, 3.0, 3.0, 0.0, 2.0, 0.0, 2.0];
    let model = AcceleratedModel::new(
        &data,
        covariates_of(&covariates, 3),
        AcceleratedDistribution::LogNormal,
    )
    .unwrap();
    let fit = model.fit();
    let kept: Vec<bool> = fit.coefficients.iter().map(Option::is_some).collect();
    assert_eq!(kept, [true, false, false]);
    assert_eq!(fit.likelihood_ratio_test.degrees_of_freedom, 1);
    // All at one time: the density grows without bound as sigma falls.
    for time in [3.0, 30.0] {
        let tied = SurvivalData::new(&[time; 8], &[true; 8]).unwrap();
        for (_, distribution) in &ALL[1..] {
            let fit =
                AcceleratedModel::new(&tied, covariates_of(&[], 0), *distribution).unwrap().fit();
            assert!(!fit.has_converged, "{distribution:?} at {time}");
        }
    }
}

/// Three parameters beside the log-likelihood; the hazard ratio of a Weibull
/// model is exp(-beta / sigma), and of an exponential one the rates' ratio.
#[test]
fn criteria_and_hazard_ratios_by_hand() {
    let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4]).unwrap();
    let x = [0.0, 0.0, 1.0, 1.0];
    let of = |distribution| {
        AcceleratedModel::new(&data, covariates_of(&x, 1), distribution).unwrap().fit()
    };
    let exponential = of(AcceleratedDistribution::Exponential);
    let ratio = exponential.log_hazard_ratio(0).unwrap().unwrap();
    // Rates 2/3 and 2/7; the variance of a log rate is one over its events.
    assert!((ratio.estimate - libm::log(3.0 / 7.0)).abs() < 1e-10);
    // 1 / 2 + 1 / 2: two events in either group.
    assert!((ratio.standard_error - 1.0).abs() < 1e-10);
    assert_eq!(exponential.n_parameters(), 2);
    let weibull = of(AcceleratedDistribution::Weibull);
    assert!((weibull.akaike() - (6.0 - 2.0 * weibull.log_likelihood)).abs() < 1e-12);
    let wald = weibull.test_of(&[0]).unwrap();
    let z = weibull.coefficients[0].unwrap().z;
    assert!((wald.statistic - z * z).abs() < 1e-9 && wald.degrees_of_freedom == 1);
    assert_eq!(of(AcceleratedDistribution::LogNormal).log_hazard_ratio(0), Ok(None));
    let error = Error::NoSuchColumn { column: 1, n_columns: 1 };
    assert_eq!(weibull.log_hazard_ratio(1), Err(error.clone()));
    assert_eq!(weibull.test_of(&[1]), Err(error));
    assert!(weibull.log_quantile(&[], 0.5).is_err());
    let median = weibull.log_quantile(&[1.0], 0.5).unwrap();
    let quantile = weibull.quantile(&[1.0], 0.5).unwrap();
    assert!((libm::exp(median.estimate) / quantile - 1.0).abs() < 1e-12);
}

proptest! {
    #[test]
    fn scaling_time_moves_the_intercept_alone(
        subjects in prop::collection::vec((1_u8..30, any::<bool>(), 0_u8..2), 12..40),
    ) {
        let of = |scale: f64| {
            let times: Vec<f64> = subjects.iter().map(|s| f64::from(s.0) * scale).collect();
            let events: Vec<bool> = subjects.iter().map(|s| s.1).collect();
            SurvivalData::new(&times, &events).unwrap()
        };
        let x: Vec<f64> = subjects.iter().map(|s| f64::from(s.2)).collect();
        for (_, distribution) in ALL {
            let (one, other) = (of(1.0), of(8.0));
            let Ok(model) = AcceleratedModel::new(&one, covariates_of(&x, 1), distribution) else { return Ok(()) };
            let there = AcceleratedModel::new(&other, covariates_of(&x, 1), distribution).unwrap().fit();
            let here = model.fit();
            let (Some(a), Some(b)) = (here.coefficients[0], there.coefficients[0]) else { return Ok(()) };
            // An estimate on its way to infinity stops where its steps stop.
            if !(here.has_converged && there.has_converged) || a.standard_error > 100.0 {
                return Ok(());
            }
            prop_assert!((a.estimate - b.estimate).abs() < 1e-5 * (1.0 + a.estimate.abs()));
            let moved = there.intercept.estimate - here.intercept.estimate;
            prop_assert!((moved - libm::log(8.0)).abs() < 1e-5);
        }
    }
}
