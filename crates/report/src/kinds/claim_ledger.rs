//! `claim_ledger`: every published number beside the recomputed one.

use engine::{Call, Kind, Mistakes, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Output, StudySettings, Verdict};

use crate::analysis::Words;
use crate::evidence::Evidence;
use crate::exhibit::sentence;
use crate::ledger::{self, Compared, Entry};
use crate::table::{Cell, Column, PrintedTable, Row, Tone, announced, finish};

/// The ledger of the `claims:` section: each published number, the
/// recomputed one in full and as it would be printed, the verdict, and the
/// method that agrees. A claim that asks for several methods (its `finding`
/// ends in `*`) has a row for each of them.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimLedger {
    /// Title of the table.
    #[serde(default = "default_title")]
    pub title: String,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

fn default_title() -> String {
    "Published claims and what the data give".to_owned()
}

impl Kind for ClaimLedger {
    const NAME: &'static str = "claim_ledger";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let labels = Read::table(&study.analysis_table, &[]);
        let reads = vec![Read::Claims, Read::Section(Section::Analyze), labels];
        Wiring { reads, ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        // The engine itself checks what claims name, as they need no ledger.
        Ok(announced(call, &self.title))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let evidence = Evidence::of(call);
        let words = Words::of(call, None);
        let entries = ledger::entries(call.claims, call.study, &evidence)?;
        let table = table(&entries, &words, call.study);
        Ok(finish(call, &self.title, self.note.as_deref(), table))
    }
}

fn table(entries: &[Entry<'_>], words: &Words<'_>, study: &StudySettings) -> PrintedTable {
    let mut table = PrintedTable::of(vec![
        Column::words("claim", "Claim"),
        Column::words("place", "Where"),
        Column::words("published", "Published"),
        // In the digits of the source, so that both can be compared by eye. The full number stands
        // behind it for whoever doubts the rounding.
        Column::numbers("as_printed", "Recomputed"),
        Column::numbers("recomputed", "In full"),
        Column::words("verdict", "Verdict"),
        Column::words("method", "Method"),
    ]);
    for entry in entries {
        rows(&mut table, entry, study);
    }
    table.tell_populations(
        words,
        entries.iter().flat_map(|entry| &entry.compared).map(|compared| compared.finding),
    );
    let tally = ledger::tally(entries).into_iter();
    let counts: Vec<String> =
        tally.map(|(verdict, count)| format!("{} {count}", verdict.words())).collect();
    table.note(format!("Claims: {}; {}.", entries.len(), counts.join(", ")));
    table.note("Exact, the same number; rounds to, no more than half a unit of the last printed digit away; within tolerance, no further off than the claim allows; not verifiable, nothing in the data can tell.");
    table
}

fn rows(table: &mut PrintedTable, entry: &Entry<'_>, study: &StudySettings) {
    let claim = entry.claim;
    let mut first = Cell::text(&claim.label);
    if let Some(note) = &claim.note {
        first = first.noted(table.footnotes.place(&sentence(note)));
    }
    // Where a source names no method, the first that agrees is shown, and all that agree are named.
    let best = entry.compared.iter().find(|one| one.verdict == entry.verdict);
    let mut cells = vec![first, Cell::text(&claim.place), Cell::text(ledger::published(claim))];
    match best {
        Some(best) => cells.extend(numbers(entry, best, study)),
        None => cells.extend([Cell::default(), Cell::default()]),
    }
    cells.push(verdict(entry.verdict));
    let agreeing = entry.compared.iter().filter(|one| one.verdict == entry.verdict);
    let mut methods: Vec<String> = Vec::new();
    for method in agreeing.map(|one| {
        sentence(&crate::words::method(&one.finding.method)).trim_end_matches('.').to_owned()
    }) {
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    cells.push(Cell::text(methods.join("; ")));
    table.rows.push(Row::values(cells));
    // Each method has a row as well, so that agreement by the luck of many methods can be seen.
    if entry.compared.len() > 1 {
        table.rows.extend(entry.compared.iter().map(|one| variant(entry, one, study)));
    }
}

/// The row of one of several methods.
fn variant(entry: &Entry<'_>, one: &Compared<'_>, study: &StudySettings) -> Row {
    let mut cells = vec![
        Cell::text(sentence(&crate::words::method(&one.finding.method)).trim_end_matches('.'))
            .toned(Tone::Quiet),
    ];
    cells.extend([Cell::default(), Cell::default()]);
    cells.extend(numbers(entry, one, study));
    cells.push(match one.verdict {
        // A method that the source may not have used contradicts nothing.
        Verdict::Contradicts => Cell::text("differs").toned(Tone::Quiet),
        agrees => verdict(agrees),
    });
    Row::below(cells)
}

fn numbers(entry: &Entry<'_>, one: &Compared<'_>, study: &StudySettings) -> [Cell; 2] {
    let id = Some(one.finding.id());
    [one.as_printed(entry.claim, study), one.in_full(entry.claim)]
        .map(|text| Cell { finding: id.clone(), ..Cell::text(text) })
}

fn verdict(verdict: Verdict) -> Cell {
    Cell::text(verdict.words()).toned(match verdict {
        Verdict::Exact | Verdict::RoundsTo | Verdict::WithinTolerance => Tone::Agrees,
        Verdict::Contradicts => Tone::Disagrees,
        Verdict::NotVerifiable => Tone::Open,
    })
}
