//! The raw files of a stage: one, or several that are written alike.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use engine::{Call, Mistake, Mistakes};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One path, or a list of them, relative to the pipeline file; each may be
/// written with the wildcards `*` and `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths(Vec<String>);

impl Paths {
    /// All of them, as a wiring names them.
    pub(crate) fn to_vec(&self) -> Vec<String> {
        self.0.clone()
    }

    /// The files that they mean, in their declared order, those of one wildcard by name.
    pub(crate) fn files<'a>(&self, call: &'a Call<'_>) -> FilePaths<'a> {
        let written = self.0.iter().enumerate();
        let meant = |(entry, path): (usize, &String)| {
            call.matching(path).into_iter().map(move |file| (entry, file))
        };
        FilePaths(written.flat_map(meant).collect())
    }
}

/// The paths of the files of a stage, each with the entry of the list that means it.
#[derive(Debug)]
pub(crate) struct FilePaths<'a>(Vec<(usize, &'a str)>);

impl<'a> FilePaths<'a> {
    /// The paths in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().map(|(_, path)| *path)
    }

    /// No path twice, and at least one.
    pub(crate) fn check(&self) -> Mistakes {
        let mut mistakes = Mistakes::default();
        if self.0.is_empty() {
            mistakes.push(Mistake::at(&["path"], "no file is named"));
        }
        for (index, (entry, path)) in self.0.iter().enumerate() {
            // also where a wildcard means a file that is listed by its name: every row would be
            // there twice
            if self.0[..index].iter().any(|(_, before)| before == path) {
                // the entry as declared, since a wildcard may mean many files
                let at = ["path", &entry.to_string()];
                mistakes.push(Mistake::at(&at, format!("`{path}` is listed twice")));
            }
        }
        mistakes
    }

    /// The short name of each file: without folder and ending where that tells
    /// the files apart, otherwise the whole path.
    pub(crate) fn short_names(&self) -> Vec<&'a str> {
        let stem = |path: &'_ str| {
            let name = path.rsplit('/').next().unwrap_or(path).len();
            let start = path.len() - name;
            let end =
                // a dot at the beginning of a name begins no ending
                path[start..].rfind('.').filter(|at| *at > 0).map_or(path.len(), |at| start + at);
            start..end
        };
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for path in self.iter() {
            *times.entry(&path[stem(path)]).or_default() += 1;
        }
        // two files of one name in two folders would have the same name in the column: both
        // are told in full
        let short = |path: &'_ str| (times[&path[stem(path)]] == 1).then(|| stem(path));
        self.iter().map(|path| short(path).map_or(path, |range| &path[range])).collect()
    }
}

impl Serialize for Paths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [only] => serializer.serialize_str(only),
            several => serializer.collect_seq(several),
        }
    }
}

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PathsVisitor)
    }
}

struct PathsVisitor;

impl<'de> Visitor<'de> for PathsVisitor {
    type Value = Paths;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a path or a list of paths")
    }

    fn visit_str<E: Error>(self, path: &str) -> Result<Paths, E> {
        Ok(Paths(vec![path.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Paths, A::Error> {
        let mut paths = Vec::new();
        while let Some(path) = items.next_element()? {
            paths.push(path);
        }
        Ok(Paths(paths))
    }
}

impl JsonSchema for Paths {
    fn schema_name() -> Cow<'static, str> {
        "Paths".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "array"], "items": { "type": "string" }, "minItems": 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(paths: &[&str]) -> Vec<String> {
        let paths = FilePaths(paths.iter().copied().enumerate().collect());
        paths.short_names().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_file_is_named_as_shortly_as_it_can_be_told() {
        // only the last ending goes
        assert_eq!(short(&["data/site_a.csv", "data/b.2024.csv"]), ["site_a", "b.2024"]);
        assert_eq!(short(&["a/x.csv", "b/x.csv", "c/y"]), ["a/x.csv", "b/x.csv", "y"]);
        assert_eq!(short(&[".hidden"]), [".hidden"]);
    }
}
