//! Propensity scores, what reads their weights, and E-values: against R by
//! finding id (`tests/reference/propensity_score`), and every mistake.

use engine::Kind;
use serde_json::{Value, json};
use study::{
    Address, Column, Detail, IntervalKind, Method, Output, Part, Procedure, Role, ScoreGroup,
    ScoreHistogram, ScoreWeighting, Table, Warning,
};

use super::PropensityScore;
use crate::columns;
use crate::kinds::e_value::EValue;
use crate::kinds::log_rank::LogRank;
use crate::testing::{
    Reference, Sample, call_beside, check_documented, finding, ids, reference_data, rehearse, run,
    value,
};

/// Both sides iterate the scores.
const ITERATED: Reference = Reference {
    folder: "propensity_score",
    relative: 1e-7,
    // What is left of two means is as exact as they are.
    absolute: |id| if id.starts_with("smd") { 1e-7 } else { 0.0 },
};

fn veteran() -> Sample {
    reference_data("veteran").levels("group", &["0", "1", "2", "3"])
}

fn score(sample: &Sample, parameters: Value) -> Output {
    run::<PropensityScore>(sample.table(), parameters).expect("runs")
}

fn weighted_test(sample: &Sample, by: &str, scores: &Output) -> Output {
    let tables = vec![("analysis", sample.table()), ("ps", scores.tables["stage"].clone())];
    let parameters = json!({ "endpoint": "os", "by": by, "weights": "ps" });
    call_beside::<LogRank>(tables, Vec::new(), parameters, Kind::run).expect("runs")
}

#[test]
fn overlap_weights_agree() {
    let sample = reference_data("lung");
    let terms = json!({ "treatment": "sex", "treated": "2", "terms": ["age", "ph_ecog"] });
    let output = score(&sample, terms);
    ITERATED.compare(&output, "overlap");
    // One patient has no `ph_ecog`.
    assert_eq!((value(&output, "n"), value(&output, "missing")), (227.0, 1.0));
    let drawn: &ScoreHistogram = output.figures.get().expect("classes of scores");
    let classes = |group: &ScoreGroup| -> (u64, f64) {
        let all = group.classes.iter().flatten();
        all.fold((0, 0.0), |(n, weight), class| (n + class.count, weight + class.weight))
    };
    let table = &output.tables["stage"];
    let weights = columns::numbers(table, "weight").expect("weights");
    let all: Vec<(u64, f64)> = drawn.groups.iter().map(classes).collect();
    // The figure must not lose a patient, or a part of any weight.
    assert_eq!(all[0].0 + all[1].0, 227, "every patient with a score is in a class");
    assert_eq!([all[0].0, all[1].0], [drawn.groups[0].n, drawn.groups[1].n]);
    assert!((all[0].1 + all[1].1 - weights.iter().flatten().sum::<f64>()).abs() < 1e-9);
    assert_eq!(
        drawn.groups.iter().map(|group| group.is_treated).collect::<Vec<_>>(),
        [false, true]
    );
    // Overlap weights of a plain logistic regression make the means equal.
    assert!(value(&output, "largest_smd.after").abs() < 1e-9);
    let test = weighted_test(&sample, "sex", &output);
    ITERATED.compare(&test, "overlap_log_rank");
    assert_eq!(
        finding(&test, "chi_square").method,
        Method::of(Procedure::WeightedLogRank { weights: "ps".into() })
            .with(Detail::Weights(ScoreWeighting::Overlap))
    );
    // Whoever has no weight is missing from the test.
    assert_eq!(finding(&test, "chi_square").missing, Some(1));
}

