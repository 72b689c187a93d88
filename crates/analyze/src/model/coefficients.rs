//! The findings of single coefficients and tests of a fitted Cox model.

use stats::cox::CoxWarning;
use stats::inference::Coefficient;
use stats::inference::Test as ChiSquareTest;
use study::{Finding, IntervalKind, Method, Part, Quantity, Test, Warning};

use super::cases::Row;
use super::{Fitted, Model, PenaltyName, Values};
use crate::book::{Basis, Book, Told};
use crate::estimate::{self, Estimate};
use crate::refusal::refusal;

/// Where a model's findings stand: ids are `stage`, `before`, the statistic,
/// `after`, then term and level.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place<'a> {
    pub(crate) before: Option<&'a Part>,
    pub(crate) after: Option<&'a Part>,
}

impl Place<'_> {
    /// The parts of an id with a statistic's own in the middle.
    pub(crate) fn parts(&self, own: &[Part]) -> Vec<Part> {
        self.before.into_iter().chain(own).chain(self.after).cloned().collect()
    }
}

/// A covariate whose coefficient is written down.
#[derive(Debug, Clone)]
pub(crate) struct Position<'a> {
    /// Its position in the fit, or why it has none.
    pub(crate) position: Result<usize, Warning>,
    /// Its term.
    pub(crate) name: &'a str,
    /// What stands before the statistic in ids.
    pub(crate) within: Option<Part>,
    /// What exp of its coefficient is called, in findings and ids.
    pub(crate) statistic: &'static str,
}

/// The ratio, coefficient and p of a covariate, or why there are none.
pub(crate) fn record_position(
    book: &mut Book,
    model: &Model<'_>,
    fitted: &Fitted,
    own: &Position<'_>,
    place: Place<'_>,
    tell: impl Fn(Finding) -> Finding,
) {
    let estimate = estimate(model, fitted, own, book.level);
    let draft = |part: &str, statistic: &str, quantity, value| {
        let statistic_part = [Part::statistic(part)];
        let parts: Vec<Part> = own.within.iter().cloned().chain(statistic_part).collect();
        tell(book.draft(&place.parts(&parts), statistic, quantity, value))
    };
    let method = model.method();
    for finding in estimate::findings(&estimate, own.statistic, &method, book.level, draft) {
        book.push(warned(finding, fitted));
    }
}

/// The coefficient of a covariate, or why it has none.
fn estimate(
    model: &Model<'_>,
    fitted: &Fitted,
    own: &Position<'_>,
    level: f64,
) -> Result<Estimate, Warning> {
    let position = own.position.as_ref().map_err(Clone::clone)?;
    let known = estimate::coefficient(&fitted.fit, *position, own.name)?;
    // Under separation, for which Firth's penalty is asked for, the likelihood is
    // so lopsided that Wald's limits do not hold; a ridge has no such profile here.
    match model.declared.extras.penalty {
        PenaltyName::Firth => profiled(model, fitted, *position, &known, level),
        _ => Ok(Estimate::of_wald(&known, level)),
    }
}

/// Limits and test from the profile of the penalised likelihood.
fn profiled(
    model: &Model<'_>,
    fitted: &Fitted,
    position: usize,
    known: &Coefficient,
    level: f64,
) -> Result<Estimate, Warning> {
    let (estimate, test) = (Estimate::of_wald(known, level), Test::PenalizedLikelihoodRatio);
    // Announced with the kind of limits that a run will have, without searching for them.
    if fitted.is_rehearsed() {
        return Ok(Estimate { interval: IntervalKind::Profile, test, ..estimate });
    }
    let prepared = fitted.prepared(model).map_err(|error| refusal(&error))?;
    let found = prepared.profile_limits(&fitted.fit, position, level);
    let found = found.map_err(|error| refusal(&error))?;
    Ok(estimate.profiled(found.ratio_limits(), found.test.p_value, test))
}

/// About the term, and where it has levels the level and its reference.
pub(crate) fn about(finding: Finding, model: &Model<'_>, row: &Row) -> Finding {
    let term = &model.terms[row.term];
    let mut finding = finding.of_variable(&term.column);
    match (&term.values, row.level) {
        (Values::Levels { category, reference }, Some(level)) => {
            finding.of_level(&category.levels[level]).against_level(&category.levels[*reference])
        }
        _ => {
            // A number has a unit and no levels.
            finding.unit.clone_from(&term.unit);
            finding
        }
    }
}

/// What an estimator refused, with the term at the position that it names.
pub(crate) fn refused_of(model: &Model<'_>, fitted: &Fitted, error: &stats::Error) -> Warning {
    match error {
        // The estimator knows positions; only here can the
        // term be named, which is what a reader can change.
        stats::Error::Infinite { column } => {
            estimate::separating(&model.name_at(&fitted.cases, *column))
        }
        stats::Error::Collinear { column } => {
            estimate::dependent(&model.name_at(&fitted.cases, *column))
        }
        stats::Error::Singular { .. } => Warning::SingularCovariance,
        other => refusal(other),
    }
}

/// The three numbers of a chi-square test: part of the id, statistic, kind, value.
pub(crate) fn numbers(
    test: Option<&ChiSquareTest>,
) -> [(&'static str, &'static str, Quantity, f64); 3] {
    let number = |value: fn(&ChiSquareTest) -> f64| test.map_or(f64::NAN, value);
    let df = number(|test| test.degrees_of_freedom as f64);
    [
        ("chi_square", "chi_square", Quantity::Statistic, number(|test| test.statistic)),
        ("degrees_of_freedom", "degrees_of_freedom", Quantity::DegreesOfFreedom, df),
        ("p", "p_value", Quantity::PValue, number(|test| test.p_value)),
    ]
}

/// A chi-square test under `<stage>.<place>.<name>`, of a variable or of the model.
pub(crate) fn record_test(
    book: &mut Book,
    test: Option<&ChiSquareTest>,
    parts: &[Part],
    variable: Option<&str>,
    basis: Basis,
    method: &Method,
    warnings: &[Warning],
) {
    for (name, statistic, quantity, value) in numbers(test) {
        let own = [Part::statistic(name)];
        let own: Vec<Part> = parts.iter().cloned().chain(own).collect();
        let mut finding = book.draft(&own, statistic, quantity, value);
        if let Some(variable) = variable {
            finding = finding.of_variable(variable);
        }
        finding.warnings.extend_from_slice(warnings);
        book.push(finding.from(basis).by_method(method));
    }
}

/// With the warnings that hold for every number of a fit.
pub(crate) fn warned(mut finding: Finding, fitted: &Fitted) -> Finding {
    finding.warnings.extend(convergence(fitted));
    finding
}

/// What is suspect about a fit as a whole.
pub(crate) fn convergence(fitted: &Fitted) -> Vec<Warning> {
    estimate::convergence(&fitted.fit)
}

/// The same for a test that rests on the estimates themselves.
pub(crate) fn suspicion(fitted: &Fitted) -> Vec<Warning> {
    let infinite = |warning: &CoxWarning| matches!(warning, CoxWarning::MayBeInfinite { .. });
    let mut warnings = convergence(fitted);
    // Of a test of several coefficients no single term can be blamed.
    if fitted.fit.warnings.iter().any(infinite) {
        warnings.push(Warning::SomeMayBeInfinite);
    }
    warnings
}
