//! Functions by name, and the casts.

use sqlparser::ast::{
    CastKind, CeilFloorKind, DateTimeField, Expr, Function as Called, FunctionArg, FunctionArgExpr,
    FunctionArguments, TrimWhereField, Value,
};

use super::Builder;
use crate::sql::calendar::{Part, Unit};
use crate::sql::error::SqlError;
use crate::sql::functions::{self, Function};
use crate::sql::tree::{CastTo, Tree, When};

impl Builder {
    /// Everything that is written as a function.
    pub(super) fn named(&mut self, parsed: &Expr, depth: usize) -> Result<Tree, SqlError> {
        match parsed {
            Expr::Function(called) => self.function(called, parsed, depth),
            Expr::Ceil { expr, field } => self.rounded(Function::Ceil, expr, field, parsed, depth),
            Expr::Floor { expr, field } => {
                self.rounded(Function::Floor, expr, field, parsed, depth)
            }
            Expr::Position { expr, r#in } => {
                // The text first, as in STRPOS.
                self.call(Function::Position, &[r#in, expr], parsed, depth)
            }
            Expr::Substring { expr, substring_from: Some(from), substring_for, .. } => {
                let parts: Vec<&Expr> =
                    [expr, from].into_iter().chain(substring_for).map(AsRef::as_ref).collect();
                self.call(Function::Substring, &parts, parsed, depth)
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters } => {
                let function = match trim_where {
                    Some(TrimWhereField::Leading) => Function::TrimLeft,
                    Some(TrimWhereField::Trailing) => Function::TrimRight,
                    _ => Function::Trim,
                };
                let listed = trim_characters.iter().flatten();
                let parts: Vec<&Expr> = std::iter::once(expr.as_ref())
                    .chain(trim_what.as_deref())
                    .chain(listed)
                    .collect();
                self.call(function, &parts, parsed, depth)
            }
            Expr::Extract { field, expr, .. } => {
                let part = part(&field.to_string())?;
                self.call(Function::DatePart(part), &[expr], parsed, depth)
            }
            // A `FORMAT` would be a second way to read dates.
            Expr::Cast { kind, expr, data_type, array: false, format: None } => {
                let to = cast_to(&data_type.to_string())?;
                let value = Box::new(self.tree(expr, depth + 1)?);
                let tried = matches!(kind, CastKind::TryCast | CastKind::SafeCast);
                Ok(Tree::Cast { value, to, tried, text: parsed.to_string() })
            }
            Expr::CompoundIdentifier(_) => {
                let error = SqlError::syntax(format!("`{parsed}` names a table"));
                Err(error.with("a rule looks at one table: name the column alone, in double quotes if there is a dot in it"))
            }
            Expr::InSubquery { .. } | Expr::Subquery(_) | Expr::Exists { .. } => {
                let error = SqlError::syntax("a query within an expression is not possible");
                Err(error.with("bring the other table in by a `join` rule"))
            }
            _ => Err(SqlError::syntax(format!("`{parsed}` is no expression on a row"))),
        }
    }

    fn rounded(
        &mut self,
        function: Function,
        of: &Expr,
        field: &CeilFloorKind,
        parsed: &Expr,
        depth: usize,
    ) -> Result<Tree, SqlError> {
        // the parser's way to say that nothing but the number was given
        let plain = matches!(field, CeilFloorKind::DateTimeField(DateTimeField::NoDateTime));
        if !plain {
            return Err(SqlError::syntax(format!("`{parsed}` takes one number")));
        }
        self.call(function, &[of], parsed, depth)
    }

    fn function(&mut self, called: &Called, parsed: &Expr, depth: usize) -> Result<Tree, SqlError> {
        let name = called.name.to_string().to_uppercase();
        // A window looks at other rows.
        let windowed =
            called.over.is_some() || called.filter.is_some() || !called.within_group.is_empty();
        let Some(known) = functions::definition(&name).filter(|_| !windowed) else {
            // As it was written, and not in capitals: it is searched for in the file.
            let function = called.name.to_string();
            let windows = "an expression looks at one row at a time: `summarize` makes a value of several rows, `select_row` picks one by an order";
            let instead =
                if windowed { Some(windows.to_owned()) } else { functions::instead(&name) };
            return Err(SqlError::UnknownFunction { function, instead });
        };
        let parts = arguments(&called.args, parsed)?;
        let (fewest, most) = known.arguments;
        // Counted before the types: too many arguments would be cut off in silence.
        if !(fewest..=most).contains(&parts.len()) {
            return Err(wrong_count(known.function, &name, known.arguments, parts.len()));
        }
        match known.function {
            Function::If => self.choice(&parts, depth),
            Function::DateDiffBy => {
                let function = Function::DateDiff(unit(parts[0])?);
                self.call(function, &parts[1..], parsed, depth)
            }
            Function::DateAddBy => {
                let function = Function::DateAdd(unit(parts[0])?);
                self.call(function, &parts[1..], parsed, depth)
            }
            Function::DatePartBy => {
                let part = part(&word(parts[0]).unwrap_or_else(|| parts[0].to_string()))?;
                self.call(Function::DatePart(part), &parts[1..], parsed, depth)
            }
            function => self.call(function, &parts, parsed, depth),
        }
    }

    /// `IF(condition, then, otherwise)` is a `CASE`.
    fn choice(&mut self, parts: &[&Expr], depth: usize) -> Result<Tree, SqlError> {
        let when = When {
            condition: self.tree(parts[0], depth + 1)?,
            value: self.tree(parts[1], depth + 1)?,
            text: parts[0].to_string(),
        };
        let otherwise = Some(Box::new(self.tree(parts[2], depth + 1)?));
        Ok(Tree::Case { branches: vec![when], otherwise })
    }
}

fn arguments<'a>(given: &'a FunctionArguments, parsed: &Expr) -> Result<Vec<&'a Expr>, SqlError> {
    let list = match given {
        FunctionArguments::None => return Ok(Vec::new()),
        FunctionArguments::List(list)
            if list.duplicate_treatment.is_none() && list.clauses.is_empty() =>
        {
            &list.args
        }
        _ => return Err(SqlError::syntax(format!("`{parsed}` is no call of a function here"))),
    };
    let plain = |argument: &'a FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Ok(expression),
        other => Err(SqlError::syntax(format!("`{other}` is no argument here"))),
    };
    list.iter().map(plain).collect()
}

