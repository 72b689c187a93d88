//! The findings of a regression other than Cox's: a ratio for every row of its
//! terms, and tests of the terms.

use engine::Mistake;
use stats::inference::Test as ChiSquareTest;
use study::{Finding, Method, Procedure, Quantity, Role, Test, Tested, Warning};

use crate::book::{Basis, Book, Told, refused};
use crate::estimate::{self, Estimate, untested};
use crate::model::coefficients::{Place, about, numbers};
use crate::model::design::Product;
use crate::model::interaction::{self, TestResult};
use crate::model::{Cases, Model, Part, Row};

/// A test of the covariates at some positions.
pub(crate) type TermTest<'a> = dyn Fn(&[usize]) -> Result<ChiSquareTest, stats::Error> + 'a;

/// A test of an interaction.
pub(crate) type InteractionTest<'a> = dyn Fn(&Product) -> TestResult + 'a;

/// What a regression estimated, and how it is told.
pub(crate) struct Effects<'a> {
    /// What exp of a coefficient is, such as `hazard_ratio`.
    pub(crate) ratio: &'static str,
    /// The estimator.
    pub(crate) method: Method,
    /// Ends of the ids that each number stands under; none for the bare id.
    pub(crate) names: Vec<Option<&'a str>>,
    /// Whether several of its kind stand beside one another, the bare id being the chosen one's.
    pub(crate) is_choice: bool,
    /// What holds for every number.
    pub(crate) warnings: Vec<Warning>,
    /// For each covariate its coefficient, or why it has none.
    pub(crate) estimates: Vec<Result<Estimate, Warning>>,
    /// The Wald test of the covariates at some positions.
    pub(crate) test: Box<TermTest<'a>>,
    /// What stands before the statistic in ids.
    pub(crate) place: Place<'a>,
    /// The likelihood-ratio test of an interaction, where there is one.
    pub(crate) ratio_test: Option<Box<InteractionTest<'a>>>,
}

