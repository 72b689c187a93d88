//! What a stage is made of: each ingredient by name, so that a change can be
//! named, and their digest, which is the stage's key.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Raised when the way keys are made changes.
// Stored results of before are then found by no key, and are made again.
const KEY_VERSION: &str = "1";

/// Everything the result of a stage depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ingredients(BTreeMap<String, String>);

impl Ingredients {
    pub(crate) fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Adds a plain value leaf by leaf, so that a change is named by its path.
    pub(crate) fn add_json(&mut self, name: &str, value: &Json) {
        match value {
            // An empty mapping is a leaf, or its absence would leave no trace.
            Json::Object(entries) if !entries.is_empty() => {
                // the order of a mapping may mean something: columns, levels, terms
                let order: Vec<&str> = entries.keys().map(String::as_str).collect();
                self.add(format!("{name} (order)"), order.join(", "));
                for (key, value) in entries {
                    self.add_json(&format!("{name}.{key}"), value);
                }
            }
            Json::String(text) => self.add(name, text),
            other => self.add(name, other.to_string()),
        }
    }

    /// The names with their values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The digest of all names and values, each behind its length.
    pub(crate) fn key(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        // Lengths keep neighbours apart: `a`, `bc` is not `ab`, `c`.
        let mut field = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        field(KEY_VERSION);
        for (name, value) in &self.0 {
            field(name);
            field(value);
        }
        hasher.finalize().to_hex().to_string()
    }

    /// What differs from an earlier making, in words.
    pub(crate) fn changes_since(&self, before: &Self) -> Vec<String> {
        let names: std::collections::BTreeSet<&String> =
            self.0.keys().chain(before.0.keys()).collect();
        let changes =
            names.into_iter().filter_map(|name| match (before.0.get(name), self.0.get(name)) {
                (Some(old), Some(new)) if old == new => None,
                // With a key that came or went the order is another one anyway, and the key is
                // told.
                _ if name.ends_with("(order)") && self.0.len() != before.0.len() => None,
                // Nobody learns anything from two digests side by side.
                (Some(old), Some(new)) if is_digest(old) && is_digest(new) => {
                    Some(format!("{name} changed"))
                }
                (Some(old), Some(new)) => Some(format!("{name} changed from `{old}` to `{new}`")),
                (Some(old), None) if is_digest(old) => Some(format!("{name} is no longer read")),
                (None, Some(new)) if is_digest(new) => Some(format!("{name} is now read")),
                (Some(old), None) => Some(format!("{name} was `{old}` and is gone")),
                (None, Some(new)) => Some(format!("{name} is new: `{new}`")),
                (None, None) => None,
            });
        changes.collect()
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(parameters: &Json) -> Ingredients {
        let mut ingredients = Ingredients::default();
        ingredients.add_json("parameter", parameters);
        ingredients.add("file data/raw/a.csv", "0".repeat(64));
        ingredients
    }

    #[test]
    fn a_change_is_named_from_and_to() {
        let before = of(&json!({ "ci": "plain", "at": [6, 12] }));
        let mut after = of(&json!({ "ci": "log_log", "at": [6, 12] }));
        after.add("file data/raw/a.csv", "1".repeat(64));
        assert_eq!(
            after.changes_since(&before),
            ["file data/raw/a.csv changed", "parameter.ci changed from `plain` to `log_log`"]
        );
        assert_ne!(after.key(), before.key());
    }

    #[test]
    fn the_order_of_a_mapping_counts() {
        let one = of(&json!({ "terms": { "a": 1, "b": 2 } }));
        let other = of(&json!({ "terms": { "b": 2, "a": 1 } }));
        assert_ne!(one.key(), other.key());
        assert_eq!(
            other.changes_since(&one),
            ["parameter.terms (order) changed from `a, b` to `b, a`"]
        );
    }

    #[test]
    fn fields_do_not_run_into_one_another() {
        let mut one = Ingredients::default();
        one.add("a", "bc");
        let mut other = Ingredients::default();
        other.add("ab", "c");
        assert_ne!(one.key(), other.key());
    }
}
