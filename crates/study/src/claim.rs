//! A published number and whether the recomputed one agrees with it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{About, StudySettings, TimeUnit};

/// One entry of the `claims:` section: a number somebody published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// What is claimed, in words.
    pub label: String,
    /// The words of the source, such as `67.6%`.
    pub quote: String,
    /// Where it stands, such as `abstract`.
    pub place: String,
    /// The number as printed; leave it out where the claim is not a number (`not reached`).
    #[serde(default)]
    pub value: Option<f64>,
    /// How the number is meant, where it is a bound and not the number itself: `P<.001` is
    /// `below`, with the value 0.001.
    #[serde(default)]
    pub comparison: Comparison,
    /// The other end of a printed range (`40 to 50%`); `value` is the first.
    #[serde(default)]
    pub to: Option<f64>,
    /// Lower confidence limit as printed.
    #[serde(default)]
    pub lower: Option<f64>,
    /// Upper confidence limit as printed.
    #[serde(default)]
    pub upper: Option<f64>,
    /// Digits after the decimal point in print.
    #[serde(default)]
    #[schemars(range(max = 12))]
    pub decimals: u8,
    /// Unit of the printed number.
    #[serde(default)]
    pub unit: ClaimUnit,
    /// The source says that the quantile was not reached.
    #[serde(default)]
    pub not_reached: bool,
    /// Largest difference, in the printed unit, that still counts as agreement.
    #[serde(default)]
    pub tolerance: Option<f64>,
    /// Id of the finding it is compared with; one `*` stands for any ending, and
    /// the ledger then names the methods that agree. Leave it out where nothing
    /// in the data can verify the claim.
    #[serde(default)]
    pub finding: Option<String>,
    /// What the number is of, where no finding says it: then published numbers are
    /// examined against each other though there are no data.
    #[serde(default)]
    pub about: Option<About>,
    /// The publication, where claims of several are declared.
    #[serde(default)]
    pub publication: Option<String>,
    /// A remark for the ledger.
    #[serde(default)]
    pub note: Option<String>,
}

/// Unit of a printed number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimUnit {
    /// The finding's own unit.
    #[default]
    Plain,
    /// Percent of a proportion.
    Percent,
    /// Weeks of a duration in days.
    Weeks,
    /// Months of a duration in days.
    Months,
    /// Years of a duration in days.
    Years,
}

/// How a recomputed number stands to the printed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The same number.
    Exact,
    /// Rounded as printed it is the same.
    RoundsTo,
    /// It differs by no more than the declared tolerance.
    WithinTolerance,
    /// It differs.
    Contradicts,
    /// Nothing in the data can tell.
    NotVerifiable,
}

/// How a printed number is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The number itself, rounded to its digits.
    #[default]
    Equal,
    /// `<`: the number is below it.
    Below,
    /// `<=`, `at most`.
    AtMost,
    /// `>`: the number is above it.
    Above,
    /// `>=`, `at least`.
    AtLeast,
}

/// What the data give, in the printed unit; `None` for a quantile that was not
/// reached and for a limit that there is not.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Recomputed {
    /// The number.
    pub value: Option<f64>,
    /// Its lower confidence limit.
    pub lower: Option<f64>,
    /// Its upper confidence limit.
    pub upper: Option<f64>,
}

/// What a difference of half a unit may lack by the arithmetic of the
/// comparison itself, relative to the numbers compared.
const ROUNDING: f64 = 1e-12;

impl Claim {
    /// The recomputed number in the printed unit.
    #[must_use]
    pub fn in_printed_unit(&self, value: f64, study: &StudySettings) -> f64 {
        // Findings are in days and shares; the claim is in what was printed.
        match self.unit {
            ClaimUnit::Plain => value,
            ClaimUnit::Percent => 100.0 * value,
            ClaimUnit::Weeks => value / study.days_in(TimeUnit::Weeks),
            ClaimUnit::Months => value / study.days_in(TimeUnit::Months),
            ClaimUnit::Years => value / study.days_in(TimeUnit::Years),
        }
    }

    /// The numbers that could have been printed so, in the finding's own unit:
    /// the least and the greatest, half a unit of the last digit to both sides,
    /// and infinite where a bound is claimed. `None` where no number is claimed.
    #[must_use]
    pub fn meant(&self, study: &StudySettings) -> Option<[f64; 2]> {
        let printed = self.value?;
        let to = self.to.unwrap_or(printed);
        let (least, greatest) = (printed.min(to), printed.max(to));
        let [least, greatest] = match self.comparison {
            Comparison::Equal => [least - self.half_a_unit(), greatest + self.half_a_unit()],
            // For a range of values it makes no difference whether the end belongs to it.
            Comparison::Below | Comparison::AtMost => [f64::NEG_INFINITY, greatest],
            Comparison::Above | Comparison::AtLeast => [least, f64::INFINITY],
        };
        let unit = self.in_printed_unit(1.0, study);
        Some([least / unit, greatest / unit])
    }

