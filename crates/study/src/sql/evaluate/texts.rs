//! Functions of texts. Letters are counted, not bytes.

use std::borrow::Cow;

use polars::prelude::{NewChunkedArray, StringChunked, StringNameSpaceImpl};

use super::fault::{Fault, LONGEST_TEXT};
use crate::sql::cells::{Cells, Scalar};
use crate::sql::functions::Function;

/// The texts one behind the other, missing ones left out.
pub(super) fn joined(given: &[Scalar<'_>], between: &str) -> Result<Scalar<'static>, Fault> {
    let texts: Vec<&str> = given
        .iter()
        .filter_map(|value| match value {
            Scalar::Text(text) => Some(text.as_ref()),
            _ => None,
        })
        .collect();
    // Asked before the text is made.
    let length: usize = texts.iter().map(|text| text.len() + between.len()).sum();
    // The sum counts one separator too many.
    if length > LONGEST_TEXT + between.len() {
        return Err(Fault::TooLong);
    }
    Ok(text(texts.join(between)))
}

fn text(value: impl Into<String>) -> Scalar<'static> {
    Scalar::Text(Cow::Owned(value.into()))
}

/// Whether the texts match a pattern, which was checked.
pub(super) fn matches<'a>(cells: &[Cells<'a>]) -> Cells<'a> {
    let [Cells::Text(texts), Cells::Text(patterns)] = cells else {
        unreachable!("invariant: two texts were checked");
    };
    // The same in every row: it was checked to be written out.
    let pattern = patterns.first().cloned().flatten().unwrap_or_default();
    let texts = StringChunked::from_iter_options("".into(), texts.iter().map(Option::as_deref));
    let found = texts.contains(&pattern, true).expect("invariant: the pattern was checked");
    Cells::Boolean(found.iter().collect())
}

