//! What becomes of dates where one row is picked out of many, or many are
//! summed up: known on a day, by a bound, or when no more can come.

use std::collections::{BTreeMap, BTreeSet};

use study::{DateId, Lineage, Moment, Table};

use super::Author;

/// The rows that a rule looks at, and what that says of when they are known.
#[derive(Default)]
pub(crate) struct LookedAt {
    /// What decides which rows these are.
    pub(crate) decides: Lineage,
    /// Dates of rows that are never later than these of the patient.
    bounds: BTreeMap<DateId, Vec<Moment>>,
}

impl LookedAt {
    /// The rows on which a condition holds.
    pub(crate) fn new(table: &Table, condition: Option<&str>) -> Self {
        let mut looked_at = Self::default();
        let Some(reading) = condition.map(|sql| table.reads(sql)) else {
            return looked_at;
        };
        for column in reading.columns() {
            let mut lineage = table.lineage(column);
            let others = reading.only_compared(table, column);
            if others.is_some_and(|others| others.iter().all(|other| is_event(table, other))) {
                // whether a date lies before that of the row is known on the row's day
                let own = lineage.date.as_ref().map(|date| date.date.clone());
                lineage
                    .known
                    .retain(|known| known.of_all_rows || Some(&known.date) != own.as_ref());
            }
            looked_at.decides.given(&lineage);
        }
        for (first, second) in &reading.bounds {
            looked_at.bound(&table.lineage(first), &table.lineage(second));
        }
        looked_at
    }

    /// The rows that are left where those on which a condition holds are dropped.
    pub(crate) fn left_by(table: &Table, condition: &str) -> Self {
        let mut looked_at = Self::default();
        // a row without its date stays, and may be of any time
        let is_whole =
            // Of the rows at hand: in a run a missing date may appear, and the bound is gone.
            |column: &str| table.series(column).is_some_and(|column| column.null_count() == 0);
        let bounds = table.reads(condition).bounds_else;
        for (first, second) in bounds.into_iter().filter(|(first, _)| is_whole(first)) {
            looked_at.bound(&table.lineage(&first), &table.lineage(&second));
        }
        looked_at
    }

    /// Says of every date of a row that it is never later than its bounds.
    pub(crate) fn note_bounds(&self, lineage: &mut Lineage) {
        lineage.change_moments(|known| {
            // A bound holds for one row, not for the last of several.
            let bounds = self.bounds.get(&known.date).filter(|_| !known.of_all_rows);
            let by = bounds.into_iter().flatten().map(|bound| bound.date.clone());
            vec![Moment { by: by.chain(known.by.iter().cloned()).collect(), ..known.clone() }]
        });
    }

    /// Notes that a date of the rows is never later than one of the patient.
    pub(crate) fn bound(&mut self, row: &Lineage, patient: &Lineage) {
        // A date of the row itself bounds nothing for the patient.
        let patient = patient.date.as_ref().filter(|date| date.per_patient);
        if let Some(patient) = patient {
            self.bound_by(row, patient);
        }
    }

    /// Notes that a date of the rows is never later than the one that is asked
    /// for: the patient's, or that of a row to which one of these is brought.
    pub(crate) fn bound_by(&mut self, row: &Lineage, asked: &Moment) {
        // A patient's own date needs no bound: it is the same in all rows.
        let row = row.date.as_ref().filter(|date| !date.per_patient && !date.of_all_rows);
        if let Some(row) = row.filter(|_| !asked.of_all_rows) {
            self.bounds.entry(row.date.clone()).or_default().push(asked.clone());
        }
    }

    /// A lineage where the row with the earliest of these dates is picked: it is
    /// known on that day. Other dates of other rows decided which row it is.
    fn picked(&self, lineage: &mut Lineage, earliest: &DateId, is_decision: bool) {
        lineage.change_moments(|known| {
            // To know that a row is the earliest by another date takes all rows.
            if known.of_all_rows || is_decision && known.date != *earliest {
                return self.beyond(known);
            }
            let by = self.bounds.get(&known.date).into_iter().flatten();
            let by = by.map(|bound| bound.date.clone()).chain(known.by.iter().cloned()).collect();
            vec![Moment { by, ..known.clone() }]
        });
    }

    /// A lineage where all rows had to be seen.
    fn all_seen(&self, lineage: &mut Lineage) {
        lineage.change_moments(|known| self.beyond(known));
    }

