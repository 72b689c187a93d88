//! The words of methods and warnings: findings hold them as values, and only
//! here do they become text.

use study::{Detail, Method, Procedure, Warning};

/// A method in words, such as `Kaplan-Meier, log-log 95% CI`.
#[must_use]
pub fn method(method: &Method) -> String {
    let head = match &method.procedure {
        Procedure::Unsaid => String::new(),
        Procedure::Words(words) => words.clone(),
    };
    let details = method.details.iter().map(detail);
    std::iter::once(head)
        .chain(details)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

fn detail(detail: &Detail) -> String {
    match detail {
        Detail::Interval { interval, level } => {
            format!("{interval} {}% CI", (level * 1e4).round() / 100.0)
        }
        Detail::OtherCausesCensored(event) => format!("other causes than `{event}` censored"),
        Detail::StratifiedBy(columns) => format!("stratified by {}", columns.join(", ")),
    }
}

/// A warning in words.
#[must_use]
pub fn warning(warning: &Warning) -> String {
    match warning {
        Warning::Words(words) => words.clone(),
    }
}

/// The methods of findings in words, each once, in order.
pub(crate) fn words_of<'a>(findings: impl Iterator<Item = &'a study::Finding>) -> Vec<String> {
    let mut kept = Vec::new();
    for words in findings.map(|finding| method(&finding.method)) {
        if !kept.contains(&words) {
            kept.push(words);
        }
    }
    kept
}
