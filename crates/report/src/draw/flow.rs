//! A flow diagram in the manner of STROBE and CONSORT: who was screened, who
//! was left out and why, who was analysed, and in which group.

use super::font::{cap_height, width};
use super::{
    Anchor, Area, Canvas, DrawError, Drawing, Face, INK, Lettering, POINTS_PER_MM, Pen, wrap,
};

const SIZE: f64 = 8.0;
const LEADING: f64 = 11.0;
const PADDING: f64 = 8.0;
const GAP: f64 = 24.0;
const ARM_GAP: f64 = 12.0;
const HANGING: f64 = 8.0;

/// A box of the diagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowBox {
    /// Its first line.
    pub heading: String,
    /// What stands under it: a text, and a number at the right edge, which may
    /// be empty.
    pub lines: Vec<(String, String)>,
}

/// A flow diagram.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowPlot {
    /// The first box.
    pub screened: FlowBox,
    /// The box at the side, where anybody could be left out.
    pub excluded: Option<FlowBox>,
    /// The box of those analysed.
    pub analysed: FlowBox,
    /// A second box at the side, below those analysed.
    pub left_out: Option<FlowBox>,
    /// The groups.
    pub arms: Vec<FlowBox>,
    /// The word that marks data that are not observed.
    pub mark: Option<&'static str>,
    /// Width in points.
    pub width: f64,
    /// Height in points; by what it holds where none is given.
    pub height: Option<f64>,
}

/// A box with its texts broken into lines.
struct Set {
    heading: Vec<String>,
    lines: Vec<(Vec<String>, String)>,
    width: f64,
    padding: f64,
    least_height: f64,
}

impl Set {
    fn new(text: &FlowBox, width: f64) -> Result<Self, DrawError> {
        // With many groups boxes are narrow, and words matter more than the room round them.
        let padding = if width < 90.0 { PADDING / 2.0 } else { PADDING };
        let inner = width - 2.0 * padding;
        let mut lines = Vec::new();
        for (words, number) in &text.lines {
            let taken = super::font::width(number, Face::Regular, SIZE)?;
            // Later lines of a reason are indented by `HANGING`, and must not run into its number
            // either.
            let gap = if number.is_empty() { 0.0 } else { 10.0 + HANGING };
            lines.push((wrap(words, Face::Regular, SIZE, inner - taken - gap)?, number.clone()));
        }
        Ok(Self {
            heading: wrap(&text.heading, Face::SemiBold, SIZE, inner)?,
            lines,
            width,
            padding,
            least_height: 0.0,
        })
    }

    fn height(&self) -> f64 {
        self.own_height().max(self.least_height)
    }

    fn own_height(&self) -> f64 {
        let lines: usize = self.lines.iter().map(|(lines, _)| lines.len()).sum();
        let count = (self.heading.len() + lines) as f64;
        // The first line takes its capitals alone. Descenders of the last lie in the padding.
        2.0 * PADDING + cap_height(Face::Regular, SIZE) + (count - 1.0) * LEADING
    }

    /// Draws the box with its upper edge at `top`; the heading is centred where
    /// no line carries a number.
    fn draw(&self, canvas: &mut Canvas, left: f64, top: f64) -> Area {
        let area = Area::at(left, top, self.width, self.height());
        canvas.rectangle(&area, None, Some(&Pen::solid(INK, 0.7)));
        // Reasons with numbers are read down their left edge. A name over `n = 37` is read at its
        // middle.
        let is_list = self.lines.iter().any(|(_, number)| !number.is_empty());
        let (x, anchor) = if is_list {
            (area.left + self.padding, Anchor::Start)
        } else {
            ((area.left + area.right) / 2.0, Anchor::Middle)
        };
        let plain = Lettering::plain(SIZE).anchored(anchor);
        let mut y = top + PADDING + cap_height(Face::Regular, SIZE);
        for line in &self.heading {
            canvas.text((x, y), line, &plain.bold());
            y += LEADING;
        }
        for (lines, number) in &self.lines {
            let right = Lettering::plain(SIZE).anchored(Anchor::End);
            canvas.text((area.right - self.padding, y), number, &right);
            for (place, line) in lines.iter().enumerate() {
                let indent = if is_list && place > 0 { HANGING } else { 0.0 };
                canvas.text((x + indent, y), line, &plain);
                y += LEADING;
            }
        }
        area
    }
}

impl FlowPlot {
    /// Draws it.
    ///
    /// # Errors
    /// If a letter is missing or the figure is too low for what it holds.
    pub fn draw(&self) -> Result<Drawing, DrawError> {
        let mut canvas = Canvas::new(self.width, self.needed_height()?);
        let needed = self.compose(&mut canvas)?;
        let height = match self.height {
            // Half a point is not seen: the last box has three points below it.
            Some(height) if height + 0.5 < needed => {
                return Err(DrawError::TooSmall {
                    dimension: "high",
                    found_mm: (height / POINTS_PER_MM).round() as u32,
                    needed_mm: (needed / POINTS_PER_MM).ceil() as u32,
                });
            }
            Some(height) => height,
            None => needed,
        };
        // Drawn anew at the right height: a canvas cannot be cut once it is made.
        let mut canvas = Canvas::new(self.width, height);
        self.compose(&mut canvas)?;
        canvas.finish()
    }