fn wrong_count(
    function: Function,
    name: &str,
    (fewest, most): (usize, usize),
    found: usize,
) -> SqlError {
    let wanted = match (fewest, most) {
        (fewest, usize::MAX) => format!("at least {fewest}"),
        (fewest, most) if fewest == most => fewest.to_string(),
        (fewest, most) => format!("{fewest} to {most}"),
    };
    let plural = if (fewest, most) == (1, 1) { "argument" } else { "arguments" };
    let error =
        SqlError::syntax(format!("{name} takes {wanted} {plural}, but {found} stand there"));
    match function {
        // programs differ in which of two dates comes first, so that is not guessed
        Function::DateDiffBy => {
            error.with("write `DATEDIFF(day, from, to)`, or `to - from` for days")
        }
        Function::DateAddBy => {
            error.with("write `DATEADD(month, 3, date)`, or `date + 90` for days")
        }
        _ => error,
    }
}

/// A word that is written plainly or in quotes.
fn word(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Identifier(name) => Some(name.value.clone()),
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn unit(expression: &Expr) -> Result<Unit, SqlError> {
    word(expression).and_then(|word| Unit::read(&word)).ok_or_else(|| {
        let error = SqlError::syntax(format!("`{expression}` is no unit of time here"));
        error.with("the units are day, week, month and year: `DATEDIFF(month, from, to)`")
    })
}

fn part(word: &str) -> Result<Part, SqlError> {
    Part::read(word).ok_or_else(|| {
        let error = SqlError::syntax(format!("`{word}` is no part of a date here"));
        error.with(
            "the parts are year, quarter, month, day, doy (of the year) and isodow (Monday is 1)",
        )
    })
}

fn cast_to(written: &str) -> Result<CastTo, SqlError> {
    let whole = |low, high| Ok(CastTo::Whole { low, high });
    match written.to_uppercase().as_str() {
        "BIGINT" | "INT8" | "INT64" | "LONG" | "SIGNED" => whole(i64::MIN, i64::MAX),
        "INT" | "INTEGER" | "INT4" | "INT32" => whole(i32::MIN.into(), i32::MAX.into()),
        "SMALLINT" | "INT2" | "INT16" => whole(i16::MIN.into(), i16::MAX.into()),
        "TINYINT" | "INT1" => whole(i8::MIN.into(), i8::MAX.into()),
        // Whole numbers have 63 bits and a sign here.
        "UINT64" | "UBIGINT" | "BIGINT UNSIGNED" | "UINT8" => whole(0, i64::MAX),
        "UINTEGER" | "UINT32" | "INT UNSIGNED" | "INTEGER UNSIGNED" => whole(0, u32::MAX.into()),
        "USMALLINT" | "UINT16" | "SMALLINT UNSIGNED" => whole(0, u16::MAX.into()),
        "UTINYINT" | "TINYINT UNSIGNED" => whole(0, u8::MAX.into()),
        "REAL" | "FLOAT" | "DOUBLE" | "DOUBLE PRECISION" | "FLOAT4" | "FLOAT8" | "FLOAT64"
        | "NUMERIC" | "DECIMAL" => Ok(CastTo::Real),
        "VARCHAR" | "TEXT" | "STRING" | "CHAR" | "CHARACTER VARYING" | "NVARCHAR" => {
            Ok(CastTo::Text)
        }
        "BOOLEAN" | "BOOL" => Ok(CastTo::Boolean),
        "DATE" => Ok(CastTo::Date),
        other => {
            let error = SqlError::syntax(format!("no value can be cast to {other}"));
            Err(match other.split(['(', ' ']).next().unwrap_or_default() {
                "NUMERIC" | "DECIMAL" | "DEC" => {
                    // A decimal of so many digits would be rounded in silence.
                    error.with("write `ROUND(x, 2)` for a number of digits")
                }
                "VARCHAR" | "CHAR" | "NVARCHAR" | "CHARACTER" => {
                    error.with("write `LEFT(text, 10)` for a length")
                }
                "TIMESTAMP" | "DATETIME" | "TIMESTAMPTZ" | "TIME" => {
                    error.with("dates are whole days here: cast to DATE")
                }
                _ => error.with("cast to VARCHAR, INTEGER, BIGINT, DOUBLE, BOOLEAN or DATE"),
            })
        }
    }
}
