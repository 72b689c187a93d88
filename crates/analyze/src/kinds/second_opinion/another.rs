//! Tails and quantiles by statrs. They are compared with and never printed: its
//! last digits are the platform's.

use statrs::distribution::{Beta, ChiSquared, ContinuousCDF, FisherSnedecor, Normal, StudentsT};

/// A tail or a quantile of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Distribution {
    /// Both tails of the normal distribution.
    NormalTail,
    /// The upper tail of chi-square.
    ChiSquareTail,
    /// Both tails of Student's t.
    StudentTail,
    /// The upper tail of F.
    FTail,
    /// A quantile of the normal distribution.
    NormalQuantile,
    /// One of Student's t.
    StudentQuantile,
    /// One of beta.
    BetaQuantile,
}

impl Distribution {
    /// All of them in order.
    pub(super) const ALL: [Self; 7] = [
        Self::NormalTail,
        Self::ChiSquareTail,
        Self::StudentTail,
        Self::FTail,
        Self::NormalQuantile,
        Self::StudentQuantile,
        Self::BetaQuantile,
    ];

    /// Its name in ids.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NormalTail => "normal_tail",
            Self::ChiSquareTail => "chi_square_tail",
            Self::StudentTail => "student_t_tail",
            Self::FTail => "f_tail",
            Self::NormalQuantile => "normal_quantile",
            Self::StudentQuantile => "student_t_quantile",
            Self::BetaQuantile => "beta_quantile",
        }
    }
}

/// The probability that a normal number is as far from 0 as `z`.
pub(super) fn normal_tail(z: f64) -> f64 {
    // By the upper tail, not as 1 less the lower: far out that would be zero.
    2.0 * Normal::standard().sf(z.abs())
}

/// The probability of a chi-square above `x`; none for degrees of freedom that
/// there are not.
pub(super) fn chi_square_tail(x: f64, degrees: f64) -> Option<f64> {
    Some(ChiSquared::new(degrees).ok()?.sf(x))
}

/// The probability that Student's t is as far from 0 as `t`.
pub(super) fn student_tail(t: f64, degrees: f64) -> Option<f64> {
    Some(2.0 * StudentsT::new(0.0, 1.0, degrees).ok()?.sf(t.abs()))
}

/// The probability of an F above `f`.
pub(super) fn f_tail(f: f64, numerator: f64, denominator: f64) -> Option<f64> {
    Some(FisherSnedecor::new(numerator, denominator).ok()?.sf(f))
}

/// The quantile of the normal distribution with this share below it.
pub(super) fn normal_quantile(share: f64) -> f64 {
    Normal::standard().inverse_cdf(share)
}

/// That of Student's t.
pub(super) fn student_quantile(share: f64, degrees: f64) -> Option<f64> {
    Some(StudentsT::new(0.0, 1.0, degrees).ok()?.inverse_cdf(share))
}

/// That of beta.
pub(super) fn beta_quantile(share: f64, a: f64, b: f64) -> Option<f64> {
    Some(Beta::new(a, b).ok()?.inverse_cdf(share))
}
