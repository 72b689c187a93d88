//! The numbers that figures draw: of panels one row a point, step or bar, of a
//! forest one row a row, of a flow one row a box or reason, at full precision and in
//! the units of the axes. Survival curves tell theirs in `draw/survival/numbers.rs`.

use study::Numbers;

use crate::draw::{
    DrawError, Drawing, FlowBox, FlowPlot, ForestPlot, HistogramPlot, PanelFigure, SurvivalPlot,
};
use crate::exhibit::{Plot, panel_letter};

/// A number, or an empty cell.
pub(crate) fn cell(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A panel as files name it: its letter, and its heading where it has one.
fn panel_name(letter: &str, heading: &str) -> String {
    format!("{letter} {heading}").trim().to_owned()
}

impl Plot for PanelFigure {
    fn drawing(&self) -> Result<Drawing, DrawError> {
        self.draw()
    }

    /// The rows of all series in the order in which they are drawn. Of a stretch the
    /// second end stands in `x_to` or `y_to`; a band lies between `y` and `y_to`.
    fn numbers(&self) -> Numbers {
        let mut rows = Vec::new();
        for panel in self.rows.iter().flat_map(|row| &row.panels) {
            // a series without a name is a guide
            for series in panel.series.iter().filter(|series| !series.name.is_empty()) {
                for one in &series.data {
                    // A row of the figure has a name, and its place on the axis means nothing in a
                    // file.
                    let named = panel.row_names.iter().find(|(place, _)| *place == one.y);
                    rows.push(vec![
                        panel_name(&panel.letter, &panel.heading),
                        series.name.clone(),
                        panel.x.title.clone(),
                        cell(Some(one.x)),
                        cell(one.x_to),
                        panel.y.title.clone(),
                        named.map_or_else(|| cell(Some(one.y)), |(_, name)| name.clone()),
                        cell(one.y_to),
                    ]);
                }
            }
        }
        Numbers::new(&["panel", "series", "x_axis", "x", "x_to", "y_axis", "y", "y_to"], rows)
    }
}

impl Plot for ForestPlot {
    fn drawing(&self) -> Result<Drawing, DrawError> {
        self.draw()
    }

    /// Names and printed counts, the ratio with its limits at full precision, and the
    /// printed p-values. A row of a level has its heading beside it.
    fn numbers(&self) -> Numbers {
        let headings = &self.headings;
        let mut header = vec!["heading".to_owned(), headings.names.clone()];
        header.extend(headings.counts.iter().cloned());
        header.extend(["ratio", "lower", "upper"].map(str::to_owned));
        header.extend(headings.tests.iter().cloned());
        let mut rows = Vec::new();
        let mut heading = String::new();
        for row in &self.rows {
            if !row.is_level {
                heading.clone_from(&row.label);
            }
            let text = |cells: &[String], place| cells.get(place).cloned().unwrap_or_default();
            // A reference is drawn at 1 and has no estimate.
            let one = row.is_reference.then_some(1.0);
            let estimate = row.estimate.as_ref();
            let mut record = vec![heading.clone(), row.label.clone()];
            record.extend((0..headings.counts.len()).map(|place| text(&row.counts, place)));
            record.push(cell(estimate.map(|estimate| estimate.value).or(one)));
            record.push(cell(estimate.and_then(|estimate| estimate.lower)));
            record.push(cell(estimate.and_then(|estimate| estimate.upper)));
            record.extend((0..headings.tests.len()).map(|place| text(&row.tests, place)));
            rows.push(record);
        }
        Numbers { header, rows }
    }
}

impl Plot for HistogramPlot {
    fn drawing(&self) -> Result<Drawing, DrawError> {
        self.draw()
    }

    /// A row a bin, then the range above the bins and the marked value, under the
    /// words of the key.
    fn numbers(&self) -> Numbers {
        let [central, outer, range, marked, pinned] = &self.key;
        let mut rows = Vec::new();
        for (place, panel) in self.panels.iter().enumerate() {
            let name = panel_name(&panel_letter(place), &panel.title);
            let mut put = |what: &str, x: f64, x_to: Option<f64>, count: String| {
                let row = [what, &panel.x_label].map(str::to_owned);
                let numbers = [cell(Some(x)), cell(x_to), count];
                rows.push([vec![name.clone()], row.to_vec(), numbers.to_vec()].concat());
            };
            for (count, edges) in panel.bins() {
                let what = match panel.is_central(edges) {
                    _ if panel.is_pinned => pinned,
                    true => central,
                    false => outer,
                };
                put(what, edges[0], Some(edges[1]), count.to_string());
            }
            if let Some([from, to]) = panel.range {
                put(range, from, Some(to), String::new());
            }
            if let Some(value) = panel.marked {
                put(marked, value, None, String::new());
            }
        }
        Numbers::new(&["panel", "what", "x_axis", "x", "x_to", "count"], rows)
    }
}

impl Plot for FlowPlot {
    fn drawing(&self) -> Result<Drawing, DrawError> {
        self.draw()
    }

    /// A row a line of each box, as printed.
    fn numbers(&self) -> Numbers {
        let mut rows = Vec::new();
        let mut put = |part: &str, one: &FlowBox| {
            let row = |line: &str, n: &str| {
                [part, one.heading.as_str(), line, n].map(str::to_owned).to_vec()
            };
            // A box without lines is still drawn.
            if one.lines.is_empty() {
                rows.push(row("", ""));
            }
            rows.extend(one.lines.iter().map(|(line, n)| row(line, n)));
        };
        put("screened", &self.screened);
        self.excluded.iter().for_each(|one| put("excluded", one));
        put("analysed", &self.analysed);
        self.left_out.iter().for_each(|one| put("in no group", one));
        self.arms.iter().for_each(|one| put("group", one));
        Numbers::new(&["part", "box", "line", "n"], rows)
    }
}

impl Plot for SurvivalPlot<'_> {
    fn drawing(&self) -> Result<Drawing, DrawError> {
        self.draw()
    }

    fn numbers(&self) -> Numbers {
        let rows = self.plotted();
        Numbers::new(&["series", "x_axis", "x", "x_to", "y_axis", "y", "y_to"], rows)
    }
}
