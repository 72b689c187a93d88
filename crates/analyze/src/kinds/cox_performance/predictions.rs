//! The survival that a model predicts for each of its patients, against what
//! was seen.

use engine::Mistake;
use stats::calibration::calibration;
use stats::cox::BaselineHazard;
use stats::kaplan_meier::{KaplanMeierCurve, KaplanMeierOptions, kaplan_meier};
use stats::prediction_error::{brier_score, integrated_brier_score};
use study::{Finding, Quantity};

use crate::book::{Book, Told, level_words, refused};
use crate::horizon::Horizon;
use crate::model::coefficients::warned;
use crate::model::{Fitted, Model};

/// Steps of the integral of the Brier score.
const STEPS: usize = 100;

/// A model's predictions.
pub(super) struct Predictions<'p> {
    fitted: &'p Fitted,
    baseline: BaselineHazard,
    /// The curve of all patients, which predicts the same for each.
    overall: KaplanMeierCurve,
}

impl<'p> Predictions<'p> {
    /// The predictions of a fitted model.
    pub(super) fn new(model: &Model<'_>, fitted: &'p Fitted) -> Result<Self, Mistake> {
        let baseline = fitted.model(model)?.baseline_hazard(&fitted.fit);
        let overall = kaplan_meier(fitted.data(), &KaplanMeierOptions::default());
        Ok(Self { fitted, baseline, overall: overall.map_err(|error| refused(&error))? })
    }

    /// Each patient's survival probability at a time.
    fn at(&self, days: f64) -> Vec<f64> {
        let strata = self.fitted.strata();
        let predictors = self.fitted.fit.linear_predictors.iter().enumerate();
        let survival = predictors.map(|(row, predictor)| {
            self.baseline.survival(*predictor, strata.map(|codes| codes[row]), days)
        });
        survival.collect::<Result<_, _>>().expect("invariant: strata are the fit's own")
    }

    fn tell(&self, finding: Finding, horizon: &Horizon) -> Finding {
        let finding =
            finding.part(study::Part::Words((&horizon.id).to_string())).at_days(horizon.days);
        warned(finding, self.fitted).from(self.fitted.basis())
    }

    /// Predicted and observed survival in groups of like risk, the first of
    /// the highest.
    pub(super) fn record_calibration(&self, book: &mut Book, horizon: &Horizon, groups: usize) {
        let options =
            KaplanMeierOptions { confidence_level: book.level, ..KaplanMeierOptions::default() };
        let found =
            calibration(self.fitted.data(), &self.at(horizon.days), horizon.days, groups, &options);
        let found = found.expect("invariant: predictions are probabilities");
        for (place, group) in found.iter().enumerate() {
            let tell = |finding: Finding| {
                let mut finding = self.tell(finding, horizon).in_group(&(place + 1).to_string());
                finding.n = Some(group.n as u64);
                finding.events = Some(group.observed.n_events as u64);
                finding
            };
            let predicted = book.draft(
                &["calibration", "predicted"],
                "predicted_survival",
                Quantity::Survival,
                group.mean_predicted,
            );
            book.push(tell(predicted).by_method(format!(
                "mean prediction in {} groups of like risk, the first of the highest",
                found.len()
            )));
            let seen = &group.observed;
            let value = seen.survival.unwrap_or(f64::NAN);
            let parts = ["calibration", "observed"];
            let mut observed = book.draft(&parts, "observed_survival", Quantity::Survival, value);
            if seen.survival.is_none() {
                observed = observed.warn("nobody of the group was followed to this time");
            }
            let observed = observed
                .limits(seen.lower, seen.upper, book.level)
                .with_error(seen.standard_error)
                .by_method(format!("Kaplan-Meier, log {} CI", level_words(book.level)));
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
        let Some(last) = times.iter().max_by(|a, b| a.days.total_cmp(&b.days)) else { return };
        let data = self.fitted.data();
        let grid: Vec<f64> =
            (0..=STEPS).map(|step| last.days * step as f64 / STEPS as f64).collect();
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
        let past = self.overall.rows.iter().take_while(|row| row.time <= days);
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
        let over = match names[0] {
            "brier_score" => "",
            _ => ", by the trapezoidal rule over 100 equal steps from day 0",
        };
        let gain = own.clone().and_then(|own| Ok(1.0 - own / reference.clone()?));
        let scores = [
            (
                own,
                Quantity::Statistic,
                "Brier score weighted by the inverse probability of censoring (Graf)",
            ),
            (reference, Quantity::Statistic, "the same of the Kaplan-Meier curve of all patients"),
            (
                gain,
                Quantity::Statistic,
                "share of the reference's Brier score that the model takes off",
            ),
        ];
        for (name, (value, quantity, words)) in names.into_iter().zip(scores) {
            let finding = book.attempt(&[name], name, quantity, value);
            book.push(self.tell(finding, horizon).by_method(format!("{words}{over}")));
        }
    }
}
