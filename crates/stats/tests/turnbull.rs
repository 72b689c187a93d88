//! Turnbull's estimate against R, by hand, by property and at the edges.

#[path = "support/reference.rs"]
mod reference;

use proptest::prelude::*;
use reference::{assert_close, cases, numbers, table, text};
use restudy_stats::survival_curve::{ConfidenceType, SurvivalCurveModel};
use restudy_stats::survival_data::SurvivalData;
use restudy_stats::turnbull::{bootstrap_survival, turnbull};

/// Both end with Newton's method, of which rounding is left.
const TOLERANCE: f64 = 1e-10;

#[test]
fn estimates_equal_those_of_r() {
    for case in cases("turnbull") {
        let call = text(&case, "call").expect("a call");
        let table = table(text(&case, "data").expect("data"));
        let right: Vec<f64> =
            // An empty cell on the right is right censoring.
            table.cells("right").iter().map(|right| right.unwrap_or(f64::INFINITY)).collect();
        let estimate = turnbull(&table.column("left"), &right).unwrap();
        assert!(
            estimate.has_converged,
            "{call}: gap {} after {}",
            estimate.gap, estimate.iterations
        );
        assert_close(call, Some(estimate.log_likelihood), case["log_likelihood"].as_f64(), 1e-10);
        let expected = numbers(&case["probability"]);
        let (lefts, rights) = (numbers(&case["left"]), numbers(&case["right"]));
        // Masses below the tolerance may be on either side of nothing.
        for cell in &estimate.intervals {
            let place = lefts.iter().position(|left| *left == Some(cell.left));
            assert!(place.is_some() || cell.probability < TOLERANCE, "{call}: {cell:?}");
        }
        for ((left, right), probability) in lefts.iter().zip(&rights).zip(&expected) {
            let is_it = |cell: &&restudy_stats::turnbull::TurnbullInterval| {
                Some(cell.left) == *left && cell.right == right.unwrap_or(f64::INFINITY)
            };
            let found = estimate.intervals.iter().find(is_it).map_or(0.0, |cell| cell.probability);
            let distance = (found - probability.unwrap()).abs();
            assert!(distance < TOLERANCE, "{call}: {left:?} {found} {probability:?}");
        }
        let errors = estimate.errors();
        assert!(errors.is_identified(), "{call}");
        for (right, expected) in rights.iter().zip(numbers(&case["standard_error"])) {
            let Some(right) = right else { continue };
            let (least, greatest) =
                errors.survival(*right, 0.95, ConfidenceType::Plain).expect("a time");
            assert_eq!(least, greatest, "{call}: {right}");
            // The last interval may have a right end, where S is 0.
            let expected = expected.filter(|_| least.survival > 0.0);
            assert_close(call, least.standard_error, expected, 1e-7);
        }
    }
}

/// (0, 3] and (2, 5] meet in (2, 3], which takes one half beside (4, 5]:
/// there the third, alive at 4, and the second meet.
#[test]
fn three_intervals_by_hand() {
    let estimate = turnbull(&[0.0, 2.0, 4.0], &[3.0, 5.0, f64::INFINITY]).unwrap();
    let ends: Vec<_> = estimate.intervals.iter().map(|cell| (cell.left, cell.right)).collect();
    assert_eq!(ends, [(2.0, 3.0), (4.0, 5.0)]);
    // Mass 1/2 twice: the first and the second subject have 1/2 and 1, the third
    // 1/2.
    assert!((estimate.log_likelihood - 2.0 * libm::log(0.5)).abs() < 1e-11);
    let (lower, upper) = estimate.survival(2.5);
    assert!((lower - 0.5).abs() < 1e-6 && upper == 1.0);
    let (lower, upper) = estimate.survival(3.0);
    assert!((lower - 0.5).abs() < 1e-6 && (upper - 0.5).abs() < 1e-6);
    assert_eq!(estimate.quantile(0.4).unwrap().left, 2.0);
    assert_eq!(estimate.quantile(0.9).unwrap().right, 5.0);
    assert!(estimate.quantile(1.0).is_err());
}

#[test]
fn mistakes_and_edges() {
    let message = |left: &[f64], right: &[f64]| turnbull(left, right).unwrap_err().to_string();
    assert_eq!(message(&[], &[]), "no observations");
    assert_eq!(message(&[1.0], &[]), "`right` has 0 values where 1 are needed");
    assert_eq!(message(&[f64::NAN], &[1.0]), "`left` is not a finite number at position 0");
    assert_eq!(message(&[1.0], &[f64::NAN]), "`right` is not a finite number at position 0");
    assert_eq!(message(&[-1.0], &[1.0]), "`left` is negative at position 0: -1");
    assert_eq!(message(&[2.0], &[1.0]), "interval 0 is empty: it starts at 2 and stops at 1");
    // All censored: everything after the last.
    let censored = turnbull(&[1.0, 4.0], &[f64::INFINITY; 2]).unwrap();
    assert_eq!(censored.intervals.len(), 1);
    assert_eq!((censored.intervals[0].left, censored.intervals[0].probability), (4.0, 1.0));
    // Nobody is known to have had the event by 4.
    assert_eq!(censored.survival(4.0), (1.0, 1.0));
    let one = turnbull(&[2.0], &[2.0]).unwrap();
    assert_eq!((one.survival(1.9), one.survival(2.0)), ((1.0, 1.0), (0.0, 0.0)));
}

