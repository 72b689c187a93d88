//! Columns as bytes in the store: Parquet, the same bytes for the same values,
//! all rows in one group, so that a column costs one small file and a version
//! of a table costs only the columns that it changed.

use std::io::Cursor;

use polars::prelude::{
    Column, DataFrame, IdxSize, IntoColumn, NamedFrom, NewChunkedArray, PlSmallStr, PolarsError,
    Series, StringChunked, UInt32Chunked, UInt64Chunked,
};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use polars_io::parquet::write::{ParquetCompression, ParquetWriter, StatisticsOptions};
use serde::Deserialize;
use serde::de::value::{Error as ValueError, StrDeserializer};
use study::{Action, Changes, Deed, DeedId, Problem, Rows};

/// The name of every stored column: its name in a table is the table's matter,
/// so that equal columns of different names share one object.
const VALUES: &str = "values";
/// The column that says for how many rows each value stands, where equal ones
/// follow one another.
const ROWS: &str = "rows";

/// A column as bytes.
pub(crate) fn encode(series: &Series) -> Result<Vec<u8>, PolarsError> {
    // Neither the pieces of a column nor its name enter the bytes, so that equal values
    // have one digest however they came about.
    let whole = series.rechunk().with_name(PlSmallStr::from_static(VALUES));
    let runs = whole.str().ok().and_then(|cells| runs(cells.len(), cells.iter()));
    write(runs.unwrap_or_else(|| vec![whole.into_column()]))
}

/// Texts of which each stands for several rows on end, as names of patients do
/// in a table of events: to find equal ones elsewhere takes Parquet longer than
/// all else. None where that would not halve them.
fn runs<'t>(height: usize, cells: impl Iterator<Item = Option<&'t str>>) -> Option<Vec<Column>> {
    let mut texts: Vec<Option<&str>> = Vec::new();
    let mut rows: Vec<IdxSize> = Vec::new();
    for cell in cells {
        if texts.last() != Some(&cell) {
            // Asked at each new text, so that a column of unlike ones is given up half-way at
            // the latest.
            if 2 * rows.len() >= height {
                return None;
            }
            texts.push(cell);
            rows.push(0);
        }
        *rows.last_mut()? += 1;
    }
    Some(of_runs(texts.into_iter(), rows))
}

fn of_runs<'t>(texts: impl Iterator<Item = Option<&'t str>>, rows: Vec<IdxSize>) -> Vec<Column> {
    let texts = StringChunked::from_iter_options(VALUES.into(), texts);
    vec![texts.into_column(), UInt32Chunked::from_vec(ROWS.into(), rows).into_column()]
}

/// Reads what [`encode`] wrote, under a name of its own.
pub(crate) fn decode(bytes: &[u8], name: &str) -> Result<Series, PolarsError> {
    let frame = read(bytes)?;
    let series = frame.column(VALUES)?.as_materialized_series().rechunk();
    let series = match frame.column(ROWS) {
        Ok(rows) => {
            // The number of each run, once for each row that it stands for.
            let rows = (0..).zip(rows.u32()?.iter().flatten());
            let index = rows.flat_map(|(run, rows)| std::iter::repeat_n(run, rows as usize));
            series.take_slice(&index.collect::<Vec<IdxSize>>())?
        }
        Err(_) => series,
    };
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
        .with_compression(ParquetCompression::Lz4Raw)
        // Columns are read whole: nobody looks for a part by its smallest and largest
        // value.
        .with_statistics(StatisticsOptions::empty())
        .with_row_group_size(Some(height.max(1)))
        // The columns of a table are encoded side by side already (`shelf`).
        .set_parallel(false)
        .finish(&mut frame)?;
    Ok(bytes)
}

