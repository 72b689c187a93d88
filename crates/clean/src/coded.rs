//! Columns by their different cells. Hospitals write few different things
//! often: a rule reads each of them once and looks the rest up by its code, and
//! no cell is copied.

use std::hash::{BuildHasher, Hash};
use std::num::NonZeroU32;

use polars::prelude::PlFixedStateQuality;
use study::{Table, Texts, Values, in_blocks, side_by_side};

use crate::calendar;

/// The values of a column of any type as text: dates in ISO form, yes/no as
/// `true` and `false`, numbers with as many digits as they need.
// One form for each type: keys, logs and comparisons agree on it.
pub(crate) fn texts(table: &Table, column: &str) -> Vec<Option<String>> {
    match table.values(column) {
        Some(Values::Text(texts)) => texts,
        Some(Values::Whole(values)) => owned(values, |value| value.to_string()),
        Some(Values::Real(values)) => owned(values, |value| value.to_string()),
        Some(Values::YesNo(values)) => owned(values, |value| value.to_string()),
        Some(Values::Date(days)) => owned(days, calendar::iso),
        None => vec![None; table.height()],
    }
}

fn owned<T>(values: Vec<Option<T>>, text: impl Fn(T) -> String) -> Vec<Option<String>> {
    values.into_iter().map(|value| value.map(&text)).collect()
}

/// Gives each different value a code, from 0, in the order in which they come:
/// a hash map beneath, which is only ever asked, never gone through, so that
/// nothing depends on its order.
#[expect(clippy::disallowed_types, reason = "asked for single keys: its order is never seen")]
pub(crate) struct Codes<K> {
    known: std::collections::HashMap<K, Code, PlFixedStateQuality>,
    last: Option<(K, Code)>,
}

/// A code, from 0, that takes no more room where it may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Code(NonZeroU32);

impl Code {
    /// The code of a number.
    pub(crate) fn new(number: usize) -> Self {
        // Beyond 2^32 rows polars itself has no number for a row.
        let above = u32::try_from(number + 1).ok().and_then(NonZeroU32::new);
        Self(above.expect("invariant: fewer than 2^32 rows"))
    }

    /// Its number.
    pub(crate) fn number(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl<K: Hash + Eq + Copy> Codes<K> {
    #[expect(clippy::disallowed_types, reason = "asked for single keys: its order is never seen")]
    pub(crate) fn new() -> Self {
        Self { known: std::collections::HashMap::default(), last: None }
    }

    /// The code of a value.
    pub(crate) fn of(&mut self, value: K) -> Code {
        // rows of one patient follow one another
        if let Some((last, code)) = &self.last
            && *last == value
        {
            return *code;
        }
        // The number of values so far, so that codes follow the order of the rows.
        let next = Code::new(self.known.len());
        let code = *self.known.entry(value).or_insert(next);
        self.last = Some((value, code));
        code
    }
}

/// The cells of a column of any type, as [`texts`] writes them, lent row by row.
pub(crate) fn cells(table: &Table, column: &str) -> Texts {
    let text = table.series(column).and_then(|series| series.str().ok());
    // Texts are lent; other types are written out once.
    text.map_or_else(|| texts(table, column).into_iter().collect(), Texts::from)
}

/// A column as codes of its different cells.
pub(crate) struct Coded {
    cells: Texts,
    /// The code of each row's cell; none where it is missing.
    pub(crate) codes: Vec<Option<Code>>,
    /// The first row of each code.
    first: Vec<usize>,
}

impl Coded {
    /// The cells of a column of any type.
    pub(crate) fn of(table: &Table, column: &str) -> Self {
        let cells = cells(table, column);
        // Only the first row of each cell is remembered: the text is read from there.
        let (codes, first) = coded(cells.len(), |row| cells.get(row));
        Self { cells, codes, first }
    }

    /// The different cells, by code.
    pub(crate) fn distinct(&self) -> impl Iterator<Item = &str> {
        self.first.iter().filter_map(|row| self.cells.get(*row))
    }

    /// What the cell of a row means, found once for each different cell; none
    /// where it is missing.
    pub(crate) fn meaning<'m, T>(&self, meanings: &'m [T], row: usize) -> Option<&'m T> {
        Some(&meanings[self.codes[row]?.number()])
    }

    /// What each different cell means, found once, for the rows: each row with
    /// its cell and what that means, missing cells left out.
    pub(crate) fn with<'a, T>(
        &'a self,
        meanings: &'a [T],
    ) -> impl Iterator<Item = (usize, &'a str, &'a T)> {
        let of_row = |(row, code): (usize, &Option<Code>)| {
            // A missing cell has no code and no meaning.
            Some((row, self.cells.get(row)?, &meanings[(*code)?.number()]))
        };
        self.codes.iter().enumerate().filter_map(of_row)
    }

    /// One value for each row by what its cell means; none where it is missing.
    pub(crate) fn spread<'a, T, V>(
        &'a self,
        meanings: &'a [T],
        value: impl Fn(&'a T) -> Option<V> + 'a,
    ) -> impl Iterator<Item = Option<V>> + 'a {
        self.codes.iter().map(move |code| value(&meanings[(*code)?.number()]))
    }
}

