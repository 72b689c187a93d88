//! What figures of ratios on a logarithmic axis have in common: the axis as it
//! is declared, findings as rows, and the drawing.

use engine::{Call, Mistake, Mistakes};
use study::{Finding, Output, State, StudySettings, Withheld};

use crate::draw::{ForestHeadings, ForestPlot, ForestRow, RowEstimate, SMALLEST_BOX};
use crate::exhibit::{FigureWords, glyphs, plot_figure, points};
use crate::format;
use crate::lookup::is_reference;

/// What is declared of such a figure beside its rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    /// What a ratio below 1 and one above 1 speak for.
    pub(crate) favours: Option<&'a [String]>,
    /// Ends of the axis.
    pub(crate) limits: Option<&'a [f64]>,
    /// Width in millimetres.
    pub(crate) width_mm: f64,
}

/// Headings of columns beside that of the ratios.
#[derive(Debug, Clone)]
pub(crate) struct Headings {
    /// Of the names of rows.
    pub(crate) names: &'static str,
    /// Of numbers of patients and events.
    pub(crate) counts: Vec<String>,
    /// Of p-values.
    pub(crate) tests: Vec<String>,
}

impl Headings {
    /// Patients, events, and one p-value.
    pub(crate) fn plain(names: &'static str) -> Self {
        let counts = ["Patients", "Events"].map(str::to_owned).into();
        Self { names, counts, tests: vec!["p".to_owned()] }
    }
}

impl Frame<'_> {
    /// Notes what is wrong with it.
    pub(crate) fn check(&self, mistakes: &mut Mistakes) {
        mistakes.note(points(self.width_mm, "width_mm"));
        mistakes.note(two_sides(self.favours));
        for (side, text) in self.favours.into_iter().flatten().enumerate() {
            mistakes.note(glyphs([text.as_str()], &["favours", &side.to_string()]));
        }
        mistakes.note(declared_limits(self.limits));
    }

    /// Draws rows of `findings`: `headings` are those of their names, of their
    /// counts and of their tests, `ratio` says what they are ratios of.
    pub(crate) fn draw(
        &self,
        call: &Call<'_>,
        (headings, ratio): (Headings, &str),
        findings: &[&Finding],
        rows: Vec<ForestRow>,
        words: &FigureWords,
    ) -> Result<Output, Mistakes> {
        let interval = interval_name(findings, call.study);
        let ratio = format!("{ratio} ({interval})");
        let plot = ForestPlot {
            limits: declared_limits(self.limits)?.unwrap_or_else(|| limits(&rows)),
            rows,
            x_label: format!("{ratio}, logarithmic axis"),
            headings: ForestHeadings {
                names: headings.names.to_owned(),
                counts: headings.counts,
                tests: headings.tests,
                ratio,
            },
            favours: two_sides(self.favours)?,
            mark: call.study.mark(),
            width: points(self.width_mm, "width_mm")?,
        };
        plot_figure(call, &plot, words)
    }
}

/// What the size of a box says.
pub(crate) fn boxes_in_words(ratios: &[&Finding]) -> String {
    let is_drawn = |ratio: &Finding| ratio.value.is_some() && is_per_unit(ratio);
    match ratios.iter().any(|ratio| is_drawn(ratio)) {
        // Per ten years instead of per year the standard error is ten times as large: a box by it
        // would be as arbitrary as the unit.
        true => "Boxes say nothing by their size, since the information on a ratio per unit of a \
             number depends on the unit; no box is wider than half its interval"
            .to_owned(),
        false => format!(
            "The area of a box is proportional to the information on the logarithm of its ratio \
             (one over the squared standard error), but at least {} pt wide, and no box is wider \
             than half its interval",
            format::number(SMALLEST_BOX, 1)
        ),
    }
}

/// Whether it is a ratio per unit of a number: no scale of information that levels share.
fn is_per_unit(ratio: &Finding) -> bool {
    ratio.level.is_none()
}

/// What lies on either side of a ratio of 1.
pub(crate) fn two_sides(favours: Option<&[String]>) -> Result<Option<[String; 2]>, Mistake> {
    let Some(texts) = favours else { return Ok(None) };
    <[String; 2]>::try_from(texts.to_vec()).map(Some).map_err(|texts| {
        let message = format!("`favours` has {} texts and needs 2", texts.len());
        Mistake::at(&["favours"], message)
            .hint("give the text for ratios below 1, then the one for ratios above 1")
    })
}

