//! How the curves were made: the methods of findings, and the account.

use study::{Account, Detail, IntervalKind, Method, Practice, Procedure, Variance};

use super::{Estimator, KaplanMeier};
use crate::curve_rows::Extras;

impl KaplanMeier {
    /// How the variance of survival is estimated.
    pub(super) fn variance(&self, extras: &Extras) -> Variance {
        match extras.variance() {
            // exp(-H) has the variance of H, which is Aalen's.
            Variance::Greenwood if self.estimator != Estimator::KaplanMeier => Variance::Aalen,
            variance => variance,
        }
    }

    fn procedure(&self) -> Procedure {
        match self.estimator {
            Estimator::KaplanMeier if self.reverse => Procedure::ReverseKaplanMeier,
            Estimator::KaplanMeier => Procedure::KaplanMeier,
            Estimator::NelsonAalen => Procedure::NelsonAalen,
            Estimator::FlemingHarrington => Procedure::FlemingHarrington,
        }
    }

    /// A method with the patients' weights and entry.
    fn qualified(&self, mut method: Method) -> Method {
        method.details.extend(self.weights.is_some().then_some(Detail::Weighted));
        method.details.extend(self.entry.is_some().then_some(Detail::LeftTruncated));
        method
    }

    /// How quantiles and survival are estimated. The plain curve's variance is
    /// always Greenwood's and goes without saying.
    pub(super) fn method(&self, variance: Variance, level: f64) -> Method {
        self.qualified(Method::of(self.procedure()))
            .with(Detail::Interval { interval: self.ci.interval(), level })
            .and(self.is_general().then_some(Detail::Variance(variance)))
    }

    pub(super) fn area_method(&self, variance: Variance) -> Method {
        self.qualified(self.procedure().area()).with(Detail::Variance(variance))
    }

    pub(super) fn hazard_method(&self, variance: Variance, level: f64) -> Method {
        let ties_one_by_one = self.estimator == Estimator::FlemingHarrington;
        // Greenwood's variance is one of survival; that of the hazard beside it is Aalen's.
        let variance = match variance {
            Variance::Greenwood => Variance::Aalen,
            variance => variance,
        };
        self.qualified(Method::of(Procedure::CumulativeHazard { ties_one_by_one }))
            .with(Detail::Interval { interval: IntervalKind::Log, level })
            .with(Detail::Variance(variance))
    }

    /// The curves with the details of their estimator.
    pub(super) fn account(&self, variance: Variance, level: f64) -> Account {
        let practice = Practice::Curves {
            // The median of a reversed curve is follow-up, of which another sentence tells.
            quantiles: !(self.quantiles.is_empty() || self.reverse),
            restricted_means: !self.restricted_mean.is_empty(),
            hazards: self.cumulative_hazard || self.estimator != Estimator::KaplanMeier,
        };
        let method = Method::of(self.procedure())
            .with(Detail::Variance(variance))
            .interval(self.ci.interval(), level)
            .and(self.weights.clone().map(Detail::WeightedBy))
            .and(self.entry.clone().map(Detail::AtRiskFrom));
        Account::of(practice, method)
            .about(&self.endpoint)
            .by(self.by.as_ref().map(|by| by.groups(None)))
    }
}
