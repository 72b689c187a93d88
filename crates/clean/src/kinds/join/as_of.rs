//! The row of the other table that is nearest to a date of each row.

use engine::{Call, Mistake, Mistakes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Span, Table};

use super::Join;
use crate::cells::{Revision, days};
use crate::keys::{Groups, Keys};
use crate::lineage::{Author, Gathered, LookedAt, rename};
use crate::rows::{Holds, key_or_default, require};
use crate::whole_days::whole_days;

/// Which of several rows with one key is brought: by its date.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AsOf {
    /// The date column of `with`. A row without a date is never brought.
    pub date: String,
    /// The date column of `table` to be near to; the study's index date if left out.
    #[serde(default)]
    pub to: Option<String>,
    /// On which side of `to` the date may lie; on the day itself it always may.
    #[serde(default)]
    pub direction: Direction,
    /// The longest time between the two dates, such as `30 days`; that day is included.
    #[serde(default)]
    pub within: Option<Span>,
}

/// On which side of a date another one is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The last date at or before it: what was known then.
    #[default]
    Backward,
    /// The first date at or after it.
    Forward,
    /// The nearest on either side; of two as near, the earlier one.
    Nearest,
}

impl AsOf {
    /// The longest distance in days.
    fn most_days(&self, call: &Call<'_>) -> Result<Option<u32>, Mistake> {
        let Some(within) = self.within else { return Ok(None) };
        let at = ["as_of", "within"];
        let days = whole_days(call.study, within, &at)?;
        // A distance has no direction.
        u32::try_from(days).map(Some).map_err(|_| {
            Mistake::at(&at, format!("{} is before the day itself", within.resolved(call.study)))
                .hint("which side is said by `direction`")
        })
    }

