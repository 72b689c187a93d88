//! Puts what the stages made into the reports folder, and the lock behind it.
//!
//! All new content is on disk before the first file changes its place, and
//! what stands in each place is looked at once more right before: what no run
//! made is never written over. The ledger says what is meant; if the program
//! is killed in between, the results are in the store and the next run
//! publishes them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::atomic::{self, Staged};
use crate::codec::file_of_slot;
use crate::digest::sha256;
use crate::disk::{self, Found, look};
use crate::ledger::{Contents, Known};
use crate::lockfile::Lock;
use crate::outputs::{is_source, misplaced};
use crate::paths::{meetings, shown};
use crate::project::Project;
use crate::store::{Slots, Store};
use crate::{Failure, attributes};

/// What a published run changed on disk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    /// Files that are new or have new content.
    pub written: Vec<String>,
    /// Files that no stage makes any more, and that were taken away.
    pub removed: Vec<String>,
    /// Files of the former lock that no stage makes any more, and that were
    /// left, because this store did not put them there.
    pub left: Vec<String>,
    /// How many files stayed as they were.
    pub unchanged: usize,
    /// The study was given a `.gitattributes`.
    pub attributes: bool,
}

/// How to publish.
pub(crate) struct Terms<'a> {
    /// What vouches for the files on disk.
    pub(crate) known: &'a Known,
    /// Write over what nobody vouches for.
    pub(crate) overwrite: bool,
    /// Every stage went well, so that the lock is written and what no stage
    /// makes any more is taken away.
    pub(crate) accepted: bool,
}

/// One file that is to change.
struct Step {
    path: String,
    /// SHA-256 of what stands there now.
    before: Option<String>,
    /// What is to stand there: its digest in the store and its SHA-256; nothing where it goes.
    after: Option<(String, String)>,
}

/// The files that the stages made: store digests by path.
pub(crate) fn made_files<'a>(
    project: &Project,
    slots: impl Iterator<Item = Option<&'a Slots>>,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut made: Vec<(usize, &str, &String)> = Vec::new();
    for (index, slots) in slots.enumerate() {
        let files = slots.into_iter().flatten();
        made.extend(files.filter_map(|(slot, digest)| Some((index, file_of_slot(slot)?, digest))));
    }
    let id = |index: usize| project.pipeline.stages[index].id.clone();
    // Asked again after the rehearsal: a link may have come, or a folder, while the
    // stages ran.
    if let Some((stage, path, reason)) =
        made.iter().find_map(|(index, path, _)| Some((index, path, misplaced(project, path)?)))
    {
        return Err(Failure::Misplaced { path: shown(path), stage: id(*stage), reason });
    }
    let places: Vec<(usize, &str)> = made.iter().map(|(index, path, _)| (*index, *path)).collect();
    if let Some(meeting) = meetings(&places).first() {
        return Err(Failure::SameFile {
            path: meeting.second.1.to_owned(),
            first: id(meeting.first.0),
            second: id(meeting.second.0),
        });
    }
    Ok(made.into_iter().map(|(_, path, digest)| (path.to_owned(), digest.clone())).collect())
}

/// The lock that goes with these results.
pub(crate) fn lock_of(project: &Project, store: &Store, files: &BTreeMap<String, String>) -> Lock {
    let content = |digest: &String| {
        store.get(digest).expect("invariant: the results of a run are in the store")
    };
    let outputs =
        files.iter().map(|(path, digest)| (path.clone(), sha256(&content(digest)))).collect();
    Lock { pipeline: project.meaning().to_owned(), inputs: project.files.for_lock(), outputs }
}

/// Whether a lock that agrees with the disk is the lock of these results, and
/// the files on disk are theirs: then there is nothing to publish.
pub(crate) fn is_published(
    project: &Project,
    files: &BTreeMap<String, String>,
    lock: &Lock,
) -> bool {
    let is_on_disk = |(path, digest): (&String, &String)| {
        let Ok(Found::File(bytes)) = look(&project.root, path) else { return false };
        blake3::hash(&bytes).to_hex().as_str() == digest
    };
    lock.pipeline == project.meaning()
        && lock.inputs == project.files.for_lock()
        && lock.outputs.keys().eq(files.keys())
        && files.iter().all(is_on_disk)
}

