//! The numbers that a figure of panels draws, as CSV: one row a point, step or
//! bar, at full precision and in the units of the axes.

use study::StudySettings;

use super::csv::{data_status, put};
use crate::draw::PanelFigure;

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
