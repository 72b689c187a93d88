//! The findings of a fitted Cox model: hazard ratios, tests of terms and of
//! the model.

use stats::cox::{CoxCoefficient, CoxTest, CoxWarning};
use study::{Finding, Quantity};

use super::cases::{Part, Row};
use super::{Fitted, Model, PenaltyName, Values, curve, interaction};
use crate::book::{Basis, Book, Told, level_words};

/// Where a model's findings stand: ids are `stage`, `before`, the statistic,
/// `after`, then term and level.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place<'a> {
    pub(crate) before: Option<&'a str>,
    pub(crate) after: Option<&'a str>,
}

impl Place<'_> {
    /// The parts of an id with a statistic's own in the middle.
    pub(crate) fn parts<'b>(&'b self, own: &[&'b str]) -> Vec<&'b str> {
        self.before.into_iter().chain(own.iter().copied()).chain(self.after).collect()
    }
}

/// Hazard ratios, coefficients and tests of every row, then tests of the
/// terms with more than two levels, curves and interactions.
pub(crate) fn record(book: &mut Book, model: &Model<'_>, fitted: &Fitted, place: Place<'_>) {
    for row in &fitted.cases.rows {
        record_row(book, model, fitted, row, place);
    }
    for term in fitted.places() {
        if fitted.covariates_of(*term).len() > 1 {
            record_term(book, model, fitted, *term, place);
        }
    }
    for block in &fitted.cases.design.blocks {
        curve::record(book, model, fitted, block, place);
    }
    for product in &fitted.cases.design.products {
        interaction::record(book, model, fitted, product, place);
    }
}

fn record_row(book: &mut Book, model: &Model<'_>, fitted: &Fitted, row: &Row, place: Place<'_>) {
    let tell = |finding: Finding| {
        let finding = about(finding, model, row).from(fitted.basis_of(row));
        match row.part {
            Part::Reference => finding,
            _ => interaction::qualified(finding, model, fitted, row.term),
        }
    };
    let parts = |part: &'static str| place.parts(&[part]);
    let position = match row.part {
        Part::Covariate(position) => position,
        Part::Reference => {
            let one = book.draft(&parts("hazard_ratio"), "hazard_ratio", Quantity::Ratio, 1.0);
            return book.push(tell(one).by_method("reference"));
        }
        Part::NoReference => {
            let reason = "no patient has the reference level";
            return record_nothing(book, model, fitted, "hazard_ratio", reason, parts, tell);
        }
        Part::NoPatients => {
            let reason = "no patient has this level";
            return record_nothing(book, model, fitted, "hazard_ratio", reason, parts, tell);
        }
    };
    let name = model.terms[row.term].column.as_str();
    let own = Position { position, name, statistic: "hazard_ratio" };
    record_position(book, model, fitted, own, parts, tell);
}

/// A covariate whose coefficient is written down.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Position<'a> {
    /// Its position in the fit.
    pub(crate) position: usize,
    /// Its term.
    pub(crate) name: &'a str,
    /// What exp of its coefficient is called, in findings and ids.
    pub(crate) statistic: &'static str,
}

/// The ratio, coefficient and p of a covariate, or why there are none.
pub(crate) fn record_position<'p>(
    book: &mut Book,
    model: &Model<'_>,
    fitted: &Fitted,
    own: Position<'_>,
    parts: impl Fn(&'static str) -> Vec<&'p str>,
    tell: impl Fn(Finding) -> Finding,
) {
    let method = model.method();
    let estimate = match estimate(model, fitted, own, book.level) {
        Ok(estimate) => estimate,
        Err(reason) => {
            return record_nothing(book, model, fitted, own.statistic, &reason, parts, tell);
        }
    };
    let (level, error) = (book.level, Some(estimate.known.standard_error()));
    let draft = |name: &'static str, statistic: &str, quantity, value| {
        tell(book.draft(&parts(name), statistic, quantity, value))
    };
    let mut ratio = draft(own.statistic, own.statistic, Quantity::Ratio, estimate.ratio)
        .limits(estimate.lower, estimate.upper, level)
        .with_error(error)
        .by_method(format!("{method}, {} {} CI", estimate.interval, level_words(level)));
    ratio.warnings.extend(estimate.warnings);
    let findings = [
        ratio,
        draft("coefficient", "coefficient", Quantity::Coefficient, estimate.known.log_hazard_ratio)
            .with_error(error)
            .by_method(&method),
        draft("p", "p_value", Quantity::PValue, estimate.p_value)
            .by_method(format!("{}, {method}", estimate.test)),
    ];
    for finding in findings {
        book.push(warned(finding, fitted));
    }
}

/// The same of a covariate without an estimate.
fn record_nothing<'p>(
    book: &mut Book,
    model: &Model<'_>,
    fitted: &Fitted,
    statistic: &'static str,
    reason: &str,
    parts: impl Fn(&'static str) -> Vec<&'p str>,
    tell: impl Fn(Finding) -> Finding,
) {
    let none = [
        (statistic, statistic, Quantity::Ratio),
        ("coefficient", "coefficient", Quantity::Coefficient),
        ("p", "p_value", Quantity::PValue),
    ];
    for (name, statistic, quantity) in none {
        let finding = tell(book.draft(&parts(name), statistic, quantity, f64::NAN));
        book.push(warned(finding, fitted).warn(reason).by_method(model.method()));
    }
}

/// What is said of one coefficient.
struct Estimate {
    known: CoxCoefficient,
    ratio: f64,
    lower: Option<f64>,
    upper: Option<f64>,
    p_value: f64,
    interval: &'static str,
    test: &'static str,
    warnings: Vec<String>,
}

