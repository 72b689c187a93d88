//! One unit for a measurement.

use engine::{Call, Kind, Mistake, Mistakes, Named, Wiring};
use polars::prelude::DataType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Action, DeedId, Output, StudySettings, in_blocks};

use crate::cells::{Edit, Revision, lent_series, numbers, real_series};
use crate::coded::{Code, Coded, coded};
use crate::kinds::parameters::{condition, outside, wiring_of};
use crate::text::missing_reason;
use crate::units::{convert, factor, spelling};

/// Converts measurements to one unit. The unit of each row comes from
/// `unit_column`, or is the same for all (`unit`). Common units of
/// laboratories, doses and lengths are known (g/dL, mg/L, /uL, 10^9/L, cGy,
/// cm, lb, ukat/L ...); others are declared under `factors`. A value without
/// a unit, in an unknown unit, or implausible after conversion is set missing
/// with a query. The unit column then holds the new unit.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConvertUnit {
    /// The table.
    pub table: String,
    /// The column of numbers.
    pub column: String,
    /// The column of text that holds each row's unit.
    #[serde(default)]
    pub unit_column: Option<String>,
    /// The unit of every row; beside `unit_column`, the unit of the rows where
    /// that is missing.
    #[serde(default)]
    pub unit: Option<String>,
    /// The unit to convert to, such as `g/L`.
    pub to: String,
    /// Units with the factor that makes `to` of them: `g/dL: 10`.
    #[serde(default)]
    pub factors: Named<f64>,
    /// The lowest and highest value that can be right, in the unit `to`.
    #[serde(default)]
    pub plausible: Option<[f64; 2]>,
    /// Where the unit is missing, takes the only one of `factors` and `to`
    /// that makes the value plausible, with a note in the log.
    #[serde(default)]
    pub infer_when_missing: bool,
    /// Converts only the rows where this SQL condition holds.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
}

/// A converted value, with the reason for the log; or why there is none.
type Converted = Result<(f64, Option<String>), String>;

/// A unit with its factor, where one is known; none where no unit is.
type Scale<'u> = Option<(&'u str, Option<(f64, f64)>)>;

/// What becomes of one value in one unit, and what the log says of it.
struct Reading {
    value: Option<f64>,
    note: Option<DeedId>,
}

impl Kind for ConvertUnit {
    const NAME: &'static str = "convert_unit";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        wiring_of(&self.table)
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.run(call)
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let mut revision = Revision::open(call, &self.table);
        self.check(&mut revision);
        let chosen = condition(&mut revision, self.condition.as_deref());
        if revision.mistakes.0.is_empty() {
            self.convert(&mut revision, &chosen);
        }
        revision.close()
    }
}

impl ConvertUnit {
    fn check(&self, revision: &mut Revision<'_>) {
        let mend = "parse it by an earlier `parse_numbers` rule";
        revision.has_type(&self.column, &[DataType::Float64, DataType::Int64], mend, &["column"]);
        if let Some(column) = &self.unit_column {
            revision.has_type(column, &[DataType::String], "a unit is text", &["unit_column"]);
        }
        let mistakes = &mut revision.mistakes;
        if self.unit_column.is_none() && self.unit.is_none() {
            let message = "nothing says which unit the values have";
            mistakes
                .push(Mistake::at(&["unit_column"], message).hint("give `unit_column` or `unit`"));
        }
        if self.unit_column.is_none() && self.infer_when_missing {
            let message = "a missing unit can only be inferred where there is a unit column";
            mistakes.push(Mistake::at(&["infer_when_missing"], message));
        }
        // Before any row: it would fail on all of them.
        if let Some(unit) = self.unit.as_ref().filter(|unit| self.factor(unit).is_none()) {
            let message = format!("no factor from `{unit}` to `{}` is known", self.to);
            mistakes.push(Mistake::at(&["unit"], message).hint("declare it under `factors`"));
        }
        for (unit, _) in
            self.factors.iter().filter(|(_, factor)| !(factor.is_finite() && **factor > 0.0))
        {
            mistakes.push(Mistake::at(&["factors", unit], "a factor must be a positive number"));
        }
        if self.plausible.is_some_and(|[low, high]| low > high) {
            mistakes.push(Mistake::at(
                &["plausible"],
                "the lowest plausible value is above the highest",
            ));
        }
        // Without a plausible range every unit would fit.
        if self.infer_when_missing && (self.plausible.is_none() || self.factors.is_empty()) {
            let message = "to infer a unit takes the candidates and what is plausible";
            mistakes.push(
                Mistake::at(&["infer_when_missing"], message)
                    .hint("declare `factors` and `plausible`"),
            );
        }
        if self.infer_when_missing && self.unit.is_some() {
            let message = "a missing unit is both given by `unit` and to be inferred";
            mistakes.push(Mistake::at(&["infer_when_missing"], message).hint("keep one of them"));
        }
    }

