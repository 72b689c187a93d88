//! The Aalen-Johansen estimate of cumulative incidence.

use super::CompetingData;
use crate::Error;
use crate::checks::check_share;
use crate::groups::Groups;
use crate::special::normal_quantile;
use crate::survival_curve::ConfidenceType;

/// Which estimate of the variance of a cumulative incidence is used. They
/// agree as n grows; the result names the choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IncidenceVariance {
    /// The infinitesimal jackknife, which is what R's `survfit` gives for a
    /// multi-state curve and equals the delta method of Marubini and
    /// Valsecchi (1995) with multinomial variances.
    #[default]
    InfinitesimalJackknife,
    /// Aalen's (1978) with the correction (n - d) / (n - 1) for ties and each
    /// cause by itself, which is what R's `cmprsk::cuminc` gives.
    Aalen,
}

/// How cumulative incidence is estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IncidenceOptions {
    /// Coverage of the limits, in (0, 1).
    pub confidence_level: f64,
    /// Scale of the limits.
    pub confidence_type: ConfidenceType,
    /// Estimate of the variance.
    pub variance: IncidenceVariance,
}

impl Default for IncidenceOptions {
    /// 95% limits on the log scale, R's default.
    fn default() -> Self {
        let (confidence_type, variance) = Default::default();
        Self { confidence_level: 0.95, confidence_type, variance }
    }
}

/// The cumulative incidence of one cause at one distinct time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IncidenceRow {
    /// The time.
    pub time: f64,
    /// Subjects with a time >= this one.
    pub n_at_risk: usize,
    /// Events of the cause at this time.
    pub n_events: usize,
    /// Events of the other causes at this time.
    pub n_competing: usize,
    /// F(t).
    pub incidence: f64,
    /// Standard error of F.
    pub standard_error: f64,
    /// Lower limit; `None` where the scale gives none, as at F = 0.
    pub lower: Option<f64>,
    /// Upper limit; `None` where the scale gives none.
    pub upper: Option<f64>,
}

/// The cumulative incidence of one cause.
#[derive(Debug, Clone, PartialEq)]
pub struct CumulativeIncidence {
    /// The cause, from 1.
    pub cause: usize,
    /// Subjects.
    pub n: usize,
    /// Rows by ascending time; none for a group without subjects.
    pub rows: Vec<IncidenceRow>,
    /// The options it was made with.
    pub options: IncidenceOptions,
}

impl CumulativeIncidence {
    /// The row in force at `time`: the last not after it; none before the
    /// first, where F is 0, and none after the last time unless follow-up
    /// ended with events alone.
    pub fn at(&self, time: f64) -> Option<&IncidenceRow> {
        let last = self.rows.last()?;
        // Carrying F on is known to be right only when the last at risk all had an
        // event: nobody is left whose event is unknown.
        let is_exhausted = last.n_events + last.n_competing == last.n_at_risk;
        let past = self.rows.partition_point(|row| row.time <= time);
        let is_known = time <= last.time || is_exhausted;
        past.checked_sub(1).filter(|_| is_known).map(|index| &self.rows[index])
    }
}

/// The cumulative incidence of every cause, causes ascending.
///
/// # Formula
/// F_k(t) sums S(u-) d_k / n over event times u <= t, with n at risk, d_k
/// events of cause k and S the Kaplan-Meier curve of any cause (Aalen and
/// Johansen 1978). With d of any cause and G = F_k(t) - F_k(u), its variance
/// by the infinitesimal jackknife sums
/// S(u-)^2 d_k (n - d_k) / n^3 - 2 S(u-) G d_k / n^2 + G^2 d / (n (n - d));
/// Aalen's sums v_k (S(u-) - G')^2 + v_o G'^2, with G' = G S(u-) / S(u) and
/// v = d (n - d) / (n^2 (n - 1)), v_k of the cause's own events and v_o of
/// those of all other causes together.
///
/// # Ties and missing values
/// Those censored at t are at risk at t. None may be missing.
///
/// # Errors
/// [`Error::Parameter`] for a confidence level outside (0, 1).
///
/// ```
/// use restudy_stats::competing_risks::{CompetingData, cumulative_incidence};
///
/// let data = CompetingData::new(&[1.0, 2.0, 3.0, 4.0], &[1, 2, 1, 0], 2)?;
/// let curves = cumulative_incidence(&data, &Default::default())?;
/// assert_eq!(curves[0].rows[3].incidence, 0.5);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn cumulative_incidence(
    data: &CompetingData,
    options: &IncidenceOptions,
) -> Result<Vec<CumulativeIncidence>, Error> {
    check_share("confidence_level", options.confidence_level)?;
    Ok(curves(data, data.any.order(), options))
}

