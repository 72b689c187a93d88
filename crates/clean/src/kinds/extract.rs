//! Numbers out of free text, such as a dose typed `30Gy/10F`.

use std::collections::BTreeMap;

use engine::{Call, Kind, Mistake, Mistakes, Named, Wiring};
use polars::prelude::DataType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, Output, StudySettings};

use crate::cells::{Edit, Revision, numbers, real_series, whole_series};
use crate::coded::texts;
use crate::kinds::parameters::wiring_of;
use crate::template::Template;
use crate::text::missing_reason;

/// Takes numbers out of free text into columns of their own. Each form is the
/// text with the columns in braces, `{dose}Gy/{fractions}F`; blanks, upper and
/// lower case make no difference, and the first form that fits the whole cell
/// is taken. A column that is there already is only filled where it is
/// missing; where it says something else the cell is kept, with a query. The
/// text itself stays.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Extract {
    /// The table.
    pub table: String,
    /// The column of free text.
    pub column: String,
    /// The forms in which the text is written.
    pub forms: Vec<String>,
    /// The columns that take the numbers.
    pub into: Named<Extracted>,
    /// What to do with a text that has none of the forms.
    #[serde(default)]
    pub otherwise: NoForm,
}

/// A column that takes numbers out of free text.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Extracted {
    /// Type of the numbers.
    #[serde(default, rename = "type")]
    pub result: ExtractedType,
    /// Unit of the numbers.
    #[serde(default)]
    pub unit: Option<String>,
    /// Digits after the decimal point in which tables, figures and texts print its numbers, medians
    /// and ranges, such as 0 for a year; one unless declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 12))]
    pub decimals: Option<u8>,
    /// The column in words.
    #[serde(default)]
    pub label: Option<String>,
}

/// Type of the numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExtractedType {
    /// Numbers.
    #[default]
    Real,
    /// Whole numbers.
    Whole,
}

/// What to do with a text that has none of the forms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoForm {
    /// Ask the hospital.
    #[default]
    Query,
    /// Leave it: it is not meant to hold numbers.
    Ignore,
    /// Report it as a mistake and stop.
    Stop,
}

impl Kind for Extract {
    const NAME: &'static str = "extract";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        wiring_of(&self.table)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut revision = Revision::open(call, &self.table);
        let templates = self.templates(&mut revision);
        self.check(&mut revision, &templates);
        if revision.mistakes.0.is_empty() {
            let found = self.read(&mut revision, &templates);
            for (column, about) in self.into.iter() {
                self.fill(&mut revision, column, about, &found);
            }
        }
        revision.close()
    }
}

/// The numbers found in each row, by column.
type Found<'a> = Vec<Option<BTreeMap<&'a str, f64>>>;

impl Extract {
    fn templates(&self, revision: &mut Revision<'_>) -> Vec<Template> {
        if self.forms.is_empty() {
            revision.mistakes.push(Mistake::at(&["forms"], "no form is declared"));
        }
        let mut templates = Vec::new();
        for (at, form) in self.forms.iter().enumerate() {
            let at = at.to_string();
            match Template::parse(form) {
                Err(why) => {
                    let mistake = Mistake::at(&["forms", &at], format!("form `{form}`: {why}"));
                    revision.mistakes.push(mistake.hint("write it as `{dose}Gy/{fractions}F`"));
                }
                Ok(template) => {
                    for name in template.names().filter(|name| self.into.get(name).is_none()) {
                        let message =
                            format!("form `{form}` names `{name}`, which is not under `into`");
                        let mistake = Mistake::at(&["forms", &at], message);
                        revision.mistakes.push(mistake.hint_nearest(name, self.into.names()));
                    }
                    templates.push(template);
                }
            }
        }
        templates
    }

    fn check(&self, revision: &mut Revision<'_>, templates: &[Template]) {
        let mend = "numbers are taken out of text";
        revision.has_type(&self.column, &[DataType::String], mend, &["column"]);
        for (column, about) in self.into.iter() {
            let named =
                templates.iter().any(|template| template.names().any(|name| name == column));
            // Only where every form could be read: otherwise the column may be in one that
            // could not.
            if !named && templates.len() == self.forms.len() {
                let message = format!("no form names `{column}`");
                revision.mistakes.push(Mistake::at(&["into", column], message));
            }
            if revision.table.has(column) {
                let wanted = match about.result {
                    // The type that the column has must be that of the numbers, or filling it would
                    // change what is there.
                    ExtractedType::Real => DataType::Float64,
                    ExtractedType::Whole => DataType::Int64,
                };
                let mend = "parse it by an earlier `parse_numbers` rule, or name a new column";
                revision.has_type(column, &[wanted], mend, &["into", column]);
            }
        }
    }

