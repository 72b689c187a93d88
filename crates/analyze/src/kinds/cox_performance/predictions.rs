//! The survival that a model predicts for each of its patients, against what
//! was seen.

use engine::Mistake;
use stats::calibration::{CalibrationGroup, calibration};
use stats::cox::BaselineHazard;
use stats::prediction_error::{brier_score, integrated_brier_score};
use stats::survival_curve::{ConfidenceType, SurvivalAt, SurvivalCurve, SurvivalCurveModel};
use study::{BrierOf, Detail, Finding, IntervalKind, Method, Part, Procedure, Quantity, Warning};

use crate::book::{Book, Told};
use crate::horizon::Horizon;
use crate::model::coefficients::warned;
use crate::model::{Fitted, Model};

/// Steps of the integral of the Brier score.
const STEPS: usize = 100;

/// A model's predictions.
pub(super) struct Predictions<'p> {
    fitted: &'p Fitted,
    /// The baseline, and the curve of all patients, which predicts the same
    /// for each; none in a rehearsal.
    known: Option<(BaselineHazard, SurvivalCurve)>,
}

impl<'p> Predictions<'p> {
    /// The predictions of a fitted model.
    pub(super) fn new(model: &Model<'_>, fitted: &'p Fitted) -> Result<Self, Mistake> {
        if fitted.is_rehearsed() {
            return Ok(Self { fitted, known: None });
        }
        let baseline = fitted.model(model)?.baseline_hazard(&fitted.fit);
        // What one would predict knowing nothing of anybody.
        let overall = SurvivalCurveModel::new(fitted.data()).estimate();
        Ok(Self { fitted, known: Some((baseline, overall)) })
    }

    /// Each patient's survival probability at a time.
    fn at(&self, days: f64) -> Vec<f64> {
        let Some((baseline, _)) = &self.known else { return Vec::new() };
        let strata = self.fitted.strata();
        // Predictors stand in the order of the fit's patients, as the strata do.
        let predictors = self.fitted.fit.linear_predictors.iter().enumerate();
        let survival = predictors.map(|(row, predictor)| {
            baseline.survival(*predictor, strata.map(|strata| strata.codes()[row]), days)
        });
        survival.collect::<Result<_, _>>().expect("invariant: strata are the fit's own")
    }

    fn tell(&self, finding: Finding, horizon: &Horizon) -> Finding {
        let finding = finding.part(horizon.part()).at_days(horizon.days);
        warned(finding, self.fitted).from(self.fitted.basis())
    }

    /// Predicted and observed survival in groups of like risk, the first of
    /// the highest.
    pub(super) fn record_calibration(&self, book: &mut Book, horizon: &Horizon, groups: usize) {
        let found = match &self.known {
            // In a run there may be fewer: where many
            // predictions are the same a group may be empty.
            None => unknown_groups(groups, horizon.days),
            Some(_) => {
                let days = horizon.days;
                SurvivalCurveModel::new(self.fitted.data())
                    // On the log scale, as R draws curves unless told otherwise.
                    .confidence(book.level, ConfidenceType::Log)
                    .and_then(|model| calibration(&model, &self.at(days), days, groups))
                    .expect("invariant: predictions are probabilities")
            }
        };
        for (place, group) in found.iter().enumerate() {
            let tell = |finding: Finding| {
                let group_name = (place + 1).to_string();
                let mut finding = self.tell(finding, horizon).part(Part::place((place + 1) as f64));
                finding.group = Some(group_name);
                finding.n = Some(group.n as u64);
                finding.events = Some(group.observed.n_events as u64);
                finding
            };
            let predicted = book.draft(
                &[Part::model("calibration"), Part::statistic("predicted")],
                "predicted_survival",
                Quantity::Survival,
                group.mean_predicted,
            );
            let method = Method::of(Procedure::MeanPrediction);
            let method = method.with(Detail::GroupsOfLikeRisk(found.len()));
            book.push(tell(predicted).by_method(method));
            let seen = &group.observed;
            let value = seen.survival.unwrap_or(f64::NAN);
            let parts = [Part::model("calibration"), Part::statistic("observed")];
            let mut observed = book.draft(&parts, "observed_survival", Quantity::Survival, value);
            if seen.survival.is_none() {
                observed = observed.warn(Warning::NobodyOfGroupFollowed);
            }
            let observed = observed
                .limits(seen.lower, seen.upper, book.level)
                .with_error(seen.standard_error)
                .by_method(
                    Method::of(Procedure::KaplanMeier).interval(IntervalKind::Log, book.level),
                );
            book.push(tell(observed));
        }
    }

