//! How well a Cox model predicts the patients it was fitted to, and how much
//! of that is its having seen them. Predictions themselves are left to
//! `predicted_survival`.

mod predictions;

use engine::{Call, Mistake, Mistakes, Work};
use predictions::Predictions;
use stats::concordance::{
    Concordance, ConcordanceOptions, ConcordanceWeight, weighted_concordance,
};
use stats::inference::Interval;
use stats::optimism::optimism_of_concordance;
use study::{
    Account, ConcordanceKind, Detail, IntervalKind, Method, Part, Practice, Procedure, Quantity,
    Role, Span, StudySettings, Warning,
};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::{Book, Told};
use crate::horizon::horizons;
use crate::model::coefficients::warned;
use crate::model::parameters::plain_cox_kind;
use crate::model::{Fitted, Model};
use crate::monte_carlo::DrawErrors;
use crate::rehearsal::Rehearsal;

plain_cox_kind! {
    /// How well a Cox model predicts: concordance (Harrell's and Uno's), calibration in groups of
    /// like risk, Brier scores, and by bootstrap how much of the concordance and of the calibration
    /// slope would be lost in new patients.
    pub struct CoxPerformance {
        /// Times of the calibration and of the Brier scores.
        #[serde(default)]
        pub at: Vec<Span>,
        /// Time before which events count in Uno's concordance.
        #[serde(default)]
        pub tau: Option<Span>,
        /// Groups of like risk.
        #[serde(default = "four")]
        #[schemars(range(min = 1, max = 20))]
        pub groups: u32,
        /// Bootstrap samples; 0 for none.
        #[serde(default = "five_hundred")]
        #[schemars(range(max = 100000))]
        pub bootstrap: u32,
    }
}

fn four() -> u32 {
    4
}

fn five_hundred() -> u32 {
    500
}

impl Analysis for CoxPerformance {
    const NAME: &'static str = "cox_performance";

    fn scope(&self) -> Scope<'_> {
        self.plain().scope()
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        self.plain().check(rehearsal);
        rehearsal.times("at", &self.at, false);
        rehearsal.time("tau", self.tau, false);
        let unknown = [("strata", !self.strata.is_empty()), ("offset", self.offset.is_some())];
        // The bootstrap draws patients and fits the terms. To leave strata or
        // an offset out of that would measure the optimism of another model.
        for (parameter, _) in
            unknown.into_iter().filter(|(_, is_set)| self.bootstrap > 0 && *is_set)
        {
            let message = format!("`{parameter}` cannot be combined with the bootstrap");
            let hint = "its samples are fitted to the terms alone: declare `bootstrap: 0`";
            rehearsal.push(Mistake::at(&[parameter], message).hint(hint));
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let model = Model::new(checked, self.plain())?;
        let fitted = model.fit(&model.places())?;
        let mut book = checked.book_on(&self.endpoint);
        book.record_counts(&[], fitted.basis());
        self.record_concordance(&mut book, checked.study, &fitted);
        record_shrinkage(&mut book, &fitted);
        if self.bootstrap > 0 {
            self.record_optimism(&mut book, checked.call.seed, &fitted);
        }
        let times = horizons(checked.study, &self.at);
        let predictions = Predictions::new(&model, &fitted)?;
        for horizon in &times {
            predictions.record_calibration(&mut book, horizon, self.groups as usize);
            predictions.record_brier(&mut book, horizon);
        }
        predictions.record_integrated(&mut book, &times);
        Ok(Analysed::new(book, self.methods(&model), &fitted.cases.included))
    }

    fn work(&self, call: &Call<'_>) -> Work {
        Work::of(call.patients(), 1e4).times("bootstrap", self.bootstrap as usize)
    }
}

impl CoxPerformance {
    fn tau_days(&self, study: &StudySettings) -> Option<f64> {
        self.tau.map(|tau| tau.days(study))
    }

    fn record_concordance(&self, book: &mut Book, study: &StudySettings, fitted: &Fitted) {
        let tau = self.tau_days(study);
        let options = ConcordanceOptions {
            strata: fitted.strata(),
            // Uno's weights take out what the censoring of this study does to the concordance.
            weight: ConcordanceWeight::Uno,
            horizon: tau,
            ..ConcordanceOptions::default()
        };
        let uno = weighted_concordance(fitted.data(), &fitted.fit.linear_predictors, &options);
        let within = (!self.strata.is_empty()).then_some(Detail::WithinStrata);
        let method = |of, until_days| {
            Method::of(Procedure::Concordance { of, until_days }).and(within.clone())
        };
        let found = fitted.concordance();
        let harrell = method(ConcordanceKind::Harrell, None);
        // Under the bare id, which tables read, and again
        // under its own name, to stand beside Uno's.
        record_concordance(book, fitted, None, &harrell, &found, None);
        record_concordance(book, fitted, Some("harrell"), &harrell, &found, None);
        // Without an end the last events have weights that a few censored patients decide.
        let warning = tau.is_none().then_some(Warning::LateEventsWeighHeavily);
        let method = method(ConcordanceKind::Uno, tau);
        record_concordance(book, fitted, Some("uno"), &method, &uno, warning);
    }

