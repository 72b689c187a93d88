//! Exact tests of a table with fixed margins, and the conditional odds ratio.

use super::network::{self, EQUALLY_LIKELY};
use super::{Table, TwoByTwo};
use crate::Error;
use crate::checks::check_share;
use crate::inference::Interval;
use crate::special::ln_hypergeometric_pmf;

/// Bound on the odds ratio's logarithm when it is searched for: exp(709) is the
/// largest that a double holds.
const WIDEST_LOG_ODDS: f64 = 690.0;

/// Fisher's exact test of a table of any size: the two-sided p-value.
///
/// The sum of P(table) over all tables with the observed margins for which
/// P(table) ≤ P(observed) (1 + 1e-7).
///
/// - `table`: counts with no empty row or column. Two-by-two tables may be of
///   any size; larger ones go through a network of partial tables.
///
/// # Errors
/// [`Error::OneGroup`] for a single row or column; [`Error::EmptyMargin`];
/// [`Error::TooManyTables`] where the network takes more than three million
/// steps.
///
/// Fisher, J R Stat Soc 1935; 98: 39-54. Freeman & Halton, Biometrika 1951; 38:
/// 141-149. Mehta & Patel, J Am Stat Assoc 1983; 78: 427-434.
///
/// ```
/// use restudy_stats::contingency::{Table, fisher_exact};
/// // one of six tables is as unlikely as this, on either side
/// let p = fisher_exact(&Table::new(2, 2, &[2, 0, 0, 2])?)?;
/// assert!((p - 2.0 / 6.0).abs() < 1e-14);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn fisher_exact(table: &Table) -> Result<f64, Error> {
    table.check_margins()?;
    if table.rows() == 2 && table.columns() == 2 {
        let cell = |i, j| table.count(i, j);
        return fisher_exact_2x2(&TwoByTwo {
            group_events: cell(0, 0),
            group_without: cell(0, 1),
            reference_events: cell(1, 0),
            reference_without: cell(1, 1),
        });
    }
    network::two_sided_p(table, network::MOST_STEPS)
}

/// Fisher's exact test of a two-by-two table: the two-sided p-value.
///
/// The rule of [`fisher_exact`], by the hypergeometric distribution.
///
/// - `table`: the counts. Where nobody or everybody has the event only one
///   table is possible, and p is 1.
///
/// # Errors
/// [`Error::Empty`] if a group is empty.
///
/// ```
/// use restudy_stats::contingency::{TwoByTwo, fisher_exact_2x2};
/// let p = fisher_exact_2x2(&TwoByTwo::from_events(25, 37, 30, 76)?)?;
/// assert_eq!(format!("{p:.5}"), "0.00867");
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn fisher_exact_2x2(table: &TwoByTwo) -> Result<f64, Error> {
    let tables = Hypergeometric::of(table)?;
    // Compared as logarithms: 1e-7 relative is what R's `fisher.test` allows, so
    // that tables of one probability are counted together whatever their rounding.
    let at_most = tables.ln_observed() + libm::log1p(EQUALLY_LIKELY);
    let extreme = tables.ln_mass.iter().filter(|&&ln_mass| ln_mass <= at_most);
    // Summed, rounding may pass 1 by its last digits.
    Ok(extreme.map(|&ln_mass| libm::exp(ln_mass)).sum::<f64>().min(1.0))
}

/// The two-sided mid-p of a two-by-two table.
///
/// The sum of P(table) over the tables less likely than the observed one, and
/// half of it over those equally likely (within 1e-7 relative): Fisher's p with
/// half the weight of the ties, the observed table among them.
///
/// - `table`: the counts.
///
/// # Errors
/// [`Error::Empty`] if a group is empty.
///
/// Lancaster, J Am Stat Assoc 1961; 56: 223-234.
///
/// ```
/// use restudy_stats::contingency::{TwoByTwo, mid_p};
/// let p = mid_p(&TwoByTwo::from_events(25, 37, 30, 76)?)?;
/// assert_eq!(format!("{p:.5}"), "0.00707");
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn mid_p(table: &TwoByTwo) -> Result<f64, Error> {
    let tables = Hypergeometric::of(table)?;
    let width = libm::log1p(EQUALLY_LIKELY);
    let observed = tables.ln_observed();
    let weight = |ln_mass: f64| match ln_mass - observed {
        // Ties count half, within the same width on both sides.
        gap if gap > width => 0.0,
        gap if gap < -width => 1.0,
        _ => 0.5,
    };
    Ok(tables.ln_mass.iter().map(|&ln_mass| weight(ln_mass) * libm::exp(ln_mass)).sum())
}

