//! E-values of ratios that another entry found.

use engine::{Call, Kind, Mistake, Mistakes, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::e_value::{Association, EValue as Found, e_value};
use study::{
    Detail, Finding, Method, Output, Part, Procedure, Quantity, StudySettings, TakenFor, Warning,
};

use crate::book::{Book, Told};
use crate::refusal::refusal;

/// The share of events above which an outcome is common.
const COMMON: f64 = 0.15;

/// How strong an unmeasured confounder would have to be, in its risk ratios with both treatment and
/// outcome, to explain a ratio away (VanderWeele and Ding 2017): of the estimate, and of the
/// confidence limit nearer to 1.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EValue {
    /// The id of a relative risk, odds ratio or hazard ratio, such as
    /// `os_model.hazard_ratio.rt.yes`.
    pub finding: String,
    /// Whether more than 15% have the outcome by the end of follow-up, where odds and hazard ratios
    /// are not near risk ratios and are converted first; told from the finding's events unless
    /// declared.
    #[serde(default)]
    pub common: Option<bool>,
}

impl Kind for EValue {
    const NAME: &'static str = "e_value";

    fn wiring(&self, _name: &str, _study: &StudySettings) -> Wiring {
        let reads = self.stage().map(|stage| Read::stage(stage, Section::Analyze, &["finding"]));
        Wiring { reads: reads.into_iter().collect(), ..Wiring::default() }
    }

    fn rehearse(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        let stage = self.check()?;
        if call.stage(stage).findings.is_empty() {
            // Its own mistakes are told already.
            return Ok(Output::default());
        }
        let source = self.source(call)?;
        // How common the outcome is is known from the data, or declared.
        let common = self.common.unwrap_or_default();
        kind_of(source, common).ok_or_else(|| not_a_ratio(source))?;
        let book = Book::new(call, Self::NAME, &source.population, Vec::<Warning>::new());
        let mut book = book.announcing();
        record(&mut book, source, &method(source), None);
        Ok(Output { findings: book.findings()?, ..Output::default() })
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.check()?;
        let source = self.source(call)?;
        let association = self.association(source)?;
        let mut book = Book::new(call, Self::NAME, &source.population, Vec::<Warning>::new());
        let found = evaluate(association, source);
        let method = method(source).with(Detail::TakenFor(taken_for(association)));
        record(&mut book, source, &method, Some(&found));
        let methods = format!(
            "E-values (VanderWeele and Ding 2017) were computed for `{}`, {}.",
            self.finding,
            words(association)
        );
        Ok(Output {
            methods: book.methods(methods),
            findings: book.findings()?,
            ..Output::default()
        })
    }
}

impl EValue {
    /// The entry that makes the finding.
    fn check(&self) -> Result<&str, Mistake> {
        if let Some(stage) = self.stage() {
            return Ok(stage);
        }
        let message = format!("`{}` is no id of a finding", self.finding);
        let hint = "an id begins with the entry that makes it, such as `os_model.hazard_ratio.age`";
        Err(Mistake::at(&["finding"], message).hint(hint))
    }

    fn stage(&self) -> Option<&str> {
        let (stage, rest) = self.finding.split_once('.')?;
        (!stage.is_empty() && !rest.is_empty()).then_some(stage)
    }

    /// The finding it is about; in a rehearsal, the one that announces it.
    fn source<'a>(&self, call: &'a Call<'_>) -> Result<&'a Finding, Mistake> {
        let stage = self.stage().expect("invariant: the id was rehearsed");
        let findings = &call.stage(stage).findings;
        let found = findings.iter().find(|finding| finding.address.fits(&self.finding));
        found.ok_or_else(|| {
            let ratios = findings.iter().filter(|finding| kind_of(finding, false).is_some());
            let ids: Vec<String> = ratios.map(Finding::id).collect();
            let ids = ids.iter().map(String::as_str);
            Mistake::at(&["finding"], format!("`{stage}` makes no finding `{}`", self.finding))
                .hint_nearest(&self.finding, ids)
        })
    }

    fn association(&self, source: &Finding) -> Result<Association, Mistake> {
        let share = source.events.zip(source.n).map(|(events, n)| events as f64 / n as f64);
        let told = self.common.or(share.map(|share| share > COMMON));
        let is_plain = kind_of(source, false) == Some(Association::RiskRatio);
        if told.is_none() && !is_plain && kind_of(source, false).is_some() {
            let message = format!("`{}` does not tell how common its outcome is", source.id());
            return Err(Mistake::at(&["common"], message)
                .hint("declare `common: true` if more than 15% have it by the end of follow-up"));
        }
        kind_of(source, told.unwrap_or_default()).ok_or_else(|| not_a_ratio(source))
    }
}

