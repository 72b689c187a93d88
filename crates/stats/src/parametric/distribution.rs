//! The standardized distributions of the logarithm of time.

use std::f64::consts::PI;

use crate::special::{normal_cdf, normal_quantile};

/// The distribution of a survival time, by that of W = (log T - mu) / sigma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceleratedDistribution {
    /// W of the extreme value distribution, sigma fixed at 1: S = exp(-e^w).
    Exponential,
    /// W of the extreme value distribution: S = exp(-e^w). The hazard ratio
    /// of a coefficient is exp(-beta / sigma).
    Weibull,
    /// W standard normal.
    LogNormal,
    /// W logistic: S = 1 / (1 + e^w).
    LogLogistic,
}

/// A log density or log survival with its first two derivatives by w.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Derivatives {
    pub(super) value: f64,
    pub(super) first: f64,
    pub(super) second: f64,
}

impl AcceleratedDistribution {
    /// Whether sigma is 1 by definition.
    pub(super) fn has_fixed_scale(self) -> bool {
        self == Self::Exponential
    }

    /// log S(w).
    pub(super) fn log_survival(self, w: f64) -> f64 {
        self.survival(w).value
    }

    /// w with S(w) = 1 - `probability`.
    pub(super) fn quantile(self, probability: f64) -> f64 {
        match self {
            // log(-log S): the inverse of exp(-e^w).
            Self::Exponential | Self::Weibull => libm::log(-libm::log1p(-probability)),
            Self::LogNormal => normal_quantile(probability),
            Self::LogLogistic => libm::log(probability / (1.0 - probability)),
        }
    }

    /// Of log f.
    pub(super) fn density(self, w: f64) -> Derivatives {
        match self {
            Self::Exponential | Self::Weibull => {
                let hazard = libm::exp(w);
                // log f = w - e^w of the least extreme value.
                Derivatives { value: w - hazard, first: 1.0 - hazard, second: -hazard }
            }
            Self::LogNormal => {
                let value = -0.5 * (w * w + libm::log(2.0 * PI));
                Derivatives { value, first: -w, second: -1.0 }
            }
            Self::LogLogistic => {
                let share = logistic(w);
                let value = w - 2.0 * softplus(w);
                Derivatives {
                    value,
                    first: 1.0 - 2.0 * share,
                    second: -2.0 * share * (1.0 - share),
                }
            }
        }
    }

    /// Of log S.
    pub(super) fn survival(self, w: f64) -> Derivatives {
        match self {
            Self::Exponential | Self::Weibull => {
                let hazard = libm::exp(w);
                Derivatives { value: -hazard, first: -hazard, second: -hazard }
            }
            Self::LogNormal => {
                let tail = normal_cdf(-w);
                let density = libm::exp(-0.5 * w * w) / (2.0 * PI).sqrt();
                // Far out the tail is lost, and Mills' ratio goes on.
                let hazard = if tail > 1e-300 { density / tail } else { far_hazard(w) };
                let value = if tail > 1e-300 {
                    libm::log(tail)
                } else {
                    -0.5 * w * w - libm::log(hazard * (2.0 * PI).sqrt())
                };
                // -h (h - w), h being the hazard: the derivative of -h.
                Derivatives { value, first: -hazard, second: -hazard * (hazard - w) }
            }
            Self::LogLogistic => {
                let share = logistic(w);
                Derivatives { value: -softplus(w), first: -share, second: -share * (1.0 - share) }
            }
        }
    }
}

/// The normal density over its upper tail far out: Laplace's continued
/// fraction w + 1 / (w + 2 / (w + 3 / (w + ...))).
fn far_hazard(w: f64) -> f64 {
    (1..=8).rev().fold(w, |rest, place| w + f64::from(place) / rest)
}

/// e^w / (1 + e^w).
fn logistic(w: f64) -> f64 {
    // The exponential of a negative number alone: neither form overflows.
    if w > 0.0 { 1.0 / (1.0 + libm::exp(-w)) } else { libm::exp(w) / (1.0 + libm::exp(w)) }
}

/// log(1 + e^w).
fn softplus(w: f64) -> f64 {
    // log(1 + e^w) = max(w, 0) + log(1 + e^-|w|), without overflow.
    w.max(0.0) + libm::log1p(libm::exp(-w.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [AcceleratedDistribution; 4] = [
        AcceleratedDistribution::Exponential,
        AcceleratedDistribution::Weibull,
        AcceleratedDistribution::LogNormal,
        AcceleratedDistribution::LogLogistic,
    ];

    #[test]
    fn derivatives_are_those_of_the_values() {
        for distribution in ALL {
            for w in [-3.0, -0.4, 0.0, 0.7, 2.5] {
                for part in [AcceleratedDistribution::density, AcceleratedDistribution::survival] {
                    // The error of a central difference is step^2 times a third
                    // derivative, plus 2^-53 over the step: about 1e-10.
                    let step = 1e-5;
                    let (low, at, high) = (
                        part(distribution, w - step),
                        part(distribution, w),
                        part(distribution, w + step),
                    );
                    let first = (high.value - low.value) / (2.0 * step);
                    let second = (high.first - low.first) / (2.0 * step);
                    assert!(
                        (first - at.first).abs() < 1e-7 * (1.0 + first.abs()),
                        "{distribution:?} {w}"
                    );
                    assert!(
                        (second - at.second).abs() < 1e-7 * (1.0 + second.abs()),
                        "{distribution:?} {w}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_density_is_the_fall_of_survival() {
        for distribution in ALL {
            for w in [-2.0, 0.3, 1.5] {
                let survival = distribution.survival(w);
                let fall = -survival.first * libm::exp(survival.value);
                assert!((fall - libm::exp(distribution.density(w).value)).abs() < 1e-14);
                let median = distribution.quantile(0.5);
                assert!((distribution.log_survival(median) + std::f64::consts::LN_2).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn the_normal_tail_goes_on_where_it_underflows() {
        let (before, after) = (
            AcceleratedDistribution::LogNormal.survival(36.9),
            AcceleratedDistribution::LogNormal.survival(37.9),
        );
        assert!((after.value - before.value + 37.4).abs() < 0.05);
        assert!((after.first + 37.9 + 1.0 / 37.9).abs() < 1e-3);
        // R: pnorm(w, lower.tail = FALSE, log.p = TRUE), dnorm over it.
        let far = [
            (30.0, -454.321_243_956_343_2, 30.033_259_667_434_66),
            (36.9, -685.332_883_165_350_6, 36.927_060_610_169_4),
            (37.9, -722.759_584_617_827_2, 37.926_348_613_764_89),
            (60.0, -1_805.013_560_680_567, 60.016_657_420_232_09),
        ];
        for (w, value, hazard) in far {
            let there = AcceleratedDistribution::LogNormal.survival(w);
            assert!((there.value / value - 1.0).abs() < 1e-13, "{w}");
            assert!((-there.first / hazard - 1.0).abs() < 1e-12, "{w}");
        }
    }
}
