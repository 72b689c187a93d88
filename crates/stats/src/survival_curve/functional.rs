//! Numbers read off a curve with what each cluster adds to them: survival at
//! a time and the restricted mean, and their contrasts between groups.

use std::collections::BTreeMap;

use super::sweep::curve_and_jumps;
use super::{SurvivalCurve, SurvivalCurveModel};
use crate::Error;
use crate::checks::check_codes;
use crate::contrast::Contrast;
use crate::groups::members;

/// A number read off the curve of one group.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveValue {
    /// The number.
    pub estimate: f64,
    /// Its standard error: robust if the model is, else Greenwood's or
    /// Aalen's.
    pub standard_error: f64,
    /// Whether a restricted mean goes beyond the last follow-up, so that the
    /// last S had to be carried on.
    pub is_extended: bool,
    /// The sum of weight times derivative over the rows of each cluster;
    /// `None` unless the model is robust.
    influence: Option<BTreeMap<usize, f64>>,
}

impl CurveValue {
    /// This less the other, with Wald limits. Where both are robust, clusters
    /// with rows in both groups (matched sets) make them dependent, and the
    /// variance is the sum of squares of what each cluster adds to the
    /// difference; otherwise the variances are added.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level outside (0, 1).
    pub fn difference(&self, other: &Self, confidence_level: f64) -> Result<Contrast, Error> {
        let error = self.joint_error(other, 1.0, 1.0);
        Contrast::wald(self.estimate - other.estimate, error, confidence_level)
    }

    /// This over the other, by the delta method on the logarithm; `None`
    /// unless both are above zero.
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
        let (Some(own), Some(others)) = (&self.influence, &other.influence) else {
            return libm::hypot(scale * self.standard_error, other_scale * other.standard_error);
        };
        let mut total: BTreeMap<usize, f64> =
            own.iter().map(|(cluster, value)| (*cluster, scale * value)).collect();
        for (cluster, value) in others {
            *total.entry(*cluster).or_default() -= other_scale * value;
        }
        total.values().map(|value| value * value).sum::<f64>().sqrt()
    }
}

impl SurvivalCurveModel<'_> {
    /// The restricted mean of each group `0..n_groups` up to `tau` > 0, in
    /// the unit of the times; `None` for a group without rows.
    ///
    /// # Formula
    /// The area A(0) under S from 0 to tau. With A(t) the area from t to tau
    /// the variance is the sum over event times of A(t)^2 times that of the
    /// jump of log S; robust, it is the sum over clusters of the square of
    /// the weighted sum of the rows' derivatives, each the negative sum of
    /// A(t) times the derivative of the jump of -log S (infinitesimal
    /// jackknife). After the last follow-up S keeps its last value.
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::OutOfRange`] for wrong codes,
    /// [`Error::Parameter`] for a `tau` that is not positive and finite.
    pub fn restricted_mean_by_group(
        &self,
        groups: &[usize],
        n_groups: usize,
        tau: f64,
    ) -> Result<Vec<Option<CurveValue>>, Error> {
        if !(tau.is_finite() && tau > 0.0) {
            return Err(Error::Parameter { what: "tau", value: tau, range: "(0, infinity)" });
        }
        self.value_by_group(groups, n_groups, |curve| {
            let last = curve.rows.last()?;
            let (areas, estimate) = areas(curve, tau);
            let is_extended = tau > last.time && last.survival > 0.0;
            Some(Reading { estimate, is_extended, shares: areas })
        })
    }

    /// S(`time`) of each group `0..n_groups`; `None` for a group whose curve
    /// is unknown there or has fallen to 0, where it has no standard error.
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::OutOfRange`] for wrong codes,
    /// [`Error::Parameter`] for a negative or non-finite time.
    pub fn survival_by_group(
        &self,
        groups: &[usize],
        n_groups: usize,
        time: f64,
    ) -> Result<Vec<Option<CurveValue>>, Error> {
        if !(time.is_finite() && time >= 0.0) {
            return Err(Error::Parameter { what: "time", value: time, range: "[0, infinity)" });
        }
        self.value_by_group(groups, n_groups, |curve| {
            if curve.rows.last().is_none_or(|row| row.time < time) {
                return None;
            }
            let past = &curve.rows[..curve.rows.partition_point(|row| row.time <= time)];
            let estimate = past.last().map_or(1.0, |row| row.survival);
            let shares = past.iter().map(|row| (row.time, estimate)).collect();
            (estimate > 0.0).then_some(Reading { estimate, is_extended: false, shares })
        })
    }

    fn value_by_group(
        &self,
        groups: &[usize],
        n_groups: usize,
        read: impl Fn(&SurvivalCurve) -> Option<Reading>,
    ) -> Result<Vec<Option<CurveValue>>, Error> {
        check_codes("groups", groups, self.follow_up.n(), n_groups)?;
        let members = members(0..self.follow_up.n(), groups, n_groups);
        Ok(members.iter().map(|rows| self.value(rows, &read)).collect())
    }

    fn value(
        &self,
        rows: &[usize],
        read: &impl Fn(&SurvivalCurve) -> Option<Reading>,
    ) -> Option<CurveValue> {
        let (curve, jumps) = curve_and_jumps(self, rows);
        let Reading { estimate, is_extended, shares } = read(&curve)?;
        // What one more of -log S at each event time takes from the number,
        // and the sum of it times the losses so far.
        let share_at = |time: f64| {
            let found = shares.binary_search_by(|(other, _)| other.total_cmp(&time));
            found.map_or(0.0, |place| shares[place].1)
        };
        let mut sum = 0.0;
        let losses: Vec<(f64, f64)> = jumps
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
        if !self.robust {
            let square = |time: f64| share_at(time) * share_at(time);
            let variance: f64 =
                jumps.iter().map(|(time, jump)| square(*time) * jump.variance).sum();
            let standard_error = variance.sqrt();
            return Some(CurveValue { estimate, standard_error, is_extended, influence: None });
        }
        let (starts, ends) = (self.follow_up.starts(), self.follow_up.ends());
        let mut influence: BTreeMap<usize, f64> = BTreeMap::new();
        for &row in rows {
            let mut derivative = lost_by(ends[row]);
            derivative -= starts.map_or(0.0, |starts| lost_by(starts[row]));
            if self.follow_up.events()[row] {
                let found = jumps.binary_search_by(|(time, _)| time.total_cmp(&ends[row]));
                let gain = found.map_or(0.0, |place| jumps[place].1.gain);
                derivative -= share_at(ends[row]) * gain;
            }
            *influence.entry(self.cluster(row)).or_default() += self.weight(row) * derivative;
        }
        let variance: f64 = influence.values().map(|value| value * value).sum();
        let standard_error = variance.sqrt();
        Some(CurveValue { estimate, standard_error, is_extended, influence: Some(influence) })
    }
}

/// A number read off a curve, and by how much it falls, at each time in
/// ascending order, with each rise of -log S there.
struct Reading {
    estimate: f64,
    is_extended: bool,
    shares: Vec<(f64, f64)>,
}

/// The areas under a curve from each of its times to `tau`, and from zero.
fn areas(curve: &SurvivalCurve, tau: f64) -> (Vec<(f64, f64)>, f64) {
    let rows = &curve.rows[..curve.rows.partition_point(|row| row.time <= tau)];
    let (mut area, mut end) = (0.0, tau);
    let mut areas: Vec<(f64, f64)> = Vec::new();
    for row in rows.iter().rev() {
        area += row.survival * (end - row.time);
        end = row.time;
        areas.push((row.time, area));
    }
    areas.reverse();
    (areas, area + end)
}
