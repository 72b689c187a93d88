//! `kind: parquet`: a columnar file, such as one written from R or Python.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;

use engine::{Call, Kind, Mistake, Mistakes, Named, Wiring};
use polars::prelude::{AnyValue, ArrowDataType, PolarsError, TimeUnit};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Output, StudySettings};

use crate::cell::date_text;
use crate::column::{ColumnSpec, Misfits, OtherColumns};
use crate::declaration::Declaration;
use crate::paths::{FilePaths, Paths};
use crate::reading::TableReader;

/// Reads a Parquet file into a table of the stage's name.
///
/// Each value is taken as the text that a CSV file would hold, and then typed
/// as declared: a code such as 999 can be declared missing in a column of
/// numbers, and numbers may be read as text. Factors are read as their text. Whole
/// numbers of 8 or 16 bits, decimals and nested values are not read.
/// A moment with a time zone is taken in UTC; only one at midnight is a date.
/// The table gets a column `_line` with the number of the row, from 1.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parquet {
    /// The file, relative to the pipeline file; or a list of files written
    /// alike, whose rows follow one another. In a name `*` stands for any letters
    /// and `?` for one: `data/raw/centre_*.csv` are all files that match, by
    /// name, and a file that is added makes the stage run.
    pub path: Paths,
    /// Name of a column that says from which file a row comes: the file's name
    /// without folder and ending.
    #[serde(default)]
    pub source: Option<String>,
    /// The columns of the table, in order.
    pub columns: Named<ColumnSpec>,
    /// The date column that says from when on a row is known: the start of a
    /// treatment, the day of a scan. Everything that is made of the rows is known
    /// no earlier. Left out for what was known from the beginning.
    #[serde(default)]
    pub known_from: Option<String>,
    /// Codes that mean a missing value in every column, beside the empty cell.
    #[serde(default)]
    pub missing: Vec<String>,
    /// What happens to a cell that does not fit its column.
    #[serde(default)]
    pub misfits: Misfits,
    /// What happens to columns of the file that are not declared.
    #[serde(default)]
    pub other_columns: OtherColumns,
}

impl Kind for Parquet {
    const NAME: &'static str = "parquet";

    fn wiring(&self, name: &str, _study: &StudySettings) -> Wiring {
        Wiring { writes: vec![name.to_owned()], files: self.path.to_vec(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let paths = self.path.files(call);
        let declaration = self.declaration(call, &paths);
        let _ = self.opened(declaration, call)?;
        TableReader::new(declaration).finish()
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let paths = self.path.files(call);
        let declaration = self.declaration(call, &paths);
        let files = self.opened(declaration, call)?;
        let mut table = TableReader::new(declaration);
        for (path, (reader, names)) in paths.iter().zip(files) {
            table.start_file(path);
            read(&mut table, path, reader, &names)?;
        }
        table.finish()
    }
}

type Reader<'f> = ParquetReader<Cursor<&'f [u8]>>;

impl Parquet {
    fn declaration<'a>(&'a self, call: &'a Call<'_>, paths: &'a FilePaths<'a>) -> Declaration<'a> {
        Declaration {
            table: call.name,
            known_from: self.known_from.as_deref(),
            patient: &call.study.patient,
            path: "",
            paths,
            source: self.source.as_deref(),
            columns: &self.columns,
            missing: &self.missing,
            misfits: self.misfits,
            other_columns: self.other_columns,
            // numbers are written as text by `text` below, always with a point
            decimal_mark: '.',
        }
    }

    /// Each file with the names in it of the declared columns.
    fn opened<'f>(
        &self,
        declaration: Declaration<'_>,
        call: &'f Call<'_>,
    ) -> Result<Vec<(Reader<'f>, Vec<String>)>, Mistakes> {
        let mut mistakes = declaration.check();
        let mut files = Vec::new();
        for path in declaration.paths.iter() {
            match self.opened_file(&declaration.of_file(path), call.file(path)) {
                Ok(file) => files.push(file),
                Err(found) => mistakes.0.extend(found.0),
            }
        }
        mistakes.or(files)
    }

    fn opened_file<'f>(
        &self,
        declaration: &Declaration<'_>,
        bytes: &'f [u8],
    ) -> Result<(Reader<'f>, Vec<String>), Mistakes> {
        let path = declaration.path;
        let mut mistakes = Mistakes::default();
        let mut reader = ParquetReader::new(Cursor::new(bytes));
        let fields = fields(&mut reader).map_err(|error| unreadable(path, &error))?;
        let header: Vec<Option<&str>> =
            fields.iter().map(|(name, _)| Some(name.as_str())).collect();
        let places = declaration.locate(&header)?;
        // the types stand in the schema, so they are judged before a value is read
        for ((name, _), place) in self.columns.iter().zip(&places) {
            mistakes.0.extend(unreadable_type(path, name, &fields[*place].1));
        }
        let names: Vec<String> = places.iter().map(|place| fields[*place].0.clone()).collect();
        // Two declared columns may read one column of the file, which is unpacked once. The
        // places shift by that, so columns are found by their names below.
        let unique: BTreeSet<usize> = places.into_iter().collect();
        let reader = reader.with_projection(Some(unique.into_iter().collect()));
        mistakes.or((reader, names))
    }
}

