//! A small study with an analysis of every kind that compares groups: what the
//! tests of users' mistakes start from.

/// Its pipeline file.
pub(crate) const PIPELINE: &str = "\
restudy: 1
study:
  title: A small study
  data_status: example
  patient: id
  analysis_table: patients
  index_date: started
ingest:
  patients:
    kind: csv
    path: data/patients.csv
    columns:
      id: { type: id }
      arm: { type: category, levels: { old: [], new: [] } }
      age: { type: whole }
      started: { type: date }
      irradiated_on: { type: date }
      os_days: { type: whole }
      os_event: { type: whole }
clean:
  elderly: { kind: derive, sql: age >= 65 }
  irradiated: { kind: derive, sql: irradiated_on IS NOT NULL, known_from: irradiated_on }
analyze:
  survival: { kind: kaplan_meier, endpoint: os, by: arm }
  comparison: { kind: log_rank, endpoint: os, by: arm }
  model: { kind: cox_model, endpoint: os, terms: [arm, age] }
report:
  curves: { kind: survival_figure, title: Survival, curves: survival, test: comparison }
";

/// Its raw file.
pub(crate) const PATIENTS: &str = "\
id,arm,age,started,irradiated_on,os_days,os_event
A01,old,61,2020-01-10,,310,1
A02,new,70,2020-01-17,2020-03-02,455,0
A03,old,55,2020-02-03,,122,1
A04,new,67,2020-02-24,,288,1
A05,old,72,2020-03-09,2020-04-20,64,1
A06,new,49,2020-03-30,,512,0
A07,old,66,2020-04-14,,201,1
A08,new,58,2020-05-05,2020-05-25,398,1
A09,old,63,2020-05-18,,345,0
A10,new,75,2020-06-02,,150,1
A11,old,59,2020-06-22,,95,1
A12,new,64,2020-07-07,2020-08-30,421,0
";
