//! `pipeline.lock`: the SHA-256 of every file that went into the last accepted
//! run and of every file it made. `sha256sum -c pipeline.lock` checks it.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::digest::is_sha256;
use crate::paths;

// Behind `#`, which `sha256sum -c` passes over.
const HEADER: &str = "# restudy lock 1";
const PIPELINE: &str = "# pipeline ";
const INPUTS: &str = "# inputs";
const OUTPUTS: &str = "# outputs";

/// Digests of files by path relative to the pipeline file.
pub(crate) type Digests = BTreeMap<String, String>;

/// What the last accepted run read and made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// Digest of what the pipeline file said.
    pub pipeline: String,
    /// The files that were read.
    pub inputs: Digests,
    /// The files that were made.
    pub outputs: Digests,
}

/// A lock that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the lock {}: `{text}`", self.said())]
pub struct LockError {
    /// The line, from 1.
    pub line: usize,
    /// What stands there.
    pub text: String,
}

/// Whether git wrote this line, where it left both sides of a merge in a file.
pub(crate) fn is_mark_of_a_merge(line: &str) -> bool {
    ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark))
}

impl LockError {
    /// Whether git left both sides of a merge in the lock.
    #[must_use]
    pub fn is_unmerged(&self) -> bool {
        is_mark_of_a_merge(&self.text)
    }

    fn said(&self) -> &'static str {
        if self.is_unmerged() { "is a mark of a merge" } else { "is not understood" }
    }
}

impl Lock {
    /// The lock as text: sorted, one line a file, nothing of when or where.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEADER}\n{PIPELINE}{}\n", self.pipeline);
        for (title, files) in [(INPUTS, &self.inputs), (OUTPUTS, &self.outputs)] {
            writeln!(text, "{title}").expect("invariant: text grows");
            for (path, digest) in files {
                // Two blanks, as `sha256sum` reads them.
                writeln!(text, "{digest}  {path}").expect("invariant: text grows");
            }
        }
        text
    }

    /// Reads a lock.
    ///
    /// # Errors
    /// With the first line that is not one of a lock.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        let mut lock = Self::default();
        let mut into = None;
        let mut are_outputs = false;
        for (index, line) in text.lines().enumerate() {
            let wrong = || LockError { line: index + 1, text: line.to_owned() };
            match line {
                HEADER if index == 0 => {}
                // A lock of another version is not read half-right: it may mean something else.
                _ if index == 0 => return Err(wrong()),
                _ if index == 1 => match line.strip_prefix(PIPELINE) {
                    Some(digest) if is_sha256(digest) => lock.pipeline = digest.to_owned(),
                    _ => return Err(wrong()),
                },
                INPUTS => into = Some(&mut lock.inputs),
                OUTPUTS => {
                    into = Some(&mut lock.outputs);
                    are_outputs = true;
                }
                _ => {
                    let (digest, path) = line
                        .split_once("  ")
                        .filter(|(digest, path)| {
                            // What a lock calls an output can be taken away, so it must be one that
                            // a run could have made. Inputs are only compared, under whatever name
                            // they have.
                            is_sha256(digest) && !(are_outputs && paths::unfit(path).is_some())
                        })
                        .ok_or_else(wrong)?;
                    into.as_mut().ok_or_else(wrong)?.insert(path.to_owned(), digest.to_owned());
                }
            }
        }
        // An empty file has no line that could be wrong, and is no lock either.
        if text.is_empty() { Err(LockError { line: 1, text: String::new() }) } else { Ok(lock) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256;

    #[test]
    fn a_lock_reads_back() {
        let lock = Lock {
            pipeline: sha256(b"p"),
            inputs: Digests::from([("data/raw/a.csv".into(), sha256(b"a"))]),
            outputs: Digests::from([
                ("reports/b.html".into(), sha256(b"b")),
                ("reports/a.html".into(), sha256(b"")),
            ]),
        };
        let text = lock.to_text();
        assert_eq!(Lock::parse(&text), Ok(lock));
        assert!(text.starts_with("# restudy lock 1\n# pipeline 148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940\n# inputs\nca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  data/raw/a.csv\n# outputs\n"));
    }

    #[test]
    fn a_damaged_line_is_named() {
        let text = format!("# restudy lock 1\n# pipeline {}\n# inputs\nabc  x\n", sha256(b""));
        let error = Lock::parse(&text).expect_err("no digest");
        assert_eq!(error.to_string(), "line 4 of the lock is not understood: `abc  x`");
        assert!(Lock::parse("").is_err());
    }

    #[test]
    fn a_merge_that_nobody_resolved_is_told_as_one() {
        let digest = sha256(b"");
        let text = format!(
            "# restudy lock 1\n<<<<<<< HEAD\n# pipeline {digest}\n=======\n# pipeline {digest}\n"
        );
        let error = Lock::parse(&text).expect_err("two sides");
        assert!(error.is_unmerged());
        assert_eq!(error.to_string(), "line 2 of the lock is a mark of a merge: `<<<<<<< HEAD`");
    }

    #[test]
    fn an_output_outside_the_study_is_no_output() {
        for path in ["/etc/passwd", "../other/report.html", "reports/../../x", ".git/config"] {
            let digest = sha256(b"");
            let inputs = format!("# restudy lock 1\n# pipeline {digest}\n# inputs\n");
            assert!(Lock::parse(&format!("{inputs}{digest}  {path}\n# outputs\n")).is_ok());
            assert!(Lock::parse(&format!("{inputs}# outputs\n{digest}  {path}\n")).is_err());
        }
    }
}
