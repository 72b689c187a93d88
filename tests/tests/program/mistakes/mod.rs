//! Every mistake that a user can make, with everything the screen says to it.
//! Each starts from a study that was run, whose outputs must stay as they were.

mod cells;
mod claims;
mod expressions;
mod file;
mod names;
mod pages;
mod patients;
mod values;
mod work;

/// The pipeline file of the small study.
const FILE: &str = "pipeline.yaml";
/// Its raw file.
const RAW: &str = "data/patients.csv";
