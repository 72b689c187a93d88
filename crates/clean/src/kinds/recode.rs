//! Categories: every spelling of a level becomes the level's one value.

use std::collections::BTreeMap;

use engine::{Call, Kind, Mistake, Mistakes, Named, Wiring, check_level_ids};
use polars::prelude::DataType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, DeedId, Level, Output, StudySettings, revealed};

use crate::cells::{Edit, Revision, lent_series, whole_series};
use crate::coded::Coded;
use crate::kinds::parameters::{check_columns, wiring_of};
use crate::text::{key, missing_reason};

/// Gives each category one value, whatever spellings the hospital used, and
/// declares its levels in order. Upper and lower case, full-width characters
/// and blanks make no difference; the clean value is a spelling of itself.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recode {
    /// The table.
    pub table: String,
    /// The columns that share these levels.
    pub columns: Vec<String>,
    /// The clean values in their declared order, each with its raw spellings:
    /// `male: [M, "1", 男]`. The first is the hospital's code, and the log tells
    /// it from other spellings. With `otherwise: keep` they may be left out, to set
    /// nothing but codes for missing.
    #[serde(default)]
    pub levels: Named<Vec<String>>,
    /// Codes for missing, such as `["9", NK]`; blanks are missing anyway.
    #[serde(default)]
    pub missing: Vec<String>,
    /// What to do with a spelling that is not declared: `stop` reports it as a
    /// mistake, `query` sets the cell missing and asks, `keep` leaves it as it
    /// is, and the column is then text without declared levels.
    #[serde(default)]
    pub otherwise: Undeclared,
    /// `whole` makes whole numbers of the clean values, for scores such as ECOG.
    #[serde(default, rename = "type")]
    pub result: RecodedType,
    /// The column in words; only where there is one column.
    #[serde(default)]
    pub label: Option<String>,
    /// Levels in words, where the clean value is not good enough for a table.
    #[serde(default)]
    pub labels: Named<String>,
    /// Names of levels in the ids of findings, where their own give none or
    /// would be those of others: `level_ids: { "+": positive, "-": negative }`.
    // left out where there are none: the digest of such a declaration stays what it was
    #[serde(default, skip_serializing_if = "Named::is_empty")]
    pub level_ids: Named<String>,
}

/// What to do with a spelling that is not declared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Undeclared {
    /// Report it as a mistake and stop.
    #[default]
    Stop,
    /// Set the cell missing and ask the hospital.
    Query,
    /// Leave it as it is.
    Keep,
}

/// Type of the recoded column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecodedType {
    /// Text.
    #[default]
    Text,
    /// Whole numbers.
    Whole,
}

/// What becomes of one spelling.
enum Reading<'a> {
    Level(&'a str),
    Missing(String),
    Undeclared,
}

/// The clean value of one spelling, and what the log says where it changes.
struct Settled {
    clean: Option<String>,
    note: Option<DeedId>,
    is_undeclared: bool,
}

impl Kind for Recode {
    const NAME: &'static str = "recode";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        wiring_of(&self.table)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut revision = Revision::open(call, &self.table);
        revision.mistakes = self.check();
        let spellings = self.spellings();
        for (at, column) in self.columns.iter().enumerate() {
            let mend = "recode text or whole numbers; use `derive` to make groups of other columns";
            let types = [DataType::String, DataType::Int64];
            if revision.has_type(column, &types, mend, &["columns", &at.to_string()]) {
                self.recode(&mut revision, column, &spellings);
            }
        }
        revision.close()
    }
}

impl Recode {
    fn check(&self) -> Mistakes {
        let mut mistakes = check_columns(&self.columns);
        // A rule for codes alone needs no levels.
        let only_missing = self.otherwise == Undeclared::Keep && !self.missing.is_empty();
        if self.levels.is_empty() && !only_missing {
            mistakes.push(Mistake::at(&["levels"], "no level is declared"));
        }
        if self.label.is_some() && self.columns.len() > 1 {
            let message = format!("one label is given for {} columns", self.columns.len());
            mistakes
                .push(Mistake::at(&["label"], message).hint("use one rule a column, or no label"));
        }
        for name in self.labels.names().filter(|name| self.levels.get(name).is_none()) {
            let unknown = Mistake::at(&["labels", name], format!("there is no level `{name}`"));
            mistakes.push(unknown.hint_nearest(name, self.levels.names()));
        }
        mistakes.0.extend(self.check_level_ids().0);
        if self.result == RecodedType::Whole {
            self.check_whole(&mut mistakes);
        }
        self.check_spellings(&mut mistakes);
        mistakes
    }

