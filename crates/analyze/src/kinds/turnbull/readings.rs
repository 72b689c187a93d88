//! What is read off the estimate of one group.

use stats::survival_curve::{SurvivalCurve, SurvivalCurveModel};
use stats::survival_data::SurvivalData;
use stats::turnbull::{
    BootstrapSurvival, Turnbull as Estimate, TurnbullErrors, bootstrap_survival, turnbull,
};
use study::{
    CurveRow, Detail, Finding, GroupCurve, Method, Part, Procedure, Quantity, State, StudySettings,
    Warning,
};

use super::Turnbull;
use crate::arms::{Arm, OfArm};
use crate::book::{Basis, Book, Told};
use crate::horizon::{Horizon, horizons};
use crate::kinds::kaplan_meier::readings::{draft_quantile, survival_at};
use crate::monte_carlo::DrawErrors;

/// One group, or all, and its estimate.
pub(super) struct Member<'a> {
    kind: &'a Turnbull,
    arm: &'a Arm,
    left: Vec<f64>,
    right: Vec<f64>,
    level: f64,
    horizons: Vec<Horizon>,
    /// None in a rehearsal.
    fitted: Option<(Estimate, TurnbullErrors)>,
    seed: u64,
}

/// Survival at one time: the least and the greatest that agree with the data.
struct At {
    least: f64,
    greatest: f64,
    least_error: Option<f64>,
    greatest_error: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
    /// Of the limits, where they come from samples.
    draw_errors: Option<DrawErrors>,
}

impl<'a> Member<'a> {
    pub(super) fn new(
        kind: &'a Turnbull,
        study: &StudySettings,
        arm: &'a Arm,
        ends: Vec<(f64, f64)>,
        seed: u64,
    ) -> Result<Self, stats::Error> {
        let (left, right): (Vec<f64>, Vec<f64>) = ends.into_iter().unzip();
        // In a rehearsal there is nobody, and a run refuses a group of nobody.
        let fitted = match left.is_empty() {
            true => None,
            false => {
                let estimate = turnbull(&left, &right)?;
                let errors = estimate.errors();
                Some((estimate, errors))
            }
        };
        let horizons = horizons(study, &kind.at);
        let level = study.confidence_level;
        Ok(Self { kind, arm, left, right, level, horizons, fitted, seed })
    }

    fn n_events(&self) -> usize {
        // An open end means that the event was not seen.
        self.right.iter().filter(|right| right.is_finite()).count()
    }

    fn basis(&self) -> Basis {
        self.arm.basis(Some(self.n_events()))
    }

    fn method(&self) -> Method {
        Method::of(Procedure::Turnbull)
            .with(Detail::Interval { interval: self.kind.interval(), level: self.level })
            .with(Detail::Variance(self.kind.variance()))
    }

    /// Writes everything about the group down.
    pub(super) fn tell(&self, book: &mut Book) -> Result<(), stats::Error> {
        let n_events = self.n_events();
        // Known to the day: both ends are the same.
        let is_exact = |(left, right): (&f64, &f64)| left == right;
        let exact = self.left.iter().zip(&self.right).filter(|ends| is_exact(*ends)).count();
        let counts = [
            ("n", self.arm.n),
            ("missing", self.arm.missing),
            ("events", n_events),
            ("exact_events", exact),
            ("censored", self.arm.n - n_events),
        ];
        for (name, count) in counts {
            self.push(book, book.count(&[Part::statistic(name)], name, count), Procedure::Count);
        }
        self.tell_quantiles(book)?;
        let days: Vec<f64> = self.horizons.iter().map(|horizon| horizon.days).collect();
        let read = self.at(&days)?;
        for (place, horizon) in self.horizons.iter().enumerate() {
            self.tell_survival(book, horizon, read.get(place));
        }
        if self.kind.mass_intervals {
            self.tell_intervals(book);
        }
        if self.kind.midpoint {
            self.tell_midpoint(book)?;
        }
        Ok(())
    }

    fn push(&self, book: &mut Book, finding: Finding, method: impl Into<Method>) {
        book.push(finding.in_arm(self.arm).from(self.basis()).by_method(method));
    }

    /// What rests on the estimate, with its warnings.
    fn of_estimate(&self, mut finding: Finding) -> Finding {
        // The search ended early: every number of the estimate is as doubtful.
        if self.fitted.as_ref().is_some_and(|(estimate, _)| !estimate.has_converged) {
            finding = finding.warn(Warning::SearchEnded);
        }
        finding.in_arm(self.arm).from(self.basis()).by_method(self.method())
    }

