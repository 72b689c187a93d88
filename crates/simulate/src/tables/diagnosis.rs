//! diagnosis: the tumour.

use crate::patients::{Exclusion, Patient};
use crate::random::Random;
use crate::schema::level_code;
use crate::table::Table;

use super::{iso, latent, or_missing, whole};

pub(super) fn fill(table: &mut Table, patient: &Patient, random: &mut Random) {
    let de_novo = patient.diagnosis == patient.recurrence;
    let (ct, cn, cm) = extent_at_diagnosis(de_novo, random);
    let positive_oropharynx = patient.subsite == "oropharynx" && patient.p16 == "positive";
    let stage = stage(ct, cn, cm, positive_oropharynx);
    let (cps, tps) = pdl1(patient, random);
    let hpv =
        // p16 stands for HPV but does not always agree with it
        if patient.p16 == "positive" && random.chance(0.85) { "positive" } else { "negative" };
    let nasopharynx = patient.subsite == "nasopharynx";
    let ebv = if nasopharynx && random.chance(0.9) { "positive" } else { "negative" };
    let grade = random.weighted(&[("well", 0.15), ("moderate", 0.5), ("poor", 0.35)]);
    let assay = random.weighted(&[("22C3", 0.75), ("28-8", 0.1), ("SP263", 0.15)]);
    let organs: Vec<&str> =
        patient.organs().iter().map(|organ| level_code("organ", organ)).collect();
    table.push(&[
        ("record_id", patient.record_id.clone()),
        ("diagnosis_date", iso(patient.on(patient.diagnosis))),
        ("recurrence_date", iso(patient.on(patient.recurrence))),
        ("subsite", patient.subsite.to_owned()),
        ("histology", histology(patient, random).to_owned()),
        ("ct", or_missing(ct.to_owned(), 0.02, random)),
        ("cn", or_missing(cn.to_owned(), 0.02, random)),
        ("cm", cm.to_owned()),
        ("stage", or_missing(stage.to_owned(), 0.02, random)),
        // stages by the seventh edition are dirt and put in later
        ("ajcc_edition", "8".to_owned()),
        ("grade", or_missing(grade.to_owned(), 0.06, random)),
        ("p16", patient.p16.to_owned()),
        ("hpv_dna", or_missing(hpv.to_owned(), 0.45, random)),
        // always tested for in the nasopharynx, and seldom elsewhere
        ("ebv", or_missing(ebv.to_owned(), if nasopharynx { 0.0 } else { 0.7 }, random)),
        ("recurrence_type", patient.extent().to_owned()),
        ("metastatic_sites", organs.join(";")),
        ("pdl1_cps", cps),
        ("pdl1_tps", tps),
        ("pdl1_assay", or_missing(assay.to_owned(), 0.1, random)),
    ]);
}

fn histology(patient: &Patient, random: &mut Random) -> &'static str {
    match patient.exclusion {
        Some(Exclusion::NotSquamous) => {
            random.choose(&["adenoid_cystic_carcinoma", "mucoepidermoid_carcinoma"])
        }
        Some(Exclusion::Nasopharynx) if random.chance(0.7) => "nonkeratinising_carcinoma",
        _ => "squamous_cell_carcinoma",
    }
}

fn extent_at_diagnosis(
    de_novo: bool,
    random: &mut Random,
) -> (&'static str, &'static str, &'static str) {
    let ct =
        random.weighted(&[("T1", 0.1), ("T2", 0.25), ("T3", 0.3), ("T4a", 0.28), ("T4b", 0.07)]);
    let cn = random.weighted(&[("N0", 0.25), ("N1", 0.2), ("N2", 0.43), ("N3", 0.12)]);
    (ct, cn, if de_novo { "M1" } else { "M0" })
}

/// AJCC 8; stage IV of p16-positive oropharyngeal cancer is filed as IVC.
fn stage(ct: &str, cn: &str, cm: &str, positive_oropharynx: bool) -> &'static str {
    if cm == "M1" {
        return "IVC";
    }
    if positive_oropharynx {
        return match (ct, cn) {
            ("T4a" | "T4b", _) | (_, "N3") => "III",
            ("T3", _) | (_, "N2") => "II",
            _ => "I",
        };
    }
    match (ct, cn) {
        ("T4b", _) | (_, "N3") => "IVB",
        ("T4a", _) | (_, "N2") => "IVA",
        ("T3", _) | (_, "N1") => "III",
        ("T2", _) => "II",
        _ => "I",
    }
}

fn pdl1(patient: &Patient, random: &mut Random) -> (String, String) {
    let high = latent(patient, -0.3, random);
    // about 17% are below 1, 45% between 1 and 19, and 38% from 20 on: the three groups
    // of the analysis
    let cps = if high < -0.95 {
        0.0
    } else if high < 0.3 {
        // 19.4 is rounded to 19, so no score comes into the next group
        random.between(1.0, 19.4)
    } else {
        (20.0 + random.exponential(28.0)).min(100.0)
    };
    let cps = libm::round(cps);
    // never above the combined score
    let tps = libm::floor(cps * random.between(0.15, 0.95));
    // no test of the tumour gives either score
    if random.chance(0.08) {
        return (String::new(), String::new());
    }
    (whole(cps), or_missing(whole(tps), 0.2, random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_follow_edition_eight() {
        assert_eq!(stage("T1", "N0", "M0", false), "I");
        // the same T and N are stage IVA or, in p16-positive cancer of the oropharynx,
        // stage II
        assert_eq!(stage("T2", "N2", "M0", false), "IVA");
        assert_eq!(stage("T2", "N2", "M0", true), "II");
        assert_eq!(stage("T4a", "N3", "M0", false), "IVB");
        assert_eq!(stage("T1", "N0", "M1", true), "IVC");
    }
}
