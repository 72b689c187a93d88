//! Every mistake that a user can make with the kinds of Cox models beyond
//! those of `mistakes`, with its full text.

use serde_json::{Value, json};
use study::Table;

use crate::kinds::fine_gray::FineGray;
use crate::kinds::{
    cox_diagnostics, cox_model, cox_performance, predicted_survival, proportional_hazards,
    subgroups,
};
use crate::testing::{Sample, rehearse, run, run_with};

/// Eight patients in two arms; `rt` is known only from `rt_start`.
fn sample() -> Sample {
    Sample::eight()
        .whole("pfs_days", [10, 20, 30, 40, 50, 60, 70, 80].map(Some))
        .yes_no("pfs_event", [true, true, false, true, true, false, true, true].map(Some))
        .text("arm", ["a", "b", "a", "b", "a", "b", "b", "a"].map(Some))
        .levels("arm", &["a", "b"])
        .yes_no("smoker", (0..8).map(|place| Some(place % 2 == 0)))
        // P5 enters on day 60 and is followed for 50 days.
        .whole("late", [0, 5, 10, 10, 60, 20, 0, 3].map(Some))
        .text("site", ["x", "x", "y", "x", "y", "x", "y", "y"].map(Some))
}

fn rehearsed(kind: &str, mut parameters: Value) -> Vec<String> {
    parameters["endpoint"] = json!("pfs");
    let table: Table = sample().table();
    let result = match kind {
        "cox_model" => rehearse::<cox_model::CoxModel>(&table, parameters),
        "cox_diagnostics" => rehearse::<cox_diagnostics::CoxDiagnostics>(&table, parameters),
        "cox_performance" => rehearse::<cox_performance::CoxPerformance>(&table, parameters),
        "predicted_survival" => {
            rehearse::<predicted_survival::PredictedSurvival>(&table, parameters)
        }
        "proportional_hazards" => {
            rehearse::<proportional_hazards::ProportionalHazards>(&table, parameters)
        }
        "subgroups" => rehearse::<subgroups::Subgroups>(&table, parameters),
        other => panic!("no kind `{other}`"),
    };
    result.err().unwrap_or_default()
}

fn check(kind: &str, cases: Vec<(Value, Vec<&str>)>) {
    for (parameters, expected) in cases {
        assert_eq!(rehearsed(kind, parameters.clone()), expected, "{kind} {parameters}");
    }
}

#[test]
fn choices_that_exclude_each_other_are_refused() {
    let exact = "the exact likelihood is of right-censored data alone: choose `ties: efron`";
    let penalty = "a penalised likelihood has no robust errors: leave one out";
    let cases = vec![
        // Each of the choices is told by itself, in the order in which the checks go.
        (
            json!({ "terms": ["age"], "ties": "exact", "robust": true, "cluster": "site", "entry": "late" }),
            vec![
                format!("robust: `robust` cannot be combined with `ties: exact`; {exact}"),
                format!("cluster: `cluster` cannot be combined with `ties: exact`; {exact}"),
                format!("entry: `entry` cannot be combined with `ties: exact`; {exact}"),
            ],
        ),
        (
            json!({ "terms": ["age"], "ties": "exact", "penalty": "firth" }),
            vec![format!("penalty: `penalty` cannot be combined with `ties: exact`; {exact}")],
        ),
        (
            json!({ "terms": ["age"], "penalty": "ridge", "ridge": 1, "robust": true }),
            vec![format!("robust: `robust` cannot be combined with a penalty; {penalty}")],
        ),
        (
            json!({ "terms": ["age"], "penalty": "ridge" }),
            vec!["penalty: `penalty: ridge` needs `ridge`; declare its size, such as `ridge: 1`".into()],
        ),
        (
            json!({ "terms": ["age"], "penalty": "ridge", "ridge": 0 }),
            vec!["ridge: 0 is no size of a ridge; it is above zero".into()],
        ),
        (
            json!({ "terms": ["age"], "ridge": 2 }),
            vec!["ridge: `ridge` is given, but the penalty is no ridge; declare `penalty: ridge`, or leave `ridge` out".into()],
        ),
        (
            json!({ "terms": ["age"], "penalty": "firth", "splines": { "age": {} } }),
            vec!["splines: `splines` cannot be combined with `penalty: firth`; profile limits are those of single coefficients, which a spline's say nothing by".into()],
        ),
    ];
    for (parameters, expected) in cases {
        assert_eq!(rehearsed("cox_model", parameters.clone()), expected, "{parameters}");
    }
    check(
        "proportional_hazards",
        vec![(
            json!({ "terms": ["age"], "ties": "exact" }),
            vec![
                "ties: the test of proportional hazards is not defined for exact ties; choose `ties: efron` or `ties: breslow`",
            ],
        )],
    );
}

