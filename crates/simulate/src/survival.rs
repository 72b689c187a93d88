//! The few survival numbers that calibration steers by: Kaplan-Meier medians and the log-rank chi-square.
//!
//! Times are whole days and every step is + - x /, so the search takes the same path on every machine.
//! The study's own estimators live elsewhere; these stay small on purpose.

/// One subject of a two-arm comparison.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// Follow-up time in days.
    pub time_days: i32,
    /// Whether the event happened at that time.
    pub event: bool,
    /// Whether the subject belongs to the first arm (radiotherapy).
    pub first_arm: bool,
}

/// What one pass over two arms yields; index 0 is the first arm.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// Median survival per arm; none where the curve stays above one half.
    pub median_days: [Option<i32>; 2],
    /// Number at risk per arm at its median (0 where there is none).
    pub at_risk_at_median: [usize; 2],
    /// The lowest value of each Kaplan-Meier curve.
    pub lowest: [f64; 2],
    /// Events per arm.
    pub events: [usize; 2],
    /// Whether a curve takes the value one half exactly, which makes a median ambiguous.
    pub touches_half: [bool; 2],
    /// Log-rank chi-square on one degree of freedom.
    pub log_rank: f64,
}

/// Kaplan-Meier by arm and the log-rank test, in one walk over the ordered times.
///
/// ```text
/// S(t) = prod (1 - d/r)      chi-square = (sum O - E)^2 / sum d r1 r2 (r - d) / (r^2 (r - 1))
/// ```
#[must_use]
pub fn compare(subjects: &mut [Subject]) -> Comparison {
    // equal times are taken together below, so their order does not matter
    subjects.sort_unstable_by_key(|subject| subject.time_days);
    let mut at_risk = [0_usize; 2];
    for subject in subjects.iter() {
        at_risk[arm(subject)] += 1;
    }
    let mut survival = [1.0_f64; 2];
    let mut result = Comparison {
        median_days: [None; 2],
        at_risk_at_median: [0; 2],
        lowest: [1.0; 2],
        events: [0; 2],
        touches_half: [false; 2],
        log_rank: 0.0,
    };
    let (mut difference, mut variance) = (0.0, 0.0);
    for tied in subjects.chunk_by(|left, right| left.time_days == right.time_days) {
        let (mut leaving, mut events) = ([0_usize; 2], [0_usize; 2]);
        for subject in tied {
            leaving[arm(subject)] += 1;
            events[arm(subject)] += usize::from(subject.event);
        }
        let (died, risk) = ((events[0] + events[1]) as f64, (at_risk[0] + at_risk[1]) as f64);
        // times at which nobody has an event only make the groups at risk smaller
        if died > 0.0 {
            let share = at_risk[0] as f64 / risk;
            difference += events[0] as f64 - died * share;
            // the last one at risk adds no variance, and the formula would divide by nought
            if risk > 1.0 {
                variance += died * share * (1.0 - share) * (risk - died) / (risk - 1.0);
            }
        }
        for index in 0..2 {
            result.events[index] += events[index];
            if events[index] > 0 {
                survival[index] *= 1.0 - events[index] as f64 / at_risk[index] as f64;
                note_step(&mut result, index, survival[index], tied[0].time_days, at_risk[index]);
            }
            // after the events: who is censored on a day was at risk on it
            at_risk[index] -= leaving[index];
        }
    }
    result.log_rank = if variance > 0.0 { difference * difference / variance } else { 0.0 };
    result
}

fn note_step(result: &mut Comparison, index: usize, survival: f64, time: i32, at_risk: usize) {
    result.lowest[index] = survival;
    let from_half = survival - 0.5;
    // products of fractions reach one half only nearly
    if from_half.abs() < 1e-9 {
        result.touches_half[index] = true;
    // the first step below one half
    } else if from_half < 0.0 && result.median_days[index].is_none() {
        result.median_days[index] = Some(time);
        result.at_risk_at_median[index] = at_risk;
    }
}

fn arm(subject: &Subject) -> usize {
    usize::from(!subject.first_arm)
}

/// The median of one undivided group.
#[must_use]
pub fn median_of_all(subjects: &[Subject]) -> Option<i32> {
    let mut together: Vec<Subject> =
        subjects.iter().map(|subject| Subject { first_arm: true, ..*subject }).collect();
    compare(&mut together).median_days[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subjects(rows: &[(i32, bool, bool)]) -> Vec<Subject> {
        rows.iter()
            .map(|&(time_days, event, first_arm)| Subject { time_days, event, first_arm })
            .collect()
    }

    #[test]
    fn medians_and_chi_square_by_hand() {
        // First arm 1, 3, 5+; second arm 2, 4, 6.
        // O1 = 2, E1 = 3/6 + 2/5 + 2/4 + 1/3 + 0 = 26/15; V = 1/4 + 6/25 + 1/4 + 2/9 = 433/450.
        let mut rows = subjects(&[
            (1, true, true),
            (3, true, true),
            (5, false, true),
            (2, true, false),
            (4, true, false),
            (6, true, false),
        ]);
        let result = compare(&mut rows);
        assert_eq!(result.median_days, [Some(3), Some(4)]);
        assert_eq!(result.at_risk_at_median, [2, 2]);
        assert_eq!(result.events, [2, 3]);
        let expected = (4.0 / 15.0) * (4.0 / 15.0) / (433.0 / 450.0);
        assert!((result.log_rank - expected).abs() < 1e-12);
    }

    #[test]
    fn a_curve_at_one_half_is_flagged_and_its_median_is_the_next_step() {
        let mut rows =
            subjects(&[(1, true, true), (2, true, true), (3, true, true), (4, true, true)]);
        let result = compare(&mut rows);
        assert!(result.touches_half[0]);
        // of four events the second leaves exactly one half
        assert_eq!(result.median_days[0], Some(3));
    }

    #[test]
    fn no_events_leave_everything_undefined() {
        let mut rows = subjects(&[(5, false, true), (7, false, false)]);
        let result = compare(&mut rows);
        assert_eq!((result.median_days, result.log_rank), ([None, None], 0.0));
        assert_eq!(median_of_all(&rows), None);
    }
}
