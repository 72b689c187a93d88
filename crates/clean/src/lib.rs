//! Declared rules that turn raw tables into one row a patient. Each rule makes
//! a new version of a table and logs every change; none reads or writes files.

mod calendar;
mod cells;
mod coded;
mod keys;
mod kinds;
mod lineage;
mod partial_date;
mod recist;
mod rows;
mod template;
#[cfg(test)]
mod testing;
mod text;
mod units;
mod whole_days;
mod written_date;
mod written_number;

/// Offers every kind of the `clean:` section.
pub fn register(registry: &mut engine::Registry) {
    kinds::register(registry);
}
