//! From text to tree. The text is parsed by sqlparser, once; what a table
//! cannot evaluate (queries, windows, clocks) is refused here, and so is what
//! is too long or too deep to be walked on the stack of a worker thread.

mod calls;
mod literals;

use std::thread;

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::error::SqlError;
use super::functions::Function;
use super::tree::{Tree, When};

/// The longest expression, in bytes: 800 `WHEN`s of 80 characters each.
const LONGEST: usize = 65_536;
/// How deep operators and functions may stand in one another. `AND`, `OR` and
/// `||` in a row count once. The walks need up to 5 KB of stack a level, and a
/// worker thread has 2 MB.
const DEEPEST: usize = 100;
/// The most parts of an expression: operands that stand for several, as that of
/// a `CASE x WHEN`, are written out, which could double at each level.
const MOST: usize = 50_000;
/// The most arguments of a function: a block of rows of each is held at once.
const MOST_ARGUMENTS: usize = 1000;
/// The parser's own tree may be as deep as the text is long, and is walked and
/// dropped by recursion.
const STACK: usize = 128 << 20;

/// Parses an expression.
pub(crate) fn parse(sql: &str) -> Result<Tree, SqlError> {
    // Before the parser sees it.
    if sql.len() > LONGEST {
        let message = format!("it has {} bytes, and {LONGEST} are the most", sql.len());
        return Err(SqlError::TooLarge { message });
    }
    let failed = || SqlError::Failed { expression: shortened(sql) };
    thread::scope(|scope| {
        let parser = thread::Builder::new().stack_size(STACK);
        // In a thread with a stack for the worst case: the parser's own bound on depth does
        // not hold for all of its trees.
        let parser = parser.spawn_scoped(scope, || parse_here(sql)).map_err(|_| failed())?;
        // a panic of the parser is its bug: it must not end the run
        parser.join().unwrap_or_else(|_| Err(failed()))
    })
}

fn parse_here(sql: &str) -> Result<Tree, SqlError> {
    if sql.trim().is_empty() {
        return Err(SqlError::syntax("it is empty"));
    }
    let mut parser =
        Parser::new(&GenericDialect).try_with_sql(sql).map_err(|error| not_parsed(&error))?;
    let parsed = parser.parse_expr().map_err(|error| not_parsed(&error))?;
    let next = parser.peek_token().token;
    // `age > 3; DROP` is two things, and only one would be read.
    if next != Token::EOF {
        return Err(SqlError::syntax(format!("nothing can follow `{parsed}`, but `{next}` does")));
    }
    Builder { parts: 0 }.tree(&parsed, 0)
}

fn not_parsed(error: &ParserError) -> SqlError {
    match error {
        ParserError::RecursionLimitExceeded => too_deep(),
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            let message = match message.strip_suffix("found: EOF") {
                Some(start) => format!("{start}found the end"),
                None => message.clone(),
            };
            SqlError::syntax(lower_first(&message))
        }
    }
}

