//! Checks a node against the JSON Schema of a type and turns it into a plain
//! value that the type decodes. Every mistake is collected with its place.
//!
//! The schemas come from Rust types by `schemars`, so only what such types
//! give rise to is understood: objects, maps, lists, texts, numbers, booleans,
//! options, texts of a form (`format`), and enums of plain or tagged variants.

use serde_json::{Map, Number, Value as Json, json};

use super::format::{form, unfit, unit_in_key};
use super::node::{Entry, Node, Value};
use super::{Diagnostic, meant, nearest};

/// The source text, the mistakes, and the name of what is being checked.
pub(crate) struct Validator<'a> {
    pub(crate) source: &'a str,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Validator<'_> {
    /// The plain value of `node`, with whatever is wrong noted; `name` is the
    /// key or entry the node stands under.
    pub(crate) fn check(&mut self, name: &str, node: &Node, schema: &Json) -> Json {
        // Alternatives first: their schema has no type of its own.
        if let Some(choices) = alternatives(schema) {
            return self.check_alternatives(name, node, &choices);
        }
        if let Some(constant) = schema.get("const") {
            return self.check_choice(name, node, std::slice::from_ref(constant));
        }
        if let Some(choices) = schema.get("enum").and_then(Json::as_array) {
            return self.check_choice(name, node, choices);
        }
        let types = types(schema);
        // A schema without a type takes any value as it is.
        if types.is_empty() {
            return self.plain(node);
        }
        match &node.value {
            Value::Null if types.contains(&"null") => Json::Null,
            Value::Map(entries) if types.contains(&"object") => {
                self.check_map(name, node, entries, schema)
            }
            Value::List(items) if types.contains(&"array") => {
                self.check_list(name, node, items, schema)
            }
            Value::Boolean(value) if types.contains(&"boolean") => json!(value),
            Value::Whole(value) if types.contains(&"integer") => {
                self.check_range(name, node, *value as f64, schema, json!(value))
            }
            // As a real number already: `1` and `1.0` are one value in a key.
            Value::Whole(value) if types.contains(&"number") => {
                self.check_range(name, node, *value as f64, schema, json!(*value as f64))
            }
            // `.inf` and `.nan` are numbers in YAML and none in JSON.
            Value::Real(value) if types.contains(&"number") && value.is_finite() => {
                self.check_range(name, node, *value, schema, json!(value))
            }
            Value::Text(text) if types.contains(&"string") => {
                self.check_text(name, node, text, schema)
            }
            // `[M, male, 1]` is a list of texts: a number or boolean is taken as it is written
            Value::Whole(_) | Value::Real(_) | Value::Boolean(_) if types.contains(&"string") => {
                self.check_text(name, node, &self.written(node), schema)
            }
            _ => self.refuse(name, node, &wanted(schema)),
        }
    }

    /// A text, of the form that the schema asks for.
    fn check_text(&mut self, name: &str, node: &Node, text: &str, schema: &Json) -> Json {
        match unfit(name, text, schema) {
            Some((message, hint)) => {
                self.diagnostics.push(Diagnostic::new(node.place, message).hint(hint));
                Json::Null
            }
            None => json!(text),
        }
    }

    fn written(&self, node: &Node) -> String {
        let place = node.place;
        self.source
            .get(place.offset..place.offset + place.length)
            .unwrap_or_default()
            .trim()
            .to_owned()
    }

    fn refuse(&mut self, name: &str, node: &Node, wanted: &str) -> Json {
        let message = format!("`{name}` must be {wanted}, not {}", node.in_words());
        self.diagnostics.push(Diagnostic::new(node.place, message));
        Json::Null
    }

    fn check_range(
        &mut self,
        name: &str,
        node: &Node,
        value: f64,
        schema: &Json,
        json: Json,
    ) -> Json {
        let bound = |key: &str| schema.get(key).and_then(Json::as_f64);
        let broken = [
            bound("minimum").filter(|low| value < *low).map(|low| format!("at least {low}")),
            bound("maximum").filter(|high| value > *high).map(|high| format!("at most {high}")),
            bound("exclusiveMinimum")
                .filter(|low| value <= *low)
                .map(|low| format!("more than {low}")),
            bound("exclusiveMaximum")
                .filter(|high| value >= *high)
                .map(|high| format!("less than {high}")),
        ];
        match broken.into_iter().flatten().next() {
            Some(rule) => self.refuse(name, node, &rule),
            None => json,
        }
    }

    fn check_list(&mut self, name: &str, node: &Node, items: &[Node], schema: &Json) -> Json {
        let bound = |key: &str| {
            schema.get(key).and_then(Json::as_u64).and_then(|n| usize::try_from(n).ok())
        };
        let (least, most) =
            (bound("minItems").unwrap_or(0), bound("maxItems").unwrap_or(usize::MAX));
        if items.len() < least || items.len() > most {
            let wanted =
                if least == most { least.to_string() } else { format!("at least {least}") };
            let message = format!("`{name}` must have {wanted} entries, not {}", items.len());
            self.diagnostics.push(Diagnostic::new(node.place, message));
        }
        // Goes on with the entries where their number is wrong: each may be mistaken, too.
        let each = schema.get("items").cloned().unwrap_or(Json::Bool(true));
        let ahead = schema.get("prefixItems").and_then(Json::as_array);
        let checked = items.iter().enumerate().map(|(index, item)| {
            let own = ahead.and_then(|ahead| ahead.get(index)).unwrap_or(&each);
            self.check(name, item, own)
        });
        Json::Array(checked.collect())
    }

    fn check_map(&mut self, name: &str, node: &Node, entries: &[Entry], schema: &Json) -> Json {
        let empty = Map::new();
        let properties = schema.get("properties").and_then(Json::as_object).unwrap_or(&empty);
        let others =
            schema.get("additionalProperties").filter(|others| **others != Json::Bool(false));
        let (mut checked, mut misspelt) = (Map::new(), Vec::new());
        for entry in entries {
            match properties.get(&entry.key).or(others) {
                Some(own) => {
                    let value = self.check(&entry.key, &entry.node, own);
                    checked.insert(entry.key.clone(), value);
                }
                None => {
                    let message = format!("`{name}` has no key `{}`", entry.key);
                    // The nearest name comes last: it fits nearly everything a little.
                    let names = || properties.keys().map(String::as_str);
                    let particular =
                        cut_at_a_comma(&entry.key).or_else(|| unit_in_key(entry, properties));
                    if particular.is_none() {
                        misspelt.extend(meant(&entry.key, names()));
                    }
                    let hint = particular.or_else(|| nearest(&entry.key, names()));
                    self.diagnostics.push(Diagnostic::new(entry.key_place, message).hint(hint));
                }
            }
        }
        let required = schema.get("required").and_then(Json::as_array).into_iter().flatten();
        // a misspelt key is not missed too
        for key in required
            .filter_map(Json::as_str)
            .filter(|key| !checked.contains_key(*key) && !misspelt.contains(key))
        {
            let about = properties.get(key).map(first_sentence).unwrap_or_default();
            let hint = if about.is_empty() { None } else { Some(format!("`{key}`: {about}")) };
            let place = Place::start_of(node);
            self.diagnostics
                .push(Diagnostic::new(place, format!("`{name}` lacks the key `{key}`")).hint(hint));
        }
        Json::Object(checked)
    }

    fn check_choice(&mut self, name: &str, node: &Node, choices: &[Json]) -> Json {
        let written = match &node.value {
            Value::Text(text) => text.clone(),
            // As it is written: `1.0` is not the choice `1`.
            Value::Whole(_) | Value::Real(_) | Value::Boolean(_) => self.written(node),
            Value::Null if choices.contains(&Json::Null) => return Json::Null,
            _ => return self.refuse(name, node, &wanted_choice(choices)),
        };
        if let Some(choice) = choices.iter().find(|choice| choice.as_str() == Some(&written)) {
            return choice.clone();
        }
        let hint = nearest(&written, choices.iter().filter_map(Json::as_str));
        let message = format!("`{name}` cannot be `{written}`");
        self.diagnostics.push(Diagnostic::new(node.place, message).hint(hint));
        Json::Null
    }

    fn check_alternatives(&mut self, name: &str, node: &Node, choices: &[&Json]) -> Json {
        let plain =
            choices.iter().flat_map(|choice| match (choice.get("const"), choice.get("enum")) {
                (Some(constant), _) => vec![constant.clone()],
                (None, Some(Json::Array(values))) => values.clone(),
                _ => vec![],
            });
        let plain: Vec<Json> = plain.collect();
        // Judged by its outer form alone, so that a mistake inside is told at its own place
        // and not as "one of these".
        let fitting = choices.iter().find(|choice| fits(node, choice));
        match fitting {
            Some(choice) if choice.get("const").is_none() && choice.get("enum").is_none() => {
                self.check(name, node, choice)
            }
            _ if !plain.is_empty() => self.check_choice(name, node, &plain),
            _ => {
                let wanted: Vec<String> = choices.iter().map(|choice| wanted(choice)).collect();
                self.refuse(name, node, &wanted.join(" or "))
            }
        }
    }

    fn plain(&self, node: &Node) -> Json {
        match &node.value {
            Value::Null => Json::Null,
            Value::Boolean(value) => json!(value),
            Value::Whole(value) => json!(value),
            Value::Real(value) => Number::from_f64(*value).map_or(Json::Null, Json::Number),
            Value::Text(text) => json!(text),
            Value::List(items) => items.iter().map(|item| self.plain(item)).collect(),
            Value::Map(entries) => {
                entries.iter().map(|entry| (entry.key.clone(), self.plain(&entry.node))).collect()
            }
        }
    }
}

