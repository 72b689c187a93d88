//! The kinds of the `clean:` section, one file each, in alphabetical order.

mod assign;
mod check_range;
mod check_rows;
mod convert_unit;
mod correct;
mod deduplicate;
mod drop_orphans;
mod extract;
mod normalize_id;
mod parse_dates;
mod parse_numbers;
mod recode;
mod tidy_text;

mod parameters;

use engine::{Registry, Section};

/// Offers every kind of this crate.
pub(crate) fn register(registry: &mut Registry) {
    registry.register::<assign::Assign>(Section::Clean);
    registry.register::<check_range::CheckRange>(Section::Clean);
    registry.register::<check_rows::CheckRows>(Section::Clean);
    registry.register::<convert_unit::ConvertUnit>(Section::Clean);
    registry.register::<correct::Correct>(Section::Clean);
    registry.register::<deduplicate::Deduplicate>(Section::Clean);
    registry.register::<drop_orphans::DropOrphans>(Section::Clean);
    registry.register::<extract::Extract>(Section::Clean);
    registry.register::<normalize_id::NormalizeId>(Section::Clean);
    registry.register::<parse_dates::ParseDates>(Section::Clean);
    registry.register::<parse_numbers::ParseNumbers>(Section::Clean);
    registry.register::<recode::Recode>(Section::Clean);
    registry.register::<tidy_text::TidyText>(Section::Clean);
}
