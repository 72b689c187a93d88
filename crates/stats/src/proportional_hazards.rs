//! To be written: proportional_hazards.
