//! What a user may get wrong in competing risks, parametric models and plain
//! comparisons, with the full text; and the edges that R has no example of.

use serde_json::{Value, json};
use study::{Column, Detail, IntervalKind, Method, Procedure, Refusal, State, Variance, Warning};

use crate::kinds::{
    cause_specific_cox, cumulative_incidence, fine_gray, group_difference, parametric_model,
};
use crate::testing::{Sample, check_documented, finding, ids, rehearse, run, value};

const IMMORTAL: &str = "`rt` is known only from `rt_start`, after time zero (`start`): a patient must survive until then to get into the group; analyse from a landmark or with a time-dependent term (kinds `landmark`, `simon_makuch`, `time_dependent_cox`, `clone_censor_weight`, `timing_tipping_point`), or declare `immortal_time: naive` to do it all the same, with a warning on every finding";

/// Eight patients in two arms with two causes; `rt` is known only from `rt_start`.
fn sample() -> Sample {
    let known = Column { lineage: crate::testing::known_from("rt_start"), ..Column::default() };
    // P3 and P7 have no event, and so no cause.
    let causes = [
        Some("local"),
        Some("death"),
        None,
        Some("local"),
        Some("death"),
        Some("local"),
        None,
        Some("local"),
    ];
    Sample::of(8)
        .whole("pfs_days", [10, 20, 30, 40, 50, 60, 70, 80].map(Some))
        .yes_no("pfs_event", causes.map(|cause| Some(cause.is_some())))
        .text("cause", causes)
        .levels("cause", &["local", "death"])
        .text("arm", ["a", "b", "a", "b", "b", "a", "b", "a"].map(Some))
        .levels("arm", &["a", "b"])
        .yes_no("rt", [true, false, true, false, true, false, true, false].map(Some))
        .about("rt", &known)
        .date("seen", [Some(17_000); 8])
        .real("age", [61.5, 70.0, 52.0, 55.0, 48.0, 66.0, 59.0, 41.0].map(Some))
        .text("site", ["x", "y", "z", "y", "x", "z", "x", "y"].map(Some))
}

fn rehearsed(kind: &str, parameters: Value) -> Vec<String> {
    let table = sample().table();
    let result = match kind {
        "cumulative_incidence" => {
            rehearse::<cumulative_incidence::CumulativeIncidence>(&table, parameters)
        }
        "cause_specific_cox" => {
            rehearse::<cause_specific_cox::CauseSpecificCox>(&table, parameters)
        }
        "fine_gray" => rehearse::<fine_gray::FineGray>(&table, parameters),
        "parametric_model" => rehearse::<parametric_model::ParametricModel>(&table, parameters),
        "group_difference" => rehearse::<group_difference::GroupDifference>(&table, parameters),
        other => panic!("no kind `{other}`"),
    };
    result.err().unwrap_or_default()
}

fn run_kind(kind: &str, sample: &Sample, parameters: Value) -> Vec<String> {
    let table = sample.table();
    let result = match kind {
        "cumulative_incidence" => {
            run::<cumulative_incidence::CumulativeIncidence>(table, parameters)
        }
        "cause_specific_cox" => run::<cause_specific_cox::CauseSpecificCox>(table, parameters),
        "fine_gray" => run::<fine_gray::FineGray>(table, parameters),
        "parametric_model" => run::<parametric_model::ParametricModel>(table, parameters),
        "group_difference" => run::<group_difference::GroupDifference>(table, parameters),
        other => panic!("no kind `{other}`"),
    };
    result.err().unwrap_or_default()
}

