//! What every estimator asks of its arguments: as many values as subjects,
//! finite, codes within their range. A refusal names the argument and the place.

use rayon::prelude::*;

use crate::Error;

/// Checks that an argument has as many values as there are subjects.
pub(crate) fn check_length(what: &'static str, found: usize, expected: usize) -> Result<(), Error> {
    if found == expected { Ok(()) } else { Err(Error::Length { what, expected, found }) }
}

/// Values that are checked at a time: half a megabyte, so that a task is long
/// beside what it costs to hand it to a thread.
const CHECKED: usize = 1 << 16;

/// Checks that all values are finite.
pub(crate) fn check_finite(what: &'static str, values: &[f64]) -> Result<(), Error> {
    // Zero times a value is zero unless it is infinite or not a number, which
    // can be summed side by side; only a failure looks for the place.
    let is_finite = |values: &[f64]| {
        // Eight sums side by side: a single one would wait for each addition to end
        // before the next begins.
        let mut sums = [0.0; 8];
        for values in values.chunks(sums.len()) {
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += 0.0 * value);
        }
        sums.iter().sum::<f64>() == 0.0
    };
    // Short columns are not worth a thread.
    let all = match values.len() {
        0..CHECKED => is_finite(values),
        _ => values.par_chunks(CHECKED).all(is_finite),
    };
    if all {
        return Ok(());
    }
    // Zeros add up to zero: the sum fails only by a value that is not finite, so
    // that a place is found.
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(Error::NotFinite { what, index }),
        None => Ok(()),
    }
}

/// Checks group codes: one a subject, each below `limit`.
pub(crate) fn check_codes(
    what: &'static str,
    codes: &[usize],
    n: usize,
    limit: usize,
) -> Result<(), Error> {
    check_length(what, codes.len(), n)?;
    match codes.iter().position(|code| *code >= limit) {
        Some(index) => Err(Error::OutOfRange { what, index, value: codes[index], limit }),
        None => Ok(()),
    }
}

/// Checks a confidence level or another share strictly between 0 and 1.
pub(crate) fn check_share(what: &'static str, value: f64) -> Result<(), Error> {
    // Written so that a level that is not a number is refused: it compares as
    // false.
    if value > 0.0 && value < 1.0 {
        return Ok(());
    }
    Err(Error::Parameter { what, value, range: "(0, 1)" })
}
