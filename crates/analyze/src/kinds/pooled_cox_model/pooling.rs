//! What the models of all data sets say together, and how it is written down.

use engine::Mistake;
use stats::inference::Coefficient;
use stats::pooling::{Pooled, PooledTest, monte_carlo_errors, pool, pool_wald};
use study::{
    Detail, Finding, IntervalKind, Method, Part, Procedure, Quantity, StudySettings, Test, Warning,
};

use crate::book::{Basis, Book, Told};
use crate::estimate::{self, Estimate};
use crate::model::coefficients::{Place, convergence};
use crate::model::curve::Curve;
use crate::model::design::Column;
use crate::model::{Fitted, Model};
use crate::monte_carlo::{DrawErrors, error_of};
use crate::refusal::refusal;

/// The model in one data set.
pub(super) type One<'a> = (Model<'a>, Fitted);

/// A pooled number, and what other imputations would change in its ratio;
/// not known of two data sets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drawn {
    pub(super) pooled: Pooled,
    pub(super) errors: Option<DrawErrors>,
}

/// The limits of a pooled ratio.
pub(super) const INTERVAL: IntervalKind = IntervalKind::BarnardRubinT;

/// The models of all data sets.
pub(super) struct Pooling<'a> {
    pub(super) all: &'a [One<'a>],
    pub(super) basis: Basis,
    pub(super) method: Method,
    /// Events less coefficients.
    complete_degrees_of_freedom: f64,
    /// The study, whose units reports print.
    pub(super) study: &'a StudySettings,
    level: f64,
    /// What is suspect about any of the fits.
    warnings: Vec<Warning>,
}

