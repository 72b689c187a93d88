//! Dates and their differences are whole days, wherever they stand.

use super::*;

#[test]
fn a_difference_is_days_in_every_place() {
    // 31 July less 1 March: 152 days.
    assert_eq!(values("stop - start"), ["152", "", "0"]);
    assert_eq!(
        values("CASE WHEN stop - start > 100 THEN 'long' ELSE 'short' END"),
        ["long", "short", "short"]
    );
    assert_eq!(values("(stop - start) / 2"), ["76.0", "", "0.0"]);
    assert_eq!(values("CASE WHEN zero = 1 THEN stop - start END"), ["152", "", ""]);
    assert_eq!(values("ABS(start - stop) + 1"), ["153", "", "1"]);
    assert_eq!(values("COALESCE(stop - start, 0) * 2"), ["304", "0", "0"]);
    // The missing difference is passed over.
    assert_eq!(values("GREATEST(stop - start, 7)"), ["152", "7", "7"]);
    assert_eq!(values("CAST(stop - start AS VARCHAR)"), ["152", "", "0"]);
    assert_eq!(table().holds("stop - start < 60").expect("fits"), [false, false, true]);
    assert_eq!(
        table().holds("stop - start BETWEEN 152 AND 152").expect("fits"),
        [true, false, false]
    );
}

#[test]
fn dates_move_by_days_and_stand_beside_texts() {
    assert_eq!(values("start + 28 - start"), ["28", "28", "28"]);
    assert_eq!(values("7 + start"), ["2021-03-08", "2021-03-18", "2021-03-28"]);
    assert_eq!(values("start - INTERVAL 1 YEAR")[0], "2020-03-01");
    assert_eq!(values("start > '2021-03-05'"), ["false", "true", "true"]);
    assert_eq!(values("start IN ('2021-03-01', '2021-03-21')"), ["true", "false", "true"]);
    assert_eq!(values("COALESCE(stop, '2022-01-01')")[1], "2022-01-01");
    assert_eq!(values("start - '2021-02-27'")[0], "2");
    // Born on 29 July 1953, 16 August 1942 and 1 January 1970.
    assert_eq!(values("AGE_YEARS(birth, start) + 0"), ["67", "78", "51"]);
    // 152 days are 21 weeks and 5 days.
    assert_eq!(values("DATEDIFF('week', start, stop)"), ["21", "", "0"]);
}

#[test]
fn what_is_no_number_of_days_is_refused() {
    assert_eq!(
        said("start > 60"),
        "SQL expression does not fit the columns: the sides of `start > 60` are a date and a whole number; a difference of two dates is a number of days, a date alone is none"
    );
    assert_eq!(
        said("stop - start > INTERVAL '60 days'"),
        "SQL expression does not fit the columns: an INTERVAL can only be added to a date or taken from it; a difference of two dates is a number of days: compare it with a number, as in `stop - start > 60`"
    );
    assert_eq!(
        said("start + 0.5"),
        "SQL expression does not fit the columns: `start + 0.5` makes no date and no number of days of a date and a number; a date moves by whole days: `date + CAST(x AS INTEGER)`, or by `DATEADD(month, 3, date)`"
    );
    assert_eq!(
        said("start + stop"),
        "SQL expression does not fit the columns: `start + stop` makes no date and no number of days of a date and a date; subtract two dates for a number of days: `(stop - start) / 7`"
    );
    assert_eq!(
        said("CAST(start AS TIMESTAMP)"),
        "SQL expression is not understood: no value can be cast to TIMESTAMP; dates are whole days here: cast to DATE"
    );
    assert_eq!(
        said("CAST(start AS INTEGER)"),
        "SQL expression does not fit the columns: a date cannot be cast to a whole number; subtract a date for a number of days: `date - DATE '1970-01-01'`"
    );
    assert_eq!(
        said("start > '1.3.2021'"),
        "SQL expression does not fit the columns: `1.3.2021` stands beside a date and is none; write it as year-month-day: '2024-01-31'"
    );
    assert_eq!(
        said("DATEDIFF(start, stop)"),
        "SQL expression is not understood: DATEDIFF takes 3 arguments, but 2 stand there; write `DATEDIFF(day, from, to)`, or `to - from` for days"
    );
    assert_eq!(
        said("DATEDIFF(hour, start, stop)"),
        "SQL expression is not understood: `hour` is no unit of time here; the units are day, week, month and year: `DATEDIFF(month, from, to)`"
    );
}