/// Publishes the files of a run, all or none of them.
///
/// # Errors
/// If something stands in the way that no run made: then nothing is changed.
pub(crate) fn publish(
    project: &Project,
    store: &Store,
    files: &BTreeMap<String, String>,
    terms: &Terms<'_>,
) -> Result<Published, Failure> {
    // We have the turn: what lies there under such a name belongs to nobody who lives.
    sweep(project, files.keys());
    let lock = lock_of(project, store, files);
    let mut steps = survey(project, files, &lock, terms)?;
    let mut published = Published { unchanged: files.len() - steps.len(), ..Published::default() };
    if terms.accepted {
        let (gone, left) = surplus(project, files, terms)?;
        steps.extend(gone);
        published.left = left;
    }
    let locks = terms.accepted && terms.known.lock.as_ref() != Some(&lock);
    // A checkout may have brought another lock since the run began: that one would be
    // lost.
    if locks && project.read_lock()? != terms.known.lock {
        let path = project.lock_path().display().to_string();
        return Err(Failure::Tampered { paths: vec![path] });
    }
    // The outputs before the lock: a lock must never name content that is not there
    // yet. After a kill in between it is the former one, and the journal vouches for
    // the new files.
    carry_out(project, store, &steps, terms)?;
    if locks {
        let path = project.lock_path();
        atomic::replace(&path, lock.to_text().as_bytes())
            .map_err(|error| Failure::file("write", &path, &error))?;
        // After the lock, of which it takes the paths.
        published.attributes = attributes::provide(project, &lock)?;
    }
    // Last: only now is nothing under way.
    terms.known.end(project, &lock.outputs, terms.accepted)?;
    for step in steps {
        let list =
            if step.after.is_some() { &mut published.written } else { &mut published.removed };
        list.push(step.path);
    }
    Ok(published)
}

/// The files that are to be written, after nothing was found to be in the way of any.
fn survey(
    project: &Project,
    files: &BTreeMap<String, String>,
    lock: &Lock,
    terms: &Terms<'_>,
) -> Result<Vec<Step>, Failure> {
    let mut steps = Vec::new();
    let mut foreign = Vec::new();
    for (path, object) in files {
        // Two pipeline files in one folder would replace one another's page with every run.
        if let Some(other) = terms.known.owner(path) {
            return Err(Failure::Taken { path: path.clone(), other: other.to_owned() });
        }
        let made = &lock.outputs[path];
        let before = match find(project, path)? {
            Some(bytes) => {
                let digest = sha256(&bytes);
                // Nothing to change here, and nothing that could be lost.
                if digest == *made {
                    continue;
                }
                if !terms.may_replace(path, &bytes, &digest, Some(made)) {
                    foreign.push(path.clone());
                }
                Some(digest)
            }
            None => None,
        };
        let after = Some((object.clone(), made.clone()));
        steps.push(Step { path: path.clone(), before, after });
    }
    terms.refuse(foreign).map(|()| steps)
}

/// The former outputs that go, and those that stay though no stage makes them.
fn surplus(
    project: &Project,
    files: &BTreeMap<String, String>,
    terms: &Terms<'_>,
) -> Result<(Vec<Step>, Vec<String>), Failure> {
    let (mut gone, mut left, mut foreign) = (Vec::new(), Vec::new(), Vec::new());
    for path in terms.known.outputs() {
        // whatever a lock says, what the study is made from stays
        if files.contains_key(path) || is_source(project, path) {
            continue;
        }
        // What is gone already, or is no plain file any more, is nothing to take away.
        let Ok(Found::File(bytes)) = look(&project.root, path) else { continue };
        let digest = sha256(&bytes);
        // A lock alone does not let a file go: it may have come from elsewhere
        // (ARCHITECTURE.md).
        if !terms.known.is_published(path) || terms.known.owner(path).is_some() {
            left.push(path.clone());
        } else if terms.may_replace(path, &bytes, &digest, None) {
            gone.push(Step { path: path.clone(), before: Some(digest), after: None });
        } else {
            foreign.push(path.clone());
        }
    }
    terms.refuse(foreign).map(|()| (gone, left))
}

