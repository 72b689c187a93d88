//! Covariates by columns, checked once: what takes them need not ask whether
//! they are numbers or whether the columns are of one length.

use crate::Error;
use crate::checks::{check_finite, check_length};

/// Columns of one value a subject (or interval), one column after the other
/// (column-major), in any unit, without an intercept. None at all is the
/// default.
///
/// ```
/// use restudy_stats::covariates::Covariates;
///
/// let (age, treated) = ([61.0, 54.0, 70.0], [1.0, 0.0, 1.0]);
/// let values = [age, treated].concat();
/// let covariates = Covariates::new(&values, 2)?;
/// assert_eq!(covariates.columns().collect::<Vec<_>>(), [age, treated]);
/// assert!(Covariates::new(&[61.0, f64::NAN], 1).is_err());
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Covariates<'a> {
    values: &'a [f64],
    n_columns: usize,
}

impl<'a> Covariates<'a> {
    /// `n_columns` columns of as many values each, one after the other.
    ///
    /// # Errors
    /// [`Error::Length`] for values that do not fill the columns,
    /// [`Error::NotFinite`] (the position counts through all columns).
    pub fn new(values: &'a [f64], n_columns: usize) -> Result<Self, Error> {
        // With no columns no value fits; otherwise the next multiple is the number
        // itself if and only if the columns are filled.
        let filled = match n_columns {
            0 => 0,
            _ => values.len().next_multiple_of(n_columns),
        };
        check_length("covariates", values.len(), filled)?;
        check_finite("covariates", values)?;
        Ok(Self { values, n_columns })
    }

    /// How many columns there are.
    pub fn n_columns(self) -> usize {
        self.n_columns
    }

    /// One column after the other.
    pub fn columns(self) -> impl Iterator<Item = &'a [f64]> + Clone {
        let n = self.values.len().checked_div(self.n_columns).unwrap_or(0);
        // A chunk of no values is refused, even of no values.
        self.values.chunks(n.max(1))
    }

    /// All values.
    pub(crate) fn values(self) -> &'a [f64] {
        self.values
    }

    /// The same, if they are those of `n` subjects.
    pub(crate) fn of(self, n: usize) -> Result<Self, Error> {
        check_length("covariates", self.values.len(), n * self.n_columns)?;
        Ok(self)
    }

    /// The same, if they are those of `n` subjects and there is one.
    pub(crate) fn some_of(self, n: usize) -> Result<Self, Error> {
        if self.n_columns == 0 {
            return Err(Error::Parameter { what: "n_covariates", value: 0.0, range: "1 or more" });
        }
        self.of(n)
    }
}
