//! How far patients move coefficients, and terms one another's variance.
//! No finding names a patient.

use engine::Mistake;
use study::Quantity;

use crate::book::{Book, Told};
use crate::model::coefficients::warned;
use crate::model::{Fitted, Model};

/// The variance inflation of each term.
pub(super) fn record_inflation(book: &mut Book, model: &Model<'_>, fitted: &Fitted) {
    for term in fitted.places() {
        let positions = fitted.covariates_of(*term);
        let known = |position: &usize| fitted.fit.coefficients[*position].is_some();
        let kept: Vec<usize> = positions.iter().copied().filter(known).collect();
        let found = fitted.fit.variance_inflation(&kept);
        let column = &model.terms[*term].column;
        let scaled = found.as_ref().map_or(f64::NAN, |found| found.per_coefficient);
        let factor = found.as_ref().map_or(f64::NAN, |found| found.factor);
        let mut numbers = vec![("variance_inflation", factor)];
        if positions.len() > 1 {
            numbers.push(("variance_inflation_per_coefficient", scaled));
        }
        for (name, value) in numbers {
            let mut finding = book.draft(&[name], name, Quantity::Statistic, value);
            if kept.is_empty() {
                finding = finding.without_value(study::State::NotEstimable);
                finding = finding.warn("the term depends on those before it");
            } else if let Err(error) = &found {
                finding = finding.warn(error.to_string());
            }
            let finding = finding.of_variable(column).from(fitted.basis());
            book.push(warned(finding, fitted).by_method(
                "generalised variance inflation factor (Fox and Monette), from the information",
            ));
        }
    }
}

/// The largest change of each coefficient when one patient is left out.
pub(super) fn record_dfbeta(
    book: &mut Book,
    model: &Model<'_>,
    fitted: &Fitted,
) -> Result<(), Mistake> {
    let dfbeta = fitted.model(model)?.dfbeta(&fitted.fit);
    for (position, known) in fitted.fit.coefficients.iter().enumerate() {
        let largest = dfbeta
            .column(position)
            .iter()
            .fold(0.0_f64, |most, change| if change.abs() > most.abs() { *change } else { most });
        let (change, scaled) = match known {
            Some(known) => (largest, largest / known.naive_standard_error),
            None => (f64::NAN, f64::NAN),
        };
        let numbers = [
            ("largest_dfbeta", Quantity::Coefficient, change),
            ("largest_dfbetas", Quantity::Statistic, scaled),
        ];
        for (name, quantity, value) in numbers {
            let words = match name {
                "largest_dfbeta" => "in the coefficient",
                _ => "in standard errors of the coefficient",
            };
            let mut finding = book.draft(&[name], name, quantity, value);
            if known.is_none() {
                finding = finding.warn("the column depends on those before it");
            }
            let finding = model.about_covariate(finding, fitted, position).from(fitted.basis());
            book.push(warned(finding, fitted).by_method(format!(
                "largest change {words} by one patient, to first order (dfbeta), {}",
                model.method()
            )));
        }
    }
    Ok(())
}

/// The range of each hazard ratio over the fits without one patient.
pub(super) fn record_leave_one_out(
    book: &mut Book,
    model: &Model<'_>,
    fitted: &Fitted,
) -> Result<(), Mistake> {
    let without = fitted.model(model)?.leave_one_out();
    for position in 0..fitted.fit.coefficients.len() {
        let range = without.hazard_ratios(position);
        let value =
            |pick: fn(&stats::cox::HazardRatioRange) -> f64| range.as_ref().map_or(f64::NAN, pick);
        let numbers = [
            ("lowest_hazard_ratio", value(|range| range.lowest)),
            ("highest_hazard_ratio", value(|range| range.highest)),
        ];
        for (name, ratio) in numbers {
            let mut finding = book.draft(&["leave_one_out", name], name, Quantity::Ratio, ratio);
            match range {
                Some(range) if range.n_failed > 0 => {
                    finding = finding.warn(format!(
                        "no hazard ratio without each of {} patients, one at a time",
                        range.n_failed
                    ));
                }
                Some(_) => {}
                None => finding = finding.warn("no fit without a patient has a hazard ratio"),
            }
            let finding = model.about_covariate(finding, fitted, position).from(fitted.basis());
            book.push(warned(finding, fitted).by_method(format!(
                "{} over fits without one patient, {}",
                if name.starts_with("lowest") { "lowest" } else { "highest" },
                model.method()
            )));
        }
    }
    Ok(())
}
