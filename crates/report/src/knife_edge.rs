//! Knife edges: where a hair decides at which time a curve comes down to a
//! printed quantile, the page says so.

use study::{Finding, HAIR, Part, State, Stretch, StudySettings, numbered};

use crate::analysis::Analysis;
use crate::format;

/// A sentence for each quantile of an analysis that rests on a knife edge, with
/// its group in the words of `name`.
pub(crate) fn notes<'a>(
    analysis: &Analysis<'_>,
    findings: impl IntoIterator<Item = &'a Finding>,
    name: impl Fn(&Finding) -> Option<String>,
    study: &StudySettings,
) -> Vec<String> {
    let told = |finding: &Finding| {
        let level = level_of(finding)?;
        let stretch = edge(analysis, finding, level)?;
        Some(words(finding, (level, &stretch), name(finding), study))
    };
    findings.into_iter().filter_map(told).collect()
}

/// The survival at which a quantile of a drawn curve is read; none of others.
fn level_of(finding: &Finding) -> Option<f64> {
    // A quantile with a time in its address is of another curve, such as one from a landmark on.
    let is_of_drawn_curve = finding.address.times().next().is_none();
    let share = match finding.statistic.as_str() {
        "median" | "median_follow_up" => 0.5,
        "quantile" | "quantile_follow_up" => {
            finding.address.parts.iter().find_map(|part| match part {
                Part::Place(percent) => Some(percent.0 / 100.0),
                _ => None,
            })?
        }
        _ => return None,
    };
    // A quantile is named by the share that had the event, a curve by the share that had not.
    is_of_drawn_curve.then_some(1.0 - share)
}

fn edge(analysis: &Analysis<'_>, finding: &Finding, level: f64) -> Option<Stretch> {
    let reached = match finding.state {
        State::Estimated => Some(finding.value?),
        State::NotReached => None,
        _ => return None,
    };
    let groups = &analysis.figures.curves()?.groups;
    let level_of_group = finding.group.as_deref().unwrap_or("all");
    groups.iter().find(|group| group.level == level_of_group)?.knife_edge(level, reached)
}

fn words(
    finding: &Finding,
    (level, stretch): (f64, &Stretch),
    group: Option<String>,
    study: &StudySettings,
) -> String {
    let what = match finding.statistic.starts_with("median") {
        true => "the median".to_owned(),
        false => format!("the time at which it comes down to {}", format::axis_number(level)),
    };
    let group = group.map(|group| format!("{group}: ")).unwrap_or_default();
    let unit = study.time_unit.word();
    let until = numbered(&format::duration(stretch.until_days, study), unit);
    let place = match finding.state {
        State::NotReached => format!("and a hair decides whether {what} is reached"),
        _ => format!("and a hair decides where between them {what} lies"),
    };
    let text = format!(
        "{group}the curve stays within {} of {} from {} ({}) to {until}, {place}.",
        format::axis_number(HAIR),
        format::axis_number(level),
        format::duration(stretch.from_days, study),
        // Four decimals: two would print the level itself, which the curve does not reach.
        format::number(stretch.survival, 4),
    );
    study::capitalised(&text)
}

#[cfg(test)]
mod tests {
    use study::{CurveRow, Figures, GroupCurve, Quantity, SurvivalCurves};

    use super::*;

    /// A curve of whole days that is near 0.5 for long and near 0.25 not.
    fn curves() -> Figures {
        let row = |time_days: f64, survival: f64| CurveRow {
            time_days,
            at_risk: 9,
            events: 1,
            censored: 0,
            survival,
            lower: None,
            upper: None,
        };
        // From day 400 to 610 the curve lies a hair above a half.
        let rows = vec![row(100.0, 0.7), row(400.0, 0.500_23), row(610.0, 0.26), row(640.0, 0.2)];
        let group = GroupCurve { level: "rt".into(), label: "Radiotherapy".into(), n: 9, rows };
        let drawn = crate::sample::curves(&[]);
        Figures::from(SurvivalCurves { groups: vec![group], ..drawn })
    }

    #[test]
    fn a_quantile_on_a_knife_edge_is_told_and_others_are_not() {
        let figures = curves();
        let analysis = Analysis { name: "km", findings: &[], figures: &figures, methods: None };
        let quantile = |statistic: &str, parts: Vec<Part>, days: f64| {
            let mut one = Finding::new("km", "kaplan_meier", statistic, Quantity::Days, days);
            one.address.parts.extend(parts);
            one.in_group("rt")
        };
        let median = quantile("median", Vec::new(), 610.0);
        let upper = quantile("quantile", vec![Part::place(75.0)], 640.0);
        let upper_near = quantile("quantile", vec![Part::place(50.0)], 610.0);
        let at_landmark = quantile("median", vec![Part::time(study::Span::of_days(90.0))], 610.0);
        let told = |one: &Finding| {
            notes(&analysis, [one], |_| Some("Radiotherapy".to_owned()), &crate::sample::study())
        };
        assert_eq!(
            told(&median),
            [
                "Radiotherapy: the curve stays within 0.01 of 0.5 from 13.1 (0.5002) to 20.0 months, \
              and a hair decides where between them the median lies."
            ]
        );
        assert!(told(&upper).is_empty(), "30 days are no fifth of 640");
        assert!(told(&upper_near)[0].contains("the time at which it comes down to 0.5 lies"));
        assert!(told(&at_landmark).is_empty(), "its curve is not the one that is drawn");
    }
}
