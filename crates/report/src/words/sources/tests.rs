//! Every work that is named is in the table, and the table in the documents.

use std::collections::BTreeSet;

use study::{Detail, IntervalKind, Method, Procedure, Test, Ties, Variance};

use super::*;

fn names(method: &Method) -> Vec<String> {
    let found = sources(method).into_iter();
    found
        .map(|work| {
            let (name, _) = WORKS
                .iter()
                .find(|(name, place)| work == format!("{name}, {place}"))
                .expect("it is cited as the table has it");
            (*name).to_owned()
        })
        .collect()
}

#[test]
fn what_was_done_is_named_before_how_and_each_work_once() {
    let curve = Method::of(Procedure::KaplanMeier)
        .with(Detail::Variance(Variance::Greenwood))
        .interval(IntervalKind::LogLog, 0.95);
    assert_eq!(
        names(&curve),
        ["Kaplan and Meier 1958", "Greenwood 1926", "Kalbfleisch and Prentice 1980"]
    );
    let pooled = Method::of(Procedure::Cox)
        .with(Detail::Ties(Ties::Efron))
        .with(Detail::Pooled { imputations: Some(20) })
        .tested(Test::BarnardRubinT)
        .interval(IntervalKind::BarnardRubinT, 0.95);
    assert_eq!(names(&pooled), ["Cox 1972", "Barnard and Rubin 1999", "Efron 1977", "Rubin 1987"]);
    assert_eq!(sources(&Method::of(Procedure::Count)), Vec::<String>::new());
    let area = Method::of(Procedure::KaplanMeier.area().procedure).difference();
    assert_eq!(names(&area), ["Uno and others 2014"]);
}

/// A name without an entry would stop the program where it is first asked for.
#[test]
fn every_name_stands_in_the_table_and_the_table_in_the_documents() {
    let code = include_str!("../sources.rs");
    let code = code.split_once("#[cfg(test)]").expect("the tests come last").0;
    // A name ends with a blank and a year of four digits.
    let is_named = |text: &&str| {
        text.len() > 5
            && text.as_bytes()[text.len() - 5] == b' '
            && text.ends_with(|c: char| c.is_ascii_digit())
    };
    let named: BTreeSet<&str> = code.split('"').skip(1).step_by(2).filter(is_named).collect();
    let table: BTreeSet<&str> = WORKS.iter().map(|(name, _)| *name).collect();
    assert_eq!(named, table);
    assert_eq!(table.len(), WORKS.len(), "each stands there once");
    let document = include_str!("../../../../../docs/methods.md");
    for (name, place) in WORKS {
        assert!(document.contains(&format!("| {name} | {place} |")), "{name}");
    }
}
