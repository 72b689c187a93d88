//! How far patients move coefficients, and terms one another's variance.
//! No finding names a patient.

use engine::Mistake;
use study::{Detail, Part, Procedure, Quantity, RangeEnd, State, Warning};

use crate::book::{Book, Told};
use crate::model::coefficients::warned;
use crate::model::{Fitted, Model};
use crate::refusal::refusal;

/// The variance inflation of each term.
pub(super) fn record_inflation(book: &mut Book, model: &Model<'_>, fitted: &Fitted) {
    for term in fitted.places() {
        let positions = fitted.covariates_of(*term);
        let known = |position: &usize| fitted.fit.coefficients[*position].is_some();
        // A column that was dropped because others determine it has no variance to inflate.
        let kept: Vec<usize> = positions.iter().copied().filter(known).collect();
        let found = fitted.fit.variance_inflation(&kept);
        let column = &model.terms[*term].column;
        let scaled = found.as_ref().map_or(f64::NAN, |found| found.per_coefficient);
        let factor = found.as_ref().map_or(f64::NAN, |found| found.factor);
        let mut numbers = vec![("variance_inflation", factor)];
        // Of a single coefficient both are the same number.
        if positions.len() > 1 {
            numbers.push(("variance_inflation_per_coefficient", scaled));
        }
        for (name, value) in numbers {
            let mut finding =
                book.draft(&[Part::statistic(name)], name, Quantity::Statistic, value);
            if kept.is_empty() {
                finding = finding.without_value(State::NotEstimable);
                finding = finding.warn(Warning::TermDependsOnOthers);
            } else if let Err(error) = &found {
                finding = finding.warn(refusal(error));
            }
            let finding = finding.of_variable(column).from(fitted.basis());
            book.push(warned(finding, fitted).by_method(Procedure::VarianceInflation));
        }
    }
}

/// The largest change of each coefficient when one patient is left out.
pub(super) fn record_dfbeta(
    book: &mut Book,
    model: &Model<'_>,
    fitted: &Fitted,
) -> Result<(), Mistake> {
    let dfbeta = match fitted.is_rehearsed() {
        true => None,
        false => Some(fitted.model(model)?.dfbeta(&fitted.fit)),
    };
    let most = |position: usize| {
        let changes = dfbeta.as_ref().map(|dfbeta| dfbeta.column(position));
        let changes = changes.iter().flat_map(|column| column.iter());
        // The change with its sign; of two that are equal the first
        // stays, which is that of the first patient by identifier.
        let larger =
            |most: f64, change: &f64| if change.abs() > most.abs() { *change } else { most };
        changes.fold(0.0_f64, larger)
    };
    for (position, known) in fitted.fit.coefficients.iter().enumerate() {
        let largest = most(position);
        let (change, scaled) = match known {
            // By the model's own error, whatever the sandwich says.
            Some(_) => {
                (largest, largest / fitted.fit.naive_covariance[(position, position)].sqrt())
            }
            None => (f64::NAN, f64::NAN),
        };
        let numbers = [
            ("largest_dfbeta", Quantity::Coefficient, change),
            ("largest_dfbetas", Quantity::Statistic, scaled),
        ];
        for (name, quantity, value) in numbers {
            let in_standard_errors = name == "largest_dfbetas";
            let method = model.method().led_by([Detail::Dfbeta { in_standard_errors }]);
            let mut finding = book.draft(&[Part::statistic(name)], name, quantity, value);
            if known.is_none() {
                finding = finding.warn(Warning::ColumnDependsOnOthers);
            }
            let finding =
                model.about_covariate(finding, &fitted.cases, position).from(fitted.basis());
            book.push(warned(finding, fitted).by_method(method));
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
    let without = match fitted.is_rehearsed() {
        true => None,
        false => Some(fitted.model(model)?.leave_one_out()),
    };
    for position in 0..fitted.fit.coefficients.len() {
        let range = without.as_ref().and_then(|without| without.hazard_ratios(position));
        let value =
            |pick: fn(&stats::cox::HazardRatioRange) -> f64| range.as_ref().map_or(f64::NAN, pick);
        let numbers = [
            ("lowest_hazard_ratio", RangeEnd::Lowest, value(|range| range.lowest)),
            ("highest_hazard_ratio", RangeEnd::Highest, value(|range| range.highest)),
        ];
        for (name, end, ratio) in numbers {
            let parts = [Part::model("leave_one_out"), Part::statistic(name)];
            let mut finding = book.draft(&parts, name, Quantity::Ratio, ratio);
            match range {
                // The range is that of the fits that were possible, which is told.
                Some(range) if range.n_failed > 0 => {
                    finding = finding.warn(Warning::NoRatioWithout { patients: range.n_failed });
                }
                Some(_) => {}
                None => finding = finding.warn(Warning::NoRatioWithoutAny),
            }
            let finding =
                model.about_covariate(finding, &fitted.cases, position).from(fitted.basis());
            let method = model.method().led_by([Detail::WithoutOnePatient(end)]);
            book.push(warned(finding, fitted).by_method(method));
        }
    }
    Ok(())
}
