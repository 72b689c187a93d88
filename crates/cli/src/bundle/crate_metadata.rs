//! `ro-crate-metadata.json`: the bundle as a Provenance Run Crate. The pipeline
//! file is the workflow, the four sections are its steps, and each has run once.

mod run;

use std::collections::BTreeMap;

use engine::{Holding, Section, sha256};
use serde_json::{Value, json};

use self::run::{action_id, actions, between, program_id, step_id, steps, tool_id};
use super::{Bundle, METADATA, README, citation::Author};

/// What this bundle conforms to: name, version and address.
const PROFILES: [(&str, &str, &str); 4] = [
    ("Process Run Crate", "0.5", "https://w3id.org/ro/wfrun/process/0.5"),
    ("Workflow Run Crate", "0.5", "https://w3id.org/ro/wfrun/workflow/0.5"),
    ("Provenance Run Crate", "0.5", "https://w3id.org/ro/wfrun/provenance/0.5"),
    ("Workflow RO-Crate", "1.0", "https://w3id.org/workflowhub/workflow-ro-crate/1.0"),
];
const CRATE: &str = "https://w3id.org/ro/crate/1.1";
const PARAMETER: &str = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE";
const WORKFLOW: &str = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE";
/// The run as a whole.
const RUN: &str = "#run";
/// Where the program is to be found; empty where its manifest does not say it.
const PROGRAM_ADDRESS: &str = env!("CARGO_PKG_REPOSITORY");

/// The metadata of all files of the bundle.
pub(super) fn json(bundle: &Bundle<'_>, entries: &BTreeMap<String, Vec<u8>>) -> String {
    let mut graph = vec![descriptor(), root(bundle, entries)];
    graph.extend(profiles());
    graph.extend(licence(bundle));
    graph.extend(bundle.citation.authors.iter().enumerate().map(|(place, one)| author(place, one)));
    graph.push(workflow(bundle));
    graph.extend(language_and_engine());
    graph.extend(bundle.holdings.files.iter().map(|file| parameter(bundle, file)));
    graph.extend(between());
    graph.extend(steps(bundle));
    graph.extend(actions(bundle));
    let (pipeline, _) = &bundle.holdings.pipeline;
    // the pipeline file is described as the workflow above
    let others = entries.iter().filter(|(path, _)| *path != pipeline);
    graph.extend(others.map(|(path, bytes)| file(bundle, path, bytes)));
    for entity in &mut graph {
        let said = entity.as_object_mut().expect("invariant: entities are mappings");
        // an empty list of references says nothing
        said.retain(|_, value| value.as_array().is_none_or(|list| !list.is_empty()));
    }
    let whole = json!({
        "@context": [format!("{CRATE}/context"), "https://w3id.org/ro/terms/workflow-run/context"],
        "@graph": graph,
    });
    format!("{whole:#}\n")
}

fn id(of: &str) -> Value {
    json!({ "@id": of })
}

/// One reference stands for itself, several in a list: the compact form that RO-Crate asks for.
fn ids<T: AsRef<str>>(of: impl IntoIterator<Item = T>) -> Value {
    let mut all: Vec<Value> = of.into_iter().map(|one| id(one.as_ref())).collect();
    if all.len() == 1 { all.remove(0) } else { Value::Array(all) }
}

fn descriptor() -> Value {
    json!({
        "@id": METADATA,
        "@type": "CreativeWork",
        "about": id("./"),
        "conformsTo": [id(CRATE), id(PROFILES[3].2)],
    })
}

fn profiles() -> impl Iterator<Item = Value> {
    PROFILES.into_iter().map(|(name, version, address)| {
        json!({ "@id": address, "@type": "CreativeWork", "name": name, "version": version })
    })
}

/// The archive names files as they are; an address escapes what it may not hold.
fn address(path: &str) -> String {
    let mut text = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                text.push(char::from(byte));
            }
            other => text += &format!("%{other:02X}"),
        }
    }
    text
}

fn root(bundle: &Bundle<'_>, entries: &BTreeMap<String, Vec<u8>>) -> Value {
    let study = bundle.study;
    let mark = study.mark().map(|mark| format!(" {mark} data.")).unwrap_or_default();
    let mut root = json!({
        "@id": "./",
        "@type": "Dataset",
        "name": study.title,
        "description": format!(
            "A clinical study that is rerun from its raw files: what one run read and made, with the digest of every file.{mark}"
        ),
        "conformsTo": ids(PROFILES.map(|(.., address)| address)),
        "hasPart": ids(entries.keys().map(|path| address(path))),
        "mainEntity": id(&address(&bundle.holdings.pipeline.0)),
        "mentions": ids(std::iter::once(RUN.to_owned()).chain(Section::ALL.map(action_id))),
    });
    let bodies = bundle.citation.authors.iter().enumerate().filter(|(_, one)| !one.is_person);
    let bodies: Vec<String> = bodies.map(|(place, one)| author_id(place, one)).collect();
    if !bodies.is_empty() {
        root["publisher"] = ids(bodies);
    }
    if let Some(day) = &bundle.citation.released {
        root["datePublished"] = json!(day);
    }
    if let Some(licence) = &bundle.citation.licence {
        root["license"] = id(&licence_address(licence));
    }
    if !bundle.citation.authors.is_empty() {
        root["author"] = agents(bundle);
    }
    root
}

fn licence_address(licence: &str) -> String {
    format!("https://spdx.org/licenses/{licence}")
}