/// The value of a function of texts.
pub(super) fn apply(function: Function, given: &[Scalar<'_>]) -> Result<Scalar<'static>, Fault> {
    let [Scalar::Text(of), rest @ ..] = given else {
        unreachable!("invariant: {function:?} was checked to fit {given:?}");
    };
    let of = of.as_ref();
    Ok(match (function, rest) {
        // Of characters, so that `Ö` is one letter.
        (Function::Length, _) => whole(of.chars().count()),
        (Function::Lower, _) => text(of.to_lowercase()),
        (Function::Upper, _) => text(of.to_uppercase()),
        (Function::InitCap, _) => text(capitals(of)),
        (Function::Reverse, _) => text(of.chars().rev().collect::<String>()),
        (Function::Trim, rest) => text(of.trim_matches(among(rest))),
        (Function::TrimLeft, rest) => text(of.trim_start_matches(among(rest))),
        (Function::TrimRight, rest) => text(of.trim_end_matches(among(rest))),
        (Function::Left, [Scalar::Whole(count)]) => text(slice(of, 0, until(of, *count))),
        (Function::Right, [Scalar::Whole(count)]) => {
            let letters = length(of);
            text(slice(of, letters - until(of, *count), letters))
        }
        (Function::Substring, [Scalar::Whole(from), rest @ ..]) => text(substring(of, *from, rest)),
        (Function::Replace, [Scalar::Text(from), Scalar::Text(to)]) => replaced(of, from, to)?,
        (Function::PadLeft | Function::PadRight, [Scalar::Whole(width), rest @ ..]) => {
            text(padded(of, *width, rest, function == Function::PadLeft)?)
        }
        (Function::StartsWith, [Scalar::Text(part)]) => {
            Scalar::Boolean(of.starts_with(part.as_ref()))
        }
        (Function::EndsWith, [Scalar::Text(part)]) => Scalar::Boolean(of.ends_with(part.as_ref())),
        (Function::Position, [Scalar::Text(part)]) => {
            // From 1, and 0 where it is not in it, as in SQL.
            whole(of.find(part.as_ref()).map_or(0, |at| of[..at].chars().count() + 1))
        }
        (Function::SplitPart, [Scalar::Text(at), Scalar::Whole(number)]) => {
            text(part(of, at, *number))
        }
        (Function::Like, [Scalar::Text(pattern)]) => Scalar::Boolean(like(of, pattern)),
        (Function::LikeAnyCase, [Scalar::Text(pattern)]) => {
            Scalar::Boolean(like(&of.to_lowercase(), &pattern.to_lowercase()))
        }
        (function, rest) => unreachable!("invariant: {function:?} was checked to fit {rest:?}"),
    })
}

fn whole(count: usize) -> Scalar<'static> {
    Scalar::Whole(i64::try_from(count).unwrap_or(i64::MAX))
}

fn length(of: &str) -> i64 {
    i64::try_from(of.chars().count()).unwrap_or(i64::MAX)
}

/// Where the first `count` letters end; below zero, all but the last ones.
fn until(of: &str, count: i64) -> i64 {
    let letters = length(of);
    if count < 0 { letters.saturating_add(count).max(0) } else { count.min(letters) }
}

/// The letters from one place to another.
fn slice(of: &str, from: i64, until: i64) -> String {
    // Places below the first are the first.
    let from = usize::try_from(from.max(0)).unwrap_or(usize::MAX);
    let until = usize::try_from(until.max(0)).unwrap_or(usize::MAX);
    of.chars().skip(from).take(until.saturating_sub(from)).collect()
}

/// `SUBSTR(text, from, length)`: the first letter is the first, as in SQL.
fn substring(of: &str, from: i64, rest: &[Scalar<'_>]) -> String {
    let from = from.saturating_sub(1);
    match rest {
        // The end is counted from the place that was asked for, also where that lies before
        // the text.
        [Scalar::Whole(count)] => slice(of, from, from.saturating_add((*count).max(0))),
        _ => slice(of, from, i64::MAX),
    }
}

fn capitals(of: &str) -> String {
    let mut begins = true;
    let mut made = String::with_capacity(of.len());
    for letter in of.chars() {
        if begins {
            made.extend(letter.to_uppercase());
        } else {
            made.extend(letter.to_lowercase());
        }
        // Behind a hyphen or an apostrophe a word begins anew.
        begins = !letter.is_alphanumeric();
    }
    made
}

/// The letters to trim: those that are given, or white space.
fn among(rest: &[Scalar<'_>]) -> impl FnMut(char) -> bool {
    let listed: Option<Vec<char>> = match rest {
        [Scalar::Text(listed)] => Some(listed.chars().collect()),
        _ => None,
    };
    move |letter| listed.as_ref().map_or(letter.is_whitespace(), |listed| listed.contains(&letter))
}

fn replaced(of: &str, from: &str, to: &str) -> Result<Scalar<'static>, Fault> {
    if from.is_empty() {
        return Ok(text(of));
    }
    // Asked before it is made: a short expression can want gigabytes.
    let longest = of.len() + of.matches(from).count() * to.len();
    // A text that was long already may stay as long.
    if longest > LONGEST_TEXT.max(of.len()) {
        return Err(Fault::TooLong);
    }
    Ok(text(of.replace(from, to)))
}

fn padded(of: &str, width: i64, rest: &[Scalar<'_>], left: bool) -> Result<String, Fault> {
    let letters = length(of);
    if width <= letters {
        return Ok(slice(of, 0, width));
    }
    let wanted = usize::try_from(width - letters).unwrap_or(usize::MAX);
    if wanted > LONGEST_TEXT {
        return Err(Fault::TooLong);
    }
    let with = match rest {
        [Scalar::Text(with)] => with.as_ref(),
        _ => " ",
    };
    let filling: String = with.chars().cycle().take(wanted).collect();
    Ok(if left { filling + of } else { of.to_owned() + &filling })
}

/// The numbered part between separators, from 1, or from the end below zero.
fn part(of: &str, at: &str, number: i64) -> String {
    if at.is_empty() {
        return if number == 1 || number == -1 { of.to_owned() } else { String::new() };
    }
    let parts: Vec<&str> = of.split(at).collect();
    let index = match number {
        0 => None,
        1.. => usize::try_from(number - 1).ok(),
        // Counted from the end.
        _ => usize::try_from(number.unsigned_abs()).ok().and_then(|n| parts.len().checked_sub(n)),
    };
    index.and_then(|index| parts.get(index)).map(ToString::to_string).unwrap_or_default()
}

/// `LIKE`: `%` stands for any letters, `_` for one, a backslash takes the next
/// letter as it is. Walks back to the last `%` only, which is enough.
fn like(of: &str, pattern: &str) -> bool {
    #[derive(PartialEq)]
    enum Piece {
        Any,
        One,
        Letter(char),
    }
    let mut pieces = Vec::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        pieces.push(match letter {
            '%' => Piece::Any,
            '_' => Piece::One,
            '\\' => Piece::Letter(letters.next().unwrap_or('\\')),
            other => Piece::Letter(other),
        });
    }
    let of: Vec<char> = of.chars().collect();
    let (mut at, mut piece, mut back) = (0, 0, None);
    while at < of.len() {
        match pieces.get(piece) {
            Some(Piece::Any) => {
                back = Some((piece, at));
                piece += 1;
            }
            Some(Piece::One) => (at, piece) = (at + 1, piece + 1),
            Some(Piece::Letter(letter)) if *letter == of[at] => (at, piece) = (at + 1, piece + 1),
            // No letter fits: the last `%` takes one more. Earlier ones need not be tried
            // again.
            _ => match &mut back {
                Some((any, from)) => {
                    *from += 1;
                    (at, piece) = (*from, *any + 1);
                }
                None => return false,
            },
        }
    }
    pieces[piece..].iter().all(|piece| *piece == Piece::Any)
}
