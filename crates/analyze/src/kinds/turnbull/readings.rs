//! What is read off the estimate of one group.

use engine::Call;
use stats::kaplan_meier::{KaplanMeierCurve, KaplanMeierOptions, kaplan_meier};
use stats::survival_data::SurvivalData;
use stats::turnbull::{
    BootstrapSurvival, Turnbull as Estimate, TurnbullErrors, bootstrap_survival, turnbull,
};
use study::{CurveRow, Finding, GroupCurve, Quantity, State};

use super::Turnbull;
use crate::arms::Arm;
use crate::book::{Basis, Book, Told, level_words};
use crate::horizon::{Horizon, horizons};

/// One group, or all, and its estimate.
pub(super) struct Member<'a> {
    kind: &'a Turnbull,
    arm: &'a Arm,
    left: Vec<f64>,
    right: Vec<f64>,
    level: f64,
    horizons: Vec<Horizon>,
    estimate: Estimate,
    errors: TurnbullErrors,
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
}

impl<'a> Member<'a> {
    pub(super) fn new(
        kind: &'a Turnbull,
        call: &Call<'_>,
        arm: &'a Arm,
        ends: Vec<(f64, f64)>,
        seed: u64,
    ) -> Result<Self, stats::Error> {
        let (left, right): (Vec<f64>, Vec<f64>) = ends.into_iter().unzip();
        let estimate = turnbull(&left, &right)?;
        let errors = estimate.errors();
        let horizons = horizons(call.study, &kind.at_months, &kind.at);
        let level = call.study.confidence_level;
        Ok(Self { kind, arm, left, right, level, horizons, estimate, errors, seed })
    }

    fn n_events(&self) -> usize {
        self.right.iter().filter(|right| right.is_finite()).count()
    }

    fn basis(&self) -> Basis {
        self.arm.basis(Some(self.n_events()))
    }

    fn method(&self) -> String {
        let errors = match self.kind.bootstrap {
            Some(number) => format!("{number} bootstrap samples"),
            None => "observed information".to_owned(),
        };
        format!(
            "Turnbull's nonparametric maximum likelihood, {} {} CI, {errors}",
            self.kind.interval_words(),
            level_words(self.level)
        )
    }