/// The curves of every cause for each group. See [`cumulative_incidence`].
///
/// # Errors
/// [`Error::Length`] for groups of others,
/// [`Error::Parameter`] for a confidence level outside (0, 1).
pub fn cumulative_incidence_by_group(
    data: &CompetingData,
    groups: &Groups,
    options: &IncidenceOptions,
) -> Result<Vec<Vec<CumulativeIncidence>>, Error> {
    check_share("confidence_level", options.confidence_level)?;
    groups.check_length(data.n())?;
    let members = groups.members(data.any.order().iter().copied());
    Ok(members.iter().map(|order| curves(data, order, options)).collect())
}

fn curves(
    data: &CompetingData,
    order: &[usize],
    options: &IncidenceOptions,
) -> Vec<CumulativeIncidence> {
    (1..=data.n_causes)
        .map(|cause| CumulativeIncidence {
            cause,
            n: order.len(),
            rows: rows(data, order, cause, options),
            options: *options,
        })
        .collect()
}

fn rows(
    data: &CompetingData,
    order: &[usize],
    cause: usize,
    options: &IncidenceOptions,
) -> Vec<IncidenceRow> {
    let z = normal_quantile(0.5 + 0.5 * options.confidence_level);
    let mut n_at_risk = order.len();
    let mut survival = 1.0;
    let mut incidence = 0.0;
    let mut variance = Variance::default();
    let mut rows = Vec::new();
    // Those of a time are one step: S just before it is common to all its causes.
    for tied in data.any.tied_runs(order) {
        let n_events = tied.iter().filter(|subject| data.causes[**subject] == cause).count();
        let n_any = tied.iter().filter(|subject| data.causes[**subject] > 0).count();
        let n_competing = n_any - n_events;
        // S(t-) of any cause weights the jumps. It includes the time's own events
        // only afterwards.
        let before = survival;
        survival *= (n_at_risk - n_any) as f64 / n_at_risk as f64;
        incidence += before * n_events as f64 / n_at_risk as f64;
        let counts = [n_at_risk, n_events, n_competing].map(|count| count as f64);
        variance.add(options.variance, counts, (before, survival), incidence);
        let standard_error = variance.at(incidence).sqrt();
        // On the log scale the limits need F > 0; before the first event there are
        // none.
        let limits = match incidence {
            0.0 => None,
            // The limits take the standard error of log F, which is that of F over
            // F.
            _ => options.confidence_type.limits(incidence, standard_error / incidence, z),
        };
        rows.push(IncidenceRow {
            time: data.time(tied[0]),
            n_at_risk,
            n_events,
            n_competing,
            incidence,
            standard_error,
            lower: limits.map(|(lower, _)| lower),
            upper: limits.map(|(_, upper)| upper),
        });
        n_at_risk -= tied.len();
    }
    rows
}

/// The variance as a polynomial in F(t): each event time u adds
/// c + b (F(t) - F(u)) + a (F(t) - F(u))^2.
#[derive(Debug, Clone, Copy, Default)]
struct Variance {
    constant: f64,
    linear: f64,
    square: f64,
}

impl Variance {
    /// Adds an event time with `[at risk, events, competing events]`, any
    /// cause's survival before and after it, and F at it.
    fn add(
        &mut self,
        kind: IncidenceVariance,
        [n, events, competing]: [f64; 3],
        (before, after): (f64, f64),
        incidence: f64,
    ) {
        let any = events + competing;
        // A time with censorings alone changes neither F nor its variance.
        if any == 0.0 {
            return;
        }
        // Where nobody is left F does not grow, so only the constant counts.
        let goes_on = any < n;
        let (a, b, c) = match kind {
            IncidenceVariance::InfinitesimalJackknife => (
                if goes_on { any / (n * (n - any)) } else { 0.0 },
                -2.0 * before * events / (n * n),
                before * before * events * (n - events) / (n * n * n),
            ),
            IncidenceVariance::Aalen => {
                let of =
                    // With one at risk n - 1 is zero: the correction for ties is left
                    // out.
                    |d: f64| if n > 1.0 { d * (n - d) / (n * n * (n - 1.0)) } else { d / (n * n) };
                let ratio = if goes_on { before / after } else { 0.0 };
                (
                    (of(events) + of(competing)) * ratio * ratio,
                    -2.0 * of(events) * before * ratio,
                    of(events) * before * before,
                )
            }
        };
        // Expands about F(u), so that later times need no list of them.
        self.square += a;
        self.linear += b - 2.0 * a * incidence;
        self.constant += c - b * incidence + a * incidence * incidence;
    }

    /// 0 where what is left of its terms is their rounding, as where F is 1.
    fn at(&self, incidence: f64) -> f64 {
        let terms = [self.constant, incidence * self.linear, incidence * incidence * self.square];
        // Each term carries a relative rounding of its own; 16 units cover the
        // three of them and their sums.
        let rounding = 16.0 * f64::EPSILON * terms.iter().map(|term| term.abs()).sum::<f64>();
        let left = self.constant + incidence * (self.linear + incidence * self.square);
        if left > rounding { left } else { 0.0 }
    }
}
