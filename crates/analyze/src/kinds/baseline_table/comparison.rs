//! How groups differ in a variable: tests, and standardised mean differences
//! against the reference group.

use stats::contingency::{ContinuityCorrection, Table, chi_square, fisher_exact};
use stats::groups::Groups;
use stats::location::{kruskal_wallis, rank_sum, welch_anova, welch_t_test};
use stats::standardized_difference::{Denominator, of_categories, of_means, of_proportions};
use study::{
    Detail, Finding, Method, Part, Procedure, Quantity, RankSumForm, Role, Standardized, Warning,
};

use super::{SummaryName, Variable, VariableValues};
use crate::arms::{Arms, OfArm};
use crate::book::{Basis, Book, Told};
use crate::category::Category;
use crate::monte_carlo::DrawErrors;

/// A test's name in ids, its method and its numbers.
pub(in crate::kinds) struct Test {
    pub(in crate::kinds) id: &'static str,
    pub(in crate::kinds) method: Method,
    /// P-value.
    pub(in crate::kinds) p: Result<f64, stats::Error>,
    /// Monte-Carlo standard error of the p-value, where it has one.
    pub(in crate::kinds) standard_error: Option<f64>,
    /// Statistic, where the test has one.
    pub(in crate::kinds) statistic: Option<f64>,
    /// Degrees of freedom, where the test has some.
    pub(in crate::kinds) degrees_of_freedom: Option<f64>,
    /// It is the one that the settings choose. In a rehearsal several may be,
    /// of which the data choose one.
    pub(in crate::kinds) is_chosen: bool,
    pub(in crate::kinds) warning: Option<Warning>,
}

impl Test {
    /// A test without numbers, for a rehearsal.
    pub(in crate::kinds) fn announced(id: &'static str, procedure: Procedure) -> Self {
        Self {
            id,
            method: procedure.into(),
            p: Ok(f64::NAN),
            standard_error: None,
            statistic: None,
            degrees_of_freedom: None,
            is_chosen: false,
            warning: None,
        }
    }

    /// The same with a statistic.
    pub(in crate::kinds) fn with_statistic(self) -> Self {
        Self { statistic: Some(f64::NAN), ..self }
    }

    /// The same with degrees of freedom.
    pub(in crate::kinds) fn with_degrees_of_freedom(self) -> Self {
        Self { degrees_of_freedom: Some(f64::NAN), ..self }
    }

    /// The same as the one that the settings choose, where they do.
    pub(in crate::kinds) fn chosen_if(self, is_chosen: bool) -> Self {
        Self { is_chosen, ..self }
    }
}

/// The values of a variable with the groups of those who have one.
pub(in crate::kinds) enum Pairs {
    /// Numbers and groups.
    Numbers(Vec<(f64, usize)>),
    /// Groups and levels.
    Levels(Vec<(usize, usize)>),
}

impl Pairs {
    pub(in crate::kinds) fn new(variable: &Variable, arms: &Arms) -> Self {
        let patients = arms.included.iter().copied().zip(arms.membership.codes().iter().copied());
        match &variable.values {
            VariableValues::Numbers(values) => Self::Numbers(
                patients.filter_map(|(patient, group)| Some((values[patient]?, group))).collect(),
            ),
            VariableValues::Levels(category) => Self::Levels(
                patients
                    .filter_map(|(patient, group)| Some((group, category.codes[patient]?)))
                    .collect(),
            ),
        }
    }

    /// What findings of all of them are computed from.
    pub(in crate::kinds) fn basis(&self, arms: &Arms) -> Basis {
        let known = match self {
            Self::Numbers(pairs) => pairs.len(),
            Self::Levels(pairs) => pairs.len(),
        };
        Basis { n: known, events: None, missing: arms.included.len() - known }
    }
}

/// The numbers of each group.
pub(in crate::kinds) fn samples(pairs: &[(f64, usize)], n_groups: usize) -> Vec<Vec<f64>> {
    let of = |group| pairs.iter().filter(|pair| pair.1 == group).map(|pair| pair.0).collect();
    (0..n_groups).map(of).collect()
}

