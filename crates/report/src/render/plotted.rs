//! The numbers that figures draw, as CSV: of panels one row a point, step or bar,
//! of a forest one row a row, at full precision and in the units of the axes.

use study::StudySettings;

use super::csv::{data_status, put};
use crate::draw::{ForestPlot, PanelFigure};

/// The rows of all series in the order in which they are drawn. Of a stretch the
/// second end stands in `x_to` or `y_to`; a band lies between `y` and `y_to`.
pub(crate) fn plotted(figure: &PanelFigure, study: &StudySettings) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = ["panel", "series", "x_axis", "x", "x_to", "y_axis", "y", "y_to", "data_status"];
    put(&mut writer, &header.map(str::to_owned));
    for panel in figure.rows.iter().flat_map(|row| &row.panels) {
        // a series without a name is a guide
        for series in panel.series.iter().filter(|series| !series.name.is_empty()) {
            for one in &series.data {
                let number = |value: Option<f64>| value.map(|value| value.to_string());
                let number = |value| number(value).unwrap_or_default();
                let named = panel.row_names.iter().find(|(place, _)| *place == one.y);
                let y = named.map_or_else(|| number(Some(one.y)), |(_, name)| name.clone());
                put(
                    &mut writer,
                    &[
                        format!("{} {}", panel.letter, panel.heading).trim().to_owned(),
                        series.name.clone(),
                        panel.x.title.clone(),
                        number(Some(one.x)),
                        number(one.x_to),
                        panel.y.title.clone(),
                        y,
                        number(one.y_to),
                        data_status(study),
                    ],
                );
            }
        }
    }
    writer.into_inner().expect("invariant: memory takes every byte")
}

/// The rows of a forest: names and printed counts, the ratio with its limits at full
/// precision, and the printed p-values. A row of a level has its heading beside it.
pub(crate) fn forest(plot: &ForestPlot, study: &StudySettings) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let headings = &plot.headings;
    let mut header = vec!["heading".to_owned(), headings.names.clone()];
    header.extend(headings.counts.iter().cloned());
    header.extend(["ratio", "lower", "upper"].map(str::to_owned));
    header.extend(headings.tests.iter().cloned());
    header.push("data_status".to_owned());
    put(&mut writer, &header);
    let mut heading = String::new();
    for row in &plot.rows {
        if !row.is_level {
            heading.clone_from(&row.label);
        }
        let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let cell = |cells: &[String], place: usize| cells.get(place).cloned().unwrap_or_default();
        let one = row.is_reference.then_some(1.0);
        let estimate = row.estimate.as_ref();
        let mut record = vec![heading.clone(), row.label.clone()];
        record.extend((0..headings.counts.len()).map(|place| cell(&row.counts, place)));
        record.push(number(estimate.map(|estimate| estimate.value).or(one)));
        record.push(number(estimate.and_then(|estimate| estimate.lower)));
        record.push(number(estimate.and_then(|estimate| estimate.upper)));
        record.extend((0..headings.tests.len()).map(|place| cell(&row.tests, place)));
        record.push(data_status(study));
        put(&mut writer, &record);
    }
    writer.into_inner().expect("invariant: memory takes every byte")
}
