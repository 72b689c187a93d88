//! Conditions in words, where they are simple: what a reader of a caption is
//! told of those for whom one holds.

use super::calendar;
use super::functions::Function;
use super::parse::parse;
use super::tree::{Literal, Tree};
use crate::{ColumnType, Table, in_sentence, in_unit};

impl Table {
    /// What holds of whom a condition keeps, as a clause: `age is at least 65
    /// years and sex is female`. None where it is more than comparisons of
    /// columns, joined by `AND` and `OR`.
    #[must_use]
    pub fn condition_in_words(&self, sql: &str) -> Option<String> {
        clause(&parse(sql).ok()?, self)
    }

    /// A column as within a sentence; one without a label by its name.
    fn named(&self, column: &str) -> String {
        let label = self.about(column).label;
        if label == column { label.replace('_', " ") } else { in_sentence(&label) }
    }
}

fn clause(tree: &Tree, table: &Table) -> Option<String> {
    let Tree::Call { function, arguments, .. } = tree else {
        // A yes/no column alone is a condition.
        return Some(format!("{} is yes", column(tree, table)?));
    };
    match (function, arguments.as_slice()) {
        (Function::And | Function::Or, parts) => {
            let word = if *function == Function::And { " and " } else { " or " };
            let said = parts.iter().map(|part| {
                // Brackets where AND and OR meet: in words nobody knows which binds tighter.
                let is_other = matches!(part, Tree::Call { function: own, .. }
                    if own != function && matches!(own, Function::And | Function::Or));
                let said = clause(part, table)?;
                Some(if is_other { format!("({said})") } else { said })
            });
            Some(said.collect::<Option<Vec<_>>>()?.join(word))
        }
        (Function::Not, [of]) => opposite(of, table),
        (Function::IsMissing, [of]) => Some(format!("{} is missing", column(of, table)?)),
        (Function::IsTrue, [of]) => Some(format!("{} is yes", column(of, table)?)),
        (Function::IsFalse, [of]) => Some(format!("{} is no", column(of, table)?)),
        (Function::In, [of, values @ ..]) => {
            Some(format!("{} is {}", column(of, table)?, any(of, values, table)?))
        }
        (Function::Between, [of, low, high]) => {
            Some(format!("{} is {}", column(of, table)?, within(of, low, high, table)?))
        }
        (function, [left, right]) => compared(*function, left, right, table),
        _ => None,
    }
}

/// What is said of those for whom a part of a condition does not hold.
fn opposite(tree: &Tree, table: &Table) -> Option<String> {
    let Tree::Call { function, arguments, .. } = tree else {
        return Some(format!("{} is no", column(tree, table)?));
    };
    match (function, arguments.as_slice()) {
        (Function::IsMissing, [of]) => Some(format!("{} is known", column(of, table)?)),
        (Function::In, [of, values @ ..]) => {
            Some(format!("{} is not {}", column(of, table)?, any(of, values, table)?))
        }
        (Function::Between, [of, low, high]) => {
            Some(format!("{} is not {}", column(of, table)?, within(of, low, high, table)?))
        }
        (Function::Not, [of]) => clause(of, table),
        _ => None,
    }
}

/// A column beside a value, or beside another column.
fn compared(function: Function, left: &Tree, right: &Tree, table: &Table) -> Option<String> {
    use Function::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    // `65 > age` is said of the age.
    let function = match (left, function) {
        (Tree::Literal(_), Less) => Greater,
        (Tree::Literal(_), LessEqual) => GreaterEqual,
        (Tree::Literal(_), Greater) => Less,
        (Tree::Literal(_), GreaterEqual) => LessEqual,
        (_, own) => own,
    };
    let (left, right) =
        if matches!(left, Tree::Literal(_)) { (right, left) } else { (left, right) };
    let other = match right {
        Tree::Literal(_) => value(left, right, table)?,
        _ => column(right, table)?,
    };
    // Dates come before and after, numbers are below and above.
    let is_date = table.type_of(name(left)?) == Some(ColumnType::Date);
    let word = match (function, is_date) {
        (Equal, _) => "",
        (NotEqual, _) => "not ",
        (Less, false) => "below ",
        (Less, true) => "before ",
        (LessEqual, false) => "at most ",
        (LessEqual, true) => "on or before ",
        (Greater, false) => "above ",
        (Greater, true) => "after ",
        (GreaterEqual, false) => "at least ",
        (GreaterEqual, true) => "on or after ",
        _ => return None,
    };
    Some(format!("{} is {word}{other}", column(left, table)?))
}

fn any(of: &Tree, values: &[Tree], table: &Table) -> Option<String> {
    let said = values.iter().map(|one| bare(of, one, table)).collect::<Option<Vec<_>>>()?;
    let joined = match said.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => said.concat(),
    };
    Some(in_its_unit(of, &joined, table))
}

fn within(of: &Tree, low: &Tree, high: &Tree, table: &Table) -> Option<String> {
    let both = format!("from {} to {}", bare(of, low, table)?, bare(of, high, table)?);
    Some(in_its_unit(of, &both, table))
}

fn name(tree: &Tree) -> Option<&str> {
    match tree {
        Tree::Column(name) => Some(name),
        _ => None,
    }
}

fn column(tree: &Tree, table: &Table) -> Option<String> {
    Some(table.named(name(tree)?))
}

/// A value of a column with its unit.
fn value(of: &Tree, literal: &Tree, table: &Table) -> Option<String> {
    Some(in_its_unit(of, &bare(of, literal, table)?, table))
}

fn in_its_unit(of: &Tree, values: &str, table: &Table) -> String {
    let about = name(of).map(|name| table.about(name)).unwrap_or_default();
    in_unit(values, about.unit.as_deref())
}

/// A value of a column, a level by its words.
fn bare(of: &Tree, literal: &Tree, table: &Table) -> Option<String> {
    let Tree::Literal(literal) = literal else { return None };
    let level = |value: &str| {
        let levels = table.about(name(of)?).levels;
        levels.into_iter().find(|level| level.value == value).map(|level| in_sentence(&level.label))
    };
    match literal {
        // A comparison with NULL holds for nobody: such a condition is shown as it is
        // written.
        Literal::Missing => None,
        Literal::Text(text) => Some(level(text).unwrap_or_else(|| text.clone())),
        Literal::Whole(number) => {
            Some(level(&number.to_string()).unwrap_or_else(|| number.to_string()))
        }
        Literal::Real(number) => Some(number.to_string()),
        Literal::Boolean(answer) => Some(if *answer { "yes" } else { "no" }.to_owned()),
        Literal::Date(day) => Some(calendar::write(*day)),
    }
}
