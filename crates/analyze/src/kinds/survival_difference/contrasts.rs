//! The findings: each group's numbers, then the contrasts.

use stats::contrast::Contrast;
use stats::inference::Interval;
use stats::survival_curve::{CurveValue, SurvivalCurve};
use study::{
    Detail, Finding, IntervalKind, Method, Part, Procedure, Quantity, StudySettings, Variance,
    Warning,
};

use super::SurvivalDifference;
use crate::arms::{Arms, OfArm};
use crate::book::{Basis, Book, Told};
use crate::curve_rows::CurveRows;
use crate::horizon::{Horizon, horizons};

/// Writes the findings down.
pub(super) struct Teller<'a> {
    pub(super) kind: &'a SurvivalDifference,
    /// None in a rehearsal.
    pub(super) rows: Option<&'a CurveRows>,
    pub(super) arms: &'a Arms,
    pub(super) reference: usize,
    /// How the variance of a curve is estimated.
    pub(super) variance: Variance,
}

impl Teller<'_> {
    pub(super) fn tell(&self, book: &mut Book, study: &StudySettings) -> Result<(), stats::Error> {
        for (code, arm) in self.arms.groups.iter().enumerate() {
            let events = self.events(code);
            for (name, count) in [("n", arm.n), ("missing", arm.missing), ("events", events)] {
                let finding = book.count(&[Part::statistic(name)], name, count);
                book.push(self.of_group(finding, code).by_method(Procedure::Count));
            }
        }
        for horizon in horizons(study, &self.kind.at) {
            self.tell_survival(book, &horizon)?;
        }
        for horizon in horizons(study, &self.kind.restricted_mean) {
            self.tell_means(book, &horizon)?;
        }
        Ok(())
    }

    /// The curve of each group and its survival at a time; none in a rehearsal.
    fn read_survival(&self, book: &Book, horizon: &Horizon) -> Result<Vec<Read>, stats::Error> {
        let n_groups = self.arms.groups.len();
        // In a rehearsal each group has a place, and no curve.
        let Some(rows) = self.rows else { return Ok(vec![(None, None); n_groups]) };
        let model = rows.model()?.confidence(book.level, self.kind.ci.confidence_type())?;
        // Detailed, because the contrast needs the standard error at the time.
        let curves = model.detailed().estimate_by_group(&self.arms.membership)?;
        let read = |curve: SurvivalCurve| {
            let value = curve.survival(horizon.days)?;
            Ok((Some(curve), value))
        };
        curves.into_iter().map(read).collect()
    }

    fn tell_survival(&self, book: &mut Book, horizon: &Horizon) -> Result<(), stats::Error> {
        let read = self.read_survival(book, horizon)?;
        let method = self
            .qualified(Procedure::KaplanMeier)
            .with(Detail::Interval { interval: self.kind.ci.interval(), level: book.level })
            .with(Detail::Variance(self.variance));
        for (code, (curve, value)) in read.iter().enumerate() {
            let finding = survival_of(book, horizon, curve.as_ref(), value.as_ref());
            let finding = self.of_group(finding.at_days(horizon.days), code);
            book.push(finding.by_method(method.clone()));
        }
        let told = Naming {
            name: "survival_difference",
            quantity: Quantity::ProportionDifference,
            method: self.contrast_of(
                Method::of(Procedure::KaplanMeier).difference(),
                IntervalKind::Wald,
                book,
            ),
            why: Warning::CurveUnknown,
        };
        for code in self.arms.others(self.reference) {
            let pair = read[code].1.as_ref().zip(read[self.reference].1.as_ref());
            let found = pair.map(|(own, other)| own.difference(other, book.level)).transpose()?;
            // Where nobody has had the event in one group,
            // its survival counts as known without error.
            let unsure = Vec::from_iter(without_error(pair, horizon));
            self.contrast(
                book,
                horizon,
                code,
                &Contrasted { found, naming: &told, warnings: &unsure },
            );
        }
        Ok(())
    }

    /// The restricted mean of each group until a time; none in a rehearsal.
    fn read_means(&self, horizon: &Horizon) -> Result<Vec<Option<CurveValue>>, stats::Error> {
        let n_groups = self.arms.groups.len();
        let Some(rows) = self.rows else { return Ok(vec![None; n_groups]) };
        let curves = rows.model()?.detailed().estimate_by_group(&self.arms.membership)?;
        curves.iter().map(|curve| curve.restricted_mean(horizon.days)).collect()
    }

    fn tell_means(&self, book: &mut Book, horizon: &Horizon) -> Result<(), stats::Error> {
        let values = self.read_means(horizon)?;
        let area = self.qualified(Procedure::KaplanMeier.area());
        let area = area.with(Detail::Variance(self.variance));
        for (code, value) in values.iter().enumerate() {
            let finding = mean_of(book, horizon, value.as_ref())?;
            book.push(self.of_group(finding, code).by_method(area.clone()));
        }
        for code in self.arms.others(self.reference) {
            let pair = values[code].as_ref().zip(values[self.reference].as_ref());
            self.contrast_means(book, horizon, code, pair)?;
        }
        Ok(())
    }

    fn contrast_means(
        &self,
        book: &mut Book,
        horizon: &Horizon,
        code: usize,
        pair: Option<(&CurveValue, &CurveValue)>,
    ) -> Result<(), stats::Error> {
        let area = || Procedure::KaplanMeier.area();
        // If one group is not followed to the end of the
        // mean the contrast rests on what was carried on.
        let is_extended = pair.is_some_and(|(own, other)| own.is_extended || other.is_extended);
        let carried = is_extended.then_some(Warning::SurvivalOfAGroupCarriedOn);
        let warnings = Vec::from_iter(carried.into_iter().chain(without_error(pair, horizon)));
        let difference = pair.map(|(own, other)| own.difference(other, book.level)).transpose()?;
        // A mean of zero has no ratio.
        let ratio = pair.map(|(own, other)| own.ratio(other, book.level)).transpose()?.flatten();
        let naming = Naming {
            name: "restricted_mean_difference",
            quantity: Quantity::Days,
            method: self.contrast_of(area().difference(), IntervalKind::Wald, book),
            why: Warning::NoCurve,
        };
        let told = Contrasted { found: difference, naming: &naming, warnings: &warnings };
        self.contrast(book, horizon, code, &told);
        let naming = Naming {
            name: "restricted_mean_ratio",
            quantity: Quantity::Ratio,
            method: self.contrast_of(area().ratio(), IntervalKind::WaldLog, book),
            why: Warning::ZeroMean,
        };
        let told = Contrasted { found: ratio, naming: &naming, warnings: &warnings };
        self.contrast(book, horizon, code, &told);
        Ok(())
    }

    /// A contrast of a group with the reference, and its p-value.
    fn contrast(&self, book: &mut Book, horizon: &Horizon, code: usize, told: &Contrasted<'_>) {
        let Contrasted { found, naming, warnings } = told;
        let value = |read: fn(&Contrast) -> f64| found.as_ref().map_or(f64::NAN, read);
        // of curves neither of which has fallen the data say no more than that: no limits, no test
        let known = found.filter(|c| horizon.days == 0.0 || c.standard_error > 0.0);
        let p = known.map_or(f64::NAN, |known| known.p_value);
        let parts = horizon.parts(naming.name);
        let estimate = book
            .draft(&parts, naming.name, naming.quantity, value(|c| c.interval.estimate))
            .limits(known.map(|c| c.interval.lower), known.map(|c| c.interval.upper), book.level)
            .with_error(found.map(|c| c.standard_error));
        // Of which contrast the p-value is, as of which test.
        let parts = [Part::statistic("p"), Part::test(naming.name), horizon.part()];
        let p = book.draft(&parts, "p_value", Quantity::PValue, p);
        let arms = [code, self.reference].map(|code| &self.arms.groups[code]);
        // It is computed from both groups.
        let basis = Basis {
            n: arms.iter().map(|arm| arm.n).sum(),
            events: Some(self.events(code) + self.events(self.reference)),
            missing: arms.iter().map(|arm| arm.missing).sum(),
        };
        // The p-value is of the same contrast, so that it shares everything with it.
        for finding in [estimate, p] {
            let mut finding = finding.at_days(horizon.days).against_arm(arms[1]);
            if found.is_none() {
                finding = finding.warn(naming.why.clone());
            }
            finding.warnings.extend(warnings.iter().cloned());
            book.push(finding.in_arm(arms[0]).from(basis).by_method(naming.method.clone()));
        }
    }

    fn of_group(&self, finding: Finding, code: usize) -> Finding {
        let arm = &self.arms.groups[code];
        finding.in_arm(arm).from(arm.basis(Some(self.events(code))))
    }

    fn events(&self, code: usize) -> usize {
        let members = self.arms.members(Some(code));
        let has_event = |row: &usize| self.rows.is_some_and(|rows| rows.events()[*row]);
        members.into_iter().filter(has_event).count()
    }

    /// A method with the patients' weights.
    fn qualified(&self, method: impl Into<Method>) -> Method {
        let mut method = method.into();
        method.details.extend(self.kind.weights.is_some().then_some(Detail::Weighted));
        method
    }

    fn contrast_of(&self, method: Method, interval: IntervalKind, book: &Book) -> Method {
        self.qualified(method)
            .with(Detail::Interval { interval, level: book.level })
            .with(Detail::Variance(self.variance))
    }
}

