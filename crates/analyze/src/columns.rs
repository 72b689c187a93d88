//! The one crossing from a data frame to slices: nothing else in this crate
//! names polars. What a column means (a group, an event) is left to others.

use polars::prelude::*;
use study::Table;

/// The types of column that stages pass on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnType {
    Text,
    Whole,
    Real,
    YesNo,
    Date,
}

impl ColumnType {
    /// The type in words, as it stands after "holds".
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Whole => "whole numbers",
            Self::Real => "numbers",
            Self::YesNo => "yes or no",
            Self::Date => "dates",
        }
    }

    /// Whether a mean of it makes sense.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Whole | Self::Real)
    }
}

/// How many rows the table has.
pub(crate) fn height(table: &Table) -> usize {
    table.frame.height()
}

/// The values of a column that an analysis makes.
#[derive(Debug, Clone)]
pub(crate) enum Made {
    /// Text.
    Text(Vec<Option<String>>),
    /// Real numbers.
    Real(Vec<Option<f64>>),
    /// Yes or no.
    YesNo(Vec<Option<bool>>),
}

/// A table of new columns, of `height` rows each, no name twice.
pub(crate) fn table_of(height: usize, columns: Vec<(String, Made)>) -> Table {
    let column = |(name, values): (String, Made)| {
        let name = PlSmallStr::from_str(&name);
        match values {
            Made::Text(values) => {
                StringChunked::from_iter_options(name, values.into_iter()).into_column()
            }
            Made::Real(values) => {
                Float64Chunked::from_iter_options(name, values.into_iter()).into_column()
            }
            Made::YesNo(values) => {
                BooleanChunked::from_iter_options(name, values.into_iter()).into_column()
            }
        }
    };
    let frame = DataFrame::new(height, columns.into_iter().map(column).collect())
        .expect("invariant: columns of one height and of different names");
    Table { frame, columns: std::collections::BTreeMap::new() }
}

/// The type of a column; none if there is no such column, or of another type.
pub(crate) fn type_of(table: &Table, column: &str) -> Option<ColumnType> {
    match table.frame.column(column).ok()?.dtype() {
        DataType::String => Some(ColumnType::Text),
        DataType::Int64 => Some(ColumnType::Whole),
        DataType::Float64 => Some(ColumnType::Real),
        DataType::Boolean => Some(ColumnType::YesNo),
        DataType::Date => Some(ColumnType::Date),
        _ => None,
    }
}

/// The values of a column of numbers, row by row; none of another column.
pub(crate) fn numbers(table: &Table, column: &str) -> Option<Vec<Option<f64>>> {
    let series = table.frame.column(column).ok()?.as_materialized_series();
    match series.dtype() {
        DataType::Float64 => Some(series.f64().ok()?.iter().collect()),
        DataType::Int64 => {
            Some(series.i64().ok()?.iter().map(|value| value.map(|whole| whole as f64)).collect())
        }
        _ => None,
    }
}

/// The values of a column of dates in days since 1970-01-01, row by row; none
/// of another column.
pub(crate) fn dates(table: &Table, column: &str) -> Option<Vec<Option<f64>>> {
    let series = table.frame.column(column).ok()?.as_materialized_series();
    let days = series.date().ok()?.physical();
    Some(days.iter().map(|day| day.map(f64::from)).collect())
}

/// The values of a column as categories, row by row: text as it is, whole
/// numbers in digits, yes/no in these words; none of another column.
pub(crate) fn categories(table: &Table, column: &str) -> Option<Vec<Option<String>>> {
    let series = table.frame.column(column).ok()?.as_materialized_series();
    match series.dtype() {
        DataType::String => {
            Some(series.str().ok()?.iter().map(|value| value.map(str::to_owned)).collect())
        }
        DataType::Int64 => {
            Some(series.i64().ok()?.iter().map(|value| value.map(|v| v.to_string())).collect())
        }
        DataType::Boolean => {
            let word = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
            Some(series.bool().ok()?.iter().map(|value| value.map(word)).collect())
        }
        _ => None,
    }
}