impl Effects<'_> {
    /// Ratios, coefficients and Wald tests of every row, then tests of the
    /// terms with more than two levels, and interactions.
    pub(crate) fn record(&self, book: &mut Book, model: &Model<'_>, cases: &Cases) {
        for row in &cases.rows {
            self.record_row(book, model, cases, row);
        }
        for (term, about) in model.terms.iter().enumerate() {
            let rows = cases.rows.iter().filter(|row| row.term == term);
            // A reference has no position, and neither has a level that nobody has.
            let positions: Vec<usize> = rows.filter_map(|row| row.part.position().ok()).collect();
            // Of a single coefficient the Wald test of its term would be its own p-value again.
            if positions.len() > 1 {
                let test = (self.test)(&positions).map_err(|error| untested(&error, &about.column));
                let method = self.method.clone().tested_of(Test::Wald, Tested::AllLevels);
                let parts = self.place.parts(&[study::Part::test("term")]);
                self.record_test(book, &test, &parts, Some(&about.column), cases.basis(), &method);
            }
        }
        for product in &cases.design.products {
            self.record_product(book, model, cases, product);
        }
    }

    /// The ratios by which ratios change with another term, and whether they do.
    fn record_product(&self, book: &mut Book, model: &Model<'_>, cases: &Cases, product: &Product) {
        let statistic = format!("ratio_of_{}s", self.ratio);
        for position in product.positions() {
            let draft = |part: &str, name: &str, quantity, value| {
                let own = [study::Part::model("product"), study::Part::statistic(part)];
                book.draft(&self.place.parts(&own), name, quantity, value)
            };
            let known = &self.estimates[position];
            for finding in estimate::findings(known, &statistic, &self.method, book.level, draft) {
                let finding = model.about_covariate(finding, cases, position);
                self.push(book, finding.from(cases.basis()));
            }
        }
        let positions: Vec<usize> = product.positions().collect();
        let wald = (self.test)(&positions);
        let name = interaction::product_name(model, product);
        let wald = wald.map_err(|error| untested(&error, &name));
        let method = |test: Test| self.method.clone().tested_of(test, Tested::Interaction);
        // Where there is a likelihood-ratio test it is the chosen one:
        // it does not lean on the curvature at the estimate alone.
        let mut tests = ("wald", vec![("wald", method(Test::Wald), wald)]);
        if let Some(test) = &self.ratio_test {
            tests.0 = "likelihood_ratio";
            tests.1.push((tests.0, method(Test::LikelihoodRatio), test(product)));
        }
        for finding in interaction::findings(book, &name, &tests, self.place) {
            self.push(book, finding.from(cases.basis()));
        }
    }

    /// Events per coefficient, with a warning where they are few.
    pub(crate) fn record_burden(&self, book: &mut Book, basis: Basis) {
        let finding = self.burden(book, basis);
        book.push(finding);
    }

    /// The same to be written down.
    pub(crate) fn burden(&self, book: &Book, basis: Basis) -> Finding {
        // Coefficients that could not be estimated take no events from the others.
        let estimated = self.estimates.iter().filter(|estimate| estimate.is_ok()).count();
        let share = basis.events.unwrap_or(0) as f64 / estimated as f64;
        let name = "events_per_coefficient";
        let parts = [study::Part::statistic(name)];
        let mut finding = book.draft(&parts, name, Quantity::Statistic, share);
        // Nothing was estimated, and the division above gave no number.
        if estimated == 0 {
            finding = finding.warn(Warning::NoCoefficient);
        } else if share < 10.0 {
            // Ten events for each coefficient is the usual rule of thumb.
            finding = finding.warn(Warning::FewEventsPerCoefficient);
        }
        finding.from(basis).by_method(Procedure::EventsPerCoefficient)
    }

    /// Ratios of one row and nothing else, such as the hazard ratios beside
    /// time ratios.
    pub(crate) fn record_ratios(&self, book: &mut Book, model: &Model<'_>, cases: &Cases) {
        for row in &cases.rows {
            if let Some(finding) = self.ratios(book, row).into_iter().next() {
                // The ratio comes first; a coefficient and its
                // p-value would repeat those of the time ratio.
                self.push(book, tell(finding, model, cases, row));
            }
        }
    }

    fn record_row(&self, book: &mut Book, model: &Model<'_>, cases: &Cases, row: &Row) {
        for finding in self.ratios(book, row) {
            self.push(book, tell(finding, model, cases, row));
        }
    }

    /// The ratio first, then coefficient and p-value.
    fn ratios(&self, book: &Book, row: &Row) -> Vec<Finding> {
        let draft = |part: &str, statistic: &str, quantity, value| {
            let parts = self.place.parts(&[study::Part::statistic(part)]);
            book.draft(&parts, statistic, quantity, value)
        };
        // Of itself it is 1 by definition, and has neither limits nor a p-value.
        if row.part == Part::Reference {
            let one = draft(self.ratio, self.ratio, Quantity::Ratio, 1.0);
            return vec![one.in_role(Role::Reference).by_method(Procedure::Reference)];
        }
        let known = row.part.position();
        let known = known.and_then(|position| self.estimates[position].clone());
        estimate::findings(&known, self.ratio, &self.method, book.level, draft).into()
    }

    /// The numbers of a test under every name.
    pub(crate) fn record_test(
        &self,
        book: &mut Book,
        test: &Result<ChiSquareTest, Warning>,
        parts: &[study::Part],
        variable: Option<&str>,
        basis: Basis,
        method: &Method,
    ) {
        for (name, statistic, quantity, value) in numbers(test.as_ref().ok()) {
            let own = [study::Part::statistic(name)];
            let own: Vec<study::Part> = parts.iter().cloned().chain(own).collect();
            let mut finding = book.draft(&own, statistic, quantity, value);
            if let Some(variable) = variable {
                finding = finding.of_variable(variable);
            }
            if let Err(reason) = test {
                finding = finding.warn(reason);
            }
            self.push(book, finding.from(basis).by_method(method));
        }
    }

    /// Writes a finding down under every name.
    pub(crate) fn push(&self, book: &mut Book, mut finding: Finding) {
        finding.warnings.extend_from_slice(&self.warnings);
        for name in &self.names {
            let finding = match name {
                Some(name) => finding.clone().part(study::Part::method(*name)),
                None => finding.clone(),
            };
            let is_estimate = finding.role == Role::Estimate;
            // Counts and references are what they are under each of
            // the names: only estimates are chosen among others.
            book.push(match name {
                _ if !self.is_choice || !is_estimate => finding,
                Some(_) => finding.in_role(Role::Alternative),
                None => finding.in_role(Role::Chosen),
            });
        }
    }
}

fn tell(finding: Finding, model: &Model<'_>, cases: &Cases, row: &Row) -> Finding {
    let missing = cases.basis().missing;
    let basis = Basis { n: row.n, events: Some(row.events), missing };
    let finding = about(finding, model, row).from(basis);
    match row.part {
        Part::Reference => finding,
        // A reference is 1 wherever the other term of an interaction stands.
        _ => interaction::qualified(finding, model, cases, row.term),
    }
}

/// The term, or the product of terms, whose covariate is at a position.
pub(crate) fn term_of(model: &Model<'_>, cases: &Cases, position: usize) -> String {
    let parts = cases.design.parts(position);
    let columns: Vec<&str> =
        parts.iter().map(|(term, _)| model.terms[*term].column.as_str()).collect();
    columns.join(":")
}

/// What an estimator refused, with the patient at the position it names.
pub(crate) fn refused_for(error: &stats::Error, model: &Model<'_>, cases: &Cases) -> Mistake {
    // Any other mistake names no patient; this one
    // can, and the mend is to look at that patient.
    let stats::Error::NotPositive { what: "times", index, .. } = error else {
        return refused(error);
    };
    let patient = model.population.patient(cases.included[*index]);
    let message =
        format!("patient `{patient}` has a follow-up of zero days, which has no logarithm");
    Mistake::at(&["endpoint"], message)
        .hint("leave such patients out by `where`, or count half a day in a cleaning rule")
}
