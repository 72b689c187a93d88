//! Which values are missing, column by column, and which are missing together.

use std::collections::BTreeMap;

use engine::{Mistake, Mistakes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Level, MissingPattern, MissingPatterns, Part, Procedure, Quantity};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::arms::{Arm, Arms, OfArm};
use crate::book::{Basis, Book, Told};
use crate::by::By;
use crate::columns::{self, ColumnType};
use crate::guard::ImmortalTime;
use crate::population::Population;
use crate::rehearsal::Rehearsal;

/// Missing values: by group the patients without a value of each column, and the patients by their
/// pattern, which is the set of columns of which they have no value. The patterns are numbered from
/// the one that most patients have on.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MissingValues {
    /// The columns.
    pub variables: Vec<String>,
    /// How many patterns are told apart; the rarer ones count together, as `other`.
    #[serde(default = "twelve")]
    #[schemars(range(min = 1, max = 1000))]
    pub most_patterns: usize,
    /// Column whose levels make the groups; all patients together without it.
    #[serde(default)]
    pub by: Option<By>,
    /// SQL condition on the analysis table; only patients for whom it holds are looked at.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where the groups are known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

fn twelve() -> usize {
    12
}

/// A pattern: what it is called, and the sets of columns that it stands for.
struct Pattern {
    level: Level,
    sets: Vec<Vec<bool>>,
}

/// What the patterns stand under in ids, as if they were levels of a column.
const PATTERN: &str = "pattern";

impl Analysis for MissingValues {
    const NAME: &'static str = "missing_values";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref())
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        rehearsal.list("variables", &self.variables, false);
        for (place, variable) in self.variables.iter().enumerate() {
            let at = ["variables", &place.to_string()];
            // Only whether there is a value is shown, so that
            // even a column that names patients may be looked at.
            rehearsal.column(variable, &at);
            if variable == PATTERN {
                let message = "a column `pattern` has the ids of the patterns themselves";
                rehearsal.push(Mistake::at(&at, message).hint("give it another name"));
            }
        }
        rehearsal.groups(self.by.as_ref(), None, self.immortal_time);
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let population = checked.population();
        // Nobody is left out for a missing value: that is what is counted.
        let everybody: Vec<usize> = (0..population.n()).collect();
        let arms = Arms::new(population, self.by.as_ref(), everybody)?.beside_all()?;
        let missing = self.missing(population);
        let patterns = self.patterns(&missing, &arms, checked.is_rehearsed());
        let mut book = checked.book();
        for (code, arm) in arms.each() {
            let finding = book.count(&[Part::statistic("n")], "n", arm.n).in_arm(arm);
            book.push(finding.from(arm.basis(None)).by_method(Procedure::Count));
            let members: Vec<usize> =
                arms.members(code).into_iter().map(|place| arms.included[place]).collect();
            for (variable, is_missing) in self.variables.iter().zip(&missing) {
                let count = members.iter().filter(|patient| is_missing[**patient]).count();
                let levels = [("missing", count), ("known", members.len() - count)];
                record(&mut book, variable, arm, levels.map(|(name, n)| (Level::named(name), n)));
            }
            let of = |pattern: &Pattern| {
                let fits =
                    // A pattern is a set of columns, and `other` stands for several sets.
                    |patient: &&usize| pattern.sets.contains(&pattern_of(&missing, **patient));
                (pattern.level.clone(), members.iter().filter(fits).count())
            };
            record(&mut book, PATTERN, arm, patterns.iter().map(of));
        }
        let category = arms.category.as_ref();
        let variable = |name: &String| Level::new(name.as_str(), population.label(name));
        let figure = MissingPatterns {
            by_label: category.map(|category| category.label.clone()),
            groups: category.map(|category| category.levels.clone()).unwrap_or_default(),
            variables: self.variables.iter().map(variable).collect(),
            patterns: (patterns.into_iter())
                .map(|own| MissingPattern {
                    level: own.level.value,
                    together: own.sets.len(),
                    // What stands for several patterns has no one set of columns to draw.
                    missing: if let [one] = own.sets.as_slice() { one.clone() } else { Vec::new() },
                })
                .collect(),
            warnings: book.warnings().to_vec(),
        };
        Ok(Analysed::new(book, None, &arms.included).with_figures(figure))
    }
}

