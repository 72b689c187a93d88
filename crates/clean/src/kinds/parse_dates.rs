//! Dates: from whatever was typed to days of the calendar, by declared forms
//! and an explicit policy for what is ambiguous or incomplete.

use std::collections::BTreeMap;

use engine::{Call, Kind, Mistake, Mistakes, Wiring};
use polars::prelude::DataType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, DeedId, Output, StudySettings, in_blocks};

use crate::calendar::{iso, parse_iso};
use crate::cells::{Edit, Revision, boolean_series, date_series, days};
use crate::coded::{Coded, texts};
use crate::kinds::parameters::{Otherwise, check_columns, wiring_of};
use crate::partial_date::{Completed, Partial, complete};
use crate::text::missing_reason;
use crate::written_date::{DateFormat, Written, read};

/// Turns text into dates. Only the declared forms are read; a date that could
/// be read in two ways is a query unless `ambiguous` says otherwise, and a
/// date without its day is completed only as `partial` says, with a note in
/// the log and a yes/no column `<column>_imputed`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParseDates {
    /// The table.
    pub table: String,
    /// The columns that hold dates in these forms.
    pub columns: Vec<String>,
    /// The forms that occur. Where both `day_month_year` and `month_day_year`
    /// are declared, a date such as 05/03/2021 is ambiguous.
    #[serde(default = "iso_only")]
    pub formats: Vec<DateFormat>,
    /// Two-digit years up to this one are 20yy, later ones 19yy; without it a
    /// date with a two-digit year cannot be read.
    #[serde(default)]
    #[schemars(range(max = 99))]
    pub two_digit_year_pivot: Option<u8>,
    /// What to do with a date whose day and month may have changed places.
    #[serde(default)]
    pub ambiguous: Ambiguous,
    /// What to do with a month without its day (`2021-03`, `UK/03/2021`).
    #[serde(default)]
    pub partial: Partial,
    /// A column of dates that a completed date must not precede, such as the
    /// last contact for a day of death.
    #[serde(default)]
    pub not_before: Option<String>,
    /// A column of dates that a completed date must not follow.
    #[serde(default)]
    pub not_after: Option<String>,
    /// Makes `<column>_earliest` and `<column>_latest` beside each column: the first and the last day
    /// that a completed date can have been within its month and its bounds, and the day itself where
    /// it was written. Analyses of these show how far the chosen days matter.
    #[serde(default)]
    pub range: bool,
    /// Codes for missing, such as `[NK, "99"]`; blanks are missing anyway.
    #[serde(default)]
    pub missing: Vec<String>,
    /// The earliest day that can be right, as `2010-01-01`; an earlier date
    /// is set missing with a query.
    #[serde(default)]
    pub earliest: Option<String>,
    /// The latest day that can be right, such as the day of the export; a
    /// later date is set missing with a query.
    #[serde(default)]
    pub latest: Option<String>,
    /// What to do with a cell that is no date in a declared form.
    #[serde(default)]
    pub otherwise: Otherwise,
}

fn iso_only() -> Vec<DateFormat> {
    vec![DateFormat::Iso]
}

/// What to do with a date whose day and month may have changed places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ambiguous {
    /// Set it missing and ask the hospital.
    #[default]
    Query,
    /// Take the first number for the day.
    DayFirst,
    /// Take the first number for the month.
    MonthFirst,
}

/// What a cell says, whatever its row.
enum Reading {
    Settled(Settled),
    /// A month without its day, by its first and last: the row decides.
    Month((i32, i32)),
}

/// What became of a cell.
struct Settled {
    day: Option<i32>,
    /// The day as the log writes it.
    clean: Option<String>,
    action: Action,
    reason: String,
    /// The first and the last day that it can be, where the day was completed.
    completed: Option<[i32; 2]>,
}

impl Settled {
    fn of(day: i32, reason: String) -> Self {
        let (day, clean) = (Some(day), Some(iso(day)));
        // A day that stood there in ISO form is no change, and `deed` leaves it out.
        Self { day, clean, action: Action::Fixed, reason, completed: None }
    }

    fn without(action: Action, reason: String) -> Self {
        Self { day: None, clean: None, action, reason, completed: None }
    }
}