    fn half_a_unit(&self) -> f64 {
        // Half of the last printed digit.
        (0..self.decimals).fold(0.5, |unit, _| unit / 10.0)
    }

    /// Compares with recomputed numbers in the printed unit: the number and
    /// the limits that are printed, the worst of which decides.
    ///
    /// A printed number agrees with one that lies within half a unit of its
    /// last digit, both ends included, since nobody knows to which side its
    /// source rounded a half.
    #[must_use]
    pub fn verdict(&self, recomputed: Recomputed) -> Verdict {
        let limits = [(self.lower, recomputed.lower), (self.upper, recomputed.upper)];
        let limits = limits.into_iter().filter_map(|(printed, found)| {
            let printed = printed?;
            // A limit was printed, and the data give none.
            Some(found.map_or(Verdict::Contradicts, |found| self.compare(printed, found)))
        });
        limits
            .chain(self.verdict_of_value(recomputed.value))
            // Verdicts are ordered from the best to the worst.
            .max()
            .unwrap_or(Verdict::NotVerifiable)
    }

    /// The verdict on the number; none where limits alone are claimed.
    fn verdict_of_value(&self, recomputed: Option<f64>) -> Option<Verdict> {
        Some(match (self.value, recomputed) {
            (None, None) if self.not_reached => Verdict::Exact,
            (None, Some(_)) if self.not_reached => Verdict::Contradicts,
            // The limits have their own verdicts; the missing number adds none.
            (None, _) if self.lower.is_some() || self.upper.is_some() => return None,
            (None, _) => Verdict::NotVerifiable,
            (Some(_), None) => match self.comparison {
                // a quantile that is not reached is later than any time
                Comparison::Above | Comparison::AtLeast if self.to.is_none() => Verdict::Exact,
                _ => Verdict::Contradicts,
            },
            (Some(printed), Some(found)) => match self.to {
                // The two ends may stand in either order.
                Some(to) => self.within(printed.min(to), printed.max(to), found),
                None => self.compare_as_meant(printed, found),
            },
        })
    }

    fn compare_as_meant(&self, printed: f64, found: f64) -> Verdict {
        let holds = match self.comparison {
            Comparison::Equal => return self.compare(printed, found),
            Comparison::Below => found < printed,
            Comparison::AtMost => found <= printed,
            Comparison::Above => found > printed,
            Comparison::AtLeast => found >= printed,
        };
        // A bound has no digits to round to: it holds, or it is off by some amount.
        if holds { Verdict::Exact } else { self.tolerated((found - printed).abs()) }
    }

    fn within(&self, from: f64, to: f64, found: f64) -> Verdict {
        if (from..=to).contains(&found) {
            return Verdict::Exact;
        }
        // Against the nearer end, rounded as that end is printed.
        self.compare(if found < from { from } else { to }, found)
    }

    fn compare(&self, printed: f64, found: f64) -> Verdict {
        let difference = (printed - found).abs();
        if printed == found {
            Verdict::Exact
        // Without the slack 0.35 would not agree with 0.4: their difference is a hair above
        // 0.05.
        } else if difference <= self.half_a_unit() + ROUNDING * printed.abs().max(found.abs()) {
            Verdict::RoundsTo
        } else {
            self.tolerated(difference)
        }
    }

    /// The least and the largest value that print a number so, in the printed unit.
    #[must_use]
    pub fn rounded_to(&self, printed: f64) -> (f64, f64) {
        (printed - self.half_a_unit(), printed + self.half_a_unit())
    }

    /// The least and the largest value that the claim leaves its number, in the
    /// printed unit; none where it claims no number.
    #[must_use]
    pub fn values(&self) -> Option<(f64, f64)> {
        let printed = self.value?;
        Some(match (self.to, self.comparison) {
            (Some(to), _) => {
                (self.rounded_to(printed.min(to)).0, self.rounded_to(printed.max(to)).1)
            }
            (None, Comparison::Equal) => self.rounded_to(printed),
            (None, Comparison::Below | Comparison::AtMost) => (f64::NEG_INFINITY, printed),
            (None, Comparison::Above | Comparison::AtLeast) => (printed, f64::INFINITY),
        })
    }

    fn tolerated(&self, difference: f64) -> Verdict {
        match self.tolerance {
            Some(tolerance) if difference <= tolerance => Verdict::WithinTolerance,
            _ => Verdict::Contradicts,
        }
    }
}

impl Verdict {
    /// The verdict in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::RoundsTo => "rounds to",
            Self::WithinTolerance => "within tolerance",
            Self::Contradicts => "contradicts",
            Self::NotVerifiable => "not verifiable",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(yaml: &str) -> Claim {
        let whole = format!("{{ label: x, quote: x, place: x, {yaml} }}");
        serde_yaml::from_str(&whole).expect("a claim")
    }

