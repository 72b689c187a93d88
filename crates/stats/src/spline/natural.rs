//! The natural cubic spline as combinations of B-splines.

use super::check_knots;
use crate::Error;
use crate::checks::check_finite;

/// Cubic: four coefficients a piece.
const ORDER: usize = 4;

/// A natural cubic spline without intercept, in the form of R's
/// `splines::ns`.
///
/// # Formula
/// The cubic B-splines on the knots (de Boor 1978), less the first, times an
/// orthonormal basis of the coefficients whose second derivative is zero at
/// both boundaries: the last columns of Q in the Householder QR decomposition
/// of the two constraints. Beyond the boundaries each column goes on straight.
///
/// ```
/// use restudy_stats::spline::NaturalSpline;
///
/// let spline = NaturalSpline::new(&[2.0, 3.0], 0.0, 5.0)?;
/// assert_eq!(spline.n_columns(), 3);
/// assert_eq!(spline.columns(&[0.0])?, [0.0; 3]);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct NaturalSpline {
    /// With the boundaries four times each.
    knots: Vec<f64>,
    /// The constraints' Householder vectors, over all B-splines but the first.
    reflectors: [Vec<f64>; 2],
}

impl NaturalSpline {
    /// A spline with `interior` knots (ascending, none needed) between the
    /// boundaries `lower` and `upper`, which are knots too.
    ///
    /// # Errors
    /// [`Error::NotFinite`], [`Error::NotAscending`] (positions count the
    /// lower boundary as the first knot).
    pub fn new(interior: &[f64], lower: f64, upper: f64) -> Result<Self, Error> {
        check_knots(&[&[lower], interior, &[upper]].concat())?;
        // Boundaries four times, as a cubic B-spline at the end of its range needs.
        let knots = [&[lower; ORDER], interior, &[upper; ORDER]].concat();
        let mut spline = Self { knots, reflectors: [Vec::new(), Vec::new()] };
        let first = reflector(&spline.b_splines(lower, 2)[1..], 0);
        // The second constraint in the basis that the first reflection has made.
        let mut second = spline.b_splines(upper, 2)[1..].to_vec();
        reflect(&first, &mut second);
        spline.reflectors = [first, reflector(&second, 1)];
        Ok(spline)
    }

    /// Number of columns: one more than interior knots.
    pub fn n_columns(&self) -> usize {
        self.knots.len() - 2 * ORDER + 1
    }

    /// The columns at `values`, one after the other.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn columns(&self, values: &[f64]) -> Result<Vec<f64>, Error> {
        check_finite("values", values)?;
        let mut columns = vec![0.0; values.len() * self.n_columns()];
        for (row, value) in values.iter().enumerate() {
            // Without the first B-spline, which is the intercept's.
            let mut basis = self.extended(*value)[1..].to_vec();
            for reflector in &self.reflectors {
                reflect(reflector, &mut basis);
            }
            // The first two directions after the reflections are the constraints;
            // the others are free of them.
            for (column, value) in basis[2..].iter().enumerate() {
                columns[column * values.len() + row] = *value;
            }
        }
        Ok(columns)
    }

    /// All B-splines at x, straight beyond the boundaries.
    fn extended(&self, x: f64) -> Vec<f64> {
        let boundary = x.clamp(self.knots[0], self.knots[self.knots.len() - 1]);
        let mut basis = self.b_splines(boundary, 0);
        if x != boundary {
            let slopes = self.b_splines(boundary, 1);
            for (value, slope) in basis.iter_mut().zip(slopes) {
                *value += slope * (x - boundary);
            }
        }
        basis
    }

    /// A derivative of all B-splines at x within the boundaries.
    fn b_splines(&self, x: f64, derivative: usize) -> Vec<f64> {
        let knots = &self.knots;
        // The piece that holds x; at the upper boundary the last one.
        let pieces = ORDER - 1..knots.len() - ORDER;
        let piece = pieces.rev().find(|i| knots[*i] <= x).unwrap_or(ORDER - 1);
        let mut values = vec![0.0; knots.len() - 1];
        values[piece] = 1.0;
        for order in 2..=ORDER {
            // Repeated knots have no width: their terms are zero by convention.
            let ratio = |numerator: f64, i: usize, j: usize| match knots[j] - knots[i] {
                0.0 => 0.0,
                width => numerator / width,
            };
            for i in 0..knots.len() - order {
                // The last steps of the recurrence differentiate: one for each
                // order of the derivative.
                values[i] = if order + derivative > ORDER {
                    let degree = (order - 1) as f64;
                    degree
                        * (ratio(values[i], i, i + order - 1)
                            - ratio(values[i + 1], i + 1, i + order))
                } else {
                    ratio((x - knots[i]) * values[i], i, i + order - 1)
                        + ratio((knots[i + order] - x) * values[i + 1], i + 1, i + order)
                };
            }
        }
        values.truncate(knots.len() - ORDER);
        values
    }
}

/// The vector v of the reflection I - v v' / v_k that zeroes `column` below k.
fn reflector(column: &[f64], k: usize) -> Vec<f64> {
    let norm = column[k..].iter().map(|value| value * value).sum::<f64>().sqrt();
    // The sign of the column's own entry: the sum below adds and does not cancel.
    let signed = if column[k] < 0.0 { -norm } else { norm };
    let mut vector = vec![0.0; k];
    vector.extend(column[k..].iter().map(|value| value / signed));
    vector[k] += 1.0;
    vector
}

/// Reflects `target` in place.
fn reflect(vector: &[f64], target: &mut [f64]) {
    let pivot = vector.iter().copied().find(|value| *value != 0.0).unwrap_or(1.0);
    let product: f64 = vector.iter().zip(target.iter()).map(|(v, x)| v * x).sum();
    for (x, v) in target.iter_mut().zip(vector) {
        *x -= product / pivot * v;
    }
}
