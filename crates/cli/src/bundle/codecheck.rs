//! `codecheck.yml`: what a codechecker is to make again. The checker, the report and the
//! certificate are for that person to write.

use serde_yaml::{Mapping, Value};

use super::Bundle;

const HEAD: &str = "---\n\
# The configuration of a CODECHECK. Who checks adds `codechecker`, `report`, `summary` and\n\
# `certificate`; the authors add `paper.reference`, where the paper is published.\n";

/// The configuration.
pub(super) fn yaml(bundle: &Bundle<'_>) -> String {
    let manifest = bundle.outputs().map(|file| {
        let stages: Vec<String> = file.stages.iter().map(ToString::to_string).collect();
        let comment = format!("made by {} of {}", stages.join(", "), bundle.holdings.pipeline.0);
        mapping([("file", file.path.clone().into()), ("comment", comment.into())])
    });
    let authors = bundle.citation.authors.iter().map(|author| {
        let orcid = author.orcid.as_ref().map(|orcid| ("ORCID", orcid_number(orcid).into()));
        mapping([("name", author.name.clone().into())].into_iter().chain(orcid))
    });
    let mut paper = vec![("title", bundle.study.title.clone().into())];
    if !bundle.citation.authors.is_empty() {
        paper.push(("authors", Value::Sequence(authors.collect())));
    }
    let whole =
        mapping([("manifest", Value::Sequence(manifest.collect())), ("paper", mapping(paper))]);
    let text = serde_yaml::to_string(&whole).expect("invariant: plain values always serialise");
    format!("{HEAD}{text}")
}

fn orcid_number(orcid: &str) -> &str {
    // a citation file has the address, CODECHECK wants the number
    orcid.rsplit('/').next().unwrap_or(orcid)
}

fn mapping<'a>(pairs: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let pairs = pairs.into_iter().map(|(key, value)| (Value::from(key), value));
    Value::Mapping(pairs.collect::<Mapping>())
}
