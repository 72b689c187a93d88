//! Cubic splines as design columns: the natural spline in R's B-spline form
//! and the restricted cubic spline of truncated powers. Both are cubic between
//! knots and straight beyond the outermost; they span the same functions, so
//! a model's fit is the same with either and only coefficients differ.

mod natural;

pub use natural::NaturalSpline;

use crate::Error;
use crate::checks::check_finite;
use crate::quantile::quantiles;

/// A restricted cubic spline, in the form of R's `rms::rcs`.
///
/// # Formula
/// With knots t_1 < ... < t_k, the columns are x and, for j = 1..k - 2 and
/// u+ = max(u, 0),
/// the sum of (x - t_j)+^3, -(x - t_(k-1))+^3 (t_k - t_j) / (t_k - t_(k-1))
/// and (x - t_k)+^3 (t_(k-1) - t_j) / (t_k - t_(k-1)), over (t_k - t_1)^2
/// (Harrell, Regression Modeling Strategies, 2nd ed. 2015, eq. 2.25, divided
/// by tau = (t_k - t_1)^2 to stay in the unit of x).
///
/// ```
/// use restudy_stats::spline::RestrictedSpline;
///
/// let spline = RestrictedSpline::new(&[1.0, 2.0, 4.0])?;
/// let columns = spline.columns(&[0.0, 3.0])?;
/// assert_eq!(columns.len(), 2 * spline.n_columns());
/// assert_eq!(columns[..2], [0.0, 3.0]);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RestrictedSpline {
    knots: Vec<f64>,
}

impl RestrictedSpline {
    /// A spline with these knots, three or more, ascending.
    ///
    /// # Errors
    /// [`Error::Parameter`] for fewer knots, [`Error::NotFinite`],
    /// [`Error::NotAscending`].
    pub fn new(knots: &[f64]) -> Result<Self, Error> {
        if knots.len() < 3 {
            let value = knots.len() as f64;
            return Err(Error::Parameter { what: "number of knots", value, range: "3 or more" });
        }
        check_knots(knots)?;
        Ok(Self { knots: knots.to_vec() })
    }

    /// The knots.
    pub fn knots(&self) -> &[f64] {
        &self.knots
    }

    /// Number of columns: one less than knots.
    pub fn n_columns(&self) -> usize {
        self.knots.len() - 1
    }

    /// The columns at `values`, one after the other.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn columns(&self, values: &[f64]) -> Result<Vec<f64>, Error> {
        check_finite("values", values)?;
        let mut columns = values.to_vec();
        let k = self.knots.len();
        let (last, next) = (self.knots[k - 1], self.knots[k - 2]);
        // The root of tau, by which columns keep the unit of x.
        let width = last - self.knots[0];
        for knot in &self.knots[..k - 2] {
            let column = values.iter().map(|x| {
                let tail = (last - knot) * cube(x - next) - (next - knot) * cube(x - last);
                (cube(x - knot) - tail / (last - next)) / (width * width)
            });
            columns.extend(column);
        }
        Ok(columns)
    }
}

/// max(u, 0)^3.
fn cube(u: f64) -> f64 {
    let u = u.max(0.0);
    u * u * u
}

/// Knots for a restricted cubic spline at quantiles of `values`, 3 to 7 of
/// them, as Harrell (2015, table 2.3) recommends.
///
/// # Errors
/// [`Error::Parameter`] for another number, [`Error::Empty`],
/// [`Error::NotFinite`], [`Error::NotAscending`] if ties make two knots equal.
///
/// ```
/// let values: Vec<f64> = (0..=10).map(f64::from).collect();
/// assert_eq!(restudy_stats::spline::harrell_knots(&values, 3)?, [1.0, 5.0, 9.0]);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn harrell_knots(values: &[f64], n_knots: usize) -> Result<Vec<f64>, Error> {
    let probabilities: &[f64] = match n_knots {
        3 => &[0.1, 0.5, 0.9],
        4 => &[0.05, 0.35, 0.65, 0.95],
        5 => &[0.05, 0.275, 0.5, 0.725, 0.95],
        6 => &[0.05, 0.23, 0.41, 0.59, 0.77, 0.95],
        7 => &[0.025, 0.1833, 0.3417, 0.5, 0.6583, 0.8167, 0.975],
        _ => {
            let value = n_knots as f64;
            return Err(Error::Parameter { what: "number of knots", value, range: "3 to 7" });
        }
    };
    let knots = quantiles(values, probabilities)?;
    check_knots(&knots)?;
    Ok(knots)
}

/// Checks that knots are numbers in strictly ascending order.
fn check_knots(knots: &[f64]) -> Result<(), Error> {
    check_finite("knots", knots)?;
    match knots.windows(2).position(|pair| pair[1] <= pair[0]) {
        // Equal knots would divide by their distance.
        Some(before) => Err(Error::NotAscending { what: "knots", index: before + 1 }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_knots_it_is_straight() {
        let restricted = RestrictedSpline::new(&[1.0, 2.0, 4.0, 7.0]).unwrap();
        let natural = NaturalSpline::new(&[2.0, 4.0], 1.0, 7.0).unwrap();
        for start in [-5.0, 7.0] {
            let values = [start, start + 1.0, start + 2.0];
            for columns in [restricted.columns(&values), natural.columns(&values)] {
                for column in columns.unwrap().chunks(3) {
                    let bend = column[0] - 2.0 * column[1] + column[2];
                    assert!(bend.abs() < 1e-12, "{column:?}");
                }
            }
        }
    }

    #[test]
    fn mistakes_are_named() {
        let error = |knots: &[f64]| RestrictedSpline::new(knots).unwrap_err().to_string();
        assert_eq!(error(&[1.0, 2.0]), "`number of knots` is 2, outside 3 or more");
        assert_eq!(error(&[1.0, 3.0, 3.0]), "`knots` does not ascend at position 2");
        assert_eq!(error(&[1.0, f64::NAN, 3.0]), "`knots` is not a finite number at position 1");
        assert!(harrell_knots(&[1.0, 1.0, 1.0, 2.0], 4).is_err());
        assert!(harrell_knots(&[1.0, 2.0], 8).is_err());
        assert!(NaturalSpline::new(&[2.0], 3.0, 4.0).is_err());
    }
}
