//! Numbers: from whatever was typed to real or whole numbers.

use engine::{Call, Kind, Mistake, Mistakes, Wiring};
use polars::prelude::DataType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, DeedId, Output, StudySettings, revealed};

use crate::cells::{Edit, Revision, real_series, whole_series};
use crate::coded::Coded;
use crate::kinds::parameters::{Otherwise, check_bounds, check_columns, outside, wiring_of};
use crate::text::missing_reason;
use crate::written_number::{Decimals, Writing, WrittenNumber, read};

/// Turns text into numbers. Full-width digits and odd spaces are read as plain
/// ones, exponents (`1.5E-3`) as programs write them; decimal commas, marks of
/// thousands, units behind the number and limits such as `<1` only as declared.
/// What cannot be read or cannot be right is set missing with a query.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParseNumbers {
    /// The table.
    pub table: String,
    /// The columns that hold numbers in this form.
    pub columns: Vec<String>,
    /// Makes whole numbers; a fraction is then set missing with a query.
    #[serde(default)]
    pub whole: bool,
    /// Codes for missing, such as `["999", ND]`; blanks are missing anyway.
    #[serde(default)]
    pub missing: Vec<String>,
    /// What to do with a decimal comma (`12,5`). A mark before three digits
    /// (`1,234`, and `1.234` where commas are accepted) may stand before
    /// thousands or before decimals, and is a query until this or `thousands`
    /// says which.
    #[serde(default)]
    pub decimal_comma: DecimalComma,
    /// What may stand between groups of three digits: `[comma]` reads `1,234.5`,
    /// `[point]` reads `1.234,5`. Undeclared marks are queries.
    #[serde(default)]
    pub thousands: Vec<ThousandsMark>,
    /// Units or signs that may stand before or behind the number, such as `["%", kg]`.
    #[serde(default)]
    pub strip: Vec<String>,
    /// What to do with a value known to be below a limit (`<1`).
    #[serde(default)]
    pub below: Below,
    /// What to do with a value known to be above a limit (`>=1`).
    #[serde(default)]
    pub above: Above,
    /// The lowest number that can be right.
    #[serde(default)]
    pub low: Option<f64>,
    /// The highest number that can be right.
    #[serde(default)]
    pub high: Option<f64>,
    /// Unit of the numbers, for tables and figures.
    #[serde(default)]
    pub unit: Option<String>,
    /// Digits after the decimal point in which tables, figures and texts print its numbers, medians
    /// and ranges, such as 0 for a year; one unless declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 12))]
    pub decimals: Option<u8>,
    /// What to do with a cell that is no number.
    #[serde(default)]
    pub otherwise: Otherwise,
}

/// What to do with a decimal comma.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecimalComma {
    /// Set the cell missing and ask the hospital.
    #[default]
    Query,
    /// Read it as a decimal point, beside decimal points.
    Accept,
    /// The comma is the only decimal mark of these columns, so that `1,234` is
    /// a little more than one, and a decimal point is a query.
    Only,
}

/// What may stand between groups of three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ThousandsMark {
    /// `1,234`
    Comma,
    /// `1.234`
    Point,
    /// `1 234`, with a blank of any width.
    Blank,
    /// `1'234`
    Apostrophe,
}

impl ThousandsMark {
    fn characters(self) -> &'static [char] {
        match self {
            Self::Comma => &[','],
            Self::Point => &['.'],
            Self::Blank => &[' '],
            // The typewriter's and the printer's.
            Self::Apostrophe => &['\'', '\u{2019}'],
        }
    }
}

/// What to do with a value known to be below a limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Below {
    /// Set the cell missing and ask the hospital.
    #[default]
    Query,
    /// Take the limit.
    Limit,
    /// Take half the limit.
    Half,
    /// Take 0.
    Zero,
}

/// What to do with a value known to be above a limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Above {
    /// Set the cell missing and ask the hospital.
    #[default]
    Query,
    /// Take the limit.
    Limit,
}

/// A number with the reason for the log, if any; or why there is none.
type Settled = Result<(f64, Option<String>), (Action, String)>;

impl Kind for ParseNumbers {
    const NAME: &'static str = "parse_numbers";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        wiring_of(&self.table)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut revision = Revision::open(call, &self.table);
        revision.mistakes = check_columns(&self.columns);
        revision.mistakes.0.extend(check_bounds(self.low, self.high).0);
        // Before any cell: with both meanings no number could be trusted.
        revision.mistakes.0.extend(self.check_marks());
        for (at, column) in self.columns.iter().enumerate() {
            let mend = "this rule reads text or numbers";
            let types = [DataType::String, DataType::Int64, DataType::Float64];
            if revision.has_type(column, &types, mend, &["columns", &at.to_string()]) {
                self.parse(&mut revision, column);
            }
        }
        revision.close()
    }
}

