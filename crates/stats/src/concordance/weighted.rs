//! Concordance with case weights, clusters, weights over time (Uno's), a
//! horizon, and follow-up in intervals.

use std::collections::BTreeMap;

use super::{Concordance, dense_ranks};
use crate::Error;
use crate::checks::{check_finite, check_length};
use crate::counting_data::CountingData;
use crate::follow_up::FollowUp;
use crate::groups::Groups;
use crate::inverse_censoring::CensoringCurve;
use crate::rank_sums::RankSums;
use crate::survival_data::SurvivalData;
use crate::weights::Weights;

/// What a comparable pair counts, by the time of its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConcordanceWeight {
    /// 1 (Harrell et al. 1982). Its limit depends on the censoring.
    #[default]
    Harrell,
    /// 1 / G(t-)^2, G being the Kaplan-Meier curve of the time to censoring
    /// of all subjects (Uno et al. 2011): its limit does not depend on the
    /// censoring, if that is independent of the score. Give a horizon before
    /// which enough subjects are followed. The standard error takes G as
    /// known, as R's `concordance` does.
    Uno,
}

/// How pairs are counted.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ConcordanceOptions<'a> {
    /// The strata of the subjects or intervals: only pairs within one are
    /// compared.
    pub strata: Option<&'a Groups>,
    /// Case weights, each > 0: a pair counts their product.
    pub weights: Option<Weights<'a>>,
    /// Codes of dependent subjects or intervals, such as matched sets or the
    /// intervals of one subject; each its own without.
    pub clusters: Option<&'a [usize]>,
    /// The weight over time.
    pub weight: ConcordanceWeight,
    /// Only events at or before this time are compared with others.
    pub horizon: Option<f64>,
}

/// Concordance of `risk_scores` with survival under `options`.
///
/// See [`concordance`](super::concordance()) for the pairs. With each pair
/// counted by its weights w, a_i and m_i being the weight of the others with
/// whom subject i is concordant (ties half) and comparable, and m that of all
/// comparable pairs, the influence of i is w_i (a_i - C m_i) / m. The variance
/// is the sum over clusters of the square of the sum of their influences: the
/// infinitesimal jackknife over clusters, as of R's `concordance` with
/// `cluster`. That of a few clusters is too small, and that of one is zero.
///
/// # Errors
/// [`Error::Length`] or [`Error::NotFinite`] for wrong scores,
/// [`Error::Length`] for strata, weights or clusters of others, [`Error::NoEvents`] if no pair is
/// comparable.
///
/// ```
/// use restudy_stats::concordance::{ConcordanceOptions, ConcordanceWeight, weighted_concordance};
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true, false, true, false])?;
/// let uno = ConcordanceOptions { weight: ConcordanceWeight::Uno, ..Default::default() };
/// let found = weighted_concordance(&data, &[4.0, 3.0, 1.0, 2.0], &uno)?;
/// // Three pairs for the event at 1; the one of the event at 3 counts (3/2)^2.
/// assert!((found.estimate - 3.0 / 5.25).abs() < 1e-15);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn weighted_concordance(
    data: &SurvivalData,
    risk_scores: &[f64],
    options: &ConcordanceOptions<'_>,
) -> Result<Concordance, Error> {
    let follow_up = FollowUp::RightCensored(data);
    check(follow_up, risk_scores, options)?;
    let time_weights: Vec<f64> = match options.weight {
        ConcordanceWeight::Harrell => vec![1.0; data.n()],
        ConcordanceWeight::Uno => {
            // Case weights enter G as well, as each case stands for so many.
            let curve = CensoringCurve::new(data, options.weights.map(Weights::values));
            let inverse = |time: &f64| 1.0 / (curve.before(*time) * curve.before(*time));
            data.times().iter().map(inverse).collect()
        }
    };
    compare(follow_up, risk_scores, &time_weights, options)
}

