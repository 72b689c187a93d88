//! The one pass over event times, and the sums that every test is made of.

use nalgebra::DMatrix;

use super::LogRankWeight;
use crate::follow_up::FollowUp;
use crate::group_comparison::LogRank;
use crate::groups::Groups;
use crate::inference::Test;
use crate::symmetric::Factors;

/// Below this share of the largest variance a group adds no information: the
/// rows of the variance matrix sum to zero, so that the last group's pivot is
/// rounding.
const RANK_TOLERANCE: f64 = 1e-12;
/// Rows fetched at a time: the order of time visits the columns at random, and
/// a loop that does nothing but fetch lets the processor wait for many at once.
/// This many (24 KB) stay in the first cache until they are counted.
const FETCHED: usize = 1024;

/// One event time of one stratum.
pub(crate) struct EventTime<'a> {
    /// The time.
    pub(crate) time: f64,
    /// At risk.
    pub(crate) n: f64,
    /// Events.
    pub(crate) events: f64,
    /// At risk in each group.
    pub(crate) at_risk: &'a [f64],
    /// Events in each group.
    pub(crate) deaths: &'a [f64],
    /// The pooled Kaplan-Meier curve just before the time.
    pub(crate) survival_before: f64,
    /// Peto and Peto's estimate at the time.
    pub(crate) peto_survival: f64,
}

/// Visits the event times of one stratum, whose rows are at the positions
/// `order` by ascending end.
pub(crate) fn walk_event_times(
    follow_up: FollowUp<'_>,
    groups: &Groups,
    order: &[usize],
    mut visit: impl FnMut(&EventTime<'_>),
) {
    let mut walk = Walk::new(follow_up, groups.count(), order);
    let groups = groups.codes();
    // Right-censored rows are all at risk from the beginning; those of intervals
    // come in by their starts.
    if follow_up.starts().is_none() {
        for row in order {
            walk.at_risk[groups[*row]] += 1.0;
        }
    }
    let (ends, events) = (follow_up.ends(), follow_up.events());
    // Fetching rows apart from using them lets many fetches run at once.
    let mut fetched = Vec::with_capacity(FETCHED);
    for rows in order.chunks(FETCHED) {
        fetched.clear();
        fetched.extend(rows.iter().map(|row| (ends[*row], groups[*row], events[*row])));
        for &(end, group, is_event) in &fetched {
            // Ends are equal or apart, as near ties were joined when the data were
            // checked.
            if end != walk.time {
                walk.finish(groups, &mut visit);
                walk.time = end;
            }
            // Not taken off the risk set yet: whoever ends at the time is at risk
            // at it.
            let counts = if is_event { &mut walk.deaths } else { &mut walk.censored };
            counts[group] += 1.0;
        }
    }
    walk.finish(groups, &mut visit);
}

/// The counts that a walk carries along.
struct Walk<'a> {
    entries: Entries<'a>,
    /// Before the time's entries and after the times before it.
    at_risk: Vec<f64>,
    time: f64,
    deaths: Vec<f64>,
    censored: Vec<f64>,
    survival: f64,
    peto_survival: f64,
}

impl<'a> Walk<'a> {
    fn new(follow_up: FollowUp<'a>, n_groups: usize, order: &[usize]) -> Self {
        Self {
            entries: Entries::new(follow_up, order),
            at_risk: vec![0.0; n_groups],
            time: f64::NEG_INFINITY,
            deaths: vec![0.0; n_groups],
            censored: vec![0.0; n_groups],
            survival: 1.0,
            peto_survival: 1.0,
        }
    }

    /// Visits the time whose rows have been counted, and lets them go.
    fn finish(&mut self, groups: &[usize], visit: &mut impl FnMut(&EventTime<'_>)) {
        // Starts strictly before the time: who enters at it is not at risk at it.
        for &row in self.entries.before(self.time) {
            self.at_risk[groups[row]] += 1.0;
        }
        let events: f64 = self.deaths.iter().sum();
        if events > 0.0 {
            let n: f64 = self.at_risk.iter().sum();
            // Peto and Peto's estimate has n + 1, so that it never reaches zero and
            // the last event keeps a weight.
            self.peto_survival *= 1.0 - events / (n + 1.0);
            visit(&EventTime {
                time: self.time,
                n,
                events,
                at_risk: &self.at_risk,
                deaths: &self.deaths,
                survival_before: self.survival,
                peto_survival: self.peto_survival,
            });
            // After the visit: the weights of Fleming and Harrington use the curve
            // just before the time.
            self.survival *= (n - events) / n;
        }
        let left = self.deaths.iter_mut().zip(&mut self.censored);
        for (at_risk, (deaths, censored)) in self.at_risk.iter_mut().zip(left) {
            *at_risk -= *deaths + *censored;
            (*deaths, *censored) = (0.0, 0.0);
        }
    }
}

/// Rows by ascending start, let in as time goes on; none where all are at
/// risk from the beginning.
struct Entries<'a> {
    starts: &'a [f64],
    waiting: Vec<usize>,
    entered: usize,
}

impl<'a> Entries<'a> {
    fn new(follow_up: FollowUp<'a>, order: &[usize]) -> Self {
        let Some(starts) = follow_up.starts() else {
            return Self { starts: &[], waiting: Vec::new(), entered: 0 };
        };
        let mut waiting = order.to_vec();
        // Ties by row: one order on every machine.
        waiting.sort_by(|a, b| starts[*a].total_cmp(&starts[*b]).then(a.cmp(b)));
        Self { starts, waiting, entered: 0 }
    }

