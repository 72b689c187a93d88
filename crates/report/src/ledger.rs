//! Each claim with the findings it is compared with, and the verdict.

use engine::{Call, Mistake, Mistakes, Section, nearest};
use study::{Claim, ClaimUnit, Finding, Recomputed, State, StudySettings, Verdict};

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
pub(crate) fn entries<'a>(call: &'a Call<'_>) -> Result<Vec<Entry<'a>>, Mistakes> {
    let findings: Vec<&Finding> =
        call.section(Section::Analyze).flat_map(|(_, output)| &output.findings).collect();
    let mut mistakes = Mistakes::default();
    let mut entries = Vec::new();
    for (name, claim) in call.claims {
        let Some(pattern) = &claim.finding else {
            entries.push(Entry { claim, compared: Vec::new(), verdict: Verdict::NotVerifiable });
            continue;
        };
        let matching = findings.iter().filter(|finding| matches(pattern, &finding.id()));
        let compared: Vec<Compared<'a>> =
            matching.map(|finding| compare(claim, finding, call.study)).collect();
        match compared.iter().map(|one| one.verdict).min() {
            Some(verdict) => entries.push(Entry { claim, compared, verdict }),
            None => mistakes.push(unknown(name, pattern, &findings)),
        }
    }
    mistakes.or(entries)
}

/// Checks, before anything runs, that claims name analyses that there are.
///
/// # Errors
/// The claims that do not.
pub(crate) fn check(call: &Call<'_>) -> Result<(), Mistakes> {
    let mut mistakes = Mistakes::default();
    for (name, claim) in call.claims {
        let Some(pattern) = &claim.finding else { continue };
        let stage = pattern.split('.').next().unwrap_or_default();
        let stages = || call.section(Section::Analyze).map(|(name, _)| name);
        if stages().all(|known| known != stage) {
            let message = format!(
                "claim `{name}` names the finding `{pattern}`, but no analysis is called `{stage}`"
            );
            mistakes.push(Mistake::new(message).hint_nearest(stage, stages()));
        }
    }
    mistakes.or(())
}

fn matches(pattern: &str, id: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => id.starts_with(start),
        None => id == pattern,
    }
}

fn unknown(name: &str, pattern: &str, findings: &[&Finding]) -> Mistake {
    let mistake =
        Mistake::new(format!("claim `{name}` names the finding `{pattern}`, which there is not"));
    let ids: Vec<String> = findings.iter().map(|finding| finding.id()).collect();
    let near = nearest(pattern, ids.iter().map(String::as_str));
    match near {
        Some(near) => mistake.hint(near),
        None => mistake.hint("`reports/results/findings.csv` lists all findings of the last run"),
    }
}

fn compare<'a>(claim: &Claim, finding: &'a Finding, study: &StudySettings) -> Compared<'a> {
    let printed = |value: f64| claim.in_printed_unit(value, study.days_per_month);
    let value = finding.value.map(printed);
    let (lower, upper) = (finding.lower.map(printed), finding.upper.map(printed));
    let verdict = match finding.state {
        State::NotEstimable | State::Announced => Verdict::NotVerifiable,
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
