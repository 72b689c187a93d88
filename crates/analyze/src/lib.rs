//! Columns to findings: each kind reads the analysis table and hands on
//! statistics at full precision. The estimators are in `stats`; formatting a
//! number for people is left to `report`.

mod arms;
mod book;
mod category;
mod columns;
mod covariates;
mod effect;
mod endpoint;
mod exposure;
mod guard;
mod horizon;
#[cfg(test)]
mod invariants;
mod kinds;
mod model;
mod population;
mod rehearsal;
mod states;
mod strata;
#[cfg(test)]
mod testing;
mod weights;

pub use kinds::register;
