//! The kinds of the `clean:` section, one file each, in alphabetical order.

mod normalize_id;

mod parameters;

use engine::{Registry, Section};

/// Offers every kind of this crate.
pub(crate) fn register(registry: &mut Registry) {
    registry.register::<normalize_id::NormalizeId>(Section::Clean);
}
