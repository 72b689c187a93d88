//! Survival where the event is known only to lie between two days, as between
//! two scans. Events known to the day are left to `kaplan_meier`.

mod readings;

use engine::{Call, Mistake, Mistakes, Work};
use readings::Member;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{
    Account, Detail, GroupCurve, IntervalKind, Method, Outcome, Practice, Procedure, Span,
    Variance, Warning,
};

use super::kaplan_meier::ConfidenceScale;
use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::arms::Arms;
use crate::book::refused;
use crate::by::By;
use crate::guard::ImmortalTime;
use crate::population::Population;
use crate::rehearsal::Rehearsal;

/// Survival of an event that is known only to have come after one day and not after another
/// (interval censoring), by the nonparametric maximum likelihood of Turnbull, with a Kaplan-Meier
/// analysis of the midpoints beside it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Turnbull {
    /// Column of the last day without the event, counted from time zero: 0 if it had come before
    /// the first examination.
    pub left: String,
    /// Column of the first day with the event; missing where it did not come until `left`, equal
    /// to `left` where the event is known to the day.
    pub right: String,
    /// What is estimated, in words, such as `Time to progression`.
    #[serde(default)]
    pub label: Option<String>,
    /// Column whose levels make the groups; one curve of all patients without it.
    #[serde(default)]
    pub by: Option<By>,
    /// Scale of the confidence limits.
    #[serde(default)]
    pub ci: ConfidenceScale,
    /// Times at which survival is given.
    #[serde(default)]
    pub at: Vec<Span>,
    /// Shares of patients with the event whose times are given, as intervals; 0.5 is the median.
    #[serde(default = "median_alone")]
    pub quantiles: Vec<f64>,
    /// Gives each interval that has mass, and its probability.
    #[serde(default)]
    pub mass_intervals: bool,
    /// Gives the Kaplan-Meier analysis that takes each event to be in the middle of its interval.
    #[serde(default = "yes")]
    pub midpoint: bool,
    /// Number of bootstrap samples for standard errors and percentile limits; without it they come
    /// from the observed information.
    #[serde(default)]
    #[schemars(range(max = 100_000))]
    pub bootstrap: Option<usize>,
    /// SQL condition on the analysis table; only patients for whom it holds are analysed.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// What to do where the groups are known only after time zero.
    #[serde(default)]
    pub immortal_time: ImmortalTime,
}

fn median_alone() -> Vec<f64> {
    vec![0.5]
}

fn yes() -> bool {
    true
}

impl Analysis for Turnbull {
    const NAME: &'static str = "turnbull";

    fn scope(&self) -> Scope<'_> {
        Scope::of(self.condition.as_ref())
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        for (parameter, column) in [("left", &self.left), ("right", &self.right)] {
            let kind = rehearsal.column(column, &[parameter]);
            if kind.is_some_and(|kind| !kind.is_number()) {
                let message = format!("`{column}` does not hold numbers of days");
                rehearsal.push(
                    Mistake::at(&[parameter], message)
                        .hint("derive the days from time zero to the examination"),
                );
            }
        }
        // Both ends on one day would be events known to the day.
        if self.left == self.right {
            let message = format!("`{}` is both ends of the interval", self.left);
            rehearsal.push(
                Mistake::at(&["right"], message)
                    .hint("events known to the day are of `kaplan_meier`"),
            );
        }
        if let Some(by) = &self.by {
            rehearsal.by(by, self.immortal_time);
        }
        rehearsal.times("at", &self.at, true);
        for (place, share) in self.quantiles.iter().enumerate() {
            if !(*share > 0.0 && *share < 1.0) {
                let at = ["quantiles", &place.to_string()];
                let message = format!("{share} is no share of patients between 0 and 1");
                rehearsal.push(Mistake::at(&at, message).hint("the median is 0.5"));
            }
        }
        // Percentiles of fewer samples are the extremes of what was drawn.
        if let Some(number @ ..20) = self.bootstrap {
            let message = format!("{number} bootstrap samples make no standard error");
            rehearsal.push(
                Mistake::at(&["bootstrap"], message).hint("1000 is a usual number, 20 the least"),
            );
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let population = checked.population();
        let ends = self.ends(population)?;
        let known: Vec<usize> = (0..ends.len()).filter(|place| ends[*place].is_some()).collect();
        if known.is_empty() && !checked.is_rehearsed() {
            let message = format!("`{}` is missing for every patient", self.left);
            return Err(Mistake::at(&["left"], message).into());
        }
        // Groups are made of those who have a left end, in the order of the population.
        let arms = Arms::new(population, self.by.as_ref(), known)?.beside_all()?;
        let mut book = checked.book();
        let mut steps: Vec<GroupCurve> = Vec::new();
        for (code, arm) in arms.each() {
            let places = arms.members(code);
            let own = places.iter().filter_map(|place| ends[arms.included[*place]]).collect();
            // Each group draws its own samples.
            let seed = checked.call.seed.wrapping_add(code.map_or(0, |code| code as u64 + 1));
            let member =
                Member::new(self, checked.study, arm, own, seed).map_err(|e| refused(&e))?;
            member.tell(&mut book).map_err(|error| refused(&error))?;
            // All patients are drawn where there are no groups.
            if code.is_some() || arms.groups.is_empty() {
                steps.extend(member.steps().map_err(|error| refused(&error))?);
            }
        }
        let by_label = arms.category.as_ref().map(|category| category.label.clone());
        let label = self.label.as_deref().unwrap_or(checked.call.name);
        let methods = self.methods(book.level, label);
        let mut curves = book.curves(label.to_owned(), self.interval(), steps);
        curves.by_label = by_label;
        curves.warnings.push(Warning::BetweenExaminations);
        Ok(Analysed::new(book, methods, &arms.included).with_figures(curves))
    }

