//! To be written: standardized_difference.