fn lower_first(message: &str) -> String {
    let mut letters = message.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn too_deep() -> SqlError {
    let message = format!("its parts stand in one another more than {DEEPEST} levels deep");
    SqlError::TooLarge { message }
}

/// A part of an expression as a message shows it.
pub(crate) fn shortened(text: &str) -> String {
    const SHOWN: usize = 120;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// Turns the parser's tree into ours.
struct Builder {
    parts: usize,
}

impl Builder {
    fn tree(&mut self, parsed: &Expr, depth: usize) -> Result<Tree, SqlError> {
        // Counted here, since every part passes this way.
        self.parts += 1;
        if self.parts > MOST {
            let message = format!("it has more than {MOST} parts when it is written out");
            return Err(SqlError::TooLarge { message });
        }
        if depth > DEEPEST {
            return Err(too_deep());
        }
        match parsed {
            Expr::Nested(inner) => self.tree(inner, depth + 1),
            Expr::Identifier(name) => Ok(Tree::Column(name.value.clone())),
            Expr::Value(value) => literals::literal(&value.value).map(Tree::Literal),
            Expr::TypedString(typed) => literals::typed(typed).map(Tree::Literal),
            Expr::Interval(interval) => literals::interval(interval),
            Expr::UnaryOp { op, expr } => self.unary(*op, expr, parsed, depth),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right, parsed, depth),
            Expr::Case { operand, conditions, else_result, .. } => {
                let mut branches = Vec::with_capacity(conditions.len());
                for when in conditions {
                    branches.push(self.when(operand.as_deref(), when, depth)?);
                }
                let otherwise = match else_result {
                    Some(otherwise) => Some(Box::new(self.tree(otherwise, depth + 1)?)),
                    None => None,
                };
                Ok(Tree::Case { branches, otherwise })
            }
            other => match self.test(other, depth) {
                Some(tested) => tested,
                None => self.named(other, depth),
            },
        }
    }

    fn when(
        &mut self,
        operand: Option<&Expr>,
        when: &sqlparser::ast::CaseWhen,
        depth: usize,
    ) -> Result<When, SqlError> {
        let condition = self.tree(&when.condition, depth + 1)?;
        let value = self.tree(&when.result, depth + 1)?;
        let Some(operand) = operand else {
            return Ok(When { condition, value, text: when.condition.to_string() });
        };
        // The operand is written out for each branch, so that `CASE x WHEN` has the three
        // answers of a comparison.
        let text = format!("{operand} = {}", when.condition);
        let arguments = vec![self.tree(operand, depth + 1)?, condition];
        let condition = Tree::Call { function: Function::Equal, arguments, text: text.clone() };
        Ok(When { condition, value, text })
    }

    /// A call on parts of `parsed`.
    fn call(
        &mut self,
        function: Function,
        parts: &[&Expr],
        parsed: &Expr,
        depth: usize,
    ) -> Result<Tree, SqlError> {
        // These are evaluated one operand after the other, and hold no block of each.
        let in_turn = matches!(function, Function::And | Function::Or | Function::In);
        if parts.len() > MOST_ARGUMENTS && !in_turn {
            let count = parts.len();
            let message =
                format!("it joins {count} values at once, and {MOST_ARGUMENTS} are the most");
            return Err(SqlError::TooLarge { message });
        }
        let arguments =
            parts.iter().map(|part| self.tree(part, depth + 1)).collect::<Result<Vec<_>, _>>()?;
        Ok(Tree::Call { function, arguments, text: parsed.to_string() })
    }

    fn unary(
        &mut self,
        operator: UnaryOperator,
        of: &Expr,
        parsed: &Expr,
        depth: usize,
    ) -> Result<Tree, SqlError> {
        match operator {
            // A sign that changes nothing.
            UnaryOperator::Plus => self.tree(of, depth + 1),
            UnaryOperator::Not | UnaryOperator::BangNot => {
                self.call(Function::Not, &[of], parsed, depth)
            }
            // The smallest whole number has no positive counterpart, and could not be written
            // as the opposite of one.
            UnaryOperator::Minus => match literals::negative(of) {
                Some(literal) => literal.map(Tree::Literal),
                None => self.call(Function::Negative, &[of], parsed, depth),
            },
            other => Err(SqlError::syntax(format!("`{other}` is no operator here"))),
        }
    }

    fn binary(
        &mut self,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
        parsed: &Expr,
        depth: usize,
    ) -> Result<Tree, SqlError> {
        let function = match operator {
            BinaryOperator::And => return self.row(parsed, operator, Function::And, depth),
            BinaryOperator::Or => return self.row(parsed, operator, Function::Or, depth),
            BinaryOperator::StringConcat => {
                return self.row(parsed, operator, Function::Join, depth);
            }
            BinaryOperator::Xor => Function::Xor,
            BinaryOperator::Eq => Function::Equal,
            BinaryOperator::NotEq => Function::NotEqual,
            BinaryOperator::Lt => Function::Less,
            BinaryOperator::LtEq => Function::LessEqual,
            BinaryOperator::Gt => Function::Greater,
            BinaryOperator::GtEq => Function::GreaterEqual,
            BinaryOperator::Spaceship => Function::Same,
            BinaryOperator::Plus => Function::Plus,
            BinaryOperator::Minus => Function::Minus,
            BinaryOperator::Multiply => Function::Times,
            BinaryOperator::Divide => Function::Divide,
            BinaryOperator::DuckIntegerDivide | BinaryOperator::MyIntegerDivide => {
                Function::FloorDivide
            }
            BinaryOperator::Modulo => Function::Modulo,
            BinaryOperator::PGRegexMatch => Function::Matches,
            other => {
                let error = SqlError::syntax(format!("`{other}` is no operator here"));
                return Err(match other {
                    BinaryOperator::BitwiseAnd => error.with("write `AND`"),
                    BinaryOperator::BitwiseOr => error.with("write `OR`"),
                    BinaryOperator::BitwiseXor | BinaryOperator::PGExp => {
                        error.with("write `POWER(x, 2)`")
                    }
                    _ => error,
                });
            }
        };
        self.call(function, &[left, right], parsed, depth)
    }

    /// Operands of one operator in a row: the parser nests them to the left,
    /// here they stand side by side, so that 200 of them are no depth.
    fn row(
        &mut self,
        parsed: &Expr,
        operator: &BinaryOperator,
        function: Function,
        depth: usize,
    ) -> Result<Tree, SqlError> {
        let mut operands = Vec::new();
        let mut rest = parsed;
        // Down the left side for as long as the operator is the same.
        while let Expr::BinaryOp { left, op, right } = rest
            && op == operator
        {
            operands.push(right.as_ref());
            rest = left;
        }
        operands.push(rest);
        operands.reverse();
        self.call(function, &operands, parsed, depth)
    }

    /// Conditions with words of their own: `IS NULL`, `BETWEEN`, `IN`, `LIKE`.
    fn test(&mut self, parsed: &Expr, depth: usize) -> Option<Result<Tree, SqlError>> {
        let (function, parts, negated): (_, Vec<&Expr>, _) = match parsed {
            Expr::IsNull(of) | Expr::IsUnknown(of) => (Function::IsMissing, vec![of], false),
            Expr::IsNotNull(of) | Expr::IsNotUnknown(of) => (Function::IsMissing, vec![of], true),
            Expr::IsTrue(of) => (Function::IsTrue, vec![of], false),
            Expr::IsNotTrue(of) => (Function::IsTrue, vec![of], true),
            Expr::IsFalse(of) => (Function::IsFalse, vec![of], false),
            Expr::IsNotFalse(of) => (Function::IsFalse, vec![of], true),
            Expr::IsNotDistinctFrom(a, b) => (Function::Same, vec![a, b], false),
            Expr::IsDistinctFrom(a, b) => (Function::Same, vec![a, b], true),
            Expr::Between { expr, negated, low, high } => {
                (Function::Between, vec![expr, low, high], *negated)
            }
            Expr::InList { expr, list, negated } => {
                let parts = std::iter::once(expr.as_ref()).chain(list).collect();
                (Function::In, parts, *negated)
            }
            // With an `ESCAPE` of its own it is refused below: here a backslash is the one.
            Expr::Like { negated, any: false, expr, pattern, escape_char: None } => {
                (Function::Like, vec![expr, pattern], *negated)
            }
            Expr::ILike { negated, any: false, expr, pattern, escape_char: None } => {
                (Function::LikeAnyCase, vec![expr, pattern], *negated)
            }
            Expr::RLike { negated, expr, pattern, .. } => {
                (Function::Matches, vec![expr, pattern], *negated)
            }
            _ => return None,
        };
        let tested = self.call(function, &parts, parsed, depth);
        // As the opposite of the plain test, so that unknown stays unknown.
        Some(tested.map(|tested| if negated { negation(tested) } else { tested }))
    }
}

fn negation(of: Tree) -> Tree {
    Tree::Call { function: Function::Not, arguments: vec![of], text: String::new() }
}
