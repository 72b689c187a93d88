//! Which values are missing together: a column per pattern, a row per variable;
//! over the columns how many patients have the pattern, beside the rows how many
//! lack the value.

use super::font::width;
use super::legend::{self, Legend, Sign};
use super::{
    Anchor, Area, Canvas, Colour, DrawError, Drawing, Face, Fill, Hatching, INK, Lettering, MUTED,
    PALE, POINTS_PER_MM, Pen, RULE, wrap,
};

const SIZE: f64 = 7.0;
const LEADING: f64 = 8.6;
const ROW: f64 = 15.0;
const BARS_ABOVE: f64 = 92.0;
const BARS_BESIDE: f64 = 92.0;
// Two patterns across a whole page would have bars like walls.
const WIDEST_COLUMN: f64 = 34.0;
const NARROWEST_COLUMN: f64 = 15.0;
const LABELS: f64 = 120.0;

/// Numbers of patients, group by group: none where one is kept back; and the
/// sum as it is printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// The groups' numbers in order.
    pub groups: Vec<Option<u64>>,
    /// The sum in words.
    pub text: String,
}

impl Counted {
    fn sum(&self) -> u64 {
        self.groups.iter().flatten().sum()
    }
}

/// A plot of patterns.
#[derive(Debug, Clone, PartialEq)]
pub struct MissingPlot {
    /// The variables in words, with the patients who lack a value.
    pub variables: Vec<(String, Counted)>,
    /// The patterns: whether each variable is missing, and the patients; nothing is
    /// missing where several stand together.
    pub patterns: Vec<(Vec<bool>, Counted)>,
    /// What several patterns that stand together are called.
    pub together: String,
    /// The groups in words with their numbers.
    pub groups: Vec<String>,
    /// The word that marks data that are not observed.
    pub mark: Option<&'static str>,
    /// Width in points.
    pub width: f64,
}

impl MissingPlot {
    /// Draws it.
    ///
    /// # Errors
    /// If a letter is missing or the patterns do not fit.
    pub fn draw(&self) -> Result<Drawing, DrawError> {
        let labels = self.labels()?;
        let rows: Vec<f64> =
            labels.iter().map(|lines| ROW + (lines.len() as f64 - 1.0) * LEADING).collect();
        let longest = labels.iter().flatten().map(|line| width(line, Face::Regular, SIZE));
        // As wide as the lines came out, not as they were allowed to: patterns have the room that
        // is left.
        let longest = longest.collect::<Result<Vec<_>, _>>()?.into_iter().fold(30.0, f64::max);
        let left = 4.0 + longest + 8.0;
        let column = self.column(left)?;
        let above = if self.mark.is_some() { 14.0 } else { 4.0 };
        let top = above + LEADING + 8.0 + BARS_ABOVE + 4.0;
        let right = left + column * self.patterns.len() as f64;
        let bottom = top + rows.iter().sum::<f64>();
        let legend = self.legend();
        let room = self.width - 4.0;
        let height = bottom + 10.0 + legend::height(&legend, room)? + 2.0;
        let mut canvas = Canvas::new(self.width, height);
        canvas.mark(self.mark);
        let heading = Lettering::plain(SIZE).bold();
        canvas.text((left, above + 7.0), "Patients with the pattern", &heading);
        canvas.text((right + 12.0, top - 5.0), "Patients without a value", &heading);
        let mut y = top;
        for (place, (lines, high)) in labels.iter().zip(&rows).enumerate() {
            self.row(
                &mut canvas,
                place,
                (lines, *high),
                &Area { left, top: y, right, bottom: y + high },
            );
            y += high;
        }
        // Bars over patterns and bars beside variables have scales of their own. Most patients lack
        // nothing, so that one scale would flatten the others.
        let largest = self.patterns.iter().map(|(_, counted)| counted.sum()).max().unwrap_or(0);
        for (place, (missing, counted)) in self.patterns.iter().enumerate() {
            let x = left + place as f64 * column;
            self.column_bar(
                &mut canvas,
                (counted, largest),
                &Area {
                    left: x,
                    right: x + column,
                    top: top - 4.0 - BARS_ABOVE,
                    bottom: top - 4.0,
                },
            );
            self.cells(&mut canvas, missing, (x + column / 2.0, top), &rows);
        }
        legend::draw(&mut canvas, (2.0, bottom + 10.0), room, &legend)?;
        canvas.finish()
    }