fn licence(bundle: &Bundle<'_>) -> Option<Value> {
    let licence = bundle.citation.licence.as_ref()?;
    Some(json!({
        "@id": licence_address(licence),
        "@type": "CreativeWork",
        "name": licence,
        "description": format!("The licence of the identifier {licence} in the list of SPDX"),
    }))
}

fn author_id(place: usize, author: &Author) -> String {
    // an address of the whole world where there is one, otherwise one within this file
    author.orcid.clone().unwrap_or_else(|| format!("#author-{}", place + 1))
}

fn agents(bundle: &Bundle<'_>) -> Value {
    let authors = bundle.citation.authors.iter().enumerate();
    ids(authors.map(|(place, author)| author_id(place, author)))
}

fn author(place: usize, author: &Author) -> Value {
    let kind = if author.is_person { "Person" } else { "Organization" };
    let mut entity = json!({ "@id": author_id(place, author), "@type": kind, "name": author.name });
    if let Some(website) = &author.website {
        entity["url"] = json!(website);
    }
    if let Some(affiliation) = &author.affiliation {
        entity["affiliation"] = json!(affiliation);
    }
    entity
}

fn workflow(bundle: &Bundle<'_>) -> Value {
    let (path, bytes) = &bundle.holdings.pipeline;
    let mut workflow = file(bundle, path, bytes);
    let more = json!({
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
        "name": bundle.study.title,
        "description": "The pipeline file, which declares the study from its raw files to its report",
        "conformsTo": id(WORKFLOW),
        // the digest of what the file means: it stays when only comments or spaces change
        "version": bundle.holdings.meaning,
        "programmingLanguage": id("#language"),
        "input": ids(bundle.inputs().map(parameter_id)),
        "output": ids(bundle.outputs().map(parameter_id)),
        "hasPart": ids(Section::ALL.map(tool_id)),
        "step": ids(Section::ALL.map(step_id)),
    });
    // a workflow is a file too: what it says as one stays, unless it is said again here
    for (key, value) in more.as_object().into_iter().flatten() {
        workflow[key] = value.clone();
    }
    for (key, value) in declared(bundle) {
        workflow[key] = value;
    }
    workflow
}

/// Licence, authors, day of release and address, where they are declared.
fn declared(bundle: &Bundle<'_>) -> Vec<(&'static str, Value)> {
    let citation = bundle.citation;
    let licence = citation.licence.as_ref().map(|one| ("license", id(&licence_address(one))));
    let authors = (!citation.authors.is_empty()).then(|| ("author", agents(bundle)));
    let day = citation.released.as_ref().map(|day| ("datePublished", json!(day)));
    let address = citation.address.as_ref().map(|address| ("url", json!(address)));
    [licence, authors, day, address].into_iter().flatten().collect()
}

fn language_and_engine() -> Vec<Value> {
    let mut engine = json!({
        "@id": program_id("run"),
        "@type": "SoftwareApplication",
        "name": "restudy",
        "softwareVersion": env!("CARGO_PKG_VERSION"),
        "description": format!("The program that ran the workflow; digest of its sources: {}", crate::PROGRAM),
    });
    locate(&mut engine);
    let language = json!({
        "@id": "#language",
        "@type": "ComputerLanguage",
        "name": "pipeline file of restudy",
        "alternateName": "restudy",
        "version": "1",
    });
    vec![language, engine]
}

/// Says of a part of the program where it is to be found.
fn locate(entity: &mut Value) {
    if !PROGRAM_ADDRESS.is_empty() {
        entity["url"] = json!(PROGRAM_ADDRESS);
    }
}

fn parameter_id(file: &Holding) -> String {
    format!("#parameter/{}", address(&file.path))
}

fn parameter(bundle: &Bundle<'_>, file: &Holding) -> Value {
    let mut entity = json!({
        "@id": parameter_id(file),
        "@type": "FormalParameter",
        "additionalType": "File",
        "name": file.path,
        "conformsTo": id(PARAMETER),
        "valueRequired": !file.is_output,
        "encodingFormat": media_type(&file.path),
    });
    // a reference to a file that is not there would be a dead one
    if bundle.is_withheld(file) {
        entity["description"] = json!(format!(
            "Not in the bundle; SHA-256 {}, {} bytes",
            file.sha256,
            file.bytes.len()
        ));
    } else {
        entity["workExample"] = id(&address(&file.path));
    }
    entity
}

fn file(bundle: &Bundle<'_>, path: &str, bytes: &[u8]) -> Value {
    let mut entity = json!({
        "@id": address(path),
        "@type": "File",
        "name": path,
        "contentSize": bytes.len().to_string(),
        "sha256": sha256(bytes),
        "encodingFormat": media_type(path),
    });
    if path == README {
        entity["about"] = id("./");
    }
    let held = bundle.holdings.files.iter().find(|file| file.path == path);
    if let Some(held) = held {
        entity["exampleOfWork"] = id(&parameter_id(held));
        let stages: Vec<String> = held.stages.iter().map(ToString::to_string).collect();
        let what = if held.is_output { "Made by" } else { "Read by" };
        entity["description"] = json!(format!("{what} {}", stages.join(", ")));
    }
    entity
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).as_deref() {
        Some("csv") => "text/csv",
        Some("html") => "text/html",
        Some("json") => "application/json",
        Some("md") => "text/markdown",
        Some("parquet") => "application/vnd.apache.parquet",
        Some("pdf") => "application/pdf",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("tif" | "tiff") => "image/tiff",
        Some("ttf") => "font/ttf",
        Some("otf") => "font/otf",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("yaml" | "yml" | "cff") => "application/yaml",
        Some("lock" | "txt") => "text/plain",
        _ => "application/octet-stream",
    }
}
