//! Tests of correct.

use serde_json::{Value, json};

use super::*;
use crate::testing::{log, messages, run, shown, table};

const LABS: &str = "record_id|instance:whole|albumin:real|seen:date|note\nP-1|1|3.4|2021-03-05|a\nP-1|2|340||b\nP-2|1|41|2021-03-06|c\nP-2|1|42|2021-03-07|";

fn rule() -> Value {
    json!({"answers": "query_answers", "tables": {"labs": ["record_id", "instance"]}, "source_column": "by"})
}

#[test]
fn answers_go_into_their_cells() {
    let answers = table(
        "record_id|table|instance|field|raw|answer|by\nP-1|labs|2|albumin|340|34|chart\nP-1|labs|2|seen||2021-03-09|chart\nP-1|labs|1|note|A||phone\nP-1|labs|1|albumin|3.4|3.4|chart",
    );
    let labs = table(LABS);
    let output =
        run::<Correct>(rule(), &[("query_answers", &answers), ("labs", &labs)]).expect("all fit");
    let clean = &output.tables["labs"];
    assert_eq!(shown(clean)[1..3], ["P-1|1|3.4|2021-03-05|", "P-1|2|34|2021-03-09|b"]);
    assert_eq!(
        log(&output),
        [
            "3 P-1 albumin: 340 -> 34 (corrected: the answer in line 2 (P-1) of `query_answers`: chart)",
            "3 P-1 seen: (missing) -> 2021-03-09 (corrected: the answer in line 3 (P-1) of `query_answers`: chart)",
            "2 P-1 note: a -> (missing) (corrected: the answer in line 4 (P-1) of `query_answers`: phone)",
            "2 P-1 albumin: 3.4 -> 3.4 (corrected: confirmed by the answer in line 5 (P-1) of `query_answers`: chart)",
        ]
    );
    // The corrected table is what a second export looks like: every answer fits it.
    let again =
        run::<Correct>(rule(), &[("query_answers", &answers), ("labs", clean)]).expect("all fit");
    assert_eq!(shown(&again.tables["labs"]), shown(clean));
    assert_eq!(again.changes.len(), 1, "only the confirmation is noted again");
}

#[test]
fn an_answer_that_does_not_match_is_a_mistake() {
    // An answer for each way to miss: table, row, several rows, column, value, type.
    let answers = table(
        "record_id|table|instance|field|raw|answer|by\nP-1|lbas|2|albumin|340|34|x\nP-9|labs|2|albumin|340|34|x\nP-2|labs|1|albumin|41|34|x\nP-1|labs|2|albumen|340|34|x\nP-1|labs|2|albumin|341|34|x\nP-1|labs|2|albumin|340|low|x",
    );
    let labs = table(LABS);
    let found = run::<Correct>(rule(), &[("query_answers", &answers), ("labs", &labs)])
        .expect_err("none fits");
    assert_eq!(
        messages(&found),
        [
            "tables: the answer in line 2 (P-1) of `query_answers` names table `lbas`, which the rule does not correct; did you mean `labs`?",
            ": the answer in line 3 (P-9) of `query_answers` finds no row in table `labs`",
            ": the answer in line 4 (P-2) of `query_answers` finds several rows in table `labs`: line 4 (P-2), line 5 (P-2); name more columns under `tables`",
            ": the answer in line 5 (P-1) of `query_answers` names column `albumen`, which table `labs` does not have; did you mean `albumin`?",
            ": the answer in line 6 (P-1) of `query_answers` is about the value `341`, but column `albumin` of table `labs`, line 3 (P-1), holds `340`; the answer may be out of date: ask again",
            ": the answer in line 7 (P-1) of `query_answers`: `low` does not fit column `albumin`, which holds numbers",
        ]
    );
}

#[test]
fn mistakes_of_the_rule_are_told_before_the_run() {
    let answers = table("record_id|table|field|raw|reply");
    let labs = table(LABS);
    let mut parameters = rule();
    parameters["tables"]["query_answers"] = json!([]);
    let found = run::<Correct>(parameters, &[("query_answers", &answers), ("labs", &labs)])
        .expect_err("mistakes");
    assert_eq!(
        messages(&found),
        [
            "answer_column: table `query_answers` has no column `answer`; there are: `record_id`, `table`, `field`, `raw`, `reply`, `_line`",
            "source_column: table `query_answers` has no column `by`; there are: `record_id`, `table`, `field`, `raw`, `reply`, `_line`",
            "tables.labs.1: table `query_answers` has no column `instance`; there are: `record_id`, `table`, `field`, `raw`, `reply`, `_line`",
            "tables.query_answers: the table of answers cannot correct itself",
            "tables.query_answers: no column finds the rows of `query_answers`",
        ]
    );
}
