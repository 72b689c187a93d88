//! The patients with a value of every term, their covariates, and the fit.

use engine::{Mistake, Mistakes};
use stats::covariates::Covariates;
use stats::logistic::{LogisticFit, LogisticModel, LogisticWarning};
use study::Level;

use super::PropensityScore;
use super::parameters::not_two;
use crate::book::{Basis, refused};
use crate::category::Category;
use crate::model::{Term, Values};
use crate::population::Population;
use crate::strata::Strata;

/// Who is analysed, with what.
pub(super) struct Sample {
    /// Positions in the population.
    pub(super) included: Vec<usize>,
    /// Whether each of them was treated.
    pub(super) treated: Vec<bool>,
    /// The treatment.
    pub(super) treatment: Category,
    /// Position of the level that means treated.
    pub(super) treated_level: usize,
    /// The terms in declared order.
    pub(super) terms: Vec<Term>,
    /// Numbers and levels of all terms.
    pub(super) rows: Vec<Row>,
    /// Codes within which patients are matched.
    pub(super) exact: Option<Vec<usize>>,
    covariates: Vec<f64>,
    n_covariates: usize,
    /// Patients left out, by level of treatment and in all.
    missing: (Vec<usize>, usize),
}

/// A number, or a level of a category.
pub(super) struct Row {
    /// Position among the terms.
    pub(super) term: usize,
    /// The level; none for a number.
    pub(super) level: Option<usize>,
    /// The covariate, where the level has one.
    pub(super) covariate: Option<usize>,
}

impl Sample {
    pub(super) fn new(
        population: &Population<'_>,
        declared: &PropensityScore,
    ) -> Result<Self, Mistakes> {
        let mut mistakes = Mistakes::default();
        let treatment = mistakes.note(population.category(&declared.treatment));
        let terms: Vec<Term> = (declared.terms.iter().enumerate())
            .filter_map(|(place, column)| {
                mistakes.note(Term::new(population, column, &declared.references, place))
            })
            .collect();
        let exact = mistakes.note(Strata::new(population, &declared.exact));
        mistakes.or(())?;
        let read = "invariant: without mistakes everything was read";
        let (treatment, exact) = (treatment.expect(read), exact.expect(read));
        // In a rehearsal the levels may be open, and any number of them.
        if treatment.n_levels() != 2 && !treatment.is_open() {
            return Err(not_two(&declared.treatment, treatment.n_levels()).into());
        }
        let treated_level = match &declared.treated {
            Some(level) => treatment.reference(Some(level), &["treated"])?,
            // The first level is the reference, as everywhere.
            None => 1,
        };
        let is_known = |patient: &usize| {
            treatment.codes[*patient].is_some()
                && exact.is_known(*patient)
                && terms.iter().all(|term| term.is_known(*patient))
        };
        let everybody: Vec<usize> = (0..population.n()).collect();
        let included: Vec<usize> = everybody.iter().copied().filter(is_known).collect();
        if included.is_empty() && !population.is_rehearsed() {
            let message = "no patient has a value of every term";
            return Err(Mistake::at(&["terms"], message)
                .hint("look for the term that is missing most often, and leave it out")
                .into());
        }
        // Of those with a value of every term: a group
        // may lose all its patients to one of them.
        treatment.check_groups(&included, &["treatment"])?;
        let of_groups = treatment.counts(&everybody).into_iter().zip(treatment.counts(&included));
        let missing = of_groups.map(|(all, known)| all - known).collect();
        let mut sample = Self {
            treated: included.iter().map(|p| treatment.codes[*p] == Some(treated_level)).collect(),
            exact: exact.codes(&included),
            missing: (missing, population.n() - included.len()),
            included,
            treatment,
            treated_level,
            terms,
            rows: Vec::new(),
            covariates: Vec::new(),
            n_covariates: 0,
        };
        sample.add_terms()?;
        Ok(sample)
    }

    fn add_terms(&mut self) -> Result<(), Mistake> {
        for place in 0..self.terms.len() {
            let term = &self.terms[place];
            let is_rehearsed = self.included.is_empty();
            if !is_rehearsed {
                term.check(place, &self.included)?;
            }
            match &term.values {
                Values::Numbers(values) => {
                    let column: Vec<f64> =
                        self.included.iter().filter_map(|p| values[*p]).collect();
                    self.covariates.extend(column);
                    let covariate = Some(self.n_covariates);
                    self.n_covariates += 1;
                    self.rows.push(Row { term: place, level: None, covariate });
                }
                Values::Levels { category, reference } => {
                    let counts = category.counts(&self.included);
                    // In a rehearsal nobody has any level, and a run may find each.
                    // A level that nobody has makes no column; the reference stays as a row.
                    let is_told = |level: &usize| is_rehearsed || counts[*level] > 0;
                    for level in (0..counts.len()).filter(is_told) {
                        let covariate = (level != *reference).then(|| {
                            let has = |p: &usize| category.codes[*p] == Some(level);
                            let column = self.included.iter().map(|p| f64::from(u8::from(has(p))));
                            self.covariates.extend(column);
                            self.n_covariates += 1;
                            self.n_covariates - 1
                        });
                        self.rows.push(Row { term: place, level: Some(level), covariate });
                    }
                }
            }
        }
        Ok(())
    }

