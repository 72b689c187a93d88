//! RECIST 1.1 on numbers alone: the response at each scan, the best overall
//! response of a patient, and the dates that follow from them.
//!
//! Eisenhauer EA et al. New response evaluation criteria in solid tumours:
//! revised RECIST guideline (version 1.1). Eur J Cancer 2009;45:228-247:
//! sections 4.3.1 to 4.3.5 for the criteria, tables 1 to 3 for their
//! combination. It leaves reading tables to `kinds::best_overall_response`.

/// A response, from best to worst.
// In order, so that "at least as good" is a comparison.
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
        // Of a response that counts: with confirmation, the scan that is confirmed and not
        // the one that confirms it.
        first_response: (0..until.len()).find(|index| {
            best.is_objective() && meets(Response::Partial, *index, until, scans, rule)
        }),
        // A scan that cannot be evaluated does not show that there was no progression.
        last_adequate: until.iter().rposition(|response| *response != Response::NotEvaluable),
        progression,
        responses,
    }
}

fn responses(baseline: Option<&Scan>, scans: &[Scan]) -> Vec<Response> {
    // Nothing can shrink by a third of nothing.
    let baseline_sum = baseline.and_then(|scan| scan.target_sum_mm).filter(|sum| *sum > 0.0);
    // A sum of 0 says that there are no target lesions; a missing one says nothing.
    let measured = baseline.is_none_or(|scan| scan.target_sum_mm != Some(0.0));
    // The baseline is the first smallest sum.
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
        // After the scan was judged: it is held against the sums before it.
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
        // By a fifth of the smallest sum so far and by 5 mm: a fifth of a small sum is
        // no more than two readers differ.
        // Both at once, as the guideline asks; at the limit itself it counts.
        let grown = sum >= 1.2 * nadir - SLACK && sum - nadir >= 5.0 - SLACK;
        // a lesion that comes back after a complete response is progression whatever its size
        let reappeared = complete && nadir == 0.0 && sum > 0.0;
        if grown || reappeared {
            Self::Progressive
        } else if scan.targets_gone {
            Self::Complete
        // Against the baseline, while progression is against the nadir.
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
    // First: one sign of progression decides, whatever the others show.
    if progressive {
        return Response::Progressive;
    }
    match (target, scan.non_target) {
        // A response cannot be claimed from half of the lesions.
        (Target::NotEvaluated, _) => Response::NotEvaluable,
        (Target::Complete, NonTarget::Complete | NonTarget::Absent)
        | (Target::NoneAtBaseline, NonTarget::Complete) => Response::Complete,
        // Other lesions that are left, or were not seen, make a partial response of it.
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
        // Also an unconfirmed response, if it lasted: it was at least stable.
        responses[index] <= Response::Stable && scans[index].day >= rule.minimum_stable_days
    };
    if reached(Response::Complete) {
        Response::Complete
    } else if reached(Response::Partial) {
        Response::Partial
    } else if (0..responses.len()).any(lasted) {
        Response::Stable
    // Early progression without anything better before.
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
    // A complete response is a partial one, too.
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
        // Passed over, so that one missed scan does not undo a response.
        .filter(|later| responses[*later] != Response::NotEvaluable)
        // Something worse in between ends it.
        .take_while(|later| responses[*later] <= wanted);
    later.into_iter().any(|later| scans[later].day - scans[index].day >= rule.confirmation_days)
}

#[cfg(test)]
mod tests;
