//! What stands on disk, looked at without being led astray: no link is
//! followed to an output, nothing but a plain file is read, and no more of it
//! than there should be.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Component, Path};

use crate::digest::sha256;

/// The longest pipeline file, lock or text of a page: 16 MiB.
pub(crate) const LARGEST_TEXT: u64 = 16 << 20;
/// The largest raw file: 4 GiB.
pub(crate) const LARGEST_DATA: u64 = 4 << 30;

/// What stands where an output has its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing.
    Nothing,
    /// A plain file with this content.
    File(Vec<u8>),
    /// Something that no run writes over, in words behind the path.
    Obstacle(String),
}

/// Looks at `path` below `root`; a link on the way is an obstacle, wherever it leads.
pub(crate) fn look(root: &Path, path: &str) -> io::Result<Found> {
    if let Some(obstacle) = obstacle(root, path) {
        return Ok(Found::Obstacle(obstacle));
    }
    match read_plain(&root.join(path), LARGEST_DATA) {
        Ok(bytes) => Ok(Found::File(bytes)),
        Err(error) if is_absent(&error) => Ok(Found::Nothing),
        Err(error) => Err(error),
    }
}

/// What keeps `path` below `root` from being written, without reading any content.
pub(crate) fn obstacle(root: &Path, path: &str) -> Option<String> {
    let mut whole = root.to_owned();
    let parts: Vec<Component<'_>> = Path::new(path).components().collect();
    for (index, part) in parts.iter().enumerate() {
        whole.push(part);
        // Where nothing stands, nothing can stand below.
        let Ok(found) = fs::symlink_metadata(&whole) else { return None };
        let so_far = || whole.strip_prefix(root).unwrap_or(&whole).display().to_string();
        let is_last = index + 1 == parts.len();
        // Also one that leads into the study: a study may come from anybody, and nothing is
        // written through what it brought along.
        if found.is_symlink() {
            return Some(format!("passes through the link `{}`", so_far()));
        }
        if !is_last && !found.is_dir() {
            return Some(format!("needs a folder where the file `{}` stands", so_far()));
        }
        if is_last && found.is_dir() {
            return Some("is the name of a folder".to_owned());
        }
        if is_last && !found.is_file() {
            return Some("is no plain file".to_owned());
        }
    }
    None
}

/// The content of a plain file of at most `most` bytes; links are followed.
pub(crate) fn read_plain(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    // asked before it is opened too: opening a pipe waits for a writer
    require_plain(&fs::metadata(path)?, most)?;
    let file = File::open(path)?;
    // Of what was opened, since another file may have taken the name in between.
    require_plain(&file.metadata()?, most)?;
    let mut bytes = Vec::new();
    // a file may grow while it is read
    // One byte beyond tells a file that is too long from one that just fits.
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large(most)) } else { Ok(bytes) }
}

fn require_plain(found: &Metadata, most: u64) -> io::Result<()> {
    if found.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !found.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    if found.len() > most { Err(too_large(most)) } else { Ok(()) }
}

fn too_large(most: u64) -> io::Error {
    io::Error::other(format!("it is larger than {} MiB", most >> 20))
}

/// Whether nothing is there: also where a folder on the way is a file.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    // A file where a folder should be: the path below it is as absent as it can be.
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// What two names of one file share, however they are linked.
#[cfg(unix)]
pub(crate) type Identity = (u64, u64);
/// What two names of one file share, as far as links are resolved.
#[cfg(not(unix))]
pub(crate) type Identity = std::path::PathBuf;

/// The identity of the file at `path`; none where there is nothing.
#[cfg(unix)]
pub(crate) fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let found = fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

#[cfg(not(unix))]
pub(crate) fn identity(path: &Path) -> Option<Identity> {
    fs::canonicalize(path).ok()
}

/// Whether `bytes` differ from the content of this SHA-256 in nothing but
/// their line ends, as git leaves them when it converts text.
pub(crate) fn only_line_ends_differ(bytes: &[u8], digest: &str) -> bool {
    let with_lf = with_line_feeds(bytes);
    // Whoever made the lock may have had either form on disk.
    sha256(&with_lf) == digest || sha256(&with_carriage_returns(&with_lf)) == digest
}

fn with_line_feeds(bytes: &[u8]) -> Vec<u8> {
    let mut made = Vec::with_capacity(bytes.len());
    for (index, &byte) in bytes.iter().enumerate() {
        if byte != b'\r' || bytes.get(index + 1) != Some(&b'\n') {
            made.push(byte);
        }
    }
    made
}

fn with_carriage_returns(bytes: &[u8]) -> Vec<u8> {
    // Room for lines of 32 bytes; shorter ones only make it grow.
    let mut made = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    for &byte in bytes {
        if byte == b'\n' {
            made.push(b'\r');
        }
        made.push(byte);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_told_from_content() {
        let (lf, crlf): (&[u8], &[u8]) = (b"a,b\n1,2\n", b"a,b\r\n1,2\r\n");
        assert!(only_line_ends_differ(crlf, &sha256(lf)));
        assert!(only_line_ends_differ(lf, &sha256(crlf)));
        // A file of which an editor changed one line has both.
        assert!(only_line_ends_differ(b"a,b\r\n1,2\n", &sha256(lf)));
        assert!(!only_line_ends_differ(b"a,b\r\n1,3\r\n", &sha256(lf)));
        // a carriage return inside a cell is content
        assert!(!only_line_ends_differ(b"a,b\r1,2\n", &sha256(b"a,b1,2\n")));
    }

    #[test]
    fn what_grows_or_is_large_is_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        fs::write(&path, "12345").expect("writable");
        assert_eq!(read_plain(&path, 5).expect("fits"), b"12345");
        assert_eq!(
            read_plain(&path, 4).expect_err("too large").to_string(),
            "it is larger than 0 MiB"
        );
        assert!(read_plain(folder.path(), 5).is_err());
    }
}
