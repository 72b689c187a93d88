//! The most extreme of several weighted log-rank tests.

use nalgebra::DMatrix;

use super::{GroupComparison, LogRankWeight};
use crate::Error;
use crate::special::{multivariate_normal_box, normal_two_sided_tail};

/// The MaxCombo test.
#[derive(Debug, Clone, PartialEq)]
pub struct MaxCombo {
    /// The weights combined, in the order given.
    pub weights: Vec<LogRankWeight>,
    /// (O - E) / SE of the second group under each weight; positive if it has
    /// more events than expected.
    pub z: Vec<f64>,
    /// Their correlations under the null hypothesis.
    pub correlation: DMatrix<f64>,
    /// Position of the weight with the largest |z|.
    pub most_extreme: usize,
    /// The largest |z|.
    pub statistic: f64,
    /// P(max |Z| > statistic), Z being normal with `correlation`.
    pub p_value: f64,
}

impl GroupComparison<'_> {
    /// Combines the tests of two groups under several weights.
    ///
    /// # Formula
    /// Under the null hypothesis the z of the weights are normal with the
    /// covariances sum w_a w_b v over event times, v being the hypergeometric
    /// variance. The p-value is the probability that the largest |z| is
    /// exceeded: one less a multivariate normal probability, integrated
    /// numerically without chance to 1e-8 absolute, and kept within
    /// Bonferroni's bounds (one, and the number of weights, times the p-value
    /// of the most extreme test).
    ///
    /// Lee, Stat Med 2007; 26: 821-33; Roychoudhury et al., Stat Biopharm Res
    /// 2023; 15: 300-14.
    ///
    /// # Errors
    /// [`Error::Parameter`] for no weights, more than four, a wrong weight, or
    /// more than two groups with rows; [`Error::NoVariation`] if a weight
    /// leaves no variance.
    pub fn max_combo(&self, weights: &[LogRankWeight]) -> Result<MaxCombo, Error> {
        let second = self.check_max_combo(weights)?;
        let sums = self.sums(weights);
        let n_weights = weights.len();
        let covariance =
            // Of the second group alone: with two groups the first has the same
            // with its sign turned.
            DMatrix::from_fn(n_weights, n_weights, |a, b| sums.covariance(a, b)[(second, second)]);
        // Where only one group was ever at risk at events nothing varies, and z
        // would divide by zero.
        if (0..n_weights).any(|a| covariance[(a, a)] <= 0.0) {
            return Err(Error::NoVariation { what: "groups" });
        }
        let error = |a: usize| covariance[(a, a)].sqrt();
        let z: Vec<f64> = (0..n_weights).map(|a| sums.differences(a)[second] / error(a)).collect();
        let correlation = DMatrix::from_fn(n_weights, n_weights, |a, b| {
            if a == b { 1.0 } else { covariance[(a, b)] / (error(a) * error(b)) }
        });
        let most_extreme =
            (1..n_weights).fold(0, |best, a| if z[a].abs() > z[best].abs() { a } else { best });
        let statistic = z[most_extreme].abs();
        let single = normal_two_sided_tail(statistic);
        // The integral is good to 1e-8 absolute: for a very small p that is too
        // little, and the bounds take over.
        let p_value = (1.0 - multivariate_normal_box(&correlation, statistic))
            .clamp(single, (n_weights as f64 * single).min(1.0));
        let weights = weights.to_vec();
        Ok(MaxCombo { weights, z, correlation, most_extreme, statistic, p_value })
    }

    /// Checks the arguments and finds the second group with rows.
    fn check_max_combo(&self, weights: &[LogRankWeight]) -> Result<usize, Error> {
        // The integral over the box has up to four dimensions.
        if weights.is_empty() || weights.len() > 4 {
            let value = weights.len() as f64;
            return Err(Error::Parameter { what: "weights", value, range: "1 to 4 weights" });
        }
        weights.iter().try_for_each(|weight| weight.check())?;
        let groups: Vec<usize> = self.groups.present().collect();
        match groups[..] {
            [_, second] => Ok(second),
            _ => {
                let value = groups.len() as f64;
                Err(Error::Parameter { what: "groups", value, range: "2 groups with rows" })
            }
        }
    }
}
