//! `composite_figure`: other figures as lettered panels of one.

use engine::{Call, Kind, Mistake, Mistakes, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Body, Exhibit, Numbers, Output, ParagraphRole, StudySettings};

use crate::draw::{CompositePart, composed};
use crate::exhibit::{
    FigureWords, announced, draw_mistake, figure, glyphs, panel_letter, with_fonts,
};

/// Figures of other entries as the panels of one, lettered from A on, in rows: curves side by side, or
/// curves and the estimates beside them. Each panel keeps its own width, and what is said under it stands
/// under the whole with its letter.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompositeFigure {
    /// Title of the figure.
    pub title: String,
    /// What the caption says before what is said of the panels.
    #[serde(default)]
    pub caption: Option<String>,
    /// Rows of entries of `report` that make figures, such as `[[pfs_curves, os_curves], [ratios]]`.
    pub rows: Vec<Vec<String>>,
}

impl Kind for CompositeFigure {
    const NAME: &'static str = "composite_figure";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let reads = self.places().map(|(row, place, name)| {
            let at = ["rows", &row.to_string(), &place.to_string()];
            Read::stage(name, Section::Report, &at)
        });
        Wiring { reads: reads.collect(), files: study.fonts.clone(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let mut mistakes = Mistakes::default();
            if self.places().next().is_none() {
                let mistake = Mistake::at(&["rows"], "`rows` names no figure");
                mistakes.push(mistake.hint("name entries of `report` that make figures"));
            }
            let names: Vec<&str> = self.places().map(|(.., name)| name).collect();
            for (number, (row, place, name)) in self.places().enumerate() {
                let at = ["rows", &row.to_string(), &place.to_string()];
                // The same figure twice would have two letters for one thing.
                if names[..number].contains(&name) {
                    mistakes.push(Mistake::at(&at, format!("`{name}` is listed twice")));
                }
                let exhibit = call.stage(name).exhibit.as_ref();
                if exhibit.is_some_and(|exhibit| matches!(exhibit.body, Body::Table(_))) {
                    let mistake = Mistake::at(&at, format!("`{name}` is a table, not a figure"));
                    mistakes.push(mistake.hint("name an entry that makes a figure"));
                }
                // The titles of the panels are drawn here. Elsewhere a title stands on the page and
                // not in the drawing.
                mistakes.note(glyphs(exhibit.map(|exhibit| exhibit.title.as_str()), &at));
            }
            let parts = self.parts(call).into_iter().map(|(_, exhibit)| exhibit);
            mistakes.or(announced(call, &self.words(&parts.collect::<Vec<_>>())))
        })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        with_fonts(call, || {
            let parts = self.parts(call);
            let mut rows: Vec<Vec<CompositePart<'_>>> = vec![Vec::new(); self.rows.len()];
            for (number, (row, exhibit)) in parts.iter().enumerate() {
                // a figure in parts stands alone, as its check says
                let Body::Figure(parts) = &exhibit.body else { continue };
                let [picture] = parts.as_slice() else { continue };
                let (letter, title) = (panel_letter(number), exhibit.title.clone());
                rows[*row].push(CompositePart { letter, title, picture });
            }
            let drawing = composed(&rows, call.study.mark())
                .map_err(|error| Mistakes::from(draw_mistake(&error)))?;
            let exhibits: Vec<&Exhibit> = parts.into_iter().map(|(_, exhibit)| exhibit).collect();
            Ok(figure(call, &drawing, numbers(&exhibits), &self.words(&exhibits)))
        })
    }
}

impl CompositeFigure {
    /// Row, place in it, and name of every panel.
    fn places(&self) -> impl Iterator<Item = (usize, usize, &str)> {
        self.rows.iter().enumerate().flat_map(|(row, names)| {
            names.iter().enumerate().map(move |(place, name)| (row, place, name.as_str()))
        })
    }

    /// The figures in order, each with its row.
    fn parts<'a>(&self, call: &'a Call<'_>) -> Vec<(usize, &'a Exhibit)> {
        let made = self.places().map(|(row, _, name)| (row, call.stage(name).exhibit.as_ref()));
        made.filter_map(|(row, exhibit)| Some((row, exhibit?))).collect()
    }

    /// What is said under the panels: what all say once, the rest with its letter.
    fn words(&self, parts: &[&Exhibit]) -> FigureWords {
        let mut words = FigureWords { title: self.title.clone(), ..FigureWords::default() };
        words.caption.extend(self.caption.clone());
        words.caption.extend(told(parts, ParagraphRole::Note));
        words.warnings.extend(told(parts, ParagraphRole::Warning));
        let texts = parts.iter().enumerate().map(|(place, exhibit)| {
            format!("{}, {}. {}", panel_letter(place), exhibit.title, exhibit.alternative_text)
        });
        words.alternative_text = texts.collect::<Vec<_>>().join(" ");
        words
    }
}

/// The numbers of all panels, each row with its panel. A column of one panel only
/// is empty in the others.
fn numbers(parts: &[&Exhibit]) -> Numbers {
    let panels: Vec<(String, &Numbers)> = parts
        .iter()
        .enumerate()
        .filter_map(|(place, exhibit)| match &exhibit.body {
            Body::Figure(pictures) => Some((
                format!("{} {}", panel_letter(place), exhibit.title).trim().to_owned(),
                &pictures.first()?.numbers,
            )),
            Body::Table(_) => None,
        })
        .collect();
    let mut columns: Vec<&str> = Vec::new();
    for name in panels.iter().flat_map(|(_, numbers)| &numbers.header) {
        // Kinds have columns of their own. Those with one name mean the same and are one column.
        if !columns.contains(&name.as_str()) {
            columns.push(name);
        }
    }
    let mut rows = Vec::new();
    for (panel, numbers) in panels {
        let place = |column: &&str| numbers.header.iter().position(|name| name == column);
        let places: Vec<Option<usize>> = columns.iter().map(place).collect();
        for row in &numbers.rows {
            let cell = |place: &Option<usize>| place.and_then(|place| row.get(place)).cloned();
            let cells = places.iter().map(|place| cell(place).unwrap_or_default());
            rows.push(std::iter::once(panel.clone()).chain(cells).collect());
        }
    }
    // the panels of a part of its own are named in its own column
    let header = std::iter::once("part").chain(columns);
    Numbers { header: header.map(str::to_owned).collect(), rows }
}

/// The paragraphs of a role, each once, with the letters of the panels that it is
/// said of where it is not said of all.
fn told(parts: &[&Exhibit], role: ParagraphRole) -> Vec<String> {
    let mut told: Vec<(Vec<usize>, &str)> = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        for paragraph in part.caption.iter().filter(|one| one.role == role) {
            match told.iter_mut().find(|(_, text)| *text == paragraph.text) {
                Some((places, _)) => places.push(place),
                None => told.push((vec![place], &paragraph.text)),
            }
        }
    }
    let with_letters = |(places, text): (Vec<usize>, &str)| {
        // What holds for all panels needs no letters.
        if places.len() == parts.len() {
            return text.to_owned();
        }
        let letters: Vec<String> = places.into_iter().map(panel_letter).collect();
        format!("{}: {text}", letters.join(", "))
    };
    told.into_iter().map(with_letters).collect()
}

#[cfg(test)]
mod tests;
