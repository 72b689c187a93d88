//! Comparisons, each with three answers: yes, no, and unknown where a value is
//! missing.

use std::cmp::Ordering;

use crate::sql::cells::Cells;
use crate::sql::functions::Function;

/// The answers of a comparison; none if the function is none.
pub(super) fn compared(function: Function, cells: &[Cells<'_>]) -> Option<Vec<Option<bool>>> {
    match (function, cells) {
        (Function::Same, [a, b]) => {
            let same = |(row, order): (usize, Option<Ordering>)| match order {
                Some(order) => Some(order == Ordering::Equal),
                // One of the two is missing: the same only if both are.
                None => Some(a.is_missing(row) && b.is_missing(row)),
            };
            Some(ordered(a, b).into_iter().enumerate().map(same).collect())
        }
        (Function::Between, [value, low, high]) => {
            let (above, below) = (ordered(value, low), ordered(value, high));
            let pairs = above.into_iter().zip(below);
            Some(
                pairs
                    .map(|(above, below)| {
                        both(above.map(Ordering::is_ge), below.map(Ordering::is_le))
                    })
                    .collect(),
            )
        }
        (Function::Not, [Cells::Boolean(of)]) => {
            Some(of.iter().map(|value| value.map(|value| !value)).collect())
        }
        (Function::IsTrue, [Cells::Boolean(of)]) => {
            Some(of.iter().map(|value| Some(*value == Some(true))).collect())
        }
        (Function::IsFalse, [Cells::Boolean(of)]) => {
            Some(of.iter().map(|value| Some(*value == Some(false))).collect())
        }
        (Function::Xor, [Cells::Boolean(a), Cells::Boolean(b)]) => {
            // Nothing settles an exclusive or but both sides.
            Some(a.iter().zip(b).map(|(a, b)| Some((*a)? ^ (*b)?)).collect())
        }
        (Function::IsMissing, [of]) => {
            Some((0..height(of)).map(|row| Some(of.is_missing(row))).collect())
        }
        (function, [a, b]) => {
            let holds: fn(Ordering) -> bool = match function {
                Function::Equal => Ordering::is_eq,
                Function::NotEqual => Ordering::is_ne,
                Function::Less => Ordering::is_lt,
                Function::LessEqual => Ordering::is_le,
                Function::Greater => Ordering::is_gt,
                Function::GreaterEqual => Ordering::is_ge,
                _ => return None,
            };
            Some(ordered(a, b).into_iter().map(|order| order.map(holds)).collect())
        }
        _ => None,
    }
}

/// Adds one of the listed values to the answers of `IN`.
pub(super) fn or_equal(found: &mut [Option<bool>], value: &Cells<'_>, listed: &Cells<'_>) {
    for (found, order) in found.iter_mut().zip(ordered(value, listed)) {
        // `x IN (1, NULL)` is unknown where x is not 1, as the missing one might be x.
        *found = either(*found, order.map(Ordering::is_eq));
    }
}

fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn either(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    // By De Morgan's rule, so that both have one table of answers.
    both(a.map(|a| !a), b.map(|b| !b)).map(|neither| !neither)
}

fn height(cells: &Cells<'_>) -> usize {
    match cells {
        Cells::Text(cells) => cells.len(),
        Cells::Whole(cells) => cells.len(),
        Cells::Real(cells) => cells.len(),
        Cells::Boolean(cells) => cells.len(),
        Cells::Date(cells) => cells.len(),
    }
}

/// How each pair stands to one another; none where one is missing. A number
/// that is none (NaN) stands behind all others, so that the order is total.
fn ordered(a: &Cells<'_>, b: &Cells<'_>) -> Vec<Option<Ordering>> {
    fn pairs<T>(
        a: &[Option<T>],
        b: &[Option<T>],
        order: impl Fn(&T, &T) -> Ordering,
    ) -> Vec<Option<Ordering>> {
        let pairs = a.iter().zip(b);
        pairs.map(|(a, b)| Some(order(a.as_ref()?, b.as_ref()?))).collect()
    }
    match (a, b) {
        (Cells::Text(a), Cells::Text(b)) => pairs(a, b, Ord::cmp),
        (Cells::Whole(a), Cells::Whole(b)) => pairs(a, b, Ord::cmp),
        (Cells::Boolean(a), Cells::Boolean(b)) => pairs(a, b, Ord::cmp),
        (Cells::Date(a), Cells::Date(b)) => pairs(a, b, Ord::cmp),
        (Cells::Real(a), Cells::Real(b)) => {
            pairs(a, b, |a, b| a.partial_cmp(b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())))
        }
        (a, b) => unreachable!("invariant: {a:?} and {b:?} were checked to be of one type"),
    }
}
