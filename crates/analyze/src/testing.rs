//! Small studies for the tests of this crate.
