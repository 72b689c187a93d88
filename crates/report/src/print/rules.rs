//! The rules of a journal held against a figure: what is known from the pipeline file
//! before anything runs, and what only the finished drawing and its files show.

use engine::{Mistake, Mistakes};
use serde_json::{Map, Value as Json};
use study::{Drawing, FigureSettings, FileFormat, PrintRule};

use super::measured::Measured;
use super::plan::{DRAWN_PT, FONT, Plan};
use super::preset::Preset;
use crate::draw::{DrawError, POINTS_PER_MM, decimal};

/// Holds the rules against a figure. Each broken one is a mistake at the parameter that breaks it, or at
/// the entry where none does or the study says it.
pub(super) struct Rules<'a> {
    plan: &'a Plan,
    preset: &'a Preset,
    /// What the figure says of its print.
    said: &'a FigureSettings,
    /// What it says beside.
    given: &'a Map<String, Json>,
    pub(super) broken: Mistakes,
}

impl<'a> Rules<'a> {
    /// The rules of the journal of a figure, where it has one.
    pub(super) fn of(
        plan: &'a Plan,
        said: &'a FigureSettings,
        given: &'a Map<String, Json>,
    ) -> Option<Self> {
        let preset = plan.preset.as_ref()?;
        Some(Self { plan, preset, said, given, broken: Mistakes::default() })
    }

    /// What the pipeline file tells: `has_coloured_text` says whether letters have colours before they are
    /// made black.
    pub(super) fn check(&mut self, has_coloured_text: bool) {
        self.files();
        if let Some(width) = self.plan.width_mm {
            self.width(width, self.in_figure("width_mm"));
        }
        if let Some(height) = self.plan.height_mm {
            self.height(height);
        }
        let scale = self.plan.finish.scale;
        // Sizes are known without drawing, because a test holds every figure to `DRAWN_PT`.
        self.text((DRAWN_PT.0 * scale, DRAWN_PT.1 * scale));
        self.coloured_text(has_coloured_text && !self.plan.finish.black_text);
        self.gridlines();
        self.font();
        self.resolution();
    }

    /// What the finished drawing shows.
    ///
    /// # Errors
    /// If it is no drawing.
    pub(super) fn examine(&mut self, drawing: &Drawing) -> Result<(), DrawError> {
        let measured = Measured::of(drawing)?;
        // where the width is a parameter, it was checked before
        if self.plan.width_mm.is_none() {
            self.width(drawing.width / POINTS_PER_MM, None);
        }
        if self.plan.height_mm.is_none() {
            self.height(drawing.height / POINTS_PER_MM);
        }
        if let Some(sizes) = measured.text_pt {
            self.text(sizes);
        }
        self.coloured_text(measured.has_coloured_text);
        Ok(())
    }

    /// How large a file is.
    pub(super) fn examine_file(&mut self, format: FileFormat, bytes: usize) {
        let Some(rule) = &self.preset.file_bytes else { return };
        // A file that the journal does not take may be as large as it likes.
        if bytes as u64 > rule.asks && self.plan.is_taken(format) {
            let found =
                format!("the file `{}` has {} MB", format.key(), decimal(bytes as f64 / 1e6));
            let mend = "give fewer dots an inch in `dpi`".to_owned();
            self.say(PrintRule::FileSize, self.of_print("dpi"), &found, (&rule.in_words(), &mend));
        }
    }

    fn files(&mut self) {
        // One that it takes is enough. The others are for the page.
        if self.plan.files.iter().any(|format| self.plan.is_taken(*format)) {
            return;
        }
        let taken: Vec<&str> = self.preset.files.asks.iter().map(|format| format.key()).collect();
        let found = "none of `files` is taken";
        let mend = format!("add `{}` to `files`", taken.join("` or `"));
        let words = self.preset.files.in_words();
        self.say(PrintRule::Files, self.of_print("files"), found, (&words, &mend));
    }

    fn width(&mut self, width: f64, at: Option<&'static str>) {
        let Some(rule) = &self.preset.width else { return };
        if rule.asks.has(width) {
            return;
        }
        let found = format!("the figure is {} mm wide", decimal(width));
        let fitting = decimal(rule.asks.fitting(width));
        let mend = match at {
            Some(_) => format!("write `width_mm: {fitting}` or leave `width_mm` out"),
            None => format!("make the panels so wide that they are {fitting} mm together"),
        };
        self.say(PrintRule::Width, at, &found, (&rule.in_words(), &mend));
    }

