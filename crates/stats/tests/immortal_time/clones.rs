//! Clones, censored and weighted.

use proptest::prelude::*;
use restudy_stats::clone_censor_weight::{
    CensoringModel, CloneCensorWeight, CloneCensorWeightEstimate, HorizonEffect,
};
use restudy_stats::survival_curve::SurvivalCurveModel;
use restudy_stats::survival_data::SurvivalData;
use serde_json::Value;

use crate::reference::{assert_close, cases, counts, covariates_of, table, text, texts};
use crate::{ITERATED, close, jasa, number};

/// What a case of clones is made of.
struct Cloned {
    data: SurvivalData,
    starts: Vec<Option<f64>>,
    covariates: Vec<f64>,
    n_covariates: usize,
    horizons: Vec<f64>,
}

fn cloned(case: &Value) -> Cloned {
    let table = table(text(case, "data").expect("data"));
    let names = texts(&case["covariates"]);
    let horizons = case["horizons"].as_array().expect("horizons").iter();
    Cloned {
        data: table.survival(),
        starts: table.cells("switch"),
        covariates: table.matrix(&names),
        n_covariates: names.len(),
        horizons: horizons.filter_map(|horizon| number(&horizon["time"])).collect(),
    }
}

impl Cloned {
    fn design(&self, case: &Value) -> CloneCensorWeight<'_> {
        let model = match text(case, "model").expect("a model") {
            "unweighted" => CensoringModel::Unweighted,
            "cox" => CensoringModel::Cox,
            "logistic" => CensoringModel::PooledLogistic {
                interval: number(&case["interval"]).expect("an interval"),
            },
            other => panic!("no model {other}"),
        };
        let grace = number(&case["grace"]).expect("a grace period");
        let design = CloneCensorWeight::new(&self.data, &self.starts, grace).unwrap();
        let design = design.covariates(covariates_of(&self.covariates, self.n_covariates)).unwrap();
        let design = design.model(model).unwrap();
        match number(&case["largest"]) {
            Some(largest) => design.largest_weight(largest).unwrap(),
            None => design,
        }
    }
}

fn compare_horizons(call: &str, found: &[HorizonEffect], expected: &Value) {
    let expected = expected.as_array().expect("horizons");
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        for arm in 0..2 {
            assert_close(call, found.survival[arm], number(&expected["survival"][arm]), ITERATED);
            close(call, found.restricted_mean[arm], &expected["restricted_mean"][arm], ITERATED);
        }
        let ratio = number(&expected["log_hazard_ratio"]);
        assert_close(call, found.log_hazard_ratio, ratio, ITERATED);
    }
}

#[test]
fn clones_equal_those_made_by_hand_in_r() {
    for case in cases("clone_censor_weight") {
        let call = text(&case, "call").expect("a call");
        let cloned = cloned(&case);
        let design = cloned.design(&case);
        let found = design.estimate(&cloned.horizons).unwrap();
        for (arm, strategy) in found.strategies.iter().enumerate() {
            let is = |name: &str, count: usize| {
                assert_eq!(case[name][arm].as_u64(), Some(count as u64), "{call}: {name}");
            };
            is("n_artificially_censored", strategy.n_artificially_censored);
            is("n_events", strategy.n_events);
            is("n_after_grace", strategy.n_after_grace);
            close(call, strategy.largest_weight, &case["largest_weight"][arm], ITERATED);
            close(call, strategy.mean_weight, &case["mean_weight"][arm], ITERATED);
            close(call, strategy.effective_n_after_grace, &case["effective"][arm], ITERATED);
        }
        let ratio = number(&case["log_hazard_ratio"]);
        assert_close(call, found.log_hazard_ratio, ratio, ITERATED);
        compare_horizons(call, &found.horizons, &case["horizons"]);
        let samples = case["samples"].as_array().expect("samples");
        if samples.is_empty() {
            continue;
        }
        // The samples are R's, so that bootstrap estimates can be compared one by
        // one.
        let indices: Vec<Vec<usize>> =
            samples.iter().map(|sample| counts(&sample["index"])).collect();
        let resampled = design.resampled_in(&cloned.horizons, &indices).unwrap();
        for (found, expected) in resampled.estimates.iter().zip(samples) {
            let found = found.as_ref().expect("an estimate");
            compare_horizons(call, &found.horizons, &expected["horizons"]);
        }
    }
}

#[test]
fn resampling_gives_the_same_bits_with_any_number_of_threads() {
    let (data, starts, age) = jasa();
    let design = CloneCensorWeight::new(&data, &starts, 30.0).unwrap();
    let design =
        design.covariates(covariates_of(&age, 1)).unwrap().model(CensoringModel::Cox).unwrap();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| design.resampled(&[365.0], 20, 7).unwrap())
    };
    let alone = on(1);
    assert_eq!(alone, on(3));
    assert_ne!(alone, design.resampled(&[365.0], 20, 8).unwrap());
    let ratio = |estimate: &CloneCensorWeightEstimate| estimate.log_hazard_ratio;
    let limits = alone.interval(0.9, ratio).unwrap().expect("limits");
    assert!(limits.lower < limits.upper && limits.standard_error > 0.0);
    assert_eq!((limits.n_samples, alone.n_failed()), (20, 0));
}

