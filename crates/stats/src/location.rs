//! To be written: location.
