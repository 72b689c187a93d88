//! What the tests of the kinds share: from YAML and bytes to a table as text,
//! or to the mistakes as a user would read them.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Call, Kind, Mistakes};
use polars::prelude::AnyValue;
use study::{Output, StudySettings, Table};

const STUDY: &str =
    "{ title: t, data_status: example, patient: id, analysis_table: patients, seed: 1 }";

/// Rehearses the stage `t` and then runs it; both find the same mistakes in
/// the declaration, and hand on columns of the same names and types.
pub fn ingest<K: Kind>(yaml: &str, file: &[u8]) -> Result<Output, String> {
    ingest_files::<K>(yaml, &|_| file.to_vec())
}

/// The same with the content of each file by its path.
pub fn ingest_files<K: Kind>(yaml: &str, file: &dyn Fn(&str) -> Vec<u8>) -> Result<Output, String> {
    ingest_found::<K>(yaml, &[], file)
}

/// The same where these files were found for what is written with wildcards.
pub fn ingest_found<K: Kind>(
    yaml: &str,
    found: &[&str],
    file: &dyn Fn(&str) -> Vec<u8>,
) -> Result<Output, String> {
    let kind: K = serde_yaml::from_str(yaml).expect("the parameters decode");
    let study: StudySettings = serde_yaml::from_str(STUDY).expect("the settings decode");
    let wiring = kind.wiring("t", &study);
    // every kind of this crate makes one table of the stage's name and reads none
    assert_eq!((wiring.writes, wiring.reads), (vec!["t".to_owned()], Vec::new()));
    let call = Call {
        name: "t",
        study: &study,
        claims: &[],
        provenance: None,
        seed: 1,
        tables: BTreeMap::new(),
        stages: Vec::new(),
        files: wiring
            .files
            .into_iter()
            // what a wildcard means is what `found` lists
            .filter(|path| !path.contains('*'))
            .chain(found.iter().map(ToString::to_string))
            .map(|path| {
                let content = Arc::new(file(&path));
                (path, content)
            })
            .collect(),
        unknowns: engine::Unknowns::default(),
    };
    match (kind.rehearse(&call), kind.run(&call)) {
        // a declaration that fails before the run must not pass in it
        (Err(rehearsed), run) => {
            assert_eq!(Some(&rehearsed), run.err().as_ref(), "rehearsal and run agree");
            Err(as_text(&rehearsed))
        }
        (Ok(_), Err(mistakes)) => Err(as_text(&mistakes)),
        (Ok(rehearsed), Ok(run)) => {
            assert_eq!(rehearsed.tables["t"].height(), 0);
            assert_eq!(schema(&rehearsed.tables["t"]), schema(&run.tables["t"]));
            assert_eq!(rehearsed.tables["t"].columns, run.tables["t"].columns);
            Ok(run)
        }
    }
}

fn schema(table: &Table) -> Vec<(String, String)> {
    let kind = |name: &str| table.data_type(name).expect("a column").to_string();
    table.names().into_iter().map(|name| (name.clone(), kind(&name))).collect()
}

/// One mistake: parameter, place in the file, message, and the hint below.
fn as_text(mistakes: &Mistakes) -> String {
    let one = |mistake: &engine::Mistake| {
        let place =
            mistake.raw_place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
        let hint = mistake.hint.as_ref().map(|hint| format!("\n-> {hint}")).unwrap_or_default();
        format!("[{}] {place}{}{hint}\n", mistake.at.join("."), mistake.message)
    };
    mistakes.0.iter().map(one).collect()
}

/// A table as text: names and types, then one line a row, `~` for missing.
#[allow(dead_code, reason = "not every test file looks at values")]
pub fn values(table: &Table) -> String {
    let mut text = String::new();
    let names = table.names();
    for (name, kind) in schema(table) {
        text += &format!("{name}:{kind} ");
    }
    for row in 0..table.height() {
        text = text.trim_end().to_owned() + "\n";
        for column in names.iter().map(|name| table.series(name).expect("a column")) {
            text += &match column.get(row).expect("a row of the table") {
                AnyValue::Null => "~ ".to_owned(),
                AnyValue::String(value) => format!("{value:?} "),
                value => format!("{value} "),
            };
        }
    }
    text.trim_end().to_owned() + "\n"
}

/// The problems of an output, one a line.
#[allow(dead_code, reason = "not every test file has problems")]
pub fn problems(output: &Output) -> String {
    output
        .problems
        .iter()
        .map(|problem| {
            let study::Problem { table, file, line, column, raw, reason } = problem;
            format!("{table} {file}:{line} {column}: {raw:?} {reason}\n")
        })
        .collect()
}