#[test]
fn mistakes_that_need_no_data_are_found_without_rows() {
    // The guard says the same of every column that is late.
    let guard = |at: &str| format!("{at}: {IMMORTAL}");
    let cases: Vec<(&str, Value, Vec<String>)> = vec![
        (
            "cumulative_incidence",
            json!({
                "endpoint": "pfs", "cause": "causes", "by": "rt", "rho": -1, "at": ["-1 months"],
                "time_lost": [0],
            }),
            vec![
                "cause: table `analysis` has no column `causes`; did you mean `cause`?".into(),
                guard("by"),
                "rho: -1 is no weight; 0 or more: 0 is Gray's usual test".into(),
                "at.0: -1 months is no time of follow-up; times count from the index date on".into(),
                "time_lost.0: 0 is no time of follow-up; times count from the index date on".into(),
            ],
        ),
        (
            "cumulative_incidence",
            json!({ "endpoint": "pf", "cause": "age", "censoring": "none", "strata": ["arm"] }),
            vec![
                "endpoint: endpoint `pf` needs `pf_days` and `pf_event` in table `analysis`; did you mean `pfs`?".into(),
                "cause: `age` holds numbers, which make no groups; derive a category from it".into(),
                "strata: there are no groups to compare within strata; declare `by`, or leave `strata` out".into(),
            ],
        ),
        (
            "cause_specific_cox",
            json!({
                "endpoint": "pfs", "cause": "cause", "event": "locl", "censoring": "alive",
                "terms": ["rt"],
            }),
            vec![
                guard("terms.0"),
                "censoring: column `cause` has no level `alive`; there are: `local`, `death`".into(),
                "event: column `cause` has no level `locl`; did you mean `local`?".into(),
            ],
        ),
        (
            "fine_gray",
            json!({
                "endpoint": "pfs", "cause": "cause", "event": "local", "censoring": "local",
                "terms": ["seen"],
            }),
            vec![
                "terms.0: term `seen` holds dates, not numbers or categories; derive a number from it".into(),
                "event: `local` is the level of censoring; name a cause".into(),
            ],
        ),
        (
            "fine_gray",
            json!({ "endpoint": "pfs", "cause": "cause", "event": "local", "terms": ["rt"] }),
            vec![guard("terms.0")],
        ),
        (
            "parametric_model",
            json!({
                "endpoint": "pfs", "references": { "arm": "a" },
                "distributions": ["weibull", "weibull"],
            }),
            vec![
                "references.arm: `arm` is not a term of this model; the model has no terms: list it under `terms`".into(),
                "distributions.1: `weibull` is listed twice".into(),
            ],
        ),
        (
            "parametric_model",
            json!({ "endpoint": "pfs", "terms": ["rt"], "distributions": [] }),
            vec![
                guard("terms.0"),
                "distributions: `distributions` is empty; there are: `exponential`, `weibull`, `log_normal`, `log_logistic`".into(),
            ],
        ),
        (
            "group_difference",
            json!({
                "variables": ["seen", "arm", "agee"], "by": "arm", "reference": "c",
                "fisher_replicates": 5,
            }),
            vec![
                "variables.0: `seen` holds dates, not numbers or categories; derive a number from it".into(),
                "variables.1: `arm` makes the groups that it would be compared in; leave it out of `variables`".into(),
                "variables.2: table `analysis` has no column `agee`; did you mean `age`?".into(),
                "reference: column `arm` has no level `c`; there are: `a`, `b`".into(),
                "fisher_replicates: 5 random tables are too few or too many; from 100 to 10000000, such as 10000".into(),
            ],
        ),
        ("group_difference", json!({ "variables": ["age"], "by": "rt" }), vec![guard("by")]),
    ];
    for (kind, parameters, expected) in cases {
        assert_eq!(rehearsed(kind, parameters.clone()), expected, "{kind} {parameters}");
    }
}

#[test]
fn mistakes_of_the_data_name_the_patient_and_the_mend() {
    let incidence = json!({ "endpoint": "pfs", "cause": "cause" });
    let causes = |words: [Option<&str>; 8]| sample().text("cause", words);
    let (local, death) = (Some("local"), Some("death"));
    let cases: Vec<(&str, Sample, Value, Vec<&str>)> = vec![
        (
            // P2 loses its cause.
            "cumulative_incidence",
            causes([local, None, None, local, death, local, None, local]),
            incidence.clone(),
            vec![
                "cause: patient `P2` has an event of `pfs`, but `cause` names no cause of it; give it one, such as a level `unknown`, in a cleaning rule",
            ],
        ),
        (
            // P3 gets a cause without an event.
            "cumulative_incidence",
            causes([local, death, death, local, death, local, None, local]),
            incidence.clone(),
            vec![
                "cause: patient `P3` has the cause `death` in `cause`, but no event of `pfs`; name the level that stands for no event under `censoring`, or mend the cause",
            ],
        ),
        (
            "cumulative_incidence",
            sample().text("cause", [None::<&str>; 8]),
            incidence,
            vec![
                "cause: `cause` names no cause; a patient with the event needs a cause, the others none",
            ],
        ),
        (
            "fine_gray",
            sample(),
            json!({ "endpoint": "pfs", "cause": "cause", "event": "relapse", "terms": ["age"] }),
            vec!["event: column `cause` has no level `relapse`; there are: `local`, `death`"],
        ),
        (
            // A level that is declared and that nobody has.
            "fine_gray",
            sample().levels("cause", &["local", "death", "distant"]),
            json!({ "endpoint": "pfs", "cause": "cause", "event": "distant", "terms": ["age"] }),
            vec![
                "event: no events: none of the 8 patients of the analysis has `distant`; nothing can be compared without events",
            ],
        ),
        (
            "parametric_model",
            // P4 is followed for no time.
            sample().whole("pfs_days", [10, 20, 30, 0, 50, 60, 70, 80].map(Some)),
            json!({ "endpoint": "pfs", "terms": ["age"] }),
            vec![
                "endpoint: patient `P4` has a follow-up of zero days, which has no logarithm; leave such patients out by `where`, or count half a day in a cleaning rule",
            ],
        ),
        (
            "group_difference",
            sample(),
            // Three sites make no table of two by two.
            json!({ "variables": ["site"], "by": "arm", "category_test": "yates" }),
            vec![
                "category_test: `site` is no table of two groups and two levels, which `yates` and `mid_p` need; there are: `automatic`, `pearson`, `fisher`",
            ],
        ),
    ];
    for (kind, sample, parameters, expected) in cases {
        assert_eq!(run_kind(kind, &sample, parameters.clone()), expected, "{kind} {parameters}");
    }
}