/// Writes down the tests of a variable between the groups.
pub(super) fn record(book: &mut Book, variable: &Variable, arms: &Arms) {
    let (pairs, n_groups) = (Pairs::new(variable, arms), arms.groups.len());
    let tests = match (&variable.values, &pairs) {
        // Groups without patients are refused, so that this is a rehearsal.
        _ if arms.included.is_empty() => announced_tests(variable, arms),
        (VariableValues::Levels(category), Pairs::Levels(pairs)) => {
            category_tests(category, pairs, n_groups)
        }
        (_, Pairs::Numbers(pairs)) => number_tests(variable, pairs, &samples(pairs, n_groups)),
        // Pairs are made of the variable's own values, so that this cannot be.
        (VariableValues::Numbers(_), Pairs::Levels(_)) => return,
    };
    record_tests(book, &variable.name, pairs.basis(arms), &tests);
}

/// The tests that a run will make.
fn announced_tests(variable: &Variable, arms: &Arms) -> [Test; 2] {
    if let VariableValues::Levels(_) = variable.values {
        // Which of the two is chosen depends on the expected counts.
        return [
            Test::announced("pearson", Procedure::PearsonChiSquare)
                .with_statistic()
                .with_degrees_of_freedom()
                .chosen_if(true),
            Test::announced("fisher", Procedure::Fisher).chosen_if(true),
        ];
    }
    let is_mean = variable.summary == SummaryName::MeanSd;
    let [of_two, of_more] = [
        [Procedure::WelchT, Procedure::RankSum],
        [Procedure::WelchAnova, Procedure::KruskalWallis],
    ];
    // How many groups there are decides which tests are made; where
    // only the data know it, they are announced without saying which.
    let [welch, rank] = match (arms.is_open(), arms.may_be(2)) {
        (true, _) => [Procedure::Unsaid, Procedure::Unsaid],
        (false, true) => of_two,
        (false, false) => of_more,
    };
    // Wilcoxon's test has no degrees of freedom, and all others here have.
    let has_df = rank != Procedure::RankSum;
    let rank = Test::announced("rank", rank).with_statistic().chosen_if(!is_mean);
    [
        Test::announced("welch", welch)
            .with_statistic()
            .with_degrees_of_freedom()
            .chosen_if(is_mean),
        if has_df { rank.with_degrees_of_freedom() } else { rank },
    ]
}

/// Writes down the standardised differences of each group from the reference.
pub(in crate::kinds) fn record_differences(
    book: &mut Book,
    variable: &Variable,
    arms: &Arms,
    reference: usize,
) {
    let (pairs, n_groups) = (Pairs::new(variable, arms), arms.groups.len());
    let basis = pairs.basis(arms);
    match (&variable.values, &pairs) {
        (VariableValues::Levels(category), Pairs::Levels(pairs)) => {
            let shares: Vec<Vec<f64>> =
                (0..n_groups).map(|group| shares(category, pairs, group)).collect();
            let is_binary = category.n_levels() == 2;
            let procedure = Procedure::StandardizedDifference(match is_binary {
                true => Standardized::SecondLevel,
                false => Standardized::Levels,
            });
            // How many levels there are may be known from the data alone.
            let procedure = if category.is_open() { Procedure::Unsaid } else { procedure };
            // Of two levels the share of the second says all;
            // the sign says in which group it is larger.
            let smd = |group: usize| match is_binary {
                true => of_proportions(shares[group][1], shares[reference][1], Denominator::Pooled),
                false => of_categories(&shares[group], &shares[reference], Denominator::Pooled),
            };
            let contrasts = Contrasts { variable, arms, reference, basis, procedure };
            contrasts.record(book, smd);
        }
        (_, Pairs::Numbers(pairs)) => {
            let samples = samples(pairs, n_groups);
            let smd =
                |group: usize| of_means(&samples[group], &samples[reference], Denominator::Pooled);
            let procedure = Procedure::StandardizedDifference(Standardized::Means);
            let contrasts = Contrasts { variable, arms, reference, basis, procedure };
            contrasts.record(book, smd);
        }
        (VariableValues::Numbers(_), Pairs::Levels(_)) => {}
    }
}

