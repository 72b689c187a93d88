//! To be written: contingency.
