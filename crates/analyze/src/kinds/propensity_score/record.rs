//! The findings on the regression, its scores and the weights.

use engine::Mistake;
use stats::inference::Test;
use stats::logistic::{LogisticCoefficient, LogisticFit, LogisticModel};
use stats::propensity::{c_statistic, effective_sample_size};
use stats::quantile::summarize;
use study::{Finding, Quantity};

use super::sample::{Row, Sample};
use super::weighting::Weighted;
use super::{PropensityScore, ScoreModel};
use crate::book::{Book, Told, refused};
use crate::estimate::{self, Estimate, dependent};
use crate::model::Values;

/// Writes down everything but the balance.
pub(super) fn record(
    book: &mut Book,
    declared: &PropensityScore,
    sample: &Sample,
    fit: &LogisticFit,
    weighted: &Weighted,
) -> Result<(), Mistake> {
    let model = sample.model(declared).map_err(|error| refused(&error))?;
    let counts = [("n", sample.basis().n), ("missing", sample.basis().missing)];
    for (name, count) in counts {
        let finding = book.count(&[name], name, count);
        book.push(finding.from(sample.basis()).by_method("count of complete cases"));
    }
    for row in &sample.rows {
        record_row(book, declared, sample, fit, &model, row)?;
    }
    record_fit(book, declared, sample, fit);
    record_scores(book, sample, fit)?;
    record_weights(book, declared, sample, weighted);
    Ok(())
}

/// About the term, and where it has levels the level.
pub(super) fn about(finding: Finding, sample: &Sample, row: &Row) -> Finding {
    let term = &sample.terms[row.term];
    let mut finding = finding.of_variable(&term.column);
    match (&term.values, row.level) {
        (Values::Levels { category, .. }, Some(level)) => {
            finding.at_level(&category.levels[level].value)
        }
        _ => {
            finding.unit.clone_from(&term.unit);
            finding
        }
    }
}

fn record_row(
    book: &mut Book,
    declared: &PropensityScore,
    sample: &Sample,
    fit: &LogisticFit,
    model: &LogisticModel<'_>,
    row: &Row,
) -> Result<(), Mistake> {
    let method = declared.estimator();
    let draft = |name: &str, statistic: &str, quantity, value| {
        let mut finding = about(book.draft(&[name], statistic, quantity, value), sample, row);
        if let Values::Levels { category, reference } = &sample.terms[row.term].values {
            finding = finding.against(&category.levels[*reference].value);
        }
        finding.from(sample.basis_of_row(row))
    };
    let Some(covariate) = row.covariate else {
        let finding = draft("odds_ratio", "odds_ratio", Quantity::Ratio, 1.0);
        book.push(finding.in_role(study::Role::Reference).by_method("reference"));
        return Ok(());
    };
    let known = match fit.coefficients[covariate] {
        Some(known) => Ok(estimate(declared, fit, model, covariate, &known, book.level)?),
        None => Err(dependent(&sample.terms[row.term].column)),
    };
    for finding in estimate::findings(&known, "odds_ratio", &method, book.level, draft) {
        book.push(match (declared.model, &known) {
            (ScoreModel::Ridge, Ok(_)) => {
                finding.warn("shrunk by the ridge: limits and test are rough")
            }
            _ => finding,
        });
    }
    Ok(())
}

/// What is said of a coefficient: profiles under Firth's penalty, Wald's
/// limits and test otherwise.
fn estimate(
    declared: &PropensityScore,
    fit: &LogisticFit,
    model: &LogisticModel<'_>,
    covariate: usize,
    known: &LogisticCoefficient,
    level: f64,
) -> Result<Estimate, Mistake> {
    let wald = known.odds_ratio(level).map_err(|error| refused(&error))?;
    let of_wald = Estimate {
        coefficient: known.log_odds_ratio,
        standard_error: known.standard_error,
        ratio: wald.estimate,
        limits: [Some(wald.lower), Some(wald.upper)],
        interval: "Wald",
        p_value: known.p_value,
        test: "Wald test",
        warnings: Vec::new(),
    };
    if declared.model != ScoreModel::Firth {
        return Ok(of_wald);
    }
    let found = model.profile_limits(fit, covariate, level).map_err(|error| refused(&error))?;
    Ok(Estimate {
        limits: [found.lower_odds_ratio(), found.upper_odds_ratio()],
        interval: "profile penalised likelihood",
        p_value: found.test.p_value,
        test: "penalised likelihood-ratio test",
        ..of_wald
    })
}

