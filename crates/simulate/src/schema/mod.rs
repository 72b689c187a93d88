//! What the export declares about itself: tables, columns, code lists.

mod levels;
mod tables;

pub use levels::{CODE_LISTS, CodeList, Level, code_list, level_code, level_of};
pub use tables::TABLES;

/// Which ways of writing a date occur in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateStyle {
    /// 2021-03-05 alone.
    Iso,
    /// ISO, Chinese, Excel serial, and slashes with the day first.
    DayFirst,
    /// As day first, but slashes with the month first occur too.
    BothOrders,
}

/// The type of a column after cleaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A record number.
    Id,
    /// Free text.
    Text,
    /// A calendar date.
    Date(DateStyle),
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// A level of a code list.
    Category,
}

impl Kind {
    /// The name in the dictionary.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Text => "text",
            Self::Date(_) => "date",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Category => "category",
        }
    }

    /// The date formats in the dictionary, empty for other types.
    #[must_use]
    pub fn formats(self) -> &'static str {
        match self {
            Self::Date(DateStyle::Iso) => "iso",
            Self::Date(DateStyle::DayFirst) => "iso;chinese;excel_serial;day_month_year",
            // the month first is declared only where it occurs: elsewhere slashes are never
            // ambiguous
            Self::Date(DateStyle::BothOrders) => {
                "iso;chinese;excel_serial;day_month_year;month_day_year"
            }
            _ => "",
        }
    }
}

/// A column's declaration.
#[derive(Debug)]
pub struct Column {
    /// Its header.
    pub name: &'static str,
    /// Its type after cleaning.
    pub kind: Kind,
    /// Its unit after cleaning.
    pub unit: &'static str,
    /// The code list of a category.
    pub levels: Option<&'static str>,
    /// Codes that mean missing, beside the empty cell.
    pub missing: &'static [&'static str],
    /// Plausible range, `low..high`, both included.
    pub range: &'static str,
    /// What it holds, where the name does not say.
    pub label: &'static str,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, lines end in LF.
    Utf8,
    /// UTF-8 with a byte order mark, lines end in CRLF.
    Utf8BomCrlf,
    /// GB18030, lines end in LF.
    Gb18030,
}

/// A table's declaration.
#[derive(Debug)]
pub struct TableSchema {
    /// Its name; the file is `<name>.csv`.
    pub name: &'static str,
    /// How its file is written.
    pub encoding: Encoding,
    /// What a row is.
    pub label: &'static str,
    /// Its columns, in order.
    pub columns: &'static [Column],
}
