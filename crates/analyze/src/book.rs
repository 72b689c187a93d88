//! The findings of one entry, as they are written down.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::{Call, Mistake, Mistakes};
use stats::clusters::Clusters;
use study::{
    Account, ColumnType, Detail, Finding, GroupCurve, IntervalKind, Level, Method, Part, Procedure,
    Quantity, Role, ScoreWeighting, State, SurvivalCurves, Table, Warning,
};

use crate::category::ALL;
use crate::guard::is_of_population;
use crate::monte_carlo::{DrawErrors, error_of};
use crate::refusal::refusal;

/// Collects findings that share a stage, a population and warnings.
pub(crate) struct Book {
    stage: String,
    kind: &'static str,
    population: String,
    endpoint: Option<String>,
    warnings: Vec<Warning>,
    detail: Option<Detail>,
    weighting: Option<ScoreWeighting>,
    findings: Vec<Finding>,
    /// The analysis table, which says how the numbers of its columns are printed.
    table: Option<Arc<Table>>,
    /// Whether it announces findings instead of giving their numbers.
    is_announcing: bool,
    /// Confidence level of the study.
    pub(crate) level: f64,
    /// Days of the unit in which times are printed.
    days_per_unit: f64,
}

impl Book {
    /// An empty book; `warnings` go on every finding; on those of all patients only
    /// what holds of who is analysed.
    pub(crate) fn new(
        call: &Call<'_>,
        kind: &'static str,
        population: &str,
        warnings: Vec<Warning>,
    ) -> Self {
        Self {
            stage: call.name.to_owned(),
            kind,
            population: population.to_owned(),
            endpoint: None,
            warnings,
            detail: None,
            weighting: None,
            findings: Vec::new(),
            table: call.tables.get(&call.study.analysis_table).map(Arc::clone),
            is_announcing: false,
            level: call.study.confidence_level,
            days_per_unit: call.study.days_per_time_unit(),
        }
    }

    /// The same book for a rehearsal: it announces what is written down and
    /// keeps no number.
    pub(crate) fn announcing(self) -> Self {
        Self { is_announcing: true, ..self }
    }

    /// With how the weights of patients came about, where the entry that made them says so.
    pub(crate) fn weighted(self, weighting: Option<ScoreWeighting>) -> Self {
        Self { weighting, ..self }
    }

    /// Whether it announces.
    pub(crate) fn is_announcing(&self) -> bool {
        self.is_announcing
    }

    /// The endpoint of the findings from here on.
    pub(crate) fn set_endpoint(&mut self, endpoint: &str) {
        self.endpoint = Some(endpoint.to_owned());
    }

    /// The warnings of all findings, for what is drawn beside them.
    pub(crate) fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// With further warnings of all findings from here on.
    pub(crate) fn warn(&mut self, warnings: impl IntoIterator<Item = Warning>) {
        self.warnings.extend(warnings);
    }

    /// With a detail of the method of every finding but those of references.
    pub(crate) fn set_detail(&mut self, detail: Detail) {
        self.detail = Some(detail);
    }

    /// Curves to be drawn, with the warnings of the findings; when announcing
    /// they have names and no steps.
    pub(crate) fn curves(
        &self,
        endpoint_label: String,
        interval: IntervalKind,
        mut groups: Vec<GroupCurve>,
    ) -> SurvivalCurves {
        // Some kinds compute on follow-up that stands in for nobody's:
        // what they got from it must not leave the rehearsal.
        if self.is_announcing {
            for group in &mut groups {
                (group.n, group.rows) = (0, Vec::new());
            }
        }
        SurvivalCurves {
            endpoint: self.endpoint.clone().unwrap_or_else(|| self.stage.clone()),
            endpoint_label,
            by_label: None,
            interval,
            confidence_level: self.level,
            reverse: false,
            late_entry: false,
            groups,
            warnings: self.warnings.clone(),
        }
    }

    /// A finding to fill in: its id begins with the stage and `parts`.
    pub(crate) fn draft(
        &self,
        parts: &[Part],
        statistic: &str,
        quantity: Quantity,
        value: f64,
    ) -> Finding {
        let mut finding = Finding::new(&self.stage, self.kind, statistic, quantity, value);
        finding.address.parts = parts.to_vec();
        finding.population.clone_from(&self.population);
        finding.endpoint.clone_from(&self.endpoint);
        finding
    }

