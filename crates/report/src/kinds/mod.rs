//! The kinds of the `report:` section, one file each.

mod characteristics_table;
mod checklist;
mod claim_ledger;
mod cleaning_table;
mod estimates_figure;
mod findings_table;
mod flow_figure;
mod forensics_table;
mod forest_figure;
mod model_table;
mod proportional_hazards_table;
mod provenance_table;
mod response_table;
mod results;
mod supplement;
mod survival_figure;
mod survival_table;
#[cfg(test)]
mod table_tests;
mod validation_table;
mod variable_dictionary;

pub use characteristics_table::CharacteristicsTable;
pub use checklist::Checklist;
pub use claim_ledger::ClaimLedger;
pub use cleaning_table::CleaningTable;
pub use estimates_figure::EstimatesFigure;
pub use findings_table::FindingsTable;
pub use flow_figure::FlowFigure;
pub use forensics_table::ForensicsTable;
pub(crate) use forensics_table::evidence_of;
pub use forest_figure::ForestFigure;
pub use model_table::ModelTable;
pub use proportional_hazards_table::ProportionalHazardsTable;
pub use provenance_table::ProvenanceTable;
pub use response_table::ResponseTable;
pub use results::Results;
pub(crate) use results::{described, json_of};
pub use supplement::Supplement;
pub use survival_figure::SurvivalFigure;
pub use survival_table::SurvivalTable;
pub use validation_table::ValidationTable;
pub use variable_dictionary::VariableDictionary;