/// The conditional maximum likelihood odds ratio with its exact interval.
///
/// Given the margins, the group's events follow Fisher's noncentral
/// hypergeometric distribution with odds ratio ψ. The estimate is the ψ whose
/// mean is the observed count x; with α = 1 − level the limits are the ψ with
/// P(X ≥ x) = α/2 and P(X ≤ x) = α/2. These are solved to the last digits; R's
/// `fisher.test` stops at 1.2e-4 and so prints 15.4697 where the root for 8 of 9
/// against 2 of 7 is 15.4658.
///
/// - `table`: the counts; `confidence_level`: the confidence level, in (0, 1).
///
/// # Errors
/// [`Error::Empty`] if a group is empty; [`Error::NoVariation`] where nobody or
/// everybody has the event; [`Error::Parameter`] for a level outside (0, 1).
///
/// Cornfield, Proc 3rd Berkeley Symp 1956; 4: 135-148.
///
/// ```
/// use restudy_stats::contingency::{TwoByTwo, conditional_odds_ratio};
/// let table = TwoByTwo::from_events(1, 2, 1, 2)?;
/// assert!((conditional_odds_ratio(&table, 0.95)?.estimate - 1.0).abs() < 1e-14);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn conditional_odds_ratio(table: &TwoByTwo, confidence_level: f64) -> Result<Interval, Error> {
    check_share("confidence_level", confidence_level)?;
    let tables = Hypergeometric::of(table)?;
    // With one possible table every odds ratio fits alike.
    let last = tables.ln_mass.len() - 1;
    if last == 0 {
        return Err(Error::NoVariation { what: "event" });
    }
    let x = tables.observed;
    let tail = 0.5 * (1.0 - confidence_level);
    // For a count at an end of its range the likelihood goes on rising as the odds
    // ratio goes to 0 or infinity: the estimate is there, and a limit with it.
    let estimate = match x {
        0 => 0.0,
        _ if x == last => f64::INFINITY,
        _ => tables.odds_where(|tilted| tilted.mean() >= x as f64),
    };
    let lower = if x == 0 { 0.0 } else { tables.odds_where(|tilted| tilted.upper(x) >= tail) };
    let upper =
        if x == last { f64::INFINITY } else { tables.odds_where(|tilted| tilted.lower(x) <= tail) };
    Ok(Interval { estimate, lower, upper })
}

/// Every two-by-two table with the observed margins, from the fewest events in
/// the group to the most.
struct Hypergeometric {
    ln_mass: Vec<f64>,
    observed: usize,
}

impl Hypergeometric {
    fn of(table: &TwoByTwo) -> Result<Self, Error> {
        let (group, events, total) = (table.group_n(), table.events(), table.total());
        if group == 0 || group == total {
            return Err(Error::Empty);
        }
        // The margins leave this range for the first cell: k <= events, k <= group,
        // and the rest has to fit in the reference.
        let fewest = events.saturating_sub(table.reference_n());
        let most = events.min(group);
        let mass = |k| ln_hypergeometric_pmf(k, total, group, events);
        let observed = (table.group_events - fewest) as usize;
        Ok(Hypergeometric { ln_mass: (fewest..=most).map(mass).collect(), observed })
    }

    fn ln_observed(&self) -> f64 {
        self.ln_mass[self.observed]
    }

    /// The smallest odds ratio at which `reached` holds, for a condition that
    /// goes on holding as the odds ratio grows.
    fn odds_where(&self, reached: impl Fn(&Tilted) -> bool) -> f64 {
        // On the logarithm the range is symmetric and a ratio and its inverse are
        // solved alike.
        let (mut low, mut high) = (-WIDEST_LOG_ODDS, WIDEST_LOG_ODDS);
        // Halving ends when no number lies between the two.
        loop {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                return libm::exp(middle);
            }
            if reached(&self.tilted(middle)) {
                high = middle;
            } else {
                low = middle;
            }
        }
    }

    /// The noncentral distribution with the given log odds ratio.
    fn tilted(&self, log_odds: f64) -> Tilted {
        let tilt = |(k, &ln_mass): (usize, &f64)| ln_mass + k as f64 * log_odds;
        let ln_weights: Vec<f64> = self.ln_mass.iter().enumerate().map(tilt).collect();
        // The largest weight becomes 1: a tilt of hundreds would overflow before
        // the ratio is formed, in which the constant cancels.
        let most = ln_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Tilted(ln_weights.iter().map(|ln_weight| libm::exp(ln_weight - most)).collect())
    }
}

