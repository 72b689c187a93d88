//! The curves themselves: bands, median lines, steps, censoring marks.

use study::{AtRisk, CurveRow, GroupCurve};

use crate::draw::chart::Chart;
use crate::draw::{Area, Colour, DrawError, Pen, RULE};

use super::SurvivalPlot;

/// Opacity of the part of a curve that few patients support.
const PALE: f64 = 0.35;
const BAND: f64 = 0.18;

/// Where a group was drawn on the canvas: other things keep out of its way.
pub(super) struct Trace {
    /// The corners of the curve.
    pub(super) path: Vec<(f64, f64)>,
    /// The band, in one rectangle a step.
    pub(super) band: Vec<Area>,
}

/// What was drawn, as far as other things keep out of its way.
pub(super) struct Traces {
    /// The groups.
    pub(super) groups: Vec<Trace>,
    /// The lines to the medians.
    pub(super) medians: Vec<Vec<(f64, f64)>>,
}

/// Draws the curves.
pub(super) fn draw(plot: &SurvivalPlot<'_>, chart: &Chart) -> Result<Traces, DrawError> {
    let groups = &plot.curves.groups;
    for (place, group) in groups.iter().enumerate() {
        let corners = band(plot, group);
        if corners.len() > 2 {
            // All bands before all curves: the band of a later group must not veil the curve of an
            // earlier one.
            chart.band(&corners, Colour::of_group(place), BAND)?;
        }
    }
    let medians = medians(plot, chart)?;
    let mut traces = Vec::new();
    for (place, group) in groups.iter().enumerate() {
        let path = curve(plot, chart, place, group)?;
        traces.push(Trace { path, band: band_steps(plot, chart, group) });
    }
    Ok(Traces { groups: traces, medians })
}

fn band_steps(plot: &SurvivalPlot<'_>, chart: &Chart, group: &GroupCurve) -> Vec<Area> {
    let end = band_end(plot, group);
    let steps = group.rows.windows(2).filter_map(|rows| {
        let (from, to) =
            (rows[0].time_days / plot.days_per_unit, rows[1].time_days / plot.days_per_unit);
        let (lower, upper) = rows[0].lower.zip(rows[0].upper)?;
        // y grows downwards on the canvas, so that the upper limit is the top.
        let (left, top) = chart.place((from, upper));
        let (right, bottom) = chart.place((to.min(end), lower));
        (from < end).then_some(Area { left, top, right, bottom })
    });
    steps.collect()
}

/// The time in units from which fewer than 3 patients or fewer than 5% are left,
/// for good: patients may still enter, or move to another group.
pub(super) fn thin_from(plot: &SurvivalPlot<'_>, group: &GroupCurve) -> f64 {
    let is_thin = |row: &&CurveRow| {
        let left = group.counts_at(row.time_days, AtRisk::Beyond).at_risk;
        // With so few a single event moves the curve by a large step, and its limits are hardly to
        // be trusted.
        left < 3 || left * 20 < group.n
    };
    // From the end backwards: with delayed entry few are at risk at first too, and the curve is
    // sound after that.
    let thin = group.rows.iter().rev().take_while(is_thin).last();
    thin.map_or(f64::INFINITY, |row| row.time_days / plot.days_per_unit)
}

/// Corners of the steps of one quantity from time 0 until `end`.
fn steps(
    plot: &SurvivalPlot<'_>,
    group: &GroupCurve,
    end: f64,
    height: impl Fn(&CurveRow) -> Option<f64>,
) -> Vec<(f64, f64)> {
    let mut corners = vec![(0.0, 1.0)];
    let mut level = 1.0;
    for row in &group.rows {
        let time = row.time_days / plot.days_per_unit;
        if time > end {
            corners.push((end, level));
            return corners;
        }
        // Limits that are missing once do not come back: the band stops there.
        let Some(next) = height(row) else {
            corners.push((time, level));
            return corners;
        };
        // Rows of censoring alone make no corner.
        if next != level {
            corners.push((time, level));
            corners.push((time, next));
            level = next;
        }
    }
    // To the last time of follow-up, not to the last event: otherwise those followed longest would
    // not be seen.
    let last = (group.last_time_days() / plot.days_per_unit).min(end);
    corners.push((last, level));
    corners
}

