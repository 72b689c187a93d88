//! Cards over the made-up study.

use study::{Quantity, State};

use super::*;
use crate::cohort;

fn printed(evidence: &Evidence, ids: &[&str]) -> Printed {
    let mut printed = Printed::of(evidence);
    for id in ids {
        printed.anchored(&number_link(id, "1"), "Table 1");
    }
    printed
}

#[test]
fn a_number_leads_to_its_card_and_back() {
    let finding = Finding::new("pfs", "cox_model", "hazard_ratio", Quantity::Ratio, 0.5);
    let evidence = Evidence::of_findings(vec![("pfs".to_owned(), vec![finding])], &cohort::study());
    let mut printed = Printed::of(&evidence);
    let number = number_link("pfs.hazard_ratio", "0.50");
    let page = printed.anchored(&format!("a {number} b {number}"), "Table 1");
    assert_eq!(
        page,
        "a <a class=\"n\" id=\"n-1\" href=\"#pfs.hazard_ratio\">0.50</a> \
         b <a class=\"n\" id=\"n-2\" href=\"#pfs.hazard_ratio\">0.50</a>"
    );
    // `Table 10` begins as `Table 1` does, and is counted anew.
    printed.anchored(&number, "Table 10");
    let places = printed.places("pfs.hazard_ratio").expect("it is printed");
    let told: Vec<_> = places.iter().map(|place| (place.label.as_str(), place.time)).collect();
    assert_eq!(told, [("Table 1", 1), ("Table 1", 2), ("Table 10", 1)]);
    // what has no card leads nowhere
    assert_eq!(printed.anchored(&number_link("pfs.p", "1"), "T"), "<a class=\"n\">1</a>");
    assert_eq!((printed.findings(), printed.places("pfs.p")), (1, None));
}

#[test]
fn a_card_says_what_tells_its_number_from_others_and_each_digit() {
    let (study, claims) = (cohort::study(), cohort::claims());
    let call = cohort::call("supplement", &study, &claims, &[]);
    let evidence = Evidence::of(&call);
    let ids = ["pfs_by_rt.median.rt", "pfs_by_rt.median.no_rt", "pfs_by_rt.events.rt"];
    let printed = printed(&evidence, &ids);
    let sources = Sources { call: &call, evidence: &evidence };
    let [entry] = &sources.entries(&printed)[..] else { panic!("one entry has numbers") };
    // What the entry and its origin say stands in `cohort::origin_of_curves`.
    assert_eq!((entry.name, entry.kind.as_str(), entry.count), ("pfs_by_rt", "Kaplan-Meier", 3));
    assert_eq!(entry.lines.as_deref(), Some("lines 12 to 14"));
    assert_eq!(entry.raw, "followup: last_contact, progression; radiotherapy: start");
    let cards: Vec<&Card<'_>> = entry.alike.iter().flat_map(|alike| &alike.cards).collect();
    assert_eq!(cards.len(), ids.len());
    for card in cards {
        let finding = evidence.findings().find(|finding| finding.id() == card.id).expect("known");
        if finding.state == State::Estimated {
            assert_eq!(card.value.parse().ok(), finding.value, "every digit is there");
        }
        assert!(card.definition.ends_with("adiotherapy") || card.definition.contains("RT"));
    }
}

#[test]
fn what_the_door_hides_no_card_shows() {
    let (mut study, claims) = (cohort::study(), cohort::claims());
    // So large that groups of 37 and 76 have counts on either side of it.
    study.privacy.smallest_cell = 30;
    let call = cohort::call("supplement", &study, &claims, &[]);
    let evidence = Evidence::of(&call);
    let ids: Vec<String> = evidence.findings().map(Finding::id).collect();
    let printed = printed(&evidence, &ids.iter().map(String::as_str).collect::<Vec<_>>());
    let entries = Sources { call: &call, evidence: &evidence }.entries(&printed);
    let cards = entries.iter().flat_map(|entry| &entry.alike).flat_map(|alike| &alike.cards);
    let mut hidden = 0;
    for card in cards {
        let finding = evidence.findings().find(|finding| finding.id() == card.id).expect("known");
        if matches!(finding.state, State::Small | State::Hidden) {
            hidden += 1;
            assert!(["<30", crate::format::CONFIDENTIAL].contains(&card.value.as_str()));
            assert!(!card.precision.contains(|c: char| c.is_ascii_digit()), "{}", card.precision);
        }
    }
    // If the door hid nothing the loop would have compared nothing.
    assert!(hidden > 20, "{hidden} numbers are hidden");
    let said = suppressed(&evidence, &study);
    assert!(said.starts_with(&format!("{hidden} of ")), "{said}");
    assert!(said.ends_with("numbers (tier aggregate, counts below 30)"), "{said}");
}
