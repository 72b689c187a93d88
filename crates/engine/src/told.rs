//! What a stage did to the data, summed up for the screen: a log of a thousand
//! rows is read by nobody while the run is still there to be mended.

use study::{Action, Deed, Output};

/// A fragment for each sort of change that takes something away, and the
/// notices of the stage.
pub(crate) fn told(output: &Output) -> Vec<String> {
    let deeds: Vec<(&Deed, u64)> = output.changes.counted().collect();
    let sum = |of: &dyn Fn(&Deed) -> bool| -> u64 {
        deeds.iter().filter(|(deed, _)| of(deed)).map(|(_, count)| count).sum()
    };
    let changed = |action: Action, whole_row: bool| {
        sum(&|deed| deed.action == action && deed.field.is_empty() == whole_row)
    };
    // A cell with a query keeps its value or loses it: only the latter takes something
    // from the analysis.
    let emptied =
        sum(&|deed| deed.action == Action::Query && !deed.field.is_empty() && deed.clean.is_none());
    let asked = changed(Action::Query, false) - emptied;
    let counts = [
        (
            output.problems.len() as u64,
            "cell",
            "did not fit and is missing",
            "did not fit and are missing",
        ),
        (emptied, "cell", "became a query and is missing", "became queries and are missing"),
        (asked, "cell", "has a query", "have queries"),
        (changed(Action::Query, true), "row", "has a query", "have queries"),
        (changed(Action::RowDropped, true), "row", "was dropped", "were dropped"),
        (changed(Action::Excluded, true), "patient", "was excluded", "were excluded"),
    ];
    let in_words = |(count, thing, one, many): (u64, &str, &str, &str)| match count {
        0 => None,
        1 => Some(format!("1 {thing} {one}")),
        _ => Some(format!("{count} {thing}s {many}")),
    };
    counts.into_iter().filter_map(in_words).chain(output.notices.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use study::{Change, Problem};

    use super::*;

    fn change(action: Action, field: &'static str, clean: Option<&'static str>) -> Change<'static> {
        Change {
            rule: "r".into(),
            table: "t".into(),
            patient: "P".into(),
            line: None,
            field: field.into(),
            raw: None,
            clean: clean.map(Into::into),
            action,
            reason: "why".into(),
        }
    }

    #[test]
    fn what_takes_something_away_is_counted_by_sort() {
        let problem = Problem {
            table: "t".into(),
            file: "f".into(),
            line: 2,
            column: "c".into(),
            raw: "x".into(),
            reason: "why".into(),
        };
        let output = Output {
            problems: vec![problem],
            changes: [
                change(Action::Fixed, "age", Some("1")),
                change(Action::SetMissing, "age", None),
                change(Action::Query, "age", None),
                change(Action::Query, "sex", None),
                change(Action::Query, "sex", Some("f")),
                change(Action::Query, "", None),
                change(Action::RowDropped, "", None),
                change(Action::RowDropped, "", None),
                change(Action::Excluded, "", None),
            ]
            .into_iter()
            .collect(),
            notices: vec!["3 of 9 rows find no partner".to_owned()],
            ..Output::default()
        };
        assert_eq!(
            told(&output),
            [
                "1 cell did not fit and is missing",
                "2 cells became queries and are missing",
                "1 cell has a query",
                "1 row has a query",
                "2 rows were dropped",
                "1 patient was excluded",
                "3 of 9 rows find no partner",
            ]
        );
        assert_eq!(told(&Output::default()), Vec::<String>::new());
    }
}
