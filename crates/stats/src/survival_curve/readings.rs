//! What is read off a curve: quantiles, the curve at chosen times, and the
//! restricted mean, with contrasts between curves.

use std::collections::BTreeMap;

use super::curve::{CumulativeHazard, Member, Origin, SurvivalCurve, SurvivalCurveRow};
use crate::Error;
use crate::checks::check_share;
use crate::contrast::Contrast;

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

impl SurvivalQuantile {
    /// Reads it off the rows of a curve, each a time with S and its lower and
    /// upper limit: see [`SurvivalCurve::quantile`].
    pub(crate) fn read<R>(
        probability: f64,
        rows: &[R],
        step: impl Fn(&R) -> (f64, [Option<f64>; 3]),
    ) -> Self {
        let level = 1.0 - probability;
        let first = |column: usize| {
            let steps = rows.iter().map(&step);
            // Rows without a limit are passed over: the limit has not fallen there.
            first_time_at(level, steps.filter_map(|(time, row)| Some((time, row[column]?))))
        };
        Self { probability, estimate: first(0), lower: first(1), upper: first(2) }
    }
}

/// The curve and the counts at a chosen time.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SurvivalAt {
    /// The chosen time.
    pub time: f64,
    /// Rows of data at risk at the first end of follow-up >= `time`: those
    /// with follow-up >= `time`, and whoever enters in between.
    pub n_at_risk: usize,
    /// Events at or before `time`.
    pub n_events: usize,
    /// Censored at or before `time`. Those censored at `time` itself are also
    /// in `n_at_risk`, as are those with the event at it.
    pub n_censored: usize,
    /// S(time); `None` after the last follow-up, unless S had reached 0.
    pub survival: Option<f64>,
    /// Standard error of S; `None` where S is 0 or unknown.
    pub standard_error: Option<f64>,
    /// Lower limit; `None` where the scale gives none.
    pub lower: Option<f64>,
    /// Upper limit; `None` where the scale gives none.
    pub upper: Option<f64>,
    /// H(time); `None` where S is, and on a curve without
    /// [`details`](SurvivalCurve::details).
    pub hazard: Option<CumulativeHazard>,
}

/// A number read off a curve, which can be compared with that of another.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveValue {
    /// The number.
    pub estimate: f64,
    /// Its standard error: robust if the curve is, else Greenwood's or
    /// Aalen's.
    pub standard_error: f64,
    /// Whether a restricted mean goes beyond the last follow-up, so that the
    /// last S had to be carried on.
    pub is_extended: bool,
    /// The sum of weight times derivative over the rows of each cluster;
    /// `None` unless the curve is robust.
    influence: Option<BTreeMap<usize, f64>>,
}

impl CurveValue {
    /// This less the other, with Wald limits (Klein, Logan, Harhoff and
    /// Andersen 2007, eq. 1), which are not cut at -1 and 1. Where both are
    /// robust, clusters with rows in both groups (matched sets) make them
    /// dependent, and the variance is the sum of squares of what each cluster
    /// adds to the difference; otherwise the variances are added.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1).
    pub fn difference(&self, other: &Self, confidence_level: f64) -> Result<Contrast, Error> {
        let error = self.joint_error(other, 1.0, 1.0);
        Contrast::wald(self.estimate - other.estimate, error, confidence_level)
    }

    /// This over the other, by the delta method on the logarithm (Uno et al.
    /// 2014, J Clin Oncol 32: 2380-5); `None` unless both are above zero.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1).
    pub fn ratio(&self, other: &Self, confidence_level: f64) -> Result<Option<Contrast>, Error> {
        if !(self.estimate > 0.0 && other.estimate > 0.0) {
            return Ok(None);
        }
        let error = self.joint_error(other, 1.0 / self.estimate, 1.0 / other.estimate);
        let log = libm::log(self.estimate) - libm::log(other.estimate);
        let contrast = Contrast::wald(log, error, confidence_level)?;
        Ok(Some(contrast.as_ratio(self.estimate / other.estimate)))
    }

    /// The standard error of `scale` times this less `other_scale` times the
    /// other.
    fn joint_error(&self, other: &Self, scale: f64, other_scale: f64) -> f64 {
        // Only where both know what each cluster adds can a common cluster be seen.
        let (Some(own), Some(others)) = (&self.influence, &other.influence) else {
            return libm::hypot(scale * self.standard_error, other_scale * other.standard_error);
        };
        let mut total: BTreeMap<usize, f64> =
            own.iter().map(|(cluster, value)| (*cluster, scale * value)).collect();
        for (cluster, value) in others {
            // A cluster with rows in both groups: its parts meet, and their
            // covariance is in the square.
            *total.entry(*cluster).or_default() -= other_scale * value;
        }
        total.values().map(|value| value * value).sum::<f64>().sqrt()
    }
}

