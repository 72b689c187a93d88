//! A model in words: its estimator and its terms.

use study::{Clusters, Detail, Errors, Finding, Level, Method, Procedure, SplineForm, in_sentence};

use super::design::Column;
use super::{Cases, Model, PenaltyName, SplineKind, TiesName, Values};

impl Model<'_> {
    /// The estimator.
    pub(crate) fn method(&self) -> Method {
        self.method_of(Method::of(Procedure::Cox).with(Detail::Ties(self.declared.ties.value())))
    }

    /// Another estimator with what was declared beside it.
    pub(crate) fn method_of(&self, method: Method) -> Method {
        let (declared, extras) = (&self.declared, &self.declared.extras);
        let penalty = match (extras.penalty, extras.ridge) {
            (PenaltyName::Ridge, Some(size)) => Some(Detail::Ridge(size)),
            (PenaltyName::Firth, _) => Some(Detail::Firth),
            _ => None,
        };
        let strata = (!declared.strata.is_empty()).then(|| declared.strata.to_vec());
        let errors = match self.grouping() {
            Some(clusters) => Some(Errors::Clustered(clusters)),
            None => declared.is_robust().then_some(Errors::Robust),
        };
        method
            .and(penalty)
            .and(strata.map(Detail::StratifiedBy))
            .and(extras.offset.map(|offset| Detail::Offset(offset.to_owned())))
            .and(extras.entry.map(|entry| Detail::AtRiskFrom(entry.to_owned())))
            .and(extras.weights.map(|weights| Detail::WeightedBy(weights.to_owned())))
            .and(errors.map(Detail::Errors))
    }

    /// The estimator in words, for the paragraph of methods.
    pub(crate) fn in_words(&self) -> String {
        let ties = self.declared.ties.words();
        self.in_words_of(format!("Cox proportional hazards, {ties} ties"))
    }

    /// Another estimator, in words, with what was declared beside it.
    pub(crate) fn in_words_of(&self, mut method: String) -> String {
        let (declared, extras) = (&self.declared, &self.declared.extras);
        match (extras.penalty, extras.ridge) {
            (PenaltyName::Ridge, Some(size)) => method.push_str(&format!(", ridge of size {size}")),
            (PenaltyName::Firth, _) => method.push_str(", Firth's penalised likelihood"),
            _ => {}
        }
        if !declared.strata.is_empty() {
            method.push_str(&format!(", stratified by {}", declared.strata.join(", ")));
        }
        if let Some(offset) = extras.offset {
            method.push_str(&format!(", offset {offset}"));
        }
        if let Some(entry) = extras.entry {
            method.push_str(&format!(", at risk from {entry} on"));
        }
        if let Some(weights) = extras.weights {
            method.push_str(&format!(", weighted by {weights}"));
        }
        match self.clusters_in_words() {
            Some(words) => method.push_str(&format!(", robust errors {words}")),
            None if declared.is_robust() => method.push_str(", robust errors"),
            None => {}
        }
        method
    }

    /// How limits of the ratios come about.
    pub(crate) fn limits_in_words(&self) -> &'static str {
        match self.declared.extras.penalty {
            PenaltyName::Firth => {
                "with limits and tests of each coefficient from the profile of the penalised likelihood"
            }
            _ => "with Wald confidence limits",
        }
    }

    /// What exact ties make of time and ratios.
    pub(crate) fn discrete_in_words(&self) -> &'static str {
        match self.declared.ties {
            TiesName::Exact => {
                " Time was taken as discrete, so that the ratios are those of conditional odds."
            }
            _ => "",
        }
    }

    /// By what patients are dependent.
    pub(crate) fn grouping(&self) -> Option<Clusters> {
        let of_weights = self.weights.as_ref().and_then(|weights| weights.clusters.as_ref());
        match (self.declared.cluster, of_weights, self.declared.extras.weights) {
            (_, Some(_), Some(entry)) => Some(Clusters::MadeBy(entry.to_owned())),
            (Some(cluster), ..) => Some(Clusters::By(cluster.to_owned())),
            (None, ..) => None,
        }
    }

    fn clusters_in_words(&self) -> Option<String> {
        self.grouping().map(|clusters| match clusters {
            Clusters::By(column) => format!("clustered by {column}"),
            Clusters::MadeBy(entry) => format!("clustered as {entry} made them"),
        })
    }

    /// The term of a covariate, or the two of a product: `arm`, `arm:age`.
    pub(crate) fn name_at(&self, cases: &Cases, position: usize) -> String {
        let parts = cases.design.parts(position);
        let names: Vec<&str> =
            parts.iter().map(|(term, _)| self.terms[*term].column.as_str()).collect();
        names.join(":")
    }

    /// About one covariate: its term, and its level or column of a spline.
    pub(crate) fn about_covariate(
        &self,
        finding: Finding,
        cases: &Cases,
        position: usize,
    ) -> Finding {
        let parts = cases.design.parts(position);
        let levels: Vec<Level> = (parts.iter())
            .filter_map(|(term, column)| match column {
                Column::Number => None,
                Column::Level(level) => self.terms[*term].level(*level).cloned(),
                Column::Spline(place) => Some(Level::named((place + 1).to_string())),
            })
            .collect();
        let mut finding = finding.of_variable(&self.name_at(cases, position));
        if !levels.is_empty() {
            finding = finding.of_level(&joined(&levels));
        }
        match parts.as_slice() {
            [(term, _)] => match &self.terms[*term].values {
                Values::Levels { category, reference } => {
                    finding.against_level(&category.levels[*reference])
                }
                Values::Numbers(_) => {
                    finding.unit.clone_from(&self.terms[*term].unit);
                    finding
                }
            },
            _ => finding,
        }
    }

    /// The terms in words, with their references.
    pub(crate) fn terms_in_words(&self) -> String {
        let words = self.terms[..self.declared.terms.len()]
            .iter()
            .map(|term| (in_sentence(&term.label), term));
        let words = words.map(|(label, term)| match &term.values {
            Values::Numbers(_) => match (self.declared.extras.spline(&term.column), &term.unit) {
                (Some(spline), _) => format!("{label} ({})", spline.kind.words()),
                (None, Some(unit)) => format!("{label} (per {unit})"),
                (None, None) => format!("{label} (per unit)"),
            },
            Values::Levels { category, reference } => {
                let reference = in_sentence(&category.levels[*reference].label);
                format!("{label} (reference: {reference})")
            }
        });
        let pairs = self.declared.extras.interactions.iter().enumerate().map(|(place, _)| {
            let [left, right] = self.pair(place).map(|term| in_sentence(&self.terms[term].label));
            format!("the interaction of {left} and {right}")
        });
        words.chain(pairs).collect::<Vec<_>>().join("; ")
    }
}

/// The levels of an interaction as one.
fn joined(levels: &[Level]) -> Level {
    if levels.iter().any(Level::is_any) {
        return Level::any();
    }
    let values: Vec<&str> = levels.iter().map(|level| level.value.as_str()).collect();
    let ids: Vec<&str> =
        levels.iter().map(|level| level.id.as_deref().unwrap_or(&level.value)).collect();
    let joined = Level::named(values.join(":"));
    let id = (ids != values).then(|| ids.join(":"));
    Level { id, ..joined }
}

impl SplineKind {
    /// The spline as a value.
    pub(crate) fn form(self) -> SplineForm {
        match self {
            Self::Natural => SplineForm::Natural,
            Self::Restricted => SplineForm::Restricted,
        }
    }

    /// The spline in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Natural => "natural cubic spline",
            Self::Restricted => "restricted cubic spline",
        }
    }
}
