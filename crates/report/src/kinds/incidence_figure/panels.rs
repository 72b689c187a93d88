//! The panels: curves of one cause in all groups, what was found, and the table
//! under the axis.

use engine::{Call, Mistakes};
use study::{IncidenceCurves, IncidenceGroup, IncidenceStep, Level, StudySettings};

use super::{Found, IncidenceFigure};
use crate::draw::{
    BelowRow, Colour, Datum, KeyEntry, Look, Panel, PanelFigure, PanelRow, Pen, Scale, Series,
    ticks,
};
use crate::evidence::Evidence;
use crate::exhibit::{panel_letter, points};
use crate::format::{self, PValueStyle};
use crate::time_axis;

/// Panels that stand side by side at most.
const IN_A_ROW: usize = 3;
const HEIGHT: f64 = 138.0;
const BAND: f64 = 0.18;
/// Opacity of the part of a curve that few patients support.
const PALE: f64 = 0.35;

impl IncidenceFigure {
    pub(super) fn plot(
        &self,
        call: &Call<'_>,
        evidence: &Evidence,
        found: &Found<'_>,
    ) -> Result<PanelFigure, Mistakes> {
        let curves = found.curves;
        let panels = curves.causes.iter().enumerate().map(|(place, cause)| Panel {
            letter: panel_letter(place),
            heading: cause.label.clone(),
            notes: self.notes(call.study, found, cause),
            share: 1.0,
            // All panels have one axis of time and one of incidence, so that causes can be
            // compared.
            x: self.time(call, curves),
            y: upright(curves, place.is_multiple_of(IN_A_ROW)),
            series: series(call.study, curves, place),
            below: self.below(call.study, evidence, curves, place),
            ..Panel::default()
        });
        let panels: Vec<Panel> = panels.collect();
        let rows = panels.chunks(IN_A_ROW);
        let rows = rows.map(|panels| PanelRow { height: HEIGHT, panels: panels.to_vec() });
        Ok(PanelFigure {
            rows: rows.collect(),
            key: key(curves),
            mark: call.study.mark(),
            width: points(self.width_mm, "width_mm")?,
        })
    }

    fn ticks(&self, study: &StudySettings, curves: &IncidenceCurves) -> (Vec<f64>, f64) {
        let last = curves.groups.iter().map(IncidenceGroup::last_time_days).fold(0.0, f64::max);
        let (tick, end) = self.axis().of(study, last);
        (ticks(tick, end), end)
    }

    fn time(&self, call: &Call<'_>, curves: &IncidenceCurves) -> Scale {
        let (ticks, end) = self.ticks(call.study, curves);
        let ticks = ticks.into_iter().map(|tick| (tick, format::axis_number(tick))).collect();
        Scale::linear(&short_title(call), (0.0, end), ticks)
    }

    fn notes(&self, study: &StudySettings, found: &Found<'_>, cause: &Level) -> Vec<String> {
        let groups = found.curves.groups.iter();
        let events: Vec<String> =
            groups.map(|group| found.events_of(study, &cause.value, &group.level)).collect();
        let test = found
            .gray(&cause.value)
            .and_then(|test| test.value)
            .map(|p| format!("Gray’s test: {}", format::p_statement(p, PValueStyle::Rounded)));
        let lines = found.lines.iter().filter(|(own, ..)| *own == cause.value);
        let lines = lines
            .map(|(_, label, one)| format!("{label}: {}", format::value_with_limits(one, study)));
        [format!("Events/N: {}", events.join(" and "))]
            .into_iter()
            .chain(test)
            .chain(lines)
            .collect()
    }

    fn below(
        &self,
        study: &StudySettings,
        evidence: &Evidence,
        curves: &IncidenceCurves,
        place: usize,
    ) -> Vec<BelowRow> {
        let (ticks, _) = self.ticks(study, curves);
        // Names stand at the left of each row of panels alone. The others have the same rows at the
        // same heights.
        let is_first = place.is_multiple_of(IN_A_ROW);
        let name = |name: &str| if is_first { name.to_owned() } else { String::new() };
        let mut rows = Vec::new();
        for (group, own) in curves.groups.iter().enumerate() {
            let look = is_first.then_some(Look::Line(Pen::of_group(group)));
            rows.push(BelowRow {
                name: name(&group_label(curves, own)),
                look,
                ..BelowRow::default()
            });
            for (row, label) in ["At risk", "Events", "Other events"].into_iter().enumerate() {
                let cell = |tick: &f64| {
                    let days = tick * study.days_per_time_unit();
                    let counts = own.counts_at(place, days, study.at_risk);
                    // Other events are counted apart from censoring: they are why a patient can no
                    // longer have this one.
                    let count = [counts.at_risk, counts.events, counts.competing][row];
                    (*tick, evidence.rule().count(count))
                };
                let cells = ticks.iter().map(cell).collect();
                rows.push(BelowRow { name: name(label), look: None, cells, is_muted: row > 0 });
            }
        }
        rows
    }
}

