//! The completed data sets: the analysis table with imputed values in the
//! place of missing ones, and what is derived from them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::{Call, Mistake, Mistakes, Named};
use study::{Level, Table, TakenAs, Texts};

use super::at_derived;
use crate::columns::{self, ColumnType};
use crate::kinds::multiple_imputation::IMPUTATION;
use crate::model::is_number;
use crate::population::{Population, note_unknown};

/// Data sets of the same patients in the same order.
pub(super) struct Completed {
    /// One an imputation.
    pub(super) tables: Vec<Arc<Table>>,
    /// As they were before imputation.
    pub(super) observed: Arc<Table>,
    /// Patients of the population that were not imputed.
    pub(super) left_out: usize,
    /// Where the imputed ones stand in the population.
    included: Vec<usize>,
}

/// A call in which a data set stands for the analysis table.
pub(super) fn call_of<'c>(call: &Call<'c>, table: Arc<Table>) -> Call<'c> {
    let mut tables = call.tables.clone();
    // Kinds read the analysis table by its name, so that a data set takes its place.
    tables.insert(call.study.analysis_table.clone(), table);
    Call {
        name: call.name,
        study: call.study,
        claims: call.claims,
        provenance: None,
        seed: call.seed,
        tables,
        stages: Vec::new(),
        files: BTreeMap::new(),
        unknowns: call.unknowns.clone(),
    }
}

/// Refuses an entry that makes no imputations.
pub(super) fn check(call: &Call<'_>, entry: &str) -> Result<(), Mistake> {
    let table = call.table(entry);
    let is_numbered = columns::type_of(table, IMPUTATION) == Some(ColumnType::Whole);
    if is_numbered && columns::type_of(table, &call.study.patient).is_some() {
        return Ok(());
    }
    Err(Mistake::at(&["imputations"], format!("`{entry}` makes no imputations"))
        .hint("name a `multiple_imputation` of `analyze`"))
}

/// The shape of a completed data set.
pub(super) fn without_rows(
    call: &Call<'_>,
    entry: &str,
    derived: &Named<String>,
) -> Result<Arc<Table>, Mistakes> {
    // Without rows the shape is what each data set will have.
    let mut table = call.table(&call.study.analysis_table).take(&[]);
    let imputed = call.table(entry).take(&[]);
    let names = imputed_columns(call, &imputed);
    // the data as they were observed are read beside the completed ones
    for name in &names {
        let _ = columns::type_of(&table, name);
    }
    columns::put_from(&mut table, &imputed, &names);
    let mut mistakes = Mistakes::default();
    for (name, sql) in derived.iter() {
        // A derived column in the place of another would
        // change what the other is without a word.
        if columns::type_of(&table, name).is_some() {
            let message = format!("there is a column `{name}` already");
            mistakes.push(Mistake::at(&["derived", name], message).hint("choose another name"));
            continue;
        }
        if let Err(error) = columns::derive(&mut table, name, sql) {
            mistakes.push(at_derived(name, &error, &table));
        }
    }
    mistakes.or(Arc::new(table))
}

fn imputed_columns(call: &Call<'_>, table: &Table) -> Vec<String> {
    let is_key = |name: &String| *name == call.study.patient || name == IMPUTATION;
    table.names().into_iter().filter(|name| !is_key(name)).collect()
}

impl Completed {
    /// One data set of nobody, as a rehearsal needs it.
    pub(super) fn rehearsed(
        call: &Call<'_>,
        entry: &str,
        derived: &Named<String>,
    ) -> Result<Self, Mistakes> {
        let observed = without_rows(call, entry, derived)?;
        let tables = vec![observed.clone()];
        Ok(Self { tables, observed, left_out: 0, included: Vec::new() })
    }

    /// The places in the population of some patients of the data sets.
    pub(super) fn places(&self, own: &[usize]) -> Vec<usize> {
        own.iter().map(|place| self.included[*place]).collect()
    }

