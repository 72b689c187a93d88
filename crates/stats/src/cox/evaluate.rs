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

use std::ops::Range;

use rayon::prelude::*;

use super::exponential::exponentiate;
use super::gram::Gram;
use super::moments::add_scaled;
use super::objective::Partial;
use super::risk_sets::{RiskSets, Run};

/// Rows from which on a block ends at the next run.
const BLOCK: usize = 2048;

/// The blocks of a model's risk sets, and memory that evaluations share.
#[derive(Debug)]
pub(super) struct Blocks {
    blocks: Vec<Block>,
    /// Weight times exp(eta) of each row.
    risks: Vec<f64>,
}

/// Runs that are summed together.
#[derive(Debug)]
struct Block {
    runs: Range<usize>,
    rows: Range<usize>,
    opens_stratum: bool,
}

impl Blocks {
    /// Cuts the runs into ranges of about as many rows; a stratum opens a
    /// block.
    pub(super) fn new(sets: &RiskSets) -> Self {
        let mut blocks = Vec::new();
        let mut first = 0;
        let runs = &sets.runs;
        for position in 1..=runs.len() {
            let is_full = |run: &Run| run.rows().start - runs[first].rows().start >= BLOCK;
            if runs.get(position).is_none_or(|run| run.opens_stratum || is_full(run)) {
                let rows = runs[first].rows().start..runs[position - 1].rows().end;
                let opens_stratum = runs[first].opens_stratum;
                blocks.push(Block { runs: first..position, rows, opens_stratum });
                first = position;
            }
        }
        Self { blocks, risks: vec![0.0; sets.subjects.len()] }
    }

    /// Evaluates at the scaled coefficients `beta`, for data without late
    /// entry.
    pub(super) fn partial_likelihood(&mut self, sets: &RiskSets, beta: &[f64]) -> Partial {
        let sums = self.sum_risks(sets, beta);
        let starts = self.starts(sets, &sums);
        let blocks = self.blocks.par_iter().zip(&starts);
        let hazards: Vec<(f64, f64)> = blocks
            .map(|(block, start)| sum_hazards(sets, &self.risks, block, start.total))
            .collect();
        let later = self.hazards_before(&hazards);
        let blocks = self.blocks.par_iter().zip(starts).zip(later);
        let parts: Vec<Part> = blocks
            .map(|((block, start), before)| Part::new(sets, &self.risks, block, start, before))
            .collect();
        let mut out = Partial::new(sets.n_columns());
        out.value = sets.death_offset
            + sets.death_covariates.iter().zip(beta).map(|(x, b)| x * b).sum::<f64>();
        out.gradient.copy_from_slice(&sets.death_covariates);
        let mut squares = vec![0.0; sets.n_columns()];
        for ((value, _), part) in hazards.iter().zip(parts) {
            out.value += value;
            let expected = part.expected.sums();
            for (j, square) in squares.iter_mut().enumerate() {
                *square += expected.triangle[diagonal(j)];
            }
            add_scaled(&mut out.gradient, -1.0, &expected.first);
            add_scaled(&mut out.triangle, 1.0, &expected.triangle);
            add_scaled(&mut out.triangle, -1.0, &part.means.sums().triangle);
        }
        clear_rounding(&mut out.triangle, &squares);
        out
    }

    /// Computes every row's risk, and the sums of each block.
    fn sum_risks(&mut self, sets: &RiskSets, beta: &[f64]) -> Vec<Sums> {
        let mut rest = self.risks.as_mut_slice();
        let mut tasks = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            let (risks, later) = rest.split_at_mut(block.rows.len());
            tasks.push((block, risks));
            rest = later;
        }
        tasks.into_par_iter().map(|(block, risks)| Sums::of(sets, beta, block, risks)).collect()
    }

    /// The sums with which each block begins: those at risk after its times.
    fn starts(&self, sets: &RiskSets, sums: &[Sums]) -> Vec<Sums> {
        let mut running = Sums::zero(sets);
        let mut starts = Vec::with_capacity(sums.len());
        for (block, sums) in self.blocks.iter().zip(sums) {
            if block.opens_stratum {
                running = Sums::zero(sets);
            }
            starts.push(running.clone());
            running.total += sums.total;
            add_scaled(&mut running.first, 1.0, &sums.first);
        }
        starts
    }

    /// For each block, the hazard of the earlier times of its stratum, which
    /// are in later blocks.
    fn hazards_before(&self, hazards: &[(f64, f64)]) -> Vec<f64> {
        let mut before = vec![0.0; hazards.len()];
        let mut total = 0.0;
        for (position, block) in self.blocks.iter().enumerate().rev() {
            before[position] = total;
            total = if block.opens_stratum { 0.0 } else { total + hazards[position].1 };
        }
        before
    }
}

