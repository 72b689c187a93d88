//! The panel: events, the spline with its band, the periods and the constant.

use engine::{Call, Mistakes};
use study::{EffectPoint, Finding, Quantity, StudySettings, in_sentence};

use super::{EffectOverTimeFigure, Found};
use crate::analysis::Words;
use crate::draw::{
    Datum, INK, KeyEntry, Look, MUTED, PALETTE, Panel, PanelFigure, PanelRow, Pen, RULE, Scale,
    Series, Shape, log_ticks_within, tick_above, tick_below,
};
use crate::exhibit::points;
use crate::format::{self, PValueStyle};
use crate::time_axis;

const HEIGHT: f64 = 190.0;
const BAND: f64 = 0.18;
/// The least distance between two ticks, as a share of the axis.
const NEAREST_TICKS: f64 = 0.035;
/// No axis goes beyond; events that do stand at its edge.
const WIDEST: (f64, f64) = (0.01, 100.0);

const SPLINE: Look = Look::Line(Pen { width: 1.3, ..solid(1) });
const LIMITS: Look = Look::Band(PALETTE[1], BAND);
const PERIODS: Look = Look::Line(Pen { width: 1.5, ..solid(0) });
const PERIOD_LIMITS: Look = Look::Line(Pen { width: 0.9, dash: &[1.4, 1.6], ..solid(0) });
const CONSTANT: Look = Look::Line(Pen { colour: INK, width: 0.9, dash: &[5.0, 2.0], opacity: 1.0 });
const WITH: Look = Look::Points(Shape::Disc, MUTED);
const WITHOUT: Look = Look::Points(Shape::Ring, MUTED);

const fn solid(group: usize) -> Pen {
    Pen { colour: PALETTE[group], width: 1.0, dash: &[], opacity: 1.0 }
}

impl EffectOverTimeFigure {
    pub(super) fn plot(&self, call: &Call<'_>, found: &Found<'_>) -> Result<PanelFigure, Mistakes> {
        let study = call.study;
        let x = along(call, found);
        let y = upright(found);
        let series = series(call, found, &x);
        let panel = Panel {
            notes: self.notes(study, found),
            share: 1.0,
            series,
            favours: crate::forest::two_sides(self.favours.as_deref())?,
            x,
            y,
            ..Panel::default()
        };
        Ok(PanelFigure {
            rows: vec![PanelRow { height: HEIGHT, panels: vec![panel] }],
            key: key(call, found),
            mark: study.mark(),
            width: points(self.width_mm, "width_mm")?,
        })
    }

    fn notes(&self, study: &StudySettings, found: &Found<'_>) -> Vec<String> {
        let value = |one: Option<&Finding>| {
            one.map_or_else(|| format::NOT_ESTIMABLE.to_owned(), |one| format::value(one, study))
        };
        let mut notes = vec![format!(
            "{} patients with {} events",
            value(found.count("n")),
            value(found.count("events"))
        )];
        if let Some(p) = found.p().and_then(|p| p.value) {
            let p = format::p_statement(p, PValueStyle::Rounded);
            notes[0].push_str(&format!("; test of proportional hazards for this term: {p}"));
        }
        if let Some(constant) = found.constant {
            let ratio = format::value_with_limits(constant, study);
            notes.push(format!("Hazard ratio, taken as constant: {ratio}"));
        }
        if let Some((cut, events)) = found.periods() {
            let time = format::duration(cut, study);
            let of = |period: &str, when: String, events: &Finding| {
                let ratio = found.ratio_of(period)?;
                let ratio = format::value_with_limits(ratio, study);
                Some(format!("{when}: {ratio}, {} events", format::value(events, study)))
            };
            let unit = study.time_unit.word();
            let parts = [
                of("before", format!("Hazard ratio until {time} {unit}"), events[0]),
                of("after", "afterwards".to_owned(), events[1]),
            ];
            notes.push(parts.into_iter().flatten().collect::<Vec<_>>().join("; "));
        }
        let also = found.also.iter().map(|(label, one)| match one.quantity {
            Quantity::PValue => {
                let p = one.value.unwrap_or(f64::NAN);
                format!("{label}: {}", format::p_statement(p, PValueStyle::Rounded))
            }
            Quantity::Days => {
                let unit = study.time_unit.word();
                format!("{label}: {} {unit}", format::value_with_limits(one, study))
            }
            _ => format!("{label}: {}", format::value_with_limits(one, study)),
        });
        notes.extend(also);
        notes.retain(|note| !note.is_empty());
        notes
    }
}

