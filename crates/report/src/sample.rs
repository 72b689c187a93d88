//! Studies that resemble real ones, for the tests of this crate: the curves are
//! made here, since what they are made from is no business of a report.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Call, Section};
use study::{
    Body, Column, CurveRow, Detail, Exhibit, FileFormat, Finding, GroupCurve, IntervalKind, Level,
    Method, Output, Part, Procedure, Quantity, Role, State, StudySettings, SurvivalCurves, Table,
    Warning,
};

use crate::draw::{Area, Drawing};
use crate::render;

/// A statistic as a part of an address.
pub(crate) fn named(statistic: &str) -> Part {
    Part::Statistic(statistic.to_owned())
}

/// A test as a part of an address.
pub(crate) fn test(name: &str) -> Part {
    Part::Test(name.to_owned())
}

/// What is counted, as a part of an address.
pub(crate) fn outcome(name: &str) -> Part {
    Part::Outcome(name.to_owned())
}

/// A column as a part of an address.
pub(crate) fn variable(name: &str) -> Part {
    Part::Variable(name.to_owned())
}

/// A level as a part of an address.
pub(crate) fn level(value: &str) -> Part {
    Part::level(value)
}

/// A group as a part of an address.
pub(crate) fn group(value: &str) -> Part {
    Part::group(value)
}

/// A time as a part of an address.
pub(crate) fn time(name: &str) -> Part {
    let span = name.replace('_', " ").parse();
    span.map_or_else(|_| Part::period(name), Part::time)
}

/// Settings of a simulated study in months.
pub(crate) fn study() -> StudySettings {
    serde_json::from_value(serde_json::json!({
        "title": "Radiotherapy with immunotherapy",
        "data_status": "simulated",
        "patient": "record_id",
        "analysis_table": "patients",
        "index_date": "ici_start",
    }))
    .expect("valid settings")
}

/// A group of patients to be made: level, label, patients, median in months.
pub(crate) struct Arm(pub &'static str, pub &'static str, pub u64, pub f64);

/// The study's two arms.
pub(crate) const ARMS: [Arm; 2] =
    [Arm("yes", "Radiotherapy", 37, 20.0), Arm("no", "No radiotherapy", 76, 4.0)];

/// Numbers between 0 and 1, always the same ones.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f64 {
        self.0 =
            // The generator of Knuth's MMIX: these tests need the same numbers everywhere, and no
            // good ones.
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // 53 bits over 2⁵³, and a half, so that no logarithm is taken of nought.
        ((self.0 >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }
}

/// Kaplan-Meier steps with log-log limits of one group; a median of infinity
/// gives a group without events.
fn curve(Arm(level, label, n, median): &Arm, seed: u64) -> GroupCurve {
    let mut dice = Dice(seed);
    // The first numbers of neighbouring seeds are alike.
    for _ in 0..9 {
        dice.next();
    }
    let mut times: Vec<(f64, bool)> = (0..*n)
        .map(|_| {
            // Exponential times with this median. Follow-up is spread between 120 and 1070 days.
            let event = -libm::log(dice.next()) * median * 30.4375 / std::f64::consts::LN_2;
            let follow_up = 120.0 + 950.0 * dice.next();
            (event.min(follow_up).ceil(), event <= follow_up)
        })
        .collect();
    // Events before censored ones of the same day, who count as at risk.
    times.sort_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)));
    let (mut rows, mut at_risk, mut survival, mut variance) = (Vec::new(), *n, 1.0, 0.0);
    for same in times.chunk_by(|one, other| one.0 == other.0) {
        let events = same.iter().filter(|(_, event)| *event).count() as u64;
        let censored = same.len() as u64 - events;
        survival *= (at_risk - events) as f64 / at_risk as f64;
        // Greenwood's sum.
        variance += events as f64 / (at_risk as f64 * (at_risk - events) as f64);
        let limit = |sign: f64| {
            // Limits on the scale of log(-log S).
            let half = 1.96 * variance.sqrt() / libm::log(survival);
            (survival > 0.0 && survival < 1.0).then(|| libm::pow(survival, libm::exp(sign * half)))
        };
        let (lower, upper) = (limit(-1.0), limit(1.0));
        rows.push(CurveRow {
            time_days: same[0].0,
            at_risk,
            events,
            censored,
            survival,
            lower,
            upper,
        });
        at_risk -= events + censored;
    }
    GroupCurve { level: (*level).to_owned(), label: (*label).to_owned(), n: *n, rows }
}

/// The curves of arms.
pub(crate) fn curves(arms: &[Arm]) -> SurvivalCurves {
    SurvivalCurves {
        endpoint: "pfs".to_owned(),
        endpoint_label: "Progression-free survival".to_owned(),
        by_label: Some("Radiotherapy".to_owned()),
        interval: IntervalKind::LogLog,
        confidence_level: 0.95,
        reverse: false,
        late_entry: false,
        groups: (0u64..).zip(arms).map(|(place, arm)| curve(arm, 11 + place)).collect(),
        warnings: Vec::new(),
    }
}

