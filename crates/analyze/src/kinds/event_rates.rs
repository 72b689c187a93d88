//! Events that come with a term and a grade, such as adverse events: who has
//! them, and how often they are for the time in which they can be seen.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Mistake, Mistakes, Read};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::proportion::wilson;
use stats::rate::poisson;
use study::{Finding, IntervalKind, Level, Method, Part, Procedure, Quantity};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::arms::{Arm, Arms, OfArm};
use crate::book::{Basis, Book, Told, refused};
use crate::by::By;
use crate::columns::{self, ColumnType};
use crate::guard::ImmortalTime;
use crate::patient_rows::{PatientRows, RowsOf, check_zero};
use crate::rehearsal::Rehearsal;

/// Events by term and grade, such as adverse events: by group the patients with an event of any
/// grade and of severe ones, by term and of all terms, with Wilson's limits; the events; their rate
/// for 100 patients followed for one unit of time, with exact limits of a Poisson count; and patients
/// by their worst grade of each term. Counted are events from time zero to the end of the time in
/// which they can be seen.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventRates {
    /// The table with one row per event.
    pub table: String,
    /// Column of the day of an event.
    pub date: String,
    /// Column of what happened, a category.
    pub term: String,
    /// Column of how severe it was, a number.
    #[serde(default)]
    pub grade: Option<String>,
    /// The grade from which on an event counts as severe.
    #[serde(default = "three")]
    #[schemars(range(min = 1, max = 5))]
    pub severe: u8,
    /// Column of the analysis table: days from time zero until which events can be seen.
    pub exposure: String,
    /// Column whose levels make the groups; all patients together without it.
    #[serde(default)]
    pub by: Option<By>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where the groups are known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

fn three() -> u8 {
    3
}

impl EventRates {
    fn rows(&self) -> RowsOf<'_> {
        RowsOf { table: &self.table, condition: None }
    }
}

impl Analysis for EventRates {
    const NAME: &'static str = "event_rates";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref()).beside([Read::table(&self.table, &["table"])])
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        check_zero(rehearsal);
        let rows = self.rows();
        rows.check(rehearsal, &[]);
        rows.check_column(rehearsal, (&self.date, ColumnType::Date), &["date"]);
        rows.check_column(rehearsal, (&self.term, ColumnType::Text), &["term"]);
        rows.check_printed(rehearsal, &self.term, &["term"]);
        if let Some(grade) = &self.grade {
            rows.check_column(rehearsal, (grade, ColumnType::Real), &["grade"]);
        }
        let of_patients = RowsOf { table: &rehearsal.call.study.analysis_table, condition: None };
        of_patients.check_column(rehearsal, (&self.exposure, ColumnType::Real), &["exposure"]);
        rehearsal.groups(self.by.as_ref(), None, self.immortal_time);
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let population = checked.population();
        let exposure = population.numbers(&self.exposure)?;
        // A rate divides by this time, and a share is of those who could be seen.
        if let Some(place) = exposure.iter().position(|days| days.is_some_and(|days| days <= 0.0)) {
            let (patient, column) = (population.patient(place), &self.exposure);
            let message = format!("`{column}` is not above 0 for patient `{patient}`");
            let hint = "nobody can be seen to have an event in no time: mend the dates, or leave the patient out by `where`";
            return Err(Mistake::at(&["exposure"], message).hint(hint).into());
        }
        // Whose time is not known is left out and counted as missing.
        let known = (0..population.n()).filter(|place| exposure[*place].is_some()).collect();
        let arms = Arms::new(population, self.by.as_ref(), known)?.beside_all()?;
        let rows = self.rows().read(checked, &[])?;
        let (events, left_out) = self.events(&rows, &exposure);
        let terms = self.terms(&rows, &events, checked.is_rehearsed());
        let mut book = checked.book();
        for (code, arm) in arms.each() {
            let members: Vec<usize> =
                arms.members(code).into_iter().map(|place| arms.included[place]).collect();
            let own =
                Own { kind: self, arm, members: &members, exposure: &exposure, events: &events };
            own.record_arm(&mut book, &left_out);
            for term in std::iter::once(None).chain(terms.iter().map(Some)) {
                own.record(&mut book, term, checked)?;
            }
        }
        Ok(Analysed::new(book, None, &arms.included))
    }
}

/// An event that is counted.
struct Event {
    term: Option<String>,
    grade: Option<f64>,
}

