//! What can be checked without rows: columns, their types, levels, SQL, and
//! the guard against immortal time. All mistakes are collected.

use engine::{Call, Mistake, Mistakes, Named};
use study::{Span, Table, Warning};

use crate::by::By;
use crate::category::{cut_it, declared_levels, is_named, unknown_level};
use crate::columns::{self, ColumnType};
use crate::endpoint::{days_column, endpoint_of, event_column, has_column, may_hold_events};
use crate::guard::{
    ImmortalTime, Naive, chosen_late, counted_from_zero, entered_late, guard, guard_weights,
    identifies, known_late, rows_chosen_late,
};
use crate::horizon::{check_time, check_times};
use crate::weights;

/// The checks of one entry.
pub(crate) struct Rehearsal<'a> {
    /// What the entry was handed.
    pub(crate) call: &'a Call<'a>,
    /// What was found so far.
    pub(crate) mistakes: Mistakes,
    /// What is known late and taken as it is.
    naive: Vec<Naive>,
    /// Warnings of immortal time that the findings will carry.
    warnings: Vec<Warning>,
}

impl<'a> Rehearsal<'a> {
    /// Begins with nothing.
    pub(crate) fn of(call: &'a Call<'a>) -> Self {
        let (naive, warnings) = (Vec::new(), Vec::new());
        Self { call, mistakes: Mistakes::default(), naive, warnings }
    }

    /// What every analysis of patients has: who they are, and its `where`.
    pub(crate) fn patients(&mut self, condition: Option<&str>) {
        let (study, table) = (self.call.study, self.table());
        // The engine hands a run only those columns that its rehearsal read.
        // every analysis reads who its patients are
        let _ = columns::type_of(table, &study.patient);
        self.warnings.extend(rows_chosen_late(study, table));
        let Some(sql) = condition else { return };
        if let Err(error) = table.holds(sql) {
            let place = |row: usize| format!("row {}", row + 1);
            self.push(Mistake::of_sql(&error, table, place, &["where"]));
        }
        self.warnings.extend(chosen_late(study, table, sql));
    }

    /// Takes in what was found of another data set of the same patients.
    pub(crate) fn join(&mut self, other: Rehearsal<'_>) {
        self.mistakes.0.extend(other.mistakes.0);
        self.naive.extend(other.naive);
        self.warnings.extend(other.warnings);
    }

    /// Everything that was found.
    pub(crate) fn done(self) -> Result<Vec<Warning>, Mistakes> {
        self.mistakes.or(self.warnings)
    }