fn not_a_ratio(source: &Finding) -> Mistake {
    let message = format!("`{}` is a {}, not a ratio of risks", source.id(), source.statistic);
    Mistake::at(&["finding"], message)
        .hint("E-values are for `relative_risk`, `odds_ratio` and `hazard_ratio`")
}

/// What a finding is the ratio of; none where it is no such ratio.
fn kind_of(finding: &Finding, common: bool) -> Option<Association> {
    match finding.statistic.as_str() {
        "relative_risk" | "risk_ratio" => Some(Association::RiskRatio),
        "odds_ratio" => Some(Association::OddsRatio { common }),
        "hazard_ratio" => Some(Association::HazardRatio { common }),
        _ => None,
    }
}

/// How the ratio was taken, as a value.
fn taken_for(association: Association) -> TakenFor {
    match association {
        Association::RiskRatio => TakenFor::RiskRatio,
        Association::OddsRatio { common: false } => TakenFor::RareOddsRatio,
        Association::OddsRatio { common: true } => TakenFor::CommonOddsRatio,
        Association::HazardRatio { common: false } => TakenFor::RareHazardRatio,
        Association::HazardRatio { common: true } => TakenFor::CommonHazardRatio,
    }
}

/// How the ratio was taken, for the paragraph of methods.
fn words(association: Association) -> &'static str {
    match association {
        Association::RiskRatio => "taken as it is",
        Association::OddsRatio { common: false } => {
            "an odds ratio of a rare outcome, taken for a risk ratio"
        }
        Association::OddsRatio { common: true } => {
            "an odds ratio of a common outcome, whose square root is taken for a risk ratio"
        }
        Association::HazardRatio { common: false } => {
            "a hazard ratio of a rare outcome, taken for a risk ratio"
        }
        Association::HazardRatio { common: true } => {
            "a hazard ratio of a common outcome, converted by (1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1/HR))"
        }
    }
}

/// The E-values, or why there are none.
fn evaluate(association: Association, source: &Finding) -> Result<Found, Warning> {
    let Some(value) = source.value else {
        return Err(Warning::NoValueOf { finding: source.address.clone() });
    };
    // A limit that is not known is infinitely far.
    let (lower, upper) = (source.lower.unwrap_or(0.0), source.upper.unwrap_or(f64::INFINITY));
    let has_limits = source.lower.is_some() || source.upper.is_some();
    let limits = has_limits.then_some((lower, upper));
    e_value(association, value, limits).map_err(|error| refusal(&error))
}

fn method(source: &Finding) -> Method {
    Method::of(Procedure::EValue).with(Detail::OfFinding(source.address.clone()))
}

/// Writes the E-values down; in a rehearsal nothing was found.
fn record(
    book: &mut Book,
    source: &Finding,
    method: &Method,
    found: Option<&Result<Found, Warning>>,
) {
    let known = found.and_then(|found| found.as_ref().ok());
    let number = |value: fn(&Found) -> Option<f64>| known.and_then(value).unwrap_or(f64::NAN);
    let numbers = [
        ("e_value", number(|found| Some(found.estimate))),
        ("e_value_limit", number(|found| found.limit)),
        ("risk_ratio", number(|found| Some(found.risk_ratio))),
    ];
    for (name, value) in numbers {
        let finding = book.draft(&[Part::statistic(name)], name, Quantity::Ratio, value);
        let mut finding = finding.by_method(method);
        finding.endpoint.clone_from(&source.endpoint);
        finding.variable.clone_from(&source.variable);
        finding.level.clone_from(&source.level);
        finding.group.clone_from(&source.group);
        finding.reference.clone_from(&source.reference);
        finding.time_days = source.time_days;
        (finding.n, finding.events, finding.missing) = (source.n, source.events, source.missing);
        finding.warnings.clone_from(&source.warnings);
        match found {
            Some(Err(reason)) => finding = finding.warn(reason),
            Some(Ok(_)) if value.is_nan() => {
                let source = source.address.clone();
                finding = finding.warn(Warning::NoLimitsOf { finding: source });
            }
            _ => {}
        }
        book.push(finding);
    }
}
