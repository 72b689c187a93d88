//! Every finding of competing risks, parametric models and plain comparisons
//! that R gives too, by id: `tests/reference/analyze_risks`.

use serde_json::json;
use study::{Detail, IncidenceCurves, IncidenceStep, Procedure};

use crate::kinds::{
    cause_specific_cox, cumulative_incidence, fine_gray, group_difference, parametric_model,
};
use crate::testing::{Reference, Sample, finding, reference_data, run, run_in, settings, veteran};

/// Largest relative difference of closed forms, and of iterated fits.
const EXACT: Reference = Reference { folder: "analyze_risks", relative: 1e-9, absolute: |_| 0.0 };
const ITERATED: Reference = Reference { relative: 1e-7, ..EXACT };
/// R searches the conditional odds ratio and its limits to 1e-4 only.
const SEARCHED: Reference = Reference { relative: 1e-3, ..EXACT };
/// Where limits of the reference are made by hand of a variance.
const BY_HAND: Reference = Reference { relative: 1e-8, ..EXACT };

/// A data set with the causes `one` and `two` as text, an event of either, and
/// a `patient` of each weight.
pub(super) fn risks(name: &str) -> Sample {
    let sample = reference_data(name);
    // The data hold causes as 0, 1 and 2, and the kinds read them by name.
    let codes = crate::columns::numbers(&sample.table(), "cause").expect("a column of causes");
    let words = codes.iter().map(|code| match code {
        Some(1.0) => Some("one"),
        Some(2.0) => Some("two"),
        _ => None,
    });
    let words: Vec<Option<&str>> = words.collect();
    sample.yes_no("os_event", words.iter().map(|word| Some(word.is_some()))).text("cause", words)
}

#[test]
fn cumulative_incidence_agrees() {
    let parameters = json!({
        "endpoint": "os", "cause": "cause", "by": "group", "at": [60, 120], "time_lost": [120],
    });
    let mut study = settings();
    // R's times are in months here, and are taken as days.
    study.time_unit = study::TimeUnit::Days;
    let tables = vec![("analysis", risks("mgus2").table())];
    let output = run_in::<cumulative_incidence::CumulativeIncidence>(&study, tables, parameters);
    let output = output.expect("runs");
    EXACT.compare(&output, "incidence_mgus2");
    let steps = &output.tables["stage"];
    assert_eq!(steps.names()[..3], ["group", "cause", "time_days"]);
    // what is drawn are the steps of the groups, which stand first in the table
    let drawn: &IncidenceCurves = output.figures.get().expect("curves");
    let rows: Vec<&IncidenceStep> =
        drawn.groups.iter().flat_map(|group| group.curves.iter().flatten()).collect();
    let known = |name: &str| crate::columns::numbers(steps, name).expect("a column");
    // The table has the curve of all patients behind those of the groups.
    assert!(rows.len() > 100 && rows.len() < known("incidence").len());
    for (name, value) in [
        ("time_days", (|row| Some(row.time_days)) as fn(&IncidenceStep) -> Option<f64>),
        ("incidence", |row| Some(row.incidence)),
        ("lower", |row| row.lower),
        ("n_competing", |row| Some(row.competing as f64)),
    ] {
        let own: Vec<Option<f64>> = rows.iter().map(|row| value(row)).collect();
        assert_eq!(own, known(name)[..rows.len()], "{name}");
    }
    for group in &drawn.groups {
        for cause in 0..drawn.causes.len() {
            let end = group.counts_at(cause, group.last_time_days(), study::AtRisk::Beyond);
            // Whoever ends is counted under one cause alone.
            assert!(end.at_risk == 0 && end.events + end.competing <= group.n);
        }
    }
}

#[test]
fn the_variance_of_aalen_agrees() {
    let sample = risks("pbc_causes");
    let age = crate::columns::numbers(&sample.table(), "age").expect("ages");
    let cut = age.iter().map(|age| age.map(|age| age > 50.0));
    let sample = sample.yes_no("cut", cut);
    let parameters = json!({
        "endpoint": "os", "cause": "cause", "by": "sex", "at": ["36 months"], "variance": "aalen",
        "strata": ["cut"], "rho": 1,
    });
    let output = run::<cumulative_incidence::CumulativeIncidence>(sample.table(), parameters);
    // The limits of the reference are made of `cuminc`'s variance by hand.
    BY_HAND.compare(&output.expect("runs"), "incidence_pbc");
}

