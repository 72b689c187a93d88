//! The typed values of one column, gathered cell by cell.

use polars::prelude::*;

use crate::cell::Value;
use crate::column::ColumnType;

/// The values of a column, by type.
pub(crate) enum Values {
    Text(StringChunkedBuilder),
    Whole(PrimitiveChunkedBuilder<Int64Type>),
    Real(PrimitiveChunkedBuilder<Float64Type>),
    Boolean(BooleanChunkedBuilder),
    Date(PrimitiveChunkedBuilder<Int32Type>),
}

impl Values {
    pub(crate) fn new(name: &str, column_type: ColumnType) -> Self {
        let name = PlSmallStr::from_str(name);
        match column_type {
            ColumnType::Text | ColumnType::Id | ColumnType::Category => {
                // how many rows there are is known only at the end
                Self::Text(StringChunkedBuilder::new(name, 0))
            }
            ColumnType::Whole => Self::Whole(PrimitiveChunkedBuilder::new(name, 0)),
            ColumnType::Real => Self::Real(PrimitiveChunkedBuilder::new(name, 0)),
            ColumnType::Boolean => Self::Boolean(BooleanChunkedBuilder::new(name, 0)),
            ColumnType::Date => Self::Date(PrimitiveChunkedBuilder::new(name, 0)),
        }
    }

    pub(crate) fn push(&mut self, value: Option<Value<'_>>) {
        match (self, value) {
            (Self::Text(values), Some(Value::Text(text))) => values.append_value(text),
            (Self::Whole(values), Some(Value::Whole(number))) => values.append_value(number),
            (Self::Real(values), Some(Value::Real(number))) => values.append_value(number),
            (Self::Boolean(values), Some(Value::Boolean(yes))) => values.append_value(yes),
            (Self::Date(values), Some(Value::Date(days))) => values.append_value(days),
            (Self::Text(values), None) => values.append_null(),
            (Self::Whole(values), None) => values.append_null(),
            (Self::Real(values), None) => values.append_null(),
            (Self::Boolean(values), None) => values.append_null(),
            (Self::Date(values), None) => values.append_null(),
            _ => unreachable!("invariant: a column's cells have its type"),
        }
    }

    pub(crate) fn finish(self) -> Series {
        match self {
            Self::Text(values) => values.finish().into_series(),
            Self::Whole(values) => values.finish().into_series(),
            Self::Real(values) => values.finish().into_series(),
            Self::Boolean(values) => values.finish().into_series(),
            Self::Date(values) => values.finish().into_date().into_series(),
        }
    }
}
