//! Published numbers examined against each other.

use engine::{Mistakes, Read, Section};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Detail, Examination, Finding, Method, Part, Procedure};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::Book;
use crate::category::ALL;
use crate::claims;
use crate::rehearsal::Rehearsal;

/// Examines the numbers under `claims:` against each other, with no data: counts behind
/// percentages, tests behind p-values, hazard ratios behind p-values and events, limits, curves,
/// medians, means, sums. A printed number is the interval of all values that print it, and numbers
/// contradict each other only where no values in their intervals fit. What a claim is of is said by
/// its `about`, or by the finding that it names.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimForensics {}

impl Analysis for ClaimForensics {
    const NAME: &'static str = "claim_forensics";
    const OF_PATIENTS: bool = false;

    fn scope(&self) -> Scope<'_> {
        Scope::default().beside([Read::Claims, Read::Claimed])
    }

    fn check(&self, _rehearsal: &mut Rehearsal<'_>) {
        // what is wrong with a claim is told of the claim
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let call = checked.call;
        let findings: Vec<Finding> = call
            // Announced or not: `examine` asks of findings
            // what they are, and never what they are worth.
            .section(Section::Analyze)
            .flat_map(|(_, output)| output.findings.iter().cloned())
            .collect();
        let examination = claims::examine(call.claims, &findings, call.study);
        // Claims are of other people's patients, so that there is no population.
        let mut book = checked.book_of(ALL);
        for (standing, count) in claims::tally(&examination) {
            let name = standing.name();
            let finding = book.count(&[Part::statistic(name)], name, count);
            book.push(finding.by_method(Procedure::Count));
        }
        record(&mut book, &examination);
        Ok(Analysed::new(book, None, &[]).with_figures(examination))
    }
}

/// Writes the numbers behind every examination down.
fn record(book: &mut Book, examination: &Examination) {
    for (place, examined) in examination.0.iter().enumerate() {
        let parts = examination.parts(place);
        let method = Method::of(Procedure::PublishedNumbers(examined.check))
            .with(Detail::Stands(examined.standing));
        for clue in &examined.clues {
            let parts: Vec<Part> =
                parts.iter().cloned().chain([Part::statistic(clue.name.as_str())]).collect();
            let finding = book.draft(&parts, &clue.name, clue.quantity, clue.value);
            book.push(finding.by_method(&method));
        }
    }
}

#[cfg(test)]
mod tests;
