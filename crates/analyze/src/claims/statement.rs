//! A claim as a statement: what number, of what, of whom.

use stats::forensics::Printed;
use study::{
    About, Claim, ClaimUnit, Detail, Finding, Lack, Procedure, Published, PublishedTest, Quantity,
    StudySettings,
};

use engine::Reference;

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
        let said = claim.about.clone().unwrap_or_default();
        let told = named.and_then(|found| told(&found)).unwrap_or_default();
        let statistic = said.statistic.or(told.statistic).ok_or(Lack::Meaning)?;
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
                group: said.group.or(told.group),
                subgroup: subgroup.map(|subgroup| (subgroup.variable, subgroup.level)),
            },
            reference: said.reference.or(told.reference),
            at_days: said.at.or(told.at).map(|at| at.days(study)),
            n: said.n,
            part_of: said.part_of.or(told.part_of),
            test: said.test.or(told.test),
            sides: said.sides,
            adjusted: said.adjusted || told.adjusted,
            whole_numbers: said.whole_numbers,
            baseline: said.baseline,
            all_levels: said.all_levels,
            value: claim.values().map(scale).map(|value| match is_p {
                true => Printed::new(value.lower.max(0.0), value.upper.min(1.0)),
                false => value,
            }),
            limits: limit(claim.lower).zip(limit(claim.upper)),
            not_reached: claim.not_reached,
        })
    }

    /// The one whole number that prints it.
    pub(super) fn whole(&self) -> Option<u64> {
        let value = self.value?;
        let number = value.middle().round();
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
    let of = finding.endpoint.clone().or_else(|| finding.variable.clone());
    let is_term = finding.reference.is_some();
    let of_level = finding.endpoint.is_none();
    let is_adjusted = finding.method.details.iter().any(|detail| {
        matches!(detail, Detail::Adjusted | Detail::WeightedBy(_) | Detail::StratifiedBy(_))
    });
    Some(About {
        statistic: Some(statistic(finding)?),
        level: finding.level.clone().filter(|_| of_level && !is_term),
        group: (if is_term { &finding.level } else { &finding.group })
            .clone()
            .filter(|group| group != crate::category::ALL),
        reference: finding.reference.clone(),
        at: finding.time_days.map(study::Span::of_days),
        part_of: (finding.address.outcome() == Some("orr")).then(|| "dcr".to_owned()),
        test: match finding.method.procedure {
            Procedure::LogRank { rho: 0.0 } => Some(PublishedTest::LogRank),
            _ => None,
        },
        adjusted: is_adjusted,
        of,
        ..About::default()
    })
}

fn statistic(finding: &Finding) -> Option<Published> {
    Some(match (finding.statistic.as_str(), finding.quantity) {
        ("n", Quantity::Count) if finding.endpoint.is_none() => Published::Patients,
        ("events", _) => Published::Events,
        ("n_at_risk", _) => Published::AtRisk,
        ("p_value", _) => Published::PValue,
        ("hazard_ratio", _) => Published::HazardRatio,
        ("odds_ratio", _) => Published::OddsRatio,
        ("relative_risk", _) => Published::RelativeRisk,
        ("median", Quantity::Days) => Published::Median,
        ("median_follow_up", _) => Published::MedianFollowUp,
        ("survival", Quantity::Survival) => Published::Survival,
        ("mean", _) => Published::Mean,
        ("standard_deviation", _) => Published::StandardDeviation,
        ("standardized_difference", _) => Published::StandardizedDifference,
        (_, Quantity::Proportion) => Published::Proportion,
        (_, Quantity::ProportionDifference) => Published::RiskDifference,
        (_, Quantity::Count) if finding.level.is_some() => Published::Count,
        _ => return None,
    })
}
