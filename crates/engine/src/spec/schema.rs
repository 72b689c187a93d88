//! The JSON Schema of the pipeline file, for completion in editors; made from
//! the same types that decode it.

use serde_json::{Map, Value as Json, json};
use study::{Claim, StudySettings};

use super::pipeline::FORMAT;
use crate::registry::schema_of;
use crate::{Registry, Section};

/// JSON Schema of the whole file.
#[must_use]
pub fn pipeline_schema(registry: &Registry) -> Json {
    let mut properties = Map::new();
    properties.insert(
        "restudy".to_owned(),
        json!({ "const": FORMAT, "description": "Version of the file format." }),
    );
    properties.insert("study".to_owned(), schema_of::<StudySettings>());
    for section in Section::ALL {
        let kinds: Vec<Json> = registry
            .names(section)
            .filter_map(|name| {
                registry.schema(section, name).map(|schema| kind_schema(name, schema))
            })
            .collect();
        let about = match section {
            Section::Ingest => "Raw files, each read into a table with typed columns.",
            Section::Clean => {
                "Rules that turn the tables into one row per patient, in the order in which they apply."
            }
            Section::Analyze => "Analyses; each gives findings.",
            Section::Report => "Figures, tables and pages, made of findings.",
        };
        properties.insert(
            section.key().to_owned(),
            // One schema a kind, told apart by the constant `kind`, which editors go by.
            json!({ "type": "object", "description": about, "additionalProperties": { "oneOf": kinds } }),
        );
    }
    properties.insert(
        "claims".to_owned(),
        json!({
            "type": "object",
            "description": "Published numbers, compared with the recomputed ones.",
            "additionalProperties": schema_of::<Claim>(),
        }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pipeline.yaml of restudy",
        "type": "object",
        "properties": properties,
        "required": ["restudy", "study"],
        "additionalProperties": false,
    })
}

/// JSON Schema of a stage of one kind, `kind` included.
#[must_use]
pub fn kind_schema(name: &str, parameters: &Json) -> Json {
    let mut schema = parameters.clone();
    let Some(object) = schema.as_object_mut() else { return schema };
    object.remove("title");
    let own = object.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = own.as_object_mut() {
        // First, as editors offer keys in this order.
        properties.shift_insert(0, "kind".to_owned(), json!({ "const": name }));
    }
    let required = object.entry("required").or_insert_with(|| json!([]));
    if let Some(required) = required.as_array_mut() {
        required.insert(0, json!("kind"));
    }
    schema
}