#[test]
fn splines_interactions_and_columns_are_checked_without_rows() {
    let cases = vec![
        (
            json!({ "terms": ["age", "arm"], "splines": {
                "arm": {}, "late": {}, "age": { "knots": [1, 1, 2], "degrees_of_freedom": 2 },
            } }),
            vec![
                "splines.arm: term `arm` is a category, which has no spline; splines are of numbers",
                "splines.late: `late` is not a term of this model; add it to `terms`",
                "splines.age.knots: `knots` and `degrees_of_freedom` both say how many coefficients there are; leave one out",
            ],
        ),
        (
            json!({ "terms": ["age"], "splines": { "age": { "knots": [1, 1, 2] } } }),
            vec![
                "splines.age.knots: `knots` are no three or more ascending numbers; the outermost knots are among them",
            ],
        ),
        (
            json!({ "terms": ["age"], "splines": { "age": { "degrees_of_freedom": 1 } } }),
            vec![
                "splines.age.degrees_of_freedom: a spline cannot have 1; 2 or more: 1 is a straight line",
            ],
        ),
        (
            json!({ "terms": ["age"], "splines": { "age": { "kind": "restricted", "degrees_of_freedom": 7 } } }),
            vec![
                "splines.age.degrees_of_freedom: a spline cannot have 7; from 2 to 6; for more, declare `knots`",
            ],
        ),
        (
            json!({ "terms": ["age", "arm"], "interactions": [
                ["age"], ["age", "age"], ["arm", "site"], ["age", "arm"], ["arm", "age"],
            ] }),
            vec![
                "interactions.0: an interaction is of two terms, not 1; write `[treatment, sex]`",
                "interactions.1: `age` cannot interact with itself; a curved effect is one of `splines`",
                "interactions.2.1: `site` is not a term of this model; add it to `terms`",
                "interactions.4: the interaction of `arm` and `age` is listed twice",
            ],
        ),
        (
            json!({ "terms": ["age"], "offset": "age", "entry": "site" }),
            vec![
                "entry: `site` holds text, not numbers",
                "offset: `age` is a term and the offset; an offset has no coefficient: keep one",
            ],
        ),
        (
            json!({ "terms": ["age"], "offset": "agee" }),
            vec!["offset: table `analysis` has no column `agee`; did you mean `age`?"],
        ),
    ];
    check("cox_model", cases);
}

#[test]
fn weights_must_be_weights() {
    let parameters = json!({
        "endpoint": "pfs", "terms": ["age"], "weights": "score", "cluster": "site",
    });
    let made = |table: Table| {
        run_with::<cox_model::CoxModel>(
            sample().table(),
            vec![("score", table)],
            parameters.clone(),
        )
        .err()
        .unwrap_or_default()
    };
    assert_eq!(
        made(sample().table()),
        [
            "weights: `score` makes no weights of patients; name an entry of `analyze` that does, such as a `propensity_score`"
        ]
    );
    // With the `cluster` that is declared these clusters
    // are too many; without clusters the same weights do.
    let weights = Sample::of(8).real("weight", [Some(1.0); 8]);
    let clustered = weights.clone().whole("cluster", (0..8).map(Some));
    assert_eq!(
        made(clustered.table()),
        [
            "cluster: `score` makes clusters of patients, and `cluster` names others; leave `cluster` out"
        ]
    );
    // A weight of zero is none.
    let none = Sample::of(8).real("weight", [Some(0.0); 8]);
    assert_eq!(
        made(none.table()),
        [
            "weights: `score` gives no weight to any patient of this analysis; compare its `where` with this one"
        ]
    );
    assert!(made(weights.table()).is_empty());
}

