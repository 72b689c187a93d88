//! Every way into an analysis and out of it: guarded, told, explained.

use super::*;

#[test]
fn every_way_into_an_analysis_is_guarded() {
    let tried =
        |parameters: &str| study("", &format!("  tried: {{ {parameters} }}\n")).says("check");
    // the length of treatment is known at its end only
    let duration = "  ici_days: { kind: derive, sql: ici_stop - ici_start }\n";
    for parameters in [
        // each names what comes later in another of its parameters
        "kind: log_rank, endpoint: os, by: sex, strata: [radiotherapy]",
        "kind: cox_model, endpoint: os, terms: [age], strata: [rt_intent]",
        "kind: cox_model, endpoint: os, terms: [age, rt_dose]",
        "kind: cox_model, endpoint: os, terms: [age], univariable: [rt_dose]",
        "kind: cox_model, endpoint: os, terms: [age], offset: rt_dose",
        "kind: cox_model, endpoint: os, terms: [age], cluster: rt_intent",
        "kind: cox_model, endpoint: os, terms: [age, sex, radiotherapy], interactions: [[sex, radiotherapy]]",
        "kind: propensity_score, treatment: radiotherapy, terms: [age], weights: overlap",
        "kind: propensity_score, treatment: sex, terms: [rt_dose], weights: overlap",
        "kind: baseline_table, by: radiotherapy, variables: [age]",
        "kind: group_difference, by: radiotherapy, variables: [age]",
        "kind: survival_comparison, endpoint: os, by: radiotherapy",
        "kind: survival_difference, endpoint: os, by: radiotherapy, at: [100]",
        "kind: time_dependent_cox, endpoint: os, exposure: radiotherapy, terms: [rt_dose]",
        "kind: proportional_hazards, endpoint: os, terms: [radiotherapy]",
        "kind: parametric_model, endpoint: os, terms: [radiotherapy]",
    ] {
        refused(&tried(parameters), "analyze.tried", FROM_START);
    }
    let term = |rules: &str, terms: &str| {
        study(rules, &format!("  tried: {{ kind: cox_model, endpoint: os, terms: [{terms}] }}\n"))
            .says("check")
    };
    refused(&term(duration, "ici_days"), "analyze.tried", "is known only from `ici_stop`, after");
    // the days of one endpoint as a term in a model of another
    let other = "  pfs: { kind: endpoints, define: { pfs: { label: Other, event: [death_date], censor: ici_stop } } }\n";
    refused(&term(other, "pfs_days"), "analyze.tried", "`pfs_days` is known only from");
    // how many scans somebody has tells how long he lived
    let scans = "  counted: { kind: summarize, table: scans, into: counted, values: { scans: { statistic: count } } }
  brought: { kind: join, with: counted }\n";
    refused(
        &term(scans, "scans"),
        "analyze.tried",
        "is known only after the last `scans.scan_date`",
    );
    // the drug is known with the first dose
    assert_eq!(term("", "age, sex, drug").code, 0);
}

#[test]
fn weights_hand_on_what_they_are_made_of() {
    // the score itself is declared naive, so only what is made of it is on trial
    let score = "  score: { kind: propensity_score, treatment: radiotherapy, terms: [age], weights: overlap, immortal_time: naive }\n";
    for model in [
        "kind: cox_model, endpoint: os, terms: [age], weights: score",
        "kind: kaplan_meier, endpoint: os, by: sex, weights: score",
        "kind: log_rank, endpoint: os, by: sex, weights: score",
    ] {
        let analyses = format!("{score}  tried: {{ {model} }}\n");
        refused(
            &study("", &analyses).says("check"),
            "analyze.tried",
            "what the weights `score` are of is known only from `rt_start`",
        );
    }
    let naive = format!(
        "{score}  tried: {{ kind: cox_model, endpoint: os, terms: [age], weights: score, immortal_time: naive }}\n"
    );
    let run = study("", &naive);
    run.says("run --quiet").succeeds();
    let lines = findings(&run, "tried.");
    assert!(!lines.is_empty());
    assert!(lines.iter().all(|line| line.contains("naive_group")), "{lines:#?}");
    let words = run.read("reports/results/warnings.csv");
    assert!(words.contains("what the weights `score` are of becomes known only after time zero"));
}

/// The lines of the results on findings whose id begins so.
fn findings(study: &Study, prefix: &str) -> Vec<String> {
    let text = study.read("reports/results/findings.csv");
    text.lines().filter(|line| line.starts_with(prefix)).map(str::to_owned).collect()
}

#[test]
fn derived_columns_of_a_pooled_model_are_guarded() {
    let pooled = "  completed: { kind: multiple_imputation, endpoint: os, variables: [age], imputations: 5 }
  tried: { kind: pooled_cox_model, imputations: completed, endpoint: os, terms: [age, given], derived: { given: rt_dose IS NOT NULL } }\n";
    refused(&study("", pooled).says("check"), "analyze.tried", FROM_START);
}

