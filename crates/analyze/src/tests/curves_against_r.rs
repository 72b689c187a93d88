//! Every finding of weighted, late-entering, compared and interval-censored
//! curves that R gives too, by id: `tests/reference/curve_kinds`.

use serde_json::json;
use study::{Arrangements, Detail, Output, State, Table};

use crate::kinds::kaplan_meier::KaplanMeier;
use crate::kinds::survival_comparison::SurvivalComparison;
use crate::kinds::survival_difference::SurvivalDifference;
use crate::kinds::turnbull::Turnbull;
use crate::testing::{Reference, Sample, finding, ids, reference_data, run, run_with, value};

/// Largest relative difference of closed forms.
const EXACT: Reference = Reference { folder: "curve_kinds", relative: 1e-9, absolute: |_| 1e-14 };
/// And of estimates that both sides iterate.
const ITERATED: Reference = Reference { relative: 1e-7, ..EXACT };
/// And of a p that R draws at random.
const DRAWN: Reference = Reference { relative: 1e-3, ..EXACT };

/// `lung` without missing values, and the weights of its patients as an entry
/// would hand them on.
fn weighted(with_clusters: bool) -> (Table, Table) {
    let sample = reference_data("lung_complete");
    let table = sample.table();
    let column = |name: &str| crate::columns::numbers(&table, name).expect("numbers");
    let weights = Sample::of(column("weight").len()).real("weight", column("weight"));
    let weights = match with_clusters {
        true => weights.whole("cluster", column("cluster").iter().map(|c| c.map(|c| c as i64))),
        // Codes stand as numbers in the file, and an entry hands them on as whole numbers.
        false => weights,
    };
    (table, weights.table())
}

#[test]
fn weighted_curves_agree() {
    for (with_clusters, reference) in [(false, "weighted"), (true, "clustered")] {
        let (table, weights) = weighted(with_clusters);
        let parameters = json!({
            "endpoint": "os", "by": "group", "at": ["6 months", "12 months"], "weights": "ps",
            "restricted_mean": ["20 months"],
        });
        let output =
            run_with::<KaplanMeier>(table, vec![("ps", weights)], parameters).expect("runs");
        EXACT.compare(&output, reference);
    }
}

#[test]
fn weighted_differences_agree() {
    for (clustered, reference) in [(false, "weighted_difference"), (true, "clustered_difference")] {
        let (table, weights) = weighted(clustered);
        let parameters = json!({
            "endpoint": "os", "by": "group", "at": ["12 months"], "weights": "ps",
            "restricted_mean": ["20 months"],
        });
        let output = run_with::<SurvivalDifference>(table, vec![("ps", weights)], parameters);
        EXACT.compare(&output.expect("runs"), reference);
    }
}

#[test]
fn curves_of_late_entry_and_of_the_hazard_agree() {
    let sample = reference_data("lung_late");
    let stops = crate::columns::numbers(&sample.table(), "stop").expect("numbers");
    // Follow-up ends at `stop` in these data.
    let late = sample.whole("os_days", stops.iter().map(|stop| stop.map(|stop| stop as i64)));
    for (estimator, reference) in
        [("kaplan_meier", "late"), ("fleming_harrington", "late_fleming_harrington")]
    {
        let parameters = json!({
            "endpoint": "os", "at": ["6 months", "12 months"], "entry": "start", "estimator": estimator,
        });
        let output = run::<KaplanMeier>(late.table(), parameters).expect("runs");
        EXACT.compare(&output, reference);
    }
    let parameters = json!({
        "endpoint": "os", "by": "trt", "at": ["6 months", "12 months"], "estimator": "nelson_aalen",
    });
    let output = run::<KaplanMeier>(reference_data("veteran").table(), parameters).expect("runs");
    EXACT.compare(&output, "nelson_aalen");
}

/// The numbers under a figure's axis: who entered before the time and is
/// followed to it or longer.
#[test]
fn the_risk_table_of_late_entry_agrees() {
    let sample = reference_data("lung_late");
    let stops = crate::columns::numbers(&sample.table(), "stop").expect("numbers");
    let late = sample.whole("os_days", stops.iter().map(|stop| stop.map(|stop| stop as i64)));
    let parameters = json!({ "endpoint": "os", "by": "group", "entry": "start" });
    let output = run::<KaplanMeier>(late.table(), parameters).expect("runs");
    let curves = output.figures.curves().expect("curves");
    assert!(curves.late_entry && curves.warnings.is_empty());
    let values = EXACT.values();
    let expected = values["findings"]["late_risk_table"].as_object().expect("a reference");
    assert_eq!(expected.len(), 22);
    for (id, expected) in expected {
        let (time, level) = id.rsplit_once('.').expect("a time and a group");
        let group = curves.groups.iter().find(|group| group.level == level).expect("a group");
        // As R counts: who leaves at a time is at risk at it.
        let counts = group.counts_at(time.parse().expect("days"), study::AtRisk::At);
        assert_eq!(expected.as_array().expect("one")[0].as_u64(), Some(counts.at_risk), "{id}");
    }
}

