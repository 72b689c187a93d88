//! Calibration: survival as predicted against survival as observed, in groups
//! of like prediction.

use crate::Error;
use crate::groups::Groups;
use crate::prediction_error::check_predictions;
use crate::quantile::quantiles;
use crate::survival_curve::{SurvivalAt, SurvivalCurveModel};

/// A group of subjects with like predictions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationGroup {
    /// Subjects.
    pub n: usize,
    /// Mean of their predicted survival probabilities.
    pub mean_predicted: f64,
    /// Their Kaplan-Meier estimate at the time.
    pub observed: SurvivalAt,
}

/// Compares `predicted`, the survival probability at `time` of each row of
/// `model`, with the Kaplan-Meier estimates of `n_groups` groups, from the lowest
/// prediction to the highest.
///
/// Groups are cut at the quantiles (type 7) of the predictions; a value at a
/// cut belongs below it, so that equal predictions stay together and ties may
/// leave fewer groups.
///
/// # Formula
/// For each group the mean of its predictions beside its S(t) by `model`, with
/// its limits (D'Agostino and Nam 2003, section 2).
///
/// # Errors
/// [`Error::Length`] or [`Error::NotProbability`] for wrong predictions,
/// [`Error::Parameter`] without groups or for a negative time.
///
/// ```
/// use restudy_stats::calibration::calibration;
/// use restudy_stats::survival_curve::SurvivalCurveModel;
/// use restudy_stats::survival_data::SurvivalData;
///
/// let data = SurvivalData::new(&[1.0, 4.0, 2.0, 5.0], &[true; 4])?;
/// let predicted = [0.3, 0.7, 0.4, 0.8];
/// let groups = calibration(&SurvivalCurveModel::new(&data), &predicted, 3.0, 2)?;
/// assert_eq!((groups[0].n, groups[0].observed.survival), (2, Some(0.0)));
/// assert_eq!((groups[1].n, groups[1].observed.survival), (2, Some(1.0)));
/// # Ok::<(), restudy_stats::Error>(())
/// ```
pub fn calibration(
    model: &SurvivalCurveModel<'_>,
    predicted: &[f64],
    time: f64,
    n_groups: usize,
) -> Result<Vec<CalibrationGroup>, Error> {
    check_predictions(predicted, model.n())?;
    if n_groups == 0 {
        return Err(Error::Parameter { what: "n_groups", value: 0.0, range: "1 or more" });
    }
    let shares: Vec<f64> = (1..n_groups).map(|k| k as f64 / n_groups as f64).collect();
    let cuts = quantiles(predicted, &shares)?;
    // Counts the cuts strictly below the value: one equal to a cut stays below it,
    // and equal predictions cannot be parted.
    let group = |value: &f64| cuts.partition_point(|cut| cut < value);
    let groups = Groups::new(Vec::from_iter(predicted.iter().map(group)), n_groups)?;
    let curves = model.estimate_by_group(&groups)?;
    // Ties may leave a group without subjects: it has neither a mean nor a curve.
    let known = curves.iter().enumerate().filter(|(_, curve)| curve.n > 0);
    known
        .map(|(code, curve)| {
            let members = predicted.iter().zip(groups.codes()).filter(|(_, group)| **group == code);
            // In the caller's order, so that the sum does not depend on how groups
            // were made.
            let total: f64 = members.map(|(value, _)| value).sum();
            let observed = curve.at(time)?;
            Ok(CalibrationGroup { n: curve.n, mean_predicted: total / curve.n as f64, observed })
        })
        .collect()
}
