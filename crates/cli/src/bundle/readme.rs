//! The README for replication in the order that data editors ask for, filled in
//! as far as the study itself says it. What only its authors know is marked.

use std::fmt::Write;

use study::{DataStatus, PrivacyTier};

use super::{Bundle, CITATION, CODECHECK, METADATA, STATEMENT};
use crate::PROGRAM;

/// Marks what is left to the authors.
const AUTHORS: &str = "**To be written by the authors:**";

/// The README as Markdown.
pub(super) fn markdown(bundle: &Bundle<'_>) -> String {
    let sections = [
        overview(bundle),
        availability(bundle),
        data_sets(bundle),
        requirements(bundle),
        programs(bundle),
        instructions(bundle),
        outputs(bundle),
        references(bundle),
    ];
    let mark = bundle.study.mark().map(|mark| format!("**{mark}**\n\n")).unwrap_or_default();
    format!("# Replication of: {}\n\n{mark}{}", bundle.study.title, sections.join("\n"))
}

fn overview(bundle: &Bundle<'_>) -> String {
    let (pipeline, lock) = (&bundle.holdings.pipeline.0, &bundle.holdings.lock.0);
    let (inputs, outputs) = (bundle.inputs().count(), bundle.outputs().count());
    let authors: Vec<&str> =
        bundle.citation.authors.iter().map(|author| author.name.as_str()).collect();
    let authors = match authors.is_empty() {
        true => format!("{AUTHORS} who they are.\n"),
        false => format!("Authors: {}.\n", authors.join(", ")),
    };
    format!(
        "## Overview\n\n{authors}\n`{pipeline}` declares the whole study, from its raw files to its figures and tables. \
         One command, `restudy run`, reads {inputs} files and makes {outputs}; `{lock}` holds the SHA-256 of each. \
         The same input gives the same bytes on every machine.\n"
    )
}

fn availability(bundle: &Bundle<'_>) -> String {
    let status = match bundle.study.data_status {
        DataStatus::Observed => "The data were measured on patients.",
        DataStatus::Simulated => {
            "The data are simulated: no row is a patient, and no result is evidence about any treatment."
        }
        DataStatus::Example => "The data are a public data set, used as an example.",
    };
    let shared = match bundle.study.privacy.tier {
        PrivacyTier::Open => "They are in this bundle.",
        PrivacyTier::Internal => {
            "They are in this bundle, with what identifies patients: it must not leave the study's house."
        }
        PrivacyTier::Pseudonymised | PrivacyTier::Aggregate => {
            "They may not be shared. The bundle holds their digests, by which whoever has access can tell that \
             the files are the same."
        }
    };
    let access = match bundle.study.data_status {
        DataStatus::Observed => format!(
            "\n{AUTHORS} where the data come from, who may have access and how to ask for it, the approval of the \
             ethics committee, and a statement about rights.\n"
        ),
        DataStatus::Example => format!("\n{AUTHORS} where the data were published.\n"),
        DataStatus::Simulated => String::new(),
    };
    let licence = match &bundle.citation.licence {
        Some(licence) => format!("\nLicence: {licence}, as `{CITATION}` declares.\n"),
        None => format!("\n{AUTHORS} the licence.\n"),
    };
    format!("## Data availability and provenance\n\n{status} {shared}\n{access}{licence}")
}

fn data_sets(bundle: &Bundle<'_>) -> String {
    let mut text = String::from(
        "## Data sets\n\n| File | Bytes | SHA-256 | In the bundle | Read by |\n|---|---|---|---|---|\n",
    );
    for file in bundle.inputs() {
        let held = if bundle.is_withheld(file) { "no" } else { "yes" };
        let stages: Vec<String> = file.stages.iter().map(|stage| format!("`{stage}`")).collect();
        let (path, bytes, sha256) = (&file.path, file.bytes.len(), &file.sha256);
        let row = format!("| `{path}` | {bytes} | `{sha256}` | {held} | {} |", stages.join(", "));
        writeln!(text, "{row}").expect("invariant: text grows");
    }
    text
}

fn requirements(bundle: &Bundle<'_>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let all: usize = bundle.holdings.files.iter().map(|file| file.bytes.len()).sum();
    format!(
        "## Computational requirements\n\n\
         - Software: `restudy`, which builds with Rust {} or later; nothing else. This bundle was made by version {version}, \
         sources of digest `{PROGRAM}`; `restudy verify` says whether that makes the same bytes as the lock.\n\
         - Controlled randomness: `seed: {}` of the pipeline file; each stage derives its own seed from it and its name.\n\
         - Storage: {} kB for the files of the study, as much again for the store of the program.\n\
         - Memory and runtime: {AUTHORS} on which machine the study was run, and how long that took.\n",
        env!("CARGO_PKG_RUST_VERSION"),
        bundle.study.seed,
        all.div_ceil(1000),
    )
}

fn programs(bundle: &Bundle<'_>) -> String {
    let mut sections: Vec<(&str, usize)> = Vec::new();
    for stage in bundle.stages {
        match sections.last_mut() {
            // stages of a section stand together, so only the last one counted can go on
            Some((name, count)) if *name == stage.section.key() => *count += 1,
            _ => sections.push((stage.section.key(), 1)),
        }
    }
    let mut text = format!(
        "## Programs\n\n`{}` is the program of this study. Its stages, in the order of the data:\n\n",
        bundle.holdings.pipeline.0
    );
    for (section, count) in sections {
        writeln!(text, "- `{section}:` {}", crate::commands::count(count, "stage"))
            .expect("invariant: text grows");
    }
    text
}

fn instructions(bundle: &Bundle<'_>) -> String {
    // who got no data cannot run anything before they are in place
    let needed = match bundle.withheld().next() {
        Some(_) => "2. Put the data files listed above in their places.\n3. ",
        None => "2. ",
    };
    format!(
        "## Instructions\n\n\
         1. Unpack the bundle. `restudy verify` with the name of the zip compares every digest in it.\n\
         {needed}`restudy verify {}` makes everything again in a fresh folder and compares it byte by byte.\n\n\
         `{METADATA}` describes all files for programs, `{CODECHECK}` lists what a codechecker makes again, and \
         `{STATEMENT}` states all digests.\n",
        bundle.holdings.pipeline.0
    )
}

fn outputs(bundle: &Bundle<'_>) -> String {
    let mut text = String::from(
        "## Figures, tables and programs\n\n| File | Made by | SHA-256 |\n|---|---|---|\n",
    );
    for file in bundle.outputs() {
        let stages: Vec<String> = file.stages.iter().map(|stage| format!("`{stage}`")).collect();
        writeln!(text, "| `{}` | {} | `{}` |", file.path, stages.join(", "), file.sha256)
            .expect("invariant: text grows");
    }
    text
}

fn references(bundle: &Bundle<'_>) -> String {
    let cited = match &bundle.citation.address {
        Some(address) => format!("The study: <{address}>.\n\n"),
        None => String::new(),
    };
    format!(
        "## References\n\n{cited}{AUTHORS} the sources of the data and the publications of the study.\n"
    )
}
