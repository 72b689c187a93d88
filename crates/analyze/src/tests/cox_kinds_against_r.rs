//! The kinds of Cox models against R, by the ids of their findings and the
//! columns of their tables: `tests/reference/cox_kinds`.

use serde_json::{Value, json};
use study::{
    Clusters, Detail, Errors, InteractionPlace, Method, Output, Procedure, Table, Ties, Warning,
};

use crate::columns;
use crate::kinds::{cox_diagnostics, cox_model, cox_performance, predicted_survival, subgroups};
use crate::testing::{
    self, Reference, Sample, finding, read_reference, reference_data, run, run_with,
};

/// Largest relative difference: the models of both sides are iterated to 1e-9
/// of the log-likelihood.
const ITERATED: Reference = Reference { folder: "cox_kinds", relative: 1e-7, absolute: |_| 1e-13 };

/// `veteran` with arms and prior therapy as categories, and days of entry.
fn veteran() -> Sample {
    let sample = testing::veteran();
    let table = sample.table();
    let column = |name: &str| columns::numbers(&table, name).expect("a column");
    let whole = |name: &str| -> Vec<Option<i64>> {
        column(name).into_iter().map(|value| value.map(|value| value as i64)).collect()
    };
    // A quarter of the follow-up, so that everybody enters before the end.
    let entry = column("os_days").into_iter().map(|days| days.map(|days| (days / 4.0) as i64));
    sample
        .whole("arm", whole("trt"))
        .levels("arm", &["1", "2"])
        .whole("before", whole("prior"))
        .levels("before", &["0", "10"])
        .whole("entry", entry)
}

fn lung() -> Sample {
    let sample = reference_data("lung_complete");
    let table = sample.table();
    let whole = |name: &str| -> Vec<Option<i64>> {
        let values = columns::numbers(&table, name).expect("a column");
        values.into_iter().map(|value| value.map(|value| value as i64)).collect()
    };
    sample
        .whole("ecog", whole("ph_ecog"))
        .levels("ecog", &["0", "1", "2", "3"])
        .whole("gender", whole("sex"))
        .levels("gender", &["1", "2"])
}

/// `lung_late`, whose follow-up ends at `stop`.
fn late() -> Sample {
    let sample = reference_data("lung_late");
    let stops = columns::numbers(&sample.table(), "stop").expect("a column");
    sample.whole("os_days", stops.into_iter().map(|stop| stop.map(|stop| stop as i64)))
}

/// The weights in a data set, as another entry would make them.
fn weights(sample: &Sample, with_clusters: bool) -> Table {
    let table = sample.table();
    let column = |name: &str| columns::numbers(&table, name).expect("a column");
    let weights = column("weight");
    let made = Sample::of(weights.len()).real("weight", weights);
    let clusters = column("cluster").into_iter().map(|code| code.map(|code| code as i64));
    if with_clusters { made.whole("cluster", clusters).table() } else { made.table() }
}

fn cox(sample: &Sample, name: &str, mut parameters: Value) -> Output {
    parameters["endpoint"] = json!("os");
    let output = run::<cox_model::CoxModel>(sample.table(), parameters).expect("runs");
    ITERATED.compare(&output, name);
    output
}

#[test]
fn exact_ties_agree() {
    let terms = json!({ "terms": ["trt", "celltype", "karno"], "ties": "exact" });
    cox(&veteran(), "exact_veteran", terms);
    cox(&lung(), "exact_lung", json!({ "terms": ["age", "sex", "ph_ecog"], "ties": "exact" }));
}

#[test]
fn ridges_agree() {
    let terms = json!({ "terms": ["trt", "karno", "age"], "penalty": "ridge", "ridge": 20 });
    cox(&veteran(), "ridge_veteran", terms);
    let terms = json!({ "terms": ["age", "sex", "ph_ecog"], "penalty": "ridge", "ridge": 5 });
    cox(&lung(), "ridge_lung", terms);
}

