//! Dates: from whatever was typed to days of the calendar, by declared forms
//! and an explicit policy for what is ambiguous or incomplete.

use engine::{Call, Kind, Mistake, Mistakes, Wiring};
use polars::prelude::DataType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, Output, StudySettings};

use crate::calendar::{iso, parse_iso};
use crate::cells::{Edit, Revision, boolean_series, date_series, days, texts};
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

/// What became of a cell.
struct Settled {
    day: Option<i32>,
    action: Action,
    reason: String,
    imputed: bool,
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
        let bounds = self.bounds(&mut revision);
        for (at, column) in self.columns.iter().enumerate() {
            let mend = "declare it as text where it is read, and let this rule parse it";
            let types = [DataType::String, DataType::Date];
            if revision.has_type(column, &types, mend, &["columns", &at.to_string()]) {
                self.parse(&mut revision, column, &bounds);
            }
        }
        revision.close()
    }
}

/// The declared limits, ready for use.
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
            if bound.is_some() && !self.partial.imputes() {
                let message =
                    format!("`{parameter}` bounds completed dates, but none is completed");
                let hint = "set `partial` to `mid_month`, `first_day` or `last_day`";
                mistakes.push(Mistake::at(&[parameter], message).hint(hint));
            }
        }
        mistakes
    }

    fn bounds(&self, revision: &mut Revision) -> Bounds {
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
        revision: &mut Revision,
        parameter: &str,
        column: Option<&str>,
    ) -> Vec<Option<i32>> {
        let none = vec![None; revision.height()];
        let Some(column) = column else { return none };
        if !self.columns.iter().any(|own| own == column) {
            let mend = "parse it by an earlier rule, or list it under `columns`";
            let dates = revision.has_type(column, &[DataType::Date], mend, &[parameter]);
            return if dates { days(&revision.table, column) } else { none };
        }
        match revision.table.frame.column(column).map(|found| found.dtype().clone()) {
            Ok(DataType::Date) => days(&revision.table, column),
            Ok(DataType::String) => {
                let cells = texts(&revision.table, column);
                cells.iter().map(|cell| self.complete_day(cell.as_deref()?)).collect()
            }
            _ => none,
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

    fn parse(&self, revision: &mut Revision, column: &str, bounds: &Bounds) {
        let raw = texts(&revision.table, column);
        let parsed_before = revision.dtype(column) == DataType::Date;
        let mut clean = Vec::with_capacity(raw.len());
        let mut imputed = Vec::with_capacity(raw.len());
        for (row, raw) in raw.iter().enumerate() {
            let settled = raw.as_deref().map(|raw| self.settle(raw, row, bounds, parsed_before));
            clean.push(settled.as_ref().and_then(|settled| settled.day));
            imputed.push(Some(settled.as_ref().is_some_and(|settled| settled.imputed)));
            if let (Some(raw), Some(settled)) = (raw.as_deref(), settled) {
                self.report(revision, (row, column, raw), settled);
            }
        }
        revision.write(date_series(column, clean));
        self.write_companion(revision, column, imputed);
    }

    fn settle(&self, raw: &str, row: usize, bounds: &Bounds, parsed_before: bool) -> Settled {
        let without = |action, reason| Settled { day: None, action, reason, imputed: false };
        let fixed = |day, reason: &str| Settled {
            day: Some(day),
            action: Action::Fixed,
            reason: reason.to_owned(),
            imputed: false,
        };
        if let Some(reason) = missing_reason(raw, &self.missing) {
            return without(Action::SetMissing, reason);
        }
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
                let reason = format!("ambiguous: {} or {}", iso(day_first), iso(month_first));
                without(Action::Query, reason)
            }
            (Written::Month { first, last }, _) => self.complete((first, last), row, bounds),
            (Written::Unreadable(reason), _) => without(Action::Query, reason),
        };
        match settled.day {
            Some(day) => {
                self.within(day, bounds).map_or(settled, |why| without(Action::Query, why))
            }
            None => settled,
        }
    }

    /// A day for a month without one, as `partial` says.
    fn complete(&self, month: (i32, i32), row: usize, bounds: &Bounds) -> Settled {
        let bound = |column: &Option<String>, days: &[Option<i32>]| {
            column.clone().zip(days.get(row).copied().flatten())
        };
        let not_before = bound(&self.not_before, &bounds.not_before);
        let not_after = bound(&self.not_after, &bounds.not_after);
        match complete(self.partial, month, not_before, not_after) {
            Completed::Day(day, reason) => {
                Settled { day: Some(day), action: Action::Fixed, reason, imputed: true }
            }
            Completed::Missing(reason) => {
                Settled { day: None, action: Action::SetMissing, reason, imputed: false }
            }
            Completed::Query(reason) => {
                Settled { day: None, action: Action::Query, reason, imputed: false }
            }
        }
    }

    /// Why a day cannot be right; none where it can.
    fn within(&self, day: i32, bounds: &Bounds) -> Option<String> {
        let early = bounds.earliest.filter(|earliest| day < *earliest);
        let late = bounds.latest.filter(|latest| day > *latest);
        let early = early.map(|bound| format!("{} is before {}", iso(day), iso(bound)));
        early.or_else(|| late.map(|bound| format!("{} is after {}", iso(day), iso(bound))))
    }

    fn report(&self, revision: &mut Revision, cell: (usize, &str, &str), settled: Settled) {
        let (row, field, raw) = cell;
        if settled.action == Action::Query && self.otherwise == Otherwise::Stop {
            let (table, place) = (&self.table, revision.place(row));
            let message = format!(
                "`{raw}` in column `{field}` of table `{table}`, {place}: {}",
                settled.reason
            );
            let hint = "mend the raw cell, or use `otherwise: query`";
            revision.mistakes.push(Mistake::new(message).hint(hint));
            return;
        }
        let clean = settled.day.map(iso);
        if clean.as_deref() != Some(raw) {
            let clean = clean.as_deref();
            let Settled { action, reason, .. } = settled;
            revision.note(row, Edit { field, raw: Some(raw), clean, action, reason });
        }
    }

    /// The column that tells completed dates from known ones; it stays as it
    /// is where an earlier rule made it.
    fn write_companion(&self, revision: &mut Revision, column: &str, imputed: Vec<Option<bool>>) {
        let companion = format!("{column}_imputed");
        if !self.partial.imputes() || revision.table.frame.column(&companion).is_ok() {
            return;
        }
        revision.write(boolean_series(&companion, imputed));
        let label = format!("{}: day completed by rule", revision.table.about(column).label);
        let about = study::Column { label, ..study::Column::default() };
        revision.table.columns.insert(companion, about);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::testing::{log, messages, run, run_twice, shown, table};

    #[test]
    fn dates_are_read_and_doubts_are_asked() {
        let raw = table(
            "record_id|seen\nP-1|2021-03-05\nP-2|25/03/2021\nP-3|05/03/2021\nP-4|2021年3月5日\nP-5|44260\nP-6|31/02/2021\nP-7|NK\nP-8|\nP-9|2021-03\nP-10|2031-01-01\nP-11|5/3/21\nP-12|1821-03-05\nP-13| 2021-03-06",
        );
        let parameters = json!({
            "table": "visits", "columns": ["seen"], "missing": ["NK"], "earliest": "1900-01-01", "latest": "2023-06-30",
            "formats": ["iso", "day_month_year", "month_day_year", "chinese", "excel_serial"],
        });
        let output = run_twice::<ParseDates>(parameters, "visits", &raw);
        let clean = shown(&output.tables["visits"]);
        assert_eq!(
            clean,
            [
                "record_id|seen",
                "P-1|2021-03-05",
                "P-2|2021-03-25",
                "P-3|",
                "P-4|2021-03-05",
                "P-5|2021-03-05",
                "P-6|",
                "P-7|",
                "P-8|",
                "P-9|",
                "P-10|",
                "P-11|",
                "P-12|",
                "P-13|2021-03-06"
            ]
        );
        assert_eq!(
            log(&output),
            [
                "3 P-2 seen: 25/03/2021 -> 2021-03-25 (fixed: day/month/year)",
                "4 P-3 seen: 05/03/2021 -> (missing) (query: ambiguous: 2021-03-05 or 2021-05-03)",
                "5 P-4 seen: 2021年3月5日 -> 2021-03-05 (fixed: Chinese form)",
                "6 P-5 seen: 44260 -> 2021-03-05 (fixed: Excel serial number)",
                "7 P-6 seen: 31/02/2021 -> (missing) (query: there is no such day in the calendar)",
                "8 P-7 seen: NK -> (missing) (set_missing: `NK` is a code for missing)",
                "10 P-9 seen: 2021-03 -> (missing) (query: the day is unknown)",
                "11 P-10 seen: 2031-01-01 -> (missing) (query: 2031-01-01 is after 2023-06-30)",
                "12 P-11 seen: 5/3/21 -> (missing) (query: the year has two digits and no `two_digit_year_pivot` is declared)",
                "13 P-12 seen: 1821-03-05 -> (missing) (query: 1821-03-05 is before 1900-01-01)",
                "14 P-13 seen:  2021-03-06 -> 2021-03-06 (fixed: year-month-day)",
            ]
        );
    }

    #[test]
    fn a_month_is_completed_within_its_bounds() {
        let raw = table(
            "record_id|last_contact|death_date\nP-1|2021-03-02|2021-03\nP-2|2021-03-20|UK/03/2021\nP-3|2021-04-02|2021-03\nP-4|2021-03|2021-03\nP-5|2021-02-01|2021-03-31",
        );
        let with = |partial: &str| {
            let parameters = json!({
                "table": "followup", "columns": ["last_contact", "death_date"], "partial": partial, "not_before": "last_contact",
            });
            run_twice::<ParseDates>(parameters, "followup", &raw)
        };
        let mid = with("mid_month");
        assert_eq!(
            shown(&mid.tables["followup"]),
            [
                "record_id|last_contact|death_date|last_contact_imputed|death_date_imputed",
                "P-1|2021-03-02|2021-03-15|false|true",
                "P-2|2021-03-20|2021-03-20|false|true",
                "P-3|2021-04-02||false|false",
                "P-4|2021-03-15|2021-03-15|true|true",
                "P-5|2021-02-01|2021-03-31|false|false",
            ]
        );
        assert_eq!(
            log(&mid),
            [
                "5 P-4 last_contact: 2021-03 -> 2021-03-15 (fixed: day unknown: middle of the month)",
                "2 P-1 death_date: 2021-03 -> 2021-03-15 (fixed: day unknown: middle of the month)",
                "3 P-2 death_date: UK/03/2021 -> 2021-03-20 (fixed: day unknown: middle of the month, not before `last_contact`)",
                "4 P-3 death_date: 2021-03 -> (missing) (query: day unknown, and the month ends before `last_contact` (2021-04-02))",
                "5 P-4 death_date: 2021-03 -> 2021-03-15 (fixed: day unknown: middle of the month)",
            ]
        );
        assert_eq!(
            shown(&with("first_day").tables["followup"])[1],
            "P-1|2021-03-02|2021-03-02|false|true"
        );
        assert_eq!(
            shown(&with("last_day").tables["followup"])[1],
            "P-1|2021-03-02|2021-03-31|false|true"
        );
    }

    #[test]
    fn mistakes_are_told() {
        let raw = table("record_id|seen|n:whole|last\nP-1|soon|1|2021-03-05");
        let said = |parameters| {
            messages(&run::<ParseDates>(parameters, &[("visits", &raw)]).expect_err("a mistake"))
        };
        assert_eq!(
            said(json!({
                "table": "visits", "columns": ["seen", "n", "saen"], "formats": [], "earliest": "2021-02-30",
                "latest": "01/02/2021", "not_before": "last", "not_after": "lst",
            })),
            [
                "earliest: `2021-02-30` is no day of the calendar; write it as `2021-03-05`",
                "latest: `01/02/2021` is no day of the calendar; write it as `2021-03-05`",
                "formats: no format is declared",
                "not_before: `not_before` bounds completed dates, but none is completed; set `partial` to `mid_month`, `first_day` or `last_day`",
                "not_after: `not_after` bounds completed dates, but none is completed; set `partial` to `mid_month`, `first_day` or `last_day`",
                "not_before: column `last` of table `visits` holds text, not dates; parse it by an earlier rule, or list it under `columns`",
                "not_after: table `visits` has no column `lst`; did you mean `last`?",
                "columns.1: column `n` of table `visits` holds whole numbers, not text or dates; declare it as text where it is read, and let this rule parse it",
                "columns.2: table `visits` has no column `saen`; did you mean `seen`?",
            ]
        );
        assert_eq!(
            said(json!({"table": "visits", "columns": ["seen"], "otherwise": "stop"})),
            [
                ": `soon` in column `seen` of table `visits`, line 2 (P-1): no date; mend the raw cell, or use `otherwise: query`"
            ]
        );
    }

    proptest! {
        #[test]
        fn a_second_run_changes_nothing(cells in prop::collection::vec("[0-9]{1,4}[-/.年][0-9UK]{1,2}[-/月]?[0-9]{0,4}", 1..12)) {
            let lines: String = cells.iter().map(|cell| format!("\nP|{cell}")).collect();
            let parameters = json!({
                "table": "visits", "columns": ["seen"], "partial": "mid_month", "two_digit_year_pivot": 30,
                "formats": ["iso", "day_month_year", "month_day_year", "chinese"], "latest": "2023-06-30",
            });
            run_twice::<ParseDates>(parameters, "visits", &table(&format!("record_id|seen{lines}")));
        }
    }
}
