//! A number as a part of an address.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::slug;

/// A number in an address; equal to itself alone, so that addresses have an order.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Number(pub f64);

impl Number {
    /// As it stands in an id: `62_5`, `minus_3`.
    pub(super) fn id(self) -> String {
        // Without its sign, which a slug would drop: 3 and -3 are two ids.
        let id = slug(&self.0.abs().to_string());
        if self.0 < 0.0 { format!("minus_{id}") } else { id }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        // An order of all numbers, since addresses are keys of ordered maps.
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // By the bits, as `total_cmp` tells numbers apart.
        self.0.to_bits().hash(state);
    }
}
