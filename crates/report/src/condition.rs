//! Conditions on what an analysis found: what a figure or a text shows only where
//! a finding says that it must.

use engine::{Mistake, Mistakes, Read, Reference, Section};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Finding, State};

use crate::evidence::Evidence;

/// A condition on a finding, or on any of several. A number that is not known, or that the study's
/// privacy keeps back, is neither below nor above anything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The full id of the finding, such as `pfs_hazards.p.global`; with `*`, such as
    /// `os_model.hazard_ratio.*`, it holds where it holds of any of them.
    pub finding: String,
    /// It holds where the finding is below this number, such as 0.05 of a p-value.
    #[serde(default)]
    pub below: Option<f64>,
    /// It holds where the finding is above this number.
    #[serde(default)]
    pub above: Option<f64>,
    /// It holds where the finding could not be estimated, as where a coefficient may be infinite.
    #[serde(default)]
    pub not_estimable: bool,
}

impl Condition {
    /// What it reads: the analysis of its finding; `at` is where the condition stands.
    pub(crate) fn read(&self, at: &[&str]) -> Read {
        let place: Vec<&str> = at.iter().copied().chain(["finding"]).collect();
        Read::stage(Reference(&self.finding).stage(), Section::Analyze, &place)
    }

    /// Notes what is wrong with it, before or at a run.
    pub(crate) fn check(&self, evidence: &Evidence, at: &[&str]) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        if self.below.is_none() && self.above.is_none() && !self.not_estimable {
            let mistake = Mistake::at(at, "the condition says nothing of its finding");
            mistakes.push(mistake.hint("give `below`, `above` or `not_estimable: true`"));
        }
        let place: Vec<&str> = at.iter().copied().chain(["finding"]).collect();
        mistakes.note(evidence.named(&self.finding, &place, ("finding", &|_| true)));
        mistakes.or(())
    }

    /// Whether it holds.
    pub(crate) fn holds(&self, evidence: &Evidence) -> bool {
        let found = evidence.named(&self.finding, &[], ("finding", &|_| true));
        found.is_ok_and(|found| found.iter().any(|finding| self.holds_of(finding)))
    }

    /// Whether it holds of a finding.
    pub(crate) fn holds_of(&self, finding: &Finding) -> bool {
        // A hidden number must decide nothing: a line that appears would tell on which side of the
        // limit it is.
        let value = finding.value.filter(|_| finding.state == State::Estimated);
        let is = |limit: Option<f64>, fits: fn(f64, f64) -> bool| {
            limit.zip(value).is_some_and(|(limit, value)| fits(value, limit))
        };
        is(self.below, |value, limit| value < limit)
            || is(self.above, |value, limit| value > limit)
            || (self.not_estimable && finding.state == State::NotEstimable)
    }
}

#[cfg(test)]
mod tests {
    use study::Quantity;

    use super::*;

    #[test]
    fn a_condition_holds_on_one_side_of_its_limit() {
        let of = |value: f64| Finding::new("a", "k", "p_value", Quantity::PValue, value);
        let condition = |below, above, not_estimable| Condition {
            finding: "a.p_value".into(),
            below,
            above,
            not_estimable,
        };
        let below = condition(Some(0.05), None, false);
        // The limit itself is on neither side: `p < 0.05` is how a level of significance is meant.
        assert!(below.holds_of(&of(0.049)) && !below.holds_of(&of(0.05)));
        let above = condition(None, Some(0.1), false);
        assert!(above.holds_of(&of(0.2)) && !above.holds_of(&of(0.1)));
        let unknown = of(f64::NAN).without_value(State::NotEstimable);
        assert!(condition(None, None, true).holds_of(&unknown));
        assert!(!condition(None, None, true).holds_of(&of(0.2)));
        for state in [State::NotEstimable, State::Hidden, State::Small, State::NotReached] {
            let unknown = of(0.01).without_value(state);
            assert!(!below.holds_of(&unknown) && !above.holds_of(&unknown), "{state:?}");
        }
    }
}
