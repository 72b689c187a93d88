//! The values of one column: the five types that stages pass, and the one
//! place that tells them apart.

use polars::prelude::*;
use serde::{Deserialize, Serialize};

/// The types of column that stages pass on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Text; a category is text with declared levels.
    Text,
    /// Whole numbers.
    Whole,
    /// Real numbers.
    Real,
    /// Yes or no.
    YesNo,
    /// Days of the calendar.
    Date,
}

impl ColumnType {
    /// The type in words, as it stands after "holds".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Whole => "whole numbers",
            Self::Real => "numbers",
            Self::YesNo => "yes or no",
            Self::Date => "dates",
        }
    }

    /// Whether a mean of it makes sense.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(self, Self::Whole | Self::Real)
    }

    /// The type of polars' columns of this type.
    #[must_use]
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::String,
            Self::Whole => DataType::Int64,
            Self::Real => DataType::Float64,
            Self::YesNo => DataType::Boolean,
            Self::Date => DataType::Date,
        }
    }

    /// The type of a column of polars; none for types that stages do not pass.
    #[must_use]
    pub fn of(found: &DataType) -> Option<Self> {
        // One place that knows both names of a type.
        Some(match found {
            DataType::String => Self::Text,
            DataType::Int64 => Self::Whole,
            DataType::Float64 => Self::Real,
            DataType::Boolean => Self::YesNo,
            DataType::Date => Self::Date,
            _ => return None,
        })
    }
}

/// The values of one column, row by row; a missing one is `None`.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Texts.
    Text(Vec<Option<String>>),
    /// Whole numbers.
    Whole(Vec<Option<i64>>),
    /// Real numbers.
    Real(Vec<Option<f64>>),
    /// Yes or no.
    YesNo(Vec<Option<bool>>),
    /// Days since 1970-01-01.
    Date(Vec<Option<i32>>),
}

impl Values {
    /// The values as a column of polars.
    pub fn into_series(self, name: &str) -> Series {
        let name = PlSmallStr::from_str(name);
        match self {
            Self::Text(cells) => {
                let cells = cells.iter().map(Option::as_deref);
                StringChunked::from_iter_options(name, cells).into_series()
            }
            Self::Whole(cells) => {
                Int64Chunked::from_iter_options(name, cells.into_iter()).into_series()
            }
            Self::Real(cells) => {
                Float64Chunked::from_iter_options(name, cells.into_iter()).into_series()
            }
            Self::YesNo(cells) => {
                BooleanChunked::from_iter_options(name, cells.into_iter()).into_series()
            }
            Self::Date(cells) => {
                Int32Chunked::from_iter_options(name, cells.into_iter()).into_date().into_series()
            }
        }
    }

    /// The values of a column of polars; none for types that stages do not pass.
    #[must_use]
    pub fn of(series: &Series) -> Option<Self> {
        let fits = "invariant: the type was just read";
        Some(match ColumnType::of(series.dtype())? {
            ColumnType::Text => {
                let texts = series.str().expect(fits).iter();
                Self::Text(texts.map(|value| value.map(str::to_owned)).collect())
            }
            ColumnType::Whole => Self::Whole(series.i64().expect(fits).iter().collect()),
            ColumnType::Real => Self::Real(series.f64().expect(fits).iter().collect()),
            ColumnType::YesNo => Self::YesNo(series.bool().expect(fits).iter().collect()),
            // Days, as polars keeps them beneath.
            ColumnType::Date => Self::Date(series.date().expect(fits).physical().iter().collect()),
        })
    }
}
