//! A declared profile: a value of every term, and a stratum.

use engine::{Mistake, Mistakes, Named};
use study::{Level, slug};

use crate::category::{ALL, declared_levels, unknown_level};
use crate::columns::{self, ColumnType};
use crate::model::design::{Column, Value};
use crate::model::{Declared, Fitted, Model, Values, is_number};
use crate::rehearsal::Rehearsal;

/// A profile read against a model.
pub(super) struct Profile {
    /// Its name.
    pub(super) name: String,
    /// A value of each term, in order.
    pub(super) values: Vec<Value>,
    /// The code of its stratum, in a model with strata.
    pub(super) stratum: Option<usize>,
}

/// Notes what is wrong with profiles before there are data.
pub(super) fn check(
    profiles: &Named<Named<String>>,
    declared: &Declared<'_>,
    rehearsal: &mut Rehearsal<'_>,
) {
    let table = rehearsal.table();
    let mistakes = &mut rehearsal.mistakes;
    if profiles.is_empty() {
        let mistake = Mistake::at(&["profiles"], "`profiles` is empty");
        mistakes.push(mistake.hint("name a patient with a value of every term"));
    }
    let columns: Vec<&String> = declared.terms.iter().chain(declared.strata).collect();
    let mut slugs: Vec<(String, &str)> = Vec::new();
    for (name, values) in profiles.iter() {
        check_name(name, &mut slugs, mistakes);
        for column in &columns {
            if values.get(column).is_none() {
                let message = format!("profile `{name}` has no value of `{column}`");
                let hint = "a prediction needs a value of every term and stratum";
                mistakes.push(Mistake::at(&["profiles", name], message).hint(hint));
            }
        }
        for (column, value) in values.iter() {
            let at = ["profiles", name, column];
            if !columns.iter().any(|own| *own == column) {
                let message = format!("`{column}` is neither a term nor a stratum of this model");
                let names = columns.iter().map(|own| own.as_str());
                mistakes.push(Mistake::at(&at, message).hint_nearest(column, names));
            } else if is_number(table, column) && declared.terms.iter().any(|term| term == column) {
                // A number that is a stratum has levels, and is looked up as one.
                mistakes.note(number(value, column, &at));
            } else if let Some(levels) = declared_levels(table, column) {
                let kind = columns::type_of(table, column);
                mistakes.note(position(kind, column, &levels, value, &at));
            }
        }
    }
}

fn check_name<'n>(name: &'n str, slugs: &mut Vec<(String, &'n str)>, mistakes: &mut Mistakes) {
    let part = slug(name);
    let hint = "ids of findings are made of letters and digits: name the profiles apart";
    let twin = slugs.iter().find(|(own, _)| *own == part).map(|(_, twin)| *twin);
    let problem = match twin {
        Some(twin) => format!("profiles `{twin}` and `{name}` give the same id `{part}`"),
        // `all` would be the id of all patients.
        None if part.is_empty() || part == ALL => {
            format!("profile `{name}` gives no id of its own")
        }
        None => return slugs.push((part, name)),
    };
    mistakes.push(Mistake::at(&["profiles", name], problem).hint(hint));
}

fn number(value: &str, column: &str, at: &[&str]) -> Result<f64, Mistake> {
    let number = value.trim().parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| {
        Mistake::at(at, format!("`{value}` is no number, and `{column}` holds numbers"))
    })
}

/// A value as the tables have it: YAML's true and false are yes and no.
fn spelled(kind: Option<ColumnType>, value: &str) -> &str {
    match (kind, value) {
        (Some(ColumnType::YesNo), "true") => "yes",
        (Some(ColumnType::YesNo), "false") => "no",
        _ => value,
    }
}

fn position(
    kind: Option<ColumnType>,
    column: &str,
    levels: &[Level],
    value: &str,
    at: &[&str],
) -> Result<usize, Mistake> {
    let value = spelled(kind, value);
    let found = levels.iter().position(|level| level.value == value);
    found.ok_or_else(|| unknown_level(column, levels, value, at))
}

/// The profiles as values of a model's terms.
pub(super) fn read(
    profiles: &Named<Named<String>>,
    model: &Model<'_>,
) -> Result<Vec<Profile>, Mistakes> {
    let mut mistakes = Mistakes::default();
    let mut read = Vec::new();
    let is_rehearsed = model.population.is_rehearsed();
    // In a rehearsal a stratum is told from others by what is declared alone.
    let mut declared_strata: Vec<Vec<String>> = Vec::new();
    for (name, declared) in profiles.iter() {
        let given =
            |column: &str| declared.get(column).expect("invariant: profiles were checked").as_str();
        let kind = |column: &str| columns::type_of(model.population.table, column);
        let mut values = Vec::new();
        for term in &model.terms {
            let column = term.column.as_str();
            let at = ["profiles", name, column];
            let value = match &term.values {
                Values::Numbers(_) => number(given(column), column, &at).map(Value::Number),
                // Of levels that only the data know, one stands for any.
                Values::Levels { category, .. } if category.levels.iter().any(Level::is_any) => {
                    Ok(Value::Level(0))
                }
                Values::Levels { category, .. } => {
                    position(kind(column), column, &category.levels, given(column), &at)
                        .map(Value::Level)
                }
            };
            values.extend(mistakes.note(value));
        }
        let strata = model.declared.strata;
        let own: Vec<String> =
            strata.iter().map(|column| spelled(kind(column), given(column)).to_owned()).collect();
        let stratum = match is_rehearsed {
            // By values: none where no patient of the study is in such a stratum.
            false => model.strata.code_of(&own),
            true => {
                let known = declared_strata.iter().position(|other| *other == own);
                let code = known.unwrap_or(declared_strata.len());
                declared_strata.push(own);
                Some(code)
            }
        };
        if stratum.is_none() && !strata.is_empty() {
            let message = format!("no patient is in the stratum of profile `{name}`");
            let hint = format!("there must be patients with its values of {}", strata.join(", "));
            mistakes.push(Mistake::at(&["profiles", name], message).hint(hint));
        }
        read.push(Profile { name: name.to_owned(), values, stratum });
    }
    mistakes.or(read)
}

/// Refuses a level that no patient of the model has: nothing is known of it.
pub(super) fn check_levels(
    profiles: &[Profile],
    model: &Model<'_>,
    fitted: &Fitted,
) -> Result<(), Mistakes> {
    let mut mistakes = Mistakes::default();
    for profile in profiles {
        for (block, value) in fitted.cases.design.blocks.iter().zip(&profile.values) {
            let Value::Level(level) = *value else { continue };
            let term = &model.terms[block.term];
            let Values::Levels { reference, category } = &term.values else { continue };
            // The reference has no column of its own and is always there.
            if level != *reference && !block.columns.contains(&Column::Level(level)) {
                let value = &category.levels[level].value;
                let message =
                    format!("no patient of the model has the level `{value}` of `{}`", term.column);
                mistakes.push(Mistake::at(&["profiles", &profile.name, &term.column], message));
            }
        }
    }
    mistakes.or(())
}
