//! A forest plot: a row per level with its patients and events, the hazard
//! ratio on a logarithmic axis, and the numbers beside it.

use std::cell::RefCell;
use std::rc::Rc;

use super::chart::{Axis, Chart};
use super::font::{cap_height, width};
use super::log_ticks::log_ticks_within;
use super::{
    Anchor, Area, Canvas, DrawError, Drawing, Face, INK, Lettering, MUTED, PALE, PALETTE,
    POINTS_PER_MM, Pen, wrap,
};
use crate::format::axis_number;

const SIZE: f64 = 7.5;
const LEADING: f64 = 9.5;
const ROW: f64 = 13.0;
const INDENT: f64 = 9.0;
const GAP: f64 = 12.0;
const LARGEST_BOX: f64 = 8.0;
/// Side of the smallest box drawn, in points.
pub const SMALLEST_BOX: f64 = 1.8;
/// Side of all boxes where a ratio is per unit, in points.
const EQUAL_BOX: f64 = 4.5;
/// Side of a box whose interval is narrower than it, in points.
const NARROWEST_BOX: f64 = 0.8;
const NARROWEST_PANEL: f64 = 80.0;
const NARROWEST_LABEL: f64 = 80.0;
/// Headings are set in lines no narrower.
const NARROWEST_HEADING: f64 = 64.0;
const AXIS_SHARE: f64 = 0.26;

/// An estimate on the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowEstimate {
    /// The ratio.
    pub value: f64,
    /// Its limits, where there are any.
    pub lower: Option<f64>,
    /// See `lower`.
    pub upper: Option<f64>,
    /// One over the squared standard error of its logarithm; none for a ratio per
    /// unit, whose information depends on the unit.
    pub information: Option<f64>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ForestRow {
    /// Variable or level in words.
    pub label: String,
    /// A level, set in under its variable.
    pub is_level: bool,
    /// The level that the others are compared with.
    pub is_reference: bool,
    /// Numbers of patients and events, in the columns before the axis.
    pub counts: Vec<String>,
    /// What is drawn.
    pub estimate: Option<RowEstimate>,
    /// What is written.
    pub text: String,
    /// P-values, in the columns behind the ratio.
    pub tests: Vec<String>,
    /// Which variable it belongs to: every other one has a pale background.
    pub variable: usize,
}

/// Headings of the columns of a forest plot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForestHeadings {
    /// Of the names of rows.
    pub names: String,
    /// Of the numbers before the axis.
    pub counts: Vec<String>,
    /// Of the ratios.
    pub ratio: String,
    /// Of the p-values.
    pub tests: Vec<String>,
}

/// A forest plot.
#[derive(Debug, Clone, PartialEq)]
pub struct ForestPlot {
    /// The rows from above.
    pub rows: Vec<ForestRow>,
    /// Headings of the columns.
    pub headings: ForestHeadings,
    /// What the axis shows.
    pub x_label: String,
    /// Ends of the axis, in ratios.
    pub limits: (f64, f64),
    /// What lies on either side of 1.
    pub favours: Option<[String; 2]>,
    /// The word that marks data that are not observed.
    pub mark: Option<&'static str>,
    /// Width in points.
    pub width: f64,
}

struct Columns {
    labels: Vec<Vec<String>>,
    /// Right ends of the columns before the axis.
    counts: Vec<f64>,
    panel: (f64, f64),
    text: f64,
    /// Left ends of the columns behind the ratios.
    tests: Vec<f64>,
    /// Lines of all headings, from the left.
    headings: Vec<Vec<String>>,
}

/// A column of texts.
struct Column {
    heading: Vec<String>,
    width: f64,
}

impl Column {
    /// Columns with these headings and the cells of these rows; a heading that is
    /// wider than its cells is set in lines.
    fn all<'a>(
        headings: &[String],
        rows: impl Iterator<Item = &'a Vec<String>>,
    ) -> Result<Vec<Self>, DrawError> {
        let mut widths = vec![0.0_f64; headings.len()];
        for row in rows {
            for (widest, cell) in widths.iter_mut().zip(row) {
                // Cells are never broken: `28/40` on two lines would be read as two numbers.
                *widest = widest.max(width(cell, Face::Regular, SIZE)?);
            }
        }
        let column = |(heading, cells): (&String, f64)| {
            let heading = wrap(heading, Face::SemiBold, SIZE, cells.max(NARROWEST_HEADING))?;
            let mut widest = cells;
            for line in &heading {
                widest = widest.max(width(line, Face::SemiBold, SIZE)?);
            }
            Ok(Self { heading, width: widest })
        };
        headings.iter().zip(widths).map(column).collect()
    }
}

