//! What claims say of every cohort. What a claim means follows from the finding
//! that it is about; what it leaves open, from its printed digits.

use engine::{Mistake, Mistakes, Reference};
use stats::identified_set::{Problem, Published as Condition, ResponseBounds};
use stats::special::normal_quantile;
use study::{Claim, Finding, Level, Part, Procedure, Quantity, StudySettings};

use super::IdentifiedSet;
use crate::analysis::Checked;

/// What was published, as a problem to be searched.
pub(super) struct Published {
    /// The two groups, the reference first.
    pub(super) arms: [Level; 2],
    /// Each claim that became a condition, with that.
    pub(super) conditions: Vec<(String, Condition)>,
    /// How many patients of each group have which response.
    responses: Vec<([u32; 2], ResponseBounds)>,
    sizes: [u32; 2],
}

/// The name under which the response rates are left out, all at once.
pub(super) const RESPONSES: &str = "response_rates";

/// A claim with the finding that it is about.
struct Known<'a> {
    place: usize,
    name: &'a str,
    claim: &'a Claim,
    finding: &'a Finding,
}

/// What a claim is about.
#[derive(Clone, Copy, PartialEq)]
enum Meaning {
    Size,
    Response { is_objective: bool },
    Median,
    Survival { day: u32 },
    Events,
    LogRank,
    FollowUp,
}

/// Reads claims, and notes what is wrong with them.
struct Reader<'a> {
    set: &'a IdentifiedSet,
    study: &'a StudySettings,
    known: Vec<Known<'a>>,
    arms: [Level; 2],
    mistakes: Mistakes,
}

impl Published {
    /// Reads the claims; none in a rehearsal, where the findings that they are
    /// about are not announced: their own mistakes are told already.
    pub(super) fn read(
        set: &IdentifiedSet,
        checked: &Checked<'_>,
    ) -> Result<Option<Self>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let (mut known, mut is_whole) = (Vec::new(), true);
        for (place, name) in set.claims.iter().enumerate() {
            let claims = checked.call.claims;
            // A name that is no claim was told when the wiring was read.
            let Some((_, claim)) = claims.iter().find(|(own, _)| own == name) else { continue };
            let at = ["claims", &place.to_string()];
            let Some(written) = claim.finding.as_deref() else {
                let message = format!("claim `{name}` is about no finding");
                let hint = "name its `finding`: what the number means follows from that";
                mistakes.push(Mistake::at(&at, message).hint(hint));
                continue;
            };
            let findings = &checked.call.stage(Reference(written).stage()).findings;
            // Of an entry whose findings could not be announced nothing can be said here.
            if findings.is_empty() && checked.is_rehearsed() {
                return Ok(None);
            }
            match Reference(written).among(findings).as_slice() {
                [finding] => known.push(Known { place, name, claim, finding }),
                // told of the claim itself; what the others say without it is not judged
                [] => is_whole = false,
                several => {
                    let message =
                        format!("claim `{name}` is about {} findings, not one", several.len());
                    mistakes.push(Mistake::at(&at, message).hint("name one of them"));
                }
            }
        }
        if !is_whole && checked.is_rehearsed() {
            return mistakes.or(None);
        }
        let arms = arms(set, &known, checked.is_rehearsed());
        // Without the two groups no claim can be read.
        let Some(arms) = mistakes.note(arms) else { return Err(mistakes) };
        let mut reader = Reader { set, study: checked.study, known, arms, mistakes };
        let published = reader.published();
        reader.mistakes.or(published)
    }

    /// What the searches solve.
    pub(super) fn problem(&self, set: &IdentifiedSet) -> Result<Problem, Mistake> {
        self.problem_without(set, None)
    }

    /// The problem without one of its claims.
    pub(super) fn problem_without(
        &self,
        set: &IdentifiedSet,
        left_out: Option<&str>,
    ) -> Result<Problem, Mistake> {
        let is_kept = |name: &str| left_out != Some(name);
        let conditions: Vec<Condition> = (self.conditions.iter())
            .filter(|(name, _)| is_kept(name))
            .map(|(_, condition)| *condition)
            .collect();
        let responses = if is_kept(RESPONSES) { self.responses.as_slice() } else { &[] };
        let assumptions = set.assumptions.assumptions();
        let endpoints = set.endpoints.len();
        Problem::new(self.sizes, endpoints, responses, &conditions, assumptions)
            .map_err(|error| crate::book::refused(&error))
    }

    /// The claims that can be left out.
    pub(super) fn removable(&self) -> Vec<String> {
        let responses = (!self.responses.is_empty()).then(|| RESPONSES.to_owned());
        self.conditions.iter().map(|(name, _)| name.clone()).chain(responses).collect()
    }

    /// How many patients there are.
    pub(super) fn patients(&self) -> u32 {
        self.sizes[0] + self.sizes[1]
    }
}

