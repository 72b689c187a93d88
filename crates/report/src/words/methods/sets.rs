//! Terms and sets of terms in words.

use study::{Covariate, Scale};

use super::teller::Teller;
use crate::words::choices;

/// A set in words.
pub(super) fn words(teller: &Teller<'_>, set: &[&Covariate]) -> String {
    teller.sets.told(set, |term| covariate(teller, term))
}

/// The same where no ratio is told, so that units and references are nothing.
pub(super) fn bare(teller: &Teller<'_>, set: &[&Covariate]) -> String {
    teller.sets.told(set, |term| match &term.scale {
        Scale::Spline(_) => covariate(teller, term),
        Scale::Unit | Scale::Against(_) => teller.column(&term.column),
    })
}

/// A term with what its ratio is of, which a paragraph says once of a column
/// until it says something else of it.
pub(super) fn covariate(teller: &Teller<'_>, term: &Covariate) -> String {
    let column = teller.column(&term.column);
    let scale = match &term.scale {
        Scale::Unit if !teller.is_of_table(&term.column) => return column,
        Scale::Unit => teller.per_unit(&term.column),
        Scale::Against(level) => format!("reference: {}", teller.level(&term.column, level)),
        Scale::Spline(form) => choices::spline(*form).to_owned(),
    };
    match teller.is_new(&term.column, &scale) {
        true => format!("{column} ({scale})"),
        false => column,
    }
}