/// The references of the estimator serve the kind: every model whose columns
/// may be terms.
#[test]
fn firth_models_agree() {
    let values: Value =
        serde_json::from_str(&read_reference("cox_penalty/values.json")).expect("JSON");
    let cases = values["cases"].as_array().expect("cases").iter();
    let mut models = 0;
    let close = |found, expected| ITERATED.agrees("", found, expected);
    // The other cases of that file are intervals, which no columns of a table make.
    let of_subjects = |case: &&Value| case["kind"] == "firth" && case["interval"].is_null();
    for case in cases.filter(of_subjects) {
        let columns = &case["columns"];
        let sample = reference_data(case["data"].as_str().expect("a name"));
        let strata: Vec<&str> = case["stratum"].as_str().into_iter().collect();
        let parameters = json!({
            "endpoint": "os", "terms": columns, "ties": case["ties"], "penalty": "firth",
            "strata": strata,
        });
        let output = run::<cox_model::CoxModel>(sample.table(), parameters).expect("runs");
        for (place, column) in columns.as_array().expect("columns").iter().enumerate() {
            let column = column.as_str().expect("a name");
            let ratio = finding(&output, &format!("hazard_ratio.{column}"));
            let known = |value: &Value| value[place].as_f64().expect("a number");
            let [lower, upper, deviance] =
                [0, 1, 2].map(|part| case["limits"][place][part].as_f64().expect("a number"));
            let beta = known(&case["coefficients"]);
            let found = [ratio.value, ratio.lower, ratio.upper];
            for (found, beta) in found.into_iter().zip([beta, lower, upper]) {
                assert!(close(found, Some(libm::exp(beta))), "{column} of {case}");
            }
            // R gives the deviance of the profile, whose tail is the p-value.
            let p = finding(&output, &format!("p.{column}")).value;
            let tail = stats::special::chi_square_upper_tail(deviance, 1.0);
            // Where R's p is 0.99 the deviance is known to few digits.
            assert!((p.expect("a p") - tail).abs() <= 1e-6 * tail, "{column} of {case}");
        }
        let test = finding(&output, "likelihood_ratio.chi_square").value;
        assert!(close(test, case["likelihood_ratio"].as_f64()), "{case}");
        let penalized = finding(&output, "penalized_log_likelihood").value;
        assert!(close(penalized, case["penalized"].as_f64()), "{case}");
        models += 1;
    }
    // A file cut short would agree with anything.
    assert_eq!(models, 7);
}

#[test]
fn offsets_agree() {
    cox(&lung(), "offset_lung", json!({ "terms": ["age", "sex"], "offset": "ph_ecog" }));
    let ages = columns::numbers(&veteran().table(), "age").expect("ages");
    let sample = veteran().real("tenths", ages.into_iter().map(|age| age.map(|age| age / 10.0)));
    let terms = json!({ "terms": ["karno", "trt"], "offset": "tenths", "ties": "breslow" });
    cox(&sample, "offset_veteran", terms);
}

#[test]
fn delayed_entry_agrees() {
    let terms = json!({ "terms": ["trt", "celltype", "karno"], "entry": "entry" });
    cox(&veteran(), "entry_veteran", terms);
    cox(&late(), "entry_lung", json!({ "terms": ["group"], "entry": "start" }));
}

#[test]
fn weights_and_their_clusters_agree() {
    let others = vec![("score", weights(&lung(), true))];
    let parameters =
        json!({ "endpoint": "os", "terms": ["age", "sex", "ph_ecog"], "weights": "score" });
    let output = run_with::<cox_model::CoxModel>(lung().table(), others, parameters);
    let output = output.expect("runs");
    ITERATED.compare(&output, "weights_lung");
    assert_eq!(
        finding(&output, "coefficient.age").method,
        Method::of(Procedure::Cox)
            .with(Detail::Ties(Ties::Efron))
            .with(Detail::WeightedBy("score".into()))
            .with(Detail::Errors(Errors::Clustered(Clusters::MadeBy("score".into()))))
    );
    let agreement = finding(&output, "concordance");
    let clusters = Errors::ClustersAlone(Clusters::MadeBy("score".into()));
    // The concordance itself takes no account of clusters; its error does.
    assert_eq!(agreement.method.details, [Detail::Errors(clusters)]);
    assert!(agreement.warnings.is_empty());
    let others = vec![("score", weights(&late(), false))];
    let parameters =
        json!({ "endpoint": "os", "terms": ["group"], "entry": "start", "weights": "score" });
    let output = run_with::<cox_model::CoxModel>(late().table(), others, parameters);
    ITERATED.compare(&output.expect("runs"), "weights_late");
}

#[test]
fn splines_agree() {
    let spline = |spline: Value, column: &str, others: &[&str]| {
        let terms: Vec<&str> = [column].into_iter().chain(others.iter().copied()).collect();
        json!({ "terms": terms, "splines": { column: spline } })
    };
    let natural = json!({ "degrees_of_freedom": 4, "reference": 50, "at": [35, 62.5, 75] });
    cox(&reference_data("pbc"), "natural_pbc", spline(natural, "age", &["log_bili"]));
    let restricted = json!({ "kind": "restricted", "reference": 60, "at": [50, 70] });
    cox(&lung(), "restricted_lung", spline(restricted, "age", &["sex", "ph_ecog"]));
    for kind in ["restricted", "natural"] {
        // Both bases span the same curves, so that with
        // the same knots one reference serves both.
        let knots = json!({ "kind": kind, "knots": [30, 60, 80], "reference": 60, "at": [20, 90] });
        cox(&veteran(), "knots_veteran", spline(knots, "karno", &["trt"]));
    }
}

#[test]
fn interactions_agree() {
    let terms = json!({
        "terms": ["trt", "celltype", "karno"], "interactions": [["trt", "celltype"]],
    });
    let output = cox(&veteran(), "interaction_veteran", terms);
    assert_eq!(
        finding(&output, "hazard_ratio.trt").warnings,
        [Warning::RatioHoldsAt {
            column: "celltype".into(),
            at: InteractionPlace::Level("squamous".into()),
        }]
    );
    let terms = json!({
        "terms": ["age", "sex", "ph_ecog"], "interactions": [["age", "sex"]], "robust": true,
    });
    cox(&lung(), "interaction_lung", terms);
}

