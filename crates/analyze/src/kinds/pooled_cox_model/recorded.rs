//! The findings of a pooled Cox model.

use engine::Mistakes;
use stats::cox::CoxCoefficient;
use stats::pooling::{Pooled, PooledTest, pool, pool_wald};
use study::{Finding, Quantity};

use crate::book::{Basis, Book, Told, level_words};
use crate::model::coefficients::{self, Place, about, convergence};
use crate::model::{Fitted, Model, Part, Row};

/// The model in one data set.
pub(super) type One<'a> = (Model<'a>, Fitted);

/// Writes down what the models of all data sets pool to; `left_out` patients
/// were not imputed.
pub(super) fn record(book: &mut Book, all: &[One<'_>], left_out: usize) {
    let pooling = Pooling::new(all, left_out);
    pooling.record_counts(book);
    for (place, row) in all[0].1.cases.rows.iter().enumerate() {
        pooling.record_row(book, place, row);
    }
    for term in all[0].1.places() {
        let positions = all[0].1.covariates_of(*term);
        if positions.len() > 1 {
            let column = &all[0].0.terms[*term].column;
            let method = format!("Wald test of all levels, {}", pooling.method);
            pooling.record_test(book, &["term"], Some(column), &positions, &method);
        }
    }
    let positions: Vec<usize> = (0..all[0].1.fit.coefficients.len()).collect();
    let method = format!("Wald test of all coefficients, {}", pooling.method);
    pooling.record_test(book, &["wald"], None, &positions, &method);
}

/// The model of the complete cases, or why there is none.
pub(super) fn record_complete_cases(book: &mut Book, fit: Result<&One<'_>, &Mistakes>) {
    let before = "complete_cases";
    match fit {
        Ok((model, fitted)) => {
            let basis = fitted.basis();
            let counts =
                [("n", fitted.fit.n), ("events", fitted.fit.n_events), ("missing", basis.missing)];
            for (name, count) in counts {
                let finding = book.count(&[before, name], name, count);
                book.push(finding.from(basis).by_method("count of complete cases"));
            }
            coefficients::record(book, model, fitted, Place { before: Some(before), after: None });
        }
        Err(mistakes) => {
            let reasons = mistakes.0.iter().map(|mistake| mistake.message.clone());
            let finding = book.draft(&[before, "n"], "n", Quantity::Count, f64::NAN);
            let finding = reasons.fold(finding, |finding, reason| finding.warn(reason));
            book.push(finding.by_method("count of complete cases"));
        }
    }
}

struct Pooling<'a> {
    all: &'a [One<'a>],
    basis: Basis,
    /// Events less coefficients.
    complete_degrees_of_freedom: f64,
    method: String,
    /// What is suspect about any of the fits.
    warnings: Vec<String>,
}

