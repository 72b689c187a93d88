//! One spelling for every identifier: `P7`, `p007 ` and full-width `Ｐ－００７`
//! all become `P-007`.

use engine::{Call, Kind, Mistake, Mistakes, Wiring};
use polars::prelude::DataType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, Output, StudySettings, revealed};

use crate::cells::{Edit, Revision, close_all, text_series};
use crate::coded::texts;
use crate::kinds::parameters::{Otherwise, Targets};
use crate::text::tight;

/// Writes every identifier of a column in one form: a prefix and a number of
/// at least so many digits. Full-width characters, blanks, upper and lower
/// case, missing hyphens and leading zeros make no difference: with prefix
/// `P-` and 3 digits, `P7`, `p007 ` and `P_07` all become `P-007`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NormalizeId {
    /// The table; for several use `tables`.
    #[serde(default)]
    pub table: Option<String>,
    /// The tables, where the same column stands in several.
    #[serde(default)]
    pub tables: Vec<String>,
    /// The column; the study's patient column where it is left out.
    #[serde(default)]
    pub column: Option<String>,
    /// What stands before the number, such as `P-`.
    pub prefix: String,
    /// Digits of the number, filled up with zeros; longer numbers keep theirs.
    #[schemars(range(min = 1, max = 18))]
    pub digits: u8,
    /// Takes a number without the prefix (`7`) for the same identifier.
    #[serde(default)]
    pub bare_number: bool,
    /// What to do with a cell that is no such identifier: `query` sets it
    /// missing and asks, `stop` reports it as a mistake.
    #[serde(default)]
    pub otherwise: Otherwise,
}

impl Kind for NormalizeId {
    const NAME: &'static str = "normalize_id";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        self.targets().wiring()
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut mistakes = self.targets().check();
        // `P1` and 7 would be `P17` with digits of both.
        if self.prefix.trim_end_matches(is_joint).chars().last().is_some_and(|c| c.is_ascii_digit())
        {
            mistakes.push(Mistake::at(&["prefix"], "prefix must not end with a digit"));
        }
        mistakes.or(())?;
        let column = self.column.as_deref().unwrap_or(&call.study.patient);
        let revise = |table| self.revise(call, table, column);
        close_all(self.targets().names().map(revise).collect())
    }
}

impl NormalizeId {
    fn targets(&self) -> Targets<'_> {
        Targets { table: self.table.as_deref(), tables: &self.tables }
    }

    fn revise<'a>(&self, call: &'a Call<'a>, table: &str, column: &str) -> Revision<'a> {
        let mut revision = Revision::open(call, table);
        let mend = "an identifier is read as text: declare the column as text";
        if !revision.has_type(column, &[DataType::String], mend, &["column"]) {
            return revision;
        }
        let raw = texts(&revision.table, column);
        let clean: Vec<_> =
            // One form or none: a near miss is a query, never a guess.
            raw.iter().map(|id| id.as_deref().and_then(|id| self.normal(id))).collect();
        // The log names patients by their clean identifiers, so that all of one patient
        // stands together.
        if column == call.study.patient {
            let named =
                raw.iter().zip(&clean).map(|(raw, clean)| clean.clone().or_else(|| raw.clone()));
            revision.name_patients(named.collect());
        }
        for (row, (raw, clean)) in raw.iter().zip(&clean).enumerate() {
            let Some(raw) = raw.as_deref().filter(|raw| Some(*raw) != clean.as_deref()) else {
                continue;
            };
            if clean.is_none() && self.otherwise == Otherwise::Stop {
                let message = format!(
                    "`{}` in column `{column}` of table `{table}`, {}, is no identifier such as `{}`",
                    revealed(raw),
                    revision.place(row),
                    self.written("7")
                );
                revision.mistakes.push(
                    Mistake::new(message).hint("mend the raw cell, or use `otherwise: query`"),
                );
                continue;
            }
            let (action, reason) = match clean {
                Some(_) => (Action::Fixed, "another spelling of the identifier".to_owned()),
                None => (Action::Query, format!("no identifier such as `{}`", self.written("7"))),
            };
            // Every spelling that changed, for whoever looks one up by its old form.
            revision.note(
                row,
                Edit { field: column, raw: Some(raw), clean: clean.as_deref(), action, reason },
            );
        }
        revision.write(text_series(column, &clean), revision.own(column));
        revision
    }

    /// The identifier in its one form; none where the text is no identifier.
    fn normal(&self, raw: &str) -> Option<String> {
        // Folded, in small letters, without blanks and joints: what is left is prefix and
        // number.
        let own: String = tight(raw).chars().filter(|c| !is_joint(*c)).collect();
        let prefix: String = tight(&self.prefix).chars().filter(|c| !is_joint(*c)).collect();
        let number = own
            .strip_prefix(prefix.as_str())
            .or_else(|| self.bare_number.then_some(own.as_str()))?;
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| self.written(number))
    }

    fn written(&self, number: &str) -> String {
        // As text: a number of twenty digits keeps them all.
        let significant = number.trim_start_matches('0');
        format!("{}{significant:0>width$}", self.prefix, width = usize::from(self.digits))
    }
}

