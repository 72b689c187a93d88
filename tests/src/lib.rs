//! Whole-program tests and reference values.
