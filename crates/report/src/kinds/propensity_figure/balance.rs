//! Differences between the groups before and after weighting, and the ratios of
//! their variances.

use study::{Finding, Part, Procedure, Spread, StudySettings, Warning, Weighting};

use super::Scheme;
use crate::analysis::Words;
use crate::draw::{
    Datum, INK, KeyEntry, Look, PALETTE, Panel, PanelRow, Pen, RULE, Scale, Series, Shape,
};
use crate::exhibit::panel_letter;
use crate::format;

const ROW: f64 = 11.5;

/// A number or a level.
pub(super) struct BalanceRow {
    pub(super) label: String,
    variable: String,
    level: Option<String>,
}

/// Of the differences before weighting, then of those after each of so many schemes.
pub(super) fn looks(n_schemes: usize) -> Vec<Look> {
    const SHAPES: [Shape; 4] = [Shape::Disc, Shape::Triangle, Shape::Diamond, Shape::Square];
    let after = (0..n_schemes).map(|place| {
        Look::Points(SHAPES[place % SHAPES.len()], PALETTE[(place + 1) % PALETTE.len()])
    });
    [Look::Points(Shape::Ring, INK)].into_iter().chain(after).collect()
}

/// The differences of a scheme before or after it.
fn differences<'a>(scheme: &Scheme<'a>, when: Weighting) -> Vec<&'a Finding> {
    let is_then = |one: &&Finding| match one.method.procedure {
        Procedure::BalanceDifference(known, _) => known == when,
        _ => false,
    };
    scheme.analysis.of_statistic("standardized_mean_difference").filter(is_then).collect()
}

/// The rows, sorted by the size of their differences before weighting; of two
/// levels the second alone.
pub(super) fn rows(words: &Words<'_>, schemes: &[Scheme<'_>]) -> Vec<BalanceRow> {
    let Some(first) = schemes.first() else { return Vec::new() };
    let before = differences(first, Weighting::Before);
    let n_levels = |one: &Finding| before.iter().filter(|o| o.variable == one.variable).count();
    let is_first = |one: &Finding| {
        // Shares of two levels sum to one, so that their differences are equal but for the sign.
        before.iter().find(|other| other.variable == one.variable).is_some_and(|f| *f == one)
    };
    let mut shown: Vec<&Finding> = before
        .iter()
        .copied()
        .filter(|one| !(one.level.is_some() && n_levels(one) == 2 && is_first(one)))
        .collect();
    // What could not be computed comes first, where it is seen.
    let size = |one: &Finding| one.value.map_or(f64::INFINITY, f64::abs);
    shown.sort_by(|one, other| size(other).total_cmp(&size(one)));
    let row = |one: &Finding| {
        let variable = one.variable.clone().unwrap_or_default();
        let label = match &one.level {
            Some(level) => {
                format!(
                    "{}: {}",
                    words.variable(&variable),
                    study::in_sentence(&words.level(&variable, level))
                )
            }
            None => words.variable(&variable),
        };
        BalanceRow { label, variable, level: one.level.clone() }
    };
    shown.into_iter().map(row).collect()
}

impl BalanceRow {
    fn is_of(&self, finding: &Finding) -> bool {
        finding.variable.as_ref() == Some(&self.variable) && finding.level == self.level
    }
}

