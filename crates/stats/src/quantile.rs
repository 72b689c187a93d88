//! To be written: quantile.