impl MissingValues {
    /// Of each column, which patients have no value of it.
    fn missing(&self, population: &Population<'_>) -> Vec<Vec<bool>> {
        let rows = population.rows_of(&(0..population.n()).collect::<Vec<_>>());
        let of = |column: &String| {
            let known = known(population.table, column);
            rows.iter().map(|row| !known[*row]).collect()
        };
        self.variables.iter().map(of).collect()
    }

    /// The patterns of those in a group, the commonest first, with what they are
    /// called: the missing columns.
    fn patterns(&self, missing: &[Vec<bool>], arms: &Arms, is_rehearsed: bool) -> Vec<Pattern> {
        if is_rehearsed {
            // Which patterns there are is known from the data alone.
            return vec![Pattern { level: Level::any(), sets: Vec::new() }];
        }
        let mut counted: BTreeMap<Vec<bool>, usize> = BTreeMap::new();
        for patient in &arms.included {
            *counted.entry(pattern_of(missing, *patient)).or_default() += 1;
        }
        let mut patterns: Vec<(Vec<bool>, usize)> = counted.into_iter().collect();
        // Patterns of as many patients go by the columns, in
        // their declared order: no order hangs on the rows.
        patterns.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
        let rare: Vec<Vec<bool>> =
            patterns.iter().skip(self.most_patterns).map(|(pattern, _)| pattern.clone()).collect();
        // one alone is no rarer for a name of its own
        let told = if rare.len() > 1 { self.most_patterns } else { patterns.len() };
        let named = patterns.into_iter().take(told).enumerate();
        let named = named.map(|(place, (set, _))| {
            let names = self.variables.iter().zip(&set).filter(|(_, missing)| **missing);
            let names: Vec<&str> = names.map(|(name, _)| name.as_str()).collect();
            // An empty set has no columns to be named by.
            let value = if names.is_empty() { "none".to_owned() } else { names.join(" ") };
            // Ids are numbers, because a list of columns could be as long as the table is wide.
            let level = Level::named(value).with_id(Some((place + 1).to_string()));
            Pattern { level, sets: vec![set] }
        });
        let other = Pattern { level: Level::named("other"), sets: rare };
        named.chain((other.sets.len() > 1).then_some(other)).collect()
    }
}

/// The columns of which a patient has no value.
fn pattern_of(missing: &[Vec<bool>], patient: usize) -> Vec<bool> {
    missing.iter().map(|column| column[patient]).collect()
}

/// Which rows have a value of a column of whatever type.
fn known(table: &study::Table, column: &str) -> Vec<bool> {
    match columns::type_of(table, column) {
        // A value is known if it can be read as the column's own type.
        Some(ColumnType::Whole | ColumnType::Real) => {
            let values = columns::numbers(table, column).unwrap_or_default();
            values.iter().map(Option::is_some).collect()
        }
        Some(ColumnType::Date) => {
            let values = columns::dates(table, column).unwrap_or_default();
            values.iter().map(Option::is_some).collect()
        }
        _ => {
            let values = columns::categories(table, column);
            values
                .map_or_else(Vec::new, |values| values.iter().map(|cell| cell.is_some()).collect())
        }
    }
}

/// Counts and shares of the levels of a column in a group.
fn record(
    book: &mut Book,
    variable: &str,
    arm: &Arm,
    levels: impl IntoIterator<Item = (Level, usize)>,
) {
    for (level, count) in levels {
        let basis = Basis { events: Some(count), ..arm.basis(None) };
        let finding = book.count(&[Part::statistic("count")], "count", count);
        let finding = finding.of_variable(variable).of_level(&level).in_arm(arm);
        book.push(finding.from(basis).by_method(Procedure::Count));
        // Of all patients of the group, because nobody is left out.
        let share = count as f64 / arm.n as f64;
        let parts = [Part::statistic("proportion")];
        let finding = book.draft(&parts, "proportion", Quantity::Proportion, share);
        let finding = finding.of_variable(variable).of_level(&level).in_arm(arm);
        book.push(finding.from(basis).by_method(Procedure::Proportion));
    }
}