    fn record_optimism(&self, book: &mut Book, seed: u64, fitted: &Fitted) {
        let (ties, samples) = (self.ties.ties(), self.bootstrap as usize);
        // In a rehearsal there is nobody to draw.
        let samples_drawn = if fitted.is_rehearsed() { 0 } else { samples };
        let found = fitted.cases.covariates().and_then(|covariates| {
            optimism_of_concordance(fitted.data(), covariates, ties, samples_drawn, seed)
        });
        // A sample whose fit failed says nothing of the
        // optimism, and how many there were is told.
        let failed = found.as_ref().map_or(0, |found| {
            found.differences.iter().filter(|difference| difference.is_none()).count()
        });
        let number = |pick: fn(&stats::optimism::Optimism) -> f64| {
            found.as_ref().map(pick).map_err(Clone::clone)
        };
        let slope = found
            .as_ref()
            .map_err(Clone::clone)
            .map(|found| found.calibration_slope.unwrap_or(f64::NAN));
        let known = found.as_ref().ok();
        let of_optimism = known.and_then(stats::optimism::Optimism::optimism_error);
        let of_slope = known.and_then(stats::optimism::Optimism::slope_error);
        let numbers = [
            (
                vec![Part::statistic("concordance"), Part::method("corrected")],
                "concordance",
                Quantity::Proportion,
                number(|o| o.corrected),
                of_optimism,
                Procedure::CorrectedConcordance,
            ),
            (
                vec![Part::statistic("optimism")],
                "optimism",
                Quantity::ProportionDifference,
                number(|o| o.optimism),
                of_optimism,
                Procedure::Optimism,
            ),
            (
                vec![Part::statistic("calibration_slope")],
                "calibration_slope",
                Quantity::Coefficient,
                slope,
                of_slope,
                Procedure::CalibrationSlope,
            ),
        ];
        for (parts, statistic, quantity, value, error, procedure) in numbers {
            let mut finding = book.attempt(&parts, statistic, quantity, value);
            if failed > 0 {
                finding = finding.warn(Warning::FailedSamples { failed, samples });
            }
            // Beside the concordance of the patients themselves, which is the chosen one.
            if statistic == "concordance" {
                finding = finding.in_role(Role::Alternative);
            }
            // Announced by the number asked for, which is what the method says.
            let method = Method::of(procedure).with(Detail::Bootstrap { samples });
            let finding = warned(finding, fitted).from(fitted.basis()).by_method(method);
            book.push_drawn(finding, error.map(DrawErrors::of_estimate));
        }
    }

    fn methods(&self, model: &Model<'_>) -> Account {
        model.account(Practice::Performance {
            groups: (!self.at.is_empty()).then_some(self.groups as usize),
            samples: self.bootstrap as usize,
        })
    }
}

fn record_concordance(
    book: &mut Book,
    fitted: &Fitted,
    name: Option<&str>,
    method: &Method,
    found: &Result<Concordance, stats::Error>,
    warning: Option<Warning>,
) {
    let statistic = Part::statistic("concordance");
    let parts: Vec<Part> = std::iter::once(statistic).chain(name.map(Part::method)).collect();
    let role = if name.is_some() { Role::Alternative } else { Role::Chosen };
    let value = found.as_ref().map(|found| found.estimate).map_err(Clone::clone);
    let mut finding =
        book.attempt(&parts, "concordance", Quantity::Proportion, value).in_role(role);
    if let Ok(found) = found {
        // Not cut to 0 and 1.
        let limits = Interval::normal(found.estimate, found.standard_error, book.level);
        let limits = limits.expect("invariant: the settings bound the level");
        finding = finding
            .limits(Some(limits.lower), Some(limits.upper), book.level)
            .with_error(Some(found.standard_error));
    }
    finding.warnings.extend(warning);
    let method = method.clone().interval(IntervalKind::Wald, book.level);
    let method = method.with(Detail::InfinitesimalJackknife);
    book.push(warned(finding, fitted).from(fitted.basis()).by_method(method));
}

/// The shrinkage that the size of the likelihood ratio suggests.
fn record_shrinkage(book: &mut Book, fitted: &Fitted) {
    let test = &fitted.fit.likelihood_ratio_test;
    // By van Houwelingen and le Cessie: what is above
    // the chi-square that chance alone would give.
    let share = (test.statistic - test.degrees_of_freedom as f64) / test.statistic;
    let name = "heuristic_shrinkage";
    let parts = [Part::statistic(name)];
    let mut finding = book.draft(&parts, name, Quantity::Coefficient, share);
    if share <= 0.0 {
        finding = finding.warn(Warning::ExplainsLessThanChance);
    }
    let finding = warned(finding, fitted).from(fitted.basis());
    book.push(finding.by_method(Procedure::HeuristicShrinkage));
}