impl ForestPlot {
    /// Draws it.
    ///
    /// # Errors
    /// If a letter is missing or the figure is too narrow.
    pub fn draw(&self) -> Result<Drawing, DrawError> {
        let columns = self.columns()?;
        let lines = columns.headings.iter().map(Vec::len).max().unwrap_or(1) as f64;
        // The mark of simulated data stands over the last column, whose heading would run into it.
        let heading = if self.mark.is_some() { 22.0 } else { 12.0 } + (lines - 1.0) * LEADING;
        let top = heading + 6.0;
        let heights: Vec<f64> =
            // Further lines of a label are closer than rows are, so that they are read as one.
            columns.labels.iter().map(|lines| ROW + (lines.len() as f64 - 1.0) * LEADING).collect();
        let panel = Area {
            left: columns.panel.0,
            right: columns.panel.1,
            top,
            bottom: top + heights.iter().sum::<f64>() + 3.0,
        };
        let favours = self.favours_lines(&panel)?;
        let depth = favours.iter().map(Vec::len).max().unwrap_or(0) as f64;
        let foot = 27.0 + depth * LEADING + if depth > 0.0 { 3.0 } else { 0.0 };
        let canvas = Rc::new(RefCell::new(Canvas::new(self.width, panel.bottom + foot)));
        canvas.borrow_mut().mark(self.mark);
        self.headings(&mut canvas.borrow_mut(), &columns, heading);
        self.backgrounds(&mut canvas.borrow_mut(), top, &heights);
        let chart = Chart::new(&canvas, &panel, &self.axis(), None)?;
        // The axis is logarithmic: a ratio and its inverse are the same effect and must be equally
        // far from 1. `libm`, because the platform's logarithm may differ in the last bit.
        let x = |ratio: f64| chart.place((libm::log(ratio), 0.0)).0;
        let mut canvas_now = canvas.borrow_mut();
        canvas_now.line((x(1.0), panel.top), (x(1.0), panel.bottom), &Pen::solid(INK, 0.6));
        let mut y = top;
        for (place, row) in self.rows.iter().enumerate() {
            let first = y + ROW / 2.0;
            self.row(&mut canvas_now, &columns, row, &columns.labels[place], first);
            self.estimate(&mut canvas_now, row, first, &panel, &x);
            y += heights[place];
        }
        self.foot(&mut canvas_now, &panel, &favours, x(1.0));
        let drawn = canvas_now.clone();
        drop(canvas_now);
        drawn.finish()
    }

    fn axis(&self) -> Axis {
        let (from, to) = (libm::log(self.limits.0), libm::log(self.limits.1));
        let ticks = log_ticks_within(self.limits).into_iter();
        let ticks = ticks.map(|tick| (libm::log(tick), axis_number(tick))).collect();
        Axis { range: from..to, ticks }
    }

    fn columns(&self) -> Result<Columns, DrawError> {
        let headings = &self.headings;
        let mut indented: f64 = width(&headings.names, Face::SemiBold, SIZE)?;
        for row in &self.rows {
            let indent = if row.is_level { INDENT } else { 0.0 };
            indented = indented.max(width(&row.label, face_of(row), SIZE)? + indent);
        }
        let counts = Column::all(&headings.counts, self.rows.iter().map(|row| &row.counts))?;
        let tests = Column::all(&headings.tests, self.rows.iter().map(|row| &row.tests))?;
        // The heading of the ratios is not broken: it has `95% CI` in brackets, which belong to it.
        let mut ratio = width(&headings.ratio, Face::SemiBold, SIZE)?;
        for row in &self.rows {
            ratio = ratio.max(width(&row.text, Face::Regular, SIZE)?);
        }
        // From the right, as everything behind the axis has a width of its own, and the axis takes
        // what remains.
        let mut left = self.width - 2.0;
        let mut places: Vec<f64> = Vec::new();
        for column in tests.iter().rev() {
            left -= column.width;
            places.insert(0, left);
            left -= GAP;
        }
        let text = left - ratio;
        // the axis has its share before long labels have theirs
        let numbers: f64 = counts.iter().map(|column| column.width + GAP).sum();
        let others = numbers + 2.7 * GAP + 2.0;
        // 2.7 gaps: one and a half before the axis, and 1.2 behind it.
        let label = indented.min((text - others - AXIS_SHARE * self.width).max(NARROWEST_LABEL));
        let mut right = 2.0 + label;
        let mut ends = Vec::new();
        for column in &counts {
            right += GAP + column.width;
            ends.push(right);
        }
        let panel = (right + 1.5 * GAP, text - 1.2 * GAP);
        if panel.1 - panel.0 < NARROWEST_PANEL {
            let needed = self.width + NARROWEST_PANEL - (panel.1 - panel.0);
            return Err(DrawError::TooSmall {
                dimension: "wide",
                found_mm: (self.width / POINTS_PER_MM).round() as u32,
                needed_mm: (needed / POINTS_PER_MM).ceil() as u32,
            });
        }
        let lines = |row: &ForestRow| {
            let indent = if row.is_level { INDENT } else { 0.0 };
            wrap(&row.label, face_of(row), SIZE, label - indent)
        };
        let labels = self.rows.iter().map(lines).collect::<Result<_, _>>()?;
        let names = wrap(&headings.names, Face::SemiBold, SIZE, label)?;
        let [counts, tests] =
            [counts, tests].map(|columns| columns.into_iter().map(|one| one.heading));
        let ratio = vec![headings.ratio.clone()];
        let headings = [names].into_iter().chain(counts).chain([ratio]).chain(tests).collect();
        Ok(Columns { labels, counts: ends, panel, text, tests: places, headings })
    }

