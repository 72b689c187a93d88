//! The findings of one coefficient of a Cox model: hazard ratio, coefficient
//! and Wald test.

use stats::cox::{CoxCoefficient, CoxFit, CoxWarning};
use study::{Finding, Quantity};

use crate::book::{Basis, Book, Told, level_words};
use crate::covariates::Covariate;
use crate::exposure::Exposure;

/// What a coefficient is of, and where its findings stand: ids are `stage`,
/// `before`, the statistic, `after`, then variable and level.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effect<'a> {
    pub(crate) before: Option<&'a str>,
    pub(crate) after: Option<&'a str>,
    pub(crate) variable: &'a str,
    /// The level and its reference.
    pub(crate) level: Option<(&'a str, &'a str)>,
    pub(crate) unit: Option<&'a str>,
    pub(crate) time_days: Option<f64>,
    pub(crate) basis: Basis,
    pub(crate) method: &'a str,
}

impl<'a> Effect<'a> {
    /// Of an exposure.
    pub(crate) fn of_exposure(exposure: &'a Exposure, basis: Basis, method: &'a str) -> Self {
        Self {
            before: None,
            after: None,
            variable: &exposure.category.column,
            level: Some((&exposure.level(1).value, &exposure.level(0).value)),
            unit: None,
            time_days: None,
            basis,
            method,
        }
    }

    /// The same of another term.
    pub(crate) fn of_covariate(self, covariate: &'a Covariate) -> Self {
        Self {
            variable: &covariate.variable,
            level: covariate
                .level
                .as_ref()
                .map(|(level, reference)| (level.as_str(), reference.as_str())),
            unit: covariate.unit.as_deref(),
            ..self
        }
    }

    /// A finding about it.
    pub(crate) fn draft(
        &self,
        book: &Book,
        statistic: (&str, &str),
        quantity: Quantity,
        value: f64,
    ) -> Finding {
        let (part, name) = statistic;
        let parts: Vec<&str> = self.before.into_iter().chain([part]).chain(self.after).collect();
        let mut finding = book.draft(&parts, name, quantity, value).of_variable(self.variable);
        if let Some((level, reference)) = self.level {
            finding = finding.at_level(level).against(reference);
        }
        finding.unit = self.unit.map(str::to_owned);
        finding.time_days = self.time_days;
        finding.from(self.basis)
    }

    /// Writes down the coefficient, or why there is none.
    pub(crate) fn record(
        &self,
        book: &mut Book,
        known: &Result<CoxCoefficient, String>,
        warnings: &[String],
    ) {
        let method = self.method;
        let draft = |part: &str, name: &str, quantity, value| {
            self.draft(book, (part, name), quantity, value)
        };
        let findings = match known {
            Err(reason) => [
                draft("hazard_ratio", "hazard_ratio", Quantity::Ratio, f64::NAN),
                draft("coefficient", "coefficient", Quantity::Coefficient, f64::NAN),
                draft("p", "p_value", Quantity::PValue, f64::NAN),
            ]
            .map(|finding| finding.warn(reason).by_method(method)),
            Ok(known) => {
                let (level, error) = (book.level, Some(known.standard_error()));
                let ratio =
                    known.hazard_ratio(level).expect("invariant: the settings bound the level");
                [
                    draft("hazard_ratio", "hazard_ratio", Quantity::Ratio, ratio.estimate)
                        .limits(Some(ratio.lower), Some(ratio.upper), level)
                        .with_error(error)
                        .by_method(format!("{method}, Wald {} CI", level_words(level))),
                    draft(
                        "coefficient",
                        "coefficient",
                        Quantity::Coefficient,
                        known.log_hazard_ratio,
                    )
                    .with_error(error)
                    .by_method(method),
                    draft("p", "p_value", Quantity::PValue, known.p_value)
                        .by_method(format!("Wald test, {method}")),
                ]
            }
        };
        for mut finding in findings {
            finding.warnings.extend(warnings.iter().cloned());
            book.push(finding);
        }
    }
}

/// A coefficient of a fit, or why it has none.
pub(crate) fn coefficient(
    fit: &CoxFit,
    position: usize,
    variable: &str,
) -> Result<CoxCoefficient, String> {
    let known = fit.coefficients[position].ok_or_else(|| {
        format!("`{variable}` is a combination of the terms before it, or constant")
    })?;
    if known.may_be_infinite {
        return Err(format!(
            "the coefficient of `{variable}` may be infinite: it separates those with the event from the others at risk"
        ));
    }
    Ok(known)
}

/// What is suspect about a fit as a whole.
pub(crate) fn suspicion(fit: &CoxFit) -> Vec<String> {
    let lost = fit.warnings.iter().filter_map(|warning| match warning {
        CoxWarning::NotConverged { iterations } => {
            Some(format!("the model did not converge in {iterations} iterations"))
        }
        _ => None,
    });
    lost.collect()
}
