//! To be written: log_rank.
