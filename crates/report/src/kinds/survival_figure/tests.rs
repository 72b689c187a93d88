//! Tests of the kind: what it says, what it refuses, and that it says the same
//! every time.

use study::{Quantity, TimeUnit, Warning};

use super::*;
use crate::sample::{
    ARMS, Arm, TERMS, body, call, caption, cox, curves, kaplan_meier, log_rank, study,
};

fn figure_of(parameters: serde_json::Value) -> SurvivalFigure {
    let mut all = serde_json::json!({
        "title": "Progression-free survival by radiotherapy",
        "curves": "pfs_curves",
        "test": "pfs_log_rank",
        "hazard_ratio": "pfs_prognosis.radiotherapy",
        "ticks": "6 months",
    });
    let serde_json::Value::Object(given) = parameters else { panic!("a mapping") };
    all.as_object_mut().expect("an object").extend(given);
    serde_json::from_value(all).expect("valid parameters")
}

fn analyses() -> Vec<(&'static str, Output)> {
    vec![
        ("pfs_curves", kaplan_meier(curves(&ARMS))),
        ("pfs_log_rank", log_rank(0.000_98)),
        ("pfs_prognosis", cox(&TERMS)),
    ]
}

fn run(parameters: serde_json::Value) -> Result<Output, Mistakes> {
    figure_of(parameters).run(&call("efigure_5", &study(), analyses()))
}

fn mistake(parameters: serde_json::Value) -> Vec<(Vec<String>, String, Option<String>)> {
    let mistakes = run(parameters).expect_err("a mistake").0;
    mistakes.into_iter().map(|mistake| (mistake.at, mistake.message, mistake.hint)).collect()
}

fn told(at: &str, message: &str, hint: &str) -> (Vec<String>, String, Option<String>) {
    (vec![at.to_owned()], message.to_owned(), Some(hint.to_owned()))
}

#[test]
fn the_figure_says_what_was_found() {
    let output = run(serde_json::json!({})).expect("draws");
    let exhibit = output.exhibit.expect("a figure");
    assert_eq!(exhibit.label, "", "a page gives it");
    for text in [
        ">19/37</text>",
        ">Adjusted hazard ratio (95% CI), radiotherapy v no radiotherapy: 0.39 (0.23–0.67); Wald test: p &lt; 0.001</text>",
        ">Log-rank test, not adjusted: p &lt; 0.001</text>",
        ">Time since first dose of immunotherapy (months)</text>",
        ">SIMULATED DATA</text>",
    ] {
        assert!(body(&exhibit).contains(text), "{text} is in {}", body(&exhibit));
    }
    for text in [
        "Kaplan–Meier estimates of progression-free survival by radiotherapy with pointwise 95% confidence bands (log-log).",
        "the three rows sum to the group",
        "reference: no radiotherapy; adjusted for age, per 10 years, ECOG performance status, PD-L1 combined positive score.",
        "Test: log-rank test.",
        "Simulated data",
    ] {
        assert!(caption(&exhibit).contains(text), "{text} is in {}", caption(&exhibit));
    }
    let files: Vec<&str> = output.files.keys().map(String::as_str).collect();
    assert_eq!(files, ["reports/figures/efigure_5.csv"]);
}

#[test]
fn the_same_findings_give_the_same_bytes() {
    let first = run(serde_json::json!({})).expect("draws");
    let second = run(serde_json::json!({})).expect("draws");
    assert_eq!(first.files, second.files);
    assert_eq!(first.exhibit, second.exhibit);
}

#[test]
fn small_p_values_can_keep_two_digits() {
    let output = run(serde_json::json!({ "p_two_significant_digits": true })).expect("draws");
    let body = body(&output.exhibit.expect("a figure"));
    assert!(body.contains(">Log-rank test, not adjusted: p = 0.00098</text>"));
}