    /// Factor from a unit to `to`, as a fraction.
    fn factor(&self, unit: &str) -> Option<(f64, f64)> {
        let own = spelling(unit);
        // The same unit, however it is spelt, changes no digit.
        if own == spelling(&self.to) {
            return Some((1.0, 1.0));
        }
        let declared = self.factors.iter().find(|(name, _)| spelling(name) == own);
        // What the study declares goes before what the program knows.
        declared.map(|(_, factor)| (*factor, 1.0)).or_else(|| factor(unit, &self.to))
    }

    fn convert(&self, revision: &mut Revision<'_>, chosen: &[bool]) {
        let values = numbers(&revision.table, &self.column);
        let units = self.unit_column.as_ref().map(|column| Coded::of(&revision.table, column));
        let written: Vec<&str> = units.iter().flat_map(Coded::distinct).collect();
        let scales: Vec<Scale<'_>> = written.iter().map(|unit| self.scale(unit)).collect();
        let unwritten = self.unit_or_none();
        // to name a unit anew, by what was written
        let renames: Vec<Option<DeedId>> =
            written.iter().map(|unit| self.rename_unit(revision, Some(unit))).collect();
        let named = self.rename_unit(revision, None);
        let unit = |row: usize| units.as_ref().and_then(|units| units.codes[row]);
        // the same value in the same unit is converted once
        let of_row = |row: usize| {
            let value = values[row].filter(|_| chosen[row])?;
            // By bits: two zeros of different sign are told apart, and nothing else is merged.
            Some((unit(row), value.to_bits()))
        };
        let (places, first) = coded(values.len(), of_row);
        let reading = |row: usize| {
            let scale = unit(row).map_or(&unwritten, |code| &scales[code.number()]);
            Some(self.reading(revision, values[row]?, scale))
        };
        let readings: Vec<Reading> = first.into_iter().filter_map(reading).collect();
        let reading = |row: usize| places[row].map(|place: Code| &readings[place.number()]);
        let renamed = |row: usize| {
            reading(row).filter(|reading| units.is_some() && reading.value.is_some())?;
            // A cell without a unit that was converted has one now.
            unit(row).map_or(named, |code| renames[code.number()])
        };
        revision.note_rows(|row| [reading(row).and_then(|reading| reading.note), renamed(row)]);
        let clean = |row: usize| reading(row).map_or(values[row], |reading| reading.value);
        let clean = in_blocks(values.len(), |rows| rows.map(clean).collect::<Vec<_>>()).concat();
        // The unit decides the number, as a condition does.
        let mut made = revision.own_where(&self.column, self.condition.as_deref());
        if let (Some(column), Some(units)) = (&self.unit_column, &units) {
            made.given(&revision.own(column));
            let unit = revision.own_where(column, self.condition.as_deref());
            let cell = |row| match renamed(row) {
                Some(_) => Some(self.to.as_str()),
                None => units.codes[row].map(|code| written[code.number()]),
            };
            let series = lent_series(column, values.len(), cell);
            revision.write(series, unit);
        }
        revision.write(real_series(&self.column, clean), made);
        // Where only some rows are converted the column has no one unit.
        if self.condition.is_none() {
            let mut about = revision.table.about(&self.column);
            about.unit = Some(self.to.clone());
            revision.table.columns.insert(self.column.clone(), about);
        }
    }

    /// The unit that a cell names, or that of all rows where it names none.
    fn scale<'u>(&'u self, written: &'u str) -> Scale<'u> {
        // A blank cell names no unit.
        match missing_reason(written, &[]) {
            None => Some((written, self.factor(written))),
            Some(_) => self.unit_or_none(),
        }
    }

