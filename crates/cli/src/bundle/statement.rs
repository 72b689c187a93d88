//! A statement of in-toto, version 1: of each file its digest, and what the run
//! was made from.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Bundle;
use crate::PROGRAM;

/// The predicate: provenance of SLSA, version 1.
const PREDICATE: &str = "https://slsa.dev/provenance/v1";
/// How a run of this program is described in it.
const RUN: &str = "urn:restudy:run:1";

/// The statement; its subjects are the files of the bundle and those of the lock.
pub(super) fn json(bundle: &Bundle<'_>, mut digests: BTreeMap<String, String>) -> String {
    // the files that are withheld too: their digests let whoever has them compare
    let locked = bundle.holdings.files.iter();
    digests.extend(locked.map(|file| (file.path.clone(), file.sha256.clone())));
    let subjects = digests.iter().map(|(path, sha256)| resource(path, sha256));
    let inputs = bundle.inputs().map(|file| resource(&file.path, &file.sha256));
    let withheld: Vec<&str> = bundle.withheld().map(|file| file.path.as_str()).collect();
    let (pipeline, _) = &bundle.holdings.pipeline;
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects.collect::<Vec<_>>(),
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": RUN,
                "externalParameters": {
                    "pipeline": pipeline,
                    "lock": bundle.holdings.lock.0,
                    "meaning": bundle.holdings.meaning,
                },
                "internalParameters": { "tier": bundle.study.privacy.tier, "withheld": withheld },
                "resolvedDependencies": inputs.collect::<Vec<_>>(),
            },
            "runDetails": {
                "builder": {
                    "id": "urn:restudy:program",
                    "version": { "restudy": env!("CARGO_PKG_VERSION"), "sources": PROGRAM },
                },
            },
        },
    });
    format!("{statement:#}\n")
}

fn resource(path: &str, sha256: &str) -> Value {
    json!({ "name": path, "digest": { "sha256": sha256 } })
}

/// What a statement says of the files: digests by path, and those that are not in the bundle.
#[derive(Debug, Default)]
pub(super) struct Stated {
    pub(super) digests: BTreeMap<String, String>,
    pub(super) withheld: Vec<String>,
    pub(super) pipeline: String,
    pub(super) lock: String,
}

/// Reads a statement; none where it is not of this form.
pub(super) fn read(bytes: &[u8]) -> Option<Stated> {
    let statement: Value = serde_json::from_slice(bytes).ok()?;
    let subjects = statement["subject"].as_array()?.iter();
    let digests = subjects.map(|subject| {
        let digest = subject["digest"]["sha256"].as_str()?.to_owned();
        Some((subject["name"].as_str()?.to_owned(), digest))
    });
    let definition = &statement["predicate"]["buildDefinition"];
    let withheld = definition["internalParameters"]["withheld"].as_array()?.iter();
    Some(Stated {
        digests: digests.collect::<Option<_>>()?,
        withheld: withheld.filter_map(Value::as_str).map(str::to_owned).collect(),
        pipeline: definition["externalParameters"]["pipeline"].as_str()?.to_owned(),
        lock: definition["externalParameters"]["lock"].as_str()?.to_owned(),
    })
}
