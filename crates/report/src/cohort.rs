//! A whole study's findings, made up but alike those of a real one, for the
//! tests of tables, texts and the page. Their ids follow docs/findings.md.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Call, Provenance, Section};
use study::{
    Action, Change, Claim, ClaimUnit, Column, Finding, FlowStep, Level, Output, Problem, Quantity,
    State, StudySettings, Table, slug,
};

use crate::sample::{Arm, curves};

/// The groups with their sizes.
pub(crate) const GROUPS: [(&str, u64); 3] = [("RT", 37), ("no RT", 76), ("all", 113)];

const NAIVE: &str = "naive: radiotherapy is known only after time zero, so patients had to live to get it (immortal time)";

/// Makes findings whose ids are the stage and these parts.
struct Book {
    stage: &'static str,
    kind: &'static str,
    endpoint: Option<&'static str>,
    warning: Option<&'static str>,
    findings: Vec<Finding>,
}

impl Book {
    fn of(stage: &'static str, kind: &'static str) -> Self {
        Self { stage, kind, endpoint: None, warning: None, findings: Vec::new() }
    }

    fn add(
        &mut self,
        parts: &[&str],
        statistic: &str,
        quantity: Quantity,
        value: f64,
    ) -> &mut Finding {
        let mut finding = Finding::new(self.stage, self.kind, statistic, quantity, value);
        let parts: Vec<String> = parts.iter().map(|part| slug(part)).collect();
        finding.id = format!("{}.{}", self.stage, parts.join("."));
        finding.endpoint = self.endpoint.map(str::to_owned);
        finding.warnings = self.warning.map(str::to_owned).into_iter().collect();
        finding.method = "count".to_owned();
        self.findings.push(finding);
        self.findings.last_mut().expect("just pushed")
    }

    fn output(self, methods: &str) -> Output {
        Output { findings: self.findings, methods: Some(methods.to_owned()), ..Output::default() }
    }
}

fn limits(finding: &mut Finding, lower: f64, upper: f64) {
    let upper = upper.is_finite().then_some(upper);
    *finding = finding.clone().limits(Some(lower), upper, 0.95);
}

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

fn baseline() -> Output {
    let mut book = Book::of("baseline", "baseline_table");
    for (group, n) in GROUPS {
        book.add(&["n", group], "n", Quantity::Count, n as f64).group = text(group);
    }
    for (variable, mean, p) in [("age", 61.2, 0.4312), ("bmi", 22.84, 0.0496)] {
        for (place, (group, _)) in (0u8..).zip(GROUPS) {
            let shift = f64::from(place);
            let chosen = if variable == "age" { "mean" } else { "median" };
            for (name, value) in [
                ("mean", mean + shift),
                ("standard_deviation", 9.84),
                ("median", mean - 0.3 * shift),
                ("lower_quartile", mean - 6.0),
                ("upper_quartile", mean + 7.0),
                ("missing", if variable == "bmi" { 3.0 * shift } else { 0.0 }),
            ] {
                let quantity = if name == "missing" { Quantity::Count } else { Quantity::Measured };
                let finding = book.add(&[name, variable, group], name, quantity, value);
                (finding.variable, finding.group) = (text(variable), text(group));
                if name == chosen {
                    finding.method = format!("{name}, chosen");
                }
            }
        }
        compare(&mut book, variable, -0.31, p, "Welch's t test, two-sided");
    }
    let categories: [(&str, &[(&str, [u64; 2])], &str); 4] = [
        ("sex", &[("female", [6, 14]), ("male", [31, 62])], "Fisher's exact test, two-sided"),
        (
            "site",
            &[
                ("oral cavity", [14, 25]),
                ("oropharynx", [3, 17]),
                ("larynx", [12, 20]),
                ("hypopharynx", [8, 14]),
            ],
            "Pearson's chi-square test",
        ),
        ("ecog", &[("0", [12, 19]), ("1", [18, 44]), ("2", [7, 13])], "Pearson's chi-square test"),
        ("smoker", &[("no", [9, 21]), ("yes", [28, 55])], "Pearson's chi-square test"),
    ];
    for (variable, levels, test) in categories {
        for (level, [rt, no]) in levels {
            for ((group, n), count) in GROUPS.into_iter().zip([*rt, *no, rt + no]) {
                for (name, quantity, value) in [
                    ("count", Quantity::Count, count as f64),
                    ("proportion", Quantity::Proportion, count as f64 / n as f64),
                ] {
                    let finding = book.add(&[name, variable, level, group], name, quantity, value);
                    (finding.variable, finding.level) = (text(variable), text(level));
                    finding.group = text(group);
                }
            }
        }
        compare(&mut book, variable, 0.083, 0.723, test);
    }
    book.output("Patients are described by group.")
}

