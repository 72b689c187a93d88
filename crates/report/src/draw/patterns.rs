//! Fills and marks that are told apart in grey too: areas by their hatching,
//! points by their shape.

use super::{Area, Canvas, Colour, INK, PALETTE, Pen};

/// What the inside of a shape is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hatching {
    /// Colour alone.
    Solid,
    /// A pale tint of the colour.
    Tinted,
    /// Lines from the lower left to the upper right on white.
    Rising,
    /// Lines from the upper left to the lower right on white.
    Falling,
    /// Both.
    Crossed,
    /// White.
    Open,
}

/// The fill of an area: a colour and how it is hatched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// The colour of the lines, or of the whole.
    pub colour: Colour,
    /// How.
    pub hatching: Hatching,
}

/// Distance of two lines of a hatching along the axis.
const STEP: f64 = 2.6;
/// How much of the colour a tint has, of 100.
const TINT: u16 = 42;

impl Fill {
    /// The fill of a kind of bar: the first is a tint, so that marks show on it.
    #[must_use]
    pub fn of_bar(place: usize) -> Self {
        let fills = [
            (PALETTE[4], Hatching::Tinted),
            (PALETTE[0], Hatching::Rising),
            (PALETTE[2], Hatching::Falling),
            (PALETTE[3], Hatching::Crossed),
            (INK, Hatching::Open),
        ];
        let (colour, hatching) = fills[place % fills.len()];
        Self { colour, hatching }
    }

    /// The fill of a level of a category, and of those of whom it is unknown.
    #[must_use]
    pub fn of_level(level: Option<usize>) -> Self {
        let fills = [
            // Neighbours differ in hatching and in colour, so that adjacent bars are told apart in
            // grey and by those who see few colours.
            (PALETTE[1], Hatching::Solid),
            (PALETTE[2], Hatching::Rising),
            (PALETTE[5], Hatching::Tinted),
            (PALETTE[0], Hatching::Crossed),
            (PALETTE[3], Hatching::Falling),
            (INK, Hatching::Open),
        ];
        let (colour, hatching) = match level {
            Some(level) => fills[level % fills.len()],
            // White with an edge: unknown is no level, and must not look like a weak one.
            None => (INK, Hatching::Open),
        };
        Self { colour, hatching }
    }

    /// The fill of one of several groups, in the colour of its curves.
    #[must_use]
    pub fn of_group(group: usize, groups: usize) -> Self {
        let hatchings = [
            Hatching::Tinted,
            Hatching::Rising,
            Hatching::Crossed,
            Hatching::Falling,
            Hatching::Solid,
            Hatching::Open,
        ];
        let hatching =
            // One group needs nothing to be told apart by, and a hatching would only be restless.
            if groups > 1 { hatchings[group % hatchings.len()] } else { Hatching::Solid };
        Self { colour: Colour::of_group(group), hatching }
    }

    /// A step of a scale of greys from nearly white to nearly black.
    #[must_use]
    pub fn of_step(step: usize, steps: usize) -> Self {
        // From 235 to 45: the first step is still told from paper, and the last from the ink of an
        // outline.
        let share = if steps > 1 { step * 190 / (steps - 1) } else { 0 };
        let grey = (235 - share) as u8;
        Self { colour: Colour(grey, grey, grey), hatching: Hatching::Solid }
    }

    fn ground(self) -> Colour {
        match self.hatching {
            Hatching::Solid => self.colour,
            Hatching::Tinted => self.colour.tinted(TINT),
            _ => Colour(255, 255, 255),
        }
    }

    /// Fills a rectangle and draws its outline.
    pub fn draw(self, canvas: &mut Canvas, area: &Area) {
        canvas.rectangle(area, Some(self.ground()), None);
        let mut lines = Vec::new();
        if matches!(self.hatching, Hatching::Rising | Hatching::Crossed) {
            lines.extend(rising(area));
        }
        if matches!(self.hatching, Hatching::Falling | Hatching::Crossed) {
            lines.extend(falling(area));
        }
        if !lines.is_empty() {
            canvas.lines(&lines, &Pen::solid(self.colour, 0.7));
        }
        canvas.rectangle(area, None, Some(&Pen::solid(self.colour.for_letters(), 0.4)));
    }
}

/// The lines on which x + y is a whole number of steps, cut off at the edges.
fn rising(area: &Area) -> Vec<[(f64, f64); 2]> {
    // Lines are counted from the corner of the page, not of the bar: two bars side by side have one
    // continuous pattern.
    let sums = steps(area.left + area.top, area.right + area.bottom);
    let cut = sums.map(|sum| {
        let (from, to) = (area.left.max(sum - area.bottom), area.right.min(sum - area.top));
        [(from, sum - from), (to, sum - to)]
    });
    cut.collect()
}