impl<'a> Pooling<'a> {
    fn new(all: &'a [One<'a>], left_out: usize) -> Self {
        let (model, fitted) = &all[0];
        let fewest = all.iter().map(|(_, fitted)| fitted.fit.n_events).min().unwrap_or_default();
        let estimated = fitted.fit.coefficients.iter().flatten().count();
        let mut warnings: Vec<String> = Vec::new();
        let n_lost = all.iter().map(|(_, fitted)| fitted.basis().missing).max().unwrap_or_default();
        if n_lost > 0 {
            warnings.push(format!(
                "{n_lost} imputed patients are left out: they lack a value that was not imputed"
            ));
        }
        for (place, (_, fitted)) in all.iter().enumerate() {
            let of_fit = convergence(fitted).into_iter();
            warnings.extend(of_fit.map(|warning| format!("imputation {}: {warning}", place + 1)));
        }
        Self {
            all,
            basis: Basis {
                n: fitted.fit.n,
                events: Some(fitted.fit.n_events),
                missing: left_out + n_lost,
            },
            complete_degrees_of_freedom: fewest as f64 - estimated as f64,
            method: format!(
                "{}, pooled over {} imputations by Rubin's rules",
                model.method(),
                all.len()
            ),
            warnings,
        }
    }

    fn warned(&self, mut finding: Finding) -> Finding {
        finding.warnings.extend(self.warnings.iter().cloned());
        finding
    }

    fn record_counts(&self, book: &mut Book) {
        let fit = &self.all[0].1.fit;
        let counts = [
            ("n", fit.n, "count of patients"),
            ("events", fit.n_events, "count of events"),
            ("missing", self.basis.missing, "count of patients left out"),
            ("imputations", self.all.len(), "count of imputed data sets"),
        ];
        for (name, count, method) in counts {
            let finding = book.count(&[name], name, count).from(self.basis).by_method(method);
            book.push(self.warned(finding));
        }
    }

    /// A row's patients and events where they are the same in all data sets,
    /// else those of the model.
    fn basis_of(&self, place: usize, row: &Row) -> Basis {
        let same = self.all.iter().all(|(_, fitted)| {
            let other = &fitted.cases.rows[place];
            (other.n, other.events) == (row.n, row.events)
        });
        if same { Basis { n: row.n, events: Some(row.events), ..self.basis } } else { self.basis }
    }

    /// The coefficient of a row, pooled, or why it has none.
    fn pooled(&self, place: usize) -> Result<Pooled, String> {
        let (mut estimates, mut variances) = (Vec::new(), Vec::new());
        for (imputation, (model, fitted)) in self.all.iter().enumerate() {
            let row = &fitted.cases.rows[place];
            let known = estimate(model, fitted, row)
                .map_err(|reason| format!("imputation {}: {reason}", imputation + 1))?;
            estimates.push(known.log_hazard_ratio);
            variances.push(known.standard_error() * known.standard_error());
        }
        pool(&estimates, &variances, Some(self.complete_degrees_of_freedom))
            .map_err(|error| error.to_string())
    }

    fn record_row(&self, book: &mut Book, place: usize, row: &Row) {
        let model = &self.all[0].0;
        let basis = self.basis_of(place, row);
        let draft = |book: &Book, name: &str, statistic: &str, quantity, value| {
            about(book.draft(&[name], statistic, quantity, value), model, row).from(basis)
        };
        if row.part == Part::Reference {
            let one = draft(book, "hazard_ratio", "hazard_ratio", Quantity::Ratio, 1.0);
            return book.push(one.by_method("reference"));
        }
        let pooled = self.pooled(place);
        let number = |value: fn(&Pooled) -> f64| pooled.as_ref().map_or(f64::NAN, value);
        let level = book.level;
        let ratio = pooled.as_ref().ok().and_then(|known| known.ratio(level).ok());
        let error = pooled.as_ref().ok().map(Pooled::standard_error);
        let method = &self.method;
        let words = format!("{method}, Barnard-Rubin t {} CI", level_words(level));
        let findings = [
            draft(
                book,
                "hazard_ratio",
                "hazard_ratio",
                Quantity::Ratio,
                ratio.map_or(f64::NAN, |ratio| ratio.estimate),
            )
            .limits(ratio.map(|ratio| ratio.lower), ratio.map(|ratio| ratio.upper), level)
            .with_error(error)
            .by_method(words),
            draft(
                book,
                "coefficient",
                "coefficient",
                Quantity::Coefficient,
                number(|p| p.estimate),
            )
            .with_error(error)
            .by_method(method),
            draft(book, "p", "p_value", Quantity::PValue, number(|known| known.p_value(0.0)))
                .by_method(format!("t test, {method}, Barnard-Rubin degrees of freedom")),
            draft(
                book,
                "degrees_of_freedom",
                "degrees_of_freedom",
                Quantity::DegreesOfFreedom,
                number(|known| known.degrees_of_freedom),
            )
            .by_method("Barnard and Rubin, complete data having events less coefficients"),
            draft(
                book,
                "fraction_missing_information",
                "fraction_missing_information",
                Quantity::Proportion,
                number(|known| known.fraction_missing_information),
            )
            .by_method(method),
            draft(
                book,
                "relative_increase",
                "relative_increase",
                Quantity::Statistic,
                number(|known| known.relative_increase),
            )
            .by_method(format!("increase of the variance by missing values, {method}")),
        ];
        for mut finding in findings {
            if let Err(reason) = &pooled {
                finding = finding.warn(reason);
            }
            book.push(self.warned(finding));
        }
    }

    fn test(&self, positions: &[usize]) -> Result<PooledTest, String> {
        let (mut estimates, mut covariances) = (Vec::new(), Vec::new());
        for (imputation, (_, fitted)) in self.all.iter().enumerate() {
            let fit = &fitted.fit;
            let known = |position: &usize| {
                let known = fit.coefficients.get(*position).copied().flatten();
                known.filter(|known| !known.may_be_infinite).map(|known| known.log_hazard_ratio)
            };
            let own: Option<Vec<f64>> = positions.iter().map(known).collect();
            let reason = "a coefficient is missing or may be infinite";
            estimates.push(own.ok_or_else(|| format!("imputation {}: {reason}", imputation + 1))?);
            covariances.push(fit.covariance.select_rows(positions).select_columns(positions));
        }
        pool_wald(&estimates, &covariances, Some(self.complete_degrees_of_freedom))
            .map_err(|error| error.to_string())
    }

    fn record_test(
        &self,
        book: &mut Book,
        before: &[&str],
        variable: Option<&str>,
        positions: &[usize],
        method: &str,
    ) {
        let test = self.test(positions);
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
            let parts: Vec<&str> = before.iter().copied().chain([name]).collect();
            let mut finding = book.draft(&parts, statistic, quantity, value);
            if let Some(variable) = variable {
                finding = finding.of_variable(variable);
            }
            if let Err(reason) = &test {
                finding = finding.warn(reason);
            }
            let method = format!("{method} (D1 of Li, Raghunathan and Rubin)");
            book.push(self.warned(finding).from(self.basis).by_method(method));
        }
    }
}

/// The coefficient of a row, or why it has none.
fn estimate(model: &Model<'_>, fitted: &Fitted, row: &Row) -> Result<CoxCoefficient, String> {
    let position = match row.part {
        Part::Covariate(position) => position,
        Part::NoReference => return Err("no patient has the reference level".to_owned()),
        Part::NoPatients | Part::Reference => return Err("no patient has this level".to_owned()),
    };
    let column = &model.terms[row.term].column;
    let known = fitted.fit.coefficients[position].ok_or_else(|| {
        format!("`{column}` is a combination of the terms before it, or constant")
    })?;
    if known.may_be_infinite {
        return Err(format!("the coefficient of `{column}` may be infinite"));
    }
    Ok(known)
}
