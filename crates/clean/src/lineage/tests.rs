//! What becomes of dates, on tables that are known from a date on.

use super::*;
use crate::cells::date_series;
use crate::testing::{known_from, table};

const AUTHOR: Author<'_> = Author { rule: "rule", table: "made" };

fn scans() -> Table {
    known_from(table("record_id|seen:date|zero:date|size:real"), "seen")
}

fn columns(known: &Lineage) -> Vec<(&str, bool)> {
    known.known.iter().map(|known| (known.date.column.as_str(), known.of_all_rows)).collect()
}

#[test]
fn a_date_on_the_row_of_an_event_is_known_from_its_own_day_on() {
    let (scans, plain) = (scans(), table("record_id|seen:date"));
    let dates = date_series("read", Vec::new());
    // A date that was read out of text has no date behind it.
    let text = Lineage { raw: scans.lineage("size").raw, ..Lineage::default() };
    let on_event = AUTHOR.written(&dates, text.clone(), &scans.rows);
    assert_eq!(columns(&on_event), [("read", false), ("seen", false)]);
    let elsewhere = AUTHOR.written(&dates, text, &plain.rows);
    assert_eq!((columns(&elsewhere), elsewhere.date.is_some()), (vec![], true));
}

#[test]
fn a_change_keeps_a_date_only_where_no_other_value_comes_in() {
    let scans = scans();
    let own = scans.lineage("seen").date;
    for (sql, stays) in
        [("NULL", true), ("seen", true), ("zero", false), ("COALESCE(seen, zero)", false)]
    {
        assert_eq!(of_change(&scans, "seen", sql).date == own, stays, "{sql}");
    }
    assert_eq!(of_change(&scans, "seen", "zero").dates.len(), 2);
}

#[test]
fn all_rows_are_known_by_the_bound_of_their_dates() {
    let mut scans = scans();
    // the patient's own time zero, joined to each row
    // The helper makes every date one of the rows; here it is the patient's.
    for name in ["zero", "seen", "size", "record_id"] {
        let about = scans.columns.get_mut(name).expect("a column");
        let zero = DateId { table: "raw".into(), column: "zero".into(), rule: None };
        about.lineage.known.retain(|known| known.date != zero);
    }
    scans.columns.get_mut("zero").expect("a column").lineage.settle();
    let seen = |condition: &str| {
        let looked_at = LookedAt::new(&scans, Some(condition));
        let gathered = Gathered { author: AUTHOR, looked_at, earliest: None, per_patient: true };
        let mut size = scans.lineage("size");
        gathered.out(&mut size);
        size
    };
    assert_eq!(columns(&seen("seen <= zero")), [("zero", false)]);
    assert_eq!(columns(&seen("size > 3")), [("seen", true)]);
    assert_eq!(columns(&seen("seen > zero")), [("seen", true)]);
}

#[test]
fn rows_chosen_by_a_date_that_may_never_come_tell_whether_it_does() {
    let with = |rows: &str, condition: &str| {
        let mut scans =
            known_from(table(&format!("record_id|seen:date|died:date\n{rows}")), "seen");
        let died = scans.columns.get_mut("died").expect("a column");
        died.lineage.settle();
        let looked_at = LookedAt::new(&scans, Some(condition));
        let known = looked_at.decides.known.iter();
        known.map(|known| known.date.column.clone()).collect::<BTreeSet<_>>()
    };
    let set = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let whole = "P-1|2020-01-01|2020-03-01";
    let open = "P-1|2020-01-01|2020-03-01\nP-2|2020-01-01|";
    // Nobody learns by these whether the patient has died later.
    for safe in ["died < seen", "seen >= died", "died IS NULL OR seen <= died"] {
        assert_eq!(with(open, safe), set(&["seen"]), "{safe}");
    }
    for tells in ["died >= seen", "seen <= died", "died IS NULL OR died < seen"] {
        assert_eq!(with(open, tells), set(&["died", "seen"]), "{tells}");
        assert_eq!(with(whole, tells), set(&["seen"]), "{tells}: all have one");
    }
}
