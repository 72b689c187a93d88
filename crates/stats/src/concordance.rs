//! Harrell's and Uno's concordance between a score and survival. Fitting the
//! score is left to others.

mod weighted;

pub use weighted::{
    ConcordanceOptions, ConcordanceWeight, concordance_of_intervals, weighted_concordance,
};

use crate::Error;
use crate::survival_data::{SurvivalData, check_finite, check_length};

/// How well a score orders survival times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Concordance {
    /// C: the share of comparable pairs in which the higher risk has the
    /// event first, pairs of equal risk counted half.
    pub estimate: f64,
    /// Its standard error by the infinitesimal jackknife.
    pub standard_error: f64,
    /// Comparable pairs ordered as predicted.
    pub concordant: f64,
    /// Comparable pairs ordered the other way.
    pub discordant: f64,
    /// Comparable pairs of equal scores.
    pub tied_score: f64,
}

/// Concordance of `risk_scores` (one a subject, higher for earlier events)
/// with survival, over pairs within a stratum.
///
/// # Formula
/// C = (concordant + tied / 2) / comparable (Harrell et al. 1982). A pair is
/// comparable if the earlier time is an event; two events at one time are
/// not, an event and a censoring at one time are, as the latter outlives it.
/// With a_i and m_i the concordant (ties half) and comparable pairs of
/// subject i and m all comparable pairs, the variance is the sum of
/// ((a_i - C m_i) / m)^2. Done in O(n log n).
///
/// # Errors
/// [`Error::Length`] or [`Error::NotFinite`] for wrong scores or strata,
/// [`Error::NoEvents`] if no pair is comparable.
///
/// ```
/// use restudy_stats::concordance::concordance;
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[1.0, 2.0, 3.0], &[true, true, false])?;
/// let perfect = concordance(&data, &[3.0, 2.0, 1.0], None)?;
/// assert_eq!(perfect.estimate, 1.0);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn concordance(
    data: &SurvivalData,
    risk_scores: &[f64],
    strata: Option<&[usize]>,
) -> Result<Concordance, Error> {
    check_length("risk_scores", risk_scores.len(), data.n())?;
    check_finite("risk_scores", risk_scores)?;
    if let Some(strata) = strata {
        check_length("strata", strata.len(), data.n())?;
    }
    let ranks = dense_ranks(risk_scores);
    let mut pairs = vec![Pairs::default(); data.n()];
    for order in data.order_by_stratum(strata) {
        count_pairs(data, &ranks, &order, &mut pairs);
    }
    // Every pair was counted for both of its subjects.
    let half = |count: fn(&Pairs) -> f64| 0.5 * pairs.iter().map(count).sum::<f64>();
    let concordant = half(|pairs| pairs.concordant);
    let discordant = half(|pairs| pairs.discordant);
    let tied_score = half(|pairs| pairs.tied);
    let comparable = concordant + discordant + tied_score;
    if comparable == 0.0 {
        return Err(Error::NoEvents { n: data.n() });
    }
    let estimate = (concordant + 0.5 * tied_score) / comparable;
    let influence = |pairs: &Pairs| {
        (pairs.concordant + 0.5 * pairs.tied - estimate * pairs.comparable()) / comparable
    };
    let variance: f64 = pairs.iter().map(|pairs| influence(pairs) * influence(pairs)).sum();
    let standard_error = variance.sqrt();
    Ok(Concordance { estimate, standard_error, concordant, discordant, tied_score })
}

/// The comparable pairs of one subject.
#[derive(Debug, Clone, Copy, Default)]
struct Pairs {
    concordant: f64,
    discordant: f64,
    tied: f64,
}

impl Pairs {
    fn comparable(&self) -> f64 {
        self.concordant + self.discordant + self.tied
    }

    fn add(&mut self, concordant: usize, tied: usize, discordant: usize) {
        self.concordant += concordant as f64;
        self.tied += tied as f64;
        self.discordant += discordant as f64;
    }
}

/// Counts one stratum's pairs, once for each of their subjects.
fn count_pairs(data: &SurvivalData, ranks: &[usize], order: &[usize], pairs: &mut [Pairs]) {
    let size = ranks.iter().max().map_or(0, |most| most + 1);
    let is_event = |subject: &usize| data.events()[*subject];
    // An event is compared with those who outlive it.
    let mut survivors = Counts::new(size);
    let tied: Vec<&[usize]> = data.tied_runs(order).collect();
    for run in tied.iter().rev() {
        run.iter().filter(|s| !is_event(s)).for_each(|s| survivors.add(ranks[*s]));
        for subject in run.iter().filter(|s| is_event(s)) {
            let (below, equal, above) = survivors.around(ranks[*subject]);
            pairs[*subject].add(below, equal, above);
        }
        run.iter().filter(|s| is_event(s)).for_each(|s| survivors.add(ranks[*s]));
    }
    // Everyone is compared with the events they outlive.
    let mut events = Counts::new(size);
    for run in tied {
        for subject in run.iter().filter(|s| is_event(s)) {
            let (below, equal, above) = events.around(ranks[*subject]);
            pairs[*subject].add(above, equal, below);
        }
        run.iter().filter(|s| is_event(s)).for_each(|s| events.add(ranks[*s]));
        for subject in run.iter().filter(|s| !is_event(s)) {
            let (below, equal, above) = events.around(ranks[*subject]);
            pairs[*subject].add(above, equal, below);
        }
    }
}

/// Ranks from zero, equal values sharing one.
fn dense_ranks(values: &[f64]) -> Vec<usize> {
    let mut sorted: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    values.iter().map(|value| sorted.partition_point(|other| other < value)).collect()
}

/// Counts by rank with prefix sums in O(log n): a Fenwick tree.
struct Counts {
    tree: Vec<usize>,
    total: usize,
}

impl Counts {
    fn new(size: usize) -> Self {
        Self { tree: vec![0; size + 1], total: 0 }
    }

    fn add(&mut self, rank: usize) {
        self.total += 1;
        let mut node = rank + 1;
        while node < self.tree.len() {
            self.tree[node] += 1;
            node += node & node.wrapping_neg();
        }
    }

    /// How many were added with a rank below `rank`.
    fn below(&self, rank: usize) -> usize {
        let mut node = rank;
        let mut count = 0;
        while node > 0 {
            count += self.tree[node];
            node &= node - 1;
        }
        count
    }

    /// How many were added below, at and above `rank`.
    fn around(&self, rank: usize) -> (usize, usize, usize) {
        let below = self.below(rank);
        let until = self.below(rank + 1);
        (below, until - below, self.total - until)
    }
}
