//! The guard against immortal time: whoever gets into a group only after time
//! zero had to live until then.

use engine::Mistake;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Late, Lineage, StudySettings, Table, Warning, in_sentence};

use crate::weights::WEIGHT;

/// What to do with a group that is known only after time zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImmortalTime {
    /// The analysis is refused.
    #[default]
    Refuse,
    /// It is done as if the group were known at time zero, and its findings warn of it.
    Naive,
}

/// The analyses that take account of when an exposure began.
const DESIGNS: &str = "`landmark`, `simon_makuch`, `time_dependent_cox`, `clone_censor_weight`, `timing_tipping_point`";

/// From when on a column is known, each date after time zero.
pub(crate) fn known_late(study: &StudySettings, table: &Table, column: &str) -> Vec<Late> {
    table.late(&table.lineage(column), study)
}

/// Something known only after time zero that an analysis takes as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Naive {
    /// What it is, in words within a sentence.
    what: String,
    /// From when on it is known.
    pub(crate) known: Late,
    /// That date in words.
    date: String,
}

impl Naive {
    fn new(what: String, known: &Late, table: &Table) -> Self {
        Self { what, known: known.clone(), date: words(known, table) }
    }

    /// The warning that all findings carry.
    pub(crate) fn warning(&self) -> Warning {
        Warning::NaiveGroup { label: self.what.clone(), date_label: self.date.clone() }
    }
}

/// A date in words.
fn words(known: &Late, table: &Table) -> String {
    let date = match known.is_here {
        true => in_sentence(&table.about(&known.date).label),
        false => known.date.clone(),
    };
    if known.of_all_rows { format!("the last {date}") } else { date }
}

/// What findings on `column` warn of; nothing where its values are known at
/// time zero.
pub(crate) fn guard(
    study: &StudySettings,
    table: &Table,
    column: &str,
    choice: ImmortalTime,
    at: &[&str],
) -> Result<Option<Naive>, Mistake> {
    let late = known_late(study, table, column);
    // Several dates may be late; that there is one is enough to refuse, and the first is named.
    match (late.first(), choice) {
        (None, _) => Ok(None),
        (Some(known), ImmortalTime::Naive) => {
            Ok(Some(Naive::new(in_sentence(&table.about(column).label), known, table)))
        }
        (Some(known), ImmortalTime::Refuse) => {
            Err(refused(study, &format!("`{column}`"), known, at))
        }
    }
}

/// The same for the weights of patients that an earlier entry made: whoever is
/// weighted by what came later had to live until then.
pub(crate) fn guard_weights(
    study: &StudySettings,
    (analysis, weights): (&Table, &Table),
    entry: &str,
    choice: ImmortalTime,
) -> Result<Option<Naive>, Mistake> {
    // dates are looked for in the analysis table, which has those of time zero
    let late = analysis.late(&weights.lineage(WEIGHT), study);
    match (late.first(), choice) {
        (None, _) => Ok(None),
        (Some(known), ImmortalTime::Naive) => {
            Ok(Some(Naive::new(format!("what the weights `{entry}` are of"), known, analysis)))
        }
        (Some(known), ImmortalTime::Refuse) => {
            Err(refused(study, &format!("what the weights `{entry}` are of"), known, &["weights"]))
        }
    }
}

fn refused(study: &StudySettings, what: &str, known: &Late, at: &[&str]) -> Mistake {
    let zero = match &study.index_date {
        Some(index_date) => format!("time zero (`{index_date}`)"),
        None => "time zero".to_owned(),
    };
    let date = &known.date;
    let (since, mend) = if known.of_all_rows {
        (
            format!("{what} is known only after the last `{date}` of a patient, not at {zero}"),
            ", or look no further than time zero where rows are picked or summed up (`window`, or `where: date <= index_date`)",
        )
    } else {
        (format!("{what} is known only from `{date}`, after {zero}"), "")
    };
    let message = format!("{since}: a patient must survive until then to get into the group");
    Mistake::at(at, message).hint(format!(
        "analyse from a landmark or with a time-dependent term (kinds {DESIGNS}){mend}, or declare `immortal_time: naive` to do it all the same, with a warning on every finding"
    ))
}

/// The warning of an analysis whose `where` chooses patients by something
/// known only after time zero.
pub(crate) fn chosen_late(
    study: &StudySettings,
    table: &Table,
    condition: &str,
) -> Option<Warning> {
    let reading = table.reads(condition);
    // One column is enough for the warning, in the order in which the condition names them.
    let column = reading.columns().find(|name| !known_late(study, table, name).is_empty())?;
    Some(Warning::ChosenLate { label: in_sentence(&table.about(column).label) })
}

/// The warning of days of entry that not all patients have, by something else than
/// the dates that they are counted between: who has none is left out by it.
pub(crate) fn entered_late(study: &StudySettings, table: &Table, entry: &str) -> Option<Warning> {
    // Days to a date are known from that date on by nature. What is
    // later than the dates themselves is what chose who has them.
    let mut lineage = table.lineage(entry);
    lineage.known = lineage.later_than_made_of().cloned().collect();
    if table.late(&lineage, study).is_empty() {
        return None;
    }
    Some(Warning::ChosenLate { label: in_sentence(&table.about(entry).label) })
}

/// Whether a warning is of who is analysed, and not of how they are grouped:
/// then it holds for numbers of all patients, too.
pub(crate) fn is_of_population(warning: &Warning) -> bool {
    matches!(warning, Warning::ChosenLate { .. } | Warning::RowsChosenLate { .. })
}

/// The warning of every analysis of a table whose rows a rule other than
/// `exclude`, which tells it in the flow, chose by something known later; or in
/// which a patient has a time zero, or none, by something known later.
pub(crate) fn rows_chosen_late(study: &StudySettings, table: &Table) -> Option<Warning> {
    let first = |lineage: &Lineage| table.late(lineage, study).into_iter().next();
    let by_zero = || {
        let mut zero = table.lineage(study.index_date.as_deref()?);
        zero.known = zero.later_than_made_of().cloned().collect();
        first(&zero)
    };
    let known = first(&table.rows).or_else(by_zero)?;
    Some(Warning::RowsChosenLate { date_label: words(&known, table) })
}

/// The mistake of times that are counted from another date than time zero: what
/// is known at the one need not be known at the other. Times that the data hold
/// ready say nothing of dates.
pub(crate) fn counted_from_zero(
    study: &StudySettings,
    table: &Table,
    days: &str,
) -> Result<(), Mistake> {
    let Some(index) = study.index_date.as_deref() else { return Ok(()) };
    let (zero, counted) = (table.lineage(index).dates, table.lineage(days).dates);
    // Times made of dates that include time zero may be counted from
    // a later one: what was known at time zero is known then, too.
    if zero.is_empty() || counted.is_empty() || !zero.is_disjoint(&counted) {
        return Ok(());
    }
    let message = format!(
        "`{days}` is not counted from `{index}`, the study's time zero, at which groups must be known"
    );
    Err(Mistake::at(&["endpoint"], message).hint(format!(
        "count it from `{index}` or from a later date (`index_date` of an `endpoints` rule in a table that has `{index}`), or declare the date from which it is counted as `index_date` of the study"
    )))
}

/// The mistake of showing who a patient is.
pub(crate) fn identifies(table: &Table, column: &str, at: &[&str]) -> Result<(), Mistake> {
    if !table.lineage(column).identifier {
        return Ok(());
    }
    let message = format!("`{column}` identifies patients: its values cannot be printed");
    Err(Mistake::at(at, message).hint("derive a group from it that many patients share"))
}