fn read(bytes: &[u8]) -> Result<DataFrame, PolarsError> {
    // Parquet is read on polars' own threads. A thread of a run that waits for
    // them takes up another stage meanwhile, and one that needs the very column
    // that is being read would wait for itself: so another thread waits.
    std::thread::scope(|scope| {
        let read = scope.spawn(|| ParquetReader::new(Cursor::new(bytes)).finish());
        // A panic goes on in the thread that asked, where it ends one stage and no other.
        read.join().unwrap_or_else(|thrown| std::panic::resume_unwind(thrown))
    })
}

/// The cleaning log of a stage: what was done, with which rows, and whose they
/// are, as three lists of columns; the lengths of the first two stand before them.
pub(crate) fn encode_changes(changes: &Changes) -> Result<Vec<u8>, PolarsError> {
    let text = |name: &str, of: fn(&Deed) -> Option<&str>| {
        let cells: Vec<Option<&str>> = changes.deeds().iter().map(of).collect();
        Series::new(name.into(), cells).into_column()
    };
    let deeds = write(vec![
        text("rule", |deed| Some(&deed.rule)),
        text("table", |deed| Some(&deed.table)),
        text("field", |deed| Some(&deed.field)),
        text("raw", |deed| deed.raw.as_deref()),
        text("clean", |deed| deed.clean.as_deref()),
        text("action", |deed| Some(word_of(deed.action))),
        text("reason", |deed| Some(&deed.reason)),
    ])?;
    let rows = |(_, rows): (&str, usize)| IdxSize::try_from(rows).expect("invariant: rows");
    let rows = changes.patients().map(rows).collect();
    let patients = write(of_runs(changes.patients().map(|(patient, _)| Some(patient)), rows))?;
    let lines = UInt64Chunked::from_iter_options("line".into(), changes.lines());
    let ids = UInt32Chunked::from_slice("deed".into(), changes.ids());
    let rows = write(vec![lines.into_column(), ids.into_column()])?;
    // Of a width and an order of bytes that are the same on every machine.
    let length = |part: &[u8]| (part.len() as u64).to_le_bytes();
    Ok([&length(&deeds)[..], &length(&rows), &deeds, &rows, &patients].concat())
}

/// Reads what [`encode_changes`] wrote; none if the bytes are no such log.
pub(crate) fn decode_changes(bytes: &[u8]) -> Option<Changes> {
    let (of_deeds, rest) = bytes.split_first_chunk()?;
    let (of_rows, rest) = rest.split_first_chunk()?;
    let length = |bytes: &[u8; 8]| usize::try_from(u64::from_le_bytes(*bytes)).ok();
    let (deeds, rest) = rest.split_at_checked(length(of_deeds)?)?;
    let (rows, patients) = rest.split_at_checked(length(of_rows)?)?;
    let mut changes = Changes::default();
    let deeds = decode_deeds(&Log(read(deeds).ok()?), &mut changes)?;
    let rows = Log(read(rows).ok()?);
    let ids = rows.0.column("deed").ok()?.u32().ok()?;
    let lines = rows.0.column("line").ok()?.u64().ok()?;
    let patients = decode(patients, VALUES).ok()?;
    for ((patient, line), id) in patients.str().ok()?.iter().zip(lines.iter()).zip(ids.iter()) {
        // Deeds are numbered as they are noted; one number too large is a damaged log.
        changes.note(*deeds.get(id? as usize)?, patient?, line);
    }
    Some(changes)
}

