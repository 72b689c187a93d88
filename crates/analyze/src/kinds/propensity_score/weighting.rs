//! Scores to weights or matched sets, and the table that carries them.

use engine::{Call, Mistake};
use stats::logistic::LogisticFit;
use stats::propensity::{
    Matching, NearestNeighbor, Truncated, propensity_weights, truncate_weights,
};
use stats::resample::ticket;
use study::Table;

use super::sample::Sample;
use super::{PropensityScore, ScoreWeights};
use crate::book::refused;
use crate::columns::{Cells, table_of};
use crate::population::Population;
use crate::weights::{CLUSTER, WEIGHT};

/// The weights of the patients, and how they came about.
pub(super) struct Weighted {
    /// One for each patient of the sample; 0 for the unmatched.
    pub(super) weights: Vec<f64>,
    /// What truncation did.
    pub(super) truncated: Option<Truncated>,
    /// The matched sets.
    pub(super) matching: Option<Matching>,
}

impl Weighted {
    pub(super) fn new(
        call: &Call<'_>,
        population: &Population<'_>,
        (declared, sample, fit): (&PropensityScore, &Sample, &LogisticFit),
    ) -> Result<Self, Mistake> {
        let Some(weighting) = declared.weights.weighting() else {
            return Self::matched(call, population, (declared, sample, fit));
        };
        let scores = &fit.probabilities;
        let is_certain = |score: &f64| !(*score > 0.0 && *score < 1.0);
        if let Some(place) = scores.iter().position(is_certain) {
            let patient = &population.patients[sample.included[place]];
            let message = format!("the score of patient `{patient}` is 0 or 1 but for rounding");
            return Err(Mistake::at(&["terms"], message)
                .hint("look for an outlying value of a term, or declare `model: ridge`"));
        }
        let weights = propensity_weights(scores, &sample.treated, weighting);
        let weights = weights.map_err(|error| refused(&error))?;
        let Some([lower, upper]) = declared.truncate.as_deref() else {
            return Ok(Self { weights, truncated: None, matching: None });
        };
        let cut = truncate_weights(&weights, *lower, *upper).map_err(|error| refused(&error))?;
        Ok(Self { weights: cut.weights.clone(), truncated: Some(cut), matching: None })
    }

    fn matched(
        call: &Call<'_>,
        population: &Population<'_>,
        (declared, sample, fit): (&PropensityScore, &Sample, &LogisticFit),
    ) -> Result<Self, Mistake> {
        // Of the study's seed: entries that are compared decide ties alike.
        let seed = call.study.seed;
        let included = sample.included.iter();
        let tickets: Vec<u64> =
            included.map(|place| ticket(seed, &population.patients[*place])).collect();
        let matching =
            matching(declared, sample, fit, &tickets).map_err(|error| refused(&error))?;
        if matching.sets.is_empty() {
            let mistake = Mistake::at(&["weights"], "no treated patient finds a partner");
            return Err(mistake.hint("widen `caliper`, or leave out `exact`"));
        }
        let weights = matching.weights.clone();
        Ok(Self { weights, truncated: None, matching: Some(matching) })
    }
}

fn matching(
    declared: &PropensityScore,
    sample: &Sample,
    fit: &LogisticFit,
    tickets: &[u64],
) -> Result<Matching, stats::Error> {
    let mut matching = NearestNeighbor::new(&fit.linear_predictors, &sample.treated)?
        .tickets(tickets)?
        .ratio(declared.ratio.unwrap_or(1) as usize)?;
    if let Some(caliper) = declared.caliper {
        matching = matching.caliper(caliper)?;
    }
    if let Some(exact) = &sample.exact {
        matching = matching.exact(exact)?;
    }
    Ok(matching.matched())
}

/// The table of scores and weights, one row a patient of the sample.
pub(super) fn table(
    call: &Call<'_>,
    patients: &[String],
    fit: &LogisticFit,
    weighted: &Weighted,
) -> Table {
    let some = |values: &[f64]| values.iter().copied().map(Some).collect();
    let mut columns = vec![
        (call.study.patient.as_str(), Cells::Text(patients.iter().cloned().map(Some).collect())),
        ("propensity", Cells::Real(some(&fit.probabilities))),
        (WEIGHT, Cells::Real(some(&weighted.weights))),
    ];
    if let Some(matching) = &weighted.matching {
        let sets = matching.set_of.iter().map(|set| set.map(|set| set as i64 + 1)).collect();
        columns.push((CLUSTER, Cells::Whole(sets)));
    }
    table_of(patients.len(), columns)
}

/// The same without rows.
pub(super) fn table_of_none(call: &Call<'_>, weights: ScoreWeights) -> Table {
    let mut columns = vec![
        (call.study.patient.as_str(), Cells::Text(Vec::new())),
        ("propensity", Cells::Real(Vec::new())),
        (WEIGHT, Cells::Real(Vec::new())),
    ];
    if weights == ScoreWeights::Matching {
        columns.push((CLUSTER, Cells::Whole(Vec::new())));
    }
    table_of(0, columns)
}
