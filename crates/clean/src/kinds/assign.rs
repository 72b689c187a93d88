//! Values that a rule knows better than the form.

use std::collections::BTreeSet;

use engine::{Call, Kind, Mistake, Mistakes, Named, Wiring};
use polars::prelude::{DataType, Series};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, Lineage, Output, StudySettings, TakenAs};

use crate::cells::{
    Edit, Revision, boolean_series, date_series, real_series, text_series, type_in_words,
    whole_series,
};
use crate::coded::texts;
use crate::kinds::parameters::{condition, sql_mistake, wiring_of};
use crate::lineage::{of_change, of_condition};

/// Gives fields new values where a condition holds, such as CPS and TPS that
/// have changed places. All values are taken from the row as it was, so that
/// `set: { cps: tps, tps: cps }` swaps the two. Every change is in the log.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// The table.
    pub table: String,
    /// SQL condition that holds where the fields are to be changed; a row on
    /// which it is unknown is left alone.
    #[serde(rename = "where")]
    pub condition: String,
    /// The columns to change, each with the SQL expression of its new value.
    pub set: Named<String>,
    /// Why, in words for the log.
    pub reason: String,
}

impl Kind for Assign {
    const NAME: &'static str = "assign";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        wiring_of(&self.table)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut revision = Revision::open(call, &self.table);
        if self.set.is_empty() {
            revision.mistakes.push(Mistake::at(&["set"], "no column is to be changed"));
        }
        let chosen = condition(&mut revision, Some(&self.condition));
        // Before anything is written: what a field is made from is the row as it was.
        let changes = self.lineages(&revision);
        // All are computed before one is written: no assignment sees another.
        let values: Vec<_> =
            // Evaluated on all rows; the condition chooses below, so that a fault elsewhere is
            // told, too.
            self.set.iter().map(|(field, sql)| evaluate(&mut revision, field, sql)).collect();
        // All or none: half of a swap would lose a value.
        if revision.mistakes.0.is_empty() {
            let values = values.into_iter().flatten().zip(changes);
            for (field, (value, made)) in self.set.names().zip(values) {
                self.change(&mut revision, field, (&value, made), &chosen);
            }
        }
        revision.close()
    }
}

/// The new values in the type of the column; none where a mistake was noted.
fn evaluate(revision: &mut Revision<'_>, field: &str, sql: &str) -> Option<Series> {
    if !revision.has(field, &["set", field]) {
        return None;
    }
    let wanted = revision.dtype(field);
    let found = match revision.table.derive(sql, field, false) {
        Ok(found) => {
            revision.note_cases(&found.unknown, &["set", field], TakenAs::Otherwise);
            found.values
        }
        Err(error) => {
            let mistake = sql_mistake(&error, &revision.table, &["set", field]);
            revision.mistakes.push(mistake);
            return None;
        }
    };
    // `NULL` alone has no type, and fits every column.
    let missing = sql.trim().eq_ignore_ascii_case("null");
    // A whole number into a column of real ones loses nothing; the other way it could.
    let widens = *found.dtype() == DataType::Int64 && wanted == DataType::Float64;
    if *found.dtype() == wanted || missing || widens {
        return found.cast(&wanted).ok();
    }
    let (gives, holds) = (type_in_words(found.dtype()), type_in_words(&wanted));
    let message = format!("the expression gives {gives}, but column `{field}` holds {holds}");
    revision.mistakes.push(Mistake::at(&["set", field], message));
    None
}

impl Assign {
    /// What each field is made from, all in the row as it was.
    fn lineages(&self, revision: &Revision<'_>) -> Vec<Lineage> {
        let condition = of_condition(&revision.table, Some(&self.condition));
        let change = |(field, sql): (&str, &String)| {
            let mut made = of_change(&revision.table, field, sql);
            // Where the condition holds decides which of two values stands.
            made.given(&condition);
            made
        };
        self.set.iter().map(change).collect()
    }

    fn change(
        &self,
        revision: &mut Revision<'_>,
        field: &str,
        (value, made): (&Series, Lineage),
        chosen: &[bool],
    ) {
        let raw = texts(&revision.table, field);
        let levels: BTreeSet<String> =
            revision.table.about(field).levels.into_iter().map(|level| level.value).collect();
        // Rows on which the condition is unknown keep what they had.
        let mended = choose(value, revision.series(field), chosen);
        revision.write(mended, made);
        // What changed is found by comparing: an expression may give what was there.
        let clean = texts(&revision.table, field);
        for (row, (raw, clean)) in
            raw.iter().zip(&clean).enumerate().filter(|(_, (raw, clean))| raw != clean)
        {
            // A level that nobody declared would be printed by no table.
            if let Some(clean) =
                clean.as_ref().filter(|clean| !levels.is_empty() && !levels.contains(*clean))
            {
                let message = format!(
                    "`{clean}` is no level of column `{field}` of table `{}`: {}",
                    self.table,
                    revision.place(row)
                );
                let unknown = Mistake::at(&["set", field], message);
                revision
                    .mistakes
                    .push(unknown.hint_nearest(clean, levels.iter().map(String::as_str)));
                continue;
            }
            let (raw, clean) = (raw.as_deref(), clean.as_deref());
            let reason = self.reason.clone();
            revision.note(row, Edit { field, raw, clean, action: Action::Fixed, reason });
        }
    }
}

