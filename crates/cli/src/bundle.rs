//! A study as one file to hand on: what a run read and made, or the digests of
//! what may not leave the house, with what repositories, reviewers and data
//! editors ask for beside it. No byte of it comes from a clock, a path or a host.

mod archive;
mod citation;
mod codecheck;
mod crate_metadata;
mod inspection;
mod readme;
mod signature;
mod statement;

use std::collections::BTreeMap;

use engine::{Holding, Holdings, StageId, sha256};
use study::{PrivacyTier, StudySettings};

pub(crate) use citation::Citation;
pub(crate) use inspection::{Inspection, inspect};
pub(crate) use signature::{CheckingKey, SigningKey};

/// The files made for the bundle itself.
const README: &str = "README.md";
const CODECHECK: &str = "codecheck.yml";
const METADATA: &str = "ro-crate-metadata.json";
const STATEMENT: &str = "statement.intoto.json";
const ENVELOPE: &str = "statement.dsse.json";
const CITATION: &str = "CITATION.cff";

/// What is bundled.
pub(crate) struct Bundle<'a> {
    /// The files of the study.
    pub(crate) holdings: &'a Holdings,
    /// What holds for the whole study.
    pub(crate) study: &'a StudySettings,
    /// Who made it, when it was released and under which licence, as declared.
    pub(crate) citation: &'a Citation,
    /// Its stages, in the order of the file.
    pub(crate) stages: &'a [StageId],
    /// The key by which the statement is signed.
    pub(crate) key: Option<&'a SigningKey>,
}

impl Bundle<'_> {
    /// The archive.
    ///
    /// # Errors
    /// If a file of the study has the name of one that is made for the bundle, or if it is too
    /// large for the format.
    pub(crate) fn archive(&self) -> Result<Vec<u8>, String> {
        let mut entries = self.own_files();
        let made = [README, CODECHECK, METADATA, STATEMENT, ENVELOPE];
        // one of the two would otherwise be lost without a word
        if let Some(name) = made.iter().find(|name| entries.contains_key(**name)) {
            return Err(format!("`{name}` of the study has the name of a file of the bundle"));
        }
        entries.insert(README.to_owned(), readme::markdown(self).into_bytes());
        entries.insert(CODECHECK.to_owned(), codecheck::yaml(self).into_bytes());
        // it describes every file but itself and the statement, which names its digest
        let metadata = crate_metadata::json(self, &entries);
        entries.insert(METADATA.to_owned(), metadata.into_bytes());
        // Taken before the statement and its signature are in: neither can hold its own
        // digest.
        let digests = entries.iter().map(|(path, bytes)| (path.clone(), sha256(bytes)));
        let statement = statement::json(self, digests.collect());
        if let Some(key) = self.key {
            let envelope = key.envelope(statement.as_bytes());
            entries.insert(ENVELOPE.to_owned(), envelope.into_bytes());
        }
        entries.insert(STATEMENT.to_owned(), statement.into_bytes());
        archive::write(&entries)
    }

    /// The study's own files that go into the bundle.
    fn own_files(&self) -> BTreeMap<String, Vec<u8>> {
        let described = [&self.holdings.pipeline, &self.holdings.lock].into_iter();
        // pipeline file, lock and citation hold no rows, so no tier keeps them back
        let described = described.chain(&self.citation.file).cloned();
        let files = self.holdings.files.iter().filter(|file| !self.is_withheld(file));
        described.chain(files.map(|file| (file.path.clone(), file.bytes.clone()))).collect()
    }

    /// Rows of patients leave the house where the study's tier shows them with all that
    /// identifies; elsewhere their digests stand for them.
    fn is_withheld(&self, file: &Holding) -> bool {
        // an `internal` study is handed on within its house, as the README of the bundle
        // says
        let shares = matches!(self.study.privacy.tier, PrivacyTier::Open | PrivacyTier::Internal);
        file.is_data && !shares
    }

    /// The files of which the bundle holds the digest alone.
    pub(crate) fn withheld(&self) -> impl Iterator<Item = &Holding> {
        self.holdings.files.iter().filter(|file| self.is_withheld(file))
    }

    fn outputs(&self) -> impl Iterator<Item = &Holding> {
        self.holdings.files.iter().filter(|file| file.is_output)
    }

    fn inputs(&self) -> impl Iterator<Item = &Holding> {
        self.holdings.files.iter().filter(|file| !file.is_output)
    }
}
