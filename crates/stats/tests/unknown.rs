//! Sums of coefficients of which the data say nothing: not estimated, and
//! those beside them as if the likelihood had a maximum.

#[path = "support/reference.rs"]
mod reference;

use reference::covariates_of;
use restudy_stats::Error;
use restudy_stats::cox::{CoxModel, CoxWarning};
use restudy_stats::standardized_difference::{
    Denominator, of_categories, of_means, of_proportions,
};
use restudy_stats::survival_data::SurvivalData;

/// Sixty patients: three groups of twenty in two arms each, and a number.
fn patients() -> (Vec<f64>, Vec<usize>, Vec<f64>, Vec<f64>) {
    // 37 is prime to 61: all sixty times differ.
    let times = (0..60).map(|i| f64::from((i * 37 + 11) % 61 + 1)).collect();
    let groups = (0..60).map(|i| i as usize / 20).collect();
    let arm = (0..60).map(|i| f64::from(i % 2)).collect();
    let number = (0..60).map(|i| f64::from((i * 13) % 17)).collect();
    (times, groups, arm, number)
}

fn indicator(groups: &[usize], group: usize) -> Vec<f64> {
    groups.iter().map(|own| f64::from(u8::from(*own == group))).collect()
}

fn product(one: &[f64], other: &[f64]) -> Vec<f64> {
    one.iter().zip(other).map(|(a, b)| a * b).collect()
}

/// Nobody of `without` has the event; of the others two of three.
fn follow_up(times: &[f64], groups: &[usize], without: usize) -> SurvivalData {
    let events: Vec<bool> = (0..60).map(|i| groups[i] != without && i % 3 != 0).collect();
    SurvivalData::new(times, &events).expect("follow-up")
}

