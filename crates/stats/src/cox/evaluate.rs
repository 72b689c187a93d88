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

use std::ops::Range;

use rayon::prelude::*;

use super::exponential::exponentiate;
use super::gram::{Columns, add_gram, products};
use super::moments::add_scaled;
use super::objective::Partial;
use super::risk_sets::{RiskSets, Run};

/// Rows from which on a block ends at the next run: few enough for their
/// covariates to stay in the first caches.
const BLOCK: usize = 256;

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
    /// The first row of the last stratum that begins here.
    last_opening: Option<usize>,
}

impl Block {
    fn new(sets: &RiskSets, runs: Range<usize>) -> Self {
        let rows = sets.runs[runs.start].rows().start..sets.runs[runs.end - 1].rows().end;
        let opening = sets.runs[runs.clone()].iter().rfind(|run| run.opens_stratum);
        Self { runs, rows, last_opening: opening.map(|run| run.rows().start) }
    }
}

impl Blocks {
    /// Cuts the runs into ranges of about as many rows.
    pub(super) fn new(sets: &RiskSets) -> Self {
        let mut blocks = Vec::new();
        let mut first = 0;
        for (position, run) in sets.runs.iter().enumerate() {
            if run.rows().end - sets.runs[first].rows().start >= BLOCK {
                blocks.push(Block::new(sets, first..position + 1));
                first = position + 1;
            }
        }
        if first < sets.runs.len() {
            blocks.push(Block::new(sets, first..sets.runs.len()));
        }
        Self { blocks, risks: vec![0.0; sets.subjects.len()] }
    }

    /// Evaluates at the scaled coefficients `beta`, for data without late
    /// entry.
    pub(super) fn partial_likelihood(&mut self, sets: &RiskSets, beta: &[f64]) -> Partial {
        let sums = self.sum_risks(sets, beta);
        let starts = self.starts(sets, &sums);
        let blocks = self.blocks.par_iter().zip(&starts);
        let hazards: Vec<Hazard> = blocks
            .map(|(block, start)| Hazard::of(sets, &self.risks, block, start.total))
            .collect();
        let later = self.hazards_before(&hazards);
        let blocks = self.blocks.par_iter().zip(starts).zip(later);
        let parts: Vec<Part> = blocks
            .map_init(Scratch::default, |scratch, ((block, start), before)| {
                scratch.part(sets, &self.risks, block, start, before)
            })
            .collect();
        let mut out = Partial::new(sets.n_columns());
        out.value = sets.death_offset
            + sets.death_covariates.iter().zip(beta).map(|(x, b)| x * b).sum::<f64>();
        out.gradient.copy_from_slice(&sets.death_covariates);
        let mut squares = vec![0.0; sets.n_columns()];
        for (hazard, part) in hazards.iter().zip(parts) {
            out.value += hazard.value;
            for (j, square) in squares.iter_mut().enumerate() {
                *square += part.expected[diagonal(j)];
            }
            add_scaled(&mut out.gradient, -1.0, &part.first);
            add_scaled(&mut out.triangle, 1.0, &part.expected);
            add_scaled(&mut out.triangle, -1.0, &part.means);
        }
        clear_rounding(&mut out.triangle, &squares);
        out
    }

