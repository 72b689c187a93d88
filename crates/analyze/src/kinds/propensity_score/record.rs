//! The findings on the regression, its scores and the weights.

use engine::Mistake;
use stats::inference::Coefficient;
use stats::inference::Test as ChiSquareTest;
use stats::logistic::{LogisticFit, LogisticModel};
use stats::propensity::{c_statistic, effective_sample_size};
use stats::quantile::{Summary, summarize};
use study::{Finding, IntervalKind, Part, Procedure, Quantity, Role, Test, Tested, Warning};

use super::sample::{Row, Sample};
use super::weighting::Weighted;
use super::{PropensityScore, ScoreModel, ScoreWeights};
use crate::book::{Book, Told, refused};
use crate::estimate::{self, Estimate, dependent};
use crate::model::Values;

/// What the findings are on; nothing was fitted in a rehearsal.
pub(super) struct Record<'a> {
    pub(super) declared: &'a PropensityScore,
    pub(super) sample: &'a Sample,
    pub(super) fit: Option<&'a LogisticFit>,
    pub(super) weighted: Option<&'a Weighted>,
}

/// About the term, and where it has levels the level.
pub(super) fn about(finding: Finding, sample: &Sample, row: &Row) -> Finding {
    let term = &sample.terms[row.term];
    let mut finding = finding.of_variable(&term.column);
    match (&term.values, row.level) {
        (Values::Levels { category, .. }, Some(level)) => finding.of_level(&category.levels[level]),
        _ => {
            finding.unit.clone_from(&term.unit);
            finding
        }
    }
}

impl Record<'_> {
    /// Writes down everything but the balance.
    pub(super) fn all(&self, book: &mut Book) -> Result<(), Mistake> {
        let sample = self.sample;
        for (name, count) in [("n", sample.basis().n), ("missing", sample.basis().missing)] {
            let finding = book.count(&[Part::statistic(name)], name, count);
            book.push(finding.from(sample.basis()).by_method(Procedure::CompleteCases));
        }
        for row in &sample.rows {
            self.record_row(book, row)?;
        }
        self.record_fit(book);
        self.record_scores(book)?;
        self.record_weights(book);
        Ok(())
    }

    fn record_row(&self, book: &mut Book, row: &Row) -> Result<(), Mistake> {
        let (declared, sample) = (self.declared, self.sample);
        let draft = |name: &str, statistic: &str, quantity, value| {
            let draft = book.draft(&[Part::statistic(name)], statistic, quantity, value);
            let mut finding = about(draft, sample, row);
            // Set here, because the balance of a level
            // has no reference and uses the same words.
            if let Values::Levels { category, reference } = &sample.terms[row.term].values {
                finding = finding.against_level(&category.levels[*reference]);
            }
            finding.from(sample.basis_of_row(row))
        };
        let Some(covariate) = row.covariate else {
            let finding = draft("odds_ratio", "odds_ratio", Quantity::Ratio, 1.0);
            book.push(finding.in_role(Role::Reference).by_method(Procedure::Reference));
            return Ok(());
        };
        let known = self.estimate(book, covariate, &sample.terms[row.term].column)?;
        let method = declared.regression();
        for finding in estimate::findings(&known, "odds_ratio", &method, book.level, draft) {
            // Limits and tests of a ridge are those of shrunken coefficients.
            book.push(match (declared.model, &known) {
                (ScoreModel::Ridge, Ok(_)) => finding.warn(Warning::ShrunkByRidge),
                _ => finding,
            });
        }
        Ok(())
    }
}

impl Record<'_> {
    /// What is said of the coefficient of a column; of nothing fitted, in a
    /// rehearsal, by which method it will be.
    fn estimate(
        &self,
        book: &Book,
        covariate: usize,
        column: &str,
    ) -> Result<Result<Estimate, Warning>, Mistake> {
        let Some(fit) = self.fit else { return Ok(Ok(blank(self.declared))) };
        let model = self.sample.model(self.declared).map_err(|error| refused(&error))?;
        match fit.coefficients[covariate] {
            Some(known) => {
                let fitted = (fit, &model);
                estimate(self.declared, fitted, covariate, &known, book.level).map(Ok)
            }
            None => Ok(Err(dependent(column))),
        }
    }
}

