//! What is behind an analysis: the columns that it read, what these are made of,
//! and the analyses whose results it read.

use std::collections::{BTreeMap, BTreeSet};

use study::{Lineage, RawColumn, Reads};

use crate::Section;
use crate::declared::Declared;
use crate::done::{Done, handed};
use crate::project::Project;
use crate::tables::Version;

/// The raw columns from which what an analysis read can come.
pub(crate) fn raw_columns(
    project: &Project,
    declared: &Declared,
    (index, done): (usize, &[Option<Done>]),
) -> BTreeSet<RawColumn> {
    let mut behind = Behind::new(project, declared, done);
    behind.add(index);
    behind.lineage.raw
}

/// What is behind an analysis, gathered.
pub(crate) struct Behind<'a> {
    project: &'a Project,
    declared: &'a Declared,
    done: &'a [Option<Done>],
    /// The columns that were read, by table.
    pub(crate) columns: BTreeMap<String, BTreeSet<String>>,
    /// What these can come from.
    pub(crate) lineage: Lineage,
    /// The analysis, and what it reads for the finding alone, where that is less.
    narrowed: Option<(usize, BTreeMap<String, Reads>)>,
    /// Analyses whose results or tables were read.
    pub(crate) analyses: BTreeSet<usize>,
}

impl<'a> Behind<'a> {
    pub(crate) fn new(
        project: &'a Project,
        declared: &'a Declared,
        done: &'a [Option<Done>],
    ) -> Self {
        Self {
            project,
            declared,
            done,
            columns: BTreeMap::new(),
            lineage: Lineage::default(),
            narrowed: None,
            analyses: BTreeSet::new(),
        }
    }

    /// Says what an analysis reads where only one finding of it is asked for.
    pub(crate) fn narrow(&mut self, index: usize, reads: Option<BTreeMap<String, Reads>>) {
        self.narrowed = reads.map(|reads| (index, reads));
    }

    /// Adds an analysis, and those whose results it read.
    pub(crate) fn add(&mut self, index: usize) {
        // Two analyses may read a third one, which counts once.
        if !self.analyses.insert(index) {
            return;
        }
        for (name, table) in handed(self.project, index, self.done) {
            self.add_table(index, &name, &table);
        }
        for input in &self.project.graph.inputs[index] {
            let maker = input.maker();
            if self.project.pipeline.stages[maker].id.section == Section::Analyze {
                self.add(maker);
            }
        }
    }

    fn add_table(&mut self, index: usize, name: &str, table: &Version) {
        let narrowed = self.narrowed.as_ref().filter(|(of, _)| *of == index);
        // Where a rehearsal showed nothing, `columns_read` takes every column: rather too
        // many behind a number than too few.
        let reads = narrowed.map(|(_, reads)| reads).or_else(|| self.declared.of(index));
        let read = columns_read(reads, name, table);
        self.lineage.given(&table.lineage);
        let known = read.iter().filter_map(|column| table.column(column)?.stored.about.as_ref());
        known.for_each(|about| self.lineage.given(&about.lineage));
        self.columns.entry(name.to_owned()).or_default().extend(read);
    }
}

/// The columns of a table whose values a stage read, as its rehearsal showed;
/// all where that is not known.
fn columns_read(
    reads: Option<&BTreeMap<String, Reads>>,
    name: &str,
    table: &Version,
) -> BTreeSet<String> {
    let reads = reads.and_then(|tables| tables.get(name)).cloned();
    let mut values = reads.unwrap_or_else(|| table.all()).values;
    // A rehearsal may look for a column that the table has not, to say so.
    values.retain(|column| table.column(column).is_some());
    values
}
