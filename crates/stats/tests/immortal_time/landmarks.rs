//! Landmarks and changes of group.

use restudy_stats::cox::{CoxFit, CoxModel, Ties};
use restudy_stats::group_comparison::{GroupComparison, LogRankWeight};
use restudy_stats::landmark::{Landmark, landmark};
use restudy_stats::log_rank::{LogRankOptions, log_rank};
use restudy_stats::survival_curve::{ConfidenceType, SurvivalCurveModel};
use restudy_stats::switching::SwitchingData;
use serde_json::Value;

use crate::reference::{Table, assert_close, cases, covariates_of, numbers, table, text, texts};
use crate::{EXACT, ITERATED, close, number};

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
            ("n_exposed", groups.sizes()[1]),
            ("n_excluded_events", left.n_excluded_events),
            ("n_excluded_censored", left.n_excluded_censored),
            ("n_later", left.n_later()),
        ];
        for (name, count) in counts {
            assert_eq!(Some(count as u64), case[name].as_u64(), "{call}: {name}");
        }
        let curves = SurvivalCurveModel::new(&left.data).estimate_by_group(&groups).unwrap();
        let medians: Vec<Option<f64>> =
            curves.iter().map(|curve| curve.median().estimate).collect();
        assert_eq!(medians, numbers(&case["medians"]), "{call}: medians");
        let options = LogRankOptions { strata: None, rho: 0.0 };
        let test = log_rank(&left.data, &groups, &options).unwrap();
        close(call, test.test.statistic, &case["chi_square"], EXACT);
        let exposure: Vec<f64> = groups.codes().iter().map(|group| *group as f64).collect();
        let fit = CoxModel::new(&left.data, covariates_of(&exposure, 1)).unwrap().fit().unwrap();
        let found = fit.coefficients[0].unwrap();
        close(call, found.estimate, &case["coefficient"], ITERATED);
        close(call, found.standard_error, &case["standard_error"], ITERATED);
        let names = texts(&case["covariates"]);
        let mut all = exposure;
        all.extend(columns(&table, &names, &left.included));
        let fit = CoxModel::new(&left.data, covariates_of(&all, all.len() / left.data.n()))
            .unwrap()
            .fit()
            .unwrap();
        compare_coefficients(call, &fit, &case["adjusted"], &case["adjusted_error"]);
        switching_from(&case, &table, &left);
    }
}

fn compare_coefficients(call: &str, fit: &CoxFit, coefficients: &Value, errors: &Value) {
    let expected = numbers(coefficients).into_iter().zip(numbers(errors));
    for (found, (beta, error)) in fit.coefficients.iter().zip(expected) {
        let found = found.expect("not collinear");
        assert_close(call, Some(found.estimate), beta, ITERATED);
        assert_close(call, Some(found.standard_error), error, ITERATED);
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
        // The covariates of a subject in each of its intervals.
        split.intervals().subjects().iter().map(|subject| left.included[*subject]).collect();
    let state: Vec<f64> = split.groups().codes().iter().map(|group| *group as f64).collect();
    let mut all = state.clone();
    all.extend(columns(table, &names, &rows));
    let model =
        CoxModel::counting(split.intervals(), covariates_of(&all, 1 + names.len())).unwrap();
    let fit = model.fit().unwrap();
    compare_coefficients(call, &fit, &case["dependent"], &case["dependent_error"]);
    let likelihoods = [fit.log_likelihood_null, fit.log_likelihood];
    for (found, expected) in likelihoods.into_iter().zip(numbers(&case["dependent_likelihood"])) {
        assert_close(call, Some(found), expected, EXACT);
    }
    let alone = CoxModel::counting(split.intervals(), covariates_of(&state, 1)).unwrap();
    let breslow = alone.clone().ties(Ties::Breslow).fit().unwrap().coefficients[0].unwrap();
    close(call, breslow.estimate, &case["breslow"], ITERATED);
    let robust = alone.robust().fit().unwrap().coefficients[0].unwrap();
    close(call, robust.standard_error, &case["robust_error"], ITERATED);
    let test = GroupComparison::counting(split.intervals(), split.groups()).unwrap();
    let test = test.test(LogRankWeight::g_rho(0.0)).unwrap();
    close(call, test.observed[1], &case["observed"], EXACT);
    close(call, test.expected[1], &case["expected"], EXACT);
    close(call, test.test.statistic, &case["mantel_byar"], EXACT);
    let curves = SurvivalCurveModel::counting(split.intervals())
        .confidence(0.95, ConfidenceType::LogLog)
        .unwrap()
        .estimate_by_group(split.groups())
        .unwrap();
    for (curve, expected) in curves.iter().zip(case["curves"].as_array().expect("curves")) {
        let times = numbers(&expected["time"]);
        assert_eq!(curve.rows.len(), times.len(), "{call}");
        for (place, row) in curve.rows.iter().enumerate() {
            assert_close(call, Some(row.time), times[place], EXACT);
            let at = |name: &str| number(&expected[name][place]);
            assert_close(call, Some(row.n_at_risk as f64), at("n_at_risk"), EXACT);
            assert_close(call, Some(row.survival), at("survival"), EXACT);
            assert_close(call, row.lower, at("lower"), EXACT);
            assert_close(call, row.upper, at("upper"), EXACT);
        }
    }
}
