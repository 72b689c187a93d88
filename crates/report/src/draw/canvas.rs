//! A canvas: shapes and letters as SVG elements, each text with the place it
//! takes, so that clipping and overlaps can be found.

use std::fmt::Write as _;

use super::drawing::{Drawing, TextBox};
use super::fallback::{advance, outline};
use super::font::{cap_height, runs, width};
use super::svg::{decimal, escape};
use super::{Anchor, Area, Colour, DrawError, Face, Lettering, POINTS_PER_MM, Pen};

/// Width of the white line round letters that have a halo, half of it outside them.
const HALO: f64 = 2.4;

/// How far a text may run over a side before it is cut off: letters have a little room of their own.
const CUT_OFF: f64 = 0.5;

/// Begins the mark of a drawing.
const MARKED: &str = r#"<g class="mark">"#;
/// Where the mark stands.
const MARK_BASELINE: f64 = 7.0;
/// What the mark of a drawing takes at its upper end.
const MARK_LINE: f64 = 9.0;

/// A drawing without its mark; none where it has none.
fn unmarked(picture: &study::Drawing) -> Option<study::Drawing> {
    let (before, rest) = picture.elements.split_once(MARKED)?;
    let (_, after) = rest.split_once("</g>\n").or_else(|| rest.split_once("</g>"))?;
    Some(study::Drawing { elements: format!("{before}{after}"), ..picture.clone() })
}

/// The height of a drawing that is a part of another, as [`Canvas::part`] draws it.
pub(super) fn height_as_part(picture: &study::Drawing) -> f64 {
    let marked = picture.elements.contains(MARKED);
    picture.height - if marked { MARK_LINE } else { 0.0 }
}

/// What has been drawn so far.
#[derive(Debug, Clone)]
pub struct Canvas {
    width: f64,
    height: f64,
    body: String,
    texts: Vec<TextBox>,
    fault: Option<DrawError>,
    /// Dashes and opacity of the lines that a chart draws.
    pub(super) chart_pen: Option<Pen>,
}

