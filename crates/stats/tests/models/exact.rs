//! The exact likelihood of discrete times.

use proptest::prelude::*;
use restudy_stats::Error;
use restudy_stats::cox::{CoxModel, Penalty, Ties};
use restudy_stats::survival_data::SurvivalData;

use crate::reference::{
    assert_all_close, assert_close, cases, covariates_of, matrix, numbers, table, text, texts,
    weights_of,
};

/// R's iterations stop at the same change of the likelihood.
const TOLERANCE: f64 = 1e-8;

#[test]
fn fits_equal_those_of_r() {
    for case in cases("cox_exact") {
        let call = text(&case, "call").unwrap();
        let table = table(text(&case, "data").unwrap());
        let columns = texts(&case["columns"]);
        let (data, covariates) = (table.survival(), table.matrix(&columns));
        let strata = text(&case, "stratum").map(|name| table.strata(name));
        let offsets = text(&case, "offset").map(|name| table.column(name));
        let mut model = CoxModel::new(&data, covariates_of(&covariates, columns.len()))
            .unwrap()
            .ties(Ties::Exact);
        if let Some(offsets) = &offsets {
            model = model.offsets(offsets).unwrap();
        }
        if let Some(strata) = &strata {
            model = model.strata(strata).unwrap();
        }
        let fit = model.fit().unwrap();
        let known = |key: &str| numbers(&case[key]).into_iter().flatten().collect::<Vec<_>>();
        let found: Vec<f64> =
            fit.coefficients.iter().map(|known| known.unwrap().estimate).collect();
        assert_all_close(call, &found, &known("coefficients"), TOLERANCE);
        assert_all_close(call, fit.covariance.as_slice(), &matrix(&case["covariance"]), TOLERANCE);
        let likelihoods = [fit.log_likelihood_null, fit.log_likelihood];
        assert_all_close(call, &likelihoods, &known("log_likelihood"), 1e-10);
        assert_close(call, Some(fit.wald_test.statistic), case["wald"].as_f64(), TOLERANCE);
        assert_close(call, Some(fit.score_test.statistic), case["score"].as_f64(), TOLERANCE);
        let martingale = model.martingale_residuals(&fit);
        assert_all_close(call, &martingale, &known("martingale"), 1e-7);
        assert_all_close(call, &model.deviance_residuals(&fit), &known("deviance"), 1e-7);
    }
}

/// Two of four die at once, x = 1, 1 among 1, 1, 0, 0: of six pairs one has
/// two, four have one, one has none: l(0) = -log 6, U(0) = 2 - 1.
#[test]
fn a_tie_by_hand() {
    let data = SurvivalData::new(&[1.0, 1.0, 2.0, 2.0], &[true, true, false, false]).unwrap();
    let model =
        CoxModel::new(&data, covariates_of(&[1.0, 0.0, 1.0, 0.0], 1)).unwrap().ties(Ties::Exact);
    let fit = model.fit().unwrap();
    assert_close("null", Some(fit.log_likelihood_null), Some(-libm::log(6.0)), 1e-14);
    // One with x and one without: the expected number at zero is observed.
    assert_eq!(fit.coefficients[0].unwrap().estimate, 0.0);
}

#[test]
fn what_is_not_defined_is_refused() {
    let data = SurvivalData::new(&[1.0, 2.0], &[true, true]).unwrap();
    let model = CoxModel::new(&data, covariates_of(&[1.0, 0.0], 1)).unwrap().ties(Ties::Exact);
    let weighted = model.clone().weights(weights_of(&[1.0, 2.0])).unwrap().fit();
    let with = "case weights";
    assert_eq!(weighted, Err(Error::Unsupported { what: "the exact likelihood", with }));
    let message = weighted.unwrap_err().to_string();
    assert_eq!(message, "the exact likelihood cannot be combined with case weights");
    assert!(model.clone().robust().fit().is_err());
    assert!(model.penalty(Penalty::Firth).unwrap().fit().is_err());
}

proptest! {
    #[test]
    fn without_ties_all_three_likelihoods_agree(
        subjects in prop::collection::vec((any::<bool>(), -5_i8..5), 15..30)
    ) {
        let times: Vec<f64> = (0..subjects.len()).map(|index| index as f64).collect();
        let events: Vec<bool> = subjects.iter().map(|subject| subject.0).collect();
        let x: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.1)).collect();
        prop_assume!(events.contains(&true));
        let data = SurvivalData::new(&times, &events).unwrap();
        let fit = |ties| CoxModel::new(&data, covariates_of(&x, 1)).unwrap().ties(ties).fit().unwrap();
        // Distinct times: each risk set has one death, and the three forms are one.
        let (exact, efron) = (fit(Ties::Exact), fit(Ties::Efron));
        let apart = (exact.log_likelihood - efron.log_likelihood).abs();
        prop_assert!(apart <= 1e-9 * (1.0 + efron.log_likelihood.abs()), "{}", apart);
    }
}
