//! What the imputed values were like in each iteration, to see whether the
//! chains have mixed.

use super::{Completed, Variable};
use crate::quantile::{mean_of, variance_of};

/// The imputed values of a variable, or their share at a level, through the
/// iterations.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The variable, by position.
    pub variable: usize,
    /// The level whose share it is; `None` for a number.
    pub level: Option<usize>,
    /// Mean of the imputed values, or share at the level: one list an
    /// imputation, with a value an iteration.
    pub means: Vec<Vec<f64>>,
    /// Standard deviations of them likewise; `None` for shares, and where
    /// only one value is missing.
    pub standard_deviations: Option<Vec<Vec<f64>>>,
}

/// The imputed values of one variable after one iteration.
pub(super) enum Summary {
    /// Mean and standard deviation.
    Number(f64, Option<f64>),
    /// Share at each level.
    Shares(Vec<f64>),
}

impl Trace {
    /// Gelman and Rubin's factor of the means: how much wider the spread of
    /// the chains is than that within them, over the later half of the
    /// iterations; near 1 where the chains have mixed.
    ///
    /// # Formula
    /// With n iterations in each chain, W the mean variance within chains and
    /// V the variance of the chains' means: sqrt((n - 1) / n + V / W).
    /// `None` for fewer than two chains or four iterations, or if W is 0.
    ///
    /// Gelman & Rubin, Stat Sci 1992; 7: 457-472.
    pub fn mixing(&self) -> Option<f64> {
        let n_iterations = self.means.first()?.len();
        if self.means.len() < 2 || n_iterations < 4 {
            return None;
        }
        let later: Vec<&[f64]> =
            // The first half is left out: it may still depend on the fill by which
            // the chain began.
            self.means.iter().map(|chain| &chain[n_iterations - n_iterations / 2..]).collect();
        let within = mean_of(&later.iter().map(|chain| variance_of(chain)).collect::<Vec<f64>>());
        let centers: Vec<f64> = later.iter().map(|chain| mean_of(chain)).collect();
        let n = (n_iterations / 2) as f64;
        // Chains that stand still say nothing of mixing.
        (within > 0.0).then(|| ((n - 1.0) / n + variance_of(&centers) / within).sqrt())
    }
}

/// A summary of the imputed among completed values.
pub(super) fn summarize(variable: &Variable, completed: &Completed) -> Summary {
    match (variable, completed) {
        (Variable::Number { values, .. }, Completed::Number(completed)) => {
            let imputed = gaps(values, completed);
            // One value has no standard deviation.
            let spread = (imputed.len() > 1).then(|| variance_of(&imputed).sqrt());
            Summary::Number(mean_of(&imputed), spread)
        }
        (Variable::Category { codes, n_levels, .. }, Completed::Category(completed)) => {
            let imputed = gaps(codes, completed);
            let share = |level| {
                let at = imputed.iter().filter(|code| **code == level).count();
                at as f64 / imputed.len() as f64
            };
            Summary::Shares((0..*n_levels).map(share).collect())
        }
        _ => unreachable!("a variable is completed in its own kind"),
    }
}

fn gaps<T: Copy>(values: &[Option<T>], completed: &[T]) -> Vec<T> {
    let gaps = values.iter().zip(completed).filter(|(value, _)| value.is_none());
    gaps.map(|(_, imputed)| *imputed).collect()
}

/// The traces of all chains; `summaries` by chain, iteration and turn.
pub(super) fn traces(
    variables: &[Variable],
    order: &[usize],
    summaries: &[Vec<Vec<Summary>>],
) -> Vec<Trace> {
    let mut traces = Vec::new();
    for (turn, variable) in order.iter().enumerate() {
        let collect = |value: &dyn Fn(&Summary) -> Option<f64>| -> Option<Vec<Vec<f64>>> {
            let of_chain = |chain: &Vec<Vec<Summary>>| {
                chain.iter().map(|iteration| value(&iteration[turn])).collect()
            };
            summaries.iter().map(of_chain).collect()
        };
        let mut push = |level, means: Option<_>, standard_deviations| {
            let means = means.expect("invariant: every iteration has a mean");
            traces.push(Trace { variable: *variable, level, means, standard_deviations });
        };
        match &variables[*variable] {
            Variable::Number { .. } => {
                let mean = |summary: &Summary| match summary {
                    Summary::Number(mean, _) => Some(*mean),
                    Summary::Shares(_) => None,
                };
                let spread = |summary: &Summary| match summary {
                    Summary::Number(_, spread) => *spread,
                    Summary::Shares(_) => None,
                };
                push(None, collect(&mean), collect(&spread));
            }
            Variable::Category { n_levels, .. } => {
                for level in 0..*n_levels {
                    let share = |summary: &Summary| match summary {
                        Summary::Shares(shares) => Some(shares[level]),
                        Summary::Number(..) => None,
                    };
                    push(Some(level), collect(&share), None);
                }
            }
        }
    }
    traces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(means: &[[f64; 4]]) -> Trace {
        let means = means.iter().map(|chain| chain.to_vec()).collect();
        Trace { variable: 0, level: None, means, standard_deviations: None }
    }

    /// Later halves 1, 3 and 3, 5: W = 2, V = 2, n = 2.
    #[test]
    fn mixing_by_hand() {
        // Means 2 and 4 have variance 2, as the values within each chain have: the
        // root of (2 - 1) / 2 + 2 / 2.
        let found = trace(&[[9.0, 9.0, 1.0, 3.0], [0.0, 0.0, 3.0, 5.0]]).mixing();
        assert!((found.unwrap() - 1.5_f64.sqrt()).abs() < 1e-15);
        assert_eq!(trace(&[[1.0, 2.0, 3.0, 4.0]]).mixing(), None);
        assert_eq!(trace(&[[1.0; 4], [2.0; 4]]).mixing(), None);
    }
}
