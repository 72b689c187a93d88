//! What happens at a boundary to the day: each side of docs/methods.md, at the
//! tie.

use serde_json::{Value, json};
use study::{AtRisk, Output};

use crate::analysis::Analysis;
use crate::kinds::{
    clone_censor_weight, cumulative_incidence, kaplan_meier, landmark, time_dependent_cox,
};
use crate::testing::{Sample, run, run_in, settings, value};

/// Eight patients of whom three leave on day 10: two with the event, one
/// without. Exposure starts on the days of `rt_start`, counted from 17,000.
fn eight() -> Sample {
    let known =
        study::Column { lineage: crate::testing::known_from("rt_start"), ..Default::default() };
    let starts = [None, Some(17_010), Some(17_004), None, Some(17_010), None, Some(17_012), None];
    Sample::of(8)
        .whole("os_days", [5, 10, 10, 10, 20, 30, 40, 50].map(Some))
        .whole("os_event", [1, 1, 1, 0, 1, 0, 1, 0].map(Some))
        .text("arm", ["a", "b", "a", "b", "a", "b", "a", "b"].map(Some))
        .text("cause", [1, 1, 1, 0, 1, 0, 1, 0].map(|event| (event == 1).then_some("death")))
        .date("start", [Some(17_000); 8])
        .date("rt_start", starts)
        .yes_no("rt", starts.map(|start| Some(start.is_some())))
        .about("rt", &known)
}

/// Of a study that counts in days, by one of both conventions.
fn counted<A: Analysis>(at_risk: AtRisk, parameters: Value) -> Output {
    let mut study = settings();
    study.at_risk = at_risk;
    study.time_unit = study::TimeUnit::Days;
    run_in::<A>(&study, vec![("analysis", eight().table())], parameters).expect("runs")
}

#[test]
fn those_who_leave_at_a_time_are_at_risk_at_it_or_not_as_declared() {
    // Day 10 is a tie; between days both conventions are the same.
    let with = |more: Value| {
        let mut parameters = json!({ "endpoint": "os", "at": [10, 15] });
        let both = parameters.as_object_mut().expect("an object");
        both.extend(more.as_object().expect("an object").clone());
        parameters
    };
    let kinds: [&dyn Fn(AtRisk) -> Output; 4] = [
        &|at_risk| counted::<kaplan_meier::KaplanMeier>(at_risk, with(json!({}))),
        &|at_risk| counted::<kaplan_meier::KaplanMeier>(at_risk, with(json!({ "by": "arm" }))),
        // With rows of its own.
        &|at_risk| {
            let parameters = with(json!({ "estimator": "nelson_aalen" }));
            counted::<kaplan_meier::KaplanMeier>(at_risk, parameters)
        },
        &|at_risk| {
            let parameters = with(json!({ "cause": "cause" }));
            counted::<cumulative_incidence::CumulativeIncidence>(at_risk, parameters)
        },
    ];
    for kind in kinds {
        // P1 has left before day 10, three leave on it.
        let (at, beyond) = (kind(AtRisk::At), kind(AtRisk::Beyond));
        assert_eq!(value(&at, "n_at_risk.10_days.all"), 7.0);
        assert_eq!(value(&beyond, "n_at_risk.10_days.all"), 4.0);
        for output in [&at, &beyond] {
            assert_eq!(value(output, "n_at_risk.15_days.all"), 4.0);
            // Who is censored at it has left either way.
            assert_eq!(value(output, "cumulative_censored.10_days.all"), 1.0);
        }
    }
    let beyond = kinds[0](AtRisk::Beyond);
    let sum = ["n_at_risk", "cumulative_events", "cumulative_censored"]
        .map(|name| value(&beyond, &format!("{name}.10_days.all")));
    assert_eq!(sum, [4.0, 3.0, 1.0], "all eight");
}

#[test]
fn an_event_at_a_horizon_has_happened_and_one_at_tau_takes_no_time() {
    let output = counted::<kaplan_meier::KaplanMeier>(
        AtRisk::At,
        json!({ "endpoint": "os", "at": [9.5, 10], "restricted_mean": [10] }),
    );
    // At 9.5 days only P1 has left.
    assert_eq!(value(&output, "survival.9_5_days.all"), 7.0 / 8.0);
    // Seven are at risk on day 10, and two of them have the event there.
    assert!((value(&output, "survival.10_days.all") - 7.0 / 8.0 * 5.0 / 7.0).abs() < 1e-12);
    let mean = value(&output, "restricted_mean.10_days.all");
    // Eight for five days, then 7/8 of them for five
    // more: the events on day 10 take nothing off.
    assert!((mean - (5.0 + 5.0 * 7.0 / 8.0)).abs() < 1e-12, "{mean}");
}

#[test]
fn a_landmark_keeps_those_followed_beyond_it_in_the_group_of_that_day() {
    let output = run::<landmark::Landmark>(
        eight().table(),
        json!({ "endpoint": "os", "exposure": "rt", "landmark": ["10 days"] }),
    );
    let output = output.expect("runs");
    // Four are followed beyond day 10; exposure on day 10 counts, on day 12 not.
    assert_eq!(value(&output, "n.10_days.yes"), 1.0);
    assert_eq!(value(&output, "n.10_days.no"), 3.0);
}

#[test]
fn a_start_on_the_last_day_of_the_grace_period_is_within_it() {
    let strategy = |grace: f64| {
        let parameters = json!({
            "endpoint": "os", "exposure": "rt", "grace": format!("{grace} days"), "weights": "none",
            "replicates": 0,
        });
        let output = run::<clone_censor_weight::CloneCensorWeight>(eight().table(), parameters);
        value(&output.expect("runs"), "artificially_censored.yes")
    };
    // Beyond it are followed P5 to P8; P5 starts on day 10, P7 on day 12.
    assert_eq!((strategy(10.0), strategy(12.0)), (3.0, 2.0));
    assert_eq!(strategy(9.5), 6.0);
}

#[test]
fn who_has_the_event_on_the_day_of_the_start_was_not_yet_exposed() {
    let output = run::<time_dependent_cox::TimeDependentCox>(
        eight().table(),
        json!({ "endpoint": "os", "exposure": "rt" }),
    );
    let output = output.expect("runs");
    // P2 starts and dies on day 10.
    // P3, P5 and P7 have the event after their start.
    assert_eq!(value(&output, "events.yes"), 3.0);
}

#[test]
fn a_number_with_many_values_makes_no_groups() {
    let sample = |n: usize| {
        Sample::of(24)
            .whole("os_days", (1..=24).map(Some))
            .whole("os_event", (0..24).map(|i| Some(i % 2)))
            .whole("age", (0..24).map(|i| Some(50 + i % n as i64)))
    };
    let curves = |sample: Sample| {
        run::<kaplan_meier::KaplanMeier>(sample.table(), json!({ "endpoint": "os", "by": "age" }))
    };
    // A short scale does, and so does a number whose levels are declared.
    // Ten values are a scale, and eleven a measurement.
    assert!(curves(sample(10)).is_ok());
    let levels: Vec<String> = (50..62).map(|age| age.to_string()).collect();
    let levels: Vec<&str> = levels.iter().map(String::as_str).collect();
    assert!(curves(sample(12).levels("age", &levels)).is_ok());
    let wrong = curves(sample(11)).expect_err("too many");
    assert_eq!(
        wrong,
        [
            "by: `age` holds numbers with 11 values, which would each be a group; declare its levels, or cut it: `by: { column: age, cuts: [65] }` with cuts of your own, `by: { column: age, quantiles: 4 }` or `by: { column: age, median: true }`"
        ]
    );
}
