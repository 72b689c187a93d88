//! The run in the metadata of a crate: the four sections as steps, the action of each,
//! and what ordered them.

use engine::{Holding, Section};
use serde_json::{Value, json};

use super::{PROGRAM_ADDRESS, RUN, address, agents, id, ids, locate};
use crate::bundle::Bundle;

/// What passes from one section to the next stays in the store of the program.
const BETWEEN: [(Section, &str, &str); 3] = [
    (Section::Ingest, "#tables-as-read", "The raw files as typed tables, with every misfit"),
    (
        Section::Clean,
        "#tables-as-cleaned",
        "The tables after all rules, with the log of every change",
    ),
    (Section::Analyze, "#findings", "Every statistic with its method, population and warnings"),
];

pub(super) fn between() -> impl Iterator<Item = Value> {
    BETWEEN.into_iter().map(|(section, place, what)| {
        json!({
            "@id": place,
            "@type": "CreativeWork",
            "name": format!("What `{}:` makes", section.key()),
            "description": what,
        })
    })
}

/// The program, or a part of it, by its address where that is known.
pub(super) fn program_id(part: &str) -> String {
    match PROGRAM_ADDRESS {
        "" => format!("urn:restudy:program:{part}"),
        address => format!("{address}#{part}"),
    }
}

pub(super) fn tool_id(section: Section) -> String {
    program_id(section.key())
}

pub(super) fn action_id(section: Section) -> String {
    format!("#run/{}", section.key())
}

pub(super) fn step_id(section: Section) -> String {
    format!("#step/{}", section.key())
}

pub(super) fn steps(bundle: &Bundle<'_>) -> Vec<Value> {
    let mut entities = Vec::new();
    for (place, section) in Section::ALL.into_iter().enumerate() {
        let name = section.key();
        let count = bundle.stages.iter().filter(|stage| stage.section == section).count();
        let mut tool = json!({
            "@id": tool_id(section),
            "@type": "SoftwareApplication",
            "name": format!("restudy, stages of `{name}:`"),
            "softwareVersion": env!("CARGO_PKG_VERSION"),
        });
        locate(&mut tool);
        entities.push(tool);
        entities.push(json!({
            "@id": step_id(section),
            "@type": "HowToStep",
            "name": name,
            "description": format!("{} under `{name}:`", crate::commands::count(count, "stage")),
            "position": (place + 1).to_string(),
            "workExample": id(&tool_id(section)),
        }));
    }
    entities
}

/// The run as a whole, that of each section, and who ordered them.
pub(super) fn actions(bundle: &Bundle<'_>) -> Vec<Value> {
    let present = |file: &&Holding| !bundle.is_withheld(file);
    let files = |wanted: &dyn Fn(&Holding) -> bool| -> Vec<String> {
        let files = bundle.holdings.files.iter().filter(present).filter(|file| wanted(file));
        files.map(|file| address(&file.path)).collect()
    };
    let made = files(&|file| file.is_output);
    let read = |section: Section| {
        let mut read = files(&|file| {
            !file.is_output && file.stages.iter().any(|stage| stage.section == section)
        });
        // the nearest section before this one
        let earlier = BETWEEN.iter().rev().find(|(before, ..)| *before < section);
        read.extend(earlier.map(|(_, place, _)| (*place).to_owned()));
        read
    };
    let name = &bundle.study.title;
    let whole = json!({
        "@id": RUN,
        "@type": "CreateAction",
        "name": format!("The accepted run of: {name}"),
        "instrument": id(&address(&bundle.holdings.pipeline.0)),
        "object": ids(files(&|file| !file.is_output)),
        "result": ids(&made),
    });
    let mut entities = vec![whole];
    for section in Section::ALL {
        let result = BETWEEN.iter().find(|(after, ..)| *after == section);
        // the last section makes the files themselves
        let result = result.map_or_else(|| made.clone(), |(_, place, _)| vec![(*place).to_owned()]);
        entities.push(json!({
            "@id": action_id(section),
            "@type": "CreateAction",
            "name": format!("The stages of `{}:`", section.key()),
            "instrument": id(&tool_id(section)),
            "object": ids(read(section)),
            "result": ids(result),
        }));
    }
    for action in &mut entities {
        action["description"] =
            json!("Run once; the day is that of the declared release, as no clock is looked at");
        action["actionStatus"] = json!("http://schema.org/CompletedActionStatus");
        if let Some(day) = &bundle.citation.released {
            action["endTime"] = json!(day);
        }
        if !bundle.citation.authors.is_empty() {
            action["agent"] = agents(bundle);
        }
    }
    let control = Section::ALL.map(|section| {
        json!({
            "@id": format!("#control/{}", section.key()),
            "@type": "ControlAction",
            "name": format!("Running the stages of `{}:`", section.key()),
            "instrument": id(&step_id(section)),
            "object": id(&action_id(section)),
        })
    });
    entities.extend(control);
    entities.push(json!({
        "@id": "#organize",
        "@type": "OrganizeAction",
        "name": format!("restudy running: {name}"),
        "instrument": id(&program_id("run")),
        "object": ids(Section::ALL.map(|section| format!("#control/{}", section.key()))),
        "result": id(RUN),
    }));
    entities
}
