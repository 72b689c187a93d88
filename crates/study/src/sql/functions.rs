//! The functions that an expression can call. docs/expressions.md says what
//! each does, and a test holds that page against this list.

mod alternatives;

use super::calendar::{Part, Unit};
pub(crate) use alternatives::instead;

/// What is computed from arguments, be it written as an operator or a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    And,
    Or,
    Not,
    Xor,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    /// `IS NOT DISTINCT FROM`: equal, or both missing.
    Same,
    Between,
    In,
    IsMissing,
    IsTrue,
    IsFalse,
    Like,
    LikeAnyCase,
    Negative,
    Plus,
    Minus,
    Times,
    Divide,
    FloorDivide,
    Modulo,
    /// `||`.
    Join,
    If,
    Coalesce,
    NullIf,
    Greatest,
    Least,
    Abs,
    Sign,
    Ceil,
    Floor,
    Round,
    Truncate,
    Curve(Curve),
    Power,
    Atan2,
    Pi,
    Concat,
    ConcatWith,
    Length,
    Lower,
    Upper,
    InitCap,
    Trim,
    TrimLeft,
    TrimRight,
    Left,
    Right,
    Substring,
    Replace,
    Reverse,
    PadLeft,
    PadRight,
    StartsWith,
    EndsWith,
    Position,
    SplitPart,
    Matches,
    ToDate,
    MakeDate,
    FormatDate,
    AgeYears,
    /// `DATEDIFF` before its unit is read.
    DateDiffBy,
    DateDiff(Unit),
    DateAddBy,
    DateAdd(Unit),
    DatePartBy,
    DatePart(Part),
}

/// A function of one real number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    Sqrt,
    Cbrt,
    Exp,
    Ln,
    Log10,
    Log2,
    Log1p,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Degrees,
    Radians,
}

/// A function with how it is called.
pub(crate) struct Definition {
    /// Its names, the first of which is the one that is documented.
    pub(crate) names: &'static [&'static str],
    pub(crate) function: Function,
    /// The fewest and the most arguments.
    pub(crate) arguments: (usize, usize),
}

const fn one(names: &'static [&'static str], function: Function) -> Definition {
    Definition { names, function, arguments: (1, 1) }
}

const fn two(names: &'static [&'static str], function: Function) -> Definition {
    Definition { names, function, arguments: (2, 2) }
}

const fn three(names: &'static [&'static str], function: Function) -> Definition {
    Definition { names, function, arguments: (3, 3) }
}

const fn many(
    names: &'static [&'static str],
    function: Function,
    arguments: (usize, usize),
) -> Definition {
    Definition { names, function, arguments }
}

// As many as the bound on parts allows (`parse`).
const ANY: usize = usize::MAX;

/// Every function that can be called by name.
// By the alphabet of their first names: hints and the documentation list them so.
pub(crate) const FUNCTIONS: &[Definition] = &[
    one(&["ABS"], Function::Abs),
    one(&["ACOS"], Function::Curve(Curve::Acos)),
    two(&["AGE_YEARS"], Function::AgeYears),
    one(&["ASIN"], Function::Curve(Curve::Asin)),
    one(&["ATAN"], Function::Curve(Curve::Atan)),
    two(&["ATAN2"], Function::Atan2),
    one(&["CBRT"], Function::Curve(Curve::Cbrt)),
    one(&["CEIL", "CEILING"], Function::Ceil),
    many(&["COALESCE"], Function::Coalesce, (1, ANY)),
    many(&["CONCAT"], Function::Concat, (1, ANY)),
    many(&["CONCAT_WS"], Function::ConcatWith, (2, ANY)),
    one(&["COS"], Function::Curve(Curve::Cos)),
    one(&["DATE"], Function::ToDate),
    three(&["DATEADD"], Function::DateAddBy),
    three(&["DATEDIFF", "DATE_DIFF"], Function::DateDiffBy),
    two(&["DATE_PART"], Function::DatePartBy),
    one(&["DAY"], Function::DatePart(Part::Day)),
    one(&["DEGREES"], Function::Curve(Curve::Degrees)),
    two(&["DIV"], Function::FloorDivide),
    two(&["ENDS_WITH"], Function::EndsWith),
    one(&["EXP"], Function::Curve(Curve::Exp)),
    one(&["FLOOR"], Function::Floor),
    many(&["GREATEST"], Function::Greatest, (1, ANY)),
    three(&["IF"], Function::If),
    // Two arguments of a `COALESCE`: one meaning, one evaluation.
    two(&["IFNULL"], Function::Coalesce),
    one(&["INITCAP"], Function::InitCap),
    many(&["LEAST"], Function::Least, (1, ANY)),
    two(&["LEFT"], Function::Left),
    one(&["LENGTH", "CHAR_LENGTH", "CHARACTER_LENGTH"], Function::Length),
    one(&["LN"], Function::Curve(Curve::Ln)),
    one(&["LOG10"], Function::Curve(Curve::Log10)),
    one(&["LOG1P"], Function::Curve(Curve::Log1p)),
    one(&["LOG2"], Function::Curve(Curve::Log2)),
    one(&["LOWER"], Function::Lower),
    many(&["LPAD"], Function::PadLeft, (2, 3)),
    many(&["LTRIM"], Function::TrimLeft, (1, 2)),
    three(&["MAKE_DATE"], Function::MakeDate),
    two(&["MOD"], Function::Modulo),
    one(&["MONTH"], Function::DatePart(Part::Month)),
    two(&["NULLIF"], Function::NullIf),
    many(&["PI"], Function::Pi, (0, 0)),
    two(&["POWER", "POW"], Function::Power),
    one(&["RADIANS"], Function::Curve(Curve::Radians)),
    two(&["REGEXP_LIKE"], Function::Matches),
    three(&["REPLACE"], Function::Replace),
    one(&["REVERSE"], Function::Reverse),
    two(&["RIGHT"], Function::Right),
    many(&["ROUND"], Function::Round, (1, 2)),
    many(&["RPAD"], Function::PadRight, (2, 3)),
    many(&["RTRIM"], Function::TrimRight, (1, 2)),
    one(&["SIGN"], Function::Sign),
    one(&["SIN"], Function::Curve(Curve::Sin)),
    three(&["SPLIT_PART"], Function::SplitPart),
    one(&["SQRT"], Function::Curve(Curve::Sqrt)),
    two(&["STARTS_WITH"], Function::StartsWith),
    two(&["STRFTIME"], Function::FormatDate),
    two(&["STRPOS"], Function::Position),
    many(&["SUBSTR", "SUBSTRING"], Function::Substring, (2, 3)),
    one(&["TAN"], Function::Curve(Curve::Tan)),
    many(&["TRIM"], Function::Trim, (1, 2)),
    one(&["TRUNC", "TRUNCATE"], Function::Truncate),
    one(&["UPPER"], Function::Upper),
    one(&["YEAR"], Function::DatePart(Part::Year)),
];

/// The function of this name.
pub(crate) fn definition(name: &str) -> Option<&'static Definition> {
    FUNCTIONS.iter().find(|known| known.names.contains(&name))
}

/// The names of all functions, in the order of the alphabet.
pub fn function_names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().flat_map(|known| known.names.iter().copied())
}
