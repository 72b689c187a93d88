//! Arithmetic on two columns of a block: what overflows or divides by zero is a
//! fault, never a number.

use super::fault::Fault;
use super::{Evaluation, numbers};
use crate::sql::calendar;
use crate::sql::cells::Cells;
use crate::sql::functions::Function;

impl<'a> Evaluation<'a> {
    /// The results of an operator; none if the function is none.
    pub(super) fn computed(
        &mut self,
        function: Function,
        a: &Cells<'a>,
        b: &Cells<'a>,
        place: usize,
        active: &[bool],
    ) -> Option<Cells<'a>> {
        let from = self.block.first;
        let mut note = |row: usize, fault: Fault| {
            // Other rows hold values that nobody asked for.
            if active[row] {
                self.faults.note(place, fault, from + row);
            }
        };
        Some(match (a, b) {
            (Cells::Whole(a), Cells::Whole(b)) => {
                let compute = whole(function)?;
                Cells::Whole(paired(a, b, compute, &mut note))
            }
            (Cells::Real(a), Cells::Real(b)) if function == Function::FloorDivide => {
                let compute = |a: f64, b: f64| match real_of(Function::Divide, a, b) {
                    Ok(quotient) => numbers::whole(quotient.floor()).ok_or(Fault::Overflow),
                    Err(fault) => Err(fault),
                };
                Cells::Whole(paired(a, b, compute, &mut note))
            }
            (Cells::Real(a), Cells::Real(b)) => {
                is_real(function).then_some(())?;
                Cells::Real(paired(a, b, |a, b| real_of(function, a, b), &mut note))
            }
            (Cells::Date(a), Cells::Date(b)) if function == Function::Minus => {
                Cells::Whole(paired(a, b, |a, b| Ok(i64::from(a) - i64::from(b)), &mut note))
            }
            (Cells::Date(a), Cells::Whole(b)) => {
                let sign = match function {
                    Function::Plus => 1,
                    Function::Minus => -1,
                    _ => return None,
                };
                let moved = |day: i32, days: i64| {
                    // The number of days comes from a cell and may be the smallest there is, which
                    // has no opposite.
                    let day = days.checked_mul(sign).and_then(|days| days.checked_add(day.into()));
                    day.and_then(calendar::within).ok_or(Fault::NoSuchDate)
                };
                Cells::Date(paired(a, b, moved, &mut note))
            }
            _ => return None,
        })
    }
}

fn paired<A: Copy, B: Copy, C>(
    a: &[Option<A>],
    b: &[Option<B>],
    compute: impl Fn(A, B) -> Result<C, Fault>,
    note: &mut impl FnMut(usize, Fault),
) -> Vec<Option<C>> {
    let pairs = a.iter().zip(b).enumerate();
    // A missing side makes the result missing, before anything can go wrong.
    let result = |(row, (a, b)): (usize, (&Option<A>, &Option<B>))| match compute((*a)?, (*b)?) {
        Ok(value) => Some(value),
        Err(fault) => {
            note(row, fault);
            None
        }
    };
    pairs.map(result).collect()
}

type OfWhole = fn(i64, i64) -> Result<i64, Fault>;

fn whole(function: Function) -> Option<OfWhole> {
    Some(match function {
        Function::Plus => |a, b| a.checked_add(b).ok_or(Fault::Overflow),
        Function::Minus => |a, b| a.checked_sub(b).ok_or(Fault::Overflow),
        Function::Times => |a, b| a.checked_mul(b).ok_or(Fault::Overflow),
        // rounded down, so that the remainder has the sign of the divisor
        Function::FloorDivide => |a, b| match b {
            0 => Err(Fault::DivisionByZero),
            _ => {
                let quotient = a.checked_div(b).ok_or(Fault::Overflow)?;
                // The machine cuts towards zero; one less where signs differ and a rest is left.
                let inexact = quotient * b != a;
                Ok(quotient - i64::from(inexact && (a < 0) != (b < 0)))
            }
        },
        Function::Modulo => |a, b| match b {
            0 => Err(Fault::DivisionByZero),
            _ => {
                // The smallest number by -1 has rest 0, where a checked one would overflow.
                let rest = a.wrapping_rem(b);
                Ok(if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest })
            }
        },
        _ => return None,
    })
}

fn is_real(function: Function) -> bool {
    use Function::{Divide, Minus, Modulo, Plus, Times};
    matches!(function, Plus | Minus | Times | Divide | Modulo)
}

fn real_of(function: Function, a: f64, b: f64) -> Result<f64, Fault> {
    let divides = matches!(function, Function::Divide | Function::Modulo);
    // Never infinity: a mean of that column would be lost.
    if divides && b == 0.0 {
        return Err(Fault::DivisionByZero);
    }
    let result = match function {
        Function::Plus => a + b,
        Function::Minus => a - b,
        Function::Times => a * b,
        Function::Divide => a / b,
        _ => {
            let rest = a % b;
            if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
        }
    };
    // what was not finite before is told where it came from
    let overflows = !result.is_finite() && a.is_finite() && b.is_finite();
    if overflows { Err(Fault::Overflow) } else { Ok(result) }
}
