//! What these designs refuse and warn of.

use super::*;
use crate::analysis::Analysis;
use crate::kinds::{baseline_table, kaplan_meier, multiple_imputation};

/// Six patients: `P1` starts at 3, `P4` before time zero, `P5` after its end.
fn small() -> Sample {
    Sample::of(6)
        .date("start", [Some(ZERO); 6])
        .date("rt_start", [Some(ZERO + 3), None, None, Some(ZERO - 2), Some(ZERO + 90), None])
        .whole("pfs_days", [10, 20, 30, 40, 50, 60].map(Some))
        .yes_no("pfs_event", [true, true, false, true, true, false].map(Some))
        .text("rt", ["rt", "no", "no", "rt", "rt", "no"].map(Some))
        .about(
            "rt",
            &Column { levels: ["no", "rt"].map(study::Level::named).into(), ..known_from() },
        )
        .real("age", [61.5, 70.0, 50.0, 55.0, 48.0, 66.0].map(Some))
}

#[test]
fn starts_outside_follow_up_are_counted_and_warned_of() {
    let parameters = json!({ "endpoint": "pfs", "exposure": "rt" });
    let output =
        run::<time_dependent_cox::TimeDependentCox>(small().table(), parameters).expect("runs");
    let ratio = finding(&output, "hazard_ratio.rt.rt");
    assert_eq!(
        ratio.warnings,
        [Warning::ExposedBeforeZero { patients: 1 }, Warning::ExposedAfterEnd { patients: 1 },]
    );
    assert_eq!(value(&output, "exposed_before_zero"), 1.0);
    assert_eq!(value(&output, "exposed_after_end"), 1.0);
    assert_eq!(value(&output, "n_exposed"), 2.0);
    // P1 from day 3 to day 10, and P4 all along.
    assert_eq!(value(&output, "person_time.rt"), 7.0 + 40.0);
    assert!(output.findings.iter().all(|one| one.method.procedure != Procedure::Unsaid));
}

fn told<A: Analysis>(sample: &Sample, parameters: Value) -> Vec<String> {
    run::<A>(sample.table(), parameters).err().unwrap_or_default()
}

#[test]
fn an_exposure_and_its_dates_must_agree() {
    type Dependent = time_dependent_cox::TimeDependentCox;
    let parameters = || json!({ "endpoint": "pfs", "exposure": "rt" });
    // P1 says yes and has no date; P2 and P6 say no and have one.
    let dates = [None, Some(ZERO + 1), None, Some(ZERO), Some(ZERO), Some(ZERO)];
    let wrong = small().date("rt_start", dates);
    assert_eq!(
        told::<Dependent>(&wrong, parameters()),
        [
            "exposure: `rt` says `rt`, but there is no date in `rt_start` for patient `P1`; complete the date with a cleaning rule, or set `rt` missing for them",
            "exposure: `rt` says `no`, but there is a date in `rt_start` for patients `P2`, `P6`; derive it from the date, as in `CASE WHEN rt_start IS NOT NULL THEN 'rt' ELSE 'no' END`",
        ]
    );
    // Only P2 keeps its time zero.
    let no_zero = small().date("start", [None, Some(ZERO), None, None, None, None]);
    assert_eq!(
        told::<Dependent>(&no_zero, parameters()),
        [
            "exposure: no index date `start` for patients `P1`, `P3`, `P4`, `P5`, `P6`; complete it, or exclude them"
        ]
    );
    // All starts come after the end of follow-up.
    let late = small()
        .date("rt_start", [Some(ZERO + 90), None, None, Some(ZERO + 80), Some(ZERO + 70), None]);
    assert_eq!(
        told::<Dependent>(&late, parameters()),
        [
            "exposure: exposed by `rt` during follow-up: nobody is, of 6 patients; there is nothing to compare: widen `where`"
        ]
    );
}

