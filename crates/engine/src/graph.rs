//! Which stage needs which: names become edges.

use std::collections::{BTreeMap, BTreeSet};

use study::Claim;

use crate::{Diagnostic, Missed, Mistake, Pipeline, Read, Reference, Section, StageId};

/// One thing a stage reads, resolved to the stage that makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// A table as stage `writer` left it.
    Table { name: String, writer: usize },
    /// Everything but the tables of a stage.
    Stage { index: usize },
}

impl Input {
    pub(crate) fn maker(&self) -> usize {
        match self {
            Self::Table { writer, .. } => *writer,
            Self::Stage { index } => *index,
        }
    }
}

/// The stages of a pipeline with what each reads, writes and needs.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// For each stage what it reads.
    pub(crate) inputs: Vec<Vec<Input>>,
    /// For each stage the files it reads; until the disk was asked, as they are written.
    pub(crate) files: Vec<Vec<String>>,
    /// For each stage the claims that it reads, in the order of the file.
    pub(crate) claims: Vec<Vec<(String, Claim)>>,
    /// For each stage whether it reads where everything comes from.
    pub(crate) reads_provenance: Vec<bool>,
    /// For each stage whether it reads what each analysis stands on.
    pub(crate) reads_origins: Vec<bool>,
    /// The last stage that writes each table.
    pub(crate) last_writers: BTreeMap<String, usize>,
    /// For each stage whether something it reads was not found.
    pub(crate) unresolved: Vec<bool>,
    /// An order in which every stage comes after those it needs.
    pub(crate) order: Vec<usize>,
    /// For each stage the stages that it needs.
    needs: Vec<BTreeSet<usize>>,
    /// For each stage the stages that need it, in the order of the file.
    needed_by: Vec<Vec<usize>>,
}

impl Graph {
    /// Resolves every name; what does not resolve is said, all of it.
    pub(crate) fn build(pipeline: &Pipeline) -> (Self, Vec<Diagnostic>) {
        let ids = pipeline.stages.iter().enumerate();
        let mut builder = Builder {
            pipeline,
            graph: Self::default(),
            tables: BTreeMap::new(),
            places: ids.map(|(index, entry)| (&entry.id, index)).collect(),
            diagnostics: vec![],
        };
        // In the order of the file: a table is the version that the last stage above left
        // of it.
        for index in 0..pipeline.stages.len() {
            builder.add(index);
        }
        builder.join();
        builder.sort();
        builder.graph.last_writers = builder.tables;
        (builder.graph, builder.diagnostics)
    }

    /// The stages that stage `index` needs.
    pub(crate) fn needs(&self, index: usize) -> &BTreeSet<usize> {
        &self.needs[index]
    }

    /// The stages that need stage `index`.
    pub(crate) fn needed_by(&self, index: usize) -> &[usize] {
        &self.needed_by[index]
    }

    /// These stages and all that they need.
    pub(crate) fn with_needs(&self, mut open: Vec<usize>) -> BTreeSet<usize> {
        let mut all = BTreeSet::new();
        while let Some(index) = open.pop() {
            if all.insert(index) {
                open.extend(&self.needs[index]);
            }
        }
        all
    }

    /// Whether some stage reads what stage `index` made beside tables.
    pub(crate) fn is_told_of(&self, index: usize) -> bool {
        let reads = |reader: &usize| self.inputs[*reader].contains(&Input::Stage { index });
        self.needed_by[index].iter().any(reads)
    }
}

struct Builder<'a> {
    pipeline: &'a Pipeline,
    graph: Graph,
    /// The last stage so far that wrote each table.
    tables: BTreeMap<String, usize>,
    /// Where each stage stands.
    places: BTreeMap<&'a StageId, usize>,
    diagnostics: Vec<Diagnostic>,
}