impl SurvivalCurve {
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
        let step = |row: &SurvivalCurveRow| (row.time, [Some(row.survival), row.lower, row.upper]);
        SurvivalQuantile::read(probability, &self.rows, step)
    }

    /// The curve and the counts at `time` >= 0, in the unit of the times.
    /// Before the first row S and its limits are 1.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a negative or non-finite time.
    pub fn at(&self, time: f64) -> Result<SurvivalAt, Error> {
        check_time(time)?;
        // Rows up to the time, those at it included: S is right-continuous.
        let past = &self.rows[..self.rows.partition_point(|row| row.time <= time)];
        let at_risk = self.rows.iter().find(|row| row.time >= time);
        // Once S is 0 it stays there, followed or not.
        let is_known = at_risk.is_some() || past.last().is_some_and(|row| row.survival == 0.0);
        let counts = SurvivalAt {
            time,
            n_at_risk: at_risk.map_or(0, |row| row.n_at_risk),
            n_events: past.iter().map(|row| row.n_events).sum(),
            n_censored: past.iter().map(|row| row.n_censored).sum(),
            ..SurvivalAt::default()
        };
        let hazard = |row: Option<usize>| {
            let none = CumulativeHazard { estimate: 0.0, standard_error: 0.0 };
            let details = &self.origin.as_ref()?.details;
            Some(row.map_or(none, |row| details[row].hazard))
        };
        Ok(match past.last() {
            _ if !is_known => counts,
            None => SurvivalAt {
                survival: Some(1.0),
                standard_error: Some(0.0),
                lower: Some(1.0),
                upper: Some(1.0),
                hazard: hazard(None),
                ..counts
            },
            Some(row) => SurvivalAt {
                survival: Some(row.survival),
                standard_error: row.standard_error(),
                lower: row.lower,
                upper: row.upper,
                hazard: hazard(Some(past.len() - 1)),
                ..counts
            },
        })
    }

    /// S(`time`) to be compared with that of another curve; `None` where the
    /// curve is unknown or has fallen to 0, where it has no standard error.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a negative or non-finite time.
    pub fn survival(&self, time: f64) -> Result<Option<CurveValue>, Error> {
        check_time(time)?;
        if self.rows.last().is_none_or(|row| row.time < time) {
            return Ok(None);
        }
        let past = &self.rows[..self.rows.partition_point(|row| row.time <= time)];
        let estimate = past.last().map_or(1.0, |row| row.survival);
        // Every jump so far moves S by S itself: d S = -S d(-log S).
        let shares: Vec<_> = past.iter().map(|row| (row.time, estimate)).collect();
        Ok((estimate > 0.0).then(|| self.value(estimate, false, &shares)))
    }

    /// The restricted mean survival time up to `tau` > 0, in the unit of the
    /// times; `None` for a curve without rows.
    ///
    /// # Formula
    /// The area A(0) under S from 0 to tau. With A(t) the area from t to tau
    /// the variance is the sum over event times of A(t)^2 times that of the
    /// jump of log S, by Greenwood's formula d / (n (n - d)) (Klein and
    /// Moeschberger 2003, eq. 4.5.3); robust, it is the sum over clusters of
    /// the square of the weighted sum of the rows' derivatives, each the
    /// negative sum of A(t) times the derivative of the jump of -log S
    /// (infinitesimal jackknife). After the last follow-up S keeps its last
    /// value, as in R; `is_extended` says so.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a `tau` that is not positive and finite.
    pub fn restricted_mean(&self, tau: f64) -> Result<Option<CurveValue>, Error> {
        if !(tau.is_finite() && tau > 0.0) {
            return Err(Error::Parameter { what: "tau", value: tau, range: "(0, infinity)" });
        }
        let Some(last) = self.rows.last() else { return Ok(None) };
        let (areas, estimate) = self.areas(tau);
        let is_extended = tau > last.time && last.survival > 0.0;
        Ok(Some(self.value(estimate, is_extended, &areas)))
    }

    /// The areas under the curve from each of its times to `tau`, and from
    /// zero.
    fn areas(&self, tau: f64) -> (Vec<(f64, f64)>, f64) {
        let rows = &self.rows[..self.rows.partition_point(|row| row.time <= tau)];
        let (mut area, mut end) = (0.0, tau);
        let mut areas: Vec<(f64, f64)> = Vec::new();
        // Backwards: each area is that to the right of its time.
        for row in rows.iter().rev() {
            area += row.survival * (end - row.time);
            end = row.time;
            areas.push((row.time, area));
        }
        areas.reverse();
        // Before the first row S is 1.
        (areas, area + end)
    }

    /// A number that falls by a share, given for each of the curve's first
    /// times, with each rise of -log S there.
    fn value(&self, estimate: f64, is_extended: bool, shares: &[(f64, f64)]) -> CurveValue {
        let (variance, influence) = match &self.origin {
            Some(origin) => origin.variance(shares),
            None => (self.greenwood(shares), None),
        };
        CurveValue { estimate, standard_error: variance.sqrt(), is_extended, influence }
    }

    /// The variance under whole counts. It is summed from the last time to
    /// the first, as the areas are; a swept curve sums its jumps forward. The
    /// last bits depend on it, and published results on the last bits.
    fn greenwood(&self, shares: &[(f64, f64)]) -> f64 {
        let pairs = self.rows.iter().zip(shares).rev();
        // Where all at risk have the event S is 0 from there on, and so is
        // the share: its product with an infinite term would be no number.
        let terms = pairs
            .filter(|(row, _)| row.n_events < row.n_at_risk)
            .map(|(row, (_, share))| share * share * row.greenwood_term());
        terms.fold(0.0, |sum, term| sum + term)
    }
}

