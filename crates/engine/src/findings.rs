//! All findings of a study: those of the last run, and where a stage is stale
//! what a run will find.

use study::Finding;

use crate::Section;
use crate::codec::decode;
use crate::plan::{Bench, plan};
use crate::project::Project;
use crate::rehearse::announced;
use crate::store::{Care, Store};

impl Project {
    /// The findings of each analysis in the order of the file: with their values
    /// where the last run's results hold, announced where not.
    #[must_use]
    pub fn findings(&self) -> Vec<Vec<Finding>> {
        let store = Store::at(&self.store_folder());
        let declared = self.declared(&store);
        let bench = Bench { project: self, declared: &declared, store: &store, care: Care::There };
        let (_, done) = plan(bench);
        // All are rehearsed, since one stale stage needs those before it.
        let announced = announced(self);
        let stages = self.pipeline.stages.iter().zip(done).zip(announced);
        let analyses = stages.filter(|((entry, _), _)| entry.id.section == Section::Analyze);
        let found = analyses.map(|((_, done), announced)| {
            let output = done.and_then(|done| decode(&store, &done.slots));
            output.map_or(announced, |output| output.findings)
        });
        found.collect()
    }
}