/// The ends of the axis of ratios: the ticks that enclose the band, the periods and
/// nineteen of twenty events, within what any axis shows.
fn upright(found: &Found<'_>) -> Scale {
    // As in forest plots, no narrower: a flat curve must look flat.
    let (mut low, mut high): (f64, f64) = (0.5, 2.0);
    let mut take = |value: f64| {
        if value.is_finite() && value > 0.0 {
            (low, high) = (low.min(value), high.max(value));
        }
    };
    for row in &found.effect.curve {
        // The band and the periods lie on the axis whole. Of single events, which scatter widely,
        // the outermost may lie beyond.
        take(libm::exp(row.lower));
        take(libm::exp(row.upper));
    }
    let periods = ["before", "after"].map(|period| found.ratio_of(period));
    for ratio in periods.into_iter().flatten().chain(found.constant) {
        for value in [ratio.value, ratio.lower, ratio.upper].into_iter().flatten() {
            take(value);
        }
    }
    let mut events: Vec<f64> = found.effect.points.iter().map(|one| one.log_ratio).collect();
    events.sort_by(f64::total_cmp);
    // A fortieth at each end: nineteen of twenty are between.
    let spare = events.len() / 40;
    if let [first, .., last] = &events[spare.min(events.len())..events.len() - spare] {
        take(libm::exp(*first));
        take(libm::exp(*last));
    }
    let ends = (tick_below(low.max(WIDEST.0)), tick_above(high.min(WIDEST.1)));
    let ticks = log_ticks_within(ends).into_iter();
    let ticks = ticks.map(|tick| (tick, format::axis_number(tick))).collect();
    Scale::logarithmic("Hazard ratio, logarithmic axis", ends, ticks)
}

/// How many events lie beyond the axis.
pub(super) fn n_beyond(found: &Found<'_>) -> usize {
    let y = upright(found);
    let is_beyond = |point: &&EffectPoint| {
        let ratio = libm::exp(point.log_ratio);
        ratio < y.ends.0 || ratio > y.ends.1
    };
    found.effect.points.iter().filter(is_beyond).count()
}

fn series(call: &Call<'_>, found: &Found<'_>, x: &Scale) -> Vec<Series> {
    let study = call.study;
    let unit = study.days_per_time_unit();
    let level = format::axis_number(100.0 * found.changing.confidence_level);
    let at = |days: f64, log: f64| Datum::at(days / unit, libm::exp(log));
    // From the back to the front: the line of no effect, the band, events, the constant ratio, the
    // spline, and the periods.
    let mut series = vec![Series::level(1.0, x, Pen::solid(RULE, 0.7))];
    let band = found.effect.curve.iter().map(|row| {
        let [lower, upper] = [row.lower, row.upper].map(libm::exp);
        Datum::between(row.time_days / unit, lower, upper)
    });
    series.push(Series::new(&format!("Spline, {level}% limits"), LIMITS, band.collect()));
    // Residuals of those with the level and without lie in two bands, which readers take for an
    // artefact unless they are told apart.
    for (has_level, look) in [(false, WITHOUT), (true, WITH)] {
        let own = found.effect.points.iter().filter(|point| point.has_level == has_level);
        let data: Vec<Datum> = own.map(|one| at(one.time_days, one.log_ratio)).collect();
        if !data.is_empty() {
            series.push(Series::new(&event_name(call, found, has_level), look, data));
        }
    }
    if let Some(value) = found.constant.and_then(|constant| constant.value) {
        let data = [x.ends.0, x.ends.1].map(|time| Datum::at(time, value));
        series.push(Series::new("Constant hazard ratio", CONSTANT, data.into()));
    }
    let curve = found.effect.curve.iter().map(|row| at(row.time_days, row.log_ratio));
    series.push(Series::new("Spline", SPLINE, curve.collect()));
    series.extend(periods(study, found, x));
    series
}

