//! `variable_dictionary`: what the columns of the analysis table mean.

use engine::{Call, Kind, Mistake, Mistakes, Read, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Output, StudySettings, Table};

use crate::table::{Cell, Column, PrintedTable, Row, finish};

/// A dictionary of the variables of the analysis table: name, label, unit,
/// levels, when the value came to be known, and how it was derived.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VariableDictionary {
    /// Title of the table.
    #[serde(default = "default_title")]
    pub title: String,
    /// Columns that the dictionary leaves out.
    #[serde(default)]
    pub without: Vec<String>,
    /// A remark under the table.
    #[serde(default)]
    pub note: Option<String>,
}

fn default_title() -> String {
    "Variables and their derivation".to_owned()
}

impl Kind for VariableDictionary {
    const NAME: &'static str = "variable_dictionary";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        Wiring { reads: vec![Read::table(&study.analysis_table, &[])], ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = Mistakes::default();
        for (place, column) in self.without.iter().enumerate() {
            let at = ["without", &place.to_string()];
            let found = call.require_column(&call.study.analysis_table, column, &at);
            mistakes.note::<()>(found.map_err(|mistake: Mistake| mistake));
        }
        // a run is handed what its rehearsal read: which columns there are
        let _ = self.table(call.table(&call.study.analysis_table), call.study);
        mistakes.or(Output::default())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let table = self.table(call.table(&call.study.analysis_table), call.study);
        Ok(finish(call, &self.title, self.note.as_deref(), table))
    }
}

/// A date as the table prints it: the column, or the last of many.
fn in_code(known: &study::Late) -> String {
    if known.of_all_rows { format!("last {}", known.date) } else { known.date.clone() }
}

impl VariableDictionary {
    fn table(&self, analysis: &Table, study: &StudySettings) -> PrintedTable {
        let mut table = PrintedTable::of(vec![
            Column::words("variable", "Variable"),
            Column::words("label", "Label"),
            Column::words("unit", "Unit"),
            Column::words("levels", "Levels"),
            Column::words("known_from", "Known from"),
            Column::words("derivation", "Derivation"),
        ]);
        // A leading underscore marks columns that a study needs only on its way.
        let is_shown = |name: &&String| !name.starts_with('_') && !self.without.contains(name);
        for name in analysis.names().iter().filter(is_shown) {
            let about = analysis.about(name);
            let in_words = |level: &study::Level| match level.value.to_lowercase()
                == level.label.to_lowercase()
            {
                true => level.label.clone(),
                // The value stands in files, and whoever works with them looks it up here.
                false => format!("{} ({})", level.label, level.value),
            };
            let levels: Vec<String> = about.levels.iter().map(in_words).collect();
            let late = analysis.late(&about.lineage, study);
            let known_from: Vec<String> = late.iter().map(in_code).collect();
            table.rows.push(Row::values(vec![
                Cell::code(name),
                Cell::text(about.label),
                Cell::text(about.unit.unwrap_or_default()),
                Cell::text(levels.join("; ")),
                Cell::code(known_from.join(", ")),
                Cell::code(about.derivation.unwrap_or_default()),
            ]));
        }
        table.note("Known from: the date on which the value came to be known; empty where it is known at time zero. Of several, the latest counts.");
        table
    }
}
