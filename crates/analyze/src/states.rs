//! The findings of follow-up that is split where exposure begins: patients,
//! events and time in either state, and the test of Mantel and Byar.

use stats::group_comparison::{GroupComparison, LogRankWeight};
use stats::groups::Groups;
use stats::log_rank::LogRank;
use stats::switching::SwitchingData;
use study::{Counted, Method, Part, Procedure, Quantity, Warning};

use crate::book::{Basis, Book, Told};
use crate::exposure::Exposure;

/// Split follow-up, with what its states are called.
pub(crate) struct States<'a> {
    pub(crate) exposure: &'a Exposure,
    pub(crate) split: &'a SwitchingData,
    /// Patients left out for a missing value.
    pub(crate) missing: usize,
}

impl States<'_> {
    /// What the findings of all were computed from.
    pub(crate) fn basis(&self) -> Basis {
        let data = self.split.intervals();
        // Who is followed for no time is in no interval, but is a patient of the analysis.
        let n = data.n_subjects() + self.split.n_unused();
        Basis { n, events: Some(data.n_events()), missing: self.missing }
    }

    /// What the findings of the unexposed (0) or exposed (1) were computed from.
    pub(crate) fn basis_of(&self, state: usize) -> Basis {
        let share = self.split.shares()[state];
        Basis { n: share.n_subjects, events: Some(share.n_events), missing: self.missing }
    }

    /// Patients ever in a state, events in it, and time in it.
    pub(crate) fn record(&self, book: &mut Book) {
        for (state, share) in self.split.shares().iter().enumerate() {
            let level = self.exposure.level(state);
            let findings = [
                (
                    book.count(&[Part::statistic("n")], "n", share.n_subjects),
                    Procedure::CountOf(Counted::EverInState),
                ),
                (
                    book.count(&[Part::statistic("events")], "events", share.n_events),
                    Procedure::CountOf(Counted::EventsInState),
                ),
                (
                    book.draft(
                        &[Part::statistic("person_time")],
                        "person_time",
                        Quantity::Days,
                        share.time,
                    ),
                    Procedure::PersonTime,
                ),
            ];
            for (finding, method) in findings {
                let finding = finding.of_group(level).from(self.basis_of(state));
                book.push(finding.by_method(method));
            }
        }
        // Announced always: only the data know whether there is such follow-up.
        if self.split.n_unused() > 0 || book.is_announcing() {
            let parts = [Part::statistic("without_follow_up")];
            let finding = book.count(&parts, "without_follow_up", self.split.n_unused());
            let method = Procedure::CountOf(Counted::WithoutFollowUp);
            book.push(finding.from(self.basis()).by_method(method));
        }
    }

    /// The test of Mantel and Byar, within strata where there are any, with
    /// warnings of it.
    pub(crate) fn record_test(
        &self,
        book: &mut Book,
        strata: Option<&Groups>,
        method: &Method,
        warnings: &[Warning],
    ) -> Result<(), stats::Error> {
        let (data, groups) = (self.split.intervals(), self.split.groups());
        // Intervals are the rows of the split data, and a patient who
        // changes state has two: each takes the stratum of its patient.
        let strata = strata.map(|strata| strata.at(data.subjects().iter().copied()));
        let comparison = GroupComparison::counting(data, groups)?;
        let comparison = match &strata {
            Some(strata) => comparison.strata(strata)?,
            None => comparison,
        };
        // Without weights, as Mantel and Byar have it.
        let test = comparison.test(LogRankWeight::g_rho(0.0))?;
        self.record_numbers(book, &test, method, warnings);
        Ok(())
    }

    fn record_numbers(
        &self,
        book: &mut Book,
        found: &LogRank,
        method: &Method,
        warnings: &[Warning],
    ) {
        let test = found.test;
        let df = test.degrees_of_freedom as f64;
        let numbers = [
            ("chi_square", "chi_square", Quantity::Statistic, test.statistic),
            ("degrees_of_freedom", "degrees_of_freedom", Quantity::DegreesOfFreedom, df),
            ("p", "p_value", Quantity::PValue, test.p_value),
        ];
        for (part, statistic, quantity, value) in numbers {
            let mut finding = book.draft(
                &[Part::test("mantel_byar"), Part::statistic(part)],
                statistic,
                quantity,
                value,
            );
            // Where nobody is expected to have an event
            // in one of the states nothing is compared.
            if test.degrees_of_freedom == 0 {
                finding = finding.warn(Warning::NoEventExpected);
            }
            let finding = warnings.iter().fold(finding, Told::warn);
            book.push(finding.from(self.basis()).by_method(method));
        }
        for state in 0..2 {
            let numbers =
                [("observed", found.observed[state]), ("expected", found.expected[state])];
            for (name, value) in numbers {
                let parts = [Part::test("mantel_byar"), Part::statistic(name)];
                let finding = book.draft(&parts, name, Quantity::Statistic, value);
                let finding = finding.of_group(self.exposure.level(state));
                book.push(finding.from(self.basis_of(state)).by_method(method));
            }
        }
    }
}
