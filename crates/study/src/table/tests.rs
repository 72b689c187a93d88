//! Tables as a stage is handed them: what is read, what is passed on.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// A handed table of two columns of three rows; `loads` counts those that were read.
fn handed(access: Access, loads: &Arc<AtomicUsize>) -> Table {
    let lazy = |name: &'static str, values: [i64; 3]| {
        let loads = Arc::clone(loads);
        let load = move || {
            loads.fetch_add(1, Ordering::Relaxed);
            Values::Whole(values.map(Some).to_vec()).into_series(name)
        };
        (name.to_owned(), Arc::new(Lazy::new(ColumnType::Whole, load)))
    };
    let known = ["a", "b"].map(|name| {
        (name.to_owned(), Column { label: format!("label of {name}"), ..Column::default() })
    });
    let columns = [lazy("a", [1, 2, 3]), lazy("b", [10, 20, 30])];
    Table::handed("t", (3, Lineage::default()), columns, BTreeMap::from(known), access)
}

#[test]
fn a_column_is_read_when_it_is_asked_for() {
    let loads = Arc::default();
    let table = handed(Access::Free, &loads);
    // Rows 0 and 2, and of these the second twice and the first: nothing is read for
    // it.
    let some = table.keep(&[true, false, true]).take(&[1, 1, 0]);
    assert_eq!(loads.load(Ordering::Relaxed), 0);
    assert_eq!(some.numbers("b"), Some(vec![Some(30.0), Some(30.0), Some(10.0)]));
    assert_eq!(some.numbers("b"), Some(vec![Some(30.0), Some(30.0), Some(10.0)]));
    assert_eq!(loads.load(Ordering::Relaxed), 1);
}

#[test]
fn a_column_that_stays_is_passed_with_the_rows_that_stand() {
    let mut table = handed(Access::Free, &Arc::default());
    table.put("a", Values::Whole(vec![None; 3]));
    table.put("c", Values::YesNo(vec![Some(true); 3]));
    // Two selections: row 2 of the table as it was handed over.
    let table = table.keep(&[false, true, true]).keep(&[false, true]);
    let last = Rows::new(vec![2]);
    let parts: Vec<_> = table.parts().map(|(name, part)| (name, format!("{part:?}"))).collect();
    let passed = Origin::Passed { from: "t", rows: Some(&last) };
    assert_eq!(parts[1], ("b", format!("{passed:?}")));
    assert!(parts[0].1.starts_with("Made") && parts[2].1.starts_with("Made"), "{parts:?}");
}

#[test]
fn the_lineage_of_the_rows_goes_wherever_the_table_goes() {
    let mut table = handed(Access::Free, &Arc::default());
    table.rows.rules.insert("rule".into());
    let rows = table.rows.clone();
    let over = table.handed_over("u", Access::Only(Arc::default(), "k".into()));
    let selected = table.select(&["a".to_owned()]);
    for other in [
        table.keep(&[true, false, true]),
        table.take(&[2, 0]),
        selected,
        table.freed(),
        table.without_rows(),
        over,
    ] {
        // Whatever becomes of the columns, what decided the rows stays known.
        assert_eq!(other.rows, rows);
    }
}

#[test]
fn to_ask_for_lineage_is_a_read_of_what_is_known() {
    let reads = Arc::new(Mutex::new(Reads::default()));
    let table = handed(Access::Noted(Arc::clone(&reads)), &Arc::default());
    let _ = table.lineage_of(["a"]);
    let noted = || reads.lock().expect("one thread").clone();
    assert_eq!(noted(), Reads { known: ["a".to_owned()].into(), ..Reads::default() });
    let date = crate::DateId { table: "t".into(), column: "day".into(), rule: None };
    // which column is a date, any of them may say
    assert_eq!(table.column_of_date(&date), None);
    assert!(noted().all_known);
}

#[test]
fn all_rows_are_no_selection() {
    let table = handed(Access::Free, &Arc::default()).keep(&[true; 3]);
    let none = table.parts().all(|(_, part)| matches!(part, Origin::Passed { rows: None, .. }));
    assert!(none);
}

#[test]
fn reads_are_noted_and_what_was_made_is_nobodys_read() {
    let reads = Arc::new(Mutex::new(Reads::default()));
    let mut table = handed(Access::Noted(Arc::clone(&reads)), &Arc::default());
    table.put("c", Values::YesNo(vec![Some(true); 3]));
    table.columns.insert("c".to_owned(), Column::default());
    let _ = (table.about("c"), table.series("c"), table.about("a"), table.has("gone"));
    // A condition reads the columns that it names: `b` by its values, the own `c` not
    // at all.
    assert!(table.holds("b > 10 AND b < 50 AND c").is_ok());
    let noted = reads.lock().expect("one thread").clone();
    let set = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    assert_eq!(
        noted,
        Reads { values: set(&["b"]), known: set(&["a", "b", "gone"]), ..Reads::default() }
    );
    let _ = table.names();
    assert!(reads.lock().expect("one thread").names);
}

#[test]
#[should_panic(expected = "kind `k` reads column `b` in its rehearsal before its run does")]
fn another_read_than_those_of_the_rehearsal_is_a_bug() {
    let reads = Reads { values: ["a".to_owned()].into(), ..Reads::default() };
    let table = handed(Access::Only(Arc::new(reads), "k".into()), &Arc::default());
    assert!(table.series("a").is_some());
    let _ = table.keep(&[true, true, false]).series("b");
}

#[test]
fn every_type_reads_back() {
    let all = [
        ("text", Values::Text(vec![Some("x".into()), None])),
        ("whole", Values::Whole(vec![None, Some(-1)])),
        ("real", Values::Real(vec![Some(0.5), None])),
        ("yes", Values::YesNo(vec![Some(false), None])),
        ("day", Values::Date(vec![None, Some(17_000)])),
    ];
    let table = Table::of(2, all.clone());
    for (name, values) in all {
        assert_eq!(table.values(name), Some(values), "{name}");
    }
    assert_eq!(table.numbers("text"), None);
    assert_eq!(table.categories("yes"), Some([Some("no"), None].into_iter().collect()));
    let empty = table.without_rows();
    let types = |table: &Table| table.names().iter().map(|n| table.type_of(n)).collect::<Vec<_>>();
    assert_eq!((empty.height(), types(&empty)), (0, types(&table)));
}

#[test]
fn versions_share_what_they_do_not_change() {
    let table = handed(Access::Free, &Arc::default());
    let over = |table: &Table| table.handed_over("t", Access::default());
    assert!(Arc::ptr_eq(&over(&table).entries, &table.entries), "handed on as it was");
    let mut shape = over(&table.keep(&[true; 3])).take(&[]);
    shape.put("c", Values::Whole(Vec::new()));
    // what was made becomes a column that is handed over, once
    let first = over(&shape.without_rows());
    let second = over(&first.without_rows());
    assert!(Arc::ptr_eq(&first.entries, &second.entries) && first.names() == ["a", "b", "c"]);
    // a version that is changed leaves the others as they are
    let mut changed = first.clone();
    changed.put("d", Values::Whole(Vec::new()));
    changed.columns.insert("d".into(), Column::default());
    assert!(!first.has("d") && first.columns.get("d").is_none() && changed.has("d"));
}
