//! The parts of a workbook's file that are read here: how large they are before
//! any is unpacked into memory, which rows a sheet hides, and whether its
//! formulas were ever computed.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, BufReader, Cursor, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

/// The most bytes that the parts of a workbook may have together, unpacked.
const MOST_BYTES: u64 = 1 << 30;
/// A workbook that is this many times larger unpacked was not made by people.
const MOST_TIMES: u64 = 250;
/// Below this size unpacked, a workbook harms nobody, whatever its packing.
const HARMLESS_BYTES: u64 = 1 << 26;

/// Why a file is not unpacked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackageFault {
    #[error("has more than {} MB unpacked, {times} times its size as a file", bytes >> 20)]
    TooLarge { bytes: u64, times: u64 },
}

/// Unpacks every part into nothing and counts: what a part says of its own size
/// may be wrong. A file that is no package at all is left to its reader.
pub(crate) fn check(bytes: &[u8]) -> Result<(), PackageFault> {
    let Ok(mut parts) = ZipArchive::new(Cursor::new(bytes)) else { return Ok(()) };
    let packed = (bytes.len() as u64).max(1);
    // Small workbooks of many equal cells are packed very tightly, so the ratio counts
    // only above a size that does harm.
    let most = MOST_BYTES.min((packed * MOST_TIMES).max(HARMLESS_BYTES));
    let mut total = 0;
    for index in 0..parts.len() {
        let Ok(part) = parts.by_index(index) else { continue };
        // a part that is damaged is the reader's to complain about
        // One byte more than is allowed is enough to know.
        total += io::copy(&mut part.take(most + 1 - total), &mut io::sink()).unwrap_or(0);
        if total > most {
            return Err(PackageFault::TooLarge { bytes: most, times: most / packed });
        }
    }
    Ok(())
}

/// What is known of a sheet beside its cells.
#[derive(Debug, Default)]
pub(crate) struct Traits {
    /// Rows that are not shown, counted from 0.
    pub(crate) hidden_rows: BTreeSet<u32>,
    /// The workbook asks to be computed when it is opened: saved values of its
    /// formulas may be placeholders.
    pub(crate) uncomputed: bool,
}

/// What is known of a sheet; nothing where the parts do not stand where every
/// spreadsheet program puts them.
pub(crate) fn traits_of(bytes: &[u8], sheet: &str) -> Traits {
    let Ok(mut parts) = ZipArchive::new(Cursor::new(bytes)) else { return Traits::default() };
    let (mut id, mut target, mut traits) = (None, None, Traits::default());
    each_element(&mut parts, "xl/workbook.xml", |element| {
        match element.local_name().as_ref() {
            "sheet" if attribute(element, "name").as_deref() == Some(sheet) => {
                id = attribute(element, "id");
            }
            "calcPr" => traits.uncomputed = is_on(attribute(element, "fullCalcOnLoad").as_deref()),
            _ => {}
        }
        true
    });
    each_element(&mut parts, "xl/_rels/workbook.xml.rels", |element| {
        // without an id of the sheet every relation without one would match
        if id.is_some() && attribute(element, "Id") == id {
            target = attribute(element, "Target");
        }
        target.is_none()
    });
    let Some(target) = target else { return traits };
    // a relation counts from the folder of the workbook's own part unless it begins
    // with a slash
    let path = match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("xl/{target}"),
    };
    let mut next = 0;
    each_element(&mut parts, &path, |element| {
        if element.local_name().as_ref() == "row" {
            let number = attribute(element, "r").and_then(|row| row.parse::<u32>().ok());
            // a row may leave out its number; then it follows the one before
            let row = number.map_or(next, |number| number.saturating_sub(1));
            next = row + 1;
            if is_on(attribute(element, "hidden").as_deref()) {
                traits.hidden_rows.insert(row);
            }
        }
        true
    });
    traits
}

fn is_on(value: Option<&str>) -> bool {
    matches!(value, Some("1" | "true"))
}

/// Shows each element of a part as long as it is asked for.
fn each_element(
    parts: &mut ZipArchive<Cursor<&[u8]>>,
    path: &str,
    mut show: impl FnMut(&BytesStart<'_>) -> bool,
) {
    let Ok(part) = parts.by_name(path) else { return };
    let mut reader = Reader::from_reader(BufReader::new(part));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element) | Event::Empty(element)) => {
                if !show(&element) {
                    return;
                }
            }
            // the reader of the cells goes through the same parts and tells of damage
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// An attribute by its name without a prefix.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element
        .attributes()
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(Cow::into_owned)
}
