//! Tests of proportional hazards against R, by property and at the edges.

#[path = "support/reference.rs"]
mod reference;

use reference::{
    assert_all_close, assert_close, cases, covariates_of, matrix, numbers, table, text, texts,
    weights_of,
};
use restudy_stats::Error;
use restudy_stats::cox::CoxFit;
use restudy_stats::cox::{CoxModel, Ties};
use restudy_stats::inference::Test;
use restudy_stats::proportional_hazards::{
    CoefficientCurve, ProportionalHazards, SchoenfeldRow, TimeTransform, proportional_hazards,
};
use restudy_stats::survival_data::SurvivalData;
use serde_json::Value;

/// The iterations of the fit are R's, so that rounding alone may differ.
const TOLERANCE: f64 = 1e-8;

fn transform(name: &str) -> TimeTransform {
    match name {
        "identity" => TimeTransform::Identity,
        "rank" => TimeTransform::Rank,
        "log" => TimeTransform::Log,
        _ => TimeTransform::KaplanMeier,
    }
}

/// Tests as a case says.
fn test_of(case: &Value) -> ProportionalHazards {
    fitted(case).1
}

/// The same with the fit.
fn fitted(case: &Value) -> (CoxFit, ProportionalHazards) {
    let table = table(text(case, "data").expect("data"));
    let mut columns = Vec::new();
    let mut terms = Vec::new();
    for names in case["terms"].as_array().expect("terms").iter().map(texts) {
        terms.push((columns.len()..columns.len() + names.len()).collect());
        columns.extend(names);
    }
    let (data, covariates) = (table.survival(), table.matrix(&columns));
    let strata = text(case, "stratum").map(|name| table.strata(name));
    let weights = text(case, "weight").map(|name| table.column(name));
    let mut model = CoxModel::new(&data, covariates_of(&covariates, columns.len())).unwrap();
    if text(case, "ties") == Some("breslow") {
        model = model.ties(Ties::Breslow);
    }
    if let Some(strata) = &strata {
        model = model.strata(strata).unwrap();
    }
    if let Some(weights) = &weights {
        // R's weighted cases are robust; the test does not use the sandwich.
        model = model.weights(weights_of(weights)).unwrap().robust();
    }
    let fit = model.fit().unwrap();
    let transform = transform(text(case, "transform").expect("a transform"));
    let tests = proportional_hazards(&model, &fit, &terms, transform).unwrap();
    (fit, tests)
}

#[test]
fn tests_equal_those_of_r() {
    for case in cases("proportional_hazards") {
        let call = text(&case, "call").expect("a call");
        let found = test_of(&case);
        let tests = found.terms.iter().chain([&found.global]);
        let expected = numbers(&case["statistics"]).into_iter().zip(numbers(&case["p_values"]));
        let df = numbers(&case["degrees_of_freedom"]);
        assert_eq!(found.terms.len() + 1, df.len(), "{call}");
        for ((test, (statistic, p_value)), df) in tests.zip(expected).zip(df) {
            assert_close(call, test.map(|test| test.statistic), statistic, TOLERANCE);
            assert_close(call, test.map(|test| test.p_value), p_value, TOLERANCE);
            assert_eq!(test.map(|test| test.degrees_of_freedom as f64), df, "{call}");
        }
    }
}

#[test]
fn scaled_residuals_equal_those_of_r() {
    for case in cases("proportional_hazards") {
        let call = text(&case, "call").expect("a call");
        let rows = test_of(&case).residuals;
        let known = |key: &str| numbers(&case[key]).into_iter().flatten().collect::<Vec<_>>();
        let times: Vec<f64> = rows.iter().map(|row| row.time).collect();
        let transformed: Vec<f64> = rows.iter().map(|row| row.transformed_time).collect();
        assert_all_close(call, &times, &known("times"), TOLERANCE);
        assert_all_close(call, &transformed, &known("transformed_times"), TOLERANCE);
        let residuals: Vec<f64> =
            rows.iter().flat_map(|row| &row.scaled_residuals).map(|value| value.unwrap()).collect();
        assert_all_close(call, &residuals, &matrix(&case["scaled_residuals"]), TOLERANCE);
    }
}

