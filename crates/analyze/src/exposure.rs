//! An exposure that begins after time zero: who was exposed, from which day
//! of follow-up on, and what does not fit together.

use engine::{Mistake, Mistakes};
use stats::survival_data::SurvivalData;
use study::{Groups, Part, Procedure, StudySettings, Warning};

use crate::book::{Basis, Book, Told, refused};
use crate::category::{Category, declared_levels};
use crate::columns::{self, ColumnType};
use crate::endpoint::Endpoint;
use crate::guard::known_late;
use crate::population::Population;
use crate::rehearsal::Rehearsal;

/// What every analysis of such an exposure declares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeclaredExposure<'a> {
    /// The column that tells who was exposed.
    pub(crate) column: &'a str,
    /// Its level of the unexposed, if not the first.
    pub(crate) reference: Option<&'a str>,
    /// Whether the days are needed, or only who was exposed.
    pub(crate) needs_start: bool,
}

impl DeclaredExposure<'_> {
    /// Notes what is wrong with it without rows.
    pub(crate) fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        let (column, at) = (self.column, ["exposure"]);
        let table = rehearsal.table();
        rehearsal.category(column, &at);
        rehearsal.printed(column, &at);
        // Nothing below can be looked up in a column that
        // is not there, and that it is not was told.
        if columns::type_of(table, column).is_none() {
            return;
        }
        // Levels that are not declared are counted in the run, which tells the same.
        if let Some(levels) = declared_levels(table, column)
            && levels.len() != 2
        {
            rehearsal.push(not_two(column, levels.len()));
        }
        if let Some(reference) = self.reference {
            rehearsal.level(column, reference, &["reference"]);
        }
        if self.needs_start {
            self.check_dates(rehearsal);
        }
    }

    fn check_dates(&self, rehearsal: &mut Rehearsal<'_>) {
        let (column, study) = (self.column, rehearsal.call.study);
        let table = rehearsal.table();
        let is_date = |name: &str| columns::type_of(table, name) == Some(ColumnType::Date);
        match study.index_date.as_deref() {
            None => rehearsal.push(
                Mistake::at(
                    &["exposure"],
                    "the study declares no `index_date`, so exposure has no day of follow-up",
                )
                .hint("name the date column of time zero under `study:`"),
            ),
            Some(index) if !is_date(index) => rehearsal.push(
                Mistake::at(
                    &["exposure"],
                    format!(
                        "the index date `{index}` is no date column of table `{}`",
                        study.analysis_table
                    ),
                )
                .hint("join it to the table, or read it as dates"),
            ),
            Some(_) => {}
        }
        // When exposure begins is read off the lineage of the column,
        // so that the day cannot differ from what made the column.
        match known_late(study, table, column).as_slice() {
            [] => {
                let message = format!("`{column}` does not say from when on a patient is exposed");
                let hint = "declare `known_from` where the column is derived: the date column of the start; what is known at time zero needs no such analysis";
                rehearsal.push(Mistake::at(&["exposure"], message).hint(hint));
            }
            // Before it is asked whether it is a date: a
            // last row's date is one, but tells no start.
            [known] if known.of_all_rows => {
                let date = &known.date;
                let message = format!(
                    "`{column}` is known only after the last `{date}` of a patient, which tells no start"
                );
                let hint = "pick the row of the start (`select_row` with `take: first` and `order` by its date), and derive the exposure from it";
                rehearsal.push(Mistake::at(&["exposure"], message).hint(hint));
            }
            [known] if !known.is_here || !is_date(&known.date) => {
                let message =
                    format!("`{column}` is known from `{}`, which is no date column", known.date);
                rehearsal.push(
                    Mistake::at(&["exposure"], message)
                        .hint("read the column as dates, and keep it in the table"),
                );
            }
            [_] => {}
            // The latest of several differs from patient to patient:
            // none of them alone is the day from which it is known.
            several => {
                let dates: Vec<String> =
                    several.iter().map(|known| format!("`{}`", known.date)).collect();
                let message = format!(
                    "`{column}` is known from the latest of {}: no one date tells the start",
                    dates.join(", ")
                );
                let hint = "declare `known_from` where the column is derived: a date that is as late as all of them";
                rehearsal.push(Mistake::at(&["exposure"], message).hint(hint));
            }
        }
    }
}

fn not_two(column: &str, found: usize) -> Mistake {
    let message = format!("`{column}` has {found} levels, where an exposure has two");
    Mistake::at(&["exposure"], message)
        .hint("derive a column that tells the exposed from the others")
}

/// The exposure of a population.
pub(crate) struct Exposure {
    /// Its column; the codes of its two levels.
    pub(crate) category: Category,
    /// Position of the level of the unexposed.
    pub(crate) unexposed: usize,
    /// For each patient, unless missing: the day of exposure, if any.
    starts: Vec<Option<Option<f64>>>,
}

