//! The findings of a term that is a spline: knots, the test of a straight
//! line, and hazard ratios of chosen values against a reference.

use study::{Finding, Quantity, slug};

use super::basis::Basis;
use super::coefficients::{Place, numbers, warned};
use super::design::{Block, Value};
use super::{Fitted, Model, Spline};
use crate::book::{Book, Told, level_words};

/// Writes down the curve of a term.
pub(super) fn record(
    book: &mut Book,
    model: &Model<'_>,
    fitted: &Fitted,
    block: &Block,
    place: Place<'_>,
) {
    let (Some(basis), Some(spline)) =
        (&block.basis, model.declared.extras.spline(&model.terms[block.term].column))
    else {
        return;
    };
    let curve = Curve { model, fitted, block, basis, spline, place };
    curve.record_knots(book);
    curve.record_test(book);
    for value in &basis.at {
        curve.record_ratio(book, *value);
    }
}

struct Curve<'c> {
    model: &'c Model<'c>,
    fitted: &'c Fitted,
    block: &'c Block,
    basis: &'c Basis,
    spline: &'c Spline,
    place: Place<'c>,
}

impl Curve<'_> {
    fn column(&self) -> &str {
        &self.model.terms[self.block.term].column
    }

    fn method(&self) -> String {
        let (words, df) = (self.spline.kind.words(), self.basis.n_columns());
        format!("{words} with {df} degrees of freedom, {}", self.model.method())
    }

    /// With the unit of the column, on the patients of the model.
    fn tell(&self, mut finding: Finding) -> Finding {
        finding.unit.clone_from(&self.model.terms[self.block.term].unit);
        finding.from(self.fitted.basis())
    }

    fn record_knots(&self, book: &mut Book) {
        let method = match self.spline.knots.is_empty() {
            false => "as declared".to_owned(),
            true => format!("{}: quantiles of the model's patients", self.spline.kind.words()),
        };
        for (place, knot) in self.basis.knots.iter().enumerate() {
            let parts = self.place.parts(&["knot"]);
            let finding = book.draft(&parts, "knot", Quantity::Measured, *knot);
            let finding = finding.of_variable(self.column()).id_part(&(place + 1).to_string());
            book.push(self.tell(finding).by_method(&method));
        }
    }

    fn record_test(&self, book: &mut Book) {
        let n_covariates = self.fitted.cases.design.n_covariates();
        let bends: Vec<Vec<f64>> =
            (self.basis.bends().into_iter()).map(|bend| self.spread(&bend, n_covariates)).collect();
        let test = self.fitted.fit.wald_test_of_combinations(&bends);
        let method = format!("Wald test of a straight line, {}", self.method());
        for (name, statistic, quantity, value) in numbers(test.as_ref().ok()) {
            let parts = self.place.parts(&["nonlinearity", name]);
            let mut finding = book.draft(&parts, statistic, quantity, value);
            if let Err(error) = &test {
                finding = finding.warn(error.to_string());
            }
            let finding = finding.of_variable(self.column()).from(self.fitted.basis());
            book.push(warned(finding.by_method(&method), self.fitted));
        }
    }

    /// Weights of the term's covariates among those of all.
    fn spread(&self, own: &[f64], n_covariates: usize) -> Vec<f64> {
        let mut weights = vec![0.0; n_covariates];
        weights[self.block.positions()].copy_from_slice(own);
        weights
    }

    fn record_ratio(&self, book: &mut Book, value: f64) {
        let reference = self.basis.reference;
        let parts = self.place.parts(&["hazard_ratio"]);
        let draft = |ratio: f64| {
            let finding = book.draft(&parts, "hazard_ratio", Quantity::Ratio, ratio);
            let mut finding = finding.of_variable(self.column()).id_part(&number_id(value));
            finding.level = Some(value.to_string());
            self.tell(finding.against(&reference.to_string()))
        };
        if value == reference {
            return book.push(draft(1.0).by_method("reference"));
        }
        let [here, there] = [value, reference].map(|value| self.block.at(Value::Number(value)));
        let difference: Vec<f64> = here.iter().zip(there).map(|(a, b)| a - b).collect();
        let weights = self.spread(&difference, self.fitted.cases.design.n_covariates());
        let level = book.level;
        let found = self
            .fitted
            .fit
            .combination(&weights)
            .and_then(|sum| Ok((sum.hazard_ratio(level)?, sum.standard_error())));
        let finding = match found {
            Ok((ratio, error)) => draft(ratio.estimate)
                .limits(Some(ratio.lower), Some(ratio.upper), level)
                .with_error(Some(error))
                .by_method(format!("{}, Wald {} CI", self.method(), level_words(level))),
            Err(error) => draft(f64::NAN).warn(error.to_string()).by_method(self.method()),
        };
        let finding =
            super::interaction::qualified(finding, self.model, self.fitted, self.block.term);
        book.push(warned(finding, self.fitted));
    }
}

/// A number as part of an id.
fn number_id(value: f64) -> String {
    let id = slug(&value.abs().to_string());
    if value < 0.0 { format!("minus_{id}") } else { id }
}
