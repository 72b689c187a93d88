//! The words under and behind the figure.

use engine::Call;
use study::{Finding, in_sentence};

use super::{EffectOverTimeFigure, Found, panel};
use crate::analysis::Words;
use crate::exhibit::{FigureWords, population, sentence};
use crate::format;
use crate::lookup::warnings;

impl EffectOverTimeFigure {
    pub(super) fn words(&self, call: &Call<'_>, found: Option<&Found<'_>>) -> FigureWords {
        let mut words = FigureWords { title: self.title.clone(), ..FigureWords::default() };
        words.caption.extend(self.caption.clone());
        let Some(found) = found else { return words };
        words.caption.push(conventions(call, found));
        words.caption.push(methods(found));
        let periods = ["before", "after"].map(|period| found.ratio_of(period));
        let used: Vec<&Finding> = (found.p().into_iter())
            .chain(periods.into_iter().flatten())
            .chain(found.constant)
            .chain(found.also.iter().map(|(_, one)| *one))
            .collect();
        words.caption.extend(population(&Words::of(call, None), used.iter().copied()));
        words.warnings = found.changing.warnings.iter().map(crate::words::warning).collect();
        for warning in warnings(used.iter().copied()) {
            // The test and the ratios are mostly warned of the same.
            if !words.warnings.contains(&warning) {
                words.warnings.push(warning);
            }
        }
        words.alternative_text = alternative_text(call, found);
        words
    }
}

/// What the ratio is of: `treatment v control`, or a number per unit.
fn term(call: &Call<'_>, found: &Found<'_>) -> String {
    let words = Words::of(call, None);
    let variable = &found.effect.variable;
    let Some(level) = &found.effect.level else { return in_sentence(&words.per_unit(variable)) };
    let level = in_sentence(&words.level(variable, level));
    let ratios = [found.constant, found.ratio_of("before")].into_iter().flatten();
    match ratios.filter_map(|ratio| ratio.reference.as_deref()).next() {
        Some(reference) => format!("{level} v {}", in_sentence(&words.level(variable, reference))),
        None => format!("{}: {level}", in_sentence(&words.variable(variable))),
    }
}

fn conventions(call: &Call<'_>, found: &Found<'_>) -> String {
    let mut text = format!("Hazard ratio over time, {}.", term(call, found));
    // Two reasons for a figure without marks: privacy, which is told, and a study without events,
    // in which the next sentence says enough.
    if found.effect.points.is_empty() {
        if found.rule.is_aggregate() {
            text.push_str(" Single events are not drawn, to keep patients private.");
        }
    } else {
        text.push_str(
            " Each mark is an event: the coefficient of the model and the scaled Schoenfeld residual, \
             as a ratio.",
        );
    }
    if found.effect.curve.is_empty() {
        text.push_str(" There are too few events for a curve.");
    } else {
        text.push_str(&format!(
            " The curve is the least-squares natural cubic spline of the residuals along the function \
             of time of the test, with {} degrees of freedom and knots at quantiles, and its \
             pointwise band counts the residuals as independent, with the mean variance of the model.",
            found.effect.degrees_of_freedom
        ));
    }
    text.push_str(
        " The time axis is stretched as the test takes time, so that the curve is what it is fitted as.",
    );
    match panel::n_beyond(found) {
        0 => {}
        1 => text.push_str(" One event beyond the axis stands at its edge."),
        n => text.push_str(&format!(" {n} events beyond the axis stand at its edge.")),
    }
    text
}

fn methods(found: &Found<'_>) -> String {
    let method = |finding: &Finding| crate::words::method(&finding.method);
    let test = found.p().map(|p| sentence(&format!("Test: {}", method(p))));
    let constant = found.constant.map(|one| sentence(&format!("Constant ratio: {}", method(one))));
    let also = found.also.iter().map(|(label, one)| sentence(&format!("{label}: {}", method(one))));
    test.into_iter().chain(constant).chain(also).collect::<Vec<_>>().join(" ")
}

fn alternative_text(call: &Call<'_>, found: &Found<'_>) -> String {
    let study = call.study;
    let mut parts = Vec::new();
    for (name, ratio) in [
        ("until the cut", found.ratio_of("before")),
        ("after it", found.ratio_of("after")),
        ("taken as constant", found.constant),
    ] {
        parts.extend(
            ratio.map(|ratio| format!("{name} {}", format::value_with_limits(ratio, study))),
        );
    }
    let ends = [found.effect.curve.first(), found.effect.curve.last()];
    if let [Some(first), Some(last)] = ends {
        let [first, last] = [first, last].map(|row| format::ratio(libm::exp(row.log_ratio)));
        parts
            .push(format!("the spline runs from {first} at the first event to {last} at the last"));
    }
    format!("Hazard ratio over time, {}: {}.", term(call, found), parts.join("; "))
}
