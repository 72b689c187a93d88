//! The lineage of rows that were put under one another, and what becomes of
//! their dates.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::DataType;
use study::{DateId, Lineage, Moment, Table};

use super::Joint;
use crate::lineage::{Author, rename};

/// A table with the names that its dates get in the new table.
pub(super) struct Part<'a> {
    table: &'a Table,
    names: BTreeMap<DateId, DateId>,
}

impl<'a> Part<'a> {
    /// All parts. A date that stands in each table under one name, such as the
    /// patient's time zero, is what it was; others are those of the new rows:
    /// a patient may have one in each table.
    pub(super) fn all(tables: &[&'a Table], author: Author<'_>) -> Vec<Self> {
        let date = |table: &Table, column: &str| table.lineage(column).date;
        let is_shared = |column: &str, own: &Moment| {
            // One date a patient that all tables share is no date of the rows.
            own.per_patient && tables.iter().all(|table| date(table, column).as_ref() == Some(own))
        };
        let part = |table: &&'a Table| {
            let dates = table.names().into_iter().filter_map(|column| {
                let own = date(table, &column).filter(|own| !is_shared(&column, own))?;
                Some((own.date, author.date(&column)))
            });
            Self { table, names: dates.collect() }
        };
        tables.iter().map(part).collect()
    }

    fn anew(&self, mut lineage: Lineage) -> Lineage {
        rename(&mut lineage, &self.names);
        lineage
    }
}

/// What decided which rows there are: what decided it in any of the tables.
pub(super) fn rows_of(parts: &[Part<'_>]) -> Lineage {
    let mut rows = Lineage::default();
    // By `made_of`: dates of the rows of one table are dates of the new rows.
    parts.iter().for_each(|part| rows.made_of(&part.anew(part.table.rows.clone())));
    rows
}

/// What a column is made of: the column of each table that has it. Dates are
/// those of the tables, unless they are `one` event in all of them.
pub(super) fn made_of(parts: &[Part<'_>], joint: &Joint, author: Author<'_>, one: bool) -> Lineage {
    let having = || parts.iter().filter(|part| part.table.has(&joint.name));
    let mut made = Lineage::default();
    let (mut own, mut dates) = (BTreeSet::new(), BTreeSet::new());
    for part in having() {
        let before = part.table.lineage(&joint.name);
        // The former dates, to tell how many events stand under this name.
        dates.extend(before.dates.iter().cloned());
        let anew = part.anew(before);
        own.insert(anew.date.clone());
        made.made_of(&anew);
    }
    if joint.kind == DataType::Date {
        // The same date in all parts stays what it is.
        let only = own.first().cloned().flatten().filter(|_| own.len() == 1);
        made.date = only.or_else(|| Some(Moment::of_row(author.date(&joint.name))));
        // Several events under one name: no time zero can come of them.
        if !one && dates.len() > 1 {
            made.dates = dates;
        }
    }
    made
}
