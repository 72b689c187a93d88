//! The cells of a column as text, lent row by row, so that a name is copied by
//! nobody who only looks at it.

use std::fmt;

use polars::prelude::{ChunkTake, IdxSize, NewChunkedArray, PlSmallStr, Series, StringChunked};
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::Values;

/// Texts, a row each; a missing one is none. Copies share them.
#[derive(Clone)]
pub struct Texts(StringChunked);

impl Texts {
    /// A column as categories: text as it is, whole numbers in digits, yes or
    /// no in these words; none of other types.
    #[must_use]
    pub fn of(series: &Series) -> Option<Self> {
        // Lent and not copied.
        if let Ok(cells) = series.str() {
            return Some(cells.into());
        }
        let word = |yes: bool| if yes { "yes" } else { "no" };
        match Values::of(series)? {
            Values::Whole(cells) => {
                Some(cells.into_iter().map(|cell| cell.map(|value| value.to_string())).collect())
            }
            Values::YesNo(cells) => Some(cells.into_iter().map(|cell| cell.map(word)).collect()),
            _ => None,
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text of a row; none where it is missing.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        self.0.get(row)
    }

    /// All in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        self.0.iter()
    }

    /// Those of some rows, in the order given.
    ///
    /// # Panics
    /// If there is no such row: a bug in the caller.
    #[must_use]
    pub fn take(&self, rows: &[usize]) -> Self {
        // Often all rows are taken, and then the texts are shared.
        let is_all = rows.len() == self.len() && rows.iter().copied().eq(0..rows.len());
        if is_all {
            return self.clone();
        }
        let index = |row: &usize| IdxSize::try_from(*row).expect("invariant: a row");
        let rows: Vec<IdxSize> = rows.iter().map(index).collect();
        Self(self.0.take(&rows).expect("invariant: rows of the column"))
    }
}

/// In one piece, so that a row is found at once.
impl From<&StringChunked> for Texts {
    fn from(cells: &StringChunked) -> Self {
        Self(cells.rechunk().into_owned())
    }
}

impl<T: AsRef<str>> FromIterator<Option<T>> for Texts {
    fn from_iter<I: IntoIterator<Item = Option<T>>>(cells: I) -> Self {
        Self(StringChunked::from_iter_options(PlSmallStr::EMPTY, cells.into_iter()))
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq for Texts {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

/// A list of texts.
impl Serialize for Texts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Option<String>>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_lent_and_come_back_from_the_store() {
        let texts: Texts = [Some("P-1"), None, Some("")].into_iter().collect();
        assert_eq!((texts.get(0), texts.get(1), texts.get(2)), (Some("P-1"), None, Some("")));
        assert_eq!(texts.take(&[0, 1, 2]), texts);
        let some = texts.take(&[2, 0]);
        assert_eq!(format!("{some:?}"), r#"[Some(""), Some("P-1")]"#);
        let written = serde_json::to_string(&texts).expect("plain values");
        assert_eq!(written, r#"["P-1",null,""]"#);
        assert_eq!(serde_json::from_str::<Texts>(&written).expect("just written"), texts);
    }
}