    /// The data sets of those patients of a population that were imputed.
    pub(super) fn new(
        call: &Call<'_>,
        population: &Population<'_>,
        entry: &str,
        derived: &Named<String>,
    ) -> Result<Self, Mistakes> {
        let imputed = call.table(entry);
        let by_imputation = rows_by_imputation(call, imputed, entry)?;
        let first = by_imputation.values().next().expect("invariant: there are two or more");
        // By name: the table of imputations may have fewer patients, in an order of its own.
        let included: Vec<usize> = (0..population.n())
            .filter(|place| first.contains_key(population.patient(*place)))
            .collect();
        if included.is_empty() {
            let message = format!("`{entry}` imputed no patient of this analysis");
            return Err(Mistake::at(&["imputations"], message)
                .hint("compare its `where` with this one")
                .into());
        }
        let whole = population.table;
        // All data sets begin as what was observed of the same patients in the same order.
        let observed = columns::taken(whole, &whole.names(), &population.rows_of(&included));
        let names = imputed_columns(call, imputed);
        let mut tables = Vec::with_capacity(by_imputation.len() + 1);
        for rows in by_imputation.values() {
            let own: Vec<usize> =
                included.iter().map(|place| rows[population.patient(*place)]).collect();
            let mut table = observed.clone();
            columns::put_from(&mut table, &columns::taken(imputed, &names, &own), &names);
            tables.push(table);
        }
        // Last, so that everything below is done to it as well, and it can be taken off again.
        tables.push(observed);
        // In declared order: a derived column may be made of an earlier one.
        for (name, sql) in derived.iter() {
            for table in &mut tables {
                let unknown = columns::derive(table, name, sql);
                let unknown = unknown.map_err(|error| at_derived(name, &error, table))?;
                let parameter = format!("derived.{name}");
                note_unknown(call, &parameter, &unknown, TakenAs::Otherwise);
            }
        }
        for name in names.iter().map(String::as_str).chain(derived.names()) {
            share_levels(&mut tables, name);
        }
        let observed = Arc::new(tables.pop().expect("invariant: it was pushed last"));
        let left_out = population.n() - included.len();
        let tables = tables.into_iter().map(Arc::new).collect();
        Ok(Self { tables, observed, left_out, included })
    }
}

/// The row of each patient in each imputation; all have the same patients.
fn rows_by_imputation(
    call: &Call<'_>,
    table: &Table,
    entry: &str,
) -> Result<BTreeMap<i64, BTreeMap<String, usize>>, Mistake> {
    let wrong = |message: String| {
        Mistake::at(&["imputations"], message).hint(
            "the table of a `multiple_imputation` has one row for each patient and imputation",
        )
    };
    let numbers = columns::numbers(table, IMPUTATION).unwrap_or_default();
    let patients = columns::categories(table, &call.study.patient);
    let patients = patients.iter().flat_map(Texts::iter);
    // Ordered maps: imputations by number and patients by name, whatever order the rows have.
    let mut rows: BTreeMap<i64, BTreeMap<String, usize>> = BTreeMap::new();
    for (row, (number, patient)) in numbers.into_iter().zip(patients).enumerate() {
        let (Some(number), Some(patient)) = (number, patient) else {
            return Err(wrong(format!("row {} of `{entry}` lacks its patient or number", row + 1)));
        };
        let number = number as i64;
        if let Some(twice) = rows.entry(number).or_default().insert(patient.to_owned(), row) {
            let first = twice + 1;
            return Err(wrong(format!(
                "rows {first} and {} of `{entry}` are both of patient `{patient}` in imputation {number}",
                row + 1
            )));
        }
    }
    let Some(first) = rows.values().next() else {
        return Err(wrong(format!("`{entry}` has no rows")));
    };
    if rows.len() < 2 {
        return Err(wrong(format!("`{entry}` has one imputation, but pooling needs two or more")));
    }
    // Keys ascend in both, so that the same patients are the same sequence.
    let differs = |own: &&BTreeMap<String, usize>| !own.keys().eq(first.keys());
    match rows.values().any(|own| differs(&own)) {
        true => Err(wrong(format!("the imputations of `{entry}` have different patients"))),
        false => Ok(rows),
    }
}

/// Gives a category without declared levels those that occur in any of the
/// data sets, so that its coefficients are the same in all.
fn share_levels(tables: &mut [Table], name: &str) {
    // Only categories of text are left open: yes/no has
    // its levels, and whole numbers stand as numbers.
    let kind = columns::type_of(&tables[0], name);
    let is_open = kind == Some(ColumnType::Text)
        && !is_number(&tables[0], name)
        && tables[0].about(name).levels.is_empty();
    if !is_open {
        return;
    }
    let mut values = BTreeSet::new();
    for table in tables.iter() {
        let own = columns::categories(table, name);
        values.extend(own.iter().flat_map(Texts::iter).flatten().map(str::to_owned));
    }
    let level = |value: String| Level::named(value);
    let levels: Vec<Level> = values.into_iter().map(level).collect();
    for table in tables {
        // Where nobody has a level in one data set, its
        // coefficients would move up and meet others.
        let mut about = table.about(name);
        about.levels.clone_from(&levels);
        table.columns.insert(name.to_owned(), about);
    }
}
