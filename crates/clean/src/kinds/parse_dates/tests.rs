//! Tests of parse dates.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{log, messages, run, run_twice, shown, table};

#[test]
fn dates_are_read_and_doubts_are_asked() {
    // A cell for each form and each doubt; 5 March 2021 wherever the day is known.
    let raw = table(
        "record_id|seen\nP-1|2021-03-05\nP-2|25/03/2021\nP-3|05/03/2021\nP-4|2021年3月5日\nP-5|44260\nP-6|31/02/2021\nP-7|NK\nP-8|\nP-9|2021-03\nP-10|2031-01-01\nP-11|5/3/21\nP-12|1821-03-05\nP-13| 2021-03-06",
    );
    let parameters = json!({
        "table": "visits", "columns": ["seen"], "missing": ["NK"], "earliest": "1900-01-01", "latest": "2023-06-30",
        "formats": ["iso", "day_month_year", "month_day_year", "chinese", "excel_serial"],
    });
    let output = run_twice::<ParseDates>(parameters, "visits", &raw);
    let clean = shown(&output.tables["visits"]);
    assert_eq!(
        clean,
        [
            "record_id|seen",
            "P-1|2021-03-05",
            "P-2|2021-03-25",
            "P-3|",
            "P-4|2021-03-05",
            "P-5|2021-03-05",
            "P-6|",
            "P-7|",
            "P-8|",
            "P-9|",
            "P-10|",
            "P-11|",
            "P-12|",
            "P-13|2021-03-06"
        ]
    );
    assert_eq!(
        log(&output),
        [
            "3 P-2 seen: 25/03/2021 -> 2021-03-25 (fixed: day/month/year)",
            "4 P-3 seen: 05/03/2021 -> (missing) (query: ambiguous: 2021-03-05 or 2021-05-03)",
            "5 P-4 seen: 2021年3月5日 -> 2021-03-05 (fixed: Chinese form)",
            "6 P-5 seen: 44260 -> 2021-03-05 (fixed: Excel serial number)",
            "7 P-6 seen: 31/02/2021 -> (missing) (query: there is no such day in the calendar)",
            "8 P-7 seen: NK -> (missing) (set_missing: `NK` is a code for missing)",
            "10 P-9 seen: 2021-03 -> (missing) (query: the day is unknown)",
            "11 P-10 seen: 2031-01-01 -> (missing) (query: 2031-01-01 is after 2023-06-30)",
            "12 P-11 seen: 5/3/21 -> (missing) (query: the year has two digits and no `two_digit_year_pivot` is declared)",
            "13 P-12 seen: 1821-03-05 -> (missing) (query: 1821-03-05 is before 1900-01-01)",
            "14 P-13 seen:  2021-03-06 -> 2021-03-06 (fixed: year-month-day)",
        ]
    );
}

#[test]
fn a_month_is_completed_within_its_bounds() {
    // The month alone, the month with a bound inside it, a bound behind it, two months,
    // and a day that is known.
    let raw = table(
        "record_id|last_contact|death_date\nP-1|2021-03-02|2021-03\nP-2|2021-03-20|UK/03/2021\nP-3|2021-04-02|2021-03\nP-4|2021-03|2021-03\nP-5|2021-02-01|2021-03-31",
    );
    let with = |partial: &str| {
        let parameters = json!({
            "table": "followup", "columns": ["last_contact", "death_date"], "partial": partial, "not_before": "last_contact",
        });
        run_twice::<ParseDates>(parameters, "followup", &raw)
    };
    let mid = with("mid_month");
    assert_eq!(
        shown(&mid.tables["followup"]),
        [
            "record_id|last_contact|death_date|last_contact_imputed|death_date_imputed",
            "P-1|2021-03-02|2021-03-15|false|true",
            "P-2|2021-03-20|2021-03-20|false|true",
            "P-3|2021-04-02||false|false",
            "P-4|2021-03-15|2021-03-15|true|true",
            "P-5|2021-02-01|2021-03-31|false|false",
        ]
    );
    assert_eq!(
        log(&mid),
        [
            "5 P-4 last_contact: 2021-03 -> 2021-03-15 (fixed: day unknown: middle of the month)",
            "2 P-1 death_date: 2021-03 -> 2021-03-15 (fixed: day unknown: middle of the month)",
            "3 P-2 death_date: UK/03/2021 -> 2021-03-20 (fixed: day unknown: middle of the month, not before `last_contact`)",
            "4 P-3 death_date: 2021-03 -> (missing) (query: day unknown, and the month ends before `last_contact` (2021-04-02))",
            "5 P-4 death_date: 2021-03 -> 2021-03-15 (fixed: day unknown: middle of the month)",
        ]
    );
    assert_eq!(
        shown(&with("first_day").tables["followup"])[1],
        "P-1|2021-03-02|2021-03-02|false|true"
    );
    assert_eq!(
        shown(&with("last_day").tables["followup"])[1],
        "P-1|2021-03-02|2021-03-31|false|true"
    );
}