#[test]
fn mistakes_that_need_no_data_are_found_without_rows() {
    type Dependent = time_dependent_cox::TimeDependentCox;
    let sample = small()
        .text("arm", ["a", "b", "c", "a", "b", "c"].map(Some))
        .levels("arm", &["a", "b", "c"])
        .text("late", ["a", "b", "a", "b", "a", "b"].map(Some))
        // Known from a number, which is no date.
        .about("late", &Column { lineage: crate::testing::known_from("age"), ..Column::default() });
    let found =
        |parameters: Value| rehearse::<Dependent>(&sample.table(), parameters).err().unwrap();
    assert_eq!(
        found(
            json!({ "endpoint": "pfs", "exposure": "arm", "terms": ["rt", "agee"], "references": { "x": "y" } })
        ),
        [
            "exposure: `arm` has 3 levels, where an exposure has two; derive a column that tells the exposed from the others",
            "exposure: `arm` does not say from when on a patient is exposed; declare `known_from` where the column is derived: the date column of the start; what is known at time zero needs no such analysis",
            "terms.0: `rt` is known only from `rt_start`, after time zero (`start`): a patient must survive until then to get into the group; analyse from a landmark or with a time-dependent term (kinds `landmark`, `simon_makuch`, `time_dependent_cox`, `clone_censor_weight`, `timing_tipping_point`), or declare `immortal_time: naive` to do it all the same, with a warning on every finding",
            "terms.1: table `analysis` has no column `agee`; did you mean `age`?",
            "references.x: `x` is not a term of this model; there are: `rt`, `agee`",
        ]
    );
    assert_eq!(
        found(
            json!({ "endpoint": "pfs", "exposure": "late", "terms": ["late"], "reference": "z", "cluster": "age" })
        ),
        [
            "exposure: `late` is known from `age`, which is no date column; read the column as dates, and keep it in the table",
            "terms.0: term `late` is the exposure itself; leave it out of `terms`",
            "cluster: `age` holds numbers, which make no groups; derive a category from it",
        ]
    );
    let found = |parameters: Value| {
        rehearse::<landmark::Landmark>(&sample.table(), parameters).err().unwrap()
    };
    assert_eq!(
        found(json!({ "endpoint": "pfs", "exposure": "rt" })),
        ["landmark: there is no landmark; such as `landmark: [30 days, 90 days]`"]
    );
    assert_eq!(
        found(
            json!({ "endpoint": "pfs", "exposure": "rt", "landmark": ["30 days", "-1 days"], "drawn": "40 days" })
        ),
        [
            "landmark.1: -1 days is no time of follow-up; times count from the index date on",
            "drawn: `40 days` is no landmark of this entry; did you mean `30 days`?",
        ]
    );
    type Clones = clone_censor_weight::CloneCensorWeight;
    let parameters = json!({
        "endpoint": "pfs", "exposure": "rt", "grace": "0 days", "interval": "-1 days",
        "largest_weight": 0.5, "at": [0],
    });
    assert_eq!(
        rehearse::<Clones>(&sample.table(), parameters).err().unwrap(),
        [
            "terms: weights need the terms on which starting depends; name them under `terms`, or declare `weights: none`",
            "grace: 0 days is no length of time; a length above 0",
            "interval: -1 days is no length of time; a length above 0",
            "largest_weight: 0.5 is no largest weight; weights are 1 or more",
            "at.0: 0 is no time of follow-up; times count from the index date on",
        ]
    );
    let parameters = json!({ "endpoint": "pfs", "exposure": "rt", "start_shares": [1.0] });
    assert_eq!(
        rehearse::<timing_tipping_point::TimingTippingPoint>(&sample.table(), parameters)
            .err()
            .unwrap(),
        [
            "start_shares.0: 1 is no share of follow-up from 0 to below 1",
            "start_shares: `start_shares` is not what `assumed` speaks of; `same_time` takes `start`, `share_of_follow_up` takes `start_shares`",
        ]
    );
    let parameters = json!({ "endpoint": "pfs", "exposure": "rt", "landmark": "-1 days" });
    assert_eq!(
        rehearse::<simon_makuch::SimonMakuch>(&sample.table(), parameters).err().unwrap(),
        ["landmark: -1 days is no time of follow-up; times count from the index date on"]
    );
}

#[test]
fn times_that_leave_nobody_are_named() {
    let exposed = || json!({ "endpoint": "pfs", "exposure": "rt" });
    let with = |key: &str, value: Value| {
        let mut parameters = exposed();
        parameters[key] = value;
        parameters
    };
    assert_eq!(
        told::<landmark::Landmark>(&small(), with("landmark", json!(["5 days", "60 days"]))),
        ["landmark: nobody is followed beyond 60 days; choose earlier landmarks"]
    );
    assert_eq!(
        // Followed to day 60 is not followed beyond it.
        told::<simon_makuch::SimonMakuch>(&small(), with("landmark", json!("60 days"))),
        ["landmark: nobody is followed beyond 60 days; begin the curves earlier"]
    );
    type Clones = clone_censor_weight::CloneCensorWeight;
    let mut parameters = with("grace", json!("60 days"));
    parameters["weights"] = json!("none");
    assert_eq!(
        told::<Clones>(&small(), parameters.clone()),
        [
            "grace: nobody is followed beyond the grace period of 60 days; choose a shorter grace period"
        ]
    );
    // P5 and P6 are left, and neither has started by then.
    parameters["grace"] = json!("45 days");
    assert_eq!(
        told::<Clones>(&small(), parameters),
        [
            "grace: all have started, or none has, among those followed beyond the grace period of 45 days; choose another grace period, or widen `where`"
        ]
    );
}

