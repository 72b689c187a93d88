//! How a measurement changed in each patient from its baseline, for waterfall
//! and spider figures.

use engine::{Mistake, Mistakes, Named, Read};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::proportion::wilson;
use stats::quantile::quantiles;
use study::{
    ChangePoint, IntervalKind, Level, Method, Part, PatientChange, PatientChanges, Procedure,
    Quantity, Span,
};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::arms::{Arm, Arms, OfArm};
use crate::book::{Basis, Book, Told, refused};
use crate::by::By;
use crate::columns::{self, ColumnType};
use crate::guard::ImmortalTime;
use crate::patient_rows::{PatientRows, RowsOf, check_zero};
use crate::rehearsal::Rehearsal;

/// How a measurement changed in each patient, to be drawn by `waterfall_figure` and `spider_figure`:
/// in percent of the baseline, the last measurement before or on time zero that is above 0. The best
/// change is the lowest one after it. By group: the patients with a baseline and a later measurement,
/// quartiles of the best change, and the shares whose best change is at or beyond each threshold.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeFromBaseline {
    /// The table with one row per measurement.
    pub table: String,
    /// Column of the day of a measurement.
    pub date: String,
    /// Column of what was measured.
    pub value: String,
    /// What was measured, in words; the label of `value` if left out.
    #[serde(default)]
    pub label: Option<String>,
    /// A measurement up to this time after time zero is a baseline; of several, the last one counts.
    #[serde(default = "same_day")]
    pub baseline_until: Span,
    /// Date column of the analysis table; measurements after it do not count.
    #[serde(default)]
    pub until: Option<String>,
    /// Column whose levels make the groups; all patients together without it.
    #[serde(default)]
    pub by: Option<By>,
    /// Column of a category by which figures colour patients.
    #[serde(default)]
    pub category: Option<String>,
    /// That category in words; the label of its column if left out.
    #[serde(default)]
    pub category_label: Option<String>,
    /// Changes in percent at which the measurement counts as fallen (below 0) or risen (above 0).
    #[serde(default)]
    pub thresholds: Vec<f64>,
    /// Properties of patients that figures mark, by names of your own: each a label and a condition
    /// on the analysis table.
    #[serde(default)]
    pub marks: Named<MarkOfPatient>,
    /// What figures mark at a measurement: a label and a condition on the rows of `table`.
    #[serde(default)]
    pub flag: Option<FlagOfRow>,
    /// What figures mark on its day: a label and a date column of the analysis table.
    #[serde(default)]
    pub start: Option<StartOfPatient>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where the groups are known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

fn same_day() -> Span {
    Span::of_days(0.0)
}

/// A property of patients.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkOfPatient {
    /// It in words.
    pub label: String,
    /// SQL condition on the analysis table.
    #[serde(rename = "where")]
    pub condition: String,
}

/// A property of measurements.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlagOfRow {
    /// It in words.
    pub label: String,
    /// SQL condition on the rows of the table of measurements.
    #[serde(rename = "where")]
    pub condition: String,
}

/// What began on a day of each patient.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartOfPatient {
    /// It in words.
    pub label: String,
    /// Date column of the analysis table.
    pub date: String,
}

impl ChangeFromBaseline {
    fn rows(&self) -> RowsOf<'_> {
        RowsOf { table: &self.table, condition: None }
    }

    fn flags(&self) -> RowsOf<'_> {
        let condition = self.flag.as_ref().map(|flag| &flag.condition);
        RowsOf { table: &self.table, condition }
    }

    fn check_dates(&self, rehearsal: &mut Rehearsal<'_>) {
        // Dates of patients stand in the analysis table,
        // which is read as rows, too: one of each patient.
        let of_patients = RowsOf { table: &rehearsal.call.study.analysis_table, condition: None };
        let start = self.start.as_ref().map(|start| &start.date);
        for (column, at) in [(self.until.as_ref(), &["until"][..]), (start, &["start", "date"])] {
            if let Some(column) = column {
                of_patients.check_column(rehearsal, (column, ColumnType::Date), at);
            }
        }
    }
}

