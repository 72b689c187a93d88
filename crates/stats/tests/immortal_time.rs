//! Analyses of an exposure that begins after time zero, against R and by
//! their properties: landmarks, changes of group, clones, assumed starts.

#[path = "support/reference.rs"]
mod reference;

use proptest::prelude::*;
use reference::{Table, assert_close, cases, numbers, table, text, texts};
use restudy_stats::clone_censor_weight::{
    CensoringModel, CloneCensorWeight, CloneCensorWeightEstimate, HorizonEffect,
};
use restudy_stats::cox::{CoxModel, Ties};
use restudy_stats::group_comparison::{GroupComparison, LogRankWeight};
use restudy_stats::kaplan_meier::{ConfidenceType, KaplanMeierOptions, kaplan_meier_by_group};
use restudy_stats::landmark::{Landmark, landmark};
use restudy_stats::log_rank::{LogRankOptions, log_rank};
use restudy_stats::survival_curve::SurvivalCurveModel;
use restudy_stats::survival_data::SurvivalData;
use restudy_stats::switching::SwitchingData;
use restudy_stats::timing_tipping_point::{AssumedStart, TimingShape, TimingTippingPoint, Tipping};
use serde_json::Value;

/// Closed forms, and what an iteration ended.
const EXACT: f64 = 1e-9;
const ITERATED: f64 = 1e-7;

fn number(value: &Value) -> Option<f64> {
    value.as_f64()
}

fn close(what: &str, found: f64, expected: &Value, tolerance: f64) {
    assert_close(what, Some(found), number(expected), tolerance);
}

fn columns(table: &Table, names: &[String], included: &[usize]) -> Vec<f64> {
    let of = |name: &String| {
        let column = table.column(name);
        included.iter().map(move |subject| column[*subject]).collect::<Vec<f64>>()
    };
    names.iter().flat_map(of).collect()
}

#[test]
fn landmarks_equal_those_of_r() {
    for case in cases("landmark") {
        let call = text(&case, "call").expect("a call");
        let table = table(text(&case, "data").expect("data"));
        let time = number(&case["landmark"]).expect("a landmark");
        let left = landmark(&table.survival(), &table.cells("switch"), time).unwrap();
        let groups = left.groups();
        let counts = [
            ("n", left.data.n()),
            ("n_events", left.data.n_events()),
            ("n_exposed", groups.iter().sum()),
            ("n_excluded_events", left.n_excluded_events),
            ("n_excluded_censored", left.n_excluded_censored),
            ("n_later", left.n_later()),
        ];
        for (name, count) in counts {
            assert_eq!(Some(count as u64), case[name].as_u64(), "{call}: {name}");
        }
        let curves =
            kaplan_meier_by_group(&left.data, &groups, 2, &KaplanMeierOptions::default()).unwrap();
        let medians: Vec<Option<f64>> =
            curves.iter().map(|curve| curve.median().estimate).collect();
        assert_eq!(medians, numbers(&case["medians"]), "{call}: medians");
        let options = LogRankOptions { strata: None, rho: 0.0 };
        let test = log_rank(&left.data, &groups, 2, &options).unwrap();
        close(call, test.chi_square, &case["chi_square"], EXACT);
        let exposure: Vec<f64> = groups.iter().map(|group| *group as f64).collect();
        let fit = CoxModel::new(&left.data, &exposure, 1).unwrap().fit().unwrap();
        let found = fit.coefficients[0].unwrap();
        close(call, found.log_hazard_ratio, &case["coefficient"], ITERATED);
        close(call, found.naive_standard_error, &case["standard_error"], ITERATED);
        let names = texts(&case["covariates"]);
        let mut all = exposure;
        all.extend(columns(&table, &names, &left.included));
        let fit =
            CoxModel::new(&left.data, &all, all.len() / left.data.n()).unwrap().fit().unwrap();
        compare_coefficients(call, &fit, &case["adjusted"], &case["adjusted_error"]);
        switching_from(&case, &table, &left);
    }
}

fn compare_coefficients(
    call: &str,
    fit: &restudy_stats::cox::CoxFit,
    coefficients: &Value,
    errors: &Value,
) {
    let expected = numbers(coefficients).into_iter().zip(numbers(errors));
    for (found, (beta, error)) in fit.coefficients.iter().zip(expected) {
        let found = found.expect("not collinear");
        assert_close(call, Some(found.log_hazard_ratio), beta, ITERATED);
        assert_close(call, Some(found.naive_standard_error), error, ITERATED);
    }
}

