//! A zip archive whose bytes follow from what is in it: entries in the order of
//! their names, stored as they are, with one fixed time. A library would be free
//! to write another header in its next version; this writer is not.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

/// Files by their path in the archive.
pub(super) type Entries = BTreeMap<String, Vec<u8>>;

/// The earliest day that the format knows, 1 January 1980, at midnight.
const DATE: u16 = 0x0021;
/// Names are UTF-8.
const FLAGS: u16 = 0x0800;
/// Files that are stored need version 1.0 of the format.
const VERSION: u16 = 10;
/// Made on a Unix system, so that the permissions are read as such.
const MADE_BY: u16 = (3 << 8) | VERSION;
/// A plain file that everybody may read.
const PERMISSIONS: u32 = 0o100_644 << 16;

/// An archive with where each part of it begins, in the order of the bytes.
struct Written {
    bytes: Vec<u8>,
    parts: Vec<(usize, String)>,
}

/// The archive.
///
/// # Errors
/// If it needs more than the format has room for.
pub(super) fn write(entries: &Entries) -> Result<Vec<u8>, String> {
    written(entries).map(|written| written.bytes)
}

fn written(entries: &Entries) -> Result<Written, String> {
    // the largest number means to readers that the true one stands in a Zip64 record,
    // which is not written here
    let count = u16::try_from(entries.len()).ok().filter(|count| *count < u16::MAX);
    let count = count.ok_or("a zip archive holds at most 65,534 files")?;
    let mut written = Written { bytes: Vec::new(), parts: Vec::new() };
    let mut directory = Written { bytes: Vec::new(), parts: Vec::new() };
    for (path, content) in entries {
        let offset = size(written.bytes.len())?;
        let about = [
            // stored without compression, at midnight
            numbers16(&[VERSION, FLAGS, 0, 0, DATE]),
            numbers32(&[crc32fast::hash(content), size(content.len())?, size(content.len())?]),
            numbers16(&[length(path)?, 0]),
        ];
        written.part(format!("the header of `{path}`"));
        written.bytes.extend(b"PK\x03\x04");
        about.iter().for_each(|numbers| written.bytes.extend(numbers));
        written.bytes.extend(path.as_bytes());
        written.part(format!("`{path}`"));
        written.bytes.extend(content);
        directory.part(format!("the entry of `{path}` in the archive's directory"));
        directory.bytes.extend(b"PK\x01\x02");
        directory.bytes.extend(numbers16(&[MADE_BY]));
        about.iter().for_each(|numbers| directory.bytes.extend(numbers));
        // no comment, the first disk, no internal attributes
        directory.bytes.extend(numbers16(&[0, 0, 0]));
        directory.bytes.extend(numbers32(&[PERMISSIONS, offset]));
        directory.bytes.extend(path.as_bytes());
    }
    let start = written.bytes.len();
    // places in the directory are known only now that it is known where it begins
    written.parts.extend(directory.parts.into_iter().map(|(place, part)| (start + place, part)));
    written.bytes.extend(&directory.bytes);
    written.part("the end of the archive".to_owned());
    written.bytes.extend(b"PK\x05\x06");
    written.bytes.extend(numbers16(&[0, 0, count, count]));
    written.bytes.extend(numbers32(&[size(directory.bytes.len())?, size(start)?]));
    written.bytes.extend(numbers16(&[0]));
    Ok(written)
}

impl Written {
    fn part(&mut self, name: String) {
        self.parts.push((self.bytes.len(), name));
    }
}

fn numbers16(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn numbers32(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn size(bytes: usize) -> Result<u32, String> {
    // the largest number stands for Zip64 here too
    let size = u32::try_from(bytes).ok().filter(|size| *size < u32::MAX);
    size.ok_or_else(|| "a zip archive of this form holds less than 4 GiB".to_owned())
}

fn length(path: &str) -> Result<u16, String> {
    u16::try_from(path.len()).map_err(|_| format!("`{path}` is too long a name"))
}

/// What is in an archive.
///
/// # Errors
/// With the entry that is damaged, or that the archive is.
pub(super) fn read(bytes: &[u8]) -> Result<Entries, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))
        .map_err(|error| format!("the archive's directory is damaged: {error}"))?;
    let mut entries = Entries::new();
    for place in 0..archive.len() {
        let name = match archive.name_for_index(place) {
            Some(Ok(name)) => name.into_owned(),
            _ => return Err(format!("entry {} has no name that can be read", place + 1)),
        };
        let damaged = |error: &dyn std::fmt::Display| format!("`{name}` is damaged: {error}");
        let file = archive.by_index(place).map_err(|error| damaged(&error))?;
        let mut content = Vec::new();
        // no entry is larger than the archive, as entries are stored
        let most = bytes.len() as u64 + 1;
        file.take(most).read_to_end(&mut content).map_err(|error| damaged(&error))?;
        entries.insert(name, content);
    }
    Ok(entries)
}

/// The first part of an archive that is not as this program writes these entries.
pub(super) fn first_difference(bytes: &[u8], entries: &Entries) -> Option<String> {
    let Ok(written) = written(entries) else { return Some("the archive".to_owned()) };
    let pairs = bytes.iter().zip(&written.bytes);
    let same = pairs.take_while(|(one, other)| one == other).count();
    // of the same bytes and the same length
    if same == bytes.len().max(written.bytes.len()) {
        return None;
    }
    let begun = written.parts.iter().rev().find(|(start, _)| *start <= same);
    let part = begun.map_or("the archive", |(_, part)| part);
    Some(format!("{part}, at byte {same}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    // a name of two bytes for a letter, names out of order, and a file without content
    fn entries() -> Entries {
        let files = [("b/ü.txt", "two"), ("a.csv", "id,x\n1,2\n"), ("empty", "")];
        files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).into()
    }

    #[test]
    fn an_archive_reads_back_and_is_of_fixed_bytes() {
        let bytes = write(&entries()).expect("small");
        assert_eq!(bytes, write(&entries()).expect("small"));
        assert_eq!(read(&bytes), Ok(entries()));
        assert_eq!(first_difference(&bytes, &entries()), None);
        // the header of an entry to the bit: 9 bytes stored, 1980-01-01 00:00
        assert_eq!(bytes[..14], *b"PK\x03\x04\x0a\x00\x00\x08\x00\x00\x00\x00\x21\x00");
        assert_eq!(bytes[18..30], [9, 0, 0, 0, 9, 0, 0, 0, 5, 0, 0, 0]);
        assert_eq!(&bytes[30..35], b"a.csv");
    }

    #[test]
    fn each_bit_that_is_flipped_is_found() {
        let bytes = write(&entries()).expect("small");
        for place in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[place] ^= 1 << bit;
                let found = match read(&flipped) {
                    Ok(entries) => first_difference(&flipped, &entries),
                    Err(said) => Some(said),
                };
                assert!(found.is_some(), "bit {bit} of byte {place}");
            }
        }
    }
}