/// The axis of a narrow panel: time in its unit.
fn short_title(call: &Call<'_>) -> String {
    let whole = time_axis::title(call);
    let unit = call.study.time_unit.word();
    // Three panels side by side leave about 45 mm each, and a longer title would run into its
    // neighbour's.
    if whole.len() > 30 { format!("Time ({unit})") } else { whole }
}

/// A group in words; yes and no stand with the variable.
pub(super) fn group_label(curves: &IncidenceCurves, group: &IncidenceGroup) -> String {
    match (&curves.by_label, group.label.to_lowercase().as_str()) {
        (Some(by), answer @ ("yes" | "no")) => format!("{by}: {answer}"),
        _ => group.label.clone(),
    }
}

fn key(curves: &IncidenceCurves) -> Vec<KeyEntry> {
    let entry = |(place, group): (usize, &IncidenceGroup)| KeyEntry {
        looks: vec![Look::Band(Colour::of_group(place), BAND), Look::Line(Pen::of_group(place))],
        text: group_label(curves, group),
    };
    curves.groups.iter().enumerate().map(entry).collect()
}

/// The time in days from which fewer than 3 patients or fewer than 5% are left.
fn thin_from(group: &IncidenceGroup, rows: &[IncidenceStep]) -> f64 {
    let is_thin = |(place, _): &(usize, &IncidenceStep)| {
        // Those at risk at the next step are those left after this one.
        let left = rows.get(place + 1).map_or(0, |next| next.at_risk);
        left < 3 || left * 20 < group.n
    };
    rows.iter().enumerate().find(is_thin).map_or(f64::INFINITY, |(_, row)| row.time_days)
}

/// The upper end of the upright axes: the first fifth above all that is drawn.
pub(super) fn height(curves: &IncidenceCurves) -> f64 {
    let mut highest: f64 = 0.0;
    for group in &curves.groups {
        for rows in &group.curves {
            let thin = thin_from(group, rows);
            for row in rows {
                let upper = row.upper.filter(|_| row.time_days < thin);
                highest = highest.max(upper.unwrap_or(row.incidence));
            }
        }
    }
    // A little less before rounding up: an incidence of exactly 0.4 must not open a fifth of empty
    // plane.
    ((highest * 5.0 - 1e-9).ceil().max(1.0) / 5.0).min(1.0)
}

fn upright(curves: &IncidenceCurves, is_first: bool) -> Scale {
    let end = height(curves);
    // The finest step that leaves no more than six ticks.
    let step = if end > 0.4 { 0.2 } else { 0.1 };
    let tick = |place: u32| (f64::from(place) * step, format::number(f64::from(place) * step, 1));
    let ticks = (0..=(end / step + 1e-9) as u32).map(tick).collect();
    Scale::linear(if is_first { "Cumulative incidence" } else { "" }, (0.0, end), ticks)
}

/// The bands of all groups, and the curves on them.
fn series(study: &StudySettings, curves: &IncidenceCurves, cause: usize) -> Vec<Series> {
    let unit = study.days_per_time_unit();
    let level = format::axis_number(100.0 * curves.confidence_level);
    let (mut bands, mut lines) = (Vec::new(), Vec::new());
    for (place, group) in curves.groups.iter().enumerate() {
        let rows = &group.curves[cause];
        let (thin, name) = (thin_from(group, rows), group_label(curves, group));
        // Curves and bands begin at nought, where nobody had an event.
        let mut band = vec![Datum::between(0.0, 0.0, 0.0)];
        let known = rows.iter().take_while(|row| row.time_days < thin);
        // Before the first event there are no limits, and the band is as thin as the curve.
        for row in known.take_while(|row| row.incidence == 0.0 || row.upper.is_some()) {
            let [lower, upper] = [row.lower, row.upper].map(|limit| limit.unwrap_or(row.incidence));
            band.push(Datum::between(row.time_days / unit, lower, upper));
        }
        // the last step goes on to where few are left
        if let Some(last) = band.last().copied().filter(|_| thin.is_finite()) {
            band.push(Datum { x: thin / unit, ..last });
        }
        let look = Look::StepBand(Colour::of_group(place), BAND);
        bands.push(Series::new(&format!("{name}, {level}% limits"), look, band));
        let point = |row: &IncidenceStep| Datum::at(row.time_days / unit, row.incidence);
        let sound = rows.iter().filter(|row| row.time_days <= thin).map(point);
        let sound: Vec<Datum> = [Datum::at(0.0, 0.0)].into_iter().chain(sound).collect();
        let rest = rows.iter().filter(|row| row.time_days > thin).map(point);
        let rest: Vec<Datum> = sound.last().copied().into_iter().chain(rest).collect();
        let pen = Pen::of_group(place);
        lines.push(Series::new(&name, Look::Steps(pen), sound));
        if rest.len() > 1 {
            let pale = Pen { opacity: PALE, ..pen };
            lines.push(Series::new(&format!("{name}, few left"), Look::Steps(pale), rest));
        }
    }
    bands.into_iter().chain(lines).collect()
}