    /// The regression.
    pub(super) fn model(
        &self,
        declared: &PropensityScore,
    ) -> Result<LogisticModel<'_>, stats::Error> {
        let covariates = Covariates::new(&self.covariates, self.n_covariates)?;
        LogisticModel::new(&self.treated, covariates)?.penalty(declared.penalty())
    }

    /// Fits it; refuses scores of 0 and 1.
    pub(super) fn fit(&self, declared: &PropensityScore) -> Result<LogisticFit, Mistake> {
        let fit = self.model(declared).and_then(|model| model.fit());
        let fit = fit.map_err(|error| refused(&error))?;
        // Some scores would be 0 or 1, and their weights infinite.
        let infinite = self.rows.iter().find(|row| {
            let covariate = row.covariate.and_then(|covariate| fit.coefficients[covariate]);
            covariate.is_some_and(|known| known.may_be_infinite)
        });
        if let Some(row) = infinite {
            let column = &self.terms[row.term].column;
            let message = format!(
                "term `{column}` separates the treated from the others: some patients could not have been in the other group"
            );
            return Err(Mistake::at(&["terms", &row.term.to_string()], message).hint(
                "leave those patients out with `where`, or declare `model: firth` or `model: ridge`",
            ));
        }
        // The last warning of a fit is that it ended early.
        if let Some(LogisticWarning::NotConverged { iterations }) = fit.warnings.last() {
            let message = format!("the regression did not converge in {iterations} iterations");
            return Err(
                Mistake::at(&["model"], message).hint("take fewer terms, or `model: ridge`")
            );
        }
        Ok(fit)
    }

    /// The values of a number row in the sample.
    pub(super) fn numbers(&self, row: &Row) -> &[f64] {
        let n = self.included.len();
        let covariate = row.covariate.expect("invariant: a number is a covariate");
        &self.covariates[covariate * n..][..n]
    }

    /// Who has the level of a row.
    pub(super) fn has(&self, row: &Row) -> Vec<bool> {
        let Values::Levels { category, .. } = &self.terms[row.term].values else {
            return Vec::new();
        };
        self.included.iter().map(|patient| category.codes[*patient] == row.level).collect()
    }

    /// The level of treatment of the treated or of the others.
    pub(super) fn group(&self, treated: bool) -> &Level {
        let level = if treated { self.treated_level } else { 1 - self.treated_level };
        &self.treatment.levels[level]
    }

    /// Both groups in the declared order of the levels.
    pub(super) fn groups(&self) -> [bool; 2] {
        if self.treated_level == 0 { [true, false] } else { [false, true] }
    }

    /// Values of one group.
    pub(super) fn of_group(&self, values: &[f64], treated: bool) -> Vec<f64> {
        let both = values.iter().zip(&self.treated);
        both.filter(|(_, one)| **one == treated).map(|(value, _)| *value).collect()
    }

    /// What findings on all were computed from: the treated are the events.
    pub(super) fn basis(&self) -> Basis {
        // Whoever is treated has the event of this regression.
        let events = self.treated.iter().filter(|treated| **treated).count();
        Basis { n: self.included.len(), events: Some(events), missing: self.missing.1 }
    }

    /// The same of the patients at a row's level, or of all.
    pub(super) fn basis_of_row(&self, row: &Row) -> Basis {
        if row.level.is_none() {
            return self.basis();
        }
        let own = self.has(row).into_iter().zip(&self.treated).filter(|(has, _)| *has);
        let n = own.clone().count();
        let n_treated = own.filter(|(_, treated)| **treated).count();
        Basis { n, events: Some(n_treated), missing: self.missing.1 }
    }

    /// What findings on a group were computed from.
    pub(super) fn basis_of(&self, treated: bool) -> Basis {
        let n = self.treated.iter().filter(|one| **one == treated).count();
        let level = if treated { self.treated_level } else { 1 - self.treated_level };
        Basis { n, events: None, missing: self.missing.0[level] }
    }
}
