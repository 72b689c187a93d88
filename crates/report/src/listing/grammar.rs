//! The grammar of ids, as docs/findings.md prints it: the ids that analyses
//! announce, with what stands in them by its sort and not by its name.

use std::collections::BTreeMap;

use study::{Finding, Part, Quantity, Role};

/// A row of a kind's table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    id: String,
    statistic: String,
    quantity: String,
    role: Role,
}

/// The ids of each kind as a table in Markdown, by the name of the kind.
#[must_use]
pub fn grammar(analyses: &[Vec<Finding>]) -> BTreeMap<String, String> {
    let mut kinds: BTreeMap<String, Vec<Pattern>> = BTreeMap::new();
    for finding in analyses.iter().flatten() {
        let patterns = kinds.entry(finding.kind.clone()).or_default();
        let pattern = pattern(finding);
        // Two columns of one study are one pattern.
        if !patterns.iter().any(|known| known.id == pattern.id) {
            patterns.push(pattern);
        }
    }
    kinds.into_iter().map(|(kind, patterns)| (kind, table(&patterns))).collect()
}

fn table(patterns: &[Pattern]) -> String {
    let mut text = String::from("| id | `statistic` | `quantity` |\n|---|---|---|\n");
    for Pattern { id, statistic, quantity, role } in patterns {
        let role = match role {
            Role::Chosen => ", chosen",
            Role::Alternative => ", one of several methods",
            // What most findings are is not said.
            Role::Reference | Role::Estimate => "",
        };
        text += &format!("| `{id}` | `{statistic}`{role} | {quantity} |\n");
    }
    text
}

fn pattern(finding: &Finding) -> Pattern {
    let parts: Vec<String> = finding.address.parts.iter().map(symbol).collect();
    Pattern {
        id: format!("<stage>.{}", parts.join(".")),
        statistic: finding.statistic.clone(),
        quantity: quantity(finding.quantity),
        role: finding.role,
    }
}

/// What stands in place of a part: of what the study names its sort, of what the
/// program names the name.
fn symbol(part: &Part) -> String {
    match part {
        Part::Variable(_) => "<variable>".to_owned(),
        Part::Level { .. } => "<level>".to_owned(),
        Part::Group { .. } => "<group>".to_owned(),
        Part::AnyLevel => "<level>".to_owned(),
        Part::Time(_) | Part::Period(_) => "<time>".to_owned(),
        Part::Place(_) => "<place>".to_owned(),
        named => named.printed(),
    }
}

fn quantity(quantity: Quantity) -> String {
    let name = serde_json::to_value(quantity).ok();
    name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{group, named, time, variable};

    #[test]
    fn what_a_study_names_stands_by_its_sort() {
        let at = |parts: Vec<Part>| {
            let mut finding = Finding::new("a", "k", "survival", Quantity::Survival, 0.5);
            finding.address.parts = parts;
            finding
        };
        let rows = vec![
            at(vec![named("survival"), time("12_months"), group("RT")]),
            // Another time and another group: the same pattern as the first.
            at(vec![named("survival"), time("24_months"), group("no RT")]),
            at(vec![named("survival"), time("12_months"), Part::Everybody]),
            at(vec![named("p"), variable("age")]),
        ];
        assert_eq!(
            grammar(&[rows])["k"],
            "| id | `statistic` | `quantity` |\n|---|---|---|\n\
             | `<stage>.survival.<time>.<group>` | `survival` | survival |\n\
             | `<stage>.survival.<time>.all` | `survival` | survival |\n\
             | `<stage>.p.<variable>` | `survival` | survival |\n"
        );
    }
}
