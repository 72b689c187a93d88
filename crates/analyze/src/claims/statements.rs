//! All statements, and what examinations ask of them.

use std::ops::RangeInclusive;

use stats::forensics::counts_that_fit;
use study::{Published, StudySettings};

use super::statement::{Statement, What, Whom};

/// The statements of all claims.
pub(super) struct Statements<'a> {
    pub(super) all: Vec<&'a Statement>,
    /// The level of confidence limits, which claims do not say.
    pub(super) confidence_level: f64,
}

/// A number of patients with the claims that say it.
#[derive(Debug, Clone)]
pub(super) struct Patients<'a> {
    pub(super) n: u64,
    pub(super) claims: Vec<&'a str>,
}

/// The counts that print what is claimed of a count and its share.
#[derive(Debug, Clone)]
pub(super) struct Counts<'a> {
    pub(super) counts: RangeInclusive<u64>,
    pub(super) n: u64,
    pub(super) claims: Vec<&'a str>,
}

impl Counts<'_> {
    pub(super) fn how_many(&self) -> u64 {
        self.counts.end() - self.counts.start() + 1
    }
}

impl<'a> Statements<'a> {
    pub(super) fn of(
        statements: impl Iterator<Item = &'a Statement>,
        study: &StudySettings,
    ) -> Self {
        Self { all: statements.collect(), confidence_level: study.confidence_level }
    }

