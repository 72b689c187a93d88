//! To be written: special.
