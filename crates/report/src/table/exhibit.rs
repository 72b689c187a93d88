//! A printed table as the output of a report stage.

use std::collections::BTreeMap;

use engine::Call;
use study::printed::Table;
use study::{Body, Exhibit, Output, Paragraph};

use super::PrintedTable;
use crate::render;

/// Folder of the tables' CSV files.
const FOLDER: &str = "reports/tables";

/// The output that a table will have, without the table.
#[must_use]
pub fn announced(call: &Call<'_>, title: &str) -> Output {
    let files = BTreeMap::from([(path(call.name), Vec::new())]);
    // An empty table, not none: what points at it needs to know that it is one.
    let exhibit = exhibit(call, title, Vec::new(), Table::default());
    Output { exhibit: Some(exhibit), files, ..Output::default() }
}

/// Path of a table's file, relative to the pipeline file.
fn path(name: &str) -> String {
    format!("{FOLDER}/{name}.csv")
}

/// The exhibit and the CSV file of a table.
#[must_use]
pub fn finish(call: &Call<'_>, title: &str, note: Option<&str>, mut table: PrintedTable) -> Output {
    if let Some(note) = note {
        table.note(note);
    }
    let (caption, printed) = (table.remarks(), table.printed());
    let file = (path(call.name), render::csv(&printed, call.study));
    let exhibit = exhibit(call, title, caption, printed);
    Output { exhibit: Some(exhibit), files: BTreeMap::from([file]), ..Output::default() }
}

fn exhibit(call: &Call<'_>, title: &str, caption: Vec<Paragraph>, printed: Table) -> Exhibit {
    Exhibit {
        name: call.name.to_owned(),
        title: title.to_owned(),
        caption,
        body: Body::Table(printed),
        alternative_text: title.to_owned(),
        // The page gives the label, as it knows the order of citation.
        label: String::new(),
    }
}