    /// The rows that start before `time` and were not given before.
    fn before(&mut self, time: f64) -> &[usize] {
        let waiting = &self.waiting[self.entered..];
        let count = waiting.iter().take_while(|row| self.starts[**row] < time).count();
        self.entered += count;
        &waiting[..count]
    }
}

/// Observed, expected and covariance under each of several weights, and
/// covariances between weights, summed over event times and strata.
pub(crate) struct Sums {
    weights: Vec<LogRankWeight>,
    observed: Vec<Vec<f64>>,
    expected: Vec<Vec<f64>>,
    /// Of the pair of weights (a, b), b <= a, at a (a + 1) / 2 + b.
    covariances: Vec<DMatrix<f64>>,
    current: Vec<f64>,
    /// Each group's share of those at risk.
    shares: Vec<f64>,
}

impl Sums {
    pub(crate) fn new(n_groups: usize, weights: &[LogRankWeight]) -> Self {
        let n_weights = weights.len();
        Self {
            weights: weights.to_vec(),
            observed: vec![vec![0.0; n_groups]; n_weights],
            expected: vec![vec![0.0; n_groups]; n_weights],
            covariances: vec![DMatrix::zeros(n_groups, n_groups); n_weights * (n_weights + 1) / 2],
            current: vec![0.0; n_weights],
            shares: vec![0.0; n_groups],
        }
    }

    /// Adds one event time.
    pub(crate) fn add(&mut self, time: &EventTime<'_>) {
        for (share, at_risk) in self.shares.iter_mut().zip(time.at_risk) {
            *share = at_risk / time.n;
        }
        let sums = self.observed.iter_mut().zip(&mut self.expected);
        let weights = self.weights.iter().zip(&mut self.current);
        for ((weight, current), (observed, expected)) in weights.zip(sums) {
            *current = weight.of(time);
            let events = *current * time.events;
            for (observed, deaths) in observed.iter_mut().zip(time.deaths) {
                *observed += *current * deaths;
            }
            for (expected, share) in expected.iter_mut().zip(&self.shares) {
                *expected += events * share;
            }
        }
        // The last one at risk: the hypergeometric has no variance, and n - 1 would
        // divide by zero.
        if time.n <= 1.0 {
            return;
        }
        // d (n - d) / (n - 1), the finite-population factor of tied events.
        let factor = time.events * (time.n - time.events) / (time.n - 1.0);
        let mut pair = self.covariances.iter_mut();
        for (a, first) in self.current.iter().enumerate() {
            for second in &self.current[..=a] {
                let covariance = pair.next().expect("invariant: one matrix for each pair");
                add_hypergeometric(covariance, first * second * factor, &self.shares);
            }
        }
    }

    /// Observed minus expected under a weight.
    pub(super) fn differences(&self, weight: usize) -> Vec<f64> {
        let pairs = self.observed[weight].iter().zip(&self.expected[weight]);
        pairs.map(|(observed, expected)| observed - expected).collect()
    }

    /// The covariance of the differences under one weight with those under
    /// another.
    pub(super) fn covariance(&self, first: usize, second: usize) -> &DMatrix<f64> {
        let (a, b) = (first.max(second), first.min(second));
        &self.covariances[a * (a + 1) / 2 + b]
    }

    /// The groups that expect events under a weight.
    pub(super) fn with_expectation(&self, weight: usize) -> Vec<usize> {
        let expected = &self.expected[weight];
        (0..expected.len()).filter(|j| expected[*j] > 0.0).collect()
    }

    /// The chi-square test under the first weight.
    fn test(&self) -> Test {
        // One group is redundant, as the differences sum to zero.
        // Groups without expected events were never at risk at an event: they have
        // no row in the variance either.
        let compared: Vec<usize> = self.with_expectation(0).into_iter().skip(1).collect();
        let differences = self.differences(0);
        let difference: Vec<f64> = compared.iter().map(|j| differences[*j]).collect();
        let variance = self.covariances[0].select_rows(&compared).select_columns(&compared);
        let factors = Factors::new(&variance, RANK_TOLERANCE);
        Test::new(factors.quadratic_form(&difference), factors.rank())
    }

    /// The test under the first weight, `n` being the rows of each group.
    pub(crate) fn into_log_rank(mut self, n: Vec<usize>) -> LogRank {
        LogRank {
            n,
            test: self.test(),
            observed: self.observed.swap_remove(0),
            expected: self.expected.swap_remove(0),
            variance: self.covariances.swap_remove(0),
        }
    }
}

/// Adds `factor` times s_j (delta_jk - s_k) for shares s of those at risk.
fn add_hypergeometric(covariance: &mut DMatrix<f64>, factor: f64, shares: &[f64]) {
    let columns = covariance.as_mut_slice().chunks_mut(shares.len());
    for (k, (column, other)) in columns.zip(shares).enumerate() {
        for (j, (sum, share)) in column.iter_mut().zip(shares).enumerate() {
            let delta = if j == k { 1.0 } else { 0.0 };
            *sum += factor * share * (delta - other);
        }
    }
}