    /// The statements of a kind of number, in the order of the claims.
    pub(super) fn every(&self, statistic: Published) -> impl Iterator<Item = &'a Statement> {
        self.all.iter().copied().filter(move |one| one.is(statistic))
    }

    /// The first statement of a number.
    pub(super) fn find(
        &self,
        statistic: Published,
        what: &What,
        whom: &Whom,
    ) -> Option<&'a Statement> {
        self.every(statistic).find(|one| one.what == *what && one.whom == *whom)
    }

    /// What is claimed of anybody, each once, in the order of the claims.
    pub(super) fn whats(&self, statistics: &[Published]) -> Vec<What> {
        distinct(
            (self.all.iter())
                .filter(|one| statistics.contains(&one.statistic))
                .map(|one| one.what.clone()),
        )
    }

    /// Of whom something is claimed, each once.
    pub(super) fn whoms(&self, statistics: &[Published], what: &What) -> Vec<Whom> {
        let own = self.all.iter().filter(|one| statistics.contains(&one.statistic));
        distinct(own.filter(|one| one.what == *what).map(|one| one.whom.clone()))
    }

    /// The groups, in the order in which their patients are claimed, then in which
    /// anything is; a level that is only compared with another is no group of patients.
    pub(super) fn groups(&self) -> Vec<String> {
        use Published::{HazardRatio, OddsRatio, PValue, RelativeRisk, RiskDifference};
        let compares = |one: &&Statement| {
            [HazardRatio, OddsRatio, RelativeRisk, RiskDifference, PValue].contains(&one.statistic)
        };
        // Groups whose patients are claimed come first: that
        // order is the one in which a paper names its arms.
        let sized = self.every(Published::Patients).filter(|one| one.whom.subgroup.is_none());
        let others = self.all.iter().copied().filter(|one| !compares(one));
        distinct(sized.chain(others).filter_map(|one| one.whom.group.clone()))
    }

    /// The groups of some, if all groups there are or everybody of a subgroup.
    pub(super) fn groups_within(&self, whom: &Whom) -> Vec<Whom> {
        let of = |group: String| Whom { group: Some(group), ..whom.clone() };
        self.groups().into_iter().map(of).collect()
    }

    /// How many patients somebody is: as claimed, as all groups add up to, or as
    /// the other groups leave of everybody.
    pub(super) fn patients(&self, whom: &Whom) -> Option<Patients<'a>> {
        let together = |groups: &[Whom]| -> Option<Patients<'a>> {
            let each: Option<Vec<_>> =
                // As claimed and not as derived: the sum would otherwise lean on itself.
                groups.iter().map(|whom| self.patients_claimed(whom)).collect();
            let each = each.filter(|each| !each.is_empty())?;
            let n = each.iter().map(|one| one.n).sum();
            Some(Patients { n, claims: each.into_iter().flat_map(|one| one.claims).collect() })
        };
        let others = |groups: Vec<Whom>| -> Vec<Whom> {
            groups.into_iter().filter(|other| other != whom).collect()
        };
        self.patients_claimed(whom).or_else(|| {
            let everybody = Whom { group: None, ..whom.clone() };
            let groups = self.groups_within(&everybody);
            if whom.group.is_none() {
                // A single group is not everybody.
                return together(&groups).filter(|_| groups.len() > 1);
            }
            let (all, rest) = (self.patients_claimed(&everybody)?, together(&others(groups))?);
            // Groups that claim more than everybody are
            // told by their sum, and leave no number here.
            let n = all.n.checked_sub(rest.n)?;
            Some(Patients { n, claims: [all.claims, rest.claims].concat() })
        })
    }

    fn patients_claimed(&self, whom: &Whom) -> Option<Patients<'a>> {
        let found = self
            .every(Published::Patients)
            // A number of patients with an outcome is no denominator.
            .find(|one| one.whom == *whom && one.what.of.is_none() && one.what.level.is_none())?;
        Some(Patients { n: found.whole()?, claims: vec![&found.name] })
    }

    /// The denominator of a share or count.
    pub(super) fn denominator(&self, of: &'a Statement) -> Option<Patients<'a>> {
        match of.n {
            // The share says it itself, so that there is no other claim to point at.
            Some(n) => Some(Patients { n, claims: Vec::new() }),
            None => self.patients(&of.whom),
        }
    }

    /// The counts that print what is claimed; none where nothing is, or nothing fits.
    pub(super) fn counts(&self, what: &What, whom: &Whom) -> Option<Counts<'a>> {
        let share = self.find(Published::Proportion, what, whom);
        let count = self.find(Published::Count, what, whom);
        let patients = self.denominator(share.or(count)?)?;
        let mut claims = patients.claims;
        let mut counts = 0..=patients.n;
        if let Some(share) = share {
            claims.insert(0, &share.name);
            counts = counts_that_fit(share.value?, patients.n)?;
        }
        if let Some(count) = count {
            claims.insert(0, &count.name);
            let whole = count.whole()?;
            // What contradicts is told where count and share
            // are compared; here it must not go on as a count.
            if share.is_some() && !counts.contains(&whole) || whole > patients.n {
                return None;
            }
            // A count leaves less room than a rounded share.
            counts = whole..=whole;
        }
        Some(Counts { counts, n: patients.n, claims })
    }

    /// What a p-value or a ratio of an outcome counts: itself, or the one level
    /// that is claimed of a variable.
    pub(super) fn counted(&self, what: &What) -> What {
        let levels: Vec<What> = self
            .whats(&[Published::Proportion, Published::Count])
            .into_iter()
            .filter(|one| one.of == what.of)
            .collect();
        match (&what.level, &levels[..]) {
            // `p` of `response` is of those who responded, where no other level is claimed.
            (None, [only]) => only.clone(),
            _ => what.clone(),
        }
    }

    /// The group and the reference that a comparison is of: those it names, or
    /// the two there are.
    pub(super) fn pair(&self, of: &Statement) -> Option<[Whom; 2]> {
        let within = Whom { group: None, ..of.whom.clone() };
        let groups = self.groups();
        let named = of.whom.group.clone();
        let other = |not: &str| match &groups[..] {
            [a, b] if a == not => Some(b.clone()),
            [a, b] if b == not => Some(a.clone()),
            _ => None,
        };
        let (group, reference) = match (named, of.reference.clone()) {
            (Some(group), Some(reference)) => (group, reference),
            (Some(group), None) => (group.clone(), other(&group)?),
            (None, Some(reference)) => (other(&reference)?, reference),
            (None, None) => match &groups[..] {
                [a, b] => (a.clone(), b.clone()),
                _ => return None,
            },
        };
        // A level that is only compared, such as a term of a model, is no group of patients.
        let are_known = groups.contains(&group) && groups.contains(&reference);
        let of = |group| Whom { group: Some(group), ..within.clone() };
        are_known.then(|| [of(group), of(reference)])
    }

    /// The p-value that belongs to a statement: of the same outcome and patients,
    /// adjusted alike.
    pub(super) fn p_of(&self, of: &Statement) -> Option<&'a Statement> {
        let is_own = |p: &&Statement| {
            p.what == of.what
                && p.whom.subgroup == of.whom.subgroup
                && p.adjusted == of.adjusted
                && (p.whom.group.is_none() || p.whom.group == of.whom.group)
                // A p-value at one time is not that of the whole course.
                && p.at_days.is_none()
        };
        self.every(Published::PValue).find(is_own)
    }

    /// The events of an endpoint in both groups of a comparison together.
    pub(super) fn events_of(&self, what: &What, pair: &[Whom; 2]) -> Option<Patients<'a>> {
        let of = |whom: &Whom| {
            let found = self.find(Published::Events, what, whom)?;
            Some(Patients { n: found.whole()?, claims: vec![found.name.as_str()] })
        };
        let both = of(&pair[0]).zip(of(&pair[1])).map(|(one, other)| Patients {
            n: one.n + other.n,
            claims: [one.claims, other.claims].concat(),
        });
        // The events of everybody are those of both groups only where these are all.
        let is_all = self.groups().len() == 2;
        let total = Whom { group: None, ..pair[0].clone() };
        both.or_else(|| is_all.then(|| of(&total)).flatten())
    }
}

/// Each value once, in order.
pub(super) fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for value in values {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    kept
}