fn compare(book: &mut Book, variable: &str, difference: f64, p: f64, test: &str) {
    let smd = book.add(
        &["smd", variable, "RT"],
        "standardized_mean_difference",
        Quantity::StandardizedDifference,
        difference,
    );
    (smd.variable, smd.group, smd.reference) = (text(variable), text("RT"), text("no RT"));
    smd.method = "difference over the pooled standard deviation".to_owned();
    let finding = book.add(&["p", variable], "p_value", Quantity::PValue, p);
    (finding.variable, finding.method) = (text(variable), test.to_owned());
}

fn response() -> Output {
    let mut book = Book::of("response_by_rt", "response");
    book.warning = Some(NAIVE);
    for (group, n) in GROUPS {
        book.add(&["n", group], "n", Quantity::Count, n as f64).group = text(group);
    }
    for (level, counts) in
        [("CR", [4, 5, 9]), ("PR", [21, 25, 46]), ("SD", [10, 17, 27]), ("PD", [2, 29, 31])]
    {
        for ((group, n), count) in GROUPS.into_iter().zip(counts) {
            for (name, quantity, value) in [
                ("count", Quantity::Count, f64::from(count)),
                ("proportion", Quantity::Proportion, f64::from(count) / n as f64),
            ] {
                let finding = book.add(&[name, level, group], name, quantity, value);
                (finding.variable, finding.level) = (text("response"), text(level));
                finding.group = text(group);
            }
        }
    }
    rate(
        &mut book,
        "orr",
        "objective_response_rate",
        [25, 30, 55],
        [0.00505, 0.00923, 0.00867, 0.00707],
    );
    rate(
        &mut book,
        "dcr",
        "disease_control_rate",
        [35, 47, 82],
        [0.00025, 0.00059, 0.00022, 0.00017],
    );
    book.output("Response rates are shares of the patients with a recorded response.")
}

fn rate(book: &mut Book, id: &str, statistic: &str, counts: [u64; 3], p: [f64; 4]) {
    for ((group, n), count) in GROUPS.into_iter().zip(counts) {
        let share = count as f64 / n as f64;
        for (tail, name, half) in [
            ("", "Wilson", 0.14),
            ("wilson", "Wilson", 0.14),
            ("clopper_pearson", "Clopper-Pearson", 0.16),
        ] {
            let parts: Vec<&str> =
                [id, group, tail].into_iter().filter(|p| !p.is_empty()).collect();
            let finding = book.add(&parts, statistic, Quantity::Proportion, share);
            limits(finding, share - half, (share + half).min(1.0));
            (finding.n, finding.events, finding.group) = (Some(n), Some(count), text(group));
            finding.method = format!("proportion, {name} 95% CI");
        }
    }
    let tests = ["pearson", "yates", "fisher", "mid_p"];
    let words = [
        "Pearson's chi-square test",
        "chi-square test with Yates's correction",
        "Fisher's exact test",
        "Fisher's exact test, mid-p",
    ];
    book.add(&[id, "p"], "p_value", Quantity::PValue, p[1]).method = words[1].to_owned();
    for ((test, words), p) in tests.into_iter().zip(words).zip(p) {
        book.add(&[id, "p", test], "p_value", Quantity::PValue, p).method = words.to_owned();
    }
    for (name, quantity, value, method) in [
        (
            "risk_difference",
            Quantity::ProportionDifference,
            0.281,
            "risk difference, Newcombe 95% CI",
        ),
        ("odds_ratio", Quantity::Ratio, 3.19, "odds ratio, Woolf 95% CI"),
        ("relative_risk", Quantity::Ratio, 1.71, "relative risk, 95% CI on the log scale"),
    ] {
        let finding = book.add(&[id, name, "RT"], name, quantity, value);
        limits(finding, value / 2.2, value * 1.6);
        (finding.group, finding.reference, finding.method) =
            (text("RT"), text("no RT"), method.to_owned());
    }
}

