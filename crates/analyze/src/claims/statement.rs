//! A claim as a statement: what number, of what, of whom.

use stats::forensics::Printed;
use study::{
    About, Claim, ClaimUnit, Detail, Finding, Lack, Procedure, Published, PublishedTest, Quantity,
    StudySettings, Subgroup,
};

use engine::Reference;

use crate::category::ALL;

/// Whom a number is of; everybody without a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Whom {
    pub(super) group: Option<String>,
    /// A variable and its level.
    pub(super) subgroup: Option<(String, String)>,
}

/// What a number is of: an outcome, an endpoint, or a level of a variable.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct What {
    pub(super) of: Option<String>,
    pub(super) level: Option<String>,
}

/// A claim whose meaning is known.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) name: String,
    pub(super) statistic: Published,
    pub(super) what: What,
    pub(super) whom: Whom,
    pub(super) reference: Option<String>,
    pub(super) at_days: Option<f64>,
    /// The denominator where it is not everybody.
    pub(super) n: Option<u64>,
    pub(super) part_of: Option<String>,
    pub(super) test: Option<PublishedTest>,
    pub(super) sides: Option<u8>,
    pub(super) adjusted: bool,
    pub(super) whole_numbers: bool,
    pub(super) baseline: bool,
    pub(super) all_levels: bool,
    /// The values that print it: shares as parts of 1, times in days.
    pub(super) value: Option<Printed>,
    /// Its confidence limits likewise.
    pub(super) limits: Option<(Printed, Printed)>,
    pub(super) not_reached: bool,
}

impl Statement {
    /// What a claim states, by its own words and by the finding that it names.
    pub(super) fn read(
        name: &str,
        claim: &Claim,
        findings: &[Finding],
        study: &StudySettings,
    ) -> Result<Self, Lack> {
        let named = claim.finding.as_deref().map(|written| Reference(written).among(findings));
        // What a claim says in its own words goes before what the finding says that it names.
        let said = claim.about.clone().unwrap_or_default();
        let told = named.and_then(|found| told(&found)).unwrap_or_default();
        let statistic = said.statistic.or(told.statistic).ok_or(Lack::Meaning)?;
        // A median that is not reached is a statement without a number.
        if claim.value.is_none() && claim.lower.is_none() && !claim.not_reached {
            return Err(Lack::Number);
        }
        let scale = |(lower, upper): (f64, f64)| {
            let scale = own_scale(claim.unit, study);
            Printed::new(lower * scale, upper * scale)
        };
        let limit = |limit: Option<f64>| limit.map(|limit| scale(claim.rounded_to(limit)));
        let subgroup = said.subgroup.or(told.subgroup);
        let is_p = statistic == Published::PValue;
        Ok(Self {
            name: name.to_owned(),
            statistic,
            what: What { of: said.of.or(told.of), level: said.level.or(told.level) },
            whom: Whom {
                // Everybody is no group beside the others.
                group: said.group.or(told.group).filter(|group| group != ALL),
                subgroup: subgroup.map(|subgroup| (subgroup.variable, subgroup.level)),
            },
            reference: said.reference.or(told.reference),
            at_days: said.at.or(told.at).map(|at| at.days(study)),
            n: said.n,
            part_of: said.part_of.or(told.part_of),
            test: said.test.or(told.test),
            sides: said.sides,
            adjusted: said.adjusted.or(told.adjusted).unwrap_or_default(),
            whole_numbers: said.whole_numbers,
            baseline: said.baseline,
            all_levels: said.all_levels,
            // `0.00` is printed by numbers below zero as well, which no p-value is.
            value: claim.values().map(scale).map(|value| match is_p {
                // one that no p-value prints stays, and is told
                true if value.lower <= 1.0 && value.upper >= 0.0 => {
                    Printed::new(value.lower.max(0.0), value.upper.min(1.0))
                }
                _ => value,
            }),
            // One limit alone is no interval.
            limits: limit(claim.lower).zip(limit(claim.upper)),
            not_reached: claim.not_reached,
        })
    }

    /// The one whole number that prints it.
    pub(super) fn whole(&self) -> Option<u64> {
        let value = self.value?;
        let number = value.middle().round();
        // Rounded or not: only one whole number may lie within what prints it.
        let is_one = value.lower > number - 1.0 && value.upper < number + 1.0;
        (is_one && number >= 0.0).then_some(number as u64)
    }

    pub(super) fn is(&self, statistic: Published) -> bool {
        self.statistic == statistic
    }
}