impl ParseNumbers {
    /// No mark may stand before thousands and before decimals.
    fn check_marks(&self) -> Option<Mistake> {
        let both = match self.decimal_comma {
            DecimalComma::Query if self.thousands.contains(&ThousandsMark::Point) => {
                "the point stands before decimals, so it cannot mark thousands"
            }
            DecimalComma::Accept | DecimalComma::Only
                if self.thousands.contains(&ThousandsMark::Comma) =>
            {
                "the comma stands before decimals, so it cannot mark thousands"
            }
            _ => return None,
        };
        let hint = "where the comma is the decimal mark, say `decimal_comma: only` and `thousands: [point]`";
        Some(Mistake::at(&["thousands"], both).hint(hint))
    }

    fn parse(&self, revision: &mut Revision<'_>, column: &str) {
        // what is a number already has no mark to be read
        let typed = revision.dtype(column) != DataType::String;
        let thousands: Vec<char> =
            self.thousands.iter().flat_map(|mark| mark.characters()).copied().collect();
        let writing = Writing {
            decimals: match self.decimal_comma {
                _ if typed => Decimals::Point,
                DecimalComma::Query => Decimals::Point,
                DecimalComma::Accept => Decimals::Either,
                DecimalComma::Only => Decimals::Comma,
            },
            thousands: &thousands,
            strip: &self.strip,
        };
        let cells = Coded::of(&revision.table, column);
        let settled: Vec<Settled> =
            // Each different cell once.
            cells.distinct().map(|raw| self.settle(raw, &writing)).collect();
        let stops = self.otherwise == Otherwise::Stop;
        let noted: Vec<Option<DeedId>> = (cells.distinct().zip(&settled))
            .map(|(raw, settled)| deed(revision, (column, raw), settled))
            .collect();
        for (row, raw, settled) in cells.with(&settled).filter(|_| stops) {
            // A code for missing is no doubt.
            if let Err((Action::Query, reason)) = settled {
                self.stop(revision, (row, column, raw), reason);
            }
        }
        revision.note_rows(|row| [cells.meaning(&noted, row).copied().flatten()]);
        let value = |settled: &Settled| settled.as_ref().ok().map(|(value, _)| *value);
        let clean = cells.spread(&settled, value);
        let series = if self.whole {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "checked to be whole and below 2^53"
            )]
            whole_series(column, clean.map(|v| v.map(|v| v as i64)).collect())
        } else {
            real_series(column, clean.collect())
        };
        revision.write(series, revision.own(column));
        if self.unit.is_some() || self.decimals.is_some() {
            let mut about = revision.table.about(column);
            about.unit = self.unit.clone().or(about.unit);
            about.decimals = self.decimals.or(about.decimals);
            revision.table.columns.insert(column.to_owned(), about);
        }
    }

    fn settle(&self, raw: &str, writing: &Writing<'_>) -> Settled {
        let query = |reason: String| Err((Action::Query, reason));
        if let Some(reason) = missing_reason(raw, &self.missing) {
            return Err((Action::SetMissing, reason));
        }
        // In this order: what was declared for limits goes before a query.
        let (value, reason) = match (read(raw, writing), self.below, self.above) {
            (WrittenNumber::Plain(value), ..) => (value, None),
            (WrittenNumber::Mended(value, reason), ..) => (value, Some(reason)),
            (WrittenNumber::DecimalComma(value), ..) => match self.decimal_comma {
                DecimalComma::Accept | DecimalComma::Only => {
                    (value, Some("decimal comma".to_owned()))
                }
                DecimalComma::Query => return query("a decimal comma is not declared".to_owned()),
            },
            // Each of these is a convention that the study declared, and stands in the log with
            // its limit.
            (WrittenNumber::Below(limit), Below::Half, _) => {
                (limit / 2.0, Some(format!("below {limit}: half the limit")))
            }
            (WrittenNumber::Below(limit), Below::Limit, _) => {
                (limit, Some(format!("below {limit}: the limit")))
            }
            (WrittenNumber::Below(limit), Below::Zero, _) => {
                (0.0, Some(format!("below {limit}: taken for 0")))
            }
            (WrittenNumber::Above(limit), _, Above::Limit) => {
                (limit, Some(format!("above {limit}: the limit")))
            }
            (WrittenNumber::Below(limit), ..) => {
                return query(format!("only known to be below {limit}"));
            }
            (WrittenNumber::Above(limit), ..) => {
                return query(format!("only known to be above {limit}"));
            }
            (WrittenNumber::Unreadable(reason), ..) => return query(reason),
        };
        // Also of a limit that was taken for the value.
        if let Some(reason) = outside(value, self.low, self.high) {
            return query(reason);
        }
        // Below 2^53, up to which every whole number has a double of its own.
        if self.whole && (value.fract() != 0.0 || value.abs() > 9e15) {
            return query("not a whole number".to_owned());
        }
        Ok((value, reason))
    }

    fn stop(
        &self,
        revision: &mut Revision<'_>,
        (row, field, raw): (usize, &str, &str),
        reason: &str,
    ) {
        let place = revision.place(row);
        let message = format!(
            "`{}` in column `{field}` of table `{}`, {place}: {reason}",
            revealed(raw),
            self.table
        );
        let hint = "mend the raw cell, or use `otherwise: query`";
        revision.mistakes.push(Mistake::new(message).hint(hint));
    }
}

