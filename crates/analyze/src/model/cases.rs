//! The patients a model is fitted to, with their covariates, and the fit.

use engine::Mistake;
use stats::cox::{CoxFit, CoxModel};
use stats::survival_data::SurvivalData;

use super::{Model, Values};
use crate::book::{Basis, refused};

/// The part of follow-up that a fit looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Period {
    /// All of it.
    Whole,
    /// Until these days, themselves included; whoever is followed longer is censored there.
    Before(f64),
    /// After these days, for those who were followed longer.
    After(f64),
}

impl Period {
    fn part(self, (days, event): (f64, bool)) -> Option<(f64, bool)> {
        match self {
            Self::Whole => Some((days, event)),
            Self::Before(cut) => Some((days.min(cut), event && days <= cut)),
            Self::After(cut) => (days > cut).then_some((days, event)),
        }
    }
}

/// A row of a term in the tables: its number, or one of its levels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// Place of the term in the model.
    pub(crate) term: usize,
    /// The level's position; none for a number.
    pub(crate) level: Option<usize>,
    /// What became of it.
    pub(crate) part: Part,
    /// Patients at the level, or of the model.
    pub(crate) n: usize,
    /// Events among them.
    pub(crate) events: usize,
}

/// What a row is in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The covariate at this position.
    Covariate(usize),
    /// The reference level.
    Reference,
    /// A level that no patient has.
    NoPatients,
    /// A level whose reference no patient has.
    NoReference,
}

/// Patients with covariates.
pub(crate) struct Cases {
    /// Positions in the population.
    pub(crate) included: Vec<usize>,
    /// Rows of all terms, in order.
    pub(crate) rows: Vec<Row>,
    data: SurvivalData,
    places: Vec<usize>,
    covariates: Vec<f64>,
    n_covariates: usize,
    missing: usize,
}

impl Cases {
    /// The covariates of the `complete` patients in a period.
    pub(super) fn new(
        model: &Model<'_>,
        places: &[usize],
        complete: &[usize],
        missing: usize,
        period: Period,
    ) -> Result<Self, Mistake> {
        let follow_up = complete.iter().filter_map(|patient| {
            let (days, event) = period.part(model.endpoint.follow_up[*patient]?)?;
            Some((*patient, (days, event)))
        });
        let (included, (days, events)): (Vec<usize>, (Vec<f64>, Vec<bool>)) = follow_up.unzip();
        let data = SurvivalData::new(&days, &events).map_err(|error| refused(&error))?;
        let mut cases = Self {
            included,
            rows: Vec::new(),
            data,
            places: places.to_vec(),
            covariates: Vec::new(),
            n_covariates: 0,
            missing,
        };
        for place in places {
            cases.add_term(model, *place);
        }
        Ok(cases)
    }

    fn add_term(&mut self, model: &Model<'_>, term: usize) {
        match &model.terms[term].values {
            Values::Numbers(values) => {
                let column = self.included.iter().filter_map(|patient| values[*patient]).collect();
                let part = self.add_covariate(column);
                let (n, events) = (self.included.len(), self.data.n_events());
                self.rows.push(Row { term, level: None, part, n, events });
            }
            Values::Levels { category, reference } => {
                let codes: Vec<Option<usize>> =
                    self.included.iter().map(|patient| category.codes[*patient]).collect();
                let counts = category.counts(&self.included);
                for (level, n) in counts.iter().copied().enumerate() {
                    let has = |code: &Option<usize>| *code == Some(level);
                    let part = match level {
                        _ if level == *reference => Part::Reference,
                        _ if n == 0 => Part::NoPatients,
                        _ if counts[*reference] == 0 => Part::NoReference,
                        _ => self.add_covariate(codes.iter().map(|c| f64::from(has(c))).collect()),
                    };
                    let events =
                        codes.iter().zip(self.data.events()).filter(|(c, e)| has(c) && **e).count();
                    self.rows.push(Row { term, level: Some(level), part, n, events });
                }
            }
        }
    }

    fn add_covariate(&mut self, column: Vec<f64>) -> Part {
        self.covariates.extend(column);
        self.n_covariates += 1;
        Part::Covariate(self.n_covariates - 1)
    }

