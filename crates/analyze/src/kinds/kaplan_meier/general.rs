//! Curves of weighted or late-entering patients, and those made from the
//! cumulative hazard. Their findings are written down in `general_record`.

use engine::{Mistake, Mistakes};
use stats::survival_curve::SurvivalCurve;
use study::{Detail, Method, Procedure, Variance, Warning, in_sentence};

use super::general_record::{General, Member};
use super::readings::announced_curve;
use super::{Estimator, KaplanMeier};
use crate::analysis::{Analysed, Checked};
use crate::arms::Arms;
use crate::book::{level_words, refused};
use crate::curve_rows::{CurveRows, Extras, variance_words};
use crate::endpoint::Endpoint;
use crate::rehearsal::Rehearsal;

impl KaplanMeier {
    /// Whether the plain curve of whole counts will not do.
    pub(super) fn is_general(&self) -> bool {
        self.weights.is_some()
            || self.entry.is_some()
            || self.cumulative_hazard
            || self.estimator != Estimator::KaplanMeier
    }

    /// What of the parameters of this file cannot be.
    pub(super) fn check_general(&self, rehearsal: &mut Rehearsal<'_>) {
        if let Some(entry) = &self.entry
            && rehearsal.column(entry, &["entry"]).is_some_and(|kind| !kind.is_number())
        {
            let message = format!("`{entry}` does not hold numbers of days");
            rehearsal.push(
                Mistake::at(&["entry"], message).hint("derive the days from time zero to entry"),
            );
        }
        let own = [
            ("weights", self.weights.is_some()),
            ("entry", self.entry.is_some()),
            ("estimator", self.estimator != Estimator::KaplanMeier),
            ("cumulative_hazard", self.cumulative_hazard),
        ];
        for (parameter, _) in own.into_iter().filter(|(_, is_set)| *is_set && self.reverse) {
            let message = format!("`{parameter}` cannot be combined with `reverse`");
            rehearsal.push(
                Mistake::at(&[parameter], message)
                    .hint("the follow-up is told by the plain curve: make it an entry of its own"),
            );
        }
    }

    /// The findings and curves of a population; of nobody they are announced.
    pub(super) fn analyse_general(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let population = checked.population();
        let endpoint = Endpoint::new(population, &self.endpoint)?;
        let extras = Extras::new(checked, &endpoint, self.entry.as_deref())?;
        let known = endpoint.known().into_iter().filter(|place| extras.is_known(*place)).collect();
        let arms = Arms::new(population, self.by.as_deref(), known)?.beside_all()?;
        if arms.included.is_empty() && !checked.is_rehearsed() {
            let message = format!(
                "no patient has a value of `{}` and of what is asked for beside it",
                self.endpoint
            );
            return Err(Mistake::at(&["endpoint"], message).into());
        }
        let mut book = checked.book_on(&self.endpoint);
        let rows = checked.unless_rehearsed(|| CurveRows::new(&endpoint, &extras, &arms.included));
        let rows = rows.map_err(|error| refused(&error))?;
        let general = General {
            kind: self,
            study: checked.study,
            rows: rows.as_ref(),
            arms: &arms,
            variance: self.variance(&extras),
        };
        let members = general.members().map_err(|error| refused(&error))?;
        for member in &members {
            general.tell(&mut book, member).map_err(|error| refused(&error))?;
        }
        general.tell_means(&mut book, &members).map_err(|error| refused(&error))?;
        let steps = match checked.is_rehearsed() {
            true => arms.groups.iter().map(announced_curve).collect(),
            false => general.steps(&members),
        };
        let by_label = arms.category.as_ref().map(|category| category.label.clone());
        let methods = self.general_methods(
            book.level,
            general.variance,
            &in_sentence(&endpoint.label),
            by_label.as_deref(),
        );
        let mut curves = self.curves(&book, endpoint.label, by_label, steps);
        curves.warnings.extend(self.warnings_of_curves(&members));
        Ok(Analysed::new(book, methods, &arms.included).with_figures(curves))
    }

    /// A curve that came down to zero before everybody had entered.
    pub(super) fn warning_of(&self, curve: &SurvivalCurve) -> Option<Warning> {
        let last = curve.rows.last()?;
        let zero = curve.rows.iter().find(|row| row.survival == 0.0)?;
        (self.entry.is_some() && zero.time < last.time)
            .then_some(Warning::ZeroBeforeEntries { days: zero.time })
    }

    fn warnings_of_curves(&self, members: &[Member<'_>]) -> Vec<Warning> {
        let weighted = self.weights.is_some().then_some(Warning::WeightedCurves);
        let mut warnings: Vec<Warning> = Vec::new();
        for warning in weighted.into_iter().chain(members.iter().filter_map(|m| m.warning.clone()))
        {
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        warnings
    }

    /// How the variance of survival is estimated.
    fn variance(&self, extras: &Extras) -> Variance {
        match extras.variance() {
            Variance::Greenwood if self.estimator != Estimator::KaplanMeier => Variance::Aalen,
            variance => variance,
        }
    }

    fn estimator_words(&self) -> &'static str {
        match self.estimator {
            Estimator::KaplanMeier => "Kaplan-Meier",
            Estimator::NelsonAalen => "exponential of the Nelson-Aalen cumulative hazard",
            Estimator::FlemingHarrington => {
                "exponential of the Fleming-Harrington cumulative hazard, ties one by one"
            }
        }
    }

    /// The patients' weights and entry in words, to go before an estimator.
    fn qualifiers(&self) -> String {
        let weighted = if self.weights.is_some() { "weighted " } else { "" };
        let late = if self.entry.is_some() { "left-truncated " } else { "" };
        format!("{weighted}{late}")
    }

    pub(super) fn procedure(&self) -> Procedure {
        match self.estimator {
            Estimator::KaplanMeier => Procedure::KaplanMeier,
            Estimator::NelsonAalen => Procedure::NelsonAalen,
            Estimator::FlemingHarrington => Procedure::FlemingHarrington,
        }
    }

    /// A method with the patients' weights and entry.
    pub(super) fn qualified(&self, mut method: Method) -> Method {
        method.details.extend(self.weights.is_some().then_some(Detail::Weighted));
        method.details.extend(self.entry.is_some().then_some(Detail::LeftTruncated));
        method
    }

    fn general_methods(
        &self,
        level: f64,
        variance: Variance,
        label: &str,
        by_label: Option<&str>,
    ) -> String {
        let groups = by_label.map_or_else(String::new, |by| {
            format!(", separately for each level of {}", in_sentence(by))
        });
        let mut text = format!(
            "Survival curves of {label} were estimated ({}{}){groups}, with {} {} confidence limits ({}).",
            self.qualifiers(),
            self.estimator_words(),
            self.ci.words(),
            level_words(level),
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
        if !self.restricted_mean.is_empty() {
            text += " Restricted mean times are areas under the curve.";
        }
        text
    }
}
