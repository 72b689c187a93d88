//! What leaves a study for others: exports, and the bundle with its verification.

use std::fs;
use std::path::Path;

use restudy_tests::Study;
use serde_json::Value;

const CITATION: &str = "cff-version: 1.2.0
title: A small study
license: CC-BY-4.0
date-released: 2026-11-30
repository-code: https://example.org/small
authors:
  - { given-names: Ada, family-names: Example, orcid: https://orcid.org/0000-0002-1825-0097 }
";

/// The bundle of a study, as bytes.
fn bundled(study: &Study) -> Vec<u8> {
    let path = study.path("study.zip");
    study.says(&format!("bundle --output {}", path.display())).succeeds();
    fs::read(path).expect("the bundle")
}

/// What `restudy verify` says of a file, with its exit code.
fn verified(path: &Path, more: &[&str]) -> (u8, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let path = path.display().to_string();
    let words = ["restudy", "verify", &path].into_iter().chain(more.iter().copied());
    let code = cli::run(words, &mut out, &mut err);
    (code, String::from_utf8(out).expect("text"))
}

/// The content of an entry that is stored as it is.
fn entry(bundle: &[u8], path: &str) -> Option<Vec<u8>> {
    let header = [b"PK\x03\x04".as_slice(), path.as_bytes()];
    // read by hand, without the code that wrote it and without a library
    let place = (0..bundle.len()).find(|&place| {
        bundle[place..].starts_with(header[0])
            && bundle.get(place + 30..).is_some_and(|rest| rest.starts_with(header[1]))
    })?;
    let size = bundle[place + 18..place + 22].try_into().expect("four bytes");
    let start = place + 30 + path.len();
    Some(bundle[start..start + u32::from_le_bytes(size) as usize].to_vec())
}

fn json(bundle: &[u8], path: &str) -> Value {
    serde_json::from_slice(&entry(bundle, path).expect("it is there")).expect("JSON")
}

fn open_study() -> Study {
    let study = Study::small().with("CITATION.cff", CITATION).replacing(
        "pipeline.yaml",
        "  index_date: started\n",
        "  index_date: started\n  privacy: { tier: open }\n",
    );
    study.says("run --quiet").succeeds();
    study
}

#[test]
fn two_bundles_are_the_same_bytes_and_verify() {
    let study = open_study();
    let bundle = bundled(&study);
    assert!(bundle == bundled(&study), "the same study gives the same bytes");
    let path = study.path("study.zip");
    // the pipeline file, its lock, the citation, one raw file, three outputs and three
    // files of the bundle
    assert_eq!(verified(&path, &[]), (0, "verified: 10 files as stated, to the byte\n".to_owned()));
    let (code, said) = verified(&path, &["--again"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("3 outputs made again from the raw files"), "{said}");
    let folder = study.path("").display().to_string();
    let is_named = bundle.windows(folder.len()).any(|part| part == folder.as_bytes());
    assert!(!is_named, "no byte comes from the folder");
}

#[test]
fn one_bit_that_is_flipped_is_named() {
    let study = open_study();
    let bundle = bundled(&study);
    let path = study.path("flipped.zip");
    // every part of the archive: headers, contents, directory, end
    // in steps through all parts, and every byte of the end
    for place in (0..bundle.len()).step_by(997).chain(bundle.len() - 40..bundle.len()) {
        let mut flipped = bundle.clone();
        flipped[place] ^= 1 << (place % 8);
        fs::write(&path, &flipped).expect("writable");
        let (code, said) = verified(&path, &[]);
        assert_eq!(code, 1, "byte {place}: {said}");
        assert!(said.starts_with("DIFFERS  "), "byte {place}: {said}");
    }
}

/// Keys of RFC 8032, section 7.1, as OpenSSL writes them: the first, its public half, and the
/// public half of the second.
const PRIVATE: &str = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
const PUBLIC: &str = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const OTHER_PUBLIC: &str = "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";

fn pem(what: &str, key: &str) -> String {
    format!("-----BEGIN {what}-----\n{key}\n-----END {what}-----\n")
}

#[test]
fn a_signed_bundle_verifies_by_its_key_alone() {
    let study = open_study();
    let unsigned = bundled(&study);
    let study = study
        .with("private.pem", pem("PRIVATE KEY", PRIVATE))
        .with("public.pem", pem("PUBLIC KEY", PUBLIC));
    let study = study.with("other.pem", pem("PUBLIC KEY", OTHER_PUBLIC));
    let path = study.path("study.zip");
    let keys = ["public.pem", "other.pem"].map(|name| study.path(name).display().to_string());
    let (code, said) = verified(&path, &["--key", &keys[0]]);
    assert_eq!((code, said.contains("the bundle: is not signed")), (1, true), "{said}");
    let sign = format!("--key {}", study.path("private.pem").display());
    study.says(&format!("bundle --output {} {sign}", path.display())).succeeds();
    assert!(fs::read(&path).expect("there").len() > unsigned.len());
    let (code, said) = verified(&path, &["--key", &keys[0]]);
    assert_eq!(
        (code, said.as_str()),
        (0, "verified: 10 files as stated, to the byte, signed by the key\n")
    );
    let (code, said) = verified(&path, &["--key", &keys[1]]);
    assert_eq!(
        (code, said.contains("is not signed by the key that was given")),
        (1, true),
        "{said}"
    );
}

#[test]
fn data_that_may_not_leave_are_there_by_their_digest() {
    // without a declared tier a study shares no rows
    let study = Study::small_after_a_run();
    let bundle = bundled(&study);
    assert_eq!(entry(&bundle, "data/patients.csv"), None);
    let raw = study.read("data/patients.csv");
    let row = raw.lines().nth(1).expect("a patient").as_bytes();
    assert!(!bundle.windows(row.len()).any(|part| part == row), "no row of a patient is in it");
    let statement = json(&bundle, "statement.intoto.json");
    let subjects = statement["subject"].as_array().expect("a list");
    assert!(subjects.iter().any(|subject| subject["name"] == "data/patients.csv"));
    let (code, said) = verified(&study.path("study.zip"), &[]);
    let expected =
        // no citation here, and the raw file is left out
        "verified: 8 files as stated, to the byte; 1 file stated by digest and not in it\n";
    assert_eq!((code, said.as_str()), (0, expected));
    assert_eq!(verified(&study.path("study.zip"), &["--again"]).0, 1);
}

#[test]
fn an_output_that_was_changed_is_not_bundled() {
    let study = Study::small_after_a_run().replacing(
        "reports/figures/curves.svg",
        "6 patients, 5 events",
        "6 patients, 4 events",
    );
    let path = study.path("study.zip");
    study.says(&format!("bundle --output {}", path.display())).fails(
        "
error: the lock is of other content than what stands in reports/figures/curves.svg
 help: `restudy run` makes outputs and lock of what is there
",
    );
    assert!(!path.exists());
}

/// Every reference of the crate's metadata leads somewhere, and every file is described with
/// its digest: what validators ask for first.
#[test]
fn the_crate_describes_every_file_and_refers_to_nothing_else() {
    let bundle = bundled(&open_study());
    let metadata = json(&bundle, "ro-crate-metadata.json");
    let graph = metadata["@graph"].as_array().expect("a graph");
    let ids: Vec<&str> = graph.iter().filter_map(|entity| entity["@id"].as_str()).collect();
    let once: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(once.len(), ids.len(), "each entity once");
    let mut open: Vec<&Value> = graph.iter().collect();
    while let Some(value) = open.pop() {
        open.extend(value.as_object().into_iter().flat_map(|object| object.values()));
        open.extend(value.as_array().into_iter().flatten());
        let reference = value.as_object().filter(|object| object.len() == 1);
        if let Some(id) = reference.and_then(|object| object["@id"].as_str()) {
            // the standard's own addresses need no description
            let is_known = once.contains(id)
                || id == "https://w3id.org/ro/crate/1.1"
                || id.starts_with("https://bioschemas.org/profiles/");
            assert!(is_known, "`{id}` is referred to and not described");
        }
    }
    let of = |id: &str| graph.iter().find(|entity| entity["@id"] == id).expect("an entity");
    let parts = of("./")["hasPart"].as_array().expect("parts");
    for part in parts {
        let path = part["@id"].as_str().expect("an id");
        let held = entry(&bundle, path).unwrap_or_else(|| panic!("`{path}` is not in the bundle"));
        assert_eq!(of(path)["sha256"], engine::sha256(&held).as_str(), "{path}");
    }
    // the ten stated files but for the metadata themselves
    assert_eq!(parts.len(), 9, "all but the metadata and the statement");
    assert_eq!(of("./")["datePublished"], "2026-11-30");
    assert_eq!(of("./")["license"]["@id"], "https://spdx.org/licenses/CC-BY-4.0");
    let actions = graph.iter().filter(|entity| entity["@type"] == "CreateAction");
    for action in actions {
        for key in ["name", "description", "endTime", "agent", "instrument", "result"] {
            assert!(!action[key].is_null(), "{} lacks {key}", action["@id"]);
        }
    }
}

#[test]
fn what_only_authors_know_is_marked_and_made_up_nowhere() {
    let bundle = bundled(&Study::small_after_a_run());
    let text = |path: &str| String::from_utf8(entry(&bundle, path).expect("there")).expect("text");
    let readme = text("README.md");
    for heading in [
        "Overview",
        "Data availability and provenance",
        "Data sets",
        "Computational requirements",
        "Programs",
        "Instructions",
        "Figures, tables and programs",
        "References",
    ] {
        assert!(readme.contains(&format!("\n## {heading}\n")), "{heading}");
    }
    assert!(readme.contains("**To be written by the authors:** who they are."), "{readme}");
    assert!(readme.contains("| `reports/figures/curves.svg` | `report.curves` |"), "{readme}");
    let check = text("codecheck.yml");
    assert!(check.starts_with("---\n"), "{check}");
    assert!(!check.contains("codechecker:") && !check.contains("authors:"), "{check}");
    assert!(check.contains("- file: reports/figures/curves.svg\n"), "{check}");
}

/// Each finding is in each export, and once in that of the standard that asks for it.
#[test]
fn exports_hold_every_finding() {
    let study = open_study();
    let listed: Value = serde_json::from_str(&study.says("findings --json").out).expect("JSON");
    let ids: Vec<&str> = listed["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|finding| finding["id"].as_str())
        .collect();
    assert!(ids.len() > 20);
    let ars: Value = serde_json::from_str(&study.says("export ars").out).expect("JSON");
    let methods = ars["methods"].as_array().expect("methods").iter();
    let operations: Vec<&str> = methods
        .flat_map(|method| method["operations"].as_array().expect("operations"))
        .filter_map(|operation| operation["name"].as_str())
        .collect();
    let ard: Value = serde_json::from_str(&study.says("export ard").out).expect("JSON");
    let rows = ard["rows"].as_array().expect("rows");
    assert_eq!(ard["records"], rows.len());
    // the declared day of release, as no clock is looked at
    assert_eq!(ard["datasetJSONCreationDateTime"], "2026-11-30T00:00:00");
    for id in ids {
        assert_eq!(operations.iter().filter(|name| **name == id).count(), 1, "{id}");
        assert!(rows.iter().any(|row| row[12] == id), "{id}");
    }
    let csv = study.says("export ard --format csv").out;
    assert_eq!(
        csv.lines().next(),
        Some(
            "group1,group1_level,variable,variable_level,context,stat_name,stat_label,stat,fmt_fun,warning,error,analysis,finding"
        )
    );
    assert_eq!(csv::Reader::from_reader(csv.as_bytes()).records().count(), rows.len());
}

#[test]
fn what_no_run_computed_is_not_exported() {
    let said = Study::small().says("export ard");
    assert_eq!(said.code, 1);
    assert!(said.err.contains("not yet computed"), "{}", said.err);
}
