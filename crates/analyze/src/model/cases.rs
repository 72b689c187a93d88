//! The patients a model is fitted to, with their covariates, and the fit.

use engine::Mistake;
use stats::clusters::Clusters;
use stats::concordance::{
    Concordance, ConcordanceOptions, concordance, concordance_of_intervals, weighted_concordance,
};
use stats::counting_data::CountingData;
use stats::covariates::Covariates;
use stats::cox::{CoxFit, CoxModel, Penalty};
use stats::groups::Groups;
use stats::survival_data::SurvivalData;
use stats::weights::Weights;
use study::Warning;

use super::basis::Basis as SplineBasis;
use super::design::{Block, Column, Design, Product};
use super::{Model, PenaltyName, Selection, Values};
use crate::book::{Basis, refused};
use crate::category::Category;

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
            // An event on the day of the cut is within it (<=), as everywhere.
            Self::Before(cut) => Some((days.min(cut), event && days <= cut)),
            // Days still count from time zero: the partial
            // likelihood only asks who is at risk at each event.
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

impl Part {
    /// The position of its covariate, or why it has none.
    pub(crate) fn position(self) -> Result<usize, Warning> {
        match self {
            Self::Covariate(position) => Ok(position),
            Self::NoReference => Err(Warning::NoPatientsAtReference),
            Self::NoPatients | Self::Reference => Err(Warning::NoPatientsAtLevel),
        }
    }
}

/// Patients with covariates.
pub(crate) struct Cases {
    /// Positions in the population.
    pub(crate) included: Vec<usize>,
    /// Rows of all terms but splines, in order.
    pub(crate) rows: Vec<Row>,
    /// Which covariates there are.
    pub(crate) design: Design,
    data: SurvivalData,
    intervals: Option<CountingData>,
    places: Vec<usize>,
    covariates: Vec<f64>,
    offsets: Option<Vec<f64>>,
    weights: Option<Vec<f64>>,
    penalties: Option<Vec<f64>>,
    missing: usize,
    is_rehearsed: bool,
}

impl Cases {
    /// The covariates of the `complete` patients in a period.
    pub(super) fn new(
        model: &Model<'_>,
        selection: &Selection<'_>,
        complete: &[usize],
        missing: usize,
        period: Period,
    ) -> Result<Self, Mistake> {
        let follow_up = complete.iter().filter_map(|patient| {
            let (days, event) = period.part(model.endpoint.follow_up[*patient]?)?;
            Some((*patient, (days, event)))
        });
        let (included, (days, events)): (Vec<usize>, (Vec<f64>, Vec<bool>)) = follow_up.unzip();
        let is_rehearsed = model.population.is_rehearsed();
        let data = match is_rehearsed {
            true => nobody(),
            false => SurvivalData::new(&days, &events).map_err(|error| refused(&error))?,
        };
        // None of these in a rehearsal, and none without delayed entry.
        let intervals = model.intervals(&included, &days, &events)?;
        let mut cases = Self {
            offsets: model.offsets_of(&included),
            weights: model.weights_of(&included),
            included,
            rows: Vec::new(),
            design: Design::default(),
            data,
            intervals,
            places: selection.places.to_vec(),
            covariates: Vec::new(),
            penalties: None,
            missing,
            is_rehearsed,
        };
        // Terms before interactions: a product is made of columns that
        // stand already, and `Design` counts its position behind theirs.
        for place in selection.places {
            cases.add_term(model, *place)?;
        }
        for product in &selection.products {
            cases.add_product(*product, model.pair(*product));
        }
        if let Some(size) = model.declared.extras.ridge.filter(|_| !is_rehearsed) {
            // In units of each column's variance, as R's `ridge` has it: what is shrunk
            // must not hang on whether an age is in years or in months.
            let columns = cases.covariates.chunks(cases.included.len());
            cases.penalties = Some(columns.map(|column| size * variance(column)).collect());
        }
        Ok(cases)
    }

