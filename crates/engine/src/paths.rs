//! Which paths an output may have: below the study's folder, away from what
//! the study is made from and from what git and the store keep, under a name
//! that every file system can hold and tells from the others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use crate::project::Project;
use crate::{Diagnostic, Mistake, disk};

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

/// What speaks against an output at `path` of this study, what is on disk included.
pub(crate) fn misplaced(project: &Project, path: &str) -> Option<String> {
    if let Some(reason) = unfit(path) {
        return Some(reason);
    }
    if is_source(project, path) {
        return Some("the study is made from".to_owned());
    }
    let name = folded(path);
    let raw =
        project.raw_folders().find(|folder| name.starts_with(&format!("{}/", folded(folder))));
    if let Some(folder) = raw {
        return Some(format!("stands in `{folder}`, where raw files are and no run writes"));
    }
    disk::obstacle(&project.root, path)
}

/// Whether the study is made from the file at `path`: its pipeline file, its
/// lock and all files that it reads, under whatever name.
pub(crate) fn is_source(project: &Project, path: &str) -> bool {
    let name = folded(path);
    let mut named = project.own_files().chain(project.files.paths().map(|path| plain(path)));
    if named.any(|own| folded(&own) == name) {
        return true;
    }
    let Some(identity) = disk::identity(&project.root.join(path)) else { return false };
    let mut own = project.own_files().map(|own| disk::identity(&project.root.join(own)));
    own.any(|own| own.as_ref() == Some(&identity))
        || project.files.identities().any(|read| *read == identity)
}

/// A path without detours by `.` and `..`.
fn plain(path: &str) -> String {
    let mut plain = PathBuf::new();
    for part in Path::new(path).components() {
        match part {
            Component::CurDir => {}
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
        let above: Vec<String> =
            name.match_indices('/').map(|(end, _)| name[..end].to_owned()).collect();
        let first = taken.get(&name).or_else(|| folders.get(&name));
        let first = first.or_else(|| above.iter().find_map(|folder| taken.get(folder)));
        if let Some(&first) = first {
            found.push(Meeting { first, second });
            continue;
        }
        for folder in above {
            folders.entry(folder).or_insert(second);
        }
        taken.insert(name, second);
    }
    found
}

/// Says which of the announced outputs have no place, each at its stage.
pub(crate) fn check(project: &Project, outputs: &[(usize, String)]) -> Vec<Diagnostic> {
    let locate = |index: usize, path: &str, mut mistake: Mistake| {
        let stage = &project.pipeline.stages[index];
        mistake.at = stage.path_of_text(path);
        stage.locate(mistake)
    };
    let unfit = outputs.iter().filter_map(|(index, path)| {
        let reason = misplaced(project, path)?;
        let mistake = Mistake::new(format!("no output can be `{}`, which {reason}", shown(path)));
        Some(locate(*index, path, mistake.hint("such as `reports/supplement.html`")))
    });
    let named: Vec<(usize, &str)> =
        outputs.iter().map(|(index, path)| (*index, path.as_str())).collect();
    // one cause, one message, however many files two stages have in common
    let mut told = BTreeSet::new();
    let mut meetings = meetings(&named);
    meetings.retain(|meeting| told.insert((meeting.first.0, meeting.second.0)));
    let meeting = meetings.into_iter().map(|meeting| {
        let ((first, former), (second, path)) = (meeting.first, meeting.second);
        let id = &project.pipeline.stages[first].id;
        let message = if former == path {
            format!("`{id}` makes `{path}` too")
        } else {
            format!("`{path}` meets `{former}` of `{id}`: not every file system has room for both")
        };
        locate(second, path, Mistake::new(message).hint("give one of the two another name"))
    });
    unfit.chain(meeting).collect()
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
