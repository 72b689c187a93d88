//! Adjustment of p-values for several comparisons.
//!
//! Missing p-values are left to the caller: as in R's `p.adjust`, they do not
//! count as comparisons.

use crate::Error;

/// Holm's step-down adjustment, which bounds the family-wise error.
///
/// With the m p-values in ascending order, p̃ᵢ = maxⱼ≤ᵢ min(1, (m − j + 1) pⱼ).
///
/// - `p_values`: any number of probabilities, in any order; none missing.
/// - Returns the adjusted values in the order given.
///
/// # Errors
/// [`Error::Parameter`] for a value that is not a probability.
///
/// Holm, Scand J Stat 1979; 6: 65-70.
///
/// ```
/// let adjusted = restudy_stats::adjust::holm(&[0.01, 0.04, 0.03])?;
/// assert_eq!(adjusted, [0.03, 0.06, 0.06]);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn holm(p_values: &[f64]) -> Result<Vec<f64>, Error> {
    let order = ascending(p_values)?;
    let mut adjusted = vec![0.0; p_values.len()];
    // The running maximum keeps the adjusted values in the order of the p-values:
    // with a smaller factor a larger p could otherwise come out below the one
    // before it.
    let mut largest = 0.0_f64;
    for (rank, &place) in order.iter().enumerate() {
        let remaining = (order.len() - rank) as f64;
        largest = largest.max(remaining * p_values[place]).min(1.0);
        adjusted[place] = largest;
    }
    Ok(adjusted)
}

/// Benjamini and Hochberg's step-up adjustment, which bounds the false
/// discovery rate.
///
/// With the m p-values in ascending order, p̃ᵢ = minⱼ≥ᵢ min(1, (m / j) pⱼ).
///
/// - `p_values`: any number of probabilities, in any order; none missing.
/// - Returns the adjusted values in the order given.
///
/// # Errors
/// [`Error::Parameter`] for a value that is not a probability.
///
/// Benjamini & Hochberg, J R Stat Soc B 1995; 57: 289-300.
///
/// ```
/// let adjusted = restudy_stats::adjust::benjamini_hochberg(&[0.01, 0.04, 0.03])?;
/// assert_eq!(adjusted, [0.03, 0.04, 0.04]);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>, Error> {
    let order = ascending(p_values)?;
    let mut adjusted = vec![0.0; p_values.len()];
    // From the largest p downwards, as the minimum is over j >= i. Starting from 1
    // bounds all of them: the largest p has the factor 1.
    let mut smallest = 1.0_f64;
    for (rank, &place) in order.iter().enumerate().rev() {
        let share = order.len() as f64 / (rank + 1) as f64;
        smallest = smallest.min(share * p_values[place]);
        adjusted[place] = smallest;
    }
    Ok(adjusted)
}

/// Positions of the p-values from the smallest up; equal ones stay in order.
fn ascending(p_values: &[f64]) -> Result<Vec<usize>, Error> {
    // Also refuses a value that is not a number, which is in no range, so that the
    // sort below compares numbers alone.
    for &value in p_values {
        if !(0.0..=1.0).contains(&value) {
            return Err(Error::Parameter { what: "p_values", value, range: "[0, 1]" });
        }
    }
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    // A stable sort: equal p-values get one adjusted value whatever their order,
    // and the order of work is the caller's on every machine.
    order.sort_by(|&i, &j| p_values[i].total_cmp(&p_values[j]));
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn none_and_one_are_left_as_they_are() {
        assert_eq!(holm(&[]), Ok(vec![]));
        assert_eq!(holm(&[0.2]), Ok(vec![0.2]));
        assert_eq!(benjamini_hochberg(&[0.2]), Ok(vec![0.2]));
    }

    #[test]
    fn what_is_not_a_probability_is_refused() {
        let error = holm(&[0.1, 1.5]).unwrap_err();
        assert_eq!(error.to_string(), "`p_values` is 1.5, outside [0, 1]");
        assert!(benjamini_hochberg(&[f64::NAN]).is_err());
    }

    proptest! {
        #[test]
        fn adjusted_values_keep_their_order_and_never_shrink(
            p in proptest::collection::vec(0.0..=1.0_f64, 1..30),
        ) {
            let (holm, bh) = (holm(&p).unwrap(), benjamini_hochberg(&p).unwrap());
            for i in 0..p.len() {
                // Holm's factor m - j + 1 is never below Benjamini and Hochberg's m
                // / j, so that its values are the larger ones.
                prop_assert!(p[i] <= bh[i] && bh[i] <= holm[i] && holm[i] <= 1.0);
                for j in 0..p.len() {
                    prop_assert!(p[i] > p[j] || (holm[i] <= holm[j] && bh[i] <= bh[j]));
                }
            }
        }
    }
}