#[test]
fn truncated_weights_agree() {
    let sample = veteran();
    let parameters = json!({
        "treatment": "trt", "terms": ["karno", "age", "group"], "weights": "stabilized",
        "truncate": [0.05, 0.95],
    });
    let output = score(&sample, parameters);
    ITERATED.compare(&output, "stabilized");
    // The first level is the reference, which has a ratio of 1 and no estimate.
    let reference = finding(&output, "odds_ratio.group.0");
    assert_eq!(
        (reference.role, reference.method.clone()),
        (Role::Reference, Procedure::Reference.into())
    );
    assert_eq!(value(&output, "weights_lowered"), 7.0);
    ITERATED.compare(&weighted_test(&sample, "trt", &output), "stabilized_log_rank");
    let account = output.methods.expect("an account");
    let weighting = Method::of(Procedure::ScoreWeights(ScoreWeighting::Stabilized))
        .with(Detail::Truncated { lower: 0.05, upper: 0.95 });
    assert_eq!(
        account.practice,
        study::Practice::PropensityScore { treated: "2".into(), weighting }
    );
    assert_eq!(account.method, Method::of(Procedure::Logistic));
    let terms: Vec<&str> = account.terms.iter().map(|term| term.column.as_str()).collect();
    assert_eq!(terms, ["karno", "age", "group"]);
}

#[test]
fn firth_and_the_treated_agree() {
    let parameters = json!({
        "treatment": "trt", "terms": ["karno", "age", "group"], "weights": "treated",
        "model": "firth",
    });
    let output = score(&veteran(), parameters);
    ITERATED.compare(&output, "firth");
    let ratio = finding(&output, "odds_ratio.age");
    assert_eq!(
        ratio.method,
        Method::of(Procedure::Logistic)
            .with(Detail::Firth)
            .interval(IntervalKind::ProfilePenalized, 0.95)
    );
    assert!(ratio.lower < ratio.value && ratio.value < ratio.upper);
}

#[test]
fn matched_sets_agree() {
    let sample = veteran();
    let parameters = json!({
        "treatment": "trt", "terms": ["karno", "diagtime", "age"], "weights": "matching",
        "caliper": 0.2,
    });
    let output = score(&sample, parameters);
    ITERATED.compare(&output, "matching");
    ITERATED.compare(&weighted_test(&sample, "trt", &output), "matching_log_rank");
    let table = &output.tables["stage"];
    assert_eq!(table.names(), ["patient", "propensity", "weight", "cluster"]);
    let clusters = columns::numbers(table, "cluster").expect("a column");
    let matched = clusters.iter().flatten().count() as f64;
    // One control for each treated patient.
    assert_eq!(matched, 2.0 * value(&output, "matched.2"));
}

#[test]
fn a_ridge_says_that_it_shrinks() {
    let parameters = json!({
        "treatment": "trt", "terms": ["karno", "age"], "model": "ridge", "ridge": 50.0,
    });
    let output = score(&veteran(), parameters.clone());
    let plain = score(&veteran(), json!({ "treatment": "trt", "terms": ["karno", "age"] }));
    let size = |output: &Output| value(output, "coefficient.age").abs();
    // A penalty of 50 on few patients must be seen.
    assert!(size(&output) < size(&plain));
    let warnings = &finding(&output, "odds_ratio.age").warnings;
    assert_eq!(warnings, &[Warning::ShrunkByRidge]);
    let shape = rehearse::<PropensityScore>(&veteran().table(), parameters).expect("no mistake");
    assert_eq!(shape.tables["stage"].names(), output.tables["stage"].names());
}

#[test]
fn every_statistic_stands_in_the_documentation() {
    let of = |weights: &str, more: Value| {
        let mut parameters =
            json!({ "treatment": "trt", "terms": ["karno", "group"], "weights": weights });
        let both = parameters.as_object_mut().expect("an object");
        both.extend(more.as_object().expect("an object").clone());
        score(&veteran(), parameters)
    };
    let outputs = [
        of("matching", json!({ "caliper": 0.5 })),
        of("treated", json!({ "truncate": [0.0, 0.9] })),
        of_ratio("matching", Some(2.0)).expect("runs"),
    ];
    check_documented(outputs);
}