/// Fisher's noncentral hypergeometric distribution, up to a constant.
struct Tilted(Vec<f64>);

impl Tilted {
    fn total(&self) -> f64 {
        self.0.iter().sum()
    }

    fn mean(&self) -> f64 {
        let moment: f64 = self.0.iter().enumerate().map(|(k, weight)| k as f64 * weight).sum();
        moment / self.total()
    }

    fn lower(&self, x: usize) -> f64 {
        self.0[..=x].iter().sum::<f64>() / self.total()
    }

    fn upper(&self, x: usize) -> f64 {
        self.0[x..].iter().sum::<f64>() / self.total()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_most_extreme_table_by_hand() {
        // 20 = 6! / (3! 3!) ways to deal three events among six; two of them are as
        // extreme.
        // all 3 against none of 3: probability 1/20, and its mirror image
        let table = TwoByTwo::from_events(3, 3, 0, 3).unwrap();
        assert!((fisher_exact_2x2(&table).unwrap() - 0.1).abs() < 1e-15);
        assert!((mid_p(&table).unwrap() - 0.05).abs() < 1e-15);
        let ratio = conditional_odds_ratio(&table, 0.95).unwrap();
        assert_eq!((ratio.estimate, ratio.upper), (f64::INFINITY, f64::INFINITY));
        // P(X = 3) = psi^3 / (1 + 9 psi + 9 psi^2 + psi^3) = 0.025 at the lower limit
        let psi = ratio.lower;
        let p = psi * psi * psi / (1.0 + 9.0 * psi + 9.0 * psi * psi + psi * psi * psi);
        assert!((p - 0.025).abs() < 1e-14, "{psi}");
    }

    #[test]
    fn where_only_one_table_is_possible() {
        let nobody = TwoByTwo::from_events(0, 3, 0, 4).unwrap();
        // One possible table, which is the observed one: all ties, half of it
        // counts.
        assert_eq!(fisher_exact_2x2(&nobody), Ok(1.0));
        assert_eq!(mid_p(&nobody), Ok(0.5));
        let error = conditional_odds_ratio(&nobody, 0.95).unwrap_err();
        assert_eq!(error, Error::NoVariation { what: "event" });
        let no_group = TwoByTwo::from_events(0, 0, 1, 4).unwrap();
        assert_eq!(fisher_exact_2x2(&no_group), Err(Error::Empty));
    }

    #[test]
    fn a_large_table_loses_no_mass() {
        // Equal shares: the observed table is the most likely one, so that p is 1.
        // With 10,001 possible tables the sum of exponentials must not drift.
        let table = TwoByTwo::from_events(5_000, 10_000, 50_000, 100_000).unwrap();
        assert!((fisher_exact_2x2(&table).unwrap() - 1.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn swapping_groups_keeps_p_and_inverts_the_ratio(
            a in 0..40_u64, b in 1..40_u64, c in 1..40_u64, d in 0..40_u64,
        ) {
            let table = TwoByTwo::from_events(a, a + b, c, c + d).unwrap();
            let turned = TwoByTwo::from_events(c, c + d, a, a + b).unwrap();
            let p = fisher_exact_2x2(&table).unwrap();
            prop_assert!((p - fisher_exact_2x2(&turned).unwrap()).abs() < 1e-12);
            prop_assert!(mid_p(&table).unwrap() < p);
            let one = conditional_odds_ratio(&table, 0.9).unwrap();
            let other = conditional_odds_ratio(&turned, 0.9).unwrap();
            let inverse = 1.0 / other.lower;
            prop_assert!(one.upper == inverse
                || (one.upper / inverse - 1.0).abs() < 1e-10);
            prop_assert!(one.lower <= one.estimate);
            prop_assert!(one.estimate <= one.upper);
        }
    }
}
