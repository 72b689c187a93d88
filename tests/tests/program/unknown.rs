//! Conditions that missing values leave open are told by a run.

use restudy_tests::Study;

const FILE: &str = "pipeline.yaml";

#[test]
fn an_exclusion_says_for_how_many_it_is_unknown() {
    let study = Study::small().replacing(
        FILE,
        "analyze:\n",
        // two of the four who were irradiated were so after that day; the other eight have
        // no date
        "  late: { kind: exclude, where: irradiated_on > '2020-05-01', reason: Late radiotherapy }\nanalyze:\n",
    );
    study.says("run --quiet").prints(
        "
noted    clean.late: 2 patients were excluded
wrote    reports/figures/curves.csv
wrote    reports/figures/curves.png
wrote    reports/figures/curves.svg
wrote    .gitattributes: git leaves the line ends of this study alone
unknown  clean.late.where: `irradiated_on > '2020-05-01'` is unknown for 8 patients, who stay (`irradiated_on` is missing)
pipeline.yaml: 8 stages, 8 ran, 0 fresh; 3 files written, 0 unchanged (TIME)
",
    );
    study.says("run --quiet").prints(
        "
unknown  1 condition met missing values, as told when their stages ran (--force tells them again)
pipeline.yaml: 8 stages, nothing to do (TIME)
",
    );
}

#[test]
fn an_analysis_of_some_patients_and_a_case_say_it_too() {
    Study::small()
        .replacing(
            FILE,
            "report:\n",
            "  soon: { kind: log_rank, endpoint: os, by: arm, where: irradiated_on - started < 60 }\nreport:\n",
        )
        .replacing(
            FILE,
            "sql: age >= 65 }",
            "sql: CASE WHEN irradiated_on - started < 50 THEN 'soon' ELSE 'late' END }",
        )
        .says("run --quiet")
        .prints(
            "
wrote    reports/figures/curves.csv
wrote    reports/figures/curves.png
wrote    reports/figures/curves.svg
wrote    .gitattributes: git leaves the line ends of this study alone
unknown  clean.elderly.sql: `irradiated_on - started < 50` is unknown for 8 patients, given the value of a later branch (`irradiated_on` is missing)
unknown  analyze.soon.where: `irradiated_on - started < 60` is unknown for 8 patients, not chosen (`irradiated_on` is missing)
pipeline.yaml: 8 stages, 8 ran, 0 fresh; 3 files written, 0 unchanged (TIME)
",
        );
}
