//! Two pipeline files side by side: what one defines and the other does not, or
//! not so. A default that is written out is no difference, and neither is a comment.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::graph::Graph;
use crate::ingredients::Ingredients;
use crate::spec::canonical;
use crate::{Pipeline, Section, StageId, globs};

/// Something that two pipeline files do not define alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Definition {
    /// Where: `study.seed`, `claims.orr.value`, a stage such as `clean.exposure`,
    /// or a parameter of one such as `analyze.pfs.ties`.
    pub at: String,
    /// The stage, where it is one's.
    pub stage: Option<String>,
    /// What the first file says; none where it does not define it.
    pub before: Option<Said>,
    /// What the second file says; none where it does not define it.
    pub after: Option<Said>,
}

/// What a file says, and in which line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The value as text; of a stage its name and kind.
    pub value: String,
    /// The line of the file, from 1.
    pub line: usize,
}

/// What two pipeline files do not define alike: the study, the stages in the order
/// of the first file, those of the second alone behind, the claims.
#[must_use]
pub fn definitions(before: &Pipeline, after: &Pipeline) -> Vec<Definition> {
    let study = |pipeline: &Pipeline| -> Leaves {
        // Decoded values and not the text, so that a default written out is no difference.
        leaves(&canonical(&pipeline.settings), |path| pipeline.line_of_setting(path))
    };
    let mut found = compared("study", None, &study(before), &study(after));
    found.extend(stages(before, after));
    let claims = |pipeline: &Pipeline| -> Leaves {
        let claims = pipeline.claims.iter();
        let claims = claims.map(|(name, claim)| (name.clone(), canonical(claim))).collect();
        leaves(&serde_json::Value::Object(claims), |path| pipeline.line_of_claim(path))
    };
    found.extend(compared("claims", None, &claims(before), &claims(after)));
    found
}

fn stages(before: &Pipeline, after: &Pipeline) -> Vec<Definition> {
    let (first, second) = (by_id(before), by_id(after));
    let renamed = renamed(before, after, &first, &second);
    let taken: BTreeSet<&StageId> = renamed.values().copied().collect();
    let mut found = Vec::new();
    for stage in &before.stages {
        let said = Some(Said { value: stage.kind.clone(), line: stage.line() });
        let whole = |after| Definition {
            at: stage.id.to_string(),
            stage: Some(stage.id.to_string()),
            before: said.clone(),
            after,
        };
        match (second.get(&stage.id), renamed.get(&stage.id)) {
            (Some(place), _) => {
                let other = &after.stages[*place];
                let id = stage.id.to_string();
                found.extend(compared(&id, Some(&id), &parameters(stage), &parameters(other)));
            }
            // One entry under a new name, and not one gone and one new.
            (None, Some(other)) => {
                let place = second[*other];
                let line = after.stages[place].line();
                found.push(whole(Some(Said { value: format!("named {other} now"), line })));
            }
            (None, None) => found.push(whole(None)),
        }
    }
    // What became of a former stage was told above.
    for stage in &after.stages {
        if !first.contains_key(&stage.id) && !taken.contains(&stage.id) {
            let id = stage.id.to_string();
            let said = Said { value: stage.kind.clone(), line: stage.line() };
            found.push(Definition {
                at: id.clone(),
                stage: Some(id),
                before: None,
                after: Some(said),
            });
        }
    }
    found.extend(moved(before, after, &first, &second));
    found
}

/// The rules that stand in another order: each writes the next version of its table.
fn moved(
    before: &Pipeline,
    after: &Pipeline,
    first: &BTreeMap<&StageId, usize>,
    second: &BTreeMap<&StageId, usize>,
) -> Option<Definition> {
    let rules = |pipeline: &Pipeline, others: &BTreeMap<&StageId, usize>| -> Vec<(String, usize)> {
        let rules = pipeline
            .stages
            .iter()
            // Only rules of both files: what is new or gone shifts the others, and is told
            // already.
            .filter(|stage| stage.id.section == Section::Clean && others.contains_key(&stage.id));
        rules.map(|stage| (stage.id.name.clone(), stage.line())).collect()
    };
    let (one, other) = (rules(before, second), rules(after, first));
    // The first place where the orders part; what is behind it follows from that.
    let place = one.iter().zip(&other).position(|(one, other)| one.0 != other.0)?;
    let said = |rules: &[(String, usize)]| {
        let (name, line) = &rules[place];
        Some(Said { value: format!("rule {} is {name}", place + 1), line: *line })
    };
    Some(Definition {
        at: "clean (order)".to_owned(),
        stage: None,
        before: said(&one),
        after: said(&other),
    })
}

fn by_id(pipeline: &Pipeline) -> BTreeMap<&StageId, usize> {
    pipeline.stages.iter().enumerate().map(|(place, stage)| (&stage.id, place)).collect()
}

