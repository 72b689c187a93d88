//! `checklist`: a guideline for reports, filled in from the study.

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::printed::Link;
use study::{Output, StudySettings};

use crate::checklist::{Guideline, Item, Seen, texts};
use crate::evidence::Evidence;
use crate::format;
use crate::table::{Cell, Column, PrintedTable, Row, Tone, announced, finish};
use study::capitalised;

/// A guideline for reports, filled in from the study: what each item asks for, whether it stands on
/// a page, where, and with which number. An item is answered by what the study does, analyses and
/// prints, never by searching words. What only authors can write stands as theirs until `items` says
/// which text has it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// The guideline.
    pub guideline: Guideline,
    /// Title of the table; that of the guideline unless given.
    #[serde(default)]
    pub title: Option<String>,
    /// The text of a page that prints `methods()`.
    #[serde(default)]
    pub methods: Option<String>,
    /// Texts of a page in which the authors answer items, by the items' numbers, such as
    /// `{ 2: reports/text/introduction.md }`.
    #[serde(default)]
    pub items: Named<String>,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

/// Whether an item, or a part of one, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Stands,
    Partly,
    Missing,
    ForAuthors,
    DoesNotApply,
}

/// A part of an item as it was answered.
struct Answered {
    says: String,
    answer: Answer,
    places: Vec<Link>,
    value: Cell,
}

impl Kind for Checklist {
    const NAME: &'static str = "checklist";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let reads = vec![
            // for the labels of columns and levels
            Read::table(&study.analysis_table, &[]),
            Read::Provenance,
            Read::Exhibits,
            Read::Section(Section::Clean),
            Read::Section(Section::Analyze),
        ];
        Wiring { reads, files: self.methods.iter().cloned().collect(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.check(call).or(announced(call, &self.title()))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let evidence = Evidence::of(call);
        let seen = Seen::of(call, &evidence, self.methods.as_deref());
        Ok(finish(call, &self.title(), self.note.as_deref(), self.table(&seen)))
    }
}

impl Checklist {
    fn title(&self) -> String {
        self.title.clone().unwrap_or_else(|| self.guideline.checklist().title)
    }

    fn check(&self, call: &Call<'_>) -> Mistakes {
        let mut mistakes = Mistakes::default();
        let (asked, texts) = (self.guideline.checklist().items, texts(call));
        let ids: Vec<&str> = asked.iter().map(|item| item.id.as_str()).collect();
        let mut on_page = |text: &str, at: &[&str]| {
            if !texts.contains(&text) {
                let mistake = Mistake::at(at, format!("`{text}` is the text of no page"));
                mistakes.push(mistake.hint_nearest(text, texts.iter().copied()));
            }
        };
        for (id, text) in self.items.iter() {
            on_page(text, &["items", id]);
        }
        if let Some(text) = &self.methods {
            on_page(text, &["methods"]);
            // Without it the checklist would point at a text in which nothing that analyses did is
            // told.
            if !String::from_utf8_lossy(call.file(text)).contains("methods()") {
                let mistake =
                    Mistake::at(&["methods"], format!("`{text}` does not print the methods"));
                mistakes.push(mistake.hint("a text prints them by `{{ methods() }}`"));
            }
        }
        for (id, _) in self.items.iter().filter(|(id, _)| !ids.contains(id)) {
            let message = format!("`{}` has no item `{id}`", self.guideline.name());
            let mistake = Mistake::at(&["items", id], message);
            mistakes.push(mistake.hint_nearest(id, ids.iter().copied()));
        }
        mistakes
    }

    fn table(&self, seen: &Seen<'_>) -> PrintedTable {
        let mut table = PrintedTable::of(vec![
            Column::words("item", "Item"),
            Column::words("answer", "Answer"),
            Column::words("where", "Where"),
            Column::words("value", "What stands there"),
        ]);
        let checklist = self.guideline.checklist();
        let (mut section, mut answers) = ("", Vec::new());
        for item in &checklist.items {
            if item.section != section {
                section = &item.section;
                table.rows.push(Row::section(section));
            }
            answers.push(self.rows(&mut table, item, seen));
        }
        let count = |answer: Answer| answers.iter().filter(|own| **own == answer).count() as u64;
        let tally = [
            Answer::Stands,
            Answer::Partly,
            Answer::Missing,
            Answer::ForAuthors,
            Answer::DoesNotApply,
        ];
        let tally =
            tally.map(|answer| format!("{} {}", answer.words(), format::count(count(answer))));
        let items = format::count(answers.len() as u64);
        table.note(format!("Items: {items}; {}.", tally.join(", ")));
        table.note("Stands: an exhibit or text on the page shows it. For the authors: only they can write it, and no text of theirs is named.");
        if self.methods.is_none() {
            table.note("No text is named that prints the methods, so that what analyses did stands nowhere.");
        }
        table.note(checklist.source);
        table
    }

