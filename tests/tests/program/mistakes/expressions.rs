//! Expressions and conditions in SQL that cannot be evaluated.

use restudy_tests::Study;

use super::FILE;

#[test]
fn a_column_that_sql_does_not_find() {
    Study::small_after_a_run().replacing(FILE, "age >= 65", "agee >= 65").refuses(
        r#"
  × clean.elderly: SQL expression names a column `agee` that the table does not have
    ╭─[pipeline.yaml:21:33]
 20 │ clean:
 21 │   elderly: { kind: derive, sql: agee >= 65 }
    ·                                 ──────────
 22 │   irradiated: { kind: derive, sql: irradiated_on IS NOT NULL, known_from: irradiated_on }
    ╰────
  help: did you mean `age`?
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn sql_that_is_cut_off() {
    Study::small_after_a_run().replacing(FILE, "age >= 65", "age >= ").refuses(
        r#"
  × clean.elderly: SQL expression is not understood: expected: an expression, found the end
    ╭─[pipeline.yaml:21:33]
 20 │ clean:
 21 │   elderly: { kind: derive, sql: age >=  }
    ·                                 ──────
 22 │   irradiated: { kind: derive, sql: irradiated_on IS NOT NULL, known_from: irradiated_on }
    ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn sql_with_a_function_that_does_not_exist() {
    // as it is called in R
    Study::small_after_a_run().replacing(FILE, "age >= 65", "ifelse(age)").refuses(
        r#"
  × clean.elderly: SQL expression calls `ifelse`, which is no function here
    ╭─[pipeline.yaml:21:33]
 20 │ clean:
 21 │   elderly: { kind: derive, sql: ifelse(age) }
    ·                                 ───────────
 22 │   irradiated: { kind: derive, sql: irradiated_on IS NOT NULL, known_from: irradiated_on }
    ╰────
  help: write `CASE WHEN ... THEN ... ELSE ... END`
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn sql_that_compares_text_with_a_number() {
    // some databases compare the two as text, without a word
    Study::small_after_a_run().replacing(FILE, "age >= 65", "age >= 'x'").refuses(
        r#"
  × clean.elderly: SQL expression does not fit the columns: the sides of `age >= 'x'` are a whole
  │ number and text
    ╭─[pipeline.yaml:21:33]
 20 │ clean:
 21 │   elderly: { kind: derive, sql: age >= 'x' }
    ·                                 ──────────
 22 │   irradiated: { kind: derive, sql: irradiated_on IS NOT NULL, known_from: irradiated_on }
    ╰────
  help: CAST one of them: `CAST(x AS VARCHAR)` or `CAST(x AS DOUBLE)`
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_condition_that_is_no_condition() {
    Study::small_after_a_run()
        .replacing(
            FILE,
            "{ kind: log_rank, endpoint: os, by: arm }",
            "{ kind: log_rank, endpoint: os, by: arm, where: age + 3 }",
        )
        .refuses(
            r#"
  × analyze.comparison: SQL condition gives a whole number, not yes or no
    ╭─[pipeline.yaml:25:63]
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm, where: age + 3 }
    ·                                                               ───────
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, age] }
    ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_condition_on_a_column_that_does_not_exist() {
    Study::small_after_a_run()
        .replacing(
            FILE,
            "{ kind: log_rank, endpoint: os, by: arm }",
            "{ kind: log_rank, endpoint: os, by: arm, where: agee > 65 }",
        )
        .refuses(
            r#"
  × analyze.comparison: SQL expression names a column `agee` that the table does not have
    ╭─[pipeline.yaml:25:63]
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm, where: agee > 65 }
    ·                                                               ─────────
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, age] }
    ╰────
  help: did you mean `age`?
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn a_condition_on_a_level_that_the_column_does_not_have() {
    // a misspelt level would otherwise hold for nobody
    Study::small_after_a_run()
        .replacing(
            FILE,
            "{ kind: log_rank, endpoint: os, by: arm }",
            "{ kind: log_rank, endpoint: os, by: arm, where: arm = 'nwe' }",
        )
        .refuses(
            r#"
  × analyze.comparison: `nwe` is not a level of column `arm`
    ╭─[pipeline.yaml:25:63]
 24 │   survival: { kind: kaplan_meier, endpoint: os, by: arm }
 25 │   comparison: { kind: log_rank, endpoint: os, by: arm, where: arm = 'nwe' }
    ·                                                               ───────────
 26 │   model: { kind: cox_model, endpoint: os, terms: [arm, age] }
    ╰────
  help: did you mean `new`?
1 mistake in pipeline.yaml: nothing was written
"#,
        );
}

#[test]
fn sql_that_divides_by_zero() {
    // A01 is 61 years old, so only the data show it
    Study::small_after_a_run().replacing(FILE, "age >= 65", "100 / (age - 61) > 1").refuses(
        r#"
  × clean.elderly: `100 / (age - 61)` divides by zero: line 2
    ╭─[pipeline.yaml:21:33]
 20 │ clean:
 21 │   elderly: { kind: derive, sql: 100 / (age - 61) > 1 }
    ·                                 ────────────────────
 22 │   irradiated: { kind: derive, sql: irradiated_on IS NOT NULL, known_from: irradiated_on }
    ╰────
  help: write `x / NULLIF(y, 0)` where such a row is to be missing
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}
