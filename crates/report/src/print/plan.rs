//! How one figure is printed: what it says itself, what the study says, and what follows
//! from the journal of either.

use serde_json::{Map, Value as Json, json};
use study::{FigureSettings, FileFormat, PrintRule, StudySettings};

use super::finish::Finish;
use super::preset::{Preset, preset};

/// The sizes that letters of figures are drawn in, the smallest and the largest, in points. A test holds
/// what figures draw against it.
pub(crate) const DRAWN_PT: (f64, f64) = (6.5, 8.5);
/// Dots an inch where nobody says otherwise.
const DPI: u32 = 300;
/// The family that the bundled fonts are of.
pub(super) const FONT: &str = "Inter";

/// What is settled about a figure before it is drawn.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// What the figure and the study say together.
    pub(super) settings: FigureSettings,
    pub(super) preset: Option<Preset>,
    pub(super) finish: Finish,
    /// The files, in the order in which they are asked for.
    pub(super) files: Vec<FileFormat>,
    /// The number by which a journal wants files to be called.
    pub(super) number: Option<u32>,
    /// The width in millimetres as it is printed, of figures that have one to set.
    pub(super) width_mm: Option<f64>,
    /// The same of a height that is set.
    pub(super) height_mm: Option<f64>,
}

impl Plan {
    /// `said` is what the figure says of its print, `given` what it says beside, `drawn` that with all defaults.
    pub(super) fn of(
        said: &FigureSettings,
        number: Option<u32>,
        study: &StudySettings,
        (given, drawn): (&Map<String, Json>, &Map<String, Json>),
    ) -> Self {
        let settings = said.over(&study.figures);
        let preset = settings.journal.and_then(preset);
        let asked = preset.as_ref();
        let follows = |rule: Option<bool>| rule.unwrap_or(false);
        let of_text = asked.and_then(|asked| asked.text_pt.as_ref());
        let finish = Finish {
            scale: settings
                .text_scale
                // What a figure or the study says goes before what a journal would bring.
                .unwrap_or_else(|| of_text.map_or(1.0, |range| range.asks.scale(DRAWN_PT))),
            black_text: settings.black_text.unwrap_or_else(|| {
                follows(asked.and_then(|asked| Some(asked.black_text.as_ref()?.asks)))
            }),
            midline_decimals: settings.midline_decimals.unwrap_or_else(|| {
                follows(asked.and_then(|asked| Some(asked.midline_decimals.as_ref()?.asks)))
            }),
        };
        let length = |of: &Map<String, Json>, key: &str| of.get(key).and_then(Json::as_f64);
        let fitted = |width: f64| match asked.and_then(|asked| asked.width.as_ref()) {
            Some(rule) => rule.asks.fitting(width),
            None => width,
        };
        Self {
            files: settings.files.clone().unwrap_or_else(|| default_files(asked)),
            // A width in the file is kept, and told where it breaks the rule. Only the default
            // gives way.
            width_mm: length(given, "width_mm").or_else(|| length(drawn, "width_mm").map(fitted)),
            height_mm: length(drawn, "height_mm"),
            number,
            finish,
            settings,
            preset,
        }
    }

    /// Whether a rule is to be held.
    pub(super) fn holds(&self, rule: PrintRule) -> bool {
        !self.settings.accept.contains(&rule)
    }

    /// Whether the journal takes a format; without one, all are as good.
    pub(super) fn is_taken(&self, format: FileFormat) -> bool {
        self.preset.as_ref().is_none_or(|preset| preset.files.asks.contains(&format))
    }

    /// Dots an inch of a format: a journal's own are for the files that it takes.
    pub(super) fn dpi(&self, format: FileFormat) -> u32 {
        let made = self.preset.as_ref().and_then(|preset| Some(preset.dpi.as_ref()?.asks.made));
        // 1000 dots an inch, which a journal wants for its TIFF, would make the PNG of the page
        // many times as large.
        let of_journal = made.filter(|_| self.is_taken(format));
        self.settings.dpi.or(of_journal).unwrap_or(DPI)
    }

    /// What a file of the entry `name` is called, without its ending.
    pub(super) fn file_name(&self, name: &str, format: FileFormat) -> String {
        let pattern = self.preset.as_ref().and_then(|preset| preset.file_name.as_ref());
        match pattern.zip(self.number).filter(|_| self.is_taken(format)) {
            Some((pattern, number)) => pattern.asks.replace("{number}", &number.to_string()),
            None => name.to_owned(),
        }
    }

    /// The parameters that a figure is drawn by where they are not those of the file: before it is made
    /// larger or smaller, and without the lines that a journal does not want.
    pub(super) fn drawn_by(
        &self,
        given: &Map<String, Json>,
        drawn: &Map<String, Json>,
    ) -> Option<Map<String, Json>> {
        let lengths = [("width_mm", self.width_mm), ("height_mm", self.height_mm)];
        let lengths = lengths.into_iter().filter_map(|(key, length)| Some((key, length?)));
        let mut changed: Vec<(&str, Json)> =
            lengths.map(|(key, length)| (key, json!(length / self.finish.scale))).collect();
        let no_grid = self.preset.as_ref().and_then(|preset| preset.no_gridlines.as_ref());
        if no_grid.is_some_and(|rule| rule.asks) && !given.contains_key("gridlines") {
            changed.push(("gridlines", json!(false)));
        }
        // Only what the kind has and what is different: a flow has no gridlines.
        changed.retain(|(key, value)| drawn.get(*key).is_some_and(|drawn| drawn != value));
        let mut parameters = given.clone();
        let is_other = !changed.is_empty();
        parameters.extend(changed.into_iter().map(|(key, value)| (key.to_owned(), value)));
        is_other.then_some(parameters)
    }
}

/// The files of a figure of which nothing is said: those of the page, and what the journal takes.
fn default_files(preset: Option<&Preset>) -> Vec<FileFormat> {
    let mut files = vec![FileFormat::Svg, FileFormat::Png];
    let taken = preset.and_then(|preset| preset.files.asks.first().copied());
    files.extend(taken.filter(|taken| !matches!(taken, FileFormat::Svg | FileFormat::Png)));
    files
}
