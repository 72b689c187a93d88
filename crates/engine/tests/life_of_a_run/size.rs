//! Large files: many stages, and documents made to be endless.

use std::fmt::Write;
use std::time::{Duration, Instant};

use restudy_engine::{Pipeline, Project};

use super::folder::Study;
use super::registry;

#[test]
fn two_thousand_stages_are_checked_in_a_moment() {
    let study = Study::new();
    let mut text = "restudy: 1\nstudy: { title: T, data_status: simulated, patient: number, \
                    analysis_table: numbers }\ningest:\n  numbers: { kind: numbers, path: numbers.txt }\nanalyze:\n"
        .to_owned();
    for number in 0..1000 {
        writeln!(text, "  sum_{number}: {{ kind: sum, table: numbers }}").expect("text grows");
    }
    text.push_str("report:\n");
    for number in 0..1000 {
        let entry = format!("kind: page, of: sum_{number}, path: reports/{number}.txt");
        writeln!(text, "  page_{number}: {{ {entry} }}").expect("text grows");
    }
    study.write("pipeline.yaml", &text);
    let start = Instant::now();
    let (project, said) =
        Project::open(&registry(), &study.path("pipeline.yaml"), "program").expect("readable");
    assert_eq!(said, vec![]);
    assert_eq!(project.expect("good").check(), vec![]);
    // a quadratic search took 40 s; a machine that does much else gets its time
    let took = start.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn documents_that_unfold_without_end_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        // Ten of the level before, twelve levels deep: a million million letters when
        // unfolded.
        let former = level - 1;
        let aliases = vec![format!("*a{former}"); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{aliases}]").expect("text grows");
    }
    let nested = format!("a: {}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    let indented: String = (0..5_000).map(|level| format!("{}k:\n", " ".repeat(level))).collect();
    for text in [bomb, nested, indented] {
        let (pipeline, said) = Pipeline::read(&registry(), &text);
        assert!(pipeline.is_none() && !said.is_empty());
    }
}
