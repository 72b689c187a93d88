//! The key: which line is whose, with events, medians, and what was tested.

use crate::draw::font::width;
use crate::draw::{Area, Canvas, Colour, DrawError, Face, Lettering, wrap};

use super::{SWATCH, SurvivalPlot, muted, swatch};

const SIZE: f64 = 7.5;
const HEADING_SIZE: f64 = 7.0;
const LEADING: f64 = 10.0;
const GAP: f64 = 11.0;
const LABEL_LIMIT: f64 = 190.0;
const BESIDE: f64 = 26.0;
/// Room over the first baseline.
const RISE: f64 = 6.0;

/// A key, laid out: columns of groups, events and medians, and statements under
/// them or at their side.
pub(super) struct Key {
    labels: Vec<Vec<String>>,
    statements: Vec<String>,
    events: f64,
    median: f64,
    table_width: f64,
    statements_width: f64,
    beside: bool,
}

impl Key {
    /// With the statements under the columns.
    pub(super) fn stacked(plot: &SurvivalPlot<'_>) -> Result<Self, DrawError> {
        // Long names break, so that they do not push events and medians out of the panel.
        let limit = LABEL_LIMIT.min(0.4 * plot.width);
        let mut labels = Vec::new();
        let mut widest = [0.0; 3];
        for arm in &plot.arms {
            let lines = wrap(&arm.label, Face::SemiBold, SIZE, limit)?;
            for line in &lines {
                widest[0] = f64::max(widest[0], width(line, Face::SemiBold, SIZE)?);
            }
            labels.push(lines);
            widest[1] = f64::max(widest[1], width(&arm.events, Face::Regular, SIZE)?);
            widest[2] = f64::max(widest[2], width(&arm.median, Face::Regular, SIZE)?);
        }
        for (place, heading) in plot.headings.iter().enumerate() {
            let heading = width(heading, Face::Regular, HEADING_SIZE)?;
            widest[place + 1] = widest[place + 1].max(heading);
        }
        let events = SWATCH + 5.0 + widest[0] + GAP;
        let median = events + widest[1] + GAP;
        let (mut statements, mut statements_width) = (Vec::new(), 0.0);
        for statement in &plot.statements {
            for line in wrap(statement, Face::Regular, SIZE, plot.width - 20.0)? {
                statements_width = f64::max(statements_width, width(&line, Face::Regular, SIZE)?);
                statements.push(line);
            }
        }
        let table_width = median + widest[2];
        Ok(Self {
            labels,
            statements,
            events,
            median,
            table_width,
            statements_width,
            beside: false,
        })
    }

    /// For a place above the panel: with the statements at the side of the
    /// columns where the panel is wide enough.
    pub(super) fn above(plot: &SurvivalPlot<'_>, room: f64) -> Result<Self, DrawError> {
        let key = Self::stacked(plot)?;
        let beside = key.table_width + BESIDE + key.statements_width <= room;
        Ok(Self { beside, ..key })
    }

    /// Width and height.
    pub(super) fn size(&self) -> (f64, f64) {
        let table = 1 + self.labels.iter().map(Vec::len).sum::<usize>();
        let (statements, gap) = match self.statements.len() {
            0 => (0, 0.0),
            lines => (lines, 3.0),
        };
        if self.beside {
            // Beside the columns statements begin at the first group, below the headings.
            let lines = table.max(statements + 1) as f64;
            (self.table_width + BESIDE + self.statements_width, (lines - 1.0) * LEADING + RISE)
        } else {
            let lines = (table + statements) as f64;
            (self.table_width.max(self.statements_width), (lines - 1.0) * LEADING + gap + RISE)
        }
    }

    /// Draws it at its place.
    pub(super) fn draw(&self, plot: &SurvivalPlot<'_>, canvas: &mut Canvas, place: &Area) {
        let plain = Lettering::plain(SIZE);
        let mut y = place.top + RISE;
        for (x, heading) in [self.events, self.median].into_iter().zip(&plot.headings) {
            canvas.text((place.left + x, y), heading, &muted(HEADING_SIZE));
        }
        let first = y + LEADING;
        y = first;
        for (group, (arm, lines)) in plot.arms.iter().zip(&self.labels).enumerate() {
            swatch(canvas, group, place.left, y - 2.7);
            canvas.text((place.left + self.events, y), &arm.events, &plain);
            canvas.text((place.left + self.median, y), &arm.median, &plain);
            // The name has the colour of the curve too: a sample of 17 points shows only two or
            // three dashes.
            let name = plain.bold().coloured(Colour::of_group(group).for_letters());
            for line in lines {
                canvas.text((place.left + SWATCH + 5.0, y), line, &name);
                y += LEADING;
            }
        }
        let (x, mut y) = if self.beside {
            (place.left + self.table_width + BESIDE, first)
        } else {
            (place.left, y + 3.0)
        };
        for statement in &self.statements {
            canvas.text((x, y), statement, &plain);
            y += LEADING;
        }
    }
}
