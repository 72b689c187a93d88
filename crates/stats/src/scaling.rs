//! Covariates in units in which a search does well: centred, and over their
//! mean distance from the center.

/// Center and scale of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scaling {
    /// The mean.
    pub(crate) center: f64,
    /// One over the mean absolute deviation; 1 for a constant column.
    pub(crate) scale: f64,
    is_constant: bool,
}

impl Scaling {
    pub(crate) fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let center = values.iter().sum::<f64>() / n;
        let spread = values.iter().map(|x| (x - center).abs()).sum::<f64>() / n;
        // Judged by the values: a mean of equal values may differ from them by
        // rounding.
        let is_constant = values.iter().all(|x| *x == values[0]);
        Self { center, scale: if is_constant { 1.0 } else { 1.0 / spread }, is_constant }
    }

    /// A value of the column, scaled: zero in a constant column, whatever
    /// rounding left of its center, so that it is seen as collinear.
    pub(crate) fn apply(&self, value: f64) -> f64 {
        if self.is_constant { 0.0 } else { (value - self.center) * self.scale }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_column_is_zero() {
        let scaling = Scaling::of(&[0.1; 3]);
        assert_eq!((scaling.apply(0.1), scaling.scale), (0.0, 1.0));
    }

    #[test]
    fn a_column_has_mean_zero_and_mean_deviation_one() {
        let scaling = Scaling::of(&[1.0, 3.0, 8.0]);
        assert_eq!(
            [1.0, 3.0, 8.0].map(|x| scaling.apply(x)),
            [-0.75 * 1.5, -0.25 * 1.5, 1.5 * 1.0]
        );
    }
}
