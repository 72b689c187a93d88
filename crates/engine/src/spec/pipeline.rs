//! The whole file, decoded: study, stages, claims.

use std::collections::BTreeMap;
use std::fmt;

use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use study::{Claim, StudySettings};

use super::node::{Entry, Node, Value};
use super::validate::Validator;
use super::{Diagnostic, Place, nearest};
use crate::registry::{Registered, Stage, schema_of};
use crate::{Mistake, Registry, Section};

/// The version of the file format that this program reads.
pub(crate) const FORMAT: i64 = 1;

/// A stage by its section and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StageId {
    /// Its section.
    pub section: Section,
    /// Its name in the section.
    pub name: String,
}

impl fmt::Display for StageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.section, self.name)
    }
}

/// A stage of the file.
pub(crate) struct StageEntry {
    pub(crate) id: StageId,
    pub(crate) kind: String,
    pub(crate) version: u32,
    pub(crate) stage: Box<dyn Stage>,
    pub(crate) parameters: Json,
    node: Node,
    /// Where its name stands.
    pub(crate) name_place: Place,
}

/// A pipeline file that was read and decoded.
pub struct Pipeline {
    /// The settings of the study.
    pub settings: StudySettings,
    /// The claims in the order of the file.
    pub claims: Vec<(String, Claim)>,
    pub(crate) stages: Vec<StageEntry>,
    /// Stages that could not be decoded.
    pub(crate) broken: Vec<StageId>,
    study: Node,
    claims_node: Option<Node>,
}

impl StageEntry {
    /// A mistake of this stage with its place in the file.
    pub(crate) fn locate(&self, mistake: Mistake) -> Diagnostic {
        Diagnostic {
            place: self.node.place_of(&mistake.at).unwrap_or(self.name_place),
            stage: Some(self.id.to_string()),
            message: mistake.message,
            hint: mistake.hint,
            raw_place: mistake.raw_place,
            also: vec![],
            missed: mistake.missed,
        }
    }

    /// The line of its name in the file.
    pub(crate) fn line(&self) -> usize {
        self.name_place.line
    }

    /// The line of a parameter, or of as much of its path as the file spells out.
    pub(crate) fn line_of(&self, path: &[String]) -> usize {
        self.node.place_of(path).unwrap_or(self.name_place).line
    }

    /// The path of the parameter that holds this text; empty where none does.
    pub(crate) fn path_of_text(&self, text: &str) -> Vec<String> {
        self.node.path_of_text(text).unwrap_or_default()
    }
}

impl Pipeline {
    /// Reads a pipeline file. What could be decoded comes with everything that
    /// is wrong; without settings there is no pipeline.
    pub fn read(registry: &Registry, source: &str) -> (Option<Self>, Vec<Diagnostic>) {
        match Node::parse(source) {
            Ok(node) => Self::of(registry, source, &node),
            Err(diagnostic) => (None, vec![*diagnostic]),
        }
    }

    /// The same of a tree that was read from `source`, and perhaps changed since.
    pub(crate) fn of(
        registry: &Registry,
        source: &str,
        node: &Node,
    ) -> (Option<Self>, Vec<Diagnostic>) {
        let mut reader = Reader::new(registry, source);
        let pipeline = reader.read(node);
        (pipeline, reader.validator.diagnostics)
    }

    /// A mistake of the study's settings with its place in the file.
    pub(crate) fn locate_setting(&self, mistake: Mistake) -> Diagnostic {
        let place = self.study.place_of(&mistake.at).unwrap_or(self.study.place);
        Diagnostic::new(place, mistake.message).hint(mistake.hint)
    }

    /// A mistake of a claim with its place in the file.
    pub(crate) fn locate_claim(&self, name: &str, mistake: Mistake) -> Diagnostic {
        let path: Vec<String> =
            std::iter::once(name.to_owned()).chain(mistake.at.iter().cloned()).collect();
        let place = self.claims_node.as_ref().and_then(|node| node.place_of(&path));
        let message = format!("claim `{name}`: {}", mistake.message);
        let diagnostic = Diagnostic::new(place.unwrap_or(self.study.place), message);
        Diagnostic { missed: mistake.missed, ..diagnostic.hint(mistake.hint) }
    }

    /// The line of a setting, or of as much of its path as the file spells out.
    pub(crate) fn line_of_setting(&self, path: &[String]) -> usize {
        self.study.place_of(path).unwrap_or(self.study.place).line
    }

    /// The line of what a claim says, or of as much of its path as the file spells out.
    pub(crate) fn line_of_claim(&self, path: &[String]) -> usize {
        let place = self.claims_node.as_ref().and_then(|node| node.place_of(path));
        place.unwrap_or(self.study.place).line
    }

