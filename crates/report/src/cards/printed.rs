//! The numbers of a page as links to their cards, and the places that the
//! cards lead back to.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::draw::escape;
use crate::evidence::Evidence;

/// How a number begins that leads to its card. No text of a study can hold it: their HTML is refused.
const NUMBER: &str = "<a class=\"n\" href=\"#";

/// A number, as HTML, that leads to the card of its finding.
pub(crate) fn number_link(finding: &str, inside: &str) -> String {
    format!("{NUMBER}{}\">{inside}</a>", escape(finding))
}

/// A place where a number is printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    /// Its id on the page.
    pub(crate) anchor: String,
    /// What it stands in: an exhibit or a part of the text.
    pub(crate) label: String,
    /// The how manieth time it stands there, from 1.
    pub(crate) time: usize,
}

/// The numbers of a page, in its order.
#[derive(Debug)]
pub(crate) struct Printed {
    /// The findings that have cards.
    known: BTreeSet<String>,
    places: BTreeMap<String, Vec<Place>>,
    count: usize,
}

impl Printed {
    /// Nothing is printed yet of these findings.
    pub(crate) fn of(evidence: &Evidence) -> Self {
        let known = evidence.findings().map(study::Finding::id).collect();
        Self { known, places: BTreeMap::new(), count: 0 }
    }

    /// A piece of the page with an id for each of its numbers, which are noted as printed in what
    /// `label` names. A number without a card leads nowhere.
    pub(crate) fn anchored(&mut self, html: &str, label: &str) -> String {
        // The page is cut at a text that only this program writes. No parser of HTML is needed, and
        // none could alter a byte of the rest.
        let mut pieces = html.split(NUMBER);
        let mut page = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            // Ids hold no quotation mark, and one that did would be escaped.
            let (finding, rest) = piece.split_once('"').unwrap_or((piece, ""));
            if !self.known.contains(finding) {
                // It stays an element of the same name, because its end tag follows in the rest.
                // Without `href` it can be neither clicked nor reached by keyboard.
                page.extend(["<a class=\"n\"", rest]);
                continue;
            }
            self.count += 1;
            let anchor = format!("n-{}", self.count);
            page += &format!("<a class=\"n\" id=\"{anchor}\" href=\"#{finding}\"{rest}");
            let places = self.places.entry(finding.to_owned()).or_default();
            // One table may print a number twice, and two links with the same words would look like
            // a mistake.
            let time = 1 + places.iter().filter(|place| place.label == label).count();
            places.push(Place { anchor, label: label.to_owned(), time });
        }
        page
    }

    /// Where a finding is printed; none where it is not.
    pub(crate) fn places(&self, finding: &str) -> Option<&[Place]> {
        self.places.get(finding).map(Vec::as_slice)
    }

    /// How many findings are printed.
    pub(crate) fn findings(&self) -> usize {
        self.places.len()
    }
}
