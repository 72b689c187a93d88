//! Where a study may read and write: below its own folder, plain files only,
//! nothing of git or the store, and no raw data on a page.

use std::fs;

use super::folder::Study;

fn output_at(path: &str) -> Study {
    let study = Study::new();
    study.replace("pipeline.yaml", "reports/page.txt", path);
    study
}

#[test]
fn outputs_that_have_no_place_are_found_before_anything_runs() {
    for (path, reason) in [
        ("../page.txt", "is no plain path below the study's folder"),
        ("/tmp/page.txt", "is no plain path below the study's folder"),
        (".git/hooks/pre-commit", "belongs to git"),
        ("sub/.GIT/config", "belongs to git"),
        (".restudy/turn", "belongs to the store"),
        ("data/page.txt", "stands in `data`, where raw files are and no run writes"),
        ("Data/page.txt", "stands in `data`, where raw files are and no run writes"),
        ("numbers.txt", "the study is made from"),
        ("NUMBERS.txt", "the study is made from"),
        ("pipeline.yaml", "the study is made from"),
        ("Pipeline.lock", "the study is made from"),
        ("reports/nul.txt", "is a device on Windows"),
    ] {
        // One message a path, and before any stage ran.
        let said = output_at(path).said();
        assert_eq!(said, [format!("no output can be `{path}`, which {reason}")]);
    }
    for path in [r#""a\0b""#, r#""reports/a\nb""#, &format!("reports/{}", "x".repeat(300))] {
        assert_eq!(output_at(path).said().len(), 1, "{path}");
    }
}

#[test]
fn a_source_is_one_under_any_name() {
    let study = output_at("others.txt");
    study.replace(
        "pipeline.yaml",
        // The stage names its file by a detour, the output by its plain name.
        "path: others.txt }\nanalyze",
        "path: ./x/../others.txt }\nanalyze",
    );
    fs::create_dir_all(study.path("x")).expect("a folder");
    let said = "no output can be `others.txt`, which the study is made from";
    assert_eq!(study.said(), [said]);
    let study = output_at("copy.txt");
    fs::hard_link(study.path("others.txt"), study.path("copy.txt")).expect("a link");
    assert_eq!(study.said(), [said.replace("others", "copy")]);
}

#[test]
fn outputs_that_meet_are_found_before_anything_runs() {
    assert_eq!(
        output_at("reports/other.txt").said(),
        ["`report.page` makes `reports/other.txt` too"]
    );
    assert_eq!(
        output_at("reports/Other.txt").said(),
        ["`reports/other.txt` meets `reports/Other.txt` of `report.page`: not every file system \
             has room for both"]
    );
    assert_eq!(output_at("reports/other.txt/page.txt").said().len(), 1);
    assert_eq!(output_at("reports").said().len(), 1);
}

#[test]
fn an_output_takes_no_folder_and_no_file_on_its_way() {
    let study = Study::new();
    fs::create_dir_all(study.path("reports/page.txt")).expect("a folder");
    assert_eq!(
        study.said(),
        ["no output can be `reports/page.txt`, which is the name of a folder"]
    );
    let study = Study::new();
    study.write("reports", "a file\n");
    assert_eq!(study.said().len(), 2);
    assert!(study.try_run(&Default::default()).is_err());
    assert_eq!(study.read("reports"), "a file\n");
}

/// A study with a page that prints the text at a path.
fn text_at(path: &str) -> Study {
    let study = Study::new();
    let pipeline = study.read("pipeline.yaml");
    let words = format!("  words: {{ kind: words, text: {path}, path: reports/words.txt }}\n");
    study.write("pipeline.yaml", &(pipeline + &words));
    study
}

#[test]
fn a_page_prints_texts_of_the_study() {
    let study = text_at("text/./methods.md");
    study.write("text/methods.md", "words\n");
    assert_eq!(study.said(), Vec::<String>::new());
    study.run();
    assert_eq!(study.read("reports/words.txt"), "words\n");
}

