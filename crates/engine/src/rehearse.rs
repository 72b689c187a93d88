//! Every stage once on tables without rows: all mistakes that need no data,
//! before anything runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use study::{Output, Table};

use crate::graph::Input;
use crate::project::Project;
use crate::{Call, Diagnostic, Mistake};

/// What is known of a stage after its rehearsal.
struct Rehearsed {
    /// Shapes of the tables it writes; where it failed, of those it read.
    tables: BTreeMap<String, Arc<Table>>,
    /// It or a stage before it failed, so its shapes are not to be trusted.
    doubtful: bool,
}

/// Says everything that is wrong with the stages' parameters.
pub(crate) fn rehearse(project: &Project) -> Vec<Diagnostic> {
    let count = project.pipeline.stages.len();
    let mut rehearsed: Vec<Option<Rehearsed>> = (0..count).map(|_| None).collect();
    let mut diagnostics = Vec::new();
    for &index in &project.graph.order {
        let result = rehearse_stage(project, index, &rehearsed, &mut diagnostics);
        rehearsed[index] = Some(result);
    }
    diagnostics.extend(check_settings(project, &rehearsed));
    diagnostics
}

/// The columns that the settings name must be there when every rule was applied.
fn check_settings(project: &Project, rehearsed: &[Option<Rehearsed>]) -> Vec<Diagnostic> {
    let settings = &project.pipeline.settings;
    let name = &settings.analysis_table;
    let writer = project.graph.last_writers.get(name).and_then(|index| rehearsed[*index].as_ref());
    let Some(table) = writer.filter(|last| !last.doubtful).and_then(|last| last.tables.get(name))
    else {
        return vec![];
    };
    let names = table.names();
    let index_date = settings.index_date.as_deref().map(|column| ("index_date", column));
    let named = [("patient", settings.patient.as_str())].into_iter().chain(index_date);
    let unknown = named.filter(|(_, column)| names.iter().all(|name| name != column));
    let said = unknown.map(|(key, column)| {
        let message = format!("analysis table `{name}` has no column `{column}`");
        let mistake = Mistake::at(&[key], message);
        project
            .pipeline
            .locate_setting(mistake.hint_nearest(column, names.iter().map(String::as_str)))
    });
    said.collect()
}

fn rehearse_stage(
    project: &Project,
    index: usize,
    rehearsed: &[Option<Rehearsed>],
    diagnostics: &mut Vec<Diagnostic>,
) -> Rehearsed {
    let mut tables = BTreeMap::new();
    let mut doubtful = project.pipeline.may_lack_tables();
    let mut complete = !project.graph.unresolved[index];
    for input in &project.graph.inputs[index] {
        let before =
            rehearsed[input.maker()].as_ref().expect("invariant: stages are rehearsed in order");
        doubtful |= before.doubtful;
        if let Input::Table { name, .. } = input {
            match before.tables.get(name) {
                Some(table) => drop(tables.insert(name.clone(), Arc::clone(table))),
                None => complete = false,
            }
        }
    }
    complete &= project.graph.files[index].iter().all(|path| project.files.get(path).is_some());
    if !complete {
        return Rehearsed { tables, doubtful: true };
    }
    let stage = &project.pipeline.stages[index];
    let empty = Arc::new(Output::default());
    let stages = project.graph.inputs[index].iter().filter_map(|input| match input {
        Input::Stage { index } => {
            let id = &project.pipeline.stages[*index].id;
            Some((id.name.clone(), id.section, Arc::clone(&empty)))
        }
        Input::Table { .. } => None,
    });
    let call = Call { tables: tables.clone(), stages: stages.collect(), ..project.call(index) };
    match stage.stage.rehearse(&call) {
        Ok(output) => {
            let shapes = output
                .tables
                .into_iter()
                .map(|(name, table)| (name, Arc::new(table.without_rows())));
            Rehearsed { tables: shapes.collect(), doubtful }
        }
        Err(mistakes) => {
            let kept = mistakes.0.into_iter().filter(|mistake| !(doubtful && mistake.about_column));
            diagnostics.extend(kept.map(|mistake| stage.locate(mistake)));
            Rehearsed { tables, doubtful: true }
        }
    }
}