impl Analysis for ChangeFromBaseline {
    const NAME: &'static str = "change_from_baseline";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref()).beside([Read::table(&self.table, &["table"])])
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        check_zero(rehearsal);
        let rows = self.rows();
        rows.check(rehearsal, &[]);
        rows.check_column(rehearsal, (&self.date, ColumnType::Date), &["date"]);
        rows.check_column(rehearsal, (&self.value, ColumnType::Real), &["value"]);
        if self.flag.is_some() {
            self.flags().check(rehearsal, &["flag"]);
        }
        self.check_dates(rehearsal);
        for (name, mark) in self.marks.iter() {
            let table = &rehearsal.call.study.analysis_table;
            let rows = RowsOf { table, condition: Some(&mark.condition) };
            rows.check(rehearsal, &["marks", name]);
        }
        if let Some(category) = &self.category {
            rehearsal.category(category, &["category"]);
            rehearsal.printed(category, &["category"]);
        }
        for (place, threshold) in self.thresholds.iter().enumerate() {
            // No measurement above 0 falls by more than 100%,
            // and a change of 0 is neither a fall nor a rise.
            if !threshold.is_finite() || *threshold == 0.0 || *threshold < -100.0 {
                let message = format!("{threshold} is no change in percent to count beyond");
                let at = ["thresholds", &place.to_string()];
                rehearsal.push(Mistake::at(&at, message).hint("such as -30 or 20"));
            }
        }
        rehearsal.groups(self.by.as_ref(), None, self.immortal_time);
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let population = checked.population();
        let everybody: Vec<usize> = (0..population.n()).collect();
        let arms = Arms::new(population, self.by.as_ref(), everybody)?.beside_all()?;
        let changes = self.changes(checked)?;
        let mut book = checked.book();
        for (code, arm) in arms.each() {
            let best: Vec<f64> = (arms.members(code).iter())
                // By position in the population: a group's
                // members are positions among those included.
                .filter_map(|place| changes[arms.included[*place]].best)
                .collect();
            self.record(&mut book, arm, &best)?;
        }
        let category = self.category.as_deref().map(|column| population.category(column));
        let category = category.transpose()?;
        let marks = self.marks(checked)?;
        let patient = |(place, patient): (usize, &usize)| PatientChange {
            group: arms.category.as_ref().map(|_| arms.membership.codes()[place]),
            category: category.as_ref().and_then(|category| category.codes[*patient]),
            marks: marks.iter().map(|mark| mark[*patient]).collect(),
            ..changes[*patient].clone()
        };
        let label = || columns::label(checked.call.table(&self.table), &self.value);
        let by = arms.category.as_ref();
        let figure = PatientChanges {
            label: self.label.clone().unwrap_or_else(label),
            by_label: by.map(|category| category.label.clone()),
            groups: by.map(|category| category.levels.clone()).unwrap_or_default(),
            category_label: (category.as_ref())
                .map(|own| self.category_label.clone().unwrap_or_else(|| own.label.clone())),
            categories: category.as_ref().map(|own| own.levels.clone()).unwrap_or_default(),
            marks: (self.marks.iter())
                .map(|(name, mark)| Level::new(name, mark.label.clone()))
                .collect(),
            flag_label: self.flag.as_ref().map(|flag| flag.label.clone()),
            start_label: self.start.as_ref().map(|start| start.label.clone()),
            thresholds: self.thresholds.clone(),
            patients: arms.included.iter().enumerate().map(patient).collect(),
            warnings: book.warnings().to_vec(),
        };
        Ok(Analysed::new(book, None, &arms.included).with_figures(figure))
    }
}

impl ChangeFromBaseline {
    /// The changes of each patient of the population.
    fn changes(&self, checked: &Checked<'_>) -> Result<Vec<PatientChange>, Mistakes> {
        let population = checked.population();
        let rows = self.rows().read(checked, &[])?;
        let flagged = self.flagged(checked, rows.table.height())?;
        let zero = RowsOf { table: &checked.study.analysis_table, condition: None };
        let zero = zero.read(checked, &[])?;
        let of_patient = |column: &str| {
            let days = zero.days(column);
            // The analysis table has one row a patient.
            let one = |patient: usize| zero.of(patient).first().and_then(|row| days[*row]);
            (0..population.n()).map(one).collect::<Vec<_>>()
        };
        let until = self.until.as_deref().map(of_patient);
        let start = self.start.as_ref().map(|start| of_patient(&start.date));
        let days = rows.days(&self.date);
        let values = columns::numbers(rows.table, &self.value).unwrap_or_default();
        let measured = Measured { rows: &rows, days: &days, values: &values, flagged: &flagged };
        let last_baseline = self.baseline_until.days(checked.study);
        let change = |patient: usize| {
            // Whoever has no such date is followed to the end.
            let last = until.as_ref().and_then(|until| until[patient]).unwrap_or(f64::INFINITY);
            let points = measured.points(patient, last_baseline, last);
            let best = points.iter().filter_map(|point| point.change).reduce(f64::min);
            let start_days = start.as_ref().and_then(|start| start[patient]);
            let name = population.patient(patient).to_owned();
            PatientChange {
                patient: name,
                group: None,
                category: None,
                marks: Vec::new(),
                start_days,
                points,
                best,
            }
        };
        Ok((0..population.n()).map(change).collect())
    }

    /// Whether each row is flagged.
    fn flagged(&self, checked: &Checked<'_>, height: usize) -> Result<Vec<bool>, Mistakes> {
        let mut flagged = vec![false; height];
        if self.flag.is_some() {
            let rows = self.flags().read(checked, &["flag"])?;
            for patient in 0..checked.population().n() {
                // Only rows of the patients: a flag of somebody else is not drawn.
                rows.of(patient).iter().for_each(|row| flagged[*row] = true);
            }
        }
        Ok(flagged)
    }