#[test]
fn a_level_of_censoring_is_no_cause() {
    let words = ["local", "death", "alive", "local", "death", "local", "alive", "local"];
    let sample =
        sample().text("cause", words.map(Some)).levels("cause", &["alive", "local", "death"]);
    let parameters = json!({
        "endpoint": "pfs", "cause": "cause", "censoring": "alive", "by": "arm", "at": ["1 month"],
        "time_lost": ["4 months"],
    });
    let output =
        run::<cumulative_incidence::CumulativeIncidence>(sample.table(), parameters).expect("runs");
    // Those who are alive have a word for it here, which must not become a cause.
    assert_eq!(value(&output, "events.local.all"), 4.0);
    assert_eq!(value(&output, "censored.all"), 2.0);
    // Two of eight before P3 is censored at 30 days, one of each cause.
    let local = finding(&output, "incidence.local.1_months.all");
    assert_eq!((local.value, local.level.as_deref()), (Some(0.125), Some("local")));
    let method = Method::of(Procedure::AalenJohansen)
        .with(Detail::Variance(Variance::InfinitesimalJackknife))
        .with(Detail::Interval { interval: IntervalKind::LogLog, level: 0.95 });
    assert_eq!(local.method, method);
    assert_eq!((local.n, local.events, local.missing), (Some(8), Some(4), Some(0)));
    assert!(!ids(&output).iter().any(|id| id.contains("alive")));
    let lost = finding(&output, "time_lost.local.4_months.b");
    // Arm `b` is followed for 70 days, and the horizon is later.
    assert_eq!(lost.warnings, [Warning::IncidenceCarriedOn]);
    let account = output.methods.expect("an account");
    assert_eq!(account.method, method);
    let causes = vec!["local".to_owned(), "death".to_owned()];
    let (column, test) = ("cause".to_owned(), Some(Method::of(Procedure::Gray { rho: 0.0 })));
    let practice = study::Practice::CumulativeIncidence { column, causes, test, time_lost: true };
    assert_eq!(account.practice, practice);
}

#[test]
fn a_cause_that_nobody_has_is_not_tested() {
    let sample = sample().levels("cause", &["local", "death", "distant"]);
    let parameters = json!({ "endpoint": "pfs", "cause": "cause", "by": "arm", "at": ["0.1 months", "1 month", "9 months"] });
    let output =
        run::<cumulative_incidence::CumulativeIncidence>(sample.table(), parameters).expect("runs");
    let none = finding(&output, "gray.p.distant");
    assert_eq!((none.state, none.value), (State::NotEstimable, None));
    assert_eq!(none.warnings, [Warning::Refused(Refusal::NoEvents { n: 8 })]);
    assert_eq!(value(&output, "incidence.distant.1_months.all"), 0.0);
    // Before the first event the incidence is known to be zero.
    assert_eq!(value(&output, "incidence.local.0_1_months.all"), 0.0);
    let late = finding(&output, "incidence.local.9_months.b");
    assert_eq!(late.warnings, [Warning::NobodyFollowed]);
}

#[test]
fn a_naive_analysis_warns_on_every_finding() {
    let warning = Warning::NaiveGroup { label: "rt".into(), date_label: "rt_start".into() };
    let model = json!({
        "endpoint": "pfs", "cause": "cause", "event": "local", "terms": ["rt"],
        "immortal_time": "naive",
    });
    let mut plain = model.clone();
    let keys = plain.as_object_mut().expect("an object");
    keys.remove("cause");
    keys.remove("event");
    let table = sample().table();
    let groups = json!({ "variables": ["age"], "by": "rt", "immortal_time": "naive" });
    let causes =
        json!({ "endpoint": "pfs", "cause": "cause", "by": "rt", "immortal_time": "naive" });
    let outputs = [
        run::<cause_specific_cox::CauseSpecificCox>(table.clone(), model.clone()),
        run::<fine_gray::FineGray>(table.clone(), model),
        run::<parametric_model::ParametricModel>(table.clone(), plain),
        run::<group_difference::GroupDifference>(table.clone(), groups),
        run::<cumulative_incidence::CumulativeIncidence>(table, causes),
    ];
    for output in outputs {
        let output = output.expect("runs");
        // Numbers of all patients compare nothing.
        let compared = output.findings.iter().filter(|f| f.group.as_deref() != Some("all"));
        assert!(compared.clone().count() > 0);
        for finding in compared {
            assert!(finding.warnings.contains(&warning), "{}", finding.id());
        }
    }
}