/// Its robust errors would be zero but for rounding, and every p-value 0.
#[test]
fn one_cluster_is_refused() {
    let one = sample().text("site", [Some("x"); 8]);
    let whole = "cluster: all 8 patients of the analysis are one cluster; errors by cluster need two or more, and hold for many: leave it out";
    let parameters = json!({ "endpoint": "pfs", "terms": ["age"], "cluster": "site" });
    assert_eq!(run::<cox_model::CoxModel>(one.table(), parameters).unwrap_err(), [whole]);
    let causes = ["a", "b", "a", "a", "b", "a", "b", "b"].map(Some);
    let parameters = json!({
        "endpoint": "pfs", "cause": "cause", "event": "a", "terms": ["age"], "cluster": "site",
    });
    // Everybody has an event, of one cause or the other.
    let events = [true; 8].map(Some);
    let one = one.yes_no("pfs_event", events).text("cause", causes).levels("cause", &["a", "b"]);
    assert_eq!(run::<FineGray>(one.table(), parameters).unwrap_err(), [whole]);
}

#[test]
fn mistakes_of_the_data_name_the_patient_and_the_mend() {
    let parameters = json!({ "endpoint": "pfs", "terms": ["age"], "entry": "late" });
    let found = run::<cox_model::CoxModel>(sample().table(), parameters).unwrap_err();
    assert_eq!(
        found,
        [
            "entry: patient `P5` enters on day 60, but is followed to day 50 only; who is never at risk cannot be analysed: leave such patients out by `where`"
        ]
    );
    // Seven of eight values are one: the quantiles fall on it.
    let few = sample().whole("steps", [1, 1, 1, 1, 1, 1, 1, 2].map(Some)).table();
    let parameters = json!({ "endpoint": "pfs", "terms": ["steps"], "splines": { "steps": {} } });
    assert_eq!(
        run::<cox_model::CoxModel>(few, parameters).unwrap_err(),
        [
            "splines.steps: no spline of `steps`: `knots` does not ascend at position 1; ties leave too few distinct knots: fewer `degrees_of_freedom`, or declare `knots`"
        ]
    );
    // 90 days are longer than anybody is followed.
    let parameters = json!({ "endpoint": "pfs", "terms": ["age"], "exclude_before": "90 days" });
    assert_eq!(
        run::<cox_diagnostics::CoxDiagnostics>(sample().table(), parameters).unwrap_err(),
        [
            "exclude_before: without patients followed for fewer than 90 days: no patient has a value of every term; choose a shorter time"
        ]
    );
    let parameters = json!({
        "endpoint": "pfs", "terms": ["site"], "strata": ["arm"],
        "profiles": { "one": { "site": "z", "arm": "b" } },
    });
    assert_eq!(
        run::<predicted_survival::PredictedSurvival>(sample().table(), parameters).unwrap_err(),
        ["profiles.one.site: column `site` has no level `z`; there are: `x`, `y`"]
    );
    let parameters = json!({
        "endpoint": "pfs", "terms": ["age"], "strata": ["site"],
        "profiles": { "one": { "age": "50", "site": "z" } },
    });
    assert_eq!(
        run::<predicted_survival::PredictedSurvival>(sample().table(), parameters).unwrap_err(),
        [
            "profiles.one: no patient is in the stratum of profile `one`; there must be patients with its values of site"
        ]
    );
}