/// The declared ends of the axis, which must lie on either side of 1.
fn declared_limits(limits: Option<&[f64]>) -> Result<Option<(f64, f64)>, Mistake> {
    match limits {
        None => Ok(None),
        // A logarithmic axis has no nought, and ticks end at a thousand.
        Some(&[low, high]) if low > 0.0 && low < 1.0 && high > 1.0 && high <= 1000.0 => {
            Ok(Some((low, high)))
        }
        Some(_) => Err(Mistake::at(&["limits"], "the limits do not enclose a ratio of 1")
            .hint("give a number between 0 and 1 and one above 1, such as `[0.1, 10]`")),
    }
}

/// The name of the intervals of some findings.
fn interval_name(findings: &[&Finding], study: &StudySettings) -> String {
    // The level of the numbers themselves goes before that of the study: an analysis may have one
    // of its own.
    let level = findings.iter().find_map(|finding| finding.confidence_level);
    format::interval_name(level.unwrap_or(study.confidence_level))
}

/// A finding as a row of the plot.
pub(crate) fn row(
    study: &StudySettings,
    ratio: &Finding,
    label: String,
    p: String,
    variable: usize,
) -> ForestRow {
    let number = |which| format::counted(ratio, which, study).unwrap_or_default();
    let is_reference = is_reference(ratio);
    let estimated = ratio
        .value
        // A ratio of nought, as of a level without events, has no place on a logarithmic axis. Its
        // text still says it.
        .filter(|value| ratio.state == State::Estimated && !is_reference && *value > 0.0);
    // Without an error its information is nought, and its box the smallest.
    let error = ratio.standard_error.unwrap_or(f64::INFINITY);
    ForestRow {
        label,
        is_level: ratio.level.is_some(),
        is_reference,
        counts: vec![number(Withheld::N), number(Withheld::Events)],
        estimate: estimated.map(|value| RowEstimate {
            value,
            lower: ratio.lower,
            upper: ratio.upper,
            // per unit of a number there is no scale that it shares with levels and groups
            information: (!is_per_unit(ratio) || ratio.group.is_some())
                .then_some(1.0 / (error * error)),
        }),
        text: if is_reference {
            "1 (reference)".to_owned()
        } else {
            format::value_with_limits(ratio, study)
        },
        tests: vec![if is_reference { String::new() } else { p }],
        variable,
    }
}

/// The ends of the axis: the ticks that enclose all intervals, but no further
/// than a tenth and ten unless an estimate itself lies beyond.
fn limits(rows: &[ForestRow]) -> (f64, f64) {
    // No narrower, or a ratio near 1 would look like a large effect.
    let (mut low, mut high): (f64, f64) = (0.5, 2.0);
    for estimate in rows.iter().filter_map(|row| row.estimate) {
        let lower = estimate.lower.unwrap_or(estimate.value);
        let upper = estimate.upper.unwrap_or(estimate.value);
        // One wide interval must not squeeze all others. An estimate itself is always on the axis,
        // with a fifth of room beside it for its box.
        low = low.min(lower.max(0.1)).min(0.8 * estimate.value);
        high = high.max(upper.min(10.0)).max(1.25 * estimate.value);
    }
    (crate::draw::tick_below(low), crate::draw::tick_above(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_encloses_what_it_can() {
        let rows = |value: f64, lower: f64, upper: f64| {
            let estimate = RowEstimate {
                value,
                lower: Some(lower),
                upper: Some(upper),
                information: Some(1.0),
            };
            vec![ForestRow { estimate: Some(estimate), ..ForestRow::default() }]
        };
        assert_eq!(limits(&rows(0.39, 0.24, 0.63)), (0.2, 2.0));
        assert_eq!(limits(&rows(3.0, 0.01, 900.0)), (0.1, 10.0));
        // 30 × 1.25 is 37.5, and the next tick is 50.
        assert_eq!(limits(&rows(30.0, 2.0, 900.0)), (0.5, 50.0));
    }
}