/// The two groups that the claims are about, the reference first.
fn arms(
    set: &IdentifiedSet,
    known: &[Known<'_>],
    is_rehearsed: bool,
) -> Result<[Level; 2], Mistake> {
    let parts = || known.iter().flat_map(|one| &one.finding.address.parts);
    // Which groups there are is known from the data alone; only the reference is named here.
    if is_rehearsed && parts().any(|part| *part == Part::AnyLevel) {
        return Ok([Level::named(&set.reference), Level::any()]);
    }
    let mut groups: Vec<Level> = Vec::new();
    for part in parts() {
        let Part::Group { value, id } = part else { continue };
        // By value: ids of groups may differ from what the column holds.
        if groups.iter().all(|group| group.value != *value) {
            groups.push(Level::named(value).with_id(id.clone()));
        }
    }
    let names: Vec<String> = groups.iter().map(|group| format!("`{}`", group.value)).collect();
    if groups.len() != 2 {
        let listed = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let message = format!("the claims are about {listed}, and not about two groups");
        let hint = "name claims on both groups, and on no others";
        return Err(Mistake::at(&["claims"], message).hint(hint));
    }
    match groups.iter().position(|group| group.value == set.reference) {
        Some(place) => Ok([groups[place].clone(), groups[1 - place].clone()]),
        None => {
            let message = format!("no claim is about the group `{}`", set.reference);
            let values = groups.iter().map(|group| group.value.as_str());
            Err(Mistake::at(&["reference"], message).hint_nearest(&set.reference, values))
        }
    }
}

impl Known<'_> {
    fn mistake(&self, message: String) -> Mistake {
        Mistake::at(&["claims", &self.place.to_string()], message)
    }

    /// What the claim is about, where that constrains a cohort.
    fn meaning(&self) -> Option<Meaning> {
        let finding = self.finding;
        // A number of a term, or of a model, is no number of the patients as they are.
        let is_plain = finding.variable.is_none() && finding.address.model().is_none();
        // Events fall on whole days, so that a curve at a
        // time is the curve at the day before or on it.
        let day = finding.time_days.map(|days| days.floor() as u32);
        match (finding.statistic.as_str(), &finding.method.procedure, finding.quantity) {
            _ if !is_plain => None,
            ("n", _, Quantity::Count) => Some(Meaning::Size),
            ("objective_response_rate", ..) => Some(Meaning::Response { is_objective: true }),
            ("disease_control_rate", ..) => Some(Meaning::Response { is_objective: false }),
            ("median", Procedure::KaplanMeier, _) => Some(Meaning::Median),
            ("median_follow_up", Procedure::ReverseKaplanMeier, _) => Some(Meaning::FollowUp),
            ("survival", Procedure::KaplanMeier, _) => Some(Meaning::Survival { day: day? }),
            ("events", _, Quantity::Count) => Some(Meaning::Events),
            ("p_value", Procedure::LogRank { rho }, _) if *rho == 0.0 => Some(Meaning::LogRank),
            _ => None,
        }
    }
}

