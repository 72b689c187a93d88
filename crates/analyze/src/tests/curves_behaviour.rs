//! Mistakes of weighted, late-entering, compared and interval-censored
//! curves, with their full text, and what their findings carry.

use serde_json::{Value, json};
use study::{Column, Detail, IntervalKind, Method, Procedure, State, Table, Variance, Warning};

use crate::kinds::kaplan_meier::KaplanMeier;
use crate::kinds::survival_comparison::SurvivalComparison;
use crate::kinds::survival_difference::SurvivalDifference;
use crate::kinds::turnbull::Turnbull;
use crate::testing::{Sample, check_documented, finding, ids, rehearse, run, run_with, value};

/// Eight patients in two arms, three sites, with a late entry and intervals.
fn sample() -> Sample {
    let known = Column { lineage: crate::testing::known_from("rt_start"), ..Column::default() };
    Sample::of(8)
        .whole("pfs_days", [10, 20, 30, 40, 50, 60, 70, 80].map(Some))
        .whole("pfs_event", [1, 1, 0, 1, 1, 0, 1, 1].map(Some))
        .text("arm", ["b", "a", "b", "a", "b", "a", "b", "a"].map(Some))
        .levels("arm", &["b", "a"])
        .text("site", ["x", "y", "z", "x", "y", "z", "x", "y"].map(Some))
        .yes_no("rt", [true, false, false, true, false, true, false, true].map(Some))
        .about("rt", &known)
        .real("entry", [0.0, 5.0, 0.0, 12.0, 0.0, 0.0, 3.0, 0.0].map(Some))
        .real("left", [0.0, 10.0, 30.0, 20.0, 40.0, 60.0, 35.0, 70.0].map(Some))
        .real(
            "right",
            [Some(10.0), Some(20.0), None, Some(40.0), Some(50.0), None, Some(70.0), Some(80.0)],
        )
}

/// Weights of all but the last patient.
fn weights() -> Table {
    let weights = [1.0, 2.0, 0.5, 1.0, 1.0, 3.0, 1.0, 1.0].map(Some);
    let mut weights = weights.to_vec();
    // The last patient has none, so that somebody is left out.
    weights[7] = None;
    Sample::of(8).real("weight", weights).table()
}

fn mistakes(kind: &str, parameters: Value) -> Vec<String> {
    let table = sample().table();
    let result = match kind {
        "kaplan_meier" => rehearse::<KaplanMeier>(&table, parameters),
        "survival_comparison" => rehearse::<SurvivalComparison>(&table, parameters),
        "survival_difference" => rehearse::<SurvivalDifference>(&table, parameters),
        _ => rehearse::<Turnbull>(&table, parameters),
    };
    result.err().unwrap_or_default()
}

const IMMORTAL: &str = "by: `rt` is known only from `rt_start`, after time zero (`start`): a patient must survive until then to get into the group; analyse from a landmark or with a time-dependent term (kinds `landmark`, `simon_makuch`, `time_dependent_cox`, `clone_censor_weight`, `timing_tipping_point`), or declare `immortal_time: naive` to do it all the same, with a warning on every finding";

