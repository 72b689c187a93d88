//! The one crossing from a table to slices. What a column means (a group, an
//! event) is left to others.

use engine::Call;
use study::{Column, Table, Texts, UnknownRows};
pub(crate) use study::{ColumnType, Values as Cells};

/// The type of a column; none if there is no such column, or of another type.
pub(crate) fn type_of(table: &Table, column: &str) -> Option<ColumnType> {
    table.type_of(column)
}

/// Whether a column stands in a model as a number: numbers without declared levels do.
pub(crate) fn is_number(table: &Table, column: &str) -> bool {
    type_of(table, column).is_some_and(ColumnType::is_number)
        && table.about(column).levels.is_empty()
}

/// The values of a column of numbers, row by row; none of another column.
pub(crate) fn numbers(table: &Table, column: &str) -> Option<Vec<Option<f64>>> {
    table.numbers(column)
}

/// The values of a column of dates in days since 1970-01-01, row by row; none
/// of another column.
pub(crate) fn dates(table: &Table, column: &str) -> Option<Vec<Option<f64>>> {
    let days = table.days(column)?;
    Some(days.into_iter().map(|day| day.map(f64::from)).collect())
}

/// The values of a column of yes or no, row by row; none of another column.
pub(crate) fn conditions(table: &Table, column: &str) -> Option<Vec<Option<bool>>> {
    table.conditions(column)
}

/// The values of a column as categories, row by row: text as it is, whole
/// numbers in digits, yes/no in these words; none of another column.
pub(crate) fn categories(table: &Table, column: &str) -> Option<Texts> {
    table.categories(column)
}

/// A column in words: its label, or its name where it has none.
pub(crate) fn label(table: &Table, column: &str) -> String {
    let label = table.about(column).label;
    if label.is_empty() { column.to_owned() } else { label }
}

/// A table of new columns, of `height` rows each, no name twice.
pub(crate) fn table_of<N: AsRef<str>>(height: usize, columns: Vec<(N, Cells)>) -> Table {
    Table::of(height, columns)
}

/// The same table with the lineage of what it was computed from: columns of the
/// analysis table, and the patients in it.
pub(crate) fn made_from(mut made: Table, call: &Call<'_>, columns: &[String]) -> Table {
    let analysis = call.table(&call.study.analysis_table);
    // Every column made is as late as the latest column
    // that it was made of: it errs to the late side.
    let mut lineage = analysis.lineage_of(columns.iter().map(String::as_str));
    // Who has a row in it was chosen with the rows of the analysis table.
    lineage.given(&analysis.rows);
    lineage.rules.insert(call.name.to_owned());
    for name in made.names() {
        // The identifier stays what it was: it names a patient, and is
        // known from the beginning. No other column here names anybody.
        let own =
            if name == call.study.patient { analysis.lineage(&name) } else { lineage.clone() };
        let about = made.about(&name);
        made.columns.insert(name, Column { lineage: own, ..about });
    }
    made.rows = lineage;
    made
}

/// Some columns of a table at some rows, which may repeat.
pub(crate) fn taken(table: &Table, names: &[String], rows: &[usize]) -> Table {
    table.select(names).take(rows)
}

/// Puts a column of as many rows behind the others, or in the place of the one
/// of its name.
pub(crate) fn put(table: &mut Table, name: &str, cells: Cells, about: Column) {
    table.put(name, cells);
    table.columns.insert(name.to_owned(), about);
}

/// Puts columns of another table of as many rows in the place of those of
/// their names.
pub(crate) fn put_from(table: &mut Table, from: &Table, names: &[String]) {
    for name in names {
        let series = from.series(name).expect("invariant: a column of the table");
        table.put_series(series.clone());
        table.columns.insert(name.clone(), from.about(name));
    }
}

/// Puts a column that an expression makes, with its levels still unknown.
///
/// Gives the conditions of a `CASE` that were unknown where it has a value.
pub(crate) fn derive(
    table: &mut Table,
    name: &str,
    sql: &str,
) -> Result<Vec<UnknownRows>, study::SqlError> {
    // `false`: where a condition of a `CASE` is unknown its later
    // branches count, as in SQL; the rows are handed on to be told.
    let derived = table.derive(sql, name, false)?;
    table.put_series(derived.values);
    let derivation = Some(sql.to_owned());
    let mut lineage = table.lineage_of(table.reads(sql).columns());
    lineage.rules.insert(name.to_owned());
    let about = Column { label: name.to_owned(), derivation, lineage, ..Column::default() };
    table.columns.insert(name.to_owned(), about);
    Ok(derived.unknown)
}
