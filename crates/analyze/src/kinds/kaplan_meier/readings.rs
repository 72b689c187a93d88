//! What is read off a curve: quantiles, survival with counts, restricted
//! means, and the steps themselves.

use stats::kaplan_meier::{KaplanMeierCurve, KaplanMeierRow};
use stats::special::normal_quantile;
use study::{CurveRow, Finding, GroupCurve, Quantity, State};

use super::KaplanMeier;
use crate::arms::Arm;
use crate::book::{Book, Told};
use crate::horizon::Horizon;

impl KaplanMeier {
    /// What the curve counts as its event.
    fn event_word(&self) -> &'static str {
        if self.reverse { "censoring" } else { "events" }
    }

    /// The time of a share of patients with the event.
    pub(super) fn quantile(
        &self,
        book: &Book,
        curve: &KaplanMeierCurve,
        probability: f64,
    ) -> Result<Finding, stats::Error> {
        let suffix = if self.reverse { "_follow_up" } else { "" };
        let found = curve.quantile(probability)?;
        let value = found.estimate.unwrap_or(f64::NAN);
        let percent = ((probability * 1e6).round() / 1e4).to_string();
        let finding = if probability == 0.5 {
            let name = format!("median{suffix}");
            book.draft(&[&name], &name, Quantity::Days, value)
        } else {
            let name = format!("quantile{suffix}");
            book.draft(&[&name, &percent], &name, Quantity::Days, value)
        };
        let finding = finding.limits(found.lower, found.upper, book.level);
        Ok(match found.estimate {
            Some(_) => finding,
            None if curve.n_events == 0 => {
                finding.without_value(State::NotReached).warn(format!("no {}", self.event_word()))
            }
            None => finding.without_value(State::NotReached),
        })
    }

    /// Survival and the counts at one time.
    pub(super) fn at(
        &self,
        book: &Book,
        curve: &KaplanMeierCurve,
        horizon: &Horizon,
    ) -> Result<[Finding; 4], stats::Error> {
        let found = curve.at(horizon.days)?;
        let value = found.survival.unwrap_or(f64::NAN);
        let mut survival = book
            .draft(&["survival", &horizon.id], "survival", Quantity::Survival, value)
            .limits(found.lower, found.upper, book.level)
            .with_error(found.standard_error);
        if found.survival.is_none() {
            survival = survival.warn("nobody was followed to this time");
        }
        let (events, censored) = match self.reverse {
            true => (found.n_censored, found.n_events),
            false => (found.n_events, found.n_censored),
        };
        let count = |name: &str, count| book.count(&[name, &horizon.id], name, count);
        Ok([
            survival,
            count("n_at_risk", found.n_at_risk),
            count("cumulative_events", events),
            count("cumulative_censored", censored),
        ]
        .map(|finding| finding.at_days(horizon.days)))
    }
}

/// The restricted mean until one time.
pub(super) fn restricted_mean(
    book: &Book,
    curve: &KaplanMeierCurve,
    horizon: &Horizon,
) -> Result<Finding, stats::Error> {
    let found = curve.restricted_mean(horizon.days)?;
    let parts = ["restricted_mean", &horizon.id];
    let reach = normal_quantile(0.5 + book.level / 2.0) * found.standard_error;
    let (lower, upper) = (found.estimate - reach, found.estimate + reach);
    let finding = book
        .draft(&parts, "restricted_mean", Quantity::Days, found.estimate)
        .limits(Some(lower), Some(upper), book.level)
        .with_error(Some(found.standard_error))
        .at_days(horizon.days);
    Ok(match found.is_extended {
        true => {
            finding.warn("the last follow-up is before this time: the last survival was carried on")
        }
        false => finding,
    })
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
        level: arm.level.clone(),
        label: arm.label.clone(),
        n: curve.n as u64,
        rows: curve.rows.iter().map(row).collect(),
    }
}