/// What the log says of a cell; none where it is a plain number.
fn deed(
    revision: &mut Revision<'_>,
    (field, raw): (&str, &str),
    settled: &Settled,
) -> Option<DeedId> {
    let (clean, action, reason) = match settled {
        // Written as a program would: no change.
        Ok((_, None)) => return None,
        Ok((value, Some(reason))) => (Some(value.to_string()), Action::Fixed, reason),
        Err((action, reason)) => (None, *action, reason),
    };
    let (clean, reason) = (clean.as_deref(), reason.clone());
    Some(revision.deed(Edit { field, raw: Some(raw), clean, action, reason }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{log, messages, run, run_twice, shown, table};

    #[test]
    fn numbers_are_read_and_doubts_are_asked() {
        let raw = table(
            "record_id|cps\nP-1|12.5\nP-2|12,5\nP-3|１２\nP-4|<1\nP-5|>=1\nP-6|20%\nP-7|999\nP-8|\nP-9|210\nP-10|high\nP-11|.\nP-12|1,234",
        );
        let parameters = json!({
            "table": "diagnosis", "columns": ["cps"], "missing": ["999", "."], "strip": ["%"], "decimal_comma": "accept",
            "below": "half", "low": 0, "high": 100, "unit": "%", "decimals": 2,
        });
        let output = run_twice::<ParseNumbers>(parameters, "diagnosis", &raw);
        assert_eq!(
            shown(&output.tables["diagnosis"]),
            [
                "record_id|cps",
                "P-1|12.5",
                "P-2|12.5",
                "P-3|12",
                "P-4|0.5",
                "P-5|",
                "P-6|20",
                "P-7|",
                "P-8|",
                "P-9|",
                "P-10|",
                "P-11|",
                "P-12|"
            ]
        );
        assert_eq!(
            log(&output),
            [
                "3 P-2 cps: 12,5 -> 12.5 (fixed: decimal comma)",
                "4 P-3 cps: １２ -> 12 (fixed: plain digits)",
                "5 P-4 cps: <1 -> 0.5 (fixed: below 1: half the limit)",
                "6 P-5 cps: >=1 -> (missing) (query: only known to be above 1)",
                "7 P-6 cps: 20% -> 20 (fixed: `%` taken off)",
                "8 P-7 cps: 999 -> (missing) (set_missing: `999` is a code for missing)",
                "10 P-9 cps: 210 -> (missing) (query: 210 is above 100)",
                "11 P-10 cps: high -> (missing) (query: no number)",
                "12 P-11 cps: . -> (missing) (set_missing: `.` is a code for missing)",
                "13 P-12 cps: 1,234 -> (missing) (query: the comma may mark thousands or decimals)",
            ]
        );
        let about = output.tables["diagnosis"].about("cps");
        assert_eq!((about.unit.as_deref(), about.decimals), (Some("%"), Some(2)));
    }

    #[test]
    fn a_column_has_the_marks_that_are_declared() {
        // 1234.5 in three countries, and what could be either.
        let raw = table("record_id|v\np1|1.234,5\np2|1.234\np3|1234\np4|1 234,5\np5|12.5");
        let values = |extra: Value| {
            let mut parameters = json!({"table": "t", "columns": ["v"]});
            let own = parameters.as_object_mut().expect("an object");
            own.extend(extra.as_object().cloned().expect("an object"));
            let output = run_twice::<ParseNumbers>(parameters, "t", &raw);
            let cells = shown(&output.tables["t"]);
            cells[1..].iter().map(|line| line[3..].to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(values(json!({"decimal_comma": "accept"})), "  1234  12.5");
        assert_eq!(
            values(json!({"decimal_comma": "only", "thousands": ["point", "blank"]})),
            "1234.5 1234 1234 1234.5 "
        );
        assert_eq!(values(json!({})), " 1.234 1234  12.5");
    }

    #[test]
    fn whole_numbers_have_no_fraction() {
        let raw = table("record_id|n\nP-1|3\nP-2|3.5\nP-3|4.0\nP-4|1e17\nP-5|4,5\nP-6|>2\nP-7|<2");
        let parameters = json!({"table": "t", "columns": ["n"], "whole": true, "above": "limit", "below": "limit"});
        let output = run_twice::<ParseNumbers>(parameters, "t", &raw);
        assert_eq!(
            shown(&output.tables["t"]),
            ["record_id|n", "P-1|3", "P-2|", "P-3|4", "P-4|", "P-5|", "P-6|2", "P-7|2"]
        );
        assert_eq!(
            log(&output),
            [
                "3 P-2 n: 3.5 -> (missing) (query: not a whole number)",
                "5 P-4 n: 1e17 -> (missing) (query: not a whole number)",
                "6 P-5 n: 4,5 -> (missing) (query: a decimal comma is not declared)",
                "7 P-6 n: >2 -> 2 (fixed: above 2: the limit)",
                "8 P-7 n: <2 -> 2 (fixed: below 2: the limit)",
            ]
        );
    }

    #[test]
    fn mistakes_are_told() {
        let raw = table("record_id|n|seen:date\nP-1|many|2021-03-05");
        let said = |parameters| {
            messages(&run::<ParseNumbers>(parameters, &[("t", &raw)]).expect_err("a mistake"))
        };
        assert_eq!(
            said(json!({"table": "t", "columns": ["m", "seen"], "low": 5, "high": 1})),
            [
                "low: low (5) is above high (1)",
                "columns.0: table `t` has no column `m`; there are: `record_id`, `n`, `seen`, `_line`",
                "columns.1: column `seen` of table `t` holds dates, not text or whole numbers or numbers; this rule reads text or numbers",
            ]
        );
        assert_eq!(said(json!({"table": "t", "columns": []})), ["columns: no column is named"]);
        let hint = "where the comma is the decimal mark, say `decimal_comma: only` and `thousands: [point]`";
        assert_eq!(
            said(json!({"table": "t", "columns": ["n"], "thousands": ["point"]})),
            [format!(
                "thousands: the point stands before decimals, so it cannot mark thousands; {hint}"
            )]
        );
        assert_eq!(
            said(
                json!({"table": "t", "columns": ["n"], "decimal_comma": "only", "thousands": ["comma"]})
            ),
            [format!(
                "thousands: the comma stands before decimals, so it cannot mark thousands; {hint}"
            )]
        );
        assert_eq!(
            said(json!({"table": "t", "columns": ["n"], "otherwise": "stop"})),
            [
                ": `many` in column `n` of table `t`, line 2 (P-1): no number; mend the raw cell, or use `otherwise: query`"
            ]
        );
    }

    #[test]
    fn a_value_below_its_limit_may_count_as_nothing() {
        let parameters = json!({"table": "t", "columns": ["cps"], "below": "zero"});
        let output = run_twice::<ParseNumbers>(parameters, "t", &table("record_id|cps\nP-1|<1"));
        assert_eq!(shown(&output.tables["t"])[1], "P-1|0");
        assert_eq!(log(&output), ["2 P-1 cps: <1 -> 0 (fixed: below 1: taken for 0)"]);
    }

    proptest! {
        #[test]
        fn a_second_run_changes_nothing(cells in prop::collection::vec("[<>]?[0-9,.１％%-]{0,6}", 1..15), whole: bool) {
            let lines: String = cells.iter().map(|cell| format!("\nP|{cell}")).collect();
            let parameters = json!({
                "table": "t", "columns": ["n"], "strip": ["%"], "decimal_comma": "accept", "whole": whole, "below": "limit",
            });
            run_twice::<ParseNumbers>(parameters, "t", &table(&format!("record_id|n{lines}")));
        }
    }
}
