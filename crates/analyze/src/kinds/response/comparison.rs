//! The comparison of response rates between groups: tests, risk difference
//! and ratios.

use engine::Mistake;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::contingency::{ContinuityCorrection, Table, TwoByTwo, chi_square, fisher_exact, mid_p};
use study::{Finding, Part, Procedure, Quantity, Role};

use super::{Counts, Rate, Response};
use crate::arms::{Arms, OfArm};
use crate::book::{Basis, Book, Told, refused};
use crate::category::Category;
use crate::two_groups::{ContrastPlace, TwoGroups};

/// Test of a difference between proportions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResponseTest {
    /// Pearson's chi-square test without correction.
    #[default]
    Pearson,
    /// The chi-square test with Yates' continuity correction; two groups only.
    Yates,
    /// Fisher's exact test.
    Fisher,
    /// Fisher's test with half the probability of what was observed; two groups only.
    MidP,
}

impl ResponseTest {
    const ALL: [Self; 4] = [Self::Pearson, Self::Yates, Self::Fisher, Self::MidP];

    fn id(self) -> &'static str {
        match self {
            Self::Pearson => "pearson",
            Self::Yates => "yates",
            Self::Fisher => "fisher",
            Self::MidP => "mid_p",
        }
    }

    pub(super) fn procedure(self) -> Procedure {
        match self {
            Self::Pearson => Procedure::PearsonChiSquare,
            Self::Yates => Procedure::YatesChiSquare,
            Self::Fisher => Procedure::Fisher,
            Self::MidP => Procedure::FisherMidP,
        }
    }

    /// Whether it has a statistic beside its p-value.
    fn has_chi_square(self) -> bool {
        matches!(self, Self::Pearson | Self::Yates)
    }

    fn needs_two_groups(self) -> bool {
        matches!(self, Self::Yates | Self::MidP)
    }
}

impl Response {
    /// The tests, then the contrasts of each group with the reference.
    pub(super) fn record_comparison(
        &self,
        book: &mut Book,
        rate: &Rate<'_>,
        category: &Category,
        arms: &Arms,
        counts: &Counts,
    ) -> Result<(), Mistake> {
        // Levels that only the data know may turn out
        // to be two, so that all tests are announced.
        let two_groups = arms.may_be(2);
        if self.test.needs_two_groups() && !two_groups {
            let message =
                format!("`{}` compares two groups, not {}", self.test.id(), arms.groups.len());
            return Err(Mistake::at(&["test"], message).hint("there are: `pearson`, `fisher`"));
        }
        let reference = category.reference(self.reference.as_deref(), &["reference"])?;
        let basis = arms.all.basis(Some(counts.all.0 as usize));
        let tests = ResponseTest::ALL.into_iter();
        let tests = tests.filter(|test| two_groups || !test.needs_two_groups());
        let tested = tests.map(|test| match counts.all {
            // Of nobody, in a rehearsal, there are no tables to test.
            (_, 0) => Ok(Tested::of_nobody(test)),
            _ => tested(test, reference, counts),
        });
        let tested: Vec<Tested> =
            tested.collect::<Result<_, _>>().map_err(|error| refused(&error))?;
        self.record_tests(book, rate, basis, &tested);
        // Each group against the reference; the tests above are of all groups together.
        for code in arms.others(reference) {
            let arm = &arms.groups[code];
            let (events, n) = counts.groups[code];
            let (reference_events, reference_n) = counts.groups[reference];
            // Missing of both groups: each of them enters the contrast.
            let missing = arm.missing + arms.groups[reference].missing;
            let pair = TwoGroups { events, n, reference_events, reference_n, missing };
            let place = ContrastPlace { outcome: Some(rate.id), variable: None, group: arm };
            for finding in pair.contrasts(book, place).map_err(|error| refused(&error))? {
                book.push(finding.against_arm(&arms.groups[reference]));
            }
        }
        Ok(())
    }

    /// The p-value by every test, the chosen one first.
    fn record_tests(&self, book: &mut Book, rate: &Rate<'_>, basis: Basis, tests: &[Tested]) {
        let p = |book: &Book, found: &Tested| {
            let parts = [Part::outcome(rate.id), Part::statistic("p")];
            let finding = book.attempt(&parts, "p_value", Quantity::PValue, found.p.clone());
            finding.from(basis).by_method(found.test.procedure())
        };
        for found in tests.iter().filter(|found| found.test == self.test) {
            book.push(p(book, found).in_role(Role::Chosen));
        }
        for found in tests {
            let name = Part::method(found.test.id());
            let finding = p(book, found).part(name.clone());
            book.push(finding.in_role(Role::Alternative));
            // An exact test has no statistic beside its p-value.
            let Some(statistic) = &found.chi_square else { continue };
            let parts = [Part::outcome(rate.id), Part::statistic("chi_square"), name];
            let (value, quantity) = (statistic.clone(), Quantity::Statistic);
            let finding: Finding = book.attempt(&parts, "chi_square", quantity, value);
            let finding = finding.from(basis).by_method(found.test.procedure());
            book.push(finding.in_role(Role::Alternative));
        }
    }
}

/// What a test found.
struct Tested {
    test: ResponseTest,
    p: Result<f64, stats::Error>,
    /// Its statistic, where it has one.
    chi_square: Option<Result<f64, stats::Error>>,
}

impl Tested {
    fn of_nobody(test: ResponseTest) -> Self {
        Self { test, p: Ok(f64::NAN), chi_square: test.has_chi_square().then_some(Ok(f64::NAN)) }
    }
}

/// A test of the groups' counts; those of two groups take the reference second.
fn tested(test: ResponseTest, reference: usize, counts: &Counts) -> Result<Tested, stats::Error> {
    // With and without, group by group: the order of the rows of the table.
    let cells: Vec<u64> =
        counts.groups.iter().flat_map(|(events, n)| [*events, n - events]).collect();
    let table = Table::new(counts.groups.len(), 2, &cells)?;
    let chi = |correction| {
        let found = chi_square(&table, correction);
        Tested {
            test,
            p: found.clone().map(|found| found.test.p_value),
            chi_square: Some(found.map(|found| found.test.statistic)),
        }
    };
    Ok(match test {
        ResponseTest::Pearson => chi(ContinuityCorrection::None),
        ResponseTest::Yates => chi(ContinuityCorrection::Yates),
        ResponseTest::Fisher => Tested { test, p: fisher_exact(&table), chi_square: None },
        ResponseTest::MidP => {
            // Only asked of two groups: the one that is not the reference is the other.
            let ((a, n), (c, m)) = (counts.groups[1 - reference], counts.groups[reference]);
            let p = mid_p(&TwoByTwo::from_events(a, n, c, m)?);
            Tested { test, p, chi_square: None }
        }
    })
}
