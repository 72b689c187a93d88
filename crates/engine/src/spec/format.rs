//! Texts of a form: what stands in a schema as `format` is read by the type
//! that has that form, whose words say what is wrong.

use serde_json::{Map, Value as Json};
use study::{Span, SpanError};

use super::node::{Entry, Node, Value};

/// A form of texts.
pub(super) struct Form {
    /// The `format` in a schema.
    name: &'static str,
    /// One of them, in words.
    pub(super) one: &'static str,
    /// Several, in words.
    pub(super) several: &'static str,
    /// What is wrong with a text, and what to write instead.
    mistake: fn(&str) -> Option<(String, String)>,
}

const FORMS: [Form; 1] = [Form {
    name: Span::FORMAT,
    one: "a time such as `6 months`",
    several: "times such as `6 months`",
    mistake: |text| {
        let error: SpanError = text.parse::<Span>().err()?;
        Some((error.to_string(), error.hint()))
    },
}];

/// The form that a schema asks of a text.
pub(super) fn form(schema: &Json) -> Option<&'static Form> {
    let name = schema.get("format")?.as_str()?;
    FORMS.iter().find(|form| form.name == name)
}

/// The mistake in the text under `name`, with its hint.
pub(super) fn unfit(name: &str, text: &str, schema: &Json) -> Option<(String, Option<String>)> {
    let (message, hint) = (form(schema)?.mistake)(text)?;
    Some((format!("`{name}`: {message}"), Some(hint)))
}

/// What to hint where a key ends in the unit of its time: the key without it,
/// with the unit behind each number.
pub(super) fn unit_in_key(entry: &Entry, properties: &Map<String, Json>) -> Option<String> {
    // Keys with a unit in their name are what users of other programs write.
    let (key, unit) = entry.key.rsplit_once('_')?;
    let is_time = |own: &Json| {
        let asked = own.get("prefixItems").and_then(|items| items.get(0));
        form(asked.or(own.get("items")).unwrap_or(own))
            .is_some_and(|form| form.name == Span::FORMAT)
    };
    let longer = format!("{key}_");
    let named = |wanted: &dyn Fn(&str) -> bool| {
        properties.iter().find(|(name, own)| wanted(name) && is_time(own))
    };
    let (key, _) =
        // The very name first, then one that goes on behind it.
        named(&|name| name == key).or_else(|| named(&|name| name.starts_with(&longer)))?;
    let example: Span = format!("6 {unit}").parse().ok()?;
    let with_unit = |node: &Node| {
        let number = match &node.value {
            Value::Whole(value) => value.to_string(),
            Value::Real(value) => value.to_string(),
            _ => return example.to_string(),
        };
        format!("{number} {unit}").parse().map_or(example, |span: Span| span).to_string()
    };
    let written = match &entry.node.value {
        Value::List(items) => {
            format!("[{}]", items.iter().map(with_unit).collect::<Vec<_>>().join(", "))
        }
        _ => with_unit(&entry.node),
    };
    Some(format!("a time has its unit beside it: `{key}: {written}`"))
}