impl<'a> Pooling<'a> {
    /// Of models from which `left_out` patients were left out, not being
    /// imputed.
    pub(super) fn new(all: &'a [One<'a>], left_out: usize, study: &'a StudySettings) -> Self {
        let (model, fitted) = &all[0];
        let fewest = all.iter().map(|(_, fitted)| fitted.fit.n_events).min().unwrap_or_default();
        // Events, not patients, carry the information of a Cox model; the fewest of all
        // data sets err towards wider limits.
        let estimated = fitted.fit.coefficients.iter().flatten().count();
        let mut warnings: Vec<Warning> = Vec::new();
        // The most of any data set, to be on the safe side of what is told.
        let n_lost = all.iter().map(|(_, fitted)| fitted.basis().missing).max().unwrap_or_default();
        if n_lost > 0 {
            warnings.push(Warning::ImputedLeftOut { patients: n_lost });
        }
        for (place, (_, fitted)) in all.iter().enumerate() {
            // Which imputation it was is part of the warning: the others may be sound.
            warnings.extend(convergence(fitted).into_iter().map(|own| in_imputation(place, own)));
        }
        Self {
            all,
            basis: Basis { missing: left_out + n_lost, ..fitted.basis() },
            complete_degrees_of_freedom: fewest as f64 - estimated as f64,
            study,
            level: study.confidence_level,
            method: model.method().with(Detail::Pooled {
                // How many imputations there will be is not known before they are there.
                imputations: (!fitted.is_rehearsed()).then_some(all.len()),
            }),
            warnings,
        }
    }

    /// Refuses a spline whose columns mean another thing in each data set.
    pub(super) fn check_splines(&self) -> Result<(), Mistake> {
        let place = Place::default();
        let (model, first) = &self.all[0];
        for curve in first.places().iter().filter_map(|t| Curve::new(model, first, *t, place)) {
            let others = self.all[1..].iter().filter_map(|(_, fitted)| {
                let mut blocks = fitted.cases.design.blocks.iter();
                // By column and not by place: blocks may differ where a data set lacks a level.
                let block = blocks.find(|block| model.terms[block.term].column == curve.column());
                block.and_then(|block| block.basis.as_ref())
            });
            for other in others {
                let own = curve.basis;
                let differing = [
                    ("knots", own.knots != other.knots),
                    ("reference", own.reference != other.reference),
                    ("at", own.at != other.at),
                ];
                let Some((parameter, _)) = differing.iter().find(|(_, differs)| *differs) else {
                    continue;
                };
                let column = curve.column();
                let message = format!(
                    "`{parameter}` of the spline of `{column}` would differ between the imputed data sets"
                );
                return Err(Mistake::at(&["splines", column, parameter], message)
                    .hint("quantiles of imputed values do: declare it"));
            }
        }
        Ok(())
    }

    /// With what is suspect about any of the fits.
    pub(super) fn warned(&self, mut finding: Finding) -> Finding {
        finding.warnings.extend_from_slice(&self.warnings);
        finding
    }

    /// A coefficient, or a sum of some, pooled; or why there is none.
    pub(super) fn pooled(
        &self,
        of: impl Fn(&One<'a>) -> Result<Coefficient, Warning>,
    ) -> Result<Drawn, Warning> {
        let (mut estimates, mut variances) = (Vec::new(), Vec::new());
        for (imputation, one) in self.all.iter().enumerate() {
            // Without a coefficient in one data set there is nothing
            // to pool: the others would stand for all in silence.
            let known = of(one).map_err(|reason| in_imputation(imputation, reason))?;
            estimates.push(known.estimate);
            variances.push(known.standard_error * known.standard_error);
        }
        let complete = Some(self.complete_degrees_of_freedom);
        let pooled = pool(&estimates, &variances, complete).map_err(|error| refusal(&error))?;
        // Of two data sets nothing can be left out.
        let errors = monte_carlo_errors(&estimates, &variances, complete, self.level).ok();
        let errors = errors.zip(pooled.ratio(self.level).ok());
        let errors = errors.map(|(of_logs, ratio)| DrawErrors {
            // By the delta method: the error of a logarithm times the ratio.
            estimate: of_logs.estimate * ratio.estimate,
            lower: of_logs.lower * ratio.lower,
            upper: of_logs.upper * ratio.upper,
        });
        Ok(Drawn { pooled, errors })
    }

    /// The test that some sums of coefficients are zero.
    pub(super) fn test(
        &self,
        of: impl Fn(&One<'a>) -> Result<Vec<Vec<f64>>, Warning>,
    ) -> Result<PooledTest, Warning> {
        let (mut estimates, mut covariances) = (Vec::new(), Vec::new());
        for (imputation, one) in self.all.iter().enumerate() {
            let placed = |reason: Warning| in_imputation(imputation, reason);
            let unknown = |_: stats::Error| placed(Warning::SomeMissingOrInfinite);
            let sums = of(one).map_err(placed)?;
            let (own, covariance) = one.1.fit.combinations(&sums).map_err(unknown)?;
            estimates.push(own);
            covariances.push(covariance);
        }
        pool_wald(&estimates, &covariances, Some(self.complete_degrees_of_freedom))
            .map_err(|error| refusal(&error))
    }

    /// The same of coefficients, by what they are of: the columns of a design
    /// are elsewhere in a data set in which nobody has a level.
    pub(super) fn test_of(
        &self,
        covariates: &[Vec<(usize, Column)>],
    ) -> Result<PooledTest, Warning> {
        self.test(|(_, fitted)| {
            let design = &fitted.cases.design;
            let unit = |parts: &Vec<(usize, Column)>| {
                // A level that nobody has in a data set has no column there.
                let position = design.position_of(parts)?;
                let mut weights = vec![0.0; design.n_covariates()];
                weights[position] = 1.0;
                Some(weights)
            };
            let all: Option<Vec<Vec<f64>>> = covariates.iter().map(unit).collect();
            all.ok_or(Warning::SomeMissingOrInfinite)
        })
    }

    /// Ratio, coefficient and p of a pooled coefficient, and what its
    /// variance owes to missing values.
    pub(super) fn record_coefficient(
        &self,
        book: &mut Book,
        found: &Result<Drawn, Warning>,
        statistic: &str,
        draft: impl Fn(&Book, &str, &str, Quantity, f64) -> Finding,
    ) {
        let level = book.level;
        let errors = found.as_ref().ok().and_then(|found| found.errors);
        let pooled = &found.clone().map(|found| found.pooled);
        let known = pooled.clone().and_then(|known| of_pooled(&known, level));
        let method = &self.method;
        let three =
            estimate::findings(&known, statistic, method, level, |part, name, quantity, value| {
                draft(book, part, name, quantity, value)
            });
        let number = |value: fn(&Pooled) -> f64| pooled.as_ref().map_or(f64::NAN, value);
        let about_variance = [
            (
                "degrees_of_freedom",
                Quantity::DegreesOfFreedom,
                number(|known| known.degrees_of_freedom),
                Method::of(Procedure::BarnardRubin),
            ),
            (
                "fraction_missing_information",
                Quantity::Proportion,
                number(|known| known.fraction_missing_information),
                method.clone(),
            ),
            (
                "relative_increase",
                Quantity::Statistic,
                number(|known| known.relative_increase),
                method.clone().led_by([Detail::IncreaseOfVariance]),
            ),
        ];
        let others = about_variance.map(|(name, quantity, value, method)| {
            let finding = draft(book, name, name, quantity, value).by_method(method);
            match pooled {
                Ok(_) => finding,
                Err(reason) => finding.warn(reason),
            }
        });
        let [ratio, ..] = &three;
        // Of the ratio, which is what a table prints.
        let mut error = error_of(ratio, errors);
        if let Err(reason) = pooled {
            error = error.warn(reason);
        }
        let [ratio, coefficient, p] = three;
        let ratio = match errors {
            Some(errors) => errors.warn(ratio, self.study),
            None => ratio,
        };
        for finding in [ratio, coefficient, p].into_iter().chain(others).chain([error]) {
            book.push(self.warned(finding));
        }
    }

    /// The numbers of a pooled test.
    pub(super) fn record_test(
        &self,
        book: &mut Book,
        before: &Part,
        variable: Option<&str>,
        test: &Result<PooledTest, Warning>,
        method: &Method,
    ) {
        let number = |value: fn(&PooledTest) -> f64| test.as_ref().map_or(f64::NAN, value);
        let numbers = [
            ("f", "f", Quantity::Statistic, number(|test| test.statistic)),
            (
                "degrees_of_freedom",
                "degrees_of_freedom",
                Quantity::DegreesOfFreedom,
                number(|test| test.numerator_degrees_of_freedom as f64),
            ),
            (
                "denominator_degrees_of_freedom",
                "denominator_degrees_of_freedom",
                Quantity::DegreesOfFreedom,
                number(|test| test.denominator_degrees_of_freedom),
            ),
            ("p", "p_value", Quantity::PValue, number(|test| test.p_value)),
        ];
        for (name, statistic, quantity, value) in numbers {
            let parts = [before.clone(), Part::statistic(name)];
            let mut finding = book.draft(&parts, statistic, quantity, value);
            if let Some(variable) = variable {
                finding = finding.of_variable(variable);
            }
            if let Err(reason) = test {
                finding = finding.warn(reason);
            }
            book.push(self.warned(finding).from(self.basis).by_method(method));
        }
    }
}

/// A warning of one data set.
fn in_imputation(place: usize, own: Warning) -> Warning {
    Warning::InImputation { imputation: place + 1, warning: Box::new(own) }
}

/// What is said of a pooled coefficient.
fn of_pooled(known: &Pooled, level: f64) -> Result<Estimate, Warning> {
    let ratio = known.ratio(level).map_err(|error| refusal(&error))?;
    Ok(Estimate {
        coefficient: known.estimate,
        standard_error: known.standard_error(),
        ratio: ratio.estimate,
        limits: [Some(ratio.lower), Some(ratio.upper)],
        interval: INTERVAL,
        // Against no effect, which is zero on the logarithm.
        p_value: known.p_value(0.0),
        test: Test::BarnardRubinT,
        warnings: Vec::new(),
    })
}
