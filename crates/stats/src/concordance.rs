//! Harrell's concordance between a score and survival.

use crate::Error;
use crate::survival_data::SurvivalData;

/// How well a score orders survival times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Concordance {
    /// C: the share of comparable pairs in which the higher risk has the
    /// event first, ties in the score counted half.
    pub estimate: f64,
    /// Its standard error by the infinitesimal jackknife.
    pub standard_error: f64,
    /// Pairs ordered as predicted.
    pub concordant: f64,
    /// Pairs ordered the other way.
    pub discordant: f64,
    /// Comparable pairs with equal scores.
    pub tied_score: f64,
}

/// Concordance of `risk_scores` (higher means earlier events) with survival.
pub fn concordance(
    data: &SurvivalData,
    risk_scores: &[f64],
    strata: Option<&[usize]>,
) -> Result<Concordance, Error> {
    let _ = (data, risk_scores, strata);
    todo!()
}
