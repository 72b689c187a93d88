//! The reference of the pipeline file, written from the types that decode it.

use std::fmt::Write;

use engine::{Registry, Section};
use serde_json::{Map, Value as Json};

use crate::SECTIONS;

/// The whole reference as Markdown.
pub(crate) fn markdown(registry: &Registry) -> String {
    let mut text = String::from(
        "# Reference of pipeline.yaml\n\nWritten by `restudy kinds --markdown` from the types that read the file. \
         A key without a default must be given.\n\n## `study`\n\n",
    );
    let schema = engine::pipeline_schema(registry);
    text.push_str(&parameters(&schema["properties"]["study"], 0));
    for section in SECTIONS {
        let about = schema["properties"][section.key()]["description"].as_str().unwrap_or_default();
        write!(text, "\n## `{section}`\n\n{about}\n").expect("invariant: text grows");
        for name in registry.names(section) {
            text.push('\n');
            text.push_str(&kind(registry, section, name));
        }
    }
    text.push_str("\n## `claims`\n\nPublished numbers, by a name of your own; each is compared with a recomputed one.\n\n");
    text.push_str(&parameters(&schema["properties"]["claims"]["additionalProperties"], 0));
    text
}

/// The first sentence of what a kind does.
pub(crate) fn summary(registry: &Registry, section: Section, name: &str) -> String {
    let about = registry
        .schema(section, name)
        .and_then(|schema| schema["description"].as_str())
        .unwrap_or_default();
    let first = about.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    // with the blank, so that a number or a file name does not end the sentence
    first.split(". ").next().unwrap_or_default().trim_end_matches('.').to_owned()
}

/// One kind: what it does, and its parameters.
pub(crate) fn kind(registry: &Registry, section: Section, name: &str) -> String {
    let Some(schema) = registry.schema(section, name) else { return String::new() };
    let about = schema["description"].as_str().unwrap_or_default();
    format!("### `{section}`: `kind: {name}`\n\n{about}\n\n{}", parameters(schema, 0))
}

/// The keys of an object, as a list; keys of objects below them indented.
fn parameters(schema: &Json, depth: usize) -> String {
    let empty = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&empty);
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let mut text = String::new();
    let indent = "  ".repeat(depth);
    for (key, own) in properties {
        let default =
            if required.contains(&key.as_str()) { "required".to_owned() } else { default_of(own) };
        let about = own["description"].as_str().unwrap_or_default().replace('\n', " ");
        let about = if about.is_empty() { String::new() } else { format!(": {about}") };
        writeln!(text, "{indent}- `{key}` ({}, {default}){about}", type_of(own))
            .expect("invariant: text grows");
        for (choice, about) in choices(own) {
            writeln!(text, "{indent}  - `{choice}`: {about}").expect("invariant: text grows");
        }
        // the keys of a list's items and of a mapping's values are keys of the file too
        for below in [own, &own["items"], &own["additionalProperties"]] {
            if below["properties"].is_object() {
                text.push_str(&parameters(below, depth + 1));
            }
        }
    }
    text
}

fn default_of(schema: &Json) -> String {
    match schema.get("default") {
        None | Some(Json::Null) => "optional".to_owned(),
        Some(Json::String(text)) => format!("default `{text}`"),
        Some(Json::Array(items)) if items.is_empty() => "default none".to_owned(),
        Some(Json::Object(entries)) if entries.is_empty() => "default none".to_owned(),
        // spelled out, a default of many keys would say less than the keys below it
        Some(Json::Object(_)) => "optional".to_owned(),
        Some(other) => format!("default `{other}`"),
    }
}

fn variants(schema: &Json) -> impl Iterator<Item = &Json> {
    let found = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Json::as_array);
    found.into_iter().flatten()
}

/// Documented variants of an enum.
fn choices(schema: &Json) -> Vec<(String, String)> {
    let own =
        variants(schema).flat_map(|variant| std::iter::once(variant).chain(variants(variant)));
    let named = own.filter_map(|variant| {
        let about = variant["description"].as_str()?.replace('\n', " ");
        Some((variant["const"].as_str()?.to_owned(), about))
    });
    named.collect()
}

/// The type in words.
fn type_of(schema: &Json) -> String {
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> =
            values.iter().filter_map(Json::as_str).map(|value| format!("`{value}`")).collect();
        return values.join(" | ");
    }
    if let Some(constant) = schema["const"].as_str() {
        return format!("`{constant}`");
    }
    let several: Vec<String> =
        variants(schema).map(type_of).filter(|words| !words.is_empty()).collect();
    if !several.is_empty() {
        return several.join(" | ");
    }
    // a span is text to the schema and a length of time to the reader
    if schema["format"] == study::Span::FORMAT {
        return study::Span::FORMAT.to_owned();
    }
    let types: Vec<&str> = match &schema["type"] {
        Json::String(one) => vec![one],
        Json::Array(several) => several.iter().filter_map(Json::as_str).collect(),
        _ => return "anything".to_owned(),
    };
    // that a key may be null says no more than that it is optional
    let words = types.into_iter().filter(|kind| *kind != "null").map(|kind| match kind {
        "object" if schema["additionalProperties"].is_object() => {
            format!("names with {}", type_of(&schema["additionalProperties"]))
        }
        "object" => "mapping".to_owned(),
        "array" => format!("list of {}", type_of(&schema["items"])),
        "string" => "text".to_owned(),
        "integer" => "whole number".to_owned(),
        "boolean" => "true or false".to_owned(),
        other => other.to_owned(),
    });
    words.collect::<Vec<_>>().join(" or ")
}