/// Information of a column below this share of its sum of squares is nothing
/// but rounding: all at risk have the same value at each event.
const ROUNDING: f64 = 1e-13;

/// Where the diagonal element of a column stands in a lower triangle by rows.
fn diagonal(column: usize) -> usize {
    column * (column + 3) / 2
}

/// Sets the rows and columns of a lower triangle to zero whose diagonal element
/// is what rounding left of `squares`.
fn clear_rounding(triangle: &mut [f64], squares: &[f64]) {
    let is_rounding: Vec<bool> = (squares.iter().enumerate())
        .map(|(j, square)| triangle[diagonal(j)] <= ROUNDING * square)
        .collect();
    for (i, cleared) in is_rounding.iter().enumerate() {
        let row = &mut triangle[diagonal(i) - i..=diagonal(i)];
        for (value, column_cleared) in row.iter_mut().zip(&is_rounding) {
            if *cleared || *column_cleared {
                *value = 0.0;
            }
        }
    }
}

/// The sum of risks over some rows, and that of their covariates.
#[derive(Debug, Clone)]
struct Sums {
    total: f64,
    first: Vec<f64>,
}

impl Sums {
    fn zero(sets: &RiskSets) -> Self {
        Self { total: 0.0, first: vec![0.0; sets.n_columns()] }
    }

    fn of(sets: &RiskSets, beta: &[f64], block: &Block, risks: &mut [f64]) -> Self {
        let mut sums = Self::zero(sets);
        for (risk, row) in risks.iter_mut().zip(block.rows.clone()) {
            *risk = sets.predictor(row, beta);
        }
        exponentiate(risks);
        for (risk, row) in risks.iter_mut().zip(block.rows.clone()) {
            *risk *= sets.weights[row];
            sums.add(*risk, sets.row(row));
        }
        sums
    }

    fn add(&mut self, risk: f64, x: &[f64]) {
        self.total += risk;
        add_scaled(&mut self.first, risk, x);
    }
}

/// What the event times of a block add to the log-likelihood, and its hazard,
/// `total` being the risk with which the block begins.
fn sum_hazards(sets: &RiskSets, risks: &[f64], block: &Block, mut total: f64) -> (f64, f64) {
    let mut logarithms = Logarithms::default();
    let mut hazard = 0.0;
    for run in &sets.runs[block.runs.clone()] {
        let steps = Steps::new(sets, risks, run, &mut total);
        for step in 0..steps.n {
            let denominator = steps.denominator(step);
            logarithms.add(steps.weight, denominator);
            hazard += steps.weight / denominator;
        }
    }
    (-logarithms.sum(), hazard)
}

/// The steps of a run; one without weight if no one dies.
#[derive(Debug)]
struct Steps {
    n: usize,
    /// Case weight of the deaths of each step.
    weight: f64,
    /// Risk of all at risk.
    total: f64,
    /// Risk of the deaths, of which the first step takes nothing away.
    dying: f64,
}

impl Steps {
    /// Adds a run's risks to `total`.
    fn new(sets: &RiskSets, risks: &[f64], run: &Run, total: &mut f64) -> Self {
        for risk in &risks[run.rows()] {
            *total += risk;
        }
        let deaths = run.deaths();
        let (mut weight, mut dying) = (0.0, 0.0);
        // Most times have one row: no branch on whether it is a death.
        if deaths.len() <= 1 {
            weight = sets.weights[deaths.start] * deaths.len() as f64;
            return Self { n: 1, weight, total: *total, dying };
        }
        let n = sets.n_steps(run);
        for row in deaths {
            weight += sets.weights[row];
            dying += risks[row];
        }
        Self { n, weight: weight / n as f64, total: *total, dying }
    }

