//! What every exhibit has in common: its label, its files, its words.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Call, Mistake, Mistakes};
use study::{
    Body, Exhibit, FileFormat, Numbers, Output, Paragraph, ParagraphRole, StudySettings,
    capitalised,
};

use crate::analysis::Words;
use crate::draw::{DrawError, Drawing, POINTS_PER_MM};
use crate::render;

/// The words of a figure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FigureWords {
    /// Title of a line.
    pub title: String,
    /// Paragraphs of the caption, as plain text.
    pub caption: Vec<String>,
    /// What a reader must know before using the figure.
    pub warnings: Vec<String>,
    /// What it shows, for a reader who cannot see it.
    pub alternative_text: String,
}

/// Path of a figure's file in a format, relative to the pipeline file.
#[must_use]
pub fn figure_path(name: &str, format: FileFormat) -> String {
    format!("reports/figures/{name}{}", format.ending())
}

/// Path of the numbers that a figure draws, relative to the pipeline file.
#[must_use]
pub fn figure_data_path(name: &str) -> String {
    format!("reports/figures/{name}.csv")
}

/// A drawing as the output of its stage, with the numbers in it as a CSV file;
/// its other files are made where every figure is printed.
#[must_use]
pub fn figure(call: &Call<'_>, drawing: &Drawing, numbers: Numbers, words: &FigureWords) -> Output {
    figure_in_parts(call, std::slice::from_ref(drawing), numbers, words)
}

/// Drawings that stand one below the other as the output of their stage, with one
/// file of the numbers in all.
#[must_use]
pub fn figure_in_parts(
    call: &Call<'_>,
    drawings: &[Drawing],
    numbers: Numbers,
    words: &FigureWords,
) -> Output {
    let mut pictures: Vec<study::Drawing> =
        drawings.iter().map(|drawing| drawing.picture.clone()).collect();
    let data = (figure_data_path(call.name), render::plotted(&numbers, call.study));
    // All numbers go with the first part, because a figure has one file of them.
    if let Some(first) = pictures.first_mut() {
        first.numbers = numbers;
    }
    let exhibit = Some(exhibit(call, pictures, words));
    Output { exhibit, files: BTreeMap::from([data]), ..Output::default() }
}

/// What a figure is drawn from where it can tell its numbers by itself.
pub(crate) trait Plot {
    /// Draws it.
    fn drawing(&self) -> Result<Drawing, DrawError>;
    /// The numbers that it draws.
    fn numbers(&self) -> Numbers;
}

/// A plot as the output of its stage.
///
/// # Errors
/// If it cannot be drawn.
pub(crate) fn plot_figure(
    call: &Call<'_>,
    plot: &impl Plot,
    words: &FigureWords,
) -> Result<Output, Mistakes> {
    let drawing = plot.drawing().map_err(|error| Mistakes::from(draw_mistake(&error)))?;
    Ok(figure(call, &drawing, plot.numbers(), words))
}

/// The letter of a panel: A to Z, then none.
pub(crate) fn panel_letter(place: usize) -> String {
    // `AA` would look like a name. No figure that prints legibly has so many panels.
    let letter = u8::try_from(place).ok().filter(|place| *place < 26);
    letter.map(|place| char::from(b'A' + place).to_string()).unwrap_or_default()
}

/// Whom a finding is about, where an analysis was told to leave patients out:
/// a sentence for captions and notes.
pub(crate) fn population<'a>(
    words: &Words<'_>,
    findings: impl IntoIterator<Item = &'a study::Finding>,
) -> Option<String> {
    let mut told: Vec<String> = Vec::new();
    // That everybody was analysed is what readers assume. Only the other case is told.
    for finding in findings.into_iter().filter(|finding| finding.population != "all") {
        let own = words.condition(&finding.population);
        if !told.contains(&own) {
            told.push(own);
        }
    }
    match told.as_slice() {
        [] => None,
        [one] => Some(format!("Only patients for whom {one} were analysed.")),
        several => Some(format!(
            "Only some patients were analysed: those for whom {}.",
            several.join(", or for whom ")
        )),
    }
}

/// Measures and draws with the study's own fonts at hand.
///
/// # Errors
/// Those of `draw`; if a file is no font.
pub(crate) fn with_fonts<T>(
    call: &Call<'_>,
    draw: impl FnOnce() -> Result<T, Mistakes>,
) -> Result<T, Mistakes> {
    let mut fonts = Vec::new();
    for path in &call.study.fonts {
        // Asked before anything is measured: a file that is no font would otherwise show as a
        // letter that is missing.
        if !crate::draw::is_font(call.file(path)) {
            let mistake = Mistake::new(format!("`{path}` of `fonts` is no font"));
            return Err(mistake.hint("give a TrueType or OpenType file (.ttf, .otf)").into());
        }
        fonts.push(Arc::clone(&call.files[path]));
    }
    crate::draw::with_fonts(fonts, draw)
}

