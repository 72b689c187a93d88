//! The findings of weighted or late-entering patients, group by group.

use stats::survival_curve::{CurveEstimator, SurvivalCurve, SurvivalCurveModel};
use study::{
    Detail, Finding, GroupCurve, IntervalKind, Method, Part, Procedure, Quantity, StudySettings,
    Variance, Warning,
};

use super::general_readings::{At, WEIGHT_SUMS, general_quantile, steps, weight_sums};
use super::readings::draft_mean;
use super::{Estimator, KaplanMeier};
use crate::arms::{Arm, Arms, OfArm};
use crate::book::{Book, Told};
use crate::curve_rows::CurveRows;
use crate::horizon::{Horizon, horizons};

/// One group, or all, and its curve.
pub(super) struct Member<'a> {
    pub(super) arm: &'a Arm,
    pub(super) rows: Vec<usize>,
    /// None in a rehearsal.
    curve: Option<SurvivalCurve>,
    /// What a reader of anything but counts must know.
    pub(super) warning: Option<Warning>,
}

/// What the findings of all groups are made from.
pub(super) struct General<'a> {
    pub(super) kind: &'a KaplanMeier,
    pub(super) study: &'a StudySettings,
    /// The rows of the curves; none in a rehearsal.
    pub(super) rows: Option<&'a CurveRows>,
    pub(super) arms: &'a Arms,
    /// How the variance of survival is estimated.
    pub(super) variance: Variance,
}

impl<'a> General<'a> {
    fn model(&self, rows: &'a CurveRows) -> Result<SurvivalCurveModel<'a>, stats::Error> {
        let estimator = match self.kind.estimator {
            Estimator::KaplanMeier => CurveEstimator::KaplanMeier,
            Estimator::NelsonAalen => CurveEstimator::NelsonAalen,
            Estimator::FlemingHarrington => CurveEstimator::FlemingHarrington,
        };
        let level = self.study.confidence_level;
        rows.model()?.estimator(estimator).confidence(level, self.kind.ci.confidence_type())
    }

    pub(super) fn members(&self) -> Result<Vec<Member<'a>>, stats::Error> {
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
    pub(super) fn steps(&self, members: &[Member<'_>]) -> Vec<GroupCurve> {
        let n_drawn = if self.arms.groups.is_empty() { members.len() } else { members.len() - 1 };
        let drawn = members[..n_drawn].iter();
        let step = |member: &Member<'_>| {
            let group = (member.arm, member.rows.as_slice());
            self.rows.zip(member.curve.as_ref()).map(|(rows, curve)| steps(rows, group, curve))
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
    pub(super) fn tell(&self, book: &mut Book, member: &Member<'_>) -> Result<(), stats::Error> {
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
        for horizon in horizons(self.study, &kind.at) {
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
        let at_risk = self.rows.map(|rows| rows.counts_at(&member.rows, horizon.at_risk_days));
        let at_risk = at_risk.unwrap_or_default();
        for (name, count) in [
            ("n_at_risk", at_risk.at_risk),
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
            ("weighted_n_at_risk", at_risk.weight_at_risk),
            ("weighted_cumulative_events", counts.weight_of_events),
        ] {
            let finding = book.draft(&horizon.parts(name), name, Quantity::Statistic, value);
            let finding = finding.at_days(horizon.days);
            book.push(self.plain(finding, member, Procedure::SumOfWeights));
        }
    }

    pub(super) fn tell_means(
        &self,
        book: &mut Book,
        members: &[Member<'_>],
    ) -> Result<(), stats::Error> {
        let kind = self.kind;
        let everybody = vec![0; self.arms.included.len()];
        for horizon in horizons(self.study, &kind.restricted_mean) {
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
