//! Guidelines for reports as data: items in words of this program, and for each
//! what shows that a study has it. A further guideline is a further file here
//! and a variant of `Guideline`.

mod proof;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use proof::{Seen, texts};

/// A guideline for reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Guideline {
    /// STROBE, for cohort studies.
    Strobe,
    /// SAMPL, for statistics.
    Sampl,
}

/// What a guideline asks for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Checklist {
    /// What it is called.
    pub(crate) title: String,
    /// Where its items are from.
    pub(crate) source: String,
    /// Its items in order.
    pub(crate) items: Vec<Item>,
}

/// One item.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    /// Its number, such as `12a`.
    pub(crate) id: String,
    /// The part of a report that it is about.
    pub(crate) section: String,
    /// What it asks for.
    pub(crate) asks: String,
    /// What of it only authors know.
    #[serde(default)]
    pub(crate) authors: Option<String>,
    /// Why it does not apply to a study that has nothing of its parts.
    #[serde(default)]
    pub(crate) otherwise: Option<String>,
    /// What shows it.
    #[serde(default)]
    pub(crate) parts: Vec<Part>,
}

/// A part of an item.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    /// What it is.
    pub(crate) says: String,
    /// What the rows of an exhibit that shows it are, where their number says something.
    #[serde(default)]
    pub(crate) counted: Option<String>,
    /// What shows it.
    pub(crate) proof: Proof,
}

/// What shows that a study has something.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Proof {
    /// An exhibit of one of these kinds.
    Exhibits(Vec<String>),
    /// The account of an analysis of one of these kinds, or of any.
    Methods(Vec<String>),
    /// Numbers that an exhibit prints.
    Numbers(Numbers),
    /// The flow of patients.
    Flow(Flow),
    /// A setting of the study or the program.
    Setting(Setting),
}

/// Which numbers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Numbers {
    /// Names of statistics.
    pub(crate) statistics: Vec<String>,
    /// Kinds of analyses; any where none is named.
    pub(crate) kinds: Vec<String>,
    /// What must stand beside the number.
    pub(crate) carries: Vec<Carried>,
    /// Of models of so many terms.
    pub(crate) terms: Option<Terms>,
    /// What it means that all of them are 0, where they need not be printed then.
    pub(crate) all_zero: Option<String>,
    /// Kinds of figures that show such numbers of the analyses that they draw.
    pub(crate) figures: Vec<String>,
}

/// What a number carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Carried {
    /// A confidence limit.
    Limits,
    /// Patients.
    N,
    /// Events.
    Events,
}

/// How many terms a model has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Terms {
    /// One.
    One,
    /// More.
    Several,
}

/// What of the flow of patients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Flow {
    /// How many there were.
    Patients,
    /// Why some were left out.
    Reasons,
}

/// A setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Setting {
    /// The program and its version.
    Program,
    /// The confidence level.
    ConfidenceLevel,
    /// The date from which time is counted.
    TimeZero,
}

impl Guideline {
    /// Its name in a pipeline file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Strobe => "strobe",
            Self::Sampl => "sampl",
        }
    }

    /// What it asks for.
    pub(crate) fn checklist(self) -> Checklist {
        let text = match self {
            Self::Strobe => include_str!("checklist/strobe.json"),
            Self::Sampl => include_str!("checklist/sampl.json"),
        };
        // The files are compiled in. No study can hand in one of its own.
        serde_json::from_str(text).expect("invariant: a test reads every guideline")
    }
}

impl Terms {
    /// What so many terms are.
    pub(crate) fn of(count: usize) -> Self {
        // A model without terms is told as one of one term: there is nothing it is adjusted for.
        if count > 1 { Self::Several } else { Self::One }
    }
}
