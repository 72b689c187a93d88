//! Figures for print: every number that a journal asks for, read back out of the files.

use std::collections::BTreeMap;

use restudy_tests::{Pdf, Pixels, Study};

const FILE: &str = "pipeline.yaml";
const FIGURE: &str = "test: comparison }";
// the number that TIFF has for this way of packing
const LZW: u16 = 5;

/// The small study whose figure says this of its print.
fn printed(said: &str) -> Study {
    Study::small().replacing(FILE, FIGURE, &format!("test: comparison, {said} }}"))
}

/// The same after a run.
fn run(said: &str) -> Study {
    let study = printed(said);
    study.says("run --quiet").succeeds();
    study
}

fn file(study: &Study, name: &str) -> Vec<u8> {
    std::fs::read(study.path(&format!("reports/figures/{name}"))).expect("a file")
}

/// The sizes of the smallest and the largest letters.
fn sizes(pdf: &Pdf) -> (f64, f64) {
    let sizes = || pdf.letters().into_iter().map(|letters| letters.size_pt);
    (sizes().fold(f64::INFINITY, f64::min), sizes().fold(0.0, f64::max))
}

#[test]
fn a_figure_of_plos_is_as_plos_asks() {
    let study = run("journal: plos, number: 1, accept: [font], files: [svg, tiff, pdf]");
    let bytes = file(&study, "Fig1.tif");
    let tiff = Pixels::of_tiff(&bytes);
    // the bounds of PLOS at 300 dots an inch
    assert!((789..=2250).contains(&tiff.size.0) && tiff.size.1 <= 2625, "{:?}", tiff.size);
    assert_eq!((tiff.dpi, tiff.bits.as_slice(), tiff.compression), (300.0, &[8; 3][..], LZW));
    assert!(bytes.len() < 10_000_000);
    let (smallest, largest) = sizes(&Pdf::of(&file(&study, "curves.pdf")));
    assert!(smallest >= 8.0 && largest <= 12.0, "{smallest} to {largest} pt");
    let widest = run("journal: plos, accept: [font], width_mm: 190.5, dpi: 600, files: [tiff]");
    let tiff = Pixels::of_tiff(&file(&widest, "curves.tif"));
    assert_eq!((tiff.size.0, tiff.dpi), (4500, 600.0), "2250 at 300 dots an inch");
}

#[test]
fn a_figure_of_nature_is_as_nature_asks() {
    let study = run("journal: nature, width_mm: 89, accept: [font], files: [svg, pdf]");
    let pdf = Pdf::of(&file(&study, "curves.pdf"));
    let (width, height) = pdf.page_mm();
    assert!((width - 89.0).abs() < 0.01 && height <= 170.0, "{width} by {height} mm");
    let (smallest, largest) = sizes(&pdf);
    assert!(smallest >= 5.0 && largest <= 7.0, "{smallest} to {largest} pt");
    let svg = study.read("reports/figures/curves.svg");
    let texts = svg.lines().filter(|line| line.starts_with("<text "));
    let fills: Vec<&str> =
        texts.map(|text| &text.split("fill=\"#").nth(1).expect("a colour")[..6]).collect();
    assert!(fills.contains(&"000000"), "the groups' names are black");
    for fill in fills {
        // grey, as its three parts are the same
        assert!(fill[..2] == fill[2..4] && fill[2..4] == fill[4..], "#{fill} is a colour");
    }
}