/// pbc with a known stage as a category.
fn pbc() -> Sample {
    risks("pbc_causes").levels("stage", &["1", "2", "3", "4"])
}

#[test]
fn cause_specific_models_agree() {
    let parameters = json!({
        "endpoint": "os", "cause": "cause", "event": "two", "terms": ["age", "log_bili", "stage"],
    });
    let output = run::<cause_specific_cox::CauseSpecificCox>(pbc().table(), parameters);
    ITERATED.compare(&output.expect("runs"), "cause_specific_pbc");
    let parameters = json!({
        "endpoint": "os", "cause": "cause", "event": "one", "terms": ["age", "mspike"],
        "strata": ["group"], "robust": true,
    });
    let table = risks("mgus2").table();
    let output = run::<cause_specific_cox::CauseSpecificCox>(table, parameters).expect("runs");
    ITERATED.compare(&output, "cause_specific_mgus2");
    let details = &finding(&output, "hazard_ratio.age").method.details;
    assert!(details.contains(&Detail::OtherCausesCensored("one".into())), "{details:?}");
}

/// Weights of the rows of a table, as another entry would make them.
fn weights(table: &study::Table) -> Sample {
    let n = table.height();
    // The same weights as in the script of R.
    let weight = (1..=n).map(|place| Some(0.5 + (place * 7 % 16) as f64 / 10.0));
    Sample::of(n).real("weight", weight)
}

#[test]
fn splines_and_interactions_of_one_cause_agree() {
    let cases = [
        ("pbc", risks("pbc_causes"), "two", ["log_bili", "sex"], [40, 60], 50),
        ("mgus2", risks("mgus2"), "one", ["age", "group"], [60, 80], 70),
    ];
    for (name, sample, event, pair, at, reference) in cases {
        let go = |parameters: serde_json::Value| {
            let mut own = json!({ "endpoint": "os", "cause": "cause", "event": event });
            own.as_object_mut()
                .expect("parameters")
                .extend(parameters.as_object().expect("parameters").clone());
            let table = sample.table();
            let tables = vec![("ps", weights(&table).table()), ("analysis", table)];
            let output = run_in::<cause_specific_cox::CauseSpecificCox>(&settings(), tables, own);
            output.expect("runs")
        };
        let other = if name == "pbc" { "log_bili" } else { "group" };
        let output = go(json!({
            "terms": ["age", other],
            "splines": { "age": { "at": at, "reference": reference } },
        }));
        ITERATED.compare(&output, &format!("cause_specific_spline_{name}"));
        let output = go(json!({ "terms": pair, "interactions": [pair], "weights": "ps" }));
        ITERATED.compare(&output, &format!("cause_specific_interaction_{name}"));
    }
}

#[test]
fn fine_gray_agrees() {
    let mut parameters = json!({
        "endpoint": "os", "cause": "cause", "event": "two", "terms": ["age", "log_bili", "stage"],
    });
    let output = run::<fine_gray::FineGray>(pbc().table(), parameters.clone()).expect("runs");
    ITERATED.compare(&output, "fine_gray_pbc");
    parameters["variant"] = json!("fine_gray_breslow");
    let output = run::<fine_gray::FineGray>(pbc().table(), parameters).expect("runs");
    ITERATED.compare(&output, "fine_gray_pbc_breslow");
    let parameters = json!({
        "endpoint": "os", "cause": "cause", "event": "one", "terms": ["age", "mspike"],
        "strata": ["group"],
    });
    let output = run::<fine_gray::FineGray>(risks("mgus2").table(), parameters).expect("runs");
    ITERATED.compare(&output, "fine_gray_mgus2");
}

