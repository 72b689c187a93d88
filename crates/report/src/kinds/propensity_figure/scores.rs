//! Histograms of the scores: the treated upwards, the others downwards, without
//! weights and with those of each scheme.

use study::{Finding, ScoreClass, ScoreGroup, ScoreHistogram, StudySettings, in_sentence};

use super::Scheme;
use crate::draw::{Colour, Datum, INK, Look, Panel, PanelRow, Pen, Scale, Series};
use crate::evidence::Evidence;
use crate::exhibit::panel_letter;
use crate::format;
use crate::lookup::Whom;

/// How the bars of the group at a place are drawn, and on which side: the treated
/// filled and upwards, the others pale and downwards.
pub(super) fn look(place: usize, group: &ScoreGroup) -> (Look, f64) {
    let colour = Colour::of_group(place);
    if group.is_treated { (Look::Bars(colour), 1.0) } else { (Look::PaleBars(colour), -1.0) }
}

/// Planes that stand side by side at most.
const IN_A_ROW: usize = 4;
const HEIGHT: f64 = 92.0;

/// A group in words; yes and no stand with the treatment.
pub(super) fn name(scores: &ScoreHistogram, group: &ScoreGroup) -> String {
    match group.label.to_lowercase().as_str() {
        "yes" | "no" => format!("{}: {}", scores.treatment_label, in_sentence(&group.label)),
        _ => group.label.clone(),
    }
}

/// The share of its group that a class has, by patients or by weight; 0 where
/// nobody has weight.
fn share(group: &ScoreGroup, class: &ScoreClass, by_weight: bool) -> f64 {
    let (own, all) =
        // Shares of its own group: the groups differ in size, and counts would hide whether the
        // scores overlap.
        if by_weight { (class.weight, group.weight) } else { (class.count as f64, group.n as f64) };
    if all > 0.0 { own / all } else { 0.0 }
}

