//! How a column of a raw file is declared, and what happens to what does not
//! fit the declaration. Checking the declaration is left to `declaration`.

use engine::Named;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One column of the table, and how its cells are written in the file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnSpec {
    /// What its cells are.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// The column in words, for tables and figures; its name where left out.
    #[serde(default)]
    pub label: Option<String>,
    /// Unit of its numbers, for tables and figures.
    #[serde(default)]
    pub unit: Option<String>,
    /// Digits after the decimal point in which tables, figures and texts print its numbers, medians
    /// and ranges, such as 0 for a year; one unless declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 12))]
    pub decimals: Option<u8>,
    /// The name above the column in the file, where it is another one.
    #[serde(default)]
    pub header: Option<String>,
    /// For a category: its levels in the order of the tables, each with the
    /// spellings it has in the file; its own name is always understood. For
    /// yes/no: the spellings of `yes` and of `no`.
    #[serde(default)]
    pub levels: Named<Vec<String>>,
    /// For a category: names of levels in the ids of findings, where their own give none or
    /// would be those of others: `level_ids: { "+": positive, "-": negative }`.
    // left out where there are none: the digest of such a declaration stays what it was
    #[serde(default, skip_serializing_if = "Named::is_empty")]
    pub level_ids: Named<String>,
    /// No cell may be missing. This holds under every choice of `misfits`.
    #[serde(default)]
    pub required: bool,
    /// Codes that mean a missing value in this column, beside the empty cell.
    #[serde(default)]
    pub missing: Vec<String>,
    /// No value may stand twice; missing ones may. This holds under every
    /// choice of `misfits`.
    #[serde(default)]
    pub unique: bool,
    /// The column of the file with the day on which this value came to be
    /// known, where that is later than the row's own `known_from`.
    #[serde(default)]
    pub known_from: Option<String>,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Text, kept as it stands in the file.
    Text,
    /// Text that identifies something: no blank before or after it.
    Id,
    /// Whole numbers, such as `12` or `-3`.
    Whole,
    /// Plain decimal numbers, such as `12`, `-3` or `0.25`.
    Real,
    /// Yes or no, written `true` and `false` or as `levels` says.
    Boolean,
    /// Days of the calendar, written `2021-03-31`.
    Date,
    /// One of the declared levels.
    Category,
}

/// What happens to a cell that does not fit its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Misfits {
    /// The run stops, and every such cell is listed.
    // what is not understood becomes no missing value without a decision
    #[default]
    Stop,
    /// The cell counts as missing and is kept in the list of problems.
    SetMissing,
}

/// What happens to columns of the file that are not declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OtherColumns {
    /// They are a mistake, so that a new column in an export is noticed.
    // a column that is new in an export may be one that the study should use
    #[default]
    Error,
    /// They are not read.
    Ignore,
}
