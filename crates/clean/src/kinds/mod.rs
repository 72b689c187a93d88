//! The kinds of the `clean:` section, one file each, in alphabetical order.

mod convert_unit;
mod deduplicate;
mod drop_orphans;
mod normalize_id;
mod parse_dates;
mod parse_numbers;
mod recode;

mod parameters;

use engine::{Registry, Section};

/// Offers every kind of this crate.
pub(crate) fn register(registry: &mut Registry) {
    registry.register::<convert_unit::ConvertUnit>(Section::Clean);
    registry.register::<deduplicate::Deduplicate>(Section::Clean);
    registry.register::<drop_orphans::DropOrphans>(Section::Clean);
    registry.register::<normalize_id::NormalizeId>(Section::Clean);
    registry.register::<parse_dates::ParseDates>(Section::Clean);
    registry.register::<parse_numbers::ParseNumbers>(Section::Clean);
    registry.register::<recode::Recode>(Section::Clean);
}
