//! The findings of the tests.

use stats::group_comparison::{
    GroupComparison, LogRankWeight, MaxCombo, PairComparison, PermutationMethod,
};
use stats::groups::Groups;
use stats::log_rank::LogRank;
use stats::survival_data::SurvivalData;
use study::{Arrangements, Detail, Finding, Method, Part, Procedure, Quantity, Warning};

use super::{Adjustment, NamedTest, SurvivalComparison};
use crate::arms::{Arm, Arms, OfArm};
use crate::book::{Basis, Book, Told};
use crate::monte_carlo::DrawErrors;

/// What the tests are made on.
pub(super) struct Record<'a> {
    pub(super) kind: &'a SurvivalComparison,
    pub(super) arms: &'a Arms,
    /// None in a rehearsal.
    pub(super) data: Option<&'a SurvivalData>,
    pub(super) scores: Option<Vec<f64>>,
    pub(super) seed: u64,
}

impl Record<'_> {
    /// Makes every test and writes it down.
    pub(super) fn all(&self, book: &mut Book, strata: Option<&Groups>) -> Result<(), stats::Error> {
        let comparison = self.data.map(|data| {
            let comparison = GroupComparison::new(data, &self.arms.membership)?;
            match strata {
                Some(strata) => comparison.strata(strata),
                None => Ok(comparison),
            }
        });
        let comparison = comparison.transpose()?;
        let comparison = comparison.as_ref();
        for (code, arm) in self.arms.groups.iter().enumerate() {
            let events = self.events(code);
            for (name, count) in [("n", arm.n), ("missing", arm.missing), ("events", events)] {
                let finding = book.count(&[Part::statistic(name)], name, count);
                let finding = finding.in_arm(arm).from(arm.basis(Some(events)));
                book.push(finding.by_method(Procedure::Count));
            }
        }
        // Each test with all that was asked of it, before the next one.
        for test in self.kind.named_tests() {
            self.test(book, comparison, &test)?;
            self.trend(book, comparison, &test)?;
            self.permutation(book, comparison, &test)?;
            if self.kind.pairwise {
                for pair in self.pairs(comparison, test.weight)? {
                    self.pair(book, &test, &pair);
                }
            }
        }
        if self.kind.max_combo {
            self.max_combo(book, comparison);
        }
        Ok(())
    }

    /// The pairs of groups; in a rehearsal without their tests.
    fn pairs(
        &self,
        comparison: Option<&GroupComparison<'_>>,
        weight: LogRankWeight,
    ) -> Result<Vec<Pair>, stats::Error> {
        if let Some(comparison) = comparison {
            let pairs = comparison.pairwise(weight)?;
            return Ok(pairs.into_iter().map(Pair::from).collect());
        }
        // The same pairs in the same order as a run has them.
        let n = self.arms.groups.len();
        let pair =
            |first| (first + 1..n).map(move |second| Pair { groups: [first, second], found: None });
        Ok((0..n).flat_map(pair).collect())
    }

    fn basis(&self) -> Basis {
        self.arms.all.basis(self.data.map(SurvivalData::n_events))
    }

    fn events(&self, code: usize) -> usize {
        let members = self.arms.members(Some(code));
        let has_event = |place: &usize| self.data.is_some_and(|data| data.events()[*place]);
        members.into_iter().filter(has_event).count()
    }

    fn method(&self, test: &NamedTest) -> Method {
        self.kind.method(&test.procedure)
    }

    fn test(
        &self,
        book: &mut Book,
        comparison: Option<&GroupComparison<'_>>,
        test: &NamedTest,
    ) -> Result<(), stats::Error> {
        let found = comparison.map(|comparison| comparison.test(test.weight)).transpose()?;
        let found = found.as_ref();
        let method = self.method(test);
        for finding in of_test(book, None, &test.id, found) {
            book.push(finding.from(self.basis()).by_method(method.clone()));
        }
        for (code, arm) in self.arms.groups.iter().enumerate() {
            let observed = found.map_or(f64::NAN, |found| found.observed[code]);
            let expected = found.map_or(f64::NAN, |found| found.expected[code]);
            for (name, value) in [("observed", observed), ("expected", expected)] {
                let parts = [Part::statistic(name), Part::test(&test.id)];
                let finding = book.draft(&parts, name, Quantity::Statistic, value);
                let basis = arm.basis(Some(self.events(code)));
                book.push(finding.in_arm(arm).from(basis).by_method(method.clone()));
            }
        }
        Ok(())
    }

    fn trend(
        &self,
        book: &mut Book,
        comparison: Option<&GroupComparison<'_>>,
        test: &NamedTest,
    ) -> Result<(), stats::Error> {
        let Some(scores) = &self.scores else { return Ok(()) };
        let found =
            comparison.map(|comparison| comparison.trend(test.weight, scores)).transpose()?;
        let z = found.as_ref().map_or(f64::NAN, |found| found.z);
        let p = found.as_ref().map_or(f64::NAN, |found| found.p_value);
        let mut method = self.method(test);
        // In front, because the scores are what makes it a test for trend.
        method.details.insert(0, Detail::Trend(scores.clone()));
        let numbers = [("z", "z", Quantity::Statistic, z), ("p", "p_value", Quantity::PValue, p)];
        for (part, statistic, quantity, value) in numbers {
            let parts = [Part::model("trend"), Part::statistic(part), Part::test(&test.id)];
            let mut finding = book.draft(&parts, statistic, quantity, value);
            // Nobody was at risk in groups of different scores at any event.
            if found.as_ref().is_some_and(|found| found.variance == 0.0) {
                finding = finding.warn(Warning::TrendWithoutVariance);
            }
            book.push(finding.from(self.basis()).by_method(method.clone()));
        }
        Ok(())
    }

    fn permutation(
        &self,
        book: &mut Book,
        comparison: Option<&GroupComparison<'_>>,
        test: &NamedTest,
    ) -> Result<(), stats::Error> {
        let Some(number) = self.kind.permutation else { return Ok(()) };
        let found = comparison.map(|comparison| {
            // The number is both the most arrangements that
            // are all taken, and how many are drawn otherwise.
            comparison.permutation(test.weight, number as u64, number, self.seed)
        });
        let found = found.transpose()?;
        let found = found.as_ref();
        // Known only when counted: whether all arrangements were taken is part of the method.
        let how = found.map(|found| match found.method {
            PermutationMethod::Exact { arrangements } => Arrangements::All(arrangements),
            PermutationMethod::MonteCarlo { replicates, .. } => {
                Arrangements::Drawn(replicates as u64)
            }
        });
        let mut method = self.method(test);
        method.details.splice(0..0, how.map(Detail::Permutation));
        let draft = |name: &str, statistic: &str, quantity, value: Option<f64>| {
            let test = [Part::test(&test.id), Part::method("permutation")];
            let parts: Vec<Part> = [Part::statistic(name)].into_iter().chain(test).collect();
            book.draft(&parts, statistic, quantity, value.unwrap_or(f64::NAN))
        };
        let statistic = found.map(|found| found.statistic);
        let chi_square = draft("chi_square", "chi_square", Quantity::Statistic, statistic);
        let p = draft("p", "p_value", Quantity::PValue, found.map(|found| found.p_value));
        let p = p.with_error(found.and_then(|found| found.standard_error));
        let [chi_square, p] = [chi_square, p].map(|finding| {
            let is_same = found.is_some_and(|found| found.degrees_of_freedom == 0);
            let finding =
                if is_same { finding.warn(Warning::SameInAllArrangements) } else { finding };
            finding.from(self.basis()).by_method(method.clone())
        });
        book.push(chi_square);
        // of all arrangements none is drawn
        let error = found.map(|found| found.standard_error.unwrap_or(0.0));
        book.push_drawn(p, error.map(DrawErrors::of_estimate));
        Ok(())
    }

    /// The findings of one pair of groups.
    fn pair(&self, book: &mut Book, test: &NamedTest, pair: &Pair) {
        let [first, second] = pair.groups.map(|code| &self.arms.groups[code]);
        let basis = Basis {
            n: first.n + second.n,
            // A pair is compared on its own patients; the other groups do not enter.
            events: Some(pair.groups.map(|code| self.events(code)).iter().sum()),
            missing: first.missing + second.missing,
        };
        let mut method = self.method(test);
        method.details.insert(0, Detail::OwnPatients);
        let found = pair.found.as_ref();
        let is_without_events = found.is_some_and(|found| found.test.is_none());
        let known = found.and_then(|found| found.test.as_ref());
        for finding in of_test(book, Some("pairwise"), &test.id, known) {
            let is_df = finding.quantity == Quantity::DegreesOfFreedom;
            let finding = of_pair(finding, [first, second], None).from(basis);
            // Without events in either of the two there
            // is no number of degrees of freedom to tell.
            book.push(match is_without_events {
                true if is_df => continue,
                true => finding.warn(Warning::PairWithoutEvents).by_method(method.clone()),
                false => finding.by_method(method.clone()),
            });
        }
        // Nothing was tested, so that nothing is
        // adjusted; the other pairs share the adjustment.
        if is_without_events {
            return;
        }
        for adjustment in &self.kind.adjust {
            let value = found.and_then(|found| match adjustment {
                Adjustment::Holm => found.holm,
                Adjustment::BenjaminiHochberg => found.benjamini_hochberg,
            });
            let parts = [Part::model("pairwise"), Part::statistic("p"), Part::test(&test.id)];
            let value = value.unwrap_or(f64::NAN);
            let finding = book.draft(&parts, "adjusted_p_value", Quantity::PValue, value);
            let method = method.clone().with(Detail::AdjustedBy(adjustment.as_value()));
            let finding = of_pair(finding, [first, second], Some(adjustment.id()));
            book.push(finding.from(basis).by_method(method));
        }
    }

    fn max_combo(&self, book: &mut Book, comparison: Option<&GroupComparison<'_>>) {
        let found = comparison.map(|comparison| comparison.max_combo(&LogRankWeight::max_combo()));
        let most_extreme = match &found {
            Some(Ok(found)) => Some(found.weights[found.most_extreme]),
            _ => None,
        };
        let mut method = self.kind.method(&Procedure::MaxCombo);
        // Which of the four was the most extreme is a result, and part of the method.
        if let Some(LogRankWeight::FlemingHarrington { rho, gamma }) = most_extreme {
            method.details.insert(0, Detail::MostExtreme { rho, gamma });
        }
        let numbers = |read: fn(&MaxCombo) -> f64| match &found {
            Some(found) => found.as_ref().map(read).map_err(Clone::clone),
            None => Ok(f64::NAN),
        };
        for (part, statistic, quantity, value) in [
            ("statistic", "largest_z", Quantity::Statistic, numbers(|found| found.statistic)),
            ("p", "p_value", Quantity::PValue, numbers(|found| found.p_value)),
        ] {
            let parts = [Part::statistic(part), Part::test("max_combo")];
            let finding = book.attempt(&parts, statistic, quantity, value);
            book.push(finding.from(self.basis()).by_method(method.clone()));
        }
    }
}

