//! All findings of a study: those of the last run, and where a stage is stale
//! what a run will find.

use study::Finding;

use crate::Section;
use crate::codec::{RECORD, decode_record};
use crate::plan::plan;
use crate::project::Project;
use crate::rehearse::announced;
use crate::store::Store;

impl Project {
    /// The findings of each analysis in the order of the file: with their values
    /// where the last run's results hold, announced where not.
    #[must_use]
    pub fn findings(&self) -> Vec<Vec<Finding>> {
        let store = Store::at(&self.store_folder());
        let (_, slots) = plan(self, &store);
        let announced = announced(self);
        let stages = self.pipeline.stages.iter().zip(slots).zip(announced);
        let analyses = stages.filter(|((entry, _), _)| entry.id.section == Section::Analyze);
        let found = analyses.map(|((_, slots), announced)| {
            let record = slots
                .and_then(|slots| store.get(&slots[RECORD]))
                .and_then(|bytes| decode_record(&bytes).ok());
            record.map_or(announced, |output| output.findings)
        });
        found.collect()
    }
}