impl Builder<'_> {
    fn add(&mut self, index: usize) {
        let entry = &self.pipeline.stages[index];
        let wiring = entry.stage.wiring(&entry.id.name, &self.pipeline.settings);
        let mut inputs = Vec::new();
        let mut unresolved = false;
        for read in &wiring.reads {
            match self.resolve(index, read) {
                Ok(found) => inputs.extend(found),
                Err(mistake) => {
                    unresolved = true;
                    self.diagnostics.extend(mistake.map(|mistake| entry.locate(mistake)));
                }
            }
        }
        for table in wiring.writes {
            let reads_it = |read: &Read| matches!(read, Read::Table { name, .. } if *name == table);
            if !self.tables.contains_key(&table) && wiring.reads.iter().any(reads_it) {
                // it changes a table that there is not: whoever names it next is as wrong
                continue;
            }
            let taken = self.tables.insert(table.clone(), index).is_some();
            if taken && entry.id.section == Section::Analyze {
                let message = format!("there is a table `{table}` already");
                let hint = "an analysis that makes a table names it after itself: rename the entry";
                self.diagnostics.push(entry.locate(Mistake::new(message).hint(hint)));
            }
        }
        // In the order in which the stage names them: the first table is what a rule is
        // about (`notes`).
        let mut seen = Vec::new();
        inputs.retain(|input| {
            !seen.contains(input) && {
                seen.push(input.clone());
                true
            }
        });
        self.graph.inputs.push(inputs);
        self.graph.unresolved.push(unresolved);
        self.graph.files.push(wiring.files);
        self.graph.claims.push(self.claims(&wiring.reads));
        let reads_origins = wiring.reads.contains(&Read::Origins);
        self.graph.reads_origins.push(reads_origins);
        // What an analysis stands on comes with where everything comes from.
        let reads_provenance = reads_origins || wiring.reads.contains(&Read::Provenance);
        self.graph.reads_provenance.push(reads_provenance);
    }

    /// The claims among what is read.
    fn claims(&self, reads: &[Read]) -> Vec<(String, Claim)> {
        let is_read = |name: &str| {
            let names = |read: &Read| matches!(read, Read::Claim { name: own, .. } if own == name);
            reads.contains(&Read::Claims) || reads.iter().any(names)
        };
        self.pipeline.claims.iter().filter(|(name, _)| is_read(name)).cloned().collect()
    }

    /// What a read comes to. No mistake is returned where the name may belong
    /// to a stage that could not be decoded.
    fn resolve(&self, index: usize, read: &Read) -> Result<Vec<Input>, Option<Mistake>> {
        match read {
            // These follow from the pipeline file and the files that it names: no stage makes
            // them.
            Read::Claims | Read::Provenance => Ok(vec![]),
            Read::Origins => {
                let behind = [Section::Ingest, Section::Clean, Section::Analyze];
                let found = behind.map(|section| self.resolve(index, &Read::Section(section)));
                Ok(found.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
            }
            Read::Claimed => self.claimed(index),
            Read::Claim { name, at } => self.claim(name, at),
            // What reads a whole section cannot be judged where some of it is unknown.
            Read::Section(section)
                if self.pipeline.broken.iter().any(|id| id.section == *section) =>
            {
                Err(None)
            }
            Read::Section(section) => {
                let stages = self.pipeline.stages.iter().enumerate();
                let found =
                    stages.filter(|(other, entry)| entry.id.section == *section && *other != index);
                Ok(found.map(|(index, _)| Input::Stage { index }).collect())
            }
            Read::Exhibits
                if self.pipeline.broken.iter().any(|id| id.section == Section::Report) =>
            {
                Err(None)
            }
            Read::Exhibits => {
                let stages = self.pipeline.stages.iter().enumerate();
                // A report that reads others is left out, or two overviews would wait for one
                // another.
                let found = stages.filter(|(other, entry)| {
                    let wiring = entry.stage.wiring(&entry.id.name, &self.pipeline.settings);
                    entry.id.section == Section::Report
                        && *other != index
                        && !wiring.reads.iter().any(Read::is_of_reports)
                });
                Ok(found.map(|(index, _)| Input::Stage { index }).collect())
            }
            Read::Stage { name, section, at } => {
                let id = StageId { section: *section, name: name.clone() };
                match self.places.get(&id) {
                    Some(found) => Ok(vec![Input::Stage { index: *found }]),
                    None => Err(self.unknown_stage(name, *section, at)),
                }
            }
            Read::Table { name, at } => match self.tables.get(name) {
                Some(writer) => Ok(vec![Input::Table { name: name.clone(), writer: *writer }]),
                None => Err(self.unknown_table(index, name, at)),
            },
        }
    }

    /// The analyses whose findings the claims name; a name that there is not is
    /// told of the claim.
    fn claimed(&self, index: usize) -> Result<Vec<Input>, Option<Mistake>> {
        let named = self.pipeline.claims.iter().filter_map(|(_, claim)| claim.finding.as_deref());
        let named: BTreeSet<&str> = named.map(|written| Reference(written).stage()).collect();
        let is_named = |id: &StageId| {
            id.section == Section::Analyze
                // A claim may begin with `*`: then any analysis can be meant.
                && (named.contains(id.name.as_str()) || named.contains("*"))
        };
        if self.pipeline.broken.iter().any(is_named) {
            return Err(None);
        }
        let stages = self.pipeline.stages.iter().enumerate();
        let found = stages.filter(|(other, entry)| *other != index && is_named(&entry.id));
        Ok(found.map(|(index, _)| Input::Stage { index }).collect())
    }

    /// The analysis whose finding a claim is about; none where it is about no
    /// finding, or about one of which is told elsewhere that it is not there.
    fn claim(&self, name: &str, at: &[String]) -> Result<Vec<Input>, Option<Mistake>> {
        let claims = &self.pipeline.claims;
        let Some((_, claim)) = claims.iter().find(|(own, _)| own == name) else {
            let at: Vec<&str> = at.iter().map(String::as_str).collect();
            let names = claims.iter().map(|(own, _)| own.as_str());
            let mistake = Mistake::at(&at, format!("there is no claim `{name}`"));
            return Err(Some(mistake.hint_nearest(name, names)));
        };
        let Some(finding) = &claim.finding else { return Ok(vec![]) };
        let name = Reference(finding).stage().to_owned();
        let id = StageId { section: Section::Analyze, name };
        // That the analysis is not there is told once, at the claim, by the rehearsal.
        self.places.get(&id).map(|index| vec![Input::Stage { index: *index }]).ok_or(None)
    }

    fn unknown_stage(&self, name: &str, section: Section, at: &[String]) -> Option<Mistake> {
        if self.pipeline.broken.iter().any(|id| id.section == section && id.name == name) {
            return None;
        }
        let at: Vec<&str> = at.iter().map(String::as_str).collect();
        let own = self.pipeline.stages.iter().filter(|entry| entry.id.section == section);
        let broken = self.pipeline.broken.iter().filter(|id| id.section == section);
        let names =
            own.map(|entry| entry.id.name.as_str()).chain(broken.map(|id| id.name.as_str()));
        Some(
            Mistake::at(&at, format!("`{section}` has no entry `{name}`"))
                .hint_nearest(name, names)
                .missing(Missed::Entry(section, name.to_owned())),
        )
    }

    fn unknown_table(&self, index: usize, name: &str, at: &[String]) -> Option<Mistake> {
        // The table may be that of a stage whose own mistake is told.
        if self.pipeline.may_lack_tables() {
            return None;
        }
        let at: Vec<&str> = at.iter().map(String::as_str).collect();
        // a rule that also reads the table changes it, but does not make it
        let later = self.pipeline.stages[index..].iter().skip(1).find(|entry| {
            let wiring = entry.stage.wiring(&entry.id.name, &self.pipeline.settings);
            let reads = |read: &Read| matches!(read, Read::Table { name: own, .. } if own == name);
            wiring.writes.iter().any(|table| table == name) && !wiring.reads.iter().any(reads)
        });
        let named = self.pipeline.stages.iter().find(|entry| entry.id.name == name);
        if let Some(entry) = named.filter(|_| later.is_none()) {
            let message = format!("`{}` makes no table", entry.id);
            return Some(
                Mistake::at(&at, message)
                    .hint_nearest(name, self.tables.keys().map(String::as_str)),
            );
        }
        let mistake = Mistake::at(&at, format!("there is no table `{name}` at this place"));
        Some(match later {
            Some(entry) => mistake.hint(format!(
                "it is made further down, by `{}`: rules apply in the order of the file",
                entry.id
            )),
            None => mistake.hint_nearest(name, self.tables.keys().map(String::as_str)),
        })
    }

    /// Notes for each stage which it needs and which need it.
    fn join(&mut self) {
        let needs = self.graph.inputs.iter().map(|read| read.iter().map(Input::maker).collect());
        self.graph.needs = needs.collect();
        self.graph.needed_by = vec![vec![]; self.graph.needs.len()];
        for (index, needs) in self.graph.needs.iter().enumerate() {
            needs.iter().for_each(|need| self.graph.needed_by[*need].push(index));
        }
    }

    /// Sorts the stages so that each comes after those it needs, ties in the
    /// order of the file; what is left over is a circle.
    fn sort(&mut self) {
        let mut open: Vec<usize> = self.graph.needs.iter().map(BTreeSet::len).collect();
        // Sorted, and the first is taken: one order for one file, on every machine.
        let mut ready: BTreeSet<usize> =
            (0..open.len()).filter(|index| open[*index] == 0).collect();
        let mut done = vec![false; open.len()];
        while let Some(index) = ready.pop_first() {
            done[index] = true;
            self.graph.order.push(index);
            for &next in &self.graph.needed_by[index] {
                open[next] -= 1;
                if open[next] == 0 {
                    ready.insert(next);
                }
            }
        }
        // One circle at a time: with it mended the next is told.
        if let Some(start) = (0..done.len()).find(|&index| !done[index]) {
            self.say_circle(start, &done);
        }
    }

    fn say_circle(&mut self, start: usize, done: &[bool]) {
        let mut path = vec![start];
        let circle = loop {
            let last = path[path.len() - 1];
            let next = *self
                .graph
                .needs(last)
                .iter()
                // Any one of those left will do: to follow them ends in a circle.
                .find(|need| !done[**need])
                .expect("invariant: a stage left over needs another one");
            if let Some(at) = path.iter().position(|&seen| seen == next) {
                break path.split_off(at);
            }
            path.push(next);
        };
        let stages = &self.pipeline.stages;
        let mut names: Vec<String> =
            circle.iter().map(|&index| format!("`{}`", stages[index].id)).collect();
        names.push(names[0].clone());
        let message = format!("stages need one another in a circle: {}", names.join(" needs "));
        let mistake = Mistake::new(message).hint("take one of these references out");
        self.diagnostics.push(stages[circle[0]].locate(mistake));
    }
}