impl Kind for ParseDates {
    const NAME: &'static str = "parse_dates";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        wiring_of(&self.table)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut revision = Revision::open(call, &self.table);
        revision.mistakes = self.check();
        // Before any column is parsed: a bound may be a column of this rule, and must be
        // read as it was.
        let bounds = self.bounds(&mut revision);
        // In the order of the list, each by itself.
        for (at, column) in self.columns.iter().enumerate() {
            let mend = "declare it as text where it is read, and let this rule parse it";
            // Dates as well, so that the rule can be applied twice.
            let types = [DataType::String, DataType::Date];
            if revision.has_type(column, &types, mend, &["columns", &at.to_string()]) {
                self.parse(&mut revision, column, &bounds);
            }
        }
        revision.close()
    }
}

/// The declared limits, ready for use; no days where no column bounds anything.
#[derive(Default)]
struct Bounds {
    earliest: Option<i32>,
    latest: Option<i32>,
    not_before: Vec<Option<i32>>,
    not_after: Vec<Option<i32>>,
}

impl ParseDates {
    fn check(&self) -> Mistakes {
        let mut mistakes = check_columns(&self.columns);
        for (parameter, bound) in [("earliest", &self.earliest), ("latest", &self.latest)] {
            if let Some(bound) = bound.as_ref().filter(|bound| parse_iso(bound).is_none()) {
                let message = format!("`{bound}` is no day of the calendar");
                mistakes.push(Mistake::at(&[parameter], message).hint("write it as `2021-03-05`"));
            }
        }
        if let (Some(earliest), Some(latest)) = (&self.earliest, &self.latest)
            && parse_iso(earliest) > parse_iso(latest)
        {
            let message = format!("earliest ({earliest}) is after latest ({latest})");
            mistakes.push(Mistake::at(&["earliest"], message));
        }
        if self.formats.is_empty() {
            mistakes.push(Mistake::at(&["formats"], "no format is declared"));
        }
        for (parameter, bound) in [("not_before", &self.not_before), ("not_after", &self.not_after)]
        {
            // A bound that bounds nothing was meant for something else.
            if bound.is_some() && !self.partial.imputes() {
                let message =
                    format!("`{parameter}` bounds completed dates, but none is completed");
                mistakes.push(Mistake::at(&[parameter], message).hint(COMPLETE));
            }
        }
        if self.range && !self.partial.imputes() {
            let message = "`range` is of completed dates, but none is completed".to_owned();
            mistakes.push(Mistake::at(&["range"], message).hint(COMPLETE));
        }
        mistakes
    }

    fn bounds(&self, revision: &mut Revision<'_>) -> Bounds {
        Bounds {
            earliest: self.earliest.as_deref().and_then(parse_iso),
            latest: self.latest.as_deref().and_then(parse_iso),
            not_before: self.bound(revision, "not_before", self.not_before.as_deref()),
            not_after: self.bound(revision, "not_after", self.not_after.as_deref()),
        }
    }

    /// The days of a bounding column: dates already, or parsed by this rule,
    /// where only what is complete and unambiguous bounds anything.
    fn bound(
        &self,
        revision: &mut Revision<'_>,
        parameter: &str,
        column: Option<&str>,
    ) -> Vec<Option<i32>> {
        let none = Vec::new;
        let Some(column) = column else { return none() };
        if !self.columns.iter().any(|own| own == column) {
            let mend = "parse it by an earlier rule, or list it under `columns`";
            let dates = revision.has_type(column, &[DataType::Date], mend, &[parameter]);
            return if dates { days(&revision.table, column) } else { none() };
        }
        match revision.table.data_type(column) {
            Some(DataType::Date) => days(&revision.table, column),
            Some(DataType::String) => {
                // As it was written: only a complete day bounds another.
                let cells = texts(&revision.table, column);
                cells.iter().map(|cell| self.complete_day(cell.as_deref()?)).collect()
            }
            _ => none(),
        }
    }

    fn complete_day(&self, cell: &str) -> Option<i32> {
        if missing_reason(cell, &self.missing).is_some() {
            return None;
        }
        match (read(cell, &self.formats, self.two_digit_year_pivot), self.ambiguous) {
            (Written::Day { day, .. }, _) => Some(day),
            (Written::Ambiguous { day_first, .. }, Ambiguous::DayFirst) => Some(day_first),
            (Written::Ambiguous { month_first, .. }, Ambiguous::MonthFirst) => Some(month_first),
            _ => None,
        }
    }

