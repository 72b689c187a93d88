//! Which row is brought, worked by hand; and from when on it is known.

use serde_json::{Value, json};
use study::{Lineage, Output};

use super::*;
use crate::testing::{known_from, log, messages, run, shown, table};

fn patients() -> Table {
    table(
        "record_id|start:date\nP-002|2020-03-10\nP-001|2020-03-10\nP-003|\nP-004|2020-03-10\nP-005|2020-03-10",
    )
}

fn labs() -> Table {
    table(
        // For each patient something to choose from: on both sides, on the day, without a
        // date, as far on either side, and a patient whom nobody asks for.
        "record_id|day:date|ldh:whole\n\
         P-001|2020-03-15|30\nP-001|2020-02-01|10\nP-001|2020-03-01|20\nP-001||60\n\
         P-002|2020-03-11|50\nP-002|2020-03-10|40\nP-002|2020-03-09|45\n\
         P-003|2020-03-01|70\nP-004|2020-03-15|81\nP-004|2020-03-05|80\nP-009|2020-03-10|90",
    )
}

fn joined(as_of: &Value, labs: &Table) -> Result<Output, Mistakes> {
    let mut near = json!({"date": "day", "to": "start"});
    near.as_object_mut().expect("an object").extend(as_of.as_object().cloned().expect("an object"));
    run::<Join>(
        json!({"with": "labs", "as_of": near}),
        &[("patients", &patients()), ("labs", labs)],
    )
}

/// The value brought to each patient, in the order of the table.
fn brought(as_of: &Value) -> String {
    let lines = shown(&joined(as_of, &labs()).expect("it joins").tables["patients"]);
    let last = |line: &String| line.rsplit('|').next().unwrap_or_default().to_owned();
    lines[1..].iter().map(last).collect::<Vec<_>>().join(",")
}

#[test]
fn the_row_of_the_nearest_day_on_the_asked_side_is_brought() {
    // P-002, P-001, P-003, P-004, P-005. The last sample of P-001 before 10 March is 9
    // days old.
    for (as_of, expected) in [
        (json!({}), "40,20,,80,"),
        (json!({"direction": "backward", "within": "9 days"}), "40,20,,80,"),
        (json!({"direction": "backward", "within": "8 days"}), "40,,,80,"),
        (json!({"direction": "backward", "within": "0 days"}), "40,,,,"),
        (json!({"direction": "forward"}), "40,30,,81,"),
        (json!({"direction": "forward", "within": "4 days"}), "40,,,,"),
        // of P-004's two rows, each 5 days away, the earlier one
        (json!({"direction": "nearest"}), "40,30,,80,"),
        (json!({"direction": "nearest", "within": "4 days"}), "40,,,,"),
    ] {
        assert_eq!(brought(&as_of), expected, "{as_of}");
    }
}

/// The example in the documentation of pandas' `merge_asof`: 1, 5 and 10 beside
/// 1, 2, 3, 6 and 7.
#[test]
fn each_of_many_rows_with_one_key_finds_its_own() {
    // The numbers are days of January; a visit of somebody else and one of nobody find
    // nothing.
    let visits = table(
        "record_id|seen:date\nA|2020-01-10\nA|2020-01-01\nB|2020-01-05\nA|2020-01-05\n|2020-01-05",
    );
    let doses = table(
        "record_id|given:date|dose:whole\n\
         A|2020-01-01|1\nA|2020-01-02|2\nA|2020-01-03|3\nA|2020-01-06|6\nA|2020-01-07|7",
    );
    for (direction, expected) in
        [("backward", "7 1  3 "), ("forward", " 1  6 "), ("nearest", "7 1  6 ")]
    {
        let output = run::<Join>(
            json!({
                "table": "visits", "with": "doses", "cardinality": "many_to_one", "columns": ["dose"],
                "as_of": {"date": "given", "to": "seen", "direction": direction},
            }),
            &[("visits", &visits), ("doses", &doses)],
        );
        let lines = shown(&output.expect("it joins").tables["visits"]);
        let found: Vec<_> =
            lines[1..].iter().map(|line| line.rsplit('|').next().unwrap_or_default()).collect();
        assert_eq!(found.join(" "), expected, "{direction}");
    }
}

#[test]
fn the_order_of_the_rows_changes_nothing() {
    let mut rows: Vec<&str> = vec![
        "P-001|2020-03-15|30",
        "P-001|2020-02-01|10",
        "P-001|2020-03-01|20",
        "P-004|2020-03-05|80",
        "P-004|2020-03-15|81",
        "P-002|2020-03-10|40",
    ];
    // Every rotation of the file.
    for _ in 0..rows.len() {
        rows.rotate_left(1);
        let labs = table(&format!("record_id|day:date|ldh:whole\n{}", rows.join("\n")));
        let output = joined(&json!({"direction": "nearest"}), &labs).expect("it joins");
        assert_eq!(
            shown(&output.tables["patients"])[1..],
            [
                "P-002|2020-03-10|2020-03-10|40",
                "P-001|2020-03-10|2020-03-15|30",
                "P-003|||",
                "P-004|2020-03-10|2020-03-05|80",
                "P-005|2020-03-10||",
            ]
        );
    }
}

