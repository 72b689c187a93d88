//! Tests of the layout of flow diagrams.

use super::*;
use crate::sample::assert_sound;

fn plain(heading: &str, n: u64) -> FlowBox {
    FlowBox { heading: heading.to_owned(), lines: vec![(format!("n = {n}"), String::new())] }
}

fn plot(arms: &[&str]) -> FlowPlot {
    let reasons = [
        // Short, long, and longer than the box is wide twice over. They sum to 28.
        ("Not squamous cell carcinoma", "6"),
        ("No recurrent or metastatic disease at the first dose", "9"),
        (
            "Fewer than two doses of an immune checkpoint inhibitor, or treatment within a trial whose results are blinded",
            "4",
        ),
        ("No scan after baseline", "9"),
    ];
    FlowPlot {
        screened: plain("Patients in the hospital export with immunotherapy, 2018 to 2022", 141),
        excluded: Some(FlowBox {
            heading: "Excluded (n = 28)".to_owned(),
            lines: reasons.map(|(reason, n)| (reason.to_owned(), n.to_owned())).to_vec(),
        }),
        analysed: plain("Patients analysed", 113),
        left_out: None,
        arms: arms.iter().map(|arm| plain(arm, 37)).collect(),
        mark: Some("SIMULATED"),
        width: 150.0 * POINTS_PER_MM,
        height: None,
    }
}

#[test]
fn two_groups() {
    let drawing = plot(&["Radiotherapy", "No radiotherapy"]).draw().expect("draws");
    assert_sound("flow", &drawing);
    assert_eq!(drawing, plot(&["Radiotherapy", "No radiotherapy"]).draw().expect("draws"));
}

#[test]
fn five_groups_with_long_names_and_patients_in_none() {
    let name = "Radiotherapy of the primary tumour and of metastases";
    let left_out = Some(FlowBox {
        heading: "In no group (n = 3)".to_owned(),
        lines: vec![("Group or follow-up unknown".to_owned(), "3".to_owned())],
    });
    let plot = FlowPlot { left_out, width: 120.0 * POINTS_PER_MM, ..plot(&[name; 5]) };
    // Narrow boxes, words that must break within them, and a second box at the side.
    assert_sound("flow_five", &plot.draw().expect("draws"));
}

#[test]
fn no_groups() {
    assert_sound("flow_none", &plot(&[]).draw().expect("draws"));
    assert_sound("flow_one", &plot(&["All"]).draw().expect("draws"));
}

#[test]
fn a_figure_too_low_says_what_it_needs() {
    let error = FlowPlot { height: Some(120.0), ..plot(&[]) }.draw().expect_err("too low");
    assert_eq!(error.to_string(), "the figure is 42 mm high and needs 77 mm");
}