#[test]
fn the_days_that_a_completed_date_can_have_been() {
    // The export is of 20 April 2021: no completed day can be later.
    let raw = table(
        "record_id|last_contact|death_date\nP-1|2021-03-02|2021-03\nP-2|2021-02-20|2021-03\nP-3|2021-04-02|2021-03\nP-4|2021-02-01|2021-03-31\nP-5|2021-02-01|\nP-6|2021-04-02|2021-04",
    );
    let parameters = |range: bool| {
        json!({
            "table": "followup", "columns": ["last_contact", "death_date"], "partial": "mid_month",
            "not_before": "last_contact", "latest": "2021-04-20", "range": range,
        })
    };
    let output = run_twice::<ParseDates>(parameters(true), "followup", &raw);
    let clean = output.tables["followup"].clone();
    let days = |column: &str| {
        let days = clean.days(column).expect("dates");
        days.into_iter().map(|day| day.map(iso).unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(
        days("death_date"),
        ["2021-03-15", "2021-03-15", "", "2021-03-31", "", "2021-04-15"]
    );
    assert_eq!(
        days("death_date_earliest"),
        ["2021-03-02", "2021-03-01", "", "2021-03-31", "", "2021-04-02"]
    );
    // no later than the day of the export
    assert_eq!(
        days("death_date_latest"),
        ["2021-03-31", "2021-03-31", "", "2021-03-31", "", "2021-04-20"]
    );
    assert_eq!(days("last_contact_earliest"), days("last_contact"));
    let rules = |column: &str| clean.about(column).lineage.rules;
    assert_eq!(rules("death_date_latest"), rules("death_date"));
    let without = run::<ParseDates>(parameters(false), &[("followup", &raw)]).expect("runs");
    assert_eq!(log(&output), log(&without), "the log is of the dates alone");
}

#[test]
fn mistakes_are_told() {
    let raw = table("record_id|seen|n:whole|last\nP-1|soon|1|2021-03-05");
    let said = |parameters| {
        messages(&run::<ParseDates>(parameters, &[("visits", &raw)]).expect_err("a mistake"))
    };
    assert_eq!(
        said(json!({
            "table": "visits", "columns": ["seen", "n", "saen"], "formats": [], "earliest": "2021-02-30",
            "latest": "01/02/2021", "not_before": "last", "not_after": "lst",
        })),
        [
            "earliest: `2021-02-30` is no day of the calendar; write it as `2021-03-05`",
            "latest: `01/02/2021` is no day of the calendar; write it as `2021-03-05`",
            "formats: no format is declared",
            "not_before: `not_before` bounds completed dates, but none is completed; set `partial` to `mid_month`, `first_day` or `last_day`",
            "not_after: `not_after` bounds completed dates, but none is completed; set `partial` to `mid_month`, `first_day` or `last_day`",
            "not_before: column `last` of table `visits` holds text, not dates; parse it by an earlier rule, or list it under `columns`",
            "not_after: table `visits` has no column `lst`; did you mean `last`?",
            "columns.1: column `n` of table `visits` holds whole numbers, not text or dates; declare it as text where it is read, and let this rule parse it",
            "columns.2: table `visits` has no column `saen`; did you mean `seen`?",
        ]
    );
    assert_eq!(
        said(json!({"table": "visits", "columns": ["seen"], "otherwise": "stop"})),
        [
            ": `soon` in column `seen` of table `visits`, line 2 (P-1): no date; mend the raw cell, or use `otherwise: query`"
        ]
    );
}

proptest! {
    // Cells that look like dates and mostly are none.
    #[test]
    fn a_second_run_changes_nothing(cells in prop::collection::vec("[0-9]{1,4}[-/.年][0-9UK]{1,2}[-/月]?[0-9]{0,4}", 1..12)) {
        let lines: String = cells.iter().map(|cell| format!("\nP|{cell}")).collect();
        let parameters = json!({
            "table": "visits", "columns": ["seen"], "partial": "mid_month", "two_digit_year_pivot": 30,
            "formats": ["iso", "day_month_year", "month_day_year", "chinese"], "latest": "2023-06-30",
        });
        run_twice::<ParseDates>(parameters, "visits", &table(&format!("record_id|seen{lines}")));
    }
}
