//! A printed table as the output of a report stage.

use std::collections::BTreeMap;

use engine::Call;
use study::{Exhibit, ExhibitKind, Output};

use super::PrintedTable;
use super::html::Heading;
use crate::exhibit::label;

/// Folder of the tables' CSV files.
const FOLDER: &str = "reports/tables";

/// The output that a table will have, without the table.
#[must_use]
pub fn announced(call: &Call<'_>, title: &str) -> Output {
    let label = label(call.name);
    let exhibit = Exhibit {
        name: call.name.to_owned(),
        exhibit_kind: ExhibitKind::Table,
        title: title.to_owned(),
        caption_html: String::new(),
        body_html: String::new(),
        alternative_text: format!("{label}: {title}"),
        label,
    };
    let files = BTreeMap::from([(path(call.name), Vec::new())]);
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
    let label = label(call.name);
    let above = Heading { label: &label, title, mark: call.study.mark() };
    let exhibit = Exhibit {
        name: call.name.to_owned(),
        exhibit_kind: ExhibitKind::Table,
        title: title.to_owned(),
        caption_html: table.remarks(),
        body_html: table.html(&above),
        alternative_text: format!("{label}: {title}"),
        label,
    };
    let file = (path(call.name), table.csv(call.study));
    Output { exhibit: Some(exhibit), files: BTreeMap::from([file]), ..Output::default() }
}
