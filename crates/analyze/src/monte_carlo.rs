//! What other random draws would change: the Monte Carlo error of a number as
//! a finding, and a warning where it could be seen.

use engine::{Read, Section};
use study::{DrawnNumber, Finding, Part, Procedure, Quantity, StudySettings, Warning};

/// The Monte Carlo standard errors of a finding's numbers, in their unit; 0
/// of one that hangs on no draw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DrawErrors {
    pub(crate) estimate: f64,
    pub(crate) lower: f64,
    pub(crate) upper: f64,
}

/// How many Monte Carlo errors other draws may lie away: 95% of them do not.
const REACH: f64 = 2.0;

impl DrawErrors {
    /// Of a number that hangs on draws itself, and has no limits that do.
    pub(crate) fn of_estimate(estimate: f64) -> Self {
        Self { estimate, lower: 0.0, upper: 0.0 }
    }

    /// The largest.
    fn largest(&self) -> f64 {
        self.estimate.max(self.lower).max(self.upper)
    }

    /// Warns where other draws could change a printed digit of the finding,
    /// or the side of no effect on which a limit lies.
    pub(crate) fn warn(&self, finding: Finding, study: &StudySettings) -> Finding {
        self.warn_in_unit(finding, study.days_per_time_unit())
    }

    /// The same where times are printed in a unit of so many days.
    pub(crate) fn warn_in_unit(&self, mut finding: Finding, days_per_unit: f64) -> Finding {
        let numbers = [
            (DrawnNumber::Estimate, finding.value, self.estimate),
            (DrawnNumber::Lower, finding.lower, self.lower),
            (DrawnNumber::Upper, finding.upper, self.upper),
        ];
        let printed = |value: f64| Printed::of(finding.quantity, value, days_per_unit);
        let mut changed = Vec::new();
        for (number, value, error) in numbers {
            let Some(value) = value else { continue };
            // Both ends are rounded as a report rounds them: if
            // they print alike, so does all that lies between them.
            let [least, most] = [value - REACH * error, value + REACH * error];
            if printed(least) != printed(most) {
                changed.push(number);
            }
            let null = no_effect(finding.quantity);
            // Strictly between: a limit that is exactly at no effect
            // and hangs on no draw is on no side that could change.
            let crosses = null.is_some_and(|null| least < null && null < most);
            // Of a limit alone: readers take a number for an effect
            // by its limits, not by the side of the estimate.
            if crosses && number != DrawnNumber::Estimate {
                finding.warnings.push(Warning::DrawsDecide { limit: number, error });
            }
        }
        if !changed.is_empty() {
            let warning = Warning::FewDraws { numbers: changed, error: self.largest() };
            finding.warnings.push(warning);
        }
        finding
    }
}

/// The Monte Carlo error of a finding's numbers, the largest of them, as a
/// finding of its own: its id is that of the other behind `monte_carlo_error`.
pub(crate) fn error_of(finding: &Finding, errors: Option<DrawErrors>) -> Finding {
    let name = "monte_carlo_error";
    let value = errors.map_or(f64::NAN, |errors| errors.largest());
    let stage = &finding.address.stage;
    let mut own = Finding::new(stage, &finding.kind, name, Quantity::Statistic, value);
    // Only its address, statistic and value are taken from
    // this draft. All else is as in the finding that it is of.
    own.address.parts.extend(finding.address.parts.iter().cloned());
    debug_assert_eq!(own.address.parts.first(), Some(&Part::statistic(name)));
    Finding {
        address: own.address,
        statistic: own.statistic,
        quantity: own.quantity,
        state: own.state,
        value: own.value,
        lower: None,
        upper: None,
        confidence_level: None,
        standard_error: None,
        unit: None,
        warnings: Vec::new(),
        ..finding.clone()
    }
    .by_method(Procedure::MonteCarloError)
}

/// The entry whose draws another one uses: reading it tells whether it is there.
pub(crate) fn draws_of(draws: Option<&str>) -> Option<Read> {
    draws.map(|entry| Read::stage(entry, Section::Analyze, &["draws"]))
}

