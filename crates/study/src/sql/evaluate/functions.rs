//! Functions of single values.

use std::borrow::Cow;

use super::fault::Fault;
use super::{numbers, texts};
use crate::sql::calendar;
use crate::sql::calendar::Unit;
use crate::sql::cells::Scalar;
use crate::sql::functions::{Curve, Function};

/// The value of a function; missing where an argument is, but for those that
/// pass over missing arguments.
pub(super) fn apply(function: Function, given: &[Scalar<'_>]) -> Result<Scalar<'static>, Fault> {
    match function {
        Function::NullIf => return Ok(null_if(given)),
        Function::Greatest => return Ok(extreme(given, std::cmp::Ordering::Greater)),
        Function::Least => return Ok(extreme(given, std::cmp::Ordering::Less)),
        Function::Concat => return texts::joined(given, ""),
        Function::ConcatWith => {
            // Without a separator there is no way to join.
            let Scalar::Text(between) = &given[0] else { return Ok(Scalar::Missing) };
            return texts::joined(&given[1..], between);
        }
        // What is computed of something unknown is unknown; the functions above have
        // rules of their own for it.
        _ if given.contains(&Scalar::Missing) => return Ok(Scalar::Missing),
        Function::Join => return texts::joined(given, ""),
        _ => {}
    }
    match (function, given) {
        (Function::Pi, _) => Ok(Scalar::Real(std::f64::consts::PI)),
        (Function::Curve(curve), [Scalar::Real(x)]) => of_curve(curve, *x),
        (Function::Power, [Scalar::Real(x), Scalar::Real(power)]) => {
            // One over zero in another dress.
            if *x == 0.0 && *power < 0.0 {
                return Err(Fault::DivisionByZero);
            }
            finite(libm::pow(*x, *power), x.is_finite() && power.is_finite())
        }
        (Function::Atan2, [Scalar::Real(y), Scalar::Real(x)]) => {
            Ok(Scalar::Real(libm::atan2(*y, *x)))
        }
        (_, [Scalar::Whole(value), rest @ ..])
            // Whole numbers go to functions of dates as well; those have further arguments.
            if rest.is_empty() || function == Function::Round =>
        {
            of_whole(function, *value, rest)
        }
        (_, [Scalar::Real(value), rest @ ..]) => Ok(of_real(function, *value, rest)),
        (Function::MakeDate, [Scalar::Whole(year), Scalar::Whole(month), Scalar::Whole(day)]) => {
            calendar::date(*year, *month, *day).map(Scalar::Date).ok_or(Fault::NoSuchDate)
        }
        (Function::ToDate, [Scalar::Text(text)]) => calendar::read(text.trim())
            .map(Scalar::Date)
            .ok_or_else(|| Fault::Cast { from: crate::sql::parse::shortened(text), to: "a date" }),
        (Function::AgeYears, [Scalar::Date(birth), Scalar::Date(at)]) => {
            Ok(Scalar::Whole(calendar::between(*birth, *at, Unit::Year)))
        }
        (Function::DateDiff(unit), [Scalar::Date(from), Scalar::Date(to)]) => {
            Ok(Scalar::Whole(calendar::between(*from, *to, unit)))
        }
        (Function::DateAdd(unit), [Scalar::Whole(count), Scalar::Date(day)]) => {
            calendar::add(*day, *count, unit).map(Scalar::Date).ok_or(Fault::NoSuchDate)
        }
        (Function::DatePart(part), [Scalar::Date(day)]) => {
            Ok(Scalar::Whole(calendar::part(*day, part)))
        }
        (Function::FormatDate, [Scalar::Date(day), Scalar::Text(form)]) => {
            let text = calendar::formatted(*day, form).unwrap_or_default();
            Ok(Scalar::Text(Cow::Owned(text)))
        }
        _ => texts::apply(function, given),
    }
}

fn of_curve(curve: Curve, x: f64) -> Result<Scalar<'static>, Fault> {
    let outside = match curve {
        Curve::Sqrt => x < 0.0,
        Curve::Ln | Curve::Log10 | Curve::Log2 => x <= 0.0,
        Curve::Log1p => x <= -1.0,
        Curve::Asin | Curve::Acos => !(-1.0..=1.0).contains(&x),
        _ => false,
    };
    if outside {
        return Err(Fault::Undefined);
    }
    finite(numbers::curve(curve, x), x.is_finite())
}

/// A result that must be a number where what it was made of is.
fn finite(value: f64, was: bool) -> Result<Scalar<'static>, Fault> {
    // What came in infinite or as no number is told where it came from.
    match was {
        true if value.is_nan() => Err(Fault::Undefined),
        true if value.is_infinite() => Err(Fault::Overflow),
        _ => Ok(Scalar::Real(value)),
    }
}

fn of_whole(function: Function, value: i64, rest: &[Scalar<'_>]) -> Result<Scalar<'static>, Fault> {
    let result = match (function, rest) {
        (Function::Negative, _) => value.checked_neg(),
        (Function::Abs, _) => value.checked_abs(),
        (Function::Sign, _) => Some(value.signum()),
        (Function::Round, [Scalar::Whole(digits)]) => numbers::whole_half_away(value, *digits),
        _ => Some(value),
    };
    result.map(Scalar::Whole).ok_or(Fault::Overflow)
}

fn of_real(function: Function, value: f64, rest: &[Scalar<'_>]) -> Scalar<'static> {
    let digits = match rest {
        [Scalar::Whole(digits)] => *digits,
        _ => 0,
    };
    Scalar::Real(match function {
        Function::Negative => -value,
        Function::Abs => value.abs(),
        // `signum` of 0.0 is 1.
        Function::Sign if value == 0.0 => 0.0,
        Function::Sign => value.signum(),
        other => numbers::rounded(other, value, digits),
    })
}

fn null_if(given: &[Scalar<'_>]) -> Scalar<'static> {
    match given {
        // A missing second argument equals nothing, and the first stays.
        [a, b] if a != b => owned(a),
        _ => Scalar::Missing,
    }
}

/// The largest or the smallest of those that are there.
fn extreme(given: &[Scalar<'_>], wanted: std::cmp::Ordering) -> Scalar<'static> {
    let order = |a: &Scalar<'_>, b: &Scalar<'_>| match (a, b) {
        (Scalar::Whole(a), Scalar::Whole(b)) => a.cmp(b),
        // An order of all numbers, so that the result hangs on no order of arguments.
        (Scalar::Real(a), Scalar::Real(b)) => a.total_cmp(b),
        (Scalar::Date(a), Scalar::Date(b)) => a.cmp(b),
        (Scalar::Text(a), Scalar::Text(b)) => a.cmp(b),
        (Scalar::Boolean(a), Scalar::Boolean(b)) => a.cmp(b),
        _ => std::cmp::Ordering::Equal,
    };
    let there = given.iter().filter(|value| **value != Scalar::Missing);
    let found = there.reduce(|best, next| if order(next, best) == wanted { next } else { best });
    found.map_or(Scalar::Missing, owned)
}

fn owned(value: &Scalar<'_>) -> Scalar<'static> {
    match value {
        Scalar::Missing => Scalar::Missing,
        Scalar::Text(text) => Scalar::Text(Cow::Owned(text.to_string())),
        Scalar::Whole(value) => Scalar::Whole(*value),
        Scalar::Real(value) => Scalar::Real(*value),
        Scalar::Boolean(value) => Scalar::Boolean(*value),
        Scalar::Date(value) => Scalar::Date(*value),
    }
}