impl Origin {
    /// The variance of a number by the falls of [`SurvivalCurve::value`], and
    /// what each cluster adds to the number, if the curve is robust.
    fn variance(&self, shares: &[(f64, f64)]) -> (f64, Option<BTreeMap<usize, f64>>) {
        let share_at = |time: f64| {
            let found = shares.binary_search_by(|(other, _)| other.total_cmp(&time));
            // Shares reach to tau; jumps beyond it move nothing.
            found.map_or(0.0, |place| shares[place].1)
        };
        let Some(members) = &self.members else {
            let square = |time: f64| share_at(time) * share_at(time);
            let terms = self.jumps.iter().map(|(time, jump)| square(*time) * jump.variance);
            // A sum of nothing is -0.
            return (0.0 + terms.sum::<f64>(), None);
        };
        // The shares times the losses so far, by time.
        let mut sum = 0.0;
        let losses: Vec<(f64, f64)> = self
            .jumps
            .iter()
            .map(|(time, jump)| {
                sum += share_at(*time) * jump.loss;
                (*time, sum)
            })
            .collect();
        let lost_by = |time: f64| {
            let past = losses.partition_point(|(at, _)| *at <= time);
            past.checked_sub(1).map_or(0.0, |last| losses[last].1)
        };
        let mut influence: BTreeMap<usize, f64> = BTreeMap::new();
        for Member { start, end, is_event, cluster, weight } in members {
            let mut derivative = lost_by(*end);
            // What was lost before a row entered is not its own.
            derivative -= start.map_or(0.0, lost_by);
            if *is_event {
                let found = self.jumps.binary_search_by(|(time, _)| time.total_cmp(end));
                let gain = found.map_or(0.0, |place| self.jumps[place].1.gain);
                derivative -= share_at(*end) * gain;
            }
            *influence.entry(*cluster).or_default() += weight * derivative;
        }
        let variance = influence.values().map(|value| value * value).sum();
        (variance, Some(influence))
    }
}

fn check_time(time: f64) -> Result<(), Error> {
    if time.is_finite() && time >= 0.0 {
        return Ok(());
    }
    Err(Error::Parameter { what: "time", value: time, range: "[0, infinity)" })
}

/// The time at which steps of time and value, by ascending time, fall to
/// `level`: see [`SurvivalCurve::quantile`].
fn first_time_at(level: f64, mut steps: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    // R's tolerance: a product of shares that should be one half is so only but
    // for rounding.
    let tolerance = f64::EPSILON.sqrt();
    // R's rule of `print.survfit`: see `quantile`.
    let (time, value) = steps.find(|(_, value)| *value < level + tolerance)?;
    if (value - level).abs() >= tolerance {
        return Some(time);
    }
    let next = steps.find(|(_, later)| *later < value);
    Some(next.map_or(time, |(later, _)| 0.5 * (time + later)))
}
