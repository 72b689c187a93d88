//! Histograms side by side, each with a range above it and a value marked in it.

use std::cell::RefCell;
use std::rc::Rc;

use super::chart::{Axis, Chart};
use super::{
    Anchor, Area, Canvas, Colour, DrawError, Drawing, INK, Lettering, MUTED, PALETTE, Pen,
};
use crate::format::axis_number;

const COLUMNS: usize = 3;
const ROW_HEIGHT: f64 = 136.0;
const PLOT_TOP: f64 = 46.0;
const PLOT_HEIGHT: f64 = 56.0;
const LEFT: f64 = 31.0;
const RIGHT: f64 = 10.0;
const KEY_HEIGHT: f64 = 16.0;
const TITLE_SIZE: f64 = 8.0;
const TEXT_SIZE: f64 = 6.5;

/// One histogram.
#[derive(Debug, Clone)]
pub struct HistogramPanel {
    /// What is counted.
    pub title: String,
    /// Lines under the title, two at most.
    pub text: Vec<String>,
    /// What the axis shows.
    pub x_label: String,
    /// Edges of the bins, in the unit of the axis.
    pub edges: Vec<f64>,
    /// The count of each bin.
    pub counts: Vec<u64>,
    /// Bins between these are the central ones.
    pub central: Option<[f64; 2]>,
    /// The range above the bins.
    pub range: Option<[f64; 2]>,
    /// The value that is marked.
    pub marked: Option<f64>,
    /// Whether all values are one but for rounding, so that a spike is drawn.
    pub is_pinned: bool,
}

/// Histograms with their key.
#[derive(Debug, Clone)]
pub struct HistogramPlot {
    /// From left to right and from top to bottom.
    pub panels: Vec<HistogramPanel>,
    /// What the key calls central bins, the others, the range, the marked value
    /// and spikes.
    pub key: [String; 5],
    /// The word that marks data that are not observed.
    pub mark: Option<&'static str>,
    /// Width in points.
    pub width: f64,
}

const OUTER: Colour = PALETTE[4];
const CENTRAL: Colour = PALETTE[1];
const MARKED: Colour = PALETTE[0];
const PINNED: Colour = Colour(0x4d, 0x4d, 0x4d);
const DASH: &[f64] = &[3.0, 1.8];

impl HistogramPlot {
    /// Draws it.
    ///
    /// # Errors
    /// If a letter is missing.
    pub fn draw(&self) -> Result<Drawing, DrawError> {
        let rows = self.panels.len().div_ceil(COLUMNS);
        let height = 10.0 + ROW_HEIGHT * rows as f64 + KEY_HEIGHT;
        let canvas = Rc::new(RefCell::new(Canvas::new(self.width, height)));
        canvas.borrow_mut().mark(self.mark);
        let width = self.width / COLUMNS as f64;
        for (place, panel) in self.panels.iter().enumerate() {
            let left = width * (place % COLUMNS) as f64;
            let top = 10.0 + ROW_HEIGHT * (place / COLUMNS) as f64;
            panel.draw(&canvas, &Area::at(left, top, width, ROW_HEIGHT), letter(place))?;
        }
        self.draw_key(&mut canvas.borrow_mut(), height - 6.0)?;
        let drawn = canvas.borrow().clone();
        drawn.finish()
    }

    fn draw_key(&self, canvas: &mut Canvas, baseline: f64) -> Result<(), DrawError> {
        let lettering = Lettering::plain(TEXT_SIZE);
        let mut x = 4.0;
        let has = |needed: fn(&HistogramPanel) -> bool| self.panels.iter().any(needed);
        let is_shown = [
            has(|panel| !panel.is_pinned),
            has(|panel| !panel.is_pinned),
            has(|panel| panel.range.is_some()),
            has(|panel| panel.marked.is_some()),
            has(|panel| panel.is_pinned),
        ];
        for (place, text) in self.key.iter().enumerate().filter(|(place, _)| is_shown[*place]) {
            let middle = baseline - 2.4;
            match place {
                2 => range_line(canvas, (x, x + 14.0), middle),
                3 => marked_line(canvas, x + 7.0, (middle - 5.0, middle + 5.0)),
                _ => {
                    let fill = [CENTRAL, OUTER, INK, INK, PINNED][place];
                    let box_ = Area::at(x + 3.0, middle - 3.5, 8.0, 7.0);
                    canvas.rectangle(&box_, Some(fill), Some(&Pen::solid(INK, 0.3)));
                }
            }
            canvas.text((x + 17.0, baseline), text, &lettering);
            x += 17.0 + super::width(text, lettering.face, lettering.size)? + 12.0;
        }
        Ok(())
    }
}

fn letter(place: usize) -> char {
    char::from(b'A' + (place % 26) as u8)
}

