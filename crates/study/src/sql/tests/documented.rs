//! docs/expressions.md: every example gives what the page says, and every
//! function is on the page.

use super::*;
use crate::sql::functions::FUNCTIONS;

const PAGE: &str = include_str!("../../../../../docs/expressions.md");

/// The examples of the page, each with what it gives.
fn examples() -> Vec<(String, String)> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    // A bar within an example is written as `\|` in a table of Markdown.
    let cell = |text: &str| text.trim().trim_matches('`').replace('\u{0}', "|");
    rows.map(|line| line.replace("\\|", "\u{0}"))
        .map(|line| line.split('|').map(cell).collect::<Vec<_>>())
        .map(|cells| (cells[1].clone(), cells[2].clone()))
        .collect()
}

#[test]
fn every_example_gives_what_the_page_says() {
    for (sql, gives) in examples() {
        // The page's patient is the first of the table.
        assert_eq!(values(&sql)[0], gives, "{sql}");
    }
}

#[test]
fn every_function_is_on_the_page_and_on_no_other_line() {
    let calls: Vec<String> = examples().into_iter().map(|(sql, _)| sql).collect();
    for known in FUNCTIONS {
        let call = format!("{}(", known.names[0]);
        assert!(calls.iter().any(|sql| sql.starts_with(&call)), "{call} has no example");
        for other in &known.names[1..] {
            assert!(PAGE.contains(&format!("`{other}`")), "{other} is not on the page");
        }
    }
    let known: Vec<&str> = function_names().collect();
    for call in calls.iter().filter_map(|sql| sql.split_once('(')) {
        let word = call.0.chars().all(|c| c.is_ascii_uppercase() || c == '_') && !call.0.is_empty();
        let special = ["CAST", "TRY_CAST", "EXTRACT"].contains(&call.0);
        assert!(!word || special || known.contains(&call.0), "{} is no function", call.0);
    }
}

#[test]
fn names_of_other_programs_are_answered() {
    for (call, instead) in [
        ("ifelse(age > 65, 1, 0)", "CASE"),
        ("cut(age, 3)", "CASE"),
        ("quantile(age)", "summarize"),
        ("is.na(age)", "IS NULL"),
        ("AVG(age)", "summarize"),
        ("MAX(age) OVER (PARTITION BY sex)", "select_row"),
        ("today()", "clock"),
        ("CURRENT_DATE", "clock"),
        ("DATE_ADD(start, 3)", "DATEADD"),
        ("LOG(age)", "LOG10"),
    ] {
        assert!(said(call).contains(instead), "{call}: {}", said(call));
    }
    assert_eq!(said("nosuch(age)"), "SQL expression calls `nosuch`, which is no function here");
}
