//! A model as findings and accounts name it: its estimator and its terms.

use study::{
    Account, Clusters, Detail, Errors, Finding, Level, Method, Practice, Procedure, SplineForm,
};

use super::design::Column;
use super::{Cases, Model, PenaltyName, SplineKind, Term, Values};

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

    /// What was done by this model.
    pub(crate) fn account(&self, practice: Practice) -> Account {
        self.account_by(practice, self.method())
    }

    /// The same by another estimator.
    pub(crate) fn account_by(&self, practice: Practice, method: Method) -> Account {
        // What is fitted alone is no part of the model that the account is of.
        let own = &self.terms[..self.declared.terms.len()];
        let spline = |term: &Term| term.accounted(self.declared.extras.spline(&term.column));
        let pairs = self.declared.extras.interactions.iter().filter_map(|pair| match &pair[..] {
            // The check has refused any other interaction.
            [one, two] => Some([one.clone(), two.clone()]),
            _ => None,
        });
        Account {
            interactions: pairs.collect(),
            ..Account::of(practice, method)
                .explaining(self.declared.explains.value())
                .on(own.iter().map(spline).collect())
        }
    }

    /// By what patients are dependent.
    pub(crate) fn grouping(&self) -> Option<Clusters> {
        let of_weights = self.weights.as_ref().and_then(|weights| weights.clusters.as_ref());
        match (self.declared.cluster, of_weights, self.declared.extras.weights) {
            // Clusters of the weights go first, as in `clusters_of`:
            // a declared one beside them was refused.
            (_, Some(_), Some(entry)) => Some(Clusters::MadeBy(entry.to_owned())),
            (Some(cluster), ..) => Some(Clusters::By(cluster.to_owned())),
            (None, ..) => None,
        }
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
                // Columns of a spline are counted from 1, as tables count.
                Column::Spline(place) => Some(Level::named((place + 1).to_string())),
            })
            .collect();
        let mut finding = finding.of_variable(&self.name_at(cases, position));
        if !levels.is_empty() {
            finding = finding.of_level(&joined(&levels));
        }
        match parts.as_slice() {
            // A product of two terms has no single reference, and no unit.
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
}

/// The levels of an interaction as one.
fn joined(levels: &[Level]) -> Level {
    // One open level leaves the whole open.
    if levels.iter().any(Level::is_any) {
        return Level::any();
    }
    let values: Vec<&str> = levels.iter().map(|level| level.value.as_str()).collect();
    let ids: Vec<&str> =
        levels.iter().map(|level| level.id.as_deref().unwrap_or(&level.value)).collect();
    let joined = Level::named(values.join(":"));
    // An id of its own only where a level has one: otherwise it is made of the values.
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
}
