//! Fisher's exact test of larger tables by a network of partial tables.
//!
//! Mehta & Patel (1983): columns are filled one after another. A node is what
//! is left of the row totals; paths that reach a node with the same probability
//! are counted together; and a path is settled as soon as all, or none, of its
//! completions can be as unlikely as the observed table.

use super::Table;
use crate::Error;
use std::collections::BTreeMap;

/// Two tables count as equally likely within this relative difference, as in R.
pub(super) const EQUALLY_LIKELY: f64 = 1e-7;

/// Steps after which the test gives up: a second or two of work, which is
/// more than R's `fisher.test` does in its default workspace.
pub(super) const MOST_STEPS: u64 = 3_000_000;

/// Up to this number factorials are kept: eight megabytes of them.
const MOST_KEPT: u64 = 1 << 20;

/// Paths whose log-probabilities round to the same multiple of this are one: far
/// below the 1e-7 within which tables count as equally likely, far above the
/// rounding of a sum of logarithms.
const SAME_PATH: f64 = 1e-11;

/// What is left of the row totals, in ascending order: tables that differ by a
/// permutation of rows are equally likely.
type Node = Vec<u64>;

/// The paths to a node, by rounded log-probability: log-probability and number.
type Paths = BTreeMap<i64, (f64, f64)>;

/// The two-sided p-value of a table without empty margins, in at most `limit`
/// steps.
pub(super) fn two_sided_p(table: &Table, limit: u64) -> Result<f64, Error> {
    let (rows, columns) = (table.row_totals(), table.column_totals());
    // Nodes are vectors of the shorter side; the longer side is walked along.
    let (mut root, mut stages) =
        if rows.len() <= columns.len() { (rows, columns) } else { (columns, rows) };
    // Rows of equal totals are exchangeable, so that nodes that differ by order are
    // one node.
    root.sort_unstable();
    // The largest totals first: they have the most ways to be filled, and the first
    // stage has one node to fill them from.
    stages.sort_unstable_by(|one, other| other.cmp(one));
    let factorials = LnFactorials::up_to(root.iter().sum());
    let mut network = Network { stages, factorials, bounds: BTreeMap::new(), steps: 0, limit };
    network.p(root, ln_path_of(table))
}

/// ln Π (total! / Π cell!) over the side walked along: the path that is the
/// observed table.
fn ln_path_of(table: &Table) -> f64 {
    let walked =
        if table.rows() <= table.columns() { table.column_totals() } else { table.row_totals() };
    let totals: f64 = walked.iter().map(|&total| ln_factorial(total)).sum();
    let cells: f64 = table.counts.iter().map(|&count| ln_factorial(count)).sum();
    totals - cells
}

struct Network {
    /// The totals of the side walked along, largest first.
    stages: Vec<u64>,
    factorials: LnFactorials,
    /// The least and most likely completion from a stage and node.
    bounds: BTreeMap<(usize, Node), Bounds>,
    steps: u64,
    limit: u64,
}

#[derive(Clone, Copy)]
struct Bounds {
    shortest: f64,
    longest: f64,
}

/// A way to fill one column: the node it leads to, and ln (total! / Π cell!).
struct Arc {
    node: Node,
    length: f64,
}

impl Network {
    fn p(&mut self, root: Node, ln_observed: f64) -> Result<f64, Error> {
        // The same width as in the two-by-two test, on the logarithm.
        let at_most = ln_observed + libm::log1p(EQUALLY_LIKELY);
        let ln_all = self.factorials.completions(&root);
        let mut level = BTreeMap::from([(root, Paths::from([(0, (0.0, 1.0))]))]);
        let mut p = 0.0;
        for stage in 0..self.stages.len() {
            let mut next = BTreeMap::new();
            for (node, paths) in level {
                let ln_ways = self.factorials.completions(&node);
                // The share of all tables that reach this node by each path: number
                // times exp(length) times completions, over all.
                let paths = Sorted::new(&paths, ln_ways - ln_all);
                for arc in self.arcs(stage, &node)? {
                    let bounds = self.bounds(stage + 1, &arc.node)?;
                    // A path that is unlikely enough however it goes on counts with all that
                    // follow, one that can never be is dropped: only those between go on.
                    let settled = paths.up_to(at_most - arc.length - bounds.longest);
                    // `shortest` is the least likely completion: beyond it no way on is
                    // unlikely enough.
                    let open = paths.up_to(at_most - arc.length - bounds.shortest);
                    let share = arc.length + self.factorials.completions(&arc.node) - ln_ways;
                    p += paths.mass[settled] * libm::exp(share);
                    if settled < open {
                        self.step((open - settled) as u64)?;
                        extend(
                            next.entry(arc.node).or_default(),
                            &paths.paths[settled..open],
                            arc.length,
                        );
                    }
                }
            }
            level = next;
        }
        Ok(p.min(1.0))
    }

