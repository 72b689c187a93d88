//! The invariants of ARCHITECTURE.md, as far as they can be read off the
//! manifests and the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use restudy_tests::repository;

const CRATES: [&str; 9] =
    ["analyze", "clean", "cli", "engine", "ingest", "report", "simulate", "stats", "study"];

/// A source file: its path below `crates`, and its text.
struct Source {
    path: String,
    text: String,
}

/// All sources of a crate.
fn sources(name: &str) -> Vec<Source> {
    let root = repository().join("crates");
    let mut paths = Vec::new();
    collect(&root.join(name).join("src"), &mut paths);
    paths.sort();
    let source = |path: PathBuf| Source {
        text: fs::read_to_string(&path).expect("readable"),
        path: path.strip_prefix(&root).expect("below crates").display().to_string(),
    };
    paths.into_iter().map(source).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// The sources of a crate without its tests: modules and files that are only
/// compiled for tests are left out.
fn production(name: &str) -> Vec<Source> {
    let all = sources(name);
    let test_modules: BTreeSet<String> =
        all.iter().flat_map(|source| test_modules(&source.text)).collect();
    // a folder of the name of a test module holds the rest of it
    let is_test = |source: &Source| {
        let path = Path::new(&source.path).with_extension("");
        path.iter().any(|part| test_modules.contains(part.to_string_lossy().as_ref()))
    };
    let kept = all.into_iter().filter(|source| !is_test(source));
    kept.map(|source| Source { text: without_tests(&source.text), ..source }).collect()
}

/// The names in `#[cfg(test)] mod name;`.
fn test_modules(text: &str) -> Vec<String> {
    let behind = text.split("#[cfg(test)]").skip(1);
    let name = |text: &str| {
        let line = text.trim_start().lines().next()?;
        Some(line.strip_suffix(';')?.rsplit_once("mod ")?.1.to_owned())
    };
    behind.filter_map(name).collect()
}

fn without_tests(text: &str) -> String {
    // tests stand at the end of a file, so the rest of it is left out
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    text[..end].to_owned()
}

/// The names in a section of a crate's manifest.
fn dependencies(name: &str, section: &str) -> BTreeSet<String> {
    let path = repository().join("crates").join(name).join("Cargo.toml");
    let manifest = fs::read_to_string(path).expect("readable");
    // read as lines from the heading of the section to the next one
    let lines = manifest.lines().skip_while(|line| *line != section).skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    let names = lines.filter_map(|line| line.split(['.', ' ', '=']).next());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Every line that holds one of the words, with its file and number.
fn lines_with(sources: &[Source], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        for (index, line) in source.text.lines().enumerate() {
            // comments and texts count as well
            if words.iter().any(|word| line.to_lowercase().contains(word)) {
                found.push(format!("{}:{}: {}", source.path, index + 1, line.trim()));
            }
        }
    }
    found
}

// compared with, so that a failure prints what was found
const NONE: [&str; 0] = [];

#[test]
fn the_crates_are_those_of_the_map() {
    let folders = fs::read_dir(repository().join("crates")).expect("a folder");
    let mut found: Vec<String> = folders
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    found.sort();
    assert_eq!(found, CRATES);
    let map = fs::read_to_string(repository().join("ARCHITECTURE.md")).expect("readable");
    for name in CRATES {
        assert!(map.contains(&format!("### crates/{name}\n")), "crates/{name} is not in the map");
    }
}

#[test]
fn crates_depend_only_forwards() {
    // what may stand in a manifest; a crate may do without
    let allowed: BTreeMap<&str, &[&str]> = [
        ("stats", &[] as &[&str]),
        ("study", &[]),
        ("simulate", &[]),
        ("engine", &["study"]),
        ("ingest", &["engine", "study"]),
        ("clean", &["engine", "study"]),
        ("analyze", &["engine", "stats", "study"]),
        ("report", &["engine", "study"]),
        ("cli", &["analyze", "clean", "engine", "ingest", "report", "study"]),
    ]
    .into();
    for name in CRATES {
        let siblings: Vec<String> = dependencies(name, "[dependencies]")
            .into_iter()
            .filter(|dependency| CRATES.contains(&dependency.as_str()))
            .filter(|dependency| !allowed[name].contains(&dependency.as_str()))
            .collect();
        assert_eq!(siblings, NONE, "crates/{name} must not depend on these");
    }
}

#[test]
fn stats_knows_no_frames_no_files_and_no_serde() {
    let found = dependencies("stats", "[dependencies]");
    // `statrs` is what the numbers of `stats` are tested against, so it must not make
    // them
    let forbidden = ["polars", "polars-io", "serde", "serde_json", "serde_yaml", "csv", "statrs"];
    let wrong: Vec<&str> =
        forbidden.into_iter().filter(|dependency| found.contains(*dependency)).collect();
    assert_eq!(wrong, NONE);
}

#[test]
fn what_computes_and_prints_names_no_polars() {
    for member in ["analyze", "report", "stats"] {
        let mut named =
            production(member).into_iter().filter(|source| source.text.contains("polars::"));
        assert_eq!(named.next().map(|source| source.path), None);
    }
}

#[test]
fn report_computes_no_statistic() {
    // in tests too, where an expected value could be computed instead of known
    for section in ["[dependencies]", "[dev-dependencies]"] {
        let found = dependencies("report", section);
        for forbidden in ["stats", "statrs", "nalgebra"] {
            assert!(!found.contains(forbidden), "report has `{forbidden}` in {section}");
        }
    }
}

#[test]
fn analyze_formats_no_number() {
    // digits behind the point are chosen in report/src/format.rs alone
    let found = production("analyze").into_iter().flat_map(|source| {
        let lines: Vec<String> = source.text.lines().map(str::to_owned).collect();
        lines.into_iter().filter(|line| {
            // a format with decimals, such as `{:.2}` or `{:.*}`
            line.match_indices(":.")
                .any(|(at, _)| line[at + 2..].starts_with(|c: char| c.is_ascii_digit() || c == '*'))
        })
    });
    assert_eq!(found.collect::<Vec<_>>(), NONE);
}

#[test]
fn only_the_engine_and_the_screen_touch_files() {
    let words = ["std::fs", "fs::read", "fs::write", "file::open", "file::create", "std::env"];
    for name in ["analyze", "clean", "ingest", "report", "stats", "study"] {
        assert_eq!(lines_with(&production(name), &words), NONE);
    }
}

#[test]
fn nothing_made_depends_on_the_clock() {
    // the time of day, which would get into outputs
    let words = ["systemtime", "utc::now", "local::now", "zoned::now", "timestamp::now"];
    for name in CRATES {
        assert_eq!(lines_with(&production(name), &words), NONE);
    }
    // durations are measured for the screen, by the engine and the command line alone
    for name in ["analyze", "clean", "ingest", "report", "stats", "study"] {
        assert_eq!(lines_with(&production(name), &["instant::now"]), NONE);
    }
}

#[test]
fn nothing_of_this_study_is_in_the_crates() {
    let words = [
        "hnscc",
        "head and neck",
        "nasopharyn",
        "oropharyn",
        "larynx",
        "radiotherap",
        "immunotherap",
        "pembrolizumab",
        "nivolumab",
        "camrelizumab",
        "pd-l1",
        "checkpoint inhibitor",
        "ici_start",
        "veteran",
        "\"karno\"",
        "`karno`",
    ];
    // the generator makes this study's data and is used by no other crate
    for name in CRATES.into_iter().filter(|name| *name != "simulate") {
        let found = lines_with(&production(name), &words);
        assert_eq!(found, NONE);
    }
}

/// How many kinds a file makes; an analysis is one by `analyze`'s own contract.
fn contracts(source: &Source) -> usize {
    // at the beginning of a line, so that a mention in a comment does not count
    let of = |contract: &str| source.text.matches(contract).count();
    of("\nimpl Kind for ") + of("\nimpl Analysis for ")
}

/// The kinds by their files: the stage crates' `kinds/<name>.rs` that hold one.
fn kinds() -> Vec<(&'static str, String, Source)> {
    let mut found = Vec::new();
    for name in ["ingest", "clean", "analyze", "report"] {
        for source in sources(name) {
            let path = PathBuf::from(&source.path);
            let is_direct = path.parent().is_some_and(|folder| folder.ends_with("kinds"));
            if is_direct && contracts(&source) > 0 {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                found.push((name, stem, source));
            }
        }
    }
    found
}

#[test]
fn a_kind_is_the_file_of_its_name_and_a_line_in_the_list() {
    let kinds = kinds();
    // a search that finds nothing would pass everything below
    assert!(kinds.len() > 30, "{} kinds", kinds.len());
    for (name, kind, source) in &kinds {
        let constant = format!("const NAME: &'static str = \"{kind}\";");
        assert!(source.text.contains(&constant), "{} is not of kind `{kind}`", source.path);
        let read = |file: &str| {
            let path = repository().join("crates").join(name).join("src").join(file);
            fs::read_to_string(path).expect("readable")
        };
        let list = read("kinds/mod.rs") + &read("lib.rs");
        assert!(list.contains(&format!("mod {kind};")), "`{kind}` is not in the list of {name}");
        let offered = |end: &str| list.contains(&format!("{}{end}(Section::", camel_case(kind)));
        assert!(offered(">") || offered(">>"), "`{kind}` is not offered");
    }
    let counted: usize = ["ingest", "clean", "analyze", "report"]
        .into_iter()
        .flat_map(sources)
        .map(|source| contracts(&source))
        .sum();
    // counted over all files, not only those in `kinds/`
    assert_eq!(counted, kinds.len(), "a kind stands outside of `kinds/`");
}

/// `kaplan_meier` to `KaplanMeier`.
fn camel_case(name: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('_').map(word).collect()
}

#[test]
fn every_kind_is_tested_in_its_crate() {
    for (name, kind, source) in kinds() {
        let folder = format!("{name}/src/kinds/{kind}/");
        let mut tests = vec![];
        collect(&repository().join("crates").join(name).join("tests"), &mut tests);
        let elsewhere =
            tests.iter().any(|path| fs::read_to_string(path).expect("readable").contains(&kind));
        let beside = sources(name).iter().any(|other| {
            let below = other.path.starts_with(&folder);
            let named = [format!("{kind}::"), format!("<{}>", camel_case(&kind))];
            let names = named.iter().any(|name| other.text.contains(name));
            other.text.contains("#[test]") && (below || names)
        });
        assert!(
            source.text.contains("#[test]") || beside || elsewhere,
            "kind `{kind}` of {name} has no test"
        );
    }
}

#[test]
fn the_engine_names_no_kind() {
    let engine = production("engine");
    for (_, kind, _) in kinds() {
        // only where a kind is named as such: some names are plain words
        let quoted = [format!("\"{kind}\""), format!("`{kind}`"), format!("kind: {kind}")];
        let words: Vec<&str> = quoted.iter().map(String::as_str).collect();
        assert_eq!(lines_with(&engine, &words), NONE);
    }
}

#[test]
fn every_kind_of_analysis_is_checked_against_r() {
    let compares = |source: &Source| {
        let path = &source.path;
        source.text.contains("#[test]")
            && ["read_reference", "Reference {"].iter().any(|way| source.text.contains(way))
            // the helper that reads references compares nothing itself
            && !path.ends_with("testing.rs")
    };
    let checks: Vec<Source> = sources("analyze").into_iter().filter(compares).collect();
    for (_, kind, _) in kinds().into_iter().filter(|(name, _, _)| *name == "analyze") {
        let folder = format!("analyze/src/kinds/{kind}/");
        let named = [format!("{kind}::"), format!("<{}>", camel_case(&kind))];
        let is_checked = checks.iter().any(|source| {
            let names = named.iter().any(|name| source.text.contains(name));
            names || source.path.starts_with(&folder)
        });
        assert!(is_checked, "no test compares `{kind}` with R");
    }
}

#[test]
fn every_reference_has_the_script_that_made_it() {
    for entry in fs::read_dir(repository().join("tests/reference")).expect("a folder") {
        let folder = entry.expect("readable").path();
        if folder.is_dir() && folder.file_name().is_some_and(|name| name != "data") {
            assert!(folder.join("make.R").exists(), "{} lacks make.R", folder.display());
            assert!(folder.join("values.json").exists(), "{} lacks values", folder.display());
        }
    }
}

#[test]
fn files_open_with_their_purpose_and_stay_readable() {
    let mut paths = Vec::new();
    collect(&repository().join("crates"), &mut paths);
    collect(&repository().join("tests"), &mut paths);
    for path in paths {
        let text = fs::read_to_string(&path).expect("readable");
        assert!(text.starts_with("//! "), "{} does not say what it is for", path.display());
        let lines = text.lines().count();
        assert!(lines <= 600, "{} has {lines} lines: split it by sense", path.display());
    }
}

#[test]
fn nothing_is_left_for_later() {
    // put together, so that this file does not hold them itself
    let marks = [["to", "do"].concat(), ["fix", "me"].concat(), ["unimple", "mented!"].concat()];
    let words: Vec<&str> = marks.iter().map(String::as_str).collect();
    for name in CRATES {
        assert_eq!(lines_with(&sources(name), &words), NONE);
    }
}
