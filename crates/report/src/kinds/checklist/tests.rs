//! What is found of a study, what is left to authors, and what is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::{Provenance, Registry, StageId, StageOrigin};
use serde_json::{Value, json};
use study::{Account, Practice, Procedure};

use super::*;
use crate::checklist::Proof;
use crate::cohort;
use crate::kinds::{CharacteristicsTable, FlowFigure};

const METHODS: &str = "reports/text/methods.md";
const ABSTRACT: &str = "reports/text/abstract.md";

fn made<K: Kind>(name: &str, parameters: Value) -> (String, Output) {
    let (study, claims) = (cohort::study(), cohort::claims());
    let kind: K = serde_json::from_value(parameters).expect("parameters of the kind");
    let call = cohort::call(name, &study, &claims, &[]);
    (name.to_owned(), kind.run(&call).expect("nothing is wrong"))
}

/// The checklist of a study that has made a table of its patients and a figure
/// of their flow, of which `on_page` stand on its page.
fn call<'a>(study: &'a StudySettings, reports: &[(String, Output)], on_page: &[&str]) -> Call<'a> {
    let mut call = cohort::call("etable_3", study, &[], reports);
    let id = |section, name: &str| StageId { section, name: name.to_owned() };
    let origin = |name: &str, kind: &str, reads: Vec<StageId>, files: &[&str]| StageOrigin {
        id: id(Section::Report, name),
        kind: kind.to_owned(),
        version: 1,
        reads,
        files: files.iter().map(ToString::to_string).collect(),
    };
    let analysis = vec![id(Section::Analyze, "baseline")];
    let shown = on_page.iter().map(|name| id(Section::Report, name)).collect();
    call.provenance = Some(Arc::new(Provenance {
        stages: vec![
            origin("etable_7", "characteristics_table", analysis, &[]),
            origin("efigure_1", "flow_figure", Vec::new(), &[]),
            origin("page", "supplement", shown, &[METHODS, ABSTRACT]),
        ],
        ..Provenance::default()
    }));
    let text = b"{{ methods() }}".to_vec();
    call.files = BTreeMap::from([(METHODS.to_owned(), Arc::new(text))]);
    // Any account will do: items ask whether analyses are told of, by their kinds.
    let account = Account::of(Practice::TippingPoint, Procedure::Cox);
    for (_, section, output) in &mut call.stages {
        if *section == Section::Analyze {
            *output = Arc::new(Output { methods: Some(account.clone()), ..(**output).clone() });
        }
    }
    call
}

fn reports() -> Vec<(String, Output)> {
    vec![
        made::<CharacteristicsTable>(
            "etable_7",
            json!({ "baseline": "baseline", "by": "radiotherapy" }),
        ),
        made::<FlowFigure>("efigure_1", json!({ "title": "Flow" })),
    ]
}

fn checklist(parameters: Value) -> Checklist {
    serde_json::from_value(parameters).expect("parameters of the kind")
}

/// The rows of STROBE: heading, answer, places and value.
fn rows(parameters: Value, on_page: &[&str]) -> BTreeMap<String, [String; 3]> {
    let study = cohort::study();
    let output = checklist(parameters).run(&call(&study, &reports(), on_page)).expect("a table");
    let file = &output.files["reports/tables/etable_3.csv"];
    let mut reader = csv::Reader::from_reader(file.as_slice());
    let records = reader.records().map(|record| record.expect("a row"));
    records.map(|row| (row[1].to_owned(), [&row[2], &row[3], &row[4]].map(str::to_owned))).collect()
}

fn row<'a>(rows: &'a BTreeMap<String, [String; 3]>, begins: &str) -> [&'a str; 3] {
    let found = rows.iter().find(|(heading, _)| heading.starts_with(begins));
    found.unwrap_or_else(|| panic!("no row `{begins}`: {rows:#?}")).1.each_ref().map(String::as_str)
}

#[test]
fn an_item_is_answered_by_what_stands_on_the_page() {
    let parameters = json!({ "guideline": "strobe", "methods": METHODS });
    let both = rows(parameters.clone(), &["efigure_1", "etable_7"]);
    assert_eq!(row(&both, "14a. "), ["stands", "etable_7", "6 characteristics"]);
    assert_eq!(row(&both, "13a. "), ["stands", "efigure_1", "131 screened, 113 analysed"]);
    assert_eq!(
        row(&both, "12a. The statistical methods, and how confounding was dealt with: All")[..2],
        ["stands", METHODS]
    );
    let [answer, place, value] = row(&both, "14b. ");
    assert_eq!([answer, place], ["stands", "etable_7"], "a cell of the table prints it: {value}");
    // The figure is made and stands on no page.
    let less = rows(parameters, &["etable_7"]);
    assert_eq!(row(&less, "13a. "), ["missing", "", "The study has it, and no page shows it"]);
    assert_eq!(row(&less, "13c. "), ["missing", "", "Nothing in the study gives it"]);
}

