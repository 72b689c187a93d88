//! Texts: numbers from findings, mistakes at their lines.
