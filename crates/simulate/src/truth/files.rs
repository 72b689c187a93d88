//! The truth as CSV files.

use super::{FLOW_STEPS, Truth};
use crate::dirt::DirtRecord;
use crate::write::{Files, csv_file};

/// The columns of `analysis.csv`.
pub const ANALYSIS_COLUMNS: [&str; 53] = [
    "record_id",
    "ici_start",
    "ici_stop",
    "radiotherapy",
    "rt_start",
    "rt_stop",
    "rt_site",
    "rt_intent",
    "rt_technique",
    "rt_dose_gy",
    "rt_fractions",
    "best_response",
    "progression_date",
    "progression_type",
    "last_scan",
    "last_contact",
    "death_date",
    "death_day_imputed",
    "pfs_days",
    "pfs_event",
    "os_days",
    "os_event",
    "age_years",
    "sex",
    "height_cm",
    "weight_kg",
    "smoking_status",
    "smoking_pack_years",
    "alcohol",
    "subsite",
    "stage",
    "grade",
    "p16",
    "hpv_dna",
    "cps",
    "cps_group",
    "tps",
    "recurrence_type",
    "line",
    "ici_drug",
    "concurrent_chemotherapy",
    "concurrent_anti_egfr",
    "prior_platinum",
    "ecog",
    "anc",
    "alc",
    "nlr",
    "hemoglobin_g_l",
    "platelets",
    "albumin_g_l",
    "ldh_ratio",
    "crp_mg_l",
    "irae_max_grade",
];

/// The truth as files.
#[must_use]
pub fn files(truth: &Truth, dirt: &[DirtRecord]) -> Files {
    let header = ANALYSIS_COLUMNS.map(str::to_owned).to_vec();
    let rows = truth.analysis.iter();
    // a row is a map, so the order of the columns is that of the list
    let rows = rows.map(|row| ANALYSIS_COLUMNS.iter().map(|column| row[column].clone()).collect());
    let analysis: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    Files::from([
        ("analysis.csv".to_owned(), csv_file(analysis, false)),
        ("flow.csv".to_owned(), csv_file(flow(truth), false)),
        ("dirt.csv".to_owned(), csv_file(dirt_rows(dirt), false)),
    ])
}

fn flow(truth: &Truth) -> Vec<[String; 3]> {
    let row =
        |step: &str, reason: &str, n: usize| [step.to_owned(), reason.to_owned(), n.to_string()];
    let exposed = truth.analysis.iter().filter(|row| row["radiotherapy"] == "1").count();
    let mut rows = vec![["step", "reason", "n"].map(str::to_owned)];
    rows.push(row("screened", "", truth.screened));
    // every step, also one that takes nobody, so that the rows are the same for each
    // seed
    for ((step, reason), n) in FLOW_STEPS.into_iter().zip(truth.excluded) {
        rows.push(row(step, reason, n));
    }
    rows.push(row("analysed", "", truth.analysis.len()));
    rows.push(row("radiotherapy", "", exposed));
    rows.push(row("no_radiotherapy", "", truth.analysis.len() - exposed));
    rows
}

fn dirt_rows(dirt: &[DirtRecord]) -> Vec<[&str; 9]> {
    let mut rows = vec![[
        "dirt_class",
        "table",
        "record_id",
        "instance",
        "field",
        "raw",
        "clean_expected",
        "expected_action",
        "resolution",
    ]];
    rows.extend(dirt.iter().map(|record| {
        [
            record.class,
            record.table,
            &record.record_id,
            &record.instance,
            record.field,
            &record.raw,
            &record.clean,
            record.action.name(),
            record.resolution,
        ]
    }));
    rows
}
