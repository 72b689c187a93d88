//! Response to treatment: categories, objective response and disease control.
//! How groups differ in them is in `comparison`.

mod comparison;

pub use comparison::ResponseTest;
use engine::{Mistake, Mistakes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::inference;
use stats::proportion::{clopper_pearson, wilson};
use study::{Account, Finding, IntervalKind, Method, Part, Practice, Procedure, Quantity, Role};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::arms::{Arms, OfArm};
use crate::book::{Book, Told, refused};
use crate::by::By;
use crate::category::Category;
use crate::guard::ImmortalTime;
use crate::rehearsal::Rehearsal;

/// Response rates: patients per category, objective response rate (`orr`) and disease control rate
/// (`dcr`) with confidence intervals by each method asked for, and between groups the p-value by
/// every common test, risk difference, odds ratio and relative risk.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// Column of the best response, a category.
    pub column: String,
    /// Column whose levels make the groups; all patients together without it.
    #[serde(default)]
    pub by: Option<By>,
    /// Group that the others are compared with; the first declared level unless named.
    #[serde(default)]
    pub reference: Option<String>,
    /// Levels that count as objective response.
    pub responders: Vec<String>,
    /// Levels that count as disease control.
    pub controlled: Vec<String>,
    /// Confidence intervals of the rates; the first one goes with the rate itself.
    #[serde(default = "all_intervals")]
    pub intervals: Vec<Interval>,
    /// The test whose p-value stands for the comparison; all of them are given by name.
    #[serde(default)]
    pub test: ResponseTest,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where the groups are known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

/// Confidence interval of a proportion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Wilson's score interval.
    Wilson,
    /// Clopper and Pearson's exact interval.
    ClopperPearson,
}

fn all_intervals() -> Vec<Interval> {
    vec![Interval::Wilson, Interval::ClopperPearson]
}

impl Interval {
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Wilson => "wilson",
            Self::ClopperPearson => "clopper_pearson",
        }
    }

    /// The method of a share with these limits.
    pub(super) fn method(self, level: f64) -> Method {
        Method::of(Procedure::Proportion).interval(self.kind(), level)
    }

    fn kind(self) -> IntervalKind {
        match self {
            Self::Wilson => IntervalKind::Wilson,
            Self::ClopperPearson => IntervalKind::ClopperPearson,
        }
    }

    pub(super) fn of(
        self,
        events: u64,
        n: u64,
        level: f64,
    ) -> Result<inference::Interval, stats::Error> {
        match self {
            Self::Wilson => wilson(events, n, level),
            Self::ClopperPearson => clopper_pearson(events, n, level),
        }
    }
}

/// A rate: its name in ids, its statistic, and the levels it counts.
struct Rate<'a> {
    id: &'static str,
    statistic: &'static str,
    levels: &'a [String],
}

impl Analysis for Response {
    const NAME: &'static str = "response";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref())
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        rehearsal.category(&self.column, &["column"]);
        rehearsal.printed(&self.column, &["column"]);
        for (parameter, levels) in
            [("responders", &self.responders), ("controlled", &self.controlled)]
        {
            rehearsal.list(parameter, levels, false);
            for (place, level) in levels.iter().enumerate() {
                rehearsal.level(&self.column, level, &[parameter, &place.to_string()]);
            }
        }
        for (place, level) in self.responders.iter().enumerate() {
            // Otherwise the control rate could be below the response rate.
            if !self.controlled.contains(level) {
                let at = ["responders", &place.to_string()];
                let message = format!("`{level}` counts as response but not as disease control");
                rehearsal.push(Mistake::at(&at, message).hint("list it under `controlled` too"));
            }
        }
        if self.intervals.is_empty() {
            let mistake = Mistake::at(&["intervals"], "`intervals` is empty");
            rehearsal.push(mistake.hint("there are: `wilson`, `clopper_pearson`"));
        }
        rehearsal.groups(self.by.as_ref(), self.reference.as_ref(), self.immortal_time);
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let population = checked.population();
        let response = population.category(&self.column)?;
        self.check_levels(&response)?;
        // Whoever has no recorded response is left out and counted, in both rates alike.
        let known: Vec<usize> =
            (0..population.n()).filter(|place| response.codes[*place].is_some()).collect();
        if known.is_empty() && !population.is_rehearsed() {
            let message = format!("`{}` is missing for every patient", self.column);
            return Err(Mistake::at(&["column"], message).into());
        }
        let arms = Arms::new(population, self.by.as_ref(), known)?.beside_all()?;
        let mut book = checked.book();
        record_categories(&mut book, &response, &arms);
        for rate in self.rates() {
            // The two rates are two outcomes, by which findings and claims are told apart.
            book.set_endpoint(rate.id);
            let counts = Counts::new(&response, &arms, rate.levels);
            self.record_rate(&mut book, &rate, &arms, &counts)?;
            if let Some(category) = &arms.category {
                self.record_comparison(&mut book, &rate, category, &arms, &counts)?;
            }
        }
        let methods = self.methods(&arms);
        Ok(Analysed::new(book, methods, &arms.included))
    }
}

