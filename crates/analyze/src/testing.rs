//! Small studies for the tests of this crate: tables column by column, and
//! kinds run on them as the engine would.

mod announced;
mod documented;

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Call, Kind, Mistakes};
use serde_json::{Value, json};
use study::{
    Claim, Column, DateId, Finding, Level, Lineage, Moment, Output, StudySettings, Table, Values,
};

use crate::analysis::{Analysis, Entry};
use announced::{check_announced, rehearsed};
pub(crate) use documented::check_documented;

/// A table under construction; every column is as long as the first.
#[derive(Clone)]
pub(crate) struct Sample(Table);

impl Sample {
    /// Patients `P1` to `Pn`.
    pub(crate) fn of(n: usize) -> Self {
        // Numbers without leading zeros, so that P10 stands before P2 by
        // letter: a test notices an order that is not the natural one.
        Self(Table::new(n)).text("patient", (1..=n).map(|place| Some(format!("P{place}"))))
    }

    /// Eight patients, of whom every third has a treatment that began on day 10.
    pub(crate) fn eight() -> Self {
        let (label, lineage) = ("Radiotherapy".into(), known_from("rt_start"));
        let rt = Column { label, lineage, ..Column::default() };
        Self::of(8)
            .date("start", [Some(17_000); 8])
            .date("rt_start", [Some(17_010); 8])
            .yes_no("rt", (0..8).map(|place| Some(place % 3 == 0)))
            .about("rt", &rt)
            .real("age", [61.5, 70.0, 52.0, 55.0, 48.0, 66.0, 59.0, 41.0].map(Some))
    }

    /// Puts a column behind the others, whether or not there was one of its name.
    fn column(self, name: &str, values: Values) -> Self {
        // An estimator of one test and the data of
        // another may share a sample but for one column.
        let others: Vec<String> = self.0.names().into_iter().filter(|own| own != name).collect();
        let mut table = self.0.select(&others);
        table.put(name, values);
        Self(table)
    }

    pub(crate) fn text<T: Into<String>>(
        self,
        name: &str,
        values: impl IntoIterator<Item = Option<T>>,
    ) -> Self {
        let values = values.into_iter().map(|value| value.map(Into::into)).collect();
        self.column(name, Values::Text(values))
    }

    pub(crate) fn whole(self, name: &str, values: impl IntoIterator<Item = Option<i64>>) -> Self {
        self.column(name, Values::Whole(values.into_iter().collect()))
    }

    pub(crate) fn real(self, name: &str, values: impl IntoIterator<Item = Option<f64>>) -> Self {
        self.column(name, Values::Real(values.into_iter().collect()))
    }

    pub(crate) fn yes_no(self, name: &str, values: impl IntoIterator<Item = Option<bool>>) -> Self {
        self.column(name, Values::YesNo(values.into_iter().collect()))
    }

    pub(crate) fn date(self, name: &str, values: impl IntoIterator<Item = Option<i32>>) -> Self {
        let date = Moment::of_row(date(name));
        let lineage = Lineage { date: Some(date), ..Lineage::default() };
        let about = Column { label: name.to_owned(), lineage, ..Column::default() };
        self.column(name, Values::Date(values.into_iter().collect())).about(name, &about)
    }

    /// What is known of a column.
    pub(crate) fn about(mut self, name: &str, about: &Column) -> Self {
        assert!(self.0.has(name), "a column to tell about: {name}");
        self.0.columns.insert(name.to_owned(), about.clone());
        self
    }

    /// Declared levels, labelled as they are.
    pub(crate) fn levels(self, name: &str, levels: &[&str]) -> Self {
        let level = |value: &&str| Level::named(*value);
        let levels = levels.iter().map(level).collect();
        // Levels replace all else that was told of the column.
        self.about(name, &Column { label: name.into(), levels, ..Column::default() })
    }

    /// The same patients, every row elsewhere: row i is what row
    /// i * `stride` + 1 was. The stride shares no divisor with the height.
    pub(crate) fn in_another_order(self, stride: usize) -> Self {
        let height = self.0.height();
        let rows: Vec<usize> = (0..height).map(|row| (row * stride + 1) % height).collect();
        Self(self.0.take(&rows))
    }

    pub(crate) fn table(&self) -> Table {
        self.0.clone()
    }
}

/// A date of the table that tests analyse.
fn date(column: &str) -> DateId {
    DateId { table: "analysis".to_owned(), column: column.to_owned(), rule: None }
}

/// The lineage of what is known from a date of the same table on.
pub(crate) fn known_from(column: &str) -> Lineage {
    let known = [Moment::of_row(date(column))].into();
    Lineage { known, ..Lineage::default() }
}

/// The settings of a study counted in months from `start`.
pub(crate) fn settings() -> StudySettings {
    let settings = json!({
        "title": "A study", "data_status": "simulated", "patient": "patient",
        "analysis_table": "analysis", "index_date": "start",
    });
    serde_json::from_value(settings).expect("settings")
}

