//! Each claim with the findings it is compared with, and the verdict.

use engine::{Mistake, Mistakes, Reference};
use study::{
    Claim, ClaimUnit, Comparison, Finding, Quantity, Recomputed, State, StudySettings, TimeUnit,
    Verdict,
};

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
    /// Its confidence limits in the printed unit.
    pub(crate) limits: [Option<f64>; 2],
    /// How it stands to the claim.
    pub(crate) verdict: Verdict,
}

/// Compares every claim with the findings that it names.
///
/// # Errors
/// The claims that name a finding there is not, with the nearest there is.
pub(crate) fn entries<'a>(
    claims: &'a [(String, Claim)],
    study: &StudySettings,
    evidence: &'a Evidence,
) -> Result<Vec<Entry<'a>>, Mistakes> {
    let mut mistakes = Mistakes::default();
    let mut entries = Vec::new();
    for (name, claim) in claims {
        let found = claim.finding.as_deref().map(|written| named(evidence, name, written));
        let Some(found) = mistakes.note(found.unwrap_or_else(|| Ok(Vec::new()))) else { continue };
        let compared: Vec<Compared<'a>> =
            found.into_iter().map(|finding| compare(claim, finding, study)).collect();
        // Verdicts are ordered from the best: a source that names no method may have used any of
        // those that agree.
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
    // Told apart from a wrong finding, since the nearest name is that of an analysis.
    if !stages.contains(&stage) && stage != "*" {
        let message = format!(
            "claim `{name}` names the finding `{written}`, but no analysis is called `{stage}`"
        );
        let mistake = Mistake::new(message).hint_nearest(stage, stages.into_iter());
        return Err(mistake.missing(evidence.missed(Reference(written))));
    }
    evidence.named(written, &[], ("finding", &|_| true)).map_err(|mistake| Mistake {
        message: format!("claim `{name}` names the finding `{written}`, which there is not"),
        ..mistake
    })
}

fn compare<'a>(claim: &Claim, finding: &'a Finding, study: &StudySettings) -> Compared<'a> {
    let printed = |value: f64| claim.in_printed_unit(value, study);
    let value = finding.value.map(printed);
    let (lower, upper) = (finding.lower.map(printed), finding.upper.map(printed));
    let verdict = match finding.state {
        // A verdict on a number that is kept back would tell what it is near to.
        State::NotEstimable | State::Announced | State::Small | State::Hidden => {
            Verdict::NotVerifiable
        }
        State::Estimated | State::NotReached => claim.verdict(Recomputed { value, lower, upper }),
    };
    Compared { finding, value, limits: [lower, upper], verdict }
}

impl Compared<'_> {
    /// The number as the study prints it everywhere, in the printed unit; with
    /// more digits where the source has more, and with its interval where the
    /// source has one.
    pub(crate) fn as_printed(&self, claim: &Claim, study: &StudySettings) -> String {
        match (self.finding.state, self.value) {
            (State::NotReached, _) => {
                return "not reached".to_owned() + &self.own_limits(claim, study);
            }
            (State::Small | State::Hidden, _) => return format::CONFIDENTIAL.to_owned(),
            (_, None) => return format::NOT_ESTIMABLE.to_owned(),
            (_, Some(_)) => {}
        }
        let own = format::value(self.finding, study);
        let decimals = usize::from(claim.decimals);
        // As the study prints it everywhere, if that shows as much as the source. One number must
        // not have two forms on a page.
        if has_own_unit(claim, self.finding.quantity, study) && decimals <= decimals_of(&own) {
            return own + &self.own_limits(claim, study);
        }
        let digits = |value: f64| printed(value, decimals);
        let value = self.value.map(digits).unwrap_or_default();
        value + unit(claim) + &self.limits(claim, digits)
    }

    /// The number with eight significant digits, and so its limits.
    pub(crate) fn in_full(&self, claim: &Claim) -> String {
        let value = self.value.map(eight_digits).unwrap_or_default();
        value + &self.limits(claim, eight_digits)
    }

    /// The interval as the study prints it, in brackets, where one is claimed.
    fn own_limits(&self, claim: &Claim, study: &StudySettings) -> String {
        let claimed = claims_limits(claim) && has_own_unit(claim, self.finding.quantity, study);
        let limits = format::limits(self.finding, study).filter(|_| claimed);
        limits.map(|limits| format!(" ({limits})")).unwrap_or_default()
    }

    /// The interval in brackets, where one is claimed and there is one.
    fn limits(&self, claim: &Claim, digits: impl Fn(f64) -> String) -> String {
        let [lower, upper] = self.limits;
        if !claims_limits(claim) || (lower.is_none() && upper.is_none()) {
            return String::new();
        }
        let text = |limit: Option<f64>| limit.map_or(format::NOT_ESTIMABLE.to_owned(), &digits);
        format!(" ({})", format::interval(&text(lower), &text(upper)))
    }
}

