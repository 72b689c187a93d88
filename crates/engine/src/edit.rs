//! Changes to a study that are tried out and never written: a raw cell, a
//! patient, a rule, a parameter.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::graph::Graph;
use crate::project::Project;
use crate::spec::{Node, Value};
use crate::{Call, Diagnostic, Mistake, Pipeline, Registry, Section};

/// A change that is tried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// A cell of the raw file of a table, in every row of a patient:
    /// `followup[P-047].death_date=2021-03-05`.
    Set {
        /// The entry of `ingest:`.
        table: String,
        /// The patient, as the cleaned tables name him.
        patient: String,
        /// The column, as the entry declares it.
        column: String,
        /// What stands in the cell instead, as the file would have it; empty for nothing.
        value: String,
    },
    /// A patient, with all his rows.
    Drop(String),
    /// A rule of `clean:` that is left out.
    Off(String),
    /// A parameter by its path, such as `pfs_unadjusted.ties=breslow`.
    Parameter {
        /// The steps: section and stage, or the stage alone, then keys.
        path: Vec<String>,
        /// The value in YAML.
        value: String,
    },
}

/// An edit that is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no change: {1}")]
pub struct EditError(String, &'static str);

impl Edit {
    /// Reads `table[patient].column=value`.
    ///
    /// # Errors
    /// If it is not written so.
    pub fn set(text: &str) -> Result<Self, EditError> {
        let read = || {
            // At the first of each sign, so that brackets and `=` in a value stay as they are.
            let (table, rest) = text.split_once('[')?;
            let (patient, rest) = rest.split_once("].")?;
            let (column, value) = rest.split_once('=')?;
            let parts = [table, patient, column].map(str::trim);
            parts.iter().all(|part| !part.is_empty()).then(|| {
                let [table, patient, column] = parts.map(str::to_owned);
                Self::Set { table, patient, column, value: value.trim().to_owned() }
            })
        };
        let form = "write it as `table[patient].column=value`";
        read().ok_or_else(|| EditError(text.to_owned(), form))
    }

    /// Reads `stage.parameter=value`.
    ///
    /// # Errors
    /// If it is not written so.
    pub fn parameter(text: &str) -> Result<Self, EditError> {
        let read = || {
            let (path, value) = text.split_once('=')?;
            let path: Vec<String> = path.trim().split('.').map(str::to_owned).collect();
            // A stage and at least one key: a stage alone has no value.
            let whole = path.len() > 1 && path.iter().all(|step| !step.is_empty());
            whole.then(|| Self::Parameter { path, value: value.trim().to_owned() })
        };
        let form = "write it as `stage.parameter=value`";
        read().ok_or_else(|| EditError(text.to_owned(), form))
    }
}

/// As it stands in a file of edits: `set …`, `drop P-047`, `rule NAME off`, `parameter a.b=c`.
impl FromStr for Edit {
    type Err = EditError;

    fn from_str(line: &str) -> Result<Self, EditError> {
        let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let rest = rest.trim();
        let wrong = |form| EditError(line.trim().to_owned(), form);
        match word {
            "set" => Self::set(rest),
            "drop" if !rest.is_empty() => Ok(Self::Drop(rest.to_owned())),
            "rule" => {
                let rule = rest.strip_suffix(" off").map(str::trim);
                rule.map(|rule| Self::Off(rule.to_owned()))
                    .ok_or_else(|| wrong("write `rule NAME off`"))
            }
            "parameter" => Self::parameter(rest),
            _ => Err(wrong("a line begins with `set`, `drop`, `rule` or `parameter`")),
        }
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set { table, patient, column, value } => {
                write!(to, "set {table}[{patient}].{column}={value}")
            }
            Self::Drop(patient) => write!(to, "drop {patient}"),
            Self::Off(rule) => write!(to, "rule {rule} off"),
            Self::Parameter { path, value } => write!(to, "parameter {}={value}", path.join(".")),
        }
    }
}

