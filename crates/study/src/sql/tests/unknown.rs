//! Conditions with three answers.

use super::*;

fn told(sql: &str) -> Vec<(String, Vec<String>, Vec<usize>)> {
    let derived = table().derive(sql, "x", false).expect("fits");
    derived.unknown.into_iter().map(|case| (case.condition, case.columns, case.rows)).collect()
}

fn case(condition: &str, column: &str, rows: &[usize]) -> (String, Vec<String>, Vec<usize>) {
    (condition.to_owned(), vec![column.to_owned()], rows.to_vec())
}

#[test]
fn a_condition_holds_fails_or_is_unknown() {
    let condition = table().condition("age > 50").expect("fits");
    assert_eq!(condition.answers, [Some(true), None, Some(false)]);
    assert_eq!(condition.holds(), [true, false, false]);
    let unknown = condition.unknown.expect("one row");
    assert_eq!((unknown.columns, unknown.rows), (vec!["age".to_owned()], vec![1]));
    assert_eq!(table().condition("stop IS NULL").expect("fits").unknown, None);
}

#[test]
fn the_other_side_may_settle_what_is_unknown() {
    let answers = |sql: &str| table().condition(sql).expect("fits").answers;
    let (yes, no) = (Some(true), Some(false));
    // Ages 67, missing, 40; zero is 1, 0, 0. A false side settles an AND, a true one an
    // OR.
    assert_eq!(answers("age > 50 AND zero = 1"), [yes, no, no]);
    assert_eq!(answers("age > 50 OR zero = 0"), [yes, yes, yes]);
    assert_eq!(answers("NOT (age > 50)"), [no, None, yes]);
    assert_eq!(answers("zero = 0 AND age > 50"), [no, None, no]);
    // 67 might be the missing one.
    assert_eq!(answers("age NOT IN (40, NULL)"), [None, None, no]);
    // 40 fails at the lower end, whatever the upper one is.
    assert_eq!(answers("age BETWEEN 50 AND NULL"), [None, None, no]);
    assert_eq!(answers("age > 50 IS NOT TRUE"), [no, yes, yes]);
    assert_eq!(answers("note <=> NULL"), [yes, yes, no]);
    assert_eq!(answers("treated XOR TRUE"), [no, None, yes]);
}

#[test]
fn an_else_that_takes_the_unknown_is_told() {
    let sql = "CASE WHEN age >= 65 THEN 'old' ELSE 'young' END";
    assert_eq!(values(sql), ["old", "young", "young"]);
    assert_eq!(told(sql), [case("age >= 65", "age", &[1])]);
    assert_eq!(told("IF(age >= 65, 1, 0) + 1"), [case("age >= 65", "age", &[1])]);
    assert_eq!(told("CASE sex WHEN 'male' THEN 1 ELSE 0 END"), [case("sex = 'male'", "sex", &[2])]);
    // a later branch that holds is no answer to the first condition either
    assert_eq!(
        told("CASE WHEN age >= 65 THEN 1 WHEN zero = 0 THEN 2 END"),
        [case("age >= 65", "age", &[1])]
    );
    // the innermost CASE is told as well
    assert_eq!(
        told("CASE WHEN CASE WHEN age > 50 THEN TRUE ELSE FALSE END THEN 1 ELSE 0 END"),
        [case("age > 50", "age", &[1])]
    );
    let missing = table().derive(sql, "x", true).expect("fits");
    let values: Vec<_> = missing.values.str().expect("text").iter().collect();
    assert_eq!(values, [Some("old"), None, Some("young")]);
    assert_eq!(missing.unknown.len(), 1);
}

#[test]
fn nothing_is_told_where_the_case_answers_it() {
    for sql in [
        "CASE WHEN age >= 65 THEN 'old' WHEN age < 65 THEN 'young' END",
        "CASE WHEN age >= 65 THEN 'old' WHEN age IS NULL THEN 'unknown' ELSE 'young' END",
        "CASE WHEN age IS NULL THEN 'unknown' WHEN age >= 65 THEN 'old' ELSE 'young' END",
        // The result is missing anyway where the age is.
        "CASE WHEN age >= 65 THEN CAST(age AS VARCHAR) ELSE CAST(age AS VARCHAR) END",
        "CASE WHEN COALESCE(age, 0) >= 65 THEN 'old' ELSE 'young' END",
        "age >= 65",
    ] {
        assert_eq!(told(sql), [], "{sql}");
    }
}

#[test]
fn the_columns_come_from_the_parsed_tree() {
    let columns = |sql: &str| -> Vec<String> {
        SqlReading::of(sql).expect("parses").columns().map(str::to_owned).collect()
    };
    assert_eq!(
        columns("CASE WHEN a > 1 THEN 'b' ELSE \"c d\" END /* e */ || DATEDIFF(day, f, g)"),
        ["a", "c d", "f", "g"]
    );
    assert_eq!(columns("x BETWEEN y AND z -- w"), ["x", "y", "z"]);
    assert_eq!(columns("TRIM(CAST(a AS VARCHAR)) IN (b, 'c')"), ["a", "b"]);
}
