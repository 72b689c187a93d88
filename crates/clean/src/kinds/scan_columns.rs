//! Reading the table of scans for RECIST: its columns as parameters, its rows
//! as what `crate::recist` works on.

use engine::Mistake;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Lineage, Table};

use crate::cells::{Revision, days, numbers};
use crate::coded::texts;
use crate::recist::{NonTarget, Scan};
use crate::rows::{conditions, listed};

/// The columns of the scan table.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScanColumns {
    /// The date of the scan.
    pub date: String,
    /// The sum of the diameters of the target lesions in mm; missing where not
    /// all were measured, 0 at baseline where there are none.
    pub target_sum: String,
    /// Yes/no: every target lesion has gone (a node: below 10 mm in its short
    /// axis); left out, they have gone where the sum is 0.
    pub targets_gone: Option<String>,
    /// What is said of the other lesions; left out, there are none.
    pub non_target: Option<String>,
    /// The values of `non_target`.
    pub non_target_values: NonTargetValues,
    /// Whether a lesion is new: yes/no, or text that is `yes` or `no`; missing means no.
    pub new_lesion: String,
    /// The response typed by the reader; where it differs from the derived one
    /// it is logged, and the derived one is used.
    pub typed: Option<String>,
}

impl Default for ScanColumns {
    fn default() -> Self {
        Self {
            date: "scan_date".to_owned(),
            target_sum: "target_sum_mm".to_owned(),
            targets_gone: None,
            non_target: None,
            non_target_values: NonTargetValues::default(),
            new_lesion: "new_lesion".to_owned(),
            typed: None,
        }
    }
}

/// The values of the column that speaks of the non-target lesions; a missing
/// value means that they were not evaluated.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NonTargetValues {
    /// The patient has none.
    pub absent: String,
    /// All have gone.
    pub complete: String,
    /// Some are there, without unequivocal progression.
    pub present: String,
    /// Unequivocal progression.
    pub progression: String,
}

impl Default for NonTargetValues {
    fn default() -> Self {
        Self {
            absent: "none".to_owned(),
            complete: "complete_response".to_owned(),
            present: "non_cr_non_pd".to_owned(),
            progression: "progression".to_owned(),
        }
    }
}

impl NonTargetValues {
    fn read(&self, value: Option<&str>) -> Option<NonTarget> {
        match value {
            // A blank is no statement that there are none.
            None => Some(NonTarget::NotEvaluated),
            Some(value) if value == self.absent => Some(NonTarget::Absent),
            Some(value) if value == self.complete => Some(NonTarget::Complete),
            Some(value) if value == self.present => Some(NonTarget::Present),
            Some(value) if value == self.progression => Some(NonTarget::Progressive),
            Some(_) => None,
        }
    }
}

/// The scan table, read: one entry a row.
pub(crate) struct Scans {
    pub(crate) days: Vec<Option<i32>>,
    /// What each scan shows; its day is that of the calendar.
    pub(crate) seen: Vec<Scan>,
    pub(crate) typed: Vec<Option<String>>,
}

impl ScanColumns {
    /// The lineage of what is made of the scans.
    pub(crate) fn lineage(&self, scans: &Table) -> Lineage {
        let columns = [Some(&self.date), Some(&self.target_sum), Some(&self.new_lesion)];
        let optional = [self.targets_gone.as_ref(), self.non_target.as_ref()];
        let columns = columns.into_iter().chain(optional).flatten();
        scans.lineage_of(columns.map(String::as_str))
    }

    pub(crate) fn read(&self, scans: &mut Revision<'_>) -> Scans {
        // A copy of references: mistakes are noted in the revision meanwhile.
        let table = scans.table.clone();
        let rows = scans.height();
        let optional = |column: &Option<String>| match column {
            Some(column) => texts(&table, column),
            None => vec![None; rows],
        };
        let days = days(&table, &self.date);
        let sums = numbers(&table, &self.target_sum);
        let gone = self.targets_gone.as_ref().map(|column| conditions(&table, column));
        let non_targets = self.read_non_targets(scans, &optional(&self.non_target));
        let new_lesions = self.read_new_lesions(scans, &texts(&table, &self.new_lesion));
        let below: Vec<usize> =
            (0..rows).filter(|row| sums[*row].is_some_and(|sum| sum < 0.0)).collect();
        if !below.is_empty() {
            let message = format!("`{}` is below 0: {}", self.target_sum, places(scans, &below));
            scans.mistakes.push(Mistake::at(&["columns", "target_sum"], message));
        }
        let scan = |row: usize| Scan {
            // A scan without a date is never followed; the value means nothing.
            day: days[row].unwrap_or_default(),
            target_sum_mm: sums[row],
            targets_gone: match &gone {
                Some(gone) => gone[row] == Some(true),
                // Of lymph nodes a diameter is left where they count as gone: then a
                // column has to say it.
                None => sums[row] == Some(0.0),
            },
            non_target: non_targets[row],
            new_lesion: new_lesions[row],
        };
        let seen = (0..rows).map(scan).collect();
        Scans { seen, typed: optional(&self.typed), days }
    }

    fn read_non_targets(
        &self,
        scans: &mut Revision<'_>,
        values: &[Option<String>],
    ) -> Vec<NonTarget> {
        if self.non_target.is_none() {
            // Without the column the sums alone decide.
            return vec![NonTarget::Absent; values.len()];
        }
        let read: Vec<Option<NonTarget>> =
            values.iter().map(|value| self.non_target_values.read(value.as_deref())).collect();
        let known = &self.non_target_values;
        let known = [&known.absent, &known.complete, &known.present, &known.progression];
        let known = known.map(|value| format!("`{value}`")).join(", ");
        note_unknown(scans, "non_target", values, &read, &known);
        read.into_iter().map(|value| value.unwrap_or(NonTarget::NotEvaluated)).collect()
    }

    fn read_new_lesions(&self, scans: &mut Revision<'_>, values: &[Option<String>]) -> Vec<bool> {
        let read: Vec<Option<bool>> = values
            .iter()
            .map(|value| match value.as_deref() {
                // Reports name a new lesion where there is one; silence means none.
                None | Some("no" | "false") => Some(false),
                Some("yes" | "true") => Some(true),
                Some(_) => None,
            })
            .collect();
        note_unknown(scans, "new_lesion", values, &read, "`yes`, `no`");
        // Unknown words are mistakes already.
        read.into_iter().map(|value| value.unwrap_or(false)).collect()
    }
}

/// A mistake for the values that could not be read.
fn note_unknown<T>(
    scans: &mut Revision<'_>,
    parameter: &str,
    values: &[Option<String>],
    read: &[Option<T>],
    known: &str,
) {
    let unknown: Vec<String> = (0..read.len())
        .filter(|row| read[*row].is_none())
        .map(|row| format!("`{}` in {}", values[row].as_deref().unwrap_or(""), scans.place(row)))
        .collect();
    if !unknown.is_empty() {
        let message = format!("values that are none of {known}: {}", listed(&unknown));
        let hint = "bring them to these values by a `recode` rule before this one";
        scans.mistakes.push(Mistake::at(&["columns", parameter], message).hint(hint));
    }
}

/// Rows in words, the first ten of them in full.
pub(crate) fn places(revision: &Revision<'_>, rows: &[usize]) -> String {
    listed(&rows.iter().map(|row| revision.place(*row)).collect::<Vec<_>>())
}