impl EventRates {
    /// The events of each patient that are counted, and how many are not: those
    /// without a day, before time zero, or after the time in which they can be seen.
    fn events(
        &self,
        rows: &PatientRows<'_>,
        exposure: &[Option<f64>],
    ) -> (Vec<Vec<Event>>, Vec<usize>) {
        let days = rows.days(&self.date);
        let terms = columns::categories(rows.table, &self.term);
        let term = |row: usize| terms.as_ref().and_then(|terms| terms.get(row)).map(str::to_owned);
        let grades = self.grade.as_ref().and_then(|grade| columns::numbers(rows.table, grade));
        let of = |patient: usize| {
            let own = rows.of(patient).iter().filter(|row| {
                let seen = days[**row].zip(exposure[patient]);
                // From time zero on and to the end of the time, both days included.
                seen.is_some_and(|(day, end)| (0.0..=end).contains(&day))
            });
            own.map(|row| Event {
                term: term(*row),
                grade: grades.as_ref().and_then(|grades| grades[*row]),
            })
            .collect::<Vec<Event>>()
        };
        let events: Vec<Vec<Event>> = (0..exposure.len()).map(of).collect();
        let left_out = events.iter().enumerate();
        // Rows of the patient that are not counted, for
        // whatever reason: they are told as one number.
        let left_out = left_out.map(|(patient, own)| rows.of(patient).len() - own.len()).collect();
        (events, left_out)
    }

    /// The terms: as declared, else those that occur, the most patients first.
    fn terms(
        &self,
        rows: &PatientRows<'_>,
        events: &[Vec<Event>],
        is_rehearsed: bool,
    ) -> Vec<Level> {
        let declared = rows.table.about(&self.term).levels;
        // Declared terms stay in their order, and stay even where
        // nobody has the event: a safety table shows zeros.
        if !declared.is_empty() {
            return declared;
        }
        if is_rehearsed {
            // What will occur is not known, so that one open level stands for all of it.
            return vec![Level::any()];
        }
        let mut with: BTreeMap<&str, usize> = BTreeMap::new();
        // Each patient once a term, however often it came back.
        for own in events {
            let terms: BTreeSet<&str> =
                own.iter().filter_map(|event| event.term.as_deref()).collect();
            terms.into_iter().for_each(|term| *with.entry(term).or_default() += 1);
        }
        let mut terms: Vec<(&str, usize)> = with.into_iter().collect();
        // Terms of as many patients go by name, so that no order hangs on the rows.
        terms.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
        terms.into_iter().map(|(term, _)| Level::named(term)).collect()
    }
}

/// The events of a group.
struct Own<'a> {
    kind: &'a EventRates,
    arm: &'a Arm,
    members: &'a [usize],
    exposure: &'a [Option<f64>],
    events: &'a [Vec<Event>],
}

