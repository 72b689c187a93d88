//! `restudy findings`: the ids before a run and after it, and that what is
//! misspelt anywhere is found by `check` without a row of data.

use restudy_tests::Study;

const FILE: &str = "pipeline.yaml";

#[test]
fn ids_are_listed_before_a_run_and_with_their_values_after_it() {
    let before = Study::small().says("findings survival.median.*");
    assert_eq!((before.code, before.err.as_str()), (0, ""));
    for id in ["survival.median.old", "survival.median.new", "survival.median.all"] {
        assert!(before.out.contains(id), "{}", before.out);
    }
    // ids follow from the declared levels, so they are known without any data
    assert!(before.out.ends_with("3 findings, 3 of them not yet computed\n"), "{}", before.out);
    let after = Study::small_after_a_run().says("findings survival.median.*");
    assert!(after.out.ends_with("3 findings\n"), "{}", after.out);
    assert!(after.out.contains("median, group old; Kaplan-Meier"), "{}", after.out);
}

#[test]
fn an_id_that_there_is_not_is_missed() {
    Study::small().says("findings survival.medan.*").fails(
        "error: there is no finding `survival.medan.*`\n help: did you mean `survival.median.*`?",
    );
}

#[test]
fn findings_are_json_on_demand() {
    let said = Study::small_after_a_run().says("findings model.hazard_ratio.* --json");
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let findings = json["findings"].as_array().expect("a list");
    assert!(findings.iter().all(|one| one["statistic"] == "hazard_ratio"), "{}", said.out);
    assert!(findings.len() > 1);
}

/// Every place where a report names a finding, misspelt: `check` finds each.
#[test]
fn names_of_findings_are_checked_wherever_they_are_written() {
    let places = [
        (
            "{ kind: findings_table, title: T, findings: { A: [model.hazard_ratoi.*] } }",
            "model.hazard_ratoi.*",
        ),
        (
            "{ kind: findings_table, title: T, findings: { A: [survival.median.od] } }",
            "survival.median.od",
        ),
        (
            "{ kind: estimates_figure, title: T, rows: { A: { B: model.hazard_ratio.arm.nwe } } }",
            "nwe",
        ),
        ("{ kind: survival_figure, title: T, curves: comparison }", "no survival curves"),
        (
            "{ kind: survival_figure, title: T, curves: survival, test: comparison.q }",
            "comparison.q",
        ),
        ("{ kind: survival_figure, title: T, curves: survival, hazard_ratio: model.amr }", "amr"),
        ("{ kind: survival_figure, title: T, curves: survival, labels: { odl: Old } }", "odl"),
        ("{ kind: survival_figure, title: T, curves: survival, x_label: 时间 }", "no glyph"),
        ("{ kind: forest_figure, title: T, model: survival }", "has no ratios"),
        ("{ kind: forest_figure, title: T, model: model, univariable: true }", "one term each"),
        ("{ kind: model_table, models: [comparison] }", "has no ratios"),
        ("{ kind: survival_table, curves: [comparison] }", "not a `kaplan_meier`"),
        ("{ kind: response_table, response: survival }", "not a `response`"),
        ("{ kind: characteristics_table, baseline: model }", "not a `baseline_table`"),
        ("{ kind: proportional_hazards_table, tests: [model] }", "not a `proportional_hazards`"),
    ];
    for (entry, told) in places {
        let study = Study::small();
        let file = study.read(FILE) + &format!("  wrong: {entry}\n");
        let said = study.with(FILE, file).says("check");
        assert_eq!(said.code, 1, "{entry}: {}{}", said.out, said.err);
        let flat = said.err.replace("\n  │ ", " ");
        assert!(flat.contains(told), "{entry}: {}", said.err);
        assert!(flat.contains("1 mistake in"), "{entry}: one cause, one message: {}", said.err);
    }
}

/// Outputs of two stages that would be one file, and an output where none may be.
#[test]
fn paths_of_outputs_are_checked() {
    // one file on a disk that does not tell small letters from capital ones
    let two = "  a: { kind: results }\n  b: { kind: results, folder: Reports/results }\n";
    let study = Study::small();
    let file = study.read(FILE) + two;
    let said = study.with(FILE, file).says("check");
    let flat = said.err.replace("\n  │ ", " ");
    assert!(flat.contains("of `report.a`: not every file system has room for both"), "{flat}");
    assert!(flat.contains("1 mistake in"), "one cause, one message: {flat}");
}

