//! Columns to findings: each kind reads the analysis table and hands on
//! statistics at full precision. The estimators are in `stats`; formatting a
//! number for people is left to `report`.

mod analysis;
mod arms;
mod book;
mod by;
mod category;
mod causes;
pub mod claims;
mod columns;
mod covariates;
mod curve_rows;
mod effect;
mod effects;
mod endpoint;
mod estimate;
mod exposure;
mod guard;
mod horizon;
#[cfg(test)]
mod invariants;
mod kinds;
mod late_exposure;
mod model;
mod monte_carlo;
mod outcome;
mod patient_rows;
mod population;
mod refusal;
mod rehearsal;
mod states;
mod strata;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod two_groups;
mod weights;

pub use kinds::register;
