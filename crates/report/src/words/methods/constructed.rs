//! The paragraph of what published numbers imply of others.

use study::{Account, Practice};

/// Cohorts that reproduce published numbers.
pub(super) fn identified_set(accounts: &[&Account]) -> String {
    let cohorts = accounts.iter().map(|account| match account.practice {
        Practice::IdentifiedSet { cohorts } => cohorts,
        _ => 0,
    });
    let cohorts: usize = cohorts.sum();
    format!(
        "Simulated annealing constructed {cohorts} cohorts that reproduce the published numbers."
    )
}
