//! What is read off a curve: quantiles, the curve at chosen times, and the
//! restricted mean.

use super::{KaplanMeierCurve, KaplanMeierRow};
use crate::Error;
use crate::checks::check_share;

/// A quantile of the survival time with its limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalQuantile {
    /// Share of subjects with the event by then.
    pub probability: f64,
    /// The time; `None` if the curve does not fall that low.
    pub estimate: Option<f64>,
    /// Lower limit; `None` if the lower limits do not fall that low.
    pub lower: Option<f64>,
    /// Upper limit; `None` if the upper limits do not fall that low.
    pub upper: Option<f64>,
}

/// The curve and the counts at a chosen time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalAt {
    /// The chosen time.
    pub time: f64,
    /// Subjects with follow-up >= `time`.
    pub n_at_risk: usize,
    /// Events at or before `time`.
    pub n_events: usize,
    /// Censored at or before `time`. Those censored at `time` itself are also
    /// in `n_at_risk`, as are those with the event at it.
    pub n_censored: usize,
    /// S(time); `None` after the last follow-up, unless S had reached 0.
    pub survival: Option<f64>,
    /// Greenwood's standard error of S; `None` where S is 0 or unknown.
    pub standard_error: Option<f64>,
    /// Lower limit; `None` where the scale gives none.
    pub lower: Option<f64>,
    /// Upper limit; `None` where the scale gives none.
    pub upper: Option<f64>,
}

/// The area under a curve up to a horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestrictedMean {
    /// The horizon, in the unit of the times.
    pub tau: f64,
    /// Restricted mean survival time.
    pub estimate: f64,
    /// Its standard error by Greenwood's formula.
    pub standard_error: f64,
    /// Whether `tau` is after the last follow-up, so that the last S had to
    /// be carried on.
    pub is_extended: bool,
}

impl SurvivalQuantile {
    /// Reads it off the rows of a curve, each a time with S and its lower and
    /// upper limit: see [`KaplanMeierCurve::quantile`].
    pub(crate) fn read<R>(
        probability: f64,
        rows: &[R],
        step: impl Fn(&R) -> (f64, [Option<f64>; 3]),
    ) -> Self {
        let level = 1.0 - probability;
        let first = |column: usize| {
            let steps = rows.iter().map(&step);
            first_time_at(level, steps.filter_map(|(time, row)| Some((time, row[column]?))))
        };
        Self { probability, estimate: first(0), lower: first(1), upper: first(2) }
    }
}

impl KaplanMeierCurve {
    /// The median survival time: [`quantile`](Self::quantile) at 0.5.
    pub fn median(&self) -> SurvivalQuantile {
        self.quantile_unchecked(0.5)
    }

    /// The time by which a share `probability`, in (0, 1), had the event.
    ///
    /// It is the first time with S < q + e, q = 1 - `probability` and
    /// e = sqrt(2^-52); where |S - q| < e there, S has a flat step at q and
    /// the quantile is the midpoint of that time and the next with a lower S
    /// (the former if S stays there). The limits follow the same rule on the
    /// curves of the lower and upper limits (Brookmeyer and Crowley 1982).
    /// It is the rule of R's `print.survfit`; `quantile.survfit` differs for
    /// a curve flat at q to its end, where it takes the midpoint with the last
    /// follow-up, and for limits that rise again after late entry, which it
    /// puts in order first.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a probability outside (0, 1).
    pub fn quantile(&self, probability: f64) -> Result<SurvivalQuantile, Error> {
        check_share("probability", probability)?;
        Ok(self.quantile_unchecked(probability))
    }

    fn quantile_unchecked(&self, probability: f64) -> SurvivalQuantile {
        let step = |row: &KaplanMeierRow| (row.time, [Some(row.survival), row.lower, row.upper]);
        SurvivalQuantile::read(probability, &self.rows, step)
    }

    /// The curve and the counts at `time` >= 0, in the unit of the times.
    /// Before the first row S and its limits are 1.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a negative or non-finite time.
    pub fn at(&self, time: f64) -> Result<SurvivalAt, Error> {
        if !(time.is_finite() && time >= 0.0) {
            return Err(Error::Parameter { what: "time", value: time, range: "[0, infinity)" });
        }
        let past = &self.rows[..self.rows.partition_point(|row| row.time <= time)];
        let at_risk = self.rows.iter().find(|row| row.time >= time);
        let is_known = at_risk.is_some() || past.last().is_some_and(|row| row.survival == 0.0);
        let (survival, standard_error, lower, upper) = match past.last() {
            _ if !is_known => (None, None, None, None),
            None => (Some(1.0), Some(0.0), Some(1.0), Some(1.0)),
            Some(row) => (Some(row.survival), row.standard_error(), row.lower, row.upper),
        };
        Ok(SurvivalAt {
            time,
            n_at_risk: at_risk.map_or(0, |row| row.n_at_risk),
            n_events: past.iter().map(|row| row.n_events).sum(),
            n_censored: past.iter().map(|row| row.n_censored).sum(),
            survival,
            standard_error,
            lower,
            upper,
        })
    }

    /// The restricted mean survival time up to `tau` > 0.
    ///
    /// # Formula
    /// The area A(0) under S from 0 to tau, with variance
    /// sum over event times t <= tau of A(t)^2 d / (n (n - d)), A(t) being the
    /// area from t to tau (Klein and Moeschberger 2003, eq. 4.5.3). After the
    /// last follow-up S keeps its last value, as in R; `is_extended` says so.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a `tau` that is not positive and finite,
    /// [`Error::Empty`] for the curve of a group without subjects.
    pub fn restricted_mean(&self, tau: f64) -> Result<RestrictedMean, Error> {
        if !(tau.is_finite() && tau > 0.0) {
            return Err(Error::Parameter { what: "tau", value: tau, range: "(0, infinity)" });
        }
        let last = self.rows.last().ok_or(Error::Empty)?;
        let rows = &self.rows[..self.rows.partition_point(|row| row.time <= tau)];
        let mut area = 0.0;
        let mut variance = 0.0;
        let mut end = tau;
        for row in rows.iter().rev() {
            area += row.survival * (end - row.time);
            end = row.time;
            if row.n_events < row.n_at_risk {
                variance += area * area * row.greenwood_term();
            }
        }
        Ok(RestrictedMean {
            tau,
            estimate: area + end,
            standard_error: variance.sqrt(),
            is_extended: tau > last.time && last.survival > 0.0,
        })
    }
}

/// The time at which steps of time and value, by ascending time, fall to
/// `level`: see [`KaplanMeierCurve::quantile`].
fn first_time_at(level: f64, mut steps: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let tolerance = f64::EPSILON.sqrt();
    let (time, value) = steps.find(|(_, value)| *value < level + tolerance)?;
    if (value - level).abs() >= tolerance {
        return Some(time);
    }
    let next = steps.find(|(_, later)| *later < value);
    Some(next.map_or(time, |(later, _)| 0.5 * (time + later)))
}
