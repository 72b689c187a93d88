//! Reads one patient's analysis row out of the clean tables.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::flag;
use crate::calendar::{days_between, plus_days};
use crate::recist::{Reading, best_response, classify};
use crate::schema::level_of;
use crate::table::Table;

/// The clean tables and whose death day was imputed.
pub(super) struct View<'a> {
    pub(super) tables: &'a [Table],
    pub(super) imputed_deaths: BTreeSet<&'a str>,
}

/// The response side of a patient.
struct Scanned {
    best: Option<&'static str>,
    progression: Option<Date>,
    last: Option<Date>,
}

type Values = BTreeMap<&'static str, String>;

impl<'a> View<'a> {
    pub(super) fn table(&self, name: &str) -> &'a Table {
        let found = self.tables.iter().find(|table| table.schema.name == name);
        found.expect("invariant: every table of the schema is built")
    }

    /// The first palliative row with an immunotherapy, by start.
    fn index_row(&self, record_id: &str) -> Option<(Date, usize)> {
        let systemic = self.table("systemic");
        let rows = systemic.of_record(record_id).filter(|row| {
            !systemic.clean(*row, "ici_drug").is_empty()
                && systemic.clean(*row, "setting") == "palliative"
        });
        // the earliest one: a second immunotherapy later is no index
        rows.filter_map(|row| Some((date(systemic.clean(row, "start_date"))?, row))).min()
    }

    pub(super) fn exclusion(&self, record_id: &str, row: usize) -> Option<usize> {
        let noted = self.table("patients").clean(row, "exclusion");
        let diagnosis = self.table("diagnosis");
        let tumour = diagnosis.of_record(record_id).next();
        let is = |column, value| tumour.is_some_and(|row| diagnosis.clean(row, column) == value);
        let systemic = self.table("systemic");
        let treated =
            systemic.of_record(record_id).any(|row| !systemic.clean(row, "ici_drug").is_empty());
        let index = self.index_row(record_id);
        let scanned = index.is_some_and(|(start, _)| self.scanned(record_id, start).best.is_some());
        // in the order of the flow: the first that holds is the reason
        let fails = [
            noted == "consent_withdrawn",
            is("subsite", "nasopharynx"),
            !is("histology", "squamous_cell_carcinoma"),
            noted == "second_active_cancer",
            !treated,
            index.is_none(),
            !scanned,
        ];
        fails.iter().position(|fails| *fails)
    }

    pub(super) fn analysed(&self, record_id: &str, patient_row: usize) -> Values {
        let (start, index_row) =
            self.index_row(record_id).expect("invariant: analysed patients were treated");
        let mut values = Values::new();
        values.insert("record_id", record_id.to_owned());
        values.insert("ici_start", start.to_string());
        self.endpoints(&mut values, record_id, start);
        self.exposure(&mut values, record_id, start, index_row);
        self.person(&mut values, patient_row, start);
        self.tumour(&mut values, record_id);
        self.treatment(&mut values, record_id, index_row);
        self.baseline(&mut values, record_id, start);
        values
    }

    fn scanned(&self, record_id: &str, start: Date) -> Scanned {
        let (scans, lesions) = (self.table("assessments"), self.table("lesions"));
        let mut dated: Vec<(Date, usize)> = scans
            .of_record(record_id)
            .filter_map(|row| Some((date(scans.clean(row, "scan_date"))?, row)))
            .collect();
        // a scan on which nothing could be measured says nothing of response
        dated.retain(|(_, row)| scans.clean(*row, "recist") != "NE");
        dated.sort_unstable();
        // the latest scan up to the first dose is the baseline
        let first_after = dated.partition_point(|(day, _)| *day <= start);
        let from_baseline = &dated[first_after.saturating_sub(1)..];
        let reading = |row: usize| {
            let instance = scans.clean(row, "instance");
            let measured = lesions
                .of_record(record_id)
                .filter(|lesion| lesions.clean(*lesion, "instance") == instance)
                .map(|lesion| {
                    let size = lesions.clean(lesion, "diameter").parse();
                    let size = size.expect("invariant: lesions have a size");
                    (lesions.clean(lesion, "nodal") == "yes", size)
                });
            Reading {
                lesions: measured.collect(),
                nontarget: level_of("nontarget_status", scans.clean(row, "nontarget_status")).label,
                new_lesion: scans.clean(row, "new_lesion") == "yes",
            }
        };
        let readings: Vec<Reading> = from_baseline.iter().map(|(_, row)| reading(*row)).collect();
        let responses = classify(&readings);
        let progression = responses.iter().position(|response| *response == "PD");
        Scanned {
            best: best_response(&responses),
            progression: progression.map(|index| from_baseline[index + 1].0),
            last: from_baseline.last().map(|(day, _)| *day),
        }
    }

    fn endpoints(&self, values: &mut Values, record_id: &str, start: Date) {
        let scanned = self.scanned(record_id, start);
        let followup = self.table("followup");
        let row = followup.of_record(record_id).next().expect("invariant: followed up");
        let clean = |column| followup.clean(row, column);
        let death = date(clean("death_date"));
        let contact = date(clean("last_contact"));
        // a date of death wins over the last contact
        let end = death.or(contact).expect("invariant: a death or a last contact");
        // without progression or death it ends with the last scan, not with the last contact
        let pfs_end = scanned.progression.or(death).or(scanned.last);
        let pfs_end = pfs_end.expect("invariant: analysed patients were scanned");
        let event = scanned.progression.or(death).is_some();
        let text = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
        values.insert("best_response", scanned.best.unwrap_or_default().to_owned());
        values.insert("progression_date", text(scanned.progression));
        values.insert("progression_type", clean("progression_type").to_owned());
        values.insert("last_scan", text(scanned.last));
        values.insert("last_contact", text(contact));
        values.insert("death_date", text(death));
        values.insert("death_day_imputed", flag(self.imputed_deaths.contains(record_id)));
        values.insert("pfs_days", days_between(start, pfs_end).to_string());
        values.insert("pfs_event", flag(event));
        values.insert("os_days", days_between(start, end).to_string());
        values.insert("os_event", flag(death.is_some()));
    }

    /// Radiotherapy counts when it starts between the first and the last dose, both included.
    fn exposure(&self, values: &mut Values, record_id: &str, start: Date, index_row: usize) {
        let stop = date(self.table("systemic").clean(index_row, "stop_date"));
        let courses = self.table("rt_courses");
        let first = courses
            .of_record(record_id)
            .filter_map(|row| Some((date(courses.clean(row, "start_date"))?, row)))
            .filter(|(day, _)| *day >= start && stop.is_none_or(|stop| *day <= stop))
            .min();
        values.insert("ici_stop", stop.map_or_else(String::new, |day| day.to_string()));
        values.insert("radiotherapy", flag(first.is_some()));
        let columns = [
            ("rt_start", "start_date"),
            ("rt_stop", "stop_date"),
            ("rt_site", "site"),
            ("rt_intent", "intent"),
            ("rt_technique", "technique"),
            ("rt_dose_gy", "dose"),
            ("rt_fractions", "fractions"),
        ];
        for (name, column) in columns {
            let value = first.map_or("", |(_, row)| courses.clean(row, column));
            values.insert(name, value.to_owned());
        }
    }

    fn person(&self, values: &mut Values, row: usize, start: Date) {
        let patients = self.table("patients");
        let age = date(patients.clean(row, "date_of_birth"))
            // by days, which for the birth dates that are drawn is the same as completed years
            .map(|birth| libm::floor(f64::from(days_between(birth, start)) / 365.25));
        values.insert("age_years", age.map_or_else(String::new, |age| age.to_string()));
        let columns =
            ["sex", "height_cm", "weight_kg", "smoking_status", "smoking_pack_years", "alcohol"];
        for column in columns {
            values.insert(column, patients.clean(row, column).to_owned());
        }
    }

    fn tumour(&self, values: &mut Values, record_id: &str) {
        let diagnosis = self.table("diagnosis");
        let row = diagnosis.of_record(record_id).next().expect("invariant: diagnosed");
        let columns = [
            ("subsite", "subsite"),
            ("stage", "stage"),
            ("grade", "grade"),
            ("p16", "p16"),
            ("hpv_dna", "hpv_dna"),
            ("cps", "pdl1_cps"),
            ("tps", "pdl1_tps"),
            ("recurrence_type", "recurrence_type"),
        ];
        for (name, column) in columns {
            values.insert(name, diagnosis.clean(row, column).to_owned());
        }
        let group = match number(&values["cps"]) {
            None => "",
            Some(cps) if cps < 1.0 => "<1",
            Some(cps) if cps < 20.0 => "1-19",
            Some(_) => ">=20",
        };
        values.insert("cps_group", group.to_owned());
    }

    fn treatment(&self, values: &mut Values, record_id: &str, index_row: usize) {
        let systemic = self.table("systemic");
        let columns = ["line", "ici_drug", "concurrent_chemotherapy", "concurrent_anti_egfr"];
        for column in columns {
            values.insert(column, systemic.clean(index_row, column).to_owned());
        }
        let prior = self.table("prior_therapy");
        let platinum = prior.of_record(record_id).any(|row| prior.clean(row, "platinum") == "yes");
        values.insert("prior_platinum", if platinum { "yes" } else { "no" }.to_owned());
        let irae = self.table("irae");
        let grades = irae
            .of_record(record_id)
            .filter_map(|row| irae.clean(row, "ctcae_grade").parse::<i32>().ok());
        // no recorded event is a grade of 0
        values.insert("irae_max_grade", grades.max().unwrap_or(0).to_string());
    }

    /// The latest row dated within the 28 days up to the first dose.
    fn latest_before(&self, name: &str, day: &str, record_id: &str, start: Date) -> Option<usize> {
        let table = self.table(name);
        table
            .of_record(record_id)
            .filter_map(|row| Some((date(table.clean(row, day))?, row)))
            .filter(|(day, _)| *day <= start && *day >= plus_days(start, -28))
            // of two rows on the latest day, the one further down in the file
            .max()
            .map(|(_, row)| row)
    }

    fn baseline(&self, values: &mut Values, record_id: &str, start: Date) {
        let visits = self.table("visits");
        let visit = self.latest_before("visits", "visit_date", record_id, start);
        values.insert("ecog", visit.map_or("", |row| visits.clean(row, "ecog")).to_owned());
        let labs = self.table("labs");
        let sample = self.latest_before("labs", "lab_date", record_id, start);
        let value = |column| sample.map_or("", |row| labs.clean(row, column));
        // unknown where one of the two is
        let ratio = |over: &str, under: &str| match (number(over), number(under)) {
            (Some(over), Some(under)) => (over / under).to_string(),
            _ => String::new(),
        };
        let columns = [
            ("anc", "anc"),
            ("alc", "alc"),
            ("hemoglobin_g_l", "hemoglobin"),
            ("platelets", "platelets"),
            ("albumin_g_l", "albumin"),
            ("crp_mg_l", "crp"),
        ];
        for (name, column) in columns {
            values.insert(name, value(column).to_owned());
        }
        values.insert("nlr", ratio(value("anc"), value("alc")));
        values.insert("ldh_ratio", ratio(value("ldh"), value("ldh_upper_limit")));
    }
}

fn date(text: &str) -> Option<Date> {
    text.parse().ok()
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}