/// Checks, before anything runs, that the font has every letter of what a
/// figure will show.
pub(crate) fn glyphs<'a>(
    texts: impl IntoIterator<Item = &'a str>,
    at: &[&str],
) -> Result<(), Mistake> {
    for text in texts {
        crate::draw::check_glyphs(text).map_err(|error| Mistake {
            at: at.iter().map(ToString::to_string).collect(),
            ..draw_mistake(&error)
        })?;
    }
    Ok(())
}

/// The output that a figure will have, without the drawing.
#[must_use]
pub fn announced(call: &Call<'_>, words: &FigureWords) -> Output {
    announced_in_parts(call, 1, words)
}

/// The same of a figure in parts.
#[must_use]
pub fn announced_in_parts(call: &Call<'_>, parts: usize, words: &FigureWords) -> Output {
    let exhibit = exhibit(call, vec![study::Drawing::default(); parts], words);
    // Paths are announced with the figure, so that two entries that would write one file are found
    // before a run.
    let files = BTreeMap::from([(figure_data_path(call.name), Vec::new())]);
    Output { exhibit: Some(exhibit), files, ..Output::default() }
}

fn exhibit(call: &Call<'_>, pictures: Vec<study::Drawing>, words: &FigureWords) -> Exhibit {
    Exhibit {
        name: call.name.to_owned(),
        label: String::new(),
        title: words.title.clone(),
        caption: caption(words, call.study),
        body: Body::Figure(pictures),
        alternative_text: words.alternative_text.clone(),
    }
}

fn caption(words: &FigureWords, study: &StudySettings) -> Vec<Paragraph> {
    let notes = words.caption.iter().filter(|paragraph| !paragraph.is_empty());
    let notes = notes.map(|text| Paragraph::new(ParagraphRole::Note, text.as_str()));
    let warnings = words.warnings.iter();
    let warnings = warnings.map(|text| Paragraph::new(ParagraphRole::Warning, sentence(text)));
    let mark = mark_remark(study).map(|text| Paragraph::new(ParagraphRole::DataMark, text));
    // The mark of the data stands last: it holds for all above it.
    notes.chain(warnings).chain(mark).collect()
}

/// A fragment as a sentence.
#[must_use]
pub fn sentence(fragment: &str) -> String {
    let full = capitalised(fragment.trim());
    // Warnings and methods are fragments, as they stand in lists too. Words of a study may be whole
    // sentences.
    if full.ends_with(['.', '!', '?']) { full } else { full + "." }
}

/// What every caption says of data that were not observed.
#[must_use]
pub fn mark_remark(study: &StudySettings) -> Option<&'static str> {
    match study.mark()? {
        "SIMULATED" => Some("Simulated data: the figures show the method and are no evidence."),
        _ => Some("Public example data."),
    }
}

/// Points of a length in millimetres, checked against what prints.
///
/// # Errors
/// If it is outside the range that any page has.
pub fn points(millimetres: f64, parameter: &str) -> Result<f64, Mistake> {
    // 420 mm are the long side of A3. Below 40 mm an axis leaves no room for a plane.
    if (40.0..=420.0).contains(&millimetres) {
        return Ok(millimetres * POINTS_PER_MM);
    }
    Err(Mistake::at(&[parameter], format!("{millimetres} mm is no size for a printed figure"))
        .hint("journals print 85 to 190 mm wide and up to 240 mm high"))
}

/// A drawing's failure as a mistake at the parameter that can mend it.
#[must_use]
pub fn draw_mistake(error: &DrawError) -> Mistake {
    match error {
        // Each failure is told at the parameter that a reader would change.
        DrawError::TooManyTicks { room, .. } => Mistake::at(&["ticks"], error.to_string())
            .hint(format!("put ticks further apart, so that there are no more than {room}")),
        DrawError::TooSmall { dimension: "high", needed_mm, .. } => {
            Mistake::at(&["height_mm"], error.to_string())
                .hint(format!("give at least {needed_mm}, or leave `height_mm` out"))
        }
        DrawError::TooSmall { needed_mm, .. } => Mistake::at(&["width_mm"], error.to_string())
            .hint(format!("give at least {needed_mm}, or shorten the labels")),
        DrawError::MissingGlyph { .. } => Mistake::new(error.to_string())
            .hint("the bundled font has Latin and Greek letters and mathematical signs: name a font file with the others in `fonts` of `study:`"),
        DrawError::Chart(_) | DrawError::Raster(_) => Mistake::new(error.to_string()),
    }
}
