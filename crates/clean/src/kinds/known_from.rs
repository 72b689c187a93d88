//! `known_from`: says from when on the rows of a table are known.

use engine::{Call, Kind, Mistakes, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Moment, Output, StudySettings};

use crate::cells::Revision;
use crate::kinds::parameters::wiring_of;
use crate::rows::{Holds, require};

/// Says from which of its dates on the rows of a table are known, for a table
/// that other rules made or whose date was joined to it; a table of a raw file
/// says so where it is read. Everything made of the rows afterwards is known no
/// earlier. What is known later already stays so. No value changes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownFrom {
    /// The table.
    pub table: String,
    /// The date column from which on a row is known.
    pub date: String,
}

impl Kind for KnownFrom {
    const NAME: &'static str = "known_from";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        wiring_of(&self.table)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        require(call, &self.table, &self.date, Holds::Dates, &["date"])?;
        let mut revision = Revision::open(call, &self.table);
        let own = revision.own(&self.date).date;
        // The date's own identity, so that a bound on it is recognised later.
        let moment = own.unwrap_or_else(|| Moment::of_row(revision.author().date(&self.date)));
        let table = &mut revision.table;
        let lineages = table.columns.values_mut().map(|about| &mut about.lineage);
        for lineage in lineages.chain([&mut table.rows]) {
            // Added and not put in the place of what is there: known later stays so.
            lineage.known.insert(moment.clone());
            lineage.rules.insert(call.name.to_owned());
            // on the row of an event every date is known from its own day on
            let own_day = lineage.date.clone().filter(|date| !date.per_patient);
            lineage.known.extend(own_day);
        }
        revision.close()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{log, messages, run, shown, table};

    #[test]
    fn rows_and_columns_are_known_from_the_date_and_no_value_changes() {
        // Seen on one day and read four days later.
        let scans = table("record_id|seen:date|read:date|size:real\nP-001|2020-01-05|2020-01-09|3");
        let output =
            run::<KnownFrom>(json!({"table": "scans", "date": "seen"}), &[("scans", &scans)])
                .expect("it runs");
        let made = &output.tables["scans"];
        assert_eq!((shown(made), log(&output)), (shown(&scans), vec![]));
        let known = |lineage: &study::Lineage| -> Vec<String> {
            lineage.known.iter().map(|known| known.date.column.clone()).collect()
        };
        assert_eq!(known(&made.rows), ["seen"]);
        assert_eq!(known(&made.lineage("size")), ["seen"]);
        assert_eq!(known(&made.lineage("read")), ["read", "seen"], "its own day is later");
        assert!(made.lineage("size").rules.contains("the_rule"));
    }

    #[test]
    fn it_takes_a_date_column_of_the_table() {
        let scans = table("record_id|size:real\nP-001|3");
        let said = |date: &str| {
            let parameters = json!({"table": "scans", "date": date});
            messages(&run::<KnownFrom>(parameters, &[("scans", &scans)]).expect_err("a mistake"))
        };
        assert_eq!(
            said("size"),
            [
                "date: column `size` of table `scans` holds numbers, not dates; turn it into dates with a `parse_dates` rule first"
            ]
        );
        assert_eq!(
            said("sizes"),
            ["date: table `scans` has no column `sizes`; did you mean `size`?"]
        );
    }
}
