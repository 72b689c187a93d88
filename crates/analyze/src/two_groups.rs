//! How the share of patients with something differs between two groups: risk
//! difference, odds ratios and relative risk.

use stats::contingency::{TwoByTwo, conditional_odds_ratio, odds_ratio, relative_risk};
use stats::inference::Interval;
use stats::proportion::newcombe_difference;
use study::{Detail, Finding, IntervalKind, Method, Part, Procedure, Quantity, Role, Warning};

use crate::arms::{Arm, OfArm};
use crate::book::{Basis, Book, Told};

/// A group's counts and the reference's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TwoGroups {
    pub(crate) events: u64,
    pub(crate) n: u64,
    pub(crate) reference_events: u64,
    pub(crate) reference_n: u64,
    pub(crate) missing: usize,
}

/// Where contrasts stand: ids are `stage`, the outcome, the statistic, the
/// variable and the group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ContrastPlace<'a> {
    pub(crate) outcome: Option<&'a str>,
    pub(crate) variable: Option<&'a str>,
    pub(crate) group: &'a Arm,
}

/// A contrast as it was estimated.
struct Contrast {
    statistic: &'static str,
    quantity: Quantity,
    procedure: Procedure,
    interval: IntervalKind,
    value: Result<f64, stats::Error>,
    limits: Option<Interval>,
    standard_error: Option<f64>,
}

impl TwoGroups {
    fn basis(&self) -> Basis {
        Basis {
            n: (self.n + self.reference_n) as usize,
            events: Some((self.events + self.reference_events) as usize),
            missing: self.missing,
        }
    }

    /// Risk difference, odds ratios and relative risk of the group.
    pub(crate) fn contrasts(
        &self,
        book: &Book,
        place: ContrastPlace<'_>,
    ) -> Result<Vec<Finding>, stats::Error> {
        // Nobody is in a group only in a rehearsal: then there are names, and no numbers.
        let estimated = match self.n {
            0 => Self::announced(),
            _ => self.estimated(book.level)?,
        };
        Ok(estimated.into_iter().map(|contrast| self.tell(book, place, contrast)).collect())
    }

    fn tell(&self, book: &Book, place: ContrastPlace<'_>, contrast: Contrast) -> Finding {
        let Contrast { statistic, quantity, procedure, interval, value, limits, .. } = contrast;
        let outcome = place.outcome.map(Part::outcome).into_iter();
        let parts: Vec<Part> = outcome.chain([Part::statistic(statistic)]).collect();
        let finding = book.attempt(&parts, statistic, quantity, value);
        let finding = finding.with_error(contrast.standard_error);
        // What a rehearsal has no numbers of is announced by
        // the book, which takes such warnings away again.
        let finding = match limits {
            Some(limits) => finding.limits(Some(limits.lower), Some(limits.upper), book.level),
            // Without a number in one of the cells the
            // logarithm has no error, and the ratio no limits.
            None => finding.warn(Warning::EmptyCell),
        };
        let finding = match place.variable {
            Some(variable) => finding.of_variable(variable),
            None => finding,
        };
        // Both odds ratios have the same statistic, so that one of them needs
        // a part of its own in the id. Woolf's is what most readers expect.
        let is_beside = procedure == Procedure::ConditionalOddsRatio;
        let method = Method::of(procedure).with(Detail::Interval { interval, level: book.level });
        let finding = finding.in_arm(place.group).from(self.basis()).by_method(method);
        match is_beside {
            true => finding.part(Part::method("conditional")).in_role(Role::Alternative),
            false => finding,
        }
    }

    fn estimated(&self, level: f64) -> Result<[Contrast; 4], stats::Error> {
        let Self { events, n, reference_events, reference_n, .. } = *self;
        let table = TwoByTwo::from_events(events, n, reference_events, reference_n)?;
        let mut contrasts = Self::announced();
        let [difference, woolf, conditional, risk] = &mut contrasts;
        let found = newcombe_difference(events, n, reference_events, reference_n, level)?;
        (difference.value, difference.limits) = (Ok(found.estimate), Some(found));
        let found = odds_ratio(&table, level);
        woolf.limits = found.as_ref().ok().and_then(|found| found.interval);
        // The error is that of the logarithm, on which the limits are made.
        woolf.standard_error = found.as_ref().ok().and_then(|found| found.standard_error_of_log);
        woolf.value = found.map(|found| found.estimate);
        let found = conditional_odds_ratio(&table, level);
        conditional.limits = found.as_ref().ok().copied();
        conditional.value = found.map(|found| found.estimate);
        let found = relative_risk(&table, level);
        risk.limits = found.as_ref().ok().and_then(|found| found.interval);
        risk.standard_error = found.as_ref().ok().and_then(|found| found.standard_error_of_log);
        risk.value = found.map(|found| found.estimate);
        Ok(contrasts)
    }

    /// The contrasts without numbers.
    fn announced() -> [Contrast; 4] {
        let ratio = Quantity::Ratio;
        [
            (
                "risk_difference",
                Quantity::ProportionDifference,
                Procedure::RiskDifference,
                IntervalKind::Newcombe,
            ),
            ("odds_ratio", ratio, Procedure::OddsRatio, IntervalKind::Woolf),
            ("odds_ratio", ratio, Procedure::ConditionalOddsRatio, IntervalKind::Exact),
            ("relative_risk", ratio, Procedure::RelativeRisk, IntervalKind::LogNormal),
        ]
        .map(|(statistic, quantity, procedure, interval)| Contrast {
            statistic,
            quantity,
            procedure,
            interval,
            value: Ok(f64::NAN),
            limits: None,
            standard_error: None,
        })
    }
}
