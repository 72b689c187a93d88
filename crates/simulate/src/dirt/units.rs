//! Units: the same quantity on another scale, or a limit that is not there.

use super::{Action, Dirtier, Place};

pub(super) fn inject(dirtier: &mut Dirtier<'_>) {
    scaled(dirtier, "albumin_unit", ("labs", "albumin", "albumin_unit"), 14, "g/dL", |v| {
        format!("{:.2}", v / 10.0)
    });
    // without a unit the size alone tells: no albumin in g/L is below 10
    scaled(dirtier, "albumin_unit", ("labs", "albumin", "albumin_unit"), 3, "", |v| {
        format!("{:.2}", v / 10.0)
    });
    scaled(dirtier, "alc_unit", ("labs", "alc", "alc_unit"), 14, "/uL", |v| {
        format!("{:.0}", v * 1000.0)
    });
    scaled(dirtier, "dose_unit", ("rt_courses", "dose", "dose_unit"), 4, "cGy", |v| {
        format!("{:.0}", v * 100.0)
    });
    scaled(dirtier, "lesion_unit", ("lesions", "diameter", "diameter_unit"), 24, "cm", |v| {
        format!("{:.1}", v / 10.0)
    });
    // two assays are in use, so the limit cannot be guessed, and without it the ratio
    // is unknown
    for place in dirtier.pick("labs", "ldh_upper_limit", 9, |_, _| true) {
        dirtier.queried(place, "ldh_no_upper_limit", "");
    }
}

fn scaled(
    dirtier: &mut Dirtier<'_>,
    class: &'static str,
    (table, column, unit_column): (&str, &str, &str),
    count: usize,
    unit: &str,
    rescale: fn(f64) -> String,
) {
    // value and unit change together, so both cells must be free
    let unit_is_clean = |dirtier: &Dirtier<'_>, place: Place| {
        !dirtier.cell(dirtier.beside(place, unit_column)).dirty
    };
    for place in dirtier.pick(table, column, count, unit_is_clean) {
        let value: f64 = dirtier.cell(place).clean.parse().expect("invariant: a number");
        dirtier.fixed(place, class, rescale(value));
        let unit_place = dirtier.beside(place, unit_column);
        let clean = dirtier.cell(unit_place).clean.clone();
        dirtier.stain(unit_place, class, unit, clean, Action::Fixed);
    }
}
