//! What a model explains: an endpoint with its follow-up, or an outcome that
//! somebody has or has not, with the levels that count as having it.

use engine::Mistake;
use study::{Level, in_sentence};

use crate::category::declared_levels;
use crate::columns::ColumnType;
use crate::endpoint::{Endpoint, days_column, event_column, may_hold_events, yes_or_no};
use crate::population::Population;
use crate::rehearsal::Rehearsal;

/// What a model explains.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Explained<'a> {
    /// An endpoint, by its name.
    Endpoint(&'a str),
    /// An outcome without follow-up.
    Outcome(Outcome<'a>),
}

/// A column of yes and no, or a category of which some levels count as yes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome<'a> {
    /// The column.
    pub(crate) column: &'a str,
    /// Levels that count as having it; none for a column of yes and no.
    pub(crate) event: &'a [String],
}

impl Explained<'_> {
    /// Notes what is wrong with its columns. When an outcome came to be known
    /// is no matter of the guard: it is what is explained.
    pub(crate) fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        match self {
            Self::Endpoint(name) => rehearsal.endpoint(name),
            Self::Outcome(outcome) => outcome.check(rehearsal),
        }
    }

    /// The columns that hold it.
    pub(crate) fn columns(&self) -> Vec<String> {
        match self {
            Self::Endpoint(name) => vec![days_column(name), event_column(name)],
            Self::Outcome(outcome) => vec![outcome.column.to_owned()],
        }
    }

    /// Notes a term that is what the model explains; tells whether it is.
    pub(crate) fn is_taken(&self, rehearsal: &mut Rehearsal<'_>, term: &str, at: &[&str]) -> bool {
        let words = match self {
            Self::Endpoint(name) => format!("the endpoint `{name}`"),
            Self::Outcome(_) => "the outcome".to_owned(),
        };
        let is_taken = self.columns().iter().any(|own| own == term);
        if is_taken {
            rehearsal.taken(term, &words, at);
        }
        is_taken
    }

    /// As an account names it.
    pub(crate) fn value(&self) -> study::Outcome {
        match self {
            Self::Endpoint(name) => study::Outcome::Endpoint((*name).to_owned()),
            Self::Outcome(outcome) => study::Outcome::Column {
                column: outcome.column.to_owned(),
                levels: outcome.event.to_vec(),
            },
        }
    }

    /// Reads it.
    pub(crate) fn read(&self, population: &Population<'_>) -> Result<Endpoint, Mistake> {
        match self {
            Self::Endpoint(name) => Endpoint::new(population, name),
            Self::Outcome(outcome) => outcome.read(population),
        }
    }
}

impl Outcome<'_> {
    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        let (at, column) = (["outcome"], self.column);
        let known = rehearsal.column(column, &at);
        rehearsal.list("event", self.event, true);
        // What is missing was told, and there is nothing more to say of it.
        let Some(kind) = known else { return };
        if matches!(kind, ColumnType::Real | ColumnType::Date) {
            let message = format!("`{column}` holds {}, not an outcome", kind.words());
            let hint = "derive yes or no from it, or name a category and its `event`";
            return rehearsal.push(Mistake::at(&at, message).hint(hint));
        }
        let levels = declared_levels(rehearsal.table(), column);
        if self.event.is_empty() {
            // Whole numbers without declared levels may be 0 and 1, and only the data tell.
            if kind != ColumnType::YesNo && (levels.is_some() || !may_hold_events(Some(kind))) {
                rehearsal.push(no_event(column, levels.unwrap_or_default().as_slice()));
            }
            return;
        }
        for (place, level) in self.event.iter().enumerate() {
            rehearsal.level(column, level, &["event", &place.to_string()]);
        }
        // Then everybody who has a value would have the outcome.
        if levels.is_some_and(|levels| levels.iter().all(|level| self.counts(level))) {
            let message = format!("`event` names every level of `{column}`");
            let hint = "leave out the levels of those who do not have the outcome";
            rehearsal.push(Mistake::at(&["event"], message).hint(hint));
        }
    }

    fn counts(&self, level: &Level) -> bool {
        self.event.contains(&level.value)
    }

    fn read(&self, population: &Population<'_>) -> Result<Endpoint, Mistake> {
        let label = population.label(self.column);
        if self.event.is_empty() {
            let values = yes_or_no(population, self.column, "outcome")?;
            return Endpoint::of_outcome(population, self.column, label, values);
        }
        let category = population.category(self.column).map_err(|mistake| {
            let at = if mistake.at.is_empty() { vec!["outcome".to_owned()] } else { mistake.at };
            Mistake { at, ..mistake }
        })?;
        // The levels of an undeclared category are known from its values alone.
        for (place, level) in self.event.iter().enumerate() {
            category.reference(Some(level), &["event", &place.to_string()])?;
        }
        let own = category.levels.iter().filter(|level| self.counts(level));
        // Which levels count is part of what the numbers are of, so that it stands in the name.
        let own: Vec<String> = own.map(|level| in_sentence(&level.label)).collect();
        let label = format!("{label} ({})", own.join(" or "));
        let values = category.codes.iter();
        let values = values.map(|code| code.map(|code| self.counts(&category.levels[code])));
        Endpoint::of_outcome(population, self.column, label, values.collect())
    }
}

/// A category without a word on which of its levels count.
fn no_event(column: &str, levels: &[Level]) -> Mistake {
    let message = format!("`{column}` is a category: which of its levels are the outcome?");
    let known: Vec<String> = levels.iter().map(|level| format!("`{}`", level.value)).collect();
    Mistake::at(&["outcome"], message).hint(match known.is_empty() {
        true => "name them under `event`".to_owned(),
        false => format!("name some of {} under `event`", known.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_must_say_which_levels_count() {
        let mistake = no_event("grade", &[Level::named("low"), Level::named("high")]);
        assert_eq!(mistake.hint.as_deref(), Some("name some of `low`, `high` under `event`"));
        assert_eq!(no_event("grade", &[]).hint.as_deref(), Some("name them under `event`"));
    }
}