/// The share of each level in a group; not a number where nobody has a value.
fn shares(category: &Category, pairs: &[(usize, usize)], group: usize) -> Vec<f64> {
    let of_group: Vec<usize> = pairs.iter().filter(|p| p.0 == group).map(|p| p.1).collect();
    let count = |level: usize| of_group.iter().filter(|own| **own == level).count() as f64;
    (0..category.n_levels()).map(|level| count(level) / of_group.len() as f64).collect()
}

fn number_tests(variable: &Variable, pairs: &[(f64, usize)], samples: &[Vec<f64>]) -> [Test; 2] {
    let (values, groups): (Vec<f64>, Vec<usize>) = pairs.iter().copied().unzip();
    // The level of the interval does not enter the test.
    let (welch, rank) = match samples {
        [first, second] => {
            // Second minus first: the reference usually stands first.
            let (welch, rank) = (welch_t_test(second, first, 0.95), rank_sum(first, second));
            let exact = rank.as_ref().is_ok_and(|found| found.exact);
            // Which form the data allow is part of the method, not of the request.
            let form = if exact { RankSumForm::Exact } else { RankSumForm::Corrected };
            (
                numbers(Procedure::WelchT, welch, |t| {
                    (t.p_value, t.statistic, Some(t.degrees_of_freedom))
                }),
                numbers(rank_sum_method(form), rank, |found| {
                    (found.p_value, found.statistic, None)
                }),
            )
        }
        _ => {
            let groups = Groups::new(groups, samples.len());
            let groups = groups.expect("invariant: a code is that of a group");
            let anova = welch_anova(&values, &groups);
            let kruskal = kruskal_wallis(&values, &groups);
            (
                numbers(Procedure::WelchAnova, anova, |found| {
                    (
                        found.p_value,
                        found.statistic,
                        Some(found.numerator_degrees_of_freedom as f64),
                    )
                }),
                numbers(Procedure::KruskalWallis, kruskal, |found| {
                    (found.p_value, found.statistic, Some(found.degrees_of_freedom as f64))
                }),
            )
        }
    };
    let is_mean = variable.summary == SummaryName::MeanSd;
    [
        Test { id: "welch", is_chosen: is_mean, ..welch },
        Test { id: "rank", is_chosen: !is_mean, ..rank },
    ]
}

/// Wilcoxon's test in one of its forms.
pub(in crate::kinds) fn rank_sum_method(form: RankSumForm) -> Method {
    Method::of(Procedure::RankSum).with(Detail::Form(form))
}

/// The numbers of a test that may have been refused.
pub(in crate::kinds) fn numbers<T>(
    method: impl Into<Method>,
    found: Result<T, stats::Error>,
    read: impl Fn(&T) -> (f64, f64, Option<f64>),
) -> Test {
    let numbers = found.map(|found| read(&found));
    let known = numbers.as_ref().ok();
    Test {
        id: "",
        method: method.into(),
        standard_error: None,
        statistic: known.map(|known| known.1),
        degrees_of_freedom: known.and_then(|known| known.2),
        p: numbers.map(|known| known.0),
        is_chosen: false,
        warning: None,
    }
}

