//! What one block adds: its hazard, and its sums of products.

use std::ops::Range;

use super::steps::{Logarithms, Steps, TimeSums};
use super::{Block, Blocks, Sums};
use crate::cox::arrangement::Run;
use crate::cox::gram::{Columns, add_gram};
use crate::cox::risk_sets::RiskSets;
use crate::symmetric::add_scaled;

/// What the event times of a block add.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hazard {
    /// To the log-likelihood.
    pub(super) value: f64,
    /// The hazard of its times of the stratum of the block before it.
    pub(super) until_opening: f64,
}

/// The sums of gradient and information.
#[derive(Debug)]
pub(super) struct Part {
    /// Of E x.
    pub(super) first: Vec<f64>,
    /// Of E x x'.
    pub(super) expected: Vec<f64>,
    /// Of W m m'.
    pub(super) means: Vec<f64>,
}

impl Part {
    pub(super) fn zero(n_columns: usize) -> Self {
        let triangle = || vec![0.0; n_columns * (n_columns + 1) / 2];
        Self { first: vec![0.0; n_columns], expected: triangle(), means: triangle() }
    }

    pub(super) fn add(&mut self, other: &Self) {
        add_scaled(&mut self.first, 1.0, &other.first);
        add_scaled(&mut self.expected, 1.0, &other.expected);
        add_scaled(&mut self.means, 1.0, &other.means);
    }
}

/// A block at work.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) sets: &'a RiskSets,
    pub(super) blocks: &'a Blocks,
    pub(super) block: &'a Block,
}

impl<'a> Task<'a> {
    fn risks(&self, rows: Range<usize>) -> &'a [f64] {
        &self.blocks.risks[rows]
    }

    /// Its runs of several rows with deaths.
    fn ties(&self) -> impl Iterator<Item = &'a Run> {
        let runs = &self.sets.runs;
        let ties = &self.blocks.ties[self.block.ties.clone()];
        ties.iter().map(|position| &runs[*position as usize])
    }

    /// Its rows, stratum by stratum: first those of the stratum of the block
    /// before it, if any.
    fn segments(&self) -> impl DoubleEndedIterator<Item = Range<usize>> {
        let Block { rows, openings, .. } = self.block;
        let openings = &self.blocks.openings[openings.clone()];
        // One segment more than openings: the first belongs to the stratum that
        // came in from before, and is empty where the block opens one at once.
        (0..=openings.len()).map(move |position| {
            let start = if position == 0 { rows.start } else { openings[position - 1] };
            start..openings.get(position).copied().unwrap_or(rows.end)
        })
    }

    /// A row's place in the block.
    fn within(&self, rows: Range<usize>) -> Range<usize> {
        rows.start - self.block.rows.start..rows.end - self.block.rows.start
    }
}

/// Memory for the work on a block.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The first row of the block whose totals these are, if any.
    prepared: Option<usize>,
    /// Risk of all at risk at each row, those of its time that come later in
    /// the pass not counted.
    totals: Vec<f64>,
    /// One over these.
    inverses: Vec<f64>,
    /// Case weight of each row that dies alone.
    weights: Vec<f64>,
    /// Sums over the steps of each tie.
    ties: Vec<TimeSums>,
    /// Hazard of each row's time, in the last of its rows.
    hazards: Vec<f64>,
    /// Expected events of each row.
    expected: Vec<f64>,
    /// Factors of the vectors.
    factors: Vec<f64>,
    /// The vectors, as columns.
    vectors: Vec<f64>,
    /// Sums of risk times x over the deaths of one time.
    dying: Vec<f64>,
    /// Columns times factors.
    scaled: Vec<f64>,
}

impl Scratch {
    /// `total` is the risk with which the block begins.
    pub(super) fn hazard(&mut self, task: Task<'_>, total: f64) -> Hazard {
        self.set_totals(task, total);
        let mut logarithms = Logarithms::default();
        // Rows that do not die alone have weight zero here, and are passed over.
        logarithms.add_all(&self.weights, &self.totals);
        let until = task.segments().next().map_or(0, |segment| segment.len());
        // Only the first segment's times belong to the stratum of the block before.
        let mut until_opening = quotients(&self.weights[..until], &self.totals[..until]);
        for run in task.ties() {
            let steps = self.steps(task, run);
            let mut hazard = 0.0;
            for step in 0..steps.n {
                logarithms.add(steps.weight, steps.denominator(step));
                hazard += steps.weight / steps.denominator(step);
            }
            if run.rows().start < task.block.rows.start + until {
                until_opening += hazard;
            }
        }
        Hazard { value: -logarithms.sum(), until_opening }
    }