    /// Writes down a number that hangs on draws, with a warning where others
    /// could change it visibly, and its Monte Carlo error behind it; no errors
    /// where there is no number.
    pub(crate) fn push_drawn(&mut self, finding: Finding, errors: Option<DrawErrors>) {
        // Made before the finding is handed on: the
        // error stands in the same place as its number.
        let error = error_of(&finding, errors);
        self.push(match errors {
            Some(errors) => self.warned_of(errors, finding),
            None => finding,
        });
        self.push(error);
    }

    /// A number with a warning where other draws could change it visibly.
    pub(crate) fn warned_of(&self, errors: DrawErrors, finding: Finding) -> Finding {
        errors.warn_in_unit(finding, self.days_per_unit)
    }

    /// A number of patients.
    pub(crate) fn count(&self, parts: &[Part], statistic: &str, count: usize) -> Finding {
        self.draft(parts, statistic, Quantity::Count, count as f64)
    }

    /// Writes down how many patients and events there were, and how many were
    /// left out, where `before` stands first in ids.
    pub(crate) fn record_counts(&mut self, before: &[Part], basis: Basis) {
        let counts =
            [("n", Some(basis.n)), ("events", basis.events), ("missing", Some(basis.missing))];
        for (name, count) in counts {
            let Some(count) = count else { continue };
            let name_part = [Part::statistic(name)];
            let parts: Vec<Part> = before.iter().cloned().chain(name_part).collect();
            let finding = self.count(&parts, name, count).from(basis);
            self.push(finding.by_method(Procedure::CompleteCases));
        }
    }

    /// A finding that an estimator may refuse: then it is not estimable, and
    /// warns why.
    pub(crate) fn attempt(
        &self,
        parts: &[Part],
        statistic: &str,
        quantity: Quantity,
        value: Result<f64, stats::Error>,
    ) -> Finding {
        // The finding is written down all the same: a rehearsal
        // announced its id, and texts, tables and claims may name it.
        match value {
            Ok(value) => self.draft(parts, statistic, quantity, value),
            Err(error) => self.draft(parts, statistic, quantity, f64::NAN).warn(refusal(&error)),
        }
    }

    /// Writes a finding down.
    pub(crate) fn push(&mut self, mut finding: Finding) {
        // What a warning of a single finding says comes of data. Those of the entry,
        // below, follow from what is known of its columns, and are announced too.
        if self.is_announcing {
            finding.warnings.clear();
            finding = finding.announced();
        }
        // Whoever drafted it left no reason; a reader must still learn that there is none.
        if finding.state == State::NotEstimable && finding.warnings.is_empty() {
            finding.warnings.push(Warning::NotDefined);
        }
        // A reference is 1 by definition: no estimator made it, and none has details.
        if finding.role != Role::Reference {
            finding.method.details.extend(self.detail.clone());
        }
        if let Some(weighting) = self.weighting {
            say_weighting(&mut finding.method, weighting);
        }
        // A number in the unit of a column is printed with as many decimals as the column has.
        if let (Quantity::Measured, Some(variable)) = (finding.quantity, &finding.variable) {
            finding.decimals =
                self.table.as_ref().and_then(|table| decimals(table, &finding, variable));
        }
        // Adding zero makes one number of 0 and -0, which a sum over nobody and
        // a product with a negative number give: no table should print `-0`.
        finding.value = finding.value.map(|value| value + 0.0);
        finding.standard_error = finding.standard_error.map(|error| error + 0.0);
        // The numbers of all patients stand beside those of groups. That a group
        // is naive does not touch them; how the patients were chosen does.
        let is_of_all = is_of_everybody(&finding);
        let warnings = self.warnings.iter().filter(|one| !is_of_all || is_of_population(one));
        // What is said of the whole entry stands before what is said of one number.
        finding.warnings.splice(0..0, warnings.cloned());
        self.findings.push(finding);
    }