/// The differences, and beside them the ratios of variances; `n_before` panels
/// stand before them.
pub(super) fn panels(
    study: &StudySettings,
    schemes: &[Scheme<'_>],
    rows: &[BalanceRow],
    n_before: usize,
) -> PanelRow {
    let n = rows.len() as f64;
    // Few rows still need a plane that is higher than its axis.
    let height = ROW * n.max(3.0);
    // The axis grows upwards, and the first row stands on top.
    let place = |row: usize| n - row as f64 - 0.5;
    let upright = Scale::linear("", (0.0, n), Vec::new());
    let differences = difference_series(schemes, rows, &place);
    let largest = differences.iter().flat_map(|series| &series.data).map(|one| one.x);
    // Both guides are always on the axis, and a tenth is left behind the largest.
    let end = ((largest.fold(0.25, f64::max) * 10.0).floor() + 1.0) / 10.0;
    let step = if end > 0.6 { 0.2 } else { 0.1 };
    let tick = |place: u32| (f64::from(place) * step, format::axis_number(f64::from(place) * step));
    let ticks = (0..=(end / step + 1e-9) as u32).map(tick).collect();
    let x = Scale::linear("Absolute standardised mean difference", (0.0, end), ticks);
    let dashed = Pen { dash: &[2.0, 1.8], ..Pen::solid(RULE, 0.7) };
    // 0.1 is the usual limit for balance (Austin 2009), 0.2 a more lenient one.
    let guides = [(0.1, dashed), (0.2, Pen::solid(RULE, 0.7))];
    let guides = guides.map(|(at, pen)| Series::upright(at, &upright, pen));
    let names = rows.iter().enumerate().map(|(row, own)| (place(row), own.label.clone()));
    let letter = |place| panel_letter(n_before + place);
    let left = Panel {
        letter: letter(0),
        heading: "Difference between the groups".to_owned(),
        notes: vec![imbalance(study, schemes)],
        key: key(schemes),
        share: 2.4,
        x,
        y: upright.clone(),
        row_names: names.collect(),
        series: guides.into_iter().chain(differences).collect(),
        ..Panel::default()
    };
    let ratios = ratio_series(schemes, rows, &place);
    let right = Panel {
        letter: letter(1),
        heading: "Ratio of variances".to_owned(),
        share: 1.0,
        x: ratio_axis(&ratios),
        series: ratio_guides(&upright).into_iter().chain(ratios).collect(),
        y: upright,
        ..Panel::default()
    };
    PanelRow { height, panels: vec![left, right] }
}

fn difference_series(
    schemes: &[Scheme<'_>],
    rows: &[BalanceRow],
    place: &dyn Fn(usize) -> f64,
) -> Vec<Series> {
    let data = |found: &[&Finding]| -> Vec<Datum> {
        let datum = |(row, own): (usize, &BalanceRow)| {
            let value = found.iter().find(|one| own.is_of(one))?.value?;
            // The size of an imbalance matters, not its sign, and one axis is read faster than two.
            value.is_finite().then(|| Datum::at(value.abs(), place(row)))
        };
        rows.iter().enumerate().filter_map(datum).collect()
    };
    named(schemes, |scheme, when| data(&differences(scheme, when)))
}

fn ratio_series(
    schemes: &[Scheme<'_>],
    rows: &[BalanceRow],
    place: &dyn Fn(usize) -> f64,
) -> Vec<Series> {
    named(schemes, |scheme, when| {
        let found: Vec<&Finding> = scheme
            .analysis
            .of_statistic("variance_ratio")
            .filter(|one| one.method.procedure == Procedure::VarianceRatio(when))
            .collect();
        let datum = |(row, own): (usize, &BalanceRow)| {
            let value = found.iter().find(|one| own.is_of(one))?.value?;
            // The axis is logarithmic: half and double are as far from 1.
            (value.is_finite() && value > 0.0).then(|| Datum::at(value, place(row)))
        };
        rows.iter().enumerate().filter_map(datum).collect()
    })
}

/// One series before weighting, and one after each scheme.
fn named(
    schemes: &[Scheme<'_>],
    data: impl Fn(&Scheme<'_>, Weighting) -> Vec<Datum>,
) -> Vec<Series> {
    let before =
        // Before weighting all schemes have the same differences, but for what they divide by.
        schemes.iter().take(1).map(|scheme| ("Before weighting", scheme, Weighting::Before));
    let after = schemes.iter().map(|scheme| (scheme.name, scheme, Weighting::After));
    let looks = looks(schemes.len());
    let all = before.chain(after).zip(looks);
    all.map(|((name, scheme, when), look)| Series::new(name, look, data(scheme, when))).collect()
}

fn ratio_axis(series: &[Series]) -> Scale {
    let values = || series.iter().flat_map(|series| &series.data).map(|one| one.x);
    let low = crate::draw::tick_below(values().fold(0.5, f64::min));
    let high = crate::draw::tick_above(values().fold(2.0, f64::max));
    let ticks = crate::draw::log_ticks_within((low, high));
    let ticks = ticks.into_iter().map(|tick| (tick, format::axis_number(tick))).collect();
    Scale::logarithmic("Variance, treated to others", (low, high), ticks)
}

fn ratio_guides(upright: &Scale) -> Vec<Series> {
    let dashed = Pen { dash: &[2.0, 1.8], ..Pen::solid(RULE, 0.7) };
    let guides = [(0.5, dashed), (1.0, Pen::solid(RULE, 0.7)), (2.0, dashed)];
    guides.map(|(at, pen)| Series::upright(at, upright, pen)).into()
}

/// The largest difference of a scheme, before or after it.
pub(super) fn largest<'a>(scheme: Option<&Scheme<'a>>, when: &str) -> Option<&'a Finding> {
    let all = scheme?.analysis.of_statistic("largest_standardized_mean_difference");
    let wanted = Part::period(when);
    all.into_iter().find(|one| one.address.parts.contains(&wanted))
}

/// What the marks are.
fn key(schemes: &[Scheme<'_>]) -> Vec<KeyEntry> {
    let names = ["Before weighting"].into_iter().chain(schemes.iter().map(|scheme| scheme.name));
    let entries = names.zip(looks(schemes.len()));
    entries.map(|(name, look)| KeyEntry { looks: vec![look], text: name.to_owned() }).collect()
}

/// Whether a difference is told to be too large.
pub(super) fn is_imbalanced(largest: &Finding) -> bool {
    largest.warnings.iter().any(|one| matches!(one, Warning::StillImbalanced { .. }))
}

/// Which schemes leave a difference above 0.1.
fn imbalance(study: &StudySettings, schemes: &[Scheme<'_>]) -> String {
    let left = |scheme: &&Scheme<'_>| largest(Some(scheme), "after").is_some_and(is_imbalanced);
    let names: Vec<String> =
        schemes.iter().filter(left).map(|scheme| study::in_sentence(scheme.name)).collect();
    let before = largest(schemes.first(), "before").map(|found| format::value(found, study));
    let before = before.unwrap_or_else(|| format::NOT_ESTIMABLE.to_owned());
    match names.as_slice() {
        [] => format!("Largest before: {before}; after every scheme at most 0.1"),
        _ => format!("Largest before: {before}; still above 0.1: {}", names.join(", ")),
    }
}

/// The findings whose warnings belong under the figure.
pub(super) fn told<'a>(scheme: &Scheme<'a>) -> Vec<&'a Finding> {
    let largest = largest(Some(scheme), "after");
    let sizes = scheme.analysis.of_statistic("effective_sample_size");
    sizes.chain(largest).collect()
}

/// By what a scheme's differences are divided.
pub(super) fn spread(scheme: &Scheme<'_>) -> Option<Spread> {
    differences(scheme, Weighting::Before).into_iter().find_map(|one| match one.method.procedure {
        Procedure::BalanceDifference(_, spread) => Some(spread),
        _ => None,
    })
}
