//! Findings to figures, tables and the supplement. It draws and lays out what
//! the analyses found, and computes no statistic.

pub mod draw;
pub mod exhibit;
pub mod format;
pub mod kinds;
pub mod lookup;
#[cfg(test)]
mod sample;

use engine::{Registry, Section};

/// Offers the kinds of the `report:` section.
pub fn register(registry: &mut Registry) {
    registry.register::<kinds::FlowFigure>(Section::Report);
    registry.register::<kinds::ForestFigure>(Section::Report);
    registry.register::<kinds::SurvivalFigure>(Section::Report);
}