fn compare_table(output: &Output, name: &str) {
    let values = ITERATED.values();
    let columns = values["tables"][name].as_object().expect("a table of this name");
    let table = &output.tables["stage"];
    for (column, expected) in columns {
        let found = columns::numbers(table, column).unwrap_or_else(|| panic!("no {column}"));
        let expected = expected.as_array().expect("numbers");
        assert_eq!(found.len(), expected.len());
        // Residuals lie around zero, so that each is compared by the size of its column.
        let largest =
            expected.iter().filter_map(Value::as_f64).fold(0.0, |most: f64, v| most.max(v.abs()));
        for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
            let is_close = match (found, expected.as_f64()) {
                (Some(found), Some(expected)) => {
                    (found - expected).abs() <= ITERATED.relative * largest
                }
                (found, expected) => found.is_none() && expected.is_none(),
            };
            assert!(is_close, "{name} {column} row {row}: {found:?}, not {expected}");
        }
    }
}

#[test]
fn diagnostics_agree() {
    let parameters = json!({
        "endpoint": "os", "terms": ["trt", "celltype", "karno", "age"], "exclude_before": "30 days",
    });
    let output = run::<cox_diagnostics::CoxDiagnostics>(veteran().table(), parameters);
    let output = output.expect("runs");
    ITERATED.compare(&output, "diagnostics_veteran");
    compare_table(&output, "diagnostics_veteran");
    let parameters = json!({
        // One patient has ECOG 3: who alone in a stratum would say nothing.
        "endpoint": "os", "terms": ["age", "sex"], "strata": ["ph_ecog"], "where": "ph_ecog < 3",
        "exclude_before": "60 days",
    });
    let output = run::<cox_diagnostics::CoxDiagnostics>(lung().table(), parameters).expect("runs");
    ITERATED.compare(&output, "diagnostics_lung");
    compare_table(&output, "diagnostics_lung");
}

#[test]
fn performance_agrees() {
    let parameters = json!({
        "endpoint": "os", "terms": ["trt", "celltype", "karno"], "at": ["2 months", "6 months"],
        // R would draw other samples; what the bootstrap does is tested without it.
        "tau": "10 months", "bootstrap": 0,
    });
    let output = run::<cox_performance::CoxPerformance>(veteran().table(), parameters);
    ITERATED.compare(&output.expect("runs"), "performance_veteran");
    let parameters = json!({
        "endpoint": "os", "terms": ["age", "sex", "ph_ecog"], "at": ["6 months", "12 months"],
        "tau": "20 months", "groups": 3, "bootstrap": 0,
    });
    let output = run::<cox_performance::CoxPerformance>(lung().table(), parameters);
    ITERATED.compare(&output.expect("runs"), "performance_lung");
}

#[test]
fn predicted_survival_agrees() {
    let parameters = json!({
        "endpoint": "os", "terms": ["trt", "celltype", "karno"], "at": ["2 months", "6 months"],
        "profiles": {
            "fit": { "trt": "1", "celltype": "squamous", "karno": "90" },
            "frail": { "trt": "2", "celltype": "adeno", "karno": "40" },
        },
    });
    let output = run::<predicted_survival::PredictedSurvival>(veteran().table(), parameters);
    ITERATED.compare(&output.expect("runs"), "predicted_veteran");
    let parameters = json!({
        "endpoint": "os", "terms": ["age", "sex"], "strata": ["ph_ecog"], "ties": "breslow",
        "at": ["6 months", "12 months"], "ci": "log",
        "profiles": {
            "young": { "age": "50", "sex": "2", "ph_ecog": "0" },
            "old": { "age": "72", "sex": "1", "ph_ecog": "1" },
        },
    });
    let output = run::<predicted_survival::PredictedSurvival>(lung().table(), parameters);
    ITERATED.compare(&output.expect("runs"), "predicted_lung");
}

#[test]
fn subgroups_agree() {
    let parameters = json!({
        "endpoint": "os", "treatment": "arm", "by": ["celltype", "before"], "adjust": ["karno"],
    });
    let output = run::<subgroups::Subgroups>(veteran().table(), parameters).expect("runs");
    ITERATED.compare(&output, "subgroups_veteran");
    let parameters = json!({
        "endpoint": "os", "treatment": "arm", "by": ["celltype"], "adjust": ["karno"],
        "estimate": "each_level",
    });
    let output = run::<subgroups::Subgroups>(veteran().table(), parameters).expect("runs");
    ITERATED.compare(&output, "alone_veteran");
    let parameters =
        json!({ "endpoint": "os", "treatment": "gender", "by": ["ecog"], "adjust": ["age"] });
    let output = run::<subgroups::Subgroups>(lung().table(), parameters).expect("runs");
    ITERATED.compare(&output, "subgroups_lung");
    // One patient has ECOG 3, so that one of the arms is empty.
    let empty = finding(&output, "hazard_ratio.ecog.3.2");
    assert_eq!(empty.warnings, [Warning::NobodyInArm]);
}
