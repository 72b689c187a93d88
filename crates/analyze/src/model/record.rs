//! The findings of a fitted Cox model: hazard ratios, tests of terms, curves
//! and interactions.

use study::{Finding, Part, Procedure, Quantity, Role, Test, Tested};

use super::cases::{Part as RowPart, Row};
use super::coefficients::{Place, Position, about, numbers, record_position, refused_of, warned};
use super::{Fitted, Model, curve, interaction};
use crate::book::{Book, Told};

/// Hazard ratios, coefficients and tests of every row, then tests of the
/// terms with more than two levels, curves and interactions.
pub(crate) fn record(book: &mut Book, model: &Model<'_>, fitted: &Fitted, place: Place<'_>) {
    for row in &fitted.cases.rows {
        record_row(book, model, fitted, row, place);
    }
    // A term with one coefficient has its Wald test already.
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
            // A reference is 1 wherever the other term of an interaction stands.
            RowPart::Reference => finding,
            _ => interaction::qualified(finding, model, &fitted.cases, row.term),
        }
    };
    if row.part == RowPart::Reference {
        let parts = place.parts(&[Part::statistic("hazard_ratio")]);
        let one = book.draft(&parts, "hazard_ratio", Quantity::Ratio, 1.0);
        return book.push(tell(one).in_role(Role::Reference).by_method(Procedure::Reference));
    }
    let name = model.terms[row.term].column.as_str();
    let position = row.part.position();
    let own = Position { position, name, within: None, statistic: "hazard_ratio" };
    record_position(book, model, fitted, &own, place, tell);
}

/// The Wald test of all levels of a term.
fn record_term(book: &mut Book, model: &Model<'_>, fitted: &Fitted, term: usize, place: Place<'_>) {
    let column = &model.terms[term].column;
    // A spline of three columns is as much one term as three levels are.
    let what = match model.declared.extras.spline(column) {
        Some(_) => Tested::WholeCurve,
        None => Tested::AllLevels,
    };
    let method = model.method().tested_of(Test::Wald, what);
    let test = fitted
        .fit
        .wald_test_of(&fitted.covariates_of(term))
        .map_err(|error| refused_of(model, fitted, &error));
    for (name, statistic, quantity, value) in numbers(test.as_ref().ok()) {
        let own = [Part::test("term"), Part::statistic(name)];
        let mut finding = book.draft(&place.parts(&own), statistic, quantity, value);
        if let Err(reason) = &test {
            finding = finding.warn(reason);
        }
        let finding = finding.of_variable(column).from(fitted.basis()).by_method(&method);
        book.push(warned(finding, fitted));
    }
}