/// One panel without weights, and one for each scheme, on one scale.
pub(super) fn panels(
    study: &StudySettings,
    evidence: &Evidence,
    schemes: &[Scheme<'_>],
) -> Vec<Panel> {
    let drawn = |scheme: &Scheme<'_>| scheme.analysis.figures.get::<ScoreHistogram>().cloned();
    let all: Vec<(usize, ScoreHistogram, bool)> = schemes
        .first()
        .and_then(drawn)
        .map(|scores| (0, scores, false))
        .into_iter()
        .chain(
            schemes
                .iter()
                .enumerate()
                .filter_map(|(place, scheme)| drawn(scheme).map(|scores| (place, scores, true))),
        )
        .collect();
    let highest = all.iter().flat_map(|(_, scores, by_weight)| {
        scores.groups.iter().flat_map(move |group| {
            group.classes.iter().flatten().map(|class| share(group, class, *by_weight))
        })
    });
    // One end for all panels, or weights would seem to change heights that they do not.
    let end = (highest.fold(0.05, f64::max) * 10.0).ceil() / 10.0;
    let panels = all.iter().enumerate().map(|(letter, (place, scores, by_weight))| {
        let scheme = &schemes[*place];
        let what = if *by_weight { scheme.name } else { "Before weighting" };
        Panel {
            letter: panel_letter(letter),
            heading: what.to_owned(),
            notes: notes(study, evidence, scheme, scores, *by_weight),
            share: 1.0,
            x: x_axis(),
            y: y_axis(end, letter.is_multiple_of(IN_A_ROW)),
            series: series(scores, *by_weight),
            ..Panel::default()
        }
    });
    panels.collect()
}

/// Panels in rows, each of a number that fits.
pub(super) fn in_rows(panels: &[Panel]) -> Vec<PanelRow> {
    let rows = panels.chunks(IN_A_ROW);
    rows.map(|panels| PanelRow { height: HEIGHT, panels: panels.to_vec() }).collect()
}

fn x_axis() -> Scale {
    let ticks = [0.0, 0.5, 1.0].map(|tick| (tick, format::axis_number(tick)));
    Scale::linear("Propensity score", (0.0, 1.0), ticks.into())
}

/// Shares of both groups away from 0.
fn y_axis(end: f64, is_first: bool) -> Scale {
    // Downwards is a side and no negative share.
    let tick = |share: f64| (share, format!("{}%", format::axis_number(100.0 * share.abs())));
    let ticks = [-end, -end / 2.0, 0.0, end / 2.0, end].map(tick);
    Scale::linear(if is_first { "Share of the group" } else { "" }, (-end, end), ticks.into())
}

fn series(scores: &ScoreHistogram, by_weight: bool) -> Vec<Series> {
    let bars = |(place, group): (usize, &ScoreGroup)| {
        let (look, sign) = look(place, group);
        let bar = |(place, class): (usize, &Option<ScoreClass>)| {
            // A class of few patients was taken out by the rule of privacy.
            let class = class.as_ref()?;
            let ends = (scores.edges[place], scores.edges[place + 1]);
            Some(Datum::rectangle(ends, (0.0, sign * share(group, class, by_weight))))
        };
        let data = group.classes.iter().enumerate().filter_map(bar).collect();
        Series::new(&name(scores, group), look, data)
    };
    let axis = Series::level(0.0, &x_axis(), Pen::solid(INK, 0.6));
    scores.groups.iter().enumerate().map(bars).chain([axis]).collect()
}

/// Patients, effective sample sizes, and how well the scores tell the groups apart.
fn notes(
    study: &StudySettings,
    evidence: &Evidence,
    scheme: &Scheme<'_>,
    scores: &ScoreHistogram,
    by_weight: bool,
) -> Vec<String> {
    if !by_weight {
        let n: Vec<String> =
            scores.groups.iter().map(|group| evidence.rule().count(group.n)).collect();
        let c = scheme.analysis.of_statistic("c_statistic").next();
        let c = c.map_or_else(String::new, |c| format!("C-statistic {}", two_digits(c)));
        return vec![format!("n = {}", n.join(" and ")), c];
    }
    let effective = |group: &ScoreGroup| {
        let found = scheme.analysis.of_group("effective_sample_size", Whom::Group(&group.level));
        let value = found.and_then(|found| found.value).map(|value| format::number(value, 1));
        value.unwrap_or_else(|| format::NOT_ESTIMABLE.to_owned())
    };
    let sizes: Vec<String> = scores.groups.iter().map(effective).collect();
    let largest = super::balance::largest(Some(scheme), "after");
    let largest = largest.map_or_else(String::new, |largest| {
        let flag = if super::balance::is_imbalanced(largest) { ": above 0.1" } else { "" };
        format!("Largest difference {}{flag}", format::value(largest, study))
    });
    vec![format!("Effective n = {}", sizes.join(" and ")), largest]
}

fn two_digits(finding: &Finding) -> String {
    let value = finding.value.map(|value| format::number(value, 2));
    value.unwrap_or_else(|| format::NOT_ESTIMABLE.to_owned())
}

/// What the caption says of the histograms.
pub(super) fn conventions(schemes: &[Scheme<'_>]) -> String {
    let scores = schemes.first().and_then(|scheme| scheme.analysis.figures.get());
    let Some(scores): Option<&ScoreHistogram> = scores else { return String::new() };
    let named = |is_treated: bool| {
        let group = scores.groups.iter().find(|group| group.is_treated == is_treated);
        group.map(|group| in_sentence(&name(scores, group))).unwrap_or_default()
    };
    let names: Vec<String> =
        scores.groups.iter().map(|group| in_sentence(&name(scores, group))).collect();
    let width = scores.edges.get(1).copied().unwrap_or(1.0);
    let mut text = format!(
        "Histograms: shares of each group in classes of the score {} wide, {} upwards and {} \
         downwards; sizes are those of {}.",
        format::axis_number(width),
        named(true),
        named(false),
        names.join(" and ")
    );
    if scores.groups.iter().any(|group| group.classes.iter().any(Option::is_none)) {
        text.push_str(" Classes of few patients are not drawn.");
    }
    text
}
