//! The screened patients: 113 with calibrated courses and those the study leaves out.

use jiff::civil::Date;

use crate::calendar::{EXPORT_DATE, FIRST_DOSE, LAST_DOSE, days_between, plus_days};
use crate::calibrate::first_draw;
use crate::outcome::{Outcome, Response};
use crate::random::Random;
use crate::risk::risk_scores;
use crate::scans::{Disease, Lesion, Scan, lay_out};
use crate::therapy::{Radiation, radiation, treatment_stop};

/// Why a screened patient is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exclusion {
    /// Consent to use the data was withdrawn.
    ConsentWithdrawn,
    /// The primary lies in the nasopharynx.
    Nasopharynx,
    /// Not a squamous cell carcinoma.
    NotSquamous,
    /// A second cancer was active.
    SecondCancer,
    /// No dose of immunotherapy was given.
    NoImmunotherapy,
    /// Immunotherapy was given before or with curative treatment only.
    CurativeSetting,
    /// No scan followed the first dose.
    NoFollowUpScan,
}

/// The exclusions in the order in which the flow applies them, with how many patients each takes.
// Together 39: of 152 screened patients 113 are left.
pub const EXCLUSIONS: [(Exclusion, usize); 7] = [
    (Exclusion::ConsentWithdrawn, 2),
    (Exclusion::Nasopharynx, 7),
    (Exclusion::NotSquamous, 5),
    (Exclusion::SecondCancer, 4),
    (Exclusion::NoImmunotherapy, 8),
    (Exclusion::CurativeSetting, 6),
    (Exclusion::NoFollowUpScan, 7),
];

/// How completely the date of death reached the export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeathRecord {
    /// With its day.
    Full,
    /// `2021-03`; the 15th is the true day.
    MonthOnly,
    /// `UK/03/2021`; the 15th is the true day.
    UnknownDay,
    /// `2021-03` with a last contact after the 15th, which is then the true day.
    MonthAfterContact,
}

/// One screened patient with every fact that more than one table needs.
#[derive(Clone, Debug)]
pub struct Patient {
    /// Canonical number, `P-001`.
    pub record_id: String,
    /// Why the patient is left out, if so.
    pub exclusion: Option<Exclusion>,
    /// The course from the first dose on.
    pub outcome: Outcome,
    /// Standardised risk; covariates lean on it.
    pub risk: f64,
    /// First dose of immunotherapy (of whatever was given instead, when none was).
    pub start: Date,
    /// Line of the palliative treatment that starts then.
    pub line: i32,
    /// Day of recurrence, metastasis, or (de novo) first diagnosis; negative.
    pub recurrence: i32,
    /// Day of first diagnosis; equals `recurrence` when metastatic from the start.
    pub diagnosis: i32,
    /// How the death date is recorded.
    pub death_record: DeathRecord,
    /// Subsite, as the level name.
    pub subsite: &'static str,
    /// p16, as the level name.
    pub p16: &'static str,
    /// Disease at baseline.
    pub disease: Disease,
    /// Radiotherapy during immunotherapy.
    pub radiation: Option<Radiation>,
    /// Day of the last dose, unless treatment goes on.
    pub treatment_stop: Option<i32>,
    /// Baseline and follow-up scans.
    pub scans: Vec<Scan>,
}

impl Patient {
    /// The date of a day counted from the first dose.
    #[must_use]
    pub fn on(&self, day: i32) -> Date {
        plus_days(self.start, day)
    }

    /// The organs with disease at baseline, in order, each once.
    #[must_use]
    pub fn organs(&self) -> Vec<&'static str> {
        let mut organs: Vec<_> = self.disease.lesions.iter().map(|lesion| lesion.organ).collect();
        // what is irradiated is diseased, also a bone without a measured lesion
        organs.extend(self.radiation.as_ref().map(|radiation| radiation.site));
        organs.sort_unstable();
        organs.dedup();
        organs
    }

    /// Locoregional, distant or both, as the level name.
    #[must_use]
    pub fn extent(&self) -> &'static str {
        let organs = self.organs();
        match (organs.iter().any(is_local), organs.iter().all(is_local)) {
            (_, true) => "locoregional",
            (true, false) => "locoregional_and_distant",
            (false, false) => "distant",
        }
    }
}

fn is_local(organ: &&str) -> bool {
    matches!(*organ, "primary" | "lymph_nodes")
}

