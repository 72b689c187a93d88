//! The store: every result by the digest of its content, and for every stage
//! what it was made of.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::declared::Declared;
use crate::ingredients::Ingredients;
use crate::lockfile::Digests;
use crate::{StageId, atomic};

const REHEARSAL: &str = "rehearsal.json";
const WHOLE: &str = "whole.json";

/// A pipeline of which every stage was made.
#[derive(Debug, Serialize, Deserialize)]
struct Whole<S> {
    /// Digest of all that its results depend on.
    key: String,
    /// What each stage came to, in the order of the file.
    slots: Vec<S>,
    /// SHA-256 of the files that they put into their places, by path.
    outputs: Digests,
    /// The length of each object in bytes.
    lengths: BTreeMap<String, u64>,
}

/// What a stage came to: the digest of each of its objects, by slot.
pub(crate) type Slots = BTreeMap<String, String>;

/// How a stage was made the last time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Made {
    pub(crate) ingredients: Ingredients,
    pub(crate) slots: Slots,
}

/// How closely the objects of a remembered result are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// They are there: enough where none of them is read.
    There,
    /// They are there and undamaged.
    Whole,
}

/// Results kept in a folder.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    folder: PathBuf,
    /// A store that lends what this one has not; nothing is written there.
    lender: Option<Arc<Store>>,
}

impl Store {
    pub(crate) fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), lender: None }
    }

    /// A store in a folder that takes from another one what it has not itself.
    pub(crate) fn over(folder: &Path, lender: Self) -> Self {
        Self { folder: folder.to_owned(), lender: Some(Arc::new(lender)) }
    }

    /// Keeps `bytes`; the digest is their name.
    pub(crate) fn keep(&self, bytes: &[u8]) -> io::Result<String> {
        let digest = blake3::hash(bytes).to_hex().to_string();
        // Read and compared, not only looked for: a damaged object is written anew.
        if self.get(&digest).is_some() {
            return Ok(digest);
        }
        // Not forced to disk, as there are hundreds of them: after a crash a torn one is
        // found by its digest, and its stage runs again.
        atomic::replace_soon(&self.object(&digest), bytes)?;
        Ok(digest)
    }

    /// The object of a digest; none where it is missing or damaged.
    pub(crate) fn get(&self, digest: &str) -> Option<Vec<u8>> {
        let own = fs::read(self.object(digest)).ok();
        // Compared with every read: this is where rot is found.
        let own = own.filter(|bytes| blake3::hash(bytes).to_hex().as_str() == digest);
        own.or_else(|| self.lender.as_ref()?.get(digest))
    }

    fn object(&self, digest: &str) -> PathBuf {
        // By two letters, as folders of many thousand names are slow on some file systems.
        let (head, rest) = digest.split_at(digest.len().min(2));
        self.folder.join("objects").join(head).join(rest)
    }

    /// How a stage was made the last time, if its objects are all there.
    pub(crate) fn last(&self, id: &StageId, care: Care) -> Option<Made> {
        let own = self.read(&self.folder.join("stages").join(format!("{id}.json")), care);
        own.or_else(|| self.lender.as_ref()?.last(id, care))
    }

    /// What came of these ingredients at some time, if the objects are all there.
    pub(crate) fn remembered(&self, key: &str, care: Care) -> Option<Made> {
        let own = self.read(&self.folder.join("keys").join(format!("{key}.json")), care);
        own.or_else(|| self.lender.as_ref()?.remembered(key, care))
    }

    fn read(&self, path: &Path, care: Care) -> Option<Made> {
        let made: Made = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        // A result of which one object is gone is as good as none.
        made.slots.values().all(|digest| self.holds(digest, care)).then_some(made)
    }

    fn holds(&self, digest: &str, care: Care) -> bool {
        match care {
            Care::There => {
                self.object(digest).is_file()
                    || self.lender.as_ref().is_some_and(|lender| lender.holds(digest, care))
            }
            Care::Whole => self.get(digest).is_some(),
        }
    }

    /// What all stages came to when the whole pipeline of this digest was last
    /// made, if its objects are there at their full length. One small file says so:
    /// what each stage was made of need not be looked at where nothing changed.
    /// With them come the digests of their files.
    pub(crate) fn whole(&self, key: &str) -> Option<(Vec<Slots>, Digests)> {
        let kept = fs::read(self.folder.join(WHOLE)).ok()?;
        let whole: Whole<Slots> = serde_json::from_slice(&kept).ok()?;
        // Of this store alone: a lender's whole is of another pipeline.
        let is_there = |(digest, length): (&String, &u64)| {
            fs::metadata(self.object(digest)).is_ok_and(|found| found.len() == *length)
        };
        let is_whole = whole.key == key && whole.lengths.iter().all(is_there);
        // Of another key nothing is taken over, not even in part.
        is_whole.then_some((whole.slots, whole.outputs))
    }

    /// Notes what all stages came to.
    pub(crate) fn note_whole(
        &self,
        key: &str,
        slots: Vec<&Slots>,
        outputs: Digests,
    ) -> io::Result<()> {
        let mut lengths = BTreeMap::new();
        for digest in slots.iter().flat_map(|slots| slots.values()) {
            // A length costs no reading, and tells an object that was cut off.
            lengths.insert(digest.clone(), fs::metadata(self.object(digest))?.len());
        }
        let whole = Whole { key: key.to_owned(), slots, outputs, lengths };
        let bytes = serde_json::to_vec(&whole).expect("invariant: plain values always serialise");
        atomic::replace_soon(&self.folder.join(WHOLE), &bytes)
    }

    /// What every stage read of its tables in the rehearsal of this digest.
    pub(crate) fn rehearsal(&self, key: &str) -> Option<Declared> {
        let kept = fs::read(self.folder.join(REHEARSAL)).ok()?;
        let (of, declared): (String, Declared) = serde_json::from_slice(&kept).ok()?;
        (of == key).then_some(declared)
    }

    /// Notes what every stage read in its rehearsal.
    pub(crate) fn note_rehearsal(&self, key: &str, declared: &Declared) -> io::Result<()> {
        let bytes = serde_json::to_vec(&(key, declared));
        let bytes = bytes.expect("invariant: plain values always serialise");
        atomic::replace_soon(&self.folder.join(REHEARSAL), &bytes)
    }

    /// Notes how a stage was made.
    pub(crate) fn note(&self, id: &StageId, made: &Made) -> io::Result<()> {
        let bytes =
            serde_json::to_vec_pretty(made).expect("invariant: plain values always serialise");
        // By its key for whoever comes back to these parameters, and by its name for the
        // reasons of the next change.
        atomic::replace_soon(
            &self.folder.join("keys").join(format!("{}.json", made.ingredients.key())),
            &bytes,
        )?;
        atomic::replace_soon(&self.folder.join("stages").join(format!("{id}.json")), &bytes)
    }
}