fn range_line(canvas: &mut Canvas, (from, to): (f64, f64), y: f64) {
    let pen = Pen::solid(INK, 1.0);
    canvas.line((from, y), (to, y), &pen);
    for x in [from, to] {
        canvas.line((x, y - 2.5), (x, y + 2.5), &pen);
    }
}

fn marked_line(canvas: &mut Canvas, x: f64, (top, bottom): (f64, f64)) {
    let pen = Pen { dash: DASH, ..Pen::solid(MARKED, 1.3) };
    canvas.line((x, top), (x, bottom), &pen);
    let tip = [(x - 2.6, top - 2.2), (x + 2.6, top - 2.2), (x, top + 2.2)];
    canvas.polygon(&tip, MARKED, 1.0);
}

impl HistogramPanel {
    fn draw(
        &self,
        canvas: &Rc<RefCell<Canvas>>,
        area: &Area,
        letter: char,
    ) -> Result<(), DrawError> {
        let bold = Lettering::plain(TITLE_SIZE).bold();
        let small = Lettering::plain(TEXT_SIZE).coloured(MUTED);
        {
            let mut canvas = canvas.borrow_mut();
            canvas.text(
                (area.left + 4.0, area.top + 10.0),
                &format!("{letter}  {}", self.title),
                &bold,
            );
            for (place, line) in self.text.iter().enumerate() {
                let baseline = area.top + 19.5 + 8.5 * place as f64;
                canvas.text((area.left + 4.0, baseline), line, &small);
            }
        }
        let plot = Area::at(
            area.left + LEFT,
            area.top + PLOT_TOP,
            area.width() - LEFT - RIGHT,
            PLOT_HEIGHT,
        );
        let bins = self.bins();
        let most = bins.iter().map(|(count, _)| *count).max().unwrap_or_default().max(1);
        let y = Axis {
            // The tallest bar must not lie on the range that is drawn above the plane.
            range: 0.0..most as f64 * 1.02,
            // Counts of cohorts mean nothing in themselves. The largest shows how finely the shape
            // is known.
            ticks: [0, most].map(|count| (count as f64, count.to_string())).to_vec(),
        };
        let x = self.x_axis();
        let chart = Chart::new(canvas, &plot, &x, Some(&y))?;
        let mut canvas = canvas.borrow_mut();
        for bin in bins {
            self.bin(&mut canvas, &chart, &x, bin);
        }
        let at = |value: f64| chart.place((value, 0.0)).0;
        if let Some([least, greatest]) = self.range {
            range_line(&mut canvas, (at(least), at(greatest)), plot.top - 6.0);
        }
        if let Some(marked) = self.marked {
            marked_line(&mut canvas, at(marked), (plot.top - 2.0, plot.bottom));
        }
        let middle = Lettering::plain(7.0).anchored(Anchor::Middle);
        canvas.text((0.5 * (plot.left + plot.right), plot.bottom + 23.0), &self.x_label, &middle);
        Ok(())
    }

    /// Counts with their edges; of pinned values all in one.
    pub(crate) fn bins(&self) -> Vec<(u64, [f64; 2])> {
        let ends = self.edges.first().zip(self.edges.last());
        match (self.is_pinned, ends) {
            // Bins of rounding errors would look like a spread. All values together are one spike.
            (true, Some((first, last))) => vec![(self.counts.iter().sum(), [*first, *last])],
            _ => {
                let edges = self.edges.windows(2).map(|edges| [edges[0], edges[1]]);
                self.counts.iter().copied().zip(edges).collect()
            }
        }
    }

    /// Whether a bin is one of the central ones.
    pub(crate) fn is_central(&self, edges: [f64; 2]) -> bool {
        // A bin through which a percentile runs is one of them, so that the central ones hold at
        // least the share that the key says.
        self.central.is_some_and(|[from, to]| from <= edges[1] && edges[0] <= to)
    }

    fn bin(&self, canvas: &mut Canvas, chart: &Chart, x: &Axis, (count, edges): (u64, [f64; 2])) {
        if count == 0 {
            return;
        }
        let centre = 0.5 * (edges[0] + edges[1]);
        // A spike of rounding errors is narrower than any line.
        let least_width = 0.012 * (x.range.end - x.range.start);
        let half = (0.5 * (edges[1] - edges[0])).max(least_width);
        let (left, top) = chart.place((centre - half, count as f64));
        let (right, bottom) = chart.place((centre + half, 0.0));
        let fill = match (self.is_pinned, self.is_central(edges)) {
            (true, _) => PINNED,
            (false, true) => CENTRAL,
            (false, false) => OUTER,
        };
        let bar = Area { left, top, right, bottom };
        canvas.rectangle(&bar, Some(fill), Some(&Pen::solid(INK, 0.25)));
    }

