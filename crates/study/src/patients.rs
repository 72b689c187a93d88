//! What figures show of single patients: their courses along time, and how a
//! measurement changed in each.

use serde::{Deserialize, Serialize};

use crate::{Level, Warning};

/// The courses of patients, each a line along time with bars and marks on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PatientCourses {
    /// The grouping variable in words, where there are groups.
    pub by_label: Option<String>,
    /// The groups in declared order; none where all patients stand together.
    pub groups: Vec<Level>,
    /// What follow-up ends with, in words.
    pub endpoint_label: String,
    /// The bars: their names in the entry, and in words.
    pub bars: Vec<Level>,
    /// The marks, likewise.
    pub marks: Vec<Level>,
    /// The strips beside the lines.
    pub strips: Vec<Strip>,
    /// The patients in the order of their identifiers.
    // Not in the order of the table, which would let a drawing hang on how rows were
    // sorted.
    pub patients: Vec<PatientCourse>,
}

/// A category that stands beside each line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Strip {
    /// The column.
    pub column: String,
    /// The column in words.
    pub label: String,
    /// Its levels in order.
    pub levels: Vec<Level>,
}

/// One patient's course; days are counted from time zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PatientCourse {
    /// Who it is; never shown where the study's privacy forbids it.
    pub patient: String,
    /// Position of the group.
    pub group: Option<usize>,
    /// The end of follow-up.
    pub end_days: f64,
    /// Whether it ends with the event.
    pub event: bool,
    /// Its bars in the order of their start.
    pub bars: Vec<CourseBar>,
    /// Its marks in the order of their days.
    pub marks: Vec<CourseMark>,
    /// Position of the level in each strip; none where it is missing.
    pub strips: Vec<Option<usize>>,
}

/// A time during which something was given or held.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CourseBar {
    /// Position among the bars.
    pub bar: usize,
    /// Its first day.
    pub from_days: f64,
    /// Its last day; none where it is unknown.
    pub to_days: Option<f64>,
    /// Whether it goes on at the end of follow-up, which is its last day then.
    pub goes_on: bool,
}

/// Something that happened on a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CourseMark {
    /// Position among the marks.
    pub mark: usize,
    /// The day.
    pub days: f64,
}

/// How a measurement changed from its baseline, patient by patient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PatientChanges {
    /// The measurement in words.
    pub label: String,
    /// The grouping variable in words, where there are groups.
    pub by_label: Option<String>,
    /// The groups in declared order; none where all patients stand together.
    pub groups: Vec<Level>,
    /// A category of the patients in words, where there is one.
    pub category_label: Option<String>,
    /// Its levels in order.
    pub categories: Vec<Level>,
    /// Properties of patients: their names in the entry, and in words.
    pub marks: Vec<Level>,
    /// What a flag at a measurement means, where there are flags.
    pub flag_label: Option<String>,
    /// What begins on a day, where something does.
    pub start_label: Option<String>,
    /// Changes at which the measurement counts as fallen or risen, in percent.
    pub thresholds: Vec<f64>,
    /// The patients in the order of their identifiers.
    pub patients: Vec<PatientChange>,
    /// What a reader must know before comparing groups.
    pub warnings: Vec<Warning>,
}

/// The changes of one patient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PatientChange {
    /// Who it is; never shown where the study's privacy forbids it.
    pub patient: String,
    /// Position of the group.
    pub group: Option<usize>,
    /// Position of the category; none where it is missing.
    pub category: Option<usize>,
    /// Which marks the patient has.
    pub marks: Vec<bool>,
    /// The day on which something began.
    pub start_days: Option<f64>,
    /// The measurements after the baseline that count, in the order of their days.
    pub points: Vec<ChangePoint>,
    /// The lowest change, in percent of the baseline; none where nothing was measured.
    pub best: Option<f64>,
}

/// One measurement after the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ChangePoint {
    /// Its day from time zero.
    pub days: f64,
    /// Its change, in percent of the baseline; none where only the flag is known.
    pub change: Option<f64>,
    /// Whether it is flagged.
    pub flagged: bool,
}

/// Which values are missing together. The numbers of patients are findings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MissingPatterns {
    /// The grouping variable in words, where there are groups.
    pub by_label: Option<String>,
    /// The groups in declared order; none where all patients stand together.
    pub groups: Vec<Level>,
    /// The columns: their names, and in words.
    pub variables: Vec<Level>,
    /// The patterns, the one that most patients have first.
    pub patterns: Vec<MissingPattern>,
    /// What a reader must know before comparing groups.
    pub warnings: Vec<Warning>,
}

/// One pattern.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MissingPattern {
    /// Its level, as in `Finding::level` of the counts.
    pub level: String,
    /// Whether each column is missing; nothing where rare patterns stand together.
    pub missing: Vec<bool>,
    /// How many patterns it stands for.
    pub together: usize,
}
