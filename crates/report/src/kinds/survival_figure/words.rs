//! The words under and behind the figure: its conventions and its methods, as
//! the findings state them.

use engine::Call;
use study::{AtRisk, Finding, Procedure, StudySettings, capitalised, in_sentence};

use super::found::Found;
use super::{SurvivalFigure, group_label};
use crate::analysis::Words;
use crate::evidence::Evidence;
use crate::exhibit::{FigureWords, population, sentence};
use crate::format;
use crate::lookup::warnings;
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
        words.caption.push(conventions(figure, found, call.study));
        words.caption.push(knife_edges(figure, call.study, (evidence, found)));
        words.caption.push(comparison(call, found));
        let medians = found.medians.iter().flatten().copied();
        words.caption.extend(population(&Words::of(call, None), medians));
        words.alternative_text = alternative_text(found, call);
        words.warnings = found.curves.warnings.iter().map(crate::words::warning).collect();
        let also = found.also.iter().map(|(_, finding)| finding);
        let used =
            found.medians.iter().flatten().chain(&found.ratios).chain(&found.test).chain(also);
        let few = |ratio: &&Finding| crate::ratios::burden(&evidence.around(ratio), ratio);
        let few =
            found.ratios.iter().find_map(few).map(|few| {
                format!("The model of the hazard ratio: {}", crate::words::warning(few))
            });
        for warning in warnings(used.copied()).into_iter().chain(few) {
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
    let mut medians = found.medians.iter().flatten().peekable();
    let plain = medians.peek().is_some()
        // The curves do not say their estimator. Their medians do, and only where all agree is it
        // named.
        && medians.all(|one| one.method.procedure == Procedure::KaplanMeier);
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
    let ranges = found.ranges.iter().flatten().map(|[from, _]| from);
    if let Some(median) = found.medians.iter().flatten().chain(ranges).next() {
        text.push_str(&format!(
            " Medians: {}.",
            crate::words::method(&median.method).trim_end_matches('.')
        ));
    }
    if curves.reverse {
        text.push_str(
            // Readers of a falling curve expect events. What falls here is follow-up.
            " Censoring is the event here, so that the curve falls as follow-up ends; an event of \
             the endpoint takes a patient out.",
        );
    }
    text
}

fn conventions(figure: &SurvivalFigure, found: &Found<'_>, study: &StudySettings) -> String {
    let mut text = String::from("Upright ticks mark censored patients");
    if found.curves.reverse {
        text = String::from("Upright ticks mark patients with an event of the endpoint");
    }
    text.push_str(
        "; broken grey lines lead to the medians (NR, not reached). Curves are pale, and their bands \
         end, where fewer than 3 patients or fewer than 5% of the group are left.",
    );
    if let Some((shade, [from, to])) = figure.shade.as_ref().zip(found.shaded) {
        let unit = study.days_per_time_unit();
        text.push_str(&format!(
            " Shaded, from {} to {} {}: {}.",
            format::axis_number(from.days(study) / unit),
            format::number(to.days(study) / unit, 1),
            study.time_unit.word(),
            in_sentence(&shade.label)
        ));
    }
    if figure.risk_table {
        text.push_str(&risk_table(figure, found, study));
    }
    text
}

/// What the numbers under the axis count, and whether they sum to the group.
fn risk_table(figure: &SurvivalFigure, found: &Found<'_>, study: &StudySettings) -> String {
    let curves = &found.curves;
    let at_risk = match (study.at_risk, curves.late_entry) {
        (AtRisk::At, false) => "patients followed to the tick or longer",
        (AtRisk::Beyond, false) => "patients followed beyond the tick",
        (AtRisk::At, true) => {
            "patients who entered before the tick and are followed to it or longer"
        }
        (AtRisk::Beyond, true) => "patients who entered by the tick and are followed beyond it",
    };
    let ticks = figure.ticks_days(study, curves);
    let sums_to_all = |convention| {
        curves.groups.iter().all(|group| {
            ticks.iter().all(|tick| group.counts_at(*tick, convention).sum() == group.n)
        })
    };
    let sum = match () {
        // Whether the rows sum to the group is tried out on the numbers, not derived from the
        // setting.
        () if curves.late_entry => ". Who has not entered yet stands in none of the rows.",
        () if sums_to_all(study.at_risk) => "; the three rows sum to the group.",
        () if sums_to_all(AtRisk::Beyond) => {
            "; whoever leaves on the day of a tick stands in two rows."
        }
        () => ".",
    };
    format!(
        " Under the axis: {at_risk} (at risk), and those censored or with an event until then, the \
         tick included{sum}"
    )
}

/// Where a hair decides a median.
fn knife_edges(
    figure: &SurvivalFigure,
    study: &StudySettings,
    (evidence, found): (&Evidence, &Found<'_>),
) -> String {
    let name = |finding: &Finding| {
        let level = finding.group.as_deref().unwrap_or("all");
        let group = found.curves.groups.iter().find(|group| group.level == level)?;
        Some(group_label(&found.curves, group))
    };
    let analysis = evidence.analysis(&figure.curves);
    let medians = found.medians.iter().flatten().copied();
    crate::knife_edge::notes(&analysis, medians, name, study).join(" ")
}

fn comparison(call: &Call<'_>, found: &Found<'_>) -> String {
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
        text.push_str(&format!("; {}", adjustment(call, &found.adjusted_for)));
        sentences.push(text + ".");
    }
    if let Some(test) = found.test {
        sentences.push(sentence(&format!("Test: {}", crate::words::method(&test.method))));
    }
    for (label, finding) in &found.also {
        sentences.push(sentence(&format!("{label}: {}", crate::words::method(&finding.method))));
    }
    sentences.join(" ")
}

/// What else the model holds.
fn adjustment(call: &Call<'_>, terms: &[&str]) -> String {
    let label = |term: &&str| match call.tables.get(&call.study.analysis_table) {
        Some(table) => in_sentence(&table.about(term).label),
        None => (*term).to_owned(),
    };
    match terms {
        [] => "not adjusted".to_owned(),
        _ => format!("adjusted for {}", terms.iter().map(label).collect::<Vec<_>>().join(", ")),
    }
}

fn alternative_text(found: &Found<'_>, call: &Call<'_>) -> String {
    let mut parts = Vec::new();
    let groups = found.curves.groups.iter().zip(&found.events);
    for (place, (group, events)) in groups.enumerate() {
        let name = group_label(&found.curves, group);
        let events = events.map(|events| format::value(events, call.study));
        let events = events.unwrap_or_else(|| format::NOT_ESTIMABLE.to_owned());
        let median = super::median_in_words(found, place, call.study);
        let counted = if found.curves.reverse { "censored" } else { "events" };
        parts.push(format!(
            "{name}: {} patients, {events} {counted}, median {median} {}",
            found.rule.count(group.n),
            call.study.time_unit.word()
        ));
    }
    format!("Curves of {}. {}.", in_sentence(&found.curves.endpoint_label), parts.join("; "))
}
