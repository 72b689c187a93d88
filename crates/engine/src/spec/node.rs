//! A YAML document as a tree in which every node knows its place.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Location, MergeKeyPolicy, Spanned};

use super::{Diagnostic, Place, quoting};
use crate::lockfile::is_mark_of_a_merge;

/// How deep a document may nest, three times as deep as any kind asks for:
/// reading takes some 50 KB of the stack a level.
const DEEPEST: usize = 24;

/// A node with its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) place: Place,
}

/// What a node holds.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Null,
    Boolean(bool),
    Whole(i64),
    Real(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key of a map with its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_place: Place,
    pub(crate) node: Node,
}

impl Node {
    /// Reads a document.
    pub(crate) fn parse(text: &str) -> Result<Self, Box<Diagnostic>> {
        let mut options = serde_saphyr::Options::default();
        // What a study writes is a text unless it is plainly something else: `no` is an
        // answer, `02` a code, and neither may become another value on the way.
        options.strict_booleans = true;
        options.leading_zero_numbers_as_strings = true;
        options.underscored_numbers_as_strings = true;
        // What comes in by an anchor stands at no place that a message could name.
        options.merge_keys = MergeKeyPolicy::Error;
        // Of two entries of one name the reader would keep one and say nothing.
        options.duplicate_keys = DuplicateKeyPolicy::Error;
        options.with_snippet = false;
        // The other bounds of the budget stay: they refuse documents that unfold without
        // end.
        if let Some(budget) = &mut options.budget {
            budget.max_depth = DEEPEST;
            budget.flow_nesting_limit = DEEPEST;
        }
        serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let place = error.location().map(|location| place(&location)).unwrap_or_default();
            let said = error.without_snippet().to_string();
            let mut said = unreadable(place, said.lines().next().unwrap_or_default());
            if text.lines().any(is_mark_of_a_merge) {
                let merge = "both sides of a merge stand in this file: keep one of them";
                said.hint = Some(merge.to_owned());
            }
            said.hint = said.hint.or_else(|| quoting::wanted(text, place.line));
            Box::new(said)
        })
    }

    /// The entries, where it is a map.
    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entry of a key, where it is a map that has it.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries()?.iter().find(|entry| entry.key == key)
    }

    /// The text, where it is text.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What it holds, in words for a message.
    pub(crate) fn in_words(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Boolean(value) => format!("`{value}`"),
            Value::Whole(value) => format!("`{value}`"),
            Value::Real(value) => format!("`{value}`"),
            Value::Text(text) => format!("`{text}`"),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a mapping".to_owned(),
        }
    }

    /// The place of the node that a path leads to, or of the last step that
    /// can be followed; a path to a map or list ends at its key.
    pub(crate) fn place_of(&self, path: &[String]) -> Option<Place> {
        let (first, rest) = path.split_first()?;
        match &self.value {
            Value::Map(entries) => {
                let entry = entries.iter().find(|entry| &entry.key == first)?;
                entry.node.place_of(rest).or(Some(match entry.node.value {
                    Value::Map(_) | Value::List(_) | Value::Null => entry.key_place,
                    // A plain value is shown itself; of a mapping or a list the key, as it may take
                    // up pages.
                    _ => entry.node.place,
                }))
            }
            Value::List(items) => {
                let item = items.get(first.parse::<usize>().ok()?)?;
                item.place_of(rest).or(Some(item.place))
            }
            _ => None,
        }
    }

    /// The path to the first text that reads `wanted`.
    pub(crate) fn path_of_text(&self, wanted: &str) -> Option<Vec<String>> {
        let below = |step: String, node: &Self| {
            let mut path = vec![step];
            path.extend(node.path_of_text(wanted)?);
            Some(path)
        };
        match &self.value {
            Value::Text(text) if text == wanted => Some(vec![]),
            Value::Map(entries) => {
                entries.iter().find_map(|entry| below(entry.key.clone(), &entry.node))
            }
            Value::List(items) => {
                items.iter().enumerate().find_map(|(index, item)| below(index.to_string(), item))
            }
            _ => None,
        }
    }
}

/// What the reader of YAML says, in words for somebody who wrote a study.
fn unreadable(place: Place, said: &str) -> Diagnostic {
    // The place stands in front of the message already.
    let said = said.rsplit_once(" at line ").map_or(said, |(said, _)| said);
    if let Some(rest) = said.strip_prefix("duplicate mapping key: ") {
        let key = rest.split_once(", set ").map_or(rest, |(key, _)| key);
        return Diagnostic::new(place, format!("the key `{key}` stands here a second time"))
            .hint(Some("take one of the two out, or give it another name".to_owned()));
    }
    let tabs = said.contains("tab").then(|| "indent with blanks instead of tabs".to_owned());
    Diagnostic::new(place, format!("this is not readable YAML: {said}")).hint(tabs)
}

fn place(location: &Location) -> Place {
    let whole = |number: u64| usize::try_from(number).unwrap_or(0);
    let span = location.span();
    Place {
        offset: whole(span.byte_offset().unwrap_or_else(|| span.offset())),
        length: whole(span.byte_len().unwrap_or_else(|| span.len())),
        line: whole(location.line()),
        column: whole(location.column()),
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        Ok(Self { value: spanned.value, place: place(&spanned.referenced) })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Whole(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        // Beyond that a number would lose digits on its way into a double.
        i64::try_from(value).map(Value::Whole).map_err(|_| E::custom("whole number is too large"))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Real(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        // Keys are read as texts, so that a level may be called `0`.
        while let Some((key, node)) = map.next_entry::<Spanned<String>, Node>()? {
            entries.push(Entry { key: key.value, key_place: place(&key.referenced), node });
        }
        Ok(Value::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_knows_its_place() {
        let text = "a: 1\nb:\n  - x\n  - {c: 2.5, d: no}\n";
        let node = Node::parse(text).expect("is YAML");
        let at = |path: &[&str]| {
            let path: Vec<String> = path.iter().map(ToString::to_string).collect();
            let place = node.place_of(&path).expect("path exists");
            (place.line, place.column, &text[place.offset..place.offset + place.length])
        };
        assert_eq!(at(&["a"]), (1, 4, "1"));
        assert_eq!(at(&["b"]), (2, 1, "b"));
        assert_eq!(at(&["b", "0"]), (3, 5, "x"));
        assert_eq!(at(&["b", "1", "c"]), (4, 9, "2.5"));
        assert_eq!(at(&["b", "1", "d"]), (4, 17, "no"));
    }

    #[test]
    fn a_duplicate_key_is_a_mistake() {
        let said = Node::parse("a: 1\na: 2\n").expect_err("duplicate");
        assert_eq!((said.place.line, said.place.column), (2, 1));
        assert_eq!(said.message, "the key `a` stands here a second time");
    }

    #[test]
    fn keys_may_look_like_numbers() {
        let node = Node::parse("0: [a]\n1: [b]\nyes: [c]\n").expect("is YAML");
        let keys: Vec<&str> =
            node.entries().expect("a map").iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["0", "1", "yes"]);
    }
}
