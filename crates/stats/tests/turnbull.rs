//! Turnbull's estimate against R, by hand, by property and at the edges.

#[path = "support/reference.rs"]
mod reference;

use proptest::prelude::*;
use reference::{assert_close, cases, numbers, table, text};
use restudy_stats::kaplan_meier::{KaplanMeierOptions, kaplan_meier};
use restudy_stats::survival_data::SurvivalData;
use restudy_stats::turnbull::turnbull;

/// The likelihood is flat at its maximum: where it is within 1e-12 a subject
/// of it, the probabilities are within about its root.
const TOLERANCE: f64 = 2e-6;

#[test]
fn estimates_equal_those_of_r() {
    for case in cases("turnbull") {
        let call = text(&case, "call").expect("a call");
        let table = table(text(&case, "data").expect("data"));
        let right: Vec<f64> =
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
    }
}

/// (0, 3] and (2, 5] meet in (2, 3], which takes one half beside (4, 5]:
/// there the third, alive at 4, and the second meet.
#[test]
fn three_intervals_by_hand() {
    let estimate = turnbull(&[0.0, 2.0, 4.0], &[3.0, 5.0, f64::INFINITY]).unwrap();
    let ends: Vec<_> = estimate.intervals.iter().map(|cell| (cell.left, cell.right)).collect();
    assert_eq!(ends, [(2.0, 3.0), (4.0, 5.0)]);
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
    assert_eq!(censored.survival(4.0), (1.0, 1.0));
    let one = turnbull(&[2.0], &[2.0]).unwrap();
    assert_eq!((one.survival(1.9), one.survival(2.0)), ((1.0, 1.0), (0.0, 0.0)));
}

proptest! {
    #[test]
    fn exact_times_give_kaplan_meier(
        subjects in prop::collection::vec((0_u8..12, any::<bool>()), 1..30),
    ) {
        let left: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0)).collect();
        let events: Vec<bool> = subjects.iter().map(|subject| subject.1).collect();
        let right: Vec<f64> =
            subjects.iter().map(|(t, event)| if *event { f64::from(*t) } else { f64::INFINITY }).collect();
        let estimate = turnbull(&left, &right).unwrap();
        let data = SurvivalData::new(&left, &events).unwrap();
        let curve = kaplan_meier(&data, &KaplanMeierOptions::default()).unwrap();
        for row in &curve.rows {
            let (lower, upper) = estimate.survival(row.time);
            prop_assert!((lower - row.survival).abs() < 1e-5 && (upper - row.survival).abs() < 1e-5);
        }
    }

    #[test]
    fn the_maximum_is_certified(
        subjects in prop::collection::vec((0_u8..12, 0_u8..6), 1..30),
    ) {
        let left: Vec<f64> = subjects.iter().map(|subject| f64::from(subject.0)).collect();
        let right: Vec<f64> = subjects
            .iter()
            .map(|(left, width)| if *width == 5 { f64::INFINITY } else { f64::from(left + width) })
            .collect();
        let estimate = turnbull(&left, &right).unwrap();
        prop_assert!(estimate.has_converged);
        let total: f64 = estimate.intervals.iter().map(|cell| cell.probability).sum();
        prop_assert!((total - 1.0).abs() < 1e-6);
    }
}
