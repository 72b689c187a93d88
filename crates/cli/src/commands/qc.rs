//! `restudy qc`.

use std::collections::BTreeMap;
use std::io::Write;

use report::listing::{self, Beside, Both, Pair};

use super::diff::{Loaded, tolerance, unreadable};
use super::{Done, count};
use crate::arguments::Qc;
use crate::screen::Trouble;

/// How many rows of a list a screen shows.
const SHOWN: usize = 40;

/// Says how the results of a second program stand to the findings of the last run.
pub(crate) fn qc(arguments: &Qc, out: &mut dyn Write) -> Done {
    let mut tolerance = tolerance(&arguments.tolerance)?;
    // one for a single quantity leaves the default for all others
    if !arguments.tolerance.iter().any(|written| !written.contains('=')) {
        tolerance.all = listing::TOLERANCE;
    }
    let path = &arguments.results;
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error.to_string()))?;
    let second =
        listing::read_second(&bytes).map_err(|error| unreadable(path, &error.to_string()))?;
    let study = Loaded::open(&arguments.file.display().to_string())?;
    // nothing to compare must not pass as agreement
    if study.findings.is_empty() {
        return Err(Trouble::Other {
            message: format!("{} has no findings to compare with", arguments.file.display()),
            hint: Some(study.remarks.join("; ")),
        });
    }
    let told = listing::beside(&study.findings, &second, &tolerance);
    match arguments.json {
        true => writeln!(out, "{:#}", json(&told, tolerance.all))?,
        false => tell(&told, second.len(), tolerance.all, out)?,
    }
    Ok(told.agrees())
}

fn json(told: &Beside, tolerance: f64) -> serde_json::Value {
    let mut whole = serde_json::json!({
        "tolerance": tolerance,
        "agrees": told.agrees(),
        "confirmed": told.confirmed(),
        "differing": told.differing().map(|both| &both.id).collect::<Vec<_>>(),
        "largest_difference": told.farthest().map_or(0.0, Both::largest),
        "farthest": told.farthest().map(|both| &both.id),
    });
    let lists = serde_json::to_value(told).expect("invariant: plain values always serialise");
    if let (Some(whole), serde_json::Value::Object(lists)) = (whole.as_object_mut(), lists) {
        whole.extend(lists);
    }
    whole
}

fn tell(told: &Beside, second: usize, all: f64, out: &mut dyn Write) -> std::io::Result<()> {
    let pairs = || told.compared.iter().flat_map(|both| &both.numbers);
    // independent programs seldom reach this: it is told, and nothing hangs on it
    let to_the_bit = |both: &&Both| both.numbers.iter().all(|pair| pair.study == pair.second);
    let rows = [
        ("findings of the study", told.findings),
        ("findings of the second program", second),
        ("in both, compared", told.compared.len()),
        ("  equal within the tolerance", told.confirmed()),
        ("  of these equal to the last bit", told.compared.iter().filter(to_the_bit).count()),
        ("  differing", told.differing().count()),
        ("in both, kept back by the study", told.suppressed.len()),
        ("in the study only", told.study_only.len()),
        ("in the second program only", told.second_only.len()),
        ("numbers compared, with limits", pairs().count()),
        ("  differing", pairs().filter(|pair| !pair.agrees).count()),
    ];
    for (words, number) in rows {
        writeln!(out, "{words:34}{number:8}")?;
    }
    writeln!(out, "tolerance, relative to the larger {all:8e}")?;
    if let Some(farthest) = told.farthest() {
        writeln!(out, "largest relative difference {:14.1e}  {}", farthest.largest(), farthest.id)?;
    }
    let differing: Vec<(&Both, &Pair)> = told
        .differing()
        .flat_map(|both| both.numbers.iter().map(move |pair| (both, pair)))
        .filter(|(_, pair)| !pair.agrees)
        .collect();
    list(out, "Differing", &differing, |(both, pair)| {
        let number = |number: Option<f64>| number.map_or("none".to_owned(), |of| of.to_string());
        let apart = pair.difference.map_or(String::new(), |by| format!(", {by:.1e} apart"));
        let (study, second) = (number(pair.study), number(pair.second));
        format!("{} {}: {study} here, {second} there{apart}", both.id, pair.column)
    })?;
    list(out, "In the second program only", &told.second_only, String::clone)?;
    // a second program computes a few analyses, so the rest is told by analysis
    let mut alone: BTreeMap<&str, usize> = BTreeMap::new();
    for id in &told.study_only {
        *alone.entry(id.split('.').next().unwrap_or(id)).or_default() += 1;
    }
    let alone: Vec<(&str, usize)> = alone.into_iter().collect();
    list(out, "In the study only, by analysis", &alone, |(stage, findings)| {
        format!("{stage}: {}", count(*findings, "finding"))
    })
}

fn list<T>(
    out: &mut dyn Write,
    heading: &str,
    rows: &[T],
    line: impl Fn(&T) -> String,
) -> std::io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{heading}")?;
    for row in rows.iter().take(SHOWN) {
        writeln!(out, "  {}", line(row))?;
    }
    match rows.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => writeln!(out, "  … and {more} more: all of them with --json"),
    }
}
