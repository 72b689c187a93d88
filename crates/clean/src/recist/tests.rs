//! Tests of recist.

use super::*;

// Four weeks, and stable for six.
const CONFIRMED: Rule = Rule { confirmation: true, confirmation_days: 28, minimum_stable_days: 42 };
const PLAIN: Rule = Rule { confirmation: false, ..CONFIRMED };

fn scan(day: i32, sum: f64) -> Scan {
    Scan {
        day,
        target_sum_mm: Some(sum),
        targets_gone: sum == 0.0,
        non_target: NonTarget::Absent,
        new_lesion: false,
    }
}

/// Scans every 50 days after a baseline of the first sum.
// By 50 days: longer than both limits.
fn of_sums(sums: &[f64], rule: Rule) -> Course {
    let scans: Vec<Scan> = (0i32..).zip(sums).map(|(i, sum)| scan(50 * i, *sum)).collect();
    course(scans.first(), &scans[1..], rule)
}

fn codes(course: &Course) -> String {
    course.responses.iter().map(|response| response.code()).collect::<Vec<_>>().join(" ")
}

#[test]
fn target_sums_decide_by_hand() {
    // baseline and sums, response at each scan, best confirmed, best unconfirmed
    let cases: [(&[f64], &str, &str, &str); 14] = [
        // 30% down is exactly enough, 29% is not
        (&[100.0, 70.0, 70.0], "PR PR", "PR", "PR"),
        (&[100.0, 71.0, 71.0], "SD SD", "SD", "SD"),
        // 20% over the nadir of 70 is 84
        (&[100.0, 70.0, 83.0, 84.0], "PR SD PD", "SD", "PR"),
        // 20% over the nadir but only 4 mm: no progression; 5 mm: progression
        (&[40.0, 20.0, 24.0], "PR PR", "PR", "PR"),
        (&[40.0, 20.0, 25.0], "PR PD", "SD", "PR"),
        // 5 mm but less than 20%
        (&[100.0, 105.0, 119.0], "SD SD", "SD", "SD"),
        // the baseline is a nadir too
        (&[50.0, 60.0], "PD", "PD", "PD"),
        // against the nadir, not the baseline
        (&[100.0, 60.0, 75.0], "PR PD", "SD", "PR"),
        // complete, confirmed and not
        (&[30.0, 0.0, 0.0], "CR CR", "CR", "CR"),
        (&[30.0, 0.0], "CR", "SD", "CR"),
        // a lesion that comes back after CR is PD even at 3 mm
        (&[30.0, 0.0, 3.0], "CR PD", "SD", "CR"),
        // PR, then CR once: partial is confirmed by better
        (&[30.0, 15.0, 0.0], "PR CR", "PR", "CR"),
        // scans after progression are ignored
        (&[50.0, 65.0, 10.0, 10.0], "PD PR PR", "PD", "PD"),
        (&[50.0], "", "NE", "NE"),
    ];
    for (sums, expected, confirmed, plain) in cases {
        let strict = of_sums(sums, CONFIRMED);
        assert_eq!(codes(&strict), expected, "{sums:?}");
        assert_eq!(strict.best.code(), confirmed, "{sums:?} confirmed");
        assert_eq!(of_sums(sums, PLAIN).best.code(), plain, "{sums:?} unconfirmed");
    }
}

#[test]
fn sums_of_decimals_meet_the_limits_exactly() {
    // 0.7 x 33.0 and 1.2 x 14.1 are not exact in binary
    assert_eq!(codes(&of_sums(&[33.0, 23.1], PLAIN)), "PR");
    assert_eq!(codes(&of_sums(&[29.0, 29.0 * 1.2], PLAIN)), "PD");
    assert_eq!(codes(&of_sums(&[10.1, 15.1], PLAIN)), "PD");
}

#[test]
fn non_targets_and_new_lesions_combine_as_in_table_1() {
    use NonTarget::{Absent, Complete, NotEvaluated, Present, Progressive};
    let baseline = scan(0, 50.0);
    let cases = [
        (0.0, Absent, false, "CR"),
        (0.0, Complete, false, "CR"),
        (0.0, Present, false, "PR"),
        (0.0, NotEvaluated, false, "PR"),
        (0.0, Progressive, false, "PD"),
        (0.0, Complete, true, "PD"),
        (30.0, Present, false, "PR"),
        (30.0, NotEvaluated, false, "PR"),
        (30.0, Progressive, false, "PD"),
        (50.0, Complete, false, "SD"),
        (50.0, NotEvaluated, false, "SD"),
        (50.0, Present, true, "PD"),
        (60.0, Complete, false, "PD"),
    ];
    for (sum, non_target, new_lesion, expected) in cases {
        let seen = Scan { non_target, new_lesion, ..scan(60, sum) };
        assert_eq!(
            codes(&course(Some(&baseline), &[seen], PLAIN)),
            expected,
            "{sum} {non_target:?} new {new_lesion}"
        );
    }
}

