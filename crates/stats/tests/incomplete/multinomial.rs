//! Multinomial logistic regression against `multinom` and `glm`.

use restudy_stats::multinomial::MultinomialModel;

use crate::reference::{
    assert_all_close, assert_close, cases, covariates_of, matrix, numbers, table, text, texts,
    weights_of,
};

/// Both sides are iterated until the coefficients rest.
const TOLERANCE: f64 = 1e-7;

#[test]
fn estimates_equal_those_of_r() {
    for case in cases("multinomial") {
        let call = text(&case, "call").unwrap();
        let (outcome, terms) = (text(&case, "outcome").unwrap(), texts(&case["terms"]));
        let mut names: Vec<&str> = terms.iter().map(String::as_str).collect();
        names.push(outcome);
        let table = table(text(&case, "data").unwrap()).complete(&names);
        let values = table.column(outcome);
        let mut levels = values.clone();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        let place = |value: &f64| levels.iter().position(|level| level == value).unwrap();
        let codes: Vec<usize> = values.iter().map(place).collect();
        let covariates = table.matrix(&terms);
        let mut model =
            MultinomialModel::new(&codes, levels.len(), covariates_of(&covariates, terms.len()))
                .unwrap();
        let weights = text(&case, "weight").map(|weight| table.column(weight));
        if let Some(weights) = &weights {
            model = model.weights(weights_of(weights)).unwrap();
        }
        let fit = model.fit().unwrap();
        assert!(fit.has_converged, "{call}");
        let found = fit.coefficients.iter().flatten().map(|known| known.unwrap());
        let (estimates, errors): (Vec<f64>, Vec<f64>) =
            found.map(|known| (known.estimate, known.standard_error)).unzip();
        for (found, expected) in estimates.iter().zip(matrix(&case["coefficients"])) {
            assert_close(call, Some(*found), Some(expected), TOLERANCE);
        }
        for (found, expected) in errors.iter().zip(numbers(&case["errors"])) {
            assert_close(call, Some(*found), expected, TOLERANCE);
        }
        let covariance = matrix(&case["covariance"]);
        assert_all_close(call, fit.covariance.transpose().as_slice(), &covariance, TOLERANCE);
        let likelihood = case["log_likelihood"].as_f64();
        assert_close(call, Some(fit.log_likelihood), likelihood, 1e-10);
    }
}

/// Three levels over two groups: the odds ratios are those of the counts.
#[test]
fn a_saturated_model_gives_the_counts_back() {
    let counts = [[5, 3, 2], [1, 4, 7]];
    let (mut codes, mut group) = (Vec::new(), Vec::new());
    for (of_group, counts) in counts.iter().enumerate() {
        for (level, count) in counts.iter().enumerate() {
            codes.extend(vec![level; *count]);
            group.extend(vec![of_group as f64; *count]);
        }
    }
    let fit = MultinomialModel::new(&codes, 3, covariates_of(&group, 1)).unwrap().fit().unwrap();
    let found = fit.probabilities(&[1.0]).unwrap();
    for (found, count) in found.iter().zip(counts[1]) {
        assert!((found - count as f64 / 12.0).abs() < 1e-12);
    }
    let effect = fit.coefficients[1][1].unwrap();
    // Level 2 against 0: (7 / 1) / (2 / 5).
    assert!((effect.estimate - libm::log(7.0 * 5.0 / (1.0 * 2.0))).abs() < 1e-10);
    // Woolf's variance of a log odds ratio.
    let variance: f64 = [7.0, 5.0, 1.0, 2.0].iter().map(|count: &f64| 1.0 / count).sum();
    assert!((effect.standard_error - variance.sqrt()).abs() < 1e-10);
}

#[test]
fn separation_and_collinear_columns_are_told() {
    let x: Vec<f64> = (0..12).map(f64::from).collect();
    let codes: Vec<usize> = (0..12).map(|i| usize::from(i >= 6)).collect();
    let fit = MultinomialModel::new(&codes, 2, covariates_of(&x, 1)).unwrap().fit().unwrap();
    assert!(!fit.has_converged && fit.coefficients[0][1].unwrap().may_be_infinite);
    // Levels that overlap in x, so that the search has an end.
    let codes: Vec<usize> = (0..12).map(|i| usize::from(i % 3 == 0 || i > 7)).collect();
    let doubled: Vec<f64> = x.iter().chain(&x).copied().collect();
    let fit = MultinomialModel::new(&codes, 2, covariates_of(&doubled, 2)).unwrap().fit().unwrap();
    assert!(fit.has_converged && fit.coefficients[0][2].is_none());
    let alone = MultinomialModel::new(&codes, 2, covariates_of(&x, 1)).unwrap().fit().unwrap();
    assert_eq!(fit.coefficients[0][1], alone.coefficients[0][1]);
    assert_eq!(fit.covariance[(2, 2)], 0.0);
}

#[test]
fn without_covariates_there_are_shares() {
    let fit = MultinomialModel::new(&[0, 1, 1, 2, 2, 2], 3, covariates_of(&[], 0))
        .unwrap()
        .fit()
        .unwrap();
    let found = fit.probabilities(&[]).unwrap();
    assert!((found[0] - 1.0 / 6.0).abs() < 1e-12 && (found[2] - 0.5).abs() < 1e-12);
}

#[test]
fn mistakes_are_named() {
    let wrong = |codes: &[usize], n_levels, covariates: &[f64]| {
        MultinomialModel::new(codes, n_levels, covariates_of(covariates, 1))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(wrong(&[], 2, &[]), "no observations");
    assert_eq!(wrong(&[0, 2], 2, &[1.0; 2]), "`codes` is 2 at position 1, but there are 2 groups");
    assert_eq!(wrong(&[0, 0], 2, &[1.0; 2]), "level 1 of the table is empty");
    assert_eq!(wrong(&[0, 1], 2, &[1.0]), "`covariates` has 1 values where 2 are needed");
}
