//! What a run would do, told without doing it.

use crate::command::RunOptions;
use crate::ledger::Known;
use crate::plan::{Planned, Standing};
use crate::project::Project;
use crate::rehearse::made_by;
use crate::selection::Selection;
use crate::store::Store;
use crate::{Failure, StageId};

/// What a run would do.
#[derive(Debug)]
pub struct Foresight {
    /// The stages that were asked for, in the order of the file, with their standing.
    pub stages: Vec<Planned>,
    /// The outputs of those that would run or may have to, each with its stage.
    /// They are written only where their content differs.
    pub outputs: Vec<(String, StageId)>,
    /// Why the run would not begin.
    pub refusal: Option<Failure>,
}

impl Project {
    /// Says what a run with these options would do. Nothing is written.
    ///
    /// # Errors
    /// With all mistakes; if the lock or an output cannot be read.
    pub fn foresee(&self, options: &RunOptions) -> Result<Foresight, Failure> {
        // Without a note of the rehearsal: looking ahead writes nothing.
        self.rehearsed_for(&Store::at(&self.store_folder()), options, false)?;
        let known = Known::read(self)?;
        let is_asked = |index: usize| Selection::asks_for(options.only.as_ref(), index);
        // Forced stages run whatever the store has.
        let standing = |planned: Planned| match options.force {
            true => Planned { standing: Standing::Stale(vec!["forced".to_owned()]), ..planned },
            false => planned,
        };
        let stages = self.status()?.stages.into_iter().enumerate();
        let stages: Vec<Planned> =
            stages.filter(|(index, _)| is_asked(*index)).map(|(_, it)| standing(it)).collect();
        let is_made = |id: &StageId| {
            stages.iter().any(|stage| stage.id == *id && stage.standing != Standing::Fresh)
        };
        let outputs = made_by(self).into_iter().filter(|(_, id)| is_made(id)).collect();
        // As `run` does: otherwise this would tell of a refusal that does not come.
        let is_looked_at_later = options.overwrite || known.is_cut_off;
        let refusal = if is_looked_at_later { None } else { self.require_untouched(&known).err() };
        Ok(Foresight { stages, outputs, refusal })
    }
}
