//! What is read off a curve: quantiles, survival with counts, restricted
//! means, and the steps themselves.

use stats::kaplan_meier::{KaplanMeierCurve, KaplanMeierRow, SurvivalAt};
use stats::special::normal_quantile;
use study::{CurveRow, Finding, GroupCurve, Part, Quantity, State, Warning};

use super::KaplanMeier;
use crate::arms::Arm;
use crate::book::{Book, Told};
use crate::horizon::Horizon;

impl KaplanMeier {
    /// The time of a share of patients with the event.
    pub(super) fn quantile(
        &self,
        book: &Book,
        curve: Option<&KaplanMeierCurve>,
        probability: f64,
    ) -> Result<Finding, stats::Error> {
        let suffix = if self.reverse { "_follow_up" } else { "" };
        let found = curve.map(|curve| curve.quantile(probability)).transpose()?;
        let value = found.as_ref().and_then(|found| found.estimate);
        let limits = found.as_ref().map_or((None, None), |found| (found.lower, found.upper));
        let finding = draft_quantile(book, suffix, probability, value);
        let finding = finding.limits(limits.0, limits.1, book.level);
        if value.is_some() {
            return Ok(finding);
        }
        let finding = finding.without_value(State::NotReached);
        Ok(match (curve.is_some_and(|curve| curve.n_events == 0), self.reverse) {
            (false, _) => finding,
            (true, true) => finding.warn(Warning::NoCensoring),
            (true, false) => finding.warn(Warning::NoEvents),
        })
    }

    /// Survival and the counts at one time.
    pub(super) fn at(
        &self,
        book: &Book,
        curve: Option<&KaplanMeierCurve>,
        horizon: &Horizon,
    ) -> Result<[Finding; 4], stats::Error> {
        let found = curve.map(|curve| curve.at(horizon.days)).transpose()?;
        let found = found.as_ref();
        let at_risk = curve.map(|curve| curve.at(horizon.at_risk_days)).transpose()?;
        let at_risk = at_risk.map_or(0, |found| found.n_at_risk);
        let survival = survival_at(book, "survival", horizon, found);
        let number = |read: fn(&SurvivalAt) -> usize| found.map_or(0, read);
        let (events, censored) = match self.reverse {
            true => (number(|found| found.n_censored), number(|found| found.n_events)),
            false => (number(|found| found.n_events), number(|found| found.n_censored)),
        };
        let count = |name: &str, count| book.count(&horizon.parts(name), name, count);
        Ok([
            survival,
            count("n_at_risk", at_risk),
            count("cumulative_events", events),
            count("cumulative_censored", censored),
        ]
        .map(|finding| finding.at_days(horizon.days)))
    }
}

/// A quantile of follow-up; the median is called so.
pub(in crate::kinds) fn draft_quantile(
    book: &Book,
    suffix: &str,
    probability: f64,
    value: Option<f64>,
) -> Finding {
    let is_median = probability == 0.5;
    let name = format!("{}{suffix}", if is_median { "median" } else { "quantile" });
    let percent = Part::place((probability * 1e6).round() / 1e4);
    let parts = [Some(Part::statistic(&name)), (!is_median).then_some(percent)];
    let parts: Vec<Part> = parts.into_iter().flatten().collect();
    book.draft(&parts, &name, Quantity::Days, value.unwrap_or(f64::NAN))
}

/// Survival at one time, as far as somebody was followed to it.
pub(in crate::kinds) fn survival_at(
    book: &Book,
    name: &str,
    horizon: &Horizon,
    found: Option<&SurvivalAt>,
) -> Finding {
    let value = found.and_then(|found| found.survival);
    let parts = horizon.parts(name);
    let finding = book.draft(&parts, name, Quantity::Survival, value.unwrap_or(f64::NAN)).limits(
        found.and_then(|found| found.lower),
        found.and_then(|found| found.upper),
        book.level,
    );
    let finding = finding.with_error(found.and_then(|found| found.standard_error));
    if value.is_some() { finding } else { finding.warn(Warning::NobodyFollowed) }
}

/// The restricted mean until one time.
pub(super) fn restricted_mean(
    book: &Book,
    curve: Option<&KaplanMeierCurve>,
    horizon: &Horizon,
) -> Result<Finding, stats::Error> {
    let found = curve.map(|curve| curve.restricted_mean(horizon.days)).transpose()?;
    let value = found.as_ref().map(|found| (found.estimate, found.standard_error));
    let is_extended = found.is_some_and(|found| found.is_extended);
    Ok(draft_mean(book, horizon, value, is_extended))
}

/// A restricted mean with its standard error, with normal limits.
pub(super) fn draft_mean(
    book: &Book,
    horizon: &Horizon,
    found: Option<(f64, f64)>,
    is_extended: bool,
) -> Finding {
    let (estimate, error) = found.unzip();
    let reach = error.map(|error| normal_quantile(0.5 + book.level / 2.0) * error);
    let (lower, upper) =
        (estimate.zip(reach)).map(|(mean, reach)| (mean - reach, mean + reach)).unzip();
    let name = "restricted_mean";
    let finding = book
        .draft(&horizon.parts(name), name, Quantity::Days, estimate.unwrap_or(f64::NAN))
        .limits(lower, upper, book.level)
        .with_error(error)
        .at_days(horizon.days);
    if is_extended { finding.warn(Warning::SurvivalCarriedOn) } else { finding }
}

/// A group before a run: its name, which figures check, and no steps.
pub(super) fn announced_curve(arm: &Arm) -> GroupCurve {
    let (level, label) = (arm.value().to_owned(), arm.label().to_owned());
    GroupCurve { level, label, n: 0, rows: Vec::new() }
}

/// The steps of a group, for figures and risk tables.
pub(super) fn group_curve(arm: &Arm, curve: &KaplanMeierCurve) -> GroupCurve {
    let row = |row: &KaplanMeierRow| CurveRow {
        time_days: row.time,
        at_risk: row.n_at_risk as u64,
        events: row.n_events as u64,
        censored: row.n_censored as u64,
        survival: row.survival,
        lower: row.lower,
        upper: row.upper,
    };
    GroupCurve {
        level: arm.value().to_owned(),
        label: arm.label().to_owned(),
        n: curve.n as u64,
        rows: curve.rows.iter().map(row).collect(),
    }
}
