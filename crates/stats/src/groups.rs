//! Codes of groups and strata, checked once: what is handed one need not ask
//! whether a code is within the range.

use std::borrow::Cow;

use crate::Error;
use crate::checks::{check_codes, check_length};

/// The group of each subject (or value, or interval), as a code below
/// [`count`](Self::count); strata are such groups too. A group may be empty.
///
/// ```
/// use restudy_stats::groups::Groups;
///
/// let groups = Groups::new([0, 2, 0], 3)?;
/// assert_eq!(groups.sizes(), [2, 0, 1]);
/// assert!(Groups::new([0, 3], 3).is_err());
/// # Ok::<(), restudy_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    codes: Vec<usize>,
    sizes: Vec<usize>,
}

impl Groups {
    /// The groups `0..count`, `codes` having one for each subject.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a code that is not below `count`.
    pub fn new(codes: impl Into<Vec<usize>>, count: usize) -> Result<Self, Error> {
        let codes = codes.into();
        check_codes("groups", &codes, codes.len(), count)?;
        Ok(Self::counted(codes, count))
    }

    /// Of codes that are known to be below `count`.
    fn counted(codes: Vec<usize>, count: usize) -> Self {
        let mut sizes = vec![0; count];
        codes.iter().for_each(|code| sizes[*code] += 1);
        Self { codes, sizes }
    }

    /// Two groups: 1 of those who are `second`, 0 of the others.
    pub fn two(second: impl IntoIterator<Item = bool>) -> Self {
        let codes: Vec<usize> = second.into_iter().map(usize::from).collect();
        // Codes are 0 and 1, so that their sum counts the ones.
        let n_second = codes.iter().sum();
        Self { sizes: vec![codes.len() - n_second, n_second], codes }
    }

    /// The groups of some of the subjects, as often as they are named: of a
    /// sample, or of subjects with several intervals.
    #[must_use]
    pub fn at(&self, subjects: impl IntoIterator<Item = usize>) -> Self {
        let codes = subjects.into_iter().map(|subject| self.codes[subject]).collect();
        Self::counted(codes, self.count())
    }

    /// How many groups there are, empty ones among them.
    pub fn count(&self) -> usize {
        self.sizes.len()
    }

    /// The code of each subject.
    pub fn codes(&self) -> &[usize] {
        &self.codes
    }

    /// Subjects in each group.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// The groups that have subjects, by ascending code.
    pub(crate) fn present(&self) -> impl Iterator<Item = usize> {
        (0..self.count()).filter(|group| self.sizes[*group] > 0)
    }

    /// Those of `order` in each group, in this order.
    pub(crate) fn members(&self, order: impl IntoIterator<Item = usize>) -> Vec<Vec<usize>> {
        // In the order given, which is that of time where the caller gave it so: no
        // group is sorted again.
        let mut members = vec![Vec::new(); self.count()];
        for row in order {
            members[self.codes[row]].push(row);
        }
        members
    }

    /// Checks that they are those of `n` subjects.
    pub(crate) fn check_length(&self, n: usize) -> Result<(), Error> {
        check_length("groups", self.codes.len(), n)
    }

    /// The same, if they are strata of `n` subjects.
    pub(crate) fn strata_of(&self, n: usize) -> Result<&Self, Error> {
        check_length("strata", self.codes.len(), n)?;
        Ok(self)
    }

    /// Checks that they are those of `n` subjects, in two groups or more.
    pub(crate) fn check_comparable(&self, n: usize) -> Result<(), Error> {
        self.check_length(n)?;
        match self.present().count() {
            found @ 0..2 => Err(Error::OneGroup { found }),
            _ => Ok(()),
        }
    }
}

/// Those of `order` in each stratum, in this order, strata by ascending code;
/// one stratum of all if there are none.
pub(crate) fn by_stratum<'a>(order: &'a [usize], strata: Option<&Groups>) -> Vec<Cow<'a, [usize]>> {
    // Most models have no strata: their order is borrowed, not copied.
    let Some(strata) = strata else { return vec![Cow::Borrowed(order)] };
    let members = strata.members(order.iter().copied());
    // An empty stratum has nothing to sum and would open a pass over nobody.
    members.into_iter().filter(|members| !members.is_empty()).map(Cow::Owned).collect()
}
