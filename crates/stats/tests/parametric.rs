//! Accelerated failure time models against R, by hand, by property and at
//! the edges.

#[path = "support/reference.rs"]
mod reference;

use proptest::prelude::*;
use reference::{assert_all_close, assert_close, cases, matrix, numbers, table, text, texts};
use restudy_stats::Error;
use restudy_stats::parametric::{AcceleratedDistribution, AcceleratedModel};
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

#[test]
fn fits_equal_those_of_r() {
    for case in cases("parametric") {
        let call = text(&case, "call").expect("a call");
        let names = texts(&case["covariates"]);
        let columns: Vec<&str> = names.iter().map(String::as_str).collect();
        let table = table(text(&case, "data").expect("data")).complete(&columns);
        let (data, covariates) = (table.survival(), table.matrix(&names));
        let distribution = ALL.iter().find(|(name, _)| Some(*name) == text(&case, "distribution"));
        let (_, distribution) = distribution.expect("a known distribution");
        let weights = (case["weight"] == true).then(|| table.column("weight"));
        let mut model =
            AcceleratedModel::new(&data, &covariates, names.len(), *distribution).unwrap();
        if let Some(weights) = &weights {
            model = model.weights(weights).unwrap();
        }
        let fit = model.fit();
        assert!(fit.has_converged, "{call}");
        let mut coefficients = vec![fit.intercept.estimate];
        coefficients.extend(fit.coefficients.iter().map(|known| known.unwrap().estimate));
        assert_all_close(call, &coefficients, &known(&case["coefficients"]), TOLERANCE);
        if let Some(log_scale) = fit.log_scale {
            assert_close(call, Some(log_scale.estimate), case["log_scale"].as_f64(), TOLERANCE);
        }
        let estimated = names.len() + 1 + usize::from(fit.log_scale.is_some());
        let variance = fit.covariance.view((0, 0), (estimated, estimated)).into_owned();
        assert_all_close(call, variance.as_slice(), &matrix(&case["variance"]), 1e-6);
        let likelihoods = [fit.log_likelihood_null, fit.log_likelihood];
        assert_all_close(call, &likelihoods, &known(&case["log_likelihood"]), 1e-10);
        let first: Vec<f64> = covariates.chunks(data.n()).map(|column| column[0]).collect();
        let quantiles = [0.25, 0.5].map(|p| fit.quantile(&first, p).unwrap());
        assert_all_close(call, &quantiles, &known(&case["quantiles"]), TOLERANCE);
        let there = fit.survival(&first, quantiles[0]).unwrap();
        assert!((there - 0.75).abs() < 1e-12, "{call}");
    }
}

/// Exponential times: the rate is events over time, its log has variance one
/// over events.
#[test]
fn an_exponential_rate_by_hand() {
    let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true, false, true, true]).unwrap();
    let fit =
        AcceleratedModel::new(&data, &[], 0, AcceleratedDistribution::Exponential).unwrap().fit();
    assert!((fit.intercept.estimate - libm::log(10.0 / 3.0)).abs() < 1e-12);
    assert!((fit.intercept.standard_error - (1.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    let mean = fit.intercept.exponentiated(0.95).unwrap();
    assert!((mean.estimate - 10.0 / 3.0).abs() < 1e-11 && mean.lower < mean.estimate);
    assert_eq!((fit.log_scale, fit.scale()), (None, 1.0));
}

#[test]
fn what_cannot_be_fitted_is_named() {
    let weibull = AcceleratedDistribution::Weibull;
    let data = SurvivalData::new(&[1.0, 0.0], &[true, true]).unwrap();
    let error = AcceleratedModel::new(&data, &[], 0, weibull).unwrap_err();
    assert_eq!(error.to_string(), "`times` is not above zero at position 1: 0");
    let data = SurvivalData::new(&[1.0, 2.0], &[false, false]).unwrap();
    let error = AcceleratedModel::new(&data, &[], 0, weibull).unwrap_err();
    assert_eq!(error, Error::NoEvents { n: 2 });
    let data = SurvivalData::new(&[1.0, 2.0, 5.0], &[true, true, false]).unwrap();
    assert!(AcceleratedModel::new(&data, &[1.0], 1, weibull).is_err());
    assert!(AcceleratedModel::new(&data, &[], 0, weibull).unwrap().weights(&[1.0]).is_err());
    let fit = AcceleratedModel::new(&data, &[], 0, weibull).unwrap().fit();
    assert!(fit.survival(&[], 0.0).is_err() && fit.quantile(&[], 1.0).is_err());
    assert!(fit.quantile(&[1.0], 0.5).is_err() && fit.intercept.interval(2.0).is_err());
}

#[test]
fn columns_without_information_are_dropped_and_lost_scales_are_told() {
    let data = SurvivalData::new(&[1.0, 2.0, 5.0, 7.0], &[true, true, false, true]).unwrap();
    let covariates = [0.0, 1.0, 0.0, 1.0, 3.0, 3.0, 3.0, 3.0, 0.0, 2.0, 0.0, 2.0];
    let model =
        AcceleratedModel::new(&data, &covariates, 3, AcceleratedDistribution::LogNormal).unwrap();
    let fit = model.fit();
    let kept: Vec<bool> = fit.coefficients.iter().map(Option::is_some).collect();
    assert_eq!(kept, [true, false, false]);
    assert_eq!(fit.likelihood_ratio_test.degrees_of_freedom, 1);
    // All at one time: the density grows without bound as sigma falls.
    for time in [3.0, 30.0] {
        let tied = SurvivalData::new(&[time; 8], &[true; 8]).unwrap();
        for (_, distribution) in &ALL[1..] {
            let fit = AcceleratedModel::new(&tied, &[], 0, *distribution).unwrap().fit();
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
    let of = |distribution| AcceleratedModel::new(&data, &x, 1, distribution).unwrap().fit();
    let exponential = of(AcceleratedDistribution::Exponential);
    let ratio = exponential.log_hazard_ratio(0).unwrap().unwrap();
    // Rates 2/3 and 2/7; the variance of a log rate is one over its events.
    assert!((ratio.estimate - libm::log(3.0 / 7.0)).abs() < 1e-10);
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
            let Ok(model) = AcceleratedModel::new(&one, &x, 1, distribution) else { return Ok(()) };
            let there = AcceleratedModel::new(&other, &x, 1, distribution).unwrap().fit();
            let here = model.fit();
            let (Some(a), Some(b)) = (here.coefficients[0], there.coefficients[0]) else { return Ok(()) };
            if !(here.has_converged && there.has_converged) || a.standard_error > 100.0 {
                return Ok(());
            }
            prop_assert!((a.estimate - b.estimate).abs() < 1e-5 * (1.0 + a.estimate.abs()));
            let moved = there.intercept.estimate - here.intercept.estimate;
            prop_assert!((moved - libm::log(8.0)).abs() < 1e-5);
        }
    }
}
