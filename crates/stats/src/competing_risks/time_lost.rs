//! The time lost to a cause: the area under its cumulative incidence.

use super::{CumulativeIncidence, IncidenceVariance};
use crate::Error;

/// The expected time lost to a cause within a horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeLost {
    /// The horizon.
    pub tau: f64,
    /// The area under the cumulative incidence from 0 to `tau`.
    pub estimate: f64,
    /// Its standard error, by the variance of the curve's options.
    pub standard_error: f64,
    /// Whether the last incidence was carried on to `tau` though subjects
    /// were still at risk when follow-up ended.
    pub is_extended: bool,
}

impl CumulativeIncidence {
    /// The time lost to the cause up to `tau` > 0.
    ///
    /// # Formula
    /// L is the area under F from 0 to `tau`: what an event of the cause takes
    /// from the first `tau` units of time, on average (Andersen 2013). With
    /// a(u) = S(u-) (tau - u), R(u) the area between u and tau above F(u), and
    /// n, d_k, d as in [`cumulative_incidence`](super::cumulative_incidence),
    /// its variance by the infinitesimal jackknife sums over event times u
    /// a^2 d_k (n - d_k) / n^3 - 2 a R d_k / n^2 + R^2 d / (n (n - d));
    /// Aalen's sums v_k (a - R')^2 + v_o R'^2 with R' = R S(u-) / S(u).
    /// After the last follow-up F keeps its last value; `is_extended` says so.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a `tau` that is not positive and finite,
    /// [`Error::Empty`] for the curve of a group without subjects.
    ///
    /// Andersen, Stat Med 2013; 32: 5278-5285.
    ///
    /// ```
    /// use restudy_stats::competing_risks::{CompetingData, cumulative_incidence};
    ///
    /// let data = CompetingData::new(&[1.0, 2.0], &[1, 2], 2)?;
    /// let curves = cumulative_incidence(&data, &Default::default())?;
    /// // One of two loses three of four units to cause 1.
    /// assert_eq!(curves[0].time_lost(4.0)?.estimate, 1.5);
    /// # Ok::<(), restudy_stats::Error>(())
    /// ```
    pub fn time_lost(&self, tau: f64) -> Result<TimeLost, Error> {
        if !(tau.is_finite() && tau > 0.0) {
            return Err(Error::Parameter { what: "tau", value: tau, range: "(0, infinity)" });
        }
        let last = self.rows.last().ok_or(Error::Empty)?;
        // An event at tau itself takes nothing off the time before it: its
        // rectangle has no width.
        let rows = &self.rows[..self.rows.partition_point(|row| row.time <= tau)];
        // S before each row again from the counts: the rows keep F of one cause,
        // not S of any.
        let mut survival = 1.0;
        let before: Vec<f64> = (rows.iter())
            .map(|row| {
                let (n, any) = (row.n_at_risk as f64, (row.n_events + row.n_competing) as f64);
                let before = survival;
                survival *= (n - any) / n;
                before
            })
            .collect();
        let (mut estimate, mut variance) = (0.0, 0.0);
        // The variance needs R(u), the area above F(u) that is still to come. Going
        // backwards, it is known at each time.
        // The height that is still to come above each time, and its area.
        let mut later: f64 = 0.0;
        for (row, before) in rows.iter().zip(&before).rev() {
            let counts = [row.n_at_risk, row.n_events, row.n_competing].map(|count| count as f64);
            let jump = before * (tau - row.time);
            // Added before `later` takes in this time's own jump, with R after it.
            variance += self.variance_at(counts, jump, later);
            later += jump * counts[1] / counts[0];
            estimate = later;
        }
        let is_exhausted = last.n_events + last.n_competing == last.n_at_risk;
        Ok(TimeLost {
            tau,
            estimate,
            // Where F reaches 1 the terms cancel; what is left below zero is
            // rounding.
            standard_error: variance.max(0.0).sqrt(),
            is_extended: tau > last.time && !is_exhausted,
        })
    }

    /// What an event time with `[at risk, events, competing events]` adds.
    fn variance_at(&self, [n, events, competing]: [f64; 3], jump: f64, later: f64) -> f64 {
        let any = events + competing;
        if any == 0.0 {
            return 0.0;
        }
        // Where nobody is left R is zero too; the branch only avoids 0 / 0.
        let goes_on = any < n;
        match self.options.variance {
            IncidenceVariance::InfinitesimalJackknife => {
                let rest = if goes_on { later * later * any / (n * (n - any)) } else { 0.0 };
                jump * jump * events * (n - events) / (n * n * n)
                    - 2.0 * jump * later * events / (n * n)
                    + rest
            }
            IncidenceVariance::Aalen => {
                let of =
                    |d: f64| if n > 1.0 { d * (n - d) / (n * n * (n - 1.0)) } else { d / (n * n) };
                let rest = if goes_on { later * n / (n - any) } else { 0.0 };
                of(events) * (jump - rest) * (jump - rest) + of(competing) * rest * rest
            }
        }
    }
}
