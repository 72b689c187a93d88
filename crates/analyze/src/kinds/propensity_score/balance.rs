//! How alike the groups are in each term, before and after.

use engine::Mistake;
use stats::propensity::{Balance, UnknownSpread, balance_of_indicator, balance_of_numbers};
use study::{Finding, Part, Procedure, Quantity, Warning, Weighting};

use super::PropensityScore;
use super::record::about;
use super::sample::{Row, Sample};
use super::weighting::Weighted;
use crate::book::{Book, Told, refused};
use crate::refusal::refusal;

/// A difference above which groups are commonly called imbalanced (Austin 2009).
const IMBALANCED: f64 = 0.1;

/// Writes down the balance of every number and level.
pub(super) fn record(
    book: &mut Book,
    declared: &PropensityScore,
    sample: &Sample,
    weighted: Option<&Weighted>,
) -> Result<(), Mistake> {
    // Before weighting everybody weighs the same.
    let ones = vec![1.0; sample.treated.len()];
    let (_, spread) = declared.weights.denominator();
    let after = weighted.map(|weighted| &weighted.weights);
    for (when, weights) in [(Weighting::Before, weighted.map(|_| &ones)), (Weighting::After, after)]
    {
        let (mut largest, mut is_infinite) = (0.0_f64, false);
        for row in &sample.rows {
            let found = weights.map(|weights| of_row(declared, sample, row, weights)).transpose();
            let found = found.map_err(|error| refused(&error))?;
            let known = found.as_ref().map(|found| &found.difference);
            let difference = known.map_or(f64::NAN, |known| *known.as_ref().unwrap_or(&f64::NAN));
            // A difference that is not a number leaves the largest as it is.
            largest = largest.max(difference.abs());
            let name = "standardized_mean_difference";
            let parts = [Part::statistic("smd"), part(when)];
            let draft = book.draft(&parts, name, Quantity::StandardizedDifference, difference);
            let mut finding = of_contrast(about(draft, sample, row), sample);
            // Imbalance before weighting is what the weights are for, and needs no warning.
            if when == Weighting::After && difference.abs() > IMBALANCED {
                finding = finding.warn(Warning::StillImbalanced { above: IMBALANCED });
            }
            if let Some(Err(error)) = known {
                finding = finding.warn(match error {
                    UnknownSpread::Separated => separated(),
                    UnknownSpread::Constant => Warning::DoesNotVary,
                });
                is_infinite |= *error == UnknownSpread::Separated;
            }
            book.push(finding.by_method(Procedure::BalanceDifference(when, spread)));
            // An indicator's variance follows from its mean.
            if row.level.is_none() {
                let ratio = found.and_then(|found| found.variance_ratio);
                record_variances(book, sample, row, when, ratio);
            }
        }
        let name = "largest_standardized_mean_difference";
        let parts = [Part::statistic("largest_smd"), part(when)];
        // A variable that tells the groups apart is infinitely far from balance.
        let largest = if is_infinite { f64::INFINITY } else { largest };
        let mut finding = book.draft(&parts, name, Quantity::StandardizedDifference, largest);
        if is_infinite {
            finding = finding.warn(separated());
        } else if when == Weighting::After && largest > IMBALANCED {
            finding = finding.warn(Warning::StillImbalanced { above: IMBALANCED });
        }
        let procedure = Procedure::LargestBalanceDifference(when, spread);
        book.push(finding.from(sample.basis()).by_method(procedure));
    }
    Ok(())
}

/// Why the difference of a variable that tells the groups apart has no value.
fn separated() -> Warning {
    refusal(&stats::Error::Separated { what: "variable" })
}

/// Before or after weighting in ids.
fn part(when: Weighting) -> Part {
    Part::period(match when {
        Weighting::Before => "before",
        Weighting::After => "after",
    })
}

/// Of the treated against the others, whose levels are no parts of the id.
fn of_contrast(mut finding: Finding, sample: &Sample) -> Finding {
    let treated = sample.group(true);
    finding.group = (!treated.is_any()).then(|| treated.value.clone());
    finding.against_level(sample.group(false)).from(sample.basis())
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

fn record_variances(
    book: &mut Book,
    sample: &Sample,
    row: &Row,
    when: Weighting,
    ratio: Option<f64>,
) {
    let (parts, name) = ([Part::statistic("variance_ratio"), part(when)], "variance_ratio");
    let draft = book.draft(&parts, name, Quantity::Ratio, ratio.unwrap_or(f64::NAN));
    let mut finding = of_contrast(about(draft, sample, row), sample);
    // A ratio of two variances has no unit.
    finding.unit = None;
    book.push(finding.by_method(Procedure::VarianceRatio(when)));
}
