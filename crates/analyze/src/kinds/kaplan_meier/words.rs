//! How the curves were made, in words and as the methods of findings.

use study::{Detail, IntervalKind, Method, Procedure, Variance, in_sentence};

use super::{Estimator, KaplanMeier};
use crate::book::level_words;
use crate::curve_rows::{Extras, variance_words};

impl KaplanMeier {
    /// How the variance of survival is estimated.
    pub(super) fn variance(&self, extras: &Extras) -> Variance {
        match extras.variance() {
            Variance::Greenwood if self.estimator != Estimator::KaplanMeier => Variance::Aalen,
            variance => variance,
        }
    }

    fn procedure(&self) -> Procedure {
        match self.estimator {
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
        let procedure = if self.reverse { Procedure::ReverseKaplanMeier } else { self.procedure() };
        self.qualified(Method::of(procedure))
            .with(Detail::Interval { interval: self.ci.interval(), level })
            .and(self.is_general().then_some(Detail::Variance(variance)))
    }

    pub(super) fn area_method(&self, variance: Variance) -> Method {
        self.qualified(self.procedure().area()).with(Detail::Variance(variance))
    }

    pub(super) fn hazard_method(&self, variance: Variance, level: f64) -> Method {
        let ties_one_by_one = self.estimator == Estimator::FlemingHarrington;
        let variance = match variance {
            Variance::Greenwood => Variance::Aalen,
            variance => variance,
        };
        self.qualified(Method::of(Procedure::CumulativeHazard { ties_one_by_one }))
            .with(Detail::Interval { interval: IntervalKind::Log, level })
            .with(Detail::Variance(variance))
    }

    /// The paragraph of methods.
    pub(super) fn methods(
        &self,
        level: f64,
        variance: Variance,
        label: &str,
        by_label: Option<&str>,
    ) -> String {
        let limits = format!("{} {} confidence limits", self.ci.words(), level_words(level));
        let groups = by_label.map_or_else(String::new, |by| {
            format!(", separately for each level of {}", in_sentence(by))
        });
        let mut text = match (self.is_general(), self.reverse) {
            (true, _) => self.general_methods(variance, label, &groups, &limits),
            (false, true) => format!(
                "Follow-up for {label} was estimated by the reverse Kaplan-Meier method, which takes censoring as the event{groups}, with {limits}."
            ),
            (false, false) => format!(
                "Kaplan-Meier curves of {label} were estimated{groups}, with {limits}; medians and their limits were read off the curve and its limits (Brookmeyer and Crowley)."
            ),
        };
        if !self.restricted_mean.is_empty() {
            let by = if self.is_general() { "" } else { " with Greenwood's variance" };
            text += &format!(" Restricted mean times are areas under the curve{by}.");
        }
        text
    }

    fn general_methods(
        &self,
        variance: Variance,
        label: &str,
        groups: &str,
        limits: &str,
    ) -> String {
        let weighted = if self.weights.is_some() { "weighted " } else { "" };
        let late = if self.entry.is_some() { "left-truncated " } else { "" };
        let estimator = match self.estimator {
            Estimator::KaplanMeier => "Kaplan-Meier",
            Estimator::NelsonAalen => "exponential of the Nelson-Aalen cumulative hazard",
            Estimator::FlemingHarrington => {
                "exponential of the Fleming-Harrington cumulative hazard, ties one by one"
            }
        };
        let mut text = format!(
            "Survival curves of {label} were estimated ({weighted}{late}{estimator}){groups}, with {limits} ({}).",
            variance_words(variance)
        );
        if let Some(entry) = &self.weights {
            text += &format!(
                " Patients have the weights of `{entry}`, which the errors take as known."
            );
        }
        if let Some(entry) = &self.entry {
            text += &format!(" Patients are at risk from their entry (`{entry}`) on.");
        }
        text
    }
}
