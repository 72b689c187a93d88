//! A font of the study, for letters that the bundled one lacks.

use restudy_tests::{Study, repository};

const FILE: &str = "pipeline.yaml";

/// The small study with a group and an axis named in Chinese.
fn study(fonts: &str) -> Study {
    let figures = "report:
  flow: { kind: flow_figure, title: T, groups: by_site, screened: 无 A 进展, analysed: 生存 }
  by_site_curves: { kind: survival_figure, title: T, curves: by_site, y_label: 无进展生存, x_label: 时间 (months) }
  ratios: { kind: forest_figure, title: T, model: site_model }
";
    let site = "  young: { kind: exclude, where: age < 18, reason: young }
  site: { kind: derive, sql: \"CASE WHEN age > 60 THEN '北京' ELSE 'B' END\", levels: [北京, B] }
  elderly:";
    let analyses = "analyze:
  by_site: { kind: kaplan_meier, endpoint: os, by: site }
  site_model: { kind: cox_model, endpoint: os, terms: [site] }
";
    let font = repository().join("tests/fonts/DroidSansFallback-subset.ttf");
    Study::small()
        .with("fonts/han.ttf", std::fs::read(font).expect("a font"))
        .with("fonts/none.ttf", "no font")
        .replacing(FILE, "  index_date: started\n", &format!("  index_date: started\n{fonts}"))
        .replacing(FILE, "  elderly:", site)
        .replacing(FILE, "analyze:\n", analyses)
        .replacing(FILE, "report:\n", figures)
}

#[test]
fn a_font_of_the_study_draws_what_the_bundled_one_lacks() {
    let study = study("  fonts: [fonts/han.ttf]\n");
    study.says("run --quiet").succeeds();
    for figure in ["flow", "by_site_curves", "ratios"] {
        let svg = study.read(&format!("reports/figures/{figure}.svg"));
        let drawn = svg.split("<g font-family").nth(1).expect("a drawing");
        // glyphs are drawn as outlines, so a reader needs no such font
        assert!(drawn.contains("<g transform=\"matrix("), "{figure}");
        assert!(
            !drawn.contains(['北', '无', '时', '生']),
            "{figure} hopes for a font of the reader"
        );
        assert!(study.path(&format!("reports/figures/{figure}.png")).exists());
    }
    // letters of both fonts stand in one text, in their places
    let flow = study.read("reports/figures/flow.svg");
    assert!(flow.contains("xml:space=\"preserve\"") && flow.contains("> A </text>"), "{flow}");
    let lock = study.read("pipeline.lock");
    assert!(lock.contains("fonts/han.ttf"), "{lock}");
    study.says("run --quiet").succeeds();
    study.says("verify").succeeds();
}

#[test]
fn fonts_that_do_not_help_are_told() {
    let said = |fonts: &str, from: &str, to: &str| {
        let said = study(fonts).replacing(FILE, from, to).says("check");
        let lines = said.err.lines().filter(|line| line.starts_with("  × "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let han = "  fonts: [fonts/han.ttf]\n";
    assert_eq!(
        // the subset has only the letters of this test, and this is none of them
        said(han, "无 A 进展", "无 漢"),
        ["  × report.flow: the font has no glyph for `漢` (U+6F22) in `无 漢`"]
    );
    assert_eq!(
        said("  fonts: [fonts/none.ttf]\n", "无 A 进展", "A"),
        ["  × report.flow: `fonts/none.ttf` of `fonts` is no font"]
    );
    let absent = said("  fonts: [fonts/hn.ttf]\n", "无 A 进展", "A");
    assert_eq!(absent, ["  × report.flow: there is no file `fonts/hn.ttf`"]);
}