    /// The Brier score, that of everybody's curve, and what the model takes
    /// off it.
    pub(super) fn record_brier(&self, book: &mut Book, horizon: &Horizon) {
        let data = self.fitted.data();
        let own = brier_score(data, &self.at(horizon.days), horizon.days);
        let everybody = vec![self.everybody(horizon.days); data.n()];
        let reference = brier_score(data, &everybody, horizon.days);
        self.record_scores(
            book,
            horizon,
            ["brier_score", "brier_reference", "brier_gain"],
            own,
            reference,
        );
    }

    /// The same over all times from zero to the last one.
    pub(super) fn record_integrated(&self, book: &mut Book, times: &[Horizon]) {
        // The integral ends at the latest time, wherever it stands in the list.
        let Some(last) = times.iter().max_by(|a, b| a.days.total_cmp(&b.days)) else { return };
        let data = self.fitted.data();
        let grid: Vec<f64> =
            (0..=STEPS).map(|step| last.days * step as f64 / STEPS as f64).collect();
        // All patients at the first time, then all at
        // the next: the order that the integral reads.
        let own: Vec<f64> = grid.iter().flat_map(|days| self.at(*days)).collect();
        let everybody: Vec<f64> =
            grid.iter().flat_map(|days| vec![self.everybody(*days); data.n()]).collect();
        let own = integrated_brier_score(data, &own, &grid);
        let reference = integrated_brier_score(data, &everybody, &grid);
        let names =
            ["integrated_brier_score", "integrated_brier_reference", "integrated_brier_gain"];
        self.record_scores(book, last, names, own, reference);
    }

    /// The Kaplan-Meier curve at a time; after its end, its end.
    fn everybody(&self, days: f64) -> f64 {
        let Some((_, overall)) = &self.known else { return f64::NAN };
        let past = overall.rows.iter().take_while(|row| row.time <= days);
        // Nobody has had the event before the first step.
        past.last().map_or(1.0, |row| row.survival)
    }

    fn record_scores(
        &self,
        book: &mut Book,
        horizon: &Horizon,
        names: [&str; 3],
        own: Result<f64, stats::Error>,
        reference: Result<f64, stats::Error>,
    ) {
        let is_integrated = names[0] != "brier_score";
        let over = is_integrated.then_some(Detail::Trapezoidal { steps: STEPS });
        // Without either score there is no gain, and its reason is told.
        let gain = own.clone().and_then(|own| Ok(1.0 - own / reference.clone()?));
        let scores =
            [(own, BrierOf::Model), (reference, BrierOf::Everybody), (gain, BrierOf::Gain)];
        for (name, (value, of)) in names.into_iter().zip(scores) {
            let parts = [Part::statistic(name)];
            let finding = book.attempt(&parts, name, Quantity::Statistic, value);
            let method = Method::of(Procedure::BrierScore(of)).and(over.clone());
            book.push(self.tell(finding, horizon).by_method(method));
        }
    }
}

/// What a rehearsal knows of groups of like risk: how many were asked for.
fn unknown_groups(n_groups: usize, time: f64) -> Vec<CalibrationGroup> {
    let observed = SurvivalAt { time, ..SurvivalAt::default() };
    vec![CalibrationGroup { n: 0, mean_predicted: f64::NAN, observed }; n_groups]
}
