//! Where a number comes from: the stages and raw files behind it, and the
//! patients it was computed from.

use std::collections::{BTreeMap, BTreeSet};

use study::Finding;

use crate::codec::{RECORD, decode_record};
use crate::lockfile::sha256;
use crate::plan::plan;
use crate::project::Project;
use crate::spec::nearest;
use crate::store::Store;
use crate::{Failure, Section, StageId};

/// Where a number comes from.
#[derive(Debug)]
pub struct Explanation {
    /// The finding itself.
    pub finding: Finding,
    /// The parameters of the stage that made it, defaults filled in.
    pub parameters: String,
    /// The ids of the patients it was computed from.
    pub patients: Vec<String>,
    /// Every stage it depends on, in the order of the file, its own last.
    pub stages: Vec<StageId>,
    /// SHA-256 of every raw file it depends on.
    pub files: BTreeMap<String, String>,
}

impl Project {
    /// Says where a finding of the last run comes from.
    ///
    /// # Errors
    /// If there is no such finding, or its stage is stale.
    pub fn explain(&self, id: &str) -> Result<Explanation, Failure> {
        let store = Store::at(&self.store_folder());
        let (_, slots) = plan(self, &store);
        let mut known = Vec::new();
        for (index, stage) in self.pipeline.stages.iter().enumerate() {
            let record = slots[index].as_ref().filter(|_| stage.id.section == Section::Analyze);
            let record = record
                .and_then(|slots| store.get(&slots[RECORD]))
                .and_then(|bytes| decode_record(&bytes).ok());
            let Some(output) = record else { continue };
            if let Some(finding) = output.findings.iter().find(|finding| finding.id() == id) {
                let patients =
                    output.patients.get(&finding.population).cloned().unwrap_or_default();
                return Ok(self.explanation(index, finding.clone(), patients));
            }
            known.extend(output.findings.into_iter().map(|finding| finding.id()));
        }
        let hint = if known.is_empty() {
            Some("`restudy run` makes the findings".to_owned())
        } else {
            nearest(id, known.iter().map(String::as_str))
                .or_else(|| Some("reports/results lists all ids".to_owned()))
        };
        Err(Failure::NoFinding { id: id.to_owned(), hint: hint.unwrap_or_default() })
    }

    fn explanation(&self, index: usize, finding: Finding, patients: Vec<String>) -> Explanation {
        let mut behind = BTreeSet::new();
        let mut open = vec![index];
        while let Some(stage) = open.pop() {
            if behind.insert(stage) {
                open.extend(self.graph.needs(stage));
            }
        }
        let paths = behind.iter().flat_map(|&stage| &self.graph.files[stage]);
        let files =
            paths.filter_map(|path| Some((path.clone(), sha256(&self.files.get(path)?.bytes))));
        Explanation {
            finding,
            parameters: self.pipeline.stages[index].parameters.to_string(),
            patients,
            files: files.collect(),
            stages: behind
                .into_iter()
                .map(|stage| self.pipeline.stages[stage].id.clone())
                .collect(),
        }
    }
}
