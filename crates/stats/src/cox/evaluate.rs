//! Efron's and Breslow's likelihood of right-censored data, in blocks that
//! threads share.
//!
//! Neither the mean of x nor its covariance over a risk set is summed as such.
//! Over event times the means sum to the subjects' own x, each times its
//! expected events E (the hazard it went through times its risk), and the mean
//! squares to E x x', so that the gradient is that of the deaths less the sum
//! of E x, and the information the sum of E x x' over subjects less that of
//! W m m' over steps: 2 n p^2 / 2 multiplications and additions. Covariates
//! are read twice. Blocks depend on the data alone and are summed in their
//! order.
//!
//! The steps of a time with d deaths have the risks R - a D and the sums
//! S - a T of covariates, a being 0, 1 / d, ..., (d - 1) / d and D, T those of
//! the deaths. With factors f = W / (R - a D)^2 their squares sum to those of
//! two vectors: (sum f) (S - b T)(S - b T)' + (sum f (a - b)^2) T T', b being
//! the mean of a weighted by f.

mod block_sums;
mod steps;

use std::ops::Range;

use rayon::prelude::*;

use super::exponential::exponentiate;
use super::partial::Partial;
use super::risk_sets::RiskSets;
use crate::symmetric::add_scaled;
use crate::symmetric::diagonal;
use block_sums::{Hazard, Part, Scratch, Task};

/// Rows from which on a block ends at the next run: few enough for their
/// covariates to stay in the first caches between the two times they are read
/// (ten covariates of 256 rows are 20 KB), many enough for the sums of a block,
/// which have to be kept and added, to weigh little beside its rows.
const BLOCK: usize = 256;

/// Blocks below which one thread is faster than two: some 2,000 rows. Whether
/// the blocks are shared must not change the sums: see `part`.
const FEW: usize = 8;

/// The blocks of a model's risk sets, and memory that evaluations share.
#[derive(Debug)]
pub(super) struct Blocks {
    blocks: Vec<Block>,
    /// Positions of the runs of several rows with deaths.
    ties: Vec<u32>,
    /// The first row of each stratum.
    openings: Vec<usize>,
    /// To which vector of its block the sums at risk after each row belong;
    /// those of a later row replace those of an earlier one.
    places: Vec<u16>,
    /// Weight times exp(eta) of each row.
    risks: Vec<f64>,
    scratch: Scratch,
}

/// Rows that are summed together, whole runs.
#[derive(Debug, Default)]
struct Block {
    rows: Range<usize>,
    /// Which of the ties are its own.
    ties: Range<usize>,
    /// Which of the openings of strata are its own.
    openings: Range<usize>,
    /// One for each time with deaths, and one more if its steps differ.
    n_vectors: usize,
}

impl Blocks {
    /// Cuts the runs into ranges of about as many rows.
    pub(super) fn new(sets: &RiskSets) -> Self {
        let n = sets.subjects.len();
        let (ties, openings, places) = (Vec::new(), Vec::new(), Vec::with_capacity(n));
        let (risks, scratch) = (vec![0.0; n], Scratch::default());
        let mut out = Self { blocks: Vec::new(), ties, openings, places, risks, scratch };
        let mut block = Block::default();
        for (position, run) in sets.runs.iter().enumerate() {
            let (rows, n_deaths) = (run.rows(), run.deaths().len());
            // The opening is kept by row: a block may hold several strata, or the
            // end of one and the beginning of the next.
            if run.opens_stratum {
                out.openings.push(rows.start);
            }
            // A row alone at its time is the usual case and goes through loops
            // without branches; only these runs are counted step by step.
            if rows.len() > 1 && n_deaths > 0 {
                out.ties.push(position as u32);
            }
            // All rows of a run have one place: the sums after its last row are
            // what its steps use.
            out.places.resize(rows.end, block.n_vectors as u16);
            // One vector for one death, two for several (the mean and the deaths'
            // own sums), none for no death.
            block.n_vectors += n_deaths.min(2);
            // Blocks end between runs alone, so that no time is split.
            if rows.end - block.rows.start >= BLOCK || rows.end == n {
                block.rows.end = rows.end;
                block.ties.end = out.ties.len();
                block.openings.end = out.openings.len();
                let next = Block {
                    rows: rows.end..rows.end,
                    ties: out.ties.len()..out.ties.len(),
                    openings: out.openings.len()..out.openings.len(),
                    n_vectors: 0,
                };
                out.blocks.push(std::mem::replace(&mut block, next));
            }
        }
        out
    }

