//! Files that are either the old one or the new one, whatever happens.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::faults::boundary;

/// How the names of temporary files begin.
// No output can have such a name (`paths::unfit`), so that taking leftovers away
// never takes one.
const PREFIX: &str = ".restudy-";
/// How many letters and digits follow.
const LETTERS: usize = 6;

/// Content that is safely on disk beside its place, and not yet in it.
pub(crate) struct Staged(NamedTempFile);

impl Staged {
    /// Writes `bytes` to a temporary file in the folder of `path`, and waits for the disk.
    pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<Self> {
        // In the folder of the target: a rename is one step only within one file system.
        let folder = path.parent().unwrap_or(Path::new("."));
        boundary(path)?;
        fs::create_dir_all(folder)?;
        let mut file = temporary_in(folder)?;
        boundary(path)?;
        file.write_all(bytes)?;
        set_plain_permissions(file.as_file())?;
        boundary(path)?;
        // The rename might reach the disk before the content does.
        file.as_file().sync_all()?;
        Ok(Self(file))
    }

    /// Puts it in its place.
    pub(crate) fn place(self, path: &Path) -> io::Result<()> {
        boundary(path)?;
        self.0.persist(path).map_err(|error| error.error)?;
        boundary(path)?;
        sync_folder(path.parent().unwrap_or(Path::new(".")))
    }
}

/// Replaces the file at `path` in one step without waiting for the disk: for
/// content that names its own digest, so that a torn file is found out.
pub(crate) fn replace_soon(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let beside = || temporary_in(folder);
    let mut file = match beside() {
        // Nearly always the folder is there: to ask each time would cost more than the
        // write.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder)?;
            beside()?
        }
        other => other?,
    };
    boundary(path)?;
    file.write_all(bytes)?;
    boundary(path)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Replaces the file at `path` with `bytes` in one step.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Staged::write(path, bytes)?.place(path)
}

/// Takes the file at `path` away.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    boundary(path)?;
    fs::remove_file(path)
}

/// Takes away what a killed run left in `folder` before it was put in its
/// place. Only who has the turn may do so.
pub(crate) fn sweep(folder: &Path) {
    // A folder that cannot be listed is told by the write that follows.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        // What is a folder or a link under such a name was made by somebody else.
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && is_temporary(&entry.file_name().to_string_lossy()) {
            // one that stays does no harm, and goes with the next run
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(PREFIX).rand_bytes(LETTERS).tempfile_in(folder)
}

/// Whether a name is one that this program gives to temporary files.
fn is_temporary(name: &str) -> bool {
    // The whole shape is asked for, so that a file of a user that only begins alike
    // stays.
    name.strip_prefix(PREFIX).is_some_and(|rest| {
        rest.len() == LETTERS && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Temporary files are private by default; what a run makes is to be read by others.
#[cfg(unix)]
fn set_plain_permissions(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_plain_permissions(_: &File) -> io::Result<()> {
    Ok(())
}

/// A rename is on disk once its folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
