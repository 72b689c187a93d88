//! Whether ranges of what an abstract implies hold the truth: from a summary as
//! abstracts print it alone, on public data and on simulated trials, six
//! numbers of the whole data are looked for in the printed range.
//!
//! The whole study takes minutes and is run by
//!
//!     cargo test -p restudy-stats --test honesty -- --ignored
//!
//! which compares it with `coverage.csv`, or writes that anew where the variable
//! `WRITE_COVERAGE` is set. A part of it runs with all tests.

mod data;
mod summary;
mod trials;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use rayon::prelude::*;
use restudy_stats::identified_set::{Cohort, Effort, coverage, values};

use data::Data;
use summary::{Summary, quoted};

/// Public data with two arms, by their file, their column of arms, what is left
/// out, and how many days are in a unit of time.
const PUBLIC: [&str; 8] =
    ["aml", "ovarian", "veteran", "lung", "pbc_trial", "colon_death", "myeloid", "gbsg"];
/// Trials that a part of the study takes: each so many-th.
const PART: usize = 12;
/// Cohorts of up to, and of more than, so many subjects.
const COHORTS: [u64; 2] = [30, 20];
const MANY: u32 = 300;
const STARTS: usize = 5;
const OUTWARD_MOVES: u32 = 6_000;

/// What is studied: its group, its name and the data.
struct Case {
    group: String,
    name: String,
    data: Data,
}

fn cases() -> Vec<Case> {
    let public = PUBLIC.into_iter().map(|name| Case {
        group: "public".to_owned(),
        name: name.to_owned(),
        data: Data::read(name),
    });
    let simulated = trials::all().into_iter().map(|(mechanism, number, data)| Case {
        group: mechanism.to_owned(),
        name: format!("trial {number}"),
        data,
    });
    public.chain(simulated).collect()
}

/// A row for each of the six numbers: the truth, the range over cohorts and that
/// of searches outward, and whether either holds the truth.
fn rows(case: &Case, place: usize) -> String {
    let summary = Summary::of(&case.data);
    let problem = summary.problem();
    let n = case.data.days.len() as u32;
    // Larger data need more moves, as one subject moves at a time.
    let effort = Effort { moves: 100_000.max(600 * n), attempts: 5 };
    let seed = place as u64;
    let numbers = 0..COHORTS[usize::from(n > MANY)];
    let cohorts: Vec<Cohort> =
        problem.cohorts(numbers, seed, effort).into_iter().flatten().collect();
    let statistics = quoted(summary.half, summary.end);
    let sampled = values(&statistics, &cohorts);
    let reached = problem.reach(&statistics, &cohorts, STARTS, seed + 1_000, OUTWARD_MOVES);
    let mut text = String::new();
    let names = [
        "hazard_ratio",
        "before",
        "after",
        "restricted_mean_difference",
        "survival_0",
        "survival_1",
    ];
    for (((name, statistic), values), reached) in
        names.iter().zip(&statistics).zip(sampled).zip(reached)
    {
        let truth = case.data.statistic(*statistic);
        // A number that the whole data do not define cannot be in a range.
        if truth.is_nan() {
            continue;
        }
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = reached.map_or((least, greatest), |own| (own.least, own.greatest));
        // Either range counts: readers are shown the wider.
        let holds = least.min(low) <= truth + SAME && truth - SAME <= greatest.max(high);
        writeln!(
            text,
            "{},{},{n},{name},{truth:.4},{least:.4},{greatest:.4},{low:.4},{high:.4},{},{}",
            case.group,
            case.name,
            cohorts.len(),
            u8::from(holds)
        )
        .expect("a string takes every text");
    }
    text
}

/// What rounding leaves between two sums.
const SAME: f64 = 1e-9;
const HEADER: &str =
    "group,name,n,statistic,truth,least,greatest,least_searched,greatest_searched,cohorts,holds";

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/honesty/coverage.csv")
}

fn committed() -> String {
    fs::read_to_string(path()).expect("the committed study")
}

#[test]
#[ignore = "takes minutes"]
fn the_whole_study_is_as_committed() {
    let cases = cases();
    let rows: Vec<String> =
        cases.par_iter().enumerate().map(|(place, case)| rows(case, place)).collect();
    let text = format!("{HEADER}\n{}", rows.concat());
    if std::env::var_os("WRITE_COVERAGE").is_some() {
        fs::write(path(), &text).expect("writable");
        let sums = counted(&text);
        let sums = sums.iter().map(|(group, [holds, of])| format!("{group},{holds},{of}\n"));
        let sums = format!("group,holds,of\n{}", sums.collect::<String>());
        let told = concat!(env!("CARGO_MANIFEST_DIR"), "/src/identified_set/coverage.csv");
        fs::write(told, sums).expect("writable");
    }
    assert_eq!(text, committed());
}

/// A part of the study gives the committed rows to the letter.
#[test]
fn a_part_of_the_study_is_as_committed() {
    let committed = committed();
    let cases = cases();
    let is_small = |case: &Case| case.group != "public" || case.data.days.len() < 60;
    let part: Vec<(usize, &Case)> = (cases.iter().enumerate())
        // The first two cases, which are small public data, and every twelfth.
        .filter(|(place, case)| is_small(case) && (*place < 2 || place % PART == 0))
        .collect();
    assert!(part.len() > 15, "{}", part.len());
    let found: Vec<String> = part.par_iter().map(|(place, case)| rows(case, *place)).collect();
    for (text, (_, case)) in found.iter().zip(part) {
        assert!(!text.is_empty());
        assert!(committed.contains(text.as_str()), "{} {}:\n{text}", case.group, case.name);
    }
}

/// How often the range held the truth, by group.
fn counted(text: &str) -> BTreeMap<String, [u32; 2]> {
    let mut counts: BTreeMap<String, [u32; 2]> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let own = counts.entry(cells[0].to_owned()).or_default();
        own[0] += u32::from(cells[10] == "1");
        own[1] += 1;
    }
    counts
}

#[test]
fn the_truth_is_in_the_printed_range_in_most_trials() {
    let counts = counted(&committed());
    assert_eq!(counts.len(), 5);
    for (group, [holds, of]) in &counts {
        let share = f64::from(*holds) / f64::from(*of);
        assert!(share >= 0.95, "{group}: {holds} of {of}");
        assert!(*of >= if group == "public" { 42 } else { 250 }, "{group}: {of}");
    }
    let told = coverage().into_iter().map(|one| (one.group.to_owned(), [one.holds, one.of]));
    assert_eq!(told.collect::<BTreeMap<_, _>>(), counts, "what the program tells of it");
}
