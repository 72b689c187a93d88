//! How a number was computed, as a value. Its words are made in `report`.

use serde::{Deserialize, Serialize};

/// An estimator or test with its variant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Method {
    /// What was done, such as the Kaplan-Meier estimator.
    pub procedure: Procedure,
    /// How, in the order in which words name it.
    pub details: Vec<Detail>,
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Procedure {
    /// Nothing was told.
    #[default]
    Unsaid,
    /// In words of its own: being replaced by the names of procedures.
    Words(String),
}

/// How it was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Confidence limits of a kind.
    Interval {
        /// Such as `Wald`, `log-log`.
        interval: String,
        /// Their confidence level, such as 0.95.
        level: f64,
    },
    /// Within the levels of these columns.
    StratifiedBy(Vec<String>),
    /// Other causes than this one count as censoring.
    OtherCausesCensored(String),
}

impl Method {
    /// A procedure without details.
    #[must_use]
    pub fn of(procedure: Procedure) -> Self {
        Self { procedure, details: Vec::new() }
    }

    /// With a further detail.
    #[must_use]
    pub fn with(mut self, detail: Detail) -> Self {
        self.details.push(detail);
        self
    }

    /// Whether groups were compared within strata.
    #[must_use]
    pub fn is_stratified(&self) -> bool {
        self.details.iter().any(|detail| matches!(detail, Detail::StratifiedBy(_)))
    }
}

impl From<String> for Method {
    fn from(words: String) -> Self {
        Self::of(Procedure::Words(words))
    }
}

impl From<&str> for Method {
    fn from(words: &str) -> Self {
        Self::from(words.to_owned())
    }
}

impl From<&String> for Method {
    fn from(words: &String) -> Self {
        Self::from(words.clone())
    }
}
