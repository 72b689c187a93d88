//! A column of categories as codes of its levels, in their declared order.

use std::collections::BTreeSet;

use engine::Mistake;
use study::{Level, Part, Table, Texts, ValueRange, revealed};

use crate::columns::{self, ColumnType};
use crate::population::Population;

/// The group of the whole population in findings and curves.
pub(crate) const ALL: &str = "all";

/// A column of categories.
#[derive(Debug, Clone)]
pub(crate) struct Category {
    /// The column.
    pub(crate) column: String,
    /// The column in words.
    pub(crate) label: String,
    /// Its levels: as declared, else the values that occur, in order.
    pub(crate) levels: Vec<Level>,
    /// Position of each patient's level; none where missing.
    pub(crate) codes: Vec<Option<usize>>,
}

impl Population<'_> {
    /// The values of a column as codes of its levels.
    pub(crate) fn category(&self, column: &str) -> Result<Category, Mistake> {
        Category::new(self, column)
    }
}

impl Category {
    /// The codes of `column` in a population.
    pub(crate) fn new(population: &Population<'_>, column: &str) -> Result<Self, Mistake> {
        let values = population.texts(column)?;
        let levels = match declared_levels(population.table, column) {
            Some(levels) => levels,
            // There are no values yet, so that whatever occurs may occur.
            None if population.is_rehearsed() => unknown_levels(),
            None => occurring_levels(population.table, column, &values),
        };
        check_slugs(column, &levels)?;
        let code = |(place, value): (usize, Option<&str>)| {
            // Missing is no mistake here: each analysis
            // says how it counts those without a value.
            let Some(value) = value else { return Ok(None) };
            let found = levels.iter().position(|level| level.value == value);
            found.map(Some).ok_or_else(|| {
                let patient = population.patient(place);
                Mistake::new(format!(
                    "column `{column}` holds `{value}` for patient `{patient}`, which is none of its levels"
                ))
                .hint_nearest(value, levels.iter().map(|level| level.value.as_str()))
            })
        };
        let codes = values.iter().enumerate().map(code).collect::<Result<_, _>>()?;
        let label = population.label(column);
        Ok(Self { column: column.to_owned(), label, levels, codes })
    }

    /// Whether only the data know the levels, as in some rehearsals.
    pub(crate) fn is_open(&self) -> bool {
        self.levels.iter().any(Level::is_any)
    }

    /// How many levels there are.
    pub(crate) fn n_levels(&self) -> usize {
        self.levels.len()
    }

    /// Patients at each level among those of `included`.
    pub(crate) fn counts(&self, included: &[usize]) -> Vec<usize> {
        let mut counts = vec![0; self.n_levels()];
        for patient in included {
            if let Some(code) = self.codes[*patient] {
                counts[code] += 1;
            }
        }
        counts
    }

    /// The position of a level, or of the first one if none is named.
    pub(crate) fn reference(&self, named: Option<&str>, at: &[&str]) -> Result<usize, Mistake> {
        let Some(named) = named else { return Ok(0) };
        // Any name may be that of a level; the run,
        // which knows the levels, tells if it is none.
        if self.is_open() {
            return Ok(0);
        }
        let found = self.levels.iter().position(|level| is_named(level, named));
        found.ok_or_else(|| unknown_level(&self.column, &self.levels, named, at))
    }

    /// Refuses a comparison of groups of which one has no patients.
    pub(crate) fn check_groups(&self, included: &[usize], at: &[&str]) -> Result<(), Mistake> {
        if self.codes.is_empty() {
            // In a rehearsal nobody is in any group.
            return Ok(());
        }
        let column = &self.column;
        // Told apart from an empty group: to widen `where`
        // does not help where there is one level only.
        if let [only] = self.levels.as_slice() {
            let message = format!("`{column}` makes one group only: everybody is `{}`", only.value);
            return Err(Mistake::at(at, message).hint("groups need a column of two levels or more"));
        }
        let counts = self.counts(included);
        match counts.iter().position(|count| *count == 0) {
            None => Ok(()),
            Some(empty) => {
                let level = &self.levels[empty].value;
                Err(Mistake::at(at, format!("group `{level}` of `{column}` has no patients"))
                    .hint("leave the level out of the column's levels, or widen `where`"))
            }
        }
    }
}

