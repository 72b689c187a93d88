//! The hazard ratio of a treatment in one subgroup.

use stats::inference::Coefficient;
use study::{Detail, Finding, Part, Procedure, SubgroupModel, Warning};

use super::Estimate;
use crate::book::{Basis, Book, Told};
use crate::estimate::findings;
use crate::model::coefficients::warned;
use crate::model::design::{Column, Value};
use crate::model::{Fitted, Model, Selection, Values};
use crate::refusal::refusal;

/// A subgroup, or all patients.
pub(super) struct Subgroup<'s> {
    model: &'s Model<'s>,
    /// The fit of all its column's levels.
    fitted: &'s Fitted,
    /// The column's place and the level's position; none for all patients.
    level: Option<(usize, usize)>,
    /// Its patients, by position among those of the fit.
    members: Vec<usize>,
    estimate: Estimate,
}

impl<'s> Subgroup<'s> {
    /// All patients.
    pub(super) fn overall(model: &'s Model<'s>, fitted: &'s Fitted) -> Self {
        let members = (0..fitted.cases.included.len()).collect();
        Self { model, fitted, level: None, members, estimate: Estimate::OneModel }
    }

    /// The levels of the column at `term`.
    pub(super) fn of(
        model: &'s Model<'s>,
        fitted: &'s Fitted,
        term: usize,
        estimate: Estimate,
    ) -> Vec<Self> {
        let Values::Levels { category, .. } = &model.terms[term].values else {
            unreachable!("invariant: a column of `by` is a category");
        };
        // Among those of the fit: whoever lacks the treatment is in no subgroup.
        let members = |level: usize| -> Vec<usize> {
            let included = fitted.cases.included.iter().enumerate();
            let own = included.filter(|(_, patient)| category.codes[**patient] == Some(level));
            own.map(|(row, _)| row).collect()
        };
        (0..category.n_levels())
            .map(|level| Self {
                model,
                fitted,
                level: Some((term, level)),
                members: members(level),
                estimate,
            })
            .collect()
    }

    fn events_of(&self, rows: &[usize]) -> usize {
        rows.iter().filter(|row| self.fitted.data().events()[**row]).count()
    }

    /// About this subgroup, of some of its patients.
    fn tell(&self, finding: Finding, by: &[&str], rows: &[usize]) -> Finding {
        let missing = self.fitted.basis().missing;
        let basis = Basis { n: rows.len(), events: Some(self.events_of(rows)), missing };
        let finding = match (self.level, by) {
            (Some((term, level)), [by, ..]) => {
                let finding = finding.of_variable(by);
                match self.model.terms[term].level(level) {
                    Some(level) => finding.of_level(level),
                    None => finding,
                }
            }
            _ => finding.part(Part::Everybody),
        };
        finding.from(basis)
    }

    /// Writes down its counts and hazard ratios.
    pub(super) fn record(&self, book: &mut Book, by: &[&str]) {
        let counts = [("n", self.members.len()), ("events", self.events_of(&self.members))];
        for (name, count) in counts {
            let finding = book.count(&[Part::statistic(name)], name, count);
            let finding = self.tell(finding, by, &self.members);
            book.push(finding.by_method(Procedure::CompleteCases));
        }
        // `columns` puts the treatment first.
        match &self.model.terms[0].values {
            Values::Numbers(_) => self.record_ratio(book, by, None),
            Values::Levels { category, reference } => {
                for level in 0..category.n_levels() {
                    self.record_arm(book, by, level);
                }
                for level in (0..category.n_levels()).filter(|level| level != reference) {
                    self.record_ratio(book, by, Some(level));
                }
            }
        }
    }

    /// Those at a level of the treatment.
    fn arm(&self, level: usize) -> Vec<usize> {
        let at_level = |row: &usize| {
            self.model.terms[0].value(self.fitted.cases.included[*row]) == Some(Value::Level(level))
        };
        self.members.iter().copied().filter(at_level).collect()
    }

    fn record_arm(&self, book: &mut Book, by: &[&str], level: usize) {
        let rows = self.arm(level);
        let Some(own) = self.model.terms[0].level(level) else { return };
        for (name, count) in [("n", rows.len()), ("events", self.events_of(&rows))] {
            let finding = book.count(&[Part::statistic(name)], name, count);
            let finding = self.tell(finding, by, &rows).of_group(own);
            book.push(finding.by_method(Procedure::CompleteCases));
        }
    }

