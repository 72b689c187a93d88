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

/// Values of a column that an analysis makes.
#[derive(Debug, Clone)]
pub(crate) enum Cells {
    Text(Vec<Option<String>>),
    Whole(Vec<Option<i64>>),
    Real(Vec<Option<f64>>),
    YesNo(Vec<Option<bool>>),
}

impl Cells {
    fn column(self, name: &str) -> Column {
        let name = PlSmallStr::from_str(name);
        match self {
            Self::Text(cells) => {
                StringChunked::from_iter_options(name, cells.into_iter()).into_column()
            }
            Self::Whole(cells) => {
                Int64Chunked::from_iter_options(name, cells.into_iter()).into_column()
            }
            Self::Real(cells) => {
                Float64Chunked::from_iter_options(name, cells.into_iter()).into_column()
            }
            Self::YesNo(cells) => {
                BooleanChunked::from_iter_options(name, cells.into_iter()).into_column()
            }
        }
    }
}

/// A table of new columns, of `height` rows each, no name twice.
pub(crate) fn table_of<N: AsRef<str>>(height: usize, columns: Vec<(N, Cells)>) -> Table {
    let columns = columns.into_iter().map(|(name, cells)| cells.column(name.as_ref())).collect();
    let frame = DataFrame::new(height, columns)
        .expect("invariant: columns of one height and of different names");
    Table { frame, ..Table::default() }
}

/// Some columns of a table at some rows, which may repeat.
pub(crate) fn taken(table: &Table, names: &[String], rows: &[usize]) -> Table {
    let rows: Vec<IdxSize> =
        rows.iter().map(|row| IdxSize::try_from(*row).expect("invariant: a row")).collect();
    let frame = table.frame.select(names).expect("invariant: columns of the table");
    let frame = frame.take(&IdxCa::from_vec("row".into(), rows));
    let about = |name: &String| Some((name.clone(), table.columns.get(name)?.clone()));
    let columns = names.iter().filter_map(about).collect();
    Table { frame: frame.expect("invariant: rows of the table"), columns }
}

/// Puts a column of as many rows behind the others, or in the place of the one
/// of its name.
pub(crate) fn put(table: &mut Table, name: &str, cells: Cells, about: study::Column) {
    let column = cells.column(name);
    table.frame.with_column(column).expect("invariant: a column as long as the others");
    table.columns.insert(name.to_owned(), about);
}

/// Puts columns of another table of as many rows in the place of those of
/// their names.
pub(crate) fn put_from(table: &mut Table, from: &Table, names: &[String]) {
    for name in names {
        let column = from.frame.column(name).expect("invariant: a column of the table").clone();
        table.frame.with_column(column).expect("invariant: a column as long as the others");
        table.columns.insert(name.clone(), from.about(name));
    }
}

/// Puts a column that an expression makes, with its levels still unknown.
pub(crate) fn derive(table: &mut Table, name: &str, sql: &str) -> Result<(), study::SqlError> {
    let column = table.evaluate(sql, name)?.into_column();
    table.frame.with_column(column).expect("invariant: a column as long as the others");
    let derivation = Some(sql.to_owned());
    let about = study::Column { label: name.to_owned(), derivation, ..study::Column::default() };
    table.columns.insert(name.to_owned(), about);
    Ok(())
}
