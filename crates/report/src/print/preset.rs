//! What journals ask of figures: one file a journal under `presets/`, each rule with
//! its source and whether it was seen there.

use serde::Deserialize;
use study::{FileFormat, Journal};

/// A difference in width that no reader sees, in millimetres: panels side by side come out a
/// little narrower than the page.
const SAME_WIDTH_MM: f64 = 1.0;

/// The rules of a journal; what it does not ask is free.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Preset {
    /// What it is called in messages.
    pub(super) name: String,
    /// The formats that it takes, of those that are made; the first is made unless others are asked for.
    pub(super) files: Asked<Vec<FileFormat>>,
    #[serde(default)]
    pub(super) width: Option<Asked<Widths>>,
    #[serde(default)]
    pub(super) height_mm: Option<Asked<f64>>,
    #[serde(default)]
    pub(super) text_pt: Option<Asked<Range>>,
    #[serde(default)]
    pub(super) dpi: Option<Asked<Dots>>,
    #[serde(default)]
    pub(super) file_bytes: Option<Asked<u64>>,
    #[serde(default)]
    pub(super) black_text: Option<Asked<bool>>,
    #[serde(default)]
    pub(super) no_gridlines: Option<Asked<bool>>,
    #[serde(default)]
    pub(super) midline_decimals: Option<Asked<bool>>,
    #[serde(default)]
    pub(super) fonts: Option<Asked<Vec<String>>>,
    /// What files are called, `{number}` being the number of the figure.
    #[serde(default)]
    pub(super) file_name: Option<Asked<String>>,
    /// What it asks beside, which nobody but the author can tell.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for whoever reads the file; a test prints it")
    )]
    pub(super) not_checked: Vec<String>,
}

/// A rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked<T> {
    /// What is asked.
    pub(super) asks: T,
    /// The same in words.
    pub(super) says: String,
    /// Where it stands.
    pub(super) source: String,
    /// Whether it was seen there.
    pub(super) confirmed: bool,
}

impl<T> Asked<T> {
    /// The rule in the words of a message.
    pub(super) fn in_words(&self) -> String {
        let doubt = if self.confirmed { "" } else { "; not confirmed on its own pages" };
        format!("{} ({}{doubt})", self.says, self.source)
    }
}

/// How wide figures may be, in millimetres.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Widths {
    /// From one to the other.
    Between([f64; 2]),
    /// One of some.
    OneOf(Vec<f64>),
    /// So wide or wider.
    AtLeast(f64),
}

impl Widths {
    pub(super) fn has(&self, width: f64) -> bool {
        match self {
            // A twentieth of a millimetre is what rounding takes: PLOS gives its widths in pixels.
            Self::Between([least, most]) => (least - 0.05..=most + 0.05).contains(&width),
            Self::OneOf(widths) => widths.iter().any(|own| (own - width).abs() <= SAME_WIDTH_MM),
            Self::AtLeast(least) => width >= least - 0.05,
        }
    }

    /// The width of a figure that would be `width` wide: the next one that is large enough, or the largest.
    pub(super) fn fitting(&self, width: f64) -> f64 {
        match self {
            Self::Between([least, most]) => width.clamp(*least, *most),
            Self::AtLeast(least) => width.max(*least),
            Self::OneOf(widths) => {
                let enough = widths.iter().copied().filter(|own| *own >= width);
                let widest = widths.iter().copied().fold(0.0, f64::max);
                // Rather too wide than too narrow for the letters.
                enough.reduce(f64::min).unwrap_or(widest)
            }
        }
    }
}

/// How large something is at least and at most.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Range {
    pub(super) least: f64,
    #[serde(default)]
    pub(super) most: Option<f64>,
}

impl Range {
    /// Whether sizes from the smallest to the largest are within it, but for what rounding takes.
    pub(super) fn has(&self, (smallest, largest): (f64, f64)) -> bool {
        // Sizes are measured in single precision.
        smallest >= self.least - 0.01 && self.most.is_none_or(|most| largest <= most + 0.01)
    }

    /// By how much sizes from the smallest to the largest must be multiplied to be within it, to a thousandth.
    pub(super) fn scale(&self, (smallest, largest): (f64, f64)) -> f64 {
        if self.has((smallest, largest)) {
            return 1.0;
        }
        // Up where letters must not be smaller, down where they must not be larger: rounding to the
        // nearest would miss the rule by a thousandth.
        let enlarged = (self.least / smallest * 1000.0).ceil() / 1000.0;
        let reduced = self.most.map(|most| (most / largest * 1000.0).floor() / 1000.0);
        match reduced {
            // Only the largest are too large, or both ends cannot be met: then the largest decide.
            Some(reduced) if smallest >= self.least || enlarged > reduced => reduced,
            _ => enlarged,
        }
    }
}

/// Dots an inch.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dots {
    pub(super) least: u32,
    #[serde(default)]
    pub(super) most: Option<u32>,
    /// How many are made unless others are asked for.
    pub(super) made: u32,
}

/// The rules of a journal.
pub(super) fn preset(journal: Journal) -> Option<Preset> {
    let file = match journal {
        Journal::None => return None,
        Journal::Elsevier => include_str!("presets/elsevier.json"),
        Journal::Jama => include_str!("presets/jama.json"),
        Journal::Lancet => include_str!("presets/lancet.json"),
        Journal::Nature => include_str!("presets/nature.json"),
        Journal::Plos => include_str!("presets/plos.json"),
    };
    Some(serde_json::from_str(file).expect("invariant: a test reads every file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_journal_has_rules_with_sources() {
        for journal in Journal::ALL {
            let preset = preset(journal).expect("has rules");
            assert!(
                !preset.files.asks.is_empty() && !preset.files.source.is_empty(),
                "{}",
                preset.name
            );
            assert!(preset.not_checked.iter().all(|text| !text.is_empty()), "{}", preset.name);
        }
        assert!(preset(Journal::None).is_none());
    }

    #[test]
    fn a_width_follows_from_what_is_allowed() {
        let columns = Widths::OneOf(vec![89.0, 183.0]);
        assert_eq!([80.0, 150.0, 240.0].map(|width| columns.fitting(width)), [89.0, 183.0, 183.0]);
        assert!(columns.has(182.4) && !columns.has(150.0));
        let range = Widths::Between([66.8, 190.5]);
        assert_eq!([50.0, 183.0, 200.0].map(|width| range.fitting(width)), [66.8, 183.0, 190.5]);
        assert_eq!(Widths::AtLeast(127.0).fitting(89.0), 127.0);
    }

    #[test]
    fn letters_are_scaled_into_a_range() {
        let range = |least, most| Range { least, most };
        // 8 / 6.5 is 1.2308.
        assert_eq!(range(8.0, Some(12.0)).scale((6.5, 8.5)), 1.231);
        // 7 / 8.5 is 0.8235.
        assert_eq!(range(5.0, Some(7.0)).scale((6.5, 8.5)), 0.823);
        assert_eq!(range(7.0, None).scale((6.5, 8.5)), 1.077);
        assert_eq!(range(6.0, Some(9.0)).scale((6.5, 8.5)), 1.0);
    }
}