/// A curve, and its survival at a time with the standard error.
type Read = (Option<SurvivalCurve>, Option<CurveValue>);

/// Survival of a group at a time.
fn survival_of(
    book: &Book,
    horizon: &Horizon,
    curve: Option<&SurvivalCurve>,
    known: Option<&CurveValue>,
) -> Finding {
    let rows = curve.map_or(&[][..], |curve| &curve.rows);
    // A curve at zero stays at zero after its last step; above zero it is not known there.
    let is_zero = rows.last().is_some_and(|row| row.survival == 0.0 && row.time <= horizon.days);
    let row = rows[..rows.partition_point(|row| row.time <= horizon.days)].last();
    let value = if is_zero { Some(0.0) } else { known.map(|known| known.estimate) };
    let limits = match (value, row) {
        (Some(_), Some(row)) => (row.lower, row.upper),
        // Nobody has had the event before the first step.
        (Some(_), None) => (Some(1.0), Some(1.0)),
        (None, _) => (None, None),
    };
    let parts = horizon.parts("survival");
    let finding = book
        .draft(&parts, "survival", Quantity::Survival, value.unwrap_or(f64::NAN))
        .limits(limits.0, limits.1, book.level)
        .with_error(known.map(|known| known.standard_error));
    if value.is_some() { finding } else { finding.warn(Warning::NobodyFollowed) }
}

