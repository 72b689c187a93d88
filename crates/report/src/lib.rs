//! Findings to figures, tables and the supplement. It draws and lays out what
//! the analyses found, and computes no statistic.

pub mod format;
pub mod kinds;
#[cfg(test)]
mod sample;
