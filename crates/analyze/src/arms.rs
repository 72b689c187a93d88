//! The patients of an analysis in their groups.

use engine::Mistake;

use crate::book::Basis;
use crate::category::{ALL, Category};
use crate::population::Population;

/// The analysed patients and, where there is a grouping column, their groups.
#[derive(Debug)]
pub(crate) struct Arms {
    /// Positions in the population of those analysed.
    pub(crate) included: Vec<usize>,
    /// The group of each of them; empty without a grouping column.
    pub(crate) codes: Vec<usize>,
    /// The groups in declared order; none without a grouping column.
    pub(crate) groups: Vec<Arm>,
    /// The grouping column, where there is one.
    pub(crate) category: Option<Category>,
    /// All analysed patients.
    pub(crate) all: Arm,
}

/// A group, or all.
#[derive(Debug, Clone)]
pub(crate) struct Arm {
    /// Its level; `all` for all.
    pub(crate) level: String,
    /// The level in words.
    pub(crate) label: String,
    /// Analysed patients.
    pub(crate) n: usize,
    /// Patients left out for a missing value.
    pub(crate) missing: usize,
}

impl Arm {
    /// What the group's findings were computed from.
    pub(crate) fn basis(&self, events: Option<usize>) -> Basis {
        Basis { n: self.n, events, missing: self.missing }
    }
}

impl Arms {
    /// Splits those whose value is `known` by the grouping column.
    pub(crate) fn new(
        population: &Population<'_>,
        by: Option<&str>,
        known: Vec<usize>,
    ) -> Result<Self, Mistake> {
        let arm = |level: &str, label: &str, n: usize, total: usize| Arm {
            level: level.to_owned(),
            label: label.to_owned(),
            n,
            missing: total - n,
        };
        let Some(by) = by else {
            let all = arm(ALL, "All patients", known.len(), population.n());
            let (codes, groups) = (Vec::new(), Vec::new());
            return Ok(Self { included: known, codes, groups, category: None, all });
        };
        let category = population.category(by)?;
        let (included, codes): (Vec<usize>, Vec<usize>) =
            known.into_iter().filter_map(|place| Some((place, category.codes[place]?))).unzip();
        category.check_groups(&included, &["by"])?;
        let everybody: Vec<usize> = (0..population.n()).collect();
        let totals = category.counts(&everybody);
        let groups = (category.levels.iter())
            .zip(category.counts(&included))
            .zip(totals)
            .map(|((level, n), total)| arm(&level.value, &level.label, n, total))
            .collect();
        let all = arm(ALL, "All patients", included.len(), population.n());
        Ok(Self { included, codes, groups, category: Some(category), all })
    }

    /// Positions among the analysed of a group's patients; of all for none.
    pub(crate) fn members(&self, group: Option<usize>) -> Vec<usize> {
        let all = 0..self.included.len();
        match group {
            None => all.collect(),
            Some(code) => all.filter(|place| self.codes[*place] == code).collect(),
        }
    }

    /// The groups in order with their code, then all.
    pub(crate) fn each(&self) -> impl Iterator<Item = (Option<usize>, &Arm)> {
        let groups = self.groups.iter().enumerate().map(|(code, arm)| (Some(code), arm));
        groups.chain(std::iter::once((None, &self.all)))
    }
}
