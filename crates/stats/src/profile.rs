//! Limits of one coefficient from the profile of a likelihood: where it has
//! fallen too far for the coefficient to be believed. What the likelihood is,
//! and how it is maximised over the other coefficients, is left to the model.

use crate::Error;

/// Limits are found to this, relative to 1 + their size in scaled units: tables
/// are compared with R to 1e-7.
const TOLERANCE: f64 = 1e-11;
/// Widths, each twice the last, after which a limit counts as infinite: 4,096
/// times the width of a Wald limit.
const MAXIMUM_DOUBLINGS: usize = 12;
/// Steps of the search between two values that enclose a limit: the Illinois
/// rule takes about ten; bisection down to the last bit would take 60.
const MAXIMUM_STEPS: usize = 200;

/// A likelihood as a function of one scaled coefficient.
pub(crate) trait Profile {
    /// Where the likelihood is largest.
    fn estimate(&self) -> f64;

    /// A standard error, by which the search takes its first step.
    fn standard_error(&self) -> f64;

    /// Whether the likelihood can be computed so far out.
    fn is_finite(&self, value: f64) -> bool;

    /// Twice the fall of the likelihood, maximised over the other
    /// coefficients, at a value of this one.
    fn deviance(&self, value: f64) -> Result<f64, Error>;

    /// The values below and above the estimate at which the deviance is
    /// `drop`; `None` if it does not come so far.
    fn limits(&self, drop: f64) -> Result<[Option<f64>; 2], Error> {
        Ok([limit(self, drop, -1.0)?, limit(self, drop, 1.0)?])
    }
}

/// Where the deviance is `drop`, to one side of the estimate.
fn limit<P: Profile + ?Sized>(
    profile: &P,
    drop: f64,
    direction: f64,
) -> Result<Option<f64>, Error> {
    // At the estimate the deviance is zero: excess -drop.
    let mut inside = (profile.estimate(), -drop);
    // The first step ends at the Wald limit: in large samples the two are close.
    let mut width = direction * drop.sqrt() * profile.standard_error();
    for _ in 0..MAXIMUM_DOUBLINGS {
        let value = inside.0 + width;
        // The likelihood cannot be evaluated so far out and has not fallen enough
        // before: no limit on this side.
        if !profile.is_finite(value) {
            return Ok(None);
        }
        let excess = profile.deviance(value)? - drop;
        if excess >= 0.0 {
            return root(profile, drop, inside, (value, excess)).map(Some);
        }
        // What was not far enough is the inner end of the bracket.
        inside = (value, excess);
        width *= 2.0;
    }
    Ok(None)
}

/// The root between two points of opposite sign: false position, with the
/// weight of an end that stays halved (the Illinois rule).
fn root<P: Profile + ?Sized>(
    profile: &P,
    drop: f64,
    mut a: (f64, f64),
    mut b: (f64, f64),
) -> Result<f64, Error> {
    for _ in 0..MAXIMUM_STEPS {
        let value = b.0 - b.1 * (b.0 - a.0) / (b.1 - a.1);
        let excess = profile.deviance(value)? - drop;
        let is_close = |end: f64| (value - end).abs() <= TOLERANCE * (1.0 + value.abs());
        if excess == 0.0 || is_close(a.0) || is_close(b.0) {
            return Ok(value);
        }
        // The new point is on the side of b: a stays, and half of its weight keeps
        // it from staying for ever.
        if (excess > 0.0) == (b.1 > 0.0) {
            a.1 *= 0.5;
        } else {
            a = b;
        }
        b = (value, excess);
    }
    Err(Error::NotConverged { what: "a profile limit", iterations: MAXIMUM_STEPS })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2 (e^x - 1 - x), which rises more slowly to the left.
    struct Skewed;

    impl Profile for Skewed {
        fn estimate(&self) -> f64 {
            0.0
        }

        fn standard_error(&self) -> f64 {
            1.0
        }

        fn is_finite(&self, value: f64) -> bool {
            value > -1000.0
        }

        fn deviance(&self, value: f64) -> Result<f64, Error> {
            Ok(2.0 * (libm::exp(value) - 1.0 - value))
        }
    }

    #[test]
    fn the_deviance_at_a_limit_is_the_drop() {
        // 2 (e^x - 1 - x) is 4 near -2.95 and 1.51.
        let limits = Skewed.limits(4.0).unwrap().map(|limit| limit.unwrap());
        assert!(limits[0] < -2.0 && limits[1] > 1.0 && limits[1] < 2.0, "{limits:?}");
        for limit in limits {
            assert!((Skewed.deviance(limit).unwrap() - 4.0).abs() < 1e-9, "{limit}");
        }
    }

    #[test]
    fn a_limit_out_of_reach_is_none() {
        // To the left the deviance rises by 2 for each unit: a drop of 5,000 lies
        // beyond -1,000, where it cannot be evaluated.
        let limits = Skewed.limits(5000.0).unwrap();
        assert!(limits[0].is_none() && limits[1].is_some(), "{limits:?}");
    }
}
