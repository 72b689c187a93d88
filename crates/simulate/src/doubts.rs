//! Scans that leave a doubt: responses that no second scan confirms, and scans that cannot be
//! evaluated. Both come after everything else, dirt included, so that no draw depends on them, and
//! neither changes a best response without confirmation, a progression or a last scan.

use crate::outcome::Response;
use crate::patients::Patient;
use crate::random::Random;
use crate::recist::classify;
use crate::scans::Scan;
use crate::table::Table;

/// Partial responses that the next scans do not confirm.
const UNCONFIRMED: usize = 3;
/// Scans that cannot be evaluated.
const NOT_EVALUABLE: usize = 6;
/// How far the lesions of such a response grow back: short of progression.
const REGROWTH: f64 = 1.14;

/// Lets the lesions of some partial responses grow back to stable disease by the next scan: of
/// patients in whose scans no dirt was put, so that all dirt stays where it is.
pub fn unconfirm(tables: &mut [Table], screened: &[Patient]) {
    let responders = screened.iter().filter(|patient| {
        patient.exclusion.is_none() && patient.outcome.response == Response::Partial
    });
    let mut left = UNCONFIRMED;
    for patient in responders {
        if let Some(scans) = grown_back(&patient.scans).filter(|_| left > 0)
            && let Some(edits) = edits(tables, patient, &scans)
        {
            edits.into_iter().for_each(|(table, row, column, value)| {
                tables[table].put(row, column, value);
            });
            left -= 1;
        }
    }
}

