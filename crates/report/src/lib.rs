//! Findings to figures, tables and the supplement.
