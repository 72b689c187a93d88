//! Where each value of a unique column stood first.

use polars::prelude::{PlFixedStateQuality, PlSmallStr};

use crate::cell::Value;
use crate::place::Place;

/// The first place of each value. A hash map beneath, which is only ever asked
/// for single values, so that nothing depends on its order.
#[derive(Default)]
#[expect(clippy::disallowed_types, reason = "asked for single values: its order is never seen")]
// a short text, as identifiers are, stands in the map itself
pub(crate) struct FirstPlaces(std::collections::HashMap<PlSmallStr, Place, PlFixedStateQuality>);

impl FirstPlaces {
    /// Where a value stood before; now, where it had not.
    pub(crate) fn earlier(&mut self, value: &Value<'_>, place: Place) -> Option<Place> {
        match value {
            Value::Text(text) => self.earlier_text(text, place),
            // the typed value as text, so that two spellings of one number meet
            other => self.earlier_text(&other.to_string(), place),
        }
    }

    fn earlier_text(&mut self, text: &str, place: Place) -> Option<Place> {
        let earlier = self.0.get(text).copied();
        // the first place stays: every repetition is told with the same line
        if earlier.is_none() {
            self.0.insert(text.into(), place);
        }
        earlier
    }
}
