//! Rows by group and by stratum, in an order that is given.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Those of `order` who have each of the codes `0..n_groups`, in this order.
pub(crate) fn members(
    order: impl IntoIterator<Item = usize>,
    groups: &[usize],
    n_groups: usize,
) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); n_groups];
    for row in order {
        members[groups[row]].push(row);
    }
    members
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
