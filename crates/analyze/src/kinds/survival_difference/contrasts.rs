//! The findings: each group's numbers, then the contrasts.

use engine::Call;
use stats::contrast::Contrast;
use stats::survival_curve::CurveValue;
use study::{Finding, Quantity};

use super::SurvivalDifference;
use crate::arms::Arms;
use crate::book::{Book, Told, level_words};
use crate::curve_rows::CurveRows;
use crate::horizon::{Horizon, horizons};

/// Writes the findings down.
pub(super) struct Teller<'a> {
    pub(super) kind: &'a SurvivalDifference,
    pub(super) rows: &'a CurveRows,
    pub(super) arms: &'a Arms,
    pub(super) reference: usize,
}

impl Teller<'_> {
    pub(super) fn tell(&self, book: &mut Book, call: &Call<'_>) -> Result<(), stats::Error> {
        for (code, arm) in self.arms.groups.iter().enumerate() {
            let events = self.events(code);
            for (name, count) in [("n", arm.n), ("missing", arm.missing), ("events", events)] {
                let finding = book.count(&[name], name, count).by_method("count");
                book.push(finding.in_group(&arm.level).from(arm.basis(Some(events))));
            }
        }
        let study = call.study;
        for horizon in horizons(study, &self.kind.at_months, &self.kind.at) {
            self.tell_survival(book, &horizon)?;
        }
        let (months, own) = (&self.kind.restricted_mean_months, &self.kind.restricted_mean);
        for horizon in horizons(study, months, own) {
            self.tell_means(book, &horizon)?;
        }
        Ok(())
    }

    fn tell_survival(&self, book: &mut Book, horizon: &Horizon) -> Result<(), stats::Error> {
        let (codes, n_groups) = (&self.arms.codes, self.arms.groups.len());
        let model = self.rows.model()?.confidence(book.level, self.kind.ci.confidence_type())?;
        let curves = model.estimate_by_group(codes, n_groups)?;
        let values = model.survival_by_group(codes, n_groups, horizon.days)?;
        for (code, curve) in curves.iter().enumerate() {
            let zero = curve
                .rows
                .last()
                .is_some_and(|row| row.survival == 0.0 && row.time <= horizon.days);
            let row =
                curve.rows[..curve.rows.partition_point(|row| row.time <= horizon.days)].last();
            let value = if zero { Some(0.0) } else { values[code].as_ref().map(|v| v.estimate) };
            let limits = match (value, row) {
                (Some(_), Some(row)) => (row.lower, row.upper),
                (Some(_), None) => (Some(1.0), Some(1.0)),
                (None, _) => (None, None),
            };
            let mut finding = book
                .draft(
                    &["survival", &horizon.id],
                    "survival",
                    Quantity::Survival,
                    value.unwrap_or(f64::NAN),
                )
                .limits(limits.0, limits.1, book.level)
                .with_error(values[code].as_ref().map(|value| value.standard_error));
            if value.is_none() {
                finding = finding.warn("nobody was followed to this time");
            }
            let method = format!(
                "{}Kaplan-Meier, {} {} CI, {}",
                self.weighted(),
                self.kind.ci.words(),
                level_words(book.level),
                self.error_words()
            );
            book.push(self.of_group(finding.at_days(horizon.days), code).by_method(method));
        }
        for code in self.others() {
            let pair = values[code].as_ref().zip(values[self.reference].as_ref());
            let found = pair.map(|(own, other)| own.difference(other, book.level)).transpose()?;
            let why = "a curve is unknown at this time, or zero, where it has no standard error";
            let method = format!(
                "difference of {}Kaplan-Meier estimates, Wald {} CI, {}",
                self.weighted(),
                level_words(book.level),
                self.error_words()
            );
            let told = Naming {
                name: "survival_difference",
                quantity: Quantity::ProportionDifference,
                method,
                why,
            };
            let unsure = without_error(pair, horizon);
            self.contrast(book, horizon, code, found, &told, &Vec::from_iter(unsure));
        }
        Ok(())
    }

    fn tell_means(&self, book: &mut Book, horizon: &Horizon) -> Result<(), stats::Error> {
        let (codes, n_groups) = (&self.arms.codes, self.arms.groups.len());
        let values = self.rows.model()?.restricted_mean_by_group(codes, n_groups, horizon.days)?;
        let level = book.level;
        let extended = |value: &Option<CurveValue>| value.as_ref().is_some_and(|v| v.is_extended);
        let warning = "the last follow-up is before this time: the last survival was carried on";
        for (code, value) in values.iter().enumerate() {
            // Against nothing, for its own limits.
            let own = value
                .as_ref()
                .map(|v| Contrast::difference((v.estimate, v.standard_error), (0.0, 0.0), level));
            let own = own.transpose()?;
            let mut finding = book
                .draft(
                    &["restricted_mean", &horizon.id],
                    "restricted_mean",
                    Quantity::Days,
                    own.map_or(f64::NAN, |own| own.estimate),
                )
                .limits(own.map(|own| own.lower), own.map(|own| own.upper), level)
                .with_error(own.map(|own| own.standard_error));
            if extended(value) {
                finding = finding.warn(warning);
            }
            let method = format!(
                "area under the {}Kaplan-Meier curve, {}",
                self.weighted(),
                self.error_words()
            );
            book.push(self.of_group(finding.at_days(horizon.days), code).by_method(method));
        }
        for code in self.others() {
            let pair = values[code].as_ref().zip(values[self.reference].as_ref());
            let is_extended = extended(&values[code]) || extended(&values[self.reference]);
            let carried = is_extended.then_some(
                "the last follow-up of a group is before this time: the last survival was carried on",
            );
            let warnings = Vec::from_iter(carried.into_iter().chain(without_error(pair, horizon)));
            let difference = pair.map(|(own, other)| own.difference(other, level)).transpose()?;
            let ratio = pair.map(|(own, other)| own.ratio(other, level)).transpose()?.flatten();
            let words = |what: &str, scale: &str| {
                format!(
                    "{what} of areas under the {}Kaplan-Meier curves, Wald {} CI{scale}, {}",
                    self.weighted(),
                    level_words(level),
                    self.error_words()
                )
            };
            let told = [
                (
                    difference,
                    Naming {
                        name: "restricted_mean_difference",
                        quantity: Quantity::Days,
                        method: words("difference", ""),
                        why: "a group has no curve",
                    },
                ),
                (
                    ratio,
                    Naming {
                        name: "restricted_mean_ratio",
                        quantity: Quantity::Ratio,
                        method: words("ratio", " on the log scale"),
                        why: "a restricted mean is zero",
                    },
                ),
            ];
            for (found, told) in told {
                self.contrast(book, horizon, code, found, &told, &warnings);
            }
        }
        Ok(())
    }

    /// A contrast of a group with the reference, and its p-value.
    fn contrast(
        &self,
        book: &mut Book,
        horizon: &Horizon,
        code: usize,
        found: Option<Contrast>,
        told: &Naming,
        warnings: &[&str],
    ) {
        let reference = &self.arms.groups[self.reference].level;
        let value = |read: fn(&Contrast) -> f64| found.as_ref().map_or(f64::NAN, read);
        let estimate = book
            .draft(&[told.name, &horizon.id], told.name, told.quantity, value(|c| c.estimate))
            .limits(found.map(|c| c.lower), found.map(|c| c.upper), book.level)
            .with_error(found.map(|c| c.standard_error));
        let p = book.draft(
            &["p", told.name, &horizon.id],
            "p_value",
            Quantity::PValue,
            value(|c| c.p_value),
        );
        for finding in [estimate, p] {
            let mut finding = finding.at_days(horizon.days).against(reference);
            if found.is_none() {
                finding = finding.warn(told.why);
            }
            for warning in warnings {
                finding = finding.warn(*warning);
            }
            let mut finding = self.of_group(finding, code).by_method(told.method.clone());
            // It is computed from both groups.
            let both = [code, self.reference];
            finding.n = Some(both.iter().map(|code| self.arms.groups[*code].n as u64).sum());
            finding.events = Some(both.iter().map(|code| self.events(*code) as u64).sum());
            finding.missing =
                Some(both.iter().map(|code| self.arms.groups[*code].missing as u64).sum());
            book.push(finding);
        }
    }

    fn of_group(&self, finding: Finding, code: usize) -> Finding {
        let arm = &self.arms.groups[code];
        finding.in_group(&arm.level).from(arm.basis(Some(self.events(code))))
    }

    fn events(&self, code: usize) -> usize {
        let members = self.arms.members(Some(code));
        members.into_iter().filter(|row| self.rows.events()[*row]).count()
    }

    /// Every group but the reference.
    fn others(&self) -> impl Iterator<Item = usize> {
        let reference = self.reference;
        (0..self.arms.groups.len()).filter(move |code| *code != reference)
    }

    fn weighted(&self) -> &'static str {
        if self.rows.are_weighted() { "weighted " } else { "" }
    }

    pub(super) fn error_words(&self) -> &'static str {
        match (self.rows.are_weighted(), self.rows.are_clustered()) {
            (true, true) => "robust variance by cluster",
            (true, false) => "robust variance",
            _ => "Greenwood's variance",
        }
    }
}

/// How a contrast is told.
struct Naming {
    name: &'static str,
    quantity: Quantity,
    method: String,
    /// Why there may be none.
    why: &'static str,
}

/// What to know of a contrast in which a curve has not fallen yet.
fn without_error(
    pair: Option<(&CurveValue, &CurveValue)>,
    horizon: &Horizon,
) -> Option<&'static str> {
    let (own, other) = pair?;
    let is_certain = |value: &CurveValue| value.standard_error == 0.0;
    (horizon.days > 0.0 && (is_certain(own) || is_certain(other))).then_some(
        "a group has no event until this time: its estimate counts as known without error, so the limits are too narrow",
    )
}
