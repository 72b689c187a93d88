//! What each analysis stands on: its lines in the pipeline file, and the raw
//! columns from which what it read can come.

use std::collections::BTreeMap;

use crate::behind::raw_columns;
use crate::declared::Declared;
use crate::digest::sha256;
use crate::done::Done;
use crate::project::Project;
use crate::{Origin, Place, Section};

impl Project {
    /// What each analysis stands on, by its name, once all that they need is done.
    pub(crate) fn origins(
        &self,
        declared: &Declared,
        done: &[Option<Done>],
    ) -> BTreeMap<String, Origin> {
        let (_, source) = self.source();
        let stages = self.pipeline.stages.iter().enumerate();
        let analyses = stages.filter(|(_, stage)| stage.id.section == Section::Analyze);
        let origin = |(index, stage): (usize, &crate::spec::StageEntry)| {
            let lines = lines_of(source, stage.name_place);
            let last = stage.line() + lines.len().saturating_sub(1);
            let raw = raw_columns(self, declared, (index, done));
            let origin = Origin { lines: [stage.line(), last], text: lines.join("\n"), raw };
            (stage.id.name.clone(), origin)
        };
        analyses.map(origin).collect()
    }
}

/// The lines that an entry takes up, which is named at this place: those behind it
/// that stand further in, without comments and blank lines at the end.
fn lines_of(source: &str, name: Place) -> Vec<&str> {
    let indent = name.column.saturating_sub(1);
    let is_further_in =
        |line: &&str| line.trim().is_empty() || line.len() - line.trim_start().len() > indent;
    let mut lines = source.lines().skip(name.line.saturating_sub(1));
    let first = lines.next();
    let mut found: Vec<&str> = first.into_iter().chain(lines.take_while(is_further_in)).collect();
    let says_nothing = |line: &str| matches!(line.trim_start().chars().next(), None | Some('#'));
    // A comment above the next entry belongs to that one.
    while found.len() > 1 && found.last().is_some_and(|line| says_nothing(line)) {
        found.pop();
    }
    found.iter().map(|line| line.get(indent..).unwrap_or_default()).collect()
}

/// Digests of the lines, and of the raw columns.
pub(crate) fn digests(origins: &BTreeMap<String, Origin>) -> (String, String) {
    // Two digests, so that a plan can say which of the two changed.
    let lines: Vec<_> =
        origins.iter().map(|(name, origin)| (name, origin.lines, &origin.text)).collect();
    let raw: Vec<_> = origins.iter().map(|(name, origin)| (name, &origin.raw)).collect();
    let digest = |said: serde_json::Result<Vec<u8>>| {
        sha256(&said.expect("invariant: plain values always serialise"))
    };
    (digest(serde_json::to_vec(&lines)), digest(serde_json::to_vec(&raw)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_ends_where_the_next_one_or_what_is_said_of_it_begins() {
        let text = "analyze:\n  a: { kind: x }\n  b:\n    kind: y # why\n    where: |\n      age > 3\n\n      OR TRUE\n\n  # of the third\n  c:\n    { kind: z,\n      by: a }\nreport:\n";
        let of = |line| lines_of(text, Place { line, column: 3, ..Place::default() });
        assert_eq!(of(2), ["a: { kind: x }"]);
        let block = ["b:", "  kind: y # why", "  where: |", "    age > 3", "", "    OR TRUE"];
        assert_eq!(of(3), block);
        assert_eq!(of(11), ["c:", "  { kind: z,", "    by: a }"]);
        assert_eq!(of(99), Vec::<&str>::new());
    }
}
