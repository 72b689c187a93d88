//! What a study declares of itself in `CITATION.cff` beside the pipeline file:
//! who made it, under which licence, and when it was released.

use std::path::Path;

use serde_yaml::Value;

use super::CITATION;
use crate::screen::Trouble;

/// What is declared; what is not stays out of what is made of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Citation {
    /// The file.
    pub(super) file: Option<(String, Vec<u8>)>,
    pub(super) authors: Vec<Author>,
    /// Its identifier in the list of SPDX.
    pub(super) licence: Option<String>,
    /// The day of release, `YYYY-MM-DD`.
    pub(crate) released: Option<String>,
    /// Where the study is to be found.
    pub(super) address: Option<String>,
}

/// A person or a body.
#[derive(Debug, Clone)]
pub(super) struct Author {
    pub(super) name: String,
    pub(super) is_person: bool,
    pub(super) orcid: Option<String>,
    pub(super) affiliation: Option<String>,
    pub(super) website: Option<String>,
}

impl Citation {
    /// What stands beside a pipeline file; nothing where no such file is there.
    ///
    /// # Errors
    /// If the file is none of its format.
    pub(crate) fn beside(pipeline: &Path) -> Result<Self, Trouble> {
        let path = pipeline.with_file_name(CITATION);
        match std::fs::read(&path) {
            Ok(bytes) => Self::read(bytes).map_err(|why| Trouble::Other {
                message: format!("{} cannot be read: {why}", path.display()),
                hint: Some("see https://citation-file-format.github.io".to_owned()),
            }),
            // the file is optional: a bundle says less without it
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Trouble::Other {
                message: format!("cannot read {}: {error}", path.display()),
                hint: None,
            }),
        }
    }

    fn read(bytes: Vec<u8>) -> Result<Self, String> {
        let source = std::str::from_utf8(&bytes).map_err(|error| error.to_string())?;
        let value: Value = serde_yaml::from_str(source).map_err(|error| error.to_string())?;
        let text = |key: &str| text(&value, key);
        let released = text("date-released");
        // other formats take this day as it is
        if let Some(day) = released.as_ref().filter(|day| !is_day(day)) {
            return Err(format!("`date-released: {day}` is no day, such as 2026-12-31"));
        }
        let authors = value.get("authors").and_then(Value::as_sequence);
        Ok(Self {
            authors: authors.into_iter().flatten().filter_map(author).collect(),
            licence: text("license"),
            released,
            // where the study can be had comes before where it is described
            address: text("repository-code").or_else(|| text("url")),
            file: Some((CITATION.to_owned(), bytes)),
        })
    }

    /// What is asked for by the formats of a bundle and not declared.
    pub(crate) fn lacks(&self) -> Vec<&'static str> {
        let declared = [
            ("authors", !self.authors.is_empty()),
            ("license", self.licence.is_some()),
            ("date-released", self.released.is_some()),
            ("repository-code", self.address.is_some()),
        ];
        declared.into_iter().filter(|(_, is_there)| !is_there).map(|(key, _)| key).collect()
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn author(value: &Value) -> Option<Author> {
    let parts = ["given-names", "name-particle", "family-names"].map(|key| text(value, key));
    let person: Vec<String> = parts.into_iter().flatten().collect();
    let is_person = !person.is_empty();
    // an entry with neither is left out
    let name = if is_person { person.join(" ") } else { text(value, "name")? };
    let [orcid, affiliation, website] =
        ["orcid", "affiliation", "website"].map(|key| text(value, key));
    Some(Author { name, is_person, orcid, affiliation, website })
}

fn is_day(text: &str) -> bool {
    let digits = text.split('-').map(|part| {
        (part.len(), part.bytes().all(|byte| byte.is_ascii_digit()), part.parse().unwrap_or(0))
    });
    match digits.collect::<Vec<(usize, bool, u32)>>()[..] {
        [(4, true, _), (2, true, month), (2, true, day)] => {
            (1..=12).contains(&month) && (1..=31).contains(&day)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persons_bodies_and_days_are_read() {
        let source = "cff-version: 1.2.0\nlicense: CC-BY-4.0\ndate-released: 2026-11-30\n\
                      repository-code: https://example.org/study\nauthors:\n\
                      - given-names: Ada\n  family-names: Example\n  orcid: https://orcid.org/0000-0002-1825-0097\n\
                      - name: The group\n";
        let citation = Citation::read(source.as_bytes().to_vec()).expect("a citation");
        let names: Vec<_> = citation
            .authors
            .iter()
            .map(|author| (author.name.as_str(), author.is_person))
            .collect();
        assert_eq!(names, [("Ada Example", true), ("The group", false)]);
        assert_eq!(citation.released.as_deref(), Some("2026-11-30"));
        assert!(citation.lacks().is_empty());
        assert_eq!(
            Citation::default().lacks(),
            ["authors", "license", "date-released", "repository-code"]
        );
        let wrong = Citation::read(b"date-released: 30.11.2026\n".to_vec()).expect_err("no day");
        assert_eq!(wrong, "`date-released: 30.11.2026` is no day, such as 2026-12-31");
    }
}
