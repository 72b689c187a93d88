//! A printed table as the output of a report stage.

use std::collections::BTreeMap;

use engine::Call;
use study::{Exhibit, ExhibitKind, Output};

use super::PrintedTable;
use super::html::Heading;

/// Folder of the tables' CSV files.
const FOLDER: &str = "reports/tables";

/// The label that a stage's name stands for: `etable_7` is eTable 7.
#[must_use]
pub fn label(name: &str) -> String {
    const WORDS: [(&str, &str); 4] =
        [("efigure", "eFigure"), ("etable", "eTable"), ("figure", "Figure"), ("table", "Table")];
    let numbered = name.split_once('_').and_then(|(word, number)| {
        let (_, printed) = WORDS.iter().find(|(known, _)| *known == word)?;
        Some(format!("{printed} {}", number.replace('_', " ")))
    });
    numbered.unwrap_or_else(|| super::model::sentence(&name.replace('_', " ")).replace('.', ""))
}

/// The exhibit and the CSV file of a table.
#[must_use]
pub fn finish(call: &Call<'_>, title: &str, note: Option<&str>, mut table: PrintedTable) -> Output {
    if let Some(note) = note {
        table.note(note);
    }
    let label = label(call.name);
    let above = Heading { name: call.name, label: &label, title, mark: call.study.mark() };
    let exhibit = Exhibit {
        name: call.name.to_owned(),
        exhibit_kind: ExhibitKind::Table,
        title: title.to_owned(),
        caption_html: table.remarks(),
        body_html: table.html(&above),
        alternative_text: format!("{label}: {title}"),
        label,
    };
    let file = (format!("{FOLDER}/{}.csv", call.name), table.csv(call.study));
    Output { exhibit: Some(exhibit), files: BTreeMap::from([file]), ..Output::default() }
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn names_become_labels() {
        let labels = ["etable_7", "efigure_12", "table_2", "claims", "odd_name"].map(label);
        assert_eq!(labels, ["eTable 7", "eFigure 12", "Table 2", "Claims", "Odd name"]);
    }
}
