//! Columns as bytes in the store: Parquet, the same bytes for the same values,
//! all rows in one group, so that a column costs one small file and a version
//! of a table costs only the columns that it changed.

use std::io::Cursor;

use polars::prelude::{
    Column, DataFrame, IdxSize, IntoColumn, NamedFrom, PlSmallStr, PolarsError, Series,
};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use polars_io::parquet::write::{ParquetCompression, ParquetWriter, StatisticsOptions};
use serde::Deserialize;
use serde::de::value::{Error as ValueError, StrDeserializer};
use study::{Action, Change, Problem, Rows, SharedText, SharedTexts, Values};

/// The name of every stored column: its name in a table is the table's matter,
/// so that equal columns of different names share one object.
const VALUES: &str = "values";

/// A column as bytes.
pub(crate) fn encode(series: &Series) -> Result<Vec<u8>, PolarsError> {
    let whole = series.rechunk().with_name(PlSmallStr::from_static(VALUES));
    write(vec![whole.into_column()])
}

/// Reads what [`encode`] wrote, under a name of its own.
pub(crate) fn decode(bytes: &[u8], name: &str) -> Result<Series, PolarsError> {
    let frame = read(bytes)?;
    let series = frame.column(VALUES)?.as_materialized_series().rechunk();
    Ok(series.with_name(name.into()))
}

/// Which rows stand, as bytes.
pub(crate) fn encode_rows(rows: &Rows) -> Result<Vec<u8>, PolarsError> {
    write(vec![Series::new(VALUES.into(), rows.numbers()).into_column()])
}

/// Reads what [`encode_rows`] wrote.
pub(crate) fn decode_rows(bytes: &[u8]) -> Result<Rows, PolarsError> {
    let frame = read(bytes)?;
    let numbers: Vec<IdxSize> = frame.column(VALUES)?.u32()?.iter().flatten().collect();
    Ok(Rows::new(numbers))
}

fn write(columns: Vec<Column>) -> Result<Vec<u8>, PolarsError> {
    let height = columns.first().map_or(0, Column::len);
    let mut frame = DataFrame::new(height, columns)?;
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Zstd(None))
        .with_statistics(StatisticsOptions::empty())
        .with_row_group_size(Some(height.max(1)))
        .set_parallel(false)
        .finish(&mut frame)?;
    Ok(bytes)
}

fn read(bytes: &[u8]) -> Result<DataFrame, PolarsError> {
    ParquetReader::new(Cursor::new(bytes)).finish()
}

/// The cleaning log of a stage, column by column.
pub(crate) fn encode_changes(changes: &[Change]) -> Result<Vec<u8>, PolarsError> {
    let text = |name: &str, of: fn(&Change) -> Option<&str>| {
        let cells: Vec<Option<&str>> = changes.iter().map(of).collect();
        Series::new(name.into(), cells).into_column()
    };
    let lines: Vec<Option<u64>> = changes.iter().map(|change| change.line).collect();
    write(vec![
        text("rule", |change| Some(&change.rule)),
        text("table", |change| Some(&change.table)),
        text("patient", |change| Some(&change.patient)),
        Series::new("line".into(), lines).into_column(),
        text("field", |change| Some(&change.field)),
        text("raw", |change| change.raw.as_deref()),
        text("clean", |change| change.clean.as_deref()),
        text("action", |change| Some(word_of(change.action))),
        text("reason", |change| Some(&change.reason)),
    ])
}

/// Reads what [`encode_changes`] wrote; none if the bytes are no such log.
pub(crate) fn decode_changes(bytes: &[u8]) -> Option<Vec<Change>> {
    let log = Log(read(bytes).ok()?);
    let mut known = SharedTexts::default();
    let mut shared = |column: &str| log.shared(column, &mut known);
    let (mut rules, mut tables) = (shared("rule")?, shared("table")?);
    let (mut patients, mut fields) = (shared("patient")?, shared("field")?);
    let (mut raws, mut cleans) = (shared("raw")?, shared("clean")?);
    let (actions, mut reasons) = (shared("action")?, shared("reason")?);
    let lines = log.numbers("line")?;
    let change = |row: usize| {
        Some(Change {
            rule: rules[row].take()?,
            table: tables[row].take()?,
            patient: patients[row].take()?,
            line: lines[row],
            field: fields[row].take()?,
            raw: raws[row].take(),
            clean: cleans[row].take(),
            action: action_of(actions[row].as_deref()?)?,
            reason: reasons[row].take()?,
        })
    };
    (0..log.0.height()).map(change).collect()
}

/// The cells that did not fit, column by column.
pub(crate) fn encode_problems(problems: &[Problem]) -> Result<Vec<u8>, PolarsError> {
    let text = |name: &str, of: fn(&Problem) -> &str| {
        let cells: Vec<&str> = problems.iter().map(of).collect();
        Series::new(name.into(), cells).into_column()
    };
    let lines: Vec<u64> = problems.iter().map(|problem| problem.line).collect();
    write(vec![
        text("table", |problem| &problem.table),
        text("file", |problem| &problem.file),
        Series::new("line".into(), lines).into_column(),
        text("column", |problem| &problem.column),
        text("raw", |problem| &problem.raw),
        text("reason", |problem| &problem.reason),
    ])
}

