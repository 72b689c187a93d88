//! Harrell's and Uno's concordance between a score and survival. Fitting the
//! score is left to others.

mod weighted;

pub use weighted::{
    ConcordanceOptions, ConcordanceWeight, concordance_of_intervals, weighted_concordance,
};

use crate::Error;
use crate::checks::{check_finite, check_length};
use crate::groups::Groups;
use crate::radix;
use crate::rank_sums::RankSums;
use crate::survival_data::SurvivalData;

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
    strata: Option<&Groups>,
) -> Result<Concordance, Error> {
    check_length("risk_scores", risk_scores.len(), data.n())?;
    check_finite("risk_scores", risk_scores)?;
    if let Some(strata) = strata {
        strata.strata_of(data.n())?;
    }
    // Only the order of scores matters: ranks index the tree of sums.
    let ranks = dense_ranks(risk_scores);
    let mut pairs = Vec::with_capacity(data.n());
    for order in data.order_by_stratum(strata) {
        count_pairs(data, &ranks, &order, &mut pairs);
    }
    // Halves are exact in binary, so that whole counts come back as whole numbers.
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

/// A subject in ascending order of time.
#[derive(Debug, Clone, Copy)]
struct Subject {
    rank: usize,
    is_event: bool,
    /// Whether its time is that of the subject before.
    is_tied: bool,
}

/// Counts one stratum's pairs, once for each of their subjects, whom it
/// appends in ascending order of time.
fn count_pairs(data: &SurvivalData, ranks: &[usize], order: &[usize], pairs: &mut Vec<Pairs>) {
    let size = ranks.iter().max().map_or(0, |most| most + 1);
    let mut previous = f64::NAN;
    let subjects = order.iter().map(|subject| {
        // Times have been made equal where they differ by rounding alone: equality
        // is exact here. Nothing equals the first `previous`, which is not a
        // number.
        let is_tied = previous == data.times()[*subject];
        previous = data.times()[*subject];
        Subject { rank: ranks[*subject], is_event: data.events()[*subject], is_tied }
    });
    let subjects: Vec<Subject> = subjects.collect();
    // The two passes share nothing: one per core. Their counts are whole, so that
    // the order of adding does not matter.
    let (mut outlived, outlives) =
        rayon::join(|| with_survivors(&subjects, size), || with_events(&subjects, size));
    for (pairs, more) in outlived.iter_mut().zip(outlives) {
        pairs.concordant += more.concordant;
        pairs.tied += more.tied;
        pairs.discordant += more.discordant;
    }
    pairs.append(&mut outlived);
}

/// Compares each event with those who outlive it.
fn with_survivors(subjects: &[Subject], size: usize) -> Vec<Pairs> {
    let mut pairs = vec![Pairs::default(); subjects.len()];
    let mut survivors = RankSums::<u32>::new(size);
    let mut end = subjects.len();
    // From the longest time backwards, the survivors are in the tree when an event
    // asks.
    for run in subjects.chunk_by(|_, next| next.is_tied).rev() {
        // Censored at the time of an event, a subject outlives it: it goes in
        // before this time's events ask, and they go in after.
        run.iter().filter(|s| !s.is_event).for_each(|s| survivors.add(s.rank, 1));
        let start = end - run.len();
        for (subject, pairs) in run.iter().zip(&mut pairs[start..end]) {
            if subject.is_event {
                // A survivor with a lower score than the event's is concordant: the
                // higher risk died first.
                let [below, equal, above] = survivors.around(subject.rank).map(|n| n as usize);
                pairs.add(below, equal, above);
            }
        }
        run.iter().filter(|s| s.is_event).for_each(|s| survivors.add(s.rank, 1));
        end = start;
    }
    pairs
}

/// Compares everyone with the events they outlive.
fn with_events(subjects: &[Subject], size: usize) -> Vec<Pairs> {
    let mut pairs = vec![Pairs::default(); subjects.len()];
    let mut events = RankSums::<u32>::new(size);
    let mut start = 0;
    for run in subjects.chunk_by(|_, next| next.is_tied) {
        let own = &mut pairs[start..start + run.len()];
        start += run.len();
        // Events ask first: those of one time are not compared with each other.
        for is_event in [true, false] {
            for (subject, pairs) in run.iter().zip(own.iter_mut()) {
                if subject.is_event == is_event {
                    let [below, equal, above] = events.around(subject.rank).map(|n| n as usize);
                    // Seen from the survivor the signs turn: an earlier event with the
                    // higher score is concordant.
                    pairs.add(above, equal, below);
                }
            }
            // Censored at the time of an event, one outlives it.
            if is_event {
                run.iter().filter(|s| s.is_event).for_each(|s| events.add(s.rank, 1));
            }
        }
    }
    pairs
}

/// Ranks from zero, equal values sharing one.
fn dense_ranks(values: &[f64]) -> Vec<usize> {
    // With the sign bit of numbers turned, and all bits of negative ones, the
    // bits sort as the numbers do. Adding zero makes one of 0 and -0.
    let sortable = |value: f64| match (value + 0.0).to_bits() {
        bits if bits >> 63 == 0 => bits | 1 << 63,
        bits => !bits,
    };
    let key = |position: usize| sortable(values[position]);
    let (keys, order) = radix::sort(values.len(), key);
    let mut ranks = vec![0; values.len()];
    let mut rank = 0;
    for (place, position) in order.into_iter().enumerate() {
        rank += usize::from(place > 0 && keys[place] != keys[place - 1]);
        ranks[position] = rank;
    }
    ranks
}