#[test]
fn an_interaction_with_a_group_without_events_is_unknown() {
    let (times, groups, arm, number) = patients();
    let data = follow_up(&times, &groups, 2);
    let (b, c) = (indicator(&groups, 1), indicator(&groups, 2));
    let columns =
        [arm.clone(), b.clone(), c.clone(), product(&arm, &b), product(&arm, &c), number.clone()];
    let fit = CoxModel::new(&data, covariates_of(&columns.concat(), 6))
        .expect("a model")
        .fit()
        .expect("a fit");
    let unknown: Vec<usize> =
        (0..6).filter(|column| fit.coefficients[*column].expect("kept").may_be_infinite).collect();
    // The group's own coefficient and its product: the one goes to minus
    // infinity, and the other may be anything then.
    assert_eq!(unknown, [2, 4]);
    let told = [2, 4].map(|column| CoxWarning::MayBeInfinite { column });
    assert_eq!(fit.warnings, told);
    // The arm within that group too; within the others it is known.
    // w = (1, 0, 0, 0, 1, 0): the arm's effect within the third group.
    let within_c = fit.combination(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!(within_c, Err(Error::Infinite { column: 4 }));
    let within_b = fit.combination(&[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]).expect("known");
    assert!(fit.wald_test_of(&[3, 4]).is_err() && fit.wald_test_of(&[3]).is_ok());
    // Whoever is without events is at risk only: the others' coefficients are
    // those of a fit without that group.
    let kept: Vec<usize> = (0..60).filter(|i| groups[*i] != 2).collect();
    let pick = |values: &[f64]| kept.iter().map(|i| values[*i]).collect::<Vec<f64>>();
    let events: Vec<bool> = kept.iter().map(|i| data.events()[*i]).collect();
    let others = SurvivalData::new(&pick(&times), &events).expect("follow-up");
    let columns = [pick(&arm), pick(&b), pick(&product(&arm, &b)), pick(&number)].concat();
    let alone =
        CoxModel::new(&others, covariates_of(&columns, 4)).expect("a model").fit().expect("a fit");
    let same = alone.combination(&[1.0, 0.0, 1.0, 0.0]).expect("known");
    let close = |one: f64, other: f64| (one - other).abs() < 1e-6 * (1.0 + other.abs());
    assert!(close(within_b.estimate, same.estimate), "{within_b:?} {same:?}");
    assert!(close(within_b.standard_error, same.standard_error));
}

#[test]
fn groups_against_a_reference_without_events_differ_by_known_amounts() {
    let (times, groups, ..) = patients();
    let data = follow_up(&times, &groups, 0);
    let (a, b, c) = (indicator(&groups, 0), indicator(&groups, 1), indicator(&groups, 2));
    let columns = [b, c.clone()].concat();
    let fit =
        CoxModel::new(&data, covariates_of(&columns, 2)).expect("a model").fit().expect("a fit");
    assert!(fit.coefficients.iter().flatten().all(|known| known.may_be_infinite));
    let difference = fit.combination(&[-1.0, 1.0]).expect("known");
    let other = CoxModel::new(&data, covariates_of(&[a, c].concat(), 2))
        .expect("a model")
        .fit()
        .expect("a fit");
    let [none, known] = [other.coefficients[0], other.coefficients[1]].map(|c| c.expect("kept"));
    assert!(none.may_be_infinite && !known.may_be_infinite);
    // Iterated on different columns: 1e-6 is far above what two searches leave.
    assert!((difference.estimate - known.estimate).abs() < 1e-6);
    assert!((difference.standard_error - known.standard_error).abs() < 1e-6);
}

#[test]
fn terms_that_separate_only_together_are_both_unknown() {
    // Whoever has the event has the largest sum of the two; neither alone
    // does, and the third has nothing to do with it.
    let n = 40;
    let sum: Vec<f64> = (0..n).map(|i| f64::from(n - i)).collect();
    let first: Vec<f64> = (0..n).map(|i| f64::from((i * 17) % 23)).collect();
    // The sum falls with time, and each of the two does not.
    let second: Vec<f64> = sum.iter().zip(&first).map(|(sum, first)| sum - first).collect();
    let third: Vec<f64> = (0..n).map(|i| f64::from((i * 7) % 5)).collect();
    let times: Vec<f64> = (0..n).map(|i| f64::from(i + 1)).collect();
    let data = SurvivalData::new(&times, &vec![true; n as usize]).expect("follow-up");
    for unit in [1.0, 1e-7, 1e7] {
        let second: Vec<f64> = second.iter().map(|value| value * unit).collect();
        let columns = [first.clone(), second, third.clone()].concat();
        let fit = CoxModel::new(&data, covariates_of(&columns, 3))
            .expect("a model")
            .fit()
            .expect("a fit");
        let unknown: Vec<bool> =
            fit.coefficients.iter().map(|c| c.expect("kept").may_be_infinite).collect();
        assert_eq!(unknown[..2], [true, true], "in units of {unit}");
    }
}

#[test]
fn a_large_effect_in_any_unit_is_known() {
    let (times, groups, arm, number) = patients();
    let events: Vec<bool> = (0..60).map(|i| i % 3 != 0).collect();
    let data = SurvivalData::new(&times, &events).expect("follow-up");
    // One event among the twenty of the last group.
    // One event keeps the coefficient finite, however large.
    let rare: Vec<bool> = (0..60).map(|i| if groups[i] == 2 { i == 40 } else { true }).collect();
    let rare = SurvivalData::new(&times, &rare).expect("follow-up");
    for unit in [1.0, 1e-9, 1e9] {
        let number: Vec<f64> = number.iter().map(|value| value * unit).collect();
        let columns = [arm.clone(), indicator(&groups, 2), number].concat();
        for data in [&data, &rare] {
            let fit = CoxModel::new(data, covariates_of(&columns, 3))
                .expect("a model")
                .fit()
                .expect("a fit");
            assert!(fit.warnings.is_empty(), "in units of {unit}: {:?}", fit.warnings);
        }
    }
}

#[test]
fn groups_that_share_no_value_are_infinitely_apart() {
    let separated = |what| Err(Error::Separated { what });
    let pooled = Denominator::Pooled;
    assert_eq!(of_means(&[2.0, 2.0], &[1.0, 1.0], pooled), separated("variable"));
    assert_eq!(
        of_means(&[1.0, 1.0], &[1.0, 1.0], pooled),
        Err(Error::NoVariation { what: "variable" })
    );
    assert_eq!(of_proportions(1.0, 0.0, pooled), separated("variable"));
    assert_eq!(of_categories(&[1.0, 0.0, 0.0], &[0.0, 0.4, 0.6], pooled), separated("category"));
    assert_eq!(of_categories(&[0.5, 0.5, 0.0], &[0.0, 0.0, 1.0], pooled), separated("category"));
    assert_eq!(of_categories(&[1.0, 0.0], &[1.0, 0.0], pooled), Ok(0.0));
    // One category in common is enough.
    assert!(of_categories(&[0.9, 0.1, 0.0], &[0.0, 0.1, 0.9], pooled).is_ok());
}
