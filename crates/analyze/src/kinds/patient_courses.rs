//! The course of every patient: follow-up, what was given when, and what
//! happened, for figures that show single patients.

use engine::{Mistakes, Named, Read};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::quantile::quantiles;
use study::{
    CourseBar, CourseMark, Level, Part, PatientCourse, Procedure, Quantity, StudySettings,
};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::arms::{Arms, OfArm};
use crate::book::{Basis, Book, Told};
use crate::by::By;
use crate::category::Category;
use crate::columns::ColumnType;
use crate::endpoint::Endpoint;
use crate::patient_rows::{RowsOf, check_zero};
use crate::rehearsal::Rehearsal;

/// The course of every patient along time, to be drawn by `swimmer_figure`: follow-up until an
/// endpoint, bars of what lasted, marks of what happened, and categories beside them. Of each bar
/// and mark the findings count the patients who have it, and give the median day of its first one.
/// Nothing is compared: a group that is known only after time zero is shown with the days on which
/// it came to be.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatientCourses {
    /// The endpoint that ends follow-up.
    pub endpoint: String,
    /// Column whose levels make the groups; all patients together without it.
    #[serde(default)]
    pub by: Option<By>,
    /// What lasted, by names of your own, such as `{ rt: { table: courses, from: start, to: stop } }`.
    pub bars: Named<BarOfCourse>,
    /// What happened on a day, by names of your own.
    #[serde(default)]
    pub marks: Named<MarkOfCourse>,
    /// Columns of categories that stand beside each patient.
    #[serde(default)]
    pub strips: Vec<String>,
    /// SQL condition on the analysis table; only patients for whom it holds are shown.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
}

/// What lasted from one date to another.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BarOfCourse {
    /// It in words.
    pub label: String,
    /// The table with its dates; the analysis table if left out.
    #[serde(default)]
    pub table: Option<String>,
    /// Column of its first day.
    pub from: String,
    /// Column of its last day.
    pub to: String,
    /// Without a last day it goes on until the end of follow-up; otherwise that day is unknown.
    #[serde(default)]
    pub open_ended: bool,
    /// SQL condition on the rows of its table.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
}

/// What happened on a day.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkOfCourse {
    /// It in words.
    pub label: String,
    /// The table with its date; the analysis table if left out.
    #[serde(default)]
    pub table: Option<String>,
    /// Column of its day.
    pub date: String,
    /// SQL condition on the rows of its table.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// Mark only the first one of each patient.
    #[serde(default)]
    pub first: bool,
}

impl PatientCourses {
    /// Bars and marks: under which parameter, their name, and their rows.
    fn parts(&self) -> Vec<(&'static str, &str, Option<&String>, Option<&String>)> {
        let bars = self
            .bars
            .iter()
            .map(|(name, bar)| ("bars", name, bar.table.as_ref(), bar.condition.as_ref()));
        let marks = self
            .marks
            .iter()
            .map(|(name, mark)| ("marks", name, mark.table.as_ref(), mark.condition.as_ref()));
        bars.chain(marks).collect()
    }
}

fn rows<'a>(
    table: Option<&'a String>,
    condition: Option<&'a String>,
    study: &'a StudySettings,
) -> RowsOf<'a> {
    RowsOf { table: table.unwrap_or(&study.analysis_table), condition }
}

impl Analysis for PatientCourses {
    const NAME: &'static str = "patient_courses";

