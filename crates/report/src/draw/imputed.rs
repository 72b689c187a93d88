//! Known values beside those that were imputed: of numbers a box from quartile
//! to quartile with whiskers to the outer quantiles, of categories the shares.

use super::font::width;
use super::{
    Anchor, Area, Canvas, DrawError, Drawing, Face, Fill, Hatching, INK, Lettering, MUTED, PALE,
    Pen, wrap,
};
use crate::format::{axis_number, percent};

const SIZE: f64 = 7.0;
const LEADING: f64 = 8.6;
const ROW: f64 = 15.0;
const LABELS: f64 = 130.0;
const KINDS: f64 = 84.0;
const BETWEEN: f64 = 16.0;

/// Known and imputed values: in greys, as colours are those of groups.
const FILLS: [Fill; 2] = [
    Fill { colour: MUTED, hatching: Hatching::Tinted },
    Fill { colour: INK, hatching: Hatching::Rising },
];

/// What is drawn of the known or the imputed values of a variable.
#[derive(Debug, Clone, PartialEq)]
pub struct ImputedRow {
    /// Known or imputed, and how many.
    pub label: String,
    /// The quantiles from the lowest, the median in the middle; or one share.
    pub values: Vec<f64>,
    /// They in words.
    pub text: String,
}

/// A variable, or a level of one.
#[derive(Debug, Clone, PartialEq)]
pub struct ImputedBlock {
    /// It in words.
    pub label: String,
    /// The known values above the imputed ones.
    pub rows: Vec<ImputedRow>,
    /// Whether the values are shares, whose axis runs from 0 to 1.
    pub is_share: bool,
    /// Whether the variable has whole numbers alone: then its ticks are such.
    pub is_whole: bool,
}

/// A plot of known and imputed values.
#[derive(Debug, Clone, PartialEq)]
pub struct ImputedPlot {
    /// The variables from above.
    pub blocks: Vec<ImputedBlock>,
    /// The word that marks data that are not observed.
    pub mark: Option<&'static str>,
    /// Width in points.
    pub width: f64,
}

impl ImputedPlot {
    /// Draws it.
    ///
    /// # Errors
    /// If a letter is missing.
    pub fn draw(&self) -> Result<Drawing, DrawError> {
        let top = if self.mark.is_some() { 16.0 } else { 6.0 };
        let labels = self.blocks.iter().map(|own| wrap(&own.label, Face::SemiBold, SIZE, LABELS));
        let labels = labels.collect::<Result<Vec<_>, DrawError>>()?;
        let heights: Vec<f64> = (self.blocks.iter().zip(&labels))
            .map(|(own, lines)| {
                let rows = own.rows.len() as f64 * ROW;
                rows.max(lines.len() as f64 * LEADING) + BETWEEN + 6.0
            })
            .collect();
        let mut canvas = Canvas::new(self.width, top + heights.iter().sum::<f64>() + 2.0);
        canvas.mark(self.mark);
        let texts = self.blocks.iter().flat_map(|own| &own.rows).map(|row| row.text.as_str());
        let texts = texts.map(|text| width(text, Face::Regular, SIZE));
        // One width for all blocks, so that their axes are equally long.
        let numbers = texts.collect::<Result<Vec<_>, _>>()?.into_iter().fold(0.0, f64::max) + 18.0;
        let mut y = top;
        for (place, (block, lines)) in self.blocks.iter().zip(&labels).enumerate() {
            let area =
                Area { left: 2.0, right: self.width - 2.0, top: y, bottom: y + heights[place] };
            if place.is_multiple_of(2) {
                canvas.rectangle(&area, Some(PALE), None);
            }
            block.draw(&mut canvas, lines, (&area, numbers));
            y += heights[place];
        }
        canvas.finish()
    }
}

impl ImputedBlock {
    fn draw(&self, canvas: &mut Canvas, lines: &[String], (area, numbers): (&Area, f64)) {
        let top = area.top + 5.0;
        for (place, line) in lines.iter().enumerate() {
            let middle = top + ROW / 2.0 + place as f64 * LEADING;
            canvas.text_centred((area.left + 4.0, middle), line, &Lettering::plain(SIZE).bold());
        }
        let left = area.left + 4.0 + LABELS + KINDS;
        let panel = Area {
            left,
            right: area.right - numbers,
            top,
            bottom: top + self.rows.len() as f64 * ROW,
        };
        let (from, to, ticks) = self.axis();
        let x = |value: f64| panel.left + (value - from) / (to - from) * panel.width();
        let pen = Pen::solid(INK, 0.6);
        canvas.line((panel.left, panel.bottom), (panel.right, panel.bottom), &pen);
        for tick in ticks {
            canvas.line((x(tick), panel.bottom), (x(tick), panel.bottom + 2.5), &pen);
            let lettering = Lettering::plain(6.5).anchored(Anchor::Middle);
            let text = if self.is_share { percent(tick) } else { axis_number(tick) };
            canvas.text((x(tick), panel.bottom + 9.5), &text, &lettering);
        }
        for (place, row) in self.rows.iter().enumerate() {
            let middle = top + (place as f64 + 0.5) * ROW;
            let lettering = Lettering::plain(SIZE);
            canvas.text_centred((area.left + 4.0 + LABELS, middle), &row.label, &lettering);
            let text = lettering.coloured(MUTED);
            canvas.text_centred((area.right - numbers + 8.0, middle), &row.text, &text);
            row.draw(canvas, place, middle, &x);
        }
    }

