//! Numbers that nothing prints, whatever stands beside them: p-values above 1, ratios below 0,
//! parts of patients, limits that change places.

use study::{Check, Examined, Published};

use super::statement::Statement;
use super::statements::Statements;
use super::verdict::Verdict;

/// Tells the impossible ones alone: that a number is possible is no evidence of anything.
pub(super) fn examine(all: &Statements<'_>) -> Vec<Examined> {
    let impossible = all.all.iter().filter(|one| !is_possible(one));
    let told =
        impossible.map(|one| Verdict::of(Check::PossibleValue, [one.name.as_str()]).fits(false));
    told.collect()
}

fn is_possible(one: &Statement) -> bool {
    let in_order = one.limits.is_none_or(|(lower, upper)| lower.lower <= upper.upper);
    let Some(value) = one.value else { return in_order };
    let is_own = match one.statistic {
        // shares beyond the whole are examined with parts and wholes
        Published::Proportion | Published::Survival => true,
        Published::PValue => value.lower <= 1.0 && value.upper >= 0.0,
        Published::HazardRatio | Published::OddsRatio | Published::RelativeRisk => {
            value.upper > 0.0
        }
        Published::Patients | Published::Events | Published::Count | Published::AtRisk => {
            value.upper >= 0.0 && value.lower.max(0.0).ceil() <= value.upper.floor()
        }
        Published::Median | Published::MedianFollowUp | Published::StandardDeviation => {
            value.upper >= 0.0
        }
        Published::RiskDifference => value.lower <= 1.0 && value.upper >= -1.0,
        Published::Mean
        | Published::Minimum
        | Published::Maximum
        | Published::StandardizedDifference => true,
    };
    in_order && is_own
}