    fn check_level_ids(&self) -> Mistakes {
        // Ids are of levels that findings have.
        if self.otherwise == Undeclared::Keep && !self.level_ids.is_empty() {
            let message = "with `otherwise: keep` the column has no declared levels";
            let mistake = Mistake::at(&["level_ids"], message);
            return mistake.hint("leave `level_ids` out, or use `query` or `stop`").into();
        }
        let levels: Vec<&str> = self.levels.names().collect();
        check_level_ids(&self.level_ids, &levels, &["level_ids"])
    }

    fn check_whole(&self, mistakes: &mut Mistakes) {
        // Told for each level and not at the first row.
        for name in self.levels.names().filter(|name| name.parse::<i64>().is_err()) {
            let message = format!("level `{name}` is no whole number, as `type: whole` needs");
            mistakes.push(Mistake::at(&["levels", name], message));
        }
        if self.otherwise == Undeclared::Keep {
            let message = "`keep` may leave text, but `type: whole` needs numbers";
            mistakes.push(Mistake::at(&["otherwise"], message).hint("use `query` or `stop`"));
        }
    }

    /// No spelling may mean two levels, or a level and missing.
    fn check_spellings(&self, mistakes: &mut Mistakes) {
        // By what spellings have in common: `M` and `m` are one.
        let mut owners: BTreeMap<String, &str> =
            self.levels.names().map(|name| (key(name), name)).collect();
        for (name, spellings) in self.levels.iter() {
            for (at, spelling) in spellings.iter().enumerate() {
                let owner = owners.entry(key(spelling)).or_insert(name);
                if *owner != name {
                    let message =
                        format!("spelling `{spelling}` belongs to level `{owner}` already");
                    mistakes.push(Mistake::at(&["levels", name, &at.to_string()], message));
                }
            }
        }
        // `9` for missing beside a level 9 would take patients out.
        for (at, code) in self.missing.iter().enumerate() {
            if let Some(owner) = owners.get(&key(code)) {
                let message =
                    format!("`{code}` is a spelling of level `{owner}`, so it cannot mean missing");
                mistakes.push(Mistake::at(&["missing", &at.to_string()], message));
            }
        }
    }

    fn spellings(&self) -> BTreeMap<String, &str> {
        let declared = self.levels.iter().flat_map(|(name, spellings)| {
            spellings.iter().map(move |spelling| (key(spelling), name))
        });
        // A level is a spelling of itself, so that the rule can be applied twice.
        declared.chain(self.levels.names().map(|name| (key(name), name))).collect()
    }

    fn recode(
        &self,
        revision: &mut Revision<'_>,
        column: &str,
        spellings: &BTreeMap<String, &str>,
    ) {
        let cells = Coded::of(&revision.table, column);
        let mut settle = |raw| self.settle(revision, (column, raw), self.read(raw, spellings));
        let settled: Vec<Settled> = cells.distinct().map(&mut settle).collect();
        let mut undeclared: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let stops = self.otherwise == Undeclared::Stop;
        // Rows are only looked for where there is something to tell.
        if stops && settled.iter().any(|settled| settled.is_undeclared) {
            for (row, raw, _) in cells.with(&settled).filter(|(_, _, found)| found.is_undeclared) {
                undeclared.entry(raw).or_default().push(row);
            }
        }
        revision.note_rows(|row| [cells.meaning(&settled, row).and_then(|settled| settled.note)]);
        for (spelling, rows) in undeclared {
            revision.mistakes.push(self.undeclared(revision, column, spelling, &rows));
        }
        self.write(revision, column, &cells, &settled);
    }