    fn height(&mut self, height: f64) {
        let Some(rule) = &self.preset.height_mm else { return };
        if height <= rule.asks + 0.05 {
            return;
        }
        let found = format!("the figure is {} mm high", decimal(height));
        let at = self.in_figure("height_mm");
        let mend = match at {
            Some(_) => format!("write `height_mm: {}` or less", decimal(rule.asks)),
            None => "draw less in it, or divide it".to_owned(),
        };
        self.say(PrintRule::Height, at, &found, (&rule.in_words(), &mend));
    }

    fn text(&mut self, sizes: (f64, f64)) {
        let Some(rule) = &self.preset.text_pt else { return };
        if rule.asks.has(sizes) {
            return;
        }
        let (smallest, largest) = sizes;
        let found = format!("letters are {} to {} pt", decimal(smallest), decimal(largest));
        let scale = rule.asks.scale(DRAWN_PT);
        let mend = format!("leave `text_scale` out, which comes to {scale}");
        self.say(
            PrintRule::TextSize,
            self.of_print("text_scale"),
            &found,
            (&rule.in_words(), &mend),
        );
    }

    fn coloured_text(&mut self, is_coloured: bool) {
        let Some(rule) = self.preset.black_text.as_ref().filter(|rule| rule.asks) else { return };
        if is_coloured {
            let mend = "write `black_text: true` or leave it out";
            self.say(
                PrintRule::ColouredText,
                self.of_print("black_text"),
                "letters have colours",
                (&rule.in_words(), mend),
            );
        }
    }

    fn gridlines(&mut self) {
        let Some(rule) = self.preset.no_gridlines.as_ref().filter(|rule| rule.asks) else { return };
        if self.given.get("gridlines") == Some(&Json::Bool(true)) {
            let found = "the figure has gridlines";
            let at = self.in_figure("gridlines");
            self.say(PrintRule::Gridlines, at, found, (&rule.in_words(), "leave `gridlines` out"));
        }
    }

    fn font(&mut self) {
        let Some(rule) = &self.preset.fonts else { return };
        // The bundled font cannot be exchanged: what is left is to ask the journal.
        if !rule.asks.iter().any(|font| font == FONT) {
            let found = format!("letters are set in {FONT}");
            let mend = "ask the journal whether it takes the font";
            self.say(PrintRule::Font, self.of_print("journal"), &found, (&rule.in_words(), mend));
        }
    }

    fn resolution(&mut self) {
        let Some(rule) = &self.preset.dpi else { return };
        let asked = rule.asks;
        let mut taken = self.plan.files.iter().filter(|format| self.plan.is_taken(**format));
        // Shapes have no dots.
        let Some(format) = taken.find(|format| format.is_raster()) else { return };
        let dpi = self.plan.dpi(*format);
        if dpi < asked.least || asked.most.is_some_and(|most| dpi > most) {
            let found = format!("`{}` has {dpi} dots an inch", format.key());
            let mend = format!("write `dpi: {}` or leave `dpi` out", asked.made);
            self.say(
                PrintRule::Resolution,
                self.of_print("dpi"),
                &found,
                (&rule.in_words(), &mend),
            );
        }
    }

    /// The parameter, if the figure has it in the file.
    fn in_figure(&self, parameter: &'static str) -> Option<&'static str> {
        self.given.get(parameter).filter(|value| !value.is_null()).map(|_| parameter)
    }

    /// The setting, if the figure says it itself.
    fn of_print(&self, setting: &'static str) -> Option<&'static str> {
        let said = serde_json::to_value(self.said).unwrap_or_default();
        // Settings that the figure leaves out are not serialised, so that the mistake stands where
        // somebody wrote.
        said.get(setting).map(|_| setting)
    }

    fn say(
        &mut self,
        rule: PrintRule,
        at: Option<&'static str>,
        found: &str,
        (asked, mend): (&str, &str),
    ) {
        if !self.plan.holds(rule) {
            return;
        }
        let at: Vec<&str> = at.into_iter().collect();
        let message = format!("{found}, and {} asks: {asked}", self.preset.name);
        let hint = format!("{mend}; or write `accept: [{}]`", rule.key());
        let mistake = Mistake::at(&at, message).hint(hint);
        // of several parts of a figure each breaks the same rule
        if !self.broken.0.contains(&mistake) {
            self.broken.push(mistake);
        }
    }

    /// What was found broken.
    pub(super) fn into_mistakes(self) -> Mistakes {
        self.broken
    }
}
