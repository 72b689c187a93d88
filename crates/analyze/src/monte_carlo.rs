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
    /// The largest.
    fn largest(&self) -> f64 {
        self.estimate.max(self.lower).max(self.upper)
    }

    /// Warns where other draws could change a printed digit of the finding,
    /// or the side of no effect on which a limit lies.
    pub(crate) fn warn(&self, mut finding: Finding, study: &StudySettings) -> Finding {
        let numbers = [
            (DrawnNumber::Estimate, finding.value, self.estimate),
            (DrawnNumber::Lower, finding.lower, self.lower),
            (DrawnNumber::Upper, finding.upper, self.upper),
        ];
        let step = printed_step(finding.quantity, study);
        let mut changed = Vec::new();
        for (number, value, error) in numbers {
            let Some(value) = value else { continue };
            let [least, most] = [value - REACH * error, value + REACH * error];
            let printed = |value: f64| (value / step + 0.5).floor();
            if printed(least) != printed(most) {
                changed.push(number);
            }
            let null = no_effect(finding.quantity);
            let crosses = null.is_some_and(|null| least < null && null < most);
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

/// The smallest difference that reports print.
fn printed_step(quantity: Quantity, study: &StudySettings) -> f64 {
    match quantity {
        Quantity::Survival | Quantity::Proportion | Quantity::ProportionDifference => 0.001,
        Quantity::Days => 0.1 * study.days_per_time_unit(),
        _ => 0.01,
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
    fn the_error_stands_behind_the_number_it_is_of() {
        let found = ratio(0.4, 0.2, 0.9).of_variable("rt").at_level("yes");
        let errors = DrawErrors { estimate: 0.0, lower: 0.01, upper: 0.02 };
        let error = error_of(&found, Some(errors));
        assert_eq!(error.id(), "s.monte_carlo_error.hazard_ratio.rt.yes");
        assert_eq!((error.value, error.lower), (Some(0.02), None));
        assert_eq!(error.variable.as_deref(), Some("rt"));
    }
}
