//! Numbers of figures and tables: by their first citation in the texts of a
//! page, or by the names of their entries.

use std::collections::BTreeMap;

use crate::text::Written;
use engine::{Mistake, Named};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use study::{Body, Exhibit};

use study::capitalised;

/// What gives figures and tables their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Numbering {
    /// The order in which the texts first cite them, then that of the page.
    #[default]
    Citation,
    /// The names of their entries: `efigure_5` is eFigure 5, `table_2b` Table 2b.
    Names,
}

/// How the exhibits of a page are labelled.
pub(crate) struct Labels<'a> {
    pub(crate) numbering: Numbering,
    /// What figures and tables are called before their number.
    pub(crate) words: [&'a str; 2],
    /// Labels that are given.
    pub(crate) own: &'a Named<String>,
}

impl Labels<'_> {
    /// The label of each exhibit by its name: `cited` are names in the order of
    /// the texts, `exhibits` stand in the order of the page.
    pub(crate) fn of(&self, cited: &[String], exhibits: &[&Exhibit]) -> BTreeMap<String, String> {
        let mut labels: BTreeMap<String, String> = BTreeMap::new();
        for exhibit in exhibits {
            let own = self.own.get(&exhibit.name).cloned();
            let named = || from_name(&exhibit.name).filter(|_| self.numbering == Numbering::Names);
            if let Some(label) = own.or_else(named) {
                labels.insert(exhibit.name.clone(), label);
            }
        }
        let of_name = |name: &String| exhibits.iter().find(|exhibit| exhibit.name == *name);
        // Those that no text cites come behind, in the order of the page.
        let in_order = cited.iter().filter_map(of_name).chain(exhibits);
        let mut numbers = [0_usize; 2];
        for exhibit in in_order {
            if labels.contains_key(&exhibit.name) {
                continue;
            }
            let kind = usize::from(matches!(exhibit.body, Body::Table(_)));
            // a number that was given by hand is not given again
            let label = loop {
                numbers[kind] += 1;
                let label = format!("{} {}", self.words[kind], numbers[kind]);
                if labels.values().all(|known| *known != label) {
                    break label;
                }
            };
            labels.insert(exhibit.name.clone(), label);
        }
        labels
    }

    /// What is wrong with them for these entries: names without a number, labels
    /// of what is not there, labels given twice.
    pub(crate) fn check(&self, entries: &[(Vec<String>, &str)]) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        for (name, label) in self.own.iter() {
            if entries.iter().all(|(_, entry)| *entry != name) {
                let known = entries.iter().map(|(_, entry)| *entry);
                let message = format!("`{name}` does not stand on the page");
                mistakes.push(Mistake::at(&["labels", name], message).hint_nearest(name, known));
            }
            // Only those before it, so that a pair is told once.
            let same = self.own.iter().take_while(|(other, _)| *other != name);
            if same.into_iter().any(|(_, other)| other == label) {
                let message = format!("`{label}` is the label of two exhibits");
                mistakes.push(Mistake::at(&["labels", name], message).hint("give each its own"));
            }
        }
        let unnumbered = entries.iter().filter(|(_, name)| {
            self.numbering == Numbering::Names
                && self.own.get(name).is_none()
                && from_name(name).is_none()
        });
        mistakes.extend(unnumbered.map(|(at, name)| {
            let at: Vec<&str> = at.iter().map(String::as_str).collect();
            Mistake::at(&at, format!("`{name}` has no number in its name")).hint(
                "call it such as `figure_1`, give it a label under `labels`, or let `numbering: \
                 citation` number it",
            )
        }));
        mistakes
    }
}

/// The label that a name says: `efigure_5` is eFigure 5. None without a number.
fn from_name(name: &str) -> Option<String> {
    let (word, number) = name.rsplit_once('_')?;
    // `km_curve` is no number, `etable_13b` is one.
    if !number.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let word = match word {
        "efigure" => "eFigure".to_owned(),
        "etable" => "eTable".to_owned(),
        other => capitalised(&other.replace('_', " ")),
    };
    Some(format!("{word} {number}"))
}

