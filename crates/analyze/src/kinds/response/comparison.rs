//! The comparison of response rates between groups: tests, risk difference
//! and ratios.

use engine::Mistake;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::contingency::{ContinuityCorrection, Table, TwoByTwo, chi_square, fisher_exact, mid_p};
use study::{Finding, Quantity};

use super::{Counts, Rate, Response};
use crate::arms::Arms;
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

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Pearson => "Pearson's chi-square test",
            Self::Yates => "chi-square test with Yates' correction",
            Self::Fisher => "Fisher's exact test",
            Self::MidP => "Fisher's exact test, mid-p",
        }
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
        let two_groups = arms.groups.len() == 2;
        if self.test.needs_two_groups() && !two_groups {
            let message =
                format!("`{}` compares two groups, not {}", self.test.id(), arms.groups.len());
            return Err(Mistake::at(&["test"], message).hint("there are: `pearson`, `fisher`"));
        }
        let reference = category.reference(self.reference.as_deref(), &["reference"])?;
        let basis = arms.all.basis(Some(counts.all.0 as usize));
        self.record_tests(book, rate, reference, counts, basis).map_err(|error| refused(&error))?;
        for (code, arm) in arms.groups.iter().enumerate().filter(|(code, _)| *code != reference) {
            let (events, n) = counts.groups[code];
            let (reference_events, reference_n) = counts.groups[reference];
            let missing = arm.missing + arms.groups[reference].missing;
            let pair = TwoGroups { events, n, reference_events, reference_n, missing };
            let place = ContrastPlace { before: Some(rate.id), variable: None, group: &arm.level };
            for finding in pair.contrasts(book, place).map_err(|error| refused(&error))? {
                book.push(finding.against(&arms.groups[reference].level));
            }
        }
        Ok(())
    }

    /// The p-value by every test, the chosen one first.
    fn record_tests(
        &self,
        book: &mut Book,
        rate: &Rate<'_>,
        reference: usize,
        counts: &Counts,
        basis: Basis,
    ) -> Result<(), stats::Error> {
        let n_groups = counts.groups.len();
        let cells: Vec<u64> =
            counts.groups.iter().flat_map(|(events, n)| [*events, n - events]).collect();
        let table = Table::new(n_groups, 2, &cells)?;
        let two = (n_groups == 2).then(|| {
            let ((a, n), (c, m)) = (counts.groups[1 - reference], counts.groups[reference]);
            TwoByTwo::from_events(a, n, c, m)
        });
        let two = two.transpose()?;
        let mut chosen = Vec::new();
        let mut named = Vec::new();
        for test in ResponseTest::ALL.into_iter().filter(|t| two.is_some() || !t.needs_two_groups())
        {
            let chi_square = match test {
                ResponseTest::Pearson => Some(chi_square(&table, ContinuityCorrection::None)),
                ResponseTest::Yates => Some(chi_square(&table, ContinuityCorrection::Yates)),
                ResponseTest::Fisher | ResponseTest::MidP => None,
            };
            let p = match (&chi_square, &two) {
                (Some(found), _) => found.clone().map(|found| found.p),
                (None, Some(two)) if test == ResponseTest::MidP => mid_p(two),
                (None, _) => fisher_exact(&table),
            };
            let tell = |finding: Finding| finding.from(basis).by_method(test.words());
            let finding = tell(book.attempt(&[rate.id, "p"], "p_value", Quantity::PValue, p));
            if test == self.test {
                chosen.push(finding.clone());
            }
            named.push(finding.part(study::Part::Words((test.id()).to_string())));
            if let Some(found) = chi_square {
                let statistic = found.map(|found| found.statistic);
                let parts = [rate.id, "chi_square", test.id()];
                let finding = book.attempt(&parts, "chi_square", Quantity::Statistic, statistic);
                named.push(tell(finding));
            }
        }
        chosen.into_iter().chain(named).for_each(|finding| book.push(finding));
        Ok(())
    }
}
