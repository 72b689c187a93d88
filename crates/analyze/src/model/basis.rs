//! The columns of a spline, with knots from the patients of a model.

use engine::Mistake;
use stats::quantile::quantiles;
use stats::spline::{NaturalSpline, RestrictedSpline, harrell_knots};

use super::{Spline, SplineKind};

/// A spline with its knots.
#[derive(Debug, Clone)]
pub(crate) struct Basis {
    form: Form,
    /// All knots, ascending.
    pub(crate) knots: Vec<f64>,
    /// The value with which others are compared.
    pub(crate) reference: f64,
    /// The values that are compared with it.
    pub(crate) at: Vec<f64>,
    /// Whether only the data know those values, as in a rehearsal.
    pub(crate) is_open: bool,
    /// Whether only the data know the reference.
    pub(crate) is_reference_open: bool,
}

#[derive(Debug, Clone)]
enum Form {
    Natural(NaturalSpline),
    Restricted(RestrictedSpline),
}

impl Basis {
    /// The spline of a column with these values.
    pub(crate) fn new(spline: &Spline, column: &str, values: &[f64]) -> Result<Self, Mistake> {
        Self::of(spline, values).map_err(|error| {
            Mistake::at(&["splines", column], format!("no spline of `{column}`: {error}")).hint(
                "ties leave too few distinct knots: fewer `degrees_of_freedom`, or declare `knots`",
            )
        })
    }

    /// The same in a rehearsal, where it has columns, and whatever is not
    /// declared of its values is not known.
    pub(crate) fn rehearsed(spline: &Spline, column: &str) -> Result<Self, Mistake> {
        // Any values with enough distinct ones will do: only the number of columns is read.
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let basis = Self::new(spline, column, &values)?;
        let (is_open, is_reference_open) = (spline.at.is_empty(), spline.reference.is_none());
        Ok(Self { is_open, is_reference_open, ..basis })
    }

    fn of(spline: &Spline, values: &[f64]) -> Result<Self, stats::Error> {
        let df = spline.n_columns();
        let knots = match (spline.knots.is_empty(), spline.kind) {
            (false, _) => spline.knots.clone(),
            (true, SplineKind::Restricted) => harrell_knots(values, df + 1)?,
            // As `ns` of R has it: the outermost knots at the smallest
            // and the largest value, the others at even quantiles.
            (true, SplineKind::Natural) => {
                let shares: Vec<f64> = (0..=df).map(|k| k as f64 / df as f64).collect();
                quantiles(values, &shares)?
            }
        };
        let form = match spline.kind {
            SplineKind::Restricted => Form::Restricted(RestrictedSpline::new(&knots)?),
            SplineKind::Natural => {
                let last = knots.len() - 1;
                Form::Natural(NaturalSpline::new(&knots[1..last], knots[0], knots[last])?)
            }
        };
        let reference = match spline.reference {
            Some(reference) => reference,
            // The reference stands in ids and tables, where the
            // median with all its digits would say no more.
            None => to_three_digits(quantiles(values, &[0.5])?[0]),
        };
        let mut at = match spline.at.is_empty() {
            false => spline.at.clone(),
            true => quantiles(values, &[0.05, 0.25, 0.5, 0.75, 0.95])?
                .into_iter()
                .map(to_three_digits)
                .collect(),
        };
        // A column of few values has some percentiles in common, and each value stands
        // in an id of its own. Percentiles ascend, so that equal ones are neighbours.
        at.dedup();
        Ok(Self { form, knots, reference, at, is_open: false, is_reference_open: false })
    }

    /// Number of columns.
    pub(crate) fn n_columns(&self) -> usize {
        // Without an intercept, and straight beyond the
        // outermost knots: one column less than knots.
        self.knots.len() - 1
    }

    /// Its columns at some finite values, one after the other.
    pub(crate) fn columns(&self, values: &[f64]) -> Vec<f64> {
        let columns = match &self.form {
            Form::Natural(spline) => spline.columns(values),
            Form::Restricted(spline) => spline.columns(values),
        };
        columns.expect("invariant: values of a population are finite")
    }

    /// Sums of coefficients that are all zero if and only if the curve is
    /// straight: the second divided differences of its values at the knots,
    /// which determine it.
    pub(crate) fn bends(&self) -> Vec<Vec<f64>> {
        let at_knots = self.columns(&self.knots);
        let n_knots = self.knots.len();
        let value = |column: usize, knot: usize| at_knots[column * n_knots + knot];
        let slope = |column: usize, knot: usize| {
            (value(column, knot + 1) - value(column, knot))
                / (self.knots[knot + 1] - self.knots[knot])
        };
        (0..n_knots - 2)
            .map(|knot| {
                (0..self.n_columns()).map(|c| slope(c, knot + 1) - slope(c, knot)).collect()
            })
            .collect()
    }
}

/// A value that reads well, for want of a declared one.
fn to_three_digits(value: f64) -> f64 {
    // The scale is a power of ten and never below 1, so that it is exact,
    // and the last step rounds to the nearest number that reads so.
    let mut scale = 1.0;
    while value.abs() / scale >= 1000.0 {
        scale *= 10.0;
    }
    if scale > 1.0 {
        return (value / scale).round() * scale;
    }
    while value != 0.0 && value.abs() * scale < 100.0 {
        scale *= 10.0;
    }
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_three_digits() {
        let cases = [(62.54, 62.5), (-0.012345, -0.0123), (0.0, 0.0), (123456.0, 123000.0)];
        for (value, expected) in cases {
            assert_eq!(to_three_digits(value), expected);
        }
    }

    #[test]
    fn a_straight_line_has_no_bends() {
        // Squares by a prime: scattered over the range, with ties.
        let values: Vec<f64> = (0..50).map(|i| f64::from(i * i % 37)).collect();
        for kind in [SplineKind::Natural, SplineKind::Restricted] {
            let spline = Spline {
                kind,
                degrees_of_freedom: Some(3),
                knots: Vec::new(),
                reference: None,
                at: Vec::new(),
            };
            let basis = Basis::new(&spline, "x", &values).expect("a spline");
            assert_eq!(basis.bends().len(), 2);
            // The first restricted column is the line itself: it has no bend.
            if kind == SplineKind::Restricted {
                assert!(basis.bends().iter().all(|bend| bend[0].abs() < 1e-12));
            }
            let bent = basis.bends().iter().any(|bend| bend.iter().any(|b| b.abs() > 1e-6));
            assert!(bent);
        }
    }
}