    /// Writes everything about the group down.
    pub(super) fn tell(&self, book: &mut Book) -> Result<(), stats::Error> {
        let n_events = self.n_events();
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
            self.push(book, book.count(&[name], name, count), "count");
        }
        self.tell_quantiles(book)?;
        let days: Vec<f64> = self.horizons.iter().map(|horizon| horizon.days).collect();
        for (horizon, at) in self.horizons.iter().zip(self.at(&days)?) {
            self.tell_survival(book, horizon, &at);
        }
        if self.kind.mass_intervals {
            self.tell_intervals(book);
        }
        if self.kind.midpoint {
            self.tell_midpoint(book)?;
        }
        Ok(())
    }

    fn push(&self, book: &mut Book, finding: Finding, method: &str) {
        book.push(finding.in_group(&self.arm.level).from(self.basis()).by_method(method));
    }

    /// Writes down what rests on the estimate, with its warnings.
    fn push_estimate(&self, book: &mut Book, mut finding: Finding) {
        if !self.estimate.has_converged {
            finding = finding.warn("the search for the maximum ended before it was found");
        }
        self.push(book, finding, &self.method());
    }

    fn tell_quantiles(&self, book: &mut Book) -> Result<(), stats::Error> {
        for probability in &self.kind.quantiles {
            let cell = self.estimate.quantile(*probability)?;
            let percent = ((probability * 1e6).round() / 1e4).to_string();
            let name = if *probability == 0.5 { "median" } else { "quantile" };
            for (end, value) in [("from", cell.left), ("to", cell.right)] {
                let name = format!("{name}_{end}");
                let parts: &[&str] =
                    if *probability == 0.5 { &[&name] } else { &[&name, &percent] };
                let finding = book.draft(parts, &name, Quantity::Days, value);
                let finding = match value.is_finite() {
                    true => finding,
                    false => finding
                        .without_value(State::NotReached)
                        .warn("it is after the last examination"),
                };
                self.push_estimate(book, finding);
            }
        }
        Ok(())
    }

    fn tell_survival(&self, book: &mut Book, horizon: &Horizon, at: &At) {
        let is_one = at.least == at.greatest;
        let parts = ["survival", &horizon.id];
        let value = if is_one { at.least } else { f64::NAN };
        let mut finding = book.draft(&parts, "survival", Quantity::Survival, value);
        if is_one {
            finding = finding.limits(at.lower, at.upper, book.level).with_error(at.least_error);
            if !self.errors.is_identified() && self.kind.bootstrap.is_none() {
                finding = finding
                    .warn("the data do not tell all intervals with mass apart: no standard error");
            }
        } else {
            finding = finding.warn(
                "this time lies within an interval with mass: the data give bounds only (`least_survival` and `greatest_survival`)",
            );
        }
        self.push_estimate(book, finding.at_days(horizon.days));
        for (name, value, error) in [
            ("least_survival", at.least, at.least_error),
            ("greatest_survival", at.greatest, at.greatest_error),
        ] {
            let finding = book
                .draft(&[name, &horizon.id], name, Quantity::Survival, value)
                .with_error(error)
                .at_days(horizon.days);
            self.push_estimate(book, finding);
        }
    }

    fn tell_intervals(&self, book: &mut Book) {
        for (place, cell) in self.estimate.intervals.iter().enumerate() {
            let number = (place + 1).to_string();
            for (name, value) in [("mass_from", cell.left), ("mass_to", cell.right)] {
                let finding = book.draft(&[name, &number], name, Quantity::Days, value);
                let finding = match value.is_finite() {
                    true => finding,
                    false => finding.without_value(State::NotReached).warn("there is no end"),
                };
                self.push_estimate(book, finding);
            }
            let finding =
                book.draft(&["mass", &number], "mass", Quantity::Proportion, cell.probability);
            self.push_estimate(book, finding);
        }
    }

    /// The Kaplan-Meier curve of the midpoints.
    fn midpoints(&self) -> Result<KaplanMeierCurve, stats::Error> {
        let ends = self.left.iter().zip(&self.right);
        let (days, events): (Vec<f64>, Vec<bool>) = ends
            .map(|(left, right)| match right.is_finite() {
                true => (0.5 * (left + right), true),
                false => (*left, false),
            })
            .unzip();
        let options = KaplanMeierOptions {
            confidence_level: self.level,
            confidence_type: self.kind.ci.confidence_type(),
            reverse: false,
        };
        kaplan_meier(&SurvivalData::new(&days, &events)?, &options)
    }

    fn tell_midpoint(&self, book: &mut Book) -> Result<(), stats::Error> {
        let curve = self.midpoints()?;
        let method = format!(
            "Kaplan-Meier of the intervals' midpoints, {} {} CI",
            self.kind.ci.words(),
            level_words(self.level)
        );
        let median = curve.median();
        let name = "midpoint_median";
        let value = median.estimate.unwrap_or(f64::NAN);
        let finding = book.draft(&[name], name, Quantity::Days, value).limits(
            median.lower,
            median.upper,
            book.level,
        );
        let finding = match median.estimate {
            Some(_) => finding,
            None => finding.without_value(State::NotReached),
        };
        self.push(book, finding, &method);
        for horizon in &self.horizons {
            let found = curve.at(horizon.days)?;
            let name = "midpoint_survival";
            let value = found.survival.unwrap_or(f64::NAN);
            let mut finding = book
                .draft(&[name, &horizon.id], name, Quantity::Survival, value)
                .limits(found.lower, found.upper, book.level)
                .with_error(found.standard_error)
                .at_days(horizon.days);
            if found.survival.is_none() {
                finding = finding.warn("nobody was followed to this time");
            }
            self.push(book, finding, &method);
        }
        Ok(())
    }

    /// Survival at several times, in their order.
    fn at(&self, days: &[f64]) -> Result<Vec<At>, stats::Error> {
        let drawn = match self.kind.bootstrap {
            Some(number) if !days.is_empty() => {
                let (left, right) = (&self.left, &self.right);
                Some(bootstrap_survival(left, right, days, self.level, number, self.seed)?)
            }
            _ => None,
        };
        let read = |(place, day): (usize, &f64)| -> Result<At, stats::Error> {
            let scale = self.kind.ci.confidence_type();
            let (least, greatest) = self.errors.survival(*day, self.level, scale)?;
            let mut at = At {
                least: least.survival,
                greatest: greatest.survival,
                least_error: least.standard_error,
                greatest_error: greatest.standard_error,
                lower: least.lower,
                upper: greatest.upper,
            };
            let sample: Option<&BootstrapSurvival> = drawn.as_ref().map(|drawn| &drawn[place]);
            if let Some(sample) = sample {
                at.least_error = Some(sample.least_error);
                at.greatest_error = Some(sample.greatest_error);
                (at.lower, at.upper) = (Some(sample.lower), Some(sample.upper));
            }
            Ok(at)
        };
        days.iter().enumerate().map(read).collect()
    }

    /// The steps for figures: a patient with the event leaves at the right end
    /// of the interval, where survival is known, and one without at the left.
    pub(super) fn steps(&self) -> Result<GroupCurve, stats::Error> {
        let mut leaving: Vec<(f64, bool)> = (self.left.iter().zip(&self.right))
            .map(|(left, right)| if right.is_finite() { (*right, true) } else { (*left, false) })
            .collect();
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
        Ok(GroupCurve {
            level: self.arm.level.clone(),
            label: self.arm.label.clone(),
            n: self.arm.n as u64,
            rows,
        })
    }
}
