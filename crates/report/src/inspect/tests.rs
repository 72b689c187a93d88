//! The 21 checks: who answers them, and what decides.

use super::*;

fn examined(check: Check, claim: &str, standing: Standing) -> Examined {
    Examined { check, claims: vec![claim.to_owned()], standing, lack: None, clues: Vec::new() }
}

fn answers(examination: &Examination, design: Design, exclusions: &[String]) -> Vec<Inspected> {
    inspect(&Basis { claims: &[], compared: &[], examination, design, exclusions })
}

fn find<'a>(all: &'a [Inspected], number: &str) -> &'a Inspected {
    all.iter().find(|one| one.number == number).expect("a check")
}

#[test]
fn at_least_seven_are_answered_by_machine_and_the_rest_is_named() {
    let by_machine =
        QUESTIONS.iter().filter(|(_, _, who)| !matches!(who, Who::Person(_) | Who::Trial(_)));
    assert!(by_machine.count() >= 7);
    let nothing = answers(&Examination::default(), Design::Cohort, &[]);
    assert_eq!(nothing.len(), 21);
    for one in &nothing {
        let words = one.answer.words();
        assert!(
            ["needs a person", "not checkable", "not applicable"].contains(&words),
            "{}: {words} of nothing",
            one.number
        );
        assert!(!one.evidence.is_empty(), "{}", one.number);
    }
    // Sizes of groups by allocation: no question in a cohort, one for a person in a trial.
    assert_eq!(find(&nothing, "4.2").answer, Answer::NotApplicable);
    assert_eq!(
        find(&answers(&Examination::default(), Design::Trial, &[]), "4.2").answer,
        Answer::Person
    );
}

#[test]
fn the_worst_examination_decides() {
    let all = Examination(vec![
        examined(Check::CountsThatFit, "a", Standing::Consistent),
        examined(Check::PFromCounts, "b", Standing::Contradiction),
        examined(Check::Denominators, "c", Standing::Unusual),
        examined(Check::MedianAndSurvival, "d", Standing::Consistent),
    ]);
    let found = answers(&all, Design::Cohort, &["too_young".to_owned()]);
    let told = |number| {
        let one = find(&found, number);
        (one.answer.words(), one.evidence.as_str())
    };
    assert_eq!(
        told("4.9"),
        ("serious concern", "2 examinations; contradictions: p_from_counts (b)")
    );
    assert_eq!(told("4.6"), ("some concern", "1 examination; unusual: denominators (c)"));
    assert_eq!(told("4.7"), ("no concern", "1 examination, all consistent"));
    assert_eq!(told("4.8"), ("not checkable", "it takes means, standard deviations and ranges"));
    assert_eq!(told("4.1"), ("no concern", "applied to the raw data: `too_young`"));
}

#[test]
fn publications_are_told_from_places() {
    let claim = |publication: Option<&str>| -> Claim {
        serde_json::from_value(json!({ "label": "n", "quote": "12", "place": "text", "value": 12,
            "publication": publication }))
        .expect("a claim")
    };
    let two =
        |publication| vec![("a".to_owned(), claim(None)), ("b".to_owned(), claim(publication))];
    // One examination of two claims. Which of the two checks it answers hangs on their publications
    // alone.
    let mut same = examined(Check::SameInAllPlaces, "a", Standing::Contradiction);
    same.claims.push("b".to_owned());
    let examination = Examination(vec![same]);
    let of = |claims: &[(String, Claim)]| {
        let found = inspect(&Basis {
            claims,
            compared: &[],
            examination: &examination,
            design: Design::Cohort,
            exclusions: &[],
        });
        ["4.4", "4.11"].map(|number| find(&found, number).answer)
    };
    assert_eq!(of(&two(None)), [Answer::SeriousConcern, Answer::NotCheckable]);
    assert_eq!(of(&two(Some("congress"))), [Answer::NotCheckable, Answer::SeriousConcern]);
}