    fn scope(&self) -> Scope<'_> {
        let tables = self.parts().into_iter().filter_map(|(parameter, name, table, _)| {
            table.map(|table| Read::table(table, &[parameter, name, "table"]))
        });
        Scope::of(self.condition.as_ref()).beside(tables)
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        rehearsal.endpoint(&self.endpoint);
        check_zero(rehearsal);
        if let Some(by) = &self.by {
            // Shown and not compared: a group known late is drawn with the
            // days on which it came to be, so that the guard does not ask.
            rehearsal.groups_shown(by);
        }
        rehearsal.list("strips", &self.strips, true);
        for (place, strip) in self.strips.iter().enumerate() {
            let at = ["strips", &place.to_string()];
            rehearsal.category(strip, &at);
            rehearsal.printed(strip, &at);
        }
        let study = rehearsal.call.study;
        for (parameter, name, table, condition) in self.parts() {
            rows(table, condition, study).check(rehearsal, &[parameter, name]);
        }
        for (name, bar) in self.bars.iter() {
            let rows = rows(bar.table.as_ref(), None, study);
            // Its `where` was checked above; here only what its columns hold.
            for (end, column) in [("from", &bar.from), ("to", &bar.to)] {
                rows.check_column(rehearsal, (column, ColumnType::Date), &["bars", name, end]);
            }
        }
        for (name, mark) in self.marks.iter() {
            let rows = rows(mark.table.as_ref(), None, study);
            let at = ["marks", name, "date"];
            rows.check_column(rehearsal, (&mark.date, ColumnType::Date), &at);
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let population = checked.population();
        let endpoint = Endpoint::new(population, &self.endpoint)?;
        // A course is drawn until the end of follow-up.
        let arms = Arms::new(population, self.by.as_ref(), endpoint.known())?.beside_all()?;
        let strips = self.strips.iter().map(|strip| population.category(strip));
        let strips = strips.collect::<Result<Vec<Category>, _>>()?;
        let bars = self.read_bars(checked, &endpoint)?;
        let marks = self.read_marks(checked)?;
        let mut book = checked.book_on(&self.endpoint);
        record_arms(&mut book, &arms, &endpoint);
        // Bars and marks go by their place in the parameters, which the figure has too.
        for ((name, _), days) in
            self.bars.iter().zip(firsts(&bars, self.bars.len(), |bar| (bar.bar, bar.from_days)))
        {
            record_part(&mut book, name, &days, &arms)?;
        }
        for ((name, _), days) in
            self.marks.iter().zip(firsts(&marks, self.marks.len(), |mark| (mark.mark, mark.days)))
        {
            record_part(&mut book, name, &days, &arms)?;
        }
        let course = |(place, patient): (usize, &usize)| {
            let (end_days, event) = endpoint.follow_up[*patient].unwrap_or_default();
            PatientCourse {
                patient: population.patient(*patient).to_owned(),
                group: arms.category.as_ref().map(|_| arms.membership.codes()[place]),
                end_days,
                event,
                bars: bars[*patient].clone(),
                marks: marks[*patient].clone(),
                strips: strips.iter().map(|strip| strip.codes[*patient]).collect(),
            }
        };
        let patients = arms.included.iter().enumerate().map(course).collect();
        let level = |(name, label): (&str, &String)| Level::new(name, label.clone());
        let category = arms.category.as_ref();
        let figure = study::PatientCourses {
            by_label: category.map(|category| category.label.clone()),
            groups: category.map(|category| category.levels.clone()).unwrap_or_default(),
            endpoint_label: endpoint.label.clone(),
            bars: self.bars.iter().map(|(name, bar)| level((name, &bar.label))).collect(),
            marks: self.marks.iter().map(|(name, mark)| level((name, &mark.label))).collect(),
            strips: strips
                .iter()
                .map(|strip| study::Strip {
                    column: strip.column.clone(),
                    label: strip.label.clone(),
                    levels: strip.levels.clone(),
                })
                .collect(),
            patients,
        };
        Ok(Analysed::new(book, None, &arms.included).with_figures(figure))
    }
}

impl PatientCourses {
    /// The bars of each patient; what has no first day is left out.
    fn read_bars(
        &self,
        checked: &Checked<'_>,
        endpoint: &Endpoint,
    ) -> Result<Vec<Vec<CourseBar>>, Mistakes> {
        let mut all = vec![Vec::new(); checked.population().n()];
        for (place, (name, bar)) in self.bars.iter().enumerate() {
            let rows = rows(bar.table.as_ref(), bar.condition.as_ref(), checked.study)
                .read(checked, &["bars", name])?;
            let (from, to) = (rows.days(&bar.from), rows.days(&bar.to));
            for (patient, own) in all.iter_mut().enumerate() {
                let end = endpoint.follow_up[patient].map(|(days, _)| days);
                own.extend(rows.of(patient).iter().filter_map(|row| {
                    let from_days = from[*row]?;
                    let goes_on = to[*row].is_none() && bar.open_ended;
                    let last = if goes_on { end } else { to[*row] };
                    // A last day before the first one would be drawn backwards.
                    let to_days = last.map(|last| last.max(from_days));
                    Some(CourseBar { bar: place, from_days, to_days, goes_on })
                }));
            }
        }
        for own in &mut all {
            // By day, then by declared order: the rows of a table may come in any order.
            own.sort_by(|one, other| {
                let days = one.from_days.total_cmp(&other.from_days);
                let last = |bar: &CourseBar| bar.to_days.unwrap_or(f64::INFINITY);
                days.then(one.bar.cmp(&other.bar)).then(last(one).total_cmp(&last(other)))
            });
        }
        Ok(all)
    }

