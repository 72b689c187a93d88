//! Numbers of which the data say nothing: not estimable, for a reason that
//! names the term, in every kind that could print one.

use serde_json::json;
use study::{Output, Refusal, State, Warning};

use crate::kinds::{baseline_table, cox_model, propensity_score, subgroups};
use crate::testing::{Sample, finding, run};

/// Ninety patients of three groups in two arms. In group `b` nobody of arm
/// `y` has the event, in group `c` nobody at all.
fn three_groups() -> Sample {
    let group = |i: i64| ["a", "b", "c"][(i / 30) as usize];
    let arm = |i: i64| if i % 2 == 0 { "x" } else { "y" };
    let has_event = |i: i64| match (group(i), arm(i)) {
        // `c` has no event at all, and `b` none in one of the arms.
        ("c", _) | ("b", "y") => 0,
        _ => i64::from(i % 3 != 0),
    };
    Sample::of(90)
        .whole("os_days", (0..90).map(|i| Some((i * 37 + 11) % 91 + 1)))
        .whole("os_event", (0..90).map(|i| Some(has_event(i))))
        .text("g", (0..90).map(|i| Some(group(i))))
        .levels("g", &["a", "b", "c"])
        .text("trt", (0..90).map(|i| Some(arm(i))))
        .levels("trt", &["x", "y"])
        .whole("age", (0..90).map(|i| Some(50 + (i * 13) % 31)))
}

fn unknown(output: &Output, id: &str, reason: &Warning) {
    let found = finding(output, id);
    assert_eq!((found.state, found.value), (State::NotEstimable, None), "{id}: {found:?}");
    assert!(found.warnings.contains(reason), "{id}: {:?}", found.warnings);
}

#[test]
fn a_subgroup_without_events_has_no_hazard_ratio() {
    for estimate in ["one_model", "each_level"] {
        let parameters = json!({
            "endpoint": "os", "treatment": "trt", "by": ["g"], "estimate": estimate,
        });
        let output = run::<subgroups::Subgroups>(three_groups().table(), parameters).expect("runs");
        unknown(&output, "hazard_ratio.g.c.y", &Warning::NoEventsInSubgroup);
        unknown(&output, "coefficient.g.c.y", &Warning::NoEventsInSubgroup);
        unknown(&output, "hazard_ratio.g.b.y", &Warning::InfiniteInSubgroup);
        // What can be estimated beside them is not spoiled.
        let known = finding(&output, "hazard_ratio.g.a.y");
        assert!(known.value.is_some() && known.upper.is_some() && known.warnings.is_empty());
    }
}

#[test]
fn subgroups_beside_a_reference_without_events_keep_their_hazard_ratios() {
    // The coefficients of the treatment and of its products are all unknown
    // then; their sums in the other subgroups are not.
    let ratio = |levels: &[&str]| {
        let sample = three_groups().levels("g", levels);
        let parameters = json!({ "endpoint": "os", "treatment": "trt", "by": ["g"] });
        let output = run::<subgroups::Subgroups>(sample.table(), parameters).expect("runs");
        unknown(&output, "hazard_ratio.g.c.y", &Warning::NoEventsInSubgroup);
        let known = finding(&output, "hazard_ratio.g.a.y");
        assert!(known.warnings.is_empty(), "{known:?}");
        [known.value, known.lower, known.upper].map(|number| number.expect("a number"))
    };
    let close = |(one, other): (f64, f64)| (one / other - 1.0).abs() < 1e-6;
    // The group without events as the last level, and as the reference.
    let (one, other) = (ratio(&["a", "b", "c"]), ratio(&["c", "b", "a"]));
    assert!(one.into_iter().zip(other).all(close), "{one:?} {other:?}");
}

