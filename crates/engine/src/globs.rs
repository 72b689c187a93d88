//! Paths with wildcards: which files of the study they mean. `*` stands for any
//! letters of one name, `?` for one letter; folders are never passed over.

use std::fs;
use std::path::Path;

use crate::paths::shown;
use crate::spec::nearest;
use crate::{Mistake, inputs};

/// Whether a path is written with wildcards.
pub(crate) fn is_glob(path: &str) -> bool {
    path.contains(['*', '?'])
}

/// Whether a path is one of those that `pattern` means.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut names) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), names.next()) {
            (None, None) => return true,
            (Some(pattern), Some(name)) if name_matches(pattern, name) => {}
            _ => return false,
        }
    }
}

/// A hidden name is meant only where its dot is written.
pub(crate) fn name_matches(pattern: &str, name: &str) -> bool {
    if !is_glob(pattern) {
        return pattern == name;
    }
    // As shells do: notes of editors and systems are no data.
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    // where to go on from when a star is to stand for one letter more
    let (mut at, mut of, mut star) = (0, 0, None);
    while of < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, of));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == name[of] => (at, of) = (at + 1, of + 1),
            _ => {
                // Only the last star is tried again: whatever an earlier one took, a later one can
                // take as well. So the steps stay below the two lengths multiplied.
                let Some((before, taken)) = star else { return false };
                star = Some((before, taken + 1));
                (at, of) = (before + 1, taken + 1);
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

/// The files of the study in `root` that `pattern` means, by name. Whether each
/// may be read is asked as of any other path.
///
/// # Errors
/// If it leads out of the study, if a folder cannot be listed, and if nothing matches.
pub(crate) fn expand(root: &Path, pattern: &str) -> Result<Vec<String>, Mistake> {
    // Before any folder is listed: nobody learns what stands elsewhere.
    inputs::require_inside(pattern)?;
    if pattern.contains("**") {
        let message = format!("`{}` holds `**`", shown(pattern));
        return Err(Mistake::new(message)
            .hint("`*` stands for the letters of one name: write `*/` for each folder between"));
    }
    let mut found: Vec<String> = vec![String::new()];
    // Names at the part that failed, for the hint.
    let mut seen = Vec::new();
    for part in pattern.split('/') {
        if !is_glob(part) {
            found.iter_mut().for_each(|path| *path += &format!("{part}/"));
            continue;
        }
        let folders = std::mem::take(&mut found);
        seen.clear();
        for folder in folders.iter().filter(|folder| root.join(folder).is_dir()) {
            for name in names(root, folder)? {
                let path = format!("{folder}{name}");
                if name_matches(part, &name) {
                    found.push(format!("{path}/"));
                } else if !name.starts_with('.') {
                    seen.push(path);
                }
            }
        }
    }
    found.iter_mut().for_each(|path| path.truncate(path.len() - 1));
    // below a folder that matches the rest need not be there; a broken link is, and is told
    found.retain(|path| fs::symlink_metadata(root.join(path)).is_ok());
    // A disk lists names in any order, and the order of files is that of the rows.
    found.sort();
    if found.is_empty() {
        let mut mistake = Mistake::new(format!("no file matches `{}`", shown(pattern)));
        mistake.hint = nearest(pattern, seen.iter().map(String::as_str))
            .or_else(|| Some("paths start from the folder of the pipeline file".to_owned()));
        return Err(mistake);
    }
    Ok(found)
}

/// The names in a folder of the study, sorted.
fn names(root: &Path, folder: &str) -> Result<Vec<String>, Mistake> {
    let folder = if folder.is_empty() { "." } else { folder.trim_end_matches('/') };
    // A folder may be a link: whether it stays in the study is asked of each.
    let place = inputs::place(root, folder)?;
    let listed = || fs::read_dir(&place)?.map(|entry| Ok(entry?.file_name())).collect();
    let names: std::io::Result<Vec<_>> = listed();
    let names = names.map_err(|error| Mistake::new(inputs::failed(folder, &error)))?;
    let mut names: Vec<String> =
        names.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn study(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("makes it");
            fs::write(path, "").expect("writable");
        }
        folder
    }

    #[test]
    fn a_star_is_any_letters_of_one_name_and_a_question_mark_one() {
        for (pattern, path) in [
            ("raw/centre_*.csv", "raw/centre_.csv"),
            ("raw/*a*b", "raw/xaxaab"),
            ("*/x?.csv", "raw/x\u{e9}.csv"),
            (".*", ".hidden"),
            ("a/*", "a/b"),
        ] {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("raw/*.csv", "raw/a/b.csv"),
            ("raw/*.csv", "raw/.a.csv"),
            ("raw/?.csv", "raw/ab.csv"),
            ("raw/*.csv", "raw/a.csv.bak"),
            // Both letters are there, in the wrong order.
            ("*a*b", "xba"),
            ("raw/*", "raw"),
        ] {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn what_is_found_stands_in_the_order_of_names_and_matches() {
        let study = study(&["raw/b/x.csv", "raw/a/x.csv", "raw/c/y.csv", "raw/x.csv", "z.csv"]);
        for (pattern, paths) in [
            ("raw/*/x.csv", &["raw/a/x.csv", "raw/b/x.csv"][..]),
            ("r?w/*/?.csv", &["raw/a/x.csv", "raw/b/x.csv", "raw/c/y.csv"]),
            ("*.csv", &["z.csv"]),
            ("./*.csv", &["./z.csv"]),
        ] {
            let found = expand(study.path(), pattern).expect("it matches");
            assert_eq!(found, paths, "{pattern}");
            assert!(found.iter().all(|path| matches(pattern, path)), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_without_a_file_is_a_mistake_with_the_near_names() {
        let study = study(&["raw/centre_a.csv", "raw/centre_b.csv", "raw/.hidden.csv"]);
        let said = |pattern| {
            let mistake = expand(study.path(), pattern).expect_err("a mistake");
            format!("{} ({})", mistake.message, mistake.hint.unwrap_or_default())
        };
        let here = "there are: `raw/centre_a.csv`, `raw/centre_b.csv`";
        assert_eq!(said("raw/site*.csv"), format!("no file matches `raw/site*.csv` ({here})"));
        assert_eq!(
            said("raw/center_*.csv"),
            "no file matches `raw/center_*.csv` (did you mean `raw/centre_a.csv`?)"
        );
        assert_eq!(
            said("row/*.csv"),
            "no file matches `row/*.csv` (paths start from the folder of the pipeline file)"
        );
        assert_eq!(
            said("raw/**"),
            "`raw/**` holds `**` (`*` stands for the letters of one name: write `*/` for each folder between)"
        );
        // Also where the way out comes after a wildcard.
        for outside in ["../*", "raw/*/../../../*", "/etc/*"] {
            let told = said(outside);
            assert!(told.contains("leads out") || told.contains("absolute"), "{told}");
        }
    }
}
