//! Survival as a Cox model predicts it for declared profiles of patients. How
//! well it predicts is left to `cox_performance`.

mod profile;
mod steps;

use engine::{Mistake, Mistakes, Named};
use profile::Profile;
use stats::cox::{BaselineHazard, PredictedCurve};
use study::{
    Account, Detail, Finding, IntervalKind, Method, Part, Practice, Quantity, Span, State,
    StudySettings, Ties, Warning,
};

use super::kaplan_meier::ConfidenceScale;
use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::{Book, Told, refused};
use crate::horizon::{Horizon, horizons};
use crate::model::coefficients::{refused_of, warned};
use crate::model::parameters::cox_kind;
use crate::model::{Fitted, Model};
use crate::rehearsal::Rehearsal;

cox_kind! {
    /// Survival curves predicted by a Cox model for patients with chosen values of its terms, with
    /// limits, medians and survival at chosen times. A `survival_figure` draws them.
    pub struct PredictedSurvival {
        /// Patients by name, each with a value of every term and stratum, such as
        /// `{ young: { age: 40, sex: female }, old: { age: 75, sex: female } }`.
        pub profiles: Named<Named<String>>,
        /// Times at which survival is given.
        #[serde(default)]
        pub at: Vec<Span>,
        /// Scale of the confidence limits. SAS uses `log_log`, R's default is `log`.
        #[serde(default)]
        pub ci: ConfidenceScale,
    }
}

impl Analysis for PredictedSurvival {
    const NAME: &'static str = "predicted_survival";

    fn scope(&self) -> Scope<'_> {
        self.full().scope()
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        self.full().check(rehearsal);
        // At time zero everybody is alive, which is a prediction as well.
        rehearsal.times("at", &self.at, true);
        profile::check(&self.profiles, &self.full(), rehearsal);
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let model = Model::new(checked, self.full())?;
        let profiles = profile::read(&self.profiles, &model)?;
        let fitted = model.fit(&model.places())?;
        // After the fit: which levels anybody has is known of those it was fitted to.
        profile::check_levels(&profiles, &model, &fitted)?;
        let baseline = match fitted.is_rehearsed() {
            true => None,
            false => Some(fitted.model(&model)?.baseline_hazard(&fitted.fit)),
        };
        let mut book = checked.book_on(&self.endpoint);
        book.record_counts(&[], fitted.basis());
        let mut groups = Vec::new();
        for profile in &profiles {
            let curve = self.predict(book.level, baseline.as_ref(), &fitted, profile)?;
            let (study, model, fitted) = (checked.study, &model, &fitted);
            let one = OneProfile { kind: self, study, model, fitted, profile };
            one.record(&mut book, &curve, &profiles[0])?;
            groups.push(steps::group(fitted, profile, &curve));
        }
        let mut curves = book.curves(model.endpoint.label.clone(), self.ci.interval(), groups);
        curves.by_label = Some("Profile".to_owned());
        curves.warnings.push(Warning::PredictedCurves);
        let methods = self.methods(&model, book.level);
        let analysed = Analysed::new(book, methods, &fitted.cases.included);
        Ok(analysed.with_figures(curves))
    }
}

impl PredictedSurvival {
    /// The curve of a profile; without steps in a rehearsal.
    fn predict(
        &self,
        level: f64,
        baseline: Option<&BaselineHazard>,
        fitted: &Fitted,
        profile: &Profile,
    ) -> Result<PredictedCurve, Mistake> {
        let Some(baseline) = baseline else { return Ok(PredictedCurve { rows: Vec::new() }) };
        let row = fitted.cases.design.row(&profile.values);
        baseline
            .curve(&row, profile.stratum, level, self.ci.confidence_type())
            .map_err(|error| refused(&error))
    }

    fn method(&self, level: f64, model: &Model<'_>) -> Method {
        // The exact likelihood has no baseline hazard of its own, and Breslow's is taken.
        let hazard = match self.ties.value() {
            Ties::Efron => Ties::Efron,
            Ties::Breslow | Ties::Exact => Ties::Breslow,
        };
        let method = model.method().led_by([Detail::PredictedWith(hazard)]);
        method.interval(self.ci.interval(), level)
    }

