//! The numbers that survival curves draw, in the units of the axes.

use super::SurvivalPlot;
use super::curves::{band_end, thin_from};
use crate::format::count_or_below;
use crate::plotted::cell;

impl SurvivalPlot<'_> {
    /// A row a step of each curve and of its band, a mark of censoring, a median, a
    /// number under the axis, and the shade: what it is, the time with where it ends,
    /// and the height with the other edge of a band.
    pub(crate) fn plotted(&self) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        let mut put = |series: &str, time: [Option<f64>; 2], y_axis: &str, height: [String; 2]| {
            let [x, x_to] = time.map(cell);
            let [y, y_to] = height;
            let words = [series, &self.x_label, y_axis].map(str::to_owned);
            let [series, x_axis, y_axis] = words;
            rows.push(vec![series, x_axis, x, x_to, y_axis, y, y_to]);
        };
        let one = |y: f64| [cell(Some(y)), String::new()];
        for (place, group) in self.curves.groups.iter().enumerate() {
            let name = self.arms.get(place).map_or(&group.label, |arm| &arm.label);
            let axis = self.y_label.as_str();
            let units = |days: f64| days / self.days_per_unit;
            let last = units(group.last_time_days()).min(self.end);
            // Curves have no row at time zero, where all are free of the event.
            let begin = (0.0, 1.0, None);
            let steps = group
                .rows
                .iter()
                .map(|row| (units(row.time_days), row.survival, row.lower.zip(row.upper)));
            let steps: Vec<_> = std::iter::once(begin).chain(steps).collect();
            let (thin, band) = (thin_from(self, group), band_end(self, group));
            let pale = format!("{name}, few at risk");
            let limits = format!("{name}, confidence band");
            for (number, (from, survival, limit)) in steps.iter().enumerate() {
                let to = steps.get(number + 1).map_or(last, |(next, ..)| next.min(last));
                // Behind the end of the axis nothing is drawn, and the file says what is drawn.
                if *from > self.end || to <= *from {
                    continue;
                }
                let series = if *from < thin { name } else { &pale };
                put(series, [Some(*from), Some(to)], axis, one(*survival));
                // as in the drawing, a curve that has not fallen has itself for a band
                let (lower, upper) = limit.unwrap_or((*survival, *survival));
                if *from < band {
                    let height = [lower, upper].map(|limit| cell(Some(limit)));
                    put(&limits, [Some(*from), Some(to.min(band))], axis, height);
                }
            }
            let censored = format!("{name}, censored");
            for row in group.rows.iter().filter(|row| row.censored > 0) {
                let time = units(row.time_days);
                if time <= self.end {
                    put(&censored, [Some(time), None], axis, one(row.survival));
                }
            }
            let median = self.medians.get(place).copied().flatten().map(units);
            if let Some(time) = median.filter(|time| *time <= self.end) {
                put(&format!("{name}, median"), [Some(time), None], axis, one(0.5));
            }
            for tick in self.table_rows.iter().flat_map(|_| self.ticks()) {
                let counts = group.counts_at(tick * self.days_per_unit, self.at_risk);
                let counts = [counts.at_risk, counts.censored, counts.events];
                for (row, count) in self.table_rows.into_iter().flatten().zip(counts) {
                    // The file must not say what the figure keeps back.
                    let printed = count_or_below(count, self.hides_below);
                    put(name, [Some(tick), None], row, [printed, String::new()]);
                }
            }
        }
        if let Some(shade) = &self.shade {
            let empty = [String::new(), String::new()];
            put(&shade.label, [Some(shade.from), Some(shade.to)], "", empty);
        }
        rows
    }
}
