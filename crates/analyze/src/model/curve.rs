//! The findings of a term that is a spline: knots, the test of a straight
//! line, and hazard ratios of chosen values against a reference.

use study::{Detail, Finding, IntervalKind, Method, Part, Procedure, Quantity, Role, Test, Tested};

use super::basis::Basis;
use super::coefficients::{Place, numbers, refused_of, warned};
use super::design::{Block, Value};
use super::interaction::qualified;
use super::{Fitted, Model, Spline};
use crate::book::{Book, Told};

/// Writes down the curve of a term.
pub(super) fn record(
    book: &mut Book,
    model: &Model<'_>,
    fitted: &Fitted,
    block: &Block,
    place: Place<'_>,
) {
    // Terms that are no splines were told row by row.
    let Some(curve) = Curve::new(model, fitted, block.term, place) else { return };
    curve.record_knots(book);
    curve.record_test(book);
    for value in &curve.basis.at {
        curve.record_ratio(book, *value);
    }
}

/// A term that is a spline.
pub(crate) struct Curve<'c> {
    model: &'c Model<'c>,
    fitted: &'c Fitted,
    block: &'c Block,
    /// Its knots, and the values that are compared.
    pub(crate) basis: &'c Basis,
    spline: &'c Spline,
    place: Place<'c>,
}

impl<'c> Curve<'c> {
    /// The curve of a term; none where it is no spline.
    pub(crate) fn new(
        model: &'c Model<'c>,
        fitted: &'c Fitted,
        term: usize,
        place: Place<'c>,
    ) -> Option<Self> {
        let block = fitted.cases.design.block(term)?;
        let spline = model.declared.extras.spline(&model.terms[term].column)?;
        Some(Self { model, fitted, block, basis: block.basis.as_ref()?, spline, place })
    }

    /// Its column.
    pub(crate) fn column(&self) -> &str {
        &self.model.terms[self.block.term].column
    }

    fn method(&self) -> Method {
        self.model.method().led_by([self.detail()])
    }

    /// Its form.
    pub(crate) fn detail(&self) -> Detail {
        let degrees_of_freedom = self.basis.n_columns();
        Detail::Spline { form: self.spline.kind.form(), degrees_of_freedom }
    }

    /// With the unit of the column, on the patients of the model.
    fn tell(&self, mut finding: Finding) -> Finding {
        finding.unit.clone_from(&self.model.terms[self.block.term].unit);
        finding.from(self.fitted.basis())
    }

    /// Writes down where its knots are.
    pub(crate) fn record_knots(&self, book: &mut Book) {
        // Declared knots do not hang on the patients; quantiles do.
        let method = match self.spline.knots.is_empty() {
            false => Procedure::DeclaredKnots,
            true => Procedure::QuantileKnots(self.spline.kind.form()),
        };
        for (place, knot) in self.basis.knots.iter().enumerate() {
            let parts = self.place.parts(&[Part::statistic("knot")]);
            let finding = book.draft(&parts, "knot", Quantity::Measured, *knot);
            let finding = finding.of_variable(self.column()).part(Part::place((place + 1) as f64));
            book.push(self.tell(finding).by_method(method.clone()));
        }
    }

    fn record_test(&self, book: &mut Book) {
        // Straight in one combination at a time, not coefficient by
        // coefficient: those depend on the basis, the curve does not.
        let test = self.fitted.fit.wald_test_of_combinations(&self.bends());
        let method = self.method().tested_of(Test::Wald, Tested::StraightLine);
        for (name, statistic, quantity, value) in numbers(test.as_ref().ok()) {
            let parts = self.place.parts(&[Part::test("nonlinearity"), Part::statistic(name)]);
            let mut finding = book.draft(&parts, statistic, quantity, value);
            if let Err(error) = &test {
                finding = finding.warn(refused_of(self.model, self.fitted, error));
            }
            let finding = finding.of_variable(self.column()).from(self.fitted.basis());
            book.push(warned(finding.by_method(&method), self.fitted));
        }
    }

    /// Sums of coefficients that are all zero if and only if it is straight.
    pub(crate) fn bends(&self) -> Vec<Vec<f64>> {
        self.basis.bends().iter().map(|bend| self.spread(bend)).collect()
    }

    /// The sum of coefficients that compares a value with the reference.
    pub(crate) fn contrast(&self, value: f64) -> Vec<f64> {
        let [here, there] =
            [value, self.basis.reference].map(|value| self.block.at(Value::Number(value)));
        let difference: Vec<f64> = here.iter().zip(there).map(|(a, b)| a - b).collect();
        self.spread(&difference)
    }

    /// Weights of the term's covariates among those of all.
    fn spread(&self, own: &[f64]) -> Vec<f64> {
        let mut weights = vec![0.0; self.fitted.cases.design.n_covariates()];
        weights[self.block.positions()].copy_from_slice(own);
        weights
    }

    /// The hazard ratio of a value against the reference.
    pub(crate) fn draft(&self, book: &Book, value: f64, ratio: f64) -> Finding {
        let parts = self.place.parts(&[Part::statistic("hazard_ratio")]);
        let finding = book.draft(&parts, "hazard_ratio", Quantity::Ratio, ratio);
        // The values that are compared are percentiles unless
        // declared, so that ids hold a place that only the data fill.
        let part = match self.basis.is_open {
            true => Part::AnyLevel,
            false => Part::place(value),
        };
        let mut finding = finding.of_variable(self.column()).part(part);
        finding.level = (!self.basis.is_open).then(|| value.to_string());
        if !self.basis.is_reference_open {
            finding = finding.against(&self.basis.reference.to_string());
        }
        let finding = self.tell(finding);
        match value == self.basis.reference {
            true => finding,
            false => qualified(finding, self.model, &self.fitted.cases, self.block.term),
        }
    }

    fn record_ratio(&self, book: &mut Book, value: f64) {
        // Exactly equal: both were rounded alike, or declared.
        if value == self.basis.reference {
            return book.push(
                self.draft(book, value, 1.0)
                    .in_role(Role::Reference)
                    .by_method(Procedure::Reference),
            );
        }
        let level = book.level;
        let sum = self.fitted.fit.combination(&self.contrast(value));
        let found = sum.and_then(|sum| Ok((sum.ratio(level)?, sum.standard_error)));
        let draft = |ratio: f64| self.draft(book, value, ratio);
        let finding = match found {
            Ok((ratio, error)) => draft(ratio.estimate)
                .limits(Some(ratio.lower), Some(ratio.upper), level)
                .with_error(Some(error))
                .by_method(self.method().interval(IntervalKind::Wald, level)),
            Err(error) => draft(f64::NAN)
                .warn(refused_of(self.model, self.fitted, &error))
                .by_method(self.method()),
        };
        book.push(warned(finding, self.fitted));
    }
}