/// Two groups, and what their comparison found; nothing in a rehearsal.
struct Pair {
    groups: [usize; 2],
    found: Option<PairComparison>,
}

impl From<PairComparison> for Pair {
    fn from(found: PairComparison) -> Self {
        Self { groups: [found.first, found.second], found: Some(found) }
    }
}

/// About the second group against the first, whose levels come next in the id.
fn of_pair(finding: Finding, [first, second]: [&Arm; 2], last: Option<&str>) -> Finding {
    // Both groups stand in the id: a pair has no single subject.
    let finding = finding.in_arm(first).in_arm(second).against_arm(first);
    match last {
        Some(last) => finding.part(Part::method(last)),
        None => finding,
    }
}

/// The three numbers of a test; their ids end with the test's name.
fn of_test(book: &Book, model: Option<&str>, id: &str, found: Option<&LogRank>) -> [Finding; 3] {
    let df = found.map_or(f64::NAN, |found| found.test.degrees_of_freedom as f64);
    let chi_square = found.map_or(f64::NAN, |found| found.test.statistic);
    let p = found.map_or(f64::NAN, |found| found.test.p_value);
    [
        ("chi_square", "chi_square", Quantity::Statistic, chi_square),
        ("degrees_of_freedom", "degrees_of_freedom", Quantity::DegreesOfFreedom, df),
        ("p", "p_value", Quantity::PValue, p),
    ]
    .map(|(part, statistic, quantity, value)| {
        let model = model.map(Part::model).into_iter();
        let parts: Vec<Part> = model.chain([Part::statistic(part), Part::test(id)]).collect();
        let finding = book.draft(&parts, statistic, quantity, value);
        if df == 0.0 { finding.warn(Warning::NothingExpected) } else { finding }
    })
}
