//! Baseline hazards and predicted survival.

use restudy_stats::Error;
use restudy_stats::counting_data::CountingData;
use restudy_stats::cox::{BaselineHazard, CoxModel, Ties};
use restudy_stats::survival_curve::{ConfidenceType, SurvivalCurveModel};
use restudy_stats::survival_data::SurvivalData;
use serde_json::Value;

use super::penalty::known;
use crate::reference::{
    Table, assert_all_close, cases, counts, covariates_of, table, text, texts, weights_of,
};

const TOLERANCE: f64 = 1e-8;

fn fitted(case: &Value, table: &Table, model: CoxModel<'_>) -> BaselineHazard {
    let strata = text(case, "stratum").map(|name| table.strata(name));
    let weights = text(case, "weight").map(|name| table.column(name));
    let offsets = text(case, "offset").map(|name| table.column(name));
    // Borrows the columns above, unlike the model that came.
    let mut model = model;
    if text(case, "ties") == Some("breslow") {
        model = model.ties(Ties::Breslow);
    }
    if case["robust"].as_bool() == Some(true) {
        model = model.robust();
    }
    if let Some(weights) = &weights {
        model = model.weights(weights_of(weights)).unwrap();
    }
    if let Some(offsets) = &offsets {
        model = model.offsets(offsets).unwrap();
    }
    if let Some(strata) = &strata {
        let model = model.strata(strata).unwrap();
        return model.baseline_hazard(&model.fit().unwrap());
    }
    model.baseline_hazard(&model.fit().unwrap())
}

fn baseline(case: &Value) -> BaselineHazard {
    let table = table(text(case, "data").unwrap());
    let columns = texts(&case["columns"]);
    let covariates = table.matrix(&columns);
    if case["interval"].as_bool() == Some(true) {
        let events: Vec<bool> = table.column("event").iter().map(|event| *event == 1.0).collect();
        let (starts, stops) = (table.column("start"), table.column("stop"));
        let data = CountingData::new(&starts, &stops, &events, &table.codes("subject")).unwrap();
        return fitted(
            case,
            &table,
            CoxModel::counting(&data, covariates_of(&covariates, columns.len())).unwrap(),
        );
    }
    let data = table.survival();
    fitted(case, &table, CoxModel::new(&data, covariates_of(&covariates, columns.len())).unwrap())
}

#[test]
fn predicted_curves_equal_those_of_r() {
    for case in cases("baseline_hazard") {
        let call = text(&case, "call").unwrap();
        let kind = match text(&case, "confidence_type") {
            Some("log-log") => ConfidenceType::LogLog,
            Some("plain") => ConfidenceType::Plain,
            _ => ConfidenceType::Log,
        };
        let stratum = case["code"].as_u64().map(|code| code as usize);
        let curve =
            baseline(&case).curve(&known(&case, "covariates"), stratum, 0.95, kind).unwrap();
        let column = |pick: fn(&restudy_stats::cox::PredictedRow) -> f64| {
            curve.rows.iter().map(pick).collect::<Vec<f64>>()
        };
        for (key, found) in [
            ("time", column(|row| row.time)),
            ("cumulative_hazard", column(|row| row.cumulative_hazard)),
            ("standard_error", column(|row| row.standard_error)),
            ("survival", column(|row| row.survival)),
            ("lower", column(|row| row.lower.unwrap())),
            ("upper", column(|row| row.upper.unwrap())),
        ] {
            assert_all_close(&format!("{call}: {key}"), &found, &known(&case, key), TOLERANCE);
        }
        if case["n_at_risk"].is_array() {
            let found: Vec<usize> = curve.rows.iter().map(|row| row.n_at_risk).collect();
            assert_eq!(found, counts(&case["n_at_risk"]), "{call}");
        }
    }
}

/// With no effect Breslow's hazard is Nelson and Aalen's: 1/4, 1/3, 1/2, 1.
#[test]
fn without_effect_the_hazard_is_nelson_and_aalens() {
    let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4]).unwrap();
    // A constant covariate is dropped, and all have risk 1.
    let model = CoxModel::new(&data, covariates_of(&[2.0; 4], 1)).unwrap().ties(Ties::Breslow);
    let baseline = model.baseline_hazard(&model.fit().unwrap());
    let hazard = baseline.stratum(None).unwrap();
    let expected = [0.25, 0.25 + 1.0 / 3.0, 0.75 + 1.0 / 3.0, 1.75 + 1.0 / 3.0];
    assert_all_close("H", &hazard.cumulative_hazard, &expected, 1e-15);
    assert_eq!((hazard.at(0.5), hazard.at(1.5)), (0.0, 0.25));
    let curve = SurvivalCurveModel::new(&data).estimate();
    let at_risk: Vec<usize> = curve.rows.iter().map(|row| row.n_at_risk).collect();
    assert_eq!(hazard.n_at_risk, at_risk);
}

#[test]
fn mistakes_are_named() {
    let data = SurvivalData::new(&[1.0, 2.0, 3.0], &[true; 3]).unwrap();
    let model = CoxModel::new(&data, covariates_of(&[1.0, 0.0, 1.0], 1)).unwrap();
    let baseline = model.baseline_hazard(&model.fit().unwrap());
    let wrong = |covariates: &[f64], stratum, level| {
        baseline.curve(covariates, stratum, level, ConfidenceType::Log).unwrap_err()
    };
    assert_eq!(wrong(&[1.0], Some(3), 0.9), Error::NoSuchStratum { code: Some(3) });
    assert_eq!(wrong(&[1.0], Some(3), 0.9).to_string(), "no stratum 3");
    assert!(matches!(wrong(&[], None, 0.9), Error::Length { .. }));
    assert!(matches!(wrong(&[1.0], None, 1.0), Error::Parameter { .. }));
    let curve = baseline.curve(&[1.0], None, 0.9, ConfidenceType::Log).unwrap();
    // Before the first event S is 1 and there is no row.
    assert_eq!(curve.at(0.5), None);
}