/// The stages that only their names tell from one of the other file, by the former
/// id: one of each, so that there is no doubt which became which.
fn renamed<'a>(
    before: &'a Pipeline,
    after: &'a Pipeline,
    first: &BTreeMap<&StageId, usize>,
    second: &BTreeMap<&StageId, usize>,
) -> BTreeMap<&'a StageId, &'a StageId> {
    let alone = |pipeline: &'a Pipeline, others: &BTreeMap<&StageId, usize>| {
        let mut groups: BTreeMap<(Section, &str, String), Vec<&StageId>> = BTreeMap::new();
        for stage in pipeline.stages.iter().filter(|stage| !others.contains_key(&stage.id)) {
            // Parameters as text: their mappings keep the order of the file, which may mean
            // something.
            let meant = (stage.id.section, stage.kind.as_str(), stage.parameters.to_string());
            groups.entry(meant).or_default().push(&stage.id);
        }
        groups
    };
    let new = alone(after, first);
    let pairs = alone(before, second).into_iter().filter_map(|(meant, former)| {
        match (former.as_slice(), new.get(&meant)?.as_slice()) {
            ([former], [later]) => Some((*former, *later)),
            _ => None,
        }
    });
    pairs.collect()
}

/// The leaves of a value by their paths, each with its line.
pub(crate) type Leaves = BTreeMap<String, Said>;

fn leaves(value: &serde_json::Value, line: impl Fn(&[String]) -> usize) -> Leaves {
    let mut flat = Ingredients::default();
    flat.add_json("", value);
    // The order of a mapping stands where the mapping does.
    let said = flat.iter().map(|(path, value)| {
        let path = path.trim_start_matches('.');
        let steps: Vec<String> =
            path.trim_end_matches(" (order)").split('.').map(str::to_owned).collect();
        (path.to_owned(), Said { value: value.to_owned(), line: line(&steps) })
    });
    said.collect()
}

/// The parameters of a stage, defaults filled in, leaf by leaf.
pub(crate) fn parameters(stage: &crate::spec::StageEntry) -> Leaves {
    let mut found = leaves(&stage.parameters, |path| stage.line_of(path));
    let kind = format!("{} version {}", stage.kind, stage.version);
    found.insert("kind".to_owned(), Said { value: kind, line: stage.line() });
    found
}

fn compared(at: &str, stage: Option<&str>, before: &Leaves, after: &Leaves) -> Vec<Definition> {
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let value = |said: Option<&Said>| said.map(|said| said.value.clone());
    let differing = paths.into_iter().filter_map(|path| {
        let (first, second) = (before.get(path), after.get(path));
        (value(first) != value(second)).then(|| Definition {
            at: if path.is_empty() { at.to_owned() } else { format!("{at}.{path}") },
            stage: stage.map(str::to_owned),
            before: first.cloned(),
            after: second.cloned(),
        })
    });
    differing.collect()
}

/// What is behind each analysis of a pipeline file: the stages that it needs, over
/// any number of steps, and the files that these read.
pub struct Behind<'a> {
    pipeline: &'a Pipeline,
    graph: Graph,
}

impl<'a> Behind<'a> {
    /// Of the analyses of this file.
    #[must_use]
    pub fn new(pipeline: &'a Pipeline) -> Self {
        Self { pipeline, graph: Graph::build(pipeline).0 }
    }

    /// Whether the analysis of this name hangs on a stage, written as `section.name`.
    #[must_use]
    pub fn hangs_on(&self, analysis: &str, stage: &str) -> bool {
        self.all(analysis).iter().any(|index| self.pipeline.stages[*index].id.to_string() == stage)
    }

    /// Whether the analysis of this name hangs on what is read from a file.
    #[must_use]
    pub fn reads(&self, analysis: &str, path: &str) -> bool {
        let files = |index: &usize| &self.graph.files[*index];
        let all = self.all(analysis);
        all.iter().flat_map(files).any(|file| file == path || globs::matches(file, path))
    }

    /// The stage that reads a file, with its line.
    #[must_use]
    pub fn reader(&self, path: &str) -> Option<(String, usize)> {
        let mut stages = self.pipeline.stages.iter().zip(&self.graph.files);
        let reads = |files: &Vec<String>| {
            files.iter().any(|file| file == path || globs::matches(file, path))
        };
        let (stage, _) = stages.find(|(_, files)| reads(files))?;
        Some((stage.id.to_string(), stage.line()))
    }

    fn all(&self, analysis: &str) -> BTreeSet<usize> {
        let is_meant = |id: &StageId| id.section == Section::Analyze && id.name == analysis;
        let first = self.pipeline.stages.iter().position(|stage| is_meant(&stage.id));
        let mut all = BTreeSet::new();
        let mut open: Vec<usize> = first.into_iter().collect();
        // A list of what is open and no recursion: a pipeline may have thousands of stages
        // on end.
        while let Some(index) = open.pop() {
            if all.insert(index) {
                open.extend(self.graph.needs(index));
            }
        }
        all
    }
}
