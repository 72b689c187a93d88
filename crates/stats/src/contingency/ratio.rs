//! The odds ratio and the relative risk of two groups, with large-sample intervals.

use super::TwoByTwo;
use crate::Error;
use crate::inference::Interval;
use crate::proportion::critical_value;

/// An estimated ratio of two groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// The ratio, group over reference; infinite or zero where a cell is empty.
    pub estimate: f64,
    /// The standard error of its logarithm; none where an empty cell makes it infinite.
    pub standard_error_of_log: Option<f64>,
    /// The interval, formed on the logarithm; none where its standard error is none.
    pub interval: Option<Interval>,
}

/// The sample odds ratio with Woolf's interval.
///
/// ad / bc, and exp(ln OR ± z √(1/a + 1/b + 1/c + 1/d)). No half is added to
/// empty cells: the estimate is then 0 or ∞ and there is no interval.
///
/// - `table`: the counts; `confidence_level`: the confidence level, in (0, 1).
///
/// # Errors
/// [`Error::Empty`] if a group is empty; [`Error::NoVariation`] where nobody or
/// everybody has the event; [`Error::Parameter`] for a level outside (0, 1).
///
/// Woolf, Ann Hum Genet 1955; 19: 251-253.
///
/// ```
/// use restudy_stats::contingency::{TwoByTwo, odds_ratio};
/// let response = odds_ratio(&TwoByTwo::from_events(25, 37, 30, 76)?, 0.95)?;
/// assert_eq!(format!("{:.2}", response.estimate), "3.19");
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn odds_ratio(table: &TwoByTwo, confidence_level: f64) -> Result<Ratio, Error> {
    table.check_groups()?;
    // With everybody an event ad and bc are both zero; the relative risk has a
    // meaning then and is not refused.
    if table.events() == table.total() {
        return Err(Error::NoVariation { what: "event" });
    }
    let [a, b, c, d] = table.as_f64();
    let variance = 1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d;
    ratio((a * d) / (b * c), variance, confidence_level)
}

/// The relative risk with the interval of Katz and others.
///
/// (a / n₁) / (c / n₀), and exp(ln RR ± z √(1/a − 1/n₁ + 1/c − 1/n₀)). Where a
/// group has no event the estimate is 0 or ∞ and there is no interval.
///
/// - `table`: the counts; `confidence_level`: the confidence level, in (0, 1).
///
/// # Errors
/// [`Error::Empty`] if a group is empty; [`Error::NoVariation`] where nobody
/// has the event; [`Error::Parameter`] for a level outside (0, 1).
///
/// Katz, Baptista, Azen & Pike, Biometrics 1978; 34: 469-474, method C.
///
/// ```
/// use restudy_stats::contingency::{TwoByTwo, relative_risk};
/// let response = relative_risk(&TwoByTwo::from_events(1, 2, 1, 4)?, 0.95)?;
/// assert_eq!(response.estimate, 2.0);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn relative_risk(table: &TwoByTwo, confidence_level: f64) -> Result<Ratio, Error> {
    table.check_groups()?;
    let [a, b, c, d] = table.as_f64();
    // 1/a − 1/n as b / (a n), which is exactly zero where all have the event.
    let variance = b / (a * (a + b)) + d / (c * (c + d));
    ratio((a * (c + d)) / (c * (a + b)), variance, confidence_level)
}

fn ratio(estimate: f64, variance: f64, confidence_level: f64) -> Result<Ratio, Error> {
    let z = critical_value(confidence_level)?;
    // An empty cell makes the variance infinite. No half is added: the estimate
    // stays that of the data.
    let known = variance.is_finite().then(|| variance.sqrt());
    let interval = known.map(|error| {
        let log = libm::log(estimate);
        let (lower, upper) = (libm::exp(log - z * error), libm::exp(log + z * error));
        Interval { estimate, lower, upper }
    });
    Ok(Ratio { estimate, standard_error_of_log: known, interval })
}

impl TwoByTwo {
    fn check_groups(&self) -> Result<(), Error> {
        if self.group_n() == 0 || self.reference_n() == 0 {
            return Err(Error::Empty);
        }
        if self.events() == 0 {
            return Err(Error::NoVariation { what: "event" });
        }
        Ok(())
    }

    fn as_f64(&self) -> [f64; 4] {
        [self.group_events, self.group_without, self.reference_events, self.reference_without]
            .map(|count| count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_empty_cell_leaves_an_estimate_without_interval() {
        let none = odds_ratio(&TwoByTwo::from_events(0, 5, 2, 5).unwrap(), 0.95).unwrap();
        assert_eq!((none.estimate, none.interval), (0.0, None));
        let all = odds_ratio(&TwoByTwo::from_events(5, 5, 2, 5).unwrap(), 0.95).unwrap();
        assert_eq!((all.estimate, all.standard_error_of_log), (f64::INFINITY, None));
        let risk = relative_risk(&TwoByTwo::from_events(2, 5, 0, 5).unwrap(), 0.95).unwrap();
        assert_eq!((risk.estimate, risk.interval), (f64::INFINITY, None));
    }

    #[test]
    fn a_ratio_needs_groups_and_events() {
        let nobody = TwoByTwo::from_events(0, 5, 0, 5).unwrap();
        assert_eq!(relative_risk(&nobody, 0.95), Err(Error::NoVariation { what: "event" }));
        let everybody = TwoByTwo::from_events(5, 5, 4, 4).unwrap();
        assert_eq!(odds_ratio(&everybody, 0.95).unwrap_err().to_string(), "`event` does not vary");
        assert_eq!(relative_risk(&everybody, 0.95).unwrap().standard_error_of_log, Some(0.0));
        let empty = TwoByTwo::from_events(0, 0, 4, 5).unwrap();
        assert_eq!(odds_ratio(&empty, 0.95), Err(Error::Empty));
    }

    proptest! {
        #[test]
        fn swapping_the_groups_inverts_the_ratio(
            a in 1..200_u64, b in 1..200_u64, c in 1..200_u64, d in 1..200_u64,
        ) {
            let table = TwoByTwo::from_events(a, a + b, c, c + d).unwrap();
            let turned = TwoByTwo::from_events(c, c + d, a, a + b).unwrap();
            for method in [odds_ratio, relative_risk] {
                let one = method(&table, 0.95).unwrap();
                let other = method(&turned, 0.95).unwrap();
                prop_assert!((one.estimate * other.estimate - 1.0).abs() < 1e-14);
                let product = one.interval.unwrap().lower * other.interval.unwrap().upper;
                prop_assert!((product - 1.0).abs() < 1e-12);
            }
        }
    }
}
