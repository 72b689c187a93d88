//! One run at a time: a lock of the operating system that dies with its
//! holder; and a folder for what must not outlive a command.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::project::Project;
use crate::{Failure, disk};

/// What stands before the number of the process that holds a turn.
const HOLDER: &str = "process ";
/// More than any holder takes, in bytes.
const LONGEST_HOLDER: u64 = 64;
/// Keeps git from the store.
const IGNORE: &str = ".gitignore";
/// The lock of who uses the folder for scratch.
const TURN_OF_SCRATCH: &str = "verifying.turn";

/// The right to run; given back when dropped.
pub(crate) struct Turn(#[expect(dead_code, reason = "held for the lock on it")] File);

/// Waits for the right to run; `waiting` is told for whom.
pub(crate) fn take(project: &Project, waiting: &dyn Fn(&str)) -> Result<Turn, Failure> {
    let path = project.store_folder().join("turn");
    hold(&path, waiting).map_err(|error| Failure::file("lock", &path, &error))
}

fn hold(path: &Path, waiting: &dyn Fn(&str)) -> io::Result<Turn> {
    let mut file = open(path)?;
    // Tried first, so that only who has to wait is told.
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Read without the lock: it is for a message, and may be out of date.
            file.read_to_string(&mut holder)?;
            waiting(holder.trim());
            file.lock()?;
        }
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Only with the lock in hand: the former holder's number may be longer. The file
    // stays when the run ends; the system's lock on it goes with the process.
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    writeln!(file, "{HOLDER}{}", std::process::id())?;
    Ok(Turn(file))
}

fn open(path: &Path) -> io::Result<File> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // the store holds rows of patients: no `git add` takes it along
    match File::create_new(folder.join(IGNORE)) {
        Ok(mut ignore) => ignore.write_all(b"*\n")?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    if path.symlink_metadata().is_ok() && !is_turn(path) {
        // it came with somebody else's store: what it is a name of stays as it is
        fs::remove_file(path)?;
    }
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// Whether a file holds what this program writes there, and is no other file's name.
fn is_turn(path: &Path) -> bool {
    let is_plain = path.symlink_metadata().is_ok_and(|found| found.is_file());
    // A hard link to another file passes as plain: its content tells it.
    is_plain
        && disk::read_plain(path, LONGEST_HOLDER)
            .is_ok_and(|holder| holder.is_empty() || holder.starts_with(HOLDER.as_bytes()))
}

/// A folder for a result that nobody keeps; it goes when dropped, and what a
/// killed process left of it goes with the next command that writes.
pub(crate) struct Scratch {
    place: Place,
}

enum Place {
    /// In the store, and nobody else's while the turn is held; `is_first`
    /// where there was no store before.
    Store { folder: PathBuf, is_first: bool, _turn: Turn },
    /// Where the study's folder cannot be written.
    Elsewhere(tempfile::TempDir),
}

impl Scratch {
    pub(crate) fn path(&self) -> &Path {
        match &self.place {
            Place::Store { folder, .. } => folder,
            Place::Elsewhere(folder) => folder.path(),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let Place::Store { folder, is_first, .. } = &self.place else { return };
        // what stays goes with the next command
        let _ = fs::remove_dir_all(folder);
        // A verification leaves no store in a folder that had none.
        if *is_first && let Some(store) = folder.parent() {
            for file in [TURN_OF_SCRATCH, IGNORE] {
                let _ = fs::remove_file(store.join(file));
            }
            // stays where a run has begun to fill it meanwhile
            // Only an empty folder goes this way.
            let _ = fs::remove_dir(store);
        }
    }
}

fn scratch_paths(project: &Project) -> (PathBuf, PathBuf) {
    let store = project.store_folder();
    (store.join("verifying"), store.join(TURN_OF_SCRATCH))
}

/// An empty folder that only its owner may look into.
pub(crate) fn take_scratch(project: &Project) -> Result<Scratch, Failure> {
    let (folder, turn) = scratch_paths(project);
    let is_first = !project.store_folder().exists();
    // A study on a disk that can only be read can still be verified.
    let Ok(turn) = hold(&turn, &|_| {}) else {
        let place = tempfile::tempdir()
            .map_err(|error| Failure::file("make a folder in", &std::env::temp_dir(), &error))?;
        return Ok(Scratch { place: Place::Elsewhere(place) });
    };
    // With the turn held nobody is at work there: what stands is of a killed process.
    let made = remove(&folder).and_then(|()| private_folder(&folder));
    made.map_err(|error| Failure::file("make the folder", &folder, &error))?;
    Ok(Scratch { place: Place::Store { folder, is_first, _turn: turn } })
}

/// Takes away what a killed process left, unless one is at work there.
pub(crate) fn clear_scratch(project: &Project) {
    // Asked without waiting: a verification may be under way, and is left alone.
    let (folder, turn) = scratch_paths(project);
    if folder.symlink_metadata().is_err() {
        return;
    }
    if let Ok(file) = open(&turn)
        && file.try_lock().is_ok()
    {
        // the folder is private, and the next command tries again
        let _ = remove(&folder);
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    // Created with these rights and not given them later: in between others could look
    // in.
    DirBuilder::new().mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().create(folder)
}
