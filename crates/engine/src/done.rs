//! What stages came to, and what they hand on.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::graph::Input;
use crate::project::Project;
use crate::store::Slots;
use crate::tables::Version;

/// What a stage came to: its objects, and the tables it wrote.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) slots: Arc<Slots>,
    pub(crate) tables: BTreeMap<String, Arc<Version>>,
}

/// The tables that a stage reads, as those before it left them.
pub(crate) fn handed(
    project: &Project,
    index: usize,
    done: &[Option<Done>],
) -> BTreeMap<String, Arc<Version>> {
    let inputs = project.graph.inputs[index].iter();
    let table = |input: &Input| match input {
        Input::Table { name, writer } => {
            // A stage that failed hands nothing on; who needs it is not asked to run.
            Some((name.clone(), Arc::clone(done[*writer].as_ref()?.tables.get(name)?)))
        }
        Input::Stage { .. } => None,
    };
    inputs.filter_map(table).collect()
}