    fn methods(&self, model: &Model<'_>, level: f64) -> Account {
        let method = model.method().interval(self.ci.interval(), level);
        model.account_by(Practice::PredictedSurvival, method)
    }
}

/// What is told of one profile.
struct OneProfile<'t> {
    kind: &'t PredictedSurvival,
    study: &'t StudySettings,
    model: &'t Model<'t>,
    fitted: &'t Fitted,
    profile: &'t Profile,
}

impl OneProfile<'_> {
    fn record(
        &self,
        book: &mut Book,
        curve: &PredictedCurve,
        first: &Profile,
    ) -> Result<(), Mistake> {
        let method = self.kind.method(book.level, self.model);
        // Of the profile's own stratum: others may have been followed for longer.
        let last = steps::last_time(self.fitted, self.profile);
        for horizon in horizons(self.study, &self.kind.at) {
            let finding = self.survival(book, curve, &horizon, last);
            book.push(self.tell(finding).by_method(&method));
        }
        let median = curve.quantile(0.5).map_err(|error| refused(&error))?;
        let parts = [Part::statistic("median")];
        let value = median.estimate.unwrap_or(f64::NAN);
        let mut finding = book.draft(&parts, "median", Quantity::Days, value);
        if median.estimate.is_none() {
            // The curve stays above one half to its end: that is a result, not a failure.
            finding = finding.without_value(State::NotReached).warn(Warning::NotToOneHalf);
        }
        let finding = finding.limits(median.lower, median.upper, book.level);
        book.push(self.tell(finding).by_method(&method));
        self.record_ratio(book, first);
        Ok(())
    }

    fn tell(&self, finding: Finding) -> Finding {
        let finding = finding.in_group(&self.profile.name).from(self.fitted.basis());
        warned(finding, self.fitted)
    }

    fn survival(
        &self,
        book: &Book,
        curve: &PredictedCurve,
        horizon: &Horizon,
        last: f64,
    ) -> Finding {
        let draft = |value: f64| {
            let parts = horizon.parts("survival");
            book.draft(&parts, "survival", Quantity::Survival, value).at_days(horizon.days)
        };
        // A prediction ends with the follow-up that it comes from.
        if horizon.days > last {
            return draft(f64::NAN).warn(Warning::NobodyFollowed);
        }
        match curve.at(horizon.days) {
            // Nobody has had the event before the first step.
            None => draft(1.0).limits(Some(1.0), Some(1.0), book.level).with_error(Some(0.0)),
            Some(row) => draft(row.survival)
                .limits(row.lower, row.upper, book.level)
                // The error is that of the cumulative hazard;
                // survival times it is that of survival.
                .with_error(Some(row.survival * row.standard_error)),
        }
    }

    /// The hazard ratio against the first profile, of one baseline hazard.
    fn record_ratio(&self, book: &mut Book, first: &Profile) {
        // Strata have baseline hazards of their own, between which there is no ratio.
        if self.profile.name == first.name || self.profile.stratum != first.stratum {
            return;
        }
        let design = &self.fitted.cases.design;
        let (own, other) = (design.row(&self.profile.values), design.row(&first.values));
        let difference: Vec<f64> = own.iter().zip(&other).map(|(a, b)| a - b).collect();
        let level = book.level;
        let found = (self.fitted.fit.combination(&difference))
            .and_then(|sum| Ok((sum.ratio(level)?, sum.standard_error)));
        let parts = [Part::statistic("hazard_ratio")];
        let draft = |value| book.draft(&parts, "hazard_ratio", Quantity::Ratio, value);
        let finding = match found {
            Ok((ratio, error)) => draft(ratio.estimate)
                .limits(Some(ratio.lower), Some(ratio.upper), level)
                .with_error(Some(error)),
            Err(error) => draft(f64::NAN).warn(refused_of(self.model, self.fitted, &error)),
        };
        let method = self.model.method().interval(IntervalKind::Wald, level);
        book.push(self.tell(finding).against(&first.name).by_method(method));
    }
}
