//! What a user got wrong, and where: in the pipeline file or in a raw file.

use std::collections::BTreeMap;

use study::{SqlError, Table};

use crate::spec::nearest;
use crate::{Diagnostic, Section};

/// A mistake inside one stage's entry, or in the data it met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Path to the parameter inside the stage's entry, such as
    /// `["columns", "sex", "levels"]`; empty for the entry itself.
    pub at: Vec<String>,
    /// What is wrong: a lower-case fragment without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// It says that a column does not exist; such mistakes are not repeated
    /// where an earlier mistake kept the column from being made.
    pub about_column: bool,
    /// The place in a raw file that the mistake is about, where there is one.
    pub raw_place: Option<String>,
    /// What there is not, where that is the mistake: all who miss the same say one thing.
    pub missed: Option<Box<Missed>>,
}

/// What there is not, whoever misses it and whatever it says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missed {
    /// An entry of a section.
    Entry(Section, String),
    /// A finding, as written.
    Finding(String),
}

impl Mistake {
    /// A mistake at a parameter.
    #[must_use]
    pub fn at(at: &[&str], message: impl Into<String>) -> Self {
        Self {
            at: at.iter().map(ToString::to_string).collect(),
            message: message.into(),
            hint: None,
            about_column: false,
            raw_place: None,
            missed: None,
        }
    }

    /// A mistake of the stage as a whole.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self::at(&[], message)
    }

    /// What an SQL expression on a table did wrong, with the nearest of the
    /// names that would have done; `place` names a row of the table.
    #[must_use]
    pub fn of_sql(
        error: &SqlError,
        table: &Table,
        place: impl Fn(usize) -> String,
        at: &[&str],
    ) -> Self {
        let mistake = Self::at(at, error.message(place));
        match error {
            SqlError::UnknownColumn { column } => {
                let names = table.names();
                mistake.hint_nearest(column, names.iter().map(String::as_str)).about_a_column()
            }
            SqlError::UnknownLevel { level, levels, .. } => {
                mistake.hint_nearest(level, levels.iter().map(String::as_str))
            }
            SqlError::UnknownFunction { function, instead: None } => {
                mistake.hint_nearest(&function.to_uppercase(), study::sql::function_names())
            }
            other => Self { hint: other.hint().map(str::to_owned), ..mistake },
        }
    }

    /// With what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With the nearest of the names that would have done, or all of them
    /// where none is near and they are few.
    #[must_use]
    pub fn hint_nearest<'a>(mut self, written: &str, names: impl Iterator<Item = &'a str>) -> Self {
        self.hint = nearest(written, names);
        self
    }

    /// Marked as being about a missing column.
    #[must_use]
    pub fn about_a_column(mut self) -> Self {
        self.about_column = true;
        self
    }

    /// Marked as being about what there is not.
    #[must_use]
    pub fn missing(mut self, missed: Missed) -> Self {
        self.missed = Some(Box::new(missed));
        self
    }

    /// With the place in a raw file, such as `data/raw/labs.csv:12`.
    #[must_use]
    pub fn in_raw_file(mut self, place: impl Into<String>) -> Self {
        self.raw_place = Some(place.into());
        self
    }
}

/// Mistakes, collected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    /// Notes one.
    pub fn push(&mut self, mistake: Mistake) {
        self.0.push(mistake);
    }

    /// Notes the mistake of a failed step and hands on the value of one that went well.
    pub fn note<T>(&mut self, result: Result<T, Mistake>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(mistake) => {
                self.push(mistake);
                None
            }
        }
    }

    /// `value` if nothing was noted.
    ///
    /// # Errors
    /// With everything that was noted.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<Mistake> for Mistakes {
    fn from(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }
}

/// How many mistakes of one kind at one parameter are each said in full:
/// beyond these they have one cause, such as a declared format.
const SAID_IN_FULL: usize = 3;

/// Each cause once, at the first of its places and with the others beside it,
/// in the order of what was first.
pub(crate) fn by_cause(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let same_words = |diagnostic: &Diagnostic| match &diagnostic.missed {
        Some(missed) => (Some(missed.clone()), String::new(), None),
        None => (None, diagnostic.message.clone(), diagnostic.hint.clone()),
    };
    let of_one_kind = |diagnostic: &Diagnostic| {
        let kind = without_particulars(&diagnostic.message);
        (diagnostic.place, diagnostic.stage.clone(), kind, diagnostic.hint.clone())
    };
    // Equal words first, then those that differ in a value: the second pass must not
    // count copies.
    let merged = merge(diagnostics, 1, &same_words, &|_, _| None);
    merge(merged, SAID_IN_FULL, &of_one_kind, &|first, other| {
        // The value by which it differs from the one that is told in full.
        let mut pairs = quoted(&first.message).zip(quoted(&other.message));
        pairs.find(|(first, other)| first != other).map(|(_, other)| other.to_owned())
    })
}