#[test]
fn patients_who_were_chosen_by_what_came_later_are_told_of() {
    let analyses = "  curve: { kind: kaplan_meier, endpoint: os, where: radiotherapy = 'rt' }
  table: { kind: baseline_table, variables: [age], where: radiotherapy = 'rt' }\n";
    let run = study("", analyses);
    run.says("run --quiet").succeeds();
    for prefix in ["curve.", "table."] {
        let lines = findings(&run, prefix);
        assert!(!lines.is_empty());
        assert!(lines.iter().all(|line| line.contains("chosen_late")), "{lines:#?}");
    }
    let words = run.read("reports/results/warnings.csv");
    assert!(words.contains("patients are chosen by radiotherapy, which becomes known only after"));
    // rows that a rule drops are chosen as well, before any analysis
    let dropped = "  dropped: { kind: check_rows, table: patients, where: os_days < 150, reason: x, action: drop }\n";
    let run = study(dropped, "");
    run.says("run --quiet").succeeds();
    assert!(findings(&run, "survival.").iter().all(|line| line.contains("rows_chosen_late")));
    let words = run.read("reports/results/warnings.csv");
    assert!(words.contains("patients are in the table by what becomes known only after time zero"));
}

#[test]
fn an_exclusion_that_looks_ahead_is_told_in_the_flow() {
    // whether the flow tells it stands on the page
    let flow = |rules: &str| {
        let run = study(rules, "").replacing(FILE, "  results: { kind: results }", "  results: { kind: results }\n  flow: { kind: flow_figure, title: Flow, screened: Screened, analysed: Analysed }\n  page: { kind: supplement, title: A page, sections: [{ heading: Flow, exhibits: [flow] }] }");
        run.says("run --quiet").succeeds();
        run.read("reports/supplement.html")
            .contains("excludes by what becomes known only after time zero")
    };
    assert!(flow(
        // who died early is known only then
        "  early: { kind: exclude, where: radiotherapy = 'no_rt' AND os_days < 120, reason: Died early }\n"
    ));
    // age is known at time zero
    assert!(!flow("  young: { kind: exclude, where: age < 50, reason: Young }\n"));
    // a patient who is left out because a later value is missing is chosen by it, too
    let unknown =
        "  dosed: { kind: exclude, where: rt_dose < 0, reason: No dose, unknown: exclude }\n";
    assert!(flow(unknown));
    assert!(!flow(&unknown.replace("unknown: exclude", "unknown: keep")));
    assert!(!flow(
        // what lies before time zero is known at it
        "  before: { kind: exclude, where: rt_start < ici_start OR age < 50, reason: Irradiated before }\n"
    ));
    assert!(flow(
        // the same comparison with a date that comes later
        "  before: { kind: exclude, where: rt_start < ici_stop OR age < 50, reason: Irradiated on treatment }\n"
    ));
    // compared with time zero alone, and yet it tells who dies, and who is never irradiated
    assert!(flow("  dead: { kind: exclude, where: death_date >= ici_start, reason: Died }\n"));
    assert!(flow(
        "  never: { kind: exclude, where: rt_start < ici_start, reason: Never, unknown: exclude }\n"
    ));
}

#[test]
fn identifiers_are_not_printed() {
    let number = "identifies patients: its values cannot be printed";
    group("", "id", number);
    // declared as an identifier, while `id` is one by being the patient's column
    group("", "hospital_number", number);
    group(
        // part of an identifier still tells who it is
        "  tried_group: { kind: derive, sql: \"SUBSTR(hospital_number, 1, 5) || sex\" }\n",
        "tried_group",
        number,
    );
    group(
        "  tried_group: { kind: derive, sql: CASE WHEN age > 60 THEN id END }\n",
        "tried_group",
        number,
    );
    group("", "_line", number);
    group_passes(
        // a comparison gives yes or no, which names nobody
        "  tried_group: { kind: derive, sql: hospital_number = 'MRN1017' }\n",
        "tried_group",
    );
    let levels = study("  tried_group: { kind: derive, sql: id, levels: [P01] }\n", "");
    refused(
        &levels.says("check"),
        "clean.tried_group",
        "identifies patients: it has no levels to print",
    );
    for parameters in [
        "kind: baseline_table, variables: [age, hospital_number]",
        "kind: cox_model, endpoint: os, terms: [hospital_number]",
        "kind: log_rank, endpoint: os, by: sex, strata: [hospital_number]",
        "kind: propensity_score, treatment: hospital_number, terms: [age], weights: overlap",
    ] {
        let said = study("", &format!("  tried: {{ {parameters} }}\n")).says("check");
        refused(&said, "analyze.tried", number);
    }
}

