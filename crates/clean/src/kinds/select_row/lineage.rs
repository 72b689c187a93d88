//! The lineage of picked rows: what decided which they are, and from when on
//! they are known.

use engine::Call;
use study::{DateId, Table};

use super::{SelectRow, Take, direction};
use crate::lineage::{Author, Gathered, LookedAt, name_anew};
use crate::rows::key_or_default;

impl SelectRow {
    /// The rows picked, with what decided which they are and when it was known.
    pub(super) fn with_lineage(&self, call: &Call<'_>, mut picked: Table) -> Table {
        let table = call.table(&self.table);
        let keys = key_or_default(&self.by, call.study);
        let author = Author { rule: call.name, table: &self.into };
        let gathered = Gathered {
            author,
            looked_at: self.looked_at(call),
            earliest: self.earliest(table),
            per_patient: keys == [call.study.patient.as_str()],
        };
        // a table of one row a patient has one date a patient: there is nothing to pick
        let of_patients = gathered.per_patient && self.table == call.study.analysis_table;
        if of_patients {
            picked.columns.values_mut().for_each(|about| about.lineage.settle());
            picked.rows.settle();
        }
        let mut picked = gathered.picked(picked, &keys);
        if !of_patients {
            name_anew(&mut picked, author, table);
        }
        if gathered.per_patient {
            picked.columns.values_mut().for_each(|about| about.lineage.settle());
        }
        picked
    }

    fn looked_at(&self, call: &Call<'_>) -> LookedAt {
        let table = call.table(&self.table);
        let mut looked_at = LookedAt::new(table, self.condition.as_deref());
        let order = self.order.iter().filter_map(|order| direction(order, &[]).ok());
        let order: Vec<&str> = order.map(|(column, _)| column).collect();
        // The order decides which row it is, so that it is behind every value of it.
        looked_at.decides.given(&table.lineage_of(order));
        if let (true, Some(date), Some(to)) =
            (self.by_distance(), self.date.as_deref(), self.to(call.study))
        {
            let of = call.table(self.of(call.study));
            let (row, mut patient) = (table.lineage(date), of.lineage(to));
            patient.settle();
            looked_at.decides.given(&row);
            looked_at.decides.given(&patient);
            looked_at.decides.given(&of.rows);
            // A window that ends by the date itself: what is picked was known then.
            if self.window.is_some_and(|[_, until]| until.value() <= 0.0) {
                looked_at.bound(&row, &patient);
            }
        }
        looked_at
    }

    /// The date whose earliest row is picked, where that is what is asked for.
    fn earliest(&self, table: &Table) -> Option<DateId> {
        // Only the first column of the order: the others break ties.
        let (column, descending) = direction(self.order.first()?, &[]).ok()?;
        let forwards = self.take == Take::First && !descending;
        let date = table.lineage(column).date.filter(|date| !date.of_all_rows)?;
        // The first by its date is known on that day; the last only when no more can come.
        (forwards && table.rows.known.iter().any(|known| known.date == date.date))
            .then_some(date.date)
    }
}