fn record_fit(book: &mut Book, declared: &PropensityScore, sample: &Sample, fit: &LogisticFit) {
    let test: &Test = &fit.likelihood_ratio_test;
    let df = test.degrees_of_freedom as f64;
    let numbers = [
        ("chi_square", "chi_square", Quantity::Statistic, test.statistic),
        ("degrees_of_freedom", "degrees_of_freedom", Quantity::DegreesOfFreedom, df),
        ("p", "p_value", Quantity::PValue, test.p_value),
    ];
    for (name, statistic, quantity, value) in numbers {
        let finding = book.draft(&["likelihood_ratio", name], statistic, quantity, value);
        let method = format!("likelihood-ratio test of all terms, {}", declared.estimator());
        let mut finding = finding.from(sample.basis()).by_method(method);
        if declared.model == ScoreModel::Ridge {
            finding = finding.warn("under a ridge the test is rough");
        }
        book.push(finding);
    }
    let name = "c_statistic";
    let value = c_statistic(&fit.probabilities, &sample.treated);
    let finding = book.attempt(&[name], name, Quantity::Proportion, value);
    let method = "area under the curve of the scores, ties counting half";
    book.push(finding.from(sample.basis()).by_method(method));
}

/// The scores of each group, and how far they overlap.
fn record_scores(book: &mut Book, sample: &Sample, fit: &LogisticFit) -> Result<(), Mistake> {
    let of = |treated: bool| sample.of_group(&fit.probabilities, treated);
    let summary = |treated: bool| summarize(&of(treated)).map_err(|error| refused(&error));
    let both = [summary(false)?, summary(true)?];
    let lower = both[0].minimum.max(both[1].minimum);
    let upper = both[0].maximum.min(both[1].maximum);
    for treated in sample.groups() {
        let found = both[usize::from(treated)];
        let numbers = [
            ("minimum", found.minimum),
            ("median", found.median),
            ("maximum", found.maximum),
            ("mean", found.mean),
        ];
        for (name, value) in numbers {
            let statistic = format!("{name}_propensity");
            let finding =
                book.draft(&["propensity", name], &statistic, Quantity::Proportion, value);
            let finding = finding.in_group(sample.group(treated)).from(sample.basis_of(treated));
            book.push(finding.by_method("of the scores of the group"));
        }
        let outside = of(treated).iter().filter(|s| **s < lower || **s > upper).count();
        let name = "outside_common_support";
        let finding = book.count(&[name], name, outside).in_group(sample.group(treated));
        let finding = finding.from(sample.basis_of(treated));
        book.push(finding.by_method("scores beyond the range that both groups have"));
    }
    Ok(())
}

fn record_weights(
    book: &mut Book,
    declared: &PropensityScore,
    sample: &Sample,
    weighted: &Weighted,
) {
    let method = declared.weighting_in_words();
    for treated in sample.groups() {
        let weights = sample.of_group(&weighted.weights, treated);
        let tell = |finding: Finding| {
            finding.in_group(sample.group(treated)).from(sample.basis_of(treated))
        };
        let (effective, n) = (effective_sample_size(&weights), weights.len());
        let name = "effective_sample_size";
        let mut finding = tell(book.draft(&[name], name, Quantity::Statistic, effective));
        if weighted.matching.is_none() && effective < 0.5 * n as f64 {
            finding = finding.warn("weighting leaves less than half of the patients' information");
        }
        book.push(finding.by_method("Kish: squared sum of weights over sum of squared weights"));
        let largest = weights.iter().fold(0.0_f64, |most, weight| most.max(*weight));
        let finding =
            tell(book.draft(&["largest_weight"], "largest_weight", Quantity::Statistic, largest));
        book.push(finding.by_method(&method));
        if weighted.matching.is_some() {
            let matched = weights.iter().filter(|weight| **weight > 0.0).count();
            for (name, count) in [("matched", matched), ("unmatched", n - matched)] {
                book.push(tell(book.count(&[name], name, count)).by_method(&method));
            }
        }
    }
    let counts = weighted
        .truncated
        .as_ref()
        .map(|cut| [("weights_raised", cut.n_raised), ("weights_lowered", cut.n_lowered)]);
    for (name, count) in counts.into_iter().flatten() {
        let finding = book.count(&[name], name, count).from(sample.basis());
        book.push(finding.by_method(&method));
    }
    if let Some(width) = weighted.matching.as_ref().and_then(|matching| matching.caliper) {
        let finding = book.draft(&["caliper"], "caliper", Quantity::Statistic, width);
        let method = "on the logit: the declared share of its standard deviation over all patients";
        book.push(finding.from(sample.basis()).by_method(method));
    }
}
