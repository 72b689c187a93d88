//! The guard against immortal time: whoever gets into a group only after time
//! zero had to live until then.

use engine::Mistake;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{StudySettings, Table, in_sentence};

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

/// The warning that findings on `column` carry; none where its values are
/// known at time zero.
pub(crate) fn guard(
    study: &StudySettings,
    table: &Table,
    column: &str,
    choice: ImmortalTime,
    at: &[&str],
) -> Result<Option<String>, Mistake> {
    let Some(known_from) = table.about(column).known_from else { return Ok(None) };
    if study.index_date.as_deref() == Some(known_from.as_str()) {
        return Ok(None);
    }
    match choice {
        ImmortalTime::Naive => {
            let words = |column: &str| in_sentence(&table.about(column).label);
            Ok(Some(format!(
                "naive: {} becomes known only after time zero ({}), and comparisons by it are open to immortal-time bias",
                words(column),
                words(&known_from)
            )))
        }
        ImmortalTime::Refuse => {
            let zero = match &study.index_date {
                Some(index_date) => format!("time zero (`{index_date}`)"),
                None => "time zero".to_owned(),
            };
            Err(Mistake::at(
                at,
                format!(
                    "`{column}` is known only from `{known_from}`, after {zero}: a patient must survive until then to get into the group"
                ),
            )
            .hint(
                "analyse from a landmark or with a time-dependent term, or declare `immortal_time: naive` to do it all the same, with a warning on every finding",
            ))
        }
    }
}