    /// Evaluates at the scaled coefficients `beta`, for data without late
    /// entry.
    pub(super) fn partial_likelihood(&mut self, sets: &RiskSets, beta: &[f64]) -> Partial {
        // Taken out so that the borrow of `self` does not stand in the way; it goes
        // back with its memory.
        let mut scratch = std::mem::take(&mut self.scratch);
        // The totals it keeps belong to other coefficients.
        scratch.forget();
        let sums = self.sum_risks(sets, beta);
        let starts = self.starts(sets, &sums);
        let hazards = self.hazards(sets, &starts, &mut scratch);
        let part = self.part(sets, starts, self.hazards_before(&hazards), &mut scratch);
        self.scratch = scratch;
        let mut out = Partial::new(sets.n_columns());
        // The deaths' part of log-likelihood and gradient does not depend on beta:
        // it was summed when the risk sets were made.
        out.value = sets.death_offset
            + sets.death_covariates.iter().zip(beta).map(|(x, b)| x * b).sum::<f64>()
            + hazards.iter().map(|hazard| hazard.value).sum::<f64>();
        out.gradient.copy_from_slice(&sets.death_covariates);
        add_scaled(&mut out.gradient, -1.0, &part.first);
        // The information as a difference: sum of E x x' less sum of W m m'.
        // Covariates are centred, so that little of it cancels.
        out.triangle.copy_from_slice(&part.expected);
        add_scaled(&mut out.triangle, -1.0, &part.means);
        // Kept before the subtraction: what is left of a column is judged against
        // it.
        for (j, square) in out.squares.iter_mut().enumerate() {
            *square = part.expected[diagonal(j)];
        }
        out
    }

    /// Whether threads would wait for one another longer than they work.
    fn is_small(&self) -> bool {
        // A constant of the data, not of the machine: the number of threads does
        // not enter.
        self.blocks.len() < FEW
    }

    // All hazards come before the sums: a row went through the hazard of earlier
    // times, which are in later blocks.
    fn hazards(&self, sets: &RiskSets, starts: &[Sums], scratch: &mut Scratch) -> Vec<Hazard> {
        let hazard = |scratch: &mut Scratch, (block, start): (&Block, &Sums)| {
            scratch.hazard(Task { sets, blocks: self, block }, start.total)
        };
        if self.is_small() {
            return self.blocks.iter().zip(starts).map(|both| hazard(scratch, both)).collect();
        }
        let blocks = self.blocks.par_iter().zip(starts);
        blocks.map_init(Scratch::default, hazard).collect()
    }

    /// The sums over all blocks, `starts` being what they begin with and
    /// `before` the hazards of earlier times.
    fn part(
        &self,
        sets: &RiskSets,
        starts: Vec<Sums>,
        before: Vec<f64>,
        scratch: &mut Scratch,
    ) -> Part {
        let mut all = Part::zero(sets.n_columns());
        let task = |block| Task { sets, blocks: self, block };
        if self.is_small() {
            for ((block, start), before) in self.blocks.iter().zip(starts).zip(before) {
                scratch.add_part(&mut all, task(block), start, before);
            }
            return all;
        }
        // Threads finish in any order. The parts are kept and added in that of
        // the blocks, as the one thread does above: sums of doubles depend on
        // their order, and no result may depend on the number of threads.
        let blocks = self.blocks.par_iter().zip(starts).zip(before);
        let parts: Vec<Part> = blocks
            .map_init(Scratch::default, |scratch, ((block, start), before)| {
                let mut part = Part::zero(sets.n_columns());
                scratch.add_part(&mut part, task(block), start, before);
                part
            })
            .collect();
        parts.iter().for_each(|part| all.add(part));
        all
    }

