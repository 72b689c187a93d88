//! Colours, lines and lettering: the one look of all figures.

use super::Face;

/// A colour, red green blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

/// Text and axes.
pub const INK: Colour = Colour(0x1a, 0x1a, 0x1a);
/// Secondary text.
pub const MUTED: Colour = Colour(0x59, 0x59, 0x59);
/// Rules and guides.
pub const RULE: Colour = Colour(0x9a, 0x9a, 0x9a);
/// Backgrounds of bands.
pub const PALE: Colour = Colour(0xf3, 0xf4, 0xf5);

/// The colours of Okabe and Ito that show on white, in the order of groups.
pub const PALETTE: [Colour; 6] = [
    // Vermillion and blue lead, a warm and a cool colour that differ for every usual kind of colour
    // blindness. Of the palette yellow is left out, as it is lost on white, and black, which is the
    // ink of axes.
    Colour(0xd5, 0x5e, 0x00),
    Colour(0x00, 0x72, 0xb2),
    Colour(0x00, 0x9e, 0x73),
    Colour(0xcc, 0x79, 0xa7),
    Colour(0x56, 0xb4, 0xe9),
    Colour(0xe6, 0x9f, 0x00),
];

const DASHES: [&[f64]; 6] = [
    // The first group is solid. The others differ in the length of their dashes or in the rhythm.
    &[],
    &[5.0, 2.0],
    &[1.4, 1.6],
    &[6.0, 1.6, 1.4, 1.6],
    &[9.0, 2.5],
    &[6.0, 1.6, 1.4, 1.6, 1.4, 1.6],
];

/// The line type of a group: with its colour, so that grey print is readable.
#[must_use]
pub fn dash(group: usize) -> &'static [f64] {
    DASHES[group % DASHES.len()]
}

impl Colour {
    /// The colour of a group.
    #[must_use]
    pub fn of_group(group: usize) -> Self {
        PALETTE[group % PALETTE.len()]
    }

    /// As in CSS.
    #[must_use]
    pub fn css(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// A lighter shade: so many hundredths of the colour on white.
    #[must_use]
    pub fn tinted(self, hundredths: u16) -> Self {
        // Whole numbers: a shade is the same on every machine.
        let lighter = |part: u8| (255 - (255 - u16::from(part)) * hundredths.min(100) / 100) as u8;
        Self(lighter(self.0), lighter(self.1), lighter(self.2))
    }

    /// A darker shade for letters, which are thinner than lines.
    #[must_use]
    pub fn for_letters(self) -> Self {
        // By a fifth: letters of 7 points in the orange of the palette are hard to read on white.
        let darker = |part: u8| (u16::from(part) * 4 / 5) as u8;
        Self(darker(self.0), darker(self.1), darker(self.2))
    }
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pen {
    /// Its colour.
    pub colour: Colour,
    /// Its width in points.
    pub width: f64,
    /// Lengths of dashes and gaps; empty for a solid line.
    pub dash: &'static [f64],
    /// From 0, invisible, to 1.
    pub opacity: f64,
}

impl Pen {
    /// A solid line.
    #[must_use]
    pub fn solid(colour: Colour, width: f64) -> Self {
        Self { colour, width, dash: &[], opacity: 1.0 }
    }

    /// The line of a group's curve.
    #[must_use]
    pub fn of_group(group: usize) -> Self {
        Self { dash: dash(group), ..Self::solid(Colour::of_group(group), 1.1) }
    }
}

/// Which point of a text its position names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The left end of its baseline.
    Start,
    /// The middle of its baseline.
    Middle,
    /// The right end of its baseline.
    End,
}

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lettering {
    /// The face.
    pub face: Face,
    /// Size in points.
    pub size: f64,
    /// Its colour.
    pub colour: Colour,
    /// Which point its position names.
    pub anchor: Anchor,
}

impl Lettering {
    /// Regular letters in ink, from the left.
    #[must_use]
    pub fn plain(size: f64) -> Self {
        Self { face: Face::Regular, size, colour: INK, anchor: Anchor::Start }
    }

    /// The same in semi-bold.
    #[must_use]
    pub fn bold(self) -> Self {
        Self { face: Face::SemiBold, ..self }
    }

    /// The same in italics.
    #[must_use]
    pub fn italic(self) -> Self {
        Self { face: Face::Italic, ..self }
    }

    /// The same in another colour.
    #[must_use]
    pub fn coloured(self, colour: Colour) -> Self {
        Self { colour, ..self }
    }

    /// The same with another anchor.
    #[must_use]
    pub fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }
}
