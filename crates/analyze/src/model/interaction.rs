//! The findings of interactions: how many times as large one hazard ratio is
//! at a level of the other term, and whether they differ at all.

use stats::inference::Test as ChiSquareTest;
use stats::special::chi_square_upper_tail;
use study::{Finding, InteractionPlace, Method, Part, Quantity, Role, Test, Tested, Warning};

use super::coefficients::{self, Place, Position, numbers, warned};
use super::design::{Column, Product};
use super::{Cases, Fitted, Model, PenaltyName, Selection, Values};
use crate::book::{Book, Told};
use crate::estimate;

/// A test of an interaction, or why there is none.
pub(crate) type TestResult = Result<ChiSquareTest, Warning>;

/// A chi-square that is nothing but what the search left undone: a search ends
/// where the log-likelihood, which may be thousands, changes by 1e-9 of itself.
const NO_RISE: f64 = 1e-4;

/// Writes down an interaction.
pub(super) fn record(
    book: &mut Book,
    model: &Model<'_>,
    fitted: &Fitted,
    product: &Product,
    place: Place<'_>,
) {
    let name = product_name(model, product);
    for position in product.positions() {
        record_ratio(book, model, fitted, position, &name, place);
    }
    for finding in findings(book, &name, &tests(model, fitted, product), place) {
        book.push(warned(finding.from(fitted.basis()), fitted));
    }
}

/// An interaction as a variable of findings.
pub(crate) fn product_name(model: &Model<'_>, product: &Product) -> String {
    product.terms.map(|term| model.terms[term].column.as_str()).join(":")
}

/// Tests of one interaction by their names, of which one is chosen.
pub(crate) type Tests = (&'static str, Vec<(&'static str, Method, TestResult)>);

/// The numbers of the tests of the interaction `name`: each under its own
/// name, and the chosen one's under the bare id too.
pub(crate) fn findings(
    book: &Book,
    name: &str,
    (chosen, tests): &Tests,
    place: Place<'_>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (label, method, test) in tests {
        // Under its own name each test is one among others;
        // under the bare id stands the one that a table prints.
        let ends = if label == chosen { vec![Some(*label), None] } else { vec![Some(*label)] };
        for (end, (part, statistic, quantity, value)) in
            ends.into_iter().flat_map(|end| numbers(test.as_ref().ok()).map(|number| (end, number)))
        {
            let parts = place.parts(&[Part::test("interaction"), Part::statistic(part)]);
            let mut finding = book.draft(&parts, statistic, quantity, value).of_variable(name);
            finding = match end {
                Some(end) => finding.part(Part::method(end)).in_role(Role::Alternative),
                None => finding.in_role(Role::Chosen),
            };
            if let Err(reason) = test {
                finding = finding.warn(reason);
            }
            findings.push(finding.by_method(method));
        }
    }
    findings
}

/// The Wald test of an interaction and, where the likelihood is that of the
/// patients themselves, the likelihood-ratio test; which of them is chosen.
pub(crate) fn tests(model: &Model<'_>, fitted: &Fitted, product: &Product) -> Tests {
    let positions: Vec<usize> = product.positions().collect();
    let wald = fitted.fit.wald_test_of(&positions);
    let wald = wald.map_err(|error| coefficients::refused_of(model, fitted, &error));
    let method = |test: Test| model.method().tested_of(test, Tested::Interaction);
    let mut tests = vec![("wald", method(Test::Wald), wald)];
    let is_plain = model.declared.extras.penalty == PenaltyName::None;
    // With weights, clusters or a penalty the maximised function is no
    // likelihood of the patients, and twice its fall no chi-square.
    if model.declared.is_robust() || !is_plain {
        return ("wald", tests);
    }
    let unknown = positions.iter().find(|position| {
        fitted.fit.coefficients[**position].is_some_and(|known| known.may_be_infinite)
    });
    let ratio = likelihood_ratio(model, fitted, product.place);
    // An infinite coefficient has a test by the likelihood. One of which the data say nothing
    // has none: the likelihood is the same without it.
    let ratio = match (unknown, ratio) {
        (Some(position), Ok(test)) if test.statistic < NO_RISE => {
            Err(estimate::separating(&model.name_at(&fitted.cases, *position)))
        }
        (_, ratio) => ratio,
    };
    tests.push(("likelihood_ratio", method(Test::LikelihoodRatio), ratio));
    ("likelihood_ratio", tests)
}

