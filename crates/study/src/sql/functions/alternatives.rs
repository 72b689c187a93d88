//! What people try who come from another program, and what to write here.

const CASE: &str = "write `CASE WHEN ... THEN ... ELSE ... END`";
const CUTS: &str = "write `CASE WHEN age < 50 THEN '<50' WHEN age < 65 THEN '50-64' WHEN age >= 65 THEN '65+' END`";
const ROWS: &str =
    "an expression looks at one row at a time: `summarize` makes a value of several rows";
const CLOCK: &str = "there is no clock here, so that a rerun gives the same: name a date column or `DATE '2024-01-31'`";
const TEXT: &str = "write `CAST(... AS VARCHAR)`";
const NUMBER: &str =
    "write `CAST(... AS DOUBLE)`, or turn the column into numbers with `parse_numbers`";
const DATES: &str = "write `CAST(... AS DATE)` for dates such as 2024-01-31; other forms are read by a `parse_dates` rule";
const ADD: &str = "write `date + 30` for days, or `DATEADD(month, 3, date)`";
const AGE: &str = "write `AGE_YEARS(date_of_birth, date)` for completed years, or `date - date_of_birth` for days";
const LOGARITHM: &str =
    "its base is not the same in all programs: write `LN(x)`, `LOG10(x)` or `LOG2(x)`";

/// The names that are tried, in capitals and with `_` for a dot.
// From R, SAS and other dialects of SQL: only hints come of it, and no name is
// taken for another by itself.
const ALTERNATIVES: &[(&[&str], &str)] = &[
    (&["IFELSE", "IF_ELSE", "IIF", "CASE_WHEN", "CASE_MATCH", "DECODE", "RECODE", "WHERE"], CASE),
    (&["CUT", "NTILE", "CUT2", "QCUT", "BIN", "WIDTH_BUCKET", "FINDINTERVAL", "CUT_NUMBER"], CUTS),
    (
        &[
            "AVG",
            "MEAN",
            "MEDIAN",
            "SUM",
            "COUNT",
            "MIN",
            "MAX",
            "FIRST",
            "LAST",
            "ANY",
            "ALL",
            "QUANTILE",
            "QUANTILE_CONT",
            "QUANTILE_DISC",
            "PERCENTILE",
            "PERCENTILE_CONT",
            "PERCENTILE_DISC",
            "SD",
            "STD",
            "STDDEV",
            "STDEV",
            "STDDEV_SAMP",
            "VAR",
            "VARIANCE",
            "CUMSUM",
            "SCALE",
            "LAG",
            "LEAD",
            "RANK",
            "DENSE_RANK",
            "ROW_NUMBER",
            "N_DISTINCT",
            "FIRST_VALUE",
            "LAST_VALUE",
            "STRING_AGG",
            "MODE",
            "CORR",
            "TOTAL",
            "N",
        ],
        ROWS,
    ),
    (
        &[
            "NOW",
            "TODAY",
            "CURRENT_DATE",
            "CURRENT_TIMESTAMP",
            "GETDATE",
            "SYSDATE",
            "RANDOM",
            "RAND",
            "RUNIF",
            "UUID",
            "CURDATE",
            "SYS_DATE",
        ],
        CLOCK,
    ),
    (&["IS_NA", "ISNA", "ISNULL", "IS_NULL", "MISSING", "NMISS", "CMISS"], "write `... IS NULL`"),
    (&["NOTNULL", "IS_NOT_NULL"], "write `... IS NOT NULL`"),
    (&["NVL", "REPLACE_NA"], "write `COALESCE(value, instead)`"),
    (&["NA_IF"], "write `NULLIF(value, code)`"),
    (&["PMAX"], "write `GREATEST(a, b)`"),
    (&["PMIN"], "write `LEAST(a, b)`"),
    (&["AS_CHARACTER", "TO_CHAR", "STR", "PUT", "TO_VARCHAR"], TEXT),
    (&["AS_NUMERIC", "AS_INTEGER", "TO_NUMBER", "INPUT", "INT", "FLOAT", "DOUBLE"], NUMBER),
    (&["TO_DATE", "AS_DATE", "STRPTIME", "YMD", "DMY", "MDY", "STR_TO_DATE", "DATE_PARSE"], DATES),
    (&["DATE_ADD", "ADD_MONTHS", "ADDDATE", "DATE_SUB", "INTNX"], ADD),
    (
        &[
            "DIFFTIME",
            "DAYS_BETWEEN",
            "MONTHS_BETWEEN",
            "INTCK",
            "TIMESTAMPDIFF",
            "DAYS",
            "YRDIF",
            "JULIANDAY",
            "TIME_LENGTH",
        ],
        "write `DATEDIFF(day, from, to)`, with month or year for those completed",
    ),
    (&["AGE", "AGE_AT", "AGE_CALC"], AGE),
    // Natural in R and SAS, decimal in Excel and PostgreSQL: a guess would be wrong by
    // a factor.
    (&["LOG"], LOGARITHM),
    (&["PASTE", "PASTE0", "CAT", "CATX", "CATS", "STR_C"], "write `CONCAT(a, b)` or `a || b`"),
    (&["NCHAR", "LEN", "STR_LENGTH"], "write `LENGTH(text)`"),
    (&["TOLOWER", "LCASE", "STR_TO_LOWER"], "write `LOWER(text)`"),
    (&["TOUPPER", "UCASE", "STR_TO_UPPER"], "write `UPPER(text)`"),
    (
        &["GREPL", "REGEXP", "REGEXP_MATCHES", "STR_DETECT", "PRXMATCH", "CONTAINS"],
        "write `REGEXP_LIKE(text, 'pattern')`, or `text LIKE '%part%'`",
    ),
    (
        &["GSUB", "SUB", "REGEXP_REPLACE", "STR_REPLACE", "TRANWRD"],
        "write `REPLACE(text, 'from', 'to')`, or let `tidy_text` or `extract` do it",
    ),
    (&["SCAN", "STRSPLIT", "SPLIT"], "write `SPLIT_PART(text, ',', 1)`"),
    (&["INDEX", "INSTR", "CHARINDEX", "FIND"], "write `STRPOS(text, part)`"),
    (&["TRIMWS", "STRIP", "STR_TRIM"], "write `TRIM(text)`"),
    (&["IS_IN", "ISIN"], "write `x IN (1, 2, 3)`"),
    (&["SIGNIF"], "write `ROUND(x, digits)`, which counts digits after the point"),
    (&["FIX", "AS_INT"], "write `TRUNC(x)`"),
    (
        &["QUARTER", "WEEKDAY", "DAYOFWEEK", "DAYOFYEAR", "DAYOFMONTH"],
        "write `DATE_PART('quarter', date)`, or 'isodow', 'doy', 'day'",
    ),
    (&["TIMESTAMP", "DATETIME", "TIME"], "dates are whole days here: use `DATE`"),
    (&["REPEAT"], "write `RPAD('', times, text)`"),
];

/// What to write instead of a function that there is not.
pub(crate) fn instead(name: &str) -> Option<String> {
    // `is.na` is written with a dot in R.
    let plain = name.replace('.', "_");
    let known = ALTERNATIVES.iter().find(|(names, _)| names.contains(&plain.as_str()));
    known.map(|(_, hint)| (*hint).to_owned())
}
