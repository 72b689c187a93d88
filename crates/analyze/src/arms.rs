//! The patients of an analysis in their groups.

use engine::Mistake;
use stats::groups::Groups;
use study::{Finding, Level, Part};

use crate::book::Basis;
use crate::by::By;
use crate::category::{ALL, Category, NAME_IT, check_no_measurement};
use crate::population::Population;

/// The analysed patients and, where there is a grouping column, their groups.
#[derive(Debug)]
pub(crate) struct Arms {
    /// Positions in the population of those analysed.
    pub(crate) included: Vec<usize>,
    /// The group of each of them; of nobody without a grouping column.
    pub(crate) membership: Groups,
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
    /// Its level; none for all.
    level: Option<Level>,
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

    /// The value of its level; `all` for all.
    pub(crate) fn value(&self) -> &str {
        self.level.as_ref().map_or(ALL, |level| &level.value)
    }

    /// It in words.
    pub(crate) fn label(&self) -> &str {
        self.level.as_ref().map_or("All patients", |level| &level.label)
    }
}

/// Findings about a group, or all.
pub(crate) trait OfArm {
    /// About the group; it is the next part of the id.
    fn in_arm(self, arm: &Arm) -> Self;
    /// Compared with the group.
    fn against_arm(self, arm: &Arm) -> Self;
}

impl OfArm for Finding {
    fn in_arm(self, arm: &Arm) -> Self {
        match &arm.level {
            Some(level) => self.of_group(level),
            None => self.of_everybody(),
        }
    }

    fn against_arm(self, arm: &Arm) -> Self {
        match &arm.level {
            Some(level) => self.against_level(level),
            None => self,
        }
    }
}

impl Arms {
    /// Splits those whose value is `known` by the grouping column.
    pub(crate) fn new(
        population: &Population<'_>,
        by: Option<&By>,
        known: Vec<usize>,
    ) -> Result<Self, Mistake> {
        let Some(by) = by else {
            // Whoever is not among the known has no value of what
            // is analysed, so that this is the number left out.
            let all = Arm { level: None, n: known.len(), missing: population.n() - known.len() };
            let (membership, groups) = (Groups::two([]), Vec::new());
            return Ok(Self { included: known, membership, groups, category: None, all });
        };
        let category = by.category(population).map_err(|mut mistake| {
            // Reading a column does not know which parameter named it; here it is always `by`.
            if mistake.at.is_empty() {
                mistake.at = vec!["by".to_owned()];
            }
            mistake
        })?;
        // A number that is cut makes few groups whatever its values are.
        if by.cut().is_none() {
            check_no_measurement(population.table, &category, &["by"])?;
        }
        // Whoever has no group is left out as if what is analysed were missing.
        let (included, codes): (Vec<usize>, Vec<usize>) =
            known.into_iter().filter_map(|place| Some((place, category.codes[place]?))).unzip();
        // Asked of those who are left: a group may have
        // patients of whom none has a known value.
        category.check_groups(&included, &["by"]).map_err(|mistake| match by.cut() {
            Some(_) => mistake.hint("choose other cuts, or widen `where`"),
            None => mistake,
        })?;
        // Who is missing is counted within each group, against all of its
        // patients; whoever has no group at all is missing among all only.
        let everybody: Vec<usize> = (0..population.n()).collect();
        let totals = category.counts(&everybody);
        let groups = (category.levels.iter())
            .zip(category.counts(&included))
            .zip(totals)
            .map(|((level, n), total)| Arm { level: Some(level.clone()), n, missing: total - n })
            .collect();
        let all = Arm { level: None, n: included.len(), missing: population.n() - included.len() };
        let membership =
            Groups::new(codes, category.n_levels()).expect("invariant: a code is that of a level");
        Ok(Self { included, membership, groups, category: Some(category), all })
    }

    /// The same for findings of all beside those of the groups: refuses a group
    /// whose findings would have the ids of all.
    pub(crate) fn beside_all(self) -> Result<Self, Mistake> {
        let all = Part::Everybody.printed();
        let mut levels = self.groups.iter().filter_map(|group| group.level.as_ref());
        // In a rehearsal the levels may be open, and print no id that could meet that of all.
        let Some(level) = levels.find(|level| Part::of_group(level).printed() == all) else {
            return Ok(self);
        };
        let message = format!("group `{}` gives the same id `{all}` as all patients", level.value);
        Err(Mistake::at(&["by"], message).hint(NAME_IT))
    }

    /// Whether there may be so many groups: where only the data know them, there
    /// may be any number from two on.
    pub(crate) fn may_be(&self, n_groups: usize) -> bool {
        if self.is_open() { n_groups >= 2 } else { self.groups.len() == n_groups }
    }

    /// Whether only the data know the groups.
    pub(crate) fn is_open(&self) -> bool {
        self.category.as_ref().is_some_and(Category::is_open)
    }

    /// The value of the group that the others are compared with; none without groups.
    pub(crate) fn reference(&self, named: Option<&str>) -> Option<&str> {
        let category = self.category.as_ref()?;
        let place = category.reference(named, &["reference"]).ok()?;
        Some(self.groups[place].value())
    }

    /// The groups that are compared with the reference.
    pub(crate) fn others(&self, reference: usize) -> impl Iterator<Item = usize> + use<> {
        (0..self.groups.len()).filter(move |code| *code != reference)
    }

    /// Positions among the analysed of a group's patients; of all for none.
    pub(crate) fn members(&self, group: Option<usize>) -> Vec<usize> {
        let all = 0..self.included.len();
        match group {
            None => all.collect(),
            Some(code) => all.filter(|place| self.membership.codes()[*place] == code).collect(),
        }
    }

    /// The groups in order with their code, then all.
    pub(crate) fn each(&self) -> impl Iterator<Item = (Option<usize>, &Arm)> {
        let groups = self.groups.iter().enumerate().map(|(code, arm)| (Some(code), arm));
        groups.chain(std::iter::once((None, &self.all)))
    }
}
