//! `CAST` and `TRY_CAST`.

use std::borrow::Cow;

use super::fault::Fault;
use super::{Evaluation, numbers};
use crate::sql::calendar;
use crate::sql::cells::{Cells, Scalar};
use crate::sql::parse::shortened;
use crate::sql::tree::CastTo;
use crate::sql::typed::Kind;

impl<'a> Evaluation<'a> {
    pub(super) fn cast(
        &mut self,
        value: &Cells<'a>,
        to: CastTo,
        tried: bool,
        place: usize,
        active: &[bool],
    ) -> Cells<'a> {
        let (kind, words) = match to {
            CastTo::Text => (Kind::Text, "text"),
            CastTo::Whole { .. } => (Kind::Whole, "a whole number of its type"),
            CastTo::Real => (Kind::Real, "a number"),
            CastTo::Boolean => (Kind::Boolean, "true or false"),
            CastTo::Date => (Kind::Date, "a date"),
        };
        let mut found = Cells::missing(kind, active.len());
        // A missing value is missing in every type.
        for row in (0..active.len()).filter(|row| active[*row] && !value.is_missing(*row)) {
            match cast(&value.at(row), to) {
                Some(made) => found.put(row, made),
                None if tried => {}
                None => {
                    // The value itself is shown, since it is what has to be mended.
                    let from = shortened(&written(&value.at(row)));
                    let fault = Fault::Cast { from, to: words };
                    self.faults.note(place, fault, self.block.first + row);
                }
            }
        }
        found
    }
}

/// The value as another type; none where it does not fit.
fn cast(value: &Scalar<'_>, to: CastTo) -> Option<Scalar<'static>> {
    Some(match (to, value) {
        (CastTo::Text, value) => Scalar::Text(Cow::Owned(written(value))),
        (CastTo::Whole { low, high }, value) => {
            let whole = match value {
                // Blanks round a number are the file's; whatever else stands there is told.
                Scalar::Text(text) => text.trim().parse().ok()?,
                Scalar::Whole(value) => *value,
                Scalar::Real(value) => numbers::whole(*value)?,
                Scalar::Boolean(value) => i64::from(*value),
                _ => return None,
            };
            Scalar::Whole(Some(whole).filter(|whole| (low..=high).contains(whole))?)
        }
        (CastTo::Real, value) => Scalar::Real(match value {
            Scalar::Text(text) => {
                // `inf` and `nan` are numbers to a parser and to nobody else.
                text.trim().parse().ok().filter(|value: &f64| value.is_finite())?
            }
            Scalar::Whole(value) => numbers::real(*value),
            Scalar::Real(value) => *value,
            Scalar::Boolean(value) => f64::from(u8::from(*value)),
            _ => return None,
        }),
        (CastTo::Boolean, value) => Scalar::Boolean(match value {
            Scalar::Text(text) if text.trim().eq_ignore_ascii_case("true") => true,
            Scalar::Text(text) if text.trim().eq_ignore_ascii_case("false") => false,
            Scalar::Whole(value) => *value != 0,
            Scalar::Boolean(value) => *value,
            _ => return None,
        }),
        (CastTo::Date, Scalar::Text(text)) => Scalar::Date(calendar::read(text.trim())?),
        (CastTo::Date, Scalar::Date(day)) => Scalar::Date(*day),
        (CastTo::Date, _) => return None,
    })
}

/// A value as text: a real number in its shortest form, with a point.
pub(crate) fn written(value: &Scalar<'_>) -> String {
    match value {
        Scalar::Missing => String::new(),
        Scalar::Text(text) => text.to_string(),
        Scalar::Whole(value) => value.to_string(),
        // With a point also of whole ones, so that 2.0 does not become the text of a count.
        Scalar::Real(value) => format!("{value:?}"),
        Scalar::Boolean(value) => value.to_string(),
        Scalar::Date(day) => calendar::write(*day),
    }
}