    /// Whether a stage that could not be decoded may have made a table or a column.
    pub(crate) fn may_lack_tables(&self) -> bool {
        self.broken.iter().any(|id| matches!(id.section, Section::Ingest | Section::Clean))
    }

    /// The stages of a kind, in the order of the file.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a StageId> {
        self.stages.iter().filter(move |stage| stage.kind == kind).map(|stage| &stage.id)
    }

    /// The column by which each analysis forms groups, by the analysis' name: what its `by`
    /// names, or the exposure that begins during follow-up.
    #[must_use]
    pub fn groupings(&self) -> BTreeMap<&str, &str> {
        let analyses = self.stages.iter().filter(|stage| stage.id.section == Section::Analyze);
        let grouped = analyses.filter_map(|stage| {
            let named = |name| stage.parameters.get(name).filter(|by| !by.is_null());
            let by = ["by", "exposure"].into_iter().find_map(named)?;
            let column = by.as_str().or_else(|| by.get("column")?.as_str())?;
            Some((stage.id.name.as_str(), column))
        });
        grouped.collect()
    }

    /// The sections and names of all stages, in the order of the file.
    pub fn stage_ids(&self) -> impl Iterator<Item = &StageId> {
        self.stages.iter().map(|stage| &stage.id)
    }
}

struct Reader<'a> {
    registry: &'a Registry,
    validator: Validator<'a>,
}

impl<'a> Reader<'a> {
    fn new(registry: &'a Registry, source: &'a str) -> Self {
        Self { registry, validator: Validator { source, diagnostics: vec![] } }
    }

    fn say(&mut self, place: Place, message: String, hint: Option<String>) {
        self.validator.diagnostics.push(Diagnostic::new(place, message).hint(hint));
    }

    fn read(&mut self, node: &Node) -> Option<Pipeline> {
        let Some(entries) = node.entries() else {
            self.say(
                node.place,
                "the file must hold `restudy: 1`, `study:` and stages".to_owned(),
                None,
            );
            return None;
        };
        self.check_top_keys(entries);
        self.check_format(node);
        let settings = match node.entry("study") {
            Some(entry) => self.decode::<StudySettings>("study", &entry.node),
            None => {
                let hint = "it says what the study is: title, data_status, patient, analysis_table"
                    .to_owned();
                self.say(
                    Place { line: 1, column: 1, ..Place::default() },
                    "the file lacks the key `study`".to_owned(),
                    Some(hint),
                );
                None
            }
        };
        let mut stages = Vec::new();
        let mut broken = Vec::new();
        // In the order of the data, in whatever order the file has them: a table is made
        // before it is read.
        for section in Section::ALL {
            let entries = node.entry(section.key()).map(|entry| self.named(entry));
            // Each entry by itself, several at once: to read the file is most of what
            // a run with nothing to do takes. What is wrong is told in their order.
            let read = |entry: &&Entry| {
                let id = StageId { section, name: entry.key.clone() };
                let mut own = Reader::new(self.registry, self.validator.source);
                let stage = own.read_stage(id.clone(), entry);
                (stage.ok_or(id), own.validator.diagnostics)
            };
            let entries = entries.unwrap_or_default();
            let found: Vec<_> = entries.par_iter().map(read).collect();
            for (stage, diagnostics) in found {
                self.validator.diagnostics.extend(diagnostics);
                match stage {
                    Ok(stage) => stages.push(stage),
                    Err(id) => broken.push(id),
                }
            }
        }
        let claims = node.entry("claims").map(|entry| self.named(entry)).unwrap_or_default();
        let claims = claims.iter().filter_map(|entry| {
            self.decode::<Claim>(&entry.key, &entry.node).map(|claim| (entry.key.clone(), claim))
        });
        let claims = claims.collect();
        // The settings last, so that the mistakes of all stages are told even where these
        // are wrong.
        let study = node.entry("study")?.node.clone();
        let claims_node = node.entry("claims").map(|entry| entry.node.clone());
        Some(Pipeline { settings: settings?, claims, stages, broken, study, claims_node })
    }