/// The same of x - y.
fn falling(area: &Area) -> Vec<[(f64, f64); 2]> {
    let differences = steps(area.left - area.bottom, area.right - area.top);
    let cut = differences.map(|difference| {
        let from = area.left.max(difference + area.top);
        let to = area.right.min(difference + area.bottom);
        [(from, from - difference), (to, to - difference)]
    });
    cut.collect()
}

/// Whole numbers of steps strictly between two values.
fn steps(from: f64, to: f64) -> impl Iterator<Item = f64> {
    // Strictly inside: a line through a corner would have no length.
    let first = (from / STEP).floor() as i64 + 1;
    (first..).map(|step| step as f64 * STEP).take_while(move |value| *value < to)
}

/// The outline of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A triangle on its base.
    Triangle,
    /// A square on its corner.
    Diamond,
    /// Two lines that cross.
    Cross,
    /// A square on its side.
    Square,
    /// A circle without filling.
    Ring,
    /// A triangle on its tip.
    Wedge,
}

/// A mark: its shape and colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyph {
    /// The shape.
    pub shape: Mark,
    /// Its colour.
    pub colour: Colour,
}

impl Glyph {
    /// The mark of its place among several.
    #[must_use]
    pub fn of(place: usize) -> Self {
        let glyphs = [
            (Mark::Triangle, PALETTE[2]),
            (Mark::Diamond, PALETTE[1]),
            (Mark::Cross, PALETTE[0]),
            (Mark::Square, INK),
            (Mark::Ring, PALETTE[3]),
            (Mark::Wedge, PALETTE[5]),
        ];
        let (shape, colour) = glyphs[place % glyphs.len()];
        Self { shape, colour: colour.for_letters() }
    }

    /// Draws it round a point, `radius` points from its middle to its edge,
    /// with a white line round it.
    pub fn draw(self, canvas: &mut Canvas, centre: (f64, f64), radius: f64) {
        const WHITE: Colour = Colour(255, 255, 255);
        match self.shape {
            Mark::Cross => {
                // The white line round every mark keeps it legible on a bar of any fill.
                for (colour, width) in [(WHITE, 2.4), (self.colour, 1.1)] {
                    let (x, y, r) = (centre.0, centre.1, radius * 0.85);
                    let lines =
                        [[(x - r, y - r), (x + r, y + r)], [(x - r, y + r), (x + r, y - r)]];
                    canvas.lines(&lines, &Pen::solid(colour, width));
                }
            }
            Mark::Ring => {
                canvas.disc(centre, radius + 0.5, WHITE, 1.0);
                canvas.disc(centre, radius, self.colour, 1.0);
                canvas.disc(centre, radius - 1.0, WHITE, 1.0);
            }
            _ => {
                canvas.polygon(&self.corners(centre, radius + 0.8), WHITE, 1.0);
                canvas.polygon(&self.corners(centre, radius), self.colour, 1.0);
            }
        }
    }

    fn corners(self, (x, y): (f64, f64), r: f64) -> Vec<(f64, f64)> {
        match self.shape {
            // The base lies nearer than the tip, so that a triangle looks as large as a diamond.
            Mark::Triangle => vec![(x, y - r), (x + r, y + 0.8 * r), (x - r, y + 0.8 * r)],
            Mark::Wedge => vec![(x, y + r), (x + r, y - 0.8 * r), (x - r, y - 0.8 * r)],
            Mark::Diamond => vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)],
            _ => {
                let h = 0.8 * r;
                vec![(x - h, y - h), (x + h, y - h), (x + h, y + h), (x - h, y + h)]
            }
        }
    }
}

/// A small arrow to the right from a point: something goes on.
pub fn arrow(canvas: &mut Canvas, (x, y): (f64, f64), colour: Colour) {
    canvas.polygon(&[(x, y - 2.4), (x + 4.2, y), (x, y + 2.4)], colour, 1.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every line of a hatching lies inside its area and under 45 degrees.
    #[test]
    fn hatchings_stay_inside() {
        for area in [Area::at(3.1, 7.3, 40.0, 4.2), Area::at(-9.0, 2.0, 1.9, 80.0)] {
            let lines = [rising(&area), falling(&area)].concat();
            assert!(lines.len() > 10, "{lines:?}");
            let wide = area.grown(1e-9);
            for [from, to] in lines {
                for (x, y) in [from, to] {
                    assert!(wide.left <= x && x <= wide.right && wide.top <= y && y <= wide.bottom);
                }
                assert!(((to.0 - from.0).abs() - (to.1 - from.1).abs()).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn no_two_marks_or_levels_look_alike() {
        let glyphs: Vec<Glyph> = (0..6).map(Glyph::of).collect();
        let fills: Vec<Fill> = (0..6).map(|level| Fill::of_level(Some(level))).collect();
        for place in 0..6 {
            for other in 0..place {
                assert_ne!(glyphs[place].shape, glyphs[other].shape);
                assert_ne!(fills[place].hatching, fills[other].hatching);
            }
        }
    }
}
