//! Questions that an auditor asks: `diff`, `impact`, `trace`, and `explain` down to the rows.

use std::collections::BTreeMap;

use restudy_tests::Study;
use serde_json::Value;

const DATA: &str = "data/patients.csv";

fn json(study: &Study, command: &str) -> Value {
    let said = study.says(command);
    serde_json::from_str(&said.out)
        .unwrap_or_else(|error| panic!("{error}: {}{}", said.out, said.err))
}

/// The number of every finding of a run.
fn values(study: &Study) -> BTreeMap<String, Value> {
    let whole = json(study, "findings --json");
    let findings = whole["findings"].as_array().expect("a list");
    let value = |finding: &Value| {
        let id = finding["id"].as_str().expect("an id").to_owned();
        (id, finding["value"].clone())
    };
    findings.iter().map(value).collect()
}

#[test]
fn a_change_that_is_tried_gives_what_a_run_of_the_changed_study_gives() {
    let study = Study::small_after_a_run();
    let as_it_is = values(&study);
    // each way of changing something, beside the change of the file that means the same
    let edits = [
        (
            "--set patients[A01].os_days=45",
            DATA,
            "A01,old,61,2020-01-10,,310,1",
            "A01,old,61,2020-01-10,,45,1",
        ),
        ("--set patients[A02].os_event=1", DATA, "455,0", "455,1"),
        ("--set patients[A03].arm=new", DATA, "A03,old", "A03,new"),
        ("--set patients[A04].age=", DATA, "A04,new,67", "A04,new,"),
        ("--drop A01", DATA, "A01,old,61,2020-01-10,,310,1\n", ""),
        (
            "--drop A02 --set patients[A03].os_days=9",
            DATA,
            "A02,new,70,2020-01-17,2020-03-02,455,0\nA03,old,55,2020-02-03,,122,1",
            "A03,old,55,2020-02-03,,9,1",
        ),
        (
            "--parameter model.ties=breslow",
            "pipeline.yaml",
            "terms: [arm, age] }",
            "terms: [arm, age], ties: breslow }",
        ),
        ("--parameter model.terms=[age]", "pipeline.yaml", "terms: [arm, age]", "terms: [age]"),
        (
            "--parameter study.confidence_level=0.9",
            "pipeline.yaml",
            "index_date: started",
            "index_date: started\n  confidence_level: 0.9",
        ),
        (
            "--rule elderly off",
            "pipeline.yaml",
            "  elderly: { kind: derive, sql: age >= 65 }\n",
            "",
        ),
    ];
    // all findings are compared: those the trial does not name must be as they were
    for (edit, file, from, to) in edits {
        let told = json(&study, &format!("impact {edit} --json"));
        let mut tried = as_it_is.clone();
        for moved in told["findings"].as_array().expect("a list") {
            let after = &moved["difference"]["after"];
            match after.is_null() {
                // a finding that is gone with the change
                true => drop(tried.remove(moved["id"].as_str().expect("an id"))),
                false => drop(tried.insert(
                    moved["id"].as_str().expect("an id").to_owned(),
                    after["value"].clone(),
                )),
            }
        }
        let changed = Study::small().replacing(file, from, to);
        changed.says("run --quiet").succeeds();
        assert_eq!(tried, values(&changed), "{edit}");
    }
}

#[test]
fn a_trial_leaves_nothing_behind() {
    let study = Study::small_after_a_run();
    let (made, data) = (study.made(), study.read(DATA));
    study.says("impact --drop A01").succeeds();
    assert!(study.made() == made && study.read(DATA) == data);
    study.says("status").succeeds();
    // it would hold rows of patients
    assert!(!study.path(".restudy/verifying").exists(), "scratch goes with the command");
}

#[test]
fn what_cannot_be_tried_is_said() {
    let study = Study::small_after_a_run();
    for (edit, said) in [
        ("--set patient[A01].age=3", "`ingest` has no table `patient`"),
        ("--set patients[A1].age=3", "no row of `patients` is of patient `A1`"),
        ("--set patients[A01].ages=3", "table `patients` reads no column `ages`"),
        ("--set patients[A01].age=old", "`old`"),
        ("--drop A99", "no row is of patient `A99`"),
        ("--rule elder off", "there is no rule `elder` in `clean`"),
        ("--parameter modle.ties=efron", "there is no stage `modle`"),
        ("--parameter model.ties=effron", "effron"),
        ("--set nonsense", "`nonsense` is no change: write it as `table[patient].column=value`"),
        ("--drop A01 --of modle.*", "there is no finding `modle.*`"),
        ("", "there is nothing to try out"),
    ] {
        let told = study.says(&format!("impact {edit}"));
        assert_eq!(told.code, 1, "{edit}");
        assert!(told.err.contains(said), "{edit}: {}", told.err);
    }
}

#[test]
fn each_cell_of_a_column_is_weighed() {
    let study = Study::small_after_a_run();
    let told = json(&study, "impact --each-cell patients.age --of model.hazard_ratio.* --json");
    // all twelve patients have an age
    assert_eq!(told["cells"], 12);
    let moves: Vec<f64> = told["moved"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["largest_move"].as_f64().expect("a number"))
        .collect();
    assert!(!moves.is_empty() && moves.iter().all(|by| *by > 0.0));
}

