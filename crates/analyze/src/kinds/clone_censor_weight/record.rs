//! The findings of cloned strategies.

use stats::clone_censor_weight::{CloneCensorWeightEstimate as Estimate, Resampled};
use study::{
    Counted, CurveRow, Detail, Finding, GroupCurve, IntervalKind, Level, Part, Procedure, Quantity,
    State, StudySettings, Variance, Warning, in_sentence,
};

use super::CloneCensorWeight;
use crate::book::{Basis, Book, Told};
use crate::exposure::{ExposedFollowUp, Exposure};
use crate::horizon::Horizon;
use crate::monte_carlo::{DrawErrors, error_of};

/// What there is to write down.
pub(super) struct Recorder<'a> {
    pub(super) kind: &'a CloneCensorWeight,
    pub(super) exposure: &'a Exposure,
    pub(super) followed: &'a ExposedFollowUp,
    pub(super) found: &'a Estimate,
    pub(super) resampled: Option<&'a Resampled>,
    pub(super) horizons: &'a [Horizon],
    pub(super) study: &'a StudySettings,
}

/// A number of an estimate; none where it is not known.
type Number<'a> = &'a dyn Fn(&Estimate) -> Option<f64>;

impl Recorder<'_> {
    pub(super) fn record(&self, book: &mut Book) -> Result<(), stats::Error> {
        for strategy in 0..2 {
            self.record_strategy(book, strategy)?;
        }
        let ratio = |estimate: &Estimate| estimate.log_hazard_ratio;
        self.record_ratio(book, None, self.found.hazard_ratio(), &ratio)?;
        for (place, horizon) in self.horizons.iter().enumerate() {
            self.record_horizon(book, place, horizon)?;
        }
        // Announced and told even where none failed: readers must know that it was asked.
        if self.kind.replicates > 0 {
            let parts = [Part::statistic("failed_samples")];
            let lost = self.resampled.map_or(0, Resampled::n_failed);
            let failed = book.count(&parts, "failed_samples", lost);
            let method = Procedure::CountOf(Counted::FailedSamples);
            book.push(failed.from(self.basis()).by_method(method));
        }
        Ok(())
    }

    fn basis(&self) -> Basis {
        self.followed.basis()
    }

    fn basis_of(&self, strategy: usize) -> Basis {
        let own = &self.found.strategies[strategy];
        Basis { n: own.n, events: Some(own.n_events), missing: self.followed.missing }
    }

    fn level(&self, strategy: usize) -> &Level {
        self.exposure.level(strategy)
    }

    /// The finding with its method, and limits where there were samples, with
    /// their Monte Carlo errors.
    fn with_limits(
        &self,
        book: &Book,
        finding: Finding,
        number: Number<'_>,
        from_log: bool,
    ) -> Result<(Finding, Option<DrawErrors>), stats::Error> {
        let mut method = self.kind.method(self.study);
        // The method names the samples from the parameters,
        // so that a rehearsal announces the same method.
        if self.kind.replicates > 0 {
            method = method
                .interval(IntervalKind::BootstrapPercentile, book.level)
                .with(Detail::Variance(Variance::Bootstrap(self.kind.replicates as u64)));
        }
        let Some(resampled) = self.resampled else { return Ok((finding.by_method(method), None)) };
        // Percentiles need enough samples that have the number at all.
        let Some(found) = resampled.interval(book.level, number)? else {
            return Ok((finding.warn(Warning::TooFewSamples).by_method(method), None));
        };
        let found = if from_log { found.exponentiated() } else { found };
        // The estimate is of all patients and hangs on no draw.
        let errors =
            DrawErrors { estimate: 0.0, lower: found.lower_error, upper: found.upper_error };
        let finding = finding
            .limits(Some(found.lower), Some(found.upper), book.level)
            .with_error(Some(found.standard_error))
            .by_method(method);
        let finding = errors.warn(finding, self.study);
        // Samples in which the number could not be estimated
        // are not among those that the limits come from.
        let lost = resampled.estimates.len() - found.n_samples;
        let finding = match lost {
            0 => finding,
            samples => finding.warn(Warning::LostSamples { samples }),
        };
        Ok((finding, Some(errors)))
    }

    /// Writes a number down, and where there are samples what others would
    /// change of it.
    fn push(&self, book: &mut Book, finding: Finding, errors: Option<DrawErrors>) {
        let error = (self.kind.replicates > 0).then(|| error_of(&finding, errors));
        book.push(finding);
        if let Some(error) = error {
            book.push(error);
        }
    }

    fn record_strategy(&self, book: &mut Book, strategy: usize) -> Result<(), stats::Error> {
        let (own, level) = (&self.found.strategies[strategy], self.level(strategy));
        let method = self.kind.method(self.study);
        let counts = [
            ("n", own.n),
            ("events", own.n_events),
            ("artificially_censored", own.n_artificially_censored),
            ("n_after_grace", own.n_after_grace),
        ];
        for (name, count) in counts {
            let finding = book.count(&[Part::statistic(name)], name, count).of_group(level);
            let method = Procedure::CountOf(Counted::Clones);
            book.push(finding.from(self.basis_of(strategy)).by_method(method));
        }
        let weights = [
            ("largest_weight", own.largest_weight),
            ("mean_weight", own.mean_weight),
            ("effective_n", own.effective_n_after_grace),
        ];
        for (name, value) in weights {
            let parts = [Part::statistic(name)];
            let mut finding = book.draft(&parts, name, Quantity::Statistic, value);
            if own.is_separated {
                finding = finding.warn(Warning::WeightsWithoutBound);
            }
            let finding = finding.of_group(level).from(self.basis_of(strategy));
            book.push(finding.by_method(&method));
        }
        let median = |estimate: &Estimate| {
            estimate.strategies[strategy].curve.quantile(0.5).ok().and_then(|found| found.estimate)
        };
        let value = median(self.found);
        let parts = [Part::statistic("median")];
        let draft = book.draft(&parts, "median", Quantity::Days, value.unwrap_or(f64::NAN));
        let (mut finding, errors) = self.with_limits(book, draft, &median, false)?;
        // The curve stays above one half: that is a result, not a failure.
        if value.is_none() {
            finding = finding.without_value(State::NotReached);
        }
        let finding = finding.of_group(level).from(self.basis_of(strategy));
        self.push(book, finding, errors);
        Ok(())
    }

    /// The hazard ratio over all follow-up, or until a horizon.
    fn record_ratio(
        &self,
        book: &mut Book,
        horizon: Option<&Horizon>,
        value: Option<f64>,
        log_ratio: Number<'_>,
    ) -> Result<(), stats::Error> {
        let parts: Vec<Part> = std::iter::once(Part::statistic("hazard_ratio"))
            .chain(horizon.map(Horizon::part))
            .collect();
        let draft = book.draft(&parts, "hazard_ratio", Quantity::Ratio, value.unwrap_or(f64::NAN));
        let (mut finding, errors) = self.with_limits(book, draft, log_ratio, true)?;
        if value.is_none() {
            finding = finding.warn(Warning::InfiniteOrNoEvent);
        }
        finding.time_days = horizon.map(|horizon| horizon.days);
        let finding = finding
            .of_variable(&self.exposure.category.column)
            .of_level(self.level(1))
            .against_level(self.level(0));
        let of_clones = Detail::WeightedCoxOfClones(self.kind.ties.value());
        let method = finding.method.clone().led_by([of_clones]);
        self.push(book, finding.from(self.basis_of(1)).by_method(method), errors);
        Ok(())
    }

    fn record_horizon(
        &self,
        book: &mut Book,
        place: usize,
        horizon: &Horizon,
    ) -> Result<(), stats::Error> {
        let at = |estimate: &Estimate| estimate.horizons[place];
        for strategy in 0..2 {
            let survival = |estimate: &Estimate| at(estimate).survival[strategy];
            // Mean times can be carried on beyond the last patient followed, survival cannot.
            let mean = |estimate: &Estimate| Some(at(estimate).restricted_mean[strategy]);
            let is_extended = at(self.found).is_extended[strategy];
            let numbers: [(&str, Quantity, Number<'_>, Warning); 2] = [
                ("survival", Quantity::Survival, &survival, Warning::NoCloneFollowed),
                ("restricted_mean", Quantity::Days, &mean, Warning::CarriedOn),
            ];
            for (name, quantity, number, warning) in numbers {
                let value = number(self.found).unwrap_or(f64::NAN);
                let draft = book.draft(&horizon.parts(name), name, quantity, value);
                let (mut finding, errors) = self.with_limits(book, draft, number, false)?;
                if is_extended {
                    finding = finding.warn(warning);
                }
                let finding = finding.at_days(horizon.days).of_group(self.level(strategy));
                self.push(book, finding.from(self.basis_of(strategy)), errors);
            }
        }
        let survival = |estimate: &Estimate| at(estimate).survival_difference();
        let mean = |estimate: &Estimate| Some(at(estimate).restricted_mean_difference());
        let differs = Quantity::ProportionDifference;
        let numbers: [(&str, Quantity, Number<'_>, Warning); 2] = [
            ("survival_difference", differs, &survival, Warning::NoCloneFollowed),
            ("restricted_mean_difference", Quantity::Days, &mean, Warning::CarriedOn),
        ];
        let is_extended = at(self.found).is_extended.contains(&true);
        for (name, quantity, number, warning) in numbers {
            let value = number(self.found).unwrap_or(f64::NAN);
            let draft = book.draft(&horizon.parts(name), name, quantity, value);
            let (mut finding, errors) = self.with_limits(book, draft, number, false)?;
            if is_extended {
                finding = finding.warn(warning);
            }
            finding = finding.at_days(horizon.days).against_level(self.level(0));
            let exposed = self.level(1);
            // Set without a part of the id: a difference of two
            // strategies has one id, whatever they are called.
            finding.level = (!exposed.is_any()).then(|| exposed.value.clone());
            self.push(book, finding.from(self.basis_of(1)), errors);
        }
        let ratio = |estimate: &Estimate| at(estimate).log_hazard_ratio;
        self.record_ratio(book, Some(horizon), at(self.found).hazard_ratio(), &ratio)
    }

    /// The weighted curves, with counts of clones.
    pub(super) fn drawn(&self) -> Vec<GroupCurve> {
        (0..2).map(|strategy| self.drawn_one(strategy)).collect()
    }

    fn drawn_one(&self, strategy: usize) -> GroupCurve {
        let own = &self.found.strategies[strategy];
        let words = in_sentence(&self.exposure.category.label);
        let grace = self.kind.grace.resolved(self.study);
        let label = match strategy {
            0 => format!("No {words} within {grace}"),
            _ => format!("{} within {grace}", self.exposure.category.label),
        };
        let mut rows = Vec::new();
        for row in &own.curve.rows {
            let here = |step: &&stats::clone_censor_weight::CloneStep| step.time == row.time;
            // Rows in which a weight merely changes are none of a curve's.
            let Some(step) = own.steps.iter().find(here) else { continue };
            rows.push(CurveRow {
                time_days: row.time,
                at_risk: step.n_at_risk as u64,
                events: step.n_events as u64,
                censored: step.n_censored as u64,
                survival: row.survival,
                lower: row.lower,
                upper: row.upper,
            });
        }
        GroupCurve { level: self.level(strategy).value.clone(), label, n: own.n as u64, rows }
    }
}