/// Runs an entry named `stage` on a table.
pub(crate) fn run<A: Analysis>(table: Table, parameters: Value) -> Result<Output, Vec<String>> {
    call::<A>(table, Vec::new(), parameters, Kind::run)
}

/// Runs an entry that also reads tables which other entries made.
pub(crate) fn run_with<A: Analysis>(
    table: Table,
    others: Vec<(&str, Table)>,
    parameters: Value,
) -> Result<Output, Vec<String>> {
    call::<A>(table, others, parameters, Kind::run)
}

/// Rehearses it on the table without rows.
pub(crate) fn rehearse<A: Analysis>(
    table: &Table,
    parameters: Value,
) -> Result<Output, Vec<String>> {
    call::<A>(table.without_rows(), Vec::new(), parameters, Kind::rehearse)
}

pub(crate) type Act<A> = fn(&Entry<A>, &Call<'_>) -> Result<Output, Mistakes>;

/// Runs an entry on several tables, in a study of its own settings.
pub(crate) fn run_in<A: Analysis>(
    study: &StudySettings,
    tables: Vec<(&str, Table)>,
    parameters: Value,
) -> Result<Output, Vec<String>> {
    call_in::<A>(study, tables, parameters, Kind::run)
}

fn call<A: Analysis>(
    table: Table,
    others: Vec<(&str, Table)>,
    parameters: Value,
    act: Act<A>,
) -> Result<Output, Vec<String>> {
    let tables = others.into_iter().chain([("analysis", table)]).collect();
    call_in::<A>(&settings(), tables, parameters, act)
}

fn call_in<A: Analysis>(
    study: &StudySettings,
    tables: Vec<(&str, Table)>,
    parameters: Value,
    act: Act<A>,
) -> Result<Output, Vec<String>> {
    act_on(study, &[], tables, Vec::new(), parameters, act)
}

/// A mistake as `at: message; hint`.
fn told(mistake: &engine::Mistake) -> String {
    let hint = mistake.hint.as_ref().map_or_else(String::new, |hint| format!("; {hint}"));
    format!("{}: {}{hint}", mistake.at.join("."), mistake.message)
}

/// The finding `stage.<id>`.
pub(crate) fn finding<'a>(output: &'a Output, id: &str) -> &'a Finding {
    let whole = format!("stage.{id}");
    output
        .findings
        .iter()
        .find(|finding| finding.id() == whole)
        .unwrap_or_else(|| panic!("no finding `{whole}` in {:#?}", ids(output)))
}

/// The value of the finding `stage.<id>`.
pub(crate) fn value(output: &Output, id: &str) -> f64 {
    finding(output, id).value.unwrap_or_else(|| panic!("`{id}` has no value"))
}

/// All ids.
pub(crate) fn ids(output: &Output) -> Vec<String> {
    output.findings.iter().map(Finding::id).collect()
}

/// A data set of the reference values as a table; `time` and `event` are the
/// endpoint `os`, and every other column holds whole or real numbers.
pub(crate) fn reference_data(name: &str) -> Sample {
    let text = read_reference(&format!("data/{name}.csv"));
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let rows: Vec<Vec<Option<f64>>> =
        lines.map(|line| line.split(',').map(|cell| cell.parse().ok()).collect()).collect();
    let mut sample = Sample::of(rows.len());
    for (place, name) in names.into_iter().enumerate() {
        let values: Vec<Option<f64>> = rows.iter().map(|row| row[place]).collect();
        let name = match name {
            "time" => "os_days",
            "event" => "os_event",
            other => other,
        };
        // As a column without a decimal point would be read from a file.
        let is_whole = values.iter().flatten().all(|value| value.fract() == 0.0);
        sample = match is_whole {
            true => sample.whole(name, values.iter().map(|v| v.map(|v| v as i64))),
            false => sample.real(name, values),
        };
    }
    sample
}

/// `veteran` with its cell types as one category.
pub(crate) fn veteran() -> Sample {
    let sample = reference_data("veteran");
    let table = sample.table();
    let is = |name: &str| crate::columns::numbers(&table, name).expect("an indicator");
    let (small, adeno, large) = (is("smallcell"), is("adeno"), is("large"));
    let types = (0..small.len()).map(|place| {
        let one = Some(1.0);
        Some(match (small[place] == one, adeno[place] == one, large[place] == one) {
            (true, _, _) => "small cell",
            (_, true, _) => "adeno",
            (_, _, true) => "large",
            _ => "squamous",
        })
    });
    sample.text("celltype", types).levels("celltype", &["squamous", "small cell", "adeno", "large"])
}

