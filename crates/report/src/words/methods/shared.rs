//! What holds for the whole study, said once and left out everywhere else.

use study::{
    Account, Covariate, Detail, Groups, IntervalKind, Outcome, Practice, Procedure, Scale, Ties,
};

use super::Told;
use super::lists::{alike, distinct, outcomes_of};

/// What exact ties make of time and ratios.
pub(super) const DISCRETE: &str = "time taken as discrete: ratios are of conditional odds";

/// What holds where nothing else is said.
#[derive(Debug, Default)]
pub(super) struct Shared<'a> {
    pub(super) endpoints: Vec<&'a Outcome>,
    pub(super) groups: Option<Groups>,
    pub(super) ties: Option<Ties>,
    pub(super) scale: Option<IntervalKind>,
    pub(super) has_exposure: bool,
    pub(super) has_models: bool,
    pub(super) has_tests: bool,
    pub(super) has_weights: bool,
    pub(super) makes_sets: bool,
}

impl<'a> Shared<'a> {
    /// The endpoints of most practices, the groups and the ties of most accounts.
    pub(super) fn of(told: &[Told<'a>]) -> Self {
        let accounts: Vec<&Account> = told.iter().map(|one| one.account).collect();
        let by_practice = alike(&accounts, |account| std::mem::discriminant(&account.practice));
        let endpoints: Vec<Vec<&Outcome>> = (by_practice.iter())
            .map(|(_, own)| outcomes_of(own))
            // A practice that mixes endpoints with other outcomes cannot be told by the study's
            // endpoints.
            .filter(|own| {
                !own.is_empty() && own.iter().all(|one| matches!(one, Outcome::Endpoint(_)))
            })
            .collect();
        let columns: Vec<&str> = accounts
            .iter()
            .filter_map(|account| Some(account.groups.as_ref()?.column.as_str()))
            .collect();
        let groups = most(&columns).map(|column| {
            let column = *column;
            let own = accounts.iter().filter_map(|account| account.groups.as_ref());
            let own = own.filter(|groups| groups.column == column);
            let named = own.clone().filter_map(|groups| groups.reference.as_ref());
            let terms = accounts.iter().flat_map(|account| &account.terms);
            let against = terms.filter(|term| term.column == column);
            let against = against.filter_map(|term| match &term.scale {
                Scale::Against(level) => Some(level),
                Scale::Unit | Scale::Spline(_) => None,
            });
            let references: Vec<&String> = named.chain(against).collect();
            let cut = own.clone().find_map(|groups| groups.cut.clone());
            // Some analyses have no reference, such as curves, and others name it as a term of a
            // model.
            let reference = most(&references).copied().map(String::as_str);
            Groups { cut, ..Groups::of(column, reference) }
        });
        let ties: Vec<Ties> = accounts.iter().filter_map(|account| ties(account)).collect();
        let curves = accounts.iter().filter(|account| gives_curves(&account.practice));
        let scales: Vec<IntervalKind> = curves.filter_map(|account| limits(account)).collect();
        let weighted = |account: &&Account| {
            let mut details = account.method.details.iter();
            details.any(|detail| matches!(detail, Detail::WeightedBy(_)))
        };
        let matches = |account: &&Account| match &account.practice {
            Practice::PropensityScore { weighting, .. } => {
                weighting.procedure == Procedure::ScoreWeights(study::ScoreWeighting::Matching)
            }
            _ => false,
        };
        // named once for all, those endpoints save most words that are of most practices and many
        let saved = |own: &Vec<&Outcome>| {
            own.len() * endpoints.iter().filter(|other| *other == own).count()
        };
        let most_saved = endpoints.iter().map(saved).max().unwrap_or_default();
        Self {
            endpoints: endpoints
                .iter()
                .find(|own| saved(own) == most_saved)
                .cloned()
                .unwrap_or_default(),
            groups,
            ties: most(&ties).copied(),
            scale: most(&scales).copied(),
            has_exposure: accounts.iter().any(|account| is_of_exposure(&account.practice)),
            has_models: accounts.iter().any(|account| !account.terms.is_empty()),
            has_tests: accounts.iter().any(|account| tests(account)),
            has_weights: accounts.iter().any(weighted),
            makes_sets: accounts.iter().any(matches),
        }
    }

    /// The endpoints of the study.
    pub(super) fn endpoints(&self) -> &[&'a Outcome] {
        &self.endpoints
    }

    /// Whether these are the endpoints of the study.
    pub(super) fn are_endpoints(&self, own: &[&Outcome]) -> bool {
        own.len() == self.endpoints.len() && own.iter().all(|one| self.endpoints.contains(one))
    }

    /// The others of some endpoints that have all those of the study among them.
    pub(super) fn beyond<'o>(&self, own: &[&'o Outcome]) -> Option<Vec<&'o Outcome>> {
        let has_all = self.endpoints.iter().all(|one| own.contains(one));
        let further = own.iter().filter(|one| !self.endpoints.contains(one));
        (has_all && !self.endpoints.is_empty()).then(|| further.copied().collect())
    }

    /// Whether this is whom the study compares; groups without a reference are
    /// those of a comparison that has none.
    pub(super) fn are_groups(&self, own: &Groups) -> bool {
        self.groups.as_ref().is_some_and(|shared| {
            (&shared.column, &shared.cut) == (&own.column, &own.cut)
                && (own.reference.is_none() || own.reference == shared.reference)
        })
    }

    /// Whether a term is the comparison of these groups.
    pub(super) fn is_term(&self, term: &Covariate) -> bool {
        let reference = match &term.scale {
            Scale::Against(level) => level,
            Scale::Unit | Scale::Spline(_) => return false,
        };
        self.are_groups(&Groups::of(&term.column, Some(reference)))
    }

    /// What the study makes of propensity scores, in a word.
    pub(super) fn each_weighting(&self) -> &'static str {
        if self.makes_sets { "weighting or matching" } else { "weighting" }
    }

    /// Whether ties are taken as the study takes them.
    pub(super) fn are_ties(&self, own: Ties) -> bool {
        self.ties == Some(own)
    }

    /// Whether the limits of curves are on the scale of the study.
    pub(super) fn is_scale(&self, own: IntervalKind) -> bool {
        self.scale == Some(own)
    }

    /// The short form of an endpoint, such as `PFS`: of one of several of the
    /// study, whose name can be read so.
    pub(super) fn short(&self, outcome: &Outcome) -> Option<String> {
        let Outcome::Endpoint(name) = outcome else { return None };
        let is_letters = name.chars().all(|letter| letter.is_ascii_alphabetic());
        // `PFS` and `DMFS` read as abbreviations. A longer name, or one with digits, does not.
        let can_be = is_letters && (2..=5).contains(&name.len());
        // A single endpoint is never named again, and needs no short form.
        (can_be && self.endpoints.len() > 1 && self.endpoints.contains(&outcome))
            .then(|| name.to_uppercase())
    }
}

