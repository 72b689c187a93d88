//! `validation_table`: how near the estimators come to those of others.

use std::collections::BTreeSet;

use engine::{Call, Kind, Mistake, Mistakes, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, Reading, StudySettings, Tolerance};

use crate::analysis::Analysis;
use crate::evidence::Evidence;
use crate::listing::{self, Second};
use crate::lookup::About;
use crate::table::{Cell, Column, FindingCell, PrintedTable, Row, announced, finish};
use crate::validation::{self, Validated};
use crate::{format, words};
use study::capitalised;

/// How near this version of the program comes to other programs. Of each estimator: the data sets,
/// functions and versions of R that its tests compare it with, how many values, and the largest
/// relative difference. Beside it, where a study has an entry of kind `second_opinion`, the tails and
/// quantiles behind its own p-values and limits, computed again; and where a second program was
/// written for the study, how many of its findings that confirms.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidationTable {
    /// Title of the table.
    #[serde(default = "default_title")]
    pub title: String,
    /// The `second_opinion` entry of `analyze`.
    #[serde(default)]
    pub second_opinion: Option<String>,
    /// The results of a second program for the same study, as `restudy qc` reads them: a CSV
    /// file with the columns `id`, `value`, `lower` and `upper`, relative to the pipeline file.
    #[serde(default)]
    pub second_program: Option<String>,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

fn default_title() -> String {
    "Validation of this version of the program, and a second opinion on this run".to_owned()
}

/// The words of distributions, by their names in ids.
const DISTRIBUTIONS: [(&str, &str, &str); 7] = [
    ("normal_tail", "Normal distribution, both tails", "p-values"),
    ("chi_square_tail", "Chi-square, upper tail", "p-values"),
    ("student_t_tail", "Student\u{2019}s t, both tails", "p-values"),
    ("f_tail", "F, upper tail", "p-values"),
    ("normal_quantile", "Normal distribution, quantiles", "limits"),
    ("student_t_quantile", "Student\u{2019}s t, quantiles", "limits"),
    ("beta_quantile", "Beta, quantiles", "limits"),
];

impl Kind for ValidationTable {
    const NAME: &'static str = "validation_table";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        let read = |entry: &String| Read::stage(entry, Section::Analyze, &["second_opinion"]);
        // A second program is held against every finding.
        let all = self.second_program.as_ref().map(|_| Read::Section(Section::Analyze));
        Wiring {
            reads: self.second_opinion.iter().map(read).chain(all).collect(),
            files: self.second_program.iter().cloned().collect(),
            ..Wiring::default()
        }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.opinion(&Evidence::of(call))?;
        // Read in a rehearsal too: its file is there before anything runs.
        self.second(call)?;
        Ok(announced(call, &self.title))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let evidence = Evidence::of(call);
        let mut table = PrintedTable::of(vec![
            Column::words("estimator", "Estimator"),
            Column::words("data", "Data"),
            Column::words("compared_with", "Compared with"),
            Column::numbers("values", "Values"),
            Column::numbers("largest_difference", "Largest relative difference"),
            Column::words("farthest", "Found in"),
        ]);
        estimators(&mut table, &validation::with_r());
        if let Some(opinion) = self.opinion(&evidence)? {
            second_opinion(&mut table, opinion, call.study);
        }
        if let Some((path, second)) = self.second(call)? {
            second_program(&mut table, path, &second, &evidence);
        }
        Ok(finish(call, &self.title, self.note.as_deref(), table))
    }
}

impl ValidationTable {
    fn opinion<'a>(&self, evidence: &'a Evidence) -> Result<Option<Analysis<'a>>, Mistakes> {
        let named = self.second_opinion.as_deref();
        let of = |name| evidence.of_kind(name, &["second_opinion"], &["second_opinion"]);
        Ok(named.map(of).transpose()?)
    }

    /// The numbers of the second program, with the file they stand in.
    fn second(&self, call: &Call<'_>) -> Result<Option<(&str, Vec<Second>)>, Mistakes> {
        let Some(path) = self.second_program.as_deref() else { return Ok(None) };
        let second = listing::read_second(call.file(path)).map_err(|error| {
            Mistake::at(&["second_program"], format!("`{path}` holds no results: {error}")).hint(
                "it is a CSV file with the columns `id` and `value`, and `lower` and `upper` for limits",
            )
        })?;
        Ok(Some((path, second)))
    }
}

/// The estimators beside those of R.
fn estimators(table: &mut PrintedTable, all: &[Validated]) {
    table.rows.push(Row::section("Estimators of the program against R"));
    for one in all {
        table.rows.push(Row::values(vec![
            Cell::text(capitalised(&words::named(&one.estimator))),
            Cell::text(match one.data.is_empty() {
                true => "given numbers".to_owned(),
                false => one.data.join(", ").replace('_', " "),
            }),
            Cell::text(format!(
                "{} ({})",
                one.functions.replace("; ", ", "),
                one.software.replace("; ", ", ")
            )),
            Cell::text(format::count(one.values)),
            Cell::text(format::scientific(one.largest_difference)),
            // Of one data set there is nothing to tell.
            Cell::text(if one.data.len() > 1 {
                one.farthest.replace('_', " ")
            } else {
                String::new()
            }),
        ]));
    }
    let values: u64 = all.iter().map(|one| one.values).sum();
    table.note(format!(
        "Against R: {} values that the tests of restudy {} compare, on data sets of R packages and made-up ones (tests/reference/data); not of this study. Differences are relative to the value of R, of vectors to their largest; numbers up to 10\u{207b}\u{2076} that differ by no more than 10\u{207b}\u{b9}\u{2074} count as zero.",
        format::count(values),
        env!("CARGO_PKG_VERSION"),
    ));
    table.note("Written out: computed in R from the formula, as no function gives it.");
}

