//! Rows whose patient stands in no parent table.

use std::collections::BTreeSet;

use engine::{Call, Kind, Mistake, Mistakes, Read, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Lineage, Output, StudySettings};

use crate::cells::{Revision, close_all};
use crate::coded::texts;
use crate::kinds::parameters::Targets;
use crate::rows::strangers;

/// Drops rows that belong to nobody: those whose identifier is missing or
/// stands in no row of the parent table. Each dropped row is in the log; that
/// all of them belong to nobody is a mistake.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DropOrphans {
    /// The table; for several use `tables`.
    #[serde(default)]
    pub table: Option<String>,
    /// The tables, where orphans are sought in several.
    #[serde(default)]
    pub tables: Vec<String>,
    /// The table that knows every identifier, such as `patients`.
    pub parent: String,
    /// The column that holds the identifier in both; the study's patient
    /// column where it is left out.
    #[serde(default)]
    pub by: Option<String>,
}

impl Kind for DropOrphans {
    const NAME: &'static str = "drop_orphans";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        let mut wiring = self.targets().wiring();
        wiring.reads.push(Read::table(&self.parent, &["parent"]));
        wiring
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = self.targets().check();
        if self.targets().names().any(|name| name == self.parent) {
            let message = format!("table `{}` is its own parent", self.parent);
            mistakes.push(Mistake::at(&["parent"], message));
        }
        let by = self.by.as_deref().unwrap_or(&call.study.patient);
        let found = mistakes.note(call.require_column(&self.parent, by, &["by"]));
        let parent = call.table(&self.parent);
        // As text, so that an identifier read as a number finds its text.
        let known: BTreeSet<String> = match found {
            Some(()) => texts(parent, by).into_iter().flatten().collect(),
            None => BTreeSet::new(),
        };
        // Who stands in the parent table decides, and so does what decided that.
        let mut decided = parent.lineage(by);
        decided.given(&parent.rows);
        let revise = |table| self.revise(call, table, (by, &known), &decided);
        match close_all(self.targets().names().map(revise).collect()) {
            Ok(output) => mistakes.or(output),
            Err(more) => {
                mistakes.0.extend(more.0);
                Err(mistakes)
            }
        }
    }
}

impl DropOrphans {
    fn targets(&self) -> Targets<'_> {
        Targets { table: self.table.as_deref(), tables: &self.tables }
    }

    fn revise<'a>(
        &self,
        call: &'a Call<'a>,
        table: &str,
        (by, known): (&str, &BTreeSet<String>),
        decided: &Lineage,
    ) -> Revision<'a> {
        let mut revision = Revision::open(call, table);
        if !revision.has(by, &["by"]) {
            return revision;
        }
        let owners = texts(&revision.table, by);
        let mut keep = Vec::with_capacity(owners.len());
        for (row, owner) in owners.iter().enumerate() {
            let reason = match owner {
                // Without an identifier a row can be nobody's.
                None => Some(format!("`{by}` is missing")),
                Some(owner) if known.contains(owner) => None,
                Some(owner) => Some(format!("`{owner}` is not in table `{}`", self.parent)),
            };
            keep.push(reason.is_none());
            if let Some(reason) = reason {
                revision.note_dropped(row, reason);
            }
        }
        // All rows of all patients gone is no cleaning but two spellings of the
        // identifiers.
        if !known.is_empty() && !keep.contains(&true) {
            let (own, parent) = ((table, call.table(table)), call.table(&self.parent));
            let alien = strangers(own, (&self.parent, parent), &[by.to_owned()], &["parent"]);
            revision.mistakes.note(alien);
        }
        let mut decided = decided.clone();
        decided.given(&revision.own(by));
        // Also after the mistake: the stage fails, and the shape of the table serves the
        // rules behind it.
        revision.keep(&keep, &decided);
        revision
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{log, messages, run, shown, table};

    #[test]
    fn a_table_of_orphans_alone_is_a_mistake() {
        let (parents, labs) = (table("record_id\nP-001"), table("record_id\nP-001-01\nP-002-01"));
        let parameters = json!({"table": "labs", "parent": "patients"});
        let found = run::<DropOrphans>(parameters, &[("patients", &parents), ("labs", &labs)]);
        assert_eq!(
            messages(&found.expect_err("a mistake")),
            [
                "parent: no row of `labs` finds a partner in `patients`: `record_id` holds `P-001-01`, `P-002-01` here and `P-001` there; bring the keys to one form by a rule before this one, such as `normalize_id`, `tidy_text` or `derive`, or match by other columns"
            ]
        );
    }

    #[test]
    fn rows_without_a_parent_are_dropped_and_logged() {
        let parents = table("record_id\nP-001\nP-002");
        let labs = table("record_id|x\nP-002|a\nP-009|b\n|c\nP-001|d");
        let visits = table("record_id|y\nP-001|a");
        let tables = [("patients", &parents), ("labs", &labs), ("visits", &visits)];
        let parameters = json!({"tables": ["labs", "visits"], "parent": "patients"});
        let output = run::<DropOrphans>(parameters, &tables).expect("columns are there");
        assert_eq!(shown(&output.tables["labs"]), ["record_id|x", "P-002|a", "P-001|d"]);
        assert_eq!(shown(&output.tables["visits"]), ["record_id|y", "P-001|a"]);
        assert_eq!(
            log(&output),
            [
                "3 P-009: (missing) -> (missing) (row_dropped: `P-009` is not in table `patients`)",
                "4: (missing) -> (missing) (row_dropped: `record_id` is missing)",
            ]
        );
    }

    #[test]
    fn mistakes_are_told() {
        let one = table("record_id\nP-001");
        let tables = [("patients", &one), ("labs", &one)];
        let said =
            |parameters| messages(&run::<DropOrphans>(parameters, &tables).expect_err("a mistake"));
        assert_eq!(
            said(json!({"table": "labs", "parent": "patients", "by": "record"})),
            [
                "by: table `patients` has no column `record`; did you mean `record_id`?",
                "by: table `labs` has no column `record`; did you mean `record_id`?",
            ]
        );
        assert_eq!(
            said(json!({"table": "labs", "tables": ["labs"], "parent": "labs"})),
            [
                "tables: `table` and `tables` are given both; keep one of them",
                "parent: table `labs` is its own parent"
            ]
        );
    }
}
