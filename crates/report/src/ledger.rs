//! Each claim with the findings it is compared with, and the verdict.

use engine::{Call, Mistake, Mistakes, Reference};
use study::{Claim, ClaimUnit, Finding, Recomputed, State, StudySettings, Verdict};

use crate::evidence::Evidence;
use crate::format;

/// A claim with what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Entry<'a> {
    /// The claim.
    pub(crate) claim: &'a Claim,
    /// The findings it is compared with.
    pub(crate) compared: Vec<Compared<'a>>,
    /// The best verdict of them.
    pub(crate) verdict: Verdict,
}

/// One finding beside the claim.
#[derive(Debug, Clone)]
pub(crate) struct Compared<'a> {
    /// The finding.
    pub(crate) finding: &'a Finding,
    /// Its number in the printed unit.
    pub(crate) value: Option<f64>,
    /// How it stands to the claim.
    pub(crate) verdict: Verdict,
}

/// Compares every claim with the findings that it names.
///
/// # Errors
/// The claims that name a finding there is not, with the nearest there is.
pub(crate) fn entries<'a>(
    call: &'a Call<'_>,
    evidence: &'a Evidence,
) -> Result<Vec<Entry<'a>>, Mistakes> {
    let mut mistakes = Mistakes::default();
    let mut entries = Vec::new();
    for (name, claim) in call.claims {
        let found = claim.finding.as_deref().map(|written| named(evidence, name, written));
        let Some(found) = mistakes.note(found.unwrap_or_else(|| Ok(Vec::new()))) else { continue };
        let compared: Vec<Compared<'a>> =
            found.into_iter().map(|finding| compare(claim, finding, call.study)).collect();
        let best = compared.iter().map(|one| one.verdict).min();
        entries.push(Entry { claim, compared, verdict: best.unwrap_or(Verdict::NotVerifiable) });
    }
    mistakes.or(entries)
}

/// The findings of a claim.
fn named<'a>(
    evidence: &'a Evidence,
    name: &str,
    written: &str,
) -> Result<Vec<&'a Finding>, Mistake> {
    let stage = Reference(written).stage();
    let stages: Vec<&str> = evidence.analyses().map(|analysis| analysis.name).collect();
    if !stages.contains(&stage) && stage != "*" {
        let message = format!(
            "claim `{name}` names the finding `{written}`, but no analysis is called `{stage}`"
        );
        return Err(Mistake::new(message).hint_nearest(stage, stages.into_iter()));
    }
    evidence.named(written, &[], ("finding", &|_| true)).map_err(|mistake| Mistake {
        message: format!("claim `{name}` names the finding `{written}`, which there is not"),
        ..mistake
    })
}

fn compare<'a>(claim: &Claim, finding: &'a Finding, study: &StudySettings) -> Compared<'a> {
    let printed = |value: f64| claim.in_printed_unit(value, study.days_per_month);
    let value = finding.value.map(printed);
    let (lower, upper) = (finding.lower.map(printed), finding.upper.map(printed));
    let verdict = match finding.state {
        State::NotEstimable | State::Announced | State::Small | State::Hidden => {
            Verdict::NotVerifiable
        }
        State::Estimated | State::NotReached => claim.verdict(Recomputed { value, lower, upper }),
    };
    Compared { finding, value, verdict }
}

impl Compared<'_> {
    /// The number as the source would have printed it.
    pub(crate) fn as_printed(&self, claim: &Claim) -> String {
        match (self.finding.state, self.value) {
            (State::NotReached, _) => "not reached".to_owned(),
            (_, Some(value)) => printed(value, usize::from(claim.decimals)) + unit(claim),
            (State::Small | State::Hidden, _) => format::CONFIDENTIAL.to_owned(),
            (_, None) => format::NOT_ESTIMABLE.to_owned(),
        }
    }

    /// The number with eight significant digits.
    pub(crate) fn in_full(&self) -> String {
        self.value.map_or_else(String::new, |value| {
            let scientific = format!("{value:.7e}");
            let exponent = scientific.split_once('e').and_then(|(_, power)| power.parse().ok());
            let decimals = 7i32.saturating_sub(exponent.unwrap_or(0)).clamp(0, 20);
            let digits = format::number(value, decimals.unsigned_abs() as usize);
            match digits.contains('.') {
                true => digits.trim_end_matches('0').trim_end_matches('.').to_owned(),
                false => digits,
            }
        })
    }
}

/// A number with the printed decimals; what they cannot show is `<0.001`.
fn printed(value: f64, decimals: usize) -> String {
    let digits = format::number(value, decimals);
    let is_nought = !digits.contains(|c: char| ('1'..='9').contains(&c));
    match is_nought && value > 0.0 && decimals > 0 {
        true => format!("<0.{}1", "0".repeat(decimals - 1)),
        false => digits,
    }
}

fn unit(claim: &Claim) -> &'static str {
    if claim.unit == ClaimUnit::Percent { "%" } else { "" }
}

/// How many claims have each verdict, the best first; verdicts of none are left out.
pub(crate) fn tally(entries: &[Entry<'_>]) -> Vec<(Verdict, usize)> {
    use Verdict::{Contradicts, Exact, NotVerifiable, RoundsTo, WithinTolerance};
    [Exact, RoundsTo, WithinTolerance, Contradicts, NotVerifiable]
        .into_iter()
        .map(|verdict| (verdict, entries.iter().filter(|entry| entry.verdict == verdict).count()))
        .filter(|(_, count)| *count > 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::printed;

    #[test]
    fn no_number_is_printed_as_nought_but_nought() {
        assert_eq!(printed(0.000_25, 3), "<0.001");
        assert_eq!(printed(0.000_59, 3), "0.001");
        assert_eq!(printed(0.0, 3), "0.000");
        assert_eq!(printed(20.0, 0), "20");
    }
}