fn decode_deeds(log: &Log, changes: &mut Changes) -> Option<Vec<DeedId>> {
    let (rules, tables, fields) = (log.texts("rule")?, log.texts("table")?, log.texts("field")?);
    let (raws, cleans) = (log.texts("raw")?, log.texts("clean")?);
    let (actions, reasons) = (log.texts("action")?, log.texts("reason")?);
    let deed = |row: usize| {
        Some(changes.deed(Deed {
            rule: rules.get(row)?.into(),
            table: tables.get(row)?.into(),
            field: fields.get(row)?.into(),
            raw: raws.get(row).map(Into::into),
            clean: cleans.get(row).map(Into::into),
            action: action_of(actions.get(row)?)?,
            reason: reasons.get(row)?.into(),
        }))
    };
    (0..log.0.height()).map(deed).collect()
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
    let (tables, files) = (log.texts("table")?, log.texts("file")?);
    let lines = log.0.column("line").ok()?.u64().ok()?;
    let (columns, raws, reasons) = (log.texts("column")?, log.texts("raw")?, log.texts("reason")?);
    let problem = |row: usize| {
        Some(Problem {
            table: tables.get(row)?.to_owned(),
            file: files.get(row)?.to_owned(),
            line: lines.get(row)?,
            column: columns.get(row)?.to_owned(),
            raw: raws.get(row)?.to_owned(),
            reason: reasons.get(row)?.to_owned(),
        })
    };
    (0..log.0.height()).map(problem).collect()
}

struct Log(DataFrame);

impl Log {
    fn texts(&self, column: &str) -> Option<&StringChunked> {
        self.0.column(column).ok()?.str().ok()
    }
}

/// The word that [`action_of`] reads: the one of serde.
fn word_of(action: Action) -> &'static str {
    // No arm for the rest: a new action does not compile until it has a word, and the
    // test below asks whether that word is read back.
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
    use std::sync::mpsc;
    use std::time::Duration;

    use rayon::iter::{IntoParallelIterator, ParallelIterator};
    use study::{Change, ColumnType, Lazy, Values};

    use super::*;

    #[test]
    fn every_type_comes_back_to_the_bit_and_gives_the_same_bytes() {
        // What a careless format loses: the payload of a NaN, the sign of zero, the
        // smallest number, an empty text beside none, a zero byte in a text.
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
    fn texts_that_stand_for_several_rows_are_written_once() {
        // Five rows a patient, and every fifty rows two without one. By steps of seven,
        // which share no factor with 1000, each row stands once and no two alike are
        // neighbours.
        let patient = |row: usize| (row % 50 > 1).then(|| format!("P-{}", row / 5));
        let in_order = Values::Text((0..1000).map(patient).collect()).into_series("a");
        let mixed = Values::Text((0..1000).map(|row| patient(row * 7 % 1000)).collect());
        for (series, by_runs) in [(in_order, true), (mixed.into_series("a"), false)] {
            let bytes = encode(&series).expect("written");
            assert_eq!(read(&bytes).expect("written").column(ROWS).is_ok(), by_runs);
            let back = decode(&bytes, "a").expect("just written");
            assert_eq!(Values::of(&back), Values::of(&series));
        }
    }

    /// Many stages wait for few columns on few threads. Each column is read once,
    /// behind a lock; a thread that took up other work while it reads would
    /// come to the same lock and wait for itself.
    #[test]
    fn many_stages_may_wait_for_the_same_columns() {
        let column = |number: usize| {
            // two columns of a file, the texts and for how many rows each stands, which
            // polars reads side by side
            let patient = |row: usize| Some(format!("P-{}", row / 5 * number));
            let values = Values::Text((0..20_000).map(patient).collect());
            let bytes = encode(&values.into_series("a")).expect("written");
            Lazy::new(ColumnType::Text, move || decode(&bytes, "a").expect("just written"))
        };
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(16).build().expect("threads");
            pool.install(|| {
                for _ in 0..20 {
                    let columns: Vec<Lazy> = (1..=3).map(column).collect();
                    let last = Rows::new(vec![19_999]);
                    (0..200usize).into_par_iter().for_each(|stage| {
                        assert_eq!(columns[stage % 3].at(&last).len(), 1);
                    });
                }
            });
            tell.send(()).expect("somebody waits");
        });
        // it takes well below a second; what hangs would hang for ever
        told.recv_timeout(Duration::from_secs(120)).expect("no stage waits for itself");
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
        let change = |action: Action, line: Option<u64>, raw: Option<&'static str>| Change {
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
        let changes: Changes = actions
            .into_iter()
            // The largest line, and an empty cell, which is not a missing one.
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