#[test]
fn rows_of_one_day_are_a_mistake_where_either_could_be_brought() {
    let twice = table(
        "record_id|day:date|ldh:whole\n\
         P-001|2020-03-01|20\nP-001|2020-02-01|10\nP-001|2020-02-01|11\nP-001|2020-03-01|21",
    );
    assert_eq!(
        messages(&joined(&json!({}), &twice).expect_err("which of them?")),
        [
            "as_of.date: rows of `labs` have one key and one `day`, and each of them could be brought: line 2 (P-001), line 5 (P-001); leave one a day by `deduplicate`, `select_row` or `summarize` before this rule"
        ]
    );
    // those of 1 March are too far away, and those of February further
    joined(&json!({"within": "8 days"}), &twice).expect("nobody asks");
}

#[test]
fn rows_without_a_partner_are_told_with_what_they_lack() {
    let output = run::<Join>(
        json!({
            "with": "labs", "unmatched": "query",
            "as_of": {"date": "day", "to": "start", "within": "1 days"},
        }),
        &[("patients", &patients()), ("labs", &labs())],
    );
    let has = "no row of `labs` has this key and a `day` at or before `start`, at most 1 day away";
    let lacks = |place: &str| format!("{place}: (missing) -> (missing) (query: {has})");
    assert_eq!(
        log(&output.expect("it joins")),
        [
            lacks("3 P-001"),
            lacks("4 P-003"),
            lacks("5 P-004"),
            lacks("6 P-005"),
            "12 P-009: (missing) -> (missing) (row_dropped: no row of `patients` has this key: the row is not used)".to_owned(),
        ]
    );
    let kept = joined(&json!({}), &labs()).expect("it joins");
    assert_eq!(kept.notices, ["2 of 5 rows of `patients` find no row in `labs`"]);
    let strange = table("record_id|day:date|ldh:whole\nP1|2020-03-10|1");
    assert!(
        messages(&joined(&json!({}), &strange).expect_err("a mistake"))[0]
            .starts_with("with: no row of `patients` finds a partner in `labs`")
    );
}

#[test]
fn mistakes_are_told_all_at_once() {
    let said = |as_of: &Value| {
        let tables = [("patients", &patients()), ("labs", &labs())];
        messages(
            &run::<Join>(json!({"with": "labs", "as_of": as_of}), &tables).expect_err("a mistake"),
        )
    };
    assert_eq!(
        said(&json!({"date": "ldh", "to": "begin"})),
        [
            "as_of.date: column `ldh` of table `labs` holds whole numbers, not dates; turn it into dates with a `parse_dates` rule first",
            "as_of.to: table `patients` has no column `begin`; there are: `record_id`, `start`, `_line`",
        ]
    );
    assert_eq!(
        said(&json!({"date": "day"})),
        ["as_of: no date to be near to; name it with `to`, or set `index_date` in `study:`"]
    );
}

/// The dates from which on a lineage is known: its table and column, and
/// whether no more may come.
fn known(lineage: &Lineage) -> Vec<(&str, &str, bool)> {
    let told = lineage.known.iter();
    told.map(|known| (known.date.table.as_str(), known.date.column.as_str(), known.of_all_rows))
        .collect()
}

#[test]
fn what_was_known_at_a_date_is_brought_backwards_alone() {
    let labs = known_from(labs(), "day");
    let lineage = |as_of: &Value, column: &str| {
        joined(as_of, &labs).expect("it joins").tables["patients"].lineage(column)
    };
    let by_start = [("raw", "start", false)];
    for column in ["ldh", "day"] {
        assert_eq!(known(&lineage(&json!({}), column)), by_start, "{column}");
        let same_day = json!({"direction": "nearest", "within": "0 days"});
        assert_eq!(known(&lineage(&same_day, column)), by_start, "{column}");
        // the first one from then on is known on its own day, which came along as a date of its own
        let forward = lineage(&json!({"direction": "forward"}), column);
        assert_eq!(known(&forward), [("patients", "day", false)], "{column}");
        // and the nearest may lie ahead: it is known when no nearer one can come
        let nearest = lineage(&json!({"direction": "nearest", "within": "30 days"}), column);
        assert_eq!(known(&nearest), [("raw", "day", true)], "{column}");
    }
    let day = lineage(&json!({}), "day").date.expect("a date");
    assert_eq!((day.date.table.as_str(), day.per_patient), ("patients", true));
    assert!(lineage(&json!({}), "ldh").raw.iter().any(|raw| raw.column == "start"));
}

#[test]
fn what_is_brought_to_one_of_many_rows_is_known_from_that_row_on() {
    let visits = known_from(table("record_id|seen:date\nA|2020-01-05\nA|2020-01-09"), "seen");
    let doses = known_from(table("record_id|given:date|dose:whole\nA|2020-01-01|1"), "given");
    let of = |direction: &str| {
        let output = run::<Join>(
            json!({
                "table": "visits", "with": "doses", "cardinality": "many_to_one", "columns": ["dose"],
                "as_of": {"date": "given", "to": "seen", "direction": direction},
            }),
            &[("visits", &visits), ("doses", &doses)],
        );
        output.expect("it joins").tables["visits"].lineage("dose")
    };
    let backward = of("backward");
    assert_eq!(known(&backward), [("raw", "seen", false)]);
    assert!(backward.known.iter().all(|known| !known.per_patient));
    assert_eq!(known(&of("nearest")), [("raw", "given", true), ("raw", "seen", false)]);
}
