//! One coefficient of a regression as findings: the ratio whose logarithm it
//! is, the coefficient itself and its test; or why there are none.

use stats::cox::{CoxFit, CoxWarning};
use stats::inference::Coefficient;
use study::{Finding, IntervalKind, Method, Quantity, Test, Warning};

use crate::book::Told;
use crate::refusal::refusal;

/// What is said of a coefficient.
#[derive(Debug, Clone)]
pub(crate) struct Estimate {
    /// The coefficient.
    pub(crate) coefficient: f64,
    /// Its standard error.
    pub(crate) standard_error: f64,
    /// Its exponential.
    pub(crate) ratio: f64,
    /// The limits of the ratio, where there are some.
    pub(crate) limits: [Option<f64>; 2],
    /// How the limits were made.
    pub(crate) interval: IntervalKind,
    /// Of its test.
    pub(crate) p_value: f64,
    /// The test.
    pub(crate) test: Test,
    /// What holds for the ratio alone.
    pub(crate) warnings: Vec<Warning>,
}

impl Estimate {
    /// Of a regression, with Wald limits and test.
    pub(crate) fn of_wald(known: &Coefficient, level: f64) -> Self {
        // The schema of the settings keeps the level between 0 and 1.
        let ratio = known.ratio(level).expect(BOUND);
        Self {
            coefficient: known.estimate,
            standard_error: known.standard_error,
            ratio: ratio.estimate,
            limits: [Some(ratio.lower), Some(ratio.upper)],
            interval: IntervalKind::Wald,
            p_value: known.p_value,
            test: Test::Wald,
            warnings: Vec::new(),
        }
    }
}

impl Estimate {
    /// The same with limits of the ratio and a test from a profile of
    /// the likelihood.
    pub(crate) fn profiled(self, limits: [Option<f64>; 2], p_value: f64, test: Test) -> Self {
        // A profile that does not come down far enough on one side has no
        // limit there: the ratio may be as small, or as large, as one likes.
        let open = [(false, limits[0]), (true, limits[1])].into_iter();
        let open = open.filter(|(_, limit)| limit.is_none());
        Self {
            limits,
            interval: IntervalKind::Profile,
            p_value,
            test,
            warnings: open.map(|(upper, _)| Warning::NoLimit { upper }).collect(),
            ..self
        }
    }
}

const BOUND: &str = "invariant: the settings bound the level";

/// The ratio first, called `statistic`, then coefficient and p; `draft` takes
/// the part of the id, the statistic, its quantity and its value.
pub(crate) fn findings(
    known: &Result<Estimate, Warning>,
    statistic: &str,
    method: &Method,
    level: f64,
    draft: impl Fn(&str, &str, Quantity, f64) -> Finding,
) -> [Finding; 3] {
    let draft = |value: fn(&Estimate) -> f64, part: &str, name: &str, quantity| {
        draft(part, name, quantity, known.as_ref().map_or(f64::NAN, value))
    };
    let three = [
        draft(|known| known.ratio, statistic, statistic, Quantity::Ratio),
        draft(|known| known.coefficient, "coefficient", "coefficient", Quantity::Coefficient),
        draft(|known| known.p_value, "p", "p_value", Quantity::PValue),
    ];
    let known = match known {
        // All three are written down without numbers, because a rehearsal announced them.
        Ok(known) => known,
        Err(reason) => return three.map(|finding| finding.warn(reason).by_method(method)),
    };
    let [mut ratio, coefficient, p] = three;
    // The error is that of the coefficient, because the limits are made on the log scale.
    let error = Some(known.standard_error);
    let [lower, upper] = known.limits;
    ratio.warnings.extend_from_slice(&known.warnings);
    if is_beyond_numbers(known) {
        let term = ratio.variable.clone().unwrap_or_default();
        ratio.warnings.push(Warning::BeyondNumbers { term });
    }
    // Limits belong to the ratio and the test to the p-value,
    // so that each method names only what its number came from.
    let limits = method.clone().interval(known.interval, level);
    [
        ratio.limits(lower, upper, level).with_error(error).by_method(limits),
        coefficient.with_error(error).by_method(method),
        p.by_method(method.clone().tested(known.test)),
    ]
}

/// Whether exp of a finite number was too large or too small for one: a term
/// in tiny units changes the hazard beyond all bounds for each whole one.
fn is_beyond_numbers(known: &Estimate) -> bool {
    let limits = known.limits.iter().flatten();
    let is_beyond = |value: &f64| *value == 0.0 || value.is_infinite();
    known.coefficient.is_finite() && limits.chain([&known.ratio]).any(is_beyond)
}

/// A coefficient of a Cox model, or why it has none; `name` is its term.
pub(crate) fn coefficient(
    fit: &CoxFit,
    position: usize,
    name: &str,
) -> Result<Coefficient, Warning> {
    let known = fit.coefficients[position].ok_or_else(|| dependent(name))?;
    // The likelihood rises along such a coefficient without end.
    // What the search stopped at is no estimate, and is withheld.
    if known.may_be_infinite { Err(separating(name)) } else { Ok(known) }
}

/// Why a term has no coefficient of its own.
pub(crate) fn dependent(name: &str) -> Warning {
    Warning::DependentTerm { term: name.to_owned() }
}

/// Why a term along which the likelihood rises without end has none.
pub(crate) fn separating(name: &str) -> Warning {
    Warning::MayBeInfinite { term: name.to_owned() }
}

/// Why a test of the coefficients of a term has no result.
pub(crate) fn untested(error: &stats::Error, term: &str) -> Warning {
    match error {
        stats::Error::Infinite { .. } => separating(term),
        stats::Error::Singular { .. } => Warning::SingularCovariance,
        other => refusal(other),
    }
}

/// What is suspect about a Cox model as a whole.
pub(crate) fn convergence(fit: &CoxFit) -> Vec<Warning> {
    let lost = fit.warnings.iter().filter_map(|warning| match warning {
        CoxWarning::NotConverged { iterations } => {
            Some(Warning::NotConverged { iterations: *iterations })
        }
        // These are of single coefficients, and are told where each of them is.
        CoxWarning::Collinear { .. } | CoxWarning::MayBeInfinite { .. } => None,
    });
    lost.collect()
}