/// The coefficient of a covariate, or why it has none.
fn estimate(
    model: &Model<'_>,
    fitted: &Fitted,
    own: Position<'_>,
    level: f64,
) -> Result<Estimate, String> {
    let column = own.name;
    let known = fitted.fit.coefficients[own.position].ok_or_else(|| {
        format!("`{column}` is a combination of the terms before it, or constant")
    })?;
    if known.may_be_infinite {
        return Err(format!(
            "the coefficient of `{column}` may be infinite: it separates those with the event from the others at risk"
        ));
    }
    let ratio = known.hazard_ratio(level).expect("invariant: the settings bound the level");
    if model.declared.extras.penalty == PenaltyName::Firth {
        return profiled(model, fitted, own.position, known, level);
    }
    Ok(Estimate {
        known,
        ratio: ratio.estimate,
        lower: Some(ratio.lower),
        upper: Some(ratio.upper),
        p_value: known.p_value,
        interval: "Wald",
        test: "Wald test",
        warnings: Vec::new(),
    })
}

/// Limits and test from the profile of the penalised likelihood.
fn profiled(
    model: &Model<'_>,
    fitted: &Fitted,
    position: usize,
    known: CoxCoefficient,
    level: f64,
) -> Result<Estimate, String> {
    let prepared = fitted.model(model).map_err(|mistake| mistake.message)?;
    let found = prepared.profile_limits(&fitted.fit, position, level);
    let found = found.map_err(|error| error.to_string())?;
    let ratio = found.hazard_ratio();
    let open = [("lower", found.lower), ("upper", found.upper)].into_iter();
    let open = open.filter(|(_, limit)| limit.is_none()).map(|(side, _)| {
        format!("no {side} limit: the penalised likelihood does not fall far enough")
    });
    Ok(Estimate {
        known,
        ratio: ratio.estimate,
        lower: ratio.lower,
        upper: ratio.upper,
        p_value: found.test.p_value,
        interval: "profile likelihood",
        test: "penalised likelihood-ratio test",
        warnings: open.collect(),
    })
}

/// About the term, and where it has levels the level and its reference.
pub(crate) fn about(finding: Finding, model: &Model<'_>, row: &Row) -> Finding {
    let term = &model.terms[row.term];
    let mut finding = finding.of_variable(&term.column);
    match (&term.values, row.level) {
        (Values::Levels { category, reference }, Some(level)) => finding
            .at_level(&category.levels[level].value)
            .against(&category.levels[*reference].value),
        _ => {
            finding.unit.clone_from(&term.unit);
            finding
        }
    }
}

/// The Wald test of all levels of a term.
fn record_term(book: &mut Book, model: &Model<'_>, fitted: &Fitted, term: usize, place: Place<'_>) {
    let column = &model.terms[term].column;
    let what = match model.declared.extras.spline(column) {
        Some(_) => "the whole curve",
        None => "all levels",
    };
    let method = format!("Wald test of {what}, {}", model.method());
    let test = fitted.fit.wald_test_of(&fitted.covariates_of(term)).map_err(|error| match error {
        stats::Error::Infinite { .. } => "a coefficient of the term may be infinite".to_owned(),
        stats::Error::Singular { .. } => "the coefficients' covariance is singular".to_owned(),
        other => other.to_string(),
    });
    for (name, statistic, quantity, value) in numbers(test.as_ref().ok()) {
        let own = ["term", name];
        let mut finding = book.draft(&place.parts(&own), statistic, quantity, value);
        if let Err(reason) = &test {
            finding = finding.warn(reason);
        }
        let finding = finding.of_variable(column).from(fitted.basis()).by_method(&method);
        book.push(warned(finding, fitted));
    }
}

/// The three numbers of a chi-square test: part of the id, statistic, kind, value.
pub(crate) fn numbers(test: Option<&CoxTest>) -> [(&'static str, &'static str, Quantity, f64); 3] {
    let number = |value: fn(&CoxTest) -> f64| test.map_or(f64::NAN, value);
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
    test: Option<&CoxTest>,
    parts: &[&str],
    variable: Option<&str>,
    basis: Basis,
    method: &str,
    warnings: &[String],
) {
    for (name, statistic, quantity, value) in numbers(test) {
        let own: Vec<&str> = parts.iter().copied().chain([name]).collect();
        let mut finding = book.draft(&own, statistic, quantity, value);
        if let Some(variable) = variable {
            finding = finding.of_variable(variable);
        }
        finding.warnings.extend(warnings.iter().cloned());
        book.push(finding.from(basis).by_method(method));
    }
}

/// With the warnings that hold for every number of a fit.
pub(crate) fn warned(mut finding: Finding, fitted: &Fitted) -> Finding {
    finding.warnings.extend(convergence(fitted));
    finding
}

/// What is suspect about a fit as a whole.
pub(crate) fn convergence(fitted: &Fitted) -> Vec<String> {
    let lost = fitted.fit.warnings.iter().filter_map(|warning| match warning {
        CoxWarning::NotConverged { iterations } => {
            Some(format!("the model did not converge in {iterations} iterations"))
        }
        CoxWarning::Collinear { .. } | CoxWarning::MayBeInfinite { .. } => None,
    });
    lost.collect()
}

/// The same for a test that rests on the estimates themselves.
pub(crate) fn suspicion(fitted: &Fitted) -> Vec<String> {
    let infinite = |warning: &CoxWarning| matches!(warning, CoxWarning::MayBeInfinite { .. });
    let mut warnings = convergence(fitted);
    if fitted.fit.warnings.iter().any(infinite) {
        warnings.push("a coefficient may be infinite".to_owned());
    }
    warnings
}
