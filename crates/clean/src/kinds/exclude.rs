//! `exclude`: takes patients out of the study, for a reason and in the open.

use engine::{Call, Kind, Mistake, Mistakes, Read, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{
    Action, FlowStep, Lineage, Output, StudySettings, Table, TakenAs, Unknown, UnknownRows,
};

use crate::cells::{Edit, Revision, count};
use crate::kinds::parameters::sql_mistake;
use crate::lineage::{late_in_words, of_condition};
use crate::rows::{table_or_default, unique};

/// Takes the patients for whom the condition holds out of the study. Each is
/// logged with the reason, and the step stands in the flow of patients: the
/// first such rule counts those screened, the last leaves those analysed. A
/// patient for whom the condition is unknown, because a value is missing, stays
/// unless `unknown` says otherwise; the log and the flow say for how many.
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
    /// What becomes of a patient for whom the condition is unknown: `keep`,
    /// `exclude`, or `query`, which keeps the patient and asks the hospital.
    #[serde(default)]
    pub unknown: UnknownPatient,
}

/// What becomes of a patient for whom a condition is unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownPatient {
    /// The patient stays.
    #[default]
    Keep,
    /// The patient is excluded.
    Exclude,
    /// The patient stays, and the hospital is asked.
    Query,
}

impl UnknownPatient {
    fn taken_as(self) -> TakenAs {
        match self {
            Self::Keep => TakenAs::Kept,
            Self::Exclude => TakenAs::Excluded,
            Self::Query => TakenAs::Queried,
        }
    }

    fn action(self) -> Action {
        match self {
            Self::Keep => Action::Unknown,
            Self::Exclude => Action::Excluded,
            Self::Query => Action::Query,
        }
    }
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
        // as the run opens it, so that what the log needs is read here too
        let table = Revision::open(call, name).table;
        let held = table.holds(&self.condition);
        mistakes.note(held.map_err(|error| sql_mistake(&error, &table, &["where"])));
        let decided = self.decided(call, &table);
        // nobody is left out here, but a run looks at their time zero
        let left = Left { known_late: self.known_late(call, &table, &[]), ..Left::default() };
        let mut kept = table;
        kept.rows.given(&decided);
        kept.rows.rules.insert(call.name.to_owned());
        let mut output = Output::of_table(name, kept);
        output.flow.push(self.step(call, left));
        mistakes.or(output)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let name = self.table(call.study);
        let patient = std::slice::from_ref(&call.study.patient);
        let hint = "exclude after a rule that leaves one row for each";
        // A patient with two rows could be excluded by one and stay by the other.
        unique(call, name, patient, &["table"], hint)?;
        let mut revision = Revision::open(call, name);
        let found = revision.table.condition(&self.condition);
        let found = found.map_err(|error| sql_mistake(&error, &revision.table, &["where"]))?;
        let taken_as = self.unknown.taken_as();
        revision.note_unknown(&found, &["where"], taken_as);
        let chosen = found.holds();
        revision.tell_if_none(&self.condition, &chosen);
        let open = found.unknown.as_ref();
        let rows = || open.iter().flat_map(|open| open.rows.iter().copied());
        let mut held = chosen.clone();
        // The study's choice for the unknown; those on whom the condition holds are
        // excluded anyway.
        rows().for_each(|row| held[row] = self.unknown == UnknownPatient::Exclude);
        let left_out = held.iter().filter(|held| **held).count();
        // Also of an empty table: every analysis behind it would fail on its own.
        if left_out == held.len() {
            let message = format!("no patient is left of {}", held.len());
            let hint = "the condition holds for every patient, or none reached this rule";
            return Err(Mistake::at(&["where"], message).hint(hint).into());
        }
        for row in (0..chosen.len()).filter(|row| chosen[*row]) {
            note(&mut revision, row, Action::Excluded, self.reason.clone());
        }
        // Each of them has a row in the log, whatever was chosen.
        for row in rows() {
            let reason = format!("{}: {}", self.reason, unknown_because(open));
            note(&mut revision, row, self.unknown.action(), reason);
        }
        let left = Left {
            before: held.len(),
            excluded: left_out,
            unknown: open.map(|open| revision.unknown(open, &["where"], taken_as)),
            known_late: self.known_late(call, &revision.table, &held),
        };
        let decided = self.decided(call, &revision.table);
        // After the notes, which need the rows.
        revision.keep(&held.iter().map(|held| !held).collect::<Vec<_>>(), &decided);
        let mut output = revision.close()?;
        output.flow.push(self.step(call, left));
        Ok(output)
    }
}

impl Exclude {
    /// What decides who stays.
    fn decided(&self, call: &Call<'_>, table: &Table) -> Lineage {
        let mut decided = of_condition(table, Some(&self.condition));
        // In another table it decides which rows are there, like any rule.
        if self.table(call.study) == call.study.analysis_table {
            // all who are analysed passed it alike: that it looked ahead is said
            // of the population (in the flow), and makes no column known later
            decided.known.clear();
        }
        decided
    }

