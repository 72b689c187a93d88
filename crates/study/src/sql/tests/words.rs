//! Conditions in words.

use crate::{Column, Level, Table, Values};

fn table() -> Table {
    let mut table = Table::of(
        0,
        [
            ("age", Values::Real(vec![])),
            ("sex", Values::Text(vec![])),
            ("ecog", Values::Whole(vec![])),
            ("rt_start", Values::Date(vec![])),
            ("ici_start", Values::Date(vec![])),
            ("is_smoker", Values::YesNo(vec![])),
            ("decades", Values::Real(vec![])),
        ],
    );
    let mut about = |name: &str, label: &str, unit: Option<&str>, levels: &[(&str, &str)]| {
        let column = Column {
            label: label.into(),
            unit: unit.map(str::to_owned),
            levels: levels.iter().map(|(value, label)| Level::new(*value, *label)).collect(),
            ..Column::default()
        };
        table.columns.insert(name.to_owned(), column);
    };
    about("age", "Age", Some("years"), &[]);
    about("sex", "Sex", None, &[("f", "Female"), ("m", "Male")]);
    about("ecog", "ECOG performance status", None, &[]);
    about("rt_start", "First fraction", None, &[]);
    about("ici_start", "First dose", None, &[]);
    about("decades", "Age", Some("10 years"), &[]);
    table
}

#[test]
fn simple_conditions_are_said_in_words() {
    let table = table();
    for (sql, words) in [
        ("age >= 65", "age is at least 65 years"),
        ("65 > age", "age is below 65 years"),
        ("age <= 64.5 and sex = 'f'", "age is at most 64.5 years and sex is female"),
        ("sex <> 'x'", "sex is not x"),
        ("ecog IN (0, 1)", "ECOG performance status is 0 or 1"),
        ("sex NOT IN ('f', 'm', 'o')", "sex is not female, male or o"),
        ("age BETWEEN 50 AND 65", "age is from 50 to 65 years"),
        ("age NOT BETWEEN 50 AND 65", "age is not from 50 to 65 years"),
        // In a unit of ten years the number is multiplied, so that nobody reads 6.5 years.
        ("decades > 6.5", "age is above 6.5 × 10 years"),
        ("ecog > -1", "ECOG performance status is above -1"),
        ("rt_start IS NULL", "first fraction is missing"),
        ("rt_start IS NOT NULL", "first fraction is known"),
        ("rt_start > ici_start", "first fraction is after first dose"),
        ("ici_start >= DATE '2018-01-31'", "first dose is on or after 2018-01-31"),
        ("is_smoker", "is smoker is yes"),
        ("NOT is_smoker", "is smoker is no"),
        ("is_smoker IS FALSE", "is smoker is no"),
        (
            "age > 50 AND (sex = 'f' OR ecog = 0) AND is_smoker",
            "age is above 50 years and (sex is female or ECOG performance status is 0) and is smoker is yes",
        ),
        (
            "sex = 'f' AND age > 50 OR ecog = 0",
            "(sex is female and age is above 50 years) or ECOG performance status is 0",
        ),
    ] {
        assert_eq!(table.condition_in_words(sql).as_deref(), Some(words), "{sql}");
    }
}

#[test]
fn what_is_more_than_that_stays_as_it_is_written() {
    let table = table();
    for sql in [
        "age / 2 > 30",
        "rt_start - ici_start < 60",
        "COALESCE(age, 0) > 5",
        "sex LIKE 'f%'",
        "age > 50 AND LENGTH(sex) > 1",
        "NOT (age > 50)",
        // Unknown on every row, and so said of nobody.
        "age = NULL",
        "not an expression",
        "CASE WHEN age > 5 THEN TRUE ELSE FALSE END",
    ] {
        assert_eq!(table.condition_in_words(sql), None, "{sql}");
    }
}