    /// The marks of each patient; what has no day is left out.
    fn read_marks(&self, checked: &Checked<'_>) -> Result<Vec<Vec<CourseMark>>, Mistakes> {
        let mut all: Vec<Vec<CourseMark>> = vec![Vec::new(); checked.population().n()];
        for (place, (name, mark)) in self.marks.iter().enumerate() {
            let rows = rows(mark.table.as_ref(), mark.condition.as_ref(), checked.study)
                .read(checked, &["marks", name])?;
            let days = rows.days(&mark.date);
            for (patient, own) in all.iter_mut().enumerate() {
                let mut found: Vec<f64> =
                    rows.of(patient).iter().filter_map(|row| days[*row]).collect();
                // Sorted first, so that the first one is the earliest and not the topmost row.
                found.sort_by(f64::total_cmp);
                found.truncate(if mark.first { 1 } else { found.len() });
                own.extend(found.into_iter().map(|days| CourseMark { mark: place, days }));
            }
        }
        for own in &mut all {
            own.sort_by(|one, other| {
                one.days.total_cmp(&other.days).then(one.mark.cmp(&other.mark))
            });
        }
        Ok(all)
    }
}

/// The first day of each bar or mark, patient by patient.
fn firsts<T>(
    all: &[Vec<T>],
    n_parts: usize,
    day: impl Fn(&T) -> (usize, f64),
) -> Vec<Vec<Option<f64>>> {
    let first = |part: usize| {
        let of = |own: &Vec<T>| {
            let days = own.iter().map(&day).filter(|(of, _)| *of == part).map(|(_, days)| days);
            // A patient may have several; the first is told.
            days.reduce(f64::min)
        };
        all.iter().map(of).collect()
    };
    (0..n_parts).map(first).collect()
}

fn record_arms(book: &mut Book, arms: &Arms, endpoint: &Endpoint) {
    for (code, arm) in arms.each() {
        let has_event = |place: &usize| {
            endpoint.follow_up[arms.included[*place]].is_some_and(|(_, event)| event)
        };
        let events = arms.members(code).iter().filter(|place| has_event(place)).count();
        for (name, count) in [("n", arm.n), ("events", events), ("missing", arm.missing)] {
            let finding = book.count(&[Part::statistic(name)], name, count).in_arm(arm);
            book.push(finding.from(arm.basis(Some(events))).by_method(Procedure::Count));
        }
    }
}

/// How many have a bar or mark, and the median day of its first one among them.
fn record_part(
    book: &mut Book,
    name: &str,
    first: &[Option<f64>],
    arms: &Arms,
) -> Result<(), Mistakes> {
    for (code, arm) in arms.each() {
        let days: Vec<f64> =
            arms.members(code).iter().filter_map(|place| first[arms.included[*place]]).collect();
        let part = [Part::statistic("patients_with"), Part::outcome(name)];
        let finding = book.count(&part, "patients_with", days.len()).in_arm(arm);
        book.push(finding.from(arm.basis(None)).by_method(Procedure::Count));
        // Nobody has it: the count says so, and there is no day.
        let median = match days.as_slice() {
            [] => f64::NAN,
            days => quantiles(days, &[0.5]).map_err(|error| crate::book::refused(&error))?[0],
        };
        let part = [Part::statistic("median_first_day"), Part::outcome(name)];
        let finding = book.draft(&part, "median_first_day", Quantity::Days, median).in_arm(arm);
        // Of those who have one: a patient without is not missing.
        let basis = Basis { n: days.len(), events: None, missing: arm.missing };
        book.push(finding.from(basis).by_method(Procedure::Median));
    }
    Ok(())
}
