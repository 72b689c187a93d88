//! Competing risks: follow-up that one of several causes may end. Cumulative
//! incidence, Gray's test and Fine and Gray's regression; a cause-specific
//! hazard is Cox's model with the other causes censored, for which
//! [`CompetingData::cause_specific`] gives the data.

mod fine_gray;
mod gray;
mod incidence;
mod time_lost;

pub use fine_gray::{BaselineStep, FineGrayEstimator, FineGrayFit, FineGrayModel, StratumBaseline};
pub use gray::{GrayTest, gray_test};
pub use incidence::{
    CumulativeIncidence, IncidenceOptions, IncidenceRow, IncidenceVariance, cumulative_incidence,
    cumulative_incidence_by_group,
};
pub use time_lost::TimeLost;

use crate::Error;
use crate::checks::check_length;
use crate::survival_data::SurvivalData;

/// Follow-up times and causes of `n` subjects, in the caller's order.
///
/// ```
/// use restudy_stats::competing_risks::CompetingData;
///
/// let data = CompetingData::new(&[3.0, 5.0, 4.0], &[1, 0, 2], 2)?;
/// assert_eq!(data.cause_specific(1)?.n_events(), 1);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CompetingData {
    any: SurvivalData,
    causes: Vec<usize>,
    n_causes: usize,
}

impl CompetingData {
    /// Checks `times` (`n` values >= 0, any unit) and `causes` (`n` codes: 0
    /// for censoring, 1 to `n_causes` for what ended follow-up). Near ties
    /// are made equal as in [`SurvivalData`].
    ///
    /// # Errors
    /// Those of [`SurvivalData::new`]; [`Error::OutOfRange`] for a cause
    /// above `n_causes`, with the limit `n_causes` + 1;
    /// [`Error::Parameter`] without causes.
    pub fn new(times: &[f64], causes: &[usize], n_causes: usize) -> Result<Self, Error> {
        if n_causes == 0 {
            return Err(Error::Parameter { what: "n_causes", value: 0.0, range: "1 or more" });
        }
        let events: Vec<bool> = causes.iter().map(|cause| *cause > 0).collect();
        // Without subjects the complaint below is that there are none, not that
        // lengths differ.
        if !times.is_empty() {
            check_length("causes", causes.len(), times.len())?;
        }
        // Any event counts here, so that near ties are made equal over all causes
        // together and a cause-specific data set has the same times.
        let any = SurvivalData::new(times, &events)?;
        if let Some(index) = causes.iter().position(|cause| *cause > n_causes) {
            let (value, limit) = (causes[index], n_causes + 1);
            return Err(Error::OutOfRange { what: "causes", index, value, limit });
        }
        Ok(Self { any, causes: causes.to_vec(), n_causes })
    }

    /// Number of subjects; never zero.
    pub fn n(&self) -> usize {
        self.any.n()
    }

    /// Number of causes.
    pub fn n_causes(&self) -> usize {
        self.n_causes
    }

    /// The cause of each subject, 0 if censored, in the caller's order.
    pub fn causes(&self) -> &[usize] {
        &self.causes
    }

    /// The follow-up with an event of any cause.
    pub fn any_cause(&self) -> &SurvivalData {
        &self.any
    }

    /// The follow-up with the other causes censored: the data of a
    /// cause-specific hazard.
    ///
    /// # Errors
    /// [`Error::Parameter`] for no such cause.
    pub fn cause_specific(&self, cause: usize) -> Result<SurvivalData, Error> {
        self.check_cause(cause)?;
        // Times have been made equal already: doing it again changes nothing.
        let events: Vec<bool> = self.causes.iter().map(|code| *code == cause).collect();
        SurvivalData::new(self.any.times(), &events)
    }

    fn check_cause(&self, cause: usize) -> Result<(), Error> {
        if (1..=self.n_causes).contains(&cause) {
            return Ok(());
        }
        let value = cause as f64;
        Err(Error::Parameter { what: "cause", value, range: "1 to the number of causes" })
    }

    fn time(&self, subject: usize) -> f64 {
        self.any.times()[subject]
    }
}
