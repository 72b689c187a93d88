//! A printed number as the interval of the values that print it.

/// What an end of an interval may lack by the arithmetic that made it, relative
/// to the numbers compared.
const ARITHMETIC: f64 = 1e-12;

/// All values that a printed number may stand for, both ends included: nobody
/// knows to which side its source rounded a half.
///
/// ```
/// use restudy_stats::forensics::Printed;
/// let printed = Printed::new(0.675, 0.685);
/// assert!(printed.contains(25.0 / 37.0) && !printed.contains(24.0 / 37.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Printed {
    /// The least value; may be −∞.
    pub lower: f64,
    /// The largest value; may be ∞.
    pub upper: f64,
}

impl Printed {
    /// The values from `lower` to `upper`, in either order.
    #[must_use]
    pub fn new(lower: f64, upper: f64) -> Self {
        Self { lower: lower.min(upper), upper: lower.max(upper) }
    }

    /// One value and no other.
    #[must_use]
    pub fn exactly(value: f64) -> Self {
        Self { lower: value, upper: value }
    }

    /// Whether a value prints the number.
    #[must_use]
    pub fn contains(self, value: f64) -> bool {
        self.meets(Self::exactly(value))
    }

    /// Whether one value prints both numbers.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.gap(other) <= 0.0
    }

    /// How far the nearest values of both lie apart; 0 where they meet.
    #[must_use]
    pub fn gap(self, other: Self) -> f64 {
        let (low, high) = if self.lower > other.upper {
            (other.upper, self.lower)
        } else if other.lower > self.upper {
            (self.upper, other.lower)
        } else {
            return 0.0;
        };
        // Relative to the larger end: numbers that differ by less were the same
        // before arithmetic.
        let slack = ARITHMETIC * low.abs().max(high.abs());
        if high - low <= slack { 0.0 } else { high - low }
    }

    /// Whether every value of this lies above every value of the other.
    #[must_use]
    pub fn is_above(self, other: Self) -> bool {
        self.lower > other.upper && !self.meets(other)
    }

    /// The images under a function that only rises, or only falls.
    #[must_use]
    pub fn map(self, monotone: impl Fn(f64) -> f64) -> Self {
        Self::new(monotone(self.lower), monotone(self.upper))
    }

    /// Sums of a value of each.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self::new(self.lower + other.lower, self.upper + other.upper)
    }

    /// Differences of a value of each.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        // The least difference takes the largest subtrahend.
        Self::new(self.lower - other.upper, self.upper - other.lower)
    }

    /// Sizes of the values.
    #[must_use]
    pub fn size(self) -> Self {
        let ends = Self::new(self.lower.abs(), self.upper.abs());
        // An interval across zero holds a value of size 0.
        if self.lower <= 0.0 && self.upper >= 0.0 { Self { lower: 0.0, ..ends } } else { ends }
    }

    /// The values of both; none where they do not meet.
    #[must_use]
    pub fn and(self, other: Self) -> Option<Self> {
        let (lower, upper) = (self.lower.max(other.lower), self.upper.min(other.upper));
        self.meets(other).then(|| Self::new(lower, upper))
    }

    /// Natural logarithms of the values, which are above 0.
    #[must_use]
    pub fn logarithm(self) -> Self {
        self.map(libm::log)
    }

    /// The values of which these are natural logarithms.
    #[must_use]
    pub fn exponential(self) -> Self {
        self.map(libm::exp)
    }

    /// The middle.
    #[must_use]
    pub fn middle(self) -> f64 {
        0.5 * (self.lower + self.upper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_belong_to_a_printed_number() {
        let printed = Printed::new(2.25, 2.35);
        for (value, fits) in [(2.25, true), (2.35, true), (2.249_999, false), (2.350_001, false)] {
            assert_eq!(printed.contains(value), fits, "{value}");
        }
        // what a division may lack in its last digit is no contradiction
        // 0.1 + 0.2 is above 0.3 by one rounding.
        assert!(Printed::new(0.1 + 0.2, 1.0).contains(0.3));
    }

    #[test]
    fn arithmetic_keeps_every_pair_of_values() {
        let (a, b) = (Printed::new(1.0, 2.0), Printed::new(-1.0, 4.0));
        assert_eq!(a.plus(b), Printed::new(0.0, 6.0));
        assert_eq!(a.minus(b), Printed::new(-3.0, 3.0));
        assert_eq!(b.size(), Printed::new(0.0, 4.0));
        assert_eq!(a.map(|value| 1.0 / value), Printed::new(0.5, 1.0));
        assert_eq!(a.and(b), Some(a));
        assert_eq!(a.and(Printed::new(3.0, 4.0)), None);
        assert!((a.gap(Printed::new(3.0, 4.0)) - 1.0).abs() < 1e-15);
        assert!(Printed::new(3.0, 4.0).is_above(a) && !a.is_above(b));
    }
}
