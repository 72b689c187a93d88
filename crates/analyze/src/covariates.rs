//! Baseline terms of an analysis of exposure as columns of numbers: a number,
//! or an indicator of each level but the reference.

use engine::{Call, Mistake, Mistakes, Named};
use study::in_sentence;

use crate::category::declared_levels;
use crate::columns::{self, ColumnType};
use crate::endpoint::{days_column, event_column};
use crate::guard::ImmortalTime;
use crate::model::{Term, Values, is_number};
use crate::population::Population;
use crate::rehearsal::Rehearsal;

/// Terms as declared, beside the exposure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeclaredTerms<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) exposure: &'a str,
    pub(crate) terms: &'a [String],
    pub(crate) references: &'a Named<String>,
}

impl DeclaredTerms<'_> {
    /// Notes what is wrong with them without rows. All must be known at time
    /// zero.
    pub(crate) fn check(&self, rehearsal: &mut Rehearsal<'_>, call: &Call<'_>) {
        rehearsal.list("terms", self.terms, true);
        for (place, term) in self.terms.iter().enumerate() {
            let place = place.to_string();
            let at = ["terms", place.as_str()];
            if rehearsal.column(term, &at) == Some(ColumnType::Date) {
                let message = format!("term `{term}` holds dates, not numbers or categories");
                rehearsal.push(Mistake::at(&at, message).hint("derive a number from it"));
            }
            let (days, event) = (days_column(self.endpoint), event_column(self.endpoint));
            let same = [
                (*term == days || *term == event, format!("the endpoint `{}`", self.endpoint)),
                (term == self.exposure, "the exposure".to_owned()),
            ];
            match same.into_iter().find(|(is_same, _)| *is_same) {
                Some((_, what)) => rehearsal.push(
                    Mistake::at(&at, format!("term `{term}` is {what} itself"))
                        .hint("leave it out of `terms`"),
                ),
                None => rehearsal.guarded(term, ImmortalTime::Refuse, &at),
            }
        }
        let table = call.table(&call.study.analysis_table);
        for (term, level) in self.references.iter() {
            let at = ["references", term];
            if self.terms.iter().all(|known| known != term) {
                let names = self.terms.iter().map(String::as_str);
                let mistake = Mistake::at(&at, format!("`{term}` is not a term of this analysis"));
                rehearsal.push(mistake.hint_nearest(term, names));
            } else if is_number(table, term) {
                let message = format!("term `{term}` holds numbers and has no reference level");
                let hint = "declare the column's levels to make it a category";
                rehearsal.push(Mistake::at(&at, message).hint(hint));
            } else if columns::type_of(table, term).is_some()
                && declared_levels(table, term).is_some()
            {
                rehearsal.level(term, level, &at);
            }
        }
    }

    /// Reads them.
    pub(crate) fn read(&self, population: &Population<'_>) -> Result<Vec<Term>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let terms: Vec<Term> = (self.terms.iter().enumerate())
            .filter_map(|(place, column)| {
                mistakes.note(Term::new(population, column, self.references, place))
            })
            .collect();
        mistakes.or(terms)
    }
}

/// Terms in words, with their references.
pub(crate) fn in_words(terms: &[Term]) -> String {
    let words = terms.iter().map(|term| match &term.values {
        Values::Numbers(_) => in_sentence(&term.label),
        Values::Levels { category, reference } => {
            let reference = in_sentence(&category.levels[*reference].label);
            format!("{} (reference: {reference})", in_sentence(&term.label))
        }
    });
    words.collect::<Vec<_>>().join("; ")
}

/// A column of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Covariate {
    /// The column of the term.
    pub(crate) variable: String,
    /// The level it stands for, with its reference; none for a number.
    pub(crate) level: Option<(String, String)>,
    /// The unit of a number.
    pub(crate) unit: Option<String>,
    /// A value for each included patient.
    pub(crate) values: Vec<f64>,
}

/// The columns of some patients, who have a value of every term. Levels that
/// none of them has make no column.
pub(crate) fn covariates(terms: &[Term], included: &[usize]) -> Result<Vec<Covariate>, Mistake> {
    let mut columns = Vec::new();
    for (place, term) in terms.iter().enumerate() {
        let column = &term.column;
        if term.is_constant(included) {
            let message =
                format!("term `{column}` is the same for all {} patients", included.len());
            let at = ["terms", &place.to_string()];
            return Err(Mistake::at(&at, message).hint("leave it out of `terms`"));
        }
        match &term.values {
            Values::Numbers(values) => columns.push(Covariate {
                variable: column.clone(),
                level: None,
                unit: term.unit.clone(),
                values: included.iter().filter_map(|patient| values[*patient]).collect(),
            }),
            Values::Levels { category, reference } => {
                let counts = category.counts(included);
                let named = category.levels[*reference].value.clone();
                if counts[*reference] == 0 {
                    let message =
                        format!("reference level `{named}` of term `{column}` has no patients");
                    return Err(Mistake::at(&["references", column], message)
                        .hint("declare a level that patients have under `references`"));
                }
                let others =
                    (0..counts.len()).filter(|level| level != reference && counts[*level] > 0);
                columns.extend(others.map(|level| {
                    Covariate {
                        variable: column.clone(),
                        level: Some((category.levels[level].value.clone(), named.clone())),
                        unit: None,
                        values: (included.iter())
                            .map(|patient| {
                                f64::from(u8::from(category.codes[*patient] == Some(level)))
                            })
                            .collect(),
                    }
                }));
            }
        }
    }
    Ok(columns)
}

/// The columns one after the other.
pub(crate) fn matrix(columns: &[Covariate]) -> Vec<f64> {
    columns.iter().flat_map(|column| column.values.iter().copied()).collect()
}