#[test]
fn an_arm_without_events_has_no_time_ratio() {
    // `a b a b b a b a`, of whom `b` has no events.
    let events = [true, false, true, false, false, true, false, true];
    let sample = sample().yes_no("pfs_event", events.map(Some));
    let parameters = json!({ "endpoint": "pfs", "terms": ["arm"] });
    let output =
        run::<parametric_model::ParametricModel>(sample.table(), parameters).expect("runs");
    for id in ["time_ratio.arm.b", "hazard_ratio.arm.b"] {
        let ratio = finding(&output, id);
        assert_eq!((ratio.state, ratio.value), (State::NotEstimable, None), "{id}");
        assert_eq!(ratio.warnings, [Warning::MayBeInfinite { term: "arm".into() }]);
    }
    let median = finding(&output, "predicted_median.arm.b");
    assert_eq!((median.value, median.lower, median.upper), (None, None, None));
    assert_eq!(median.warnings, [Warning::GroupWithoutEvents]);
    assert!(value(&output, "predicted_median.arm.a") > 10.0);
    // The other arm has events, and its numbers stand.
    assert!(value(&output, "intercept").is_finite());
}

#[test]
fn what_separates_or_repeats_has_no_coefficient() {
    // Everybody with the event has `x`, and `z` is twice `x`.
    let has = |cause: Option<&str>| f64::from(cause == Some("local"));
    let causes = ["local", "death", "", "local", "death", "local", "", "local"];
    let x = causes.map(|cause| Some(has(Some(cause))));
    let sample = sample().real("x", x).real("z", x.map(|x| x.map(|x| 2.0 * x)));
    let parameters =
        json!({ "endpoint": "pfs", "cause": "cause", "event": "local", "terms": ["x", "z"] });
    let output = run::<fine_gray::FineGray>(sample.table(), parameters).expect("runs");
    let x = finding(&output, "hazard_ratio.x");
    assert_eq!((x.state, x.value), (State::NotEstimable, None));
    assert_eq!(x.warnings, [Warning::MayBeInfinite { term: "x".into() }]);
    let z = finding(&output, "hazard_ratio.z");
    assert_eq!(z.warnings, [Warning::DependentTerm { term: "z".into() }]);
    let burden = finding(&output, "events_per_coefficient");
    assert_eq!(burden.warnings, [Warning::NoCoefficient]);
    let wald = finding(&output, "wald.p");
    assert_eq!(wald.warnings, [Warning::SomeNotEstimable]);
}

#[test]
fn one_time_of_all_events_leaves_no_scale() {
    // All events on one day leave nothing that the scale could be estimated from.
    let sample = sample().whole("pfs_days", [Some(30); 8]).yes_no("pfs_event", [Some(true); 8]);
    let output = run::<parametric_model::ParametricModel>(
        sample.table(),
        json!({ "endpoint": "pfs", "distributions": ["weibull", "exponential"] }),
    )
    .expect("runs");
    let scale = finding(&output, "scale");
    assert!(matches!(scale.warnings[..], [Warning::NotConverged { .. }]), "{scale:?}");
    // An exponential distribution has no scale to estimate.
    assert!(finding(&output, "intercept.exponential").warnings.is_empty());
}

#[test]
fn every_statistic_stands_in_the_documentation() {
    let table = sample().table();
    let model =
        json!({ "endpoint": "pfs", "cause": "cause", "event": "local", "terms": ["age", "site"] });
    let outputs = [
        run::<cumulative_incidence::CumulativeIncidence>(
            table.clone(),
            json!({ "endpoint": "pfs", "cause": "cause", "by": "arm", "at": [1], "time_lost": [2] }),
        ),
        run::<cause_specific_cox::CauseSpecificCox>(table.clone(), model.clone()),
        run::<fine_gray::FineGray>(table.clone(), model),
        run::<parametric_model::ParametricModel>(
            table.clone(),
            json!({ "endpoint": "pfs", "terms": ["age", "site"] }),
        ),
        run::<group_difference::GroupDifference>(
            table,
            json!({ "variables": ["age", "site", "pfs_event"], "by": "arm", "fisher_replicates": 100 }),
        ),
    ];
    check_documented(outputs.map(|output| output.expect("runs")));
}