fn claims_limits(claim: &Claim) -> bool {
    claim.lower.is_some() || claim.upper.is_some()
}

/// Whether a claim is in the unit in which the study prints such a number.
fn has_own_unit(claim: &Claim, quantity: Quantity, study: &StudySettings) -> bool {
    // `not reached` has no unit
    if claim.value.is_none() && !claims_limits(claim) {
        return true;
    }
    match quantity {
        Quantity::Proportion | Quantity::Survival | Quantity::ProportionDifference => {
            claim.unit == ClaimUnit::Percent
        }
        Quantity::Days => {
            claim.unit
                == match study.time_unit {
                    TimeUnit::Days => ClaimUnit::Plain,
                    TimeUnit::Weeks => ClaimUnit::Weeks,
                    TimeUnit::Months => ClaimUnit::Months,
                    TimeUnit::Years => ClaimUnit::Years,
                }
        }
        _ => claim.unit == ClaimUnit::Plain,
    }
}

/// How many digits stand behind the point of a printed number.
fn decimals_of(text: &str) -> usize {
    text.split_once('.')
        .map_or(0, |(_, rest)| rest.chars().take_while(char::is_ascii_digit).count())
}

/// The words of the source, with what they are compared as where they do not
/// say it.
pub(crate) fn published(claim: &Claim) -> String {
    match meant(claim) {
        Some(meant) => format!("{} ({meant})", claim.quote),
        None => claim.quote.clone(),
    }
}

/// What a claim is compared with, in words, where its quotation does not show
/// all of it: `below 0.001`, `40 to 50`, `0.39, limits 0.24 and 0.63`.
fn meant(claim: &Claim) -> Option<String> {
    let digits = |value: f64| format::number(value, usize::from(claim.decimals));
    let mut words = match (claim.value, claim.to, claim.comparison) {
        (Some(value), Some(to), _) => format!("{} to {}", digits(value), digits(to)),
        (Some(value), None, Comparison::Equal) => digits(value),
        (Some(value), None, Comparison::Below) => format!("below {}", digits(value)),
        (Some(value), None, Comparison::AtMost) => format!("at most {}", digits(value)),
        (Some(value), None, Comparison::Above) => format!("above {}", digits(value)),
        (Some(value), None, Comparison::AtLeast) => format!("at least {}", digits(value)),
        (None, ..) => String::new(),
    };
    let is_bound = claim.to.is_some() || claim.comparison != Comparison::Equal;
    if !is_bound && !claims_limits(claim) {
        return None;
    }
    let limits: Vec<String> =
        [claim.lower, claim.upper].into_iter().flatten().map(digits).collect();
    if !limits.is_empty() {
        let name = if limits.len() == 1 { "limit" } else { "limits" };
        let comma = if words.is_empty() { "" } else { ", " };
        words += &format!("{comma}{name} {}", limits.join(" and "));
    }
    let numbers = [claim.value, claim.to, claim.lower, claim.upper].into_iter().flatten();
    // Some journals print `.63`.
    let mut short = numbers.map(|value| digits(value).trim_start_matches('0').to_owned());
    let shown = short.all(|number| claim.quote.contains(&number));
    // Silent where the quotation shows it all: words that repeat it would make readers look for a
    // difference.
    (!shown || is_bound && !says_a_bound(claim)).then_some(words)
}

/// Whether the quotation itself says that it is a bound or a range.
fn says_a_bound(claim: &Claim) -> bool {
    claim.to.is_some() || claim.quote.contains(['<', '>', '≤', '≥'])
}