#[test]
fn a_page_prints_nothing_from_elsewhere() {
    for (path, said) in [
        ("../../etc/passwd", "`../../etc/passwd` leads out of the study's folder"),
        ("text/../../x", "`text/../../x` leads out of the study's folder"),
        ("/proc/self/environ", "`/proc/self/environ` is an absolute path"),
        (".git/config", "`.git/config` stands in `.git`, from which no study reads"),
        (".restudy/turn", "`.restudy/turn` stands in `.restudy`, from which no study reads"),
        (
            "numbers.txt",
            "`numbers.txt` is raw data, which `ingest.numbers` reads: no page shows it",
        ),
        (
            "./numbers.txt",
            "`./numbers.txt` is raw data, which `ingest.numbers` reads: no page shows it",
        ),
        ("text", "failed to read `text`: is a directory"),
    ] {
        let study = text_at(path);
        study.write("text/methods.md", "words\n");
        study.write(".git/config", "[core]\n");
        study.write(".restudy/turn", "\n");
        assert_eq!(study.said(), [said]);
    }
}

#[test]
fn a_text_has_a_size() {
    let study = text_at("text/long.md");
    study.write("text/long.md", "");
    // One byte too long, and sparse, so that the disk holds nothing of it.
    let file = fs::OpenOptions::new().write(true).open(study.path("text/long.md")).expect("there");
    file.set_len((16 << 20) + 1).expect("a sparse file");
    assert_eq!(study.said(), ["failed to read `text/long.md`: it is larger than 16 MiB"]);
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn no_output_passes_through_a_link() {
        let elsewhere = tempfile::tempdir().expect("a folder");
        let study = Study::new();
        symlink(elsewhere.path(), study.path("reports")).expect("a link");
        assert_eq!(
            study.said(),
            ["reports/page.txt", "reports/other.txt"].map(|path| format!(
                "no output can be `{path}`, which passes through the link `reports`"
            ))
        );
        assert!(study.try_run(&Default::default()).is_err());
        assert_eq!(fs::read_dir(elsewhere.path()).expect("there").count(), 0);
    }

    #[test]
    fn a_link_in_the_place_of_an_output_is_not_followed() {
        let study = Study::new();
        study.run();
        // The very content of the output: only that it is a link speaks against it.
        study.write("mine.txt", "sum 20\n");
        fs::remove_file(study.path("reports/page.txt")).expect("there");
        symlink("../mine.txt", study.path("reports/page.txt")).expect("a link");
        assert_eq!(study.open().status().expect("readable").tampered, ["reports/page.txt"]);
        study.write("numbers.txt", "100\n");
        assert!(study.try_run(&Default::default()).is_err());
        assert_eq!(study.read("mine.txt"), "sum 20\n");
    }

    #[test]
    fn a_store_that_came_with_links_writes_nowhere_else() {
        let study = Study::new();
        study.write("README.md", "read me\n");
        // A store as somebody else might hand it on: every file that a run writes there
        // leads elsewhere.
        study.write(".restudy/stages/x", "");
        symlink("../README.md", study.path(".restudy/turn")).expect("a link");
        fs::hard_link(study.path("README.md"), study.path(".restudy/verifying.turn"))
            .expect("a link");
        symlink("../new", study.path(".restudy/.gitignore")).expect("a link");
        symlink("../keep", study.path(".restudy/verifying")).expect("a link");
        study.write("keep/rows", "mine\n");
        study.run();
        let quiet = super::super::folder::Quiet(std::sync::Mutex::default());
        assert!(study.open().verify(&quiet).expect("runs").is_same());
        assert_eq!(
            (study.read("README.md"), study.read("keep/rows")),
            ("read me\n".into(), "mine\n".into())
        );
        assert!(!study.path("new").exists());
    }

    #[test]
    fn a_text_is_looked_for_behind_its_links() {
        let elsewhere = tempfile::tempdir().expect("a folder");
        fs::write(elsewhere.path().join("secret"), "secret\n").expect("writable");
        for (target, said) in [
            (elsewhere.path().join("secret"), "`text.md` leads out of the study's folder"),
            // Would never end if it were opened and read.
            ("/dev/zero".into(), "`text.md` leads out of the study's folder"),
            (
                "numbers.txt".into(),
                "`text.md` is raw data, which `ingest.numbers` reads: no page shows it",
            ),
            (".git/config".into(), "`text.md` stands in `.git`, from which no study reads"),
        ] {
            let study = text_at("text.md");
            study.write(".git/config", "[core]\n");
            symlink(target, study.path("text.md")).expect("a link");
            assert_eq!(study.said(), [said]);
        }
        let study = text_at("text.md");
        study.write("text/own.md", "words\n");
        symlink("text/own.md", study.path("text.md")).expect("a link");
        assert_eq!(study.said(), Vec::<String>::new());
    }

    #[test]
    fn another_name_of_a_raw_file_is_the_raw_file() {
        let study = text_at("text.md");
        fs::hard_link(study.path("numbers.txt"), study.path("text.md")).expect("a link");
        assert_eq!(
            study.said(),
            ["`text.md` is raw data, which `ingest.numbers` reads: no page shows it"]
        );
    }

    #[test]
    fn nothing_waits_for_a_pipe() {
        let study = text_at("text.md");
        let made = std::process::Command::new("mkfifo").arg(study.path("text.md")).status();
        // Nobody writes into it: to open it would wait for ever.
        assert!(made.expect("mkfifo is there").success());
        assert_eq!(study.said(), ["failed to read `text.md`: it is no plain file"]);
    }
}

