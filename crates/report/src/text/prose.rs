//! A finding in running text: its unit written out, `not reached` instead of
//! `NR`.

use std::str::FromStr;

use study::{Finding, Quantity, State, StudySettings, Withheld};

use crate::format;

/// What of a finding is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// The number with its unit.
    Value,
    /// The number alone.
    Bare,
    /// The confidence interval with its name.
    Ci,
    /// Number and interval.
    Full,
    /// `p = 0.009`.
    P,
    /// Patients.
    N,
    /// Events.
    Events,
    /// Patients left out for a missing value.
    Missing,
    /// Events of patients, with their share.
    Fraction,
    /// The method in words.
    Method,
}

const WORDS: [(&str, Show); 10] = [
    ("value", Show::Value),
    ("bare", Show::Bare),
    ("ci", Show::Ci),
    ("full", Show::Full),
    ("p", Show::P),
    ("n", Show::N),
    ("events", Show::Events),
    ("missing", Show::Missing),
    ("fraction", Show::Fraction),
    ("method", Show::Method),
];

impl FromStr for Show {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = WORDS.iter().find(|(known, _)| *known == word).map(|(_, show)| *show);
        known.ok_or_else(|| {
            let words = WORDS.map(|(word, _)| format!("`{word}`")).join(", ");
            format!("`show` cannot be `{word}`: there are {words}")
        })
    }
}

/// Checks, before there is a number, that a finding will have what is asked for.
///
/// # Errors
/// If it never has.
pub(crate) fn check(finding: &Finding, show: Show) -> Result<(), String> {
    match show {
        Show::P if finding.quantity != Quantity::PValue => {
            Err(format!("`{}` is no p-value", finding.id()))
        }
        Show::Ci | Show::Full if finding.quantity == Quantity::PValue => {
            Err(format!("`{}` has no confidence interval", finding.id()))
        }
        _ => Ok(()),
    }
}

/// A finding as a text prints it.
///
/// # Errors
/// If the finding has no such part.
pub(crate) fn print(
    finding: &Finding,
    show: Show,
    decimals: Option<usize>,
    study: &StudySettings,
) -> Result<String, String> {
    let part = |which: Withheld, name: &str| {
        let counted = format::counted(finding, which, study);
        counted.ok_or_else(|| format!("`{}` has no {name}", finding.id()))
    };
    let hidden = matches!(finding.state, State::Small | State::Hidden);
    // Counts beside a hidden number were looked at by themselves: those that are left may be shown.
    if hidden && !matches!(show, Show::N | Show::Events | Show::Missing | Show::Method) {
        return Ok(format::value(finding, study));
    }
    match show {
        Show::Value => Ok(with_unit(value(finding, decimals, study), finding, study)),
        Show::Bare => Ok(value(finding, decimals, study)),
        Show::Ci => interval(finding, decimals, study),
        Show::Full => {
            let value = with_unit(value(finding, decimals, study), finding, study);
            // `not reached (95% CI not reached)` says one thing twice.
            if is_never_reached(finding) {
                return Ok(value);
            }
            Ok(format!("{value} ({})", interval(finding, decimals, study)?))
        }
        Show::P => match (finding.quantity, finding.value) {
            (Quantity::PValue, Some(p)) if decimals.is_some() => {
                // Digits that are asked for are given, also where the usual form would be `<0.001`.
                Ok(format!("p\u{a0}=\u{a0}{}", number(p, finding, decimals, study)))
            }
            (Quantity::PValue, Some(p)) => {
                Ok(format::p_statement(p, format::PValueStyle::Rounded).replace(' ', "\u{a0}"))
            }
            (Quantity::PValue, None) => Ok("p not estimable".to_owned()),
            _ => Err(format!("`{}` is no p-value", finding.id())),
        },
        Show::N => part(Withheld::N, "number of patients"),
        Show::Events => part(Withheld::Events, "number of events"),
        Show::Missing => part(Withheld::Missing, "number of missing values"),
        Show::Fraction => format::fraction_with_percent(finding, study)
            .ok_or_else(|| format!("`{}` has no events and patients", finding.id())),
        Show::Method => Ok(crate::words::method(&finding.method)),
    }
}

fn value(finding: &Finding, decimals: Option<usize>, study: &StudySettings) -> String {
    match (finding.state, finding.value) {
        (State::NotReached, _) => "not reached".to_owned(),
        (State::Estimated, Some(value)) => number(value, finding, decimals, study),
        _ => "not estimable".to_owned(),
    }
}

fn number(value: f64, finding: &Finding, decimals: Option<usize>, study: &StudySettings) -> String {
    let Some(decimals) = decimals else { return format::of_finding(value, finding, study) };
    match finding.quantity {
        Quantity::Proportion | Quantity::Survival => format::hundredfold(value, decimals) + "%",
        Quantity::ProportionDifference => format::hundredfold(value, decimals),
        Quantity::Days => format::number(value / study.days_per_time_unit(), decimals),
        _ => format::number(value, decimals),
    }
}

/// Whether neither a quantile nor its limits are reached.
fn is_never_reached(finding: &Finding) -> bool {
    let limits = finding.lower.is_none() && finding.upper.is_none();
    finding.state == State::NotReached && limits && finding.confidence_level.is_some()
}

fn with_unit(text: String, finding: &Finding, study: &StudySettings) -> String {
    // `not reached months` is no unit of anything.
    if finding.state != State::Estimated || finding.value.is_none() {
        return text;
    }
    match (finding.quantity, &finding.unit) {
        (Quantity::Days, _) => {
            format!("{text}\u{a0}{}", study::unit_of(&text, study.time_unit.word()))
        }
        // A percent sign behind a difference of shares would be read as a relative change.
        (Quantity::ProportionDifference, _) => format!("{text}\u{a0}percentage points"),
        (Quantity::Measured, Some(unit)) => format!("{text}\u{a0}{unit}"),
        _ => text,
    }
}

fn interval(
    finding: &Finding,
    decimals: Option<usize>,
    study: &StudySettings,
) -> Result<String, String> {
    if let (Some(level), true) = (finding.confidence_level, is_never_reached(finding)) {
        return Ok(format!("{} not reached", format::interval_name(level)));
    }
    let (Some(level), true) = (finding.confidence_level, format::limits(finding, study).is_some())
    else {
        return Err(format!("`{}` has no confidence interval", finding.id()));
    };
    let absent = if finding.quantity == Quantity::Days { "not reached" } else { "not estimable" };
    let limit = |limit: Option<f64>| match limit {
        Some(limit) => number(limit, finding, decimals, study).trim_end_matches('%').to_owned(),
        None => absent.to_owned(),
    };
    let (lower, upper) = (limit(finding.lower), limit(finding.upper));
    let whole = finding.lower.is_some() && finding.upper.is_some();
    let limits =
        // A dash between a number and words is no interval to read aloud.
        if whole { format::interval(&lower, &upper) } else { format!("{lower} to {upper}") };
    Ok(format!("{} {limits}", format::interval_name(level)))
}
