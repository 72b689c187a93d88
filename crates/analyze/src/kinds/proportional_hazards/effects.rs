//! How the coefficients run over time: what each event says of them, and a
//! spline through that.

use engine::Mistake;
use stats::proportional_hazards::{CoefficientCurve, ProportionalHazards as Tests, SchoenfeldRow};
use stats::special::normal_quantile;
use study::{ChangingEffect, EffectPoint, EffectRow};

use super::ProportionalHazards;
use crate::book::refused;
use crate::model::{Fitted, Model, Part, Row, Values};

/// One effect for each number and each level but the reference, in the order of the
/// terms; without events in a rehearsal, where levels may be known to the data alone.
pub(super) fn of(
    declared: &ProportionalHazards,
    (model, fitted): (&Model<'_>, &Fitted),
    tests: Option<&Tests>,
    level: f64,
) -> Result<Vec<ChangingEffect>, Mistake> {
    let mut effects = Vec::new();
    let places = places(tests);
    for row in &fitted.cases.rows {
        // A reference and a level that nobody has do not run over time.
        let Part::Covariate(column) = row.part else { continue };
        let mut effect = named(model, row, declared.curve_degrees_of_freedom);
        if let Some(tests) = tests {
            effect.points = points((model, fitted), row, column, &tests.residuals);
            let curve = CoefficientCurve::new(
                &tests.residuals,
                &fitted.fit,
                column,
                declared.curve_degrees_of_freedom as usize,
            );
            if let Some(curve) = curve.map_err(|error| refused(&error))? {
                effect.curve = curve_rows(&curve, &places, level)?;
            }
        }
        effects.push(effect);
    }
    Ok(effects)
}

/// An effect without events.
fn named(model: &Model<'_>, row: &Row, degrees_of_freedom: u32) -> ChangingEffect {
    let term = &model.terms[row.term];
    let level = match (&term.values, row.level) {
        (Values::Levels { category, .. }, Some(level)) => {
            Some(category.levels[level].value.clone())
        }
        _ => None,
    };
    ChangingEffect {
        variable: term.column.clone(),
        level,
        points: Vec::new(),
        curve: Vec::new(),
        degrees_of_freedom: u64::from(degrees_of_freedom),
    }
}

fn points(
    (model, fitted): (&Model<'_>, &Fitted),
    row: &Row,
    column: usize,
    residuals: &[SchoenfeldRow],
) -> Vec<EffectPoint> {
    let has_level = |subject: usize| match (&model.terms[row.term].values, row.level) {
        (Values::Levels { category, .. }, Some(_)) => {
            category.codes[fitted.cases.included[subject]] == row.level
        }
        _ => true,
    };
    let point = |residual: &SchoenfeldRow| {
        Some(EffectPoint {
            time_days: residual.time,
            // A dropped coefficient has no residuals.
            log_ratio: residual.scaled_residuals[column]?,
            // Whoever has the event at the level is drawn
            // apart: those points lie above the others.
            has_level: has_level(residual.subject),
        })
    };
    let mut points: Vec<EffectPoint> = residuals.iter().filter_map(point).collect();
    // of one time in the order of their values, whoever stands first in the table
    let key = |point: &EffectPoint| (point.time_days, point.log_ratio);
    points.sort_by(|one, other| {
        let ((a, b), (c, d)) = (key(one), key(other));
        a.total_cmp(&c).then(b.total_cmp(&d))
    });
    points
}

/// Distinct times of events and their places along the function of time.
pub(super) fn places(tests: Option<&Tests>) -> Vec<(f64, f64)> {
    let residuals = tests.map_or(&[][..], |tests| &tests.residuals);
    let mut places: Vec<(f64, f64)> =
        residuals.iter().map(|row| (row.time, row.transformed_time)).collect();
    places.sort_by(|one, other| one.0.total_cmp(&other.0));
    // The function of time must rise, or a time could not be read back from it.
    places.dedup_by(|one, other| one.0 == other.0 || one.1 <= other.1);
    places
}

/// Rows of the curve: as many as R's plot has.
const ROWS: usize = 40;

/// The curve at equal distances between the first and the last event, each with its
/// time, between two events by the straight line.
fn curve_rows(
    curve: &CoefficientCurve,
    places: &[(f64, f64)],
    level: f64,
) -> Result<Vec<EffectRow>, Mistake> {
    let z = normal_quantile(0.5 + 0.5 * level);
    // One event alone has no curve through it.
    let [(_, first), .., (_, last)] = places else { return Ok(Vec::new()) };
    let row = |place: usize| {
        // Equal steps on the transformed axis, along which the test looks for a drift.
        let g = first + (last - first) * place as f64 / (ROWS - 1) as f64;
        let point = curve.at(g).map_err(|error| refused(&error))?;
        let half = z * point.standard_error;
        Ok(EffectRow {
            time_days: time_at(places, g),
            log_ratio: point.estimate,
            lower: point.estimate - half,
            upper: point.estimate + half,
        })
    };
    (0..ROWS).map(row).collect()
}

/// The time at a place between the first and the last.
fn time_at(places: &[(f64, f64)], g: f64) -> f64 {
    // At the ends too there are two events to draw a line between.
    let after = places.partition_point(|(_, place)| *place < g).clamp(1, places.len() - 1);
    let ((t0, g0), (t1, g1)) = (places[after - 1], places[after]);
    (t0 + (t1 - t0) * (g - g0) / (g1 - g0)).clamp(t0, t1)
}
