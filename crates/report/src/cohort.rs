//! A whole study's findings, made up but alike those of a real one, for the
//! tests of tables, texts and the page. Their ids follow docs/findings.md.

mod findings;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::{Call, Origin, Provenance, Section, StageId, StageOrigin};
use study::{
    Action, Change, Claim, ClaimUnit, Column, DateId, FlowStep, Level, Lineage, Moment, Output,
    Problem, RawColumn, State, StudySettings, Table, Values,
};

use findings::analyses;

/// The groups with their sizes.
pub(crate) const GROUPS: [(&str, u64); 3] = [("RT", 37), ("no RT", 76), ("all", 113)];

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

/// Settings of the study.
pub(crate) fn study() -> StudySettings {
    let mut study = crate::sample::study();
    study.title =
        "Radiotherapy with immunotherapy in recurrent or metastatic head and neck cancer".into();
    // Small enough that counts of the tests are mostly printed, and 4 complete responses are not.
    (study.seed, study.privacy.smallest_cell) = (20_180_101, 5);
    study
}

fn columns() -> Table {
    let level = |(value, label): &(&str, &str)| Level::new(*value, *label);
    let column = |label: &str, unit: Option<&str>, levels: &[(&str, &str)]| Column {
        label: label.to_owned(),
        unit: unit.map(str::to_owned),
        levels: levels.iter().map(level).collect(),
        ..Column::default()
    };
    let arms = [("RT", "Radiotherapy"), ("no RT", "No radiotherapy")];
    let arms = Column {
        lineage: known_from("rt_start"),
        derivation: text(
            // The group is known from the first fraction on, which is the case of immortal time
            // that warnings are tested on.
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
        // No levels are declared for these two: numbers as text, and yes or no.
        ("ecog", column("ECOG performance status", None, &[])),
        ("smoker", column("Ever smoker", None, &[])),
        ("response", column("Best overall response (RECIST 1.1)", None, &responses)),
        ("pfs_days", column("Progression-free survival", Some("days"), &[])),
        ("os_days", column("Overall survival", Some("days"), &[])),
    ];
    let columns: BTreeMap<String, Column> =
        columns.into_iter().map(|(name, column)| (name.to_owned(), column)).collect();
    let mut table = Table::of(0, columns.keys().map(|name| (name, Values::Text(Vec::new()))));
    table.columns = columns.into();
    table
}

/// Known from a date of the analysis table on.
fn known_from(column: &str) -> Lineage {
    let date = DateId { table: "patients".to_owned(), column: column.to_owned(), rule: None };
    Lineage { known: BTreeSet::from([Moment::of_row(date)]), ..Lineage::default() }
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
        comparison: study::Comparison::Equal,
        to: None,
        lower: None,
        upper: None,
        decimals,
        unit,
        not_reached: quote == "not reached",
        tolerance: None,
        finding: finding.map(str::to_owned),
        about: None,
        publication: None,
        // The one claim that is compared with several tests, by a `*` in its finding.
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
    let change = |rule: &'static str, field: &'static str, action, reason: &'static str| Change {
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
        // Two changes whose reasons differ only in their values: tables count them as one reason.
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
        unknown: None,
        known_late: Vec::new(),
    };
    let excluded =
        vec![change("not_squamous", "", Action::Excluded, "not squamous cell carcinoma")];
    vec![
        ("dates", Output { changes: dates.into_iter().collect(), ..Output::default() }),
        ("one_row", Output { changes: duplicates.into_iter().collect(), ..Output::default() }),
        (
            "not_squamous",
            Output {
                changes: excluded.into_iter().collect(),
                flow: vec![step],
                ..Output::default()
            },
        ),
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

/// What a rehearsal hands on of an analysis.
pub(crate) fn announced(output: &Output) -> Output {
    let findings = output.findings.iter().cloned().map(|mut finding| {
        (finding.n, finding.events, finding.missing) = (None, None, None);
        finding.limits(None, None, 0.95).without_value(State::Announced)
    });
    Output { findings: findings.collect(), ..Output::default() }
}

/// The same call before a run: analyses have only announced what they will find.
pub(crate) fn rehearsal(mut call: Call<'_>) -> Call<'_> {
    for (_, section, output) in &mut call.stages {
        if *section == Section::Analyze {
            *output = Arc::new(announced(output));
        }
    }
    call
}

fn origin(section: Section, name: &str, kind: &str, version: u32) -> StageOrigin {
    let id = StageId { section, name: name.to_owned() };
    StageOrigin { id, kind: kind.to_owned(), version, reads: Vec::new(), files: Vec::new() }
}

/// What the curves stand on.
fn origin_of_curves() -> Origin {
    let raw =
        [("followup", "last_contact"), ("followup", "progression"), ("radiotherapy", "start")];
    let raw = raw.map(|(table, column)| RawColumn { table: table.into(), column: column.into() });
    let text = "pfs_by_rt:\n  kind: kaplan_meier\n  by: radiotherapy".to_owned();
    Origin { lines: [12, 14], text, raw: raw.into() }
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
    // Any text of 64 hexadecimal digits would do: nothing here hashes a file.
    let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let provenance = Provenance {
        inputs: ["labs", "patients"]
            .map(|t| (format!("data/raw/{t}.csv"), digest.to_owned()))
            .into(),
        stages: vec![
            origin(Section::Ingest, "labs", "csv", 1),
            origin(Section::Analyze, "baseline", "baseline_table", 2),
        ],
        pipeline: digest.into(),
        file: "pipeline.yaml".into(),
        origins: BTreeMap::from([("pfs_by_rt".to_owned(), origin_of_curves())]),
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
        unknowns: engine::Unknowns::default(),
    }
}
