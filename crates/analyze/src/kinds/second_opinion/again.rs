//! Which statistic and which distribution stand behind a p-value or a limit: told
//! by the finding's own method and by the findings that stand beside it.

use std::collections::BTreeMap;

use study::{Address, Detail, Finding, IntervalKind, Part, Procedure, Quantity, Role, State, Test};

use super::another::{self, Distribution};

/// What came of computing the numbers of a finding again.
#[derive(Debug, PartialEq)]
pub(super) enum Again {
    /// It has none from a distribution.
    Nothing,
    /// So many numbers whose statistic no finding carries.
    NotCarried(usize),
    /// Each number as it was found, and again.
    Computed(Distribution, Vec<(f64, f64)>),
}

/// The findings of an analysis.
pub(super) struct Numbers<'a> {
    findings: &'a [Finding],
    by_address: BTreeMap<&'a Address, &'a Finding>,
}

impl<'a> Numbers<'a> {
    pub(super) fn of(findings: &'a [Finding]) -> Self {
        let by_address = findings.iter().map(|finding| (&finding.address, finding)).collect();
        Self { findings, by_address }
    }

    /// The p-value, or the limits, of a finding again.
    pub(super) fn of_finding(&self, finding: &Finding) -> Again {
        // A reference is 1 by definition, and what was not estimated has no tail.
        if finding.state != State::Estimated || finding.role == Role::Reference {
            return Again::Nothing;
        }
        let limits = [finding.lower, finding.upper];
        let numbers = match finding.quantity {
            Quantity::PValue => 1,
            _ => limits.iter().flatten().count(),
        };
        let computed = match (finding.quantity, finding.value) {
            _ if numbers == 0 => return Again::Nothing,
            (Quantity::PValue, Some(found)) => self
                .p_value(finding)
                .map(|(distribution, again)| (distribution, vec![(found, again)])),
            _ => self.limits(finding).map(|(distribution, again)| {
                let both = limits.into_iter().zip(again);
                (distribution, both.filter_map(|(found, again)| Some((found?, again))).collect())
            }),
        };
        match computed {
            Some((distribution, pairs)) => Again::Computed(distribution, pairs),
            None => Again::NotCarried(numbers),
        }
    }