#[test]
fn differences_agree() {
    let lung = json!({
        "endpoint": "os", "by": "sex", "at": ["12 months"], "restricted_mean": ["20 months"],
    });
    let output = run::<SurvivalDifference>(reference_data("lung").table(), lung).expect("runs");
    EXACT.compare(&output, "difference_lung");
    let colon = json!({
        "endpoint": "os", "by": "lev_5fu", "at": ["36 months"], "restricted_mean": ["60 months"],
    });
    let table = reference_data("colon_death").table();
    let output = run::<SurvivalDifference>(table, colon).expect("runs");
    EXACT.compare(&output, "difference_colon");
}

/// `veteran` with its cell types as one category.
fn veteran() -> Table {
    let sample = reference_data("veteran");
    let table = sample.table();
    let is = |name: &str| crate::columns::numbers(&table, name).expect("an indicator");
    let (small, adeno, large) = (is("smallcell"), is("adeno"), is("large"));
    let one = Some(1.0);
    let types = (0..small.len()).map(|place| {
        Some(match (small[place] == one, adeno[place] == one, large[place] == one) {
            (true, _, _) => "small cell",
            (_, true, _) => "adeno",
            (_, _, true) => "large",
            _ => "squamous",
        })
    });
    let levels = ["squamous", "small cell", "adeno", "large"];
    sample.text("celltype", types).levels("celltype", &levels).table()
}

#[test]
fn comparisons_agree() {
    let tests = ["log_rank", "gehan", "tarone_ware", "peto_peto", "modified_peto_peto"];
    let powers = json!([[0, 1], [1, 0], [1, 1]]);
    let parameters = json!({
        "endpoint": "os", "by": "celltype", "tests": tests, "fleming_harrington": powers,
        "trend": true, "pairwise": true, "adjust": ["holm", "benjamini_hochberg"],
    });
    let output = run::<SurvivalComparison>(veteran(), parameters).expect("runs");
    EXACT.compare(&output, "comparison");
    // Scores at twice the distances are the same trend.
    let parameters = json!({
        "endpoint": "os", "by": "celltype", "trend": true,
        "scores": { "squamous": 5, "small cell": 7, "adeno": 9, "large": 11 },
    });
    let scored = run::<SurvivalComparison>(veteran(), parameters).expect("runs");
    let z = |output: &Output| value(output, "trend.z.log_rank");
    assert!((z(&scored) - z(&output)).abs() < 1e-12);
    let parameters = json!({
        "endpoint": "os", "by": "sex", "tests": tests, "fleming_harrington": powers,
        "strata": ["ph_ecog"],
    });
    let lung = reference_data("lung").table();
    let output = run::<SurvivalComparison>(lung.clone(), parameters).expect("runs");
    EXACT.compare(&output, "stratified_comparison");
    let parameters = json!({ "endpoint": "os", "by": "sex", "max_combo": true, "tests": [] });
    let output = run::<SurvivalComparison>(lung, parameters).expect("runs");
    // The p-value is compared more loosely than all else.
    // R integrates by chance here, to about 1e-7 of this p of 1e-3.
    let found = finding(&output, "p.max_combo");
    DRAWN.compare(&output, "max_combo");
    let is_named = |detail: &Detail| matches!(detail, Detail::MostExtreme { .. });
    assert!(found.method.details.iter().any(is_named), "{:?}", found.method);
}