/// Concordance of `risk_scores`, one an interval, over intervals: at each
/// event, those at risk then are compared by the scores of their intervals.
/// Without clusters each interval is taken as a subject in the standard error,
/// as R's `concordance` takes it: with several intervals a subject, give the
/// subjects as clusters.
///
/// # Errors
/// Those of [`weighted_concordance`]; [`Error::Unsupported`] for Uno's weight.
pub fn concordance_of_intervals(
    data: &CountingData,
    risk_scores: &[f64],
    options: &ConcordanceOptions<'_>,
) -> Result<Concordance, Error> {
    let follow_up = FollowUp::Counting(data);
    check(follow_up, risk_scores, options)?;
    // Uno's G needs every subject's time to censoring, which intervals that begin
    // late do not give.
    if options.weight == ConcordanceWeight::Uno {
        return Err(Error::Unsupported { what: "uno's weight", with: "intervals" });
    }
    compare(follow_up, risk_scores, &vec![1.0; data.n()], options)
}

fn check(
    follow_up: FollowUp<'_>,
    risk_scores: &[f64],
    options: &ConcordanceOptions<'_>,
) -> Result<(), Error> {
    check_length("risk_scores", risk_scores.len(), follow_up.n())?;
    check_finite("risk_scores", risk_scores)?;
    if let Some(strata) = options.strata {
        strata.strata_of(follow_up.n())?;
    }
    if let Some(clusters) = options.clusters {
        check_length("clusters", clusters.len(), follow_up.n())?;
    }
    options.weights.map_or(Ok(()), |weights| weights.of(follow_up.n()).map(|_| ()))
}

/// Sums the pairs of every stratum and forms the estimate.
fn compare(
    follow_up: FollowUp<'_>,
    risk_scores: &[f64],
    time_weights: &[f64],
    options: &ConcordanceOptions<'_>,
) -> Result<Concordance, Error> {
    let n = follow_up.n();
    let ranks = dense_ranks(risk_scores);
    let weights = options.weights.map_or_else(|| vec![1.0; n], |weights| weights.values().to_vec());
    // Without a horizon every event counts.
    let horizon = options.horizon.unwrap_or(f64::INFINITY);
    let counts: Vec<bool> =
        (0..n).map(|row| follow_up.events()[row] && follow_up.ends()[row] <= horizon).collect();
    let mut pairs = Pairs { rows: vec![[0.0; 3]; n], ranks, weights, time_weights, counts };
    for order in follow_up.order_by_stratum(options.strata) {
        pairs.compare_with_survivors(follow_up, &order);
        pairs.compare_with_events(follow_up, &order);
    }
    pairs.concordance(n, options.clusters)
}

/// What has been counted for each row: concordant, tied and discordant
/// weight of the others it is compared with.
struct Pairs<'a> {
    rows: Vec<[f64; 3]>,
    ranks: Vec<usize>,
    weights: Vec<f64>,
    time_weights: &'a [f64],
    /// Whether the row ends with an event that is compared.
    counts: Vec<bool>,
}

