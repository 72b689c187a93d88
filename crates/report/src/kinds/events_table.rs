//! `events_table`: events by term, such as adverse events.

use engine::{Call, Kind, Mistake, Mistakes, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::printed::Span;
use study::{Finding, Output, Part, StudySettings};

use crate::analysis::{Analysis, Words, distinct, group_heading};
use crate::evidence::Evidence;
use crate::lookup::Whom;
use crate::table::{Cell, Column, FindingCell, PrintedTable, Row, announced, finish};
use crate::{format, parameters};
use study::capitalised;

/// A table of events by term, such as adverse events: by group the patients with an event of any and of
/// severe grade, and the rates for the time in which events can be seen; or the patients by the worst
/// grade of each term.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventsTable {
    /// Title of the table.
    pub title: String,
    /// The `event_rates` entry it prints.
    pub events: String,
    /// What is printed of each term.
    #[serde(default)]
    pub show: Shown,
    /// What a term is called at the head of its column.
    #[serde(default = "default_term")]
    pub term: String,
    /// The column that makes the groups, for their names in words.
    #[serde(default)]
    pub by: Option<String>,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

/// What is printed of each term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// Patients with an event, and rates.
    #[default]
    Rates,
    /// Patients by their worst grade.
    Grades,
}

fn default_term() -> String {
    "Event".to_owned()
}

impl Kind for EventsTable {
    const NAME: &'static str = "events_table";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let reads = vec![
            Read::stage(&self.events, Section::Analyze, &["events"]),
            Read::table(&study.analysis_table, &[]),
        ];
        Wiring { reads, ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes::default();
        mistakes.note(parameters::check_by(call, self.by.as_deref()));
        let evidence = Evidence::of(call);
        if let Some(analysis) = mistakes.note(self.analysis(&evidence)) {
            let has_grades = analysis.of_statistic("worst_grade").next().is_some();
            // An entry without findings is itself mistaken, which is told there.
            if self.show == Shown::Grades && !has_grades && !analysis.findings.is_empty() {
                let mistake = Mistake::at(&["show"], format!("`{}` has no grades", self.events));
                mistakes.push(mistake.hint("give it the column of grades, or show `rates`"));
            }
        }
        mistakes.or(announced(call, &self.title))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let evidence = Evidence::of(call);
        let analysis = self.analysis(&evidence)?;
        let words = Words::of(call, self.by.as_deref());
        let groups = analysis.groups();
        let page = Page { kind: self, words, study: call.study, groups, analysis };
        Ok(finish(call, &self.title, self.note.as_deref(), page.table()))
    }
}

impl EventsTable {
    fn analysis<'a>(&self, evidence: &'a Evidence) -> Result<Analysis<'a>, Mistake> {
        evidence.of_kind(&self.events, &["event_rates"], &["events"])
    }
}

struct Page<'a> {
    kind: &'a EventsTable,
    analysis: Analysis<'a>,
    words: Words<'a>,
    study: &'a StudySettings,
    groups: Vec<Whom<'a>>,
}

/// What stands in a column of each group: a statistic, which of several it is where that
/// stands in columns, and its words.
type Asked<'a> = (&'a str, Option<Part>, String);

