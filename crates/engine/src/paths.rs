//! Paths as texts: which can be those of outputs, below the study's folder and
//! away from what git and the store keep, under a name that every file system
//! can hold and tells from the others.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// The longest name that common file systems hold, in bytes.
const LONGEST_NAME: usize = 255;
/// The longest path that every system opens, in bytes.
const LONGEST_PATH: usize = 1024;
/// What Windows keeps for itself in names; `:` opens a hidden stream there.
const UNFIT_CHARACTERS: [char; 8] = ['\\', ':', '*', '?', '"', '<', '>', '|'];
/// Names of devices on Windows, whatever follows the first dot.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Whether a path leads out of the study's folder, or is no plain path.
fn leads_out(path: &str) -> bool {
    let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    // `components` passes over `//` and `/./`, under which a lock would have a second
    // name for one file.
    !plain || path.is_empty() || path.split('/').any(|name| name.is_empty() || name == ".")
}

/// What speaks against an output at `path`, whatever the study: a fragment
/// that goes on from the path.
pub(crate) fn unfit(path: &str) -> Option<String> {
    if leads_out(path) {
        return Some("is no plain path below the study's folder".to_owned());
    }
    if path.len() > LONGEST_PATH {
        return Some(format!("is longer than {LONGEST_PATH} bytes"));
    }
    path.split('/').find_map(unfit_name)
}

fn unfit_name(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let said = if name.len() > LONGEST_NAME {
        return Some(format!("has a name longer than {LONGEST_NAME} bytes"));
    } else if name.chars().any(char::is_control) {
        "holds a control character"
    } else if name.chars().any(is_invisible) {
        "holds a character that nobody sees"
    } else if name.chars().any(has_another_form) {
        "holds a letter in pieces, which some file systems put together"
    } else if name.contains(UNFIT_CHARACTERS) {
        "holds a character that not every file system takes"
    } else if name.ends_with(['.', ' ']) || name.starts_with(' ') {
        "has a blank or a dot at an end, which not every file system keeps"
    } else if lower.starts_with(".git") || lower.starts_with("git~") {
        "belongs to git"
    } else if lower.starts_with(".restudy") {
        "belongs to the store"
    } else if is_device(&lower) {
        "is a device on Windows"
    } else {
        return None;
    };
    Some(said.to_owned())
}

fn is_device(lower: &str) -> bool {
    // Windows leaves out blanks before the dot when it looks for a device.
    let stem = lower.split('.').next().unwrap_or_default().trim_end();
    let port = stem.strip_suffix(|c: char| c.is_ascii_digit());
    DEVICES.contains(&stem) || port.is_some_and(|port| matches!(port, "com" | "lpt"))
}

/// Marks of direction, joiners and blanks of no width: two names that differ
/// in them look the same, and some file systems leave them out.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Marks that combine with the letter before, and letters kept for the sake of
/// old character sets: normalising file systems write them in another way, so
/// that the file is not found under the name in the lock.
fn has_another_form(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1100}'..='\u{11ff}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{1f71}' | '\u{1f73}' | '\u{1f75}' | '\u{1f77}' | '\u{1f79}'
        | '\u{1f7b}' | '\u{1f7d}' | '\u{20d0}'..='\u{20ff}' | '\u{2126}' | '\u{212a}' | '\u{212b}'
        | '\u{3099}' | '\u{309a}' | '\u{f900}'..='\u{faff}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{2f800}'..='\u{2fa1f}')
}

/// The form in which two names are one on a file system that knows no case.
pub(crate) fn folded(path: &str) -> String {
    // by way of capitals, so that `ß` meets `SS` and `ς` meets `σ`
    path.to_uppercase().to_lowercase()
}

/// `path` with what cannot be printed as escapes.
pub(crate) fn shown(path: &str) -> String {
    let escaped = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.into() };
    path.chars().map(escaped).collect()
}