impl Own<'_> {
    fn days(&self) -> f64 {
        // Everybody analysed has a time, so that none is dropped here.
        self.members.iter().filter_map(|patient| self.exposure[*patient]).sum()
    }

    /// Patients, the time in which events can be seen, and events left out.
    fn record_arm(&self, book: &mut Book, left_out: &[usize]) {
        let finding = book.count(&[Part::statistic("n")], "n", self.arm.n).in_arm(self.arm);
        book.push(finding.from(self.arm.basis(None)).by_method(Procedure::Count));
        let parts = [Part::statistic("person_time")];
        let finding = book.draft(&parts, "person_time", Quantity::Days, self.days());
        let finding = finding.in_arm(self.arm).from(self.arm.basis(None));
        book.push(finding.by_method(Procedure::PersonTime));
        let count = self.members.iter().map(|patient| left_out[*patient]).sum();
        let finding = book.count(&[Part::statistic("events_left_out")], "events_left_out", count);
        let finding = finding.in_arm(self.arm).from(self.arm.basis(None));
        book.push(finding.by_method(Procedure::Count));
    }

    /// The events of a patient of a term; of all terms for none.
    fn of<'e>(
        &'e self,
        patient: usize,
        term: Option<&'e Level>,
    ) -> impl Iterator<Item = &'e Event> {
        let fits = move |event: &&Event| {
            term.is_none_or(|term| event.term.as_deref() == Some(term.value.as_str()))
        };
        self.events[patient].iter().filter(fits)
    }

    fn record(
        &self,
        book: &mut Book,
        term: Option<&Level>,
        checked: &Checked<'_>,
    ) -> Result<(), Mistakes> {
        // Without grades nobody can say which events are severe.
        let severe = self.kind.grade.as_ref().map(|_| Some(self.kind.severe));
        for least in std::iter::once(None).chain(severe) {
            let name = match least {
                None => "any_grade".to_owned(),
                Some(least) => format!("grade_{least}_or_more"),
            };
            let name = name.as_str();
            let counts = |event: &&Event| {
                // An event without a grade counts among all, and not among the severe.
                least.is_none_or(|least| event.grade.is_some_and(|grade| grade >= f64::from(least)))
            };
            let numbers =
                self.members.iter().map(|patient| self.of(*patient, term).filter(counts).count());
            let numbers: Vec<usize> = numbers.collect();
            let (events, patients) =
                // Patients with one event or more, and events,
                // are two numbers: tables mix them up easily.
                (numbers.iter().sum(), numbers.iter().filter(|number| **number > 0).count());
            self.record_counts(book, (name, term), (patients, events))?;
            self.record_rate(book, (name, term), events, checked)?;
        }
        self.record_grades(book, term);
        Ok(())
    }

    fn told(&self, finding: Finding, term: Option<&Level>) -> Finding {
        match term {
            Some(term) => finding.of_variable(&self.kind.term).of_level(term).in_arm(self.arm),
            None => finding.in_arm(self.arm),
        }
    }

    fn record_counts(
        &self,
        book: &mut Book,
        (name, term): (&str, Option<&Level>),
        (patients, events): (usize, usize),
    ) -> Result<(), Mistakes> {
        let basis = self.arm.basis(Some(patients));
        for (statistic, count) in [("patients_with", patients), ("number_of_events", events)] {
            let parts = [Part::statistic(statistic), Part::outcome(name)];
            let finding = self.told(book.count(&parts, statistic, count), term);
            book.push(finding.from(basis).by_method(Procedure::Count));
        }
        let n = self.arm.n as u64;
        // Nobody is in a group in a rehearsal only.
        let limits = (n > 0).then(|| wilson(patients as u64, n, book.level)).transpose();
        let limits = limits.map_err(|error| refused(&error))?;
        let share = patients as f64 / self.arm.n as f64;
        let parts = [Part::statistic("share_with"), Part::outcome(name)];
        let finding = book.draft(&parts, "share_with", Quantity::Proportion, share);
        let finding = self.told(finding, term).from(basis).limits(
            limits.map(|limits| limits.lower),
            limits.map(|limits| limits.upper),
            book.level,
        );
        let method = Method::of(Procedure::Proportion);
        book.push(finding.by_method(method.interval(IntervalKind::Wilson, book.level)));
        Ok(())
    }

    /// Events of 100 patients in one unit of the study's time.
    fn record_rate(
        &self,
        book: &mut Book,
        (name, term): (&str, Option<&Level>),
        events: usize,
        checked: &Checked<'_>,
    ) -> Result<(), Mistakes> {
        let study = checked.study;
        let hundreds = self.days() / study.days_per_time_unit() / 100.0;
        let rate = (!self.members.is_empty())
            .then(|| poisson(events as u64, hundreds, book.level))
            .transpose()
            .map_err(|error| refused(&error))?;
        let parts = [Part::statistic("event_rate"), Part::outcome(name)];
        let value = rate.map_or(f64::NAN, |rate| rate.interval.estimate);
        let finding = book.draft(&parts, "event_rate", Quantity::Measured, value);
        let basis = Basis { events: Some(events), ..self.arm.basis(None) };
        let limits = rate.map(|rate| rate.interval);
        let mut finding = self.told(finding, term).from(basis).limits(
            limits.map(|limits| limits.lower),
            limits.map(|limits| limits.upper),
            book.level,
        );
        finding.unit = Some(format!("per 100 patient-{}", study.time_unit.word()));
        let method = Method::of(Procedure::EventRate);
        book.push(finding.by_method(method.interval(IntervalKind::Exact, book.level)));
        Ok(())
    }

    /// Patients by their worst grade.
    fn record_grades(&self, book: &mut Book, term: Option<&Level>) {
        // Whoever has no graded event of the term is in none of the five rows.
        if self.kind.grade.is_none() {
            return;
        }
        // The five grades of the common criteria for adverse
        // events. One that is none of them is in no row.
        for grade in 1..=5_u8 {
            let worst = |patient: &&usize| {
                let grades = self.of(**patient, term).filter_map(|event| event.grade);
                grades.reduce(f64::max) == Some(f64::from(grade))
            };
            let count = self.members.iter().filter(worst).count();
            let parts = [Part::statistic("worst_grade"), Part::place(f64::from(grade))];
            let finding = self.told(book.count(&parts, "worst_grade", count), term);
            let basis = self.arm.basis(Some(count));
            book.push(finding.from(basis).by_method(Procedure::Count));
        }
    }
}
