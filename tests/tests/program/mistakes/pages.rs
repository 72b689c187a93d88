//! Mistakes in the page, its texts and tables.

use restudy_tests::Study;

use super::FILE;

/// The text of a page.
const TEXT: &str = "reports/text/survival.md";

/// The small study after a run, with `more` at the end of its pipeline file.
fn study(more: &str) -> Study {
    let study = Study::small_after_a_run();
    let file = study.read(FILE) + more.trim_start_matches('\n');
    study.with(FILE, file)
}

#[test]
fn a_text_that_does_not_exist() {
    study(
        r#"
  page:
    kind: supplement
    title: Page
    sections:
      - { heading: One, text: reports/text/survival.md, exhibits: [curves] }
"#,
    )
    .refuses(
        r#"
  × report.page: there is no file `reports/text/survival.md`
    ╭─[pipeline.yaml:33:31]
 32 │     sections:
 33 │       - { heading: One, text: reports/text/survival.md, exhibits: [curves] }
    ·                               ────────────────────────
    ╰────
  help: paths start from the folder of the pipeline file
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_number_in_the_text_that_does_not_exist() {
    study(
        r#"
  page:
    kind: supplement
    title: Page
    sections:
      - { heading: One, text: reports/text/survival.md, exhibits: [curves] }
"#,
    )
    .with(
        TEXT,
        r#"Median

{{ stat(id="survival.median.od") }}
"#,
    )
    .refuses(
        r#"
  × report.page: reports/text/survival.md:3: there is no finding `survival.median.od`
    ╭─[pipeline.yaml:33:31]
 32 │     sections:
 33 │       - { heading: One, text: reports/text/survival.md, exhibits: [curves] }
    ·                               ────────────────────────
    ╰────
  help: did you mean `survival.median.old`?
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_number_shown_in_a_way_that_does_not_exist() {
    study(
        r#"
  page:
    kind: supplement
    title: Page
    sections:
      - { heading: One, text: reports/text/survival.md, exhibits: [curves] }
"#,
    )
    .with(
        TEXT,
        r#"{{ stat(id="survival.median.old", show="fulll") }}
"#,
    )
    .refuses(
        r#"
  × report.page: reports/text/survival.md:1: `show` cannot be `fulll`: there are `value`, `bare`,
  │ `ci`, `full`, `p`, `n`, `events`, `missing`, `fraction`, `method`
    ╭─[pipeline.yaml:33:31]
 32 │     sections:
 33 │       - { heading: One, text: reports/text/survival.md, exhibits: [curves] }
    ·                               ────────────────────────
    ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_bracket_in_the_text_that_is_never_closed() {
    study(
        r#"
  page:
    kind: supplement
    title: Page
    sections:
      - { heading: One, text: reports/text/survival.md, exhibits: [curves] }
"#,
    )
    .with(
        TEXT,
        r#"{{ stat(id="survival.median.old" }}
"#,
    )
    .refuses(
        r#"
  × report.page: reports/text/survival.md:1: found `}}` but expected ,
    ╭─[pipeline.yaml:33:31]
 32 │     sections:
 33 │       - { heading: One, text: reports/text/survival.md, exhibits: [curves] }
    ·                               ────────────────────────
    ╰────
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn an_exhibit_in_the_text_that_does_not_exist() {
    study(
        r#"
  page:
    kind: supplement
    title: Page
    sections:
      - { heading: One, text: reports/text/survival.md, exhibits: [curves] }
"#,
    )
    .with(
        TEXT,
        r#"{{ ref(name="curve") }}
"#,
    )
    .refuses(
        r#"
  × report.page: reports/text/survival.md:1: there is no exhibit on this page called `curve`
    ╭─[pipeline.yaml:33:31]
 32 │     sections:
 33 │       - { heading: One, text: reports/text/survival.md, exhibits: [curves] }
    ·                               ────────────────────────
    ╰────
  help: did you mean `curves`?
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn an_exhibit_that_does_not_exist() {
    study(
        r#"
  page:
    kind: supplement
    title: Page
    sections:
      - { heading: One, text: reports/text/survival.md, exhibits: [curve] }
"#,
    )
    .with(TEXT, "Text\n")
    .refuses(
        r#"
  × report.page: `report` has no entry `curve`
    ╭─[pipeline.yaml:33:68]
 32 │     sections:
 33 │       - { heading: One, text: reports/text/survival.md, exhibits: [curve] }
    ·                                                                    ─────
    ╰────
  help: did you mean `curves`?
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn an_exhibit_that_stands_twice() {
    study(
        r#"
  page:
    kind: supplement
    title: Page
    sections:
      - { heading: One, text: reports/text/survival.md, exhibits: [curves, curves] }
"#,
    )
    .with(TEXT, "Text\n")
    .refuses(
        r#"
  × report.page: `curves` stands on the page twice
    ╭─[pipeline.yaml:33:76]
 32 │     sections:
 33 │       - { heading: One, text: reports/text/survival.md, exhibits: [curves, curves] }
    ·                                                                            ──────
    ╰────
  help: refer to it with `ref(name=...)` in the text
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_page_that_needs_itself() {
    // a page that shows itself could never be finished
    study(
        r#"
  page:
    kind: supplement
    title: Page
    sections:
      - { heading: One, text: reports/text/survival.md, exhibits: [page] }
"#,
    )
    .with(TEXT, "Text\n")
    .refuses(
        r#"
  × report.page: stages need one another in a circle: `report.page` needs `report.page`
    ╭─[pipeline.yaml:29:3]
 28 │   curves: { kind: survival_figure, title: Survival, curves: survival, test: comparison }
 29 │   page:
    ·   ────
 30 │     kind: supplement
    ╰────
  help: take one of these references out
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn two_pages_that_need_one_another() {
    study(
        r#"
  page:
    kind: supplement
    title: Page
    sections: [{ heading: One, exhibits: [other] }]
  other:
    kind: supplement
    title: Page
    page: reports/other.html
    sections: [{ heading: One, exhibits: [page] }]
"#,
    )
    .refuses(
        r#"
  × report.page: stages need one another in a circle: `report.page` needs `report.other` needs
  │ `report.page`
    ╭─[pipeline.yaml:29:3]
 28 │   curves: { kind: survival_figure, title: Survival, curves: survival, test: comparison }
 29 │   page:
    ·   ────
 30 │     kind: supplement
    ╰────
  help: take one of these references out
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn two_pages_in_one_file() {
    study(
        r#"
  page:
    kind: supplement
    title: Page
    sections: [{ heading: One, exhibits: [curves] }]
  other:
    kind: supplement
    title: Page
    sections: [{ heading: One, exhibits: [curves] }]
"#,
    )
    .refuses(
        r#"
  × report.other: `report.page` makes `reports/supplement.html` too
    ╭─[pipeline.yaml:33:3]
 32 │     sections: [{ heading: One, exhibits: [curves] }]
 33 │   other:
    ·   ─────
 34 │     kind: supplement
    ╰────
  help: give one of the two another name
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_page_outside_of_the_study() {
    // an output outside could be any file of the machine
    study(
        r#"
  page:
    kind: supplement
    title: Page
    page: /elsewhere/page.html
    sections: [{ heading: One, exhibits: [curves] }]
"#,
    )
    .refuses(
        r#"
  × report.page: no output can be `/elsewhere/page.html`, which is no plain path below the study's
  │ folder
    ╭─[pipeline.yaml:32:11]
 31 │     title: Page
 32 │     page: /elsewhere/page.html
    ·           ────────────────────
 33 │     sections: [{ heading: One, exhibits: [curves] }]
    ╰────
  help: such as `reports/supplement.html`
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_page_that_is_no_page() {
    // the raw file, which a page must never replace
    study(
        r#"
  page:
    kind: supplement
    title: Page
    page: data/patients.csv
    sections: [{ heading: One, exhibits: [curves] }]
"#,
    )
    .refuses(
        r#"
  × report.page: `data/patients.csv` is no HTML file
    ╭─[pipeline.yaml:32:11]
 31 │     title: Page
 32 │     page: data/patients.csv
    ·           ─────────────────
 33 │     sections: [{ heading: One, exhibits: [curves] }]
    ╰────
  help: such as `reports/supplement.html`
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn results_outside_of_the_study() {
    study(
        r#"
  results: { kind: results, folder: ../elsewhere }
"#,
    )
    .refuses(
        r#"
  × report.results: `../elsewhere` is no folder below the pipeline file
    ╭─[pipeline.yaml:29:37]
 28 │   curves: { kind: survival_figure, title: Survival, curves: survival, test: comparison }
 29 │   results: { kind: results, folder: ../elsewhere }
    ·                                     ────────────
    ╰────
  help: such as `reports/results`
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_table_of_an_analysis_of_another_kind() {
    study(
        r#"
  table: { kind: model_table, models: [survival] }
"#,
    )
    .refuses(
        r#"
  × report.table: `survival` has no ratios
    ╭─[pipeline.yaml:29:40]
 28 │   curves: { kind: survival_figure, title: Survival, curves: survival, test: comparison }
 29 │   table: { kind: model_table, models: [survival] }
    ·                                        ────────
    ╰────
  help: name an entry of a kind that makes ratios, such as `cox_model`, `landmark` or `subgroups`
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn a_table_of_models_that_were_not_fitted() {
    study(
        r#"
  table: { kind: model_table, models: [model], show: univariable }
"#,
    )
    .refuses(
        r#"
  × report.table: `model` has no models of one term each
    ╭─[pipeline.yaml:29:40]
 28 │   curves: { kind: survival_figure, title: Survival, curves: survival, test: comparison }
 29 │   table: { kind: model_table, models: [model], show: univariable }
    ·                                        ─────
    ╰────
  help: set `also_univariable: true` there, or `show: multivariable` here
1 mistake in pipeline.yaml: nothing was written
"#,
    );
}

#[test]
fn letters_that_the_font_of_figures_lacks_are_found_before_anything_runs() {
    let axes = "  follow_up: { kind: endpoints, define: { pfs: { time: os_days, status: os_event, label: 无进展生存 } } }
analyze:
  pfs: { kind: kaplan_meier, endpoint: pfs, by: site }
  by_site: { kind: cox_model, endpoint: os, terms: [site] }
";
    let figures = "report:
  flow: { kind: flow_figure, title: 流程, groups: pfs }
  pfs_curves: { kind: survival_figure, title: 生存, curves: pfs }
  ratios: { kind: forest_figure, title: 森林, model: by_site, favours: [better, 更差] }
";
    // one letter in each place that a figure draws: a group, an axis, an endpoint, a
    // label of the forest
    let study = Study::small()
        .replacing(FILE, "analyze:\n", axes)
        .replacing(FILE, "report:\n", figures)
        .replacing(FILE, "  elderly:", "  young: { kind: exclude, where: age < 18, reason: young }\n  elderly:")
        .replacing(FILE, "  elderly:", "  site: { kind: derive, sql: \"CASE WHEN age > 60 THEN '北京' ELSE 'B' END\", levels: [北京, B] }\n  elderly:")
        .replacing(FILE, "started: { type: date }", "started: { type: date, label: 开始 }");
    let said = study.says("check");
    let lines: Vec<&str> = said.err.lines().filter(|line| line.starts_with("  × ")).collect();
    let lacks = |of: &str, letter: &str, text: &str| {
        format!("  × report.{of}: the font has no glyph for {letter} in `{text}`")
    };
    assert_eq!(
        lines,
        [
            lacks("flow", "`北` (U+5317)", "北京"),
            lacks("pfs_curves", "`开` (U+5F00)", "Time since 开始 (months)"),
            lacks("pfs_curves", "`无` (U+65E0)", "无进展生存"),
            lacks("ratios", "`更` (U+66F4)", "更差"),
        ]
    );
    let also = "the same at 2 more places: 34:59 (report.pfs_curves), 35:3 (report.ratios)";
    assert!(said.err.contains(also), "{}", said.err);
}
