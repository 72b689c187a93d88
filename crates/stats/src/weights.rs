//! Case weights, checked once: what takes them can divide by them and by their
//! sum.

use crate::Error;
use crate::checks::{check_finite, check_length};

/// The weight of each subject (or interval), a number above zero. Who has the
/// weight zero has no part in what is estimated: the caller leaves those out.
///
/// ```
/// use restudy_stats::weights::Weights;
///
/// assert_eq!(Weights::new(&[2.0, 0.5])?.values(), [2.0, 0.5]);
/// assert!(Weights::new(&[2.0, 0.0]).is_err());
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights<'a>(&'a [f64]);

impl<'a> Weights<'a> {
    /// One weight a subject.
    ///
    /// # Errors
    /// [`Error::NotFinite`], [`Error::NotPositive`].
    pub fn new(weights: &'a [f64]) -> Result<Self, Error> {
        // Before the sign: an infinite weight is named as such.
        check_finite("weights", weights)?;
        match weights.iter().position(|weight| *weight <= 0.0) {
            Some(index) => {
                Err(Error::NotPositive { what: "weights", index, value: weights[index] })
            }
            None => Ok(Self(weights)),
        }
    }

    /// The weight of each subject.
    pub fn values(self) -> &'a [f64] {
        self.0
    }

    /// The weights, if they are those of `n` subjects.
    pub(crate) fn of(self, n: usize) -> Result<&'a [f64], Error> {
        check_length("weights", self.0.len(), n)?;
        Ok(self.0)
    }
}