#[test]
fn warnings_of_the_findings_stand_in_the_caption() {
    let mut analyses = analyses();
    let naive = Warning::NaiveGroup { label: "Arm".to_owned(), date_label: "start".to_owned() };
    analyses[0].1.figures.get_mut::<SurvivalCurves>().expect("curves").warnings =
        vec![naive.clone()];
    analyses[1].1.findings[0].warnings = vec![naive.clone(), Warning::NoEvents];
    let output = figure_of(serde_json::json!({})).run(&call("efigure_5", &study(), analyses));
    let caption = caption(&output.expect("draws").exhibit.expect("a figure"));
    assert_eq!(caption.matches(&crate::words::warning(&naive)[1..]).count(), 1);
    let told = crate::exhibit::sentence(&crate::words::warning(&Warning::NoEvents));
    assert!(caption.contains(&format!("<p class=\"warning\">{told}</p>")), "{caption}");
}

#[test]
fn the_caption_says_who_is_at_risk_where_patients_enter_late() {
    let mut analyses = analyses();
    analyses[0].1.figures.get_mut::<SurvivalCurves>().expect("curves").late_entry = true;
    let output = figure_of(serde_json::json!({})).run(&call("efigure_5", &study(), analyses));
    let caption = caption(&output.expect("draws").exhibit.expect("a figure"));
    let late = "patients who entered before the tick and are followed to it or longer (at risk), \
                and those censored or with an event until then, the tick included. Who has not \
                entered yet stands in none of the rows.";
    assert!(caption.contains(late), "{caption}");
    assert!(!caption.contains("the three rows sum"));
}

/// Of ten patients two leave on the day of the tick at 6 months: one with the
/// event, one without.
#[test]
fn who_is_at_risk_at_a_tick_is_as_the_study_declares() {
    let row = |days: f64, at_risk, events, censored| study::CurveRow {
        time_days: days,
        at_risk,
        events,
        censored,
        survival: 0.9,
        lower: Some(0.7),
        upper: Some(1.0),
    };
    let six = 6.0 * 30.4375;
    let mut curves = curves(&ARMS[..1]);
    curves.groups[0].n = 10;
    // The other eight are censored a day before the next tick.
    curves.groups[0].rows = vec![row(six, 10, 1, 1), row(2.0 * six - 1.0, 8, 0, 8)];
    let drawn = |convention: study::AtRisk, more: &[&str]| {
        let settings = StudySettings { at_risk: convention, ..study() };
        let analyses = vec![
            ("pfs_curves", kaplan_meier(curves.clone())),
            ("pfs_log_rank", log_rank(0.5)),
            ("pfs_prognosis", cox(&TERMS)),
        ];
        let output = figure_of(serde_json::json!({})).run(&call("efigure_5", &settings, analyses));
        let exhibit = output.expect("draws").exhibit.expect("a figure");
        let (body, caption) = (body(&exhibit), caption(&exhibit));
        let at_risk = body.split(">At risk</text>").nth(1).expect("a row");
        let numbers: Vec<&str> =
            at_risk.split("</text>").take(3).filter_map(|text| text.rsplit('>').next()).collect();
        for text in more {
            assert!(caption.contains(text), "{text} is in {caption}");
        }
        numbers.join(" ")
    };
    let at = [
        "followed to the tick or longer (at risk)",
        "; whoever leaves on the day of a tick stands in two rows.",
    ];
    // At time zero, 6 and 12 months. By the first convention the two who leave on the day still
    // count.
    assert_eq!(drawn(study::AtRisk::At, &at), "10 10 0");
    let beyond = ["followed beyond the tick (at risk)", "; the three rows sum to the group."];
    assert_eq!(drawn(study::AtRisk::Beyond, &beyond), "10 8 0");
}

/// Of a model of one term nothing is adjusted, and a ratio without a test of its
/// own stands alone.
#[test]
fn a_ratio_stands_with_the_test_of_its_interval() {
    let mut analyses = analyses();
    // The first two terms are both levels of radiotherapy: one variable.
    analyses[2].1 = cox(&TERMS[..2]);
    let drawn = |analyses| {
        let output = figure_of(serde_json::json!({})).run(&call("efigure_5", &study(), analyses));
        body(&output.expect("draws").exhibit.expect("a figure"))
    };
    let ratio = ">Hazard ratio (95% CI), radiotherapy v no radiotherapy: 0.39 (0.23–0.67)";
    let body = drawn(analyses.clone());
    assert!(body.contains(&format!("{ratio}; Wald test: p &lt; 0.001</text>")), "{body}");
    assert!(body.contains(">Log-rank test: p &lt; 0.001</text>"), "{body}");
    analyses[2].1.findings.retain(|finding| finding.statistic != "p_value");
    assert!(drawn(analyses).contains(&format!("{ratio}</text>")));
}

