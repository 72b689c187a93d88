//! The words under and behind the figure: its conventions and its methods, as
//! the findings state them.

use engine::Call;
use study::{Finding, Procedure, in_sentence};

use super::found::Found;
use super::{SurvivalFigure, group_label};
use crate::evidence::Evidence;
use crate::exhibit::{FigureWords, capitalised, population, sentence};
use crate::format;
use crate::lookup::{Findings, column_label, is_reference, warnings};
use crate::ratios::is_univariable;
use crate::words::method::interval_name;

/// The words of the figure, as far as they are known without findings.
pub(super) fn of(
    figure: &SurvivalFigure,
    call: &Call<'_>,
    found: Option<(&Evidence, &Found<'_>)>,
) -> FigureWords {
    let mut words = FigureWords { title: figure.title.clone(), ..FigureWords::default() };
    words.caption.extend(figure.caption.clone());
    if let Some((evidence, found)) = found {
        words.caption.push(estimator(found));
        words.caption.push(conventions(figure, found));
        words.caption.push(comparison(call, evidence, found));
        let medians = found.medians.iter().flatten().copied();
        words.caption.extend(population(medians));
        words.alternative_text = alternative_text(found, call);
        words.warnings = found.curves.warnings.iter().map(crate::words::warning).collect();
        let used = found.medians.iter().flatten().chain(&found.ratios).chain(&found.test);
        for warning in warnings(used.copied()) {
            if !words.warnings.contains(&warning) {
                words.warnings.push(warning);
            }
        }
    }
    words
}

/// The test by its name, such as `Log-rank test`.
pub(super) fn test_name(test: &Finding) -> String {
    let name = crate::words::name(&test.method).replace('`', "");
    let name = name.strip_prefix("the ").unwrap_or(&name);
    if test.method.is_stratified() { format!("Stratified {name}") } else { capitalised(name) }
}

fn estimator(found: &Found<'_>) -> String {
    let curves = &found.curves;
    let plain =
        found.medians.iter().flatten().all(|one| one.method.procedure == Procedure::KaplanMeier);
    let method = match (curves.reverse, plain) {
        (true, _) => "Reverse Kaplan–Meier estimates",
        (false, true) => "Kaplan–Meier estimates",
        (false, false) => "Estimates",
    };
    let by = match &curves.by_label {
        Some(by) => format!(" by {}", in_sentence(by)),
        None => String::new(),
    };
    let level = format::axis_number(100.0 * curves.confidence_level);
    let mut text = format!(
        "{method} of {}{by} with pointwise {level}% confidence bands ({}).",
        in_sentence(&curves.endpoint_label),
        interval_name(curves.interval)
    );
    if let Some(median) = found.medians.iter().flatten().next() {
        text.push_str(&format!(
            " Medians: {}.",
            crate::words::method(&median.method).trim_end_matches('.')
        ));
    }
    if curves.reverse {
        text.push_str(
            " Censoring is the event here, so that the curve falls as follow-up ends; an event of \
             the endpoint takes a patient out.",
        );
    }
    text
}

fn conventions(figure: &SurvivalFigure, found: &Found<'_>) -> String {
    let mut text = String::from("Upright ticks mark censored patients");
    if found.curves.reverse {
        text = String::from("Upright ticks mark patients with an event of the endpoint");
    }
    text.push_str(
        "; broken grey lines lead to the medians (NR, not reached). Curves are pale, and their bands \
         end, where fewer than 3 patients or fewer than 5% of the group are left.",
    );
    if figure.risk_table {
        text.push_str(if found.curves.late_entry {
            " Under the axis: patients who entered before the tick and are followed to it or longer \
             (at risk), and those censored or with an event until then, the tick included. Who has \
             not entered yet stands in none of the rows."
        } else {
            " Under the axis: patients with a time beyond the tick (at risk), and those censored or \
             with an event until then, the tick included"
        });
        let is_whole = |group: &study::GroupCurve| {
            let counts = group.counts_at(0.0);
            counts.at_risk + counts.censored + counts.events == group.n
        };
        let all_begin = found.curves.groups.iter().all(is_whole);
        if !found.curves.late_entry {
            text.push_str(if all_begin { "; the three rows sum to the group." } else { "." });
        }
    }
    text
}

fn comparison(call: &Call<'_>, evidence: &Evidence, found: &Found<'_>) -> String {
    let mut sentences = Vec::new();
    if let Some(ratio) = found.ratios.first() {
        let mut text = format!("Hazard ratio: {}", crate::words::method(&ratio.method));
        if let Some(reference) = &ratio.reference {
            let groups = found.curves.groups.iter();
            let group = groups.clone().find(|group| group.level == *reference);
            let words = group.map_or_else(
                || reference.clone(),
                |group| in_sentence(&group_label(&found.curves, group)),
            );
            text.push_str(&format!("; reference: {words}"));
        }
        text.push_str(&format!("; {}", adjustment(call, evidence, ratio)));
        sentences.push(text + ".");
    }
    if let Some(test) = found.test {
        sentences.push(sentence(&format!("Test: {}", crate::words::method(&test.method))));
    }
    sentences.join(" ")
}

/// What else the model holds.
fn adjustment(call: &Call<'_>, evidence: &Evidence, ratio: &Finding) -> String {
    let model = Findings(evidence.around(ratio).findings);
    let mut others: Vec<String> = Vec::new();
    for other in model.of("hazard_ratio") {
        let is_in_model = is_univariable(other) == is_univariable(ratio) && !is_univariable(ratio);
        if is_in_model && other.variable != ratio.variable && !is_reference(other) {
            let variable = other.variable.clone().unwrap_or_default();
            let label = match call.tables.get(&call.study.analysis_table) {
                Some(table) => in_sentence(&column_label(table, &variable)),
                None => variable,
            };
            if !others.contains(&label) {
                others.push(label);
            }
        }
    }
    if others.is_empty() {
        "not adjusted".to_owned()
    } else {
        format!("adjusted for {}", others.join(", "))
    }
}

fn alternative_text(found: &Found<'_>, call: &Call<'_>) -> String {
    let mut parts = Vec::new();
    for (group, (median, events)) in
        found.curves.groups.iter().zip(found.medians.iter().zip(&found.events))
    {
        let name = group_label(&found.curves, group);
        let events = events.map(|events| format::value(events, call.study));
        let events = events.unwrap_or_else(|| format::NOT_ESTIMABLE.to_owned());
        let median =
            median.map(|median| format::value_with_limits(median, call.study)).unwrap_or_default();
        let counted = if found.curves.reverse { "censored" } else { "events" };
        parts.push(format!(
            "{name}: {} patients, {events} {counted}, median {median} {}",
            found.rule.count(group.n),
            call.study.time_unit.word()
        ));
    }
    format!("Curves of {}. {}.", in_sentence(&found.curves.endpoint_label), parts.join("; "))
}