    fn push_estimate(&self, book: &mut Book, finding: Finding) {
        book.push(self.of_estimate(finding));
    }

    fn tell_quantiles(&self, book: &mut Book) -> Result<(), stats::Error> {
        for probability in &self.kind.quantiles {
            let fitted = self.fitted.as_ref();
            let cell = fitted.map(|(estimate, _)| estimate.quantile(*probability)).transpose()?;
            let ends = cell.map_or([f64::NAN; 2], |cell| [cell.left, cell.right]);
            // A quantile is an interval here: the event
            // lies in it, and the data do not say where.
            for (end, value) in ["_from", "_to"].into_iter().zip(ends) {
                let finding = draft_quantile(book, end, *probability, Some(value));
                let finding = match value.is_finite() {
                    // The mass lies after the last examination.
                    true => finding,
                    false => {
                        finding.without_value(State::NotReached).warn(Warning::AfterLastExamination)
                    }
                };
                self.push_estimate(book, finding);
            }
        }
        Ok(())
    }

    /// Survival at a time, and its bounds; of nothing in a rehearsal.
    fn tell_survival(&self, book: &mut Book, horizon: &Horizon, at: Option<&At>) {
        // Where both bounds are the same survival is known; in between it is only bounded.
        let one = at.filter(|at| at.least == at.greatest);
        let value = one.map_or(f64::NAN, |at| at.least);
        let parts = horizon.parts("survival");
        let finding = book.draft(&parts, "survival", Quantity::Survival, value);
        let is_identified = self.fitted.as_ref().is_none_or(|(_, errors)| errors.is_identified());
        let finding = match one {
            None => finding.warn(Warning::WithinMassInterval),
            Some(at) => {
                let finding =
                    finding.limits(at.lower, at.upper, book.level).with_error(at.least_error);
                // Samples have limits even where the information matrix has none.
                match is_identified || self.kind.bootstrap.is_some() {
                    true => finding,
                    false => finding.warn(Warning::NotIdentified),
                }
            }
        };
        let finding = finding.at_days(horizon.days);
        match self.kind.bootstrap {
            Some(_) => {
                let errors = one.and_then(|at| at.draw_errors);
                book.push_drawn(self.of_estimate(finding), errors);
            }
            // Errors of the information matrix hang on no draw.
            None => self.push_estimate(book, finding),
        }
        let bound = |value: fn(&At) -> f64| at.map_or(f64::NAN, value);
        for (name, value, error) in [
            ("least_survival", bound(|at| at.least), at.and_then(|at| at.least_error)),
            ("greatest_survival", bound(|at| at.greatest), at.and_then(|at| at.greatest_error)),
        ] {
            let finding = book
                .draft(&horizon.parts(name), name, Quantity::Survival, value)
                .with_error(error)
                .at_days(horizon.days);
            self.push_estimate(book, finding);
        }
    }

    fn tell_intervals(&self, book: &mut Book) {
        let Some((estimate, _)) = &self.fitted else {
            // How many intervals have mass is known from the data alone.
            return self.tell_interval(book, &Part::AnyLevel, [f64::NAN; 3]);
        };
        for (place, cell) in estimate.intervals.iter().enumerate() {
            let number = Part::place((place + 1) as f64);
            self.tell_interval(book, &number, [cell.left, cell.right, cell.probability]);
        }
    }

    fn tell_interval(&self, book: &mut Book, number: &Part, [from, to, mass]: [f64; 3]) {
        let parts = |name| [Part::statistic(name), number.clone()];
        for (name, value) in [("mass_from", from), ("mass_to", to)] {
            let finding = book.draft(&parts(name), name, Quantity::Days, value);
            let finding = match value.is_finite() {
                true => finding,
                false => finding.without_value(State::NotReached).warn(Warning::NoEnd),
            };
            self.push_estimate(book, finding);
        }
        let finding = book.draft(&parts("mass"), "mass", Quantity::Proportion, mass);
        self.push_estimate(book, finding);
    }

    /// The Kaplan-Meier curve of the midpoints.
    fn midpoints(&self) -> Result<Option<SurvivalCurve>, stats::Error> {
        if self.fitted.is_none() {
            return Ok(None);
        }
        let ends = self.left.iter().zip(&self.right);
        let (days, events): (Vec<f64>, Vec<bool>) = ends
            // Whoever has no event leaves at the last day free of it.
            .map(|(left, right)| match right.is_finite() {
                true => (0.5 * (left + right), true),
                false => (*left, false),
            })
            .unzip();
        let data = SurvivalData::new(&days, &events)?;
        let model = SurvivalCurveModel::new(&data);
        let model = model.confidence(self.level, self.kind.ci.confidence_type())?;
        Ok(Some(model.estimate()))
    }

