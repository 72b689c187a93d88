//! Kinds for tables of two columns: one reads them, two change them, one sums a column.

use restudy_engine::{Call, Kind, Mistakes, Read, Registry, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Column, Finding, Output, Quantity, StudySettings, Table, Values};

/// Reads pairs of numbers, `1 2` a line, into the columns `a` and `b`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Pairs {
    /// The file.
    path: String,
    /// What `b` is.
    #[serde(default)]
    label_of_b: String,
}

impl Pairs {
    fn table(&self, rows: &[(f64, f64)]) -> Table {
        let a = rows.iter().map(|row| Some(row.0)).collect();
        let b = rows.iter().map(|row| Some(row.1)).collect();
        let mut table = Table::of(rows.len(), [("a", Values::Real(a)), ("b", Values::Real(b))]);
        let about = Column { label: self.label_of_b.clone(), ..Column::default() };
        table.columns.insert("b".to_owned(), about);
        table
    }
}

impl Kind for Pairs {
    const NAME: &'static str = "pairs";

    fn wiring(&self, name: &str, _: &StudySettings) -> Wiring {
        Wiring { reads: vec![], writes: vec![name.to_owned()], files: vec![self.path.clone()] }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        Ok(Output::of_table(call.name, self.table(&[])))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let text = String::from_utf8_lossy(call.file(&self.path)).into_owned();
        let pair = |line: &str| {
            let mut numbers = line.split(' ').map(|number| number.parse().expect("a number"));
            (numbers.next().expect("a"), numbers.next().expect("b"))
        };
        let rows: Vec<(f64, f64)> = text.lines().map(pair).collect();
        Ok(Output::of_table(call.name, self.table(&rows)))
    }
}

/// Doubles a column.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Double {
    /// The table.
    table: String,
    /// The column.
    column: String,
}

impl Kind for Double {
    const NAME: &'static str = "double";

    fn wiring(&self, _: &str, _: &StudySettings) -> Wiring {
        changes(&self.table)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut table = call.table(&self.table).clone();
        let values = table.numbers(&self.column).expect("numbers");
        let twice = values.into_iter().map(|value| value.map(|value| 2.0 * value)).collect();
        table.put(&self.column, Values::Real(twice));
        Ok(Output::of_table(&self.table, table))
    }
}

/// Keeps the rows with a column above zero.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Above {
    /// The table.
    table: String,
    /// The column.
    column: String,
}

impl Kind for Above {
    const NAME: &'static str = "above";

    fn wiring(&self, _: &str, _: &StudySettings) -> Wiring {
        changes(&self.table)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let table = call.table(&self.table);
        let values = table.numbers(&self.column).expect("numbers");
        // A missing value is below every number here, and falls out.
        let keep: Vec<bool> = values.iter().map(|value| *value > Some(0.0)).collect();
        Ok(Output::of_table(&self.table, table.keep(&keep)))
    }
}

/// Copies a table under its own name.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Copy {
    /// The table.
    table: String,
}

impl Kind for Copy {
    const NAME: &'static str = "copy";

    fn wiring(&self, name: &str, _: &StudySettings) -> Wiring {
        Wiring { writes: vec![name.to_owned()], ..reads(&self.table) }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        Ok(Output::of_table(call.name, call.table(&self.table).clone()))
    }
}

/// Sums a column.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SumOf {
    /// The table.
    table: String,
    /// The column.
    column: String,
    /// Reads a column that its rehearsal does not: a bug.
    #[serde(default)]
    also: Option<String>,
}

impl Kind for SumOf {
    const NAME: &'static str = "sum_of";

    fn wiring(&self, _: &str, _: &StudySettings) -> Wiring {
        reads(&self.table)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        assert!(call.table(&self.table).numbers(&self.column).is_some(), "numbers");
        Ok(Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let table = call.table(&self.table);
        if let Some(also) = &self.also {
            let _ = table.numbers(also);
        }
        let sum: f64 = table.numbers(&self.column).expect("rehearsed").iter().flatten().sum();
        let finding = Finding::new(call.name, Self::NAME, "sum", Quantity::Measured, sum);
        Ok(Output { findings: vec![finding], ..Output::default() })
    }
}

fn reads(table: &str) -> Wiring {
    Wiring { reads: vec![Read::table(table, &["table"])], ..Wiring::default() }
}

fn changes(table: &str) -> Wiring {
    Wiring { writes: vec![table.to_owned()], ..reads(table) }
}

pub(crate) fn register(registry: &mut Registry) {
    registry.register::<Pairs>(Section::Ingest);
    registry.register::<Double>(Section::Clean);
    registry.register::<Above>(Section::Clean);
    registry.register::<Copy>(Section::Clean);
    registry.register::<SumOf>(Section::Analyze);
}
