//! What is wrong with an expression, in full.

use super::*;

#[test]
fn mistakes_are_told_apart() {
    for (sql, message) in [
        ("agee + 1", "SQL expression names a column `agee` that the table does not have"),
        ("age +", "SQL expression is not understood: expected: an expression, found the end"),
        ("", "SQL expression is not understood: it is empty"),
        ("age age", "SQL expression is not understood: nothing can follow `age`, but `age` does"),
        // Also where the column has the right type and the text is only misspelt.
        ("sex = 'femal'", "`femal` is not a level of column `sex`"),
        (
            "GREATEST()",
            "SQL expression is not understood: GREATEST takes at least 1 arguments, but 0 stand there",
        ),
        (
            "start + INTERVAL 'x'",
            "SQL expression is not understood: `INTERVAL 'x'` is no number of days, weeks, months or years; write `date + INTERVAL '3 months'`, or `date + 90` for days",
        ),
        (
            "age >= 'x'",
            "SQL expression does not fit the columns: the sides of `age >= 'x'` are a whole number and text; CAST one of them: `CAST(x AS VARCHAR)` or `CAST(x AS DOUBLE)`",
        ),
        (
            "age AND TRUE",
            "SQL expression does not fit the columns: `age AND true` needs yes or no, but gets a whole number; compare it: `x = 1`",
        ),
        (
            "treated = 1",
            "SQL expression does not fit the columns: the sides of `treated = 1` are yes or no and a whole number; a yes/no column is a condition by itself: `x` or `NOT x`; `CAST(x AS INTEGER)` makes 1 and 0 of it",
        ),
        (
            "CASE WHEN age > 1 THEN 'a' ELSE 1 END",
            "SQL expression does not fit the columns: the branches of CASE are text and a whole number; CAST one of them: `CAST(x AS VARCHAR)` or `CAST(x AS DOUBLE)`",
        ),
        (
            "drug + drug",
            "SQL expression does not fit the columns: the sides of `drug + drug` are text and text; write `a || b` to join texts",
        ),
        (
            "LENGTH(age)",
            "SQL expression does not fit the columns: `LENGTH(age)` needs text, but gets a whole number; write `CAST(x AS VARCHAR)`",
        ),
        (
            "patients.age",
            "SQL expression is not understood: `patients.age` names a table; a rule looks at one table: name the column alone, in double quotes if there is a dot in it",
        ),
        (
            "(SELECT 1)",
            "SQL expression is not understood: a query within an expression is not possible; bring the other table in by a `join` rule",
        ),
        (
            "99999999999999999999",
            "SQL expression is not understood: `99999999999999999999` is larger than a whole number can be; write it as a real number: `1e20`",
        ),
        ("drug ~ '('", "SQL expression does not fit the columns: `(` is no regular expression"),
        (
            "ROUND(weight, age)",
            "SQL expression does not fit the columns: `ROUND(weight, age)` rounds to no fixed number of digits; write a whole number from -15 to 15: `ROUND(x, 1)`",
        ),
    ] {
        assert_eq!(said(sql), message, "{sql}");
    }
    assert_eq!(
        table().holds("age"),
        Err(SqlError::NotCondition { found: "a whole number".into() })
    );
}

#[test]
fn a_level_is_looked_for_wherever_one_is_compared() {
    for sql in [
        "sex = 'femal'",
        "'femal' <> sex",
        "sex IN ('male', 'femal')",
        "NOT (age > 3 AND sex NOT IN ('femal'))",
        "CASE sex WHEN 'femal' THEN 1 END",
        "CASE WHEN age > 3 THEN sex = 'femal' END",
        "COALESCE(sex, 'unknown') = 'femal'",
        "sex IS DISTINCT FROM 'femal'",
        "NULLIF(sex, 'femal')",
        "IF(sex = 'femal', 1, 0) = 1",
    ] {
        let error = table().evaluate(sql, "x").expect_err(sql);
        assert!(
            matches!(&error, SqlError::UnknownLevel { column, level, .. } if column == "sex" && level == "femal"),
            "{sql}: {error}"
        );
    }
    // No comparison with a level: a pattern, a text that was joined, a value beside the
    // levels.
    for sql in ["COALESCE(sex, 'unknown') = 'unknown'", "sex LIKE 'fem%'", "sex || 'x' = 'femalx'"]
    {
        assert!(table().evaluate(sql, "x").is_ok(), "{sql}");
    }
}
