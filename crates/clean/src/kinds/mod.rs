//! The kinds of the `clean:` section, one file each, in alphabetical order.

mod append;
mod assign;
mod best_overall_response;
mod check_range;
mod check_rows;
mod convert_unit;
mod correct;
mod deduplicate;
mod derive;
mod drop_orphans;
mod endpoints;
mod exclude;
mod extract;
mod join;
mod known_from;
mod normalize_id;
mod parse_dates;
mod parse_numbers;
mod recode;
mod select_row;
mod summarize;
mod tidy_text;

mod endpoint_times;
mod parameters;
mod scan_columns;
mod scan_reading;

use engine::{Registry, Section};

/// Offers every kind of this crate.
pub(crate) fn register(registry: &mut Registry) {
    registry.register::<append::Append>(Section::Clean);
    registry.register::<assign::Assign>(Section::Clean);
    registry.register::<best_overall_response::BestOverallResponse>(Section::Clean);
    registry.register::<check_range::CheckRange>(Section::Clean);
    registry.register::<check_rows::CheckRows>(Section::Clean);
    registry.register::<convert_unit::ConvertUnit>(Section::Clean);
    registry.register::<correct::Correct>(Section::Clean);
    registry.register::<deduplicate::Deduplicate>(Section::Clean);
    registry.register::<derive::Derive>(Section::Clean);
    registry.register::<drop_orphans::DropOrphans>(Section::Clean);
    registry.register::<endpoints::Endpoints>(Section::Clean);
    registry.register::<exclude::Exclude>(Section::Clean);
    registry.register::<extract::Extract>(Section::Clean);
    registry.register::<join::Join>(Section::Clean);
    registry.register::<known_from::KnownFrom>(Section::Clean);
    registry.register::<normalize_id::NormalizeId>(Section::Clean);
    registry.register::<parse_dates::ParseDates>(Section::Clean);
    registry.register::<parse_numbers::ParseNumbers>(Section::Clean);
    registry.register::<recode::Recode>(Section::Clean);
    registry.register::<select_row::SelectRow>(Section::Clean);
    registry.register::<summarize::Summarize>(Section::Clean);
    registry.register::<tidy_text::TidyText>(Section::Clean);
}