#[test]
fn only_authors_answer_what_only_they_know() {
    let alone = rows(json!({ "guideline": "strobe" }), &["etable_7"]);
    assert_eq!(row(&alone, "2. "), ["for the authors", "", "Authors must write the background"]);
    // An item that only authors can answer, and one that a table answers as well.
    let told = json!({ "guideline": "strobe", "items": { "2": ABSTRACT, "14a": ABSTRACT } });
    let told = rows(told, &["etable_7"]);
    assert_eq!(row(&told, "2. "), ["stands", ABSTRACT, ""]);
    let own = "14a. Who the patients were: The authors' own text";
    assert_eq!(row(&told, own), ["stands", ABSTRACT, ""]);
}

/// Without the text of the methods nothing that an analysis did stands anywhere;
/// where no analysis did it, the item does not apply.
#[test]
fn what_no_study_has_does_not_apply() {
    let alone = rows(json!({ "guideline": "strobe" }), &["etable_7"]);
    assert_eq!(row(&alone, "6b. "), ["does not apply", "", "No analysis matches patients"]);
    let heading = "7. Outcomes, exposures, confounders and modifiers, each defined: Outcome";
    assert_eq!(row(&alone, heading)[0], "missing");
    assert_eq!(row(&alone, "12b. ")[0], "does not apply");
}

/// Of values that are all there no number needs to stand anywhere, and a part that
/// does not apply decides nothing.
#[test]
fn what_is_nought_needs_no_place() {
    let study = cohort::study();
    let parameters = json!({ "guideline": "strobe" });
    let row_of = |value: f64| {
        let mut call = call(&study, &[], &[]);
        for (_, section, output) in &mut call.stages {
            if *section == Section::Analyze {
                let mut changed = (**output).clone();
                let missing = changed.findings.iter_mut().filter(|one| one.statistic == "missing");
                missing.for_each(|finding| finding.value = Some(value));
                *output = Arc::new(changed);
            }
        }
        let output = checklist(parameters.clone()).run(&call).expect("a table");
        let text = String::from_utf8(output.files["reports/tables/etable_3.csv"].clone());
        let text = text.expect("text");
        text.lines().find(|line| line.contains("14b. ")).expect("a row").to_owned()
    };
    // Values that are all there, and some that are missing: the same item, two answers.
    assert!(row_of(0.0).ends_with("does not apply,,No value is missing,simulated"));
    assert!(row_of(7.0).ends_with("missing,,\"The study has it, and no page shows it\",simulated"));
    let part = |answer| Answered {
        says: String::new(),
        answer,
        places: Vec::new(),
        value: Cell::default(),
    };
    for (parts, expected) in [
        (&[Answer::Stands, Answer::DoesNotApply][..], Some(Answer::Stands)),
        (&[Answer::DoesNotApply, Answer::Missing], Some(Answer::Missing)),
        (&[Answer::DoesNotApply], Some(Answer::DoesNotApply)),
        (&[Answer::Missing, Answer::ForAuthors], Some(Answer::Missing)),
        (&[Answer::ForAuthors, Answer::Stands], Some(Answer::Partly)),
        (&[], None),
    ] {
        let parts: Vec<Answered> = parts.iter().map(|own| part(*own)).collect();
        assert_eq!(answer(&parts), expected);
    }
}

#[test]
fn mistakes_name_the_nearest() {
    let study = cohort::study();
    let parameters = json!({
        "guideline": "strobe",
        "methods": ABSTRACT,
        "items": { "14d": ABSTRACT, "2": "reports/text/abstrakt.md" },
    });
    let mut call = call(&study, &[], &[]);
    call.files.insert(ABSTRACT.to_owned(), Arc::new(b"No methods.".to_vec()));
    let found = checklist(parameters).rehearse(&call).expect_err("mistakes").0;
    let said: Vec<String> = (found.into_iter())
        .map(|one| {
            format!("{}: {}; {}", one.at.join("."), one.message, one.hint.unwrap_or_default())
        })
        .collect();
    assert_eq!(
        said,
        [
            "items.2: `reports/text/abstrakt.md` is the text of no page; did you mean `reports/text/abstract.md`?",
            "methods: `reports/text/abstract.md` does not print the methods; a text prints them by `{{ methods() }}`",
            "items.14d: `strobe` has no item `14d`; did you mean `12d`?",
        ]
    );
}

/// A misspelt kind would answer `missing` for ever.
#[test]
fn guidelines_name_exhibits_that_there_are() {
    let mut registry = Registry::default();
    crate::register(&mut registry);
    let known: BTreeSet<&str> = registry.names(Section::Report).collect();
    for guideline in [Guideline::Strobe, Guideline::Sampl] {
        let items = guideline.checklist().items;
        let ids: BTreeSet<&str> = items.iter().map(|item| item.id.as_str()).collect();
        assert_eq!(ids.len(), items.len(), "each item has its own number");
        for item in &items {
            assert!(item.authors.is_some() || !item.parts.is_empty(), "{} asks nothing", item.id);
            for part in &item.parts {
                let named = match &part.proof {
                    Proof::Exhibits(kinds) => kinds.as_slice(),
                    Proof::Numbers(numbers) => numbers.figures.as_slice(),
                    _ => &[],
                };
                for kind in named {
                    assert!(known.contains(kind.as_str()), "{}: no kind `{kind}`", item.id);
                }
            }
        }
    }
}
