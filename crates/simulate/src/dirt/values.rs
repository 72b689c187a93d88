//! How values are typed: commas, wide digits, blanks, free text, and how files are encoded.

use super::{Action, Dirtier, Place};
use crate::schema::Encoding;

/// Notes with the delimiters, quotes and line breaks that a careless reader trips over.
const NOTES: [&str; 8] = [
    "refused PEG, lives alone",
    "said: \"no more chemotherapy\"",
    "transferred from another hospital\nfilms reviewed on CD",
    "DM type 2; HTN, on metformin",
    "tracheostomy in place,\n\"difficult airway\"",
    "患者要求纸质报告, 家属代领",
    "see letter, p. 2; \"ok for RT\"",
    "weight loss >10%, dietitian seen",
];

pub(super) fn inject(dirtier: &mut Dirtier<'_>) {
    free_text_doses(dirtier);
    decimal_commas(dirtier);
    wide_digits(dirtier);
    blanks(dirtier);
    notes(dirtier);
    for table in 0..dirtier.tables.len() {
        match dirtier.tables[table].schema.encoding {
            Encoding::Utf8 => {}
            Encoding::Utf8BomCrlf => {
                dirtier.record_row("byte_order_mark", table, None, Action::Fixed);
                dirtier.record_row("crlf", table, None, Action::Fixed);
            }
            Encoding::Gb18030 => dirtier.record_row("gb18030", table, None, Action::Fixed),
        }
    }
}

/// `30Gy/10F` in the dose, and neither unit nor fractions beside it.
fn free_text_doses(dirtier: &mut Dirtier<'_>) {
    // the class blanks these two cells, which must not hold the dirt of another
    let untouched = |dirtier: &Dirtier<'_>, place: Place| {
        ["dose_unit", "fractions"]
            .iter()
            .all(|column| !dirtier.cell(dirtier.beside(place, column)).dirty)
    };
    for place in dirtier.pick("rt_courses", "dose", 5, untouched) {
        // people write `30Gy`, not `30.0Gy`
        let dose = dirtier.cell(place).clean.trim_end_matches(".0").to_owned();
        let fractions = dirtier.clean_beside(place, "fractions").to_owned();
        dirtier.fixed(place, "free_text_dose", format!("{dose}Gy/{fractions}F"));
        for column in ["dose_unit", "fractions"] {
            let place = dirtier.beside(place, column);
            dirtier.fixed(place, "free_text_dose", "");
        }
    }
}

fn decimal_commas(dirtier: &mut Dirtier<'_>) {
    let columns = [
        ("labs", "albumin", 5),
        ("labs", "alc", 5),
        ("labs", "anc", 4),
        ("labs", "crp", 4),
        ("patients", "weight_kg", 4),
        ("rt_courses", "dose_per_fraction_gy", 2),
    ];
    for (table, column, count) in columns {
        for place in dirtier.pick(table, column, count, |_, _| true) {
            let raw = dirtier.cell(place).raw.replace('.', ",");
            dirtier.fixed(place, "decimal_comma", raw);
        }
    }
}

fn wide_digits(dirtier: &mut Dirtier<'_>) {
    let columns = [
        ("labs", "hemoglobin", 4),
        ("labs", "albumin", 2),
        ("lesions", "diameter", 6),
        ("patients", "height_cm", 3),
        ("visits", "ecog", 2),
        ("assessments", "scan_date", 2),
    ];
    for (table, column, count) in columns {
        for place in dirtier.pick(table, column, count, |_, _| true) {
            let raw = widened(&dirtier.cell(place).raw);
            dirtier.fixed(place, "full_width_digits", raw);
        }
    }
}

fn widened(text: &str) -> String {
    let wide = |letter: char| match letter {
        // the full-width forms stand in the order of ASCII, this far above it
        '0'..='9' => char::from_u32(letter as u32 + 0xFEE0).unwrap_or(letter),
        '.' => '．',
        other => other,
    };
    text.chars().map(wide).collect()
}

fn blanks(dirtier: &mut Dirtier<'_>) {
    let columns = [
        ("labs", "platelets", 4),
        ("labs", "ldh", 3),
        ("lesions", "diameter", 5),
        ("patients", "sex", 3),
        ("patients", "date_of_birth", 2),
        ("diagnosis", "p16", 3),
        ("systemic", "ici_drug", 3),
        ("systemic", "start_date", 2),
        ("assessments", "nontarget_status", 3),
        ("followup", "status", 3),
        ("followup", "last_contact", 2),
    ];
    for (table, column, count) in columns {
        for (index, place) in
            dirtier.pick(table, column, count, |_, _| true).into_iter().enumerate()
        {
            let raw = dirtier.cell(place).raw.clone();
            match index {
                0 => dirtier.fixed(place, "no_break_space", format!("{raw}\u{a0}")),
                1 => dirtier.fixed(place, "white_space", format!(" {raw}")),
                _ => dirtier.fixed(place, "white_space", format!("{raw}  ")),
            }
        }
    }
}

fn notes(dirtier: &mut Dirtier<'_>) {
    for (note, place) in
        // the column of notes is empty before, so rows are chosen by another one
        NOTES.into_iter().zip(dirtier.pick("patients", "record_id", 8, |_, _| true))
    {
        let place = dirtier.beside(place, "note");
        // a note is text: reading it whole is all that is asked
        dirtier.stain(place, "embedded_delimiter", note, note, Action::LoggedOnly);
    }
}
