//! E-values of ratios that another entry found.

use engine::{Call, Mistake, Mistakes, Read, Section};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::e_value::{Association, EValue as Found, e_value};
use study::{
    Account, Detail, Finding, Method, Part, Practice, Procedure, Quantity, TakenFor, Warning,
};

use crate::analysis::{Analysed, Analysis, Checked, Scope};
use crate::book::{Book, Told};
use crate::refusal::refusal;
use crate::rehearsal::Rehearsal;

/// The share of events above which an outcome is common, by VanderWeele and Ding
/// (2017): below it odds and hazard ratios stand in for risk ratios.
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

impl Analysis for EValue {
    const NAME: &'static str = "e_value";
    const OF_PATIENTS: bool = false;

    fn scope(&self) -> Scope<'_> {
        let of = |stage| Read::stage(stage, Section::Analyze, &["finding"]);
        Scope::default().beside(self.stage().map(of))
    }

    fn check(&self, rehearsal: &mut Rehearsal<'_>) {
        if self.stage().is_none() {
            let message = format!("`{}` is no id of a finding", self.finding);
            let hint =
                "an id begins with the entry that makes it, such as `os_model.hazard_ratio.age`";
            rehearsal.push(Mistake::at(&["finding"], message).hint(hint));
        }
    }

    fn analyse(&self, checked: &Checked<'_>) -> Result<Analysed, Mistakes> {
        let stage = self.stage().expect("invariant: the id was checked");
        // Whoever makes the finding has mistakes of its own, and announced nothing.
        if checked.is_rehearsed() && checked.call.stage(stage).findings.is_empty() {
            // Its own mistakes are told already.
            return Ok(Analysed::new(checked.book_of(""), None, &[]));
        }
        let source = self.source(checked.call)?;
        let association = self.association(source, checked.is_rehearsed())?;
        let mut book = checked.book_of(&source.population);
        let method = Method::of(Procedure::EValue).with(Detail::OfFinding(source.address.clone()));
        // Whether the outcome is common hangs on the events, which a rehearsal does not know.
        let method = match checked.is_rehearsed() {
            true => method,
            false => method.with(Detail::TakenFor(taken_for(association))),
        };
        record(&mut book, source, &method, &evaluate(association, source));
        let practice =
            Practice::EValue { finding: source.address.clone(), taken_for: taken_for(association) };
        Ok(Analysed::new(book, Account::of(practice, Procedure::EValue), &[]))
    }
}

impl EValue {
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

    /// What its finding is. How common the outcome is is declared, or known from
    /// the data, which a rehearsal does not have.
    fn association(&self, source: &Finding, is_rehearsed: bool) -> Result<Association, Mistake> {
        let share = source.events.zip(source.n).map(|(events, n)| events as f64 / n as f64);
        // What was declared goes before what the counts say:
        // a ratio may be of another time than they are.
        let told = self.common.or(share.map(|share| share > COMMON));
        let is_plain = kind_of(source, false) == Some(Association::RiskRatio);
        // A ratio of risks needs no word on it.
        if told.is_none() && !is_rehearsed && !is_plain && kind_of(source, false).is_some() {
            let message = format!("`{}` does not tell how common its outcome is", source.id());
            return Err(Mistake::at(&["common"], message)
                .hint("declare `common: true` if more than 15% have it by the end of follow-up"));
        }
        // In a rehearsal either will do: only whether it is such a ratio is asked.
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

/// Writes the E-values down.
fn record(book: &mut Book, source: &Finding, method: &Method, found: &Result<Found, Warning>) {
    let known = found.as_ref().ok();
    let number = |value: fn(&Found) -> Option<f64>| known.and_then(value).unwrap_or(f64::NAN);
    let numbers = [
        ("e_value", number(|found| Some(found.estimate))),
        ("e_value_limit", number(|found| found.limit)),
        ("risk_ratio", number(|found| Some(found.risk_ratio))),
    ];
    for (name, value) in numbers {
        let finding = book.draft(&[Part::statistic(name)], name, Quantity::Ratio, value);
        // An E-value is of the same patients, endpoint and
        // groups as the ratio, and so is looked up by them.
        let mut finding = finding.by_method(method);
        finding.endpoint.clone_from(&source.endpoint);
        finding.variable.clone_from(&source.variable);
        finding.level.clone_from(&source.level);
        finding.group.clone_from(&source.group);
        finding.reference.clone_from(&source.reference);
        finding.time_days = source.time_days;
        (finding.n, finding.events, finding.missing) = (source.n, source.events, source.missing);
        // What is said of the ratio holds for what is
        // made of it: a naive ratio has a naive E-value.
        finding.warnings.clone_from(&source.warnings);
        match found {
            Err(reason) => finding = finding.warn(reason),
            // A ratio without limits has an E-value, and none of its limit.
            Ok(_) if value.is_nan() => {
                let source = source.address.clone();
                finding = finding.warn(Warning::NoLimitsOf { finding: source });
            }
            Ok(_) => {}
        }
        book.push(finding);
    }
}