/// The tails and quantiles of this run, computed again.
fn second_opinion(table: &mut PrintedTable, opinion: Analysis<'_>, study: &StudySettings) {
    let of = |statistic: &'static str, name: &str| -> Option<&Finding> {
        opinion.get(statistic, &About { method: Some(name), ..About::WHOLE })
    };
    let count = |finding: Option<&Finding>| finding.and_then(|one| one.value).unwrap_or_default();
    table.rows.push(Row::section("Tails and quantiles of this run, computed again"));
    for (name, words, what) in DISTRIBUTIONS {
        let checked = of("checked", name);
        // A distribution that no analysis of the study used.
        if count(checked) == 0.0 {
            continue;
        }
        // The finding is a number of digits that agree: 12 is printed as 10⁻¹².
        let power = |one: &Finding| format::negative_power(one.value.unwrap_or_default() as u32);
        let apart =
            |one: &Finding| format!("{what} of this run, no more than {} apart", power(one));
        table.rows.push(Row::values(vec![
            Cell::text(words),
            Cell::of(of("agreeing_decimals", name), apart),
            Cell::text(format!("statrs {}", validation::statrs())),
            Cell::value(checked, study),
            Cell::of(of("agreeing_digits", name), |one| format!("\u{2264} {}", power(one))),
        ]));
    }
    table.rows.push(Row::section("The same by kind of analysis"));
    for checked in opinion.of_statistic("checked_of_kind") {
        let kind = checked.address.method().unwrap_or_default();
        let open = of("not_checked_of_kind", kind);
        if count(Some(checked)) + count(open) == 0.0 {
            continue;
        }
        let words = |one: &Finding| format!("{} not computed again", format::value(one, study));
        table.rows.push(Row::values(vec![
            Cell::text(capitalised(&words::named(kind))),
            Cell::of(open.filter(|one| count(Some(one)) > 0.0), words),
            Cell::default(),
            Cell::value(Some(checked), study),
        ]));
    }
    table.note("Computed again: p-values and limits from the statistic, degrees of freedom, standard error or counts that stand beside them. statrs takes the maths of the machine, so that the difference is rounded up to a power of ten and not below 10\u{207b}\u{b9}\u{b2}. Not computed again: exact, permutation and adjusted p-values, limits by profile or bootstrap, quantiles read off curves, and numbers beside which no statistic stands.");
}

/// The findings of this run beside the numbers of a second program.
fn second_program(table: &mut PrintedTable, path: &str, second: &[Second], evidence: &Evidence) {
    let own: Vec<Reading> = evidence.findings().map(listing::reading).collect();
    let tolerance = Tolerance { all: listing::TOLERANCE, ..Tolerance::default() };
    let told = listing::beside(&own, second, &tolerance);
    let mut kinds: Vec<&str> = own.iter().map(|reading| reading.kind.as_str()).collect();
    let mut seen = BTreeSet::new();
    kinds.retain(|kind| seen.insert(*kind));
    let count = |count: usize| format::count(count as u64);
    table.rows.push(Row::section("Findings of this run, programmed a second time"));
    for kind in kinds {
        let compared = || told.compared.iter().filter(|both| both.kind == kind);
        let all = compared().count();
        // A kind of which the second program has nothing is not counted as confirmed.
        if all == 0 {
            continue;
        }
        let apart = compared().filter(|both| !both.agrees()).count();
        let farthest = listing::farthest(compared());
        table.rows.push(Row::values(vec![
            Cell::text(capitalised(&words::named(kind))),
            Cell::text(match apart {
                0 => String::new(),
                apart => format!("{} not confirmed", count(apart)),
            }),
            Cell::code(path),
            Cell::text(count(all)),
            Cell::text(farthest.map_or("0".to_owned(), |both| format::scientific(both.largest()))),
            farthest.map_or_else(Cell::default, |both| Cell::code(&both.id)),
        ]));
    }
    let unknown = match told.second_only.len() {
        0 => String::new(),
        ids => format!("; {} of its ids are of no finding", count(ids)),
    };
    table.note(format!(
        "Programmed a second time: a second program, whose results are in {path}, has {} of the {} findings of this run, and confirms {} with the limits it gives, to a relative difference of {}{unknown}.",
        count(told.compared.len()),
        count(told.findings),
        count(told.confirmed()),
        format::scientific(listing::TOLERANCE),
    ));
}

#[cfg(test)]
mod tests;