    fn to<'a>(&'a self, call: &'a Call<'_>) -> &'a str {
        let to = self.to.as_deref().or(call.study.index_date.as_deref());
        to.expect("invariant: the rehearsal found a date to be near to")
    }

    pub(super) fn check(&self, join: &Join, call: &Call<'_>, mistakes: &mut Mistakes) {
        let date = require(call, &join.with, &self.date, Holds::Dates, &["as_of", "date"]);
        mistakes.note(date);
        mistakes.note(self.most_days(call));
        match (self.to.as_deref(), call.study.index_date.as_deref()) {
            (Some(to), _) => {
                let at = ["as_of", "to"];
                mistakes.note(require(call, join.table(call.study), to, Holds::Dates, &at));
            }
            (None, Some(to)) => {
                mistakes.note(require(call, join.table(call.study), to, Holds::Dates, &["as_of"]));
            }
            (None, None) => mistakes.push(
                Mistake::at(&["as_of"], "no date to be near to")
                    .hint("name it with `to`, or set `index_date` in `study:`"),
            ),
        }
    }

    /// What a row that is brought must have, in words.
    pub(super) fn in_words(&self, call: &Call<'_>) -> String {
        let side = match self.direction {
            Direction::Backward => "at or before",
            Direction::Forward => "at or after",
            Direction::Nearest => "near",
        };
        let within = self.within.map(|within| within.resolved(call.study));
        let within = within.map_or_else(String::new, |within| format!(", at most {within} away"));
        format!("this key and a `{}` {side} `{}`{within}", self.date, self.to(call))
    }

    /// The row of `right` that each row of `left` finds.
    ///
    /// # Errors
    /// If a row would find several of one day: which is meant is then open.
    pub(super) fn partners(
        &self,
        call: &Call<'_>,
        (left, right): (&Table, &Revision<'_>),
        (own, other): (&Keys, &Keys),
    ) -> Result<Vec<Option<usize>>, Mistake> {
        let most = self.most_days(call)?;
        let (asked, dates) = (days(left, self.to(call)), days(&right.table, &self.date));
        // Sorted once for each key, as many rows may ask.
        let dated = InOrder::of(&other.groups(), &dates);
        let mut twice = Vec::new();
        let mut partner = |key: Option<usize>, asked: Option<i32>| {
            let rows = dated.rows.get(key?)?;
            let found = self.nearest(rows, asked?, most)?;
            // All rows of the day that was found: rows with one date can only be told apart by
            // their place in a file, which decides nothing.
            let same = rows.partition_point(|(day, _)| *day < found)
                ..rows.partition_point(|(day, _)| *day <= found);
            if same.len() > 1 {
                twice.extend(rows[same.clone()].iter().map(|(_, row)| *row));
            }
            Some(rows[same.start].1)
        };
        let partners = own.iter().zip(asked).map(|(key, asked)| partner(key, asked)).collect();
        if twice.is_empty() {
            return Ok(partners);
        }
        // Two rows may ask for the same day.
        twice.sort_unstable();
        twice.dedup();
        let message = format!(
            "rows of `{}` have one key and one `{}`, and each of them could be brought: {}",
            right.name(),
            self.date,
            right.places(&twice)
        );
        Err(Mistake::at(&["as_of", "date"], message)
            .hint("leave one a day by `deduplicate`, `select_row` or `summarize` before this rule"))
    }

    /// The day of the row to bring, among rows in the order of their days.
    fn nearest(&self, rows: &[(i32, usize)], asked: i32, most: Option<u32>) -> Option<i32> {
        // On the day itself a row is both before and after.
        let before = rows[..rows.partition_point(|(day, _)| *day <= asked)].last();
        let after = rows[rows.partition_point(|(day, _)| *day < asked)..].first();
        let found = match self.direction {
            Direction::Backward => before,
            Direction::Forward => after,
            Direction::Nearest => {
                // `min_by_key` keeps the first of two as near: the earlier day.
                before.into_iter().chain(after).min_by_key(|(day, _)| day.abs_diff(asked))
            }
        };
        let near = |day: &i32| most.is_none_or(|most| day.abs_diff(asked) <= most);
        found.map(|(day, _)| *day).filter(near)
    }

    /// What is known of the columns of `right` where they are brought: the last
    /// row at or before a date is known then, the first one after it on its own
    /// day, and the nearest only when no more can come.
    pub(super) fn known(&self, join: &Join, call: &Call<'_>, left: &Table, right: &Table) -> Table {
        let by = key_or_default(&join.by, call.study);
        let is_of_patients = join.is_of_patients(&by, call.study);
        let (mut asked, row) = (left.lineage(self.to(call)), right.lineage(&self.date));
        if is_of_patients {
            asked.settle();
        }
        let mut looked_at = LookedAt::default();
        looked_at.decides.given(&row);
        // A row at or before the date is known then.
        let is_by_then = self.direction == Direction::Backward
            || self.most_days(call).is_ok_and(|most| most == Some(0));
        if let Some(asked) = asked.date.as_ref().filter(|_| is_by_then) {
            looked_at.bound_by(&row, asked);
        }
        // Only a date that makes the rows known can be the day on which the first of them
        // is.
        let first = row.date.filter(|date| !date.of_all_rows).map(|date| date.date);
        let first = first.filter(|first| {
            let is_of_rows = right.rows.known.iter().any(|known| known.date == *first);
            self.direction == Direction::Forward && !is_by_then && is_of_rows
        });
        let author = Author { rule: call.name, table: join.table(call.study) };
        let gathered = Gathered { author, looked_at, earliest: first, per_patient: is_of_patients };
        let mut known = gathered.picked(right.without_rows(), &by);
        // a date that is brought is one of the rows that get it
        let names = join.brought(call).into_iter().filter_map(|(old, new)| {
            let date = right.lineage(&old).date.filter(|date| !date.per_patient)?;
            Some((date.date, author.date(&new)))
        });
        let names = names.collect();
        for lineage in known.columns.values_mut().map(|about| &mut about.lineage) {
            rename(lineage, &names);
        }
        rename(&mut known.rows, &names);
        known.rows.given(&asked);
        known
    }
}

/// The rows of each key that have a date, in its order.
struct InOrder {
    rows: Vec<Vec<(i32, usize)>>,
}

impl InOrder {
    fn of(groups: &Groups, dates: &[Option<i32>]) -> Self {
        let sorted = |rows: &[usize]| {
            let mut dated: Vec<(i32, usize)> =
                rows.iter().filter_map(|row| Some((dates[*row]?, *row))).collect();
            // By row where days are equal, so that messages come in order.
            dated.sort_unstable();
            dated
        };
        Self { rows: groups.iter().map(sorted).collect() }
    }
}

#[cfg(test)]
mod tests;
