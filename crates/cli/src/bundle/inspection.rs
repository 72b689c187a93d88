//! A bundle held against itself: its statement, its lock, and the bytes that this
//! program writes.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use engine::{Lock, sha256};

use super::archive::{self, Entries};
use super::signature::{self, CheckingKey};
use super::statement::{self, Stated};
use super::{ENVELOPE, STATEMENT};

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Inspection {
    /// What is wrong: the file, and how.
    pub(crate) faults: Vec<(String, String)>,
    /// How many files have the digest that is stated.
    pub(crate) agree: usize,
    /// How many files are stated by their digest and not in the bundle.
    pub(crate) withheld: usize,
    entries: Entries,
    /// The signature is that of the key that was given.
    pub(crate) is_signed: bool,
    /// The name of the pipeline file.
    pipeline: String,
}

impl Inspection {
    /// Writes all files below a folder; gives the place of the pipeline file.
    ///
    /// # Errors
    /// If a file cannot be written, or would lie elsewhere.
    pub(crate) fn unpack(&self, folder: &Path) -> io::Result<PathBuf> {
        for (path, bytes) in &self.entries {
            // a path such as `../x` in a foreign archive would write outside the folder
            let is_below =
                Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
            // Windows takes a backslash for a separator, which the check of the parts does not
            // see elsewhere
            if !is_below || path.contains('\\') {
                return Err(io::Error::other(format!("`{path}` is no path below the bundle")));
            }
            let place = folder.join(path);
            if let Some(parent) = place.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(place, bytes)?;
        }
        Ok(folder.join(&self.pipeline))
    }

    fn fault(&mut self, path: &str, how: impl Into<String>) {
        self.faults.push((path.to_owned(), how.into()));
    }
}

/// Compares all digests of a bundle, its signature, and every byte of its headers.
pub(crate) fn inspect(bytes: &[u8], key: Option<&CheckingKey>) -> Inspection {
    let mut found = Inspection::default();
    match archive::read(bytes) {
        Ok(entries) => found.entries = entries,
        Err(how) => {
            found.fault("the bundle", how);
            // without entries there is nothing to compare
            return found;
        }
    }
    match found.entries.get(STATEMENT).map(|bytes| statement::read(bytes)) {
        Some(Some(stated)) => compare(&mut found, &stated),
        Some(None) => found.fault(STATEMENT, "is no statement of a bundle"),
        None => {
            found.fault(STATEMENT, "is not there, so that nothing says what the files should be");
        }
    }
    let signed = [ENVELOPE, STATEMENT].map(|name| found.entries.get(name));
    match signed {
        [Some(envelope), Some(statement)] => match signature::fault(envelope, statement, key) {
            Some(how) => found.fault(ENVELOPE, how),
            // without a key only the content of the envelope is known to fit
            None => found.is_signed = key.is_some(),
        },
        // whoever names a key wants to know that it signed
        _ if key.is_some() => found.fault("the bundle", "is not signed"),
        _ => {}
    }
    // the digests cover what the files hold; this covers headers, permissions and
    // whatever stands between
    if let Some(part) = archive::first_difference(bytes, &found.entries) {
        found.fault("the bundle", format!("is not as it was written: {part}"));
    }
    found
}

fn compare(found: &mut Inspection, stated: &Stated) {
    found.pipeline.clone_from(&stated.pipeline);
    let withheld: BTreeSet<&String> = stated.withheld.iter().collect();
    for (path, digest) in &stated.digests {
        match found.entries.get(path) {
            Some(bytes) if sha256(bytes) == *digest => found.agree += 1,
            Some(_) => found.fault(path, "is not what the statement says"),
            // kept back on purpose, and said so
            None if withheld.contains(path) => found.withheld += 1,
            None => found.fault(path, "is stated and not there"),
        }
    }
    let paths: Vec<String> = found.entries.keys().cloned().collect();
    for path in paths.iter().filter(|path| ![STATEMENT, ENVELOPE].contains(&path.as_str())) {
        // a file that was put in later has no digest to differ from
        if !stated.digests.contains_key(path) {
            found.fault(path, "is in the bundle, and the statement does not name it");
        }
    }
    let lock = found.entries.get(&stated.lock).and_then(|bytes| std::str::from_utf8(bytes).ok());
    match lock.map(Lock::parse) {
        None => found.fault(&stated.lock, "is not there as text"),
        Some(Err(error)) => found.fault(&stated.lock, error.to_string()),
        Some(Ok(lock)) => {
            // the lock is of the run itself: a statement made for other files contradicts it
            for (path, digest) in lock.inputs.iter().chain(&lock.outputs) {
                if stated.digests.get(path) != Some(digest) {
                    found.fault(path, "has another digest in the lock than in the statement");
                }
            }
        }
    }
}
