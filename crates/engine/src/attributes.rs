//! `.gitattributes` of a study. Where git is set to convert line ends, a
//! checkout changes every text file, and no digest of the lock agrees any
//! more; two lines in this file keep git from it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use crate::lockfile::Lock;
use crate::project::Project;
use crate::{Failure, atomic, disk};

const NAME: &str = ".gitattributes";

/// Writes it where neither the study nor a folder above it, as far as the
/// repository goes, has one that speaks of line ends. Says whether it did.
pub(crate) fn provide(project: &Project, lock: &Lock) -> Result<bool, Failure> {
    let path = project.root.join(NAME);
    // Whatever has the name is somebody's own, a link without a target too.
    if path.symlink_metadata().is_ok() || is_provided_above(&project.root) {
        return Ok(false);
    }
    let text = text_for(&project.own_files().collect::<Vec<_>>(), lock);
    atomic::replace(&path, text.as_bytes())
        .map(|()| true)
        .map_err(|error| Failure::file("write", &path, &error))
}

fn is_provided_above(root: &Path) -> bool {
    let Ok(root) = fs::canonicalize(root) else { return false };
    for folder in root.ancestors() {
        // A file that cannot be read says nothing, and the study gets lines of its own.
        if speaks_of_line_ends(&folder.join(NAME)).unwrap_or(false) {
            return true;
        }
        // Git looks for attributes no further up than the root of the repository.
        if folder.join(".git").exists() {
            return false;
        }
    }
    false
}

fn speaks_of_line_ends(path: &Path) -> io::Result<bool> {
    let bytes = disk::read_plain(path, disk::LARGEST_TEXT)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    // Only a pattern for all files: one for some of them leaves the others to be
    // converted.
    let rules = text.lines().filter(|line| line.starts_with('*'));
    Ok(rules.flat_map(str::split_whitespace).any(|word| matches!(word, "-text" | "eol=lf")))
}

/// The study's own files, and the folders that its files stand in.
fn text_for(own: &[String], lock: &Lock) -> String {
    let mut patterns: BTreeSet<String> = own.iter().map(|name| pattern(name, false)).collect();
    // By their first folder, as the file is written once and later outputs stand in the
    // same.
    for path in lock.inputs.keys().chain(lock.outputs.keys()) {
        patterns.insert(match path.split_once('/') {
            Some((folder, _)) => pattern(folder, true),
            None => pattern(path, false),
        });
    }
    let mut text =
        "# pipeline.lock knows every byte of these files: git leaves their line ends alone\n"
            .to_owned();
    for pattern in patterns {
        text.push_str(&pattern);
        text.push_str(" -text\n");
    }
    text
}

/// A pattern for one file, or for all below a folder, at the study's own level.
fn pattern(name: &str, is_folder: bool) -> String {
    let below = if is_folder { "/**" } else { "" };
    let escaped: String = name
        .chars()
        .flat_map(|c| {
            let special = matches!(c, '*' | '?' | '[' | ']' | '\\');
            special.then_some('\\').into_iter().chain(Some(c))
        })
        .collect();
    // A blank ends a pattern for git, so such a name needs quotes, and inside of these
    // a backslash is an escape once more.
    if name.contains([' ', '"', '\\']) {
        let quoted = escaped.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"/{quoted}{below}\"")
    } else {
        format!("/{escaped}{below}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_what_the_lock_names() {
        let digest = String::new();
        let lock = Lock {
            pipeline: String::new(),
            inputs: [
                ("data/raw/a.csv", &digest),
                ("notes.md", &digest),
                ("raw data/b.csv", &digest),
            ]
            .map(|(path, digest)| (path.to_owned(), digest.clone()))
            .into(),
            outputs: [("reports/a.html".to_owned(), digest.clone())].into(),
        };
        // A path of each sort: below a folder, beside the pipeline file, in a folder with a
        // blank.
        let text = text_for(&["pipeline.yaml".to_owned(), "pipeline.lock".to_owned()], &lock);
        let patterns: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            patterns,
            [
                "\"/raw data/**\" -text",
                "/data/** -text",
                "/notes.md -text",
                "/pipeline.lock -text",
                "/pipeline.yaml -text",
                "/reports/** -text",
            ]
        );
    }
}