fn unreadable(path: &str, error: &PolarsError) -> Mistake {
    let reason = error.to_string();
    let reason = reason.lines().next().unwrap_or_default();
    Mistake::at(&["path"], format!("{path} cannot be read as Parquet: {reason}"))
        .hint("write the file again, or name its true kind")
}

fn unreadable_type(path: &str, column: &str, found: &ArrowDataType) -> Option<Mistake> {
    if is_plain(found) {
        return None;
    }
    let found = format!("{found:?}");
    // the parts of a nested type would fill the message
    let found = found.split('(').next().unwrap_or_default();
    let message = format!("{path} holds column `{column}` as values of type {found}");
    let hint = "write the file again with text, numbers of 32 or 64 bits, yes/no or dates in this \
                column";
    Some(Mistake::at(&["columns", column], message).hint(hint))
}

fn read(
    table: &mut TableReader<'_>,
    path: &str,
    reader: Reader<'_>,
    names: &[String],
) -> Result<(), Mistakes> {
    let frame = reader.finish().map_err(|error| unreadable(path, &error))?;
    // all rows are begun first, since the cells come column by column
    for line in 1..=frame.height() as u64 {
        table.start_row(line);
    }
    for (column, name) in names.iter().enumerate() {
        let values = frame.column(name).map_err(|error| unreadable(path, &error))?;
        // a row group is a chunk of its own, and the iterator wants a single one
        for (value, line) in values.as_materialized_series().rechunk().iter().zip(1..) {
            table.cell(column, line, &text(&value));
        }
    }
    Ok(())
}

/// The columns of the file by their types in Parquet itself. What else the
/// writer noted of its own types is left out: of a factor it would make a type
/// that is not read here.
fn fields(reader: &mut Reader<'_>) -> Result<Vec<(String, ArrowDataType)>, PolarsError> {
    let mut metadata = reader.get_metadata()?.as_ref().clone();
    metadata.key_value_metadata = None;
    reader.set_metadata(Arc::new(metadata));
    let schema = reader.schema()?;
    Ok(schema.iter_values().map(|field| (field.name.to_string(), field.dtype.clone())).collect())
}

fn is_plain(found: &ArrowDataType) -> bool {
    use ArrowDataType as Type;
    matches!(
        found,
        Type::Boolean
            | Type::Int32
            | Type::Int64
            | Type::UInt32
            | Type::UInt64
            | Type::Float32
            | Type::Float64
            | Type::Utf8
            | Type::LargeUtf8
            | Type::Utf8View
            | Type::Date32
            | Type::Timestamp(_, _)
    )
}

/// The text that a CSV file would hold.
fn text<'v>(value: &'v AnyValue<'_>) -> Cow<'v, str> {
    match value {
        AnyValue::Null => Cow::Borrowed(""),
        AnyValue::String(text) => Cow::Borrowed(text),
        AnyValue::Boolean(yes) => Cow::Borrowed(if *yes { "true" } else { "false" }),
        AnyValue::Int32(number) => number.to_string().into(),
        AnyValue::Int64(number) => number.to_string().into(),
        AnyValue::UInt32(number) => number.to_string().into(),
        AnyValue::UInt64(number) => number.to_string().into(),
        // In as many digits as its 32 bits hold: as a double it would show more.
        AnyValue::Float32(number) => number.to_string().into(),
        AnyValue::Float64(number) => number.to_string().into(),
        // a day beyond the years of four digits stays a number, which is a misfit in a
        // column of dates
        AnyValue::Date(days) => date_text(*days).unwrap_or_else(|| days.to_string()).into(),
        AnyValue::Datetime(ticks, unit, _) => moment_text(*ticks, *unit).into(),
        // the check of the types lets none of these pass
        other => other.to_string().into(),
    }
}

/// A moment as its day if it is midnight, otherwise with the time of day.
fn moment_text(ticks: i64, unit: TimeUnit) -> String {
    let per_second = match unit {
        TimeUnit::Nanoseconds => 1_000_000_000,
        TimeUnit::Microseconds => 1_000_000,
        TimeUnit::Milliseconds => 1_000,
    };
    let (day, rest) =
        // towards the past: before 1970 the ticks are negative, and the time of day is not
        (ticks.div_euclid(per_second * 86_400), ticks.rem_euclid(per_second * 86_400));
    let Some(date) = i32::try_from(day).ok().and_then(date_text) else {
        return ticks.to_string();
    };
    // Programs that know no dates alone write them as midnights.
    if rest == 0 {
        return date;
    }
    let second = rest / per_second;
    format!("{date}T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}