/// The findings that R gives too, by id, and how closely both must agree.
pub(crate) struct Reference {
    /// The folder of `tests/reference`.
    pub(crate) folder: &'static str,
    /// Largest relative difference.
    pub(crate) relative: f64,
    /// Largest difference of a finding by its id, where the relative one is
    /// less than rounding leaves.
    pub(crate) absolute: fn(&str) -> f64,
}

impl Reference {
    /// All that the folder holds, as it was read.
    pub(crate) fn values(&self) -> Value {
        let text = read_reference(&format!("{}/values.json", self.folder));
        serde_json::from_str(&text).expect("JSON")
    }

    /// Compares value, limits and standard error of each finding of a
    /// reference, a null being a number that must not be there. Two numbers
    /// are value and standard error. Gives how many findings there were.
    #[track_caller]
    pub(crate) fn compare(&self, output: &Output, name: &str) -> usize {
        let values = self.values();
        // A name without values would agree with anything.
        let findings = values["findings"][name].as_object().expect("a reference of this name");
        assert!(!findings.is_empty());
        for (id, expected) in findings {
            let expected: Vec<Option<f64>> =
                expected.as_array().expect("numbers").iter().map(Value::as_f64).collect();
            // Some kinds give no limits, and their references hold none.
            let found = finding(output, id);
            let parts = match expected.len() {
                2 => vec![found.value, found.standard_error],
                _ => vec![found.value, found.lower, found.upper, found.standard_error],
            };
            let agree =
                parts.iter().zip(&expected).all(|(one, other)| self.agrees(id, *one, *other));
            assert!(agree, "{name}.{id}: {parts:?}, not {expected:?}");
        }
        findings.len()
    }

    /// Whether a number of a finding is what it must be.
    pub(crate) fn agrees(&self, id: &str, found: Option<f64>, expected: Option<f64>) -> bool {
        match (found, expected) {
            (Some(found), Some(expected)) => {
                let allowed = (self.relative * expected.abs()).max((self.absolute)(id));
                (found - expected).abs() <= allowed
            }
            (found, expected) => found.is_none() && expected.is_none(),
        }
    }
}

/// A file of the reference folder.
pub(crate) fn read_reference(relative: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference");
    let path = folder.join(relative);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Runs or rehearses an entry that reads further tables and stages.
pub(crate) fn call_beside<A: Analysis>(
    tables: Vec<(&str, Table)>,
    stages: Vec<(&str, Output)>,
    parameters: Value,
    act: Act<A>,
) -> Result<Output, Vec<String>> {
    act_on(&settings(), &[], tables, stages, parameters, act)
}

/// Runs or rehearses an entry that reads claims, and the stages that they are
/// about.
pub(crate) fn call_on_claims<A: Analysis>(
    claims: &[(String, Claim)],
    stages: Vec<(&str, Output)>,
    parameters: Value,
    act: Act<A>,
) -> Result<Output, Vec<String>> {
    act_on(&settings(), claims, Vec::new(), stages, parameters, act)
}

fn act_on<A: Analysis>(
    study: &StudySettings,
    claims: &[(String, Claim)],
    tables: Vec<(&str, Table)>,
    stages: Vec<(&str, Output)>,
    parameters: Value,
    act: Act<A>,
) -> Result<Output, Vec<String>> {
    let kind: Entry<A> = serde_json::from_value(parameters).expect("parameters of the kind");
    let bare: Vec<(&str, Table)> =
        tables.iter().map(|(name, table)| (*name, table.without_rows())).collect();
    // Every run in these tests comes after a rehearsal on the same tables without
    // rows, so that each test also holds what was announced against what was found.
    let known = stages.iter().map(|(name, output)| (*name, rehearsed(output))).collect();
    let announced = kind.rehearse(&call_of(study, claims, bare, known));
    let mut call = call_of(study, claims, tables, stages);
    call.tables = engine::as_declared(&kind, &call);
    let mut output =
        act(&kind, &call).map_err(|mistakes| mistakes.0.iter().map(told).collect::<Vec<_>>())?;
    output.tables.values_mut().for_each(|table| *table = table.freed());
    check_announced::<A>(announced, &output);
    Ok(output)
}

fn call_of<'a>(
    study: &'a StudySettings,
    claims: &'a [(String, Claim)],
    tables: Vec<(&str, Table)>,
    stages: Vec<(&str, Output)>,
) -> Call<'a> {
    let analyzed = |(name, output): (&str, Output)| {
        (name.to_owned(), engine::Section::Analyze, Arc::new(output))
    };
    Call {
        name: "stage",
        study,
        claims,
        provenance: None,
        seed: 0,
        tables: tables.into_iter().map(|(name, t)| (name.to_owned(), Arc::new(t))).collect(),
        stages: stages.into_iter().map(analyzed).collect(),
        files: BTreeMap::new(),
        unknowns: engine::Unknowns::default(),
    }
}
