//! The findings of a fitted Cox model: hazard ratios, tests of terms and of
//! the model.

use stats::cox::{CoxCoefficient, CoxTest, CoxWarning};
use stats::special::chi_square_upper_tail;
use study::{Finding, Quantity};

use super::cases::{Part, Row};
use super::{Fitted, Model, Values};
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

/// Hazard ratios, coefficients and Wald tests of every row, then tests of the
/// terms with more than two levels.
pub(crate) fn record(book: &mut Book, model: &Model<'_>, fitted: &Fitted, place: Place<'_>) {
    for row in &fitted.cases.rows {
        record_row(book, model, fitted, row, place);
    }
    for term in fitted.places() {
        if fitted.covariates_of(*term).len() > 1 {
            record_term(book, model, fitted, *term, place);
        }
    }
}

fn record_row(book: &mut Book, model: &Model<'_>, fitted: &Fitted, row: &Row, place: Place<'_>) {
    let method = model.method();
    let tell = |finding: Finding| about(finding, model, row).from(fitted.basis_of(row));
    let draft = |name: &str, statistic: &str, quantity, value| {
        tell(book.draft(&place.parts(&[name]), statistic, quantity, value))
    };
    if row.part == Part::Reference {
        let one = draft("hazard_ratio", "hazard_ratio", Quantity::Ratio, 1.0);
        return book.push(one.by_method("reference"));
    }
    let known = match estimate(model, fitted, row) {
        Ok(known) => known,
        Err(reason) => {
            let none = [
                draft("hazard_ratio", "hazard_ratio", Quantity::Ratio, f64::NAN),
                draft("coefficient", "coefficient", Quantity::Coefficient, f64::NAN),
                draft("p", "p_value", Quantity::PValue, f64::NAN),
            ];
            for finding in none {
                book.push(warned(finding, fitted).warn(&reason).by_method(&method));
            }
            return;
        }
    };
    let (level, error) = (book.level, Some(known.standard_error()));
    let ratio = known.hazard_ratio(level).expect("invariant: the settings bound the level");
    let limits = format!("{method}, Wald {} CI", level_words(level));
    let findings = [
        draft("hazard_ratio", "hazard_ratio", Quantity::Ratio, ratio.estimate)
            .limits(Some(ratio.lower), Some(ratio.upper), level)
            .with_error(error)
            .by_method(limits),
        draft("coefficient", "coefficient", Quantity::Coefficient, known.log_hazard_ratio)
            .with_error(error)
            .by_method(&method),
        draft("p", "p_value", Quantity::PValue, known.p_value)
            .by_method(format!("Wald test, {method}")),
    ];
    for finding in findings {
        book.push(warned(finding, fitted));
    }
}

/// The coefficient of a row, or why it has none.
fn estimate(model: &Model<'_>, fitted: &Fitted, row: &Row) -> Result<CoxCoefficient, String> {
    let position = match row.part {
        Part::Covariate(position) => position,
        Part::NoReference => return Err("no patient has the reference level".to_owned()),
        Part::NoPatients | Part::Reference => return Err("no patient has this level".to_owned()),
    };
    let column = &model.terms[row.term].column;
    let known = fitted.fit.coefficients[position].ok_or_else(|| {
        format!("`{column}` is a combination of the terms before it, or constant")
    })?;
    if known.may_be_infinite {
        return Err(format!(
            "the coefficient of `{column}` may be infinite: it separates those with the event from the others at risk"
        ));
    }
    Ok(known)
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
    let method = format!("Wald test of all levels, {}", model.method());
    let test = term_test(fitted, term);
    let column = &model.terms[term].column;
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

fn term_test(fitted: &Fitted, term: usize) -> Result<CoxTest, String> {
    let coefficients = &fitted.fit.coefficients;
    let mut positions = fitted.covariates_of(term);
    positions.retain(|position| coefficients[*position].is_some());
    let beta: Vec<CoxCoefficient> =
        positions.iter().filter_map(|position| coefficients[*position]).collect();
    if beta.iter().any(|known| known.may_be_infinite) {
        return Err("a coefficient of the term may be infinite".to_owned());
    }
    let covariance = fitted.fit.covariance.select_rows(&positions).select_columns(&positions);
    let inverse = covariance.try_inverse().ok_or("the coefficients' covariance is singular")?;
    let mut statistic = 0.0;
    for (i, left) in beta.iter().enumerate() {
        for (j, right) in beta.iter().enumerate() {
            statistic += left.log_hazard_ratio * inverse[(i, j)] * right.log_hazard_ratio;
        }
    }
    let degrees_of_freedom = positions.len();
    let p_value = chi_square_upper_tail(statistic, degrees_of_freedom as f64);
    Ok(CoxTest { statistic, degrees_of_freedom, p_value })
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
