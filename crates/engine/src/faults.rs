//! Where a test lets the disk fail or the program die: before each write, each
//! wait for the disk, each rename and each removal.

use std::io;
use std::path::Path;

/// One such point, for the file at `path`. Only tests are ever stopped here.
#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "in tests it fails where one plans it")]
pub(crate) fn boundary(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(crate) use planned::boundary;

#[cfg(test)]
mod planned {
    use std::collections::BTreeMap;
    use std::path::PathBuf;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use super::{Path, io};

    /// What becomes of a study at one of its boundaries.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) enum Fault {
        /// This one write fails, as on a disk that is full for a moment.
        Fails,
        /// From here on nothing reaches the disk, as after a kill.
        Dies,
    }

    struct Plan {
        fault: Fault,
        at: usize,
        passed: usize,
    }

    /// By the folder of the study: tests run side by side.
    // One for all threads, as a run writes from several.
    static PLANS: Mutex<BTreeMap<PathBuf, Plan>> = Mutex::new(BTreeMap::new());

    fn plans() -> MutexGuard<'static, BTreeMap<PathBuf, Plan>> {
        PLANS.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the study below `folder` meet a fault at its boundary number `at`, from 1.
    pub(super) fn plan(folder: &Path, fault: Fault, at: usize) {
        plans().insert(folder.to_owned(), Plan { fault, at, passed: 0 });
    }

    /// Ends the plan; says whether the boundary was reached.
    pub(super) fn was_met(folder: &Path) -> bool {
        plans().remove(folder).is_some_and(|plan| plan.passed >= plan.at)
    }

    pub(crate) fn boundary(path: &Path) -> io::Result<()> {
        for (_, plan) in plans().iter_mut().filter(|(folder, _)| path.starts_with(folder)) {
            plan.passed += 1;
            let is_met = match plan.fault {
                // Boundaries are counted over all threads of the run, so that every number is met
                // once.
                Fault::Fails => plan.passed == plan.at,
                Fault::Dies => plan.passed >= plan.at,
            };
            if is_met {
                // A full disk, for which `Failure` has words: the test below asks for them.
                return Err(io::Error::new(io::ErrorKind::StorageFull, "no space left on device"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "../tests/life_of_a_run/kinds.rs"]
mod kinds;

#[cfg(test)]
#[path = "../tests/life_of_a_run/folder.rs"]
#[expect(dead_code, reason = "the tests beside this crate use all of it")]
mod folder;

#[cfg(test)]
fn registry() -> restudy_engine::Registry {
    let mut registry = restudy_engine::Registry::new();
    kinds::register(&mut registry);
    registry
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use restudy_engine::{Failure, RunOptions};

    use super::folder::Study;
    use super::planned::{Fault, plan, was_met};

    /// More boundaries than a run of the small study has.
    const ENOUGH: usize = 400;
    const OUTPUTS: [&str; 3] = ["reports/page.txt", "reports/other.txt", "reports/renamed.txt"];

    type Made = BTreeMap<&'static str, String>;

    fn made(study: &Study) -> Made {
        let all = OUTPUTS.into_iter().chain(["pipeline.lock"]);
        let read = |name| Some((name, fs::read_to_string(study.path(name)).ok()?));
        all.filter_map(read).collect()
    }

    /// A study after a run, with other inputs since: one output is to change, one to go, one to
    /// be new.
    fn changed_since() -> Study {
        let study = Study::new();
        study.run();
        // All three sorts of steps in one publication: a file is replaced, one goes, one
        // comes.
        study.write("numbers.txt", "100\n");
        study.replace("pipeline.yaml", "reports/other.txt", "reports/renamed.txt");
        study
    }

    fn leftovers(study: &Study) -> Vec<String> {
        let names = |folder: &str| fs::read_dir(study.path(folder)).into_iter().flatten().flatten();
        let all = [".", "reports"].into_iter().flat_map(names);
        let all = all.map(|entry| entry.file_name().to_string_lossy().into_owned());
        all.filter(|name| name.starts_with(".restudy-")).collect()
    }

    #[test]
    fn a_fault_at_any_boundary_loses_nothing() {
        let before = changed_since();
        let old = made(&before);
        before.run();
        let new = made(&before);
        assert!(old.len() == 3 && new.len() == 3 && old != new);
        for fault in [Fault::Fails, Fault::Dies] {
            // One boundary after the other, until a run passes without its fault.
            let met = (1..ENOUGH).take_while(|at| survives(fault, *at, &old, &new)).count();
            // Fewer would mean that writes go by without a boundary, and more that the end was
            // not seen.
            assert!((20..ENOUGH - 1).contains(&met), "{fault:?}: {met} boundaries");
        }
    }

    /// Lets a run meet the fault, and the next one finish. Says whether the run has such a boundary.
    fn survives(fault: Fault, at: usize, old: &Made, new: &Made) -> bool {
        let place = format!("{fault:?} at {at}");
        let study = changed_since();
        plan(&study.path(""), fault, at);
        let run = study.try_run(&RunOptions::default());
        if !was_met(&study.path("")) {
            assert!(run.is_ok(), "{place}");
            return false;
        }
        if let Err(failure) = run {
            assert!(matches!(failure, Failure::File { .. }), "{place}: {failure}");
            assert!(failure.is_of_a_full_disk(), "{place}: {failure}");
        }
        let left = made(&study);
        for (path, content) in &left {
            let is_known = [old, new].iter().any(|made| made.get(path) == Some(content));
            assert!(is_known, "{place}: `{path}` is neither the old one nor the new one");
        }
        // the lock is the last file that changes
        assert!(left.get("pipeline.lock") == old.get("pipeline.lock") || left == *new, "{place}");
        // A reader who looks in between is told the truth: a half-done publication, or one
        // of the two states.
        let status = study.open().status().expect("readable");
        assert!(status.unfinished || left == *old || left == *new, "{place}");
        assert_eq!(status.tampered, Vec::<String>::new(), "{place}");
        let next = study.try_run(&RunOptions::default());
        assert!(next.is_ok(), "{place}: {}", next.expect_err("a failure"));
        // Whatever the fault left, the next run needs no help and ends where a run without
        // one does.
        assert!(made(&study) == *new, "{place}");
        assert_eq!(leftovers(&study), Vec::<String>::new(), "{place}");
        assert!(study.open().status().expect("readable").is_fresh(), "{place}");
        true
    }
}