    /// When all rows with such a date are known: by its bound, if it has one.
    fn beyond(&self, known: &Moment) -> Vec<Moment> {
        match self.bounds.get(&known.date).filter(|_| !known.of_all_rows) {
            // Every such row lies at or before the bound, so that all are known then.
            Some(bounds) => bounds.clone(),
            // Without a bound a further row may always come.
            None => vec![Moment { of_all_rows: true, ..known.clone() }],
        }
    }
}

/// Whether the rows of a table are known from a column of it on.
fn is_event(table: &Table, column: &str) -> bool {
    let date = table.lineage(column).date;
    date.is_some_and(|date| table.rows.known.iter().any(|known| known.date == date.date))
}

/// One row out of many, or one value of many.
pub(crate) struct Gathered<'a> {
    pub(crate) author: Author<'a>,
    pub(crate) looked_at: LookedAt,
    /// The date whose earliest row is picked; none where all rows must be seen.
    pub(crate) earliest: Option<DateId>,
    /// One row a patient comes out.
    pub(crate) per_patient: bool,
}

impl Gathered<'_> {
    /// The lineage of the rows that come out.
    pub(crate) fn rows(&self, table: &Table, keys: &[String]) -> Lineage {
        let mut rows = Lineage::default();
        rows.given(&table.rows);
        rows.given(&table.lineage_of(keys.iter().map(String::as_str)));
        self.out(&mut rows);
        // What decided the choice may be known later than the value itself.
        let mut decides = self.looked_at.decides.clone();
        self.decided(&mut decides);
        rows.given(&decides);
        rows.rules.insert(self.author.rule.to_owned());
        rows
    }

    /// Rows picked out of a table, with what decided which they are and when
    /// that was known.
    pub(crate) fn picked(&self, mut picked: Table, keys: &[String]) -> Table {
        let rows = self.rows(&picked, keys);
        for about in picked.columns.values_mut() {
            // Each column keeps the date that it is; which row it is from is told by `known`.
            let date = about.lineage.date.clone();
            self.out(&mut about.lineage);
            about.lineage.given(&rows);
            about.lineage.date = date;
        }
        picked.rows = rows;
        picked
    }

    /// What becomes of the lineage of a value.
    pub(crate) fn out(&self, lineage: &mut Lineage) {
        match &self.earliest {
            Some(date) => self.looked_at.picked(lineage, date, false),
            None => self.looked_at.all_seen(lineage),
        }
        self.settle(lineage);
    }

    fn decided(&self, decides: &mut Lineage) {
        match &self.earliest {
            Some(date) => self.looked_at.picked(decides, date, true),
            None => self.looked_at.all_seen(decides),
        }
        self.settle(decides);
    }

    fn settle(&self, lineage: &mut Lineage) {
        if self.per_patient {
            lineage.settle();
        }
    }
}

/// Gives dates new names in a lineage: they are dates of each row again.
pub(crate) fn rename(lineage: &mut Lineage, names: &BTreeMap<DateId, DateId>) {
    let renamed = |known: Moment| match names.get(&known.date) {
        Some(new) if !known.of_all_rows => {
            // In the new table several rows may have it again.
            Moment { date: new.clone(), per_patient: false, ..known }
        }
        _ => known,
    };
    lineage.known = std::mem::take(&mut lineage.known).into_iter().map(renamed).collect();
    if let Some(date) = &mut lineage.date
        && let Some(new) = names.get(&date.date)
    {
        date.date = new.clone();
        date.per_patient = false;
        // what was several dates before stays so
        if lineage.dates.len() < 2 {
            lineage.dates = BTreeSet::from([new.clone()]);
        }
    }
}

/// Gives the dates of the rows of a table that was made by picking rows their
/// new names: they are no longer those of the old table.
pub(crate) fn name_anew(table: &mut Table, author: Author<'_>, old: &Table) {
    let named = old.columns.iter().filter_map(|(column, about)| {
        let date = about.lineage.date.as_ref().filter(|date| !date.per_patient)?;
        Some((date.date.clone(), author.date(column)))
    });
    let names = named.collect();
    let lineages = table.columns.values_mut().map(|about| &mut about.lineage);
    lineages.chain([&mut table.rows]).for_each(|lineage| rename(lineage, &names));
}