    /// To be called where an evaluation begins: risks are others now.
    pub(super) fn forget(&mut self) {
        self.prepared = None;
    }

    fn set_totals(&mut self, task: Task<'_>, mut total: f64) {
        let block = Some(task.block.rows.start);
        if self.prepared == block {
            return;
        }
        // Hazards and sums both need the totals, and a single thread meets the
        // same block twice in a row where there is but one.
        self.prepared = block;
        self.totals.clear();
        // Plain running sums in the order of the pass; a new segment begins from
        // nothing.
        for segment in task.segments() {
            self.totals.extend(task.risks(segment).iter().map(|risk| {
                total += risk;
                total
            }));
            total = 0.0;
        }
        self.weights.clear();
        self.weights.extend_from_slice(&task.sets.death_weights[task.block.rows.clone()]);
        // Ties are counted step by step below; the rows that die alone go
        // through loops without branches, which the compiler forms side by side.
        for run in task.ties() {
            self.weights[task.within(run.deaths())].fill(0.0);
        }
    }

    fn steps(&self, task: Task<'_>, run: &Run) -> Steps {
        let last = task.within(run.rows()).end - 1;
        // After the run's last row the total holds all of its time.
        Steps::new(task.sets, &task.blocks.risks, run, self.totals[last])
    }

    /// `at_risk` is what the block begins with, `before` the hazard of the
    /// earlier times of the stratum it ends in.
    pub(super) fn add_part(&mut self, part: &mut Part, task: Task<'_>, at_risk: Sums, before: f64) {
        let size = task.sets.n_columns();
        let n_vectors = task.block.n_vectors;
        // One vector more, for rows after the last event.
        let stride = n_vectors + 1;
        self.set_totals(task, at_risk.total);
        self.set_hazards(task, stride);
        self.set_expected(task, before);
        self.vectors.resize(stride * size, 0.0);
        self.set_vectors(task, stride, at_risk.first);
        // Room for two scaled columns, of rows or of vectors, whichever are more.
        self.scaled.resize(2 * stride.max(task.block.rows.len()), 0.0);
        let columns = task.sets.columns(task.block.rows.clone());
        let vectors = Columns::new(&self.vectors, stride, size, 0..n_vectors);
        let Self { expected, factors, scaled, .. } = self;
        add_gram(&mut part.first, &mut part.expected, expected, &columns, scaled);
        // The squares of the mean vectors are one more product of columns, with the
        // steps' factors as weights.
        add_gram(&mut [], &mut part.means, &factors[..n_vectors], &vectors, scaled);
    }

    /// Sets hazards and factors, as if each row died alone; then those of
    /// ties.
    fn set_hazards(&mut self, task: Task<'_>, stride: usize) {
        // One division a row; hazard and factor are products of it.
        self.inverses.clear();
        self.inverses.extend(self.totals.iter().map(|total| 1.0 / total));
        self.hazards.clear();
        self.hazards
            .extend(self.weights.iter().zip(&self.inverses).map(|(w, inverse)| w * inverse));
        self.factors.resize(stride, 0.0);
        let places = &task.blocks.places[task.block.rows.clone()];
        // Rows that do not die alone write zeros, which the next row of their
        // place, or the ties below, replace.
        for ((place, hazard), inverse) in places.iter().zip(&self.hazards).zip(&self.inverses) {
            self.factors[usize::from(*place)] = hazard * inverse;
        }
        self.ties.clear();
        for run in task.ties() {
            let sums = TimeSums::new(&self.steps(task, run));
            self.ties.push(sums);
            let rows = task.within(run.rows());
            // Put in the last row, from which the backward pass goes through all
            // rows of the time.
            self.hazards[rows.end - 1] = sums.surviving;
            let place = usize::from(places[rows.start]);
            self.factors[place] = sums.factor;
            if run.deaths().len() > 1 {
                self.factors[place + 1] = sums.spread;
            }
        }
    }

