//! Codes of clusters, checked once: what takes one can rely on there being two
//! or more.

use crate::Error;
use crate::checks::check_length;

/// The cluster of each subject (or interval), as any code: subjects of one
/// cluster depend on one another, as matched sets and hospitals do.
///
/// ```
/// use restudy_stats::clusters::Clusters;
///
/// assert_eq!(Clusters::new([7, 2, 7])?.codes(), [7, 2, 7]);
/// assert!(Clusters::new([7, 7]).is_err());
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clusters(Vec<usize>);

impl Clusters {
    /// One code a subject, and two clusters or more: the sum of all scores is
    /// zero at the maximum, so that the sandwich of a single cluster is
    /// rounding.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a single cluster.
    pub fn new(codes: impl Into<Vec<usize>>) -> Result<Self, Error> {
        let codes = codes.into();
        // Without any codes the complaint is about the length, which is checked
        // where the number of subjects is known.
        if !codes.is_empty() && codes.iter().all(|code| *code == codes[0]) {
            let (what, range) = ("number of clusters", "2 or more");
            return Err(Error::Parameter { what, value: 1.0, range });
        }
        Ok(Self(codes))
    }

    /// The code of each subject.
    pub fn codes(&self) -> &[usize] {
        &self.0
    }

    /// The codes, if they are those of `n` subjects.
    pub(crate) fn of(&self, n: usize) -> Result<&[usize], Error> {
        check_length("clusters", self.0.len(), n)?;
        Ok(&self.0)
    }
}
