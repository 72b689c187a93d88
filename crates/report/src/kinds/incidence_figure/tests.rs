//! Tests of the kind: the panels, their tables, and what it refuses.

use study::{IncidenceGroup, IncidenceStep, IntervalKind, Level, Part, Privacy, PrivacyTier};

use super::*;
use crate::sample::{body, call, caption, named, study};

const MONTH: f64 = 30.4375;

/// Of ten patients a month one has the event of one cause or of the other by turns,
/// and the last two are censored.
fn group(level: &str, label: &str) -> IncidenceGroup {
    let step = |cause: u64, month: u64| {
        let is_event = month <= 8;
        let is_own = is_event && month % 2 == cause;
        // Odd months belong to the first cause, even ones to the second: four events of each by
        // month 8.
        let events = (1..=month.min(8)).filter(|month| month % 2 == cause).count();
        let incidence = events as f64 / 10.0;
        IncidenceStep {
            time_days: MONTH * month as f64,
            at_risk: 11 - month,
            events: u64::from(is_own),
            competing: u64::from(is_event && !is_own),
            incidence,
            lower: (events > 0).then_some(incidence / 2.0),
            upper: (events > 0).then_some((incidence * 1.5).min(1.0)),
        }
    };
    let curve = |cause| (1..=10).map(|month| step(cause, month)).collect();
    let (level, label) = (level.to_owned(), label.to_owned());
    IncidenceGroup { level, label, n: 10, curves: vec![curve(1), curve(0)] }
}

fn analysis() -> Output {
    let curves = IncidenceCurves {
        endpoint_label: "Progression-free survival".to_owned(),
        by_label: Some("Radiotherapy".to_owned()),
        interval: IntervalKind::LogLog,
        confidence_level: 0.95,
        causes: vec![Level::new("local", "Locoregional"), Level::new("distant", "Distant")],
        groups: vec![group("no", "No"), group("yes", "Yes")],
        warnings: Vec::new(),
    };
    let new = |statistic: &str, quantity, value| {
        Finding::new("first", "cumulative_incidence", statistic, quantity, value)
    };
    let mut findings = Vec::new();
    for level in ["no", "yes"] {
        findings.push(new("n", Quantity::Count, 10.0).in_group(level));
        for cause in ["local", "distant"] {
            let events = new("events", Quantity::Count, 4.0);
            findings.push(events.of_variable("cause").at_level(cause).in_group(level));
        }
    }
    for (cause, p) in [("local", 0.004), ("distant", 0.5)] {
        let mut test = new("p_value", Quantity::PValue, p).of_variable("cause").at_level(cause);
        test.address.parts.splice(0..0, [Part::test("gray"), named("p")]);
        findings.push(test.by_method(study::Procedure::Gray { rho: 0.0 }));
    }
    Output { findings, figures: curves.into(), ..Output::default() }
}

fn ratio() -> Output {
    let ratio = Finding::new("cox", "cause_specific_cox", "hazard_ratio", Quantity::Ratio, 0.25);
    Output { findings: vec![ratio.limits(Some(0.1), Some(0.6), 0.95)], ..Output::default() }
}

fn figure_of(cause: &str) -> IncidenceFigure {
    serde_json::from_value(serde_json::json!({
        "title": "First events", "incidence": "first", "ticks": "4 months",
        "ratios": { cause: { "Cause-specific hazard ratio": "cox.hazard_ratio" } },
    }))
    .expect("valid")
}

fn run(tier: PrivacyTier) -> Output {
    let mut study = study();
    study.privacy = Privacy { tier, smallest_cell: 5 };
    let analyses = vec![("first", analysis()), ("cox", ratio())];
    figure_of("local").run(&call("efigure_15", &study, analyses)).expect("draws")
}

/// The numbers under the axes, row by row.
fn table(output: &Output) -> Vec<String> {
    let body = body(&output.exhibit.clone().expect("a figure"));
    let texts = body.split("</text>").filter_map(|text| text.rsplit('>').next());
    let after = texts.skip_while(|text| *text != "At risk");
    after.take_while(|text| *text != "B").map(str::to_owned).collect()
}

#[test]
fn each_cause_has_its_panel_with_its_table() {
    let output = run(PrivacyTier::Open);
    let exhibit = output.exhibit.clone().expect("a figure");
    for text in [
        ">A<",
        ">Locoregional<",
        ">B<",
        ">Distant<",
        ">Gray’s test: p = 0.004<",
        ">Gray’s test: p = 0.50<",
        ">Cause-specific hazard ratio: 0.25 (0.10–0.60)<",
        ">Radiotherapy: yes<",
    ] {
        assert!(body(&exhibit).contains(text), "{text} in {}", body(&exhibit));
    }
    assert_eq!(body(&exhibit).matches(">Events/N: 4/10 and 4/10<").count(), 2);
    // at 0, 4, 8 and 12 months, an event at the tick being one until then
    let rows = table(&output);
    assert_eq!(rows[..5], ["At risk", "10", "7", "3", "0"]);
    assert_eq!(rows[5..10], ["Events", "0", "2", "4", "4"]);
    assert_eq!(rows[10..15], ["Other events", "0", "2", "4", "4"]);
    let caption = caption(&exhibit);
    for text in ["Aalen–Johansen estimates", "pointwise 95% confidence bands (log-log)", "Test: "]
    {
        assert!(caption.contains(text), "{text} in {caption}");
    }
    let csv = String::from_utf8(output.files["reports/figures/efigure_15.csv"].clone());
    let csv = csv.expect("text");
    let last = csv.lines().filter(|line| line.contains("B Distant,Radiotherapy: yes,")).count();
    // After month 8 two of ten are left, fewer than three.
    assert_eq!(last, 9, "the origin and the steps while enough are left: {csv}");
    assert_eq!(output.files, run(PrivacyTier::Open).files);
}

#[test]
fn small_counts_under_an_axis_are_hidden() {
    let rows = table(&run(PrivacyTier::Aggregate));
    // 3 at 8 months are small. 0 are not.
    assert_eq!(rows[..5], ["At risk", "10", "7", "&lt;5", "0"]);
}

#[test]
fn a_cause_that_is_none_is_told() {
    let study = study();
    let analyses = vec![("first", analysis()), ("cox", ratio())];
    let found = figure_of("distnt").rehearse(&call("efigure_15", &study, analyses));
    let mistake = found.expect_err("a mistake").0.remove(0);
    assert_eq!(mistake.message, "no cause of `first` has the level `distnt`");
    assert_eq!(mistake.hint.as_deref(), Some("did you mean `distant`?"));
    let bare: IncidenceFigure =
        serde_json::from_value(serde_json::json!({ "title": "T", "incidence": "cox" }))
            .expect("valid");
    let found = bare.rehearse(&call("efigure_15", &study, vec![("cox", ratio())]));
    let message = found.expect_err("a mistake").0.remove(0).message;
    assert_eq!(message, "`cox` is a `cause_specific_cox`, not a `cumulative_incidence`");
}
