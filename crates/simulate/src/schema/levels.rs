//! The code lists: each level's code in the export, its name after cleaning, and the spellings found beside it.

/// One level of a code list.
#[derive(Debug)]
pub struct Level {
    /// The code the dictionary declares.
    pub code: &'static str,
    /// The name after cleaning.
    pub label: &'static str,
    /// Other spellings that occur and mean the same.
    pub variants: &'static [&'static str],
}

/// A code list.
#[derive(Debug)]
pub struct CodeList {
    /// Its name, as the dictionary cites it.
    pub name: &'static str,
    /// Its levels.
    pub levels: &'static [Level],
}

const fn level(
    code: &'static str,
    label: &'static str,
    variants: &'static [&'static str],
) -> Level {
    Level { code, label, variants }
}

/// Every code list, by name.
// in the order of names, which a test holds
pub static CODE_LISTS: &[CodeList] = &[
    CodeList {
        name: "alcohol",
        levels: &[
            level("0", "none", &["none", "无"]),
            level("1", "moderate", &["moderate", "social"]),
            level("2", "heavy", &["heavy", "daily"]),
        ],
    },
    CodeList {
        name: "cause_of_death",
        levels: &[
            level("1", "cancer", &["disease", "HNSCC"]),
            level("2", "treatment_toxicity", &["toxicity"]),
            level("3", "other", &["intercurrent"]),
        ],
    },
    CodeList {
        name: "exclusion",
        levels: &[
            level("CW", "consent_withdrawn", &["withdrew consent"]),
            level("SC", "second_active_cancer", &["second primary active"]),
        ],
    },
    CodeList {
        name: "grade",
        levels: &[
            level("G1", "well", &["1", "well"]),
            level("G2", "moderate", &["2", "mod"]),
            level("G3", "poor", &["3", "poor"]),
        ],
    },
    CodeList {
        name: "histology",
        levels: &[
            level(
                // codes of this table are Chinese, as its file is in GB18030
                "鳞状细胞癌",
                "squamous_cell_carcinoma",
                &["SCC", "鳞癌", "squamous cell carcinoma"],
            ),
            level("腺样囊性癌", "adenoid_cystic_carcinoma", &["ACC"]),
            level("黏液表皮样癌", "mucoepidermoid_carcinoma", &["MEC"]),
            level("未分化非角化癌", "nonkeratinising_carcinoma", &["NKC"]),
        ],
    },
    CodeList {
        name: "ici_drug",
        levels: &[
            level("PEM", "pembrolizumab", &["Keytruda", "Pembrolizumab", "帕博利珠单抗"]),
            level("NIV", "nivolumab", &["Opdivo", "nivolumab", "纳武利尤单抗"]),
            level("CAM", "camrelizumab", &["卡瑞利珠单抗"]),
            level("TOR", "toripalimab", &["特瑞普利单抗"]),
            level("TIS", "tislelizumab", &["替雷利珠单抗"]),
            level("SIN", "sintilimab", &["信迪利单抗"]),
        ],
    },
    CodeList {
        name: "irecist",
        levels: &[
            level("iCR", "iCR", &[]),
            level("iPR", "iPR", &[]),
            level("iSD", "iSD", &[]),
            // progression is unconfirmed until a later scan confirms it
            level("iUPD", "iUPD", &[]),
            level("iCPD", "iCPD", &[]),
            level("NE", "NE", &[]),
        ],
    },
    CodeList {
        name: "modality",
        levels: &[
            level("CT", "ct", &["ct", "增强CT"]),
            level("MR", "mri", &["MRI", "磁共振"]),
            level("PET", "pet_ct", &["PET-CT", "PET/CT"]),
        ],
    },
    CodeList {
        name: "nontarget_status",
        levels: &[
            level("CR", "complete_response", &["gone"]),
            level("NN", "non_cr_non_pd", &["non-CR/non-PD", "present"]),
            level("PD", "progression", &["unequivocal PD"]),
            level("NO", "none", &["no non-target"]),
        ],
    },
    CodeList {
        name: "organ",
        levels: &[
            level("PT", "primary", &["primary tumour", "原发灶"]),
            level("LN", "lymph_nodes", &["node", "neck node", "淋巴结"]),
            level("LI", "liver", &["liver", "肝"]),
            level("LU", "lung", &["lung", "肺"]),
            level("BO", "bone", &["bone", "骨"]),
            level("OT", "other", &["soft tissue"]),
        ],
    },
    CodeList {
        name: "pdl1_assay",
        levels: &[
            level("22C3", "22C3", &[]),
            level("28-8", "28-8", &[]),
            level("SP263", "SP263", &[]),
        ],
    },
    CodeList {
        name: "positive_negative",
        levels: &[
            level("1", "positive", &["+", "pos", "阳性"]),
            level("0", "negative", &["-", "neg", "阴性"]),
        ],
    },
    CodeList {
        name: "progression_type",
        levels: &[
            level("LR", "locoregional", &["local"]),
            level("DM", "distant", &["distant"]),
            level("LD", "locoregional_and_distant", &["LR+DM"]),
        ],
    },
    CodeList {
        name: "recist",
        levels: &[
            level("CR", "CR", &["cr"]),
            level("PR", "PR", &["pr"]),
            level("SD", "SD", &["sd", "Stable"]),
            level("PD", "PD", &["pd"]),
            level("NE", "NE", &[]),
        ],
    },
    CodeList {
        name: "resolution",
        levels: &[
            level("1", "resolved", &["resolved"]),
            level("2", "ongoing", &["ongoing"]),
            level("3", "resolved_with_sequelae", &["sequelae"]),
        ],
    },
    CodeList {
        name: "rt_intent",
        levels: &[
            level("1", "consolidative", &["radical"]),
            level("2", "palliative", &["palliative", "姑息"]),
        ],
    },
    CodeList {
        name: "rt_technique",
        levels: &[
            level("IMRT", "IMRT", &["imrt"]),
            level("VMAT", "VMAT", &["RapidArc"]),
            level("SBRT", "SBRT", &["SABR"]),
        ],
    },
    CodeList {
        name: "setting",
        levels: &[
            level("P", "palliative", &["R/M", "姑息"]),
            level("N", "neoadjuvant", &["neoadj", "induction"]),
            level("C", "curative", &["with definitive RT"]),
        ],
    },
    CodeList {
        name: "sex",
        levels: &[
            // digits mean a sex here and a grade or stage elsewhere: spellings hold within
            // their list only
            level("M", "male", &["male", "Male", "1", "男"]),
            level("F", "female", &["female", "Female", "2", "女"]),
        ],
    },
    CodeList {
        name: "smoking_status",
        levels: &[
            level("0", "never", &["never", "从不"]),
            level("1", "former", &["former", "ex-smoker", "既往"]),
            level("2", "current", &["current", "现吸"]),
        ],
    },
    CodeList {
        name: "stage",
        levels: &[
            level("I", "I", &["1"]),
            level("II", "II", &["2", "ii"]),
            level("III", "III", &["3", "Stage III"]),
            // the Roman four is one character of its own in two spellings
            level("IVA", "IVA", &["4a", "IV A", "Ⅳa"]),
            level("IVB", "IVB", &["4b", "IV-B"]),
            level("IVC", "IVC", &["4c", "Ⅳc"]),
        ],
    },
    CodeList {
        name: "status",
        levels: &[
            level("A", "alive", &["alive", "0", "存活"]),
            level("D", "dead", &["dead", "died", "1", "死亡"]),
            level("L", "lost_to_follow_up", &["lost", "失访"]),
        ],
    },
    CodeList {
        name: "stop_reason",
        levels: &[
            level("PD", "progression", &["progressive disease"]),
            level("TX", "toxicity", &["toxicity", "irAE"]),
            level("DE", "death", &["died"]),
            level("CO", "completed", &["2 years completed"]),
        ],
    },
    CodeList {
        name: "subsite",
        levels: &[
            level("口腔", "oral_cavity", &["oral cavity", "OC", "1"]),
            level("口咽", "oropharynx", &["oropharynx", "OP", "2"]),
            level("喉", "larynx", &["larynx", "LX", "3"]),
            level("下咽", "hypopharynx", &["hypopharynx", "HP", "4"]),
            level("鼻咽", "nasopharynx", &["nasopharynx", "NPC", "5"]),
        ],
    },
    CodeList {
        name: "therapy",
        levels: &[
            level("S", "surgery", &["surgery", "手术"]),
            level("R", "radiotherapy", &["RT", "放疗"]),
            level("CR", "chemoradiation", &["CRT", "CCRT"]),
            level("C", "chemotherapy", &["chemo", "化疗"]),
        ],
    },
    CodeList {
        name: "yes_no",
        levels: &[level("1", "yes", &["Y", "yes", "是"]), level("0", "no", &["N", "no", "否"])],
    },
];