/// Six patients in two arms; `rt` is known only from `rt_start`.
fn small() -> Sample {
    let known = Column { lineage: crate::testing::known_from("rt_start"), ..Column::default() };
    Sample::of(6)
        // The treated have a date, the others none.
        .date("rt_start", [Some(17_010), None, None, Some(17_020), None, None])
        .date("seen", [Some(17_000); 6])
        .text("arm", ["a", "b", "a", "b", "a", "b"].map(Some))
        .levels("arm", &["a", "b"])
        .yes_no("rt", [true, false, false, true, false, false].map(Some))
        .about("rt", &known)
        .real("age", [61.5, 70.0, 64.0, 55.0, 48.0, 66.0].map(Some))
        // Below 3 in one arm and above 6 in the other.
        .real("apart", [1.0, 8.0, 2.0, 9.0, 1.5, 7.0].map(Some))
        .real("flat", [1.0; 6].map(Some))
        .text("site", ["oral", "oral", "larynx", "oral", "neck", "oral"].map(Some))
        .levels("site", &["oral", "larynx", "neck"])
}

fn mistakes(table: &Table, parameters: Value, runs: bool) -> Vec<String> {
    let result = match runs {
        true => run::<PropensityScore>(table.clone(), parameters),
        false => rehearse::<PropensityScore>(table, parameters),
    };
    result.err().unwrap_or_default()
}

#[test]
fn mistakes_are_found_without_rows() {
    let table = small().table();
    let parameters = json!({
        "treatment": "arm", "treated": "c", "terms": ["age", "seen", "arm", "agee"],
        "references": { "age": "x", "sitee": "oral" }, "ridge": -1, "truncate": [0.9, 0.1],
        "caliper": 0, "ratio": 0, "exact": ["site"],
    });
    let expected = [
        "treated: column `arm` has no level `c`; there are: `a`, `b`",
        "terms.1: term `seen` holds dates, not numbers or categories; derive a number from it",
        "terms.2: term `arm` is the treatment itself; leave it out of `terms`",
        "terms.3: table `analysis` has no column `agee`; did you mean `age`?",
        "references.age: term `age` holds numbers and has no reference level; declare the column's levels to make it a category",
        "references.sitee: `sitee` is not a term of this model; there are: `age`, `seen`, `arm`, `agee`",
        "ridge: -1 is no penalty; 0 or more",
        "truncate: `truncate` takes two ascending shares between 0 and 1; such as [0.01, 0.99]",
        "caliper: 0 is no width; above 0, such as 0.2",
        "ratio: 0 is no number of controls; 1 or more",
        "caliper: `caliper` belongs to matching; declare `weights: matching`",
        "ratio: `ratio` belongs to matching; declare `weights: matching`",
        "exact: `exact` belongs to matching; declare `weights: matching`",
    ];
    assert_eq!(mistakes(&table, parameters, false), expected);
    let parameters = json!({ "treatment": "site", "terms": ["age"], "weights": "matching", "truncate": [0.1, 0.9] });
    let expected = [
        "treatment: `site` has 3 levels, and a propensity score compares two; derive a column of two levels, or leave the others out with `where` and declared levels",
        "truncate: matching makes no weights to truncate; leave `truncate` out",
    ];
    assert_eq!(mistakes(&table, parameters, false), expected);
    let late = mistakes(&table, json!({ "treatment": "rt", "terms": ["age"] }), false);
    assert!(late[0].starts_with("treatment: `rt` is known only from `rt_start`"), "{late:?}");
}

#[test]
fn mistakes_of_the_data_are_found() {
    let table = small().table();
    let told = |parameters: Value| mistakes(&table, parameters, true);
    assert_eq!(
        told(json!({ "treatment": "arm", "terms": ["apart"] })),
        [
            "terms.0: term `apart` separates the treated from the others: some patients could not have been in the other group; leave those patients out with `where`, or declare `model: firth` or `model: ridge`"
        ]
    );
    assert!(told(json!({ "treatment": "arm", "terms": ["apart"], "model": "firth" })).is_empty());
    assert_eq!(
        told(json!({ "treatment": "arm", "terms": ["flat"] })),
        [
            "terms.0: term `flat` is constant: it is the same for all 6 patients of the model; leave it out of `terms`"
        ]
    );
    assert_eq!(
        told(
            // A caliper that no two patients are within.
            json!({ "treatment": "arm", "terms": ["age"], "weights": "matching", "caliper": 1e-9 })
        ),
        ["weights: no treated patient finds a partner; widen `caliper`, or leave out `exact`"]
    );
    // The analysis table has no weights, and `rho` goes with none: both are told at once.
    let wrong = json!({ "endpoint": "os", "by": "trt", "weights": "analysis", "rho": 1 });
    let tables = vec![("analysis", reference_data("veteran").table().without_rows())];
    assert_eq!(
        call_beside::<LogRank>(tables, Vec::new(), wrong, Kind::rehearse).expect_err("wrong"),
        [
            "rho: weights of patients and `rho` cannot be combined; leave one of them out",
            "weights: `analysis` makes no weights of patients; name an entry of `analyze` that does, such as a `propensity_score`"
        ]
    );
}

