//! The kinds of the `report:` section, one file each.

mod characteristics_table;
mod checklist;
mod claim_ledger;
mod cleaning_table;
mod composite_figure;
#[cfg(test)]
mod counted_tests;
mod effect_over_time_figure;
mod estimates_figure;
mod events_table;
mod findings_table;
mod flow_figure;
mod forensics_table;
mod forest_figure;
mod identified_set_figure;
mod identified_set_table;
mod imputed_figure;
mod incidence_figure;
mod missing_figure;
mod model_table;
#[cfg(test)]
mod patient_figures_tests;
mod propensity_figure;
mod proportional_hazards_table;
mod provenance_table;
mod response_table;
mod results;
mod row_summary_table;
mod spider_figure;
mod supplement;
mod survival_figure;
mod survival_table;
mod swimmer_figure;
#[cfg(test)]
mod table_tests;
mod validation_table;
mod variable_dictionary;
mod waterfall_figure;

pub use characteristics_table::CharacteristicsTable;
pub use checklist::Checklist;
pub use claim_ledger::ClaimLedger;
pub use cleaning_table::CleaningTable;
pub use composite_figure::CompositeFigure;
pub use effect_over_time_figure::EffectOverTimeFigure;
pub use estimates_figure::EstimatesFigure;
pub use events_table::EventsTable;
pub use findings_table::FindingsTable;
pub use flow_figure::FlowFigure;
pub use forensics_table::ForensicsTable;
pub(crate) use forensics_table::evidence_of;
pub use forest_figure::ForestFigure;
pub use identified_set_figure::IdentifiedSetFigure;
pub use identified_set_table::IdentifiedSetTable;
pub use imputed_figure::ImputedFigure;
pub use incidence_figure::IncidenceFigure;
pub use missing_figure::MissingFigure;
pub use model_table::ModelTable;
pub use propensity_figure::PropensityFigure;
pub use proportional_hazards_table::ProportionalHazardsTable;
pub use provenance_table::ProvenanceTable;
pub use response_table::ResponseTable;
pub use results::Results;
#[cfg(test)]
pub(crate) use results::findings_csv;
pub(crate) use results::{described, json_of};
pub use row_summary_table::RowSummaryTable;
pub use spider_figure::SpiderFigure;
pub use supplement::Supplement;
pub use survival_figure::SurvivalFigure;
pub use survival_table::SurvivalTable;
pub use swimmer_figure::SwimmerFigure;
pub use validation_table::ValidationTable;
pub use variable_dictionary::VariableDictionary;
pub use waterfall_figure::WaterfallFigure;
