//! The store: every result by the digest of its content, and for every stage
//! what it was made of.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::ingredients::Ingredients;
use crate::{StageId, atomic};

/// What a stage came to: the digest of each of its objects, by slot.
pub(crate) type Slots = BTreeMap<String, String>;

/// How a stage was made the last time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Made {
    pub(crate) ingredients: Ingredients,
    pub(crate) slots: Slots,
}

/// Results kept in a folder.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    folder: PathBuf,
}

impl Store {
    pub(crate) fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Keeps `bytes`; the digest is their name.
    pub(crate) fn keep(&self, bytes: &[u8]) -> io::Result<String> {
        let digest = blake3::hash(bytes).to_hex().to_string();
        let path = self.object(&digest);
        if fs::read(&path).is_ok_and(|kept| blake3::hash(&kept).to_hex().as_str() == digest) {
            return Ok(digest);
        }
        atomic::replace_soon(&path, bytes)?;
        Ok(digest)
    }

    /// The object of a digest; none where it is missing or damaged.
    pub(crate) fn get(&self, digest: &str) -> Option<Vec<u8>> {
        let bytes = fs::read(self.object(digest)).ok()?;
        (blake3::hash(&bytes).to_hex().as_str() == digest).then_some(bytes)
    }

    fn object(&self, digest: &str) -> PathBuf {
        let (head, rest) = digest.split_at(digest.len().min(2));
        self.folder.join("objects").join(head).join(rest)
    }

    /// How a stage was made the last time, if its objects are all there.
    pub(crate) fn last(&self, id: &StageId) -> Option<Made> {
        self.read(&self.folder.join("stages").join(format!("{id}.json")))
    }

    /// What came of these ingredients at some time, if the objects are all there.
    pub(crate) fn remembered(&self, key: &str) -> Option<Made> {
        self.read(&self.folder.join("keys").join(format!("{key}.json")))
    }

    fn read(&self, path: &Path) -> Option<Made> {
        let made: Made = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        made.slots.values().all(|digest| self.get(digest).is_some()).then_some(made)
    }

    /// Notes how a stage was made.
    pub(crate) fn note(&self, id: &StageId, made: &Made) -> io::Result<()> {
        let bytes =
            serde_json::to_vec_pretty(made).expect("invariant: plain values always serialise");
        atomic::replace_soon(
            &self.folder.join("keys").join(format!("{}.json", made.ingredients.key())),
            &bytes,
        )?;
        atomic::replace_soon(&self.folder.join("stages").join(format!("{id}.json")), &bytes)
    }
}
