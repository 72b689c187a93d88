//! The maximum of the likelihood over probabilities of ordered cells, by EM
//! and the iterative convex minorant in turn.

use std::ops::Range;

/// How far below its maximum the log-likelihood may be, a subject: it is
/// concave, so that nothing lies higher than it by more than the largest
/// excess of a d_j over n. The sums d_j round at some 1e-15 of themselves, by
/// which this can still be reached.
pub(super) const CONVERGENCE: f64 = 1e-12;
/// Iterations after which the search is given up. Where a mass tends to zero,
/// EM comes nearer by a share each, and thousands are needed; what is left
/// then is done by `polish`.
const MAXIMUM_ITERATIONS: usize = 20_000;

/// Where the search ended.
pub(super) struct Maximum {
    pub(super) probabilities: Vec<f64>,
    pub(super) log_likelihood: f64,
    pub(super) gap: f64,
    pub(super) iterations: usize,
    pub(super) has_converged: bool,
}

/// Maximises over `n_cells` cells, each subject's span holding some.
pub(super) fn maximize(spans: &[Range<usize>], n_cells: usize) -> Maximum {
    let n = spans.len() as f64;
    // Every cell begins with mass: EM never gives any to a cell that has none.
    let mut probabilities = vec![1.0 / n_cells as f64; n_cells];
    let mut iterations = 0;
    loop {
        let masses = masses(spans, &cumulative(&probabilities));
        let shares = cell_sums(spans, &masses, n_cells);
        // The excess of the largest d_j over n bounds how far the likelihood can
        // still rise.
        let gap = shares.iter().fold(0.0_f64, |most, share| most.max(share - n));
        let has_converged = gap <= CONVERGENCE * n;
        if has_converged || iterations == MAXIMUM_ITERATIONS {
            let log_likelihood = log_likelihood(&masses);
            return Maximum { probabilities, log_likelihood, gap, iterations, has_converged };
        }
        iterations += 1;
        // A step of EM always rises, where a step of the minorant may not; the
        // minorant moves mass over many cells at once, where EM creeps.
        for (probability, share) in probabilities.iter_mut().zip(&shares) {
            *probability *= share / n;
        }
        let distribution = cumulative(&probabilities);
        if let Some(better) = minorant_step(spans, &distribution) {
            probabilities = better.windows(2).map(|pair| pair[1] - pair[0]).collect();
        }
    }
}

/// F before each cell, and after the last.
pub(super) fn cumulative(probabilities: &[f64]) -> Vec<f64> {
    let total: f64 = probabilities.iter().sum();
    let mut distribution = vec![0.0];
    let mut sum = 0.0;
    for probability in probabilities {
        sum += probability;
        // Divided by the total, so that the last value is 1 whatever rounding did
        // to the masses.
        distribution.push(sum / total);
    }
    distribution
}

/// P_i, the probability of each subject's span.
pub(super) fn masses(spans: &[Range<usize>], distribution: &[f64]) -> Vec<f64> {
    spans.iter().map(|span| distribution[span.end] - distribution[span.start]).collect()
}

pub(super) fn log_likelihood(masses: &[f64]) -> f64 {
    masses.iter().map(|mass| libm::log(*mass)).sum()
}

/// d_j, the sum of 1 / P_i over the spans that hold each cell.
pub(super) fn cell_sums(spans: &[Range<usize>], masses: &[f64], n_cells: usize) -> Vec<f64> {
    // Sums of what begins and of what ends, kept apart, cancel less.
    let mut opened = vec![0.0; n_cells + 1];
    let mut closed = vec![0.0; n_cells + 1];
    for (span, mass) in spans.iter().zip(masses) {
        opened[span.start] += 1.0 / mass;
        closed[span.end] += 1.0 / mass;
    }
    let mut sum = 0.0;
    (0..n_cells)
        .map(|cell| {
            sum += opened[cell] - closed[cell];
            sum
        })
        .collect()
}

/// A step of the iterative convex minorant, halved until the likelihood
/// rises; nothing if it does not.
fn minorant_step(spans: &[Range<usize>], distribution: &[f64]) -> Option<Vec<f64>> {
    let masses_here = masses(spans, distribution);
    let here = log_likelihood(&masses_here);
    let last = distribution.len() - 1;
    let mut gradient = vec![0.0; last + 1];
    let mut curvature = vec![0.0; last + 1];
    for (span, mass) in spans.iter().zip(&masses_here) {
        gradient[span.end] += 1.0 / mass;
        gradient[span.start] -= 1.0 / mass;
        curvature[span.end] += 1.0 / (mass * mass);
        curvature[span.start] += 1.0 / (mass * mass);
    }
    // The ends of F are fixed; every other point ends some span.
    let targets: Vec<f64> =
        (1..last).map(|k| distribution[k] + gradient[k] / curvature[k]).collect();
    let mut proposal = vec![0.0];
    proposal.extend(isotonic(&targets, &curvature[1..last]).iter().map(|f| f.clamp(0.0, 1.0)));
    proposal.push(1.0);
    let mut share = 1.0;
    // What a billionth of the way could gain is left to the next step of EM.
    for _ in 0..30 {
        let there: Vec<f64> =
            distribution.iter().zip(&proposal).map(|(f, to)| f + share * (to - f)).collect();
        let value = log_likelihood(&masses(spans, &there));
        if value > here {
            return Some(there);
        }
        share *= 0.5;
    }
    None
}

/// The rising values nearest to `targets` by weighted squares: neighbours
/// that fall are pooled.
fn isotonic(targets: &[f64], weights: &[f64]) -> Vec<f64> {
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (target, weight) in targets.iter().zip(weights) {
        let mut block = (*target, *weight, 1);
        while let Some(&(value, weight, count)) = blocks.last() {
            if value <= block.0 {
                break;
            }
            let total = weight + block.1;
            block = ((value * weight + block.0 * block.1) / total, total, count + block.2);
            blocks.pop();
        }
        blocks.push(block);
    }
    blocks.iter().flat_map(|(value, _, count)| std::iter::repeat_n(*value, *count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_that_fall_are_pooled() {
        let fitted = isotonic(&[1.0, 3.0, 2.0, 2.0, 5.0], &[1.0, 1.0, 1.0, 2.0, 1.0]);
        assert_eq!(fitted, [1.0, 2.25, 2.25, 2.25, 5.0]);
    }

    #[test]
    fn spans_that_do_not_meet_share_by_their_numbers() {
        let maximum = maximize(&[0..1, 1..2, 1..2, 1..2], 2);
        assert!(maximum.has_converged);
        assert!((maximum.probabilities[0] - 0.25).abs() < 1e-12);
    }
}
