//! The kinds of analysis, one file each.

mod cox_model;
mod kaplan_meier;
mod log_rank;
mod proportional_hazards;

use engine::{Registry, Section};

/// Offers every kind of this crate under `analyze:`.
pub fn register(registry: &mut Registry) {
    registry.register::<cox_model::CoxModel>(Section::Analyze);
    registry.register::<kaplan_meier::KaplanMeier>(Section::Analyze);
    registry.register::<log_rank::LogRank>(Section::Analyze);
    registry.register::<proportional_hazards::ProportionalHazards>(Section::Analyze);
}
