//! Scores to weights or matched sets, the table that carries them, and how they
//! are spread.

use engine::Mistake;
use stats::logistic::LogisticFit;
use stats::propensity::{
    Matching, NearestNeighbor, Truncated, propensity_weights, truncate_weights,
};
use stats::resample::ticket;
use study::{ScoreGroup, ScoreHistogram, Table, Warning};

use super::sample::Sample;
use super::{PropensityScore, ScoreWeights};
use crate::analysis::Checked;
use crate::book::refused;
use crate::columns::{Cells, table_of};
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
        checked: &Checked<'_>,
        (declared, sample, fit): (&PropensityScore, &Sample, &LogisticFit),
    ) -> Result<Self, Mistake> {
        let Some(weighting) = declared.weights.weighting() else {
            return Self::matched(checked, (declared, sample, fit));
        };
        let scores = &fit.probabilities;
        // Rounded to 0 or 1, the weight would be infinite or lost.
        let is_certain = |score: &f64| !(*score > 0.0 && *score < 1.0);
        if let Some(place) = scores.iter().position(is_certain) {
            let patient = checked.population().patient(sample.included[place]);
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
        checked: &Checked<'_>,
        (declared, sample, fit): (&PropensityScore, &Sample, &LogisticFit),
    ) -> Result<Self, Mistake> {
        // Of the study's seed: entries that are compared decide ties alike.
        let seed = checked.study.seed;
        let patient = |place: &usize| checked.population().patient(*place);
        let tickets: Vec<u64> =
            sample.included.iter().map(|place| ticket(seed, patient(place))).collect();
        let matching =
            matching(declared, sample, fit, &tickets).map_err(|error| refused(&error))?;
        // Before anything is weighted: nobody would be left.
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
    // On the logit, where a caliper in standard deviations has the same meaning everywhere.
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

/// The table of scores and weights, one row a patient of the sample; in a
/// rehearsal none was made.
pub(super) fn table(
    patient: &str,
    weights: ScoreWeights,
    patients: Vec<String>,
    made: Option<(&LogisticFit, &Weighted)>,
) -> Table {
    // In a rehearsal the columns are there without rows.
    let some = |values: Option<&Vec<f64>>| {
        Cells::Real(values.into_iter().flatten().copied().map(Some).collect())
    };
    let (fit, weighted) = made.unzip();
    let n = patients.len();
    let mut columns = vec![
        (patient, Cells::Text(patients.into_iter().map(Some).collect())),
        ("propensity", some(fit.map(|fit| &fit.probabilities))),
        (WEIGHT, some(weighted.map(|weighted| &weighted.weights))),
    ];
    // Other weights have no sets, and readers ask whether the column is there.
    if weights == ScoreWeights::Matching {
        let matching = weighted.and_then(|weighted| weighted.matching.as_ref());
        let sets = matching.into_iter().flat_map(|matching| &matching.set_of);
        // Sets are numbered from 1, as people count.
        let sets = sets.map(|set| set.map(|set| set as i64 + 1)).collect();
        columns.push((CLUSTER, Cells::Whole(sets)));
    }
    table_of(n, columns)
}

/// Classes of a histogram of scores: each 0.05 wide.
const CLASSES: usize = 20;

/// The scores of both groups by classes; in a rehearsal nobody
/// has one.
pub(super) fn histogram(
    (treatment_label, warnings): (String, &[Warning]),
    sample: &Sample,
    made: Option<(&LogisticFit, &Weighted)>,
) -> ScoreHistogram {
    // By the score, with the weight beside it, so that a figure shows both.
    let group = |treated: bool| {
        let scores: Vec<(f64, f64)> = made.map_or_else(Vec::new, |(fit, weighted)| {
            let both = fit.probabilities.iter().copied().zip(weighted.weights.iter().copied());
            let own = both.zip(&sample.treated).filter(|(_, one)| **one == treated);
            own.map(|(known, _)| known).collect()
        });
        let level = sample.group(treated);
        ScoreGroup {
            level: level.value.clone(),
            label: level.label.clone(),
            is_treated: treated,
            n: scores.len() as u64,
            weight: scores.iter().map(|(_, weight)| weight).sum(),
            classes: ScoreHistogram::classes(CLASSES, &scores),
        }
    };
    ScoreHistogram {
        treatment_label,
        edges: ScoreHistogram::edges(CLASSES),
        groups: sample.groups().map(group).into(),
        warnings: warnings.to_vec(),
    }
}