#[test]
fn errors_of_a_share_are_binomial() {
    let estimate = turnbull(&[0.0, 3.0, 3.0, 3.0], &[3.0, 6.0, 6.0, 6.0]).unwrap();
    let errors = estimate.errors();
    let (least, greatest) = errors.survival(3.0, 0.95, ConfidenceType::Log).unwrap();
    // No mass begins before and ends after 3: S is known there.
    assert_eq!(least, greatest);
    assert!((least.standard_error.unwrap() - (0.75 * 0.25 / 4.0_f64).sqrt()).abs() < 1e-12);
    // Within (3, 6] the data leave S between 0 and 3/4.
    let (least, greatest) = errors.survival(4.0, 0.95, ConfidenceType::Log).unwrap();
    assert_eq!((least.survival, least.standard_error, least.lower), (0.0, None, None));
    assert!((greatest.survival - 0.75).abs() < 1e-12);
    let (start, _) = errors.survival(0.0, 0.95, ConfidenceType::Log).unwrap();
    assert_eq!((start.survival, start.standard_error, start.upper), (1.0, Some(0.0), Some(1.0)));
    assert!(errors.survival(1.0, 1.5, ConfidenceType::Log).is_err());
}

#[test]
fn intervals_that_cannot_be_told_apart_have_no_errors() {
    // Masses p, q, r, s with only p + q, r + s, p + s and q + r in the
    // likelihood: adding to p and r what q and s lose changes nothing.
    let (left, right) = ([0.0, 2.0, 1.0], [2.0, 4.0, 3.0]);
    let estimate = turnbull(&left, &right).unwrap();
    let total: f64 = estimate.intervals.iter().map(|cell| cell.probability).sum();
    assert!((total - 1.0).abs() < 1e-12);
    assert!((estimate.log_likelihood - 2.0 * libm::log(0.5)).abs() < 1e-12);
}

#[test]
fn the_bootstrap_is_the_same_again_and_near_the_binomial() {
    let left: Vec<f64> = (0..200).map(|place| if place < 80 { 0.0 } else { 3.0 }).collect();
    let right: Vec<f64> = left.iter().map(|left| left + 3.0).collect();
    let draw = || bootstrap_survival(&left, &right, &[3.0], 0.95, 400, 7).unwrap();
    let found = draw();
    assert_eq!(found, draw());
    // sqrt(0.4 * 0.6 / 200) = 0.0346; the standard deviation of 400 draws is
    // within a fifth of it but for one time in a million.
    assert!((found[0].least_error - 0.034_641).abs() < 0.007, "{found:?}");
    assert_eq!(found[0].least_error, found[0].greatest_error);
    // 120 of 200 have the event after 3: S is 0.6.
    assert!(found[0].lower < 0.6 && 0.6 < found[0].upper);
    assert_eq!(found[0].n_converged, 400);
    let wrong = bootstrap_survival(&left, &right, &[3.0], 0.95, 1, 7).unwrap_err();
    assert_eq!(wrong.to_string(), "`replicates` is 1, outside 2 or more");
}

proptest! {
    #[test]
    fn exact_times_give_kaplan_meier(
        subjects in prop::collection::vec((0_u8..12, any::<bool>()), 1..30),
    ) {
        let left: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0)).collect();
        let events: Vec<bool> = subjects.iter().map(|subject| subject.1).collect();
        let right: Vec<f64> =
            // Right censoring begins just after the time, as in Kaplan and Meier's
            // curve.
            subjects.iter().map(|(t, event)| if *event { f64::from(*t) } else { f64::INFINITY }).collect();
        let estimate = turnbull(&left, &right).unwrap();
        let errors = estimate.errors();
        let data = SurvivalData::new(&left, &events).unwrap();
        let curve = SurvivalCurveModel::new(&data).estimate();
        for row in &curve.rows {
            let (lower, upper) = estimate.survival(row.time);
            prop_assert!((lower - row.survival).abs() < 1e-9 && (upper - row.survival).abs() < 1e-9);
            let (least, _) = errors.survival(row.time, 0.95, ConfidenceType::Plain).unwrap();
            if let (Some(found), Some(greenwood)) = (least.standard_error, row.standard_error()) {
                prop_assert!((found - greenwood).abs() < 1e-7, "{found} {greenwood}");
            }
        }
    }

    #[test]
    fn the_maximum_is_certified(
        subjects in prop::collection::vec((0_u8..12, 0_u8..6), 1..30),
    ) {
        let left: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0)).collect();
        let right: Vec<f64> = subjects
            .iter()
            // A width of 0 is an exact time, one of 5 no right end.
            .map(|(left, width)| if *width == 5 { f64::INFINITY } else { f64::from(left + width) })
            .collect();
        let estimate = turnbull(&left, &right).unwrap();
        prop_assert!(estimate.has_converged);
        let total: f64 = estimate.intervals.iter().map(|cell| cell.probability).sum();
        prop_assert!((total - 1.0).abs() < 1e-6);
    }
}
