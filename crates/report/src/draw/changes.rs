//! Changes of patients from their baseline: as a waterfall of the best ones, and
//! as spiders along time. What both have in common is their axis in percent.

mod spider;
mod waterfall;

pub use spider::{SpiderLine, SpiderPanel, SpiderPlot};
pub use waterfall::{WaterfallBar, WaterfallPanel, WaterfallPlot};

use super::chart::Axis;
use super::{Fill, Pen, RULE, dash};
use crate::format::signed;

/// Nothing can fall by more than all of it.
const LOWEST: f64 = -100.0;
const STEP: f64 = 25.0;

/// The axis of changes: from -100% to the highest that is shown.
fn axis(changes: impl Iterator<Item = f64>, thresholds: &[f64], clip: f64) -> Axis {
    let highest = changes.chain(thresholds.iter().copied()).fold(0.0, f64::max);
    // The axis ends at a tick above zero, or at `clip`, so that a group in which everybody fell
    // still shows where zero is. `clamp` relies on a `clip` of 25 or more, which the check asks
    // for.
    let end = ((highest / STEP).ceil() * STEP).clamp(STEP, clip);
    // More than eleven ticks would stand closer than their labels are high.
    let step = if end - LOWEST > 10.0 * STEP { 2.0 * STEP } else { STEP };
    // A quotient of doubles may miss a whole number by its last bit.
    let last = ((end - LOWEST) / step + 1e-9).floor() as usize;
    let ticks = (0..=last).map(|place| LOWEST + place as f64 * step);
    Axis { range: LOWEST..end, ticks: ticks.map(|tick| (tick, signed(tick, 0))).collect() }
}

/// The line of a threshold.
fn threshold_pen() -> Pen {
    Pen { dash: &[3.0, 2.0], ..Pen::solid(RULE, 0.8) }
}

/// The line of a level of a category.
fn level_pen(level: Option<usize>) -> Pen {
    let colour = Fill::of_level(level).colour.for_letters();
    // Unknown has the last of the six dashes, which few categories reach. Where lines lie on each
    // other, the lower ones show through.
    Pen { dash: dash(level.unwrap_or(5)), opacity: 0.85, ..Pen::solid(colour, 0.8) }
}

#[cfg(test)]
mod tests;
