//! The Brier score of predicted survival under censoring, at a time and over
//! a span of time.

use crate::Error;
use crate::checks::check_length;
use crate::inverse_censoring::CensoringCurve;
use crate::survival_data::SurvivalData;

/// The Brier score of `predicted` (the survival probability at `time` of each
/// subject): the mean squared distance from whether the subject was alive
/// then. 0 is perfect, 0.25 what a prediction of one half gives to all.
///
/// # Formula
/// The mean of S^2 / G(T-) over those with the event at T <= t, (1 - S)^2 /
/// G(t) over those with T > t, and 0 over those censored by t, divided by all
/// n; G is the Kaplan-Meier curve of the time to censoring (Graf et al.
/// 1999). It takes censoring as independent of the covariates.
///
/// # Errors
/// [`Error::Length`] or [`Error::NotProbability`] for wrong predictions,
/// [`Error::Parameter`] for a time that is negative or after which nobody is
/// followed.
///
/// ```
/// use restudy_stats::prediction_error::brier_score;
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
/// assert_eq!(brier_score(&data, &[0.0, 0.0, 1.0, 1.0], 2.5)?, 0.0);
/// assert_eq!(brier_score(&data, &[0.5; 4], 2.5)?, 0.25);
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn brier_score(data: &SurvivalData, predicted: &[f64], time: f64) -> Result<f64, Error> {
    score(data, &CensoringCurve::new(data, None), predicted, time)
}

fn score(
    data: &SurvivalData,
    censoring: &CensoringCurve,
    predicted: &[f64],
    time: f64,
) -> Result<f64, Error> {
    check_predictions(predicted, data.n())?;
    // G at the time weights all who are followed beyond it.
    let still = censoring.at(time);
    let is_known = data.times().iter().any(|end| *end > time) && still > 0.0;
    // With nobody followed beyond the time its share is unknown. Turned so that a
    // time that is not a number is refused.
    if !(time >= 0.0 && is_known) {
        let range = "the times from 0 at which someone is followed longer";
        return Err(Error::Parameter { what: "time", value: time, range });
    }
    let subjects = predicted.iter().zip(data.times().iter().zip(data.events()));
    let terms = subjects.map(|(survival, (end, event))| match (*end > time, event) {
        (true, _) => (1.0 - survival) * (1.0 - survival) / still,
        // G just before the event: a censoring at the event's own time came after
        // it.
        (false, true) => survival * survival / censoring.before(*end),
        // Censored by then, a subject is known neither alive nor dead: the weights
        // of the others stand for it.
        (false, false) => 0.0,
    });
    Ok(terms.sum::<f64>() / data.n() as f64)
}

/// The Brier score over a span of time, of predictions made at each of
/// `times` (ascending, two or more): `predicted` holds one row of `n`
/// probabilities for each time, one row after the other.
///
/// # Formula
/// The area under the Brier score from the first to the last time, by the
/// trapezoidal rule, divided by the span (Graf et al. 1999, section 4, with
/// equal weights over time).
///
/// # Errors
/// Those of [`brier_score`] at each time; [`Error::NotAscending`] for times
/// out of order, [`Error::Parameter`] for fewer than two.
pub fn integrated_brier_score(
    data: &SurvivalData,
    predicted: &[f64],
    times: &[f64],
) -> Result<f64, Error> {
    if times.len() < 2 {
        let value = times.len() as f64;
        return Err(Error::Parameter { what: "number of times", value, range: "2 or more" });
    }
    if let Some(before) = times.windows(2).position(|pair| pair[1] <= pair[0]) {
        return Err(Error::NotAscending { what: "times", index: before + 1 });
    }
    check_length("predicted", predicted.len(), times.len() * data.n())?;
    // One curve of censoring serves all times.
    let censoring = CensoringCurve::new(data, None);
    let rows = predicted.chunks(data.n()).zip(times);
    let scores: Result<Vec<f64>, Error> =
        rows.map(|(row, time)| score(data, &censoring, row, *time)).collect();
    let pieces = scores?;
    let areas = times.windows(2).zip(pieces.windows(2));
    let area: f64 = areas.map(|(t, score)| 0.5 * (t[1] - t[0]) * (score[0] + score[1])).sum();
    Ok(area / (times[times.len() - 1] - times[0]))
}

/// Checks probabilities, one a subject.
pub(crate) fn check_predictions(predicted: &[f64], n: usize) -> Result<(), Error> {
    check_length("predicted", predicted.len(), n)?;
    match predicted.iter().position(|value| !(0.0..=1.0).contains(value)) {
        Some(index) => Err(Error::NotProbability { index, value: predicted[index] }),
        None => Ok(()),
    }
}
