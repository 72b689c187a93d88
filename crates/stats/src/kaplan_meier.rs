//! To be written: kaplan_meier.