    /// Computes every row's risk, and the sums of each block from its last
    /// opening of a stratum on.
    fn sum_risks(&mut self, sets: &RiskSets, beta: &[f64]) -> Vec<Sums> {
        let is_small = self.is_small();
        let Self { blocks, openings, risks, .. } = self;
        let sums = |(block, risks): (&Block, &mut [f64])| {
            // A stratum that opens in the block ends what the blocks before it
            // carry on.
            let opening = openings[block.openings.clone()].last();
            let first = *opening.unwrap_or(&block.rows.start);
            Sums::of(sets, beta, block.rows.clone(), first, risks)
        };
        if is_small {
            let of = |block: &Block| sums((block, &mut risks[block.rows.clone()]));
            return blocks.iter().map(of).collect();
        }
        // Each task gets its own part of the risks to write to.
        // Disjoint parts: threads write without locks.
        let mut rest = risks.as_mut_slice();
        let mut tasks = Vec::with_capacity(blocks.len());
        for block in &*blocks {
            let (risks, later) = rest.split_at_mut(block.rows.len());
            tasks.push((block, risks));
            rest = later;
        }
        tasks.into_par_iter().map(sums).collect()
    }

    /// The sums with which each block begins: those at risk after its times.
    fn starts(&self, sets: &RiskSets, sums: &[Sums]) -> Vec<Sums> {
        // Rows are in descending time: whoever is at risk in earlier blocks is
        // at risk in this one, until a stratum opens.
        let mut running = Sums { total: 0.0, first: vec![0.0; sets.n_columns()] };
        let mut starts = Vec::with_capacity(sums.len());
        for (block, sums) in self.blocks.iter().zip(sums) {
            starts.push(running.clone());
            // Only the sums since the last opening belong to the stratum that goes
            // on.
            if !block.openings.is_empty() {
                running = sums.clone();
            } else {
                running.total += sums.total;
                add_scaled(&mut running.first, 1.0, &sums.first);
            }
        }
        starts
    }

    /// For each block, the hazard of the earlier times of the stratum it ends
    /// in, which are in later blocks.
    fn hazards_before(&self, hazards: &[Hazard]) -> Vec<f64> {
        let mut before = vec![0.0; hazards.len()];
        let mut total = 0.0;
        // From the last block back, as time ascends that way.
        for (position, block) in self.blocks.iter().enumerate().rev() {
            before[position] = total;
            // What opens here leaves nothing to the block before: its earlier times
            // belong to another stratum.
            let later = if block.openings.is_empty() { total } else { 0.0 };
            total = later + hazards[position].until_opening;
        }
        before
    }
}

/// The sum of risks over some rows, and that of their covariates.
#[derive(Debug, Clone)]
struct Sums {
    total: f64,
    first: Vec<f64>,
}

impl Sums {
    /// Writes the risks of rows, and sums those from `first` on.
    fn of(
        sets: &RiskSets,
        beta: &[f64],
        rows: Range<usize>,
        first: usize,
        risks: &mut [f64],
    ) -> Self {
        // Predictors, exponentials and weights in three loops: each is formed
        // several values at a time.
        sets.predict(rows.clone(), beta, risks);
        exponentiate(risks);
        for (risk, weight) in risks.iter_mut().zip(&sets.weights[rows.clone()]) {
            *risk *= weight;
        }
        let risks = &risks[first - rows.start..];
        let columns = sets.columns(first..rows.end);
        let mut first = Vec::with_capacity(beta.len());
        columns.weighted_sums(risks, &mut first);
        Self { total: risks.iter().sum(), first }
    }
}
