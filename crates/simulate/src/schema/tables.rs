//! Every table of the export, column by column: the source of the dictionary.

use super::{Column, DateStyle, Encoding, Kind, TableSchema};

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, unit: "", levels: None, missing: &[], range: "", label: "" }
}

const fn coded(name: &'static str, list: &'static str) -> Column {
    Column { levels: Some(list), ..column(name, Kind::Category) }
}

impl Column {
    const fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    const fn missing(self, missing: &'static [&'static str]) -> Self {
        Self { missing, ..self }
    }

    const fn range(self, range: &'static str) -> Self {
        Self { range, ..self }
    }

    const fn label(self, label: &'static str) -> Self {
        Self { label, ..self }
    }
}

/// Every table, in the order of the export.
pub static TABLES: &[TableSchema] = &[
    TableSchema {
        name: "patients",
        encoding: Encoding::Utf8,
        label: "One row per screened patient.",
        columns: &[
            column("record_id", Kind::Id).label("study number, canonical form P-001"),
            column("mrn_hash", Kind::Text).label("hashed hospital number; one person has one"),
            column("screened_on", Kind::Date(DateStyle::Iso)).label("day of screening"),
            column("date_of_birth", Kind::Date(DateStyle::BothOrders))
                // wider than the ages that are drawn, from 27 to 88 years at the first dose
                .range("1918-01-01..2005-12-31")
                .label("date of birth"),
            coded("sex", "sex"),
            column("height_cm", Kind::Integer).unit("cm").missing(&["NK", "999"]).range("120..220"),
            column("weight_kg", Kind::Decimal).unit("kg").missing(&["NK", "999"]).range("30..200"),
            // missing codes differ between columns: 9 is missing here and a number of
            // pack-years below
            coded("smoking_status", "smoking_status").missing(&["9", "NK"]),
            column("smoking_pack_years", Kind::Integer)
                .unit("pack-years")
                .missing(&["-1", "999", "NK"])
                .range("0..200"),
            coded("alcohol", "alcohol").missing(&["9", "NK"]),
            coded("exclusion", "exclusion").label("reason noted at screening, blank for none"),
            column("note", Kind::Text).label("free text; may hold commas, quotes and line breaks"),
        ],
    },
    TableSchema {
        name: "diagnosis",
        encoding: Encoding::Gb18030,
        label: "One row per patient; Chinese codes.",
        columns: &[
            column("record_id", Kind::Id),
            column("diagnosis_date", Kind::Date(DateStyle::DayFirst)).label("first diagnosis"),
            column("recurrence_date", Kind::Date(DateStyle::DayFirst))
                .label("recurrence or metastasis"),
            coded("subsite", "subsite"),
            coded("histology", "histology"),
            column("ct", Kind::Text).missing(&["TX"]).label("clinical T"),
            column("cn", Kind::Text).missing(&["NX"]).label("clinical N"),
            column("cm", Kind::Text).label("clinical M"),
            coded("stage", "stage")
                .missing(&["NK"])
                .label("stage at first diagnosis by ajcc_edition"),
            column("ajcc_edition", Kind::Integer)
                .range("7..8")
                .label("7 or 8; stages of edition 7 are not comparable"),
            coded("grade", "grade").missing(&["9"]),
            coded("p16", "positive_negative").missing(&["9", "ND"]),
            coded("hpv_dna", "positive_negative").missing(&["9", "ND", "NK"]),
            coded("ebv", "positive_negative").missing(&["9", "ND", "NK"]),
            coded("recurrence_type", "progression_type").label("extent at first dose"),
            // several codes in one cell, so no category
            column("metastatic_sites", Kind::Text).label("codes of list organ, joined by ;"),
            column("pdl1_cps", Kind::Decimal)
                .missing(&["999", "NK", "ND", "NA"])
                .range("0..100")
                .label("combined positive score"),
            column("pdl1_tps", Kind::Decimal)
                .unit("%")
                .missing(&["999", "NK", "ND", "NA"])
                .range("0..100")
                .label("tumour proportion score; never above CPS"),
            coded("pdl1_assay", "pdl1_assay").missing(&["NK"]),
        ],
    },
    TableSchema {
        name: "prior_therapy",
        encoding: Encoding::Utf8,
        label: "One row per therapy before immunotherapy.",
        columns: &[
            column("record_id", Kind::Id),
            column("instance", Kind::Integer).range("1..9").label("repeat number"),
            coded("therapy", "therapy"),
            column("agent", Kind::Text).label("drugs; may hold commas"),
            coded("platinum", "yes_no").missing(&["9"]).label("a platinum was given"),
            column("start_date", Kind::Date(DateStyle::BothOrders)),
            column("stop_date", Kind::Date(DateStyle::BothOrders)),
        ],
    },
    TableSchema {
        name: "systemic",
        encoding: Encoding::Utf8,
        label: "One row per line of systemic treatment from the first palliative line.",
        columns: &[
            column("record_id", Kind::Id),
            column("instance", Kind::Integer).range("1..9").label("repeat number"),
            column("line", Kind::Integer).range("1..9").label("line of palliative treatment"),
            coded("setting", "setting"),
            coded("ici_drug", "ici_drug").label("blank where the line holds no immunotherapy"),
            column("dose_mg", Kind::Integer).unit("mg").missing(&["NK"]).range("100..480"),
            coded("concurrent_chemotherapy", "yes_no").missing(&["9"]),
            coded("concurrent_anti_egfr", "yes_no").missing(&["9"]),
            column("start_date", Kind::Date(DateStyle::BothOrders)).label("first dose"),
            column("stop_date", Kind::Date(DateStyle::BothOrders))
                .label("last dose; blank while it goes on"),
            column("cycles", Kind::Integer).missing(&["99"]).range("1..60"),
            coded("stop_reason", "stop_reason").missing(&["NK"]),
        ],
    },
    TableSchema {
        name: "rt_courses",
        encoding: Encoding::Utf8,
        label: "One row per course of radiotherapy for recurrent or metastatic disease.",
        columns: &[
            column("record_id", Kind::Id),
            column("instance", Kind::Integer).range("1..9").label("repeat number"),
            coded("site", "organ").label("irradiated site"),
            coded("intent", "rt_intent").missing(&["9"]),
            coded("technique", "rt_technique").missing(&["NK"]),
            column("dose", Kind::Decimal)
                .unit("Gy")
                .range("4..80")
                .label("total dose in dose_unit; may be typed as 30Gy/10F"),
            column("dose_unit", Kind::Text).label("Gy or cGy"),
            column("fractions", Kind::Integer).range("1..40"),
            column("dose_per_fraction_gy", Kind::Decimal).unit("Gy").range("1..20"),
            column("start_date", Kind::Date(DateStyle::DayFirst)).label("first fraction"),
            column("stop_date", Kind::Date(DateStyle::DayFirst)).label("last fraction"),
            coded("overlaps_prior_field", "yes_no").missing(&["9"]),
        ],
    },
    TableSchema {
        name: "assessments",
        encoding: Encoding::Utf8,
        label: "One row per scan; instance 0 is the baseline.",
        columns: &[
            column("record_id", Kind::Id),
            column("instance", Kind::Integer).range("0..40").label("0 baseline, then 1, 2, ..."),
            column("scan_date", Kind::Date(DateStyle::BothOrders)),
            coded("modality", "modality"),
            column("target_sum_mm", Kind::Integer)
                .unit("mm")
                .range("0..500")
                .label("sum typed by the reader; the sum of lesions.diameter wins"),
            coded("nontarget_status", "nontarget_status"),
            coded("new_lesion", "yes_no"),
            coded("new_lesion_site", "organ"),
            coded("recist", "recist").label("typed response, blank at baseline"),
            coded("irecist", "irecist").label("typed response by iRECIST, blank at baseline"),
        ],
    },
    TableSchema {
        name: "lesions",
        encoding: Encoding::Utf8,
        label: "One row per target lesion and scan.",
        columns: &[
            column("record_id", Kind::Id),
            column("instance", Kind::Integer).range("0..40").label("the scan's instance"),
            column("lesion", Kind::Integer).range("1..5").label("lesion number"),
            coded("organ", "organ"),
            coded("nodal", "yes_no").label("measured by its short axis"),
            coded("irradiated", "yes_no").label("inside a radiation field during immunotherapy"),
            column("diameter", Kind::Decimal).unit("mm").range("0..200").label("in diameter_unit"),
            column("diameter_unit", Kind::Text).label("mm or cm"),
        ],
    },
    TableSchema {
        name: "labs",
        encoding: Encoding::Utf8BomCrlf,
        label: "One row per blood sample.",
        columns: &[
            column("record_id", Kind::Id),
            column("instance", Kind::Integer).range("1..20").label("repeat number"),
            column("lab_date", Kind::Date(DateStyle::BothOrders)),
            column("anc", Kind::Decimal)
                .unit("10^9/L")
                .missing(&["ND", "NA", "."])
                .range("0.2..40")
                .label("neutrophils"),
            column("alc", Kind::Decimal)
                .unit("10^9/L")
                .missing(&["ND", "NA", "."])
                .range("0.05..8")
                .label("lymphocytes in alc_unit"),
            column("alc_unit", Kind::Text).label("10^9/L or /uL"),
            column("hemoglobin", Kind::Integer)
                .unit("g/L")
                .missing(&["ND", "NA", "."])
                .range("50..200"),
            column("platelets", Kind::Integer)
                .unit("10^9/L")
                .missing(&["ND", "NA", "."])
                .range("10..900"),
            column("albumin", Kind::Decimal)
                .unit("g/L")
                .missing(&["ND", "NA", "."])
                .range("15..60")
                .label("in albumin_unit; blank unit: below 10 is g/dL"),
            column("albumin_unit", Kind::Text).label("g/L or g/dL"),
            column("ldh", Kind::Integer).unit("U/L").missing(&["ND", "NA", "."]).range("80..3000"),
            column("ldh_upper_limit", Kind::Integer)
                .unit("U/L")
                .range("200..300")
                .label("upper limit of normal of the assay"),
            column("crp", Kind::Decimal).unit("mg/L").missing(&["ND", "NA", "."]).range("0..400"),
            column("tsh", Kind::Decimal)
                .unit("mIU/L")
                .missing(&["ND", "NA", ".", "99"])
                .range("0.01..60"),
        ],
    },
    TableSchema {
        name: "visits",
        encoding: Encoding::Utf8,
        label: "One row per clinic visit.",
        columns: &[
            column("record_id", Kind::Id),
            column("instance", Kind::Integer).range("1..40").label("repeat number"),
            column("visit_date", Kind::Date(DateStyle::BothOrders)),
            column("ecog", Kind::Integer)
                .missing(&["9", "NK"])
                // a 5, which is death, is out of range at a visit
                .range("0..4")
                .label("performance status; 5 is death"),
            column("weight_kg", Kind::Decimal).unit("kg").missing(&["999", "NK"]).range("30..200"),
        ],
    },
    TableSchema {
        name: "irae",
        encoding: Encoding::Utf8,
        label: "One row per immune-related adverse event.",
        columns: &[
            column("record_id", Kind::Id),
            column("instance", Kind::Integer).range("1..9").label("repeat number"),
            column("term", Kind::Text).label("CTCAE 5.0 term"),
            column("ctcae_grade", Kind::Integer).missing(&["9"]).range("1..5"),
            column("onset_date", Kind::Date(DateStyle::DayFirst)),
            coded("steroid", "yes_no").missing(&["9"]),
            coded("resolution", "resolution").missing(&["9"]),
            column("resolved_date", Kind::Date(DateStyle::DayFirst)),
        ],
    },
    TableSchema {
        name: "followup",
        encoding: Encoding::Utf8,
        label: "One row per patient.",
        columns: &[
            column("record_id", Kind::Id),
            coded("status", "status"),
            column("last_contact", Kind::Date(DateStyle::DayFirst)).label("last day known alive"),
            column("death_date", Kind::Date(DateStyle::DayFirst)).label("may lack its day"),
            coded("cause_of_death", "cause_of_death").missing(&["9"]),
            column("progression_date", Kind::Date(DateStyle::DayFirst))
                .label("typed by the clinic; the scans win"),
            coded("progression_type", "progression_type")
                .missing(&["9"])
                .label("first progression"),
            column("next_line", Kind::Text).label("treatment after progression; may hold commas"),
        ],
    },
];