/// The terms of a model, and its interactions but one.
pub(crate) fn without<'s>(
    cases: &'s Cases,
    place: usize,
    keeps: &'s dyn Fn(usize) -> bool,
) -> Selection<'s> {
    let products = cases.design.products.iter().map(|product| product.place);
    let products = products.filter(|other| *other != place).collect();
    Selection { places: cases.places(), products, keeps }
}

/// Twice the fall of the likelihood without the interaction.
fn likelihood_ratio(model: &Model<'_>, fitted: &Fitted, place: usize) -> TestResult {
    // The smaller model must be of the very same patients, or its likelihood could not be
    // compared. Positions ascend, because they are filtered from those of the population.
    let keeps = |patient: usize| fitted.cases.included.binary_search(&patient).is_ok();
    let without = model
        .fit_selection(&without(&fitted.cases, place, &keeps))
        .map_err(|mistake| Warning::NoFit { mistake: mistake.message })?;
    let fits = [fitted, &without]
        .map(|one| (one.fit.log_likelihood, one.fit.likelihood_ratio_test.degrees_of_freedom));
    fall(fits)
}

/// The test of what a smaller model lacks, by log-likelihood and degrees of
/// freedom of both, the larger one first.
pub(crate) fn fall([larger, smaller]: [(f64, usize); 2]) -> TestResult {
    // By the degrees of freedom that the fits really have:
    // a product may be collinear with what is there.
    let degrees_of_freedom = (larger.1)
        .checked_sub(smaller.1)
        .filter(|df| *df > 0)
        .ok_or(Warning::NoRoomForInteraction)?;
    let statistic = 2.0 * (larger.0 - smaller.0);
    // A search that ends early may leave the larger model a little below the smaller.
    let p_value = chi_square_upper_tail(statistic.max(0.0), degrees_of_freedom as f64);
    Ok(ChiSquareTest { statistic, degrees_of_freedom, p_value })
}

/// The ratio of hazard ratios that a product's coefficient is. Those of a
/// spline are not for readers.
fn record_ratio(
    book: &mut Book,
    model: &Model<'_>,
    fitted: &Fitted,
    position: usize,
    name: &str,
    place: Place<'_>,
) {
    let parts = fitted.cases.design.parts(position);
    // A coefficient of one column of a basis says nothing by
    // itself. The test of the interaction takes them all.
    if parts.iter().any(|(_, column)| matches!(column, Column::Spline(_))) {
        return;
    }
    let about = |finding: Finding| {
        model.about_covariate(finding, &fitted.cases, position).from(fitted.basis())
    };
    let (within, statistic) = (Some(Part::model("product")), "ratio_of_hazard_ratios");
    let own = Position { position: Ok(position), name, within, statistic };
    coefficients::record_position(book, model, fitted, &own, place, about);
}

/// A hazard ratio of a term that is in an interaction holds at the other
/// term's reference, or zero, only: it warns of that.
pub(crate) fn qualified(
    mut finding: Finding,
    model: &Model<'_>,
    cases: &Cases,
    term: usize,
) -> Finding {
    // Told of the ratio alone; its coefficient and test stand beside it.
    if finding.quantity != Quantity::Ratio {
        return finding;
    }
    for product in cases.design.products.iter().filter(|p| p.terms.contains(&term)) {
        // The one of both terms that is not this one.
        let other = product.terms[usize::from(product.terms[0] == term)];
        let column = &model.terms[other].column;
        let (block, values) = (cases.design.block(other), &model.terms[other].values);
        let place = match values {
            Values::Levels { category, reference } => {
                InteractionPlace::Level(category.levels[*reference].value.clone())
            }
            // Zero of a spline is where its columns are zero, not where the number is.
            Values::Numbers(_) if block.is_some_and(|block| block.basis.is_some()) => {
                InteractionPlace::SplineZero
            }
            Values::Numbers(_) => InteractionPlace::Zero,
        };
        finding = finding.warn(Warning::RatioHoldsAt { column: column.clone(), at: place });
    }
    finding
}