    /// The row of an item, and one of each part where there are several.
    fn rows(&self, table: &mut PrintedTable, item: &Item, seen: &Seen<'_>) -> Answer {
        let heading = format!("{}. {}", item.id, item.asks);
        let parts = self.parts(item, seen);
        let Some(answer) = answer(&parts) else {
            let why = capitalised(item.otherwise.as_deref().unwrap_or_default());
            let answer = Answer::DoesNotApply;
            let cells = vec![Cell::text(heading), answer.cell(), Cell::default(), Cell::text(why)];
            table.rows.push(Row::values(cells));
            return answer;
        };
        // An item of one part is one row. Said twice, it would look like two demands.
        if let [_] = parts.as_slice() {
            table
                .rows
                .extend(parts.into_iter().map(|part| Row::values(part.cells(heading.clone()))));
        } else {
            table.rows.push(Row::values(vec![Cell::text(heading), answer.cell()]));
            table.rows.extend(parts.into_iter().map(|part| {
                let says = capitalised(&part.says);
                Row::below(part.cells(says))
            }));
        }
        answer
    }

    /// What the study has of each part of an item, and the authors' own; none
    /// where the item does not apply.
    fn parts(&self, item: &Item, seen: &Seen<'_>) -> Vec<Answered> {
        let mut parts: Vec<Answered> = Vec::new();
        for part in &item.parts {
            let found = seen.prove(part);
            // What the study has nothing of does not apply, if the guideline says why it might not.
            if !found.exists && item.otherwise.is_some() {
                continue;
            }
            let unseen = |why: &str| (Answer::Missing, Vec::new(), Cell::text(why));
            let (answer, places, value) = match (found.exists, found.places.is_empty()) {
                _ if found.is_void => (Answer::DoesNotApply, Vec::new(), found.value),
                (true, false) => (Answer::Stands, found.places, found.value),
                // Told apart from the next case, because the mend is another: print it, or analyse
                // it.
                (true, true) => unseen("The study has it, and no page shows it"),
                (false, _) => unseen("Nothing in the study gives it"),
            };
            parts.push(Answered { says: part.says.clone(), answer, places, value });
        }
        // Authors are not asked for the words of an item that does not apply.
        if parts.is_empty() && item.otherwise.is_some() {
            return parts;
        }
        let own = self.items.get(&item.id);
        let says = match (&item.authors, own) {
            (Some(says), _) => Some(says.clone()),
            (None, own) => own.map(|_| "the authors' own text".to_owned()),
        };
        parts.extend(says.map(|says| Answered {
            answer: if own.is_some() { Answer::Stands } else { Answer::ForAuthors },
            value: match own {
                Some(_) => Cell::default(),
                None => Cell::text(format!("Authors must write {says}")),
            },
            places: own.map(|text| Link::to(text)).into_iter().collect(),
            says,
        }));
        parts
    }
}

/// The answer to an item of its parts; none where it has none. A part that does
/// not apply decides nothing beside others.
fn answer(parts: &[Answered]) -> Option<Answer> {
    let first = parts.first()?.answer;
    let mut deciding =
        parts.iter().map(|part| part.answer).filter(|own| *own != Answer::DoesNotApply);
    let Some(decides) = deciding.next() else { return Some(first) };
    let others: Vec<Answer> = deciding.filter(|own| *own != decides).collect();
    Some(match (others.is_empty(), decides == Answer::Stands || others.contains(&Answer::Stands)) {
        (true, _) => decides,
        // Some stands and some does not. Where nothing stands, the worst word holds for all.
        (false, true) => Answer::Partly,
        (false, false) => Answer::Missing,
    })
}

impl Answered {
    fn cells(self, heading: String) -> Vec<Cell> {
        vec![Cell::text(heading), self.answer.cell(), Cell::places(self.places), self.value]
    }
}

impl Answer {
    fn words(self) -> &'static str {
        match self {
            Self::Stands => "stands",
            Self::Partly => "partly",
            Self::Missing => "missing",
            Self::ForAuthors => "for the authors",
            Self::DoesNotApply => "does not apply",
        }
    }

    fn cell(self) -> Cell {
        Cell::text(self.words()).toned(match self {
            Self::Stands => Tone::Agrees,
            Self::Missing => Tone::Disagrees,
            // Neither is a fault: somebody has to look.
            Self::Partly | Self::ForAuthors => Tone::Open,
            Self::DoesNotApply => Tone::Quiet,
        })
    }
}

#[cfg(test)]
mod tests;
