//! What only a process of its own can show: killed runs, two runs at once,
//! numbers of threads.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A study that takes a moment.
const SMALL: &str = "tests/studies/small";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A copy of a study of the repository, without what runs have made.
fn copy_of(study: &str) -> TempDir {
    let (from, to) = (repository().join(study), tempfile::tempdir().expect("a folder"));
    // neither lock nor store nor outputs: they belong to the run under test
    for part in ["pipeline.yaml", "data", "qc/results.csv", "reports/text"] {
        if from.join(part).exists() {
            copy(&from.join(part), &to.path().join(part));
        }
    }
    to
}

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::create_dir_all(to.parent().expect("below a folder")).expect("a folder");
        fs::copy(from, to).expect("a copy");
        return;
    }
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let name = entry.expect("readable").file_name();
        copy(&from.join(&name), &to.join(&name));
    }
}

/// The lock and everything below `reports`.
fn made(study: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    collect(study, &study.join("reports"), &mut files);
    if let Ok(lock) = fs::read(study.join("pipeline.lock")) {
        files.insert("pipeline.lock".to_owned(), lock);
    }
    files
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below the root").display().to_string();
            files.insert(name, fs::read(&path).expect("readable"));
        }
    }
}

fn restudy(study: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_restudy"));
    command.current_dir(study).args(arguments);
    command
}