#[test]
fn unmeasured_targets_are_not_evaluable_unless_something_progresses() {
    let baseline = scan(0, 50.0);
    let lost = Scan { target_sum_mm: None, targets_gone: false, ..scan(60, 0.0) };
    assert_eq!(codes(&course(Some(&baseline), &[lost], PLAIN)), "NE");
    let new = Scan { new_lesion: true, ..lost };
    assert_eq!(codes(&course(Some(&baseline), &[new], PLAIN)), "PD");
    // without a baseline no sum can be judged
    assert_eq!(codes(&course(None, &[scan(60, 10.0), new], PLAIN)), "NE PD");
}

#[test]
fn without_measurable_disease_the_others_decide_as_in_table_2() {
    let baseline = Scan { non_target: NonTarget::Present, ..scan(0, 0.0) };
    let cases = [
        (NonTarget::Complete, "CR"),
        (NonTarget::Present, "SD"),
        (NonTarget::NotEvaluated, "NE"),
        (NonTarget::Progressive, "PD"),
    ];
    for (non_target, expected) in cases {
        let seen = Scan { non_target, ..scan(60, 0.0) };
        assert_eq!(codes(&course(Some(&baseline), &[seen], PLAIN)), expected);
    }
}

#[test]
fn nodes_below_ten_millimetres_have_gone() {
    let node = Scan { targets_gone: true, ..scan(60, 9.0) };
    assert_eq!(codes(&course(Some(&scan(0, 50.0)), &[node], PLAIN)), "CR");
    // growing from 9 to 11 mm is no reappearance: 5 mm are needed
    let grown = scan(120, 11.0);
    assert_eq!(codes(&course(Some(&scan(0, 50.0)), &[node, grown], PLAIN)), "CR PR");
}

#[test]
fn confirmation_needs_its_interval_and_nothing_worse_between() {
    let baseline = scan(0, 100.0);
    let lost = Scan { target_sum_mm: None, ..scan(80, 0.0) };
    // 27 days are too few, 28 enough; a scan in between may be as good or unreadable,
    // but not worse.
    let cases: [(&[Scan], &str); 5] = [
        (&[scan(50, 60.0), scan(77, 60.0)], "SD"),
        (&[scan(50, 60.0), scan(78, 60.0)], "PR"),
        (&[scan(50, 60.0), scan(70, 60.0), scan(80, 60.0)], "PR"),
        (&[scan(50, 60.0), lost, scan(110, 60.0)], "PR"),
        (&[scan(50, 69.0), scan(80, 71.0), scan(110, 69.0)], "SD"),
    ];
    for (scans, expected) in cases {
        assert_eq!(course(Some(&baseline), scans, CONFIRMED).best.code(), expected);
    }
}

#[test]
fn stable_disease_must_last() {
    let baseline = scan(0, 100.0);
    let cases: [(&[Scan], &str); 4] = [
        (&[scan(41, 100.0)], "NE"),
        (&[scan(42, 100.0)], "SD"),
        (&[scan(30, 100.0), scan(60, 130.0)], "PD"),
        // an unconfirmed response is stable disease if it lasted
        (&[scan(30, 60.0), scan(60, 130.0)], "PD"),
    ];
    for (scans, expected) in cases {
        assert_eq!(course(Some(&baseline), scans, CONFIRMED).best.code(), expected);
    }
}

#[test]
fn dates_come_from_the_scans() {
    // Stable, then partial from the second scan on; 90 after a nadir of 60 is
    // progression.
    let seen = of_sums(&[100.0, 90.0, 60.0, 60.0, 90.0, 60.0], CONFIRMED);
    assert_eq!(codes(&seen), "SD PR PR PD PR");
    assert_eq!(
        (seen.first_response, seen.progression, seen.last_adequate),
        (Some(1), Some(3), Some(3))
    );
    let second = of_sums(&[100.0, 60.0, 75.0, 60.0, 60.0], CONFIRMED);
    assert_eq!((codes(&second).as_str(), second.first_response), ("PR PD PR PR", None));
    let late = of_sums(&[100.0, 69.0, 71.0, 60.0, 60.0], CONFIRMED);
    assert_eq!((codes(&late).as_str(), late.first_response), ("PR SD PR PR", Some(2)));
    let single = of_sums(&[100.0, 60.0, 90.0], CONFIRMED);
    assert_eq!((single.first_response, single.progression), (None, Some(1)));
}