/// First time at which a curve is at or below one half.
pub(crate) fn median(group: &GroupCurve) -> Option<f64> {
    group.rows.iter().find(|row| row.survival <= 0.5).map(|row| row.time_days)
}

/// The output of a `kaplan_meier` stage.
pub(crate) fn kaplan_meier(curves: SurvivalCurves) -> Output {
    let mut findings = Vec::new();
    let new = |statistic, quantity, value: f64, group: &GroupCurve| {
        let finding = Finding::new("pfs_curves", "kaplan_meier", statistic, quantity, value);
        finding.in_group(&group.level)
    };
    for group in &curves.groups {
        let events: u64 = group.rows.iter().map(|row| row.events).sum();
        findings.push(new("n", Quantity::Count, group.n as f64, group));
        findings.push(new("events", Quantity::Count, events as f64, group));
        findings.push(new("censored", Quantity::Count, (group.n - events) as f64, group));
        let crossing = |limit: fn(&CurveRow) -> Option<f64>| {
            let row = group.rows.iter().find(|row| limit(row).is_some_and(|value| value <= 0.5));
            row.map(|row| row.time_days)
        };
        let name = if curves.reverse { "median_follow_up" } else { "median" };
        let median = new(name, Quantity::Days, median(group).unwrap_or(f64::NAN), group)
            .limits(crossing(|row| row.lower), crossing(|row| row.upper), 0.95)
            .by_method(
                Method::of(Procedure::KaplanMeier)
                    .with(Detail::Interval { interval: IntervalKind::LogLog, level: 0.95 }),
            );
        findings.push(match median.value {
            Some(_) => median,
            None => median.without_value(State::NotReached),
        });
    }
    Output { findings, figures: curves.into(), ..Output::default() }
}

/// The output of a `log_rank` stage.
pub(crate) fn log_rank(p: f64) -> Output {
    let mut p = Finding::new("pfs_log_rank", "log_rank", "p_value", Quantity::PValue, p)
        .by_method(Method::of(Procedure::LogRank { rho: 0.0 }));
    p.address.parts = vec![named("p")];
    Output { findings: vec![p], ..Output::default() }
}

/// A term of a Cox model to be made: variable, level with its patients and
/// events, coefficient, standard error; a reference has an error of 0.
pub(crate) struct Term(
    pub &'static str,
    pub Option<&'static str>,
    pub u64,
    pub u64,
    pub f64,
    pub f64,
);

/// A model as a study has it.
pub(crate) const TERMS: [Term; 9] = [
    Term("radiotherapy", Some("no"), 76, 61, 0.0, 0.0),
    Term("radiotherapy", Some("yes"), 37, 19, -0.93, 0.27),
    Term("age_decades", None, 113, 80, 0.08, 0.11),
    Term("ecog", Some("0"), 31, 17, 0.0, 0.0),
    Term("ecog", Some("1"), 62, 45, 0.35, 0.28),
    Term("ecog", Some("2"), 20, 18, 0.91, 0.36),
    Term("cps_group", Some("<1"), 22, 18, 0.0, 0.0),
    Term("cps_group", Some("1-19"), 51, 38, -0.21, 0.30),
    Term("cps_group", Some(">=20"), 40, 24, -0.55, 0.33),
];

/// The output of a `cox_model` stage.
pub(crate) fn cox(terms: &[Term]) -> Output {
    let mut findings = Vec::new();
    let stage = "pfs_prognosis";
    for (name, value) in [("n", 113.0), ("events", 80.0), ("missing", 0.0)] {
        findings.push(Finding::new(stage, "cox_model", name, Quantity::Count, value));
    }
    for Term(variable, level, n, events, coefficient, error) in terms {
        let about = |finding: Finding| {
            let finding = finding.of_variable(variable);
            level.map_or(finding.clone(), |level| finding.at_level(level))
        };
        let ratio = libm::exp(*coefficient);
        let mut found =
            about(Finding::new(stage, "cox_model", "hazard_ratio", Quantity::Ratio, ratio));
        (found.n, found.events) = (Some(*n), Some(*events));
        // A reference has an error of nought.
        found.role = Role::Reference;
        if *error > 0.0 {
            found.role = Role::Estimate;
            let limit = |sign: f64| Some(libm::exp(coefficient + sign * 1.96 * error));
            found = found.limits(limit(-1.0), limit(1.0), 0.95);
            found.standard_error = Some(*error);
            let wald = Detail::Interval { interval: IntervalKind::Wald, level: 0.95 };
            found.method = Method::of(Procedure::Cox).with(wald);
            found.reference = level.and(Some("no".to_owned()));
            let p = libm::erfc((coefficient / error).abs() / std::f64::consts::SQRT_2);
            let mut test = Finding::new(stage, "cox_model", "p_value", Quantity::PValue, p);
            test.address.parts = vec![named("p")];
            test.method = Method::of(Procedure::Cox).tested(study::Test::Wald);
            findings.push(about(test));
        }
        findings.push(found);
    }
    Output { findings, ..Output::default() }
}