/// Makes every screened patient around the calibrated outcomes.
#[must_use]
pub fn screen(outcomes: &[Outcome], seed: u64) -> Vec<Patient> {
    let mut random = Random::new(seed, "patients");
    let mut patients = Vec::new();
    let mut records = death_records(outcomes, &mut random).into_iter();
    for (outcome, risk) in outcomes.iter().zip(risk_scores(outcomes)) {
        let record = records.next().unwrap_or(DeathRecord::Full);
        patients.push(patient(*outcome, risk, None, record, &mut random));
    }
    for (exclusion, count) in EXCLUSIONS {
        for _ in 0..count {
            let outcome = excluded_outcome(exclusion, &mut random);
            // risk scores are of the calibrated courses; whoever is left out gets one at random
            let risk = random.normal();
            let left_out = Some(exclusion);
            patients.push(patient(outcome, risk, left_out, DeathRecord::Full, &mut random));
        }
    }
    // Patients who start on one day would otherwise stand in the order of arm and
    // exclusion, and their numbers would tell.
    random.shuffle(&mut patients);
    patients.sort_by_key(|patient| patient.start);
    for (index, patient) in patients.iter_mut().enumerate() {
        patient.record_id = format!("P-{:03}", index + 1);
    }
    patients
}

/// Six deaths lack their day: two of each kind, spread over the arms.
fn death_records(outcomes: &[Outcome], random: &mut Random) -> Vec<DeathRecord> {
    let mut records = vec![DeathRecord::Full; outcomes.len()];
    let mut dead: Vec<usize> =
        (0..outcomes.len()).filter(|index| outcomes[*index].overall_survival().1).collect();
    random.shuffle(&mut dead);
    let kinds = [DeathRecord::MonthOnly, DeathRecord::UnknownDay, DeathRecord::MonthAfterContact];
    for (index, kind) in dead.into_iter().zip(kinds.iter().cycle().take(6)) {
        records[index] = *kind;
    }
    records
}

fn excluded_outcome(exclusion: Exclusion, random: &mut Random) -> Outcome {
    let weights = [(Response::Partial, 0.3), (Response::Stable, 0.3), (Response::Progressive, 0.4)];
    let response = random.weighted(&weights);
    let mut outcome = first_draw(false, response, random);
    if exclusion == Exclusion::NoFollowUpScan {
        outcome.death = random.integer(12, 48) as i32;
        // death before any scan, so that none can follow
        outcome.progression = outcome.death + 10;
    }
    outcome
}

fn patient(
    outcome: Outcome,
    risk: f64,
    exclusion: Option<Exclusion>,
    death_record: DeathRecord,
    random: &mut Random,
) -> Patient {
    let start = first_dose(&outcome, death_record, random);
    let radiation = outcome.radiotherapy.then(|| radiation(&outcome, random));
    let subsite = subsite(exclusion, random);
    let disease = disease(radiation.as_ref(), random);
    let scans = if exclusion == Some(Exclusion::NoFollowUpScan) {
        // Scans can be laid out for a possible course only, so another one is drawn, of
        // which the baseline alone is kept.
        let scanned = first_draw(false, Response::Stable, random);
        lay_out(&scanned, &disease, random).into_iter().take(1).collect()
    } else {
        lay_out(&outcome, &disease, random)
    };
    let line = random.weighted(&[(1, 0.56), (2, 0.34), (3, 0.1)]);
    // room for the earlier lines, which begin 170 days apart
    let recurrence = -170 * (line - 1) - random.integer(20, 110) as i32;
    let spread = disease.lesions.iter().any(|lesion| !is_local(&lesion.organ));
    let interval = 340 + random.exponential(420.0).min(2600.0) as i32;
    // metastatic from the start only where a lesion is neither the primary nor a node
    let diagnosis = if spread && random.chance(0.25) { recurrence } else { recurrence - interval };
    let treatment_stop = treatment_stop(&outcome, radiation.as_ref(), random);
    Patient {
        record_id: String::new(),
        p16: p16(subsite, risk, random),
        exclusion,
        outcome,
        risk,
        start,
        line,
        recurrence,
        diagnosis,
        death_record,
        subsite,
        disease,
        radiation,
        treatment_stop,
        scans,
    }
}