fn kaplan_meier(
    stage: &'static str,
    endpoint: &'static str,
    label: &str,
    medians: [f64; 2],
) -> Output {
    let mut book = Book::of(stage, "kaplan_meier");
    book.endpoint = Some(endpoint);
    book.warning = (stage != "follow_up").then_some(NAIVE);
    let arms = [Arm("RT", "RT", 37, medians[0]), Arm("no RT", "no RT", 76, medians[1])];
    let reverse = stage.starts_with("follow_up");
    let name = if reverse { "median_follow_up" } else { "median" };
    for ((group, n), median) in GROUPS.into_iter().zip([medians[0], medians[1], 9.7]) {
        let mut counts = vec![("n", n as f64), ("events", (n / 2) as f64), ("missing", 0.0)];
        counts.push(("censored", (n - n / 2) as f64));
        for (name, value) in counts {
            book.add(&[name, group], name, Quantity::Count, value).group = text(group);
        }
        let finding = book.add(&[name, group], name, Quantity::Days, median * 30.4375);
        finding.method =
            "Kaplan-Meier estimator, log-log limits, Brookmeyer and Crowley".to_owned();
        finding.group = text(group);
        let upper = if median > 15.0 { f64::INFINITY } else { median * 45.0 };
        limits(finding, median * 20.0, upper);
        (finding.n, finding.events) = (Some(n), Some(n / 2));
        if median > 30.0 {
            *finding = finding.clone().without_value(State::NotReached);
        }
        for (place, months) in (1u8..).zip([6.0, 12.0, 18.0, 24.0, 30.0]) {
            let survival = 1.0 - f64::from(place) * 0.14;
            let time = format!("{months}_months");
            let finding =
                book.add(&["survival", &time, group], "survival", Quantity::Survival, survival);
            finding.method = "Kaplan-Meier estimator, log-log limits".to_owned();
            limits(finding, survival - 0.1, survival + 0.08);
            (finding.group, finding.time_days) = (text(group), Some(months * 30.4375));
            let at_risk = (n as f64 * survival * 0.7).floor();
            let finding =
                book.add(&["n_at_risk", &time, group], "n_at_risk", Quantity::Count, at_risk);
            (finding.group, finding.time_days) = (text(group), Some(months * 30.4375));
        }
    }
    let mut steps = curves(&arms);
    (steps.endpoint, steps.endpoint_label) = (endpoint.to_owned(), label.to_owned());
    (steps.by_label, steps.reverse) = (text("Radiotherapy during immunotherapy"), reverse);
    Output {
        curves: Some(steps),
        ..book.output(&format!(
            "{label} was estimated by the Kaplan-Meier method with 95% log-log confidence limits."
        ))
    }
}

fn log_rank(stage: &'static str, endpoint: &'static str, p: f64) -> Output {
    let mut book = Book::of(stage, "log_rank");
    (book.endpoint, book.warning) = (Some(endpoint), Some(NAIVE));
    for (name, statistic, quantity, value) in [
        ("chi_square", "chi_square", Quantity::Statistic, 10.865),
        ("degrees_of_freedom", "degrees_of_freedom", Quantity::DegreesOfFreedom, 1.0),
        ("p", "p_value", Quantity::PValue, p),
    ] {
        book.add(&[name], statistic, quantity, value).method =
            "log-rank test, two-sided".to_owned();
    }
    book.output("Groups were compared by the two-sided log-rank test.")
}

/// Term, level, patients, events, coefficient, error.
const TERMS: [(&str, Option<&str>, u64, u64, f64, f64); 8] = [
    ("radiotherapy", Some("no RT"), 76, 61, 0.0, 0.0),
    ("radiotherapy", Some("RT"), 37, 19, -0.93, 0.27),
    ("age", None, 113, 80, 0.08, 0.11),
    ("ecog", Some("0"), 31, 17, 0.0, 0.0),
    ("ecog", Some("1"), 62, 45, 0.35, 0.28),
    ("ecog", Some("2"), 20, 18, 0.91, 0.36),
    ("smoker", Some("no"), 30, 18, 0.0, 0.0),
    ("smoker", Some("yes"), 83, 62, 0.15, 0.28),
];