/// A change of a row of a raw file, for the kind that reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowEdit {
    /// The line of the file in which the row begins, from 1.
    pub line: u64,
    /// The patient as the row itself names him, which tells rows of several files apart.
    pub patient: String,
    /// What becomes of it.
    pub change: RowChange,
}

/// What becomes of a row of a raw file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowChange {
    /// A cell holds another text.
    Cell {
        /// The column, as the entry declares it.
        column: String,
        /// The text.
        value: String,
    },
    /// It is gone.
    Gone,
}

/// Whether stages of a pipeline are tried out.
pub(crate) type IsTried<'a> = &'a dyn Fn(&Pipeline, &Graph) -> Vec<bool>;

impl Project {
    /// The same study with its pipeline file changed, and without the stages that
    /// are not tried.
    pub(crate) fn altered(
        &self,
        registry: &Registry,
        edits: &[Edit],
        is_tried: IsTried<'_>,
    ) -> Result<Self, Vec<Diagnostic>> {
        // From the text, so that a mistake of an edit is shown at the line that it changed.
        let mut node = Node::parse(&self.source).map_err(|diagnostic| vec![*diagnostic])?;
        for edit in edits {
            match edit {
                Edit::Off(rule) => self.leave_out(&mut node, rule)?,
                Edit::Parameter { path, value } => self.put(&mut node, path, value)?,
                // These change raw files, which are read anew for the trial.
                Edit::Set { .. } | Edit::Drop(_) => {}
            }
        }
        let (pipeline, mut diagnostics) = Pipeline::of(registry, &self.source, &node);
        let Some(mut pipeline) = pipeline else { return Err(diagnostics) };
        let (graph, unresolved) = Graph::build(&pipeline);
        diagnostics.extend(unresolved);
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        let mut tried = is_tried(&pipeline, &graph).into_iter();
        // Stages are known by their place in the list, which has moved: the graph is built
        // once more.
        pipeline.stages.retain(|_| tried.next().unwrap_or(false));
        let (graph, unresolved) = Graph::build(&pipeline);
        let mut project = self.with(pipeline, graph);
        diagnostics.extend(unresolved);
        diagnostics.extend(project.read_files());
        if diagnostics.is_empty() { Ok(project) } else { Err(diagnostics) }
    }

    fn leave_out(&self, node: &mut Node, rule: &str) -> Result<(), Vec<Diagnostic>> {
        let rules = node.entry_mut("clean").and_then(|entry| entry.node.entries_mut());
        let place =
            |rules: &Vec<crate::spec::Entry>| rules.iter().position(|entry| entry.key == rule);
        if let Some((rules, place)) =
            rules.and_then(|rules| place(rules).map(|place| (rules, place)))
        {
            // As if the file did not have it: what stands behind reads the version before it.
            rules.remove(place);
            return Ok(());
        }
        let stages = self.pipeline.stages.iter().map(|stage| &stage.id);
        let rules = stages.filter(|id| id.section == Section::Clean).map(|id| id.name.as_str());
        let mistake = Mistake::new(format!("there is no rule `{rule}` in `clean`"));
        Err(vec![self.tried(mistake.hint_nearest(rule, rules))])
    }

    fn put(&self, node: &mut Node, path: &[String], value: &str) -> Result<(), Vec<Diagnostic>> {
        let full = self.full_path(path).map_err(|mistake| vec![self.tried(mistake)])?;
        let value =
            // Read as YAML, so that a list or a number is what it would be in the file.
            Node::parse(value).map_err(|diagnostic| {
                let written = path.join(".");
                vec![self.tried(Mistake::new(format!(
                    "the value of `{written}`: {}",
                    diagnostic.message
                )))]
            })?;
        node.put(&full, value.value);
        Ok(())
    }

