//! A coefficient as a curve over time: a natural spline through scaled
//! Schoenfeld residuals.

use nalgebra::DMatrix;

use super::SchoenfeldRow;
use crate::Error;
use crate::cox::CoxFit;
use crate::quantile::quantiles;
use crate::spline::NaturalSpline;
use crate::symmetric::{Factors, rank_tolerance};

/// Points at equal distances that count beside the residuals where knots are
/// placed, as R's plot has them.
const GRID: usize = 40;

/// How a coefficient runs along g(t).
///
/// # Formula
/// The least-squares fit of beta plus the scaled Schoenfeld residuals on a
/// natural cubic spline of g(t) with an intercept. With X its columns at the
/// events and x those at a place, the variance there is d C_jj x' (X'X)^-1 x: the
/// residuals of all events count as independent, each with the mean variance
/// d C_jj, d being the number of events and C the inverse information. This is
/// what R's `plot.cox.zph` draws (Therneau and Grambsch 2000, section 6.2), to
/// its knots: the inner ones lie at quantiles of the g(t) of all events and of
/// 40 places at equal distances between the first and the last.
///
/// ```
/// use restudy_stats::cox::CoxModel;
/// use restudy_stats::covariates::Covariates;
/// use restudy_stats::proportional_hazards::{CoefficientCurve, TimeTransform, proportional_hazards};
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[true; 6])?;
/// let covariates = Covariates::new(&[1.0, 1.0, 0.0, 1.0, 0.0, 0.0], 1)?;
/// let model = CoxModel::new(&data, covariates)?;
/// let fit = model.fit()?;
/// let test = proportional_hazards(&model, &fit, &[vec![0]], TimeTransform::Identity)?;
/// let curve = CoefficientCurve::new(&test.residuals, &fit, 0, 2)?.expect("six events");
/// assert!(curve.at(1.0)?.estimate > curve.at(6.0)?.estimate);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CoefficientCurve {
    spline: NaturalSpline,
    /// Of the intercept and the spline's columns.
    coefficients: Vec<f64>,
    /// (X'X)^-1 d C_jj.
    covariance: DMatrix<f64>,
}

/// The curve at one place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// beta(t).
    pub estimate: f64,
    /// Its standard error.
    pub standard_error: f64,
}

impl CoefficientCurve {
    /// The curve of the coefficient of a column with so many degrees of freedom,
    /// 2 or more (R's plot has 4); none where the events are too few, or lie at
    /// too few places, to tell them apart, or where the column was dropped.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`] for a column that the fit lacks,
    /// [`Error::Parameter`] for fewer than 2 degrees of freedom.
    pub fn new(
        rows: &[SchoenfeldRow],
        fit: &CoxFit,
        column: usize,
        degrees_of_freedom: usize,
    ) -> Result<Option<Self>, Error> {
        let n_columns = fit.coefficients.len();
        if column >= n_columns {
            return Err(Error::NoSuchColumn { column, n_columns });
        }
        if degrees_of_freedom < 2 {
            let value = degrees_of_freedom as f64;
            return Err(Error::Parameter { what: "degrees of freedom", value, range: "2 or more" });
        }
        let (places, values): (Vec<f64>, Vec<f64>) = (rows.iter())
            // Of a dropped column there are no residuals.
            .filter_map(|row| Some((row.transformed_time, row.scaled_residuals[column]?)))
            .unzip();
        let Some(spline) = spline(&places, degrees_of_freedom) else { return Ok(None) };
        let design = design(&spline, &places)?;
        let factors = Factors::new(&(design.transpose() * &design), rank_tolerance());
        // Fewer places than coefficients: the curve could go anywhere between them.
        if factors.rank() < degrees_of_freedom {
            return Ok(None);
        }
        // less their mean, so that the sums lose no digits to the level
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let centred = DMatrix::from_fn(values.len(), 1, |row, _| values[row] - mean);
        let mut coefficients = factors.solve((design.transpose() * centred).as_slice());
        // Column 0 is the constant: the level goes back into its coefficient.
        coefficients[0] += mean;
        // d C_jj: the mean variance of a scaled residual.
        let variance = fit.n_events as f64 * fit.naive_covariance[(column, column)];
        Ok(Some(Self { spline, coefficients, covariance: factors.inverse() * variance }))
    }

    /// The curve at a g(t).
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn at(&self, transformed_time: f64) -> Result<CurvePoint, Error> {
        let row = design(&self.spline, &[transformed_time])?;
        let estimate = row.iter().zip(&self.coefficients).map(|(x, b)| x * b).sum();
        let variance = (&row * &self.covariance * row.transpose())[(0, 0)];
        Ok(CurvePoint { estimate, standard_error: variance.max(0.0).sqrt() })
    }
}

/// A column of ones, and those of the spline.
fn design(spline: &NaturalSpline, places: &[f64]) -> Result<DMatrix<f64>, Error> {
    let columns = spline.columns(places)?;
    let n = places.len();
    Ok(DMatrix::from_fn(n, 1 + spline.n_columns(), |row, column| match column {
        0 => 1.0,
        _ => columns[(column - 1) * n + row],
    }))
}

/// The spline of so many degrees of freedom, its intercept among them; none where
/// knots would be at one place.
fn spline(places: &[f64], degrees_of_freedom: usize) -> Option<NaturalSpline> {
    let lowest = places.iter().copied().reduce(f64::min)?;
    let highest = places.iter().copied().reduce(f64::max)?;
    // From the first place to the last, both included.
    let step = (highest - lowest) / (GRID - 1) as f64;
    let grid = (0..GRID).map(|place| lowest + step * place as f64);
    let all: Vec<f64> = grid.chain(places.iter().copied()).collect();
    let n_inner = degrees_of_freedom - 2;
    let shares: Vec<f64> = (1..=n_inner).map(|knot| knot as f64 / (n_inner + 1) as f64).collect();
    let inner = quantiles(&all, &shares).ok()?;
    NaturalSpline::new(&inner, lowest, highest).ok()
}