impl Canvas {
    /// An empty canvas, in points.
    #[must_use]
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new(), texts: Vec::new(), fault: None, chart_pen: None }
    }

    /// Width and height.
    #[must_use]
    pub fn size(&self) -> (f64, f64) {
        (self.width, self.height)
    }

    /// Sets a text with its anchor at `(x, baseline)`. A letter that the font
    /// lacks is kept as the drawing's fault.
    pub fn text(&mut self, (x, baseline): (f64, f64), text: &str, lettering: &Lettering) {
        // A letter that is missing fails the drawing when it is finished: then all of it was
        // measured, and the first fault is told.
        let Some(length) = self.measure(text, lettering) else { return };
        let left = x - shift(length, lettering.anchor);
        let height = cap_height(lettering.face, lettering.size);
        let area = Area::at(left, baseline - height, length, height);
        self.texts.push(TextBox { text: text.to_owned(), area });
        if self.outlined(("1 0 0 1", ""), (x, baseline), text, lettering) {
            return;
        }
        let place = format!(r#"x="{}" y="{}""#, decimal(x), decimal(baseline));
        self.letters(&place, text, lettering);
    }

    /// Sets a text with a white halo, so that it can be read on a band.
    pub fn haloed_text(&mut self, (x, baseline): (f64, f64), text: &str, lettering: &Lettering) {
        let (place, white) = ((x, baseline), lettering.coloured(Colour(255, 255, 255)));
        let halo = format!(
            r##" stroke="#ffffff" stroke-width="{}" stroke-linejoin="round""##,
            decimal(HALO)
        );
        if !self.outlined(("1 0 0 1", &halo), place, text, &white) {
            let place = format!(r#"x="{}" y="{}"{halo}"#, decimal(x), decimal(baseline));
            self.letters(&place, text, &white);
        }
        // The halo first, and the letters over it. SVG could paint both at once by `paint-order`,
        // which not every reader knows.
        self.text(place, text, lettering);
    }

    /// Sets a text whose capitals are centred on `middle`.
    pub fn text_centred(&mut self, (x, middle): (f64, f64), text: &str, lettering: &Lettering) {
        let baseline = middle + cap_height(lettering.face, lettering.size) / 2.0;
        self.text((x, baseline), text, lettering);
    }

    /// Sets a text from below upwards, its baseline at `x`.
    pub fn text_upwards(&mut self, (x, y): (f64, f64), text: &str, lettering: &Lettering) {
        let Some(length) = self.measure(text, lettering) else { return };
        let height = cap_height(lettering.face, lettering.size);
        let bottom = y + shift(length, lettering.anchor);
        let area = Area { left: x - height, top: bottom - length, right: x, bottom };
        self.texts.push(TextBox { text: text.to_owned(), area });
        if self.outlined(("0 -1 1 0", ""), (x, y), text, lettering) {
            return;
        }
        // a matrix of whole numbers: a rotation by degrees would pass through the sine
        let place = format!(r#"transform="matrix(0 -1 1 0 {} {})""#, decimal(x), decimal(y));
        self.letters(&place, text, lettering);
    }

    /// Sets a text of which the bundled font lacks letters, those as outlines
    /// and the others in their places between, all with the attributes `how`;
    /// false where it has them all.
    fn outlined(
        &mut self,
        (turn, how): (&str, &str),
        (x, y): (f64, f64),
        text: &str,
        lettering: &Lettering,
    ) -> bool {
        let runs = runs(text, lettering.face);
        if runs.iter().all(|(is_own, _)| *is_own) {
            return false;
        }
        let length = |text: &str| width(text, lettering.face, lettering.size).unwrap_or_default();
        let mut left = -shift(length(text), lettering.anchor);
        let (x, y) = (decimal(x), decimal(y));
        self.element(format_args!(r#"<g transform="matrix({turn} {x} {y})"{how}>"#));
        let from_here = Lettering { anchor: Anchor::Start, ..*lettering };
        for (is_own, run) in runs {
            if is_own {
                // Blanks at the ends of a run would be dropped, and the letters behind it shift.
                let place = format!(r#"x="{}" y="0" xml:space="preserve""#, decimal(left));
                self.letters(&place, run, &from_here);
            } else {
                let mut way = String::new();
                let mut at = left;
                for letter in run.chars() {
                    way += &outline(letter, at, lettering.size).unwrap_or_default();
                    at += advance(letter).unwrap_or_default() * lettering.size;
                }
                self.element(format_args!(
                    r#"<path d="{way}" fill="{}"/>"#,
                    lettering.colour.css()
                ));
            }
            left += length(run);
        }
        self.element(format_args!("</g>"));
        true
    }

    fn measure(&mut self, text: &str, lettering: &Lettering) -> Option<f64> {
        match width(text, lettering.face, lettering.size) {
            Ok(length) => Some(length),
            Err(fault) => {
                // The first fault alone: those behind it are mostly of the same text.
                self.fault.get_or_insert(fault);
                None
            }
        }
    }

    fn letters(&mut self, place: &str, text: &str, lettering: &Lettering) {
        let anchor = match lettering.anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let face = match lettering.face {
            Face::Regular => "",
            Face::SemiBold => r#" font-weight="600""#,
            Face::Italic => r#" font-style="italic""#,
        };
        self.element(format_args!(
            r#"<text {place} font-size="{}" fill="{}"{anchor}{face}>{}</text>"#,
            decimal(lettering.size),
            lettering.colour.css(),
            escape(text)
        ));
    }

    /// A line from one point to another.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), pen: &Pen) {
        self.path(&[from, to], pen);
    }

    /// An open path.
    pub fn path(&mut self, points: &[(f64, f64)], pen: &Pen) {
        let way = way(points);
        self.element(format_args!(r#"<path d="{way}" fill="none" {}/>"#, stroke(pen)));
    }

    /// Several lines of one look.
    pub fn lines(&mut self, lines: &[[(f64, f64); 2]], pen: &Pen) {
        let way: String = lines.iter().map(|line| way(line)).collect();
        self.element(format_args!(r#"<path d="{way}" fill="none" {}/>"#, stroke(pen)));
    }

    /// A filled shape.
    pub fn polygon(&mut self, points: &[(f64, f64)], fill: Colour, opacity: f64) {
        let way = way(points);
        self.element(format_args!(r#"<path d="{way}Z" {}/>"#, filling(fill, opacity)));
    }

    /// A rectangle, filled, outlined, or both.
    pub fn rectangle(&mut self, area: &Area, fill: Option<Colour>, outline: Option<&Pen>) {
        let fill = fill.map_or_else(|| r#"fill="none""#.to_owned(), |fill| filling(fill, 1.0));
        let outline = outline.map(|pen| format!(" {}", stroke(pen))).unwrap_or_default();
        self.element(format_args!(
            r#"<rect x="{}" y="{}" width="{}" height="{}" {fill}{outline}/>"#,
            decimal(area.left),
            decimal(area.top),
            decimal(area.width()),
            decimal(area.height()),
        ));
    }

    /// A filled circle.
    pub fn disc(&mut self, (x, y): (f64, f64), radius: f64, fill: Colour, opacity: f64) {
        self.element(format_args!(
            r#"<circle cx="{}" cy="{}" r="{}" {}/>"#,
            decimal(x),
            decimal(y),
            decimal(radius),
            filling(fill, opacity)
        ));
    }

    /// A finished drawing, its upper left corner at a place.
    pub fn picture(&mut self, (x, y): (f64, f64), picture: &study::Drawing) {
        let (x, y) = (decimal(x), decimal(y));
        self.element(format_args!(r#"<g transform="translate({x} {y})">"#));
        self.body.push_str(&picture.elements);
        self.element(format_args!("</g>"));
    }

    /// The word that marks data that are not observed, in the upper right corner.
    pub fn mark(&mut self, mark: Option<&str>) {
        if let Some(mark) = mark {
            let lettering = Lettering::plain(6.5).bold().coloured(MARK).anchored(Anchor::End);
            self.element(format_args!("{MARKED}"));
            self.text((self.width - 2.0, MARK_BASELINE), &format!("{mark} DATA"), &lettering);
            self.element(format_args!("</g>"));
        }
    }

    /// A finished drawing that is a part of this one: without its mark, whose line is left out.
    pub fn part(&mut self, (x, y): (f64, f64), picture: &study::Drawing) {
        match unmarked(picture) {
            Some(own) => self.picture((x, y - MARK_LINE), &own),
            None => self.picture((x, y), picture),
        }
    }

    /// The texts with their places.
    #[must_use]
    pub fn texts(&self) -> &[TextBox] {
        &self.texts
    }

    /// The drawing, complete.
    ///
    /// # Errors
    /// If a letter was missing, or a text runs over a side.
    pub fn finish(self) -> Result<Drawing, DrawError> {
        match self.fault.clone().or_else(|| self.too_narrow()) {
            Some(fault) => Err(fault),
            None => {
                let (width, height, elements) = (self.width, self.height, self.body);
                let picture = study::Drawing { width, height, elements, ..Default::default() };
                Ok(Drawing { picture, texts: self.texts })
            }
        }
    }

    /// That a text would be cut off at a side, where one would.
    fn too_narrow(&self) -> Option<DrawError> {
        // Only the sides: the height follows from what is drawn.
        let over = |text: &TextBox| (text.area.right - self.width).max(-text.area.left);
        let over = self.texts.iter().map(over).fold(0.0, f64::max);
        let millimetres = |points: f64| points / POINTS_PER_MM;
        (over > CUT_OFF).then(|| DrawError::TooSmall {
            dimension: "wide",
            found_mm: millimetres(self.width).round() as u32,
            // Up, so that the width that is advised is never too small by a fraction.
            needed_mm: millimetres(self.width + over).ceil() as u32,
        })
    }

    fn element(&mut self, element: std::fmt::Arguments<'_>) {
        self.body.write_fmt(element).expect("invariant: a string takes every text");
        self.body.push('\n');
    }
}

const MARK: Colour = Colour(0xb0, 0x3a, 0x2e);

fn shift(length: f64, anchor: Anchor) -> f64 {
    match anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => length / 2.0,
        Anchor::End => length,
    }
}

fn way(points: &[(f64, f64)]) -> String {
    let mut way = String::new();
    for (place, (x, y)) in points.iter().enumerate() {
        let verb = if place == 0 { 'M' } else { 'L' };
        write!(way, "{verb}{} {}", decimal(*x), decimal(*y))
            .expect("invariant: a string takes every text");
    }
    way
}

fn stroke(pen: &Pen) -> String {
    let mut stroke =
        format!(r#"stroke="{}" stroke-width="{}""#, pen.colour.css(), decimal(pen.width));
    if !pen.dash.is_empty() {
        let dashes: Vec<String> = pen.dash.iter().map(|length| decimal(*length)).collect();
        write!(stroke, r#" stroke-dasharray="{}""#, dashes.join(" "))
            .expect("invariant: a string takes every text");
    }
    // What is solid says nothing of it, as it is the default of SVG.
    if pen.opacity < 1.0 {
        write!(stroke, r#" stroke-opacity="{}""#, decimal(pen.opacity))
            .expect("invariant: a string takes every text");
    }
    stroke
}

fn filling(fill: Colour, opacity: f64) -> String {
    let fill = format!(r#"fill="{}""#, fill.css());
    if opacity < 1.0 { format!(r#"{fill} fill-opacity="{}""#, decimal(opacity)) } else { fill }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_know_their_place() {
        let mut canvas = Canvas::new(100.0, 50.0);
        canvas.text_centred((50.0, 20.0), "HH", &Lettering::plain(10.0).anchored(Anchor::Middle));
        let area = canvas.texts()[0].area;
        assert!((area.left + area.right - 100.0).abs() < 1e-9);
        assert!((area.top + area.bottom - 40.0).abs() < 1e-9);
    }

    #[test]
    fn a_text_that_would_be_cut_off_fails_the_drawing() {
        let mut canvas = Canvas::new(100.0, 50.0);
        canvas.text((90.0, 20.0), "months", &Lettering::plain(8.0));
        let error = canvas.finish().expect_err("it runs over the right side");
        assert_eq!(error.to_string(), "the figure is 35 mm wide and needs 42 mm");
        let mut canvas = Canvas::new(100.0, 50.0);
        canvas.text((5.0, 20.0), "months", &Lettering::plain(8.0).anchored(Anchor::End));
        assert!(canvas.finish().is_err(), "it runs over the left side");
    }

    #[test]
    fn a_missing_letter_fails_the_drawing() {
        let mut canvas = Canvas::new(100.0, 50.0);
        canvas.text((0.0, 20.0), "arm ☃", &Lettering::plain(8.0));
        canvas.text((0.0, 30.0), "fine", &Lettering::plain(8.0));
        let error = canvas.finish().expect_err("no snowman");
        assert_eq!(error.to_string(), "the font has no glyph for `☃` (U+2603) in `arm ☃`");
    }
}