fn cox(stage: &'static str, endpoint: &'static str) -> Output {
    let mut book = Book::of(stage, "cox_model");
    (book.endpoint, book.warning) = (Some(endpoint), Some(NAIVE));
    for (name, quantity, value) in [
        ("n", Quantity::Count, 110.0),
        ("events", Quantity::Count, 78.0),
        ("missing", Quantity::Count, 3.0),
        ("events_per_coefficient", Quantity::Statistic, 15.6),
        ("concordance", Quantity::Proportion, 0.6437),
    ] {
        book.add(&[name], name, quantity, value);
    }
    book.add(&["likelihood_ratio", "p"], "p_value", Quantity::PValue, 0.000_21);
    for before in [None, Some("univariable")] {
        for (variable, level, n, events, coefficient, error) in TERMS {
            let parts = |own: &'static str| -> Vec<&str> {
                before.into_iter().chain([own, variable]).chain(level).collect()
            };
            ratio(&mut book, &parts("hazard_ratio"), [coefficient, error], [n, events]);
            let about = |finding: &mut Finding| {
                (finding.variable, finding.level) = (text(variable), level.map(str::to_owned));
            };
            about(book.findings.last_mut().expect("just made"));
            if error > 0.0 {
                let p = libm::erfc((coefficient / error).abs() / std::f64::consts::SQRT_2);
                about(book.add(&parts("p"), "p_value", Quantity::PValue, p));
            }
        }
        let parts: Vec<&str> = before.into_iter().chain(["term", "p", "ecog"]).collect();
        book.add(&parts, "p_value", Quantity::PValue, 0.0342).variable = text("ecog");
    }
    book.output("Hazard ratios come from one Cox regression with Efron's ties.")
}

fn ratio(book: &mut Book, parts: &[&str], [coefficient, error]: [f64; 2], [n, events]: [u64; 2]) {
    let value = libm::exp(coefficient);
    let finding = book.add(parts, "hazard_ratio", Quantity::Ratio, value);
    (finding.n, finding.events) = (Some(n), Some(events));
    finding.method = "reference".to_owned();
    if error > 0.0 {
        let limit = |sign: f64| libm::exp(coefficient + sign * 1.96 * error);
        limits(finding, limit(-1.0), limit(1.0));
        finding.method = "Cox model, Efron's ties, Wald 95% CI".to_owned();
    }
}

fn hazards_test(stage: &'static str, endpoint: &'static str) -> Output {
    let mut book = Book::of(stage, "proportional_hazards");
    book.endpoint = Some(endpoint);
    for (term, chi_square, df, p) in [
        ("radiotherapy", 2.31, 1.0, 0.129),
        ("age", 0.02, 1.0, 0.888),
        ("ecog", 4.6, 2.0, 0.1),
        ("smoker", 0.71, 1.0, 0.399),
        ("global", 8.94, 5.0, 0.111),
    ] {
        for (name, statistic, quantity, value) in [
            ("chi_square", "chi_square", Quantity::Statistic, chi_square),
            ("degrees_of_freedom", "degrees_of_freedom", Quantity::DegreesOfFreedom, df),
            ("p", "p_value", Quantity::PValue, p),
        ] {
            let finding = book.add(&[name, term], statistic, quantity, value);
            finding.variable = (term != "global").then(|| term.to_owned());
            finding.method =
                "score test of proportional hazards (Grambsch and Therneau)".to_owned();
        }
    }
    for period in ["before", "after"] {
        book.add(&["piecewise", "events", period], "events", Quantity::Count, 40.0).time_days =
            Some(121.75);
        for (variable, level, n, events, coefficient, error) in TERMS {
            let parts: Vec<&str> =
                ["piecewise", "hazard_ratio", period, variable].into_iter().chain(level).collect();
            ratio(&mut book, &parts, [coefficient, error], [n, events]);
            let finding = book.findings.last_mut().expect("just made");
            (finding.variable, finding.level) = (text(variable), level.map(str::to_owned));
        }
    }
    let finding =
        book.add(&["piecewise", "likelihood_ratio", "p"], "p_value", Quantity::PValue, 0.27);
    finding.method =
        "likelihood-ratio test of equal coefficients before and after the cut".to_owned();
    book.output("Proportional hazards were tested by the score test of Grambsch and Therneau.")
}