    fn unit_or_none(&self) -> Scale<'_> {
        self.unit.as_deref().map(|unit| (unit, self.factor(unit)))
    }

    fn convert_one(&self, value: f64, scale: &Scale<'_>) -> Converted {
        let Some((unit, factor)) = *scale else { return self.infer(value) };
        let factor = factor.ok_or_else(|| format!("no factor from `{unit}` to `{}`", self.to))?;
        let converted = convert(value, factor);
        // Asked after conversion: the bounds are in the new unit.
        match self.implausible(converted) {
            Some(why) => Err(format!("{why} {}, from {value} {unit}", self.to)),
            // Not multiplied by one: the digits stay as they were read.
            None if factor.0 == factor.1 => Ok((value, None)),
            None => Ok((converted, Some(format!("from {unit}")))),
        }
    }

    fn implausible(&self, value: f64) -> Option<String> {
        self.plausible.and_then(|[low, high]| outside(value, Some(low), Some(high)))
    }

    /// The only unit that makes the value plausible.
    fn infer(&self, value: f64) -> Converted {
        if !self.infer_when_missing {
            return Err("the unit is missing".to_owned());
        }
        // The target unit once, also where `factors` lists it.
        let others = self.factors.names().filter(|unit| spelling(unit) != spelling(&self.to));
        let candidates: Vec<(&str, f64)> = std::iter::once(self.to.as_str())
            .chain(others)
            .filter_map(|unit| self.factor(unit).map(|factor| (unit, convert(value, factor))))
            .filter(|(_, converted)| self.implausible(*converted).is_none())
            .collect();
        match candidates[..] {
            // Only a single candidate is taken, and the log says that it was inferred.
            [(unit, converted)] => {
                Ok((converted, Some(format!("the unit is missing: only {unit} is plausible"))))
            }
            [] => Err("the unit is missing, and none makes the value plausible".to_owned()),
            _ => Err("the unit is missing, and several make the value plausible".to_owned()),
        }
    }

    /// What becomes of a value in a unit.
    fn reading(&self, revision: &mut Revision<'_>, value: f64, scale: &Scale<'_>) -> Reading {
        let (clean, action, reason) = match self.convert_one(value, scale) {
            Ok((value, None)) => return Reading { value: Some(value), note: None },
            Ok((clean, Some(reason))) => (Some(clean), Action::Fixed, reason),
            Err(reason) => (None, Action::Query, reason),
        };
        let raw = value.to_string();
        let written = clean.map(|clean| clean.to_string());
        let (raw, written) = (Some(raw.as_str()), written.as_deref());
        let edit = Edit { field: &self.column, raw, clean: written, action, reason };
        Reading { value: clean, note: Some(revision.deed(edit)) }
    }

    /// What the log says where a unit is written anew; none where it stands there already.
    fn rename_unit(&self, revision: &mut Revision<'_>, unit: Option<&str>) -> Option<DeedId> {
        // A table without a unit column has nothing to write.
        let field = self.unit_column.as_deref().filter(|_| unit != Some(self.to.as_str()))?;
        let clean = Some(self.to.as_str());
        let reason = format!("`{}` is in this unit now", self.column);
        Some(revision.deed(Edit { field, raw: unit, clean, action: Action::Fixed, reason }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{log, messages, run, run_twice, shown, table};

    #[test]
    fn what_would_be_no_number_is_refused() {
        // Kilogrammes to a smaller unit leave the range of numbers.
        let raw = table("record_id|mass:real|unit\nP-1|1e308|kg\nP-2|2|kg");
        let parameters = json!({
            "table": "t", "column": "mass", "unit_column": "unit", "to": "g", "factors": {"kg": 1000},
        });
        let found = run::<ConvertUnit>(parameters, &[("t", &raw)]).expect_err("too large");
        assert_eq!(
            messages(&found),
            [
                ": `mass` would be larger than a number can be: line 2 (P-1); look for a wrong value in the row"
            ]
        );
    }

    #[test]
    fn units_come_from_their_column() {
        let raw = table(
            "record_id|albumin:real|unit\nP-1|34.1|g/L\nP-2|3.4|g/dL\nP-3|3.9|\nP-4|41|\nP-5|12|\nP-6|380|g/L\nP-7|4|stone\nP-8||g/dL\nP-9|41|G/l",
        );
        let parameters = json!({
            "table": "labs", "column": "albumin", "unit_column": "unit", "to": "g/L",
            "factors": {"g/dL": 10}, "plausible": [15, 60], "infer_when_missing": true,
        });
        let output = run_twice::<ConvertUnit>(parameters, "labs", &raw);
        assert_eq!(
            shown(&output.tables["labs"]),
            [
                "record_id|albumin|unit",
                "P-1|34.1|g/L",
                "P-2|34|g/L",
                "P-3|39|g/L",
                "P-4|41|g/L",
                "P-5||",
                "P-6||g/L",
                "P-7||stone",
                "P-8||g/dL",
                "P-9|41|g/L"
            ]
        );
        assert_eq!(
            log(&output),
            [
                "3 P-2 albumin: 3.4 -> 34 (fixed: from g/dL)",
                "3 P-2 unit: g/dL -> g/L (fixed: `albumin` is in this unit now)",
                "4 P-3 albumin: 3.9 -> 39 (fixed: the unit is missing: only g/dL is plausible)",
                "4 P-3 unit: (missing) -> g/L (fixed: `albumin` is in this unit now)",
                "5 P-4 albumin: 41 -> 41 (fixed: the unit is missing: only g/L is plausible)",
                "5 P-4 unit: (missing) -> g/L (fixed: `albumin` is in this unit now)",
                "6 P-5 albumin: 12 -> (missing) (query: the unit is missing, and none makes the value plausible)",
                "7 P-6 albumin: 380 -> (missing) (query: 380 is above 60 g/L, from 380 g/L)",
                "8 P-7 albumin: 4 -> (missing) (query: no factor from `stone` to `g/L`)",
                "10 P-9 unit: G/l -> g/L (fixed: `albumin` is in this unit now)",
            ]
        );
        assert_eq!(output.tables["labs"].about("albumin").unit.as_deref(), Some("g/L"));
    }

    #[test]
    fn a_missing_unit_is_never_guessed_silently() {
        let raw = table("record_id|alc:real|unit\nP-1|1230|/µL\nP-2|1.2|\nP-3|1.3|×10⁹/L");
        let parameters =
            json!({"table": "labs", "column": "alc", "unit_column": "unit", "to": "10^9/L"});
        let output = run_twice::<ConvertUnit>(parameters.clone(), "labs", &raw);
        assert_eq!(
            shown(&output.tables["labs"])[1..],
            ["P-1|1.23|10^9/L", "P-2||", "P-3|1.3|10^9/L"]
        );
        assert_eq!(log(&output)[2], "3 P-2 alc: 1.2 -> (missing) (query: the unit is missing)");
        let mut parameters = parameters;
        parameters["unit"] = json!("10^9/L");
        let output = run_twice::<ConvertUnit>(parameters, "labs", &raw);
        assert_eq!(shown(&output.tables["labs"])[2], "P-2|1.2|10^9/L");
    }

    #[test]
    fn long_tables_convert_the_rows_of_one_test() {
        let raw = table("record_id|test|value:real|unit\nP-1|dose|3000|cGy\nP-1|size|3|cm");
        let parameters = json!({
            "table": "labs", "column": "value", "unit_column": "unit", "to": "Gy", "where": "test = 'dose'",
        });
        let output = run_twice::<ConvertUnit>(parameters, "labs", &raw);
        assert_eq!(shown(&output.tables["labs"])[1..], ["P-1|dose|30|Gy", "P-1|size|3|cm"]);
    }

    #[test]
    fn mistakes_are_told() {
        let raw = table("record_id|albumin|size:real|unit\nP-1|34|1|g/L");
        let said = |parameters| {
            messages(&run::<ConvertUnit>(parameters, &[("labs", &raw)]).expect_err("a mistake"))
        };
        assert_eq!(
            said(
                json!({"table": "labs", "column": "albumin", "to": "g/L", "infer_when_missing": true, "plausible": [3, 2], "factors": {"g/dL": -1}, "where": "size"})
            ),
            [
                "column: column `albumin` of table `labs` holds text, not numbers or whole numbers; parse it by an earlier `parse_numbers` rule",
                "unit_column: nothing says which unit the values have; give `unit_column` or `unit`",
                "infer_when_missing: a missing unit can only be inferred where there is a unit column",
                "factors.g/dL: a factor must be a positive number",
                "plausible: the lowest plausible value is above the highest",
                "where: SQL condition gives a number, not yes or no",
            ]
        );
        assert_eq!(
            said(
                json!({"table": "labs", "column": "size", "unit": "ell", "unit_column": "untis", "to": "mm", "infer_when_missing": true})
            ),
            [
                "unit_column: table `labs` has no column `untis`; there are: `record_id`, `albumin`, `size`, `unit`, `_line`",
                "unit: no factor from `ell` to `mm` is known; declare it under `factors`",
                "infer_when_missing: to infer a unit takes the candidates and what is plausible; declare `factors` and `plausible`",
                "infer_when_missing: a missing unit is both given by `unit` and to be inferred; keep one of them",
            ]
        );
    }
}
