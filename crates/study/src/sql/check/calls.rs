//! The types of operators and functions.

use polars::prelude::{NewChunkedArray, StringChunked, StringNameSpaceImpl};

use super::{Checker, alike, compares, date_of, fit, literal_node, mixed};
use crate::sql::calendar;
use crate::sql::error::SqlError;
use crate::sql::functions::Function;
use crate::sql::parse::shortened;
use crate::sql::tree::{CastTo, Literal, Tree};
use crate::sql::typed::{Kind, Node, What};

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        function: Function,
        arguments: &[Tree],
        text: &str,
    ) -> Result<Node, SqlError> {
        // Before the arguments are checked, since an interval is no value by itself.
        if let Some(moved) = self.moved_by_interval(function, arguments, text) {
            return moved;
        }
        let nodes =
            arguments.iter().map(|argument| self.node(argument)).collect::<Result<Vec<_>, _>>()?;
        match function {
            Function::And | Function::Or => {
                let conditions = conditions(nodes, text)?;
                let what = if function == Function::And { What::And } else { What::Or };
                Ok(Node { kind: Kind::Boolean, what: what(conditions) })
            }
            Function::Not | Function::Xor | Function::IsTrue | Function::IsFalse => {
                let conditions = conditions(nodes, text)?;
                Ok(self.apply(function, conditions, Kind::Boolean, text))
            }
            Function::IsMissing => Ok(self.apply(function, nodes, Kind::Boolean, text)),
            function if compares(function) => {
                let (_, nodes) = alike(nodes, &format!("the sides of `{}`", shortened(text)))?;
                // A level that there is not holds on no row, and would be a silent zero.
                self.levels(&nodes)?;
                Ok(self.apply(function, nodes, Kind::Boolean, text))
            }
            Function::Coalesce => {
                let (kind, nodes) = alike(nodes, "the arguments of COALESCE")?;
                Ok(Node { kind, what: What::Coalesce(nodes) })
            }
            Function::NullIf | Function::Greatest | Function::Least => {
                let what = format!("the arguments of `{}`", shortened(text));
                let (kind, nodes) = alike(nodes, &what)?;
                if function == Function::NullIf {
                    self.levels(&nodes)?;
                }
                Ok(self.apply(function, nodes, kind, text))
            }
            Function::Concat | Function::ConcatWith | Function::Join => {
                // Joined as a reader would write them: numbers and dates become text.
                let texts = nodes.into_iter().map(|node| self.as_text(node)).collect();
                Ok(self.apply(function, texts, Kind::Text, text))
            }
            Function::Plus
            | Function::Minus
            | Function::Times
            | Function::Divide
            | Function::FloorDivide
            | Function::Modulo => self.arithmetic(function, nodes, text),
            Function::Negative
            | Function::Abs
            | Function::Sign
            | Function::Ceil
            | Function::Floor
            | Function::Round
            | Function::Truncate => self.rounding(function, nodes, text),
            function => self.plain(function, nodes, text),
        }
    }

    fn apply(&mut self, function: Function, arguments: Vec<Node>, kind: Kind, text: &str) -> Node {
        let place = self.place(text);
        Node { kind, what: What::Apply { function, arguments, place } }
    }

    /// A date plus or minus an interval.
    fn moved_by_interval(
        &mut self,
        function: Function,
        arguments: &[Tree],
        text: &str,
    ) -> Option<Result<Node, SqlError>> {
        let (date, count, unit) = match (function, arguments) {
            (Function::Plus, [date, Tree::Interval { count, unit }])
            | (Function::Plus, [Tree::Interval { count, unit }, date]) => {
                (date, Some(*count), *unit)
            }
            (Function::Minus, [date, Tree::Interval { count, unit }]) => {
                (date, count.checked_neg(), *unit)
            }
            _ => return None,
        };
        // A count that is no number leads to no date, which the addition then says.
        let count = literal_node(Literal::Whole(count.unwrap_or(i64::MAX)));
        let date = self.node(date);
        Some(date.and_then(|date| self.plain(Function::DateAdd(unit), vec![count, date], text)))
    }

    fn as_text(&mut self, node: Node) -> Node {
        if matches!(node.kind, Kind::Text | Kind::Missing) {
            return fit(node, Kind::Text);
        }
        let value = Box::new(node);
        let place = self.place("");
        Node { kind: Kind::Text, what: What::Cast { value, to: CastTo::Text, tried: false, place } }
    }

    fn arithmetic(
        &mut self,
        function: Function,
        nodes: Vec<Node>,
        text: &str,
    ) -> Result<Node, SqlError> {
        let [mut a, mut b] = <[Node; 2]>::try_from(nodes).expect("invariant: two operands");
        // `NULL + x` is missing whatever x is, and has no type of its own.
        if a.kind == Kind::Missing || b.kind == Kind::Missing {
            return Ok(literal_node(Literal::Missing));
        }
        if function == Function::Plus && b.kind == Kind::Date {
            (a, b) = (b, a);
        }
        if function == Function::Minus && (a.kind == Kind::Date) != (b.kind == Kind::Date) {
            // Beside a date, `'2021-03-05'` is meant as one.
            for side in [&mut a, &mut b] {
                if let What::Literal(Literal::Text(text)) = &side.what {
                    *side = date_of(text)?;
                }
            }
        }
        let both_whole = a.kind == Kind::Whole && b.kind == Kind::Whole;
        let kind = match (function, a.kind, b.kind) {
            (Function::Minus, Kind::Date, Kind::Date) => Kind::Whole,
            (Function::Plus | Function::Minus, Kind::Date, Kind::Whole) => Kind::Date,
            (_, a, b) if a.is_number() && b.is_number() => match function {
                // A whole number also of real ones: it counts how often something fits.
                Function::FloorDivide => Kind::Whole,
                // Real also of whole ones: `7 / 2` is 3.5 and not 3.
                Function::Divide => Kind::Real,
                _ if both_whole => Kind::Whole,
                _ => Kind::Real,
            },
            (_, a, b) => return Err(no_arithmetic(function, a, b, text)),
        };
        let dates = a.kind == Kind::Date;
        if !dates && (!both_whole || function == Function::Divide) {
            (a, b) = (fit(a, Kind::Real), fit(b, Kind::Real));
        }
        Ok(self.apply(function, vec![a, b], kind, text))
    }

    /// Functions of a number that keep its type.
    fn rounding(
        &mut self,
        function: Function,
        nodes: Vec<Node>,
        text: &str,
    ) -> Result<Node, SqlError> {
        let kind = nodes[0].kind;
        if kind == Kind::Missing {
            return Ok(literal_node(Literal::Missing));
        }
        if !kind.is_number() {
            return Err(needs(text, "a number", kind));
        }
        if let Some(digits) = nodes.get(1)
            // Fifteen digits are what a double holds. A number of digits that hangs on the row
            // would make a column that nobody can print.
            && !matches!(digits.what, What::Literal(Literal::Whole(-15..=15)))
        {
            let error = SqlError::types(format!(
                "`{}` rounds to no fixed number of digits",
                shortened(text)
            ));
            return Err(error.with("write a whole number from -15 to 15: `ROUND(x, 1)`"));
        }
        Ok(self.apply(function, nodes, kind, text))
    }

    /// Functions whose arguments have fixed types.
    fn plain(
        &mut self,
        function: Function,
        nodes: Vec<Node>,
        text: &str,
    ) -> Result<Node, SqlError> {
        let (wanted, kind) = signature(function);
        let mut arguments = Vec::with_capacity(nodes.len());
        for (node, wanted) in nodes.into_iter().zip(wanted) {
            let node = match (&node.what, wanted) {
                // A written date where a function wants one; a column has to be cast.
                (What::Literal(Literal::Text(text)), Kind::Date) => date_of(text)?,
                _ => fit(node, *wanted),
            };
            if node.kind != *wanted {
                return Err(needs(text, wanted.words(), node.kind));
            }
            arguments.push(node);
        }
        match (function, arguments.get(1).map(|argument| &argument.what)) {
            (Function::Matches, Some(What::Literal(Literal::Text(pattern)))) => {
                // Tried on an empty text, so that a bad pattern is a mistake of the file and not of
                // a row.
                let nothing = StringChunked::from_slice("".into(), &[""]);
                if nothing.contains(pattern, true).is_err() {
                    let message = format!("`{pattern}` is no regular expression");
                    return Err(SqlError::types(message));
                }
            }
            (Function::Matches, _) => {
                let message = "the pattern of REGEXP_LIKE must be written out as a text";
                return Err(SqlError::types(message).with("or use `STRPOS(text, part) > 0`"));
            }
            (Function::FormatDate, Some(What::Literal(Literal::Text(form))))
                // Likewise tried on the first day of 1970.
                if calendar::formatted(0, form).is_some() => {}
            (Function::FormatDate, _) => {
                let message =
                    "the form of STRFTIME must be a text of %Y, %m, %d, %j, %b, %B, %u and %%";
                return Err(SqlError::types(message));
            }
            _ => {}
        }
        Ok(self.apply(function, arguments, kind, text))
    }
}

