//! Every mistake that a user can make in an analysis, with its full text.

use serde_json::{Value, json};
use study::Column;

use crate::kinds::{
    baseline_table, cox_model, kaplan_meier, log_rank, proportional_hazards, response,
};
use crate::testing::{Sample, rehearse, run};

/// Six patients in two arms; `rt` is known only from `rt_start`.
fn sample() -> Sample {
    let rt = Column {
        label: "Radiotherapy".into(),
        lineage: crate::testing::known_from("rt_start"),
        ..Column::default()
    };
    Sample::of(6)
        .date("start", [Some(17_000); 6])
        .date("rt_start", [Some(17_010), None, None, Some(17_020), None, None])
        .whole("pfs_days", [10, 20, 30, 40, 50, 60].map(Some))
        .yes_no("pfs_event", [true, true, false, true, true, false].map(Some))
        .text("arm", ["a", "b", "a", "b", "a", "b"].map(Some))
        .levels("arm", &["a", "b"])
        .yes_no("rt", [true, false, false, true, false, false].map(Some))
        .about("rt", &rt)
        // P3 has no age.
        .real("age", [Some(61.5), Some(70.0), None, Some(55.0), Some(48.0), Some(66.0)])
        .text("site", ["oral", "oral", "larynx", "oral", "larynx", "oral"].map(Some))
        .text("best", ["PR", "SD", "PD", "CR", "PD", "SD"].map(Some))
        .levels("best", &["CR", "PR", "SD", "PD"])
}

fn rehearsed(kind: &str, parameters: Value) -> Vec<String> {
    let table = sample().table();
    let result = match kind {
        "baseline_table" => rehearse::<baseline_table::BaselineTable>(&table, parameters),
        "cox_model" => rehearse::<cox_model::CoxModel>(&table, parameters),
        "kaplan_meier" => rehearse::<kaplan_meier::KaplanMeier>(&table, parameters),
        "log_rank" => rehearse::<log_rank::LogRank>(&table, parameters),
        "proportional_hazards" => {
            rehearse::<proportional_hazards::ProportionalHazards>(&table, parameters)
        }
        "response" => rehearse::<response::Response>(&table, parameters),
        other => panic!("no kind `{other}`"),
    };
    result.err().unwrap_or_default()
}

fn run_kind(kind: &str, sample: &Sample, parameters: Value) -> Vec<String> {
    let table = sample.table();
    let result = match kind {
        "baseline_table" => run::<baseline_table::BaselineTable>(table, parameters),
        "cox_model" => run::<cox_model::CoxModel>(table, parameters),
        "kaplan_meier" => run::<kaplan_meier::KaplanMeier>(table, parameters),
        "log_rank" => run::<log_rank::LogRank>(table, parameters),
        "proportional_hazards" => {
            run::<proportional_hazards::ProportionalHazards>(table, parameters)
        }
        "response" => run::<response::Response>(table, parameters),
        other => panic!("no kind `{other}`"),
    };
    result.err().unwrap_or_default()
}

