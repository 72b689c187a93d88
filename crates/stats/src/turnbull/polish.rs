//! Newton's method on the cells with mass, and the information it needs: the
//! search before it ends where the likelihood is flat.

use std::ops::Range;

use nalgebra::DMatrix;

use super::iterate::{CONVERGENCE, Maximum, cell_sums, cumulative, log_likelihood, masses};
use crate::symmetric::Factors;

/// Cells beyond which the system is not solved, as its cost grows with their
/// cube; the search's own convergence then has to do.
const MAXIMUM_CELLS: usize = 500;
/// Cells with less are tried without: far below what one subject of a million
/// would give a cell of its own. One that was wanted shows as d_j above n, and
/// what was found without it is not taken.
const SMALL_MASS: f64 = 1e-7;
/// Newton steps, which double the digits with each, and rounds of leaving out
/// cells, each of which leaves out one or more.
const MAXIMUM_STEPS: usize = 30;
/// Below this share of the largest information a direction has none: cells
/// that no span tells apart have equal rows, and rounding is left of the pivot.
pub(super) const RANK_TOLERANCE: f64 = 1e-10;

/// The maximum after Newton's method, or as it was if that is no better.
pub(super) fn polished(spans: &[Range<usize>], maximum: Maximum) -> Maximum {
    let mut kept: Vec<usize> = (0..maximum.probabilities.len())
        .filter(|cell| maximum.probabilities[*cell] > SMALL_MASS)
        .collect();
    for _ in 0..MAXIMUM_STEPS {
        // One cell has all the mass, and needs no search.
        if kept.len() < 2 || kept.len() > MAXIMUM_CELLS {
            return maximum;
        }
        let Some(found) = newton(spans, &kept, &maximum.probabilities) else { return maximum };
        if found.iter().all(|probability| *probability >= 0.0) {
            return better(spans, &kept, &found, maximum);
        }
        // Cells that came out negative are left out, and the search begins anew
        // without them.
        kept = kept.iter().zip(found).filter(|(_, p)| *p > 0.0).map(|(cell, _)| *cell).collect();
    }
    maximum
}

/// The maximum over the kept cells, where some may have come out negative.
fn newton(spans: &[Range<usize>], kept: &[usize], start: &[f64]) -> Option<Vec<f64>> {
    let among = |cell: usize| kept.partition_point(|other| *other < cell);
    let spans: Vec<Range<usize>> =
        spans.iter().map(|span| among(span.start)..among(span.end)).collect();
    // The cells left out give their mass to the others in proportion.
    let total: f64 = kept.iter().map(|cell| start[*cell]).sum();
    let mut probabilities: Vec<f64> = kept.iter().map(|cell| start[*cell] / total).collect();
    let free = kept.len() - 1;
    for _ in 0..MAXIMUM_STEPS {
        let masses = masses(&spans, &cumulative(&probabilities));
        if masses.iter().any(|mass| *mass <= 0.0) {
            return None;
        }
        let sums = cell_sums(&spans, &masses, kept.len());
        // By p_j with the last cell paying for it: d_j - d_last.
        let gradient: Vec<f64> = sums[..free].iter().map(|sum| sum - sums[free]).collect();
        let factors = Factors::new(&information(&spans, &masses, kept.len()), RANK_TOLERANCE);
        let step = factors.solve(&gradient);
        let longest = step.iter().fold(0.0_f64, |most, part| most.max(part.abs()));
        for (probability, part) in probabilities.iter_mut().zip(&step) {
            *probability += part;
        }
        probabilities[free] -= step.iter().sum::<f64>();
        // So far outside, the likelihood is nothing like its parabola here.
        if !longest.is_finite() || probabilities.iter().any(|p| *p < -0.5) {
            return None;
        }
        // 1e-15 is a few last bits of probabilities that sum to one.
        if longest < 1e-15 || probabilities.iter().any(|p| *p < 0.0) {
            break;
        }
    }
    Some(probabilities)
}

/// The polished probabilities, if they fulfil the conditions of the maximum
/// at least as well.
fn better(spans: &[Range<usize>], kept: &[usize], found: &[f64], maximum: Maximum) -> Maximum {
    let n = spans.len() as f64;
    let mut probabilities = vec![0.0; maximum.probabilities.len()];
    for (cell, probability) in kept.iter().zip(found) {
        probabilities[*cell] = *probability;
    }
    let masses = masses(spans, &cumulative(&probabilities));
    if masses.iter().any(|mass| *mass <= 0.0) {
        return maximum;
    }
    let sums = cell_sums(spans, &masses, probabilities.len());
    let gap = sums.iter().fold(0.0_f64, |most, sum| most.max(sum - n));
    // Kept if no cell wants more mass than before, or if all are within
    // convergence.
    if gap > maximum.gap.max(CONVERGENCE * n) {
        return maximum;
    }
    let log_likelihood = log_likelihood(&masses);
    let has_converged = gap <= CONVERGENCE * n;
    Maximum { probabilities, log_likelihood, gap, has_converged, ..maximum }
}

/// The observed information of all probabilities but the last, which is one
/// less the others: the sum over subjects of b b' / P^2, b telling which
/// cells the subject's span holds, less whether it holds the last.
pub(super) fn information(spans: &[Range<usize>], masses: &[f64], n_cells: usize) -> DMatrix<f64> {
    // Each subject adds a square block; corners summed up fill the squares.
    let mut sums = DMatrix::<f64>::zeros(n_cells + 1, n_cells + 1);
    for (span, mass) in spans.iter().zip(masses) {
        let weight = 1.0 / (mass * mass);
        sums[(span.start, span.start)] += weight;
        sums[(span.end, span.end)] += weight;
        sums[(span.start, span.end)] -= weight;
        sums[(span.end, span.start)] -= weight;
    }
    for j in 0..n_cells {
        for k in 0..n_cells {
            let above = if j > 0 { sums[(j - 1, k)] } else { 0.0 };
            let before = if k > 0 { sums[(j, k - 1)] } else { 0.0 };
            let corner = if j > 0 && k > 0 { sums[(j - 1, k - 1)] } else { 0.0 };
            // Inclusion and exclusion: what is above and before, less what was
            // counted twice.
            sums[(j, k)] += above + before - corner;
        }
    }
    let last = n_cells - 1;
    DMatrix::from_fn(last, last, |j, k| {
        sums[(j, k)] - sums[(j, last)] - sums[(last, k)] + sums[(last, last)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_information_of_a_binomial_share() {
        // One of four in the first cell: 1 / p^2 + 3 / (1 - p)^2.
        let spans = [0..1, 1..2, 1..2, 1..2];
        let found = information(&spans, &[0.25, 0.75, 0.75, 0.75], 2);
        assert!((found[(0, 0)] - (16.0 + 3.0 / (0.75 * 0.75))).abs() < 1e-12);
    }
}
