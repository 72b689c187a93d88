//! The weights of patients that an earlier entry made, such as a propensity
//! score: a table named as the entry, with one row per weighted patient.

use std::collections::BTreeMap;

use engine::{Call, Mistake};
use study::{Column, ScoreWeighting, Table};

use crate::columns::{self, ColumnType};
use crate::population::Population;

/// The column of weights.
pub(crate) const WEIGHT: &str = "weight";
/// The column of clusters, such as matched sets; a table need not have it.
pub(crate) const CLUSTER: &str = "cluster";

/// The weight of each patient of a population.
#[derive(Debug)]
pub(crate) struct PatientWeights {
    /// Weights above zero; none for a patient who has none or the weight zero.
    pub(crate) weights: Vec<Option<f64>>,
    /// The cluster of each patient, where the entry made clusters.
    pub(crate) clusters: Option<Vec<Option<usize>>>,
}

/// The mistake of naming an entry that makes no weights; checked without rows.
pub(crate) fn check(call: &Call<'_>, entry: &str) -> Result<(), Mistake> {
    let table = call.table(entry);
    // Not every such table has clusters. A column that the
    // rehearsal does not look at is not handed to the run.
    // read where it is there
    let _ = columns::type_of(table, CLUSTER);
    let has_weights = columns::type_of(table, WEIGHT) == Some(ColumnType::Real)
        && columns::type_of(table, &call.study.patient).is_some();
    if has_weights {
        return Ok(());
    }
    Err(Mistake::at(&["weights"], format!("`{entry}` makes no weights of patients"))
        .hint("name an entry of `analyze` that does, such as a `propensity_score`"))
}

/// How the weights of an entry came about, where it says so.
pub(crate) fn weighting(call: &Call<'_>, entry: &str) -> Option<ScoreWeighting> {
    ScoreWeighting::named(&call.table(entry).about(WEIGHT).derivation?)
}

/// Says on a table of weights how they came about.
pub(crate) fn say_weighting(table: &mut Table, weighting: ScoreWeighting) {
    let derivation = Some(weighting.name().to_owned());
    // The table says it of its column, so that whoever reads the weights needs no other stage.
    let about = Column { derivation, ..table.about(WEIGHT) };
    table.columns.insert(WEIGHT.to_owned(), about);
}

impl PatientWeights {
    /// The weights that `entry` gives to the patients of a population.
    pub(crate) fn new(
        call: &Call<'_>,
        population: &Population<'_>,
        entry: &str,
    ) -> Result<Self, Mistake> {
        check(call, entry)?;
        let table = call.table(entry);
        let read = "invariant: the table was checked";
        let identifiers = columns::categories(table, &call.study.patient).expect(read);
        // By name: the table holds the weighted patients of another
        // entry, who may be fewer, and in an order of its own.
        let rows: BTreeMap<&str, usize> = (identifiers.iter().enumerate())
            .filter_map(|(row, identifier)| Some((identifier?, row)))
            .collect();
        let of_patients = |values: &[Option<f64>]| -> Vec<Option<f64>> {
            let value = |patient: &str| values[*rows.get(patient)?];
            population.patients().map(value).collect()
        };
        let weights = of_patients(&columns::numbers(table, WEIGHT).expect(read));
        let weights: Vec<Option<f64>> =
            // Estimators take weights above zero; whoever weighs
            // nothing is not part of the weighted patients.
            weights.into_iter().map(|weight| weight.filter(|weight| *weight > 0.0)).collect();
        if !population.is_rehearsed() && weights.iter().all(Option::is_none) {
            let message = format!("`{entry}` gives no weight to any patient of this analysis");
            return Err(
                Mistake::at(&["weights"], message).hint("compare its `where` with this one")
            );
        }
        Ok(Self { weights, clusters: clusters(table, of_patients) })
    }

    /// Weights of some patients, all weighted, and their clusters. Who has no
    /// cluster of its own is one by itself.
    pub(crate) fn of(&self, included: &[usize]) -> (Vec<f64>, Option<Vec<usize>>) {
        let weights = included.iter().filter_map(|place| self.weights[*place]).collect();
        let clusters = self.clusters.as_ref().map(|codes| {
            // Codes beyond all that occur, one for each
            // place, so that nobody shares one by accident.
            let next = codes.iter().flatten().max().map_or(0, |most| most + 1);
            included.iter().map(|place| codes[*place].unwrap_or(next + place)).collect()
        });
        (weights, clusters)
    }
}

fn clusters(
    table: &Table,
    of_patients: impl Fn(&[Option<f64>]) -> Vec<Option<f64>>,
) -> Option<Vec<Option<usize>>> {
    let codes = columns::numbers(table, CLUSTER)?;
    let code = |code: Option<f64>| code.map(|code| code as usize);
    Some(of_patients(&codes).into_iter().map(code).collect())
}
