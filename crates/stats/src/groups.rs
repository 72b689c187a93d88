//! Codes of groups, checked once: what is handed one need not ask whether a
//! code is within the range. Also rows by stratum, in an order that is given.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::Error;
use crate::checks::{check_codes, check_length};

/// The group of each subject (or value, or interval), as a code below
/// [`count`](Self::count). A group may be empty.
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
        let mut sizes = vec![0; count];
        codes.iter().for_each(|code| sizes[*code] += 1);
        Ok(Self { codes, sizes })
    }

    /// Two groups: 1 of those who are `second`, 0 of the others.
    pub fn two(second: impl IntoIterator<Item = bool>) -> Self {
        let codes: Vec<usize> = second.into_iter().map(usize::from).collect();
        let n_second = codes.iter().sum();
        Self { sizes: vec![codes.len() - n_second, n_second], codes }
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

    /// Checks that they are those of `n` subjects, in two groups or more.
    pub(crate) fn check_comparable(&self, n: usize) -> Result<(), Error> {
        self.check_length(n)?;
        match self.present().count() {
            found @ 0..2 => Err(Error::OneGroup { found }),
            _ => Ok(()),
        }
    }
}

/// Those of `order` in each stratum, in this order, strata by ascending code.
pub(crate) fn by_stratum<'a>(
    order: &'a [usize],
    strata: Option<&[usize]>,
) -> Vec<Cow<'a, [usize]>> {
    let Some(strata) = strata else { return vec![Cow::Borrowed(order)] };
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &row in order {
        members.entry(strata[row]).or_default().push(row);
    }
    members.into_values().map(Cow::Owned).collect()
}
