//! Sums by rank with prefix sums in O(log n): a Fenwick tree (Fenwick 1994).

use std::ops::{AddAssign, Sub};

/// What was added by rank: numbers of subjects, or their weights.
#[derive(Debug)]
pub(crate) struct RankSums<T> {
    tree: Vec<T>,
    /// What each rank has itself, so that it needs no difference of sums,
    /// which would leave rounding where there is nothing.
    own: Vec<T>,
    total: T,
}

impl<T: Copy + Default + AddAssign + Sub<Output = T>> RankSums<T> {
    /// Of the ranks `0..size`, with nothing added yet.
    pub(crate) fn new(size: usize) -> Self {
        Self {
            tree: vec![T::default(); size + 1],
            own: vec![T::default(); size],
            total: T::default(),
        }
    }

    pub(crate) fn add(&mut self, rank: usize, amount: T) {
        self.total += amount;
        self.own[rank] += amount;
        // A node covers as many ranks as its lowest set bit says.
        let mut node = rank + 1;
        while node < self.tree.len() {
            self.tree[node] += amount;
            node += node & node.wrapping_neg();
        }
    }

    /// What was added below, at and above `rank`.
    pub(crate) fn around(&self, rank: usize) -> [T; 3] {
        let mut below = T::default();
        let mut node = rank;
        while node > 0 {
            below += self.tree[node];
            // Clearing the lowest set bit goes to the node of all the ranks before.
            node &= node - 1;
        }
        [below, self.own[rank], self.total - below - self.own[rank]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_around_a_rank_are_those_of_a_list() {
        let added = [(3, 2.0), (0, 1.0), (3, 0.5), (6, 4.0), (2, 8.0)];
        let mut sums = RankSums::new(7);
        added.iter().for_each(|(rank, amount)| sums.add(*rank, *amount));
        for rank in 0..7 {
            let of = |is_in: fn(&usize, &usize) -> bool| {
                added.iter().filter(|(other, _)| is_in(other, &rank)).map(|(_, a)| a).sum::<f64>()
            };
            let expected = [of(|a, b| a < b), of(|a, b| a == b), of(|a, b| a > b)];
            assert_eq!(sums.around(rank), expected, "{rank}");
        }
    }
}