/// A path without detours by `.` and `..`.
pub(crate) fn plain(path: &str) -> String {
    let mut plain = PathBuf::new();
    for part in Path::new(path).components() {
        match part {
            Component::CurDir => {}
            // Links are not resolved: this is for names; identities are compared beside it.
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain.to_string_lossy().into_owned()
}

/// Two outputs that cannot both be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Meeting<'a> {
    pub(crate) first: (usize, &'a str),
    pub(crate) second: (usize, &'a str),
}

/// The outputs that meet on some file system: the same path, the same but for
/// case, or one in a folder that has the other's name.
pub(crate) fn meetings<'a>(outputs: &[(usize, &'a str)]) -> Vec<Meeting<'a>> {
    let mut taken: BTreeMap<String, (usize, &'a str)> = BTreeMap::new();
    let mut folders: BTreeMap<String, (usize, &'a str)> = BTreeMap::new();
    let mut found = Vec::new();
    for &second in outputs {
        let name = folded(second.1);
        // Every folder on the way, since a file cannot stand where a folder must.
        let above: Vec<String> =
            name.match_indices('/').map(|(end, _)| name[..end].to_owned()).collect();
        let first = taken.get(&name).or_else(|| folders.get(&name));
        let first = first.or_else(|| above.iter().find_map(|folder| taken.get(folder)));
        // The later one has no place; it takes none from others.
        if let Some(&first) = first {
            found.push(Meeting { first, second });
            continue;
        }
        // The first output that needs the folder is the one to be told.
        for folder in above {
            folders.entry(folder).or_insert(second);
        }
        taken.insert(name, second);
    }
    found
}

/// The folder of a raw file, where it is not the study's own.
pub(crate) fn folder_of(path: &str) -> Option<String> {
    plain(path).rsplit_once('/').map(|(folder, _)| folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_output_may_have() {
        for path in [
            "",
            ".",
            "..",
            "/etc/passwd",
            "../x",
            "reports/../../x",
            "reports//x",
            "./x",
            "reports/",
            "a\0b",
            "reports/a\nb",
            "reports/a\rb",
            "reports/a\tb",
            ".git/config",
            ".GIT/hooks/x",
            "sub/.git/config",
            ".gitattributes",
            ".github/workflows/x.yml",
            ".g\u{200c}it/config",
            "GIT~1/config",
            ".restudy/objects/x",
            ".Restudy/x",
            "reports/.restudy-abcdef",
            "reports/x.",
            "reports/x ",
            "reports/ x",
            "reports\\x",
            "c:x",
            "reports/a:b",
            "reports/a?",
            "reports/NUL",
            "reports/con.txt",
            "reports/Com1.csv",
            "reports/cafe\u{301}.html",
            "reports/\u{202e}lmth.exe",
        ] {
            assert!(unfit(path).is_some(), "{path:?}");
        }
        assert!(unfit(&format!("reports/{}", "a".repeat(300))).is_some());
        assert!(unfit(&"reports/".repeat(200)).is_some());
    }

    #[test]
    fn names_that_an_output_may_have() {
        for path in [
            "reports/supplement.html",
            "reports/a b.csv",
            "reports/报告.html",
            "caf\u{e9}.html",
            "reports/console.txt",
            "reports/com.txt",
            "digit/x",
            "README.md",
            "reports/a..b",
        ] {
            assert_eq!(unfit(path), None, "{path:?}");
        }
        assert_eq!(unfit(&format!("reports/{}", "a".repeat(255))), None);
    }

    #[test]
    fn names_that_meet() {
        let meet = |a: &'static str, b: &'static str| !meetings(&[(0, a), (1, b)]).is_empty();
        assert!(meet("reports/a.csv", "reports/a.csv"));
        assert!(meet("reports/a.csv", "Reports/A.CSV"));
        assert!(meet("reports/straße.csv", "reports/STRASSE.csv"));
        assert!(meet("reports/a", "reports/a/b.csv") && meet("reports/A/b.csv", "reports/a"));
        assert!(!meet("reports/a.csv", "reports/b.csv") && !meet("reports/a", "reports/ab/c"));
    }
}
