//! Numbers that cannot be right.

use engine::{Call, Kind, Mistake, Mistakes, Wiring};
use polars::prelude::DataType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, Output, StudySettings};

use crate::cells::{Edit, Revision, numbers, without};
use crate::kinds::parameters::{check_bounds, condition, outside, wiring_of};

/// Finds numbers outside the range that can be right.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckRange {
    /// The table.
    pub table: String,
    /// The column of numbers.
    pub column: String,
    /// The lowest number that can be right.
    #[serde(default)]
    pub low: Option<f64>,
    /// The highest number that can be right.
    #[serde(default)]
    pub high: Option<f64>,
    /// What to do with a number outside: `query` keeps it and asks,
    /// `set_missing` takes it out, `query_set_missing` takes it out and asks,
    /// `stop` reports it as a mistake.
    #[serde(default)]
    pub action: RangeAction,
    /// Checks only the rows where this SQL condition holds.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
}

/// What to do with a number outside the range.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RangeAction {
    /// Keep it and ask the hospital.
    #[default]
    Query,
    /// Take it out.
    SetMissing,
    /// Take it out and ask the hospital.
    QuerySetMissing,
    /// Report it as a mistake and stop.
    Stop,
}

impl Kind for CheckRange {
    const NAME: &'static str = "check_range";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        wiring_of(&self.table)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut revision = Revision::open(call, &self.table);
        // NaN as a bound would let every number pass.
        revision.mistakes = check_bounds(self.low, self.high);
        if self.low.is_none() && self.high.is_none() {
            let message = "no range is declared";
            revision
                .mistakes
                .push(Mistake::at(&["low"], message).hint("give `low`, `high` or both"));
        }
        let mend = "parse it by an earlier `parse_numbers` rule; for dates use `check_rows`";
        let types = [DataType::Float64, DataType::Int64];
        let found = revision.has_type(&self.column, &types, mend, &["column"]);
        // Evaluated also where the column is wrong, so that both mistakes are told at once.
        let chosen = condition(&mut revision, self.condition.as_deref());
        if found {
            self.check(&mut revision, &chosen);
        }
        revision.close()
    }
}

impl CheckRange {
    fn check(&self, revision: &mut Revision<'_>, chosen: &[bool]) {
        let values = numbers(&revision.table, &self.column);
        let mut marked = vec![false; values.len()];
        for (row, value) in values.into_iter().enumerate() {
            // A missing number is neither inside nor outside.
            let Some(value) = value.filter(|_| chosen[row]) else { continue };
            let Some(reason) = outside(value, self.low, self.high) else { continue };
            // A query alone keeps the number: only the hospital knows what is right.
            marked[row] = self.action != RangeAction::Query;
            let raw = value.to_string();
            let (clean, action) = match self.action {
                RangeAction::Query => (Some(raw.as_str()), Action::Query),
                RangeAction::SetMissing => (None, Action::SetMissing),
                RangeAction::QuerySetMissing => (None, Action::Query),
                RangeAction::Stop => {
                    let mistake = self.stop(revision, row, &reason);
                    // Each of them is told, not the first alone.
                    revision.mistakes.push(mistake);
                    continue;
                }
            };
            revision
                .note(row, Edit { field: &self.column, raw: Some(&raw), clean, action, reason });
        }
        let checked = without(revision.series(&self.column), &marked);
        // Where a number stands now hangs on the condition, too.
        let made = revision.own_where(&self.column, self.condition.as_deref());
        revision.write(checked, made);
    }

    fn stop(&self, revision: &Revision<'_>, row: usize, reason: &str) -> Mistake {
        let (table, column, place) = (&self.table, &self.column, revision.place(row));
        Mistake::new(format!("column `{column}` of table `{table}`, {place}: {reason}"))
            .hint("mend the raw cell, or let `action` settle it")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{log, messages, run, run_twice, shown, table};

    const RAW: &str = "record_id|age:whole|arm\nP-1|210|a\nP-2|61|a\nP-3||a\nP-4|-1|b";

    #[test]
    fn numbers_outside_are_asked_or_taken_out() {
        let parameters = json!({"table": "t", "column": "age", "low": 18, "high": 100});
        let asked = run_twice::<CheckRange>(parameters, "t", &table(RAW));
        assert_eq!(shown(&asked.tables["t"])[1], "P-1|210|a");
        assert_eq!(
            log(&asked),
            [
                "2 P-1 age: 210 -> 210 (query: 210 is above 100)",
                "5 P-4 age: -1 -> -1 (query: -1 is below 18)"
            ]
        );
        let parameters = json!({"table": "t", "column": "age", "low": 18, "action": "set_missing", "where": "arm = 'b'"});
        let out = run_twice::<CheckRange>(parameters, "t", &table(RAW));
        assert_eq!(shown(&out.tables["t"])[1..], ["P-1|210|a", "P-2|61|a", "P-3||a", "P-4||b"]);
        assert_eq!(log(&out), ["5 P-4 age: -1 -> (missing) (set_missing: -1 is below 18)"]);
        let parameters =
            json!({"table": "t", "column": "age", "high": 100, "action": "query_set_missing"});
        let out = run_twice::<CheckRange>(parameters, "t", &table(RAW));
        assert_eq!(log(&out), ["2 P-1 age: 210 -> (missing) (query: 210 is above 100)"]);
    }

    #[test]
    fn mistakes_are_told() {
        let raw = table(RAW);
        let said = |parameters| {
            messages(&run::<CheckRange>(parameters, &[("t", &raw)]).expect_err("a mistake"))
        };
        assert_eq!(
            said(json!({"table": "t", "column": "age", "high": 200, "action": "stop"})),
            [
                ": column `age` of table `t`, line 2 (P-1): 210 is above 200; mend the raw cell, or let `action` settle it"
            ]
        );
        assert_eq!(
            said(json!({"table": "t", "column": "arm", "where": "amr = 'b'"})),
            [
                "low: no range is declared; give `low`, `high` or both",
                "column: column `arm` of table `t` holds text, not numbers or whole numbers; parse it by an earlier `parse_numbers` rule; for dates use `check_rows`",
                "where: SQL expression names a column `amr` that the table does not have; did you mean `arm`?",
            ]
        );
    }
}