fn category_tests(category: &Category, pairs: &[(usize, usize)], n_groups: usize) -> [Test; 2] {
    let (groups, levels): (Vec<usize>, Vec<usize>) = pairs.iter().copied().unzip();
    // A level that nobody has, or a group without any value,
    // would leave cells in which nothing is expected.
    let table = Table::from_codes(&groups, &levels, n_groups, category.n_levels())
        .and_then(|table| table.without_empty_margins());
    let chi_square = table.clone().and_then(|table| chi_square(&table, ContinuityCorrection::None));
    // The usual rule: below five expected in some cell the chi-square distribution is doubtful.
    let few_expected = chi_square.as_ref().is_ok_and(|found| found.smallest_expected < 5.0);
    let fisher = table.and_then(|table| fisher_exact(&table));
    // A table too large for Fisher's test keeps Pearson's, with its warning.
    let use_fisher = few_expected && fisher.is_ok();
    let pearson = numbers(Procedure::PearsonChiSquare, chi_square, |found| {
        let test = found.test;
        (test.p_value, test.statistic, Some(test.degrees_of_freedom as f64))
    });
    let exact = Test {
        id: "fisher",
        statistic: None,
        is_chosen: use_fisher,
        ..numbers(Procedure::Fisher, fisher, |p| (*p, f64::NAN, None))
    };
    // Said of Pearson's test even where Fisher's is chosen:
    // it is printed under its own name all the same.
    let warning = few_expected.then_some(Warning::FewExpected);
    [Test { id: "pearson", is_chosen: !use_fisher, warning, ..pearson }, exact]
}

/// The chosen p-value, then every test under its own name.
pub(in crate::kinds) fn record_tests(
    book: &mut Book,
    variable: &str,
    basis: Basis,
    tests: &[Test],
) {
    let tell = |finding: Finding, test: &Test| {
        let mut finding = finding.of_variable(variable).from(basis).by_method(test.method.clone());
        finding.warnings.extend(test.warning.clone());
        finding
    };
    let p = |book: &Book, test: &Test| {
        let p = test.p.clone();
        let finding = book.attempt(&[Part::statistic("p")], "p_value", Quantity::PValue, p);
        tell(finding.with_error(test.standard_error), test)
    };
    // The chosen test stands under the bare id, which tables
    // read, and again under its own name among the others.
    let chosen: Vec<&Test> = tests.iter().filter(|test| test.is_chosen).collect();
    if let Some(first) = chosen.first() {
        let finding = p(book, first).in_role(Role::Chosen);
        let finding = match chosen.len() {
            1 => finding,
            // In a rehearsal: the data choose among them.
            _ => finding.by_method(Procedure::Unsaid),
        };
        book.push(match first.standard_error.map(DrawErrors::of_estimate) {
            Some(errors) => book.warned_of(errors, finding),
            None => finding,
        });
    }
    for test in tests {
        let of_test =
            |finding: Finding| finding.part(Part::method(test.id)).in_role(Role::Alternative);
        let finding = of_test(p(book, test));
        match test.standard_error.map(DrawErrors::of_estimate) {
            Some(errors) => book.push_drawn(finding, Some(errors)),
            None => book.push(finding),
        }
        let others = [
            ("statistic", Quantity::Statistic, test.statistic),
            ("degrees_of_freedom", Quantity::DegreesOfFreedom, test.degrees_of_freedom),
        ];
        for (name, quantity, value) in others {
            let Some(value) = value else { continue };
            let finding = book.draft(&[Part::statistic(name)], name, quantity, value);
            book.push(of_test(tell(finding, test)));
        }
    }
}

/// What the standardised differences of a variable are told with.
struct Contrasts<'a> {
    variable: &'a Variable,
    arms: &'a Arms,
    reference: usize,
    basis: Basis,
    procedure: Procedure,
}

impl Contrasts<'_> {
    fn record(&self, book: &mut Book, smd: impl Fn(usize) -> Result<f64, stats::Error>) {
        let name = "standardized_mean_difference";
        let groups = &self.arms.groups;
        for group in self.arms.others(self.reference) {
            let (parts, quantity) = ([Part::statistic("smd")], Quantity::StandardizedDifference);
            let finding = book
                .attempt(&parts, name, quantity, smd(group))
                .of_variable(&self.variable.name)
                .in_arm(&groups[group])
                .against_arm(&groups[self.reference])
                .from(self.basis)
                .by_method(self.procedure.clone());
            book.push(finding);
        }
    }
}
