//! A study that resembles a real one, for the tests of this crate.

use study::StudySettings;

/// Settings of a simulated study in months.
pub(crate) fn study() -> StudySettings {
    serde_json::from_value(serde_json::json!({
        "title": "Radiotherapy with immunotherapy",
        "data_status": "simulated",
        "patient": "record_id",
        "analysis_table": "patients",
    }))
    .expect("valid settings")
}