/// What is said of a coefficient before anything was fitted.
fn blank(declared: &PropensityScore) -> Estimate {
    // A rehearsal announces the limits and the test that the model will have.
    let is_profile = declared.model == ScoreModel::Firth;
    let (interval, test) = match is_profile {
        true => (IntervalKind::ProfilePenalized, Test::PenalizedLikelihoodRatio),
        false => (IntervalKind::Wald, Test::Wald),
    };
    Estimate {
        coefficient: f64::NAN,
        standard_error: f64::NAN,
        ratio: f64::NAN,
        limits: [None; 2],
        interval,
        p_value: f64::NAN,
        test,
        warnings: Vec::new(),
    }
}

/// What is said of a coefficient: profiles under Firth's penalty, Wald's
/// limits and test otherwise.
fn estimate(
    declared: &PropensityScore,
    (fit, model): (&LogisticFit, &LogisticModel<'_>),
    covariate: usize,
    known: &Coefficient,
    level: f64,
) -> Result<Estimate, Mistake> {
    let of_wald = Estimate::of_wald(known, level);
    if declared.model != ScoreModel::Firth {
        // Under Firth's penalty the likelihood is no parabola, and Wald's limits do not hold.
        return Ok(of_wald);
    }
    let found = model.profile_limits(fit, covariate, level).map_err(|error| refused(&error))?;
    Ok(Estimate {
        limits: found.ratio_limits(),
        interval: IntervalKind::ProfilePenalized,
        p_value: found.test.p_value,
        test: Test::PenalizedLikelihoodRatio,
        ..of_wald
    })
}

impl Record<'_> {
    fn record_fit(&self, book: &mut Book) {
        let (declared, sample) = (self.declared, self.sample);
        let test = self.fit.map(|fit| &fit.likelihood_ratio_test);
        let number = |read: fn(&ChiSquareTest) -> f64| test.map_or(f64::NAN, read);
        let df = number(|test| test.degrees_of_freedom as f64);
        let numbers = [
            ("chi_square", "chi_square", Quantity::Statistic, number(|test| test.statistic)),
            ("degrees_of_freedom", "degrees_of_freedom", Quantity::DegreesOfFreedom, df),
            ("p", "p_value", Quantity::PValue, number(|test| test.p_value)),
        ];
        for (name, statistic, quantity, value) in numbers {
            let parts = [Part::test("likelihood_ratio"), Part::statistic(name)];
            let finding = book.draft(&parts, statistic, quantity, value);
            let method = declared.regression().tested_of(Test::LikelihoodRatio, Tested::AllTerms);
            let mut finding = finding.from(sample.basis()).by_method(method);
            // The ridge is in the fit, and the chi-square of the test is not quite one.
            if declared.model == ScoreModel::Ridge {
                finding = finding.warn(Warning::RoughUnderRidge);
            }
            book.push(finding);
        }
        let (parts, name) = ([Part::statistic("c_statistic")], "c_statistic");
        let value = match self.fit {
            Some(fit) => c_statistic(&fit.probabilities, &sample.treated),
            None => Ok(f64::NAN),
        };
        let finding = book.attempt(&parts, name, Quantity::Proportion, value);
        book.push(finding.from(sample.basis()).by_method(Procedure::ScoreConcordance));
    }

    /// The scores of each group, and how far they overlap.
    fn record_scores(&self, book: &mut Book) -> Result<(), Mistake> {
        let sample = self.sample;
        let of = |treated: bool| {
            self.fit.map(|fit| sample.of_group(&fit.probabilities, treated)).unwrap_or_default()
        };
        let summary = |treated: bool| {
            let found = self.fit.map(|_| summarize(&of(treated))).transpose();
            found.map_err(|error| refused(&error))
        };
        let both = [summary(false)?, summary(true)?];
        let read = |found: &Option<Summary>, value: fn(&Summary) -> f64| {
            found.as_ref().map_or(f64::NAN, value)
        };
        // Common support: from the larger of the smallest scores to the smaller of the largest.
        let lower = read(&both[0], |s| s.minimum).max(read(&both[1], |s| s.minimum));
        let upper = read(&both[0], |s| s.maximum).min(read(&both[1], |s| s.maximum));
        for treated in sample.groups() {
            let found = &both[usize::from(treated)];
            let numbers = [
                ("minimum", read(found, |found| found.minimum)),
                ("median", read(found, |found| found.median)),
                ("maximum", read(found, |found| found.maximum)),
                ("mean", read(found, |found| found.mean)),
            ];
            for (name, value) in numbers {
                let statistic = format!("{name}_propensity");
                let parts = [Part::model("propensity"), Part::statistic(name)];
                let finding = book.draft(&parts, &statistic, Quantity::Proportion, value);
                book.push(self.of_group(finding, treated).by_method(Procedure::ScoresOfGroup));
            }
            let outside = of(treated).iter().filter(|s| **s < lower || **s > upper).count();
            let name = "outside_common_support";
            let finding = book.count(&[Part::statistic(name)], name, outside);
            let finding = self.of_group(finding, treated);
            book.push(finding.by_method(Procedure::ScoresBeyondSupport));
        }
        Ok(())
    }

    fn of_group(&self, finding: Finding, treated: bool) -> Finding {
        finding.of_group(self.sample.group(treated)).from(self.sample.basis_of(treated))
    }

    fn record_weights(&self, book: &mut Book) {
        let (declared, sample) = (self.declared, self.sample);
        let is_matching = declared.weights == ScoreWeights::Matching;
        let method = declared.weighting();
        for treated in sample.groups() {
            let weights = self.weighted.map(|all| sample.of_group(&all.weights, treated));
            let weights = weights.unwrap_or_default();
            let (effective, n) = (effective_sample_size(&weights), weights.len());
            let (parts, name) =
                ([Part::statistic("effective_sample_size")], "effective_sample_size");
            let draft = book.draft(&parts, name, Quantity::Statistic, effective);
            let mut finding = self.of_group(draft, treated);
            // The unmatched weigh nothing by design; half
            // of the information elsewhere is a loss.
            if !is_matching && effective < 0.5 * n as f64 {
                finding = finding.warn(Warning::LittleInformation);
            }
            book.push(finding.by_method(Procedure::EffectiveN));
            let largest = weights.iter().fold(0.0_f64, |most, weight| most.max(*weight));
            let (parts, name) = ([Part::statistic("largest_weight")], "largest_weight");
            let draft = book.draft(&parts, name, Quantity::Statistic, largest);
            book.push(self.of_group(draft, treated).by_method(&method));
            if is_matching {
                let matched = weights.iter().filter(|weight| **weight > 0.0).count();
                for (name, count) in [("matched", matched), ("unmatched", n - matched)] {
                    let finding = book.count(&[Part::statistic(name)], name, count);
                    book.push(self.of_group(finding, treated).by_method(&method));
                }
            }
        }
        if declared.truncate.is_some() {
            let cut = self.weighted.and_then(|weighted| weighted.truncated.as_ref());
            let (raised, lowered) = cut.map_or((0, 0), |cut| (cut.n_raised, cut.n_lowered));
            for (name, count) in [("weights_raised", raised), ("weights_lowered", lowered)] {
                let finding = book.count(&[Part::statistic(name)], name, count);
                book.push(finding.from(sample.basis()).by_method(&method));
            }
        }
        if declared.caliper.is_some() {
            let matching = self.weighted.and_then(|weighted| weighted.matching.as_ref());
            let width = matching.and_then(|matching| matching.caliper).unwrap_or(f64::NAN);
            let finding =
                book.draft(&[Part::statistic("caliper")], "caliper", Quantity::Statistic, width);
            book.push(finding.from(sample.basis()).by_method(Procedure::Caliper));
        }
    }
}