/// The code of the value of each row, and the first row of each code; none where
/// there is no value. Blocks of rows are coded by themselves; taken in their
/// order, their different values come in the order of the rows.
pub(crate) fn coded<K: Hash + Eq + Copy>(
    height: usize,
    value: impl Fn(usize) -> Option<K> + Sync,
) -> (Vec<Option<Code>>, Vec<usize>) {
    let blocks = in_blocks(height, |rows| {
        let mut first = FirstRows::new();
        let codes: Vec<_> = rows.map(|row| Some(first.code(row, value(row)?))).collect();
        (codes, first.rows)
    });
    // the first rows of all blocks, in order: what is left to number
    let ends: Vec<usize> = (blocks.iter())
        .scan(0, |end, (_, rows)| {
            *end += rows.len();
            Some(*end)
        })
        .collect();
    let rows: Vec<usize> = blocks.iter().flat_map(|(_, rows)| rows).copied().collect();
    let leaders = leaders(&rows, &value);
    let mut first = Vec::new();
    let mut anew: Vec<Code> = Vec::with_capacity(rows.len());
    for (entry, leader) in leaders.into_iter().enumerate() {
        if leader == entry {
            anew.push(Code::new(first.len()));
            first.push(rows[entry]);
        } else {
            anew.push(anew[leader]);
        }
    }
    let codes = side_by_side(blocks.len(), |block| {
        let (own, rows) = &blocks[block];
        let anew = &anew[ends[block] - rows.len()..ends[block]];
        own.iter().map(|code| Some(anew[(*code)?.number()])).collect::<Vec<_>>()
    });
    (codes.concat(), first)
}

/// Of each of these rows, the place of the first among them that has its value.
/// Values are dealt out by their hash, so that each part is looked at by itself,
/// several at once, with a map that stays near the processor: with a million
/// different values, one map is mostly waited for.
fn leaders<K: Hash + Eq + Copy>(
    rows: &[usize],
    value: &(impl Fn(usize) -> Option<K> + Sync),
) -> Vec<usize> {
    const PARTS: usize = 64;
    // more than a block's worth, or it is not worth the while
    let parts = if rows.len() < 1 << 16 { 1 } else { PARTS };
    let hasher = PlFixedStateQuality::default();
    let of = |row: &usize| value(*row).expect("invariant: the first row of a value has it");
    let part = |row: &usize| match parts {
        1 => 0,
        // high bits, as the map within a part goes by the low ones
        _ => (hasher.hash_one(of(row)) >> 58) as usize % parts,
    };
    let dealt = in_blocks(rows.len(), |entries| rows[entries].iter().map(part).collect::<Vec<_>>());
    let mut entries: Vec<Vec<usize>> = vec![Vec::new(); parts];
    let dealt = dealt.iter().flatten().enumerate();
    dealt.for_each(|(entry, part)| entries[*part].push(entry));
    let led = side_by_side(parts, |part| {
        let mut first = FirstRows::new();
        let code = |entry: &usize| first.code(*entry, of(&rows[*entry]));
        let codes: Vec<Code> = entries[part].iter().map(code).collect();
        codes.into_iter().map(|code| first.rows[code.number()]).collect::<Vec<_>>()
    });
    let mut leaders = vec![0; rows.len()];
    for (entries, led) in entries.iter().zip(led) {
        entries.iter().zip(led).for_each(|(entry, leader)| leaders[*entry] = leader);
    }
    leaders
}

/// Codes with the first row of each.
struct FirstRows<K> {
    known: Codes<K>,
    rows: Vec<usize>,
}

impl<K: Hash + Eq + Copy> FirstRows<K> {
    fn new() -> Self {
        Self { known: Codes::new(), rows: Vec::new() }
    }

    fn code(&mut self, row: usize, value: K) -> Code {
        let code = self.known.of(value);
        // A new code is the next one, and this is its first row.
        if code.number() == self.rows.len() {
            self.rows.push(row);
        }
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::table;

    #[test]
    fn codes_of_several_blocks_are_those_of_all_rows() {
        let value = |row: usize| {
            // Values that come again in other blocks, in another order, with gaps between.
            (!row.is_multiple_of(3)).then_some(row * 7919 % 100_003 / (row / 50_000 + 1))
        };
        let (codes, first) = coded(200_000, value);
        let mut known = Codes::new();
        let plain: Vec<_> = (0..200_000).map(|row| Some(known.of(value(row)?))).collect();
        assert!(codes == plain && first.len() == known.known.len());
        assert!(first.iter().enumerate().all(|(code, row)| codes[*row] == Some(Code::new(code))));
        assert!(first.is_sorted());
    }

    #[test]
    fn cells_get_codes_in_the_order_of_rows() {
        // A capital makes another cell: nothing is folded here.
        let table = table("a|n:whole\nx|7\n|8\ny|7\nx|\nY|7");
        let coded = Coded::of(&table, "a");
        let codes: Vec<_> = coded.codes.iter().map(|code| code.map(Code::number)).collect();
        assert_eq!(codes, [Some(0), None, Some(1), Some(0), Some(2)]);
        assert_eq!(coded.distinct().collect::<Vec<_>>(), ["x", "y", "Y"]);
        let large: Vec<String> = coded.distinct().map(str::to_uppercase).collect();
        let rows: Vec<_> =
            coded.with(&large).map(|(row, raw, large)| (row, raw, large.as_str())).collect();
        assert_eq!(rows, [(0, "x", "X"), (2, "y", "Y"), (3, "x", "X"), (4, "Y", "Y")]);
        let numbers = Coded::of(&table, "n");
        assert_eq!(numbers.distinct().collect::<Vec<_>>(), ["7", "8"]);
        let tens: Vec<i32> =
            numbers.distinct().map(|text| text.parse::<i32>().unwrap() * 10).collect();
        let spread: Vec<_> = numbers.spread(&tens, |ten| Some(*ten)).collect();
        assert_eq!(spread, [Some(70), Some(80), Some(70), None, Some(70)]);
    }
}