use super::Place;

impl Place {
    fn start_of(node: &Node) -> Self {
        match node.entries().and_then(<[Entry]>::first) {
            Some(first) => first.key_place,
            None => node.place,
        }
    }
}

/// The alternatives of a schema; an optional enum has alternatives of alternatives.
fn alternatives(schema: &Json) -> Option<Vec<&Json>> {
    // Which of the two words schemars uses hangs on the type; both mean here that one
    // must fit.
    let found = schema.get("anyOf").or_else(|| schema.get("oneOf"))?.as_array()?;
    Some(found.iter().flat_map(|own| alternatives(own).unwrap_or_else(|| vec![own])).collect())
}

fn types(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
        _ => vec![],
    }
}

/// Whether a node has the outer form of a schema: a tagged variant is known by its key.
fn fits(node: &Node, schema: &Json) -> bool {
    let types = types(schema);
    match &node.value {
        Value::Null => types.contains(&"null"),
        Value::Map(entries) => {
            let required = schema.get("required").and_then(Json::as_array);
            // One required key is the tag of a variant; a struct with more is known by being a
            // mapping.
            let tagged = required.is_some_and(|required| required.len() == 1);
            types.contains(&"object")
                && (!tagged
                    || required.is_some_and(|keys| {
                        entries.iter().any(|entry| keys.contains(&json!(entry.key)))
                    }))
        }
        Value::List(_) => types.contains(&"array"),
        Value::Boolean(_) => types.contains(&"boolean") || types.contains(&"string"),
        Value::Whole(_) => ["integer", "number", "string"].iter().any(|kind| types.contains(kind)),
        Value::Real(_) => ["number", "string"].iter().any(|kind| types.contains(kind)),
        Value::Text(_) => {
            types.contains(&"string")
                || schema.get("enum").is_some()
                || schema.get("const").is_some()
        }
    }
}