#[test]
fn what_a_library_throws_in_rehearsal_is_said_at_its_entry() {
    assert_eq!(
        output_at("reports/panic.txt").said(),
        ["these parameters are more than the program can take: a library gave up"]
    );
}

fn of_centres() -> Study {
    let study = Study::new();
    study.replace("pipeline.yaml", "path: numbers.txt", "path: raw/centre_*.txt");
    study.write("raw/centre_b.txt", "20\n");
    study.write("raw/centre_a.txt", "1\n");
    study
}

#[test]
fn a_file_that_comes_to_match_makes_the_stage_run() {
    let study = of_centres();
    study.run();
    assert_eq!(study.read("reports/page.txt"), "sum 20\n");
    let lock = study.read("pipeline.lock");
    assert!(lock.contains("raw/centre_a.txt") && lock.contains("raw/centre_b.txt"), "{lock}");
    study.write("raw/other.txt", "not read");
    assert_eq!(study.ran(), Vec::<String>::new());

    study.write("raw/centre_c.txt", "30\n");
    assert_eq!(
        study.run()[0],
        ("ingest.numbers".to_owned(), vec!["file raw/centre_c.txt is now read".to_owned()])
    );
    assert_eq!(study.read("reports/page.txt"), "sum 50\n");
    // the pipeline file and every content are the same, one name is not
    fs::rename(study.path("raw/centre_c.txt"), study.path("raw/centre_d.txt")).expect("renamed");
    assert_eq!(study.ran(), ["ingest.numbers"]);
    fs::remove_file(study.path("raw/centre_d.txt")).expect("removed");
    study.run();
    assert_eq!(study.read("reports/page.txt"), "sum 20\n");
}

#[test]
fn what_matches_goes_through_the_door_of_every_path() {
    let study = of_centres();
    fs::create_dir_all(study.path("raw/centre_c.txt")).expect("a folder");
    study.write("raw/centre_d.txt", "x\n");
    let said = study.said();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("failed to read `raw/centre_c.txt`: "), "{said:?}");
    let study = of_centres();
    study.replace("pipeline.yaml", "raw/centre_*.txt", "raw/center*.txt");
    assert_eq!(study.said(), ["no file matches `raw/center*.txt`"]);
    let study = of_centres();
    study.replace("pipeline.yaml", "raw/centre_*.txt", "r?w/../../*.txt");
    assert_eq!(study.said(), ["`r?w/../../*.txt` leads out of the study's folder"]);
    let study = of_centres();
    study.replace("pipeline.yaml", "path: others.txt", "path: .restudy/*");
    assert_eq!(study.said().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_wildcard_follows_no_link_out_of_the_study() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    fs::write(elsewhere.path().join("centre_x.txt"), "7\n").expect("writable");
    for (link, to) in [("raw/centre_x.txt", "centre_x.txt"), ("raw/centre_y.txt", "gone.txt")] {
        let study = of_centres();
        std::os::unix::fs::symlink(elsewhere.path().join(to), study.path(link)).expect("a link");
        assert_eq!(study.said().len(), 1, "{link}: {:?}", study.said());
    }
    let study = of_centres();
    std::os::unix::fs::symlink(elsewhere.path(), study.path("raw/sub")).expect("a link");
    study.replace("pipeline.yaml", "raw/centre_*.txt", "raw/*/centre_*.txt");
    assert_eq!(study.said(), ["`raw/sub` leads out of the study's folder"]);
}