/// The exhibits that texts link to, in the order of their first link.
pub(crate) fn cited(texts: &[Written], names: &[&str]) -> Vec<String> {
    let mut cited: Vec<String> = Vec::new();
    for link in texts.iter().flat_map(|text| text.html.split("href=\"#").skip(1)) {
        let name = link.split('"').next().unwrap_or_default();
        if names.contains(&name) && cited.iter().all(|known| known != name) {
            cited.push(name.to_owned());
        }
    }
    cited
}

#[cfg(test)]
mod tests {
    use study::Drawing;

    use super::*;

    fn exhibit(name: &str, body: Body) -> Exhibit {
        Exhibit {
            name: name.to_owned(),
            label: String::new(),
            title: String::new(),
            caption: Vec::new(),
            body,
            alternative_text: String::new(),
        }
    }

    fn figure(name: &str) -> Exhibit {
        exhibit(name, Body::Figure(vec![Drawing::default()]))
    }

    fn named(pairs: &[(&str, &str)]) -> Named<String> {
        let pairs: serde_json::Map<String, serde_json::Value> =
            pairs.iter().map(|(name, label)| ((*name).to_owned(), (*label).into())).collect();
        serde_json::from_value(pairs.into()).expect("a mapping")
    }

    fn labels(numbering: Numbering, own: &Named<String>) -> Labels<'_> {
        Labels { numbering, words: ["Figure", "Table"], own }
    }

    #[test]
    fn exhibits_are_numbered_by_their_first_citation_and_then_by_the_page() {
        let all = [figure("km_curve"), figure("forest"), figure("flow"), figure("figure_9")];
        let table = exhibit("baseline", Body::Table(study::printed::Table::default()));
        let page: Vec<&Exhibit> = all.iter().chain([&table]).collect();
        let names: Vec<&str> = page.iter().map(|one| one.name.as_str()).collect();
        let texts =
            ["<a href=\"#forest\">x</a> <a href=\"#section\">y</a>", "<a href=\"#km_curve\">"];
        let written = texts.map(|html| Written { html: html.to_owned(), ..Written::default() });
        let cited = cited(&written, &names);
        // A label that is given by hand, in the way of a number that would be counted.
        let (none, own) = (Named::default(), named(&[("flow", "Figure 2")]));
        let of = |own: &Named<String>, name: &str| {
            labels(Numbering::Citation, own).of(&cited, &page)[name].clone()
        };
        let numbered = ["forest", "km_curve", "flow", "figure_9", "baseline"];
        assert_eq!(
            numbered.map(|name| of(&none, name)),
            ["Figure 1", "Figure 2", "Figure 3", "Figure 4", "Table 1"]
        );
        assert_eq!(
            numbered.map(|name| of(&own, name)),
            ["Figure 1", "Figure 3", "Figure 2", "Figure 4", "Table 1"]
        );
    }

    #[test]
    fn names_can_say_the_numbers() {
        for (name, text) in [
            ("efigure_5", Some("eFigure 5")),
            ("etable_13b", Some("eTable 13b")),
            ("figure_2", Some("Figure 2")),
            ("km_curve", None),
            ("survival", None),
        ] {
            assert_eq!(from_name(name).as_deref(), text);
        }
        let own = named(&[("table", "Table A"), ("b_1", "Table A"), ("flow", "Figure 1")]);
        let at = || vec!["sections".to_owned()];
        let entries = [(at(), "km_curve"), (at(), "table"), (at(), "b_1")];
        let told = labels(Numbering::Names, &own).check(&entries);
        let said: Vec<&str> = told.iter().map(|mistake| mistake.message.as_str()).collect();
        assert_eq!(
            said,
            [
                "`Table A` is the label of two exhibits",
                "`flow` does not stand on the page",
                "`km_curve` has no number in its name"
            ]
        );
    }
}