#[test]
fn mistakes_that_need_no_data() {
    let cases: Vec<(&str, Value, Vec<&str>)> = vec![
        (
            "kaplan_meier",
            json!({
                "endpoint": "pfs", "reverse": true, "entry": "arm", "estimator": "nelson_aalen",
                "cumulative_hazard": true,
            }),
            vec![
                "entry: `arm` does not hold numbers of days; derive the days from time zero to entry",
                "entry: `entry` cannot be combined with `reverse`; the follow-up is told by the plain curve: make it an entry of its own",
                "estimator: `estimator` cannot be combined with `reverse`; the follow-up is told by the plain curve: make it an entry of its own",
                "cumulative_hazard: `cumulative_hazard` cannot be combined with `reverse`; the follow-up is told by the plain curve: make it an entry of its own",
            ],
        ),
        (
            "kaplan_meier",
            json!({ "endpoint": "pfs", "entry": "entr" }),
            vec!["entry: table `analysis` has no column `entr`; did you mean `entry`?"],
        ),
        (
            "survival_difference",
            json!({ "endpoint": "pfs", "by": "rt", "reference": "maybe" }),
            vec![
                IMMORTAL,
                "reference: column `rt` has no level `maybe`; there are: `no`, `yes`",
                "at: no time is given at which the groups are to be compared; list times under `at`, or horizons under `restricted_mean`",
            ],
        ),
        (
            "survival_difference",
            json!({ "endpoint": "pfs", "by": "arm", "restricted_mean": [0] }),
            vec![
                "restricted_mean.0: 0 is no time of follow-up; times count from the index date on",
            ],
        ),
        (
            "survival_comparison",
            json!({
                "endpoint": "pfs", "by": "arm", "tests": [], "scores": { "c": 1 },
                "adjust": ["holm"], "permutation": 0,
            }),
            vec![
                "tests: no test is chosen; there are: `log_rank`, `gehan`, `tarone_ware`, `peto_peto`, `modified_peto_peto`",
                "scores: `scores` are of a trend, which is not tested; set `trend: true`, or leave `scores` out",
                "scores.c: column `arm` has no level `c`; there are: `b`, `a`",
                "adjust: `adjust` is of the pairs, which are not compared; set `pairwise: true`, or leave `adjust` out",
                "permutation: 0 arrangements make no permutation test; 10000 is a usual number",
            ],
        ),
        (
            "survival_comparison",
            json!({
                "endpoint": "pfs", "by": "rt", "tests": ["gehan", "gehan"],
                "fleming_harrington": [[0], [0, 1], [0, 1]],
            }),
            vec![
                IMMORTAL,
                "tests.1: `gehan` is listed twice",
                "fleming_harrington.0: the weights of Fleming and Harrington are pairs of rho and gamma, 0 or more; write [0, 1] to weigh late events more",
                "fleming_harrington.2: the pair is listed twice",
            ],
        ),
        (
            "turnbull",
            json!({ "left": "left", "right": "arm", "by": "rt", "at": [-1], "quantiles": [1], "bootstrap": 5 }),
            vec![
                "right: `arm` does not hold numbers of days; derive the days from time zero to the examination",
                IMMORTAL,
                "at.0: -1 is no time of follow-up; times count from the index date on",
                "quantiles.0: 1 is no share of patients between 0 and 1; the median is 0.5",
                "bootstrap: 5 bootstrap samples make no standard error; 1000 is a usual number, 20 the least",
            ],
        ),
        (
            "turnbull",
            json!({ "left": "left", "right": "left" }),
            vec![
                "right: `left` is both ends of the interval; events known to the day are of `kaplan_meier`",
            ],
        ),
    ];
    for (kind, parameters, expected) in cases {
        assert_eq!(mistakes(kind, parameters.clone()), expected, "{kind} {parameters}");
    }
}

#[test]
fn an_entry_without_weights_is_named() {
    let other = sample().table();
    let expected = "weights: `ps` makes no weights of patients; name an entry of `analyze` that does, such as a `propensity_score`";
    let parameters = json!({ "endpoint": "pfs", "weights": "ps" });
    let found = run_with::<KaplanMeier>(sample().table(), vec![("ps", other.clone())], parameters);
    assert_eq!(found.unwrap_err(), [expected]);
    let parameters = json!({ "endpoint": "pfs", "by": "arm", "weights": "ps", "at": [1] });
    let found = run_with::<SurvivalDifference>(sample().table(), vec![("ps", other)], parameters);
    assert_eq!(found.unwrap_err(), [expected]);
}