/// What reports print of a number, as far as two numbers can be told by it.
#[derive(PartialEq)]
struct Printed {
    steps: f64,
    /// Of a p-value: whether it is below .05, and how finely it is printed.
    of_p: Option<(bool, usize)>,
}

impl Printed {
    fn of(quantity: Quantity, value: f64, days_per_unit: f64) -> Self {
        // As reports print p-values: a third digit where the second could hide the side of .05.
        let fine = value < 0.01 || (0.045..0.055).contains(&value);
        let step = match quantity {
            Quantity::Survival | Quantity::Proportion | Quantity::ProportionDifference => 0.001,
            Quantity::Days => 0.1 * days_per_unit,
            // all below .001 are printed alike
            Quantity::PValue if value < 0.001 => {
                return Self { steps: 0.0, of_p: Some((true, 0)) };
            }
            Quantity::PValue if fine => 0.001,
            _ => 0.01,
        };
        let is_p = quantity == Quantity::PValue;
        let of_p = is_p.then_some((value < 0.05, if step < 0.01 { 3 } else { 2 }));
        // Half rounds up, as in what is printed.
        Self { steps: (value / step + 0.5).floor(), of_p }
    }
}

/// The value at which there is no effect, for what compares.
fn no_effect(quantity: Quantity) -> Option<f64> {
    match quantity {
        Quantity::Ratio => Some(1.0),
        Quantity::ProportionDifference | Quantity::Coefficient => Some(0.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::settings;

    fn ratio(value: f64, lower: f64, upper: f64) -> Finding {
        Finding::new("s", "k", "hazard_ratio", Quantity::Ratio, value).limits(
            Some(lower),
            Some(upper),
            0.95,
        )
    }

    #[test]
    fn what_draws_could_change_is_said() {
        let errors = DrawErrors { estimate: 0.001, lower: 0.001, upper: 0.01 };
        let told = errors.warn(ratio(0.4325, 0.2, 0.99), &settings()).warnings;
        let upper = DrawnNumber::Upper;
        let expected = [
            Warning::DrawsDecide { limit: upper, error: 0.01 },
            Warning::FewDraws { numbers: vec![DrawnNumber::Estimate, upper], error: 0.01 },
        ];
        // Twice 0.001 leads from 0.4325 to no other second digit; twice 0.0015 does, as 0.4355
        // is printed as 0.44.
        assert_eq!(told[0], expected[0]);
        assert_eq!(told[1], Warning::FewDraws { numbers: vec![upper], error: 0.01 });
        let errors = DrawErrors { estimate: 0.0015, ..errors };
        assert_eq!(errors.warn(ratio(0.4325, 0.2, 0.99), &settings()).warnings, expected);
        let none = DrawErrors { estimate: 0.0, lower: 0.0001, upper: 0.0001 };
        assert_eq!(none.warn(ratio(0.4325, 0.2, 0.99), &settings()).warnings, []);
    }

    #[test]
    fn what_draws_could_change_of_a_p_value_is_told_by_how_it_is_printed() {
        let warns = |p: f64, error: f64| {
            let p = Finding::new("s", "k", "p_value", Quantity::PValue, p);
            !DrawErrors::of_estimate(error).warn(p, &settings()).warnings.is_empty()
        };
        // 0.230 +- 0.004 is 0.23 throughout; 0.234 is not
        assert!(!warns(0.230, 0.002) && warns(0.234, 0.002));
        // `<0.001` is what it is, and 0.0009 could be more
        assert!(!warns(0.0003, 0.0003) && warns(0.0009, 0.0003));
        // on either side of .05, however close
        assert!(warns(0.0499, 0.0001) && !warns(0.0494, 0.000_01));
        assert!(warns(0.0099, 0.0003));
    }

    #[test]
    fn the_error_stands_behind_the_number_it_is_of() {
        let found = ratio(0.4, 0.2, 0.9).of_variable("rt").at_level("yes");
        let errors = DrawErrors { estimate: 0.0, lower: 0.01, upper: 0.02 };
        let error = error_of(&found, Some(errors));
        assert_eq!(error.id(), "s.monte_carlo_error.hazard_ratio.rt.yes");
        assert_eq!((error.value, error.lower), (Some(0.02), None));
        assert_eq!(error.variable.as_deref(), Some("rt"));
    }
}