    fn needed_height(&self) -> Result<f64, DrawError> {
        // Composed to be measured: how high boxes are hangs on how their words wrap.
        // The canvas is as high as needed only by chance: nothing of it is kept.
        self.compose(&mut Canvas::new(self.width, 1000.0))
    }

    fn middle(&self) -> f64 {
        self.width / 2.0
    }

    /// Draws from top to bottom; gives the height it took.
    fn compose(&self, canvas: &mut Canvas) -> Result<f64, DrawError> {
        canvas.mark(self.mark);
        let top = if self.mark.is_some() { 14.0 } else { 2.0 };
        let main = (0.44 * self.width).min(240.0);
        let place = self.middle() - main / 2.0;
        let screened = Set::new(&self.screened, main)?.draw(canvas, place, top);
        let next = self.side(canvas, self.excluded.as_ref(), screened.bottom)?;
        self.arrow(canvas, (self.middle(), screened.bottom), (self.middle(), next));
        let analysed = Set::new(&self.analysed, main)?.draw(canvas, place, next);
        if self.arms.is_empty() {
            return Ok(analysed.bottom + 3.0);
        }
        let next = self.side(canvas, self.left_out.as_ref(), analysed.bottom)?;
        self.arms(canvas, analysed.bottom, next)
    }

    /// Draws a box at the side of the line that leaves `top`; gives where the
    /// next box of the middle begins.
    fn side(
        &self,
        canvas: &mut Canvas,
        text: Option<&FlowBox>,
        top: f64,
    ) -> Result<f64, DrawError> {
        let Some(text) = text else { return Ok(top + GAP) };
        let left = self.middle() + 22.0;
        let set = Set::new(text, self.width - 2.0 - left)?;
        let area = set.draw(canvas, left, top + GAP / 2.0);
        let level = (area.top + area.bottom) / 2.0;
        self.arrow(canvas, (self.middle(), level), (left, level));
        Ok(area.bottom + GAP / 2.0)
    }

    fn arms(&self, canvas: &mut Canvas, top: f64, next: f64) -> Result<f64, DrawError> {
        let count = self.arms.len() as f64;
        let room = (self.width - 4.0 - (count - 1.0) * ARM_GAP) / count;
        let each = room.min(175.0).max(self.narrowest()?);
        let spread = count * each + (count - 1.0) * ARM_GAP;
        if spread > self.width {
            return Err(DrawError::TooSmall {
                dimension: "wide",
                found_mm: (self.width / POINTS_PER_MM).round() as u32,
                needed_mm: (spread / POINTS_PER_MM).ceil() as u32,
            });
        }
        // With a box at the side the line to the groups passes it first. Without one it branches
        // half a gap earlier, and the figure is as compact as it can be.
        let level = if self.left_out.is_some() { next } else { next - GAP / 2.0 };
        let pen = Pen::solid(INK, 0.7);
        let first = self.middle() - spread / 2.0;
        let centre = |arm: usize| first + each / 2.0 + arm as f64 * (each + ARM_GAP);
        canvas.line((self.middle(), top), (self.middle(), level), &pen);
        canvas.line((centre(0), level), (centre(self.arms.len() - 1), level), &pen);
        let upper = level + GAP / 2.0 + 2.0;
        let boxes = self.arms.iter().map(|arm| Set::new(arm, each));
        let boxes = boxes.collect::<Result<Vec<Set>, DrawError>>()?;
        // Equally high, or a group with a long name would look more important.
        let least_height = boxes.iter().map(Set::own_height).fold(0.0, f64::max);
        for (place, arm) in boxes.into_iter().enumerate() {
            self.arrow(canvas, (centre(place), level), (centre(place), upper));
            let arm = Set { least_height, ..arm };
            arm.draw(canvas, centre(place) - each / 2.0, upper);
        }
        Ok(upper + least_height + 3.0)
    }

    /// Room for the longest number with its frame.
    fn narrowest(&self) -> Result<f64, DrawError> {
        Ok(width("n = 9999", Face::Regular, SIZE)? + 2.0 * PADDING)
    }

    fn arrow(&self, canvas: &mut Canvas, from: (f64, f64), to: (f64, f64)) {
        const HEAD: f64 = 4.0;
        // Arrows run straight down or to the right. Both ends of one down have the same x to the
        // bit, as both are `middle` or `centre` of one arm.
        let down = from.0 == to.0;
        let neck = if down { (to.0, to.1 - HEAD) } else { (to.0 - HEAD, to.1) };
        // To the neck and not to the tip, which the end of the line would blunt.
        canvas.line(from, neck, &Pen::solid(INK, 0.7));
        let half = HEAD * 0.55;
        let wings = if down {
            [(to.0 - half, neck.1), (to.0 + half, neck.1)]
        } else {
            [(neck.0, to.1 - half), (neck.0, to.1 + half)]
        };
        canvas.polygon(&[to, wings[0], wings[1]], INK, 1.0);
    }
}

#[cfg(test)]
mod tests;
