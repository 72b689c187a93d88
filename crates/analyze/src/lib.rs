//! Columns to findings.
