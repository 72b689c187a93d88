//! The bundled font: its faces, and how long a text is in them.
//!
//! Kerning is off in the figures, so that a text is as long in every renderer
//! as it is measured here.

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use super::{DrawError, fallback};

/// A face of the bundled font.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Face {
    /// For nearly everything.
    Regular,
    /// For names of groups and headings.
    SemiBold,
    /// For what stands beside the data, such as reference rows.
    Italic,
}

impl Face {
    /// All faces.
    pub const ALL: [Self; 3] = [Self::Regular, Self::SemiBold, Self::Italic];

    /// The font as TrueType.
    #[must_use]
    pub fn ttf(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!("../fonts/Inter-Regular.ttf"),
            Self::SemiBold => include_bytes!("../fonts/Inter-SemiBold.ttf"),
            Self::Italic => include_bytes!("../fonts/Inter-Italic.ttf"),
        }
    }

    /// The same outlines as WOFF2, for pages.
    #[must_use]
    pub fn woff2(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!("../fonts/Inter-Regular.woff2"),
            Self::SemiBold => include_bytes!("../fonts/Inter-SemiBold.woff2"),
            Self::Italic => include_bytes!("../fonts/Inter-Italic.woff2"),
        }
    }

    /// CSS weight.
    #[must_use]
    pub fn weight(self) -> u16 {
        if self == Self::SemiBold { 600 } else { 400 }
    }

    /// CSS style.
    #[must_use]
    pub fn style(self) -> &'static str {
        if self == Self::Italic { "italic" } else { "normal" }
    }

    fn font(self) -> FontRef<'static> {
        FontRef::new(self.ttf()).expect("invariant: the bundled fonts are sound")
    }
}

/// Height of a capital, which texts are centred by.
#[must_use]
pub fn cap_height(face: Face, size: f64) -> f64 {
    let metrics = face.font().metrics(Size::unscaled(), LocationRef::default());
    // Version 2 and later of the table `OS/2` has it.
    let height = metrics.cap_height.expect("invariant: the bundled fonts state it");
    f64::from(height) / f64::from(metrics.units_per_em) * size
}

/// Length of a text.
///
/// # Errors
/// If neither the font nor one of the study has one of its letters.
pub fn width(text: &str, face: Face, size: f64) -> Result<f64, DrawError> {
    let font = face.font();
    let letters = font.charmap();
    let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
    let units_per_em =
        f64::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
    // Units are whole numbers, which sum without rounding: one division gives the same length in
    // any order.
    let (mut units, mut ems) = (0.0, 0.0);
    for character in text.chars() {
        match letters.map(character) {
            Some(glyph) => units += f64::from(metrics.advance_width(glyph).unwrap_or(0.0)),
            // Letters of a study's font are measured in ems of theirs, which has other units than
            // the bundled font.
            None => {
                let missing = || DrawError::MissingGlyph { character, text: text.to_owned() };
                ems += fallback::advance(character).ok_or_else(missing)?;
            }
        }
    }
    Ok(units / units_per_em * size + ems * size)
}

/// The parts of a text that the bundled font has, and those that it lacks, in turn.
pub(super) fn runs(text: &str, face: Face) -> Vec<(bool, &str)> {
    let font = face.font();
    let letters = font.charmap();
    let mut runs: Vec<(bool, &str)> = Vec::new();
    let mut start = 0;
    for (place, character) in text.char_indices() {
        let is_own = letters.map(character).is_some();
        let end = place + character.len_utf8();
        match runs.last_mut() {
            Some((own, run)) if *own == is_own => *run = &text[start..end],
            _ => {
                start = place;
                runs.push((is_own, &text[place..end]));
            }
        }
    }
    runs
}

/// Checks that every face has all letters of a text.
///
/// # Errors
/// With the first that is missing.
pub fn check_glyphs(text: &str) -> Result<(), DrawError> {
    // All faces, as whoever checks does not know in which the text will be set.
    Face::ALL.iter().try_for_each(|face| width(text, *face, 1.0).map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_that_reports_use_has_a_glyph_in_every_face() {
        let signs =
            // Signs of methods and footnotes, and letters of European names and units.
            "0123456789 –—−×±·•≥≤<>≈≠=χ²³⁻¹αβγδκλμρσ→←↑↓§†‡…%‰éüöäßøçñłžÅ\u{202f}\u{a0}\u{2009}";
        for face in Face::ALL {
            assert!(width(signs, face, 8.0).expect("has them all") > 100.0);
        }
    }

    #[test]
    fn a_missing_glyph_is_an_error() {
        let error = width("放疗 arm", Face::Regular, 8.0).expect_err("no Chinese letters");
        assert_eq!(error.to_string(), "the font has no glyph for `放` (U+653E) in `放疗 arm`");
    }

    #[test]
    fn digits_are_equally_wide() {
        // Numbers under an axis and in columns stand below each other only if digits are equally
        // wide.
        let one = width("1111", Face::Regular, 7.0).expect("digits");
        assert_eq!(one, width("8888", Face::Regular, 7.0).expect("digits"));
    }
}