    /// From where to where the axis runs, and its ticks.
    fn axis(&self) -> (f64, f64, Vec<f64>) {
        if self.is_share {
            // From none to all, always: 31% beside 40% must not fill a whole axis.
            return (0.0, 1.0, vec![0.0, 0.25, 0.5, 0.75, 1.0]);
        }
        let values = || self.rows.iter().flat_map(|row| row.values.iter().copied());
        let (low, high) =
            (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        // All values are one, or there are none before a run. An axis needs a length all the same.
        if !(low.is_finite() && high > low) {
            let low = if low.is_finite() { low } else { 0.0 };
            return (low - 1.0, low + 1.0, vec![low]);
        }
        let least = if self.is_whole { 1.0 } else { 0.0 };
        let step = f64::max(step(high - low), least);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let ticks = (0..=(last - first) as usize).map(|place| (first + place as f64) * step);
        (first * step, last * step, ticks.collect())
    }
}

impl ImputedRow {
    fn draw(&self, canvas: &mut Canvas, place: usize, middle: f64, x: &dyn Fn(f64) -> f64) {
        let fill = FILLS[place % FILLS.len()];
        let bar = |from: f64, to: f64| Area {
            left: x(from),
            right: x(to),
            top: middle - 4.0,
            bottom: middle + 4.0,
        };
        match self.values.as_slice() {
            [share] => fill.draw(canvas, &bar(0.0, *share)),
            [lowest, lower, median, upper, highest] => {
                let pen = Pen::solid(INK, 0.8);
                canvas.line((x(*lowest), middle), (x(*highest), middle), &pen);
                fill.draw(canvas, &bar(*lower, *upper));
                for end in [lowest, highest] {
                    canvas.line((x(*end), middle - 2.5), (x(*end), middle + 2.5), &pen);
                }
                let pen = Pen::solid(INK, 1.6);
                canvas.line((x(*median), middle - 4.0), (x(*median), middle + 4.0), &pen);
            }
            // A kept back or unknown row has no values, and nothing is drawn.
            _ => {}
        }
    }
}

/// The distance of ticks on an axis so long: 1, 2 or 5 with noughts, such that
/// there are no more than seven.
fn step(length: f64) -> f64 {
    let mut power = 1.0;
    // By multiplication: logarithms of the platform differ in the last bit, and a tick would appear
    // or go.
    while power * 10.0 < length {
        power *= 10.0;
    }
    while power > length {
        power /= 10.0;
    }
    let steps = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0].map(|step| step * power);
    steps.into_iter().find(|step| length / step <= 5.0).unwrap_or(power)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::POINTS_PER_MM;
    use crate::sample::assert_sound;

    #[test]
    fn boxes_and_shares_stand_on_axes() {
        let row = |label: &str, values: &[f64]| ImputedRow {
            label: label.into(),
            values: values.into(),
            text: "22264.0 (20026.0–24342.0)".into(),
        };
        let plot = ImputedPlot {
            blocks: vec![
                ImputedBlock {
                    label: "Albumin, g/L".into(),
                    rows: vec![
                        row("Known, n = 109", &[29.0, 34.0, 37.0, 40.0, 44.0]),
                        // As the kind makes them: five quantiles of a number, one share of a level.
                        row("Imputed, n = 4", &[30.0, 33.5, 36.0, 39.0, 43.0]),
                    ],
                    is_share: false,
                    is_whole: true,
                },
                ImputedBlock {
                    label: "p16: positive, of all whose status was known at the first dose".into(),
                    rows: vec![row("Known, n = 101", &[0.31]), row("Imputed, n = 12", &[0.4])],
                    is_share: true,
                    is_whole: false,
                },
            ],
            mark: Some("SIMULATED"),
            width: 183.0 * POINTS_PER_MM,
        };
        assert_sound("imputed", &plot.draw().expect("draws"));
    }

    #[test]
    fn whole_numbers_have_whole_ticks() {
        let of = |is_whole: bool| {
            let row = ImputedRow {
                label: "Known".into(),
                values: vec![0.0, 0.0, 1.0, 1.0, 2.0],
                text: "1 (0–1)".into(),
            };
            let label = "Grade".to_owned();
            ImputedBlock { label, rows: vec![row], is_share: false, is_whole }.axis().2
        };
        assert_eq!(of(true), [0.0, 1.0, 2.0]);
        assert_eq!(of(false), [0.0, 0.5, 1.0, 1.5, 2.0]);
    }

    #[test]
    fn an_axis_has_few_round_ticks() {
        for (length, expected) in
            [(15.0, 5.0), (4.0, 1.0), (0.03, 0.01), (9131.0, 2000.0), (1.0, 0.2)]
        {
            assert!((step(length) / expected - 1.0).abs() < 1e-12, "{length}: {}", step(length));
        }
    }
}