    fn record_ratio(&self, book: &mut Book, by: &[&str], level: Option<usize>) {
        let found = self.coefficient(level);
        let found = found.map(|known| crate::estimate::Estimate::of_wald(&known, book.level));
        let draft = |part: &str, statistic: &str, quantity, value| {
            let finding = book.draft(&[Part::statistic(part)], statistic, quantity, value);
            let mut finding = self.tell(finding, by, &self.members);
            match (&self.model.terms[0].values, level) {
                (Values::Levels { category, reference }, Some(level)) => finding
                    .of_group(&category.levels[level])
                    .against_level(&category.levels[*reference]),
                _ => {
                    finding.unit.clone_from(&self.model.terms[0].unit);
                    finding
                }
            }
        };
        let model = match (self.level, self.estimate) {
            // What the ratio is estimated from is part of
            // the method: both ways give different numbers.
            (None, _) => SubgroupModel::AllPatients,
            (_, Estimate::OneModel) => SubgroupModel::WithInteraction,
            (_, Estimate::EachLevel) => SubgroupModel::SubgroupAlone,
        };
        let method = self.model.method().led_by([Detail::Subgroup(model)]);
        let three = findings(&found, "hazard_ratio", &method, book.level, draft);
        // No subgroup has a p-value of its own.
        for finding in three.into_iter().take(2) {
            book.push(warned(finding, self.fitted));
        }
    }

    /// The treatment's coefficient at a level, or why there is none.
    fn coefficient(&self, treatment: Option<usize>) -> Result<Coefficient, Warning> {
        // A level that nobody has is told, and the forest keeps its row.
        if self.members.is_empty() {
            return Err(Warning::NobodyInSubgroup);
        }
        // Without an event in it a subgroup's ratio would be made of the other subgroups alone.
        if self.events_of(&self.members) == 0 && !self.fitted.is_rehearsed() {
            return Err(Warning::NoEventsInSubgroup);
        }
        match (self.level, self.estimate) {
            (Some((term, level)), Estimate::EachLevel) => self.alone(term, level, treatment),
            _ => self.contrast(treatment),
        }
    }

    /// The sum of the treatment's coefficient and its product's.
    fn contrast(&self, treatment: Option<usize>) -> Result<Coefficient, Warning> {
        let design = &self.fitted.cases.design;
        let of_others = |term: usize| match &self.model.terms[term].values {
            // Terms other than the subgroup cancel in
            // the difference; any value of them will do.
            Values::Numbers(_) => Value::Number(0.0),
            Values::Levels { reference, .. } => match self.level {
                Some((own, level)) if own == term => Value::Level(level),
                _ => Value::Level(*reference),
            },
        };
        let [treated, untreated] = [true, false].map(|is_treated| {
            let values =
                design.blocks.iter().map(|block| match (&self.model.terms[0].values, block.term) {
                    (Values::Numbers(_), 0) => Value::Number(f64::from(u8::from(is_treated))),
                    (Values::Levels { reference, .. }, 0) => Value::Level(if is_treated {
                        treatment.unwrap_or(*reference)
                    } else {
                        *reference
                    }),
                    (_, term) => of_others(term),
                });
            design.row(&values.collect::<Vec<_>>())
        });
        // A coefficient of the model says nothing of an arm in which nobody of the subgroup is.
        self.check_arms(treatment)?;
        let weights: Vec<f64> = treated.iter().zip(&untreated).map(|(a, b)| a - b).collect();
        self.fitted.fit.combination(&weights).map_err(|error| self.reason(&error))
    }

    /// The coefficient in a model of the subgroup's patients.
    fn alone(
        &self,
        term: usize,
        level: usize,
        treatment: Option<usize>,
    ) -> Result<Coefficient, Warning> {
        self.check_arms(treatment)?;
        let places: Vec<usize> =
            // Within the subgroup its own column is constant.
            self.fitted.places().iter().copied().filter(|place| *place != term).collect();
        let own = &self.model.terms[term];
        let keeps = |patient: usize| own.value(patient) == Some(Value::Level(level));
        let selection = Selection { places: &places, products: Vec::new(), keeps: &keeps };
        let fitted = self
            .model
            .fit_selection(&selection)
            .map_err(|mistake| Warning::NoFit { mistake: mistake.message })?;
        // Levels that nobody of the subgroup has make no
        // column, so that the treatment's is looked up.
        let block = fitted.cases.design.block(0).expect("invariant: the treatment is a term");
        let wanted = treatment.map_or(Column::Number, Column::Level);
        let place = block.columns.iter().position(|column| *column == wanted);
        let place = place.ok_or(Warning::LevelNotInSubgroup)?;
        let mut weights = vec![0.0; fitted.cases.design.n_covariates()];
        weights[block.first + place] = 1.0;
        fitted.fit.combination(&weights).map_err(|error| self.reason(&error))
    }

    /// Both arms must be there.
    fn check_arms(&self, treatment: Option<usize>) -> Result<(), Warning> {
        let Values::Levels { reference, .. } = &self.model.terms[0].values else { return Ok(()) };
        match [treatment, Some(*reference)]
            .into_iter()
            .flatten()
            .any(|level| self.arm(level).is_empty())
        {
            true => Err(Warning::NobodyInArm),
            false => Ok(()),
        }
    }

    fn reason(&self, error: &stats::Error) -> Warning {
        match error {
            stats::Error::Infinite { .. } => Warning::InfiniteInSubgroup,
            stats::Error::Collinear { .. } => Warning::DependentInSubgroup,
            other => refusal(other),
        }
    }
}
