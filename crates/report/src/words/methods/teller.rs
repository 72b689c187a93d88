//! The words that all paragraphs share: labels of columns and levels, lists,
//! and what is the same of several accounts.

use std::cell::RefCell;
use std::collections::BTreeMap;

use study::{
    Account, Cut, Finding, Groups, Outcome, Practice, Procedure, in_sentence, in_unit, unit_of,
};

use super::Told;
use super::lettered::Sets;
use super::lists::{compact, compact_by, listed, outcomes_of};
use super::shared::Shared;
use crate::analysis::Words;
use crate::words::choices::with_weights;

/// What a paragraph is told with.
pub(super) struct Teller<'a> {
    words: Words<'a>,
    pub(super) told: Vec<Told<'a>>,
    pub(super) findings: &'a [&'a Finding],
    /// What holds for the whole study unless something else is said.
    pub(super) shared: Shared<'a>,
    /// The sets of terms that have a letter.
    pub(super) sets: Sets<'a>,
    /// What the paragraph said last of the ratio of each column.
    scales: RefCell<BTreeMap<String, String>>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(told: &[Told<'a>], findings: &'a [&'a Finding], words: Words<'a>) -> Self {
        let shared = Shared::of(told);
        let sets = Sets::of(told);
        Self { words, told: told.to_vec(), findings, shared, sets, scales: RefCell::default() }
    }

    /// A paragraph begins, which says everything itself.
    pub(super) fn begin(&self) {
        self.scales.borrow_mut().clear();
    }

    /// Whether the paragraph said something else, or nothing, of the ratio of a column.
    pub(super) fn is_new(&self, column: &str, scale: &str) -> bool {
        self.scales.borrow_mut().insert(column.to_owned(), scale.to_owned()).as_deref()
            != Some(scale)
    }

    /// A column as within a sentence; one without a label by its name, with
    /// blanks.
    pub(super) fn column(&self, column: &str) -> String {
        let label = self.words.variable(column);
        // An underscore would be read as a mark of code.
        if label == column { label.replace('_', " ") } else { in_sentence(&label) }
    }

    /// Whether a column is one of the analysis table; those that an analysis derived say what one
    /// more of them is by their label or name.
    pub(super) fn is_of_table(&self, column: &str) -> bool {
        self.words.is_of_table(column) && self.words.variable(column) != column
    }

    /// Columns as a list.
    pub(super) fn columns(&self, columns: &[String]) -> String {
        listed(&columns.iter().map(|column| self.column(column)).collect::<Vec<_>>())
    }

    /// The same, but `group` for what makes the groups of the study.
    pub(super) fn column_or_group(&self, column: &str) -> String {
        match self.shared.are_groups(&Groups::of(column, None)) {
            true => "group".to_owned(),
            false => self.column(column),
        }
    }

    /// A level as within a sentence.
    pub(super) fn level(&self, column: &str, level: &str) -> String {
        in_sentence(&self.words.level(column, level))
    }

    /// Levels as alternatives.
    pub(super) fn any_level(&self, column: &str, levels: &[String]) -> String {
        let levels: Vec<String> = levels.iter().map(|level| self.level(column, level)).collect();
        compact_by(&levels, "or")
    }

    /// What one more of a column is: `per 10 years`.
    pub(super) fn per_unit(&self, column: &str) -> String {
        match self.words.unit(column) {
            Some(unit) if unit.starts_with(|first: char| first.is_ascii_digit()) => {
                format!("per {unit}")
            }
            Some(unit) => format!("per {}", unit_of("1", &unit)),
            None => "per unit".to_owned(),
        }
    }

    /// The unit of a column behind a number.
    pub(super) fn unit(&self, column: &str) -> String {
        self.words.unit(column).map_or_else(String::new, |unit| format!(" {unit}"))
    }

    /// What is explained or followed, in its short form where it has one.
    pub(super) fn outcome(&self, outcome: &Outcome) -> String {
        // By their words: an outcome by a label may be an endpoint under another name.
        let is_same = |own: &&&Outcome| self.in_full(own) == self.in_full(outcome);
        let own = self.shared.endpoints().iter().find(is_same).copied().unwrap_or(outcome);
        self.shared.short(own).unwrap_or_else(|| self.with_short_end(outcome))
    }

    /// An endpoint in full, but for an endpoint of the study in its name, which has its short form:
    /// `longest OS`.
    fn with_short_end(&self, outcome: &Outcome) -> String {
        let full = self.in_full(outcome);
        let ends = self.shared.endpoints().iter().filter_map(|known| {
            let before = full.strip_suffix(&self.in_full(known))?;
            Some(format!("{before}{}", self.shared.short(known)?))
        });
        let short = ends.into_iter().find(|own| own.contains(' '));
        short.unwrap_or(full)
    }

    /// The same in full.
    pub(super) fn in_full(&self, outcome: &Outcome) -> String {
        match outcome {
            Outcome::Endpoint(name) => in_sentence(&self.words.endpoint(name)),
            Outcome::Column { column, levels } if levels.is_empty() => self.column(column),
            Outcome::Column { column, levels } => {
                format!("{} ({})", self.column(column), self.any_level(column, levels))
            }
            Outcome::Labelled(label) => in_sentence(label),
        }
    }

    /// Endpoints as a list: `progression-free and overall survival`.
    pub(super) fn outcomes(&self, outcomes: &[&Outcome]) -> String {
        compact(&outcomes.iter().map(|outcome| self.outcome(outcome)).collect::<Vec<_>>())
    }

    /// The endpoints of accounts behind a word, such as ` for overall survival`;
    /// nothing where they are those of the study, and those beyond them alone,
    /// as in ` (also for relapse)`, where they are these and more.
    pub(super) fn endpoints(&self, word: &str, accounts: &[&Account]) -> String {
        let own = outcomes_of(accounts);
        if own.is_empty() || self.shared.are_endpoints(&own) {
            return String::new();
        }
        match self.shared.beyond(&own) {
            Some(further) => format!(" (also {word} {})", self.outcomes(&further)),
            None => format!(" {word} {}", self.outcomes(&own)),
        }
    }

    /// Who is compared, where it is not whom the study compares, with a blank
    /// before it.
    pub(super) fn by(&self, groups: Option<&Groups>) -> String {
        match groups {
            Some(groups) if !self.shared.are_groups(groups) => {
                format!(" by {}", self.groups(groups))
            }
            _ => String::new(),
        }
    }

    /// Groups with their reference.
    pub(super) fn groups(&self, groups: &Groups) -> String {
        let reference = groups.reference.as_ref();
        let reference =
            reference.map(|level| format!("reference: {}", self.level(&groups.column, level)));
        self.noted(groups, reference)
    }

    /// What makes groups: a column, and where it is cut.
    pub(super) fn grouping(&self, groups: &Groups) -> String {
        self.noted(groups, None)
    }

    fn noted(&self, groups: &Groups, reference: Option<String>) -> String {
        let column = self.column(&groups.column);
        let cut = groups.cut.as_ref().map(|cut| match cut {
            Cut::At(cuts) => {
                let cuts: Vec<String> = cuts.iter().map(ToString::to_string).collect();
                let unit = self.words.unit(&groups.column);
                format!("cut at {}", in_unit(&listed(&cuts), unit.as_deref()))
            }
            Cut::Quantiles(2) => "cut at the median".to_owned(),
            Cut::Quantiles(3) => "cut at tertiles".to_owned(),
            Cut::Quantiles(4) => "cut at quartiles".to_owned(),
            Cut::Quantiles(5) => "cut at quintiles".to_owned(),
            Cut::Quantiles(n) => format!("cut at quantiles into {n} groups"),
        });
        let notes: Vec<String> = cut.into_iter().chain(reference).collect();
        match notes.is_empty() {
            true => column,
            false => format!("{column} ({})", notes.join("; ")),
        }
    }

    /// Whose curves these are: `by group`, or `of all patients`.
    pub(super) fn whose(&self, groups: Option<&Groups>) -> String {
        match groups {
            None => " of all patients".to_owned(),
            Some(groups) if self.shared.are_groups(groups) => " by group".to_owned(),
            Some(groups) => format!(" by {}", self.grouping(groups)),
        }
    }

    /// Who was analysed, where not all patients were, with a blank before it.
    pub(super) fn patients(&self, account: &Account) -> String {
        let condition = account.patients.as_ref().map(|own| self.words.condition(own));
        condition.map_or_else(String::new, |own| format!(" in patients for whom {own}"))
    }

    /// The weights that an entry made, as in `a model with overlap weights`.
    pub(super) fn weights(&self, entry: &str) -> String {
        let made = |told: &Told<'_>| match &told.account.practice {
            Practice::PropensityScore { weighting, .. } => Some(weighting.procedure.clone()),
            _ => None,
        };
        let own = self.told.iter().find(|told| told.stage == entry).and_then(made);
        // Two scores with the same weighting are told apart by the names of their entries, one
        // alone by what it is.
        let alike = self.told.iter().filter(|told| own.is_some() && made(told) == own).count();
        let name = entry.replace('_', " ");
        match own {
            Some(Procedure::ScoreWeights(weighting)) => {
                let words = with_weights(weighting).to_owned();
                if alike > 1 { format!("{words} of {name}") } else { words }
            }
            _ => format!("weighted by {name}"),
        }
    }

    /// The words of all weights that the study made.
    pub(super) fn all_weights(&self) -> Vec<String> {
        let is_made =
            |told: &&Told<'_>| matches!(told.account.practice, Practice::PropensityScore { .. });
        self.told.iter().filter(is_made).map(|told| self.weights(told.stage)).collect()
    }
}
