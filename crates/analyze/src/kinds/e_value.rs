//! E-values of ratios that another entry found.

use engine::{Call, Kind, Mistake, Mistakes, Read, Section, Wiring};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::e_value::{Association, EValue as Found, e_value};
use study::{Finding, Output, Quantity, StudySettings};

use crate::book::{Book, Told};

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

    fn rehearse(&self, _call: &Call<'_>) -> Result<Output, Mistakes> {
        if self.stage().is_some() {
            return Ok(Output::default());
        }
        let message = format!("`{}` is no id of a finding", self.finding);
        let hint = "an id begins with the entry that makes it, such as `os_model.hazard_ratio.age`";
        Err(Mistake::at(&["finding"], message).hint(hint).into())
    }

    fn run(&self, call: &Call<'_>) -> Result<Output, Mistakes> {
        self.rehearse(call)?;
        let source = self.source(call)?;
        let association = self.association(source)?;
        let mut book = Book::new(call, Self::NAME, &source.population, Vec::new());
        let found = evaluate(association, source);
        record(&mut book, association, source, &found);
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
    fn stage(&self) -> Option<&str> {
        let (stage, rest) = self.finding.split_once('.')?;
        (!stage.is_empty() && !rest.is_empty()).then_some(stage)
    }

    /// The finding it is about.
    fn source<'a>(&self, call: &'a Call<'_>) -> Result<&'a Finding, Mistake> {
        let stage = self.stage().expect("invariant: the id was rehearsed");
        let findings = &call.stage(stage).findings;
        let found = findings.iter().find(|finding| finding.id() == self.finding);
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
        kind_of(source, told.unwrap_or_default()).ok_or_else(|| {
            let message =
                format!("`{}` is a {}, not a ratio of risks", source.id(), source.statistic);
            Mistake::at(&["finding"], message)
                .hint("E-values are for `relative_risk`, `odds_ratio` and `hazard_ratio`")
        })
    }
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

/// How the ratio was taken.
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
fn evaluate(association: Association, source: &Finding) -> Result<Found, String> {
    let Some(value) = source.value else {
        return Err(format!("`{}` has no value", source.id()));
    };
    // A limit that is not known is infinitely far.
    let (lower, upper) = (source.lower.unwrap_or(0.0), source.upper.unwrap_or(f64::INFINITY));
    let has_limits = source.lower.is_some() || source.upper.is_some();
    let limits = has_limits.then_some((lower, upper));
    e_value(association, value, limits).map_err(|error| error.to_string())
}

fn record(
    book: &mut Book,
    association: Association,
    source: &Finding,
    found: &Result<Found, String>,
) {
    let number =
        |value: fn(&Found) -> Option<f64>| found.as_ref().ok().and_then(value).unwrap_or(f64::NAN);
    let method =
        format!("E-value (VanderWeele and Ding) of `{}`, {}", source.id(), words(association));
    let numbers = [
        ("e_value", number(|found| Some(found.estimate))),
        ("e_value_limit", number(|found| found.limit)),
        ("risk_ratio", number(|found| Some(found.risk_ratio))),
    ];
    for (name, value) in numbers {
        let mut finding = book.draft(&[name], name, Quantity::Ratio, value).by_method(&method);
        finding.endpoint.clone_from(&source.endpoint);
        finding.variable.clone_from(&source.variable);
        finding.level.clone_from(&source.level);
        finding.group.clone_from(&source.group);
        finding.reference.clone_from(&source.reference);
        finding.time_days = source.time_days;
        (finding.n, finding.events, finding.missing) = (source.n, source.events, source.missing);
        finding.warnings.clone_from(&source.warnings);
        if let Err(reason) = found {
            finding = finding.warn(reason);
        } else if value.is_nan() {
            finding = finding.warn(format!("`{}` has no confidence limits", source.id()));
        }
        book.push(finding);
    }
}
