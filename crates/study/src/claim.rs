//! A published number and whether the recomputed one agrees with it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// Digits after the decimal point in print.
    #[serde(default)]
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

impl Claim {
    /// The recomputed number in the printed unit.
    #[must_use]
    pub fn in_printed_unit(&self, value: f64, days_per_month: f64) -> f64 {
        match self.unit {
            ClaimUnit::Plain => value,
            ClaimUnit::Percent => 100.0 * value,
            ClaimUnit::Months => value / days_per_month,
            ClaimUnit::Years => value / (12.0 * days_per_month),
        }
    }

    /// Compares with a recomputed number in the printed unit; `None` where the
    /// quantile was not reached.
    #[must_use]
    pub fn verdict(&self, recomputed: Option<f64>) -> Verdict {
        match (self.value, recomputed) {
            (None, None) if self.not_reached => Verdict::Exact,
            (None, Some(_)) if self.not_reached => Verdict::Contradicts,
            (None, _) => Verdict::NotVerifiable,
            (Some(_), None) => Verdict::Contradicts,
            (Some(printed), Some(found)) => self.compare(printed, found),
        }
    }

    fn compare(&self, printed: f64, found: f64) -> Verdict {
        let places = usize::from(self.decimals);
        if printed == found {
            Verdict::Exact
        } else if format!("{found:.places$}") == format!("{printed:.places$}") {
            Verdict::RoundsTo
        } else if self.tolerance.is_some_and(|tolerance| (printed - found).abs() <= tolerance) {
            Verdict::WithinTolerance
        } else {
            Verdict::Contradicts
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

    fn claim(value: Option<f64>, decimals: u8) -> Claim {
        Claim {
            label: String::new(),
            quote: String::new(),
            place: String::new(),
            value,
            decimals,
            unit: ClaimUnit::Plain,
            not_reached: value.is_none(),
            tolerance: None,
            finding: None,
            note: None,
        }
    }

    #[test]
    fn verdicts_follow_the_printed_digits() {
        let printed = claim(Some(67.6), 1);
        assert_eq!(printed.verdict(Some(67.6)), Verdict::Exact);
        assert_eq!(printed.verdict(Some(2500.0 / 37.0)), Verdict::RoundsTo);
        assert_eq!(printed.verdict(Some(67.7)), Verdict::Contradicts);
        assert_eq!(printed.verdict(None), Verdict::Contradicts);
        let loose = Claim { tolerance: Some(0.2), ..printed };
        assert_eq!(loose.verdict(Some(67.7)), Verdict::WithinTolerance);
    }

    #[test]
    fn not_reached_is_a_claim_too() {
        assert_eq!(claim(None, 0).verdict(None), Verdict::Exact);
        assert_eq!(claim(None, 0).verdict(Some(26.0)), Verdict::Contradicts);
    }
}
