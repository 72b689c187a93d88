//! Places that tables point at, as they stand on a page: exhibits by their
//! labels, texts by the headings of their parts.

use std::collections::BTreeMap;

use study::{Body, Exhibit};

/// The places of a page by the names that tables give them.
pub(crate) struct Places(BTreeMap<String, Place>);

struct Place {
    label: String,
    anchor: String,
}

impl Places {
    /// Of exhibits with their labels, and of texts with the headings and the
    /// anchors of their parts.
    pub(crate) fn of<'a>(
        exhibits: &BTreeMap<String, String>,
        texts: impl Iterator<Item = (&'a str, &'a str, String)>,
    ) -> Self {
        let exhibits = exhibits.iter().map(|(name, label)| {
            // a label does not break between its word and its number
            (name.clone(), Place { label: label.replace(' ', "\u{a0}"), anchor: name.clone() })
        });
        let texts = texts.map(|(path, heading, anchor)| {
            (path.to_owned(), Place { label: heading.to_owned(), anchor })
        });
        Self(exhibits.chain(texts).collect())
    }

    /// The exhibit with its places linked; what does not stand on the page keeps
    /// its name.
    pub(crate) fn linked(&self, mut exhibit: Exhibit) -> Exhibit {
        if let Body::Table(table) = &mut exhibit.body {
            let cells = table.rows.iter_mut().flat_map(|row| &mut row.cells);
            for link in cells.flat_map(|cell| &mut cell.links) {
                // A place on no page stays a name, so that nothing leads nowhere.
                if let Some(place) = self.0.get(&link.to) {
                    link.label.clone_from(&place.label);
                    link.anchor = Some(place.anchor.clone());
                }
            }
        }
        exhibit
    }
}

#[cfg(test)]
mod tests {
    use study::printed::{Cell, Link, Row, Table};

    use super::*;
    use crate::render::html_body;
    use crate::sample::study;

    #[test]
    fn what_stands_on_the_page_is_linked_and_the_rest_named() {
        let links = ["etable_7", "reports/text/b.md", "etable_9"].map(Link::to);
        let rows = vec![Row::values(vec![Cell::text("item"), Cell::places(links.into())])];
        let columns = ["item", "where"].map(|key| study::printed::Column::words(key, key));
        let exhibit = Exhibit {
            name: "etable_3".to_owned(),
            label: "eTable 3".to_owned(),
            title: String::new(),
            caption: Vec::new(),
            body: Body::Table(Table { columns: columns.into(), spans: Vec::new(), rows }),
            alternative_text: String::new(),
        };
        // Signs that HTML would take for its own.
        let labels = BTreeMap::from([("etable_7".to_owned(), "Table <2>".to_owned())]);
        let texts = [("reports/text/b.md", "Data & more", "section-data-more".to_owned())];
        let linked = Places::of(&labels, texts.into_iter()).linked(exhibit);
        let html = html_body(&linked, &study());
        let expected = "<td><a href=\"#etable_7\">Table\u{a0}&lt;2&gt;</a>, \
                        <a href=\"#section-data-more\">Data &amp; more</a>, etable_9</td>";
        assert!(html.contains(expected), "{html}");
    }
}