#[test]
fn weighted_fine_gray_agrees() {
    let sample = risks("mgus2");
    let table = sample.table();
    let n = table.height();
    let weights = weights(&table);
    let parameters = json!({
        "endpoint": "os", "cause": "cause", "event": "one", "terms": ["age", "mspike"],
        "weights": "propensity",
    });
    let go = |weights: &Sample| {
        let tables = vec![("analysis", table.clone()), ("propensity", weights.table())];
        run_in::<fine_gray::FineGray>(&settings(), tables, parameters.clone()).expect("runs")
    };
    ITERATED.compare(&go(&weights), "fine_gray_weighted");
    // Sets of four.
    let sets = weights.whole("cluster", (1..=n).map(|place| Some(place as i64 / 4)));
    ITERATED.compare(&go(&sets), "fine_gray_sets");
}

#[test]
fn parametric_models_agree() {
    let all = ["weibull", "exponential", "log_normal", "log_logistic"];
    let parameters = json!({
        "endpoint": "os", "terms": ["age", "sex", "ph_ecog"], "distributions": all,
    });
    let table = reference_data("lung").table();
    let output = run::<parametric_model::ParametricModel>(table, parameters).expect("runs");
    ITERATED.compare(&output, "parametric_lung");
    let alone = json!({
        "endpoint": "os", "distributions": ["exponential", "weibull", "log_normal", "log_logistic"],
    });
    let table = reference_data("ovarian").table();
    let output = run::<parametric_model::ParametricModel>(table, alone).expect("runs");
    ITERATED.compare(&output, "parametric_alone");
    let parameters = json!({
        "endpoint": "os", "terms": ["karno", "celltype"],
        "distributions": ["log_logistic", "weibull", "exponential", "log_normal"],
    });
    let table = veteran().table();
    let output = run::<parametric_model::ParametricModel>(table, parameters).expect("runs");
    ITERATED.compare(&output, "parametric_veteran");
}

#[test]
fn group_differences_agree() {
    let sample = reference_data("lung")
        .levels("ph_ecog", &["0", "1", "2", "3"])
        .levels("os_event", &["0", "1"]);
    let parameters = json!({
        "variables": ["age", "os_days", "ph_ecog", "os_event"], "by": "sex",
    });
    let output = run::<group_difference::GroupDifference>(sample.table(), parameters);
    let lung = output.expect("runs");
    EXACT.compare(&lung, "difference_lung");
    let sample = reference_data("ovarian").levels("ecog_ps", &["1", "2"]);
    let parameters = json!({ "variables": ["age", "ecog_ps"], "by": "rx" });
    let output = run::<group_difference::GroupDifference>(sample.table(), parameters);
    let ovarian = output.expect("runs");
    EXACT.compare(&ovarian, "difference_ovarian");
    // The conditional ratios of both stand in one reference.
    let mut both = lung;
    both.findings.extend(ovarian.findings);
    SEARCHED.compare(&both, "conditional");
    let sample = veteran().levels("prior", &["0", "10"]);
    let parameters = json!({ "variables": ["karno", "prior"], "by": "celltype" });
    let output = run::<group_difference::GroupDifference>(sample.table(), parameters);
    EXACT.compare(&output.expect("runs"), "difference_veteran");
}

/// A Monte-Carlo p-value is near the exact one, and repeats itself.
#[test]
fn fisher_by_monte_carlo_is_near_the_exact_test() {
    let sample = reference_data("lung").levels("ph_ecog", &["0", "1", "2", "3"]);
    let parameters = json!({ "variables": ["ph_ecog"], "by": "sex", "fisher_replicates": 5000 });
    let go = || {
        let table = sample.table();
        run::<group_difference::GroupDifference>(table, parameters.clone()).expect("runs")
    };
    let output = go();
    let exact = crate::testing::value(&output, "p.ph_ecog.fisher");
    let found = finding(&output, "p.ph_ecog.fisher_monte_carlo");
    let error = found.standard_error.expect("a Monte-Carlo error");
    // Four errors: a wrong test would lie farther away.
    assert!((found.value.expect("a p-value") - exact).abs() < 4.0 * error, "{found:?}");
    assert_eq!(found.method.procedure, Procedure::FisherMonteCarlo { tables: 5000 });
    let own = crate::testing::value(&output, "monte_carlo_error.p.ph_ecog.fisher_monte_carlo");
    assert_eq!(own, error);
    assert_eq!(output.findings, go().findings);
}
