//! What is written down of one fitted distribution.

use stats::inference::Coefficient;
use stats::parametric::AcceleratedFit;
use study::{
    Detail, Finding, IntervalKind, Method, Part, Procedure, Quantity, Test, Tested, Warning,
};

use super::DistributionName;
use crate::book::{Basis, Book, Told};
use crate::effects::{Effects, term_of};
use crate::estimate::{Estimate, dependent, separating};
use crate::model::coefficients::{Place, about};
use crate::model::{Cases, Model, Part as RowPart, Row};

/// One distribution fitted to the cases of a model.
pub(super) struct OneFit<'a> {
    pub(super) name: DistributionName,
    /// Whether its numbers stand under the bare ids too.
    pub(super) is_first: bool,
    pub(super) fit: &'a AcceleratedFit,
    pub(super) model: &'a Model<'a>,
    pub(super) cases: &'a Cases,
}

impl OneFit<'_> {
    pub(super) fn record(&self, book: &mut Book) {
        let level = book.level;
        let of_times = self.effects("time_ratio", |position| {
            self.finite(self.fit.coefficients[position], position, level)
        });
        // Once, and only where there are coefficients: the
        // number is of the model, not of a distribution.
        if self.is_first && !self.model.terms.is_empty() {
            of_times.record_burden(book, self.cases.basis());
        }
        of_times.record(book, self.model, self.cases);
        // Only these two have hazards that stay in proportion.
        if matches!(self.name, DistributionName::Exponential | DistributionName::Weibull) {
            let of_hazards = self.effects("hazard_ratio", |position| {
                self.finite(self.fit.log_hazard_ratio(position).ok().flatten(), position, level)
            });
            of_hazards.record_ratios(book, self.model, self.cases);
        }
        self.record_fit(book, &of_times);
        self.record_medians(book, &of_times);
    }

    /// An estimate unless its column was dropped or may be infinite.
    fn finite(
        &self,
        found: Option<Coefficient>,
        position: usize,
        level: f64,
    ) -> Result<Estimate, Warning> {
        let term = term_of(self.model, self.cases, position);
        match found {
            None => Err(dependent(&term)),
            Some(known) if known.may_be_infinite => Err(separating(&term)),
            Some(known) => Ok(Estimate::of_wald(&known, level)),
        }
    }

    fn method(&self) -> Method {
        let procedure = Procedure::AcceleratedFailureTime(self.name.value());
        Method::of(procedure).with(Detail::MaximumLikelihood)
    }

    fn effects(
        &self,
        ratio: &'static str,
        estimate: impl Fn(usize) -> Result<Estimate, Warning>,
    ) -> Effects<'_> {
        let own = Some(self.name.id());
        let lost = Warning::NotConverged { iterations: self.fit.iterations };
        Effects {
            ratio,
            method: match ratio {
                "hazard_ratio" => self.method().with(Detail::DeltaMethod),
                _ => self.method(),
            },
            // The first is the model that was asked for, and stands under the bare ids as well.
            names: if self.is_first { vec![None, own] } else { vec![own] },
            is_choice: true,
            warnings: (!self.fit.has_converged).then_some(lost).into_iter().collect(),
            estimates: (0..self.fit.coefficients.len()).map(estimate).collect(),
            test: Box::new(|positions| self.fit.test_of(positions)),
            place: Place::default(),
            ratio_test: None,
        }
    }

    /// Intercept, scale, likelihoods, criterion, and the test of all terms.
    fn record_fit(&self, book: &mut Book, effects: &Effects<'_>) {
        let (fit, basis, level) = (self.fit, self.cases.basis(), book.level);
        let limits = self.method().interval(IntervalKind::Wald, level);
        let intercept = fit.intercept.interval(level).expect("invariant: the settings bound it");
        let value = unless_infinite(fit.intercept.estimate, &fit.intercept);
        let finding =
            book.draft(&[Part::statistic("intercept")], "intercept", Quantity::Coefficient, value);
        let finding = warned(finding, &fit.intercept)
            .limits(Some(intercept.lower), Some(intercept.upper), level)
            .with_error(Some(fit.intercept.standard_error));
        effects.push(book, finding.from(basis).by_method(&limits));
        let scale =
            book.draft(&[Part::statistic("scale")], "scale", Quantity::Statistic, fit.scale());
        let scale = match fit.log_scale.map(|known| (known, known.ratio(level))) {
            Some((known, Ok(interval))) => scale
                .limits(Some(interval.lower), Some(interval.upper), level)
                // By the delta method: the error of the logarithm times the scale.
                .with_error(Some(known.standard_error * fit.scale()))
                .by_method(self.method().interval(IntervalKind::WaldLog, level)),
            // An exponential distribution is a Weibull
            // one of scale 1, and nothing is estimated.
            _ => scale.by_method(Procedure::FixedAtOne),
        };
        effects.push(book, scale.from(basis));
        let numbers = [
            ("log_likelihood", "log_likelihood", fit.log_likelihood),
            ("log_likelihood_null", "log_likelihood_null", fit.log_likelihood_null),
            ("aic", "akaike_information_criterion", fit.akaike()),
        ];
        for (name, statistic, value) in numbers {
            let finding =
                book.draft(&[Part::statistic(name)], statistic, Quantity::Statistic, value);
            effects.push(book, finding.from(basis).by_method(self.method()));
        }
        // The distribution alone has no terms to test.
        if !self.model.terms.is_empty() {
            let method = self.method().tested_of(Test::LikelihoodRatio, Tested::AllTerms);
            let test = Ok(fit.likelihood_ratio_test);
            effects.record_test(
                book,
                &test,
                &[Part::test("likelihood_ratio")],
                None,
                basis,
                &method,
            );
        }
    }

    /// The predicted median of each level of each category, the other
    /// categories at their references and numbers at their means; one of all
    /// without categories.
    fn record_medians(&self, book: &mut Book, effects: &Effects<'_>) {
        let usual = self.usual_covariates();
        let rows: Vec<&Row> = self.cases.rows.iter().filter(|row| row.level.is_some()).collect();
        // Without a category there is one median, at the means of the numbers.
        if rows.is_empty() {
            let finding = self.median(book, &usual).from(self.cases.basis());
            effects.push(book, finding);
        }
        for row in rows {
            let mut covariates = usual.clone();
            match row.part {
                RowPart::Reference => {}
                RowPart::Covariate(position) => covariates[position] = 1.0,
                // Nobody is at that level, so that the model says nothing of it.
                RowPart::NoPatients | RowPart::NoReference => continue,
            }
            let basis = self.cases.basis();
            let mut finding = about(self.median(book, &covariates), self.model, row);
            // A median of its own, no contrast.
            finding.reference = None;
            // The model is of all patients, the median of those at the level.
            let basis = Basis { n: row.n, events: Some(row.events), ..basis };
            effects.push(book, finding.from(basis));
        }
    }

    /// Means of numbers, and zero for each indicator of a level.
    fn usual_covariates(&self) -> Vec<f64> {
        let n = self.cases.included.len();
        let mut usual = vec![0.0; self.cases.design.n_covariates()];
        for row in &self.cases.rows {
            if let (RowPart::Covariate(position), None) = (row.part, row.level) {
                // In a rehearsal there is nobody to take a mean of.
                usual[position] = self.cases.column(position).iter().sum::<f64>() / n.max(1) as f64;
            }
        }
        usual
    }

    fn median(&self, book: &Book, covariates: &[f64]) -> Finding {
        let found = self.fit.log_quantile(covariates, 0.5);
        let found = found.expect("invariant: one covariate for each column");
        let median = found.ratio(book.level).expect("invariant: the settings bound it");
        // Without terms there are no others to hold still.
        let others = (!covariates.is_empty()).then_some(Detail::OthersAtReference);
        let name = "predicted_median";
        let known = |limit: f64| (!found.may_be_infinite).then_some(limit);
        let value = unless_infinite(median.estimate, &found);
        warned(book.draft(&[Part::statistic(name)], name, Quantity::Days, value), &found)
            .limits(known(median.lower), known(median.upper), book.level)
            .with_error(Some(found.standard_error * median.estimate))
            .by_method(
                self.method()
                    .and(others)
                    .with(Detail::DeltaMethod)
                    .interval(IntervalKind::WaldLog, book.level),
            )
    }
}

/// A number without meaning where the estimate may be infinite.
fn unless_infinite(value: f64, estimate: &Coefficient) -> f64 {
    if estimate.may_be_infinite { f64::NAN } else { value }
}

/// Says why there is none.
fn warned(finding: Finding, estimate: &Coefficient) -> Finding {
    if estimate.may_be_infinite {
        // A level in which nobody has the event stretches time without end.
        return finding.warn(Warning::GroupWithoutEvents);
    }
    finding
}