/// A code list by name.
///
/// # Panics
/// When there is no such list, which is a bug of the generator.
#[must_use]
pub fn code_list(name: &str) -> &'static CodeList {
    let found = CODE_LISTS.iter().find(|list| list.name == name);
    found.unwrap_or_else(|| panic!("invariant: there is a code list `{name}`"))
}

/// The level of a list with that clean name.
///
/// # Panics
/// When the list has no such level, which is a bug of the generator.
#[must_use]
pub fn level_of(list: &str, label: &str) -> &'static Level {
    let found = code_list(list).levels.iter().find(|level| level.label == label);
    found.unwrap_or_else(|| panic!("invariant: code list `{list}` has a level `{label}`"))
}

/// The export's code of a clean level name.
#[must_use]
pub fn level_code(list: &str, label: &str) -> &'static str {
    level_of(list, label).code
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_spelling_has_two_meanings() {
        for list in CODE_LISTS {
            let mut seen = BTreeSet::new();
            for level in list.levels {
                let spellings: BTreeSet<&str> =
                    level.variants.iter().chain([&level.code, &level.label]).copied().collect();
                for spelling in spellings {
                    assert!(seen.insert(spelling), "`{spelling}` twice in `{}`", list.name);
                }
            }
        }
    }

    #[test]
    fn lists_are_in_order() {
        assert!(CODE_LISTS.is_sorted_by_key(|list| list.name));
    }
}
