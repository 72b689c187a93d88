//! prior_therapy: what was tried before immunotherapy.

use crate::patients::Patient;
use crate::random::Random;
use crate::table::Table;

use super::{iso, or_missing, yes_no};

pub(super) fn fill(table: &mut Table, patient: &Patient, random: &mut Random) {
    // metastatic from the start: nothing came before
    if patient.diagnosis == patient.recurrence {
        return;
    }
    let mut day = patient.diagnosis + random.integer(14, 35) as i32;
    let plan = random.weighted(&[
        (["surgery", "chemoradiation"].as_slice(), 0.3),
        (&["surgery", "radiotherapy"], 0.2),
        (&["chemoradiation"], 0.25),
        (&["surgery", "radiotherapy", "chemotherapy"], 0.13),
        (&["chemotherapy"], 0.06),
        (&[], 0.06),
    ]);
    for (index, therapy) in plan.iter().enumerate() {
        let length = match *therapy {
            "surgery" => 0,
            "chemotherapy" => random.integer(42, 126) as i32,
            _ => random.integer(39, 52) as i32,
        };
        let (agent, platinum) = agents(therapy, random);
        table.push(&[
            ("record_id", patient.record_id.clone()),
            ("instance", (index + 1).to_string()),
            ("therapy", (*therapy).to_owned()),
            ("agent", agent.to_owned()),
            ("platinum", yes_no(platinum)),
            ("start_date", iso(patient.on(day))),
            ("stop_date", or_missing(iso(patient.on(day + length)), 0.03, random)),
        ]);
        // one therapy after the other
        day += length + random.integer(21, 50) as i32;
    }
}

fn agents(therapy: &str, random: &mut Random) -> (&'static str, bool) {
    match therapy {
        "chemoradiation" => random.weighted(&[
            (("cisplatin", true), 0.75),
            (("carboplatin, paclitaxel", true), 0.1),
            (("cetuximab", false), 0.15),
        ]),
        "chemotherapy" => random.weighted(&[
            (("cisplatin, docetaxel, 5-fluorouracil", true), 0.5),
            (("carboplatin, paclitaxel", true), 0.3),
            (("methotrexate", false), 0.2),
        ]),
        _ => ("", false),
    }
}