#[test]
fn more_lines_can_stand_beside_the_curves() {
    let id = "pfs_prognosis.hazard_ratio.age_decades";
    let also = |id: &str| serde_json::json!({ "also": { "Age": id, "p of age": "pfs_prognosis.p.age_decades" } });
    let exhibit = run(also(id)).expect("draws").exhibit.expect("a figure");
    assert!(body(&exhibit).contains(">Age: 1.08 ("), "{}", body(&exhibit));
    assert!(body(&exhibit).contains(">p of age: p = "));
    assert!(caption(&exhibit).contains("P of age: Wald test"), "{}", caption(&exhibit));
    let wrong = run(also("pfs_prognosis.hazard_ratio.age_decade")).expect_err("a mistake").0;
    assert_eq!(wrong[0].at, ["also", "Age"]);
    assert_eq!(
        wrong[0].hint.as_deref(),
        Some("did you mean `pfs_prognosis.hazard_ratio.age_decades`?")
    );
}

#[test]
fn groups_can_be_named_otherwise() {
    let named = serde_json::json!({ "labels": { "yes": "RT", "no": "No RT" } });
    let body = body(&run(named).expect("draws").exhibit.expect("a figure"));
    assert!(body.contains(">Adjusted hazard ratio (95% CI), RT v no RT: 0.39 (0.23–0.67); Wald test: p &lt; 0.001</text>"));
    assert_eq!(
        mistake(serde_json::json!({ "labels": { "yess": "RT" } })),
        [(
            vec!["labels".to_owned(), "yess".to_owned()],
            "no group has the level `yess`".to_owned(),
            Some("did you mean `yes`?".to_owned())
        )]
    );
}

#[test]
fn yes_and_no_stand_with_their_variable() {
    let mut analyses = analyses();
    for group in &mut analyses[0].1.figures.get_mut::<SurvivalCurves>().expect("curves").groups {
        group.label = group.level.clone();
    }
    let output = figure_of(serde_json::json!({})).run(&call("efigure_5", &study(), analyses));
    let body = body(&output.expect("draws").exhibit.expect("a figure"));
    for text in
        [">Radiotherapy: yes</text>", ">Adjusted hazard ratio (95% CI), radiotherapy, yes v no: "]
    {
        assert!(body.contains(text), "{text}");
    }
}

#[test]
fn reverse_curves_speak_of_follow_up() {
    let mut reverse = curves(&[Arm("all", "All patients", 113, 14.0)]);
    (reverse.reverse, reverse.by_label) = (true, None);
    let analyses = vec![("follow_up", kaplan_meier(reverse))];
    let parameters = serde_json::json!({ "title": "Follow-up", "curves": "follow_up" });
    let figure: SurvivalFigure = serde_json::from_value(parameters).expect("valid parameters");
    let output = figure.run(&call("efigure_7", &study(), analyses)).expect("draws");
    let exhibit = output.exhibit.expect("a figure");
    for text in
        ["Still under follow-up", "Censored/N", "Median follow-up (95% CI), months", "Had event"]
    {
        assert!(body(&exhibit).contains(text), "{text}");
    }
    assert!(caption(&exhibit).contains("Reverse Kaplan–Meier estimates"));
}

#[test]
fn wrong_parameters_are_all_told() {
    let parameters = serde_json::json!({ "ticks": 3, "to": -1, "width_mm": 2000, "hazard_ratio": "pfs_prognosis" });
    assert_eq!(
        mistake(parameters),
        [
            told(
                "width_mm",
                "2000 mm is no size for a printed figure",
                "journals print 85 to 190 mm wide and up to 240 mm high"
            ),
            told("to", "`to` is no length of time", "give a time above 0"),
            told(
                "hazard_ratio",
                "`hazard_ratio` names an entry but no term of it",
                "write the `cox_model` entry, a dot and the term, such as `pfs_model.treatment`"
            ),
        ]
    );
}

