//! Values that stand in the expression: numbers, texts, dates, spans of time.

use sqlparser::ast::{Expr, Interval, TypedString, Value};

use crate::sql::calendar;
use crate::sql::calendar::Unit;
use crate::sql::error::SqlError;
use crate::sql::tree::{Literal, Tree};

/// A value as it stands in the text.
pub(super) fn literal(value: &Value) -> Result<Literal, SqlError> {
    match value {
        Value::Null => Ok(Literal::Missing),
        Value::Boolean(value) => Ok(Literal::Boolean(*value)),
        Value::SingleQuotedString(text) => Ok(Literal::Text(text.clone())),
        Value::Number(digits, _) => number(digits),
        other => Err(SqlError::syntax(format!("`{other}` is no value here"))
            .with("text stands in single quotes: 'male'")),
    }
}

fn number(digits: &str) -> Result<Literal, SqlError> {
    // Whole as long as it is written so: `1` beside `1.0` decides the type of a column.
    if let Ok(whole) = digits.parse::<i64>() {
        return Ok(Literal::Whole(whole));
    }
    let is_whole = digits.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
    match digits.parse::<f64>() {
        // It would lose its last digits as a real number, and an identifier may be meant.
        Ok(_) if is_whole => {
            let message = format!("`{digits}` is larger than a whole number can be");
            Err(SqlError::syntax(message).with("write it as a real number: `1e20`"))
        }
        Ok(real) if real.is_finite() => Ok(Literal::Real(real)),
        _ => Err(SqlError::syntax(format!("`{digits}` is no number"))),
    }
}

/// The number behind a minus sign, so that the smallest whole number can be written.
pub(super) fn negative(of: &Expr) -> Option<Result<Literal, SqlError>> {
    match of {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => Some(number(&format!("-{digits}"))),
            _ => None,
        },
        _ => None,
    }
}

/// `DATE '2024-01-31'`.
pub(super) fn typed(typed: &TypedString) -> Result<Literal, SqlError> {
    let kind = typed.data_type.to_string();
    let text = match &typed.value.value {
        Value::SingleQuotedString(text) => text.as_str(),
        _ => "",
    };
    if kind != "DATE" {
        let error = SqlError::syntax(format!("`{typed}` is no value here"));
        return Err(error.with("dates are whole days: `DATE '2024-01-31'`"));
    }
    calendar::read(text).map(Literal::Date).ok_or_else(|| {
        SqlError::syntax(format!("`{text}` is no date"))
            .with("write it as year-month-day: 2024-01-31")
    })
}

/// `INTERVAL '3 months'`, `INTERVAL '3' MONTH`, `INTERVAL 3 MONTH`.
pub(super) fn interval(interval: &Interval) -> Result<Tree, SqlError> {
    let written = match interval.value.as_ref() {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => text.clone(),
            Value::Number(digits, _) => digits.clone(),
            _ => String::new(),
        },
        _ => String::new(),
    };
    let unit = interval.leading_field.as_ref().map(ToString::to_string).unwrap_or_default();
    // The three ways to write it have the same words in the same order.
    let whole = format!("{written} {unit}");
    let words: Vec<&str> = whole.split_whitespace().collect();
    let read = match words.as_slice() {
        // `INTERVAL '1-2' YEAR TO MONTH` names two fields.
        [count, unit] if interval.last_field.is_none() => {
            count.parse::<i64>().ok().zip(Unit::read(unit))
        }
        _ => None,
    };
    match read {
        Some((count, unit)) => Ok(Tree::Interval { count, unit }),
        None => Err(SqlError::syntax(format!(
            "`{interval}` is no number of days, weeks, months or years"
        ))
        .with("write `date + INTERVAL '3 months'`, or `date + 90` for days")),
    }
}