    fn labels(&self) -> Result<Vec<Vec<String>>, DrawError> {
        self.variables.iter().map(|(label, _)| wrap(label, Face::Regular, SIZE, LABELS)).collect()
    }

    /// How wide a column of the patterns is.
    fn column(&self, left: f64) -> Result<f64, DrawError> {
        let texts = self.variables.iter().map(|(_, counted)| counted.text.as_str());
        let texts = texts.map(|text| width(text, Face::Regular, SIZE));
        let numbers = texts.collect::<Result<Vec<_>, _>>()?.into_iter().fold(28.0, f64::max);
        let room = self.width - left - 12.0 - BARS_BESIDE - numbers - 8.0;
        let column = (room / self.patterns.len().max(1) as f64).min(WIDEST_COLUMN);
        if column >= NARROWEST_COLUMN {
            return Ok(column);
        }
        let needed = self.width - room + NARROWEST_COLUMN * self.patterns.len() as f64;
        Err(DrawError::TooSmall {
            dimension: "wide",
            found_mm: (self.width / POINTS_PER_MM).round() as u32,
            needed_mm: (needed / POINTS_PER_MM).ceil() as u32,
        })
    }

    /// The label of a variable, its ground, and its patients.
    fn row(&self, canvas: &mut Canvas, place: usize, (lines, high): (&[String], f64), area: &Area) {
        if place.is_multiple_of(2) {
            canvas.rectangle(
                &Area { left: 2.0, right: self.width - 2.0, ..*area },
                Some(PALE),
                None,
            );
        }
        let middle = (area.top + area.bottom) / 2.0;
        let first = middle - (lines.len() as f64 - 1.0) * LEADING / 2.0;
        for (line, text) in lines.iter().enumerate() {
            let lettering = Lettering::plain(SIZE).anchored(Anchor::End);
            canvas.text_centred((area.left - 8.0, first + line as f64 * LEADING), text, &lettering);
        }
        let counted = &self.variables[place].1;
        let largest = self.variables.iter().map(|(_, counted)| counted.sum()).max().unwrap_or(0);
        let mut x = area.right + 12.0;
        for (group, count) in counted.groups.iter().enumerate() {
            // A count that is kept back has no bar: its length would give it away.
            let length = share(count.unwrap_or(0), largest) * BARS_BESIDE;
            if length > 0.0 {
                let half = (high - 7.0).min(9.0) / 2.0;
                let bar =
                    Area { left: x, right: x + length, top: middle - half, bottom: middle + half };
                Fill::of_group(group, self.groups.len()).draw(canvas, &bar);
            }
            x += length;
        }
        canvas.text_centred((x + 3.0, middle), &counted.text, &Lettering::plain(SIZE));
    }

    /// The patients of a pattern, the groups upon one another.
    fn column_bar(&self, canvas: &mut Canvas, (counted, largest): (&Counted, u64), area: &Area) {
        let inside = (area.width() * 0.6).min(16.0);
        let middle = (area.left + area.right) / 2.0;
        let mut y = area.bottom;
        for (group, count) in counted.groups.iter().enumerate() {
            // Ten points remain for the number over the tallest bar.
            let high = share(count.unwrap_or(0), largest) * (area.height() - 10.0);
            if high > 0.0 {
                let bar = Area {
                    left: middle - inside / 2.0,
                    right: middle + inside / 2.0,
                    top: y - high,
                    bottom: y,
                };
                Fill::of_group(group, self.groups.len()).draw(canvas, &bar);
            }
            y -= high;
        }
        let lettering = Lettering::plain(SIZE).anchored(Anchor::Middle);
        canvas.text((middle, y - 3.0), &counted.text, &lettering);
        canvas.line((area.left, area.bottom), (area.right, area.bottom), &Pen::solid(INK, 0.6));
    }

