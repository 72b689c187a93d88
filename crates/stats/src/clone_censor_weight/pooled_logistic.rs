//! Logistic regression of subjects over intervals, all pooled: an intercept
//! for each interval, and covariates whose effects are the same in all.

use crate::Error;
use crate::covariates::Covariates;
use crate::logistic::{LogisticFit, LogisticModel, LogisticWarning, probability};

/// Log odds at which a probability is 0 or 1 to 1e-11: they only get there if
/// covariates separate the outcomes.
const SEPARATED: f64 = 25.0;

/// The rows of a regression.
pub(super) struct PooledRows<'a> {
    covariates: Covariates<'a>,
    n_subjects: usize,
    n_intervals: usize,
    /// Interval and subject of each row.
    rows: Vec<(usize, usize)>,
    outcomes: Vec<bool>,
}

/// A fitted regression.
pub(super) struct PooledFit<'a> {
    rows: PooledRows<'a>,
    fit: LogisticFit,
    /// Whether the covariates separate the outcomes.
    pub(super) is_separated: bool,
}

impl<'a> PooledRows<'a> {
    /// `covariates` are those of `n_subjects` subjects.
    pub(super) fn new(covariates: Covariates<'a>, n_subjects: usize) -> Self {
        let (rows, outcomes) = (Vec::new(), Vec::new());
        Self { covariates, n_subjects, n_intervals: 0, rows, outcomes }
    }

    /// Adds an interval with those at risk in it and their outcome.
    pub(super) fn add_interval(&mut self, at_risk: &[(usize, bool)]) {
        let interval = self.n_intervals;
        self.rows.extend(at_risk.iter().map(|(subject, _)| (interval, *subject)));
        self.outcomes.extend(at_risk.iter().map(|(_, outcome)| outcome));
        self.n_intervals += 1;
    }

    /// Indicators of all intervals but the first, then the covariates.
    fn columns(&self, rows: &[(usize, usize)]) -> Vec<f64> {
        let mut columns = Vec::with_capacity(rows.len() * self.n_columns());
        // The first interval is the reference: its intercept is the model's own,
        // and with an indicator of its own the columns would add up to the
        // intercept.
        for wanted in 1..self.n_intervals {
            let is_wanted = |(interval, _): &(usize, usize)| u8::from(*interval == wanted);
            columns.extend(rows.iter().map(|row| f64::from(is_wanted(row))));
        }
        for column in self.covariates.columns() {
            columns.extend(rows.iter().map(|(_, subject)| column[*subject]));
        }
        columns
    }

    fn n_columns(&self) -> usize {
        self.n_intervals - 1 + self.covariates.n_columns()
    }

    /// Maximises the likelihood.
    pub(super) fn fit(self) -> Result<PooledFit<'a>, Error> {
        let columns = self.columns(&self.rows);
        let fit = LogisticModel::new(&self.outcomes, Covariates::new(&columns, self.n_columns())?)?
            .fit()?;
        let known = fit.coefficients.iter().flatten();
        // A coefficient may look finite while some subjects' probabilities have
        // already gone to 0 or 1: both signs are looked at.
        let is_separated = known.chain([&fit.intercept]).any(|known| known.may_be_infinite)
            || fit.linear_predictors.iter().any(|eta| eta.abs() > SEPARATED);
        let lost = fit.warnings.iter().find_map(|warning| match warning {
            // Separation explains a search that did not end; without it the numbers
            // are not to be trusted.
            LogisticWarning::NotConverged { iterations } if !is_separated => Some(*iterations),
            _ => None,
        });
        match lost {
            Some(iterations) => Err(Error::NotConverged { what: "the logistic model", iterations }),
            None => Ok(PooledFit { rows: self, fit, is_separated }),
        }
    }
}

impl PooledFit<'_> {
    /// The probability of no outcome in an interval, one for each subject.
    /// Where the covariates separate the outcomes it comes near to 0, but
    /// not to it, so that its inverse is a number.
    pub(super) fn complements(&self, interval: usize) -> Result<Vec<f64>, Error> {
        let n = self.rows.n_subjects;
        let all: Vec<(usize, usize)> = (0..n).map(|subject| (interval, subject)).collect();
        let columns = self.rows.columns(&all);
        let log_odds = self.fit.log_odds(Covariates::new(&columns, self.rows.n_columns())?, n)?;
        // The probability of no outcome is that of -eta. The cap keeps the weight,
        // its inverse, finite: about exp(25) at most for one interval.
        Ok(log_odds.into_iter().map(|eta| probability(-eta.min(SEPARATED))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit<'a>(covariates: &'a [f64], outcomes: &[bool]) -> PooledFit<'a> {
        let mut rows = PooledRows::new(Covariates::new(covariates, 1).unwrap(), outcomes.len());
        rows.add_interval(&outcomes.iter().copied().enumerate().collect::<Vec<_>>());
        rows.fit().unwrap()
    }

    /// Two groups of 1 in 4 and 3 in 4: the observed shares.
    #[test]
    fn a_saturated_model_gives_the_observed_shares() {
        let x = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
        let outcomes = [true, false, false, false, true, true, true, false];
        let fit = fit(&x, &outcomes);
        let complements = fit.complements(0).unwrap();
        assert!((complements[0] - 0.75).abs() < 1e-12);
        assert!((complements[7] - 0.25).abs() < 1e-12);
        assert!(!fit.is_separated);
    }

    #[test]
    fn separation_is_told() {
        let x: Vec<f64> = (0..400).map(f64::from).collect();
        let outcomes: Vec<bool> = x.iter().map(|x| *x >= 200.0).collect();
        // Four subjects around the cut, and four hundred: separation must be told
        // at either size.
        for size in [4, 400] {
            let start = 200 - size / 2;
            let fit = fit(&x[start..start + size], &outcomes[start..start + size]);
            assert!(fit.is_separated);
            assert!(fit.complements(0).unwrap().iter().all(|share| *share > 1e-12));
        }
    }

    #[test]
    fn a_constant_covariate_changes_nothing() {
        // Collinear with the intercept, it is dropped: the share of 1 in 4 with the
        // outcome stays.
        let fit = fit(&[2.0; 4], &[true, false, false, false]);
        assert!((fit.complements(0).unwrap()[1] - 0.75).abs() < 1e-12);
    }

    /// Without a covariate that tells subjects apart, each interval has its
    /// own share; those not at risk in it do not count.
    #[test]
    fn intervals_have_their_own_shares() {
        let mut rows = PooledRows::new(Covariates::new(&[1.0; 4], 1).unwrap(), 4);
        rows.add_interval(&[(0, true), (1, false), (2, false), (3, false)]);
        rows.add_interval(&[(1, true), (2, true), (3, false)]);
        let fit = rows.fit().unwrap();
        for (interval, share) in [(0, 0.25), (1, 2.0 / 3.0)] {
            let complements = fit.complements(interval).unwrap();
            assert!(complements.iter().all(|one| (1.0 - one - share).abs() < 1e-12), "{interval}");
        }
    }
}