#[test]
fn stages_of_other_kinds_are_told() {
    assert_eq!(
        mistake(serde_json::json!({ "curves": "pfs_prognosis" })),
        [told(
            "curves",
            "`pfs_prognosis` has no survival curves",
            "name an entry of kind `kaplan_meier`"
        )]
    );
    assert_eq!(
        mistake(
            serde_json::json!({ "test": "pfs_curves", "hazard_ratio": "pfs_prognosis.radiotherapie" })
        ),
        [
            told(
                "test",
                "`pfs_curves` is no test of survival curves",
                "name an entry of kind `log_rank`, or the id of a p-value"
            ),
            told(
                "hazard_ratio",
                "`pfs_prognosis` has no hazard ratio of `radiotherapie`",
                "did you mean `radiotherapy`?"
            ),
        ]
    );
}

#[test]
fn too_many_ticks_are_told() {
    // Billions of ticks either way: neither may be made before it is refused.
    for (tick, to) in [(1e-9, 24.0), (0.001, 1e9)] {
        let found = mistake(serde_json::json!({ "ticks": tick, "to": to }));
        assert_eq!(found[0].0, ["ticks"], "known before anything runs");
    }
    assert_eq!(mistake(serde_json::json!({ "ticks": 1e-9 }))[0].0, ["ticks"]);
    let mistakes = mistake(serde_json::json!({ "ticks": "0.25 months" }));
    assert_eq!(mistakes[0].0, ["ticks"]);
    let hint = mistakes[0].2.as_deref().expect("a hint");
    assert!(hint.starts_with("put ticks further apart, so that there are no more than "));
}

#[test]
fn rehearsal_announces_the_title() {
    let analyses = vec![
        ("pfs_curves", Output::default()),
        ("pfs_log_rank", Output::default()),
        ("pfs_prognosis", Output::default()),
    ];
    let output = figure_of(serde_json::json!({})).rehearse(&call("efigure_5", &study(), analyses));
    let output = output.expect("nothing is wrong");
    assert_eq!(output.files.len(), 1);
    assert_eq!(
        output.exhibit.expect("a figure").title,
        "Progression-free survival by radiotherapy"
    );
}

#[test]
fn an_axis_of_weeks_has_ticks_of_weeks() {
    let weeks = StudySettings { time_unit: TimeUnit::Weeks, ..study() };
    let figure = figure_of(serde_json::json!({ "ticks": "1 year" }));
    // A year is twelve of the study's months, in weeks.
    assert_eq!(figure.time_axis().of(&weeks, 700.0).0, 12.0 * weeks.days_per_month / 7.0);
    // A number without a unit is in units of the axis: 700 days are 100 weeks, and the axis ends at
    // the fourth tick.
    let bare = figure_of(serde_json::json!({ "ticks": 26 }));
    assert_eq!(bare.time_axis().of(&weeks, 700.0), (26.0, 104.0));
    assert_eq!(time_axis::default_tick(TimeUnit::Weeks, 100.0), 13.0);
}

/// A curve whose median is known to lie between two times only says so.
#[test]
fn a_median_between_two_times_is_drawn_as_such() {
    let mut curves = kaplan_meier(curves(&ARMS[..1]));
    curves.findings.retain(|finding| finding.statistic != "median");
    for (statistic, days) in [("median_from", 487.0), ("median_to", 609.0)] {
        let end = Finding::new("pfs_curves", "turnbull", statistic, Quantity::Days, days)
            .by_method(Procedure::Turnbull);
        curves.findings.push(end.in_group("yes"));
    }
    let analyses = vec![
        ("pfs_curves", curves),
        ("pfs_log_rank", log_rank(0.5)),
        ("pfs_prognosis", cox(&TERMS)),
    ];
    let output = figure_of(serde_json::json!({})).run(&call("efigure_5", &study(), analyses));
    let exhibit = output.expect("draws").exhibit.expect("a figure");
    for text in [">16.0 to 20.0</text>", ">Median between, months</text>"] {
        assert!(body(&exhibit).contains(text), "{text} is in {}", body(&exhibit));
    }
    assert!(!caption(&exhibit).contains("Kaplan"), "{}", caption(&exhibit));
    assert!(exhibit.alternative_text.contains("median 16.0 to 20.0 months"));
}