/// The ends of g(t), and the first coefficient's curve at R's 40 places between them.
fn curve_of(fit: &CoxFit, rows: &[SchoenfeldRow], df: usize) -> Option<Vec<(f64, f64)>> {
    let curve = CoefficientCurve::new(rows, fit, 0, df).unwrap()?;
    let places = || rows.iter().map(|row| row.transformed_time);
    let (low, high) = (places().fold(f64::INFINITY, f64::min), places().fold(-1e300, f64::max));
    // 40 places have 39 steps.
    let at = |place| low + (high - low) * f64::from(place) / 39.0;
    let point = |place| curve.at(at(place)).map(|point| (point.estimate, point.standard_error));
    Some((0..40).map(|place| point(place).unwrap()).collect())
}

/// The curve and the width of its band as `plot.cox.zph` draws them, and no curve
/// where it says that the spline is singular.
#[test]
fn curves_equal_those_of_r() {
    let mut n_singular = 0;
    for case in cases("proportional_hazards") {
        let call = text(&case, "call").expect("a call");
        let (fit, tests) = fitted(&case);
        for (df, expected) in [2, 4].into_iter().zip(case["curves"].as_array().expect("curves")) {
            let found = curve_of(&fit, &tests.residuals, df);
            n_singular += usize::from(expected.is_null());
            assert_eq!(found.is_none(), expected.is_null(), "{call}");
            let Some((estimates, errors)) = found.map(|points| points.into_iter().unzip()) else {
                continue;
            };
            let known = |key: &str| numbers(&expected[key]).into_iter().flatten().collect();
            let (values, known_errors): (Vec<f64>, Vec<f64>) =
                (known("values"), known("standard_errors"));
            assert_eq!(values.len(), 40, "{call}");
            let (estimates, errors): (Vec<f64>, Vec<f64>) = (estimates, errors);
            assert_all_close(call, &estimates, &values, TOLERANCE);
            assert_all_close(call, &errors, &known_errors, TOLERANCE);
        }
    }
    assert!(n_singular > 0, "a singular case is among them");
}

/// Two degrees of freedom are a straight line; a line through residuals that lie
/// on one is that line, whatever the degrees of freedom.
#[test]
fn a_curve_of_two_degrees_of_freedom_is_straight() {
    let case = &cases("proportional_hazards")[4];
    let (fit, mut tests) = fitted(case);
    let line = curve_of(&fit, &tests.residuals, 2).expect("a curve");
    for three in line.windows(3) {
        // A line has no second difference.
        assert!((three[0].0 - 2.0 * three[1].0 + three[2].0).abs() < 1e-9);
    }
    for row in &mut tests.residuals {
        row.scaled_residuals = vec![Some(0.25 - 1.5 * row.transformed_time)];
    }
    for df in [2, 3, 4, 6] {
        let curve = CoefficientCurve::new(&tests.residuals, &fit, 0, df).unwrap().expect("a curve");
        // Every seventeenth event is enough to tell a line from a curve.
        for row in tests.residuals.iter().step_by(17) {
            let found = curve.at(row.transformed_time).unwrap().estimate;
            assert!((found - (0.25 - 1.5 * row.transformed_time)).abs() < 1e-9);
        }
    }
    let error = |column, df| CoefficientCurve::new(&tests.residuals, &fit, column, df).unwrap_err();
    assert_eq!(error(0, 1).to_string(), "`degrees of freedom` is 1, outside 2 or more");
    assert!(matches!(error(3, 4), Error::NoSuchColumn { column: 3, n_columns: 1 }));
}

/// The numbers of R that are published beside this program.
#[test]
fn known_numbers() {
    let statistics = |data: &str, n_terms: usize| {
        let is_it = |case: &&Value| {
            text(case, "data") == Some(data)
                && text(case, "transform") == Some("km")
                && case["terms"].as_array().unwrap().len() == n_terms
                && text(case, "stratum").or(text(case, "weight")).is_none()
        };
        let cases = cases("proportional_hazards");
        let found = test_of(cases.iter().find(is_it).expect("a case"));
        let all = found.terms.into_iter().chain([found.global]);
        all.map(|test| test.unwrap().statistic).collect::<Vec<f64>>()
    };
    assert_eq!(format!("{:.6}", statistics("lung_complete", 3)[1]), "2.305437");
    let veteran = statistics("veteran", 6);
    assert_eq!(format!("{:.2}", veteran[2]), "12.94");
    assert_eq!(format!("{:.2}", veteran[6]), "34.55");
    assert_eq!(format!("{:.3}", statistics("pbc", 5)[3]), "9.263");
    // Sex alone, on all 228 patients.
    let lung = table("lung");
    let (data, sex) = (lung.survival(), lung.column("sex"));
    let model = CoxModel::new(&data, covariates_of(&sex, 1)).unwrap();
    let fit = model.fit().unwrap();
    let test = proportional_hazards(&model, &fit, &[vec![0]], TimeTransform::KaplanMeier).unwrap();
    assert_eq!(format!("{:.6}", test.global.unwrap().statistic), "2.863235");
}

