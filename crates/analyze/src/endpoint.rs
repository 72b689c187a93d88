//! A time-to-event endpoint: the columns `<name>_days` and `<name>_event`.

use engine::Mistake;
use stats::survival_data::SurvivalData;
use study::Table;

use crate::columns::{self, ColumnType};
use crate::population::Population;

/// The follow-up of a population for one endpoint.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// The endpoint's name, such as `pfs`.
    pub(crate) name: String,
    /// The endpoint in words.
    pub(crate) label: String,
    /// Days and whether the event happened; none where either is missing.
    pub(crate) follow_up: Vec<Option<(f64, bool)>>,
    /// Whether it is an outcome, which nobody is followed for.
    is_outcome: bool,
    /// Whether it is of nobody, as in a rehearsal.
    is_rehearsed: bool,
}

/// The column of times.
pub(crate) fn days_column(endpoint: &str) -> String {
    format!("{endpoint}_days")
}

/// The endpoint that a column is the time or the event of, if it is.
pub(crate) fn endpoint_of<'a>(table: &Table, column: &'a str) -> Option<&'a str> {
    let name = column.strip_suffix("_days").or_else(|| column.strip_suffix("_event"))?;
    let whole = [days_column(name), event_column(name)];
    // A column that only ends like one of an endpoint,
    // such as `age_days`, is a column like any other.
    whole.iter().all(|own| has_column(table, own)).then_some(name)
}

/// The column of events.
pub(crate) fn event_column(endpoint: &str) -> String {
    format!("{endpoint}_event")
}

/// The endpoint in words: the label of its times.
pub(crate) fn label_of(table: &Table, endpoint: &str) -> String {
    let column = days_column(endpoint);
    let label = table.about(&column).label;
    // A label that is the column's own name says nothing
    // that the endpoint's name does not say better.
    if label.is_empty() || label == column { endpoint.to_owned() } else { label }
}

impl Endpoint {
    /// Reads and checks the follow-up.
    pub(crate) fn new(population: &Population<'_>, name: &str) -> Result<Self, Mistake> {
        let days = population.numbers(&days_column(name))?;
        let events = yes_or_no(population, &event_column(name), "endpoint")?;
        // Zero is allowed: whoever dies on the day of the index date is followed for no time.
        if let Some(place) = days.iter().position(|days| days.is_some_and(|days| days < 0.0)) {
            let (patient, column) = (population.patient(place), days_column(name));
            let value = days[place].unwrap_or_default();
            let message =
                format!("follow-up `{column}` is negative for patient `{patient}`: {value} days");
            return Err(Mistake::at(&["endpoint"], message)
                .hint("an end before the index date: mend the dates with a cleaning rule"));
        }
        let follow_up: Vec<Option<(f64, bool)>> =
            // An event without a day, or a day without a word on the event, is no follow-up.
            days.into_iter().zip(events).map(|(days, event)| days.zip(event)).collect();
        let is_rehearsed = population.is_rehearsed();
        // Of nobody all values are missing, which is no mistake in a rehearsal.
        if !is_rehearsed && follow_up.iter().all(Option::is_none) {
            let message = format!("endpoint `{name}` is missing for every patient");
            return Err(Mistake::at(&["endpoint"], message));
        }
        let label = label_of(population.table, name);
        Ok(Self { name: name.to_owned(), label, follow_up, is_outcome: false, is_rehearsed })
    }

    /// An outcome as an endpoint: those who have it are followed to day 1, the
    /// others to day 2. Then those of a different outcome can be ordered by
    /// time, and no others, so that Harrell's concordance is the area under
    /// the curve of the receiver operating characteristic.
    pub(crate) fn of_outcome(
        population: &Population<'_>,
        column: &str,
        label: String,
        values: Vec<Option<bool>>,
    ) -> Result<Self, Mistake> {
        let is_rehearsed = population.is_rehearsed();
        if !is_rehearsed && values.iter().all(Option::is_none) {
            let message = format!("outcome `{column}` is missing for every patient");
            return Err(Mistake::at(&["outcome"], message));
        }
        // Who has the outcome ends before who has not: concordance with this follow-up
        // is the c statistic.
        let days = |has: bool| if has { 1.0 } else { 2.0 };
        let follow_up = values.into_iter().map(|has| has.map(|has| (days(has), has))).collect();
        Ok(Self { name: column.to_owned(), label, follow_up, is_outcome: true, is_rehearsed })
    }