impl Exposure {
    /// Reads the exposure, and its dates where they are needed.
    pub(crate) fn new(
        study: &StudySettings,
        population: &Population<'_>,
        declared: &DeclaredExposure<'_>,
    ) -> Result<Self, Mistakes> {
        let mut category = population.category(declared.column)?;
        if category.levels.iter().all(study::Level::is_any) {
            // A rehearsal: whatever the levels are, a run takes two only.
            category.levels.truncate(2);
        }
        if category.n_levels() != 2 {
            return Err(not_two(declared.column, category.n_levels()).into());
        }
        let unexposed = category.reference(declared.reference, &["reference"])?;
        // `check` has left one date, where the days are needed.
        let known = known_late(study, population.table, declared.column).into_iter().next();
        let starts = match known.zip(study.index_date.as_deref()) {
            Some((known, index)) if declared.needs_start => {
                starts(population, &category, unexposed, &known.date, index)?
            }
            _ => {
                // Only who was ever exposed is asked here, and the caller assumes the days.
                let start =
                    |code: &Option<usize>| code.map(|code| (code != unexposed).then_some(0.0));
                category.codes.iter().map(start).collect()
            }
        };
        Ok(Self { category, unexposed, starts })
    }

    /// Whether a patient's exposure is known.
    pub(crate) fn is_known(&self, patient: usize) -> bool {
        self.starts[patient].is_some()
    }

    /// The level of the exposed (1) or the unexposed (0).
    pub(crate) fn level(&self, state: usize) -> &study::Level {
        let exposed = 1 - self.unexposed;
        &self.category.levels[if state == 1 { exposed } else { self.unexposed }]
    }

    /// The exposure as an account names it.
    pub(crate) fn groups(&self) -> Groups {
        let reference = &self.category.levels[self.unexposed].value;
        Groups::of(&self.category.column, Some(reference))
    }
}

/// The day of each patient's exposure; the column and its dates must agree.
fn starts(
    population: &Population<'_>,
    category: &Category,
    unexposed: usize,
    date: &str,
    index: &str,
) -> Result<Vec<Option<Option<f64>>>, Mistakes> {
    let (dates, zeros) = (population.dates(date)?, population.dates(index)?);
    let column = &category.column;
    let those = |wrong: &dyn Fn(usize) -> bool| -> Vec<usize> {
        (0..population.n()).filter(|patient| wrong(*patient)).collect()
    };
    let is_exposed = |patient: usize| category.codes[patient].map(|code| code != unexposed);
    let mut mistakes = Mistakes::default();
    // Also the unexposed need a time zero: their time is compared from there.
    let no_zero = those(&|patient| is_exposed(patient).is_some() && zeros[patient].is_none());
    let exposed_level = &category.levels[1 - unexposed].value;
    let no_date = those(&|patient| is_exposed(patient) == Some(true) && dates[patient].is_none());
    let other_level = &category.levels[unexposed].value;
    // A date says that it happened, and the level says
    // that it did not: neither may win in silence.
    let a_date = those(&|patient| is_exposed(patient) == Some(false) && dates[patient].is_some());
    let told = [
        (no_zero, format!("no index date `{index}`"), "complete it, or exclude them".to_owned()),
        (
            no_date,
            format!("`{column}` says `{exposed_level}`, but there is no date in `{date}`"),
            format!("complete the date with a cleaning rule, or set `{column}` missing for them"),
        ),
        (
            a_date,
            format!("`{column}` says `{other_level}`, but there is a date in `{date}`"),
            format!(
                "derive it from the date, as in `CASE WHEN {date} IS NOT NULL THEN '{exposed_level}' ELSE '{other_level}' END`"
            ),
        ),
    ];
    for (patients, message, hint) in
        told.into_iter().filter(|(patients, _, _)| !patients.is_empty())
    {
        let message = format!("{message} for {}", named(population, &patients));
        mistakes.push(Mistake::at(&["exposure"], message).hint(hint));
    }
    // All of them are told at once, because each may need a rule of its own.
    mistakes.or(())?;
    let start = |patient: usize| -> Option<Option<f64>> {
        is_exposed(patient)?;
        Some(dates[patient].zip(zeros[patient]).map(|(date, zero)| date - zero))
    };
    Ok((0..population.n()).map(start).collect())
}

/// Patients by name, the first five of many.
fn named(population: &Population<'_>, patients: &[usize]) -> String {
    let names: Vec<String> =
        // Enough to find what they have in common.
        patients.iter().take(5).map(|place| format!("`{}`", population.patient(*place))).collect();
    let word = if patients.len() == 1 { "patient" } else { "patients" };
    match patients.len() - names.len() {
        0 => format!("{word} {}", names.join(", ")),
        more => format!("{word} {} and {more} more", names.join(", ")),
    }
}

/// The follow-up of patients with their exposure.
pub(crate) struct ExposedFollowUp {
    /// Positions in the population.
    pub(crate) included: Vec<usize>,
    /// Patients left out for a missing value.
    pub(crate) missing: usize,
    /// Their follow-up.
    pub(crate) data: SurvivalData,
    /// The day on which each is exposed, during follow-up or not.
    pub(crate) starts: Vec<Option<f64>>,
    /// Patients exposed before time zero.
    pub(crate) n_before_zero: usize,
    /// Patients exposed only when their follow-up was over.
    pub(crate) n_after_end: usize,
}

