//! To be written: adjust.