    /// Another number of the same test or estimate.
    fn beside(&self, finding: &Finding, statistic: &str) -> Option<&'a Finding> {
        self.by_address.get(&finding.address.with_statistic(statistic)).copied()
    }

    fn value(&self, finding: &Finding, statistic: &str) -> Option<f64> {
        self.beside(finding, statistic)?.value
    }

    fn p_value(&self, p: &Finding) -> Option<(Distribution, f64)> {
        let details = &p.method.details;
        let is_permuted = details.iter().any(|detail| matches!(detail, Detail::Permutation(_)));
        // one that was adjusted is named otherwise
        if is_permuted || p.address.statistic() != Some("p") {
            return None;
        }
        // By what stands nearest: a statistic of the test, then the estimate that it is of.
        self.of_statistic(p)
            .or_else(|| self.of_coefficient(p))
            .or_else(|| self.of_difference(p))
            .or_else(|| self.of_chosen(p))
    }

    /// The tail of a statistic with degrees of freedom beside it.
    fn of_statistic(&self, p: &Finding) -> Option<(Distribution, f64)> {
        let value = |name| self.value(p, name);
        // Before chi-square: a pooled test has degrees of freedom of both kinds.
        if let (Some(f), Some(denominator)) = (value("f"), value("denominator_degrees_of_freedom"))
        {
            let tail = another::f_tail(f, value("degrees_of_freedom")?, denominator)?;
            return Some((Distribution::FTail, tail));
        }
        let degrees = value("degrees_of_freedom")?;
        if let Some(statistic) = value("chi_square") {
            let tail = another::chi_square_tail(statistic, degrees)?;
            return Some((Distribution::ChiSquareTail, tail));
        }
        // Tests that share an id part are told apart by their method.
        let statistic = value("statistic")?;
        match p.method.procedure {
            Procedure::WelchT => {
                Some((Distribution::StudentTail, another::student_tail(statistic, degrees)?))
            }
            Procedure::PearsonChiSquare | Procedure::KruskalWallis => {
                let tail = another::chi_square_tail(statistic, degrees)?;
                Some((Distribution::ChiSquareTail, tail))
            }
            _ => None,
        }
    }

    /// The tail of a coefficient over its standard error.
    fn of_coefficient(&self, p: &Finding) -> Option<(Distribution, f64)> {
        let coefficient = self.beside(p, "coefficient")?;
        let z = coefficient.value? / coefficient.standard_error?;
        let test = p.method.details.iter().find_map(|detail| match detail {
            // A test of several coefficients is none of a single one.
            Detail::Test { test, of: None } => Some(*test),
            _ => None,
        });
        match test? {
            Test::Wald => Some((Distribution::NormalTail, another::normal_tail(z))),
            Test::BarnardRubinT => {
                let degrees = self.value(p, "degrees_of_freedom")?;
                Some((Distribution::StudentTail, another::student_tail(z, degrees)?))
            }
            _ => None,
        }
    }

    /// The tail of a difference or the logarithm of a ratio over its standard
    /// error: the id of its p-value names the statistic behind `p`.
    fn of_difference(&self, p: &Finding) -> Option<(Distribution, f64)> {
        let is_compared =
            matches!(p.method.procedure, Procedure::DifferenceOf(_) | Procedure::RatioOf(_));
        if !is_compared {
            return None;
        }
        let is_p = |part: &&Part| **part == Part::statistic("p");
        let own: Vec<String> =
            p.address.parts.iter().filter(|part| !is_p(part)).map(Part::printed).collect();
        // A difference stands under the same parts without `p`.
        let estimate = self.findings.iter().find(|other| {
            other.quantity != Quantity::PValue
                && other.address.parts.iter().map(Part::printed).eq(own.iter().cloned())
        })?;
        let value = estimate.value?;
        let value = if estimate.quantity == Quantity::Ratio { libm::log(value) } else { value };
        Some((Distribution::NormalTail, another::normal_tail(value / estimate.standard_error?)))
    }

    /// The one that the settings chose is one of several, whose ids name their methods.
    fn of_chosen(&self, p: &Finding) -> Option<(Distribution, f64)> {
        if p.role != Role::Chosen {
            return None;
        }
        let (behind, parts) = (p.address.parts.len(), &p.address.parts);
        // The chosen p-value stands without the statistic; the
        // same number under its test's own name has it beside.
        let same = self.findings.iter().find(|other| {
            other.role == Role::Alternative
                && other.value == p.value
                && other.method.procedure == p.method.procedure
                && other.address.parts.get(..behind) == Some(parts.as_slice())
                && matches!(other.address.parts[behind..], [Part::Method(_)])
        })?;
        self.p_value(same)
    }

    /// The limits from an estimate, its standard error and a quantile, or from counts.
    fn limits(&self, finding: &Finding) -> Option<(Distribution, [f64; 2])> {
        let level = finding.confidence_level?;
        let interval = finding.method.details.iter().find_map(|detail| match detail {
            Detail::Interval { interval, .. } => Some(*interval),
            _ => None,
        });
        let value = finding.value?;
        let upper_share = 1.0 - (1.0 - level) / 2.0;
        // From counts, and not from the share: rounding would be compared with rounding.
        if let Some(IntervalKind::Wilson | IntervalKind::ClopperPearson) = interval {
            let (events, n) = (finding.events? as f64, finding.n? as f64);
            return match interval {
                Some(IntervalKind::Wilson) => {
                    let z = another::normal_quantile(upper_share);
                    Some((Distribution::NormalQuantile, wilson(events / n, n, z)))
                }
                _ => Some((Distribution::BetaQuantile, clopper_pearson(events, n, level)?)),
            };
        }
        let error = finding.standard_error?;
        let (distribution, quantile) = match interval {
            Some(IntervalKind::BarnardRubinT) => {
                let degrees = self.value(finding, "degrees_of_freedom")?;
                let quantile = another::student_quantile(upper_share, degrees)?;
                (Distribution::StudentQuantile, quantile)
            }
            _ => (Distribution::NormalQuantile, another::normal_quantile(upper_share)),
        };
        let limits = scale(finding, interval)?.limits(value, quantile * error)?;
        let is_share = matches!(finding.quantity, Quantity::Survival | Quantity::Proportion);
        // Limits of shares are printed cut to 0 and 1.
        let within = |limit: f64| if is_share { limit.clamp(0.0, 1.0) } else { limit };
        Some((distribution, limits.map(within)))
    }
}

