//! What published numbers imply of those that were not published.

mod published;
mod quoted;
mod record;

use engine::{Mistake, Mistakes, Read, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::identified_set::{Assumptions, Effort};
use study::{Account, CohortReading, Practice, Procedure, Span, Warning};

use self::published::Published;
use self::record::Sampled;
use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::category::ALL;
use crate::horizon::check_time;
use crate::rehearsal::Rehearsal;

/// What the numbers of an abstract imply of those that it does not print: cohorts of two groups are
/// constructed that reproduce every named claim at its printed rounding (numbers of patients, response
/// rates, medians, survival at a time, log-rank p-values, median follow-up), by a seeded search under
/// named assumptions, and hazard ratios, restricted means, survival and numbers at risk are read off
/// each. Beside their spread stands how far a search outward gets. It speaks of the claims alone: no
/// patient is read. Ranges are neither confidence intervals nor estimates of the unpublished number.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentifiedSet {
    /// Names of the claims that every cohort reproduces. What each means follows from the finding
    /// that it is about.
    pub claims: Vec<String>,
    /// The endpoints of those claims: one, or the first event (`pfs`) and then death (`os`).
    pub endpoints: Vec<String>,
    /// The group that the other is compared with, as the grouping column holds it.
    pub reference: String,
    /// Cohorts that are constructed.
    #[serde(default = "one_thousand")]
    #[schemars(range(min = 2, max = 100_000))]
    pub cohorts: usize,
    /// What is assumed of patients beyond the claims.
    #[serde(default)]
    pub assumptions: AssumptionsName,
    /// What a recorded best response says of the day of progression; needed where claims are on
    /// response rates.
    #[serde(default)]
    pub response_days: Option<ResponseDays>,
    /// Times at which survival and numbers at risk are read.
    #[serde(default)]
    pub at: Vec<Span>,
    /// Times to which restricted means are taken.
    #[serde(default)]
    pub restricted_mean: Vec<Span>,
    /// Where hazard ratios before and after are told apart.
    #[serde(default)]
    pub cut: Option<Span>,
    /// Starts of the exposure that are assumed, the same for all: hazard ratios with time before them
    /// counted as unexposed.
    #[serde(default)]
    pub start: Vec<Span>,
    /// Moves that a search makes before it counts as failed.
    #[serde(default = "hundred_thousand")]
    #[schemars(range(min = 1_000, max = 10_000_000))]
    pub moves: u32,
    /// Searches for one cohort, each with distributions of its own, before it is given up.
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = 100))]
    pub attempts: u32,
    /// Cohorts from which each end of a range is searched outward; 0 searches for none.
    #[serde(default = "five_cohorts")]
    #[schemars(range(max = 1_000))]
    pub outward: usize,
    /// Moves of a search outward.
    #[serde(default = "forty_thousand")]
    #[schemars(range(min = 1_000, max = 10_000_000))]
    pub outward_moves: u32,
    /// Cohorts that are constructed without each claim in turn, to see what it pins; 0 for none.
    #[serde(default)]
    #[schemars(range(max = 100_000))]
    pub leave_one_out: usize,
}

/// What is assumed of patients beyond the claims.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssumptionsName {
    /// Shapes of hazards, medians, follow-up by group, time since the last examination and deaths
    /// without progression differ from cohort to cohort.
    #[default]
    Wide,
    /// The same, with progression and death of a patient independent of one another.
    Unlinked,
    /// Exponential times at the published medians and one follow-up for all. It covers too little and
    /// is there to be shown beside the others.
    Narrow,
}

/// What a recorded best response says of the day of progression.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponseDays {
    /// Nobody with an objective response has the event before.
    pub response_from: Span,
    /// Nobody with the disease controlled otherwise has it before.
    pub control_from: Span,
    /// No progression as best response is recorded before.
    pub progression_from: Span,
    /// Every progression as best response is recorded by then.
    pub progression_until: Span,
}

fn one_thousand() -> usize {
    1_000
}

fn hundred_thousand() -> u32 {
    100_000
}

fn forty_thousand() -> u32 {
    40_000
}

fn five() -> u32 {
    5
}

fn five_cohorts() -> usize {
    5
}

/// What a move of a search takes, in nanoseconds.
const A_MOVE: f64 = 2_000.0;

impl Analysis for IdentifiedSet {
    const NAME: &'static str = "identified_set";
    const OF_PATIENTS: bool = false;

    fn scope(&self) -> Scope<'_> {
        let read = |(place, name): (usize, &String)| {
            Read::claim(name, &["claims", place.to_string().as_str()])
        };
        Scope::default().beside(self.claims.iter().enumerate().map(read).collect::<Vec<_>>())
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        rehearsal.list("claims", &self.claims, false);
        rehearsal.list("endpoints", &self.endpoints, false);
        // A cohort has a first event and then death; a third endpoint has no place in it.
        if self.endpoints.len() > 2 {
            let message = format!("{} endpoints are too many", self.endpoints.len());
            let hint = "one, or two: the first event and then death";
            rehearsal.push(Mistake::at(&["endpoints"], message).hint(hint));
        }
        rehearsal.times("at", &self.at, false);
        rehearsal.times("restricted_mean", &self.restricted_mean, false);
        rehearsal.times("start", &self.start, false);
        rehearsal.time("cut", self.cut, false);
        for (name, time) in self.response_days.iter().flat_map(ResponseDays::times) {
            rehearsal.mistakes.0.extend(check_time(&["response_days", name], time, false));
        }
    }

    fn work(&self, _call: &engine::Call<'_>) -> Work {
        Work::of(self.moves as usize, A_MOVE).times("cohorts", self.cohorts + self.leave_one_out)
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let mut book = checked.book_of(ALL);
        // On every finding: these are not patients.
        book.warn([Warning::ConstructedCohorts]);
        if self.assumptions == AssumptionsName::Narrow {
            book.warn([Warning::NarrowAssumptions]);
        }
        // The findings that the claims are about have
        // mistakes of their own, told where they are.
        let Some(published) = Published::read(self, checked)? else {
            return Ok(Analysed::new(book, None, &[]));
        };
        let quoted = self.quoted(checked.study, &published.arms);
        // In a rehearsal nobody is constructed: what will be
        // read off each cohort is known from the parameters.
        let sampled =
            checked.unless_rehearsed(|| Sampled::draw(self, checked, &published, &quoted))?;
        let histograms = record::record(self, &mut book, &published, &quoted, sampled.as_ref());
        let account = Account::of(
            Practice::IdentifiedSet { cohorts: self.cohorts },
            Procedure::ConstructedCohorts(CohortReading::Sampled),
        );
        Ok(Analysed::new(book, account, &[]).with_figures(histograms))
    }
}

impl IdentifiedSet {
    fn effort(&self) -> Effort {
        Effort { moves: self.moves, attempts: self.attempts }
    }
}

impl AssumptionsName {
    fn assumptions(self) -> Assumptions {
        match self {
            Self::Wide => Assumptions::Wide,
            Self::Unlinked => Assumptions::Unlinked,
            Self::Narrow => Assumptions::Narrow,
        }
    }
}

impl ResponseDays {
    fn times(&self) -> [(&'static str, Span); 4] {
        [
            ("response_from", self.response_from),
            ("control_from", self.control_from),
            ("progression_from", self.progression_from),
            ("progression_until", self.progression_until),
        ]
    }
}

#[cfg(test)]
mod tests;
