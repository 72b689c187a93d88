//! Tests of figures of panels: nothing is clipped or lies on another text, and
//! values lie where the axes say.

use super::*;
use crate::draw::POINTS_PER_MM;
use crate::exhibit::Plot;
use crate::sample::assert_sound;

fn ticks(values: &[f64]) -> Vec<(f64, String)> {
    values.iter().map(|value| (*value, crate::format::axis_number(*value))).collect()
}

fn panel(heading: &str) -> Panel {
    let look = Look::StepBand(Colour(0, 114, 178), 0.2);
    Panel {
        letter: heading[..1].to_owned(),
        heading: heading[1..].trim().to_owned(),
        notes: vec![
            "n = 37 and 76".to_owned(),
            "A line that is too long for a narrow panel".into(),
        ],
        share: 1.0,
        x: Scale::linear("Time (months)", (0.0, 24.0), ticks(&[0.0, 12.0, 24.0])),
        y: Scale::logarithmic("Ratio", (0.1, 10.0), ticks(&[0.1, 1.0, 10.0])),
        series: vec![
            Series::new(
                "Band",
                look,
                vec![Datum::between(0.0, 0.5, 2.0), Datum::between(9.0, 0.4, 3.0)],
            ),
            // Five times beyond the end of its axis.
            Series::new("Points", Look::Points(Shape::Disc, MUTED), vec![Datum::at(6.0, 50.0)]),
            // A guide: it has no name, and is no row of the file.
            Series::upright(12.0, &Scale::default(), Pen::solid(MUTED, 0.5)),
        ],
        below: vec![BelowRow {
            name: "At risk".into(),
            cells: vec![(0.0, "76".into()), (12.0, "15".into())],
            ..BelowRow::default()
        }],
        key: vec![KeyEntry { looks: vec![look], text: "With its limits".to_owned() }],
        favours: Some(["below".to_owned(), "above".to_owned()]),
        ..Panel::default()
    }
}

fn figure(rows: Vec<PanelRow>, width_mm: f64) -> PanelFigure {
    let key = ["One", "Two", "A third of them"]
        .map(|text| KeyEntry { looks: vec![Look::Bars(MUTED)], text: text.to_owned() });
    let mark = Some("SIMULATED");
    PanelFigure { rows, key: key.into(), mark, width: width_mm * POINTS_PER_MM }
}

#[test]
fn panels_in_rows_leave_each_other_room() {
    let named = Panel {
        row_names: vec![(0.5, "Extent of disease: locoregional and distant".to_owned())],
        y: Scale::default(),
        ..panel("C  Rows with names")
    };
    let rows = || {
        vec![
            PanelRow { height: 90.0, panels: vec![panel("A  First"), panel("B  Second")] },
            PanelRow { height: 60.0, panels: vec![named.clone()] },
        ]
    };
    for width in [183.0, 120.0] {
        let drawing = figure(rows(), width).draw().expect("draws");
        assert_sound(&format!("panels_{width}"), &drawing);
        assert_eq!(drawing, figure(rows(), width).draw().expect("draws"), "the same again");
    }
}

#[test]
fn a_page_too_narrow_and_ticks_too_close_are_refused() {
    let row = |panels: Vec<Panel>| vec![PanelRow { height: 60.0, panels }];
    let error = figure(row(vec![panel("A"), panel("B"), panel("C")]), 60.0).draw().expect_err("no");
    assert!(error.to_string().starts_with("the figure is 60 mm wide and needs "), "{error}");
    let mut close = panel("A");
    close.x.ticks = ticks(&(0..200).map(f64::from).collect::<Vec<_>>());
    let error = figure(row(vec![close]), 89.0).draw().expect_err("no");
    assert!(error.to_string().starts_with("200 ticks do not fit"), "{error}");
}

#[test]
fn values_lie_where_the_axis_says() {
    let even = Scale::linear("", (0.0, 10.0), Vec::new());
    assert_eq!(even.place(4.0), 4.0);
    let ratios = Scale::logarithmic("", (0.1, 10.0), Vec::new());
    assert!((ratios.place(10.0) + ratios.place(0.1)).abs() < 1e-12);
    // An axis of transformed time: most events in the second unit, few in the ten after it.
    let stretched = Scale { places: vec![(1.0, 0.0), (2.0, 0.8), (12.0, 1.0)], ..even };
    let found = [0.5, 1.0, 1.5, 2.0, 7.0, 12.0, 40.0].map(|time| stretched.place(time));
    assert_eq!(found, [0.0, 0.0, 0.4, 0.8, 0.9, 1.0, 1.0]);
}

