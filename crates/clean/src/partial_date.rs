//! A day for a month that was written without one, by a declared policy and
//! never silently.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calendar::iso;

/// What to do with a month without its day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Partial {
    /// Set it missing and ask the hospital.
    #[default]
    Query,
    /// Set it missing.
    Missing,
    /// Take the 15th.
    MidMonth,
    /// Take the first day.
    FirstDay,
    /// Take the last day.
    LastDay,
}

impl Partial {
    /// Whether it makes a day of a month.
    pub(crate) fn imputes(self) -> bool {
        matches!(self, Self::MidMonth | Self::FirstDay | Self::LastDay)
    }
}

/// What becomes of a month without its day, with the reason for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Completed {
    /// The day that was taken, and the first and the last one that it can have been.
    Day {
        day: i32,
        range: [i32; 2],
        reason: String,
    },
    Missing(String),
    Query(String),
}

/// A day for a month given by its first and last day, not before and not after
/// the days of two other columns where these are known.
pub(crate) fn complete(
    policy: Partial,
    (first, last): (i32, i32),
    not_before: Option<(String, i32)>,
    not_after: Option<(String, i32)>,
) -> Completed {
    let (day, words) = match policy {
        Partial::Query => return Completed::Query("the day is unknown".to_owned()),
        Partial::Missing => return Completed::Missing("the day is unknown".to_owned()),
        // The 15th in every month, February too.
        Partial::MidMonth => (first + 14, "middle"),
        Partial::FirstDay => (first, "first day"),
        Partial::LastDay => (last, "last day"),
    };
    // The month itself bounds the day as well.
    let low = not_before.as_ref().map_or(first, |(_, bound)| (*bound).max(first));
    let high = not_after.as_ref().map_or(last, |(_, bound)| (*bound).min(last));
    let range = [low, high];
    let reason = format!("day unknown: {words} of the month");
    match (not_before, not_after) {
        // The month contradicts the bound: one of the two is wrong, and no day can mend
        // that.
        (Some((column, bound)), _) if bound > last => Completed::Query(format!(
            "day unknown, and the month ends before `{column}` ({})",
            iso(bound)
        )),
        (_, Some((column, bound))) if bound < first => Completed::Query(format!(
            "day unknown, and the month begins after `{column}` ({})",
            iso(bound)
        )),
        (Some((early, _)), Some((late, _))) if low > high => {
            Completed::Query(format!("day unknown, and `{early}` is after `{late}`"))
        }
        // Moved to the bound and no further: the nearest day to the declared one.
        (Some((column, _)), _) if day < low => {
            Completed::Day { day: low, range, reason: format!("{reason}, not before `{column}`") }
        }
        (_, Some((column, _))) if day > high => {
            Completed::Day { day: high, range, reason: format!("{reason}, not after `{column}`") }
        }
        _ => Completed::Day { day, range, reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::day_number;

    fn day(day: i8) -> i32 {
        day_number(2021, 3, day).expect("a day of March")
    }

    #[test]
    fn bounds_hold() {
        let march = (day(1), day(31));
        let bound = |name: &str, day: i32| Some((name.to_owned(), day));
        let taken = |day: i32, range: [i32; 2], words: &str| {
            let reason = format!("day unknown: middle of the month{words}");
            Completed::Day { day, range, reason }
        };
        let query = |words: &str| Completed::Query(format!("day unknown, and {words}"));
        let cases = [
            // March 2021, with bounds before, inside and behind it.
            (None, None, taken(day(15), [day(1), day(31)], "")),
            (bound("a", day(20)), None, taken(day(20), [day(20), day(31)], ", not before `a`")),
            (bound("a", day(4)), None, taken(day(15), [day(4), day(31)], "")),
            (None, bound("b", day(10)), taken(day(10), [day(1), day(10)], ", not after `b`")),
            (bound("a", day(31) + 1), None, query("the month ends before `a` (2021-04-01)")),
            (None, bound("b", day(1) - 1), query("the month begins after `b` (2021-02-28)")),
            (bound("a", day(20)), bound("b", day(10)), query("`a` is after `b`")),
        ];
        for (not_before, not_after, expected) in cases {
            assert_eq!(complete(Partial::MidMonth, march, not_before, not_after), expected);
        }
        assert_eq!(
            complete(Partial::Missing, march, None, None),
            Completed::Missing("the day is unknown".into())
        );
    }
}
