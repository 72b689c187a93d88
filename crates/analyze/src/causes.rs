//! An endpoint that one of several causes may end: the columns of an endpoint,
//! and a column that says which cause an event had.

use engine::Mistake;
use stats::competing_risks::CompetingData;
use study::Level;

use crate::category::Category;
use crate::endpoint::Endpoint;
use crate::population::Population;
use crate::rehearsal::Rehearsal;

/// Competing risks as a pipeline declares them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeclaredCauses<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) cause: &'a str,
    pub(crate) censoring: Option<&'a str>,
}

impl DeclaredCauses<'_> {
    /// Notes what can be wrong with the columns of causes; the endpoint itself
    /// is left to the caller.
    pub(crate) fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        rehearsal.category(self.cause, &["cause"]);
        rehearsal.printed(self.cause, &["cause"]);
        if let Some(censoring) = self.censoring {
            rehearsal.level(self.cause, censoring, &["censoring"]);
        }
    }

    /// The same for an entry about one of the causes.
    pub(crate) fn check_event(&self, rehearsal: &mut Rehearsal<'_>, event: &str) {
        self.check(rehearsal);
        if self.censoring == Some(event) {
            let message = format!("`{event}` is the level of censoring");
            rehearsal.push(Mistake::at(&["event"], message).hint("name a cause"));
        } else {
            rehearsal.level(self.cause, event, &["event"]);
        }
    }
}

/// Follow-up with causes.
pub(crate) struct Causes {
    /// The endpoint with an event of any cause.
    pub(crate) endpoint: Endpoint,
    /// The column of causes.
    pub(crate) column: String,
    /// The causes in declared order.
    pub(crate) causes: Vec<Level>,
    /// The cause of each patient's event from 1; 0 without one.
    codes: Vec<usize>,
}

impl Causes {
    /// Reads and checks the follow-up and its causes.
    pub(crate) fn new(
        population: &Population<'_>,
        declared: DeclaredCauses<'_>,
    ) -> Result<Self, Mistake> {
        let endpoint = Endpoint::new(population, declared.endpoint)?;
        let category = population.category(declared.cause)?;
        let censoring = match declared.censoring {
            Some(level) => Some(category.reference(Some(level), &["censoring"])?),
            None => None,
        };
        // All levels are causes but the one that stands for no event, if the column has one.
        let order: Vec<usize> =
            (0..category.n_levels()).filter(|level| Some(*level) != censoring).collect();
        // With `censoring` naming the only level there would be nothing to compete.
        if order.is_empty() {
            let message = format!("`{}` names no cause", declared.cause);
            return Err(Mistake::at(&["cause"], message)
                .hint("a patient with the event needs a cause, the others none"));
        }
        // Whoever has no known follow-up keeps 0: nobody asks
        // for it, because only those who are known are analysed.
        let mut codes = vec![0; population.n()];
        for (place, follow_up) in endpoint.follow_up.iter().enumerate() {
            // Without an end of follow-up there is nothing that a cause could contradict.
            let Some((_, event)) = follow_up else { continue };
            let cause = category.codes[place].filter(|level| Some(*level) != censoring);
            check_cause(population.patient(place), &category, declared, *event, cause)?;
            let position = |level| order.iter().position(|own| *own == level);
            codes[place] = cause.and_then(position).map_or(0, |position| position + 1);
        }
        let causes = order.iter().map(|level| category.levels[*level].clone()).collect();
        let column = category.column;
        Ok(Self { endpoint, column, causes, codes })
    }

    /// The follow-up and causes of some patients, all known.
    pub(crate) fn data(&self, included: &[usize]) -> Result<CompetingData, stats::Error> {
        // Only the known are handed over, so that days and codes are as many.
        let days: Vec<f64> = (included.iter())
            .filter_map(|place| self.endpoint.follow_up[*place].map(|(days, _)| days))
            .collect();
        let codes: Vec<usize> = included.iter().map(|place| self.codes[*place]).collect();
        CompetingData::new(&days, &codes, self.causes.len())
    }

    /// One of the causes as an account names it.
    pub(crate) fn named(&self, event: &str) -> study::Cause {
        let others = self.causes.iter().filter(|cause| cause.value != event);
        study::Cause {
            column: self.column.clone(),
            event: event.to_owned(),
            others: others.map(|cause| cause.value.clone()).collect(),
        }
    }

    /// The code of a cause that somebody had, from 1.
    pub(crate) fn code(&self, event: &str) -> Result<usize, Mistake> {
        if self.codes.is_empty() {
            // In a rehearsal nobody had any cause, and each may be had.
            return Ok(1);
        }
        let found = self.causes.iter().position(|cause| cause.value == event);
        let code = found.map(|position| position + 1).ok_or_else(|| {
            Mistake::at(&["event"], format!("column `{}` names no cause `{event}`", self.column))
                .hint_nearest(event, self.causes.iter().map(|cause| cause.value.as_str()))
        })?;
        // A cause that the levels declare need not have happened to anybody who is analysed.
        let known = self.endpoint.known();
        if known.iter().any(|place| self.codes[*place] == code) {
            return Ok(code);
        }
        let n = known.len();
        let message = format!("no events: none of the {n} patients of the analysis has `{event}`");
        Err(Mistake::at(&["event"], message).hint("nothing can be compared without events"))
    }

    /// The endpoint with events of one cause alone; those of the others are
    /// censored.
    pub(crate) fn of_cause(&self, code: usize) -> Endpoint {
        let follow_up = self.endpoint.follow_up.iter().zip(&self.codes);
        let follow_up =
            // An event of another cause ends the time at risk of this one, as
            // a censoring does: this makes hazards of one cause, and no risks.
            follow_up.map(|(known, own)| known.map(|(days, _)| (days, *own == code))).collect();
        self.endpoint.with(follow_up)
    }
}

/// A cause belongs to an event, and an event to a cause.
fn check_cause(
    patient: &str,
    category: &Category,
    declared: DeclaredCauses<'_>,
    event: bool,
    cause: Option<usize>,
) -> Result<(), Mistake> {
    let (column, endpoint) = (declared.cause, declared.endpoint);
    match (event, cause) {
        (true, None) => {
            let message = format!(
                "patient `{patient}` has an event of `{endpoint}`, but `{column}` names no cause of it"
            );
            Err(Mistake::at(&["cause"], message)
                .hint("give it one, such as a level `unknown`, in a cleaning rule"))
        }
        (false, Some(level)) => {
            let value = &category.levels[level].value;
            let message = format!(
                "patient `{patient}` has the cause `{value}` in `{column}`, but no event of `{endpoint}`"
            );
            Err(Mistake::at(&["cause"], message).hint(
                "name the level that stands for no event under `censoring`, or mend the cause",
            ))
        }
        _ => Ok(()),
    }
}