/// The restricted mean of a group until a time.
fn mean_of(
    book: &Book,
    horizon: &Horizon,
    value: Option<&CurveValue>,
) -> Result<Finding, stats::Error> {
    let limits = value.map(|v| Interval::normal(v.estimate, v.standard_error, book.level));
    let own = limits.transpose()?;
    let name = "restricted_mean";
    let finding = book
        .draft(&horizon.parts(name), name, Quantity::Days, own.map_or(f64::NAN, |own| own.estimate))
        .limits(own.map(|own| own.lower), own.map(|own| own.upper), book.level)
        .with_error(value.map(|value| value.standard_error))
        .at_days(horizon.days);
    let is_extended = value.is_some_and(|value| value.is_extended);
    Ok(if is_extended { finding.warn(Warning::SurvivalCarriedOn) } else { finding })
}

/// How a contrast is told.
struct Naming {
    name: &'static str,
    quantity: Quantity,
    method: Method,
    /// Why there may be none.
    why: Warning,
}

/// A contrast, and what a reader must know of it.
struct Contrasted<'a> {
    found: Option<Contrast>,
    naming: &'a Naming,
    warnings: &'a [Warning],
}

/// What to know of a contrast in which a curve has not fallen yet.
fn without_error(pair: Option<(&CurveValue, &CurveValue)>, horizon: &Horizon) -> Option<Warning> {
    let (own, other) = pair?;
    // At time zero survival is 1 without any error, and nothing is uncertain about it.
    let is_certain = |value: &CurveValue| value.standard_error == 0.0;
    (horizon.days > 0.0 && (is_certain(own) || is_certain(other)))
        .then_some(Warning::CountsAsCertain)
}
