//! The values of a part of an expression on a block of rows.

use std::borrow::Cow;

use polars::prelude::{
    BooleanChunked, Float64Chunked, Int32Chunked, Int64Chunked, IntoSeries, NewChunkedArray,
    Series, StringChunked,
};

use super::tree::Literal;
use super::typed::Kind;
use crate::Table;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar<'a> {
    Missing,
    Text(Cow<'a, str>),
    Whole(i64),
    Real(f64),
    Boolean(bool),
    Date(i32),
}

/// A value a row, all of one type.
#[derive(Debug, Clone)]
pub(crate) enum Cells<'a> {
    Text(Vec<Option<Cow<'a, str>>>),
    Whole(Vec<Option<i64>>),
    Real(Vec<Option<f64>>),
    Boolean(Vec<Option<bool>>),
    Date(Vec<Option<i32>>),
}

impl<'a> Cells<'a> {
    /// As many missing values.
    pub(crate) fn missing(kind: Kind, rows: usize) -> Self {
        match kind {
            Kind::Text | Kind::Missing => Self::Text(vec![None; rows]),
            Kind::Whole => Self::Whole(vec![None; rows]),
            Kind::Real => Self::Real(vec![None; rows]),
            Kind::Boolean => Self::Boolean(vec![None; rows]),
            Kind::Date => Self::Date(vec![None; rows]),
        }
    }

    /// The same value in every row.
    pub(crate) fn repeated(literal: &'a Literal, kind: Kind, rows: usize) -> Self {
        match literal {
            Literal::Missing => Self::missing(kind, rows),
            Literal::Text(text) => Self::Text(vec![Some(Cow::Borrowed(text)); rows]),
            Literal::Whole(value) => Self::Whole(vec![Some(*value); rows]),
            Literal::Real(value) => Self::Real(vec![Some(*value); rows]),
            Literal::Boolean(value) => Self::Boolean(vec![Some(*value); rows]),
            Literal::Date(value) => Self::Date(vec![Some(*value); rows]),
        }
    }

    /// Some rows of a column, whose type was checked.
    pub(crate) fn column(table: &'a Table, name: &str, from: usize, rows: usize) -> Self {
        // Nothing is copied but the rows of the block, and texts are lent.
        let series = table.series(name).expect("invariant: checked");
        let part = from..from + rows;
        if let Ok(texts) = series.str() {
            return Self::Text(part.map(|row| texts.get(row).map(Cow::Borrowed)).collect());
        }
        if let Ok(values) = series.i64() {
            return Self::Whole(part.map(|row| values.get(row)).collect());
        }
        if let Ok(values) = series.f64() {
            return Self::Real(part.map(|row| values.get(row)).collect());
        }
        if let Ok(values) = series.bool() {
            return Self::Boolean(part.map(|row| values.get(row)).collect());
        }
        // Dates as days from here on: no expression sees a time of day.
        let days = series.date().expect("invariant: one of five types").physical();
        Self::Date(part.map(|row| days.get(row)).collect())
    }

    /// The value in a row of the block.
    pub(crate) fn at(&self, row: usize) -> Scalar<'_> {
        match self {
            Self::Text(cells) => {
                cells[row].as_deref().map_or(Scalar::Missing, |text| Scalar::Text(text.into()))
            }
            Self::Whole(cells) => cells[row].map_or(Scalar::Missing, Scalar::Whole),
            Self::Real(cells) => cells[row].map_or(Scalar::Missing, Scalar::Real),
            Self::Boolean(cells) => cells[row].map_or(Scalar::Missing, Scalar::Boolean),
            Self::Date(cells) => cells[row].map_or(Scalar::Missing, Scalar::Date),
        }
    }

    /// Writes a value of the same type into a row.
    pub(crate) fn put(&mut self, row: usize, value: Scalar<'a>) {
        match (self, value) {
            (Self::Text(cells), Scalar::Text(value)) => cells[row] = Some(value),
            (Self::Whole(cells), Scalar::Whole(value)) => cells[row] = Some(value),
            (Self::Real(cells), Scalar::Real(value)) => cells[row] = Some(value),
            (Self::Boolean(cells), Scalar::Boolean(value)) => cells[row] = Some(value),
            (Self::Date(cells), Scalar::Date(value)) => cells[row] = Some(value),
            // A missing value has every type.
            (cells, Scalar::Missing) => cells.clear(row),
            (cells, value) => unreachable!("invariant: {value:?} was checked to fit {cells:?}"),
        }
    }

    /// Makes a value missing.
    pub(crate) fn clear(&mut self, row: usize) {
        match self {
            Self::Text(cells) => cells[row] = None,
            Self::Whole(cells) => cells[row] = None,
            Self::Real(cells) => cells[row] = None,
            Self::Boolean(cells) => cells[row] = None,
            Self::Date(cells) => cells[row] = None,
        }
    }

    pub(crate) fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Text(cells) => cells[row].is_none(),
            Self::Whole(cells) => cells[row].is_none(),
            Self::Real(cells) => cells[row].is_none(),
            Self::Boolean(cells) => cells[row].is_none(),
            Self::Date(cells) => cells[row].is_none(),
        }
    }

    /// Takes the value of `other`, of the same type, into a row.
    pub(crate) fn take(&mut self, row: usize, other: &mut Self) {
        match (self, other) {
            // Moved, as each row is taken once.
            (Self::Text(cells), Self::Text(other)) => cells[row] = other[row].take(),
            (Self::Whole(cells), Self::Whole(other)) => cells[row] = other[row],
            (Self::Real(cells), Self::Real(other)) => cells[row] = other[row],
            (Self::Boolean(cells), Self::Boolean(other)) => cells[row] = other[row],
            (Self::Date(cells), Self::Date(other)) => cells[row] = other[row],
            (cells, other) => unreachable!("invariant: {other:?} was checked to fit {cells:?}"),
        }
    }

    /// Appends the rows of another block.
    pub(crate) fn append(&mut self, other: Self) {
        match (self, other) {
            (Self::Text(cells), Self::Text(other)) => cells.extend(other),
            (Self::Whole(cells), Self::Whole(other)) => cells.extend(other),
            (Self::Real(cells), Self::Real(other)) => cells.extend(other),
            (Self::Boolean(cells), Self::Boolean(other)) => cells.extend(other),
            (Self::Date(cells), Self::Date(other)) => cells.extend(other),
            (cells, other) => unreachable!("invariant: {other:?} was checked to fit {cells:?}"),
        }
    }

    /// The conditions, whose type was checked.
    pub(crate) fn conditions(self) -> Vec<Option<bool>> {
        match self {
            Self::Boolean(cells) => cells,
            other => unreachable!("invariant: {other:?} was checked to be conditions"),
        }
    }

    pub(crate) fn into_series(self, name: &str) -> Series {
        let name = name.into();
        match self {
            Self::Text(cells) => {
                StringChunked::from_iter_options(name, cells.into_iter()).into_series()
            }
            Self::Whole(cells) => {
                Int64Chunked::from_iter_options(name, cells.into_iter()).into_series()
            }
            Self::Real(cells) => {
                Float64Chunked::from_iter_options(name, cells.into_iter()).into_series()
            }
            Self::Boolean(cells) => {
                BooleanChunked::from_iter_options(name, cells.into_iter()).into_series()
            }
            Self::Date(cells) => {
                Int32Chunked::from_iter_options(name, cells.into_iter()).into_date().into_series()
            }
        }
    }
}