/// The lines of a condition stand in the figure where its finding is on that side
/// of the limit, and nowhere else.
#[test]
fn a_finding_can_ask_for_more_lines() {
    let of = |when: serde_json::Value| {
        serde_json::json!({ "also_when": [
            { "when": when, "lines": { "Until month 4": "pfs_prognosis.hazard_ratio.age_decades" } }
        ] })
    };
    let body_of = |when| body(&run(of(when)).expect("draws").exhibit.expect("a figure"));
    let below = |limit: f64| serde_json::json!({ "finding": "pfs_log_rank.p", "below": limit });
    assert!(body_of(below(0.05)).contains(">Until month 4: 1.08 (0.87–1.34)<"));
    // The p-value is 0.00098.
    assert!(!body_of(below(0.0005)).contains("Until month 4"));
    let silent = serde_json::json!({ "finding": "pfs_log_rank.p" });
    let told = mistake(of(silent)).remove(0);
    assert_eq!(told.0, ["also_when", "0", "when"]);
    assert_eq!(told.1, "the condition says nothing of its finding");
    let unknown = mistake(of(serde_json::json!({ "finding": "pfs_log_rank.q", "below": 1.0 })));
    assert_eq!(unknown[0].0, ["also_when", "0", "when", "finding"]);
    assert_eq!(unknown[0].1, "there is no finding `pfs_log_rank.q`");
}

#[test]
fn a_stretch_of_time_can_be_shaded() {
    let shade = |to: &str| serde_json::json!({ "shade": { "to": to, "label": "immortal time" } });
    let exhibit = run(shade("90 days")).expect("draws").exhibit.expect("a figure");
    assert!(body(&exhibit).contains(">immortal time<"));
    // 90 days are 2.96 months of 30.4375 days.
    let said = "Shaded, from 0 to 3.0 months: immortal time.";
    assert!(caption(&exhibit).contains(said), "{}", caption(&exhibit));
    let plain = run(serde_json::json!({})).expect("draws").exhibit.expect("a figure");
    assert!(!caption(&plain).contains("Shaded"));
    let told = mistake(serde_json::json!({ "shade": { "from": 3, "to": 2, "label": "x" } }));
    assert_eq!(told[0].1, "the shade ends before it begins");
}

/// The rows of the figure's numbers with this series and this name of the other axis.
fn drawn(output: &Output, series: &str, y_axis: &str) -> Vec<[Option<f64>; 4]> {
    let file = &output.files["reports/figures/efigure_5.csv"];
    let mut reader = csv::Reader::from_reader(file.as_slice());
    let header: Vec<String> =
        reader.headers().expect("a header").iter().map(str::to_owned).collect();
    assert_eq!(
        header,
        ["series", "x_axis", "x", "x_to", "y_axis", "y", "y_to", "data_status"],
        "as declared"
    );
    let rows = reader.records().map(|row| row.expect("a row"));
    let rows = rows.filter(|row| row[0] == *series && row[4] == *y_axis);
    rows.map(|row| [2, 3, 5, 6].map(|place| row[place].parse().ok())).collect()
}

#[test]
fn the_numbers_drawn_are_those_of_the_curves() {
    let parameters = serde_json::json!({ "shade": { "to": "90 days", "label": "waiting" } });
    let output = run(parameters).expect("draws");
    let all = curves(&ARMS);
    let title = &all.endpoint_label;
    for group in &all.groups {
        let pale = format!("{}, few at risk", group.label);
        let mut steps = drawn(&output, &group.label, title);
        steps.extend(drawn(&output, &pale, title));
        assert_eq!(steps[0], [Some(0.0), steps[0][1], Some(1.0), None], "begins at 1");
        assert!(steps.windows(2).all(|two| two[0][1] == two[1][0]), "no gap: {steps:?}");
        for row in &group.rows {
            let time = row.time_days / 30.4375;
            let own = steps.iter().find(|step| step[0] == Some(time));
            // the last row ends the curve
            let is_last = row.time_days >= group.last_time_days();
            assert!(is_last || own.is_some_and(|step| step[2] == Some(row.survival)), "{row:?}");
            let band = format!("{}, confidence band", group.label);
            let band = drawn(&output, &band, title);
            if let Some(step) = band.iter().find(|step| step[0] == Some(time)) {
                assert_eq!([step[2], step[3]], [row.lower, row.upper]);
            }
        }
        let rows = ["At risk", "Censored", "Events"].map(|row| drawn(&output, &group.label, row));
        assert!(rows[0].len() > 2 && rows.iter().all(|row| row.len() == rows[0].len()));
        for place in 0..rows[0].len() {
            let sum: f64 = rows.iter().map(|row| row[place][2].expect("a count")).sum();
            assert_eq!(sum, group.n as f64, "the three rows sum to the group");
        }
    }
    let shade = drawn(&output, "waiting", "");
    assert_eq!(shade, [[Some(0.0), Some(90.0 / 30.4375), None, None]]);
    assert!(drawn(&run(serde_json::json!({})).expect("draws"), "waiting", "").is_empty());
}

