//! The innermost intervals, and which of them each subject's interval holds.

use std::ops::Range;

/// An end in the order in which they meet at one time: the left end of an
/// event at the time, right ends, left ends of what comes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    LeftOfPoint,
    Right,
    Left,
}

/// The innermost intervals, ascending, and for each subject the range of
/// those within its own.
pub(super) fn support(left: &[f64], right: &[f64]) -> (Vec<(f64, f64)>, Vec<Range<usize>>) {
    let mut ends: Vec<(f64, End)> = Vec::new();
    for (start, stop) in left.iter().zip(right) {
        ends.push((*start, left_end(*start, *stop)));
        ends.push((*stop, End::Right));
    }
    let by_time = |a: &(f64, End), b: &(f64, End)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    ends.sort_by(by_time);
    // Equal ends once: only their order decides.
    ends.dedup();
    let innermost =
        // A left end followed at once by a right end: no other end lies between.
        ends.windows(2).filter(|pair| pair[0].1 != End::Right && pair[1].1 == End::Right);
    let cells: Vec<((f64, End), (f64, End))> = innermost.map(|pair| (pair[0], pair[1])).collect();
    let spans = left.iter().zip(right).map(|(start, stop)| {
        // Cells from the subject's own left end on, up to its right end: those
        // inside it are neighbours.
        let from = (*start, left_end(*start, *stop));
        let first = cells.partition_point(|cell| by_time(&cell.0, &from).is_lt());
        let past = cells.partition_point(|cell| by_time(&cell.1, &(*stop, End::Right)).is_le());
        first..past
    });
    let spans = spans.collect();
    (cells.iter().map(|(from, to)| (from.0, to.0)).collect(), spans)
}

fn left_end(start: f64, stop: f64) -> End {
    if start == stop { End::LeftOfPoint } else { End::Left }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mass_lies_between_a_left_end_and_the_next_right_end() {
        let (cells, spans) = support(&[0.0, 2.0, 4.0, 2.0], &[3.0, 5.0, f64::INFINITY, 2.0]);
        assert_eq!(cells, [(2.0, 2.0), (2.0, 3.0), (4.0, 5.0)]);
        assert_eq!(spans, [0..2, 1..3, 2..3, 0..1]);
    }

    #[test]
    fn an_interval_that_ends_where_another_begins_does_not_meet_it() {
        let (cells, spans) = support(&[0.0, 3.0], &[3.0, 6.0]);
        assert_eq!(cells, [(0.0, 3.0), (3.0, 6.0)]);
        assert_eq!(spans, [0..1, 1..2]);
    }
}