// A century, in days.
/// Later than anybody is followed.
const NEVER: u32 = 36_525;
// Near there the tail of the normal distribution falls below the smallest normal number.
/// More standard errors than any p-value tells.
const FAR: f64 = 38.0;

impl<'a> Reader<'a> {
    fn published(&mut self) -> Option<Published> {
        // Taken out, so that mistakes can be noted while they are gone through.
        let known = std::mem::take(&mut self.known);
        let mut told: Vec<(&Known<'_>, Meaning)> = Vec::new();
        for one in &known {
            match one.meaning() {
                Some(meaning) => told.push((one, meaning)),
                None => {
                    let message = format!(
                        "claim `{}` is about `{}`, which constrains no cohort",
                        one.name,
                        one.finding.id()
                    );
                    let hint = "numbers of patients and events, response rates, medians, survival, log-rank p and median follow-up do";
                    self.mistakes.push(one.mistake(message).hint(hint));
                }
            }
        }
        // Shares and events are counts of these, so that nothing else can be read without them.
        let sizes = self.sizes(&told)?;
        let responses = self.responses(&told, sizes);
        // a p-value is read last: the medians tell which group did better
        told.sort_by_key(|(_, meaning)| *meaning == Meaning::LogRank);
        let mut conditions = Vec::new();
        for (one, meaning) in &told {
            match self.condition(one, *meaning, &conditions) {
                Ok(condition) => {
                    conditions.extend(condition.map(|condition| (one.name.to_owned(), condition)));
                }
                Err(mistake) => self.mistakes.push(mistake),
            }
        }
        let arms = self.arms.clone();
        Some(Published { arms, conditions, responses: responses?, sizes })
    }

    /// The place of the group that a finding is of; none where it is of everybody.
    fn arm(&self, finding: &Finding) -> Option<usize> {
        finding.address.parts.iter().find_map(|part| match part {
            Part::Group { value, .. } => self.arms.iter().position(|arm| arm.value == *value),
            _ => None,
        })
    }

    fn endpoint(&self, one: &Known<'_>) -> Result<usize, Mistake> {
        let own = one.finding.endpoint.as_deref().unwrap_or_default();
        self.set.endpoints.iter().position(|endpoint| endpoint == own).ok_or_else(|| {
            let message = format!(
                "claim `{}` is about the endpoint `{own}`, which is none of `endpoints`",
                one.name
            );
            one.mistake(message).hint("name the endpoint, or leave the claim out")
        })
    }

    /// The numbers that could have been printed so.
    fn meant(&self, one: &Known<'_>) -> Result<[f64; 2], Mistake> {
        one.claim.meant(self.study).ok_or_else(|| {
            let message = format!("claim `{}` has no `value`", one.name);
            one.mistake(message).hint("give the number as printed")
        })
    }

    /// Numbers of patients of both groups: each as claimed, or what is left of
    /// all.
    fn sizes(&mut self, told: &[(&Known<'_>, Meaning)]) -> Option<[u32; 2]> {
        let mut counts: [Option<f64>; 3] = [None; 3];
        for (one, _) in told.iter().filter(|(_, meaning)| *meaning == Meaning::Size) {
            // Neither group: all patients.
            let place = self.arm(one.finding).unwrap_or(2);
            counts[place] = one.claim.value;
        }
        // Both groups as claimed go before the total, which may count patients of neither.
        let known = match counts {
            [Some(first), Some(second), _] => Some([first, second]),
            [Some(first), None, Some(all)] => Some([first, all - first]),
            [None, Some(second), Some(all)] => Some([all - second, second]),
            _ => None,
        };
        let sizes = known.filter(|sizes| {
            sizes.iter().all(|size| *size >= 1.0 && size.fract() == 0.0 && *size < 1e6)
        });
        if sizes.is_none() {
            let message = "the claims do not give whole numbers of patients of both groups";
            let hint = "name claims on `n` of both groups, or of one of them and of all";
            self.mistakes.push(Mistake::at(&["claims"], message).hint(hint));
        }
        sizes.map(|sizes| sizes.map(|size| size as u32))
    }

    /// How many patients of each group have which response.
    fn responses(
        &mut self,
        told: &[(&Known<'_>, Meaning)],
        sizes: [u32; 2],
    ) -> Option<Vec<([u32; 2], ResponseBounds)>> {
        let mut counts = [[None; 2]; 2];
        let mut first = None;
        for (one, meaning) in told {
            // One mistake of all response rates is placed at the first of them.
            let Meaning::Response { is_objective } = *meaning else { continue };
            first.get_or_insert(one.place);
            let Some(arm) = self.arm(one.finding) else {
                let message = format!("claim `{}` is on the response of no group", one.name);
                self.mistakes.push(one.mistake(message).hint("name the claims on each group"));
                continue;
            };
            // A share must tell its count exactly, because cohorts have whole patients.
            let count = self.meant(one).and_then(|shares| count_of(one, shares, sizes[arm]));
            match count {
                Ok(count) => counts[usize::from(!is_objective)][arm] = Some(count),
                Err(mistake) => self.mistakes.push(mistake),
            }
        }
        let Some(first) = first else { return Some(Vec::new()) };
        let at = ["claims", &first.to_string()];
        let Some(days) = self.set.response_days else {
            let message = "claims on response rates say nothing of follow-up by themselves";
            let hint = "say by `response_days` when a response can end, or leave these claims out";
            self.mistakes.push(Mistake::at(&at, message).hint(hint));
            return None;
        };
        let [response, control, from, until] =
            // Visits are on whole days.
            days.times().map(|(_, time)| time.days(self.study).round() as u32);
        let from_then = |earliest| ResponseBounds { earliest, latest: None };
        let progression = ResponseBounds { earliest: from, latest: Some(until) };
        // Fewer controlled than responding patients contradict each other.
        let less = |all: [u32; 2], some: [u32; 2]| -> Option<[u32; 2]> {
            Some([all[0].checked_sub(some[0])?, all[1].checked_sub(some[1])?])
        };
        let both = |pair: [Option<u32>; 2]| Some([pair[0]?, pair[1]?]);
        // By RECIST the responders are among the controlled,
        // so that the two rates leave three kinds of patients.
        let found = match (both(counts[0]), both(counts[1])) {
            (Some(objective), Some(controlled)) => {
                less(controlled, objective).zip(less(sizes, controlled)).map(|(stable, others)| {
                    vec![
                        (objective, from_then(response)),
                        (stable, from_then(control)),
                        (others, progression),
                    ]
                })
            }
            (Some(objective), None) => Some(vec![(objective, from_then(response))]),
            (None, Some(controlled)) => less(sizes, controlled)
                .map(|others| vec![(controlled, from_then(control)), (others, progression)]),
            (None, None) => None,
        };
        // Another mistake explains it already.
        if found.is_none() && self.mistakes.0.is_empty() {
            let message = "the response rates of both groups do not add up to whole patients";
            let hint = "name claims on a rate in both groups; those with a response have their disease controlled too";
            self.mistakes.push(Mistake::at(&at, message).hint(hint));
        }
        found
    }

    /// What a claim says of a cohort; nothing where it is a size or a response.
    fn condition(
        &self,
        one: &Known<'_>,
        meaning: Meaning,
        known: &[(String, Condition)],
    ) -> Result<Option<Condition>, Mistake> {
        let arm = self.arm(one.finding);
        Ok(Some(match meaning {
            Meaning::Size | Meaning::Response { .. } => return Ok(None),
            // Asked first, because such a claim has no value to be read.
            Meaning::Median if one.claim.not_reached => {
                Condition::MedianNotReached { endpoint: self.endpoint(one)?, arm }
            }
            Meaning::Median => {
                let endpoint = self.endpoint(one)?;
                match days_within(self.meant(one)?) {
                    // what is later than a day, or not reached, is not down to a half there
                    [day, NEVER] => {
                        let shares = [0.5, 1.0];
                        Condition::Survival { endpoint, arm, day, shares }
                    }
                    days => Condition::Median { endpoint, arm, days },
                }
            }
            Meaning::FollowUp => Condition::FollowUp { arm, days: days_within(self.meant(one)?) },
            Meaning::Survival { day } => {
                let [least, most] = self.meant(one)?;
                // Rounding must not carry a share beyond 0 and 1.
                let shares = [least.max(0.0), most.min(1.0)];
                Condition::Survival { endpoint: self.endpoint(one)?, arm, day, shares }
            }
            Meaning::Events => {
                let [least, most] = self.meant(one)?.map(|count| count.clamp(0.0, 1e6));
                // Whole numbers within what prints it.
                let counts = [least.ceil() as u32, most.floor() as u32];
                Condition::Events { endpoint: self.endpoint(one)?, arm, counts }
            }
            Meaning::LogRank => {
                let endpoint = self.endpoint(one)?;
                // A p-value has two sides; a cohort must lie on the one that the medians tell.
                let sign = is_second_better(known, endpoint).ok_or_else(|| {
                    let message = format!(
                        "claim `{}` is a p-value, and no claim tells which group did better",
                        one.name
                    );
                    one.mistake(message).hint("name the claims on the medians of both groups")
                })?;
                let [least, most] = self.meant(one)?;
                let root = |p: f64| if p <= 0.0 { FAR } else { -normal_quantile(0.5 * p.min(1.0)) };
                // The smaller p-value is the larger root.
                let roots = [root(most), root(least)];
                let roots = if sign { roots } else { [-roots[1], -roots[0]] };
                Condition::LogRankRoot { endpoint, roots }
            }
        }))
    }
}

/// Whether the second group did better; none where the medians do not tell.
fn is_second_better(known: &[(String, Condition)], endpoint: usize) -> Option<bool> {
    let median = |arm: usize| {
        known.iter().find_map(|(_, condition)| match *condition {
            Condition::Median { endpoint: own, arm: of, days }
                if own == endpoint && of == Some(arm) =>
            {
                Some(days[0])
            }
            Condition::MedianNotReached { endpoint: own, arm: of }
                if own == endpoint && of == Some(arm) =>
            {
                Some(NEVER)
            }
            _ => None,
        })
    };
    let (first, second) = (median(0)?, median(1)?);
    // Equal medians, as printed, tell nothing.
    (first != second).then_some(second > first)
}

/// The whole days within a range, or the nearest where it has none.
fn days_within([least, most]: [f64; 2]) -> [u32; 2] {
    let day = |time: f64| time.clamp(1.0, f64::from(NEVER)) as u32;
    let days = [day(least.ceil()), day(most.floor())];
    // A printed time in months may hold no whole day at all.
    if days[0] <= days[1] { days } else { [day((0.5 * (least + most)).round()); 2] }
}

/// The one count that prints a share of so many patients.
fn count_of(one: &Known<'_>, [least, most]: [f64; 2], n: u32) -> Result<u32, Mistake> {
    let share = |count: u32| f64::from(count) / f64::from(n);
    // All counts are tried: a share printed in few digits fits several, and then it tells none.
    let fit: Vec<u32> = (0..=n).filter(|count| (least..=most).contains(&share(*count))).collect();
    match fit.as_slice() {
        [count] => Ok(*count),
        [] => Err(one.mistake(format!(
            "claim `{}` is a share that no number of {n} patients prints",
            one.name
        ))),
        several => Err(one
            .mistake(format!(
                "claim `{}` is a share that {} to {} of {n} patients print",
                one.name,
                several[0],
                several[several.len() - 1]
            ))
            .hint("a response rate must tell the number of patients: leave it out")),
    }
}