    /// Risk times the hazard that each row went through.
    fn set_expected(&mut self, task: Task<'_>, mut hazard: f64) {
        self.expected.resize(task.block.rows.len(), 0.0);
        // From the last row back: time ascends that way, and the hazard that a
        // row went through is that of all times up to its own.
        for segment in task.segments().rev() {
            let rows = task.within(segment.clone());
            let own = self.hazards[rows.clone()].iter();
            let expected = self.expected[rows].iter_mut();
            for ((expected, own), risk) in expected.zip(own).zip(task.risks(segment)).rev() {
                hazard += own;
                *expected = risk * hazard;
            }
            hazard = 0.0;
        }
        for (run, sums) in task.ties().zip(&self.ties).filter(|(run, _)| run.deaths().len() > 1) {
            // A death at this time goes through less of its hazard than those
            // who survive it: each step after its own has it no longer.
            let deaths = self.expected[task.within(run.deaths())].iter_mut();
            for (expected, risk) in deaths.zip(task.risks(run.deaths())) {
                *expected -= risk * (sums.surviving - sums.dying);
            }
        }
    }

    /// Writes the vectors: sums of risk times x over those at risk, `first`
    /// being that with which the block begins.
    fn set_vectors(&mut self, task: Task<'_>, stride: usize, mut first: Vec<f64>) {
        for segment in task.segments() {
            let (risks, columns) =
                (task.risks(segment.clone()), task.sets.columns(segment.clone()));
            let rows = Rows { risks, places: &task.blocks.places[segment], columns };
            let mut vectors = self.vectors.chunks_exact_mut(stride);
            let mut j = 0;
            // Four chains while there are four columns left, then two or one.
            while j < first.len() {
                let sums = &mut first[j..];
                j += match sums.len() {
                    1 => rows.running_sums::<1>(j, sums, &mut vectors),
                    2 | 3 => rows.running_sums::<2>(j, sums, &mut vectors),
                    _ => rows.running_sums::<4>(j, sums, &mut vectors),
                };
            }
            first.fill(0.0);
        }
        for (run, sums) in task.ties().zip(&self.ties).filter(|(run, _)| run.deaths().len() > 1) {
            // The two vectors of a time with several deaths.
            let place = usize::from(task.blocks.places[run.rows().start]);
            let columns = task.sets.columns(run.deaths());
            columns.weighted_sums(task.risks(run.deaths()), &mut self.dying);
            // S - b T takes the place of S, and T stands beside it: the two squares
            // to which the steps' squares sum.
            for (vector, dying) in self.vectors.chunks_exact_mut(stride).zip(&self.dying) {
                vector[place] -= sums.reduction * dying;
                vector[place + 1] = *dying;
            }
        }
    }
}

/// The sum of quotients, in as many independent sums as the compiler forms
/// side by side.
fn quotients(numerators: &[f64], denominators: &[f64]) -> f64 {
    const LANES: usize = 4;
    let mut sums = [0.0; LANES];
    let (numerators, rest) = numerators.as_chunks::<LANES>();
    let (denominators, other_rest) = denominators.as_chunks::<LANES>();
    for (numerators, denominators) in numerators.iter().zip(denominators) {
        for lane in 0..LANES {
            sums[lane] += numerators[lane] / denominators[lane];
        }
    }
    // Four sums, then the rest one by one: the same order on every processor.
    rest.iter().zip(other_rest).fold(sums.iter().sum(), |sum, (a, b)| sum + a / b)
}

/// Rows of one stratum.
struct Rows<'a> {
    risks: &'a [f64],
    places: &'a [u16],
    columns: Columns<'a>,
}

impl Rows<'_> {
    /// Adds up risk times x of `N` columns from the `j`-th on, writing each
    /// sum to its place, and gives `N`. Chains of sums go side by side.
    fn running_sums<'v, const N: usize>(
        &self,
        j: usize,
        first: &[f64],
        vectors: &mut impl Iterator<Item = &'v mut [f64]>,
    ) -> usize {
        // A running sum waits for the one before it; N of them go on while one
        // waits. The order within each stays that of the rows.
        let mut sums: [f64; N] = std::array::from_fn(|k| first[k]);
        let x: [&[f64]; N] = std::array::from_fn(|k| &self.columns.get(j + k)[..self.risks.len()]);
        let out: [&mut [f64]; N] = std::array::from_fn(|_| vectors.next().unwrap_or_default());
        for (row, (risk, place)) in self.risks.iter().zip(self.places).enumerate() {
            for k in 0..N {
                sums[k] += risk * x[k][row];
                out[k][usize::from(*place)] = sums[k];
            }
        }
        N
    }
}