/// The same subjects, changing group after the landmark.
fn switching_from(case: &Value, table: &Table, left: &Landmark) {
    let call = text(case, "call").expect("a call");
    let split = SwitchingData::new(&left.data, &left.switches).unwrap();
    let shares = split.shares();
    for (group, share) in shares.iter().enumerate() {
        assert_eq!(case["share_subjects"][group].as_u64(), Some(share.n_subjects as u64), "{call}");
        assert_eq!(case["share_events"][group].as_u64(), Some(share.n_events as u64), "{call}");
        close(call, share.time, &case["share_time"][group], EXACT);
    }
    let names = texts(&case["covariates"]);
    let rows: Vec<usize> =
        split.intervals().subjects().iter().map(|subject| left.included[*subject]).collect();
    let state: Vec<f64> = split.groups().iter().map(|group| *group as f64).collect();
    let mut all = state.clone();
    all.extend(columns(table, &names, &rows));
    let model = CoxModel::counting(split.intervals(), &all, 1 + names.len()).unwrap();
    let fit = model.fit().unwrap();
    compare_coefficients(call, &fit, &case["dependent"], &case["dependent_error"]);
    let likelihoods = [fit.log_likelihood_null, fit.log_likelihood];
    for (found, expected) in likelihoods.into_iter().zip(numbers(&case["dependent_likelihood"])) {
        assert_close(call, Some(found), expected, EXACT);
    }
    let alone = CoxModel::counting(split.intervals(), &state, 1).unwrap();
    let breslow = alone.clone().ties(Ties::Breslow).fit().unwrap().coefficients[0].unwrap();
    close(call, breslow.log_hazard_ratio, &case["breslow"], ITERATED);
    let robust = alone.robust().fit().unwrap().coefficients[0].unwrap();
    close(call, robust.standard_error(), &case["robust_error"], ITERATED);
    let test = GroupComparison::counting(split.intervals(), split.groups(), 2).unwrap();
    let test = test.test(LogRankWeight::g_rho(0.0)).unwrap();
    close(call, test.observed[1], &case["observed"], EXACT);
    close(call, test.expected[1], &case["expected"], EXACT);
    close(call, test.chi_square, &case["mantel_byar"], EXACT);
    let curves = SurvivalCurveModel::counting(split.intervals())
        .confidence(0.95, ConfidenceType::LogLog)
        .unwrap()
        .estimate_by_group(split.groups(), 2)
        .unwrap();
    for (curve, expected) in curves.iter().zip(case["curves"].as_array().expect("curves")) {
        let times = numbers(&expected["time"]);
        assert_eq!(curve.rows.len(), times.len(), "{call}");
        for (place, row) in curve.rows.iter().enumerate() {
            assert_close(call, Some(row.time), times[place], EXACT);
            let at = |name: &str| number(&expected[name][place]);
            assert_close(call, Some(row.n_at_risk), at("n_at_risk"), EXACT);
            assert_close(call, Some(row.survival), at("survival"), EXACT);
            assert_close(call, row.lower, at("lower"), EXACT);
            assert_close(call, row.upper, at("upper"), EXACT);
        }
    }
}

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
        let design = design.covariates(&self.covariates, self.n_covariates).unwrap();
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
        let indices: Vec<Vec<usize>> =
            samples.iter().map(|sample| reference::counts(&sample["index"])).collect();
        let resampled = design.resampled_in(&cloned.horizons, &indices).unwrap();
        for (found, expected) in resampled.estimates.iter().zip(samples) {
            let found = found.as_ref().expect("an estimate");
            compare_horizons(call, &found.horizons, &expected["horizons"]);
        }
    }
}

fn jasa() -> (SurvivalData, Vec<Option<f64>>, Vec<f64>) {
    let table = table("jasa_switch");
    (table.survival(), table.cells("switch"), table.column("age"))
}

#[test]
fn resampling_gives_the_same_bits_with_any_number_of_threads() {
    let (data, starts, age) = jasa();
    let design = CloneCensorWeight::new(&data, &starts, 30.0).unwrap();
    let design = design.covariates(&age, 1).unwrap().model(CensoringModel::Cox).unwrap();
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
    let design = design.covariates(&age, 1).unwrap();
    let interval = CensoringModel::PooledLogistic { interval: -1.0 };
    assert_eq!(
        message(design.clone().model(interval).unwrap_err()),
        "`interval` is -1, outside (0, infinity)"
    );
    assert!(design.clone().largest_weight(0.5).is_err());
    assert!(design.estimate(&[0.0]).is_err());
    assert!(design.resampled(&[], 0, 1).is_err());
    assert!(design.resampled_in(&[], &[vec![0]]).is_err());
    assert!(design.clone().covariates(&age[1..], 1).is_err());
}

