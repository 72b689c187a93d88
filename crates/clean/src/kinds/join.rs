//! `join`: brings columns of one table to another, and checks that each key
//! finds what it should.

mod as_of;

use std::collections::BTreeSet;

use engine::{Call, Kind, Mistake, Mistakes, Named, Read, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, Lineage, Output, StudySettings, Table, revealed};

pub use self::as_of::AsOf;
use crate::cells::{Edit, LINE, Revision};
use crate::keys::Keys;
use crate::rows::{key_or_default, key_parts, listed, strangers, table_or_default, take, unique};
use crate::text::fold;

/// Brings columns of the table `with` to the rows of `table` that have the
/// same key. The rows of `table` stay as they are, in their order. A key that
/// stands twice in `with` is a mistake, so that no row is ever multiplied, and
/// so is a join in which not one row finds a partner: the keys are then written
/// in two ways. Under `one_to_one` the rows of `with` without a partner are logged.
///
/// With `as_of`, `with` may have many rows for each key, and the one is brought
/// whose date is nearest to a date of the row that gets it: the last blood
/// sample before the first dose, at most 30 days old. Two rows of one key and
/// one day of which either could be brought are a mistake.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// The table that gets the columns; the study's analysis table if left out.
    #[serde(default)]
    pub table: Option<String>,
    /// The table they come from.
    pub with: String,
    /// The columns of the key, in both tables; the study's patient column if left out.
    #[serde(default)]
    pub by: Vec<String>,
    /// The columns to bring; all but the key if left out.
    #[serde(default)]
    pub columns: Vec<String>,
    /// New names for columns brought: `old: new`.
    #[serde(default)]
    pub rename: Named<String>,
    /// How many rows of `table` may share a key.
    #[serde(default)]
    pub cardinality: Cardinality,
    /// What to do with rows of `table` that find no partner.
    #[serde(default)]
    pub unmatched: Unmatched,
    /// Of several rows of `with` with one key, bring the one nearest to a date.
    #[serde(default)]
    pub as_of: Option<AsOf>,
}

/// How many rows of the left table may share a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cardinality {
    /// A key stands once in either table; under `as_of` once in `table`.
    #[default]
    OneToOne,
    /// A key may stand many times in `table`, but once in `with`, if not for `as_of`.
    ManyToOne,
}

/// What to do with rows of the left table that find no partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unmatched {
    /// Leave the brought columns missing; the run says of how many rows.
    #[default]
    Keep,
    /// Leave them missing and log a query for each.
    Query,
    /// Stop: every row must find a partner.
    Stop,
}

impl Join {
    fn table<'a>(&'a self, study: &'a StudySettings) -> &'a str {
        table_or_default(self.table.as_deref(), study)
    }

    /// The columns to bring, each with its new name.
    fn brought(&self, call: &Call<'_>) -> Vec<(String, String)> {
        let by = key_or_default(&self.by, call.study);
        let chosen: Vec<String> = if self.columns.is_empty() {
            let all = call.table(&self.with).names().into_iter();
            // The line belongs to the other file.
            all.filter(|name| name != LINE && !by.contains(name)).collect()
        } else {
            self.columns.clone()
        };
        let renamed = |old: String| {
            let new = self.rename.get(&old).cloned().unwrap_or_else(|| old.clone());
            (old, new)
        };
        chosen.into_iter().map(renamed).collect()
    }