/// Reads what [`encode_problems`] wrote; none if the bytes are no such list.
pub(crate) fn decode_problems(bytes: &[u8]) -> Option<Vec<Problem>> {
    let log = Log(read(bytes).ok()?);
    let mut tables = log.texts("table")?;
    let mut files = log.texts("file")?;
    let lines = log.numbers("line")?;
    let mut columns = log.texts("column")?;
    let mut raws = log.texts("raw")?;
    let mut reasons = log.texts("reason")?;
    let problem = |row: usize| {
        Some(Problem {
            table: tables[row].take()?,
            file: files[row].take()?,
            line: lines[row]?,
            column: columns[row].take()?,
            raw: raws[row].take()?,
            reason: reasons[row].take()?,
        })
    };
    (0..log.0.height()).map(problem).collect()
}

struct Log(DataFrame);

impl Log {
    fn texts(&self, column: &str) -> Option<Vec<Option<String>>> {
        match Values::of(self.0.column(column).ok()?.as_materialized_series())? {
            Values::Text(texts) => Some(texts),
            _ => None,
        }
    }

    /// The texts of a column, each kept once.
    fn shared(&self, column: &str, known: &mut SharedTexts) -> Option<Vec<Option<SharedText>>> {
        let texts = self.0.column(column).ok()?.str().ok()?;
        Some(texts.iter().map(|text| text.map(|text| known.share(text))).collect())
    }

    fn numbers(&self, column: &str) -> Option<Vec<Option<u64>>> {
        Some(self.0.column(column).ok()?.u64().ok()?.iter().collect())
    }
}

/// The word that [`action_of`] reads: the one of serde.
fn word_of(action: Action) -> &'static str {
    match action {
        Action::Fixed => "fixed",
        Action::Corrected => "corrected",
        Action::SetMissing => "set_missing",
        Action::Query => "query",
        Action::RowDropped => "row_dropped",
        Action::Excluded => "excluded",
        Action::Unknown => "unknown",
    }
}

fn action_of(word: &str) -> Option<Action> {
    Action::deserialize(StrDeserializer::<ValueError>::new(word)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_comes_back_to_the_bit_and_gives_the_same_bytes() {
        let nan = f64::from_bits(0x7ff8_0000_0000_0001);
        let all = [
            Values::Text(vec![Some(String::new()), None, Some("x\u{0}y".into()), Some("x".into())]),
            Values::Whole(vec![Some(i64::MIN), None, Some(i64::MAX), Some(0)]),
            Values::Real(vec![Some(-0.0), None, Some(nan), Some(5e-324)]),
            Values::YesNo(vec![Some(true), None, Some(false), None]),
            Values::Date(vec![Some(i32::MIN), None, Some(0), Some(17_000)]),
        ];
        for values in all {
            let series = values.into_series("a");
            let bytes = encode(&series).expect("written");
            let back = decode(&bytes, "a").expect("just written");
            assert_eq!(format!("{:?}", bits(&back)), format!("{:?}", bits(&series)));
            assert_eq!(back.dtype(), series.dtype());
            // another name, and pieces instead of a whole: the same column
            let mut pieces = series.slice(0, 2).with_name("b".into());
            pieces.append(&series.slice(2, 2).with_name("b".into())).expect("one type");
            assert_eq!(encode(&pieces).expect("written"), bytes);
        }
    }

    fn bits(series: &Series) -> Vec<Option<u64>> {
        match Values::of(series).expect("passed") {
            Values::Real(values) => values.iter().map(|v| v.map(f64::to_bits)).collect(),
            other => {
                let of = |text: String| {
                    text.bytes().fold(7u64, |h, b| h.wrapping_mul(31) + u64::from(b))
                };
                vec![Some(of(format!("{other:?}")))]
            }
        }
    }

    #[test]
    fn columns_without_rows_come_back() {
        let series = Values::Date(Vec::new()).into_series("a");
        let back = decode(&encode(&series).expect("written"), "a").expect("just written");
        assert_eq!((back.len(), back.dtype()), (0, series.dtype()));
        let none = Rows::new(Vec::new());
        assert_eq!(decode_rows(&encode_rows(&none).expect("written")).expect("written"), none);
    }

    #[test]
    fn the_log_comes_back() {
        let change = |action: Action, line: Option<u64>, raw: Option<&str>| Change {
            rule: "r".into(),
            table: "t".into(),
            patient: "".into(),
            line,
            field: "f".into(),
            raw: raw.map(Into::into),
            clean: None,
            action,
            reason: "why".into(),
        };
        let actions = [
            Action::Fixed,
            Action::Corrected,
            Action::SetMissing,
            Action::Query,
            Action::RowDropped,
            Action::Excluded,
            Action::Unknown,
        ];
        let changes: Vec<Change> = actions
            .into_iter()
            .map(|action| change(action, Some(u64::MAX), Some("")))
            .chain([change(Action::Query, None, None)])
            .collect();
        let bytes = encode_changes(&changes).expect("written");
        assert_eq!(decode_changes(&bytes), Some(changes));
        let problem = Problem {
            table: "t".into(),
            file: "f".into(),
            line: 3,
            column: "c".into(),
            raw: "x".into(),
            reason: "why".into(),
        };
        let bytes = encode_problems(std::slice::from_ref(&problem)).expect("written");
        assert_eq!(decode_problems(&bytes), Some(vec![problem]));
        assert_eq!(decode_changes(b"no log"), None);
    }
}