/// Where the band ends: with few patients left, or where limits are missing.
pub(super) fn band_end(plot: &SurvivalPlot<'_>, group: &GroupCurve) -> f64 {
    // Before the first event there are no limits to be had, as the variance is nought.
    let both = |row: &&CurveRow| row.survival >= 1.0 || row.lower.zip(row.upper).is_some();
    let known = group.rows.iter().take_while(both).count();
    let known =
        group.rows.get(known).map_or(f64::INFINITY, |row| row.time_days / plot.days_per_unit);
    thin_from(plot, group).min(plot.end).min(known)
}

fn band(plot: &SurvivalPlot<'_>, group: &GroupCurve) -> Vec<(f64, f64)> {
    let end = band_end(plot, group);
    let mut corners = steps(plot, group, end, |row| Some(row.lower.unwrap_or(row.survival)));
    let above = steps(plot, group, end, |row| Some(row.upper.unwrap_or(row.survival)));
    corners.extend(above.into_iter().rev());
    corners
}

/// Draws the lines to the medians on the axis; gives their places.
fn medians(plot: &SurvivalPlot<'_>, chart: &Chart) -> Result<Vec<Vec<(f64, f64)>>, DrawError> {
    // Grey and thin: a guide to a number that stands in the key.
    let pen = Pen { dash: &[2.0, 1.8], ..Pen::solid(RULE, 0.6) };
    let medians = plot.medians.iter().flatten().map(|days| days / plot.days_per_unit);
    let shown: Vec<f64> = medians.filter(|median| *median <= plot.end).collect();
    let mut lines: Vec<[(f64, f64); 2]> =
        shown.iter().map(|median| [(*median, 0.5), (*median, 0.0)]).collect();
    // One line at a half for all groups, as far as the last median. Lines over each other would
    // make other dashes.
    if let Some(last) = shown.into_iter().reduce(f64::max) {
        lines.push([(0.0, 0.5), (last, 0.5)]);
    }
    for line in &lines {
        chart.line(line, &pen)?;
    }
    Ok(lines.into_iter().map(|line| line.map(|corner| chart.place(corner)).to_vec()).collect())
}

fn curve(
    plot: &SurvivalPlot<'_>,
    chart: &Chart,
    place: usize,
    group: &GroupCurve,
) -> Result<Vec<(f64, f64)>, DrawError> {
    let whole = steps(plot, group, plot.end, |row| Some(row.survival));
    let thin = thin_from(plot, group);
    let pen = Pen::of_group(place);
    let pale = Pen { opacity: PALE, ..pen };
    let sound = steps(plot, group, plot.end.min(thin), |row| Some(row.survival));
    // the rest begins where the sound part ends
    let rest: Vec<(f64, f64)> = sound
        .last()
        .copied()
        .into_iter()
        .chain(whole.iter().copied().filter(|corner| corner.0 > thin))
        .collect();
    chart.line(&sound, &pen)?;
    if rest.len() > 1 {
        chart.line(&rest, &pale)?;
    }
    for row in group.rows.iter().filter(|row| row.censored > 0) {
        let time = row.time_days / plot.days_per_unit;
        if time <= plot.end {
            let opacity = if time > thin { PALE } else { 1.0 };
            let pen = Pen { opacity, ..Pen::solid(Colour::of_group(place), 0.7) };
            let half = CENSOR_MARK / plot_height(chart);
            let (low, high) = (row.survival - half, row.survival + half);
            chart.line(&[(time, low), (time, high)], &pen)?;
        }
    }
    Ok(whole.into_iter().map(|corner| chart.place(corner)).collect())
}

/// Half the height of a censoring mark in points.
const CENSOR_MARK: f64 = 2.1;

fn plot_height(chart: &Chart) -> f64 {
    chart.place((0.0, 0.0)).1 - chart.place((0.0, 1.0)).1
}