    /// Refuses terms that cannot have a coefficient.
    pub(super) fn check_terms(&self, model: &Model<'_>) -> Result<(), Mistake> {
        for place in &self.places {
            let term = &model.terms[*place];
            let column = &term.column;
            if term.is_constant(&self.included) {
                let at = ["terms", &place.to_string()];
                let n = self.included.len();
                let message = format!(
                    "term `{column}` is constant: it is the same for all {n} patients of the model"
                );
                return Err(Mistake::at(&at, message).hint("leave it out of `terms`"));
            }
            let Values::Levels { category, reference } = &term.values else { continue };
            if category.counts(&self.included)[*reference] == 0 {
                let level = &category.levels[*reference].value;
                let message = format!(
                    "reference level `{level}` of term `{column}` has no patients in the model"
                );
                return Err(Mistake::at(&["references", column], message)
                    .hint("declare a level that patients have under `references`"));
            }
        }
        Ok(())
    }

    /// The covariates, column after column, and how many there are.
    pub(crate) fn covariates(&self) -> (&[f64], usize) {
        (&self.covariates, self.n_covariates)
    }

    /// Their follow-up.
    pub(crate) fn follow_up(&self) -> &SurvivalData {
        &self.data
    }

    /// What findings of all of them were computed from.
    pub(crate) fn basis(&self) -> Basis {
        let (n, events) = (self.included.len(), self.data.n_events());
        Basis { n, events: Some(events), missing: self.missing }
    }

    /// Maximises the partial likelihood.
    pub(super) fn fit(self, model: &Model<'_>) -> Result<Fitted, Mistake> {
        let strata = model.strata_of(&self.included);
        let clusters = model.clusters_of(&self.included);
        let prepared = self.prepare(model, strata.as_deref(), clusters.as_deref());
        let fit = prepared.and_then(|prepared| prepared.fit()).map_err(|error| refused(&error))?;
        Ok(Fitted { cases: self, strata, clusters, fit })
    }

    fn prepare<'c>(
        &'c self,
        model: &Model<'_>,
        strata: Option<&'c [usize]>,
        clusters: Option<&'c [usize]>,
    ) -> Result<CoxModel<'c>, stats::Error> {
        let mut prepared = CoxModel::new(&self.data, &self.covariates, self.n_covariates)?
            .ties(model.declared.ties.ties());
        if let Some(strata) = strata {
            prepared = prepared.strata(strata)?;
        }
        if let Some(clusters) = clusters {
            prepared = prepared.clusters(clusters)?;
        }
        Ok(if model.declared.robust { prepared.robust() } else { prepared })
    }
}

/// A fitted model.
pub(crate) struct Fitted {
    /// The patients it was fitted to.
    pub(crate) cases: Cases,
    /// The fit.
    pub(crate) fit: CoxFit,
    strata: Option<Vec<usize>>,
    clusters: Option<Vec<usize>>,
}

impl Fitted {
    /// The fitted model as the estimator takes it.
    pub(crate) fn model(&self, model: &Model<'_>) -> Result<CoxModel<'_>, Mistake> {
        let strata = self.strata.as_deref();
        self.cases.prepare(model, strata, self.clusters.as_deref()).map_err(|error| refused(&error))
    }

    /// The follow-up it was fitted to.
    pub(crate) fn data(&self) -> &SurvivalData {
        &self.cases.data
    }

    /// The strata of its patients.
    pub(crate) fn strata(&self) -> Option<&[usize]> {
        self.strata.as_deref()
    }

    /// What its findings were computed from.
    pub(crate) fn basis(&self) -> Basis {
        Basis { n: self.fit.n, events: Some(self.fit.n_events), missing: self.cases.missing }
    }

    /// What a row's findings were computed from.
    pub(crate) fn basis_of(&self, row: &Row) -> Basis {
        Basis { n: row.n, events: Some(row.events), missing: self.cases.missing }
    }

    /// The places of the terms it has.
    pub(crate) fn places(&self) -> &[usize] {
        &self.cases.places
    }

    /// The positions of a term's covariates.
    pub(crate) fn covariates_of(&self, term: usize) -> Vec<usize> {
        let rows = self.cases.rows.iter().filter(|row| row.term == term);
        rows.filter_map(|row| match row.part {
            Part::Covariate(position) => Some(position),
            _ => None,
        })
        .collect()
    }
}
