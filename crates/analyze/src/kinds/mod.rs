//! The kinds of analysis, one file each.

mod baseline_table;
mod cause_specific_cox;
mod clone_censor_weight;
mod cox_diagnostics;
mod cox_model;
mod cox_performance;
mod cumulative_incidence;
mod e_value;
mod fine_gray;
mod group_difference;
mod kaplan_meier;
mod landmark;
mod log_rank;
mod logistic_model;
mod multiple_imputation;
mod parametric_model;
mod pooled_cox_model;
mod predicted_survival;
mod propensity_score;
mod proportional_hazards;
mod response;
mod simon_makuch;
mod subgroups;
mod survival_comparison;
mod survival_difference;
mod time_dependent_cox;
mod timing_tipping_point;
mod turnbull;

#[cfg(test)]
mod against_r;
#[cfg(test)]
mod behaviour;
#[cfg(test)]
mod cox_kinds_against_r;
#[cfg(test)]
mod cox_kinds_behaviour;
#[cfg(test)]
mod cox_kinds_mistakes;
#[cfg(test)]
mod curves_against_r;
#[cfg(test)]
mod curves_behaviour;
#[cfg(test)]
mod immortal_time;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod risks_against_r;
#[cfg(test)]
mod risks_edges;

use engine::{Registry, Section};

/// Offers every kind of this crate under `analyze:`.
pub fn register(registry: &mut Registry) {
    registry.register::<baseline_table::BaselineTable>(Section::Analyze);
    registry.register::<cause_specific_cox::CauseSpecificCox>(Section::Analyze);
    registry.register::<clone_censor_weight::CloneCensorWeight>(Section::Analyze);
    registry.register::<cox_diagnostics::CoxDiagnostics>(Section::Analyze);
    registry.register::<cox_model::CoxModel>(Section::Analyze);
    registry.register::<cox_performance::CoxPerformance>(Section::Analyze);
    registry.register::<cumulative_incidence::CumulativeIncidence>(Section::Analyze);
    registry.register::<e_value::EValue>(Section::Analyze);
    registry.register::<fine_gray::FineGray>(Section::Analyze);
    registry.register::<group_difference::GroupDifference>(Section::Analyze);
    registry.register::<kaplan_meier::KaplanMeier>(Section::Analyze);
    registry.register::<landmark::Landmark>(Section::Analyze);
    registry.register::<log_rank::LogRank>(Section::Analyze);
    registry.register::<logistic_model::LogisticModel>(Section::Analyze);
    registry.register::<multiple_imputation::MultipleImputation>(Section::Analyze);
    registry.register::<parametric_model::ParametricModel>(Section::Analyze);
    registry.register::<pooled_cox_model::PooledCoxModel>(Section::Analyze);
    registry.register::<predicted_survival::PredictedSurvival>(Section::Analyze);
    registry.register::<propensity_score::PropensityScore>(Section::Analyze);
    registry.register::<proportional_hazards::ProportionalHazards>(Section::Analyze);
    registry.register::<response::Response>(Section::Analyze);
    registry.register::<simon_makuch::SimonMakuch>(Section::Analyze);
    registry.register::<subgroups::Subgroups>(Section::Analyze);
    registry.register::<survival_comparison::SurvivalComparison>(Section::Analyze);
    registry.register::<survival_difference::SurvivalDifference>(Section::Analyze);
    registry.register::<time_dependent_cox::TimeDependentCox>(Section::Analyze);
    registry.register::<timing_tipping_point::TimingTippingPoint>(Section::Analyze);
    registry.register::<turnbull::Turnbull>(Section::Analyze);
}