fn run(study: &Path, arguments: &[&str]) -> Output {
    let output = restudy(study, arguments).output().expect("starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn spawn(study: &Path) -> Child {
    let mut command = restudy(study, &["run"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts")
}

/// A study after a run, with another cell in its raw file since: what that
/// run made, and what the next one is to make.
struct Versions {
    study: TempDir,
    old: BTreeMap<String, Vec<u8>>,
    new: BTreeMap<String, Vec<u8>>,
}

impl Versions {
    fn new() -> Self {
        let study = copy_of(SMALL);
        run(study.path(), &["run"]);
        let old = made(study.path());
        change_a_cell(study.path());
        let other = copy_of(SMALL);
        change_a_cell(other.path());
        run(other.path(), &["run"]);
        let new = made(other.path());
        // both versions must differ, or a mixture of them could not be told
        assert!(old.len() > 2 && old.keys().eq(new.keys()) && old != new);
        Self { study, old, new }
    }

    /// A fresh copy of the study that is to be run again.
    fn copy(&self) -> TempDir {
        let to = tempfile::tempdir().expect("a folder");
        copy(self.study.path(), to.path());
        to
    }
}

fn change_a_cell(study: &Path) {
    let path = study.join("data/patients.csv");
    let text = fs::read_to_string(&path).expect("readable");
    let changed =
        text.replace("A05,old,72,2020-03-09,2020-04-20,64", "A05,old,72,2020-03-09,2020-04-20,164");
    assert!(changed != text);
    fs::write(path, changed).expect("writable");
}

#[test]
fn a_killed_run_leaves_the_last_good_outputs_or_finishes() {
    let versions = Versions::new();
    let whole = {
        let copy = versions.copy();
        let start = Instant::now();
        run(copy.path(), &["run"]);
        start.elapsed()
    };
    // at the start, while stages run, and near the end, where outputs are published
    for moment in [0.02, 0.2, 0.5, 0.8, 0.95] {
        let copy = versions.copy();
        let mut child = spawn(copy.path());
        sleep(whole.mul_f64(moment));
        child.kill().expect("not waited for yet");
        child.wait().expect("ended");
        versions.check_after_a_kill(copy.path());
    }
}

#[test]
fn a_run_killed_while_it_publishes_is_finished_by_the_next() {
    let versions = Versions::new();
    let copy = versions.copy();
    let journal = copy.path().join(".restudy/publishing.json");
    let mut child = spawn(copy.path());
    // the journal is there for a moment only, so it is waited for without a pause
    while !journal.exists() && child.try_wait().expect("asked").is_none() {
        std::hint::spin_loop();
    }
    child.kill().expect("not waited for yet");
    child.wait().expect("ended");
    versions.check_after_a_kill(copy.path());
}

impl Versions {
    /// The outputs are the old ones or the new ones, or the journal says how
    /// to finish; and the next run finishes, and leaves nothing else behind.
    fn check_after_a_kill(&self, study: &Path) {
        let journal = study.join(".restudy/publishing.json").exists();
        let mut left = made(study);
        // new contents beside the outputs that are not renamed yet
        left.retain(|path, _| !path.contains("/.restudy-"));
        assert!(journal || left == self.old || left == self.new, "{:?}", left.keys());
        let status = restudy(study, &["status"]).output().expect("starts");
        let said = String::from_utf8_lossy(&status.stdout).into_owned();
        assert_eq!(journal, said.contains("unfinished"), "{said}");
        // what a killed run left must not be laid at the door of a person
        assert!(!said.contains("TAMPERED"), "{said}");
        let output = run(study, &["run"]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(journal, said.starts_with("finished the publication"), "{said}");
        // whatever was left, the next run ends where an undisturbed one does
        assert!(made(study) == self.new, "{:?}", made(study).keys());
        assert!(!study.join(".restudy/publishing.json").exists());
    }
}

#[test]
fn a_verification_that_is_killed_leaves_no_rows_elsewhere() {
    let study = copy_of(SMALL);
    run(study.path(), &["run"]);
    let temporary = tempfile::tempdir().expect("a folder");
    let rows = study.path().join(".restudy/verifying/objects");
    let mut child = restudy(study.path(), &["verify"])
        // rows of patients must not stay in a folder that others can read
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    while !rows.exists() && child.try_wait().expect("asked").is_none() {
        std::hint::spin_loop();
    }
    child.kill().expect("not waited for yet");
    child.wait().expect("ended");
    assert!(rows.exists(), "it was killed in the midst of it");
    assert_eq!(fs::read_dir(temporary.path()).expect("there").count(), 0);
    // the next run takes away what the killed one left in the store
    run(study.path(), &["run"]);
    assert!(!study.path().join(".restudy/verifying").exists());
}

#[test]
fn a_second_run_waits_and_says_for_whom() {
    let study = copy_of(SMALL);
    let mut first = spawn(study.path());
    let mut screen = BufReader::new(first.stderr.take().expect("piped")).lines();
    // the first line says that a stage is done, so the first run has its turn
    screen.next().expect("a line").expect("text");
    let second = restudy(study.path(), &["run"]).output().expect("starts");
    screen.for_each(drop);
    assert!(first.wait().expect("ended").success());
    assert!(second.status.success());
    assert_eq!(
        String::from_utf8_lossy(&second.stderr).lines().next(),
        Some(
            format!("waiting for process {}, which runs this study at the moment", first.id())
                .as_str()
        )
    );
    let said = String::from_utf8_lossy(&second.stdout).into_owned();
    // it looked at the store only after the first run was done
    assert!(said.contains("nothing to do"), "{said}");
}

#[test]
fn the_study_comes_out_the_same_with_one_thread_and_with_two() {
    // the whole study of the repository, with every kind of output
    let (one, two) = (copy_of("."), copy_of("."));
    run(one.path(), &["run", "--quiet", "--threads", "1"]);
    run(two.path(), &["run", "--quiet", "--threads", "2"]);
    let (one_made, two_made) = (made(one.path()), made(two.path()));
    let different: Vec<&String> =
        one_made.keys().filter(|path| one_made.get(*path) != two_made.get(*path)).collect();
    assert_eq!(different, Vec::<&String>::new());
    assert!(one_made.keys().eq(two_made.keys()) && one_made.len() > 10);
    for (path, bytes) in &one_made {
        says_nothing_of_when_and_where(path, bytes, one.path());
    }
    let again = run(two.path(), &["run"]);
    let said = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(said.contains("nothing to do"), "{said}");
}

/// No output holds a path of this machine, its name, or the day of the run.
fn says_nothing_of_when_and_where(path: &str, bytes: &[u8], study: &Path) {
    let mut forbidden = vec![study.display().to_string(), "/home/".into()];
    forbidden.extend(
        std::env::var("HOME").ok().filter(|home| home.len() > 1).map(|home| format!("{home}/")),
    );
    forbidden.push(std::env::temp_dir().join("").display().to_string());
    forbidden.push(repository().canonicalize().expect("there").display().to_string());
    let host = fs::read_to_string("/etc/hostname").unwrap_or_default();
    // a shorter name may stand in an output by chance
    forbidden.extend((host.trim().len() > 3).then(|| host.trim().to_owned()));
    forbidden.push(today());
    for word in forbidden {
        let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
        assert!(!found, "`{path}` holds `{word}`");
    }
    // the chunk in which an image of PNG holds the time of its making
    assert!(!bytes.windows(4).any(|window| window == b"tIME"), "`{path}` holds a time");
}

/// Today as `2026-11-23` (Hinnant's algorithm on the proleptic calendar).
fn today() -> String {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or(Duration::ZERO);
    let day = i64::try_from(since.as_secs() / 86_400).expect("small") + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    format!("{:04}-{month:02}-{date:02}", year + era * 400 + i64::from(month <= 2))
}
