//! The findings of the tests.

use stats::group_comparison::{GroupComparison, LogRankWeight, PairComparison, PermutationMethod};
use stats::log_rank::LogRank;
use stats::survival_data::SurvivalData;
use study::{Finding, Quantity};

use super::{Adjustment, NamedTest, SurvivalComparison};
use crate::arms::Arms;
use crate::book::{Basis, Book, Told};

/// What the tests are made on.
pub(super) struct Record<'a> {
    pub(super) kind: &'a SurvivalComparison,
    pub(super) arms: &'a Arms,
    pub(super) data: &'a SurvivalData,
    pub(super) scores: Option<Vec<f64>>,
    pub(super) seed: u64,
}

impl Record<'_> {
    /// Makes every test and writes it down.
    pub(super) fn all(
        &self,
        book: &mut Book,
        strata: Option<&[usize]>,
    ) -> Result<(), stats::Error> {
        let mut comparison =
            GroupComparison::new(self.data, &self.arms.codes, self.arms.groups.len())?;
        if let Some(strata) = strata {
            comparison = comparison.strata(strata)?;
        }
        for (code, arm) in self.arms.groups.iter().enumerate() {
            let events = self.events(code);
            for (name, count) in [("n", arm.n), ("missing", arm.missing), ("events", events)] {
                let finding = book.count(&[name], name, count).by_method("count");
                book.push(finding.in_group(&arm.level).from(arm.basis(Some(events))));
            }
        }
        for test in self.kind.named_tests() {
            self.test(book, &comparison, &test)?;
            self.trend(book, &comparison, &test)?;
            self.permutation(book, &comparison, &test)?;
            if self.kind.pairwise {
                for pair in comparison.pairwise(test.weight)? {
                    self.pair(book, &test, &pair);
                }
            }
        }
        if self.kind.max_combo {
            self.max_combo(book, &comparison)?;
        }
        Ok(())
    }

    fn basis(&self) -> Basis {
        self.arms.all.basis(Some(self.data.n_events()))
    }

    fn events(&self, code: usize) -> usize {
        let members = self.arms.members(Some(code));
        members.into_iter().filter(|place| self.data.events()[*place]).count()
    }

    /// The test in words, with its strata.
    fn method(&self, test: &str) -> String {
        match self.kind.strata.as_slice() {
            [] => test.to_owned(),
            columns => format!("{test}, stratified by {}", columns.join(", ")),
        }
    }

    fn test(
        &self,
        book: &mut Book,
        comparison: &GroupComparison<'_>,
        test: &NamedTest,
    ) -> Result<(), stats::Error> {
        let found = comparison.test(test.weight)?;
        let method = self.method(&test.words);
        for finding in of_test(book, "", &test.id, &found) {
            book.push(finding.from(self.basis()).by_method(&method));
        }
        for (code, arm) in self.arms.groups.iter().enumerate() {
            let sums = [("observed", found.observed[code]), ("expected", found.expected[code])];
            for (name, value) in sums {
                let finding = book.draft(&[name, &test.id], name, Quantity::Statistic, value);
                let basis = arm.basis(Some(self.events(code)));
                book.push(finding.in_group(&arm.level).from(basis).by_method(&method));
            }
        }
        Ok(())
    }

    fn trend(
        &self,
        book: &mut Book,
        comparison: &GroupComparison<'_>,
        test: &NamedTest,
    ) -> Result<(), stats::Error> {
        let Some(scores) = &self.scores else { return Ok(()) };
        let found = comparison.trend(test.weight, scores)?;
        let listed: Vec<String> = scores.iter().map(ToString::to_string).collect();
        let method =
            self.method(&format!("{} for trend (scores {})", test.words, listed.join(", ")));
        let numbers = [
            ("z", "z", Quantity::Statistic, found.z),
            ("p", "p_value", Quantity::PValue, found.p_value),
        ];
        for (part, statistic, quantity, value) in numbers {
            let mut finding = book.draft(&["trend", part, &test.id], statistic, quantity, value);
            if found.variance == 0.0 {
                finding = finding.warn("the trend has no variance on these data");
            }
            book.push(finding.from(self.basis()).by_method(&method));
        }
        Ok(())
    }

    fn permutation(
        &self,
        book: &mut Book,
        comparison: &GroupComparison<'_>,
        test: &NamedTest,
    ) -> Result<(), stats::Error> {
        let Some(number) = self.kind.permutation else { return Ok(()) };
        let found = comparison.permutation(test.weight, number as u64, number, self.seed)?;
        let how = match found.method {
            PermutationMethod::Exact { arrangements } => {
                format!("exact, all {arrangements} arrangements")
            }
            PermutationMethod::MonteCarlo { replicates, .. } => {
                format!("{replicates} arrangements drawn; the standard error is of the drawing")
            }
        };
        let method = self.method(&format!("permutation form of the {} ({how})", test.words));
        let id = [test.id.as_str(), "permutation"];
        let chi_square = book.draft(
            &["chi_square", id[0], id[1]],
            "chi_square",
            Quantity::Statistic,
            found.statistic,
        );
        let p = book
            .draft(&["p", id[0], id[1]], "p_value", Quantity::PValue, found.p_value)
            .with_error(found.standard_error);
        for mut finding in [chi_square, p] {
            if found.degrees_of_freedom == 0 {
                finding = finding.warn("all arrangements give the same statistic");
            }
            book.push(finding.from(self.basis()).by_method(&method));
        }
        Ok(())
    }

    /// The findings of one pair of groups.
    fn pair(&self, book: &mut Book, test: &NamedTest, pair: &PairComparison) {
        let (first, second) = (&self.arms.groups[pair.first], &self.arms.groups[pair.second]);
        let basis = Basis {
            n: first.n + second.n,
            events: Some(self.events(pair.first) + self.events(pair.second)),
            missing: first.missing + second.missing,
        };
        let words = format!("{}, of this pair's own patients", test.words);
        let method = self.method(&words);
        let tell = |finding: Finding, last: Option<&str>, method: &str| {
            let mut finding = finding
                .part(study::Part::Words((&first.level).to_string()))
                .in_group(&second.level);
            if let Some(last) = last {
                finding = finding.part(study::Part::Words((last).to_string()));
            }
            finding.against(&first.level).from(basis).by_method(method)
        };
        let Some(found) = &pair.test else {
            for (part, statistic, quantity) in [
                ("chi_square", "chi_square", Quantity::Statistic),
                ("p", "p_value", Quantity::PValue),
            ] {
                let finding =
                    book.draft(&["pairwise", part, &test.id], statistic, quantity, f64::NAN);
                book.push(tell(finding.warn("the pair has no events"), None, &method));
            }
            return;
        };
        for finding in of_test(book, "pairwise", &test.id, found) {
            book.push(tell(finding, None, &method));
        }
        for adjustment in &self.kind.adjust {
            let value = match adjustment {
                Adjustment::Holm => pair.holm,
                Adjustment::BenjaminiHochberg => pair.benjamini_hochberg,
            };
            let finding = book.draft(
                &["pairwise", "p", &test.id],
                "adjusted_p_value",
                Quantity::PValue,
                value.unwrap_or(f64::NAN),
            );
            let method = format!("{method}, adjusted by {}", adjustment.words());
            book.push(tell(finding, Some(adjustment.id()), &method));
        }
    }

    fn max_combo(
        &self,
        book: &mut Book,
        comparison: &GroupComparison<'_>,
    ) -> Result<(), stats::Error> {
        let found = comparison.max_combo(&LogRankWeight::max_combo());
        let parts: [(&str, &str, Quantity); 2] =
            [("statistic", "largest_z", Quantity::Statistic), ("p", "p_value", Quantity::PValue)];
        let mut words =
            "MaxCombo test of the Fleming-Harrington weights (0, 0), (0, 1), (1, 0) and (1, 1)"
                .to_owned();
        let values = match &found {
            Ok(found) => {
                if let LogRankWeight::FlemingHarrington { rho, gamma } =
                    found.weights[found.most_extreme]
                {
                    words += &format!(", of which ({rho}, {gamma}) is the most extreme");
                }
                [Ok(found.statistic), Ok(found.p_value)]
            }
            Err(error) => [Err(error.clone()), Err(error.clone())],
        };
        let method = self.method(&words);
        for ((part, statistic, quantity), value) in parts.into_iter().zip(values) {
            let finding = book.attempt(&[part, "max_combo"], statistic, quantity, value);
            book.push(finding.from(self.basis()).by_method(&method));
        }
        Ok(())
    }
}

/// The three numbers of a test; their ids end with the test's name.
fn of_test(book: &Book, prefix: &str, id: &str, found: &LogRank) -> [Finding; 3] {
    let df = found.degrees_of_freedom as f64;
    [
        ("chi_square", "chi_square", Quantity::Statistic, found.chi_square),
        ("degrees_of_freedom", "degrees_of_freedom", Quantity::DegreesOfFreedom, df),
        ("p", "p_value", Quantity::PValue, found.p_value),
    ]
    .map(|(part, statistic, quantity, value)| {
        let parts = [prefix, part, id];
        let parts = if prefix.is_empty() { &parts[1..] } else { &parts[..] };
        let finding = book.draft(parts, statistic, quantity, value);
        match found.degrees_of_freedom {
            0 => finding.warn("no event was expected in more than one group"),
            _ => finding,
        }
    })
}
