//! The kinds of analysis, one file each.

pub(crate) mod baseline_table;
pub(crate) mod cause_specific_cox;
pub(crate) mod change_from_baseline;
pub(crate) mod claim_forensics;
pub(crate) mod clone_censor_weight;
pub(crate) mod cox_diagnostics;
pub(crate) mod cox_model;
pub(crate) mod cox_performance;
pub(crate) mod cumulative_incidence;
pub(crate) mod e_value;
pub(crate) mod event_rates;
pub(crate) mod fine_gray;
pub(crate) mod group_difference;
pub(crate) mod identified_set;
pub(crate) mod kaplan_meier;
pub(crate) mod landmark;
pub(crate) mod log_rank;
pub(crate) mod logistic_model;
pub(crate) mod missing_values;
pub(crate) mod multiple_imputation;
pub(crate) mod parametric_model;
pub(crate) mod patient_courses;
pub(crate) mod pooled_cox_model;
pub(crate) mod predicted_survival;
pub(crate) mod propensity_score;
pub(crate) mod proportional_hazards;
pub(crate) mod response;
pub(crate) mod row_summary;
pub(crate) mod second_opinion;
pub(crate) mod simon_makuch;
pub(crate) mod subgroups;
pub(crate) mod survival_comparison;
pub(crate) mod survival_difference;
pub(crate) mod time_dependent_cox;
pub(crate) mod timing_tipping_point;
pub(crate) mod turnbull;

use engine::{Registry, Section};

use crate::analysis::Entry;

/// Offers every kind of this crate under `analyze:`.
pub fn register(registry: &mut Registry) {
    registry.register::<Entry<baseline_table::BaselineTable>>(Section::Analyze);
    registry.register::<Entry<cause_specific_cox::CauseSpecificCox>>(Section::Analyze);
    registry.register::<Entry<change_from_baseline::ChangeFromBaseline>>(Section::Analyze);
    registry.register::<Entry<claim_forensics::ClaimForensics>>(Section::Analyze);
    registry.register::<Entry<clone_censor_weight::CloneCensorWeight>>(Section::Analyze);
    registry.register::<Entry<cox_diagnostics::CoxDiagnostics>>(Section::Analyze);
    registry.register::<Entry<cox_model::CoxModel>>(Section::Analyze);
    registry.register::<Entry<cox_performance::CoxPerformance>>(Section::Analyze);
    registry.register::<Entry<cumulative_incidence::CumulativeIncidence>>(Section::Analyze);
    registry.register::<Entry<e_value::EValue>>(Section::Analyze);
    registry.register::<Entry<event_rates::EventRates>>(Section::Analyze);
    registry.register::<Entry<fine_gray::FineGray>>(Section::Analyze);
    registry.register::<Entry<group_difference::GroupDifference>>(Section::Analyze);
    registry.register::<Entry<identified_set::IdentifiedSet>>(Section::Analyze);
    registry.register::<Entry<kaplan_meier::KaplanMeier>>(Section::Analyze);
    registry.register::<Entry<landmark::Landmark>>(Section::Analyze);
    registry.register::<Entry<log_rank::LogRank>>(Section::Analyze);
    registry.register::<Entry<logistic_model::LogisticModel>>(Section::Analyze);
    registry.register::<Entry<missing_values::MissingValues>>(Section::Analyze);
    registry.register::<Entry<multiple_imputation::MultipleImputation>>(Section::Analyze);
    registry.register::<Entry<parametric_model::ParametricModel>>(Section::Analyze);
    registry.register::<Entry<patient_courses::PatientCourses>>(Section::Analyze);
    registry.register::<Entry<pooled_cox_model::PooledCoxModel>>(Section::Analyze);
    registry.register::<Entry<predicted_survival::PredictedSurvival>>(Section::Analyze);
    registry.register::<Entry<propensity_score::PropensityScore>>(Section::Analyze);
    registry.register::<Entry<proportional_hazards::ProportionalHazards>>(Section::Analyze);
    registry.register::<Entry<response::Response>>(Section::Analyze);
    registry.register::<Entry<row_summary::RowSummary>>(Section::Analyze);
    registry.register::<Entry<second_opinion::SecondOpinion>>(Section::Analyze);
    registry.register::<Entry<simon_makuch::SimonMakuch>>(Section::Analyze);
    registry.register::<Entry<subgroups::Subgroups>>(Section::Analyze);
    registry.register::<Entry<survival_comparison::SurvivalComparison>>(Section::Analyze);
    registry.register::<Entry<survival_difference::SurvivalDifference>>(Section::Analyze);
    registry.register::<Entry<time_dependent_cox::TimeDependentCox>>(Section::Analyze);
    registry.register::<Entry<timing_tipping_point::TimingTippingPoint>>(Section::Analyze);
    registry.register::<Entry<turnbull::Turnbull>>(Section::Analyze);
}