    /// A mark a variable: dark where it is missing.
    fn cells(&self, canvas: &mut Canvas, missing: &[bool], (x, top): (f64, f64), rows: &[f64]) {
        let mut y = top;
        if missing.is_empty() {
            let middle = top + rows.iter().sum::<f64>() / 2.0;
            let lettering = Lettering::plain(SIZE).anchored(Anchor::Middle);
            // Upright, as the column is too narrow for words.
            canvas.text_upwards((x + 2.5, middle), &self.together, &lettering);
        }
        for (is_missing, high) in missing.iter().zip(rows) {
            let middle = y + high / 2.0;
            let cell = Area::at(x - 4.0, middle - 4.0, 8.0, 8.0);
            match is_missing {
                true => canvas.rectangle(&cell, Some(INK), None),
                false => {
                    let pen = Pen::solid(RULE, 0.6);
                    canvas.rectangle(&cell, Some(Colour(255, 255, 255)), Some(&pen));
                }
            }
            y += high;
        }
    }

    fn legend(&self) -> Legend {
        let groups = self.groups.iter().enumerate().map(|(place, label)| {
            (Sign::Fill(Fill::of_group(place, self.groups.len())), label.clone())
        });
        // Dark is what is missing, as is usual for such plots: the eye looks for dark cells.
        let cells = [(INK, Hatching::Solid, "Missing"), (MUTED, Hatching::Open, "Known")];
        let cells = cells.map(|(colour, hatching, label)| {
            (Sign::Fill(Fill { colour, hatching }), label.to_owned())
        });
        vec![groups.collect(), cells.into()]
    }
}

/// A number as a share of the largest.
fn share(count: u64, largest: u64) -> f64 {
    if largest == 0 { 0.0 } else { count as f64 / largest as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::assert_sound;

    fn counted(groups: [u64; 2]) -> Counted {
        Counted { groups: groups.map(Some).into(), text: groups.iter().sum::<u64>().to_string() }
    }

    fn plot(patterns: usize) -> MissingPlot {
        let pattern = |place: usize| {
            (
                vec![place & 1 == 1, place & 2 == 2, place & 4 == 4],
                counted([9 - place as u64 % 9, 30]),
            )
        };
        MissingPlot {
            variables: vec![
                ("Age".into(), counted([0, 0])),
                ("ECOG performance status".into(), counted([3, 9])),
                (
                    "A variable with a very long label that takes two lines".into(),
                    Counted { text: "1113 (1017 + 1096)".into(), ..counted([7, 12]) },
                ),
            ],
            patterns: (0..patterns).map(pattern).collect(),
            together: "3 other patterns".into(),
            groups: vec!["No radiotherapy".into(), "Radiotherapy".into()],
            mark: Some("SIMULATED"),
            width: 183.0 * POINTS_PER_MM,
        }
    }

    #[test]
    fn patterns_stand_over_their_marks() {
        let mut plot = plot(8);
        // Several rare patterns together, and one whose counts are kept back.
        plot.patterns[6].0 = Vec::new();
        plot.patterns[7].1 = Counted { groups: vec![None, None], text: "<5".into() };
        assert_sound("missing", &plot.draw().expect("draws"));
    }

    #[test]
    fn too_many_patterns_do_not_fit() {
        let error = plot(60).draw().expect_err("sixty columns");
        assert!(error.to_string().starts_with("the figure is 183 mm wide and needs "), "{error}");
    }
}