    fn x_axis(&self) -> Axis {
        let all = self.edges.iter().chain(self.range.iter().flatten()).chain(&self.marked);
        let least = all.clone().copied().fold(f64::INFINITY, f64::min);
        let greatest = all.copied().fold(f64::NEG_INFINITY, f64::max);
        // Nothing to draw leaves infinite ends.
        let (least, greatest) = if least <= greatest { (least, greatest) } else { (0.0, 1.0) };
        let room = match self.is_pinned {
            // A spike has no width that room could be a share of. A quarter of its value gives
            // ticks by which it can be read.
            true => 0.25 * greatest.abs().max(least.abs()),
            false => 0.04 * (greatest - least),
        };
        let room = if room > 0.0 { room } else { 0.5 };
        let range = least - room..greatest + room;
        let ticks = ticks(&range).into_iter().map(|tick| (tick, axis_number(tick))).collect();
        Axis { range, ticks }
    }
}

/// Some round numbers within a range: three to six.
fn ticks(range: &std::ops::Range<f64>) -> Vec<f64> {
    let width = range.end - range.start;
    let power = libm::pow(10.0, libm::floor(libm::log10(width)));
    // The power may be as much as ten times below the width: steps begin a power lower and end
    // within it.
    let steps = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0].map(|step| step * power);
    let count = |step: f64| (range.end / step).floor() - (range.start / step).ceil() + 1.0;
    // small numbers have long labels
    let most = if range.end < 0.05 { 3.0 } else { 5.0 };
    let step = steps.into_iter().find(|step| count(*step) <= most).unwrap_or(10.0 * power);
    let (first, last) = ((range.start / step).ceil() as i64, (range.end / step).floor() as i64);
    // 3 times 0.1 is not 0.3 in doubles, and would be printed with all its digits.
    (first..=last).map(|place| (place as f64 * step * 1e9).round() / 1e9).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel() -> HistogramPanel {
        HistogramPanel {
            title: "Hazard ratio".to_owned(),
            text: ["in 90% 0.38 to 0.41", "searched 0.35 to 0.44"].map(str::to_owned).to_vec(),
            x_label: "Hazard ratio".to_owned(),
            edges: vec![0.36, 0.38, 0.40, 0.42],
            counts: vec![2, 9, 1],
            central: Some([0.38, 0.40]),
            range: Some([0.35, 0.44]),
            marked: Some(0.39),
            is_pinned: false,
        }
    }

    fn plot(panels: Vec<HistogramPanel>) -> HistogramPlot {
        let key = ["central", "others", "searched", "own", "published"].map(str::to_owned);
        HistogramPlot { panels, key, mark: Some("SIMULATED"), width: 518.0 }
    }

    #[test]
    fn texts_stay_on_the_page_and_apart() {
        let pinned = HistogramPanel {
            // A bin without width, as a number that all cohorts share exactly has it.
            edges: vec![20.0, 20.0],
            counts: vec![12],
            range: None,
            marked: None,
            is_pinned: true,
            ..panel()
        };
        let drawing = plot(vec![panel(), pinned, panel(), panel()]).draw().expect("draws");
        let page = Area::at(0.0, 0.0, drawing.picture.width, drawing.picture.height);
        for (place, text) in drawing.texts.iter().enumerate() {
            assert!(page.contains(&text.area), "{} leaves the page", text.text);
            for other in &drawing.texts[place + 1..] {
                assert!(!text.area.overlaps(&other.area), "{} on {}", text.text, other.text);
            }
        }
        let says = |text: &str| drawing.texts.iter().any(|own| own.text == text);
        assert!(says("published") && says("searched") && says("SIMULATED DATA"));
    }

    #[test]
    fn a_key_names_only_what_is_drawn() {
        let bare = HistogramPanel { range: None, marked: None, ..panel() };
        let drawing = plot(vec![bare]).draw().expect("draws");
        assert!(drawing.texts.iter().all(|text| text.text != "searched" && text.text != "own"));
    }

    #[test]
    fn ticks_are_few_and_round() {
        for (range, expected) in [
            (0.35..0.44, vec![0.36, 0.38, 0.4, 0.42, 0.44]),
            (15.0..25.0, vec![16.0, 18.0, 20.0, 22.0, 24.0]),
            (-0.02..0.41, vec![0.0, 0.1, 0.2, 0.3, 0.4]),
            // Three ticks at most, for their labels are long.
            (0.000_7..0.001_3, vec![0.000_8, 0.001, 0.001_2]),
        ] {
            let found = ticks(&range);
            let known = expected.iter().filter(|tick| range.contains(tick));
            assert_eq!(
                found.iter().filter(|tick| range.contains(tick)).collect::<Vec<_>>(),
                known.collect::<Vec<_>>()
            );
        }
    }
}