    /// The same patients with other ends of follow-up.
    pub(crate) fn with(&self, follow_up: Vec<Option<(f64, bool)>>) -> Self {
        let (name, label) = (self.name.clone(), self.label.clone());
        let (is_outcome, is_rehearsed) = (self.is_outcome, self.is_rehearsed);
        Self { name, label, follow_up, is_outcome, is_rehearsed }
    }

    /// The patients whose follow-up is known.
    pub(crate) fn known(&self) -> Vec<usize> {
        (0..self.follow_up.len()).filter(|place| self.follow_up[*place].is_some()).collect()
    }

    /// The follow-up of some of them, all known.
    pub(crate) fn data(&self, included: &[usize]) -> Result<SurvivalData, stats::Error> {
        let (days, events): (Vec<f64>, Vec<bool>) =
            included.iter().filter_map(|place| self.follow_up[*place]).unzip();
        SurvivalData::new(&days, &events)
    }

    /// Refuses follow-up without any event, and an outcome that all have.
    pub(crate) fn check_events(&self, included: &[usize]) -> Result<(), Mistake> {
        let has_event = |place: &usize| self.follow_up[*place].is_some_and(|(_, event)| event);
        let n_events = included.iter().filter(|place| has_event(place)).count();
        let (n, name) = (included.len(), &self.name);
        // An outcome that all have or nobody has leaves nothing
        // to explain: the odds would be zero or infinite.
        if self.is_outcome && !self.is_rehearsed && (n_events == 0 || n_events == n) {
            let who = if n_events == 0 { "none" } else { "each" };
            let message =
                format!("{who} of the {n} patients of the analysis has the outcome `{name}`");
            return Err(Mistake::at(&["outcome"], message)
                .hint("odds need patients with the outcome and patients without it"));
        }
        if self.is_rehearsed || n_events > 0 {
            return Ok(());
        }
        let column = event_column(name);
        let message = format!("no events: `{column}` is no for all {n} patients of the analysis");
        Err(Mistake::at(&["endpoint"], message).hint("nothing can be compared without events"))
    }
}

/// Events: yes/no, or whole numbers that are 0 or 1; `what` they are is the
/// parameter that names them.
pub(crate) fn yes_or_no(
    population: &Population<'_>,
    column: &str,
    what: &str,
) -> Result<Vec<Option<bool>>, Mistake> {
    let words = if what == "endpoint" { ("event", "an event") } else { (what, "an outcome") };
    // A column of yes or no is read as it is; whole numbers are read as texts below.
    if let Some(conditions) = population.conditions(column) {
        return Ok(conditions);
    }
    let texts = population.texts(column)?;
    let event = |(place, text): (usize, Option<&str>)| {
        match text {
        None => Ok(None),
        Some("yes" | "1") => Ok(Some(true)),
        Some("no" | "0") => Ok(Some(false)),
        Some(other) => Err(Mistake::at(&[what], format!(
            "{} column `{column}` holds `{other}` for patient `{}`, where {} is yes or no (1 or 0)",
            words.0, population.patient(place), words.1
        ))
        .hint("derive it, as in `status = 2`")),
    }
    };
    texts.iter().enumerate().map(event).collect()
}

/// Whether a column may hold events.
pub(crate) fn may_hold_events(kind: Option<ColumnType>) -> bool {
    matches!(kind, Some(ColumnType::YesNo | ColumnType::Whole))
}

/// Whether a table has a column.
pub(crate) fn has_column(table: &Table, column: &str) -> bool {
    columns::type_of(table, column).is_some()
}
