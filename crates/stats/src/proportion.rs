//! To be written: proportion.