/// The output of a `logistic_model` stage of an outcome, with the same numbers.
pub(crate) fn logistic(terms: &[Term], outcome: &str) -> Output {
    let mut output = cox(terms);
    for finding in &mut output.findings {
        finding.kind = "logistic_model".into();
        finding.endpoint = Some(outcome.to_owned());
        if finding.statistic == "hazard_ratio" {
            finding.statistic = "odds_ratio".into();
            finding.address.parts[0] = named("odds_ratio");
        }
        if finding.method.procedure == Procedure::Cox {
            finding.method.procedure = Procedure::Logistic;
            let levels = Detail::OutcomeLevels(vec!["CR".into(), "PR".into()]);
            // Before the interval, as the kind gives it.
            finding.method.details.insert(0, levels);
        }
    }
    let value = Finding::new(
        "pfs_prognosis",
        "logistic_model",
        "c_statistic",
        Quantity::Proportion,
        0.7123,
    );
    output.findings.push(Finding { endpoint: Some(outcome.to_owned()), ..value });
    let name = "events_per_coefficient";
    let mut burden =
        Finding::new("pfs_prognosis", "logistic_model", name, Quantity::Statistic, 13.3);
    burden.warnings = vec![Warning::FewWithoutOutcomePerCoefficient];
    output.findings.push(burden);
    output
}

/// The analysis table without rows: its labels.
pub(crate) fn table() -> Table {
    let column = |label: &str, levels: &[(&str, &str)]| Column {
        label: label.to_owned(),
        levels: levels.iter().map(|(value, label)| Level::new(*value, *label)).collect(),
        ..Column::default()
    };
    let cps = [("<1", "Below 1"), ("1-19", "1 to 19"), (">=20", "20 or more")];
    let columns = [
        ("ici_start", column("First dose of immunotherapy", &[])),
        ("radiotherapy", column("Radiotherapy", &[])),
        ("age_decades", column("Age, per 10 years", &[])),
        ("ecog", column("ECOG performance status", &[])),
        ("cps_group", column("PD-L1 combined positive score", &cps)),
    ];
    let columns = columns.map(|(name, column)| (name.to_owned(), column));
    let mut table = Table::default();
    table.columns = BTreeMap::from(columns).into();
    table
}

/// A call of the stage `name` with these analyses.
pub(crate) fn call<'a>(
    name: &'a str,
    study: &'a StudySettings,
    analyses: Vec<(&str, Output)>,
) -> Call<'a> {
    let stage =
        |(name, output): (&str, Output)| (name.to_owned(), Section::Analyze, Arc::new(output));
    Call {
        name,
        study,
        claims: &[],
        provenance: None,
        seed: 0,
        tables: BTreeMap::from([("patients".to_owned(), Arc::new(table()))]),
        stages: analyses.into_iter().map(stage).collect(),
        files: BTreeMap::new(),
        unknowns: engine::Unknowns::default(),
    }
}

/// An exhibit as it stands on the page.
pub(crate) fn body(exhibit: &Exhibit) -> String {
    render::html_body(exhibit, &study())
}

/// What stands under an exhibit on the page.
pub(crate) fn caption(exhibit: &Exhibit) -> String {
    render::html_caption(exhibit)
}

/// Fails where a text is clipped by the canvas or overlaps another; writes the
/// picture into the folder `RESTUDY_PICTURES`, where that is set, to be looked at.
pub(crate) fn assert_sound(name: &str, drawing: &Drawing) {
    if let Ok(folder) = std::env::var("RESTUDY_PICTURES") {
        let picture = &drawing.picture;
        let exhibit = Exhibit {
            name: name.to_owned(),
            label: String::new(),
            title: name.to_owned(),
            caption: Vec::new(),
            body: Body::Figure(vec![picture.clone()]),
            alternative_text: String::new(),
        };
        let write = |ending: &str, bytes: &[u8]| {
            std::fs::write(format!("{folder}/{name}{ending}"), bytes).expect("the folder is there");
        };
        for format in FileFormat::ALL {
            let file = render::figure_file(format, &exhibit, (0, picture), 300).expect("draws");
            write(format.ending(), &file);
        }
    }
    let canvas = Area::at(0.0, 0.0, drawing.picture.width, drawing.picture.height);
    let texts = &drawing.texts;
    let (smallest, largest) = crate::print::DRAWN_PT;
    for size in drawing.picture.elements.split("font-size=\"").skip(1) {
        let size: f64 = size.split('"').next().and_then(|size| size.parse().ok()).expect("a size");
        // Presets of journals compute their scale from these two sizes.
        assert!((smallest..=largest).contains(&size), "{name}: letters of {size} pt");
    }
    for text in texts {
        assert!(canvas.contains(&text.area), "{name}: `{}` is clipped: {:?}", text.text, text.area);
    }
    for (place, one) in texts.iter().enumerate() {
        for other in &texts[place + 1..] {
            // Boxes may touch: half a tenth of a point is no overlap on paper.
            let apart = !one.area.grown(-0.05).overlaps(&other.area);
            assert!(apart, "{name}: `{}` overlaps `{}`", one.text, other.text);
        }
    }
}