/// The types of the arguments, as many as there can be, and of the result.
fn signature(function: Function) -> (&'static [Kind], Kind) {
    use Kind::{Boolean, Date, Real, Text, Whole};
    match function {
        Function::Curve(_) => (&[Real], Real),
        Function::Power | Function::Atan2 => (&[Real, Real], Real),
        Function::Pi => (&[], Real),
        Function::Length => (&[Text], Whole),
        Function::Position => (&[Text, Text], Whole),
        Function::StartsWith
        | Function::EndsWith
        | Function::Matches
        | Function::Like
        | Function::LikeAnyCase => (&[Text, Text], Boolean),
        Function::Left | Function::Right => (&[Text, Whole], Text),
        Function::Substring => (&[Text, Whole, Whole], Text),
        Function::PadLeft | Function::PadRight => (&[Text, Whole, Text], Text),
        Function::SplitPart => (&[Text, Text, Whole], Text),
        Function::ToDate => (&[Text], Date),
        Function::MakeDate => (&[Whole, Whole, Whole], Date),
        Function::FormatDate => (&[Date, Text], Text),
        Function::AgeYears | Function::DateDiff(_) => (&[Date, Date], Whole),
        Function::DateAdd(_) => (&[Whole, Date], Date),
        Function::DatePart(_) => (&[Date], Whole),
        _ => (&[Text, Text, Text], Text),
    }
}

