//! Declared rules that turn raw tables into one row a patient.
