//! The kinds of the `clean:` section, one file each, in alphabetical order.

use engine::Registry;

/// Offers every kind of this crate.
pub(crate) fn register(_registry: &mut Registry) {}
