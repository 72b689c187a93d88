//! Drawing: figures as elements of SVG, of which `render` makes files. Lengths
//! are in points (1/72 inch) throughout, as in print.
//!
//! It knows layouts and letters, not findings: a figure's kind hands it texts
//! and places.

mod backend;
mod canvas;
mod changes;
mod chart;
mod composite;
mod drawing;
mod error;
mod fallback;
mod flow;
mod font;
mod forest;
mod geometry;
mod histograms;
mod imputed;
pub(crate) mod legend;
mod log_ticks;
mod missing;
mod paint;
mod panel;
mod patterns;
mod survival;
mod svg;
mod swimmer;
mod wrap;

pub use backend::{Backend, UNITS_PER_POINT};
pub use canvas::Canvas;
pub use changes::{
    SpiderLine, SpiderPanel, SpiderPlot, WaterfallBar, WaterfallPanel, WaterfallPlot,
};
pub use composite::{CompositePart, composed};
pub use drawing::{Drawing, TextBox};
pub use error::DrawError;
pub(crate) use fallback::{is_font, with_fonts};
pub use flow::{FlowBox, FlowPlot};
pub use font::{Face, cap_height, check_glyphs, width};
pub use forest::{ForestHeadings, ForestPlot, ForestRow, RowEstimate, SMALLEST_BOX};
pub use geometry::{Area, POINTS_PER_MM};
pub use histograms::{HistogramPanel, HistogramPlot};
pub use imputed::{ImputedBlock, ImputedPlot, ImputedRow};
pub use log_ticks::{log_ticks_within, tick_above, tick_below};
pub use missing::{Counted, MissingPlot};
pub use paint::{Anchor, Colour, INK, Lettering, MUTED, PALE, PALETTE, Pen, RULE, dash};
pub use panel::{
    BelowRow, Datum, KeyEntry, Look, Panel, PanelFigure, PanelRow, Scale, Series, Shape,
};
pub use patterns::{Fill, Glyph, Hatching, Mark};
pub use survival::{ArmText, Shade, SurvivalPlot, ticks};
pub(crate) use svg::decimal;
pub use svg::escape;
pub use swimmer::{Lane, SwimmerPlot};
pub use wrap::wrap;
