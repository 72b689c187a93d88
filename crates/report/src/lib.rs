//! Findings to figures, tables and the supplement. It draws and lays out what
//! the analyses found, and computes no statistic.

mod analysis;
mod cards;
mod change_figure;
mod checklist;
pub mod claims;
#[cfg(test)]
mod cohort;
pub mod comparison;
mod condition;
mod constructed;
pub mod draw;
mod evidence;
pub mod exhibit;
pub mod export;
mod forest;
pub mod format;
pub mod inspect;
pub mod kinds;
mod knife_edge;
mod ledger;
mod links;
pub mod listing;
pub mod lookup;
mod numbering;
mod page;
mod parameters;
mod plotted;
mod print;
mod ratios;
mod render;
#[cfg(test)]
mod sample;
mod single_patients;
pub mod table;
mod text;
mod time_axis;
mod validation;
pub mod words;

use engine::{Registry, Section};

use self::print::Printed;

/// Offers the kinds of the `report:` section.
pub fn register(registry: &mut Registry) {
    registry.register::<kinds::CharacteristicsTable>(Section::Report);
    registry.register::<kinds::Checklist>(Section::Report);
    registry.register::<kinds::ClaimLedger>(Section::Report);
    registry.register::<kinds::CleaningTable>(Section::Report);
    registry.register::<Printed<kinds::CompositeFigure>>(Section::Report);
    registry.register::<Printed<kinds::EffectOverTimeFigure>>(Section::Report);
    registry.register::<Printed<kinds::EstimatesFigure>>(Section::Report);
    registry.register::<kinds::EventsTable>(Section::Report);
    registry.register::<kinds::FindingsTable>(Section::Report);
    registry.register::<Printed<kinds::FlowFigure>>(Section::Report);
    registry.register::<kinds::ForensicsTable>(Section::Report);
    registry.register::<Printed<kinds::ForestFigure>>(Section::Report);
    registry.register::<Printed<kinds::IdentifiedSetFigure>>(Section::Report);
    registry.register::<kinds::IdentifiedSetTable>(Section::Report);
    registry.register::<Printed<kinds::ImputedFigure>>(Section::Report);
    registry.register::<Printed<kinds::MissingFigure>>(Section::Report);
    registry.register::<Printed<kinds::IncidenceFigure>>(Section::Report);
    registry.register::<kinds::ModelTable>(Section::Report);
    registry.register::<Printed<kinds::PropensityFigure>>(Section::Report);
    registry.register::<kinds::ProportionalHazardsTable>(Section::Report);
    registry.register::<kinds::ProvenanceTable>(Section::Report);
    registry.register::<kinds::ResponseTable>(Section::Report);
    registry.register::<kinds::Results>(Section::Report);
    registry.register::<kinds::RowSummaryTable>(Section::Report);
    registry.register::<Printed<kinds::SpiderFigure>>(Section::Report);
    registry.register::<kinds::Supplement>(Section::Report);
    registry.register::<Printed<kinds::SurvivalFigure>>(Section::Report);
    registry.register::<kinds::SurvivalTable>(Section::Report);
    registry.register::<Printed<kinds::SwimmerFigure>>(Section::Report);
    registry.register::<kinds::ValidationTable>(Section::Report);
    registry.register::<kinds::VariableDictionary>(Section::Report);
    registry.register::<Printed<kinds::WaterfallFigure>>(Section::Report);
}