    fn tell_midpoint(&self, book: &mut Book) -> Result<(), stats::Error> {
        let curve = self.midpoints()?;
        let interval = self.kind.ci.interval();
        let method = Method::of(Procedure::MidpointKaplanMeier)
            .with(Detail::Interval { interval, level: self.level });
        let median = curve.as_ref().map(SurvivalCurve::median);
        let value = median.as_ref().and_then(|median| median.estimate);
        let limits = median.as_ref().map_or((None, None), |median| (median.lower, median.upper));
        let name = "midpoint_median";
        let finding = book
            .draft(&[Part::statistic(name)], name, Quantity::Days, value.unwrap_or(f64::NAN))
            .limits(limits.0, limits.1, book.level);
        let finding = match value {
            Some(_) => finding,
            None => finding.without_value(State::NotReached),
        };
        self.push(book, finding, method.clone());
        for horizon in &self.horizons {
            let found = curve.as_ref().map(|curve| curve.at(horizon.days)).transpose()?;
            let finding = survival_at(book, "midpoint_survival", horizon, found.as_ref());
            self.push(book, finding.at_days(horizon.days), method.clone());
        }
        Ok(())
    }

    /// Survival at several times, in their order.
    fn at(&self, days: &[f64]) -> Result<Vec<At>, stats::Error> {
        let Some((_, errors)) = &self.fitted else { return Ok(Vec::new()) };
        let drawn = match self.kind.bootstrap {
            // Once for all times, so that they share the samples.
            Some(number) if !days.is_empty() => {
                let (left, right) = (&self.left, &self.right);
                Some(bootstrap_survival(left, right, days, self.level, number, self.seed)?)
            }
            _ => None,
        };
        let read = |(place, day): (usize, &f64)| -> Result<At, stats::Error> {
            let scale = self.kind.ci.confidence_type();
            let (least, greatest) = errors.survival(*day, self.level, scale)?;
            let mut at = At {
                least: least.survival,
                greatest: greatest.survival,
                least_error: least.standard_error,
                greatest_error: greatest.standard_error,
                // The wider of both: below the least and above
                // the greatest that agree with the data.
                lower: least.lower,
                upper: greatest.upper,
                draw_errors: None,
            };
            let sample: Option<&BootstrapSurvival> = drawn.as_ref().map(|drawn| &drawn[place]);
            if let Some(sample) = sample {
                at.least_error = Some(sample.least_error);
                at.greatest_error = Some(sample.greatest_error);
                (at.lower, at.upper) = (Some(sample.lower), Some(sample.upper));
                let (lower, upper) = (sample.lower_draw_error, sample.upper_draw_error);
                // The estimate does not hang on the draws, only its limits do.
                at.draw_errors = Some(DrawErrors { estimate: 0.0, lower, upper });
            }
            Ok(at)
        };
        days.iter().enumerate().map(read).collect()
    }

    /// The steps for figures: a patient with the event leaves at the right end
    /// of the interval, where survival is known, and one without at the left.
    pub(super) fn steps(&self) -> Result<Option<GroupCurve>, stats::Error> {
        // Nothing was estimated in a rehearsal, so that there is nothing to draw.
        if self.fitted.is_none() {
            return Ok(None);
        }
        let mut leaving: Vec<(f64, bool)> = (self.left.iter().zip(&self.right))
            .map(|(left, right)| if right.is_finite() { (*right, true) } else { (*left, false) })
            .collect();
        // Ties together: who leaves on one day leaves in one row.
        leaving.sort_by(|a, b| a.0.total_cmp(&b.0));
        let groups: Vec<&[(f64, bool)]> = leaving.chunk_by(|a, b| a.0 == b.0).collect();
        let days: Vec<f64> = groups.iter().map(|tied| tied[0].0).collect();
        let mut at_risk = leaving.len() as u64;
        let mut rows = Vec::new();
        for (tied, at) in groups.iter().zip(self.at(&days)?) {
            let events = tied.iter().filter(|(_, event)| *event).count() as u64;
            rows.push(CurveRow {
                time_days: tied[0].0,
                at_risk,
                events,
                censored: tied.len() as u64 - events,
                survival: at.greatest,
                lower: at.lower,
                upper: at.upper,
            });
            at_risk -= tied.len() as u64;
        }
        Ok(Some(GroupCurve {
            level: self.arm.value().to_owned(),
            label: self.arm.label().to_owned(),
            n: self.arm.n as u64,
            rows,
        }))
    }
}