    fn check(&self, call: &Call<'_>) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        for (index, column) in key_or_default(&self.by, call.study).iter().enumerate() {
            let index = index.to_string();
            let at: &[&str] = if self.by.is_empty() { &["with"] } else { &["by", &index] };
            mistakes.note(call.require_column(self.table(call.study), column, at));
            mistakes.note(call.require_column(&self.with, column, at));
        }
        for (index, column) in self.columns.iter().enumerate() {
            let at = ["columns", &index.to_string()];
            mistakes.note(call.require_column(&self.with, column, &at));
        }
        for old in self.rename.names() {
            mistakes.note(self.check_rename(call, old));
        }
        self.check_new_names(call, &mut mistakes);
        if let Some(as_of) = &self.as_of {
            as_of.check(self, call, &mut mistakes);
        }
        mistakes.or(())
    }

    fn check_rename(&self, call: &Call<'_>, old: &str) -> Result<(), Mistake> {
        if !self.columns.is_empty() && !self.columns.iter().any(|column| column == old) {
            let message = format!("`{old}` is renamed but not brought over");
            return Err(Mistake::at(&["rename", old], message).hint("add it to `columns`"));
        }
        if self.columns.is_empty() {
            call.require_column(&self.with, old, &["rename", old])?;
        }
        Ok(())
    }

    fn check_new_names(&self, call: &Call<'_>, mistakes: &mut Mistakes) {
        let table = self.table(call.study);
        // New names are held against one another as well.
        let mut taken = call.table(table).names();
        for (old, new) in self.brought(call) {
            if taken.contains(&new) {
                let message = format!("table `{table}` has a column `{new}` already");
                let place = self.columns.iter().position(|column| *column == old);
                let mistake = match place {
                    Some(index) => Mistake::at(&["columns", &index.to_string()], message),
                    None => Mistake::at(&["with"], message),
                };
                let hint = format!("give it another name: `rename: {{ {old}: ... }}`");
                mistakes.push(mistake.hint(hint));
            }
            taken.push(new);
        }
    }

    fn check_cardinality(&self, call: &Call<'_>) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        let by = key_or_default(&self.by, call.study);
        if self.cardinality == Cardinality::OneToOne {
            let hint = "drop the duplicates, or say `cardinality: many_to_one`";
            // A row must never be multiplied by a join, and none be matched twice by mistake.
            mistakes.note(unique(call, self.table(call.study), &by, &["by"], hint));
        }
        // With a date several rows of a key are meant.
        if self.as_of.is_none() {
            let hint = "use `deduplicate`, `select_row` or `summarize` to leave one row for each, or `as_of` to bring the one nearest to a date";
            mistakes.note(unique(call, &self.with, &by, &["with"], hint));
        }
        mistakes.or(())
    }

    /// Whether each row that gets columns is one patient's only one.
    fn is_of_patients(&self, by: &[String], study: &StudySettings) -> bool {
        // a table with one row a key has one value for each patient, whoever looks it up
        let once = self.as_of.is_none() || self.cardinality == Cardinality::OneToOne;
        once && by == [study.patient.as_str()]
    }

    /// Notes rows without a partner on either side.
    fn note_unmatched(
        &self,
        call: &Call<'_>,
        (left, right): (&mut Revision<'_>, &mut Revision<'_>),
        matched: &Matched,
    ) {
        let has = self.as_of.as_ref().map(|as_of| as_of.in_words(call));
        let has = has.as_deref().unwrap_or("this key");
        let reason = format!("no row of `{}` has {has}", right.name());
        match self.unmatched {
            Unmatched::Keep => {}
            Unmatched::Query => {
                for row in &matched.lonely {
                    left.note(*row, query(reason.clone()));
                }
            }
            Unmatched::Stop if matched.lonely.is_empty() => {}
            Unmatched::Stop => {
                let message = format!("{reason}: {}", left.places(&matched.lonely));
                let hint = "mend the ids, or say `unmatched: query`";
                left.mistakes.push(Mistake::at(&["unmatched"], message).hint(hint));
            }
        }
        if self.cardinality == Cardinality::ManyToOne {
            return; // a table to look things up in may know more than is asked
        }
        let reason = format!("no row of `{}` has this key: the row is not used", left.name());
        for row in &matched.orphans {
            right.note_dropped(*row, reason.clone());
        }
    }
}

fn query(reason: String) -> Edit<'static> {
    Edit { field: "", raw: None, clean: None, action: Action::Query, reason }
}

/// Which row of the right table each row of the left one found.
struct Matched {
    partners: Vec<Option<usize>>,
    /// Rows of the left table without a partner.
    lonely: Vec<usize>,
    /// Rows of the right table without a partner.
    orphans: Vec<usize>,
    /// Keys without a partner that look like one of the right table.
    alike: Vec<String>,
    /// Not one key is in both tables.
    strange: bool,
}