    fn headings(&self, canvas: &mut Canvas, columns: &Columns, baseline: f64) {
        let bold = Lettering::plain(SIZE).bold();
        let counts = columns.counts.iter().map(|right| (*right, Anchor::End));
        let others = [columns.text].into_iter().chain(columns.tests.iter().copied());
        let places = [(2.0, Anchor::Start)].into_iter().chain(counts);
        let places = places.chain(others.map(|left| (left, Anchor::Start)));
        for ((x, anchor), lines) in places.zip(&columns.headings) {
            // From the last line upwards, so that headings of one line and of two stand on one
            // baseline over the rule.
            for (line, text) in lines.iter().rev().enumerate() {
                let y = baseline - LEADING * line as f64;
                canvas.text((x, y), text, &bold.anchored(anchor));
            }
        }
        let rule = baseline + 5.0;
        canvas.line((0.0, rule), (self.width, rule), &Pen::solid(INK, 0.7));
    }

    fn backgrounds(&self, canvas: &mut Canvas, top: f64, heights: &[f64]) {
        let mut y = top;
        for (row, height) in self.rows.iter().zip(heights) {
            // By variable and not by row: levels of one variable belong together.
            if row.variable % 2 == 1 {
                canvas.rectangle(&Area::at(0.0, y, self.width, *height), Some(PALE), None);
            }
            y += height;
        }
    }

    fn row(
        &self,
        canvas: &mut Canvas,
        columns: &Columns,
        row: &ForestRow,
        lines: &[String],
        y: f64,
    ) {
        let plain = Lettering::plain(SIZE);
        let left = if row.is_level { 2.0 + INDENT } else { 2.0 };
        let name = Lettering { face: face_of(row), ..plain };
        for (place, line) in lines.iter().enumerate() {
            canvas.text_centred((left, y + place as f64 * LEADING), line, &name);
        }
        for (right, count) in columns.counts.iter().zip(&row.counts) {
            canvas.text_centred((*right, y), count, &plain.anchored(Anchor::End));
        }
        // `1 (reference)` is no estimate.
        let text = if row.is_reference { plain.coloured(MUTED) } else { plain };
        canvas.text_centred((columns.text, y), &row.text, &text);
        for (left, p) in columns.tests.iter().zip(&row.tests) {
            canvas.text_centred((*left, y), p, &plain);
        }
    }

