//! The files that stages name: only plain files of the study's own folder are
//! read, after every link is resolved, and pages print no raw data.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::paths::shown;
use crate::spec::nearest;
use crate::{Mistake, Section, StageId, disk};

/// Refuses a path that leads out of the study's folder by how it is written.
/// Asked before the disk is, so that nobody learns what stands elsewhere.
pub(crate) fn require_inside(path: &str) -> Result<(), Mistake> {
    let relative = Path::new(path);
    // A prefix is a drive of Windows.
    if relative.components().any(|part| matches!(part, Component::RootDir | Component::Prefix(_))) {
        let mistake = Mistake::new(format!("`{}` is an absolute path", shown(path)));
        return Err(mistake.hint(
            "write it relative to the pipeline file, so that the study runs on any machine",
        ));
    }
    // By the text alone; links are resolved in `place`.
    if climbs(relative) { Err(outside(path)) } else { Ok(()) }
}

fn outside(path: &str) -> Mistake {
    let mistake = Mistake::new(format!("`{}` leads out of the study's folder", shown(path)));
    mistake.hint("copy the file into the study: a study that reads others cannot be handed on")
}

/// Where what `path` names stands once links are resolved.
pub(crate) fn place(root: &Path, path: &str) -> Result<PathBuf, Mistake> {
    require_inside(path)?;
    let relative = Path::new(path);
    let failed = |error: std::io::Error| unreadable(root, path, &error);
    // Both are resolved, since the study's own folder may be reached by a link.
    let root = fs::canonicalize(root).map_err(failed)?;
    let place = fs::canonicalize(root.join(relative)).map_err(failed)?;
    let within = place.strip_prefix(&root).map_err(|_| outside(path))?;
    // As it is named and as it is resolved, since a link may lead there; without
    // case, since some file systems find `.git` under `.GIT`.
    for part in relative.components().chain(within.components()) {
        let name = part.as_os_str().to_string_lossy().to_lowercase();
        if let Some(kept) = [".git", ".restudy"].into_iter().find(|kept| name == *kept) {
            let message =
                format!("`{}` stands in `{kept}`, from which no study reads", shown(path));
            return Err(Mistake::new(message));
        }
    }
    Ok(place)
}

/// Whether a path climbs above where it starts.
fn climbs(path: &Path) -> bool {
    let mut depth = 0_usize;
    path.components().any(|part| match part {
        Component::ParentDir if depth == 0 => true,
        Component::ParentDir => {
            depth -= 1;
            false
        }
        Component::CurDir => false,
        _ => {
            depth += 1;
            false
        }
    })
}

/// The content of the file at `place`, which the file calls `path`.
pub(crate) fn read(path: &str, place: &Path, most: u64) -> Result<Vec<u8>, Mistake> {
    disk::read_plain(place, most).map_err(|error| Mistake::new(failed(path, &error)))
}

fn unreadable(root: &Path, path: &str, error: &std::io::Error) -> Mistake {
    if !disk::is_absent(error) {
        return Mistake::new(failed(path, error));
    }
    let mut mistake = Mistake::new(format!("there is no file `{}`", shown(path)));
    mistake.hint = near_file(&root.join(path), Path::new(path));
    mistake
}

/// Why what `path` names cannot be read, in words.
pub(crate) fn failed(path: &str, error: &std::io::Error) -> String {
    let reason = match error.kind() {
        std::io::ErrorKind::Other => error.to_string(),
        kind => kind.to_string(),
    };
    format!("failed to read `{}`: {reason}", shown(path))
}

/// The nearest name in the same folder; else how paths are meant.
fn near_file(whole: &Path, relative: &Path) -> Option<String> {
    let names = fs::read_dir(whole.parent()?).into_iter().flatten();
    let mut names: Vec<String> =
        names.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into())).collect();
    // Hidden names belong to systems and to git: they are no offer.
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    let near = nearest(&relative.file_name()?.to_string_lossy(), names.iter().map(String::as_str));
    let folder = relative.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    Some(match near {
        Some(near) if folder.is_empty() => near,
        Some(near) => near.replace(" `", &format!(" `{folder}/")),
        None => "paths start from the folder of the pipeline file".to_owned(),
    })
}

/// The files that ingest reads, however they are called and linked.
#[derive(Default)]
pub(crate) struct RawFiles(Vec<(PathBuf, StageId)>);

impl RawFiles {
    /// Where the file that a stage names stands, if the stage may read it.
    /// Those of ingest are noted, and refused to every other section.
    pub(crate) fn admit(
        &mut self,
        root: &Path,
        path: &str,
        by: &StageId,
    ) -> Result<PathBuf, Mistake> {
        let place = place(root, path)?;
        // Sections are read in the order of the data, so that every raw file is noted
        // before a report names a text.
        if by.section == Section::Ingest {
            self.0.push((place.clone(), by.clone()));
        } else {
            self.refuse(path, &place)?;
        }
        Ok(place)
    }

    /// Refuses a raw file where a page asks for a text: its rows are patients.
    fn refuse(&self, path: &str, place: &Path) -> Result<(), Mistake> {
        // A hard link is the same file under a path of its own.
        let same = |raw: &Path| raw == place || disk::identity(raw) == disk::identity(place);
        let Some((_, by)) = self.0.iter().find(|(raw, _)| same(raw)) else { return Ok(()) };
        let message =
            format!("`{}` is raw data, which `{by}` reads: no page shows it", shown(path));
        Err(Mistake::new(message)
            .hint("a text stands in a file of its own, such as `reports/text/methods.md`"))
    }
}