/// Merges those of one key into the first of them, where there are more than
/// `alone`; each of the others is named by its place and what `apart` tells of it.
fn merge<K: Ord>(
    diagnostics: Vec<Diagnostic>,
    alone: usize,
    key: &dyn Fn(&Diagnostic) -> K,
    apart: &dyn Fn(&Diagnostic, &Diagnostic) -> Option<String>,
) -> Vec<Diagnostic> {
    let mut counts: BTreeMap<K, usize> = BTreeMap::new();
    for diagnostic in &diagnostics {
        *counts.entry(key(diagnostic)).or_default() += 1;
    }
    let mut firsts: BTreeMap<K, usize> = BTreeMap::new();
    let mut merged: Vec<Diagnostic> = Vec::new();
    for diagnostic in diagnostics {
        let key = key(&diagnostic);
        // Counted beforehand: a few are each told, and only many are drawn together.
        match firsts.get(&key).filter(|_| counts.get(&key).is_some_and(|count| *count > alone)) {
            Some(&first) => {
                let place = place_in_words(&diagnostic, &merged[first]);
                let also = match apart(&merged[first], &diagnostic) {
                    Some(value) => format!("`{value}` at {place}"),
                    None => place,
                };
                merged[first].also.push(also);
                merged[first].also.extend(diagnostic.also);
            }
            None => {
                firsts.insert(key, merged.len());
                merged.push(diagnostic);
            }
        }
    }
    merged
}

/// The raw place, else the place in the pipeline file; the stage where it is another one.
fn place_in_words(diagnostic: &Diagnostic, first: &Diagnostic) -> String {
    let place = diagnostic.place;
    let words = match &diagnostic.raw_place {
        Some(raw) => raw.clone(),
        None => format!("{}:{}", place.line, place.column),
    };
    match &diagnostic.stage {
        Some(stage) if first.stage.as_ref() != Some(stage) => format!("{words} ({stage})"),
        _ => words,
    }
}

/// What stands in backquotes.
fn quoted(message: &str) -> impl Iterator<Item = &str> {
    // Every second part, as quotes come in pairs.
    message.split('`').skip(1).step_by(2)
}

/// A message without what stands in backquotes, and without its numbers: those
/// of lines and cells (`D3`) are places, too.
fn without_particulars(message: &str) -> String {
    let words = message.split('`').step_by(2).collect::<Vec<_>>().join("`");
    words.chars().filter(|character| !character.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;

    fn said(line: usize, message: &str, raw: &str) -> Diagnostic {
        let place = Place { line, column: 1, ..Place::default() };
        let raw_place = (!raw.is_empty()).then(|| raw.to_owned());
        Diagnostic { raw_place, ..Diagnostic::new(place, message) }
    }

    #[test]
    fn the_same_words_are_one_mistake() {
        let found = by_cause(vec![
            said(3, "`sex` has no level `f`", ""),
            said(5, "`age` is no column", ""),
            said(9, "`sex` has no level `f`", ""),
        ]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].elsewhere().as_deref(), Some("the same at 1 more place: 9:1"));
        assert_eq!(found[1].elsewhere(), None);
    }

    /// Whoever misses it and whatever is said of it: what there is not is one mistake.
    #[test]
    fn what_there_is_not_is_one_mistake() {
        let without = |line: usize, message: &str, missed: Missed| Diagnostic {
            missed: Some(Box::new(missed)),
            ..said(line, message, "")
        };
        let entry = |name: &str| Missed::Entry(Section::Analyze, name.to_owned());
        let found = by_cause(vec![
            without(3, "`analyze` has no entry `pfs`", entry("pfs")),
            without(5, "there is no analysis for the finding `pfs.n`", entry("pfs")),
            without(6, "`analyze` has no entry `os`", entry("os")),
            without(7, "there is no finding `cox.q`", Missed::Finding("cox.q".to_owned())),
            without(
                9,
                "claim `one`: there is no finding `cox.q`",
                Missed::Finding("cox.q".to_owned()),
            ),
        ]);
        let also: Vec<Option<String>> = found.iter().map(Diagnostic::elsewhere).collect();
        let once = |place: &str| Some(format!("the same at 1 more place: {place}"));
        assert_eq!(also, [once("5:1"), None, once("9:1")]);
    }

    #[test]
    fn cells_that_do_not_fit_one_format_are_one_mistake() {
        let cells = (1..=24).map(|row| {
            said(
                4,
                &format!("column `dose`: `{row},5` is no number"),
                &format!("data/labs.csv:{row}"),
            )
        });
        let found = by_cause(cells.collect());
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].elsewhere().as_deref(),
            Some(
                "the same at 23 more places: `2,5` at data/labs.csv:2, `3,5` at data/labs.csv:3, \
                 `4,5` at data/labs.csv:4, `5,5` at data/labs.csv:5, `6,5` at data/labs.csv:6 and 18 more"
            )
        );
    }

    #[test]
    fn numbers_of_lines_and_cells_are_places() {
        let cells = (2..=9).map(|row| {
            let message = format!("column `f`: cell D{row} holds a formula without a saved value");
            said(4, &message, &format!("x.xlsx:{row}"))
        });
        let twice = (2..=9).map(|line| {
            said(
                5,
                &format!("`p{line}` stands already in line {line}"),
                &format!("x.csv:{}", line + 1),
            )
        });
        let found = by_cause(cells.chain(twice).collect());
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].elsewhere().map(|also| also.len() < 120), Some(true));
        assert!(found[1].elsewhere().expect("others").contains("`p3` at x.csv:4"));
    }

    #[test]
    fn a_few_cells_are_each_said() {
        let cells = (1..=3).map(|row| said(4, &format!("`{row},5` is no number"), "x"));
        assert_eq!(by_cause(cells.collect()).len(), 3);
        // the same words about other parameters are not of one kind
        let other = (1..=9).map(|line| said(line, &format!("`{line}` is no column"), ""));
        assert_eq!(by_cause(other.collect()).len(), 9);
    }
}
