//! The findings of a pooled Cox model.

use engine::Mistakes;
use study::{Counted, Finding, Part, Procedure, Quantity, Role, Test, Tested, Warning};

use super::pooling::{INTERVAL, One, Pooling};
use crate::book::{Basis, Book, Told};
use crate::estimate::coefficient;
use crate::model::coefficients::{Place, about};
use crate::model::curve::Curve;
use crate::model::design::{Column, Product};
use crate::model::interaction::qualified;
use crate::model::{Part as RowPart, Row, record};
use crate::refusal::refusal;

impl Pooling<'_> {
    /// Writes down what the models of all data sets pool to.
    pub(super) fn record(&self, book: &mut Book) {
        let (model, fitted) = &self.all[0];
        let design = &fitted.cases.design;
        self.record_counts(book);
        for (place, row) in fitted.cases.rows.iter().enumerate() {
            self.record_row(book, place, row);
        }
        for term in fitted.places() {
            // What a test is of goes by its covariates,
            // because positions differ between data sets.
            let positions = fitted.covariates_of(*term);
            if positions.len() > 1 {
                let column = &model.terms[*term].column;
                let what = match model.declared.extras.spline(column) {
                    Some(_) => Tested::WholeCurve,
                    None => Tested::AllLevels,
                };
                let parts: Vec<_> =
                    positions.into_iter().map(|place| design.parts(place)).collect();
                let method = self.method.clone().tested_of(Test::PooledWald, what);
                let test = self.test_of(&parts);
                self.record_test(book, &Part::test("term"), Some(column), &test, &method);
            }
            self.record_curve(book, *term);
        }
        for product in &design.products {
            self.record_product(book, product);
        }
        let all: Vec<_> = (0..design.n_covariates()).map(|place| design.parts(place)).collect();
        let method = self.method.clone().tested_of(Test::PooledWald, Tested::AllCoefficients);
        self.record_test(book, &Part::test("wald"), None, &self.test_of(&all), &method);
    }

    fn record_counts(&self, book: &mut Book) {
        let fit = &self.all[0].1.fit;
        let counts = [
            ("n", fit.n, Counted::Patients),
            ("events", fit.n_events, Counted::Events),
            ("missing", self.basis.missing, Counted::LeftOut),
            ("imputations", self.all.len(), Counted::ImputedDataSets),
        ];
        for (name, count, counted) in counts {
            let finding = book.count(&[Part::statistic(name)], name, count).from(self.basis);
            let finding = finding.by_method(Procedure::CountOf(counted));
            book.push(self.warned(finding));
        }
    }

    /// A row's patients and events where they are the same in all data sets,
    /// else those of the model.
    fn basis_of(&self, place: usize, row: &Row) -> Basis {
        let same = self.all.iter().all(|(_, fitted)| {
            // Rows stand at the same place in all data sets, because their levels were shared.
            let other = &fitted.cases.rows[place];
            (other.n, other.events) == (row.n, row.events)
        });
        if same { Basis { n: row.n, events: Some(row.events), ..self.basis } } else { self.basis }
    }

    fn record_row(&self, book: &mut Book, place: usize, row: &Row) {
        let (model, fitted) = &self.all[0];
        let basis = self.basis_of(place, row);
        let draft = |book: &Book, part: &str, statistic: &str, quantity, value| {
            let parts = [Part::statistic(part)];
            about(book.draft(&parts, statistic, quantity, value), model, row).from(basis)
        };
        if row.part == RowPart::Reference {
            let one = draft(book, "hazard_ratio", "hazard_ratio", Quantity::Ratio, 1.0);
            // A reference is 1 in every data set, and nothing is pooled.
            return book.push(one.in_role(Role::Reference).by_method(Procedure::Reference));
        }
        let pooled = self.pooled(|(model, fitted)| {
            let row = &fitted.cases.rows[place];
            coefficient(&fitted.fit, row.part.position()?, &model.terms[row.term].column)
        });
        let draft = |book: &Book, part: &str, statistic: &str, quantity, value| {
            let finding = draft(book, part, statistic, quantity, value);
            qualified(finding, model, &fitted.cases, row.term)
        };
        self.record_coefficient(book, &pooled, "hazard_ratio", draft);
    }

    /// The knots of a spline, the test of a straight line and the hazard
    /// ratios of its values.
    fn record_curve(&self, book: &mut Book, term: usize) {
        let place = Place::default();
        let (model, fitted) = &self.all[0];
        let Some(curve) = Curve::new(model, fitted, term, place) else { return };
        curve.record_knots(book);
        // Each data set has its own design, so that the
        // same sum of coefficients has other places in it.
        let in_one = |one: &'_ One<'_>, sums: &dyn Fn(&Curve<'_>) -> Vec<Vec<f64>>| {
            let curve = Curve::new(&one.0, &one.1, term, place);
            sums(&curve.expect("invariant: a spline is one in every data set"))
        };
        let test = self.test(|one| Ok(in_one(one, &|curve| curve.bends())));
        let of_curve = self.method.clone().led_by([curve.detail()]);
        let method = of_curve.clone().tested_of(Test::PooledWald, Tested::StraightLine);
        let part = Part::test("nonlinearity");
        self.record_test(book, &part, Some(curve.column()), &test, &method);
        for value in &curve.basis.at {
            if *value == curve.basis.reference {
                let one = curve.draft(book, *value, 1.0).from(self.basis);
                book.push(one.in_role(Role::Reference).by_method(Procedure::Reference));
                continue;
            }
            let pooled = self.pooled(|one| {
                let sums = in_one(one, &|curve| vec![curve.contrast(*value)]);
                one.1.fit.combination(&sums[0]).map_err(|error| refusal(&error))
            });
            let level = book.level;
            let errors = pooled.as_ref().ok().and_then(|found| found.errors);
            let known = pooled.map(|found| found.pooled).and_then(|known| {
                let ratio = known.ratio(level).map_err(|error| refusal(&error))?;
                Ok((ratio, known.standard_error()))
            });
            let method = of_curve.clone();
            let draft = |ratio: f64| curve.draft(book, *value, ratio).from(self.basis);
            let finding = match known {
                Ok((ratio, error)) => draft(ratio.estimate)
                    .limits(Some(ratio.lower), Some(ratio.upper), level)
                    .with_error(Some(error))
                    .by_method(method.interval(INTERVAL, level)),
                Err(reason) => draft(f64::NAN).warn(reason).by_method(method),
            };
            let finding = match errors {
                Some(errors) => errors.warn(finding, self.study),
                None => finding,
            };
            book.push(self.warned(finding));
        }
    }

    /// The ratios of hazard ratios of an interaction, and its test.
    fn record_product(&self, book: &mut Book, product: &Product) {
        let (model, fitted) = &self.all[0];
        let design = &fitted.cases.design;
        let name = product.terms.map(|term| model.terms[term].column.as_str()).join(":");
        let covariates: Vec<_> = product.positions().map(|place| design.parts(place)).collect();
        for (position, parts) in product.positions().zip(&covariates) {
            // Coefficients of single columns of a spline say
            // nothing by themselves; the test takes them all.
            if parts.iter().any(|(_, column)| matches!(column, Column::Spline(_))) {
                continue;
            }
            let pooled = self.pooled(|(_, fitted)| {
                let position = fitted.cases.design.position_of(parts);
                coefficient(&fitted.fit, position.ok_or(Warning::NoPatientsAtLevel)?, &name)
            });
            let draft = |book: &Book, part: &str, statistic: &str, quantity, value| -> Finding {
                let finding = book.draft(
                    &[Part::model("product"), Part::statistic(part)],
                    statistic,
                    quantity,
                    value,
                );
                model.about_covariate(finding, &fitted.cases, position).from(self.basis)
            };
            self.record_coefficient(book, &pooled, "ratio_of_hazard_ratios", draft);
        }
        let test = self.test_of(&covariates);
        let method = self.method.clone().tested_of(Test::PooledWald, Tested::Interaction);
        self.record_test(book, &Part::test("interaction"), Some(&name), &test, &method);
    }
}

/// The model of the complete cases, or why there is none.
pub(super) fn record_complete_cases(book: &mut Book, fit: Result<&One<'_>, &Mistakes>) {
    let before = Part::model("complete_cases");
    match fit {
        Ok((model, fitted)) => {
            let place = Place { before: Some(&before), after: None };
            book.record_counts(std::slice::from_ref(&before), fitted.basis());
            record::record(book, model, fitted, place);
        }
        Err(mistakes) => {
            // The reason stands on the number of patients,
            // the one finding that is always there.
            let reasons = mistakes.0.iter();
            let reasons =
                reasons.map(|mistake| Warning::NoFit { mistake: mistake.message.clone() });
            let parts = [before, Part::statistic("n")];
            let finding = book.draft(&parts, "n", Quantity::Count, f64::NAN);
            let finding = reasons.fold(finding, |finding, reason| finding.warn(reason));
            book.push(finding.by_method(Procedure::CompleteCases));
        }
    }
}
