//! How alike the groups are in each term, before and after.

use engine::Mistake;
use stats::propensity::{Balance, balance_of_indicator, balance_of_numbers};
use study::Quantity;

use super::PropensityScore;
use super::record::about;
use super::sample::{Row, Sample};
use super::weighting::Weighted;
use crate::book::{Book, Told, refused};

/// A difference above which groups are commonly called imbalanced.
const IMBALANCED: f64 = 0.1;

/// Writes down the balance of every number and level.
pub(super) fn record(
    book: &mut Book,
    declared: &PropensityScore,
    sample: &Sample,
    weighted: &Weighted,
) -> Result<(), Mistake> {
    let ones = vec![1.0; sample.treated.len()];
    let (_, spread) = declared.weights.denominator();
    for (when, weights) in [("before", &ones), ("after", &weighted.weights)] {
        let mut largest = 0.0_f64;
        for row in &sample.rows {
            let found = of_row(declared, sample, row, weights).map_err(|error| refused(&error))?;
            let difference = found.difference.unwrap_or(f64::NAN);
            largest = largest.max(difference.abs());
            let name = "standardized_mean_difference";
            let draft =
                book.draft(&["smd", when], name, Quantity::StandardizedDifference, difference);
            let mut finding = about(draft, sample, row);
            finding.group = Some(sample.group(true).to_owned());
            let mut finding = finding.against(sample.group(false)).from(sample.basis());
            if when == "after" && difference.abs() > IMBALANCED {
                finding = finding.warn("above 0.1 after weighting: still imbalanced");
            }
            if found.difference.is_err() {
                finding = finding.warn("the variable does not vary in the groups");
            }
            book.push(finding.by_method(format!("difference {when} weighting over the {spread}")));
            if row.level.is_none() {
                record_variances(book, sample, row, when, found.variance_ratio);
            }
        }
        let name = "largest_standardized_mean_difference";
        let parts = ["largest_smd", when];
        let finding = book.draft(&parts, name, Quantity::StandardizedDifference, largest);
        let method = format!("largest size of a difference {when} weighting over the {spread}");
        book.push(finding.from(sample.basis()).by_method(method));
    }
    Ok(())
}

fn of_row(
    declared: &PropensityScore,
    sample: &Sample,
    row: &Row,
    weights: &[f64],
) -> Result<Balance, stats::Error> {
    let (denominator, _) = declared.weights.denominator();
    match row.level {
        None => balance_of_numbers(sample.numbers(row), &sample.treated, weights, denominator),
        Some(_) => balance_of_indicator(&sample.has(row), &sample.treated, weights, denominator),
    }
}

fn record_variances(book: &mut Book, sample: &Sample, row: &Row, when: &str, ratio: Option<f64>) {
    let value = ratio.unwrap_or(f64::NAN);
    let draft = book.draft(&["variance_ratio", when], "variance_ratio", Quantity::Ratio, value);
    let mut finding = about(draft, sample, row);
    finding.unit = None;
    finding.group = Some(sample.group(true).to_owned());
    let finding = finding.against(sample.group(false)).from(sample.basis());
    book.push(finding.by_method(format!("variance {when} weighting over that of the others")));
}
