//! The findings of one entry, as they are written down.

use std::collections::BTreeSet;

use engine::{Call, Mistake, Mistakes};
use study::{Finding, Part, Quantity, State, Warning};

use crate::category::ALL;

/// Collects findings that share a stage, a population and warnings.
pub(crate) struct Book {
    stage: String,
    kind: &'static str,
    population: String,
    endpoint: Option<String>,
    warnings: Vec<Warning>,
    findings: Vec<Finding>,
    /// Confidence level of the study.
    pub(crate) level: f64,
}

impl Book {
    /// An empty book; `warnings` go on every finding but those of all patients.
    pub(crate) fn new(
        call: &Call<'_>,
        kind: &'static str,
        population: &str,
        warnings: Vec<String>,
    ) -> Self {
        Self {
            stage: call.name.to_owned(),
            kind,
            population: population.to_owned(),
            endpoint: None,
            warnings: warnings.into_iter().map(Warning::from).collect(),
            findings: Vec::new(),
            level: call.study.confidence_level,
        }
    }

    /// The endpoint of the findings from here on.
    pub(crate) fn set_endpoint(&mut self, endpoint: &str) {
        self.endpoint = Some(endpoint.to_owned());
    }

    /// A finding to fill in: its id begins with the stage and `parts`.
    pub(crate) fn draft(
        &self,
        parts: &[&str],
        statistic: &str,
        quantity: Quantity,
        value: f64,
    ) -> Finding {
        let mut finding = Finding::new(&self.stage, self.kind, statistic, quantity, value);
        finding.address.parts = parts.iter().map(|part| Part::Words((*part).to_owned())).collect();
        finding.population.clone_from(&self.population);
        finding.endpoint.clone_from(&self.endpoint);
        finding
    }

    /// A number of patients.
    pub(crate) fn count(&self, parts: &[&str], statistic: &str, count: usize) -> Finding {
        self.draft(parts, statistic, Quantity::Count, count as f64)
    }

    /// Writes down how many patients and events there were, and how many were
    /// left out, where `before` stands first in ids.
    pub(crate) fn record_counts(&mut self, before: &[&str], basis: Basis) {
        let counts =
            [("n", Some(basis.n)), ("events", basis.events), ("missing", Some(basis.missing))];
        for (name, count) in counts {
            let Some(count) = count else { continue };
            let parts: Vec<&str> = before.iter().copied().chain([name]).collect();
            let finding = self.count(&parts, name, count).from(basis);
            self.push(finding.by_method("count of complete cases"));
        }
    }

    /// A finding that an estimator may refuse: then it is not estimable, and
    /// warns why.
    pub(crate) fn attempt(
        &self,
        parts: &[&str],
        statistic: &str,
        quantity: Quantity,
        value: Result<f64, stats::Error>,
    ) -> Finding {
        match value {
            Ok(value) => self.draft(parts, statistic, quantity, value),
            Err(error) => self.draft(parts, statistic, quantity, f64::NAN).warn(error.to_string()),
        }
    }

    /// Writes a finding down.
    pub(crate) fn push(&mut self, mut finding: Finding) {
        if finding.state == State::NotEstimable && finding.warnings.is_empty() {
            finding.warnings.push("not defined on these data".into());
        }
        // Nothing is below zero by nothing.
        finding.value = finding.value.map(|value| value + 0.0);
        finding.standard_error = finding.standard_error.map(|error| error + 0.0);
        if finding.group.as_deref() != Some(ALL) {
            finding.warnings.splice(0..0, self.warnings.iter().cloned());
        }
        self.findings.push(finding);
    }

    /// A paragraph of methods, and who was analysed. What is naive about it
    /// stands in the warnings of the findings.
    pub(crate) fn methods(&self, text: String) -> Option<String> {
        let who = (self.population != ALL)
            .then(|| format!(" Only patients with {} were analysed.", self.population));
        Some(text + &who.unwrap_or_default())
    }

    /// All findings; every id stands once.
    pub(crate) fn findings(self) -> Result<Vec<Finding>, Mistakes> {
        let mut seen = BTreeSet::new();
        let mut mistakes = Mistakes::default();
        for finding in &self.findings {
            if !seen.insert(finding.id()) {
                mistakes.push(
                    Mistake::new(format!("two findings have the id `{}`", finding.id()))
                        .hint("ids are made of the names of columns and levels: name them apart"),
                );
            }
        }
        mistakes.or(())?;
        Ok(self.findings)
    }
}

/// What a finding was computed from.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Basis {
    pub(crate) n: usize,
    pub(crate) events: Option<usize>,
    pub(crate) missing: usize,
}

/// Setters that `Finding` leaves to its maker.
pub(crate) trait Told: Sized {
    /// With the patients it was computed from.
    fn from(self, basis: Basis) -> Self;
    /// With a standard error, where there is one.
    fn with_error(self, standard_error: Option<f64>) -> Self;
    /// With a warning.
    fn warn(self, warning: impl Into<Warning>) -> Self;
    /// At a time.
    fn at_days(self, days: f64) -> Self;
    /// Against a reference level.
    fn against(self, reference: &str) -> Self;
}

impl Told for Finding {
    fn from(mut self, basis: Basis) -> Self {
        self.n = Some(basis.n as u64);
        self.events = basis.events.map(|events| events as u64);
        self.missing = Some(basis.missing as u64);
        self
    }

    fn with_error(mut self, standard_error: Option<f64>) -> Self {
        self.standard_error = standard_error.filter(|error| error.is_finite());
        self
    }

    fn warn(mut self, warning: impl Into<Warning>) -> Self {
        self.warnings.push(warning.into());
        self
    }

    fn at_days(mut self, days: f64) -> Self {
        self.time_days = Some(days);
        self
    }

    fn against(mut self, reference: &str) -> Self {
        self.reference = Some(reference.to_owned());
        self
    }
}

/// A confidence level in words, such as `95%`.
pub(crate) fn level_words(level: f64) -> String {
    format!("{}%", (level * 1e4).round() / 100.0)
}

/// Refuses a single cluster, of which robust errors would be none at all.
pub(crate) fn check_clusters(codes: Option<&[usize]>, at: &str) -> Result<(), Mistake> {
    let Some((first, others)) = codes.and_then(<[usize]>::split_first) else { return Ok(()) };
    if others.iter().any(|code| code != first) {
        return Ok(());
    }
    let message = format!("all {} patients of the analysis are one cluster", others.len() + 1);
    Err(Mistake::at(&[at], message)
        .hint("errors by cluster need two or more, and hold for many: leave it out"))
}

/// What an estimator refused, as a mistake of the entry.
pub(crate) fn refused(error: &stats::Error) -> Mistake {
    Mistake::new(error.to_string())
}