#[test]
fn numbers_of_patients_that_are_hidden_are_hidden_in_the_file() {
    let mut hidden = study();
    hidden.privacy.tier = study::PrivacyTier::Aggregate;
    hidden.privacy.smallest_cell = 10;
    let call = call("efigure_5", &hidden, analyses());
    let output = figure_of(serde_json::json!({})).run(&call).expect("draws");
    let file = String::from_utf8(output.files["reports/figures/efigure_5.csv"].clone());
    let file = file.expect("text");
    let counts = file.lines().filter(|line| line.contains(",At risk,"));
    let shown: Vec<&str> = counts.filter_map(|line| line.split(',').nth(5)).collect();
    assert!(shown.contains(&"<10") || shown.contains(&"< 10"), "{shown:?}");
    let small = |text: &&str| text.parse::<u64>().is_ok_and(|count| count > 0 && count < 10);
    assert!(!shown.iter().any(small), "{shown:?}");
}

#[test]
fn a_shade_ends_with_the_grace_period_of_another_entry() {
    let clones = |kind: &str, grace: Option<&str>| {
        let mut finding = Finding::new("clones", kind, "hazard_ratio", Quantity::Ratio, 0.8);
        if let Some(grace) = grace {
            let grace = grace.parse().expect("a time");
            finding.method = study::Method::of(Procedure::CloneCensorWeight { grace });
        }
        Output { findings: vec![finding], ..Output::default() }
    };
    let with = |shade: serde_json::Value, clones: Output| {
        let mut analyses = analyses();
        analyses.push(("clones", clones));
        let study = study();
        let figure = figure_of(serde_json::json!({ "shade": shade }));
        let call = call("efigure_5", &study, analyses);
        let (rehearsed, ran) = (figure.rehearse(&call), figure.run(&call));
        assert_eq!(rehearsed.is_ok(), ran.is_ok(), "what is wrong is found before a run");
        let told = |mistakes: Mistakes| mistakes.0.into_iter().map(|one| one.message).collect();
        let ran = ran.map(|output| caption(&output.exhibit.expect("a figure")));
        ran.map_err(|_| -> Vec<String> { told(rehearsed.expect_err("a mistake")) })
    };
    let of = serde_json::json!({ "grace_of": "clones", "label": "grace" });
    let drawn = with(of.clone(), clones("clone_censor_weight", Some("60 days"))).expect("draws");
    assert!(drawn.contains("Shaded, from 0 to 2.0 months: grace."), "{drawn}");
    let other = with(of, clones("log_rank", None)).expect_err("no period");
    assert_eq!(other, ["`clones` has no grace period"]);
    let both = serde_json::json!({ "grace_of": "clones", "to": "60 days", "label": "grace" });
    let both = with(both, clones("clone_censor_weight", Some("60 days"))).expect_err("which?");
    let message = "a shade ends at `to` or with the period of `grace_of`: give one of them";
    assert_eq!(both, [message]);
    let late = serde_json::json!({ "grace_of": "clones", "from": "90 days", "label": "grace" });
    let late = with(late, clones("clone_censor_weight", Some("60 days"))).expect_err("too late");
    assert_eq!(late, ["the shade ends before it begins"]);
}