#[test]
fn what_is_asked_of_a_model_is_checked() {
    check(
        "cox_diagnostics",
        vec![(
            json!({ "terms": ["agee"], "exclude_before": "0 days", "penalty": "firth" }),
            vec![
                "terms.0: table `analysis` has no column `agee`; did you mean `age`?",
                "exclude_before: 0 days is no time of follow-up; times count from the index date on",
                "penalty: residuals and influence are those of a model without a penalty; leave `penalty` out",
            ],
        )],
    );
    check(
        "cox_performance",
        vec![(
            json!({
                "terms": ["age"], "strata": ["site"], "offset": "late", "at": [0], "tau": -1,
            }),
            vec![
                "at.0: 0 is no time of follow-up; times count from the index date on",
                "tau: -1 is no time of follow-up; times count from the index date on",
                "strata: `strata` cannot be combined with the bootstrap; its samples are fitted to the terms alone: declare `bootstrap: 0`",
                "offset: `offset` cannot be combined with the bootstrap; its samples are fitted to the terms alone: declare `bootstrap: 0`",
            ],
        )],
    );
    check(
        "predicted_survival",
        vec![
            (
                json!({ "terms": ["age", "arm", "smoker"], "profiles": {
                    "all": { "age": "old", "arm": "c", "smoker": "true", "sit": "x" },
                    // Names that differ in case alone give one id.
                    "One": { "age": "50", "arm": "a", "smoker": "maybe" },
                    "one": { "age": "50", "arm": "a" },
                } }),
                vec![
                    "profiles.all: profile `all` gives no id of its own; ids of findings are made of letters and digits: name the profiles apart",
                    "profiles.all.age: `old` is no number, and `age` holds numbers",
                    "profiles.all.arm: column `arm` has no level `c`; there are: `a`, `b`",
                    "profiles.all.sit: `sit` is neither a term nor a stratum of this model; there are: `age`, `arm`, `smoker`",
                    "profiles.One.smoker: column `smoker` has no level `maybe`; there are: `no`, `yes`",
                    "profiles.one: profiles `One` and `one` give the same id `one`; ids of findings are made of letters and digits: name the profiles apart",
                    "profiles.one: profile `one` has no value of `smoker`; a prediction needs a value of every term and stratum",
                ],
            ),
            (
                json!({ "terms": ["age"], "profiles": {} }),
                vec!["profiles: `profiles` is empty; name a patient with a value of every term"],
            ),
        ],
    );
}

#[test]
fn subgroups_place_mistakes_where_they_are_declared() {
    let rt = "is known only from `rt_start`, after time zero (`start`): a patient must survive until then to get into the group; analyse from a landmark or with a time-dependent term (kinds `landmark`, `simon_makuch`, `time_dependent_cox`, `clone_censor_weight`, `timing_tipping_point`), or declare `immortal_time: naive` to do it all the same, with a warning on every finding";
    let found = rehearsed(
        // Everything is wrong at once, so that the order and the places of all are seen.
        "subgroups",
        json!({
            "treatment": "arm", "by": ["age", "rt", "arm", "rt"], "adjust": ["start", "arm"],
            "robust": true, "test": "likelihood_ratio",
        }),
    );
    let expected = [
        "by.3: `rt` is listed twice".to_owned(),
        "by.0: `age` holds numbers, which make no subgroups; cut it: `by: { column: age, cuts: [65] }` with cuts of your own, `by: { column: age, quantiles: 4 }` or `by: { column: age, median: true }`".to_owned(),
        "by.2: `arm` is the treatment itself; leave it out of `by`".to_owned(),
        "adjust.1: `arm` is the treatment itself; leave it out of `adjust`".to_owned(),
        "test: the likelihood-ratio test has no robust form; choose `test: wald`".to_owned(),
        "adjust.0: term `start` holds dates, not numbers or categories; derive a number from it"
            .to_owned(),
        format!("by.1: `rt` {rt}"),
    ];
    assert_eq!(found, expected);
    assert_eq!(
        rehearsed("subgroups", json!({ "treatment": "armm", "by": [] })),
        [
            "by: `by` is empty",
            "treatment: table `analysis` has no column `armm`; did you mean `arm`?"
        ]
    );
    let parameters =
        // One site alone is constant as a term, and is told as of `by`.
        json!({ "endpoint": "pfs", "treatment": "arm", "by": ["site"], "where": "site = 'x'" });
    assert_eq!(
        run::<subgroups::Subgroups>(sample().table(), parameters).unwrap_err(),
        [
            "by.0: term `site` is constant: it is the same for all 4 patients of the model; leave it out"
        ]
    );
}
