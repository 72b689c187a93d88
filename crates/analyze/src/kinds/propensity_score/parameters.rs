//! The choices of a propensity score, and what can be wrong with
//! them before there are data.

use engine::Mistake;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::logistic::Penalty;
use stats::propensity::Weighting;
use stats::standardized_difference::Denominator;
use study::{Detail, Method, Procedure, ScoreWeighting, Spread};

use super::PropensityScore;
use crate::category::declared_levels;
use crate::rehearsal::Rehearsal;

/// How the regression of treatment is fitted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScoreModel {
    /// By maximum likelihood.
    #[default]
    Plain,
    /// With a ridge on the standardised terms.
    Ridge,
    /// With Firth's penalty, for few patients or separated ones.
    Firth,
}

/// What is made of the scores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScoreWeights {
    /// The probability of the other group: those who might have got either.
    #[default]
    Overlap,
    /// One over the probability of the own group: all patients.
    InverseProbability,
    /// The same times the share of the own group.
    Stabilized,
    /// 1 in the treated, the odds of treatment in the others: the treated patients.
    Treated,
    /// Nearest-neighbour matching on the logit: the treated who find a partner.
    Matching,
}

impl ScoreWeights {
    /// The estimator's name of it; none for matching.
    pub(super) fn weighting(self) -> Option<Weighting> {
        match self {
            Self::Overlap => Some(Weighting::Overlap),
            Self::InverseProbability => Some(Weighting::InverseProbability),
            Self::Stabilized => Some(Weighting::Stabilized),
            Self::Treated => Some(Weighting::Treated),
            Self::Matching => None,
        }
    }

    /// The spread by which differences are standardised.
    pub(super) fn denominator(self) -> (Denominator, Spread) {
        // The spread is that of whom the weights stand for: the treated, or both groups.
        match self {
            Self::Treated | Self::Matching => (Denominator::Treated, Spread::Treated),
            Self::Overlap | Self::InverseProbability | Self::Stabilized => {
                (Denominator::Pooled, Spread::Pooled)
            }
        }
    }

    pub(super) fn as_value(self) -> ScoreWeighting {
        match self {
            Self::Overlap => ScoreWeighting::Overlap,
            Self::InverseProbability => ScoreWeighting::InverseProbability,
            Self::Stabilized => ScoreWeighting::Stabilized,
            Self::Treated => ScoreWeighting::Treated,
            Self::Matching => ScoreWeighting::Matching,
        }
    }
}

impl PropensityScore {
    pub(super) fn check_levels(&self, rehearsal: &mut Rehearsal<'_>) {
        if let Some(levels) = declared_levels(rehearsal.table(), &self.treatment)
            // Levels that are not declared are counted in the run, which tells the same.
            && levels.len() != 2
        {
            rehearsal.push(not_two(&self.treatment, levels.len()));
        }
        if let Some(level) = &self.treated {
            rehearsal.level(&self.treatment, level, &["treated"]);
        }
    }

    pub(super) fn check_term(&self, rehearsal: &mut Rehearsal<'_>, term: &str, at: &[&str]) {
        rehearsal.term(term, at);
        if term == self.treatment {
            rehearsal.taken(term, "the treatment", at);
        }
        rehearsal.guarded(term, self.immortal_time, at);
    }

    pub(super) fn check_numbers(&self, rehearsal: &mut Rehearsal<'_>) {
        if !(self.ridge.is_finite() && self.ridge >= 0.0) {
            let message = format!("{} is no penalty", self.ridge);
            rehearsal.push(Mistake::at(&["ridge"], message).hint("0 or more"));
        }
        // Parameters of matching without matching would be ignored in silence, and the reverse.
        let is_matching = self.weights == ScoreWeights::Matching;
        if let Some(shares) = &self.truncate {
            let good = matches!(shares.as_slice(), [lower, upper]
                if 0.0 <= *lower && lower < upper && *upper <= 1.0);
            if !good {
                let message = "`truncate` takes two ascending shares between 0 and 1";
                rehearsal.push(Mistake::at(&["truncate"], message).hint("such as [0.01, 0.99]"));
            } else if is_matching {
                let message = "matching makes no weights to truncate";
                rehearsal.push(Mistake::at(&["truncate"], message).hint("leave `truncate` out"));
            }
        }
        if let Some(caliper) = self.caliper
            && !(caliper.is_finite() && caliper > 0.0)
        {
            let message = format!("{caliper} is no width");
            rehearsal.push(Mistake::at(&["caliper"], message).hint("above 0, such as 0.2"));
        }
        if self.ratio == Some(0) {
            let message = "0 is no number of controls";
            rehearsal.push(Mistake::at(&["ratio"], message).hint("1 or more"));
        }
        let of_matching = [
            ("caliper", self.caliper.is_some()),
            ("ratio", self.ratio.is_some()),
            ("exact", !self.exact.is_empty()),
        ];
        for (name, _) in of_matching.iter().filter(|(_, given)| *given && !is_matching) {
            let message = format!("`{name}` belongs to matching");
            rehearsal.push(Mistake::at(&[name], message).hint("declare `weights: matching`"));
        }
    }

    /// The penalty of the regression.
    pub(super) fn penalty(&self) -> Penalty {
        match self.model {
            ScoreModel::Plain => Penalty::None,
            ScoreModel::Ridge => Penalty::Ridge(self.ridge),
            ScoreModel::Firth => Penalty::Firth,
        }
    }

    /// The regression as a method.
    pub(super) fn regression(&self) -> Method {
        let method = Method::of(Procedure::Logistic);
        match self.model {
            ScoreModel::Plain => method,
            ScoreModel::Ridge => method.with(Detail::StandardizedRidge(self.ridge)),
            ScoreModel::Firth => method.with(Detail::Firth),
        }
    }

    /// What was made of the scores, as a method.
    pub(super) fn weighting(&self) -> Method {
        let mut method = Method::of(Procedure::ScoreWeights(self.weights.as_value()));
        // One control each is what matching means unless more is said.
        let ratio = self.ratio.filter(|ratio| *ratio > 1);
        method.details.extend(ratio.map(Detail::UpToControls));
        method.details.extend(self.caliper.map(Detail::WithinCaliper));
        if !self.exact.is_empty() {
            method.details.push(Detail::SameIn(self.exact.clone()));
        }
        if let Some([lower, upper]) = self.truncate.as_deref() {
            method.details.push(Detail::Truncated { lower: *lower, upper: *upper });
        }
        method
    }
}

/// The mistake of a treatment that is not one of two.
pub(super) fn not_two(column: &str, found: usize) -> Mistake {
    let message = format!("`{column}` has {found} levels, and a propensity score compares two");
    Mistake::at(&["treatment"], message).hint(
        "derive a column of two levels, or leave the others out with `where` and declared levels",
    )
}
