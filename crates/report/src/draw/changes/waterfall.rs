//! A waterfall: a bar per patient, the largest rise first.

use super::{axis, threshold_pen};
use crate::draw::chart::TICK_SIZE;
use crate::draw::legend::{self, Legend, Sign};
use crate::draw::{
    Anchor, Area, Canvas, DrawError, Drawing, Face, Fill, Glyph, INK, Lettering, Pen, wrap,
};
use crate::format::{exact, signed};

const SIZE: f64 = 7.0;
const LEADING: f64 = 9.0;
const PLOT_HEIGHT: f64 = 165.0;
const LEFT: f64 = 46.0;
const PANEL_GAP: f64 = 22.0;
const MARK_ROW: f64 = 7.5;
/// A bar of no change is drawn so high.
const LEAST_HEIGHT: f64 = 0.8;
// Thinner bars run into each other in print, and a hatching in them cannot be told.
const NARROWEST_BAR: f64 = 0.8;

/// A patient.
#[derive(Debug, Clone, PartialEq)]
pub struct WaterfallBar {
    /// The best change in percent.
    pub change: f64,
    /// Position of the category.
    pub category: Option<usize>,
    /// Which marks the patient has.
    pub marks: Vec<bool>,
}

/// The patients of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct WaterfallPanel {
    /// What stands over them: the group, and what was found in it.
    pub headings: Vec<String>,
    /// The patients, the largest rise first.
    pub bars: Vec<WaterfallBar>,
}

/// A waterfall plot.
#[derive(Debug, Clone, PartialEq)]
pub struct WaterfallPlot {
    /// The groups from the left.
    pub panels: Vec<WaterfallPanel>,
    /// What the categories are of, and they in words.
    pub categories: (String, Vec<String>),
    /// The marks in words.
    pub marks: Vec<String>,
    /// Changes at which a line is drawn.
    pub thresholds: Vec<f64>,
    /// The highest change on the axis; bars beyond it are cut, and their values written.
    pub clip: f64,
    /// What the axis shows.
    pub y_label: String,
    /// The word that marks data that are not observed.
    pub mark: Option<&'static str>,
    /// Width in points.
    pub width: f64,
}

impl WaterfallPlot {
    /// Draws it.
    ///
    /// # Errors
    /// If a letter is missing or the bars do not fit.
    pub fn draw(&self) -> Result<Drawing, DrawError> {
        let places = self.places()?;
        let texts = self.panels.iter().zip(&places).map(|(panel, (left, right))| {
            let beyond = self.beyond(panel);
            let lines = panel.headings.iter().chain(&beyond);
            let lines = lines.enumerate().map(|(place, line)| {
                let face = if place == 0 { Face::SemiBold } else { Face::Regular };
                // A group of few patients is narrower than its words, which may reach into the gap.
                Ok(wrap(line, face, SIZE, (right - left).max(60.0))?
                    .into_iter()
                    .map(|line| (face, line))
                    .collect::<Vec<_>>())
            });
            Ok(lines.collect::<Result<Vec<_>, DrawError>>()?.concat())
        });
        let texts = texts.collect::<Result<Vec<_>, DrawError>>()?;
        let lines = texts.iter().map(Vec::len).max().unwrap_or(0) as f64;
        let above = if self.mark.is_some() { 14.0 } else { 4.0 };
        let top = above + lines * LEADING + 6.0;
        let bottom = top + PLOT_HEIGHT;
        let rows = bottom + 5.0 + self.marks.len() as f64 * MARK_ROW;
        let legend = self.legend();
        let room = self.width - 4.0;
        let height = rows + 4.0 + legend::height(&legend, room)? + 2.0;
        let mut canvas = Canvas::new(self.width, height);
        canvas.mark(self.mark);
        for ((left, _), own) in places.iter().zip(&texts) {
            for (place, (face, line)) in own.iter().enumerate() {
                let lettering = Lettering { face: *face, ..Lettering::plain(SIZE) };
                canvas.text((*left, above + 7.0 + place as f64 * LEADING), line, &lettering);
            }
        }
        // 24 points at the right hold the labels of the thresholds.
        let whole = Area { left: LEFT, top, right: self.width - 24.0, bottom };
        self.frame(&mut canvas, &whole);
        for (panel, (left, right)) in self.panels.iter().zip(&places) {
            self.panel(&mut canvas, panel, &Area { left: *left, right: *right, ..whole });
        }
        legend::draw(&mut canvas, (2.0, rows + 4.0), room, &legend)?;
        canvas.finish()
    }

    /// From where to where each group stands: as wide as it has patients.
    fn places(&self) -> Result<Vec<(f64, f64)>, DrawError> {
        let gaps = self.panels.len().saturating_sub(1) as f64 * PANEL_GAP;
        let room = self.width - 24.0 - LEFT - 4.0 - gaps;
        let all: usize = self.panels.iter().map(|panel| panel.bars.len().max(1)).sum();
        // One width for all bars: groups are as wide as they have patients. Few patients do not
        // make walls.
        let pitch = (room / all as f64).min(12.0);
        if pitch < NARROWEST_BAR {
            let needed = self.width + (NARROWEST_BAR - pitch) * all as f64;
            let millimetres = |points: f64| points / crate::draw::POINTS_PER_MM;
            return Err(DrawError::TooSmall {
                dimension: "wide",
                found_mm: millimetres(self.width).round() as u32,
                needed_mm: millimetres(needed).ceil() as u32,
            });
        }
        let mut left = LEFT + 4.0;
        let place = |panel: &WaterfallPanel| {
            let right = left + pitch * panel.bars.len().max(1) as f64;
            let place = (left, right);
            left = right + PANEL_GAP;
            place
        };
        Ok(self.panels.iter().map(place).collect())
    }

