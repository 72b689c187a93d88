//! To be written: cox.