    fn parse(&self, revision: &mut Revision<'_>, column: &str, bounds: &Bounds) {
        let cells = Coded::of(&revision.table, column);
        let parsed_before = revision.dtype(column) == DataType::Date;
        let readings: Vec<Reading> =
            // What a cell says does not hang on its row; only a month without a day does.
            cells.distinct().map(|raw| self.read_cell(raw, bounds, parsed_before)).collect();
        let readings: Vec<(Reading, Option<DeedId>)> = (cells.distinct().zip(readings))
            .map(|(raw, reading)| {
                let deed = match &reading {
                    Reading::Settled(settled) => deed(revision, (column, raw), settled),
                    Reading::Month(_) => None,
                };
                (reading, deed)
            })
            .collect();
        let completed = self.completed(revision, (column, &cells), &readings, bounds);
        let of_row = |row: usize| match cells.meaning(&readings, row)? {
            (Reading::Settled(settled), noted) => Some((settled, *noted)),
            // Its bounds stand in the row.
            (Reading::Month(_), _) => completed.get(&row).map(|(settled, noted)| (settled, *noted)),
        };
        // Row by row, as each place is named.
        if self.otherwise == Otherwise::Stop {
            for (row, raw, _) in cells.with(&readings) {
                // Codes for missing are no doubts and stop nothing.
                if let Some((settled, _)) = of_row(row).filter(|it| it.0.action == Action::Query) {
                    self.stop(revision, (row, column, raw), settled);
                }
            }
        }
        revision.note_rows(|row| [of_row(row).and_then(|(_, noted)| noted)]);
        let day = |row: usize| of_row(row)?.0.day;
        let clean = in_blocks(revision.height(), |rows| rows.map(day).collect::<Vec<_>>()).concat();
        let mut made = revision.own(column);
        // What bounds a day decides which day it is.
        for bound in [&self.not_before, &self.not_after].into_iter().flatten() {
            made.given(&revision.own(bound));
        }
        revision.write(date_series(column, clean), made);
        // For the companion columns: which days nobody wrote.
        let completed = |row: usize| of_row(row).and_then(|(settled, _)| settled.completed);
        self.write_companion(revision, column, |row| Some(completed(row).is_some()));
        if self.range {
            for (end, of_range) in [("earliest", 0), ("latest", 1)] {
                let day = |row: usize| {
                    completed(row).map_or_else(|| day(row), |range| Some(range[of_range]))
                };
                self.write_end(revision, (column, end), day);
            }
        }
    }

    /// What the months without a day come to, each in its row.
    fn completed(
        &self,
        revision: &mut Revision<'_>,
        (column, cells): (&str, &Coded),
        readings: &[(Reading, Option<DeedId>)],
        bounds: &Bounds,
    ) -> BTreeMap<usize, (Settled, Option<DeedId>)> {
        let mut completed = BTreeMap::new();
        // Most columns have no such month, and no row is looked at again.
        if readings.iter().any(|(reading, _)| matches!(reading, Reading::Month(_))) {
            for (row, raw, (reading, _)) in cells.with(readings) {
                let Reading::Month(month) = reading else { continue };
                let settled = self.within(self.complete(*month, row, bounds), bounds);
                let noted = deed(revision, (column, raw), &settled);
                completed.insert(row, (settled, noted));
            }
        }
        completed
    }

    fn read_cell(&self, raw: &str, bounds: &Bounds, parsed_before: bool) -> Reading {
        let without = Settled::without;
        let fixed = |day, reason: &str| Settled::of(day, reason.to_owned());
        if let Some(reason) = missing_reason(raw, &self.missing) {
            return Reading::Settled(without(Action::SetMissing, reason));
        }
        // Dates that were parsed before are in ISO form, whatever the file had.
        let formats = if parsed_before { &[DateFormat::Iso] } else { self.formats.as_slice() };
        let settled = match (read(raw, formats, self.two_digit_year_pivot), self.ambiguous) {
            (Written::Day { day, form }, _) => fixed(day, form),
            (Written::Ambiguous { day_first, .. }, Ambiguous::DayFirst) => {
                fixed(day_first, "day/month/year, as declared for ambiguous dates")
            }
            (Written::Ambiguous { month_first, .. }, Ambiguous::MonthFirst) => {
                fixed(month_first, "month/day/year, as declared for ambiguous dates")
            }
            (Written::Ambiguous { day_first, month_first }, Ambiguous::Query) => {
                // Both readings, so that the hospital can say which.
                let reason = format!("ambiguous: {} or {}", iso(day_first), iso(month_first));
                without(Action::Query, reason)
            }
            (Written::Month { first, last }, _) => return Reading::Month((first, last)),
            (Written::Unreadable(reason), _) => without(Action::Query, reason),
        };
        Reading::Settled(self.within(settled, bounds))
    }