#[test]
fn mistakes_of_clones_are_named() {
    let (data, starts, age) = jasa();
    let new = |grace| CloneCensorWeight::new(&data, &starts, grace);
    let message = |error: restudy_stats::Error| error.to_string();
    assert_eq!(message(new(0.0).unwrap_err()), "`grace` is 0, outside (0, infinity)");
    assert_eq!(message(new(1e6).unwrap_err()), "no observations");
    let nobody = vec![None; data.n()];
    assert_eq!(
        message(CloneCensorWeight::new(&data, &nobody, 30.0).unwrap_err()),
        "a comparison needs at least two groups with observations, found 1"
    );
    let design = new(30.0).unwrap();
    assert!(design.clone().model(CensoringModel::Cox).is_err());
    let design = design.covariates(covariates_of(&age, 1)).unwrap();
    let interval = CensoringModel::PooledLogistic { interval: -1.0 };
    assert_eq!(
        message(design.clone().model(interval).unwrap_err()),
        "`interval` is -1, outside (0, infinity)"
    );
    assert!(design.clone().largest_weight(0.5).is_err());
    assert!(design.estimate(&[0.0]).is_err());
    assert!(design.resampled(&[], 0, 1).is_err());
    assert!(design.resampled_in(&[], &[vec![0]]).is_err());
    assert!(design.clone().covariates(covariates_of(&age[1..], 1)).is_err());
}

/// With the covariate deciding who starts, the model says so.
#[test]
fn a_covariate_that_decides_is_told() {
    let times: Vec<f64> = (1..=12).map(|time| f64::from(time) * 10.0).collect();
    let data = SurvivalData::new(&times, &[true; 12]).unwrap();
    // Every second subject starts at 5, and only these have x = 1.
    let decides: Vec<f64> = (0..12).map(|subject| f64::from(subject % 2)).collect();
    let starts: Vec<Option<f64>> = decides.iter().map(|one| (*one > 0.5).then_some(5.0)).collect();
    for model in [CensoringModel::Cox, CensoringModel::PooledLogistic { interval: 10.0 }] {
        let design = CloneCensorWeight::new(&data, &starts, 20.0).unwrap();
        let design = design.covariates(covariates_of(&decides, 1)).unwrap().model(model).unwrap();
        let found = design.largest_weight(50.0).unwrap().estimate(&[]).unwrap();
        assert!(found.strategies.iter().all(|strategy| strategy.is_separated), "{model:?}");
    }
}

/// Follow-up on a coarse grid with a covariate and starts.
fn subjects() -> impl Strategy<Value = Vec<(u8, bool, Option<u8>)>> {
    prop::collection::vec((1_u8..30, any::<bool>(), prop::option::of(0_u8..20)), 12..60)
}

proptest! {
    #[test]
    fn unweighted_clones_until_the_grace_ends_are_all_subjects(subjects in subjects()) {
        let times: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0)).collect();
        let events: Vec<bool> = subjects.iter().map(|subject| subject.1).collect();
        let starts: Vec<Option<f64>> =
            subjects.iter().map(|subject| subject.2.map(f64::from)).collect();
        let data = SurvivalData::new(&times, &events).unwrap();
        let Ok(design) = CloneCensorWeight::new(&data, &starts, 8.0) else { return Ok(()) };
        let found = design.estimate(&[8.0]).unwrap();
        let all = SurvivalCurveModel::new(&data).estimate();
        // Nobody deviates from strategy 1 before the grace period ends.
        // What happens until then is that of all subjects.
        let expected = all.at(8.0).unwrap().survival.unwrap_or(1.0);
        prop_assert!((found.horizons[0].survival[1].unwrap() - expected).abs() < 1e-12);
        prop_assert_eq!(found.strategies[0].n, data.n());
    }

    #[test]
    fn scaling_time_changes_no_clone(subjects in subjects()) {
        let of = |scale: f64| {
            let times: Vec<f64> = subjects.iter().map(|s| f64::from(s.0) * scale).collect();
            let events: Vec<bool> = subjects.iter().map(|s| s.1).collect();
            let starts: Vec<Option<f64>> =
                subjects.iter().map(|s| s.2.map(|start| f64::from(start) * scale)).collect();
            let x: Vec<f64> = (0..subjects.len()).map(|i| (i * 7 % 5) as f64).collect();
            let data = SurvivalData::new(&times, &events).unwrap();
            let design = CloneCensorWeight::new(&data, &starts, 8.0 * scale).ok()?;
            let design = design.covariates(covariates_of(&x, 1)).unwrap().model(CensoringModel::Cox).unwrap();
            design.estimate(&[12.0 * scale]).ok()
        };
        // A factor of two is exact: nothing may change.
        let (one, two) = (of(1.0), of(2.0));
        prop_assert_eq!(one.is_some(), two.is_some());
        if let (Some(one), Some(two)) = (one, two) {
            prop_assert_eq!(one.horizons[0].survival, two.horizons[0].survival);
            prop_assert_eq!(one.log_hazard_ratio, two.log_hazard_ratio);
        }
    }
}
