//! A table: a data frame with what is known of its columns.
//!
//! Only five types of column pass between stages: text, whole numbers, real
//! numbers, yes/no and dates. A category is text with declared levels.

use std::collections::BTreeMap;

use polars::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One declared level of a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// The value in the column.
    pub value: String,
    /// The value in words.
    pub label: String,
    /// Its own name in the ids of findings, where it was given one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// The value of a level that only the data know; no cell holds it.
const ANY: &str = "\0";

impl Level {
    /// A level in words of its own.
    #[must_use]
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), id: None }
    }

    /// A level whose words are its value.
    #[must_use]
    pub fn named(value: impl Into<String>) -> Self {
        let value = value.into();
        Self { label: value.clone(), value, id: None }
    }

    /// In a rehearsal: a level that only the data know.
    #[must_use]
    pub fn any() -> Self {
        Self::new(ANY, "any level")
    }

    /// Whether it stands for levels that only the data know.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.value == ANY
    }
}

/// What is known of a column beside its values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The column in words.
    pub label: String,
    /// Unit of its numbers.
    pub unit: Option<String>,
    /// Levels in their declared order; empty where it is no category.
    pub levels: Vec<Level>,
    /// The date column that says when its value came to be known: the guard
    /// against immortal time reads it.
    pub known_from: Option<String>,
    /// How it was made, in words or SQL, for the dictionary of variables.
    pub derivation: Option<String>,
}

/// A data frame with what is known of its columns.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// The values, in rows.
    pub frame: DataFrame,
    /// What is known of the columns; a column may be missing here.
    pub columns: BTreeMap<String, Column>,
}

/// A table that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A column of a type that stages do not pass.
    #[error("column `{column}` has type {found}, which stages do not pass on")]
    Type {
        /// The column.
        column: String,
        /// Its type.
        found: String,
    },
    /// A stored table that does not parse.
    #[error("stored table is damaged: {0}")]
    Damaged(String),
}

#[derive(Serialize, Deserialize)]
struct Stored {
    height: usize,
    columns: Vec<StoredColumn>,
}

#[derive(Serialize, Deserialize)]
struct StoredColumn {
    name: String,
    kind: String,
    about: Option<Column>,
    values: Vec<Value>,
}

impl Table {
    /// What is known of `column`, or nothing but its name as label.
    #[must_use]
    pub fn about(&self, column: &str) -> Column {
        let mut about = self.columns.get(column).cloned().unwrap_or_default();
        if about.label.is_empty() {
            column.clone_into(&mut about.label);
        }
        about
    }

    /// The names of the columns in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.frame.get_column_names().iter().map(ToString::to_string).collect()
    }

    /// The same columns without rows.
    #[must_use]
    pub fn without_rows(&self) -> Self {
        Self { frame: self.frame.clear(), columns: self.columns.clone() }
    }

    /// The table as bytes: JSON by column, the same bytes for the same values.
    ///
    /// # Errors
    /// If a column has a type that stages do not pass.
    pub fn encode(&self) -> Result<Vec<u8>, TableError> {
        let columns = self
            .frame
            .columns()
            .iter()
            .map(|column| self.store(column))
            .collect::<Result<_, _>>()?;
        let stored = Stored { height: self.frame.height(), columns };
        Ok(serde_json::to_vec(&stored).expect("invariant: plain values always serialise"))
    }

    fn store(&self, column: &polars::prelude::Column) -> Result<StoredColumn, TableError> {
        let name = column.name().to_string();
        let damaged = |error: PolarsError| TableError::Damaged(error.to_string());
        let (kind, values): (&str, Vec<Value>) = match column.dtype() {
            DataType::String => {
                ("text", column.str().map_err(damaged)?.iter().map(Value::from).collect())
            }
            DataType::Int64 => {
                ("whole", column.i64().map_err(damaged)?.iter().map(Value::from).collect())
            }
            DataType::Float64 => {
                ("real", column.f64().map_err(damaged)?.iter().map(Value::from).collect())
            }
            DataType::Boolean => {
                ("boolean", column.bool().map_err(damaged)?.iter().map(Value::from).collect())
            }
            DataType::Date => {
                let days = column.date().map_err(damaged)?;
                ("date", days.physical().iter().map(Value::from).collect())
            }
            other => return Err(TableError::Type { column: name, found: other.to_string() }),
        };
        Ok(StoredColumn {
            about: self.columns.get(&name).cloned(),
            name,
            kind: kind.to_owned(),
            values,
        })
    }

    /// Reads what [`Table::encode`] wrote.
    ///
    /// # Errors
    /// If the bytes are not such a table.
    pub fn decode(bytes: &[u8]) -> Result<Self, TableError> {
        let stored: Stored = serde_json::from_slice(bytes)
            .map_err(|error| TableError::Damaged(error.to_string()))?;
        let mut frame = Vec::with_capacity(stored.columns.len());
        let mut columns = BTreeMap::new();
        for column in stored.columns {
            frame.push(restore(&column)?);
            if let Some(about) = column.about {
                columns.insert(column.name, about);
            }
        }
        let frame = DataFrame::new(stored.height, frame)
            .map_err(|error| TableError::Damaged(error.to_string()))?;
        Ok(Self { frame, columns })
    }
}

fn restore(column: &StoredColumn) -> Result<polars::prelude::Column, TableError> {
    let name = PlSmallStr::from_str(&column.name);
    let values = column.values.iter();
    Ok(match column.kind.as_str() {
        "text" => StringChunked::from_iter_options(name, values.map(Value::as_str)).into_column(),
        "whole" => Int64Chunked::from_iter_options(name, values.map(Value::as_i64)).into_column(),
        "real" => Float64Chunked::from_iter_options(name, values.map(Value::as_f64)).into_column(),
        "boolean" => {
            BooleanChunked::from_iter_options(name, values.map(Value::as_bool)).into_column()
        }
        "date" => {
            let days = values.map(|value| value.as_i64().and_then(|day| i32::try_from(day).ok()));
            Int32Chunked::from_iter_options(name, days).into_date().into_column()
        }
        other => {
            return Err(TableError::Damaged(format!(
                "column `{}` has type `{other}`",
                column.name
            )));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let days = Int32Chunked::from_iter_options("seen".into(), [Some(17_000), None].into_iter());
        let frame = df!(
            "id" => ["P1", "P2"],
            "age" => [Some(61.25), None],
            "cycles" => [Some(4i64), Some(-1)],
            "dead" => [Some(true), None],
        )
        .and_then(|mut frame| frame.with_column(days.into_date().into_column()).cloned())
        .expect("columns of one length");
        let age = Column { label: "Age".into(), unit: Some("years".into()), ..Column::default() };
        Table { frame, columns: BTreeMap::from([("age".to_owned(), age)]) }
    }

    #[test]
    fn a_table_survives_the_store() {
        let table = sample();
        let bytes = table.encode().expect("only passed types");
        let back = Table::decode(&bytes).expect("just written");
        assert!(back.frame.equals_missing(&table.frame));
        assert_eq!(back.columns, table.columns);
        assert_eq!(back.encode().expect("only passed types"), bytes);
    }

    #[test]
    fn other_types_are_refused_by_name() {
        let frame = df!("n" => [1u32]).expect("one column");
        let error =
            Table { frame, columns: BTreeMap::new() }.encode().expect_err("u32 is not passed");
        assert_eq!(error.to_string(), "column `n` has type u32, which stages do not pass on");
    }
}