/// The limits that a method has.
pub(super) fn limits(account: &Account) -> Option<IntervalKind> {
    account.method.details.iter().find_map(|detail| match detail {
        Detail::Interval { interval, .. } => Some(*interval),
        _ => None,
    })
}

/// How an account takes ties.
pub(super) fn ties(account: &Account) -> Option<Ties> {
    account.method.details.iter().find_map(|detail| match detail {
        Detail::Ties(ties) => Some(*ties),
        _ => None,
    })
}

/// Whether limits of curves are among what a practice gives.
fn gives_curves(practice: &Practice) -> bool {
    matches!(
        practice,
        Practice::Curves { .. }
            | Practice::Landmark { .. }
            | Practice::SimonMakuch { .. }
            | Practice::PredictedSurvival
            | Practice::Turnbull { .. }
            | Practice::CumulativeIncidence { .. }
    )
}

/// Whether it is of an exposure that begins during follow-up.
fn is_of_exposure(practice: &Practice) -> bool {
    matches!(
        practice,
        Practice::Landmark { .. }
            | Practice::TimeDependentCox
            | Practice::SimonMakuch { .. }
            | Practice::CloneCensorWeight { .. }
            | Practice::TippingPoint
    )
}

/// Whether an account gives a p-value.
fn tests(account: &Account) -> bool {
    !matches!(
        account.practice,
        Practice::Curves { .. }
            | Practice::Turnbull { .. }
            | Practice::PredictedSurvival
            | Practice::Performance { .. }
            | Practice::PropensityScore { .. }
            | Practice::EValue { .. }
            | Practice::IdentifiedSet { .. }
            | Practice::Imputation { .. }
    )
}

/// What there is most of, of equals the first.
fn most<T: PartialEq>(all: &[T]) -> Option<&T> {
    let count = |one: &T| all.iter().filter(|other| *other == one).count();
    let mut best: Option<(&T, usize)> = None;
    for one in distinct(all.iter()) {
        let own = count(one);
        // Strictly more, so that of equals the first of the file is taken, whatever the order of
        // counting.
        if best.is_none_or(|(_, known)| own > known) {
            best = Some((one, own));
        }
    }
    best.map(|(one, _)| one)
}
