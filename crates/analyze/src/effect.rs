//! The findings of one coefficient of a Cox model: hazard ratio, coefficient
//! and Wald test.

use stats::inference::Coefficient;
use study::{Finding, Level, Method, Part, Quantity, Warning};

use crate::book::{Basis, Book, Told};
use crate::covariates::Covariate;
use crate::estimate::{self, Estimate};
use crate::exposure::Exposure;

/// What a coefficient is of, and where its findings stand: ids are `stage`,
/// `before`, the statistic, `after`, then variable and level.
#[derive(Debug, Clone)]
pub(crate) struct Effect<'a> {
    pub(crate) before: Option<Part>,
    pub(crate) after: Option<Part>,
    pub(crate) variable: &'a str,
    /// The level and its reference.
    pub(crate) level: Option<(&'a Level, &'a Level)>,
    pub(crate) unit: Option<&'a str>,
    pub(crate) time_days: Option<f64>,
    pub(crate) basis: Basis,
    pub(crate) method: &'a Method,
}

impl<'a> Effect<'a> {
    /// Of an exposure.
    pub(crate) fn of_exposure(exposure: &'a Exposure, basis: Basis, method: &'a Method) -> Self {
        Self {
            before: None,
            after: None,
            variable: &exposure.category.column,
            level: Some((exposure.level(1), exposure.level(0))),
            unit: None,
            time_days: None,
            basis,
            method,
        }
    }

    /// The same of another term.
    pub(crate) fn of_covariate(&self, covariate: &'a Covariate, basis: Basis) -> Self {
        Self {
            basis,
            variable: &covariate.variable,
            level: covariate.level.as_ref().map(|(level, reference)| (level, reference)),
            unit: covariate.unit.as_deref(),
            ..self.clone()
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
        let own = [Part::statistic(part)];
        let before = self.before.iter().cloned();
        let parts: Vec<Part> = before.chain(own).chain(self.after.clone()).collect();
        let mut finding = book.draft(&parts, name, quantity, value).of_variable(self.variable);
        if let Some((level, reference)) = self.level {
            finding = finding.of_level(level).against_level(reference);
        }
        finding.unit = self.unit.map(str::to_owned);
        finding.time_days = self.time_days;
        finding.from(self.basis)
    }

    /// Writes down the coefficient, or why there is none.
    pub(crate) fn record(
        &self,
        book: &mut Book,
        known: &Result<Coefficient, Warning>,
        warnings: &[Warning],
    ) {
        let draft = |part: &str, name: &str, quantity, value| {
            self.draft(book, (part, name), quantity, value)
        };
        let known = known.clone().map(|known| Estimate::of_wald(&known, book.level));
        let findings = estimate::findings(&known, "hazard_ratio", self.method, book.level, draft);
        // The reason why there is no coefficient stands on
        // its findings already; these are of the model.
        for mut finding in findings {
            finding.warnings.extend_from_slice(warnings);
            book.push(finding);
        }
    }
}