/// Every analysis of the study.
pub(crate) fn analyses() -> Vec<(&'static str, Output)> {
    let (pfs, os) = ("Progression-free survival", "Overall survival");
    vec![
        ("baseline", baseline()),
        ("response_by_rt", response()),
        ("pfs_by_rt", kaplan_meier("pfs_by_rt", "pfs", pfs, [20.0, 4.0])),
        ("os_by_rt", kaplan_meier("os_by_rt", "os", os, [31.0, 26.0])),
        ("pfs_log_rank", log_rank("pfs_log_rank", "pfs", 0.000_98)),
        ("os_log_rank", log_rank("os_log_rank", "os", 0.006)),
        ("follow_up", kaplan_meier("follow_up", "os", os, [14.0, 13.5])),
        ("follow_up_by_rt", kaplan_meier("follow_up_by_rt", "os", os, [14.0, 13.5])),
        ("pfs_prognosis", cox("pfs_prognosis", "pfs")),
        ("os_prognosis", cox("os_prognosis", "os")),
        ("pfs_hazards_test", hazards_test("pfs_hazards_test", "pfs")),
        ("os_hazards_test", hazards_test("os_hazards_test", "os")),
    ]
}

/// Settings of the study.
pub(crate) fn study() -> StudySettings {
    let mut study = crate::sample::study();
    study.title =
        "Radiotherapy with immunotherapy in recurrent or metastatic head and neck cancer".into();
    (study.seed, study.privacy.smallest_cell) = (20_180_101, 5);
    study
}

fn columns() -> Table {
    let level =
        |(value, label): &(&str, &str)| Level { value: (*value).into(), label: (*label).into() };
    let column = |label: &str, unit: Option<&str>, levels: &[(&str, &str)]| Column {
        label: label.to_owned(),
        unit: unit.map(str::to_owned),
        levels: levels.iter().map(level).collect(),
        ..Column::default()
    };
    let arms = [("RT", "Radiotherapy"), ("no RT", "No radiotherapy")];
    let arms = Column {
        known_from: text("rt_start"),
        derivation: text(
            "CASE WHEN rt_start IS NOT NULL AND rt_start <= ici_stop THEN 'RT' ELSE 'no RT' END",
        ),
        ..column("Radiotherapy during immunotherapy", None, &arms)
    };
    let responses = [
        ("CR", "Complete response"),
        ("PR", "Partial response"),
        ("SD", "Stable disease"),
        ("PD", "Progressive disease"),
    ];
    let columns = [
        ("radiotherapy", arms),
        ("age", column("Age", Some("years"), &[])),
        ("bmi", column("Body mass index", Some("kg/m²"), &[])),
        ("sex", column("Sex", None, &[("female", "Female"), ("male", "Male")])),
        (
            "site",
            column(
                "Primary site",
                None,
                &[
                    ("oral cavity", "Oral cavity"),
                    ("larynx", "Larynx"),
                    ("oropharynx", "Oropharynx"),
                    ("hypopharynx", "Hypopharynx"),
                ],
            ),
        ),
        ("ecog", column("ECOG performance status", None, &[])),
        ("smoker", column("Ever smoker", None, &[])),
        ("response", column("Best overall response (RECIST 1.1)", None, &responses)),
        ("pfs_days", column("Progression-free survival", Some("days"), &[])),
        ("os_days", column("Overall survival", Some("days"), &[])),
    ];
    let columns: BTreeMap<String, Column> =
        columns.into_iter().map(|(name, column)| (name.to_owned(), column)).collect();
    let frame = columns
        .keys()
        .map(|name| serde_json::json!({"name": name, "kind": "text", "about": null, "values": []}));
    let stored = serde_json::json!({"height": 0, "columns": frame.collect::<Vec<_>>()});
    let table = Table::decode(stored.to_string().as_bytes()).expect("a stored table");
    Table { columns, ..table }
}