fn matched(
    call: &Call<'_>,
    (left, right): (&Table, &Revision<'_>),
    (by, as_of): (&[String], Option<&AsOf>),
) -> Result<Matched, Mistake> {
    let (own, other) = Keys::of_both(left, &right.table, by);
    let first = other.first_rows();
    // Without a date the keys of the other table are unique: the first row is the only
    // one.
    let of_key = |key: Option<usize>| first.get(key?).copied().flatten();
    let partners: Vec<Option<usize>> = match as_of {
        Some(as_of) => as_of.partners(call, (left, right), (&own, &other))?,
        None => own.iter().map(of_key).collect(),
    };
    let mut known = vec![false; own.count().max(other.count())];
    own.iter().flatten().for_each(|key| known[key] = true);
    let lonely: Vec<usize> = (0..partners.len()).filter(|row| partners[*row].is_none()).collect();
    let orphans = other.iter().enumerate();
    // Rows without a key are nobody's, too.
    let orphans = orphans.filter(|(_, key)| !key.is_some_and(|key| known[key]));
    let keyed = lonely.iter().copied();
    // Of rows whose key is nowhere: those that only lack a near date look alike and are
    // found.
    let keyed: Vec<usize> =
        keyed.filter(|row| own.get(*row).is_some() && of_key(own.get(*row)).is_none()).collect();
    Ok(Matched {
        alike: alike((left, &keyed), (&right.table, &first), by),
        lonely,
        orphans: orphans.map(|(row, _)| row).collect(),
        partners,
        strange: own.iter().all(|key| of_key(key).is_none()),
    })
}

/// The keys of rows without a partner that look like one of the right table,
/// of which the first row of each key is given.
fn alike(
    (left, lonely): (&Table, &[usize]),
    (right, first): (&Table, &[Option<usize>]),
    by: &[String],
) -> Vec<String> {
    if lonely.is_empty() {
        return Vec::new();
    }
    // As an eye compares: blanks, widths and capitals aside. Only told: what is matched
    // is the key as it is.
    let folded = |key: &Vec<String>| key.iter().map(|part| fold(part)).collect::<Vec<_>>();
    let first: Vec<usize> = first.iter().copied().flatten().collect();
    let seen: BTreeSet<_> = key_parts(right, by, &first).iter().map(folded).collect();
    let lonely: BTreeSet<Vec<String>> = key_parts(left, by, lonely).into_iter().collect();
    let alike = lonely.iter().filter(|key| seen.contains(&folded(key)));
    alike.map(|key| format!("`{}`", revealed(&key.join(", ")))).collect()
}

/// The lineage of a column brought over: its own, and that of the rows and the
/// keys, which decide whether there is a value.
fn brought_lineage(
    left: &Table,
    right: &Table,
    (column, by): (&str, &[String]),
    is_of_patients: bool,
) -> Lineage {
    // A value that is there tells that the row is, and so what decided about the row.
    let mut made = right.lineage(column);
    made.given(&right.rows);
    made.given(&right.lineage_of(by.iter().map(String::as_str)));
    if is_of_patients {
        // One row a patient: its dates are the patient's from here on.
        made.settle();
    }
    made.given(&left.lineage_of(by.iter().map(String::as_str)));
    made
}

impl Kind for Join {
    const NAME: &'static str = "join";

    fn wiring(&self, _name: &str, study: &StudySettings) -> Wiring {
        let at: &[&str] = if self.table.is_some() { &["table"] } else { &[] };
        let table = self.table(study);
        Wiring {
            reads: vec![Read::table(table, at), Read::table(&self.with, &["with"])],
            writes: vec![table.to_owned()],
            files: Vec::new(),
        }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.check(call)?;
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        // With the rows at hand; a rehearsal has none.
        self.check_cardinality(call)?;
        let mut left = Revision::open(call, self.table(call.study));
        let mut right = Revision::open(call, &self.with);
        let by = key_or_default(&self.by, call.study);
        let as_of = self.as_of.as_ref();
        let matched = matched(call, (&left.table, &right), (&by, as_of))?;
        // Not one partner: a typing of keys, and no finding about patients.
        if matched.strange {
            let (here, there) = (self.table(call.study), self.with.as_str());
            strangers((here, &left.table), (there, &right.table), &by, &["with"])?;
        }
        self.note_unmatched(call, (&mut left, &mut right), &matched);
        let is_of_patients = self.is_of_patients(&by, call.study);
        let known = as_of.map(|as_of| as_of.known(self, call, &left.table, &right.table));
        for (old, new) in self.brought(call) {
            let mut series = take(right.series(&old), &matched.partners);
            series.rename(new.as_str().into());
            let mut about = right.table.about(&old);
            // A column without words of its own is named by its new name.
            if about.label == old {
                about.label = new;
            }
            let known = known.as_ref().unwrap_or(&right.table);
            let made = brought_lineage(&left.table, known, (&old, &by), is_of_patients);
            left.write_as(series, about, made);
        }
        let height = left.height();
        let mut output = left.close()?;
        // Rows of the other table that were not used are told here; its own version stays
        // as it is.
        output.changes.append(right.close()?.changes);
        // Queries and stops have told it already.
        if self.unmatched == Unmatched::Keep && !matched.lonely.is_empty() {
            let (table, lonely) = (self.table(call.study), matched.lonely.len());
            let mut notice =
                format!("{lonely} of {height} rows of `{table}` find no row in `{}`", self.with);
            if !matched.alike.is_empty() {
                // an eye finds their partners: blanks, widths and invisible characters differ
                let alike = listed(&matched.alike);
                notice += &format!(", though one there looks like {alike}");
            }
            output.notices.push(notice);
        }
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{log, messages, run, shown, table};

    fn patients() -> Table {
        table("record_id|sex\nP-003|f\nP-001|m\nP-002|f")
    }

    fn joined(parameters: Value, right: &Table) -> Output {
        run::<Join>(parameters, &[("patients", &patients()), ("labs", right)]).expect("it joins")
    }

    fn said(parameters: Value, left: &Table, right: &Table) -> Vec<String> {
        let tables = [("patients", left), ("labs", right)];
        messages(&run::<Join>(parameters, &tables).expect_err("a mistake"))
    }

    #[test]
    fn columns_come_to_the_rows_of_their_key() {
        let labs = table("record_id|ldh:whole|day:date\nP-001|250|2020-01-05\nP-002||\nP-009|90|");
        let output = joined(json!({"with": "labs", "rename": {"day": "lab_date"}}), &labs);
        assert_eq!(
            shown(&output.tables["patients"]),
            ["record_id|sex|ldh|lab_date", "P-003|f||", "P-001|m|250|2020-01-05", "P-002|f||"]
        );
        assert_eq!(
            log(&output),
            [
                "4 P-009: (missing) -> (missing) (row_dropped: no row of `patients` has this key: the row is not used)"
            ]
        );
    }

    #[test]
    fn a_query_is_logged_for_each_row_without_a_partner() {
        let labs = table("record_id|ldh:whole\nP-001|250");
        let parameters = json!({"with": "labs", "columns": ["ldh"], "unmatched": "query"});
        assert_eq!(
            log(&joined(parameters, &labs)),
            [
                "2 P-003: (missing) -> (missing) (query: no row of `labs` has this key)",
                "4 P-002: (missing) -> (missing) (query: no row of `labs` has this key)"
            ]
        );
    }

    #[test]
    fn many_rows_may_share_a_partner_when_that_is_said() {
        let left = table("record_id|visit:whole\nP-001|1\nP-001|2\n|3");
        let right = table("record_id|sex\nP-001|f\nP-002|m");
        let parameters = json!({"with": "labs", "cardinality": "many_to_one"});
        let output =
            run::<Join>(parameters, &[("patients", &left), ("labs", &right)]).expect("it joins");
        assert_eq!(
            shown(&output.tables["patients"]),
            ["record_id|visit|sex", "P-001|1|f", "P-001|2|f", "|3|"]
        );
        assert_eq!(log(&output), [""; 0]);
    }

    #[test]
    fn what_is_known_of_a_column_comes_along() {
        let mut labs = table("record_id|ldh:whole\nP-001|250");
        let about = study::Column {
            label: "LDH".into(),
            unit: Some("U/L".into()),
            ..study::Column::default()
        };
        labs.columns.insert("ldh".into(), about.clone());
        let output = joined(json!({"with": "labs", "rename": {"ldh": "ldh_u_l"}}), &labs);
        let found = output.tables["patients"].about("ldh_u_l");
        assert_eq!(study::Column { lineage: Lineage::default(), ..found }, about);
    }

    #[test]
    fn keys_that_are_not_unique_are_told() {
        let twice = table("record_id|ldh:whole\nP-001|1\nP-002|2\nP-001|3");
        assert_eq!(
            said(json!({"with": "labs"}), &patients(), &twice),
            [
                "with: `record_id` is not unique in table `labs`: P-001 (lines 2, 4); use `deduplicate`, `select_row` or `summarize` to leave one row for each, or `as_of` to bring the one nearest to a date"
            ]
        );
        let once = table("record_id|sex\nP-001|f");
        assert_eq!(
            said(json!({"with": "labs"}), &twice, &once),
            [
                "by: `record_id` is not unique in table `patients`: P-001 (lines 2, 4); drop the duplicates, or say `cardinality: many_to_one`"
            ]
        );
        let none = table("record_id|ldh");
        assert_eq!(
            said(json!({"with": "labs", "unmatched": "stop"}), &patients(), &none),
            [
                "unmatched: no row of `labs` has this key: line 2 (P-003), line 3 (P-001), line 4 (P-002); mend the ids, or say `unmatched: query`"
            ]
        );
    }

    #[test]
    fn keys_of_which_none_is_in_both_tables_are_told() {
        let samples =
            table("record_id|ldh:whole\nP-001-01|1\nP-002-01|2\nP\u{AD}-003|3\nP-004-01|4");
        for unmatched in ["keep", "query", "stop"] {
            assert_eq!(
                said(json!({"with": "labs", "unmatched": unmatched}), &patients(), &samples),
                [
                    "with: no row of `patients` finds a partner in `labs`: `record_id` holds `P-003`, `P-001`, `P-002` here and `P-001-01`, `P-002-01`, `P<U+00AD>-003` there; bring the keys to one form by a rule before this one, such as `normalize_id`, `tidy_text` or `derive`, or match by other columns"
                ]
            );
        }
        // a table without rows has no keys that could be wrong
        let output = joined(json!({"with": "labs"}), &table("record_id|ldh:whole"));
        assert_eq!(output.notices, ["3 of 3 rows of `patients` find no row in `labs`"]);
    }

    #[test]
    fn rows_without_a_partner_are_counted_for_the_screen() {
        let labs = table("record_id|ldh:whole\nP-001|250");
        let output = joined(json!({"with": "labs"}), &labs);
        assert_eq!(output.notices, ["2 of 3 rows of `patients` find no row in `labs`"]);
        let odd = table("record_id|ldh:whole\nP-001|1\nP-002 |2\nＰ-003|3");
        assert_eq!(
            joined(json!({"with": "labs"}), &odd).notices,
            [
                "2 of 3 rows of `patients` find no row in `labs`, though one there looks like `P-002`, `P-003`"
            ]
        );
        let all = table("record_id|ldh:whole\nP-001|1\nP-002|2\nP-003|3");
        assert_eq!(joined(json!({"with": "labs"}), &all).notices, [""; 0]);
    }

    #[test]
    fn mistakes_are_told_all_at_once() {
        let labs = table("record_id|sex|ldh:whole\nP-001|f|1");
        let parameters = json!({
            "with": "labs", "by": ["recordid"], "columns": ["sex", "lhd"], "rename": {"day": "d"},
        });
        assert_eq!(
            said(parameters, &patients(), &labs),
            [
                "by.0: table `patients` has no column `recordid`; did you mean `record_id`?",
                "by.0: table `labs` has no column `recordid`; did you mean `record_id`?",
                "columns.1: table `labs` has no column `lhd`; did you mean `ldh`?",
                "rename.day: `day` is renamed but not brought over; add it to `columns`",
                "columns.0: table `patients` has a column `sex` already; give it another name: `rename: { sex: ... }`",
            ]
        );
    }
}