/// A level line over each period, with its limits as lines of points.
fn periods(study: &StudySettings, found: &Found<'_>, x: &Scale) -> Vec<Series> {
    let Some((cut, _)) = found.periods() else { return Vec::new() };
    // The axis runs from the first event to the last, and the cut may lie outside.
    let cut = (cut / study.days_per_time_unit()).clamp(x.ends.0, x.ends.1);
    let mut series = Vec::new();
    for (name, ends, period) in
        [("until the cut", (x.ends.0, cut), "before"), ("after the cut", (cut, x.ends.1), "after")]
    {
        let Some(ratio) = found.ratio_of(period) else { continue };
        let lines = [
            (ratio.value, PERIODS, ""),
            (ratio.lower, PERIOD_LIMITS, ", lower limit"),
            (ratio.upper, PERIOD_LIMITS, ", upper limit"),
        ];
        for (value, look, what) in lines {
            let Some(value) = value else { continue };
            let line = [ends.0, ends.1].map(|time| Datum::at(time, value));
            series.push(Series::new(&format!("Hazard ratio {name}{what}"), look, line.into()));
        }
    }
    series
}

/// An event of a patient with the level, or without it.
fn event_name(call: &Call<'_>, found: &Found<'_>, has_level: bool) -> String {
    let (words, variable) = (Words::of(call, None), &found.effect.variable);
    let Some(level) = &found.effect.level else { return "Event".to_owned() };
    let levels = call.table(&call.study.analysis_table).about(variable).levels;
    let others: Vec<&str> =
        levels.iter().map(|one| one.value.as_str()).filter(|one| one != level).collect();
    let name = |level: &str| format!("Event: {}", in_sentence(&words.level(variable, level)));
    match (has_level, others.as_slice()) {
        (true, _) => name(level),
        // With two levels whoever has not the one has the other.
        (false, [other]) => name(other),
        (false, _) => "Event of another patient".to_owned(),
    }
}

/// Time as the test takes it, from the first event to the last.
fn along(call: &Call<'_>, found: &Found<'_>) -> Scale {
    let unit = call.study.days_per_time_unit();
    let places = &found.changing.places;
    let places: Vec<(f64, f64)> =
        places.iter().map(|(time, place)| (time / unit, *place)).collect();
    // Without events there are no places. The axis still needs ends.
    let ends = places.first().zip(places.last()).map_or((0.0, 1.0), |(a, b)| (a.0, b.0));
    let title = time_axis::title(call);
    let mut scale = Scale { places, ..Scale::linear(&title, ends, Vec::new()) };
    let whole = scale.place(ends.1) - scale.place(ends.0);
    let mut last = f64::NEG_INFINITY;
    for tick in time_axis::customary(call.study.time_unit) {
        let place = scale.place(tick);
        // The scale is stretched where events are many: ticks that are equally far apart in months
        // would run into each other elsewhere.
        if tick >= ends.0 && tick <= ends.1 && place - last >= NEAREST_TICKS * whole {
            scale.ticks.push((tick, format::axis_number(tick)));
            last = place;
        }
    }
    scale
}

fn key(call: &Call<'_>, found: &Found<'_>) -> Vec<KeyEntry> {
    let entry = |looks: Vec<Look>, text: String| KeyEntry { looks, text };
    let level = format::axis_number(100.0 * found.changing.confidence_level);
    let mut key = Vec::new();
    if !found.effect.curve.is_empty() {
        let df = found.effect.degrees_of_freedom;
        let text = format!("Natural spline, {df} degrees of freedom, with {level}% band");
        key.push(entry(vec![LIMITS, SPLINE], text));
    }
    if found.periods().is_some() {
        key.push(entry(vec![PERIODS], "Ratio of each period, limits dotted".to_owned()));
    }
    if found.constant.is_some() {
        key.push(entry(vec![CONSTANT], "Constant ratio".to_owned()));
    }
    for (has_level, look) in [(true, WITH), (false, WITHOUT)] {
        if found.effect.points.iter().any(|point| point.has_level == has_level) {
            key.push(entry(vec![look], event_name(call, found, has_level)));
        }
    }
    key
}