    fn add_term(&mut self, model: &Model<'_>, term: usize) -> Result<(), Mistake> {
        let first = self.design.n_covariates();
        let mut block = Block { term, first, columns: Vec::new(), basis: None };
        match &model.terms[term].values {
            Values::Numbers(values) => {
                let column: Vec<f64> =
                    self.included.iter().filter_map(|patient| values[*patient]).collect();
                let name = &model.terms[term].column;
                match model.declared.extras.spline(name) {
                    Some(spline) => {
                        let basis = match self.is_rehearsed {
                            true => SplineBasis::rehearsed(spline, name)?,
                            // Knots go by the patients of this fit, and not of
                            // the population: they are where the fit has data.
                            false => SplineBasis::new(spline, name, &column)?,
                        };
                        self.covariates.extend(basis.columns(&column));
                        block.columns = (0..basis.n_columns()).map(Column::Spline).collect();
                        block.basis = Some(basis);
                    }
                    None => {
                        self.covariates.extend(column);
                        block.columns.push(Column::Number);
                        let (n, events) = (self.included.len(), self.data.n_events());
                        let part = Part::Covariate(first);
                        self.rows.push(Row { term, level: None, part, n, events });
                    }
                }
            }
            Values::Levels { category, reference } => {
                self.add_levels(category, *reference, &mut block);
            }
        }
        self.design.blocks.push(block);
        Ok(())
    }

    fn add_levels(&mut self, category: &Category, reference: usize, block: &mut Block) {
        let codes: Vec<Option<usize>> =
            self.included.iter().map(|patient| category.codes[*patient]).collect();
        let counts = category.counts(&self.included);
        for (level, n) in counts.iter().copied().enumerate() {
            let has = |code: &Option<usize>| *code == Some(level);
            let part = match level {
                _ if level == reference => Part::Reference,
                // In a rehearsal nobody has a level, and every one may be had.
                _ if n == 0 && !self.is_rehearsed => Part::NoPatients,
                // Only in a period of follow-up: `check_terms` refuses it of the whole.
                _ if counts[reference] == 0 && !self.is_rehearsed => Part::NoReference,
                _ => {
                    self.covariates.extend(codes.iter().map(|code| f64::from(has(code))));
                    block.columns.push(Column::Level(level));
                    Part::Covariate(block.positions().end - 1)
                }
            };
            let events =
                codes.iter().zip(self.data.events()).filter(|(c, e)| has(c) && **e).count();
            self.rows.push(Row { term: block.term, level: Some(level), part, n, events });
        }
    }

    /// Adds the products of the covariates of two terms.
    fn add_product(&mut self, place: usize, terms: [usize; 2]) {
        let first = self.design.n_covariates();
        let [left, right] = terms.map(|term| {
            let block = self.design.block(term);
            block.expect("invariant: both terms are in the model").positions()
        });
        let factors: Vec<[usize; 2]> =
            left.flat_map(|left| right.clone().map(move |right| [left, right])).collect();
        let n = self.included.len();
        for [left, right] in &factors {
            for row in 0..n {
                let product = self.covariates[left * n + row] * self.covariates[right * n + row];
                self.covariates.push(product);
            }
        }
        self.design.products.push(Product { place, terms, first, factors });
    }

    /// Refuses terms that cannot have a coefficient.
    pub(super) fn check_terms(&self, model: &Model<'_>) -> Result<(), Mistake> {
        // Nobody has a value in a rehearsal, and every term would seem constant.
        let places = if self.is_rehearsed { &[] } else { self.places.as_slice() };
        places.iter().try_for_each(|place| model.terms[*place].check(*place, &self.included))
    }