fn small(
    times: &[f64],
    x: &[f64],
    n_columns: usize,
    terms: &[Vec<usize>],
    transform: TimeTransform,
) -> Result<ProportionalHazards, Error> {
    let data = SurvivalData::new(times, &vec![true; times.len()])?;
    let model = CoxModel::new(&data, covariates_of(x, n_columns))?;
    let fit = model.fit()?;
    proportional_hazards(&model, &fit, terms, transform)
}

/// At beta = 0 by symmetry (x balanced in each risk set that matters):
/// times 1, 1, 2, 2 with x = 0, 1, 0, 1 have U = 0 for any g.
#[test]
fn a_balanced_design_shows_no_drift() {
    let test =
        small(&[1.0, 1.0, 2.0, 2.0], &[0.0, 1.0, 0.0, 1.0], 1, &[vec![0]], TimeTransform::Identity);
    let statistic = test.unwrap().global.unwrap().statistic;
    assert!(statistic.abs() < 1e-20, "{statistic}");
}

#[test]
fn the_unit_of_time_does_not_matter() {
    let x = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
    let global = |unit: f64, transform| -> Test {
        let times: Vec<f64> = (1..=8).map(|time| f64::from(time) * unit).collect();
        small(&times, &x, 1, &[], transform).unwrap().global.unwrap()
    };
    for transform in [
        TimeTransform::KaplanMeier,
        TimeTransform::Identity,
        TimeTransform::Rank,
        TimeTransform::Log,
    ] {
        let (days, months) = (global(1.0, transform), global(1.0 / 30.4375, transform));
        assert_close("statistic", Some(months.statistic), Some(days.statistic), 1e-10);
    }
}

#[test]
fn what_cannot_be_tested_is_none() {
    // The second column is the first again; the third term has no columns.
    let x = [3.0, 1.0, 4.0, 1.0, 5.0, 3.0, 1.0, 4.0, 1.0, 5.0];
    let times = [1.0, 2.0, 3.0, 4.0, 5.0];
    let test = small(&times, &x, 2, &[vec![0], vec![1], vec![]], TimeTransform::Rank).unwrap();
    assert!(test.terms[0].is_some() && test.terms[1].is_none() && test.terms[2].is_none());
    assert_eq!(test.terms[0], test.global);
    assert_eq!(test.residuals[0].scaled_residuals[1], None);
    // Dropped columns leave the tests of the others alone.
    let table = table("collinear");
    let data = table.survival();
    let test = |names: &[&str]| {
        let covariates = table.matrix(&names.iter().map(|name| (*name).into()).collect::<Vec<_>>());
        let model = CoxModel::new(&data, covariates_of(&covariates, names.len())).unwrap();
        let terms: Vec<Vec<usize>> = (0..names.len()).map(|column| vec![column]).collect();
        let fit = model.fit().unwrap();
        proportional_hazards(&model, &fit, &terms, TimeTransform::KaplanMeier).unwrap()
    };
    let (all, kept) = (test(&["z", "twice", "constant", "x"]), test(&["z", "x"]));
    assert_eq!((all.terms[1], all.terms[2]), (None, None));
    let statistic = |test: Option<Test>| test.map(|test| test.statistic);
    for (one, other) in [(0, 0), (3, 1)] {
        assert_close("x", statistic(all.terms[one]), statistic(kept.terms[other]), 1e-9);
    }
    assert_close("global", statistic(all.global), statistic(kept.global), 1e-9);
    // With one event time there is no time along which to drift.
    let test = small(&[7.0; 5], &x[..5], 1, &[vec![0]], TimeTransform::Identity).unwrap();
    assert_eq!((test.terms[0], test.global), (None, None));
}

#[test]
fn mistakes_are_named() {
    let wrong = |times: &[f64], term: usize| {
        small(times, &[1.0, 0.0, 1.0], 1, &[vec![term]], TimeTransform::Log)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        wrong(&[0.0, 1.0, 2.0], 0),
        "`times` is 0, outside (0, infinity), where the logarithm of an event time is defined"
    );
    assert_eq!(
        wrong(&[1.0, 2.0, 3.0], 1),
        "column 1 is asked for, but there are 1 columns, from 0"
    );
}