    fn read<'a>(&self, raw: &str, spellings: &BTreeMap<String, &'a str>) -> Reading<'a> {
        // A declared spelling goes before a code: the two were checked to differ.
        match (spellings.get(&key(raw)), missing_reason(raw, &self.missing)) {
            (Some(level), _) => Reading::Level(level),
            (None, Some(reason)) => Reading::Missing(reason),
            (None, None) => Reading::Undeclared,
        }
    }

    /// The clean value of a spelling, with its note for the log.
    fn settle(
        &self,
        revision: &mut Revision<'_>,
        (field, raw): (&str, &str),
        reading: Reading<'_>,
    ) -> Settled {
        let is_undeclared = matches!(reading, Reading::Undeclared);
        let (clean, note) = match reading {
            // Clean already.
            Reading::Level(level) if level == raw => (Some(level), None),
            Reading::Level(level) => {
                let code = self.levels.get(level).and_then(|spellings| spellings.first());
                // A code that the data dictionary has is no misspelling.
                let word = if code.is_some_and(|code| code == raw) { "code" } else { "spelling" };
                (Some(level), Some((Action::Fixed, format!("{word} of `{level}`"))))
            }
            Reading::Missing(reason) => (None, Some((Action::SetMissing, reason))),
            Reading::Undeclared if self.otherwise == Undeclared::Query => {
                (None, Some((Action::Query, "not a declared spelling".to_owned())))
            }
            Reading::Undeclared => (Some(raw), None),
        };
        let note = note.map(|(action, reason)| {
            revision.deed(Edit { field, raw: Some(raw), clean, action, reason })
        });
        Settled { clean: clean.map(str::to_owned), note, is_undeclared }
    }

    fn undeclared(
        &self,
        revision: &Revision<'_>,
        column: &str,
        spelling: &str,
        rows: &[usize],
    ) -> Mistake {
        let message = format!(
            "`{}` in column `{column}` of table `{}` is no declared spelling: {}",
            revealed(spelling),
            self.table,
            revision.places(rows)
        );
        Mistake::at(&["levels"], message)
            .hint("add it to a level or to `missing`, or use `otherwise: query`")
    }

    fn write(&self, revision: &mut Revision<'_>, column: &str, cells: &Coded, settled: &[Settled]) {
        // Texts are lent and copied once, into the new column.
        let series = match self.result {
            RecodedType::Text => {
                let cell = |row| cells.meaning(settled, row)?.clean.as_deref();
                lent_series(column, cells.codes.len(), cell)
            }
            RecodedType::Whole => {
                let whole = |settled: &Settled| settled.clean.as_ref()?.parse().ok();
                let whole: Vec<Option<i64>> = settled.iter().map(whole).collect();
                whole_series(column, cells.spread(&whole, |whole| *whole).collect())
            }
        };
        revision.write(series, revision.own(column));
        let mut about = revision.table.about(column);
        if let Some(label) = &self.label {
            about.label.clone_from(label);
        }
        about.levels = match self.otherwise {
            // A text that may hold anything has no declared levels.
            Undeclared::Keep => Vec::new(),
            Undeclared::Stop | Undeclared::Query => {
                self.levels.names().map(|name| self.level(name)).collect()
            }
        };
        revision.table.columns.insert(column.to_owned(), about);
    }

    fn level(&self, value: &str) -> Level {
        let label = self.labels.get(value).map_or(value, String::as_str);
        Level::new(value, label).with_id(self.level_ids.get(value))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{log, messages, run, run_twice, shown, table};

    fn sex(otherwise: &str) -> Value {
        json!({
            "table": "patients", "columns": ["sex"], "missing": ["9", "NK", "."], "otherwise": otherwise,
            "levels": {"female": ["F", "2", "女"], "male": ["M", "1", "男"]},
            "label": "Sex", "labels": {"female": "Women"},
        })
    }

    #[test]
    fn levels_get_names_for_ids() {
        let rule = |otherwise: &str, ids: Value| {
            json!({
                "table": "t", "columns": ["hpv"], "levels": {"-": ["neg"], "+": ["pos"], "all": []},
                "otherwise": otherwise, "level_ids": ids, "labels": {"+": "HPV positive"},
            })
        };
        let raw = table("record_id|hpv\nP-1|pos\nP-2|-");
        let ids = json!({"-": "negative", "all": "every"});
        let output = run_twice::<Recode>(rule("stop", ids), "t", &raw);
        let named = |value: &str, id: &str| Level::named(value).with_id(Some(id));
        assert_eq!(
            output.tables["t"].about("hpv").levels,
            [named("-", "negative"), Level::new("+", "HPV positive"), named("all", "every")]
        );
        let said = |rule| messages(&run::<Recode>(rule, &[("t", &raw)]).expect_err("a mistake"));
        assert_eq!(
            said(rule("stop", json!({"+-": "both"}))),
            ["level_ids.+-: there is no level `+-`; there are: `-`, `+`, `all`"]
        );
        assert_eq!(
            said(rule("keep", json!({"+": "positive"}))),
            [
                "level_ids: with `otherwise: keep` the column has no declared levels; leave `level_ids` out, or use `query` or `stop`"
            ]
        );
    }

    const RAW: &str = "record_id|sex\nP-001|M\nP-002|Male \nP-003|１\nP-004|女\nP-005|9\nP-006|.\nP-007|\nP-008|male\nP-009|\u{A0}\nP-010|x";

    #[test]
    fn spellings_become_levels() {
        let output = run_twice::<Recode>(sex("query"), "patients", &table(RAW));
        let clean = &output.tables["patients"];
        assert_eq!(
            shown(clean),
            [
                "record_id|sex",
                "P-001|male",
                "P-002|male",
                "P-003|male",
                "P-004|female",
                "P-005|",
                "P-006|",
                "P-007|",
                "P-008|male",
                "P-009|",
                "P-010|"
            ]
        );
        assert_eq!(
            log(&output),
            [
                "2 P-001 sex: M -> male (fixed: code of `male`)",
                "3 P-002 sex: Male  -> male (fixed: spelling of `male`)",
                "4 P-003 sex: １ -> male (fixed: spelling of `male`)",
                "5 P-004 sex: 女 -> female (fixed: spelling of `female`)",
                "6 P-005 sex: 9 -> (missing) (set_missing: `9` is a code for missing)",
                "7 P-006 sex: . -> (missing) (set_missing: `.` is a code for missing)",
                "10 P-009 sex: \u{A0} -> (missing) (set_missing: blank)",
                "11 P-010 sex: x -> (missing) (query: not a declared spelling)",
            ]
        );
        let levels: Vec<_> =
            clean.about("sex").levels.into_iter().map(|l| (l.value, l.label)).collect();
        assert_eq!(levels, [("female".into(), "Women".into()), ("male".into(), "male".into())]);
        assert_eq!(clean.about("sex").label, "Sex");
    }

    #[test]
    fn an_undeclared_spelling_stops_or_stays() {
        let raw = table("record_id|sex\nP-001|x\nP-002|M\nP-003|x\nP-004|x\nP-005|x\nP-006|z");
        let found = run::<Recode>(sex("stop"), &[("patients", &raw)]).expect_err("undeclared");
        assert_eq!(
            messages(&found),
            [
                "levels: `x` in column `sex` of table `patients` is no declared spelling: line 2 (P-001), line 4 (P-003), line 5 (P-004) and 1 more; add it to a level or to `missing`, or use `otherwise: query`",
                "levels: `z` in column `sex` of table `patients` is no declared spelling: line 7 (P-006); add it to a level or to `missing`, or use `otherwise: query`",
            ]
        );
        let kept = run_twice::<Recode>(sex("keep"), "patients", &raw);
        assert_eq!(shown(&kept.tables["patients"])[1..3], ["P-001|x", "P-002|male"]);
        assert_eq!(kept.tables["patients"].about("sex").levels, []);
    }

    #[test]
    fn codes_for_missing_alone_leave_the_rest() {
        let raw = table("record_id|ct\nP-001|T4a\nP-002|TX");
        let parameters = json!({"table": "diagnosis", "columns": ["ct"], "missing": ["TX"], "otherwise": "keep"});
        let output = run_twice::<Recode>(parameters, "diagnosis", &raw);
        assert_eq!(shown(&output.tables["diagnosis"]), ["record_id|ct", "P-001|T4a", "P-002|"]);
        let parameters = json!({"table": "diagnosis", "columns": ["ct"], "missing": ["TX"]});
        let found = run::<Recode>(parameters, &[("diagnosis", &raw)]).expect_err("no level");
        assert_eq!(messages(&found)[0], "levels: no level is declared");
    }

    #[test]
    fn scores_become_whole_numbers() {
        let raw = table("record_id|ecog\nP-001|0\nP-002|PS 1\nP-003|NK");
        let parameters = json!({
            "table": "visits", "columns": ["ecog"], "type": "whole", "missing": ["NK"],
            "levels": {"0": [], "1": ["PS 1"], "2": []},
        });
        let output = run_twice::<Recode>(parameters, "visits", &raw);
        assert_eq!(
            shown(&output.tables["visits"]),
            ["record_id|ecog", "P-001|0", "P-002|1", "P-003|"]
        );
    }

    #[test]
    fn mistakes_are_told_all_at_once() {
        let raw = table("record_id|sex|age:real\nP-001|M|1.5");
        let parameters = json!({
            "table": "patients", "columns": ["sxe", "age", "sxe"], "type": "whole", "otherwise": "keep",
            "levels": {"1": ["M", "x"], "two": ["F", "m "]}, "missing": ["X"], "label": "Sex", "labels": {"2": "Two"},
        });
        let found = run::<Recode>(parameters, &[("patients", &raw)]).expect_err("mistakes");
        assert_eq!(
            messages(&found),
            [
                "columns.2: `sxe` is listed twice",
                "label: one label is given for 3 columns; use one rule a column, or no label",
                "labels.2: there is no level `2`; there are: `1`, `two`",
                "levels.two: level `two` is no whole number, as `type: whole` needs",
                "otherwise: `keep` may leave text, but `type: whole` needs numbers; use `query` or `stop`",
                "levels.two.1: spelling `m ` belongs to level `1` already",
                "missing.0: `X` is a spelling of level `1`, so it cannot mean missing",
                "columns.0: table `patients` has no column `sxe`; did you mean `sex`?",
                "columns.1: column `age` of table `patients` holds numbers, not text or whole numbers; recode text or whole numbers; use `derive` to make groups of other columns",
                "columns.2: table `patients` has no column `sxe`; did you mean `sex`?",
            ]
        );
    }

    proptest! {
        #[test]
        fn a_second_run_changes_nothing(cells in prop::collection::vec("[MFmf19x.女 ]{0,3}", 1..20)) {
            let written = cells.iter().map(|cell| format!("\nP|{cell}")).collect::<String>();
            run_twice::<Recode>(sex("query"), "patients", &table(&format!("record_id|sex{written}")));
        }
    }
}