    /// A day for a month without one, as `partial` says.
    fn complete(&self, month: (i32, i32), row: usize, bounds: &Bounds) -> Settled {
        let bound = |column: &Option<String>, days: &[Option<i32>]| {
            column.clone().zip(days.get(row).copied().flatten())
        };
        let not_before = bound(&self.not_before, &bounds.not_before);
        let not_after = bound(&self.not_after, &bounds.not_after);
        match complete(self.partial, month, not_before, not_after) {
            Completed::Day { day, range, reason } => {
                Settled { completed: Some(range), ..Settled::of(day, reason) }
            }
            Completed::Missing(reason) => Settled::without(Action::SetMissing, reason),
            Completed::Query(reason) => Settled::without(Action::Query, reason),
        }
    }

    /// The same, or a query where the day cannot be right.
    fn within(&self, settled: Settled, bounds: &Bounds) -> Settled {
        let Some(day) = settled.day else { return settled };
        let early = bounds.earliest.filter(|earliest| day < *earliest);
        let late = bounds.latest.filter(|latest| day > *latest);
        let early = early.map(|bound| format!("{} is before {}", iso(day), iso(bound)));
        let why =
            early.or_else(|| late.map(|bound| format!("{} is after {}", iso(day), iso(bound))));
        // Out of the calendar of the study: a query, as the day is not known to be another
        // one.
        match why {
            Some(why) => Settled::without(Action::Query, why),
            None => {
                let (first, last) = (bounds.earliest, bounds.latest);
                // Also what a completed day can have been ends with the study's own bounds.
                let within = |day: i32| {
                    let day = first.map_or(day, |first| day.max(first));
                    last.map_or(day, |last| day.min(last))
                };
                Settled { completed: settled.completed.map(|range| range.map(within)), ..settled }
            }
        }
    }

    /// Notes that a cell is a mistake.
    fn stop(
        &self,
        revision: &mut Revision<'_>,
        (row, field, raw): (usize, &str, &str),
        settled: &Settled,
    ) {
        let (table, place, reason) = (&self.table, revision.place(row), &settled.reason);
        let message = format!("`{raw}` in column `{field}` of table `{table}`, {place}: {reason}");
        let hint = "mend the raw cell, or use `otherwise: query`";
        revision.mistakes.push(Mistake::new(message).hint(hint));
    }

    /// The first or the last days that dates can have been.
    fn write_end(
        &self,
        revision: &mut Revision<'_>,
        (column, end): (&str, &str),
        day: impl Fn(usize) -> Option<i32>,
    ) {
        let name = format!("{column}_{end}");
        if revision.table.has(&name) {
            // an earlier rule knew which days were not written
            return;
        }
        let about = revision.table.about(column);
        let label = format!("{}, {end} possible day", about.label);
        let about = study::Column { label, ..about };
        // made of the same cells and bounds as the date itself
        let made = revision.own(column);
        let days = (0..revision.height()).map(day).collect();
        revision.write_as(date_series(&name, days), about, made);
    }

    /// The column that tells completed dates from known ones; it stays as it
    /// is where an earlier rule made it.
    fn write_companion(
        &self,
        revision: &mut Revision<'_>,
        column: &str,
        imputed: impl Fn(usize) -> Option<bool>,
    ) {
        let companion = format!("{column}_imputed");
        if !self.partial.imputes() || revision.table.has(&companion) {
            return;
        }
        let label = format!("{}: day completed by rule", revision.table.about(column).label);
        let about = study::Column { label, ..study::Column::default() };
        // That a day was completed is told by the cell, but is no date.
        let mut made = study::Lineage::default();
        made.given(&revision.own(column));
        let imputed = (0..revision.height()).map(imputed).collect();
        revision.write_as(boolean_series(&companion, imputed), about, made);
    }
}

/// What makes completed dates.
const COMPLETE: &str = "set `partial` to `mid_month`, `first_day` or `last_day`";

/// What the log says of a cell; none where it is a date in its clean form already.
fn deed(
    revision: &mut Revision<'_>,
    (field, raw): (&str, &str),
    settled: &Settled,
) -> Option<DeedId> {
    let clean = settled.clean.as_deref();
    let (action, reason) = (settled.action, settled.reason.clone());
    let edit = Edit { field, raw: Some(raw), clean, action, reason };
    (clean != Some(raw)).then(|| revision.deed(edit))
}

#[cfg(test)]
mod tests;