    /// Which patients have each mark.
    fn marks(&self, checked: &Checked<'_>) -> Result<Vec<Vec<bool>>, Mistakes> {
        let table = &checked.study.analysis_table;
        let of = |(name, mark): (&str, &MarkOfPatient)| {
            let rows = RowsOf { table, condition: Some(&mark.condition) };
            let rows = rows.read(checked, &["marks", name])?;
            Ok((0..checked.population().n()).map(|place| !rows.of(place).is_empty()).collect())
        };
        self.marks.iter().map(of).collect()
    }

    /// Counts, quartiles of the best change, and shares beyond the thresholds.
    fn record(&self, book: &mut Book, arm: &Arm, best: &[f64]) -> Result<(), Mistakes> {
        // Who has no baseline, or nothing after it, is missing here and counted beside.
        let basis = Basis { n: best.len(), events: None, missing: arm.n - best.len() };
        for (name, count) in [("n", arm.n), ("evaluable", best.len())] {
            let finding = book.count(&[Part::statistic(name)], name, count).in_arm(arm);
            book.push(finding.from(arm.basis(None)).by_method(Procedure::Count));
        }
        let quartiles = match best {
            // Nobody in the group can be evaluated, or it is a
            // rehearsal: the findings stand without a number.
            [] => vec![f64::NAN; 3],
            best => quantiles(best, &[0.5, 0.25, 0.75]).map_err(|error| refused(&error))?,
        };
        let names =
            ["median_best_change", "lower_quartile_best_change", "upper_quartile_best_change"];
        for (name, value) in names.into_iter().zip(quartiles) {
            let finding = book.draft(&[Part::statistic(name)], name, Quantity::Measured, value);
            let mut finding = finding.in_arm(arm).from(basis);
            finding.unit = Some("%".to_owned());
            let is_median = name == "median_best_change";
            let how = if is_median { Procedure::Median } else { Procedure::Quartile };
            book.push(finding.by_method(how));
        }
        for threshold in &self.thresholds {
            // At the threshold counts, as RECIST has it (at least 30% less).
            let is_beyond = |change: &&f64| match *threshold < 0.0 {
                true => **change <= *threshold,
                false => **change >= *threshold,
            };
            let count = best.iter().filter(is_beyond).count();
            let name = if *threshold < 0.0 { "fallen" } else { "risen" };
            let parts = [Part::statistic(name), Part::place(threshold.abs())];
            // Of nobody this is no number, and has no limits.
            let share = count as f64 / best.len() as f64;
            let limits = (!best.is_empty())
                .then(|| wilson(count as u64, best.len() as u64, book.level))
                .transpose()
                .map_err(|error| refused(&error))?;
            let finding = book.draft(&parts, name, Quantity::Proportion, share).in_arm(arm);
            let finding = finding.from(Basis { events: Some(count), ..basis }).limits(
                limits.map(|limits| limits.lower),
                limits.map(|limits| limits.upper),
                book.level,
            );
            let method = Method::of(Procedure::ShareOfKnown);
            book.push(finding.by_method(method.interval(IntervalKind::Wilson, book.level)));
        }
        Ok(())
    }
}

/// The rows of a table of measurements.
struct Measured<'a> {
    rows: &'a PatientRows<'a>,
    days: &'a [Option<f64>],
    values: &'a [Option<f64>],
    flagged: &'a [bool],
}

impl Measured<'_> {
    /// The measurements of a patient after the baseline until a day; none where
    /// there is no baseline above 0.
    fn points(&self, patient: usize, last_baseline: f64, until: f64) -> Vec<ChangePoint> {
        let mut dated: Vec<(f64, Option<f64>, bool)> = (self.rows.of(patient).iter())
            .filter_map(|row| Some((self.days[*row]?, self.values[*row], self.flagged[*row])))
            .collect();
        // two measurements of a day in an order that is not the table's
        dated.sort_by(|one, other| {
            let value = |measured: Option<f64>| measured.unwrap_or(f64::NEG_INFINITY);
            one.0.total_cmp(&other.0).then(value(one.1).total_cmp(&value(other.1)))
        });
        let mut before =
            // Days up to the end of the baseline, itself included
            // (<=); later ones are strictly after it (>).
            dated.iter().filter(|(days, value, _)| *days <= last_baseline && value.is_some());
        let baseline =
            // Asked of the last one alone: where it is 0 an earlier baseline is no substitute.
            before.next_back().and_then(|(_, value, _)| *value).filter(|value| *value > 0.0);
        let Some(baseline) = baseline else { return Vec::new() };
        let later = dated.iter().filter(|(days, ..)| *days > last_baseline && *days <= until);
        let point = |(days, value, flagged): &(f64, Option<f64>, bool)| ChangePoint {
            days: *days,
            change: value.map(|value| 100.0 * (value - baseline) / baseline),
            flagged: *flagged,
        };
        // A visit without a value stays where it is marked, such as a new lesion.
        later.map(point).filter(|point| point.change.is_some() || point.flagged).collect()
    }
}
