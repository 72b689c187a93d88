//! RECIST 1.1 on numbers alone: the response at each scan, the best overall
//! response of a patient, and the dates that follow from them.
//!
//! Eisenhauer EA et al. New response evaluation criteria in solid tumours:
//! revised RECIST guideline (version 1.1). Eur J Cancer 2009;45:228-247:
//! sections 4.3.1 to 4.3.5 for the criteria, tables 1 to 3 for their
//! combination. It leaves reading tables to `kinds::best_overall_response`.

/// A response, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Response {
    Complete,
    Partial,
    Stable,
    Progressive,
    NotEvaluable,
}

impl Response {
    pub(crate) const ALL: [Self; 5] =
        [Self::Complete, Self::Partial, Self::Stable, Self::Progressive, Self::NotEvaluable];

    /// The usual abbreviation.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Complete => "CR",
            Self::Partial => "PR",
            Self::Stable => "SD",
            Self::Progressive => "PD",
            Self::NotEvaluable => "NE",
        }
    }

    /// The response in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Complete => "complete response",
            Self::Partial => "partial response",
            Self::Stable => "stable disease",
            Self::Progressive => "progressive disease",
            Self::NotEvaluable => "not evaluable",
        }
    }

    fn is_objective(self) -> bool {
        self <= Self::Partial
    }
}

/// What a scan says of the lesions that are not measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NonTarget {
    /// There never were any.
    Absent,
    Complete,
    Present,
    Progressive,
    NotEvaluated,
}

/// One scan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scan {
    /// Days from the index date.
    pub(crate) day: i32,
    /// Sum of the diameters of the target lesions; `None` where not all were measured.
    pub(crate) target_sum_mm: Option<f64>,
    /// Every target lesion has gone (a node: below 10 mm in its short axis).
    pub(crate) targets_gone: bool,
    pub(crate) non_target: NonTarget,
    pub(crate) new_lesion: bool,
}

/// What decides the best overall response.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    /// CR and PR count only when a later scan shows them again.
    pub(crate) confirmation: bool,
    /// Days between a response and the scan that confirms it.
    pub(crate) confirmation_days: i32,
    /// Days from the index date from which a scan can show stable disease.
    pub(crate) minimum_stable_days: i32,
}

/// The course of one patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Course {
    /// The response at each scan, in their order.
    pub(crate) responses: Vec<Response>,
    pub(crate) best: Response,
    /// The first scan of a response that counts, where the best is CR or PR.
    pub(crate) first_response: Option<usize>,
    pub(crate) progression: Option<usize>,
    /// The last scan that shows a response, up to the progression.
    pub(crate) last_adequate: Option<usize>,
}

/// Follows a patient from the baseline scan through the scans after it, which
/// stand in the order of their days.
pub(crate) fn course(baseline: Option<&Scan>, scans: &[Scan], rule: Rule) -> Course {
    let responses = responses(baseline, scans);
    let progression = responses.iter().position(|response| *response == Response::Progressive);
    // what a scan shows after the first progression is no response any more
    let counted = progression.map_or(responses.len(), |index| index + 1);
    let until = &responses[..counted];
    let best = best(until, scans, rule);
    Course {
        best,
        first_response: (0..until.len()).find(|index| {
            best.is_objective() && meets(Response::Partial, *index, until, scans, rule)
        }),
        last_adequate: until.iter().rposition(|response| *response != Response::NotEvaluable),
        progression,
        responses,
    }
}

fn responses(baseline: Option<&Scan>, scans: &[Scan]) -> Vec<Response> {
    let baseline_sum = baseline.and_then(|scan| scan.target_sum_mm).filter(|sum| *sum > 0.0);
    let measured = baseline.is_none_or(|scan| scan.target_sum_mm != Some(0.0));
    let mut nadir = baseline_sum;
    let mut complete = false;
    let mut responses = Vec::with_capacity(scans.len());
    for scan in scans {
        let target = if measured {
            Target::of(scan, baseline_sum, nadir, complete)
        } else {
            Target::NoneAtBaseline
        };
        let response = combine(target, scan);
        complete |= response == Response::Complete;
        if let (Some(lowest), Some(sum)) = (nadir, scan.target_sum_mm) {
            nadir = Some(lowest.min(sum));
        }
        responses.push(response);
    }
    responses
}