#[test]
fn an_interaction_of_which_nothing_is_known_names_its_terms() {
    let parameters = json!({
        "endpoint": "os", "terms": ["trt", "g"], "interactions": [["trt", "g"]],
    });
    let output = run::<cox_model::CoxModel>(three_groups().table(), parameters).expect("runs");
    let product = Warning::MayBeInfinite { term: "trt:g".into() };
    for statistic in ["ratio_of_hazard_ratios", "coefficient", "p"] {
        unknown(&output, &format!("product.{statistic}.trt_g.y_c"), &product);
    }
    unknown(&output, "interaction.p.trt_g.wald", &product);
    unknown(&output, "term.p.g", &Warning::MayBeInfinite { term: "g".into() });
    // By the likelihood that of group `b` has a test.
    // An infinite coefficient raises the likelihood, and that can be tested.
    assert!(finding(&output, "interaction.p.trt_g").value.expect("a p") < 0.05);
    // Without it there is nothing left to test.
    let parameters = json!({
        "endpoint": "os", "terms": ["trt", "g"], "interactions": [["trt", "g"]],
        "where": "g IN ('a', 'c')",
    });
    let sample = three_groups().levels("g", &["a", "c"]);
    let output = run::<cox_model::CoxModel>(sample.table(), parameters).expect("runs");
    unknown(&output, "interaction.p.trt_g.likelihood_ratio", &product);
}

#[test]
fn a_term_in_tiny_units_is_said_to_be_beyond_numbers() {
    let output = |unit: f64| {
        // A unit so small that one whole of it changes the hazard beyond all numbers.
        let ages = (0..90).map(|i| Some(f64::from((i * 13) % 31) * unit));
        let sample = three_groups().real("dose", ages);
        let parameters = json!({ "endpoint": "os", "terms": ["dose", "trt"] });
        run::<cox_model::CoxModel>(sample.table(), parameters).expect("runs")
    };
    assert!(finding(&output(1.0), "hazard_ratio.dose").warnings.is_empty());
    let output = output(1e-7);
    let ratio = finding(&output, "hazard_ratio.dose");
    assert!(ratio.upper.is_none(), "{ratio:?}");
    assert!(ratio.warnings.contains(&Warning::BeyondNumbers { term: "dose".into() }), "{ratio:?}");
    // The test does not hang on the unit.
    assert!(finding(&output, "p.dose").value.is_some());
}

#[test]
fn an_infinite_term_is_found_in_any_unit() {
    // Whoever has the event first has the largest value.
    for unit in [1.0, 1e-9, 1e9] {
        let sample = Sample::of(30)
            .whole("os_days", (1..=30).map(Some))
            .whole("os_event", (1..=30).map(|_| Some(1)))
            .real("marker", (1..=30).map(|i| Some(f64::from(31 - i) * unit)))
            .whole("other", (1..=30).map(|i| Some(i * 7 % 5)));
        let parameters = json!({ "endpoint": "os", "terms": ["marker", "other"] });
        let output = run::<cox_model::CoxModel>(sample.table(), parameters).expect("runs");
        unknown(&output, "hazard_ratio.marker", &Warning::MayBeInfinite { term: "marker".into() });
    }
}

#[test]
fn groups_that_share_no_level_are_infinitely_apart() {
    let apart = |what: &str| Warning::Refused(Refusal::Separated { what: what.into() });
    let parameters = json!({ "by": "trt", "variables": [
        "site", "three",
    ] });
    let by_arm = |x: [&'static str; 2], y: [&'static str; 2]| {
        // Each arm has levels of its own, and shares none with the other.
        (0..90).map(move |i| Some(if i % 2 == 0 { x[i / 2 % 2] } else { y[i / 2 % 2] }))
    };
    let sample = three_groups()
        .text("site", by_arm(["north"; 2], ["south"; 2]))
        .levels("site", &["north", "south"])
        .text("three", by_arm(["p", "q"], ["r"; 2]))
        .levels("three", &["p", "q", "r"]);
    let output = run::<baseline_table::BaselineTable>(sample.table(), parameters).expect("runs");
    unknown(&output, "smd.site.y", &apart("variable"));
    unknown(&output, "smd.three.y", &apart("category"));
    // Each arm has one value.
    let sample = sample.whole("dose", (0..90).map(|i| Some(1 + i % 2)));
    let parameters = json!({ "treatment": "trt", "terms": ["age", "dose"], "model": "ridge" });
    let output =
        run::<propensity_score::PropensityScore>(sample.table(), parameters).expect("runs");
    unknown(&output, "smd.before.dose", &apart("variable"));
    // It is the largest, and the table must not say that another is.
    unknown(&output, "largest_smd.before", &apart("variable"));
}
