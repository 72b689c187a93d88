//! A second opinion on the tails and quantiles behind p-values and limits.

mod again;
mod another;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use engine::{Mistakes, Read, Section};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Part, Procedure, Quantity};

use self::again::{Again, Numbers};
use self::another::Distribution;
use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::Book;
use crate::rehearsal::Rehearsal;

/// No more digits are told to agree: the other library calls the platform's own `exp` and `ln`, whose
/// last digits differ between machines.
const MOST_DIGITS: u32 = 12;

/// Every tail and quantile behind a p-value or confidence limit of the study computed again by another
/// library (statrs), from the statistic, the degrees of freedom and the standard error that the findings
/// carry. It changes no result. It tells how many agree to how many digits, by distribution, and of
/// each kind of analysis how many could not be computed again: those whose findings carry no statistic
/// (exact and permutation tests, profiles, bootstrap percentiles, quantiles read off curves).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondOpinion {}

/// What was computed again from one distribution.
#[derive(Debug, Clone, Copy, Default)]
struct Compared {
    count: usize,
    /// The largest difference, over the size of the number and as it is.
    relative: f64,
    absolute: f64,
}

/// Of a kind of analysis, how many numbers were computed again, and how many not.
type ByKind<'a> = BTreeMap<&'a str, (usize, usize)>;

impl Analysis for SecondOpinion {
    const NAME: &'static str = "second_opinion";
    const OF_PATIENTS: bool = false;

    fn scope(&self) -> Scope<'_> {
        Scope::default().beside([Read::Section(Section::Analyze)])
    }

    fn check(&self, _rehearsal: &mut Rehearsal<'_>) {}

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        // Ordered by distribution and by kind: the order in which findings are written down.
        let mut compared: BTreeMap<Distribution, Compared> = BTreeMap::new();
        let mut by_kind: ByKind<'_> = BTreeMap::new();
        for (_, output) in checked.call.section(Section::Analyze) {
            let again = Numbers::of(&output.findings);
            for finding in &output.findings {
                // A kind that has nothing to compute again is named, with two zeros.
                let (done, open) = by_kind.entry(&finding.kind).or_default();
                match again.of_finding(finding) {
                    Again::Nothing => {}
                    Again::NotCarried(numbers) => *open += numbers,
                    Again::Computed(distribution, pairs) => {
                        *done += pairs.len();
                        let own = compared.entry(distribution).or_default();
                        pairs.iter().for_each(|(found, again)| own.add(*found, *again));
                    }
                }
            }
        }
        let mut book = checked.book_of("all");
        // All of them, also where nothing was compared:
        // ids must not hang on which analyses a study has.
        for distribution in Distribution::ALL {
            record(
                &mut book,
                distribution,
                compared.get(&distribution).copied().unwrap_or_default(),
            );
        }
        for (kind, (done, open)) in by_kind {
            for (statistic, count) in [("checked_of_kind", done), ("not_checked_of_kind", open)] {
                let parts = [Part::statistic(statistic), Part::method(kind)];
                book.push(book.count(&parts, statistic, count).by_method(Procedure::SecondOpinion));
            }
        }
        Ok(Analysed::new(book, None, &[]))
    }
}

impl Compared {
    fn add(&mut self, found: f64, again: f64) {
        let apart = (found - again).abs();
        let size = found.abs().max(again.abs());
        self.count += 1;
        self.absolute = self.absolute.max(apart);
        // Two zeros agree in every digit.
        self.relative = self.relative.max(if apart > 0.0 { apart / size } else { 0.0 });
        // what is no number agrees in no digit
        if apart.is_nan() {
            (self.absolute, self.relative) = (f64::INFINITY, f64::INFINITY);
        }
    }
}

/// Writes down what was compared of a distribution.
fn record(book: &mut Book, distribution: Distribution, compared: Compared) {
    let part = |statistic| [Part::statistic(statistic), Part::method(distribution.name())];
    let count = book.count(&part("checked"), "checked", compared.count);
    book.push(count.by_method(Procedure::SecondOpinion));
    for (statistic, difference) in
        [("agreeing_digits", compared.relative), ("agreeing_decimals", compared.absolute)]
    {
        // Of nothing there is no difference, and no number of digits.
        let digits = if compared.count > 0 { f64::from(digits(difference)) } else { f64::NAN };
        let finding = book.draft(&part(statistic), statistic, Quantity::Count, digits);
        book.push(finding.by_method(Procedure::SecondOpinion));
    }
}

/// To how many digits a difference leaves two numbers the same.
fn digits(difference: f64) -> u32 {
    // At most so many: beyond, the difference is the platform's.
    let (mut digits, mut bound) = (0, 1.0);
    while digits < MOST_DIGITS && difference <= bound / 10.0 {
        (digits, bound) = (digits + 1, bound / 10.0);
    }
    digits
}