type Edit = (usize, usize, &'static str, String);

/// The cells that change; none where one of their rows is not as it was made.
fn edits(tables: &[Table], patient: &Patient, scans: &[Scan]) -> Option<Vec<Edit>> {
    let place = |name: &str| tables.iter().position(|table| table.schema.name == name);
    let (assessments, lesions) = (place("assessments")?, place("lesions")?);
    let mut edits = Vec::new();
    let changed = scans.iter().zip(&patient.scans).enumerate();
    // scans that read as before keep their cells
    for (instance, (scan, _)) in changed.filter(|(_, (new, old))| new.reading != old.reading) {
        let instance = instance.to_string();
        let rows = |table: &Table| {
            let own = table.of_record(&patient.record_id);
            own.filter(|row| table.clean(*row, "instance") == instance).collect::<Vec<_>>()
        };
        for row in rows(&tables[lesions]) {
            // dirt would otherwise be lost, or be recorded with a value that is no more
            if !tables[lesions].is_untouched(row, &["instance", "diameter", "diameter_unit"]) {
                return None;
            }
            let lesion: usize = tables[lesions].clean(row, "lesion").parse().ok()?;
            let (_, size) = scan.reading.lesions.get(lesion - 1)?;
            edits.push((lesions, row, "diameter", size.to_string()));
        }
        for row in rows(&tables[assessments]) {
            let columns = ["instance", "target_sum_mm", "recist", "irecist"];
            if !tables[assessments].is_untouched(row, &columns) {
                return None;
            }
            edits.push((assessments, row, "target_sum_mm", scan.reading.sum().to_string()));
            edits.push((assessments, row, "recist", scan.response.to_owned()));
            edits.push((assessments, row, "irecist", format!("i{}", scan.response)));
        }
    }
    Some(edits)
}

/// The scans with the lesions of the first response grown back; none where the course would be
/// another one, or no scan comes before the progression.
fn grown_back(scans: &[Scan]) -> Option<Vec<Scan>> {
    let of = |response: &str| scans.iter().position(|scan| scan.response == response);
    let first = of("PR")?;
    let end = of("PD").unwrap_or(scans.len());
    // no scan follows that could fail to confirm the response
    if first + 1 >= end {
        return None;
    }
    let mut scans = scans.to_vec();
    let shrunk = scans[first].reading.lesions.clone();
    // all scans up to progression, since a response at a later one would confirm it
    // after all
    for scan in &mut scans[first + 1..end] {
        let again = |size: i32| libm::round(f64::from(size) * REGROWTH) as i32;
        scan.reading.lesions = shrunk.iter().map(|(nodal, size)| (*nodal, again(*size))).collect();
    }
    let readings: Vec<_> = scans.iter().map(|scan| scan.reading.clone()).collect();
    let responses = classify(&readings);
    let is_wanted = |(place, response): (usize, &&'static str)| {
        // the baseline has no response
        let place = place + 1;
        let former = scans[place].response;
        *response == if (first + 1..end).contains(&place) { "SD" } else { former }
    };
    // a smaller nadir may turn regrowth into progression, or keep a deep response
    if !responses.iter().enumerate().all(is_wanted) {
        return None;
    }
    for (scan, response) in scans[1..].iter_mut().zip(responses) {
        scan.response = response;
    }
    Some(scans)
}

/// Adds scans on which the target lesions could not be measured, between the first two after the
/// first dose of patients who had another one without progression after that. The export has them
/// behind all others: they were entered last.
pub fn add_scans_not_evaluable(tables: &mut [Table], screened: &[Patient], seed: u64) {
    let mut random = Random::new(seed, "scans not evaluable");
    let table = tables.iter_mut().find(|table| table.schema.name == "assessments");
    let table = table.expect("invariant: every table of the schema is built");
    let mut able: Vec<&Patient> = screened.iter().filter(|patient| is_able(patient)).collect();
    random.shuffle(&mut able);
    able.truncate(NOT_EVALUABLE);
    // chosen at random, written in the order of the records
    able.sort_by(|left, right| left.record_id.cmp(&right.record_id));
    for patient in able {
        let [first, second] = [1, 2].map(|place| patient.scans[place].day);
        // between two readable scans, so it changes neither the last scan nor a progression
        let day = patient.on(i32::midpoint(first, second));
        table.push(&[
            ("record_id", patient.record_id.clone()),
            // the number that follows those of the patient's scans, though the day lies among
            // them
            ("instance", patient.scans.len().to_string()),
            ("scan_date", day.to_string()),
            ("modality", "ct".to_owned()),
            ("new_lesion", "no".to_owned()),
            ("recist", "NE".to_owned()),
            ("irecist", "NE".to_owned()),
        ]);
    }
}

/// Whether two scans without progression come after the one that could not be evaluated.
fn is_able(patient: &Patient) -> bool {
    let free = patient.scans.iter().skip(1).take_while(|scan| scan.response != "PD").count();
    patient.exclusion.is_none() && free >= 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recist::Reading;

    fn course(sums: &[i32]) -> Vec<Scan> {
        let readings: Vec<Reading> = sums
            .iter()
            .map(|sum| Reading {
                lesions: vec![(false, *sum)],
                nontarget: "none",
                new_lesion: false,
            })
            .collect();
        let responses = std::iter::once("").chain(classify(&readings));
        let scans = readings.iter().zip(responses).enumerate();
        let scan = |(place, (reading, response)): (usize, (&Reading, &'static str))| Scan {
            day: 50 * place as i32,
            reading: reading.clone(),
            new_site: "",
            response,
        };
        scans.map(scan).collect()
    }

    #[test]
    fn a_response_grows_back_and_the_course_stays() {
        // 65 mm grow by 14% to 74 mm: more than 70% of the baseline, less than 120% of the
        // nadir
        let grown = grown_back(&course(&[100, 65, 60, 62, 95])).expect("can grow back");
        let responses: Vec<&str> = grown.iter().map(|scan| scan.response).collect();
        assert_eq!(responses, ["", "PR", "SD", "SD", "PD"]);
        assert_eq!(grown[2].reading.sum(), 74);
        // deep responses stay responses, a progression of another sum would come too late
        assert!(grown_back(&course(&[100, 40, 42, 60])).is_none());
        assert!(grown_back(&course(&[100, 65, 50, 62])).is_none());
        assert!(grown_back(&course(&[100, 65])).is_none());
        assert!(grown_back(&course(&[100, 80, 85])).is_none());
    }

    #[test]
    fn the_export_has_both() {
        // the seed of the committed export
        let made = crate::simulate(20_180_101).expect("calibrates");
        let scans = String::from_utf8(made.raw["assessments.csv"].clone()).expect("text");
        assert_eq!(scans.lines().filter(|line| line.ends_with(",NE,NE")).count(), NOT_EVALUABLE);
    }
}