#[test]
fn mistakes_of_the_data() {
    let late = |days: f64| sample().real("entry", [Some(days); 8]);
    let km = json!({ "endpoint": "pfs", "entry": "entry" });
    assert_eq!(
        run::<KaplanMeier>(late(40.0).table(), km.clone()).unwrap_err(),
        [
            "entry: patient `P1` enters at 40 days (`entry`), not before the end of follow-up at 10; such a patient was never at risk under observation: leave out by `where`"
        ]
    );
    assert_eq!(
        run::<KaplanMeier>(late(-2.0).table(), km.clone()).unwrap_err(),
        [
            "entry: entry `entry` is negative for patient `P1`: -2; entry counts from time zero on; whoever was there at time zero enters at 0"
        ]
    );
    assert_eq!(
        run::<KaplanMeier>(sample().real("entry", [None; 8]).table(), km).unwrap_err(),
        ["endpoint: no patient has a value of `pfs` and of what is asked for beside it"]
    );
    let compare = |more: Value| {
        let mut parameters = json!({ "endpoint": "pfs", "by": "site" });
        for (key, value) in more.as_object().expect("parameters") {
            parameters[key] = value.clone();
        }
        run::<SurvivalComparison>(sample().table(), parameters).unwrap_err()
    };
    assert_eq!(
        compare(json!({ "max_combo": true })),
        [
            "max_combo: `max_combo` compares two groups, not 3; leave two by `where`, or leave `max_combo` out"
        ]
    );
    assert_eq!(
        compare(json!({ "trend": true, "scores": { "x": 1, "y": 1 } })),
        ["scores: level `z` has no score; give each level of the groups one"]
    );
    assert_eq!(
        compare(json!({ "trend": true, "scores": { "x": 1, "y": 1, "z": 1 } })),
        ["scores: all levels have the same score; a trend needs scores that differ"]
    );
    let ends = json!({ "left": "left", "right": "right" });
    let right = sample().real("right", [Some(25.0); 8]).real("left", [Some(30.0); 8]);
    let found = run::<Turnbull>(right.table(), ends.clone()).unwrap_err();
    assert_eq!(
        (found.len(), found[0].as_str()),
        (
            8,
            "right: the interval of patient `P1` ends at 25 days (`right`), before it begins at 30 (`left`); leave `right` missing where the event did not come; mend the dates with a cleaning rule"
        )
    );
    let negative = sample().real("left", [Some(-3.0); 8]);
    assert_eq!(
        run::<Turnbull>(negative.table(), ends.clone()).unwrap_err()[0],
        "left: `left` is negative for patient `P1`: -3 days; an examination before time zero: mend the dates with a cleaning rule"
    );
    assert_eq!(
        run::<Turnbull>(sample().real("left", [None; 8]).table(), ends).unwrap_err(),
        ["left: `left` is missing for every patient"]
    );
}

#[test]
fn weights_keep_the_counts_and_leave_out_who_has_none() {
    let parameters = json!({ "endpoint": "pfs", "by": "arm", "weights": "ps", "at": [1] });
    let output = run_with::<KaplanMeier>(sample().table(), vec![("ps", weights())], parameters)
        .expect("runs");
    let median = finding(&output, "median.a");
    // P2, P4 and P6: P8 has no weight.
    assert_eq!((median.n, median.events, median.missing), (Some(3), Some(2), Some(1)));
    let method = Method::of(Procedure::KaplanMeier)
        .with(Detail::Weighted)
        .with(Detail::Interval { interval: IntervalKind::LogLog, level: 0.95 })
        .with(Detail::Variance(Variance::Robust));
    assert_eq!(median.method, method);
    assert_eq!(value(&output, "n.a"), 3.0);
    // 2, 1 and 3; their squares are 14.
    assert_eq!(value(&output, "weighted_n.a"), 6.0);
    assert_eq!(value(&output, "effective_n.a"), 36.0 / 14.0);
    // After one month P4 and P6 are left.
    assert_eq!(value(&output, "weighted_n_at_risk.1_months.a"), 4.0);
    assert_eq!(value(&output, "n_at_risk.1_months.a"), 2.0);
    // Who was analysed goes by names, as the figures count.
    assert_eq!(output.patients["all"].len(), 7);
    let curves = output.figures.curves().expect("curves");
    assert_eq!(curves.warnings, [Warning::WeightedCurves]);
    assert_eq!(curves.groups[1].rows[0].events, 1);
    let details = output.methods.expect("an account").method.details;
    assert!(details.contains(&Detail::WeightedBy("ps".into())), "{details:?}");
}