    fn check_top_keys(&mut self, entries: &[Entry]) {
        let known = ["restudy", "study", "ingest", "clean", "analyze", "report", "claims"];
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let hint = nearest(&entry.key, known.into_iter());
            self.say(entry.key_place, format!("the file has no section `{}`", entry.key), hint);
        }
    }

    fn check_format(&mut self, node: &Node) {
        let hint = Some(format!("write `restudy: {FORMAT}` on the first line"));
        match node.entry("restudy").map(|entry| &entry.node) {
            Some(Node { value: Value::Whole(FORMAT), .. }) => {}
            Some(other) => {
                let message = format!(
                    "this program reads files of format {FORMAT}, not {}",
                    other.in_words()
                );
                self.say(other.place, message, hint);
            }
            None => {
                let start = Place { line: 1, column: 1, ..Place::default() };
                self.say(start, "the file does not say which format it has".to_owned(), hint);
            }
        }
    }

    /// The entries of a section.
    fn named<'n>(&mut self, section: &'n Entry) -> Vec<&'n Entry> {
        let entries = match &section.node.value {
            Value::Map(entries) => entries,
            Value::Null => return vec![],
            _ => {
                let message = format!(
                    "`{}` must be a mapping of names, not {}",
                    section.key,
                    section.node.in_words()
                );
                self.say(section.node.place, message, None);
                return vec![];
            }
        };
        for entry in entries.iter().filter(|entry| !is_name(&entry.key)) {
            let hint =
                "a name has small letters, digits and `_`, and starts with a letter".to_owned();
            self.say(entry.key_place, format!("`{}` is not a name", entry.key), Some(hint));
        }
        entries.iter().filter(|entry| is_name(&entry.key)).collect()
    }

    fn read_stage(&mut self, id: StageId, entry: &Entry) -> Option<StageEntry> {
        let kind = self.kind_of(&id, entry)?;
        let registered =
            self.registry.get(id.section, &kind).expect("invariant: the kind was just found");
        let parameters = without_kind(&entry.node);
        let stage = self.decode_stage(&id, &kind, &parameters, registered, entry)?;
        Some(StageEntry {
            kind,
            version: registered.version,
            parameters: stage.parameters(),
            stage,
            node: entry.node.clone(),
            name_place: entry.key_place,
            id,
        })
    }

    fn kind_of(&mut self, id: &StageId, entry: &Entry) -> Option<String> {
        let names: Vec<&str> = self.registry.names(id.section).collect();
        let Some(kind) = entry.node.entry("kind") else {
            let hint = format!("`{}` has the kinds: {}", id.section, names.join(", "));
            self.say(entry.key_place, format!("`{}` lacks the key `kind`", id.name), Some(hint));
            return None;
        };
        let written = kind.node.text().unwrap_or_default();
        if names.contains(&written) {
            return Some(written.to_owned());
        }
        let elsewhere =
            Section::ALL.into_iter().find(|section| self.registry.get(*section, written).is_some());
        let hint = match elsewhere {
            Some(section) => Some(format!("`{written}` is a kind of `{section}`")),
            None => nearest(written, names.iter().copied())
                .or_else(|| Some(format!("`{}` has the kinds: {}", id.section, names.join(", ")))),
        };
        self.say(
            kind.node.place,
            format!("`{}` has no kind {}", id.section, kind.node.in_words()),
            hint,
        );
        None
    }

    fn decode_stage(
        &mut self,
        id: &StageId,
        kind: &str,
        parameters: &Node,
        registered: &Registered,
        entry: &Entry,
    ) -> Option<Box<dyn Stage>> {
        let before = self.validator.diagnostics.len();
        let checked = self.validator.check(&id.name, parameters, &registered.schema);
        for diagnostic in &mut self.validator.diagnostics[before..] {
            // With the kind, whose reference says what the keys mean.
            diagnostic.stage = Some(format!("{id} ({kind})"));
            // An entry without parameters has no node that could be shown.
            if diagnostic.place == Place::default() || diagnostic.place.line == 0 {
                diagnostic.place = entry.key_place;
            }
        }
        if self.validator.diagnostics.len() > before {
            return None;
        }
        match (registered.decode)(checked) {
            Ok(stage) => Some(stage),
            // The schema allows what the type refuses: rules that a schema cannot say.
            Err(error) => {
                self.say(
                    entry.key_place,
                    format!("`{}` is not understood: {error}", id.name),
                    None,
                );
                None
            }
        }
    }

    fn decode<T: DeserializeOwned + schemars::JsonSchema>(
        &mut self,
        name: &str,
        node: &Node,
    ) -> Option<T> {
        let before = self.validator.diagnostics.len();
        let checked = self.validator.check(name, node, &schema_of::<T>());
        if self.validator.diagnostics.len() > before {
            return None;
        }
        match serde_json::from_value(checked) {
            Ok(value) => Some(value),
            Err(error) => {
                self.say(node.place, format!("`{name}` is not understood: {error}"), None);
                None
            }
        }
    }
}

fn without_kind(node: &Node) -> Node {
    let entries =
        node.entries().unwrap_or_default().iter().filter(|entry| entry.key != "kind").cloned();
    let entries: Vec<Entry> = entries.collect();
    let place = if entries.is_empty() { Place::default() } else { node.place };
    Node { value: Value::Map(entries), place }
}

/// Small letters, digits and underscores, a letter first: names become ids, anchors and file names.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// A canonical value for keys: what the claims and the settings come to.
pub(crate) fn canonical<T: serde::Serialize>(value: &T) -> Json {
    // By way of `serde` and not of the text, so that defaults are filled in.
    serde_json::to_value(value).unwrap_or_else(|_| json!(null))
}