#[test]
fn mistakes_that_need_no_data_are_found_without_rows() {
    let cases: Vec<(&str, Value, Vec<&str>)> = vec![
        (
            "kaplan_meier",
            json!({ "endpoint": "pfs", "by": "armm", "at": ["6 months", "-1 months"], "quantiles": [1.5], "where": "agee > 60" }),
            vec![
                "where: SQL expression names a column `agee` that the table does not have; did you mean `age`?",
                "by: table `analysis` has no column `armm`; did you mean `arm`?",
                "at.1: -1 months is no time of follow-up; times count from the index date on",
                "quantiles.0: 1.5 is no share of patients between 0 and 1; the median is 0.5",
            ],
        ),
        (
            "kaplan_meier",
            json!({ "endpoint": "pf" }),
            vec![
                "endpoint: endpoint `pf` needs `pf_days` and `pf_event` in table `analysis`; did you mean `pfs`?",
            ],
        ),
        (
            "kaplan_meier",
            json!({ "endpoint": "pfs", "by": "age" }),
            vec![
                "by: `age` holds numbers, which make no groups; cut it: `by: { column: age, cuts: [65] }` with cuts of your own, `by: { column: age, quantiles: 4 }` or `by: { column: age, median: true }`",
            ],
        ),
        (
            "kaplan_meier",
            json!({ "endpoint": "pfs", "where": "age" }),
            vec!["where: SQL condition gives a number, not yes or no"],
        ),
        (
            "log_rank",
            json!({ "endpoint": "pfs", "by": "rt" }),
            vec![
                "by: `rt` is known only from `rt_start`, after time zero (`start`): a patient must survive until then to get into the group; analyse from a landmark or with a time-dependent term (kinds `landmark`, `simon_makuch`, `time_dependent_cox`, `clone_censor_weight`, `timing_tipping_point`), or declare `immortal_time: naive` to do it all the same, with a warning on every finding",
            ],
        ),
        (
            "log_rank",
            json!({ "endpoint": "pfs", "by": "arm", "rho": -1 }),
            vec!["rho: -1 is no weight; 0 or more: 0 is the log-rank test"],
        ),
        (
            "cox_model",
            json!({
                "endpoint": "pfs", "terms": ["rt", "age", "start", "age", "pfs_days", "arm"],
                "references": { "age": "x", "arm": "c", "sit": "oral" }, "strata": ["arm"],
            }),
            vec![
                "terms.3: `age` is listed twice",
                "terms.0: `rt` is known only from `rt_start`, after time zero (`start`): a patient must survive until then to get into the group; analyse from a landmark or with a time-dependent term (kinds `landmark`, `simon_makuch`, `time_dependent_cox`, `clone_censor_weight`, `timing_tipping_point`), or declare `immortal_time: naive` to do it all the same, with a warning on every finding",
                "terms.2: term `start` holds dates, not numbers or categories; derive a number from it",
                "terms.4: term `pfs_days` is the endpoint `pfs` itself; leave it out of `terms`",
                "terms.5: `arm` is a term and a stratum; a stratum has a baseline hazard of its own and no hazard ratio: keep one",
                "references.age: term `age` holds numbers and has no reference level; declare the column's levels to make it a category",
                "references.arm: column `arm` has no level `c`; there are: `a`, `b`",
                "references.sit: `sit` is not a term of this model; there are: `rt`, `age`, `start`, `age`, `pfs_days`, `arm`",
            ],
        ),
        ("cox_model", json!({ "endpoint": "pfs", "terms": [] }), vec!["terms: `terms` is empty"]),
        (
            "proportional_hazards",
            json!({ "endpoint": "pfs", "terms": ["agee"], "cut": "0 months" }),
            vec![
                "terms.0: table `analysis` has no column `agee`; did you mean `age`?",
                "cut: 0 months is no time of follow-up; times count from the index date on",
            ],
        ),
        (
            "response",
            json!({ "column": "best", "responders": ["CR", "PRR"], "controlled": ["CR", "SD"], "reference": "a", "intervals": [] }),
            vec![
                "responders.1: column `best` has no level `PRR`; did you mean `PR`?",
                "responders.1: `PRR` counts as response but not as disease control; list it under `controlled` too",
                "intervals: `intervals` is empty; there are: `wilson`, `clopper_pearson`",
                "reference: there are no groups to compare; declare `by`, or leave `reference` out",
            ],
        ),
        (
            "response",
            json!({ "column": "best", "responders": ["CR"], "controlled": ["CR"], "by": "rt" }),
            vec![
                "by: `rt` is known only from `rt_start`, after time zero (`start`): a patient must survive until then to get into the group; analyse from a landmark or with a time-dependent term (kinds `landmark`, `simon_makuch`, `time_dependent_cox`, `clone_censor_weight`, `timing_tipping_point`), or declare `immortal_time: naive` to do it all the same, with a warning on every finding",
            ],
        ),
        (
            "baseline_table",
            json!({ "variables": ["age", "start", "arm"], "summaries": { "arm": "mean_sd", "agee": "mean_sd" }, "by": "arm", "reference": "x" }),
            vec![
                "variables.1: `start` holds dates, not numbers or categories; derive a number from it",
                "summaries.arm: `arm` is a category: it has no mean or median; leave it out of `summaries`",
                "summaries.agee: `agee` is not a variable of this table; did you mean `age`?",
                "reference: column `arm` has no level `x`; there are: `a`, `b`",
            ],
        ),
    ];
    for (kind, parameters, expected) in cases {
        assert_eq!(rehearsed(kind, parameters.clone()), expected, "{kind} {parameters}");
    }
}