    /// The most and least likely ways to fill the stages from `stage` on.
    fn bounds(&mut self, stage: usize, node: &Node) -> Result<Bounds, Error> {
        if stage == self.stages.len() {
            return Ok(Bounds { shortest: 0.0, longest: 0.0 });
        }
        // Bounds are asked for once for each arc that leads to a node: kept, they
        // cost one recursion.
        let key = (stage, node.clone());
        if let Some(&bounds) = self.bounds.get(&key) {
            return Ok(bounds);
        }
        let mut bounds = Bounds { shortest: f64::INFINITY, longest: f64::NEG_INFINITY };
        for arc in self.arcs(stage, node)? {
            let rest = self.bounds(stage + 1, &arc.node)?;
            bounds.shortest = bounds.shortest.min(arc.length + rest.shortest);
            bounds.longest = bounds.longest.max(arc.length + rest.longest);
        }
        self.bounds.insert(key, bounds);
        Ok(bounds)
    }

    /// Every way to take this stage's total from what is left of the rows.
    fn arcs(&mut self, stage: usize, node: &Node) -> Result<Vec<Arc>, Error> {
        let total = self.stages[stage];
        let mut cells = vec![0; node.len()];
        let mut arcs = Vec::new();
        self.fill(node, total, 0, &mut cells, &mut arcs)?;
        Ok(arcs)
    }

    /// Fills the cells from `place` on in every way that sums to `left`.
    fn fill(
        &mut self,
        node: &Node,
        left: u64,
        place: usize,
        cells: &mut Vec<u64>,
        arcs: &mut Vec<Arc>,
    ) -> Result<(), Error> {
        let room: u64 = node[place + 1..].iter().sum();
        // What the later cells have no room for has to stand in this one: without
        // it most branches would end in nothing.
        let fewest = left.saturating_sub(room);
        for count in fewest..=left.min(node[place]) {
            cells[place] = count;
            if place + 1 < node.len() {
                self.fill(node, left - count, place + 1, cells, arcs)?;
            } else {
                // Each way to fill a column counts as a step, as its work does.
                self.step(1)?;
                arcs.push(Arc::new(node, cells, &self.factorials));
            }
        }
        Ok(())
    }

    fn step(&mut self, more: u64) -> Result<(), Error> {
        self.steps += more;
        // Counted, not timed: the same table is refused on every machine.
        if self.steps > self.limit {
            return Err(Error::TooManyTables { limit: self.limit });
        }
        Ok(())
    }
}

/// The paths to one node, least likely first.
struct Sorted {
    /// Log-probability and number.
    paths: Vec<(f64, f64)>,
    /// For each place, the share of all tables that the paths before it lead to.
    mass: Vec<f64>,
}

impl Sorted {
    fn new(paths: &Paths, ln_ways: f64) -> Self {
        // The key sorts by log-probability, so that the paths of the map come least
        // likely first.
        let paths: Vec<(f64, f64)> = paths.values().copied().collect();
        let mut mass = vec![0.0];
        let mut sum = 0.0;
        for &(length, number) in &paths {
            sum += number * libm::exp(length + ln_ways);
            mass.push(sum);
        }
        Sorted { paths, mass }
    }

    /// How many paths are no longer than `length`.
    fn up_to(&self, length: f64) -> usize {
        self.paths.partition_point(|path| path.0 <= length)
    }
}

/// Adds the paths that go on along an arc to those that reach its node.
fn extend(reached: &mut Paths, paths: &[(f64, f64)], arc: f64) {
    // Paths that round to the same key are one path with a number.
    for &(past, number) in paths {
        let length = past + arc;
        let key = libm::rint(length / SAME_PATH) as i64;
        reached.entry(key).or_insert((length, 0.0)).1 += number;
    }
}