#[test]
fn permutations_are_near_the_asymptotic_test_and_the_same_again() {
    let lung = reference_data("lung").table();
    let parameters = json!({ "endpoint": "os", "by": "sex", "permutation": 2000 });
    let draw = || run::<SurvivalComparison>(lung.clone(), parameters.clone()).expect("runs");
    let output = draw();
    let found = finding(&output, "p.log_rank.permutation");
    assert_eq!(found, finding(&draw(), "p.log_rank.permutation"));
    let (p, error) = (found.value.expect("p"), found.standard_error.expect("its error"));
    // The error of a share of 2000 draws.
    assert!((error - (p * (1.0 - p) / 2000.0).sqrt()).abs() < 1e-15);
    assert_eq!(value(&output, "monte_carlo_error.p.log_rank.permutation"), error);
    // Five errors, and the one draw by which p is kept above zero.
    assert!((p - value(&output, "p.log_rank")).abs() < 5.0 * error + 1.0 / 2000.0);
    let parameters = json!({
        // So few patients that all arrangements can be taken.
        "endpoint": "os", "by": "sex", "permutation": 100, "where": "os_days < 30",
    });
    let output = run::<SurvivalComparison>(lung, parameters).expect("runs");
    let exact = finding(&output, "p.log_rank.permutation");
    let is_exact = |detail: &Detail| matches!(detail, Detail::Permutation(Arrangements::All(_)));
    assert!(exact.method.details.iter().any(is_exact), "{:?}", exact.method);
    assert_eq!(exact.standard_error, None);
    assert_eq!(value(&output, "monte_carlo_error.p.log_rank.permutation"), 0.0);
}

/// Both arms of the cosmetic data, as one table.
fn cosmesis() -> Table {
    let arms = ["cosmesis_1", "cosmesis_2"].map(|name| reference_data(name).table());
    let column = |name: &str| -> Vec<Option<f64>> {
        let of_arm = |arm| crate::columns::numbers(arm, name).expect("numbers");
        arms.iter().flat_map(of_arm).collect()
    };
    let sizes = arms.iter().map(Table::height);
    let arm = sizes.enumerate().flat_map(|(arm, n)| std::iter::repeat_n(Some(arm as i64 + 1), n));
    let (left, right) = (column("left"), column("right"));
    Sample::of(left.len())
        .real("last_without", left)
        .real("first_with", right)
        .whole("arm", arm)
        .table()
}

#[test]
fn interval_censored_survival_agrees() {
    let mut parameters = json!({
        "left": "last_without", "right": "first_with", "by": "arm", "at": ["0.2 months", "0.5 months", "1 month"],
        "mass_intervals": true, "label": "Time to deterioration",
    });
    let output = run::<Turnbull>(cosmesis(), parameters.clone()).expect("runs");
    // Both sides iterate the likelihood.
    ITERATED.compare(&output, "turnbull");
    assert_eq!(finding(&output, "survival.1_months.1").n, Some(46));
    let curves = output.figures.curves().expect("curves");
    assert_eq!(curves.groups.len(), 2);
    for group in &curves.groups {
        let last = group.rows.last().expect("rows");
        let left: u64 = group.rows.iter().map(|row| row.events + row.censored).sum();
        // Everybody leaves somewhere, and nobody is at risk beyond the last row.
        assert_eq!((left, last.at_risk), (group.n, last.events + last.censored));
        assert!(group.rows.windows(2).all(|pair| pair[1].survival <= pair[0].survival));
    }
    let is_of_draws = |id: &String| id.contains("monte_carlo_error");
    assert!(!ids(&output).iter().any(is_of_draws));
    // The bootstrap's errors are near those of the information.
    parameters["bootstrap"] = json!(400);
    let few = run::<Turnbull>(cosmesis(), parameters.clone()).expect("runs");
    parameters["bootstrap"] = json!(1600);
    let drawn = run::<Turnbull>(cosmesis(), parameters).expect("runs");
    let of_draws = ids(&drawn).into_iter().filter(is_of_draws);
    let of_draws = of_draws.map(|id| id.replacen("stage.", "", 1));
    // What the smaller number of samples could not estimate has no error to hold against.
    let of_draws: Vec<String> =
        of_draws.filter(|id| finding(&few, id).state == State::Estimated).collect();
    assert!(!of_draws.is_empty());
    for id in of_draws {
        let (error, own) = (value(&few, &id), id.replace("monte_carlo_error.", ""));
        let (one, other) = (finding(&few, &own), finding(&drawn, &own));
        for (one, other) in [(one.lower, other.lower), (one.upper, other.upper)] {
            let apart = (one.expect("a limit") - other.expect("a limit")).abs();
            // Limits of four times the samples lie within what the error of the fewer says.
            assert!(apart <= 4.0 * error + 1e-12, "{own}: {apart}, not about {error}");
        }
    }
    for id in ["survival.0_5_months.1", "survival.1_months.2"] {
        let (found, expected) = (finding(&drawn, id), finding(&output, id));
        assert_eq!(found.value, expected.value);
        if found.state == State::Estimated {
            let ratio = found.standard_error.expect("one") / expected.standard_error.expect("one");
            // Two ways to estimate one error, which need not agree closely.
            assert!((0.6..1.7).contains(&ratio), "{id}: {ratio}");
        }
    }
}