/// Numbers that make more groups than this are measurements, not groups.
const MOST_NUMBERS: usize = 10;

/// Refuses to make a group of every value of a measured number, such as an
/// age; a short scale, such as a performance status, does make groups.
pub(crate) fn check_no_measurement(
    table: &Table,
    category: &Category,
    at: &[&str],
) -> Result<(), Mistake> {
    let column = &category.column;
    // Whoever declared levels for numbers said that they are groups.
    let is_open = table.about(column).levels.is_empty();
    let is_number = columns::type_of(table, column).is_some_and(ColumnType::is_number);
    let n = category.n_levels();
    if !(is_open && is_number && n > MOST_NUMBERS) {
        return Ok(());
    }
    let message = format!("`{column}` holds numbers with {n} values, which would each be a group");
    Err(Mistake::at(at, message).hint(format!("declare its levels, or {}", cut_it(column))))
}

/// How a number is cut in groups, for hints.
pub(crate) fn cut_it(column: &str) -> String {
    format!(
        "cut it: `by: {{ column: {column}, cuts: [65] }}` with cuts of your own, `by: {{ column: {column}, quantiles: 4 }}` or `by: {{ column: {column}, median: true }}`"
    )
}

/// Whether a parameter names a level; a range of a number may be written with or without its unit.
pub(crate) fn is_named(level: &Level, named: &str) -> bool {
    let range = |text: &str| text.parse::<ValueRange>();
    level.value == named || range(named).is_ok() && range(named) == range(&level.value)
}

/// A level that the column does not have.
pub(crate) fn unknown_level(column: &str, levels: &[Level], named: &str, at: &[&str]) -> Mistake {
    Mistake::at(at, format!("column `{column}` has no level `{named}`"))
        .hint_nearest(named, levels.iter().map(|level| level.value.as_str()))
}

/// The levels that are known without looking at the values.
pub(crate) fn declared_levels(table: &Table, column: &str) -> Option<Vec<Level>> {
    let levels = table.about(column).levels;
    if !levels.is_empty() {
        return Some(levels);
    }
    // `no` stands first, and so is the reference unless another is named.
    (columns::type_of(table, column) == Some(ColumnType::YesNo))
        .then(|| vec![Level::new("no", "No"), Level::new("yes", "Yes")])
}

/// What a rehearsal knows of levels that only the data know: a reference and
/// two others, as many as every finding about levels needs.
pub(crate) fn unknown_levels() -> Vec<Level> {
    vec![Level::any(); 3]
}

/// The values that occur: numbers by size, text by letter.
fn occurring_levels(table: &Table, column: &str, values: &Texts) -> Vec<Level> {
    let distinct: BTreeSet<&str> = values.iter().flatten().collect();
    let mut values: Vec<&str> = distinct.into_iter().collect();
    // By letter, 10 would come before 2. Every value is a
    // whole number in digits, so that nothing is put last.
    if columns::type_of(table, column) == Some(ColumnType::Whole) {
        values.sort_by_key(|value| value.parse::<i64>().unwrap_or(i64::MAX));
    }
    values.into_iter().map(Level::named).collect()
}

/// The hint of a level that has no id of its own.
pub(crate) const NAME_IT: &str = "ids of findings are made of letters and digits: give the level a name of its own by `level_ids: { level: name }` where its levels are declared";

/// Levels become parts of ids, so that each must have a name there.
fn check_slugs(column: &str, levels: &[Level]) -> Result<(), Mistake> {
    let printed = |level: &Level| Part::of_level(level).printed();
    // What only the data know has no id yet that could be wrong.
    for (place, level) in levels.iter().enumerate().filter(|(_, level)| !level.is_any()) {
        let part = printed(level);
        let twin = levels[..place].iter().find(|earlier| printed(earlier) == part);
        let problem = match twin {
            _ if part.is_empty() => {
                format!("level `{}` of `{column}` gives no id", revealed(&level.value))
            }
            // what tells them apart may be a mark that nobody sees
            Some(twin) => format!(
                "levels `{}` and `{}` of `{column}` give the same id `{part}`",
                revealed(&twin.value),
                revealed(&level.value)
            ),
            None => continue,
        };
        return Err(Mistake::new(problem).hint(NAME_IT));
    }
    Ok(())
}
