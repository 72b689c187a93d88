//! Who is who: variants of record numbers, repeated rows, rows of nobody.

use super::{Action, Dirtier};
use crate::table::{Cell, Fate};

pub(super) fn inject(dirtier: &mut Dirtier<'_>) {
    id_variants(dirtier);
    registered_twice(dirtier);
    near_duplicates(dirtier);
    exact_duplicates(dirtier);
    orphans(dirtier);
}

fn id_variants(dirtier: &mut Dirtier<'_>) {
    let names: Vec<&'static str> = dirtier.tables.iter().map(|table| table.schema.name).collect();
    for name in names {
        // each of six forms once in every table, so that no join works without one
        // canonical form
        for (form, place) in dirtier.pick(name, "record_id", 6, |_, _| true).into_iter().enumerate()
        {
            let digits = dirtier.cell(place).clean["P-".len()..].to_owned();
            let short = digits.trim_start_matches('0');
            let raw = match form {
                0 => format!("P{short}"),
                1 => format!("p{digits} "),
                2 => format!("P-{short}"),
                3 => format!("P {digits}"),
                4 => format!("p-{digits}"),
                _ => format!(" P{digits}"),
            };
            dirtier.fixed(place, "id_variant", raw);
        }
    }
}

/// Two people were registered a second time under a new number that nothing else uses.
fn registered_twice(dirtier: &mut Dirtier<'_>) {
    // the numbers that follow those of the screened
    let next = dirtier.screened.len() + 1;
    let included = |dirtier: &Dirtier<'_>, place| dirtier.screened(place).exclusion.is_none();
    for (offset, place) in
        dirtier.pick("patients", "record_id", 2, included).into_iter().enumerate()
    {
        // the hashed number of the hospital is copied, and by it the second registration
        // can be found
        let mut cells = dirtier.tables[place.table].rows[place.row].cells.clone();
        let record_id = format!("P-{:03}", next + offset);
        // marked as used, so that no variant is made of a number that must be dropped
        cells[0] = Cell { raw: record_id.clone(), clean: record_id, dirty: true };
        dirtier.add_row(place.table, cells, Fate::Duplicate, None);
        let row = dirtier.tables[place.table].rows.len() - 1;
        let action = Action::DroppedDuplicate;
        dirtier.record_row("registered_twice", place.table, Some(row), action);
    }
}

/// A less complete copy: two filled cells are blank.
fn near_duplicates(dirtier: &mut Dirtier<'_>) {
    let tables = [
        ("patients", ["height_cm", "weight_kg"], 2),
        ("labs", ["hemoglobin", "platelets"], 3),
        ("visits", ["weight_kg", "ecog"], 2),
    ];
    for (table, blanked, count) in tables {
        let filled = |dirtier: &Dirtier<'_>, place| {
            // a cell that is empty anyway would make the copy an exact one
            blanked.iter().all(|column| !dirtier.clean_beside(place, column).is_empty())
                && dirtier.tables[dirtier.table(table)].rows[row_of(place)].fate == Fate::Kept
        };
        for place in dirtier.pick(table, "record_id", count, filled) {
            let mut cells = dirtier.tables[place.table].rows[place.row].cells.clone();
            for column in blanked {
                // the clean values stay: they belong to the row that is kept
                cells[dirtier.tables[place.table].index(column)].raw.clear();
            }
            // written another way, so that only a cleaned number shows the repetition
            cells[0].raw = format!("{} ", cells[0].raw.to_lowercase());
            dirtier.add_row(place.table, cells, Fate::Duplicate, None);
            let action = Action::DroppedDuplicate;
            dirtier.record_row("near_duplicate", place.table, Some(place.row), action);
        }
    }
}

fn row_of(place: super::Place) -> usize {
    place.row
}

fn exact_duplicates(dirtier: &mut Dirtier<'_>) {
    let tables = [
        ("patients", 2),
        ("diagnosis", 1),
        ("systemic", 2),
        ("assessments", 3),
        ("lesions", 4),
        ("labs", 3),
        ("visits", 3),
        ("followup", 1),
    ];
    for (table, count) in tables {
        for _ in 0..count {
            let kept = |dirtier: &Dirtier<'_>, place| {
                dirtier.tables[dirtier.table(table)].rows[row_of(place)].fate == Fate::Kept
            };
            // one at a time: a row that is put in shifts those below it
            let place = dirtier.pick(table, "record_id", 1, kept)[0];
            let cells = dirtier.tables[place.table].rows[place.row].cells.clone();
            // below its original or far from it at the end
            let below = dirtier.random.chance(0.5).then_some(place.row);
            dirtier.add_row(place.table, cells, Fate::Duplicate, below);
            let action = Action::DroppedDuplicate;
            dirtier.record_row("exact_duplicate", place.table, Some(place.row), action);
        }
    }
}

fn orphans(dirtier: &mut Dirtier<'_>) {
    for (offset, (table, count)) in
        [("labs", 2), ("visits", 2), ("lesions", 1), ("followup", 1)].into_iter().enumerate()
    {
        let kept = |dirtier: &Dirtier<'_>, place| {
            dirtier.tables[dirtier.table(table)].rows[row_of(place)].fate == Fate::Kept
        };
        for (index, place) in dirtier.pick(table, "record_id", count, kept).into_iter().enumerate()
        {
            let mut cells = dirtier.tables[place.table].rows[place.row].cells.clone();
            // no screened patient has a number from 900 on
            let record_id = format!("P-9{:02}", offset * 10 + index + 1);
            cells[0] = Cell { raw: record_id.clone(), clean: record_id, dirty: true };
            dirtier.add_row(place.table, cells, Fate::Orphan, None);
            let row = dirtier.tables[place.table].rows.len() - 1;
            dirtier.record_row("orphan_row", place.table, Some(row), Action::Excluded);
        }
    }
}
