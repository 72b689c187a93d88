//! The findings of each group and of all, and the steps of their curves.

use stats::survival_curve::{SurvivalCurve, SurvivalCurveModel};
use study::{
    Finding, GroupCurve, Method, Part, Procedure, Quantity, StudySettings, Variance, Warning,
};

use super::KaplanMeier;
use super::readings::{
    Member, WEIGHT_SUMS, announced_curve, cumulative_hazard, quantile, restricted_mean, steps,
    survival_at, weight_sums,
};
use crate::arms::{Arm, Arms, OfArm};
use crate::book::{Book, Told};
use crate::curve_rows::CurveRows;
use crate::horizon::{Horizon, horizons};

/// What the findings of all groups are made from.
pub(super) struct Record<'a> {
    kind: &'a KaplanMeier,
    study: &'a StudySettings,
    /// The rows of the curves; none in a rehearsal.
    rows: Option<&'a CurveRows>,
    /// The groups, then all.
    members: Vec<Member<'a>>,
    /// How the variance of survival is estimated.
    variance: Variance,
}

impl<'a> Record<'a> {
    /// Estimates the curves of the groups and of all.
    pub(super) fn new(
        kind: &'a KaplanMeier,
        study: &'a StudySettings,
        rows: Option<&'a CurveRows>,
        arms: &'a Arms,
        variance: Variance,
    ) -> Result<Self, stats::Error> {
        let mut curves = Vec::new();
        if let Some(rows) = rows {
            let model = model(kind, study, rows)?;
            if !arms.groups.is_empty() {
                curves = model.estimate_by_group(&arms.membership)?;
            }
            // Groups first and all last, as `arms.each` gives them.
            curves.push(model.estimate());
        }
        // In a rehearsal there are no curves, however many groups there are.
        let curves = curves.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
        let member = |((code, arm), curve): ((Option<usize>, &'a Arm), Option<SurvivalCurve>)| {
            let warning = curve.as_ref().and_then(|curve| zero_before_entries(kind, curve));
            Member { arm, rows: arms.members(code), curve, warning }
        };
        let members = arms.each().zip(curves).map(member).collect();
        Ok(Self { kind, study, rows, members, variance })
    }

    /// Writes everything down.
    pub(super) fn tell(&self, book: &mut Book) -> Result<(), stats::Error> {
        self.members.iter().try_for_each(|member| self.tell_member(book, member))
    }

    /// The steps of the groups, or of all where there are none.
    pub(super) fn steps(&self) -> Vec<GroupCurve> {
        let n_groups = self.members.len() - 1;
        let drawn = match (n_groups, self.rows) {
            (0, Some(_)) => &self.members[..],
            _ => &self.members[..n_groups],
        };
        // Figures check which groups a curve has, so that its names go out without steps.
        let step = |member: &Member<'_>| match self.rows.zip(member.curve.as_ref()) {
            Some((rows, curve)) => steps(rows, member, curve),
            None => announced_curve(member.arm),
        };
        drawn.iter().map(step).collect()
    }

    /// What a reader of the curves must know, each once.
    pub(super) fn warnings(&self) -> Vec<Warning> {
        let weighted = self.kind.weights.is_some().then_some(Warning::WeightedCurves);
        let of_members = self.members.iter().filter_map(|member| member.warning.clone());
        let mut warnings: Vec<Warning> = Vec::new();
        for warning in weighted.into_iter().chain(of_members) {
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        warnings
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

    fn tell_member(&self, book: &mut Book, member: &Member<'_>) -> Result<(), stats::Error> {
        let (kind, curve) = (self.kind, member.curve.as_ref());
        let (arm, events) = (member.arm, self.events(member));
        let method = kind.method(self.variance, book.level);
        let counts = [
            ("n", arm.n),
            ("missing", arm.missing),
            // Whoever has no event is censored, at whatever time.
            ("events", events),
            ("censored", arm.n - events),
        ];
        for (name, number) in counts {
            let finding = book.count(&[Part::statistic(name)], name, number);
            book.push(self.plain(finding, member, Procedure::Count));
        }
        self.tell_weights(book, member);
        for probability in &kind.quantiles {
            let finding = quantile(book, curve, *probability, kind.reverse)?;
            book.push(self.estimated(finding, member, method.clone()));
        }
        for horizon in horizons(self.study, &kind.at) {
            let at = curve.map(|curve| curve.at(horizon.days)).transpose()?;
            let finding = survival_at(book, "survival", &horizon, at.as_ref());
            let finding = finding.at_days(horizon.days);
            book.push(self.estimated(finding, member, method.clone()));
            self.tell_counts(book, member, &horizon);
            if kind.is_general() {
                // Beside the plain curve the hazard says nothing new;
                // it is told where curves are made in another way.
                let hazard = at.and_then(|at| at.hazard);
                let finding = cumulative_hazard(book, &horizon, hazard)?.at_days(horizon.days);
                let method = kind.hazard_method(self.variance, book.level);
                book.push(self.plain(finding, member, method));
            }
        }
        let means = horizons(self.study, &kind.restricted_mean);
        for horizon in means {
            let finding = restricted_mean(book, curve, &horizon)?;
            book.push(self.estimated(finding, member, kind.area_method(self.variance)));
        }
        // Every end of follow-up is a row, also of the censored,
        // so that the first and the last row are the range.
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

    /// Patients at risk, and those who had left, at one time. They are counted
    /// among the rows of data: a curve knows neither who entered since its
    /// last step nor, turned to follow-up, who had the event.
    fn tell_counts(&self, book: &mut Book, member: &Member<'_>, horizon: &Horizon) {
        let counts = self.rows.map(|rows| rows.counts_at(&member.rows, horizon.days));
        let counts = counts.unwrap_or_default();
        // Who is at risk may be counted just beyond the time,
        // as the study says; events are always counted at it.
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
}

fn model<'a>(
    kind: &KaplanMeier,
    study: &StudySettings,
    rows: &'a CurveRows,
) -> Result<SurvivalCurveModel<'a>, stats::Error> {
    let model = rows.model()?.estimator(kind.estimator.curve());
    let model = if kind.reverse { model.reverse() } else { model };
    let model = if kind.is_general() { model.detailed() } else { model };
    model.confidence(study.confidence_level, kind.ci.confidence_type())
}

/// A curve that came down to zero before everybody had entered.
fn zero_before_entries(kind: &KaplanMeier, curve: &SurvivalCurve) -> Option<Warning> {
    // Whoever enters after a zero cannot bring the
    // curve up again: a product with zero stays zero.
    let last = curve.rows.last()?;
    let zero = curve.rows.iter().find(|row| row.survival == 0.0)?;
    (kind.entry.is_some() && zero.time < last.time)
        .then_some(Warning::ZeroBeforeEntries { days: zero.time })
}