    fn read<'a>(&self, revision: &mut Revision<'_>, templates: &'a [Template]) -> Found<'a> {
        let written = texts(&revision.table, &self.column);
        let mut found = Vec::with_capacity(written.len());
        for (row, text) in written.iter().enumerate() {
            // A blank or a code is no text that could have a form.
            let text = text.as_deref().filter(|text| missing_reason(text, &[]).is_none());
            let numbers =
                // The first form that fits the whole cell.
                text.and_then(|text| templates.iter().find_map(|template| template.read(text)));
            if let (Some(text), None) = (text, &numbers) {
                self.note_no_form(revision, row, text);
            }
            found.push(numbers);
        }
        found
    }

    fn note_no_form(&self, revision: &mut Revision<'_>, row: usize, text: &str) {
        let column = self.column.as_str();
        match self.otherwise {
            NoForm::Ignore => {}
            NoForm::Query => {
                let reason = "none of the declared forms".to_owned();
                let raw = Some(text);
                revision.note(
                    row,
                    Edit { field: column, raw, clean: raw, action: Action::Query, reason },
                );
            }
            NoForm::Stop => {
                let (table, place) = (&self.table, revision.place(row));
                let message = format!(
                    "`{text}` in column `{column}` of table `{table}`, {place}, has none of the declared forms"
                );
                let hint = "add its form, or use `otherwise: query`";
                revision.mistakes.push(Mistake::at(&["forms"], message).hint(hint));
            }
        }
    }

    fn fill(
        &self,
        revision: &mut Revision<'_>,
        column: &str,
        about: &Extracted,
        found: &Found<'_>,
    ) {
        let mut values = match revision.table.has(column) {
            true => numbers(&revision.table, column),
            false => vec![None; found.len()],
        };
        let written = texts(&revision.table, &self.column);
        for (row, value) in values.iter_mut().enumerate() {
            let Some(number) = found[row].as_ref().and_then(|found| found.get(column)).copied()
            else {
                continue;
            };
            let text = written[row].as_deref().unwrap_or_default();
            let number_text = number.to_string();
            let held = value.map(|value| value.to_string());
            let (clean, action, reason) = match *value {
                // Both sources agree: nothing to note.
                Some(held) if held == number => continue,
                // What the column held stays: which of two sources is right is the
                // hospital's to say.
                Some(_) => (
                    held.as_deref(),
                    Action::Query,
                    format!("`{}` says {number}: `{text}`", self.column),
                ),
                // Not rounded: a fraction where whole numbers are declared is a doubt.
                None if about.result == ExtractedType::Whole && number.fract() != 0.0 => {
                    (None, Action::Query, format!("{number} in `{text}` is not a whole number"))
                }
                None => {
                    *value = Some(number);
                    (
                        Some(number_text.as_str()),
                        Action::Fixed,
                        format!("taken out of `{}`: `{text}`", self.column),
                    )
                }
            };
            revision.note(row, Edit { field: column, raw: held.as_deref(), clean, action, reason });
        }
        self.write(revision, column, about, values);
    }