#[test]
fn equal_weights_change_no_estimate() {
    // Weights of one: only the variance is estimated in another way, and must come to the same.
    let ones = Sample::of(8).real("weight", [Some(1.0); 8]).table();
    let mut parameters = json!({
        "endpoint": "pfs", "by": "arm", "at": [1, 2], "restricted_mean": [1.5],
    });
    let plain = run::<KaplanMeier>(sample().table(), parameters.clone()).expect("runs");
    parameters["weights"] = json!("ps");
    let weighted = run_with::<KaplanMeier>(sample().table(), vec![("ps", ones)], parameters);
    let weighted = weighted.expect("runs");
    for expected in &plain.findings {
        let id = expected.id();
        let found = finding(&weighted, id.strip_prefix("stage.").expect("the stage"));
        assert_eq!(
            (found.state, found.n, found.events),
            (expected.state, expected.n, expected.events)
        );
        for (found, expected) in [
            (found.value, expected.value),
            (found.lower, expected.lower),
            (found.standard_error, expected.standard_error),
        ] {
            let (found, expected) = (found.unwrap_or(-1.0), expected.unwrap_or(-1.0));
            assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{id}: {found} {expected}");
        }
    }
}

#[test]
fn a_curve_at_zero_before_all_have_entered_says_so() {
    // P1 alone is at risk until day 10, and has the event then.
    let table = sample().real("entry", [0.0, 12.0, 12.0, 12.0, 12.0, 12.0, 12.0, 12.0].map(Some));
    let parameters = json!({ "endpoint": "pfs", "entry": "entry" });
    let output = run::<KaplanMeier>(table.table(), parameters).expect("runs");
    let median = finding(&output, "median.all");
    assert_eq!(median.value, Some(10.0));
    assert_eq!(median.warnings, [Warning::ZeroBeforeEntries { days: 10.0 }]);
    assert!(finding(&output, "n.all").warnings.is_empty());
}

#[test]
fn a_difference_from_a_group_without_events_says_that_its_limits_are_narrow() {
    // Nobody of arm `a` has the event.
    let events = [1, 0, 0, 0, 1, 0, 1, 0].map(Some);
    let parameters = json!({ "endpoint": "pfs", "by": "arm", "at": [1], "restricted_mean": [1] });
    let output = run::<SurvivalDifference>(sample().whole("pfs_event", events).table(), parameters);
    let output = output.expect("runs");
    for id in [
        "survival_difference.1_months.a",
        "p.survival_difference.1_months.a",
        "restricted_mean_ratio.1_months.a",
    ] {
        assert_eq!(finding(&output, id).warnings, [Warning::CountsAsCertain], "{id}");
    }
    let error = finding(&output, "survival.1_months.a").standard_error.expect("an error");
    // Not `-0`, which a table would print.
    assert!(error == 0.0 && error.is_sign_positive());
}

/// Two curves that have not fallen are equal, but nothing says how sure that is.
#[test]
fn a_difference_before_any_event_has_no_limits_and_no_test() {
    let events = [0, 0, 0, 0, 0, 0, 1, 1].map(Some);
    let parameters =
        json!({ "endpoint": "pfs", "by": "arm", "at": [0.1], "restricted_mean": [0.1] });
    let output = run::<SurvivalDifference>(sample().whole("pfs_event", events).table(), parameters);
    let output = output.expect("runs");
    for (name, equal) in [
        ("survival_difference", 0.0),
        ("restricted_mean_difference", 0.0),
        ("restricted_mean_ratio", 1.0),
    ] {
        let of = |start: &str| {
            let known = output.findings.iter().find(|one| one.id().starts_with(start));
            known.unwrap_or_else(|| panic!("no `{start}` among {:?}", ids(&output)))
        };
        let found = of(&format!("stage.{name}."));
        assert_eq!((found.value, found.lower, found.upper), (Some(equal), None, None), "{name}");
        assert_eq!(found.warnings, [Warning::CountsAsCertain], "{name}");
        assert_eq!(of(&format!("stage.p.{name}.")).state, State::NotEstimable, "{name}");
    }
}

