//! Tests of the kind: its rows and what it refuses.

use serde_json::json;

use super::*;
use crate::sample::{TERMS, body, call, caption, cox, logistic, study};

fn run_with(rows: &serde_json::Value) -> Result<Output, Mistakes> {
    let parameters = json!({ "title": "One question, several answers", "rows": rows });
    let kind: EstimatesFigure = serde_json::from_value(parameters).expect("valid parameters");
    kind.run(&call("efigure_16", &study(), vec![("pfs_prognosis", cox(&TERMS))]))
}

#[test]
fn rows_have_the_names_they_are_given() {
    let ratio = "pfs_prognosis.hazard_ratio.radiotherapy.yes";
    let output = run_with(&json!({ "Progression": { "Adjusted": ratio } })).expect("draws");
    let exhibit = output.exhibit.expect("a figure");
    for text in [">Progression<", ">Adjusted<", ">0.39 (0.23–0.67)<"] {
        assert!(body(&exhibit).contains(text), "{text}");
    }
    assert!(exhibit.alternative_text.contains("Progression, Adjusted: 0.39 (0.23–0.67)"));
}

/// Beside hazard ratios they are ratios; alone they are what they are.
#[test]
fn odds_ratios_are_drawn_as_such() {
    let rows = json!({ "Response": { "Adjusted": "response.odds_ratio.radiotherapy.yes" } });
    let mut both = rows.clone();
    both["Progression"] = json!({ "Adjusted": "pfs_prognosis.hazard_ratio.radiotherapy.yes" });
    for (rows, heading) in [(rows, ">Odds ratio (95% CI)<"), (both, ">Ratio (95% CI)<")] {
        let parameters = json!({ "title": "Two questions", "rows": rows });
        let kind: EstimatesFigure = serde_json::from_value(parameters).expect("valid parameters");
        let mut response = logistic(&TERMS, "ecog");
        for finding in &mut response.findings {
            finding.address.stage = "response".into();
        }
        let stages = vec![("pfs_prognosis", cox(&TERMS)), ("response", response)];
        let exhibit = kind.run(&call("efigure_17", &study(), stages)).expect("draws").exhibit;
        let exhibit = exhibit.expect("a figure");
        assert!(body(&exhibit).contains(heading), "{heading}");
        assert!(body(&exhibit).contains(">0.39 (0.23–0.67)<"));
    }
}

#[test]
fn only_ratios_can_be_drawn() {
    let id = "pfs_prognosis.p.radiotherapy.yes";
    let mistake = run_with(&json!({ "A": { "B": id } })).expect_err("a mistake").0.remove(0);
    assert_eq!(mistake.at, ["rows", "A", "B"]);
    assert_eq!(mistake.message, format!("there is no ratio `{id}`"));
}

/// A row shows one ratio: the first of several would be taken in silence.
#[test]
fn a_name_of_several_ratios_is_refused() {
    let rows = json!({ "A": { "B": "pfs_prognosis.hazard_ratio.*" } });
    let mistake = run_with(&rows).expect_err("a mistake").0.remove(0);
    assert_eq!(mistake.at, ["rows", "A", "B"]);
    assert!(mistake.message.contains("ratios, and a row shows one"), "{}", mistake.message);
}

/// A ratio counts the patients of its own level: beside other analyses stand
/// those that were compared, at its landmark where it has one.
#[test]
fn counts_are_those_of_the_analysis() {
    let mut output = cox(&TERMS);
    let id = "pfs_prognosis.hazard_ratio.radiotherapy.yes";
    let count = |output: &Output, statistic: &str| {
        let found = Findings(&output.findings).overall(statistic).expect("a count").clone();
        assert!(found.time_days.is_none());
        found
    };
    for (statistic, value) in [("n", 61.0), ("events", 43.0)] {
        let mut at_landmark = count(&output, statistic);
        (at_landmark.value, at_landmark.time_days) = (Some(value), Some(30.0));
        at_landmark.address.parts.push(crate::sample::time("30_days"));
        output.findings.push(at_landmark);
    }
    let printed = |n: Option<u64>| n.map(|n| n.to_string());
    let whole = ["n", "events"].map(|name| printed(count(&output, name).value.map(|n| n as u64)));
    let mut later = output.findings.iter().find(|one| one.id() == id).expect("a ratio").clone();
    assert_ne!([later.n, later.events].map(printed), whole);
    let study = study();
    let of = |ratio: &Finding| whole_counts(Findings(&output.findings), ratio, &study);
    assert_eq!(of(&later), whole);
    // At its landmark the analysis counts 61 and 43. At one that has no counts those of the whole
    // stand.
    later.time_days = Some(30.0);
    assert_eq!(of(&later), [Some("61".to_owned()), Some("43".to_owned())]);
    later.time_days = Some(60.0);
    assert_eq!(of(&later), whole);
}