    /// The analysis table, without rows.
    pub(crate) fn table(&self) -> &'a Table {
        self.call.table(&self.call.study.analysis_table)
    }

    /// Notes a mistake.
    pub(crate) fn push(&mut self, mistake: Mistake) {
        self.mistakes.push(mistake);
    }

    /// A column that must be there; its type, where it is.
    pub(crate) fn column(&mut self, column: &str, at: &[&str]) -> Option<ColumnType> {
        let found = self.call.require_column(&self.call.study.analysis_table, column, at);
        self.mistakes.note(found)?;
        columns::type_of(self.table(), column)
    }

    /// An endpoint must have its two columns.
    pub(crate) fn endpoint(&mut self, endpoint: &str) {
        let (days, event) = (days_column(endpoint), event_column(endpoint));
        let missing: Vec<String> = [&days, &event]
            .into_iter()
            .filter(|column| !has_column(self.table(), column))
            .map(|column| format!("`{column}`"))
            .collect();
        // Nothing can be said of the types of columns that are not there.
        if !missing.is_empty() {
            return self.no_endpoint(endpoint, &missing.join(" and "));
        }
        if !columns::type_of(self.table(), &days).is_some_and(ColumnType::is_number) {
            let message = format!("`{days}` of endpoint `{endpoint}` does not hold numbers");
            self.push(Mistake::at(&["endpoint"], message).hint("times are numbers of days"));
        }
        if !may_hold_events(columns::type_of(self.table(), &event)) {
            let message = format!("`{event}` of endpoint `{endpoint}` does not hold yes or no");
            self.push(Mistake::at(&["endpoint"], message).hint("derive it, as in `status = 2`"));
        }
        let found = counted_from_zero(self.call.study, self.table(), &days);
        self.mistakes.note(found);
    }

    fn no_endpoint(&mut self, endpoint: &str, missing: &str) {
        // Only what has both columns is offered as what may have been meant.
        let table = &self.call.study.analysis_table;
        let names = self.table().names();
        let known: Vec<&str> = names
            .iter()
            .filter_map(|name| name.strip_suffix("_days"))
            .filter(|name| has_column(self.table(), &event_column(name)))
            .collect();
        let message = format!("endpoint `{endpoint}` needs {missing} in table `{table}`");
        let mistake = Mistake::at(&["endpoint"], message).about_a_column();
        self.push(mistake.hint_nearest(endpoint, known.into_iter()));
    }

    /// A column whose levels make groups.
    pub(crate) fn category(&mut self, column: &str, at: &[&str]) {
        let Some(kind) = self.column(column, at) else { return };
        if matches!(kind, ColumnType::Real | ColumnType::Date) {
            let message = format!("`{column}` holds {}, which make no groups", kind.words());
            self.push(Mistake::at(at, message).hint("derive a category from it"));
        }
    }

    /// A column that splits follow-up from time zero on, which its values must
    /// be known at.
    pub(crate) fn guarded(&mut self, column: &str, choice: ImmortalTime, at: &[&str]) {
        // Where lineage knows dates, the guard below names them, and `naive` may let the
        // column pass. An outcome that tells no dates is refused under either choice.
        if let Some(endpoint) = endpoint_of(self.table(), column)
            && known_late(self.call.study, self.table(), column).is_empty()
        {
            // data that hold times ready say nothing of dates: the outcome is late all the same
            let message =
                format!("`{column}` is the outcome `{endpoint}`, known only after time zero");
            let hint = "an outcome stands in `endpoint`: leave it out here";
            return self.push(Mistake::at(at, message).hint(hint));
        }
        let found = guard(self.call.study, self.table(), column, choice, at);
        if let Some(Some(naive)) = self.mistakes.note(found) {
            self.warnings.push(naive.warning());
            self.naive.push(naive);
        }
    }

    /// A column of days at which patients come under observation.
    pub(crate) fn entered(&mut self, column: &str) {
        self.warnings.extend(entered_late(self.call.study, self.table(), column));
    }

    /// Weights of patients that an entry made, which must be known at time zero,
    /// too.
    pub(crate) fn weights(&mut self, entry: &str, choice: ImmortalTime) {
        // Of an entry that makes no weights there is no lineage to guard.
        if let Err(mistake) = weights::check(self.call, entry) {
            return self.push(mistake);
        }
        let tables = (self.table(), self.call.table(entry));
        let found = guard_weights(self.call.study, tables, entry, choice);
        if let Some(Some(naive)) = self.mistakes.note(found)
            && self.naive.iter().all(|group| group.known != naive.known)
        {
            // what is said of the groups is not said again of their weights
            self.warnings.push(naive.warning());
        }
    }

    /// A column whose values are printed: it must not say who a patient is.
    pub(crate) fn printed(&mut self, column: &str, at: &[&str]) {
        let found = identifies(self.table(), column, at);
        self.mistakes.note(found);
    }

    /// What makes the groups, with its guard: a number that is cut is guarded as itself.
    pub(crate) fn by(&mut self, by: &By, choice: ImmortalTime) {
        self.groups_shown(by);
        self.guarded(by.column(), choice, &["by"]);
    }

    /// Checks the choice of groups that are shown beside one another and not compared.
    pub(crate) fn groups_shown(&mut self, by: &By) {
        match by.cut() {
            Some(_) => self.cut(by, &["by"]),
            None => self.groups_of(by.column(), &["by"]),
        }
        // The levels of a group stand in every table,
        // so that they must not tell who a patient is.
        self.printed(by.column(), &["by"]);
    }

    /// A number that is cut in ranges.
    pub(crate) fn cut(&mut self, by: &By, at: &[&str]) {
        let Some(kind) = self.column(by.column(), at) else { return };
        let is_number = columns::is_number(self.table(), by.column());
        self.mistakes.0.extend(by.misfits(kind, is_number, at));
    }

    /// A column whose levels are to be groups; one of numbers may be cut.
    fn groups_of(&mut self, column: &str, at: &[&str]) {
        // A whole number with few values may make groups. Which values it has
        // is known from the data alone, so that a run looks for measurements.
        let is_real = columns::type_of(self.table(), column) == Some(ColumnType::Real);
        match is_real && columns::is_number(self.table(), column) {
            true => {
                let message = format!("`{column}` holds numbers, which make no groups");
                self.push(Mistake::at(at, message).hint(cut_it(column)));
            }
            false => self.category(column, at),
        }
    }

    /// One of the groups, as far as they are known.
    pub(crate) fn group(&mut self, by: &By, level: &str, at: &[&str]) {
        // Where only the data know the groups, the run tells a name that is none of them.
        let Some(levels) = by.known_levels(self.table()) else { return };
        if !levels.iter().any(|known| is_named(known, level)) {
            self.push(unknown_level(by.column(), &levels, level, at));
        }
    }

    /// Groups of which one is the reference of the others; there may be none.
    pub(crate) fn groups(
        &mut self,
        by: Option<&By>,
        reference: Option<&String>,
        choice: ImmortalTime,
    ) {
        match (by, reference) {
            (Some(by), reference) => {
                self.by(by, choice);
                if let Some(reference) = reference {
                    self.group(by, reference, &["reference"]);
                }
            }
            (None, Some(_)) => {
                let mistake = Mistake::at(&["reference"], "there are no groups to compare");
                self.push(mistake.hint("declare `by`, or leave `reference` out"));
            }
            (None, None) => {}
        }
    }

    /// Columns that are described, but for the one that makes the groups which
    /// they are compared in.
    pub(crate) fn variables(&mut self, variables: &[String], by: Option<&str>) {
        self.list("variables", variables, false);
        for (place, variable) in variables.iter().enumerate() {
            let place = place.to_string();
            let at = ["variables", place.as_str()];
            // Before its type is asked for: that it
            // identifies patients is told whatever it holds.
            self.printed(variable, &at);
            if self.column(variable, &at) == Some(ColumnType::Date) {
                let message = format!("`{variable}` holds dates, not numbers or categories");
                self.push(Mistake::at(&at, message).hint("derive a number from it"));
            }
            if by == Some(variable) {
                let message = format!("`{variable}` makes the groups that it would be compared in");
                self.push(Mistake::at(&at, message).hint("leave it out of `variables`"));
            }
        }
    }

    /// Columns within whose levels patients are compared, with their guard.
    pub(crate) fn strata(&mut self, columns: &[String], choice: ImmortalTime) {
        self.list("strata", columns, true);
        for (place, column) in columns.iter().enumerate() {
            let place = place.to_string();
            let at = ["strata", place.as_str()];
            self.category(column, &at);
            self.printed(column, &at);
            self.guarded(column, choice, &at);
        }
    }

    /// A level of a column, as far as the levels are declared.
    pub(crate) fn level(&mut self, column: &str, level: &str, at: &[&str]) {
        // Levels that are not declared are known from the data alone.
        let Some(levels) = declared_levels(self.table(), column) else { return };
        if levels.iter().all(|known| known.value != level) {
            self.push(unknown_level(column, &levels, level, at));
        }
    }

    /// A column that stands in a model: numbers or categories.
    pub(crate) fn term(&mut self, term: &str, at: &[&str]) {
        self.printed(term, at);
        if self.column(term, at) == Some(ColumnType::Date) {
            let message = format!("term `{term}` holds dates, not numbers or categories");
            self.push(Mistake::at(at, message).hint("derive a number from it"));
        }
    }

    /// A term that is what the model is of, such as the endpoint.
    pub(crate) fn taken(&mut self, term: &str, what: &str, at: &[&str]) {
        let message = format!("term `{term}` is {what} itself");
        self.push(Mistake::at(at, message).hint("leave it out of `terms`"));
    }

    /// Reference levels of some of the terms of a model, of which some may be cut.
    pub(crate) fn references(&mut self, references: &Named<String>, terms: &[&str], cuts: &[By]) {
        for (term, level) in references.iter() {
            let at = ["references", term];
            if !terms.contains(&term) {
                let mistake = Mistake::at(&at, format!("`{term}` is not a term of this model"));
                self.push(mistake.hint_nearest(term, terms.iter().copied()));
            } else if let Some(by) = cuts.iter().find(|by| by.column() == term) {
                // The levels of a column that is cut are its ranges, not its values.
                self.group(by, level, &at);
            } else if columns::is_number(self.table(), term) {
                let message = format!("term `{term}` holds numbers and has no reference level");
                let hint = "declare the column's levels to make it a category";
                self.push(Mistake::at(&at, message).hint(hint));
            } else {
                self.level(term, level, &at);
            }
        }
    }

    /// Times of follow-up, zero only where it has a meaning.
    pub(crate) fn times(&mut self, parameter: &str, times: &[Span], zero_allowed: bool) {
        self.mistakes.0.extend(check_times(self.call.study, parameter, times, zero_allowed));
    }

    /// One time of follow-up, where it is given.
    pub(crate) fn time(&mut self, parameter: &str, time: Option<Span>, zero_allowed: bool) {
        let mistake = time.and_then(|time| check_time(&[parameter], time, zero_allowed));
        self.mistakes.0.extend(mistake);
    }

    /// A list that may not name a thing twice, nor nothing.
    pub(crate) fn list(&mut self, parameter: &str, names: &[String], may_be_empty: bool) {
        if names.is_empty() && !may_be_empty {
            self.push(Mistake::at(&[parameter], format!("`{parameter}` is empty")));
        }
        for (place, name) in names.iter().enumerate() {
            // Only earlier ones are looked at, so that a pair is told once, at the second.
            if names[..place].contains(name) {
                let at = [parameter, &place.to_string()];
                self.push(Mistake::at(&at, format!("`{name}` is listed twice")));
            }
        }
    }
}