/// The claims of the abstract.
pub(crate) fn claims() -> Vec<(String, Claim)> {
    let claim = |label: &str,
                 quote: &str,
                 value: Option<f64>,
                 decimals: u8,
                 unit: ClaimUnit,
                 finding: Option<&str>| Claim {
        label: label.into(),
        quote: quote.into(),
        place: "abstract".into(),
        value,
        decimals,
        unit,
        not_reached: quote == "not reached",
        tolerance: None,
        finding: finding.map(str::to_owned),
        note: (quote == "p = 0.009").then(|| "the abstract does not name the test".to_owned()),
    };
    [
        (
            "orr_rt",
            claim(
                "Objective response, RT",
                "67.6%",
                Some(67.6),
                1,
                ClaimUnit::Percent,
                Some("response_by_rt.orr.rt"),
            ),
        ),
        (
            "orr_p",
            claim(
                "Objective response, p",
                "p = 0.009",
                Some(0.009),
                3,
                ClaimUnit::Plain,
                Some("response_by_rt.orr.p.*"),
            ),
        ),
        (
            "pfs_rt",
            claim(
                "Median PFS, RT",
                "20.0 months",
                Some(20.0),
                1,
                ClaimUnit::Months,
                Some("pfs_by_rt.median.rt"),
            ),
        ),
        (
            "os_rt",
            claim(
                "Median OS, RT",
                "not reached",
                None,
                0,
                ClaimUnit::Months,
                Some("os_by_rt.median.rt"),
            ),
        ),
        (
            "pfs_p",
            claim(
                "PFS, p",
                "p = 0.00099",
                Some(0.000_99),
                5,
                ClaimUnit::Plain,
                Some("pfs_log_rank.p"),
            ),
        ),
        (
            "cox",
            claim(
                "Independent prognostic factors",
                "Cox regression",
                None,
                0,
                ClaimUnit::Plain,
                None,
            ),
        ),
    ]
    .map(|(name, claim)| (name.to_owned(), claim))
    .into()
}

fn cleaning() -> Vec<(&'static str, Output)> {
    let change = |rule: &str, field: &str, action, reason: &str| Change {
        rule: rule.into(),
        table: "patients".into(),
        patient: "P-007".into(),
        line: Some(8),
        field: field.into(),
        raw: None,
        clean: None,
        action,
        reason: reason.into(),
    };
    let dates = vec![
        change("dates", "date_of_birth", Action::Query, "ambiguous: 1961-03-04 or 1961-04-03"),
        change("dates", "date_of_birth", Action::Query, "ambiguous: 1950-01-02 or 1950-02-01"),
        change("dates", "ici_start", Action::Fixed, "Excel serial number"),
    ];
    let duplicates = vec![change(
        "one_row",
        "",
        Action::RowDropped,
        "exact duplicate of data/raw/patients.csv:12",
    )];
    let step = FlowStep {
        stage: "not_squamous".into(),
        reason: "not squamous cell carcinoma".into(),
        before: 131,
        excluded: 18,
        after: 113,
    };
    let excluded =
        vec![change("not_squamous", "", Action::Excluded, "not squamous cell carcinoma")];
    vec![
        ("dates", Output { changes: dates, ..Output::default() }),
        ("one_row", Output { changes: duplicates, ..Output::default() }),
        ("not_squamous", Output { changes: excluded, flow: vec![step], ..Output::default() }),
    ]
}

fn ingest() -> Output {
    let problem = Problem {
        table: "labs".into(),
        file: "data/raw/labs.csv".into(),
        line: 9,
        column: "albumin".into(),
        raw: "3,8 g".into(),
        reason: "no number".into(),
    };
    Output { problems: vec![problem], ..Output::default() }
}

/// A call of the stage `name` that reads everything, and these reports.
pub(crate) fn call<'a>(
    name: &'a str,
    study: &'a StudySettings,
    claims: &'a [(String, Claim)],
    reports: &[(String, Output)],
) -> Call<'a> {
    let mut stages = vec![("labs".to_owned(), Section::Ingest, Arc::new(ingest()))];
    let with = |section| {
        move |(name, output): (&str, Output)| (name.to_owned(), section, Arc::new(output))
    };
    stages.extend(cleaning().into_iter().map(with(Section::Clean)));
    stages.extend(analyses().into_iter().map(with(Section::Analyze)));
    let reports = reports.iter().cloned();
    stages.extend(reports.map(|(name, output)| (name, Section::Report, Arc::new(output))));
    let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let provenance = Provenance {
        inputs: ["labs", "patients"]
            .map(|t| (format!("data/raw/{t}.csv"), digest.to_owned()))
            .into(),
        stages: vec![
            ("ingest.labs".into(), "csv".into(), 1),
            ("analyze.baseline".into(), "baseline_table".into(), 2),
        ],
        pipeline: digest.into(),
    };
    Call {
        name,
        study,
        claims,
        provenance: Some(Arc::new(provenance)),
        seed: 0,
        tables: BTreeMap::from([("patients".to_owned(), Arc::new(columns()))]),
        stages,
        files: BTreeMap::new(),
    }
}