    fn write(
        &self,
        revision: &mut Revision<'_>,
        column: &str,
        about: &Extracted,
        values: Vec<Option<f64>>,
    ) {
        let mut made = revision.own(column);
        // The text is a source of the column from here on.
        made.made_of(&revision.own(&self.column));
        let series = match about.result {
            ExtractedType::Real => real_series(column, values),
            #[expect(clippy::cast_possible_truncation, reason = "only whole numbers are taken")]
            ExtractedType::Whole => whole_series(
                column,
                values.into_iter().map(|value| value.map(|v| v as i64)).collect(),
            ),
        };
        revision.write(series, made);
        let mut known = revision.table.about(column);
        if let Some(label) = &about.label {
            known.label.clone_from(label);
        }
        known.unit = about.unit.clone().or(known.unit);
        known.decimals = about.decimals.or(known.decimals);
        revision.table.columns.insert(column.to_owned(), known);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{log, messages, run, run_twice, shown, table};

    const RAW: &str = "record_id|typed|fractions:whole\nP-1|30Gy/10F|\nP-2|27 Gy|3\nP-3|30 gy / 10 f|12\nP-4|some|5\nP-5||\nP-6|8Gy/1.5F|";

    fn rule(otherwise: &str) -> Value {
        json!({
            "table": "rt", "column": "typed", "forms": ["{dose}Gy/{fractions}F", "{dose}Gy"], "otherwise": otherwise,
            "into": {"dose": {"unit": "Gy", "label": "Total dose"}, "fractions": {"type": "whole"}},
        })
    }

    #[test]
    fn numbers_fill_what_is_missing() {
        let output = run_twice::<Extract>(rule("query"), "rt", &table(RAW));
        let clean = &output.tables["rt"];
        assert_eq!(clean.numbers("dose").expect("real")[0], Some(30.0));
        let dose = texts(clean, "dose");
        let fractions = texts(clean, "fractions");
        let shown: Vec<_> =
            dose.iter().zip(&fractions).map(|(d, f)| (d.as_deref(), f.as_deref())).collect();
        assert_eq!(
            shown,
            [
                (Some("30"), Some("10")),
                (Some("27"), Some("3")),
                (Some("30"), Some("12")),
                (None, Some("5")),
                (None, None),
                (Some("8"), None)
            ]
        );
        assert_eq!(
            log(&output),
            [
                "5 P-4 typed: some -> some (query: none of the declared forms)",
                "2 P-1 dose: (missing) -> 30 (fixed: taken out of `typed`: `30Gy/10F`)",
                "3 P-2 dose: (missing) -> 27 (fixed: taken out of `typed`: `27 Gy`)",
                "4 P-3 dose: (missing) -> 30 (fixed: taken out of `typed`: `30 gy / 10 f`)",
                "7 P-6 dose: (missing) -> 8 (fixed: taken out of `typed`: `8Gy/1.5F`)",
                "2 P-1 fractions: (missing) -> 10 (fixed: taken out of `typed`: `30Gy/10F`)",
                "4 P-3 fractions: 12 -> 12 (query: `typed` says 10: `30 gy / 10 f`)",
                "7 P-6 fractions: (missing) -> (missing) (query: 1.5 in `8Gy/1.5F` is not a whole number)",
            ]
        );
        assert_eq!(
            (clean.about("dose").unit.as_deref(), clean.about("dose").label.as_str()),
            (Some("Gy"), "Total dose")
        );
    }

    #[test]
    fn a_text_without_numbers_may_be_left() {
        let output =
            run_twice::<Extract>(rule("ignore"), "rt", &table("record_id|typed\nP-1|some"));
        assert_eq!(
            (shown(&output.tables["rt"])[1].as_str(), log(&output).len()),
            ("P-1|some||", 0)
        );
    }

    #[test]
    fn mistakes_are_told() {
        let raw = table("record_id|typed|dose\nP-1|some|3");
        let said = |parameters| {
            messages(&run::<Extract>(parameters, &[("rt", &raw)]).expect_err("a mistake"))
        };
        assert_eq!(
            said(
                json!({"table": "rt", "column": "tped", "forms": ["{dose}Gy/{fraction}F"], "into": {"dose": {}, "fractions": {}}})
            ),
            [
                "forms.0: form `{dose}Gy/{fraction}F` names `fraction`, which is not under `into`; did you mean `fractions`?",
                "column: table `rt` has no column `tped`; did you mean `typed`?",
                "into.dose: column `dose` of table `rt` holds text, not numbers; parse it by an earlier `parse_numbers` rule, or name a new column",
                "into.fractions: no form names `fractions`",
            ]
        );
        assert_eq!(
            said(json!({"table": "rt", "column": "typed", "forms": ["{dose"], "into": {}})),
            ["forms.0: form `{dose`: a brace is not closed; write it as `{dose}Gy/{fractions}F`"]
        );
        assert_eq!(
            said(
                json!({"table": "rt", "column": "typed", "forms": ["{gy}Gy"], "into": {"gy": {}}, "otherwise": "stop"})
            ),
            [
                "forms: `some` in column `typed` of table `rt`, line 2 (P-1), has none of the declared forms; add its form, or use `otherwise: query`"
            ]
        );
    }
}
