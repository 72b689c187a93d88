//! Codes: missing codes, other spellings of levels, bounded numbers, swapped scores, old stages.

use super::{Action, Dirtier, Place};
use crate::schema::{TABLES, level_of};

pub(super) fn inject(dirtier: &mut Dirtier<'_>) {
    scores(dirtier);
    old_stages(dirtier);
    missing_codes(dirtier);
    spellings(dirtier);
}

fn scores(dirtier: &mut Dirtier<'_>) {
    let cell_is = |text: &'static str| {
        move |dirtier: &Dirtier<'_>, place: Place| dirtier.cell(place).clean == text
    };
    for place in dirtier.pick("diagnosis", "pdl1_cps", 6, cell_is("0")) {
        // below 1 a score can only be 0
        dirtier.fixed(place, "bounded_number", "<1");
    }
    for place in
        dirtier.pick("diagnosis", "pdl1_cps", 2, |dirtier, place| dirtier.cell(place).clean != "0")
    {
        // this does not tell 1 to 19 from 20 and more, which are different groups
        dirtier.queried(place, "bounded_number", ">=1");
    }
    // A tumour proportion score is never above the combined one. Swapped equal scores
    // would leave nothing to notice.
    let differ = |dirtier: &Dirtier<'_>, place: Place| {
        let other = dirtier.cell(dirtier.beside(place, "pdl1_tps"));
        !other.clean.is_empty() && !other.dirty && other.clean != dirtier.cell(place).clean
    };
    for place in dirtier.pick("diagnosis", "pdl1_cps", 4, differ) {
        let other = dirtier.beside(place, "pdl1_tps");
        let (cps, tps) = (dirtier.cell(place).clean.clone(), dirtier.cell(other).clean.clone());
        dirtier.fixed(place, "cps_tps_swapped", tps);
        dirtier.fixed(other, "cps_tps_swapped", cps);
    }
    for place in dirtier.pick("diagnosis", "pdl1_tps", 12, |_, _| true) {
        let raw = format!("{}%", dirtier.cell(place).clean);
        dirtier.fixed(place, "percent_sign", raw);
    }
}

/// Stages by the seventh edition: two were staged again on query, the others stay unknown.
fn old_stages(dirtier: &mut Dirtier<'_>) {
    let early = |dirtier: &Dirtier<'_>, place: Place| {
        dirtier.screened(place).exclusion.is_none()
            // the eighth edition came into use in 2018; ISO dates compare as text
            && dirtier.clean_beside(place, "diagnosis_date") < "2018"
            && !dirtier.clean_beside(place, "diagnosis_date").is_empty()
    };
    for (index, place) in dirtier.pick("diagnosis", "stage", 5, early).into_iter().enumerate() {
        let edition = dirtier.beside(place, "ajcc_edition");
        let typed = dirtier.cell(place).raw.clone();
        if index < 2 {
            dirtier.answered(edition, "stage_ajcc7", "7");
            // an answer that repeats what was typed would show nothing
            let raw = if typed == "IVA" { "III" } else { "IVA" };
            dirtier.answered(place, "stage_ajcc7", raw);
        } else {
            dirtier.stain(edition, "stage_ajcc7", "7", "7", Action::LoggedOnly);
            // stages by the old edition are not comparable, so without an answer it is set
            // missing
            dirtier.queried(place, "stage_ajcc7", typed);
        }
    }
}

fn missing_codes(dirtier: &mut Dirtier<'_>) {
    let codes = [
        ("patients", "height_cm", "999", 2),
        ("patients", "height_cm", "NK", 1),
        ("patients", "weight_kg", "999", 1),
        ("patients", "smoking_pack_years", "-1", 3),
        ("patients", "smoking_pack_years", "999", 2),
        ("patients", "smoking_pack_years", "NK", 1),
        ("patients", "alcohol", "9", 4),
        ("diagnosis", "grade", "9", 4),
        ("diagnosis", "p16", "9", 3),
        ("diagnosis", "p16", "ND", 3),
        ("diagnosis", "hpv_dna", "NK", 5),
        ("diagnosis", "ebv", "ND", 4),
        ("diagnosis", "ct", "TX", 2),
        ("diagnosis", "pdl1_cps", "NA", 2),
        ("diagnosis", "pdl1_cps", "999", 1),
        ("diagnosis", "pdl1_tps", "ND", 3),
        ("systemic", "cycles", "99", 3),
        ("labs", "albumin", "ND", 2),
        ("labs", "ldh", "NA", 4),
        ("labs", "crp", ".", 5),
        ("labs", "tsh", "99", 3),
        ("labs", "tsh", ".", 3),
        ("visits", "ecog", "9", 4),
        ("visits", "weight_kg", "999", 4),
        ("irae", "steroid", "9", 1),
        ("followup", "cause_of_death", "9", 3),
    ];
    for (table, column, code, count) in codes {
        for place in dirtier.pick(table, column, count, |_, _| true) {
            // the value that stood here is gone: cleaning has nothing to restore
            dirtier.stain(place, "missing_code", code, "", Action::Fixed);
        }
    }
}

/// Two cells of every coded column are spelled another way.
fn spellings(dirtier: &mut Dirtier<'_>) {
    let few = ["exclusion", "new_lesion_site", "steroid", "resolution"];
    for schema in TABLES {
        for column in schema.columns {
            let Some(list) = column.levels else { continue };
            let has_variant = |dirtier: &Dirtier<'_>, place: Place| {
                !level_of(list, &dirtier.cell(place).clean).variants.is_empty()
            };
            // two lists have no other spellings, and some columns few filled cells
            let count = match column.name {
                "sex" | "subsite" | "histology" | "stage" => 12,
                "irecist" | "pdl1_assay" => 0,
                name if few.contains(&name) => 1,
                _ => 3,
            };
            for place in dirtier.pick(schema.name, column.name, count, has_variant) {
                let variants = level_of(list, &dirtier.cell(place).clean).variants;
                let raw = dirtier.random.choose(variants);
                // stages are put right by a rule of their own
                let class = if column.name == "stage" { "stage_variant" } else { "label_variant" };
                dirtier.fixed(place, class, raw);
            }
        }
    }
}
