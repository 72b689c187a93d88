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
    if label.is_empty() || label == column { endpoint.to_owned() } else { label }
}

impl Endpoint {
    /// Reads and checks the follow-up.
    pub(crate) fn new(population: &Population<'_>, name: &str) -> Result<Self, Mistake> {
        let days = population.numbers(&days_column(name))?;
        let events = events(population, &event_column(name))?;
        if let Some(place) = days.iter().position(|days| days.is_some_and(|days| days < 0.0)) {
            let (patient, column) = (&population.patients[place], days_column(name));
            let value = days[place].unwrap_or_default();
            let message =
                format!("follow-up `{column}` is negative for patient `{patient}`: {value} days");
            return Err(Mistake::at(&["endpoint"], message)
                .hint("an end before the index date: mend the dates with a cleaning rule"));
        }
        let follow_up: Vec<Option<(f64, bool)>> =
            days.into_iter().zip(events).map(|(days, event)| days.zip(event)).collect();
        let is_rehearsed = population.is_rehearsed();
        if !is_rehearsed && follow_up.iter().all(Option::is_none) {
            let message = format!("endpoint `{name}` is missing for every patient");
            return Err(Mistake::at(&["endpoint"], message));
        }
        let label = label_of(population.table, name);
        Ok(Self { name: name.to_owned(), label, follow_up, is_rehearsed })
    }

    /// The same patients with other ends of follow-up.
    pub(crate) fn with(&self, follow_up: Vec<Option<(f64, bool)>>) -> Self {
        let (name, label) = (self.name.clone(), self.label.clone());
        Self { name, label, follow_up, is_rehearsed: self.is_rehearsed }
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

    /// Refuses follow-up without any event.
    pub(crate) fn check_events(&self, included: &[usize]) -> Result<(), Mistake> {
        let has_event = |place: &usize| self.follow_up[*place].is_some_and(|(_, event)| event);
        if self.is_rehearsed || included.iter().any(has_event) {
            return Ok(());
        }
        let column = event_column(&self.name);
        let n = included.len();
        let message = format!("no events: `{column}` is no for all {n} patients of the analysis");
        Err(Mistake::at(&["endpoint"], message).hint("nothing can be compared without events"))
    }
}

/// The events: yes/no, or whole numbers that are 0 or 1.
fn events(population: &Population<'_>, column: &str) -> Result<Vec<Option<bool>>, Mistake> {
    let texts = population.texts(column)?;
    let event = |(place, text): (usize, &Option<String>)| {
        match text.as_deref() {
        None => Ok(None),
        Some("yes" | "1") => Ok(Some(true)),
        Some("no" | "0") => Ok(Some(false)),
        Some(other) => Err(Mistake::at(&["endpoint"], format!(
            "event column `{column}` holds `{other}` for patient `{}`, where an event is yes or no (1 or 0)",
            population.patients[place]
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