fn conditions(nodes: Vec<Node>, text: &str) -> Result<Vec<Node>, SqlError> {
    let condition = |node: Node| match node.kind {
        Kind::Boolean | Kind::Missing => Ok(fit(node, Kind::Boolean)),
        found => Err(needs(text, "yes or no", found)),
    };
    nodes.into_iter().map(condition).collect()
}

fn needs(text: &str, wanted: &str, found: Kind) -> SqlError {
    let error = SqlError::types(format!(
        "`{}` needs {wanted}, but gets {}",
        shortened(text),
        found.words()
    ));
    match (wanted, found) {
        ("a whole number", Kind::Real) => {
            error.with("write `CAST(x AS INTEGER)`, or `ROUND` it first")
        }
        ("text", _) => error.with("write `CAST(x AS VARCHAR)`"),
        ("a date", Kind::Text) => {
            error.with("write `CAST(x AS DATE)`, or turn the column into dates with `parse_dates`")
        }
        ("a number" | "a whole number", Kind::Text) => error.with(
            "turn the column into numbers with `parse_numbers`, or write `CAST(x AS DOUBLE)`",
        ),
        ("yes or no", found) if found.is_number() => error.with("compare it: `x = 1`"),
        _ => error,
    }
}

fn no_arithmetic(function: Function, a: Kind, b: Kind, text: &str) -> SqlError {
    let shown = shortened(text);
    let error = match (a, b) {
        (Kind::Date, _) | (_, Kind::Date) => SqlError::types(format!(
            "`{shown}` makes no date and no number of days of {} and {}",
            a.words(),
            b.words()
        )),
        _ => mixed(a, b, &format!("the sides of `{shown}`")),
    };
    match (function, a, b) {
        (Function::Plus | Function::Minus, Kind::Date, Kind::Real) => error.with(
            "a date moves by whole days: `date + CAST(x AS INTEGER)`, or by `DATEADD(month, 3, date)`",
        ),
        (_, Kind::Date, _) | (_, _, Kind::Date) => {
            error.with("subtract two dates for a number of days: `(stop - start) / 7`")
        }
        (Function::Plus, Kind::Text, Kind::Text) => error.with("write `a || b` to join texts"),
        _ => error,
    }
}
