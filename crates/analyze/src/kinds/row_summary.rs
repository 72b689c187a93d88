//! What the rows of a table are like that has several of a patient, such as
//! courses of treatment: by row, and by patient.

use std::collections::BTreeSet;

use engine::{Mistake, Mistakes, Read};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::quantile::quantiles;
use study::{Level, Part, Procedure, Quantity, Texts};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::{Basis, Book, Told, refused};
use crate::category::declared_levels;
use crate::columns::{self, ColumnType};
use crate::patient_rows::RowsOf;
use crate::population::Population;
use crate::rehearsal::Rehearsal;

/// What the rows of a table are like that has several of a patient, such as courses of treatment: how
/// many there are and of how many patients; of each category the rows and the patients at each level;
/// of each number the quartiles over rows; and the rows without a value.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowSummary {
    /// The table.
    pub table: String,
    /// Its columns, in order. Numbers are summarised; text, yes/no and columns with declared levels
    /// are counted.
    pub variables: Vec<String>,
    /// SQL condition on its rows.
    #[serde(default)]
    pub rows: Option<String>,
    /// SQL condition on the analysis table; only rows of patients for whom it holds are summed up.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
}

/// What is counted.
const ROWS: &str = "rows";
const PATIENTS: &str = "patients";

impl Analysis for RowSummary {
    const NAME: &'static str = "row_summary";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref()).beside([Read::table(&self.table, &["table"])])
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        let rows = RowsOf { table: &self.table, condition: self.rows.as_ref() };
        rows.check(rehearsal, &[]);
        rehearsal.list("variables", &self.variables, false);
        for (place, variable) in self.variables.iter().enumerate() {
            let at = ["variables", &place.to_string()];
            let found = rehearsal.call.require_column(&self.table, variable, &at);
            if rehearsal.mistakes.note(found).is_none() {
                continue;
            }
            rows.check_printed(rehearsal, variable, &at);
            let table = rehearsal.call.table(&self.table);
            if columns::type_of(table, variable) == Some(ColumnType::Date) {
                let message = format!("`{variable}` holds dates, not numbers or categories");
                rehearsal.push(Mistake::at(&at, message).hint("derive a number from it"));
            }
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let population = checked.population();
        let rows = RowsOf { table: &self.table, condition: self.rows.as_ref() };
        let rows = rows.read(checked, &[])?;
        // Rows of patients whom `where` left out are not looked at.
        let chosen: Vec<(usize, usize)> = (0..population.n())
            .flat_map(|patient| rows.of(patient).iter().map(move |row| (patient, *row)))
            .collect();
        let mut book = checked.book();
        // A patient with several rows is one patient.
        let patients = distinct(chosen.iter().copied());
        for (name, count) in [(ROWS, chosen.len()), (PATIENTS, patients)] {
            let finding = book.count(&[Part::statistic("n")], "n", count).in_group(name);
            let basis = Basis { n: count, events: None, missing: 0 };
            book.push(finding.from(basis).by_method(Procedure::Count));
        }
        for variable in &self.variables {
            let own = Variable { table: rows.table, name: variable, chosen: &chosen };
            own.record(&mut book, population)?;
        }
        // Also those without a row: that they have none is part of the summary.
        let everybody: Vec<usize> = (0..population.n()).collect();
        Ok(Analysed::new(book, None, &everybody))
    }
}

/// How many patients some rows are of.
fn distinct(rows: impl Iterator<Item = (usize, usize)>) -> usize {
    rows.map(|(patient, _)| patient).collect::<BTreeSet<usize>>().len()
}

/// A column at the rows that are looked at.
struct Variable<'a> {
    table: &'a study::Table,
    name: &'a str,
    chosen: &'a [(usize, usize)],
}

impl Variable<'_> {
    fn record(&self, book: &mut Book, population: &Population<'_>) -> Result<(), Mistakes> {
        match columns::is_number(self.table, self.name) {
            true => self.record_numbers(book),
            false => {
                self.record_levels(book, population);
                Ok(())
            }
        }
    }

    /// The rows without a value; the number of those with one.
    fn record_missing(&self, book: &mut Book, known: usize) -> Basis {
        let missing = self.chosen.len() - known;
        let basis = Basis { n: known, events: None, missing };
        let finding = book.count(&[Part::statistic("missing")], "missing", missing);
        book.push(finding.of_variable(self.name).from(basis).by_method(Procedure::Count));
        basis
    }

    fn record_numbers(&self, book: &mut Book) -> Result<(), Mistakes> {
        let values = columns::numbers(self.table, self.name).unwrap_or_default();
        // Row by row: a patient with many rows counts as often.
        let known: Vec<f64> = self.chosen.iter().filter_map(|(_, row)| values[*row]).collect();
        let basis = self.record_missing(book, known.len());
        let quartiles = match known.as_slice() {
            [] => vec![f64::NAN; 3],
            known => quantiles(known, &[0.5, 0.25, 0.75]).map_err(|error| refused(&error))?,
        };
        let names = ["median", "lower_quartile", "upper_quartile"];
        for (name, value) in names.into_iter().zip(quartiles) {
            let finding = book.draft(&[Part::statistic(name)], name, Quantity::Measured, value);
            let mut finding = finding.of_variable(self.name).from(basis);
            finding.unit = self.table.about(self.name).unit;
            let how = if name == "median" { Procedure::Median } else { Procedure::Quartile };
            book.push(finding.by_method(how));
        }
        Ok(())
    }

    fn record_levels(&self, book: &mut Book, population: &Population<'_>) {
        let values = columns::categories(self.table, self.name);
        let value = |row: usize| values.as_ref().and_then(|values| values.get(row));
        let known: Vec<(usize, usize)> =
            self.chosen.iter().copied().filter(|(_, row)| value(*row).is_some()).collect();
        let basis = self.record_missing(book, known.len());
        for level in self.levels(population.is_rehearsed(), values.as_ref(), &known) {
            let of = |(_, row): &(usize, usize)| value(*row) == Some(&level.value);
            let own: Vec<(usize, usize)> = known.iter().copied().filter(of).collect();
            let patients = distinct(own.iter().copied());
            // Of rows, not of patients: a patient may be at several
            // levels, so that shares of patients would not add up.
            let share = own.len() as f64 / known.len() as f64;
            for (group, count) in [(ROWS, own.len()), (PATIENTS, patients)] {
                let finding = book.count(&[Part::statistic("count")], "count", count);
                let finding = finding.of_variable(self.name).of_level(&level).in_group(group);
                book.push(finding.from(basis).by_method(Procedure::Count));
            }
            let parts = [Part::statistic("proportion")];
            let finding = book.draft(&parts, "proportion", Quantity::Proportion, share);
            let finding = finding.of_variable(self.name).of_level(&level).in_group(ROWS);
            let basis = Basis { events: Some(own.len()), ..basis };
            book.push(finding.from(basis).by_method(Procedure::Proportion));
        }
    }

    /// The levels that are declared, else those that occur, by letter.
    fn levels(
        &self,
        is_rehearsed: bool,
        values: Option<&Texts>,
        known: &[(usize, usize)],
    ) -> Vec<Level> {
        if let Some(levels) = declared_levels(self.table, self.name) {
            return levels;
        }
        // What occurs is not known, so that one open level stands for all of it.
        if is_rehearsed {
            return vec![Level::any()];
        }
        let occurring: BTreeSet<&str> =
            known.iter().filter_map(|(_, row)| values?.get(*row)).collect();
        occurring.into_iter().map(Level::named).collect()
    }
}
