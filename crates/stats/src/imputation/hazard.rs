//! The cumulative hazard that stands for follow-up in an imputation model.

use crate::survival_data::SurvivalData;

/// The Nelson-Aalen estimate of the cumulative hazard at each subject's own
/// time, in the caller's order: the sum of d / n over event times up to it,
/// the time itself included. Subjects censored at a time are at risk at it.
///
/// White & Royston, Stat Med 2009; 28: 1982-1998, section 3.3.
///
/// ```
/// use restudy_stats::{imputation::nelson_aalen, survival_data::SurvivalData};
///
/// let data = SurvivalData::new(&[3.0, 1.0, 3.0, 2.0], &[true, true, false, false])?;
/// assert_eq!(nelson_aalen(&data), [0.75, 0.25, 0.75, 0.25]);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn nelson_aalen(data: &SurvivalData) -> Vec<f64> {
    let mut hazards = vec![0.0; data.n()];
    let (mut sum, mut at_risk) = (0.0, data.n());
    for tied in data.tied_runs(data.order()) {
        let events = tied.iter().filter(|subject| data.events()[**subject]).count();
        // Those tied at the time are all at risk at it, events and censored alike.
        sum += events as f64 / at_risk as f64;
        for subject in tied {
            hazards[*subject] = sum;
        }
        at_risk -= tied.len();
    }
    hazards
}