/// What may stand or not stand between the prefix and the number.
fn is_joint(character: char) -> bool {
    matches!(character, '-' | '_' | '.' | '/' | '#' | ' ')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::testing::{log, messages, run, run_twice, shown, table};

    #[test]
    fn variants_of_an_identifier_become_one() {
        let raw = table(
            "record_id|x\nP-007|a\nP7|b\np007 |c\nＰ－００７|d\nP_0007|e\nP-1234|f\n|g\nQ-7|h\n7|i",
        );
        let output = run_twice::<NormalizeId>(
            json!({"table": "labs", "prefix": "P-", "digits": 3}),
            "labs",
            &raw,
        );
        assert_eq!(
            shown(&output.tables["labs"]),
            [
                "record_id|x",
                "P-007|a",
                "P-007|b",
                "P-007|c",
                "P-007|d",
                "P-007|e",
                "P-1234|f",
                "|g",
                "|h",
                "|i"
            ]
        );
        assert_eq!(
            log(&output),
            [
                "3 P-007 record_id: P7 -> P-007 (fixed: another spelling of the identifier)",
                "4 P-007 record_id: p007  -> P-007 (fixed: another spelling of the identifier)",
                "5 P-007 record_id: Ｐ－００７ -> P-007 (fixed: another spelling of the identifier)",
                "6 P-007 record_id: P_0007 -> P-007 (fixed: another spelling of the identifier)",
                "9 Q-7 record_id: Q-7 -> (missing) (query: no identifier such as `P-007`)",
                "10 7 record_id: 7 -> (missing) (query: no identifier such as `P-007`)",
            ]
        );
    }

    #[test]
    fn several_tables_and_bare_numbers() {
        let (one, two) = (table("record_id\n7"), table("record_id\nP8"));
        let parameters =
            json!({"tables": ["a", "b"], "prefix": "P-", "digits": 3, "bare_number": true});
        let output = run::<NormalizeId>(parameters, &[("a", &one), ("b", &two)])
            .expect("both have the column");
        assert_eq!(shown(&output.tables["a"]), ["record_id", "P-007"]);
        assert_eq!(shown(&output.tables["b"]), ["record_id", "P-008"]);
        assert_eq!(output.changes.len(), 2);
    }

    #[test]
    fn mistakes_are_told() {
        let raw = table("record_id|n:whole\nX-1|1");
        let said = |parameters| {
            messages(&run::<NormalizeId>(parameters, &[("a", &raw)]).expect_err("a mistake"))
        };
        assert_eq!(
            said(json!({"table": "a", "column": "recordid", "prefix": "P-", "digits": 3})),
            ["column: table `a` has no column `recordid`; did you mean `record_id`?"]
        );
        assert_eq!(
            said(json!({"table": "a", "column": "n", "prefix": "P-", "digits": 3})),
            [
                "column: column `n` of table `a` holds whole numbers, not text; an identifier is read as text: declare the column as text"
            ]
        );
        assert_eq!(
            said(json!({"prefix": "P1", "digits": 3})),
            [
                "table: no table is named; give `table` or `tables`",
                "prefix: prefix must not end with a digit"
            ]
        );
        assert_eq!(
            said(json!({"table": "a", "prefix": "P-", "digits": 3, "otherwise": "stop"})),
            [
                ": `X-1` in column `record_id` of table `a`, line 2 (X-1), is no identifier such as `P-007`; mend the raw cell, or use `otherwise: query`"
            ]
        );
    }

    proptest! {
        #[test]
        fn spelling_does_not_matter(number in 1u32..99_999, zeros in 0usize..3, joint in "[-_ .]?", upper: bool) {
            let rule = NormalizeId { table: None, tables: vec![], column: None, prefix: "P-".into(), digits: 3, bare_number: false, otherwise: Otherwise::Query };
            let letter = if upper { 'P' } else { 'p' };
            let written = format!("{letter}{joint}{}{number}", "0".repeat(zeros));
            let normal = rule.normal(&written).expect("a variant of the identifier");
            prop_assert_eq!(&normal, &format!("P-{number:03}"));
            prop_assert_eq!(rule.normal(&normal), Some(normal.clone()));
        }
    }
}
