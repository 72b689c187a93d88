//! Some of a study's stages, by name, with all that they need.

use std::collections::BTreeSet;

use crate::globs::{is_glob, name_matches};
use crate::project::Project;
use crate::{Failure, Mistake, StageId};

/// Stages that were asked for, and those that they need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection(BTreeSet<usize>);

impl Selection {
    pub(crate) fn has(&self, index: usize) -> bool {
        self.0.contains(&index)
    }

    /// Whether stage `index` is asked for; all are where nothing was selected.
    pub(crate) fn asks_for(only: Option<&Self>, index: usize) -> bool {
        only.is_none_or(|only| only.has(index))
    }
}

impl Project {
    /// The stages that `names` mean, with all that they need. A name is that of an entry,
    /// with its section (`report.figure_1`) or without; `*` stands for any letters.
    ///
    /// # Errors
    /// With every name that means no stage, or one that several have.
    pub fn select(&self, names: &[String]) -> Result<Selection, Failure> {
        let (mut asked, mut mistakes) = (Vec::new(), Vec::new());
        for name in names {
            match self.stages_named(name) {
                Ok(found) => asked.extend(found),
                Err(mistake) => mistakes.push(self.tried(mistake)),
            }
        }
        if mistakes.is_empty() {
            // With all that they need: a stage on stale input would be a lie.
            Ok(Selection(self.graph.with_needs(asked)))
        } else {
            Err(self.mistakes(mistakes))
        }
    }

    fn stages_named(&self, name: &str) -> Result<Vec<usize>, Mistake> {
        if !is_glob(name) {
            return Ok(vec![self.stage_named(name)?]);
        }
        let ids = self.pipeline.stages.iter().map(|stage| &stage.id).enumerate();
        let is_meant =
            |id: &StageId| name_matches(name, &id.name) || name_matches(name, &id.to_string());
        let found: Vec<usize> =
            ids.filter(|(_, id)| is_meant(id)).map(|(index, _)| index).collect();
        if found.is_empty() {
            Err(Mistake::new(format!("`{name}` fits no stage")))
        } else {
            Ok(found)
        }
    }

    /// The stage of this name, with its section or without.
    pub(crate) fn stage_named(&self, name: &str) -> Result<usize, Mistake> {
        let ids = || self.pipeline.stages.iter().map(|stage| &stage.id);
        let found: Vec<(usize, &StageId)> =
            ids().enumerate().filter(|(_, id)| id.name == name || id.to_string() == name).collect();
        match found.as_slice() {
            [(index, _)] => Ok(*index),
            [] => {
                let mistake = Mistake::new(format!("there is no stage `{name}`"));
                let full: Vec<String> = ids().map(ToString::to_string).collect();
                // who writes a section looks for a name in it
                let names = full.iter().map(String::as_str).filter(|_| name.contains('.'));
                let names = names.chain(ids().map(|id| id.name.as_str()));
                Err(mistake.hint_nearest(name, names))
            }
            // One name may stand in two sections, as a table and its page.
            several => {
                let names: Vec<String> = several.iter().map(|(_, id)| id.to_string()).collect();
                let message = format!("`{name}` is the name of {}", names.join(" and "));
                Err(Mistake::new(message).hint(format!("write `{}`", names[0])))
            }
        }
    }
}