/// The new value in the chosen rows, the old one elsewhere.
fn choose(new: &Series, old: &Series, chosen: &[bool]) -> Series {
    // One for all types: the rest only names them.
    fn pick<T>(
        new: impl Iterator<Item = Option<T>>,
        old: impl Iterator<Item = Option<T>>,
        chosen: &[bool],
    ) -> Vec<Option<T>> {
        new.zip(old)
            .zip(chosen)
            .map(|((new, old), chosen)| if *chosen { new } else { old })
            .collect()
    }
    let name = old.name().as_str();
    let fits = "invariant: the types were made equal";
    match old.dtype() {
        DataType::Int64 => whole_series(
            name,
            pick(new.i64().expect(fits).iter(), old.i64().expect(fits).iter(), chosen),
        ),
        DataType::Float64 => real_series(
            name,
            pick(new.f64().expect(fits).iter(), old.f64().expect(fits).iter(), chosen),
        ),
        DataType::Boolean => boolean_series(
            name,
            pick(new.bool().expect(fits).iter(), old.bool().expect(fits).iter(), chosen),
        ),
        DataType::Date => {
            let (new, old) =
                (new.date().expect(fits).physical(), old.date().expect(fits).physical());
            date_series(name, pick(new.iter(), old.iter(), chosen))
        }
        _ => {
            let text = |value: Option<&str>| value.map(str::to_owned);
            let (new, old) =
                (new.str().expect(fits).iter().map(text), old.str().expect(fits).iter().map(text));
            text_series(name, &pick(new, old, chosen))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use study::{Column, Level};

    use super::*;
    use crate::testing::{log, messages, run, run_twice, shown, table};

    #[test]
    fn swapped_fields_change_places() {
        // Two rows to swap by a condition, and one with a value missing.
        let raw = table("record_id|cps:real|tps:real\nP-1|10|40\nP-2|40|10\nP-3|10|");
        let parameters = json!({
            "table": "diagnosis", "where": "tps > cps", "set": {"cps": "tps", "tps": "cps"},
            "reason": "TPS cannot exceed CPS: swapped",
        });
        let output = run_twice::<Assign>(parameters, "diagnosis", &raw);
        assert_eq!(
            shown(&output.tables["diagnosis"]),
            ["record_id|cps|tps", "P-1|40|10", "P-2|40|10", "P-3|10|"]
        );
        assert_eq!(
            log(&output),
            [
                "2 P-1 cps: 10 -> 40 (fixed: TPS cannot exceed CPS: swapped)",
                "2 P-1 tps: 40 -> 10 (fixed: TPS cannot exceed CPS: swapped)",
            ]
        );
    }

    #[test]
    fn every_type_can_be_set_and_set_missing() {
        let raw = table(
            "record_id|n:whole|x:real|d:date|b:boolean|t\nP-1|1|1.5|2021-03-05|true|a\nP-2|9|2.5|2021-03-06|false|b",
        );
        let set = |set| {
            let parameters = json!({"table": "t", "where": "n = 9", "set": set, "reason": "r"});
            shown(&run::<Assign>(parameters, &[("t", &raw)]).expect("fits").tables["t"])[2].clone()
        };
        assert_eq!(
            set(
                json!({"n": "n + 1", "x": "n", "d": "DATE '2021-04-01'", "b": "x > 1", "t": "'c'"})
            ),
            "P-2|10|9|2021-04-01|true|c"
        );
        assert_eq!(
            set(json!({"n": "NULL", "x": "null", "d": "NULL", "b": "NULL", "t": "NULL"})),
            "P-2|||||"
        );
    }

    #[test]
    fn mistakes_are_told() {
        let mut raw = table("record_id|n:whole|recist\nP-1|1|PR");
        let level = |value: &str| Level::named(value);
        let about = Column { levels: vec![level("PR"), level("SD")], ..Column::default() };
        raw.columns.insert("recist".into(), about);
        let said = |parameters| {
            messages(&run::<Assign>(parameters, &[("t", &raw)]).expect_err("a mistake"))
        };
        assert_eq!(
            said(
                json!({"table": "t", "where": "n", "set": {"n": "'abc'", "m": "1", "recist": "nn"}, "reason": "r"})
            ),
            [
                "where: SQL condition gives a whole number, not yes or no",
                "set.n: the expression gives text, but column `n` holds whole numbers",
                "set.m: table `t` has no column `m`; there are: `record_id`, `n`, `recist`, `_line`",
                "set.recist: SQL expression names a column `nn` that the table does not have; there are: `record_id`, `n`, `recist`, `_line`",
            ]
        );
        assert_eq!(
            said(
                json!({"table": "t", "where": "n = 1", "set": {"recist": "'SDD'"}, "reason": "r"})
            ),
            [
                "set.recist: `SDD` is no level of column `recist` of table `t`: line 2 (P-1); did you mean `SD`?"
            ]
        );
        assert_eq!(
            said(json!({"table": "t", "where": "n = 1", "set": {}, "reason": "r"})),
            ["set: no column is to be changed"]
        );
    }
}
