//! What holds for a Cox model as a whole: counts, tests, likelihoods and
//! concordance.

use study::{ConcordanceKind, Detail, Errors, Method, Part, Procedure, Quantity, Test, Warning};

use crate::book::{Basis, Book, Told};
use crate::model::coefficients::{convergence, record_test, suspicion, warned};
use crate::model::{Fitted, Model, PenaltyName};

/// Writes it down.
pub(in crate::kinds) fn record_model(book: &mut Book, model: &Model<'_>, fitted: &Fitted) {
    let (fit, basis, method) = (&fitted.fit, fitted.basis(), model.method());
    book.record_counts(&[], basis);
    record_burden(book, fitted);
    if let Some(weights) = fitted.weights() {
        record_weights(book, weights, basis);
    }
    record_tests(book, model, fitted);
    let mut likelihoods = vec![
        ("log_likelihood", fit.log_likelihood),
        ("log_likelihood_null", fit.log_likelihood_null),
    ];
    // Without a penalty both likelihoods are the same number.
    if model.declared.extras.penalty != PenaltyName::None {
        likelihoods.push(("penalized_log_likelihood", fit.penalized_log_likelihood));
    }
    for (name, value) in likelihoods {
        let finding = book.draft(&[Part::statistic(name)], name, Quantity::Statistic, value);
        book.push(warned(finding, fitted).from(basis).by_method(&method));
    }
    let agreement = fitted.concordance();
    let error = agreement.as_ref().ok().map(|found| found.standard_error);
    let value = agreement.map(|found| found.estimate);
    let finding =
        book.attempt(&[Part::statistic("concordance")], "concordance", Quantity::Proportion, value);
    // Concordance itself takes no account of clusters, only its error does.
    let clusters = model.grouping().map(Errors::ClustersAlone);
    let of = ConcordanceKind::Harrell;
    let method = Method::of(Procedure::Concordance { of, until_days: None });
    let method = method.and(clusters.map(Detail::Errors));
    let finding = finding.with_error(error).from(basis).by_method(method);
    book.push(warned(finding, fitted));
}

/// What tests that trust the likelihood take for granted.
pub(in crate::kinds) fn trusting(model: &Model<'_>) -> Vec<Warning> {
    match (model.declared.extras.weights, model.declared.cluster) {
        // The likelihood takes each patient by weight as so many
        // patients, and patients of a cluster as strangers.
        (Some(_), _) => vec![Warning::WeightsAsNumbers],
        (None, Some(cluster)) => {
            vec![Warning::ClustersAsIndependent { cluster: cluster.to_owned() }]
        }
        (None, None) => Vec::new(),
    }
}

fn record_tests(book: &mut Book, model: &Model<'_>, fitted: &Fitted) {
    let (fit, basis, method) = (&fitted.fit, fitted.basis(), model.method());
    let trusting = trusting(model);
    let penalty = model.declared.extras.penalty;
    if penalty == PenaltyName::Ridge {
        return record_ridge(book, fitted, &method);
    }
    let ratio = match penalty {
        PenaltyName::Firth => Test::PenalizedLikelihoodRatio,
        _ => Test::LikelihoodRatio,
    };
    // Which tests trust the model: the Wald and the
    // robust score test take the sandwich instead.
    let tests = [
        ("likelihood_ratio", ratio, Some(&fit.likelihood_ratio_test), true),
        ("wald", Test::Wald, Some(&fit.wald_test), false),
        ("score", Test::Score, Some(&fit.score_test), true),
        ("robust_score", Test::RobustScore, fit.robust_score_test.as_ref(), false),
    ];
    for (name, kind, found, trusts_the_model) in tests {
        let Some(found) = found else { continue };
        // Under Firth's penalty the likelihood-ratio test stands alone
        // with Wald's: no score test is made of the penalised likelihood.
        if name == "score" && penalty == PenaltyName::Firth {
            continue;
        }
        // Wald's test is made of the estimates themselves, so that an infinite one spoils it.
        let mut warnings = if name == "wald" { suspicion(fitted) } else { convergence(fitted) };
        if trusts_the_model {
            warnings.extend(trusting.iter().cloned());
        }
        let method = method.clone().tested(kind);
        record_test(book, Some(found), &[Part::test(name)], None, basis, &method, &warnings);
    }
}

/// Under a ridge there is no chi-square test of the model with a whole number
/// of degrees of freedom: the rise of the likelihood stands beside the
/// effective number.
fn record_ridge(book: &mut Book, fitted: &Fitted, method: &Method) {
    let (fit, basis) = (&fitted.fit, fitted.basis());
    let rise = fit.likelihood_ratio_test.statistic;
    let name = "effective_degrees_of_freedom";
    let numbers = [
        (
            vec![Part::statistic(name)],
            name,
            Quantity::DegreesOfFreedom,
            fit.effective_degrees_of_freedom,
        ),
        (
            vec![Part::test("likelihood_ratio"), Part::statistic("chi_square")],
            "chi_square",
            Quantity::Statistic,
            rise,
        ),
    ];
    for (parts, statistic, quantity, value) in numbers {
        let finding = book.draft(&parts, statistic, quantity, value).from(basis);
        let finding = finding.warn(Warning::PenalizedTests);
        let method = method.clone().led_by([Detail::UnpenalizedLikelihood]);
        book.push(warned(finding, fitted).by_method(method));
    }
}

/// The sum of the weights, and how many patients without weights would tell
/// as much.
pub(in crate::kinds) fn record_weights(book: &mut Book, weights: &[f64], basis: Basis) {
    let total: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    let numbers = [
        ("sum_of_weights", total, Procedure::SumOfWeights),
        // Kish's number: as many patients of equal weight would give a mean the same variance.
        ("effective_n", total * total / squares, Procedure::EffectiveN),
    ];
    for (name, value, procedure) in numbers {
        let finding = book.draft(&[Part::statistic(name)], name, Quantity::Statistic, value);
        book.push(finding.from(basis).by_method(procedure));
    }
}

/// Events per coefficient, with a warning where they are few.
fn record_burden(book: &mut Book, fitted: &Fitted) {
    // The coefficients that were really estimated: one that others determine takes no events.
    let estimated = fitted.fit.likelihood_ratio_test.degrees_of_freedom;
    let share = fitted.fit.n_events as f64 / estimated as f64;
    let name = "events_per_coefficient";
    let parts = [Part::statistic(name)];
    let mut finding = book.draft(&parts, name, Quantity::Statistic, share);
    if share < 10.0 {
        finding = finding.warn(Warning::FewEventsPerCoefficient);
    }
    book.push(finding.from(fitted.basis()).by_method(Procedure::EventsPerCoefficient));
}