#[test]
fn mistakes_of_the_data_name_the_patient_and_the_mend() {
    let km = json!({ "endpoint": "pfs", "by": "arm" });
    let cox = |term: &str| json!({ "endpoint": "pfs", "terms": [term] });
    let times = |days: [i64; 6]| sample().whole("pfs_days", days.map(Some));
    // P1 three times and P2 twice: each is told once, in order.
    let rows = sample().text("patient", ["P1", "P2", "P1", "P4", "P2", "P1"].map(Some));
    let cases: Vec<(&str, Sample, Value, Vec<&str>)> = vec![
        (
            "kaplan_meier",
            sample(),
            json!({ "endpoint": "pfs", "where": "age > 100" }),
            vec![
                "where: no patient is left: `age > 100` holds for none of 6; a condition on a missing value does not hold",
            ],
        ),
        (
            "kaplan_meier",
            times([10, 20, 30, -4, 50, 60]),
            km.clone(),
            vec![
                "endpoint: follow-up `pfs_days` is negative for patient `P4`: -4 days; an end before the index date: mend the dates with a cleaning rule",
            ],
        ),
        (
            "kaplan_meier",
            sample().whole("pfs_event", [0, 1, 2, 1, 0, 1].map(Some)),
            km.clone(),
            vec![
                "endpoint: event column `pfs_event` holds `2` for patient `P3`, where an event is yes or no (1 or 0); derive it, as in `status = 2`",
            ],
        ),
        (
            "kaplan_meier",
            rows,
            km.clone(),
            vec![
                ": table `analysis` has 3 rows for patient `P1`; an analysis needs one row per patient: let a cleaning rule drop the repeats or sum them up",
                ": table `analysis` has 2 rows for patient `P2`; an analysis needs one row per patient: let a cleaning rule drop the repeats or sum them up",
            ],
        ),
        (
            "kaplan_meier",
            sample().text(
                "patient",
                [Some("P1"), None, Some("P3"), Some("P4"), Some("P5"), Some("P6")],
            ),
            km.clone(),
            vec![": row 2 of table `analysis` has no `patient`"],
        ),
        (
            "kaplan_meier",
            sample().whole("pfs_days", [None; 6]),
            json!({ "endpoint": "pfs" }),
            vec!["endpoint: endpoint `pfs` is missing for every patient"],
        ),
        (
            "kaplan_meier",
            sample()
                .text("arm", ["a", "b", "a", "c", "a", "b"].map(Some))
                .levels("arm", &["a", "b"]),
            km.clone(),
            vec![
                "by: column `arm` holds `c` for patient `P4`, which is none of its levels; there are: `a`, `b`",
            ],
        ),
        (
            "kaplan_meier",
            // A plus sign becomes a word in ids.
            sample().text("arm", ["A+", "A plus", "A+", "A+", "A+", "A+"].map(Some)),
            km.clone(),
            vec![
                "by: levels `A plus` and `A+` of `arm` give the same id `a_plus`; ids of findings are made of letters and digits: give the level a name of its own by `level_ids: { level: name }` where its levels are declared",
            ],
        ),
        (
            "log_rank",
            sample(),
            json!({ "endpoint": "pfs", "by": "arm", "where": "arm = 'a'" }),
            vec![
                "by: group `b` of `arm` has no patients; leave the level out of the column's levels, or widen `where`",
            ],
        ),
        (
            "log_rank",
            sample().text("arm", ["a"; 6].map(Some)),
            json!({ "endpoint": "pfs", "by": "arm" }),
            vec![
                "by: `arm` makes one group only: everybody is `a`; groups need a column of two levels or more",
            ],
        ),
        (
            "log_rank",
            sample().yes_no("pfs_event", [Some(false); 6]),
            json!({ "endpoint": "pfs", "by": "arm" }),
            vec![
                "endpoint: no events: `pfs_event` is no for all 6 patients of the analysis; nothing can be compared without events",
            ],
        ),
        (
            "cox_model",
            sample().yes_no("pfs_event", [Some(false); 6]),
            cox("age"),
            vec![
                // P3 has no age, so that five are left.
                "endpoint: no events: `pfs_event` is no for all 5 patients of the analysis; nothing can be compared without events",
            ],
        ),
        (
            "cox_model",
            sample().real("age", [Some(60.0); 6]),
            cox("age"),
            vec![
                "terms.0: term `age` is constant: it is the same for all 6 patients of the model; leave it out of `terms`",
            ],
        ),
        (
            "cox_model",
            sample().real("age", [None; 6]),
            cox("age"),
            vec![
                "terms: no patient has a value of every term; look for the term that is missing most often, and leave it out",
            ],
        ),
        (
            "cox_model",
            sample().levels("site", &["pharynx", "oral", "larynx"]),
            cox("site"),
            vec![
                "references.site: reference level `pharynx` of term `site` has no patients in the model; declare a level that patients have under `references`",
            ],
        ),
        (
            "cox_model",
            sample(),
            json!({ "endpoint": "pfs", "terms": ["site"], "references": { "site": "Oral" } }),
            vec!["references.site: column `site` has no level `Oral`; did you mean `oral`?"],
        ),
        (
            "proportional_hazards",
            sample(),
            json!({ "endpoint": "pfs", "terms": ["arm"], "cut": "12 months" }),
            vec![
                // Nobody is followed for a year.
                "cut: the period after the cut at 365.25 days: no observations; choose a cut with events and patients at risk on either side",
            ],
        ),
        (
            "response",
            sample().text("arm", ["a", "b", "c", "a", "b", "c"].map(Some)),
            json!({ "column": "best", "by": "arm", "responders": ["CR"], "controlled": ["CR"], "test": "yates" }),
            vec!["test: `yates` compares two groups, not 3; there are: `pearson`, `fisher`"],
        ),
        (
            "baseline_table",
            // Two columns that give one id.
            sample().text("a b", [Some("x"); 6]).text("a_b", [Some("x"); 6]),
            json!({ "variables": ["a b", "a_b"] }),
            vec![
                ": two findings have the id `stage.n.a_b.all`; ids are made of the names of columns and levels: name them apart, or give a level a name of its own by `level_ids`",
                ": two findings have the id `stage.missing.a_b.all`; ids are made of the names of columns and levels: name them apart, or give a level a name of its own by `level_ids`",
                ": two findings have the id `stage.count.a_b.x.all`; ids are made of the names of columns and levels: name them apart, or give a level a name of its own by `level_ids`",
                ": two findings have the id `stage.proportion.a_b.x.all`; ids are made of the names of columns and levels: name them apart, or give a level a name of its own by `level_ids`",
            ],
        ),
    ];
    for (kind, sample, parameters, expected) in cases {
        assert_eq!(run_kind(kind, &sample, parameters.clone()), expected, "{kind} {parameters}");
    }
}
