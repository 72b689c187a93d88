//! What every finding must say of itself.

use study::{Output, Procedure};

/// Every statistic stands in docs/findings.md, and every finding says its method, the patients that
/// it comes from and those left out.
#[track_caller]
pub(crate) fn check_documented(outputs: impl IntoIterator<Item = Output>) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/findings.md");
    let documentation = std::fs::read_to_string(path).expect("docs/findings.md");
    for output in outputs {
        assert!(!output.findings.is_empty());
        for finding in output.findings {
            // As it stands in the list of findings: in backticks.
            let word = format!("`{}`", finding.statistic);
            assert!(documentation.contains(&word), "{word} of {}", finding.id());
            let has_method = finding.method.procedure != Procedure::Unsaid;
            // A count of patients and of those left out belongs to everything that is printed.
            assert!(has_method, "{} has no method", finding.id());
            assert!(finding.n.is_some() && finding.missing.is_some(), "{}", finding.id());
        }
    }
}
