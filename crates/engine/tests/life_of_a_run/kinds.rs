//! Four small kinds: one reads numbers, one sums them, one prints the sum, one a text.

use restudy_engine::{Call, Kind, Mistake, Mistakes, Read, Registry, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, Output, Quantity, StudySettings, Table, Values};

/// Reads one number a line, of all files that the path means.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Numbers {
    /// The file.
    path: String,
}

impl Kind for Numbers {
    const NAME: &'static str = "numbers";

    fn wiring(&self, name: &str, _: &StudySettings) -> Wiring {
        Wiring { reads: vec![], writes: vec![name.to_owned()], files: vec![self.path.clone()] }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        Ok(Output::of_table(call.name, Table::of(0, [("number", Values::Real(Vec::new()))])))
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut numbers = Vec::new();
        let mut mistakes = Mistakes::default();
        for path in call.matching(&self.path) {
            let text = String::from_utf8_lossy(call.file(path)).into_owned();
            let lines = text.lines().enumerate();
            for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
                let place = format!("{path}:{}", index + 1);
                let number = line.trim().parse::<f64>();
                let number = number.map_err(|_| {
                    Mistake::at(&["path"], format!("`{line}` is no number")).in_raw_file(place)
                });
                numbers.extend(mistakes.note(number));
            }
        }
        let numbers: Vec<Option<f64>> = numbers.into_iter().map(Some).collect();
        let table = Table::of(numbers.len(), [("number", Values::Real(numbers))]);
        mistakes.or(Output::of_table(call.name, table))
    }
}

/// Rounds down to a multiple.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sum {
    /// The table.
    table: String,
    /// The multiple.
    #[serde(default)]
    floor_to: u32,
}

impl Kind for Sum {
    const NAME: &'static str = "sum";

    fn wiring(&self, _: &str, _: &StudySettings) -> Wiring {
        Wiring { reads: vec![Read::table(&self.table, &["table"])], ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        call.require_column(&self.table, "number", &["table"]).map_err(Mistakes::from)?;
        Ok(Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let numbers = call.table(&self.table).numbers("number");
        let sum: f64 = numbers.expect("rehearsed").iter().flatten().sum();
        let step = f64::from(self.floor_to.max(1));
        let finding = Finding::new(
            call.name,
            Self::NAME,
            "sum",
            Quantity::Measured,
            (sum / step).floor() * step,
        );
        Ok(Output { findings: vec![finding], ..Output::default() })
    }
}

/// Writes a sum to a file.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Page {
    /// The sum's stage.
    of: String,
    /// The file.
    path: String,
}

impl Kind for Page {
    const NAME: &'static str = "page";

    fn wiring(&self, _: &str, _: &StudySettings) -> Wiring {
        Wiring {
            reads: vec![Read::stage(&self.of, Section::Analyze, &["of"])],
            ..Wiring::default()
        }
    }

    fn rehearse(&self, _: &Call<'_>) -> Result<Output, Mistakes> {
        // Stands for a library that gives up on what a user wrote.
        assert!(self.path != "reports/panic.txt", "a library gave up");
        Ok(Output { files: [(self.path.clone(), vec![])].into(), ..Output::default() })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let value = call.stage(&self.of).findings[0].value;
        // A report that fails on its data while others go well.
        if value == Some(0.0) {
            return Err(Mistake::at(&["of"], "there is nothing to print").into());
        }
        let text = format!("sum {}\n", value.expect("a sum"));
        Ok(Output { files: [(self.path.clone(), text.into_bytes())].into(), ..Output::default() })
    }
}

/// Prints a text of the study.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Words {
    /// The file with the text.
    text: String,
    /// The file.
    path: String,
}

impl Kind for Words {
    const NAME: &'static str = "words";

    fn wiring(&self, _: &str, _: &StudySettings) -> Wiring {
        Wiring { files: vec![self.text.clone()], ..Wiring::default() }
    }

    fn rehearse(&self, _: &Call<'_>) -> Result<Output, Mistakes> {
        Ok(Output { files: [(self.path.clone(), vec![])].into(), ..Output::default() })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let text = call.file(&self.text).to_vec();
        Ok(Output { files: [(self.path.clone(), text)].into(), ..Output::default() })
    }
}

pub(crate) fn register(registry: &mut Registry) {
    registry.register::<Numbers>(Section::Ingest);
    registry.register::<Sum>(Section::Analyze);
    registry.register::<Page>(Section::Report);
    registry.register::<Words>(Section::Report);
}