/// A level that the figures' font cannot write: `check` names the letter and
/// the figure, and a run that keeps going still writes the tables.
#[test]
fn a_level_without_glyphs_is_found_before_a_run() {
    let study = Study::small();
    let entries = "  drawn: { kind: survival_figure, title: T, curves: survival }\n  listed: { kind: survival_table, curves: [survival] }\n";
    let file =
        study.read(FILE).replace("levels: { old: [], new: [] }", "levels: { 男: [old], new: [] }");
    assert!(file.contains('男'), "the levels stand in the file");
    let study = study.with(FILE, file + entries);
    for command in ["run", "check"] {
        let said = study.says(command);
        assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    }
    assert!(!study.path("reports").exists(), "nothing was written");
    // the figure alone cannot be drawn
    let said = study.says("run --keep-going");
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(study.path("reports/tables/listed.csv").exists(), "{}{}", said.out, said.err);
    assert!(
        said.err.contains("report.drawn") && said.err.contains("`男` (U+7537)"),
        "{}",
        said.err
    );
}

/// Numbers that would make endless work are refused before any work.
#[test]
fn counts_have_a_largest() {
    // each of these would run without end or fill the memory
    for (section, entry, told) in [
        (
            "analyze",
            "{ kind: survival_comparison, endpoint: os, by: arm, permutation: 1000000000000 }",
            "at most 1000000",
        ),
        (
            "analyze",
            "{ kind: multiple_imputation, variables: [age], imputations: 1000000000 }",
            "at most 10000",
        ),
        (
            "analyze",
            "{ kind: multiple_imputation, variables: [age], iterations: 1000000000 }",
            "at most 1000",
        ),
        (
            "analyze",
            "{ kind: turnbull, left: os_days, right: os_days, bootstrap: 1000000000 }",
            "at most 100000",
        ),
        (
            "report",
            "{ kind: survival_figure, title: T, curves: survival, ticks: 1e-9 }",
            "at least 0.001",
        ),
        (
            "report",
            "{ kind: survival_figure, title: T, curves: survival, width_mm: 1e9 }",
            "at most 420",
        ),
        ("report", "{ kind: flow_figure, title: T, height_mm: 1e9 }", "at most 420"),
    ] {
        let study = Study::small();
        let file = study
            .read(FILE)
            .replace(&format!("\n{section}:\n"), &format!("\n{section}:\n  wrong: {entry}\n"));
        let said = study.with(FILE, file).says("check");
        assert_eq!(said.code, 1, "{entry}: {}{}", said.out, said.err);
        let flat = said.err.replace("\n  │ ", " ");
        assert!(
            flat.contains(told) && flat.contains(&format!("{section}.wrong")),
            "{entry}: {}",
            said.err
        );
    }
}

/// Levels of any name, in each place where levels are declared: read, recoded
/// and derived. Where they give no id of their own `check` names the parameter
/// that gives them one; with it they stand in findings.csv.
#[test]
fn levels_called_plus_minus_and_all_have_ids_of_their_own() {
    let study = || {
        // levels of signs, which an id cannot hold, and one called `all`, which the whole
        // population has for its own
        let rules = "  hpv: { kind: derive, column: hpv, sql: \"CASE WHEN age >= 65 THEN '+' ELSE '-' END\", levels: ['-', '+'], HPV }
  arms: { kind: recode, columns: [group], table: patients, levels: { '?': [old], all: [new] }, ARMS }
analyze:
  by_hpv: { kind: kaplan_meier, endpoint: os, by: hpv }
  by_group: { kind: kaplan_meier, endpoint: os, by: group }
  by_read: { kind: kaplan_meier, endpoint: os, by: read }";
        Study::small()
            .replacing(FILE, "report:", "report:\n  files: { kind: results }")
            .replacing(FILE, "analyze:", rules)
            .replacing(FILE, "      age:", "      group: { type: text, header: arm }\n      read: { type: category, header: arm, levels: { Plus: [old], '+': [new] }, READ }\n      age:")
    };
    let without = ["HPV", "ARMS", "READ"]
        .into_iter()
        .fold(study(), |study, place| study.replacing(FILE, &format!(", {place} }}"), " }"));
    let said = without.says("check");
    let flat = said.err.replace("\n  │ ", " ");
    for told in [
        "level `-` of `hpv` gives no id",
        "level `?` of `group` gives no id",
        "levels `Plus` and `+` of `read` give the same id `plus`",
        "`level_ids: { level: name }` where its levels are declared",
    ] {
        assert!(said.code == 1 && flat.contains(told), "{told}: {}", said.err);
    }
    let named = study()
        .replacing(FILE, ", HPV }", ", level_ids: { '-': negative } }")
        .replacing(FILE, ", ARMS }", ", level_ids: { '?': unclear, all: every } }")
        .replacing(FILE, ", READ }", ", level_ids: { '+': positive } }");
    named.says("run").succeeds();
    let findings = restudy_tests::findings_by_id(&named.read("reports/results/findings.csv"));
    for id in [
        "by_hpv.n.negative",
        "by_hpv.n.plus",
        "by_hpv.n.all",
        "by_group.n.unclear",
        "by_group.n.every",
        "by_read.n.plus",
        "by_read.n.positive",
    ] {
        assert!(findings[id]["value"].as_f64() > Some(0.0), "{id}");
    }
    assert_eq!(findings["by_group.n.every"]["group"], "all");
}
