//! The paragraph before all others: what holds where nothing else is said.

use study::Ties;

use super::lists::listed;
use super::shared::DISCRETE;
use super::teller::Teller;
use crate::words::method::interval_name;
use crate::words::{choices, percent};

impl Teller<'_> {
    /// The paragraph that comes first.
    pub(super) fn opening(&self, level: f64) -> String {
        let shared = &self.shared;
        let endpoints = match shared.endpoints.as_slice() {
            [] => None,
            [one] => Some(format!("the endpoint is {}", self.outcome(one))),
            several => {
                let named = several.iter().map(|one| match shared.short(one) {
                    // An endpoint without a label is called by its short form already.
                    Some(short) if short != self.in_full(one) => {
                        format!("{} ({short})", self.in_full(one))
                    }
                    Some(_) | None => self.in_full(one),
                });
                Some(format!("endpoints are {}", listed(&named.collect::<Vec<_>>())))
            }
        };
        let which = if shared.has_exposure { "groups and exposure are" } else { "groups are" };
        let groups = shared.groups.as_ref();
        let groups = groups.map(|groups| format!("{which} by {}", self.groups(groups)));
        let scale = shared
            .scale
            .map_or_else(String::new, |scale| format!(" ({} for curves)", interval_name(scale)));
        let limits = Some(format!("limits are {} confidence limits{scale}", percent(level)));
        // Said once for all, because many p-values invite the question.
        let tests = "tests are two-sided, p-values unadjusted for their number";
        let tests = shared.has_tests.then(|| tests.to_owned());
        let ties = shared.ties.map_or_else(String::new, |ties| match ties {
            Ties::Exact => format!(" and exact ties ({DISCRETE})"),
            other => format!(" and {}'s ties", choices::ties(other)),
        });
        let models = shared
            .has_models
            .then(|| format!("models hold patients with every term known, with Wald limits{ties}"));
        let told: Vec<String> =
            [endpoints, groups, limits, tests, models].into_iter().flatten().collect();
        let mut text = format!("Unless said otherwise, {}.", told.join("; "));
        if shared.has_weights {
            text.push_str(" Weights are taken as known, with robust errors");
            text.push_str(if shared.makes_sets { " (by matched set)." } else { "." });
        }
        text
    }
}
