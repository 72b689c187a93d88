//! Curves of weighted or late-entering patients, and those made from the
//! cumulative hazard.

use engine::{Call, Mistake, Mistakes};
use stats::survival_curve::{CurveEstimator, SurvivalCurve, SurvivalCurveModel};
use study::{
    Detail, Finding, GroupCurve, IntervalKind, Method, Output, Part, Procedure, Quantity, Variance,
    Warning, in_sentence,
};

use super::general_readings::{At, WEIGHT_SUMS, general_quantile, steps, weight_sums};
use super::readings::draft_mean;
use super::{Estimator, KaplanMeier};
use crate::arms::{Arm, Arms, OfArm};
use crate::book::{Book, Told, level_words, refused};
use crate::curve_rows::{CurveRows, Extras, check_weights, variance_words};
use crate::endpoint::Endpoint;
use crate::horizon::{Horizon, horizons};
use crate::population::Population;
use crate::rehearsal::Rehearsal;

/// One group, or all, and its curve.
pub(super) struct Member<'a> {
    pub(super) arm: &'a Arm,
    pub(super) rows: Vec<usize>,
    /// None in a rehearsal.
    curve: Option<SurvivalCurve>,
    /// What a reader of anything but counts must know.
    warning: Option<Warning>,
}

/// What the findings of all groups are made from.
struct General<'a> {
    kind: &'a KaplanMeier,
    call: &'a Call<'a>,
    /// The rows of the curves; none in a rehearsal.
    rows: Option<&'a CurveRows>,
    arms: &'a Arms,
    /// How the variance of survival is estimated.
    variance: Variance,
}

impl KaplanMeier {
    /// Whether the plain curve of whole counts will not do.
    pub(super) fn is_general(&self) -> bool {
        self.weights.is_some()
            || self.entry.is_some()
            || self.cumulative_hazard
            || self.estimator != Estimator::KaplanMeier
    }

