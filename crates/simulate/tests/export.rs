//! The committed export: it is what the generator makes, it prints the published numbers, and its
//! documentation names everything in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use restudy_simulate::schema::{CODE_LISTS, TABLES};
use restudy_simulate::simulate;
use restudy_simulate::survival::{Subject, compare, median_of_all};
use restudy_simulate::write::Files;

const SEED: u64 = 20_180_101;

type Row = BTreeMap<String, String>;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rows(bytes: &[u8]) -> Vec<Row> {
    let text = match str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        // one table is in GB18030, whose bytes are no UTF-8
        Err(_) => encoding_rs::GB18030.decode(bytes).0.into_owned(),
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a row of the declared width")).collect()
}

fn committed(path: &str) -> Vec<Row> {
    rows(&fs::read(repository().join(path)).expect("a committed file"))
}

#[test]
fn regenerating_gives_the_committed_bytes() {
    let simulation = simulate(SEED).expect("a calibrated simulation");
    for (folder, files) in [("data/raw", &simulation.raw), ("tests/truth", &simulation.truth)] {
        assert_same_files(&repository().join(folder), files);
    }
}

fn assert_same_files(folder: &Path, files: &Files) {
    let entries = fs::read_dir(folder).expect("the committed folder");
    let present: BTreeSet<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    // files that nobody makes any more are found too
    assert_eq!(present, files.keys().cloned().collect(), "{}", folder.display());
    for (name, bytes) in files {
        let on_disk = fs::read(folder.join(name)).expect("a committed file");
        // not `assert_eq!`, which would print both files
        assert!(on_disk == *bytes, "`{name}` differs from what seed {SEED} makes");
    }
}

#[test]
fn another_seed_makes_another_export() {
    let raw = |seed| simulate(seed).expect("a calibrated simulation").raw;
    assert_ne!(raw(SEED)["followup.csv"], raw(SEED + 1)["followup.csv"]);
}

#[test]
fn the_truth_prints_every_published_number() {
    let analysis = committed("tests/truth/analysis.csv");
    let count = |arm: &str, responses: &[&str]| {
        let fits = |row: &&Row| {
            row["radiotherapy"] == arm && responses.contains(&row["best_response"].as_str())
        };
        analysis.iter().filter(fits).count()
    };
    // 25 of 37 are 67.6% and 35 of 37 are 94.6%; 30 of 76 are 39.5% and 47 of 76 are
    // 61.8%
    assert_eq!((count("1", &["CR", "PR"]), count("1", &["SD"]), count("1", &["PD"])), (25, 10, 2));
    assert_eq!((count("0", &["CR", "PR"]), count("0", &["SD"]), count("0", &["PD"])), (30, 17, 29));

    let subjects = |endpoint: &str| -> Vec<Subject> {
        let subject = |row: &Row| Subject {
            time_days: row[&format!("{endpoint}_days")].parse().expect("days"),
            event: row[&format!("{endpoint}_event")] == "1",
            first_arm: row["radiotherapy"] == "1",
        };
        analysis.iter().map(subject).collect()
    };
    // published in months with one decimal
    let months = |days: Option<i32>| days.map(|days| format!("{:.1}", f64::from(days) / 30.4375));
    let p = |chi_square: f64| libm::erfc((chi_square / 2.0).sqrt());
    let pfs = compare(&mut subjects("pfs"));
    assert_eq!(pfs.median_days.map(months), [Some("20.0".to_owned()), Some("4.0".to_owned())]);
    assert_eq!(format!("{:.5}", p(pfs.log_rank)), "0.00098");
    let os = compare(&mut subjects("os"));
    assert_eq!(os.median_days.map(months), [None, Some("26.0".to_owned())]);
    assert_eq!(format!("{:.3}", p(os.log_rank)), "0.006");
    // follow-up by reverse Kaplan-Meier: events and censorings change places
    let mut reverse = subjects("os");
    for subject in &mut reverse {
        subject.event = !subject.event;
    }
    assert_eq!(months(median_of_all(&reverse)).as_deref(), Some("14.0"));
}

#[test]
fn the_flow_adds_up() {
    let flow: BTreeMap<String, usize> = committed("tests/truth/flow.csv")
        .into_iter()
        .map(|row| (row["step"].clone(), row["n"].parse().expect("a count")))
        .collect();
    let kept = ["screened", "analysed", "radiotherapy", "no_radiotherapy"];
    let excluded: usize =
        flow.iter().filter(|(step, _)| !kept.contains(&step.as_str())).map(|(_, n)| n).sum();
    assert_eq!(kept.map(|step| flow[step]), [152, 113, 37, 76]);
    // every patient leaves at one step only
    assert_eq!(excluded, 152 - 113);
}

#[test]
fn every_recorded_dirt_stands_in_the_export() {
    let tables: BTreeMap<&str, Vec<Row>> = TABLES
        .iter()
        .map(|table| (table.name, committed(&format!("data/raw/{}.csv", table.name))))
        .collect();
    let canonical = |raw: &str| {
        let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
        format!("P-{digits:0>3}")
    };
    for dirt in committed("tests/truth/dirt.csv") {
        // dirt of a whole file, such as its encoding
        if dirt["record_id"].is_empty() {
            continue;
        }
        let found = tables[dirt["table"].as_str()].iter().any(|row| {
            let same_row = canonical(&row["record_id"]) == dirt["record_id"]
                && row.get("instance").is_none_or(|instance| *instance == dirt["instance"]);
            same_row && (dirt["field"].is_empty() || row[&dirt["field"]] == dirt["raw"])
        });
        assert!(found, "{dirt:?}");
    }
}

#[test]
fn the_documentation_names_every_column_list_and_class_of_dirt() {
    let readme = fs::read_to_string(repository().join("data/README.md")).expect("data/README.md");
    for table in TABLES {
        let heading = format!("### {}.csv", table.name);
        let start = readme.find(&heading).unwrap_or_else(|| panic!("no `{heading}`"));
        let section = readme[start + 4..].split("\n### ").next().unwrap_or_default();
        for column in table.columns {
            let row = format!("| {} | {} |", column.name, column.kind.name());
            assert!(section.contains(&row), "no `{row}` under `{heading}`");
        }
    }
    for list in CODE_LISTS {
        assert!(readme.contains(&format!("`{}`", list.name)), "no code list `{}`", list.name);
    }
    let injected: BTreeSet<String> = committed("tests/truth/dirt.csv")
        .into_iter()
        .map(|dirt| format!("| {} |", dirt["dirt_class"]))
        .collect();
    for class in injected {
        assert!(readme.contains(&class), "no class `{class}`");
    }
    // nobody may take the data for those of patients
    assert!(readme.contains("SIMULATED"));
}

#[test]
fn encodings_and_size_are_as_documented() {
    let bytes = |name: &str| fs::read(repository().join("data/raw").join(name)).expect("a file");
    assert!(bytes("labs.csv").starts_with(b"\xEF\xBB\xBF"));
    assert!(str::from_utf8(&bytes("diagnosis.csv")).is_err());
    let size: usize = TABLES.iter().map(|table| bytes(&format!("{}.csv", table.name)).len()).sum();
    // the export is committed, so it must stay small
    assert!(size < 1_500_000, "{size} bytes");
}