impl ExposedFollowUp {
    /// Of those patients with a known endpoint and exposure that are `known`
    /// in all else too.
    pub(crate) fn new(
        population: &Population<'_>,
        endpoint: &Endpoint,
        exposure: &Exposure,
        known: impl Fn(usize) -> bool,
    ) -> Result<Self, Mistake> {
        if population.is_rehearsed() {
            return Ok(Self::rehearsed());
        }
        let is_complete = |patient: &usize| exposure.is_known(*patient) && known(*patient);
        let included: Vec<usize> = endpoint.known().into_iter().filter(is_complete).collect();
        if included.is_empty() {
            let message = "no patient has a value of the endpoint, the exposure and every term";
            return Err(
                Mistake::new(message).hint("look for the column that is missing most often")
            );
        }
        // After those with a missing value were left out: the events may have been theirs.
        endpoint.check_events(&included)?;
        let data = endpoint.data(&included).map_err(|error| refused(&error))?;
        let days: Vec<Option<f64>> =
            included.iter().map(|patient| exposure.starts[*patient].flatten()).collect();
        let ends = days.iter().zip(data.times());
        // Who is exposed by time zero is exposed all along, even if followed for
        // no day at all. From then on a start counts only before the end (<).
        let is_over =
            |(day, end): &(&Option<f64>, &f64)| day.is_some_and(|day| day > 0.0 && day >= **end);
        let n_after_end = ends.filter(is_over).count();
        let n_before_zero = days.iter().flatten().filter(|day| **day < 0.0).count();
        // Exposure that began earlier is there at time
        // zero; how many began so is told in a warning.
        let starts = days.into_iter().map(|day| day.map(|day| day.max(0.0))).collect();
        let missing = population.n() - included.len();
        Ok(Self { included, missing, data, starts, n_before_zero, n_after_end })
    }

    /// Follow-up that stands in for nobody's: one never exposed and one always,
    /// both followed for ever. Whatever is computed from it is announced only.
    fn rehearsed() -> Self {
        // Later than any landmark, horizon or grace period that a pipeline names.
        // Both have the event, because estimators refuse follow-up without any.
        let for_ever = 1e9;
        let data = SurvivalData::new(&[for_ever, for_ever], &[true, true]);
        Self {
            included: Vec::new(),
            missing: 0,
            data: data.expect("invariant: two times of follow-up"),
            starts: vec![None, Some(0.0)],
            n_before_zero: 0,
            n_after_end: 0,
        }
    }

    /// Whether it stands in for nobody's, as in a rehearsal.
    pub(crate) fn is_rehearsed(&self) -> bool {
        self.included.is_empty()
    }

    /// What findings of all of them were computed from.
    pub(crate) fn basis(&self) -> Basis {
        let (n, events) = (self.included.len(), Some(self.data.n_events()));
        Basis { n, events, missing: self.missing }
    }

    /// Patients exposed while they are followed.
    pub(crate) fn n_exposed(&self) -> usize {
        let ends = self.starts.iter().zip(self.data.times());
        // A start on the day on which follow-up ends is too
        // late: an event of that day belongs to the unexposed.
        ends.filter(|(start, end)| start.is_some_and(|start| start < **end || start == 0.0)).count()
    }

    /// Refuses follow-up in which nobody, or everybody from time zero on, is
    /// exposed.
    pub(crate) fn check_exposed(&self, column: &str) -> Result<(), Mistake> {
        let n = self.included.len();
        // Of a time-dependent effect nothing can be learnt
        // where all of the time at risk is in one state.
        let who = match self.n_exposed() {
            0 => "nobody is",
            exposed if exposed == n && self.starts.iter().all(|start| *start == Some(0.0)) => {
                "everybody is from time zero on"
            }
            _ => return Ok(()),
        };
        let message = format!("exposed by `{column}` during follow-up: {who}, of {n} patients");
        Err(Mistake::at(&["exposure"], message).hint("there is nothing to compare: widen `where`"))
    }

    /// What a reader must know of the days.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        let counted = [
            (self.n_before_zero, Warning::ExposedBeforeZero { patients: self.n_before_zero }),
            (self.n_after_end, Warning::ExposedAfterEnd { patients: self.n_after_end }),
        ];
        counted.into_iter().filter(|(count, _)| *count > 0).map(|(_, warning)| warning).collect()
    }

    /// Writes down who was followed and exposed.
    pub(crate) fn record(&self, book: &mut Book) {
        let basis = self.basis();
        book.record_counts(&[], basis);
        let counts = [
            ("n_exposed", self.n_exposed()),
            ("exposed_before_zero", self.n_before_zero),
            ("exposed_after_end", self.n_after_end),
        ];
        for (name, count) in counts {
            let finding = book.count(&[Part::statistic(name)], name, count);
            book.push(finding.from(basis).by_method(Procedure::CompleteCases));
        }
    }
}
