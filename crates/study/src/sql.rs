//! SQL expressions on a table: derived variables and filters are written in
//! them, so that there is no language of our own to learn.

use polars::prelude::*;
use polars::sql::sql_expr;

use crate::Table;

/// An expression that does not work on this table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// It does not parse, or calls a function that there is not.
    #[error("SQL expression is not understood: {0}")]
    Syntax(String),
    /// It names a column that the table does not have.
    #[error("SQL expression names a column `{column}` that the table does not have")]
    UnknownColumn {
        /// The column as written.
        column: String,
    },
    /// It parses, but does not go with the types of the columns.
    #[error("SQL expression does not fit the columns: {0}")]
    Types(String),
    /// A filter that is not yes or no.
    #[error("SQL condition gives {found}, not yes or no")]
    NotCondition {
        /// The type it gives.
        found: String,
    },
}

impl Table {
    /// Evaluates an expression on every row: one value a row, as text, whole,
    /// real, yes/no or date; a difference of dates comes out in whole days.
    ///
    /// # Errors
    /// If the expression does not parse or does not fit the table.
    pub fn evaluate(&self, sql: &str, name: &str) -> Result<Series, SqlError> {
        let expression = sql_expr(sql).map_err(|error| SqlError::Syntax(first_line(&error)))?;
        for column in expression.clone().meta().root_names() {
            if self.frame.column(&column).is_err() {
                return Err(SqlError::UnknownColumn { column: column.to_string() });
            }
        }
        // a literal alone has one row: beside the frame it is repeated for every row
        let whole = self.frame.clone().lazy().with_column(expression.alias(name)).collect();
        let whole = whole.map_err(|error| SqlError::Types(first_line(&error)))?;
        let column = whole.column(name).expect("invariant: the column was just added");
        passed_type(column.as_materialized_series())
            .map_err(|error| SqlError::Types(first_line(&error)))
    }

    /// Evaluates a condition: true where it holds; a row on which it is unknown
    /// (a missing value) does not hold.
    ///
    /// # Errors
    /// If the expression does not parse, does not fit, or is no condition.
    pub fn holds(&self, sql: &str) -> Result<Vec<bool>, SqlError> {
        let series = self.evaluate(sql, "__condition")?;
        let condition = series
            .bool()
            .map_err(|_| SqlError::NotCondition { found: type_in_words(series.dtype()) })?;
        Ok(condition.iter().map(|value| value == Some(true)).collect())
    }
}

fn passed_type(series: &Series) -> PolarsResult<Series> {
    match series.dtype() {
        DataType::Duration(unit) => {
            let per_day = match unit {
                TimeUnit::Nanoseconds => 86_400_000_000_000,
                TimeUnit::Microseconds => 86_400_000_000,
                TimeUnit::Milliseconds => 86_400_000,
            };
            let days = series
                .duration()?
                .physical()
                .iter()
                .map(|ticks| ticks.map(|ticks| ticks / per_day));
            Ok(Int64Chunked::from_iter_options(series.name().clone(), days).into_series())
        }
        DataType::Datetime(_, _) => series.cast(&DataType::Date),
        DataType::Null => series.cast(&DataType::String),
        other if other.is_integer() => series.cast(&DataType::Int64),
        other if other.is_float() => series.cast(&DataType::Float64),
        _ => Ok(series.clone()),
    }
}

fn type_in_words(kind: &DataType) -> String {
    match kind {
        DataType::String => "text".to_owned(),
        DataType::Int64 => "a whole number".to_owned(),
        DataType::Float64 => "a number".to_owned(),
        DataType::Date => "a date".to_owned(),
        other => other.to_string(),
    }
}

/// The first line of what polars says; the rest is its query plan.
fn first_line(error: &PolarsError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let date = |name: &str, days: [Option<i32>; 3]| {
            Int32Chunked::from_iter_options(name.into(), days.into_iter()).into_date().into_column()
        };
        let frame = DataFrame::new(
            3,
            vec![
                Column::new("age".into(), [Some(61.5), None, Some(40.0)]),
                Column::new("ecog".into(), [0i64, 1, 2]),
                Column::new("site".into(), ["oral", "larynx", "oral"]),
                date("start", [Some(17_000), Some(17_010), Some(17_020)]),
                date("stop", [Some(17_152), None, Some(17_020)]),
            ],
        );
        Table { frame: frame.expect("columns of one length"), ..Table::default() }
    }

    #[test]
    fn a_difference_of_dates_is_in_days() {
        let days = table().evaluate("stop - start", "days").expect("fits");
        assert_eq!(
            days.i64().expect("whole").iter().collect::<Vec<_>>(),
            [Some(152), None, Some(0)]
        );
    }

    #[test]
    fn an_unknown_condition_does_not_hold() {
        assert_eq!(table().holds("age > 50").expect("fits"), [true, false, false]);
        assert_eq!(table().holds("stop IS NOT NULL").expect("fits"), [true, false, true]);
        assert_eq!(
            table().holds("site = 'oral' AND ecog < 2").expect("fits"),
            [true, false, false]
        );
    }

    #[test]
    fn cases_and_literals_give_a_value_a_row() {
        let group = table().evaluate(
            "CASE WHEN age >= 60 THEN 'old' WHEN age IS NULL THEN NULL ELSE 'young' END",
            "g",
        );
        assert_eq!(
            group.expect("fits").str().expect("text").iter().collect::<Vec<_>>(),
            [Some("old"), None, Some("young")]
        );
        assert_eq!(table().evaluate("1", "one").expect("fits").len(), 3);
    }

    #[test]
    fn mistakes_are_told_apart() {
        assert_eq!(
            table().evaluate("agee + 1", "x").expect_err("no such column"),
            SqlError::UnknownColumn { column: "agee".into() }
        );
        assert!(matches!(table().evaluate("age +", "x"), Err(SqlError::Syntax(_))));
        assert!(matches!(table().evaluate("nosuch(age)", "x"), Err(SqlError::Syntax(_))));
        assert_eq!(
            table().holds("ecog"),
            Err(SqlError::NotCondition { found: "a whole number".into() })
        );
    }
}
