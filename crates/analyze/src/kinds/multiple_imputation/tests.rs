//! The table and the findings of an imputation, and its mistakes.

use serde_json::{Value, json};
use study::{Column, Output, Predictor, Warning};

use super::{IMPUTATION, MultipleImputation};
use crate::columns;
use crate::testing::{Sample, finding, reference_data, rehearse, run, value};

fn pbc() -> Sample {
    let sample = reference_data("pbc_incomplete");
    let table = sample.table();
    let hepato = columns::numbers(&table, "hepato_gaps").expect("numbers");
    let label =
        Column { label: "Cholesterol".into(), unit: Some("mg/dL".into()), ..Column::default() };
    sample
        .levels("stage_gaps", &["1", "2", "3", "4"])
        .yes_no("hepato", hepato.iter().map(|value| value.map(|value| value == 1.0)))
        .about("chol", &label)
}

fn parameters() -> Value {
    json!({
        "endpoint": "os", "variables": ["chol", "hepato", "stage_gaps", "age"],
        "auxiliary": ["log_bili", "copper"], "imputations": 4, "iterations": 6,
    })
}

fn impute(parameters: Value) -> Output {
    run::<MultipleImputation>(pbc().table(), parameters).expect("runs")
}

#[test]
fn the_table_has_every_patient_in_every_imputation() {
    let output = impute(parameters());
    let table = &output.tables["stage"];
    let names = ["patient", IMPUTATION, "chol", "hepato", "stage_gaps", "age"];
    assert_eq!(table.names(), names);
    // 312 patients in each of four imputations.
    assert_eq!(table.height(), 4 * 312);
    let rehearsed =
        rehearse::<MultipleImputation>(&pbc().table(), parameters()).expect("rehearses");
    let shape = &rehearsed.tables["stage"];
    // What a later entry is rehearsed on must be what it will run on.
    assert_eq!(shape.names(), names);
    for name in names {
        assert_eq!(columns::type_of(shape, name), columns::type_of(table, name), "{name}");
        assert_eq!(shape.about(name), table.about(name), "{name}");
    }
    assert_eq!(table.about("chol").unit.as_deref(), Some("mg/dL"));
    let known = columns::numbers(&pbc().table(), "chol").expect("numbers");
    let chol = columns::numbers(table, "chol").expect("numbers");
    for (row, value) in chol.iter().enumerate() {
        // Imputed everywhere, and known values stay as they were in every imputation.
        assert!(value.is_some() && known[row % 312].is_none_or(|known| Some(known) == *value));
    }
    let levels = columns::categories(table, "stage_gaps").expect("levels");
    assert!(levels.iter().all(|level| level.is_some_and(|own| "1234".contains(own))));
    assert!(
        columns::categories(table, "hepato").expect("yes or no").iter().all(|cell| cell.is_some())
    );
    let numbers = columns::numbers(table, IMPUTATION).expect("numbers");
    assert_eq!((numbers[311], numbers[312], numbers[1247]), (Some(1.0), Some(2.0), Some(4.0)));
}

#[test]
fn findings_tell_what_was_missing_and_what_was_made_of_it() {
    let output = impute(parameters());
    assert_eq!(value(&output, "n"), 312.0);
    assert_eq!(value(&output, "missing.chol"), 28.0);
    assert_eq!(value(&output, "missing.age"), 0.0);
    assert_eq!(finding(&output, "mean.chol.observed").n, Some(284));
    assert_eq!(finding(&output, "mean.chol.imputed").n, Some(28));
    assert_eq!(finding(&output, "mean.chol.imputed").unit.as_deref(), Some("mg/dL"));
    let shares: f64 = ["1", "2", "3", "4"]
        .iter()
        .map(|level| value(&output, &format!("proportion.stage_gaps.{level}.imputed")))
        .sum();
    assert!((shares - 1.0).abs() < 1e-12);
    assert!(value(&output, "potential_scale_reduction.chol") > 0.0);
    assert!(value(&output, "potential_scale_reduction.hepato.yes") > 0.0);
    let complete = value(&output, "complete_cases");
    // Complete cases counted by hand over all columns with gaps, auxiliary ones among them.
    let table = pbc().table();
    let gaps: Vec<Vec<Option<f64>>> = ["chol", "hepato_gaps", "stage_gaps", "copper"]
        .iter()
        .map(|column| columns::numbers(&table, column).expect("numbers"))
        .collect();
    let whole = (0..312).filter(|row| gaps.iter().all(|column| column[*row].is_some())).count();
    assert_eq!(complete, whole as f64);
    let account = output.methods.expect("an account");
    let study::Practice::Imputation { data_sets, iterations, donors, categories, .. } =
        account.practice
    else {
        panic!("no imputation: {:?}", account.practice)
    };
    assert_eq!((data_sets, iterations, donors, categories), (4, 6, Some(5), true));
}

#[test]
fn deltas_shift_what_is_imputed() {
    let with = |delta: Value| {
        let mut parameters = parameters();
        parameters["variables"] = json!(["chol"]);
        parameters["auxiliary"] = json!(["log_bili"]);
        parameters["delta"] = delta;
        impute(parameters)
    };
    // No whole number: the column of whole numbers must become one of real numbers.
    let (plain, shifted) = (with(json!({})), with(json!({ "chol": -20.5 })));
    let difference = value(&plain, "mean.chol.imputed") - value(&shifted, "mean.chol.imputed");
    // Both draw the same numbers, so that the difference is the shift itself.
    assert!((difference - 20.5).abs() < 1e-9, "{difference}");
    assert_eq!(value(&plain, "mean.chol.observed"), value(&shifted, "mean.chol.observed"));
    let kind = columns::type_of(&shifted.tables["stage"], "chol");
    assert_eq!(kind, Some(columns::ColumnType::Real));
}