#[test]
fn what_is_made_of_a_late_column_is_late_too() {
    let known =
        |date: &str| Column { lineage: crate::testing::known_from(date), ..Column::default() };
    let mut last = known("rt_start");
    // As a count over all rows of a patient would be.
    last.lineage.over_rows();
    let letters = || ["a", "b", "a", "b", "a", "b"].map(Some);
    let sample = small()
        .text("both", letters())
        .about("both", &known("rt_start"))
        .text("counted", letters())
        .about("counted", &last)
        .text("settled", letters())
        .about("settled", &known("start"));
    let grouped = |by: &str| {
        let parameters = json!({ "endpoint": "pfs", "by": by });
        let mistakes = rehearse::<log_rank::LogRank>(&sample.table(), parameters).err();
        mistakes.map(|mistakes| mistakes[0].split(';').next().unwrap().to_owned())
    };
    let after = ": a patient must survive until then to get into the group";
    assert_eq!(
        grouped("both").unwrap(),
        format!("by: `both` is known only from `rt_start`, after time zero (`start`){after}")
    );
    assert_eq!(
        grouped("counted").unwrap(),
        format!(
            "by: `counted` is known only after the last `rt_start` of a patient, not at time zero (`start`){after}"
        )
    );
    assert_eq!(grouped("settled"), None);
    // Its lineage tells no dates, and it is late all the same.
    assert!(grouped("pfs_days").unwrap().starts_with("by: `pfs_days` is the outcome `pfs`"));
    let parameters =
        json!({ "endpoint": "pfs", "terms": ["age"], "where": "rt = 'no' OR age > 50" });
    let output = run::<cox_model::CoxModel>(sample.table(), parameters).expect("runs");
    let chosen = Warning::ChosenLate { label: "rt".into() };
    assert!(output.findings.iter().all(|finding| finding.warnings.contains(&chosen)));
}

#[test]
fn who_is_chosen_late_is_said_once_by_every_kind() {
    fn check<A: Analysis>(parameters: Value) {
        let mut table = small().table();
        // Rows chosen by something late, and `where` by something else that is late.
        table.rows = crate::testing::known_from("rt_start");
        let output = run::<A>(table, parameters).expect("runs");
        let told = [
            Warning::RowsChosenLate { date_label: "rt_start".into() },
            Warning::ChosenLate { label: "rt".into() },
        ];
        for finding in output.findings {
            for warning in &told {
                let count = finding.warnings.iter().filter(|own| *own == warning).count();
                assert_eq!(count, 1, "{} {}: {warning:?}", A::NAME, finding.id());
            }
        }
    }
    let chosen = "rt = 'no' OR age > 50";
    check::<baseline_table::BaselineTable>(json!({ "variables": ["age"], "where": chosen }));
    check::<kaplan_meier::KaplanMeier>(json!({ "endpoint": "pfs", "where": chosen }));
    check::<cox_model::CoxModel>(json!({ "endpoint": "pfs", "terms": ["age"], "where": chosen }));
    check::<multiple_imputation::MultipleImputation>(
        json!({ "variables": ["age"], "imputations": 2, "where": chosen }),
    );
}

#[test]
fn every_statistic_stands_in_the_documentation() {
    let table = jasa().table();
    let common = |more: Value| {
        let mut parameters = json!({ "endpoint": "os", "exposure": "rt" });
        for (key, value) in more.as_object().expect("an object") {
            parameters[key] = value.clone();
        }
        parameters
    };
    let outputs = [
        run::<landmark::Landmark>(
            table.clone(),
            common(json!({ "landmark": ["1 month"], "terms": ["age"], "at": [1] })),
        ),
        run::<time_dependent_cox::TimeDependentCox>(table.clone(), common(json!({}))),
        run::<simon_makuch::SimonMakuch>(table.clone(), common(json!({ "at": [1] }))),
        run::<clone_censor_weight::CloneCensorWeight>(
            table.clone(),
            common(json!({ "grace": "60 days", "terms": ["age"], "replicates": 3, "at": [1] })),
        ),
        run::<timing_tipping_point::TimingTippingPoint>(
            table,
            common(json!({ "start": ["0 days", "9 days"] })),
        ),
    ];
    check_documented(outputs.map(|output| output.expect("runs")));
}
