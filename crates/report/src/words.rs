//! The words of methods and warnings: findings hold them as values, and only
//! here do they become text.

mod choices;
pub mod forensics;
pub mod method;
pub(crate) mod methods;
mod models;
pub mod refusal;
pub mod sources;
pub mod warning;

use study::{Detail, Finding, Method, Procedure, Quantity, StudySettings, Warning};

use study::capitalised;

pub use method::method;
pub use sources::sources;
pub use warning::warning;

/// A confidence level in words, such as `95%`.
fn percent(level: f64) -> String {
    // A share times 100 can have digits of rounding behind it.
    format!("{}%", (level * 1e4).round() / 100.0)
}

/// The name of what was done, without how: the test, where it is one.
#[must_use]
pub fn name(method: &Method) -> String {
    let test = method.details.iter().find(|detail| matches!(detail, Detail::Test { .. }));
    // by which entry's weights, and how, is said where the method is told
    if let Procedure::WeightedLogRank { .. } = &method.procedure {
        return "the weighted log-rank test".to_owned();
    }
    self::method(&match test {
        // Of `Wald test, Cox proportional hazards` the test is the name, and the rest is how.
        Some(test) => Method::of(Procedure::Unsaid).with(test.clone()),
        None => Method::of(method.procedure.clone()),
    })
}

/// The name of a kind or an estimator in words, such as `cause-specific Cox`.
pub(crate) fn named(name: &str) -> String {
    const SPELLED: [(&str, &str); 13] = [
        ("kaplan meier", "Kaplan-Meier"),
        ("simon makuch", "Simon-Makuch"),
        ("fine gray", "Fine-Gray"),
        ("turnbull", "Turnbull"),
        ("cox", "Cox"),
        ("log rank", "log-rank"),
        ("cause specific", "cause-specific"),
        ("time dependent", "time-dependent"),
        ("clone censor weight", "clones, censored and weighted"),
        ("e value", "E-value"),
        ("standardized", "standardised"),
        ("special", "tails and quantiles"),
        ("adjust", "adjustment of p-values"),
    ];
    // With a blank at either end, so that only whole words are spelled: `cox` stands in other names
    // too.
    let words = format!(" {} ", name.replace('_', " "));
    let spelled = SPELLED.iter().fold(words, |words, (own, spelled)| {
        words.replace(&format!(" {own} "), &format!(" {spelled} "))
    });
    spelled.trim().to_owned()
}

/// A statistic in words, such as `Median`.
pub(crate) fn statistic_name(finding: &Finding) -> String {
    let words = capitalised(&finding.statistic.replace('_', " "));
    let words = words.replace("E value", "E-value").replace("P value", "P-value");
    words.replace("tandardized", "tandardised").replace("follow up", "follow-up")
}

/// A statistic in words with its unit, such as `Median, months`.
pub(crate) fn statistic(finding: &Finding, study: &StudySettings) -> String {
    let words = statistic_name(finding);
    match finding.quantity {
        Quantity::Days => format!("{words}, {}", study.time_unit.word()),
        Quantity::ProportionDifference => format!("{words}, percentage points"),
        _ => words,
    }
}

/// Whether a warning says that groups are naive, which holds for all that is
/// shown of them.
#[must_use]
pub fn is_naive(warning: &Warning) -> bool {
    matches!(warning, Warning::NaiveGroup { .. })
}

/// The code of a warning, in small letters and underscores.
#[must_use]
pub fn code(warning: &Warning) -> String {
    warning.code().to_owned()
}

/// The methods of findings in words, each once, in order.
pub(crate) fn words_of<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<String> {
    let mut kept = Vec::new();
    for words in findings.map(|finding| method(&finding.method)) {
        if !kept.contains(&words) {
            kept.push(words);
        }
    }
    kept
}
