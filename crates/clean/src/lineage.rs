//! How rules hand lineage on: what a column was made from. What becomes of
//! dates where rows are picked or summed up is in `gathered`.

mod gathered;

pub(crate) use gathered::{Gathered, LookedAt, name_anew, rename};

use std::collections::BTreeSet;

use engine::{Call, Mistake};
use polars::prelude::{DataType, Series};
use study::{DateId, Lineage, Moment, RawColumn, SqlReading, Table, in_sentence};

/// Who writes: the rule, and the name of the table.
#[derive(Clone, Copy)]
pub(crate) struct Author<'a> {
    pub(crate) rule: &'a str,
    pub(crate) table: &'a str,
}

impl Author<'_> {
    /// The date that a column of this version of the table is.
    pub(crate) fn date(&self, column: &str) -> DateId {
        DateId {
            table: self.table.to_owned(),
            column: column.to_owned(),
            rule: Some(self.rule.to_owned()),
        }
    }

    /// The lineage of a column as written: what it was made from, the rows that
    /// it stands in, and the rule. Dates that are no copies are dates of their own.
    // Every column stands in rows, so what decided them is behind it as well.
    pub(crate) fn written(&self, series: &Series, mut made: Lineage, rows: &Lineage) -> Lineage {
        made.given(rows);
        made.rules.insert(self.rule.to_owned());
        // A date that is computed is a new event: no bound on the old one holds for it.
        if *series.dtype() == DataType::Date && made.date.is_none() {
            let own = self.date(series.name());
            if made.dates.is_empty() {
                made.dates.insert(own.clone());
                // on the row of an event every date is known from its own day on
                if !rows.known.is_empty() {
                    made.known.insert(Moment::of_row(own.clone()));
                }
            }
            made.date = Some(Moment::of_row(own));
        }
        made
    }
}

/// The lineage of what an expression gives.
pub(crate) fn of_sql(table: &Table, sql: &str) -> Lineage {
    let reading = table.reads(sql);
    let mut made = table.lineage_of(reading.values.iter().map(String::as_str));
    for column in &reading.conditions {
        made.given(&table.lineage(column));
    }
    // Only a copy of one column stays the date that it was.
    made.date = reading.copies.as_deref().and_then(|source| table.lineage(source).date);
    note_read_dates(table, &reading, &mut made);
    made
}

/// Notes dates that are read out of text beside others: which of them a patient
/// got is told by `dates` as if each stood in a date column.
fn note_read_dates(table: &Table, reading: &SqlReading, made: &mut Lineage) {
    let read = reading.read_dates.iter().filter_map(|columns| {
        let source = table.lineage_of(columns.iter().map(String::as_str));
        // A text that was made of dates has their identities already.
        let raw = source.raw.first().filter(|_| source.dates.is_empty())?;
        let RawColumn { table, column } = raw.clone();
        Some(DateId { table, column, rule: None })
    });
    let read: BTreeSet<DateId> = read.collect();
    // one alone is a date of its own, and so is one of several on the row of an event
    let is_one_of_many = !made.dates.is_empty() || read.len() > 1 && table.rows.known.is_empty();
    if is_one_of_many {
        made.dates.extend(read);
    }
}

/// The lineage of a column that an expression changes where a condition holds.
/// It stays the date that it is as long as no other value can come into it.
pub(crate) fn of_change(table: &Table, column: &str, sql: &str) -> Lineage {
    let reading = table.reads(sql);
    let own = table.lineage(column);
    // `NULL` or the column itself: cells may go, but no other day comes in.
    let stays = reading.values.is_empty() || reading.copies.as_deref() == Some(column);
    let mut made = of_sql(table, sql);
    made.date = own.date.clone().filter(|_| stays);
    made.made_of(&own);
    made
}

/// The lineage of a condition: it decides, but no value comes out of it.
pub(crate) fn of_condition(table: &Table, sql: Option<&str>) -> Lineage {
    let mut decides = Lineage::default();
    decides.given(&sql.map(|sql| of_sql(table, sql)).unwrap_or_default());
    decides
}

/// The columns of a condition, in words, that make it known only after time zero.
/// Where what is unknown counts `as_if` it held, so does that a date never comes.
pub(crate) fn late_in_words(
    table: &Table,
    (condition, as_if): (&str, bool),
    index: &str,
) -> Vec<String> {
    let zero = table.lineage(index).date.map(|date| date.date);
    let reading = table.reads(condition);
    let is_whole = |column: &str| table.series(column).is_some_and(|own| own.null_count() == 0);
    let is_late = |column: &&str| {
        let mut lineage = table.lineage(column);
        // what came before time zero, and what did not, is known then
        let only = BTreeSet::from([index.to_owned()]);
        // Compared with time zero alone: the answer is known on that day, as a date that
        // has not come by then is not before it.
        if reading.only_compared(table, column) == Some(&only) && (!as_if || is_whole(column)) {
            let own = lineage.date.as_ref().map(|date| date.date.clone());
            lineage.known.retain(|known| known.of_all_rows || Some(&known.date) != own.as_ref());
        }
        lineage.late(zero.as_ref()).next().is_some()
    };
    let late = reading.columns().filter(is_late);
    late.map(|column| in_sentence(&table.about(column).label)).collect()
}

/// The mistake of a time zero that is one date for some patients and another
/// for others: whoever got the later one had to live until then.
pub(crate) fn check_time_zero(
    call: &Call<'_>,
    name: &str,
    before: Option<&Table>,
    after: &Table,
) -> Result<(), Mistake> {
    // Only the analysis table has a time zero.
    let index = call.study.index_date.as_deref().filter(|_| name == call.study.analysis_table);
    let Some(index) = index else { return Ok(()) };
    let own = after.lineage(index);
    // A rule that leaves it alone is not asked again.
    if before.is_some_and(|table| table.lineage(index) == own) {
        return Ok(());
    }
    let names = |dates: &mut dyn Iterator<Item = &DateId>| {
        let names = dates.map(|date| format!("`{}.{}`", date.table, date.column));
        names.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" and ")
    };
    // Several dates are told once, by the rule that mixed them.
    let same = before.is_some_and(|table| table.lineage(index).dates == own.dates);
    let grounds = if own.dates.len() > 1 && !same {
        format!("is made of {}", names(&mut own.dates.iter()))
    } else if own.date.as_ref().is_some_and(|date| !own.dates.contains(&date.date)) {
        // a date that was moved: by a number of days which is known then, or only later
        let later = own.later_than_made_of().filter(|known| !after.rows.known.contains(known));
        let later = names(&mut later.map(|known| &known.date));
        if later.is_empty() {
            return Ok(());
        }
        format!("is moved by what is known only from {later} on")
    } else {
        return Ok(());
    };
    let message = format!(
        "the index date `{index}` {grounds}: patients have time zero on different grounds, and who got the later date had to live until then"
    );
    Err(Mistake::new(message).hint(
        "count all patients from the same event, and analyse what comes later from a landmark or with a time-dependent term; where exports of several hospitals were put under one another, name their common event in `same_event` of that `append`",
    ))
}

#[cfg(test)]
mod tests;
