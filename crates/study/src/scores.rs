//! Propensity scores of two groups by classes, as figures draw them.

use serde::{Deserialize, Serialize};

use crate::Warning;

/// How the scores of two groups are spread, before and after weighting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreHistogram {
    /// The treatment in words.
    pub treatment_label: String,
    /// Bounds of the classes, ascending from 0 to 1; a score at a bound lies above
    /// it, a score of 1 in the last class.
    pub edges: Vec<f64>,
    /// The groups in declared order.
    pub groups: Vec<ScoreGroup>,
    /// What a reader must know before using the scores.
    pub warnings: Vec<Warning>,
}

/// The scores of one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreGroup {
    /// The level of treatment.
    pub level: String,
    /// The level in words.
    pub label: String,
    /// Whether it is the group of the treated.
    pub is_treated: bool,
    /// Patients.
    pub n: u64,
    /// The sum of their weights.
    pub weight: f64,
    /// The classes in order; none where the study's privacy keeps the class back.
    pub classes: Vec<Option<ScoreClass>>,
}

/// The patients of a group in one class of scores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct ScoreClass {
    /// Patients.
    pub count: u64,
    /// The sum of their weights.
    pub weight: f64,
}

impl ScoreHistogram {
    /// Sorts scores in [0, 1] with their weights into classes of equal width.
    #[must_use]
    pub fn classes(n_classes: usize, scores: &[(f64, f64)]) -> Vec<Option<ScoreClass>> {
        let mut classes = vec![ScoreClass::default(); n_classes];
        for (score, weight) in scores {
            // A score at a bound lies above it; one of 1 would lie above the last.
            let place = (score * n_classes as f64).floor().max(0.0) as usize;
            let class = &mut classes[place.min(n_classes - 1)];
            class.count += 1;
            class.weight += weight;
        }
        // Kept back later, where privacy asks for it.
        classes.into_iter().map(Some).collect()
    }

    /// The bounds of so many classes of equal width.
    #[must_use]
    pub fn edges(n_classes: usize) -> Vec<f64> {
        (0..=n_classes).map(|place| place as f64 / n_classes as f64).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_the_class_above_it_and_one_to_the_last() {
        let scores = [(0.0, 1.0), (0.25, 0.5), (0.2499, 2.0), (0.75, 1.0), (1.0, 3.0)];
        let classes: Vec<ScoreClass> =
            ScoreHistogram::classes(4, &scores).into_iter().flatten().collect();
        assert_eq!(classes.iter().map(|class| class.count).collect::<Vec<_>>(), [2, 1, 0, 2]);
        assert_eq!(classes.iter().map(|class| class.weight).sum::<f64>(), 7.5);
        assert_eq!(ScoreHistogram::edges(4), [0.0, 0.25, 0.5, 0.75, 1.0]);
    }
}