#[test]
fn two_studies_part_at_a_cell_or_a_definition() {
    let first = Study::small_after_a_run();
    let name = first.path("").display().to_string();
    let same = Study::small_after_a_run();
    assert_eq!(same.says(&format!("diff {name}")).code, 0);

    let cell = Study::small().replacing(DATA, "310,1", "311,1");
    cell.says("run --quiet").succeeds();
    let told = json(&cell, &format!("diff {name} --json"));
    assert_eq!(told["files"][0]["cells"][0]["before"], "310");
    assert!(told["parting"].as_str().expect("words").starts_with("ingest.patients (line "));

    let rule = Study::small().replacing("pipeline.yaml", "age >= 65", "age >= 60");
    rule.says("run --quiet").succeeds();
    let told = rule.says(&format!("diff {name}"));
    assert_eq!(told.code, 1);
    assert!(told.out.contains("clean.elderly.sql: `age >= 65` (line "), "{}", told.out);

    assert_eq!(cell.says("diff nowhere").code, 2);
}

#[test]
fn a_patient_is_traced_from_the_raw_row_to_the_analyses() {
    let study = Study::small().replacing(
        "pipeline.yaml",
        "  index_date: started",
        "  index_date: started\n  privacy: { tier: internal }",
    );
    study.says("run --quiet").succeeds();
    let told = json(&study, "trace A02 --of model.hazard_ratio.* --json");
    // the header is line 1, and A02 is the second patient
    assert_eq!(told["rows"][0]["line"], 3);
    // all three analyses of the study
    assert_eq!(told["counts_in"].as_array().expect("a list").len(), 3);
    assert!(!told["influence"].as_array().expect("a list").is_empty());
    assert!(study.says("trace A2").err.contains("did you mean `A02`"));
}

#[test]
fn rows_behind_a_number_sum_up_to_it_and_no_aggregate_study_shows_them() {
    let study = Study::small()
        .replacing(
            "pipeline.yaml",
            "by: arm }\n  comparison",
            "by: arm, at: [200 days] }\n  comparison",
        )
        .replacing(
            "pipeline.yaml",
            "  index_date: started",
            "  index_date: started\n  privacy: { tier: internal }",
        );
    study.says("run --quiet").succeeds();
    let told = json(&study, "explain survival.n_at_risk.200_days.old --rows --json");
    let rows = told["rows"].as_array().expect("a list");
    let cell = |row: &Value, column: &str| -> String {
        let cells = row["entered"]["patients"].as_array().expect("a list").iter();
        let found = cells.filter(|cell| cell[0] == column).map(|cell| cell[1].as_str());
        found.flatten().collect()
    };
    let at_risk =
        rows.iter().filter(|row| cell(row, "os_days").parse::<u32>().expect("days") >= 200);
    // counted from the rows that are shown
    assert_eq!(told["finding"]["value"], at_risk.count() as f64);
    assert!(rows.iter().all(|row| cell(row, "arm") == "old"));

    let hidden = Study::small_after_a_run();
    for command in ["explain survival.median.old --rows", "trace A01"] {
        assert!(hidden.says(command).err.contains("`tier: aggregate`"), "{command}");
    }
}

/// Where a patient has several rows, each of them entered, and is named by its line.
#[test]
fn all_rows_of_a_patient_are_behind_a_number_of_rows() {
    let study = Study::small()
        .replacing(
            "pipeline.yaml",
            "  index_date: started",
            "  index_date: started\n  privacy: { tier: internal }",
        )
        .replacing(
            "pipeline.yaml",
            "clean:\n",
            "  visits: { kind: csv, path: data/visits.csv, columns: { id: { type: id }, size: { type: whole } } }\nclean:\n",
        )
        .replacing(
            "pipeline.yaml",
            "analyze:\n",
            "analyze:\n  sizes: { kind: row_summary, table: visits, variables: [size] }\n",
        );
    // two visits of A02, not one below the other
    let study = study.with("data/visits.csv", "id,size\nA02,7\nA01,3\nA02,9\nA03,5\n");
    study.says("run --quiet").succeeds();
    let told = json(&study, "explain sizes.median.size --rows --json");
    let rows = told["rows"].as_array().expect("a list");
    let entered = |patient: &str| {
        let row = rows.iter().find(|row| row["patient"] == patient).expect("he is behind it");
        let tables = row["entered"].as_object().expect("a mapping").iter();
        let sizes = tables.flat_map(|(table, cells)| {
            let cells = cells.as_array().expect("cells").iter();
            let sizes = cells.filter(|cell| cell[0] == "size");
            sizes.map(move |cell| (table.clone(), cell[1].as_str().expect("text").to_owned()))
        });
        sizes.collect::<Vec<_>>()
    };
    let pair = |table: &str, size: &str| (table.to_owned(), size.to_owned());
    assert_eq!(entered("A02"), [pair("visits:2", "7"), pair("visits:4", "9")]);
    assert_eq!(entered("A01"), [pair("visits", "3")]);
}
