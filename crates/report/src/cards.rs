//! The cards of a page: for every finding that it prints what the number is,
//! at full precision, by which method, of whom, and where it comes from. What
//! all cards of an analysis have in common is said once.

mod printed;
mod words;

use engine::{Call, Origin, Provenance};
use serde::Serialize;
use study::{Finding, StudySettings};

use crate::analysis::{Analysis, Words};
use crate::evidence::Evidence;
use crate::lookup::distinct_warnings;

pub(crate) use printed::{Place, Printed, number_link};

/// The cards of one entry of `analyze`.
#[derive(Debug, Serialize)]
pub(crate) struct Entry<'a> {
    name: &'a str,
    kind: String,
    /// The endpoint in words, where all its numbers are about one.
    endpoint: Option<String>,
    /// How many cards there are.
    count: usize,
    /// Where it stands in the pipeline file, such as `lines 12 to 18`.
    lines: Option<String>,
    /// These lines as they are written.
    text: &'a str,
    /// The raw columns that its numbers can come from, table by table.
    raw: String,
    alike: Vec<Alike<'a>>,
}

/// Cards of one method, one population and the same warnings.
#[derive(Debug, Serialize)]
struct Alike<'a> {
    method: String,
    population: String,
    warnings: Vec<String>,
    cards: Vec<Card<'a>>,
}

/// One finding.
#[derive(Debug, Serialize)]
struct Card<'a> {
    id: String,
    /// What it is, in words.
    definition: String,
    /// The number at full precision, or why there is none.
    value: String,
    /// Its unit, limits and standard error.
    precision: String,
    /// Patients, events and missing ones.
    counts: String,
    /// Where it is printed.
    places: &'a [Place],
}

/// What cards are made from.
pub(crate) struct Sources<'a> {
    pub(crate) call: &'a Call<'a>,
    pub(crate) evidence: &'a Evidence,
}

impl<'a> Sources<'a> {
    /// The cards of what is printed, in the order of the pipeline file.
    pub(crate) fn entries(&self, printed: &'a Printed) -> Vec<Entry<'a>> {
        let of_analysis = |analysis: Analysis<'a>| {
            let found = analysis.findings.iter().filter_map(|finding| {
                let places = printed.places(&finding.id())?;
                Some((finding, places))
            });
            let found: Vec<_> = found.collect();
            (!found.is_empty()).then(|| self.entry(&analysis, &found))
        };
        self.evidence.analyses().filter_map(of_analysis).collect()
    }

    /// Where everything comes from.
    ///
    /// # Panics
    /// If the stage does not read it: a bug in the kind.
    pub(crate) fn provenance(&self) -> &'a Provenance {
        self.call.provenance.as_deref().expect("invariant: the wiring reads it")
    }

    fn entry(&self, analysis: &Analysis<'a>, found: &[(&'a Finding, &'a [Place])]) -> Entry<'a> {
        let by = analysis.methods.and_then(|account| account.groups.as_ref());
        let words = Words::of(self.call, by.map(|groups| groups.column.as_str()));
        // An analysis of several endpoints says at each card which one it is of. Where all numbers
        // share one it would be read hundreds of times.
        let mut endpoints = found.iter().map(|(finding, _)| finding.endpoint.as_deref());
        let first = endpoints.next().flatten();
        let shared = first.filter(|_| endpoints.all(|other| other == first));
        let said = words::Said { words, study: self.call.study, shared_endpoint: shared };
        let origin = self.provenance().origins.get(analysis.name);
        Entry {
            name: analysis.name,
            kind: crate::words::named(analysis.kind().unwrap_or_default()),
            endpoint: shared.map(|name| words.endpoint(name)),
            count: found.len(),
            lines: origin.map(lines),
            text: origin.map_or("", |origin| origin.text.as_str()),
            raw: origin.map(raw_columns).unwrap_or_default(),
            alike: alike(found, &said),
        }
    }
}

/// The cards, those of one method, population and warnings together.
fn alike<'a>(found: &[(&'a Finding, &'a [Place])], said: &words::Said<'_>) -> Vec<Alike<'a>> {
    let mut all: Vec<Alike<'a>> = Vec::new();
    for (finding, places) in found {
        let method = crate::words::method(&finding.method);
        let population = said.population(finding);
        let warnings: Vec<String> =
            distinct_warnings([*finding]).into_iter().map(crate::words::warning).collect();
        let card = card(finding, places, said);
        let is_alike = |one: &&mut Alike<'_>| {
            one.method == method && one.population == population && one.warnings == warnings
        };
        // Not only neighbours are put together: statistics of one method stand apart where an
        // analysis goes through its groups.
        match all.iter_mut().find(is_alike) {
            Some(one) => one.cards.push(card),
            None => all.push(Alike { method, population, warnings, cards: vec![card] }),
        }
    }
    all
}

fn card<'a>(finding: &Finding, places: &'a [Place], said: &words::Said<'_>) -> Card<'a> {
    Card {
        id: finding.id(),
        definition: said.definition(finding),
        value: words::value(finding, said.study),
        precision: words::precision(finding),
        counts: words::counts(finding, said.study),
        places,
    }
}

fn lines(origin: &Origin) -> String {
    match origin.lines {
        // An entry may be written on one line, in braces.
        [first, last] if first == last => format!("line {first}"),
        [first, last] => format!("lines {first} to {last}"),
    }
}

/// Raw columns by their tables: `followup: death_date, last_contact; labs: albumin`.
fn raw_columns(origin: &Origin) -> String {
    let raw: Vec<_> = origin.raw.iter().collect();
    // The set is ordered by table, so that the columns of one stand side by side.
    let tables = raw.chunk_by(|one, other| one.table == other.table).map(|columns| {
        let names: Vec<&str> = columns.iter().map(|raw| raw.column.as_str()).collect();
        format!("{}: {}", columns[0].table, names.join(", "))
    });
    tables.collect::<Vec<_>>().join("; ")
}

/// What of the findings is kept back, in words.
pub(crate) fn suppressed(evidence: &Evidence, study: &StudySettings) -> String {
    words::suppressed(evidence.findings(), study)
}

#[cfg(test)]
mod tests;