/// A figure that says that it has every ratio of a column has a row for it, or
/// says where it stands.
#[test]
fn no_ratio_of_the_column_is_forgotten() {
    // The same column in a second analysis, of which no row speaks.
    let mut alone = cox(&TERMS[..2]);
    for finding in &mut alone.findings {
        finding.address.stage = "alone".into();
    }
    let run = |elsewhere: serde_json::Value| {
        let parameters = json!({
            "title": "One question, several answers",
            "every": "radiotherapy",
            "rows": { "Progression": { "Adjusted": "pfs_prognosis.hazard_ratio.radiotherapy.yes" } },
            "elsewhere": elsewhere,
        });
        let kind: EstimatesFigure = serde_json::from_value(parameters).expect("valid parameters");
        let study = study();
        let stages = vec![("pfs_prognosis", cox(&TERMS)), ("alone", alone.clone())];
        let call = call("efigure_16", &study, stages);
        kind.account(&Evidence::of(&call)).and_then(|()| kind.run(&call))
    };
    let mistake = run(json!({})).expect_err("one is forgotten").0.remove(0);
    assert_eq!(
        mistake.message,
        "no row and no heading of `elsewhere` has `alone.hazard_ratio.radiotherapy.yes`"
    );
    assert_eq!(
        mistake.hint.as_deref(),
        Some("give every ratio of `radiotherapy` a row, or say where it is printed")
    );
    let told = json!({ "unadjusted (eTable 1)": ["alone.hazard_ratio.*"] });
    let exhibit = run(told).expect("draws").exhibit.expect("a figure");
    assert!(caption(&exhibit).contains("Printed elsewhere: unadjusted (eTable 1)."));
    let wrong = run(json!({ "unadjusted": ["alone.odds_ratio.*"] })).expect_err("no such").0;
    assert_eq!(wrong[0].at, ["elsewhere", "unadjusted", "0"]);
}

/// Few events for the coefficients of a model are told of its rows.
#[test]
fn a_model_with_few_events_is_named() {
    let mut output = cox(&TERMS);
    let mut burden = Finding::new(
        "pfs_prognosis",
        "cox_model",
        "events_per_coefficient",
        Quantity::Statistic,
        8.0,
    );
    burden.warnings = vec![Warning::FewEventsPerCoefficient];
    let told = crate::words::warning(&Warning::FewEventsPerCoefficient);
    let rows =
        json!({ "Progression": { "Adjusted": "pfs_prognosis.hazard_ratio.radiotherapy.yes" } });
    let of = |output: &Output| {
        let parameters = json!({ "title": "One question", "rows": rows });
        let kind: EstimatesFigure = serde_json::from_value(parameters).expect("valid parameters");
        let study = study();
        let call = call("efigure_16", &study, vec![("pfs_prognosis", output.clone())]);
        caption(&kind.run(&call).expect("draws").exhibit.expect("a figure")).contains(&told[1..])
    };
    assert!(!of(&output));
    output.findings.push(burden);
    assert!(of(&output));
}

fn naive() -> Warning {
    Warning::NaiveGroup { label: "Arm".to_owned(), date_label: "start".to_owned() }
}

#[test]
fn the_heading_says_what_the_ratios_are_and_a_warning_whose_it_is() {
    let mut output = cox(&TERMS);
    let [own, other] = ["radiotherapy.yes", "age_decades"];
    let id = |term: &str| format!("pfs_prognosis.hazard_ratio.{term}");
    for finding in &mut output.findings {
        if finding.id() == id(own) {
            // One warning of a row, which is told with its name, and one of how groups are made,
            // which is told of all.
            finding.warnings = vec![Warning::NoEvents, naive()];
        }
    }
    let rows = json!({ "Progression": { "Adjusted": id(own), "Age": id(other) } });
    let parameters = json!({ "title": "One question, several answers", "rows": rows });
    let kind: EstimatesFigure = serde_json::from_value(parameters).expect("valid parameters");
    let study = study();
    let call = call("efigure_16", &study, vec![("pfs_prognosis", output)]);
    let exhibit = kind.run(&call).expect("draws").exhibit.expect("a figure");
    assert!(body(&exhibit).contains(">Hazard ratio (95% CI)<"));
    for text in [
        format!(">Progression, adjusted: {}.<", crate::words::warning(&Warning::NoEvents)),
        format!(">{}<", crate::exhibit::sentence(&crate::words::warning(&naive()))),
    ] {
        assert!(caption(&exhibit).contains(&text), "{text} in {}", caption(&exhibit));
    }
    assert!(!caption(&exhibit).contains("not estimable"));
}