    fn range(&self) -> super::Axis {
        let changes = self.panels.iter().flat_map(|panel| &panel.bars).map(|bar| bar.change);
        axis(changes, &self.thresholds, self.clip)
    }

    fn height_of(&self, area: &Area, change: f64) -> f64 {
        let range = self.range().range;
        // Cut at the end of the axis, which the strokes through the bar and the heading say.
        let share = (change.min(range.end) - range.start) / (range.end - range.start);
        area.bottom - share * area.height()
    }

    /// The axis with its ticks, the line of no change, and the thresholds.
    fn frame(&self, canvas: &mut Canvas, area: &Area) {
        let pen = Pen::solid(INK, 0.7);
        canvas.line((area.left, area.top), (area.left, area.bottom), &pen);
        for (tick, label) in self.range().ticks {
            let y = self.height_of(area, tick);
            canvas.line((area.left - 3.0, y), (area.left, y), &pen);
            let lettering = Lettering::plain(TICK_SIZE).anchored(Anchor::End);
            canvas.text_centred((area.left - 5.0, y), &label, &lettering);
        }
        let title = Lettering::plain(8.0).anchored(Anchor::Middle);
        canvas.text_upwards((10.0, (area.top + area.bottom) / 2.0), &self.y_label, &title);
        for threshold in &self.thresholds {
            let y = self.height_of(area, *threshold);
            canvas.line((area.left, y), (area.right, y), &threshold_pen());
            // At the right, where no tick is: a threshold often lies between two.
            let label = format!("{}%", signed(*threshold, 0));
            canvas.text_centred((area.right + 2.0, y), &label, &Lettering::plain(6.5));
        }
        let zero = self.height_of(area, 0.0);
        canvas.line((area.left, zero), (area.right, zero), &pen);
    }

    fn panel(&self, canvas: &mut Canvas, panel: &WaterfallPanel, area: &Area) {
        let pitch = area.width() / panel.bars.len().max(1) as f64;
        let gap = (pitch * 0.14).min(1.0);
        let zero = self.height_of(area, 0.0);
        for (place, bar) in panel.bars.iter().enumerate() {
            let left = area.left + place as f64 * pitch;
            let end = self.height_of(area, bar.change);
            let (top, bottom) = (end.min(zero), end.max(zero));
            // A patient without change has a bar of no height, and would seem to be missing.
            let grown = (LEAST_HEIGHT - (bottom - top)).max(0.0) / 2.0;
            let rectangle = Area {
                left: left + gap,
                top: top - grown,
                right: left + pitch - gap,
                bottom: bottom + grown,
            };
            Fill::of_level(bar.category).draw(canvas, &rectangle);
            if bar.change > self.range().range.end {
                cut(canvas, &rectangle);
            }
            let middle = left + pitch / 2.0;
            // Marks stand below the axis in rows of their own, one a property, so that several fit
            // under a thin bar.
            for (row, _) in bar.marks.iter().enumerate().filter(|(_, has)| **has) {
                let y = area.bottom + 6.0 + (row as f64 + 0.2) * MARK_ROW;
                mark_of(row).draw(canvas, (middle, y), (pitch * 0.42).min(2.4));
            }
        }
        if panel.bars.is_empty() {
            let lettering = Lettering::plain(SIZE);
            canvas.text((area.left, zero - 3.0), "nobody", &lettering);
        }
    }

    /// The values of the bars that are cut.
    fn beyond(&self, panel: &WaterfallPanel) -> Option<String> {
        let end = self.range().range.end;
        let cut = panel.bars.iter().filter(|bar| bar.change > end);
        let values: Vec<String> = cut.map(|bar| signed(bar.change, 0)).collect();
        let end = exact(end);
        // Written out, since a cut bar shows only that there is more.
        (!values.is_empty()).then(|| format!("Cut at +{end}%: {}%", values.join(", ")))
    }

    fn legend(&self) -> Legend {
        let (heading, labels) = &self.categories;
        let bars = || self.panels.iter().flat_map(|panel| &panel.bars);
        let has = |category: Option<usize>| bars().any(|bar| bar.category == category);
        let mut levels = Vec::new();
        if !labels.is_empty() {
            levels.push((Sign::Heading, heading.clone()));
            let shown = labels.iter().enumerate().filter(|(place, _)| has(Some(*place)));
            levels
                .extend(shown.map(|(place, label)| {
                    (Sign::Fill(Fill::of_level(Some(place))), label.clone())
                }));
            if has(None) {
                levels.push((Sign::Fill(Fill::of_level(None)), "Unknown".to_owned()));
            }
        }
        let marks = self.marks.iter().enumerate();
        let marks = marks.map(|(place, label)| (Sign::Glyph(mark_of(place)), label.clone()));
        vec![levels, marks.collect()]
    }
}

/// The mark of a property, in ink: colours are those of the categories.
fn mark_of(place: usize) -> Glyph {
    Glyph { colour: INK, ..Glyph::of(place) }
}

/// Two white strokes through the upper end of a bar.
fn cut(canvas: &mut Canvas, bar: &Area) {
    // The usual sign of a broken axis.
    for below in [4.0, 7.0] {
        let (left, right) =
            ((bar.left - 0.8, bar.top + below + 1.5), (bar.right + 0.8, bar.top + below - 1.5));
        canvas.line(left, right, &Pen::solid(crate::draw::Colour(255, 255, 255), 1.4));
    }
}
