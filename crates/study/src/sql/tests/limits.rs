//! Numbers that cannot be right, and expressions without measure.

use super::*;

#[test]
fn what_overflows_or_divides_by_zero_is_told_with_its_rows() {
    assert_eq!(
        said("age * 9223372036854775807"),
        "`age * 9223372036854775807` is larger than a number can be: row 1, row 3; compute with real numbers, as in `1.0 * x`, or look for a wrong value in the row"
    );
    let zero = "write `x / NULLIF(y, 0)` where such a row is to be missing";
    for sql in
        ["weight / zero", "age // zero", "age % zero", "MOD(weight, zero)", "POWER(zero, -1)"]
    {
        // The age of the second patient is missing, and a missing value divides by nothing:
        // the length of a text stands for it.
        let sql = if sql.starts_with("age") {
            sql.replace("age", "LENGTH(drug)")
        } else {
            sql.to_owned()
        };
        let rows = if sql.contains("weight") { "row 2" } else { "row 2, row 3" };
        assert_eq!(said(&sql), format!("`{sql}` divides by zero: {rows}; {zero}"));
    }
    for sql in [
        // One way each to leave the numbers, the calendar or the length of a text.
        "-9223372036854775808 - age",
        "CAST(1e19 AS BIGINT)",
        "CAST(age + 1000 AS TINYINT)",
        "ABS(-9223372036854775808)",
        "- (-9223372036854775807 - 1)",
        "1e308 * weight",
        "EXP(1000)",
        "LN(zero)",
        "SQRT(0 - weight)",
        "CAST(drug AS INTEGER)",
        "CAST(drug AS DATE)",
        "MAKE_DATE(2023, 2, 29)",
        "start + 9223372036854775807",
        "DATEADD(year, 9999, start)",
        "LPAD(drug, 1000000000)",
        "RPAD(drug, 9223372036854775807, 'x')",
        "REPLACE(RPAD('', 9000, 'a'), 'a', 'bbb')",
        "RPAD('', 9000, 'a') || RPAD('', 9000, 'a')",
        "(-9223372036854775807 - 1) // -1",
        "ROUND(9223372036854775807, -1)",
    ] {
        let error = table().evaluate(sql, "x").expect_err(sql);
        assert!(matches!(error, SqlError::Values { .. }), "{sql}: {error}");
    }
}

#[test]
fn only_rows_that_are_asked_can_be_wrong() {
    assert_eq!(values("CASE WHEN zero <> 0 THEN 10 / zero END"), ["10.0", "", ""]);
    assert_eq!(values("zero <> 0 AND 10 / zero > 5"), ["true", "false", "false"]);
    assert_eq!(values("zero = 0 OR 10 / zero > 50"), ["false", "true", "true"]);
    assert_eq!(values("COALESCE(zero, 1 / zero)"), ["1.0", "0.0", "0.0"]);
    assert_eq!(values("10 / NULLIF(zero, 0)"), ["10.0", "", ""]);
    // a reciprocal that is multiplied would give 0.9999999999999999
    assert_eq!(values("49 * zero / 49"), ["1.0", "0.0", "0.0"]);
    assert_eq!(values("TRY_CAST(drug AS DOUBLE)"), ["", "", ""]);
    assert_eq!(values("TRY_CAST('1e999' AS DOUBLE)"), ["", "", ""]);
}

#[test]
fn long_rows_of_conditions_are_no_depth() {
    let terms: Vec<String> = (0..2000).map(|number| format!("age = {number}")).collect();
    // Of ages 0 to 1999 two are there, and one is missing.
    assert_eq!(values(&terms.join(" OR ")), ["true", "", "true"]);
    let whens: String = (0..800).map(|n| format!(" WHEN age = {n} THEN 'a{n}'")).collect();
    assert_eq!(values(&format!("CASE{whens} END")), ["a67", "", "a40"]);
    let listed: Vec<String> = (0..5000).map(|number| number.to_string()).collect();
    assert_eq!(values(&format!("age IN ({})", listed.join(", ")))[0], "true");
}

#[test]
fn what_is_too_large_is_refused() {
    for sql in [
        vec!["1"; 30_000].join("+"),
        vec!["age"; 20_000].join(" OR "),
        format!("{}age{}", "(".repeat(300), ")".repeat(300)),
        format!("{}1{}", "ABS(".repeat(300), ")".repeat(300)),
        format!("{}age", "NOT ".repeat(3000)),
        format!("{}1{}", "CASE WHEN TRUE THEN 1 ELSE ".repeat(200), " END".repeat(200)),
        // Each level writes its operand out twice: forty levels would be 2^40 parts.
        format!("{}age{}", "CASE ".repeat(40), " WHEN 1 THEN 1 WHEN 2 THEN 2 END".repeat(40)),
        format!("age = '{}'", "x".repeat(70_000)),
        vec!["'x'"; 5000].join(" || "),
        format!("GREATEST({})", vec!["age"; 5000].join(", ")),
    ] {
        let error = table().evaluate(&sql, "x").expect_err("too large");
        assert!(
            matches!(
                error,
                SqlError::TooLarge { .. } | SqlError::Syntax { .. } | SqlError::Types { .. }
            ),
            "{error}"
        );
        assert!(error.to_string().len() < 400, "{}", error.to_string().len());
    }
    assert_eq!(
        table().evaluate(&vec!["age"; 200].join(" + "), "x").expect_err("too deep").to_string(),
        "SQL expression is too large: its parts stand in one another more than 100 levels deep"
    );
    let sum = vec!["age"; 100].join(" + ");
    assert_eq!(values(&sum)[0], "6700");
}

#[test]
fn whatever_is_written_gives_a_value_or_a_mistake() {
    // words of SQL in every order of three: no panic, and no endless work
    let words = [
        "INTERVAL",
        "'x'",
        "GREATEST()",
        "age",
        "CASE",
        "WHEN",
        "END",
        "(",
        ")",
        "-",
        "NULL",
        "IN",
        "CAST(age AS",
        "EXTRACT(",
        "DATE",
    ];
    // 15 words to the third: 3375 expressions.
    for a in words {
        for b in words {
            for c in words {
                if let Err(error) = table().evaluate(&format!("{a} {b} {c}"), "x") {
                    assert!(!matches!(error, SqlError::Failed { .. }), "{a} {b} {c}: {error}");
                }
            }
        }
    }
}