impl Terms<'_> {
    /// Whether nothing of anybody's own is lost with this content.
    fn may_replace(&self, path: &str, bytes: &[u8], digest: &str, made: Option<&String>) -> bool {
        self.overwrite
            || self.known.vouches(path, digest)
            || self.known.vouches_but_for_line_ends(path, bytes)
            // Git may have converted what a run elsewhere made.
            || made.is_some_and(|made| disk::only_line_ends_differ(bytes, made))
    }

    fn refuse(&self, foreign: Vec<String>) -> Result<(), Failure> {
        let (changed, strange): (Vec<String>, Vec<String>) =
            foreign.into_iter().partition(|path| self.known.is_output(path));
        match (changed.is_empty(), strange.is_empty()) {
            (true, true) => Ok(()),
            (false, _) => Err(Failure::Tampered { paths: changed }),
            (true, false) => Err(Failure::Occupied { paths: strange }),
        }
    }
}

/// The content at the place of an output, if there is any.
fn find(project: &Project, path: &str) -> Result<Option<Vec<u8>>, Failure> {
    let failed = |error| Failure::file("read", &project.root.join(path), &error);
    match look(&project.root, path).map_err(failed)? {
        Found::Nothing => Ok(None),
        Found::File(bytes) => Ok(Some(bytes)),
        Found::Obstacle(reason) => Err(Failure::Obstacle { path: shown(path), reason }),
    }
}

/// Writes all that is new beside its place, notes what is meant, and then
/// changes one file after the other.
fn carry_out(
    project: &Project,
    store: &Store,
    steps: &[Step],
    terms: &Terms<'_>,
) -> Result<(), Failure> {
    if steps.is_empty() {
        return Ok(());
    }
    // All content first. A full disk is met here, where no file has changed yet, and
    // what was staged goes with the error.
    let staged = steps.iter().map(|step| stage(project, store, step));
    let staged: Vec<Option<Staged>> = staged.collect::<Result<_, _>>()?;
    let contents: Contents = steps
        .iter()
        .map(|step| {
            let after = step.after.as_ref().map(|(_, digest)| digest.clone());
            (step.path.clone(), step.before.iter().cloned().chain(after).collect())
        })
        .collect();
    // On disk before the first file changes its place: whoever finds old and new side
    // by side after a kill finds this too.
    terms.known.begin(project, contents)?;
    for (step, staged) in steps.iter().zip(staged) {
        // somebody may have saved the file since it was surveyed
        if find(project, &step.path)?.map(|bytes| sha256(&bytes)) != step.before {
            return Err(Failure::Tampered { paths: vec![step.path.clone()] });
        }
        let path = project.root.join(&step.path);
        match staged {
            Some(staged) => staged.place(&path),
            None => atomic::remove(&path),
        }
        .map_err(|error| Failure::file("replace", &path, &error))?;
    }
    Ok(())
}

fn stage(project: &Project, store: &Store, step: &Step) -> Result<Option<Staged>, Failure> {
    let Some((object, _)) = &step.after else { return Ok(None) };
    let path = project.root.join(&step.path);
    // Read once more from the store and not held since it was made: outputs may be
    // large together.
    let bytes = store.get(object).ok_or_else(|| Failure::File {
        doing: "read",
        path: project.store_folder().display().to_string(),
        reason: format!("the stored content of `{}` is gone", step.path),
    })?;
    let staged = Staged::write(&path, &bytes);
    staged.map(Some).map_err(|error| Failure::file("write", &path, &error))
}

/// Takes away the temporary files that a killed run left beside these outputs.
fn sweep<'a>(project: &Project, outputs: impl Iterator<Item = &'a String>) {
    let paths = outputs.map(|path| project.root.join(path)).chain([project.lock_path()]);
    let folders: BTreeSet<PathBuf> =
        paths.filter_map(|path| path.parent().map(Into::into)).collect();
    folders.iter().for_each(|folder| atomic::sweep(folder));
}