/// Those counted and all analysed, by group and in all.
struct Counts {
    groups: Vec<(u64, u64)>,
    all: (u64, u64),
}

impl Counts {
    fn new(response: &Category, arms: &Arms, levels: &[String]) -> Self {
        let count = |code: Option<usize>| {
            let members = arms.members(code);
            let counted = members.iter().filter(|place| {
                response.codes[arms.included[**place]]
                    .is_some_and(|code| levels.contains(&response.levels[code].value))
            });
            (counted.count() as u64, members.len() as u64)
        };
        Self { groups: (0..arms.groups.len()).map(|g| count(Some(g))).collect(), all: count(None) }
    }

    fn of(&self, code: Option<usize>) -> (u64, u64) {
        code.map_or(self.all, |code| self.groups[code])
    }
}

impl Response {
    fn rates(&self) -> [Rate<'_>; 2] {
        [
            Rate { id: "orr", statistic: "objective_response_rate", levels: &self.responders },
            Rate { id: "dcr", statistic: "disease_control_rate", levels: &self.controlled },
        ]
    }

    /// The levels of an undeclared category are known from its values alone.
    fn check_levels(&self, response: &Category) -> Result<(), Mistake> {
        for (parameter, levels) in
            [("responders", &self.responders), ("controlled", &self.controlled)]
        {
            for (place, level) in levels.iter().enumerate() {
                response.reference(Some(level), &[parameter, &place.to_string()])?;
            }
        }
        Ok(())
    }

    fn record_rate(
        &self,
        book: &mut Book,
        rate: &Rate<'_>,
        arms: &Arms,
        counts: &Counts,
    ) -> Result<(), Mistake> {
        for (code, arm) in arms.each() {
            let (events, n) = counts.of(code);
            for (place, interval) in self.intervals.iter().enumerate() {
                // Of nobody, in a rehearsal, there are no limits.
                let limits = (n > 0).then(|| interval.of(events, n, book.level)).transpose();
                let limits = limits.map_err(|error| refused(&error))?;
                // In a rehearsal nobody is there, and the share is no number.
                let share = events as f64 / n as f64;
                let parts = [Part::outcome(rate.id)];
                let finding = book
                    .draft(&parts, rate.statistic, Quantity::Proportion, share)
                    .in_arm(arm)
                    .from(arm.basis(Some(events as usize)))
                    .limits(limits.map(|l| l.lower), limits.map(|l| l.upper), book.level)
                    .by_method(interval.method(book.level));
                // The first interval goes with the rate itself,
                // under the bare id, and again under its own name.
                if place == 0 {
                    book.push(finding.clone().in_role(Role::Chosen));
                }
                let finding = finding.part(Part::method(interval.id()));
                book.push(finding.in_role(Role::Alternative));
            }
        }
        Ok(())
    }

    fn methods(&self, arms: &Arms) -> Account {
        let practice = Practice::Response {
            responders: self.responders.clone(),
            controlled: self.controlled.clone(),
            intervals: self.intervals.iter().map(|interval| interval.kind()).collect(),
            test: self.test.procedure(),
        };
        let column = study::Outcome::Column { column: self.column.clone(), levels: Vec::new() };
        let reference = arms.reference(self.reference.as_deref());
        Account::of(practice, Procedure::Proportion)
            .explaining(column)
            .by(self.by.as_ref().map(|by| by.groups(reference)))
    }
}

fn record_categories(book: &mut Book, response: &Category, arms: &Arms) {
    for (code, arm) in arms.each() {
        for (name, count) in [("n", arm.n), ("missing", arm.missing)] {
            let finding = book.count(&[Part::statistic(name)], name, count).in_arm(arm);
            book.push(finding.from(arm.basis(None)).by_method(Procedure::Count));
        }
        let members: Vec<usize> =
            arms.members(code).into_iter().map(|place| arms.included[place]).collect();
        for (level, count) in response.levels.iter().zip(response.counts(&members)) {
            let tell = |finding: Finding, method: Procedure| {
                let finding = finding.of_level(level).in_arm(arm);
                let mut finding = finding.from(arm.basis(Some(count))).by_method(method);
                finding.variable = Some(response.column.clone());
                finding
            };
            let share = count as f64 / arm.n as f64;
            let finding = book.count(&[Part::statistic("count")], "count", count);
            book.push(tell(finding, Procedure::Count));
            let (parts, name) = ([Part::statistic("proportion")], "proportion");
            let finding = book.draft(&parts, name, Quantity::Proportion, share);
            book.push(tell(finding, Procedure::ShareOfKnown));
        }
    }
}