    /// What of the parameters of this file cannot be.
    pub(super) fn check_general(&self, call: &Call<'_>, rehearsal: &mut Rehearsal<'_>) {
        if let Err(mistake) = check_weights(call, self.weights.as_deref()) {
            rehearsal.push(mistake);
        }
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
    pub(super) fn analyse_general(
        &self,
        call: &Call<'_>,
        population: &Population<'_>,
        warnings: Vec<Warning>,
    ) -> Result<Output, Mistakes> {
        let endpoint = Endpoint::new(population, &self.endpoint)?;
        let (weights, entry) = (self.weights.as_deref(), self.entry.as_deref());
        let extras = Extras::new(call, population, &endpoint, weights, entry)?;
        let known = endpoint.known().into_iter().filter(|place| extras.is_known(*place)).collect();
        let arms = Arms::new(population, self.by.as_deref(), known)?.beside_all()?;
        let is_rehearsed = population.is_rehearsed();
        if arms.included.is_empty() && !is_rehearsed {
            let message = format!(
                "no patient has a value of `{}` and of what is asked for beside it",
                self.endpoint
            );
            return Err(Mistake::at(&["endpoint"], message).into());
        }
        let mut book = Book::of(call, "kaplan_meier", population, warnings.clone());
        book.set_endpoint(&self.endpoint);
        let rows = (!is_rehearsed).then(|| CurveRows::new(&endpoint, &extras, &arms.included));
        let rows = rows.transpose().map_err(|error| refused(&error))?;
        let general = General {
            kind: self,
            call,
            rows: rows.as_ref(),
            arms: &arms,
            variance: self.variance(&extras),
        };
        let members = general.members().map_err(|error| refused(&error))?;
        for member in &members {
            general.tell(&mut book, member).map_err(|error| refused(&error))?;
        }
        general.tell_means(&mut book, &members).map_err(|error| refused(&error))?;
        let by_label = arms.category.as_ref().map(|category| category.label.clone());
        let mut of_curves = warnings;
        of_curves.extend(self.warnings_of_curves(&members));
        let methods = self.general_methods(
            call,
            general.variance,
            &in_sentence(&endpoint.label),
            by_label.as_deref(),
        );
        Ok(Output {
            methods: book.methods(methods),
            findings: book.findings()?,
            curves: Some(self.curves(
                call,
                endpoint.label,
                by_label,
                general.steps(&members),
                of_curves,
            )),
            patients: population.analysed(&arms.included),
            ..Output::default()
        })
    }

    /// A curve that came down to zero before everybody had entered.
    fn warning_of(&self, curve: &SurvivalCurve) -> Option<Warning> {
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

    fn general_methods(
        &self,
        call: &Call<'_>,
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
            level_words(call.study.confidence_level),
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
        if !(self.restricted_mean.is_empty() && self.restricted_mean_months.is_empty()) {
            text += " Restricted mean times are areas under the curve.";
        }
        text
    }
}

impl<'a> General<'a> {
    fn model(&self, rows: &'a CurveRows) -> Result<SurvivalCurveModel<'a>, stats::Error> {
        let estimator = match self.kind.estimator {
            Estimator::KaplanMeier => CurveEstimator::KaplanMeier,
            Estimator::NelsonAalen => CurveEstimator::NelsonAalen,
            Estimator::FlemingHarrington => CurveEstimator::FlemingHarrington,
        };
        let level = self.call.study.confidence_level;
        rows.model()?.estimator(estimator).confidence(level, self.kind.ci.confidence_type())
    }

    fn members(&self) -> Result<Vec<Member<'a>>, stats::Error> {
        let mut curves = Vec::new();
        if let Some(rows) = self.rows {
            let model = self.model(rows)?;
            if !self.arms.groups.is_empty() {
                curves = model.estimate_by_group(&self.arms.codes, self.arms.groups.len())?;
            }
            curves.push(model.estimate());
        }
        let curves = curves.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
        let pairs = self.arms.each().zip(curves);
        Ok(pairs
            .map(|((code, arm), curve)| {
                let warning = curve.as_ref().and_then(|curve| self.kind.warning_of(curve));
                Member { arm, rows: self.arms.members(code), curve, warning }
            })
            .collect())
    }

    /// The steps of the groups, or of all where there are none.
    fn steps(&self, members: &[Member<'_>]) -> Vec<GroupCurve> {
        let n_drawn = if self.arms.groups.is_empty() { members.len() } else { members.len() - 1 };
        let drawn = members[..n_drawn].iter();
        let step = |member: &Member<'_>| {
            self.rows.zip(member.curve.as_ref()).map(|(rows, curve)| steps(rows, member, curve))
        };
        drawn.filter_map(step).collect()
    }

    fn events(&self, member: &Member<'_>) -> usize {
        let has_event = |row: &&usize| self.rows.is_some_and(|rows| rows.events()[**row]);
        member.rows.iter().filter(has_event).count()
    }

    /// A finding of a group that is no estimate.
    fn plain(&self, finding: Finding, member: &Member<'_>, method: impl Into<Method>) -> Finding {
        let basis = member.arm.basis(Some(self.events(member)));
        finding.in_arm(member.arm).from(basis).by_method(method)
    }

    /// An estimate, with what its reader must know.
    fn estimated(&self, finding: Finding, member: &Member<'_>, method: Method) -> Finding {
        let finding = self.plain(finding, member, method);
        match &member.warning {
            Some(warning) => finding.warn(warning.clone()),
            None => finding,
        }
    }

    /// Writes down everything about one group but its restricted means.
    fn tell(&self, book: &mut Book, member: &Member<'_>) -> Result<(), stats::Error> {
        let (kind, curve) = (self.kind, member.curve.as_ref());
        let (arm, events) = (member.arm, self.events(member));
        let counts = [
            ("n", arm.n),
            ("missing", arm.missing),
            ("events", events),
            ("censored", arm.n - events),
        ];
        for (name, number) in counts {
            let finding = book.count(&[Part::statistic(name)], name, number);
            book.push(self.plain(finding, member, Procedure::Count));
        }
        self.tell_weights(book, member);
        for probability in &kind.quantiles {
            let finding = general_quantile(book, curve, *probability)?;
            book.push(self.estimated(finding, member, self.method(book.level)));
        }
        for horizon in horizons(self.call.study, &kind.at_months, &kind.at) {
            let at = At::new(curve, horizon.days);
            let finding = at.survival(book, &horizon).at_days(horizon.days);
            book.push(self.estimated(finding, member, self.method(book.level)));
            self.tell_counts(book, member, &horizon);
            let hazard = at.cumulative_hazard(book, &horizon)?.at_days(horizon.days);
            book.push(self.plain(hazard, member, self.hazard_method(book.level)));
        }
        let rows = curve.map_or(&[][..], |curve| &curve.rows);
        let ends = [("shortest_follow_up", rows.first()), ("longest_follow_up", rows.last())];
        for (name, row) in ends {
            let time = row.map_or(f64::NAN, |row| row.time);
            let finding = book.draft(&[Part::statistic(name)], name, Quantity::Days, time);
            book.push(self.plain(finding, member, Procedure::RangeOfFollowUp));
        }
        Ok(())
    }

    /// The sums of the group's weights, where there are weights.
    fn tell_weights(&self, book: &mut Book, member: &Member<'_>) {
        if self.kind.weights.is_none() {
            return;
        }
        let sums = self.rows.map_or([f64::NAN; 3], |rows| weight_sums(rows, &member.rows));
        for ((name, procedure), value) in WEIGHT_SUMS.into_iter().zip(sums) {
            let finding = book.draft(&[Part::statistic(name)], name, Quantity::Statistic, value);
            book.push(self.plain(finding, member, procedure));
        }
    }

    /// Patients at risk, and those who had left, at one time.
    fn tell_counts(&self, book: &mut Book, member: &Member<'_>, horizon: &Horizon) {
        let counts = self.rows.map(|rows| rows.counts_at(&member.rows, horizon.days));
        let counts = counts.unwrap_or_default();
        for (name, count) in [
            ("n_at_risk", counts.at_risk),
            ("cumulative_events", counts.events),
            ("cumulative_censored", counts.censored),
        ] {
            let finding = book.count(&horizon.parts(name), name, count).at_days(horizon.days);
            book.push(self.plain(finding, member, Procedure::Count));
        }
        if self.kind.weights.is_none() {
            return;
        }
        for (name, value) in [
            ("weighted_n_at_risk", counts.weight_at_risk),
            ("weighted_cumulative_events", counts.weight_of_events),
        ] {
            let finding = book.draft(&horizon.parts(name), name, Quantity::Statistic, value);
            let finding = finding.at_days(horizon.days);
            book.push(self.plain(finding, member, Procedure::SumOfWeights));
        }
    }

    fn tell_means(&self, book: &mut Book, members: &[Member<'_>]) -> Result<(), stats::Error> {
        let kind = self.kind;
        let everybody = vec![0; self.arms.included.len()];
        for horizon in
            horizons(self.call.study, &kind.restricted_mean_months, &kind.restricted_mean)
        {
            let mut means = vec![None; members.len()];
            if let Some(rows) = self.rows {
                let model = self.model(rows)?;
                means = match self.arms.groups.len() {
                    0 => Vec::new(),
                    n_groups => {
                        model.restricted_mean_by_group(&self.arms.codes, n_groups, horizon.days)?
                    }
                };
                means.extend(model.restricted_mean_by_group(&everybody, 1, horizon.days)?);
            }
            for (member, mean) in members.iter().zip(means) {
                let is_extended = mean.as_ref().is_some_and(|mean| mean.is_extended);
                let value = mean.map(|mean| (mean.estimate, mean.standard_error));
                let finding = draft_mean(book, &horizon, value, is_extended);
                let method = kind.qualified(kind.procedure().area());
                let method = method.with(Detail::Variance(self.variance));
                book.push(self.estimated(finding, member, method));
            }
        }
        Ok(())
    }

    fn method(&self, level: f64) -> Method {
        self.kind
            .qualified(Method::of(self.kind.procedure()))
            .with(Detail::Interval { interval: self.kind.ci.interval(), level })
            .with(Detail::Variance(self.variance))
    }

    fn hazard_method(&self, level: f64) -> Method {
        let ties_one_by_one = self.kind.estimator == Estimator::FlemingHarrington;
        let variance = match self.variance {
            Variance::Greenwood => Variance::Aalen,
            variance => variance,
        };
        self.kind
            .qualified(Method::of(Procedure::CumulativeHazard { ties_one_by_one }))
            .with(Detail::Interval { interval: IntervalKind::Log, level })
            .with(Detail::Variance(variance))
    }
}
