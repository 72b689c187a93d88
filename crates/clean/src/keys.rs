//! The keys of rows as whole numbers, and the rows of each key.

use std::borrow::Cow;

use study::Table;

use crate::coded::{Code, cells, coded};

/// The key of each row by its number, from 0; none where a part of it is missing.
pub(crate) struct Keys {
    codes: Vec<Option<Code>>,
    /// How many different keys were numbered.
    count: usize,
}

impl Keys {
    /// The keys of a table: the cells of some columns, as text.
    pub(crate) fn of(table: &Table, by: &[String]) -> Self {
        // As text, so that `7` read as a number and as text is one key.
        let [keys] = numbered([table], by);
        keys
    }

    /// The keys of two tables, in which one number is one key.
    pub(crate) fn of_both(left: &Table, right: &Table, by: &[String]) -> (Self, Self) {
        let [left, right] = numbered([left, right], by);
        (left, right)
    }

    /// The key of a row.
    pub(crate) fn get(&self, row: usize) -> Option<usize> {
        self.codes[row].map(Code::number)
    }

    /// The key of each row.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Option<usize>> + Clone {
        self.codes.iter().map(|code| code.map(Code::number))
    }

    /// How many different keys there are, in both tables where there are two.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// How many rows have no key.
    pub(crate) fn missing(&self) -> usize {
        self.codes.iter().filter(|code| code.is_none()).count()
    }

    /// The first row of each key that has one.
    pub(crate) fn first_rows(&self) -> Vec<Option<usize>> {
        let mut first = vec![None; self.count];
        for (row, key) in self.iter().enumerate() {
            if let Some(key) = key {
                first[key].get_or_insert(row);
            }
        }
        first
    }

    /// The rows of each key, by number.
    pub(crate) fn groups(&self) -> Groups {
        Groups::of(self.count, self.iter())
    }
}

/// Numbers the keys of tables column by column, the rows of one after those of
/// the other: the number so far and the next cell make the next number.
fn numbered<const N: usize>(tables: [&Table; N], by: &[String]) -> [Keys; N] {
    let height = tables.iter().map(|table| table.height()).sum();
    let mut codes = vec![Some(Code::new(0)); height];
    let mut count = usize::from(height > 0);
    for column in by {
        let cells = tables.map(|table| cells(table, column));
        let cell = |place: usize| {
            let code = codes[place]?;
            let mut row = place;
            for cells in &cells {
                if row < cells.len() {
                    return Some((code, cells.get(row)?));
                }
                row -= cells.len();
            }
            None
        };
        let (next, first) = coded(height, cell);
        (codes, count) = (next, first.len());
    }
    let mut codes = codes.into_iter();
    tables.map(|table| Keys { codes: codes.by_ref().take(table.height()).collect(), count })
}

/// Rows in groups: all rows of the first group, then of the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Groups {
    /// Where each group begins among `rows`, and where the last one ends.
    starts: Vec<usize>,
    rows: Vec<usize>,
}

impl Groups {
    /// Groups of which each may be empty; their rows are in order.
    fn of(count: usize, groups: impl Iterator<Item = Option<usize>> + Clone) -> Self {
        // By counting rather than sorting: rows of a group stay in their order.
        let mut starts = vec![0; count + 1];
        groups.clone().flatten().for_each(|group| starts[group + 1] += 1);
        (0..count).for_each(|group| starts[group + 1] += starts[group]);
        let mut next = starts.clone();
        let mut rows = vec![0; starts[count]];
        for (row, group) in groups.enumerate() {
            if let Some(group) = group {
                rows[next[group]] = row;
                next[group] += 1;
            }
        }
        Self { starts, rows }
    }

    /// How many groups there are.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The rows of a group.
    pub(crate) fn rows(&self, group: usize) -> &[usize] {
        &self.rows[self.starts[group]..self.starts[group + 1]]
    }

    /// The rows of each group.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[usize]> {
        self.starts.windows(2).map(|ends| &self.rows[ends[0]..ends[1]])
    }

    /// The same groups with the rows marked true.
    pub(crate) fn kept(&self, keep: &[bool]) -> Cow<'_, Self> {
        // Where all rows are looked at nothing is copied.
        if keep.iter().all(|keep| *keep) {
            return Cow::Borrowed(self);
        }
        // A group may become empty and keeps its place: it has a row in what is made.
        let mut rows = Vec::new();
        let mut starts = Vec::with_capacity(self.starts.len());
        starts.push(0);
        for group in self.iter() {
            rows.extend(group.iter().copied().filter(|row| keep[*row]));
            starts.push(rows.len());
        }
        Cow::Owned(Self { starts, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::table;

    fn by(columns: &[&str]) -> Vec<String> {
        columns.iter().map(|column| (*column).to_owned()).collect()
    }

    #[test]
    fn rows_of_a_key_stay_in_order_and_keys_come_as_they_appear() {
        let table = table("a|n:whole\ny|1\nx|1\n|1\ny|2\ny|1\nx|");
        let keys = Keys::of(&table, &by(&["a"]));
        let groups: Vec<_> = keys.groups().iter().map(<[usize]>::to_vec).collect();
        assert_eq!(groups, [vec![0, 3, 4], vec![1, 5]]);
        assert_eq!((keys.count(), keys.missing(), keys.get(2)), (2, 1, None));
        let keys = Keys::of(&table, &by(&["a", "n"]));
        let groups: Vec<_> = keys.groups().iter().map(<[usize]>::to_vec).collect();
        assert_eq!(groups, [vec![0, 4], vec![1], vec![3]]);
        let groups = keys.groups();
        let kept = groups.kept(&[false, true, true, true, true, true]);
        assert_eq!((kept.len(), kept.rows(0), kept.rows(1)), (3, &[4][..], &[1][..]));
    }

    #[test]
    fn parts_of_a_key_are_not_run_together() {
        let table = table("a|b\nx|yz\nxy|z");
        assert_eq!(Keys::of(&table, &by(&["a", "b"])).count(), 2);
    }

    #[test]
    fn one_number_is_one_key_in_both_tables() {
        let left = table("a:whole\n3\n1\n2");
        let right = table("a\n2\n4\n1\n1\n");
        let (own, other) = Keys::of_both(&left, &right, &by(&["a"]));
        assert_eq!(own.iter().collect::<Vec<_>>(), [Some(0), Some(1), Some(2)]);
        assert_eq!(other.iter().take(4).collect::<Vec<_>>(), [Some(2), Some(3), Some(1), Some(1)]);
        assert_eq!(other.first_rows(), [None, Some(2), Some(0), Some(1)]);
    }
}