    /// What was known only after time zero, where patients who had one were
    /// taken out by it. Who has none is not chosen by what came after it.
    fn known_late(&self, call: &Call<'_>, table: &Table, excluded: &[bool]) -> Vec<String> {
        // Without a time zero nothing is later than it.
        let Some(index) = call.study.index_date.as_deref() else { return Vec::new() };
        if self.table(call.study) != call.study.analysis_table || !table.has(index) {
            return Vec::new();
        }
        let has_zero = table.series(index).expect("invariant: it was asked for").is_not_null();
        // In a rehearsal nobody is excluded, and so nothing is claimed.
        if !excluded
            .iter()
            .zip(has_zero.iter())
            .any(|(excluded, has)| *excluded && has == Some(true))
        {
            return Vec::new();
        }
        let as_if = self.unknown == UnknownPatient::Exclude;
        late_in_words(table, (&self.condition, as_if), index)
    }

    fn step(&self, call: &Call<'_>, left: Left) -> FlowStep {
        FlowStep {
            stage: call.name.to_owned(),
            reason: self.reason.clone(),
            before: count(left.before),
            excluded: count(left.excluded),
            after: count(left.before - left.excluded),
            unknown: left.unknown,
            known_late: left.known_late,
        }
    }
}

/// What an exclusion came to.
#[derive(Default)]
struct Left {
    before: usize,
    excluded: usize,
    /// For whom its condition was unknown.
    unknown: Option<Unknown>,
    /// By what it looked beyond time zero.
    known_late: Vec<String>,
}

/// Notes what became of a patient as a whole.
fn note(revision: &mut Revision<'_>, row: usize, action: Action, reason: String) {
    revision.note(row, Edit { field: "", raw: None, clean: None, action, reason });
}

/// Why the condition is unknown, in words for the log.
fn unknown_because(unknown: Option<&UnknownRows>) -> String {
    let Some(unknown) = unknown else { return String::new() };
    let columns: Vec<String> = unknown.columns.iter().map(|column| format!("`{column}`")).collect();
    // Any of these: which one left it open hangs on the patient.
    format!("unknown for want of {}", columns.join(" or "))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{log, messages, run, shown, table};

    fn patients() -> Table {
        table("record_id|histology|age:real\nP-001|scc|70\nP-002|other|60\nP-003||50")
    }

    fn said(parameters: Value, patients: &Table) -> Vec<String> {
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
            [
                "3 P-002: (missing) -> (missing) (excluded: not squamous cell carcinoma)",
                "4 P-003: (missing) -> (missing) (unknown: not squamous cell carcinoma: unknown for want of `histology`)",
            ]
        );
        let step = FlowStep {
            stage: "the_rule".into(),
            reason: "not squamous cell carcinoma".into(),
            before: 3,
            excluded: 1,
            after: 2,
            unknown: Some(unknown(TakenAs::Kept)),
            known_late: vec![],
        };
        assert_eq!(output.flow, [step]);
        assert_eq!(output.unknowns, [unknown(TakenAs::Kept)]);
        assert_eq!(
            output.unknowns[0].words(),
            "`histology <> 'scc'` is unknown for 1 patient, who stays (`histology` is missing)"
        );
    }

    fn unknown(taken_as: TakenAs) -> Unknown {
        Unknown {
            table: "patients".into(),
            parameter: "where".into(),
            condition: "histology <> 'scc'".into(),
            columns: vec!["histology".into()],
            rows: 1,
            patients: 1,
            taken_as,
        }
    }

    #[test]
    fn a_study_chooses_what_becomes_of_the_unknown() {
        let with = |choice: &str| {
            let parameters =
                json!({"where": "histology <> 'scc'", "reason": "not scc", "unknown": choice});
            run::<Exclude>(parameters, &[("patients", &patients())]).expect("one stays")
        };
        let excluded = with("exclude");
        assert_eq!(shown(&excluded.tables["patients"]).len(), 2);
        assert_eq!((excluded.flow[0].excluded, excluded.flow[0].after), (2, 1));
        assert_eq!(excluded.unknowns, [unknown(TakenAs::Excluded)]);
        assert_eq!(
            log(&excluded)[1],
            "4 P-003: (missing) -> (missing) (excluded: not scc: unknown for want of `histology`)"
        );
        let queried = with("query");
        assert_eq!(queried.flow[0].after, 2);
        assert_eq!(
            log(&queried)[1],
            "4 P-003: (missing) -> (missing) (query: not scc: unknown for want of `histology`)"
        );
    }

    #[test]
    fn an_exclusion_of_everybody_unknown_or_not_is_a_mistake() {
        let parameters =
            json!({"where": "age > 55 OR histology <> 'scc'", "reason": "x", "unknown": "exclude"});
        assert_eq!(
            said(parameters, &patients()),
            [
                "where: no patient is left of 3; the condition holds for every patient, or none reached this rule"
            ]
        );
    }

    #[test]
    fn a_condition_that_chooses_nobody_is_told() {
        let patients = table("record_id|sex\nP-001|f\nP-002|");
        let told = |condition: &str| {
            let parameters = json!({"where": condition, "reason": "r"});
            run::<Exclude>(parameters, &[("patients", &patients)]).expect("it runs").notices
        };
        assert_eq!(
            told("sex = 'female'"),
            ["`sex = 'female'` holds on none of the 2 rows of `patients`"]
        );
        assert_eq!(told("sex = 'f'"), [""; 0]);
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
