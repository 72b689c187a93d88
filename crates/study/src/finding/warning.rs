//! What a reader must know before using a number, as a value. Its words are
//! made in `report`.

use serde::{Deserialize, Serialize};

/// What a reader must know before using a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// In words of its own: being replaced by codes.
    Words(String),
}

impl From<String> for Warning {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

impl From<&str> for Warning {
    fn from(words: &str) -> Self {
        Self::Words(words.to_owned())
    }
}

impl From<&String> for Warning {
    fn from(words: &String) -> Self {
        Self::Words(words.clone())
    }
}