impl Page<'_> {
    fn table(&self) -> PrintedTable {
        let asked = self.asked();
        let mut columns = vec![Column::words("term", &self.kind.term)];
        let mut spans = vec![Span { label: String::new(), width: 1 }];
        for group in &self.groups {
            spans.push(Span { label: self.heading(*group), width: asked.len() });
            columns.extend(asked.iter().map(|(statistic, part, label)| {
                let part = part.as_ref().map(|part| part.printed() + "_").unwrap_or_default();
                Column::numbers(&format!("{}_{part}{statistic}", group.key()), label)
            }));
        }
        let mut table = PrintedTable { spans, ..PrintedTable::of(columns) };
        let terms = self.analysis.findings.iter().filter_map(|finding| finding.level.as_deref());
        // `Any` first: patients with several terms are counted once there, so that it is no sum of
        // the rows below.
        for term in std::iter::once(None).chain(distinct(terms).into_iter().map(Some)) {
            // grades stand below one another: beside one another no page is wide enough
            for (place, grade) in self.grades().into_iter().enumerate() {
                let label = if place == 0 { term.unwrap_or("Any") } else { &in_words(grade) };
                let mut cells = vec![Cell::text(label)];
                for group in &self.groups {
                    let grade = grade.map(Part::outcome);
                    cells.extend(asked.iter().map(|(statistic, part, _)| {
                        let part = part.as_ref().or(grade.as_ref());
                        self.cell((statistic, part), term, *group)
                    }));
                }
                table.rows.push(if place == 0 { Row::values(cells) } else { Row::below(cells) });
            }
        }
        table.note(self.note());
        table.tell_populations(&self.words, self.analysis.findings);
        table.warn(self.analysis.findings.iter());
        table
    }

    /// The group with its patients, and the time in which events can be seen or what is told
    /// of them.
    fn heading(&self, group: Whom<'_>) -> String {
        let time = self.analysis.of_group("person_time", group);
        let time = time.map(|time| format::value(time, self.study)).unwrap_or_default();
        let unit = self.study.time_unit.word();
        let heading = group_heading(&self.analysis, &self.words, group, self.study);
        match heading.strip_suffix(')') {
            _ if self.kind.show == Shown::Grades => format!("{heading}, worst grade"),
            Some(open) => format!("{open}; {time} patient-{unit})"),
            None => heading,
        }
    }

    fn asked(&self) -> Vec<Asked<'static>> {
        if self.kind.show == Shown::Grades {
            let place =
                |grade: u8| ("worst_grade", Some(Part::place(f64::from(grade))), grade.to_string());
            return (1..=5).map(place).collect();
        }
        let rate = format!("Rate ({})", format::interval_name(self.study.confidence_level));
        vec![("patients_with", None, "n (%)".to_owned()), ("event_rate", None, rate)]
    }

    /// The grades that stand in rows, each by its part of an id, the first in the row of its term.
    fn grades(&self) -> Vec<Option<&str>> {
        let shares = self.analysis.of_statistic("share_with");
        let grades = distinct(shares.filter_map(|finding| finding.address.outcome()));
        match self.kind.show {
            Shown::Rates => grades.into_iter().map(Some).collect(),
            Shown::Grades => vec![None],
        }
    }

    fn find(
        &self,
        statistic: &str,
        part: Option<&Part>,
        term: Option<&str>,
        group: Whom<'_>,
    ) -> Option<&Finding> {
        self.analysis.findings.iter().find(|finding| {
            finding.statistic == statistic
                && finding.level.as_deref() == term
                && Whom::of(finding) == Some(group)
                && part.is_none_or(|part| finding.address.parts.contains(part))
        })
    }

    fn cell(
        &self,
        (statistic, part): (&str, Option<&Part>),
        term: Option<&str>,
        group: Whom<'_>,
    ) -> Cell {
        let found = self.find(statistic, part, term, group);
        if statistic != "patients_with" {
            return Cell::estimate(found, self.study);
        }
        let share =
            self.find("share_with", part, term, group).filter(|share| share.value.is_some());
        Cell::of(found, |count| match share {
            Some(share) => {
                format!(
                    "{} ({})",
                    format::value(count, self.study),
                    format::value(share, self.study)
                )
            }
            None => format::value(count, self.study),
        })
    }

    fn note(&self) -> String {
        let unit = self.study.time_unit.word();
        match self.kind.show {
            Shown::Grades => "A patient is counted once a row, by the worst grade.".to_owned(),
            Shown::Rates => format!(
                "A patient is counted once a row{}. Rates are events, a patient's own included as often as \
                 there are, for 100 patient-{unit} in which they can be seen, with exact limits of a Poisson \
                 count (Garwood).",
                self.grades_in_words()
            ),
        }
    }

    /// Which grade a term's own row is of, where others stand below it.
    fn grades_in_words(&self) -> String {
        match self.grades().as_slice() {
            [first, _, ..] => {
                format!(", the row of a term being of {}", in_words(*first).to_lowercase())
            }
            _ => String::new(),
        }
    }
}

/// A grade as its part of an id says it, such as `Grade 3 or more`.
fn in_words(grade: Option<&str>) -> String {
    capitalised(&grade.unwrap_or_default().replace('_', " "))
}