/// The scale on which limits lie alike on both sides of an estimate.
#[derive(Debug, Clone, Copy)]
enum Scale {
    /// Its own.
    Own,
    /// The logarithm, of which the standard error is.
    Log,
    /// The logarithm, the standard error being of the number.
    LogOfNumber,
    /// The logarithm of the negative logarithm, likewise.
    LogLog,
}

/// The scale of a finding's limits; none where they hang on no quantile alone.
fn scale(finding: &Finding, interval: Option<IntervalKind>) -> Option<Scale> {
    let is_ratio = finding.quantity == Quantity::Ratio;
    match interval {
        Some(IntervalKind::Wald | IntervalKind::WaldLog | IntervalKind::BarnardRubinT)
            if is_ratio =>
        {
            Some(Scale::Log)
        }
        Some(IntervalKind::Woolf | IntervalKind::LogNormal) => Some(Scale::Log),
        Some(IntervalKind::Wald | IntervalKind::Plain | IntervalKind::NormalApproximation) => {
            Some(Scale::Own)
        }
        Some(IntervalKind::Log | IntervalKind::WaldLog) => Some(Scale::LogOfNumber),
        Some(IntervalKind::LogLog) => Some(Scale::LogLog),
        // areas have limits of one kind, which their method does not name
        None if matches!(finding.method.procedure, Procedure::AreaUnder(_)) => Some(Scale::Own),
        _ => None,
    }
}

impl Scale {
    /// The limits `reach` away from a number, `reach` being quantiles times the error.
    fn limits(self, value: f64, reach: f64) -> Option<[f64; 2]> {
        match self {
            Self::Own => Some([value - reach, value + reach]),
            Self::Log => Some([-reach, reach].map(|reach| value * libm::exp(reach))),
            Self::LogOfNumber => {
                Some([-reach, reach].map(|reach| value * libm::exp(reach / value)))
            }
            Self::LogLog => {
                // At 0 and at 1 the second logarithm has no value.
                if !(value > 0.0 && value < 1.0) {
                    return None;
                }
                let logarithm = libm::log(value);
                let factor = |reach: f64| libm::exp(reach / (value * logarithm));
                Some([-reach, reach].map(|reach| libm::exp(logarithm * factor(reach))))
            }
        }
    }
}

/// Wilson's limits of a share of `n`.
fn wilson(share: f64, n: f64, z: f64) -> [f64; 2] {
    let square = z * z;
    let middle = share + square / (2.0 * n);
    let reach = z * (share * (1.0 - share) / n + square / (4.0 * n * n)).sqrt();
    [middle - reach, middle + reach].map(|end| (end / (1.0 + square / n)).clamp(0.0, 1.0))
}

/// Clopper and Pearson's limits of a share.
fn clopper_pearson(events: f64, n: f64, level: f64) -> Option<[f64; 2]> {
    let outside = (1.0 - level) / 2.0;
    // Without an event the lower limit is zero by definition, and likewise the upper one.
    let lower = match events > 0.0 {
        true => another::beta_quantile(outside, events, n - events + 1.0)?,
        false => 0.0,
    };
    let upper = match events < n {
        true => another::beta_quantile(1.0 - outside, events + 1.0, n - events)?,
        false => 1.0,
    };
    Some([lower, upper])
}