    fn estimate(
        &self,
        canvas: &mut Canvas,
        row: &ForestRow,
        y: f64,
        panel: &Area,
        x: &dyn Fn(f64) -> f64,
    ) {
        let blue = PALETTE[1];
        if row.is_reference {
            // Open and of a fixed size: a reference has no information of its own to be drawn by.
            let side = 5.0;
            let centre = Area::at(x(1.0) - side / 2.0, y - side / 2.0, side, side);
            canvas.rectangle(
                &centre,
                Some(super::Colour(255, 255, 255)),
                Some(&Pen::solid(blue, 0.9)),
            );
        }
        let Some(estimate) = row.estimate else { return };
        let pen = Pen::solid(blue, 1.0);
        let (lowest, highest) = self.limits;
        // An interval that leaves the axis ends at its edge, with an arrowhead that says so.
        let at = |ratio: f64| x(ratio.clamp(lowest, highest));
        if let Some((lower, upper)) = estimate.lower.zip(estimate.upper) {
            canvas.line((at(lower), y), (at(upper), y), &pen);
            if lower < lowest {
                arrow(canvas, (panel.left - 1.0, y), 4.5);
            }
            if upper > highest {
                arrow(canvas, (panel.right + 1.0, y), -4.5);
            }
        }
        // An estimate outside has no box. At the edge it would be read as a value there.
        if (lowest..=highest).contains(&estimate.value) {
            let interval = estimate.lower.zip(estimate.upper);
            let drawn = interval.map(|(lower, upper)| at(upper) - at(lower));
            let side = self.side(estimate.information, drawn);
            let centre = at(estimate.value);
            let area = Area::at(centre - side / 2.0, y - side / 2.0, side, side);
            canvas.rectangle(&area, Some(blue), None);
        }
    }

    /// The area is proportional to the information, so the side to its root; beside a ratio
    /// whose information hangs on a unit all boxes are equal. No box hides its interval,
    /// `drawn` points long.
    fn side(&self, information: Option<f64>, drawn: Option<f64>) -> f64 {
        // Of a very short interval both ends would vanish under the box.
        let room = drawn.map_or(LARGEST_BOX, |drawn| (drawn / 2.0).max(NARROWEST_BOX));
        self.side_of(information).min(room)
    }

    fn side_of(&self, information: Option<f64>) -> f64 {
        let estimates = self.rows.iter().filter_map(|row| row.estimate);
        // One ratio per unit is enough to make all equal: half of the boxes by size and half not
        // would be compared all the same.
        let all: Option<Vec<f64>> = estimates.map(|estimate| estimate.information).collect();
        let Some((information, all)) = information.zip(all) else { return EQUAL_BOX };
        let most = all.into_iter().fold(0.0, f64::max);
        if most > 0.0 && information > 0.0 {
            (LARGEST_BOX * (information / most).sqrt()).max(SMALLEST_BOX)
        } else {
            SMALLEST_BOX
        }
    }

    fn favours_lines(&self, panel: &Area) -> Result<Vec<Vec<String>>, DrawError> {
        let share =
            -libm::log(self.limits.0) / (libm::log(self.limits.1) - libm::log(self.limits.0));
        // Where a ratio of 1 lies, by the same proportion as the axis has it. The chart is not
        // drawn yet.
        let one = panel.left + share * panel.width();
        // The words may run under the columns at either side: nothing stands there below the axis.
        let rooms = [one, self.width - one].map(|room| room - 14.0);
        let texts = self.favours.iter().flatten();
        texts.zip(rooms).map(|(text, room)| wrap(text, Face::Regular, SIZE, room)).collect()
    }

    fn foot(&self, canvas: &mut Canvas, panel: &Area, favours: &[Vec<String>], one: f64) {
        let middle = (panel.left + panel.right) / 2.0;
        let mut y = panel.bottom + 23.0;
        let title = Lettering::plain(SIZE).anchored(Anchor::Middle);
        canvas.text((middle, y), &self.x_label, &title);
        y += LEADING + 3.0;
        for (side, lines) in favours.iter().enumerate() {
            let anchor = if side == 0 { Anchor::End } else { Anchor::Start };
            let away = if side == 0 { -1.0 } else { 1.0 };
            let letters = Lettering::plain(SIZE).coloured(MUTED).anchored(anchor);
            for (line, text) in lines.iter().enumerate() {
                canvas.text((one + 11.0 * away, y + line as f64 * LEADING), text, &letters);
            }
            let level = y - cap_height(Face::Regular, SIZE) / 2.0;
            canvas.line(
                (one + 3.0 * away, level),
                (one + 6.0 * away, level),
                &Pen::solid(MUTED, 0.7),
            );
            let tip = one + 8.5 * away;
            let neck = tip - 3.0 * away;
            canvas.polygon(&[(tip, level), (neck, level - 1.7), (neck, level + 1.7)], MUTED, 1.0);
        }
    }
}

fn face_of(row: &ForestRow) -> Face {
    if row.is_level { Face::Regular } else { Face::SemiBold }
}

/// An arrowhead at the edge of the panel: the interval goes on.
fn arrow(canvas: &mut Canvas, (tip, y): (f64, f64), length: f64) {
    let neck = tip + length;
    canvas.polygon(&[(tip, y), (neck, y - 2.2), (neck, y + 2.2)], PALETTE[1], 1.0);
}

#[cfg(test)]
mod tests;
