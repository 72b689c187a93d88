//! Where a study's outputs may stand: away from what it is made from, and
//! where nothing on disk is in the way.

use std::collections::BTreeSet;

use crate::paths::{folded, meetings, plain, shown, unfit};
use crate::project::Project;
use crate::{Diagnostic, Mistake, disk};

/// What speaks against an output at `path` of this study, what is on disk included.
pub(crate) fn misplaced(project: &Project, path: &str) -> Option<String> {
    // What the name tells comes first; the disk is asked last.
    if let Some(reason) = unfit(path) {
        return Some(reason);
    }
    if is_source(project, path) {
        return Some("the study is made from".to_owned());
    }
    // Without case: `Data/` is `data/` on some file systems.
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
    Sources::of(project).have(project, path)
}

/// What a study is made from, to ask for many paths.
pub(crate) struct Sources {
    names: BTreeSet<String>,
    identities: BTreeSet<disk::Identity>,
}

impl Sources {
    pub(crate) fn of(project: &Project) -> Self {
        let named = project.own_files().chain(project.files.paths().map(|path| plain(path)));
        let own = project.own_files().filter_map(|own| disk::identity(&project.root.join(own)));
        Self {
            names: named.map(|own| folded(&own)).collect(),
            identities: own.chain(project.files.identities().cloned()).collect(),
        }
    }

    pub(crate) fn have(&self, project: &Project, path: &str) -> bool {
        let identity = || disk::identity(&project.root.join(path));
        // By name also where nothing stands yet; by identity since a link gives a file a
        // second name.
        self.names.contains(&folded(path))
            || identity().is_some_and(|identity| self.identities.contains(&identity))
    }
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