fn eight_digits(value: f64) -> String {
    let scientific = format!("{value:.7e}");
    let exponent = scientific.split_once('e').and_then(|(_, power)| power.parse().ok());
    // Seven behind the first digit. Fits of two programs part at the ninth.
    let decimals = 7i32.saturating_sub(exponent.unwrap_or(0)).clamp(0, 20);
    let digits = format::number(value, decimals.unsigned_abs() as usize);
    match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => digits,
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
    use super::*;
    use crate::sample::study;

    fn claim(yaml: &str) -> Claim {
        serde_json::from_str(&format!("{{\"label\": \"x\", \"place\": \"x\", {yaml}}}"))
            .expect("a claim")
    }

    fn shown(yaml: &str, finding: &Finding) -> String {
        compare(&claim(yaml), finding, &study()).as_printed(&claim(yaml), &study())
    }

    #[test]
    fn no_number_is_printed_as_nought_but_nought() {
        assert_eq!(printed(0.000_25, 3), "<0.001");
        assert_eq!(printed(0.000_59, 3), "0.001");
        assert_eq!(printed(0.0, 3), "0.000");
        assert_eq!(printed(20.0, 0), "20");
    }

    #[test]
    fn one_number_has_one_format() {
        let p = |p: f64| Finding::new("s", "k", "p_value", Quantity::PValue, p);
        let share = |share: f64| Finding::new("s", "k", "orr", Quantity::Proportion, share);
        let ratio = Finding::new("s", "k", "hazard_ratio", Quantity::Ratio, 0.394_9);
        let ratio = ratio.limits(Some(0.2375), Some(0.6312), 0.95);
        let days = Finding::new("s", "k", "median", Quantity::Days, 608.75);
        for (yaml, finding, text) in [
            // Rounded it would be the claimed 0.001. The study prints it as it prints all such
            // p-values.
            (r#""quote": "p = 0.001", "value": 0.001, "decimals": 3"#, p(0.000_59), "<0.001"),
            (r#""quote": "p = 0.03", "value": 0.03, "decimals": 2"#, p(0.0342), "0.03"),
            (r#""quote": "p = 0.05", "value": 0.05, "decimals": 2"#, p(0.052), "0.052"),
            (
                r#""quote": "p = 0.00098", "value": 0.00098, "decimals": 5"#,
                p(0.000_975_7),
                "0.00098",
            ),
            (
                r#""quote": "2.3%", "value": 2.3, "decimals": 1, "unit": "percent""#,
                share(0.0225),
                "2.3%",
            ),
            // The source has fewer digits than the study, which keeps its own.
            (r#""quote": "2%", "value": 2, "unit": "percent""#, share(0.0225), "2.3%"),
            (
                r#""quote": "2.25%", "value": 2.25, "decimals": 2, "unit": "percent""#,
                share(0.0225),
                "2.25%",
            ),
            // In another unit than the study prints, so in the digits of the source.
            (r#""quote": "0.02", "value": 0.02, "decimals": 2"#, share(0.0225), "0.02"),
            (r#""quote": "0.4", "value": 0.4, "decimals": 1"#, ratio.clone(), "0.39"),
            (
                r#""quote": "0.39 (0.24-0.63)", "value": 0.39, "lower": 0.24, "upper": 0.63, "decimals": 2"#,
                ratio.clone(),
                "0.39 (0.24–0.63)",
            ),
            (
                r#""quote": "0.395 (0.238-0.631)", "value": 0.395, "lower": 0.238, "upper": 0.631, "decimals": 3"#,
                ratio,
                "0.395 (0.238–0.631)",
            ),
            (r#""quote": "20 months", "value": 20, "unit": "months""#, days.clone(), "20.0"),
            (r#""quote": "not reached", "not_reached": true"#, days.clone(), "20.0"),
            (r#""quote": "1.7 years", "value": 1.7, "decimals": 1, "unit": "years""#, days, "1.7"),
        ] {
            assert_eq!(shown(yaml, &finding), text, "{yaml}");
        }
    }

    #[test]
    fn bounds_that_the_quotation_hides_are_told() {
        for (yaml, words) in [
            (r#""quote": "P<.001", "value": 0.001, "decimals": 3, "comparison": "below""#, None),
            (r#""quote": "40 to 50%", "value": 40, "to": 50, "unit": "percent""#, None),
            (
                r#""quote": "two fifths to a half", "value": 40, "to": 50, "unit": "percent""#,
                Some("40 to 50"),
            ),
            (
                r#""quote": "not before 24 months", "value": 24, "comparison": "at_least""#,
                Some("at least 24"),
            ),
            (
                r#""quote": "0.39", "value": 0.39, "lower": 0.24, "upper": 0.63, "decimals": 2"#,
                Some("0.39, limits 0.24 and 0.63"),
            ),
            (
                r#""quote": "0.39 (0.24-0.63)", "value": 0.39, "lower": 0.24, "upper": 0.63, "decimals": 2"#,
                None,
            ),
            // The quotation and the number differ, which is told.
            (r#""quote": "to at most .63", "upper": 0.64, "decimals": 2"#, Some("limit 0.64")),
            (r#""quote": "0.39", "value": 0.39, "decimals": 2"#, None),
        ] {
            assert_eq!(meant(&claim(yaml)).as_deref(), words, "{yaml}");
        }
    }
}