    /// The covariates as the estimators take them; products of terms may be
    /// too large for that.
    pub(crate) fn covariates(&self) -> Result<Covariates<'_>, stats::Error> {
        Covariates::new(&self.covariates, self.design.n_covariates())
    }

    /// The covariate at this position, one value a patient.
    pub(crate) fn column(&self, position: usize) -> &[f64] {
        let n = self.included.len();
        &self.covariates[position * n..(position + 1) * n]
    }

    /// The places of the terms.
    pub(crate) fn places(&self) -> &[usize] {
        &self.places
    }

    /// Whether they are nobody's, as in a rehearsal.
    pub(crate) fn is_rehearsed(&self) -> bool {
        self.is_rehearsed
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

    /// Their weights.
    pub(crate) fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// The same as the estimators take them.
    pub(crate) fn case_weights(&self) -> Result<Option<Weights<'_>>, stats::Error> {
        self.weights().map(Weights::new).transpose()
    }

    /// Maximises the partial likelihood; of nobody there is none.
    pub(super) fn fit(self, model: &Model<'_>) -> Result<Fitted, Mistake> {
        // The shape of a fit, so that the findings of each coefficient can be announced.
        if self.is_rehearsed {
            let n_covariates = self.design.n_covariates();
            let fit = CoxFit::of_nobody(n_covariates, model.declared.is_robust());
            return Ok(Fitted { cases: self, strata: None, clusters: None, fit });
        }
        let strata = model.strata_of(&self.included);
        let clusters = model.clusters_of(&self.included)?;
        let prepared = self.prepare(model, strata.as_ref(), clusters.as_ref());
        let fit = prepared.and_then(|prepared| prepared.fit()).map_err(|error| refused(&error))?;
        Ok(Fitted { cases: self, strata, clusters, fit })
    }

    fn prepare<'c>(
        &'c self,
        model: &Model<'_>,
        strata: Option<&'c Groups>,
        clusters: Option<&'c Clusters>,
    ) -> Result<CoxModel<'c>, stats::Error> {
        let mut prepared = match &self.intervals {
            Some(intervals) => CoxModel::counting(intervals, self.covariates()?)?,
            None => CoxModel::new(&self.data, self.covariates()?)?,
        }
        .ties(model.declared.ties.ties());
        if let Some(strata) = strata {
            prepared = prepared.strata(strata)?;
        }
        if let Some(clusters) = clusters {
            prepared = prepared.clusters(clusters)?;
        }
        if let Some(offsets) = &self.offsets {
            prepared = prepared.offsets(offsets)?;
        }
        if let Some(weights) = self.case_weights()? {
            prepared = prepared.weights(weights)?;
        }
        prepared = match (model.declared.extras.penalty, &self.penalties) {
            (PenaltyName::Ridge, Some(penalties)) => prepared.penalty(Penalty::Ridge(penalties))?,
            (PenaltyName::Firth, _) => prepared.penalty(Penalty::Firth)?,
            // A rehearsal has no penalties, because there are
            // no columns whose variance they would be of.
            _ => prepared,
        };
        Ok(if model.declared.is_robust() { prepared.robust() } else { prepared })
    }
}

/// Follow-up that stands in for nobody's: nothing is read from it.
fn nobody() -> SurvivalData {
    // Estimators refuse follow-up of nobody, so that one row stands in.
    SurvivalData::new(&[0.0], &[false]).expect("invariant: one time of follow-up")
}

/// The sample variance, with n - 1.
fn variance(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    // The patients' own order fixes the rounding of the sum.
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0)
}

/// A fitted model.
pub(crate) struct Fitted {
    /// The patients it was fitted to.
    pub(crate) cases: Cases,
    /// The fit.
    pub(crate) fit: CoxFit,
    strata: Option<Groups>,
    clusters: Option<Clusters>,
}

impl Fitted {
    /// Whether it is of nobody: a shape without numbers, as a rehearsal needs it.
    pub(crate) fn is_rehearsed(&self) -> bool {
        self.cases.is_rehearsed
    }

    /// The fitted model as the estimator takes it.
    pub(crate) fn model(&self, model: &Model<'_>) -> Result<CoxModel<'_>, Mistake> {
        self.prepared(model).map_err(|error| refused(&error))
    }

    /// The same, or what the estimator refused.
    pub(super) fn prepared(&self, model: &Model<'_>) -> Result<CoxModel<'_>, stats::Error> {
        self.cases.prepare(model, self.strata.as_ref(), self.clusters.as_ref())
    }

    /// The follow-up it was fitted to, from time zero on even where patients
    /// entered later.
    pub(crate) fn data(&self) -> &SurvivalData {
        &self.cases.data
    }

    /// The strata of its patients.
    pub(crate) fn strata(&self) -> Option<&Groups> {
        self.strata.as_ref()
    }

    /// The weights of its patients.
    pub(crate) fn weights(&self) -> Option<&[f64]> {
        self.cases.weights()
    }

    /// Harrell's concordance of the linear predictor with survival; its error
    /// takes the patients of a cluster together.
    pub(crate) fn concordance(&self) -> Result<Concordance, stats::Error> {
        let scores = &self.fit.linear_predictors;
        let clusters = self.clusters.as_ref().map(Clusters::codes);
        let (strata, weights) = (self.strata(), self.cases.case_weights()?);
        let is_plain = weights.is_none() && clusters.is_none();
        let options =
            ConcordanceOptions { strata, weights, clusters, ..ConcordanceOptions::default() };
        match &self.cases.intervals {
            Some(intervals) => concordance_of_intervals(intervals, scores, &options),
            None if is_plain => concordance(&self.cases.data, scores, strata),
            None => weighted_concordance(&self.cases.data, scores, &options),
        }
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
        self.cases.places()
    }

    /// The positions of a term's covariates.
    pub(crate) fn covariates_of(&self, term: usize) -> Vec<usize> {
        self.cases.design.block(term).map_or_else(Vec::new, |block| block.positions().collect())
    }
}