#[test]
fn a_page_has_the_text_of_the_drawing_in_embedded_fonts() {
    let study = run("files: [svg, pdf, pdf_outlined]");
    let (bytes, svg) = (file(&study, "curves.pdf"), study.read("reports/figures/curves.svg"));
    let pdf = Pdf::of(&bytes);
    let fonts = pdf.fonts();
    assert_eq!(fonts.len(), 2);
    for (name, is_embedded) in fonts {
        // six letters before the name say that only the used glyphs are in the file
        let (subset, font) = name.split_once('+').expect("a part of a font is named so");
        assert!(is_embedded && subset.len() == 6 && font.starts_with("Inter-"), "{name}");
    }
    // a halo is drawn, not written: each text is there once
    let texts = svg.lines().filter(|line| line.starts_with("<text ") && !line.contains("stroke"));
    let texts = texts.map(|line| {
        let text = line.split_once('>').expect("a text").1.trim_end_matches("</text>");
        text.replace("&lt;", "<").replace("&amp;", "&")
    });
    let mut drawn: BTreeMap<String, i32> = BTreeMap::new();
    texts.for_each(|text| *drawn.entry(text).or_default() += 1);
    let mut written: BTreeMap<String, i32> = BTreeMap::new();
    pdf.letters().into_iter().for_each(|one| *written.entry(one.text).or_default() += 1);
    assert_eq!(written, drawn);
    assert!(drawn.len() > 20);
    let (smallest, largest) = sizes(&pdf);
    assert!(
        (smallest - 6.5).abs() < 1e-3 && (largest - 8.0).abs() < 1e-3,
        "{smallest} to {largest}"
    );
    assert!(pdf.has_described_figure() && !pdf.has_date());
    let (width, _) = pdf.page_mm();
    assert!((width - 183.0).abs() < 0.01, "{width} mm");
    // outlines are no text, and need no font
    let outlined = Pdf::of(&file(&study, "curves_outlined.pdf"));
    assert!(outlined.fonts().is_empty() && outlined.letters().is_empty());
    assert!(outlined.has_described_figure() && outlined.page_mm() == pdf.page_mm());
}

#[test]
fn pixels_are_those_of_one_drawing_at_any_resolution() {
    let study = run("files: [png, tiff], dpi: 500");
    let (png, tiff) =
        (Pixels::of_png(&file(&study, "curves.png")), Pixels::of_tiff(&file(&study, "curves.tif")));
    assert_eq!(png.size, tiff.size);
    // the width of the figure in millimetres, by inches, at 500 dots
    assert_eq!(png.size.0, (183.0_f64 / 25.4 * 500.0).round() as u32);
    assert!((png.dpi - 500.0).abs() < 0.01 && tiff.dpi == 500.0);
    let flattened = png.samples.chunks(4).flat_map(|pixel| {
        assert_eq!(pixel[3], 255, "nothing is transparent");
        &pixel[..3]
    });
    assert!(flattened.eq(&tiff.samples), "the same picture");
    assert!(tiff.samples.iter().any(|sample| *sample != 255), "it is not blank");
}

#[test]
fn files_for_print_are_the_same_again_and_by_any_number_of_threads() {
    let said = "files: [svg, png, pdf, pdf_outlined, tiff]";
    let study = run(said);
    let first = study.made();
    study.says("verify").succeeds();
    let other = printed(said);
    other.says("run --quiet --threads 1").succeeds();
    assert_eq!(first, other.made());
}

#[test]
fn the_study_says_it_for_all_figures_and_only_reports_run_again() {
    let study = Study::small_after_a_run().replacing(
        FILE,
        "  index_date: started\n",
        "  index_date: started\n  figures: { files: [svg, pdf], journal: natur }\n",
    );
    let said = study.says("check");
    assert!(
        said.err.contains("`journal` cannot be `natur`")
            && said.err.contains("did you mean `nature`"),
        "{}",
        said.err
    );
    let study = study.replacing(FILE, ", journal: natur }", " }");
    let said = study.says("status");
    let stale = said.out.lines().filter(|line| line.starts_with("stale"));
    let stale: Vec<&str> = stale.map(|line| line.split(':').next().unwrap_or_default()).collect();
    assert_eq!(stale, ["stale     report.curves"], "{}", said.out);
    study.says("run --quiet").succeeds();
    let lock = study.read("pipeline.lock");
    assert!(lock.contains("figures/curves.pdf") && !lock.contains("figures/curves.png"), "{lock}");
}

#[test]
fn check_names_a_broken_rule_at_its_place() {
    let study = printed("journal: elsevier, width_mm: 120, dpi: 300, files: [tiff]");
    let said = study.says("check");
    for part in [
        "report.curves: the figure is 120 mm wide, and Elsevier asks: 90 mm (one column), 140 mm",
        "not confirmed on its own pages",
        "`tiff` has 300 dots an inch, and Elsevier asks: 1000 dpi for line art",
        "write `dpi: 1000` or leave `dpi` out; or write `accept: [resolution]`",
    ] {
        let screen = said.err.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>();
        assert!(screen.join(" ").contains(part), "{part} is not in {}", said.err);
    }
}