/// What a unit of print is in the scale in which statements are compared.
fn own_scale(unit: ClaimUnit, study: &StudySettings) -> f64 {
    match unit {
        ClaimUnit::Plain => 1.0,
        ClaimUnit::Percent => 0.01,
        ClaimUnit::Weeks => study.days_in(study::TimeUnit::Weeks),
        ClaimUnit::Months => study.days_in(study::TimeUnit::Months),
        ClaimUnit::Years => study.days_in(study::TimeUnit::Years),
    }
}

/// What findings say that a number is of, where they say the same.
fn told(findings: &[&Finding]) -> Option<About> {
    let first = findings.first()?;
    let mut about = about(first)?;
    // by several methods: which one the source used is not known
    if findings.iter().any(|finding| finding.method.procedure != first.method.procedure) {
        about.test = None;
    }
    Some(about)
}

fn about(finding: &Finding) -> Option<About> {
    let is_term = finding.reference.is_some();
    // a term without levels compares no groups
    if finding.endpoint.is_some() && finding.variable.is_some() && !is_term {
        return None;
    }
    let of = finding.endpoint.clone().or_else(|| finding.variable.clone());
    // other patients, or the same from a landmark on, are others
    let is_all = finding.population == ALL;
    if finding.method.details.iter().any(|detail| matches!(detail, Detail::Landmark(_))) {
        return None;
    }
    Some(About {
        statistic: Some(statistic(finding)?),
        level: finding.level.clone().filter(|_| finding.endpoint.is_none() && !is_term),
        group: (if is_term { &finding.level } else { &finding.group }).clone(),
        reference: finding.reference.clone(),
        subgroup: (!is_all)
            .then(|| Subgroup { variable: "where".to_owned(), level: finding.population.clone() }),
        at: finding.time_days.map(study::Span::of_days),
        // By RECIST whoever responds has controlled disease.
        part_of: (finding.address.outcome() == Some("orr")).then(|| "dcr".to_owned()),
        test: match finding.method.procedure {
            // A weighted test is not what authors mean by log-rank.
            Procedure::LogRank { rho: 0.0 } => Some(PublishedTest::LogRank),
            _ => None,
        },
        adjusted: Some(is_adjusted(finding)),
        of,
        ..About::default()
    })
}

/// Whether a finding is adjusted, weighted or stratified. What a model says of one
/// of its terms may be, unless the model is of one term.
fn is_adjusted(finding: &Finding) -> bool {
    let of_model = matches!(
        finding.method.procedure,
        Procedure::Cox | Procedure::Logistic | Procedure::TimeDependentCox(_)
    );
    let is_so = |detail: &Detail| {
        matches!(
            detail,
            Detail::Adjusted | Detail::Weighted | Detail::WeightedBy(_) | Detail::StratifiedBy(_)
        )
    };
    finding.method.details.iter().any(is_so)
        || of_model && finding.address.model() != Some("univariable")
}

/// What kind of number a finding is, where it is one that is printed of patients as
/// they are: no concordance is a share of patients, and no median of a model one of theirs.
fn statistic(finding: &Finding) -> Option<Published> {
    // Other kinds use the same words for numbers of models or of weighted patients.
    let is_curve = finding.kind == "kaplan_meier";
    Some(match (finding.statistic.as_str(), &finding.method.procedure) {
        ("n", _) if finding.quantity == Quantity::Count && finding.endpoint.is_none() => {
            Published::Patients
        }
        ("events", _) if is_curve => Published::Events,
        ("n_at_risk", _) if is_curve => Published::AtRisk,
        ("median", _) if is_curve => Published::Median,
        ("survival", _) if is_curve => Published::Survival,
        ("median_follow_up", _) => Published::MedianFollowUp,
        ("p_value", _) => Published::PValue,
        ("hazard_ratio", _) => Published::HazardRatio,
        ("odds_ratio", _) => Published::OddsRatio,
        ("relative_risk", _) => Published::RelativeRisk,
        ("standardized_difference", _) => Published::StandardizedDifference,
        (_, Procedure::Mean) => Published::Mean,
        (_, Procedure::StandardDeviation) => Published::StandardDeviation,
        (_, Procedure::Smallest) => Published::Minimum,
        (_, Procedure::Largest) => Published::Maximum,
        (_, Procedure::Proportion | Procedure::ShareOfKnown) => Published::Proportion,
        (_, Procedure::RiskDifference) => Published::RiskDifference,
        (_, Procedure::Count) if finding.level.is_some() => Published::Count,
        _ => return None,
    })
}