/// With the covariate deciding who starts, the model says so.
#[test]
fn a_covariate_that_decides_is_told() {
    let times: Vec<f64> = (1..=12).map(|time| f64::from(time) * 10.0).collect();
    let data = SurvivalData::new(&times, &[true; 12]).unwrap();
    let decides: Vec<f64> = (0..12).map(|subject| f64::from(subject % 2)).collect();
    let starts: Vec<Option<f64>> = decides.iter().map(|one| (*one > 0.5).then_some(5.0)).collect();
    for model in [CensoringModel::Cox, CensoringModel::PooledLogistic { interval: 10.0 }] {
        let design = CloneCensorWeight::new(&data, &starts, 20.0).unwrap();
        let design = design.covariates(&decides, 1).unwrap().model(model).unwrap();
        let found = design.largest_weight(50.0).unwrap().estimate(&[]).unwrap();
        assert!(found.strategies.iter().all(|strategy| strategy.is_separated), "{model:?}");
    }
}

#[test]
fn assumed_starts_equal_those_tried_in_r() {
    for case in cases("timing_tipping_point") {
        let call = text(&case, "call").expect("a call");
        let table = table(text(&case, "data").expect("data"));
        let data = table.survival();
        let exposed: Vec<bool> = match text(&case, "exposed").expect("a column") {
            "switch" => {
                let ends = data.times().iter();
                table
                    .cells("switch")
                    .iter()
                    .zip(ends)
                    .map(|(s, end)| s.is_some_and(|s| s < *end))
                    .collect()
            }
            column => table.column(column).iter().map(|one| *one == 1.0).collect(),
        };
        let names = texts(&case["covariates"]);
        let covariates = table.matrix(&names);
        let analysis = TimingTippingPoint::new(&data, &exposed).unwrap();
        let analysis = analysis.covariates(&covariates, names.len()).unwrap();
        let is_same = text(&case, "shape") == Some("same");
        let shape = if is_same { TimingShape::SameTime } else { TimingShape::ShareOfFollowUp };
        for point in case["points"].as_array().expect("points") {
            let found =
                analysis.at(shape.start(number(&point["value"]).expect("a start"))).unwrap();
            close(call, found.coefficient.log_hazard_ratio, &point["coefficient"], ITERATED);
            let error = found.coefficient.naive_standard_error;
            close(call, error, &point["standard_error"], ITERATED);
            close(call, found.median_start, &point["median_start"], EXACT);
            let counts = [
                ("n_exposed", found.n_exposed),
                ("n_contradicted", found.n_contradicted),
                ("n_exposed_events", found.n_exposed_events),
            ];
            for (name, count) in counts {
                assert_eq!(point[name].as_u64(), Some(count as u64), "{call}: {name}");
            }
        }
        if is_same {
            for (name, tipping) in
                [("estimate", Tipping::Estimate), ("limits", Tipping::Limits(0.95))]
            {
                let found = analysis.tipping_point(shape, tipping).unwrap();
                assert_eq!(found, number(&case["tipping"][name]), "{call}: {name}");
            }
        }
    }
}

/// At the tipping share the effect has vanished, just before it has not.
#[test]
fn the_tipping_share_is_where_the_effect_turns() {
    let (data, starts, _) = jasa();
    let exposed: Vec<bool> = starts.iter().map(Option::is_some).collect();
    let analysis = TimingTippingPoint::new(&data, &exposed).unwrap();
    let found = analysis.tipping_point(TimingShape::ShareOfFollowUp, Tipping::Estimate).unwrap();
    let share = found.expect("a tipping point");
    let effect = |share: f64| {
        analysis.at(AssumedStart::ShareOfFollowUp(share)).unwrap().coefficient.log_hazard_ratio
    };
    assert!(effect(0.0) < 0.0 && effect(share - 1e-9) < 0.0 && effect(share) >= 0.0);
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
        let expected = all.at(8.0).unwrap().map_or(1.0, |row| row.survival);
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
            let design = design.covariates(&x, 1).unwrap().model(CensoringModel::Cox).unwrap();
            design.estimate(&[12.0 * scale]).ok()
        };
        let (one, two) = (of(1.0), of(2.0));
        prop_assert_eq!(one.is_some(), two.is_some());
        if let (Some(one), Some(two)) = (one, two) {
            prop_assert_eq!(one.horizons[0].survival, two.horizons[0].survival);
            prop_assert_eq!(one.log_hazard_ratio, two.log_hazard_ratio);
        }
    }
}