    /// The path with its section, where a stage stands alone.
    fn full_path(&self, path: &[String]) -> Result<Vec<String>, Mistake> {
        let first = path[0].as_str();
        let sections = ["study", "claims"].into_iter().chain(Section::ALL.map(Section::key));
        if sections.clone().any(|section| section == first) {
            return Ok(path.to_vec());
        }
        let stage = self.stage_named(first)?;
        let section = self.pipeline.stages[stage].id.section.key().to_owned();
        Ok(std::iter::once(section).chain(path.iter().cloned()).collect())
    }

    /// A mistake of an edit, which has no place in the file.
    pub(crate) fn tried(&self, mistake: Mistake) -> Diagnostic {
        // No place in the file is at fault, and none is shown.
        Diagnostic::new(crate::Place::default(), mistake.message).hint(mistake.hint)
    }

    /// Puts other content in the place of files that stages read.
    pub(crate) fn replace_files(&mut self, files: BTreeMap<String, Vec<u8>>) {
        for (path, bytes) in files {
            self.files.replace(path, Arc::new(bytes));
        }
    }

    /// The files of an ingest stage with these changes of rows.
    pub(crate) fn edited(
        &self,
        index: usize,
        edits: &[RowEdit],
    ) -> Result<BTreeMap<String, Vec<u8>>, Box<Diagnostic>> {
        let stage = &self.pipeline.stages[index];
        let call: Call<'_> = self.call(index);
        stage.stage.edited(&call, edits).map_err(|mistake| Box::new(stage.locate(mistake)))
    }
}

impl Node {
    fn entry_mut(&mut self, key: &str) -> Option<&mut crate::spec::Entry> {
        self.entries_mut()?.iter_mut().find(|entry| entry.key == key)
    }

    fn entries_mut(&mut self) -> Option<&mut Vec<crate::spec::Entry>> {
        match &mut self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// Puts a value at the end of a path; mappings that the path asks for and that
    /// are not there are made.
    fn put(&mut self, path: &[String], value: Value) {
        let Some((first, rest)) = path.split_first() else {
            self.value = value;
            return;
        };
        // A number is a place in a list only where a list stands: keys may look like
        // numbers.
        if let (Value::List(items), Ok(place)) = (&mut self.value, first.parse::<usize>()) {
            if let Some(item) = items.get_mut(place) {
                item.put(rest, value);
            }
            return;
        }
        // `ci` may be a word in the file and a mapping in the trial: the schema judges what
        // came of it.
        if !matches!(self.value, Value::Map(_)) {
            self.value = Value::Map(vec![]);
        }
        let place = self.place;
        let entries = self.entries_mut().expect("invariant: it was made a mapping above");
        if !entries.iter().any(|entry| &entry.key == first) {
            let node = Self { value: Value::Null, place };
            entries.push(crate::spec::Entry { key: first.clone(), key_place: place, node });
        }
        let entry = entries.iter_mut().find(|entry| &entry.key == first);
        entry.expect("invariant: it is there now").node.put(rest, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_reads_as_it_is_written() {
        for line in [
            "set followup[P-047].death_date=2021-03-05",
            "set labs[P-1].note=a = b",
            "set labs[P-1].note=",
            "drop P-047",
            "rule contact_after_death off",
            "parameter pfs.ties=breslow",
            "parameter analyze.pfs.at=[6 months, 1 year]",
        ] {
            let edit: Edit = line.parse().expect("an edit");
            assert_eq!(edit.to_string(), line);
        }
        for (line, why) in [
            (
                "set followup.death_date=1",
                "`followup.death_date=1` is no change: write it as `table[patient].column=value`",
            ),
            ("parameter seed=1", "`seed=1` is no change: write it as `stage.parameter=value`"),
            ("rule a", "`rule a` is no change: write `rule NAME off`"),
            (
                "delete P-1",
                "`delete P-1` is no change: a line begins with `set`, `drop`, `rule` or `parameter`",
            ),
        ] {
            assert_eq!(line.parse::<Edit>().expect_err(line).to_string(), why);
        }
    }
}