impl Arc {
    fn new(from: &Node, cells: &[u64], factorials: &LnFactorials) -> Self {
        let mut node: Node = from.iter().zip(cells).map(|(total, cell)| total - cell).collect();
        node.sort_unstable();
        let total = factorials.of(cells.iter().sum());
        let length = total - cells.iter().map(|&cell| factorials.of(cell)).sum::<f64>();
        Arc { node, length }
    }
}

/// The logarithms of the factorials up to the table's total: each step takes
/// one a cell, and the gamma function would be most of its work.
struct LnFactorials(Vec<f64>);

impl LnFactorials {
    fn up_to(n: u64) -> Self {
        Self((0..=n.min(MOST_KEPT)).map(ln_factorial).collect())
    }

    fn of(&self, n: u64) -> f64 {
        let kept = usize::try_from(n).ok().and_then(|place| self.0.get(place));
        kept.copied().unwrap_or_else(|| ln_factorial(n))
    }

    /// ln of the sum of exp(path) over all completions: n! / Π (row total)!.
    fn completions(&self, node: &Node) -> f64 {
        let all = self.of(node.iter().sum());
        all - node.iter().map(|&total| self.of(total)).sum::<f64>()
    }
}

fn ln_factorial(n: u64) -> f64 {
    libm::lgamma(n as f64 + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contingency::{TwoByTwo, fisher_exact, fisher_exact_2x2};
    use proptest::prelude::*;

    #[test]
    fn worked_by_hand() {
        // six tables with one cell a row, each of probability 2!^6 / (6! 2!^3) = 1/90
        let table = Table::new(3, 3, &[2, 0, 0, 0, 2, 0, 0, 0, 2]).unwrap();
        assert!((fisher_exact(&table).unwrap() - 6.0 / 90.0).abs() < 1e-14);
        let table = Table::new(3, 3, &[1, 0, 0, 0, 1, 0, 0, 0, 1]).unwrap();
        assert!((fisher_exact(&table).unwrap() - 1.0).abs() < 1e-14);
    }

    /// Every step counts, so that six groups at 24 sites are given up soon.
    #[test]
    fn six_groups_at_many_sites_are_refused() {
        let counts: Vec<u64> = (0..144).map(|cell| 1 + (cell * 7) % 8).collect();
        let table = Table::new(6, 24, &counts).unwrap();
        assert!(matches!(fisher_exact(&table), Err(Error::TooManyTables { .. })));
    }

    #[test]
    fn a_table_beyond_reach_is_refused() {
        let counts: Vec<u64> = (0..64).map(|cell| 20 + (cell * 7) % 13).collect();
        let table = Table::new(8, 8, &counts).unwrap();
        let error = two_sided_p(&table, 10_000).unwrap_err();
        let expected = "an exact test would take more than 10000 steps: use an approximate one";
        assert_eq!(error.to_string(), expected);
    }

    proptest! {
        #[test]
        fn two_by_two_tables_agree_with_the_hypergeometric_sum(
            a in 0..30_u64, b in 1..30_u64, c in 1..30_u64, d in 0..30_u64,
        ) {
            let table = TwoByTwo::from_events(a, a + b, c, c + d).unwrap();
            let direct = fisher_exact_2x2(&table).unwrap();
            let network = two_sided_p(&table.table(), MOST_STEPS).unwrap();
            prop_assert!((network / direct - 1.0).abs() < 1e-10, "{network} {direct}");
        }

        #[test]
        fn turning_the_table_keeps_p(counts in proptest::collection::vec(1..9_u64, 12)) {
            let table = Table::new(3, 4, &counts).unwrap();
            let turned: Vec<u64> =
                (0..12).map(|cell| table.count(2 - cell % 3, cell / 3)).collect();
            let turned = Table::new(4, 3, &turned).unwrap();
            let (one, other) = (fisher_exact(&table).unwrap(), fisher_exact(&turned).unwrap());
            prop_assert!((one / other - 1.0).abs() < 1e-9, "{one} {other}");
        }
    }
}
