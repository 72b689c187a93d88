//! assessments and lesions: the scans and the target lesions measured on them.

use crate::patients::Patient;
use crate::random::Random;
use crate::table::Table;

use super::{iso, yes_no};

pub(super) fn fill(table: &mut Table, patient: &Patient, random: &mut Random) {
    let usual = random.weighted(&[("ct", 0.7), ("mri", 0.2), ("pet_ct", 0.1)]);
    let mut progressed = false;
    for (instance, scan) in patient.scans.iter().enumerate() {
        // by iRECIST the first progression is unconfirmed and a second one confirms it
        let irecist = match (scan.response, progressed) {
            ("", _) => String::new(),
            ("PD", false) => "iUPD".to_owned(),
            ("PD", true) => "iCPD".to_owned(),
            (response, _) => format!("i{response}"),
        };
        progressed |= scan.response == "PD";
        // most patients are scanned the same way each time
        let modality = if random.chance(0.1) { "ct" } else { usual };
        table.push(&[
            ("record_id", patient.record_id.clone()),
            ("instance", instance.to_string()),
            ("scan_date", iso(patient.on(scan.day))),
            ("modality", modality.to_owned()),
            ("target_sum_mm", scan.reading.sum().to_string()),
            ("nontarget_status", scan.reading.nontarget.to_owned()),
            ("new_lesion", yes_no(scan.reading.new_lesion)),
            ("new_lesion_site", scan.new_site.to_owned()),
            ("recist", scan.response.to_owned()),
            ("irecist", irecist),
        ]);
    }
}

pub(super) fn fill_lesions(table: &mut Table, patient: &Patient, _: &mut Random) {
    for (instance, scan) in patient.scans.iter().enumerate() {
        // sizes stand in the order of the lesions on every scan
        let measured = patient.disease.lesions.iter().zip(&scan.reading.lesions);
        for (index, (lesion, (nodal, size))) in measured.enumerate() {
            table.push(&[
                ("record_id", patient.record_id.clone()),
                ("instance", instance.to_string()),
                ("lesion", (index + 1).to_string()),
                ("organ", lesion.organ.to_owned()),
                ("nodal", yes_no(*nodal)),
                ("irradiated", yes_no(lesion.irradiated)),
                ("diameter", size.to_string()),
                ("diameter_unit", "mm".to_owned()),
            ]);
        }
    }
}
