//! How figures are printed: which files, how many dots an inch, and by the rules of
//! which journal. A study says it for all of its figures, and a figure for itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How figures are printed, where it is said; what is left out follows from the journal, and without
/// one is as it always was.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FigureSettings {
    /// The files of a figure, such as `[svg, png, pdf]`; `svg` and `png` where it is left out, and with a
    /// journal the one it asks for first beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub files: Option<Vec<FileFormat>>,
    /// Dots per inch of `png` and `tiff`; 300 unless a journal asks for more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 72, max = 1200))]
    pub dpi: Option<u32>,
    /// The journal whose rules figures follow (docs/print.md): widths, sizes of letters, dots per inch and
    /// files as it asks for them, and `check` names what breaks a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal: Option<Journal>,
    /// How much larger everything but the figure itself is drawn, letters above all, such as 1.2. A journal
    /// that asks for letters of some size brings its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.5, max = 2.0))]
    pub text_scale: Option<f64>,
    /// Whether all letters are black, also those that have the colour of their group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub black_text: Option<bool>,
    /// Whether the decimal points of a figure stand at the middle of the line, as in `0·71`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub midline_decimals: Option<bool>,
    /// Rules of the journal that are broken knowingly, such as `[font]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<PrintRule>,
}

impl FigureSettings {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        *self == Self::default()
    }

    /// These settings, and what they leave out as `others` say it; what either accepts is accepted.
    #[must_use]
    pub fn over(&self, others: &Self) -> Self {
        // What either knowingly breaks, once, the study's first: so messages come in one
        // order.
        let mut accept = others.accept.clone();
        accept.extend(self.accept.iter().filter(|rule| !others.accept.contains(rule)));
        Self {
            files: self.files.clone().or_else(|| others.files.clone()),
            dpi: self.dpi.or(others.dpi),
            // `none` is said, too: a figure can leave the study's journal.
            journal: self.journal.or(others.journal),
            text_scale: self.text_scale.or(others.text_scale),
            black_text: self.black_text.or(others.black_text),
            midline_decimals: self.midline_decimals.or(others.midline_decimals),
            accept,
        }
    }
}

/// A format in which a figure is written.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// For pages and for drawing programs; the font is inside.
    Svg,
    /// Pixels, for screens and word processors.
    Png,
    /// For print: text that can be selected, fonts embedded.
    Pdf,
    /// The same with text as outlines, where a journal takes no fonts.
    PdfOutlined,
    /// Pixels for print: RGB of 8 bits, LZW, no alpha channel.
    Tiff,
}

impl FileFormat {
    /// All formats, in the order in which they are documented.
    pub const ALL: [Self; 5] = [Self::Svg, Self::Png, Self::Pdf, Self::PdfOutlined, Self::Tiff];

    /// What `files` calls it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Pdf => "pdf",
            Self::PdfOutlined => "pdf_outlined",
            Self::Tiff => "tiff",
        }
    }

    /// What stands behind the name of a file.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Svg => ".svg",
            Self::Png => ".png",
            Self::Pdf => ".pdf",
            // Beside the PDF with fonts, so that both can be asked for.
            Self::PdfOutlined => "_outlined.pdf",
            // As PLOS names its files.
            Self::Tiff => ".tif",
        }
    }

    /// Whether it is made of pixels.
    #[must_use]
    pub fn is_raster(self) -> bool {
        matches!(self, Self::Png | Self::Tiff)
    }
}

/// A journal, or a publisher, whose rules for figures are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Journal {
    /// None, where the study names one.
    None,
    /// Journals of Elsevier.
    Elsevier,
    /// JAMA and the journals of its network, by the AMA Manual of Style.
    Jama,
    /// The Lancet and its family.
    Lancet,
    /// Nature.
    Nature,
    /// Journals of PLOS.
    Plos,
}

impl Journal {
    /// All that have rules.
    pub const ALL: [Self; 5] = [Self::Elsevier, Self::Jama, Self::Lancet, Self::Nature, Self::Plos];
}

/// A rule that a journal may have for figures.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PrintRule {
    /// How wide they are.
    Width,
    /// How high they are at most.
    Height,
    /// How large letters are.
    TextSize,
    /// Whether letters may have colours.
    ColouredText,
    /// Whether lines of a grid may lie behind the data.
    Gridlines,
    /// The typefaces.
    Font,
    /// The formats of files.
    Files,
    /// Dots per inch.
    Resolution,
    /// How large files are at most.
    FileSize,
}

impl PrintRule {
    /// What `accept` calls it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Width => "width",
            Self::Height => "height",
            Self::TextSize => "text_size",
            Self::ColouredText => "coloured_text",
            Self::Gridlines => "gridlines",
            Self::Font => "font",
            Self::Files => "files",
            Self::Resolution => "resolution",
            Self::FileSize => "file_size",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_figure_says_goes_before_what_the_study_says() {
        let study = FigureSettings {
            dpi: Some(600),
            journal: Some(Journal::Plos),
            accept: vec![PrintRule::Font],
            ..FigureSettings::default()
        };
        let figure = FigureSettings {
            journal: Some(Journal::None),
            accept: vec![PrintRule::Width, PrintRule::Font],
            ..FigureSettings::default()
        };
        // The figure takes the dots from the study, and its journal from itself.
        let both = figure.over(&study);
        assert_eq!((both.dpi, both.journal), (Some(600), Some(Journal::None)));
        assert_eq!(both.accept, [PrintRule::Font, PrintRule::Width]);
    }

    #[test]
    fn keys_are_those_that_are_read() {
        for format in FileFormat::ALL {
            assert_eq!(serde_json::to_value(format).expect("a text"), format.key());
        }
    }
}
