//! The kinds of the `report:` section, one file each.

mod flow_figure;
mod forest_figure;
mod survival_figure;

pub use flow_figure::FlowFigure;
pub use forest_figure::ForestFigure;
pub use survival_figure::SurvivalFigure;
