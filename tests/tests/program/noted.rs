//! What `restudy check` says of a file without mistakes: analyses that nothing
//! prints, and how much there is to do.

use restudy_tests::Study;

const FILE: &str = "pipeline.yaml";

/// The notes of a check that finds no mistake.
fn noted(study: &Study) -> Vec<String> {
    let said = study.says("check");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let notes = said.out.lines().filter_map(|line| line.strip_prefix("noted    "));
    notes.map(str::to_owned).collect()
}

fn with_report(report: &str) -> Study {
    let curves = "  curves: { kind: survival_figure,";
    Study::small().replacing(FILE, curves, &format!("  {report}\n{curves}"))
}

#[test]
fn an_analysis_that_nothing_names_is_noted() {
    let unnamed = "no report, text or claim names what these find: `analyze.model`";
    // the figure names the curves and the test, and nothing the model
    assert_eq!(noted(&Study::small()), [unnamed]);
    // what prints all findings names none
    assert_eq!(
        noted(&with_report("results: { kind: results }")),
        [format!("{unnamed} (what reads all analyses may still list them: `report.results`)")]
    );
    let several = Study::small().replacing(
        FILE,
        "  model: {",
        "  again: { kind: log_rank, endpoint: os, by: arm }\n  model: {",
    );
    assert_eq!(
        noted(&several)[0],
        unnamed.replace("`analyze.model`", "`analyze.again`, `analyze.model`")
    );
}

#[test]
fn whatever_names_a_finding_is_seen() {
    let nothing: [String; 0] = [];
    for report in [
        "table: { kind: model_table, title: Models, models: [model] }",
        "table: { kind: findings_table, title: Findings, findings: { Ratio: [\"model.*.arm.new\"] } }",
    ] {
        assert_eq!(noted(&with_report(report)), nothing, "{report}");
    }
    let page = "page: { kind: supplement, title: T, sections: [{ heading: H, text: text.md }] }";
    let text = |words: &str| with_report(page).with("text.md", words);
    assert_eq!(
        noted(&text("The ratio was {{ stat(id=\"model.hazard_ratio.arm.new\") }}.\n")),
        nothing
    );
    // an id in plain words is no reference
    assert_eq!(noted(&text("The model isn't shown: model.hazard_ratio.arm.new.\n")).len(), 1);
    for finding in ["model.hazard_ratio.arm.new", "'*.hazard_ratio.arm.new'"] {
        let claims = format!(
            "claims:\n  ratio: {{ label: L, quote: q, place: p, value: 1.2, finding: {finding} }}\nreport:\n"
        );
        assert_eq!(noted(&Study::small().replacing(FILE, "report:\n", &claims)), nothing);
    }
    // another analysis that reads it
    let value = "  e: { kind: e_value, finding: model.hazard_ratio.arm.new }\nreport:\n";
    assert_eq!(
        noted(&Study::small().replacing(FILE, "report:\n", value)),
        ["no report, text or claim names what these find: `analyze.e`"]
    );
}

#[test]
fn work_that_is_worth_a_word_is_noted() {
    let tests = |permutation: &str| {
        let entry = |name: &str| {
            format!(
                "  {name}: {{ kind: survival_comparison, endpoint: os, by: arm, tests: [log_rank, gehan, tarone_ware, peto_peto], permutation: {permutation} }}\n"
            )
        };
        let entry = ["one", "two", "three"].map(entry).concat() + "report:\n";
        let study = with_report("results: { kind: results }").replacing(FILE, "report:\n", &entry);
        noted(&study).into_iter().filter(|note| note.contains("work")).collect::<Vec<_>>()
    };
    assert_eq!(tests("1000"), [""; 0]);
    // a million permutations in each of three analyses
    assert_eq!(
        tests("1000000"),
        [
            "a run has about 0.4 minutes of work for one processor, 0.1 minutes of it `analyze.three`, if all 12 rows of data/patients.csv are analysed"
        ]
    );
}
