//! One run at a time: a lock of the operating system that dies with its holder.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};

use crate::Failure;
use crate::project::Project;

/// The right to run; given back when dropped.
pub(crate) struct Turn(#[expect(dead_code, reason = "held for the lock on it")] File);

/// Waits for the right to run; `waiting` is told for whom.
pub(crate) fn take(project: &Project, waiting: &dyn Fn(&str)) -> Result<Turn, Failure> {
    let folder = project.store_folder();
    let path = folder.join("turn");
    let fail = |error: io::Error| Failure::file("lock", &path, &error);
    fs::create_dir_all(&folder).map_err(fail)?;
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(fail)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder).map_err(fail)?;
            waiting(holder.trim());
            file.lock().map_err(fail)?;
        }
        Err(TryLockError::Error(error)) => return Err(fail(error)),
    }
    file.set_len(0).map_err(fail)?;
    file.seek(SeekFrom::Start(0)).map_err(fail)?;
    writeln!(file, "process {}", std::process::id()).map_err(fail)?;
    Ok(Turn(file))
}