/// An E-value of a finding that a stage `trial` made.
fn of_ratio(statistic: &str, value: Option<f64>) -> Result<Output, Vec<String>> {
    let number = value.unwrap_or(f64::NAN);
    let statistic = if statistic == "matching" { "hazard_ratio" } else { statistic };
    let mut source =
        study::Finding::new("trial", "test", statistic, study::Quantity::Ratio, number).limits(
            Some(number * 0.8),
            Some(number * 1.3),
            0.95,
        );
    // 60 of 100: common, so that odds and hazard ratios are converted.
    (source.n, source.events, source.missing) = (Some(100), Some(60), Some(2));
    let stages = vec![("trial", Output { findings: vec![source], ..Output::default() })];
    let parameters = json!({ "finding": format!("trial.{statistic}") });
    call_beside::<EValue>(Vec::new(), stages, parameters, Kind::run)
}

#[test]
fn e_values_follow_the_measure() {
    let near = |found: f64, expected: f64| (found - expected).abs() < 1e-12;
    // The formula of VanderWeele and Ding.
    let of = |rr: f64| rr + (rr * (rr - 1.0)).sqrt();
    let risk = of_ratio("relative_risk", Some(2.0)).expect("runs");
    // The limit nearer to 1 is 0.8 times 2.
    assert!(near(value(&risk, "e_value"), of(2.0)) && near(value(&risk, "e_value_limit"), of(1.6)));
    let odds = of_ratio("odds_ratio", Some(4.0)).expect("runs");
    // The root of a common odds ratio stands for the risk ratio.
    assert!(near(value(&odds, "risk_ratio"), 2.0));
    let hazard = of_ratio("hazard_ratio", Some(0.5)).expect("runs");
    // 60 of 100 have the event: the hazard ratio is converted.
    assert!(near(value(&hazard, "risk_ratio"), 0.620_136_837_873_846));
    assert_eq!(finding(&hazard, "e_value").n, Some(100));
    assert_eq!(ids(&hazard), ["stage.e_value", "stage.e_value_limit", "stage.risk_ratio"]);
    let none = of_ratio("hazard_ratio", None).expect("runs");
    let source = Address { stage: "trial".into(), parts: vec![Part::statistic("hazard_ratio")] };
    assert_eq!(finding(&none, "e_value").warnings, [Warning::NoValueOf { finding: source }]);
    assert_eq!(
        of_ratio("median", Some(2.0)).expect_err("no ratio"),
        [
            "finding: `trial.median` is a median, not a ratio of risks; E-values are for `relative_risk`, `odds_ratio` and `hazard_ratio`"
        ]
    );
    let unknown = json!({ "finding": "trial.hazard_ratioo" });
    let stages = vec![("trial", Output::default())];
    let told = call_beside::<EValue>(Vec::new(), stages, unknown, Kind::run).expect_err("wrong");
    assert!(
        told[0].starts_with("finding: `trial` makes no finding `trial.hazard_ratioo`"),
        "{told:?}"
    );
    let told = rehearse::<EValue>(&small().table(), json!({ "finding": "os" })).expect_err("wrong");
    assert_eq!(
        told,
        [
            "finding: `os` is no id of a finding; an id begins with the entry that makes it, such as `os_model.hazard_ratio.age`"
        ]
    );
}
