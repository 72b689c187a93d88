//! To be written: survival_data.
