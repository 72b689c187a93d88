//! A model fitted again without each of its rows.

use rayon::prelude::*;

use super::CoxModel;
use crate::counting_data::CountingData;
use crate::covariates::Covariates;
use crate::follow_up::FollowUp;
use crate::survival_data::SurvivalData;

/// The coefficients of a model without each of its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct LeaveOneOut {
    /// One entry a row, in the caller's order: `None` where the rest allows
    /// no fit, and for a coefficient whose column then depends on those
    /// before it.
    pub coefficients: Vec<Option<Vec<Option<f64>>>>,
}

/// The hazard ratios of one column without each row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HazardRatioRange {
    /// The lowest.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
    /// Rows without which the column has no hazard ratio.
    pub n_failed: usize,
}

impl LeaveOneOut {
    /// The range of the hazard ratio of `column`; `None` if it never has one.
    pub fn hazard_ratios(&self, column: usize) -> Option<HazardRatioRange> {
        let of_row = |row: &Option<Vec<Option<f64>>>| *row.as_ref()?.get(column)?;
        // Rows without a fit are counted, not taken as zero.
        let known: Vec<f64> = self.coefficients.iter().filter_map(of_row).collect();
        let (lowest, highest) = known
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), b| (low.min(*b), high.max(*b)));
        (!known.is_empty()).then(|| HazardRatioRange {
            lowest: libm::exp(lowest),
            highest: libm::exp(highest),
            n_failed: self.coefficients.len() - known.len(),
        })
    }
}

impl CoxModel<'_> {
    /// The coefficients without each row in turn: a subject of right-censored
    /// data or an interval, in the caller's order. Strata, weights, offsets,
    /// ties and penalty stay as they are.
    ///
    /// The rest allows no fit without events, without convergence, or where a
    /// coefficient may be infinite. It takes as many fits as there are rows.
    ///
    /// ```
    /// use restudy_stats::covariates::Covariates;
    /// use restudy_stats::cox::CoxModel;
    /// use restudy_stats::survival_data::SurvivalData;
    ///
    /// let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0, 5.0], &[true; 5])?;
    /// let x = [2.0, 0.0, 3.0, 1.0, 1.0];
    /// let without = CoxModel::new(&data, Covariates::new(&x, 1)?)?.leave_one_out();
    /// let range = without.hazard_ratios(0).expect("known");
    /// assert!(range.lowest < range.highest && range.n_failed == 0);
    /// let last = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
    /// let fit = CoxModel::new(&last, Covariates::new(&x[..4], 1)?)?.fit()?;
    /// assert_eq!(without.coefficients[4], Some(vec![fit.coefficients[0].map(|known| known.estimate)]));
    /// # Ok::<(), restudy_stats::Error>(())
    /// ```
    pub fn leave_one_out(&self) -> LeaveOneOut {
        // Fits are independent; collected in the order of rows.
        let rows = (0..self.follow_up.n()).into_par_iter();
        LeaveOneOut { coefficients: rows.map(|row| self.without(row)).collect() }
    }

    fn without(&self, left_out: usize) -> Option<Vec<Option<f64>>> {
        let columns: Vec<f64> = self.covariates.columns().flat_map(|c| rest(c, left_out)).collect();
        let covariates = Covariates::new(&columns, self.covariates.n_columns()).ok()?;
        let ends = rest(self.follow_up.ends(), left_out);
        let events = rest(self.follow_up.events(), left_out);
        match self.follow_up {
            FollowUp::RightCensored(_) => {
                let data = SurvivalData::new(&ends, &events).ok()?;
                self.coefficients_of(FollowUp::RightCensored(&data), covariates, left_out)
            }
            FollowUp::Counting(data) => {
                let (starts, subjects) =
                    (rest(data.starts(), left_out), rest(data.subjects(), left_out));
                // Fewer intervals cannot overlap, but near ties may join others
                // once a time is gone: the data are checked anew.
                let data = CountingData::new(&starts, &ends, &events, &subjects).ok()?;
                self.coefficients_of(FollowUp::Counting(&data), covariates, left_out)
            }
        }
    }

    fn coefficients_of(
        &self,
        follow_up: FollowUp<'_>,
        covariates: Covariates<'_>,
        left_out: usize,
    ) -> Option<Vec<Option<f64>>> {
        let [weights, offsets] =
            [self.weights, self.offsets].map(|values| values.map(|values| rest(values, left_out)));
        let others = (0..self.follow_up.n()).filter(|row| *row != left_out);
        let strata = self.strata.map(|strata| strata.at(others));
        // Without the only event the model is refused: no fit, not an error.
        let mut model = CoxModel::of(follow_up, covariates).ok()?;
        model.ties = self.ties;
        model.penalty = self.penalty;
        model.initial = self.initial;
        model.weights = weights.as_deref();
        model.offsets = offsets.as_deref();
        // Clusters and the sandwich are left out: they change no coefficient.
        model.strata = strata.as_ref();
        let fit = model.fit().ok()?;
        // A column that was dropped is no failure; what else is warned of is.
        let is_sound =
            fit.warnings.len() == fit.coefficients.iter().filter(|c| c.is_none()).count();
        let estimates = fit.coefficients.iter().map(|c| c.map(|known| known.estimate));
        is_sound.then(|| estimates.collect())
    }
}

/// All values but one.
fn rest<T: Copy>(values: &[T], left_out: usize) -> Vec<T> {
    [&values[..left_out], &values[left_out + 1..]].concat()
}