    /// What was done, and with whom. What is naive about it stands in the
    /// warnings of the findings.
    pub(crate) fn methods(&self, account: Account) -> Account {
        let patients = (self.population != ALL).then(|| self.population.clone());
        Account { patients, ..account }
    }

    /// All findings; every id stands once. Announced ones of levels that only
    /// the data know may stand for each other.
    pub(crate) fn findings(mut self) -> Result<Vec<Finding>, Mistakes> {
        let mut seen = BTreeSet::new();
        let mut mistakes = Mistakes::default();
        // In a run two findings of one id are a mistake. In a rehearsal levels that only the
        // data know all print alike, so that the same finding comes once for each of them.
        if self.is_announcing {
            self.findings = once_each(self.findings);
        }
        // Such an id is not whole yet: two that look alike may differ once there are data.
        let is_open = |finding: &Finding| finding.address.parts.contains(&Part::AnyLevel);
        for finding in self.findings.iter().filter(|finding| !is_open(finding)) {
            if !seen.insert(finding.id()) {
                mistakes.push(
                    Mistake::new(format!("two findings have the id `{}`", finding.id())).hint(
                        "ids are made of the names of columns and levels: name them apart, or give a level a name of its own by `level_ids`",
                    ),
                );
            }
        }
        mistakes.or(())?;
        Ok(self.findings)
    }
}

/// Says how patients were weighted, in the place of whose weights they were.
fn say_weighting(method: &mut Method, weighting: ScoreWeighting) {
    for detail in &mut method.details {
        // Put in its place, so that the details of a method keep their order.
        if matches!(detail, Detail::WeightedBy(_)) {
            *detail = Detail::Weights(weighting);
        }
    }
    // A weighted test has no detail that names the entry, so that there is none to replace.
    if matches!(method.procedure, Procedure::WeightedLogRank { .. }) {
        method.details.push(Detail::Weights(weighting));
    }
}

/// Whether a finding is of all patients, beside those of groups: nothing is
/// compared in it. A group may be called `all` too.
fn is_of_everybody(finding: &Finding) -> bool {
    finding.group.as_deref() == Some(ALL) && finding.address.parts.contains(&Part::Everybody)
}

/// Findings of which none says what an earlier one says.
fn once_each(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut open: Vec<usize> = Vec::new();
    for finding in findings {
        if finding.address.parts.contains(&Part::AnyLevel) {
            // Compared as a whole: findings of one id that differ in anything
            // else both stay, because a report may be rehearsed on either.
            if open.iter().any(|place| kept[*place] == finding) {
                continue;
            }
            open.push(kept.len());
        }
        kept.push(finding);
    }
    kept
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
    /// Against a reference level, by its value.
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
        // An estimator that has no error gives none or not a
        // number; both mean that there is nothing to print.
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

    fn against(self, reference: &str) -> Self {
        self.against_level(&Level::named(reference))
    }
}

/// Refuses a single cluster, of which robust errors would be none at all.
pub(crate) fn clusters(codes: Vec<usize>, at: &str) -> Result<Clusters, Mistake> {
    let n = codes.len();
    Clusters::new(codes).map_err(|_| {
        let message = format!("all {n} patients of the analysis are one cluster");
        Mistake::at(&[at], message)
            .hint("errors by cluster need two or more, and hold for many: leave it out")
    })
}

/// What an estimator refused, as a mistake of the entry.
pub(crate) fn refused(error: &stats::Error) -> Mistake {
    Mistake::new(error.to_string())
}

/// Statistics that are values of the variable, or lie between two of them.
const VALUES: [&str; 7] =
    ["median", "lower_quartile", "upper_quartile", "minimum", "maximum", "quantile", "knot"];

/// The digits behind the point of a number of a variable: as declared, and none of a value of
/// whole numbers, unless it lies halfway between two of them.
fn decimals(table: &Table, finding: &Finding, variable: &str) -> Option<u8> {
    let has_whole = table.type_of(variable) == Some(ColumnType::Whole);
    let is_value = VALUES.contains(&finding.statistic.as_str());
    let numbers = [finding.value, finding.lower, finding.upper];
    let has_half = numbers.into_iter().flatten().any(|number| number.fract().abs() == 0.5);
    table.about(variable).decimals.or((has_whole && is_value && !has_half).then_some(0))
}