/// A start that keeps follow-up before the export and puts an incomplete death date on its day.
fn first_dose(outcome: &Outcome, record: DeathRecord, random: &mut Random) -> Date {
    // follow-up ends at least 15 days before the export
    let latest = plus_days(EXPORT_DATE, -15 - outcome.follow_up).min(LAST_DOSE);
    let room = days_between(FIRST_DOSE, latest).max(0);
    let start = plus_days(FIRST_DOSE, random.integer(0, i64::from(room)) as i32);
    // The rule takes the 15th for an unknown day of death. The start is chosen so that
    // this is the true day and survival stays as calibrated.
    let wanted_day = match record {
        DeathRecord::Full => return start,
        DeathRecord::MonthOnly | DeathRecord::UnknownDay => 15,
        // later than the 15th, and a day that every month has
        DeathRecord::MonthAfterContact => random.integer(18, 27) as i8,
    };
    let (days, _) = outcome.overall_survival();
    let fits = |candidate: &Date| plus_days(*candidate, days).day() == wanted_day;
    // moving the start moves the death by as many days
    let nearby = (0..62).map(|step| plus_days(start, step)).find(fits);
    nearby.expect("invariant: two months hold every day up to the 28th")
}

fn subsite(exclusion: Option<Exclusion>, random: &mut Random) -> &'static str {
    if exclusion == Some(Exclusion::Nasopharynx) {
        return "nasopharynx";
    }
    random.weighted(&[
        ("oral_cavity", 0.34),
        ("oropharynx", 0.26),
        ("larynx", 0.17),
        ("hypopharynx", 0.23),
    ])
}

fn p16(subsite: &str, risk: f64, random: &mut Random) -> &'static str {
    // positive tumours of the oropharynx fare better
    let positive = match (subsite, risk < 0.2) {
        ("oropharynx", true) => 0.55,
        ("oropharynx", false) => 0.35,
        _ => 0.07,
    };
    if random.chance(0.09) {
        ""
    } else if random.chance(positive) {
        "positive"
    } else {
        "negative"
    }
}

fn disease(radiation: Option<&Radiation>, random: &mut Random) -> Disease {
    let options =
        [("primary", 0.3), ("lymph_nodes", 0.32), ("lung", 0.22), ("liver", 0.09), ("other", 0.07)];
    let count = random.weighted(&[(1, 0.3), (2, 0.4), (3, 0.22), (4, 0.08)]);
    let mut organs: Vec<&'static str> = Vec::new();
    // a bone is irradiated but gives no lesion that is measured
    let target = radiation.map(|radiation| radiation.site).filter(|site| *site != "bone");
    organs.extend(target);
    while organs.len() < count {
        let organ = random.weighted(&options);
        // RECIST measures two lesions of an organ at most
        if organs.iter().filter(|known| **known == organ).count() < 2 {
            organs.push(organ);
        }
    }
    // the irradiated organ was put in first
    let covered = |index: usize| index == 0 && target.is_some();
    let lesions = organs.iter().enumerate();
    let lesions =
        lesions.map(|(index, organ)| Lesion { organ, irradiated: covered(index) }).collect();
    let types = [("locoregional", 0.48), ("distant", 0.36), ("locoregional_and_distant", 0.16)];
    Disease { lesions, nontarget: random.chance(0.45), progression_type: random.weighted(&types) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::calibrate;

    #[test]
    fn one_hundred_and_fifty_two_are_screened_and_dates_stay_in_the_study() {
        let outcomes = calibrate(20_180_101).expect("a calibrated cohort").outcomes;
        let patients = screen(&outcomes, 20_180_101);
        assert_eq!(patients.len(), 152);
        assert_eq!(patients.iter().filter(|patient| patient.exclusion.is_none()).count(), 113);
        for patient in patients.iter().filter(|patient| patient.exclusion.is_none()) {
            assert!((2018..=2022).contains(&patient.start.year()), "{:?}", patient.start);
            // nothing in an export can be later than the export
            assert!(patient.on(patient.outcome.follow_up) <= EXPORT_DATE);
            let (pfs, _) = patient.outcome.progression_free_survival();
            if let Some(radiation) = &patient.radiation {
                assert!((0..pfs).contains(&radiation.start));
                assert!(patient.treatment_stop.is_none_or(|stop| stop >= radiation.start));
            }
        }
    }
}