#[test]
fn what_a_file_declares_must_be_there() {
    let with = |from: &str, to: &str| {
        let study = Study::of_repository("tests/studies/radiotherapy");
        study.replacing(FILE, from, to).says("check")
    };
    let said = with("known_from: scan_date", "known_from: scanned");
    refused(&said, "ingest.scans", "table `scans` declares no column `scanned`");
    let said = with("dose: { type: real }", "dose: { type: real, known_from: dose }");
    refused(&said, "ingest.courses", "column `dose` does not hold dates");
    // a column may be known later than its row
    let late = with("age: { type: whole }", "age: { type: whole }");
    assert_eq!(late.code, 0, "{}", late.err);
    let study = Study::of_repository("tests/studies/radiotherapy")
        .replacing(FILE, "drug: { type: text }", "drug: { type: text, known_from: stop_date }")
        .replacing(FILE, "  # more analyses\n", &log_rank("drug"));
    refused(
        &study.says("check"),
        "analyze.tried",
        "is known only from `ici_stop`, after time zero",
    );
}

#[test]
fn the_outcome_is_no_term() {
    // the outcome of another endpoint: the one of the model itself is refused for
    // another reason
    let file = "analyze:\n  survival: { kind: kaplan_meier, endpoint: os, by: arm }";
    let tried =
        format!("{file}\n  tried: {{ kind: cox_model, endpoint: pfs, terms: [age, os_days] }}");
    let study = Study::small()
        .replacing(FILE, file, &tried)
        .replacing(FILE, "analyze:", "  pfs: { kind: endpoints, define: { pfs: { label: Other, event: [irradiated_on], censor: started } } }\nanalyze:");
    refused(
        &study.says("check"),
        "analyze.tried",
        "`os_days` is the outcome `os`, known only after time zero",
    );
}

#[test]
fn explain_names_what_the_number_is_made_of_and_no_more() {
    let run = study("  unused: { kind: derive, sql: age + 1 }\n", "");
    run.says("run --quiet").succeeds();
    let said = run.says("explain survival.median.female");
    assert_eq!(said.code, 0, "{}", said.err);
    let made = said.out.split_once("columns:").expect("columns").1;
    let lines: Vec<&str> =
        made.lines().map(str::trim).filter(|line| line.starts_with('-')).collect();
    let stages: Vec<&str> = (lines.iter())
        .filter_map(|line| line.strip_prefix("- ")?.split_once("  line ").map(|(stage, _)| stage))
        .collect();
    // in the order of the file, and without `unused`, which nothing of the number reads
    assert_eq!(
        stages,
        [
            "ingest.patients",
            "ingest.treatments",
            "ingest.followup",
            "clean.first_dose",
            "clean.index_date",
            "clean.follow_up",
            "clean.endpoints",
            "analyze.survival",
        ]
    );
    // the analysis itself reads these, of which the lineage is that of the above
    let read: Vec<&str> =
        lines.iter().copied().take_while(|line| !line.contains(" line ")).collect();
    assert_eq!(
        read,
        ["- patients.id", "- patients.os_days", "- patients.os_event", "- patients.sex"]
    );
    for present in ["- patients.sex", "- followup.death_date", "- treatments.start_date"] {
        assert!(lines.contains(&present), "{present} is not in {lines:?}");
    }
    // the groups are by sex, so neither radiotherapy nor age is behind the number
    assert!(!lines.iter().any(|line| line.starts_with("- courses.") || line.contains("age")));
}

#[test]
fn explain_names_what_one_variable_of_many_is_made_of() {
    let entries = "  characteristics: { kind: baseline_table, by: sex, variables: [age, drug], where: rt_dose > 0 }
  compared: { kind: group_difference, by: sex, variables: [age, drug] }
  model: { kind: cox_model, endpoint: os, terms: [age, sex], univariable: [drug] }
";
    let run = study("", entries);
    run.says("run --quiet").succeeds();
    let read = |finding: &str| {
        let said = run.says(&format!("explain {finding}"));
        assert_eq!(said.code, 0, "{finding}: {}{}", said.err, said.out);
        let columns = said.out.split_once("\ncolumns:").expect("columns").1.to_owned();
        let columns = columns.lines().skip(1).take_while(|line| line.starts_with("  - "));
        columns.map(|line| line.replace("  - patients.", "")).collect::<Vec<_>>().join(" ")
    };
    // the dose is behind every number through `where`; the drug is not behind the age
    assert_eq!(read("characteristics.mean.age.all"), "age id rt_dose sex");
    assert_eq!(read("characteristics.n.all"), "age drug id rt_dose sex");
    assert_eq!(read("compared.p.age"), "age id sex");
    // adjusted for the other variable, and so made of it
    assert_eq!(read("compared.adjusted_p.age.holm"), "age drug id sex");
    // a model hangs on all its terms, and on no column that is fitted alone
    assert_eq!(read("model.hazard_ratio.age"), "age id os_days os_event sex");
    assert_eq!(read("model.univariable.n.drug"), "drug id os_days os_event");
}

#[test]
fn the_study_itself_passes() {
    study("", "  timed: { kind: time_dependent_cox, endpoint: os, exposure: radiotherapy, terms: [age, drug] }\n")
        .says("run --quiet")
        .succeeds();
}
