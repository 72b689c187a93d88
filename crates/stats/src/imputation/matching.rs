//! Donors by predictive mean matching.

/// For each of `targets` the positions of the `count` values of `predicted`
/// that are nearest to it, nearest first; all of them if there are fewer. Of
/// two as near the lower value comes first. Among equal values the choice has
/// no meaning; an [`Imputation`](super::Imputation) makes it by chance.
///
/// Little, J Bus Econ Stat 1988; 6: 287-296.
///
/// ```
/// use restudy_stats::imputation::nearest_donors;
///
/// assert_eq!(nearest_donors(&[4.0, 1.0, 2.5, 9.0], &[2.0], 2), [[2, 1]]);
/// ```
pub fn nearest_donors(predicted: &[f64], targets: &[f64], count: usize) -> Vec<Vec<usize>> {
    let sorted = Sorted::new(predicted, |position| position as u64);
    targets.iter().map(|target| sorted.nearest(*target, count)).collect()
}

/// Predicted values in ascending order.
pub(super) struct Sorted {
    values: Vec<f64>,
    positions: Vec<usize>,
}

impl Sorted {
    /// `tie_break` orders equal values.
    pub(super) fn new(predicted: &[f64], mut tie_break: impl FnMut(usize) -> u64) -> Self {
        let mut keys: Vec<(f64, u64, usize)> = (predicted.iter().enumerate())
            .map(|(position, value)| (*value, tie_break(position), position))
            .collect();
        // The position comes last, so that the order is whole even where tie-breaks
        // agree.
        keys.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        let values = keys.iter().map(|key| key.0).collect();
        Self { values, positions: keys.into_iter().map(|key| key.2).collect() }
    }

    /// The nearest positions, nearest first.
    pub(super) fn nearest(&self, target: f64, count: usize) -> Vec<usize> {
        let n = self.values.len();
        // The two ends go outwards from where the target would stand: no other
        // value can be nearer.
        let mut above = self.values.partition_point(|value| *value < target);
        let mut below = above;
        let mut found = Vec::with_capacity(count.min(n));
        while found.len() < count.min(n) {
            let takes_below = match (below, above) {
                (0, _) => false,
                (_, above) if above == n => true,
                // The lower one first where both are as near.
                _ => target - self.values[below - 1] <= self.values[above] - target,
            };
            if takes_below {
                below -= 1;
                found.push(self.positions[below]);
            } else {
                found.push(self.positions[above]);
                above += 1;
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_other_value_is_nearer(
            predicted in prop::collection::vec(-9_i8..9, 1..30),
            target in -10_i8..10,
            count in 1_usize..8,
        ) {
            let predicted: Vec<f64> = predicted.into_iter().map(f64::from).collect();
            let target = f64::from(target);
            let found = &nearest_donors(&predicted, &[target], count)[0];
            prop_assert_eq!(found.len(), count.min(predicted.len()));
            let distance = |position: usize| (predicted[position] - target).abs();
            let farthest = found.iter().map(|position| distance(*position)).fold(0.0, f64::max);
            for position in (0..predicted.len()).filter(|position| !found.contains(position)) {
                prop_assert!(distance(position) >= farthest);
            }
        }
    }
}