#[test]
fn a_difference_that_is_not_known_says_why() {
    let parameters =
        // Three months are 91 days, when everybody has left.
        json!({ "endpoint": "pfs", "by": "arm", "at": [0, 3], "restricted_mean": [3] });
    let output = run::<SurvivalDifference>(sample().table(), parameters).expect("runs");
    let late = finding(&output, "survival_difference.3_months.a");
    assert_eq!((late.state, late.reference.as_deref()), (State::NotEstimable, Some("b")));
    assert_eq!(late.warnings, [Warning::CurveUnknown]);
    assert_eq!(late.n, Some(8));
    let start = finding(&output, "survival_difference.0_months.a");
    assert_eq!((start.value, start.standard_error), (Some(0.0), Some(0.0)));
    assert!(start.warnings.is_empty());
    assert_eq!(finding(&output, "p.survival_difference.0_months.a").value, Some(1.0));
    assert_eq!(value(&output, "survival.3_months.b"), 0.0);
    // The other way round the ratio is its inverse.
    let swapped =
        json!({ "endpoint": "pfs", "by": "arm", "reference": "a", "restricted_mean": [3] });
    let swapped = run::<SurvivalDifference>(sample().table(), swapped).expect("runs");
    let (there, back) = (
        value(&output, "restricted_mean_ratio.3_months.a"),
        value(&swapped, "restricted_mean_ratio.3_months.b"),
    );
    assert!((there * back - 1.0).abs() < 1e-12);
}

#[test]
fn naive_groups_are_warned_of() {
    let warning = Warning::NaiveGroup { label: "rt".into(), date_label: "rt_start".into() };
    let table = sample().table();
    let naive = |more: Value| {
        let mut parameters = json!({ "by": "rt", "immortal_time": "naive" });
        for (key, value) in more.as_object().expect("parameters") {
            parameters[key] = value.clone();
        }
        parameters
    };
    let outputs = [
        run::<SurvivalDifference>(table.clone(), naive(json!({ "endpoint": "pfs", "at": [1] }))),
        run::<SurvivalComparison>(table.clone(), naive(json!({ "endpoint": "pfs" }))),
        run::<Turnbull>(table, naive(json!({ "left": "left", "right": "right" }))),
    ];
    for output in outputs {
        let output = output.expect("runs");
        // Numbers of all patients compare nothing, and carry no such warning.
        let of_groups = output.findings.iter().filter(|f| f.group.as_deref() != Some("all"));
        assert!(of_groups.into_iter().all(|finding| finding.warnings[0] == warning));
    }
}

#[test]
fn a_time_within_an_interval_has_bounds_only() {
    let parameters = json!({ "left": "left", "right": "right", "at": [0.5, 3] });
    let output = run::<Turnbull>(sample().table(), parameters).expect("runs");
    let inside = finding(&output, "survival.0_5_months.all");
    assert_eq!(inside.state, State::NotEstimable);
    assert_eq!(inside.warnings, [Warning::WithinMassInterval]);
    let (least, greatest) = (
        value(&output, "least_survival.0_5_months.all"),
        value(&output, "greatest_survival.0_5_months.all"),
    );
    // Half a month lies within an interval with mass.
    assert!(least < greatest && greatest < 1.0);
    assert_eq!(finding(&output, "survival.3_months.all").value, Some(0.0));
    // Six have a first day with the event.
    assert_eq!(value(&output, "events.all"), 6.0);
    assert_eq!(value(&output, "exact_events.all"), 0.0);
    assert!(
        rehearse::<Turnbull>(&sample().table(), json!({ "left": "left", "right": "right" }))
            .is_ok()
    );
}

#[test]
fn every_statistic_stands_in_the_documentation() {
    let table = sample().table();
    let times = json!({
        "endpoint": "pfs", "by": "arm", "at": [1], "restricted_mean": [1], "weights": "ps",
        "quantiles": [0.25, 0.5],
    });
    let beside = || vec![("ps", weights())];
    let outputs = [
        run_with::<KaplanMeier>(table.clone(), beside(), times.clone()),
        run_with::<SurvivalDifference>(
            table.clone(),
            beside(),
            json!({ "endpoint": "pfs", "by": "arm", "at": [1], "restricted_mean": [1], "weights": "ps" }),
        ),
        run::<SurvivalComparison>(
            table.clone(),
            json!({
                "endpoint": "pfs", "by": "arm", "trend": true, "pairwise": true, "max_combo": true,
                "adjust": ["holm"], "permutation": 10, "fleming_harrington": [[0, 1]],
            }),
        ),
        run::<Turnbull>(
            table,
            json!({
                "left": "left", "right": "right", "at": [1], "quantiles": [0.25, 0.5],
                "mass_intervals": true,
            }),
        ),
    ];
    check_documented(outputs.map(|output| output.expect("runs")));
}