#[test]
fn collinear_predictors_are_named() {
    let table = pbc().table();
    let age = columns::numbers(&table, "age").expect("numbers");
    // Twelve times the age says nothing that the age does not.
    let sample = pbc().real("months", age.iter().map(|age| age.map(|age| 12.0 * age)));
    let parameters = json!({
        "variables": ["chol"], "auxiliary": ["age", "months"], "imputations": 2, "iterations": 1,
    });
    let output = run::<MultipleImputation>(sample.table(), parameters).expect("runs");
    assert_eq!(
        finding(&output, "missing.chol").warnings,
        [Warning::ImputedWithout { predictor: Predictor::Column("months".into()) }]
    );
    // One iteration leaves no chain to be judged.
    let mixing = finding(&output, "potential_scale_reduction.chol");
    assert_eq!(mixing.warnings, [Warning::ChainsUnjudged]);
}

#[test]
fn mistakes_are_named() {
    let wrong = |parameters: Value| {
        let found = run::<MultipleImputation>(pbc().table(), parameters.clone()).unwrap_err();
        // All of these need no data, so that a rehearsal says the same.
        let rehearsed = rehearse::<MultipleImputation>(&pbc().table(), parameters);
        assert_eq!(rehearsed.err(), Some(found.clone()));
        found
    };
    let found = wrong(json!({
        "endpoint": "os", "variables": ["chl", "os_days", "patient"], "auxiliary": ["chl"],
        "imputations": 1, "donors": 0, "delta": { "stage_gaps": 1.0 },
    }));
    assert_eq!(
        found,
        [
            "variables.0: table `analysis` has no column `chl`; did you mean `chol`?",
            "variables.1: `os_days` is the endpoint itself; leave it out: the event and the cumulative hazard are in the models already",
            "variables.2: `patient` identifies patients and predicts nothing; leave it out",
            "auxiliary.0: table `analysis` has no column `chl`; did you mean `chol`?",
            "auxiliary.0: `chl` is listed under `variables` too; leave it out here",
            "delta.stage_gaps: `stage_gaps` is not imputed by this entry; there are: `chl`, `os_days`, `patient`, `chl`",
            "imputations: `imputations` is 1, but must be at least 2",
            "donors: `donors` is 0, but must be at least 1",
        ]
    );
    let found = wrong(json!({ "variables": ["stage_gaps"], "delta": { "stage_gaps": 1.0 } }));
    assert_eq!(
        found,
        [
            "delta.stage_gaps: `stage_gaps` has 4 levels, whose odds one delta cannot shift; a delta is for a number or a category of two levels"
        ]
    );
    assert_eq!(wrong(json!({ "variables": [] })), ["variables: `variables` is empty"]);
}

#[test]
fn mistakes_of_the_data_are_named() {
    let sample = Sample::of(4)
        .real("x", [Some(1.0), Some(2.0), None, Some(3.0)])
        .real("y", [Some(1.0), Some(4.0), Some(2.0), Some(2.0)])
        .real("z", [Some(1.0), Some(0.0), Some(2.0), Some(5.0)])
        .real("none", [None; 4]);
    let wrong = |variables: &[&str]| {
        let parameters = json!({ "variables": variables, "imputations": 2 });
        run::<MultipleImputation>(sample.table(), parameters).unwrap_err()
    };
    assert_eq!(
        wrong(&["x", "none"]),
        [
            "variables.1: `none` is missing for every patient; nothing tells what its values are like: leave it out"
        ]
    );
    // A model of `x` by two others has three
    // coefficients, and needs one more patient than that.
    assert_eq!(
        wrong(&["y", "x", "z"]),
        [
            "variables.1: `x` has a value for 3 patients, too few for a model that needs 4; leave it out, or name fewer columns"
        ]
    );
}

#[test]
fn entries_that_share_draws_differ_by_the_delta_alone() {
    let imputed = |draws: &str, delta: f64| -> Vec<f64> {
        let parameters = json!({
            "endpoint": "os", "variables": ["chol"], "auxiliary": ["age", "log_bili"],
            "imputations": 3, "iterations": 2, "draws": draws, "delta": { "chol": delta },
        });
        let table = &impute(parameters).tables["stage"];
        let values = columns::numbers(table, "chol").expect("numbers");
        let known = columns::numbers(&pbc().table(), "chol").expect("numbers");
        let rows = values.iter().enumerate().filter(|(row, _)| known[row % 312].is_none());
        rows.map(|(_, value)| value.expect("imputed")).collect()
    };
    // 28 patients lack the value in each of three imputations.
    let (base, shifted) = (imputed("base", 0.0), imputed("base", -50.0));
    assert_eq!(base.len(), 3 * 28);
    assert!(base.iter().zip(&shifted).all(|(one, other)| (one - 50.0 - other).abs() < 1e-9));
    assert_ne!(base, imputed("another", 0.0));
}
