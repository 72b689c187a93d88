//! The page of a study: every number of it leads to a card, and what a card
//! says is what the other outputs say.

use std::collections::BTreeSet;

use restudy_tests::{Study, findings_by_id};
use serde_json::Value;

const PAGE: &str = "reports/supplement.html";
const REPORTS: &str = "
  results: { kind: results }
  table_1: { kind: findings_table, title: Estimates, findings: { Survival: [survival.median.*], Model: [model.hazard_ratio.*, model.p.*] } }
  page:
    kind: supplement
    sections:
      - { heading: Survival, text: reports/text/survival.md, exhibits: [table_1] }
";
const TEXT: &str = "It was {{ stat(id=\"survival.median.old\", show=\"full\") }} in Table 1, of {{ stat(id=\"survival.median.old\", show=\"n\") }} patients; {{ stat(id=\"comparison.p\", show=\"p\") }}.";

/// The small study with a page of its findings.
fn study() -> Study {
    let study = Study::small().with("reports/text/survival.md", TEXT);
    study.replacing("pipeline.yaml", "\nreport:", &format!("\nreport:{REPORTS}"))
}

/// The values of an attribute, in order.
fn attributes<'a>(page: &'a str, start: &str) -> Vec<&'a str> {
    page.split(start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// The cards of a page: id, value, and all that follows it.
fn cards(page: &str) -> Vec<(&str, &str, &str)> {
    let cards = page.split("<li id=\"").skip(1).map(|card| {
        let (id, card) = card.split_once('"').expect("a closed attribute");
        let (_, card) = card.split_once("<b>").expect("a value");
        let (value, rest) = card.split_once("</b>").expect("its end");
        (id, value, rest.split_once("</li>").expect("the end of the card").0)
    });
    cards.collect()
}

#[test]
fn every_number_leads_to_a_card_that_says_what_the_findings_say() {
    let study = study();
    study.says("run --quiet").succeeds();
    let page = study.read(PAGE);
    let csv = study.read("reports/results/findings.csv");
    let (cards, findings) = (cards(&page), findings_by_id(&csv));
    assert!(cards.len() > 5, "{} cards", cards.len());
    for (id, value, rest) in &cards {
        let finding = &findings[*id];
        let row = csv.lines().find(|line| line.starts_with(&format!("{id},"))).expect("a row");
        match finding["state"].as_str() {
            // the card prints the number as the file has it, to the last digit
            Some("estimated") => assert!(row.contains(&format!(",{value},")), "{id}: {value}"),
            state => assert_eq!(Some(value.replace(' ', "_").as_str()), state),
        }
        for limit in ["lower", "upper", "standard_error"] {
            let number = &finding[limit];
            assert!(number.is_null() || rest.contains(&number.to_string()), "{id}: {rest}");
        }
        for count in ["n", "events", "missing"] {
            let said = format!("{count} {}", finding[count]);
            assert!(finding[count] == Value::Null || rest.contains(&said), "{id}: {rest}");
        }
        assert!(rest.contains(&format!("<code>restudy explain {id}</code>")), "{rest}");
    }
    let ids = attributes(&page, " id=\"");
    let once: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(once.len(), ids.len(), "every id is one");
    let numbers = attributes(&page, "<a class=\"n\" id=\"");
    assert!(numbers.len() > cards.len(), "a number stands in the text and in the table");
    for target in attributes(&page, "href=\"#") {
        assert!(once.contains(target), "{target}");
    }
    // a card leads back to each place where its number stands
    for number in numbers {
        assert_eq!(page.matches(&format!("href=\"#{number}\"")).count(), 1, "{number} is led to");
    }
}

/// What a card says of its analysis is what `explain` says.
#[test]
fn a_card_stands_on_what_explain_names() {
    let study = study();
    study.says("run --quiet").succeeds();
    let page = study.read(PAGE);
    let entry = page.split("id=\"entry-model\"").nth(1).expect("the entry");
    let entry = entry.split("id=\"entry-").next().expect("its end");
    let told = study.says("explain model.hazard_ratio.arm.new --json").out;
    let told: Value = serde_json::from_str(&told).expect("JSON");
    let columns = told["raw_columns"].as_array().expect("a list");
    assert!(columns.len() > 2, "{columns:?}");
    let said = entry.split_once("<b>Raw columns</b> ").expect("raw columns").1;
    let said = said.split_once("</p>").expect("their end").0;
    let said: Vec<String> = said
        .split("; ")
        .filter_map(|table| table.split_once(": "))
        .flat_map(|(table, names)| names.split(", ").map(move |name| format!("{table}.{name}")))
        .collect();
    assert_eq!(columns.iter().filter_map(Value::as_str).collect::<Vec<_>>(), said);
    let line = told["stages"].as_array().and_then(|stages| stages.last()).expect("the analysis");
    assert!(entry.contains(&format!("<summary>pipeline.yaml, line {}</summary>", line["line"])));
    assert!(entry.contains(">model: { kind: cox_model, endpoint: os, terms: [arm, age] }</pre>"));
}

/// Lines are printed, so a comment above an entry makes the page again, and nothing else.
#[test]
fn a_comment_moves_the_lines_of_the_page_alone() {
    let study = study();
    study.says("run --quiet").succeeds();
    let line = |study: &Study| {
        let page = study.read(PAGE);
        let (_, entry) = page.split_once("id=\"entry-model\"").expect("the entry");
        let (_, line) = entry.split_once("pipeline.yaml, line ").expect("a line");
        line.split('<').next().and_then(|line| line.parse::<usize>().ok()).expect("a number")
    };
    let before = line(&study);
    // one line more above every analysis
    let study = study.replacing("pipeline.yaml", "analyze:", "# what is compared\nanalyze:");
    let status = study.says("status").out;
    assert!(
        status.starts_with(
            "stale     report.page: lines of the analyses in the pipeline file changed\n"
        ),
        "{status}"
    );
    study.says("run --quiet").prints(
        "wrote    reports/supplement.html\n\
         pipeline.yaml: 10 stages, 1 ran, 9 fresh; 1 file written, 7 unchanged (TIME)",
    );
    assert_eq!(line(&study), before + 1);
    study.says("verify").succeeds();
}

/// Counts below the smallest cell are on no card, and the strip says how many numbers that are.
#[test]
fn what_is_suppressed_is_counted_and_on_no_card() {
    let private = "title: A small study\n  privacy: { tier: aggregate, smallest_cell: 7 }";
    // both arms have six patients, so counts of an arm are below seven
    let study = study().replacing("pipeline.yaml", "title: A small study", private);
    let study = study.with("reports/text/survival.md", "Nothing.");
    study.says("run --quiet").succeeds();
    let page = study.read(PAGE);
    let findings = findings_by_id(&study.read("reports/results/findings.csv"));
    let is_hidden = |finding: &&Value| finding["state"] == "suppressed";
    let hidden = findings.values().filter(is_hidden).count();
    assert!(hidden > 0, "something is hidden");
    let said = format!("{hidden} of {} numbers (tier aggregate, counts below 7)", findings.len());
    assert!(page.contains(&said), "{said}");
    for (id, value, rest) in cards(&page).iter().filter(|(id, ..)| is_hidden(&&findings[*id])) {
        assert!(["&lt;7", "[c]"].contains(value), "{id}: {value}");
        assert!(!rest.contains("CI"), "{id}: {rest}");
    }
}
