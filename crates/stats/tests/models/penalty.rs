//! Offsets, initial values and ridge penalties.

use restudy_stats::Error;
use restudy_stats::counting_data::CountingData;
use restudy_stats::cox::{CoxFit, CoxModel, Penalty, Ties};
use restudy_stats::survival_data::SurvivalData;
use serde_json::Value;

use crate::reference::{
    Table, assert_all_close, assert_close, cases, covariates_of, matrix, numbers, table, text,
    texts, weights_of,
};

/// The iterations stop at the same change of the likelihood as R's.
const TOLERANCE: f64 = 1e-8;

pub fn known(case: &Value, key: &str) -> Vec<f64> {
    numbers(&case[key]).into_iter().flatten().collect()
}

pub fn coefficients(fit: &CoxFit) -> Vec<f64> {
    fit.coefficients.iter().map(|known| known.unwrap().estimate).collect()
}

/// The follow-up of a case, in intervals or not.
pub enum FollowUp {
    Whole(SurvivalData),
    Intervals(CountingData),
}

impl FollowUp {
    pub fn of(case: &Value, table: &Table) -> Self {
        if case["interval"].as_bool() == Some(true) {
            return Self::Intervals(table.intervals());
        }
        Self::Whole(table.survival())
    }

    /// Its model with the ties of the case.
    pub fn model<'a>(&'a self, case: &Value, covariates: &'a [f64], n: usize) -> CoxModel<'a> {
        let model = match self {
            Self::Whole(data) => CoxModel::new(data, covariates_of(covariates, n)),
            Self::Intervals(data) => CoxModel::counting(data, covariates_of(covariates, n)),
        };
        let is_breslow = text(case, "ties") == Some("breslow");
        model.unwrap().ties(if is_breslow { Ties::Breslow } else { Ties::Efron })
    }
}

#[test]
fn fits_equal_those_of_r() {
    for case in cases("cox_penalty").iter().filter(|case| text(case, "kind") != Some("firth")) {
        let call = text(case, "call").unwrap();
        let table = table(text(case, "data").unwrap());
        let columns = texts(&case["columns"]);
        let (data, covariates) = (FollowUp::of(case, &table), table.matrix(&columns));
        let offsets = text(case, "offset").map(|name| table.column(name));
        let strata = text(case, "stratum").map(|name| table.strata(name));
        let weights = text(case, "weight").map(|name| table.column(name));
        let penalties = known(case, "penalties");
        let initial = case["initial"].as_array().map(|_| known(case, "initial"));
        let mut model = data.model(case, &covariates, columns.len());
        if let Some(strata) = &strata {
            model = model.strata(strata).unwrap();
        }
        if let Some(weights) = &weights {
            model = model.weights(weights_of(weights)).unwrap();
        }
        if let Some(offsets) = &offsets {
            model = model.offsets(offsets).unwrap();
        }
        if let Some(initial) = &initial {
            model = model.initial(initial).unwrap();
        }
        let is_ridge = text(case, "kind") == Some("ridge");
        if is_ridge {
            model = model.penalty(Penalty::Ridge(&penalties)).unwrap();
        }
        let fit = model.fit().unwrap();
        assert_all_close(call, &coefficients(&fit), &known(case, "coefficients"), TOLERANCE);
        assert_all_close(call, fit.covariance.as_slice(), &matrix(&case["covariance"]), TOLERANCE);
        let likelihoods = [fit.log_likelihood_null, fit.log_likelihood];
        assert_all_close(call, &likelihoods, &known(case, "log_likelihood"), TOLERANCE);
        let martingale = model.martingale_residuals(&fit);
        assert_all_close(call, &martingale, &known(case, "martingale"), TOLERANCE);
        if is_ridge {
            let found = Some(fit.effective_degrees_of_freedom);
            assert_close(call, found, case["degrees_of_freedom"].as_f64(), TOLERANCE);
        } else {
            assert_close(call, Some(fit.wald_test.statistic), case["wald"].as_f64(), TOLERANCE);
            assert_close(call, Some(fit.score_test.statistic), case["score"].as_f64(), TOLERANCE);
            let predictors = known(case, "linear_predictors");
            assert_all_close(call, &fit.linear_predictors, &predictors, TOLERANCE);
        }
    }
}

#[test]
fn a_known_coefficient_may_be_an_offset() {
    let table = table("lung_complete");
    let names = ["age".to_string(), "sex".to_string()];
    let (data, both) = (table.survival(), table.matrix(&names));
    let fit = CoxModel::new(&data, covariates_of(&both, 2)).unwrap().fit().unwrap();
    let [age, sex] = coefficients(&fit)[..] else { panic!("two coefficients") };
    // The known part of beta'x, at the estimate of the model of both.
    let offsets: Vec<f64> = table.column("sex").iter().map(|value| sex * value).collect();
    let x = table.column("age");
    let rest = CoxModel::new(&data, covariates_of(&x, 1))
        .unwrap()
        .offsets(&offsets)
        .unwrap()
        .fit()
        .unwrap();
    assert_close("age", Some(coefficients(&rest)[0]), Some(age), 1e-6);
    assert_close("likelihood", Some(rest.log_likelihood), Some(fit.log_likelihood), 1e-12);
}

#[test]
fn a_heavy_ridge_leaves_nothing_and_none_changes_nothing() {
    let table = table("lung_complete");
    let (data, x) = (table.survival(), table.column("sex"));
    let model = CoxModel::new(&data, covariates_of(&x, 1)).unwrap();
    let plain = model.fit().unwrap();
    let without = model.clone().penalty(Penalty::Ridge(&[0.0])).unwrap().fit().unwrap();
    assert_eq!(plain, without);
    let heavy = model.penalty(Penalty::Ridge(&[1e9])).unwrap().fit().unwrap();
    // The information of sex in these data is below a hundred: against 1e9 it has
    // no weight.
    assert!(coefficients(&heavy)[0].abs() < 1e-6);
    assert!(heavy.effective_degrees_of_freedom < 1e-6);
}

#[test]
fn mistakes_are_named() {
    let data = SurvivalData::new(&[1.0, 2.0], &[true, true]).unwrap();
    let model = CoxModel::new(&data, covariates_of(&[1.0, 0.0], 1)).unwrap();
    let error = model.clone().penalty(Penalty::Ridge(&[-1.0])).unwrap_err();
    assert_eq!(error, Error::Negative { what: "penalties", index: 0, value: -1.0 });
    assert!(model.clone().penalty(Penalty::Ridge(&[1.0, 1.0])).is_err());
    assert!(model.clone().offsets(&[1.0]).is_err() && model.clone().initial(&[]).is_err());
    let ridge = model.clone().penalty(Penalty::Ridge(&[1.0])).unwrap();
    let fit = ridge.fit().unwrap();
    // The limits of a shrunken estimate are not those of a likelihood.
    let message = ridge.profile_limits(&fit, 0, 0.95).unwrap_err().to_string();
    assert_eq!(message, "a profile likelihood cannot be combined with a ridge penalty");
    let error = model.profile_limits(&fit, 1, 0.95).unwrap_err();
    assert_eq!(error, Error::NoSuchColumn { column: 1, n_columns: 1 });
}