/// What the measured lesions say alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Complete,
    Partial,
    Stable,
    Progressive,
    NotEvaluated,
    /// No lesion was measurable: the others decide (table 2).
    NoneAtBaseline,
}

/// Room for what sums of decimal millimetres lose in binary.
const SLACK: f64 = 1e-9;

impl Target {
    fn of(scan: &Scan, baseline: Option<f64>, nadir: Option<f64>, complete: bool) -> Self {
        let (Some(sum), Some(baseline), Some(nadir)) = (scan.target_sum_mm, baseline, nadir) else {
            return Self::NotEvaluated;
        };
        let grown = sum >= 1.2 * nadir - SLACK && sum - nadir >= 5.0 - SLACK;
        // a lesion that comes back after a complete response is progression whatever its size
        let reappeared = complete && nadir == 0.0 && sum > 0.0;
        if grown || reappeared {
            Self::Progressive
        } else if scan.targets_gone {
            Self::Complete
        } else if sum <= 0.7 * baseline + SLACK {
            Self::Partial
        } else {
            Self::Stable
        }
    }
}

/// Tables 1 and 2 of the guideline; non-CR/non-PD without measurable disease
/// counts as stable.
fn combine(target: Target, scan: &Scan) -> Response {
    let progressive = scan.new_lesion
        || scan.non_target == NonTarget::Progressive
        || target == Target::Progressive;
    if progressive {
        return Response::Progressive;
    }
    match (target, scan.non_target) {
        (Target::NotEvaluated, _) => Response::NotEvaluable,
        (Target::Complete, NonTarget::Complete | NonTarget::Absent)
        | (Target::NoneAtBaseline, NonTarget::Complete) => Response::Complete,
        (Target::Complete | Target::Partial, _) => Response::Partial,
        (Target::NoneAtBaseline, NonTarget::NotEvaluated | NonTarget::Absent) => {
            Response::NotEvaluable
        }
        _ => Response::Stable,
    }
}

/// Table 3 of the guideline.
fn best(responses: &[Response], scans: &[Scan], rule: Rule) -> Response {
    let reached = |wanted: Response| {
        (0..responses.len()).any(|index| meets(wanted, index, responses, scans, rule))
    };
    let lasted = |index: usize| {
        responses[index] <= Response::Stable && scans[index].day >= rule.minimum_stable_days
    };
    if reached(Response::Complete) {
        Response::Complete
    } else if reached(Response::Partial) {
        Response::Partial
    } else if (0..responses.len()).any(lasted) {
        Response::Stable
    } else if responses.contains(&Response::Progressive) {
        Response::Progressive
    } else {
        Response::NotEvaluable
    }
}

/// Whether a scan shows the response `wanted` in a way that counts.
fn meets(
    wanted: Response,
    index: usize,
    responses: &[Response],
    scans: &[Scan],
    rule: Rule,
) -> bool {
    responses[index] <= wanted
        && (!rule.confirmation || confirmed(index, wanted, responses, scans, rule))
}

/// Whether the response `wanted` of a scan is seen again late enough, with
/// nothing worse between; scans that cannot be evaluated are passed over.
fn confirmed(
    index: usize,
    wanted: Response,
    responses: &[Response],
    scans: &[Scan],
    rule: Rule,
) -> bool {
    let later = (index + 1..responses.len())
        .filter(|later| responses[*later] != Response::NotEvaluable)
        .take_while(|later| responses[*later] <= wanted);
    later.into_iter().any(|later| scans[later].day - scans[index].day >= rule.confirmation_days)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIRMED: Rule =
        Rule { confirmation: true, confirmation_days: 28, minimum_stable_days: 42 };
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
}
