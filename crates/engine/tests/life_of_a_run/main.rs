//! The life of a run, with small kinds of its own: what is made again,
//! what is not, and what happens to outputs that were changed or lost.

mod again;
mod columns;
mod edits;
mod folder;
mod git;
mod kinds;
mod mistakes;
mod outputs;
mod places;
mod reports;
mod size;
mod table_kinds;
mod verification;

use restudy_engine::Registry;

/// All kinds of these tests.
fn registry() -> Registry {
    let mut registry = Registry::new();
    kinds::register(&mut registry);
    table_kinds::register(&mut registry);
    reports::register(&mut registry);
    registry
}