    fn verdict(yaml: &str, found: impl Into<Option<f64>>) -> Verdict {
        claim(yaml).verdict(Recomputed { value: found.into(), ..Recomputed::default() })
    }

    #[test]
    fn verdicts_follow_the_printed_digits() {
        let printed = "value: 67.6, decimals: 1";
        assert_eq!(verdict(printed, 67.6), Verdict::Exact);
        // 25 of 37 patients.
        assert_eq!(verdict(printed, 2500.0 / 37.0), Verdict::RoundsTo);
        assert_eq!(verdict(printed, 67.7), Verdict::Contradicts);
        assert_eq!(verdict(printed, None), Verdict::Contradicts);
        assert_eq!(verdict(&format!("{printed}, tolerance: 0.2"), 67.7), Verdict::WithinTolerance);
    }

    #[test]
    fn half_a_unit_agrees_on_both_sides() {
        for (yaml, found) in [
            // A half agrees with both of its neighbours.
            ("value: 2.3, decimals: 1", 2.25),
            ("value: 2.2, decimals: 1", 2.25),
            ("value: 0.4, decimals: 1", 0.35),
            ("value: 1.01, decimals: 2", 1.005),
            ("value: 1.00, decimals: 2", 1.005),
            ("value: -3, decimals: 0", -2.5),
            ("value: 1000, decimals: 0", 1000.5),
        ] {
            assert_eq!(verdict(yaml, found), Verdict::RoundsTo, "{yaml} {found}");
        }
        assert_eq!(verdict("value: 2.3, decimals: 1", 2.2499), Verdict::Contradicts);
        assert_eq!(verdict("value: 2.3, decimals: 1", 2.3501), Verdict::Contradicts);
    }

    #[test]
    fn bounds_and_ranges_are_claims_too() {
        let below = "value: 0.001, decimals: 3, comparison: below";
        assert_eq!(verdict(below, 0.000_59), Verdict::Exact);
        // `<` leaves the bound itself out.
        assert_eq!(verdict(below, 0.001), Verdict::Contradicts);
        assert_eq!(verdict("value: 24, comparison: above", None), Verdict::Exact);
        assert_eq!(verdict("value: 24, comparison: at_most", None), Verdict::Contradicts);
        let range = "value: 40, to: 50";
        assert_eq!(verdict(range, 44.4), Verdict::Exact);
        assert_eq!(verdict(range, 39.5), Verdict::RoundsTo);
        assert_eq!(verdict(range, 51.0), Verdict::Contradicts);
    }

    #[test]
    fn a_printed_number_stands_for_those_that_print_so() {
        let study: StudySettings = serde_json::from_value(serde_json::json!({
            "title": "t", "data_status": "example", "patient": "id", "analysis_table": "p",
        }))
        .expect("settings");
        let month = study.days_in(TimeUnit::Months);
        let meant = |yaml: &str| claim(yaml).meant(&study);
        let months = meant("value: 4.0, decimals: 1, unit: months").expect("a number");
        assert!((months[0] - 3.95 * month).abs() < 1e-9 && (months[1] - 4.05 * month).abs() < 1e-9);
        let percent = meant("value: 67.6, decimals: 1, unit: percent").expect("a number");
        // 67.55% to 67.65%, between which 25 of 37 lies.
        assert!(percent[0] < 25.0 / 37.0 && 25.0 / 37.0 < percent[1] && percent[1] < 0.6766);
        let below = meant("value: 0.001, decimals: 3, comparison: below");
        assert_eq!(below, Some([f64::NEG_INFINITY, 0.001]));
        assert_eq!(meant("value: 24, comparison: above"), Some([24.0, f64::INFINITY]));
        assert_eq!(meant("not_reached: true"), None);
    }

    #[test]
    fn the_worst_of_number_and_limits_decides() {
        let claim = claim("value: 0.39, lower: 0.24, upper: 0.63, decimals: 2");
        let found = |lower, upper| Recomputed { value: Some(0.391), lower, upper };
        assert_eq!(claim.verdict(found(Some(0.24), Some(0.629))), Verdict::RoundsTo);
        assert_eq!(claim.verdict(found(Some(0.22), Some(0.629))), Verdict::Contradicts);
        // The number agrees, and one limit that was printed is not there.
        assert_eq!(claim.verdict(found(Some(0.24), None)), Verdict::Contradicts);
    }

    #[test]
    fn not_reached_is_a_claim_too() {
        assert_eq!(verdict("not_reached: true", None), Verdict::Exact);
        assert_eq!(verdict("not_reached: true", 26.0), Verdict::Contradicts);
        assert_eq!(verdict("note: nothing is printed", 1.0), Verdict::NotVerifiable);
    }
}