impl Pairs<'_> {
    fn tree(&self) -> RankSums<f64> {
        RankSums::new(self.ranks.iter().max().map_or(0, |most| most + 1))
    }

    /// Compares each event with those at risk who outlive it.
    fn compare_with_survivors(&mut self, follow_up: FollowUp<'_>, order: &[usize]) {
        let mut survivors = self.tree();
        let mut entries = entries(follow_up, order);
        for run in follow_up.tied_runs(order).rev() {
            let time = follow_up.ends()[run[0]];
            let has_event = |row: &usize| follow_up.events()[*row];
            // Who is censored at the time outlives an event at it; events of one time
            // are not compared, and come in after it was asked.
            for row in run.iter().filter(|row| !has_event(row)) {
                survivors.add(self.ranks[*row], self.weights[*row]);
            }
            // Entries that are not before the event's time are not at risk at it,
            // and leave the tree. Going backwards in time, an entry is passed once.
            while let Some((_, row)) = entries.pop_if(|(start, _)| *start >= time) {
                survivors.add(self.ranks[row], -self.weights[row]);
            }
            for row in run.iter().filter(|row| self.counts[**row]) {
                let [below, equal, above] = survivors.around(self.ranks[*row]);
                let factor = self.time_weights[*row];
                self.rows[*row] = [factor * below, factor * equal, factor * above];
            }
            for row in run.iter().filter(|row| has_event(row)) {
                survivors.add(self.ranks[*row], self.weights[*row]);
            }
        }
    }

    /// Compares everyone with the events they outlive while at risk.
    fn compare_with_events(&mut self, follow_up: FollowUp<'_>, order: &[usize]) {
        let mut events = self.tree();
        let mut entries = entries(follow_up, order);
        entries.reverse();
        for run in follow_up.tied_runs(order) {
            let time = follow_up.ends()[run[0]];
            // What happened before a subject entered is not its to be compared
            // with: what the tree holds at its entry is taken off again.
            while let Some((_, row)) = entries.pop_if(|(start, _)| *start < time) {
                self.meet(row, &events, -1.0);
            }
            let has_event = |row: &usize| follow_up.events()[*row];
            for row in run.iter().filter(|row| has_event(row)) {
                self.meet(*row, &events, 1.0);
            }
            // The events of a time go in after they asked, as they are not compared
            // with each other, and before its censored ask, who outlive them.
            for row in run.iter().filter(|row| self.counts[**row]) {
                events.add(self.ranks[*row], self.weights[*row] * self.time_weights[*row]);
            }
            for row in run.iter().filter(|row| !has_event(row)) {
                self.meet(*row, &events, 1.0);
            }
        }
    }

    /// Adds the events so far, as a row sees them, times a sign.
    fn meet(&mut self, row: usize, events: &RankSums<f64>, sign: f64) {
        let [below, equal, above] = events.around(self.ranks[row]);
        let sums = self.rows[row].iter_mut().zip([above, equal, below]);
        sums.for_each(|(sum, value)| *sum += sign * value);
    }

    fn concordance(&self, n: usize, clusters: Option<&[usize]>) -> Result<Concordance, Error> {
        // Every pair was counted for both of its rows.
        let half = |kind: usize| {
            let terms = self.rows.iter().zip(&self.weights);
            0.5 * terms.map(|(sums, weight)| weight * sums[kind]).sum::<f64>()
        };
        let [concordant, tied_score, discordant] = [half(0), half(1), half(2)];
        let comparable = concordant + discordant + tied_score;
        // Sums with signs may leave a rounding of zero.
        if comparable <= 0.0 {
            return Err(Error::NoEvents { n });
        }
        let estimate = (concordant + 0.5 * tied_score) / comparable;
        let influence = |(sums, weight): (&[f64; 3], &f64)| {
            let [concordant, tied, discordant] = sums;
            let excess = concordant + 0.5 * tied - estimate * (concordant + tied + discordant);
            weight * excess / comparable
        };
        let influences = self.rows.iter().zip(&self.weights).map(influence);
        let squares = |influence: f64| influence * influence;
        let variance: f64 = match clusters {
            None => influences.map(squares).sum(),
            Some(clusters) => {
                // By ascending code, so that the sum of squares has one order.
                let mut sums = BTreeMap::new();
                for (cluster, influence) in clusters.iter().zip(influences) {
                    *sums.entry(*cluster).or_insert(0.0) += influence;
                }
                sums.into_values().map(squares).sum()
            }
        };
        let standard_error = variance.sqrt();
        Ok(Concordance { estimate, standard_error, concordant, discordant, tied_score })
    }
}

/// Start and position of those who enter late, by ascending start.
fn entries(follow_up: FollowUp<'_>, order: &[usize]) -> Vec<(f64, usize)> {
    let Some(starts) = follow_up.starts() else { return Vec::new() };
    let mut entries: Vec<(f64, usize)> = order.iter().map(|row| (starts[*row], *row)).collect();
    // Ties by position: one order on every machine.
    entries.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    entries
}