/// The point at 50 stands at the edge of an axis that ends at 10, and the file
/// has its value.
#[test]
fn what_is_beyond_the_axis_is_drawn_at_its_edge_and_written_as_it_is() {
    let rows = vec![PanelRow { height: 90.0, panels: vec![panel("A  Only")] }];
    let figure = figure(rows, 89.0);
    let csv = crate::render::plotted(&figure.numbers(), &crate::sample::study());
    let csv = String::from_utf8(csv).expect("text");
    assert_eq!(
        csv,
        "panel,series,x_axis,x,x_to,y_axis,y,y_to,data_status\n\
         A Only,Band,Time (months),0,,Ratio,0.5,2,simulated\n\
         A Only,Band,Time (months),9,,Ratio,0.4,3,simulated\n\
         A Only,Points,Time (months),6,,Ratio,50,,simulated\n"
    );
    let elements = figure.draw().expect("draws").picture.elements;
    // The mark, the key of the figure, a heading and notes of at most three lines, and the key of
    // the panel.
    let top: f64 = 14.0 + 15.2 + 9.2 * 4.0 + 5.0 + 15.2;
    let circle = elements.split("<circle ").nth(1).expect("a point");
    let y: f64 = circle
        .split("cy=\"")
        .nth(1)
        .and_then(|text| text.split('"').next())
        .expect("y")
        .parse()
        .expect("a number");
    assert!((y - top).abs() < 20.0, "{y} is near {top}");
}

/// The words at the ends of a plane stand off all that is drawn, wherever there is such a place.
#[test]
fn sides_are_named_where_nothing_is_drawn() {
    let x = || Scale::linear("Time", (0.0, 24.0), ticks(&[0.0, 12.0, 24.0]));
    let places = |series: Vec<Series>| -> Vec<(f64, f64)> {
        let panel = Panel { x: x(), series, letter: String::new(), ..panel("A") };
        let row = PanelRow { height: 150.0, panels: vec![panel] };
        let drawing = figure(vec![row], 183.0).draw().expect("draws");
        let own = |text: &str| {
            let found = drawing.texts.iter().find(|one| one.text == text).expect("the words");
            (found.area.left, found.area.right)
        };
        vec![own("below"), own("above")]
    };
    let free = places(Vec::new());
    assert!((free[0].1 - free[1].1).abs() < 1e-9);
    // a band down to the lower end at the right: the lower words go left of it
    let look = Look::Band(MUTED, 0.2);
    let data = vec![Datum::between(16.0, 0.1, 1.0), Datum::between(24.0, 0.1, 1.0)];
    let band = places(vec![Series::new("Band", look, data)]);
    let (left, right) = (free[0].1, band[0].1);
    assert!(right < left - 100.0, "{right} {left}");
    assert_eq!(band[1], free[1]);
    // points all along the upper end: the lower words stay, the upper ones have no place
    let data = (0..240).map(|step| Datum::at(f64::from(step) / 10.0, 10.0)).collect();
    let crowd = places(vec![Series::new("Points", Look::Points(Shape::Disc, MUTED), data)]);
    assert_eq!(crowd, free);
}

/// A point at the end of an axis is drawn whole, off both axes.
#[test]
fn points_at_ends_keep_off_the_axes() {
    let scale = Scale::logarithmic("Ratio", (0.1, 10.0), ticks(&[0.1, 1.0, 10.0]));
    let inner = scale.axis_for(&[1.0, 3.0], 200.0);
    assert_eq!(inner.range, scale.axis().range);
    for (values, ends) in
        [(&[0.1][..], [true, false]), (&[50.0], [false, true]), (&[0.001, 9.99], [true, true])]
    {
        let range = scale.axis_for(values, 200.0).range;
        let inset = |from: f64, to: f64| (to - from).abs() / (range.end - range.start) * 200.0;
        let found = [inset(range.start, libm::log(0.1)), inset(range.end, libm::log(10.0))];
        for (found, is) in found.into_iter().zip(ends) {
            let expected = if is { INSET } else { 0.0 };
            assert!((found - expected).abs() < 1e-9, "{values:?}: {found}");
        }
    }
}