    /// Computes every row's risk, and the sums of each block from its last
    /// opening of a stratum on.
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
            starts.push(running.clone());
            if block.last_opening.is_some() {
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
        for (position, block) in self.blocks.iter().enumerate().rev() {
            before[position] = total;
            let later = if block.last_opening.is_some() { 0.0 } else { total };
            total = later + hazards[position].until_opening;
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

    /// Writes the risks of a block.
    fn of(sets: &RiskSets, beta: &[f64], block: &Block, risks: &mut [f64]) -> Self {
        sets.predict(block.rows.clone(), beta, risks);
        exponentiate(risks);
        for (risk, weight) in risks.iter_mut().zip(&sets.weights[block.rows.clone()]) {
            *risk *= weight;
        }
        let first = block.last_opening.unwrap_or(block.rows.start);
        let risks = &risks[first - block.rows.start..];
        let columns = sets.columns(first..block.rows.end);
        Self {
            total: risks.iter().sum(),
            first: (0..sets.n_columns())
                .map(|j| products([risks], [columns.get(j)])[0][0])
                .collect(),
        }
    }
}

/// What the event times of a block add.
#[derive(Debug, Clone, Copy)]
struct Hazard {
    /// To the log-likelihood.
    value: f64,
    /// The hazard of its times before the first that opens a stratum, which
    /// are of the stratum of the block before it.
    until_opening: f64,
}

impl Hazard {
    /// `total` is the risk with which the block begins.
    fn of(sets: &RiskSets, risks: &[f64], block: &Block, mut total: f64) -> Self {
        let mut logarithms = Logarithms::default();
        let mut hazard = 0.0;
        let mut until_opening = None;
        for run in &sets.runs[block.runs.clone()] {
            if run.opens_stratum {
                until_opening = until_opening.or(Some(hazard));
                total = 0.0;
            }
            let steps = Steps::new(sets, risks, run, &mut total);
            for step in 0..steps.n {
                let denominator = steps.denominator(step);
                logarithms.add(steps.weight, denominator);
                hazard += steps.weight / denominator;
            }
        }
        Self { value: -logarithms.sum(), until_opening: until_opening.unwrap_or(hazard) }
    }
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

/// What the steps of a time add, summed over them.
#[derive(Debug, Clone, Copy)]
struct TimeSums {
    /// Hazard of those who survive the time.
    surviving: f64,
    /// Hazard of those who die at it.
    dying: f64,
    /// Of the square of the mean vector: sum f.
    factor: f64,
    /// The mean share by which the deaths' sums are reduced: b.
    reduction: f64,
    /// Of the square of the deaths' sums: sum f (a - b)^2.
    spread: f64,
}

impl TimeSums {
    fn new(steps: &Steps) -> Self {
        let inverse = 1.0 / steps.total;
        let hazard = steps.weight * inverse;
        let mut sums = Self {
            surviving: hazard,
            dying: hazard,
            factor: hazard * inverse,
            reduction: 0.0,
            spread: 0.0,
        };
        if steps.n > 1 {
            sums.add_later_steps(steps);
        }
        sums
    }

    fn add_later_steps(&mut self, steps: &Steps) {
        for step in 1..steps.n {
            let denominator = steps.denominator(step);
            let share = steps.reduction(step);
            let hazard = steps.weight / denominator;
            self.surviving += hazard;
            self.dying += hazard * (1.0 - share);
            // Mean and sum of squares, a step at a time (West 1979).
            let factor = hazard / denominator;
            let difference = share - self.reduction;
            self.factor += factor;
            self.reduction += difference * factor / self.factor;
            self.spread += factor * difference * (share - self.reduction);
        }
    }
}

/// The sums that a block adds to gradient and information.
struct Part {
    /// Of E x.
    first: Vec<f64>,
    /// Of E x x'.
    expected: Vec<f64>,
    /// Of W m m'.
    means: Vec<f64>,
}

/// Memory for the work on a block.
#[derive(Debug, Default)]
struct Scratch {
    times: Vec<TimeSums>,
    /// Expected events of each row.
    expected: Vec<f64>,
    /// To which vector the sums at risk after each row belong; those of a
    /// later row replace those of an earlier one.
    places: Vec<usize>,
    /// Factors of the vectors.
    factors: Vec<f64>,
    /// The vectors, as columns.
    vectors: Vec<f64>,
    /// Columns times factors.
    scaled: Vec<f64>,
}

impl Scratch {
    /// `at_risk` is what the block begins with, `before` the hazard of the
    /// earlier times of the stratum it ends in.
    fn part(
        &mut self,
        sets: &RiskSets,
        risks: &[f64],
        block: &Block,
        at_risk: Sums,
        before: f64,
    ) -> Part {
        let size = sets.n_columns();
        // One vector more than there are rows, for those after the last event.
        let stride = block.rows.len() + 1;
        self.vectors.resize(stride * size, 0.0);
        self.scaled.resize(2 * stride, 0.0);
        self.set_times(sets, risks, block, at_risk.total);
        self.set_expected(sets, risks, block, before);
        let n_vectors = self.set_places(sets, block);
        self.set_vectors(sets, risks, block, at_risk.first);
        let columns = sets.columns(block.rows.clone());
        let vectors = Columns::new(&self.vectors, stride, size, 0..n_vectors);
        let triangle = || vec![0.0; size * (size + 1) / 2];
        let (mut expected, mut means) = (triangle(), triangle());
        let first = add_gram(&mut expected, &self.expected, &columns, &mut self.scaled);
        add_gram(&mut means, &self.factors[..n_vectors], &vectors, &mut self.scaled);
        Part { first, expected, means }
    }

    fn set_times(&mut self, sets: &RiskSets, risks: &[f64], block: &Block, mut total: f64) {
        self.times.clear();
        for run in &sets.runs[block.runs.clone()] {
            if run.opens_stratum {
                total = 0.0;
            }
            let steps = Steps::new(sets, risks, run, &mut total);
            self.times.push(TimeSums::new(&steps));
        }
    }

    fn set_expected(&mut self, sets: &RiskSets, risks: &[f64], block: &Block, mut before: f64) {
        self.expected.clear();
        self.expected.extend_from_slice(&risks[block.rows.clone()]);
        for (run, sums) in sets.runs[block.runs.clone()].iter().zip(&self.times).rev() {
            let first = run.rows().start - block.rows.start;
            let (deaths, others) =
                self.expected[first..first + run.rows().len()].split_at_mut(run.deaths().len());
            deaths.iter_mut().for_each(|risk| *risk *= before + sums.dying);
            others.iter_mut().for_each(|risk| *risk *= before + sums.surviving);
            before = if run.opens_stratum { 0.0 } else { before + sums.surviving };
        }
    }

    /// Gives each time with deaths a vector, and one more if its steps differ;
    /// tells how many there are.
    fn set_places(&mut self, sets: &RiskSets, block: &Block) -> usize {
        self.places.clear();
        self.factors.resize(block.rows.len() + 1, 0.0);
        let mut place = 0;
        for (run, sums) in sets.runs[block.runs.clone()].iter().zip(&self.times) {
            self.places.extend(run.rows().map(|_| place));
            self.factors[place] = sums.factor;
            place += usize::from(!run.deaths().is_empty());
            if run.deaths().len() > 1 {
                self.factors[place] = sums.spread;
                place += 1;
            }
        }
        place
    }

    /// Writes the vectors: sums of risk times x over those at risk, `first`
    /// being that with which the block begins.
    fn set_vectors(&mut self, sets: &RiskSets, risks: &[f64], block: &Block, mut first: Vec<f64>) {
        let runs = &sets.runs[block.runs.clone()];
        let openings = runs.iter().filter(|run| run.opens_stratum).map(|run| run.rows().start);
        let mut start = block.rows.start;
        for end in openings.chain([block.rows.end]) {
            self.add_up(&sets.columns(start..end), &risks[start..end], block, start, &mut first);
            first.fill(0.0);
            start = end;
        }
        for (position, run) in runs.iter().enumerate() {
            if run.deaths().len() > 1 {
                self.separate_deaths(sets, risks, block, run, self.times[position].reduction);
            }
        }
    }

    /// Writes the vectors of rows of one stratum, from `start` on.
    fn add_up(
        &mut self,
        columns: &Columns<'_>,
        risks: &[f64],
        block: &Block,
        start: usize,
        first: &mut [f64],
    ) {
        let stride = block.rows.len() + 1;
        let places = &self.places[start - block.rows.start..][..risks.len()];
        let mut vectors = self.vectors.chunks_exact_mut(stride);
        let mut j = 0;
        while j < first.len() {
            let sums = &mut first[j..];
            j += match sums.len() {
                1 => running_sums::<1>(columns, j, risks, places, sums, &mut vectors),
                2 | 3 => running_sums::<2>(columns, j, risks, places, sums, &mut vectors),
                _ => running_sums::<4>(columns, j, risks, places, sums, &mut vectors),
            };
        }
    }

    /// Makes the two vectors of a time with several deaths.
    fn separate_deaths(
        &mut self,
        sets: &RiskSets,
        risks: &[f64],
        block: &Block,
        run: &Run,
        reduction: f64,
    ) {
        let stride = block.rows.len() + 1;
        let place = self.places[run.rows().start - block.rows.start];
        let columns = sets.columns(run.deaths());
        for (j, vector) in self.vectors.chunks_exact_mut(stride).enumerate() {
            let [[dying]] = products([&risks[run.deaths()]], [columns.get(j)]);
            vector[place] -= reduction * dying;
            vector[place + 1] = dying;
        }
    }
}

/// Adds up risk times x of `N` columns from the `j`-th on, writing each sum to
/// its place, and gives `N`. Chains of sums go side by side.
fn running_sums<'a, const N: usize>(
    columns: &Columns<'_>,
    j: usize,
    risks: &[f64],
    places: &[usize],
    first: &[f64],
    vectors: &mut impl Iterator<Item = &'a mut [f64]>,
) -> usize {
    let mut sums: [f64; N] = std::array::from_fn(|k| first[k]);
    let x: [&[f64]; N] = std::array::from_fn(|k| &columns.get(j + k)[..risks.len()]);
    let out: [&mut [f64]; N] = std::array::from_fn(|_| vectors.next().unwrap_or_default());
    for (row, (risk, place)) in risks.iter().zip(places).enumerate() {
        for k in 0..N {
            sums[k] += risk * x[k][row];
            out[k][*place] = sums[k];
        }
    }
    N
}
