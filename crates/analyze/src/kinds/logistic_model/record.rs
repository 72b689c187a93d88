//! What is written down of a logistic model: counts, tests, likelihoods, how
//! well it tells patients apart, and the ratios of its terms.

use stats::concordance::{ConcordanceOptions, weighted_concordance};
use stats::logistic::LogisticWarning;
use study::{
    BrierOf, ConcordanceKind, Detail, Errors, Finding, Method, Part, Procedure, Quantity, Test,
    Warning,
};

use super::super::cox_model::{record_weights, trusting};
use super::Fitted;
use crate::book::{Book, Told};
use crate::effects::Effects;
use crate::estimate::Estimate;
use crate::model::coefficients::{Place, record_test};
use crate::model::{Model, PenaltyName};

/// One fit and where it is written down.
#[derive(Clone, Copy)]
pub(super) struct Recorder<'a> {
    pub(super) model: &'a Model<'a>,
    pub(super) fitted: &'a Fitted,
    pub(super) method: &'a Method,
    /// Whether limits are those of a profile.
    pub(super) is_profiled: bool,
    pub(super) place: Place<'a>,
}

impl Recorder<'_> {
    /// The model of all terms.
    pub(super) fn record_whole(&self, book: &mut Book) {
        let basis = self.fitted.cases.basis();
        let effects = self.effects(book.level);
        book.record_counts(&[], basis);
        self.record_burden(book, &effects);
        if let Some(weights) = self.fitted.cases.weights() {
            record_weights(book, weights, basis);
        }
        self.record_tests(book);
        self.record_likelihoods(book);
        self.record_accuracy(book);
        self.record_intercept(book);
        effects.record(book, self.model, &self.fitted.cases);
    }

    /// The model of one term.
    pub(super) fn record_alone(&self, book: &mut Book, term: usize) {
        let (basis, column) = (self.fitted.cases.basis(), &self.model.terms[term].column);
        let counts = [
            ("n", basis.n),
            ("events", basis.events.unwrap_or_default()),
            ("missing", basis.missing),
        ];
        for (name, count) in counts {
            let parts = self.place.parts(&[Part::statistic(name)]);
            let finding = book.count(&parts, name, count).of_variable(column);
            book.push(finding.from(basis).by_method(Procedure::CompleteCases));
        }
        self.effects(book.level).record(book, self.model, &self.fitted.cases);
        // Under a ridge the likelihood ratio has no whole
        // number of degrees of freedom, and no p-value.
        if self.penalty() != PenaltyName::Ridge {
            self.record_ratio_test(book, Some(column));
        }
    }

    fn penalty(&self) -> PenaltyName {
        self.model.declared.extras.penalty
    }

    /// What is suspect about the fit as a whole.
    fn convergence(&self) -> Vec<Warning> {
        let lost = self.fitted.fit.warnings.iter().filter_map(|warning| match warning {
            LogisticWarning::NotConverged { iterations } => {
                Some(Warning::NotConverged { iterations: *iterations })
            }
            // These are of single coefficients, and are told where each of them is.
            LogisticWarning::Collinear { .. } | LogisticWarning::MayBeInfinite { .. } => None,
        });
        lost.collect()
    }

    fn effects(&self, level: f64) -> Effects<'_> {
        let (model, fitted) = (self.model, self.fitted);
        let estimates: Vec<Result<Estimate, Warning>> = (0..fitted.fit.coefficients.len())
            .map(|position| fitted.estimate(model, position, self.is_profiled, level))
            .collect();
        let is_infinite: Vec<bool> = (fitted.fit.coefficients.iter())
            .map(|known| known.is_some_and(|known| known.may_be_infinite))
            .collect();
        // With weights, clusters or a penalty the maximised
        // function is no likelihood of the patients.
        let is_plain = self.penalty() == PenaltyName::None && !model.declared.is_robust();
        Effects {
            ratio: "odds_ratio",
            method: self.method.clone(),
            names: vec![None],
            is_choice: false,
            warnings: self.convergence(),
            estimates,
            test: Box::new(move |positions| {
                // A Wald test with an infinite coefficient in
                // it would be of where the search stopped.
                match positions.iter().find(|position| is_infinite[**position]) {
                    Some(column) => Err(stats::Error::Infinite { column: *column }),
                    None => fitted.fit.wald_test_of(positions),
                }
            }),
            place: self.place,
            ratio_test: is_plain.then(|| -> Box<crate::effects::InteractionTest<'_>> {
                Box::new(move |product| fitted.test_of_interaction(model, product.place))
            }),
        }
    }

    /// Events per coefficient. Where more patients have the outcome than not,
    /// those without it are what estimates rest on.
    fn record_burden(&self, book: &mut Book, effects: &Effects<'_>) {
        let basis = self.fitted.cases.basis();
        let mut finding = effects.burden(book, basis);
        let estimated = effects.estimates.iter().filter(|estimate| estimate.is_ok()).count();
        let others = basis.n - basis.events.unwrap_or_default();
        // Told once: few events is the more common case.
        if finding.warnings.is_empty() && others < 10 * estimated {
            finding = finding.warn(Warning::FewWithoutOutcomePerCoefficient);
        }
        book.push(finding);
    }

    fn record_tests(&self, book: &mut Book) {
        let (fit, basis) = (&self.fitted.fit, self.fitted.cases.basis());
        if self.penalty() == PenaltyName::Ridge {
            return self.record_ridge(book);
        }
        self.record_ratio_test(book, None);
        let mut warnings = self.convergence();
        // The test is of all coefficients, so that one that is infinite spoils it.
        if fit.coefficients.iter().flatten().any(|known| known.may_be_infinite) {
            warnings.push(Warning::SomeMayBeInfinite);
        }
        let method = self.method.clone().tested(Test::Wald);
        let parts = [Part::test("wald")];
        record_test(book, Some(&fit.wald_test), &parts, None, basis, &method, &warnings);
    }

    fn record_ratio_test(&self, book: &mut Book, variable: Option<&str>) {
        let test = match self.penalty() {
            PenaltyName::Firth => Test::PenalizedLikelihoodRatio,
            _ => Test::LikelihoodRatio,
        };
        let mut warnings = self.convergence();
        // The likelihood takes weights for numbers, and patients of a cluster as strangers.
        warnings.extend(trusting(self.model));
        let (found, method) =
            (&self.fitted.fit.likelihood_ratio_test, self.method.clone().tested(test));
        let parts = self.place.parts(&[Part::test("likelihood_ratio")]);
        let basis = self.fitted.cases.basis();
        record_test(book, Some(found), &parts, variable, basis, &method, &warnings);
    }

    /// Under a ridge there is no chi-square test of the model: the rise of the
    /// likelihood stands beside the effective number of coefficients, the
    /// intercept's left out.
    fn record_ridge(&self, book: &mut Book) {
        let fit = &self.fitted.fit;
        let name = "effective_degrees_of_freedom";
        // The intercept is not shrunk and explains nothing.
        let (df, rise) =
            (fit.effective_degrees_of_freedom - 1.0, fit.likelihood_ratio_test.statistic);
        let numbers = [
            (vec![Part::statistic(name)], name, Quantity::DegreesOfFreedom, df),
            (
                vec![Part::test("likelihood_ratio"), Part::statistic("chi_square")],
                "chi_square",
                Quantity::Statistic,
                rise,
            ),
        ];
        for (parts, statistic, quantity, value) in numbers {
            let finding = book.draft(&parts, statistic, quantity, value);
            let finding = finding.warn(Warning::PenalizedTests);
            let method = self.method.clone().led_by([Detail::UnpenalizedLikelihood]);
            self.push(book, finding.by_method(method));
        }
    }

    fn record_likelihoods(&self, book: &mut Book) {
        let fit = &self.fitted.fit;
        let mut likelihoods = vec![
            ("log_likelihood", fit.log_likelihood),
            ("log_likelihood_null", fit.log_likelihood_null),
        ];
        if self.penalty() != PenaltyName::None {
            likelihoods.push(("penalized_log_likelihood", fit.penalized_log_likelihood));
        }
        for (name, value) in likelihoods {
            let finding = book.draft(&[Part::statistic(name)], name, Quantity::Statistic, value);
            self.push(book, finding.by_method(self.method));
        }
    }

    /// How well fitted probabilities tell patients with the outcome from those
    /// without it, and how far they are from the outcome.
    fn record_accuracy(&self, book: &mut Book) {
        let (cases, fit) = (&self.fitted.cases, &self.fitted.fit);
        let agreement = match cases.is_rehearsed() {
            // Of nobody there is no pair to order.
            true => Err(stats::Error::Empty),
            false => cases.case_weights().and_then(|weights| {
                let clusters = self.fitted.clusters();
                let options =
                    ConcordanceOptions { weights, clusters, ..ConcordanceOptions::default() };
                weighted_concordance(cases.follow_up(), &fit.linear_predictors, &options)
            }),
        };
        let error = agreement.as_ref().ok().map(|found| found.standard_error);
        let value = agreement.map(|found| found.estimate);
        let name = "c_statistic";
        let finding = book.attempt(&[Part::statistic(name)], name, Quantity::Proportion, value);
        let of = ConcordanceKind::Outcome;
        let clusters = self.model.grouping().map(Errors::ClustersAlone);
        let method = Method::of(Procedure::Concordance { of, until_days: None })
            .and(clusters.map(Detail::Errors));
        self.push(book, finding.with_error(error).by_method(method));
        let name = "brier_score";
        let score = brier_score(cases.follow_up().events(), &fit.probabilities, cases.weights());
        let finding = book.draft(&[Part::statistic(name)], name, Quantity::Statistic, score);
        self.push(book, finding.by_method(Procedure::BrierScore(BrierOf::Outcome)));
    }

    fn record_intercept(&self, book: &mut Book) {
        let known = &self.fitted.fit.intercept;
        // Where a term separates the patients the intercept runs away with its coefficient.
        let value = if known.may_be_infinite { f64::NAN } else { known.estimate };
        let name = "intercept";
        let mut finding = book.draft(&[Part::statistic(name)], name, Quantity::Coefficient, value);
        if known.may_be_infinite {
            finding = finding.warn(Warning::SomeMayBeInfinite);
        } else {
            finding = finding.with_error(Some(known.standard_error));
        }
        self.push(book, finding.by_method(self.method));
    }

    fn push(&self, book: &mut Book, mut finding: Finding) {
        finding.warnings.extend(self.convergence());
        book.push(finding.from(self.fitted.cases.basis()));
    }
}

/// The mean squared difference of outcome and probability; of nobody NaN.
fn brier_score(outcomes: &[bool], probabilities: &[f64], weights: Option<&[f64]>) -> f64 {
    let weight = |place: usize| weights.map_or(1.0, |weights| weights[place]);
    // Summed in the order of the patients, which fixes its rounding.
    let (mut sum, mut total) = (0.0, 0.0);
    for (place, (probability, outcome)) in probabilities.iter().zip(outcomes).enumerate() {
        let difference = f64::from(u8::from(*outcome)) - probability;
        sum += weight(place) * difference * difference;
        total += weight(place);
    }
    sum / total
}