    fn work(&self, call: &Call<'_>) -> Work {
        // intervals with mass are about as many as patients
        let patients = call.patients();
        Work::of(patients, 300.0 * patients as f64).times("bootstrap", self.bootstrap.unwrap_or(0))
    }
}

impl Turnbull {
    /// Both ends of each patient's interval; none where `left` is missing.
    fn ends(&self, population: &Population<'_>) -> Result<Vec<Option<(f64, f64)>>, Mistakes> {
        let lefts = population.numbers(&self.left)?;
        let rights = population.numbers(&self.right)?;
        // All patients are looked at, so that the mistakes are told together.
        let mut mistakes = Mistakes::default();
        let mut ends = Vec::new();
        for ((left, right), patient) in lefts.iter().zip(rights).zip(population.patients()) {
            // Without a last day free of the event nothing is known of the patient.
            let Some(left) = *left else {
                ends.push(None);
                continue;
            };
            if left < 0.0 {
                let message =
                    format!("`{}` is negative for patient `{patient}`: {left} days", self.left);
                mistakes.push(
                    Mistake::at(&["left"], message).hint(
                        "an examination before time zero: mend the dates with a cleaning rule",
                    ),
                );
            }
            if let Some(right) = right.filter(|right| *right < left) {
                let message = format!(
                    "the interval of patient `{patient}` ends at {right} days (`{}`), before it begins at {left} (`{}`)",
                    self.right, self.left
                );
                mistakes.push(Mistake::at(&["right"], message).hint(
                    "leave `right` missing where the event did not come; mend the dates with a cleaning rule",
                ));
            }
            // Without a first day with the event it may come at any time.
            ends.push(Some((left, right.unwrap_or(f64::INFINITY))));
        }
        mistakes.or(ends)
    }

    fn interval(&self) -> IntervalKind {
        // Limits from samples are on no scale.
        if self.bootstrap.is_some() {
            IntervalKind::BootstrapPercentile
        } else {
            self.ci.interval()
        }
    }

    fn variance(&self) -> Variance {
        match self.bootstrap {
            Some(samples) => Variance::Bootstrap(samples as u64),
            None => Variance::ObservedInformation,
        }
    }

    fn methods(&self, level: f64, label: &str) -> Account {
        let practice = Practice::Turnbull { midpoint: self.midpoint };
        let method = Method::of(Procedure::Turnbull)
            .with(Detail::Variance(self.variance()))
            .interval(self.interval(), level);
        let outcome = Outcome::Labelled(label.to_owned());
        Account::of(practice, method)
            .explaining(outcome)
            .by(self.by.as_ref().map(|by| by.groups(None)))
    }
}