    /// The share by which the deaths' risk is reduced.
    fn reduction(&self, step: usize) -> f64 {
        step as f64 / self.n as f64
    }

    fn denominator(&self, step: usize) -> f64 {
        // Most runs have one step, and need no division.
        if step == 0 { self.total } else { self.total - self.reduction(step) * self.dying }
    }
}

/// A sum of weighted logarithms, taken of products while these are neither
/// too large nor too small.
#[derive(Debug, Clone, Copy)]
struct Logarithms {
    sum: f64,
    weight: f64,
    product: f64,
}

impl Default for Logarithms {
    fn default() -> Self {
        Self { sum: 0.0, weight: 1.0, product: 1.0 }
    }
}

impl Logarithms {
    fn add(&mut self, weight: f64, value: f64) {
        let (weight, value) = if weight > 0.0 { (weight, value) } else { (self.weight, 1.0) };
        let product = self.product * value;
        if weight == self.weight && (1e-200..1e200).contains(&product) {
            self.product = product;
        } else {
            self.sum += self.weight * libm::log(self.product);
            (self.weight, self.product) = (weight, value);
        }
    }

    fn sum(self) -> f64 {
        self.sum + self.weight * libm::log(self.product)
    }
}

/// The sums that a block adds to gradient and information.
struct Part {
    /// Of E x and E x x'.
    expected: Gram,
    /// Of W m m'.
    means: Gram,
}

impl Part {
    /// `at_risk` is what the block begins with, `before` the hazard of the
    /// earlier times of its stratum.
    fn new(sets: &RiskSets, risks: &[f64], block: &Block, mut at_risk: Sums, before: f64) -> Self {
        let size = sets.n_columns();
        let (expected, steps) = expected_events(sets, risks, block, at_risk.total, before);
        let mut part = Self { expected: Gram::new(size), means: Gram::new(size) };
        let mut dying = Sums::zero(sets);
        let mut reduced = vec![0.0; size];
        for (run, steps) in sets.runs[block.runs.clone()].iter().zip(steps) {
            for row in run.rows() {
                let x = sets.row(row);
                add_scaled(&mut at_risk.first, risks[row], x);
                part.expected.add(expected[row - block.rows.start], x);
            }
            if steps.n > 1 {
                dying.first.fill(0.0);
                run.deaths().for_each(|row| dying.add(risks[row], sets.row(row)));
            }
            for step in 0..steps.n {
                let inverse = 1.0 / steps.denominator(step);
                let factor = steps.weight * inverse * inverse;
                if step == 0 {
                    part.means.add(factor, &at_risk.first);
                    continue;
                }
                reduced.copy_from_slice(&at_risk.first);
                add_scaled(&mut reduced, -steps.reduction(step), &dying.first);
                part.means.add(factor, &reduced);
            }
        }
        part
    }
}

/// The expected events of a block's rows, and the steps of its runs.
fn expected_events(
    sets: &RiskSets,
    risks: &[f64],
    block: &Block,
    mut total: f64,
    mut before: f64,
) -> (Vec<f64>, Vec<Steps>) {
    let runs = &sets.runs[block.runs.clone()];
    let all = runs.iter().map(|run| Steps::new(sets, risks, run, &mut total));
    let all: Vec<Steps> = all.collect();
    let mut expected = risks[block.rows.clone()].to_vec();
    for (run, steps) in runs.iter().zip(&all).rev() {
        // For those who survive the time and those who die at it.
        let (mut surviving, mut dying) = (before, before);
        for step in 0..steps.n {
            let hazard = steps.weight / steps.denominator(step);
            surviving += hazard;
            dying += if step == 0 { hazard } else { hazard * (1.0 - steps.reduction(step)) };
        }
        before = surviving;
        let first = run.rows().start - block.rows.start;
        let (deaths, others) =
            expected[first..first + run.rows().len()].split_at_mut(run.deaths().len());
        deaths.iter_mut().for_each(|risk| *risk *= dying);
        others.iter_mut().for_each(|risk| *risk *= surviving);
    }
    (expected, all)
}
