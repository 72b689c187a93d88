//! Rows under one another, with their columns and their lineage.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use study::DateId;

use super::*;
use crate::lineage::rename;
use crate::testing::{known_from, messages, run, shown, table};

fn appended(parameters: Value, a: &Table, b: &Table) -> Result<Output, Vec<String>> {
    run::<Append>(parameters, &[("a", a), ("b", b)]).map_err(|found| messages(&found))
}

fn with_unit(mut table: Table, column: &str, unit: &str) -> Table {
    let mut about = table.about(column);
    about.unit = Some(unit.to_owned());
    about.levels = vec![];
    table.columns.insert(column.to_owned(), about);
    table
}

#[test]
fn rows_stand_under_one_another_by_the_names_of_their_columns() {
    // Other orders of columns, and a row that has nothing but its patient.
    let a = table("record_id|age:real|day:date\nA1|50|2020-01-01\nA2||");
    let b = table("day:date|age:real|record_id\n2021-02-03|61.5|B1");
    let parameters = json!({"tables": ["b", "a"], "into": "all", "source": "site"});
    // Listed as b, a: the order of the list decides, not that of the names.
    let output = appended(parameters, &a, &b).expect("they fit");
    let all = &output.tables["all"];
    assert_eq!(
        shown(all),
        ["day|age|record_id|site", "2021-02-03|61.5|B1|b", "2020-01-01|50|A1|a", "||A2|a",]
    );
    let levels: Vec<String> =
        all.about("site").levels.into_iter().map(|level| level.value).collect();
    assert_eq!(levels, ["b", "a"]);
}

#[test]
fn levels_are_those_of_all_tables() {
    let level = |value: &str| Level::new(value, value.to_uppercase());
    let with_levels = |rows: &str, levels: &[&str]| {
        let mut table = table(rows);
        let levels = levels.iter().map(|value| level(value)).collect();
        let about = study::Column { levels, ..table.about("sex") };
        table.columns.insert("sex".into(), about);
        table
    };
    // `m` stands in both and comes once, in the order of the first table.
    let a = with_levels("record_id|sex\nA|m", &["f", "m"]);
    let b = with_levels("record_id|sex\nB|x", &["m", "x"]);
    let output = appended(json!({"tables": ["a", "b"], "into": "a"}), &a, &b).expect("fits");
    assert_eq!(output.tables["a"].about("sex").levels, [level("f"), level("m"), level("x")]);
}

#[test]
fn a_column_that_a_table_lacks_may_be_missing() {
    let a = table("record_id|age:real\nA1|50");
    let b = table("record_id|ldh:whole\nB1|200");
    let parameters = json!({"tables": ["a", "b"], "into": "all", "absent": "set_missing"});
    let output = appended(parameters, &a, &b).expect("that is declared");
    assert_eq!(shown(&output.tables["all"]), ["record_id|age|ldh", "A1|50|", "B1||200"]);
}

/// Exports of two hospitals, each known from the day of its rows.
fn hospitals() -> (Table, Table) {
    let named = |rows: &str, name: &str| {
        let mut table = known_from(table(rows), "day");
        let date = |table: &str| DateId { table: table.into(), column: "day".into(), rule: None };
        let names = BTreeMap::from([(date("raw"), date(name))]);
        let raw = |raw: study::RawColumn| study::RawColumn { table: name.to_owned(), ..raw };
        let lineages = table.columns.values_mut().map(|about| &mut about.lineage);
        for lineage in lineages.chain([&mut table.rows]) {
            rename(lineage, &names);
            lineage.raw = std::mem::take(&mut lineage.raw).into_iter().map(raw).collect();
        }
        table
    };
    let a = named("record_id|day:date|dose:real\nA1|2020-01-01|3\nA2|2020-01-02|4", "a");
    let b = named("record_id|day:date|dose:real\nB1|2021-02-03|5", "b");
    (a, b)
}

fn known(lineage: &Lineage) -> Vec<String> {
    let shown = |date: &DateId| format!("{}.{}", date.table, date.column);
    lineage.known.iter().map(|known| shown(&known.date)).collect()
}

#[test]
fn lineage_is_that_of_all_tables_and_dates_get_the_name_of_the_new_one() {
    let (a, b) = hospitals();
    let parameters = json!({"tables": ["a", "b"], "into": "all", "source": "site"});
    let all = &appended(parameters, &a, &b).expect("they fit").tables["all"];
    let raw: Vec<String> =
        all.lineage("dose").raw.iter().map(|raw| format!("{}.{}", raw.table, raw.column)).collect();
    assert_eq!(raw, ["a.dose", "b.dose"]);
    // a row is known from its own day on, whose name is the new one
    for lineage in [&all.rows, &all.lineage("dose"), &all.lineage("site"), &all.lineage("day")] {
        assert_eq!(known(lineage), ["all.day"]);
        assert!(lineage.rules.contains("the_rule"));
    }
    let day = all.lineage("day").date.expect("a date");
    assert_eq!(all.column_of_date(&day.date), Some("day"));
    assert!(all.lineage("record_id").identifier && !all.lineage("site").identifier);
}

#[test]
fn dates_of_several_tables_are_several_unless_they_are_one_event() {
    let (a, b) = hospitals();
    let dates = |same_event: &[&str]| {
        let parameters = json!({"tables": ["a", "b"], "into": "all", "same_event": same_event});
        let all = appended(parameters, &a, &b).expect("they fit");
        let dates = all.tables["all"].lineage("day").dates;
        dates.into_iter().map(|date| date.table).collect::<Vec<_>>()
    };
    assert_eq!(dates(&[]), ["a", "b"]);
    assert_eq!(dates(&["day"]), ["all"]);
    let parameters =
        json!({"tables": ["a", "b"], "into": "all", "same_event": ["dose", "dayy", "dose"]});
    assert_eq!(
        appended(parameters, &a, &b).expect_err("mistakes"),
        [
            "same_event.2: `dose` is listed twice",
            "same_event.0: column `dose` holds numbers, not dates; turn it into dates with a `parse_dates` rule first",
            "same_event.1: none of the tables has a column `dayy`; did you mean `day`?",
            "same_event.2: column `dose` holds numbers, not dates; turn it into dates with a `parse_dates` rule first",
        ]
    );
}

#[test]
fn mistakes_are_told_all_at_once() {
    let a = with_unit(table("record_id|alb:real|age:whole|x\nA1|40|50|1"), "alb", "g/L");
    let b = with_unit(table("record_id|alb:real|age:real\nB1|4|50"), "alb", "g/dL");
    let parameters = json!({"tables": ["a", "b", "a"], "into": "all", "source": "age"});
    assert_eq!(
        appended(parameters, &a, &b).expect_err("mistakes"),
        [
            "tables.2: `a` is listed twice",
            "tables.1: column `alb` of table `b` has unit `g/dL`, but unit `g/L` before; bring it to one unit by `convert_unit`, or declare the unit in both",
            "tables.1: column `age` of table `b` holds numbers, but whole numbers before; bring it to one type by a rule before this one",
            "tables.1: table `b` lacks the column `x`; rename it by `header:` where the table is read, or say `absent: set_missing`",
            "source: the tables have a column `age` already; choose another name",
        ]
    );
}
