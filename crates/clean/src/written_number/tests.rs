//! Every way of writing a number, under every declaration of its marks.

use WrittenNumber::{Above, Below, DecimalComma, Mended, Plain, Unreadable};

use super::*;

fn mended(value: f64, why: &str) -> WrittenNumber {
    Mended(value, why.to_owned())
}

fn unread(why: &str) -> WrittenNumber {
    Unreadable(why.to_owned())
}

fn check(decimals: Decimals, thousands: &[char], cases: &[(&str, WrittenNumber)]) {
    // A sign and a unit, for all cases.
    let strip = ["%".to_owned(), "kg".to_owned()];
    let writing = Writing { decimals, thousands, strip: &strip };
    for (text, expected) in cases {
        assert_eq!(&read(text, &writing), expected, "{text} with {decimals:?} and {thousands:?}");
    }
}

const GROUPED: &str = "marks of thousands taken out";

#[test]
fn the_point_marks_decimals() {
    check(
        Decimals::Point,
        &[],
        &[
            ("12.5", Plain(12.5)),
            ("1.234", Plain(1.234)),
            ("-3", Plain(-3.0)),
            ("+3", Plain(3.0)),
            (".5", Plain(0.5)),
            ("5.", Plain(5.0)),
            ("1e3", Plain(1000.0)),
            ("1.5E-3", Plain(0.0015)),
            ("1e+05", Plain(100_000.0)),
            (" 12.5\u{A0}", mended(12.5, "plain digits")),
            ("１２．５", mended(12.5, "plain digits")),
            ("\u{2212}2.5", mended(-2.5, "plain digits")),
            ("20%", mended(20.0, "`%` taken off")),
            ("20 ％", mended(20.0, "`%` taken off")),
            ("65 KG", mended(65.0, "`kg` taken off")),
            ("12,5", DecimalComma(12.5)),
            ("1,5E-3", DecimalComma(0.0015)),
            ("0,125", DecimalComma(0.125)),
            ("1,234", unread("the comma may mark thousands or decimals")),
            ("1,234,567", unread("the comma may mark thousands: declare it in `thousands`")),
            ("12,345.67", unread("the comma may mark thousands: declare it in `thousands`")),
            ("1 234,5", unread("the blank may mark thousands: declare it in `thousands`")),
            ("1'234.5", unread("the apostrophe may mark thousands: declare it in `thousands`")),
            ("1.234,5", unread("the point may mark thousands: declare it in `thousands`")),
            ("<1", Below(1.0)),
            ("≤ 0.5", Below(0.5)),
            (">=1", Above(1.0)),
            ("＞１%", Above(1.0)),
            ("12.5-", unread("a minus behind the number may be a sign, or a range cut off")),
            ("(12,5)", unread("brackets around the number may mean a minus")),
            ("5‰", unread("a sign of percent that is not declared in `strip`")),
        ],
    );
    // No number in any country, too large, too small, or not one number.
    for text in [
        "<", "nan", "inf", "NA", "1e999", "1e-400", "12 5", "%", "abc", "", "1,23,456", "1.2.3",
        "--1", ",", ".", "e3", "1,,2", "1/2", "3-4", "0x1F", "1 23",
    ] {
        check(Decimals::Point, &[], &[(text, unread("no number"))]);
    }
}

#[test]
fn marks_of_thousands_are_taken_out_where_declared() {
    check(
        Decimals::Point,
        &[',', ' ', '\''],
        &[
            ("1,234", mended(1234.0, GROUPED)),
            ("-1,234,567.25", mended(-1_234_567.25, GROUPED)),
            ("1 234", mended(1234.0, GROUPED)),
            ("1'234.5", mended(1234.5, GROUPED)),
            ("1.234", Plain(1.234)),
            ("12,5", unread("no number")),
            ("12,34,567", unread("no number")),
        ],
    );
}

#[test]
fn where_either_marks_decimals_three_digits_are_a_question() {
    check(
        Decimals::Either,
        &[],
        &[
            ("12.5", Plain(12.5)),
            ("12,5", DecimalComma(12.5)),
            ("0.125", Plain(0.125)),
            ("1234.567", Plain(1234.567)),
            ("1.234", unread("the point may mark thousands or decimals")),
            ("1,234", unread("the comma may mark thousands or decimals")),
            ("1.234,5", unread("the point may mark thousands: declare it in `thousands`")),
        ],
    );
    check(
        Decimals::Either,
        &['.'],
        &[
            ("1.234,5", DecimalComma(1234.5)),
            ("1.234", mended(1234.0, GROUPED)),
            ("12,5", DecimalComma(12.5)),
        ],
    );
}

#[test]
fn the_comma_alone_marks_decimals() {
    check(
        Decimals::Comma,
        &['.', ' '],
        &[
            ("1.234,5", DecimalComma(1234.5)),
            ("1 234,5", DecimalComma(1234.5)),
            ("1.234.567", mended(1_234_567.0, GROUPED)),
            ("1234", Plain(1234.0)),
            ("12.5", unread("a decimal point stands in a column with decimal commas")),
        ],
    );
    check(
        Decimals::Comma,
        &[],
        &[
            ("1,234", DecimalComma(1.234)),
            ("1.234", unread("the point may mark thousands: declare it in `thousands`")),
        ],
    );
}