fn first_sentence(schema: &Json) -> &str {
    let text = schema.get("description").and_then(Json::as_str).unwrap_or_default();
    text.split(". ").next().unwrap_or_default().trim_end_matches('.')
}

fn wanted_choice(choices: &[Json]) -> String {
    let named: Vec<String> =
        choices.iter().filter_map(Json::as_str).map(|choice| format!("`{choice}`")).collect();
    format!("one of {}", named.join(", "))
}

/// What a schema asks for, in words.
fn wanted(schema: &Json) -> String {
    if let Some(choices) = schema.get("enum").and_then(Json::as_array) {
        return wanted_choice(choices);
    }
    if let Some(form) = form(schema) {
        return form.one.to_owned();
    }
    let inner = || {
        let items = schema.get("items")?;
        let of_type = || types(items).first().map(|kind| plural(kind));
        form(items).map(|form| form.several).or_else(of_type)
    };
    let words = types(schema).into_iter().filter(|kind| *kind != "null").map(|kind| match kind {
        "object" => "a mapping".to_owned(),
        "array" => {
            inner().map_or_else(|| "a list".to_owned(), |inner| format!("a list of {inner}"))
        }
        "string" => "text".to_owned(),
        "integer" => "a whole number".to_owned(),
        "number" => "a number".to_owned(),
        "boolean" => "`true` or `false`".to_owned(),
        other => other.to_owned(),
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() { "something else".to_owned() } else { words.join(" or ") }
}

fn plural(kind: &str) -> &'static str {
    match kind {
        "object" => "mappings",
        "array" => "lists",
        "string" => "texts",
        "integer" => "whole numbers",
        "number" => "numbers",
        _ => "values",
    }
}

/// A key that closes more brackets than it opens is the rest of a text that
/// had a comma in it.
fn cut_at_a_comma(key: &str) -> Option<String> {
    let count = |bracket| key.matches(bracket).count();
    (count(')') > count('(')).then(|| {
        "inside `{ }` a text with a comma stands in quotes, such as \"COALESCE(a, b)\"".to_owned()
    })
}

#[cfg(test)]
mod tests;
