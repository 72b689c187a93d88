//! `exclude`: takes patients out of the study, for a reason and in the open.

use engine::{Call, Kind, Mistake, Mistakes, Read, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, FlowStep, Output, StudySettings};

use crate::cells::{Edit, Revision};
use crate::kinds::parameters::sql_mistake;
use crate::rows::{table_or_default, unique};

/// Takes the patients for whom the condition holds out of the study. Each is
/// logged with the reason, and the step stands in the flow of patients: the
/// first such rule counts those screened, the last leaves those analysed. A
/// patient for whom the condition is unknown stays.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exclude {
    /// The table with one row per patient; the study's analysis table if left out.
    #[serde(default)]
    pub table: Option<String>,
    /// The SQL condition for leaving a patient out.
    #[serde(rename = "where")]
    pub condition: String,
    /// The reason as it stands in the flow figure.
    pub reason: String,
}

impl Exclude {
    fn table<'a>(&'a self, study: &'a StudySettings) -> &'a str {
        table_or_default(self.table.as_deref(), study)
    }
}

impl Kind for Exclude {
    const NAME: &'static str = "exclude";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let at: &[&str] = if self.table.is_some() { &["table"] } else { &[] };
        let table = self.table(study);
        Wiring {
            reads: vec![Read::table(table, at)],
            writes: vec![table.to_owned()],
            files: Vec::new(),
        }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let name = self.table(call.study);
        let mut mistakes = Mistakes::default();
        mistakes.note(call.require_column(name, &call.study.patient, &["table"]));
        let table = call.table(name);
        let held = table.holds(&self.condition);
        mistakes.note(held.map_err(|error| sql_mistake(&error, table, &["where"])));
        let mut output = Output::of_table(name, table.clone());
        output.flow.push(self.step(call, 0, 0));
        mistakes.or(output)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let name = self.table(call.study);
        let patient = std::slice::from_ref(&call.study.patient);
        let hint = "exclude after a rule that leaves one row for each";
        unique(call, name, patient, &["table"], hint)?;
        let mut revision = Revision::open(call, name);
        let held = revision.table.holds(&self.condition);
        let held = held.map_err(|error| sql_mistake(&error, &revision.table, &["where"]))?;
        let excluded: Vec<usize> = (0..held.len()).filter(|row| held[*row]).collect();
        if excluded.len() == held.len() {
            let message = format!("no patient is left of {}", held.len());
            let hint = "the condition holds for every patient, or none reached this rule";
            return Err(Mistake::at(&["where"], message).hint(hint).into());
        }
        for row in &excluded {
            let reason = self.reason.clone();
            let action = Action::Excluded;
            revision.note(*row, Edit { field: "", raw: None, clean: None, action, reason });
        }
        revision.keep(&held.iter().map(|held| !held).collect::<Vec<_>>());
        let mut output = revision.close()?;
        output.flow.push(self.step(call, held.len(), excluded.len()));
        Ok(output)
    }
}

impl Exclude {
    fn step(&self, call: &Call<'_>, before: usize, excluded: usize) -> FlowStep {
        let count = |patients: usize| u64::try_from(patients).expect("invariant: counts fit u64");
        FlowStep {
            stage: call.name.to_owned(),
            reason: self.reason.clone(),
            before: count(before),
            excluded: count(excluded),
            after: count(before - excluded),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{log, messages, run, shown, table};

    fn patients() -> study::Table {
        table("record_id|histology|age:real\nP-001|scc|70\nP-002|other|60\nP-003||50")
    }

    fn said(parameters: Value, patients: &study::Table) -> Vec<String> {
        messages(&run::<Exclude>(parameters, &[("patients", patients)]).expect_err("a mistake"))
    }

    #[test]
    fn each_exclusion_is_logged_and_counted() {
        let parameters =
            json!({"where": "histology <> 'scc'", "reason": "not squamous cell carcinoma"});
        let output = run::<Exclude>(parameters, &[("patients", &patients())]).expect("two stay");
        assert_eq!(
            shown(&output.tables["patients"]),
            ["record_id|histology|age", "P-001|scc|70", "P-003||50"]
        );
        assert_eq!(
            log(&output),
            ["3 P-002: (missing) -> (missing) (excluded: not squamous cell carcinoma)"]
        );
        let step = FlowStep {
            stage: "the_rule".into(),
            reason: "not squamous cell carcinoma".into(),
            before: 3,
            excluded: 1,
            after: 2,
        };
        assert_eq!(output.flow, [step]);
    }

    #[test]
    fn mistakes_are_told() {
        let cases = [
            (
                json!({"where": "age > 0", "reason": "all"}),
                "where: no patient is left of 3; the condition holds for every patient, or none reached this rule",
            ),
            (
                json!({"where": "age", "reason": "x"}),
                "where: SQL condition gives a number, not yes or no",
            ),
            (
                json!({"where": "histologie = 'x'", "reason": "x"}),
                "where: SQL expression names a column `histologie` that the table does not have; did you mean `histology`?",
            ),
        ];
        for (parameters, expected) in cases {
            assert_eq!(said(parameters, &patients()), [expected]);
        }
        let twice = table("record_id|age:real\nP-001|70\nP-001|71");
        assert_eq!(
            said(json!({"where": "age > 70", "reason": "x"}), &twice),
            [
                "table: `record_id` is not unique in table `patients`: P-001 (lines 2, 3); exclude after a rule that leaves one row for each"
            ]
        );
        assert_eq!(
            said(json!({"where": "age > 70", "reason": "x"}), &twice.without_rows()),
            [
                "where: no patient is left of 0; the condition holds for every patient, or none reached this rule"
            ]
        );
    }
}
